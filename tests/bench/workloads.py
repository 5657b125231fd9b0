"""The fits that are timed, as physfit models and as numpy functions for the peers.

The numpy functions take heights where physfit takes areas, as one writes them for
`curve_fit`; both start from the same curve.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import voigt_profile, wofz

import physfit as pf

Array = np.ndarray
ROOT_2PI = math.sqrt(2.0 * math.pi)


class Workload(NamedTuple):
    """One fit: data, physfit's form and the peers' form."""

    name: str
    x: Array
    y: Array
    sigma: Array
    model: pf.Model
    start: dict[str, float]
    curve: Callable[..., Array]
    jac: Callable[..., Array]
    p0: Array
    to_peer: Callable[[Array], Array]


def gaussian_line(x: Array, a: float, mu: float, s: float, b: float, c: float) -> Array:
    """Gaussian of height `a` on a line."""
    return a * np.exp(-0.5 * ((x - mu) / s) ** 2) + b * x + c


def gaussian_line_jac(
    x: Array, a: float, mu: float, s: float, b: float, c: float
) -> Array:
    """Partials of `gaussian_line`, one column each."""
    u = (x - mu) / s
    shape = np.exp(-0.5 * u * u)
    jac = np.empty((x.size, 5))
    jac[:, 0], jac[:, 3], jac[:, 4] = shape, x, 1.0
    jac[:, 1] = a * shape * u / s
    jac[:, 2] = jac[:, 1] * u
    return jac


def voigts(x: Array, *p: float) -> Array:
    """Voigt profiles of area, center, sigma, gamma on a parabola."""
    y = (p[-3] * x + p[-2]) * x + p[-1]
    for k in range(0, len(p) - 3, 4):
        y = y + p[k] * voigt_profile(x - p[k + 1], p[k + 2], p[k + 3])
    return y


def voigts_jac(x: Array, *p: float) -> Array:
    """Partials of `voigts`, one column each, from w' = -2 z w + 2 i / sqrt(pi)."""
    jac = np.empty((x.size, len(p)))
    for k in range(0, len(p) - 3, 4):
        area, mu, s, g = p[k : k + 4]
        scale = 1.0 / (s * math.sqrt(2.0))
        z = (x - mu + 1j * g) * scale
        w = wofz(z)
        slope = -2.0 * z * w + 2j / math.sqrt(math.pi)
        norm = 1.0 / (s * ROOT_2PI)
        jac[:, k] = w.real * norm
        jac[:, k + 1] = -area * slope.real * scale * norm
        jac[:, k + 2] = -area * (w.real + (slope * z).real) * norm / s
        jac[:, k + 3] = -area * slope.imag * scale * norm
    jac[:, -3], jac[:, -2], jac[:, -1] = x * x, x, 1.0
    return jac


def ringdown(t: Array, a: float, f: float, r: float, phi: float, c: float) -> Array:
    """Decaying cosine of angular frequency `f` on a constant."""
    return a * np.exp(-r * t) * np.cos(f * t + phi) + c


def ringdown_jac(t: Array, a: float, f: float, r: float, phi: float, c: float) -> Array:
    """Partials of `ringdown`, one column each."""
    decay = np.exp(-r * t)
    jac = np.empty((t.size, 5))
    jac[:, 0] = decay * np.cos(f * t + phi)
    jac[:, 3] = -a * decay * np.sin(f * t + phi)
    jac[:, 1] = t * jac[:, 3]
    jac[:, 2] = -a * t * jac[:, 0]
    jac[:, 4] = 1.0
    return jac


def _gaussian_200() -> Workload:
    x = np.linspace(-5.0, 5.0, 200)
    rng = np.random.default_rng(1)
    y = gaussian_line(x, 5.0, 0.3, 0.8, 0.2, 1.0) + 0.05 * rng.standard_normal(200)
    p0 = np.array([4.0, 0.0, 1.0, 0.05, 0.7])
    model = pf.models.Gaussian() + pf.models.Linear()
    theta = p0 * np.array([ROOT_2PI, 1.0, 1.0, 1.0, 1.0])  # sigma is 1 at the start
    start = dict(zip(model.names, theta.tolist(), strict=True))

    def to_peer(found: Array) -> Array:
        return found / np.array([found[2] * ROOT_2PI, 1.0, 1.0, 1.0, 1.0])

    curve, jac = gaussian_line, gaussian_line_jac
    sigma = np.full(200, 0.05)
    return Workload(
        "gaussian+linear-200", x, y, sigma, model, start, curve, jac, p0, to_peer
    )


def _voigts_1000() -> Workload:
    x = np.linspace(-10.0, 10.0, 1000)
    rng = np.random.default_rng(2)
    truth = [10, -4, 0.5, 0.3, 6, 0.5, 0.4, 0.5, 8, 4.5, 0.6, 0.2, 0.01, 0.05, 1.0]
    p0 = [8, -3.8, 0.6, 0.4, 7, 0.4, 0.5, 0.4, 7, 4.7, 0.5, 0.3, 0.02, 0.03, 0.8]
    y = voigts(x, *truth) + 0.02 * rng.standard_normal(1000)
    model = pf.parse_model("voigt(a_) + voigt(b_) + voigt(c_) + quadratic")
    start = dict(zip(model.names, p0, strict=True))
    sigma = np.full(1000, 0.02)
    return Workload(
        "3 voigts+quadratic-1000",
        x,
        y,
        sigma,
        model,
        start,
        voigts,
        voigts_jac,
        np.array(p0, dtype=float),
        lambda found: found,
    )


def _ringdown_1000() -> Workload:
    x = np.linspace(0.0, 10.0, 1000)
    rng = np.random.default_rng(3)
    y = ringdown(x, 2.0, 5.0, 0.3, 0.4, 0.1) + 0.05 * rng.standard_normal(1000)
    p0 = np.array([1.5, 4.9, 0.2, 0.2, 0.05])
    model = pf.models.Ringdown() + pf.models.Constant()
    turn = np.array([1.0, 2.0 * math.pi, 1.0, 1.0, 1.0])
    start = dict(zip(model.names, (p0 / turn).tolist(), strict=True))
    sigma = np.full(1000, 0.05)
    return Workload(
        "damped oscillator-1000",
        x,
        y,
        sigma,
        model,
        start,
        ringdown,
        ringdown_jac,
        p0,
        lambda found: found * turn,
    )


WORKLOADS = (_gaussian_200(), _voigts_1000(), _ringdown_1000())
