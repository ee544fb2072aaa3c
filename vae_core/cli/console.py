"""What the command line says: results to stdout, progress and messages to stderr."""

import codecs
import math
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


FEW_DRAWS = 2000  # of the total correlation: its standard error is a few hundredths of a nat

NO_ASSETS = (
    "The bundled models are not here: they come with VAE Lab’s repository. Clone it, and set VAE_ASSETS to its folder "
    "assets."
)


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
        weighted = "" if p.importance_weighted is None else f"  importance-weighted {p.importance_weighted:.1f}"
        line = (
            f"{title}  {filled:·<{width}} {p.step:,}/{p.steps:,}{weighted}  ELBO {p.elbo:.1f}"
            f"  reconstruction {p.reconstruction:.1f}"
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


def print_report(r: dict, conditional: bool = False) -> None:
    if r["elbo"] is None:
        print(f"  reconstruction {r['reconstruction']:.2f} nats per image (an autoencoder has no KL and no ELBO)")
        return
    print(f"  test ELBO      {r['elbo']:10.2f}{errors(r)}" + (", of log p(x|y)" if conditional else ""))
    if (weighted := r.get("importance_weighted")) is not None:
        error = r.get("importance_weighted_se")
        over = "" if error is None else f" ± {error:.2f} over images"
        print(f"  K samples      {weighted:10.2f}{over}, the importance-weighted bound that was climbed")
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


def print_factors(scores, factors) -> None:
    """A table of what each dimension says of each factor of the test images, and the mutual information gap."""
    import numpy as np

    from vae_core.analysis.elbo_surgery import surgery, total_correlation
    from vae_core.analysis.factor_information import factor_information

    logvar = np.nan_to_num(scores.logvar.numpy(), nan=-np.inf)  # an autoencoder's codes are points
    found = factor_information(scores.mean.numpy(), logvar, factors.test.numpy())
    wide = max(8, *map(len, factors.names))
    print(f"  mutual information of a sample of z and a factor, nats; {len(logvar):,} test images")
    print("  " + " " * 8 + "".join(f"{name:>{wide + 2}}" for name in factors.names))
    for d, row in enumerate(found.information):
        print(f"  z{d + 1:<7}" + "".join(f"{value:{wide + 2}.2f}" for value in row))
    print(f"  {'entropy':<8}" + "".join(f"{value:{wide + 2}.2f}" for value in found.entropy))
    print(f"  {'gap':<8}" + "".join(f"{value:{wide + 2}.2f}" for value in found.gaps))
    if np.isfinite(logvar).all():
        codes = scores._replace(mean=scores.mean.numpy(), logvar=logvar)
        common, parts = total_correlation(codes, FEW_DRAWS), surgery(codes, FEW_DRAWS)
        print(
            f"  total correlation of z {common.total:.2f} ± {common.error:.2f} nats, of the mixture of these images' "
            f"codes, which tell {parts.information:.2f} of at most ln N = {math.log(common.images):.2f}"
        )
    print(
        f"  mutual information gap (MIG) {found.gap:.3f}: of the codes as they lie, a rotation of them scores otherwise"
    )


def print_log_px(vae, x, which: str, labels=None) -> None:
    """log p(x) of some images, beside their own bound: exactly where it can be summed, else from below.

    Of a conditional model log p(x|y), given the classes y of the images in `labels` (B,)."""
    import torch

    from vae_core.inference.bound_decomposition import Tightness, tightness
    from vae_core.inference.importance_sampling import importance
    from vae_core.inference.latent_grid import LatentGrid, summable
    from vae_core.model.vae import by_class
    from vae_core.training.evaluate import scores

    print(f"{which}:")
    log_p = "log p(x)" if labels is None else "log p(x|y)"
    if not summable(vae):
        s = scores(vae, x, samples := 100, labels=labels)
        error = (s.noise_variance.sum() / samples).sqrt() / len(x)
        for name, value in (("reconstruction", s.reconstruction), ("KL", s.kl.sum(-1)), ("ELBO", s.elbo)):
            print(f"  {name:14} {value.mean():10.2f}" + (f" ± {error:.2f} Monte Carlo" if name != "KL" else ""))
        bound = importance(vae.given(labels), x, 500, torch.Generator().manual_seed(0))
        print(
            f"  {log_p + ' >=':14} {bound.log_px.mean():10.2f}   in expectation: 500 importance samples, "
            f"effective sample size {bound.effective_samples.mean():.0f}"
        )
        return
    made, worst = [], []
    for given, rows in by_class(vae, labels, len(x)):
        grid = LatentGrid(given)
        made.append(tightness(given, given.posterior(x[rows]), x[rows], grid.log_px(x[rows])))
        worst.append(torch.stack([grid.certificate.tail.max(), grid.certificate.change.max()]))
    parts, (tail, change) = Tightness(*map(torch.cat, zip(*made, strict=True))), torch.stack(worst).amax(0)
    for name, value in (("reconstruction", parts.reconstruction), ("KL", parts.kl), ("ELBO", parts.elbo)):
        print(f"  {name:14} {value.mean():10.2f}")
    print(f"  + gap          {parts.gap.mean():10.2f}   KL from q(z|x) to the exact posterior, a sum of its own")
    print(
        f"  {'= ' + log_p:14} {parts.log_px.mean():10.2f}   exact: at most {change:.0e} at the last halving, "
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
