"""Energies of spins by `fit`: the exact answer, with a ridge, judged elsewhere."""

from __future__ import annotations

import numpy as np
import pytest

from physfit import fit
from physfit.errors import InputError
from physfit.fitting.columns import Columns, observed
from physfit.fitting.fit_plan import plan_of_rows
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.passes import assessed
from physfit.models import IsingEnergy
from physfit.solve.base import Status

L, N, DECAY = 5, 400, 0.2
MODEL = IsingEnergy(L, "all_pairs", offset=True)
PAIRS = [(i, j) for i in range(L) for j in range(i + 1, L)]


def data(noise: float = 0.3):
    """Configurations, their energies, and the columns of the design."""
    rng = np.random.default_rng(4)
    spins = rng.choice([-1, 1], (N, L))
    columns = [-spins[:, i] * spins[:, j] for i, j in PAIRS] + [np.ones(N)]
    design = np.stack(columns, 1).astype(float)
    truth = rng.normal(size=design.shape[1])
    return spins, design @ truth + noise * rng.normal(size=N), design


def test_lm_is_the_least_squares_solution():
    """Value and covariance are those of the design matrix, scaled by chi2 / dof."""
    spins, y, design = data()
    found = fit(MODEL, spins, y)
    theta, (chi2,), *_ = np.linalg.lstsq(design, y, rcond=None)
    covariance = np.linalg.inv(design.T @ design) * chi2 / (N - len(theta))
    np.testing.assert_allclose(found.solution.theta, theta, rtol=1e-11)
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-9, atol=1e-12)
    assert found.converged and found.distance < 1e-8


@pytest.mark.parametrize("sigma", [None, 0.3], ids=["scaled", "absolute"])
@pytest.mark.parametrize("method", ["lm", "gauss_newton"])
def test_weight_decay_is_the_exact_ridge(method, sigma):
    """Minimum of mean rho + decay / 2 |J|^2, in closed form; the offset is free."""
    spins, y, design = data()
    found = fit(MODEL, spins, y, sigma=sigma, method=method, weight_decay=DECAY)
    weight = 1.0 if sigma is None else 1.0 / sigma**2
    penalty = np.diag([*[N * DECAY] * len(PAIRS), 0.0])
    matrix = weight * design.T @ design + penalty
    theta = np.linalg.solve(matrix, weight * design.T @ y)
    chi2 = weight * np.sum((design @ theta - y) ** 2)
    scale = chi2 / (N - len(theta)) if sigma is None else 1.0
    np.testing.assert_allclose(found.solution.theta, theta, rtol=1e-10)
    np.testing.assert_allclose(found.chi2, chi2, rtol=1e-10)
    expected = np.linalg.inv(matrix) * scale
    np.testing.assert_allclose(found.covariance, expected, rtol=1e-9, atol=1e-12)


def test_a_ridge_determines_what_the_data_leave_open():
    """Fewer rows than couplings: finite errors, and no advice to take a ridge."""
    spins, y, _ = data()
    few = slice(0, 8)
    found = fit(MODEL, spins[few], y[few], sigma=0.3, weight_decay=DECAY)
    assert np.isfinite(found.covariance).all()
    assert not any("ridge" in own for own in found.warnings)
    bare = fit(MODEL, spins[few], y[few], sigma=0.3)
    assert any("ridge" in own for own in bare.warnings)


def test_a_penalised_answer_has_no_likelihood():
    """AIC, BIC and p are those of the largest likelihood, which a ridge is not at."""
    spins, y, _ = data()
    found = fit(MODEL, spins, y, sigma=0.3, weight_decay=DECAY)
    assert (found.aic, found.bic, found.p_value) == (None, None, None)
    plain = fit(MODEL, spins, y, sigma=0.3)
    assert None not in (plain.aic, plain.bic, plain.p_value)


@pytest.mark.parametrize("decay", [-0.1, np.nan, np.inf])
def test_a_decay_that_is_none_is_refused(decay):
    """By the name that the caller gave it."""
    spins, y, _ = data()
    with pytest.raises(InputError, match="`weight_decay` must be finite and not neg"):
        fit(MODEL, spins, y, weight_decay=decay)


def test_a_model_that_meets_the_data_says_so():
    """Without noise what is left is rounding: no distance can be told from it."""
    spins, y, design = data(noise=0.0)
    found = fit(MODEL, spins, y)
    assert found.status is Status.EXACT
    assert "standard errors away" not in found.report()
    assert found.chi2 < 1e-25 * np.sum(y**2)
    theta = np.linalg.lstsq(design, y, rcond=None)[0]
    np.testing.assert_allclose(found.solution.theta, theta, atol=1e-13)


@pytest.mark.parametrize("away", [0.0, 2.0])
def test_minibatches_are_judged_by_the_normal_equations(away):
    """The distance is the largest Newton step, in standard errors of the exact fit."""
    spins, y, _ = data()
    exact = fit(MODEL, spins, y)
    error = np.sqrt(exact.covariance.diagonal())
    theta = exact.solution.theta.copy()
    theta[3] += away * error[3]
    _, rows = observed(MODEL, Columns(spins, y))
    found = assessed(plan_of_rows(MODEL, rows, FitSettings()), theta)
    # The errors are scaled by chi2 at the place that is judged, a little larger.
    np.testing.assert_allclose(found.distance, away, rtol=0.02, atol=1e-8)
