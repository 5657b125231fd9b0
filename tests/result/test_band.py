"""The band of a fitted curve: scipy's covariance, and how often the truth is within."""

from __future__ import annotations

import math

import numpy as np
import pytest
import scipy.optimize
from scipy.special import stdtrit

import physfit as pf
from physfit.errors import InputError
from physfit.models import ComplexRingdown, Constant, Exponential, Gaussian, Linear

X = np.linspace(0.0, 10.0, 40)
GRID = np.linspace(-2.0, 12.0, 15)
MODEL = Gaussian() + Constant()
TRUTH = {"amplitude": 3.0, "center": 5.0, "sigma": 1.2, "c": 0.4}


def noisy(seed: int, sigma: float = 0.05) -> np.ndarray:
    return MODEL(X, **TRUTH) + sigma * np.random.default_rng(seed).normal(size=X.size)


def peak(x, amplitude, center, sigma, c):
    z = (x - center) / sigma
    return amplitude / (sigma * math.sqrt(2.0 * math.pi)) * np.exp(-0.5 * z * z) + c


@pytest.mark.parametrize("absolute", [True, False], ids=["sigma", "scaled"])
def test_half_widths_are_those_of_scipys_covariance(absolute):
    """Gradient by differences, normal or Student's quantile."""
    y, sigma = noisy(1), np.full(40, 0.05)
    result = pf.fit(MODEL, X, y, sigma=sigma if absolute else None)
    popt, pcov = scipy.optimize.curve_fit(
        *(peak, X, y, [3.0, 5.0, 1.2, 0.4], sigma), absolute_sigma=absolute
    )
    steps = 1e-5 * np.eye(4)
    slopes = np.stack(
        [(peak(GRID, *(popt + h)) - peak(GRID, *(popt - h))) / 2e-5 for h in steps]
    )
    errors = np.sqrt(np.einsum("in,ij,jn->n", slopes, pcov, slopes))
    quantile = 1.6448536 if absolute else stdtrit(36, 0.95)
    lower, upper = result.band(GRID, level=0.9)
    np.testing.assert_allclose(0.5 * (lower + upper), result(GRID), atol=1e-12)
    np.testing.assert_allclose(0.5 * (upper - lower), quantile * errors, rtol=1e-3)


@pytest.mark.parametrize("absolute", [True, False], ids=["sigma", "scaled"])
def test_the_truth_lies_within_as_often_as_said(absolute):
    """A line is exact: 0.8 of 600 fits of 6 samples, within 4 standard errors."""
    x, at, n = np.arange(6.0), np.array([-3.0, 1.0, 8.0]), 600
    random, hits = np.random.default_rng(7), np.zeros(3)
    for _ in range(n):
        y = 1.0 + 0.5 * x + 0.2 * random.normal(size=6)
        result = pf.fit(Linear(), x, y, sigma=0.2 if absolute else None)
        lower, upper = result.band(at, level=0.8)
        hits += (lower <= 1.0 + 0.5 * at) & (1.0 + 0.5 * at <= upper)
    assert np.all(np.abs(hits / n - 0.8) < 4.0 * math.sqrt(0.8 * 0.2 / n))


def test_ties_and_fixed_parameters_count_by_the_chain_rule():
    """A tie is the fit with the expression put in; what is fixed has no error."""
    y = noisy(2)
    tied = pf.fit(MODEL.where(c=pf.tie("0.1333 * amplitude")), X, y, sigma=0.05)

    def written(x, amplitude, center, sigma):
        z = (x - center) / sigma
        area = amplitude / (sigma * np.sqrt(2.0 * np.pi))
        return area * np.exp(-0.5 * z * z) + 0.1333 * amplitude

    free = pf.fit(
        written,
        X,
        y,
        sigma=0.05,
        start={name: tied.values[name] for name in ("amplitude", "center", "sigma")},
    )
    np.testing.assert_allclose(tied.band(GRID), free.band(GRID), rtol=1e-5)
    line = Linear().where(intercept=pf.fixed(1.0))
    lower, upper = pf.fit(line, X, 1.0 + 2.0 * X, sigma=0.1).band([0.0, 1.0])
    assert lower[0] == upper[0] == 1.0
    assert lower[1] < 3.0 < upper[1]


def test_what_has_no_error_has_no_band():
    """Infinite where nothing is determined, NaN without degrees of freedom."""
    twice = pf.fit(
        Constant("a_") + Constant("b_") + Exponential(), X, noisy(3), sigma=1
    )
    assert np.isfinite(twice.band([1.0])).all()  # the sum is determined
    two = pf.fit(Linear(), [0.0, 1.0], [1.0, 2.0])
    assert np.isnan(two.band([0.5])).all()
    same = pf.fit(Linear(), [1.0, 1.0, 1.0], [1.0, 2.0, 1.5], sigma=0.1)
    lower, upper = same.band([1.0, 2.0])
    assert upper[0] - lower[0] == pytest.approx(2 * 1.959964 * 0.1 / math.sqrt(3.0))
    assert (lower[1], upper[1]) == (-math.inf, math.inf)


def test_a_complex_curve_has_the_bands_of_its_parts():
    """Real and imaginary part by themselves, in the shape of x."""
    model, t = ComplexRingdown(), np.linspace(0.0, 4.0, 50)
    truth = {"amplitude": 2.0, "frequency": 1.0, "rate": 0.5, "phase": 0.3}
    noise = np.random.default_rng(1).normal(size=(2, 50))
    y = model(t, **truth) + 0.01 * (noise[0] + 1j * noise[1])
    result, grid = pf.fit(model, t, y, sigma=0.01), t.reshape(10, 5)
    lower, upper = result.band(grid)
    assert lower.shape == (10, 5)
    away = (model(grid, **truth) - result(grid)) / (upper - lower).real
    assert np.abs(away.real).max() < 1.5
    assert np.all((upper - lower).imag > 0.0)


@pytest.mark.parametrize("level", [0.0, 1.0, 95, -1, math.nan, "0.95", True])
def test_a_level_is_a_probability(level):
    """Per cent are refused."""
    with pytest.raises(InputError, match="`level` must"):
        pf.fit(Linear(), X, X).band(GRID, level)
