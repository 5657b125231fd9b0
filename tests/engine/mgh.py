"""Test problems of Moré, Garbow and Hillstrom, ACM TOMS 7 (1981) 17-41.

Residuals as written there; bounds and bounded minima after Gay, SIAM J. Sci. Stat.
Comput. 5 (1984). Minima are sums of squares.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

INF = np.inf


class Problem(NamedTuple):
    """Residual function, start, bounds, and the sum of squares at the minimum."""

    name: str
    residuals: Callable[[np.ndarray], np.ndarray]
    start: tuple[float, ...]
    minimum: float
    lower: tuple[float, ...] = ()
    upper: tuple[float, ...] = ()


def rosenbrock(p):
    return np.array([10.0 * (p[1] - p[0] ** 2), 1.0 - p[0]])


def freudenstein_roth(p):
    a, b = p
    return np.array(
        [-13.0 + a + ((5.0 - b) * b - 2.0) * b, -29.0 + a + ((b + 1.0) * b - 14.0) * b]
    )


def powell_badly_scaled(p):
    return np.array([1e4 * p[0] * p[1] - 1.0, np.exp(-p[0]) + np.exp(-p[1]) - 1.0001])


def brown_badly_scaled(p):
    return np.array([p[0] - 1e6, p[1] - 2e-6, p[0] * p[1] - 2.0])


def beale(p):
    y = np.array([1.5, 2.25, 2.625])
    return y - p[0] * (1.0 - p[1] ** np.arange(1, 4))


def jennrich_sampson(p):
    i = np.arange(1, 11)
    return 2.0 + 2.0 * i - (np.exp(i * p[0]) + np.exp(i * p[1]))


def helical_valley(p):
    angle = np.arctan(p[1] / p[0]) / (2.0 * np.pi) + (0.5 if p[0] < 0.0 else 0.0)
    return np.array([10.0 * (p[2] - 10.0 * angle), 10.0 * (np.hypot(*p[:2]) - 1), p[2]])


BARD_Y = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39]
BARD_Y += [0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39]


def bard(p):
    u = np.arange(1, 16)
    v = 16.0 - u
    return np.array(BARD_Y) - (p[0] + u / (v * p[1] + np.minimum(u, v) * p[2]))


def box_3d(p):
    t = 0.1 * np.arange(1, 4)
    e = np.exp
    return e(-t * p[0]) - e(-t * p[1]) - p[2] * (e(-t) - e(-10.0 * t))


def powell_singular(p):
    a, b, c, d = p
    return np.array(
        [
            a + 10.0 * b,
            np.sqrt(5.0) * (c - d),
            (b - 2.0 * c) ** 2,
            np.sqrt(10.0) * (a - d) ** 2,
        ]
    )


def wood(p):
    a, b, c, d = p
    return np.array(
        [
            10.0 * (b - a * a),
            1.0 - a,
            np.sqrt(90.0) * (d - c * c),
            1.0 - c,
            np.sqrt(10.0) * (b + d - 2.0),
            (b - d) / np.sqrt(10.0),
        ]
    )


KOWALIK_Y = [0.1957, 0.1947, 0.1735, 0.1600, 0.0844, 0.0627, 0.0456, 0.0342]
KOWALIK_Y += [0.0323, 0.0235, 0.0246]
KOWALIK_U = [4.0, 2.0, 1.0, 0.5, 0.25, 0.167, 0.125, 0.1, 0.0833, 0.0714, 0.0625]


def kowalik_osborne(p):
    u = np.array(KOWALIK_U)
    return np.array(KOWALIK_Y) - p[0] * (u * u + u * p[1]) / (u * u + u * p[2] + p[3])


def brown_dennis(p):
    t = np.arange(1, 21) / 5.0
    return (p[0] + t * p[1] - np.exp(t)) ** 2 + (
        p[2] + p[3] * np.sin(t) - np.cos(t)
    ) ** 2


PROBLEMS = [
    Problem("rosenbrock", rosenbrock, (-1.2, 1.0), 0.0),
    Problem("freudenstein_roth", freudenstein_roth, (0.5, -2.0), 48.98425),
    Problem("powell_badly_scaled", powell_badly_scaled, (0.0, 1.0), 0.0),
    Problem("brown_badly_scaled", brown_badly_scaled, (1.0, 1.0), 0.0),
    Problem("beale", beale, (1.0, 1.0), 0.0),
    Problem("jennrich_sampson", jennrich_sampson, (0.3, 0.4), 124.362),
    Problem("helical_valley", helical_valley, (-1.0, 0.0, 0.0), 0.0),
    Problem("bard", bard, (1.0, 1.0, 1.0), 8.21487e-3),
    Problem("box_3d", box_3d, (0.0, 10.0, 20.0), 0.0),
    Problem("powell_singular", powell_singular, (3.0, -1.0, 0.0, 1.0), 0.0),
    Problem("wood", wood, (-3.0, -1.0, -3.0, -1.0), 0.0),
    Problem("kowalik_osborne", kowalik_osborne, (0.25, 0.39, 0.415, 0.39), 3.07505e-4),
    Problem("brown_dennis", brown_dennis, (25.0, 5.0, -5.0, -1.0), 85822.2),
]
BOUNDED = [
    Problem(
        "powell_badly_scaled",
        powell_badly_scaled,
        (0.0, 1.0),
        0.1512590e-9,
        (0.0, 1.0),
        (1.0, 9.0),
    ),
    Problem(
        "brown_badly_scaled",
        brown_badly_scaled,
        (1.0, 1.0),
        0.784e3,
        (0.0, 3e-5),
        (1e6, 100.0),
    ),
    Problem("beale", beale, (1.0, 1.0), 0.0, (0.6, 0.5), (10.0, 100.0)),
    Problem(
        "helical_valley",
        helical_valley,
        (-1.0, 0.0, 0.0),
        0.99042212,
        (-100.0, -1.0, -1.0),
        (0.8, 1.0, 1.0),
    ),
    Problem(
        "box_3d",
        box_3d,
        (0.0, 10.0, 20.0),
        0.30998153e-5,
        (0.0, 5.0, 0.0),
        (2.0, 9.5, 20.0),
    ),
    Problem(
        "wood",
        wood,
        (-3.0, -1.0, -3.0, -1.0),
        1.5567008,
        (-100.0,) * 4,
        (0.0, 10.0, 100.0, 100.0),
    ),
    Problem(
        "brown_dennis",
        brown_dennis,
        (25.0, 5.0, -5.0, -1.0),
        0.88860479e5,
        (-10.0, 0.0, -100.0, -20.0),
        (100.0, 15.0, 0.0, 0.2),
    ),
]
