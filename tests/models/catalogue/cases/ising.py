"""Ising models in equilibrium."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from tests.kernels import domains
from tests.models.catalogue.cases.case import Case, Sample


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


CASES: dict[str, Case] = {
    "ising_chain_energy": of_temperature(domains.chain_energy),
    "ising_chain_heat": of_temperature(domains.chain_heat),
    "ising_square_energy": of_temperature(domains.square_energy),
    "ising_square_heat": of_temperature(domains.square_heat),
}
