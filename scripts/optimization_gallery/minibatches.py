"""Batch size: noise of the gradient, and the loss by rows and by seconds."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

import physfit as pf
from physfit.models.loss import Loss
from physfit.objective import Objective
from physfit.plot.style import ROLES

from .canvas import COLORS, canvas, figure_of, tagged
from .samples import Sample, spectrum

__all__ = ["batches", "excess", "gradient_variance", "smooth"]

SIZES = (1, 3, 10, 30, 100, 300, 1000, 3000)
BATCHES = (20, 200, 2000, 20_000)
#: Single rows whose gradients give the unit.
ROWS = 4000
START = {"amplitude": 3.0, "center": 4.0, "sigma": 1.2, "slope": 0.0, "intercept": 2.0}


@figure_of
def batches(n: int = 20_000, draws: int = 300) -> Figure:
    """Variance of the gradient over batch size; loss by rows seen and by seconds."""
    sample = spectrum(n)
    best = sample.fit()
    figure, axes = canvas(3, width=9.0, height=3.3)
    sizes = np.array([own for own in SIZES if own < n])
    variance = gradient_variance(sample, best.solution.theta, sizes, draws)
    axes[0].plot(sizes, variance, "o", color=ROLES["data"], label="measured")
    theory = 1.0 / sizes - 1.0 / n
    axes[0].plot(sizes, theory, color=COLORS[0], label="1/B − 1/n")
    axes[0].set(xlabel="rows of a minibatch B", ylabel="variance of the gradient")
    axes[0].set_yscale("log")
    axes[0].legend()
    for number, batch in enumerate(own for own in BATCHES if own <= n):
        result = sample.descent(
            "sgd", start=START, learning_rate=0.05, batch_size=batch, epochs=40
        )
        label = f"B = {batch:,}"
        loss = excess(best, result.history.theta)
        look = {"color": COLORS[number], "label": label}
        axes[1].plot(*smooth(result.history.n_rows / n, loss), **look)
        # Times are taken once a window; its rows share them evenly.
        pace = 1e3 * result.history.seconds[-1] / result.history.n_rows[-1]
        axes[2].plot(*smooth(pace * result.history.n_rows, loss), **look)
    axes[1].set(xlabel="passes over the data")
    axes[2].set(xlabel="time (ms)")
    axes[1].set_ylabel("mean loss above the minimum")
    for ax in axes:
        ax.set_xscale("log")
    for ax in axes[1:]:
        ax.set_yscale("log")
    axes[1].legend(loc="lower left")
    axes[0].set_title("noise of the gradient")
    axes[1].set_title("loss by rows")
    axes[2].set_title("loss by time")
    tagged(axes)
    return figure


def smooth(
    x: NDArray[np.float64], y: NDArray[np.float64], bins: int = 30
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean of y in bins that are even in log x: what is left without the noise."""
    edges = np.geomspace(x[0], 1.0001 * x[-1], bins + 1)
    place = np.digitize(x, edges)
    used = np.unique(place)
    means = [(x[place == own].mean(), y[place == own].mean()) for own in used]
    found = np.array(means).T
    return found[0], found[1]


def excess(best: pf.FitResult, theta: NDArray[np.float64]) -> NDArray[np.float64]:
    """Mean loss over all rows above that of the best fit, at each row of parameters."""
    costs = best.objective.costs(np.ascontiguousarray(theta))
    lowest = best.solution.cost
    return np.maximum((costs - lowest) / len(best.data.y[0]), 1e-12)


def gradient_variance(
    sample: Sample, theta: NDArray[np.float64], sizes: NDArray[np.int64], draws: int
) -> NDArray[np.float64]:
    """Variance of the mean gradient over batches, in units of that of single rows.

    All parameters together, each by the root of the mean square of its own gradient.
    """
    rng = np.random.default_rng(5)
    single = [_gradient(sample, theta, rng, 1) for _ in range(ROWS)]
    unit = np.sqrt(np.mean(np.square(single), axis=0))
    drawn = [
        [_gradient(sample, theta, rng, size) / unit for _ in range(draws)]
        for size in sizes
    ]
    return np.mean(np.square(drawn), axis=(1, 2))


def _gradient(
    sample: Sample,
    theta: NDArray[np.float64],
    rng: np.random.Generator,
    size: int,
) -> NDArray[np.float64]:
    """Gradient of the mean loss of a batch drawn without replacement."""
    rows = rng.choice(len(sample.x), size, replace=False)
    weights = (1.0 / sample.sigma[rows])[None]
    x, y = sample.x[rows][None], sample.y[rows][None]
    objective = Objective(sample.model.layout, x, y, weights, Loss("chi2"))
    return objective.normal(theta)[1] / size
