"""Quantities of many rows as distributions: histograms, correlations, residuals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from physfit.plot.canvas import canvas, corner_note, legend_below, panel, quantity_label
from physfit.plot.replicas import bin_count, student_density
from physfit.plot.style import ROLES, plain_text

__all__ = ["Distribution", "Residuals", "correlation_figure", "density", "histogram"]
__all__ += ["histogram_figure", "pull_histogram", "pulls_figure"]

Array = NDArray[Any]
#: Percentiles that a histogram shows at least.
WITHIN = (0.5, 99.5)
#: Bins of a histogram at most, and of each side of a density.
BINS, CELLS = 80, 50
#: Columns of a figure of histograms.
COLUMNS = 3
#: Quantities up to which correlations are shown with densities.
MATRIX = 7
#: Correlations from which on their colours are dark.
DARK = 0.7
#: Residuals beyond so many sigma are counted in the margin.
FAR = 5.0


class Distribution(NamedTuple):
    """A quantity in the rows that converged and determine it.

    Attributes
    ----------
    label : str
        The quantity with its unit.
    values : ndarray, shape (n,)
        NaN where a row has no good value.
    error : float
        Median of its standard errors; NaN without.
    rule : str
        Which rows these are, in words.
    """

    label: str
    values: Array
    error: float
    rule: str = ""


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


def histogram_figure(spreads: Sequence[Distribution], *, title: str = "") -> Figure:
    """Figure with a histogram for each quantity.

    Parameters
    ----------
    spreads : sequence of Distribution
    title : str
        Above the figure; none when empty.
    """
    n = max(len(spreads), 1)
    columns = min(COLUMNS, n)
    lines = -(-n // columns)
    with canvas((3.3 * columns, 2.6 * lines + 0.3), title) as figure:
        axes = figure.subplots(lines, columns, squeeze=False)
        for number, ax in enumerate(axes.flat):
            if number < len(spreads):
                histogram(ax, spreads[number])
                ax.set_ylabel("" if number % columns else "rows")
            else:
                ax.set_axis_off()
        legend_below(figure, _key(), columns)
    return figure


def _key() -> list[Any]:
    """What the lines in histograms mean."""
    look: dict[str, Any] = {"color": ROLES["data"], "marker": "|", "markersize": 7.0}
    return [
        Line2D([], [], color=ROLES["model"], label="median"),
        Patch(color=ROLES["guide"], alpha=0.3, label="68 % of the rows"),
        Line2D([], [], linewidth=1.0, label="± median standard error", **look),
    ]


def histogram(ax: Axes, own: Distribution) -> None:
    """Rows by the value of a quantity, with the median and what holds 68 %.

    A bar above shows the median standard error to both sides: where it is as wide as
    the histogram, the rows do not differ.
    """
    values = own.values[np.isfinite(own.values)]
    ax.set_xlabel(quantity_label(own.label))
    ax.set_ylabel("rows")
    if not len(values):
        corner_note(ax, "no row has a value")
        return
    low, high = _range(values)
    inside = values[(values >= low) & (values <= high)]
    look: dict[str, Any] = {"color": ROLES["imaginary"], "alpha": 0.6}
    bins = bin_count(len(inside), 5, BINS)
    counts, _, _ = ax.hist(inside, bins=bins, range=(low, high), **look)
    left, middle, right = np.percentile(values, [16.0, 50.0, 84.0]).tolist()
    ax.axvspan(left, right, color=ROLES["guide"], alpha=0.3, linewidth=0.0, zorder=0.5)
    ax.axvline(middle, color=ROLES["model"], linewidth=1.2)
    top = float(np.max(counts))
    ax.set_ylim(0.0, 1.3 * top)
    ax.set_xlim(low, high)
    if np.isfinite(own.error):
        look = {"color": ROLES["data"], "capsize": 3.0, "elinewidth": 1.0}
        ax.errorbar([middle], [1.12 * top], xerr=[own.error], fmt="none", **look)
    n_beyond = len(values) - len(inside)
    counted = f"{len(values)} row{'s' * (len(values) != 1)}" + (
        f", {n_beyond} beyond" if n_beyond else ""
    )
    ax.set_title(counted, loc="right", fontsize=7.5, pad=3.0)
    ax.xaxis.set_major_locator(MaxNLocator(4))


def _range(values: Array) -> tuple[float, float]:
    """Range of a histogram: all, unless few lie far from the others."""
    low, high = np.percentile(values, WITHIN).tolist()
    room = 0.25 * (high - low)
    low, high = max(values.min(), low - room), min(values.max(), high + room)
    if not high > low:
        room = 0.05 * abs(low) or 0.5
        return low - room, high + room
    return float(low), float(high)


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
    ranges = [_range(own.values[both]) if both.any() else (0.0, 1.0) for own in (x, y)]
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
