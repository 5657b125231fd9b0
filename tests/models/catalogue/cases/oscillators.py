"""Oscillators in time."""

from __future__ import annotations

from collections.abc import Callable

import mpmath as mp
import numpy as np

from tests.kernels import domains
from tests.models.catalogue.cases.case import Case, Sample, over, scale, uniform

RINGDOWN = ("amplitude", "frequency", "rate", "phase")
OSCILLATOR = ("x0", "v0", "omega0", "rate")
TIMES = np.linspace(0.0, 10.0, 300)


def each(
    sample: Callable[[np.random.Generator], tuple[float, ...]], names: tuple[str, ...]
) -> Callable[[np.random.Generator], Sample]:
    """Samples of `domains`, which draw one coordinate."""

    def draw(rng: np.random.Generator) -> Sample:
        t, *values = sample(rng)
        return np.array([t]), dict(zip(names, values, strict=True))

    return draw


def ringdown(rng: np.random.Generator) -> Sample:
    """Ten periods or so, two decays."""
    values = rng.uniform((1.0, 0.5, 0.1, -3.0), (5.0, 3.0, 0.5, 3.0))
    return TIMES, dict(zip(RINGDOWN, map(float, values), strict=True))


def oscillator(rng: np.random.Generator) -> Sample:
    """The same, from a displacement and a velocity."""
    omega0 = rng.uniform(3.0, 15.0)
    values = {"x0": rng.uniform(1.0, 5.0), "v0": omega0 * rng.normal()}
    return TIMES, values | {"omega0": omega0, "rate": rng.uniform(0.1, 0.5)}


def sample_ringdown(rng: np.random.Generator) -> tuple[float, ...]:
    """Up to 30 decays and 1000 periods: more, and roundings of the phase show."""
    t, amplitude, _, rate, phase = domains.sample_ringdown(rng)
    frequency = domains.signed(rng, 1e-3, 1e3) / abs(t)
    return t, amplitude, frequency, rate, phase


CASES: dict[str, Case] = {
    "sine": over(
        lambda x, amplitude, frequency, phase: (
            amplitude * mp.expj(2 * mp.pi * frequency * x + phase).imag
        ),
        (0.0, 10.0),
        {
            "amplitude": scale(),
            "frequency": scale(0.01, 3.0),
            "phase": uniform(-6.0, 6.0),
        },
        {
            "amplitude": uniform(1.0, 5.0),
            "frequency": uniform(0.15, 5.0),
            "phase": uniform(-3.0, 3.0),
        },
        share=0.95,
    ),
    "ringdown": Case(
        domains.ringdown,
        each(sample_ringdown, RINGDOWN),
        ringdown,
        no_limit={"frequency": "a decay of amplitude cos(phase)"},
        share=0.95,
    ),
    "complex_ringdown": Case(
        lambda *a: mp.mpc(*domains.complex_ringdown(*a)),
        each(sample_ringdown, RINGDOWN),
        ringdown,
        share=0.95,
    ),
    "damped_oscillator": Case(
        domains.damped_oscillator,
        each(domains.sample_oscillator, OSCILLATOR),
        oscillator,
        share=0.95,
    ),
}
