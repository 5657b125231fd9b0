"""The simulated data that the figures are drawn from, each from its own seed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

import physfit as pf

__all__ = ["Sample", "line", "ringdown", "spectrum", "spins"]

Array = NDArray[np.float64]


class Sample(NamedTuple):
    """A model with data, their errors, and the truth behind them."""

    model: pf.Model
    x: NDArray[np.float64] | NDArray[np.int8]
    y: Array
    sigma: Array
    truth: dict[str, float]

    def fit(self, method: str = "lm", **settings: object) -> pf.FitResult:
        """Fit of the data."""
        return pf.fit(
            self.model, self.x, self.y, sigma=self.sigma, method=method, **settings
        )

    def descent(self, method: str, **settings: object) -> pf.FitResult:
        """Fit whose answer is the end of the path: no average, no early end."""
        return self.fit(method, averaged=False, tolerance=0.0, **settings)


def _sample(
    model: pf.Model, x: Array, truth: dict[str, float], noise: float, seed: int
) -> Sample:
    rng = np.random.default_rng(seed)
    y = model(x, **truth) + noise * rng.normal(size=len(x))
    return Sample(model, x, y, np.full(len(x), noise), truth)


def line(*, bounded: bool = True, seed: int = 1) -> Sample:
    """A Lorentzian line of known area: its position and its width are left to find."""
    model = pf.models.Lorentzian().where(amplitude=pf.fixed(12.0))
    if bounded:
        model = model.where(center=pf.bounds(2.0, 8.0), gamma=pf.bounds(0.2, 3.0))
    truth = {"center": 5.2, "gamma": 0.7}
    return _sample(model, np.linspace(0.0, 10.0, 240), truth, 0.25, seed)


def ringdown(seed: int = 2) -> Sample:
    """Eight periods of a ring-down of known size and rate: many local minima."""
    model = pf.models.Ringdown().where(amplitude=pf.fixed(1.0), rate=pf.fixed(0.25))
    truth = {"frequency": 2.0, "phase": 0.6}
    return _sample(model, np.linspace(0.0, 4.0, 400), truth, 0.2, seed)


def spectrum(n: int = 20_000, seed: int = 3) -> Sample:
    """A Gaussian line on a sloping background, with many samples."""
    model = pf.models.Gaussian() + pf.models.Linear()
    truth = {"amplitude": 5.0, "center": 4.6, "sigma": 0.8}
    truth |= {"slope": 0.1, "intercept": 1.0}
    x = np.random.default_rng((seed, 1)).uniform(0.0, 10.0, n)
    return _sample(model, np.sort(x), truth, 0.5, seed)


def spins(n: int, noise: float = 2.0, seed: int = 4) -> Sample:
    """Energies of random configurations of a chain of 40 spins, J = 1."""
    rng = np.random.default_rng(seed)
    spin = np.where(rng.random((n, 40)) < 0.5, -1, 1).astype(np.int8)
    energy = -np.sum(spin * np.roll(spin, 1, axis=1), axis=1, dtype=float)
    model = pf.models.IsingEnergy(40, "all_pairs")
    truth = {name: 0.0 for name in model.names}
    pairs = [(i, i + 1) for i in range(39)] + [(0, 39)]
    truth |= {model.names[_place(i, j)]: 1.0 for i, j in pairs}
    y = energy + noise * rng.normal(size=n)
    return Sample(model, spin, y, np.full(n, noise), truth)


def _place(i: int, j: int, size: int = 40) -> int:
    """Number of the pair i < j in the order of the model."""
    return i * size - i * (i + 1) // 2 + j - i - 1
