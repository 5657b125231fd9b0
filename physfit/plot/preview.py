"""Figure of a curve before it is fitted, with the peaks that it shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.figure import Figure
from matplotlib.text import Annotation

from physfit.plot.canvas import axis_label, panel
from physfit.plot.figures import BARS, PARTS, point_look
from physfit.plot.style import ROLES

if TYPE_CHECKING:
    from physfit.fitting.preview.peaks import PeakSeen
    from physfit.fitting.preview.preview import Preview

__all__ = ["peak_marks", "points", "preview_figure"]

#: Peaks whose places are written, at most.
NAMED = 12
#: Room for their arrows and places, as a part of the axis.
_ROOM = 0.2
#: Places that are written are so far apart, as a part of the axis.
_APART = 0.03


def preview_figure(preview: Preview) -> Figure:
    """Figure of the points and the peaks of a file."""
    with panel((6.4, 4.0), preview.source.rpartition("/")[2]) as (figure, ax):
        points(ax, preview)
        marks = peak_marks(ax, preview)
        if marks:  # with room for them
            low, high = ax.get_ylim()
            room = _ROOM * (high - low)
            is_up = preview.peaks[0].height > 0.0
            ax.set_ylim(low - room * (not is_up), high + room * is_up)
        table = preview.table
        ax.set_xlabel(axis_label(table.x_label, table.x_unit))
        ax.set_ylabel(axis_label(table.y_label, table.y_unit))
        if np.iscomplexobj(table.y):
            ax.legend()
    return figure


def points(ax: Axes, preview: Preview) -> list[ErrorbarContainer]:
    """The samples that are finite, with error bars where they are few."""
    table = preview.clean
    is_complex = np.iscomplexobj(table.y)
    sigma = table.sigma if table.x.size <= BARS else None
    drawn = []
    for part, name in enumerate(PARTS if is_complex else ("data",)):
        y = table.y.imag if part else table.y.real
        look: dict[str, Any] = {**point_look(table.x.size), "label": name}
        look["color"] = ROLES["imaginary" if part else "data"]
        drawn.append(ax.errorbar(table.x, y, sigma, fmt="o", elinewidth=0.7, **look))
    return drawn


def peak_marks(ax: Axes, preview: Preview) -> list[Annotation]:
    """An arrow to each peak, with the places of the highest ones."""
    table, peaks = preview.clean, preview.peaks
    if np.iscomplexobj(table.y) or not peaks:
        return []
    tops = table.y[np.searchsorted(table.x, [peak.place for peak in peaks])]
    sign = 1.0 if peaks[0].height > 0.0 else -1.0
    look: dict[str, Any] = {
        "textcoords": "offset points",
        "ha": "center",
        "va": "bottom" if sign > 0.0 else "top",
        "fontsize": 8.0,
        "rotation": 90.0,
        "arrowprops": {"arrowstyle": "-|>", "color": ROLES["model"], "lw": 0.8},
    }
    named = _apart(peaks, float(np.ptp(table.x)))
    return [
        ax.annotate(
            f"{peak.place:.5g}" if peak in named else "",
            (peak.place, top),
            (0.0, 14.0 * sign),
            **look,
        )
        for peak, top in zip(peaks, tops.tolist(), strict=True)
    ]


def _apart(peaks: Sequence[PeakSeen], length: float) -> list[PeakSeen]:
    """The highest peaks, so many and so far apart that their places can be read."""
    named: list[PeakSeen] = []
    for peak in sorted(peaks, key=lambda own: -abs(own.height)):
        gaps = (abs(peak.place - other.place) for other in named)
        if len(named) < NAMED and all(gap > _APART * length for gap in gaps):
            named.append(peak)
    return named
