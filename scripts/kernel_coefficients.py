"""Polynomials of the compiled functions in `physfit/kernels`, by interpolation.

`python scripts/kernel_coefficients.py [NAME ...]` prints the coefficients of those
names (of all without one), ready to be put into `polynomial(...)`. Each is the
interpolant at Chebyshev nodes, computed with 60 digits and rounded. It prints too how
far the rounded polynomial, summed by Horner's rule in doubles, is from the function,
relative to the largest value on the interval. The functions stand in `kernel_fits`.
"""

from __future__ import annotations

import sys
from typing import Any

import mpmath
from kernel_fits import FITS, Fit
from mpmath import mpf


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
    """Largest error in doubles over the largest value, at 100 points."""
    worst, largest = mpf(0), mpf(0)
    for k in range(100):
        t = fit.low + (fit.high - fit.low) * (k + 0.5) / 100
        value = 0.0
        for c in reversed(powers):
            value = c + t * value
        exact = fit.function(mpf(t))
        worst = max(worst, abs(value - exact))
        largest = max(largest, abs(exact))
    return float(worst / largest)


def main(names: list[str]) -> None:
    """Print the coefficients of these names, or all."""
    mpmath.mp.dps = 60
    for name in names or FITS:
        powers = coefficients(FITS[name])
        print(f"# {name}: {error(FITS[name], powers):.1e}")
        print("\n".join(f"    {c!r}," for c in powers))


if __name__ == "__main__":
    main(sys.argv[1:])
