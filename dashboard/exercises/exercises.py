"""Exercises: choose a sheet, go to where a task begins, come back, and see what holds, with the number that says so."""

import html
from functools import partial
from urllib.parse import urlencode

import streamlit as st

from dashboard.exercises import answers, kept
from dashboard.shared import background, notices, page_elements, page_registry, url_state
from dashboard.shared.section import section
from vae_core.analysis.exercise_checks import AnswerError, TrainedRun, Verdict
from vae_core.analysis.exercise_sheets import Sheet, Task
from vae_core.runs.store import Entry, trained
from vae_core.sealed_files import SealError

NOTHING = ""  # no run is handed in


@section("This page")
def page() -> None:
    answers.recall()
    name = answers.chosen()
    if not name:
        page_elements.claim("Exercises", "Here no sheet is bundled: open one of your own.")
        list_of_sheets(name)
        return
    sheet, given = answers.sheets()[name], answers.given()
    page_elements.claim(html.escape(sheet.title), html.escape(sheet.about))
    with st.container(key="notices"):
        notices.show()
    with section("The list of sheets"):
        list_of_sheets(name)
    done = 0
    for number, task in enumerate(sheet.tasks, 1):
        with section(f"Task {number}"), st.container(key=f"exercise-{number}"):
            done += bool(draw(number, task, given.get(str(number), "")))
    with section("What to hand in"):
        hand_in(name, sheet, given, done)
    kept.draw(sheet.title, url_state.asked("answers") or "")
    background.redraw_when_done()


def list_of_sheets(name: str) -> None:
    known = answers.sheets()
    if name:
        st.session_state["sheet chosen"] = name
    with st.container(horizontal=True, vertical_alignment="bottom", key="sheets"):
        st.selectbox(
            "Sheet", list(known), format_func=lambda one: known[one].title, key="sheet chosen",
            on_change=lambda: answers.choose(st.session_state["sheet chosen"]),
        )  # fmt: skip
        with st.popover("Open a sheet …"):
            st.file_uploader("A sheet of your own (.json)", type="json", key="sheet-file", on_change=uploaded)


def uploaded() -> None:
    if file := st.session_state["sheet-file"]:
        answers.opened(file.getvalue())


def draw(number: int, task: Task, answer: str) -> bool:
    """One task, and whether it holds."""
    found = judged(number, task, answer) if answer else None
    mark = "holds" if found and found.holds else "open"
    page_elements.part(f"<b>{number}</b><span>{html.escape(task.text)}</span>", f"exercise {mark}")
    with st.container(horizontal=True, vertical_alignment="bottom", key=f"exercise-controls-{number}"):
        where = page_registry.page(task.start.page).title
        if st.button(f"Start on {where}", key=f"start-{number}"):
            go(number, task)
        {"view": view, "numbers": numbers, "run": run}[task.of.takes](number, task, answer)
    if answer:
        said = f"{'✓' if found.holds else 'Not yet:'} {html.escape(found.said)}" if found else "It is being computed …"
        page_elements.sentence(said, f"verdict {mark}")
    if found and found.holds:
        notices.settled(to_do(number, task))
        return True
    return False


def to_do(number: int, task: Task) -> str:
    return f"Exercise {number}: {task.text}"


def go(number: int, task: Task) -> None:
    """To where a task begins, as its sheet says: nothing that was left there stands in the way. It says what to do."""
    start = task.start
    notices.stay(start.page, to_do(number, task))
    for key in page_registry.page(start.page).url_keys:
        st.session_state.pop(url_state.in_session(key), None)
    st.switch_page(page_registry.script(start.page), query_params=dict(start.query))


# -- what is handed in -------------------------------------------------------------------------------------------------


def view(number: int, task: Task, answer: str) -> None:
    page = page_registry.page(task.start.page)
    if st.button(f"Take my view of {page.title}", key=f"take-{number}"):
        answers.keep(number, left(task.start.page))
        st.rerun()
    numbers(number, task, answer)


def left(name: str) -> str:
    """The view that this session last had of a page, as a link."""
    kept = {key: text for key in page_registry.page(name).url_keys if (text := url_state.asked(key)) is not None}
    return f"{name}?{urlencode(kept, safe=',')}"


def numbers(number: int, task: Task, answer: str) -> None:
    key = f"answer {number}"
    st.session_state[key] = answer
    st.text_input(
        task.of.ask[:1].upper() + task.of.ask[1:], key=key,
        on_change=lambda: answers.keep(number, st.session_state[key]),
    )  # fmt: skip


def run(number: int, task: Task, answer: str) -> None:
    """The runs of this machine; the command line takes exported ones."""
    entries = {entry.key: entry for entry in trained().list() if entry.ready}
    if not entries:
        page_elements.sentence("No run has been trained on this machine yet: train one, then come back.")
        return
    key = f"answer {number}"
    st.session_state[key] = answer if answer in entries else NOTHING
    st.selectbox(
        "A run that you trained", [NOTHING, *entries], key=key,
        format_func=lambda one: named(entries[one]) if one else "none yet",
        on_change=lambda: answers.keep(number, st.session_state[key]),
    )  # fmt: skip


def named(entry: Entry) -> str:
    return f"{entry.name} · {entry.key[:6]}"


def judged(number: int, task: Task, answer: str) -> Verdict | None:
    """None while it is being computed: a gap takes seconds."""
    if task.of.takes == "run":
        entry = trained().get(answer)
        if entry is None or not entry.ready:
            return Verdict(False, "this run is not on this machine: choose another one")
        return verdict(task, TrainedRun(entry.settings, entry.step, entry.metrics))
    return background.result(("exercise", number, repr(task), answer), partial(verdict, task, answer))


def verdict(task: Task, handed: str | TrainedRun) -> Verdict:
    from vae_core.data.datasets import DatasetError  # torch: a second of imports, once

    try:
        return task.judge(handed)
    except (AnswerError, SealError, DatasetError) as error:
        return Verdict(False, str(error))


def hand_in(name: str, sheet: Sheet, given: dict[str, str], done: int) -> None:
    """How far one is, and the file for whoever checks it."""
    page_elements.part(f"{done} of {len(sheet.tasks)} done")
    known = {number: text for number, text in given.items() if number.isdecimal() and len(number) < 3}
    if known:
        st.download_button("Save answers.txt", answers.as_file(known), "answers.txt", "text/plain", key="save-answers")
    file = "sheet.json" if name == answers.OWN else name
    page_elements.sentence(
        "This browser keeps your answers, and this page’s address carries them. To hand them in, put answers.txt and "
        "the runs that you exported on Train into a folder with your name. "
        f"<code>python -m vae_core check {html.escape(file)} folder-of-the-class/*</code> checks all of them."
    )


page()
