"""Long work: it takes turns, and what nobody looks at any more holds up nobody."""

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
