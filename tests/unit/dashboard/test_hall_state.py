"""The hall forgets no vote that it has counted, and nobody but its leader moves it."""

import json
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from dashboard.kl.hall import state
from dashboard.kl.hall.passes import Passes
from dashboard.kl.hall.questions import Question
from dashboard.kl.hall.state import Hall, Refused
from tests.server import ROOT

QUESTION = Question("plane", "Which?", "choice", ("a", "b"), 1, "said “b”", "It is b.", {})
OTHER = Question("cost", "What?", "choice", ("c", "d"), 0, "said “c”", "It is c.", {})


def place(scene="plane", phase="asking", beta=1):
    return {"scene": scene, "phase": phase, "beta": beta}


@pytest.fixture
def hall(tmp_path):
    hall = Hall(tmp_path / "hall")
    hall.move("me", place(), QUESTION, begins=True)
    return hall


def counted(hall, question=QUESTION):
    hall.catch_up()
    return hall.tally(question.round)["bars"]


def test_a_second_vote_takes_the_place_of_the_first(hall):
    assert hall.vote("one", QUESTION.round, 0) == "Your vote counts."
    assert hall.vote("two", QUESTION.round, 1) == "Your vote counts."
    assert "instead" in hall.vote("one", QUESTION.round, 1)
    assert hall.vote("one", QUESTION.round, 1) == "Your vote counts."
    assert counted(hall) == [0, 2]


def test_what_comes_late_or_is_no_answer_is_refused_in_a_sentence(hall):
    with pytest.raises(Refused, match="no answer"):
        hall.vote("one", QUESTION.round, 2)
    with pytest.raises(Refused, match="too late"):
        hall.vote("one", OTHER.round, 0)
    for phase in ("marked", "shown", "over"):
        hall.move("me", place(phase=phase), QUESTION)
        with pytest.raises(Refused, match="too late"):
            hall.vote("one", QUESTION.round, 0)
    assert counted(hall) == [0, 0]


def test_a_question_that_is_asked_again_keeps_its_votes_and_takes_more(hall):
    hall.vote("one", QUESTION.round, 0)
    hall.move("me", place("cost"), OTHER)
    hall.vote("one", OTHER.round, 0)
    hall.move("me", place(), QUESTION)
    hall.vote("two", QUESTION.round, 1)
    assert counted(hall) == [1, 1]
    assert hall.results() == {"cost": {"count": 1, "right": 1, "did": "said “c”"}}, "of the open one nothing is told"


def test_a_question_of_another_family_begins_anew(hall):
    hall.vote("one", QUESTION.round, 0)
    hall.move("me", place(), QUESTION._replace(choices=("a", "c")))
    assert hall.results() == {}
    with pytest.raises(Refused, match="too late"):
        hall.vote("two", QUESTION.round, 0)


def test_one_window_leads_and_the_one_that_begins_last_takes_over(hall):
    with pytest.raises(Refused, match="Another window"):
        hall.move("other", place("cost"), OTHER)
    hall.move("other", place("cost"), OTHER, begins=True)
    with pytest.raises(Refused, match="Another window"):
        hall.move("me", place(), QUESTION)
    assert hall.place["scene"] == "cost"


def test_a_server_that_starts_again_knows_every_vote(hall, tmp_path):
    for k in range(20):
        hall.vote(f"phone {k}", QUESTION.round, k % 2)
    again = Hall(tmp_path / "hall")
    assert counted(again) == [10, 10]
    assert again.asking() == QUESTION
    again.vote("late", QUESTION.round, 1)
    assert counted(hall) == [10, 11], "and the other process reads on"


def test_what_a_killed_process_left_of_a_line_costs_no_other_vote(hall, tmp_path):
    hall.vote("one", QUESTION.round, 0)
    with hall.path.open("ab") as file:
        file.write(b'{"round": "plane", "voter": "to')
    hall.vote("three", QUESTION.round, 1)
    hall.vote("four", QUESTION.round, 1)
    assert counted(hall) == counted(Hall(tmp_path / "hall")) == [1, 2]


def test_a_changed_bit_costs_that_vote_alone(hall, tmp_path):
    for name in ("one", "two", "three"):
        hall.vote(name, QUESTION.round, 0)
    hall.path.write_bytes(hall.path.read_bytes().replace(b'"voter": "two", "vote": 0', b'"voter": "two", "vote": 1'))
    assert counted(Hall(tmp_path / "hall")) == [2, 0]


VOTER = """
import sys
from pathlib import Path
from dashboard.kl.hall.state import Hall
hall = Hall(Path(sys.argv[1]))
for k in range(int(sys.argv[3])):
    hall.vote(f"{sys.argv[2]} {k}", sys.argv[4], k % 2)
    print(k, flush=True)
"""


def test_several_processes_vote_at_once_and_one_is_killed_in_the_middle(hall, tmp_path):
    def start(name, count):
        command = [sys.executable, "-c", VOTER, str(tmp_path / "hall"), name, str(count), QUESTION.round]
        return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)

    with start("whole", 40) as whole, start("killed", 100_000) as killed:
        told = [killed.stdout.readline() for _ in range(30)]
        killed.kill()
        told += killed.stdout.readlines()
        whole.communicate(timeout=60)
    assert whole.returncode == 0
    hall.catch_up()
    votes = hall.votes[QUESTION.round]
    assert sum(name.startswith("whole") for name in votes) == 40
    answered = len([line for line in told if line.endswith("\n")])
    assert answered <= sum(name.startswith("killed") for name in votes) <= answered + 1, "what was answered is counted"
    hall.vote("after", QUESTION.round, 0)


def test_threads_vote_at_once(hall):
    each = [threading.Thread(target=hall.vote, args=(f"phone {k}", QUESTION.round, k % 2)) for k in range(30)]
    for thread in each:
        thread.start()
    for thread in each:
        thread.join()
    assert counted(hall) == [15, 15]


def test_all_votes_go_when_the_presenter_says_so_and_the_question_stays(hall, tmp_path):
    hall.vote("one", QUESTION.round, 0)
    other = Hall(tmp_path / "hall")
    assert counted(other) == [1, 0]
    hall.clear()
    assert counted(hall) == counted(other) == [0, 0]
    assert hall.vote("one", QUESTION.round, 1) == "Your vote counts."
    assert counted(other) == [0, 1]


def test_a_lecture_hours_later_is_another_one_and_a_break_is_none(hall, tmp_path, monkeypatch):
    now = state.time.time()
    hall.vote("one", QUESTION.round, 0)
    for hours, left in ((1, [1, 0]), (6.5, [1, 0]), (13, [0, 0])):
        monkeypatch.setattr(state.time, "time", lambda hours=hours: now + 3600 * hours)
        hall.move("me", place(), QUESTION, begins=True)
        assert counted(hall) == counted(Hall(tmp_path / "hall")) == left


def test_no_more_votes_than_seats_and_the_journal_stays_short(hall, tmp_path, monkeypatch):
    monkeypatch.setattr(state, "VOTERS", 3)
    monkeypatch.setattr(state, "LONGEST", 3000)
    for k in range(3):
        hall.vote(f"phone {k}", QUESTION.round, 0)
    with pytest.raises(Refused, match="no more are counted"):
        hall.vote("phone 4", QUESTION.round, 0)
    for k in range(60):
        hall.vote("phone 1", QUESTION.round, k % 2)
        hall.move("me", place(beta=k), QUESTION)
    assert hall.path.stat().st_size < 3000 + 500
    assert counted(hall) == counted(Hall(tmp_path / "hall")) == [2, 1]


def test_a_folder_that_cannot_be_written_leaves_a_hall_of_one_process(tmp_path):
    (tmp_path / "file").write_text("no folder")
    hall = Hall(tmp_path / "file" / "hall")
    hall.move("me", place(), QUESTION, begins=True)
    hall.vote("one", QUESTION.round, 0)
    assert counted(hall) == [1, 0]


def test_nothing_of_a_voter_is_kept_but_a_random_name(hall):
    passes = Passes(hall.path.parent)
    voter = passes.voter(passes.issue())
    hall.vote(voter, QUESTION.round, 1)
    row = json.loads(hall.path.read_text("utf-8").splitlines()[-1])
    assert set(row) == {"round", "voter", "vote", "crc"}
    assert row["voter"] == voter


def test_a_pass_counts_only_if_it_is_from_here_and_for_all_processes(tmp_path):
    one, other, elsewhere = Passes(tmp_path), Passes(tmp_path), Passes(tmp_path / "elsewhere")
    issued = one.issue()
    assert one.voter(issued) == other.voter(issued) is not None
    assert elsewhere.voter(issued) is None
    name, seal = issued.split(".")
    for forged in ("", ".", "a.b", f"{name}.", f".{seal}", f"x{name}.{seal}", f"{name}.{seal[::-1]}", "ä.ö", name):
        assert one.voter(forged) is None
    assert (tmp_path / "hall.key").stat().st_mode & 0o077 == 0


def test_a_phone_that_hurries_waits_and_others_do_not(tmp_path):
    passes = Passes(tmp_path)
    assert [passes.allows("fast") for _ in range(7)] == [True] * 5 + [False] * 2
    assert passes.allows("slow")


def test_the_start_of_many_processes_makes_one_key(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        issued = list(pool.map(lambda _: Passes(tmp_path).issue(), range(8)))
    assert all(Passes(tmp_path).voter(each) for each in issued)
