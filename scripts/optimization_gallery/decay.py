"""Weight decay on noisy Ising couplings: ridge, exactly and by Adam.

After P. Mehta et al., Phys. Rep. 810 (2019) 1, section VI.D: the couplings of all pairs
of 40 spins from fewer energies than there are couplings.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

import physfit as pf
from physfit.plot.couplings import coupling_image
from physfit.plot.style import ROLES

from .canvas import COLORS, canvas, figure_of, tagged
from .samples import Sample, spins

__all__ = ["couplings", "errors_by_decay", "ridges"]

Array = NDArray[np.float64]
DECAYS = np.geomspace(1e-4, 1e2, 19)
#: Where Adam is run, and the matrices are shown.
BY_ADAM = DECAYS[::3]
SHOWN = (1e-4, 0.02, 1.0)
N, N_HELD = 600, 2000


def ridges(sample: Sample, decays: Sequence[float]) -> list[dict[str, float]]:
    """Couplings that minimise the mean loss and decay / 2 |J|^2, exactly, for each."""
    data = {"sigma": sample.sigma, "method": "lm"}
    fits = [
        pf.fit(sample.model, sample.x, sample.y, **data, weight_decay=own)
        for own in decays
    ]
    return [{name: own.values[name] for name in own.free_names} for own in fits]


def by_adam(sample: Sample, decay: float, steps: int) -> dict[str, float]:
    """The same by Adam with all rows in every step."""
    result = sample.descent(
        "adam",
        weight_decay=decay,
        learning_rate=pf.schedules.cosine(0.02, steps=steps),
        batch_size=len(sample.y),
        epochs=steps,
    )
    return {name: result.values[name] for name in sample.model.free_names}


def error(sample: Sample, values: dict[str, float]) -> float:
    """Root mean square error of the energies, as a share of their spread."""
    off = sample.y - sample.model(sample.x, **values)
    return float(np.sqrt(np.mean(off**2)) / np.std(sample.y))


@figure_of
def errors_by_decay(
    n: int = N, decays: Array = DECAYS, by_steps: Array = BY_ADAM, steps: int = 1500
) -> Figure:
    """Error on the energies that were fitted, and on others, against the decay."""
    seen, held = spins(n), spins(N_HELD, seed=14)
    figure, (ax,) = canvas(1, width=6.0, height=3.8)
    exact = ridges(seen, decays.tolist())
    steep = [by_adam(seen, float(own), steps) for own in by_steps]
    for color, name, data in (
        (COLORS[1], "fitted", seen),
        (COLORS[0], "held out", held),
    ):
        line = [error(data, own) for own in exact]
        dots = [error(data, own) for own in steep]
        ax.plot(decays, line, color=color, label=f"{name}, exact ridge")
        ax.plot(by_steps, dots, "o", color=color, label=f"{name}, Adam")
    noise = float(seen.sigma[0] / np.std(held.y))
    ax.axhline(noise, color=ROLES["guide"], linestyle="--", label="noise alone")
    ax.set_xscale("log")
    ax.set(xlabel="weight decay λ", ylabel="rms error / spread of the energies")
    ax.set_ylim(-0.03, 1.35)
    ax.legend(ncols=2, loc="upper left")
    return figure


@figure_of
def couplings(n: int = N) -> Figure:
    """Matrices of the couplings at three strengths of the decay, on one scale."""
    sample = spins(n)
    figure, axes = canvas(3, width=8.6, height=2.9, sharey=True)
    for ax, decay, found in zip(axes, SHOWN, ridges(sample, SHOWN), strict=True):
        matrix = pf.models.coupling_matrix(sample.model, found)
        image = coupling_image(ax, matrix, limit=1.0)
        _plain(ax, f"λ = {decay:g}")
    axes[0].set_ylabel("site i")
    figure.colorbar(image, ax=axes, label="coupling $J_{ij}$", extend="both")
    tagged(axes)
    return figure


def _plain(ax: Axes, title: str) -> None:
    ax.set_title(title)
    ax.set_ylabel("")
    ax.set_xticks([0, 10, 20, 30])
    ax.set_yticks([0, 10, 20, 30])
