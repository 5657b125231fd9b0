"""Objectives of several terms: data sets that share parameters, and priors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import least_squares, minimize

from physfit.errors import DomainError, ShapeError
from physfit.joint_objective import JointObjective, NormalPrior, Placed
from physfit.models import Exponential, Gaussian
from physfit.models.loss import Loss
from physfit.objective import Objective
from physfit.solve.least_squares import levenberg_marquardt

X = np.linspace(0.5, 8.0, 80)
SIGMA = 0.05


def data_term(model, true, seed) -> tuple[Objective, np.ndarray]:
    y = model(X, **dict(zip(model.names, true, strict=True)))
    y = y + SIGMA * np.random.default_rng(seed).normal(size=X.size)
    weights = np.full((1, X.size), 1.0 / SIGMA)
    return Objective(model.layout, X[None], y[None], weights, Loss("chi2")), y


#: amplitude and center of a peak, its width shared with the decay of the other set.
TRUE = np.array([4.0, 3.0, 1.5, 2.0])
PEAK, DECAY = (0, 1, 2), (3, 2)
START = np.array([3.5, 3.1, 1.3, 2.2])
FREE = np.full(4, -np.inf), np.full(4, np.inf)


def peak_of(p):
    a, c, s = p
    return a / (s * np.sqrt(2.0 * np.pi)) * np.exp(-0.5 * ((X - c) / s) ** 2)


def decay_of(p):
    return p[0] * np.exp(-X / p[1])


@pytest.fixture(scope="module")
def sets():
    """Two data sets, each with its own model."""
    one, y_one = data_term(Gaussian(), TRUE[list(PEAK)], 5)
    two, y_two = data_term(Exponential(), TRUE[list(DECAY)], 6)
    return one, two, y_one, y_two


def residuals(p, sets, with_prior):
    rows = [peak_of(p[list(PEAK)]) - sets[2], decay_of(p[list(DECAY)]) - sets[3]]
    prior = [(p[0] - 3.8) / 0.01] if with_prior else []
    return np.concatenate([*(row / SIGMA for row in rows), prior])


def joint(sets, with_prior) -> JointObjective:
    terms = [Placed(sets[0], PEAK), Placed(sets[1], DECAY)]
    prior = [Placed(NormalPrior(3.8, 0.01), (0,))] if with_prior else []
    return JointObjective([*terms, *prior], 4)


each = pytest.mark.parametrize("with_prior", [False, True], ids=["sets", "prior"])


@each
def test_the_minimum_and_its_covariance_are_scipys(sets, with_prior):
    """Parameters that two sets share, with and without a normal prior."""
    found = levenberg_marquardt(joint(sets, with_prior), START, *FREE)
    expected = least_squares(residuals, START, args=(sets, with_prior), xtol=1e-14)
    covariance = np.linalg.inv(expected.jac.T @ expected.jac)
    errors = np.sqrt(np.diagonal(covariance))
    assert 0 < found.status < 20
    np.testing.assert_allclose(found.theta, expected.x, atol=1e-4 * errors.min())
    np.testing.assert_allclose(found.covariance, covariance, rtol=1e-4, atol=1e-9)
    assert found.cost == pytest.approx(expected.cost, rel=1e-9)


@each
def test_sums_are_those_of_the_rows(sets, with_prior):
    """Gradient and matrix from compiled code, and from the rows of all terms."""
    objective = joint(sets, with_prior)
    cost, gradient, matrix = objective.normal(START)
    rows, residual = objective.weighted_rows(START)
    assert cost == pytest.approx(objective.cost(START), rel=1e-12)
    assert residual.size == objective.n_samples
    # Sums of 160 terms in another order.
    np.testing.assert_allclose(gradient, rows @ residual, rtol=1e-10, atol=1e-8)
    np.testing.assert_allclose(matrix, rows @ rows.T, rtol=1e-10, atol=1e-8)
    alone = objective.gradient(START)
    assert alone[0] == pytest.approx(cost, rel=1e-12)
    np.testing.assert_allclose(alone[1], gradient, rtol=1e-10, atol=1e-8)


def test_a_joint_fit_stays_within_bounds(sets):
    """A shared parameter held on its bound by both terms."""
    upper = np.array([np.inf, np.inf, 1.2, np.inf])
    found = levenberg_marquardt(joint(sets, False), START - 0.2, FREE[0], upper)
    assert found.theta[2] == 1.2 and found.at_bound[2] == 1


def test_counts_and_a_prior_are_one_likelihood():
    """The minimum is scipy's; with a deviance the sum has no rounding of its own."""
    model = Exponential()
    y = (
        np.random.default_rng(7)
        .poisson(model(X, amplitude=50.0, decay=3.0))
        .astype(float)
    )
    weights = np.ones((1, X.size))
    counts = Objective(model.layout, X[None], y[None], weights, Loss("poisson"))
    prior = NormalPrior(3.5, 0.05)
    objective = JointObjective([Placed(counts, (0, 1)), Placed(prior, (1,))], 2)
    assert objective.rounding == 0.0

    def minus_log_likelihood(p):
        f = p[0] * np.exp(-X / p[1])
        return np.sum(f - y * np.log(f)) + 0.5 * ((p[1] - 3.5) / 0.05) ** 2

    start, bounds = np.array([45.0, 3.3]), (bound[:2] for bound in FREE)
    found = levenberg_marquardt(objective, start, *bounds)
    options = {"xatol": 1e-9, "fatol": 1e-12}
    expected = minimize(
        minus_log_likelihood, start, method="Nelder-Mead", options=options
    )
    errors = np.sqrt(np.diagonal(found.covariance))
    # A simplex does not tell costs apart that differ by their rounding, 1e-14 of 1e4.
    np.testing.assert_allclose(found.theta, expected.x, atol=1e-4 * errors.min())


@pytest.mark.parametrize(("mean", "sigma"), [(1.0, 0.0), (math.nan, 1.0), (1.0, -2.0)])
def test_a_prior_without_a_width_is_refused(mean, sigma):
    """One sentence."""
    with pytest.raises(DomainError, match="a normal prior needs a finite mean"):
        NormalPrior(mean, sigma)


def test_places_that_are_none_are_refused(sets):
    """One sentence."""
    with pytest.raises(ShapeError, match="must be 3 numbers below 2"):
        JointObjective([Placed(sets[0], (0, 1))], 2)
