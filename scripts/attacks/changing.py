"""What is changed: data in files of several layouts, and options."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any, NamedTuple

import h5py
import numpy as np

from attacks.altering import PARTS

__all__ = ["LAYOUTS", "Case", "Data", "cases", "damage", "replace_by"]
__all__ += ["written"]

N, X = 3000, np.linspace(-4.0, 4.0, 24)
Rng = np.random.Generator


class Case(NamedTuple):
    """One change.

    Attributes
    ----------
    kind : str
        "data", "options" or "parts".
    change : str
        Which of its kind.
    way : str
        How the file is written that has changed.
    stage, layout : str
    options : dict
        That are new after the change.
    """

    kind: str
    change: str
    way: str
    stage: str
    layout: str
    options: dict[str, Any]

    @property
    def name(self) -> str:
        """The case in words."""
        return f"{self.change}, {self.way}, {self.layout}"


@dataclass
class Data:
    """Arrays, how they are stored, options of `open_rows`, and what @axes names."""

    name: str
    arrays: dict[str, np.ndarray]
    storage: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    axes: tuple[str, ...] = ()


def _curves(rng: Rng) -> np.ndarray:
    centers = rng.uniform(-1.0, 1.0, (N, 1))
    curves = 40.0 * np.exp(-0.5 * (X - centers) ** 2) + 2.0
    noisy: np.ndarray = curves + rng.normal(size=curves.shape)
    return noisy


def _hdf5(x: str, sigma: str, mask: str, **storage: Any) -> Callable[[Rng], Data]:
    """Layout with arrays of their own for each row ("own"), or shared."""

    def made(rng: Rng) -> Data:
        y = _curves(rng)
        arrays = {"y": y, "x": np.tile(X, (N, 1)) if x == "own" else X.copy()}
        shapes = {"own": y.shape, "row": (N, 1), "shared": X.shape}
        if sigma in shapes:
            arrays["sigma"] = rng.uniform(0.8, 1.2, shapes[sigma])
        if mask in shapes:
            arrays["mask"] = (rng.random(shapes[mask]) < 0.05).astype("u1")
        options = {} if sigma in shapes else {"sigma": 1.0}
        if mask == "shared":
            options["mask"] = "mask"
        return Data("rows.h5", arrays, storage, options)

    return made


def _file(name: str, order: str = "C") -> Callable[[Rng], Data]:
    def made(rng: Rng) -> Data:
        y = np.asarray(_curves(rng), order=order)  # type: ignore[call-overload]
        arrays = {"y": y} if name.endswith("npy") else {"y": y, "x": X.copy()}
        return Data(name, arrays, {}, {"sigma": 1.0})

    return made


LAYOUTS: dict[str, Callable[[Rng], Data]] = {
    "shared all": _hdf5("shared", "shared", "shared"),
    "own all": _hdf5("own", "own", "own"),
    "sigma of each row": _hdf5("shared", "row", "own"),
    "one sigma, chunks": _hdf5("shared", "", "", chunks=True, compression="gzip"),
    "own sigma, chunks": _hdf5("shared", "own", "shared", chunks=True, shuffle=True),
    "npy": _file("rows.npy"),
    "npy by columns": _file("rows.npy", "F"),
    "text": _file("rows.csv"),
}


def written(data: Data, path: Path) -> None:
    """Write the file of the data anew."""
    y = data.arrays["y"]
    if path.suffix == ".npy":
        np.save(path, y)
    elif path.suffix == ".csv":
        lines = ["x," + ",".join(map(repr, data.arrays["x"].tolist()))]
        lines += ["r," + ",".join(map(repr, row)) for row in y.tolist()]
        path.write_text("\n".join(lines) + "\n")
    else:
        with h5py.File(path, "w") as file:
            for name, values in data.arrays.items():
                whole = data.storage if values.ndim == 2 else {}
                file.create_dataset(name, data=values, **whole)
            if data.axes:
                file.attrs["axes"] = data.axes


# --------------------------------------------------------------- changes of the data
def _value(name: str, rows: tuple[int, int]) -> Callable[[Data, Rng], None]:
    """Change one number of an array, in some rows if each has its own."""

    def change(data: Data, rng: Rng) -> None:
        values = data.arrays[name]
        place = tuple(int(rng.integers(size)) for size in values.shape)
        if values.ndim == 2:
            place = (int(rng.integers(*rows)), place[1])
        new = 1 - values[place] if name == "mask" else values[place] * 1.5 + 0.25
        values[place] = new

    return change


def _all(change: Callable[[np.ndarray], np.ndarray]) -> Callable[[Data, Rng], None]:
    def go(data: Data, rng: Rng) -> None:
        data.arrays["y"] = change(data.arrays["y"])

    return go


def _swapped(data: Data, rng: Rng) -> None:
    one, two = rng.choice(N, 2, replace=False)
    data.arrays["y"][[one, two]] = data.arrays["y"][[two, one]]


def _stored(**storage: Any) -> Callable[[Data, Rng], None]:
    def go(data: Data, rng: Rng) -> None:
        data.storage = storage

    return go


def _added_sigma(data: Data, rng: Rng) -> None:
    data.arrays["sigma"] = rng.uniform(0.5, 2.0, X.size)


def _other_axis(data: Data, rng: Rng) -> None:
    data.arrays["x2"], data.axes = 2.0 * X + 1.0, (".", "x2")


def _dropped(name: str) -> Callable[[Data, Rng], None]:
    def go(data: Data, rng: Rng) -> None:
        data.arrays.pop(name)

    return go


DATA: dict[str, Callable[[Data, Rng], None]] = {
    "y of a done row": _value("y", (300, 500)),
    "y of any row": _value("y", (0, N)),
    "y of the last row": _value("y", (N - 1, N)),
    "x": _value("x", (0, N)),
    "sigma": _value("sigma", (0, N)),
    "mask": _value("mask", (0, N)),
    "rows swapped": _swapped,
    "rows reversed": _all(lambda y: np.asarray(y[::-1].copy())),
    "float32": _all(lambda y: y.astype("f4")),
    "whole numbers": _all(lambda y: np.rint(y).astype("i8")),
    "other byte order": _all(lambda y: y.astype(">f8")),
    "a row more": _all(lambda y: np.concatenate([y, y[:1]])),
    "a row less": _all(lambda y: y[:-1].copy()),
    "other layout": _stored(chunks=True, fletcher32=True),
    "no chunks": _stored(),
    "sigma added": _added_sigma,
    "axis by attribute": _other_axis,
    "sigma dropped": _dropped("sigma"),
    "mask dropped": _dropped("mask"),
    "nothing": lambda data, rng: None,
}
#: How a changed file comes to its place, and whether it keeps its date.
WAYS = ("in place", "in place, date kept", "replaced", "replaced, date kept")


def replace_by(changed: Path, path: Path, way: str) -> None:
    """Put a changed file in the place of another one, or its bytes into that one."""
    before = path.stat()
    if way.startswith("replaced"):
        os.replace(changed, path)
    else:
        path.write_bytes(changed.read_bytes())
    if way.endswith("date kept"):
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _rewritten(data: Data, path: Path, way: str) -> None:
    before = path.stat()
    if way.startswith("replaced"):
        other = path.with_name(f"new{path.suffix}")
        written(data, other)
        os.replace(other, path)
    else:
        _in_place(data, path)
    if way.endswith("date kept"):
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _in_place(data: Data, path: Path) -> None:
    """Write into the file that is there, where shapes and types allow."""
    if path.suffix == ".h5":
        with h5py.File(path, "r+") as file:
            for name in set(file) | set(data.arrays):
                values = data.arrays.get(name)
                fits = name in file and values is not None
                fits = fits and file[name].shape == values.shape
                if fits and file[name].dtype == values.dtype and data.storage == {}:
                    file[name][...] = values
                    continue
                if name in file:
                    del file[name]
                if values is not None:
                    whole = data.storage if values.ndim == 2 else {}
                    file.create_dataset(name, data=values, **whole)
            if data.axes:
                file.attrs["axes"] = data.axes
        return
    other = path.with_name(f"new{path.suffix}")
    written(data, other)
    path.write_bytes(other.read_bytes())
    other.unlink()


# ------------------------------------------------------------- changes of the options
OPTIONS: dict[str, dict[str, Any]] = {
    "sigma": {"sigma": 2.0},
    "no sigma": {"sigma": "none"},
    "loss": {"loss": "huber:1.5"},
    "start": {"start": {"center": 0.5}},
    "start from the row before": {"start": "previous"},
    "steps": {"max_steps": 7},
    "no retries": {"retry": False},
    "fixed": {"fixed": {"c": 2.5}},
    "bounds": {"bounds": {"sigma": (0.1, 1.01)}},
    "tie": {"ties": {"c": "amplitude / 50"}},
    "model": {"model": "lorentzian + constant"},
    "rows": {"rows": (0, 2500)},
    "later rows": {"rows": (500, 3000)},
}
#: Options that `--retry-failed` is for.
FREE = ("start", "start from the row before", "steps", "no retries")


def damage(case: Case, folder: Path, data: Data, rng: Rng) -> None:
    """Make the change of a case; options change with the next step."""
    if case.kind == "data":
        DATA[case.change](data, rng)
        _rewritten(data, folder / data.name, case.way)
    elif case.kind == "parts":
        PARTS[case.change](folder, rng)


def cases(rng: Rng, count: int, stages: tuple[str, ...]) -> Iterator[Case]:
    """So many cases: of data, of parts, of data, of options, and so on."""
    kinds = [list(own(stages)) for own in (_data_cases, _part_cases, _option_cases)]
    drawn = [cycle(rng.permutation(len(own)).tolist()) for own in kinds]
    for number in range(count):
        kind = (0, 1, 0, 2)[number % 4]
        yield kinds[kind][next(drawn[kind])]


def _data_cases(stages: tuple[str, ...]) -> Iterator[Case]:
    for layout, made in LAYOUTS.items():
        arrays = made(np.random.default_rng(0)).arrays
        for change in DATA:
            name = change.split()[0]
            if name in ("x", "sigma", "mask") and (
                (name in arrays) == ("added" in change)
            ):
                continue
            for way in WAYS:
                for stage in stages:
                    yield Case("data", change, way, stage, layout, {})


def _option_cases(stages: tuple[str, ...]) -> Iterator[Case]:
    for layout in LAYOUTS:
        for change, options in OPTIONS.items():
            for stage in stages:
                is_told = stage not in ("before merge", "during a run")
                if not is_told or (stage == "before retry" and change in FREE):
                    continue
                yield Case("options", change, "told", stage, layout, options)


def _part_cases(stages: tuple[str, ...]) -> Iterator[Case]:
    for layout in ("own all", "npy"):
        for change in PARTS:
            for stage in stages:
                if stage not in ("after the end", "before retry", "during a run"):
                    yield Case("parts", change, "changed", stage, layout, {})
