"""How numbers are written in text: decimal marks, thousands, words for missing values.

A comma between digits is a decimal mark in one file and separates thousands in another.
`settled` decides from all fields of a table at once: a field such as `0,5` can only be
decimal, `1,234.5` and `1,234,567` only grouped, and a column in which `300` stands
beside `1,234` is one of integers. Where nothing tells, between commas a quoted `1,234`
is grouped, between semicolons it is decimal (as spreadsheets write both), counts are
grouped, and everything else is refused.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress

import numpy as np

from physfit.data.dialect import Dialect
from physfit.data.words import is_missing, is_usual, plain
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = [
    "marks_of",
    "marks_of_thousands",
    "may_be_grouped",
    "numbers_of",
    "settled",
    "without_marks",
]

_EXPONENT = r"(?:[eEdD][+-]?\d+)?"
# By three digits or, in India, by two and the last by three.
_GROUPED = re.compile(
    rf"[+-]?[1-9]\d{{0,2}}(?:(?:,\d{{3}})+|(?:,\d\d)+,\d{{3}})(?:\.\d*)?{_EXPONENT}"
)
_GROUPED_BY_POINTS = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+(?:,\d*)?")
_DECIMAL_COMMA = re.compile(rf"[+-]?(?:\d+,\d*|,\d+){_EXPONENT}")
_DECIMAL_POINT = re.compile(rf"[+-]?(?:\d+\.\d*|\.\d+){_EXPONENT}")
_GAPS = re.compile(r"(?<=\d)['\u2019 ](?=\d{3}(?!\d))")
_SMALL_INTEGER = re.compile(r"[+-]?\d{1,3}")
_FORTRAN_EXPONENT = re.compile(r"[dD]")
_COUNTS = re.compile(
    r"\b(?:counts?|cts|cps|events?|entries|hits|pulses|photons|channels?|n|adc)\b",
    re.IGNORECASE,
)
#: Number that stands for a missing one where it is alone below zero, and those with
#: which instruments say that one is beyond their range (SCPI: 9.9e37, 9.91e37) and
#: programs that there is none (netCDF: 9.96921e36; Surfer: 1.70141e38; float: 3.4e38).
_SENTINELS = (
    *(-99.9, -99.99, -999.0, -999.25, -999.9, -999.99),
    *(-9999.0, -9999.9, -9999.99, -99999.0),
)
_BEYOND_RANGE = (
    *(9.9e37, 9.91e37, 1e38, 9.96921e36, 1.70141e38, 3.40282e38),
    *(1e30, 1e31, 1e33, 1e34, 1e35, 1e36, 1e37),
)
#: From where on numbers may be such marks, and the largest one that may be measured
#: beside those of programs.
_BEYOND, _MEASURED, _INSTRUMENTS = 0.999e30, 1e20, 9.89e37


# ------------------------------------------------------------------------- decimals
def settled(
    path: object,
    dialect: Dialect,
    columns: Sequence[Sequence[str]],
    names: Sequence[tuple[str, str]],
) -> Dialect:
    """The dialect with what commas and points between digits of these columns mean.

    Raises
    ------
    DataError
        When a field can be read in two ways and nothing tells which is right.
    """
    if dialect.is_forced:
        return dialect._replace(thousands="." if dialect.decimal == "," else ",")
    if dialect.decimal == ",":
        fields = [text for column in columns for text in column if "." in text]
        tells = any(_is_grouped_by_points(text) for text in fields)
        return dialect._replace(thousands="." if tells else "")
    if _has_points_between_thousands(dialect, columns):
        return dialect._replace(thousands=".")
    marked = [(j, [t for t in c if "," in t]) for j, c in enumerate(columns)]
    marked = [
        (j, texts) for j, texts in marked if any(map(_DECIMAL_COMMA.fullmatch, texts))
        or any(map(_GROUPED.fullmatch, texts))
    ]  # fmt: skip
    if not marked:
        return dialect
    texts = [text for _, column in marked for text in column]
    is_decimal = any(_only_decimal(text) for text in texts)
    is_grouped = any(_only_grouped(text) for text in texts)
    is_grouped |= any(_DECIMAL_POINT.fullmatch(t) for c in columns for t in c)
    is_grouped |= not is_decimal and any(
        len(grouped) > 2 and any(map(_SMALL_INTEGER.fullmatch, columns[j]))
        for j, grouped in marked
    )
    if is_decimal != is_grouped:
        return _meaning(dialect, is_grouped)
    if not is_decimal and dialect.separator in (",", ";"):
        return _meaning(dialect, dialect.separator == ",")
    example = next(filter(_GROUPED.fullmatch, texts), texts[0])
    called = [" ".join(names[j]) for j, _ in marked]
    if not is_decimal and all(map(_COUNTS.search, called)):
        return _meaning(dialect, True)
    raise DataError(
        f"`{path}` writes {example!r}, which is {example.replace(',', '')} with a "
        f"comma between thousands and {example.replace(',', '.')} with a decimal "
        "comma; say decimal='.' or decimal=','."
    )


def _has_points_between_thousands(
    dialect: Dialect, columns: Sequence[Sequence[str]]
) -> bool:
    """Whether all points stand before three digits, in a column of small integers too.

    A number with decimals keeps them all, or loses zeros, of which 1.250 has some.
    """
    pointed = [[text for text in column if "." in text] for column in columns]
    texts = [text for column in pointed for text in column]
    if dialect.separator == "," or not all(map(_GROUPED_BY_POINTS.fullmatch, texts)):
        return False
    return any(
        len(found) > 2 and any(map(_SMALL_INTEGER.fullmatch, column))
        for found, column in zip(pointed, columns, strict=True)
    )


def may_be_grouped(values: FloatArray) -> bool:
    """Whether numbers read with decimal points may be integers, grouped by points."""
    is_whole = (values == np.rint(values)) | np.isnan(values)
    if is_whole.all() or not is_whole.any() or np.fmax.reduce(np.abs(values)) >= 1000.0:
        return False
    parts = values[~is_whole]
    thousands = parts * 1000.0
    is_short = np.abs(thousands - np.rint(thousands)) < 1e-6
    return bool(is_short.all() and np.abs(parts).min() >= 1.0)


def _meaning(dialect: Dialect, is_grouped: bool) -> Dialect:
    return dialect._replace(
        decimal="." if is_grouped else ",", thousands="," if is_grouped else ""
    )


def _only_decimal(text: str) -> bool:
    """Whether the commas of a field cannot separate thousands."""
    return bool(_DECIMAL_COMMA.fullmatch(text)) and not _GROUPED.fullmatch(text)


def _only_grouped(text: str) -> bool:
    """Whether the commas of a field cannot be decimal."""
    return bool(_GROUPED.fullmatch(text)) and (text.count(",") > 1 or "." in text)


def _is_grouped_by_points(text: str) -> bool:
    match = _GROUPED_BY_POINTS.fullmatch(text)
    return match is not None and ("," in text or text.count(".") > 1)


def marks_of_thousands(columns: Sequence[Sequence[str]], dialect: Dialect) -> str:
    """What separates groups of three digits in these columns, empty if nothing does."""
    gaps = "spaces or apostrophes"
    words = {"'": gaps, " ": gaps}
    if dialect.thousands:
        words[dialect.thousands] = "commas" if dialect.thousands == "," else "points"
    found = (
        word
        for mark, word in words.items()
        if any(
            mark in text and re.search(rf"\d{re.escape(mark)}\d{{3}}(?!\d)", text)
            for column in columns
            for text in column
        )
    )
    return " and ".join(dict.fromkeys(found))


# -------------------------------------------------------------------------- numbers
def numbers_of(texts: Sequence[str], dialect: Dialect) -> tuple[FloatArray, list[int]]:
    """The numbers of fields, NaN where one is missing, and places of other texts."""
    is_plain = dialect.decimal == "." != dialect.thousands
    if is_plain and "_" not in "".join(texts):  # numpy takes 1_0 for 10
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
    if is_missing(text):
        return math.nan
    text = plain(text)
    if dialect.separator in (";", "\t", "|") or " " not in text:
        text = _GAPS.sub("", text)
    if dialect.thousands and dialect.thousands in text:
        pattern = _GROUPED if dialect.thousands == "," else _GROUPED_BY_POINTS
        if pattern.fullmatch(text):
            text = text.replace(dialect.thousands, "")
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


# ---------------------------------------------------------------------------- marks
def marks_of(texts: Iterable[str]) -> str:
    """Which fields of a column are words for a missing value, as in `OVER (3)`."""
    found = Counter(text for text in texts if is_missing(text) and not is_usual(text))
    return ", ".join(f"{word} ({count})" for word, count in found.items())


def without_marks(values: FloatArray) -> tuple[FloatArray, str]:
    """The numbers without those that stand for missing ones, and which these were.

    Numbers such as 9.9e37 are marks where everything else is far below, those such as
    -9999 where nothing else is below zero.
    """
    lowest = np.fmin.reduce(values, axis=None)
    highest = np.fmax.reduce(values, axis=None)
    marks = np.zeros(0)
    if max(highest, -lowest) >= _BEYOND:
        sizes = np.abs(values)
        large = np.unique(values[sizes >= _BEYOND])
        others = np.fmax.reduce(sizes[sizes < _BEYOND], initial=0.0)
        is_far = others < _MEASURED or np.abs(large).min() > _INSTRUMENTS
        marks = large if is_far and all(map(_is_beyond_range, large)) else marks
    elif lowest in _SENTINELS:
        below = np.unique(values[values < 0.0])
        marks = below if below.size == 1 and highest >= 0.0 else marks
    if not marks.size:
        return values, ""
    is_mark = np.isin(values, marks)
    said = ", ".join(f"{mark:.9g} ({np.sum(values == mark)})" for mark in marks)
    return np.where(is_mark, np.nan, values), said


def _is_beyond_range(value: float) -> bool:
    """Whether a number is one of these marks, in double or in single precision."""
    return any(abs(abs(value) / mark - 1.0) < 2e-6 for mark in _BEYOND_RANGE)
