"""The settings of a training as widgets. The address holds them (preset and what is changed), the widgets mirror it.

Every field of the settings is here by its own metadata (kind, range, choices): a new setting needs a label only.
"""

import json
from dataclasses import fields
from typing import Any

import streamlit as st

from dashboard.shared import notices, page_elements, train_link, url_state
from dashboard.shared.formatting import number
from dashboard.shared.train_link import base, shape_of
from dashboard.train import image_upload
from vae_core.analysis import first_weights
from vae_core.registry import DATA_SETS, LIKELIHOODS
from vae_core.runs.store import trained
from vae_core.settings import (
    PRESETS,
    DataSettings,
    ModelSettings,
    RunSettings,
    TrainSettings,
    conv_channels,
)

SHOWN = ("quick", "good", "paper", "linear", "bad-start")
WIDTHS = ("encoder", "decoder")
SEED = "The same seed gives the same weights, bit for bit, on as many processor threads."
FIELDS = {f.name: f for part in (DataSettings, ModelSettings, TrainSettings) for f in fields(part)}
GROUPS: dict[str, dict[str, tuple[str, str]]] = {
    "Images": {
        "images": ("train on the first N images", "0: on all of them."),
        "validation": ("held-out images", "The last training images: their bound is watched, never learned from."),
        "split": ("test images", "Of a film: random ones, or its last part."),
    },
    "Networks": {
        "encoder": ("encoder layers", "Widths, for instance 512-256-128; of a conv network, channels. Empty: linear."),
        "decoder": ("decoder layers", "From the code to the image."),
        "network": ("architecture", "Fully connected, or convolutions."),
        "activation": ("activation", "Smooth ones keep exact evidence exact; ReLU can leave dead units."),
        "initialisation": ("initial weights", "Xavier and He fit each layer; normal: N(0, 0.01²), large: N(0, 1)."),
        "data_bias": ("start at the mean image", "The decoder’s last bias is set so. Not for conv."),
        "stochastic": ("variational", "Off: an autoencoder, which maps an image to a point."),
        "conditional": ("conditional", "Both networks are told each image’s class. Needs labels. Not for conv."),
    },
    "Likelihood": {
        "likelihood": ("likelihood", "Bernoulli scores black and white pixels, the others grey ones and colours."),
        "pixels": ("pixels", "How grey values become what the likelihood scores."),
        "variance": ("pixel variance", "Of a Gaussian with a fixed one; where one is learned, it starts there."),
    },
    "Bound": {
        "algorithm": ("algorithm", "AEVB climbs the bound; wake-sleep and Monte Carlo EM (mcem) are its rivals."),
        "samples": ("L, noise samples per image", "More: less noisy gradients, slower steps."),
        "warmup": ("β warm-up, steps", "β grows from 0 over so many steps."),
        "free_bits": ("free bits, nats per dimension", "KL that the objective does not charge for."),
        "noise": ("noise", "Sigma points are exact where log p(x|z) is quadratic in z."),
        "closed_form": ("closed-form KL (estimator B)", "Off: estimator A, which samples the KL too."),
        "importance_samples": (
            "K, importance samples", "Above 1 the tighter bound of K weighted samples is climbed (IWAE), not the ELBO."
        ),
        "total_correlation": (
            "weight of total correlation", "What the dimensions of z have in common costs so much more (β-TCVAE)."
        ),
    },
    "Optimiser": {
        "batch": ("M, images per batch", ""),
        "optimizer": ("optimiser", ""),
        "momentum": ("momentum", "Of SGD."),
        "learning_rate": ("learning rate", "The largest one of the schedule."),
        "schedule": ("schedule", "How the learning rate changes over the steps."),
        "clip": ("clip gradients at", "The largest norm; 0: not clipped."),
        "weight_decay": ("weight decay", ""),
        "precision": ("precision", "bfloat16 is faster where the processor has it."),
        "weight_prior": ("prior on the decoder’s weights", "The MAP term of Kingma & Welling’s paper."),
    },
}  # fmt: skip


def settings() -> tuple[str, RunSettings]:
    """(preset, settings) of the address; what makes no sense there is said once and left out."""
    name = url_state.one_of("preset", SHOWN)
    changed = changes()
    if not known(str(changed.get("name", "strokes"))):
        notices.notify(f"There is no data set “{str(changed['name'])[:40]}” here; these are strokes.")
        url_state.keep("set", json.dumps(changed := changed | {"name": "strokes"}, separators=(",", ":")))
    try:
        return name, base(name, str(changed.get("name", "strokes"))).with_fields(**changed)
    except (ValueError, TypeError) as wrong:
        notices.notify(f"{wrong} The preset “{name}” is shown unchanged.")
        url_state.forget("set")
        return name, base(name, "strokes")


def known(name: str) -> bool:
    """Whether an address may ask for this data: never a path that came from outside."""
    if name in DATA_SETS or name in image_upload.names():
        return True
    return any(run.settings.data.name == name for run in trained().list())


def changes() -> dict[str, Any]:
    """What the address changes of the preset."""
    text = url_state.asked("set")
    if not text:
        return {}
    try:
        found = json.loads(text)
        if not isinstance(found, dict) or len(text) > 4000:
            raise ValueError(text)
        return {k: tuple(v) if isinstance(v, list) else v for k, v in found.items() if k not in ("fingerprint",)}
    except (ValueError, RecursionError):
        notices.notify(f"The address has set = {text[:40]}, not settings; the preset is shown unchanged.")
        url_state.forget("set")
        return {}


def change(**to: Any) -> None:
    """Sets fields in the address; what equals the preset leaves it."""
    name = url_state.one_of("preset", SHOWN)
    wanted = changes() | to
    if "likelihood" in to:
        wanted["pixels"] = LIKELIHOODS[to["likelihood"]].pixels
    plain = base(name, str(wanted.get("name", "strokes")))
    values = {k: v for part in plain.to_dict().values() for k, v in part.items()}
    values |= {k: list(v) for k, v in values.items() if isinstance(v, tuple)}
    wanted = {k: v for k, v in wanted.items() if k == "name" or values.get(k) != v}
    url_state.keep("set", json.dumps(wanted, separators=(",", ":"))) if wanted else url_state.forget("set")


def form(name: str, chosen: RunSettings, sets: list[str], locked: bool) -> None:
    """Presets first, then what one moves most."""
    mirror("preset", name)
    st.segmented_control(
        "preset", SHOWN, key="set-preset", label_visibility="collapsed", disabled=locked,
        format_func=lambda preset: preset.replace("-", " "),
        on_change=lambda: pick_preset(st.session_state["set-preset"]),
    )  # fmt: skip
    st.caption(description(name, chosen))
    mirror("name", chosen.data.name)
    own = image_upload.names()
    st.selectbox(
        "data", list(dict.fromkeys([*sets, *own])), key="set-name", disabled=locked,
        format_func=lambda key: DATA_SETS[key].title if key in DATA_SETS else image_upload.called(key, own),
        on_change=lambda: pick_data(st.session_state["set-name"]),
    )  # fmt: skip
    image_upload.draw(chosen, pick_data)
    left, right = st.columns(2)
    with left:
        widget("latent_dim", chosen, "D, dimensions", "Numbers in a code z.", locked)
    with right:
        widget("beta", chosen, "β, weight of KL", "KL: the Kullback–Leibler divergence. At 1: the ELBO itself.", locked)
    with left:
        widget("steps", chosen, "steps", "Minibatches to learn from.", locked)
    with right:
        widget("seed", chosen, "seed", SEED, locked)


def drawer(chosen: RunSettings, locked: bool) -> None:
    """Every other setting: five groups in a drawer over the page, two settings in a row."""
    drawer = st.popover("All settings", type="tertiary", key="drawer", on_change="rerun")
    with drawer, st.container(key="all-settings"):
        st.button("Close", key="close-drawer", on_click=lambda: st.session_state.update(drawer=False))
        for title, group in GROUPS.items():
            page_elements.part(title, "group")
            with st.container(key=f"group-{title.lower()}"):
                for field, (label, more) in group.items():
                    widget(field, chosen, label, more, locked)


DESCRIPTIONS = {
    "quick": "1,800 steps: a first manifold in seconds.",
    "good": "12,000 steps: a few minutes.",
    "paper": "Kingma & Welling (2014): one tanh layer, Adagrad, a prior on the weights. Long.",
    "linear": "The linear-Gaussian VAE: probabilistic PCA, whose optimum is known in closed form.",
    "bad-start": "Quick with tanh, from first weights that are far too large: N(0, 1).",
}


def description(name: str, chosen: RunSettings) -> str:
    """What the preset is; once its length is changed, that."""
    if chosen.train.steps == base(name, chosen.data.name).train.steps:
        if name in ("quick", "good") and chosen.model.network == "conv":
            return f"{chosen.train.steps:,} steps of a convolutional network: minutes rather than seconds."
        return f"{DESCRIPTIONS[name]} {bad_starts() if name == 'bad-start' else ''}".strip()
    return f"{chosen.train.steps:,} steps, where “{name}” has {base(name, chosen.data.name).train.steps:,}."


def bad_starts() -> str:
    """What they cost, as it was measured."""
    large, tiny = first_weights.cost(first_weights.LARGE), first_weights.cost(first_weights.TINY)
    if large is None or tiny is None:
        return ""
    return (
        f"On MNIST this costs {number(large, 0)} nats of test ELBO beside Xavier’s weights. N(0, 0.01²), far too small "
        f"for so many layers, costs {number(tiny, 0)}. Choose between them under “initial weights”."
    )


def pick_preset(name: str | None) -> None:
    """Another preset keeps the data and nothing else."""
    kept = changes().get("name")
    url_state.forget("set")
    url_state.keep("preset", name or SHOWN[0])
    change(**({"name": kept} | train_link.fitting(kept) if kept else {}))


def pick_data(name: str) -> None:
    """Other images keep the other settings, unless those cannot score them: faces are photographs."""
    kept = {k: v for k, v in changes().items() if k not in ("name", "validation")}
    url_state.forget("set")
    if kept.get("network") == "conv":
        kept = {k: v for k, v in kept.items() if k not in WIDTHS} | fitting_network("conv", name)
    try:
        base(url_state.one_of("preset", SHOWN), name).with_fields(**kept, name=name).model.check_shape(shape_of(name))
    except (ValueError, TypeError):
        kept = {}
        notices.notify("These images need another likelihood: the other settings are those of the preset again.")
    change(**kept | {"name": name} | train_link.fitting(name))


def fitting_network(kind: str, name: str) -> dict[str, Any]:
    """A kind of network with widths that suit a data set; where it cannot be built, one sentence and none of these."""
    if kind == "conv":
        try:
            channels = list(conv_channels(shape_of(name)))
        except ValueError as wrong:
            notices.notify(str(wrong))
            return {}
        return {"network": kind, "encoder": channels, "decoder": channels[::-1]}
    plain = base(url_state.one_of("preset", SHOWN), name).model
    return {"network": kind, "encoder": list(plain.encoder), "decoder": list(plain.decoder)}


def mirror(key: str, value: Any) -> None:
    st.session_state[f"set-{key}"] = value


def widget(field: str, chosen: RunSettings, label: str, more: str, locked: bool) -> None:
    """The widget for one setting, by its metadata."""
    rule = FIELDS[field].metadata
    value = next(getattr(part, field) for part in (chosen.data, chosen.model, chosen.train) if hasattr(part, field))
    key = f"set-{field}"
    common = {"key": key, "help": more or None, "disabled": locked, "on_change": taken, "args": (field,)}
    if rule["type"] is bool:
        mirror(field, value)
        st.toggle(label, **common)
    elif rule["type"] is tuple:
        mirror(field, "-".join(map(str, value)))
        st.text_input(label, max_chars=60, **common)
    elif "choices" in rule:
        mirror(field, value)
        rows = rule["choices"] if isinstance(rule["choices"], dict) else {}
        st.selectbox(label, list(rule["choices"]), format_func=lambda key: rows[key].label if rows else key, **common)
    else:
        mirror(field, value)
        whole = rule["type"] is int
        st.number_input(
            label, min_value=rule["low"], max_value=rule["high"], format="%d" if whole else "%g",
            step=1 if whole else stride(value), **common,
        )  # fmt: skip


def stride(value: float) -> float:
    """A step that changes the value visibly."""
    return 0.5 if value >= 0.5 else 0.1 if value >= 0.1 else max(value, 1e-3)


def taken(field: str) -> None:
    """What a widget was set to goes into the address, or one sentence says why not."""
    value = st.session_state[f"set-{field}"]
    try:
        if FIELDS[field].metadata["type"] is tuple:
            value = tuple(int(part) for part in str(value).replace(",", "-").split("-") if part.strip())
        wanted = settings()[1].with_fields(
            **{field: value} | ({"pixels": LIKELIHOODS[value].pixels} if field == "likelihood" else {})
        )
        if field in (*WIDTHS, "likelihood"):
            wanted.model.check_shape(shape_of(wanted.data.name))
    except ValueError as wrong:
        text = str(wrong)
        notices.notify(text if field in text or "conv" in text else f"{field}: write widths like 512-256-128.")
        return
    if field == "network":
        change(**fitting_network(value, settings()[1].data.name))
        return
    change(**{field: list(value) if isinstance(value, tuple) else value})


assert set(SHOWN) <= set(PRESETS)
