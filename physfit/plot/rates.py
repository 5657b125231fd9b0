"""Figure of a test of learning rates: the loss after some steps at each of them."""

from __future__ import annotations

from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from physfit.plot.figures import NotebookFigure
from physfit.plot.style import COMPONENTS, ROLES, applied, plain_text

__all__ = ["loss_by_rate", "rates_figure"]

Array = NDArray[Any]


class Tried(Protocol):
    """A test of rates, as far as a figure needs it."""

    @property
    def expression(self) -> str: ...
    @property
    def method(self) -> str: ...
    @property
    def batch_size(self) -> int: ...
    @property
    def steps(self) -> int: ...
    @property
    def rates(self) -> Array: ...
    @property
    def losses(self) -> Array: ...
    @property
    def lost(self) -> Array: ...
    @property
    def start_loss(self) -> float: ...
    @property
    def blow_up(self) -> float | None: ...
    @property
    def suggestion(self) -> float | None: ...


def rates_figure(found: Tried, *, title: str = "") -> Figure:
    """Figure of a test of rates.

    Parameters
    ----------
    found : RateTest
    title : str
        Above the figure; model and method when empty.
    """
    how = f"{found.steps} steps of {found.method}, batches of {found.batch_size}"
    with applied():
        figure = NotebookFigure(figsize=(6.4, 3.8), layout="constrained")
        ax = figure.subplots()
        loss_by_rate(ax, found)
        ax.set_title(plain_text(title or f"{found.expression}: {how}"), fontsize=10.0)
    return figure


def loss_by_rate(ax: Axes, found: Tried, **line: Any) -> Line2D:
    """Loss against rate, where it blows up, and the suggestion.

    Rates that blow up are drawn as far as twice the loss at the start allows, on the
    upper edge.
    """
    fine = np.where(found.lost, np.nan, found.losses)
    top = 2.0 * found.start_loss
    look: dict[str, Any] = {"color": ROLES["data"], "marker": "o", "markersize": 3.0}
    (drawn,) = ax.plot(found.rates, fine, **{**look, **line}, label="after the steps")
    # An empty line that is not clipped would count as one at the figure's corner, and
    # leave no room for the axes.
    if found.lost.any():
        ax.plot(
            found.rates[found.lost],
            np.full(int(np.sum(found.lost)), top),
            "x",
            color=ROLES["model"],
            label="diverged",
            clip_on=False,
        )
    ax.axhline(
        found.start_loss, color=ROLES["guide"], linestyle="--", label="at the start"
    )
    if found.blow_up is not None:
        look = {"color": ROLES["model"], "alpha": 0.12, "linewidth": 0}
        ax.axvspan(found.blow_up, found.rates[-1], **look)
    if found.suggestion is not None:
        label = f"suggestion: {found.suggestion:.2g}"
        ax.axvline(found.suggestion, color=COMPONENTS[1], label=label)
    low = float(np.nanmin(fine)) if np.isfinite(fine).any() else 0.1 * top
    ax.set_xscale("log")
    if low > 0.0 and top > 5.0 * low:
        ax.set_yscale("log")
        ax.set_ylim(0.8 * low, top)
    else:
        ax.set_ylim(low - 0.05 * (top - low), top)
    ax.set_xlim(found.rates[0], found.rates[-1])
    ax.set_xlabel("learning rate")
    ax.set_ylabel("mean loss per sample")
    ax.legend(loc="best")
    return drawn
