"""MNIST and its relatives from the network, by torchvision, in a process of its own.

torchvision costs seconds and memory to import, prints, and waits for ever on a silent server; a child process keeps all
that away, can be ended, and leaves nothing half done when it is.
"""

import http.client
import queue
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from vae_core.data.checksums import DatasetError, temporary_folder

PROBE = "train-labels-idx1-ubyte.gz"  # a small file: who has it has the others
MIRRORS = {  # torchvision's own, asked first whether anyone is there
    "MNIST": ("https://ossci-datasets.s3.amazonaws.com/mnist/", "http://yann.lecun.com/exdb/mnist/"),
    "FashionMNIST": ("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",),
    "KMNIST": ("http://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
}
MEGABYTES = {"MNIST": 12, "FashionMNIST": 31, "KMNIST": 21}
PATIENCE = 1.5  # seconds until a network counts as absent
STALLED = 30  # seconds without a new byte
CHILD = "import sys, torchvision.datasets as d; getattr(d, sys.argv[1])(sys.argv[2], download=True)"


def fetch(kind: str, folder: Path, files: tuple[str, ...], advice: str, progress: Callable[[str], None]) -> None:
    """Bring the extracted `files` of torchvision's data set `kind` into `folder`; torchvision checks their md5."""
    if not reachable([mirror + PROBE for mirror in MIRRORS[kind]]):
        raise DatasetError(f"There is no way to a download server from here. {advice}")
    try:
        with tempfile.TemporaryDirectory(dir=temporary_folder(), ignore_cleanup_errors=True) as unfinished:
            said = run_child(kind, Path(unfinished), progress)
            if said:
                raise DatasetError(f"The download failed ({said}). {advice}")
            folder.mkdir(parents=True, exist_ok=True)
            for file in files:
                (Path(unfinished) / kind / "raw" / file).replace(folder / file)
    except OSError as error:
        raise DatasetError(f"The download cannot be kept in {folder} ({error.strerror}). {advice}") from error


def reachable(urls: list[str]) -> bool:
    """Whether one of the addresses answers soon. Threads, because looking up a name has no timeout of its own."""
    answers: queue.Queue[bool] = queue.Queue()

    def ask(url: str) -> None:
        try:
            request = urllib.request.Request(url, method="HEAD")
            with urllib.request.urlopen(request, timeout=PATIENCE):
                answers.put(True)
        except (OSError, ValueError, http.client.HTTPException):
            answers.put(False)

    for url in urls:
        threading.Thread(target=ask, args=(url,), daemon=True).start()
    deadline = time.monotonic() + PATIENCE
    try:
        return any(answers.get(timeout=max(0, deadline - time.monotonic())) for _ in urls)
    except queue.Empty:
        return False


def run_child(kind: str, folder: Path, progress: Callable[[str], None]) -> str:
    """Download into `folder` and tell how far it is; returns what went wrong, or nothing."""
    with (folder / "said").open("w+b") as said:
        command = [sys.executable, "-P", "-c", CHILD, kind, str(folder)]
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)
        size, grew = 0, time.monotonic()
        try:
            while child.poll() is None:
                progress(f"Downloading {kind}: {size / 1e6:.1f} of about {MEGABYTES[kind]} MB")
                time.sleep(0.2)
                now = sum(path.stat().st_size for path in folder.glob(f"{kind}/raw/*.gz"))
                if now != size:
                    size, grew = now, time.monotonic()
                if time.monotonic() - grew > STALLED:
                    return f"no byte came for {STALLED} seconds"
        finally:  # also when `progress` raises, which is how a viewer cancels
            child.kill()
            child.wait()
        said.seek(0)
        lines = said.read().decode(errors="replace").split("\n")
    last = next((line.strip() for line in reversed(lines) if line.strip()), f"exit code {child.returncode}")
    return last[:200] if child.returncode else ""
