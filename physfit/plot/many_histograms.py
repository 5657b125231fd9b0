"""Quantities of many rows as histograms, with median, spread and error."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from physfit.plot.canvas import canvas, corner_note, legend_below, quantity_label
from physfit.plot.replicas import bin_count
from physfit.plot.style import ROLES

__all__ = ["Distribution", "histogram", "histogram_figure", "shown_range"]

Array = NDArray[Any]
#: Percentiles that a histogram shows at least.
WITHIN = (0.5, 99.5)
#: Bins of a histogram at most.
BINS = 80
#: Columns of a figure of histograms.
COLUMNS = 3


class Distribution(NamedTuple):
    """A quantity in the rows that converged and determine it.

    Attributes
    ----------
    label : str
        The quantity with its unit.
    values : ndarray, shape (n,)
        NaN where a row has no good value.
    error : float
        Median of its standard errors; NaN without.
    rule : str
        Which rows these are, in words.
    """

    label: str
    values: Array
    error: float
    rule: str = ""


def histogram_figure(spreads: Sequence[Distribution], *, title: str = "") -> Figure:
    """Figure with a histogram for each quantity.

    Parameters
    ----------
    spreads : sequence of Distribution
    title : str
        Above the figure; none when empty.
    """
    n = max(len(spreads), 1)
    columns = min(COLUMNS, n)
    lines = -(-n // columns)
    with canvas((3.3 * columns, 2.6 * lines + 0.3), title) as figure:
        axes = figure.subplots(lines, columns, squeeze=False)
        for number, ax in enumerate(axes.flat):
            if number < len(spreads):
                histogram(ax, spreads[number])
                ax.set_ylabel("" if number % columns else "rows")
            else:
                ax.set_axis_off()
        legend_below(figure, _key(), columns, _caption(spreads))
    return figure


def _caption(spreads: Sequence[Distribution]) -> str:
    """Which rows are shown of which quantities."""
    labels: dict[str, list[str]] = {}
    for own in spreads:
        labels.setdefault(own.rule, []).append(own.label.partition(" (")[0])
    rules = [f"{', '.join(names)}: {rule}" for rule, names in labels.items() if rule]
    return "; ".join(rules)


def _key() -> list[Any]:
    """What the lines in histograms mean."""
    look: dict[str, Any] = {"color": ROLES["data"], "marker": "|", "markersize": 7.0}
    return [
        Line2D([], [], color=ROLES["model"], label="median"),
        Patch(color=ROLES["guide"], alpha=0.3, label="68 % of the rows"),
        Line2D([], [], linewidth=1.0, label="± median standard error", **look),
    ]


def histogram(ax: Axes, own: Distribution) -> None:
    """Rows by the value of a quantity, with the median and what holds 68 %.

    A bar above shows the median standard error to both sides: where it is as wide as
    the histogram, the rows do not differ.
    """
    values = own.values[np.isfinite(own.values)]
    ax.set_xlabel(quantity_label(own.label))
    ax.set_ylabel("rows")
    if not len(values):
        corner_note(ax, "no row has a value")
        return
    low, high = shown_range(values)
    inside = values[(values >= low) & (values <= high)]
    look: dict[str, Any] = {"color": ROLES["imaginary"], "alpha": 0.6}
    bins = bin_count(len(inside), 5, BINS)
    counts, _, _ = ax.hist(inside, bins=bins, range=(low, high), **look)
    left, middle, right = np.percentile(values, [16.0, 50.0, 84.0]).tolist()
    ax.axvspan(left, right, color=ROLES["guide"], alpha=0.3, linewidth=0.0, zorder=0.5)
    ax.axvline(middle, color=ROLES["model"], linewidth=1.2)
    top = float(np.max(counts))
    ax.set_ylim(0.0, 1.3 * top)
    ax.set_xlim(low, high)
    if np.isfinite(own.error):
        look = {"color": ROLES["data"], "capsize": 3.0, "elinewidth": 1.0}
        ax.errorbar([middle], [1.12 * top], xerr=[own.error], fmt="none", **look)
    n_beyond = len(values) - len(inside)
    counted = f"{len(values)} row{'s' * (len(values) != 1)}" + (
        f", {n_beyond} beyond" if n_beyond else ""
    )
    ax.set_title(counted, loc="right", fontsize=7.5, pad=3.0)
    ax.xaxis.set_major_locator(MaxNLocator(4))


def shown_range(values: Array) -> tuple[float, float]:
    """Range of a histogram: all, unless few lie far from the others."""
    low, high = np.percentile(values, WITHIN).tolist()
    room = 0.25 * (high - low)
    low, high = max(values.min(), low - room), min(values.max(), high + room)
    if not high > low:
        room = 0.05 * abs(low) or 0.5
        return low - room, high + room
    return float(low), float(high)
