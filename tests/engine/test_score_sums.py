"""Sums of a sums against their definitions."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.engine.score_sums import score_sums_of, summed_scores
from physfit.models import ComplexRingdown, Constant, Gaussian, Linear
from physfit.models.loss import as_loss
from physfit.models.param import tie
from physfit.objective import Objective

CASES = {
    "real": (Gaussian() + Linear(), [2.0, 0.3, 0.8, 0.1, 5.0]),
    "complex": (ComplexRingdown(), [2.0, 0.7, 0.3, 0.2]),
    "tied": (
        (Gaussian("a_") + Gaussian("b_") + Constant()).where(b_sigma=tie("a_sigma")),
        [2.0, 0.3, 0.8, 1.0, -0.5, 5.0],
    ),
}


def objective_of(model, loss, n: int) -> Objective:
    rng = np.random.default_rng(5)
    shape = (model.n_outputs, n)
    y = 5.0 + 2.0 * rng.normal(size=shape)
    x, weights = rng.uniform(-2.0, 3.0, (1, n)), rng.uniform(0.5, 2.0, shape)
    return Objective(model.layout, x, y, weights, loss)


@pytest.mark.parametrize("case", CASES, ids=CASES)
@pytest.mark.parametrize("loss", ["soft_l1:0.7", "poisson"])
@pytest.mark.parametrize("block_rows", [1, 16, 256])
def test_sums_are_those_of_the_definition(case, loss, block_rows):
    """G, H, A, g, moments, and M over blocks that end with each 256 rows."""
    model, start = CASES[case]
    own, theta, n = as_loss(loss), np.array(start), 700
    goal = objective_of(model, own, n)
    if loss == "poisson":
        if case == "complex":
            pytest.skip("counts are not complex")
        goal.bind(goal.x, np.round(np.abs(goal.y)), goal.weights, n)
    got = score_sums_of(
        summed_scores(goal.problem, goal.n_free, theta, block_rows, False),
        goal.n_free,
    )
    value, partials = goal.values_and_partials(theta)
    rho, slope, weight, curvature = goal.loss_terms(value)
    w = goal.weights

    def products(weights: np.ndarray) -> np.ndarray:
        return np.einsum("kon,on,lon->kl", partials, weights, partials)

    rows = np.einsum("kon,on->kn", partials, slope)
    ends = sorted({*range(0, n, 256), *range(0, n, block_rows)})
    blocks = np.add.reduceat(rows, ends, axis=1)
    # Sums of 700 terms of both signs in another order.
    close = {"rtol": 1e-9, "atol": 1e-9}
    assert got.cost == pytest.approx(rho.sum(), rel=1e-12)
    assert got.n_blocks == len(ends)
    np.testing.assert_allclose(got.gradient, rows.sum(axis=1), **close)
    np.testing.assert_allclose(got.gauss_newton, products(weight), **close)
    np.testing.assert_allclose(got.curvature, products(curvature), **close)
    np.testing.assert_allclose(got.plain, products(w**2), **close)
    np.testing.assert_allclose(got.meat, blocks @ blocks.T, **close)
    moments = [((slope / w) ** 2).sum(), (curvature / w**2).sum()]
    moments.append(((curvature / w**2) ** 2).sum())
    np.testing.assert_allclose(got.moments, moments, rtol=1e-12)


def test_what_is_not_asked_for_stays_zero():
    """For a likelihood neither H nor A nor the moments are summed."""
    model, start = CASES["real"]
    goal = objective_of(model, as_loss("chi2"), 300)
    sums = summed_scores(goal.problem, goal.n_free, np.array(start), 16, True)
    got = score_sums_of(sums, goal.n_free)
    assert got.gauss_newton.any()
    assert not got.curvature.any()
    assert not got.plain.any()
    assert got.moments == [0.0, 0.0, 0.0]
