"""Figures of sweeps: distance to the exact answer against one setting or two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LogNorm
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from physfit.errors import InputError
from physfit.plot.figures import NotebookFigure
from physfit.plot.style import ROLES, applied, plain_text

__all__ = ["distances", "distances_of_two", "sweep_figure"]

Array = NDArray[Any]
#: Values of a numeric axis span more than this factor on a log scale.
WIDE = 20.0


class Run(Protocol):
    """A fit of a sweep, as far as a figure needs it."""

    @property
    def distance(self) -> float: ...
    @property
    def diverged(self) -> bool: ...


class Varied(Protocol):
    """A sweep, as far as a figure needs it."""

    @property
    def expression(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def vary(self) -> Mapping[str, Sequence[Any]]: ...
    @property
    def runs(self) -> Sequence[Run]: ...


def sweep_figure(found: Varied, *, title: str = "") -> Figure:
    """Figure of a sweep of one or two settings.

    Parameters
    ----------
    found : Sweep
    title : str
        Above the figure; model and method when empty.
    """
    if len(found.vary) > 2:
        raise InputError(
            "a figure shows one or two settings, but the sweep varies "
            f"{', '.join(found.vary)}; vary two of them."
        )
    with applied():
        figure = NotebookFigure(figsize=(6.0, 3.8), layout="constrained")
        ax = figure.subplots()
        ax.set_title(plain_text(title or f"{found.expression}: {found.method}"))
        if len(found.vary) == 1:
            distances(ax, found)
        else:
            distances_of_two(ax, found)
    return figure


def distances(ax: Axes, found: Varied, **line: Any) -> Line2D:
    """Distance against one setting; runs that diverged stand on the upper edge."""
    (name, values), *_ = found.vary.items()
    x, labels = _places(values)
    y = np.array([np.nan if own.diverged else own.distance for own in found.runs])
    lost = np.array([own.diverged for own in found.runs])
    look: dict[str, Any] = {"color": ROLES["data"], "marker": "o", "markersize": 4.5}
    (drawn,) = ax.plot(x, y, **{**look, **line})
    ax.axhspan(0.0, 1.0, color=ROLES["guide"], alpha=0.25, linewidth=0.0)
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


def distances_of_two(ax: Axes, found: Varied) -> AxesImage:
    """Map of the distance over two settings, with its numbers; crosses diverged."""
    (first, rows), (second, columns) = found.vary.items()
    shape = len(rows), len(columns)
    y = np.array([np.nan if own.diverged else own.distance for own in found.runs])
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
    ax.set_xticks(range(shape[1]), [_text(own) for own in columns])
    ax.set_yticks(range(shape[0]), [_text(own) for own in rows])
    ax.tick_params(length=0.0)
    ax.set_xlabel(plain_text(second))
    ax.set_ylabel(plain_text(first))
    figure = ax.get_figure()
    assert figure is not None
    figure.colorbar(image, ax=ax, label="distance to the exact answer (σ)")
    return image


def _places(values: Sequence[Any]) -> tuple[Array, list[str]]:
    """Places on the axis, and their labels where they are no numbers."""
    if any(isinstance(own, str) for own in values):
        return np.arange(len(values), dtype=float), [_text(own) for own in values]
    return np.array(values, dtype=float), []


def _text(value: Any) -> str:
    return plain_text(value if isinstance(value, str) else f"{value:g}")
