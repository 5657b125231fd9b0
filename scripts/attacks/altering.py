"""What is altered in the folder of a job: its parts, its axes, what it says it is."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["FOLDER", "PARTS"]

FOLDER = "out.h5.parts"
Rng = np.random.Generator


def _parts(folder: Path) -> list[Path]:
    return sorted((folder / FOLDER).glob("rows-*.h5"))


def _edited(path: Path, change: Callable[[bytearray], Any]) -> None:
    content = bytearray(path.read_bytes())
    changed = change(content)
    path.write_bytes(content if changed is None else changed)


def _flip(rng: Rng) -> Callable[[bytearray], None]:
    def flip(content: bytearray) -> None:
        content[int(rng.integers(len(content)))] ^= 1 << int(rng.integers(8))

    return flip


def _swap(folder: Path, rng: Rng) -> None:
    one, two = (_parts(folder)[k] for k in (0, -1))
    first, second = one.read_bytes(), two.read_bytes()
    one.write_bytes(second), two.write_bytes(first)


def _foreign(folder: Path, rng: Rng) -> None:
    part = _parts(folder)[0]
    other = part.read_bytes()
    job = json.loads((folder / FOLDER / "job.json").read_text())["digest"].encode()
    part.write_bytes(other.replace(job, job[::-1]))


def _job(change: Callable[[dict[str, Any], Rng], Any]) -> Callable[[Path, Rng], None]:
    def go(folder: Path, rng: Rng) -> None:
        path = folder / FOLDER / "job.json"
        job = json.loads(path.read_text())
        change(job, rng)
        path.write_text(json.dumps(job))

    return go


def _entry(job: dict[str, Any], rng: Rng) -> tuple[dict[str, Any], str]:
    """Some entry of a record, at any depth."""
    key = str(rng.choice(sorted(job)))
    if isinstance(job[key], dict) and job[key] and rng.random() < 0.7:
        return _entry(job[key], rng)
    return job, key


def _dropped_entry(job: dict[str, Any], rng: Rng) -> None:
    holder, key = _entry(job, rng)
    del holder[key]


def _renamed_entry(job: dict[str, Any], rng: Rng) -> None:
    holder, key = _entry(job, rng)
    holder[f"{key}s"] = holder.pop(key)


def _other_entry(job: dict[str, Any], rng: Rng) -> None:
    odd: list[Any] = [None, -1, 10**40, "x", "\ud800", [], {}, float("nan"), True, [{}]]
    holder, key = _entry(job, rng)
    holder[key] = odd[int(rng.integers(len(odd)))]


PARTS: dict[str, Callable[[Path, Rng], Any]] = {
    "bit of a part": lambda folder, rng: _edited(_parts(folder)[0], _flip(rng)),
    "bit of the last part": lambda folder, rng: _edited(_parts(folder)[-1], _flip(rng)),
    "part cut": lambda folder, rng: _edited(
        _parts(folder)[0], lambda content: content[: int(rng.integers(len(content)))]
    ),
    "part longer": lambda folder, rng: _edited(_parts(folder)[0], lambda c: c + b"0"),
    "parts swapped": _swap,
    "part of another job": _foreign,
    "part copied to another place": lambda folder, rng: shutil.copy(
        _parts(folder)[0], _parts(folder)[-1]
    ),
    "part renamed": lambda folder, rng: os.rename(
        _parts(folder)[0], folder / FOLDER / "rows-000000000010-000000000510.h5"
    ),
    "part of text": lambda folder, rng: _parts(folder)[0].write_text("precious"),
    "part deleted": lambda folder, rng: _parts(folder)[0].unlink(),
    "bit of the axes": lambda folder, rng: _edited(
        folder / FOLDER / "axes.h5", _flip(rng)
    ),
    "bit of the job": lambda folder, rng: _edited(
        folder / FOLDER / "job.json", _flip(rng)
    ),
    "job cut": lambda folder, rng: _edited(
        folder / FOLDER / "job.json", lambda c: c[: int(rng.integers(len(c)))]
    ),
    "entry dropped": _job(_dropped_entry),
    "entry renamed": _job(_renamed_entry),
    "entry of another type": _job(_other_entry),
}
