"""HDF5 files that are whole but odd: types, shapes, links, attributes, sizes.

Each case is a map of curves, or columns of y = 2 x + 1, with one thing changed. Where
numbers can be meant at all, a success must give those of the plain file.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

import h5py
import numpy as np
from numpy.typing import NDArray

from attacks.bad.cases import Case, command, python, refused, says_line
from attacks.bad.hdf5_bytes import CURVES, POINTS, ROWS, X
from attacks.running import Ended

__all__ = ["odd_columns", "odd_map"]

MODEL = ("-m", "gaussian + constant")
NUMBERS: tuple[Any, ...] = (
    "f2",
    "f4",
    "f8",
    ">f8",
    ">f4",
    ">i2",
    "i1",
    "i2",
    "i4",
    "i8",
)
NUMBERS += ("u1", "u2", "u4", "u8", ">u8", "longdouble")


class _Unwritten(NamedTuple):
    """A dataset of some type that holds only what HDF5 fills in."""

    dtype: Any
    size: int


#: Values that are no numbers, for each length.
ODD_VALUES: dict[str, Callable[[int], Any]] = {
    "fixed strings": lambda n: np.array([b"ab"] * n),
    "strings": lambda n: np.array(["a"] * n, dtype=h5py.string_dtype()),
    "digits as strings": lambda n: np.array([str(k) for k in range(n)], "S8"),
    "empty": lambda n: h5py.Empty("f8"),
    "empty string": lambda n: h5py.Empty(h5py.string_dtype()),
    "scalar": lambda n: 3.0,
    "text": lambda n: "not numbers",
    "no rows": lambda n: np.zeros((0,)),
    "no columns": lambda n: np.zeros((n, 0)),
    "records": lambda n: np.zeros(n, dtype=[("a", "f8"), ("b", "S3")]),
    "complex": lambda n: np.ones(n, dtype=complex),
    "opaque": lambda n: np.zeros(n, dtype="V5"),
    "dates": lambda n: np.zeros(n, "M8[s]").astype(h5py.opaque_dtype("M8[s]")),
    "references": lambda n: _Unwritten(h5py.ref_dtype, n),
    "regions": lambda n: _Unwritten(h5py.regionref_dtype, n),
    "enum": lambda n: np.zeros(n, dtype=h5py.enum_dtype({"A": 0, "B": 1}, "i4")),
    "bools": lambda n: np.zeros(n, dtype=bool),
    "ragged": lambda n: _Unwritten(h5py.vlen_dtype("f8"), n),
    "arrays": lambda n: np.zeros((n, 1), dtype=("f8", (3,))),
    "too long": lambda n: np.arange(n + 3.0),
    "one short": lambda n: np.arange(n - 1.0),
    "four axes": lambda n: np.zeros((1, 2, 1, n)),
    "NaN": lambda n: np.full(n, np.nan),
    "infinite": lambda n: np.full(n, np.inf),
    "huge": lambda n: np.full(n, 1e308),
    "tiny": lambda n: np.full(n, 5e-324),
    "zeros": lambda n: np.zeros(n),
    "negative": lambda n: -np.arange(1.0, n + 1),
    "longdouble": lambda n: np.full(n, np.longdouble("1e4000")),
}
ODD_ATTRIBUTES: tuple[Any, ...] = (
    *(0, -1, 2**63, np.nan, True, b"\xff\xfe", "a\x00b", "", "x" * 60000, "../..", "/"),
    *(".", "y/../x", np.arange(5), np.zeros((0,)), h5py.Empty("S1"), ["a", "b", "c"]),
    *([b"\xc3\x28"], np.zeros(2, dtype=[("a", "i4")]), 1 + 2j, np.zeros((2, 2)), "no"),
    *(["row", "row"], ["."], [".", "."], "row:energy", "\x1b[2J", "é\u202e"),
)
ATTRIBUTES: tuple[Any, ...] = (
    "signal",
    "axes",
    "default",
    "NX_class",
    "units",
    "long_name",
    "x_indices",
)
ATTRIBUTES += (
    "scale_factor",
    "add_offset",
    "_FillValue",
    "counts_errors",
    "interpretation",
)


def odd_map(random: Random, folder: Path, templates: Path) -> Case:
    """A map whose y, x, sigma or mask is odd, for `fit-many`."""
    return random.choice(MAPS)(random, folder)


def odd_columns(random: Random, folder: Path, templates: Path) -> Case:
    """Columns of which one is odd, for `fit` by itself and by passes over the file."""
    role = random.choice(("x", "y", "sigma"))
    n = random.choice((9, 300))
    columns: dict[str, Any] = {"x": np.arange(n), "sigma": np.ones(n)}
    columns["y"] = 2 * columns["x"] + 1
    is_right = None
    if random.random() < 0.4:
        kind = random.choice(NUMBERS[:10] if n == 300 else NUMBERS)
        kind = "i4" if n == 300 and kind in ("f2", "i1") else kind
        columns[role] = columns[role].astype(kind)
        is_right = says_line
    else:
        kind = random.choice(tuple(ODD_VALUES))
        columns[role] = ODD_VALUES[kind](n)
    with h5py.File(folder / "m.h5", "w") as root:
        for name, values in columns.items():
            _put(random, root, name, values)
    name = f"columns, {role}: {kind}"
    asked = ("fit", "m.h5", "-m", "linear", "--json", "-q")
    if random.random() < 0.6:
        return command(name, *asked, is_right=is_right)
    more = random.choice(
        (
            ("--method", "adam", "--epochs", "2"),
            ("--method", "lm", "--memory", "1"),
            ("--sigma", "sigma"),
            ("--x", "x", "--y", "y"),
        )
    )
    return command(name, *asked, *more)


def _number_types(random: Random, folder: Path) -> Case:
    """Each type of number gives the same fits."""
    role, kind = random.choice(("y", "x", "sigma")), random.choice(NUMBERS)
    values = {"y": CURVES, "x": 2 * X, "sigma": np.full(POINTS, 2.0)}
    values[role] = values[role].astype(kind)
    _written(random, folder, values)
    right = _gives({"x": 2 * X})
    return command(f"map, {role} of {kind}", *_fitted(), is_right=right)


def _no_numbers(random: Random, folder: Path) -> Case:
    role, kind = (
        random.choice(("y", "x", "sigma", "mask")),
        random.choice(tuple(ODD_VALUES)),
    )
    values: dict[str, Any] = {"y": CURVES, "x": X}
    values[role] = ODD_VALUES[kind](POINTS)
    _written(random, folder, values)
    named = () if role == "y" else random.choice(((), (f"--{role}", role)))
    return command(f"map, {role}: {kind}", *_fitted(*named))


def _masks(random: Random, folder: Path) -> Case:
    """What is not 0 is left out, whatever type says so."""
    kind = random.choice(("u1", "i2", "i4", ">i4", "u8", "f4", "f8", "?", "f2"))
    wide: tuple[float, ...] = (1, 256, 512, -256, 1024)
    fits = {"u1": (1, 2, 255), "?": (1,), "f4": (*wide, 0.5), "f8": (*wide, 0.5)}
    chosen = random.choice(fits.get(kind, wide))
    chosen = abs(chosen) if kind.startswith("u") else chosen
    shape = random.choice(((POINTS,), CURVES.shape))
    mask = np.zeros(shape, dtype=kind)
    mask[..., 5] = chosen
    curves = CURVES.copy()
    curves[:, 5] = 500.0
    _written(random, folder, {"y": curves, "x": X, "mask": mask})
    right = _gives({"without": 5})
    name = f"mask of {kind}, {chosen}, {shape}"
    return command(name, *_fitted("--mask", "mask"), is_right=right)


def _links(random: Random, folder: Path) -> Case:
    """What is behind a link is meant, or the link is refused."""
    role = random.choice(("y", "x", "sigma"))
    with h5py.File(folder / "other.h5", "w") as other:
        other["pad"], other["y"], other["x"] = np.ones(777), CURVES, X
        other["sigma"] = np.ones(POINTS)
        other["group/deep"] = {"y": CURVES, "x": X}.get(role, np.ones(POINTS))
    links = {
        "soft": h5py.SoftLink(f"/kept/{role}"),
        "dangling": h5py.SoftLink("/gone"),
        "cyclic": h5py.SoftLink(f"/{role}"),
        "to the root": h5py.SoftLink("/"),
        "external": h5py.ExternalLink("other.h5", role),
        "external, deep": h5py.ExternalLink("other.h5", "group/deep"),
        "external, gone": h5py.ExternalLink("nothing.h5", role),
        "external, to itself": h5py.ExternalLink("m.h5", role),
        "external, a folder": h5py.ExternalLink(".", role),
        "external, no name": h5py.ExternalLink("other.h5", "nothing"),
    }
    kind = random.choice(tuple(links))
    values = {"y": CURVES, "x": X, "sigma": np.ones(POINTS)}
    with h5py.File(folder / "m.h5", "w") as root:
        for name, numbers in values.items():
            root[f"kept/{name}"] = numbers
            root[name] = links[kind] if name == role else numbers
    named = ("--x", "x", "--sigma", "sigma", "--dataset", "/y")
    # behind a link to the root there is one matrix, which may be meant
    meant = {"soft", "external", "external, deep", "to the root"}
    right = _gives({}) if kind in meant else refused
    return command(f"{role} is a link: {kind}", *_fitted(*named), is_right=right)


def _attributes(random: Random, folder: Path) -> Case:
    with h5py.File(folder / "m.h5", "w") as root:
        data = root.create_group("entry/data")
        data.attrs["NX_class"], data.attrs["signal"] = "NXdata", "counts"
        data.attrs["axes"] = ["row", "energy"]
        data["counts"], data["energy"], data["row"] = CURVES, X, np.arange(ROWS)
        holders = (root, root["entry"], data, data["counts"], data["energy"])
        told = []
        for _ in range(random.choice((1, 1, 2, 4))):
            name, value = random.choice(ATTRIBUTES), random.choice(ODD_ATTRIBUTES)
            holder = random.choice(holders)
            told.append(f"{holder.name}@{name} = {str(value)[:20]!r}")
            try:
                holder.attrs[name] = value
            except (OSError, TypeError, ValueError, OverflowError):
                told.append("(not written)")
    asked = (_fitted(), ("fit", "m.h5", "-m", "linear"), ("show", "m.h5"))
    return command("; ".join(told), *random.choice(asked))


def _scaled(random: Random, folder: Path) -> Case:
    """Numbers that a file says to be scaled are scaled, or refused."""
    with h5py.File(folder / "m.h5", "w") as root:
        root["y"], root["x"] = (CURVES * 4 - 40).astype("i4"), X
        root["y"].attrs["scale_factor"], root["y"].attrs["add_offset"] = 0.25, 10.0
    return command("scale_factor", *_fitted(), is_right=_gives({}))


def _virtual(random: Random, folder: Path) -> Case:
    """Rows whose source is missing are never zeros."""
    gone = random.choice((0, 1, 2))
    layout = h5py.VirtualLayout(shape=CURVES.shape, dtype="f8")
    for k in range(2):
        rows = slice(6 * k, 6 * k + 6)
        layout[rows] = h5py.VirtualSource(f"s{k}.h5", "y", shape=(6, POINTS))
        if k >= gone:
            with h5py.File(folder / f"s{k}.h5", "w") as source:
                source["y"] = CURVES[rows]
    with h5py.File(folder / "m.h5", "w") as root:
        root.create_virtual_dataset("y", layout, fillvalue=random.choice((0.0, 7.0)))
        root["x"] = X
    right = _gives({}) if gone == 0 else refused
    return command(f"virtual, {gone} of 2 gone", *_fitted(), is_right=right)


def _square(random: Random, folder: Path) -> Case:
    """As many rows as samples: nobody knows what a sigma of that length is of."""
    curves = np.resize(CURVES, (POINTS, POINTS))
    sigma = np.linspace(0.5, 3.0, POINTS)
    _written(random, folder, {"y": curves, "x": X, "sigma": sigma})
    return command("square map, one sigma", *_fitted(), is_right=refused)


def _sizes(random: Random, folder: Path) -> Case:
    """Sizes that a file declares without having them."""
    shape: tuple[int, ...] = random.choice(
        ((10**12, 64), (10**6, 10**6), (3, 2**33), (2**40, 2))
    )
    role = random.choice(("y", "y", "x", "sigma", "mask"))
    shape = shape if role == "y" else (max(shape),)
    chunks = tuple(min(size, random.choice((1, 1024))) for size in shape)
    with h5py.File(folder / "m.h5", "w") as root:
        if role != "y":
            root["y"] = CURVES
        if role != "x":
            root["x"] = X
        kind = random.choice(("f8", "u1", "f4"))
        root.create_dataset(role, shape, kind, chunks=chunks)
    if random.random() < 0.2:
        return python(f"{role} of {shape}", "pf.read_table('m.h5')")
    asked = (
        _fitted(),
        ("fit", "m.h5", "-m", "linear"),
        ("shuffle", "m.h5", "-o", "s.h5"),
    )
    return command(f"{role} of {shape}, {chunks}", *random.choice(asked))


def _names(random: Random, folder: Path) -> Case:
    """Datasets and axes called as something else is, or hardly at all."""
    names: tuple[str, ...] = (
        "center",
        "entry",
        "amplitude",
        "quality",
        " ",
        "é" * 99,
        "a b",
        "c_errors",
    )
    names += ("job", "x", "..", "\x1b[31m", "<b>", "n_samples", "status", "=1", "$\\a$")
    name = random.choice(names)
    with h5py.File(folder / "m.h5", "w") as root:
        data = root.create_group("d")
        root.attrs["default"] = "d"
        data.attrs["NX_class"], data.attrs["signal"] = "NXdata", "z"
        data.attrs["axes"] = [name, "e"]
        data["z"], data["e"] = CURVES, X
        # where HDF5 has no such name, the attribute alone is odd enough
        with suppress(ValueError, OSError):
            data[name] = np.arange(float(ROWS))
    return command(f"an axis called {name!r}", *_fitted(), is_right=_gives({}))


MAPS = (
    *(_number_types, _no_numbers, _no_numbers, _no_numbers, _masks, _links, _links),
    *(_attributes, _attributes, _scaled, _virtual, _square, _sizes, _names),
)


def _fitted(*more: str) -> tuple[str, ...]:
    return ("fit-many", "m.h5", *MODEL, "-o", "o.h5", "-q", *more)


def _written(random: Random, folder: Path, values: dict[str, Any]) -> None:
    with h5py.File(folder / "m.h5", "w") as root:
        for name, numbers in values.items():
            _put(random, root, name, numbers)


def _put(random: Random, root: Any, name: str, values: Any) -> None:
    """Write a dataset, chunked where that is possible and chance says so."""
    if isinstance(values, _Unwritten):
        root.create_dataset(name, (values.size,), values.dtype)
        return
    is_long = isinstance(values, np.ndarray) and values.size > 1
    if is_long and values.dtype.kind in "fiu" and random.random() < 0.3:
        chunks = tuple(max(1, (size + 1) // 2) for size in values.shape)
        root.create_dataset(name, data=values, chunks=chunks, compression="gzip")
    else:
        root.create_dataset(name, data=values)


def _gives(change: dict[str, Any]) -> Callable[[Ended, Path], bool]:
    """Whether `o.h5` holds the fits of the plain curves."""

    def is_right(ended: Ended, folder: Path) -> bool:
        x = change.get("x", X)
        expected = _expected(tuple(x), change.get("without"))
        with h5py.File(folder / "o.h5") as maps:
            found = {name: maps[f"entry/{name}/{name}"][()] for name in expected}
        return all(
            np.allclose(found[name].ravel(), values, rtol=1e-4, atol=1e-4)
            for name, values in expected.items()
        )

    return is_right


@cache
def _expected(x: tuple[float, ...], without: int | None) -> dict[str, NDArray[Any]]:
    """Fits of the curves in memory, perhaps without one sample."""
    import physfit as pf

    kept = np.arange(POINTS) != without
    model = pf.models.Gaussian() + pf.models.Constant()
    many = pf.fit_many(model, np.array(x)[kept], CURVES[:, kept])
    return {name: many[name].value.ravel() for name in ("center", "amplitude")}
