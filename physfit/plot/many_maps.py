"""Maps of what was found in many rows: an image of a quantity, or a line along an axis.

Rows without a good number are never drawn as one. They have colours of their own, which
the scale of values does not have, and the legend counts them. Images are single artists
however many pixels they have.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, ListedColormap, LogNorm, Normalize
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.patches import Patch
from numpy.typing import NDArray

from physfit.plot.canvas import axis_label, panel
from physfit.plot.style import ROLES, plain_text

if TYPE_CHECKING:
    from physfit.data.row_data import Axis

__all__ = ["GOOD", "MARKS", "Picture", "categories"]
__all__ += [
    "category_figure",
    "map_figure",
    "mark_handles",
    "mark_label",
    "robust_limits",
]
__all__ += ["value_map"]

Array = NDArray[Any]


class Mark(NamedTuple):
    """A kind of row without a good number: its name and its colour."""

    name: str
    color: str


#: Marks of rows, by their codes; 0 is a good number.
GOOD = 0
MARKS = {
    1: Mark("not determined by the data", "#CC79A7"),
    2: Mark("not converged", "#D55E00"),
    3: Mark("not fitted", "#B0B0B0"),
    4: Mark("at a bound, no error", "#FFFFFF"),
}
#: Blue to yellow, evenly lighter: told apart by colour-blind readers and in print.
COLORS = "viridis"
#: Rows of one mark up to which each has a ring, and pixels of a side from which on.
RINGED, SMALL = 300, 50
#: Percentiles within which the colours lie.
WITHIN = (1.0, 99.0)
#: Share of the whole range that these must leave out, for colours to stop there.
WORTH = 0.35
#: Positive numbers that span more than this factor are drawn on a log scale.
WIDE = 10.0
#: Sides of a map that differ by more than this factor are not drawn to scale.
NARROW = 4.0
#: Steps of an axis are even if they differ by less than this share.
EVEN = 1e-3


class Picture(NamedTuple):
    """A quantity over the rows of a map.

    Attributes
    ----------
    values : ndarray, shape (ny, nx) or (n,)
    marks : ndarray of uint8
        GOOD, or a code of MARKS, in the same shape.
    axes : sequence of Axis
        Slowest first.
    label : str
        The quantity with its unit.
    error : ndarray or None
        Standard errors, for the band of a line.
    is_spread : bool
        Whether a log scale may be used.
    """

    values: Array
    marks: Array
    axes: Sequence[Axis]
    label: str
    error: Array | None = None
    is_spread: bool = False


def map_figure(picture: Picture, *, title: str = "") -> Figure:
    """Figure of a map of two axes.

    Parameters
    ----------
    picture : Picture
    title : str
        Above the figure; none when empty.
    """
    with panel(_size(picture.values), title) as (figure, ax):
        value_map(ax, picture)
        _legend(figure, mark_handles(picture.marks))
    return figure


def value_map(
    ax: Axes,
    picture: Picture,
    *,
    limits: tuple[float, float] | None = None,
    **image: Any,
) -> AxesImage:
    """Quantity in colours with its colour bar; marked rows in colours of their own.

    Parameters
    ----------
    ax : Axes
    picture : Picture
        Of two axes.
    limits : pair of float, optional
        Ends of the colours; the bar has arrows where numbers lie beyond. Without it
        the 1 and 99 % points, or all where that is hardly more.
    **image
        For the image.
    """
    good = picture.marks == GOOD
    shown = picture.values[good & np.isfinite(picture.values)]
    low, high = robust_limits(shown) if limits is None else limits
    norm = _norm(shown, low, high, picture.is_spread)
    values = np.ma.masked_where(~good, picture.values)
    look: dict[str, Any] = {"cmap": COLORS, "norm": norm, **image}
    drawn = _image(ax, values, picture.axes, **look)
    ax.set_facecolor("white")
    if not good.all():
        marked = np.ma.masked_where(good, picture.marks)
        scale = BoundaryNorm(np.arange(0.5, len(MARKS) + 1.0), len(MARKS))
        colors = ListedColormap([own.color for own in MARKS.values()])
        look = {"cmap": colors, "norm": scale, "interpolation": "nearest"}
        _image(ax, marked, picture.axes, **look)
        _rings(ax, picture)
    if len(shown):
        _bar(ax, drawn, shown, picture.label)
    return drawn


def _bar(ax: Axes, drawn: AxesImage, shown: Array, label: str) -> None:
    below = bool((shown < drawn.norm.vmin).any())
    above = bool((shown > drawn.norm.vmax).any())
    ends = {(0, 0): "neither", (1, 0): "min", (0, 1): "max", (1, 1): "both"}
    figure = ax.get_figure()
    assert figure is not None
    extend = ends[below, above]
    figure.colorbar(drawn, ax=ax, label=plain_text(label), extend=extend, pad=0.02)


def robust_limits(values: Array) -> tuple[float, float]:
    """Ends of the colours: 1 and 99 % points, or all where that is hardly more."""
    if not len(values):
        return 0.0, 1.0
    low, high = np.percentile(values, WITHIN).tolist()
    least, most = float(values.min()), float(values.max())
    if most - least <= (high - low) * (1.0 + WORTH):
        low, high = least, most
    if not high > low:
        room = 0.5 * abs(low) or 0.5
        low, high = low - room, high + room
    return low, high


def _norm(values: Array, low: float, high: float, is_spread: bool) -> Normalize:
    if is_spread and len(values) and low > 0.0 and high > WIDE * low:
        return LogNorm(low, high)
    return Normalize(low, high)


def categories(
    ax: Axes, codes: Array, colors: Sequence[str], axes: Sequence[Axis]
) -> AxesImage:
    """Map of kinds, one colour for each number from 0 on."""
    norm = BoundaryNorm(np.arange(len(colors) + 1) - 0.5, max(len(colors), 1))
    look: dict[str, Any] = {"cmap": ListedColormap(list(colors)), "norm": norm}
    return _image(ax, codes, axes, interpolation="nearest", **look)


def category_figure(
    codes: Array,
    kinds: Sequence[tuple[str, str]],
    axes: Sequence[Axis],
    *,
    title: str = "",
) -> Figure:
    """Figure of a map of kinds.

    Parameters
    ----------
    codes : ndarray of int, shape (ny, nx)
        Numbers of the kinds.
    kinds : sequence of (name, color)
    axes : sequence of Axis
    title : str
    """
    with panel(_size(codes, len(kinds), bar=False), title) as (figure, ax):
        categories(ax, codes, [color for _, color in kinds], axes)
        counts = np.bincount(codes.ravel(), minlength=len(kinds))
        handles = [
            _patch(f"{name}: {count}", color)
            for (name, color), count in zip(kinds, counts.tolist(), strict=True)
        ]
        _legend(figure, handles, columns=1)
    return figure


def mark_handles(marks: Array) -> list[Patch]:
    """Entries of a legend that count the rows of each mark, those there are."""
    counts = np.bincount(marks.ravel(), minlength=max(MARKS) + 1).tolist()
    return [
        _patch(mark_label(code, counts[code], marks.size), mark.color)
        for code, mark in MARKS.items()
        if counts[code]
    ]


def mark_label(code: int, count: int, total: int) -> str:
    """Name of a mark with how many rows have it, and which share that is."""
    part = 100.0 * count / total
    text = f"{part:.2g}" if part >= 0.01 else "< 0.01"
    return f"{MARKS[code].name}: {count} ({text} %)"


def _patch(text: str, color: str) -> Patch:
    return Patch(facecolor=color, edgecolor=ROLES["data"], linewidth=0.5, label=text)


def _legend(figure: Figure, handles: Sequence[Patch], columns: int = 2) -> None:
    if handles:
        look: dict[str, Any] = {"loc": "outside lower center", "fontsize": 8.5}
        figure.legend(handles=list(handles), ncols=columns, **look)


def _image(ax: Axes, values: Array, axes: Sequence[Axis], **image: Any) -> AxesImage:
    """Image with the axes of the map; pixels of uneven axes have uneven sizes."""
    rows, columns = axes
    (y, upward), (x, rightward) = _edges(rows.values), _edges(columns.values)
    values = values[:: 1 if upward else -1, :: 1 if rightward else -1]
    drawn: Any
    if _is_even(y) and _is_even(x):
        extent = (x[0], x[-1], y[0], y[-1])
        aspect = _aspect(axes, x[-1] - x[0], y[-1] - y[0])
        look: dict[str, Any] = {"origin": "lower", "extent": extent, "aspect": aspect}
        drawn = ax.imshow(values, **{**look, **image})
    else:
        image.pop("interpolation", None)
        drawn = ax.pcolorfast(x, y, values, **image)
        ax.set_xlim(x[0], x[-1])
        ax.set_ylim(y[0], y[-1])
    ax.set_xlabel(axis_label(columns.name, columns.unit))
    ax.set_ylabel(axis_label(rows.name, rows.unit))
    ax.tick_params(direction="out", top=False, right=False)
    image_drawn: AxesImage = drawn
    return image_drawn


def _edges(values: Array) -> tuple[Array, bool]:
    """Edges of the pixels along an axis, upwards, and whether that is its order.

    Positions that go up and down cannot be drawn; the numbers of the rows stand for
    them.
    """
    centers = np.asarray(values, dtype=np.float64)
    steps = np.diff(centers)
    if len(centers) == 1:
        return centers[0] + np.array([-0.5, 0.5]), True
    upward = bool((steps > 0.0).all())
    if not upward and not (steps < 0.0).all():
        return np.arange(len(centers) + 1) - 0.5, True
    centers = centers if upward else centers[::-1]
    middles = 0.5 * (centers[1:] + centers[:-1])
    first = 2.0 * centers[0] - middles[0]
    last = 2.0 * centers[-1] - middles[-1]
    return np.concatenate([[first], middles, [last]]), upward


def _is_even(edges: Array) -> bool:
    steps = np.diff(edges)
    return bool(np.ptp(steps) <= EVEN * steps.mean())


def _aspect(axes: Sequence[Axis], width: float, height: float) -> str:
    """To scale where both axes are lengths of one kind, unless it were a strip."""
    is_alike = axes[0].unit == axes[1].unit
    is_strip = not 1.0 / NARROW <= width / height <= NARROW
    return "equal" if is_alike and not is_strip else "auto"


def _rings(ax: Axes, picture: Picture) -> None:
    """Rings around marked pixels, where they are small, and few: easily overlooked."""
    if max(picture.marks.shape) < SMALL:
        return
    y, x = (np.asarray(axis.values, dtype=np.float64) for axis in picture.axes)
    places = [own if _is_ordered(own) else np.arange(len(own)) for own in (x, y)]
    for code, mark in MARKS.items():
        rows, columns = np.nonzero(picture.marks == code)
        if 0 < len(rows) <= RINGED:
            ax.plot(
                places[0][columns],
                places[1][rows],
                linestyle="none",
                marker="o",
                markersize=7.0,
                markerfacecolor="none",
                markeredgecolor=mark.color,
                markeredgewidth=1.2,
                scalex=False,
                scaley=False,
            )


def _is_ordered(values: Array) -> bool:
    steps = np.diff(values)
    return bool((steps > 0.0).all() or (steps < 0.0).all())


def _size(values: Array, lines: int = 2, *, bar: bool = True) -> tuple[float, float]:
    """Size of a figure for a map, in inches."""
    height, width = values.shape
    ratio = min(max(height / width, 0.45), 1.4)
    across = 5.0 if ratio <= 1.0 else 5.0 / ratio**0.5
    return across + (1.2 if bar else 0.6), 0.92 * across * ratio + 0.6 + 0.2 * lines
