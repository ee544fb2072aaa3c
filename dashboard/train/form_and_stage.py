"""What the form says besides its fields: what “All settings” has changed, and where the run shown differs."""

import html

import streamlit as st

from dashboard.shared import access, page_elements, train_link, url_state
from dashboard.shared.section import section
from dashboard.train.run_table import rows
from vae_core.runs.store import Entry
from vae_core.settings import RunSettings

TOLD = 3  # differences
FIELDS = ("latent_dim", "beta", "steps", "seed")  # that the form shows itself


@section("What is changed of the preset")
def summary(name: str, chosen: RunSettings) -> None:
    """Every setting of the drawer that is not the preset's, so that nobody trains with one unseen."""
    fitted = train_link.fitting(chosen.data.name)
    changed = rows.otherwise(chosen, name, fitted, leave_out=FIELDS)
    with st.container(key="changed-settings"):
        if changed:
            page_elements.sentence(html.escape(f"Changed: {' · '.join(changed)}"))


@section("What the form and the run shown differ in")
def draw(chosen: RunSettings, entry: Entry) -> None:
    """One sentence about what differs, or what the form was just filled with."""
    with st.container(key="form-and-stage"):
        different = differences(chosen, entry.settings)
        if different:
            more = f" and {len(different) - TOLD} more" if len(different) > TOLD else ""
            told = f"{', '.join(different[:TOLD])}{more}"
            page_elements.sentence(html.escape(f"This form differs from the run shown: {told}."))
            if access.may_train():
                st.button("Use the run’s settings", key="take-settings", type="tertiary", on_click=fill, args=(entry,))
        elif st.session_state.get("form filled") == entry.key:
            page_elements.sentence("The form has the settings of the run shown. Change one, then press Train.")


def differences(chosen: RunSettings, shown: RunSettings) -> list[str]:
    """ "β 1 (there 0.5)": what the form has, and what the run has."""
    here, there = rows.flat(chosen), rows.flat(shown)
    order = [*rows.LETTERS, *(field for field in here if field not in rows.LETTERS)]
    found = ["other images"] if chosen.data.name != shown.data.name else []
    for field in order:
        if field not in rows.HIDDEN and here[field] != there[field]:
            label = rows.LETTERS.get(field) or rows.LABELS.get(field) or field.replace("_", " ")
            found.append(f"{label} {rows.written(here[field])} (there {rows.written(there[field])})")
    return found


def fill(entry: Entry) -> None:
    """The form takes this run's settings, and says so."""
    take(entry.settings)
    st.session_state["form filled"] = entry.key


@url_state.one_entry()
def take(settings: RunSettings) -> None:
    """The form takes these settings, by way of the address."""
    nearest, _ = rows.changes(settings)
    for key, text in train_link.share(nearest, settings).items():
        url_state.keep(key, text)
