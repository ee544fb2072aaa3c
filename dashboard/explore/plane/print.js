// Pictures for paper: the plane and the decoded image, large enough to be printed.
import { css, number } from "../../shared/js/canvas.js";
import { png } from "../../shared/js/png.js";
import { drawBackdrop, tickDigits, tickValues } from "./backdrop.js";

const PLANE = 2400, IMAGE = 1120; // pixels to a side, about

// An ImageData with its pixels as squares.
export const enlarged = (picture) => png(picture, Math.max(1, Math.floor(IMAGE / Math.max(picture.width, picture.height))));

// The plane with its axes, the ellipses of q and the point: calls done(canvas) when all of it is drawn.
export function printed(scene, name, point, done) {
  const { side, colours, toX, toY, view, dims, q, axes } = scene;
  const margin = 44, whole = side + 2 * margin, canvas = document.createElement("canvas");
  canvas.width = canvas.height = PLANE;
  const pen = canvas.getContext("2d");
  const sheet = Object.assign(document.createElement("canvas"), { width: PLANE, height: PLANE });
  const inner = sheet.getContext("2d");
  inner.scale(PLANE / side, PLANE / side);
  const finish = () => {
    pen.setTransform(PLANE / whole, 0, 0, PLANE / whole, 0, 0);
    pen.fillStyle = css(colours.paper);
    pen.fillRect(0, 0, whole, whole);
    pen.drawImage(sheet, margin, margin, side, side);
    pen.translate(margin, margin);
    pen.font = '14px "Source Sans", sans-serif';
    pen.fillStyle = css(colours.ink2);
    pen.textAlign = "center";
    for (const x of tickValues(view.x)) pen.fillText(number(x, tickDigits(view.x)), toX(x), side + 20);
    pen.textAlign = "right";
    if (dims > 1) for (const y of tickValues(view.y)) pen.fillText(number(y, tickDigits(view.y)), -8, toY(y) + 5);
    const unit = toX(1) - toX(0), dot = (x, y, r, fill) => {
      pen.beginPath();
      pen.arc(x, y, r, 0, 7);
      pen.fillStyle = css(fill);
      pen.fill();
    };
    if (q?.sigma && dims > 1) {
      pen.strokeStyle = css(colours.sigma);
      for (const times of [1, 2]) {
        pen.beginPath();
        pen.ellipse(toX(q.mean[axes[0]]), toY(q.mean[axes[1]]), times * q.sigma[axes[0]] * unit, times * q.sigma[axes[1]] * unit, 0, 0, 7);
        pen.stroke();
      }
    }
    dot(toX(point[axes[0]]), dims > 1 ? toY(point[axes[1]]) : side - 14, 9, colours.paper);
    dot(toX(point[axes[0]]), dims > 1 ? toY(point[axes[1]]) : side - 14, 7, colours.z);
    done(canvas);
  };
  drawBackdrop(inner, { ...scene, ready: finish }, name);
}
