"""How far fits of many rows are, for a callback."""

from __future__ import annotations

from collections.abc import Callable
from time import perf_counter
from typing import NamedTuple

__all__ = ["ManyProgress", "ProgressMeter"]


class ManyProgress(NamedTuple):
    """What a progress callback is called with.

    Attributes
    ----------
    n_done, n_rows : int
        Rows that are done, and all of them.
    n_failed : int
        Rows without a converged fit, of the blocks that are finished.
    seconds : float
        Since the first fit began.

    Examples
    --------
    >>> progress = ManyProgress(500, 2000, 3, 0.5)
    >>> progress.rate, progress.seconds_left
    (1000.0, 1.5)
    """

    n_done: int
    n_rows: int
    n_failed: int
    seconds: float

    @property
    def rate(self) -> float:
        """Fits per second so far."""
        return self.n_done / self.seconds if self.seconds > 0.0 else 0.0

    @property
    def seconds_left(self) -> float:
        """Seconds until the end at this rate."""
        rate = self.rate
        return (self.n_rows - self.n_done) / rate if rate > 0.0 else float("inf")


class ProgressMeter:
    """Counts rows that are done, and calls a callback with them.

    Parameters
    ----------
    callback : callable or None
        Called with a `ManyProgress`; raises to stop.
    n_rows : int
        Rows to be done in all.
    """

    def __init__(
        self, callback: Callable[[ManyProgress], None] | None, n_rows: int
    ) -> None:
        self._callback, self._n_rows = callback, n_rows
        self._n_done = self._n_failed = 0
        self._began = perf_counter()

    @property
    def seconds(self) -> float:
        """Since the meter was made."""
        return perf_counter() - self._began

    def add(self, n_rows: int, n_failed: int) -> None:
        """Count the rows of a finished block."""
        self._n_done += n_rows
        self._n_failed += n_failed

    def update(self, n_begun: int = 0) -> None:
        """Call the callback, with so many rows of the next block begun."""
        if self._callback is not None:
            n_done = self._n_done + n_begun
            self._callback(
                ManyProgress(n_done, self._n_rows, self._n_failed, self.seconds)
            )
