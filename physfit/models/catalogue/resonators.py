"""Resonators and driven oscillators, against the frequency that they are driven with.

Frequencies are in the unit of x. Time goes as exp(+2 pi i x t), as in an analyser or a
lock-in amplifier: what comes late has a falling phase.
"""

from __future__ import annotations

from physfit.models.catalogue.component import Component
from physfit.models.example import Example
from physfit.models.formulas.entry import Formula
from physfit.models.guesses import Resonance
from physfit.models.param import Param

__all__ = [
    "DrivenAmplitude",
    "DrivenPhase",
    "DrivenResponse",
    "ParallelRLC",
    "ResonatorNotch",
    "ResonatorReflection",
    "ResonatorTransmission",
    "SeriesRLC",
    "ThermalNoise",
]

RESONANCE = Param("f0", "x", "resonance frequency", 0.0)
UNDAMPED = Param("f0", "x", "undamped frequency", 0.0)
QUALITY = Param("Q", "", "quality factor", 0.0)
LOADED = Param("Q", "", "loaded quality factor, of all losses", 0.0)
STATIC = Param("amplitude", "y", "response at x = 0")
PHASE_OF_DRIVE = Param("phase", "'rad'", "phase of the response at x = 0")
BASELINE = Param("amplitude", "y", "modulus far from the resonance")
ALPHA = Param("alpha", "'rad'", "phase of the baseline at f0")
DELAY = Param("delay", "1/x", "delay of the cable")
COUPLING = Param("Qc", "", "modulus of the coupling quality factor", 0.0)
PHI = Param("phi", "'rad'", "asymmetry: phase of 1 / Qc")
RESISTANCE = Param("R", "y", "resistance", 0.0)
INDUCTANCE = Param("L", "y/x", "inductance", 0.0)
CAPACITANCE = Param("C", "1/y/x", "capacitance", 0.0)

_INSIDE = "(f0 > 0) & (Q >= 0)"
_COUPLED = "(f0 > 0) & (Q >= 0) & (Qc > 0)"
#: 1 - x^2 / f0^2, without the difference of squares that are nearly equal.
_STEPS = {"r": "x / f0", "d": "Q * ((f0 - x) / f0) * (1 + r)"}

_OF_LINE = (
    ("fwhm", "f0 / Q", "x", "full width at half maximum of the power"),
    ("kappa", "2 * pi * f0 / Q", "x", "decay rate of the energy"),
    ("tau", "Q / (pi * f0)", "1/x", "decay time of the amplitude"),
)
_OF_LOSSES = (
    (
        "Qi",
        "1 / (1/Q - cos(phi) / Qc)",
        "",
        "internal quality factor, by the diameter of the circle",
    ),
    ("Qe", "Qc / cos(phi)", "", "coupling quality factor: 1/Q = 1/Qi + 1/Qe"),
    *_OF_LINE,
)
_OF_OSCILLATOR = (
    ("omega0", "2 * pi * f0", "x", "undamped angular frequency"),
    ("rate", "pi * f0 / Q", "x", "decay rate: the amplitude falls as exp(-rate t)"),
    ("tau", "Q / (pi * f0)", "1/x", "decay time of the amplitude"),
    ("zeta", "1 / (2 * Q)", "", "damping ratio; 1 is critical"),
    ("fwhm", "f0 / Q", "x", "full width at half maximum of the power, for large Q"),
)
_OF_CIRCUIT = (
    ("f0", "1 / (2 * pi * sqrt(L * C))", "x", "resonance frequency"),
    ("omega0", "1 / sqrt(L * C)", "x", "angular resonance frequency"),
)
_PROBST = (
    "S. Probst et al., Rev. Sci. Instrum. 86 (2015) 024706; "
    "M. S. Khalil et al., J. Appl. Phys. 111 (2012) 054510."
)
_AT_RESONANCE = (
    "alpha is the phase at f0; that at x = 0, as in resonator_tools, is "
    "alpha + 2 pi f0 delay"
)
_LINE = "amplitude * exp(1j * (alpha - 2*pi * delay * (x - f0)))"
_SEEN = {"amplitude": 1.0, "alpha": 0.4, "delay": 0.02, "f0": 5.0, "phi": 0.3}

ResonatorNotch = Component(
    Formula(
        "resonator_notch",
        f"{_LINE} * (1 - Q / Qc * exp(1j * phi) / (1 + 2j * Q * ((x - f0) / f0)))",
        domain=_COUPLED,
    ),
    description="S21 of a resonator beside a line (notch, hanger), seen through cables",
    parameters=(BASELINE, ALPHA, DELAY, RESONANCE, LOADED, COUPLING, PHI),
    derived=_OF_LOSSES,
    guess=Resonance(far=1.0, delay="delay", coupling="Qc", turn="phi"),
    scale="amplitude",
    convention=f"diameter-corrected (DCM); {_AT_RESONANCE}",
    also=("hanger", "resonator_tools notch_port"),
    reference=_PROBST,
    example=Example((4.0, 6.0), {**_SEEN, "Q": (20.0, 40.0), "Qc": 50.0}),
)

ResonatorReflection = Component(
    Formula(
        "resonator_reflection",
        f"{_LINE} * (2 * Q / Qc * exp(1j * phi) / (1 + 2j * Q * ((x - f0) / f0)) - 1)",
        domain=_COUPLED,
    ),
    description="S11 of a resonator at the end of a line, seen through cables",
    parameters=(BASELINE, ALPHA, DELAY, RESONANCE, LOADED, COUPLING, PHI),
    derived=_OF_LOSSES,
    guess=Resonance(far=-1.0, ports=2.0, delay="delay", coupling="Qc", turn="phi"),
    scale="amplitude",
    convention=f"-1 far from the resonance; {_AT_RESONANCE}, and phi there is 0",
    also=("resonator_tools reflection_port", "single-port resonator"),
    reference=_PROBST,
    example=Example((4.0, 6.0), {**_SEEN, "Q": (20.0, 40.0), "Qc": 50.0}),
)

ResonatorTransmission = Component(
    Formula(
        "resonator_transmission",
        "height * exp(1j * (alpha - 2*pi * delay * (x - f0)))"
        " / (1 + 2j * Q * ((x - f0) / f0))",
        domain=_INSIDE,
    ),
    description="S21 of a resonator between two ports, seen through cables",
    parameters=(
        Param("height", "y", "modulus at the resonance"),
        Param("alpha", "'rad'", "phase at f0"),
        DELAY,
        RESONANCE,
        LOADED,
    ),
    derived=_OF_LINE,
    guess=Resonance("height", delay="delay"),
    scale="height",
    convention=_AT_RESONANCE,
    also=("complex Lorentzian",),
    reference="P. J. Petersan and S. M. Anlage, J. Appl. Phys. 84 (1998) 3392.",
    example=Example(
        (4.0, 6.0), {"height": 1.0, "alpha": 0.0, "delay": 0.1, "f0": 5.0, "Q": 20.0}
    ),
)

DrivenResponse = Component(
    Formula(
        "driven_response",
        "amplitude * exp(1j * phase) * Q / (d + 1j * r)",
        steps=_STEPS,
        domain=_INSIDE,
    ),
    description="driven oscillator: in phase and in quadrature, as a lock-in has it",
    formula="amplitude exp(i phase) f0^2 / (f0^2 - x^2 + i x f0 / Q)",
    parameters=(STATIC, PHASE_OF_DRIVE, UNDAMPED, QUALITY),
    derived=_OF_OSCILLATOR,
    guess=Resonance(phase="phase", is_driven=True),
    scale="amplitude",
    convention="amplitude is the static response, not that at the resonance",
    also=("susceptibility", "Lorentz oscillator", "X + iY"),
    reference="Landau & Lifshitz, Mechanics (3rd ed.), section 26.",
    example=Example((0.0, 2.0), {"amplitude": 1.0, "phase": 0.0, "f0": 1.0, "Q": 5.0}),
)

DrivenAmplitude = Component(
    Formula(
        "driven_amplitude",
        "amplitude * Q / sqrt(d*d + r*r)",
        steps=_STEPS,
        domain=_INSIDE,
    ),
    description="driven oscillator: amplitude against frequency",
    formula="amplitude f0^2 / sqrt((f0^2 - x^2)^2 + (x f0 / Q)^2)",
    parameters=(STATIC, UNDAMPED, QUALITY),
    derived=(
        *_OF_OSCILLATOR,
        ("peak", "f0 * sqrt(1 - 1 / (2 * Q**2))", "x", "where it is largest"),
        ("height", "amplitude * Q / sqrt(1 - 1 / (4 * Q**2))", "y", "largest value"),
    ),
    scale="amplitude",
    convention="amplitude is the static response; Q = 1 / (2 zeta)",
    also=("DampedOscillatorModel", "resonance curve"),
    reference="Landau & Lifshitz, Mechanics (3rd ed.), section 26.",
    example=Example((0.0, 2.0), {"amplitude": 1.0, "f0": 1.0, "Q": (1.0, 3.0, 8.0)}),
)

DrivenPhase = Component(
    Formula("driven_phase", "phase - arctan2(r, d)", steps=_STEPS, domain=_INSIDE),
    description="driven oscillator: phase against frequency, falling by pi",
    formula="phase - arg(f0^2 - x^2 + i x f0 / Q)",
    parameters=(PHASE_OF_DRIVE, UNDAMPED, QUALITY),
    derived=_OF_OSCILLATOR,
    convention="in rad; phase - pi/2 at f0, for x > 0",
    also=("lock-in phase",),
    reference="Landau & Lifshitz, Mechanics (3rd ed.), section 26.",
    example=Example((0.0, 2.0), {"phase": 0.0, "f0": 1.0, "Q": (1.0, 3.0, 8.0)}),
)

SeriesRLC = Component(
    Formula("series_RLC", "R + 1j * (w * L - 1 / (w * C))", steps={"w": "2*pi * x"}),
    description="impedance of R, L and C in series",
    formula="R + i w L + 1 / (i w C), w = 2 pi x",
    parameters=(RESISTANCE, INDUCTANCE, CAPACITANCE),
    derived=(*_OF_CIRCUIT, ("Q", "sqrt(L / C) / R", "", "quality factor")),
    convention="x is a frequency, not an angular one",
    also=("impedance", "Butterworth-van Dyke motional branch"),
    example=Example((0.2, 3.0), {"R": 1.0, "L": 0.5, "C": 0.05}),
)

ParallelRLC = Component(
    Formula(
        "parallel_RLC",
        "R * w * L / (w * L + 1j * R * (w * L * w * C - 1))",
        steps={"w": "2*pi * x"},
    ),
    description="impedance of R, L and C in parallel",
    formula="1 / (1 / R + i w C + 1 / (i w L)), w = 2 pi x",
    parameters=(RESISTANCE, INDUCTANCE, CAPACITANCE),
    derived=(*_OF_CIRCUIT, ("Q", "R * sqrt(C / L)", "", "quality factor")),
    convention="x is a frequency, not an angular one",
    also=("impedance", "tank circuit"),
    example=Example((0.2, 3.0), {"R": 1.0, "L": 0.05, "C": 0.5}),
)

ThermalNoise = Component(
    Formula(
        "thermal_noise",
        "white + flicker / x + amplitude * (2/pi) * Q / f0 / (d*d + r*r)",
        steps=_STEPS,
        domain=_INSIDE,
    ),
    description="spectral density of an oscillator, white and 1/f noise",
    formula=(
        "white + flicker / x + (2 amplitude / (pi f0 Q)) f0^4 "
        "/ ((f0^2 - x^2)^2 + (x f0 / Q)^2)"
    ),
    parameters=(
        Param("amplitude", "y*x", "mean square of the thermal motion: area", 0.0),
        UNDAMPED,
        QUALITY,
        Param("white", "y", "white noise", 0.0),
        Param("flicker", "y*x", "1/f noise, at x = 1", 0.0),
    ),
    derived=_OF_OSCILLATOR,
    scale="amplitude",
    convention="one-sided: amplitude, the area over x > 0, is k_B T / k of a spring k",
    also=("SHO noise", "PSD of a cantilever", "power spectral density"),
    note="an averaged periodogram has gamma noise, not Gaussian, around it",
    reference="K. Berg-Sorensen and H. Flyvbjerg, Rev. Sci. Instrum. 75 (2004) 594.",
    example=Example(
        (0.2, 2.0),
        {"amplitude": 1.0, "f0": 1.0, "Q": 20.0, "white": 0.02, "flicker": 0.02},
    ),
)
