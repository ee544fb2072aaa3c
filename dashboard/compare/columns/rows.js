// The numbers under the pictures: one row each, a cell per model, in the grid's own columns.

export function numberRows(rows, count) {
  return rows.flatMap((row) => {
    const label = element(`label of-number${row.head ? " section" : ""}`);
    label.innerHTML = `<b class="${row.symbol}">${row.name}</b><span>${row.says}</span>`;
    label.dataset.row = row.name;
    const cells = Array.from({ length: count }, (_, k) => {
      const cell = element(`cell of-number${row.head ? " section" : ""}`);
      if (row.cells[k]) cell.innerHTML = inside(row.cells[k], row.symbol);
      cell.dataset.row = row.name;
      return cell;
    });
    return [label, ...cells];
  });
}

function inside(cell, symbol) {
  if (cell.why !== undefined) return `<span class="empty">${cell.why}</span>`;
  if (cell.words !== undefined) return `<span class="words">${cell.words}</span>`;
  const parts = [`<b class="${symbol}">${cell.text}</b>`];
  if (cell.error) parts.push(`<small>${cell.error}</small>`);
  if (cell.difference) parts.push(difference(cell));
  if (cell.note) parts.push(`<span class="beside">${cell.note}</span>`);
  return parts.join(" ");
}

const difference = ({ difference: text, aside }) =>
  `<span class="difference${aside ? " mixed" : ""}">${text}${aside ? ` <small>${aside}</small>` : ""}</span>`;

function element(name) {
  return Object.assign(document.createElement("div"), { className: name });
}
