"""A flag for each setting, and the settings that the flags of a call make."""

import argparse
from collections.abc import Callable
from dataclasses import fields
from typing import Any

from vae_core.settings import DataSettings, ModelSettings, RunSettings, TrainSettings, preset

FIELDS = {f.name: f for part in (DataSettings, ModelSettings, TrainSettings) for f in fields(part)}
FIELDS = {"dataset" if name == "name" else name: f for name, f in FIELDS.items() if name != "fingerprint"}


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


def chosen_settings(options: argparse.Namespace) -> RunSettings:
    """The preset with the given flags on top."""
    flags = {name: getattr(options, name) for name in FIELDS if getattr(options, name, None) is not None}
    dataset = flags.pop("dataset")
    return preset(options.preset, dataset).with_fields(name=dataset, **flags)


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
