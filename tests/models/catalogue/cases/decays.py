"""Laws of decay."""

from __future__ import annotations

import numpy as np

from tests.kernels import domains
from tests.kernels.domains import signed
from tests.models.catalogue.cases.case import Case, Sample


def draw_exponential(rng: np.random.Generator) -> Sample:
    """Growth and decay over up to 300 lengths."""
    values = {"amplitude": signed(rng, 1e-3, 1e3), "decay": signed(rng, 1e-3, 1e3)}
    steps = [signed(rng, 1e-3, 300.0) for _ in range(5)]
    return values["decay"] * np.array([0.0, *steps]), values


def exponential(rng: np.random.Generator) -> Sample:
    """A decay that is seen whole."""
    values = {"amplitude": rng.uniform(1.0, 5.0), "decay": rng.uniform(0.5, 4.0)}
    return np.linspace(0.0, 10.0, 200), values


CASES: dict[str, Case] = {
    "exponential": Case(
        domains.exponential,
        draw_exponential,
        exponential,
        no_limit={"decay": "infinite where x < 0"},
    ),
}
