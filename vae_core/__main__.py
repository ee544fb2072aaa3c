"""The command line: python -m vae_core train | sweep | list | evaluate | export | import | check | site | doctor |
bundle | family | variances | miniatures | remedies | first-weights | disentanglement | compare | paper | bench.

Exit codes: 0 done, 1 the work failed (a diverged training), 2 what was asked makes no sense or is not there,
130 stopped with Ctrl-C. Messages go to stderr, results to stdout.
"""

import argparse
import os
import sys
from collections.abc import Callable

from vae_core import __version__
from vae_core.cli.commands import doctor, evaluate, export, import_run, list_runs, sweep, train
from vae_core.cli.console import NO_ASSETS, write_to_any_terminal
from vae_core.cli.exercises import check
from vae_core.cli.pages import site
from vae_core.cli.rebuild import (
    bench,
    bundle,
    compare,
    disentanglement,
    family,
    first_weights,
    miniatures,
    paper,
    remedies,
    variances,
)
from vae_core.cli.settings_flags import add_own, add_settings, whole_number
from vae_core.exchange.foreign_weights import LAYOUTS, LIKELIHOODS
from vae_core.paths import assets_folder
from vae_core.settings import ACTIVATIONS, PRESETS

OF_ASSETS = (bundle, family, variances, miniatures, remedies, first_weights, disentanglement, compare, paper)


def main(arguments: list[str] | None = None) -> int:
    write_to_any_terminal()
    options = parser().parse_args(arguments)
    if getattr(options, "threads", None):
        import torch

        torch.set_num_threads(options.threads)
    if getattr(options, "device", None):
        os.environ["VAE_DEVICE"] = options.device  # the processes of a sweep have it too
    try:
        if options.command in OF_ASSETS and not assets_folder().is_dir():
            raise ValueError(f"This command reads what comes with the repository. {NO_ASSETS}")
        return options.command(options)
    except ValueError as error:  # settings, data and run files all raise one plain sentence
        print(f"vae_core: {error}", file=sys.stderr)
        return 1 if isinstance(error, OSError) else 2
    except BrokenPipeError:
        return 0
    except (ArithmeticError, OSError) as error:
        print(f"vae_core: {error}", file=sys.stderr)
        return 1


def parser() -> argparse.ArgumentParser:
    p = argparse.ArgumentParser(prog="python -m vae_core", description="Train, list, evaluate and export VAEs.")
    p.add_argument("--version", action="version", version=f"VAE Lab {__version__}")
    commands = p.add_subparsers(required=True, metavar="command")

    def command(name: str, function: Callable[[argparse.Namespace], int]) -> argparse.ArgumentParser:
        sub = commands.add_parser(name, help=function.__doc__, description=function.__doc__)
        sub.set_defaults(command=function)
        return sub

    sub = command("train", train)
    sub.add_argument("--preset", choices=PRESETS, default="quick")
    sub.add_argument("--name", default="", help="a name for the picker")
    sub.add_argument("--again", action="store_true", help="train anew although the result is here already")
    add_device(sub)
    add_common(sub)
    add_own(sub)
    add_settings(sub)

    sub = command("sweep", sweep)
    sub.add_argument("--preset", choices=PRESETS, default="quick")
    sub.add_argument(
        "--seeds", type=whole_number(1, 1000), default=1, metavar="N", help="seeds per setting, from --seed on (1)"
    )
    sub.add_argument("--workers", type=whole_number(1, 256), default=1, help="trainings at a time on this machine (1)")
    add_device(sub)
    sub.add_argument("--dask", metavar="ADDRESS", help="a dask cluster with the same cache folder: tcp://host:8786")
    add_common(sub)
    add_own(sub)
    add_settings(sub, several=True)

    sub = command("doctor", doctor)
    sub.add_argument("--mend", action="store_true", help="remove leftovers, move what is damaged to quarantine")
    add_common(sub)

    sub = command("import", import_run)
    sub.add_argument(
        "folder", help="a folder that export wrote, a .zip of the Train page, or weights: .safetensors, .pt"
    )
    of_weights = sub.add_argument_group("weights from other code, whose file does not say")
    of_weights.add_argument(
        "--like", choices=LAYOUTS, default="", help="how its layers are called (the first that fits)"
    )
    of_weights.add_argument("--activation", choices=ACTIVATIONS, default="", help="between its layers (relu)")
    of_weights.add_argument("--likelihood", choices=LIKELIHOODS, default="bernoulli", help="bernoulli")
    of_weights.add_argument("--dataset", default="mnist", help="whose test images score it, a name or a path (mnist)")
    of_weights.add_argument("--name", default="", help="a name for the picker (the file's)")
    add_common(sub)

    command("list", list_runs)

    sub = command("evaluate", evaluate)
    sub.add_argument("model", help="a bundled model's name or a run's key")
    sub.add_argument("--samples", type=whole_number(1, 1000), default=16, help="noise samples per image (16)")
    sub.add_argument("--seed", type=whole_number(0, 2**32 - 1), default=0, help="of binarisation and noise (0)")
    sub.add_argument(
        "--image", type=whole_number(0, 10**9), metavar="N", help="the exact terms of one test image instead"
    )
    sub.add_argument(
        "--log-px", type=whole_number(0, 10**9), default=200, help="images to find log p(x) of (200; 0: none)"
    )
    sub.add_argument(
        "--factors", action="store_true", help="what each dimension says of the factors that drew the images"
    )
    add_common(sub)

    sub = command("export", export)
    sub.add_argument("model")
    sub.add_argument("--to", help="folder to write into")
    sub.add_argument(
        "--html", metavar="FILE", help="instead one page that opens without Python; the model may be `lecture`"
    )
    sub.add_argument(
        "--image", type=whole_number(0, 10**9), metavar="N", help="with --html: the ELBO page of this test image"
    )
    sub.add_argument("--with-images", action="store_true", help="with --html: your own test images go into the file")
    sub.add_argument("--without-encoder", action="store_true", help="with --html: smaller, and a drawing gets no code")

    sub = command("check", check)
    sub.add_argument("sheet", help="a sheet of exercises: a .json file, or the name of a bundled one such as one-bound")
    sub.add_argument(
        "handed", nargs="+", help="exported runs (.zip), or a folder per student with some of them and answers.txt"
    )
    sub.add_argument("--retrain", action="store_true", help="train each run again and compare the weights bit for bit")
    add_common(sub)

    sub = command("site", site)
    sub.add_argument("folder", help="a folder to make, or an empty one")
    sub.add_argument("models", nargs="*", help="all bundled ones if none is named")

    sub = command("bundle", bundle)
    sub.add_argument("names", nargs="*", help="all of them if none is named")
    add_common(sub)

    sub = command("family", family)
    sub.add_argument("--write", action="store_true", help="measure again (needs MNIST) and keep it in assets")
    add_common(sub)

    command("variances", variances)

    sub = command("miniatures", miniatures)
    sub.add_argument("--write", action="store_true", help="draw them anew and keep them in assets")

    sub = command("remedies", remedies)
    sub.add_argument("--write", action="store_true", help="train the trials (needs MNIST) and keep them in assets")
    add_common(sub)

    sub = command("first-weights", first_weights)
    sub.add_argument("--write", action="store_true", help="train the trials (needs MNIST) and keep them in assets")
    add_common(sub)

    sub = command("disentanglement", disentanglement)
    sub.add_argument("--write", action="store_true", help="train the trials (an hour) and keep them in assets")
    add_common(sub)

    sub = command("compare", compare)
    sub.add_argument("names", nargs="*", help="models; without any, autoencoders and their VAEs, with --write all")
    sub.add_argument("--write", action="store_true", help="measure again and keep it in assets")
    add_common(sub)

    sub = command("paper", paper)
    sub.add_argument("words", nargs="*", help="only curves with all of these in their name, e.g. mnist aevb 'D=10'")
    sub.add_argument("--write", action="store_true", help="train on what is missing and keep it in assets")
    sub.add_argument(
        "--images", type=whole_number(30_000, 3_000_000), default=3_000_000, help="let no curve see more (3000000)"
    )
    add_common(sub)

    sub = command("bench", bench)
    sub.add_argument("names", nargs="*", help="rows of the table, e.g. training decoding; all if none is named")
    return p


def add_device(sub: argparse.ArgumentParser) -> None:
    about = "where it is trained; auto: on a graphics card if one is here (else VAE_DEVICE, else cpu)"
    sub.add_argument("--device", choices=("cpu", "cuda", "mps", "auto"), help=about)


def add_common(sub: argparse.ArgumentParser) -> None:
    sub.add_argument("--data", help="folder with the data sets (else VAE_DATA_DIR, else the cache)")
    sub.add_argument("--threads", type=whole_number(1, 256), help="processor threads")


if __name__ == "__main__":
    sys.exit(main())
