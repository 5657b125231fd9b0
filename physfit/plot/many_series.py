"""Figures of rows: maps, and along one axis lines with a band of a standard error."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from physfit.plot.canvas import axis_label, corner_note, legend_below, panel
from physfit.plot.many_maps import (
    GOOD,
    MARKS,
    Kinds,
    Picture,
    kind_map,
    map_size,
    mark_label,
    robust_limits,
    value_map,
)
from physfit.plot.style import ROLES, plain_text

__all__ = ["rows_figure"]

Array = NDArray[Any]
#: Rows up to which each point has an error bar.
BARS = 400
#: Rows up to which points are large.
LARGE = 80
#: Rows from which on they are drawn in groups: the median and what holds 68 %.
ROWS = 4000
#: Groups of rows.
GROUPS = 1000
#: Share of the range of the values that the axis shows beyond them.
ROOM = 0.08


def rows_figure(picture: Picture | Kinds, *, title: str = "") -> Figure:
    """Figure of a quantity or kind of rows: colours over two axes, a line along one.

    Parameters
    ----------
    picture : Picture or Kinds
        Of one axis or two.
    title : str
        Above the figure; none when empty.
    """
    is_map = len(picture.axes) == 2
    columns = 1
    if isinstance(picture, Kinds):
        n = len(picture.named)
        size = (
            map_size(picture.codes, n, bar=False) if is_map else (7.0, 1.2 + 0.55 * n)
        )
    else:
        size = map_size(picture.values) if is_map else (7.0, 3.4)
        columns = 2 if is_map else 3
    with panel(size, title) as (figure, ax):
        if isinstance(picture, Kinds):
            handles = kind_map(ax, picture) if is_map else kind_series(ax, picture)
        else:
            handles = value_map(ax, picture) if is_map else series(ax, picture)
        legend_below(figure, handles, columns, fontsize=8.5)
    return figure


def series(ax: Axes, picture: Picture) -> list[Any]:
    """Values along the axis, with errors and marks; returns the artists with labels.

    Points with bars for few rows, with a band of one standard error for more, and
    medians of groups of rows with the range that holds 68 % for very many.
    """
    x = np.asarray(picture.axes[0].values, dtype=np.float64)
    order = np.argsort(x, kind="stable")
    good = (picture.marks == GOOD)[order]
    x = x[order]
    y = np.where(good, picture.values[order], np.nan)
    error = None if picture.error is None else picture.error[order]
    if len(x) > ROWS:
        drawn = _grouped(ax, x, y)
    elif len(x) <= BARS:
        drawn = _bars(ax, x, y, error)
    else:
        drawn = _band(ax, x, y, error)
    ax.set_xlabel(axis_label(picture.axes[0].name, picture.axes[0].unit))
    ax.set_ylabel(plain_text(picture.label))
    finite = y[np.isfinite(y)]
    if len(finite):
        low, high = robust_limits(finite)
        spread = 0.0
        if error is not None and len(x) <= ROWS:
            known = error[np.isfinite(error) & good]
            spread = float(np.median(known)) if len(known) else 0.0
        room = ROOM * (high - low) + spread
        ax.set_ylim(low - room, high + room)
        n_beyond = int(((finite < low - room) | (finite > high + room)).sum())
        if n_beyond:
            corner_note(ax, f"{n_beyond} beyond the axis", 0.99, 0.98)
    return [*drawn, *_bad_rows(ax, picture)]


def _bad_rows(ax: Axes, picture: Picture) -> list[Line2D]:
    """Marks on the lower edge where rows have no good number, with their counts."""
    x = np.asarray(picture.axes[0].values, dtype=np.float64)
    drawn: list[Line2D] = []
    for code, mark in MARKS.items():
        places = x[picture.marks == code]
        if len(places):
            look: dict[str, Any] = {
                "linestyle": "none",
                "marker": "|" if len(x) > ROWS else "x",
                "markersize": 5.0,
                "color": mark.color if mark.color != "#FFFFFF" else ROLES["data"],
                "transform": ax.get_xaxis_transform(),
                "label": mark_label(code, len(places), len(x)),
                "rasterized": len(places) > ROWS,
            }
            heights = np.full(len(places), 0.025 + 0.03 * (code - 1))
            drawn += ax.plot(places, heights, **look)
    return drawn


def kind_series(ax: Axes, kinds: Kinds) -> list[Patch]:
    """Kind of each row along an axis: a tick on its line; returns a legend."""
    x = np.asarray(kinds.axes[0].values, dtype=np.float64)
    for number, (_, color) in enumerate(kinds.named):
        own = x[kinds.codes == number]
        look: dict[str, Any] = {"color": color, "rasterized": len(own) > ROWS}
        look |= {"marker": "|", "markersize": 14.0, "linestyle": "none"}
        ax.plot(own, np.full(len(own), -float(number)), **look)
    ax.set_ylim(-len(kinds.named) + 0.4, 0.6)
    ax.set_yticks([])
    ax.set_xlabel(axis_label(kinds.axes[0].name, kinds.axes[0].unit))
    return [Patch(color=color, label=plain_text(text)) for text, color in kinds.legend]


def _bars(ax: Axes, x: Array, y: Array, error: Array | None) -> list[Any]:
    bars = None if error is None else np.where(np.isfinite(error), error, 0.0)
    look: dict[str, Any] = {
        "color": ROLES["data"],
        "elinewidth": 0.8,
        "fmt": "o",
        "label": "value" if error is None else "value ± standard error",
        "markeredgewidth": 0.0,
        "markersize": 4.0 if len(x) <= LARGE else 2.5,
    }
    return [ax.errorbar(x, y, bars, **look)]


def _band(ax: Axes, x: Array, y: Array, error: Array | None) -> list[Any]:
    look: dict[str, Any] = {"color": ROLES["data"], "markersize": 2.0, "zorder": 3.0}
    line = ax.plot(x, y, "o", markeredgewidth=0.0, label="value", **look)[0]
    if error is None:
        return [line]
    known = np.where(np.isfinite(error), error, 0.0)
    return [line, _between(ax, x, y - known, y + known, "± standard error")]


def _grouped(ax: Axes, x: Array, y: Array) -> list[Any]:
    """Median and 68 % range of groups of rows that stand together."""
    size = -(-len(x) // GROUPS)
    n = len(x) // size
    groups = y[: n * size].reshape(n, size)
    middle = x[: n * size].reshape(n, size).mean(axis=1)
    known = np.isfinite(groups).any(axis=1)
    levels = np.full((3, n), np.nan)
    levels[:, known] = np.nanpercentile(groups[known], [16.0, 50.0, 84.0], axis=1)
    line = ax.plot(
        middle,
        levels[1],
        color=ROLES["data"],
        linewidth=0.9,
        label=f"median of {size} rows",
    )[0]
    return [line, _between(ax, middle, levels[0], levels[2], "68 % of the rows")]


def _between(ax: Axes, x: Array, low: Array, high: Array, label: str) -> PolyCollection:
    """Band between two curves."""
    look: dict[str, Any] = {"color": ROLES["imaginary"], "alpha": 0.35}
    return ax.fill_between(x, low, high, linewidth=0.0, label=label, **look)
