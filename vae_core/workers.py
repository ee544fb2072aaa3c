"""An executor whose calls run in processes of their own: niced, with torch ready, one call each.

`Workers` has the interface of concurrent.futures, so that a ProcessPoolExecutor or a dask cluster can take its place.
Against a ProcessPoolExecutor: a killed worker fails its own call and no other, and what runs outlives a restarted
server. One process waits in reserve with everything imported, hence the first step comes half a second after a click;
a forkserver would do the same, but imports the server's main script into each child.

Functions are named as module:function and arguments are JSON: nothing is pickled. A worker whose supervisors are all
gone hears so from `abandoned()` and can bring its work to safety.
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import Executor, Future
from importlib import import_module
from pathlib import Path
from typing import Any

from filelock import FileLock

from vae_core.drafts import held
from vae_core.folders import cache_folder

PATIENCE = 20.0  # seconds that a worker goes on without a supervisor: a restarted server adopts it
LOG = 2**20  # bytes after which the log begins anew
ROOT = Path(__file__).parent.parent


class WorkerDied(RuntimeError):
    """The process ended without an answer; the sentence explains its exit code."""

    def __init__(self, code: int) -> None:
        killed = "it was killed: usually the machine ran out of memory, so try a smaller network or batch"
        why = killed if code == -signal.SIGKILL else f"it ended with exit code {code}; the log has the traceback"
        super().__init__(f"The worker died: {why}.")
        self.code = code


class Workers(Executor):
    """At most `processes` calls at a time, each with `threads` processor threads; others wait for their turn."""

    def __init__(self, processes: int = 1, threads: int = 1) -> None:
        self._threads, self._calls, self._closed = threads, queue.SimpleQueue(), False
        self._spare: subprocess.Popen | None = None
        self._mine = threading.Lock()
        self._alive = FileLock(_supervisors() / f"{os.getpid()}-{uuid.uuid4().hex[:8]}.lock")
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
        if process.poll() is not None:  # the one in reserve has died meanwhile
            process = self._start()
        said, _ = process.communicate(request + "\n")
        if not said:
            raise WorkerDied(process.returncode)
        answer = json.loads(said)
        if "error" in answer:
            kind = getattr(import_module("builtins"), answer["error"], RuntimeError)
            raise kind(answer["text"]) if issubclass(kind, Exception) else RuntimeError(answer["text"])
        return answer["value"]

    def _start(self) -> subprocess.Popen:
        path = os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])])
        with _log().open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "vae_core.workers"], text=True, start_new_session=True,
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log,
                env=os.environ | {"PYTHONPATH": path, "OMP_NUM_THREADS": str(self._threads)},
            )  # fmt: skip


def _supervisors() -> Path:
    folder = cache_folder() / "supervisors"
    folder.mkdir(parents=True, exist_ok=True)
    for path in folder.glob("*.lock"):
        if not held(path):
            path.unlink(missing_ok=True)
    return folder


def _log() -> Path:
    path = cache_folder() / "workers.log"
    if path.exists() and path.stat().st_size > LOG:
        path.replace(path.with_suffix(".log.1"))
    return path


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
        folder = cache_folder() / "supervisors"
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
        answer = {"error": type(error).__name__, "text": str(error)}
    try:
        json.dump(answer, answers)
        answers.close()
    except OSError:
        pass  # whoever asked is gone; what was done lies on the disk


def _get_ready() -> None:
    """Imports what a training needs, and builds a first optimizer: a second of lazy imports."""
    import torch

    from vae_core import datasets, train  # noqa: F401

    weight = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.AdamW([weight], fused=True)
    weight.sum().backward()
    optimizer.step()


if __name__ == "__main__":
    from vae_core import workers  # the module that others import, not this copy of it

    workers.main()
