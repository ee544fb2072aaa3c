"""A flag for each setting, and the settings that the flags of a call make."""

import argparse
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from vae_core.data.array_layouts import ROLES
from vae_core.data.user_images import Wish
from vae_core.registry import DATA_SETS
from vae_core.settings import DataSettings, ModelSettings, RunSettings, TrainSettings, preset

FIELDS = {f.name: f for part in (DataSettings, ModelSettings, TrainSettings) for f in fields(part)}
FIELDS = {"dataset" if name == "name" else name: f for name, f in FIELDS.items() if name != "fingerprint"}

DATASET = (
    f"{', '.join(DATA_SETS)}, or the path of your own images: arrays (.npz, .npy, idx), a table (.csv, .parquet), a "
    "folder or .zip of these, or of pictures with a folder for each class (mnist)"
)


def add_settings(sub: argparse.ArgumentParser, several: bool = False) -> None:
    """A flag for each setting; in a sweep it takes a comma list, and widths are joined by a dash."""
    for name, field in FIELDS.items():
        rule = field.metadata
        kind = {bool: boolean, tuple: layer_widths}.get(rule["type"], rule["type"])
        flags = [f"--{name.replace('_', '-')}"] + (["--latent"] if several and name == "latent_dim" else [])
        default = "mnist" if name == "dataset" else None
        about = DATASET if name == "dataset" else None if "low" not in rule else f"{rule['low']:g} to {rule['high']:g}"
        if several:
            sub.add_argument(
                *flags, dest=name, type=comma_list(kind), default=default and [default],
                help=about if name == "dataset" else None,
            )  # fmt: skip
        else:
            sub.add_argument(
                *flags, dest=name, type=kind, choices=rule.get("choices"), default=default,
                help=about,
            )  # fmt: skip


def add_own(sub: argparse.ArgumentParser) -> None:
    """What nobody but you can say of a file of your own."""
    own = sub.add_argument_group("your own images, where --dataset is a path")
    own.add_argument(
        "--arrays", type=array_roles, default={}, metavar="images=NAME,labels=NAME",
        help=f"which arrays or columns of a file are which, if their names do not say it: {', '.join(ROLES)}",
    )  # fmt: skip
    own.add_argument(
        "--photographs", type=boolean, metavar="true|false",
        help="true: bright stays bright; false: ink on paper, drawn dark in the light theme (guessed from the border)",
    )  # fmt: skip


def source_of_data(options: argparse.Namespace, dataset: str) -> str:
    """The data set with what the flags say of it, as load_dataset takes it."""
    asked = Wish(dataset, options.arrays, options.photographs).asked()
    if asked and dataset in DATA_SETS:
        raise ValueError(f"--arrays and --photographs are for files of your own; {dataset} is a built-in data set.")
    return dataset + asked


def array_roles(text: str) -> dict[str, str]:
    roles = dict(part.partition("=")[::2] for part in text.split(","))
    if not all(role in ROLES and name for role, name in roles.items()):
        raise argparse.ArgumentTypeError(f"images=NAME,labels=NAME (or {', '.join(ROLES[2:])}), not {text!r}")
    return roles


def chosen_settings(options: argparse.Namespace, shape: tuple[int, ...] = ()) -> RunSettings:
    """The preset, for images of `shape` where that is known, with the given flags on top."""
    flags = {name: getattr(options, name) for name in FIELDS if getattr(options, name, None) is not None}
    dataset = flags.pop("dataset")
    return preset(options.preset, dataset, shape).with_fields(name=dataset, **flags)


def whole_number(low: int, high: int) -> Callable[[str], int]:
    """The type of a flag that is no setting and takes a whole number; another value is a wrong usage, exit code 2."""

    def value(text: str) -> int:
        try:
            number = int(text)
        except ValueError:
            raise argparse.ArgumentTypeError(f"a whole number from {low} to {high}, not {text!r}") from None
        if not low <= number <= high:
            raise argparse.ArgumentTypeError(f"it must lie between {low} and {high}, not {number}")
        return number

    return value


def comma_list(kind: Callable[[str], Any]) -> Callable[[str], list[Any]]:
    def values(text: str) -> list[Any]:
        return [kind(part) for part in text.split(",")]

    values.__name__ = f"list of {getattr(kind, '__name__', 'values')}"
    return values


def boolean(text: str) -> bool:
    if text.lower() not in ("true", "false"):
        raise argparse.ArgumentTypeError(f"true or false, not {text!r}")
    return text.lower() == "true"


def layer_widths(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.replace("-", ",").split(",")) if text else ()
    except ValueError:
        raise argparse.ArgumentTypeError(f"layer widths like 500,250, not {text!r}") from None
