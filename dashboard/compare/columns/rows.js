// The numbers under the pictures: one row each, a cell per model, in the grid's own columns. What differs is a bar first.
const BARS = "Bars show what differs from the first model. Those in nats share one scale; a full bar of the others is 100 % of the " +
  "larger number. Solid: better, or more. Hatched: worse, or less.";
const BETWEEN = "A bar points to the model that is better, or has more. Those in nats share one scale; a full bar of the others is " +
  "100 % of the larger number.";
const ASKING = ["reconstruction", "kl", "elbo"]; // of the colours of rows, those that are quantities too, as symbols.js has them
const COMPARED = ["better", "worse", "smoother", "rougher"]; // by so much; others are so much more or less

// `apart`: two models with room between their numbers, where the bar starts in the middle and points to one of them.
export function numberRows(rows, count, apart = false) {
  const made = rows.flatMap((row) => {
    const name = `of-number${row.head ? " section" : ""}`, label = element(`label ${name}`), all = shared(row, count);
    const asks = ASKING.includes(row.symbol) ? ` data-symbol="${row.symbol}"` : "";
    label.innerHTML = `<b class="${row.symbol} asks"${asks}>${row.name}</b><span>${row.says}</span>`;
    label.dataset.row = row.name;
    const cells = Array.from({ length: all ? 1 : count }, (_, k) => {
      const cell = element(`cell ${name}${all ? " all" : ""}${apart && !row.head ? ` side${k}` : ""}`);
      cell.innerHTML = all || (row.cells[k] ? inside(row, k, apart) : "");
      cell.dataset.row = row.name;
      if (asks) cell.dataset.symbol = row.symbol;
      return cell;
    });
    return [label, ...cells];
  });
  if (!rows.some(({ cells }) => cells.some(({ bar }) => bar))) return made;
  const said = element("of-number bars");
  said.textContent = apart ? BETWEEN : BARS;
  return [said, ...made];
}

// What is the same for all models is said once; "" if something differs, or nothing is known.
function shared({ cells, head }, count) {
  if (head || cells.length < 2 || cells.length !== count) return "";
  const texts = cells.map((cell) => cell.why ?? cell.words ?? (cell.note || cell.error ? null : cell.text));
  if (!texts[0] || texts.some((text) => text !== texts[0])) return "";
  return `<span class="words">${texts[0]}</span> <span class="empty">${count === 2 ? "both" : "all"}</span>`;
}

function inside(row, k, apart) {
  const cell = row.cells[k], { symbol } = row;
  if (cell.why !== undefined) return `<span class="empty">${cell.why}</span>`;
  if (cell.words !== undefined) return `<span class="words">${cell.words}</span>`;
  const parts = [`<b class="${symbol}">${cell.text}</b>`];
  if (cell.error) parts.push(`<small>${cell.error}</small>`);
  const number = `<span class="value">${parts.join(" ")}</span>`, beside = cell.note ? `<span class="beside">${cell.note}</span>` : "";
  return apart ? `${half(row, k)}<span class="shown">${number}${beside}</span>` : `${difference(row, cell)}${number}${beside}`;
}

const amount = ({ unit = "" }, { by }, word) => {
  if (word === "the same") return "the same";
  return COMPARED.includes(word) ? `${word} by ${by}${unit}` : `${by}${unit} ${word}`;
};
const arrow = (bar) => (bar ? `<i aria-hidden="true">${bar > 0 ? "\u25b2" : "\u25bc"}</i> ` : "");
const aside = (cell) => (cell.aside ? ` <small>${cell.aside}</small>` : "");
const width = (bar) => `width:${(100 * Math.abs(bar)).toFixed(1)}%`;

// In a column of its own model: from a line in the middle, to the right where it is better or has more.
function difference(row, cell) {
  if (!cell.difference) return "";
  if (cell.bar === undefined) return `<span class="difference">${cell.difference}</span>`;
  const filled = `<i class="${cell.bar > 0 ? "more" : "less"}" style="${width(cell.bar / 2)}"></i>`;
  const bar = `<span class="bar ${row.symbol}" aria-hidden="true">${filled}</span>`;
  const words = arrow(cell.bar) + amount(row, cell, cell.verdict);
  return `${bar}<span class="difference${cell.aside ? " mixed" : ""}">${words}${aside(cell)}</span>`;
}

// One side of the bar between two models: only that of the model it points to has any.
function half(row, k) {
  const cell = row.cells[1], mine = k === 0 ? cell.bar < 0 : cell.bar > 0 || (cell.bar === 0 && cell.verdict);
  if (cell.bar === undefined) return k && cell.difference ? `<span class="difference">${cell.difference}</span>` : "<span></span>";
  if (!mine) return `<span class="half ${row.symbol}"></span>`;
  const words = amount(row, cell, k === 0 ? cell.opposite : cell.verdict);
  return `<span class="half ${row.symbol}"><i aria-hidden="true" style="${width(0.6 * cell.bar)}"></i>` +
    `<span class="difference${cell.aside ? " mixed" : ""}">${words}${aside(cell)}</span></span>`;
}

function element(name) {
  return Object.assign(document.createElement("div"), { className: name });
}
