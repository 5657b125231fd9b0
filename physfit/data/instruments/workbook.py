"""Workbooks of Excel (.xlsx): a sheet as lines of text, read by the rules of text.

A row of the sheet is a line, with the same number, so that all that is known of tables
of text holds: names and units above, rows left out, x that starts again. Numbers that
are shown in per cent are read as they are shown, in per cent: 0.05 that is shown as 5%
beside `err (%)` is 5.
"""

from __future__ import annotations

import re
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path
from typing import Any, NamedTuple

from physfit.data.dialect import TextFormat
from physfit.data.files.limits import check_unpacked
from physfit.data.files.paths import opened_file
from physfit.data.instruments.formats import reading, require
from physfit.data.instruments.scans import bytes_of
from physfit.data.table import Offer
from physfit.data.text import offer_of_lines
from physfit.data.words import is_missing
from physfit.errors import DataError, did_you_mean, printable

__all__ = ["is_workbook", "read_workbook"]

_QUOTED = re.compile(r'"[^"]*"|\\.')
_POINT = re.compile(r"(?<=\d)\.(?=\d+e[-+]?\d+(?:\t|$))")
_NAME = "Excel workbook"
_OLD = b"\xd0\xcf\x11\xe0"
_CURE = "saved as CSV"
#: Cells of a sheet, read one by one: some GiB in memory.
_MOST_CELLS = 20_000_000


class _Cells(NamedTuple):
    """The cells of a sheet.

    Attributes
    ----------
    rows : list of list of str
        As fields of text.
    measured : set of int
        Rows with a number, date or time.
    in_per_cent : set of int
        Columns with a number that is shown in per cent.
    """

    rows: list[list[str]]
    measured: set[int]
    in_per_cent: set[int]


def is_workbook(path: Path) -> bool:
    """Whether a file is an archive of the parts of a workbook.

    Raises
    ------
    DataError
        When it is one of another program or of an older Excel.
    """
    with opened_file(path) as stream:
        magic = stream.read(4)
        if magic == _OLD:
            raise DataError(
                f"`{path}` is a file of Excel before 2007 (.xls), which is not read; "
                "save it as .xlsx or CSV."
            )
        if magic != b"PK\x03\x04":
            return False
        try:
            names = zipfile.ZipFile(stream).namelist()
        except (zipfile.BadZipFile, NotImplementedError, ValueError):
            return path.suffix.lower() in (".xlsx", ".xlsm")
    if "content.xml" in names:
        raise DataError(
            f"`{path}` is a file of OpenDocument, which is not read; save it as .xlsx "
            "or CSV."
        )
    return any(name.startswith("xl/") for name in names)


def read_workbook(
    path: Path, sheet: str | None, said: TextFormat, has_x: bool = True
) -> Offer:
    """The columns of a sheet: the one that is named, or the first with a table.

    One column is enough where x is none of them.

    Raises
    ------
    DataError
        When openpyxl is not installed, the file is damaged, or no sheet has numbers.
    """
    require(path, _NAME, "openpyxl")
    with reading(path, _NAME):
        data = bytes_of(path)
        with zipfile.ZipFile(BytesIO(data)) as archive:
            size = sum(member.file_size for member in archive.infolist())
        check_unpacked(size, len(data), f"`{path}`", _CURE)
        return _first_table(path, data, sheet, said, has_x)


def _book(data: bytes, *, has_values: bool) -> Any:
    """The workbook with the values of its formulas, or the formulas themselves."""
    import openpyxl

    # from memory, because it judges paths by their suffix
    return openpyxl.load_workbook(BytesIO(data), read_only=True, data_only=has_values)


def _first_table(
    path: Path, data: bytes, wanted: str | None, said: TextFormat, has_x: bool
) -> Offer:
    """The columns of the first sheet that has some."""
    book = _book(data, has_values=True)
    names = [sheet.title for sheet in book.worksheets]
    if wanted is not None and wanted not in names:
        raise DataError(
            f"`{path}` has no sheet {wanted!r}; {did_you_mean(wanted, names)}"
        )
    problem: DataError | None = None
    for name in _shown(book) if wanted is None else [wanted]:
        cells = _cells(path, data, book[name])
        lines = _lines(cells)
        if said.decimal == ",":  # of texts; numbers have none
            lines = [_POINT.sub(",", line) for line in lines]
        try:
            tabs = said._replace(delimiter="\t")
            offer = offer_of_lines(path, lines, tabs, has_x=has_x)
        except DataError as error:
            problem = problem or error
            continue
        offer = _with_per_cent(path, offer, cells.in_per_cent)
        if len(names) == 1:
            return offer
        of = ", ".join(repr(printable(name)) for name in names[:5])
        remark = f"sheet {printable(name)!r} of {len(names)} ({of})"
        return offer._replace(remarks=(remark, *offer.remarks))
    raise problem or DataError(f"`{path}` has no sheet of cells.")


def _shown(book: Any) -> list[str]:
    """Names of the sheets that Excel shows, or of all where it shows none."""
    sheets = book.worksheets
    shown = [own.title for own in sheets if own.sheet_state == "visible"]
    return shown or [own.title for own in sheets]


def _lines(cells: _Cells) -> list[str]:
    """Rows as lines of text; of those with numbers, empty cells at the end stay."""
    width = max((len(_stripped(cells.rows[i])) for i in cells.measured), default=0)
    lines = []
    for i, row in enumerate(cells.rows):
        filled = _stripped(row)
        rest = width - len(filled) if i in cells.measured else 0
        lines.append("\t".join([*filled, *[""] * rest]))
    return lines


def _stripped(row: list[str]) -> list[str]:
    """The fields up to the last one that is not empty."""
    n = len(row)
    while n and not row[n - 1]:
        n -= 1
    return row[:n]


def _with_per_cent(path: Path, offer: Offer, columns: set[int]) -> Offer:
    """The columns, with the unit of those that are shown in per cent."""
    fields = list(offer.fields)
    for j in columns & {*range(len(fields))}:
        name, unit = fields[j].name or str(j), fields[j].unit
        if unit not in ("", "%"):
            problem = (
                f"`{path}` shows column {name!r}, in {unit!r}, in per cent; show it "
                "as plain numbers, or give it another heading."
            )
            fields[j] = fields[j]._replace(values=None, problem=problem)
            continue
        notes = filter(None, ["shown in per cent, and read so", fields[j].note])
        fields[j] = fields[j]._replace(unit="%", note=", ".join(notes))
    return offer._replace(fields=tuple(fields))


def _cells(path: Path, data: bytes, sheet: Any) -> _Cells:
    """The cells of a sheet as fields of text.

    A formula whose value is not stored is shown as it is: a text among numbers.
    """
    cells = _Cells([], set(), set())
    rows = cells.rows
    unknown: list[int] = []
    n_cells = n_characters = 0
    sheet.reset_dimensions()  # those of the file may be of any size
    for row in sheet.iter_rows():
        n_cells += len(row) + 1
        if n_cells > _MOST_CELLS:
            raise DataError(
                f"`{path}` has more than {_MOST_CELLS} cells in a sheet; save it as "
                "CSV."
            )
        # a cell that is there and has no value holds a formula, or a style
        if any(cell.value is None and hasattr(cell, "row") for cell in row):
            unknown.append(len(rows))
        texts = [_text(cell) for cell in row]
        for j, cell in enumerate(row):
            if cell.value is None or isinstance(cell.value, str):
                continue
            cells.measured.add(len(rows))
            if type(cell.value) in (int, float) and _is_per_cent(cell.number_format):
                cells.in_per_cent.add(j)
                texts[j] = _number(float(f"{100.0 * cell.value:.15g}"))
        rows.append(texts)
        # cells may share one long text
        n_characters += sum(map(len, texts))
        check_unpacked(n_characters, len(data), f"`{path}`", _CURE)
    if unknown:
        formulas = _book(data, has_values=False)[sheet.title]
        formulas.reset_dimensions()
        wanted = set(unknown)
        for at, row in enumerate(formulas.iter_rows()):
            if at in wanted:
                pairs = zip(rows[at], row, strict=True)
                rows[at] = [text or _text(cell) for text, cell in pairs]
    return cells


def _is_per_cent(form: str) -> bool:
    """Whether numbers of this format are shown as per cent: 0.05 as 5%."""
    return "%" in form and "%" in _QUOTED.sub("", form)


def _text(cell: Any) -> str:
    """A cell as a field of text; numbers cannot be taken for thousands."""
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "e":
        return value if is_missing(value) else "NaN"
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, timedelta):
        minutes, seconds = divmod(value.total_seconds(), 60.0)
        return f"{int(minutes) // 60}:{int(minutes) % 60:02d}:{seconds:09.6f}"
    if isinstance(value, int | float):
        return _number(value)
    return _plain(str(value))


def _number(value: float) -> str:
    text = repr(value)
    return text if "." not in text or "e" in text else f"{text}e0"


def _plain(text: str) -> str:
    return " ".join(text.replace('"', "'").split())
