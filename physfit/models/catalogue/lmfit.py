"""Models of lmfit in lmfit's own parameters, where physfit's differ.

Formulas and conventions are those of lmfit 1.3 (M. Newville et al., its documentation
of built-in models). lmfit keeps widths away from 0 by small constants; here a value
outside of the domain is NaN. The module is long because it is one list: the entries of
one program.
"""

from __future__ import annotations

from physfit.models.catalogue.asymmetric import Pearson4
from physfit.models.catalogue.component import Component
from physfit.models.catalogue.lines import DampedHarmonic
from physfit.models.catalogue.parameters import AREA, CENTER, SIGMA
from physfit.models.catalogue.peaks import Lorentzian, Voigt
from physfit.models.catalogue.restated import restated
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.guesses import Peak
from physfit.models.param import Param

__all__ = [
    "BoseModel",
    "BreitWignerModel",
    "DampedHarmonicOscillatorModel",
    "DampedOscillatorModel",
    "DoniachModel",
    "ExponentialGaussianModel",
    "FermiModel",
    "LognormalModel",
    "LorentzianModel",
    "MoffatModel",
    "Pearson4Model",
    "Pearson7Model",
    "PowerLawModel",
    "RectangleAtan",
    "RectangleErf",
    "RectangleLinear",
    "RectangleLogistic",
    "SineModel",
    "SkewedGaussianModel",
    "SkewedVoigtModel",
    "SplitLorentzianModel",
    "StepAtan",
    "StepErf",
    "StepLinear",
    "StepLogistic",
    "StudentsTModel",
    "ThermalBose",
    "ThermalFermi",
    "ThermalMaxwell",
    "VoigtModel",
]

_Z = {"z": "(x - center) / sigma"}
_HALF = Param("sigma", "x", "half width at half maximum", 0.0)
_FACTOR = Param("amplitude", "y", "factor; not an area")
_POSITION = Param("center", "x", "position")
_WIDTH = Param("sigma", "x", "width")
_KT = Param("kt", "x", "temperature in units of x")

LorentzianModel = restated(
    Lorentzian,
    "lmfit_lorentzian",
    (AREA, CENTER, _HALF),
    {"gamma": "sigma"},
    convention="area; sigma is half the full width",
    derived=(
        ("height", "amplitude / (pi * sigma)", "y", "value at center"),
        ("fwhm", "2 * sigma", "x", "full width at half maximum"),
    ),
    guess=Peak(lorentz=("sigma", 2.0)),
    scale="amplitude",
)

SplitLorentzianModel = Component(
    Formula(
        "lmfit_split_lorentzian",
        "2 * amplitude / (pi * (sigma + sigma_r)) / (1 + z * z)",
        steps={"z": "(x - center) / where(x < center, sigma, sigma_r)"},
    ),
    description="Lorentzian with another width on the right",
    parameters=(
        AREA,
        CENTER,
        Param("sigma", "x", "half width at half maximum, left of the center", 0.0),
        Param("sigma_r", "x", "half width at half maximum, right of it", 0.0),
    ),
    derived=(
        ("height", "2 * amplitude / (pi * (sigma + sigma_r))", "y", "value at center"),
        ("fwhm", "sigma + sigma_r", "x", "full width at half maximum"),
    ),
    scale="amplitude",
    convention="area",
    example=Example((-5.0, 5.0), {"sigma": 0.5, "sigma_r": 1.5}),
)

VoigtModel = restated(
    Voigt,
    "lmfit_voigt",
    Voigt.parameters,
    {},
    tied=(("gamma", "sigma"),),
    derived=Voigt.derived,
    guess=Voigt.guess,
    scale="amplitude",
    convention="area; gamma is tied to sigma until it is freed",
)

MoffatModel = Component(
    Formula("lmfit_moffat", "amplitude * (1 + z * z)**(-beta)", steps=_Z),
    description="Moffat peak: a Lorentzian with an exponent",
    parameters=(
        Param("amplitude", "y", "value at center"),
        CENTER,
        Param("sigma", "x", "width", 0.0),
        Param("beta", "", "exponent"),
    ),
    derived=(
        ("height", "amplitude", "y", "value at center"),
        ("fwhm", "2 * sigma * sqrt(2**(1 / beta) - 1)", "x", "full width"),
    ),
    scale="amplitude",
    convention="amplitude is the height",
    example=Example((-5.0, 5.0), {"beta": (0.6, 1.0, 3.0)}),
)

Pearson4Model = restated(
    Pearson4,
    "lmfit_pearson4",
    (
        *Pearson4.parameters[:2],
        Param("sigma", "x", "width", 0.0),
        Param("expon", "", "power", 0.5),
        Param("skew", "", "asymmetry: 0 is Pearson VII"),
    ),
    {"width": "sigma", "m": "expon", "nu": "skew"},
    derived=(
        ("position", "center - sigma * skew / (2 * expon)", "x", "of the maximum"),
    ),
    scale="amplitude",
    convention="area",
    example=Example((-5.0, 5.0), {"expon": 2.0, "skew": (-4.0, 0.0, 3.0)}),
)

Pearson7Model = Component(
    Formula(
        "lmfit_pearson7",
        "amplitude / (sigma * sqrt(pi)) "
        "* exp(loggamma_half(expon - 0.5) - expon * log1p(z * z))",
        steps=_Z,
    ),
    description="Pearson VII peak",
    parameters=(
        AREA,
        CENTER,
        Param("sigma", "x", "width", 0.0),
        Param("expon", "", "exponent", 0.5),
    ),
    derived=(("fwhm", "2 * sigma * sqrt(2**(1 / expon) - 1)", "x", "full width"),),
    scale="amplitude",
    convention="area",
    example=Example((-5.0, 5.0), {"expon": (0.8, 1.5, 5.0)}),
)

StudentsTModel = Component(
    Formula(
        "lmfit_students_t",
        "amplitude / sqrt(pi * sigma) * exp(loggamma_half(sigma / 2) "
        "- s * log1p((x - center)**2 / sigma))",
        steps={"s": "(sigma + 1) / 2"},
    ),
    description="Student's t distribution",
    parameters=(
        AREA,
        CENTER,
        Param("sigma", "", "degrees of freedom, which set the width too", 0.0, 100.0),
    ),
    derived=(
        (
            "fwhm",
            "2 * sqrt(sigma * (2**(2 / (sigma + 1)) - 1))",
            "x",
            "full width at half maximum",
        ),
    ),
    scale="amplitude",
    convention="area; sigma is the number of degrees of freedom",
    example=Example((-5.0, 5.0), {"sigma": (1.0, 3.0, 30.0)}),
)

BreitWignerModel = Component(
    Formula(
        "lmfit_breit_wigner",
        "amplitude * (q + e)**2 / (1 + e * e)",
        steps={"e": "2 * (x - center) / sigma"},
    ),
    description="Breit-Wigner-Fano line",
    parameters=(
        Param("amplitude", "y", "level far from the line"),
        Param("center", "x", "position of the resonance"),
        Param("sigma", "x", "full width of the resonance", 0.0),
        Param("q", "", "asymmetry"),
    ),
    scale="amplitude",
    convention="amplitude is the level far away, sigma the full width",
    reference="U. Fano, Phys. Rev. 124 (1961) 1866.",
    example=Example((-5.0, 5.0), {"q": (0.0, 1.0, 3.0)}),
)

LognormalModel = Component(
    Formula(
        "lmfit_lognormal",
        "where(x > 0, amplitude / (x * sigma * sqrt(2 * pi)) * exp(-z * z / 2), 0)",
        steps={"z": "(log(x) - center) / sigma"},
    ),
    description="log-normal distribution",
    parameters=(
        AREA,
        Param("center", "", "logarithm of the median"),
        Param("sigma", "", "standard deviation of the logarithm", 0.0),
    ),
    derived=(
        (
            "height",
            "amplitude / (sigma * sqrt(2 * pi)) * exp(sigma**2 / 2 - center)",
            "y",
            "value at the maximum",
        ),
        (
            "fwhm",
            "exp(center - sigma**2) * 2 * sinh(sigma * sqrt(2 * log(2)))",
            "x",
            "full width at half maximum",
        ),
    ),
    scale="amplitude",
    convention="area; center and sigma are those of log(x)",
    example=Example((0.0, 5.0), {"center": 0.0, "sigma": (0.3, 0.6, 1.0)}),
)

DampedOscillatorModel = Component(
    Formula(
        "lmfit_damped_oscillator",
        "amplitude / sqrt((1 - r * r)**2 + (2 * sigma * r)**2)",
        steps={"r": "x / center"},
    ),
    description="amplitude of a driven oscillator against frequency",
    parameters=(
        Param("amplitude", "y", "value at x = 0"),
        Param("center", "x", "undamped frequency"),
        Param("sigma", "", "damping ratio", 0.0),
    ),
    scale="amplitude",
    convention="sigma is the damping ratio; amplitude is the value at 0",
    example=Example((0.0, 3.0), {"center": 1.0, "sigma": (0.1, 0.2, 0.5)}),
)

DampedHarmonicOscillatorModel = restated(
    DampedHarmonic,
    "lmfit_damped_harmonic_oscillator",
    (
        *DampedHarmonic.parameters[:2],
        Param("sigma", "x", "half width at half maximum", 0.0),
        Param("gamma", "x", "temperature in units of x", 0.0),
    ),
    {"kT": "gamma", "gamma": "sigma"},
    formula="amplitude sigma / (pi (1 - exp(-x / gamma))) (1 / ((x - center)^2 + "
    "sigma^2) - 1 / ((x + center)^2 + sigma^2))",
    scale="amplitude",
    convention="sigma is half the full width, gamma the temperature",
    example=Example((-6.0, 6.0), {"center": 3.0, "sigma": 0.4, "gamma": (1.0, 5.0)}),
)

ExponentialGaussianModel = Component(
    Formula(
        "lmfit_exponential_gaussian",
        "amplitude * gamma / 2 * where(b > 0, exp(-u * u / 2) * erfcx(b), "
        "exp(gamma * (center + gamma * sigma**2 / 2 - x)) * erfc(b))",
        steps={
            "u": "(x - center) / sigma",
            "b": "(gamma * sigma - u) / sqrt(2)",
        },
    ),
    description="Gaussian convolved with an exponential decay",
    formula="amplitude gamma / 2 exp(gamma (center - x + gamma sigma^2 / 2)) "
    "erfc((center + gamma sigma^2 - x) / (sqrt(2) sigma))",
    parameters=(
        AREA,
        Param("center", "x", "center of the Gaussian"),
        SIGMA,
        Param("gamma", "1/x", "rate of the decay", 0.0, 20.0),
    ),
    scale="amplitude",
    convention="area; gamma is the inverse of the decay length",
    example=Example((-4.0, 8.0), {"gamma": (0.3, 1.0, 3.0)}),
)

SkewedGaussianModel = Component(
    Formula(
        "lmfit_skewed_gaussian",
        "amplitude / (sigma * sqrt(2 * pi)) * exp(-z * z / 2) "
        "* erfc(-gamma * z / sqrt(2))",
        steps=_Z,
    ),
    description="skew-normal distribution",
    parameters=(
        AREA,
        _POSITION,
        Param("sigma", "x", "width", 0.0),
        Param("gamma", "", "skewness: 0 is a Gaussian"),
    ),
    scale="amplitude",
    convention="area; center is not the maximum",
    example=Example((-5.0, 5.0), {"gamma": (-3.0, 0.0, 3.0)}),
)

SkewedVoigtModel = Component(
    Formula(
        "lmfit_skewed_voigt",
        "amplitude * voigt_profile(x - center, sigma, gamma) "
        "* erfc(-skew * (x - center) / (sigma * sqrt(2)))",
    ),
    description="Voigt peak times a step",
    parameters=(
        Param("amplitude", "y*x", "area where skew is 0"),
        _POSITION,
        SIGMA,
        Param("gamma", "x", "half width of the Lorentzian", 0.0),
        Param("skew", "", "skewness: 0 is a Voigt peak"),
    ),
    tied=(("gamma", "sigma"),),
    scale="amplitude",
    convention="gamma is tied to sigma until it is freed",
    example=Example((-5.0, 5.0), {"gamma": 0.5, "skew": (-2.0, 0.0, 2.0)}),
)

BoseModel = Component(
    Formula(
        "lmfit_bose",
        "where(z > 0, exp(-z) * amplitude / -expm1(-z), amplitude / expm1(z))",
        steps={"z": "(x - center) / kt"},
    ),
    description="Bose-Einstein distribution",
    parameters=(_FACTOR, _POSITION, _KT),
    scale="amplitude",
    example=Example((0.1, 5.0), {"kt": (0.5, 1.0, 2.0)}),
)

FermiModel = Component(
    Formula(
        "lmfit_fermi",
        "amplitude * expit(-z)",
        steps={"z": "(x - center) / kt"},
    ),
    description="Fermi-Dirac distribution",
    parameters=(Param("amplitude", "y", "level on the left"), _POSITION, _KT),
    scale="amplitude",
    example=Example((-5.0, 5.0), {"kt": (0.2, 0.5, 1.0)}),
)


def _thermal(form: str, sign: str, description: str) -> Component:
    """1 / (amplitude exp(z) + sign), so that exp(z) cannot overflow."""
    return Component(
        Formula(
            f"lmfit_thermal_{form}",
            f"where(z > 0, exp(-z) / (amplitude {sign} * exp(-z)), "
            f"1 / (amplitude * exp(z) {sign}))",
            steps={"z": "(x - center) / kt"},
        ),
        description=description,
        parameters=(
            Param("amplitude", "1/y", "factor of the exponential"),
            _POSITION,
            _KT,
        ),
        convention="amplitude stands in the denominator",
        example=Example((0.1, 5.0), {"kt": (0.5, 1.0, 2.0)}),
    )


ThermalBose = _thermal("bose", "- 1", "thermal distribution of bosons")
ThermalMaxwell = _thermal("maxwell", "+ 0", "thermal distribution, classical")
ThermalFermi = _thermal("fermi", "+ 1", "thermal distribution of fermions")

DoniachModel = Component(
    Formula(
        "lmfit_doniach",
        "amplitude * sigma**(gamma - 1) * (1 + z * z)**((gamma - 1) / 2) "
        "* cos(pi * gamma / 2 + (1 - gamma) * arctan(z))",
        steps=_Z,
    ),
    description="Doniach-Sunjic line of metals in photoemission",
    parameters=(
        _FACTOR,
        _POSITION,
        Param("sigma", "x", "half width of the Lorentzian", 0.0),
        Param("gamma", "", "asymmetry"),
    ),
    scale="amplitude",
    convention="amplitude is a factor, the area is infinite",
    reference="S. Doniach, M. Sunjic, J. Phys. C 3 (1970) 285.",
    example=Example((-5.0, 5.0), {"gamma": (0.0, 0.1, 0.3)}),
)

PowerLawModel = Component(
    Formula("lmfit_power_law", "amplitude * x**exponent"),
    description="power law",
    parameters=(
        Param("amplitude", "y", "value at x = 1"),
        Param("exponent", "", "exponent"),
    ),
    scale="amplitude",
    example=Example((0.1, 5.0), {"exponent": (-0.5, 0.5, 1.5)}),
)

SineModel = Component(
    Formula("lmfit_sine", "amplitude * sin(frequency * x + shift)"),
    description="sine",
    parameters=(
        Param("amplitude", "y", "amplitude", 0.0),
        Param("frequency", "1/x", "angular frequency", 0.0),
        Param("shift", "'rad'", "phase at x = 0", -6.3, 6.3),
    ),
    scale="amplitude",
    convention="frequency is the angular one; phase of a sine",
    example=Example((0.0, 5.0), {"frequency": 3.0, "shift": 0.0}),
)

#: Shapes of steps: from 0 to 1 around z = 0, and the words for it.
_STEPS = {
    "linear": ("clip(z + 0.5, 0, 1)", "a ramp"),
    "atan": ("0.5 + arctan(z) / pi", "an arctangent"),
    "erf": ("0.5 * erfc(-z)", "an error function"),
    "logistic": ("expit(z)", "a logistic function"),
}
_RECTANGLES = {
    "linear": "0.5 * (clip(a, -1, 1) + clip(b, -1, 1))",
    "atan": "(arctan(a) + arctan(b)) / pi",
    "erf": "0.5 * (erf(a) + erf(b))",
    "logistic": "expit(a) - expit(-b)",
}


def _step(form: str) -> Component:
    text, words = _STEPS[form]
    return Component(
        Formula(f"lmfit_step_{form}", f"amplitude * ({text})", steps=_Z),
        description=f"step: {words}",
        parameters=(
            Param("amplitude", "y", "height of the step"),
            Param("center", "x", "middle of the step"),
            Param("sigma", "x", "width; negative where the step goes down"),
        ),
        scale="amplitude",
        example=Example((-5.0, 5.0), {"sigma": (0.3, 1.0, -2.0)}),
    )


def _rectangle(form: str) -> Component:
    return Component(
        Formula(
            f"lmfit_rectangle_{form}",
            f"amplitude * ({_RECTANGLES[form]})",
            steps={"a": "(x - center1) / sigma1", "b": "(center2 - x) / sigma2"},
        ),
        description=f"step up and down: {_STEPS[form][1]}",
        parameters=(
            Param("amplitude", "y", "height between the steps"),
            Param("center1", "x", "middle of the step up"),
            Param("sigma1", "x", "width of the step up", 0.0),
            Param("center2", "x", "middle of the step down"),
            Param("sigma2", "x", "width of the step down", 0.0),
        ),
        derived=(("midpoint", "(center1 + center2) / 2", "x", "between the steps"),),
        scale="amplitude",
        example=Example(
            (-5.0, 5.0),
            {"center1": -2.0, "center2": 2.0, "sigma1": 0.3, "sigma2": (0.3, 1.0)},
        ),
    )


StepLinear, StepAtan, StepErf, StepLogistic = map(_step, _STEPS)
RectangleLinear, RectangleAtan, RectangleErf, RectangleLogistic = map(
    _rectangle, _STEPS
)
