"""An executor whose calls run in processes of their own: niced, with torch ready, one call each.

`Workers` has the interface of concurrent.futures, so that a ProcessPoolExecutor or a dask cluster can take its place.
Against a ProcessPoolExecutor: a killed worker fails its own call and no other, and what runs outlives a restarted
server. One process waits in reserve with everything imported, hence the first step comes half a second after a click;
a forkserver would do the same, but imports the server's main script into each child.

Functions are named as module:function and arguments are JSON: nothing is pickled. A worker whose supervisors are all
gone hears so from `abandoned()` and can bring its work to safety.
"""

import hashlib
import json
import os
import queue
import signal
import subprocess
import sys
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Executor, Future
from importlib import import_module
from pathlib import Path
from typing import IO, Any

from filelock import FileLock

from vae_core.paths import cache_folder
from vae_core.runs.training_run import held
from vae_core.sealed_files import Unwritable

# Seconds that a worker goes on without a supervisor: a restarted server adopts it.
PATIENCE = float(os.environ.get("VAE_WORKER_PATIENCE") or 20)
SUPERVISORS = "VAE_SUPERVISORS"  # tells a worker where the locks of its supervisors are
PLAIN = {kind.__name__: kind for kind in (ValueError, ArithmeticError, OSError, MemoryError, TypeError, RuntimeError)}
LOG = 2**20  # bytes after which the log begins anew
ROOT = Path(__file__).parents[2]


class WorkerDied(RuntimeError):
    """The process ended without an answer; the sentence explains its exit code."""

    def __init__(self, code: int) -> None:
        if code == -signal.SIGKILL:
            why = "it was killed (exit code -9): usually memory ran out, so try a smaller network or batch, then resume"
        elif -code in {int(known) for known in signal.Signals}:
            why = f"it was ended by {signal.Signals(-code).name} (exit code {code}); resume it"
        else:
            why = f"it ended with exit code {code}; workers.log in the cache has the traceback"
        super().__init__(f"The worker died: {why}.")
        self.code = code


class Workers(Executor):
    """At most `processes` calls at a time, each with `threads` processor threads; others wait for their turn."""

    def __init__(self, processes: int = 1, threads: int = 1) -> None:
        self._threads, self._calls, self._closed = threads, queue.SimpleQueue(), False
        self._spare: subprocess.Popen | None = None
        self._mine = threading.Lock()
        self._folder = _supervisors()
        self._alive = FileLock(self._folder / f"{os.getpid()}-{uuid.uuid4().hex[:8]}.lock")
        self._alive.acquire()
        # Daemons: a server that ends does not wait for its trainings.
        self._loops = [threading.Thread(target=self._serve, daemon=True) for _ in range(processes)]
        for loop in self._loops:
            loop.start()

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future:
        """Calls an importable function with JSON arguments; the future gets its JSON result, or what it raised."""
        if self._closed:
            raise RuntimeError("These workers were shut down.")
        request = json.dumps({"call": f"{function.__module__}:{function.__qualname__}", "arguments": arguments})
        future = Future()
        self._calls.put((future, request))
        return future

    def prepare(self) -> None:
        """Has a process waiting, so that the next call begins at once."""
        with self._mine:
            if self._spare is None and not self._closed:
                self._spare = self._start()

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        self._closed = True
        if cancel_futures:
            while not self._calls.empty():
                waiting = self._calls.get()
                if waiting:
                    waiting[0].cancel()
        for _ in self._loops:
            self._calls.put(None)
        if wait:
            for loop in self._loops:
                loop.join()
        with self._mine:
            if self._spare:
                self._spare.communicate()  # its input ends, and so does it
                self._spare = None
        self._alive.release()
        Path(self._alive.lock_file).unlink(missing_ok=True)

    def _serve(self) -> None:
        while call := self._calls.get():
            future, request = call
            if not future.set_running_or_notify_cancel():
                continue
            try:
                future.set_result(self._call(request))
            except BaseException as error:
                future.set_exception(error)

    def _call(self, request: str) -> Any:
        with self._mine:
            process, self._spare = self._spare or self._start(), None
        if not self._calls.empty():
            self.prepare()  # imports while this one trains
        if process.poll() is not None:  # the one in reserve has died meanwhile
            process.communicate()
            process = self._start()
        said, _ = process.communicate(request + "\n")
        try:
            answer = json.loads(said)
        except ValueError:  # nothing, or cut off
            raise WorkerDied(process.returncode) from None
        if "error" in answer:
            kind = PLAIN.get(answer["error"], RuntimeError)
            raise kind(answer["text"])
        return answer["value"]

    def _start(self) -> subprocess.Popen:
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        known = {"PYTHONPATH": path, "OMP_NUM_THREADS": str(self._threads), SUPERVISORS: str(self._folder)}
        with _log() as log:
            return subprocess.Popen(
                [sys.executable, "-m", "vae_core.jobs.workers"], text=True, start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, env=os.environ | known,
            )  # fmt: skip


def _supervisors() -> Path:
    """Where supervisors hold a lock each, of one cache; of a cache that cannot be written, in the temporary folder."""
    cache = cache_folder()
    beside = Path(tempfile.gettempdir()) / f"vae-lab-{hashlib.sha256(os.fsencode(cache)).hexdigest()[:16]}"
    for folder in (cache / "supervisors", beside / str(getattr(os, "getuid", int)())):
        try:
            folder.mkdir(parents=True, exist_ok=True)
            for path in folder.glob("*.lock"):
                if not held(path):
                    path.unlink(missing_ok=True)  # its server is gone
            with tempfile.TemporaryFile(dir=folder):
                return folder
        except OSError as error:
            trouble = error
    raise Unwritable(beside, trouble)


def _log() -> IO[bytes]:
    path = cache_folder() / "workers.log"
    try:
        if path.exists() and path.stat().st_size > LOG:
            path.replace(path.with_suffix(".log.1"))
        return path.open("ab")
    except OSError:
        return Path(os.devnull).open("ab")


class _Here:
    """What this process knows of itself, if it is a worker."""

    serving = False
    terminated = False
    looked = seen = 0.0


def abandoned() -> bool:
    """Whether this worker should bring its work to safety: it was told to end, or nobody has supervised it for long.

    Costs nothing when asked often; outside a worker the answer is always no.
    """
    now = time.monotonic()
    if not _Here.serving or _Here.terminated:
        return _Here.terminated
    if now > _Here.looked + 2:
        _Here.looked = now
        folder = Path(os.environ[SUPERVISORS])
        if any(held(path) for path in folder.glob("*.lock")):
            _Here.seen = now
    return now > _Here.seen + PATIENCE


def main() -> None:
    """A worker's life: get ready, wait for one request, answer it."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # whatever anybody prints goes to the log
    if hasattr(os, "nice"):
        os.nice(10)
    _get_ready()
    request = sys.stdin.readline()
    if not request:
        return
    signal.signal(signal.SIGTERM, lambda *_: setattr(_Here, "terminated", True))
    _Here.serving, _Here.seen = True, time.monotonic()
    asked = json.loads(request)
    module, _, name = asked["call"].partition(":")
    try:
        answer = {"value": getattr(import_module(module), name)(*asked["arguments"])}
    except Exception as error:
        import traceback

        traceback.print_exc()
        answer = {"error": type(plain(error)).__name__, "text": str(plain(error))}
    try:
        json.dump(answer, answers)
        answers.close()
    except OSError:
        pass  # whoever asked is gone; what was done lies on the disk


def plain(error: Exception) -> Exception:
    """The same sentence in an error that any process can read: a special one may not survive the way between two."""
    if text := str(error):
        for kind in type(error).__mro__:
            if PLAIN.get(kind.__name__) is kind:
                return kind(text)
    return RuntimeError(f"{type(error).__name__}: {text}")


def _get_ready() -> None:
    """Imports what a training needs: a second."""
    from vae_core import train  # noqa: F401
    from vae_core.data import datasets  # noqa: F401


if __name__ == "__main__":
    from vae_core.jobs import workers  # the module that others import, not this copy of it

    workers.main()
