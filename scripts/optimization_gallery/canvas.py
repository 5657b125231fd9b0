"""What the figures share: their frame, their colours, a shaded ground."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap
from matplotlib.figure import Figure

from physfit.fitting.exploration.surface import Landscape
from physfit.plot.style import COMPONENTS, ROLES, applied

__all__ = ["COLORS", "Figures", "canvas", "figure_of", "shade", "sigma_band", "tagged"]

P = ParamSpec("P")
Figures = Callable[..., Figure]
#: One for each line of a figure, in turn.
COLORS = (ROLES["model"], *COMPONENTS, ROLES["data"])
SHADES = LinearSegmentedColormap.from_list("ground", ["#FFFFFF", "#A8A8A8"])


def figure_of(draw: Callable[P, Figure]) -> Callable[P, Figure]:
    """Function that draws in the style of the project."""

    @wraps(draw)
    def styled(*args: P.args, **kwargs: P.kwargs) -> Figure:
        with applied():
            return draw(*args, **kwargs)

    return styled


def canvas(
    columns: int = 1, *, width: float = 0.0, height: float = 3.4, **grid: Any
) -> tuple[Figure, list[Axes]]:
    """Figure with panels side by side; 4 inches each unless said otherwise."""
    size = (width or min(4.2 * columns, 9.0), height)
    figure = Figure(figsize=size, layout="constrained")
    axes = figure.subplots(1, columns, squeeze=False, **grid)[0]
    return figure, list(axes)


def shade(ax: Axes, found: Landscape, *, levels: int = 14) -> None:
    """Heights over two axes in greys that share the area, a star at the minimum."""
    z = found.delta_chi2.T
    steps = np.unique(np.quantile(z, np.linspace(0.0, 1.0, levels) ** 1.5))
    norm = BoundaryNorm(steps, SHADES.N)
    ax.contourf(*found.axes, z, levels=steps, norm=norm, cmap=SHADES)
    ax.contour(*found.axes, z, levels=steps, colors="#FFFFFF", linewidths=0.4)
    ax.plot(*found.center, "*", color=ROLES["data"], markersize=11.0, zorder=6.0)
    ax.set_xlim(found.axes[0][0], found.axes[0][-1])
    ax.set_ylim(found.axes[1][0], found.axes[1][-1])


def sigma_band(ax: Axes) -> None:
    """Grey below one standard error: the minimum is as good as reached."""
    ax.axhspan(0.0, 1.0, color=ROLES["guide"], alpha=0.25, linewidth=0.0, zorder=0.5)


def tagged(axes: list[Axes]) -> None:
    """Letters (a), (b), ... above the panels, for the text to name."""
    for letter, ax in zip("abcdefgh", axes, strict=False):
        ax.set_title(f"({letter}) {ax.get_title()}".rstrip(), loc="left", fontsize=10.0)
        ax.set_title("")
