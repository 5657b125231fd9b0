"""Ways of methods that keep no history: what is taken down, and at which time."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.comparison import solving
from physfit.comparison.convergence import MOST, Convergence, _thinned
from physfit.comparison.solving import (
    RecordedObjective,
    Recorder,
    _from_start,
    _within,
)
from physfit.fitting import plan_of
from physfit.fitting.columns import Columns, observed
from physfit.fitting.distances import distance
from physfit.fitting.fit_settings import FitSettings
from physfit.models import Exponential
from physfit.objective import Objective
from physfit.solve import scipy_adapters
from physfit.solve.base import Progress
from physfit.solve.history import History


def objective(loss: str = "chi2") -> Objective:
    """A decay of 40 samples."""
    t = np.linspace(0.0, 4.0, 40)
    y = 30.0 * np.exp(-t / 1.5) + np.cos(9.0 * t) + 2.0
    model = Exponential()
    _, data = observed(model, Columns(t, y))
    return plan_of(
        model, data, FitSettings.of(start={"amplitude": 20.0, "decay": 2.0}, loss=loss)
    ).objective


def test_only_lower_costs_are_taken_down() -> None:
    """A point that is not the lowest so far is not taken down; NaN never is."""
    recorder = Recorder()
    for number, cost in enumerate([5.0, 7.0, np.nan, 4.0, 4.0, 1.0], start=1):
        recorder.add(number, cost, np.array([cost, 0.0]))
    history = recorder.history(10, 2, None)
    assert history.step.tolist() == [1.0, 4.0, 6.0]
    assert history.n_rows.tolist() == [10.0, 40.0, 60.0]
    assert history.loss.tolist() == [0.5, 0.4, 0.1]
    assert history.theta[:, 0].tolist() == [5.0, 4.0, 1.0]
    assert np.isnan(history.learning_rate).all()


def test_times_are_stretched_to_the_timed_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Twice as slow a record has its times halved."""
    now = iter([100.0, 101.0, 103.0, 104.0])
    monkeypatch.setattr(solving, "perf_counter", lambda: next(now))
    recorder = Recorder()
    recorder.add(1, 2.0, np.zeros(1))
    recorder.add(2, 1.0, np.zeros(1))
    history = recorder.history(1, 1, seconds=2.0)
    assert history.seconds.tolist() == [0.5, 1.5]


def test_places_are_copies() -> None:
    """scipy goes on writing into the arrays that it hands out."""
    recorder, theta = Recorder(), np.ones(2)
    recorder.record(Progress(3, 9, 1.5, theta))
    theta[:] = 0.0
    history = recorder.history(1, 2, None)
    assert history.theta.tolist() == [[1.0, 1.0]]
    assert history.step.tolist() == [4.0]


def test_nothing_taken_down_is_an_empty_history() -> None:
    """A run that never had a finite cost."""
    assert Recorder().history(5, 3, 1.0).theta.shape == (0, 3)


@pytest.mark.parametrize("loss", ["chi2", "poisson", "huber"])
@pytest.mark.parametrize("method", ["scipy:trf", "scipy:l-bfgs-b"])
def test_a_watched_objective_changes_nothing(method: str, loss: str) -> None:
    """Answer and evaluations are those without a watch; costs are those of the loss."""
    plain, recorder = objective(loss), Recorder()
    theta = np.array([20.0, 2.0])
    limits = np.array([-np.inf, 1e-3]), np.full(2, np.inf)
    wanted = scipy_adapters.run(plain, theta, *limits, method=method)
    watched = RecordedObjective(objective(loss), recorder)
    found = scipy_adapters.run(watched, theta, *limits, method=method)
    np.testing.assert_array_equal(found.theta, wanted.theta)
    assert found.n_evals == wanted.n_evals
    history = recorder.history(40, 2, None)
    assert history.step[0] == 1.0
    assert history.step[-1] <= found.n_evals + 1
    costs = [plain.cost(own) for own in history.theta]
    # The loops over values and over sums add in another order.
    np.testing.assert_allclose(history.loss * 40, costs, rtol=1e-12)


@pytest.mark.parametrize("n", [1, 7, MOST, MOST + 1, 1007])
def test_thinning_keeps_both_ends(n: int) -> None:
    """Ascending places, at most so many, the first and the last among them."""
    kept = _thinned(n, MOST)
    assert kept[0] == 0
    assert kept[-1] == n - 1
    assert len(kept) <= MOST
    assert (np.diff(kept) > 0).all()


def test_distance_is_the_largest_in_standard_errors() -> None:
    """Parameters without an error do not count; without any, only equality does."""
    best, stderr = np.array([1.0, 2.0, 3.0]), np.array([0.1, 0.5, np.nan])
    assert distance(np.array([1.2, 1.0, 9.0]), best, stderr) == pytest.approx(2.0)
    unknown = np.full(3, np.nan)
    assert distance(best, best, unknown) == 0.0
    assert np.isnan(distance(best + 1.0, best, unknown))


def test_a_path_names_its_columns() -> None:
    """The record and the figure take them by name."""
    assert Convergence._fields == ("passes", "seconds", "excess", "distance")


def history() -> History:
    """Two records, after 200 and 400 rows."""
    two = np.array([1.0, 2.0])
    return History(
        two, 200.0 * two, 0.1 * two, two, 3.0 * two, np.array([[1.0], [2.0]])
    )


def test_the_start_was_seen_by_the_first_batch() -> None:
    """It stands before the records at the rows of one batch, at its share of time."""
    found = _from_start(history(), np.array([0.5]), 50)
    assert found.n_rows.tolist() == [50.0, 200.0, 400.0]
    assert found.seconds.tolist() == [0.75, 3.0, 6.0]
    assert found.theta[:, 0].tolist() == [0.5, 1.0, 2.0]
    assert found.step.tolist() == [0.0, 1.0, 2.0]
    # A batch larger than the first record (all rows, one of which was left out).
    assert _from_start(history(), np.array([0.5]), 300).n_rows[0] == 200.0
    empty = History.empty(1)
    assert _from_start(empty, np.array([0.5]), 50) is empty


@pytest.mark.parametrize(("seconds", "last"), [(3.0, 3.0), (9.0, 6.0)])
def test_a_way_is_no_longer_than_its_time(seconds: float, last: float) -> None:
    """A slow run is shrunk to the median of all; a faster one ends before it."""
    found = _within(history(), seconds)
    assert found.seconds.tolist() == [last / 2.0, last]
