"""Figure of many starts: their costs in order, and what share each minimum has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from physfit.plot.figures import NotebookFigure
from physfit.plot.style import COMPONENTS, ROLES, applied, plain_text

__all__ = ["basin_shares", "minima_figure", "sorted_costs"]

Array = NDArray[Any]
#: Minima with a bar of their own; the others share one.
BARS = 8


class Basin(Protocol):
    """A minimum, as far as a figure needs it."""

    @property
    def delta_chi2(self) -> float: ...
    @property
    def share(self) -> float: ...


class Ended(Protocol):
    """Where many starts ended, as far as a figure needs it."""

    @property
    def expression(self) -> str: ...
    @property
    def minima(self) -> Sequence[Basin]: ...
    @property
    def member(self) -> Array: ...


def minima_figure(found: Ended, *, title: str = "") -> Figure:
    """Figure of many starts.

    Parameters
    ----------
    found : MultiStart
    title : str
        Above the figure; the model when empty.
    """
    with applied():
        figure = NotebookFigure(figsize=(8.0, 3.6), layout="constrained")
        left, right = figure.subplots(1, 2, width_ratios=[1.5, 1.0])
        sorted_costs(left, found)
        basin_shares(right, found)
        n = len(found.member)
        figure.suptitle(plain_text(title or f"{found.expression}: {n} starts"))
    return figure


def sorted_costs(ax: Axes, found: Ended, **points: Any) -> list[Line2D]:
    """Chi2 above the deepest minimum of every start, from the lowest up: a staircase.

    Each step is a minimum, its length the share of the basin. Starts that led to no
    minimum are left out.
    """
    drawn: list[Line2D] = []
    before = 0
    for number, own in enumerate(found.minima):
        count = int(np.sum(found.member == number))
        look: dict[str, Any] = {
            "color": _color(number),
            "marker": "o",
            "linestyle": "none",
            "markersize": 3.0,
            **points,
        }
        places = before + np.arange(1, count + 1)
        drawn += ax.plot(places, np.full(count, own.delta_chi2), **look)
        before += count
    ax.set_yscale("symlog", linthresh=1.0)
    ax.set_ylim(-0.5, max(1.0, ax.get_ylim()[1]))
    ax.set_xlim(0, len(found.member) + 1)
    ax.set_xlabel("start, in order of cost")
    ax.set_ylabel("Δχ² above the best")
    return drawn


def basin_shares(ax: Axes, found: Ended, **bars: Any) -> BarContainer:
    """Share of the starts that led to each minimum, the deepest on top."""
    shares = [own.share for own in found.minima]
    labels = [f"Δχ² {_plain(own.delta_chi2)}" for own in found.minima]
    if shares:
        labels[0] = "the best"
    colors = [_color(number) for number in range(len(shares))]
    if len(shares) > BARS:
        rest = len(shares) - BARS
        shares = [*shares[:BARS], sum(shares[BARS:])]
        labels = [*labels[:BARS], f"{rest} more"]
        colors = [*colors[:BARS], ROLES["guide"]]
    lost = float(np.mean(found.member < 0))
    if lost > 0.0:
        shares, labels = [*shares, lost], [*labels, "no minimum"]
        colors = [*colors, "none"]
    look: dict[str, Any] = {
        "color": colors,
        "edgecolor": [ROLES["data"] if own == "none" else own for own in colors],
        "height": 0.7,
        **bars,
    }
    drawn = ax.barh(np.arange(len(shares)), 100.0 * np.array(shares), **look)
    ax.bar_label(drawn, fmt="%.1f %%", padding=3, fontsize=8.0)
    ax.set_yticks(np.arange(len(shares)), labels)
    ax.tick_params(axis="y", length=0.0)
    ax.invert_yaxis()
    ax.set_xlim(0.0, 1.3 * max([100.0 * own for own in shares], default=1.0))
    ax.set_xlabel("share of the starts (%)")
    return drawn


def _plain(value: float) -> str:
    """Four digits, or whole numbers without exponent."""
    return f"{value:,.0f}" if 1e3 <= value < 1e8 else f"{value:.3g}"


def _color(number: int) -> str:
    """The model's colour for the best, then those of components, then grey."""
    if number == 0:
        return ROLES["model"]
    return COMPONENTS[(number - 1) % len(COMPONENTS)]
