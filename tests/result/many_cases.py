"""Fits of many rows, for tests of what follows from them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

import physfit as pf
from physfit import bounds, fixed, tie
from physfit.data.row_data import Axis
from physfit.models import Constant, Gaussian, Lorentzian
from physfit.result import ManyResult
from physfit.solve.base import Stop

X = np.linspace(0.0, 10.0, 48)


@lru_cache(maxsize=1)
def raman() -> ManyResult:
    """A map of 6 x 8 peaks: two rows without data, one stopped, one of noise."""
    rng = np.random.default_rng(1)
    center = 5.0 + 0.1 * np.add.outer(np.arange(6), np.arange(8))
    model = Lorentzian() + Constant()
    y = np.array(
        [model(X, amplitude=90.0, center=own, gamma=0.8, c=5.0) for own in center.flat]
    ).reshape(6, 8, -1)
    y += rng.normal(size=y.shape)
    y[0, 3] = np.nan
    y[4, 4, 2:] = np.nan
    y[2, 1, 5:9] = np.nan
    # The last step, before which the table's errors are taken, is then a short one.
    stop = Stop(ftol=1e-13, max_steps=200)
    return many_of(model, X, y, sigma=1.0, stop=stop)


def many_of(model, x, y, **options) -> ManyResult:
    """Fit with units, axes in micrometres, and (1, 2) marked as stopped early."""
    many = pf.fit_many(
        model,
        x,
        y,
        units=("cm⁻¹", "counts"),
        labels=("shift", "intensity"),
        source="/lab/map.h5::/entry/data",
        **options,
    )
    axes = (
        Axis("y", np.linspace(0.0, 2.5, y.shape[0]), "um"),
        Axis("x", np.linspace(10.0, 13.5, y.shape[1]), "um"),
    )
    many.table.status[np.ravel_multi_index((1, 2), many.shape)] = pf.Status.MAX_STEPS
    fields = {name: getattr(many, name) for name in many.__dataclass_fields__}
    return ManyResult(**{**fields, "axes": axes})


@lru_cache(maxsize=1)
def tied() -> ManyResult:
    """A tie, a fixed parameter and a bound that some rows touch."""
    rng = np.random.default_rng(2)
    model = (Gaussian("a_") + Gaussian("b_") + Constant()).where(
        b_amplitude=tie("0.5 * a_amplitude"),
        b_sigma=fixed(0.6),
        c=bounds(0.0, None),
    )
    truth = {"a_amplitude": 50.0, "a_center": 3.0, "a_sigma": 0.7, "b_center": 7.0}
    y = model(X, **truth, c=0.0) + rng.normal(size=(12, X.size))
    return pf.fit_many(model, X, y, sigma=1.0, start={**truth, "c": 0.5})


@lru_cache(maxsize=1)
def scaled() -> ManyResult:
    """No sigma."""
    rng = np.random.default_rng(3)
    y = Gaussian()(X, amplitude=50.0, center=5.0, sigma=0.7) + rng.normal(size=(9, 48))
    return pf.fit_many(Gaussian(), X, y)


@lru_cache(maxsize=1)
def counts() -> ManyResult:
    """Counts, with the Poisson loss."""
    model = Gaussian() + Constant()
    curve = model(X, amplitude=300.0, center=5.0, sigma=0.7, c=12.0)
    y = np.random.default_rng(4).poisson(curve, (9, 48)).astype(float)
    return pf.fit_many(model, X, y, loss="poisson")


@lru_cache(maxsize=1)
def robust() -> ManyResult:
    """A robust loss."""
    rng = np.random.default_rng(5)
    y = Gaussian()(X, amplitude=50.0, center=5.0, sigma=0.7) + rng.normal(size=(9, 48))
    y[:, 7] += 40.0
    return pf.fit_many(Gaussian(), X, y, sigma=1.0, loss="huber")


@lru_cache(maxsize=1)
def undetermined() -> ManyResult:
    """Two constants of which the data see the sum."""
    model = Gaussian() + Constant("a_") + Constant("b_")
    rng = np.random.default_rng(6)
    start = {"amplitude": 50.0, "center": 5.0, "sigma": 0.7, "a_c": 1.0, "b_c": 1.0}
    y = model(X, **start) + rng.normal(size=(5, 48))
    return pf.fit_many(model, X, y, sigma=1.0, start=start)


CASES = (raman, tied, scaled, counts, robust, undetermined)
