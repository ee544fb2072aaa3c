"""Which models stand beside each other: from the address, from the list, and what goes well with one of them."""

import html

import streamlit as st

from dashboard.shared import model_labels, model_picker, model_view, notices, url_state
from vae_core.analysis.model_comparison import AUTOENCODERS
from vae_core.runs import store
from vae_core.runs.store import Entry, bundled, trained
from vae_core.settings import RunSettings

MOST = 4  # models that fit beside each other; the preset alone has five
OPENING = ("mnist-beta-1", "mnist-beta-4")  # one network, trained alike, at two betas
PARTNERS = {OPENING[0]: OPENING[1], "strokes-2d": "strokes-10d", "frey-2d": "frey-10d"}
HERE = "Trained here"


def chosen() -> list[model_view.Model]:
    """The models in the address; what cannot be shown is named in a notice. Empty: no model is here at all."""
    text = url_state.asked("models")
    wanted = [name for name in (text or "").split(",") if name]
    if len(set(wanted)) < len(wanted):
        notices.notify("The address names a model twice; it is shown once.")
        wanted = list(dict.fromkeys(wanted))
    if len(wanted) > MOST and tuple(wanted) != AUTOENCODERS:
        left = ", ".join(wanted[MOST:])[:80]
        notices.notify(f"At most {MOST} models fit beside each other: {left} is left out.")
        wanted = wanted[:MOST]
    found, strangers = [], []
    for key in wanted:
        if (entry := entry_of(key)) is None:
            strangers.append(f"“{key[:40]}”")
        elif not entry.ready:
            notices.notify(f"{entry.name} is not finished ({entry.status} at step {entry.step:,}): nothing to compare.")
        elif (model := sound(entry)) is not None:
            found.append(model)
    if strangers:
        are = "are" if len(strangers) > 1 else "is"
        notices.notify(f"{', '.join(strangers[:6])} {are} not here: deleted, or trained on another machine.")
    return found or usual()


def entry_of(key: str) -> Entry | None:
    return bundled().get(key) or trained().get(key)


def sound(entry: Entry) -> model_view.Model | None:
    try:
        return model_view.model(entry)
    except ValueError as damaged:
        notices.notify(str(damaged))
        return None


def usual() -> list[model_view.Model]:
    """The model that another page left and one that differs from it; a pair that differs in beta if none was chosen."""
    ready = [entry for entry in [*model_picker.bundled_models(), *trained().list()] if entry.ready]
    asked = url_state.asked("model")
    left = OPENING[0] if asked in (None, model_picker.FIRST) else asked
    wanted = [entry for entry in ready if entry.key == left]
    first = model_picker.first_sound(wanted + ready)
    if first is None:
        return []
    partners = [model for model in map(sound, suggestions([first])[:1]) if model]
    return [first, *partners]


def suggestions(models: list[model_view.Model]) -> list[Entry]:
    """What a model can be compared with, the most telling first: of the same data, and of the same D."""
    here, first = {model.entry.key for model in models}, models[0].entry
    ready = [
        entry for entry in [*model_picker.bundled_models(), *trained().list()] if entry.ready and entry.key not in here
    ]

    def distance(entry: Entry) -> tuple:
        a, b = first.settings, entry.settings
        return (
            entry.key != PARTNERS.get(first.key), a.data != b.data, not b.model.stochastic, len(differences([a, b])),
            a.model.latent_dim != b.model.latent_dim, entry.key != model_picker.FIRST,
        )  # fmt: skip

    return sorted(ready, key=distance)


def differences(settings: list[RunSettings]) -> list[str]:
    """In which of the things that move a bound these differ; each alone could be the cause of a difference."""
    models, trains = [s.model for s in settings], [s.train for s in settings]
    facts = {
        "kind": [m.stochastic for m in models],
        "D": [m.latent_dim for m in models],
        "class": [m.conditional for m in models],
        "β": [t.beta for m, t in zip(models, trains, strict=True) if m.stochastic],
        "network": [(m.network, m.encoder, m.decoder, m.activation) for m in models],
        "steps": [t.steps for t in trains],
        "start": [bool(t.start_from) for t in trains],
    }
    return [name for name, values in facts.items() if len(set(values)) > 1]


def groups() -> dict[str, list[Entry]]:
    """All models by data set, then those trained on this machine."""
    here = trained().list()
    when = store.ASSETS.stat().st_mtime_ns if store.ASSETS.exists() else 0
    return _bundled(str(store.ASSETS), when) | ({HERE: here} if here else {})


@st.cache_resource(max_entries=2, show_spinner=False)
def _bundled(folder: str, when: int) -> dict[str, list[Entry]]:
    """Reading all manifests costs a tenth of a second: once per change of their folder."""
    found: dict[str, list[Entry]] = {}
    for entry in model_picker.bundled_models():
        found.setdefault(model_labels.data(entry), []).append(entry)
    return found


def compare(keys: list[str]) -> None:
    url_state.keep("models", ",".join(keys))


def short(title: str, beside: str) -> str:
    """The title without the words it begins with as the other does: MNIST 2-D, β = 4."""
    words, others = title.split(), beside.split()
    same = next((k for k, pair in enumerate(zip(words, others, strict=False)) if pair[0] != pair[1]), len(others))
    if words[max(0, same - 2) : same] == ["β", "="]:
        same -= 2
    return " ".join(words[same:]) or title


def comes_along(entry: Entry) -> bool:
    return entry.folder.parent == store.ASSETS


def names(models: list[model_view.Model]) -> list[str]:
    """What to call each: three words, a name of one's own, and something more where two are called the same."""
    titles = [
        model_labels.title(m.entry) if comes_along(m.entry) else html.escape(m.entry.name[:40]) for m in models
    ]  # fmt: skip
    if not all(model.entry.settings.model.stochastic for model in models):
        titles = [
            f"{title} VAE" if model.entry.settings.model.stochastic and comes_along(model.entry) else title
            for title, model in zip(titles, models, strict=True)
        ]
    return [
        f"{title} ({model.entry.key[:6]})" if titles.count(title) > 1 else title
        for title, model in zip(titles, models, strict=True)
    ]


def listed(values: list[str]) -> str:
    return " and ".join(filter(None, (", ".join(values[:-1]), values[-1])))
