"""Functions as users write them, for timing, and data for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import erf

__all__ = ["SEARCHED", "Searched", "long_function", "peak", "peak_jac"]

Array = np.ndarray


def peak(x: Array, height: float, mu: float, s: float, b: float, c: float) -> Array:
    """Gaussian of height `height` on a line: five parameters."""
    return height * np.exp(-0.5 * ((x - mu) / s) ** 2) + b * x + c


def peak_jac(x: Array, height: float, mu: float, s: float, b: float, c: float) -> Array:
    """Partials of `peak`, one column each, as a careful user writes them."""
    u = (x - mu) / s
    shape = np.exp(-0.5 * u * u)
    jac = np.empty((x.size, 5))
    jac[:, 0], jac[:, 3], jac[:, 4] = shape, x, 1.0
    jac[:, 1] = height * shape * u / s
    jac[:, 2] = jac[:, 1] * u
    return jac


def long_function(x: Array, *p: float) -> Array:
    """Five lines on a curved background: some sixty operations."""
    total = p[0] + p[1] * x + p[2] * np.sqrt(1 + x * x)
    for k in range(5):
        height, mu, s, g = p[3 + 4 * k : 7 + 4 * k]
        u = (x - mu) / s
        total = total + height * np.exp(-0.5 * u**2) / (1 + (g * u) ** 2)
    return total


class Searched(NamedTuple):
    """A function that is fitted without start values: x, truth, noise, bounds."""

    name: str
    function: Callable[..., Array]
    x: Array
    truth: dict[str, float]
    sigma: float
    bounds: dict[str, tuple[float | None, float | None]]

    def data(self) -> Array:
        """Values with noise, the same in each call."""
        noise = np.random.default_rng(5).standard_normal(self.x.size)
        return self.function(self.x, **self.truth) + self.sigma * noise


def rise(t: Array, t0: float, height: float, blur: float, level: float) -> Array:
    return level + height / 2 * (1 + erf((t - t0) / blur))


def pair(t: Array, a: float, fast: float, b: float, slow: float, c: float) -> Array:
    return a * np.exp(-t / fast) + b * np.exp(-t / slow) + c


def resonance(f: Array, f0: float, q: float, gain: float, tilt: float) -> Array:
    return np.abs(gain / (1 + 2j * q * (f - f0) / f0)) + tilt * (f - 100.0)


def ringing(t: Array, a: float, tau: float, f: float, phi: float, c: float) -> Array:
    return a * np.exp(-t / tau) * np.cos(2 * np.pi * f * t + phi) + c


def late(t: Array, t0: float, a: float, tau: float, c: float) -> Array:
    return np.where(t < t0, c, c + a * (1 - np.exp(-(t - t0) / tau)))


def slit(angle: Array, peak: float, middle: float, width: float, dark: float) -> Array:
    return dark + peak * np.sinc(width * np.sin(angle - middle)) ** 2


def saturated(v: Array, i_sat: float, v0: float, t_e: float, slope: float) -> Array:
    return i_sat * np.tanh((v - v0) / (2 * t_e)) + slope * v


def arrhenius(temp: Array, a: float, energy: float, floor: float) -> Array:
    return floor + a * np.exp(-energy / (8.617e-5 * temp))


T, ANGLE = np.linspace(0.0, 10.0, 200), np.linspace(-0.4, 0.4, 200)
#: Functions in the manner of lab scripts, with nothing said of their parameters but
#: what any user would.
SEARCHED = (
    Searched(
        "edge",
        rise,
        T,
        {"t0": 4.2, "height": 3.0, "blur": 0.7, "level": 0.4},
        0.05,
        {"blur": (0, None)},
    ),
    Searched(
        "two decays",
        pair,
        T,
        {"a": 3.0, "fast": 0.6, "b": 2.0, "slow": 4.0, "c": 0.3},
        0.02,
        {"fast": (0, None), "slow": (0, None)},
    ),
    Searched(
        "resonance",
        resonance,
        np.linspace(95.0, 105.0, 200),
        {"f0": 100.7, "q": 60.0, "gain": 2.0, "tilt": 0.01},
        0.02,
        {},
    ),
    Searched(
        "ring-down",
        ringing,
        T,
        {"a": 2.0, "tau": 3.0, "f": 1.3, "phi": 0.4, "c": 0.2},
        0.05,
        {},
    ),
    Searched("late", late, T, {"t0": 3.3, "a": 2.0, "tau": 1.5, "c": 0.2}, 0.04, {}),
    Searched(
        "slit",
        slit,
        ANGLE,
        {"peak": 5.0, "middle": 0.03, "width": 12.0, "dark": 0.1},
        0.05,
        {},
    ),
    Searched(
        "probe",
        saturated,
        np.linspace(-20.0, 20.0, 200),
        {"i_sat": 1.5, "v0": 2.0, "t_e": 2.5, "slope": 0.01},
        0.02,
        {},
    ),
    Searched(
        "Arrhenius",
        arrhenius,
        np.linspace(250.0, 400.0, 100),
        {"a": 4e6, "energy": 0.45, "floor": 0.2},
        0.1,
        {"energy": (0, 2)},
    ),
)
