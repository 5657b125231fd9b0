"""What an estimate from a file is worth: against formulas, shifts and simulations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from streamed_cases import (
    CASES,
    Case,
    Columns,
    columns_of,
    in_memory,
    source_of,
    streamed,
)

from physfit.models import Constant, Linear
from physfit.models.loss import as_loss
from physfit.models.param import bounds
from physfit.solve.base import Status
from physfit.solve.least_squares import levenberg_marquardt
from physfit.uncertainty.covariance import Assessment, covariance
from physfit.uncertainty.sandwich import assess

LINE = Case(Linear(), {"slope": 0.5, "intercept": 1.0}, [0.4, 1.1])


def minimum_of(case: Case, columns: Columns):
    """Solution in memory."""
    limits = case.model.free_lower, case.model.free_upper
    return levenberg_marquardt(in_memory(case, columns), np.array(case.start), *limits)


def assessed(
    case: Case, columns: Columns, theta: np.ndarray, *, absolute: bool = True
) -> Assessment:
    limits = case.model.free_lower, case.model.free_upper
    file = streamed(case, source_of(columns), memory=1 << 20)
    return assess(file, theta, *limits, absolute=absolute)


def errors_of(found) -> np.ndarray:
    return np.sqrt(found.matrix.diagonal())


def line(n: int, seed: int, sigma: float = 0.1, noise: float = 0.1) -> Columns:
    """A straight line, claimed and true size of its noise."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1.0, 1.0, n)
    y = LINE.model(x, **LINE.truth) + noise * rng.normal(size=n)
    return Columns(x, y, np.full(n, sigma))


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("absolute", [True, False], ids=["absolute", "scaled"])
def test_the_covariance_is_that_of_a_fit_in_memory(name, absolute):
    """For every loss, with sigma and without, on bounds and through ties."""
    case = CASES[name]
    columns = columns_of(case)
    solution = minimum_of(case, columns)
    found = assessed(case, columns, solution.theta, absolute=absolute)
    goal = in_memory(case, columns)
    loss = as_loss(case.loss)
    expected = covariance(solution, loss, goal.n_samples, absolute, lambda: goal)
    assert found.covariance.rank == expected.rank
    assert found.n_samples == goal.n_samples
    np.testing.assert_array_equal(found.solution.at_bound, solution.at_bound)
    errors = errors_of(expected)
    np.testing.assert_allclose(errors_of(found.covariance), errors, rtol=1e-7)
    scaled = expected.matrix / np.outer(errors, errors)
    ours = found.covariance.matrix / np.outer(errors, errors)
    np.testing.assert_allclose(ours, scaled, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("loss", ["chi2", "huber"])
def test_an_ill_conditioned_covariance_is_that_of_a_fit_in_memory(loss):
    """1e6 away from x = 0 the factor of the rows takes over, for robust losses too."""
    rng = np.random.default_rng(2)
    x = 1e6 + rng.uniform(0.0, 10.0, 6000)
    y = 2.0 + 0.3 * (x - 1e6) + 0.1 * rng.normal(size=x.size)
    case = Case(Linear(), {}, [0.3, 2.0 - 3e5], loss)
    columns = Columns(x, y, np.full(x.size, 0.1))
    solution = minimum_of(case, columns)
    found = assessed(case, columns, solution.theta)
    goal = in_memory(case, columns)
    expected = covariance(solution, as_loss(loss), x.size, True, lambda: goal)
    assert found.solution.condition > 1e8
    # A condition of 1e6 of the rows leaves nine digits of the factor.
    np.testing.assert_allclose(
        errors_of(found.covariance), errors_of(expected), rtol=1e-7
    )
    # 6000 rows: a standard error of a sandwich is good to 1.5 %.
    np.testing.assert_allclose(
        errors_of(found.sandwich), errors_of(expected), rtol=0.05
    )


def test_what_the_data_do_not_determine_is_infinite_in_both():
    """Each of two constants has an infinite error; nothing is left to go."""
    case = Case(Constant("a_") + Constant("b_"), {}, [0.5, 0.5])
    columns = line(3000, seed=1)
    found = assessed(case, columns, minimum_of(case, columns).theta)
    assert found.covariance.undetermined == found.sandwich.undetermined == (0, 1)
    assert np.isinf(errors_of(found.covariance)).all()
    assert np.isinf(errors_of(found.sandwich)).all()
    assert found.distance == 0.0


@pytest.mark.parametrize("name", ["chi2", "poisson", "complex", "tied"])
def test_with_the_right_sigma_both_agree(name):
    """The gradient varies as the weights say."""
    case = CASES[name]
    columns = columns_of(case, n=40_000)
    found = assessed(case, columns, minimum_of(case, columns).theta)
    assert found.curvature == "gauss_newton"
    # 10,000 blocks leave 1 % (1 / sqrt(2 n)) of a standard error, more where few rows
    # decide.
    np.testing.assert_allclose(
        errors_of(found.sandwich), errors_of(found.covariance), rtol=0.06
    )


def test_an_understated_sigma_shows_in_the_sandwich():
    """Claimed half as large as it is: the sandwich's errors are twice the claimed."""
    columns = line(40_000, seed=4, sigma=0.05, noise=0.1)
    found = assessed(LINE, columns, minimum_of(LINE, columns).theta)
    ratio = errors_of(found.sandwich) / errors_of(found.covariance)
    np.testing.assert_allclose(ratio, 2.0, rtol=0.04)
    scaled = assessed(LINE, columns, found.solution.theta, absolute=False)
    np.testing.assert_array_equal(scaled.sandwich.matrix, found.sandwich.matrix)


def test_correlated_neighbours_show_in_the_sandwich():
    """16 rows with the same error count as one: errors are four times the claimed."""
    n = 16 * 8192
    noise = np.repeat(np.random.default_rng(5).normal(size=n // 16), 16)
    case = Case(Constant(), {}, [0.0])
    columns = Columns(np.arange(n, dtype=float), noise, np.ones(n))
    found = assessed(case, columns, np.array([noise.mean()]))
    ratio = errors_of(found.sandwich) / errors_of(found.covariance)
    # 8192 blocks: 0.8 %.
    assert ratio[0] == pytest.approx(4.0, rel=0.03)


def test_sandwich_errors_are_those_of_repeated_fits():
    """Noise grows with x, weights are equal: pulls are N(0, 1), those of inv(G) not."""
    rng = np.random.default_rng(6)
    truth = np.array([0.5, 1.0])
    pulls, claimed = [], []
    for _ in range(200):
        x = rng.uniform(-1.0, 1.0, 1000)
        y = truth[0] * x + truth[1] + 0.3 * np.abs(x) ** 1.5 * rng.normal(size=1000)
        columns = Columns(x, y, None)
        found = assessed(LINE, columns, np.polyfit(x, y, 1), absolute=False)
        away = found.solution.theta - truth
        pulls.append(away / errors_of(found.sandwich))
        claimed.append(away / errors_of(found.covariance))
    # 200 pulls: their spread is good to 5 %, their mean to 7 %.
    np.testing.assert_allclose(np.std(pulls, axis=0), 1.0, atol=0.15)
    np.testing.assert_allclose(np.mean(pulls, axis=0), 0.0, atol=0.25)
    assert np.std(claimed, axis=0)[0] > 1.4


@pytest.mark.parametrize("name", ["chi2", "poisson", "complex", "huber", "tied"])
def test_the_distance_is_that_to_the_minimum(name):
    """Moved by a standard error of each parameter: found again, to a few per cent."""
    case = CASES[name]
    columns = columns_of(case)
    minimum = minimum_of(case, columns).theta
    at_minimum = assessed(case, columns, minimum)
    assert at_minimum.distance < 1e-6
    errors = errors_of(at_minimum.covariance)
    moved = assessed(case, columns, minimum + errors)
    # The model bends by some per cent over a standard error.
    np.testing.assert_allclose(moved.step, -errors, rtol=0.15)
    assert moved.distance == pytest.approx(1.0, rel=0.15)


def test_a_step_ends_on_the_bounds_that_it_would_cross():
    """It is that of the fit in memory within the bounds: others give way."""
    columns = line(4000, seed=3)
    free = minimum_of(LINE, columns).theta
    limit = free[0] - 0.01
    case = LINE._replace(model=LINE.model.where(slope=bounds(None, limit)))
    theta = free - [0.02, -0.01]
    found = assessed(case, columns, theta)
    expected = minimum_of(case, columns).theta
    assert expected[0] == limit
    # A line is linear: one step is enough, to rounding.
    np.testing.assert_allclose(theta + found.step, expected, rtol=1e-10)
    assert theta[0] + found.step[0] <= limit


def test_a_step_holds_first_what_first_comes_to_its_bound():
    """A line far from x = 0: held at the slope's bound, the intercept stays inside."""
    x = np.linspace(9.0, 11.0, 500)
    y = 2.0 * x + 0.1 * np.random.default_rng(5).normal(size=500)
    slope = np.polyfit(x, y, 1)[0]
    limits = {"slope": bounds(slope + 0.1, None), "intercept": bounds(-2.0, -0.5)}
    case = LINE._replace(model=LINE.model.where(**limits), start=[2.5, -1.0])
    columns = Columns(x, y, np.full(500, 0.1))
    expected = minimum_of(case, columns).theta
    assert expected[0] == slope + 0.1
    found = assessed(case, columns, expected + np.array([1e-9, -1e-8]))
    np.testing.assert_allclose(found.step, [-1e-9, 1e-8], rtol=1e-3)


def test_a_parameter_at_its_bound_has_no_distance():
    """It cannot move, however large the gradient; the others have gone their way."""
    case = CASES["bounded"]
    columns = columns_of(case)
    found = assessed(case, columns, minimum_of(case, columns).theta)
    held = found.solution.at_bound != 0
    assert held.sum() == 1
    assert found.step[held] == 0.0
    assert found.distance < 1e-6
    assert np.isnan(errors_of(found.sandwich)[held]).all()
    assert np.isfinite(errors_of(found.sandwich)[~held]).all()


@pytest.mark.parametrize("loss", ["huber", "soft_l1", "cauchy"])
def test_robust_errors_agree_with_hubers_formula(loss):
    """With errors that do not depend on x, inv(H) M inv(H) is Huber's covariance."""
    rng = np.random.default_rng(8)
    x = rng.uniform(-1.0, 1.0, 40_000)
    y = 0.5 * x + 1.0 + 0.1 * rng.standard_t(3.0, x.size)
    case = LINE._replace(loss=loss)
    columns = Columns(x, y, np.full(x.size, 0.1))
    found = assessed(case, columns, minimum_of(case, columns).theta)
    assert found.curvature == "loss"
    np.testing.assert_allclose(
        errors_of(found.sandwich), errors_of(found.covariance), rtol=0.04
    )


def test_a_loss_that_bends_the_wrong_way_gives_its_mean_curvature():
    """Outliers at large x make H indefinite; the mean of psi' is still positive."""
    x = np.concatenate([np.linspace(-0.1, 0.1, 3000), np.full(300, 1.0)])
    y = np.concatenate([np.zeros(3000), np.tile([-6.0, 6.0], 150)])
    case = LINE._replace(loss="cauchy")
    columns = Columns(x, y, np.ones(x.size))
    found = assessed(case, columns, np.zeros(2))
    assert found.curvature == "mean of the loss"
    assert np.isfinite(errors_of(found.sandwich)).all()


def test_a_model_that_is_not_finite_is_worth_nothing():
    """Everything is NaN, and nothing raises."""
    case = CASES["poisson"]
    columns = columns_of(case)
    found = assessed(case, columns, np.array([-50.0, 2.0, 3.0]))
    assert math.isnan(found.distance)
    assert np.isnan(errors_of(found.covariance)).all()
    assert np.isnan(errors_of(found.sandwich)).all()


def test_the_solution_says_how_the_search_ended():
    """Steps are those handed in; status, cost and gradient those of the rows."""
    case = CASES["chi2"]
    columns, theta = columns_of(case), np.array(case.start)
    file = streamed(case, source_of(columns))
    limits = case.model.free_lower, case.model.free_upper
    solution = assess(file, theta, *limits, absolute=True, n_steps=77).solution
    cost, gradient, matrix = in_memory(case, columns).normal(theta)
    assert (solution.status, solution.n_steps) == (Status.REPORTED, 77)
    assert solution.cost == pytest.approx(cost, rel=1e-12)
    np.testing.assert_allclose(solution.gradient, gradient, rtol=1e-9)
    np.testing.assert_allclose(solution.covariance @ matrix, np.eye(5), atol=1e-9)


def test_blocks_do_not_change_what_they_cannot_see():
    """Rows in another order have the same sandwich within its statistics."""
    columns = line(70_000, seed=9)
    order = np.argsort(columns.x)
    sorted_by_x = Columns(*(own[order] for own in columns))
    theta = minimum_of(LINE, columns).theta
    one, other = (assessed(LINE, own, theta) for own in (columns, sorted_by_x))
    np.testing.assert_allclose(
        errors_of(one.sandwich), errors_of(other.sandwich), rtol=0.05
    )


def test_the_meat_is_taken_around_its_mean():
    """Half a sigma of a row away, a constant has the sandwich of its minimum."""
    case = Case(Constant(), {}, [0.0])
    columns = Columns(np.arange(5000.0), line(5000, seed=3).y, np.full(5000, 0.1))
    mean = np.array([columns.y.mean()])
    one, other = (assessed(case, columns, own) for own in (mean, mean + 0.05))
    assert other.distance > 30.0
    # Blocks of one row: the mean goes out exactly.
    np.testing.assert_allclose(other.sandwich.core, one.sandwich.core, rtol=1e-9)
