"""One run of the compiled loop: its state, its average, its records."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.data.memory import ArraySource
from physfit.data.samplers import sequential
from physfit.data.stream import Stream
from physfit.models import Linear
from physfit.models.loss import Loss
from physfit.objective import Objective
from physfit.optim import transforms as tf
from physfit.optim.base import Transform
from physfit.solve.descent_run import DescentRun
from physfit.solve.scaling import Scaling

N, BATCH = 960, 16
RNG = np.random.default_rng(2)
X = RNG.uniform(-1.0, 1.0, N)
Y = 0.5 * X + 2.0 + 0.1 * RNG.normal(size=N)
SCALE = np.array([2.0, 0.5])


def run_of(*transforms: Transform, n_steps=N // BATCH, bounded=False):
    loss = Loss("chi2")
    limit = np.full(2, np.inf)
    return DescentRun(
        Objective.of_windows(Linear().layout, loss),
        transforms,
        np.array([0.0, 1.0]),
        np.array([0.2, -np.inf]) if bounded else -limit,
        limit,
        scaling=Scaling(SCALE, 1.5),
        learning_rate=lambda t: 0.1 / np.sqrt(t),
        batch_size=BATCH,
        n_steps=n_steps,
    )


def advanced(run):
    with Stream(
        ArraySource(X, Y), sequential, seed=0, epochs=1, memory=20_000
    ) as stream:
        for window in stream:
            run.advance(window, 0.1 * (window.index + 1))
    return run


CHAIN = (tf.ewma(), tf.scale_by_rate())


def test_the_average_is_that_of_the_records():
    """With eta = 0 the plain mean of all steps, in the parameters' own units."""
    run = advanced(run_of(*CHAIN, tf.average(eta=0.0)))
    path = run.history().theta
    assert len(path) == run.n_steps == N // BATCH
    np.testing.assert_allclose(run.average, path.mean(axis=0), rtol=1e-13)


def test_the_exponential_average_is_found_too():
    """Behind transforms with states of their own."""
    run = advanced(run_of(tf.scale_by_adam(), *CHAIN, tf.average_ewma(beta=0.5)))
    path = run.history().theta
    weights = 0.5 ** np.arange(len(path))[::-1]
    expected = weights @ path / weights.sum()
    np.testing.assert_allclose(run.average, expected, rtol=1e-13)


def test_there_is_no_average_without_one_or_before_a_step():
    """Nothing is made up."""
    assert advanced(run_of(*CHAIN)).average is None
    assert run_of(*CHAIN, tf.average()).average is None


@pytest.mark.parametrize("bounded", [False, True])
def test_bounds_are_projected_on_before_the_average(bounded):
    """Only where there are bounds; the average keeps inside."""
    run = run_of(*CHAIN, tf.average(), bounded=bounded)
    names = [own.kind.name for own in run.transforms]
    project = ["project"] if bounded else []
    assert names == ["ewma", "scale_by_rate", *project, "average"]
    if bounded:
        assert advanced(run).average[0] >= 0.2


def test_records_hold_step_rate_loss_and_rows():
    """Each step here; times lie between those of the windows."""
    run = advanced(run_of(*CHAIN))
    history = run.history()
    step = np.arange(1.0, N // BATCH + 1.0)
    np.testing.assert_array_equal(history.step, step)
    np.testing.assert_allclose(history.learning_rate, 0.1 / np.sqrt(step), rtol=1e-15)
    np.testing.assert_array_equal(history.n_rows, step * BATCH)
    assert (np.diff(history.seconds) > 0.0).all()
    first = 0.5 * np.mean((1.0 - Y[:BATCH]) ** 2)
    assert history.loss[0] == pytest.approx(first, rel=1e-13)
    assert run.total_cost == pytest.approx(BATCH * history.loss.sum(), rel=1e-12)
    assert run.last_cost == history.loss[-1]


def test_few_records_of_many_steps_end_with_the_last():
    """Their loss is the mean since the one before."""
    run = advanced(run_of(*CHAIN, n_steps=25_000))
    every, few = advanced(run_of(*CHAIN)).history(), run.history()
    np.testing.assert_array_equal(few.step, [25.0, 50.0, 60.0])
    np.testing.assert_array_equal(few.theta, every.theta[[24, 49, 59]])
    means = [own.mean() for own in np.split(every.loss, [25, 50])]
    np.testing.assert_allclose(few.loss, means, rtol=1e-13)


def test_a_snapshot_is_a_copy():
    """What comes later does not change it, and it brings a run back."""
    run = run_of(*CHAIN, tf.average())
    before = run.snapshot()
    state = before[0].copy()
    advanced(run)
    np.testing.assert_array_equal(before[0], state)
    after = run.snapshot()
    other = run_of(*CHAIN, tf.average())
    other.restore(*after, 3.0)
    np.testing.assert_array_equal(other.theta, run.theta)
    np.testing.assert_array_equal(other.average, run.average)
    for one, two in zip(other.history(), run.history(), strict=True):
        np.testing.assert_array_equal(one, two)
    other.restore(*before, 0.0)
    assert (other.n_steps, other.n_rows) == (0, 0)
