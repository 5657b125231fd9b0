"""Two columns of a file that are one complex number: its parts, or its size and phase.

Headings tell: a second column that is called a phase, or is in degrees or radians, is
one, and the first then the magnitude, in dB or not. All others are real and imaginary
part. A phase without a unit is refused, because degrees and radians look alike.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.data.words import is_missing
from physfit.errors import DataError

__all__ = ["Form", "complex_numbers", "form_of", "is_pair_of_parts", "joined"]

_PHASE = re.compile(r"(?:^|[\W_\d])(?:phase|phi|arg|ang|angle)s?(?:$|[\W_\d])", re.I)
_DB = re.compile(r"(?:^|[\W_\d])db(?:$|[\W_])", re.I)
_REAL = re.compile(r"(?:^|(?<=[\W_\d]))re(?:al)?(?:$|(?=[\W_\d]))", re.I)
_IMAGINARY = re.compile(r"(?:^|(?<=[\W_\d]))im(?:ag|aginary)?(?:$|(?=[\W_\d]))", re.I)
_DIGITS = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?"
#: `1.5-2e-3j`, `-2i`, `1 + 2j`, in brackets or not; what `complex` reads, and i.
_COMPLEX = re.compile(
    rf"\(?\s*(?:[+-]?\s*{_DIGITS}\s*)?(?:[+-]?\s*{_DIGITS}\s*[ij])?\s*\)?"
)
_DEGREES = frozenset(("deg", "degree", "degrees", "°"))
_RADIANS = frozenset(("rad", "radian", "radians"))

#: Letters of a complex number at most; the pattern takes the square of them.
LONGEST = 120

#: Unit of the magnitude ("dB", or "" for that of y), and radians of one of the phase.
Form = tuple[str, float]


def form_of(
    source: str, first: tuple[str, str], second: tuple[str, str]
) -> Form | None:
    """How two columns of these names and units are a number; None for its parts.

    Raises
    ------
    DataError
        When a phase has no unit, or dB stand beside no phase.

    Examples
    --------
    >>> form_of("a.csv", ("S21", "dB"), ("phase", "rad"))
    ('dB', 1.0)
    >>> form_of("a.csv", ("re", "V"), ("im", "V")) is None
    True
    """
    unit = second[1].lower()
    is_level = first[1].lower() == "db" or _DB.search(first[0]) is not None
    is_phase = unit in _DEGREES | _RADIANS or _PHASE.search(second[0]) is not None
    if not is_phase:
        if not is_level:
            return None
        raise DataError(
            f"`{source}` has {first[0]!r} in dB, which is no real part, and beside it "
            f"{second[0]!r}, which is no phase by its heading; say so as in "
            f"--y '{first[0]},{second[0]} (deg)'."
        )
    if unit not in _DEGREES | _RADIANS:
        raise DataError(
            f"`{source}` has a phase {second[0]!r} without a unit; say which, as in "
            f"--y '{first[0]},{second[0]} (deg)' or '(rad)'."
        )
    return "dB" if is_level else "", np.pi / 180.0 if unit in _DEGREES else 1.0


def is_pair_of_parts(first: str, second: str) -> bool:
    """Whether two names are those of a real and an imaginary part of one quantity.

    Examples
    --------
    >>> is_pair_of_parts("S21_re", "S21_im"), is_pair_of_parts("Re", "Ir")
    (True, False)
    """
    one, n_one = _REAL.subn("", first)
    other, n_other = _IMAGINARY.subn("", second)
    return n_one == n_other == 1 and one == other


def joined(form: Form | None, first: NDArray[Any], second: NDArray[Any]) -> Any:
    """The complex numbers."""
    if form is None:
        return first + 1j * second
    size = 10.0 ** (first / 20.0) if form[0] == "dB" else first
    return size * np.exp(1j * form[1] * second)


def complex_numbers(
    texts: Sequence[str], decimal: str = "."
) -> NDArray[np.complex128] | None:
    """Numbers that are written as `a+bj` or `a+bi`, empty ones NaN; None if not all.

    Examples
    --------
    >>> complex_numbers(["1-2j", "(3.5+0j)", "2e-1i"])
    array([1. -2.j , 3.5+0.j , 0. +0.2j])
    >>> complex_numbers(["1-2j", "about 3"]) is None
    True
    """
    values = []
    for text in texts:
        plain = text.strip().replace(decimal, ".")
        if is_missing(plain):
            values.append(complex(np.nan, np.nan))
        elif len(plain) <= LONGEST and _COMPLEX.fullmatch(plain):
            bare = "".join(plain.strip("() ").split()).replace("i", "j")
            values.append(complex(bare))
        else:
            return None
    return np.array(values)
