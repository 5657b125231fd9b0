"""What fits of many rows tell while they run."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["ManyProgress"]


class ManyProgress(NamedTuple):
    """What a progress callback is told.

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
