"""Newton steps along the edge of the domain of counts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize

import physfit as pf
from physfit.models.loss import COUNTING as POISSON
from physfit.objective import Objective
from physfit.solve.primal_dual import newton_along_edge
from physfit.solve.stacked import Stacked

X = np.linspace(-5.0, 5.0, 41)
COUNTING = {"loss": "poisson"}
TRUTH = {
    "gaussian + constant": {"amplitude": 4.0, "center": 0.3, "sigma": 0.9, "c": 0.05},
    "lorentzian + constant": {"amplitude": 6.0, "center": 0.3, "gamma": 1.0, "c": 0.0},
}


def counts_of(name, n_rows, seed):
    model = pf.parse_model(name)
    drawn = np.random.default_rng(seed).poisson(model(X, **TRUTH[name]), (n_rows, 41))
    return model, drawn.astype(float)


@pytest.mark.parametrize("name", list(TRUTH))
def test_rows_and_single_fits_on_the_edge_cost_the_same(name):
    """To the ninth digit, from the guess; a hundredth of that is left to gain."""
    model, y = counts_of(name, 60, 3)
    many = pf.fit_many(model, X, y, retry=False, **COUNTING)
    single = [pf.fit(model, X, row, **COUNTING) for row in y]
    at_edge = many.status == pf.Status.EDGE
    at_edge &= [own.status is pf.Status.EDGE for own in single]
    assert at_edge.sum() > 10
    costs = 0.5 * np.array([own.chi2 for own in single])
    assert np.abs(0.5 * many.chi2 - costs)[at_edge].max() < 1e-9


@pytest.mark.parametrize("row", range(4))
@pytest.mark.parametrize("name", list(TRUTH))
def test_no_point_beside_costs_less(name, row):
    """SLSQP with a model of at least 0 gains nothing from there but its tolerance."""
    model, y = counts_of(name, 60, 3)
    many = pf.fit_many(model, X, y, retry=False, **COUNTING)
    k = np.flatnonzero(many.status == pf.Status.EDGE)[row]
    names, best, data = model.free_names, many.table.theta[k], y[k]

    def cost(theta):
        mean = np.maximum(model(X, **dict(zip(names, theta, strict=True))), 1e-300)
        return (mean - data * np.log(mean)).sum()

    def mean(theta):
        return model(X, **dict(zip(names, theta, strict=True)))

    inside = {"type": "ineq", "fun": mean}
    found = minimize(cost, best, constraints=[inside], method="SLSQP", tol=1e-12)
    # what it goes below 0 by gains as much times multipliers of up to 41
    below = 41.0 * max(0.0, -mean(found.x).min()) * 41.0
    assert found.fun > cost(best) - 1e-9 - below


def test_fits_of_a_stack_do_not_see_each_other():
    """Together they end where each ends alone, masked samples and all."""
    model, y = counts_of("lorentzian + constant", 8, 5)
    used = np.random.default_rng(1).random(y.shape) < 0.9
    start = pf.fit_many(model, X, y, mask=~used, retry=False, **COUNTING).table.theta
    start[:, 3] += 0.1
    ones = np.ones((1, X.size))
    own = Objective(model.layout, X[None], ones, ones, POISSON)
    limits = model.free_lower, model.free_upper
    held = np.zeros(start.shape, dtype=np.int64)
    stack = Stacked.of([own] * 8, y, used)
    together = newton_along_edge(stack, start, held, limits, 1e-5)
    assert together.found.sum() >= 6
    for k in np.flatnonzero(together.found):
        alone = newton_along_edge(
            stack.some(np.array([k])), start[[k]], held[[k]], limits, 1e-5
        )
        np.testing.assert_allclose(alone.theta[0], together.theta[k], rtol=1e-9)
    own.release()
