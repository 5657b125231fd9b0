"""Peaks and surfaces over a plane."""

from __future__ import annotations

from physfit.kernels import images
from physfit.kernels.kernel import point_kernel
from physfit.models.catalogue.component import Component
from physfit.models.catalogue.parameters import SIGMA, of_peak
from physfit.models.guesses import RoundPeak
from physfit.models.param import Param

__all__ = ["Gaussian2dIsotropic"]

Gaussian2dIsotropic = Component(
    point_kernel(images.gaussian_2d_isotropic, n_inputs=2),
    description="round Gaussian spot in a plane",
    formula=(
        "amplitude / (2 pi sigma^2) "
        "exp(-((x - centerx)^2 + (y - centery)^2) / (2 sigma^2))"
    ),
    parameters=(
        Param("amplitude", "y*x**2", "volume"),
        Param("centerx", "x", "position of the maximum along x"),
        Param("centery", "x", "position of the maximum along y"),
        SIGMA,
    ),
    derived=of_peak("amplitude / (2 * pi * sigma**2)", "2 * sqrt(2 * log(2)) * sigma"),
    guess=RoundPeak(),
    scale="amplitude",
    convention="volume",
    also=("spot", "Gaussian2dModel"),
)
