"""What the command line says: results to stdout, progress and messages to stderr."""

import codecs
import signal
import sys
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import contextmanager

PLAIN = {
    "β": "beta", "σ": "sigma", "±": "+-", "−": "-", "–": "-", "’": "'", "“": '"', "”": '"', "×": "x", "·": ".",
    "█": "#", "≤": "<=", "≥": ">=", "…": "...",
}  # fmt: skip


def write_to_any_terminal() -> None:
    """From now on what a terminal's encoding lacks is written in ASCII: no command fails because of a β."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="vae_core.plain")


def plain(error: UnicodeError) -> tuple[str, int]:
    """A codec's error handler: the characters that cannot be encoded as ASCII stands for them, else as ?."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lost = error.object[error.start : error.end]
    letters = (PLAIN.get(c) or unicodedata.normalize("NFKD", c).encode("ascii", "ignore").decode() for c in lost)
    return "".join(letter or "?" for letter in letters), error.end


codecs.register_error("vae_core.plain", plain)


def notify(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


def bar(title: str):
    """A line that is rewritten in place on a terminal, and one line each tenth of the way elsewhere."""
    live, width, began, seen = sys.stderr.isatty(), 24, time.perf_counter(), {}

    def tell(p, validation: float | None) -> None:
        first = seen.setdefault("first", p)
        seconds = time.perf_counter() - began
        rate = (p.images_seen - first.images_seen) / max(p.seconds - first.seconds, 1e-9)
        left = (p.steps - p.step) * (p.images_seen / p.step) / rate if rate else 0.0
        filled = "█" * (p.step * width // p.steps)
        line = (
            f"{title}  {filled:·<{width}} {p.step}/{p.steps}  ELBO {p.elbo:.1f}  reconstruction {p.reconstruction:.1f}"
            f"  KL {p.kl:.2f}  {rate:,.0f} images/s  {clock(left)} left"
        )
        if p.step == p.steps:
            line = f"{line}, {clock(seconds)} in all"
        if live:
            print(f"\r{line}\033[K", end="\n" if p.step == p.steps else "", file=sys.stderr, flush=True)
        elif p.step * 10 // p.steps > seen.get("tenth", -1):
            seen["tenth"] = p.step * 10 // p.steps
            print(line, file=sys.stderr, flush=True)

    return tell


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def print_report(r: dict) -> None:
    if r["elbo"] is None:
        print(f"  reconstruction {r['reconstruction']:.2f} nats per image (an autoencoder has no KL and no ELBO)")
        return
    print(f"  test ELBO      {r['elbo']:10.2f}{errors(r)}")
    print(f"  reconstruction {r['reconstruction']:10.2f}")
    print(f"  KL             {r['kl']:10.2f}   per dimension " + " ".join(f"{v:.2f}" for v in r["kl_per_dimension"]))
    if r["active_units"] is not None:
        print(f"  active units   {r['active_units']:7d} of {len(r['kl_per_dimension'])}")
    print(f"  nats per image; {counted(r['images'], 'test image')}, {counted(r['samples'], 'noise sample')} each")


def errors(r: dict) -> str:
    """The standard errors that a report has, and why one is missing."""
    over = "" if r["elbo_se"] is None else f" ± {r['elbo_se']:.2f} over images"
    noise = "" if r["elbo_mc"] is None else f" ± {r['elbo_mc']:.3f} Monte Carlo"
    return over + noise + ("  (one test image: no error bar)" if r["elbo_se"] is None else "")


def counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" + ("s" if number != 1 else "")


def print_log_px(vae, x, which: str) -> None:
    """log p(x) of some images, beside their own bound: exactly for D <= 2, else from below."""
    import torch

    from vae_core.inference.bound_decomposition import tightness
    from vae_core.inference.importance_sampling import importance
    from vae_core.inference.latent_grid import LatentGrid
    from vae_core.training.evaluate import scores

    print(f"{which}:")
    if vae.latent_dim > 2:
        s = scores(vae, x, samples := 100)
        error = (s.noise_variance.sum() / samples).sqrt() / len(x)
        for name, value in (("reconstruction", s.reconstruction), ("KL", s.kl.sum(-1)), ("ELBO", s.elbo)):
            print(f"  {name:14} {value.mean():10.2f}" + (f" ± {error:.2f} Monte Carlo" if name != "KL" else ""))
        bound = importance(vae, x, 500, torch.Generator().manual_seed(0))
        print(
            f"  log p(x) >=    {bound.log_px.mean():10.2f}   in expectation: 500 importance samples, "
            f"effective sample size {bound.effective_samples.mean():.0f}"
        )
        return
    grid = LatentGrid(vae)
    parts = tightness(vae, vae.posterior(x), x, grid.log_px(x))
    tail, change, _ = (worst.max() for worst in grid.certificate)
    for name, value in (("reconstruction", parts.reconstruction), ("KL", parts.kl), ("ELBO", parts.elbo)):
        print(f"  {name:14} {value.mean():10.2f}")
    print(f"  + gap          {parts.gap.mean():10.2f}   KL from q(z|x) to the exact posterior, a sum of its own")
    print(
        f"  = log p(x)     {parts.log_px.mean():10.2f}   exact: at most {change:.0e} at the last halving, "
        f"tail e^{tail:.0f}"
    )


@contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Turns the first Ctrl-C into a request to stop after the current steps; the second one ends the process."""
    asked = []

    def ask(*_: object) -> None:
        asked.append(True)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: bool(asked)
    finally:
        signal.signal(signal.SIGINT, before)
