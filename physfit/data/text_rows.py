"""Rows of a table of text, line by line: what is a row, what is left out and why.

A line whose first numeric column holds a word is text: a heading that comes again, the
beginning of another table, a footer. What follows it belongs to the table if it is as
wide. Any other line that does not fit is a mistake, and refused.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from physfit.data.dialect import Shape, is_comment
from physfit.data.header import Header
from physfit.data.words import is_missing, plain
from physfit.errors import DataError

__all__ = ["TextRows", "breaks_of", "counted", "rows_of"]

_WORD = re.compile(r"[^\W\d_]{2,}|[\[(<>*=~]")
_COMMENT = re.compile(r"\s#")


class TextRows(NamedTuple):
    """The fields of the rows, and what stands between them.

    Attributes
    ----------
    rows : list of list of str
    lines : list of int
        Number of the line of each row, from 1.
    breaks : dict
        Rows before which something else stands, and whether that is the heading of
        another table.
    left_out : list of int
        Lines of text, and of other tables, among and after the rows.
    """

    rows: list[list[str]]
    lines: list[int]
    breaks: dict[int, bool]
    left_out: list[int]


def rows_of(path: Path, lines: Sequence[str], shape: Shape, header: Header) -> TextRows:
    """The rows of a table from its first line on.

    Raises
    ------
    DataError
        When a line has another number of columns and is no text.
    """
    found = TextRows([], [], {}, [])
    is_after_text, has_break, is_other = False, False, False
    at = shape.numeric[0] if shape.numeric else 0
    for number, line in enumerate(islice(lines, shape.start, None), shape.start + 1):
        text = line if line.isascii() else plain(line)
        if not text.strip() or is_comment(text, shape.dialect):
            has_break = True
            continue
        fields = _split(text, shape)
        is_wide = len(fields) == shape.n_fields
        is_plain = is_wide and fields[at][:1].isdigit()
        if not is_plain and not any(fields):
            has_break = True
        elif not is_plain and _is_text(fields, shape, is_after_text):
            found.left_out.append(number)
            is_other |= _is_heading(line, fields, shape, header)
            is_after_text = has_break = True
        elif is_wide:
            if has_break and found.rows:
                found.breaks[len(found.rows)] = is_other
            found.rows.append(fields)
            found.lines.append(number)
            is_after_text = has_break = is_other = False
        elif is_after_text:
            found.left_out.append(number)
        else:
            raise DataError(_another_width(path, number, len(fields), shape))
    return found


def breaks_of(lines: Sequence[str], shape: Shape) -> dict[int, bool]:
    """Rows before which empty lines or comments stand, in a table without text."""
    breaks: dict[int, bool] = {}
    row, has_break = 0, False
    for line in islice(lines, shape.start, None):
        if not line.strip(' \t"') or is_comment(line, shape.dialect):
            has_break = row > 0
            continue
        if has_break:
            breaks[row], has_break = False, False
        row += 1
    return breaks


def counted(numbers: Sequence[int], what: str) -> str:
    """Which lines, in words: the numbers of a few, or how many.

    Examples
    --------
    >>> counted([3], "text"), counted([3, 4, 9], "text")
    ('line 3 of text', 'lines 3, 4 and 9 of text')
    """
    if len(numbers) == 1:
        return f"line {numbers[0]} of {what}"
    if len(numbers) <= 3:
        first = ", ".join(map(str, numbers[:-1]))
        return f"lines {first} and {numbers[-1]} of {what}"
    return f"{len(numbers)} lines of {what} (from {numbers[0]} to {numbers[-1]})"


def _split(line: str, shape: Shape) -> list[str]:
    """Fields of a line, as many as the table has if that is possible.

    A comment at its end is cut off where a `#` inside of a field is not meant; empty
    fields beyond the last column are, too.
    """
    fields = shape.dialect.split(line)
    for match in _COMMENT.finditer(line) if "#" in line else ():
        short = shape.dialect.split(line[: match.start()])
        if len(short) == shape.n_fields:
            fields = short
            break
    while len(fields) > shape.n_fields and not fields[-1]:
        fields.pop()
    if len(fields) < shape.n_fields and len(fields) >= max(shape.n_used, 2):
        fields += [""] * (shape.n_fields - len(fields))
    return fields


def _is_text(fields: list[str], shape: Shape, is_after_text: bool) -> bool:
    """Whether a line is no row: a word stands where the first number should.

    Below a row, in a line as wide, a letter with digits may be a mistyped number.
    """
    is_wide = len(fields) == shape.n_fields
    word = fields[shape.numeric[0] if is_wide and shape.numeric else 0]
    if not word or is_missing(word) or shape.dialect.is_number(word):
        return False
    if word[0].isdigit() or word[0] in "+-.,":
        return False
    is_word = not _has_digit(word) or _WORD.match(word) is not None
    return not is_wide or is_after_text or is_word


def _is_heading(line: str, fields: list[str], shape: Shape, header: Header) -> bool:
    """Whether a line of text names other columns than the header does."""
    is_named = len(fields) == shape.n_fields and not any(map(_has_digit, fields))
    return is_named and bool(header.lines) and line.strip() not in header.lines


def _has_digit(text: str) -> bool:
    return any(map(str.isdigit, text))


def _another_width(path: Path, number: int, n_fields: int, shape: Shape) -> str:
    columns = "1 column" if n_fields == 1 else f"{n_fields} columns"
    return (
        f"`{path}` has {columns} in line {number}, but {shape.n_fields} in the other "
        "lines; correct the line, or make it a comment with #, or leave lines out with "
        "skip_rows=... or footer=... ."
    )
