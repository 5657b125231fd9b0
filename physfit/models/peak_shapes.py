"""Peaks by center and full width, whatever their kind, for start values."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from physfit.models.separable import Piece
from physfit.typing import FloatArray

__all__ = ["Spot", "known_fwhm", "parameters_of", "profile"]

FWHM_OF_SIGMA = 2.0 * math.sqrt(2.0 * math.log(2.0))
GAUSS_AREA = math.sqrt(math.pi / (4.0 * math.log(2.0)))
LORENTZ_AREA = 0.5 * math.pi
#: Gaussian and Lorentzian of equal width make a Voigt 1.6376 times as wide.
VOIGT_WIDENING = 0.5346 + math.sqrt(1.2166)


class Spot(NamedTuple):
    """Where a peak is and how wide."""

    center: float
    fwhm: float


def profile(piece: Piece, spot: Spot, x: FloatArray) -> FloatArray:
    """Shape of unit height; a mixture of both kinds for Voigt and pseudo-Voigt."""
    u = ((x - spot.center) / spot.fwhm) ** 2
    lorentz: FloatArray = 1.0 / (1.0 + 4.0 * u)
    if piece.kind == "lorentzian":
        return lorentz
    gauss: FloatArray = np.exp(-4.0 * math.log(2.0) * u)
    return gauss if piece.kind == "gaussian" else 0.5 * (gauss + lorentz)


def known_fwhm(piece: Piece) -> float | None:
    """Width that given parameters fix, or None."""
    names = {"sigma", "gamma"} & set(piece.params)
    known = {name: piece.known(name) for name in names}
    if any(value is None for value in known.values()):
        return None
    sigma, gamma = known.get("sigma") or 0.0, known.get("gamma") or 0.0
    if piece.kind == "pseudo_voigt":
        return 2.0 * sigma
    lorentz, gauss = 2.0 * gamma, FWHM_OF_SIGMA * sigma
    return 0.5346 * lorentz + math.hypot(math.sqrt(0.2166) * lorentz, gauss)


def parameters_of(piece: Piece, spot: Spot, height: float) -> dict[str, float]:
    """Parameters of the peak's kind, its area from height and width."""
    center, fwhm = spot
    area = height * fwhm
    if piece.kind == "gaussian":
        sigma = fwhm / FWHM_OF_SIGMA
        return {"amplitude": area * GAUSS_AREA, "center": center, "sigma": sigma}
    if piece.kind == "lorentzian":
        gamma = 0.5 * fwhm
        return {"amplitude": area * LORENTZ_AREA, "center": center, "gamma": gamma}
    common = {"amplitude": 0.5 * area * (GAUSS_AREA + LORENTZ_AREA), "center": center}
    if piece.kind == "pseudo_voigt":
        return common | {"sigma": 0.5 * fwhm, "fraction": 0.5}
    return common | _voigt_widths(piece, fwhm)


def _voigt_widths(piece: Piece, fwhm: float) -> dict[str, float]:
    """Sigma and gamma of equal parts, or the rest of the width if one is known."""
    sigma, gamma = piece.known("sigma"), piece.known("gamma")
    equal = fwhm / VOIGT_WIDENING
    if gamma is not None and sigma is None:
        # (fwhm - 1.0692 gamma)^2 - 0.8664 gamma^2 without squares that overflow
        left = (fwhm - 2.0 * gamma) * (fwhm - 0.1384 * gamma)
        gauss = math.sqrt(left) if fwhm > 2.0 * gamma and left > 0.0 else 0.3 * fwhm
        return {"sigma": gauss / FWHM_OF_SIGMA, "gamma": gamma}
    if sigma is not None and gamma is None:
        gauss = FWHM_OF_SIGMA * sigma
        return {"sigma": sigma, "gamma": 0.5 * max(fwhm - gauss, 0.1 * fwhm)}
    return {"sigma": equal / FWHM_OF_SIGMA, "gamma": 0.5 * equal}
