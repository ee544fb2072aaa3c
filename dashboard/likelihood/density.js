// p(x_i|z) of one pixel: a curve of its density, or two bars of its probabilities, with the value that was observed.
import { number } from "../shared/js/canvas.js";
import { frameAround } from "../shared/js/pixel_pointer.js";
import { roundTicks, tickText } from "../shared/js/ticks.js";

const LEFT = 44, RIGHT = 10, TOP = 14, FOOT = 26, STEPS = 240;
const LOW = -0.25, HIGH = 1.25; // pixel values that are drawn: grey levels, and a little beyond

// Pixel k in all pictures, its curve and its words; `one` is what drawDensity takes.
export function showPixel(root, k, columns, one, height) {
  const box = root.querySelector(".curve");
  box.innerHTML = drawDensity(one, box.clientWidth, height);
  root.querySelector(".said-of-pixel").innerHTML = pixelInWords(k, columns, one);
  for (const picture of root.querySelectorAll(".picture")) {
    const canvas = picture.querySelector("canvas");
    frameAround(picture.querySelector(".aim"), canvas, columns, canvas.hidden ? null : k);
  }
  root.dataset.pixel = k;
}

// `log(value)` in nats; `observed` is null where no image is here.
export function drawDensity({ log, binary, mean, sigma, observed }, width, height) {
  const floor = height - FOOT, x = (v) => LEFT + ((v - LOW) / (HIGH - LOW)) * (width - LEFT - RIGHT);
  const values = binary ? [0, 1] : grid(mean, sigma), heights = values.map((v) => Math.exp(log(v)));
  const most = binary ? 1 : Math.max(...heights, 1.2), y = (p) => floor - (p / most) * (floor - TOP);
  const ticks = roundTicks(0, most, 3).map((t) => `<path d="M${LEFT} ${y(t)}H${width - RIGHT}" stroke="var(--hair)"/>
    <text x="${LEFT - 6}" y="${y(t) + 5}" text-anchor="end">${tickText(t)}</text>`);
  const below = [0, 0.5, 1].filter((v) => !binary || v !== 0.5)
    .map((v) => `<text x="${x(v)}" y="${height - 6}" class="middle">${tickText(v)}</text>`);
  const bar = (v, k) => `<rect x="${x(v) - 14}" y="${y(heights[k])}" width="28" height="${floor - y(heights[k])}" class="area"/>`;
  const points = values.map((v, k) => `${x(v).toFixed(1)},${y(heights[k]).toFixed(1)}`);
  const shape = binary ? values.map(bar).join("") : curve(points, floor);
  const one = binary ? "" : `<path d="M${LEFT} ${y(1)}H${width - RIGHT}" class="one"/>`;
  const seen = observed === null ? "" : mark(x(observed), y(Math.exp(log(observed))), floor);
  const said = binary ? "Probability of a white and of a black pixel" : "Density of this pixel over its value";
  return `<svg width="${width}" height="${height}" role="img" aria-label="${said}">${ticks.join("")}${one}${shape}${seen}
    ${below.join("")}</svg>`;
}

const curve = (points, floor) =>
  `<path d="M${points[0].split(",")[0]},${floor}L${points.join("L")}V${floor}Z" class="area"/>
    <polyline points="${points.join(" ")}" class="line"/>`;

const mark = (x, y, floor) =>
  `<path d="M${x} ${floor}V${y}" class="seen"/><circle cx="${x}" cy="${y}" r="4.5" class="seen-dot"/>`;

// Evenly, and closely where a narrow peak would fall between.
function grid(mean, sigma) {
  const even = Array.from({ length: STEPS + 1 }, (_, k) => LOW + ((HIGH - LOW) * k) / STEPS);
  const near = Array.from({ length: 81 }, (_, k) => mean + sigma * (k - 40) * 0.1);
  return [...even, ...near].filter((v) => v >= LOW && v <= HIGH).sort((a, b) => a - b);
}

// Two decimals, and two digits of what they would hide.
const small = (value) => {
  if (value >= 0.095 || value === 0) return number(value);
  return value < 1e-4 ? "below 0.0001" : String(Number(value.toPrecision(2)));
};

// The same in words.
// Of a pixel in colour one channel is looked at.
export function pixelInWords(k, columns, { log, binary, mean, sigma, observed, channel }) {
  const place = `Row ${Math.floor(k / columns) + 1}, column ${(k % columns) + 1}${channel ? `, ${channel},` : ""}`;
  const says = binary ? `black with probability ${number(mean, 3)}` : `${number(mean, 3)} ± ${number(sigma, sigma < 0.1 ? 3 : 2)}`;
  if (observed === null) return `${place}: the decoder says ${says}.`;
  const nats = log(observed), value = binary ? (observed > 0.5 ? "black" : "white") : number(observed, 3);
  return `${place} is ${value}; the decoder says ${says}. ${binary ? "Probability" : "Density"} ` +
    `<b>${small(Math.exp(nats))}</b>, its logarithm <b class="reconstruction">${number(nats)}</b> nats.`;
}
