"""Oscillators in time."""

from __future__ import annotations

from physfit.engine.guesses.motions import OSCILLATOR, ROTATION
from physfit.kernels import oscillators
from physfit.kernels.kernel import point_kernel
from physfit.models.catalogue.component import Component
from physfit.models.catalogue.parameters import PHASE, RATE
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.guesses import Wave
from physfit.models.param import Param

__all__ = ["ComplexRingdown", "DampedOscillator", "Ringdown", "Sine"]

DampedOscillator = Component(
    point_kernel(
        oscillators.damped_oscillator,
        branches=(oscillators.underdamped, oscillators.overdamped),
        choose=oscillators.damping_regime,
    ),
    description="free damped oscillator: under-, critically and over-damped",
    formula="x'' + 2 rate x' + omega0^2 x = 0, x(0) = x0, x'(0) = v0",
    parameters=(
        Param("x0", "y", "displacement at t = 0"),
        Param("v0", "y/x", "velocity at t = 0"),
        Param("omega0", "1/x", "undamped angular frequency", 0.0),
        RATE,
    ),
    derived=(
        ("Q", "omega0 / (2 * rate)", "", "quality factor"),
        ("zeta", "rate / omega0", "", "damping ratio; 1 is critical"),
        ("tau", "1 / rate", "x", "decay time of the amplitude"),
        ("f0", "omega0 / (2 * pi)", "1/x", "undamped frequency"),
        (
            "frequency",
            "sqrt(omega0**2 - rate**2) / (2 * pi)",
            "1/x",
            "frequency of the damped oscillation; none if over-damped",
        ),
        (
            "period",
            "2 * pi / sqrt(omega0**2 - rate**2)",
            "x",
            "period of the damped oscillation; none if over-damped",
        ),
    ),
    guess=Wave("x0", "v0", "omega0", motion=OSCILLATOR),
    scale="x0",
    at_origin=("x0", "v0"),
    reference="Landau & Lifshitz, Mechanics (3rd ed.), section 25.",
    convention="rate is that of the amplitude: exp(-rate t)",
    also=("damped harmonic oscillator in time",),
    example=Example((0.0, 5.0), {"v0": 0.0, "omega0": 5.0, "rate": (0.5, 5.0, 15.0)}),
)

_OMEGA0 = "sqrt((2 * pi * frequency)**2 + rate**2)"

_RINGDOWN_DERIVED = (
    ("Q", f"{_OMEGA0} / (2 * rate)", "", "quality factor"),
    ("zeta", f"rate / {_OMEGA0}", "", "damping ratio"),
    ("tau", "1 / rate", "x", "decay time of the amplitude"),
    ("f0", f"{_OMEGA0} / (2 * pi)", "1/x", "undamped frequency"),
    ("period", "1 / abs(frequency)", "x", "period of the damped oscillation"),
)

Ringdown = Component(
    point_kernel(oscillators.ringdown),
    description="decaying oscillation",
    formula="amplitude exp(-rate t) cos(2 pi frequency t + phase)",
    parameters=(
        Param("amplitude", "y", "amplitude at t = 0"),
        Param("frequency", "1/x", "frequency", 0.0),
        RATE,
        PHASE,
    ),
    derived=_RINGDOWN_DERIVED,
    guess=Wave(),
    scale="amplitude",
    at_origin=("amplitude", "phase"),
    convention="rate is that of the amplitude; phase of a cosine",
    also=("decaying sine", "damped cosine"),
    example=Example((0.0, 5.0), {"rate": 0.5, "phase": 0.0}),
)

ComplexRingdown = Component(
    point_kernel(oscillators.complex_ringdown, n_outputs=2),
    description="decaying rotation in the complex plane, as an NMR signal has",
    formula="amplitude exp(-rate t) exp(i (2 pi frequency t + phase))",
    parameters=(
        Param("amplitude", "y", "modulus at t = 0"),
        Param("frequency", "1/x", "frequency, of either sign"),
        RATE,
        PHASE,
    ),
    derived=(
        *_RINGDOWN_DERIVED,
        ("fwhm", "rate / pi", "1/x", "full width of the Lorentzian line"),
    ),
    guess=Wave(motion=ROTATION),
    scale="amplitude",
    at_origin=("amplitude", "phase"),
    convention="rate is that of the amplitude: the line has the width rate / pi",
    also=("free induction decay", "FID"),
    example=Example((0.0, 5.0), {"rate": 0.5, "phase": 0.0}),
)

Sine = Component(
    Formula("sine", "amplitude * sin(2 * pi * frequency * x + phase)"),
    description="sine",
    parameters=(
        Param("amplitude", "y", "amplitude", 0.0),
        Param("frequency", "1/x", "frequency", 0.0),
        Param("phase", "'rad'", "phase at x = 0"),
    ),
    derived=(
        ("period", "1 / frequency", "x", "period"),
        ("omega", "2 * pi * frequency", "1/x", "angular frequency"),
    ),
    scale="amplitude",
    convention="frequency is not angular, where lmfit's is; phase of a sine",
    also=("sinusoid", "SineModel", "cosine"),
    example=Example((0.0, 5.0), {"frequency": 0.7, "phase": 0.3}),
)
