"""Fits of few counts: where the model comes close to zero."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize, nnls

import physfit as pf


def peak(x, amplitude, center, sigma):
    z = (x - center) / sigma
    return amplitude / (sigma * np.sqrt(2.0 * np.pi)) * np.exp(-0.5 * z * z)


@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e9])
def test_a_peak_without_background_may_underflow_where_nothing_was_counted(scale):
    """Its area is the number of counts, with the root of it as error."""
    x = np.arange(101.0)
    counts = np.random.default_rng(0).poisson(peak(x, 300.0, 50.0, 1.0))
    found = pf.fit(pf.models.Gaussian(), scale * x, counts, loss="poisson")
    many = pf.fit_many(pf.models.Gaussian(), scale * x, counts[None], loss="poisson")
    for own in (found, many):
        # Samples lie 1 sigma apart: their sum is the integral to 1e-8.
        total = scale * counts.sum()
        error = scale * np.sqrt(counts.sum())
        assert np.all(own.converged)
        np.testing.assert_allclose(own["amplitude"].value, total, rtol=1e-6)
        np.testing.assert_allclose(own["amplitude"].stderr, error, rtol=1e-6)


X = np.linspace(0.0, 1.0, 50)
PEAK = pf.models.Gaussian() + pf.models.Constant()
COUNTING = {"loss": "poisson"}


def optimality(found):
    """Multipliers of the samples at the edge, for a cost whose gradient they balance.

    By least squares over the samples without counts where the model is close to 0;
    the gradient that they leave, in units of that of the samples one by one.
    """
    objective = found.objective
    mean, partials = objective.values_and_partials(found.solution.theta)
    mean, partials, y = mean[0], partials[:, 0], objective.y[0]
    slope = 1.0 - y / mean
    at_edge = (y == 0.0) & (mean < 1e-6)
    size = np.sqrt((partials**2).sum(axis=1))
    rows = partials / size[:, None]
    left = rows @ slope
    if at_edge.any():
        left -= rows[:, at_edge] @ nnls(rows[:, at_edge], left)[0]
    return np.linalg.norm(left) / np.linalg.norm(slope)


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
@pytest.mark.parametrize("seed", range(6))
def test_a_line_of_few_counts_ends_on_the_edge_of_its_domain(seed, scale):
    """The best line that is nowhere negative, against scipy's with that constraint."""
    y = np.random.default_rng(seed).poisson(0.6 * X)
    found = pf.fit(pf.models.Linear(), scale * X, y, **COUNTING)

    def cost(ends):
        mean = np.maximum((1.0 - X) * ends[0] + X * ends[1], 1e-12)
        return (mean - y * np.log(mean)).sum()

    limits = [(1e-12, None)] * 2  # a line is positive where its ends are
    best = minimize(cost, [0.1, 0.6], bounds=limits, method="Nelder-Mead", tol=1e-11)
    ends = found([0.0, scale])
    assert found.converged
    assert cost(ends) < best.fun + 1e-8
    assert optimality(found) < 1e-5


def test_what_is_held_by_the_edge_has_no_error():
    """Value and error of the others are those with it fixed there, as at a bound."""
    y = np.random.default_rng(0).poisson(0.3 * X)
    found = pf.fit(pf.models.Linear(), X, y, **COUNTING)
    line = pf.models.Linear().where(intercept=pf.fixed(0.0))
    alone = pf.fit(line, X, y, **COUNTING)
    assert found.status is pf.Status.EDGE
    assert found["intercept"].value == pytest.approx(0.0, abs=1e-8)
    assert np.isnan(found["intercept"].stderr)
    assert found["intercept"].note.startswith("at the edge")
    assert found["slope"].value == pytest.approx(alone["slope"].value, rel=1e-6)
    assert found["slope"].stderr == pytest.approx(alone["slope"].stderr, rel=1e-6)
    assert any("held at" in said for said in found.warnings)
    assert found.n_fitted == 1


def test_an_edge_that_holds_a_combination_is_said():
    """Far from x = 0 neither parameter is held, but both move along the edge."""
    y = np.random.default_rng(0).poisson(0.3 * X)
    found = pf.fit(pf.models.Linear(), X + 5.0, y, **COUNTING)
    near = pf.fit(pf.models.Linear(), X, y, **COUNTING)
    assert found.status is pf.Status.EDGE
    assert found["slope"].stderr == pytest.approx(near["slope"].stderr, rel=1e-3)
    assert found.correlation[0, 1] == pytest.approx(-1.0, abs=1e-6)
    assert "The model reaches 0" in " ".join(found.report().split())


@pytest.mark.parametrize(
    "name", ["constant", "linear", "gaussian", "peak", "quadratic"]
)
def test_no_counts_at_all_leave_nothing_to_fit(name):
    """Zero everywhere is on the edge; no parameter has a finite error."""
    model = PEAK if name == "peak" else pf.parse_model(name)
    found = pf.fit(model, X, np.zeros(X.size), **COUNTING)
    assert found.chi2 < 1e-8
    assert not np.isfinite(list(found.stderr.values())).any()
    assert found.status is pf.Status.EDGE or not found.converged


@pytest.mark.parametrize("below", [-30.0, -0.5, 0.0])
def test_a_start_outside_the_domain_is_led_inside(below):
    """The same minimum as from the guess, whatever the start."""
    truth = {"amplitude": 4.0, "center": 0.5, "sigma": 0.08, "c": 3.0}
    y = np.random.default_rng(1).poisson(PEAK(X, **truth))
    best = pf.fit(PEAK, X, y, **COUNTING)
    found = pf.fit(PEAK, X, y, start={**truth, "c": below}, **COUNTING)
    assert found.converged
    assert found.chi2 == pytest.approx(best.chi2, rel=1e-9)


def test_a_start_on_the_edge_can_leave_it():
    """A line through the origin, where nothing was counted, from a slope alone."""
    y = np.random.default_rng(3).poisson(1.0 + X)
    y[0] = 0
    start = {"slope": 1.0, "intercept": 0.0}
    found = pf.fit(pf.models.Linear(), X, y, start=start, **COUNTING)
    best = pf.fit(pf.models.Linear(), X, y, **COUNTING)
    assert found.chi2 == pytest.approx(best.chi2, rel=1e-9)


def test_a_dip_down_to_nothing_is_fitted():
    """An absorption line without counts at its center: the model touches 0 there."""
    truth = {"amplitude": -0.6, "center": 0.5, "sigma": 0.08, "c": 3.0}
    y = np.random.default_rng(5).poisson(PEAK(X, **truth))
    found = pf.fit(PEAK, X, y, start=truth, **COUNTING)
    assert found.converged
    assert (found.best_fit >= 0.0).all()
    assert optimality(found) < 1e-4
