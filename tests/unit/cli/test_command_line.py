"""The command line as a shell user meets it: what it prints, and the code it exits with."""

import json
import os
import re
import signal
import subprocess
import sys
from argparse import ArgumentTypeError
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from tests.waiting import LIMIT, until
from vae_core.__main__ import main, parser
from vae_core.runs.store import trained

ROOT = Path(__file__).parents[3]
TINY = ["--encoder", "16", "--decoder", "16", "--batch", "20", "--validation", "10", "--threads", "1"]


@pytest.fixture
def pictures(tmp_path):
    """A small data set of one's own: bars at random places."""
    rng = np.random.default_rng(0)
    images = np.zeros((140, 12, 12), np.uint8)
    for image, place in zip(images, rng.integers(1, 11, 140), strict=True):
        image[:, place] = 255
    np.savez(tmp_path / "bars.npz", images=images)
    return tmp_path / "bars.npz"


@pytest.fixture
def bars(pictures):
    """Arguments that train on it."""
    return ["train", "--dataset", str(pictures), *TINY]


def test_training_prints_a_key_and_a_bound_and_the_run_is_listed(bars, capsys):
    assert main([*bars, "--steps", "40"]) == 0
    out = capsys.readouterr().out
    key = re.match(r"[0-9a-f]{24}", out)[0]
    assert re.search(r"test ELBO +−?-?\d+\.\d\d ± \d", out)
    assert trained().get(key).status == "done"
    assert main(["list"]) == 0
    assert key in capsys.readouterr().out


def test_the_same_command_again_loads_the_run_instead_of_training(bars, capsys):
    assert main([*bars, "--steps", "40"]) == 0
    first = capsys.readouterr().out
    assert main([*bars, "--steps", "40"]) == 0
    again = capsys.readouterr()
    assert again.out == first
    assert "was trained before" in again.err


def test_evaluate_repeats_the_bound_of_the_manifest_and_splits_it(bars, capsys):
    main([*bars, "--steps", "40"])
    trained_out = capsys.readouterr().out
    assert main(["evaluate", trained_out[:24], "--log-px", "5"]) == 0
    out = capsys.readouterr().out
    elbo = re.search(r"test ELBO +(\S+)", trained_out)[1]
    assert re.search(r"test ELBO +(\S+)", out)[1] == elbo
    for word in ("reconstruction", "KL", "active units", "+ gap", "= log p(x)", "independent pixels"):
        assert word in out


def test_evaluate_takes_one_image_apart_and_the_parts_add_up(bars, capsys):
    main([*bars, "--steps", "40"])
    key = capsys.readouterr().out[:24]
    assert main(["evaluate", key[:8], "--image", "7"]) == 0
    out = capsys.readouterr().out
    value = {
        name: float(re.search(rf"{re.escape(name)} +(\S+)", out)[1]) for name in ("KL", "ELBO", "+ gap", "= log p(x)")
    }
    assert value["ELBO"] + value["+ gap"] == pytest.approx(value["= log p(x)"], abs=0.011)
    assert value["+ gap"] > 0
    assert main(["evaluate", key, "--image", "20"]) == 2
    assert "There is no test image 20; they are 0 to 19" in capsys.readouterr().err


def test_export_writes_what_other_programs_read(bars, tmp_path, capsys):
    main([*bars, "--steps", "40"])
    key = capsys.readouterr().out[:24]
    assert main(["export", key, "--to", str(tmp_path / "out")]) == 0
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"model.safetensors", "manifest.json", "settings.json", "decoder.bin", "codes.csv"} <= names
    assert {"README.md", "curve.csv"} <= names, "as the Train page exports it"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["evaluate", "nobody"], "There is no model 'nobody'"),
        (["evaluate", "../../etc/passwd"], "There is no model"),
        (["export", "nobody"], "There is no model"),
        (["bundle", "mnist-3d"], "There is no recipe mnist-3d"),
        (["train", "--dataset", "digits"], "There is no data set 'digits': choose one of strokes, mnist"),
        (["train", "--dataset", "strokes", "--latent-dim", "0"], "latent_dim must lie between 1 and 512, not 0"),
        (["train", "--dataset", "strokes", "--beta", "nan"], "beta must lie between 0 and 10000, not nan"),
        (["train", "--dataset", "strokes", "--likelihood", "gaussian"], "does not score dynamic pixels"),
    ],
)
def test_what_makes_no_sense_gets_one_sentence_and_exit_code_2(arguments, said, capsys):
    assert main(arguments) == 2
    err = capsys.readouterr().err
    assert said in err
    assert "Traceback" not in err


@pytest.mark.parametrize("arguments", [[], ["fly"], ["train", "--tempo", "3"], ["train", "--encoder", "wide"]])
def test_a_wrong_usage_exits_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    assert "usage:" in capsys.readouterr().err


def numeric_flags():
    """(the command with what it requires, flag) of every flag that takes a number."""
    required = {"evaluate": ["strokes-2d"], "export": ["strokes-2d"], "import": ["nowhere"]}
    commands = next(action for action in parser()._actions if action.dest == "==SUPPRESS==" or action.choices).choices
    for name, command in commands.items():
        for action in command._actions:
            if action.option_strings and action.nargs is None and counts(action):
                yield [name, *required.get(name, [])], action.option_strings[0]


def counts(action):
    """Whether a flag takes numbers: it accepts 3 and refuses a word."""
    try:
        three = action.type and action.type("3")
    except (ValueError, ArgumentTypeError):
        return False
    return three in (3, [3], (3,), [(3,)]) and not action.choices


@pytest.mark.parametrize("number", ["-1", "99999999999999999999", "1e400", "nan"])
@pytest.mark.parametrize(("command", "flag"), list(numeric_flags()))
def test_a_number_out_of_range_is_refused_before_anything_is_done(command, flag, number, capsys):
    with no_training():
        try:
            code = main(
                [*command, *(["--dataset", "strokes"] if command[0] in ("train", "sweep") else []), flag, number]
            )
        except SystemExit as stopped:
            code = stopped.code
    said = capsys.readouterr()
    assert code == 2, said.err
    assert re.search(r"must (lie between|be )|a whole number|invalid .* value: |layer widths like", said.err)
    assert said.out == ""
    assert trained().list() == []


@pytest.mark.parametrize(
    ("command", "flag", "number"),
    [("train", "--threads", "0"), ("train", "--steps", "0"), ("train", "--batch", "0"), ("sweep", "--seeds", "0"),
     ("sweep", "--workers", "0"), ("evaluate", "--samples", "0"), ("evaluate", "--threads", "0")],
)  # fmt: skip
def test_none_of_what_takes_at_least_one_is_refused(command, flag, number, capsys):
    try:
        code = main([command, *(["strokes-2d"] if command == "evaluate" else ["--dataset", "strokes"]), flag, number])
    except SystemExit as stopped:
        code = stopped.code
    assert code == 2
    assert "must lie between 1 and" in capsys.readouterr().err


@contextmanager
def no_training():
    """A training or an evaluation is a failure at once, not minutes later."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("vae_core.data.datasets.load_dataset", lambda *_, **__: pytest.fail("it went on"))
        yield


def test_an_error_that_does_not_exist_is_left_out(bars, capsys):
    """One noise sample has no Monte Carlo error."""
    main([*bars, "--steps", "20"])
    key = capsys.readouterr().out[:24]
    assert main(["evaluate", key, "--samples", "1", "--log-px", "0"]) == 0
    out = capsys.readouterr().out
    assert "nan" not in out
    assert re.search(r"test ELBO +-\d+\.\d\d ± \d+\.\d\d over images\n", out)


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "cp437"])
def test_what_a_terminal_cannot_show_is_replaced(encoding):
    """Every character that a command prints has a readable stand-in, and none stops the command."""
    said = "β = 1, −130.5 ± 0.02, σ ≥ 0.01, 28×28 ███··· “own” Übung 数"
    shown = said.encode(encoding, "vae_core.plain").decode(encoding)
    plain = 'beta = 1, -130.5 +- 0.02, sigma >= 0.01, 28x28 ###... "own" Ubung ?'
    assert len(shown) in range(len(said), len(plain) + 1)
    if encoding == "ascii":
        assert shown == plain


@pytest.mark.parametrize(
    "environment",
    [{"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}],
    ids=["cp1252", "LC_ALL=C"],
)
@pytest.mark.parametrize("command", [["list"], ["--help"]], ids=["list", "help"])
def test_a_table_and_the_help_are_shown_in_any_terminal(command, environment):
    run = subprocess.run(
        [sys.executable, "-m", "vae_core", *command], cwd=ROOT, capture_output=True, env=os.environ | environment
    )
    assert (run.returncode, run.stderr) == (0, b"")
    assert b"trained here:" in run.stdout or b"usage:" in run.stdout


@pytest.mark.long
def test_every_command_works_in_a_terminal_that_is_not_utf_8(bars, tmp_path):
    """One process runs all commands, for each takes seconds to start."""
    out = str(tmp_path / "out")
    commands = [
        [*bars, "--steps", "20", "--name", "β – Übung"],
        ["sweep", *bars[1:], "--steps", "20", "--beta", "1,2"],
        ["list"], ["evaluate", "KEY", "--log-px", "2"], ["export", "KEY", "--to", out], ["import", out],
        ["doctor"], ["family"], ["variances"], ["remedies"], ["first-weights"], ["compare"], ["evaluate", "nobody–"],
    ]  # fmt: skip
    program = (
        "import json, sys\n"
        "from vae_core.__main__ import main\n"
        "from vae_core.runs.store import trained\n"
        "if __name__ == '__main__':\n"
        "    for command in json.loads(sys.argv[1]):\n"
        "        keys = [e.key for e in trained().list() if e.name.startswith('β')]\n"
        "        code = main([keys[0] if part == 'KEY' else part for part in command])\n"
        "        print('exit', command[0], code, flush=True)\n"
    )
    (tmp_path / "program.py").write_text(program, "utf-8")
    run = subprocess.run(
        [sys.executable, str(tmp_path / "program.py"), json.dumps(commands)],
        cwd=ROOT, capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "ascii"},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr.decode("utf-8", "replace")
    assert b"Traceback" not in run.stderr
    codes = [line.split()[1:] for line in run.stdout.decode("latin-1").splitlines() if line.startswith("exit ")]
    assert codes == [[command[0], "0"] for command in commands[:-1]] + [["evaluate", "2"]]


def test_data_that_changed_since_training_are_not_evaluated_silently(bars, pictures, capsys):
    main([*bars, "--steps", "20"])
    key = capsys.readouterr().out[:24]
    np.savez(pictures, images=np.random.default_rng(1).integers(0, 255, (140, 12, 12)).astype(np.uint8))
    assert main(["evaluate", key]) == 2
    assert "was trained on another bars" in capsys.readouterr().err


def test_a_diverged_training_exits_with_1_and_advice(bars, capsys):
    flags = ["--likelihood", "gaussian", "--pixels", "dequantised", "--optimizer", "sgd", "--learning-rate", "10"]
    assert main([*bars, *flags, "--steps", "200"]) == 1
    assert "Try a smaller learning rate" in capsys.readouterr().err


def test_ctrl_c_stops_cleanly_keeps_what_was_learned_and_the_same_command_goes_on(bars, capsys):
    command = [sys.executable, "-m", "vae_core", *bars, "--steps", "30000"]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    until(lambda: any(run.history() for run in trained().list()), "a first report")
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=LIMIT)[1]
    assert process.returncode == 130, err
    assert "The same command goes on from there" in err
    assert "Traceback" not in err
    (entry,) = trained().list()
    assert (entry.status, entry.step > 0) == ("stopped", True)
    main(["list"])
    assert f"stopped at step {entry.step:,}" in capsys.readouterr().out
