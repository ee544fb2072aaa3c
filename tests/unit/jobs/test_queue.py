"""The queue in front of the trainings: who waits for whom, who attaches, and what becomes of those that fail."""

import json
from concurrent.futures import Executor, Future
from pathlib import Path

import pytest

from vae_core.data.datasets import load_dataset
from vae_core.jobs import queue as job_queue
from vae_core.jobs import task
from vae_core.jobs.queue import Jobs, QueueFull
from vae_core.jobs.task import outcome, work
from vae_core.jobs.workers import WorkerDied
from vae_core.runs.store import Runs
from vae_core.settings import RunSettings


class Later(Executor):
    """Does nothing until told: `finish` runs a call, `fail` ends it with an error."""

    def __init__(self):
        self.calls = []

    def submit(self, function, /, *arguments):
        future = Future()
        future.set_running_or_notify_cancel()
        self.calls.append((future, function, arguments))
        return future

    @property
    def keys(self):
        return [RunSettings.from_dict(json.loads(arguments[0])["settings"]).key() for _, _, arguments in self.calls]

    def finish(self, place=0):
        future, function, arguments = self.calls.pop(place)
        future.set_result(function(*arguments))

    def fail(self, error, place=0):
        self.calls.pop(place)[0].set_exception(error)


@pytest.fixture
def settings(bars):
    """Many of them: `settings[3]` differs in its seed."""
    fingerprint = load_dataset(bars).fingerprint
    made = RunSettings().with_fields(
        name="bars", fingerprint=fingerprint, encoder=(8,), decoder=(8,), steps=20, batch=20, validation=10
    )
    return [made.with_fields(seed=seed) for seed in range(10)]


@pytest.fixture
def later():
    return Later()


@pytest.fixture
def queue(runs, later, bars):
    made = Jobs(runs, later)
    submit = made.submit
    made.submit = lambda *arguments, **more: submit(*arguments, **{"data": bars} | more)
    return made


def test_a_queue_is_first_come_first_served(queue, later, runs, settings):
    for n in range(3):
        assert queue.submit(settings[n], who=f"visitor {n}").status == "queued"
    assert [queue.place(s.key()) for s in settings[:4]] == [0, 1, 2, None]
    assert later.keys == [settings[0].key()]
    later.finish()
    assert runs.get(settings[0].key()).status == "done"
    assert [queue.place(s.key()) for s in settings[:3]] == [None, 0, 1]
    assert later.keys == [settings[1].key()]


def test_each_visitor_has_one_that_runs_and_two_that_wait(runs, later, settings, bars):
    queue = Jobs(runs, later, at_once=2)
    for s in settings[: job_queue.PER_VISITOR]:
        queue.submit(s, who="a", data=bars)
    with pytest.raises(QueueFull, match="3 of your trainings run or wait already"):
        queue.submit(settings[3], who="a", data=bars)
    queue.submit(settings[4], who="b", data=bars)
    assert later.keys == [settings[0].key(), settings[4].key()], "the other place goes to somebody else"
    later.finish(1)
    assert later.keys == [settings[0].key()], "and stays free for the next one"
    later.finish()
    assert later.keys == [settings[1].key()]


def test_a_sweep_counts_as_one_and_leaves_out_what_is_here(runs, later, settings, bars):
    queue = Jobs(runs, later)
    queue.submit(settings[0], who="a", data=bars)
    later.finish()
    assert queue.sweep(settings[:4], who="a", data=bars) == 3, "the first one is here already"
    assert queue.sweep(settings[:4], who="a", data=bars) == 0, "and now all of them are asked for"
    queue.submit(settings[4], who="a", data=bars)
    queue.submit(settings[5], who="a", data=bars)
    with pytest.raises(QueueFull, match="3 of your trainings"):
        queue.submit(settings[6], who="a", data=bars)
    for _ in range(5):
        later.finish()
    assert [runs.get(s.key()).status for s in settings[:6]] == ["done"] * 6


def test_a_sweep_that_is_too_large_is_refused_before_anything_begins(runs, later, settings):
    many = [settings[0].with_fields(seed=n) for n in range(job_queue.LARGEST_SWEEP + 1)]
    with pytest.raises(QueueFull, match="That is 31 trainings, at most 30 go at once"):
        Jobs(runs, later).sweep(many, who="a")
    assert later.calls == []


def test_whoever_asks_again_attaches(queue, later, settings):
    queue.submit(settings[0], who="a")
    assert queue.submit(settings[0], who="b").key == settings[0].key()
    assert len(later.calls) == 1
    later.finish()
    assert queue.submit(settings[0], who="c").status == "done"
    assert later.calls == []


def test_a_waiting_one_is_taken_back_and_a_running_one_gets_the_order(queue, later, runs, settings):
    queue.submit(settings[0], who="a")
    queue.submit(settings[1], who="b")
    queue.stop(settings[1].key())
    assert (queue.place(settings[1].key()), runs.get(settings[1].key()).status) == (None, "stopped")
    queue.stop(settings[0].key())
    later.finish()
    stopped = runs.get(settings[0].key())
    assert (stopped.status, stopped.step) == ("stopped", 1)
    queue.submit(settings[0], who="a")
    assert runs.get(settings[0].key()).status == "queued"
    later.finish()
    assert runs.get(settings[0].key()).status == "done"
    queue.stop("nobody")


def test_a_stopped_run_that_waits_to_go_on_can_be_taken_back(queue, later, runs, settings):
    queue.submit(settings[0])
    queue.stop(settings[0].key())
    later.finish()
    queue.submit(settings[1])
    queue.submit(settings[0])
    assert runs.get(settings[0].key()).status == "queued"
    queue.stop(settings[0].key())
    assert (runs.get(settings[0].key()).status, runs.get(settings[0].key()).ready) == ("stopped", True)


def test_a_dead_worker_fails_its_job_with_the_reason_and_the_queue_goes_on(queue, later, runs, settings):
    for n in range(3):
        queue.submit(settings[n], who=str(n))
    later.fail(WorkerDied(-9))
    failed = runs.get(settings[0].key())
    assert failed.status == "failed"
    assert "exit code -9" in failed.why
    later.finish()
    later.finish()
    assert [runs.get(s.key()).status for s in settings[1:3]] == ["done", "done"]
    queue.submit(settings[0])
    later.finish()
    assert (runs.get(settings[0].key()).status, runs.get(settings[0].key()).why) == ("done", "")


def test_an_executor_that_takes_nothing_fails_the_jobs_and_does_not_block(runs, settings, bars):
    class Broken(Executor):
        def submit(self, *_):
            raise RuntimeError("broken")

    queue = Jobs(runs, Broken())
    assert [queue.submit(s, data=bars).status for s in settings[:2]] == ["failed", "failed"]
    assert runs.get(settings[0].key()).why == "broken"


def test_an_executor_that_works_at_once_may_be_given_many(runs, settings, bars):
    from tests.inline_executor import Inline

    later = Later()
    queue = Jobs(runs, later)
    for n, s in enumerate(settings[:4]):
        queue.submit(s, who=str(n), data=bars)
    queue.executor = Inline()
    later.finish()
    assert [runs.get(s.key()).status for s in settings[:4]] == ["done"] * 4


def test_what_waited_when_a_server_ended_waits_again_with_its_data(queue, later, runs, settings, bars):
    queue.submit(settings[0], name="the first", who="a")
    queue.submit(settings[1], who="a")
    again = Later()
    fresh = Jobs(runs, again)
    assert {fresh.place(s.key()) for s in settings[:2]} == {0, 1}
    while again.calls:
        again.finish()
    assert [runs.get(s.key()).status for s in settings[:2]] == ["done", "done"]
    assert runs.get(settings[0].key()).name == "the first"


def test_a_run_whose_process_vanished_is_interrupted_and_goes_on_when_asked(queue, later, runs, settings):
    with runs.draft(settings[0]) as draft:
        assert runs.get(settings[0].key()).status == "running"
        draft.status("running", 7)
    assert runs.get(settings[0].key()).status == "interrupted"
    queue.submit(settings[0])
    later.finish()
    assert runs.get(settings[0].key()).status == "done"


def test_a_worker_with_another_working_folder_writes_where_it_was_asked_to(settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    asked = json.loads(task.request(settings[0], Runs(Path("cache/runs"), quarantine=Path("cache/bad"))))
    assert (asked["runs"], asked["quarantine"]) == (str(tmp_path / "cache/runs"), str(tmp_path / "cache/bad"))


def test_a_damaged_finished_run_is_trained_again(queue, later, runs, settings, bars, tmp_path):
    asked = task.request(settings[0], runs, data=bars)
    first = json.loads(work(asked))
    path = runs.folder / first["key"] / "model.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    assert json.loads(work(asked))["sha256"] == first["sha256"]
    assert runs.load(first["key"])
    assert len(list((tmp_path / "quarantine").iterdir())) == 1


def test_an_outcome_is_the_same_from_the_cache(runs, settings, bars):
    first = json.loads(work(task.request(settings[0], runs, data=bars)))
    assert outcome(runs.get(first["key"])).items() <= first.items()


def test_settings_that_make_no_sense_reach_no_worker(settings):
    for field, value in [("beta", float("nan")), ("steps", -1), ("batch", 10**9), ("latent_dim", "2"), ("tempo", 1)]:
        with pytest.raises(ValueError, match=field):
            settings[0].with_fields(**{field: value})
    with pytest.raises(ValueError, match="has no field tempo"):
        RunSettings.from_dict({"train": {"tempo": 1}})
