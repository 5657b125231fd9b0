"""Fits by first-order methods on minibatches, from a file or from memory.

The rows come from a `Source` in the order of a sampler, run through the compiled loop,
and at the end pass once more in their own order: that pass gives the cost at the
answer, its covariance, and how far the minimum still is.
"""

from __future__ import annotations

import math
from contextlib import closing

import numpy as np

from physfit.data.base import Position
from physfit.data.sampled_rows import order_notes
from physfit.data.samplers import sampler_named
from physfit.data.stream import Stream
from physfit.engine.workers import undisturbed
from physfit.fitting.fit_plan import Ended, FitPlan
from physfit.fitting.minibatch_settings import Minibatches
from physfit.fitting.passes import assessed
from physfit.fitting.pilot_fit import PilotFit, pilot_fit
from physfit.fitting.resuming import Checkpoints
from physfit.fitting.start import start_values, thinned
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.objective import Objective
from physfit.optim.transforms import average
from physfit.solve.base import ProgressCallback, Status
from physfit.solve.derivatives import noise_at
from physfit.solve.descent_run import DescentRun
from physfit.solve.domain import defined
from physfit.solve.first_order import BATCH_GROWN, NEAR, Saved, descend
from physfit.solve.scaling import scaling_of
from physfit.solve.vanishing_columns import release_of
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import Assessment

__all__ = ["fit_minibatches", "run_of"]

#: A run that ends with a mean loss this many times that at the start has diverged,
GROWN = 2.0
#: if it leaves more than this share of the data's mean square to be explained.
UNEXPLAINED = 0.1


@undisturbed
def fit_minibatches(plan: FitPlan, progress: ProgressCallback | None) -> Ended:
    """Where a run leads to, and what that is worth, by one pass over all rows."""
    plan, options = plan.measured(), plan.method.minibatches
    assert options is not None
    guess = None
    if plan.settings.is_random:  # a place that tells more of the scales
        guess = start_values(plan.model, thinned(plan.data), None).values
    model, loss, source, theta = plan.model, plan.loss, plan.rows, plan.theta
    pilot = pilot_fit(
        *(model, plan.data, loss, theta, source.n_rows, guess), scale=plan.scale
    )
    run = run_of(model, loss, pilot.start, options, pilot, source.n_rows)
    if plan.scale is not None:
        run.term.measure_by(plan.scale)
    worth = _Worth(plan, run)
    with closing(Checkpoints(plan, options, theta)) as kept:
        saved = kept.saved
        stream = _stream(plan, options, saved)
        kept.check(run, stream)
        with stream, defined(run.term, float(plan.data.y.mean())):
            status = descend(
                run,
                stream,
                source.n_rows * options.epochs,
                tolerance=options.tolerance,
                stderr=pilot.stderr,
                distance=lambda theta: worth.at(theta).distance,
                start_loss=max(pilot.start_loss, pilot.loss_size),
                saved=saved,
                keep=kept.keep,
                progress=progress,
            )
    judged = worth.at(run.answer)
    has_grown = _has_grown(judged, run, pilot, source.n_outputs)
    solution = judged.solution._replace(
        status=_status(status, judged.distance, judged.solution.cost, has_grown),
        n_evals=worth.n_evals + -(-run.n_rows // source.n_rows),
        history=run.history(),
    )
    notes = (*judged.notes, *order_notes(source, plan.data))
    judged = judged._replace(solution=solution, notes=notes)
    return Ended(solution, plan.scale, judged)


def _stream(plan: FitPlan, options: Minibatches, saved: Saved | None) -> Stream:
    """Windows of the rows, from where a run was saved on."""
    return Stream(
        plan.rows,
        sampler_named(options.sampler),
        seed=options.seed,
        epochs=options.epochs,
        memory=options.memory,
        threads=plan.settings.n_threads,
        nan=plan.nan,
        loss=plan.loss.kernel,
        position=Position(saved.epoch, saved.window) if saved else Position(),
    )


def run_of(
    model: Model,
    loss: Loss,
    theta: FloatArray,
    options: Minibatches,
    pilot: PilotFit,
    n_rows: int,
) -> DescentRun:
    """Run that is ready for its first window."""
    scaling = scaling_of(
        options.scaling,
        theta,
        model.free_lower,
        model.free_upper,
        pilot.curvature,
        pilot.loss_size,
    )
    averaging = (average(),) if options.averaged else ()
    return DescentRun(
        Objective.of_windows(model.layout, loss),
        (*options.optimizer.transforms, *averaging),
        theta,
        model.free_lower,
        model.free_upper,
        scaling=scaling,
        learning_rate=options.learning_rate,
        batch_size=options.batch_size,
        n_steps=options.epochs * -(-n_rows // options.batch_size),
        max_steps=options.max_steps,
        limit=BATCH_GROWN * max(pilot.start_loss, pilot.loss_size),
    )


class _Worth:
    """What answers of a run are worth, each by a pass over all rows."""

    def __init__(self, plan: FitPlan, run: DescentRun) -> None:
        self._plan = plan
        self._run = run
        self._known: tuple[FloatArray, Assessment] | None = None
        self.n_evals = 0

    def at(self, answer: FloatArray) -> Assessment:
        """That of an answer, on the bounds that it has all but reached."""
        if self._known is not None and np.array_equal(self._known[0], answer):
            return self._known[1]
        lower, upper = self._plan.model.free_lower, self._plan.model.free_upper
        judged = self._pass(np.clip(answer, lower, upper))
        put = _put_on_bounds(judged, lower, upper)
        if (put != judged.solution.theta).any():
            judged = self._pass(put)
        distance = max(judged.distance, _released(self._plan, judged))
        share = _share_of_noise(self._plan, judged)
        judged = judged._replace(distance=distance * share)
        self._known = answer, judged
        return judged

    def _pass(self, theta: FloatArray) -> Assessment:
        judged = assessed(self._plan, theta, n_steps=self._run.n_steps)
        self.n_evals += judged.solution.n_evals
        return judged


def _share_of_noise(plan: FitPlan, judged: Assessment) -> float:
    """What the spread of residuals is of the noise, which is never negligible.

    Residuals of data that the model meets exactly are what is left of the way.
    """
    dof = judged.n_samples - judged.covariance.rank
    cost = judged.solution.cost
    if plan.is_absolute or dof <= 0 or not cost > 0.0:
        return 1.0
    return math.sqrt(2.0 * cost / dof) / noise_at(cost, dof, plan.data.y)


def _released(plan: FitPlan, judged: Assessment) -> float:
    """Standard errors to the minimum along parameters whose columns vanish."""
    solution = judged.solution
    if plan.is_exact or not (solution.gradient == 0.0).any():
        return 0.0
    objective, model = plan.in_passes(), plan.model
    limits = (model.free_lower, model.free_upper)
    distance = release_of(objective, solution.theta, *limits).distance
    objective.release()
    dof = judged.n_samples - judged.covariance.rank
    if distance == 0.0 or plan.is_absolute or dof <= 0:
        return distance
    spread = math.sqrt(max(2.0 * solution.cost / dof, 0.0))
    return distance / spread if spread > 0.0 else math.inf


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


def _has_grown(
    judged: Assessment, run: DescentRun, pilot: PilotFit, n_outputs: int
) -> bool:
    """Whether a run ended with a higher loss than it began, though no batch said so."""
    loss = judged.solution.cost / max(1, judged.n_samples // n_outputs)
    if not np.isfinite(loss):  # the average of places that may all be finite
        return bool((run.history().loss[-1:] > pilot.start_loss).any())
    unexplained = UNEXPLAINED * 0.5 * pilot.loss_size
    return bool(loss > max(GROWN * pilot.start_loss, unexplained))


def _status(
    ended: Status, distance: float, cost: float, has_grown: bool = False
) -> Status:
    """Whether that is a minimum, by the distance that is left to it.

    A place far worse than the start may be one, where nothing moves the model any more.
    """
    if ended in (Status.DIVERGED, Status.NOT_FINITE_AT_START):
        return ended
    if has_grown:
        return Status.DIVERGED
    if distance <= NEAR:
        return Status.SETTLED
    if not np.isfinite(cost):
        return Status.NOT_FINITE_AROUND
    return Status.RESTING if ended is Status.SETTLED else ended
