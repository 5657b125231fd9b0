"""Fits by first-order methods on minibatches, from a file or from memory.

The rows come from a `Source` in the order of a sampler, run through the compiled loop,
and at the end pass once more in their own order: that pass gives the cost at the
answer, its covariance, and how far the minimum still is.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import closing
from os import PathLike
from time import perf_counter
from typing import NamedTuple

import numpy as np

from physfit.data.base import Position, Source
from physfit.data.samplers import sampler_named
from physfit.data.stream import Stream
from physfit.engine.binding import Binding
from physfit.engine.jit import compile_seconds
from physfit.engine.workers import undisturbed
from physfit.errors import InputError
from physfit.fitting.pilot_fit import PilotFit, pilot_fit
from physfit.fitting.resuming import INTERVAL, Checkpoints, fingerprint
from physfit.fitting.row_problem import RowProblem
from physfit.fitting.rows import order_notes
from physfit.fitting.spins import SpinPilotFit
from physfit.fitting.start import start_values, thinned
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.optim.base import Optimizer
from physfit.optim.transforms import add_decayed_weights, add_l2, average
from physfit.result import FitResult
from physfit.solve.base import ProgressCallback, Status
from physfit.solve.descent_run import DescentRun, ScheduleLike
from physfit.solve.first_order import (
    BATCH_GROWN,
    Descended,
    DescentSettings,
    check_batch,
    descend,
)
from physfit.solve.history import RunSettings
from physfit.solve.scaling import ScalingName, scaling_of
from physfit.typing import FloatArray
from physfit.uncertainty.sandwich import Assessment

__all__ = ["Minibatches", "fit_minibatches", "run_of"]

#: Standard errors from the minimum that change a stated error by less than 5 %.
NEAR = 0.3
#: Steps that a run takes where no number of epochs is given, at least.
STEPS = 20_000
#: Rows that they see at most, unless a few epochs are more.
ROWS = 100_000_000
EPOCHS = 3
BATCH = 1024


class Minibatches(NamedTuple):
    """How rows are drawn and the parameters are moved.

    Attributes
    ----------
    optimizer : Optimizer
    schedule : callable
        Rates at an array of step numbers, counted from 1.
    batch_size, epochs : int or None
        None lets the size of the data decide.
    seed : int
    sampler : str
    scaling : str
    averaged : bool
        Whether the answer is the average of the path.
    tolerance : float
        Fraction of a standard error within which averages are at rest.
    memory : int
        Bytes for all buffers together.
    max_steps : int or None
    """

    optimizer: Optimizer
    schedule: ScheduleLike
    batch_size: int | None = None
    epochs: int | None = None
    seed: int = 0
    sampler: str = "blocks"
    scaling: ScalingName = "curvature"
    averaged: bool = True
    tolerance: float = 0.1
    memory: int = 64 << 20
    max_steps: int | None = None

    def sized(self, n_rows: int) -> Minibatches:
        """Settings with the batch and the number of epochs filled in."""
        batch = self.batch_size
        if batch is None:
            batch = n_rows if self.optimizer.name == "gd" else min(BATCH, n_rows)
        check_batch(batch, n_rows)
        epochs = self.epochs
        if epochs is None:
            passes = min(-(-STEPS // max(1, n_rows // batch)), ROWS // n_rows)
            epochs = max(EPOCHS, passes)
        if epochs < 1:
            raise InputError(f"`epochs` must be >= 1, but is {epochs!r}.")
        return self._replace(batch_size=batch, epochs=epochs)

    @property
    def chain(self) -> str:
        """What the gradient passes through, in order."""
        return " -> ".join(map(repr, self.optimizer.transforms))

    @property
    def weight_decay(self) -> float:
        """Strength of the decay of the parameters, coupled or not; 0 without."""
        strengths = (
            transform.hyper[transform.kind.hyper_names.index("decay")]
            for transform in self.optimizer.transforms
            if transform.kind in (add_l2, add_decayed_weights)
        )
        return sum(strengths, start=0.0)

    @property
    def settings(self) -> RunSettings:
        """What a result tells of them; the batch and the epochs are filled in."""
        return RunSettings(
            batch_size=int(self.batch_size or 0),
            epochs=int(self.epochs or 0),
            schedule=str(self.schedule),
            transforms=self.chain,
            seed=self.seed,
            sampler=self.sampler,
            scaling=self.scaling,
            averaged=self.averaged,
        )

    def marks(self, nan: str) -> dict[str, object]:
        """What decides how a run goes on, by name; threads do not."""
        codes: dict[str, str] = {}
        for transform in self.optimizer.transforms:  # two kinds may have one name
            name = f"code of {transform.kind.name}"
            codes[name] = f"{codes.get(name, '')} {transform.digest}".strip()
        return {
            "optimizer": self.chain,
            **codes,
            "schedule": self.schedule,
            "batch size": self.batch_size,
            "number of epochs": self.epochs,
            "seed": self.seed,
            "sampler": self.sampler,
            "scaling": self.scaling,
            "averaging": self.averaged,
            "tolerance": self.tolerance,
            "memory": self.memory,
            "limit of steps": self.max_steps,
            "policy for NaN": nan,
        }


@undisturbed
def fit_minibatches(
    problem: RowProblem,
    options: Minibatches,
    *,
    start: Mapping[str, float] | str | None = None,
    progress: ProgressCallback | None = None,
    checkpoint: str | PathLike[str] | None = None,
    checkpoint_every: float = INTERVAL,
    resume: bool = False,
) -> FitResult:
    """Fit a model to the rows of a source.

    Parameters
    ----------
    problem : RowProblem
    options : Minibatches
    start : mapping or "random", optional
        As for `physfit.fit`.
    progress : callable, optional
    checkpoint : path, optional
        File that the state is kept in, at intervals and when interrupted.
    checkpoint_every : float
        The interval, in s.
    resume : bool
        Whether to go on from that file.
    """
    began, compiled_before = perf_counter(), compile_seconds()
    model, loss, source = problem.model, problem.loss, problem.source
    options = options.sized(source.n_rows)
    theta, guessed = problem.start(start, options.seed)
    pilot = pilot_fit(model, problem.sample, loss, theta, source.n_rows)
    if isinstance(start, str):
        pilot.look_at(start_values(model, thinned(problem.sample), None)[0])
    run = run_of(model, source, options, pilot, theta, loss)
    marks = fingerprint(
        model, source, options.marks(problem.nan), loss=loss, theta=theta
    )
    checkpoints = Checkpoints(
        checkpoint, marks, data=source.name, resume=resume, every=checkpoint_every
    )
    with closing(checkpoints) as kept:
        descended = _descend(run, problem, options, pilot, kept, progress)
    assessment = _judged(problem, descended)
    notes = (*assessment.notes, *order_notes(source, problem.sample))
    assessment = assessment._replace(notes=notes)
    compiling = compile_seconds() - compiled_before
    return FitResult(
        model=model,
        data=problem.shown(assessment.n_samples),
        loss=loss,
        method=str(options.optimizer),
        solution=assessment.solution,
        start=theta,
        guessed=guessed,
        seconds=perf_counter() - began - compiling,
        compile_seconds=compiling,
        assessment=assessment,
        run=options.settings,
        weight_decay=options.weight_decay,
    )


def run_of(
    model: Model,
    source: Source,
    options: Minibatches,
    pilot: PilotFit | SpinPilotFit,
    theta: FloatArray,
    loss: Loss,
) -> DescentRun:
    """Run that is ready for its first window; `options` are sized."""
    scaling = scaling_of(
        options.scaling,
        theta,
        model.free_lower,
        model.free_upper,
        pilot.curvature,
        pilot.loss_size,
    )
    batch, epochs = int(options.batch_size or 0), int(options.epochs or 0)
    averaging = (average(),) if options.averaged else ()
    return DescentRun(
        Binding(model.layout, loss.kernel, loss.hyper),
        (*options.optimizer.transforms, *averaging),
        theta,
        model.free_lower,
        model.free_upper,
        scaling=scaling,
        schedule=options.schedule,
        batch_size=batch,
        n_steps=epochs * -(-source.n_rows // batch),
        max_steps=options.max_steps,
        limit=BATCH_GROWN * max(pilot.start_loss, pilot.loss_size),
    )


def _descend(
    run: DescentRun,
    problem: RowProblem,
    options: Minibatches,
    pilot: PilotFit | SpinPilotFit,
    kept: Checkpoints,
    progress: ProgressCallback | None,
) -> Descended:
    saved, source = kept.saved, problem.source
    at = Position() if saved is None else Position(saved.epoch, saved.window)
    batch, epochs = int(options.batch_size or 0), int(options.epochs or 0)
    stream = Stream(
        source,
        sampler_named(options.sampler),
        seed=options.seed,
        epochs=epochs,
        memory=problem.memory,
        threads=problem.threads,
        nan=problem.nan,
        loss=problem.loss.kernel,
        position=at,
    )
    settings = DescentSettings(options.tolerance, batch, epochs)
    kept.check(
        run,
        n_rows=source.n_rows,
        n_windows=stream.n_windows,
        epochs=epochs,
        all_rows=problem.nan != "omit",
    )
    with stream:
        return descend(
            run,
            stream,
            settings,
            source.n_rows,
            stderr=pilot.stderr,
            start_loss=max(pilot.start_loss, pilot.loss_size),
            saved=saved,
            keep=kept.keep,
            progress=progress,
        )


def _judged(problem: RowProblem, descended: Descended) -> Assessment:
    """What the answer is worth, by one pass over all rows; its status by that."""
    lower, upper = problem.model.free_lower, problem.model.free_upper
    theta, n_steps = np.clip(descended.theta, lower, upper), descended.n_steps
    found = problem.assessed(theta, n_steps=n_steps)
    put = _put_on_bounds(found, lower, upper)
    if (put != found.solution.theta).any():
        found = problem.assessed(put, n_steps=n_steps)
    passes = -(-descended.n_rows // problem.source.n_rows)
    solution = found.solution._replace(
        status=_status(descended.status, found.distance, found.solution.cost),
        n_evals=found.solution.n_evals + passes,
        history=descended.history,
    )
    return found._replace(solution=solution)


def _put_on_bounds(
    found: Assessment, lower: FloatArray, upper: FloatArray
) -> FloatArray:
    """Parameters, on their bound where the minimum lies beyond it and it is near.

    The path keeps to the bounds, but its average is a little inside of them.
    """
    theta, step = found.solution.theta, found.step
    variance = found.covariance.matrix.diagonal()
    stderr = np.sqrt(np.where(variance > 0.0, variance, np.inf))
    bound = np.where(step < 0.0, lower, upper)
    room = np.abs(bound - theta)
    is_near = (room <= NEAR * stderr) & np.isfinite(stderr)
    put: FloatArray = np.where(is_near & (np.abs(step) >= room), bound, theta)
    return put


def _status(ended: Status, distance: float, cost: float) -> Status:
    """Whether that is a minimum, by the distance that is left to it."""
    if ended in (Status.DIVERGED, Status.NOT_FINITE_AT_START):
        return ended
    if not np.isfinite(cost):
        return Status.NOT_FINITE_AROUND
    if distance <= NEAR:
        return Status.SETTLED
    return Status.RESTING if ended is Status.SETTLED else ended
