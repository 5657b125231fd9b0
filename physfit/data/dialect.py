"""The shape of a table of text: separator, decimal mark, first row, names and units.

For every pair of separator and decimal mark, count the first lines that are numbers
throughout, and keep the pair that explains most. The numbers start at the first such
line; text before it is a header (its last line names the columns) or free text.
"""

from __future__ import annotations

import csv
import re
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from physfit.data.headings import split_unit

__all__ = ["MISSING", "Dialect", "Shape", "find_names", "find_shape", "is_comment"]

#: How a missing value is written, in small letters.
MISSING = frozenset(
    {"", "na", "n/a", "#n/a", "nan", "+nan", "-nan", "null", "none", "-", "--"}
)

_POINT_NUMBER = re.compile(
    r"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+)(?:[ed][+-]?\d+)?|inf(?:inity)?)", re.IGNORECASE
)
_COMMA_NUMBER = re.compile(
    r"[+-]?(?:(?:\d+(?:,\d+)?|,\d+)(?:[ed][+-]?\d+)?|inf(?:inity)?)", re.IGNORECASE
)
# Between spaces a name may hold some: two spaces separate, or `name (unit)` is one.
_SPACED_HEADERS = (re.compile(r"\s{2,}|\t"), re.compile(r"\s+(?![\[(/]|(?<=/ ))"))
_HEAD = 1000  # lines looked at


class Dialect(NamedTuple):
    """Separator of the fields (None: white space) and decimal mark."""

    separator: str | None
    decimal: str

    def split(self, line: str) -> list[str]:
        """Fields of a line, without quotes and surrounding space."""
        if self.separator is None:
            return line.split()
        fields = line.split(self.separator)
        if '"' in line:
            # what csv cannot take apart (a quote around a whole file) stays as it is
            with suppress(csv.Error):
                row = csv.reader(
                    [line], delimiter=self.separator, skipinitialspace=True
                )
                fields = next(row)
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


def is_comment(line: str, dialect: Dialect | None) -> bool:
    """Whether a line is a comment; with `;` as separator, `;` is an empty field."""
    marks = ("#", "%") if dialect and dialect.separator == ";" else ("#", "%", ";")
    return line.lstrip().startswith(marks)


def find_shape(lines: list[str]) -> Shape | None:
    """The dialect that explains most of the first lines, and where its rows start."""
    content = (
        (i, line)
        for i, line in enumerate(lines)
        if line.strip() and not is_comment(line, None)
    )
    head = list(islice(content, _HEAD))
    whole, width, dialect, start = _best(head, True)
    partial, *_ = other = _best(head, False)
    if 2 * whole < partial or not whole:
        _, width, dialect, start = other
        after = sum(i >= start for i, _ in head)
        return Shape(dialect, width, start) if 2 * partial > after else None
    shape = Shape(dialect, width, start)
    return shape._replace(start=_step_back(head, shape))


def _best(head: list[tuple[int, str]], whole: bool) -> tuple[int, int, Dialect, int]:
    """How many rows the best dialect finds, their width, the dialect, the first row.

    Of two dialects with the same rows, the one that finds more numbers is right.
    """
    candidates = [(*_rows(head, dialect, whole), dialect) for dialect in _DIALECTS]
    rows, _, width, dialect = max(candidates, key=lambda item: (len(item[0]), item[1]))
    return len(rows), width, dialect, rows[0] if rows else 0


def _rows(
    head: list[tuple[int, str]], dialect: Dialect, whole: bool
) -> tuple[list[int], int, int]:
    """Indices of the rows of the commonest width, how many numbers, and the width.

    A row holds a number and, if `whole`, nothing but numbers and missing values.
    """
    widths: dict[int, list[tuple[int, int]]] = {}
    for i, line in head:
        fields = dialect.split(line)
        if len(fields) == 1 and dialect.decimal == ",":
            continue  # `1,2` alone is two fields, not a number with a comma
        numbers = sum(map(dialect.is_number, fields))
        missing = sum(field.lower() in MISSING for field in fields)
        if numbers and (not whole or numbers + missing == len(fields)):
            widths.setdefault(len(fields), []).append((i, numbers))
    width, rows = max(widths.items(), key=lambda item: len(item[1]), default=(0, []))
    return [i for i, _ in rows], sum(numbers for _, numbers in rows), width


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


def find_names(lines: list[str], shape: Shape) -> tuple[list[tuple[str, str]], int]:
    """Name and unit of each column, empty if unsaid, and how many lines were no header.

    The names stand in the last line before the numbers, or before a line of units in
    brackets, and may be commented out.
    """
    above = [line for line in lines[: shape.start] if line.strip()]
    n_text = sum(not is_comment(line, None) for line in above)
    units = _bracketed(_header_fields(above[-1], shape)) if above else None
    if units:
        n_text -= not is_comment(above.pop(), None)
    line = _name_line(above, shape)
    if line is None:
        return [("", "")] * shape.n_fields, n_text
    n_text -= not is_comment(line, None)
    split = [split_unit(name) for name in _header_fields(line, shape)]
    if units:
        split = [
            (name, unit or inline)
            for (name, inline), unit in zip(split, units, strict=True)
        ]
    return split, n_text


def _name_line(above: list[str], shape: Shape) -> str | None:
    """The line of names: the last one, but between separators rather no comment."""
    candidates = above[-1:]
    if shape.dialect.separator is not None:
        candidates = [x for x in above if not is_comment(x, None)][-1:] + candidates
    for line in candidates:
        names = _header_fields(line, shape)
        if len(names) == shape.n_fields and any(names):
            return line
    return None


def _header_fields(line: str, shape: Shape) -> list[str]:
    text = line.strip()
    if is_comment(text, shape.dialect):
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
    texts = [field for field in fields if field]
    if len(fields) < 2 or not texts:
        return None
    if all(field[0] + field[-1] in ("()", "[]") for field in texts):
        return [field[1:-1].strip() for field in fields]
    return None
