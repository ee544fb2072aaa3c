"""Prints the table of speeds: python -m vae_core bench [row ...], the rows being those of ROWS at the end of this file.

Ratios are of things timed in turn within this run, medians of several rounds; absolute times on a shared machine only
tell an order of magnitude. "limit" is the time of the bare matrix products of a step, forward and backward, in float32,
by the faster of torch's two libraries (vae_core/model/matrix_products.py).
"""

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import torch

ROOT = Path(__file__).parent.parent.parent
sys.path.insert(0, str(ROOT))

from vae_core.data.datasets import Dataset, load_dataset  # noqa: E402 the line above makes it importable from anywhere
from vae_core.settings import RunSettings  # noqa: E402
from vae_core.training.train import train  # noqa: E402

WIDE = {"encoder": (500,), "decoder": (500,), "activation": "tanh", "learning_rate": 1e-3, "schedule": "constant"}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("rows", nargs="*", choices=[*ROWS, []])
    print(f"torch {torch.__version__}, {torch.get_num_threads()} threads")
    for name in options.parse_args().rows or ROWS:
        for what, measured, target in ROWS[name]():
            print(f"{what:58}{measured:>24}   {target}", flush=True)


def training() -> Iterator[tuple[str, str, str]]:
    """Limit / achieved of 784-500-2-500-784 on dynamically binarised images."""
    dataset = some_images()
    for precision in ("float32", "bfloat16"):
        for batch in (100, 250):
            settings = RunSettings().with_fields(**WIDE, steps=10**6, batch=batch, precision=precision)
            ours, bare = stepper(train(settings, dataset)), products(batch)
            limit, step = interleaved([lambda f=bare: repeat(f, 20), ours])
            yield f"training, {precision}, batch {batch}: limit / achieved", f"{limit / step:.2f}", ""


def peers() -> Iterator[tuple[str, str, str]]:
    """Limit / achieved of the same training by others, and how much faster ours is; peers.py says who and how."""
    from tests.benchmarks.peers import installed

    dataset, settings = some_images(), RunSettings().with_fields(**WIDE, steps=10**6)
    ours = {p: stepper(train(settings.with_fields(precision=p), dataset)) for p in ("float32", "bfloat16")}
    others = installed(dataset)
    bare = products(100)
    calls = [lambda: repeat(bare, 20), *ours.values(), *(call for call, _ in others.values())]
    limit, plain, half, *times = interleaved(calls)
    target = {
        "DataLoader + ToTensor": "bfloat16 >= 2.3 times",
        "JAX, compiled step": "float32 >= 1.00 times",
        "JAX, 20 steps scanned": "bfloat16 >= 1.00 times",
    }
    for name, (_, steps), seconds in zip(others, others.values(), times, strict=True):
        seconds *= 20 / steps
        said = f"{limit / seconds:.2f}; {seconds / plain:.2f}, {seconds / half:.2f} times"
        yield f"{name}: limit / achieved; ours faster by", said, target.get(name, "")
    yield "ours in float32, bfloat16: limit / achieved", f"{limit / plain:.2f}, {limit / half:.2f}", ""


def evidence() -> Iterator[tuple[str, str, str]]:
    """Exact log p(x) of one image of mnist-2d at a time, once the model's grid is warm."""
    from vae_core.inference.latent_grid import LatentGrid
    from vae_core.runs.store import bundled

    vae = bundled().load("mnist-2d").vae
    began = time.perf_counter()
    grid = LatentGrid(vae)
    with torch.no_grad():
        x = torch.bernoulli(vae.mean(torch.randn(21, 2, generator=rng())), generator=rng())
    grid.log_px(x[:1])
    first, times, change = time.perf_counter() - began, [], 0.0
    for one in x[1:].split(1):
        began = time.perf_counter()
        grid.log_px(one)
        times.append(time.perf_counter() - began)
        change = max(change, grid.certificate.change.max().item())
    yield "exact log p(x), the first of a model", f"{first * 1e3:.0f} ms", "<= 2000 ms"
    yield "exact log p(x), one image, warm, median of 20", f"{statistics.median(times) * 1e3:.0f} ms", "<= 150 ms"
    yield "its certificate: largest change at the last halving", f"{change:.1e} nats", "< 1e-3"


def memory() -> Iterator[tuple[str, str, str]]:
    """Peak resident memory of a quick training, in a process of its own with a cache of its own."""
    code = (
        "import resource, sys, tempfile, os; os.environ['VAE_CACHE_DIR'] = tempfile.mkdtemp();"
        "from vae_core.__main__ import main; main(['train', '--preset', 'quick', '--steps', '300']);"
        "print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    )
    out = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    scale = 2**20 if sys.platform == "darwin" else 2**10
    yield "peak memory of a quick training", f"{int(out.split()[-1]) * scale / 1e9:.2f} GB", "< 1.5 GB"


def start() -> Iterator[tuple[str, str, str]]:
    """What the first page imports, and how long that takes beside importing streamlit alone."""
    code = "import sys; sys.path.insert(0, '.'); import streamlit;{} print(*sys.modules)"
    page = "import vae_core.runs.store, vae_core.runs.export, dashboard.shared.components, dashboard.explore.sliders;"
    heavy = {"torch", "torchvision", "plotly", "scipy", "matplotlib"}

    def call(imports: str) -> set[str]:
        command = [sys.executable, "-c", code.format(imports)]
        return set(subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.split())

    bare, ours = interleaved([lambda: call(""), lambda: call(page)], rounds=5)
    added = heavy & (call(page) - call(""))  # streamlit imports plotly itself where it is installed
    yield "heavy modules that the first page adds to streamlit's", ", ".join(sorted(added)) or "none", "none"
    yield "importing the first page / importing streamlit", f"{ours / bare:.2f}", "without torch"


def opening() -> Iterator[tuple[str, str, str]]:
    """From `streamlit run` to a pad that can be dragged, beside an empty page of Streamlit."""
    from tests.benchmarks.opening import measure

    found = measure()
    ours, empty = found["ours"], found["empty"]
    yield "server start to draggable pad / to an empty page", said(ours.cold, empty.cold), "<= 1.3"
    yield "reload to draggable pad / to an empty page", said(ours.warm, empty.warm), "<= 1.5 s"
    yield "sent until then, ours / an empty page", f"{ours.sent / 1e6:.2f} / {empty.sent / 1e6:.2f} MB", ""


def visit() -> Iterator[tuple[str, str, str]]:
    """A first visit and a reload of Explore over a line of 100 kB/s."""
    from tests.benchmarks.first_visit import measure

    for name, found in measure().items():
        times = f"{found.image:.1f} s, {found.live:.1f} s"
        yield f"{name} at 100 kB/s: first image, decoder", times, "<= 10 s" if name == "first visit" else "<= 3 s"
        yield f"{name}: received until then", f"{found.received / 1e3:,.0f} kB", ""


def said(ours: float, theirs: float) -> str:
    return f"{ours:.2f} / {theirs:.2f} s = {ours / theirs:.2f}"


def pad() -> Iterator[tuple[str, str, str]]:
    """The latent pad in a real browser: dragged along a Lissajous curve."""
    from tests.benchmarks.pad import measure

    median, slow, rate = measure()
    yield "pad: own computing per move, median", f"{median:.2f} ms", "<= 2 ms"
    yield "pad: own computing per move, 95th percentile", f"{slow:.2f} ms", ""
    yield "pad: images per second while dragging", f"{rate:.0f}", ">= 55"


def live() -> Iterator[tuple[str, str, str]]:
    """One click on the quick preset of MNIST, in a real browser (needs MNIST)."""
    from tests.benchmarks.live import click

    found = click()
    yield "train page: click to first step", f"{found.first_step:.1f} s", "<= 2 s"
    yield "train page: click to first picture", f"{found.first_picture:.1f} s", "<= 3 s"
    yield "train page: two epochs", f"{found.bound_at_two:.1f} nats, {found.two_epochs:.1f} s", ">= -150, <= 12 s"
    yield "train page: end of the quick preset", f"{found.test_bound:.1f} nats, {found.end:.1f} s", ">= -148, <= 18 s"
    worst = max(found.long_tasks, default=0.0)
    yield "train page: tasks over 50 ms while it trains", f"{len(found.long_tasks)}, longest {worst:.0f} ms", "none"
    share = found.alive_seconds / found.training_seconds - 1
    yield "train page: snapshots, validation and live view, of training", f"{share:.1%}", "snapshots < 3 %"


def hall() -> Iterator[tuple[str, str, str]]:
    """1 to 300 visitors of Explore, each asking for another point once a second, beside an empty page of Streamlit."""
    from tests.benchmarks.hall import empty_page, fill
    from tests.server import served

    with served() as address, empty_page() as program, served(program) as bare:
        fill(address, 1, 5)  # what is read once
        fill(bare, 1, 5)
        for sessions, target in ((1, ""), (30, "95 % <= 250 ms"), (100, ""), (300, "")):
            for name, at in (("", address), (", an empty page", bare)):
                h = fill(at, sessions, 15)
                said = f"{h.median:.0f} / {h.slow:.0f} ms, {h.rate:.0f} a second, {h.memory:.0f} MB"
                yield f"{sessions} visitors{name}: page drawn, median / 95 %", said, "" if name else target
                yield f"{sessions} visitors{name}: of the processor", f"{h.cost:.1f} ms a page", ""


def clicks() -> Iterator[tuple[str, str, str]]:
    """From a press to what it asked for on screen, idle and beside a training."""
    from tests.benchmarks.clicks import ACTIONS, measure, spoken

    for training in (False, True):
        for name, times in measure(ROOT, training, list(ACTIONS)):
            yield f"{name}, {'beside a training' if training else 'idle'}", spoken(times), "95 % <= 150 ms"


ROWS = {
    "training": training, "peers": peers, "evidence": evidence, "memory": memory, "start": start,
    "opening": opening, "visit": visit, "pad": pad, "live": live, "hall": hall, "clicks": clicks,
}  # fmt: skip


def some_images() -> Dataset:
    """MNIST where it is, else strokes: the speed is the same."""
    try:
        return load_dataset("mnist", download=False)
    except ValueError:
        return load_dataset("strokes")


def rng() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def repeat(f: Callable[[], object], times: int) -> None:
    for _ in range(times):
        f()


def stepper(progress: Iterator) -> Callable[[], None]:
    """Twenty training steps, the distance between two reports."""
    for _ in range(3):
        next(progress)
    return lambda: next(progress)


def interleaved(contenders: list[Callable[[], object]], rounds: int = 25) -> list[float]:
    """Median seconds of each, timed in turn so that a slow moment of the machine hits all alike."""
    times: list[list[float]] = [[] for _ in contenders]
    for _ in range(rounds):
        for f, mine in zip(contenders, times, strict=True):
            began = time.perf_counter()
            f()
            mine.append(time.perf_counter() - began)
    return [statistics.median(mine) for mine in times]


def products(batch: int, pixels: int = 784, hidden: int = 500, dims: int = 2) -> Callable[[], None]:
    """The matrix products of one step: four forward, seven backward (the images need no gradient)."""
    x, h, code, z = (torch.randn(batch, n, generator=rng()) for n in (pixels, hidden, 2 * dims, dims))
    w1, w2, w3, w4 = (
        torch.randn(out, into, generator=rng())
        for into, out in ((pixels, hidden), (hidden, 2 * dims), (dims, hidden), (hidden, pixels))
    )

    def step() -> None:
        for a, w in ((x, w1), (h, w2), (z, w3), (h, w4)):
            torch.mm(a, w.t())
        for g, a in ((x, h), (h, z), (code, h), (h, x)):  # gradients of the weights
            torch.mm(g.t(), a)
        for g, w in ((x, w4), (h, w3), (code, w2)):  # gradients of the activations
            torch.mm(g, w)

    return step


if __name__ == "__main__":
    main()
