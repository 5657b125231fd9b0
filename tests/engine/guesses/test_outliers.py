"""Outliers that a guess for a robust loss does not follow."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

import physfit as pf
from physfit.engine.guesses.outliers import _median, soften

X = np.linspace(0.0, 10.0, 100)
PEAK = pf.models.Gaussian() + pf.models.Constant()


def softened(y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weights and values after a look at the outliers."""
    weights, residual = np.ones(y.size), y.copy()
    soften(weights, residual, y.size)
    return weights, residual / weights


def test_median_of_five() -> None:
    """Every order of every five numbers."""
    for five in itertools.product(range(5), repeat=5):
        assert _median(*map(float, five)) == np.median(five)


@pytest.mark.parametrize("places", [[40], [40, 41], [0], [1], [0, 99], [98], [7, 9]])
@pytest.mark.parametrize("size", [30.0, -1e4, 1e12])
def test_outliers_are_put_to_their_neighbours(places: list[int], size: float) -> None:
    """Also two in a row, and at the ends; the others stay as they are."""
    clean = np.sin(X) + 0.02 * np.random.default_rng(1).normal(size=X.size)
    y = clean.copy()
    y[places] += size
    weights, values = softened(y)
    np.testing.assert_allclose(values, clean, atol=0.5)
    assert (weights[places] < 0.1).all()
    others = np.setdiff1d(np.arange(X.size), places)
    assert (weights[others] == 1.0).mean() > 0.95


@pytest.mark.parametrize(
    "y",
    [
        np.exp(-X / 0.3),
        np.exp(-((X - 5.0) ** 2)),
        np.cos(20.0 * X),
        3.0 * X,
        np.cos(np.pi * np.arange(100.0)),
    ],
    ids=["steep decay", "peak", "wave", "line", "alternating"],
)
def test_curves_are_no_outliers(y: np.ndarray) -> None:
    """Steep ones neither, with noise that is small beside them."""
    noisy = y + 0.05 * np.random.default_rng(2).normal(size=y.size)
    weights, _ = softened(noisy)
    assert (weights == 1.0).mean() > 0.95


@pytest.mark.parametrize("size", [15.0, 1e4], ids="{:g}".format)
@pytest.mark.parametrize("has_sigma", [True, False])
def test_robust_fits_without_a_start_end_where_those_from_the_truth_do(
    has_sigma: bool, size: float
) -> None:
    """With 7 % outliers; one in twenty has three in a row, which look like a peak."""
    rng = np.random.default_rng(3)
    truth = {"amplitude": 2.5, "center": 4.0, "sigma": 0.6, "c": 0.5}
    y = PEAK(X, **truth) + 0.15 * rng.normal(size=(60, X.size))
    spoiled = rng.uniform(size=y.shape) < 0.07
    y[spoiled] += 0.15 * size * rng.normal(size=spoiled.sum())
    sigma = 0.15 if has_sigma else None
    guessed = pf.fit_many(PEAK, X, y, sigma=sigma, loss="huber", retry=False)
    known = pf.fit_many(PEAK, X, y, sigma=sigma, loss="huber", start=truth)
    off = np.abs(guessed["center"].value - known["center"].value)
    assert (off < 0.01 * known["center"].stderr).mean() >= 0.95
    single = pf.fit(PEAK, X, y[0], sigma=sigma, loss="huber")
    assert abs(single["center"].value - known["center"].value[0]) < 1e-3
