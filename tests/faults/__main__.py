"""python -m tests.faults: the full figures. With names and counts: those, as JSON (what the tests call)."""

import json
import os
import sys
import tempfile
import time
import traceback
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"  # before torch: its pool of threads would not survive a fork


def main(arguments: list[str]) -> None:
    from tests.faults.figures import FIGURES
    from tests.faults.killing import get_ready

    get_ready()
    full = [(name, count) for name, (_, count) in FIGURES.items()]
    asked, answers = list(zip(arguments[::2], map(int, arguments[1::2]), strict=True)), {}
    with tempfile.TemporaryDirectory(prefix="vae-lab-faults-") as folder:
        os.environ["VAE_CACHE_DIR"] = folder
        for name, count in asked or full:
            began, home = time.monotonic(), Path(folder) / name.replace(" ", "-")
            home.mkdir()
            try:
                answers[name] = FIGURES[name][0](count, home)
            except Exception:
                answers[name] = {"error": traceback.format_exc()}
            if not asked:
                told = ", ".join(f"{what}: {value}" for what, value in answers[name].items())
                print(f"{name} ({time.monotonic() - began:.0f} s)\n    {told}", flush=True)
    if asked:
        print(json.dumps(answers))


if __name__ == "__main__":
    main(sys.argv[1:])
