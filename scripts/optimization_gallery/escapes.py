"""Local minima, and how far the noise of minibatches helps out of them."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from physfit.fitting.exploration.many_starts import multistart
from physfit.fitting.exploration.minima import MultiStart
from physfit.fitting.exploration.surface import Landscape, landscape

from .canvas import COLORS, canvas, figure_of, shade, tagged
from .landscapes import path_of
from .samples import Sample, ringdown

__all__ = ["escape"]

WITHIN = {"frequency": (0.5, 4.0), "phase": (-np.pi, np.pi)}
BATCHES = (400, 100, 25, 8)
RATES = (0.1, 0.3, 1.0)
#: Rate, rows of a batch and epochs of the two paths.
WALKS = ((0.3, 400, 500), (1.0, 8, 6))
#: A start whose valley does not lead to the best minimum.
STUCK = {"frequency": 2.65, "phase": 1.0}


@figure_of
def escape(n_starts: int = 150, steps: int = 1000) -> Figure:
    """Paths of two descents, and the shares of starts that reach the best minimum."""
    sample = ringdown()
    figure, (left, right) = canvas(2, width=9.0, height=3.6)
    shade(left, _plane(sample))
    for color, (rate, batch, epochs) in zip(COLORS, WALKS, strict=False):
        result = sample.descent(
            "sgd",
            start=STUCK,
            learning_rate=rate,
            batch_size=batch,
            epochs=epochs,
            seed=6,
        )
        label = "all rows" if batch == len(sample.x) else f"batches of {batch}"
        look = {
            "color": color,
            "label": f"{label}, rate {rate:g}",
            "zorder": 6.0 - rate,
        }
        left.plot(*path_of(result).T, linewidth=1.2 - 0.5 * rate, **look)
    left.plot(*STUCK.values(), "o", color="black", markerfacecolor="white", zorder=8)
    left.set(xlabel="frequency (1/s)", ylabel="phase (rad)")
    legend = left.legend(loc="upper right", frameon=True, framealpha=0.85)
    legend.get_frame().set_linewidth(0.0)
    left.set_title("two descents from one start")
    right.set_title("share of starts that reach the best minimum")
    tagged([left, right])
    reached = _starts(sample, n_starts)
    best = reached.best
    for color, rate in zip(COLORS, RATES, strict=False):
        shares = [
            _starts(
                *(sample, n_starts),
                method="sgd",
                learning_rate=rate,
                batch_size=batch,
                epochs=max(1, steps * batch // len(sample.x)),
            ).share_of(best)
            for batch in BATCHES
        ]
        _shares(right, np.array(shares), n_starts, color, f"rate {rate:g}")
    _reference(right, 100.0 * reached.share_of(best))
    return figure


def _plane(sample: Sample) -> Landscape:
    return landscape(
        *(sample.model, sample.x, sample.y),
        sigma=sample.sigma,
        over=tuple(WITHIN),
        span=WITHIN,
        points=141,
    )


def _starts(sample: Sample, n: int, **method: object) -> MultiStart:
    data = (sample.model, sample.x, sample.y)
    return multistart(
        *data, sigma=sample.sigma, n_starts=n, seed=1, within=WITHIN, **method
    )


def _shares(
    ax: Axes, shares: NDArray[np.float64], n: int, color: str, label: str
) -> None:
    """Shares with their binomial errors; p = (k + 1) / (n + 2), so that none is 0."""
    likely = (shares * n + 1.0) / (n + 2.0)
    bars = 100.0 * np.sqrt(likely * (1.0 - likely) / n)
    look = {"color": color, "marker": "o", "markersize": 4.0, "capsize": 2.0}
    ax.errorbar(BATCHES, 100.0 * shares, bars, **look, label=label)


def _reference(ax: Axes, share: float) -> None:
    ax.axhline(share, color="black", linestyle=":", label="LM from the same starts")
    ax.set_xscale("log")
    ax.set_xticks(BATCHES, [f"{own}" for own in BATCHES])
    ax.minorticks_off()
    ax.invert_xaxis()
    ax.set(xlabel="rows of a minibatch", ylim=(0.0, 100.0))
    ax.set_ylabel("share of the starts (%)")
    ax.legend(loc="upper left")
