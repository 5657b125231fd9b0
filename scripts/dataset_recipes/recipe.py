"""What a recipe states about a data set, and the text format that all tables share."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import h5py

__all__ = ["Recipe", "copy_text", "describe_file", "write_table"]

#: Where raw files are and where results go -> nothing; for computed sets raw is unused.
Build = Callable[[Path, Path], None]
#: Folder of finished files -> the fits that are declared in the index.
Fits = Callable[[Path], "list[dict[str, object]]"]


@dataclass(frozen=True)
class Recipe:
    """A data set: its description, the files it writes, the fits it is for."""

    name: str
    title: str
    description: str
    origin: str  # "measured", "certified", "computed" or "simulated"
    source: str
    licence: str
    licence_file: str  # relative to datasets/
    files: tuple[str, ...]
    build: Build
    raw: str | None  # the folder of raw files; None: nothing is needed
    fits: Fits
    more: Mapping[str, object] = field(default_factory=dict)  # seed, truth, ...


def copy_text(source: Path, target: Path) -> None:
    """Copy a text file in UTF-8 with plain line ends."""
    text = source.read_text(encoding="utf-8")
    lines = [line.rstrip() for line in text.strip().splitlines()]
    _write(target, lines)


def write_table(
    path: Path,
    comments: Mapping[str, object],
    columns: Mapping[str, Sequence[str]],
) -> None:
    """Write `# key: value` lines, a row of column names with units, and the rows.

    The cells are strings, so that a converted file keeps every digit of its source.
    """
    lines = [f"# {key}: {value}" for key, value in comments.items()]
    lines.append(",".join(columns))
    lines.extend(",".join(row) for row in zip(*columns.values(), strict=True))
    _write(path, lines)


def describe_file(folder: Path, name: str) -> dict[str, object]:
    """Path, checksum and columns of a finished file, for the index."""
    path = folder / name
    entry: dict[str, object] = {
        "path": name,
        "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
    }
    if path.suffix == ".csv":
        entry["columns"] = [_column(label) for label in _header(path).split(",")]
    elif path.suffix == ".h5":
        with h5py.File(path) as file:
            entry["arrays"] = [
                {
                    "path": f"/{key}",
                    "shape": list(array.shape),
                    "type": str(array.dtype),
                }
                for key, array in file.items()
            ]
    return entry


def _header(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next(line for line in lines if not line.startswith("#"))


def _column(label: str) -> dict[str, str]:
    name, _, unit = label.partition(" (")
    return {"name": name, "unit": unit.removesuffix(")")}


def _write(path: Path, lines: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(("\n".join(lines) + "\n").encode("utf-8"))
