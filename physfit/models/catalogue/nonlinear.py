"""Vibrations that depend on something: their amplitude, or another vibration."""

from __future__ import annotations

from physfit.models.catalogue.component import Component
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.param import Param

__all__ = [
    "AvoidedCrossingLower",
    "AvoidedCrossingUpper",
    "CoupledAmplitude",
    "CoupledResponse",
    "DuffingBackbone",
    "DuffingSweepDown",
    "DuffingSweepUp",
    "PendulumPeriod",
]

PendulumPeriod = Component(
    Formula(
        "pendulum_period",
        "2 / pi * period * ellipk(sin(0.5 * x)**2)",
        domain="abs(x) < pi",
    ),
    description="period of a pendulum against its amplitude",
    parameters=(Param("period", "y", "period of small swings", 0.0),),
    derived=(
        ("omega0", "2 * pi / period", "1/y", "angular frequency of small swings"),
    ),
    scale="period",
    reference="Landau & Lifshitz, Mechanics (3rd ed.), section 11, problem 1.",
    convention="x is the amplitude in rad, from rest to the middle",
    also=("elliptic pendulum", "large amplitude pendulum"),
    example=Example((0.0, 3.1), {"period": 1.0}),
)

DuffingBackbone = Component(
    Formula(
        "duffing_backbone",
        "0.5 * pi * sqrt(omega0**2 + 0.5 * s) / ellipk(-s / (2 * omega0**2 + s))",
        steps={"s": "alpha * x**2"},
        domain="omega0**2 + alpha * x**2 > 0",
    ),
    description="angular frequency of a free Duffing oscillator against its amplitude",
    formula="of x'' + omega0^2 x + alpha x^3 = 0: pi/2 sqrt(omega0^2 + s/2) / "
    "K(-s / (2 omega0^2 + s)), s = alpha x^2",
    parameters=(
        Param("omega0", "y", "angular frequency of small vibrations", 0.0),
        Param("alpha", "y**2/x**2", "cubic stiffness; negative softens"),
    ),
    derived=(
        ("f0", "omega0 / (2 * pi)", "y", "frequency of small vibrations"),
        ("bend", "3 * alpha / (8 * omega0)", "y/x**2", "rise with x^2 at small x"),
    ),
    reference="Nayfeh & Mook, Nonlinear Oscillations (1979), section 2.1 (exact).",
    convention="exact; omega0 + 3 alpha x^2 / (8 omega0) is its first order",
    also=("amplitude dependent frequency", "backbone curve", "Kerr shift"),
    example=Example((0.0, 2.0), {"omega0": 1.0, "alpha": (-0.2, 0.3, 1.0)}),
)

_CROSSING = (
    Param("center", "x", "where the modes would cross"),
    Param("frequency", "y", "frequency of both there"),
    Param("slope_1", "y/x", "slope of one mode alone"),
    Param("slope_2", "y/x", "slope of the other one"),
    Param("coupling", "y", "half of the distance at center", 0.0),
)
_STEPS = {
    "mean": "frequency + 0.5 * (slope_1 + slope_2) * (x - center)",
    "half": "0.5 * (slope_1 - slope_2) * (x - center)",
}


def _crossing(side: str, sign: str) -> Component:
    """One of the two branches of an avoided crossing."""
    return Component(
        Formula(
            f"avoided_crossing_{side}",
            f"mean {sign} sqrt(half**2 + coupling**2)",
            steps=_STEPS,
        ),
        description=f"{side} branch of two coupled modes that would cross",
        parameters=_CROSSING,
        derived=(("splitting", "2 * coupling", "y", "distance of the branches"),),
        scale="frequency",
        reference="L. Novotny, Am. J. Phys. 78 (2010) 1199.",
        convention="coupling is half of the splitting; the slopes may change places",
        also=(
            "anticrossing",
            "normal mode splitting",
            "level repulsion",
            "strong coupling",
        ),
        example=Example(
            (-2.0, 2.0),
            {
                "center": 0.0,
                "frequency": 5.0,
                "slope_1": 1.0,
                "slope_2": -0.5,
                "coupling": (0.1, 0.5),
            },
        ),
    )


AvoidedCrossingUpper = _crossing("upper", "+")
AvoidedCrossingLower = _crossing("lower", "-")


#: A^2 = u solves u ((D + B u)^2 + G) = F; of its inverse v = F / u the equation is
#: v^3 - a v^2 - 2 D T v - T^2 = 0 with T = B F, solved in closed form. One root is real
#: where R >= 0, in which no powers of T are lost beside others. Two steps of Newton's
#: method follow: they give all digits, and the derivatives of an implicit
#: function, if only those of the closed form are finite, also where its roots meet.
_DUFFING = {
    "D": "omega0**2 - x**2",
    "B": "0.75 * alpha",
    "G": "(2 * rate * x)**2",
    "F": "force**2",
    "a": "G + D**2",
    "T": "B * F",
    "p": "-2 * D * T - a**2 / 3",
    "q": "-a * (2 / 3 * D * T + 2 * a**2 / 27) - T**2",
    "R": "4 * a**2 * G + 4 * T * D * (D**2 + 9 * G) + 27 * T**2",
    "r": "abs(T) * sqrt(maximum(R, 0) / 108)",
    "s": "where(q > 0, -1, 1) * cbrt(0.5 * abs(q) + r)",
    "m": "2 * sqrt(maximum(-p / 3, 0))",
    "angle": "arccos(clip(3 * q / (p * m), -0.999999999999999, 0.999999999999999)) / 3",
    "three": "m * where(is_upper, cos(angle + 2 * pi / 3), cos(angle))",
    "u": "F / (a / 3 + where(R >= 0, s - p / (3 * s), three))",
    "E": "D + B * u",
    "w": "u - (u * (E**2 + G) - F) / (E**2 + G + 2 * B * u * E)",
    "K": "D + B * w",
    "z": "w - (w * (K**2 + G) - F) / (K**2 + G + 2 * B * w * K)",
}


def _sweep(way: str, upper: str) -> Component:
    """Steady amplitude of a driven Duffing oscillator, the frequency swept one way."""
    steps = {name: text.replace("is_upper", upper) for name, text in _DUFFING.items()}
    return Component(
        Formula(
            f"duffing_sweep_{way}",
            "force / sqrt((D + B * z)**2 + G)",
            steps=steps,
            domain="x >= 0",
        ),
        description=f"steady amplitude of a driven Duffing oscillator, swept {way}",
        formula="A of A^2 ((omega0^2 - x^2 + 3/4 alpha A^2)^2 + (2 rate x)^2) = "
        f"force^2; of three the {'largest' if way == 'up' else 'smallest'} for "
        "alpha > 0, the other one for alpha < 0",
        parameters=(
            Param("omega0", "x", "angular frequency of small vibrations", 0.0),
            Param("rate", "x", "decay rate of small vibrations", 0.0),
            Param("alpha", "x**2/y**2", "cubic stiffness; negative softens"),
            Param("force", "x**2*y", "driving force over the mass", 0.0),
        ),
        derived=(
            ("Q", "omega0 / (2 * rate)", "", "quality factor"),
            ("f0", "omega0 / (2 * pi)", "x", "frequency of small vibrations"),
        ),
        reference="Nayfeh & Mook, Nonlinear Oscillations (1979), section 4.1.",
        convention="of x'' + 2 rate x' + omega0^2 x + alpha x^3 = force cos(omega t), "
        "the first harmonic alone; x is the angular frequency",
        also=("nonlinear resonance", "bistable resonance", "hysteresis", "Duffing"),
        example=Example(
            (0.5, 2.0),
            {"omega0": 1.0, "rate": 0.05, "alpha": (0.0, 0.2, 0.6), "force": 0.15},
        ),
    )


DuffingSweepUp = _sweep("up", "alpha > 0")
DuffingSweepDown = _sweep("down", "alpha < 0")

_FIRST = (
    Param("f1", "x", "undamped frequency of the driven oscillator", 0.0),
    Param("Q1", "", "quality factor of the driven oscillator", 0.0),
)
_SECOND = (
    Param("f2", "x", "undamped frequency of the other oscillator", 0.0),
    Param("Q2", "", "quality factor of the other oscillator", 0.0),
    Param(
        "coupling", "x", "half of the splitting where both frequencies are equal", 0.0
    ),
)
#: Q (1 - x^2 / f^2), without the difference of squares that are nearly equal.
_STEPS = {
    "r1": "x / f1",
    "d1": "Q1 * ((f1 - x) / f1) * (1 + r1)",
    "r2": "x / f2",
    "d2": "Q2 * ((f2 - x) / f2) * (1 + r2)",
    "k": "4 * coupling**2 / (f1 * f2) * Q1 * Q2",
}
_INSIDE = "(f1 > 0) & (f2 > 0) & (Q1 >= 0) & (Q2 >= 0)"
_MEAN, _HALF = "0.5 * (f1**2 + f2**2)", "0.5 * (f1**2 - f2**2)"
_ROOT = f"sqrt(({_HALF})**2 + 4 * coupling**2 * f1 * f2)"
_MODES = (
    ("lower", f"sqrt({_MEAN} - {_ROOT})", "x", "frequency of the lower normal mode"),
    ("upper", f"sqrt({_MEAN} + {_ROOT})", "x", "frequency of the upper normal mode"),
)
_OF_PAIR = "(D1 D2 - 4 coupling^2 f1 f2), D = f^2 - x^2 + i x f / Q"
_ALZAR = "C. L. Garrido Alzar et al., Am. J. Phys. 70 (2002) 37."
_PAIR = {"amplitude": 1.0, "f1": 1.0, "Q1": 20.0, "f2": 1.02, "Q2": 80.0}

CoupledResponse = Component(
    Formula(
        "coupled_response",
        "amplitude * exp(1j * phase) * f1"
        " / ((f1 - x) * (1 + x / f1) + 1j * x / Q1 - 4 * coupling**2 / second)",
        steps={"second": "(f2 - x) * (1 + x / f2) + 1j * x / Q2"},
        domain="(f1 > 0) & (f2 > 0) & (Q1 > 0) & (Q2 > 0)",
    ),
    description="driven oscillator that another one is coupled to, complex",
    formula=f"amplitude exp(i phase) f1^2 D2 / {_OF_PAIR}",
    parameters=(
        Param("amplitude", "y", "response of the first one alone at x = 0"),
        Param("phase", "'rad'", "phase of the response at x = 0"),
        *_FIRST,
        *_SECOND,
    ),
    derived=_MODES,
    scale="amplitude",
    convention="amplitude without the coupling; coupling is half of the splitting",
    also=("coupled oscillators", "mechanical EIT", "normal-mode splitting"),
    reference=_ALZAR,
    example=Example((0.6, 1.4), {**_PAIR, "phase": 0.0, "coupling": (0.0, 0.05)}),
)

CoupledAmplitude = Component(
    Formula(
        "coupled_amplitude",
        "amplitude * Q1 * sqrt(d2*d2 + r2*r2)"
        " / sqrt((d1*d2 - r1*r2 - k)**2 + (d1*r2 + r1*d2)**2)",
        steps=_STEPS,
        domain=_INSIDE,
    ),
    description="driven oscillator that another one is coupled to: its amplitude",
    formula=f"the modulus of amplitude f1^2 D2 / {_OF_PAIR}",
    parameters=(
        Param("amplitude", "y", "response of the first one alone at x = 0"),
        *_FIRST,
        *_SECOND,
    ),
    derived=_MODES,
    scale="amplitude",
    convention="amplitude without the coupling; coupling is half of the splitting",
    also=("coupled oscillators", "mechanical EIT", "normal-mode splitting"),
    reference=_ALZAR,
    example=Example((0.6, 1.4), {**_PAIR, "coupling": (0.0, 0.02, 0.05)}),
)
