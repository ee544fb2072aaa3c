"""What a user asks for: to train, sweep, list, evaluate, export and import models, and to have the cache examined.

Each function is a command of the same name, its docstring the help text, what it returns the exit code.
"""

import argparse
from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path

from vae_core.cli.console import NO_ASSETS, bar, interruptible, notify, print_factors, print_log_px, print_report
from vae_core.cli.pages import LECTURE, save_page
from vae_core.cli.settings_flags import FIELDS, chosen_settings, source_of_data
from vae_core.data.checksums import DamagedError
from vae_core.registry import DATA_SETS
from vae_core.runs.store import bundled, describe, find, trained
from vae_core.sealed_files import SealError
from vae_core.settings import DataSettings, RunSettings, held_out, preset

SHORT = 4  # digits of a key that may stand for it


def train(options: argparse.Namespace) -> int:
    """Trains a model, shows its bound as it grows, and adds it to the dashboard's picker."""
    from vae_core.data.datasets import load_dataset
    from vae_core.jobs.trainer import check, train_run

    source, split = source_of_data(options, options.dataset), options.split
    if options.dataset in DATA_SETS:
        split = chosen_settings(options).data.split  # what is wrong with the flags is said before anything is fetched
    dataset = load_dataset(source, options.data, split or DataSettings().split, progress=notify)
    if dataset.remark:
        notify(f"{dataset.source}: {dataset.remark}.")
    settings = chosen_settings(options, dataset.shape).with_fields(name=dataset.name, fingerprint=dataset.fingerprint)
    if options.validation is None:
        settings = fitted(settings, dataset)
    check(settings, dataset)
    key, runs = settings.key(), trained()
    entry = runs.get(key)
    if entry and entry.status == "done" and not options.again:
        notify(f"This model was trained before ({entry.created}); --again trains it anew.")
    else:
        if entry and options.again:
            runs.remove(key)
        with interruptible() as stopped:
            entry = train_run(
                settings, dataset, runs, tell=bar(describe(settings)), stop=stopped, name=options.name,
                origin="command line",
            )  # fmt: skip
    if entry.status != "done":
        notify(f"Stopped at step {entry.step:,}; what was learned is kept. The same command goes on from there.")
        return 130
    if entry.why:
        notify(entry.why)
    print(f"{entry.key}  {entry.name}")
    print_report(entry.metrics, entry.settings.model.conditional)
    notify("See it: streamlit run dashboard/app.py")
    return 0


def fitted(settings: RunSettings, dataset) -> RunSettings:
    """With as many validation images as your own data have room for; the bundled data sets keep their preset's."""
    if dataset.source in DATA_SETS:
        return settings
    count, of = held_out(len(dataset.train)), len(dataset.train)
    notify(f"{count:,} of the {of:,} training images are held out for validation; --validation changes it.")
    return settings.with_fields(validation=count)


def sweep(options: argparse.Namespace) -> int:
    """Trains all combinations of settings given as comma lists, each with some seeds, and prints a table."""
    from vae_core.data.datasets import load_dataset
    from vae_core.jobs import sweep as sweeps
    from vae_core.jobs.trainer import check

    given = {name: getattr(options, name) for name in FIELDS if getattr(options, name, None) is not None}
    name, *others = given.pop("dataset")
    if others:
        raise ValueError("A sweep takes one data set.")
    first = preset(options.preset, name)
    first.with_fields(**{field: values[0] for field, values in given.items()})  # nonsense is said before data is read
    dataset = load_dataset(source_of_data(options, name), options.data, first.data.split, progress=notify)
    if dataset.remark:
        notify(f"{dataset.source}: {dataset.remark}.")
    first = preset(options.preset, name, dataset.shape)
    first = first.with_fields(name=dataset.name, fingerprint=dataset.fingerprint)
    if "validation" not in given:
        first = fitted(first, dataset)
    plan = sweeps.plan(first, given, options.seeds)
    for settings in plan:
        check(settings, dataset)
    data = dataset.source if dataset.name != dataset.source else options.data
    with executor(options) as (made, slots):
        swept = sweeps.carry_out(plan, trained(), made, slots, data, notify)
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
        from vae_core.jobs.workers import Workers

        workers = Workers(options.workers, options.threads or 1)
        try:
            yield workers, options.workers
        finally:
            workers.shutdown(cancel_futures=True)


def list_runs(options: argparse.Namespace) -> int:
    """The bundled models and those trained here."""
    for title, runs in (("bundled", bundled()), ("trained here", trained())):
        print(f"{title}:")
        if title == "bundled" and not runs.folder.is_dir():
            print(f"  {NO_ASSETS}")
        for entry in sorted(runs.list(), key=lambda e: e.key) if title == "bundled" else runs.list():
            if entry.status == "done":
                r = entry.metrics
                value = f"ELBO {r['elbo']:9.2f}" if r["elbo"] is not None else f"rec. {r['reconstruction']:9.2f}"
            else:
                value = f"{entry.status} at step {entry.step:,}"
            print(f"  {entry.key:26}{value:18}  {entry.name}, {entry.created[:16].replace('T', ' ')}")
    return 0


def evaluate(options: argparse.Namespace) -> int:
    """The test bound of a model, split into its terms, and log p(x) beside the bound of the same images."""
    from vae_core.data.datasets import load_dataset
    from vae_core.model.likelihoods import SIGMA_FLOOR
    from vae_core.training.evaluate import independent_pixels, scores, summary

    run = find_entry(options.model).load()
    data = run.settings.data
    dataset = load_dataset(run.manifest.get("source") or data.name, options.data, data.split, progress=notify)
    if dataset.fingerprint != data.fingerprint:
        raise ValueError(f"{options.model} was trained on another {data.name} than the one found here.")
    x = dataset.observed("test", range(len(dataset.test)), options.seed, data.pixels)
    print(f"{options.model}: {describe(run.settings)}, {len(x)} test images, {data.pixels} pixels, seed {options.seed}")
    labels, conditional = dataset.test_labels, run.settings.model.conditional
    if conditional:
        print("  given each image's own class y: bounds and likelihoods are of log p(x|y)")
    if options.image is not None:
        one_of(x, options.image, run.vae.stochastic)
        one = slice(options.image, options.image + 1)
        print_log_px(run.vae, x[one], f"test image {options.image}, nats", labels[one] if conditional else None)
        return 0
    if options.factors and dataset.factors is None:
        raise ValueError(f"Nobody knows what drew the images of {data.name}; --factors takes strokes or shapes.")
    weighted = run.settings.train.importance_samples
    found = scores(run.vae, x, options.samples, options.seed, labels, weighted if weighted <= options.samples else 1)
    report = summary(found, options.samples, run.vae.stochastic)
    print_report(report.to_dict(), conditional)
    if "chronological" in run.manifest:
        print(f"  the same recipe, tested on the film's last frames: ELBO {run.manifest['chronological']['elbo']:.2f}")
    if run.settings.model.row.variance == "pixel":
        given = run.vae.given(dataset.labels("test", range(len(x[:1000]))))
        sigma = given.observed(given.code(x[:1000])).stddev
        share = (sigma < 1.1 * SIGMA_FLOOR).double().mean().item()
        print(f"  a density of {x.shape[1]} pixels: sigma is floored at {SIGMA_FLOOR:g}, where {share:.1%} of them lie")
    if run.settings.model.row.binary:
        print(f"  independent pixels, for comparison {independent_pixels(dataset):10.2f}")
    if options.factors:
        print_factors(found, dataset.factors)
    if run.vae.stochastic and options.log_px:
        some = x[: options.log_px]
        which = f"the first {len(some)} test images, means in nats per image"
        print_log_px(run.vae, some, which, labels[: len(some)] if conditional else None)
    return 0


def one_of(x, image: int, stochastic: bool) -> None:
    """ValueError where there is no bound of that image."""
    if not 0 <= image < len(x):
        raise ValueError(f"There is no test image {image}; they are 0 to {len(x) - 1}.")
    if not stochastic:
        raise ValueError("An autoencoder has no distribution over codes, so an image has no bound and no gap.")


def export(options: argparse.Namespace) -> int:
    """Writes a sealed model (what import takes) and what others read: settings, a card, tables, the decoder, ONNX.

    With --html it writes one page instead, which any browser opens without Python.
    """
    if options.html:
        return save_page(options, None if options.model == LECTURE else find_entry(options.model))
    from vae_core.exchange.archive import copies
    from vae_core.exchange.import_run import send

    entry = find_entry(options.model)
    folder = Path(options.to or f"{entry.key}-export")
    send(entry, folder)
    for name, data in copies(entry).items():
        (folder / name).write_bytes(data)
    print("\n".join(str(path) for path in sorted(folder.iterdir())))
    return 0


def import_run(options: argparse.Namespace) -> int:
    """Adds a model: what `export` wrote here or elsewhere, or the weights of a VAE that other code has trained."""
    from vae_core.data.datasets import load_dataset
    from vae_core.exchange import foreign_weights
    from vae_core.exchange.archive import read
    from vae_core.exchange.import_run import receive

    path, here = Path(options.folder), {entry.key: entry.name for entry in trained().list() if entry.ready}
    if path.suffix in (".safetensors", ".pt", ".pth", ".bin"):
        dataset = load_dataset(options.dataset, options.data, progress=notify)
        chosen = {"layout": options.like, "activation": options.activation, "likelihood": options.likelihood}
        entry = foreign_weights.take(path, dataset, trained(), name=options.name, **chosen)
        said = foreign_weights.doubt(entry, dataset)
    else:
        entry, said = read(path, trained()) if path.is_file() else receive(path, trained()), ""
    if entry.key in here:
        notify(f"This model is here already, as {here[entry.key]}.")
    if options.name not in ("", entry.name):
        notify(f"It is called {options.name} from now on.")
        entry.called(options.name)
        entry = trained().get(entry.key)
    value = entry.metrics["elbo"]
    print(f"{entry.key}  {entry.name}" + ("" if value is None else f"  ELBO {value:.2f}"))
    if said:
        notify(said)
    return 0


def doctor(options: argparse.Namespace) -> int:
    """Verifies every run against its seals, and says what is here: space, data sets, versions."""
    import platform

    from vae_core.data import datasets
    from vae_core.paths import cache_folder
    from vae_core.runs import maintenance
    from vae_core.runs.training_run import versions
    from vae_core.settings import SCHEMA

    known = "  ".join(f"{name} {version}" for name, version in versions().items())
    print(f"python {platform.python_version()}  {known}  schema {SCHEMA}")
    cache, found, runs = cache_folder(), [], trained()
    for title, some in (("bundled models", bundled()), ("trained here", runs)):
        findings = maintenance.examine(some)
        found += findings
        print(f"{title}: {len(some.list())} runs, {maintenance.size(some.folder) / 1e6:.1f} MB in {some.folder}")
        for finding in findings:
            print(f"  {finding.kind:9} {finding.key}: {finding.what}")
    aside = len(list(runs.quarantine.iterdir())) if runs.quarantine.is_dir() else 0
    print(f"cache: {maintenance.size(cache) / 1e6:.1f} MB in all; runs may take {maintenance.budget() / 1e6:.0f} MB")
    print(f"quarantine: {aside} damaged things kept in {runs.quarantine}")
    for name, row in DATA_SETS.items():
        said = "drawn when it is needed"
        if row.files:
            try:
                there = datasets.load_dataset(name, options.data, download=False)
                said = f"{len(there.train)} + {len(there.test)} images"
            except datasets.DatasetError as error:
                said = str(error).splitlines()[0]
                if isinstance(error, DamagedError):
                    found.append(maintenance.Finding(name, "damaged", said, cache))
        print(f"data {name}: {said}")
    if options.mend and any(finding.kind != "outdated" for finding in found):
        maintenance.mend(runs, found)
        print(f"mended: leftovers removed, damaged runs moved to {runs.quarantine}")
    print(f"{len(found)} findings" if found else "nothing is wrong")
    return int(bool(found))


def find_entry(key: str):
    """A run by its name or key, or by the first digits of a key that only one run has."""
    entry = find(key)
    if entry is None and len(key) >= SHORT:
        entry, *others = [e for e in trained().list() if e.key.startswith(key)] or [None]
        if others:
            raise ValueError(f"{len(others) + 1} runs begin with {key}; give more digits.")
    if entry is None:
        why = trained().why_not(key)
        raise SealError(why.replace("no run", "no model"))
    return entry
