"""Descent over windows: when it ends, what is kept, what is told."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest

from physfit.data.memory import ArraySource
from physfit.data.samplers import sequential
from physfit.data.stream import Stream
from physfit.models import Quadratic
from physfit.models.loss import Loss
from physfit.objective import Objective
from physfit.optim.registry import optimizer
from physfit.optim.transforms import average
from physfit.solve.base import Status
from physfit.solve.descent_run import RECORDS, DescentRun
from physfit.solve.first_order import descend
from physfit.solve.history import History
from physfit.solve.scaling import Scaling

N, BATCH = 1000, 20
RNG = np.random.default_rng(0)
X = RNG.uniform(-1.0, 1.0, N)
Y = 3.0 + 2.0 * X - X**2 + 0.1 * RNG.normal(size=N)
BEST = np.polyfit(X, Y, 2)
FREE = np.full(3, np.inf)
LOSS = Loss("chi2")


def run_of(method="sgd", rate=0.1, *, theta=(0.0, 0.0, 0.0), **options):
    """A run on the parabola; `rate` may be a function of the steps."""
    schedule = rate if callable(rate) else lambda t: np.full_like(t, rate)
    settings = {"batch_size": BATCH, "n_steps": N // BATCH, "learning_rate": schedule}
    lower = np.asarray(options.pop("lower", -FREE), dtype=float)
    return DescentRun(
        Objective.of_windows(Quadratic().layout, LOSS),
        (*optimizer(method).transforms, average()),
        np.array(theta, dtype=float),
        lower,
        FREE,
        scaling=options.pop("scaling", Scaling(np.ones(3), 1.0)),
        **(settings | options),
    )


def windows(epochs=1, position=None):
    """Windows of some 100 rows."""
    options = {} if position is None else {"position": position}
    return Stream(
        ArraySource(X, Y), sequential, seed=0, epochs=epochs, memory=20_000, **options
    )


class Descended(NamedTuple):
    """Where a run ended: what it gives, the last parameters, and what it says."""

    theta: np.ndarray
    last: np.ndarray
    status: Status
    n_steps: int
    n_rows: int
    rate: float
    history: History


def descended(run, epochs=1, tolerance=0.0, position=None, **options):
    with windows(epochs, position) as stream:
        status = descend(run, stream, N * epochs, tolerance=tolerance, **options)
    numbers = run.n_steps, run.n_rows, run.rate
    return Descended(run.answer, run.theta, status, *numbers, run.history())


def constant_error(size):
    return lambda theta: np.full_like(theta, size)


def test_all_epochs_are_run_to_their_end():
    """Steps and rows of all epochs; the answer is that of least squares."""
    found = descended(run_of(rate=0.3), epochs=20)
    assert found.status is Status.EPOCHS_DONE
    assert (found.n_steps, found.n_rows) == (20 * N // BATCH, 20 * N)
    np.testing.assert_allclose(found.theta, BEST, atol=0.02)


def test_at_rest_it_ends():
    """When the average has moved by less than the tolerance since half the steps."""
    found = descended(
        run_of(rate=0.3), epochs=400, tolerance=0.1, stderr=constant_error(0.05)
    )
    assert found.status is Status.SETTLED
    assert 100 <= found.n_steps < 400 * N // BATCH
    np.testing.assert_allclose(found.theta, BEST, atol=0.05)


def test_rest_away_from_the_minimum_is_measured_and_not_the_end():
    """The run goes on until it is near, measured again when the steps have doubled."""
    measured = []

    def distance(theta):
        measured.append(run.n_steps)
        return 5.0 / len(measured) ** 2  # below 0.3 at the fifth time

    run = run_of(rate=0.3)
    options = {"tolerance": 0.1, "stderr": constant_error(0.05)}
    found = descended(run, epochs=400, distance=distance, **options)
    assert found.status is Status.SETTLED
    assert len(measured) == 5
    assert found.n_steps == measured[-1]
    growth = np.divide(measured[1:], measured[:-1])
    assert (growth >= 1.26**3).all()


@pytest.mark.parametrize(
    "rate", [1e-12, lambda t: 0.3 * np.exp(-0.1 * t)], ids=["small", "falling"]
)
def test_rest_that_leads_nowhere_ends_a_run(rate):
    """What is left of the steps and their rates is too little for the way."""
    measured = []
    options = {"tolerance": 0.1, "stderr": constant_error(0.05)}
    found = descended(
        run_of(rate=rate),
        epochs=400,
        distance=lambda theta: measured.append(1) or 50.0,
        **options,
    )
    assert (found.status, len(measured)) == (Status.SETTLED, 1)
    assert found.n_steps < 1000


def test_unknown_errors_are_no_rest():
    """A standard error of NaN ends nothing."""
    error = constant_error(math.nan)
    found = descended(run_of(rate=0.3), epochs=30, tolerance=0.1, stderr=error)
    assert found.status is Status.EPOCHS_DONE


@pytest.mark.parametrize("rate", [30.0, 1e200], ids=["grows", "not finite"])
def test_what_grows_or_is_not_finite_has_diverged(rate):
    """By the loss of a window, or by a number that is none."""
    found = descended(run_of(rate=rate), epochs=50, start_loss=5.0)
    assert found.status is Status.DIVERGED
    assert found.n_steps < 50 * N // BATCH
    assert found.rate == rate
    assert np.isfinite(found.last).all()


def test_a_batch_beyond_the_limit_ends_at_once():
    """Within the window, at the step where it happened."""
    found = descended(run_of(rate=30.0, limit=1e4), epochs=50)
    assert found.status is Status.DIVERGED
    assert found.n_steps < 10


def test_a_start_that_is_not_finite_is_told_as_such():
    """No step was taken: the rate has no part in it."""
    found = descended(run_of(theta=(1e308, 1e308, 1e308)))
    assert (found.status, found.n_steps) == (Status.NOT_FINITE_AT_START, 0)


def test_the_limit_of_steps_ends_it():
    """Also in the middle of a window."""
    found = descended(run_of(max_steps=7))
    assert (found.status, found.n_steps, found.n_rows) == (Status.MAX_STEPS, 7, 140)


def test_every_window_is_offered_for_keeping_and_the_last_at_once():
    """So that nothing but the open window is lost."""
    kept = []
    descended(run_of(), epochs=2, keep=lambda saved, now: kept.append((saved, now)))
    with windows(2) as stream:
        n = sum(1 for _ in stream)
    assert n > 4
    assert [now for _, now in kept] == [False] * n + [True]
    assert kept[-1][0] is kept[-2][0]
    places = [(own.epoch, own.window) for own, _ in kept[:-1]]
    assert places == sorted(places)
    assert places[-1] == (2, 0)


def test_an_exception_keeps_the_last_whole_window():
    """Whatever ends the run; the exception goes on."""
    kept = []

    def stop(progress):
        if progress.n_rows > 300:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        descended(run_of(), progress=stop, keep=lambda *own: kept.append(own))
    assert kept[-1][1] is True
    assert kept[-1][0].status is Status.RUNNING


def test_restored_anywhere_it_goes_on_bit_by_bit():
    """From the snapshot after every window: parameters, average, records."""
    from physfit.data.base import Position

    kept = []
    options = {"epochs": 2, "keep": lambda saved, now: kept.append(saved)}
    whole = descended(run_of("adam", 0.05), **options)
    for saved in kept[:-1:3]:
        position = Position(saved.epoch, saved.window)
        again = descended(run_of("adam", 0.05), 2, position=position, saved=saved)
        np.testing.assert_array_equal(again.theta, whole.theta)
        np.testing.assert_array_equal(again.last, whole.last)
        np.testing.assert_array_equal(again.history.theta, whole.history.theta)
        np.testing.assert_array_equal(again.history.loss, whole.history.loss)


def test_a_run_that_is_over_takes_no_step():
    """Saved as diverged, it is diverged."""
    kept = []
    keep = {"keep": lambda saved, now: kept.append(saved), "start_loss": 5.0}
    first = descended(run_of(rate=30.0), epochs=50, **keep)
    again = descended(run_of(rate=30.0), epochs=50, saved=kept[-1])
    assert again.status is first.status is Status.DIVERGED
    assert again.n_steps == first.n_steps


def test_scales_change_the_path_but_not_its_units():
    """z = theta / scale moves; what is told is theta."""
    scale = np.array([2.0, 0.5, 4.0])
    run = run_of(scaling=Scaling(scale, 3.0), theta=(1.0, 2.0, 3.0), rate=0.0)
    found = descended(run)
    np.testing.assert_array_equal(found.last, [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(found.history.theta[-1], [1.0, 2.0, 3.0])


def test_one_scaled_step_is_that_of_the_formula():
    """theta - rate scale^2 / V times the gradient of the mean loss."""
    scale, size, start = np.array([2.0, 0.5, 4.0]), 3.0, np.array([1.0, 2.0, 3.0])
    found = descended(
        run_of(scaling=Scaling(scale, size), theta=start, rate=0.1, max_steps=1)
    )
    columns = np.stack([X**2, X, np.ones(N)])[:, :BATCH]
    gradient = columns @ (start @ columns - Y[:BATCH]) / BATCH
    expected = start - 0.1 * scale**2 / size * gradient
    np.testing.assert_allclose(found.last, expected, rtol=1e-14)


def test_a_history_is_bounded_and_ends_with_the_last_step():
    """However many steps are planned; its loss is the mean between records."""
    n_steps = 60 * N // BATCH
    found = descended(run_of(rate=0.05, n_steps=n_steps), epochs=60)
    history = found.history
    assert len(history.step) <= RECORDS + 8
    assert history.step[-1] == found.n_steps == n_steps
    np.testing.assert_array_equal(history.n_rows, history.step * BATCH)
    np.testing.assert_array_equal(history.theta[-1], found.last)
    assert (np.diff(history.seconds) >= 0.0).all()
    # Half the noise's variance, as weights are 1.
    assert history.loss[-100:].mean() == pytest.approx(0.005, rel=0.1)


def test_parameters_keep_to_their_bounds_on_the_whole_path():
    """Exactly, at the end and on the way."""
    found = descended(run_of(lower=(-np.inf, 2.5, -np.inf), theta=(0, 3, 0)), epochs=5)
    assert found.last[1] == 2.5
    assert (found.history.theta[:, 1] >= 2.5).all()
