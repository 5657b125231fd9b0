"""What a file of an instrument holds: one scan, or many, each with named columns."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.choosing import pick
from physfit.data.files.limits import check_stored
from physfit.data.files.paths import opened_file
from physfit.data.scans import Scan, one_scan, scan_number
from physfit.data.table import Choice, Field, LazyColumn, Offer, Table, Wanted
from physfit.errors import DataError, printable

if TYPE_CHECKING:
    from physfit.data.row_data import Axis

__all__ = ["Scans", "bytes_of", "one_table", "text_in", "xy_offer"]


def _untitled(k: int) -> str:
    return ""


class Scans(NamedTuple):
    """The scans of a file: single spectra, blocks, frames, points of a map.

    Attributes
    ----------
    size : int
        How many there are.
    read : callable
        `read(k)` gives the columns of scan k; the first two are x and y.
    title : callable
        `title(k)` says what scan k is; empty where the file does not.
    axes : tuple of Axis
        Of the map that the scans make up; empty if they are but counted.
    remarks : tuple of str
        What is to be said of all scans.
    """

    size: int
    read: Callable[[int], Offer]
    title: Callable[[int], str] = _untitled
    axes: tuple[Axis, ...] = ()
    remarks: tuple[str, ...] = ()


def xy_offer(
    source: str | os.PathLike[str],
    x: Field,
    y: Field,
    *others: Field,
    remarks: tuple[str, ...] = (),
) -> Offer:
    """Columns of a scan: x, y, and what else there is."""
    fields = (
        field._replace(values=np.array(field.values, dtype=np.float64))
        for field in (x, y)
    )
    return Offer(str(source), (*fields, *others), remarks=remarks, axis=0)


def one_table(
    source: Path, scans: Scans, wanted: Wanted, scan: Scan
) -> tuple[Choice, Table]:
    """What is chosen of one scan, or of all one after the other, and its columns.

    Raises
    ------
    DataError
        When there is no such scan, or all of them have not the same columns.
    """
    if scans.size == 1 and (offer := scans.read(0)).is_text:
        choice = pick(offer, wanted)
        return choice, one_scan(choice.table(), offer.breaks or {}, scan)
    at = scan_number(scan, scans.size, source)
    if at == "all":
        offer = _joined(source, [scans.read(k) for k in range(scans.size)])
    else:
        offer = scans.read(at)
    offer = offer._replace(remarks=(*offer.remarks, *scans.remarks))
    choice = pick(offer, wanted)
    table = choice.table()
    rows = "1 row" if table.y.size == 1 else f"{table.y.size} rows"
    if scans.size == 1:
        return choice, table._replace(note=f"{table.note}; {rows}")
    if at == "all":
        note = f"{table.note}; {rows} of {scans.size} scans"
        return choice, table._replace(note=note)
    title = scans.title(at)
    said = f"scan {at} of {scans.size}{title and f' ({title})'} taken, {rows}"
    if scan is None:
        said += " (scan=1 takes the next, scan='all' all of them)"
    remarks = (*table.remarks, said)
    return choice, table._replace(note=f"{table.note}; {said}", remarks=remarks)


def _joined(source: Path, offers: list[Offer]) -> Offer:
    """The columns of all scans, one after the other."""
    first = offers[0]
    heads = [[(f.name, f.unit) for f in offer.fields] for offer in offers]
    if any(head != heads[0] for head in heads):
        raise DataError(
            f"`{source}` has scans with other columns than the first; take one by "
            "scan=... ."
        )
    columns = zip(*(offer.fields for offer in offers), strict=True)
    fields = tuple(
        column[0]._replace(values=np.concatenate([_numbers(f) for f in column]))
        for column in columns
    )
    said = dict.fromkeys(remark for offer in offers for remark in offer.remarks)
    return first._replace(fields=fields, remarks=tuple(said))


def _numbers(field: Field) -> NDArray[Any]:
    """The numbers of a column, read; NaN where it has none."""
    values = field.values
    if isinstance(values, LazyColumn):
        return values.read(0, values.size)
    return np.full(1, np.nan) if values is None else values


def bytes_of(path: Path) -> bytes:
    """The whole content of a file."""
    with opened_file(path) as stream:
        status = os.fstat(stream.fileno())
        check_stored(path, status)
        return stream.read(status.st_size)


def text_in(data: bytes) -> str:
    """Text of a fixed number of bytes, up to the first zero."""
    return printable(data.split(b"\0")[0].decode("latin-1")).strip()
