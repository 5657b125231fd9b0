"""Resonators and driven oscillators, against frequency."""

from __future__ import annotations

import mpmath as mp
import numpy as np
from numpy.typing import NDArray

from tests.kernels.domains import log_uniform
from tests.models.catalogue.cases.case import Case, Sample, either, scale, uniform

Array = NDArray[np.float64]
NO_RESONANCE = "no frequency, no resonance"
UNCOUPLED = "a coupling without limit"


def turned(phase: mp.mpf) -> mp.mpc:
    return mp.expj(phase)


def line(x, amplitude, alpha, delay, f0):
    return amplitude * turned(alpha) / turned(2 * mp.pi * delay * (x - f0))


def notch(x, amplitude, alpha, delay, f0, Q, Qc, phi):
    """By rates: kappa_c / 2 of the line, detuning, kappa / 2 of all."""
    kappa, coupled = f0 / Q if Q else mp.inf, f0 / Qc * turned(phi)
    share = coupled / mp.mpc(kappa, 2 * (x - f0)) if Q else 0
    return line(x, amplitude, alpha, delay, f0) * (1 - share)


def reflection(x, amplitude, alpha, delay, f0, Q, Qc, phi):
    """The same with twice the circle, and a sign."""
    once = notch(x, amplitude, alpha, delay, f0, Q, Qc, phi)
    return line(x, amplitude, alpha, delay, f0) - 2 * once


def transmission(x, height, alpha, delay, f0, Q):
    width = f0 / (2 * Q)
    return line(x, height, alpha, delay, f0) * width / mp.mpc(width, x - f0)


def driven(x, amplitude, phase, f0, Q):
    chi = f0**2 / mp.mpc(f0**2 - x**2, x * f0 / Q)
    return amplitude * turned(phase) * chi


def density(x, amplitude, f0, Q, white, flicker):
    shape = abs(driven(x, 1, 0, f0, Q)) ** 2
    return white + flicker / x + 2 * amplitude / (mp.pi * f0 * Q) * shape


def series(x, R, L, C):
    return mp.mpc(R, 2 * mp.pi * x * L - 1 / (2 * mp.pi * x * C))


def parallel(x, R, L, C):
    return 1 / mp.mpc(1 / R, 2 * mp.pi * x * C - 1 / (2 * mp.pi * x * L))


def probst(far: float, ports: float):
    """Values as Probst et al. have them, whose alpha is the phase at x = 0.

    In long double: of many turns of the cable most are those from 0 to f0.
    """

    def values(x, amplitude, alpha, delay, f0, Q, Qc, phi):
        turns = np.longdouble(delay) * np.longdouble(2.0 * np.pi)
        phase = (np.longdouble(alpha) + turns * np.longdouble(f0)) - turns * x
        circle = ports * Q / Qc * np.exp(1j * phi) / (1 + 2j * Q * (x - f0) / f0)
        return amplitude * np.exp(1j * phase.astype(float)) * far * (1 - circle)

    return values


def near(rng: np.random.Generator, f0: float, Q: float) -> Array:
    """The resonance, its flanks, far tails."""
    steps = [0.0, 1.0, -1.0, *(either(1e-3, 1e2)(rng) for _ in range(3))]
    return f0 + f0 / Q * np.array(steps)


def behind_cables(rng: np.random.Generator) -> Sample:
    """Any coupling and asymmetry; some turns of the cable from the flank on."""
    f0, Q = log_uniform(rng, 1e-3, 1e3), log_uniform(rng, 1e2, 1e6)
    own = {"amplitude": either()(rng), "alpha": rng.uniform(-3.0, 3.0)}
    own |= {"delay": either(1e-3, 1e-1)(rng) * Q / f0, "f0": f0, "Q": Q}
    own |= {"Qc": Q * scale(1e-2, 1e2)(rng), "phi": rng.uniform(-3.0, 3.0)}
    return near(rng, f0, Q), own


def measured(rng: np.random.Generator) -> Sample:
    """From 3 to 20 widths, off centre; over- and undercoupled; up to 3 turns."""
    f0, Q = rng.uniform(4.0, 8.0), log_uniform(rng, 1e2, 1e5)
    span = f0 / Q * rng.uniform(3.0, 20.0)
    centre = f0 + span * rng.uniform(-0.3, 0.3)
    own = {"amplitude": log_uniform(rng, 1e-2, 10.0), "alpha": rng.uniform(-3.0, 3.0)}
    own |= {"delay": rng.uniform(0.0, 3.0) / span, "f0": f0, "Q": Q}
    own |= {"Qc": Q / rng.uniform(0.2, 0.95), "phi": rng.uniform(-0.6, 0.6)}
    return np.linspace(centre - span / 2, centre + span / 2, 200), own


def of(sample: Sample, *names: str, **others: float) -> Sample:
    """Some of the parameters, and others."""
    x, own = sample
    return x, {name: own[name] for name in names} | others


def between_ports(sample: Sample) -> Sample:
    return of(sample, "alpha", "delay", "f0", "Q", height=sample[1]["amplitude"])


def low(rng: np.random.Generator, **others: float) -> Sample:
    """Oscillators of any damping, from far below to far above."""
    f0, Q = log_uniform(rng, 1e-3, 1e3), log_uniform(rng, 1e-2, 1e5)
    x = f0 * np.array([1.0, *(scale(1e-2, 1e2)(rng) for _ in range(5))])
    return x, {"f0": f0, "Q": Q} | others


def swept(rng: np.random.Generator, **others: float) -> Sample:
    """From below the resonance to above it."""
    x = np.linspace(0.5, 1.7, 200)
    return x, {"f0": rng.uniform(0.8, 1.3), "Q": log_uniform(rng, 3.0, 40.0)} | others


def circuit(rng: np.random.Generator) -> Sample:
    """Near the resonance too, at which large terms cancel."""
    L, C, Q = scale()(rng), scale()(rng), scale(1e-2, 30.0)(rng)
    f0 = 0.5 / np.pi / np.sqrt(L * C)
    x = f0 * np.array([1.0, *(scale(1e-2, 1e2)(rng) for _ in range(5))])
    return x, {"R": np.sqrt(L / C) / Q, "L": L, "C": C}


def parallel_circuit(rng: np.random.Generator) -> Sample:
    x, own = circuit(rng)
    return x, own | {"R": own["L"] / own["C"] / own["R"]}


def seen_circuit(rng: np.random.Generator) -> Sample:
    """Of some Q, over a decade."""
    f0, size, Q = rng.uniform(0.8, 1.3), rng.uniform(1.0, 10.0), rng.uniform(1.0, 10.0)
    own = {"R": size / Q, "L": size / (2 * np.pi * f0), "C": 0.5 / np.pi / f0 / size}
    return np.linspace(0.3, 3.0, 200), own


def seen_parallel(rng: np.random.Generator) -> Sample:
    x, own = seen_circuit(rng)
    return x, own | {"R": own["L"] / own["C"] / own["R"]}


_PHASE = uniform(-3.0, 3.0)
_NO_LIMITS = {"f0": NO_RESONANCE, "Qc": UNCOUPLED}
_FAR = {"f0": NO_RESONANCE, "Q": "no response"}
CASES: dict[str, Case] = {
    "resonator_notch": Case(
        notch,
        behind_cables,
        measured,
        no_limit=_NO_LIMITS,
        peer=probst(1.0, 1.0),
        share=0.95,
    ),
    "resonator_reflection": Case(
        reflection,
        behind_cables,
        measured,
        no_limit=_NO_LIMITS,
        peer=probst(-1.0, 2.0),
        share=0.95,
    ),
    "resonator_transmission": Case(
        transmission,
        lambda rng: between_ports(behind_cables(rng)),
        lambda rng: between_ports(measured(rng)),
        no_limit={"f0": NO_RESONANCE, "Q": "no resonance, but a constant"},
        share=0.95,
    ),
    "driven_response": Case(
        driven,
        lambda rng: low(rng, amplitude=either()(rng), phase=_PHASE(rng)),
        lambda rng: swept(rng, amplitude=rng.uniform(1.0, 5.0), phase=_PHASE(rng)),
        no_limit=_FAR,
        share=0.95,
    ),
    "driven_amplitude": Case(
        lambda *a: a[1] * abs(driven(a[0], 1, 0, *a[2:])),
        lambda rng: low(rng, amplitude=either()(rng)),
        lambda rng: swept(rng, amplitude=rng.uniform(1.0, 5.0)),
        no_limit=_FAR,
        share=0.95,
    ),
    "driven_phase": Case(
        lambda x, phase, f0, Q: phase - mp.arg(mp.mpc(f0**2 - x**2, x * f0 / Q)),
        lambda rng: low(rng, phase=_PHASE(rng)),
        lambda rng: swept(rng, phase=_PHASE(rng)),
        no_limit=_FAR,
        share=0.95,
    ),
    "series_RLC": Case(
        series,
        circuit,
        seen_circuit,
        no_limit={"C": "an open circuit"},
        roundings=30.0,  # at the resonance the quality factor times that of L and C
        share=0.95,
    ),
    "parallel_RLC": Case(
        parallel,
        parallel_circuit,
        seen_parallel,
        no_limit={"R": "1 / R in the reference", "L": "1 / L in the reference"},
        roundings=30.0,
        share=0.95,
    ),
    "thermal_noise": Case(
        density,
        lambda rng: low(
            rng, amplitude=scale()(rng), white=scale()(rng), flicker=scale()(rng)
        ),
        lambda rng: swept(
            rng,
            amplitude=rng.uniform(1.0, 5.0),
            white=rng.uniform(0.1, 0.5),
            flicker=0.1,
        ),
        no_limit=_FAR,
        share=0.95,
    ),
}
