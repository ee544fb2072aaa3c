"""A sweep as a shell user meets it, and the plan behind it."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from concurrent.futures import Executor, Future
from pathlib import Path

import numpy as np
import pytest

from tests.inline_executor import Inline
from tests.waiting import LIMIT, until
from vae_core.__main__ import main
from vae_core.data.datasets import load_dataset
from vae_core.jobs import sweep
from vae_core.runs.store import Runs, trained
from vae_core.settings import RunSettings

ROOT = Path(__file__).parents[3]
TINY = ["--batch", "20", "--validation", "10"]


def settings_for(bars, **more):
    fields = {"encoder": (8,), "decoder": (8,), "steps": 20, "batch": 20, "validation": 10} | more
    return RunSettings().with_fields(name="bars", fingerprint=load_dataset(bars).fingerprint, **fields)


def test_a_plan_is_every_combination_with_every_seed():
    plan = sweep.plan(RunSettings(), {"beta": [0.5, 4.0], "latent_dim": [2, 10]}, seeds=3)
    assert [(s.train.beta, s.model.latent_dim, s.train.seed) for s in plan] == [
        (beta, dims, seed) for beta in (0.5, 4.0) for dims in (2, 10) for seed in range(3)
    ]
    assert len({s.key() for s in plan}) == 12


def test_the_table_has_means_and_spreads_over_seeds(bars, tmp_path):
    plan = sweep.plan(settings_for(bars), {"beta": [0.5, 4.0]}, seeds=3)
    runs = Runs(tmp_path / "runs")
    swept = sweep.carry_out(plan, runs, Inline(), data=bars)
    assert (swept.trained, swept.stopped) == (6, False)
    head, first, second = (line.split() for line in sweep.table(plan, swept.outcomes).splitlines())
    assert head == ["beta", "seeds", "ELBO", "SE", "spread", "reconstruction", "KL", "active"]
    elbos = [runs.get(s.key()).metrics["elbo"] for s in plan[:3]]
    assert first[:2] == ["0.5", "3"]
    assert float(first[2]) == pytest.approx(np.mean(elbos), abs=0.006)
    assert float(first[4]) == pytest.approx(np.std(elbos, ddof=1), abs=0.006)
    assert float(first[2]) == pytest.approx(float(first[5]) - float(first[6]), abs=0.02), "ELBO = reconstruction - KL"
    assert second[0] == "4"
    again = sweep.carry_out(plan, runs, None, data=bars)
    assert again.trained == 0, "no executor is needed for what is in the cache"
    assert sweep.table(plan, again.outcomes) == sweep.table(plan, swept.outcomes)


def test_on_a_cluster_too_what_runs_is_stopped_and_can_go_on(bars, tmp_path):
    """A cluster's future can be cancelled while its training runs on: only the order in its folder reaches it."""

    class Far(Executor):
        def submit(self, function, /, *arguments):
            future = Future()
            threading.Thread(target=function, args=arguments, daemon=True).start()
            return future

    runs = Runs(tmp_path / "runs")
    plan = [settings_for(bars, steps=5_000_000)]
    key = plan[0].key()

    def interrupt():
        while not ((entry := runs.get(key)) and entry.history()):
            time.sleep(0.02)
        signal.pthread_kill(threading.main_thread().ident, signal.SIGINT)

    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background process ignores it
    threading.Thread(target=interrupt, daemon=True).start()
    try:
        swept = sweep.carry_out(plan, runs, Far(), data=bars)
    finally:
        signal.signal(signal.SIGINT, before)
    assert swept.stopped
    assert (swept.outcomes[0]["status"], runs.get(key).ready) == ("stopped", True)


def test_one_that_fails_is_a_line_of_the_listing_and_the_others_go_on(bars, tmp_path):
    plan = sweep.plan(settings_for(bars), {"fingerprint": ["b" * 64, settings_for(bars).data.fingerprint]})
    swept = sweep.carry_out(plan, Runs(tmp_path / "runs"), Inline(), data=bars)
    assert [made["status"] for made in swept.outcomes] == ["failed", "done"]
    assert "is another one than these settings were made for" in sweep.listing(plan, swept.outcomes)


def test_the_command_trains_all_combinations_and_the_second_time_none(bars, capsys):
    command = ["sweep", "--dataset", bars, *TINY, "--encoder", "8-4,8", "--decoder", "8", "--latent", "1"]
    assert main([*command, "--steps", "20", "--seeds", "1"]) == 0
    out = capsys.readouterr().out
    assert re.search(r"encoder +seeds +ELBO", out)
    assert {line.split()[0] for line in out.splitlines() if line.strip().startswith("8")} == {"8-4", "8"}
    assert "2 runs: 0 from the cache, 2 trained now" in out
    assert re.search(r"overhead per training, wall minus training: \d+\.\d\d s", out)
    for key in re.findall(r"[0-9a-f]{24}", out):
        seal = trained().get(key).manifest["files"]["model.safetensors"]["sha256"]
        assert seal[:12] in out
    assert main([*command, "--steps", "20"]) == 0
    again = capsys.readouterr().out
    assert "2 runs: 2 from the cache, 0 trained now" in again
    assert out.split("runs:")[0] == again.split("runs:")[0]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--beta", "1,-3"], "beta must lie between 0 and 10000, not -3.0"),
        (["--dataset", "strokes,mnist"], "takes one data set"),
        (["--activation", "swish"], "activation must be one of"),
        (["--dask", "tcp://127.0.0.1:1", "--steps", "1"], "distributed"),
    ],
)
def test_what_makes_no_sense_gets_one_sentence(bars, arguments, said, capsys):
    if "--dask" in arguments and not _missing("distributed"):
        pytest.skip("dask.distributed is not installed: the sentence for that case needs it to be missing")
    assert main(["sweep", "--dataset", bars, *TINY, *arguments]) == 2
    assert said in capsys.readouterr().err


def _missing(name):
    from importlib.util import find_spec

    return find_spec(name) is None


def test_ctrl_c_leaves_runs_that_go_on(bars):
    command = [sys.executable, "-m", "vae_core", "sweep", "--dataset", bars, *TINY, "--steps", "3000000"]
    command += ["--encoder", "8", "--decoder", "8", "--beta", "1,2"]
    process = subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ),
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),  # a shell ignores it for its jobs
    )  # fmt: skip
    until(lambda: process.poll() is not None or any(entry.history() for entry in trained().list()), "a first report")
    assert process.poll() is None, process.stderr.read()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=LIMIT)
    assert process.returncode == 130, err
    assert "Traceback" not in err
    assert "not begun" in out
    (entry,) = trained().list()
    assert (entry.status, entry.step > 0) == ("stopped", True)
    assert f"checkpoint-{entry.step}.json" in {path.name for path in entry.folder.iterdir()}
