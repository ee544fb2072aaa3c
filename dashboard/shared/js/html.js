// HTML and SVG as text: templates over several lines, and the pieces that several scenes share.

const inOneLine = (part) => part.replace(/(^|>)\s*\n\s*|\s*\n\s*(<|$)/g, "$1$2").replace(/\s*\n\s*/g, " ");

// In a template a line break beside a tag or a value counts as nothing, any other one as a space; lists have no commas.
export const html = (parts, ...values) => String.raw(
  { raw: parts.map(inOneLine) },
  ...values.map((value) => (Array.isArray(value) ? value.join("") : value)),
);

// A choice of one; options are pairs of a value and its label.
export const radioGroup = (name, key, options, chosen) => html`
  <span class="group" role="radiogroup" aria-label="${name}">
    ${options.map(([value, label]) => html`
      <button type="button" role="radio" data-key="${key}" data-value="${value}" aria-checked="${String(chosen) === String(value)}">
        ${label}
      </button>`)}
  </span>`;

// A name and its unit, as they stand above a number.
export const nameWithUnit = (name, unit) => `${name}${unit ? ` <small>${unit}</small>` : ""}`;

// One large number: its name and unit above it, something small behind it, perhaps a curve. `shows`: see symbols.js.
export const keyFigure = ({ name, unit = "", value, tint, after = "", curve = "", shows = "" }) => html`
  <div class="one" data-symbol="${shows}">
    <p>${nameWithUnit(shows ? `<span class="asks" data-symbol="${shows.split(" ")[0]}">${name}</span>` : name, unit)}</p>
    <b class="${tint}">${value}${after ? `<small>${after}</small>` : ""}</b>
    ${curve}
  </div>`;

// A word that opens its entry of the glossary, by the entry's name: as a card beside it (popover.js), else there.
export const term = (name, word = name) => {
  const anchor = name.toLowerCase().replace(/[^a-z0-9]+/g, "-");
  return `<a href="glossary#${anchor}" target="_self" data-term="${name}">${word}</a>`;
};
