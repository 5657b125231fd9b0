"""Figures of descents show the records as they are."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from matplotlib.figure import Figure

import physfit as pf
from physfit.errors import InputError
from physfit.plot import history as drawn
from physfit.solve.history import History


@dataclass
class Run:
    """A result, as far as a figure needs it."""

    history: History | None
    values: dict[str, float] = field(default_factory=lambda: {"a": 1.0, "b": -2.0})
    stderr: dict[str, float] = field(default_factory=lambda: {"a": 0.5, "b": 0.1})
    free_names: tuple[str, ...] = ("a", "b")
    method: str = "sgd"


def walk() -> History:
    """Three records with numbers that tell all columns apart."""
    return History(
        step=np.array([1.0, 2.0, 3.0]),
        n_rows=np.array([10.0, 20.0, 30.0]),
        learning_rate=np.array([0.3, 0.2, 0.1]),
        loss=np.array([9.0, 4.0, 1.0]),
        seconds=np.array([0.5, 0.7, 0.8]),
        theta=np.array([[2.0, -2.0], [1.5, -1.7], [1.0, -2.0]]),
    )


def test_distance_is_the_largest_in_standard_errors() -> None:
    """Each record's distance is the largest |theta - reference| / stderr."""
    found = drawn.distances(walk().theta, ("a", "b"), Run(None))
    assert found == pytest.approx([2.0, 3.0, 0.0])


def test_distance_follows_the_names_not_the_places() -> None:
    """The columns are matched to the reference by name."""
    theta = walk().theta[:, ::-1]
    found = drawn.distances(theta, ("b", "a"), Run(None))
    assert found == pytest.approx([2.0, 3.0, 0.0])


@pytest.mark.parametrize("against", drawn.AGAINST)
def test_curves_lie_over_the_column_that_is_asked_for(against: str) -> None:
    """Loss and rate are drawn against steps, rows or seconds, and the axis says so."""
    ax = Figure().subplots()
    line = drawn.loss_curve(ax, walk(), against=against)
    assert np.array_equal(line.get_xdata(), getattr(walk(), against))
    assert np.array_equal(line.get_ydata(), [9.0, 4.0, 1.0])
    assert ax.get_xlabel() == drawn.AGAINST[against]
    assert ax.get_yscale() == "log"
    rate = drawn.rate_curve(ax, walk(), against=against)
    assert np.array_equal(rate.get_ydata(), [0.3, 0.2, 0.1])


def test_loss_above_a_minimum_is_less_by_it() -> None:
    """What `above` gives is subtracted, and the label says so."""
    ax = Figure().subplots()
    line = drawn.loss_curve(ax, walk(), above=0.5)
    assert np.array_equal(line.get_ydata(), [8.5, 3.5, 0.5])
    assert "above the minimum" in ax.get_ylabel()


def test_distances_of_several_runs_share_one_band() -> None:
    """The band below one standard error is drawn once, whatever the number of lines."""
    ax = Figure().subplots()
    for _ in range(3):
        drawn.distance_curve(ax, Run(walk()), Run(None))
    assert len(ax.patches) == 1
    assert len(ax.lines) == 3


def test_figure_has_a_panel_of_distance_only_with_a_reference() -> None:
    """Loss and rate alone without a reference; the distance between them with one."""
    plain = drawn.history_figure(Run(walk()))
    assert len(plain.axes) == 2
    full = drawn.history_figure(Run(walk()), Run(None), against="n_rows")
    assert len(full.axes) == 3
    assert full.axes[1].lines[0].get_ydata() == pytest.approx([2.0, 3.0, 0.0])
    assert full.axes[2].get_xlabel() == "rows seen"


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: drawn.history_figure(Run(None)), "keeps no history"),
        (lambda: drawn.history_figure(Run(walk()), against="sec"), "'seconds'"),
        (
            lambda: drawn.history_figure(Run(walk()), Run(None, values={"a": 1.0})),
            "no parameter 'b'",
        ),
    ],
    ids=["no history", "unknown axis", "other model"],
)
def test_what_cannot_be_drawn_is_said(call, words: str) -> None:
    """One sentence names what is missing."""
    with pytest.raises(InputError, match=words):
        call()


def test_results_draw_their_own_history() -> None:
    """`plot_history` of a fit shows its records, and its distance to the exact fit."""
    x = np.linspace(0.0, 1.0, 20)
    y = 1.0 + 2.0 * x + 0.1 * np.cos(40.0 * x)
    far = {"slope": 0.0, "intercept": 0.0}
    data = {"sigma": 0.1, "start": far}
    run = pf.fit(pf.models.Linear(), x, y, **data, method="gd", epochs=30)
    exact = pf.fit(pf.models.Linear(), x, y, **data)
    loss, distance, rate = run.plot_history(exact, title="line").axes
    assert np.array_equal(loss.lines[0].get_ydata(), run.history.loss)
    assert np.array_equal(rate.lines[0].get_ydata(), run.history.learning_rate)
    assert distance.lines[0].get_ydata()[-1] < distance.lines[0].get_ydata()[0]
    assert loss.get_title() == "line"
