"""What figures of rows draw: a quantity over a map, with marks where it has no number.

Rows without a good number are never drawn as one. They are grey, which the scale of
values is nowhere, and the legend counts them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from matplotlib.patches import Patch
from numpy.typing import NDArray

from physfit.plot.reasons import GOOD, Reason
from physfit.plot.robust_range import agreeing, robust_limits
from physfit.plot.style import ROLES

if TYPE_CHECKING:
    from physfit.data.row_data import Axis

__all__ = ["MARKS", "Kinds", "Picture", "mark_label", "patch"]

Array = NDArray[Any]


class Mark(NamedTuple):
    """How such a row is shown: its name, its grey, and its marker along a line."""

    name: str
    color: str
    marker: str


#: The darker, the less there is of an answer.
MARKS = {
    Reason.UNDETERMINED: Mark("not determined by the data", "#9A9A9A", "+"),
    Reason.FAILED: Mark("not converged", "#6B6B6B", "x"),
    Reason.UNFITTED: Mark("not fitted", "#2B2B2B", "|"),
    Reason.NO_ERROR: Mark("at a bound, no error", "#BEBEBE", "_"),
    Reason.WEAK: Mark("too weak", "#E2E2E2", "2"),
    Reason.LEFT_OUT: Mark("left out by `where`", "#FFFFFF", "1"),
}


class Picture(NamedTuple):
    """A quantity over the rows of a map.

    Attributes
    ----------
    values : ndarray, shape (ny, nx) or (n,)
    marks : ndarray of uint8
        GOOD, or a code of MARKS, in the same shape.
    axes : sequence of Axis
        Slowest first.
    label : str
        The quantity with its unit.
    error : ndarray or None
        Standard errors, for the band of a line.
    is_spread : bool
        Whether a log scale may be used.
    rule : str
        Which rows are good, in words.
    limits : (float, float) or None
        Ends of colours and axis; without them those of `robust_limits`.
    """

    values: Array
    marks: Array
    axes: Sequence[Axis]
    label: str
    error: Array | None = None
    is_spread: bool = False
    rule: str = ""
    limits: tuple[float, float] | None = None

    def at(self, where: tuple[int, ...]) -> Picture:
        """The same at one place of the slowest axes."""
        error = None if self.error is None else self.error[where]
        return self._replace(
            values=self.values[where],
            marks=self.marks[where],
            axes=self.axes[len(where) :],
            error=error,
        )

    @property
    def good(self) -> Array:
        """Rows with a good number."""
        good: Array = (self.marks == GOOD) & np.isfinite(self.values)
        return good

    @property
    def range(self) -> tuple[float, float]:
        """Ends of colours and axis."""
        if self.limits is not None:
            return self.limits
        good = self.good
        return robust_limits(self.values[good], agreeing(self.values, good))

    @property
    def caption(self) -> str:
        """How many rows are shown, by which rule, and how many are beyond the ends."""
        shown, (low, high) = self.values[self.good], self.range
        beyond = int(((shown < low) | (shown > high)).sum())
        text = f"{len(shown)} of {self.marks.size} rows: {self.rule}"
        return f"{text}; {beyond} beyond the ends" if beyond else text


class Kinds(NamedTuple):
    """What kind each row of a map is of.

    Attributes
    ----------
    codes : ndarray of int, shape (ny, nx) or (n,)
        Numbers of the kinds.
    named : sequence of (name, color)
    axes : sequence of Axis
        Slowest first.
    """

    codes: Array
    named: Sequence[tuple[str, str]]
    axes: Sequence[Axis]

    def at(self, where: tuple[int, ...]) -> Kinds:
        """The same at one place of the slowest axes."""
        return self._replace(codes=self.codes[where], axes=self.axes[len(where) :])

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Name of each kind with how many rows are of it, and its colour."""
        counts = np.bincount(self.codes.ravel(), minlength=len(self.named)).tolist()
        kinds = zip(self.named, counts, strict=True)
        return [(f"{name}: {count}", color) for (name, color), count in kinds]


def mark_label(code: Reason, count: int, total: int) -> str:
    """Name of a mark with how many rows have it, and which share that is."""
    part = 100.0 * count / total
    text = f"{part:.{2 if part < 99.5 else 3}g}" if part >= 0.01 else "< 0.01"
    return f"{MARKS[code].name}: {count} ({text} %)"


def patch(text: str, color: str) -> Patch:
    """Entry of a legend."""
    return Patch(facecolor=color, edgecolor=ROLES["data"], linewidth=0.5, label=text)
