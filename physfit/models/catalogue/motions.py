"""Motions that follow from their equations, integrated with all derivatives."""

from __future__ import annotations

from physfit.engine.guesses.motions import OSCILLATOR
from physfit.models.catalogue.component import Component
from physfit.models.catalogue.parameters import RATE
from physfit.models.example import Example
from physfit.models.guesses import Wave
from physfit.models.motion.entry import Equation
from physfit.models.param import Param

__all__ = ["DuffingFree", "Pendulum", "VanDerPol"]

_X0 = Param("x0", "y", "displacement at t = 0")
_V0 = Param("v0", "y/x", "velocity at t = 0")
_OMEGA0 = Param("omega0", "1/x", "angular frequency of small vibrations", 0.0)
_ALPHA = Param("alpha", "1/x**2/y**2", "cubic stiffness; negative softens", start=0.0)
_START = {"y": "x0", "v": "v0"}
_WAVE = Wave("x0", "v0", "omega0", motion=OSCILLATOR)
_F0 = ("f0", "omega0 / (2 * pi)", "1/x", "frequency of small vibrations")
_Q = ("Q", "omega0 / (2 * rate)", "", "quality factor of small vibrations")

Pendulum = Component(
    Equation(
        "pendulum",
        {
            "y": "v",
            "v": "-omega0**2 * sin(y) - 2 * rate * v - friction * sign(v)",
        },
        _START,
        observed="y",
        rtol=1e-13,
    ),
    description="pendulum of any amplitude, with viscous and dry friction",
    formula="y'' = -omega0^2 sin(y) - 2 rate y' - friction sign(y'), y(0) = x0, "
    "y'(0) = v0",
    parameters=(
        Param("x0", "'rad'", "angle at t = 0"),
        Param("v0", "'rad'/x", "angular velocity at t = 0"),
        _OMEGA0,
        RATE,
        Param("friction", "1/x**2", "dry friction over the inertia", 0.0, start=0.0),
    ),
    derived=(_F0, _Q),
    guess=_WAVE,
    reference="Landau & Lifshitz, Mechanics (3rd ed.), section 11.",
    note="Where the data show the pendulum at rest at last, there may be a minimum for "
    "each number of half swings before: compare starts of the friction, as "
    "pf.multistart does.",
    convention="y in rad; at rest where omega0^2 |sin y| < friction",
    also=("nonlinear pendulum", "Coulomb damping", "physical pendulum"),
    example=Example(
        (0.0, 10.0),
        {
            "x0": (1.0, 3.0),
            "v0": 1.0,
            "omega0": 5.0,
            "rate": 0.05,
            "friction": 0.5,
        },
    ),
)

VanDerPol = Component(
    Equation(
        "van_der_pol",
        {"y": "v", "v": "mu * (1 - (y / size)**2) * v - omega0**2 * y"},
        _START,
        observed="y",
        rtol=1e-13,
    ),
    description="van der Pol oscillator, which keeps itself moving",
    formula="y'' = mu (1 - (y / size)^2) y' - omega0^2 y, y(0) = x0, y'(0) = v0",
    parameters=(
        _X0,
        _V0,
        _OMEGA0,
        Param("mu", "1/x", "gain at small amplitudes", 0.0),
        Param("size", "y", "where gain turns into loss: half of the amplitude", 0.0),
    ),
    derived=(_F0,),
    scale="size",
    reference="B. van der Pol, Phil. Mag. 2 (1926) 978.",
    convention="size is half of the amplitude of the cycle at small mu",
    also=("limit cycle", "self-sustained oscillation", "relaxation oscillation"),
    example=Example(
        (0.0, 20.0),
        {"x0": 0.1, "v0": 0.0, "omega0": 2.0, "mu": (0.3, 4.0), "size": 1.0},
    ),
)

DuffingFree = Component(
    Equation(
        "duffing_free",
        {"y": "v", "v": "-omega0**2 * y - alpha * y**3 - 2 * rate * v"},
        _START,
        observed="y",
        rtol=1e-13,
    ),
    description="free decay of a Duffing oscillator",
    formula="y'' + 2 rate y' + omega0^2 y + alpha y^3 = 0, y(0) = x0, y'(0) = v0",
    parameters=(_X0, _V0, _OMEGA0, RATE, _ALPHA),
    derived=(_F0, _Q),
    guess=_WAVE,
    reference="Nayfeh & Mook, Nonlinear Oscillations (1979), section 2.1.",
    convention="alpha over the mass; omega0 is that of small vibrations",
    also=("nonlinear ring-down", "anharmonic oscillator"),
    example=Example(
        (0.0, 10.0),
        {"x0": 2.0, "v0": 0.0, "omega0": 4.0, "rate": 0.2, "alpha": (0.0, 5.0)},
    ),
)
