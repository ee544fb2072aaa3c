"""The same training on every kind of executor, and workers that die, are left alone or cannot write."""

import json
import os
import signal
import subprocess
import sys
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.inline_executor import Inline
from tests.waiting import LIMIT, until
from vae_core.data.datasets import load_dataset
from vae_core.jobs.queue import Jobs
from vae_core.jobs.task import request, work
from vae_core.jobs.workers import WorkerDied, Workers, plain
from vae_core.runs.store import Runs
from vae_core.runs.training_run import Command, in_training, send
from vae_core.settings import RunSettings

ROOT = Path(__file__).parents[3]


@pytest.fixture
def bars(bars):
    """(path, settings): images of one's own, and a training on them that takes a moment."""
    settings = RunSettings().with_fields(
        name="bars",
        fingerprint=load_dataset(bars).fingerprint,
        encoder=(8,),
        decoder=(8,),
        steps=40,
        batch=20,
        validation=10,
    )
    return bars, settings


@pytest.fixture
def workers():
    made = Workers()
    yield made
    made.shutdown(cancel_futures=True)


@pytest.fixture
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def answer(executor, bars, folder):
    path, settings = bars
    return json.loads(executor.submit(work, request(settings, Runs(folder), data=path)).result(LIMIT))


def test_the_same_training_gives_the_same_weights_on_every_executor(bars, workers, one_thread, tmp_path):
    spawned = ProcessPoolExecutor(1, get_context("spawn"), torch.set_num_threads, (1,))
    made = {
        "inline": answer(Inline(), bars, tmp_path / "inline"),
        "workers": answer(workers, bars, tmp_path / "workers"),
        "processes": answer(spawned, bars, tmp_path / "processes"),
    }
    spawned.shutdown()
    assert len({(m["sha256"], m["status"], m["threads"]) for m in made.values()}) == 1, made


def test_a_dask_cluster_gives_the_same_weights(bars, one_thread, tmp_path):
    distributed = pytest.importorskip("distributed", reason="dask.distributed is not installed")
    options = {"n_workers": 2, "threads_per_worker": 1, "host": "127.0.0.1", "dashboard_address": None}
    with distributed.LocalCluster(processes=True, **options) as cluster, distributed.Client(cluster) as client:
        far = answer(client.get_executor(), bars, tmp_path / "dask")
    near = answer(Inline(), bars, tmp_path / "inline")
    assert (far["sha256"], far["status"], far["threads"]) == (near["sha256"], "done", 1)


def test_a_diverged_training_is_a_result_that_names_the_term_and_the_remedy(bars, tmp_path):
    path, settings = bars
    wild = settings.with_fields(
        likelihood="gaussian", pixels="dequantised", optimizer="sgd", learning_rate=10.0, schedule="constant"
    )
    runs = Runs(tmp_path / "runs")
    made = json.loads(work(request(wild, runs, data=path)))
    assert made["status"] == "diverged"
    assert "term stopped being a number at step" in made["why"]
    assert "Try a smaller learning rate" in made["why"]
    entry = runs.get(made["key"])
    assert (entry.ready, entry.why) == (True, made["why"])
    assert all(np.isfinite(weight).all() for weight in entry.weights().values()), "the last finite model can be used"
    assert np.isfinite(entry.metrics["reconstruction"])


def test_what_cannot_be_trained_fails_its_own_call_with_its_sentence(bars, workers, tmp_path):
    path, settings = bars
    asked = request(settings.with_fields(fingerprint="b" * 64), Runs(tmp_path / "runs"), data=path)
    for executor in (Inline(), workers):
        with pytest.raises(ValueError, match="is another one than these settings were made for"):
            executor.submit(work, asked).result(LIMIT)
    missing = request(settings, Runs(tmp_path / "runs"), data=str(tmp_path / "nowhere.npz"))
    with pytest.raises(ValueError, match="There is no data set"):
        workers.submit(work, missing).result(LIMIT)


def test_errors_are_made_plain_enough_to_travel():
    from pickle import dumps, loads

    from vae_core.data.checksums import DamagedError
    from vae_core.training.train import Diverged

    for special in (DamagedError("torn", Path("x")), Diverged("bad", None, 3)):
        with pytest.raises(TypeError):
            loads(dumps(special))  # the control: this is what breaks a whole ProcessPoolExecutor
        assert str(loads(dumps(plain(special)))) == str(special)
    assert str(plain(KeyError())) == "KeyError: "


@pytest.mark.long
def test_a_killed_worker_fails_its_own_call_and_the_next_one_works(workers):
    from vae_core.runs import training_run

    future = workers.submit(signal.raise_signal, int(signal.SIGKILL))
    with pytest.raises(WorkerDied, match=r"killed \(exit code -9\): usually memory ran out"):
        future.result(LIMIT)
    assert workers.submit(training_run.now).result(LIMIT)
    assert "exit code 3; workers.log" in str(WorkerDied(3))
    assert "ended by SIGSEGV (exit code -11)" in str(WorkerDied(-11))


@pytest.mark.long
def test_a_spare_that_died_in_reserve_costs_nothing(workers):
    from vae_core.runs import training_run

    workers.prepare()
    spare = workers._spare
    spare.kill()
    spare.wait()
    assert workers.submit(training_run.now).result(LIMIT)


def test_after_shutdown_nothing_is_taken_and_nothing_hangs():
    workers = Workers()
    workers.shutdown()
    with pytest.raises(RuntimeError, match="were shut down"):
        workers.submit(work, "")


SERVER = """
import sys, time
from vae_core.runs.store import Runs
from vae_core.settings import RunSettings
from vae_core.jobs.queue import Jobs
from vae_core.jobs.workers import Workers
import json
settings, runs = RunSettings.from_dict(json.loads(sys.argv[1])), Runs(sys.argv[2])
queue = Jobs(runs, Workers(1))
queue.submit(settings, data=sys.argv[3])
queue.submit(settings.with_fields(seed=5), data=sys.argv[3])
time.sleep(600)
"""


@pytest.fixture
def server(bars, tmp_path):
    """A server with a training that would take for ever, and one that waits; (process, runs, key)."""
    path, settings = bars
    endless, runs = settings.with_fields(steps=10_000_000), Runs(tmp_path / "runs")
    arguments = [json.dumps(endless.to_dict()), str(runs.folder), path]
    env = os.environ | {"VAE_WORKER_PATIENCE": "0.5", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen([sys.executable, "-c", SERVER, *arguments], cwd=ROOT, env=env)
    key = endless.key()
    until(lambda: (entry := runs.get(key)) and entry.history(), "a first report")
    yield process, runs, key
    process.kill()
    process.wait()
    for entry in runs.list():
        if in_training(entry.folder):
            send(entry.folder, Command(stop=True))
            until(lambda folder=entry.folder: not in_training(folder), "the end")


def test_workers_of_a_killed_server_bring_their_work_to_safety_and_leave(server):
    process, runs, key = server
    process.kill()
    process.wait()
    assert runs.get(key).status in ("running", "stopped")
    until(lambda: not in_training(runs.folder / key), "the worker to leave")
    entry = runs.get(key)
    assert (entry.status, entry.ready) == ("stopped", True)
    assert (entry.folder / f"checkpoint-{entry.step}.json").exists()


def test_a_restarted_server_adopts_what_runs_and_queues_what_waited(server):
    process, runs, key = server
    workers = Workers()  # it supervises before the old one dies
    process.kill()
    process.wait()
    queue = Jobs(runs, workers)
    other = next(entry for entry in runs.list() if entry.key != key)
    assert (runs.get(key).status, other.status) == ("running", "queued")
    assert queue.place(other.key) == 1
    assert queue.submit(runs.get(key).settings).status == "running", "attached, not trained twice"
    assert queue.place(key) is None
    queue.stop(key)
    until(lambda: runs.get(key).status == "stopped", "the adopted one to stop")
    # asked now and then: "stopped" is said a moment before its process lets go of the run
    until(lambda: queue.move_up() or runs.get(other.key).history(), "the one that waited")
    queue.stop(other.key)
    until(lambda: runs.get(other.key).status == "stopped", "the other one to stop")
    workers.shutdown()
