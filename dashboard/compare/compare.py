"""Compare: the same images, the same z and the same noise through several models, and the numbers with differences."""

import streamlit as st

from dashboard.compare import headline, metric_table, model_selection, paired_bounds
from dashboard.compare.columns import columns
from dashboard.shared import background, model_labels, model_picker, model_view, notices, page_elements, url_state
from dashboard.shared.browser_blobs import publish_blob
from dashboard.shared.components import component
from dashboard.shared.export_bar import along
from dashboard.shared.image_picker import image_picker, source
from dashboard.shared.section import section
from vae_core.analysis.model_comparison import AUTOENCODERS, Paired

compare = component("compare/columns/columns.js")
duel = component("compare/paired_bounds.js")

PRESET = "Autoencoder, linear, PCA, VAE, linear VAE"


@st.fragment
@section("This page")
def page() -> None:
    models = model_selection.chosen()
    if not models:
        model_picker.invite()
        return
    url_state.keep("models", ",".join(model.entry.key for model in models))
    models = columns.of_class(models)
    first, names, view = models[0], model_selection.names(models), columns.view(models[0])
    image, other = source.chosen(first), models[against(models)]
    found = scored(first, other) if len(models) > 1 else None
    with section("The heading"):
        whole = found if paired_bounds.all_scored(first, found) else None
        heading(models, *headline.claim(models, names, other, whole))
    with st.container(key="also"), section("What else differs"):
        if differs := headline.why_these(models) or headline.also(models):
            page_elements.sentence(differs)
    with st.container(key="lonely"), section("What goes well with this model"):
        if len(models) < 2:
            lonely(models)
    made = side_by_side(models, names, image, view)
    with st.container(key="duel-panel"), section("The bounds image by image"):
        if len(models) > 1:
            image_by_image(models, names, other, found, made or [], image)
    page_elements.show_source("How the difference is tested", paired_bounds.paired)
    along(key="along", data={"figure": ""})
    background.redraw_when_done()


@section("The paired difference")
def scored(first: model_view.Model, other: model_view.Model) -> Paired | None:
    return paired_bounds.duel(first, other)


@section("The models side by side")
def side_by_side(models: list[model_view.Model], names: list[str], image, view: columns.View) -> list[dict]:
    """What each model draws, and their numbers; the columns."""
    first, keys = models[0], shelved(models, view)
    offer, table = image_picker.offer(first, image), columns.table(models, names, image, view, keys)
    numbers = {"rows": metric_table.rows(models) or [], "notes": headline.notes(models, names, image) or []}
    compare(
        key="compare",
        data=table | numbers | {"offer": offer},
        on_wish_change=lambda: image_picker.apply(first, st.session_state.compare.wish),
        on_choose_change=lambda: image_picker.test_image(int(st.session_state.compare.choose)),
        on_to_change=lambda: url_state.keep("to", str(int(st.session_state.compare.to))),
        on_at_change=lambda: url_state.keep("at", ",".join(f"{v:.3f}" for v in st.session_state.compare.at)),
        on_samples_change=drawn_again,
        on_remove_change=lambda: changed(models, st.session_state.compare.remove),
    )
    return table["columns"]


def against(models: list[model_view.Model]) -> int:
    """Which model the first one is held against, image by image."""
    others = tuple(str(k) for k in range(1, max(2, len(models))))
    return int(url_state.one_of("against", others)) % len(models)


def drawn_again() -> None:
    url_state.forget("at")
    url_state.keep("samples", str(int(st.session_state.compare.samples) % columns.SEEDS))


def changed(models: list[model_view.Model], key: str) -> None:
    """Adds a model, or takes it away."""
    keys = [model.entry.key for model in models]
    changes([other for other in keys if other != key] if key in keys else [*keys, key], models)


def picked(models: list[model_view.Model], key: str) -> None:
    changed(models, key)
    st.session_state["models"] = True  # the list stays open for another one


def preset(models: list[model_view.Model]) -> None:
    changes(list(AUTOENCODERS), models)
    st.session_state["models"] = False  # nothing is left to add, and the list covers columns


def changes(keys: list[str], models: list[model_view.Model]) -> None:
    """Other columns. On other data a number is another image: it starts at the first one."""
    url_state.forget("against")
    entry = model_selection.entry_of(keys[0]) if keys else None
    if entry and not entry.settings.data.same_images(models[0].entry.settings.data):
        url_state.forget("i", "to")
    model_selection.compare(keys)


def heading(models: list[model_view.Model], headline: str, explanation: str) -> None:
    """The claim, and the list of models at its right."""
    keys = [model.entry.key for model in models]
    with st.container(horizontal=True, key="heading"):
        page_elements.claim(headline, explanation)
        label = f"**{len(keys)} models** · Add or remove" if len(keys) > 1 else "**1 model** · Add another"
        with st.popover(label, type="tertiary", key="models", on_change="rerun"):  # so that a click can close it
            st.caption("Ready-made comparisons")
            chosen = "picked-preset" if tuple(keys) == AUTOENCODERS else "pick-preset"
            st.button(PRESET, key=chosen, type="tertiary", width="stretch", on_click=preset, args=(models,))
            for group, entries in model_selection.groups().items():
                st.caption(group)
                for entry in entries:
                    option(models, entry, group)
    with st.container(key="notices"):
        notices.show()


def option(models: list[model_view.Model], entry, group: str) -> None:
    here = entry.key in [model.entry.key for model in models]
    label = (
        model_labels.in_markdown(", ".join(model_labels.trained(entry)))
        if group == model_selection.HERE
        else f"{model_labels.title(entry)} · {model_labels.elbo(entry)}"
    )
    full = not here and len(models) >= model_selection.MOST
    st.button(
        label, key=f"pick{'ed' if here else ''}-{entry.key}", type="tertiary", width="stretch",
        disabled=not entry.ready or full, on_click=picked, args=(models, entry.key),
    )  # fmt: skip


def lonely(models: list[model_view.Model]) -> None:
    page_elements.sentence(
        "One model cannot be compared: add one of these, or another from the list at the upper right."
    )
    with st.container(horizontal=True, key="suggested"):
        for entry in model_selection.suggestions(models)[:4]:
            st.button(model_labels.title(entry), key=f"with-{entry.key}", on_click=changed, args=(models, entry.key))


def shelved(models: list[model_view.Model], view: columns.View) -> list[str]:
    """Decoders and the x of the row of images, on the browser's shelf; the keys of the latter."""
    with st.container(key="decoders-shelf"):
        for model in models:
            publish_blob(data=model.blob, key=f"decoder {model.entry.key}")
        return [columns.shelve_few(model, models[0], view) for model in models]


def image_by_image(models: list, names: list, other: model_view.Model, found: Paired | None, made: list, image) -> None:
    keys = ["", ""]
    with st.container(key="bounds-shelf"):
        if found:
            for place, model in enumerate((models[0], other)):
                keys[place], blob = columns.bounds_blob(model, found.count)
                publish_blob(data=blob, key=f"bounds {place}")
    duel(
        key="duel",
        data=headline.dots(models, names, other, found, made, image) | {"keys": keys},
        on_choose_change=lambda: image_picker.test_image(int(st.session_state.duel.choose)),
        on_against_change=lambda: url_state.keep("against", str(int(st.session_state.duel.against) + 1)),
    )


page()
