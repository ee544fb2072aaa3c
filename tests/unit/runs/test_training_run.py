"""A run while it is trained: orders, what is shown of it, checkpoints, and its lock."""

import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest

from tests.waiting import until
from vae_core.jobs.trainer import train_run
from vae_core.runs import training_run
from vae_core.runs.store import Runs, SealError
from vae_core.runs.training_run import Busy, Command, received, send, snapshot_steps
from vae_core.sealed_files import Unwritable, append, read_lines, read_sealed, write_sealed
from vae_core.settings import RunSettings
from vae_core.training.train import initial

ROOT = Path(__file__).parents[3]
SMALL = RunSettings().with_fields(name="strokes", encoder=(16,), decoder=(16,), steps=60, batch=50, validation=100)


@pytest.fixture
def training(runs, digits):
    """Starts a training in a thread; `training.home` is where it writes, and it has ended when the test does."""

    class Training:
        key = SMALL.with_fields(fingerprint=digits.fingerprint).key()
        home = runs.folder / key
        thread = None

        def start(self, settings=SMALL, **more):
            self.home = runs.folder / settings.with_fields(fingerprint=digits.fingerprint).key()
            self.key = self.home.name
            self.thread = threading.Thread(target=train_run, args=(settings, digits, runs), kwargs=more)
            self.thread.start()

        def reaches(self, status, step=None):
            def there():
                entry = runs.get(self.key)
                return entry and entry.status == status and step in (None, entry.step)

            until(there, f"{status} at {step}")

        def ends(self):
            self.thread.join(60)
            assert not self.thread.is_alive()
            return runs.get(self.key)

    made = Training()
    yield made
    if made.thread and made.thread.is_alive():
        send(made.home, Command(stop=True))
        made.thread.join(60)


def test_a_training_holds_goes_one_step_on_and_stops_where_it_is_told(training, runs):
    training.start(tell=lambda p, _: p.step == 20 and send(training.home, Command(until=20)))
    training.reaches("paused", 20)
    entry = runs.get(training.key)
    entry.order(until=21)
    training.reaches("paused", 21)
    assert runs.get(training.key).live() == 21
    assert entry.at()[0] == 21
    entry.order(until=50)
    training.reaches("paused", 50)
    entry.order(stop=True)
    stopped = training.ends()
    assert (stopped.status, stopped.step, stopped.ready) == ("stopped", 50, True)


def test_a_held_training_goes_on_to_the_weights_it_would_have_had(training, runs, digits, tmp_path):
    training.start(tell=lambda p, _: p.step == 20 and send(training.home, Command(until=20)))
    training.reaches("paused", 20)
    runs.get(training.key).order()
    done = training.ends()
    quiet = train_run(SMALL, digits, Runs(tmp_path / "other"))
    assert done.status == "done"
    for name, weight in quiet.weights().items():
        np.testing.assert_array_equal(done.weights()[name], weight)


def test_who_holds_too_long_is_stopped_to_free_its_memory(training, monkeypatch):
    monkeypatch.setattr("vae_core.jobs.trainer.IDLE", 0.05)
    training.start(tell=lambda p, _: p.step == 20 and send(training.home, Command(until=20)))
    stopped = training.ends()
    assert (stopped.status, stopped.step) == ("stopped", 20)


@pytest.mark.parametrize("steps", [1, 2, 7, 60, 1800, 10_000_000])
def test_large_weights_are_kept_less_often(steps):
    """128x128 images and the default network: 34 MB a snapshot, of which all would be 700 MB."""
    every, few = snapshot_steps(steps, 2_300_000), snapshot_steps(steps, 34_000_000)
    assert every == snapshot_steps(steps)
    assert {0, steps} <= few <= every
    assert len(few) <= 6
    assert len(snapshot_steps(steps, 12_000_000)) * 12_000_000 <= 200e6
    gaps = np.diff(np.log(sorted(few)[1:]))
    assert steps < 1000 or gaps.max() < np.log(steps) / 2.9, "spread over the whole training"


def test_how_many_snapshots_there_are_follows_from_the_bytes_of_the_weights(runs, digits, monkeypatch):
    size = 2 * sum(t.numel() for t in initial(SMALL, digits).state_dict().values())
    monkeypatch.setattr("vae_core.runs.training_run.SNAPSHOT_BYTES", 8.5 * size)
    entry = train_run(SMALL, digits, runs)
    assert entry.snapshots() == sorted(snapshot_steps(60, size))
    assert 6 <= len(entry.snapshots()) <= 8
    assert sum(p.stat().st_size for p in entry.folder.glob("snapshot-*")) <= 8.5 * size * 1.1


def test_snapshots_are_dense_where_most_happens_and_can_be_scrubbed_through(runs, digits):
    entry = train_run(SMALL, digits, runs)
    assert entry.snapshots() == sorted(snapshot_steps(60))
    assert {0, 1, 2, 60} <= set(entry.snapshots())
    final = entry.at(60)[1].state_dict()["decoder.0.weight"].numpy()
    np.testing.assert_allclose(final, entry.weights()["decoder.0.weight"], rtol=1e-3)
    assert not np.array_equal(final, entry.at(0)[1].state_dict()["decoder.0.weight"].numpy())
    with pytest.raises(SealError, match=r"snapshot-7777\.safetensors"):
        entry.at(7777)
    assert entry.live() is None
    with pytest.raises(SealError, match="shows no model now; choose one of its snapshots"):
        entry.at()


def test_weights_that_are_shown_are_sealed_in_themselves(runs):
    weights = {"w": np.arange(6, dtype=np.float16), "step": np.array(3)}
    runs.folder.mkdir()
    path = runs.folder / "live.safetensors"
    whole = training_run._live(weights)
    path.write_bytes(whole)
    assert int(training_run.live(runs.folder)["step"]) == 3
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 16]) + whole[place + 1 :])
        with pytest.raises(SealError):
            training_run.live(runs.folder)


def test_a_name_and_a_pin_stay_with_the_run_and_are_not_part_of_its_seal(runs, digits):
    entry = train_run(SMALL, digits, runs)
    entry.called("my first", pinned=True)
    assert (runs.get(entry.key).name, runs.get(entry.key).pinned) == ("my first", True)
    runs.get(entry.key).called(pinned=False)
    assert (runs.get(entry.key).name, runs.get(entry.key).pinned) == ("my first", False)
    assert runs.load(entry.key)
    (entry.folder / "label.json").write_text("not what it was")
    assert runs.get(entry.key).name == entry.name, "a damaged label is no label"


def test_a_damaged_checkpoint_is_put_aside_and_the_older_one_goes_on(runs, digits, tmp_path):
    seen = []

    def tell(progress, _):
        seen.append(progress.step)
        if progress.step in (20, 40):
            send(runs.list()[0].folder, Command(until=progress.step))
            threading.Thread(target=release, args=(runs.list()[0].folder, progress.step)).start()

    def release(folder, step):
        until(lambda: training_run.checkpoints(folder)[:1] == [step], "the checkpoint of a training that holds")
        send(folder, Command(stop=step == 40))

    stopped = train_run(SMALL, digits, runs, tell=tell)
    assert training_run.checkpoints(stopped.folder) == [40, 20]
    path = stopped.folder / "checkpoint-40.safetensors"
    path.write_bytes(path.read_bytes()[:-1])
    seen.clear()
    done = train_run(SMALL, digits, runs, tell=lambda p, _: seen.append(p.step))
    assert min(seen) == 21 or min(seen) == min(s for s in snapshot_steps(60) if s > 20)
    assert done.status == "done"
    assert len(list((tmp_path / "quarantine").iterdir())) == 2, "the checkpoint and its seal"
    quiet = train_run(SMALL, digits, Runs(tmp_path / "other"))
    assert quiet.manifest["files"]["model.safetensors"] == done.manifest["files"]["model.safetensors"]


def test_whoever_waited_for_the_lock_of_a_removed_run_gets_a_new_one(runs):
    """The lock of a folder that has gone guards nothing."""
    first = training_run.lock(runs.folder / "run")
    (runs.folder / "run").rename(runs.folder / ".gone")
    second = training_run.lock(runs.folder / "run")
    assert training_run.in_training(runs.folder / "run")
    first.release()
    assert training_run.in_training(runs.folder / "run")
    second.release()
    assert not training_run.in_training(runs.folder / "run")


def test_two_who_ask_whether_a_run_is_trained_do_not_take_each_other_for_its_trainer(runs):
    mine = training_run.lock(runs.folder / "run")
    mine.release()
    answers, path = [], runs.folder / "run" / "run.lock"
    threads = [
        threading.Thread(target=lambda: answers.extend(training_run.held(path) for _ in range(200))) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not any(answers)


def test_a_run_that_another_process_trains_is_busy(runs):
    code = (
        "import sys, time; from pathlib import Path; from vae_core.runs.training_run import lock;"
        "held = lock(Path(sys.argv[1])); print('held', flush=True); time.sleep(60)"
    )
    home = runs.folder / "run"
    other = subprocess.Popen([sys.executable, "-c", code, str(home)], stdout=subprocess.PIPE, cwd=ROOT)
    other.stdout.readline()
    with pytest.raises(Busy, match="is being trained by another process; wait for it"):
        training_run.lock(home, patience=0.1)
    other.kill()
    other.communicate()
    training_run.lock(home).release()


def test_orders_that_cannot_be_read_are_no_orders(runs):
    runs.folder.mkdir()
    for text in ("", "{}", "[1]", '{"until": "soon", "stop": 1}', "\x00"):
        (runs.folder / "orders.json").write_text(text)
        assert received(runs.folder) == Command()
    send(runs.folder, Command(until=7, stop=True))
    assert received(runs.folder) == Command(7, True)


def test_a_torn_or_altered_line_ends_what_is_read(tmp_path):
    path = tmp_path / "progress.jsonl"
    for step in range(3):
        append(path, {"step": step, "kl": 1.5})
    whole = path.read_bytes()
    assert [row["step"] for row in read_lines(path)] == [0, 1, 2]
    path.write_bytes(whole[:-3])
    assert [row["step"] for row in read_lines(path)] == [0, 1]
    path.write_bytes(whole.replace(b'"step": 1, "kl": 1.5', b'"step": 1, "kl": 9.5'))
    assert [row["step"] for row in read_lines(path)] == [0], "json alone reads on: the control is that it parses"
    path.write_text('{"step": 0}\n{"step": 1}\n')
    assert len(read_lines(path)) == 2, "bundled histories have no checksums; their manifest seals them"


def test_a_sealed_file_that_differs_in_one_byte_is_damaged(tmp_path):
    path = tmp_path / "status.json"
    write_sealed(path, {"status": "done", "rate": 1e-05, "shape": (28, 28)})
    assert read_sealed(path)["status"] == "done"
    whole = path.read_bytes()
    for place in range(len(whole)):
        path.write_bytes(whole[:place] + bytes([whole[place] ^ 32]) + whole[place + 1 :])
        with pytest.raises(SealError, match=r"status\.json of .* is damaged"):
            read_sealed(path)


def test_a_folder_that_cannot_be_written_is_named_with_its_free_space(tmp_path, digits):
    (tmp_path / "file").write_text("not a folder")
    with pytest.raises(Unwritable, match=r"/file/runs.* cannot be written .*set VAE_CACHE_DIR"):
        train_run(SMALL, digits, Runs(tmp_path / "file" / "runs"))
