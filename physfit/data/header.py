"""The lines above the numbers: names and units of columns, and what else they say.

The names stand in the last line before the numbers, or before a line of units: in
brackets (`(s)  (V)`), or bare (`s  V`), which are then followed by lines of comments at
most (Origin: names, units, comments). They may be commented out, and a header may have
fewer fields than the rows where the last columns are empty, or where the first one has
the names of rows (R).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from physfit.data.dialect import Shape, is_comment
from physfit.data.headings import split_units
from physfit.data.units import is_unit
from physfit.data.words import is_missing

__all__ = ["Header", "find_header"]

# Between spaces a name may hold some: two spaces separate, or `name (unit)` is one.
_SPACED = (re.compile(r"\s{2,}|\t"), re.compile(r"\s+(?![\[(/]|(?<=/ ))"))
# Of a part of the file, as in `[Data 1]`, `<<DATA>>`, `@type xy`.
_TITLE = re.compile(r"\[[^\[\]]*\]|<+[^<>]*>+|@.*")
#: Characters of empty lines and of those that are drawn.
_RULE = set(" \t-|:+=")
#: Lines between names and numbers at most: units and two of comments.
_DEEPEST = 4


class Header(NamedTuple):
    """Names and units of the columns, empty if unsaid.

    Attributes
    ----------
    names : list of tuple of str
        Name and unit of each column.
    n_skipped : int
        Lines before the numbers that are neither comment nor header.
    lines : tuple of str
        The lines of names and units, which may come again.
    n_names : int
        Names of a header that has another number of them; 0 if it fits.
    extra : dict
        Numbers in the line of units, by the name of their column.
    """

    names: list[tuple[str, str]]
    n_skipped: int
    lines: tuple[str, ...] = ()
    n_names: int = 0
    extra: dict[str, str] = {}  # noqa: RUF012 (never changed)


def find_header(lines: Sequence[str], shape: Shape) -> Header:
    """Names and units from the lines above the numbers."""
    above = [line for line in lines[: shape.start] if set(line) - _RULE]
    n_skipped = sum(not is_comment(line, None) for line in above)
    at = _line_of_names(above, shape)
    if at is None:
        blank = [("", "")] * shape.n_fields
        return Header(blank, n_skipped, n_names=_misfit(above, shape))
    used = [above[at]]
    fields = _fitted(_fields(above[at], shape), shape) or []
    names = split_units(fields)
    units = _units_below(above, at, shape)
    if units is not None:
        used += above[at + 1 :]
        names = [
            (name, inline if is_missing(unit) or _is_number(unit) else unit)
            for (name, inline), unit in zip(names, units, strict=True)
        ]
    n_skipped -= sum(not is_comment(line, None) for line in used)
    extra = {
        name.lower(): unit
        for (name, _), unit in zip(names, units or [], strict=False)
        if _is_number(unit)
    }
    return Header(names, n_skipped, tuple(line.strip() for line in used), 0, extra)


def _line_of_names(above: list[str], shape: Shape) -> int | None:
    """Which line has the names: above the units, else the last that fits."""
    for at in range(len(above) - 2, max(-1, len(above) - 1 - _DEEPEST), -1):
        if _units_below(above, at, shape) is not None and _is_header(above[at], shape):
            return at
    candidates = [len(above) - 1] if above else []
    if shape.dialect.separator is not None:
        plain = [i for i, x in enumerate(above) if not is_comment(x, None)][-1:]
        candidates = plain + candidates
    found = [at for at in candidates if _is_header(above[at], shape)]
    return _above_gaps(above, found[0], shape) if found else None


def _above_gaps(above: list[str], at: int, shape: Shape) -> int:
    """The first of the lines that fit where the last has gaps (loggers: how taken)."""
    found = at
    for higher in range(at, max(-1, at - _DEEPEST), -1):
        fields = _fitted(_fields(above[higher], shape), shape)
        if fields is None or not _is_header(above[higher], shape):
            break
        if all(fields[: shape.n_used]):
            if higher == at or any(map(_is_number, fields)):
                break
            found = higher
    return found


def _is_header(line: str, shape: Shape) -> bool:
    """Whether a line may have the names of the columns."""
    fields = _fitted(_fields(line, shape), shape)
    if fields is None or all(map(is_missing, fields)):
        return False
    if fields[0].endswith(("=", ":")) and (
        is_comment(line, shape.dialect) or any(map(_is_number, fields))
    ):
        return False  # a setting and its value
    if _TITLE.fullmatch(line.strip()):
        return False
    if shape.dialect.separator is None and any(map(_is_number, fields)):
        return False
    # a name is no number, but names of some columns may be: of channels, of positions
    at = shape.numeric[0] if shape.numeric else 0
    return not shape.dialect.is_number(fields[at])


def _units_below(above: list[str], at: int, shape: Shape) -> list[str] | None:
    """Units in the line below the names, if that is what all its fields are."""
    if at + 1 >= len(above):
        return None
    fields = _fitted(_fields(above[at + 1], shape), shape)
    texts = [field for field in fields or [] if field]
    if fields is None or len(fields) < 2 or not texts:
        return None
    if all(text[0] + text[-1] in ("()", "[]") for text in texts):
        return [field[1:-1].strip() for field in fields]
    words = [text for text in texts if not _is_number(text)]
    if not words or not all(map(is_unit, words)):
        return None
    above_fields = _fitted(_fields(above[at], shape), shape) or []
    named = [
        name for name, unit in zip(above_fields, fields, strict=False) if name and unit
    ]
    return fields if len(named) == len(texts) and named != texts else None


def _fields(line: str, shape: Shape) -> list[str]:
    text = line.strip() if shape.dialect.separator != "\t" else line.strip(" \r\n")
    is_marked = is_comment(text, shape.dialect)
    if is_marked:
        text = re.sub(r"^[#%;! \t]+(?:L )?", "", text)
    fields = shape.dialect._replace(is_paired=False).split(text)
    if len(fields) == 1 and 2 < shape.n_used == len(text.split()) < shape.n_fields:
        return text.split()  # SPICE: names between spaces, numbers with tabs behind
    if len(fields) != shape.n_fields and shape.dialect.separator is None:
        if len(fields) == shape.n_fields + 1 and fields[0].endswith(":"):
            return fields[1:]  # NIST: `Data:  y  x`
        for pattern in _SPACED:
            spaced = pattern.split(text)
            if len(spaced) == shape.n_fields:
                return [field.strip('" ') for field in spaced]
    fields = [field.strip('"') for field in fields]
    return [field.lstrip("#") for field in fields] if is_marked else fields


def _fitted(fields: list[str], shape: Shape) -> list[str] | None:
    """The fields as one for each column, or None where they do not fit.

    Empty fields at the end, and empty columns at the end of the rows, may be missing;
    names that are more than columns are those of the first ones.
    """
    n = shape.n_fields
    if len(fields) > n and (shape.dialect.separator in ("\t", ";") or not fields[-1]):
        fields = fields[:n]
    if len(fields) == n:
        return fields
    if shape.dialect.separator is not None and shape.n_used <= len(fields) < n:
        return fields + [""] * (n - len(fields))
    is_r = len(fields) == n - 1 and 0 not in shape.numeric and n > 2
    return ["", *fields] if is_r else None


def _misfit(above: list[str], shape: Shape) -> int:
    """How many names the last line has, where that is another number than of columns.

    A line between spaces may be free text, of which nothing is said.
    """
    plain = [line for line in above if not is_comment(line, None)]
    if not plain or shape.dialect.separator is None:
        return 0
    fields = shape.dialect.split(plain[-1])
    is_named = len(fields) > 1 and all(fields) and not any(map(_is_number, fields))
    return len(fields) if is_named and len(fields) != shape.n_fields else 0


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
