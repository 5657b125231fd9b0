"""A minibatch run bound to the compiled loop: its state, its records, its averages.

All that a resumed run needs stands in a snapshot; `engine.descent` holds the loop.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from physfit.engine import descent as loop
from physfit.engine import jit
from physfit.engine.addresses import address_of
from physfit.engine.chain import stages_of
from physfit.engine.descent import DescentJob, DescentState
from physfit.engine.gradient import gradient_of_rows
from physfit.engine.host import evaluation
from physfit.engine.workers import check
from physfit.objective import Objective
from physfit.optim.base import Transform
from physfit.optim.schedules import Schedule
from physfit.optim.transforms import projected
from physfit.solve.history import History
from physfit.solve.scaling import Scaling
from physfit.typing import FloatArray, IntArray

__all__ = ["DescentRun", "vectors_of"]

#: Records that a history holds, about.
RECORDS = 1000


class DescentRun:
    """One run of the minibatch loop.

    Parameters
    ----------
    term : Objective
        Of model and loss.
    transforms : sequence of Transform
        Those that only observe stand behind the projection on the bounds.
    theta, lower, upper : ndarray, shape (P,)
        Start values and bounds.
    scaling : Scaling
    learning_rate : Schedule
    batch_size : int
    n_steps : int
        Steps that are planned; sets how often a record is made.
    """

    def __init__(
        self,
        term: Objective,
        transforms: tuple[Transform, ...],
        theta: FloatArray,
        lower: FloatArray,
        upper: FloatArray,
        *,
        scaling: Scaling,
        learning_rate: Schedule,
        batch_size: int,
        n_steps: int,
        max_steps: int | None = None,
        limit: float = np.inf,
    ) -> None:
        self.term = term
        self.scaling = scaling
        self.learning_rate = learning_rate
        self.batch_size = batch_size
        self.n_free = len(theta)
        bounded = bool(np.isfinite(lower).any() or np.isfinite(upper).any())
        self.transforms = projected(transforms) if bounded else transforms
        self.stages = stages_of([own.stage for own in self.transforms], self.n_free)
        self.state = np.zeros(loop.descent_size(self.n_free, self.stages.n_state))
        self._start(theta, lower, upper)
        self.state[DescentState.max_steps] = np.inf if max_steps is None else max_steps
        self.state[DescentState.limit] = limit
        every = max(1, -(-n_steps // RECORDS))
        self._records = np.zeros((RECORDS + 8, loop.RECORD + self.n_free))
        self._seconds = np.zeros(0)
        self._now = 0.0
        self._run = self._words(every)
        self._call = evaluation(loop.descend, term.calls_python)

    def _start(self, theta: FloatArray, lower: FloatArray, upper: FloatArray) -> None:
        scale = self.scaling.scale
        vectors = vectors_of(self.state, self.n_free)
        vectors[loop.SCALE] = scale
        vectors[loop.Z] = theta / scale
        vectors[loop.THETA] = theta
        vectors[loop.LOWER] = lower / scale
        vectors[loop.UPPER] = upper / scale
        with np.errstate(all="ignore"):  # absurd starts; the run then says so
            vectors[loop.METRIC] = scale**2 / self.scaling.loss_size
        self.state[DescentState.loss_size] = self.scaling.loss_size

    def _words(self, every: int) -> IntArray:
        run = np.zeros(DescentJob.SIZE, dtype=np.int64)
        run[DescentJob.function] = jit.compiled(gradient_of_rows).address
        run[DescentJob.problem] = self.term.address
        run[DescentJob.stages] = address_of(self.stages.words)
        run[DescentJob.n_stages] = len(self.transforms)
        run[DescentJob.hyper] = address_of(self.stages.hyper)
        run[DescentJob.n] = self.n_free
        run[DescentJob.batch] = self.batch_size
        run[DescentJob.state] = address_of(self.state)
        run[DescentJob.history] = address_of(self._records)
        run[DescentJob.n_history] = len(self._records)
        run[DescentJob.every] = every
        return run

    @property
    def status(self) -> int:
        """Status of the compiled loop."""
        return int(self.state[DescentState.status])

    @property
    def n_steps(self) -> int:
        """Steps done."""
        return int(self.state[DescentState.t])

    def planned(self, n_rows: int) -> int:
        """Steps over so many rows, no more than the limit of them."""
        return int(
            min(-(-n_rows // self.batch_size), self.state[DescentState.max_steps])
        )

    @property
    def n_rows(self) -> int:
        """Rows seen in steps that are done."""
        return int(self.state[DescentState.n_seen])

    @property
    def rate(self) -> float:
        """Learning rate of the last step."""
        return float(self.state[DescentState.rate])

    @property
    def last_cost(self) -> float:
        """Mean loss of the last batch."""
        return float(self.state[DescentState.last_cost])

    @property
    def total_cost(self) -> float:
        """Sum of rho over all rows seen, each at the parameters of its own step."""
        return float(self.state[DescentState.total_cost])

    @property
    def theta(self) -> FloatArray:
        """Free parameters after the last step."""
        vectors = vectors_of(self.state, self.n_free)
        return np.array(vectors[loop.THETA])

    @property
    def average(self) -> FloatArray | None:
        """Average of the free parameters; None when none is taken."""
        place = _average_of(self.transforms)
        if place is None or self.n_steps == 0:
            return None
        start = DescentState.SIZE + (loop.N_VECTORS + place) * self.n_free
        found: FloatArray = self.state[start : start + self.n_free] * self.scaling.scale
        return found

    @property
    def answer(self) -> FloatArray:
        """The averaged parameters, or the last ones where none are averaged."""
        average = self.average
        return self.theta if average is None else average

    def advance(self, window: Any, seconds: float) -> int:
        """Run through the rows of a window; `seconds` is the time since the start."""
        check()
        self.term.bind(window.x, window.y, window.weights, window.n)
        first = self.n_steps + 1
        steps = np.arange(first, first + window.n // self.batch_size + 3, dtype=float)
        rates = self.learning_rate(steps)
        self._run[DescentJob.rates] = address_of(rates)
        self._run[DescentJob.first_rate] = first
        self._call(address_of(self._run), 0, window.n, int(window.is_last))
        self._mark(seconds)
        return self.status

    def _mark(self, seconds: float) -> None:
        """Times of the new records, between that of the one before and now."""
        self._now = seconds
        n = int(self.state[DescentState.n_records])
        known = len(self._seconds)
        if n == known:
            return
        rows = self._records[:n, 3]
        before = (rows[known - 1], self._seconds[known - 1]) if known else (0.0, 0.0)
        now = max(float(self.n_rows), rows[-1])
        new = np.interp(rows[known:], [before[0], now], [before[1], seconds])
        self._seconds = np.concatenate([self._seconds, new])

    def snapshot(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Copy of everything that a run needs to go on bit by bit.

        Returns
        -------
        state : ndarray
            Of the compiled loop.
        records : ndarray, shape (n_records, 4 + P)
            Step, rate, mean loss, rows seen, scaled parameters.
        record_seconds : ndarray, shape (n_records,)
        """
        n = int(self.state[DescentState.n_records])
        return self.state.copy(), self._records[:n].copy(), self._seconds

    def restore(
        self,
        state: FloatArray,
        records: FloatArray,
        record_seconds: FloatArray,
        seconds: float,
    ) -> None:
        """Go on where a snapshot was taken, after so many seconds of the run."""
        self.state[:] = state
        self._records[: len(records)] = records
        self._seconds = record_seconds
        self._now = seconds

    def history(self) -> History:
        """Records in the parameters' own units, the last step among them."""
        n = int(self.state[DescentState.n_records])
        records, seconds = self._records[:n].copy(), self._seconds.copy()
        records[:, loop.RECORD :] *= self.scaling.scale
        if self.n_steps > (records[-1, 0] if n else 0):
            cost, rows = self.state[[DescentState.shown_cost, DescentState.shown_rows]]
            mean = float(cost / rows)
            numbers = [self.n_steps, self.rate, mean, self.n_rows]
            records = np.vstack([records, np.concatenate([numbers, self.theta])])
            seconds = np.append(seconds, self._now)
        step, rate, loss, n_rows = np.ascontiguousarray(records[:, : loop.RECORD].T)
        return History(step, n_rows, rate, loss, seconds, records[:, loop.RECORD :])


def vectors_of(state: FloatArray, n: int) -> FloatArray:
    """Vectors of the state as rows of a view."""
    flat = state[DescentState.SIZE : DescentState.SIZE + loop.N_VECTORS * n]
    return flat.reshape(loop.N_VECTORS, n)


def _average_of(transforms: tuple[Transform, ...]) -> int | None:
    """Which state vector holds the average of the last transform that observes."""
    place, found = 0, None
    for own in transforms:
        if own.kind.observes:
            found = place
        place += len(own.kind.state)
    return found
