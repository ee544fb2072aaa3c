// Around the plane: numbers at the axes, cross hairs, and tags with the value of z.
import { number } from "../../shared/js/canvas.js";
import { tickDigits, tickValues } from "./backdrop.js";

const GUTTER = 36; // left of the plane, where the numbers stand; where there is no room they stand inside

export function createFrame(root) {
  const $ = (selector) => root.querySelector(selector);
  let marks = [], scene = null;

  function lay(next) {
    scene = next;
    const { view, side, dims, inside, toX, toY } = scene;
    const along = (axis, range, at) =>
      tickValues(range).map((value) => ({ axis, text: number(value, tickDigits(range)), at: at(value) }));
    marks = [...along("x", view.x, toX), ...(dims > 1 ? along("y", view.y, toY) : [])];
    // Within the plane the outermost would be cut.
    if (inside) marks = marks.filter(({ axis, at }) => at > 24 && at < side - (axis === "x" ? 24 : 62)); // the legend
    for (const mark of marks) {
      mark.span = document.createElement("span");
      mark.span.className = mark.axis;
      mark.span.textContent = mark.text;
      mark.span.style[mark.axis === "x" ? "left" : "top"] = `${mark.at + (mark.axis === "x" && !inside ? GUTTER : 0)}px`;
    }
    $(".ticks").replaceChildren(...marks.map(({ span }) => span));
  }

  // Puts handle, cross hairs and tags where z is; a number that a tag would cover steps aside.
  function place(across, up) {
    const { side, dims, toX, toY, view } = scene;
    const x = Math.round(toX(across)), y = dims > 1 ? Math.round(toY(up)) : side - 14;
    const seen = x >= 0 && x <= side && y >= 0 && y <= side;
    for (const part of [".handle", ".down", ".across", ".tag.x", ".tag.y"]) $(part).hidden = !seen;
    if (dims === 1) $(".across").hidden = $(".tag.y").hidden = true;
    $(".handle").style.transform = `translate(${x}px, ${y}px)`;
    crossHairs(x, y);
    tags(x, y);
    uncover(x, y, seen);
    const digits = Math.min(3, Math.max(2, tickDigits(view.x) + 1));
    write($(".tag.x"), number(across, digits));
    write($(".tag.y"), number(up, digits));
  }

  // From the point to the axes; across the whole plane where there is no room beside it, and on a line.
  function crossHairs(x, y) {
    const { side, dims, inside } = scene, whole = inside || dims === 1;
    $(".down").style.transform = whole ? `translateX(${x}px)` : `translate(${x}px, ${y}px) scaleY(${1 - y / side})`;
    $(".across").style.transform = inside ? `translateY(${y}px)` : `translateY(${y}px) scaleX(${x / side})`;
  }

  function tags(x, y) {
    const { side, inside } = scene, within = (most, value) => Math.min(side - most, Math.max(2, value));
    const [tagX, down, tagY] = inside ? [within(52, x - 25), side - 24, within(50, y - 11)] : [GUTTER + x - 25, side + 5, y - 11];
    $(".tag.x").style.transform = `translate(${tagX}px, ${down}px)`;
    $(".tag.y").style.transform = `translateY(${tagY}px)`;
  }

  function uncover(x, y, seen) {
    for (const mark of marks) {
      const covered = seen && (mark.axis === "x" ? Math.abs(mark.at - x) < 40 : Math.abs(mark.at - y) < 20);
      if (covered === mark.covered) continue;
      mark.covered = covered;
      mark.span.style.visibility = covered ? "hidden" : "";
    }
  }

  return { lay, place };
}

// Text that changes in place, and only when it changes.
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
