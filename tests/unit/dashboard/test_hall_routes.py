"""The hall's addresses: who may do what, and one plain sentence for everything else."""

import asyncio
import json

import pytest

from dashboard.kl.hall import family, server
from dashboard.kl.hall.routes import LARGEST, Routes
from dashboard.kl.hall.stream import Streams
from dashboard.shared import access
from tests.unit.asking import ask, completed

JSON = {"content_type": "application/json"}
ASKING = {"scene": "plane", "phase": "asking", "beta": 1, "leader": "me", "begins": True}


async def elsewhere(scope, receive, send):
    await send({"type": "http.response.start", "status": 418, "headers": []})
    await send({"type": "http.response.body", "body": b""})


@pytest.fixture
def hall(tmp_path, monkeypatch):
    monkeypatch.setenv("VAE_LAB_PRESENTER", "open sesame")
    opened = server.HallServer(elsewhere)
    opened.routes = Routes(tmp_path)
    return opened


def presenter(**more):
    return {"cookie": f"{access.COOKIE}={access.token()}", **JSON, **more}


def moved(hall, told=ASKING, **more):
    return ask(hall, "/hall", "POST", json.dumps(told).encode(), **(presenter() | more))


def phone(hall) -> str:
    answer = ask(hall, "/vote")
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    return cookie.split(";")[0]


def voted(hall, vote, cookie, **more):
    return ask(hall, "/vote", "POST", json.dumps(vote).encode(), **({"cookie": cookie} | JSON | more))


def said(answer) -> str:
    return json.loads(answer.body)["said"]


def test_a_vote_counts_once_and_comes_back_after_a_reload(hall):
    assert moved(hall).status == 200
    question, cookie = hall.routes.hall.asking(), phone(hall)
    assert said(voted(hall, {"round": question.round, "vote": 0}, cookie)) == "Your vote counts."
    assert "instead" in said(voted(hall, {"round": question.round, "vote": 1}, cookie))
    assert json.loads(ask(hall, "/vote/mine", cookie=cookie).body) == {question.round: 1}
    assert json.loads(ask(hall, "/vote/mine").body) == {}
    assert "set-cookie" not in ask(hall, "/vote", cookie=cookie).headers
    assert hall.routes.hall.tally(question.round)["count"] == 1


def test_a_forged_late_or_senseless_vote_gets_a_sentence_and_does_not_count(hall):
    moved(hall)
    round_, cookie = hall.routes.hall.asking().round, phone(hall)
    good = {"round": round_, "vote": 0}
    for cookies in ("", "vae-lab-voter=me.0000", f"{cookie}0"):
        answer = voted(hall, good, cookies)
        assert (answer.status, "pass" in said(answer)) == (403, True)
    for vote in (None, [], "x", {"round": round_}, {"vote": 0}):
        assert voted(hall, vote, phone(hall)).status == 400
    for vote in (9, "0", None, [1], {"$gt": 0}):
        answer = voted(hall, good | {"vote": vote}, phone(hall))
        assert (answer.status, "no answer" in said(answer)) == (409, True)
    assert "too late" in said(voted(hall, good | {"round": "plane-00000000"}, phone(hall)))
    assert "too late" in said(voted(hall, good | {"round": {"a": 1}}, phone(hall)))
    moved(hall, ASKING | {"phase": "marked"})
    assert "too late" in said(voted(hall, good, phone(hall)))
    assert hall.routes.hall.tally(round_)["count"] == 0


def test_too_much_too_fast_or_from_another_site_is_refused(hall):
    moved(hall)
    good, cookie = {"round": hall.routes.hall.asking().round, "vote": 0}, phone(hall)
    large = ask(hall, "/vote", "POST", b" " * (LARGEST + 1), cookie=cookie, **JSON)
    assert (large.status, "2,000 bytes" in said(large)) == (413, True)
    for body in (b"", b"{", b"\xff\xfe", b"[" * 1900):
        assert ask(hall, "/vote", "POST", body, cookie=phone(hall), **JSON).status == 400
    assert voted(hall, good, phone(hall), content_type="text/plain").status == 415, "as a form of another site sends it"
    assert voted(hall, good, phone(hall), sec_fetch_site="cross-site").status == 403
    answers = [voted(hall, good, cookie).status for _ in range(7)]
    assert answers.count(429) >= 2
    assert ask(hall, "/vote", "DELETE").status == 405


def test_nobody_but_the_presenter_moves_the_hall_or_sees_the_votes(hall):
    for cookie in ("", f"{access.COOKIE}=", f"{access.COOKIE}=guess", phone(hall)):
        assert moved(hall, cookie=cookie).status == 403
        assert moved(hall, {"clear": True}, cookie=cookie).status == 403
        assert ask(hall, "/hall/events", cookie=cookie).status == 403
        assert ask(hall, "/hall", cookie=cookie).status == 403
    assert hall.routes.hall.place == {}
    assert ask(hall, "/hall", cookie=presenter()["cookie"]).status == 200


@pytest.mark.parametrize(
    ("client", "host", "more", "may"),
    [
        ("127.0.0.1", "localhost:8501", {}, True),
        ("127.0.0.1", "127.0.0.1:8501", {}, True),
        ("::1", "[::1]:8501", {}, True),
        ("192.168.1.9", "192.168.1.5:8501", {}, False),
        ("127.0.0.1", "evil.example:8501", {}, False),  # a name that another site has pointed here
        ("127.0.0.1", "localhost", {"x_forwarded_for": "10.0.0.7"}, False),  # behind a proxy
        ("10.0.0.7", "localhost:8501", {}, False),
    ],
)
def test_without_a_secret_only_a_browser_on_this_machine_presents(hall, monkeypatch, client, host, more, may):
    monkeypatch.delenv("VAE_LAB_PRESENTER")
    told = json.dumps(ASKING).encode()
    answer = ask(hall, "/hall", "POST", told, client, host=host, **JSON, **more)
    assert answer.status == (200 if may else 403)


@pytest.mark.parametrize(
    "change",
    [
        {"scene": "<b>"}, {"scene": None}, {"phase": "?"}, {"beta": -1}, {"beta": "1"}, {"beta": True}, {"g": [1, 2]},
        {"g": [1, 2, 3, 1e9]}, {"z": "0"}, {"d": []}, {"step": 99}, {"try": "<img src=x>"}, {"loss": 3},
        {"loss": "bce," * 40},
    ],
)  # fmt: skip
def test_a_place_that_makes_no_sense_moves_nothing(hall, change):
    moved(hall)
    assert moved(hall, ASKING | change).status == 400
    assert hall.routes.hall.place == {"scene": "plane", "phase": "asking", "beta": 1}


def test_two_presenters_the_last_one_who_began_leads(hall):
    moved(hall)
    other = moved(hall, ASKING | {"leader": "you", "begins": False, "scene": "cost"})
    assert (other.status, "Another window" in said(other)) == (409, True)
    assert moved(hall, ASKING | {"leader": "you", "scene": "cost"}).status == 200
    assert hall.routes.hall.place["scene"] == "cost"


def test_pages_and_scripts_lie_below_any_path_and_a_script_is_kept_for_good(hall):
    page = ask(hall, "/lab/vote").body.decode()
    script = page.split('<script type="module" src="')[1].split('"')[0]
    kept = ask(hall, f"/lab/{script}")
    assert (kept.status, kept.headers["content-type"].split(";")[0]) == (200, "text/javascript")
    assert "immutable" in kept.headers["cache-control"]
    assert ask(hall, "/vote/vote.0000.js").status == 418
    assert ask(hall, "/elsewhere").status == 418
    assert "<style>" in page
    assert ":root" in page


class Listener:
    """Somebody with an EventSource: what he has heard."""

    def __init__(self):
        self.heard, self.status, self.gone = [], None, asyncio.Event()

    async def receive(self):
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.status = message.get("status", self.status)
        self.heard += [
            json.loads(line[6:]) for line in message.get("body", b"").decode().split("\n") if line.startswith("data: ")
        ]


async def heard(condition) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.01)


def test_phones_hear_where_the_lecture_is_and_the_presenter_the_votes(hall):
    async def lecture():
        streams = hall.routes.streams
        phones, presents = [Listener() for _ in range(3)], Listener()
        tasks = [asyncio.create_task(streams.open(False)({}, each.receive, each.send)) for each in phones]
        tasks.append(asyncio.create_task(streams.open(True)({}, presents.receive, presents.send)))
        question = family.asked()["plane"]
        place = {"scene": "plane", "phase": "asking", "beta": 1}
        await asyncio.to_thread(hall.routes.hall.move, "me", place, question, True)
        await heard(lambda: all(each.heard and each.heard[-1]["question"] for each in [*phones, presents]))
        before = len(phones[0].heard)
        await asyncio.to_thread(hall.routes.hall.vote, "one", question.round, question.right)
        await heard(lambda: presents.heard[-1]["tally"]["count"] == 1)
        assert len(phones[0].heard) == before, "a vote is nobody else's business"
        assert "answer" not in phones[0].heard[-1]
        await asyncio.to_thread(hall.routes.hall.move, "me", place | {"phase": "marked"}, question)
        await heard(lambda: all("answer" in each.heard[-1] for each in phones))
        assert phones[0].heard[-1]["answer"]["tally"] == {"count": 1, "right": 1, "bars": [0, 1, 0, 0]}
        phones[0].gone.set()
        await heard(lambda: streams.listening == 3)
        streams.end()  # the server stops
        await asyncio.wait_for(asyncio.gather(*tasks), 5)
        assert streams.listening == 0

    completed(lecture())


def test_a_phone_that_sleeps_holds_up_nobody_and_is_let_go(hall, monkeypatch):
    monkeypatch.setattr("dashboard.kl.hall.stream.STUCK", 0.2)

    class Sleeper(Listener):
        async def send(self, message):
            if message["type"] == "http.response.body":
                await asyncio.sleep(60)

    async def lecture():
        streams, sleeper, awake = hall.routes.streams, Sleeper(), Listener()
        tasks = [asyncio.create_task(streams.open(False)({}, each.receive, each.send)) for each in (sleeper, awake)]
        place = {"scene": "plane", "phase": "shown", "beta": 1}
        await asyncio.to_thread(hall.routes.hall.move, "me", place, None, True)
        await heard(lambda: awake.heard and awake.heard[-1]["place"] == place)
        await heard(lambda: streams.listening == 1)
        streams.end()
        await asyncio.wait_for(asyncio.gather(*tasks), 5)

    completed(lecture())


def test_a_vote_in_one_process_is_seen_by_who_listens_to_another(hall, tmp_path):
    async def lecture():
        other = Routes(tmp_path)
        presents = Listener()
        task = asyncio.create_task(other.streams.open(True)({}, presents.receive, presents.send))
        question = family.asked()["plane"]
        place = {"scene": "plane", "phase": "asking", "beta": 1}
        await asyncio.to_thread(hall.routes.hall.move, "me", place, question, True)
        await asyncio.to_thread(hall.routes.hall.vote, "one", question.round, 0)
        await heard(lambda: presents.heard and (presents.heard[-1]["tally"] or {}).get("bars") == [1, 0, 0, 0])
        other.streams.end()
        await asyncio.wait_for(task, 5)

    completed(lecture())


def test_a_full_hall_says_so(hall, monkeypatch):
    monkeypatch.setattr("dashboard.kl.hall.stream.LISTENERS", 0)
    late = Listener()
    completed(Streams(hall.routes.hall).open(False)({}, late.receive, late.send))
    assert late.status == 503


def test_new_passes_are_given_at_the_pace_of_a_full_hall(hall):
    hall.routes.passes.allows = lambda *_: False
    answer = ask(hall, "/vote")
    assert (answer.status, "Too many phones" in said(answer)) == (503, True)
