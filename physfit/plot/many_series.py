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

from physfit.errors import InputError
from physfit.plot.canvas import (
    CAPTION,
    axis_label,
    legend_below,
    panel,
    quantity_label,
    wrapped,
)
from physfit.plot.many_maps import kind_map, map_size, value_map
from physfit.plot.many_marks import MARKS, Kinds, Picture, mark_label
from physfit.plot.style import ROLES, applied, plain_text

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
#: Share of the axis that a line of marks takes.
LINE = 0.045


def rows_figure(
    picture: Picture | Kinds, *, title: str = "", ax: Axes | None = None
) -> Figure:
    """Figure of a quantity or kind of rows: colours over two axes, a line along one.

    Parameters
    ----------
    picture : Picture or Kinds
        Of one axis or two.
    title : str
        Above the figure; none when empty.
    ax : Axes, optional
        Where to draw; a new figure without. There the caption stands above.
    """
    if ax is not None:
        return _drawn_on(ax, picture, title)
    size, columns = _size(picture)
    with panel(size, title) as (figure, own):
        caption = "" if isinstance(picture, Kinds) else picture.caption
        handles = _draw(own, picture)
        legend_below(figure, handles, columns, wrapped(caption, size[0]), fontsize=8.5)
        engine = figure.get_layout_engine()
        if own.get_aspect() != "auto" and engine is not None:
            engine.execute(figure)  # a map to scale finds its place the second time
    return figure


def _drawn_on(ax: Axes, picture: Picture | Kinds, title: str) -> Figure:
    if not isinstance(ax, Axes):
        raise InputError(
            f"`ax` must be the Axes of a matplotlib figure, but is {type(ax).__name__}."
        )
    figure: Figure = ax.figure.figure
    width = 0.8 * ax.get_position().width * figure.get_figwidth()
    with applied():
        handles = _draw(ax, picture)
        lines = [plain_text(title)] if title else []
        if isinstance(picture, Picture):
            lines.append(wrapped(picture.caption, width))
        ax.set_title("\n".join(lines), fontsize=CAPTION, loc="left")
        for handle in handles:
            handle.set_label(wrapped(str(handle.get_label()), width))
        below: dict[str, Any] = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.16)}
        if handles:
            ax.legend(handles=handles, fontsize=0.9 * CAPTION, **below)
    return figure


def _size(picture: Picture | Kinds) -> tuple[tuple[float, float], int]:
    """Size of a figure in inches, and columns of its legend."""
    is_map = len(picture.axes) == 2
    if isinstance(picture, Picture):
        lines = 2 + (1 + len(np.unique(picture.marks))) // 2
        return (map_size(picture.values, lines), 2) if is_map else ((7.0, 3.6), 3)
    n = len(picture.named)
    size = map_size(picture.codes, n, bar=False) if is_map else (7.0, 1.2 + 0.55 * n)
    return size, 1


def _draw(ax: Axes, picture: Picture | Kinds) -> list[Any]:
    """Draw; returns the artists with labels."""
    is_map = len(picture.axes) == 2
    if isinstance(picture, Kinds):
        return [*(kind_map if is_map else kind_series)(ax, picture)]
    return [*(value_map if is_map else series)(ax, picture)]


def series(ax: Axes, picture: Picture) -> list[Any]:
    """Values along the axis, with errors and marks; returns the artists with labels.

    Points with bars for few rows, with a band of one standard error for more, and
    medians of groups of rows with the range that holds 68 % for very many.
    """
    x = np.asarray(picture.axes[0].values, dtype=np.float64)
    order = np.argsort(x, kind="stable")
    good = picture.good[order]
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
    ax.set_ylabel(quantity_label(picture.label))
    marked = _bad_rows(ax, picture)
    low, high = picture.range
    spread = 0.0
    if error is not None and len(x) <= ROWS:
        known = error[np.isfinite(error) & good]
        spread = float(np.median(known)) if len(known) else 0.0
    room = 0.0 if picture.limits else ROOM * (high - low) + spread
    # marks stand on the lower edge, below all values
    below = LINE * (1 + len(marked)) * (high - low + 2.0 * room) if marked else 0.0
    ax.set_ylim(low - room - below, high + room)
    if marked:
        edge = LINE * (0.2 + len(marked))
        look: dict[str, Any] = {"color": ROLES["guide"], "alpha": 0.25, "zorder": 0.5}
        ax.fill_between(
            [0.0, 1.0], 0.0, edge, linewidth=0.0, transform=ax.transAxes, **look
        )
    return [*drawn, *marked]


def _bad_rows(ax: Axes, picture: Picture) -> list[Line2D]:
    """Marks on the lower edge where rows have no good number, with their counts."""
    x = np.asarray(picture.axes[0].values, dtype=np.float64)
    drawn: list[Line2D] = []
    for code, mark in MARKS.items():
        places = x[picture.marks == code]
        if len(places):
            look: dict[str, Any] = {
                "linestyle": "none",
                "marker": mark.marker,
                "markersize": 5.0,
                "color": ROLES["data"],
                "transform": ax.get_xaxis_transform(),
                "label": mark_label(code, len(places), len(x)),
                "rasterized": len(places) > ROWS,
            }
            heights = np.full(len(places), LINE * (0.6 + len(drawn)))
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
