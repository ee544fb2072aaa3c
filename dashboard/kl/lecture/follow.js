// How the room comes along while the question stands: the scene's own address, to type or to photograph.
import { html } from "../../shared/js/html.js";

const LOOPBACK = /^(localhost|127\.|\[::1\])/;

// Without `present`, for who follows has no full screen.
const linkOf = (scene) => `${location.origin}${location.pathname}?scene=${scene}`;
const shortened = (link) => link.replace(/^https?:\/\//, "");

const aloneHere = () => LOOPBACK.test(location.hostname), inFile = () => location.protocol === "file:";

// `codes`: the squares of a QR code for each scene, a path within a square of so many units; "" where no phone could follow.
export const codeOf = (scene, codes) => (codes?.[scene] && !aloneHere() && !inFile() ? drawn(codes[scene]) : "");

// The scene's address in words; "" in a file, which has none.
export const toldLink = (scene) =>
  (inFile() ? "" : html`<b>${shortened(linkOf(scene))}</b>${aloneHere() ? " (on this computer only)" : ""}`);

// Where phones reach the hall, its votes; else the scene itself.
export function followed({ scene, data: { codes, hall } }) {
  if (inFile()) return "";
  if (hall?.presides && hall.vote) return html`${drawn(hall.code)}Vote: <b>${shortened(hall.vote)}</b>`;
  if (hall?.presides) return html`Vote: <b>${shortened(new URL("vote", location.href).href)}</b> (on this computer only)`;
  return html`${codeOf(scene, codes)}This scene: ${toldLink(scene)}`;
}

// Where the room tries the lecture itself, and the code of that address, "" where no phone reaches it.
export function takenHome({ codes, hall }) {
  if (hall?.presides && hall.lecture) return [hall.lecture.address, drawn(hall.lecture.code)];
  return [`${location.origin}${location.pathname}`, codeOf("closing", codes)];
}

const drawn = ({ side, path }) => html`
  <svg viewBox="0 0 ${side} ${side}" role="img" aria-label="QR code of this address" shape-rendering="crispEdges">
    <rect width="${side}" height="${side}" fill="#fff"/><path d="${path}" fill="none" stroke="#000"/>
  </svg>`;
