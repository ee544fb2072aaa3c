// The manifold as a picture for print: ink on white paper, every pixel of a tile a whole number of dots.
import { classColours, colour, inkInto, number, shades } from "../../shared/js/canvas.js";

const SIDE = 2400; // dots, about: 20 cm at 300 per inch

// tiles: an array of images, row by row; over: draws on a context whose unit is one dot.
export function printed(root, { n, shape, photograph, dims, axes, along, title, lines }, tiles, over) {
  const light = root.appendChild(document.createElement("div"));
  light.style.colorScheme = "light"; // the page's colours on this element are those of the light theme
  const [table, ink, colours] = [shades(light, photograph), "#1a1d21", classColours(light)];
  const paper = colour(light, "paper"), inks = colour(light, "ink");
  light.remove();
  const [rows, columns] = shape, dot = Math.max(1, Math.round(SIDE / (n * rows)));
  const tall = rows * dot, wide = columns * dot, unit = (n * tall) / 100, margin = dims > 1 ? 9 * unit : 3 * unit;
  const canvas = new OffscreenCanvas(n * wide + margin + 3 * unit, n * tall + (dims > 1 ? 17 : 14) * unit + lines.length * 3.2 * unit);
  const pen = canvas.getContext("2d");
  pen.fillStyle = "#ffffff";
  pen.fillRect(0, 0, canvas.width, canvas.height);
  pen.fillStyle = ink;
  pen.font = `600 ${3.2 * unit}px "Source Serif", serif`;
  pen.textBaseline = "alphabetic";
  pen.fillText(title, margin, 6 * unit);
  pen.translate(margin, 9 * unit);

  const sheet = new OffscreenCanvas(n * columns, n * rows), brush = sheet.getContext("2d");
  const tile = brush.createImageData(columns, rows);
  tiles.forEach((image, k) => {
    inkInto(tile, image, shape, table);
    brush.putImageData(tile, (k % n) * columns, Math.floor(k / n) * rows);
  });
  pen.imageSmoothingEnabled = false;
  pen.drawImage(sheet, 0, 0, n * wide, n * tall);
  pen.save();
  over(pen, { n, wide, tall, dims }, colours, inks, paper, unit);
  pen.restore();
  pen.strokeStyle = "#d9dcd8";
  pen.lineWidth = unit / 6;
  pen.strokeRect(0, 0, n * wide, n * tall);

  pen.fillStyle = "#565c63";
  pen.font = `${2.2 * unit}px "Source Sans", sans-serif`;
  let down = n * tall + 3 * unit;
  if (dims > 1) {
    const every = Math.ceil(n / 8);
    for (let i = Math.floor((n % every) / 2); i < n; i += every) {
      pen.textAlign = "center";
      pen.fillText(number(along[i], 1), (i + 0.5) * wide, down);
      pen.textAlign = "right";
      pen.fillText(number(along[n - 1 - i], 1), -1.4 * unit, (i + 0.5) * tall + 0.8 * unit);
    }
    pen.textAlign = "center";
    pen.font = `italic 600 ${2.6 * unit}px "Source Serif", serif`;
    down += 3.2 * unit;
    pen.fillText(axes[0], (n * wide) / 2, down);
    pen.fillText(axes[1], -6.6 * unit, (n * tall) / 2);
    pen.font = `${2.2 * unit}px "Source Sans", sans-serif`;
  }
  pen.textAlign = "left";
  lines.forEach((line, k) => pen.fillText(line, 0, down + (k + 1.3) * 3.2 * unit));
  return canvas.convertToBlob({ type: "image/png" });
}

