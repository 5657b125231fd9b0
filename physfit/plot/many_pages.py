"""Pages of single fits out of many: data, model and residuals of each, side by side."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import wrap
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from numpy.typing import NDArray

from physfit.plot import figures
from physfit.plot.canvas import axis_label, canvas, legend_below
from physfit.plot.style import ROLES, plain_text
from physfit.plot.view import set_view

if TYPE_CHECKING:
    from physfit.result.fit_result import FitResult

__all__ = ["fits_figure"]

Array = NDArray[Any]
#: Fits in a line of a page; those of two coordinates need more room.
COLUMNS, WIDE_COLUMNS = 3, 2
#: Letters in a line of a title, which must not run into that of the next fit.
LETTERS = 54


def fits_figure(fits: Sequence[tuple[str, FitResult]], *, title: str = "") -> Figure:
    """Figure with data, model, components and residuals of several fits.

    Parameters
    ----------
    fits : sequence of (str, FitResult)
        What to say of each, and its result, of a model of one or two coordinates.
    title : str
        Above the figure; none when empty.
    """
    n_inputs = len(fits[0][1].data.x) if fits else 1
    columns = min(COLUMNS if n_inputs == 1 else WIDE_COLUMNS, max(len(fits), 1))
    lines = -(-max(len(fits), 1) // columns)
    is_curve = n_inputs == 1
    size = (3.6 * columns, 3.3 * lines) if is_curve else (5.2 * columns, 2.3 * lines)
    with canvas(size, title) as figure:
        panels = figure.subfigures(lines, columns, squeeze=False)
        for number, panel in enumerate(panels.flat):
            if number < len(fits):
                _fit(panel, *fits[number])
        if fits and is_curve:
            n_panels = 1 + len(fits[0][1].data.y)
            both = (figure.axes[0], figure.axes[n_panels - 1])
            handles = [own for ax in both for own in ax.get_legend_handles_labels()[0]]
            legend_below(figure, handles, min(5, 2 * columns))
        if not fits:
            figure.text(0.5, 0.5, "no row was fitted", ha="center", va="center")
    return figure


def _fit(panel: SubFigure, title: str, result: FitResult) -> None:
    draw = _curve if len(result.data.x) == 1 else _images
    top, n_beyond = draw(panel, result)
    color = ROLES["data"] if result.converged else ROLES["model"]
    noun = "sample" if n_beyond == 1 else "samples"
    title += f"; {n_beyond} {noun} beyond" if n_beyond else ""
    lines = [part for line in title.splitlines() for part in wrap(line, LETTERS)]
    panel.suptitle(plain_text("\n".join(lines)), fontsize=8.5, color=color)
    top.tick_params(labelsize=8.0)


def _curve(panel: SubFigure, result: FitResult) -> tuple[Axes, int]:
    """Data, model and components; residuals below."""
    n_parts = len(result.data.y)
    heights = [2.6 / n_parts] * n_parts + [1.0]
    axes = figures.fit_panels(panel, result, heights, markersize=2.5)
    axes[-1].set_ylabel(axes[-1].get_ylabel().replace("residual", "resid."))
    (x, *_), parts, pulls = result.data.x, result.data.y, result.pulls
    views = zip(axes[:-1], parts, strict=True)
    n_beyond = sum(set_view(ax, x, y) for ax, y in views)
    if n_parts > 1:  # both parts of complex samples stand in one panel
        axes[-1].legend_ = None
        for line in axes[-1].lines:
            if line.get_label() in figures.PARTS:
                line.set_label(f"residual, {line.get_label()}")
        x, pulls = np.tile(x, 2), np.concatenate([pulls.real, pulls.imag])
    set_view(axes[-1], x, pulls, least=figures.PULLS)
    for ax in axes:
        ax.tick_params(labelsize=8.0)
        ax.xaxis.label.set_fontsize(8.5)
        ax.yaxis.label.set_fontsize(8.5)
    return axes[0], n_beyond


def _images(panel: SubFigure, result: FitResult) -> tuple[Axes, int]:
    """Data, model and residuals of two coordinates as three images."""
    x, y = result.data.x[:2]
    curve = np.real(result(result.data.x))
    axes = panel.subplots(1, 3, sharex=True, sharey=True)
    data = result.data.y[0]
    both = np.concatenate([data, curve[np.isfinite(curve)]])
    limits = {"vmin": both.min(), "vmax": both.max(), "cmap": "viridis"}
    size = float(np.nanmax(np.abs(np.real(result.pulls)), initial=figures.PULLS))
    sides = {"vmin": -size, "vmax": size, "cmap": "RdBu_r"}
    drawn = []
    for ax, values, look, name in zip(
        axes,
        (data, curve, np.real(result.pulls)),
        (limits, limits, sides),
        ("data", "model", "residual (σ)"),
        strict=True,
    ):
        drawn.append(_pixels(ax, (x, y), values, look))
        ax.set_title(name, fontsize=8.0)
        ax.tick_params(labelsize=7.0, direction="out", top=False, right=False)
    label = axis_label(result.data.y_label, result.data.y_unit)
    for image, owners, text in (
        (drawn[1], list(axes[:2]), label),
        (drawn[2], [axes[2]], ""),
    ):
        bar = panel.colorbar(image, ax=owners, pad=0.02)
        bar.ax.tick_params(labelsize=7.0)
        bar.set_label(text, fontsize=8.0)
    axes[0].set_ylabel("y", fontsize=8.0)
    axes[1].set_xlabel(
        axis_label(result.data.x_label, result.data.x_unit), fontsize=8.0
    )
    first: Axes = axes[0]
    return first, 0


def _pixels(
    ax: Axes, places: tuple[Array, Array], values: Array, look: dict[str, Any]
) -> Any:
    """Values as an image where they lie on a grid, as squares elsewhere."""
    (columns, i), (rows, j) = (
        np.unique(place, return_inverse=True) for place in places
    )
    ax.set_aspect("equal")
    if len(columns) * len(rows) <= 4 * len(values) and min(len(columns), len(rows)) > 1:
        grid = np.full((len(rows), len(columns)), np.nan)
        grid[j, i] = values
        shown = np.ma.masked_invalid(grid)
        return ax.pcolormesh(columns, rows, shown, shading="nearest", **look)
    return ax.scatter(*places, c=values, marker="s", s=6.0, linewidths=0.0, **look)
