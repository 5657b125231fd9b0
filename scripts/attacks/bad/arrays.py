"""NPY and NPZ files: headers, shapes, types, pickles, damage of the archive, bombs."""

from __future__ import annotations

import io
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from attacks.bad.cases import Case, command, python
from attacks.bad.hdf5_bytes import CURVES, X

__all__ = ["archive", "npy"]

SHAPES = (
    *("(12, 24)", "(24, 12)", "(12,)", "()", "(0,)", "(0, 24)", "(12, 0)", "(-1, 24)"),
    *("(9223372036854775808, 5)", "(999999999999,)", "(10**12,)", "[12, 24]", "12"),
    *("(12, 24.0)", "(True, 24)", "(2**63,)", "(4294967296, 4294967296)", "('a',)"),
    *("(1,) * 40", "(1, 1, 1, 1, 12, 24)", "(999999999, 999)", "(12, 24", "None"),
)
TYPES = (
    *("'<f8'", "'>f8'", "'<f4'", "'<f2'", "'<i8'", "'|u1'", "'|b1'", "'<c16'", "'|O'"),
    *("'|S4'", "'<U3'", "'<M8[s]'", "'|V8'", "[('x', '<f8'), ('y', '<f8')]", "'<f16'"),
    *("[('a', '|O')]", "'<f99'", "''", "1", "None", "'<f8,<f8'", "[('x', '<f8', 3)]"),
    *("__import__('os').mkdir('ran')", "{'names': [], 'formats': []}", "'<f8'*9"),
)
EXTRAS = ("", "", "", ", 'more': 1", "}" * 3, "(" * 3000, ", " + "9" * 5000)


class _Planted:
    """Makes a folder when it is unpickled."""

    def __reduce__(self) -> tuple[Callable[[str], None], tuple[str]]:
        import os

        return os.mkdir, ("ran",)


def npy(random: Random, folder: Path, templates: Path) -> Case:
    """An NPY file with an odd or damaged header."""
    if random.random() < 0.2:
        data, told = _saved(random), "saved"
    else:
        data, told = _made(random)
    draw = random.random()
    if draw < 0.2:
        data, told = data[: random.randrange(len(data) + 1)], told + ", cut"
    elif draw < 0.4:
        changed = bytearray(data)
        changed[random.randrange(min(len(data), 130))] ^= 1 << random.randrange(8)
        data, told = bytes(changed), told + ", flipped"
    name = random.choice(("m.npy", "m.npy", "m.npz", "m.dat"))
    (folder / name).write_bytes(data)
    return _asked(random, told, name)


def archive(random: Random, folder: Path, templates: Path) -> Case:
    """An NPZ file with odd members, or a damaged one."""
    if random.random() < 0.02:
        data, told = _bomb(templates), "bomb"
    else:
        data, told = _zipped(random)
    draw = random.random()
    if draw < 0.15:
        data, told = data[: random.randrange(len(data) + 1)], told + ", cut"
    elif draw < 0.4:
        changed = bytearray(data)
        for _ in range(random.choice((1, 4))):
            near_end = max(0, len(data) - random.randrange(1, 99))
            at = random.choice((random.randrange(len(data)), near_end))
            changed[at] = random.randrange(256)
        data, told = bytes(changed), told + ", overwritten"
    elif draw < 0.45:
        data, told = b"noise" * 9 + data, told + ", behind noise"
    name = random.choice(("m.npz", "m.npz", "m.npy", "m.csv"))
    (folder / name).write_bytes(data)
    return _asked(random, told, name)


def _saved(random: Random) -> bytes:
    """What numpy writes of an odd array."""
    stream = io.BytesIO()
    kinds: tuple[Any, ...] = (
        *(CURVES, CURVES.T, np.asfortranarray(CURVES), CURVES.astype(">f4"), X),
        *(np.array([_Planted()], dtype=object), np.array(3.0), np.zeros((0, 5))),
        *(np.array(["a", "b"]), CURVES.astype(complex), np.full((3, 24), np.nan)),
        *(CURVES.astype("f2"), np.zeros((2, 3, 4, 24)), np.rec.fromarrays([X, X])),
    )
    np.save(stream, random.choice(kinds), allow_pickle=True)
    return stream.getvalue()


def _made(random: Random) -> tuple[bytes, str]:
    """A header written by hand before some numbers."""
    shape, kind = random.choice(SHAPES), random.choice(TYPES)
    shape = SHAPES[0] if random.random() < 0.3 else shape
    kind = TYPES[0] if random.random() < 0.4 else kind
    order = random.choice(("False", "False", "True", "1", "None", "'no'"))
    extra = random.choice(EXTRAS)
    text = f"{{'descr': {kind}, 'fortran_order': {order}, 'shape': {shape}, {extra}}}"
    header = text.encode("latin-1") + b"\n"
    version = random.choice(
        (b"\x01\x00", b"\x01\x00", b"\x02\x00", b"\x03\x00", b"\x09\x00")
    )
    size = len(header) if random.random() < 0.9 else random.choice((0, 5, 60000))
    form = "<H" if version == b"\x01\x00" else "<I"
    body = pickle.dumps(np.array([_Planted()])) if "O" in kind else CURVES.tobytes()
    packed = (
        struct.pack(form, min(size, 65535)) if form == "<H" else struct.pack(form, size)
    )
    return b"\x93NUMPY" + version + packed + header + body, text[:200]


def _zipped(random: Random) -> tuple[bytes, str]:
    stream = io.BytesIO()
    method = random.choice(
        (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2)
    )
    told = []
    with zipfile.ZipFile(stream, "w", method) as zipped:
        names = ["x.npy", "y.npy", "sigma.npy"]
        names += random.choices(MEMBERS, k=random.choice((0, 0, 1, 3)))
        random.shuffle(names)
        for name in names[: random.choice((0, 1, 2, 4, 6))]:
            content = random.choice(
                (_good, _good, _saved, lambda r: _made(r)[0], _noise)
            )
            if name not in zipped.namelist():
                zipped.writestr(name, content(random))
            told.append(f"{name[:20]!r} {content.__name__}")
    return stream.getvalue(), ", ".join(told)


MEMBERS: tuple[Any, ...] = (
    "../up.npy",
    "/abs.npy",
    "a/b.npy",
    "no suffix",
    "é\x1b[2J.npy",
    "x",
    ".npy",
)
MEMBERS += ("x" * 3000 + ".npy", "arr_0.npy", "y.NPY", "\u202ey.npy", "folder/")


def _good(random: Random) -> bytes:
    stream = io.BytesIO()
    np.save(stream, random.choice((X, 2.0 * X + 1.0, np.ones(24), X[:5])))
    return stream.getvalue()


def _noise(random: Random) -> bytes:
    return random.randbytes(random.choice((0, 1, 50)))


def _bomb(templates: Path) -> bytes:
    """Three megabytes that unpack to three thousand."""
    file = templates / "bomb.npz"
    if not file.exists():
        header = io.BytesIO()
        shape = {"descr": "<f8", "fortran_order": False, "shape": (3 << 26,)}
        np.lib.format.write_array_header_1_0(header, shape)
        with zipfile.ZipFile(
            file, "w", zipfile.ZIP_DEFLATED, compresslevel=1
        ) as zipped:
            for name in ("x.npy", "y.npy"):
                with zipped.open(name, "w", force_zip64=True) as member:
                    member.write(header.getvalue())
                    for _ in range(3 << 5):
                        member.write(bytes(16 << 20))
    return file.read_bytes()


def _asked(random: Random, name: str, file: str) -> Case:
    linear = ("-m", "linear")
    asked = (
        ("fit", file, *linear),
        ("fit", file, *linear, "--x", "x", "--y", "y"),
        ("fit-many", file, *linear, "-o", "o.h5"),
        ("fit-many", file, *linear, "-o", "o.h5", "--sigma", "2"),
        ("guess", file, *linear),
        ("compare", file, *linear, "--methods", "lm,scipy:trf"),
        ("show", file),
        ("status", file),
    )
    if random.random() < 0.15:
        return python(name, f"pf.read_table({file!r})")
    return command(name, *random.choice(asked))
