"""Maps of what was found in many rows: an image of a quantity, or a line along an axis.

Images are single artists however many pixels they have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap, LogNorm, Normalize
from matplotlib.image import AxesImage
from matplotlib.patches import Patch
from numpy.typing import NDArray

from physfit.plot.canvas import axis_label, quantity_label
from physfit.plot.many_marks import MARKS, Kinds, Picture, mark_label, patch

if TYPE_CHECKING:
    from physfit.data.row_data import Axis

__all__ = ["kind_map", "map_size", "value_map"]

Array = NDArray[Any]


#: Blue to yellow, evenly lighter: told apart by colour-blind readers and in print.
COLORS = "viridis"
#: Rows of one mark up to which each has a ring, and pixels of a side from which on.
RINGED, SMALL = 300, 50
#: Positive numbers that span more than this factor are drawn on a log scale.
WIDE = 10.0
#: Sides of a map that differ by more than this factor are not drawn to scale.
NARROW = 4.0
#: Steps of an axis are even if they differ by less than this share.
EVEN = 1e-3


def value_map(ax: Axes, picture: Picture) -> list[Patch]:
    """Quantity in colours with its colour bar, marked rows in grey.

    The bar has arrows where numbers lie beyond its ends.

    Returns
    -------
    list of Patch
        For a legend: how many rows have each mark.
    """
    good, (low, high) = picture.good, picture.range
    shown = picture.values[good]
    is_wide = len(shown) and low > 0.0 and high > WIDE * low
    norm = (LogNorm if picture.is_spread and is_wide else Normalize)(low, high)
    values = np.ma.masked_where(~good, picture.values)
    drawn = _image(ax, values, picture.axes, cmap=COLORS, norm=norm)
    ax.set_facecolor("white")
    if not good.all():
        marked = np.ma.masked_where(good, picture.marks)
        colors = [own.color for own in MARKS.values()]
        _pixels(ax, marked, colors, picture.axes, first=1)
        _rings(ax, picture)
    if len(shown):
        _bar(ax, drawn, shown, picture.label)
    counts = {code: int((picture.marks == code).sum()) for code in MARKS}
    return [
        patch(mark_label(code, counts[code], picture.marks.size), mark.color)
        for code, mark in MARKS.items()
        if counts[code]
    ]


def _bar(ax: Axes, drawn: AxesImage, shown: Array, label: str) -> None:
    below = bool((shown < drawn.norm.vmin).any())
    above = bool((shown > drawn.norm.vmax).any())
    ends = {(0, 0): "neither", (1, 0): "min", (0, 1): "max", (1, 1): "both"}
    extend = ends[below, above]
    ax.figure.colorbar(
        drawn, ax=ax, label=quantity_label(label), extend=extend, pad=0.02
    )


def kind_map(ax: Axes, kinds: Kinds) -> list[Patch]:
    """Kind of each row as a colour; returns a legend that counts them."""
    _pixels(ax, kinds.codes, [color for _, color in kinds.named], kinds.axes)
    return [patch(text, color) for text, color in kinds.legend]


def _pixels(
    ax: Axes, codes: Array, colors: Sequence[str], axes: Sequence[Axis], first: int = 0
) -> None:
    """Image with a colour for each number from `first` on."""
    norm = BoundaryNorm(np.arange(len(colors) + 1) + first - 0.5, max(len(colors), 1))
    look: dict[str, Any] = {"cmap": ListedColormap(list(colors)), "norm": norm}
    _image(ax, codes, axes, **look)


def _image(ax: Axes, values: Array, axes: Sequence[Axis], **image: Any) -> AxesImage:
    """Image with the axes of the map; pixels of uneven axes have uneven sizes."""
    rows, columns = axes
    (y, upward), (x, rightward) = _edges(rows.values), _edges(columns.values)
    values = values[:: 1 if upward else -1, :: 1 if rightward else -1]
    drawn: Any
    if _is_even(y) and _is_even(x):
        look: dict[str, Any] = {"origin": "lower", "aspect": "auto"}
        look["extent"] = (x[0], x[-1], y[0], y[-1])
        # To scale where both axes are lengths of one kind, unless it were a strip.
        is_strip = not 1.0 / NARROW <= (x[-1] - x[0]) / (y[-1] - y[0]) <= NARROW
        if rows.unit == columns.unit and not is_strip:
            look["aspect"] = "equal"
        # No colour between those of two rows: there is no row that has it.
        drawn = ax.imshow(values, interpolation="nearest", **{**look, **image})
    else:
        drawn = ax.pcolorfast(x, y, values, **image)
        ax.set_xlim(x[0], x[-1])
        ax.set_ylim(y[0], y[-1])
    ax.set_xlabel(axis_label(columns.name, columns.unit))
    ax.set_ylabel(axis_label(rows.name, rows.unit))
    ax.tick_params(direction="out", top=False, right=False)
    image_drawn: AxesImage = drawn
    return image_drawn


def _edges(values: Array) -> tuple[Array, bool]:
    """Edges of the pixels along an axis, upwards, and whether that is its order."""
    centers = _positions(values)
    if len(centers) == 1:
        return centers[0] + np.array([-0.5, 0.5]), True
    upward = bool(centers[1] > centers[0])
    centers = centers if upward else centers[::-1]
    middles = 0.5 * (centers[1:] + centers[:-1])
    first = 2.0 * centers[0] - middles[0]
    last = 2.0 * centers[-1] - middles[-1]
    return np.concatenate([[first], middles, [last]]), upward


def _positions(values: Array) -> Array:
    """Positions along an axis; numbers of the rows where these go up and down."""
    centers = np.asarray(values, dtype=np.float64)
    steps = np.diff(centers)
    is_ordered = (steps > 0.0).all() or (steps < 0.0).all()
    return centers if is_ordered else np.arange(float(len(centers)))


def _is_even(edges: Array) -> bool:
    steps = np.diff(edges)
    return bool(np.ptp(steps) <= EVEN * steps.mean())


def _rings(ax: Axes, picture: Picture) -> None:
    """Rings around marked pixels, where they are small, and few: easily overlooked."""
    if max(picture.marks.shape) < SMALL:
        return
    y, x = (_positions(axis.values) for axis in picture.axes)
    for code, mark in MARKS.items():
        rows, columns = np.nonzero(picture.marks == code)
        if 0 < len(rows) <= RINGED:
            ax.plot(
                x[columns],
                y[rows],
                linestyle="none",
                marker="o",
                markersize=7.0,
                markerfacecolor="none",
                markeredgecolor=mark.color,
                markeredgewidth=1.2,
                scalex=False,
                scaley=False,
            )


def map_size(values: Array, lines: int = 2, *, bar: bool = True) -> tuple[float, float]:
    """Size of a figure for a map, in inches."""
    height, width = values.shape
    ratio = min(max(height / width, 0.45), 1.4)
    across = 5.0 if ratio <= 1.0 else 5.0 / ratio**0.5
    return across + (1.2 if bar else 0.6), 0.92 * across * ratio + 0.6 + 0.2 * lines
