"""Figures of sweeps: distance to the exact answer against one setting or two."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from physfit.errors import InputError
from physfit.plot.canvas import guide_band, panel
from physfit.plot.style import ROLES, plain_text

if TYPE_CHECKING:
    from physfit.fitting.exploration.sweeps import Sweep

__all__ = ["distances", "distances_of_two", "sweep_figure"]

Array = NDArray[Any]
#: Values of a numeric axis span more than this factor on a log scale.
WIDE = 20.0


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
