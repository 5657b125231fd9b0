"""Peaks of one coordinate."""

from __future__ import annotations

from physfit.kernels import lineshapes
from physfit.kernels.kernel import point_kernel
from physfit.models.catalogue.component import Component
from physfit.models.catalogue.parameters import AREA, CENTER, GAMMA, SIGMA, of_peak
from physfit.models.example import Example
from physfit.models.guesses import FWHM_OF_SIGMA, Peak
from physfit.models.param import Param

__all__ = ["Gaussian", "Lorentzian", "PseudoVoigt", "Voigt"]

Gaussian = Component(
    point_kernel(lineshapes.gaussian),
    description="Gaussian peak",
    formula="amplitude / (sigma sqrt(2 pi)) exp(-(x - center)^2 / (2 sigma^2))",
    parameters=(AREA, CENTER, SIGMA),
    derived=of_peak(
        "amplitude / (sigma * sqrt(2 * pi))", "2 * sqrt(2 * log(2)) * sigma"
    ),
    guess=Peak(gauss=("sigma", FWHM_OF_SIGMA)),
    scale="amplitude",
    convention="area; sigma is the standard deviation",
    also=("normal", "GaussianModel"),
)

Lorentzian = Component(
    point_kernel(lineshapes.lorentzian),
    description="Lorentzian peak",
    formula="amplitude / (pi gamma) / (1 + ((x - center) / gamma)^2)",
    parameters=(AREA, CENTER, GAMMA),
    derived=of_peak("amplitude / (pi * gamma)", "2 * gamma"),
    guess=Peak(lorentz=("gamma", 2.0)),
    scale="amplitude",
    convention="area; gamma is half of the full width at half maximum",
    also=("Cauchy", "LorentzianModel"),
)

Voigt = Component(
    point_kernel(
        lineshapes.voigt,
        branches=(lineshapes.gauss_like, lineshapes.mixed, lineshapes.lorentz_like),
        choose=lineshapes.voigt_regime,
    ),
    description="Voigt peak: a Gaussian convolved with a Lorentzian",
    formula=(
        "amplitude Re w(z) / (sigma sqrt(2 pi)), "
        "z = (x - center + i gamma) / (sigma sqrt(2))"
    ),
    parameters=(AREA, CENTER, SIGMA, GAMMA),
    derived=of_peak(
        "amplitude * voigt_height(sigma, gamma)", "voigt_fwhm(sigma, gamma)"
    ),
    guess=Peak(gauss=("sigma", FWHM_OF_SIGMA), lorentz=("gamma", 2.0)),
    scale="amplitude",
    convention="area; sigma and gamma are independent (lmfit ties gamma to sigma)",
    also=("VoigtModel",),
    example=Example((-5.0, 5.0), {"sigma": (1.0, 0.6, 0.2), "gamma": (0.1, 0.5, 1.0)}),
)

PseudoVoigt = Component(
    point_kernel(lineshapes.pseudo_voigt),
    description="weighted sum of a Gaussian and a Lorentzian of one width",
    formula=(
        "(1 - fraction) gaussian(sigma / sqrt(2 ln 2)) "
        "+ fraction lorentzian(sigma), both of area amplitude"
    ),
    parameters=(
        AREA,
        CENTER,
        Param("sigma", "x", "half width at half maximum", 0.0),
        Param("fraction", "", "share of the Lorentzian", 0.0, 1.0),
    ),
    derived=of_peak(
        "amplitude / sigma * ((1 - fraction) * sqrt(log(2) / pi) + fraction / pi)",
        "2 * sigma",
    ),
    guess=Peak(gauss=("sigma", 2.0), fraction="fraction"),
    scale="amplitude",
    convention="area; sigma is half the full width of both parts",
    also=("PseudoVoigtModel",),
    example=Example((-5.0, 5.0), {"fraction": (0.0, 0.5, 1.0)}),
)
