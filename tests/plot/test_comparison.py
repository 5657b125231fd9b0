"""What the figure of a comparison shows, read from its artists."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from physfit.plot import comparison as drawn


def way(n: int, scale: float = 1.0) -> Any:
    """A path that falls by a factor of ten at each point."""
    steps = np.arange(1.0, n + 1.0)
    return SimpleNamespace(
        passes=steps,
        seconds=1e-3 * steps,
        excess=scale * 10.0**-steps,
        distance=scale * 10.0 ** (-0.5 * steps),
    )


def row(method: str, path: Any, gradients: str = "exact") -> Any:
    """One row of a table."""
    return SimpleNamespace(
        method=method, gradients=gradients, batch_size=None, path=path
    )


def table(*rows: Any, cost: float = 50.0) -> Any:
    """A comparison of some rows."""
    return SimpleNamespace(rows=rows, cost=cost)


@pytest.fixture
def ax() -> Axes:
    """Empty Axes of a figure without pyplot."""
    axes: Axes = Figure().subplots()
    return axes


def test_three_panels_and_one_legend() -> None:
    """Cost against passes and seconds, distance against passes, all logarithmic."""
    figure = drawn.comparison_figure(table(row("lm", way(5))), title="a_b $x$")
    labels = [(ax.get_xlabel(), ax.get_ylabel()) for ax in figure.axes]
    assert labels == [
        ("passes over the data", "cost above the minimum"),
        ("time (s)", ""),
        ("passes over the data", "distance from the minimum (σ)"),
    ]
    assert {ax.get_xscale() for ax in figure.axes} == {"log"}
    assert {ax.get_yscale() for ax in figure.axes} == {"log"}
    (legend,) = figure.legends
    assert [own.get_text() for own in legend.get_texts()] == ["lm"]
    assert figure.get_suptitle() == r"a_b \$x\$"


@pytest.mark.parametrize("against", ["passes", "seconds"])
def test_lines_are_the_paths(ax: Axes, against: str) -> None:
    """Every point of a path, in its order."""
    path = way(6)
    (line,) = drawn.excesses(ax, table(row("lm", path)), against=against)
    np.testing.assert_array_equal(line.get_xdata(), getattr(path, against))
    np.testing.assert_array_equal(line.get_ydata(), path.excess)


def test_distances_have_a_line_at_one_sigma(ax: Axes) -> None:
    """Below it nobody would quote another value."""
    path = way(6)
    (line,) = drawn.distances(ax, table(row("lm", path)))
    np.testing.assert_array_equal(line.get_ydata(), path.distance)
    assert [list(own.get_ydata()) for own in ax.lines if own is not line] == [[1, 1]]


def test_zero_and_below_end_on_the_floor(ax: Axes) -> None:
    """The reference itself has no place on a logarithmic axis, but must be seen."""
    path = way(3)
    path.excess[1:] = [-1e-14, 0.0]
    path.distance[2] = 0.0
    (line,) = drawn.excesses(ax, table(row("lm", path), cost=50.0))
    np.testing.assert_allclose(line.get_ydata()[1:], 50.0 * drawn.ROUNDING)
    (line,) = drawn.distances(ax, table(row("lm", path)))
    assert line.get_ydata()[2] == drawn.SMALLEST


def test_methods_left_out_have_no_line(ax: Axes) -> None:
    """They went nowhere."""
    lines = drawn.excesses(ax, table(row("scipy:bfgs", None), row("lm", way(4))))
    assert [own.get_label() for own in lines] == ["lm"]


def test_labels_name_gradients_where_they_tell_rows_apart(ax: Axes) -> None:
    """A method with one row is called by its name only."""
    rows = (
        row("lm", way(4)),
        row("scipy:trf", way(4)),
        row("scipy:trf", way(5), "differences"),
    )
    labels = [own.get_label() for own in drawn.excesses(ax, table(*rows))]
    assert labels == ["lm", "scipy:trf, exact", "scipy:trf, differences"]


def test_no_two_of_many_lines_look_alike() -> None:
    """As many as all methods of scipy need."""
    looks = [drawn.line_look(number) for number in range(20)]
    assert len({(own["color"], own["linestyle"]) for own in looks}) == 20


def test_long_paths_have_a_mark_at_their_end_only(ax: Axes) -> None:
    """A thousand marks would hide the line; a few show the steps."""
    few, many = drawn.excesses(ax, table(row("lm", way(5)), row("adam", way(90))))
    assert few.get_markevery() is None
    assert many.get_markevery() == [89]
