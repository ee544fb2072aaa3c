// What the figures of the glossary are drawn of: curves, bells, bars, dots and trapezoids in a square of 120 pixels.
export const SIDE = 120;
export const EDGE = 10;
export const FLOOR = 104;

const acrossOf = ([low, high]) => (x) => EDGE + ((x - low) / (high - low)) * (SIDE - 2 * EDGE);

// A function over a range; `top`: the value at the upper edge. Filled down to the floor if `fill` is given.
export function curve(pen, f, { range = [-3, 3], top = 1, ink, fill = null, dash = [] }) {
  const x = acrossOf(range), path = new Path2D();
  for (let k = 0; k <= 100; k++) {
    const at = range[0] + (k / 100) * (range[1] - range[0]);
    path.lineTo(x(at), heightOf(f(at), top));
  }
  if (fill) {
    const whole = new Path2D(path);
    whole.lineTo(SIDE - EDGE, FLOOR);
    whole.lineTo(EDGE, FLOOR);
    Object.assign(pen, { fillStyle: fill, globalAlpha: 0.25 });
    pen.fill(whole);
    pen.globalAlpha = 1;
  }
  pen.strokeStyle = ink;
  pen.setLineDash(dash);
  pen.stroke(path);
  pen.setLineDash([]);
}

export const heightOf = (value, top) => FLOOR - (Math.max(-0.1, Math.min(1.1, value / top)) * (FLOOR - 14));
export const placeOf = (value, range) => acrossOf(range)(value);

export function floor(pen, ink) {
  line(pen, EDGE, FLOOR, SIDE - EDGE, FLOOR, ink);
}

export function line(pen, x0, y0, x1, y1, ink, dash = []) {
  pen.strokeStyle = ink;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.moveTo(x0, y0);
  pen.lineTo(x1, y1);
  pen.stroke();
  pen.setLineDash([]);
}

export function dot(pen, x, y, ink, radius = 4) {
  pen.fillStyle = ink;
  pen.beginPath();
  pen.arc(x, y, radius, 0, 7);
  pen.fill();
}

export function ring(pen, x, y, radius, ink, dash = []) {
  pen.strokeStyle = ink;
  pen.setLineDash(dash);
  pen.beginPath();
  pen.arc(x, y, radius, 0, 7);
  pen.stroke();
  pen.setLineDash([]);
}

// A bar that stands on the floor; `share` of the height.
export function bar(pen, x, wide, share, ink, alpha = 1) {
  const tall = share * (FLOOR - 14);
  Object.assign(pen, { fillStyle: ink, globalAlpha: alpha });
  pen.fillRect(x, FLOOR - tall, wide, tall);
  pen.globalAlpha = 1;
}

// A network: the side at which it is wider has more numbers.
export function trapezoid(pen, x, wide, left, right, ink) {
  pen.strokeStyle = ink;
  pen.beginPath();
  pen.moveTo(x, 60 - left / 2);
  pen.lineTo(x + wide, 60 - right / 2);
  pen.lineTo(x + wide, 60 + right / 2);
  pen.lineTo(x, 60 + left / 2);
  pen.closePath();
  pen.stroke();
}

export function hatch(pen, x, y, wide, tall, ink) {
  pen.save();
  pen.beginPath();
  pen.rect(x, y, wide, tall);
  pen.clip();
  Object.assign(pen, { strokeStyle: ink, lineWidth: 1 });
  pen.beginPath();
  for (let at = x - tall; at < x + wide; at += 6) {
    pen.moveTo(at, y + tall);
    pen.lineTo(at + tall, y);
  }
  pen.stroke();
  pen.restore();
}

export function write(pen, text, x, y, ink, align = "center") {
  Object.assign(pen, { fillStyle: ink, textAlign: align, textBaseline: "alphabetic" });
  pen.fillText(text, x, y);
}

// An image of the model, pixel by pixel
export function show(pen, canvas, x, y, side) {
  pen.imageSmoothingEnabled = false;
  pen.drawImage(canvas, x, y, side, side);
}
