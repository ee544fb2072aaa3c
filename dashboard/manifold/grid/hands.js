// Mouse, finger and keys on the grid: they choose a tile and pin it.
import { number, placeIn } from "../../shared/js/canvas.js";
import { nearestTile } from "./magnified.js";
import { tileSize } from "./tiles.js";

// choose(k) shows tile k, null none; pin(k) makes its z the point.
export function connectHands(plane, grid, { choose, pin, say }) {
  const tileAt = (event) => {
    const [x, y] = placeIn(plane, event), { wide, tall } = tileSize(grid), { n } = grid;
    const column = Math.floor(x / wide), row = Math.floor(y / tall);
    return column < 0 || row < 0 || column >= n || row >= n ? null : row * n + column;
  };
  plane.onpointermove = (event) => {
    const k = tileAt(event);
    if (k !== grid.under) choose(k);
  };
  plane.onpointerdown = (event) => choose(tileAt(event));
  plane.onpointerleave = plane.onblur = () => choose(null);
  plane.onclick = (event) => pin(tileAt(event));
  plane.onkeydown = (event) => {
    const { n, under, pinned, points, data: { axes } } = grid;
    const way = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -n, ArrowDown: n }[event.key];
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      return pin(under ?? nearestTile(grid, pinned));
    }
    if (!way || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    choose(stepped(grid, way));
    const z = points[grid.under];
    if (z) say(`z ${axes.map((d) => number(z[d])).join(", ")}`);
  };
}

// The tile `way` tiles on, from the one that is shown; it stays where the grid ends.
function stepped(grid, way) {
  const { n, under, pinned, data: { dims } } = grid;
  const from = under ?? nearestTile(grid, pinned) ?? Math.floor(n / 2) * (n + 1), to = from + way;
  const wraps = Math.abs(way) === 1 && Math.floor(to / n) !== Math.floor(from / n) && dims > 1;
  return to >= 0 && to < n * n && !wraps ? to : under;
}
