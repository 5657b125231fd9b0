"""Several measurements in one file: where x starts again, and the rows of one of them.

x starts again where it goes back after an empty line, a comment or a heading, or where
its numbers are those of the beginning once more.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from physfit.data.table import Table
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["Scan", "one_scan", "scan_number"]

#: Which scan of a file to take, from 0; all of them as one; None: the first, said.
Scan: TypeAlias = int | Literal["all"] | None

#: Rows that a scan has at least, where something stands between two and where only x
#: says that it starts again.
_FEWEST_APART, _FEWEST = 3, 10


def one_scan(table: Table, breaks: Mapping[int, bool], scan: Scan) -> Table:
    """The rows of one scan of a table, which its note tells.

    Parameters
    ----------
    table : Table
    breaks : mapping
        Rows before which something stands that is no row, and whether that is the
        heading of another table.
    scan : int, "all" or None
        Which one, from 0; all of them as one; None: the first, which is said.

    Raises
    ------
    DataError
        When the file has fewer scans.
    """
    starts = _starts(table.x, breaks) if table.x.ndim == 1 else [0]  # a grid goes back
    n = len(starts)
    at = scan_number(scan, n, table.source)
    if n == 1:
        return table._replace(note=f"{table.note}; {_rows(table.y.size)}")
    if at == "all":
        return table._replace(note=f"{table.note}; {table.y.size} rows of {n} scans")
    rows = slice(starts[at], [*starts, table.y.size][at + 1])
    size = len(range(*rows.indices(table.y.size)))
    said = f"x starts again: scan {at} of {n} taken, {size} rows of {table.y.size}"
    if scan is None:
        said += " (scan=1 takes the next, scan='all' all of them)"
    return table._replace(
        x=table.x[rows],
        y=table.y[rows],
        sigma=None if table.sigma is None else table.sigma[rows],
        note=f"{table.note}; {said}",
        remarks=(*table.remarks, said),
    )


def scan_number(
    scan: Scan, n: int, source: str | os.PathLike[str]
) -> int | Literal["all"]:
    """The number of the scan to take, the first if none is said, or "all".

    Raises
    ------
    DataError
        When the file has fewer scans.
    """
    at = 0 if scan is None else scan
    if isinstance(at, int) and at >= n:
        has = "1 scan" if n == 1 else f"{n} scans"
        raise DataError(f"`{source}` has {has}, counted from 0, but scan={at}.")
    return at


def _rows(count: int) -> str:
    return "1 row" if count == 1 else f"{count} rows"


def _starts(x: FloatArray, breaks: Mapping[int, bool]) -> list[int]:
    """First rows of the scans."""
    starts, before = [0], 0
    for row in sorted(breaks):
        if breaks[row] or _goes_back(x[before:row], x[row : row + 1]):
            starts.append(row)
        before = row
    return starts if len(starts) > 1 else _repeats(x)


def _goes_back(before: FloatArray, after: FloatArray) -> bool:
    """Whether x, which has gone one way, goes back."""
    rises, falls = _directions(before)
    if rises.size < _FEWEST_APART - 1 or not (rises.all() or falls.all()):
        return False
    return bool(after[0] < before[-1] if rises[0] else after[0] > before[-1])


def _directions(x: FloatArray) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Where x rises to the next sample, and where it falls."""
    return x[1:] > x[:-1], x[1:] < x[:-1]


def _repeats(x: FloatArray) -> list[int]:
    """Rows at which the places of the first rows come again, in their order."""
    rises, falls = _directions(x)
    goes_on = rises if rises.size and rises[0] else falls
    back = np.flatnonzero(~goes_on) + 1
    if not back.size or back[0] < _FEWEST:
        return [0]
    starts, first = [0, *back.tolist()], x[: back[0]]
    with np.errstate(all="ignore"):
        step = 0.5 * np.abs(np.diff(first)).min()
    for start, stop in zip(starts[1:], [*starts[2:], x.size], strict=True):
        size = min(stop - start, first.size)
        is_last = stop == x.size
        if not (size >= _FEWEST or is_last):
            return [0]
        with np.errstate(all="ignore"):
            differ = np.abs(x[start : start + size] - first[:size])
        if not (differ <= step).all():
            return [0]
    return starts if x.size - starts[1] >= _FEWEST else [0]
