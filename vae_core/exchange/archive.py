"""A run as one zip file, and back: what `transfer` sends and receives, with readable copies beside it.

Names, number and sizes of the members are looked at before anything is unpacked, and only the sealed files are; the
copies are for people and other programs.
"""

import io
import tempfile
import zipfile
import zlib
from pathlib import Path

from vae_core.data.checksums import temporary_folder
from vae_core.exchange import import_run
from vae_core.exchange.model_card import card
from vae_core.runs.export import codes_csv, curve_csv, decoder_blob, onnx_files, onnx_missing
from vae_core.runs.store import Entry, Runs
from vae_core.sealed_files import SealError, as_json

SEALED = {  # MB at most
    "manifest.json": 1, "model.safetensors": 128, "codes.safetensors": 64, "training.safetensors": 64,
    "progress.jsonl": 32,
}  # fmt: skip
COPIES = ("settings.json", "codes.csv", "curve.csv", "README.md", "decoder.bin", "encoder.onnx", "decoder.onnx")
ENTRY = b"PK\x01\x02"  # stands before each member in the list of an archive
LISTED = 100  # members that are worth a look


def packed(entry: Entry) -> bytes:
    """The archive of a published run; SealError if it is damaged. ONNX takes seconds, and is left out where it cannot
    be written."""
    with tempfile.TemporaryDirectory(dir=_temporary()) as folder:
        import_run.send(entry, Path(folder))
        files = {path.name: path.read_bytes() for path in sorted(Path(folder).iterdir())}
    files |= copies(entry)
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in sorted(files.items()):
            made.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)  # no date: equal runs, equal archives
    return buffer.getvalue()


def copies(entry: Entry) -> dict[str, bytes]:
    """What people and other programs read, by file name: settings, card, tables, the decoder as one blob, ONNX."""
    said, files = _onnx(entry)
    files |= {"settings.json": as_json(entry.settings.to_dict()), "README.md": card(entry, said).encode()}
    files["decoder.bin"] = decoder_blob(entry)
    if entry.codes() is not None:
        files["codes.csv"] = codes_csv(entry).encode()
    if entry.history():
        files["curve.csv"] = curve_csv(entry).encode()
    return files


def received(data: bytes, runs: Runs) -> Entry:
    """The run in such an archive, added to `runs` under its own key. Anything else: SealError, and nothing is kept."""
    files = _members(data)
    with tempfile.TemporaryDirectory(dir=_temporary()) as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        try:
            return import_run.receive(Path(folder), runs)
        except SealError as error:
            raise SealError(
                str(error).replace(folder, "this archive").replace(Path(folder).name, "this archive")
            ) from error


def read(path: Path, runs: Runs) -> Entry:
    """As `received`, from a file."""
    if path.stat().st_size > 2**20 * sum(SEALED.values()):
        raise SealError(f"{path} is larger than any exported run; take one that Export wrote.")
    return received(path.read_bytes(), runs)


def _members(data: bytes) -> dict[str, bytes]:
    """The sealed files of an archive, of which nothing is believed."""
    if data.count(ENTRY) > LISTED:
        raise SealError("This archive has hundreds of files; an exported run has about ten.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            names = [member.filename for member in members]
            strange = [name for name in names if name not in SEALED and name not in COPIES]
            if strange or len(set(names)) < len(names) or "manifest.json" not in names:
                found = f"it has {strange[0][:40]!r}" if strange else "its files are others"
                raise SealError(f"This archive is no exported run ({found}); take one that Export wrote.")
            for member in members:
                if member.filename in SEALED and member.file_size > SEALED[member.filename] * 2**20:
                    size = f"{member.file_size / 2**20:,.0f} MB, {SEALED[member.filename]} are allowed"
                    raise SealError(f"{member.filename} in this archive unpacks to {size}; nothing was read.")
            return {name: archive.read(name) for name in names if name in SEALED}
    except SealError:
        raise
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError) as error:
        raise SealError("This file is damaged or no zip archive; take one that Export wrote.") from error


def _onnx(entry: Entry) -> tuple[str, dict[str, bytes]]:
    """A sentence for the card, and the files."""
    if missing := onnx_missing():
        return f"No ONNX files: `pip install {' '.join(missing)}` where VAE Lab runs, and export again.", {}
    return (
        "`encoder.onnx` takes x (B, X) to mean and log variance, `decoder.onnx` z (B, D) to the mean image.",
        onnx_files(entry),
    )


def _temporary() -> Path | None:
    """In the cache where it can be written, else where the system wants it."""
    try:
        return temporary_folder()
    except OSError:
        return None
