"""Columns from text: CSV, tabs, semicolons or spaces, decimal points or commas.

The shape is found from the first lines: for every pair of separator and decimal mark,
count the lines that are numbers throughout, and keep the pair that explains most. The
numbers start at the first such line; text before it is a header (its last line names
the columns) or free text. Then numpy's C parser reads everything at once. Only a file
with missing values, quotes, text columns or mistakes is taken apart line by line, which
also finds the line that an error message names.
"""

from __future__ import annotations

import csv
import gzip
import math
import re
import zlib
from collections.abc import Iterator, Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import NamedTuple

import numpy as np

from physfit.data.table import Field, Offer, split_unit
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["read_text"]

_POINT_NUMBER = re.compile(
    r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:[ed][+-]?\d+)?|inf(?:inity)?)", re.IGNORECASE
)
_COMMA_NUMBER = re.compile(
    r"[+-]?(?:(?:\d+(?:,\d+)?|,\d+)(?:[ed][+-]?\d+)?|inf(?:inity)?)", re.IGNORECASE
)
_MISSING = {"", "na", "n/a", "#n/a", "nan", "+nan", "-nan", "null", "none", "-", "--"}
_HEAD = 1000  # lines looked at to find the shape
_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_TRAILING_COMMENT = re.compile(r"\s#.*$")
_NOT_AVAILABLE = re.compile(r"(?<![^\s,;])(?:NA|N/A)(?![^\s,;])", re.IGNORECASE)
_FORTRAN_EXPONENT = re.compile(r"[dD]")
# Between spaces a name may hold some: two spaces separate, or `name (unit)` is one.
_SPACED_HEADERS = (re.compile(r"\s{2,}|\t"), re.compile(r"\s+(?![\[(/]|(?<=/ ))"))


class Dialect(NamedTuple):
    """Separator of the fields (None: white space) and decimal mark."""

    separator: str | None
    decimal: str

    def split(self, line: str) -> list[str]:
        """Fields of a line, without quotes and surrounding space."""
        if self.separator is None:
            return line.split()
        if '"' in line:
            fields = next(csv.reader([line], delimiter=self.separator))
        else:
            fields = line.split(self.separator)
        return [field.strip() for field in fields]

    def is_number(self, field: str) -> bool:
        """Whether a field is written as a number."""
        pattern = _POINT_NUMBER if self.decimal == "." else _COMMA_NUMBER
        return pattern.fullmatch(field) is not None


# A comma separates fields before it is a decimal mark, except between other separators.
_DIALECTS = tuple(
    Dialect(*pair)
    for pair in (
        (";", "."),
        (";", ","),
        ("\t", "."),
        ("\t", ","),
        (",", "."),
        (None, "."),
        (None, ","),
        (",", ","),
    )
)


class Shape(NamedTuple):
    """What the first lines say: dialect, number of fields, index of the first row."""

    dialect: Dialect
    n_fields: int
    start: int


def read_text(path: Path) -> Offer:
    """The columns of a text file.

    Raises
    ------
    DataError
        When the file is empty, is not text, has no columns of numbers, or a line has
        another number of columns.
    """
    lines = _decode(path).splitlines()
    shape = _find_shape(lines)
    if shape is None:
        raise DataError(_no_table(path, lines))
    if shape.n_fields == 1:
        raise DataError(
            f"`{path}` has only one column of numbers, from line {shape.start + 1} on; "
            "add a column of x values."
        )
    names, n_skipped = _find_names(lines, shape)
    remarks = []
    if shape.dialect.decimal == ",":
        remarks.append("decimal commas")
    if n_skipped:
        lines_of_text = "1 line" if n_skipped == 1 else f"{n_skipped} lines"
        remarks.append(f"{lines_of_text} of text before the numbers skipped")
    fields = _read_fast(lines, shape, names)
    if fields is None:
        fields = _read_slowly(path, lines, shape, names)
    return Offer(str(path), fields, "column", tuple(remarks))


def _decode(path: Path) -> str:
    data = path.read_bytes()
    if data[:2] == b"\x1f\x8b":
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise DataError(
                f"`{path}` is a truncated or damaged gzip file ({error}); copy it anew."
            ) from error
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, errors="replace")
    if b"\0" in data:
        raise DataError(
            f"`{path}` is not a text file; give text columns, .npz, .npy or HDF5."
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def _no_table(path: Path, lines: list[str]) -> str:
    if not any(line.strip() for line in lines):
        return f"`{path}` is empty; give a file with columns of numbers."
    return (
        f"`{path}` has no numeric columns; give a table with one row per sample and at "
        "least two numbers a row, between commas, semicolons, tabs or spaces."
    )


def _is_comment(line: str, dialect: Dialect | None) -> bool:
    """Whether a line is a comment; with `;` as separator, `;` is an empty field."""
    marks = ("#", "%") if dialect and dialect.separator == ";" else ("#", "%", ";")
    return line.lstrip().startswith(marks)


def _find_shape(lines: list[str]) -> Shape | None:
    """The dialect that explains most of the first lines, and where its rows start."""
    head = list(islice(_content(lines), _HEAD))
    whole, width, dialect, start = _best(head, True)
    partial, *_ = other = _best(head, False)
    if 2 * whole < partial or not whole:
        _, width, dialect, start = other
        after = sum(i >= start for i, _ in head)
        return Shape(dialect, width, start) if 2 * partial > after else None
    shape = Shape(dialect, width, start)
    return shape._replace(start=_step_back(head, shape))


def _content(lines: list[str]) -> Iterator[tuple[int, str]]:
    """Lines that are neither blank nor comments, with their indices."""
    for i, line in enumerate(lines):
        if line.strip() and not _is_comment(line, None):
            yield i, line


def _best(head: list[tuple[int, str]], whole: bool) -> tuple[int, int, Dialect, int]:
    """How many rows the best dialect finds, their width, the dialect, the first row."""
    found = [(*_rows(head, dialect, whole), dialect) for dialect in _DIALECTS]
    width, rows, dialect = max(found, key=lambda item: (len(item[1]), item[0]))
    return len(rows), width, dialect, rows[0] if rows else 0


def _rows(
    head: list[tuple[int, str]], dialect: Dialect, whole: bool
) -> tuple[int, list[int]]:
    """Commonest width of the rows and their indices.

    A row holds a number and, if `whole`, nothing but numbers and missing values.
    """
    widths: dict[int, list[int]] = {}
    for i, line in head:
        fields = dialect.split(line)
        numbers = sum(map(dialect.is_number, fields))
        missing = sum(field.lower() in _MISSING for field in fields)
        if numbers and (not whole or numbers + missing == len(fields)):
            widths.setdefault(len(fields), []).append(i)
    return max(widths.items(), key=lambda item: len(item[1]), default=(0, []))


def _step_back(head: list[tuple[int, str]], shape: Shape) -> int:
    """Start of the rows, with a mistyped first row counted in, so that it is reported.

    Between spaces a line such as `300 K` may be free text: there it is left alone.
    """
    start = shape.start
    if shape.dialect.separator is None:
        return start
    for i, line in reversed([pair for pair in head if pair[0] < start]):
        fields = shape.dialect.split(line)
        if len(fields) != shape.n_fields or not shape.dialect.is_number(fields[0]):
            break
        start = i
    return start


def _find_names(lines: list[str], shape: Shape) -> tuple[list[tuple[str, str]], int]:
    """Name and unit of each column, empty if unsaid, and how many lines were no header.

    The names stand in the last line before the numbers, or before a line of units in
    brackets, and may be commented out.
    """
    above = [line for line in lines[: shape.start] if line.strip()]
    n_text = sum(not _is_comment(line, None) for line in above)
    units = _bracketed(_header_fields(above[-1], shape)) if above else None
    if units:
        n_text -= not _is_comment(above.pop(), None)
    names = _header_fields(above[-1], shape) if above else []
    if len(names) != shape.n_fields or not any(names):
        return [("", "")] * shape.n_fields, n_text
    n_text -= not _is_comment(above[-1], None)
    split = [split_unit(name) for name in names]
    if units:
        split = [
            (name, unit or own) for (name, own), unit in zip(split, units, strict=True)
        ]
    return split, n_text


def _header_fields(line: str, shape: Shape) -> list[str]:
    text = line.strip()
    if _is_comment(text, shape.dialect):
        text = text.lstrip("#%;! \t")
    fields = shape.dialect.split(text)
    if len(fields) != shape.n_fields and shape.dialect.separator is None:
        for pattern in _SPACED_HEADERS:
            fields = pattern.split(text)
            if len(fields) == shape.n_fields:
                return [field.strip('" ') for field in fields]
    return [field.strip('"') for field in fields]


def _bracketed(fields: list[str]) -> list[str] | None:
    """Units of a line like `(s)  (V)`; None if it is another kind of line."""
    given = [field for field in fields if field]
    if len(fields) < 2 or not given:
        return None
    if all(field[0] + field[-1] in ("()", "[]") for field in given):
        return [field[1:-1].strip() for field in fields]
    return None


def _read_fast(
    lines: list[str], shape: Shape, names: list[tuple[str, str]]
) -> tuple[Field, ...] | None:
    """All columns by numpy's C parser, or None where a line needs a closer look."""
    separator, decimal = shape.dialect
    text = "\n".join(lines[shape.start :])
    if any(mark in text for mark in ('"%;' if separator != ";" else '"%')):
        return None
    if decimal == ",":
        if separator == "," or "." in text:
            return None
        text = text.replace(",", ".")
    table = _parse(text, shape)
    if table is None and separator is not None:
        table = _parse(_fill(text, separator), shape)
        if table is not None and np.isnan(table).all(axis=1).any():
            return None
    if table is None:
        return None
    columns = np.ascontiguousarray(table.T)
    return tuple(
        Field(name, unit, values)
        for (name, unit), values in zip(names, columns, strict=True)
    )


def _parse(text: str, shape: Shape) -> FloatArray | None:
    """Rows of numbers, or None if the text is anything else."""
    try:
        table = np.loadtxt(
            text.splitlines(), delimiter=shape.dialect.separator, ndmin=2, comments="#"
        )
    except ValueError:
        return None
    return table if table.shape[1] == shape.n_fields else None


def _fill(text: str, separator: str) -> str:
    """The text with `nan` where a field is empty or says NA."""
    text = _NOT_AVAILABLE.sub("nan", text)
    for _ in range(2):  # the second time for the gaps between overlapping pairs
        text = text.replace(separator * 2, f"{separator}nan{separator}")
    text = text.replace(f"{separator}\n", f"{separator}nan\n")
    text = text.replace(f"\n{separator}", f"\nnan{separator}")
    start = "nan" if text.startswith(separator) else ""
    return start + text + ("nan" if text.endswith(separator) else "")


def _read_slowly(
    path: Path, lines: list[str], shape: Shape, names: list[tuple[str, str]]
) -> tuple[Field, ...]:
    """All columns line by line, with missing values, text and mistakes."""
    numbers: list[int] = []
    rows: list[list[str]] = []
    for i, line in enumerate(islice(lines, shape.start, None), shape.start + 1):
        if not line.strip() or _is_comment(line, shape.dialect):
            continue
        if "#" in line:
            line = _TRAILING_COMMENT.sub("", line)
        fields = shape.dialect.split(line)
        if not any(fields):
            continue
        rows.append(_fit(path, i, fields, shape.n_fields))
        numbers.append(i)
    columns = list(zip(*rows, strict=True))
    return tuple(
        _field(path, j, names[j], columns[j], numbers, shape.dialect)
        for j in range(shape.n_fields)
        if any(columns[j]) or names[j][0]
    )


def _fit(path: Path, number: int, fields: list[str], n_fields: int) -> list[str]:
    """The fields of a row, which must be `n_fields`; empty ones at its end may go."""
    if len(fields) == n_fields:
        return fields
    if len(fields) > n_fields and not any(fields[n_fields:]):
        return fields[:n_fields]
    columns = "1 column" if len(fields) == 1 else f"{len(fields)} columns"
    raise DataError(
        f"`{path}` has {columns} in line {number}, but {n_fields} in the other lines; "
        "correct the line, or make it a comment with #."
    )


def _field(
    path: Path,
    position: int,
    name: tuple[str, str],
    texts: Sequence[str],
    numbers: list[int],
    dialect: Dialect,
) -> Field:
    """One column of texts as numbers, or with the sentence that says why not."""
    if dialect.decimal == ".":
        with suppress(ValueError):
            return Field(*name, np.array(texts, dtype=np.float64))
    values = np.empty(len(texts))
    bad = []
    for i, text in enumerate(texts):
        try:
            values[i] = _number(text, dialect)
        except ValueError:
            bad.append(i)
    if not bad:
        return Field(*name, values)
    called = repr(name[0]) if name[0] else str(position)
    problem = (
        f"`{path}` has {texts[bad[0]]!r} in line {numbers[bad[0]]}, column {called}, "
        "where a number should be; correct it, leave it empty, or take another column."
    )
    return Field(*name, None, problem, is_text=2 * len(bad) > len(texts))


def _number(text: str, dialect: Dialect) -> float:
    """The number a field holds, NaN for a missing one; ValueError for another text."""
    if not text or text.lower() in _MISSING:
        return math.nan
    if dialect.decimal == ",":
        if "." in text:  # 1.234 could be meant as 1234
            raise ValueError(text)
        text = text.replace(",", ".")
    try:
        return float(text)
    except ValueError:
        return float(_FORTRAN_EXPONENT.sub("e", text))
