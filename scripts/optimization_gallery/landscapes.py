"""The loss as a distance, its landscape, and ways down from random starts."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from physfit.fitting.exploration.surface import Landscape, landscape
from physfit.plot.style import ROLES
from physfit.result import FitResult

from .canvas import COLORS, canvas, figure_of, shade, tagged
from .samples import Sample, line, ringdown

__all__ = ["distance", "ground", "minima", "path_of", "starts"]

#: Where a prediction is looked at before the fit.
GUESS = {"center": 3.6, "gamma": 1.2}
#: One scale for all starts, so that their paths can be compared.
SCALED = {"scaling": "bounds"}
VIEW = {"center": (2.0, 8.0), "gamma": (0.2, 3.0)}


def ground(sample: Sample, points: int = 121) -> Landscape:
    """Landscape of the line over its position and width."""
    return landscape(
        *(sample.model, sample.x, sample.y),
        sigma=sample.sigma,
        over=("center", "gamma"),
        span=VIEW,
        points=points,
    )


@figure_of
def distance() -> Figure:
    """Residuals of a prediction, and the same as a point of the landscape."""
    sample = line()
    found = ground(sample)
    figure, (left, right) = canvas(2, width=9.0, height=3.5)
    best = {name: found.values[name] for name in ("center", "gamma")}
    left.plot(sample.x, sample.y, ".", color=ROLES["data"], markersize=3.5)
    for number, (name, values) in enumerate({"guess": GUESS, "minimum": best}.items()):
        curve = sample.model(sample.x, **values)
        loss = 0.5 * np.mean(((sample.y - curve) / sample.sigma) ** 2)
        label = f"{name}: mean loss {loss:.3g}"
        left.plot(sample.x, curve, color=COLORS[number], label=label)
    curve = sample.model(sample.x, **GUESS)
    some = slice(2, None, 8)
    left.vlines(
        *(sample.x[some], curve[some], sample.y[some]),
        color=COLORS[0],
        linewidth=0.7,
        alpha=0.7,
    )
    left.set(xlabel="x", ylabel="y", xlim=(0.0, 10.0))
    left.set_title("data and two predictions")
    left.set_ylim(top=8.5)
    left.legend(loc="upper right")
    shade(right, found)
    for number, values in enumerate((GUESS, best)):
        right.plot(
            values["center"],
            values["gamma"],
            marker="o" if number == 0 else "*",
            color=COLORS[number],
            markersize=7.0 if number == 0 else 12.0,
            zorder=7.0,
        )
    _named(right)
    right.set_title("mean loss over the two parameters")
    tagged([left, right])
    return figure


@figure_of
def minima() -> Figure:
    """Loss of a ring-down along its frequency, and over frequency and phase."""
    sample = ringdown()
    data = (sample.model, sample.x, sample.y)
    view = {"frequency": (0.5, 4.0), "phase": (-np.pi, np.pi)}
    over = {"over": ("frequency",), "span": {"frequency": view["frequency"]}}
    slice_ = landscape(*data, sigma=sample.sigma, points=701, **over)
    plane = landscape(
        *data, sigma=sample.sigma, over=tuple(view), span=view, points=141
    )
    figure, (left, right) = canvas(2, width=9.0, height=3.5)
    half = 0.5 * slice_.noise**2 / len(sample.x)
    mean = slice_.cost / len(sample.x) + half * slice_.delta_chi2
    left.plot(slice_.axes[0], mean, color=ROLES["data"])
    inside = mean[1:-1]
    low = 1 + np.flatnonzero((inside < mean[:-2]) & (inside < mean[2:]))
    left.plot(slice_.axes[0][low], mean[low], "o", color=COLORS[1], markersize=4.0)
    best = low[int(np.argmin(mean[low]))]
    left.plot(slice_.axes[0][best], mean[best], "*", color=COLORS[0], markersize=12.0)
    left.set(xlabel="frequency (1/s)", ylabel="mean loss per sample", xlim=(0.5, 4.0))
    left.set_ylim(0.0, 1.15 * float(mean.max()))
    left.set_title(f"phase held: {len(low)} minima")
    shade(right, plane)
    right.set(xlabel="frequency (1/s)", ylabel="phase (rad)")
    right.set_title("frequency and phase")
    tagged([left, right])
    return figure


@figure_of
def starts(n: int = 6) -> Figure:
    """Gradient descent from random starts."""
    sample = line()
    found = ground(sample)
    figure, (left, right) = canvas(2, width=9.0, height=3.5)
    shade(left, found)
    for seed in range(n):
        result = sample.descent(
            "gd",
            start="random",
            seed=seed,
            learning_rate=0.015,
            epochs=200,
            scaling="bounds",
        )
        path = path_of(result)
        color = COLORS[seed % len(COLORS)]
        left.plot(*path.T, color=color, marker=".", markersize=3.0, linewidth=1.0)
        left.plot(*path[0], "o", color=color, markerfacecolor="white", markersize=6.0)
        right.plot(result.history.step, result.history.loss, color=color)
    _named(left)
    left.set_title(f"{n} paths of 200 steps")
    right.set(xlabel="step", ylabel="mean loss per sample", xlim=(0.0, 200.0))
    right.set_yscale("log")
    right.set_title("loss along them")
    tagged([left, right])
    return figure


def path_of(result: FitResult) -> NDArray[np.float64]:
    """Free parameters from the start on, shape (n + 1, P)."""
    return np.vstack([result.start, result.history.theta])


def _named(ax: Axes) -> None:
    ax.set(xlabel="center", ylabel="gamma")
