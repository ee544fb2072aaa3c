// The other pictures of the lecture: numbers over beta, rate against distortion, collapse, and losses as people write them.
import { number, percent, subscript } from "../../shared/js/canvas.js";
import { dot, line, rule, scale, text, tickText, ticksOf } from "./chart.js";
import { decoderOf } from "./squares.js";
import { beta, foretold, nats, split, survivors } from "./words.js";

// A picture, or a group where parts of it can be chosen.
const svgOf = (box, inside, label) => `<svg viewBox="0 0 ${box.clientWidth} ${box.clientHeight}" role="${inside.includes("tabindex") ? "group" : "img"}" aria-label="${label}">${inside}</svg>`;

function pickable(box, choose) {
  for (const part of box.querySelectorAll("[data-at]")) part.onclick = () => choose(Number(part.dataset.at));
}

// -- the numbers over beta ---------------------------------------------------------------------------------------------
export function drawMultiples(box, models, at, choose, s) {
  const m = models[at], parts = split(m), two = (values, digits) => values.map((value) => number(value, digits)).join(", ");
  const each = (read) => models.map(read), dims = m.mean_sigma.map((_, d) => d);
  const items = [
    ["distortion, −reconstruction", "nats", number(-m.reconstruction, 1), "reconstruction", [each((o) => -o.reconstruction)]],
    ["KL = information + mismatch", "", `${number(parts.information)} + ${number(parts.mismatch)}`, "kl", [], { stack: [each((o) => Math.max(0, o.information)), each((o) => Math.max(0, o.mismatch))], cap: 16 }],
    ["KL per dimension", "nats", two(m.kl_per_dimension, 2), "kl", dims.map((d) => each((o) => o.kl_per_dimension[d])), { cap: 8 }],
    ["−ELBO", "nats", number(-m.elbo, 1), "elbo", [each((o) => -o.elbo)]],
    ["holes, prior hardly reached", "", percent(m.holes), "ink", [each((o) => 100 * o.holes)], { unit: " %" }],
    ["continuity, Jacobian of the decoder", "per σ", m.continuity === null ? "none" : number(m.continuity, 1), "mu", [each((o) => o.continuity ?? 0)]],
    ["mean σ of q(z|x)", "", two(m.mean_sigma, 2), "sigma", dims.map((d) => each((o) => o.mean_sigma[d]))],
    ["E z², 1 under the prior", "", two(m.mean_square, 2), "z", dims.map((d) => each((o) => o.mean_square[d])), { cap: 8, mark: 1 }],
    ["active dimensions", `of ${dims.length}`, m.active_units, "z", [each((o) => o.active_units)]],
  ];
  box.innerHTML = items.map(([name, unit, value, tint]) => `<div class="multiple ${tint}"><p><span class="ink2">${name}${unit ? ` <small>${unit}</small>` : ""}</span><b>${value}</b></p><svg></svg></div>`).join("");
  box.querySelectorAll("svg").forEach((svg, k) => curveInto(svg, models, at, items[k], choose, s));
}

function curveInto(svg, models, at, [, , , tint, curves, { stack, cap = Infinity, mark, unit = "" } = {}], choose, s) {
  const width = svg.clientWidth, height = svg.clientHeight, foot = 28 * Math.max(0.72, s);
  if (!width || height < 30) return;
  const tops = stack ? [stack[0].map((v, k) => v + stack[1][k])] : curves, all = tops.flat().map((v) => Math.min(v, cap));
  const low = stack || Math.min(...all) < 0.3 * Math.max(...all) ? 0 : Math.min(...all), high = Math.max(...all);
  const x = scale(0, models.length - 1, 26, width - 70), y = scale(low, high, height - foot, 10);
  const at2 = (values) => values.map((v, k) => [x(k), y(Math.min(v, cap))]);
  const ground = (values, from) => `<path d="M${at2(values).map(([u, v]) => `${u} ${v}`).join("L")}L${at2(from).reverse().map(([u, v]) => `${u} ${v}`).join("L")}Z"`;
  const zero = models.map(() => low), base = rule(0, y(low), width, y(low), 'class="axis"');
  const filled = stack ? ground(stack[0], zero) + ' fill="var(--kl)" opacity=".45"/>' + ground(tops[0], stack[0]) + ' fill="url(#gap)"/>' + line(at2(stack[0]), 'stroke="var(--kl)" stroke-width="2"') : "";
  const cut = tops.flat().some((v) => v > cap) ? `cut at ${cap}` : "", digits = high >= 100 ? 0 : high >= 3 ? 1 : 2;
  const ends = text(width, y(high) + 7, cut || number(high, digits) + unit, 'class="small end"') + (low ? text(width, y(low) - 7, number(low, digits) + unit, 'class="small end"') : "");
  const words = models.map((m, k) => (k % 2 === 0 || k === at ? text(x(k), height - 4, beta(m), `class="middle ${k === at ? "strong t-kl" : "small"}"`) : "")).filter((_, k) => Math.abs(k - at) !== 1 || k % 2);
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  svg.innerHTML = `<defs><pattern id="gap" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V9" stroke="var(--ink)" stroke-width="2.4"/></pattern></defs>${base}${mark === undefined ? "" : rule(0, y(mark), width, y(mark), 'class="hair"')}
    ${rule(x(at), 4, x(at), y(low), 'class="now-line"')}${filled}${tops.map((values, k) => line(at2(values), `stroke="var(--${tint})" stroke-width="2.4" ${k ? 'stroke-dasharray="7 4"' : ""}`)).join("")}
    ${tops.map((values) => dot(...at2(values)[at], 6, `fill="var(--${tint})"`)).join("")}${stack ? text(x(0.4), y(high / 5), "information", 'class="small" style="fill:var(--ink)"') + text(x(2.3), y(high * 0.66), "mismatch KL(q(z)‖p(z))", 'class="small halo"') : ""}${words.join("")}${ends}`;
  svg.onclick = (event) => choose(Math.round(((event.clientX - svg.getBoundingClientRect().left - 26) / (width - 96)) * (models.length - 1)));
}

// -- rate and distortion -----------------------------------------------------------------------------------------------
export function drawPlane(box, models, at, choose, s) {
  const width = box.clientWidth, height = box.clientHeight, m = models[at], left = 92 * Math.max(0.6, s), foot = 66 * Math.max(0.7, s);
  if (!width) return;
  const narrow = width < 700, most = 16, [top, bottom] = [narrow ? 222 : 212, 136], x = scale(0, most, left, width - 24), y = scale(bottom, top, height - foot, 10);
  const inside = `<defs><clipPath id="field"><rect x="${left}" y="0" width="${width - left}" height="${height - foot}"/></clipPath></defs>`;
  const axes = ticksOf(0, 15, 3).map((v) => text(x(v), height - foot + 30 * Math.max(0.8, s), tickText(v), 'class="small middle"')).join("") + ticksOf(bottom + 1, top, 6).map((v) => text(left - 12, y(v) + 7, tickText(v), 'class="small end"')).join("")
    + rule(left, y(bottom), width - 24, y(bottom), 'class="axis"') + rule(left, 0, left, y(bottom), 'class="axis"') + text(width - 24, height - 6, 'rate: <tspan class="t-kl strong">KL</tspan>, nats per MNIST test image', 'class="end"') + text(left + 16, 24, '<tspan class="t-reconstruction strong">distortion</tspan>: −reconstruction, nats', "");
  const iso = [150, 160, 170, 180, 190, 200, 210].map((sum) => rule(x(0), y(sum), x(most), y(sum - most), 'stroke="var(--elbo)" stroke-width="1" opacity=".35"') + text(x(most) - 4, y(sum - most) - 7, sum - most > bottom + 15 ? `ELBO −${sum}` : "", 'class="small end halo t-elbo"')).join("");
  const best = models.reduce((a, b) => (b.elbo > a.elbo ? b : a));
  const far = models.filter((o) => o.kl > most), near = models.filter((o) => o.kl <= most);
  const end = Math.min(most, m.beta ? (m.objective - bottom) / m.beta : most);
  const tangent = line([[x(0), y(m.objective)], [x(end), y(m.objective - m.beta * end)]], 'stroke="var(--kl)" stroke-width="3"');
  const meets = m.objective < top ? dot(x(0), y(m.objective), 6, 'fill="var(--kl)"') + text(x(0) + (m.objective > 199 ? 130 * Math.max(0.75, s) : 14), y(m.objective) + (m.beta > 3 || !m.beta ? -12 : narrow ? 26 : 32), `${number(m.objective, 1)}${narrow ? "" : " minimised"}`, 'class="halo t-kl strong"') : "";
  const points = near.map((o) => {
    const now = o === m, big = Math.max(0.62, s), [px, py] = [x(o.kl), y(-o.reconstruction)], steep = o.beta >= 8, crowded = narrow && o.beta < 16;
    return `<g data-at="${models.indexOf(o)}" tabindex="0" role="button" aria-label="beta ${beta(o)}">${dot(px, py, 20, 'fill="transparent"')}${dot(px, py, (now ? 11 : 7) * big, `fill="var(--${now ? "kl" : "ink"})"`)}${o === best ? dot(px, py, 17 * big, 'fill="none" stroke="var(--elbo)" stroke-width="3"') : ""}${o.beta > 40 ? "" : text(px + (steep ? (crowded ? 2 : 18) : 10), py + (steep ? (crowded ? -14 : -8) : -20), beta(o) === "40" ? "40, 64" : beta(o), `class="halo ${now ? "strong t-kl" : ""}"`)}</g>`;
  }).join("");
  const bestAt = [x(best.kl), y(-best.reconstruction)];
  const bestSays = narrow ? `ELBO ${number(best.elbo, 1)}, the highest` : `highest bound: ELBO ${number(best.elbo, 1)} at β = ${beta(best)}`;
  const bestWords = text(bestAt[0] + (narrow ? -20 : -4), bestAt[1] + (narrow ? 36 : 58 * Math.max(0.7, s)), bestSays, 'class="halo t-elbo strong"');
  const free = Math.min(y(bottom) - 10, y(m.objective - m.beta * most) - 14); // above the line and the axis
  const beyond = (narrow ? [] : far).map((o, k) => `<g data-at="${models.indexOf(o)}" tabindex="0" role="button">${text(width - 24, free - 30 * k * Math.max(0.75, s), `β = ${beta(o)}: rate ${number(o.kl, 1)} →`, `class="end halo ${o === m ? "strong t-kl" : "t-ink2"}"`)}</g>`).join("");
  box.innerHTML = svgOf(box, `${inside}${axes}<g clip-path="url(#field)">${iso}${tangent}</g>${meets}${points}${bestWords}${beyond}`, "Rate-distortion plane of all models");
  pickable(box, choose);
  for (const part of box.querySelectorAll("[tabindex]")) part.onkeydown = (event) => { if (event.key === "Enter" || event.key === " ") { event.preventDefault(); choose(Number(part.dataset.at)); } };
}

// -- collapse ----------------------------------------------------------------------------------------------------------
export function drawCollapse(box, models, at, { correlation }, choose, s) {
  const width = box.clientWidth, height = box.clientHeight, m = models[at], dims = m.mean_sigma.length, t = Math.max(0.62, s);
  if (!width) return;
  const left = 70 * t, gap = 70 * t, half = (height - 210 * t) / 2, most = 64;
  const x = scale(0, most, left, width - 30), upper = 46 * t, lower = upper + half + 96 * t;
  const units = scale(0, dims, upper + half, upper + 14), cost = scale(0, 3, lower + half, lower + 10);
  const narrow = width < 700, edges = correlation.slice(0, dims + 2);
  const now = rule(x(m.beta), upper + 16, x(m.beta), lower + half, 'class="now-line"'); // under the eigenvalues' names
  const walls = edges.map((value, k) => k < dims ? rule(x(value), upper - 8, x(value), lower + half, 'stroke="var(--ink)" stroke-width="2" stroke-dasharray="3 5"') : "").join("")
    + edges.slice(0, dims).map((value, k) => text(x(value) + (narrow && k ? -8 : 8), narrow ? 14 : upper + 6, `λ<tspan dy="6" class="small">${k + 1}</tspan><tspan dy="-6"> = ${nats(value)}</tspan>`, `class="strong halo ${narrow && k ? "end" : ""}"`)).join("");
  const levels = Array.from({ length: dims + 1 }, (_, k) => dims - k), ends = [...edges.slice(0, dims).reverse(), most];
  const stairs = levels.flatMap((level, k) => [[x(k ? ends[k - 1] : 0), units(level)], [x(ends[k]), units(level)]]);
  const observed = models.map((o, k) => `<g data-at="${k}">${dot(x(o.beta), units(o.active_units), 18, 'fill="transparent"')}${dot(x(o.beta), units(o.active_units), k === at ? 12 : 8, `fill="var(--${k === at ? "kl" : "z"})"`)}</g>`).join("");
  const curves = Array.from({ length: dims }, (_, d) => line(models.filter((o) => o.kl_per_dimension[d] < 3.4).map((o) => [x(o.beta), cost(o.kl_per_dimension[d])]), `stroke="var(--kl)" stroke-width="2.5" ${d ? 'stroke-dasharray="8 5"' : ""}`)).join("");
  const dots = models.map((o, k) => o.kl_per_dimension.map((value) => (value < 3 ? dot(x(o.beta), cost(value), k === at ? 8 : 5, `fill="var(--kl)"`) : "")).join("")).join("");
  const frame = [upper, lower].map((top) => rule(left, top + half, width - 30, top + half, 'class="axis"')).join("") + levels.map((v) => text(left - 16, units(v) + 8, v, 'class="small end"') + rule(left, units(v), width - 30, units(v), 'class="hair"')).join("") + [0, 1, 2, 3].map((v) => text(left - 16, cost(v) + 8, v, 'class="small end"')).join("");
  const foot = [0, 8, 16, 24, 32, 40, 48, 56, 64].map((v) => text(x(v), lower + half + 30 * t, v, 'class="small middle"')).join("") + text(width - 30, lower + half + 66 * t, '<tspan class="serif t-kl">β</tspan>', 'class="end"');
  const first = units(narrow ? 1.86 : 1.62);
  const says = [["active dimensions", first], ['<tspan class="strong t-z">●</tspan> observed on 10,000 test images', first + 32 * t], ['<tspan class="strong">━</tspan> predicted: eigenvalues above β', first + 64 * t], ['<tspan class="t-kl strong">KL</tspan> of each dimension, nats:', lower + half * 0.3]];
  const key = Array.from({ length: dims }, (_, d) => { // which line is which dimension
    const from = (narrow ? width - 8 - 130 * t * dims : x(36)) + 130 * t * d, y = lower + half * 0.3 + 36 * t;
    return rule(from, y - 7 * t, from + 64 * t, y - 7 * t, `stroke="var(--kl)" stroke-width="2.5" ${d ? 'stroke-dasharray="8 5"' : ""}`) + text(from + 74 * t, y, `z${subscript(d + 1)}`, 'class="serif halo"');
  }).join("");
  const clip = `<defs><clipPath id="below"><rect x="${left}" y="${lower}" width="${width}" height="${half + 12}"/></clipPath></defs>`;
  box.innerHTML = svgOf(box, `${clip}${frame}${foot}${walls}${line(stairs, 'stroke="var(--ink)" stroke-width="3"')}${now}<g clip-path="url(#below)">${curves}${dots}</g>${observed}
    ${says.map(([words, y], k) => text(narrow ? width - 8 : x(36), y, words, `class="halo ${k ? "" : "strong"} ${narrow ? "end" : ""}"`)).join("")}${key}`, "Active dimensions and KL per dimension over beta");
  pickable(box, choose);
}

// Under the chart: the same on the screen and on paper.
export function sayForetold(box, models, { correlation }) {
  box.innerHTML = foretold(models, correlation).map((said, k) => (k ? said : said.replaceAll("λ", '<i class="symbol">λ</i>').replaceAll("β", '<i class="symbol kl">β</i>'))).join(" ");
}

// The linear-Gaussian model: an axis lives while its variance is above beta c. Exact, for any number of dimensions.
export function createLinear(box, { covariance, pixels }, told) {
  const LOW = 0.003, HIGH = 12;
  let price = 0.1;
  box.innerHTML = `<h2>The linear case, exactly</h2><p></p><p class="which">Linear model: x|z ~ N(Wz + b, c I), with <i class="symbol">c</i> the variance of a pixel’s noise, given z. This slider sets <i class="symbol">β c</i>, not the <i class="symbol kl">β</i> above. The variances are eigenvalues of the grey pixels’ covariance (${covariance.slice(0, 3).map((value) => number(value)).join(", ")} …), another matrix than the correlation of the binarised ones.</p><div class="chart"></div><label><i class="symbol">β c</i><input type="range" min="0" max="1" step="0.002" aria-label="beta times the pixel variance"><b></b></label>`;
  const $ = (selector) => box.querySelector(selector), input = $("input");
  input.oninput = () => { price = Number((LOW * (HIGH / LOW) ** Number(input.value)).toPrecision(2)); draw(); };

  function draw(s = told()) {
    const alive = covariance.filter((value) => value > price).length;
    input.value = Math.log(price / LOW) / Math.log(HIGH / LOW);
    $("label b").textContent = String(price);
    $("p").innerHTML = `<b>${alive} of ${pixels}</b> axes of MNIST have a variance above <i class="symbol kl">β c</i>; each costs ½ ln(variance / <i class="symbol kl">β c</i>) nats${alive ? `, together ${number(covariance.slice(0, alive).reduce((sum, value) => sum + 0.5 * Math.log(value / price), 0), 1)}` : ""}.`;
    const chart = $(".chart"), width = chart.clientWidth, height = chart.clientHeight, left = 66 * Math.max(0.7, s), foot = 64 * Math.max(0.7, s); // what the words leave it
    if (!width) return;
    const bend = (value) => Math.log10(value), x = (k) => left + ((width - left - 10) * bend(k)) / bend(covariance.length), y = scale(bend(LOW), bend(HIGH), height - foot, 10);
    const points = covariance.map((value, k) => [x(k + 1), y(bend(Math.max(value, LOW)))]);
    const bar = y(bend(price));
    chart.innerHTML = svgOf(chart, `${[0.01, 0.1, 1, 10].map((v) => rule(left, y(bend(v)), width - 10, y(bend(v)), 'class="hair"') + text(left - 10, y(bend(v)) + 8, v, 'class="small end"')).join("")}${[1, 10, 100].map((k) => text(x(k), height - foot + 28 * Math.max(0.8, s), k, 'class="small middle"')).join("")}
      ${text(width - 10, height - 6, "principal axis", 'class="small end"')}${text(left + 8, 26, "variance along it", 'class="small"')}${rule(left, height - foot, width - 10, height - foot, 'class="axis"')}
      ${rule(left, bar, width - 10, bar, 'stroke="var(--kl)" stroke-width="3"')}${line(points.slice(alive ? alive - 1 : 0), 'stroke="var(--ink2)" stroke-width="2" stroke-dasharray="3 4"')}${line(points.slice(0, alive), 'stroke="var(--z)" stroke-width="3"')}${points.slice(0, Math.min(alive, 12)).map((p) => dot(...p, 5, 'fill="var(--z)"')).join("")}
      ${alive ? text(Math.min(width - 120, x(alive) + 12), Math.max(40, bar - 14), `${alive} live`, 'class="strong halo t-z"') : text(left + 12, bar - 12, "none lives", 'class="strong halo t-z"')}`, "Variances of the principal axes and the threshold beta c");
  }
  return { draw };
}

// -- losses as people write them -----------------------------------------------------------------------------------------
const CHOICES = [
  ["error", "error", [["bce", "cross-entropy"], ["mse", "squared"]]],
  ["pixels", "over pixels", [["sum", "sum"], ["mean", "mean"]]],
  ["dims", "KL over dimensions", [["sum", "sum"], ["mean", "mean"]]],
  ["weight", "weight on the KL", [["0.00025", "0.00025"], ["0.01", "0.01"], ["1", "1"], ["4", "4"]]],
];

// What weighs the KL once the error is −log p(x|z), summed over the pixels. For a squared error only beta c is fixed.
export function effectiveBeta({ error, pixels, dims, weight }, X, D, variance = 0.5) {
  const value = (Number(weight) * (pixels === "mean" ? X : 1)) / (dims === "mean" ? D : 1);
  return error === "mse" ? value / (2 * variance) : value;
}

export function createReally(box, { spectrum, loss }, { words, squares, told }) {
  const chosen = { ...loss };
  box.innerHTML = `<div class="written"><div><div class="choices"></div><pre class="code"></pre><div class="where"></div></div><div class="result"></div></div>`;
  const $ = (selector) => box.querySelector(selector);
  let family = [];

  function draw(models = family) {
    family = models;
    const X = spectrum.pixels, D = family[0].mean_sigma.length, price = effectiveBeta(chosen, X, D), squared = chosen.error === "mse";
    $(".choices").innerHTML = CHOICES.map(([key, name, options]) => `<span>${name}</span><span class="group" role="radiogroup" aria-label="${name}">${options.map(([value, label]) => `<button type="button" role="radio" data-key="${key}" data-value="${value}" aria-checked="${chosen[key] === value}">${label}</button>`).join("")}</span>`).join("");
    for (const button of box.querySelectorAll(".choices button")) button.onclick = () => { chosen[button.dataset.key] = button.dataset.value; draw(); told(Object.values(chosen).join(",")); $(`[data-key="${button.dataset.key}"][data-value="${button.dataset.value}"]`).focus(); };
    const loss = squared ? "F.mse_loss" : "F.binary_cross_entropy", sum = chosen.pixels === "sum";
    $(".code").innerHTML = `<i># x, x_hat: (batch, ${X})   mu, logvar: (batch, ${D})</i>\nerror = ${loss}(x_hat, x, reduction="<b>${chosen.pixels}</b>")${sum ? " / len(x)" : ""}\nkl = -0.5 * (1 + logvar - mu**2 - logvar.exp())\nloss = error + <b>${chosen.weight}</b> * kl.<b>${chosen.dims}</b>(1).mean()`;
    const eigenvalues = squared ? spectrum.covariance : spectrum.correlation, threshold = squared ? price / 2 : price, alive = survivors(eigenvalues, threshold, D);
    const shown = price >= 100 ? number(price, 0) : price >= 1 ? number(price, price % 1 ? 2 : 0) : String(Number(price.toPrecision(3)));
    words(price === 1 ? `This loss is minus the bound${squared ? ", up to a constant, at c = 1/2" : ""}: β = 1` : alive === 0 ? `This loss has β = ${shown}: every dimension dies` : `This loss has β = ${shown}`,
      price === 1 ? "Summed over the pixels, summed over the dimensions, weight 1." : `${chosen.pixels === "mean" ? `A mean over ${X} pixels makes the error ${X} times cheaper, the KL dearer. ` : ""}${chosen.dims === "mean" ? `A mean over ${D} dimensions makes the KL ${D} times cheaper.` : ""}` || "The weight is β, for both terms are sums.");
    const nearest = family.reduce((a, b) => (distance(b.beta, price) < distance(a.beta, price) ? b : a));
    const rule = squared ? `Only β × c is fixed: ${number(threshold, threshold < 1 ? 4 : 1)}, with c the variance of a pixel’s noise; the loss names none, so c = 1/2. The linear model keeps an axis while its variance is above it; the largest here is ${nats(eigenvalues[0])}.` : `A dimension lives while β is below its eigenvalue of the binarised pixels’ correlation: ${nats(eigenvalues[0])}, ${nats(eigenvalues[1])}.`;
    $(".result").innerHTML = `<p>effective β</p><b class="huge">${shown}</b><p><b>${alive} of ${D}</b> dimensions survive. ${rule}</p><p style="margin-top:.6em">${squared ? "" : `Bundled model nearest to it, β = ${beta(nearest)}:`}</p>${squared ? "" : "<canvas></canvas>"}`;
    where($(".where"), price, squared ? [] : eigenvalues.slice(0, D), shown);
    const canvas = $("canvas"), decoder = decoderOf(nearest);
    if (canvas && decoder) squares.tiles(decoder, canvas, Math.max(180, Math.min($(".result").clientWidth, $(".written").clientHeight - canvas.offsetTop + $(".result").offsetTop - 12)), false);
    return squared || Boolean(decoder);
  }

  // The price on a line with all bundled models; hatched: no dimension lives there.
  function where(plot, price, walls, shown) {
    const width = plot.clientWidth, height = plot.clientHeight, bend = (value) => Math.log10(Math.max(value, 1e-4)), middle = Math.min(height * 0.52, 110);
    if (!width || height < 90) return void (plot.innerHTML = "");
    const x = scale(-4, 3.3, 10, width - 10), at = (value) => x(bend(value));
    const dead = walls.length ? `<defs><pattern id="dead" width="10" height="10" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><path d="M0 0V10" stroke="var(--ink)" stroke-width="3"/></pattern></defs><rect x="${at(walls[0])}" y="${middle - 22}" width="${width - at(walls[0])}" height="44" fill="url(#dead)" opacity=".8"/>${text((at(walls[0]) + width) / 2, middle + 52, "all dead", 'class="small middle"')}` : "";
    const px = Math.min(width - 6, Math.max(6, at(price)));
    plot.innerHTML = `<svg viewBox="0 0 ${width} ${height}" role="img" aria-label="The effective beta on a line with the bundled models">${dead}${rule(0, middle, width, middle, 'stroke="var(--rule)" stroke-width="6"')}${family.filter((m) => m.beta > 0).map((m) => dot(at(m.beta), middle, 6, 'fill="var(--ink2)"')).join("")}
      ${(width < 560 ? [0.0001, 0.01, 1] : [0.0001, 0.001, 0.01, 0.1, 1, 10]).map((v) => text(Math.max(26, at(v)), middle + 52, v, 'class="small middle"')).join("")}${dot(px, middle, 14, 'fill="var(--kl)"')}${text(Math.min(width - 50, Math.max(50, px)), middle - 34, `β = ${shown}`, 'class="strong middle t-kl halo"')}</svg>`;
  }

  const distance = (a, b) => Math.abs(Math.log(a + 1e-3) - Math.log(b + 1e-3));
  return { draw };
}
