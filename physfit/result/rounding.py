"""Numbers as readers want them: an error has two digits, its value what it knows."""

from __future__ import annotations

import math

__all__ = ["percent", "rounded", "short"]

#: Sizes written without exponent.
PLAIN = (1e-4, 1e7)
#: Digits that a float64 is good for.
MOST = 15


def rounded(value: float, stderr: float) -> tuple[str, str]:
    """Value and standard error, both to the second digit of the error.

    Parameters
    ----------
    value, stderr : float
        A value without a finite error above 0 has eight digits, and no text for NaN.

    Examples
    --------
    >>> rounded(521.30371, 0.012345)
    ('521.304', '0.012')
    >>> rounded(498785.3, 730.5)
    ('498790', '730')
    >>> rounded(1.23456e-7, 1.2e-10)
    ('1.2346e-07', '0.0012e-07')
    """
    if not (math.isfinite(value) and math.isfinite(stderr) and stderr > 0.0):
        return short(value, 8), "" if math.isnan(stderr) else f"{stderr:g}"
    last = _exponent(stderr, 2) - 1
    top = max(_exponent(value, MOST), last)
    last = max(last, top - MOST + 1)
    if _is_plain(value, stderr):
        return _fixed(value, last), _fixed(stderr, last)
    tail = f"e{top:+03d}"
    scale = 10.0**-top
    places = last - top
    return (
        _fixed(value * scale, places) + tail,
        _fixed(stderr * scale, places) + tail,
    )


def short(value: float, digits: int = 6) -> str:
    """A number with at most that many digits.

    Examples
    --------
    >>> short(0.25)
    '0.25'
    """
    return f"{value:.{digits}g}"


def percent(relative: float) -> str:
    """A relative error in percent with two digits; empty for NaN.

    Examples
    --------
    >>> percent(0.000123)
    '0.012 %'
    """
    if math.isnan(relative):
        return ""
    if not 1e-9 < relative < 10.0:
        return "0 %" if relative == 0.0 else f"{100.0 * relative:.1e} %"
    return _fixed(100.0 * relative, _exponent(100.0 * relative, 2) - 1) + " %"


def _is_plain(value: float, stderr: float) -> bool:
    size = max(abs(value), stderr)
    return PLAIN[0] <= size < PLAIN[1]


def _exponent(value: float, digits: int) -> int:
    """Power of ten of the first digit, after rounding to so many digits."""
    return int(f"{value:.{digits - 1}e}".partition("e")[2]) if value else -400


def _fixed(value: float, last: int) -> str:
    """Value to the digit of 10**last, without exponent."""
    return f"{round(value, -last):.{max(0, -last)}f}"
