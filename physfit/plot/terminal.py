"""A curve in the characters of a terminal, drawn by plotille."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from physfit.models.example import Shown

__all__ = ["entry_lines", "terminal_lines"]

#: Points that are drawn for each column of characters, two dots wide.
_PER_COLUMN = 8


def terminal_lines(
    x: NDArray[Any], y: NDArray[Any], x_label: str, y_label: str, *, width: int
) -> list[str]:
    """Lines of a picture of points, all finite; none where there is nothing to draw.

    Parameters
    ----------
    x, y : ndarray, shape (n,)
        x ascending.
    x_label, y_label : str
    width : int
        Characters of a line.
    """
    import plotille

    if x.size < 2 or x[0] == x[-1]:
        return []
    figure = plotille.Figure()
    figure.width, figure.height = max(width - len(x_label) - 18, 20), 14
    x, y = _thinned(x, y, figure.width)
    figure.with_colors, figure.origin = False, False
    figure.x_label, figure.y_label = x_label, y_label
    figure.x_ticks_fkt = figure.y_ticks_fkt = lambda low, high: f"{low:.4g}"
    figure.scatter(x.tolist(), y.tolist())
    figure.set_x_limits(float(x[0]), float(x[-1]))
    lines = figure.show().replace("\u2800", " ").split("\n")
    return [line.rstrip() for line in lines]


def _thinned(
    x: NDArray[Any], y: NDArray[Any], n: int
) -> tuple[NDArray[Any], NDArray[Any]]:
    """The smallest and the largest of neighbours where points are very many."""
    size = x.size // (n * _PER_COLUMN)
    if size <= 2:
        return x, y
    rows = y[: y.size // size * size].reshape(-1, size)
    first = np.arange(len(rows)) * size
    at = np.union1d(first + rows.argmin(1), first + rows.argmax(1))
    at = np.union1d(at, [0, y.size - 1])
    return x[at], y[at]


def entry_lines(shown: Shown, width: int) -> list[str]:
    """The first curve in characters; nothing of an image.

    Parameters
    ----------
    shown : Shown
    width : int
        Characters of a line.
    """
    if len(shown.coordinates) == 2:
        return []
    x, y = shown.coordinates[0], np.real(shown.values[0])
    is_finite = np.isfinite(y)
    return terminal_lines(x[is_finite], y[is_finite], "x", "y", width=width)
