"""Figures of a comparison: how every method went to the minimum.

A line for each run, from the start to the method's answer, which has a mark. Colours
come in turn, and the line style changes with every round of them. Every second line is
thin and lies above the thick ones, so that neighbours along one line are both seen.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from physfit.plot.canvas import canvas, legend_below
from physfit.plot.style import COMPONENTS, ROLES, plain_text, turn_color

if TYPE_CHECKING:
    from physfit.comparison.convergence import Convergence
    from physfit.comparison.table import Comparison

__all__ = ["comparison_figure", "distances", "excesses", "line_look"]

Array = NDArray[Any]
STYLES = ("-", "--", ":", "-.")
#: Costs closer to the minimum than this share of it are rounding.
ROUNDING = 1e-16
#: Distances that make no difference, in standard errors.
SMALLEST = 1e-6
#: Columns of the legend, and points of a line up to which each has a mark.
COLUMNS, MARKED = 4, 12
#: Widths of the lines, in turn.
THICK, THIN = 2.6, 1.1


def comparison_figure(table: Comparison, *, title: str = "") -> Figure:
    """Figure of a comparison.

    Parameters
    ----------
    table : Comparison
    title : str
        Above the figure; none when empty.

    Returns
    -------
    matplotlib.figure.Figure
        The cost above the minimum against passes and against seconds, and the distance
        from it in standard errors against passes.
    """
    n_lines = sum(row.path is not None for row in table.rows)
    height = 3.5 + 0.2 * -(-n_lines // COLUMNS)
    with canvas((10.5, height), title) as figure:
        first, second, third = figure.subplots(1, 3)
        lines = excesses(first, table)
        excesses(second, table, against="seconds")
        second.set_ylabel("")
        distances(third, table)
        legend_below(figure, lines, COLUMNS)
    return figure


def excesses(ax: Axes, table: Comparison, *, against: str = "passes") -> list[Line2D]:
    """Cost above that of the reference, against "passes" or "seconds"."""
    floor = ROUNDING * max(abs(table.cost), 1e-300)
    lines = _lines(ax, table, against, lambda path: np.maximum(path.excess, floor))
    ax.set_ylabel("cost above the minimum")
    return lines


def distances(ax: Axes, table: Comparison, *, against: str = "passes") -> list[Line2D]:
    """Distance from the reference in standard errors, with a line at one of them."""
    lines = _lines(ax, table, against, lambda path: np.maximum(path.distance, SMALLEST))
    ax.set_ylabel("distance from the minimum (σ)")
    ax.axhline(1.0, color=ROLES["guide"], linewidth=1.0, zorder=1.0)
    return lines


def _lines(
    ax: Axes, table: Comparison, against: str, height: Callable[[Convergence], Array]
) -> list[Line2D]:
    lines: list[Line2D] = []
    look: dict[str, Any]
    methods = [row.method for row in table.rows]
    shown = [(row, row.path) for row in table.rows if row.path is not None]
    for number, (row, path) in enumerate(shown):
        y, name = height(path), row.method
        if methods.count(name) > 1:
            name = f"{name}, {row.gradients}"
        look = line_look(number)
        if len(y) > MARKED:
            look["markevery"] = [len(y) - 1]
        lines += ax.plot(
            path.seconds if against == "seconds" else path.passes,
            y,
            label=plain_text(name),
            marker="o",
            markersize=3.0,
            **look,
        )
    ax.set_xscale("log")
    ax.set_yscale("log")
    ax.set_xlabel("time (s)" if against == "seconds" else "passes over the data")
    return lines


def line_look(number: int) -> dict[str, Any]:
    """Colour, style and width of a line, by its number."""
    turn = number // (1 + len(COMPONENTS))
    is_thin = number % 2
    return {
        "color": turn_color(number),
        "linestyle": STYLES[turn % len(STYLES)],
        "linewidth": THIN if is_thin else THICK,
        "zorder": 3.0 if is_thin else 2.0,
    }
