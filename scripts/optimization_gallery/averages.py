"""Averages of the gradient and of the parameters; stable rates with momentum."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

import physfit as pf
from physfit.plot.history import distances
from physfit.plot.style import ROLES

from .canvas import COLORS, canvas, figure_of, sigma_band, tagged
from .landscapes import path_of
from .minibatches import START
from .samples import Sample, spectrum

__all__ = ["averages", "largest_curvature", "largest_rate", "limit"]
__all__ += ["plain", "polynomial", "stable_rates", "straight", "weighted"]

Array = NDArray[np.float64]
BETAS = (0.0, 0.3, 0.5, 0.7, 0.9)
RATE = 0.1
#: Steps of the gradient signal that are shown.
SHOWN = 100


@figure_of
def averages(n: int = 20_000, epochs: int = 20, batch: int = 400) -> Figure:
    """Averages of the gradient signal, and of the parameters."""
    sample = spectrum(n)
    best = sample.fit()
    result = sample.descent(
        "sgd", start=START, learning_rate=RATE, batch_size=batch, epochs=epochs
    )
    path = path_of(result)
    # The step of gradient descent is the gradient, but for the rate and a scale.
    center = result.free_names.index("center")
    gradient = -np.diff(path[:, center])
    true = np.array([best.objective.normal(own)[1][center] for own in path[:SHOWN]])
    true *= gradient[0] / true[0] if len(true) else 1.0
    figure, (left, right) = canvas(2, width=9.0, height=3.6)
    step = np.arange(1, len(gradient) + 1)
    left.plot(step, gradient, ".", color=ROLES["guide"], markersize=3.0, label="batch")
    left.plot(true, color=ROLES["data"], linewidth=1.0, label="all rows")
    left.plot(step, weighted(gradient, 0.9), color=COLORS[0], label="EWMA, β = 0.9")
    left.plot(step, plain(gradient), color=COLORS[1], label="plain mean")
    left.set(xlabel="step", ylabel="gradient by center", xlim=(0, SHOWN))
    left.legend()
    left.set_title("average of the gradient")
    curves = {
        "last": path[1:],
        "plain mean (η = 0)": polynomial(path[1:], 0.0),
        "EWMA, β = 0.99": weighted(path[1:], 0.99, debiased=True),
        "polynomial decay (η = 8)": polynomial(path[1:], 8.0),
    }
    order = (ROLES["guide"], COLORS[1], COLORS[0], COLORS[2])
    for color, (name, theta) in zip(order, curves.items(), strict=True):
        far = distances(theta, result.free_names, best)
        right.plot(step, far, color=color, label=name, linewidth=1.2)
    sigma_band(right)
    right.set(xlabel="step", ylabel="distance to the minimum (σ)")
    right.set_xscale("log")
    right.set_yscale("log")
    right.set_xlim(1, step[-1])
    right.legend(loc="lower left")
    right.set_title("average of the parameters")
    tagged([left, right])
    return figure


def plain(values: Array) -> Array:
    """Mean of all values so far."""
    return polynomial(values, 0.0)


def polynomial(values: Array, eta: float) -> Array:
    """Polynomial-decay average: what `pf.transforms.average` does."""
    found = np.empty_like(values)
    mean = np.zeros_like(values[0])
    for t, value in enumerate(values, 1):
        mean = mean + (eta + 1.0) / (t + eta) * (value - mean)
        found[t - 1] = mean
    return found


def weighted(values: Array, beta: float, *, debiased: bool = False) -> Array:
    """Exponentially weighted average from 0: what `pf.transforms.ewma` does."""
    found = np.empty_like(values)
    mean = np.zeros_like(values[0])
    for t, value in enumerate(values, 1):
        mean = beta * mean + (1.0 - beta) * value
        found[t - 1] = mean / (1.0 - beta**t) if debiased else mean
    return found


@figure_of
def stable_rates(steps: int = 400, rounds: int = 12) -> Figure:
    """Largest stable rate with momentum, measured and by theory."""
    sample = straight()
    curvature = largest_curvature(sample)
    figure, (ax,) = canvas(1, width=5.4, height=3.6)
    fine = np.linspace(0.0, 0.93, 200)
    ax.plot(
        fine,
        limit(fine, curvature),
        color=COLORS[0],
        label=r"$2\,(1+\beta)\,/\,[(1-\beta)\,\lambda_{max}]$",
    )
    found = [largest_rate(sample, beta, steps, rounds) for beta in BETAS]
    ax.plot(BETAS, found, "o", color=ROLES["data"], label="measured")
    ax.set(xlabel="β", ylabel="largest stable rate", xlim=(-0.02, 0.93))
    ax.set_yscale("log")
    ax.legend()
    return figure


def straight() -> Sample:
    """A straight line away from x = 0: slope and intercept are correlated."""
    rng = np.random.default_rng(6)
    x = np.linspace(0.0, 3.0, 50)
    sigma = np.full(50, 0.3)
    y = 1.0 + 2.0 * x + 0.3 * rng.normal(size=50)
    truth = {"slope": 2.0, "intercept": 1.0}
    return Sample(pf.models.Linear(), x, y, sigma, truth)


def largest_curvature(sample: Sample) -> float:
    """Largest eigenvalue of the scaled Gauss-Newton matrix: of a correlation matrix."""
    matrix = np.linalg.inv(sample.fit().covariance)
    root = np.sqrt(matrix.diagonal())
    return float(np.linalg.eigvalsh(matrix / np.outer(root, root))[-1])


def limit(beta: Array, curvature: float) -> Array:
    """2 (1 + beta) / ((1 - beta) lambda): beyond it the steepest direction grows."""
    return 2.0 * (1.0 + beta) / ((1.0 - beta) * curvature)


def largest_rate(sample: Sample, beta: float, steps: int, rounds: int) -> float:
    """Largest rate at which the descent comes nearer, by bisection."""
    best = sample.fit()
    low, high = 0.01, 100.0
    start = {"slope": 0.0, "intercept": 5.0}
    for _ in range(rounds):
        rate = float(np.sqrt(low * high))
        result = sample.descent(
            f"momentum:beta={beta}",
            start=start,
            learning_rate=rate,
            batch_size=len(sample.x),
            epochs=steps,
        )
        far = distances(result.history.theta, result.free_names, best)
        grows = result.status.name != "EPOCHS_DONE" and not result.converged
        grows = grows or far[-steps // 10 :].max() > far[: steps // 10].max()
        low, high = (low, rate) if grows else (rate, high)
    return float(np.sqrt(low * high))
