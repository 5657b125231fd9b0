"""Peaks by center and full width at half maximum, as the components of a plan say.

A component gives its share of Lorentzian (1 Lorentzian, 0 Gaussian, 1/2 where data
decide), the full width where sigma or gamma is 1, and whether its amplitude is an area.
With both widths each takes an equal part. The mixture of both shapes stands for a Voigt
profile as well; a start value needs no more.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.dense import dot
from physfit.engine.guesses.frame import (
    BASIS,
    N_COLUMNS,
    REST,
    SHAPE,
    N,
    W,
    X,
    count,
    give,
    is_known,
    number,
    vector,
)
from physfit.engine.roles import routine, summation
from physfit.kernels.elementary import exp

__all__ = ["gain", "give_peak", "known_width", "write_shape"]

# Integers of a component: where its parameters stand (-1: it has none of the name), ...
AMPLITUDE = 1
CENTER = 2
SIGMA = 3
GAMMA = 4
FRACTION = 5
#: ... the sign its amplitude must have (0: any), whether that is the area.
SIGN = 6
IS_AREA = 7
# Floats: bounds of its center, its shape, full widths where sigma and gamma are 1.
LOWER = 0
UPPER = 1
SHARE = 2
FWHM_OF_GAUSS = 3
FWHM_OF_LORENTZ = 4

GAUSS = 4.0 * math.log(2.0)
GAUSS_AREA = math.sqrt(math.pi / (4.0 * math.log(2.0)))
LORENTZ_AREA = 0.5 * math.pi
FWHM_OF_SIGMA = 2.0 * math.sqrt(2.0 * math.log(2.0))
#: Full width of a Voigt profile: a * lorentz + sqrt(b * lorentz^2 + gauss^2).
VOIGT_A = 0.5346
VOIGT_B = 0.2166
#: A Gaussian and a Lorentzian of one width make a Voigt profile so much as wide.
VOIGT_WIDENING = VOIGT_A + math.sqrt(1.0 + VOIGT_B)
#: What is left of a column beside the others must be more than this part of it.
OWN_SHARE = 1e-6


@routine
def gain(work: Any, center: Any, fwhm: Any, share: Any) -> Any:
    """Sum of squares that a peak would explain, with the sign of its height."""
    n, shape = count(work, N), vector(work, SHAPE)
    square, along, part = write_shape(work, center, fwhm, share, shape)
    there = count(work, N_COLUMNS)
    own = square - part * part if there > 0 else square
    for j in range(1, there):
        part = dot(shape, vector(work, BASIS + j), n)
        own -= part * part
    if own <= OWN_SHARE * square:
        return 0.0
    return along * math.fabs(along) / own


@routine
def write_shape(work: Any, center: Any, fwhm: Any, share: Any, column: Any) -> Any:
    """Weighted shape of unit height; its square, its products with rest and column 0.

    These come from the same pass over the samples.
    """
    n, x, w, rest = count(work, N), vector(work, X), vector(work, W), vector(work, REST)
    first = vector(work, BASIS)
    return mixed_shape(x, w, rest, first, center, 1.0 / fwhm, share, column, n)


@summation
def mixed_shape(
    x: Any,
    w: Any,
    rest: Any,
    first: Any,
    center: Any,
    inverse: Any,
    share: Any,
    column: Any,
    n: Any,
) -> Any:
    """Lorentzian and Gaussian, weighted; the square and the products."""
    square, along, part = 0.0, 0.0, 0.0
    for i in range(n):
        u = (x[i] - center) * inverse
        u *= u
        gauss = exp(-GAUSS * u)
        value = w[i] * (share / (1.0 + 4.0 * u) + (1.0 - share) * gauss)
        column[i] = value
        square += value * value
        along += value * rest[i]
        part += value * first[i]
    return square, along, part


@routine
def share_of(component: Any, full: Any) -> Any:
    """Share of Lorentzian that a component has, or that was given."""
    known = is_known(full, component[FRACTION])
    return full[component[FRACTION]] if known else number(component, SHARE)


@routine
def known_width(component: Any, full: Any) -> Any:
    """Full width that given parameters fix, or 0."""
    sigma = full[component[SIGMA]] if is_known(full, component[SIGMA]) else 0.0
    gamma = full[component[GAMMA]] if is_known(full, component[GAMMA]) else 0.0
    if component[SIGMA] >= 0 and not is_known(full, component[SIGMA]):
        return 0.0
    if component[GAMMA] >= 0 and not is_known(full, component[GAMMA]):
        return 0.0
    gauss = number(component, FWHM_OF_GAUSS) * math.fabs(sigma)
    lorentz = number(component, FWHM_OF_LORENTZ) * math.fabs(gamma)
    squares = VOIGT_B * lorentz * lorentz + gauss * gauss
    return VOIGT_A * lorentz + math.sqrt(squares)


@routine
def give_peak(component: Any, full: Any, center: Any, fwhm: Any, height: Any) -> None:
    """Parameters of a peak from center, full width and height."""
    share, amplitude = share_of(component, full), height
    if component[IS_AREA] == 1:
        amplitude *= fwhm * (share * LORENTZ_AREA + (1.0 - share) * GAUSS_AREA)
    give(full, component[AMPLITUDE], amplitude, 0.0)
    give(full, component[CENTER], center, 0.0)
    give(full, component[FRACTION], 0.5, 0.5)
    gauss, lorentz = fwhm, fwhm
    if component[SIGMA] >= 0 and component[GAMMA] >= 0:
        gauss, lorentz = _voigt_widths(component, full, fwhm)
    give(full, component[SIGMA], gauss / number(component, FWHM_OF_GAUSS), 1.0)
    give(full, component[GAMMA], lorentz / number(component, FWHM_OF_LORENTZ), 1.0)


@routine
def _voigt_widths(component: Any, full: Any, fwhm: Any) -> Any:
    """Full widths of both parts: equal, or the other's where one is known."""
    equal = fwhm / VOIGT_WIDENING
    if is_known(full, component[GAMMA]):
        known = number(component, FWHM_OF_LORENTZ) * full[component[GAMMA]]
        left = (fwhm - VOIGT_A * known) ** 2 - VOIGT_B * known * known
        return math.sqrt(left) if fwhm > known and left > 0.0 else 0.3 * fwhm, equal
    if is_known(full, component[SIGMA]):
        known = number(component, FWHM_OF_GAUSS) * full[component[SIGMA]]
        return equal, max(fwhm - known, 0.1 * fwhm)
    return equal, equal
