"""Laws of the minibatch loop, on least squares whose answers are known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from physfit.engine import descent
from physfit.engine.descent import DescentState
from physfit.kernels.registry import LOSSES
from physfit.models import Gaussian, Linear, Quadratic
from physfit.models.loss import Loss
from physfit.models.param import fixed, tie
from physfit.objective import Objective
from physfit.optim import transforms as tf
from physfit.optim.registry import OPTIMIZERS, optimizer
from physfit.optim.schedules import cosine
from tests.optim.driver import Run, Settings

N = 1000
START = np.array([0.1, -0.2, 0.3])


def parabola(loss="chi2", n=N, seed=0, offset=3.0):
    """Objective of a parabola with noise, linear in its three parameters."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(-1.0, 1.0, size=(1, n))
    y = offset + 2.0 * x - x**2 + 0.1 * rng.normal(size=(1, n))
    weights = rng.uniform(0.5, 1.5, size=(1, n))
    return Objective(Quadratic().layout, x, y, weights, Loss(loss))


def design(goal):
    x, w = goal.x[0], goal.weights[0]
    return np.stack([x**2, x, np.ones_like(x)]), w, goal.y[0]


def by_numpy(goal, transforms_of, start, batch, rates, scale=1.0, loss_size=1.0):
    """The minibatch loop in numpy for chi2, its chain given as a generator."""
    columns, w, y = design(goal)
    n = y.size
    z = np.asarray(start) / scale
    path = []
    chain = transforms_of()
    next(chain)
    for k, first in enumerate(range(0, n, batch)):
        rows = slice(first, min(first + batch, n))
        residual = (columns[:, rows].T @ (z * scale) - y[rows]) * w[rows]
        slopes = columns[:, rows] @ (residual * w[rows])
        g = scale * slopes / (residual.size * loss_size)
        z = z - chain.send((g, z, rates[k]))
        path.append(z)
    return np.array(path)


def adam():
    m = v = 0.0
    t = 0
    u = None
    while True:
        g, _, rate = yield u
        t += 1
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g * g
        u = rate * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)


def plain():
    u = None
    while True:
        g, _, rate = yield u
        u = rate * g


CHAINS = {"adam": adam, "sgd": plain}


@pytest.mark.parametrize("batch", [1, 7, 256, 300, 1000, 5000])
@pytest.mark.parametrize("name", CHAINS)
def test_steps_are_those_of_numpy(name, batch):
    """Scaled parameters after every step of an epoch, the last batch being short."""
    goal = parabola()
    scale = np.array([0.5, 2.0, 10.0])
    rates = 0.05 / np.sqrt(np.arange(1.0, N + 1.0))
    settings = Settings(3, scale=scale, loss_size=4.0)
    run = Run(goal, optimizer(name).transforms, START, batch=batch, settings=settings)
    run.rates[:N] = rates
    assert run.epochs(1) == descent.RUNNING
    expected = by_numpy(goal, CHAINS[name], START, batch, rates, scale, 4.0)
    assert len(expected) == -(-N // batch)
    # Adam divides by roots of squares, which magnifies the rounding of small gradients.
    np.testing.assert_allclose(run.path, expected, rtol=1e-9, atol=1e-11)
    np.testing.assert_array_equal(run.vector("THETA"), run.vector("Z") * scale)


#: Rates at which 4000 full steps, the rate falling to zero, are enough.
PEAKS = {"rmsprop": 0.05, "adam": 0.05, "adamw": 0.05, "lecture_adam": 0.05}
PEAKS |= {"adagrad": 1.0, "gd": 0.5, "sgd": 0.5, "momentum": 0.5, "nesterov": 0.1}


@pytest.mark.parametrize("name", PEAKS)
def test_every_recipe_finds_the_least_squares(name):
    """Full batches and a rate that falls lead every optimiser to the exact answer."""
    goal = parabola()
    columns, w, y = design(goal)
    exact = np.linalg.lstsq((columns * w).T, y * w, rcond=None)[0]
    run = Run(goal, optimizer(name).transforms, START, batch=N)
    run.rates[:4000] = cosine(PEAKS[name], steps=4000)(np.arange(1.0, 4001.0))
    assert run.epochs(4000) == descent.RUNNING
    # RMSprop's steps do not shrink with the gradient, only with the rate.
    np.testing.assert_allclose(run.vector("THETA"), exact, atol=1e-5)


@pytest.mark.parametrize("loss", LOSSES)
def test_every_loss_is_minimised(loss):
    """Descent ends where the gradient of the whole cost vanishes."""
    goal = parabola(loss, offset=8.0)
    made = optimizer("adam").transforms
    run = Run(goal, made, [0.5, 1.0, 9.0], batch=N)
    run.rates[:4000] = cosine(0.05, steps=4000)(np.arange(1.0, 4001.0))
    assert run.epochs(4000) == descent.RUNNING
    cost, gradient, matrix = goal.normal(run.vector("THETA"))
    # The rest of the way, in units of the standard errors.
    assert gradient @ np.linalg.solve(matrix, gradient) < 1e-8
    assert run.state[DescentState.last_cost] * N == pytest.approx(cost, rel=1e-9)


CUTS = {
    "one": [0, 1000],
    "at batches": [0, 128, 640, 1000],
    "inside batches": [0, 3, 77, 300, 301, 999, 1000],
}


def along(cuts, batch=64, name="adam"):
    run = Run(parabola(), optimizer(name).transforms, START, batch=batch)
    for start, stop in pairwise(cuts):
        run.rows(start, stop)
    run.rows(1000, 1000, True)
    return run


def test_windows_that_end_with_batches_change_nothing():
    """Cuts between batches give the same state, bit by bit."""
    np.testing.assert_array_equal(
        along(CUTS["at batches"]).state, along(CUTS["one"]).state
    )


def test_windows_may_end_inside_of_batches():
    """A batch that two windows share is summed in two parts: equal up to rounding."""
    np.testing.assert_allclose(
        along(CUTS["inside batches"]).path, along(CUTS["one"]).path, rtol=1e-9
    )


@pytest.mark.parametrize("where", [64 * 5, 333, 999], ids=["batch", "inside", "last"])
@pytest.mark.parametrize("name", ["adam", "nesterov", "adagrad"])
def test_a_run_goes_on_from_a_copy_of_its_state(name, where):
    """With the same windows, stopped and resumed is bit by bit never stopped."""
    whole = along([0, where, 1000], name=name)
    first = Run(parabola(), optimizer(name).transforms, START)
    first.rows(0, where)
    second = Run(parabola(), optimizer(name).transforms, np.zeros(3))
    second.state[:] = first.state
    second.rows(where, 1000)
    second.rows(1000, 1000, True)
    np.testing.assert_array_equal(second.state, whole.state)


def test_a_short_last_batch_is_a_mean_too():
    """Without closing it stays open; closed, its gradient is that of a mean."""
    run = Run(parabola(), optimizer("sgd").transforms, START, batch=600)
    run.rows(0, N)
    assert (
        run.state[DescentState.t],
        run.state[DescentState.count],
    ) == (1.0, 400.0)
    run.rows(N, N, True)
    assert (
        run.state[DescentState.t],
        run.state[DescentState.count],
    ) == (2.0, 0.0)


def test_a_row_of_nan_stops_with_the_last_good_parameters():
    """The step of a batch that is no number is not taken, and nothing follows."""
    goal = parabola()
    good = Run(goal, optimizer("adam").transforms, START, batch=100)
    good.rows(0, 500)
    y = goal.y.copy()
    y[0, 555] = np.nan
    broken = Objective(goal.layout, goal.x, y, goal.weights, goal.loss)
    run = Run(broken, optimizer("adam").transforms, START, batch=100)
    assert run.rows(0, N) == descent.NOT_FINITE
    assert run.rows(0, N) == descent.NOT_FINITE
    assert run.state[DescentState.t] == 5.0
    np.testing.assert_array_equal(run.vector("Z"), good.vector("Z"))
    np.testing.assert_array_equal(run.vector("THETA"), good.vector("THETA"))


def test_a_step_that_is_not_finite_is_not_taken():
    """A chain that breaks (a rate of infinity) leaves the parameters as they were."""
    run = Run(parabola(), optimizer("sgd").transforms, START, batch=100)
    run.rates[3] = np.inf
    run.rows(0, 300)
    before = run.vector("Z").copy()
    assert run.rows(300, N) == descent.NOT_FINITE
    np.testing.assert_array_equal(run.vector("Z"), before)


def test_a_cost_above_the_limit_is_a_divergence():
    """A rate far too large ends with its own status, parameters finite."""
    run = Run(parabola(), optimizer("gd").transforms, START, batch=N, rates=50.0)
    run.state[DescentState.limit] = 1e6
    assert run.epochs(100) == descent.DIVERGED
    assert run.state[DescentState.last_cost] > 1e6
    assert np.isfinite(run.vector("THETA")).all()


def test_so_many_steps_and_no_more():
    """A run of at most 7 steps makes 7."""
    run = Run(parabola(), optimizer("sgd").transforms, START, batch=10, max_steps=7)
    assert run.rows(0, N) == descent.ENOUGH
    assert run.state[DescentState.t] == 7.0


BOUNDS = {
    "inside": (-10.0, 10.0),
    "on the way": (0.1, 1.1),
    "awkward": (-0.1 / 3.0, 0.7 / 3.0),
}


@pytest.mark.parametrize("case", BOUNDS)
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_bounds_hold_exactly(name, case):
    """No step leaves the box, not by one rounding; averages see the same."""
    lower, upper = BOUNDS[case]
    start = np.clip(START, lower, upper)
    own = optimizer(name).then(tf.average())
    box = Settings(3, lower=lower, upper=upper)
    run = Run(parabola(), own.transforms, start, batch=10, rates=0.7, settings=box)
    run.epochs(3)
    assert run.path.min() >= lower
    assert run.path.max() <= upper
    mean = run.own(len(own.transforms))
    assert (mean > lower - 1e-12).all()
    assert (mean < upper + 1e-12).all()


def test_a_minimum_outside_the_box_is_found_at_its_edge():
    """Least squares with the curvature held at its bound: the others solve the rest."""
    goal = parabola()
    box = Settings(3, lower=[-0.5, -np.inf, -np.inf])
    run = Run(goal, optimizer("gd").transforms, START, batch=N, rates=1.0, settings=box)
    run.epochs(3000)
    columns, w, y = design(goal)
    rest = np.linalg.lstsq((columns[1:] * w).T, (y + 0.5 * columns[0]) * w, rcond=None)[
        0
    ]
    np.testing.assert_allclose(run.vector("THETA"), [-0.5, *rest], rtol=1e-9)


def test_ties_and_fixed_parameters_hold_in_every_step():
    """The loop moves free parameters only; it ends where the reduced cost is least."""
    model = (Gaussian("a_") + Gaussian("b_") + Linear()).where(
        b_sigma=tie("a_sigma"), slope=fixed(0.0), b_center=fixed(2.0)
    )
    rng = np.random.default_rng(0)
    x = rng.uniform(-5.0, 5.0, size=(1, 2000))
    truth = {"a_amplitude": 2.0, "a_center": -1.0, "a_sigma": 0.6, "b_amplitude": 3.0}
    fixed_ones = {"b_center": 2.0, "b_sigma": 0.6, "slope": 0.0, "intercept": 1.0}
    plain_model = Gaussian("a_") + Gaussian("b_") + Linear()
    y = plain_model(x[0], **truth, **fixed_ones)[None] + 0.01 * rng.normal(size=x.shape)
    goal = Objective(model.layout, x, y, np.full_like(y, 100.0), Loss("chi2"))
    start = np.array([1.5, -0.8, 0.8, 2.5, 0.8])
    size = Settings(5, loss_size=1e4)
    run = Run(goal, optimizer("adam").transforms, start, batch=2000, settings=size)
    run.rates[:] = 0.02
    assert run.epochs(3000) == descent.RUNNING
    _, gradient, matrix = goal.normal(run.vector("THETA"))
    assert gradient @ np.linalg.solve(matrix, gradient) < 1e-6
    np.testing.assert_allclose(
        run.vector("THETA"), [2.0, -1.0, 0.6, 3.0, 1.0], atol=0.01
    )


def largest_curvature(goal):
    return np.linalg.eigvalsh(goal.normal(START)[2]).max() / goal.y.size


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9])
def test_the_largest_stable_rate(beta):
    """On a parabola of curvature c it is 2 / c, and 2 (1 + beta) / (1 - beta) / c.

    The second belongs to momentum as an average. One per cent below it the cost falls,
    one per cent above it grows without bound.
    """
    goal = parabola()
    limit = 2.0 * (1.0 + beta) / (1.0 - beta) / largest_curvature(goal)
    made = optimizer("momentum", beta=beta) if beta else optimizer("gd")
    costs = []
    for factor in (0.99, 1.01):
        run = Run(goal, made.transforms, START, batch=N, rates=factor * limit)
        run.epochs(3000)
        costs.append(run.history[: int(run.state[DescentState.n_records]), 2])
    assert costs[0][-1] < 2.0 * costs[0].min()
    assert costs[0][-1] < costs[0][0]
    assert costs[1][-1] > 1e3 * costs[1][0]


def test_weight_decay_is_the_ridge_of_user_units():
    """Coupled decay ends at (X'WX / n + decay) theta = X'Wy / n, whatever the scale."""
    goal = parabola()
    columns, w, y = design(goal)
    scaled = columns * w
    decay = 0.3
    ridge = np.linalg.solve(
        scaled @ scaled.T / N + decay * np.eye(3), scaled @ (y * w) / N
    )
    made = optimizer("gd", weight_decay=decay)
    odd = Settings(3, scale=[0.5, 2.0, 1.5], loss_size=2.0)
    run = Run(goal, made.transforms, START, batch=N, rates=0.5, settings=odd)
    run.epochs(3000)
    np.testing.assert_allclose(run.vector("THETA"), ridge, rtol=1e-10)


def test_l1_solves_the_lasso_of_user_units():
    """At the end the gradient of the mean cost is -decay sign, or within it at zero."""
    goal = parabola()
    decay = 0.4
    odd = Settings(3, scale=[0.5, 2.0, 1.5], loss_size=2.0)
    made = optimizer("gd", l1=decay)
    run = Run(goal, made.transforms, START, batch=N, rates=0.5, settings=odd)
    run.epochs(5000)
    theta = run.vector("THETA")
    gradient = goal.normal(theta)[1] / N
    zero = theta == 0.0
    assert zero.any()
    assert not zero.all()
    assert (np.abs(gradient[zero]) <= decay).all()
    np.testing.assert_allclose(
        gradient[~zero], -decay * np.sign(theta[~zero]), rtol=1e-9
    )


def test_averages_are_of_the_parameters_of_all_steps():
    """The plain mean kept in the state is the mean of the recorded path."""
    made = optimizer("sgd").then(tf.average(eta=0.0))
    run = Run(parabola(), made.transforms, START, batch=10, rates=0.3)
    run.epochs(3)
    mean = run.own(len(made.transforms))
    np.testing.assert_allclose(mean, run.path.mean(axis=0), rtol=1e-12)


def test_records_hold_rate_and_mean_cost_since_the_last():
    """Every fifth step: its number, its rate, the mean cost of five batches."""
    run = Run(parabola(), optimizer("sgd").transforms, START, batch=10, every=5)
    run.rates[:] = np.linspace(0.01, 0.1, run.rates.size)
    fine = Run(parabola(), optimizer("sgd").transforms, START, batch=10)
    fine.rates[:] = run.rates
    run.epochs(1)
    fine.epochs(1)
    np.testing.assert_array_equal(run.history[:20, 0], np.arange(5.0, 101.0, 5.0))
    np.testing.assert_array_equal(run.history[:20, 1], fine.history[4:100:5, 1])
    np.testing.assert_allclose(
        run.history[:20, 2], fine.history[:100, 2].reshape(20, 5).mean(axis=1)
    )
    np.testing.assert_array_equal(run.path, fine.path[4::5])


def test_minibatches_of_a_line_reach_the_errors_of_the_fit():
    """SGD with averaging ends within a fraction of the standard errors."""
    rng = np.random.default_rng(3)
    n = 20_000
    x = rng.uniform(-1.0, 1.0, size=(1, n))
    y = 1.0 + 2.0 * x + rng.normal(size=(1, n))
    goal = Objective(Linear().layout, x, y, np.ones((1, n)), Loss("chi2"))
    exact = np.polyfit(x[0], y[0], 1)
    made = optimizer("sgd").then(tf.average())
    run = Run(goal, made.transforms, [0.0, 0.0], batch=32, rates=0.1, every=10**6)
    assert run.epochs(10) == descent.RUNNING
    errors = np.sqrt(np.array([3.0, 1.0]) / n)
    mean = run.own(len(made.transforms))
    assert np.abs((mean - exact) / errors).max() < 0.6
