"""Polynomials of the compiled functions in `physfit/kernels`, by interpolation.

`python scripts/kernel_coefficients.py [NAME ...]` prints the coefficients of those
names (of all without one), ready to be put into `polynomial(...)`. Each is the
interpolant at Chebyshev nodes, computed with 60 digits and rounded. It prints too how
far the rounded polynomial, summed by Horner's rule in doubles, is from the function,
relative to the largest value on the interval.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath
from mpmath import mpf


class Fit(NamedTuple):
    """A function of t on [low, high] and the number of its coefficients."""

    function: Callable[[Any], Any]
    low: float
    high: float
    n: int


def coefficients(fit: Fit) -> list[float]:
    """Coefficients in powers of t of the interpolant at Chebyshev nodes."""
    half, middle = (mpf(fit.high) - fit.low) / 2, (mpf(fit.high) + fit.low) / 2
    angles = [mpmath.pi * (k + mpf(1) / 2) / fit.n for k in range(fit.n)]
    values = [fit.function(middle + half * mpmath.cos(a)) for a in angles]
    series = [
        sum(v * mpmath.cos(j * a) for v, a in zip(values, angles, strict=True))
        * (2 if j else 1)
        / fit.n
        for j in range(fit.n)
    ]
    powers = in_powers(series)
    shifted = [mpf(0)]
    for c in reversed(powers):  # Horner's rule in s = (t - middle) / half
        moved = [mpf(0), *[a / half for a in shifted]]
        kept = [-a * middle / half for a in shifted] + [mpf(0)]
        shifted = [a + b for a, b in zip(moved, kept, strict=True)]
        shifted[0] += c
    return [float(c) for c in shifted[: fit.n]]


def in_powers(series: list[Any]) -> list[Any]:
    """Coefficients in powers of s of a sum of Chebyshev polynomials."""
    before, now = [mpf(1)], [mpf(0), mpf(1)]
    total = [mpf(0)] * (len(series) + 1)
    for c in series:
        for k, a in enumerate(before):
            total[k] += c * a
        after = [mpf(0), *[2 * a for a in now]]
        for k, a in enumerate(before):
            after[k] -= a
        before, now = now, after
    return total[: len(series)]


def error(fit: Fit, powers: list[float]) -> float:
    """Largest error in doubles over the largest value, at 500 points."""
    worst, largest = mpf(0), mpf(0)
    for k in range(501):
        t = fit.low + (fit.high - fit.low) * k / 500
        value = 0.0
        for c in reversed(powers):
            value = c + t * value
        exact = fit.function(mpf(t))
        worst = max(worst, abs(value - exact))
        largest = max(largest, abs(exact))
    return float(worst / largest)


def asin_tail(s: Any) -> Any:
    """(asin(x) / x - 1) / x^2 in s = x^2."""
    if s == 0:
        return mpf(1) / 6
    x = mpmath.sqrt(s)
    return (mpmath.asin(x) / x - 1) / s


def log_rest(z: Any) -> Any:
    """2 (atanh(s) - s - s^3 / 3) / s^5 in z = s^2."""
    if z == 0:
        return mpf(2) / 5
    s = mpmath.sqrt(z)
    with mpmath.extradps(40):
        return 2 * (mpmath.atanh(s) - s - s**3 / 3) / s**5


def sinc_slope_over_x(s: Any) -> Any:
    """d/dx [sin(pi x) / (pi x)] / x in s = x^2."""
    if s == 0:
        return -(mpmath.pi**2) / 3
    x = mpmath.sqrt(s)
    p = mpmath.pi * x
    return (mpmath.cos(p) - mpmath.sin(p) / p) / s


#: By module and name: `_asin_polynomial` of `trigonometric`.
FITS = {
    "trigonometric.asin": Fit(asin_tail, 0.0, 0.25, 14),
    "trigonometric.sinc_slope": Fit(sinc_slope_over_x, 0.0, 0.25, 9),
    "powers.log_rest": Fit(log_rest, 0.0, 0.0295, 8),
    "powers.cbrt": Fit(mpmath.cbrt, 0.35, 2.84, 6),
}


def main(names: list[str]) -> None:
    """Print the coefficients of these names, or all."""
    mpmath.mp.dps = 60
    for name in names or FITS:
        powers = coefficients(FITS[name])
        print(f"# {name}: {error(FITS[name], powers):.1e}")
        print("\n".join(f"    {c!r}," for c in powers))


if __name__ == "__main__":
    main(sys.argv[1:])
