"""Figures of explorations: tests of learning rates, sweeps of settings, many starts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.container import BarContainer
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from physfit.errors import InputError
from physfit.plot.canvas import canvas, guide_band, panel
from physfit.plot.style import COMPONENTS, ROLES, plain_text, turn_color

if TYPE_CHECKING:
    from physfit.fitting.exploration.minima import MultiStart
    from physfit.fitting.exploration.rates import RateTest
    from physfit.fitting.exploration.sweeps import Sweep

__all__ = ["basin_shares", "distances", "distances_of_two", "loss_by_rate"]
__all__ += ["minima_figure", "rates_figure", "sorted_costs", "sweep_figure"]

Array = NDArray[Any]
#: Values of a numeric axis span more than this factor on a log scale.
WIDE = 20.0
#: Minima with a bar of their own; the others share one.
BARS = 8


def rates_figure(test: RateTest, *, title: str = "") -> Figure:
    """Figure of a test of rates.

    Parameters
    ----------
    test : RateTest
    title : str
        Above the figure; model and method when empty.
    """
    how = f"{test.steps} steps of {test.method}, batches of {test.batch_size}"
    with panel((6.4, 3.8), title or f"{test.expression}: {how}") as (figure, ax):
        loss_by_rate(ax, test)
    return figure


def loss_by_rate(ax: Axes, test: RateTest, **line: Any) -> Line2D:
    """Loss against rate, where it blows up, and the suggestion.

    Rates that blow up are drawn as far as twice the loss at the start allows, on the
    upper edge.
    """
    fine = np.where(test.lost, np.nan, test.losses)
    top = 2.0 * test.start_loss
    look: dict[str, Any] = {"color": ROLES["data"], "marker": "o", "markersize": 3.0}
    (drawn,) = ax.plot(
        test.learning_rates, fine, **{**look, **line}, label="after the steps"
    )
    # An empty line that is not clipped would count as one at the figure's corner, and
    # leave no room for the axes.
    if test.lost.any():
        ax.plot(
            test.learning_rates[test.lost],
            np.full(int(np.sum(test.lost)), top),
            "x",
            color=ROLES["model"],
            label="diverged",
            clip_on=False,
        )
    ax.axhline(
        test.start_loss, color=ROLES["guide"], linestyle="--", label="at the start"
    )
    if test.blow_up is not None:
        look = {"color": ROLES["model"], "alpha": 0.12, "linewidth": 0}
        ax.axvspan(test.blow_up, test.learning_rates[-1], **look)
    if test.suggestion is not None:
        label = f"suggestion: {test.suggestion:.3g}"
        ax.axvline(test.suggestion, color=COMPONENTS[1], label=label)
    low = float(np.nanmin(fine)) if np.isfinite(fine).any() else 0.1 * top
    ax.set_xscale("log")
    if low > 0.0 and top > 5.0 * low:
        ax.set_yscale("log")
        ax.set_ylim(0.8 * low, top)
    else:
        ax.set_ylim(low - 0.05 * (top - low), top)
    ax.set_xlim(test.learning_rates[0], test.learning_rates[-1])
    ax.set_xlabel("learning rate")
    ax.set_ylabel("mean loss per sample")
    ax.legend(loc="best")
    return drawn


def sweep_figure(table: Sweep, *, title: str = "") -> Figure:
    """Figure of a sweep of one or two settings.

    Parameters
    ----------
    table : Sweep
    title : str
        Above the figure; model and method when empty.
    """
    if len(table.vary) > 2:
        raise InputError(
            "a figure shows one or two settings, but the sweep varies "
            f"{', '.join(table.vary)}; vary two of them."
        )
    title = title or f"{table.expression}: {table.method}"
    with panel((6.0, 3.8), title, "large") as (figure, ax):
        if len(table.vary) == 1:
            distances(ax, table)
        else:
            distances_of_two(ax, table)
    return figure


def distances(ax: Axes, table: Sweep, **line: Any) -> Line2D:
    """Distance against one setting; runs that diverged stand on the upper edge."""
    (name, values), *_ = table.vary.items()
    x, labels = _places(values)
    y = np.array([np.nan if run.diverged else run.distance for run in table.runs])
    lost = np.array([run.diverged for run in table.runs])
    look: dict[str, Any] = {"color": ROLES["data"], "marker": "o", "markersize": 4.5}
    (drawn,) = ax.plot(x, y, **{**look, **line})
    guide_band(ax, 0.0, 1.0)
    fine = y[np.isfinite(y) & (y > 0.0)]
    low = 0.5 * min(float(fine.min(initial=1.0)), 0.5)
    high = 3.0 * float(fine.max(initial=10.0))
    ax.set_yscale("log")
    ax.set_ylim(low, high)
    if lost.any():
        top = np.full(int(lost.sum()), high)
        look = {"color": ROLES["model"], "clip_on": False, "label": "diverged"}
        ax.plot(x[lost], top, "x", **look)
        ax.legend(loc="best")
    if labels:
        ax.set_xticks(x, labels)
    elif x.min() > 0.0 and x.max() > WIDE * x.min():
        ax.set_xscale("log")
    ax.set_xlabel(plain_text(name))
    ax.set_ylabel("distance to the exact answer (σ)")
    return drawn


def distances_of_two(ax: Axes, table: Sweep) -> AxesImage:
    """Map of the distance over two settings, with its numbers; crosses diverged."""
    (first, rows), (second, columns) = table.vary.items()
    shape = len(rows), len(columns)
    y = np.array([np.nan if run.diverged else run.distance for run in table.runs])
    y = y.reshape(shape)
    fine = y[np.isfinite(y) & (y > 0.0)]
    lowest, highest = float(fine.min(initial=1.0)), float(fine.max(initial=1.0))
    norm = LogNorm(lowest, 1.01 * highest)
    shown = np.ma.masked_invalid(y)
    image = ax.imshow(shown, cmap="cividis", norm=norm, aspect="auto", origin="lower")
    for place in np.ndindex(shape):
        value = y[place]
        text = f"{float(f'{value:.2g}'):,.9g}" if np.isfinite(value) else "×"
        dark = np.isfinite(value) and value < np.sqrt(lowest * highest)
        color = "white" if dark else "black"
        look: dict[str, Any] = {"ha": "center", "va": "center", "color": color}
        ax.text(place[1], place[0], text, **look)
    ax.set_xticks(range(shape[1]), [_text(value) for value in columns])
    ax.set_yticks(range(shape[0]), [_text(value) for value in rows])
    ax.tick_params(length=0.0)
    ax.set_xlabel(plain_text(second))
    ax.set_ylabel(plain_text(first))
    ax.figure.colorbar(image, ax=ax, label="distance to the exact answer (σ)")
    return image


def _places(values: Sequence[Any]) -> tuple[Array, list[str]]:
    """Places on the axis, and their labels where they are no numbers."""
    if any(isinstance(value, str) for value in values):
        return np.arange(len(values), dtype=float), [_text(value) for value in values]
    return np.array(values, dtype=float), []


def _text(value: Any) -> str:
    return plain_text(value if isinstance(value, str) else f"{value:g}")


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
