"""Histograms of refits and of pulls beside what was stated of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from physfit.plot.canvas import axis_label, canvas, legend_below
from physfit.plot.style import COMPONENTS, ROLES
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.many_fits.bootstrap import Bootstrap, BootstrapEstimate
    from physfit.many_fits.toys_result import Toys

__all__ = ["bin_count", "bootstrap_figure", "panels_figure", "pulls", "replicas"]
__all__ += ["student_density", "toys_figure"]

#: Panels of a line.
ACROSS = 3
#: Pulls beyond this are counted in the last bins.
FARTHEST = 5.0


def replicas(ax: Axes, values: FloatArray, own: BootstrapEstimate) -> list[Any]:
    """Histogram of the refits, the normal distribution stated, and the interval.

    The interval is the BCa one where it exists.
    """
    artists: list[Any] = [_histogram(ax, values, "refits")]
    low, high = ax.get_xlim()
    if math.isfinite(own.stated) and own.stated > 0.0:
        x = np.linspace(low, high, 400)
        density = student_density((x - own.value) / own.stated, math.inf) / own.stated
        artists += ax.plot(x, density, color=ROLES["model"], label="as stated")
    artists.append(ax.axvline(own.value, color=ROLES["data"], lw=1.0, label="fit"))
    is_corrected = not math.isnan(own.bca[0])
    ends = own.bca if is_corrected else own.interval
    label = "68 % interval (BCa)" if is_corrected else "68 % of the refits"
    look: dict[str, Any] = {"color": COMPONENTS[0], "ls": "--", "lw": 1.2}
    for end, text in zip(ends, (label, "_"), strict=True):
        artists.append(ax.axvline(end, label=text, **look))
    ax.set_xlim(low, high)
    _finish(ax, axis_label(own.name, own.unit))
    return artists


def pulls(ax: Axes, values: FloatArray, name: str, dof: float = math.inf) -> list[Any]:
    """Histogram of pulls, and Student's density of `dof` degrees of freedom.

    That is the normal one for infinitely many.
    """
    artists: list[Any] = [_histogram(ax, np.clip(values, -FARTHEST, FARTHEST), "toys")]
    t = np.linspace(-FARTHEST, FARTHEST, 400)
    artists += ax.plot(
        t, student_density(t, dof), color=ROLES["model"], label="expected"
    )
    mean = float(np.mean(values)) if len(values) else math.nan
    line = ax.axvline(mean, color=COMPONENTS[0], ls="--", lw=1.2, label="mean")
    artists.append(line)
    ax.set_xlim(-FARTHEST, FARTHEST)
    _finish(ax, axis_label(f"pull of {name}", ""))
    return artists


def bootstrap_figure(found: Bootstrap, *, title: str = "") -> Figure:
    """Histograms of the refits of a bootstrap; says how many if there is no title."""
    kind = found.kind if found.kind != "pairs" else "pairs of samples"
    title = title or f"{found.model.expression}: {found.fits.n_rows} refits ({kind})"
    draw = [
        partial(replicas, values=found.values(name), own=estimate)
        for name, estimate in found.estimates.items()
    ]
    return panels_figure(draw, title=title)


def toys_figure(found: Toys, *, title: str = "") -> Figure:
    """Histograms of the pulls of pseudo-experiments; says how many without a title."""
    title = title or f"{found.model.expression}: {found.fits.n_rows} toys"
    dof = found.dof_of_stderr
    draw = [partial(pulls, values=found.pulls(k), name=k, dof=dof) for k in found]
    return panels_figure(draw, title=title)


def panels_figure(
    draw: Sequence[Callable[[Axes], object]], *, title: str = ""
) -> Figure:
    """Figure with a panel for each function, which draws there, and one legend.

    Parameters
    ----------
    draw : sequence of callable
    title : str
        Above the figure; none when empty.
    """
    n = len(draw)
    across, lines = min(ACROSS, n), -(-n // ACROSS)
    with canvas((3.2 * max(across, 1.6), 2.4 * lines + 0.9), title) as figure:
        for number, panel in enumerate(draw):
            panel(figure.add_subplot(-(-n // across), across, number + 1))
        handles, _ = figure.axes[0].get_legend_handles_labels()
        legend_below(figure, handles, len(handles))
    return figure


def _histogram(ax: Axes, values: FloatArray, label: str) -> Any:
    """Bars of the values, without the farthest ones, which would flatten it."""
    ends = np.percentile(values, (0.1, 99.9)) if len(values) else (0.0, 1.0)
    look: dict[str, Any] = {"color": ROLES["guide"], "density": True, "label": label}
    look["range"] = (float(ends[0]), float(ends[1]))
    return ax.hist(values, bin_count(len(values), 8, 80), **look)[2]


def bin_count(n: int, least: int, most: int) -> int:
    """Bins of a histogram of so many values."""
    return int(min(most, max(least, round(2.0 * n ** (1.0 / 3.0)))))


def student_density(t: FloatArray, dof: float) -> FloatArray:
    """Student's density; the normal one for infinite `dof`."""
    if math.isinf(dof):
        normal: FloatArray = np.exp(-0.5 * t * t) / math.sqrt(2.0 * math.pi)
        return normal
    scale = math.lgamma(0.5 * (dof + 1.0)) - math.lgamma(0.5 * dof)
    log = scale - 0.5 * (dof + 1.0) * np.log1p(t * t / dof)
    density: FloatArray = np.exp(log) / math.sqrt(math.pi * dof)
    return density


def _finish(ax: Axes, label: str) -> None:
    ax.set_xlabel(label)
    ax.xaxis.set_major_locator(MaxNLocator(4))
    ax.set_yticks([])
