"""Ising models in equilibrium."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import mpmath as mp
import numpy as np

from tests.kernels import domains
from tests.models.catalogue.cases.case import (
    Case,
    Sample,
    either,
    over,
    scale,
    uniform,
)


def draw(rng: np.random.Generator) -> Sample:
    """T / |J| from 0.05 to 1000, and at 0.01 % to 10 % from the critical point.

    Closer by, roundings of T show, which tests/kernels allows for.
    """
    J = domains.signed(rng, 1e-2, 1e2)
    near = domains.CRITICAL * (1.0 + domains.signed(rng, 1e-4, 0.1))
    ratios = [near, *(domains.log_uniform(rng, 0.05, 1e3) for _ in range(4))]
    return abs(J) * np.array(ratios), {"J": J}


def curve(rng: np.random.Generator) -> Sample:
    """On both sides of the critical point."""
    J = rng.uniform(0.5, 2.0)
    return J * np.linspace(0.5, 5.0, 100), {"J": J}


def of_temperature(reference: Callable[..., Any]) -> Case:
    """Case of a quantity that depends on J alone."""
    return Case(reference, draw, curve, no_limit={"J": "in tests/models/test_bounds"})


def square_magnetization(x, amplitude, J):
    """Yang's formula."""
    with mp.extradps(40):
        s = mp.sinh(2 * J / x)
        return amplitude * mp.root(1 - s**-4, 8) if s > 1 else mp.mpf(0)


def chain_magnetization(x, amplitude, scale, K):
    """By hyperbolic sines."""
    s = mp.sinh(x / scale)
    return amplitude * s / mp.sqrt(s**2 + mp.exp(-4 * K))


def chain_correlation(x, amplitude, J):
    """From the ratio of the eigenvalues of the transfer matrix."""
    with mp.extradps(int(10 + 2 * float(J / x))):
        return -amplitude / mp.log(mp.tanh(J / x))


def power(t, exponent, correction, delta):
    """|t|^exponent (1 + correction |t|^delta)."""
    t = abs(t)
    return mp.power(t, exponent) * (1 + correction * mp.power(t, delta))


def critical_law(x, above, below, Tc, exponent, correction, delta, background):
    """By powers."""
    t = x / Tc - 1
    own = above if t > 0 else below
    return own * power(t, -exponent, correction, delta) + background


def order_parameter(x, amplitude, Tc, beta, correction, delta):
    """By powers, 0 above."""
    if x >= Tc:
        return mp.mpf(0)
    return amplitude * power(x / Tc - 1, beta, correction, delta)


def critical_logarithm(x, above, below, Tc, background):
    """By a logarithm."""
    t = x / Tc - 1
    return -(above if t > 0 else below) * mp.log(abs(t)) + background


SIZE, SEEN = either(), uniform(1.0, 5.0)
CORRECTIONS = {"correction": uniform(-0.5, 0.5), "delta": scale(0.2, 2.0)}
UNCORRECTED = {"correction": lambda rng: 0.0, "delta": lambda rng: 0.5}
NO_POINT = {"Tc": "all is above", "delta": "one amplitude", "beta": "a step"}

CASES: dict[str, Case] = {
    "ising_chain_energy": of_temperature(domains.chain_energy),
    "ising_chain_heat": of_temperature(domains.chain_heat),
    "ising_square_energy": of_temperature(domains.square_energy),
    "ising_square_heat": of_temperature(domains.square_heat),
    "ising_chain_susceptibility": over(
        lambda x, amplitude, J: amplitude / x * mp.exp(2 * J / x),
        (0.5, 5.0),
        {"amplitude": SIZE, "J": uniform(-20.0, 20.0)},
        {"amplitude": SEEN, "J": uniform(-1.0, 1.0)},
    ),
    "ising_chain_magnetization": over(
        chain_magnetization,
        (-4.0, 4.0),
        {"amplitude": SIZE, "scale": scale(0.01, 100.0), "K": uniform(-5.0, 5.0)},
        {"amplitude": SEEN, "scale": uniform(0.5, 2.0), "K": uniform(-0.8, 0.8)},
        no_limit={"scale": "a step at T = 0"},
    ),
    "ising_chain_correlation": over(
        chain_correlation,
        (0.5, 5.0),
        {"amplitude": SIZE, "J": scale(0.05, 50.0)},
        {"amplitude": SEEN, "J": uniform(0.5, 2.0)},
        no_limit={"J": "0 everywhere"},
    ),
    "ising_square_magnetization": over(
        square_magnetization,
        (0.5, 4.0),
        {"amplitude": SIZE, "J": scale(0.2, 3.0)},
        {"amplitude": SEEN, "J": uniform(0.6, 1.4)},
        special=(((0.01, 0.3, 1.0, 3.0), {"amplitude": 2.0, "J": 1.0}),),
        no_limit={"J": "0 everywhere"},
        # the curve falls straight down at Tc: a minimum between any two samples
        share=0.95,
    ),
    "critical_law": over(
        critical_law,
        (0.5, 4.0),
        {
            "above": SIZE,
            "below": SIZE,
            "Tc": uniform(1.0, 3.0),
            "exponent": uniform(-1.0, 2.0),
            **CORRECTIONS,
            "background": SIZE,
        },
        {
            "above": SEEN,
            "below": SEEN,
            "Tc": uniform(1.5, 2.5),
            "exponent": uniform(0.3, 1.0),
            **UNCORRECTED,
            "background": uniform(-1.0, 1.0),
        },
        special=(
            (
                (2.269 * (1.0 - 1e-6), 2.269 * (1.0 - 1e-9)),
                {
                    **{"above": 1.0, "below": 0.5, "Tc": 2.269, "exponent": -0.1},
                    **{"correction": 0.3, "delta": 0.5, "background": 0.0},
                },
            ),
            (
                (2.269 * (1.0 + 1e-9), 2.269 * (1.0 + 3e-9)),
                {
                    **{"above": 1.0, "below": 0.5, "Tc": 2.269, "exponent": 1.75},
                    **{"correction": 0.3, "delta": 0.5, "background": 0.0},
                },
            ),
        ),
        no_limit=NO_POINT,
        share=0.9,
    ),
    "critical_logarithm": over(
        critical_logarithm,
        (0.5, 4.0),
        {"above": SIZE, "below": SIZE, "Tc": uniform(1.0, 3.0), "background": SIZE},
        {
            "above": SEEN,
            "below": SEEN,
            "Tc": uniform(1.5, 2.5),
            "background": uniform(-1.0, 1.0),
        },
        no_limit=NO_POINT,
        share=0.9,
    ),
    "order_parameter": over(
        order_parameter,
        (0.1, 4.0),
        {
            "amplitude": SIZE,
            "Tc": uniform(1.0, 3.9),
            "beta": scale(0.05, 2.0),
            **CORRECTIONS,
        },
        {
            "amplitude": SEEN,
            "Tc": uniform(1.5, 3.0),
            "beta": uniform(0.2, 0.6),
            **UNCORRECTED,
        },
        no_limit=NO_POINT,
        share=0.9,
    ),
    "curie_weiss": over(
        lambda x, amplitude, theta, background: amplitude / (x - theta) + background,
        (1.0, 10.0),
        {"amplitude": SIZE, "theta": uniform(-9.0, 0.9), "background": SIZE},
        {
            "amplitude": SEEN,
            "theta": uniform(-3.0, 0.5),
            "background": uniform(-0.5, 0.5),
        },
        outside=({"amplitude": 1.0, "theta": 99.0, "background": 0.0},),
        special=(((1.0, 2.0), {"amplitude": 1.0, "theta": 0.5, "background": 0.0}),),
    ),
}
