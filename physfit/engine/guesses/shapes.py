"""Peaks by center and full width at half maximum, as the components of a plan say.

A component gives its share of Lorentzian (1 Lorentzian, 0 Gaussian, 1/2 where data
decide), the full width where sigma or gamma is 1, and whether its amplitude is an area.
With both widths each takes an equal part. The mixture of both shapes stands for a Voigt
profile as well; a start value needs no more.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats
from physfit.engine.guesses.basis import explained
from physfit.engine.guesses.frame import Component, give, is_known
from physfit.engine.roles import routine, summation
from physfit.engine.struct import Float64
from physfit.kernels.elementary import exp

__all__ = ["Peak", "gain", "give_peak", "take_peak", "write_shape", "write_slope"]


class Peak(Component):
    """A peak: `place` is its center, `width` the full one at half maximum."""

    # Places of parameters among all, -1 for none.
    amplitude_at: int
    center_at: int
    sigma_at: int
    gamma_at: int
    fraction_at: int
    is_area: int
    #: Sign that the amplitude must have (0: any), and what it has in a search.
    sign: Float64
    wanted: Float64
    #: Bounds of the center; both are the center if that is known.
    lower: Float64
    upper: Float64
    is_placed: int
    #: Share of Lorentzian.
    share: Float64
    #: Full widths where sigma and gamma are 1; the whole one if it is known, or 0.
    fwhm_of_gauss: Float64
    fwhm_of_lorentz: Float64
    known_width: Float64
    #: Sum of squares that it explained beside the others, and its height then.
    gain: Float64
    height: Float64
    #: Place and width before a step; the step, in widths and of their logarithm.
    old_place: Float64
    old_width: Float64
    place_step: Float64
    width_step: Float64


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
def take_peak(peak: Any, full: Any) -> None:
    """Note what is known of a peak."""
    peak.is_placed = is_known(full, peak.center_at)
    peak.is_free = peak.is_placed == 0 and math.isinf(peak.upper - peak.lower)
    if peak.is_placed == 1:
        peak.lower = full[peak.center_at]
        peak.upper = peak.lower
    if is_known(full, peak.fraction_at):
        peak.share = full[peak.fraction_at]
    peak.known_width = _known_width(peak, full)


@routine
def _known_width(peak: Any, full: Any) -> Any:
    """Full width that given parameters fix, or 0."""
    gauss, lorentz = 0.0, 0.0
    if peak.sigma_at >= 0:
        gauss = peak.fwhm_of_gauss * math.fabs(full[peak.sigma_at])
    if peak.gamma_at >= 0:
        lorentz = peak.fwhm_of_lorentz * math.fabs(full[peak.gamma_at])
    squares = VOIGT_B * lorentz * lorentz + gauss * gauss
    width = VOIGT_A * lorentz + math.sqrt(squares)
    return width if width > 0.0 else 0.0  # NaN where one is not known


@routine
def gain(work: Any, peak: Any) -> Any:
    """Sum of squares that a peak would explain, 0 if its height has the wrong sign."""
    square, along = write_shape(work, peak, as_floats(work.shape))
    if peak.wanted * along < 0.0:
        return 0.0
    return explained(work, square, along, OWN_SHARE)


@summation
def write_shape(work: Any, peak: Any, column: Any) -> Any:
    """Write the weighted shape of unit height; its square, its product with the rest.

    These come from the same pass over the samples.
    """
    x, w, residual = as_floats(work.x), as_floats(work.w), as_floats(work.residual)
    center, inverse, share = peak.place, 1.0 / peak.width, peak.share
    square, along = 0.0, 0.0
    for i in range(work.n):
        u = (x[i] - center) * inverse
        u *= u
        gauss = exp(-GAUSS * u)
        value = w[i] * (share / (1.0 + 4.0 * u) + (1.0 - share) * gauss)
        column[i] = value
        square += value * value
        along += value * residual[i]
    return square, along


@summation
def write_slope(work: Any, peak: Any, of_width: Any, column: Any) -> None:
    """Write the weighted derivative of a peak of its height.

    It is that by the center in widths, or (`of_width` 1.0) by the logarithm of the
    width.
    """
    x, w, size = as_floats(work.x), as_floats(work.w), peak.height
    center, inverse, share = peak.place, 1.0 / peak.width, peak.share
    for i in range(work.n):
        u = (x[i] - center) * inverse
        square = u * u
        profile = 1.0 / (1.0 + 4.0 * square)
        gauss = 2.0 * GAUSS * exp(-GAUSS * square)
        falls = u * (share * 8.0 * profile * profile + (1.0 - share) * gauss)
        column[i] = size * w[i] * falls * (1.0 + of_width * (u - 1.0))


@routine
def give_peak(peak: Any, full: Any, height: Any) -> None:
    """Parameters of a peak from center, full width and height."""
    width, share, amplitude = peak.width, peak.share, height
    if peak.is_area == 1:
        amplitude *= width * (share * LORENTZ_AREA + (1.0 - share) * GAUSS_AREA)
    gauss, lorentz = width, width
    if peak.sigma_at >= 0 and peak.gamma_at >= 0:
        gauss, lorentz = _voigt_widths(peak, full)
    give(full, peak.amplitude_at, amplitude, 0.0)
    give(full, peak.center_at, peak.place, 0.0)
    give(full, peak.fraction_at, 0.5, 0.5)
    give(full, peak.sigma_at, gauss / peak.fwhm_of_gauss, 1.0)
    give(full, peak.gamma_at, lorentz / peak.fwhm_of_lorentz, 1.0)


@routine
def _voigt_widths(peak: Any, full: Any) -> Any:
    """Full widths of both parts: equal, or the other's where one is known."""
    width = peak.width
    equal = width / VOIGT_WIDENING
    if is_known(full, peak.gamma_at):
        known = peak.fwhm_of_lorentz * full[peak.gamma_at]
        left = (width - VOIGT_A * known) ** 2 - VOIGT_B * known * known
        return math.sqrt(left) if width > known and left > 0.0 else 0.3 * width, equal
    if is_known(full, peak.sigma_at):
        known = peak.fwhm_of_gauss * full[peak.sigma_at]
        return equal, max(width - known, 0.1 * width)
    return equal, equal
