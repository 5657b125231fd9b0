"""The shape of a table of text: separator, decimal mark, first row.

For every pair of separator and decimal mark, count the first lines that are numbers
throughout, and keep the pair that explains most. The numbers start at the first such
line of the longest run; text before it is a header or free text, and a line that holds
a number where the others do is a row even if it cannot be read.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from typing import NamedTuple

from physfit.data.words import is_missing, plain

__all__ = ["Dialect", "Shape", "TextFormat", "find_shape", "is_comment"]

_EXPONENT = r"(?:[ed][+-]?\d+)?"
_GAP = r"[' ]"
# A number may have groups of three digits, which marks separate: what commas mean is
# decided by `notation.settled`, when all of the table is known. In India groups of two
# stand before the last.
_BY_COMMAS = r"(?:,\d{3})+|(?:,\d\d)+,\d{3}"
_POINT_NUMBER = re.compile(
    rf"[+-]?(?:(?:\d+(?:\.\d*)?|\.\d+|\d{{1,3}}(?:{_BY_COMMAS}|(?:{_GAP}\d{{3}})+)"
    rf"(?:\.\d*)?){_EXPONENT}|inf(?:inity)?)",
    re.IGNORECASE,
)
_COMMA_NUMBER = re.compile(
    rf"[+-]?(?:(?:\d+(?:,\d+)?|,\d+|\d{{1,3}}(?:(?:\.\d{{3}})+|(?:{_GAP}\d{{3}})+)"
    rf"(?:,\d*)?){_EXPONENT}|inf(?:inity)?)",
    re.IGNORECASE,
)
#: With what a number begins.
_BEGINS = tuple("0123456789+-.")
#: Lines looked at, and characters of them beyond a score of lines.
_HEAD, _CHARACTERS, _AT_LEAST = 1000, 1 << 18, 20


class TextFormat(NamedTuple):
    """What a caller says of a text: lines to leave out, separator, decimal mark."""

    skip_rows: int = 0
    footer: int = 0
    delimiter: str | None = None
    decimal: str | None = None


class Dialect(NamedTuple):
    """Separator of the fields (None: white space), decimal mark, mark of thousands.

    `is_forced` says that the decimal mark is a caller's. With decimal commas between
    commas (`is_paired`) two fields make a number.
    """

    separator: str | None
    decimal: str
    thousands: str = ""
    is_forced: bool = False
    is_paired: bool = False

    def __str__(self) -> str:
        return f"columns between {_BETWEEN.get(self.separator, repr(self.separator))}"

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
        elif self.is_paired and not len(fields) % 2:
            fields = [
                f"{whole.strip()},{part.strip()}" if part.strip().isdigit() else whole
                for whole, part in zip(fields[::2], fields[1::2], strict=True)
            ]
        return [field.strip() for field in fields]

    def is_number(self, field: str) -> bool:
        """Whether a field is written as a number."""
        pattern = _POINT_NUMBER if self.decimal == "." else _COMMA_NUMBER
        if pattern.fullmatch(field) is None:
            return False
        return self.separator in (";", "\t", "|") or " " not in field


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
        ("|", "."),
        ("|", ","),
    )
)
_BETWEEN = {None: "spaces", "\t": "tabs", ",": "commas", ";": "semicolons", "|": "bars"}
_SEPARATORS = {" ": None, "space": None, "tab": "\t", "\\t": "\t"}


class Shape(NamedTuple):
    """What the first lines say of a table.

    Attributes
    ----------
    dialect : Dialect
    n_fields : int
        Columns, empty ones counted.
    start : int
        Index of the first row.
    numeric : tuple of int
        Columns that hold numbers in most of the first rows.
    n_used : int
        Columns up to the last one that is not empty.
    """

    dialect: Dialect
    n_fields: int
    start: int
    numeric: tuple[int, ...] = ()
    n_used: int = 0


class _Rows(NamedTuple):
    """Rows of one width that a dialect finds: their indices and how many numbers."""

    indices: list[int]
    n_numbers: int
    width: int
    dialect: Dialect


def is_comment(line: str, dialect: Dialect | None) -> bool:
    """Whether a line is a comment; with `;` as separator, `;` is an empty field."""
    marks = ("#", "%") if dialect and dialect.separator == ";" else ("#", "%", ";")
    return line.lstrip().startswith(marks)


def find_shape(
    lines: Sequence[str], said: TextFormat | None = None, *, whole: bool = False
) -> Shape | None:
    """The dialect that explains most of the first lines, and where its rows start.

    `whole` looks at all lines, for files whose numbers change their look later on.
    """
    dialects = _allowed(said or TextFormat())
    content = (
        (i, plain(line))
        for i, line in enumerate(lines)
        if line.strip() and not is_comment(line, None)
    )
    head = list(content) if whole else _head(islice(content, _HEAD))
    if said is None or said.delimiter is None:
        marks = {mark for mark in ";\t,|" if any(mark in line for _, line in head)}
        if said is not None and said.decimal == "," and not _has_quotes(head):
            marks -= {","}  # which cannot separate the fields as well
        dialects = tuple(each for each in dialects if each.separator in {None, *marks})
    found = _best(head, dialects, True)
    if 2 * len(found.indices) >= len(head) > 0:
        return _described(head, found)
    partial = _best(head, dialects, False)
    if 2 * len(found.indices) < len(partial.indices) or not found.indices:
        found = partial
        after = sum(i >= found.indices[0] for i, _ in head) if found.indices else 0
        if 2 * len(found.indices) <= after or not after:
            return None
    return _described(head, found)


def _has_quotes(head: list[tuple[int, str]]) -> bool:
    return any('"' in line for _, line in head)


def _allowed(said: TextFormat) -> tuple[Dialect, ...]:
    """Dialects that agree with what a caller says."""
    mark, decimal = said.delimiter, said.decimal
    dialects = _DIALECTS
    if mark is not None:
        separator = _SEPARATORS.get(mark, mark)
        dialects = tuple(Dialect(separator, x) for x in ".,")
    if decimal is None:
        return dialects
    forced = (each._replace(is_forced=True) for each in dialects)
    return tuple(
        each._replace(is_paired=each.separator == decimal == "," == mark)
        for each in forced
        if each.decimal == decimal
    )


def _head(content: islice[tuple[int, str]]) -> list[tuple[int, str]]:
    """The first lines, as many as are needed."""
    head, n_characters = [], 0
    for i, line in content:
        head.append((i, line))
        n_characters += len(line)
        if n_characters > _CHARACTERS and len(head) >= _AT_LEAST:
            break
    return head


def _best(
    head: list[tuple[int, str]], dialects: tuple[Dialect, ...], whole: bool
) -> _Rows:
    """Rows of the best dialect: of two with the same rows, that with more numbers."""
    candidates = [_rows(head, dialect, whole) for dialect in dialects]
    return max(candidates, key=lambda rows: (len(rows.indices), rows.n_numbers))


def _rows(head: list[tuple[int, str]], dialect: Dialect, whole: bool) -> _Rows:
    """Rows of the commonest width, in their longest run.

    A row holds a number and, if `whole`, nothing but numbers and missing values. Lines
    of text end a run.
    """
    widths: dict[int, list[tuple[int, int, int]]] = {}
    n_texts = 0
    for i, line in head:
        fields = dialect.split(line)
        if len(fields) == 1 and dialect.decimal == "," and not dialect.is_forced:
            continue  # `1,2` alone is two fields, not a number with a comma
        others = [field for field in fields if not dialect.is_number(field)]
        numbers, missing = len(fields) - len(others), sum(map(is_missing, others))
        # what begins with a digit may be a row that cannot be read, between others
        is_text = fields[0][:1] not in _BEGINS
        n_texts += is_text and not numbers and missing < len(fields)
        if numbers and (not whole or numbers + missing == len(fields)):
            widths.setdefault(len(fields), []).append((i, numbers, n_texts))
    width, rows = max(widths.items(), key=lambda item: len(item[1]), default=(0, []))
    first = _longest_run([run for _, _, run in rows])
    indices = [i for i, _, _ in rows[first:]]
    return _Rows(indices, sum(n for _, n, _ in rows), width, dialect)


def _longest_run(runs: list[int]) -> int:
    """Where the first run begins that has half the rows of the longest one or more."""
    sizes: dict[int, int] = {}
    for run in runs:
        sizes[run] = sizes.get(run, 0) + 1
    most = max(sizes.values(), default=0)
    return next((runs.index(run) for run, n in sizes.items() if 2 * n >= most), 0)


def _described(head: list[tuple[int, str]], found: _Rows) -> Shape:
    """The shape of a table with these rows and unreadable ones before them."""
    dialect, width = found.dialect, found.width
    inside = set(found.indices[:100])
    sample = [dialect.split(line) for i, line in head if i in inside]
    numeric = tuple(
        j
        for j in range(width)
        if (filled := [row[j] for row in sample if not is_missing(row[j])])
        and 2 * sum(map(dialect.is_number, filled)) > len(filled)
    )
    start = _step_back(head, dialect, width, numeric, found.indices)
    n_used = 0
    for i, line in head:
        fields = dialect.split(line) if i >= start else []
        while len(fields) > n_used:
            if fields[-1]:
                n_used = min(len(fields), width)
            fields.pop()
    return Shape(dialect, width, start, numeric, n_used)


def _step_back(
    head: list[tuple[int, str]],
    dialect: Dialect,
    width: int,
    numeric: tuple[int, ...],
    indices: list[int],
) -> int:
    """Start of the rows, with those counted in that cannot be read.

    A line is one of them if it is as wide and holds a number where the others hold
    their first. Between spaces a line such as `300 K` may be free text: there it is
    one only if its number continues those below.
    """
    start = indices[0]
    before = [pair for pair in head if pair[0] < start]
    if not numeric:
        return start
    if dialect.separator is None:
        rows = [dialect.split(line) for i, line in head if i in set(indices[:2])]
        below = [row[numeric[0]] for row in rows]
        before = [pair for pair in before[-1:] if _continues(dialect, pair[1], below)]
    for i, line in reversed(before):
        fields = dialect.split(line)
        if len(fields) != width or not dialect.is_number(fields[numeric[0]]):
            break
        start = i
    return start


def _continues(dialect: Dialect, line: str, below: list[str]) -> bool:
    """Whether the first number of a line is a step away from the two below it."""
    texts = [dialect.split(line)[0], *below]
    with suppress(ValueError):
        here, first, second = (float(text.replace(",", ".")) for text in texts)
        return abs(2.0 * first - second - here) <= 0.5 * abs(second - first)
    return False
