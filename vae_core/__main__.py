"""The command line: python -m vae_core train | sweep | list | evaluate | export | import | doctor | bundle |
family | remedies | compare | bench.

Exit codes: 0 done, 1 the work failed (a diverged training), 2 what was asked makes no sense or is not there,
130 stopped with Ctrl-C. Messages go to stderr, results to stdout.
"""

import argparse
import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from vae_core.files import DamagedError
from vae_core.runs import bundled, describe, find, trained
from vae_core.seals import SealError
from vae_core.settings import PRESETS, DataSettings, ModelSettings, RunSettings, TrainSettings, preset

ROOT = Path(__file__).parent.parent


def main(arguments: list[str] | None = None) -> int:
    options = parser().parse_args(arguments)
    if getattr(options, "threads", None):
        import torch

        torch.set_num_threads(options.threads)
    try:
        return options.command(options)
    except ValueError as error:  # settings, data and run files all raise one plain sentence
        print(f"vae_core: {error}", file=sys.stderr)
        return 1 if isinstance(error, OSError) else 2
    except BrokenPipeError:
        return 0
    except (ArithmeticError, OSError) as error:
        print(f"vae_core: {error}", file=sys.stderr)
        return 1


def train(options: argparse.Namespace) -> int:
    """Trains a model, shows its bound as it grows, and adds it to the dashboard's picker."""
    from vae_core.datasets import load_dataset
    from vae_core.jobs import perform

    settings = chosen_settings(options)
    dataset = load_dataset(settings.data.name, options.data, settings.data.split, progress=say)
    settings = settings.with_fields(name=dataset.name, fingerprint=dataset.fingerprint)
    key, runs = settings.key(), trained()
    entry = runs.get(key)
    if entry and entry.status == "done" and not options.again:
        say(f"This model was trained before ({entry.created}); --again trains it anew.")
    else:
        if entry and options.again:
            runs.remove(key)
        with interruptible() as stopped:
            entry = perform(
                settings, dataset, runs, tell=bar(describe(settings)), stop=stopped, name=options.name,
                origin="command line",
            )  # fmt: skip
    if entry.status != "done":
        say(f"Stopped at step {entry.step}; what was learned is kept. The same command goes on from there.")
        return 130
    print(f"{entry.key}  {entry.name}")
    print_report(entry.metrics)
    say("See it: streamlit run dashboard/app.py")
    return 0


def list_runs(options: argparse.Namespace) -> int:
    """The bundled models and those trained here."""
    for title, runs in (("bundled", bundled()), ("trained here", trained())):
        print(f"{title}:")
        for entry in sorted(runs.list(), key=lambda e: e.key) if title == "bundled" else runs.list():
            if entry.status == "done":
                r = entry.metrics
                value = f"ELBO {r['elbo']:9.2f}" if r["elbo"] is not None else f"rec. {r['reconstruction']:9.2f}"
            else:
                value = f"{entry.status} at step {entry.step}"
            print(f"  {entry.key:26}{value:18}  {entry.name}, {entry.created[:16].replace('T', ' ')}")
    return 0


def evaluate(options: argparse.Namespace) -> int:
    """The test bound of a model, split into its terms, and its log p(x): exact for D <= 2, else an importance bound."""
    from vae_core.datasets import load_dataset
    from vae_core.evaluate import independent_pixels, scores, summary
    from vae_core.likelihoods import SIGMA_FLOOR

    run = find_entry(options.model).load()
    data = run.settings.data
    dataset = load_dataset(run.manifest.get("source") or data.name, options.data, data.split, progress=say)
    if dataset.fingerprint != data.fingerprint:
        raise ValueError(f"{options.model} was trained on another {data.name} than the one found here.")
    x = dataset.observed("test", range(len(dataset.test)), options.seed, data.pixels)
    print(f"{options.model}: {describe(run.settings)}, {len(x)} test images, {data.pixels} pixels, seed {options.seed}")
    report = summary(scores(run.vae, x, options.samples, options.seed), options.samples, run.vae.stochastic)
    print_report(report.to_dict())
    if "chronological" in run.manifest:
        print(f"  the same recipe, tested on the film's last frames: ELBO {run.manifest['chronological']['elbo']:.2f}")
    if run.settings.model.likelihood == "gaussian":
        sigma = run.vae.observed(run.vae.code(x[:1000])).stddev
        share = (sigma < 1.1 * SIGMA_FLOOR).double().mean().item()
        print(f"  a density of {x.shape[1]} pixels: sigma is floored at {SIGMA_FLOOR:g}, where {share:.1%} of them lie")
    if run.settings.model.likelihood == "bernoulli":
        print(f"  independent pixels, for comparison {independent_pixels(dataset):10.2f}")
    if run.vae.stochastic and options.log_px:
        print_log_px(run.vae, x[: options.log_px])
    return 0


def export(options: argparse.Namespace) -> int:
    """Writes a sealed model (what import takes), its settings, the decoder for a browser, and the test codes as CSV."""
    from vae_core.export import codes_csv, decoder_blob
    from vae_core.transfer import send

    entry = find_entry(options.model)
    folder = Path(options.to or f"{entry.key}-export")
    send(entry, folder)
    (folder / "settings.json").write_text(json.dumps(entry.settings.to_dict(), indent=1))
    if entry.settings.model.network == "mlp":
        (folder / "decoder.bin").write_bytes(decoder_blob(entry))
    if entry.codes():
        (folder / "codes.csv").write_text(codes_csv(entry))
    print("\n".join(str(path) for path in sorted(folder.iterdir())))
    return 0


def take_in(options: argparse.Namespace) -> int:
    """Adds a model that `export` wrote, on this machine or another one; anything else is refused."""
    from vae_core.archive import read
    from vae_core.transfer import receive

    path = Path(options.folder)
    entry = read(path, trained()) if path.is_file() else receive(path, trained())
    value = entry.metrics["elbo"]
    print(f"{entry.key}  {entry.name}" + ("" if value is None else f"  ELBO {value:.2f}"))
    return 0


def sweep(options: argparse.Namespace) -> int:
    """Trains all combinations of settings given as comma lists, each with some seeds, and prints a table."""
    from vae_core import sweep as sweeps
    from vae_core.datasets import load_dataset

    given = {name: getattr(options, name) for name in FIELDS if getattr(options, name, None) is not None}
    name, *others = given.pop("dataset")
    if others or options.seeds < 1 or options.workers < 1:
        raise ValueError("A sweep takes one data set, and at least one seed and one worker.")
    first = preset(options.preset, "frey" if Path(name).name.startswith("frey") else name)
    first.with_fields(**{field: values[0] for field, values in given.items()})  # nonsense is said before data is read
    dataset = load_dataset(name, options.data, first.data.split, progress=say)
    plan = sweeps.plan(first.with_fields(name=dataset.name, fingerprint=dataset.fingerprint), given, options.seeds)
    data = dataset.source if dataset.name != dataset.source else options.data
    with executor(options) as (made, slots):
        swept = sweeps.carry_out(plan, trained(), made, slots, data, say)
    print(f"{sweeps.table(plan, swept.outcomes)}\n\n{sweeps.listing(plan, swept.outcomes)}")
    cached = sum(made is not None for made in swept.outcomes) - swept.trained
    print(f"\n{len(plan)} runs: {cached} from the cache, {swept.trained} trained now")
    if swept.overhead is not None:
        print(f"overhead per training, wall minus training: {swept.overhead:.2f} s, {slots} at a time")
    failed = any(made and made["status"] in ("failed", "diverged") for made in swept.outcomes)
    return 130 if swept.stopped else int(failed)


@contextmanager
def executor(options: argparse.Namespace) -> Iterator[tuple[Executor, int]]:
    """What a sweep runs on, and how many trainings it takes at a time."""
    if options.dask:
        try:
            from distributed import Client
        except ImportError:
            raise ValueError("--dask needs the package distributed: pip install distributed.") from None
        with Client(options.dask, timeout=20) as client:
            yield client.get_executor(), sum(client.nthreads().values())
    else:
        from vae_core.workers import Workers

        workers = Workers(options.workers, options.threads or 1)
        try:
            yield workers, options.workers
        finally:
            workers.shutdown(cancel_futures=True)


def doctor(options: argparse.Namespace) -> int:
    """Verifies every run against its seals, and says what is here: space, data sets, versions."""
    import platform

    from vae_core import datasets, upkeep
    from vae_core.drafts import versions
    from vae_core.folders import cache_folder
    from vae_core.settings import SCHEMA

    known = "  ".join(f"{name} {version}" for name, version in versions().items())
    print(f"python {platform.python_version()}  {known}  schema {SCHEMA}")
    cache, found, runs = cache_folder(), [], trained()
    for title, some in (("bundled models", bundled()), ("trained here", runs)):
        findings = upkeep.examine(some)
        found += findings
        print(f"{title}: {len(some.list())} runs, {upkeep.size(some.folder) / 1e6:.1f} MB in {some.folder}")
        for finding in findings:
            print(f"  {finding.kind:9} {finding.key}: {finding.what}")
    aside = len(list(runs.quarantine.iterdir())) if runs.quarantine.is_dir() else 0
    print(f"cache: {upkeep.size(cache) / 1e6:.1f} MB in all; runs may take {upkeep.budget() / 1e6:.0f} MB")
    print(f"quarantine: {aside} damaged things kept in {runs.quarantine}")
    for name in datasets.NAMES:
        said = "drawn when it is needed"
        if name != "strokes":
            try:
                there = datasets.load_dataset(name, options.data, download=False)
                said = f"{len(there.train)} + {len(there.test)} images"
            except datasets.DatasetError as error:
                said = str(error).splitlines()[0]
                if isinstance(error, DamagedError):
                    found.append(upkeep.Finding(name, "damaged", said, cache))
        print(f"data {name}: {said}")
    if options.mend and any(finding.kind != "outdated" for finding in found):
        upkeep.mend(runs, found)
        print(f"mended: leftovers removed, damaged runs moved to {runs.quarantine}")
    print(f"{len(found)} findings" if found else "nothing is wrong")
    return int(bool(found))


def bundle(options: argparse.Namespace) -> int:
    """Rebuilds the bundled models, all or those named, into assets/models."""
    from vae_core.datasets import load_dataset
    from vae_core.jobs import perform
    from vae_core.recipes import ALSO_CHRONOLOGICAL, CLOSED_FORM, RECIPES, principal

    unknown = set(options.names) - set(RECIPES)
    if unknown:
        raise ValueError(f"There is no recipe {', '.join(sorted(unknown))}; there are {', '.join(RECIPES)}.")
    runs = bundled()
    for name in options.names or RECIPES:
        settings, more = RECIPES[name], {"rebuild": f"python -m vae_core bundle {name}"}
        if name in ALSO_CHRONOLOGICAL:
            film = settings.with_fields(split="chronological")
            dataset = load_dataset("frey", options.data, "chronological")
            beside = perform(film, dataset, trained(), tell=bar(f"{name} chronological"))
            more["chronological"] = beside.metrics
        dataset = load_dataset(settings.data.name, options.data, settings.data.split, progress=say)
        runs.remove(name)
        if name in CLOSED_FORM:
            entry = principal(settings, dataset, runs, name, **more)
        else:
            entry = perform(settings, dataset, runs, tell=bar(name), folder=name, name=name, half=True, **more)
        print(name)
        print_report(entry.metrics)
    return 0


def family(options: argparse.Namespace) -> int:
    """The beta family's table; with --write measured anew, and the eigenvalues of MNIST that predict collapse."""
    from vae_core import collapse
    from vae_core import family as betas

    if options.write:
        from vae_core.datasets import load_dataset
        from vae_core.evaluate import independent_pixels

        dataset = load_dataset("mnist", options.data, progress=say)
        kept = betas.members()[0].settings.data.validation
        spectrum = collapse.spectrum(dataset.train[: len(dataset.train) - kept].numpy(), dataset.fingerprint)
        spectrum = spectrum._replace(independent=round(independent_pixels(dataset), 3))
        collapse.SPECTRUM.write_text(json.dumps(spectrum._asdict()) + "\n", "utf-8")
        betas.write({entry.key: betas.measure(entry) for entry in betas.members()})
    rows = list(betas.family())
    print(betas.table(rows))
    found = collapse.mnist().correlation
    print("eigenvalues of the pixels' correlation matrix: " + " ".join(f"{value:.2f}" for value in found[:6]))
    print(f"independent pixels, what a collapsed model reaches: {collapse.mnist().independent:.2f}")
    for m in rows:
        expected = collapse.predicted_active(found, m.beta, len(m.mean_sigma))
        if expected != m.active_units:
            print(f"at beta = {m.beta:g} they predict {expected} active units, {m.active_units} are")
    return 0


def remedies(options: argparse.Namespace) -> int:
    """What warm-up and free bits do at a high beta; with --write, trains what is not in the cache (half an hour)."""
    from vae_core import family as betas
    from vae_core import remedies as tried

    if options.write:
        from vae_core.datasets import load_dataset
        from vae_core.jobs import perform

        dataset, made = load_dataset("mnist", options.data, progress=say), []
        for method, settings in tried.plan(dataset.fingerprint):
            entry = trained().get(settings.key())
            if entry is None or entry.status != "done":
                entry = perform(settings, dataset, trained(), tell=bar(f"{method}, {describe(settings)}"))
            made.append(tried.trial(method, entry))
        tried.write(made, dataset.fingerprint)
    print(tried.table(tried.trials(), list(betas.family())))
    return 0


def compare(options: argparse.Namespace) -> int:
    """Models beside each other; with --write, measures every bundled model anew (needs the data sets, minutes)."""
    from vae_core import comparison

    if options.write:
        from vae_core.datasets import load_dataset

        rows = []
        for entry in sorted(bundled().list(), key=lambda e: e.key):
            data = entry.settings.data
            say(f"measuring {entry.key}")
            dataset = load_dataset(data.name, options.data, data.split, progress=say)
            rows.append((entry, comparison.measure(entry, dataset)))
        comparison.write(rows)
    print(comparison.table([find_entry(name) for name in options.names or comparison.AUTOENCODERS]))
    return 0


def bench(options: argparse.Namespace) -> int:
    """Prints the table of tests/benchmarks: every figure is a ratio or a limit measured in this run."""
    script = ROOT / "tests" / "benchmarks" / "table.py"
    if not script.exists():
        raise ValueError(f"The benchmarks live in {script.parent}, which is not here; run this in a clone.")
    return subprocess.call([sys.executable, str(script), *options.names])


def chosen_settings(options: argparse.Namespace) -> RunSettings:
    """The preset with the given flags on top."""
    flags = {name: getattr(options, name) for name in FIELDS if getattr(options, name, None) is not None}
    dataset = flags.pop("dataset")
    settings = preset(options.preset, "frey" if Path(dataset).name.startswith("frey") else dataset)
    return settings.with_fields(name=dataset, **flags)


def find_entry(key: str):
    entry = find(key)
    if entry is None:
        why = trained().why_not(key)
        raise SealError(why.replace("no run", "no model"))
    return entry


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
    print(f"  test ELBO      {r['elbo']:10.2f} ± {r['elbo_se']:.2f} over images ± {r['elbo_mc']:.3f} Monte Carlo")
    print(f"  reconstruction {r['reconstruction']:10.2f}")
    print(f"  KL             {r['kl']:10.2f}   per dimension " + " ".join(f"{v:.2f}" for v in r["kl_per_dimension"]))
    print(f"  active units   {r['active_units']:7d} of {len(r['kl_per_dimension'])}")
    print(f"  nats per image; {r['images']} test images, {r['samples']} noise samples each")


def print_log_px(vae, x) -> None:
    import torch

    from vae_core.evidence import LatentGrid, importance

    if vae.latent_dim <= 2:
        grid = LatentGrid(vae)
        value = grid.log_px(x).double().mean().item()
        tail, change, _ = (worst.max() for worst in grid.certificate)
        sure = f"at most {change:.0e} at the last halving, tail e^{tail:.0f}"
        print(f"  log p(x), exact {value:9.2f}   mean of the first {len(x)} images; {sure}")
        return
    bound = importance(vae, x, 500, torch.Generator().manual_seed(0))
    print(
        f"  log p(x) >= {bound.log_px.mean():13.2f}   in expectation: 500 importance samples, first {len(x)} images, "
        f"effective sample size {bound.effective_samples.mean():.0f}"
    )


def say(message: str) -> None:
    print(message, file=sys.stderr, flush=True)


FIELDS = {f.name: f for part in (DataSettings, ModelSettings, TrainSettings) for f in fields(part)}
FIELDS = {"dataset" if name == "name" else name: f for name, f in FIELDS.items() if name != "fingerprint"}


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m vae_core", description="Train, list, evaluate and export VAEs.")
    commands = p.add_subparsers(required=True, metavar="command")

    def command(name: str, function: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
        sub.set_defaults(command=function)
        return sub

    sub = command("train", train)
    sub.add_argument("--preset", choices=PRESETS, default="quick")
    sub.add_argument("--name", default="", help="a name for the picker")
    sub.add_argument("--again", action="store_true", help="train anew although the result is here already")
    add_common(sub)
    add_settings(sub)

    sub = command("sweep", sweep)
    sub.add_argument("--preset", choices=PRESETS, default="quick")
    sub.add_argument("--seeds", type=int, default=1, metavar="N", help="seeds of each combination, from --seed on (1)")
    sub.add_argument("--workers", type=int, default=1, help="trainings at a time on this machine (1)")
    sub.add_argument("--dask", metavar="ADDRESS", help="a dask cluster with the same cache folder: tcp://host:8786")
    add_common(sub)
    add_settings(sub, several=True)

    sub = command("doctor", doctor)
    sub.add_argument("--mend", action="store_true", help="remove leftovers, move what is damaged to quarantine")
    add_common(sub)

    sub = command("import", take_in)
    sub.add_argument("folder", help="a folder that export wrote, or a .zip of the Train page")

    command("list", list_runs)

    sub = command("evaluate", evaluate)
    sub.add_argument("model", help="a bundled model's name or a run's key")
    sub.add_argument("--samples", type=int, default=16, help="noise samples per image (16)")
    sub.add_argument("--seed", type=int, default=0, help="of binarisation and noise (0)")
    sub.add_argument("--log-px", type=int, default=200, help="images to find log p(x) of (200; 0: none)")
    add_common(sub)

    sub = command("export", export)
    sub.add_argument("model")
    sub.add_argument("--to", help="folder to write into")

    sub = command("bundle", bundle)
    sub.add_argument("names", nargs="*", help="all of them if none is named")
    add_common(sub)

    sub = command("family", family)
    sub.add_argument("--write", action="store_true", help="measure again (needs MNIST) and keep it in assets")
    add_common(sub)

    sub = command("remedies", remedies)
    sub.add_argument("--write", action="store_true", help="train the trials (needs MNIST) and keep them in assets")
    add_common(sub)

    sub = command("compare", compare)
    sub.add_argument("names", nargs="*", help="models; without any, autoencoders, linear and not, and their VAEs")
    sub.add_argument("--write", action="store_true", help="measure again and keep it in assets")
    add_common(sub)

    sub = command("bench", bench)
    sub.add_argument("names", nargs="*", help="rows of the table, e.g. training decoding; all if none is named")
    return p


def add_settings(sub: argparse.ArgumentParser, several: bool = False) -> None:
    """A flag for each setting; in a sweep it takes a comma list, and widths are joined by a dash."""
    for name, field in FIELDS.items():
        rule = field.metadata
        kind = {bool: boolean, tuple: layer_widths}.get(rule["type"], rule["type"])
        flags = [f"--{name.replace('_', '-')}"] + (["--latent"] if several and name == "latent_dim" else [])
        default = "mnist" if name == "dataset" else None
        if several:
            sub.add_argument(*flags, dest=name, type=comma_list(kind), default=default and [default])
        else:
            sub.add_argument(
                *flags, dest=name, type=kind, choices=rule.get("choices"), default=default,
                help=None if "low" not in rule else f"{rule['low']:g} to {rule['high']:g}",
            )  # fmt: skip


def comma_list(kind: Callable[[str], Any]) -> Callable[[str], list[Any]]:
    def values(text: str) -> list[Any]:
        return [kind(part) for part in text.split(",")]

    values.__name__ = f"list of {getattr(kind, '__name__', 'values')}"
    return values


def add_common(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--data", help="folder with the data sets (else VAE_DATA_DIR, else the cache)")
    sub.add_argument("--threads", type=int, help="processor threads")


def boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"true or false, not {text!r}")
    return text.lower() == "true"


def layer_widths(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.replace("-", ",").split(",") if part)
    except ValueError:
        raise argparse.ArgumentTypeError(f"layer widths like 500,250, not {text!r}") from None


if __name__ == "__main__":
    sys.exit(main())
