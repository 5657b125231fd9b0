"""Laws of decay."""

from __future__ import annotations

from physfit.kernels import backgrounds
from physfit.kernels.kernel import point_kernel
from physfit.models.catalogue.component import Component
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.guesses import Decay
from physfit.models.param import Param

__all__ = [
    "Biexponential",
    "DecayResponse",
    "Exponential",
    "PowerLaw",
    "StretchedExponential",
]

Exponential = Component(
    point_kernel(backgrounds.exponential),
    description="exponential decay",
    formula="amplitude exp(-x / decay)",
    parameters=(
        Param("amplitude", "y", "value at x = 0"),
        Param("decay", "x", "decay constant", 0.0),
    ),
    derived=(("half_life", "log(2) * decay", "x", "where half is left"),),
    guess=Decay(),
    scale="amplitude",
    begins=True,
    at_origin=("amplitude",),
    also=("single exponential", "ExponentialModel"),
    example=Example((0.0, 5.0), {"decay": (0.5, 1.0, 2.0)}),
)

Biexponential = Component(
    Formula("biexponential", "a * exp(-x / tau1) + b * exp(-x / tau2)"),
    description="sum of two exponential decays",
    parameters=(
        Param("a", "y", "value of the first decay at x = 0"),
        Param("tau1", "x", "decay constant of the first", 0.0),
        Param("b", "y", "value of the second decay at x = 0"),
        Param("tau2", "x", "decay constant of the second", 0.0),
    ),
    derived=(
        ("mean_tau", "(a * tau1 + b * tau2) / (a + b)", "x", "mean by amplitudes"),
    ),
    scale="a",
    begins=True,
    convention="the two decays may change places",
    also=("double exponential", "fluorescence lifetime", "multi-exponential"),
    example=Example((0.0, 5.0), {"a": 1.0, "tau1": 0.3, "b": 0.5, "tau2": 2.0}),
)

StretchedExponential = Component(
    # x = 0 apart: the logarithm there is none, and the value the amplitude
    Formula(
        "stretched_exponential",
        "where(x > 0, amplitude * exp(-exp(beta * log(x / tau))), amplitude)",
    ),
    description="stretched exponential (Kohlrausch-Williams-Watts)",
    parameters=(
        Param("amplitude", "y", "value at x = 0"),
        Param("tau", "x", "decay constant", 0.0),
        Param("beta", "", "exponent: 1 is an exponential decay", 0.0),
    ),
    derived=(("rate", "1 / tau", "1/x", "rate"),),
    scale="amplitude",
    begins=True,
    convention="exp(-(x / tau)**beta), for x >= 0",
    also=("KWW", "Kohlrausch", "relaxation"),
    reference="R. Kohlrausch, Ann. Phys. 167 (1854) 179.",
    example=Example((0.0, 5.0), {"beta": (0.5, 1.0, 2.0)}),
)

DecayResponse = Component(
    Formula(
        "decay_response",
        "0.5 * amplitude * where(b > 0, exp(-0.5 * u * u) * erfcx(b), "
        "exp(0.5 * r * r - (x - center) / tau) * erfc(b))",
        steps={
            "u": "(x - center) / sigma",
            "r": "sigma / tau",
            "b": "(r - u) / sqrt(2)",
        },
    ),
    description="decay that begins at a time, seen with a Gaussian response",
    formula="amplitude / 2 exp(-u^2 / 2) erfcx((sigma / tau - u) / sqrt(2)), u = (x -"
    " center) / sigma",
    parameters=(
        Param("amplitude", "y", "value of the decay where it begins"),
        Param("center", "x", "time zero"),
        Param("sigma", "x", "standard deviation of the response", 0.0),
        Param("tau", "x", "decay constant", 0.0),
    ),
    scale="amplitude",
    convention="amplitude of the decay, not its area; sums of it make several decays",
    also=("pump-probe", "instrument response function", "IRF", "transient"),
    example=Example((-2.0, 8.0), {"sigma": (0.1, 0.5), "tau": 2.0}),
)

PowerLaw = Component(
    Formula("power_law", "amplitude * exp(exponent * log(x))", domain="x > 0"),
    description="power law, for x > 0",
    formula="amplitude * x**exponent",
    parameters=(
        Param("amplitude", "y", "value at x = 1"),
        Param("exponent", "", "exponent"),
    ),
    scale="amplitude",
    also=("PowerLawModel", "allometric"),
    example=Example((0.1, 5.0), {"exponent": (-0.5, 0.5, 1.5)}),
)
