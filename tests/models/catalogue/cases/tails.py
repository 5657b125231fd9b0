"""Peaks with long tails."""

from __future__ import annotations

from functools import cache

import mpmath as mp
import numpy as np
from scipy import stats

from tests.kernels.domains import log_uniform, signed
from tests.models.catalogue.cases.case import (
    WIDTHLESS,
    Case,
    Sample,
    either,
    peak,
    scale,
    uniform,
)


def one_tail(z, alpha, n):
    """Gaussian, and its tail as powers of numbers."""
    if z > -alpha:
        return mp.exp(-(z**2) / 2)
    return (n / alpha) ** n * mp.exp(-(alpha**2) / 2) * (n / alpha - alpha - z) ** -n


def half_area(alpha, n):
    """Area of a tail, and of the Gaussian from there to the center."""
    tail = n / alpha / (n - 1) * mp.exp(-(alpha**2) / 2)
    return tail + mp.sqrt(mp.pi / 2) * mp.erf(alpha / mp.sqrt(2))


def crystal_ball(x, amplitude, center, sigma, alpha, n):
    """By its definition."""
    area = half_area(alpha, n) + mp.sqrt(mp.pi / 2)
    return amplitude / sigma / area * one_tail((x - center) / sigma, alpha, n)


def double_crystal_ball(x, amplitude, center, sigma, alpha, n, alpha_r, n_r):
    """The tail of the side of x."""
    z = (x - center) / sigma
    area = half_area(alpha, n) + half_area(alpha_r, n_r)
    own = one_tail(z, alpha, n) if z < 0 else one_tail(-z, alpha_r, n_r)
    return amplitude / sigma / area * own


def novosibirsk(x, height, center, sigma, tail):
    """By its definition; a Gaussian without tail."""
    y = (x - center) / sigma
    if tail == 0:
        return height * mp.exp(-(y**2) / 2)
    with mp.extradps(60):
        k = mp.sqrt(2 * mp.log(2))
        inside = 1 + mp.sinh(tail * k) * y / k
        if inside <= 0:
            return mp.mpf(0)
        return height * mp.exp(-((mp.log(inside) / tail) ** 2) / 2)


def moyal(x, amplitude, center, sigma):
    """By its definition."""
    z = (x - center) / sigma
    return amplitude * mp.exp(-(z + mp.exp(-z)) / 2) / mp.sqrt(2 * mp.pi) / sigma


POWER = {"alpha": scale(0.1, 5.0), "n": lambda rng: 1.0 + scale(0.05, 50.0)(rng)}
POWER_R = {"alpha_r": POWER["alpha"], "n_r": POWER["n"]}
SEEN_POWER = {"alpha": uniform(0.6, 1.5), "n": uniform(1.5, 4.0)}
SEEN_POWER_R = {"alpha_r": uniform(0.6, 1.5), "n_r": uniform(1.5, 4.0)}


@cache
def nodes(digits):
    """t, and dt / pi t^-t sin(pi t), along t = exp(y - exp(-y))."""
    found, step = [], mp.mpf(1) / 40
    with mp.workdps(digits):
        for k in range(-220, 200):
            inner = mp.exp(-k * step)
            t = mp.exp(k * step - inner)
            weight = step * t * (1 + inner) * mp.sin(mp.pi * t) / mp.pi
            found.append((t, weight * mp.exp(-t * mp.log(t))))
    return found


def landau(x, amplitude, center, sigma):
    """By the integral that defines it, a sum of exponentials; 0 to the far left."""
    with mp.workdps(110):
        y = (x - center) / sigma - mp.mpf("0.22278298125640850406182428312481")
        if y < -5:
            return amplitude * 0
        total = sum(weight * mp.exp(-y * t) for t, weight in nodes(110))
        return amplitude / sigma * total


def around_landau(rng: np.random.Generator) -> Sample:
    """Where the density rises, its top, and its tail."""
    sigma = log_uniform(rng, 1e-3, 1e3)
    values = {"amplitude": signed(rng, 1e-3, 1e3), "center": sigma * rng.normal(0, 10)}
    steps = np.array([0.0, rng.uniform(-2.5, 0.0), log_uniform(rng, 0.01, 300.0)])
    return values["center"] + sigma * steps, values | {"sigma": sigma}


def seen_landau(rng: np.random.Generator) -> Sample:
    """A spectrum of losses with most of its tail."""
    values = {"amplitude": rng.uniform(1.0, 5.0), "center": rng.uniform(2.0, 5.0)}
    return np.linspace(0.0, 20.0, 200), values | {"sigma": rng.uniform(0.3, 1.0)}


NO_AREA = "of infinite area, so of no height"
NO_POWER = {"alpha": NO_AREA, "n": NO_AREA, "alpha_r": NO_AREA, "n_r": NO_AREA}

CASES: dict[str, Case] = {
    "crystal_ball": peak(
        crystal_ball,
        far=50.0,
        shapes=POWER,
        seen=SEEN_POWER,
        no_limit=NO_POWER,
        special=(
            (
                (-1.5, -1.0, -0.999, 0.0),
                {"amplitude": 1.0, "center": 0.0, "sigma": 1.0, "alpha": 1.0, "n": 2.0},
            ),
        ),
        peer=lambda x, amplitude, center, sigma, alpha, n: (
            amplitude * stats.crystalball.pdf(x, alpha, n, center, sigma)
        ),
    ),
    "double_crystal_ball": peak(
        double_crystal_ball,
        far=50.0,
        shapes={**POWER, **POWER_R},
        seen={**SEEN_POWER, **SEEN_POWER_R},
        no_limit=NO_POWER,
    ),
    "novosibirsk": peak(
        novosibirsk,
        size="height",
        far=8.0,
        shapes={"tail": either(1e-6, 1.5)},
        seen={"tail": uniform(-0.5, 0.5)},
        special=tuple(
            (
                (-3.0, -0.1, 0.0, 0.1, 2.0),
                {"height": 2.0, "center": 0.0, "sigma": 0.7, "tail": tail},
            )
            for tail in (0.0, 1e-9, 0.0118, -0.08, 0.09, 1.0)
        ),
    ),
    "landau": Case(
        landau,
        around_landau,
        seen_landau,
        # where the pieces of the density meet; nothing to the far left
        special=tuple(
            (places, {"amplitude": 2.0, "center": 0.2227829812564085, "sigma": 1.0})
            for places in ((-1.001, -0.999, 3.999, 4.001), (0.0, -9.0, -800.0))
        ),
        no_limit={"sigma": WIDTHLESS},
        # of scipy the scale is pi / 2 times ROOT's, which moves the origin of a
        # distribution whose scale enters by a logarithm
        peer=lambda x, amplitude, center, sigma: (
            amplitude
            * stats.landau.pdf(
                x,
                center + (0.2227829812564085 + np.log(np.pi / 2.0)) * sigma,
                sigma * np.pi / 2.0,
            )
        ),
    ),
    "moyal": peak(
        moyal,
        far=8.0,
        peer=lambda x, amplitude, center, sigma: (
            amplitude * stats.moyal.pdf(x, center, sigma)
        ),
    ),
}
