// Estimators of one gradient as bundles of arrows; and the noise that makes the trick work.
import { radio } from "../shared/js/widgets.js";
import { createChooser } from "../shared/image_picker/image_picker.js";
import { listen, tell } from "../shared/js/blobs.js";
import { mounted } from "../shared/js/mounted.js";
import { fileName, saveCanvas, saveTable } from "../shared/js/files.js";
import { NOISE, canvasReadable } from "../shared/js/png.js";
import { ONE, SCALES, bundlesInARow, drawBundles } from "./bundles.js";
import { drawCloud, drawCurve } from "./noise.js";
import { few, times } from "./ratios.js";

export default mounted(".arrows", createPage);

// One row per estimator; means and their errors along the axes that are drawn
export function tabled({ rows, axes, many, when, over }) {
  const of = axes.flatMap((d) => [`mean in mu ${d + 1}`, `error in mu ${d + 1}`]), several = ["median of 20 images", "min", "max"];
  const row = ({ name, variance, ratio, wrong, signal, mean, error }) => [
    name, when, many, variance, ratio, wrong ? null : signal,
    ...axes.flatMap((_, k) => [mean[k], error[k]]), ...(over?.[name] ?? []),
  ];
  return [
    ["estimator", "model", "samples", "variance", "variance / that of B", "signal / noise", ...of, ...(over ? several : [])],
    ...rows.map(row),
  ];
}

function createPage(root) {
  const $ = (selector) => root.querySelector(selector), detach = $(".bar .detach input");
  let data, ask, scale = ONE, frame = null;
  const request = (name, value) => { root.classList.add("asked"); ask(name, value); };
  const chooser = createChooser($(".chooser"), { send: (wish) => request("wish", { ...wish, nonce: Date.now() }) });
  const bundles = () => drawBundles(root, data, { scale, detach: detach.checked });

  function update(next, send) {
    [data, ask] = [next, send.setTriggerValue];
    root.classList.remove("asked");
    radio($(".when"), data.choices.when, () => data.when, (when) => choose("when", when));
    radio($(".many"), data.choices.many.map(String), () => String(data.many), (many) => choose("many", Number(many)));
    radio($(".scale"), SCALES, () => scale, (name) => { scale = name; bundles(); });
    detach.checked = data.detach;
    chooser.update(data.offer);
    layout();
  }

  function choose(name, value) {
    data = { ...data, [name]: value };
    request(name, value);
  }

  function layout() {
    const width = root.getBoundingClientRect().width;
    if (!width) return;
    root.classList.toggle("phone", width < 700);
    root.classList.toggle("mid", width >= 700 && width < 1180);
    chooser.paint();
    bundles();
    drawCurve(root, data);
    drawCloud(root, data);
    $(".values").innerHTML = valuesInWords(data);
    root.dataset.subject = data.subject;
    root.dataset.frames = Number(root.dataset.frames ?? 0) + 1;
  }

  function cloudSoon() {
    cancelAnimationFrame(frame);
    frame = requestAnimationFrame(() => drawCloud(root, data));
  }

  function save(what) {
    const name = fileName(data.file, data.when, data.offer.name, "gradients");
    if (what === "csv") saveTable(tabled(data), name);
    else if (canvasReadable()) saveCanvas(bundlesInARow(root), `${name}.png`);
    else tell("unsaved", NOISE);
  }

  detach.onchange = () => {
    data = { ...data, detach: detach.checked };
    bundles();
    request("detach", detach.checked ? "yes" : "no");
  };
  for (const input of root.querySelectorAll(".sliders input")) input.oninput = cloudSoon;
  const unheard = listen("along", save);
  const deaf = listen("shelf", (key) => { if (data && [data.offer.image, data.offer.samples].includes(key)) chooser.paint(); });
  return { update, redraw: layout, forget() { unheard(); deaf(); cancelAnimationFrame(frame); } };
}

function valuesInWords({ spreads, other, rows, when, offer }) {
  const names = Object.keys(spreads), one = (name) => `${name} A ${times(spreads[name].A)}, B ${times(spreads[name].B)}`;
  const score = rows.find(({ name }) => name === "score function").ratio;
  const median = " “Median of 20”: of the same ratio over the first 20 test images, with <i class='symbol'>L</i> = 1.";
  return `The <b>value</b> of one draw of the ELBO has a variance too: ${names.map(one).join("; ")}. ` +
    "A’s is 0 where q is the posterior, so B is not always the quieter one. " +
    `The score function’s ratio is ${few(score)} ${when}, ${few(other["score function"])} ${names.find((name) => name !== when)}.` +
    (offer.missing ? "" : median);
}
