"""Learning rates: too small, right, too big; and how to find one."""

from __future__ import annotations

from matplotlib.figure import Figure

from physfit.fitting.exploration.rates import find_rate
from physfit.plot.explorations import loss_by_rate
from physfit.solve.base import Status

from .canvas import COLORS, canvas, figure_of, shade, tagged
from .landscapes import ground, path_of
from .samples import line

__all__ = ["found_rate", "three_rates"]

#: Of gradient descent from `START`.
RATES = {0.01: "too small", 0.2: "right", 0.6: "too big", 3.0: "far too big"}
START = {"center": 4.0, "gamma": 1.2}
STEPS = 60


@figure_of
def three_rates() -> Figure:
    """The same descent at rates that are too small, right and too big."""
    sample = line(bounded=False)
    figure, (left, right) = canvas(2, width=9.0, height=3.5)
    shade(left, ground(sample))
    for color, (rate, name) in zip(COLORS, RATES.items(), strict=False):
        result = sample.descent("gd", start=START, learning_rate=rate, epochs=STEPS)
        lost = result.status is Status.DIVERGED
        label = f"{rate:g}, {name}" + (
            f": diverged at step {result.n_steps + 1}" * lost
        )
        left.plot(*path_of(result).T, color=color, marker=".", markersize=4.0, lw=1.0)
        right.plot(result.history.step, result.history.loss, color=color, label=label)
    left.plot(*START.values(), "o", color="black", markerfacecolor="white", zorder=7)
    left.set(xlabel="center", ylabel="gamma")
    left.set_title(f"paths of {STEPS} steps")
    right.set(xlabel="step", ylabel="mean loss per sample", xlim=(0.0, STEPS))
    right.set_yscale("log")
    right.set_ylim(0.3, 300.0)
    right.legend(title="learning rate", alignment="left", loc="upper right")
    right.set_title("loss")
    tagged([left, right])
    return figure


@figure_of
def found_rate() -> Figure:
    """Loss after 50 steps at each rate, for two methods."""
    sample = line(bounded=False)
    figure, axes = canvas(2, width=9.0, height=3.5, sharey=True)
    for ax, method in zip(axes, ("gd", "adam"), strict=True):
        found = find_rate(
            *(sample.model, sample.x, sample.y),
            sigma=sample.sigma,
            method=method,
            start=START,
            learning_rate=(1e-4, None),
        )
        loss_by_rate(ax, found)
        ax.set_title(method)
    axes[1].set_ylabel("")
    tagged(axes)
    return figure
