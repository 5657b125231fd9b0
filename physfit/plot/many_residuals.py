"""Residuals of many rows in units of sigma, against the standard normal."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from physfit.plot.canvas import corner_note, panel
from physfit.plot.replicas import bin_count, student_density
from physfit.plot.style import ROLES

__all__ = ["Residuals", "pull_histogram", "pulls_figure"]

Array = NDArray[Any]
#: Residuals beyond so many sigma are counted in the margin.
FAR = 5.0


class Residuals(NamedTuple):
    """Residuals of a sample of rows in units of sigma.

    Attributes
    ----------
    values : ndarray, shape (n,)
    n_rows : int
        Rows that they are from.
    width : float
        What their standard deviation is if model and sigma are right: below 1 because
        each row has fitted parameters.
    is_estimated : bool
        Whether sigma was taken from the residuals themselves.
    """

    values: Array
    n_rows: int
    width: float
    is_estimated: bool


def pulls_figure(pulls: Residuals, *, title: str = "") -> Figure:
    """Figure of residuals in sigma against the standard normal distribution."""
    with panel((6.0, 3.8), title) as (figure, ax):
        pull_histogram(ax, pulls)
    return figure


def pull_histogram(ax: Axes, pulls: Residuals) -> None:
    """Density of residuals in sigma, on a log scale, and the normal one.

    Mean and width are printed, with the width that is expected.
    """
    values = pulls.values[np.isfinite(pulls.values)]
    inside = values[np.abs(values) <= FAR]
    n_bins = bin_count(len(inside), 10, 100)
    label = f"{len(values):,} residuals of {pulls.n_rows:,} rows".replace(",", " ")
    look: dict[str, Any] = {"color": ROLES["imaginary"], "alpha": 0.5, "label": label}
    edges = np.linspace(-FAR, FAR, n_bins + 1)
    weights = np.full(len(inside), n_bins / (2.0 * FAR) / max(len(values), 1))
    ax.hist(inside, bins=edges.tolist(), weights=weights, **look)
    z = np.linspace(-FAR, FAR, 401)
    width = pulls.width if np.isfinite(pulls.width) and pulls.width > 0.0 else 1.0
    normal = student_density(z / width, np.inf) / width
    ax.plot(z, normal, color=ROLES["model"], label=f"normal, width {width:.3f}")
    ax.set_yscale("log")
    least = 0.3 * n_bins / (2.0 * FAR) / max(len(values), 1)
    ax.set_ylim(max(least, 3e-6), 2.0)
    ax.set_xlim(-FAR, FAR)
    sigma = "est. σ" if pulls.is_estimated else "σ"
    ax.set_xlabel(f"residual ({sigma})")
    ax.set_ylabel("density")
    ax.legend(loc="upper left")
    if len(values):
        corner_note(ax, _words(values, pulls))


def _words(values: Array, pulls: Residuals) -> str:
    n_far = int((np.abs(values) > FAR).sum())
    mean, width = float(values.mean()), float(values.std())
    inner = values[np.abs(values) <= FAR]
    lines = [f"mean {mean:+.3f}", f"width {width:.3f}, expected {pulls.width:.3f}"]
    if n_far:
        lines[1] = f"width {width:.3g}, expected {pulls.width:.3f}"
        lines.append(f"{n_far} beyond {FAR:g} σ; width without {inner.std():.3f}")
    if pulls.is_estimated:
        lines.append("σ from these residuals")
    return "\n".join(lines)
