"""One hyper-parameter after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.figure import Figure

from physfit.fitting.exploration.sweeps import sweep
from physfit.plot.style import applied
from physfit.plot.sweeps import distances, distances_of_two

from .canvas import figure_of
from .minibatches import START
from .samples import spectrum

__all__ = ["sweeps", "two_rates"]

#: What is varied in each panel, and the method with what is held.
PANELS: Sequence[tuple[str, Mapping[str, Sequence[Any]], Mapping[str, Any]]] = (
    ("sgd", {"batch_size": (10, 30, 100, 300, 1000, 4000)}, {"rate": 0.1}),
    ("adam", {"rate": (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.3, 1.0)}, {}),
    ("adam", {"beta1": (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.995)}, {}),
    ("adam", {"beta2": (0.0, 0.5, 0.9, 0.99, 0.999, 0.9999)}, {}),
    ("adam", {"eps": (1e-10, 1e-8, 1e-6, 1e-4, 1e-2, 1.0)}, {}),
    ("sgd", {"k": (1e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2)}, {"rate": 0.3}),
)


@figure_of
def sweeps(n: int = 4000, epochs: int = 20) -> Figure:
    """Distance to the exact answer against six settings."""
    sample = spectrum(n)
    figure = Figure(figsize=(9.0, 5.4), layout="constrained")
    axes = figure.subplots(2, 3, sharey=True).ravel()
    for ax, (method, vary, held) in zip(axes, PANELS, strict=True):
        found = sweep(
            *(sample.model, sample.x, sample.y),
            sigma=sample.sigma,
            vary=vary,
            method=method,
            start=START,
            epochs=epochs,
            **{"batch_size": 50 if "batch_size" not in vary else None, **held},
        )
        distances(ax, found)
        ax.set_title(method, fontsize=10.0)
    return figure
