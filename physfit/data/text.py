"""Columns from text: CSV, tabs, semicolons or spaces, decimal points or commas.

Once the shape of the table is known (`physfit.data.dialect`), numpy's C parser reads
everything at once. Only a file with quotes, text columns, unusual numbers or mistakes
is taken apart line by line, which also finds the line that an error message names.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from contextlib import suppress
from itertools import islice
from pathlib import Path

import numpy as np

from physfit.data.dialect import (
    MISSING,
    Dialect,
    Shape,
    find_names,
    find_shape,
    is_comment,
)
from physfit.data.files.text_file import lines_of_file
from physfit.data.table import Field, Offer
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = ["numbers_of", "read_text"]

#: Characters of a line of a table: a hundred thousand columns.
_LONGEST_LINE = 1 << 20
_TRAILING_COMMENT = re.compile(r"\s#.*$")
_NOT_AVAILABLE = re.compile(r"(?<![^\s,;])(?:NA|N/A)(?![^\s,;])", re.IGNORECASE)
_FORTRAN_EXPONENT = re.compile(r"[dD]")


def read_text(path: Path) -> Offer:
    """The columns of a text file.

    Raises
    ------
    DataError
        When the file is empty, is not text, has no columns of numbers, or a line has
        another number of columns.
    """
    lines = lines_of_file(path, _LONGEST_LINE)
    shape = find_shape(lines)
    if shape is None:
        raise DataError(_no_table(path, lines))
    if shape.n_fields == 1:
        raise DataError(
            f"`{path}` has only one column of numbers, from line {shape.start + 1} on; "
            "add a column of x values."
        )
    names, n_skipped = find_names(lines, shape)
    remarks = []
    if shape.dialect.decimal == ",":
        remarks.append("decimal commas")
    if n_skipped:
        lines_of_text = "1 line" if n_skipped == 1 else f"{n_skipped} lines"
        remarks.append(f"{lines_of_text} of text before the numbers skipped")
    fields = _read_fast(lines, shape, names)
    if fields is None:
        fields = _read_slowly(path, lines, shape, names)
    used = tuple(field for field in fields if not _is_padding(field))
    return Offer(str(path), used, "column", tuple(remarks))


def _is_padding(field: Field) -> bool:
    """Whether a column is only what a separator at the end of the lines leaves."""
    values = field.values
    return (
        isinstance(values, np.ndarray)
        and bool(np.isnan(values).all())
        and not field.name
    )


def _no_table(path: Path, lines: list[str]) -> str:
    if not any(line.strip() for line in lines):
        return f"`{path}` is empty; give a file with columns of numbers."
    return (
        f"`{path}` has no numeric columns; give a table with one row per sample and at "
        "least two numbers a row, between commas, semicolons, tabs or spaces."
    )


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
            text.split("\n"), delimiter=shape.dialect.separator, ndmin=2, comments="#"
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
        if not line.strip() or is_comment(line, shape.dialect):
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
    values, bad = numbers_of(texts, dialect)
    if not bad:
        return Field(*name, values)
    called = repr(name[0]) if name[0] else str(position)
    problem = (
        f"`{path}` has {texts[bad[0]][:40]!r} in line {numbers[bad[0]]}, column "
        f"{called}, where a number should be; correct it, leave it empty, or take "
        "another column."
    )
    return Field(*name, None, problem, is_text=2 * len(bad) > len(texts))


def numbers_of(texts: Sequence[str], dialect: Dialect) -> tuple[FloatArray, list[int]]:
    """The numbers of fields, NaN where one is missing, and places of other texts."""
    if dialect.decimal == "." and "_" not in "".join(texts):  # numpy takes 1_0 for 10
        with suppress(ValueError):
            return np.array([text or "nan" for text in texts], dtype=np.float64), []
    values = np.empty(len(texts))
    others = []
    for i, text in enumerate(texts):
        try:
            values[i] = _number(text, dialect)
        except ValueError:
            others.append(i)
    return values, others


def _number(text: str, dialect: Dialect) -> float:
    """The number a field holds, NaN for a missing one; ValueError for another text."""
    if not text or text.lower() in MISSING:
        return math.nan
    if dialect.decimal == ",":
        if "." in text:  # 1.234 could be meant as 1234
            raise ValueError(text)
        text = text.replace(",", ".")
    if "_" in text:  # float takes 1_0 for 10
        raise ValueError(text)
    try:
        return float(text)
    except ValueError:
        return float(_FORTRAN_EXPONENT.sub("e", text))
