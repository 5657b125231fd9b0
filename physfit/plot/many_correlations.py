"""How quantities go together across many rows: densities, and rank correlations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from physfit.plot.canvas import canvas, panel, quantity_label
from physfit.plot.many_histograms import Distribution, histogram, shown_range
from physfit.plot.style import ROLES, plain_text

__all__ = ["correlation_figure", "density"]

Array = NDArray[Any]
#: Bins of each side of a density.
CELLS = 50
#: Quantities up to which correlations are shown with densities.
MATRIX = 7
#: Correlations from which on their colours are dark.
DARK = 0.7


def correlation_figure(
    spreads: Sequence[Distribution], within: Array | None = None, *, title: str = ""
) -> Figure:
    """Figure of how quantities go together across the rows.

    Parameters
    ----------
    spreads : sequence of Distribution
    within : ndarray, shape (n, n), optional
        Median of the correlations that the fit of a single row has: what noise alone
        would give.
    title : str
        Above the figure; none when empty.

    Returns
    -------
    matplotlib.figure.Figure
        Densities below the diagonal, histograms on it, coefficients above; coefficients
        alone for more than seven quantities.
    """
    across = correlations(spreads)
    n = len(spreads)
    if n > MATRIX:
        return _matrix_figure(spreads, across, title)
    with canvas((1.75 * n + 0.6, 1.7 * n + 0.3)) as figure:
        axes: Any = figure.subplots(n, n, squeeze=False)
        for i, j in np.ndindex(n, n):
            ax = axes[i, j]
            if i == j:
                histogram(ax, spreads[i]._replace(error=np.nan))
            elif i > j:
                density(ax, spreads[j], spreads[i])
            else:
                own = None if within is None else float(within[i, j])
                _coefficient(ax, float(across[i, j]), own)
            _trim(ax, spreads, i, j)
        legend = "above the diagonal: rank correlation across the rows"
        legend += "; small: of the errors of one fit" if within is not None else ""
        joint = np.isfinite([own.values for own in spreads]).all(axis=0)
        legend += f"\n{int(joint.sum())} rows that determine all of them"
        lines = [plain_text(title), legend] if title else [legend]
        figure.suptitle("\n".join(lines), fontsize=9.0)
    return figure


def correlations(spreads: Sequence[Distribution]) -> Array:
    """Spearman's rank correlations across rows, shape (n, n); outliers hardly count."""
    values = [own.values for own in spreads]
    result = np.eye(len(values))
    for i, j in zip(*np.tril_indices(len(values), -1), strict=True):
        result[i, j] = result[j, i] = np.nan
        both = np.isfinite(values[i]) & np.isfinite(values[j])
        if both.sum() >= 3:
            first, second = (values[k][both].argsort().argsort() for k in (i, j))
            result[i, j] = result[j, i] = np.corrcoef(first, second)[0, 1]
    return result


def density(ax: Axes, x: Distribution, y: Distribution) -> None:
    """Rows over two quantities, darker where there are more of them."""
    both = np.isfinite(x.values) & np.isfinite(y.values)
    ranges = [
        shown_range(own.values[both]) if both.any() else (0.0, 1.0) for own in (x, y)
    ]
    cells = int(min(CELLS, max(8, both.sum() ** 0.4)))
    counts, _, _ = np.histogram2d(
        x.values[both], y.values[both], bins=cells, range=ranges
    )
    look: dict[str, Any] = {
        "cmap": "Blues",
        "origin": "lower",
        "aspect": "auto",
        "interpolation": "nearest",
        "extent": (*ranges[0], *ranges[1]),
    }
    ax.imshow(np.sqrt(counts.T), **look)
    ax.set_xlabel(quantity_label(x.label))
    ax.set_ylabel(quantity_label(y.label))


def _coefficient(ax: Axes, across: float, within: float | None) -> None:
    """A coefficient in words on a patch whose colour is its size."""
    size = abs(across) if np.isfinite(across) else 0.0
    color = ROLES["model"] if across > 0.0 else ROLES["imaginary"]
    ax.set_facecolor((color, 0.6 * size))
    text = f"{across:+.2f}" if np.isfinite(across) else "–"
    look: dict[str, Any] = {"ha": "center", "transform": ax.transAxes}
    ax.text(0.5, 0.55, text, va="center", fontsize=12.0, **look)
    if within is not None and np.isfinite(within):
        ax.text(0.5, 0.2, f"in a fit {within:+.2f}", va="center", fontsize=7.5, **look)


def _trim(ax: Axes, spreads: Sequence[Distribution], i: int, j: int) -> None:
    """Labels and ticks on the outer panels only."""
    last = len(spreads) - 1
    ax.tick_params(labelsize=7.0)
    if i == j:
        ax.set_title("", loc="right")
    if i < j:
        ax.set_xticks([])
        ax.set_yticks([])
        return
    ax.xaxis.set_major_locator(MaxNLocator(3))
    ax.yaxis.set_major_locator(MaxNLocator(3))
    if i == j:
        ax.set_yticks([])
        ax.set_ylabel("")
    ax.set_xlabel(ax.get_xlabel() if i == last else "", fontsize=8.0)
    ax.set_ylabel(ax.get_ylabel() if j == 0 else "", fontsize=8.0)
    if i < last:
        ax.set_xticklabels([])
    if j > 0:
        ax.set_yticklabels([])


def _matrix_figure(
    spreads: Sequence[Distribution], across: Array, title: str
) -> Figure:
    """Coefficients as colours, with their numbers where there is room."""
    n = len(spreads)
    with panel((0.55 * n + 2.2, 0.5 * n + 1.4), title) as (figure, ax):
        image = ax.imshow(across, cmap="RdBu_r", vmin=-1.0, vmax=1.0)
        names = [quantity_label(own.label) for own in spreads]
        ax.set_xticks(range(n), names, rotation=60, ha="right", fontsize=8.0)
        ax.set_yticks(range(n), names, fontsize=8.0)
        ax.tick_params(length=0.0)
        look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 7.0}
        for i, j in np.ndindex(n, n) if n <= 16 else ():
            if i != j and np.isfinite(across[i, j]):
                dark = abs(across[i, j]) > DARK
                color = "white" if dark else ROLES["data"]
                ax.text(j, i, f"{across[i, j]:+.2f}", color=color, **look)
        figure.colorbar(image, ax=ax, label="rank correlation across rows")
    return figure
