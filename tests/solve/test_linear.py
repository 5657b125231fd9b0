"""Exact least squares of linear models against numpy's."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.data.base import Window
from physfit.data.memory import ArraySource
from physfit.engine.spin_table import products_of
from physfit.models import IsingEnergy
from physfit.models.loss import as_loss
from physfit.solve.base import Status
from physfit.solve.linear import linear_least_squares
from physfit.solve.spin_gram import exact_gram, gram_of
from physfit.solve.sums import StreamedObjective

MODELS = {
    "nearest": IsingEnergy(7),
    "lattice": IsingEnergy((3, 3), "by_distance", offset=True),
    "pairs": IsingEnergy(6, "all_pairs"),
    "pairs-h": IsingEnergy(6, "all_pairs", field=True),
    "pairs-offset": IsingEnergy(9, "all_pairs", offset=True),
    "pairs-all": IsingEnergy((2, 3), "all_pairs", field=True, offset=True),
}
each = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))


class Problem:
    """Noisy energies of random configurations, with their table of features."""

    def __init__(self, model, n=500, uniform=False, seed=0):
        rng = np.random.default_rng(seed)
        n_spins = model.n_inputs
        self.spins = np.where(rng.random((n, n_spins)) < 0.45, 1, -1).astype(np.int8)
        self.table = model.with_partials(self.spins)[1].T
        self.truth = rng.normal(size=len(model.names))
        self.y = (self.table @ self.truth + 0.3 * rng.normal(size=n))[None]
        self.sigma = np.full((1, n), 0.5) if uniform else rng.uniform(0.5, 2, (1, n))
        self.w = 1.0 / self.sigma

    def objective(self, model, **options):
        source = ArraySource(self.spins, self.y, self.sigma)
        return StreamedObjective(model.layout, source, as_loss("chi2"), **options)


def solved(model, own, **options):
    lower, upper = model.free_lower, model.free_upper
    return linear_least_squares(own.objective(model), lower, upper, **options)


@each
def test_bits_and_sums_of_floats_give_the_same_gram_matrix(model):
    """Bit for bit, since all entries are integers below 2^53."""
    own = Problem(model)
    own.sigma = None
    expected = own.table.T @ own.table
    found = own.objective(model).normal(np.zeros(len(model.names)))[2]
    np.testing.assert_array_equal(found, expected)
    if "all_pairs" in model.expression:
        products = products_of(model.layout.kernels[0])
        np.testing.assert_array_equal(exact_gram(products, own.spins), expected)


@pytest.mark.parametrize("uniform", [False, True], ids=["weights", "uniform"])
@each
def test_sums_are_those_of_the_definition(model, uniform):
    """The matrix, the gradient and the sum of squares, over several windows."""
    own = Problem(model, n=20_000, uniform=uniform)
    objective = own.objective(model, memory=1 << 17, threads=2)
    cost, gradient, gram = objective.normal(np.zeros(len(model.names)))
    weighted = own.table * own.w.T
    np.testing.assert_allclose(gram, weighted.T @ weighted, rtol=1e-11, atol=1e-8)
    data = (own.y * own.w)[0]
    np.testing.assert_allclose(gradient, -weighted.T @ data, rtol=1e-10, atol=1e-8)
    assert objective.squares == pytest.approx(2.0 * cost, rel=1e-12)
    assert cost == pytest.approx(0.5 * data @ data, rel=1e-12)


@pytest.mark.parametrize("uniform", [False, True], ids=["weights", "uniform"])
@each
def test_the_minimum_is_that_of_numpy(model, uniform):
    """Parameters, cost, covariance; the gradient vanishes."""
    own = Problem(model, uniform=uniform)
    found = solved(model, own)
    table, data = own.table * own.w.T, (own.y * own.w)[0]
    expected, square, rank, _ = np.linalg.lstsq(table, data)
    assert rank == table.shape[1]
    # Both lose some digits to a condition below 100.
    np.testing.assert_allclose(found.theta, expected, rtol=1e-11, atol=1e-12)
    assert found.cost == pytest.approx(0.5 * square[0], rel=1e-11)
    np.testing.assert_allclose(
        found.covariance, np.linalg.inv(table.T @ table), rtol=1e-9, atol=1e-15
    )
    assert found.status is Status.GTOL and found.optimality < 1e-12
    lengths = np.linalg.norm(table, axis=0)
    condition = np.linalg.cond(table / lengths) ** 2
    # That of largest sums of rows, which is not below the one of singular values.
    assert condition <= 1.001 * found.condition
    assert found.condition <= 1.001 * len(lengths) * condition


@each
def test_a_ridge_has_its_closed_form(model):
    """(G + n lambda I) theta = b without the constant: sklearn's alpha is n lambda."""
    own = Problem(model)
    found = solved(model, own, ridge=0.3)
    weighted, data = own.table * own.w.T, (own.y * own.w)[0]
    penalty = np.array([name != "offset" for name in model.names]) * 0.3 * 500
    matrix = weighted.T @ weighted + np.diag(penalty)
    expected = np.linalg.solve(matrix, weighted.T @ data)
    np.testing.assert_allclose(found.theta, expected, rtol=1e-11, atol=1e-12)
    residuals = data - weighted @ expected
    assert found.cost == pytest.approx(0.5 * residuals @ residuals, rel=1e-11)


def test_exact_energies_are_met_to_rounding():
    """Without noise the cost has no cancellation of sums of squares left in it."""
    model = MODELS["pairs-all"]
    own = Problem(model)
    own.y[0] = own.table @ own.truth
    found = solved(model, own)
    np.testing.assert_allclose(found.theta, own.truth, rtol=0.0, atol=1e-14)
    assert found.cost < 1e-25


def test_sums_handed_in_spare_a_pass():
    """The same solution, with one pass over the data instead of two."""
    model = MODELS["pairs"]
    own = Problem(model)
    objective = own.objective(model)
    at_zero = objective.normal(np.zeros(objective.n_free))
    limits = (model.free_lower, model.free_upper)
    found = linear_least_squares(objective, *limits, at_zero=at_zero)
    assert objective.n_evals == 2
    np.testing.assert_array_equal(found.theta, solved(model, own).theta)


def test_a_window_may_have_rows_to_spare_or_none():
    """Only the first `n` rows of a window count; bits count rows weighted alike."""
    layout = MODELS["pairs"].layout
    own = Problem(MODELS["pairs"], uniform=True)
    own.w[:, 300:] = np.nan
    rows = own.table[:300] * 2.0

    def gram(n):
        return gram_of(layout, Window(own.spins, own.y, own.w, n, 0, 0, False))

    np.testing.assert_array_equal(gram(300), rows.T @ rows)
    assert gram(0) is None
    assert gram(301) is None


def test_fixed_parameters_stay_and_the_rest_makes_up_for_them():
    """The minimum over the free ones, with the fixed part taken off the data."""
    plain = MODELS["pairs-offset"]
    model = plain.where(J_0_1=pf.fixed(0.7), offset=pf.fixed(-1.0))
    own = Problem(plain)
    found = solved(model, own)
    fixed = [plain.index["J_0_1"], plain.index["offset"]]
    free = [plain.index[name] for name in model.free_names]
    rest = own.y[0] - own.table[:, fixed] @ [0.7, -1.0]
    expected = np.linalg.lstsq(own.table[:, free] * own.w.T, rest * own.w[0])[0]
    np.testing.assert_allclose(found.theta, expected, rtol=1e-11, atol=1e-12)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("name", ["pairs", "pairs-offset", "lattice"])
def test_bounds_hold_and_the_conditions_of_a_minimum_too(name, seed):
    """Inside the gradient vanishes; on a bound it points outwards."""
    plain = MODELS[name]
    rng = np.random.default_rng(seed)
    lower = rng.uniform(-1.0, 0.0, len(plain.names))
    upper = lower + rng.uniform(0.0, 1.0, len(plain.names))
    limits = map(pf.bounds, lower, upper)
    model = plain.where(**dict(zip(plain.names, limits, strict=True)))
    own = Problem(plain, n=60, seed=seed)
    found = solved(model, own)
    residuals = own.table @ found.theta - own.y[0]
    slope = own.table.T @ (own.w[0] ** 2 * residuals)
    assert ((found.theta >= lower) & (found.theta <= upper)).all()
    assert (found.at_bound != 0).any()
    scale = np.abs(own.table).T @ np.abs(own.w[0] ** 2 * residuals)
    inside = found.at_bound == 0
    assert (np.abs(slope[inside]) < 1e-11 * scale[inside]).all()
    assert (slope[found.at_bound < 0] >= 0.0).all()
    assert (slope[found.at_bound > 0] <= 0.0).all()
    np.testing.assert_array_equal(np.isnan(np.diag(found.covariance)), ~inside)


def test_too_few_rows_give_the_shortest_solution_without_errors():
    """The data are met, the covariance is NaN, the condition infinite."""
    model = MODELS["pairs"]
    own = Problem(model, n=8)
    found = solved(model, own)
    np.testing.assert_allclose(own.table @ found.theta, own.y[0], atol=1e-11)
    assert np.isnan(found.covariance).all() and np.isinf(found.condition)


def test_nothing_free_is_said():
    """The cost is that of the fixed values."""
    model = MODELS["nearest"].where(J=pf.fixed(1.0), h=pf.fixed(0.0))
    own = Problem(MODELS["nearest"])
    found = solved(model, own)
    assert found.status is Status.NOTHING_FREE
    residuals = (own.table[:, 0] - own.y[0]) * own.w[0]
    assert found.cost == pytest.approx(0.5 * residuals @ residuals, rel=1e-12)


@pytest.mark.parametrize("name", ["nearest", "pairs-offset"])
def test_fit_takes_this_way_and_meets_scipy(name):
    """Parameters and covariance of `fit` are those of scipy's solver."""
    model = MODELS[name]
    own = Problem(model, uniform=True)
    found = pf.fit(model, own.spins, own.y[0], sigma=0.5)
    peer = pf.fit(model, own.spins, own.y[0], sigma=0.5, method="scipy:trf")
    assert found.converged and found.n_steps == 1
    np.testing.assert_allclose(found.solution.theta, peer.solution.theta, rtol=1e-7)
    np.testing.assert_allclose(found.covariance, peer.covariance, rtol=1e-7)
    np.testing.assert_allclose(found(own.spins), own.y[0] - found.residuals, rtol=1e-9)


def test_fit_takes_ties_and_other_losses_by_steps():
    """They are not linear least squares; the answer is a minimum all the same."""
    model = MODELS["pairs"].where(J_0_1=pf.tie("J_0_2 ** 2"))
    own = Problem(MODELS["pairs"], uniform=True)
    tied = pf.fit(model, own.spins, own.y[0], start={"J_0_2": 0.5})
    robust = pf.fit(MODELS["pairs"], own.spins, own.y[0], loss="huber")
    assert tied.converged and robust.converged
    assert tied["J_0_1"].value == pytest.approx(tied["J_0_2"].value ** 2)
    # A few outliers apart both losses are the same; errors are about 0.015.
    exact = pf.fit(MODELS["pairs"], own.spins, own.y[0])
    assert robust["J_0_1"].value == pytest.approx(exact["J_0_1"].value, abs=0.02)
