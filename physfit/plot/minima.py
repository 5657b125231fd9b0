"""Figure of many starts: their costs in order, and what share each minimum has."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from physfit.plot.canvas import canvas
from physfit.plot.style import ROLES, turn_color

if TYPE_CHECKING:
    from physfit.fitting.exploration.minima import MultiStart

__all__ = ["basin_shares", "minima_figure", "sorted_costs"]

#: Minima with a bar of their own; the others share one.
BARS = 8


def minima_figure(starts: MultiStart, *, title: str = "") -> Figure:
    """Figure of many starts.

    Parameters
    ----------
    starts : MultiStart
    title : str
        Above the figure; the model when empty.
    """
    title = title or f"{starts.expression}: {starts.n_starts} starts"
    with canvas((8.0, 3.6), title) as figure:
        left, right = figure.subplots(1, 2, width_ratios=[1.5, 1.0])
        sorted_costs(left, starts)
        basin_shares(right, starts)
    return figure


def sorted_costs(ax: Axes, starts: MultiStart, **points: Any) -> list[Line2D]:
    """Chi2 above the deepest minimum of every start, from the lowest up: a staircase.

    Each step is a minimum, its length the share of the basin. Starts that led to no
    minimum are left out.
    """
    drawn: list[Line2D] = []
    before = 0
    for number, minimum in enumerate(starts.minima):
        count = int(np.sum(starts.member == number))
        look: dict[str, Any] = {
            "color": turn_color(number),
            "marker": "o",
            "linestyle": "none",
            "markersize": 3.0,
            **points,
        }
        places = before + np.arange(1, count + 1)
        drawn += ax.plot(places, np.full(count, minimum.delta_chi2), **look)
        before += count
    ax.set_yscale("symlog", linthresh=1.0)
    ax.set_ylim(-0.5, max(1.0, ax.get_ylim()[1]))
    ax.set_xlim(0, len(starts.member) + 1)
    ax.set_xlabel("start, in order of cost")
    ax.set_ylabel("Δχ² above the best")
    return drawn


def basin_shares(ax: Axes, starts: MultiStart, **bars: Any) -> BarContainer:
    """Share of the starts that led to each minimum, the deepest on top."""
    shares = [minimum.share for minimum in starts.minima]
    labels = [f"Δχ² {_plain(minimum.delta_chi2)}" for minimum in starts.minima]
    if shares:
        labels[0] = "the best"
    colors = [turn_color(number) for number in range(len(shares))]
    if len(shares) > BARS:
        n_more = len(shares) - BARS
        shares = [*shares[:BARS], sum(shares[BARS:])]
        labels = [*labels[:BARS], f"{n_more} more"]
        colors = [*colors[:BARS], ROLES["guide"]]
    lost = float(np.mean(starts.member < 0))
    if lost > 0.0:
        shares, labels = [*shares, lost], [*labels, "no minimum"]
        colors = [*colors, "none"]
    look: dict[str, Any] = {
        "color": colors,
        "edgecolor": [ROLES["data"] if color == "none" else color for color in colors],
        "height": 0.7,
        **bars,
    }
    drawn = ax.barh(np.arange(len(shares)), 100.0 * np.array(shares), **look)
    ax.bar_label(drawn, fmt="%.1f %%", padding=3, fontsize=8.0)
    ax.set_yticks(np.arange(len(shares)), labels)
    ax.tick_params(axis="y", length=0.0)
    ax.invert_yaxis()
    ax.set_xlim(0.0, 1.3 * max([100.0 * share for share in shares], default=1.0))
    ax.set_xlabel("share of the starts (%)")
    return drawn


def _plain(value: float) -> str:
    """Four digits, or whole numbers without exponent."""
    return f"{value:,.0f}" if 1e3 <= value < 1e8 else f"{value:.3g}"
