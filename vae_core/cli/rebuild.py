"""What the makers rebuild: the bundled models, and the tables in assets and tests/benchmarks measured anew."""

import argparse
import json
import os
import subprocess
import sys
from functools import partial
from pathlib import Path

from vae_core.cli.commands import find_entry
from vae_core.cli.console import bar, notify, print_report
from vae_core.runs.store import Entry, bundled, describe, starts, trained
from vae_core.sealed_files import write_sealed

ROOT = Path(__file__).parents[2]


def bundle(options: argparse.Namespace) -> int:
    """Rebuilds the bundled models, all or those named, into assets/models."""
    from vae_core.data.datasets import load_dataset
    from vae_core.jobs.trainer import train_run
    from vae_core.runs.bundled_recipes import (
        ALSO_CHRONOLOGICAL,
        CLOSED_FORM,
        CONVERGED,
        FAMILY_START,
        RECIPES,
        START,
        TRAINING_CODES,
        converge,
        principal,
    )

    unknown = set(options.names) - set(RECIPES)
    if unknown:
        raise ValueError(f"There is no recipe {', '.join(sorted(unknown))}; there are {', '.join(RECIPES)}.")
    runs = bundled()
    for name in options.names or RECIPES:
        settings, more = RECIPES[name], {"rebuild": f"python -m vae_core bundle {name}"}
        if name in ALSO_CHRONOLOGICAL:
            film = settings.with_fields(split="chronological")
            dataset = load_dataset("frey", options.data, "chronological")
            beside = train_run(film, dataset, trained(), tell=bar(f"{name} chronological"))
            more["chronological"] = beside.metrics
        dataset = load_dataset(settings.data.name, options.data, settings.data.split, progress=notify)
        if settings.train.start_from == START and starts().get(START) is None:
            start = train_run(FAMILY_START, dataset, starts(), tell=bar(START), folder=START, name=START)
            weights_alone(start)
        runs.remove(name)
        if name in CLOSED_FORM:
            entry = principal(settings, dataset, runs, name, **more)
        else:
            if name in CONVERGED:
                more["finish"] = partial(converge, settings=settings)
            entry = train_run(
                settings, dataset, runs, tell=bar(name), folder=name, name=name, half=True,
                codes=TRAINING_CODES.get(name), **more,
            )  # fmt: skip
        print(name)
        print_report(entry.metrics, settings.model.conditional)
    return 0


def weights_alone(entry: Entry) -> None:
    """Leaves of a run what a training can start from, and seals it anew."""
    for path in entry.folder.iterdir():
        if path.name not in ("model.safetensors", "manifest.json", "run.lock"):
            path.unlink()
    files = {"model.safetensors": entry.manifest["files"]["model.safetensors"]}
    write_sealed(entry.folder / "manifest.json", entry.manifest | {"files": files})


def family(options: argparse.Namespace) -> int:
    """The beta family's table; with --write measured anew, and the eigenvalues of MNIST that predict collapse."""
    from vae_core.analysis import beta_family as betas
    from vae_core.analysis import coverage, posterior_collapse

    if options.write:
        from vae_core.data.datasets import load_dataset
        from vae_core.training.evaluate import independent_pixels

        dataset = load_dataset("mnist", options.data, progress=notify)
        kept = betas.members()[0].settings.data.validation
        spectrum = posterior_collapse.spectrum(dataset.train[: len(dataset.train) - kept].numpy(), dataset.fingerprint)
        spectrum = spectrum._replace(independent=round(independent_pixels(dataset), 3))
        posterior_collapse.SPECTRUM.write_text(json.dumps(spectrum._asdict()) + "\n", "utf-8")
        betas.write()
        coverage.write_measured(betas.members())
    rows = list(betas.family())
    print(betas.table(rows))
    found = posterior_collapse.mnist().correlation
    print("eigenvalues of the pixels' correlation matrix: " + " ".join(f"{value:.2f}" for value in found[:6]))
    print(f"independent pixels, what a collapsed model reaches: {posterior_collapse.mnist().independent:.2f}")
    for m in rows:
        expected = posterior_collapse.predicted_active(found, m.beta, len(m.mean_sigma))
        if expected != m.active_units:
            print(f"at beta = {m.beta:g} they predict {expected} active units, {m.active_units} are")
    return 0


def variances(options: argparse.Namespace) -> int:
    """The variance family's table: what the decoder's variance c does to the squared error and to the bound."""
    from vae_core.analysis import variance_family

    print(variance_family.table(variance_family.family()))
    return 0


def miniatures(options: argparse.Namespace) -> int:
    """The small pictures in the list of models; with --write, drawn anew from the bundled models."""
    from vae_core.analysis import miniatures as drawn

    if options.write:
        drawn.write()
    sheets = drawn.kept()
    size = drawn.FILE.stat().st_size / 1000 if sheets else 0
    print(f"{len(sheets)} miniatures of {drawn.SIDE} x {drawn.SIDE} pixels, {size:.0f} kB: {' '.join(sheets)}")
    return 0


def remedies(options: argparse.Namespace) -> int:
    """What warm-up and free bits do at a high beta; with --write, trains what is not measured yet."""
    from vae_core.analysis import beta_family as betas
    from vae_core.analysis import collapse_remedies as tried

    if options.write:
        from vae_core.data.datasets import load_dataset
        from vae_core.jobs.trainer import train_run

        dataset, made = load_dataset("mnist", options.data, progress=notify), []
        measured = {tried.called(t.method, t.settings): t for t in tried.trials()}
        for method, settings in tried.plan(dataset.fingerprint):
            if known := measured.get(tried.called(method, settings)):
                made.append(known)
                continue
            entry = trained().get(settings.key())
            if entry is None or entry.status != "done":
                entry = train_run(settings, dataset, trained(), tell=bar(f"{method}, {describe(settings)}"))
            made.append(tried.trial(method, entry))
        tried.write(made, dataset.fingerprint)
    print(tried.table(tried.trials(), list(betas.family())))
    return 0


def first_weights(options: argparse.Namespace) -> int:
    """What good first weights buy, in nats; with --write, trains what is not measured yet."""
    from vae_core.analysis import first_weights as weights

    if options.write:
        from vae_core.data.datasets import load_dataset
        from vae_core.jobs.trainer import train_run
        from vae_core.model.vae import dead_units

        dataset, made = load_dataset("mnist", options.data, progress=notify), []
        measured = {(t.start, t.seed): t for t in weights.trials()}
        x = dataset.observed("test", range(len(dataset.test)))
        for settings in weights.plan(dataset.fingerprint):
            start, seed = settings.model.initialisation, settings.train.seed
            if (start, seed) not in measured:
                entry = trained().get(settings.key())
                if entry is None or entry.status != "done":
                    entry = train_run(settings, dataset, trained(), tell=bar(weights.called(settings)))
                report = {name: entry.metrics[name] for name in weights.KEPT}
                measured[start, seed] = weights.Trial(start, seed, report, dead_units(entry.load().vae, x))
            made.append(measured[start, seed])
        weights.write(made, dataset.fingerprint)
    print(weights.table(weights.trials()))
    return 0


def disentanglement(options: argparse.Namespace) -> int:
    """MIG of shapes at two betas, over five seeds; with --write, trains what is not measured yet."""
    from vae_core.analysis import disentanglement as tried

    if options.write:
        from vae_core.data.datasets import load_dataset
        from vae_core.jobs.trainer import train_run

        dataset = load_dataset("shapes", options.data, progress=notify)
        factors, mine = dataset.factors.test.numpy(), [e for e in bundled().list() if e.status == "done"]
        plan, measured = tried.plan(dataset.fingerprint), tried.measured(dataset.fingerprint)
        made = {tried.called(s): measured[tried.called(s)] for s in plan if tried.called(s) in measured}
        for settings in plan:
            if (name := tried.called(settings)) in made:
                continue
            entry = next((e for e in mine if e.settings == settings), None) or trained().get(settings.key())
            if entry is None or entry.status != "done":
                entry = train_run(settings, dataset, trained(), tell=bar(describe(settings)))
            made[name] = tried.trial(entry, dataset.factors.names, factors)
            tried.write(made, dataset.fingerprint)
    print(tried.table(tried.trials()))
    return 0


def compare(options: argparse.Namespace) -> int:
    """Models beside each other; with --write, measures the bundled ones anew, all or those named (needs the data)."""
    from vae_core.analysis import coverage, model_comparison

    if options.write:
        from vae_core.data.datasets import load_dataset

        rows, mine = [], {entry.key: entry for entry in bundled().list() if entry.status == "done"}
        if unknown := set(options.names) - set(mine):
            raise ValueError(f"No bundled model is called {', '.join(sorted(unknown))}; there are {', '.join(mine)}.")
        for entry in (mine[name] for name in sorted(options.names or mine)):
            data = entry.settings.data
            notify(f"measuring {entry.key}")
            dataset = load_dataset(data.name, options.data, data.split, progress=notify)
            if entry.settings.model.stochastic and entry.training_codes() is None:  # published before they were kept
                entry = coverage.keep(entry, coverage.training_codes(entry.load().vae, dataset, data))
            rows.append((entry, model_comparison.measure(entry, dataset)))
        model_comparison.write(rows)
        coverage.write_measured(entry for entry, _ in rows)
    print(model_comparison.table([find_entry(name) for name in options.names or model_comparison.AUTOENCODERS]))
    return 0


def paper(options: argparse.Namespace) -> int:
    """Figures 2 and 3 of Kingma & Welling (2014) as tables; with --write, trains what is missing (three hours)."""
    from vae_core.analysis import paper_figures as figures

    curves = [curve for curve in figures.plan() if curve.has(options.words)]
    if not curves:
        raise ValueError(f"No curve has all of {' '.join(options.words)!r} in its name; try mnist, frey or mcem.")
    if options.write:
        from vae_core.data.datasets import load_dataset

        data = {
            name: load_dataset(name, options.data, figures.preset("paper", name).data.split, progress=notify)
            for name in sorted({curve.data for curve in curves})
        }
        for goal in figures.GOALS:
            for curve in curves:
                if goal >= figures.TRIAL and goal <= options.images:
                    figures.grow(curve, goal, data[curve.data], notify)
        figures.timed(figures.plan(), data, notify)
    rows = figures.kept()
    found = [rows[curve.name] for curve in curves if curve.name in rows]
    print(figures.table(found))
    print("\nTrials of wake-sleep on Frey Faces, beside the curves above")
    print(figures.table(found, trials=True))
    return 0


def bench(options: argparse.Namespace) -> int:
    """Prints the table of tests/benchmarks: every figure is a ratio or a limit measured in this run."""
    script = ROOT / "tests" / "benchmarks" / "table.py"
    if not script.exists():
        raise ValueError(f"The benchmarks live in {script.parent}, which is not here; run this in a clone.")
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"  # the table has signs that a terminal may lack
    env = os.environ | {"PYTHONIOENCODING": f"{encoding}:replace"}
    return subprocess.call([sys.executable, str(script), *options.names], env=env)
