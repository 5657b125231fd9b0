"""Laws of decay."""

from __future__ import annotations

import mpmath as mp
import numpy as np

from tests.kernels import domains
from tests.kernels.domains import signed
from tests.models.catalogue.cases.case import (
    Case,
    Sample,
    either,
    over,
    scale,
    uniform,
)


def draw_exponential(rng: np.random.Generator) -> Sample:
    """Growth and decay over up to 300 lengths."""
    values = {"amplitude": signed(rng, 1e-3, 1e3), "decay": signed(rng, 1e-3, 1e3)}
    steps = [signed(rng, 1e-3, 300.0) for _ in range(5)]
    return values["decay"] * np.array([0.0, *steps]), values


def exponential(rng: np.random.Generator) -> Sample:
    """A decay that is seen whole."""
    values = {"amplitude": rng.uniform(1.0, 5.0), "decay": rng.uniform(0.5, 4.0)}
    return np.linspace(0.0, 10.0, 200), values


def decay_response(x, amplitude, center, sigma, tau):
    """Convolution in closed form, with digits that do not run out."""
    with mp.extradps(60):
        u, r = (x - center) / sigma, sigma / tau
        rest = mp.erfc((r - u) / mp.sqrt(2))
        return amplitude / 2 * mp.exp(r**2 / 2 - u * r) * rest


TIMES = (0.0, 10.0)
SIZE, SEEN = either(), uniform(1.0, 5.0)
NO_DECAY = "0 but at one place"

CASES: dict[str, Case] = {
    "exponential": Case(
        domains.exponential,
        draw_exponential,
        exponential,
        no_limit={"decay": "infinite where x < 0"},
    ),
    "biexponential": over(
        lambda x, a, tau1, b, tau2: a * mp.exp(-x / tau1) + b * mp.exp(-x / tau2),
        TIMES,
        {"a": SIZE, "tau1": scale(0.05, 50.0), "b": SIZE, "tau2": scale(0.05, 50.0)},
        {
            "a": SEEN,
            "tau1": uniform(0.2, 0.6),
            "b": SEEN,
            "tau2": uniform(3.0, 5.0),
        },
        no_limit={"tau1": NO_DECAY, "tau2": NO_DECAY},
        share=0.9,
    ),
    "stretched_exponential": over(
        lambda x, amplitude, tau, beta: (
            amplitude * mp.exp(-mp.power(x / tau, beta)) if x > 0 else amplitude
        ),
        (0.01, 10.0),
        {"amplitude": SIZE, "tau": scale(0.05, 50.0), "beta": scale(0.1, 3.0)},
        {"amplitude": SEEN, "tau": uniform(1.0, 3.0), "beta": uniform(0.5, 1.5)},
        special=(((0.0, 1.0, 5.0), {"amplitude": 2.0, "tau": 1.5, "beta": 0.5}),),
        no_limit={"tau": NO_DECAY, "beta": "a constant"},
    ),
    "decay_response": over(
        decay_response,
        (-2.0, 8.0),
        {
            "amplitude": SIZE,
            "center": uniform(-1.0, 1.0),
            "sigma": scale(0.01, 3.0),
            "tau": scale(0.05, 50.0),
        },
        {
            "amplitude": SEEN,
            "center": uniform(-0.5, 0.5),
            "sigma": uniform(0.2, 0.5),
            "tau": uniform(1.0, 3.0),
        },
        no_limit={"sigma": "a step of no width", "tau": NO_DECAY},
    ),
    "power_law": over(
        lambda x, amplitude, exponent: amplitude * mp.power(x, exponent),
        (0.1, 10.0),
        {"amplitude": SIZE, "exponent": uniform(-5.0, 5.0)},
        {"amplitude": SEEN, "exponent": uniform(-2.0, 2.0)},
    ),
}
