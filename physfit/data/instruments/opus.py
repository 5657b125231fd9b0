"""Bruker OPUS: spectra, interferograms and series of them, read by brukeropus.

Its reader takes what a damaged file says of sizes, so these are looked at before.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np

from physfit.data.files.limits import check_unpacked
from physfit.data.instruments.scans import Scans, bytes_of, xy_offer
from physfit.data.table import Field, Offer
from physfit.errors import DataError, printable
from physfit.typing import FloatArray

__all__ = ["opus_scans"]

_X = {
    "WN": ("wavenumber", "1/cm"), "MI": ("wavelength", "um"),
    "LGW": ("log wavenumber", ""), "MIN": ("time", "min"), "PNT": ("point", ""),
    "SEC": ("time", "s"),
}  # fmt: skip


def opus_scans(path: Path) -> Scans:
    """The spectra of an OPUS file: results, single beams, then interferograms."""
    from brukeropus.file import OPUSFile

    _check_blocks(path, bytes_of(path))
    file = OPUSFile(str(path))
    damaged = _damaged(file)
    kinds = sorted(file.iter_all_data(), key=lambda data: _rank(data.label))
    places = [(data, k) for data in kinds for k in range(_count(path, data))]
    if damaged and not places:
        raise DataError(
            f"`{path}` is a damaged Bruker OPUS file: {damaged[0].get_label()} at byte "
            f"{damaged[0].start} cannot be read; copy it anew."
        )

    def read(at: int) -> Offer:
        data, k = places[at]
        y = np.atleast_2d(data.y)[k]
        if data.key in file.series_keys:  # the reader scales single spectra only
            y = y * data.params.csf
        kind = str(getattr(data.params, "dxu", ""))
        name, unit = _X.get(kind, ("x", printable(kind)))
        scaled = data.params.csf != 1.0
        said = [f"scaling factor {data.params.csf:.9g} applied"] if scaled else []
        said += _differences(data, y)
        if len(y) != len(data.x):
            raise DataError(
                f"`{path}`, {data.label}, has {len(y)} of {len(data.x)} numbers; copy "
                "it anew."
            )
        return xy_offer(
            path,
            Field(name, unit, data.x),
            Field(data.label.lower(), "", y),
            remarks=tuple(said),
        )

    blocks = "1 block" if len(damaged) == 1 else f"{len(damaged)} blocks"
    said = (f"{blocks} that cannot be read left out",) if damaged else ()
    return Scans(len(places), read, lambda k: places[k][0].label, remarks=said)


def _damaged(file: Any) -> list[Any]:
    """Blocks of data that cannot be read."""
    return [
        block
        for block in (*file.parse_error_blocks, *file.unmatched_data_blocks)
        if block.is_data() or block.is_data_series()
    ]


def _differences(data: Any, y: FloatArray) -> list[str]:
    """What the parameters say of the smallest and largest number and is not so."""
    ends = {"mny": float(y.min(initial=np.inf)), "mxy": float(y.max(initial=-np.inf))}
    size = max(map(abs, ends.values()))
    return [
        f"{name.upper()} says {data.params[name]:.9g}, but {value:.9g} is read"
        for name, value in ends.items()
        if np.ndim(y) == 1
        and isinstance(data.params._params.get(name), float)
        and abs(data.params[name] - value) > 1e-5 * size
    ]


def _rank(label: str) -> int:
    """How late data come: results, single beams, that of the reference, what is raw."""
    if "Interferogram" in label or "Phase" in label:
        return 3
    return {"Sample": 1, "Reference": 2}.get(label.split(" ")[0], 0)


def _count(path: Path, data: Any) -> int:
    """Spectra of a block of data, which must be floating points."""
    if data.params.dpf != 1:
        raise DataError(
            f"`{path}`, {data.label}, is stored in format {data.params.dpf}, of which "
            "only 1 (floating points) is read; export it as text."
        )
    return len(np.atleast_2d(data.y))


def _check_blocks(path: Path, data: bytes) -> None:
    """Refuse blocks beyond the end, and parameters and series of impossible sizes."""
    start, most = struct.unpack_from("<2i", data, 12)
    if not 0 < start < len(data) or not 0 < most <= 1 << 16:
        raise DataError(
            f"`{path}` is a truncated or damaged Bruker OPUS file: its directory "
            f"should begin at byte {start} of {len(data)}; copy it anew."
        )
    for at in range(start, min(start + 12 * most, len(data) - 11), 12):
        kind, words, first = struct.unpack_from("<3i", data, at)
        if first <= 0:
            break
        block = data[first : first + 4 * words]
        if words < 0 or first + 4 * words > len(data):
            raise DataError(
                f"`{path}` is a truncated Bruker OPUS file: the block at byte {first} "
                f"has {4 * words} bytes, but {len(data) - first} follow; copy it anew."
            )
        if kind >> 4 & 63:
            _check_parameters(path, block, first)
        elif kind >> 19 & 7 == 2 and kind >> 10 & 127 not in (0, 13):  # a series
            block = block.ljust(24, b"\0")
            n, _, size = struct.unpack_from("<3i", block, 4)
            check_unpacked(
                max(n, 0) * max(size, 0),
                len(block),
                f"`{path}`",
                "exported anew, as text",
            )


def _check_parameters(path: Path, block: bytes, first: int) -> None:
    """Walk along parameters: a name, a type, a size, a value."""
    at = 0
    while at + 8 <= len(block) and block[at : at + 3] != b"END":
        (size,) = struct.unpack_from("<h", block, at + 6)
        if size < 0:
            raise DataError(
                f"`{path}` is a damaged Bruker OPUS file: the parameter at byte "
                f"{first + at} has a negative size; copy it anew."
            )
        at += 8 + 2 * size
