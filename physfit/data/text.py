"""Columns from text: CSV, tabs, semicolons or spaces, decimal points or commas.

Once the shape of the table is known (`physfit.data.dialect`), numpy's C parser reads
everything at once. Only a file with quotes, text columns, unusual numbers or mistakes
is taken apart line by line, which also finds the line that an error message names.
Where that fails because the numbers change their look later on, the shape is that of
all lines.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from physfit.data.complex_columns import complex_numbers
from physfit.data.dialect import Dialect, Shape, TextFormat, find_shape
from physfit.data.files.text_file import lines_of_file
from physfit.data.foreign import refuse_binary, refuse_foreign
from physfit.data.header import Header, find_header
from physfit.data.notation import (
    marks_of,
    marks_of_thousands,
    numbers_of,
    settled,
    without_marks,
)
from physfit.data.table import Field, Offer
from physfit.data.text_numbers import numbers_at_once
from physfit.data.text_rows import TextRows, breaks_of, counted, rows_of
from physfit.data.times import seconds_from_first
from physfit.data.waveforms import with_axis
from physfit.data.words import is_missing, plain
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["offer_of_lines", "read_text"]

#: Characters of a line of a table: a hundred thousand columns.
_LONGEST_LINE = 1 << 20
#: Digits, a comma, digits; and a second number that begins as none of its own does.
_DECIMALS, _ZERO = re.compile(r"[+-]?\d+,\d+"), re.compile(r",0\d")
#: Rows that are looked at for such numbers.
_SOME = 1000
_ANYTHING = TextFormat()


def read_text(path: Path, said: TextFormat = _ANYTHING, *, has_x: bool = True) -> Offer:
    """The columns of a text file; one is enough where x is none of them.

    Raises
    ------
    DataError
        When the file is empty, is not text, has no columns of numbers, or a line has
        another number of columns.
    """
    refuse_binary(path)
    lines = lines_of_file(path, _LONGEST_LINE)
    refuse_foreign(path, lines)
    return offer_of_lines(path, lines, said, has_x=has_x)


def offer_of_lines(
    path: Path,
    lines: Sequence[str],
    said: TextFormat = _ANYTHING,
    *,
    has_x: bool = True,
) -> Offer:
    """The columns of a table in lines of text.

    Raises
    ------
    DataError
        As `read_text` does.
    """
    lines = _without_ends(lines, said)
    shape = find_shape(lines, said)
    if shape is not None and said.delimiter is None:
        _check_zeros(path, lines, shape)
    problem = ""
    try:
        offer = _read(path, lines, shape, has_x)
        problem = next((f.problem for f in offer.fields if _is_unreadable(f)), "")
    except DataError as error:
        problem, offer = str(error), None
    if offer is not None and not problem:
        return offer
    later = find_shape(lines, said, whole=True)
    if later != shape and later is not None:
        again = _read(path, lines, later, has_x)
        if not any(map(_is_unreadable, again.fields)):
            return again
    if offer is None:
        raise DataError(problem)
    return offer


def _is_unreadable(field: Field) -> bool:
    """Whether a column of numbers has entries that are none."""
    return field.values is None and not field.is_text


def _without_ends(lines: Sequence[str], said: TextFormat) -> Sequence[str]:
    """Lines with those blank that a caller leaves out at the beginning and the end."""
    if not said.skip_rows and not said.footer:
        return lines
    stop = len(lines)
    while stop and not lines[stop - 1].strip():
        stop -= 1
    first = [""] * min(said.skip_rows, stop)
    return [*first, *lines[len(first) : max(len(first), stop - said.footer)]]


def _read(path: Path, lines: Sequence[str], shape: Shape | None, has_x: bool) -> Offer:
    """The columns of a table of this shape."""
    if shape is None:
        raise DataError(_no_table(path, lines))
    if has_x:
        _check_columns(path, lines, shape)
    header = find_header(lines, shape)
    _check_names(path, lines, shape, header)
    remarks = []
    numbers = _rows_above(lines, shape, header)
    if count := header.n_skipped - len(numbers):
        lines_of_text = "1 line" if count == 1 else f"{count} lines"
        remarks.append(f"{lines_of_text} of text before the numbers skipped")
    if numbers:
        remarks.append(f"{counted(numbers, 'numbers')} before the table left out")
    if header.n_names:
        remarks.append(
            f"{header.n_names} names above {shape.n_fields} columns not used"
        )
    columns = numbers_at_once(lines, shape)
    if columns is not None:
        if shape.dialect.decimal == ",":
            remarks.insert(0, "decimal commas")
        fields = tuple(map(_field_of_numbers, header.names, columns))
        n_lines = len(lines) - shape.start - (not lines[-1].strip())
        has_breaks = len(columns[0]) < n_lines
        breaks: Mapping[int, bool] = breaks_of(lines, shape) if has_breaks else {}
    else:
        rows = rows_of(path, lines, shape, header)
        _check_share(path, rows)
        fields, said = _read_slowly(path, rows, shape, header)
        breaks = rows.breaks
        remarks = [*said, *remarks]
        if rows.left_out:
            remarks.append(f"{counted(rows.left_out, 'text')} left out")
    dialect = f"{shape.dialect}, numbers from line {shape.start + 1} on"
    offer = Offer(str(path), fields, "column", tuple(remarks), breaks, dialect=dialect)
    return with_axis(offer, header, lines[: shape.start][-20:])


def _rows_above(lines: Sequence[str], shape: Shape, header: Header) -> list[int]:
    """Lines above the table that are numbers throughout, counted from 1."""
    numbers = []
    for number, line in enumerate(lines[: shape.start], 1):
        fields = shape.dialect.split(plain(line))
        is_row = any(fields) and all(
            shape.dialect.is_number(field) or not field for field in fields
        )
        if is_row and line.strip() not in header.lines:
            numbers.append(number)
    return numbers


def _check_columns(path: Path, lines: Sequence[str], shape: Shape) -> None:
    """Refuse a table without room for x."""
    if shape.n_fields == 1 and "tInc" not in "".join(lines[: shape.start]):
        raise DataError(
            f"`{path}` has only one column of numbers, from line {shape.start + 1} on; "
            "add a column of x values, or say x_start=... and x_step=... ."
        )


def _check_share(path: Path, rows: TextRows) -> None:
    """Refuse a table that is the smaller part of its file."""
    left = rows.left_out
    if len(left) > len(rows.rows):
        raise DataError(
            f"`{path}` has {len(rows.rows)} rows of one table, but {len(left)} lines "
            f"of others from line {left[0]} on; say skip_rows=... or footer=... ."
        )


def _check_names(
    path: Path, lines: Sequence[str], shape: Shape, header: Header
) -> None:
    """Refuse rows that may have decimal commas between commas."""
    dialect = shape.dialect
    if header.n_names and dialect.separator == dialect.thousands == ",":
        return
    first = dialect.split(plain(lines[shape.start]))
    if (
        dialect.separator == ","
        and 0 < header.n_names < shape.n_fields
        and not dialect.is_forced
        and all(field.lstrip("+-").isdigit() for field in first)
    ):
        raise DataError(
            f"`{path}` has {header.n_names} names, but {shape.n_fields} numbers in "
            f"line {shape.start + 1}; if these are decimal commas between commas, say "
            "delimiter=',' and decimal=',', else give each column a name."
        )


def _check_zeros(path: Path, lines: Sequence[str], shape: Shape) -> None:
    """Refuse two columns of digits such as `3,05`, which may be one of numbers."""
    dialect = shape.dialect
    if (dialect.separator, shape.n_fields) != (",", 2) or dialect.is_forced:
        return
    if any(name for name, _ in find_header(lines, shape).names):
        return
    start, stop = shape.start, shape.start + _SOME
    for number, line in enumerate(lines[start:stop], start + 1):
        if line.count(",") != 1 or _DECIMALS.fullmatch(line.strip()) is None:
            return
        if _ZERO.search(line):
            raise DataError(
                f"`{path}` has {line.strip()[:40]!r} in line {number}, one number with "
                "a decimal comma or two columns; say decimal=',' or delimiter=','."
            )


def _no_table(path: Path, lines: Sequence[str]) -> str:
    if not any(line.strip() for line in lines):
        return f"`{path}` is empty; give a file with columns of numbers."
    begins = (k for k, line in enumerate(lines, 1) if line.lstrip()[:1].isdigit())
    number = next(begins, 0)
    shown = f" (line {number} is {lines[number - 1].strip()[:40]!r})" if number else ""
    return (
        f"`{path}` has no numeric columns{shown}; give a table with one row per sample "
        "and at least two numbers a row, between commas, semicolons, tabs or spaces."
    )


def _field_of_numbers(name: tuple[str, str], values: FloatArray) -> Field:
    """A column of numbers, without those that are marks."""
    if np.isnan(values[0]) and np.isnan(values).all():
        return Field(*name, values, is_text=True, note="is empty")
    values, marks = without_marks(values)
    return Field(*name, values, note=f"{marks} count as missing" if marks else "")


# --------------------------------------------------------------------- line by line
def _read_slowly(
    path: Path, found: TextRows, shape: Shape, header: Header
) -> tuple[tuple[Field, ...], list[str]]:
    """All columns from fields, with missing values, text and mistakes."""
    columns = list(zip(*found.rows, strict=True))
    beside, n_beside = _metadata(columns, shape)
    numeric = [j for j in shape.numeric if j not in beside]
    dialect = settled(
        path,
        shape.dialect,
        [columns[j] for j in numeric],
        [header.names[j] for j in numeric],
    )
    remarks = []
    if dialect.decimal == ",":
        remarks.append("decimal commas")
    if marks := marks_of_thousands([columns[j] for j in numeric], dialect):
        remarks.append(f"{marks} between thousands")
    if beside:
        remarks.append(f"text beside the first {n_beside} rows left out")
    fields = tuple(
        Field(*header.names[j], None, "holds text beside the rows", is_text=True)
        if j in beside
        else _field(path, j, header.names[j], columns[j], found.lines, dialect)
        for j in range(shape.n_fields)
    )
    return _with_dates(fields, columns), remarks


def _with_dates(
    fields: tuple[Field, ...], columns: Sequence[Sequence[str]]
) -> tuple[Field, ...]:
    """The columns, with dates and the times of day beside them as one time."""
    for j, (field, beside) in enumerate(pairwise(fields)):
        if not (field.is_time and beside.is_time) or ":" in columns[j][0]:
            continue
        texts = [
            " ".join(pair) for pair in zip(columns[j], columns[j + 1], strict=True)
        ]
        seconds = seconds_from_first(texts)
        if seconds is not None:
            joined = [
                each._replace(
                    values=seconds, note="seconds from the first date and time"
                )
                for each in (field, beside)
            ]
            return (*fields[:j], *joined, *fields[j + 2 :])
    return fields


def _metadata(columns: Sequence[Sequence[str]], shape: Shape) -> tuple[set[int], int]:
    """Columns that hold text beside the first rows and nothing below, and how far.

    Oscilloscopes write their settings so. Numbers beside such text belong to it.
    """
    ends = {
        j: max((i + 1 for i, text in enumerate(texts) if text), default=0)
        for j, texts in enumerate(columns)
    }
    n_rows = len(columns[0]) if columns else 0
    texts = [
        j
        for j, end in ends.items()
        if 0 < 2 * end <= n_rows
        and not all(is_missing(x) or shape.dialect.is_number(x) for x in columns[j])
    ]
    last = max((ends[j] for j in texts), default=0)
    return {j for j, end in ends.items() if 0 < end <= last}, last


def _field(
    path: Path,
    position: int,
    name: tuple[str, str],
    texts: Sequence[str],
    numbers: list[int],
    dialect: Dialect,
) -> Field:
    """One column of texts as numbers, or with the sentence that says why not."""
    values, bad = numbers_of(texts, dialect)
    if not bad:
        field = _field_of_numbers(name, values)
        words = marks_of(texts) if np.isnan(values).any() else ""
        if words and field.values is not None:
            notes = filter(None, [f"{words} count as missing", field.note])
            field = field._replace(note=", ".join(notes))
        return field
    complex_values = complex_numbers(texts, dialect.decimal) if bad[0] < 20 else None
    if complex_values is not None:
        return Field(*name, complex_values)
    called = repr(name[0]) if name[0] else str(position)
    seconds = seconds_from_first(texts) if bad[0] < 20 else None
    if seconds is not None:
        return Field(
            name[0], name[1] or "s", seconds, is_text=True, is_time=True,
            note="seconds from the first",
        )  # fmt: skip
    problem = (
        f"`{path}` has {texts[bad[0]][:40]!r} in line {numbers[bad[0]]}, column "
        f"{called}, where a number should be; correct it, leave it empty, or take "
        "another column."
    )
    return Field(*name, None, problem, is_text=2 * len(bad) > len(texts))
