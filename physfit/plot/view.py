"""The part of an axis that data and curve of a fit need, whatever single samples do.

A cosmic ray a hundred times as high as the line would leave a flat curve to look at.
Samples beyond the view are marked on its edge, and counted.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import NDArray
from scipy.ndimage import median_filter

from physfit.plot.style import ROLES

__all__ = ["robust_view", "set_view"]

Array = NDArray[Any]
#: Samples of a median that a spike in the data, and one in a curve, does not pass.
IN_DATA, IN_CURVE = 5, 3
#: Samples from which on there are spikes.
FEWEST = 12
#: How many times the view may have to grow for all samples to be in it, and by which
#: share of it for the next one.
WORTH, NEXT = 4.0, 0.5
#: Share of the view above and below.
ROOM = 0.06


def robust_view(y: Array, curves: list[Array]) -> tuple[float, float]:
    """Range of an axis with data and curves in view, without single far samples.

    Parameters
    ----------
    y : ndarray, shape (n,)
        Data in the order of x; not finite where there are none.
    curves : list of ndarray, shape (n,)
        At the same samples.
    """
    seen = [(y, IN_DATA), *((curve, IN_CURVE) for curve in curves)]
    known = [(own[np.isfinite(own)], size) for own, size in seen]
    known = [(own, size) for own, size in known if own.size]
    if not known:
        return 0.0, 1.0
    low = min(float(own.min()) for own, _ in known)
    high = max(float(own.max()) for own, _ in known)
    if len(y) >= FEWEST:
        smooth = [median_filter(own, size, mode="nearest") for own, size in known]
        scatter = 4.0 * float(np.median(np.abs(known[0][0] - smooth[0])))
        least = min(float(own.min()) for own in smooth) - scatter
        most = max(float(own.max()) for own in smooth) + scatter
        if high - low > WORTH * (most - least) > 0.0:
            values = np.sort(np.concatenate([own for own, _ in known]))
            high = _reached(values[values > most] - least, most - least) + least
            low = most - _reached((most - values[values < least])[::-1], most - least)
    room = ROOM * (high - low) or 0.5 * abs(low) or 0.5
    return low - room, high + room


def _reached(values: Array, size: float) -> float:
    """How far values in order go on from a size without a gap."""
    for value in values.tolist():
        if value - size > NEXT * size:
            break
        size = value
    return size


def set_view(ax: Axes, x: Array, y: Array, *, least: float = 0.0) -> int:
    """Set the axis of y for data and the lines drawn; mark, and count, samples beyond.

    Parameters
    ----------
    ax : Axes
    x, y : ndarray, shape (n,)
        The data.
    least : float
        How far the axis reaches up and down at least, of numbers around 0.
    """
    order = np.argsort(x, kind="stable")
    curves = [_at(x[order], line) for line in ax.lines if _is_curve(line) and not least]
    low, high = robust_view(y[order], curves)
    if least:
        high = max(least, abs(low), abs(high))
        low = -high
    ax.set_ylim(low, high)
    count = 0
    look: dict[str, Any] = {"color": ROLES["data"], "markersize": 4.0}
    look |= {"linestyle": "none", "clip_on": False, "in_layout": False, "zorder": 4.0}
    for beyond, edge, marker in ((y > high, 1.0, "^"), (y < low, 0.0, "v")):
        places = x[beyond]
        count += len(places)
        height = np.full(len(places), edge)
        ax.plot(places, height, marker, transform=ax.get_xaxis_transform(), **look)
    return count


def _is_curve(line: Line2D) -> bool:
    """Whether it is the model, or a component, and no data."""
    return line.get_linestyle() != "None" and len(np.atleast_1d(line.get_xdata())) > 2


def _at(x: Array, line: Line2D) -> Array:
    """A line at some samples."""
    places, values = (np.asarray(own) for own in line.get_data())
    order = np.argsort(places, kind="stable")
    found: Array = np.interp(x, places[order], values[order])
    return found
