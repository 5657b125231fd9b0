"""Local minima, and how far the noise of minibatches helps out of them."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from physfit.fitting.exploration.many_starts import MultiStart, multistart
from physfit.fitting.exploration.surface import landscape

from .canvas import COLORS, canvas, figure_of, shade, tagged
from .landscapes import path_of
from .samples import Sample, ringdown

__all__ = ["escape"]

WITHIN = {"frequency": (0.5, 4.0), "phase": (-np.pi, np.pi)}
BATCHES = (400, 100, 25, 8)
RATES = (0.1, 0.3, 1.0)
#: A start whose valley does not lead to the best minimum.
STUCK = {"frequency": 2.75, "phase": 0.0}


@figure_of
def escape(n_starts: int = 150, steps: int = 1000) -> Figure:
    """Paths of two descents, and the shares of starts that reach the best minimum."""
    sample = ringdown()
    figure, (left, right) = canvas(2, width=9.0, height=3.6)
    shade(left, _plane(sample))
    for color, (name, rate, batch) in zip(
        COLORS, (("gd", 0.1, 400), ("sgd", 1.0, 8)), strict=False
    ):
        result = sample.descent(
            *("sgd",), start=STUCK, schedule=rate, batch_size=batch, epochs=8
        )
        label = f"batches of {batch}, rate {rate:g}" if name == "sgd" else "all rows"
        left.plot(*path_of(result).T, color=color, linewidth=0.8, label=label, zorder=5)
    left.plot(*STUCK.values(), "o", color="black", markerfacecolor="white", zorder=7)
    left.set(xlabel="frequency (1/s)", ylabel="phase (rad)")
    left.set_title("two descents from one start")
    tagged([left, right])
    reached = _starts(sample, n_starts)
    best = reached.best
    for color, rate in zip(COLORS, RATES, strict=False):
        shares = [
            _starts(
                *(sample, n_starts),
                method="sgd",
                rate=rate,
                batch_size=batch,
                epochs=max(1, steps * batch // len(sample.x)),
            ).share_of(best)
            for batch in BATCHES
        ]
        _shares(right, np.array(shares), n_starts, color, f"rate {rate:g}")
    _reference(right, 100.0 * reached.share_of(best))
    return figure


def _plane(sample: Sample):
    return landscape(
        *(sample.model, sample.x, sample.y),
        sigma=sample.sigma,
        over=tuple(WITHIN),
        span=WITHIN,
        points=141,
    )


def _starts(sample: Sample, n: int, **method) -> MultiStart:
    data = (sample.model, sample.x, sample.y)
    return multistart(
        *data, sigma=sample.sigma, n_starts=n, seed=1, within=WITHIN, **method
    )


def _shares(ax, shares, n, color, label) -> None:
    """Shares with their binomial errors; p = (k + 1) / (n + 2), so that none is 0."""
    likely = (shares * n + 1.0) / (n + 2.0)
    bars = 100.0 * np.sqrt(likely * (1.0 - likely) / n)
    look = {"color": color, "marker": "o", "markersize": 4.0, "capsize": 2.0}
    ax.errorbar(BATCHES, 100.0 * shares, bars, **look, label=label)


def _reference(ax, share: float) -> None:
    ax.axhline(share, color="black", linestyle=":", label="LM from the same starts")
    ax.set_xscale("log")
    ax.set_xticks(BATCHES, [f"{own}" for own in BATCHES])
    ax.minorticks_off()
    ax.invert_xaxis()
    ax.set(xlabel="rows of a minibatch", ylim=(0.0, 100.0))
    ax.set_ylabel("starts that reach the best minimum (%)")
    ax.legend(loc="upper left")
