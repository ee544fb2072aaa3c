"""What takes minutes to measure of a bundled model: kept in assets as JSON, beside the seals of the measured files.

A model whose files have other seals is measured again. The tables of the command line print what is kept; with --write
they measure anew. Trials of remedies and the spectrum of MNIST are no measurements of a bundled model's files: they
stand in assets with what they were made from, the settings and the fingerprint of the data.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from vae_core.paths import assets_folder
from vae_core.runs.store import Entry

ASSETS = assets_folder()


class Measurements(NamedTuple):
    path: Path
    kind: Callable[..., Any]  # of the named tuple that is measured of each model
    files: tuple[str, ...] = ("model.safetensors", "codes.safetensors")  # that decide it

    def seals(self, entry: Entry) -> list[str]:
        """Of the files that decide it; "" for what the run lacks."""
        return [entry.manifest["files"].get(name, {"sha256": ""})["sha256"] for name in self.files]

    def rows(self) -> dict[str, dict[str, Any]]:
        """What is kept, by the models' names; without the file, nothing."""
        try:
            return json.loads(self.path.read_text("utf-8"))
        except (OSError, ValueError):
            return {}

    def row(self, entry: Entry, measured: NamedTuple, **facts: Any) -> dict[str, Any]:
        """A measurement as it is kept; `facts`: what else it holds for."""
        return {"seals": self.seals(entry), **facts, "measured": measured._asdict()}

    def known(self, entry: Entry, **facts: Any) -> Any:
        """What was measured on exactly these files, for these facts; None: measure it."""
        try:
            row = self.rows()[entry.key]
            same = row["seals"] == self.seals(entry) and all(row[name] == value for name, value in facts.items())
            return self.kind(**row["measured"]) if same else None
        except (KeyError, TypeError):
            return None

    def write(self, rows: dict[str, dict[str, Any]]) -> None:
        self.path.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")
