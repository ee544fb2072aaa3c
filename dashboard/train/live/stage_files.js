// The stage as a file: all of it or its curves as a drawing in light colours, or the numbers of the curves.
import { tell } from "../../shared/js/blobs.js";
import { drawingOf, saveDrawnPage } from "../../shared/js/drawing.js";
import { saveTable } from "../../shared/js/files.js";
import { NOISE, canvasReadable } from "../../shared/js/png.js";

const CONTROLS = ".bar, .scrub, .segments, .recorded, .spoken";

// `redraw` lays the stage out in the colours that it has at that moment.
export function saveStage(root, { data, at }, { part, as }, redraw) {
  const name = `${data.file}-${part}${at === null ? "" : `-step-${at}`}`;
  if (part === "numbers") return saveTable(tableOf(data), `${data.file}-curves`);
  if ((part === "stage" || as === "png") && !canvasReadable()) return tell("unsaved", NOISE);
  const drawn = onPaper(root, part, redraw, () => drawingOf(part === "stage" ? root : root.querySelector(".curves"), CONTROLS));
  return saveDrawnPage(drawn, as, name);
}

function onPaper(root, part, redraw, work) {
  root.style.colorScheme = "light";
  root.dataset.saving = part;
  redraw();
  try { return work(); } finally {
    delete root.dataset.saving;
    root.style.colorScheme = "";
    redraw();
  }
}

// A row per report, nats per image; what was not measured there is an empty cell.
export function tableOf({ curves, dims, stochastic, importance = 1 }) {
  const weighted = importance === 1 ? {} : {
    importance_weighted: curves.importance_weighted, held_out_importance_weighted: curves.validation_importance_weighted,
  };
  const columns = {
    step: curves.step, ...(stochastic ? { elbo: curves.reconstruction.map((r, k) => r - curves.kl[k]) } : {}),
    reconstruction: curves.reconstruction, kl: curves.kl, held_out: curves.validation,
    held_out_reconstruction: curves.validation_reconstruction, ...weighted, beta: curves.beta,
    gradient_norm: curves.gradient_norm,
    ...Object.fromEntries(Array.from({ length: dims }, (_, d) => [`kl_${d + 1}`, curves.kls.map((row) => row[d])])),
  };
  return [Object.keys(columns), ...curves.step.map((_, k) => Object.values(columns).map((column) => column[k]))];
}
