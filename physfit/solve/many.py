"""Independent fits of many rows: workers in threads around the compiled loop.

A `ManyFits` is made once for a job: kernels are compiled, bounds and options written
down. Its `fit` then takes one block of rows after the other. Every worker makes one
long call that releases Python's lock; the main thread only looks now and then how far
they are, so that it sees Ctrl-C, upon which the workers stop after the fit in hand.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property, partial
from typing import Any, NamedTuple

import numpy as np

from physfit.data.row_data import RowData
from physfit.engine import blocks, fused, jit, many, normal
from physfit.engine.addresses import address_of, addresses_of
from physfit.engine.edge import held_by_edge
from physfit.engine.host import evaluation, guarded
from physfit.engine.host_calls import anew
from physfit.engine.many import Job
from physfit.engine.row_finish import FinishJob, finish_rows
from physfit.engine.row_setup import RowWorker, described, row_worker
from physfit.engine.score_sums import moments_of_residuals
from physfit.engine.state import FitState
from physfit.engine.workers import together
from physfit.models.called_guess import CalledGuess
from physfit.models.compiled_guess import CompiledGuess
from physfit.models.loss import LEAST_SQUARES, Loss
from physfit.models.model import Model
from physfit.models.spread import SpreadGuess
from physfit.objective import rounding_of
from physfit.solve.base import Status, Stop
from physfit.solve.called_starts import called_starts
from physfit.solve.derivatives import TRUSTED
from physfit.solve.least_squares import start_state
from physfit.solve.row_edges import settle_rows
from physfit.solve.row_table import Records, is_fitted, new_records
from physfit.solve.row_words import check_kind
from physfit.typing import FloatArray, IntArray

__all__ = ["COMPILED_FROM", "ManyFits", "default_stop"]

#: Consecutive rows that a worker claims at a time.
CLAIM = 16
#: Samples of a job from which on a loop of its own is compiled for the model.
COMPILED_FROM = 2_000_000

#: What a job is given by address, and where the answers go as in `Records.outputs`.
GIVEN = (Job.counter, Job.start, Job.fixed, Job.template)
OUTPUTS = range(Job.statuses, Job.scales + 1)

#: Called with how many rows of the block have been handed out; raises to stop.
Callback = Callable[[int], None]


def default_stop() -> Stop:
    """Stop of fits of many rows.

    What may be left to gain is a share of 1e-11 of the cost: at 100 samples a parameter
    is then within 3e-5 of its standard error.
    """
    return Stop(ftol=1e-11)


class ManyFits:
    """A model and a loss, ready to be fitted to any number of rows.

    Parameters
    ----------
    model : Model
        With at least one free parameter.
    loss : Loss
    stop : Stop, optional
    threads : int
    is_large : bool
        Whether compiling a loop for this model pays; the answers differ in their last
        bits, so it is decided once for all rows of a job.
    equal_weights : bool
        Whether all samples of a row have the same standard deviation.
    guess : CompiledGuess, SpreadGuess or CalledGuess, optional
        For start values that are NaN.
    chain : int
        So many consecutive rows start from the solution of the row before; 0: none.
    softened : bool
        Whether the loss is one that every finite model has a cost for, as `soften`
        says.
    """

    def __init__(
        self,
        model: Model,
        loss: Loss,
        *,
        stop: Stop | None = None,
        threads: int = 1,
        is_large: bool = False,
        equal_weights: bool = False,
        guess: CompiledGuess | SpreadGuess | CalledGuess | None = None,
        chain: int = 0,
        softened: bool = False,
    ) -> None:
        self.model = model
        layout = self.layout = model.layout
        layout.refuse_places()
        self.loss = loss
        self.n_free = len(layout.free)
        self.threads = max(1, threads)
        self.chain = chain
        self._called = guess if isinstance(guess, CalledGuess) else None
        self.guess = None if isinstance(guess, CalledGuess) else guess
        self.stop = stop = default_stop() if stop is None else stop.checked()
        self._blank = start_state(
            np.zeros(self.n_free), model.free_lower, model.free_upper, stop
        )
        self._blank[FitState.floor] = rounding_of(loss)
        self._blank[FitState.is_robust] = not loss.traits.is_likelihood
        self._is_path, self._is_begun = softened, softened
        self._blank[FitState.ends_unseen] = 0.0 if softened else 1.0
        self._fixed = np.full(layout.n_full, np.nan)
        for index, value in layout.fixed:
            self._fixed[index] = value
        block_of = blocks.softened_loss if softened else blocks.loss
        self._loss = block_of(loss.kernel).address
        self._hyper = np.array(loss.hyper, dtype=np.float64)
        self._has_domain = loss.traits.has_domain
        self._is_fused = is_large and fused.can_fuse(layout)
        is_plain = self._is_fused or loss.traits.noise is None
        self._is_padded = is_plain and not layout.needs_whole_curve
        self._workers: list[RowWorker] = []
        self._n_points = -1
        self._call = many.compiled_driver(self.n_free).call
        self._calls_python = layout.calls_python
        if self._calls_python:
            self._call = guarded(self._call)
        if self._is_fused:
            self._sums = fused.fused(layout, loss.kernel, equal_weights).address
        else:
            self._sums = jit.compiled(normal.normal_equations).address

    def variant(self, stop: Stop, *, softened: bool = False) -> ManyFits:
        """The same without guesses and chains, ending otherwise."""
        other = ManyFits(
            self.model, self.loss, stop=stop, threads=self.threads, softened=softened
        )
        other._is_begun = self._is_begun
        return other

    def soften(self, least: float, margin: float) -> None:
        """Data below `least` count as it, models below `margin` go on as a parabola."""
        self._hyper, self._workers = np.array([*self.loss.hyper, least, margin]), []

    def records(self, n_fits: int) -> Records:
        """Memory for the answers of so many fits."""
        traits = self.loss.traits
        has_moments = self._has_domain or not traits.is_likelihood
        return new_records(n_fits, self.n_free, has_moments)

    def fit(
        self,
        data: RowData,
        start: FloatArray,
        *,
        numbers: IntArray | None = None,
        callback: Callback | None = None,
        out: Records | None = None,
        settled: bool = False,
    ) -> Records:
        """Fits of the rows of a block.

        Parameters
        ----------
        data : RowData
        start : ndarray, shape (P,) or (n_fits, P)
            NaN is to be guessed.
        numbers : ndarray of int, optional
            Rows to fit, one for each fit, of which none starts from another; all in
            their order if left out.
        callback : callable, optional
            Called now and then with how many fits have been begun; raises to stop.
        out : Records, optional
            Where the answers go; new memory if left out.
        settled : bool
            Whether fits that end near the edge of the loss's domain stay as they are.

        Raises
        ------
        InputError
            When the rows are not of the model's kind.
        """
        check_kind(self.layout, self.loss, data)
        n_fits = data.n_rows if numbers is None else len(numbers)
        if self._called is not None and np.isnan(start).any():
            start = called_starts(
                *(self._called, data, start),
                numbers=numbers,
                every=self.chain if self.chain and numbers is None else 1,
                check=partial(callback, 0) if callback else None,
            )
        if self._calls_python and n_fits > 0 and not self._is_begun:
            self._begin(data, start, numbers)
        records = self.records(n_fits) if out is None else out
        shared = np.zeros(16, dtype=np.int64)
        job, kept = self._job(data, start, numbers, shared, records)

        def poll(least: int = 0) -> None:
            if callback is not None:
                callback(min(max(int(shared[0]), least), n_fits))

        self._run(self._call, data, job, (kept, shared, records), poll)
        finish = None if self._is_path else _finish_of(job, records)
        if finish is not None:
            call = evaluation(finish_rows, self._calls_python)
            all_begun = partial(poll, n_fits)
            held = (kept, shared, records, finish)
            shared[:] = 0
            self._run(call, data, finish.words, held, all_begun)
        if self._has_domain and not (settled or self._is_path):
            settle_rows(self, data, numbers, records)
        return records

    def _begin(
        self, data: RowData, start: FloatArray, numbers: IntArray | None
    ) -> None:
        """Fit the first row alone: Python functions decide there how they are called.

        So the answer depends neither on which thread is first nor on earlier fits.
        """
        first = np.zeros(1, dtype=np.int64) if numbers is None else numbers[:1]
        alone = ManyFits(self.model, self.loss, stop=self.stop, guess=self.guess)
        alone._is_begun = self._is_begun = True
        with anew():
            alone.fit(data, start[:1] if start.ndim == 2 else start, numbers=first)

    def _run(
        self,
        call: Callable[[int, int], int],
        data: RowData,
        job: IntArray,
        held: tuple[Any, ...],
        poll: Callable[[], None],
    ) -> None:
        """Work through a job in threads, which hold all that it reads and writes."""
        n_workers = min(self.threads, max(1, int(job[Job.n_fits])))
        memories = self._memories(data, n_workers)
        run = partial(_work, call, job, held=held)
        # The counter and the flag lie on cache lines of their own.
        flag = held[1][8:]
        together([partial(run, memory) for memory in memories], poll, flag=flag)
        poll()

    def _job(
        self,
        data: RowData,
        start: FloatArray,
        numbers: IntArray | None,
        shared: IntArray,
        records: Records,
    ) -> tuple[IntArray, list[Any]]:
        """Integers of a job, and what they point to."""
        start = np.ascontiguousarray(start, dtype=np.float64)
        job = np.zeros(Job.SIZE, dtype=np.int64)
        kept = [start, self._fixed, self._blank, *described(job, self.layout, *data)]
        traits = self.loss.traits
        job[Job.is_padded] = self._is_padded
        job[Job.needs_scale] = self.loss.needs_scale(data.sigma is not None)
        if self._has_domain:
            job[Job.moment_sums] = jit.compiled(held_by_edge).address
        if not traits.is_likelihood:
            job[Job.moment_sums] = jit.compiled(moments_of_residuals).address
            sums = jit.compiled(normal.normal_equations).address
            job[Job.least_squares] = blocks.loss(LEAST_SQUARES.kernel).address
            job[Job.least_squares_sums] = sums
        given = (shared, start, self._fixed, self._blank, *records.outputs)
        job[[*GIVEN, *OUTPUTS]] = addresses_of(given)
        job[Job.stop] = job[Job.counter] + 64
        is_chained = self.chain > 0 and numbers is None
        job[Job.n_fits] = len(records.table.status)
        job[Job.claim] = self.chain if is_chained else CLAIM
        job[Job.is_chained] = is_chained
        if numbers is not None:
            kept.append(np.ascontiguousarray(numbers, dtype=np.int64))
            job[Job.row_numbers] = address_of(kept[-1])
        job[Job.start_by_row] = self.n_free if start.ndim == 2 else 0
        if self.guess is not None and np.isnan(start).any():
            words, plan = self._guess_words
            job[[Job.guess, Job.plan, Job.is_spread]] = words
            kept += [self.guess, plan]
        job[Job.sums] = self._sums
        return job, kept

    @cached_property
    def _guess_words(self) -> tuple[tuple[int, int, bool], IntArray]:
        """Addresses of the guess and of its plan, and that; made when first needed."""
        guess = self.guess
        assert guess is not None
        return (guess.address, address_of(guess.plan), guess.is_spread), guess.plan

    def _memories(self, data: RowData, n_workers: int) -> list[RowWorker]:
        """Memory of so many workers, for all calls with rows of that length."""
        n_points = data.n_points
        if self._n_points != n_points:
            self._workers, self._n_points = [], n_points
        n_guess = 0
        if self.guess is not None and len(self._workers) < n_workers:
            n_guess = self.guess.work_size(n_points)
        while len(self._workers) < n_workers:
            given = (self.layout, n_points, self._loss, self._hyper, n_guess)
            self._workers.append(row_worker(*given))
        return self._workers[:n_workers]


class _Finish(NamedTuple):
    words: IntArray
    chosen: IntArray


def _work(
    call: Callable[[int, int], int],
    job: IntArray,
    memory: RowWorker,
    *,
    held: tuple[Any, ...],
) -> None:
    """Work of one thread, which holds all that compiled code reads and writes."""
    call(job.ctypes.data, memory.words.ctypes.data)


def _finish_of(job: IntArray, records: Records) -> _Finish | None:
    """Job of the fits whose normal equations have lost their digits, None for none."""
    table = records.table
    records.ranks.fill(-1)
    lost = np.flatnonzero(~(table.condition < TRUSTED))
    status = table.status[lost]
    chosen = lost[is_fitted(status) & (status != Status.NOT_FINITE_AT_START)]
    if not chosen.size:
        return None
    words = np.zeros(FinishJob.SIZE, dtype=np.int64)
    words[: Job.SIZE] = job
    words[Job.n_fits], words[Job.claim] = len(chosen), CLAIM
    words[FinishJob.chosen] = address_of(chosen)
    words[FinishJob.ranks] = address_of(records.ranks)
    return _Finish(words, chosen)
