// Pictures for paper: the plane and the decoded image, large enough to be printed.
import { css, number } from "../../shared/js/canvas.js";
import { saveBlob, saveCanvas } from "../../shared/js/files.js";
import { png } from "../../shared/js/png.js";
import { drawBackdrop, tickDigits, tickValues } from "./backdrop.js";
import { vectorPlane } from "./vector.js";

const PLANE = 2400, IMAGE = 1120; // pixels to a side, about
const MARGIN = 44; // pixels of the screen, for the numbers

// Saves the decoded image, or the plane as a picture or a drawing.
export function savePicture(what, { data, scene, z, look }, picture) {
  const backdrop = look.shown(data), { file } = data;
  if (what === "image") enlarged(picture).then((blob) => saveBlob(blob, `${file}-image.png`));
  else if (!scene) return;
  else if (what === "vector") saveBlob(new Blob([vectorPlane(scene, backdrop, z)], { type: "image/svg+xml" }), `${file}-plane.svg`);
  else printed(scene, backdrop, z, (canvas) => saveCanvas(canvas, `${file}-plane.png`));
}

// An ImageData with its pixels as squares.
const enlarged = (picture) => png(picture, Math.max(1, Math.floor(IMAGE / Math.max(picture.width, picture.height))));

// The plane with its axes, the ellipses of q and the point: calls done(canvas) when all of it is drawn.
function printed(scene, name, z, done) {
  const { side, colours } = scene, whole = side + 2 * MARGIN;
  const [canvas, sheet] = ["", ""].map(() => Object.assign(document.createElement("canvas"), { width: PLANE, height: PLANE }));
  const pen = canvas.getContext("2d"), inner = sheet.getContext("2d");
  inner.scale(PLANE / side, PLANE / side);
  const finish = () => {
    pen.setTransform(PLANE / whole, 0, 0, PLANE / whole, 0, 0);
    pen.fillStyle = css(colours.paper);
    pen.fillRect(0, 0, whole, whole);
    pen.drawImage(sheet, MARGIN, MARGIN, side, side);
    pen.translate(MARGIN, MARGIN);
    numbers(pen, scene);
    ellipses(pen, scene);
    point(pen, scene, z);
    done(canvas);
  };
  drawBackdrop(inner, { ...scene, ready: finish }, name);
}

function numbers(pen, { side, colours, toX, toY, view, dims }) {
  pen.font = '14px "Source Sans", sans-serif';
  pen.fillStyle = css(colours.ink2);
  pen.textAlign = "center";
  for (const x of tickValues(view.x)) pen.fillText(number(x, tickDigits(view.x)), toX(x), side + 20);
  pen.textAlign = "right";
  if (dims > 1) for (const y of tickValues(view.y)) pen.fillText(number(y, tickDigits(view.y)), -8, toY(y) + 5);
}

function ellipses(pen, { q, dims, axes, colours, toX, toY }) {
  if (!q?.sigma || dims === 1) return;
  const unit = toX(1) - toX(0), [rx, ry] = axes.map((d) => q.sigma[d] * unit);
  pen.strokeStyle = css(colours.sigma);
  for (const times of [1, 2]) {
    pen.beginPath();
    pen.ellipse(toX(q.mean[axes[0]]), toY(q.mean[axes[1]]), times * rx, times * ry, 0, 0, 7);
    pen.stroke();
  }
}

function point(pen, { side, colours, toX, toY, dims, axes }, z) {
  const x = toX(z[axes[0]]), y = dims > 1 ? toY(z[axes[1]]) : side - 14;
  for (const [radius, fill] of [[9, colours.paper], [7, colours.z]]) {
    pen.beginPath();
    pen.arc(x, y, radius, 0, 7);
    pen.fillStyle = css(fill);
    pen.fill();
  }
}
