"""What a visitor has answered: the address keeps the open sheet, the browser all of them, the server nothing."""

import json

import streamlit as st

from dashboard.exercises import kept
from dashboard.shared import notices, page_registry, url_state
from vae_core.analysis.exercise_checks import LONGEST
from vae_core.analysis.exercise_sheets import TASKS, Sheet, SheetError, bundled, parse

OWN = "own"  # a lecturer's sheet, which this session has opened


def sheets() -> dict[str, Sheet]:
    """Those that come with the product, and the one that was opened."""
    own = st.session_state.get("own sheet")
    return bundled() | ({OWN: own} if own else {})


def chosen() -> str:
    """The name of the sheet in the address, else the first one; "" where there is none at all."""
    known, name = sheets(), url_state.asked("sheet")
    if name in known:
        return name
    if name == OWN:
        notices.notify("The sheet that you had opened is not kept on the server: open its file again.")
    elif name is not None:
        notices.notify(f"The address has sheet = {name[:40]}, and there is no such sheet; this is the first one.")
    if name is not None:
        url_state.forget("sheet", "answers")
    return next(iter(known), "")


@url_state.one_entry()
def recall() -> None:
    """What the browser has kept, where the address says nothing else: without a sheet, the one answered last."""
    told, known = kept.arrive(), sheets()
    if not told or url_state.asked("answers") is not None:
        return
    if url_state.asked("sheet") is None:
        answered = [name for title in told for name, sheet in known.items() if sheet.title == title]
        for name in answered[-1:]:
            url_state.keep("sheet", name)
    name = chosen()
    if name and (text := told.get(known[name].title)):
        url_state.keep("answers", text)


@url_state.one_entry()
def choose(name: str) -> None:
    """Another sheet; the answers to the last one stay in this session."""
    st.session_state[f"answers of {chosen()}"] = url_state.asked("answers")
    url_state.keep("sheet", name)
    if text := st.session_state.get(f"answers of {name}") or kept.had().get(sheets()[name].title):
        url_state.keep("answers", text)
    else:
        url_state.forget("answers")


def opened(data: bytes) -> None:
    """A lecturer's own sheet; what is wrong with it is said in a sentence."""
    try:
        sheet = parse(data)
        absent = [task.start.page for task in sheet.tasks if task.start.page not in page_registry.PAGES]
        if absent:
            raise SheetError(f"A task starts on the page {absent[0]}: there are {', '.join(page_registry.PAGES)}.")
    except SheetError as error:
        notices.notify(str(error))
        return
    st.session_state["own sheet"] = sheet
    st.session_state.pop(f"answers of {OWN}", None)
    choose(OWN)


def given() -> dict[str, str]:
    """The answers in the address, by the task's number."""
    text = url_state.asked("answers")
    if not text:
        return {}
    try:
        found = json.loads(text)
        sound = isinstance(found, dict) and len(found) <= TASKS
        if not sound or not all(isinstance(one, str) and one == one_line(one) for one in found.values()):
            raise ValueError(text)
    except (ValueError, RecursionError):
        notices.notify(f"The address has answers = {text[:40]}, which cannot be read; the page goes on without them.")
        url_state.forget("answers")
        return {}
    return found


def keep(number: int, text: str) -> None:
    """One answer; an empty one is taken out."""
    answers = {key: one for key, one in (given() | {str(number): one_line(text)}).items() if one}
    url_state.keep("answers", json.dumps(answers, ensure_ascii=False, separators=(",", ":")))
    kept.give(sheets()[chosen()].title)


def one_line(text: str) -> str:
    """As an address can hold it; one that is too long stays so, and is told."""
    return "".join(letter for letter in text if letter.isprintable()).strip()[: LONGEST + 1]


def as_file(answers: dict[str, str]) -> str:
    """answers.txt: a line for each task."""
    return "".join(f"{number}: {text}\n" for number, text in sorted(answers.items(), key=lambda item: int(item[0])))
