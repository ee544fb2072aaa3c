"""Long work: it takes turns, and what nobody looks at any more holds up nobody."""

import threading
import time

from dashboard.shared import background


def finished(what: str) -> None:
    deadline = time.monotonic() + 20
    while background._pieces:
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


def test_a_piece_that_nobody_looks_at_any_more_is_left(monkeypatch):
    monkeypatch.setattr(background, "GONE", 0.2)
    left = []

    def endless() -> bool:
        try:
            while True:
                background.yield_to_pages()
                time.sleep(0.01)
        except background.Unwatched:
            left.append("endless")
            raise

    done = []
    background.request("endless", endless)
    background.request("short", lambda: bool(done.append("short")))
    for _ in range(20):  # somebody looks at the short one
        background._looked["short"] = time.monotonic()
        time.sleep(0.05)
    finished("the piece was not left")
    assert (left, done) == (["endless"], ["short"])
    assert "endless" not in background._failed
    background.request("endless", lambda: bool(done.append("again")))
    finished("who looks again asks again")
    assert done == ["short", "again"]


def test_work_on_a_page_itself_is_never_left():
    background._done_now = "what was done before"
    background.yield_to_pages()


def test_what_waits_for_its_turn_is_left_out_when_nobody_asks_any_more():
    first, done = threading.Event(), []
    background._asked["first"] = first.wait
    background._asked["left"] = lambda: done.append("left")
    background._asked["polled"] = lambda: done.append("polled")
    background.begin()
    clicked = threading.Thread(target=background.wait_for, args=("clicked", lambda: done.append("clicked")))
    clicked.start()
    while "clicked" not in background._results:
        time.sleep(0.01)
    background._polled["left"] -= 2 * background.LEFT  # its page has stopped asking
    first.set()
    clicked.join()
    assert done == ["polled", "clicked"]
    assert "left" not in background._results, "who comes back asks again"
    background._asked["left"] = lambda: done.append("left")
    background.finish()
    assert done == ["polled", "clicked", "left"]
