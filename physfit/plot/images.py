"""Figure of a fit to an image: data, model and residuals in sigma, side by side.

Samples that fill no grid are drawn as points in the colours of their values.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from numpy.typing import NDArray

from physfit.errors import InputError
from physfit.plot.canvas import axis_label, canvas
from physfit.plot.figures import PULLS, checked_size

if TYPE_CHECKING:
    from physfit.result.fitted_curve import FittedCurve
    from physfit.typing import FloatArray

__all__ = ["Grid", "colored", "grid_of", "image_figure"]

#: Colours of values, and of residuals, whose middle is 0.
VALUES, RESIDUALS = "viridis", "RdBu_r"
#: Width in inches; sides that differ by a larger factor are not drawn to scale.
WIDTH, NARROW = 10.0, 4.0
#: Steps of an axis are even if they differ by less than this share.
EVEN = 1e-3
#: Share of residuals that lie within the ends of their colours.
SHOWN = 0.999


class Grid(NamedTuple):
    """Where the samples lie that fill an image, or most of it.

    Attributes
    ----------
    x, y : ndarray
        Places of the columns and of the rows, increasing.
    row, column : ndarray of int
        Of each sample.
    """

    x: FloatArray
    y: FloatArray
    row: NDArray[np.intp]
    column: NDArray[np.intp]

    def filled(self, values: FloatArray) -> FloatArray:
        """The image of one value for each sample, NaN where there is none."""
        image = np.full((self.y.size, self.x.size), np.nan)
        image[self.row, self.column] = values
        return image


#: Coordinates of samples, and the grid that they fill, if they do.
Places: TypeAlias = "tuple[FloatArray, Grid | None]"


def image_figure(
    result: FittedCurve,
    *,
    title: str = "",
    size: tuple[float, float] | None = None,
) -> Figure:
    """Figure of a fit of two coordinates.

    Parameters
    ----------
    result : FittedCurve
        Of a real model of two coordinates.
    title : str
        Above the figure; none when empty.
    size : pair of float, optional
        Width and height in inches.

    Returns
    -------
    matplotlib.figure.Figure
        Three panels of the same axes: the data, the model in the same colours, and the
        residuals in units of sigma.
    """
    data = result.data
    if len(data.x) != 2 or len(data.y) != 1:
        raise InputError(
            "A figure of a fit needs one coordinate, or two and real values, but the "
            f"model has {len(data.x)}; plot `result.pulls` against each of them."
        )
    label = axis_label(data.y_label, data.y_unit)
    ends = {"cmap": VALUES, "vmin": data.y.min(), "vmax": data.y.max()}
    with canvas(checked_size(size) or _size(data.x), title) as figure:
        panels: Any = figure.subplots(1, 3, sharex=True, sharey=True)
        at = data.x, grid_of(data.x)
        _value_panel(panels[0], at, data.y[0], label, **ends)
        _value_panel(panels[1], at, np.asarray(result.best_fit), label, **ends)
        _residual_panel(panels[2], at, result)
        for ax, name in zip(panels, ("data", "model", "residuals"), strict=True):
            ax.set_title(name)
        across, up = data.x_names
        for ax in panels:
            ax.set_xlabel(axis_label(across, data.x_unit))
        panels[0].set_ylabel(axis_label(up, data.x_unit))
    return figure


def _residual_panel(ax: Axes, at: Places, result: FittedCurve) -> None:
    """Data minus model in units of sigma, white where it is 0."""
    pulls = np.asarray(result.pulls, dtype=np.float64)
    sizes = np.abs(pulls[np.isfinite(pulls)])
    most = max(PULLS, float(np.quantile(sizes, SHOWN))) if sizes.size else PULLS
    is_known = isinstance(result.spread, np.ndarray)
    _value_panel(
        *(ax, at, pulls),
        "residual (σ)" if is_known else "residual (est. σ)",
        extend="both" if np.max(sizes, initial=0.0) > most else "neither",
        cmap=RESIDUALS,
        vmin=-most,
        vmax=most,
    )


def _value_panel(
    ax: Axes,
    at: Places,
    values: FloatArray,
    label: str,
    *,
    extend: str = "neither",
    **look: Any,
) -> None:
    """Values in colours, with a bar as high as the image."""
    drawn = colored(ax, at, values, **look)
    bar = ax.inset_axes((1.03, 0.0, 0.05, 1.0))
    ax.figure.colorbar(drawn, cax=bar, label=label, extend=extend)


def _size(x: FloatArray) -> tuple[float, float]:
    """Width and height of the figure, whose panels are as wide as the image is."""
    ratio = _ratio(x)
    return WIDTH, 1.2 + 2.4 * (0.8 if ratio is None else ratio)


def _ratio(x: FloatArray) -> float | None:
    """Height over width, if the axes are of one scale."""
    width, height = np.ptp(x, axis=1)
    ratio = height / width if width else 0.0
    return float(ratio) if 1.0 / NARROW < ratio < 0.5 * NARROW else None


def colored(ax: Axes, at: Places, values: FloatArray, **look: Any) -> ScalarMappable:
    """Values at (x, y) in colours: an image of pixels, or points that fill no grid."""
    x, grid = at
    if _ratio(x) is not None:
        ax.set_aspect("equal", adjustable="box")
    if grid is None:
        return ax.scatter(x[0], x[1], c=values, s=12.0, linewidths=0.0, **look)
    image = np.ma.masked_invalid(grid.filled(values))
    across, up = _ends(grid.x), _ends(grid.y)
    if across is not None and up is not None:  # faster, of a million pixels
        aspect = "auto" if _ratio(x) is None else "equal"
        look |= {"origin": "lower", "aspect": aspect, "interpolation": "nearest"}
        return ax.imshow(image, extent=(*across, *up), **look)
    return ax.pcolormesh(
        grid.x, grid.y, image, shading="nearest", rasterized=True, **look
    )


def _ends(places: FloatArray) -> tuple[float, float] | None:
    """Edges of the first and of the last pixel, if all are of one size."""
    steps = np.diff(places)
    if np.ptp(steps) > EVEN * steps.mean():
        return None
    half = 0.5 * float(steps.mean())
    return float(places[0]) - half, float(places[-1]) + half


def grid_of(x: FloatArray) -> Grid | None:
    """The grid that samples at x (2, n) fill by a half at least; None without one.

    Examples
    --------
    >>> grid = grid_of(np.array([[0.0, 1.0, 0.0], [5.0, 5.0, 7.0]]))
    >>> grid.filled(np.array([1.0, 2.0, 3.0])).tolist()
    [[1.0, 2.0], [3.0, nan]]
    """
    columns, column = np.unique(x[0], return_inverse=True)
    rows, row = np.unique(x[1], return_inverse=True)
    size, n = columns.size * rows.size, x.shape[1]
    if min(columns.size, rows.size) < 2 or size > 2 * n:
        return None
    if np.bincount(row * columns.size + column).max() > 1:  # a place twice
        return None
    return Grid(columns, rows, row, column)
