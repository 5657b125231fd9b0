"""Minibatch descent over a stream of rows, until the epochs end or nothing moves.

The run may stop early: the averaged parameters have come to rest when, since about
half as many steps, none has moved by more than `tolerance` standard errors. The errors
come from the Gauss-Newton sums of a sample of the rows, scaled to all of them. Rest is
no minimum: a rate too small, or one that falls too fast, comes to rest as well. So the
distance that is left is measured then, by a pass over all rows. At the minimum the run
ends; away from it, it goes on and rest is looked for anew, unless the steps that are
left cannot lead there either: a parameter that moved by m while the rates of the steps
added up to S moves by m S' / S in steps whose rates add up to S', if its gradient stays
the same, and the minimum must not be `MUCH` times as far.

What is kept for resuming is a snapshot at the end of a window, replaced as a whole: an
interruption at any moment finds the last one complete.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from typing import Annotated, Any, NamedTuple

import numpy as np

from physfit.data.files.schema import Array, Count
from physfit.engine import descent as loop
from physfit.solve.base import Progress, ProgressCallback, Status
from physfit.solve.descent_run import DescentRun
from physfit.typing import FloatArray

__all__ = ["BATCH_GROWN", "NEAR", "Saved", "descend"]

#: Standard errors from the minimum that change a stated error by less than 5 %.
NEAR = 0.3

#: A new check when the steps have grown by this factor; the third before is compared.
GROWTH = 1.26
BACK = 3
#: Steps before the first check; averages of fewer say nothing about rest.
FIRST = 100
#: So many times as far as averages at rest would move they may still come by chance.
MUCH = 10.0
#: Steps whose rates are added up, at most.
SUMMED = 1000
#: A window's mean loss this many times that at the start has diverged.
GROWN = 10.0
#: The same for one batch, whose loss may be large by chance.
BATCH_GROWN = 1000.0


class Saved(NamedTuple):
    """A run at the end of a window: what a checkpoint holds.

    Attributes
    ----------
    state, records, record_seconds : ndarray
        What `DescentRun.snapshot` gives.
    checks : ndarray, shape (n_checks, 1 + P)
        Steps and averages at the last checks.
    epoch, window : int
        The window that comes next.
    seconds : float
        Time of the run so far.
    status : Status
        RUNNING, or why it is over.
    """

    state: Annotated[FloatArray, Array("n_state")]
    records: Annotated[FloatArray, Array("n_records", "n_columns")]
    record_seconds: Annotated[FloatArray, Array("n_records", ge=0.0, le=1e12)]
    checks: Annotated[FloatArray, Array("n_checks", "n_checked")]
    epoch: Count
    window: Count
    seconds: float
    status: Status


_STATUSES = {
    loop.DIVERGED: Status.DIVERGED,
    loop.NOT_FINITE: Status.DIVERGED,
    loop.ENOUGH: Status.MAX_STEPS,
}


def descend(
    run: DescentRun,
    windows: Iterable[Any],
    total_rows: int,
    *,
    tolerance: float = 0.0,
    stderr: Callable[[FloatArray], FloatArray] | None = None,
    distance: Callable[[FloatArray], float] | None = None,
    start_loss: float = math.inf,
    saved: Saved | None = None,
    keep: Callable[[Saved, bool], None] | None = None,
    progress: ProgressCallback | None = None,
) -> Status:
    """Run over a stream of windows, until the status that is returned.

    Parameters
    ----------
    run : DescentRun
        Fresh; restored from `saved` here.
    windows : iterable of Window
        From the position of `saved` on.
    total_rows : int
        Rows of all epochs.
    tolerance : float
        Fraction of a standard error by which averages at rest may still move; 0 never
        stops before the last epoch.
    stderr : callable, optional
        Standard errors at free parameters, for the rule of rest.
    distance : callable, optional
        How many standard errors the minimum is away from free parameters, or NaN; asked
        for averages at rest. Without it, these are the end.
    start_loss : float
        Mean loss at the start values; what grows far beyond it has diverged.
    saved : Saved, optional
        Where to go on.
    keep : callable, optional
        Given a `Saved` after each window with False, and with True when the run ends,
        by itself or by an exception.
    progress : callable, optional
        Given a `Progress` after each window.
    """
    watch = _Watch(run, total_rows, tolerance, saved, start_loss)
    latest = saved
    if saved is not None and saved.status is not Status.RUNNING:
        return saved.status
    try:
        for window in windows:
            run.advance(window, watch.seconds())
            status = watch.ended(stderr, distance)
            latest = watch.saved(window, status)
            if status is not Status.RUNNING:
                break
            if keep is not None:
                keep(latest, False)
            if progress is not None:
                progress(watch.progress())
    finally:
        if keep is not None and latest is not None:
            keep(latest, True)
    ended = latest is not None and latest.status is not Status.RUNNING
    return latest.status if latest and ended else Status.EPOCHS_DONE


class _Watch:
    """Looks at a run after each window: time, rest, growth."""

    def __init__(
        self,
        run: DescentRun,
        total_rows: int,
        tolerance: float,
        saved: Saved | None,
        start_loss: float,
    ) -> None:
        self._run = run
        self._total = total_rows
        self._tolerance = tolerance
        self._before = 0.0 if saved is None else saved.seconds
        self._began = time.perf_counter()
        self._checks = np.empty((0, 1 + run.n_free)) if saved is None else saved.checks
        self._limit = GROWN * start_loss
        self._recent = math.nan
        if saved is not None:
            run.restore(*saved[:3], saved.seconds)
        self._mark = (run.n_rows, run.total_cost)

    def seconds(self) -> float:
        """Time of the run, what came before an interruption included."""
        return self._before + time.perf_counter() - self._began

    def ended(
        self,
        stderr: Callable[[FloatArray], FloatArray] | None,
        distance: Callable[[FloatArray], float] | None,
    ) -> Status:
        """Why the run ends here; RUNNING when it goes on."""
        run = self._run
        if run.status == loop.NOT_FINITE and run.n_steps == 0:
            return Status.NOT_FINITE_AT_START
        if run.status != loop.RUNNING:
            return _STATUSES[run.status]
        rows, cost = self._mark
        if run.n_rows > rows:
            self._recent = (run.total_cost - cost) / (run.n_rows - rows)
            self._mark = (run.n_rows, run.total_cost)
        if self._recent > self._limit:
            return Status.DIVERGED
        moved = math.inf if stderr is None else self._moved(stderr)
        if not moved <= self._tolerance:
            return Status.RUNNING
        if distance is None or not self._may_arrive(distance, moved):
            return Status.SETTLED
        self._checks = self._checks[-1:]
        return Status.RUNNING

    def _may_arrive(
        self, distance: Callable[[FloatArray], float], moved: float
    ) -> bool:
        """Whether averages at rest are away from the minimum, and steps lead there."""
        left = distance(self._run.answer) - NEAR
        now, planned = self._run.n_steps, self._run.planned(self._total)
        done = self._rates(int(self._checks[0, 0]), now)
        reach = MUCH * moved * self._rates(now, planned)
        return bool(left > 0.0 and left * done <= reach)

    def _rates(self, first: int, last: int) -> float:
        """Sum of the rates from one step to another, from so many of them."""
        n = min(last - first, SUMMED)
        if n <= 0:
            return 0.0
        steps = np.linspace(first + 1, last, n).round()
        return float(self._run.learning_rate(steps).mean() * (last - first))

    def _moved(self, stderr: Callable[[FloatArray], FloatArray]) -> float:
        """Standard errors that averages moved since half the steps; else infinite."""
        average = self._run.average
        if average is None or not self._tolerance > 0.0:
            return math.inf
        steps = float(self._run.n_steps)
        if steps < FIRST:
            return math.inf
        if len(self._checks) and steps < GROWTH * self._checks[-1, 0]:
            return math.inf
        row = np.concatenate([[steps], average])
        self._checks = np.vstack([self._checks[-BACK:], row])
        if len(self._checks) <= BACK:
            return math.inf
        moved = np.abs(average - self._checks[0, 1:]) / stderr(average)
        return float(np.max(moved, initial=0.0))

    def saved(self, window: Any, status: Status) -> Saved:
        """What a checkpoint at the end of that window holds."""
        epoch, following = window.epoch, window.index + 1
        if window.is_last:
            epoch, following = epoch + 1, 0
        now = (*self._run.snapshot(), self._checks)
        return Saved(*now, epoch, following, self.seconds(), status)

    def progress(self) -> Progress:
        """What a callback is told."""
        run = self._run
        return Progress(
            run.n_steps,
            -(-self._total // run.batch_size),
            self._recent,
            run.theta,
            learning_rate=run.rate,
            n_rows=run.n_rows,
            total_rows=self._total,
        )
