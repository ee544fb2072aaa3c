"""Each hook into Streamlit that its documentation does not promise is there; else a sentence says what is lost."""

import inspect
import re
import tomllib
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
import streamlit as st
from streamlit import config, env_util
from streamlit.commands import execution_control, navigation
from streamlit.components.v2.bidi_component import serialization
from streamlit.proto.BidiComponent_pb2 import BidiComponent
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.NewSession_pb2 import NewSession
from streamlit.runtime import app_session, runtime_util
from streamlit.runtime.app_session import AppSession
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.runtime import Runtime
from streamlit.runtime.scriptrunner import ScriptRunnerEvent, script_runner
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette import starlette_server_config

from dashboard.shared import streamlit_internals

DASHBOARD = Path(__file__).parents[2] / "dashboard"
STATIC = Path(st.__file__).parent / "static"
HOME = "dashboard/shared/streamlit_internals"
CHANGED = f"Streamlit is {st.__version__}, {HOME} was read from {streamlit_internals.READ_FROM}:"

NAMED = re.compile(
    r"""data-testid=["']?(\w+)|\.(st[A-Z]\w+)|\[(data-(?:stale|collapsed|selected|rac|test-script-state))"""
)


def used() -> dict[str, str]:
    """Names of Streamlit's page that a style or a script of ours looks for, with the first file that does."""
    found: dict[str, str] = {}
    for file in sorted([*DASHBOARD.rglob("*.css"), *DASHBOARD.rglob("*.js")]):
        for match in NAMED.finditer(file.read_text("utf-8")):
            found.setdefault(next(filter(None, match.groups())), file.relative_to(DASHBOARD).as_posix())
    return found


@cache
def scripts() -> str:
    return "".join(file.read_text("utf-8") for file in sorted((STATIC / "static/js").glob("*.js")))


@pytest.mark.parametrize(("name", "file"), used().items(), ids=lambda one: one)
def test_the_page_has_what_a_style_or_script_looks_for(name, file):
    assert re.search(rf"\b{name}\b", scripts()), (
        f"{CHANGED} its page has no {name} any more, which {file} looks for: open the page, find what "
        "stands there now, and write that name into the file."
    )


def test_the_list_of_names_is_read_from_our_files():
    assert {"stToolbar", "stMainBlockContainer", "stElementContainer", "data-collapsed"} <= set(used())


def test_the_page_keeps_a_theme_where_our_choice_is_written():
    """`stActiveTheme-${path}-v2`: a name as JSON, which it reads at its start."""
    text, kept = scripts(), "`stActiveTheme-${window.location.pathname}`"
    versioned = re.search(r"\w+=(\d+),\w+=$", text[max(0, text.find(kept) - 40) : max(0, text.find(kept))])
    assert versioned, f"{CHANGED} it keeps the chosen theme elsewhere: see keepTheme in {HOME}.js."
    for reader in ((DASHBOARD / "shared/streamlit_internals.js").read_text("utf-8"), streamlit_internals.KEPT_THEME):
        assert f"-v{versioned[1]}`" in reader
    assert "e===`System`||e===`Light`||e===`Dark`" in text


def test_the_page_says_of_what_it_lost_that_it_is_a_delta_path():
    assert "Bad delta path index" in scripts(), f"{CHANGED} it says otherwise what REOPENS in {HOME}.py listens for."


def test_the_page_writes_addresses_by_push_state():
    assert "history.pushState(" in scripts(), (
        f"{CHANGED} its page does not call history.pushState, so oneEntryPerTouch cannot make one touch one entry: "
        "Back would show each address that a page writes."
    )


def test_a_component_stands_in_a_shadow_root():
    (component,) = (STATIC / "static/js").glob("BidiComponent.*.js")
    assert "attachShadow(" in component.read_text("utf-8"), (
        f"{CHANGED} components stand in no shadow root, so around() and keyed() in {HOME}.js find nothing: blobs leave "
        "gaps in the page, and the tour has no ring."
    )


class Scripts(HTMLParser):
    def __init__(self):
        super().__init__()
        self.inline, self.open = [], False

    def handle_starttag(self, tag, attributes):
        if tag == "script" and "src" not in dict(attributes):
            self.inline.append("")
            self.open = True

    def handle_endtag(self, tag):
        self.open = self.open and tag != "script"

    def handle_data(self, data):
        if self.open:
            self.inline[-1] += data


def test_the_security_policy_allows_every_script_in_the_text_of_the_page():
    reader = Scripts()
    reader.feed(streamlit_internals.INDEX.read_text("utf-8"))
    assert reader.inline
    assert streamlit_internals.inline_scripts() == reader.inline, (
        f"{CHANGED} its page has a script that inline_scripts() does not find: browsers would refuse to run it."
    )


def test_a_run_of_the_script_knows_whether_back_or_forward_led_to_it(monkeypatch):
    taken = inspect.signature(ScriptRunContext.reset).parameters
    assert "is_history_navigation" in taken, (
        f"{CHANGED} ScriptRunContext has no is_history_navigation: on Back a page would keep what came later."
    )
    assert not streamlit_internals.is_history_navigation()
    assert ScriptRunContext.is_history_navigation is False
    context = type("Context", (), {"is_history_navigation": True})()
    monkeypatch.setattr(streamlit_internals, "get_script_run_ctx", lambda: context)
    assert streamlit_internals.is_history_navigation()


def shown() -> None:
    import streamlit as st

    from dashboard.shared import streamlit_internals

    st.text(streamlit_internals.session_id())


def test_a_session_has_a_number_of_its_own():
    page = AppTest.from_function(shown).run()
    assert not page.exception, f"{CHANGED} ScriptRunContext has no session_id: the queue could not tell visitors apart."
    assert page.text[0].value
    assert streamlit_internals.session_id() == "", "outside of a run there is no session"


def test_an_upload_needs_the_cookie_of_that_name():
    assert starlette_server_config.XSRF_COOKIE_NAME == streamlit_internals.XSRF_COOKIE, (
        f"{CHANGED} the cookie has another name: every visitor would read that their browser refuses cookies."
    )
    assert st.get_option(streamlit_internals.XSRF_OPTION) is True
    assert streamlit_internals.came_with_cookie(), "nothing is known of a browser here"


def test_scripts_and_styles_are_told_by_their_path_and_hold_their_hash():
    sent = re.findall(r'(?:src|href)="\.(/static/[^"]+\.(?:js|css))"', streamlit_internals.INDEX.read_text("utf-8"))
    assert len(sent) > 1, f"{CHANGED} its scripts lie elsewhere: they would travel uncompressed, 2.5 MB."
    for path in sent:
        assert streamlit_internals.ASSET.fullmatch(path)
        assert streamlit_internals.ASSET.fullmatch(f"/below{path}")
        assert re.search(r"[.-][\w-]{8}\.(js|css)$", path), f"{CHANGED} {path} has no hash, a browser must not keep it."


def test_data_in_a_tuple_is_not_tested_for_being_a_table(monkeypatch):
    tested = []
    monkeypatch.setattr(serialization, "is_dataframe_like", lambda value: tested.append(value))
    data, proto = {"z": [0.5, 1.0]}, BidiComponent()
    serialization.serialize_mixed_data(streamlit_internals.untested(data), proto)
    assert not tested, f"{CHANGED} tuples are looked through as well: the first page would import pandas, 0.3 s."
    assert proto.json == '[{"z": [0.5, 1.0]}]'
    serialization.serialize_mixed_data(data, BidiComponent())
    assert tested, f"{CHANGED} a bare dict is no longer looked through: untested() and [data] in the scripts may go."


def test_no_full_collection_follows_each_run():
    options = tomllib.loads((DASHBOARD / ".streamlit/config.toml").read_text("utf-8"))
    assert options["runner"]["postScriptGC"] is False
    assert "runner.postScriptGC" in inspect.getsource(script_runner), (
        f"{CHANGED} it does not ask the option runner.postScriptGC: a collection may follow each run again."
    )


def test_the_first_command_looks_at_the_stack():
    assert "inspect.stack()" in inspect.getsource(env_util), (
        f"{CHANGED} it does not look at the call stack: read_module_files() in {HOME}.py may go."
    )


class Loop:
    """The server's loop, which turns when a test says so."""

    def __init__(self):
        self.soon, self.later = [], []

    def call_later(self, seconds, call, *given):
        assert seconds == streamlit_internals.GATHER
        self.later.append(lambda: call(*given))

    def turn(self):
        while calls := self.soon or self.later:
            calls.pop(0)()


@pytest.fixture
def together(monkeypatch):
    """send_together() on stand-ins for what Streamlit does with an event and with a message: (session, heard, sent)."""
    heard, sent = [], []
    for name in (streamlit_internals.HEARD, streamlit_internals.FLUSHED):
        monkeypatch.setattr(AppSession, name, vars(AppSession)[name])
    monkeypatch.setattr(
        AppSession, streamlit_internals.HANDLED, lambda self, *given, **more: heard.append((*given, more))
    )
    monkeypatch.setattr(AppSession, streamlit_internals.FLUSHED, lambda self: list("abc") if heard else [])
    monkeypatch.setattr(Runtime, streamlit_internals.SENT, lambda self, session, message: sent.append(message))
    monkeypatch.setattr(Runtime, streamlit_internals.WAKES, vars(Runtime)[streamlit_internals.WAKES])
    streamlit_internals.send_together()
    session = type("Session", (), {})()
    session._event_loop = Loop()
    session._call_soon_on_event_loop = session._event_loop.soon.append
    return session, heard, sent


def test_messages_of_a_script_wake_the_loop_once_and_keep_their_order(together):
    session, heard, _ = together
    hear, loop = getattr(AppSession, streamlit_internals.HEARD), session._event_loop
    for number in range(3):
        hear(session, "runner", ScriptRunnerEvent.ENQUEUE_FORWARD_MSG, forward_msg=number)
    assert len(loop.soon) == 1, "one call for three messages"
    assert heard == []
    loop.turn()
    assert [more["forward_msg"] for *_, more in heard] == [0, 1, 2]
    for number in (3, 4):
        hear(session, "runner", ScriptRunnerEvent.ENQUEUE_FORWARD_MSG, forward_msg=number)
    hear(session, "runner", ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS)
    while loop.soon:  # the end does not wait for the clock
        loop.soon.pop(0)()
    assert [event for _, event, _ in heard[3:]] == [ScriptRunnerEvent.ENQUEUE_FORWARD_MSG] * 2 + [
        ScriptRunnerEvent.SCRIPT_STOPPED_WITH_SUCCESS
    ]
    loop.turn()
    assert len(heard) == 6, "nothing twice"


def test_what_was_said_before_another_page_still_arrives():
    """st.switch_page waits so long before it clears what has not been sent."""
    assert "time.sleep(2 * MESSAGE_FLUSH_INTERVAL_SECS)" in inspect.getsource(execution_control)
    assert (
        streamlit_internals.GATHER + runtime_util.MESSAGE_FLUSH_INTERVAL_SECS
        < 2 * runtime_util.MESSAGE_FLUSH_INTERVAL_SECS
    )


def test_what_was_flushed_is_sent_in_one_turn(together):
    session, heard, sent = together
    flush, send = getattr(AppSession, streamlit_internals.FLUSHED), getattr(Runtime, streamlit_internals.SENT)
    assert flush(session) == []
    heard.append("something")
    (batch,) = flush(session)
    send(None, "info", batch)
    send(None, "info", "d")
    assert sent == list("abcd")


def test_streamlit_has_what_sends_messages_together():
    for name in (streamlit_internals.SENT, streamlit_internals.WAKES):
        assert hasattr(Runtime, name)
    lost = f"{CHANGED} each message of a page wakes the loop again, and a server draws fewer pages."
    turning = inspect.getsource(Runtime._loop_coroutine)
    assert f".{streamlit_internals.FLUSHED}()" in turning, lost
    assert f"self.{streamlit_internals.SENT}(active_session_info, msg)" in turning, lost
    taken = inspect.signature(vars(AppSession)[streamlit_internals.HANDLED]).parameters
    assert {"sender", "event", "forward_msg"} <= set(taken), lost
    assert "call_soon_threadsafe" in inspect.getsource(AppSession._call_soon_on_event_loop), lost


def test_the_theme_is_looked_up_once_and_stays_the_same(monkeypatch):
    looked_up, count = app_session._populate_theme_msg, []
    monkeypatch.setattr(app_session, streamlit_internals.THEME, lambda *given: (count.append(1), looked_up(*given)))
    sections = ("theme", "theme.light", "theme.dark", "theme.sidebar")

    def message() -> bytes:
        found = NewSession()
        app_session._populate_theme_msg(found.custom_theme)
        for name in sections[1:]:
            app_session._populate_theme_msg(getattr(found.custom_theme, name.split(".")[1]), name)
        return found.SerializeToString(deterministic=True)

    colour = config.get_config_options()["theme.light.primaryColor"]
    monkeypatch.setattr(colour, "_get_val_func", lambda: "#123456")
    before = message()
    assert len(count) == len(sections), f"{CHANGED} themes are looked up elsewhere: theme_once() in {HOME}.py may go."
    streamlit_internals.theme_once()
    assert [message(), message()] == [before, before]
    assert len(count) == 2 * len(sections)
    assert f"{streamlit_internals.THEME}(msg.new_session.custom_theme)" in inspect.getsource(app_session)


def test_an_address_without_a_page_is_told_and_no_dialog_comes(monkeypatch):
    assert f"{streamlit_internals.LOST}(ctx)" in inspect.getsource(navigation._navigation), (
        f"{CHANGED} st.navigation says elsewhere that there is no such page: a dialog lies over Explore again."
    )
    monkeypatch.setattr(navigation, streamlit_internals.LOST, None)
    told = []
    streamlit_internals.tell_of_lost_pages(told.append)
    getattr(navigation, streamlit_internals.LOST)(Context(PagesManager("pages.py"), "nonsense"))
    assert told == ["nonsense"]


class Context:
    """Of a run of the script: what it has of the page that was asked for."""

    def __init__(self, manager: PagesManager, name: str) -> None:
        manager.set_script_intent("", name)
        self.pages_manager = manager


def test_a_component_may_answer_later(tmp_path):
    """js/loaded.js gives Streamlit a promise of what cleans up."""
    (component,) = (STATIC / "static/js").glob("BidiComponent.*.js")
    text = component.read_text("utf-8")
    assert re.search(r"\(await \w+\(\{componentId:", text), (
        f"{CHANGED} it does not wait for what a component gives back: a page that is left would keep its listeners."
    )


HOOKS_PY = re.compile(
    r"streamlit\.runtime|st\.runtime|st\.__file__|_streamlit_xsrf|gc\.freeze|enableXsrf|inspect\.stack"
)
HOOKS_JS = re.compile(r"\.host\b|shadowRoot|data-testid|\.st[A-Z]\w+|pushState")


@pytest.mark.parametrize(
    "file", sorted([*DASHBOARD.rglob("*.py"), *DASHBOARD.rglob("*.js")]), ids=lambda file: file.name
)
def test_a_hook_stands_in_one_place(file):
    if file.stem == "streamlit_internals" or file.name == "widget.js":  # which is in a notebook, not in Streamlit
        return
    hooks = HOOKS_PY if file.suffix == ".py" else HOOKS_JS
    found = hooks.search(file.read_text("utf-8"))
    assert not found, f"{file.relative_to(DASHBOARD)} reaches into Streamlit ({found and found[0]}): name it in {HOME}"


@pytest.fixture
def left_out(monkeypatch):
    """leave_out_left_pages() on stand-ins: (session, what is still asked for)."""
    still = []
    monkeypatch.setattr(AppSession, streamlit_internals.ASKED, lambda self, state: still.append(state))
    monkeypatch.setattr(AppSession, streamlit_internals.HEARD, lambda self, sender, event, **given: None)
    streamlit_internals.leave_out_left_pages()
    session = type("Session", (), {})()
    session._pages_manager = PagesManager("pages.py")
    return session, still


def test_a_part_of_a_page_that_was_left_asks_in_vain(left_out):
    session, still = left_out
    ask, hear = (getattr(AppSession, name) for name in (streamlit_internals.ASKED, streamlit_internals.HEARD))

    def runs(page: str) -> None:
        session._pages_manager.set_current_page_script_hash(page)
        hear(session, "runner", ScriptRunnerEvent.SCRIPT_STARTED, page_script_hash=page)

    asked = [ClientState()]  # a first visit names no page
    ask(session, asked[0])
    runs("main script")
    session._pages_manager.set_current_page_script_hash("explore")  # as st.navigation does
    moved = ClientState(fragment_id="pad", page_script_hash="explore")
    away = ClientState(page_script_hash="elbo")
    for state in (moved, away, moved):
        ask(session, state)
    runs("explore")  # of the first of them, which was already on its way
    ask(session, moved)
    runs("elbo")
    ask(session, moved)
    asked += [moved, away]
    assert still == asked, "what the pad says after the page was asked for is left out"
    bound, lecture = (ClientState(fragment_id="a", page_script_hash=page) for page in ("elbo", "kl"))
    ask(session, bound)
    runs("kl")  # a script led there
    for state in (bound, lecture, None):
        ask(session, state)
    assert still == [*asked, bound, lecture, None]


def test_streamlit_tells_of_the_page_of_a_run_and_of_a_request():
    fields = {field.name for field in ClientState.DESCRIPTOR.fields}
    lost = f"{CHANGED} a page may be emptied by one that was left: see leave_out_left_pages() in {HOME}.py."
    assert {"fragment_id", "page_script_hash"} <= fields, lost
    assert hasattr(AppSession, streamlit_internals.ASKED), lost
    told = "SCRIPT_STARTED,\n                page_script_hash=page_script_hash"
    assert told in inspect.getsource(script_runner), lost
    assert "set_current_page_script_hash(page_script_hash)" in inspect.getsource(ScriptRunContext.reset), lost
