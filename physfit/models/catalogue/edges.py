"""Steps, edges and patterns of slits."""

from __future__ import annotations

from physfit.models.catalogue.component import Component
from physfit.models.catalogue.parameters import SIGMA
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.param import Param

__all__ = [
    "DoubleSlit",
    "FermiEdge",
    "Rectangle",
    "Sinc",
    "SingleSlit",
    "StepAtan",
    "StepErf",
    "StepLogistic",
]

_STEP = Param("amplitude", "y", "height of the step; negative goes down")
_MIDDLE = Param("center", "x", "middle of the step")
_Z = {"z": "(x - center) / sigma"}
_GAMMA_Z = {"z": "(x - center) / gamma"}

StepErf = Component(
    Formula("step_erf", "0.5 * amplitude * erfc(-z / sqrt(2))", steps=_Z),
    description="step convolved with a Gaussian: an error function",
    parameters=(_STEP, _MIDDLE, SIGMA),
    derived=(
        (
            "rise",
            "2.5631031310892 * sigma",
            "x",
            "distance from 10 % to 90 %",
        ),
    ),
    scale="amplitude",
    convention="sigma is that of the Gaussian; lmfit's is sqrt(2) times as large",
    also=("StepModel", "knife edge", "erf"),
    example=Example((-5.0, 5.0), {"sigma": (0.3, 1.0, 2.0)}),
)

StepAtan = Component(
    Formula("step_atan", "amplitude * (0.5 + arctan(z) / pi)", steps=_GAMMA_Z),
    description="step convolved with a Lorentzian: an arctangent",
    parameters=(
        _STEP,
        _MIDDLE,
        Param("gamma", "x", "half width at half maximum of the Lorentzian", 0.0),
    ),
    scale="amplitude",
    also=("StepModel", "absorption edge", "arctan"),
    example=Example((-5.0, 5.0), {"gamma": (0.3, 1.0)}),
)

StepLogistic = Component(
    Formula(
        "step_logistic",
        "amplitude * expit((x - center) / width)",
    ),
    description="logistic step (Boltzmann sigmoid)",
    parameters=(_STEP, _MIDDLE, Param("width", "x", "width", 0.0)),
    derived=(
        ("rise", "2 * log(9) * width", "x", "distance from 10 % to 90 %"),
        ("slope", "amplitude / (4 * width)", "y/x", "slope in the middle"),
    ),
    scale="amplitude",
    also=("StepModel", "sigmoid", "Boltzmann curve", "logistic growth"),
    example=Example((-5.0, 5.0), {"width": (0.2, 0.6, 1.5)}),
)

Rectangle = Component(
    Formula(
        "rectangle",
        # of the distance, so that tails are no differences of numbers near 1
        "0.5 * amplitude * (erfc((d - h) / s) - erfc((d + h) / s))",
        steps={"d": "abs(x - center)", "h": "0.5 * length", "s": "sqrt(2) * sigma"},
    ),
    description="rectangle convolved with a Gaussian",
    parameters=(
        Param("amplitude", "y", "height"),
        Param("center", "x", "middle"),
        Param("length", "x", "distance of the edges", 0.0),
        SIGMA,
    ),
    scale="amplitude",
    convention="height, middle and length; lmfit has two centers and two widths",
    also=("RectangleModel", "top hat", "boxcar", "flat top"),
    example=Example((-5.0, 5.0), {"length": 4.0, "sigma": (0.2, 0.8)}),
)

FermiEdge = Component(
    Formula(
        "fermi_edge",
        "(amplitude + slope * (x - center)) * expit((center - x) / kT)",
    ),
    description="Fermi edge of a density of states that is a straight line",
    parameters=(
        Param("amplitude", "y", "density of states at the edge"),
        Param("slope", "y/x", "slope of the density of states"),
        Param("center", "x", "Fermi energy"),
        Param("kT", "x", "temperature in units of x", 0.0),
    ),
    derived=(("T", "kT / 8.617333262e-5", "'K'", "temperature, of x in eV"),),
    scale="amplitude",
    convention="falls towards larger x; turn it by negative amplitude and an offset",
    also=("thermal edge", "FermiModel", "photoemission edge"),
    example=Example((-1.0, 1.0), {"slope": -0.1, "kT": (0.03, 0.1)}),
)

#: sin(u) / u by its series near 0.
_SINC = (
    "where(abs(u) < 0.3, 1 + s * (-1/6 + s * (1/120 + s * (-1/5040 + s * (1/362880 "
    "+ s * (-1/39916800))))), sin(u) / u)"
)

Sinc = Component(
    Formula(
        "sinc",
        "height * a",
        steps={"u": "pi * (x - center) / width", "s": "u * u", "a": _SINC},
    ),
    description="sin(u) / u, as of the transform of a rectangle",
    formula="height sin(u) / u, u = pi (x - center) / width",
    parameters=(
        Param("height", "y", "value at center"),
        Param("center", "x", "position of the maximum"),
        Param("width", "x", "distance of the first zero from the center", 0.0),
    ),
    scale="height",
    also=("cardinal sine",),
    example=Example((-5.0, 5.0), {"width": (0.7, 1.5)}),
)

SingleSlit = Component(
    Formula(
        "single_slit",
        "height * a * a",
        steps={"u": "pi * (x - center) / width", "s": "u * u", "a": _SINC},
    ),
    description="Fraunhofer diffraction by one slit",
    formula="height (sin(u) / u)^2, u = pi (x - center) / width",
    parameters=Sinc.parameters,
    scale="height",
    convention="width is the distance of the first minimum: wavelength over slit",
    also=("sinc squared", "diffraction pattern"),
    reference="E. Hecht, Optics (5th ed.), section 10.2.",
    example=Example((-5.0, 5.0), {"width": (0.7, 1.5)}),
)

DoubleSlit = Component(
    Formula(
        "double_slit",
        "height * a * a * cos(pi * (x - center) / period)**2",
        steps={"u": "pi * (x - center) / width", "s": "u * u", "a": _SINC},
    ),
    description="Fraunhofer diffraction by two slits",
    formula="height (sin(u) / u)^2 cos(pi (x - center) / period)^2, u = pi (x - "
    "center) / width",
    parameters=(*Sinc.parameters, Param("period", "x", "distance of fringes", 0.0)),
    scale="height",
    convention="width is wavelength over slit, period wavelength over distance",
    also=("Young fringes", "interference"),
    reference="E. Hecht, Optics (5th ed.), section 10.2.",
    example=Example((-5.0, 5.0), {"width": 3.0, "period": 0.7}),
)
