// How the room comes along while the question stands: the scene's own address, to type or to photograph.
import { html } from "../../shared/js/html.js";

const LOOPBACK = /^(localhost|127\.|\[::1\])/;

// Without `present`, for who follows has no full screen.
export const linkOf = (scene) => `${location.origin}${location.pathname}?scene=${scene}`;
export const shortened = (link) => link.replace(/^https?:\/\//, "");

// `codes`: the squares of a QR code for each scene, a path within a square of so many units.
export function followed({ scene, data: { codes } }) {
  const link = linkOf(scene), code = codes?.[scene];
  if (LOOPBACK.test(location.hostname)) return html`This scene: <b>${shortened(link)}</b> (on this computer only)`;
  return html`${code ? drawn(code) : ""}This scene: <b>${shortened(link)}</b>`;
}

const drawn = ({ side, path }) => html`
  <svg viewBox="0 0 ${side} ${side}" role="img" aria-label="QR code of this address" shape-rendering="crispEdges">
    <rect width="${side}" height="${side}" fill="#fff"/><path d="${path}" fill="none" stroke="#000"/>
  </svg>`;
