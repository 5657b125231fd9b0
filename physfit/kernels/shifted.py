"""Decays counted from a place of one's own, not from x = 0.

Seconds of the day, or since 1970, are so many decay times from zero that an amplitude
there is beyond the range of doubles. Each function is that of the catalogue at
``x - origin``; its context is the origin.
"""

from __future__ import annotations

from collections.abc import Mapping

from physfit.kernels.backgrounds import exponential
from physfit.kernels.kernel import Scalar, scalar
from physfit.kernels.oscillators import (
    complex_ringdown,
    damped_oscillator,
    overdamped,
    ringdown,
    underdamped,
)

__all__ = ["BRANCHES", "SHIFTED"]


@scalar
def exponential_from(x, amplitude, decay, origin, n):
    """`exponential`, its amplitude the value at the origin."""
    return exponential(x - origin[0], amplitude, decay)


@scalar
def ringdown_from(t, amplitude, frequency, rate, phase, origin, n):
    """`ringdown`, amplitude and phase those at the origin."""
    return ringdown(t - origin[0], amplitude, frequency, rate, phase)


@scalar
def complex_ringdown_from(t, amplitude, frequency, rate, phase, origin, n):
    """`complex_ringdown`, amplitude and phase those at the origin."""
    return complex_ringdown(t - origin[0], amplitude, frequency, rate, phase)


@scalar
def damped_oscillator_from(t, x0, v0, omega0, rate, origin, n):
    """`damped_oscillator`, displacement and velocity those at the origin."""
    return damped_oscillator(t - origin[0], x0, v0, omega0, rate)


@scalar
def underdamped_from(t, x0, v0, omega0, rate, origin, n):
    """`underdamped`, displacement and velocity those at the origin."""
    return underdamped(t - origin[0], x0, v0, omega0, rate)


@scalar
def overdamped_from(t, x0, v0, omega0, rate, origin, n):
    """`overdamped`, displacement and velocity those at the origin."""
    return overdamped(t - origin[0], x0, v0, omega0, rate)


#: Functions by the name of the component in the catalogue.
SHIFTED: Mapping[str, Scalar] = {
    "exponential": exponential_from,
    "ringdown": ringdown_from,
    "complex_ringdown": complex_ringdown_from,
    "damped_oscillator": damped_oscillator_from,
}
#: Their branches.
BRANCHES: Mapping[str, tuple[Scalar, ...]] = {
    "damped_oscillator": (underdamped_from, overdamped_from)
}
