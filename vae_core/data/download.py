"""MNIST and its relatives from the network, by torchvision, in a process of its own.

torchvision costs seconds and memory to import, prints, and waits for ever on a silent server; a child process keeps all
that away, can be ended, and leaves nothing half done when it is.
"""

import http.client
import queue
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import urllib.request
import zipfile
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
CHILD_OF_ONE = "import sys; from torchvision.datasets.utils import download_url; download_url(*sys.argv[1:])"


def fetch(kind: str, folder: Path, files: tuple[str, ...], advice: str, progress: Callable[[str], None]) -> None:
    """Bring the extracted `files` of torchvision's data set `kind` into `folder`; torchvision checks their md5."""
    if not reachable([mirror + PROBE for mirror in MIRRORS[kind]]):
        raise DatasetError(f"There is no way to a download server from here. {advice}")
    try:
        with tempfile.TemporaryDirectory(dir=temporary_folder(), ignore_cleanup_errors=True) as unfinished:
            command = [sys.executable, "-P", "-c", CHILD, kind, unfinished]
            said = run_child(command, Path(unfinished), f"{kind}/raw/*.gz", kind, MEGABYTES[kind], progress)
            if said:
                raise DatasetError(f"The download failed ({said}). {advice}")
            folder.mkdir(parents=True, exist_ok=True)
            for file in files:
                (Path(unfinished) / kind / "raw" / file).replace(folder / file)
    except OSError as error:
        raise DatasetError(f"The download cannot be kept in {folder} ({error.strerror}). {advice}") from error


def fetch_url(
    url: str, md5: str, megabytes: int, places: dict[str, str], folder: Path, advice: str,
    progress: Callable[[str], None],
) -> None:  # fmt: skip
    """Bring the file at `url`, whose md5 torchvision checks, or members of it to their `places` in `folder`."""
    if not reachable([url]):
        raise DatasetError(f"There is no way to a download server from here. {advice}")
    try:
        with tempfile.TemporaryDirectory(dir=temporary_folder(), ignore_cleanup_errors=True) as unfinished:
            file = url.rsplit("/", 1)[1]
            command = [sys.executable, "-P", "-c", CHILD_OF_ONE, url, unfinished, file, md5]
            said = run_child(command, Path(unfinished), file, file, megabytes, progress)
            if said:
                raise DatasetError(f"The download failed ({said}). {advice}")
            for place, member in places.items():
                (folder / place).parent.mkdir(parents=True, exist_ok=True)
                taken_out(Path(unfinished) / file, member).replace(folder / place)
    except (tarfile.TarError, zipfile.BadZipFile, KeyError) as error:
        raise DatasetError(f"What was downloaded is not what it was ({error}). {advice}") from error
    except OSError as error:
        raise DatasetError(f"The download cannot be kept in {folder} ({error.strerror}). {advice}") from error


def taken_out(archive: Path, member: str) -> Path:
    """A member of an archive as a file beside it; the archive itself without a name. Its name is never a path."""
    if not member:
        return archive
    made = archive.with_name("member")
    if archive.suffix == ".zip":
        with zipfile.ZipFile(archive) as opened, opened.open(member) as source, made.open("wb") as target:
            shutil.copyfileobj(source, target)
    else:
        with tarfile.open(archive) as opened, made.open("wb") as target:
            shutil.copyfileobj(opened.extractfile(member), target)
    return made


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


def run_child(
    command: list[str], folder: Path, files: str, title: str, megabytes: int, progress: Callable[[str], None]
) -> str:
    """Download `files` into `folder` and tell how far it is; returns what went wrong, or nothing."""
    with (folder / "said").open("w+b") as said:
        child = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)
        size, grew = 0, time.monotonic()
        try:
            while child.poll() is None:
                progress(f"Downloading {title}: {size / 1e6:.1f} of about {megabytes} MB")
                time.sleep(0.2)
                now = sum(path.stat().st_size for path in folder.glob(files))
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
