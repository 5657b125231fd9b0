"""One hyper-parameter after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from physfit.fitting.exploration.sweeps import Sweep, sweep

from .canvas import COLORS, figure_of, sigma_band
from .minibatches import START
from .samples import spectrum

__all__ = ["sweeps"]

#: What is varied in each panel, and the method with what is held.
PANELS: Sequence[tuple[str, Mapping[str, Sequence[Any]], Mapping[str, Any]]] = (
    ("sgd", {"batch_size": (10, 30, 100, 300, 1000, 4000)}, {"learning_rate": 0.1}),
    (
        "adam",
        {"learning_rate": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)},
        {},
    ),
    ("adam", {"beta1": (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.995)}, {}),
    ("adam", {"beta2": (0.5, 0.9, 0.99, 0.999, 0.9999)}, {}),
    ("adam", {"eps": (1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1.0)}, {}),
    ("sgd", {"k": (1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)}, {"learning_rate": 0.1}),
)


#: Seeds of the rows' order, for the spread that is not the setting's doing.
SEEDS = (0, 1, 2, 3, 4)


@figure_of
def sweeps(n: int = 4000, epochs: int = 20, seeds: Sequence[int] = SEEDS) -> Figure:
    """Distance to the exact answer against six settings."""
    sample = spectrum(n)
    figure = Figure(figsize=(9.0, 5.4), layout="constrained")
    axes = figure.subplots(2, 3, sharey=True)
    for ax, (method, given, held) in zip(axes.ravel(), PANELS, strict=True):
        vary = {
            name: [own for own in values if name != "batch_size" or own <= n]
            for name, values in given.items()
        }
        found = sweep(
            *(sample.model, sample.x, sample.y),
            sigma=sample.sigma,
            vary={**vary, "seed": seeds},
            method=method,
            start=START,
            epochs=epochs,
            **{"batch_size": None if "batch_size" in vary else 50, **held},
        )
        (name, values), *_ = vary.items()
        _panel(ax, found, name, values, len(seeds))
        ax.set_title(method, fontsize=10.0)
    axes[0, 0].set_ylim(0.1, 300.0)
    for ax in axes[:, 0]:
        ax.set_ylabel("distance to the answer (σ)")
    return figure


def _panel(
    ax: Axes, found: Sweep, name: str, values: Sequence[float], n_seeds: int
) -> None:
    """Median and range over the seeds; crosses where a run diverged."""
    far = np.array([np.inf if own.diverged else own.distance for own in found.runs])
    far = far.reshape(len(values), n_seeds)
    fine = np.isfinite(far).all(axis=1)
    x = np.array(values)
    low, high = far[fine].min(axis=1), far[fine].max(axis=1)
    ax.fill_between(x[fine], low, high, color=COLORS[1], alpha=0.2, linewidth=0.0)
    ax.plot(x[fine], np.median(far[fine], axis=1), "o-", color=COLORS[1], markersize=4)
    ax.plot(x[~fine], np.full(int(np.sum(~fine)), 100.0), "x", color=COLORS[0])
    if not fine.all():
        side = "left" if x[~fine][0] == x[0] else "right"
        place = x[~fine][0] if side == "left" else x[~fine][-1]
        ax.text(place, 130.0, "diverged", ha=side, fontsize=8.0, color=COLORS[0])
    sigma_band(ax)
    ax.set_yscale("log")
    ax.set_xlabel(name)
    if name in ("beta1", "beta2"):
        ax.set_xscale("function", functions=(_nines, _share))
        ax.set_xticks(x, [f"{own:g}" for own in x], rotation=45, fontsize=8.0)
        ax.minorticks_off()
    else:
        ax.set_xscale("log")


def _nines(beta: Any) -> Any:
    """How many nines a beta has, so that 0.9, 0.99 and 0.999 stand evenly."""
    return -np.log10(np.maximum(1.0 - np.asarray(beta), 1e-9))


def _share(nines: Any) -> Any:
    return 1.0 - 10.0 ** -np.asarray(nines)
