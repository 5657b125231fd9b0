"""Numbers of a table of text read at once, by numpy's C parser.

A file of plain numbers is read from its path, in large pieces; lines without comments,
gaps filled with `nan`, otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from physfit.data.dialect import Shape, is_comment
from physfit.data.files.text_file import Lines
from physfit.data.notation import may_be_grouped
from physfit.data.words import plain
from physfit.typing import FloatArray

__all__ = ["numbers_at_once"]

_NOT_AVAILABLE = re.compile(r"(?<![^\s,;])(?:NA|N/A)(?![^\s,;])", re.IGNORECASE)


def numbers_at_once(lines: Sequence[str], shape: Shape) -> FloatArray | None:
    """All columns by numpy's C parser, or None where a line needs a closer look."""
    dialect = shape.dialect
    if dialect.is_paired:
        return None
    table = _parse_stored(lines, shape)
    if table is None:
        body = lines[shape.start :]
        if dialect.decimal == ".":
            table = _parse(body, shape)
        if table is None:
            table = _parse_filled(body, shape)
    if table is None:
        return None
    columns = np.ascontiguousarray(table.T)
    is_said = dialect.is_forced or dialect.decimal == ","
    if is_said or dialect.separator == "," or not any(map(may_be_grouped, columns)):
        return columns
    return None


def _parse_stored(lines: Sequence[str], shape: Shape) -> FloatArray | None:
    """Rows of a file that holds numbers alone, which numpy reads in large pieces."""
    stored = lines.stored if isinstance(lines, Lines) else None
    if stored is None or shape.dialect.decimal != ".":
        return None
    with suppress(OSError):  # the file is gone, but its lines are here
        table = _parse(
            *(str(stored.path), shape),
            skiprows=shape.start,
            encoding=stored.encoding,
        )
        return table if stored.is_unchanged else None
    return None


def _parse(
    source: str | Sequence[str], shape: Shape, **reading: Any
) -> FloatArray | None:
    """Rows of numbers of a file or of lines, or None if these are anything else."""
    try:
        table = np.loadtxt(
            *(source, np.float64, None, shape.dialect.separator), ndmin=2, **reading
        )
    except ValueError:
        return None
    return table if table.shape[1] == shape.n_fields else None


def _parse_filled(body: Sequence[str], shape: Shape) -> FloatArray | None:
    """Rows of numbers without comments, with NaN for empty fields."""
    separator, decimal = shape.dialect[:2]
    text = "\n".join(body)
    if any(mark in text for mark in "#%;" if mark != separator):
        text = "\n".join(line for line in body if not is_comment(line, shape.dialect))
    if "#" in text or (decimal == "," and (separator == "," or "." in text)):
        return None
    if '"' in text:
        if any((separator or " ") in inside for inside in text.split('"')[1::2]):
            return None
        text = text.replace('"', "")
    text = plain(text)
    if decimal == ",":
        text = text.replace(",", ".")
    table = _parse(text.split("\n"), shape)
    if table is not None or separator is None:
        return table
    table = _parse(_fill(text, separator).split("\n"), shape)
    if table is not None and np.isnan(table).all(axis=1).any():
        return None
    return table


def _fill(text: str, separator: str) -> str:
    """The text with `nan` where a field is empty or says NA."""
    if any(word in text.upper() for word in ("NA", "N/A")):
        text = _NOT_AVAILABLE.sub("nan", text)
    for _ in range(2):  # the second time for the gaps between overlapping pairs
        text = text.replace(separator * 2, f"{separator}nan{separator}")
    text = text.replace(f"{separator}\n", f"{separator}nan\n")
    text = text.replace(f"\n{separator}", f"\nnan{separator}")
    start = "nan" if text.startswith(separator) else ""
    return start + text + ("nan" if text.endswith(separator) else "")
