"""Histograms of refits beside the errors that were stated."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from physfit.plot.style import ROLES, applied, component_color, plain_text
from physfit.typing import FloatArray

__all__ = ["replicas", "replicas_figure"]

#: Panels of a line.
ACROSS = 3


class Refitted(Protocol):
    """What the refits say of one parameter."""

    @property
    def name(self) -> str:
        """Name of the parameter."""

    @property
    def unit(self) -> str:
        """Its unit."""

    @property
    def value(self) -> float:
        """Value of the fit."""

    @property
    def stated(self) -> float:
        """Its standard error."""

    @property
    def interval(self) -> tuple[float, float]:
        """Range of the middle 68 % of the refits."""


def replicas(ax: Axes, values: FloatArray, own: Refitted) -> list[Any]:
    """Histogram of the refits, the normal distribution stated, and the interval."""
    n_bins = int(np.clip(np.sqrt(len(values)), 10, 60))
    _, edges, bars = ax.hist(
        values, n_bins, density=True, color=ROLES["guide"], label="refits"
    )
    artists: list[Any] = [bars]
    if np.isfinite(own.stated) and own.stated > 0.0:
        x = np.linspace(edges[0], edges[-1], 400)
        density = np.exp(-0.5 * ((x - own.value) / own.stated) ** 2)
        density /= own.stated * np.sqrt(2.0 * np.pi)
        label = "as stated"
        artists += ax.plot(x, density, color=ROLES["model"], label=label)
    artists.append(ax.axvline(own.value, color=ROLES["data"], lw=1.0, label="fit"))
    color = component_color(0)
    for place, end in enumerate(own.interval):
        label = "68 % of the refits" if place == 0 else "_"
        artists.append(ax.axvline(end, color=color, ls="--", lw=1.0, label=label))
    unit = f" ({own.unit})" if own.unit else ""
    ax.set_xlabel(plain_text(f"{own.name}{unit}"))
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.set_yticks([])
    return artists


def replicas_figure(values: FloatArray, estimates: Sequence[Refitted]) -> Figure:
    """A histogram for each parameter; `values` of shape (n, P)."""
    n = len(estimates)
    across = min(ACROSS, n)
    down = -(-n // across)
    with applied():
        figure = Figure(figsize=(3.2 * across, 2.6 * down + 0.5), layout="constrained")
        axes = [figure.add_subplot(down, across, k + 1) for k in range(n)]
        for k, own in enumerate(estimates):
            replicas(axes[k], values[:, k], own)
        handles, labels = axes[0].get_legend_handles_labels()
        figure.legend(handles, labels, loc="outside upper center", ncols=4)
    return figure
