"""The model card of a run: what it was trained on, with which settings, what it reaches, how to load and rebuild it."""

import json
from pathlib import Path
from shlex import quote as quoted

from vae_core.analysis import coverage
from vae_core.analysis.aggregate_posterior import HOLE
from vae_core.data.user_images import wished
from vae_core.registry import DATA_SETS
from vae_core.runs.store import Entry
from vae_core.settings import colours, preset, size_of

OWN = "Somebody's own images, known by their sha256 only; whoever trained this model knows where they are from."

LOADING = """import json, torch
from pathlib import Path
from safetensors.torch import load_file
from vae_core import RunSettings, build

settings = RunSettings.from_dict(json.loads(Path("settings.json").read_text()))
vae = build(settings.model, {shape}, torch.Generator(){classes}).eval()
vae.load_state_dict({{name: weight.float() for name, weight in load_file("model.safetensors").items()}})
image = vae{given}.mean(torch.zeros(1, {dims})).reshape({shape})  # what it draws at z = 0
"""


def card(entry: Entry, onnx: str) -> str:
    """Markdown for a published run. `onnx` says in a sentence whether there are ONNX files."""
    settings, data, manifest = entry.settings, entry.settings.data, entry.manifest
    kind = "variational autoencoder" if settings.model.stochastic else "plain autoencoder"
    kind, classes = f"conditional {kind}" if settings.model.conditional else kind, known_classes(entry)
    given = {"classes": f", {classes}", "given": ".given(0)"} if classes else {"classes": "", "given": ""}
    told = f"\nBoth networks are told the class, one of {classes}: its bounds are of log p(x|y)." if classes else ""
    return f"""# {plain(entry.name)}

A {kind} of VAE Lab: {settings.model.latent_dim} latent dimensions, images of {size_of(entry.shape)}.{told}
Run `{manifest["key"]}`, {ended(entry)} on {entry.created[:16].replace("T", " at ")}.

## Data

{DATA_SETS[data.name].source if data.name in DATA_SETS else OWN}

`{plain(data.name)}`, {data.pixels} pixels, split {data.split}; sha256 `{data.fingerprint or "not recorded"}`.
{labels(entry)}

## Results

{results(entry)}

## Load it

With VAE Lab beside it (`vae_core` on the path):

```python
{LOADING.format(shape=entry.shape, dims=settings.model.latent_dim, **given).strip()}
```

In VAE Lab itself: *Import a run* on the Train page takes this very archive.

| file | what |
|---|---|
| `model.safetensors` | every weight, by its name in `VAE.state_dict()` |
| `settings.json` | everything that decided the numbers |
| `manifest.json` | the same with results, versions and the sha256 of the sealed files |
| `codes.safetensors`, `codes.csv` | the test images' codes: mean, log variance (csv: sigma), labels (csv: names) |
| `training.safetensors` | the training images’ codes, if they were kept: q(z), of which holes are counted |
| `progress.jsonl`, `curve.csv` | the training, a row per report, nats per image |
| `decoder.bin` | the decoder as one blob, as the pages read it: `vae_core/runs/export.py` says how |

{onnx}

## Settings

```json
{json.dumps(settings.to_dict(), indent=1)}
```

## Rebuild it

```sh
{manifest.get("rebuild") or command(entry)}
```

The same settings, data and versions ({", ".join(f"{k} {v}" for k, v in manifest["versions"].items())}) with the same \
number of threads give the same weights.
"""


def results(entry: Entry) -> str:
    r = entry.metrics
    convention = f"{tested(r['images'])}, binarisation seed 0, L = {r['samples']}, nats per image, larger is better."
    if r["elbo"] is None:
        return (
            f"{convention}\n\nReconstruction {r['reconstruction']:.2f}. Its codes are points: it has no KL and no ELBO."
        )
    return (
        f"{convention}\n\n| | |\n|---|---|\n"
        f"| ELBO{' of log p(x|y)' if entry.settings.model.conditional else ''} | {r['elbo']:.2f}{errors(r)} |\n"
        f"| reconstruction | {r['reconstruction']:.2f} |\n| KL | {r['kl']:.2f} |\n"
        f"| active units | {active(r)} of {entry.settings.model.latent_dim} |{hole_row(entry)}"
    )


def tested(images: int) -> str:
    return f"All {images:,} test images" if images > 1 else "One test image, so no error over images"


def errors(r: dict) -> str:
    over = "" if r["elbo_se"] is None else f" ± {r['elbo_se']:.2f} over images"
    return over + ("" if r["elbo_mc"] is None else f" ± {r['elbo_mc']:.3f} over the noise")


def active(r: dict) -> str:
    return "not known" if r["active_units"] is None else str(r["active_units"])


def known_classes(entry: Entry) -> int:
    """How many classes a conditional model was given one of; 0 of other models."""
    model = entry.settings.model
    return entry.weights()["decoder.0.weight"].shape[1] - model.latent_dim if model.conditional else 0


def labels(entry: Entry) -> str:
    """What the labels mean, in their order."""
    if not entry.classes:
        return ""
    return f"Labels 0 to {len(entry.classes) - 1} are the classes {', '.join(map(verbatim, entry.classes))}."


def verbatim(name: str) -> str:
    """A name as it came, in one line that no reader of Markdown takes for markup."""
    return f"`{''.join(c if c.isprintable() and c != '`' else ' ' for c in name)}`"


def hole_row(entry: Entry) -> str:
    """The part of the prior that codes hardly reach, for D <= 2: with more dimensions it would speak of N alone."""
    found = coverage.of(entry) if entry.settings.model.latent_dim <= 2 else None
    if found is None:
        return ""
    beside = "" if found.held_out is None else f"; {found.held_out:.2%} of {found.others:,} test codes lie there"
    where = f"q(z) < p(z)/{1 / HOLE:.0f} on {found.share:.2%} of the prior"
    return f"\n| holes | {where} ({coverage.drawn(found)}{beside}) |"


def ended(entry: Entry) -> str:
    seconds = f"in {entry.manifest.get('seconds', 0):.0f} s"
    return f"trained {seconds}" if entry.status == "done" else f"{entry.status} at step {entry.step:,}"


def command(entry: Entry) -> str:
    """The command that trains the same model."""
    data = entry.settings.data.name
    known = data if data in DATA_SETS else Path(data).name or "images"
    known += "" if data in DATA_SETS or data.endswith("/") or "." in known else ".npz"
    base = preset("quick", known, entry.shape).to_dict()
    parts = ["python -m vae_core train --preset quick --dataset", quoted(plain(known))]
    parts += [] if data in DATA_SETS else own_flags(entry)
    for part, values in entry.settings.to_dict().items():
        for name, value in values.items():
            if name not in ("name", "fingerprint") and value != base[part][name]:
                text = ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
                parts.append(f"--{name.replace('_', '-')} {quoted(text.lower() if isinstance(value, bool) else text)}")
    return " ".join(parts)


def own_flags(entry: Entry) -> list[str]:
    """What was said or found out of somebody's own images, where a preset says nothing of it."""
    roles = wished(entry.source).roles.items()
    arrays = ["--arrays", quoted(",".join(f"{role}={name}" for role, name in roles))] if roles else []
    return arrays if colours(entry.shape) > 1 else [*arrays, f"--photographs {str(entry.photograph).lower()}"]


def plain(text: str) -> str:
    """A name as one line of text without markup."""
    return "".join(c for c in text if c.isalnum() or c in " ._-=/()+,βσμ").strip()[:80] or "a run"
