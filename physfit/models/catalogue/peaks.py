"""Peaks of one coordinate."""

from __future__ import annotations

from physfit.kernels import lineshapes
from physfit.kernels.kernel import point_kernel
from physfit.models.catalogue.component import Component
from physfit.models.catalogue.parameters import (
    AREA,
    CENTER,
    GAMMA,
    HEIGHT,
    SIGMA,
    of_peak,
)
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.guesses import FWHM_OF_SIGMA, Peak
from physfit.models.param import Param

__all__ = [
    "Gaussian",
    "Lorentzian",
    "Moffat",
    "Pearson7",
    "PseudoVoigt",
    "StudentT",
    "ThompsonCoxHastings",
    "Voigt",
]

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

_HALF = Param("gamma", "x", "half width at half maximum", 0.0)
_Z = {"z": "(x - center) / gamma"}

Moffat = Component(
    Formula(
        "moffat", "height * (1 + z * z)**(-beta)", steps={"z": "(x - center) / alpha"}
    ),
    description="Moffat peak: a Lorentzian to a power, as images of stars have",
    parameters=(
        HEIGHT,
        CENTER,
        Param(
            "alpha", "x", "width; the half width at half maximum where beta is 1", 0.0
        ),
        Param("beta", "", "power; 1 is a Lorentzian", 0.0),
    ),
    derived=(
        (
            "fwhm",
            "2 * alpha * sqrt(2**(1 / beta) - 1)",
            "x",
            "full width at half maximum",
        ),
    ),
    scale="height",
    convention="height, not area; alpha is sigma of lmfit",
    also=("MoffatModel", "point spread function"),
    reference="A. F. J. Moffat, A&A 3 (1969) 455.",
    example=Example((-5.0, 5.0), {"beta": (0.6, 1.0, 3.0)}),
)

Pearson7 = Component(
    Formula(
        "pearson7",
        "amplitude * sqrt(k / pi) / gamma "
        "* exp(loggamma_half(m - 0.5) - m * log1p(k * z * z))",
        steps={**_Z, "k": "expm1(log(2) / m)"},
    ),
    description="Pearson VII peak: from wider than a Lorentzian (m < 1) to a Gaussian",
    parameters=(AREA, CENTER, _HALF, Param("m", "", "power; 1 is a Lorentzian", 0.5)),
    derived=(("fwhm", "2 * gamma", "x", "full width at half maximum"),),
    scale="amplitude",
    convention="area; gamma is half of the full width at half maximum at every m",
    also=("Pearson VII", "Pearson7Model", "profile of powder diffraction"),
    reference="M. M. Hall et al., J. Appl. Cryst. 10 (1977) 66.",
    example=Example((-5.0, 5.0), {"m": (0.7, 1.0, 10.0)}),
)

StudentT = Component(
    Formula(
        "student_t",
        "amplitude / (width * sqrt(pi * nu)) "
        "* exp(loggamma_half(nu / 2) - s * log1p(z * z / nu))",
        steps={"z": "(x - center) / width", "s": "(nu + 1) / 2"},
    ),
    description="Student's t distribution",
    parameters=(
        AREA,
        CENTER,
        Param("width", "x", "scale; the standard deviation where nu is large", 0.0),
        Param("nu", "", "degrees of freedom; 1 is a Lorentzian", 0.0),
    ),
    derived=(
        (
            "fwhm",
            "2 * width * sqrt(nu * (2**(2 / (nu + 1)) - 1))",
            "x",
            "full width at half maximum",
        ),
    ),
    scale="amplitude",
    convention="area; width and nu are independent (lmfit has nu alone)",
    also=("StudentsTModel", "t distribution"),
    example=Example((-5.0, 5.0), {"nu": (1.0, 3.0, 30.0)}),
)

#: Coefficients of Thompson, Cox and Hastings, of the width and of the Lorentzian share.
_TCH = {
    "g": "2 * sqrt(2 * log(2)) * sigma",
    "l": "2 * gamma",
    "fwhm": "(g**5 + 2.69269 * g**4 * l + 2.42843 * g**3 * l**2 "
    "+ 4.47163 * g**2 * l**3 + 0.07842 * g * l**4 + l**5)**0.2",
    "q": "l / fwhm",
    "eta": "q * (1.36603 + q * (-0.47719 + q * 0.11116))",
    "z": "2 * (x - center) / fwhm",
}
ThompsonCoxHastings = Component(
    Formula(
        "thompson_cox_hastings",
        "2 * amplitude / fwhm * ((1 - eta) * sqrt(log(2) / pi) * exp(-log(2) * z * z) "
        "+ eta / pi / (1 + z * z))",
        steps=_TCH,
    ),
    description="pseudo-Voigt peak that stands for a Voigt of these widths",
    formula="area amplitude: eta Lorentzian + (1 - eta) Gaussian, both of full width "
    "f; with g = 2.35482 sigma, l = 2 gamma, q = l / f: f^5 = g^5 + 2.69269 "
    "g^4 l + 2.42843 g^3 l^2 + 4.47163 g^2 l^3 + 0.07842 g l^4 + l^5, eta = "
    "1.36603 q - 0.47719 q^2 + 0.11116 q^3",
    parameters=(AREA, CENTER, SIGMA, GAMMA),
    scale="amplitude",
    convention="area; sigma and gamma are those of the Voigt peak",
    also=("TCH", "TCHZ", "pseudo-Voigt of Rietveld refinement"),
    reference="P. Thompson, D. E. Cox, J. B. Hastings, J. Appl. Cryst. 20 (1987) 79.",
    example=Example((-5.0, 5.0), {"sigma": (1.0, 0.3), "gamma": (0.1, 1.0)}),
)
