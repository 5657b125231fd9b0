"""Fits of every kind, for tests that hold for all results."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from physfit import bounds, fit, fixed, tie
from physfit.models import (
    ComplexRingdown,
    Constant,
    Exponential,
    Gaussian,
    Linear,
    Ringdown,
    Voigt,
)
from physfit.result import FitResult
from physfit.solve.base import Stop

X = np.linspace(0.0, 10.0, 80)
PEAK = {"amplitude": 3.0, "center": 5.0, "sigma": 0.7}
RING = {"amplitude": 2.0, "frequency": 0.5, "rate": 0.2, "phase": 0.3}


def noise(size: float, seed: int) -> Any:
    """Normal noise of that standard deviation."""
    return np.random.default_rng(seed).normal(0.0, size, len(X))


def peak() -> FitResult:
    """Scaled errors, units and a guessed start."""
    y = Gaussian()(X, **PEAK) + 1.0 + noise(0.05, 1)
    return fit(
        Gaussian() + Constant(),
        X,
        y,
        start={"amplitude": 2.0, "center": 5.2, "sigma": 0.5},
        units=("cm⁻¹", "counts"),
        labels=("shift", "intensity"),
    )


def ring() -> FitResult:
    """Absolute errors."""
    y = Ringdown()(X, **RING) + noise(0.1, 2)
    return fit(Ringdown(), X, y, sigma=0.1, start=RING, units=("s", "um"))


def tied() -> FitResult:
    """Ties, a fixed parameter and one at its bound."""
    model = (Voigt("a_") + Gaussian("b_") + Linear()).where(
        a_gamma=tie("0.5 * a_sigma"),
        b_amplitude=tie("2 * a_amplitude"),
        slope=fixed(0.0),
        intercept=bounds(0.0, None),
    )
    truth = {"a_amplitude": 2.0, "a_center": 3.0, "a_sigma": 0.5}
    truth |= {"b_center": 7.0, "b_sigma": 0.6}
    y = model(X, **truth, intercept=0.0) - 0.1 + noise(0.05, 3)
    return fit(model, X, y, sigma=0.05, start={**truth, "intercept": 0.1})


def counts() -> FitResult:
    """Counts with the Poisson loss."""
    model = Gaussian() + Constant()
    truth = {"amplitude": 300.0, "center": 5.0, "sigma": 0.7, "c": 12.0}
    y = np.random.default_rng(4).poisson(model(X, **truth)).astype(float)
    return fit(model, X, y, loss="poisson", start=truth)


def robust() -> FitResult:
    """A robust loss with a hyper-parameter of its own."""
    y = Gaussian()(X, **PEAK) + noise(0.05, 5)
    y[[3, 40]] += 2.0
    return fit(Gaussian(), X, y, sigma=0.05, loss="huber:1.7", start=PEAK)


def complex_valued() -> FitResult:
    """Complex data."""
    y = ComplexRingdown()(X, **RING) + noise(0.1, 6) + 1j * noise(0.1, 7)
    return fit(ComplexRingdown(), X, y, sigma=0.1, start=RING)


def product() -> FitResult:
    """A product, whose second scale is fixed for the user."""
    model = Gaussian() * Linear()
    start = {**PEAK, "slope": 0.2}
    return fit(model, X, model(X, **start) + noise(0.01, 8), start=start)


def unfinished() -> FitResult:
    """Stopped after one step."""
    y = Gaussian()(X, **PEAK)
    start = {"amplitude": 1.0, "center": 3.8, "sigma": 1.5}
    return fit(Gaussian(), X, y, sigma=0.1, start=start, stop=Stop(max_steps=1))


def undetermined() -> FitResult:
    """Two constants of which the data see the sum."""
    model = Gaussian() + Constant("a_") + Constant("b_")
    start = {**PEAK, "a_c": 0.5, "b_c": 0.5}
    return fit(model, X, Gaussian()(X, **PEAK) + 1.0 + noise(0.05, 9), start=start)


def not_finite() -> FitResult:
    """Not finite at the start."""
    model = Exponential().where(decay=fixed(0.0))
    return fit(model, X, X, sigma=1.0, start={"amplitude": 1.0})


def left_out() -> FitResult:
    """Samples that are not finite left out."""
    y = Gaussian()(X, **PEAK) + noise(0.05, 10)
    y[:3] = np.nan
    return fit(Gaussian(), X, y, start=PEAK, nan="omit")


CASES: tuple[Callable[[], FitResult], ...] = (
    peak,
    ring,
    tied,
    counts,
    robust,
    complex_valued,
    product,
    unfinished,
    undetermined,
    not_finite,
    left_out,
)


def every(*without: Callable[[], FitResult]) -> pytest.MarkDecorator:
    """Parametrize a test over all cases but some."""
    kept = [case for case in CASES if case not in without]
    return pytest.mark.parametrize(
        "case", kept, ids=lambda case: case.__name__.replace("_", " ")
    )
