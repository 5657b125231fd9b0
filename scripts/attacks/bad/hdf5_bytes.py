"""HDF5 files whose bytes are damaged, those of the metadata above all."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

import h5py
import numpy as np

from attacks.bad.cases import Case, command, python

__all__ = ["damaged", "damaged_bytes"]

ROWS, POINTS = 12, 24
X = 3.0 + 0.5 * np.arange(POINTS)
#: Small whole numbers: every type of number holds them.
CURVES = np.round(3.0 + 40.0 * np.exp(-0.5 * ((X - 8.0) / 1.5) ** 2)) + np.arange(
    ROWS
).reshape(-1, 1) * (np.arange(POINTS) % 3)
SIGNATURES: tuple[Any, ...] = (
    b"TREE",
    b"SNOD",
    b"HEAP",
    b"OHDR",
    b"OCHK",
    b"FRHP",
    b"FHDB",
    b"BTHD",
)
SIGNATURES += (b"BTLF", b"FAHD", b"EAHD", b"GCOL", b"\x89HDF")


def damaged(random: Random, folder: Path, templates: Path) -> Case:
    """A whole file of some layout, damaged, given to a command that reads it."""
    layout = random.choice(tuple(LAYOUTS))
    libver = random.choice(("earliest", "latest"))
    data, told = damaged_bytes(random, _bytes(layout, libver, templates))
    (folder / "m.h5").write_bytes(data)
    return _asked(random, f"{layout}, {libver}: {told}")


def damaged_bytes(random: Random, data: bytes) -> tuple[bytes, str]:
    """Bytes of an HDF5 file after some changes, and which."""
    changed = bytearray(data)
    told = []
    for _ in range(random.choice((1, 1, 1, 2, 4, 16))):
        at = min(_place(random, data), max(len(changed) - 1, 0))
        name = random.choice(("flip", "byte", "word", "cut", "splice", "FF", "insert"))
        told.append(f"{name} at {at}")
        CHANGES[name](random, changed, at)
    return bytes(changed), ", ".join(told)


def _place(random: Random, data: bytes) -> int:
    """A byte: of the metadata mostly, which stand behind signatures."""
    if random.random() < 0.2:
        return random.randrange(len(data))
    signature = random.choice(SIGNATURES)
    found = [at for at in _all(data, signature)]
    if not found:
        return random.randrange(min(len(data), 3000))
    return random.choice(found) + random.randrange(200)


def _all(data: bytes, piece: bytes) -> list[int]:
    found, at = [], data.find(piece)
    while at >= 0:
        found.append(at)
        at = data.find(piece, at + 1)
    return found


def _flip(random: Random, data: bytearray, at: int) -> None:
    if data:
        data[at] ^= 1 << random.randrange(8)


def _byte(random: Random, data: bytearray, at: int) -> None:
    if data:
        data[at] = random.choice((0, 1, 2, 127, 128, 254, 255, random.randrange(256)))


def _word(random: Random, data: bytearray, at: int) -> None:
    """Another number of eight bytes: sizes and addresses."""
    value = random.choice((0, 1, 2**31, 2**32, 2**40, 2**63, 2**64 - 1, len(data), at))
    data[at : at + 8] = value.to_bytes(8, "little")[: len(data) - at]


def _cut(random: Random, data: bytearray, at: int) -> None:
    if random.random() < 0.3:
        del data[at:]


def _splice(random: Random, data: bytearray, at: int) -> None:
    size, start = random.choice((8, 64, 512)), random.randrange(len(data) or 1)
    data[at : at + size] = data[start : start + size]


def _ones(random: Random, data: bytearray, at: int) -> None:
    size = random.choice((4, 8, 64))
    data[at : at + size] = b"\xff" * len(data[at : at + size])


def _insert(random: Random, data: bytearray, at: int) -> None:
    data[at:at] = random.randbytes(random.choice((1, 4, 8)))


CHANGES: dict[str, Callable[[Random, bytearray, int], None]] = {
    "flip": _flip,
    "byte": _byte,
    "word": _word,
    "cut": _cut,
    "splice": _splice,
    "FF": _ones,
    "insert": _insert,
}


@cache
def _bytes(layout: str, libver: str, templates: Path) -> bytes:
    file = templates / f"{layout}-{libver}.h5"
    with h5py.File(file, "w", libver=libver) as root:
        LAYOUTS[layout](root)
    return file.read_bytes()


def _matrix(**layout: Any) -> Callable[[Any], None]:
    def write(root: Any) -> None:
        root.create_dataset("y", data=CURVES, **layout)
        root["x"] = X
        root["sigma"] = np.ones(POINTS)
        root["mask"] = np.zeros(CURVES.shape, dtype=np.uint8)

    return write


def _compact(root: Any) -> None:
    kept = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    kept.set_layout(h5py.h5d.COMPACT)
    for name, values in (("y", CURVES), ("x", X)):
        space = h5py.h5s.create_simple(values.shape)
        kind = h5py.h5t.NATIVE_DOUBLE
        made = h5py.h5d.create(root.id, name.encode(), kind, space, kept)
        made.write(h5py.h5s.ALL, h5py.h5s.ALL, np.ascontiguousarray(values))


def _nexus(root: Any) -> None:
    entry = root.create_group("entry")
    data = entry.create_group("data")
    root.attrs["default"], entry.attrs["default"] = "entry", "data"
    entry.attrs["NX_class"], data.attrs["NX_class"] = "NXentry", "NXdata"
    data.attrs["signal"], data.attrs["axes"] = "counts", ["row", "energy"]
    data["counts"], data["energy"] = CURVES, X
    data["row"], data["counts_errors"] = np.arange(ROWS, dtype=float), CURVES + 1.0
    data["energy"].attrs["units"] = "eV"
    data["counts"].attrs["long_name"] = "counts (1/s)"


def _virtual(root: Any) -> None:
    # the source lies in the same file, so that one file is the whole case
    root["parts"] = CURVES
    layout = h5py.VirtualLayout(shape=CURVES.shape, dtype="f8")
    source = h5py.VirtualSource(".", "parts", shape=CURVES.shape)
    layout[...] = source
    root.create_virtual_dataset("y", layout)
    root["x"] = X


def _columns(root: Any) -> None:
    root["x"], root["y"] = np.arange(500.0), 2.0 * np.arange(500.0) + 1.0
    root.create_dataset("sigma", data=np.ones(500), chunks=(64,), compression="gzip")


def _records(root: Any) -> None:
    rows = np.zeros(300, dtype=[("x", "f8"), ("y", "f4"), ("name", "S4")])
    rows["x"], rows["y"] = np.arange(300), np.arange(300) % 17
    root.create_dataset("table", data=rows, chunks=(100,))
    root.attrs["note"] = "of this and that"


LAYOUTS: dict[str, Callable[[Any], None]] = {
    "contiguous": _matrix(),
    "chunked": _matrix(chunks=(5, 24)),
    "gzip": _matrix(chunks=(4, 10), compression="gzip", shuffle=True),
    "lzf": _matrix(chunks=(12, 24), compression="lzf"),
    "fletcher32": _matrix(chunks=(4, 24), fletcher32=True),
    "scaleoffset": _matrix(chunks=(4, 24), scaleoffset=2),
    "extendible": _matrix(maxshape=(None, POINTS), chunks=(1, 24)),
    "compact": _compact,
    "NXdata": _nexus,
    "virtual": _virtual,
    "columns": _columns,
    "records": _records,
}


def _asked(random: Random, name: str) -> Case:
    model = ("-m", "gaussian + constant")
    adam = ("--method", "adam", "--epochs", "1")
    asked = (
        ("fit-many", "m.h5", *model, "-o", "o.h5"),
        (
            "fit-many",
            "m.h5",
            *model,
            "-o",
            "o.h5",
            "--mask",
            "mask",
            "--sigma",
            "sigma",
        ),
        ("fit-many", "m.h5::/y", *model, "-o", "o.h5", "--x", "/x"),
        ("fit", "m.h5", *model),
        ("fit", "m.h5::/y", *model),
        ("fit", "m.h5", "-m", "linear", *adam),
        ("shuffle", "m.h5", "-o", "s.h5"),
        ("show", "m.h5"),
        ("status", "m.h5"),
        ("merge", "m.h5"),
        ("guess", "m.h5", "-m", "linear"),
    )
    if random.random() < 0.15:
        return python(name, f"pf.{random.choice(DOORS)}")
    return command(name, *asked[random.choice((0, 0, 0, 1, 3, 5, *range(len(asked))))])


DOORS = (
    "read_table('m.h5').y.sum()",
    "fit(pf.models.Linear(), pf.Hdf5Source('m.h5'), method='lm')",
    "load_result('m.h5')",
    "load_many('m.h5').report()",
)
