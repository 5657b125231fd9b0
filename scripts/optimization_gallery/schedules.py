"""Schedules of the learning rate, and what they do to the distance to the minimum."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

import physfit as pf
from physfit.plot.history import distance_curve, rate_curve

from .canvas import COLORS, canvas, figure_of, tagged
from .minibatches import START
from .samples import spectrum

__all__ = ["schedules"]


def table(steps: int) -> dict[str, pf.schedules.Schedule]:
    """Schedules of the figure for so many steps."""
    made = pf.schedules
    return {
        "constant": made.constant(0.1),
        "inverse_sqrt": made.inverse_sqrt(0.5),
        "exponential": made.exponential(0.1, k=6.0 / steps),
        "staircase": made.staircase(0.1, factor=0.25, every=steps // 5),
        "cosine": made.cosine(0.1, steps=steps),
        "warmup + cosine": made.warmup(made.cosine(0.1, steps=steps), steps // 10),
    }


def median(values: NDArray[np.float64], width: int = 41) -> NDArray[np.float64]:
    """Median over a window that moves along, so that the noise of batches goes."""
    half = width // 2
    return np.array(
        [np.median(values[max(0, k - half) : k + half + 1]) for k in range(len(values))]
    )


@figure_of
def schedules(n: int = 20_000, epochs: int = 10, batch: int = 50) -> Figure:
    """Rates, and the distance to the minimum along the way."""
    sample = spectrum(n)
    best = sample.fit()
    steps = epochs * n // batch
    figure, (left, right) = canvas(2, width=9.0, height=3.6)
    for color, (name, schedule) in zip(COLORS, table(steps).items(), strict=False):
        result = sample.descent(
            *("sgd",),
            start=START,
            learning_rate=schedule,
            batch_size=batch,
            epochs=epochs,
        )
        look = {"color": color, "linestyle": "--" if name.startswith("w") else "-"}
        rate_curve(left, result.history, label=name, **look)
        curve = distance_curve(right, result, best, **look)
        curve.set_ydata(median(curve.get_ydata()))
    left.set_ylim(1e-4, 2.0)
    left.legend(loc="lower left")
    right.set_ylabel("distance to the minimum (σ)")
    right.relim()
    right.autoscale_view()
    for ax in (left, right):
        ax.set_xlim(0, steps)
    left.set_title("rate")
    right.set_title("distance to the minimum")
    tagged([left, right])
    return figure
