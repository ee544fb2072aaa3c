"""One hall: where its presenter is, what he asks, and one vote of each phone on each question.

All server processes that share a cache folder share the hall, through a journal in it: each change is a line, written
under a lock that dies with its process, and every process reads what the others have written. So a restart loses no
vote that was counted. Where the folder cannot be written, the hall lives in its one process.
"""

import logging
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from dashboard.kl.hall.questions import Question, read
from vae_core import sealed_files

VOTERS = 2000  # on one question; the largest halls have fewer seats
LONGEST = 2**21  # bytes of the journal, before it is written anew as short as it can be
LINE = 2**16  # bytes of a change
FORGOTTEN = 6 * 3600  # seconds after which who begins to present begins another lecture
PATIENCE = 2.0  # seconds for another process to write its line

log = logging.getLogger("vae_lab")


class Refused(ValueError):
    """What was asked of the hall is not done; the sentence says why, and the next step."""


class Hall:
    """Thread-safe. `version` grows with each change, `place` is where the presenter is."""

    def __init__(self, folder: Path | None) -> None:
        self.path = folder / "hall.jsonl" if folder else None
        self.lock = threading.RLock()
        self.version, self.read_to, self.file = 0, 0, None
        self._forget()

    def _forget(self) -> None:
        self.began, self.moved, self.leader, self.place = 0.0, 0.0, "", {}
        self.questions: dict[str, Question] = {}  # by their rounds
        self.asked: dict[str, str] = {}  # the last round of each scene
        self.votes: dict[str, dict[str, Any]] = {}  # by round and voter

    # What is read.

    def asking(self) -> Question | None:
        """The question that stands, also while its answer is marked."""
        stands = self.place.get("phase") in ("asking", "marked")
        return self.questions.get(self.asked.get(self.place["scene"], "")) if stands else None

    def tally(self, round_: str) -> dict[str, Any]:
        return self.questions[round_].tally(list(self.votes.get(round_, {}).values()))

    def results(self) -> dict[str, dict[str, Any]]:
        """Of each scene whose answer is known: how many voted, how many were right, and with what."""
        now, told = self.asking(), {}
        open_ = now.round if now and self.place["phase"] == "asking" else ""
        for scene, round_ in self.asked.items():
            if round_ != open_ and self.votes.get(round_):
                counted = self.tally(round_)
                did = self.questions[round_].did
                told[scene] = {"count": counted["count"], "right": counted["right"], "did": did}
        return told

    def catch_up(self) -> None:
        """Reads what other processes have written, and after a start what stood there before."""
        with self.lock:
            try:
                there = self.path.stat() if self.path else None
            except OSError:
                there = None
            if there is None:
                return
            if self.file != there.st_ino or there.st_size < self.read_to:
                self.file, self.read_to = there.st_ino, 0
                self._forget()
                self.version += 1
            if there.st_size == self.read_to:
                return
            with self.path.open("rb") as file:
                file.seek(self.read_to)
                new = file.read()
            whole = new[: new.rfind(b"\n") + 1]  # another process may be in the middle of a line
            self.read_to += len(whole)
            for line in whole.splitlines():
                self._take(line)

    def _take(self, line: bytes) -> None:
        """One line; a damaged one, of a process that was killed, is nothing."""
        try:
            change = sealed_files.row(line.decode())
            self._apply(change)
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("A damaged line of %s is left out.", self.path)
        self.version += 1

    def _apply(self, change: dict[str, Any]) -> None:
        if question := change.get("question"):
            question = read(question)
            self.questions[question.round] = question
            self.asked[question.scene] = question.round
        if "place" in change:
            self.place, self.leader = change["place"], change["leader"]
            self.began, self.moved = self.began or change["at"], change["at"]
        if "vote" in change:
            self.votes.setdefault(change["round"], {})[change["voter"]] = change["vote"]

    # What is changed.

    def move(self, leader: str, place: dict[str, Any], question: Question | None, begins: bool = False) -> None:
        """The presenter is somewhere else. One window leads: the last one in which somebody began to present."""
        with self._writing():
            if not begins and self.leader and leader != self.leader:
                raise Refused("Another window presents now. Press Present again, and this one leads the hall.")
            change = {"place": place, "leader": leader, "at": time.time()}
            if begins and self.moved and change["at"] - self.moved > FORGOTTEN:
                self._rewrite([])  # the votes of a rehearsal, or of last week
            if question is not None and question.round not in self.questions:
                change["question"] = question._asdict()
            elif question is not None and self.asked.get(question.scene) != question.round:
                change["question"] = self.questions[question.round]._asdict()
            self._write(change)

    def vote(self, voter: str, round_: str, vote: Any) -> str:
        """The last vote of a phone counts, until the answer is shown. Returns what the phone is told."""
        with self._writing():
            question = self.asking()
            if question is None or question.round != round_ or self.place["phase"] != "asking":
                raise Refused("This question is closed: your vote came too late to count.")
            if not question.takes(vote):
                raise Refused("That is no answer to this question: choose one on the page, and send it again.")
            votes = self.votes.get(round_, {})
            before = votes.get(voter)
            if before is None and len(votes) >= VOTERS:
                raise Refused(f"{VOTERS:,} phones have voted, and no more are counted.")
            if before != vote:
                self._write({"round": round_, "voter": voter, "vote": vote})
        again = before is not None and before != vote
        return "Your new vote counts instead of the one before." if again else "Your vote counts."

    def clear(self) -> None:
        """A new lecture: all votes go, the presenter stays where he is."""
        with self._writing():
            place, leader = self.place, self.leader
            standing = self.asking()
            self._forget()
            first = {"place": place, "leader": leader, "at": time.time()} if place else {}
            if standing:
                first["question"] = standing._asdict()
            self._rewrite([first] if first else [])

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """The hall to itself: no thread and no other process writes meanwhile, and what they wrote is read."""
        with self.lock, self._file_lock():
            self.catch_up()
            yield

    @contextmanager
    def _file_lock(self) -> Iterator[None]:
        lock = self._locked() if self.path else None
        try:
            yield
        finally:
            if lock:
                lock.release()

    def _locked(self) -> FileLock | None:
        lock = FileLock(self.path.with_suffix(".lock"), timeout=PATIENCE)
        try:
            sealed_files.make(self.path.parent)
            lock.acquire()
            end_torn_line(self.path)
        except Timeout:
            raise Refused("The server is busy: send it again in a moment.") from None
        except OSError as error:
            lock.release()
            log.warning("The hall is kept in memory only, for its folder cannot be written: %s", error)
            self.path = None
            return None
        return lock

    def _write(self, change: dict[str, Any]) -> None:
        """Appends, then applies, so that what counts is on the disk."""
        line = sealed_files.lines([change])
        if len(line) > LINE:
            raise Refused("That is more than the hall keeps of one change.")
        if self.path:
            with self.path.open("ab") as file:
                file.write(line)
            self.read_to += len(line)
            self.file = self.file or self.path.stat().st_ino
        self._apply(change)
        self.version += 1
        if self.read_to > LONGEST:
            self._rewrite(self._as_lines())

    def _as_lines(self) -> list[dict[str, Any]]:
        """The journal, as short as it can be."""
        asked = [{"question": self.questions[r]._asdict()} for r in self.asked.values()]
        places = [{"place": self.place, "leader": self.leader, "at": at} for at in (self.began, self.moved)]
        kept = [
            {"round": r, "voter": who, "vote": v}
            for r in self.asked.values()
            for who, v in self.votes.get(r, {}).items()
        ]
        return [*asked, *places, *kept]

    def _rewrite(self, changes: list[dict[str, Any]]) -> None:
        if self.path:
            sealed_files.write(self.path, sealed_files.lines(changes), durable=False)
            self.file, self.read_to = self.path.stat().st_ino, 0
        self._forget()
        for change in changes:
            self._apply(change)
        self.read_to = self.path.stat().st_size if self.path else 0
        self.version += 1


def end_torn_line(path: Path) -> None:
    """A process that was killed in the middle of a line leaves no end of it; the next line begins after one."""
    with path.open("ab+") as file:
        if file.tell() and os.pread(file.fileno(), 1, file.tell() - 1) != b"\n":
            file.write(b"\n")
