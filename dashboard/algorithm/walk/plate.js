// Figure 1 of the paper: solid is the model p(z) p(x|z), dashed the encoder q(z|x), the plate stands for N images.
export const PLATE = `<svg width="124" height="168" role="img"
  aria-label="Figure 1 of the paper: theta and z make x; phi and x make the guess at z, dashed; for each of N images">
  <defs><marker id="plate-tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">
    <path d="M0 .5L8 4L0 7.5z" style="fill: var(--ink2); stroke: none"/></marker></defs>
  <rect x="32" y="6" width="60" height="156" rx="6"/>
  <circle cx="62" cy="38" r="18"/><text x="62" y="44">z</text>
  <circle class="seen" cx="62" cy="112" r="18"/><text x="62" y="118">x</text><text x="80" y="156">N</text>
  <text x="12" y="44" style="fill: var(--mu)">φ</text><text x="112" y="118">θ</text>
  <path d="M68 56V92" marker-end="url(#plate-tip)"/><path d="M104 112H82" marker-end="url(#plate-tip)"/>
  <path class="guess" d="M54 95V58" marker-end="url(#plate-tip)"/><path class="guess" d="M20 38H42" marker-end="url(#plate-tip)"/></svg>`;
