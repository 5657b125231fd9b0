"""What an answer is worth, and how long it takes by which method."""

from __future__ import annotations

from time import perf_counter

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

import physfit as pf
from physfit.plot.history import distances
from physfit.plot.style import ROLES

from .canvas import COLORS, canvas, figure_of, tagged
from .minibatches import START
from .samples import Sample, spectrum

__all__ = ["timings", "worth"]

Array = NDArray[np.float64]
SETTINGS = {"batch_size": 100, "learning_rate": 0.1, "start": START}
#: Methods of the table, with their settings.
METHODS = {
    "lm": {},
    "scipy:trf": {},
    "scipy:l-bfgs-b": {},
    "adam": {
        "batch_size": 200,
        "learning_rate": "cosine:0.02,steps=2000",
        "epochs": 20,
    },
    "sgd": {"batch_size": 200, "learning_rate": "cosine:0.1,steps=2000", "epochs": 20},
}


@figure_of
def worth(n: int = 4000, repeats: int = 100, epochs: int = 60) -> Figure:
    """Distance to the minimum of many runs; stated errors against the real scatter."""
    figure, (left, right) = canvas(2, width=9.0, height=3.5)
    _far(left, n, repeats, epochs)
    _honest(right, n, repeats)
    tagged([left, right])
    return figure


def _far(ax: Axes, n: int, repeats: int, epochs: int) -> None:
    """Histogram of the distances, over data sets and orders of rows."""
    falling = f"cosine:0.1,steps={epochs * n // 100}"
    ways = {
        "end, rate constant": {"averaged": False, "learning_rate": 0.1},
        "average, rate constant": {"averaged": True, "learning_rate": 0.1},
        "average, rate falling": {"averaged": True, "learning_rate": falling},
    }
    bins = np.geomspace(0.005, 20.0, 37)
    for color, (name, way) in zip(COLORS, ways.items(), strict=False):
        values = [_one_run(n, seed, epochs, way) for seed in range(repeats)]
        label = f"{name}: median {np.median(values):.2g} σ"
        ax.hist(values, bins, color=color, alpha=0.6, label=label)
    look = {"color": ROLES["data"], "linestyle": ":", "ymax": 0.6}
    ax.axvline(0.3, **look, label="converged: below 0.3 σ")
    ax.set_xscale("log")
    ax.set_ylim(0.0, 1.1 * repeats)
    ax.set(xlabel="distance to the minimum (σ)", ylabel="runs")
    ax.legend(loc="upper left")
    ax.set_title(f"{repeats} runs of sgd")


def _one_run(n: int, seed: int, epochs: int, way: dict[str, object]) -> float:
    """Distance of a run from the exact minimum."""
    sample = spectrum(n, seed=100 + seed)
    best = sample.fit()
    settings = {**SETTINGS, **way, "epochs": epochs, "seed": seed, "tolerance": 0.0}
    result = sample.fit("sgd", **settings)
    theta = result.solution.theta[None]
    return float(distances(theta, result.free_names, best)[0])


def misjudged(n: int, seed: int) -> Sample:
    """A spectrum whose noise grows with x, given with one sigma for all samples."""
    sample = spectrum(n, seed=seed)
    quiet = sample.model(sample.x, **sample.truth)
    growth = 0.4 + 0.24 * sample.x
    return sample._replace(y=quiet + growth * (sample.y - quiet))


def _honest(ax: Axes, n: int, repeats: int) -> None:
    """Errors as stated and from the sandwich, over the real scatter, by parameter."""
    found, stated, robust = [], [], []
    for seed in range(repeats):
        result = misjudged(n, 500 + seed).fit("sgd", epochs=60, **SETTINGS)
        names = result.free_names
        found.append([result.values[name] for name in names])
        stated.append([result.stderr[name] for name in names])
        robust.append([result.sandwich_stderr[name] for name in names])
    scatter = np.std(found, axis=0, ddof=1)
    place = np.arange(len(names))
    bar = 1.0 / np.sqrt(2.0 * (repeats - 1.0))
    for number, (label, errors) in enumerate(
        (("covariance from sigma", stated), ("sandwich", robust))
    ):
        ratio = np.mean(errors, axis=0) / scatter
        look = {"fmt": "os"[number], "capsize": 2.0, "color": COLORS[number]}
        ax.errorbar(place + 0.2 * number - 0.1, ratio, bar * ratio, label=label, **look)
    ax.axhline(1.0, color=ROLES["data"], linewidth=0.8)
    ax.set_xticks(place, names)
    ax.set_ylim(0.4, 1.7)
    ax.set_ylabel("stated error / real scatter")
    ax.legend(loc="upper right")
    ax.set_title("noise that grows with x, one sigma given")


def timings(n: int = 20_000, repeats: int = 5) -> str:
    """Rows of the table: time over that of lm, and the distance to its answer."""
    sample = spectrum(n)
    best = sample.fit()
    lines = ["| method | time / time of lm | distance to the answer of lm (σ) |"]
    lines.append("|---|---|---|")
    quickest = {name: _time(sample, name, repeats) for name in METHODS}
    for name, settings in METHODS.items():
        result = _fit(sample, name, settings)
        far = distances(result.solution.theta[None], result.free_names, best)[0]
        ratio = quickest[name] / quickest["lm"]
        lines.append(f"| `{name}` | {ratio:.3g} | {far:.1g} |")
    return "\n".join(lines)


def _fit(sample: Sample, name: str, settings: dict[str, object]) -> pf.FitResult:
    if "epochs" in settings:
        return sample.fit(name, start=START, tolerance=0.0, **settings)
    return sample.fit(name, start=START)


def _time(sample: Sample, name: str, repeats: int) -> float:
    """Shortest wall time of a fit, in s."""
    times = []
    for _ in range(repeats):
        began = perf_counter()
        _fit(sample, name, METHODS[name])
        times.append(perf_counter() - began)
    return min(times[1:] or times)
