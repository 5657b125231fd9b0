"""Polynomials and other slow curves."""

from __future__ import annotations

import mpmath as mp
import numpy as np

from tests.kernels.domains import signed
from tests.models.catalogue.cases.case import Case, Sample


def polynomial(*names: str) -> Case:
    """Case of a polynomial, its coefficients from the highest power on."""

    def draw(rng: np.random.Generator) -> Sample:
        values = {name: signed(rng, 1e-3, 1e3) for name in names}
        return np.array([signed(rng, 1e-3, 1e3) for _ in range(5)]), values

    def curve(rng: np.random.Generator) -> Sample:
        return np.linspace(-1.0, 2.0, 100), {name: rng.normal() for name in names}

    return Case(lambda x, *p: mp.polyval(list(p), x), draw, curve)


CASES: dict[str, Case] = {
    "constant": polynomial("c"),
    "linear": polynomial("slope", "intercept"),
    "quadratic": polynomial("a", "b", "c"),
    "complex_constant": polynomial("re", "im")._replace(
        reference=lambda x, re, im: mp.mpc(re, im)
    ),
}
