"""Figure of a test of learning rates: the loss after some steps at each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from physfit.plot.canvas import panel
from physfit.plot.style import COMPONENTS, ROLES

if TYPE_CHECKING:
    from physfit.fitting.exploration.rates import RateTest

__all__ = ["loss_by_rate", "rates_figure"]


def rates_figure(test: RateTest, *, title: str = "") -> Figure:
    """Figure of a test of rates.

    Parameters
    ----------
    test : RateTest
    title : str
        Above the figure; model and method when empty.
    """
    how = f"{test.steps} steps of {test.method}, batches of {test.batch_size}"
    with panel((6.4, 3.8), title or f"{test.expression}: {how}") as (figure, ax):
        loss_by_rate(ax, test)
    return figure


def loss_by_rate(ax: Axes, test: RateTest, **line: Any) -> Line2D:
    """Loss against rate, where it blows up, and the suggestion.

    Rates that blow up are drawn as far as twice the loss at the start allows, on the
    upper edge.
    """
    fine = np.where(test.lost, np.nan, test.losses)
    top = 2.0 * test.start_loss
    look: dict[str, Any] = {"color": ROLES["data"], "marker": "o", "markersize": 3.0}
    (drawn,) = ax.plot(test.rates, fine, **{**look, **line}, label="after the steps")
    # An empty line that is not clipped would count as one at the figure's corner, and
    # leave no room for the axes.
    if test.lost.any():
        ax.plot(
            test.rates[test.lost],
            np.full(int(np.sum(test.lost)), top),
            "x",
            color=ROLES["model"],
            label="diverged",
            clip_on=False,
        )
    ax.axhline(
        test.start_loss, color=ROLES["guide"], linestyle="--", label="at the start"
    )
    if test.blow_up is not None:
        look = {"color": ROLES["model"], "alpha": 0.12, "linewidth": 0}
        ax.axvspan(test.blow_up, test.rates[-1], **look)
    if test.suggestion is not None:
        label = f"suggestion: {test.suggestion:.2g}"
        ax.axvline(test.suggestion, color=COMPONENTS[1], label=label)
    low = float(np.nanmin(fine)) if np.isfinite(fine).any() else 0.1 * top
    ax.set_xscale("log")
    if low > 0.0 and top > 5.0 * low:
        ax.set_yscale("log")
        ax.set_ylim(0.8 * low, top)
    else:
        ax.set_ylim(low - 0.05 * (top - low), top)
    ax.set_xlim(test.rates[0], test.rates[-1])
    ax.set_xlabel("learning rate")
    ax.set_ylabel("mean loss per sample")
    ax.legend(loc="best")
    return drawn
