"""Words and letters of text tables: what says that a number is missing, minuses."""

from __future__ import annotations

import re

__all__ = ["is_missing", "is_usual", "plain"]

#: How a missing value is written everywhere, in small letters.
_USUAL = frozenset({"", "na", "n/a", "nan", "+nan", "-nan", "null", "none", "-", "--"})
#: What instruments and spreadsheets write in place of a number.
_MARK_WORDS = (
    "over +over -over overflow ovfl ovf ovrflw ovld +ovld -ovld overload "
    "overrange ol +ol -ol o.l o.l. 0.l 0.l. under underflow underrange uvld sat "
    "saturated open invalid missing bad n.a. n.a n.d. nd nil undefined nodata "
    "no_data masked #n/a #na #nv #div/0! #value! #wert! #ref! #num! #zahl! "
    "#name? #null! nan(ind) -nan(ind) nan(snan) -nan(snan) not-a-number"
)
_MARKS = frozenset(_MARK_WORDS.split())
_PATTERN = re.compile(r"-{3,}|\*+|\?+|\.{2,}|[+-]?1\.#(?:inf|ind|[qs]?nan)0*")
#: Signs, digits and spaces of typesetters. A space that does not break between digits
#: separates thousands.
_LETTERS = str.maketrans(
    {
        **dict.fromkeys("\u2212\u2013\u2012\u2010\u2011\ufe63\uff0d", "-"),
        "\uff0b": "+",
        "\uff0e": ".",
        "\uff0c": ",",
        "\u2019": "'",
        **dict.fromkeys("\u00a0\u202f\u2007\u2009", "\u00a0"),
        **{chr(0xFF10 + k): str(k) for k in range(10)},
    }
)
_HARD_SPACE = re.compile(r"(?<=\d)\u00a0(?=\d{3}(?!\d))")


def is_missing(field: str) -> bool:
    """Whether a field says that there is no number.

    Examples
    --------
    >>> is_missing("1.#QNAN"), is_missing("OVER"), is_missing("0")
    (True, True, False)
    """
    text = field.lower()
    return text in _USUAL or text in _MARKS or _PATTERN.fullmatch(text) is not None


def is_usual(field: str) -> bool:
    """Whether a field is empty or says NaN or NA, of which nothing need be said."""
    return field.lower() in _USUAL


def plain(line: str) -> str:
    """The line with the minus, the digits and the spaces of ASCII.

    Examples
    --------
    >>> plain("\u22121\u202f234,5")
    "-1'234,5"
    """
    if line.isascii():
        return line
    return _HARD_SPACE.sub("'", line.translate(_LETTERS)).replace("\u00a0", " ")
