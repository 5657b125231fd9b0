"""What the heading of a column says: its name, its unit, whose error it holds."""

from __future__ import annotations

import re

from physfit.data.units import is_unit
from physfit.errors import printable

__all__ = ["as_cell", "error_of", "split_unit", "split_units"]

_BRACKETS = re.compile(r"^(?P<name>.*?\S)\s*\[(?P<unit>[^\[\]]*)\]$")
_PARENTHESES = re.compile(r"^(?P<name>.*?\S)\s+\((?P<unit>[^()]*(?:\([^()]*\))?)\)$")
# Without a space `f(Hz)` has a unit, but `log(I)`, `u(T)` and `V(out)` are names.
_TIGHT = re.compile(r"^(?P<name>.*?\w)\((?P<unit>[^()\w]|[^()]{2,})\)$")
_TIGHT_LETTER = re.compile(r"^(?P<name>.*?\w)\((?P<unit>\w)\)$")
_SLASH = re.compile(r"^(?P<name>.*?\S)\s+/\s*(?P<unit>\S.*)$")
_PER_CENT = re.compile(r"^(?P<name>.*?\w)[ /]+(?P<unit>[%‰])$")
# DIN 1313 writes `U/V` without spaces; `counts/s` and `S/N` are units and names.
_QUOTIENT = re.compile(r"^(?P<name>[^/]*?[\w.>])/(?P<unit>\([^()]+\)|[^/()]+)$")
#: Units that may as well be names of quantities: hours and barns, but also h and b.
_LETTERS = set("abBcdDhHlLMubnN1")
#: What a table program takes for the begin of a formula, in full width too.
_FORMULA = "=+-@\uff1d\uff0b\uff0d\uff20"
_NO_UNIT = {"-", "1", "none"}
_PLUS_MINUS = {"+/-", "+-", "±"}

_ERROR_WORD = (
    r"(?:errors?|err|sigma|σ|std ?dev|stdev|stderr|std|sd|"
    r"standard (?:deviation|error)|unc(?:ert(?:ainty|ainties)?)?)"
)
_ERROR = re.compile(rf"^(?:(?P<a>.+?) ?)??{_ERROR_WORD}(?: (?:of |in )?(?P<b>.+))?$")
_DELTA = re.compile(r"^(?:delta ?|[dδ] ?)(?P<a>.+)$")


def as_cell(name: str) -> str:
    """The name of a column as a cell of CSV, which no program takes for a formula.

    `split_unit` reads it back. Numbers never pass through here.

    Examples
    --------
    >>> print(as_cell("=1+1"), as_cell("f (Hz)"), as_cell("a, b"))
    '=1+1 f (Hz) "a, b"
    """
    text = printable(name).strip()
    if text.startswith(tuple(_FORMULA)):
        text = f"'{text}"
    return text if not set(text) & set(',"#;%') else '"' + text.replace('"', '""') + '"'


def split_unit(header: str) -> tuple[str, str]:
    """Name and unit of a column header such as `f (Hz)`, `f [Hz]` or `f / Hz`.

    Examples
    --------
    >>> split_unit("f / Hz"), split_unit("log(I)")
    (('f', 'Hz'), ('log(I)', ''))
    """
    text = header.strip()
    if text[:1] == "'" and text[1:].startswith(tuple(_FORMULA)):
        text = text[1:]
    for pattern in (_BRACKETS, _PARENTHESES, _TIGHT, _SLASH, _PER_CENT):
        match = pattern.match(text)
        if match and (pattern is not _TIGHT or is_unit(match["unit"])):
            unit = match["unit"].strip()
            return match["name"].strip(), "" if unit.lower() in _NO_UNIT else unit
    match = _QUOTIENT.match(text)
    if match and _is_quantity(match["name"]) and match["unit"] not in _LETTERS:
        unit = match["unit"].strip("()")
        if is_unit(unit):
            return match["name"], unit
    return text, ""


def split_units(headers: list[str]) -> list[tuple[str, str]]:
    """Name and unit of all columns of a table.

    `t(s)` alone may be a function of s: it is a time where every column is headed by a
    name and a unit, of which some differ.

    Examples
    --------
    >>> split_units(["t(s)", "U(mV)", "err(V)"])
    [('t', 's'), ('U', 'mV'), ('err', 'V')]
    >>> split_units(["time", "V(A)"]), split_units(["u(s)", "i(s)"])
    ([('time', ''), ('V(A)', '')], [('u(s)', ''), ('i(s)', '')])
    """
    plain = [split_unit(header) for header in headers]
    tight = [
        (match["name"], match["unit"]) if match and not unit else (name, unit)
        for name, unit in plain
        for match in [_TIGHT_LETTER.match(name)]
    ]
    units = {unit for name, unit in tight if name or unit}
    is_said = len(units) > 1 and all(unit and is_unit(unit) for unit in units)
    return tight if is_said else plain


def _is_quantity(name: str) -> bool:
    """Whether the name in front of a slash is that of a quantity and no unit."""
    return name == "T" or not is_unit(name)


def error_of(name: str) -> set[str] | None:
    """What a column of this name may be the error of ("" for unsaid), None if none."""
    lowered = name.lower().strip()
    if lowered in _PLUS_MINUS:
        return {""}
    plain = re.sub(r"[\s._-]+", " ", lowered)
    stems = set()
    for match in (_ERROR.match(plain), _DELTA.match(plain), _DELTA.match(lowered)):
        if match:
            groups = [group for group in match.groups() if group]
            stems.add(groups[0].strip() if groups else "")
            stems.add(groups[0].strip().replace(" ", "_") if groups else "")
    return stems or None
