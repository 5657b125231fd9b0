"""Peaks that lean to one side."""

from __future__ import annotations

from physfit.models.catalogue.component import Component
from physfit.models.catalogue.formula_text import horner
from physfit.models.catalogue.parameters import AREA, CENTER, GAMMA, SIGMA
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.param import Param

__all__ = [
    "AsymmetricPseudoVoigt",
    "Doniach",
    "ExponentialGaussian",
    "Lognormal",
    "Pearson4",
    "SkewedGaussian",
    "SkewedVoigt",
    "SplitGaussian",
    "SplitLorentzian",
    "SplitVoigt",
]

_Z = {"z": "(x - center) / sigma"}
_LOCATION = Param("center", "x", "center of the Gaussian, which is not the maximum")
_LEFT = Param("sigma", "x", "standard deviation left of the center", 0.0)
_RIGHT = Param("sigma_r", "x", "standard deviation right of the center", 0.0)


SplitGaussian = Component(
    Formula(
        "split_gaussian",
        "sqrt(2 / pi) * amplitude / (sigma + sigma_r) * exp(-0.5 * z * z)",
        steps={"z": "(x - center) / where(x < center, sigma, sigma_r)"},
    ),
    description="Gaussian with another width on the right (bifurcated Gaussian)",
    parameters=(AREA, CENTER, _LEFT, _RIGHT),
    derived=(
        (
            "height",
            "sqrt(2 / pi) * amplitude / (sigma + sigma_r)",
            "y",
            "value at center",
        ),
        (
            "fwhm",
            "sqrt(2 * log(2)) * (sigma + sigma_r)",
            "x",
            "full width at half maximum",
        ),
    ),
    scale="amplitude",
    convention="area of both halves together",
    also=("bifurcated Gaussian", "two-piece normal", "asymmetric Gaussian peak"),
    example=Example((-5.0, 5.0), {"sigma": (0.5, 1.0), "sigma_r": (1.5, 1.0)}),
)

SplitLorentzian = Component(
    Formula(
        "split_lorentzian",
        "2 * amplitude / (pi * (gamma + gamma_r)) / (1 + z * z)",
        steps={"z": "(x - center) / where(x < center, gamma, gamma_r)"},
    ),
    description="Lorentzian with another width on the right",
    parameters=(
        AREA,
        CENTER,
        Param("gamma", "x", "half width at half maximum left of the center", 0.0),
        Param("gamma_r", "x", "half width at half maximum right of the center", 0.0),
    ),
    derived=(
        ("height", "2 * amplitude / (pi * (gamma + gamma_r))", "y", "value at center"),
        ("fwhm", "gamma + gamma_r", "x", "full width at half maximum"),
    ),
    scale="amplitude",
    convention="area of both halves together",
    also=("SplitLorentzianModel", "asymmetric Lorentzian peak"),
    example=Example((-5.0, 5.0), {"gamma": (0.5, 1.0), "gamma_r": (1.5, 1.0)}),
)

SplitVoigt = Component(
    Formula(
        "split_voigt",
        "2 * amplitude * voigt_profile(x - center, s, g) "
        "/ where(x < center, 1 + left / right, 1 + right / left)",
        steps={
            "left": "voigt_height(sigma, gamma)",
            "right": "voigt_height(sigma_r, gamma_r)",
            "s": "where(x < center, sigma, sigma_r)",
            "g": "where(x < center, gamma, gamma_r)",
        },
    ),
    description="Voigt peak with other widths on the right",
    formula="2 amplitude / (1 + h(side) / h(other side)) voigt(x - center; sigma, "
    "gamma of the side), h the height of each",
    parameters=(
        AREA,
        CENTER,
        _LEFT,
        Param("gamma", "x", "half width of the Lorentzian, left", 0.0),
        _RIGHT,
        Param("gamma_r", "x", "half width of the Lorentzian, right", 0.0),
    ),
    scale="amplitude",
    convention="area of both halves together",
    also=("asymmetric Voigt peak",),
    example=Example(
        (-5.0, 5.0), {"sigma": 0.4, "gamma": 0.3, "sigma_r": 0.8, "gamma_r": 0.9}
    ),
)

SkewedGaussian = Component(
    Formula(
        "skewed_gaussian",
        "amplitude / (sigma * sqrt(2 * pi)) * exp(-0.5 * z * z) "
        "* erfc(-alpha * z / sqrt(2))",
        steps=_Z,
    ),
    description="skew-normal distribution",
    parameters=(
        AREA,
        _LOCATION,
        Param("sigma", "x", "width; the standard deviation where alpha is 0", 0.0),
        Param("alpha", "", "skewness: 0 is a Gaussian, > 0 has its tail on the right"),
    ),
    derived=(
        (
            "mean",
            "center + sqrt(2 / pi) * sigma * alpha / sqrt(1 + alpha**2)",
            "x",
            "mean",
        ),
    ),
    scale="amplitude",
    convention="area; center is the location, not the maximum",
    also=("skew normal", "SkewedGaussianModel", "asymmetric Gaussian peak"),
    reference="A. Azzalini, Scand. J. Statist. 12 (1985) 171.",
    example=Example((-5.0, 5.0), {"alpha": (-3.0, 0.0, 3.0)}),
)

SkewedVoigt = Component(
    Formula(
        "skewed_voigt",
        "amplitude * voigt_profile(x - center, sigma, gamma) "
        "* erfc(-alpha * (x - center) / (sigma * sqrt(2)))",
    ),
    description="Voigt peak times a step of an error function",
    parameters=(
        Param("amplitude", "y*x", "area; of even and odd part alike"),
        _LOCATION,
        SIGMA,
        GAMMA,
        Param("alpha", "", "skewness: 0 is a Voigt peak"),
    ),
    scale="amplitude",
    convention="area; center is the location, not the maximum",
    also=("SkewedVoigtModel", "asymmetric Voigt peak"),
    example=Example((-5.0, 5.0), {"gamma": 0.5, "alpha": (-2.0, 0.0, 2.0)}),
)

#: Coefficients of sqrt(pi) b erfcx(b) in e^2 = 1 / (2 b^2), asymptotic.
_ASYMPTOTIC = (
    *(1.0, -1.0, 3.0, -15.0, 105.0, -945.0, 10395.0, -135135.0, 2027025.0),
    *(-34459425.0, 654729075.0),
)
ExponentialGaussian = Component(
    # erfcx where it keeps its digits, erfc behind the peak, and near tau = 0 a series
    # in e = r / (1 - r u), which goes through tau = 0 smoothly.
    Formula(
        "exponential_gaussian",
        "amplitude / sigma * where(b > 12, "
        f"exp(-0.5 * u * u) / sqrt(2 * pi) / (1 - r * u) "
        f"* {horner('(e * e)', _ASYMPTOTIC)}, "
        "0.5 / a * where(b > 0, exp(-0.5 * u * u) * erfcx(b), "
        "exp((0.5 / a - v) / a) * erfc(b)))",
        steps={
            "u": "(x - center) / sigma",
            "r": "tau / sigma",
            "a": "abs(r)",
            "v": "where(tau < 0, -u, u)",
            "b": "(1 / a - v) / sqrt(2)",
            "e": "r / (1 - r * u)",
        },
    ),
    description="Gaussian convolved with an exponential decay (EMG)",
    formula="amplitude / (2 |tau|) exp(-u^2 / 2) erfcx((sigma / |tau| -+ u) / "
    "sqrt(2)), u = (x - center) / sigma, - for tau > 0",
    parameters=(
        AREA,
        _LOCATION,
        SIGMA,
        Param("tau", "x", "decay length; negative with the tail on the left"),
    ),
    derived=(("mean", "center + tau", "x", "mean"),),
    scale="amplitude",
    convention="area; center is that of the Gaussian; tau is 1 / gamma of lmfit",
    also=(
        "exponentially modified Gaussian",
        "EMG",
        "exgaussian",
        "exponnorm",
        "ExponentialGaussianModel",
        "asymmetric peak of chromatography",
    ),
    reference="E. Grushka, Anal. Chem. 44 (1972) 1733.",
    example=Example((-5.0, 8.0), {"tau": (-1.0, 0.3, 2.0)}),
)

AsymmetricPseudoVoigt = Component(
    Formula(
        "asymmetric_pseudo_voigt",
        # beyond, it is below 1e-43 of its height, and 1 / w^2 would overflow
        "where(asymmetry * (x - center) < 100, "
        "amplitude / w * ((1 - fraction) * sqrt(log(2) / pi) * exp(-log(2) * z * z) "
        "+ fraction / pi / (1 + z * z)), 0)",
        steps={
            "w": "2 * sigma * expit(asymmetry * (center - x))",
            "z": "(x - center) / w",
        },
    ),
    description="pseudo-Voigt peak whose width varies along a sigmoid",
    parameters=(
        Param("amplitude", "y*x", "area of the peak without asymmetry"),
        Param("center", "x", "position"),
        Param("sigma", "x", "half width at half maximum without asymmetry", 0.0),
        Param("fraction", "", "share of the Lorentzian", 0.0, 1.0),
        Param("asymmetry", "1/x", "slope of the width; > 0 has its tail on the left"),
    ),
    scale="amplitude",
    convention="width 2 sigma / (1 + exp(asymmetry (x - center)))",
    also=("Stancik-Brauns", "asymmetric infrared peak"),
    reference="A. L. Stancik, E. B. Brauns, Vib. Spectrosc. 47 (2008) 66.",
    example=Example((-5.0, 5.0), {"asymmetry": (-0.5, 0.0, 0.5), "fraction": 0.5}),
)

Lognormal = Component(
    Formula(
        "lognormal",
        "where(x > 0, amplitude / (x * sigma * sqrt(2 * pi)) * exp(-0.5 * z * z), 0)",
        steps={"z": "log(x / median) / sigma"},
    ),
    description="log-normal distribution, as of sizes of particles",
    parameters=(
        AREA,
        Param("median", "x", "median", 0.0),
        Param("sigma", "", "standard deviation of the logarithm", 0.0),
    ),
    derived=(
        ("mode", "median * exp(-(sigma**2))", "x", "position of the maximum"),
        ("mean", "median * exp(sigma**2 / 2)", "x", "mean"),
    ),
    scale="amplitude",
    convention="area; median, not its logarithm as in lmfit",
    also=("LognormalModel", "log normal"),
    example=Example((0.0, 5.0), {"median": 1.0, "sigma": (0.3, 0.6, 1.0)}),
)

Pearson4 = Component(
    Formula(
        "pearson4",
        "amplitude / (width * sqrt(pi)) * exp(2 * (loggamma_re(m, 0.5 * nu) "
        "- gammaln(m)) + loggamma_half(m - 0.5) - m * log1p(z * z) - nu * arctan(z))",
        steps={"z": "(x - center) / width"},
    ),
    description="Pearson IV distribution: an asymmetric Pearson VII peak",
    formula="amplitude k (1 + z^2)^-m exp(-nu arctan(z)), z = (x - center) / width",
    parameters=(
        AREA,
        Param("center", "x", "location, which is not the maximum"),
        Param("width", "x", "scale", 0.0),
        Param("m", "", "power", 0.5),
        Param("nu", "", "asymmetry: 0 is Pearson VII"),
    ),
    derived=(
        ("mode", "center - width * nu / (2 * m)", "x", "position of the maximum"),
    ),
    scale="amplitude",
    convention="area; of lmfit's Pearson4Model, m is expon and nu is skew",
    also=("Pearson IV", "Pearson4Model", "asymmetric peak"),
    reference="J. Heinrich, Guide to the Pearson Type IV distribution, CDF 6820.",
    example=Example((-5.0, 5.0), {"m": 2.0, "nu": (-4.0, 0.0, 3.0)}),
)

Doniach = Component(
    Formula(
        "doniach",
        "amplitude / pi * exp((alpha - 1) * log(gamma)) "
        "* cos(pi * alpha / 2 - (1 - alpha) * arctan(z)) "
        "* exp(0.5 * (alpha - 1) * log1p(z * z))",
        steps={"z": "(x - center) / gamma"},
    ),
    description="Doniach-Sunjic line of metals, along binding energies",
    parameters=(
        Param("amplitude", "y*x", "area of the Lorentzian that it is at alpha = 0"),
        Param("center", "x", "position of the Lorentzian, below the maximum"),
        GAMMA,
        Param("alpha", "", "asymmetry; 0 is a Lorentzian", 0.0, 1.0),
    ),
    scale="amplitude",
    convention="tail at larger x, of infinite area, so that amplitude goes with the "
    "unit of x as x^(1 - alpha); doniach @ gaussian is exact",
    also=("Doniach-Sunjic", "DoniachModel", "asymmetric line of photoemission", "XPS"),
    reference="S. Doniach, M. Sunjic, J. Phys. C 3 (1970) 285.",
    example=Example((-5.0, 8.0), {"alpha": (0.0, 0.1, 0.3)}),
)
