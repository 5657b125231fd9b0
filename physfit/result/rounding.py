"""Numbers as readers want them: an error has two digits, its value what it knows."""

from __future__ import annotations

import math

__all__ = [
    "concise",
    "digits_between",
    "duration",
    "ends",
    "percent",
    "probability",
    "rounded",
]
__all__ += ["share", "short"]

#: Sizes written without exponent.
PLAIN = (1e-4, 1e7)
#: Errors below this let a larger value be written out too, such as seconds since 1970.
NEAR = 1e3
#: Digits that a float64 is good for.
MOST = 15
#: Powers of ten whose inverse is a float64 too.
LARGEST = 300


def rounded(value: float, stderr: float) -> tuple[str, str]:
    """Value and standard error, both to the second digit of the error.

    Parameters
    ----------
    value, stderr : float
        A value without a finite error above 0 is given eight digits, and an error of
        NaN no text.

    Examples
    --------
    >>> rounded(521.30371, 0.012345)
    ('521.304', '0.012')
    >>> rounded(498785.3, 730.5)
    ('498790', '730')
    >>> rounded(1.23456e-7, 1.2e-10)
    ('1.2346e-07', '0.0012e-07')
    >>> rounded(1764505882.25341, 0.0163)
    ('1764505882.253', '0.016')
    """
    if not (math.isfinite(value) and math.isfinite(stderr) and stderr > 0.0):
        return short(value, 8), "" if math.isnan(stderr) else f"{stderr:g}"
    last = _exponent(stderr, 2) - 1
    top = max(_exponent(value, MOST), last + 1)
    if top - last >= MOST or abs(top) > LARGEST:
        return short(value, MOST), f"{stderr:.1e}"
    is_plain = PLAIN[0] <= max(abs(value), stderr) < PLAIN[1]
    if is_plain or (abs(value) >= PLAIN[1] and PLAIN[0] <= stderr < NEAR):
        return _fixed(value, last), _fixed(stderr, last)
    tail = f"e{top:+03d}"
    scale = 10.0**-top
    places = last - top
    return (
        _fixed(value * scale, places) + tail,
        _fixed(stderr * scale, places) + tail,
    )


def concise(value: float, stderr: float) -> str:
    """Value with the error of its last digits in brackets, rounded as in reports.

    Parameters
    ----------
    value, stderr : float
        An error of NaN is left out; one that cannot be written so stands behind "+-".

    Examples
    --------
    >>> concise(521.30371, 0.011345), concise(12.3456, 4.52), concise(498785.3, 730.5)
    ('521.304(11)', '12.3(4.5)', '498790(730)')
    >>> concise(1.23456e-7, 1.2e-10), concise(2.0, 0.0), concise(2.0, math.nan)
    ('1.2346(12)e-07', '2 +- 0', '2')
    """
    text, error = rounded(value, stderr)
    number, _, power = text.partition("e")
    digits, _, same = error.partition("e")
    places = [len(own.partition(".")[2]) for own in (number, digits)]
    if not error:
        return text
    is_finite = math.isfinite(value) and 0.0 < stderr < math.inf
    if not is_finite or power != same or places[0] != places[1]:
        return f"{text} +- {error}"
    if float(digits) < 1.0:
        digits = digits.replace(".", "").lstrip("0")
    return f"{number}({digits})" + (f"e{power}" if power else "")


def short(value: float, digits: int = 6) -> str:
    """A number with at most that many digits.

    Examples
    --------
    >>> short(0.25)
    '0.25'
    """
    return f"{value:.{digits}g}"


def ends(low: float, high: float) -> tuple[str, str]:
    """Both ends of a range, in as many digits as tell them apart.

    Examples
    --------
    >>> ends(0.0, 0.25), ends(51234.5, 51234.5499)
    (('0', '0.25'), ('51234.5', '51234.5499'))
    """
    digits = digits_between(low, high)
    return short(low, digits), short(high, digits)


def digits_between(low: float, high: float) -> int:
    """Digits by which a range is known to some thousandths, 6 at least."""
    digits, span = 6, high - low
    if 0.0 < span < math.inf:
        digits = _exponent(max(abs(low), abs(high)), MOST) - _exponent(span, MOST) + 3
    return min(max(digits, 6), MOST + 2)


def percent(relative: float) -> str:
    """A relative error in percent with two digits; empty when it is no number.

    Examples
    --------
    >>> percent(0.000123)
    '0.012 %'
    """
    if not math.isfinite(relative):
        return ""
    if not 1e-9 < relative < 10.0:
        return "0 %" if relative == 0.0 else f"{100.0 * relative:.1e} %"
    return _fixed(100.0 * relative, _exponent(100.0 * relative, 2) - 1) + " %"


def probability(p: float) -> str:
    """A p value with its sign of relation.

    Examples
    --------
    >>> probability(0.0312345), probability(0.0)
    ('= 0.0312', '< 1e-300')
    """
    return f"= {p:.3g}" if p > 1e-300 else "< 1e-300"


def share(part: int, whole: int) -> str:
    """A share in percent; all and none are said of nothing less.

    Examples
    --------
    >>> share(32, 4800), share(99_999, 100_000), share(1, 1_000_000)
    ('0.67 %', '> 99.99 %', '< 0.01 %')
    """
    if whole <= 0 or part in (0, whole):
        return "100 %" if part and part == whole else "0 %"
    size = 100.0 * part / whole
    if size < 0.01:
        return "< 0.01 %"
    if size > 99.99:
        return "> 99.99 %"
    places = 1 if 10.0 <= size < 99.0 else 2
    return f"{size:.{places}f} %"


def duration(seconds: float) -> str:
    """A time in s, ms or us with three digits.

    Examples
    --------
    >>> duration(0.0123456)
    '12.3 ms'
    """
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} us"


def _exponent(value: float, digits: int) -> int:
    """Power of ten of the first digit, after rounding to so many digits."""
    return int(f"{value:.{digits - 1}e}".partition("e")[2]) if value else -400


def _fixed(value: float, last: int) -> str:
    """Value to the digit of 10**last, without exponent."""
    # 0.0 is added, as a rounded -1e-9 would be "-0.0".
    return f"{round(value, -last) + 0.0:.{max(0, -last)}f}"
