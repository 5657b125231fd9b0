"""Peaks by center and full width at half maximum, as the pieces of a plan say.

A piece gives its share of Lorentzian (1 Lorentzian, 0 Gaussian, 1/2 where data decide)
and how its widths follow from the full one: sigma = fwhm / ratio, gamma = fwhm / 2, and
where there are both, equal parts of each. The mixture of both shapes stands for a Voigt
profile as well; a start value needs no more.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import offset
from physfit.engine.dense import dot
from physfit.engine.roles import routine, summation
from physfit.engine.row_guess_frame import (
    BASIS,
    N_COLUMNS,
    N_TERMS,
    PLAN_HEADER,
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
from physfit.kernels.elementary import exp

__all__ = ["gain", "give_peak", "known_width", "piece_of", "write_shape"]

# Entries of a piece: where its parameters stand (-1: it has none of the name), ...
AMPLITUDE = 0
CENTER = 1
SIGMA = 2
GAMMA = 3
FRACTION = 4
#: ... the sign its amplitude must have (0: any), bounds of its center, its shape.
SIGN = 5
LOWER = 6
UPPER = 7
SHARE = 8
RATIO = 9
PIECE_WIDTH = 10

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
def piece_of(plan: Any, k: Any) -> Any:
    """Integers of piece `k`."""
    return offset(plan, PLAN_HEADER + 2 * plan[N_TERMS] + k * PIECE_WIDTH)


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
    inverse = 1.0 / fwhm
    if share == 0.0:
        return gauss_shape(x, w, rest, first, center, inverse, column, n)
    if share == 1.0:
        return lorentz_shape(x, w, rest, first, center, inverse, column, n)
    return mixed_shape(x, w, rest, first, center, inverse, share, column, n)


@summation
def gauss_shape(
    x: Any,
    w: Any,
    rest: Any,
    first: Any,
    center: Any,
    inverse: Any,
    column: Any,
    n: Any,
) -> Any:
    """Gaussian, its square and its products."""
    square, along, part = 0.0, 0.0, 0.0
    for i in range(n):
        u = (x[i] - center) * inverse
        value = w[i] * exp(-GAUSS * u * u)
        column[i] = value
        square += value * value
        along += value * rest[i]
        part += value * first[i]
    return square, along, part


@summation
def lorentz_shape(
    x: Any,
    w: Any,
    rest: Any,
    first: Any,
    center: Any,
    inverse: Any,
    column: Any,
    n: Any,
) -> Any:
    """Lorentzian, its square and its products."""
    square, along, part = 0.0, 0.0, 0.0
    for i in range(n):
        u = (x[i] - center) * inverse
        value = w[i] / (1.0 + 4.0 * u * u)
        column[i] = value
        square += value * value
        along += value * rest[i]
        part += value * first[i]
    return square, along, part


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
    """Both, weighted; the square and the products."""
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
def share_of(piece: Any, full: Any) -> Any:
    """Share of Lorentzian that a piece has, or that was given."""
    known = is_known(full, piece[FRACTION])
    return full[piece[FRACTION]] if known else number(piece, SHARE)


@routine
def known_width(piece: Any, full: Any) -> Any:
    """Full width that given parameters fix, or 0."""
    sigma = full[piece[SIGMA]] if is_known(full, piece[SIGMA]) else 0.0
    gamma = full[piece[GAMMA]] if is_known(full, piece[GAMMA]) else 0.0
    if piece[SIGMA] >= 0 and not is_known(full, piece[SIGMA]):
        return 0.0
    if piece[GAMMA] >= 0 and not is_known(full, piece[GAMMA]):
        return 0.0
    gauss, lorentz = number(piece, RATIO) * math.fabs(sigma), 2.0 * math.fabs(gamma)
    squares = VOIGT_B * lorentz * lorentz + gauss * gauss
    return VOIGT_A * lorentz + math.sqrt(squares)


@routine
def give_peak(piece: Any, full: Any, center: Any, fwhm: Any, height: Any) -> None:
    """Parameters of a peak from center, full width and height."""
    share = share_of(piece, full)
    area = height * fwhm * (share * LORENTZ_AREA + (1.0 - share) * GAUSS_AREA)
    give(full, piece[AMPLITUDE], area, 0.0)
    give(full, piece[CENTER], center, 0.0)
    give(full, piece[FRACTION], 0.5, 0.5)
    if piece[SIGMA] >= 0 and piece[GAMMA] >= 0:
        _give_voigt_widths(piece, full, fwhm)
    else:
        give(full, piece[SIGMA], fwhm / number(piece, RATIO), 1.0)
        give(full, piece[GAMMA], 0.5 * fwhm, 1.0)


@routine
def _give_voigt_widths(piece: Any, full: Any, fwhm: Any) -> None:
    """Equal parts, or the rest of the width where one is known."""
    gauss = fwhm / VOIGT_WIDENING
    lorentz = gauss
    if is_known(full, piece[GAMMA]):
        known = 2.0 * full[piece[GAMMA]]
        left = (fwhm - VOIGT_A * known) ** 2 - VOIGT_B * known * known
        gauss = math.sqrt(left) if fwhm > known and left > 0.0 else 0.3 * fwhm
    elif is_known(full, piece[SIGMA]):
        lorentz = max(fwhm - FWHM_OF_SIGMA * full[piece[SIGMA]], 0.1 * fwhm)
    give(full, piece[SIGMA], gauss / FWHM_OF_SIGMA, 1.0)
    give(full, piece[GAMMA], 0.5 * lorentz, 1.0)
