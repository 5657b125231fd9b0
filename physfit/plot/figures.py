"""Figures of a fit: data, model and its components, residuals in sigma below.

Every function takes the Axes to draw on and returns its artists; `fit_figure` puts them
together. Nothing here knows pyplot: figures are rendered by whoever saves or shows
them.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure, FigureBase
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from physfit.counts import checked_number
from physfit.errors import InputError
from physfit.plot.canvas import axis_label, canvas, guide_band
from physfit.plot.style import ROLES, applied, component_look, plain_text

if TYPE_CHECKING:
    from physfit.result.fitted_curve import FittedCurve

__all__ = [
    "checked_size",
    "components",
    "curve",
    "curve_band",
    "data",
    "finer",
    "fit_figure",
    "fit_panels",
]
__all__ += ["fit_on", "legend", "model_curve", "places_of", "point_look", "residuals"]

Array = NDArray[Any]
#: Samples up to which error bars are drawn; above, dots alone.
BARS = 300
#: Samples above which points are drawn as pixels, also in vector files.
PIXELS = 5000
#: Size of the markers in points, for up to so many samples.
SIZES = ((100, 4.0), (BARS, 3.0), (PIXELS, 2.2), (np.inf, 1.0))
#: Components above which one entry of the legend stands for all.
NAMED = 12
#: Entries of a legend that have room among the curves.
INSIDE = 7
#: Half height of the residuals' panel, in sigma, at least.
PULLS = 3.5
#: Points of a curve, at least and at most.
FEWEST = 1000
MOST = 20_000
#: Points per interval of the data, so that an oscillation keeps its shape.
PER_INTERVAL = 8
PARTS = ("real", "imaginary")


def fit_figure(
    result: FittedCurve,
    *,
    title: str = "",
    band: float | None = None,
    size: tuple[float, float] | None = None,
    log_y: bool = False,
) -> Figure:
    """Figure of a fit.

    Parameters
    ----------
    result : FittedCurve
        Of a model of one coordinate.
    title : str
        Above the figure; none when empty.
    band : float, optional
        Probability with which the curve lies in the band that is drawn.
    size : pair of float, optional
        Width and height in inches.
    log_y : bool
        Whether the axis of y is logarithmic.

    Returns
    -------
    matplotlib.figure.Figure
        A panel with data and model (two for complex data: real and imaginary part), the
        residuals in units of sigma below.
    """
    n_parts = len(result.data.y)
    with canvas(checked_size(size) or (6.4, 2.6 + 2.4 * n_parts)) as figure:
        axes = fit_panels(figure, result, [3.0] * n_parts + [1.3])
        for part, ax in enumerate(axes[:-1]):
            _finish(ax, result, part, band, log_y)
        legend(axes[0])
        if title:
            axes[0].set_title(plain_text(title))
    return figure


def fit_on(
    ax: Axes,
    result: FittedCurve,
    *,
    title: str = "",
    band: float | None = None,
    log_y: bool = False,
) -> Figure:
    """Figure of the Axes on which the `curve` of a fit is drawn."""
    if not isinstance(ax, Axes):
        raise InputError(
            f"`ax` must be the Axes of a matplotlib figure, but is {type(ax).__name__}."
        )
    curve(ax, result, band=band, log_y=log_y)
    if title:
        ax.set_title(plain_text(title))
    figure: Figure = ax.figure.figure
    return figure


def fit_panels(
    figure: FigureBase, result: FittedCurve, heights: Sequence[float], **points: Any
) -> list[Axes]:
    """Panels of a fit: each part of the data with the model, residuals below."""
    grid: Any = figure.subplots(len(heights), 1, sharex=True, height_ratios=heights)
    axes: list[Axes] = list(grid)
    for part, ax in enumerate(axes[:-1]):
        _draw(ax, result, part, **points)
        ax.set_xlabel("")
    residuals(axes[-1], result, **points)
    axes[-1].set_xlabel(axis_label(result.data.x_label, result.data.x_unit))
    figure.align_ylabels(axes)
    return axes


def curve(
    ax: Axes,
    result: FittedCurve,
    *,
    part: int = 0,
    band: float | None = None,
    log_y: bool = False,
) -> list[ErrorbarContainer | Line2D]:
    """Data, model and components on one Axes, with labels and legend.

    Parameters
    ----------
    ax : Axes
    result : FittedCurve
    part : int
        Of complex data: 0 the real part, 1 the imaginary one.
    band, log_y : float, optional, and bool
        As for `fit_figure`.
    """
    with applied():
        drawn = _draw(ax, result, part)
        _finish(ax, result, part, band, log_y)
        if part == 0:
            legend(ax)
    return drawn


def _draw(
    ax: Axes, result: FittedCurve, part: int, **points: Any
) -> list[ErrorbarContainer | Line2D]:
    observed = result.data
    drawn = data(ax, result, part=part, **points)
    model = model_curve(ax, result, part=part)
    lines = components(ax, result, part=part)
    ax.set_xlabel(axis_label(observed.x_label, observed.x_unit))
    name = observed.y_label
    if len(observed.y) > 1:  # perhaps of two named columns
        columns = name.split(", ")
        is_pair = len(columns) == 2 and not any(" " in own for own in columns)
        name = columns[part] if is_pair else f"{name}, {PARTS[part]}"
    ax.set_ylabel(axis_label(name, observed.y_unit))
    return [drawn, model, *lines]


def curve_band(
    ax: Axes, result: FittedCurve, level: float, *, part: int = 0, **look: Any
) -> PolyCollection:
    """Band in which the curve lies with that probability, where it has one."""
    x, order = places_of(result)
    lower, upper = (_part(own, part)[order] for own in result.band(x, level))
    look = {
        "color": ROLES["model"],
        "alpha": 0.25,
        "linewidth": 0.0,
        "label": f"{100.0 * level:.4g} % band",
        "zorder": 2.8,
        **look,
    }
    has_band = np.isfinite(lower) & np.isfinite(upper)
    return ax.fill_between(x[order], lower, upper, where=has_band, **look)


def _finish(
    ax: Axes, result: FittedCurve, part: int, band: float | None, log_y: bool
) -> None:
    """Band and scale of y, as they are asked for."""
    if band is not None:
        curve_band(ax, result, band, part=part)
    if log_y:
        below = int((result.data.y[part] <= 0.0).sum())
        if below == result.data.y[part].size:
            raise InputError(
                "`log_y` needs samples above 0, but there are none; leave it out."
            )
        ax.set_yscale("log")
        if below:
            ax.containers[-1].set_label(f"data ({below} not above 0)")


def checked_size(size: Any) -> tuple[float, float] | None:
    """Width and height of a figure."""
    if size is None:
        return None
    is_pair = isinstance(size, (tuple, list)) and len(size) == 2
    if not is_pair:
        raise InputError(
            f"`size` must be a width and a height in inches, such as (6.4, 4.8), but "
            f"is {size!r}."
        )
    width, height = (checked_number("`size`", own, positive=True) for own in size)
    return width, height


def legend(ax: Axes) -> None:
    """Legend of data, model and those components that have a name; of many beside."""
    handles, _ = ax.get_legend_handles_labels()
    beside: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0)}
    ax.legend(
        handles=sorted(handles, key=lambda own: isinstance(own, Line2D)),
        **(beside if len(handles) > INSIDE else {}),
    )


def data(
    ax: Axes, result: FittedCurve, *, part: int = 0, **points: Any
) -> ErrorbarContainer:
    """Data as points, with error bars where sigma is known and the points are few."""
    x, y = _coordinate(result), result.data.y[part]
    known = isinstance(result.spread, np.ndarray) and len(x) <= BARS
    bars = np.broadcast_to(result.spread, result.data.y.shape)[part] if known else None
    look: dict[str, Any] = {
        "fmt": "o",
        "label": "data",
        "zorder": 1.5,
        "elinewidth": 0.7,
        **point_look(len(x)),
        **points,
    }
    return ax.errorbar(x, y, bars, **look)


def model_curve(ax: Axes, result: FittedCurve, *, part: int = 0, **line: Any) -> Line2D:
    """Model as a line on a grid finer than the data, where it has values there."""
    x, order = places_of(result)
    look: dict[str, Any] = {
        "color": ROLES["model"],
        "label": "model",
        "linewidth": 1.5 if result.data.y.shape[1] <= BARS else 1.2,
        "zorder": 3.0,
        **line,
    }
    return ax.plot(x[order], _part(result(x), part)[order], **look)[0]


def components(
    ax: Axes, result: FittedCurve, *, part: int = 0, **line: Any
) -> list[Line2D]:
    """Terms of the model's sum as dashed and dotted lines, each of its own look.

    Backgrounds are drawn as they are, all other terms on top of their sum. A term that
    would coincide with the model is left out: a single one, with background or without.
    """
    x, order = places_of(result)
    terms = result.components(x)
    values = {name: _part(value, part)[order] for name, value in terms.items()}
    x = x[order]
    grounds = [name for name in values if name in result.background_names]
    others = [name for name in values if name not in grounds]
    drawn: list[Line2D] = []
    dashed: dict[str, Any] = {"linestyle": "--", "linewidth": 1.2, "zorder": 2.0}
    for name in grounds if len(values) > 1 else ():
        own = {"color": ROLES["baseline"], "label": plain_text(name), "zorder": 2.5}
        drawn += ax.plot(x, values[name], **{**dashed, **own, **line})
    ground = sum((values[name] for name in grounds), np.zeros_like(x))
    for number, name in enumerate(others if len(others) > 1 else ()):
        label = plain_text(name)
        if len(others) > NAMED:
            label = "" if number else "components"
        own = {**component_look(number), "label": label}
        drawn += ax.plot(x, ground + values[name], **{**dashed, **own, **line})
    return drawn


def residuals(ax: Axes, result: FittedCurve, **points: Any) -> list[Line2D]:
    """Data minus model in units of sigma, with a line at 0 and a band of one sigma."""
    x = _coordinate(result)
    is_complex = len(result.data.y) > 1
    look: dict[str, Any] = {"linestyle": "none", "marker": "o", **point_look(len(x))}
    guide_band(ax, -1.0, 1.0, alpha=0.3)
    ax.axhline(0.0, color=ROLES["model"], linewidth=1.0)
    lines = []
    for part in range(len(result.data.y)):
        own = {"color": ROLES["imaginary" if part else "data"]}
        label = {"label": PARTS[part]} if is_complex else {}
        lines += ax.plot(
            x, _part(result.pulls, part), **{**look, **own, **label, **points}
        )
    sizes = np.abs(np.concatenate([line.get_ydata() for line in lines]))
    limit = max(PULLS, 1.1 * np.max(sizes, initial=0.0, where=np.isfinite(sizes)))
    ax.set_ylim(-limit, limit)
    known = isinstance(result.spread, np.ndarray)
    ax.set_ylabel("residual (σ)" if known else "residual (est. σ)")
    if is_complex:
        ax.legend(ncols=2)
    return lines


def _coordinate(result: FittedCurve) -> Array:
    if len(result.data.x) != 1:
        raise InputError(
            f"A figure of a fit needs one coordinate, but the model has "
            f"{len(result.data.x)}; plot `result.pulls` against each of them."
        )
    x: Array = result.data.x[0]
    return x


def places_of(result: FittedCurve) -> tuple[Array, Any]:
    """Where the model is drawn, and the order of a line through it."""
    x = _coordinate(result)
    sizes = result.model.grid_sizes
    if any(size < x.size for size in sizes):  # one curve behind the other
        return x, slice(None)
    if sizes or result.model.depends_on_grid:
        return x, np.argsort(x, kind="stable")
    return finer(x), slice(None)


def _part(values: Array, part: int) -> Array:
    picked: Array = values.imag if part else values.real
    return picked


def point_look(n: int) -> dict[str, Any]:
    """How points look when there are `n` of them."""
    return {
        "color": ROLES["data"],
        "markersize": next(size for most, size in SIZES if n <= most),
        "markeredgewidth": 0.0,
        "alpha": 1.0 if n <= BARS else 0.6,
        "rasterized": n > PIXELS,
    }


def finer(x: NDArray[Any]) -> NDArray[np.float64]:
    """Sorted points that hold every x and divide each interval evenly.

    Parameters
    ----------
    x : ndarray, shape (n,)
        In any order, repeated ones allowed.

    Returns
    -------
    ndarray
        About 1000 to 20000 points; for more data than that, 20000 from end to end.

    Examples
    --------
    >>> finer(np.array([1.0, 0.0]))[:3]
    array([0.   , 0.001, 0.002])
    """
    knots: NDArray[np.float64] = np.unique(np.asarray(x, dtype=np.float64))
    n = len(knots) - 1
    if n * 2 > MOST:
        return np.linspace(knots[0], knots[-1], MOST)
    if n == 0:
        return knots
    parts = min(max(ceil(FEWEST / n), PER_INTERVAL), MOST // n)
    steps = np.arange(n * parts + 1) / parts
    return np.interp(steps, np.arange(n + 1), knots)
