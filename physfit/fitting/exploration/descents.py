"""Descents from given places, on data in memory, short enough to be had by hundreds.

They take the same steps as `fit` by a first-order method; only the rows come without
threads and files: shuffled anew for every epoch, by (seed, epoch) alone. A window holds
many epochs of a small data set, so that thousands of steps are one call of compiled
code.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from physfit.data.base import Window
from physfit.document.fields import fields_html
from physfit.engine import descent as loop
from physfit.errors import InputError
from physfit.fitting.fit_plan import FitPlan
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.minibatch import run_of
from physfit.fitting.minibatch_settings import Minibatches
from physfit.fitting.pilot_fit import pilot_fit
from physfit.optim.base import Optimizer
from physfit.optim.schedules import constant
from physfit.solve.base import Status
from physfit.solve.descent_run import DescentRun
from physfit.solve.first_order import GROWN
from physfit.typing import FloatArray, IntArray

__all__ = ["Trajectory", "descent_settings", "follow"]

#: Rows of a window, about, where whole epochs fit into it.
WINDOW = 8192
#: Steps of a descent where no number of epochs is given.
STEPS = 500


class Trajectory(NamedTuple):
    """Parameters along a descent.

    Attributes
    ----------
    method : str
        Optimiser, with its settings.
    learning_rate : str
        The rate by the step, as text.
    batch_size, n_steps : int
    step : ndarray, shape (n,)
        Numbers of steps that are recorded, 0 for the start.
    theta : ndarray, shape (n, P)
        Free parameters there.
    loss : ndarray, shape (n,)
        Mean loss per sample of the rows seen since the record before; NaN at the start.
    status : Status
        EPOCHS_DONE or DIVERGED.
    """

    method: str
    learning_rate: str
    batch_size: int
    n_steps: int
    step: FloatArray
    theta: FloatArray
    loss: FloatArray
    status: Status

    @property
    def end(self) -> FloatArray:
        """Free parameters at the end."""
        last: FloatArray = self.theta[-1]
        return last

    def _repr_html_(self) -> str:
        return fields_html(self)


def descent_settings(
    method: str | Optimizer, n_rows: int, asked: FitSettings, steps: int = STEPS
) -> Minibatches:
    """Checked settings of a descent over so many rows, whose end is its answer.

    Where no number of epochs is given it takes at least `steps` steps; where no
    learning rate is given, the optimiser's own stays the same.
    """
    settings = asked.but(averaged=False).minibatches(method, n_rows)
    if "learning_rate" not in asked.minibatch:
        settings = settings._replace(
            learning_rate=constant(settings.optimizer.learning_rate)
        )
    if "epochs" not in asked.minibatch:
        n_batches = -(-n_rows // settings.batch_size)
        settings = settings._replace(epochs=max(1, -(-steps // n_batches)))
    return settings


def follow(
    plan: FitPlan,
    theta: FloatArray,
    options: Minibatches,
    *,
    guess: FloatArray | None = None,
) -> Trajectory:
    """Trajectory of a descent from free parameters `theta`.

    The scales of the parameters come from the start, and from the guess where one is
    given: a start drawn at random may say nothing about them.
    """
    if not plan.model.free_names:
        raise InputError("a descent needs at least one free parameter; free one.")
    data, loss = plan.data, plan.loss
    n_rows = data.y.shape[1]
    pilot = pilot_fit(*(plan.model, data, loss, theta, n_rows, guess), scale=plan.scale)
    run = run_of(plan.model, loss, theta, options, pilot, n_rows)
    for window in _windows(plan, options):
        if run.advance(window, 0.0) != loop.RUNNING:
            break
    highest = GROWN * max(pilot.start_loss, pilot.loss_size)
    return _path(run, theta, options, highest)


def _path(
    run: DescentRun, theta: FloatArray, options: Minibatches, highest: float
) -> Trajectory:
    """Records of a run with the start before them."""
    history = run.history()
    lost = run.status in (loop.DIVERGED, loop.NOT_FINITE) or run.last_cost > highest
    return Trajectory(
        method=options.optimizer.name,
        learning_rate=str(options.learning_rate),
        batch_size=options.batch_size,
        n_steps=run.n_steps,
        step=np.concatenate([[0.0], history.step]),
        theta=np.vstack([theta, history.theta]),
        loss=np.concatenate([[math.nan], history.loss]),
        status=Status.DIVERGED if lost else Status.EPOCHS_DONE,
    )


def _windows(plan: FitPlan, options: Minibatches) -> Iterator[Window]:
    """All epochs, many in a window where no batch reaches over the end of one."""
    objective = plan.objective
    spins = None
    if plan.model.spins:
        spins = np.ascontiguousarray(objective.x.T, dtype=np.int8)
    n, batch, epochs = objective.y.shape[1], options.batch_size, options.epochs
    together = max(1, WINDOW // n) if n % batch == 0 else 1
    for first in range(0, epochs, together):
        last = min(first + together, epochs)
        order = _order(n, range(first, last), options.seed, whole=batch == n)
        yield Window(
            x=_columns(objective.x, order) if spins is None else spins[order],
            y=_columns(objective.y, order),
            weights=_columns(objective.weights, order),
            n=len(order),
            epoch=first,
            index=0,
            is_last=True,
        )


def _columns(values: FloatArray, order: IntArray) -> FloatArray:
    """Columns in that order, one after the other in memory."""
    return np.ascontiguousarray(values[:, order])


def _order(n: int, epochs: range, seed: int, *, whole: bool) -> IntArray:
    """Rows of some epochs, each shuffled by itself; a whole batch needs no order."""
    if whole:
        return np.tile(np.arange(n), len(epochs))
    shuffled = [np.random.default_rng((seed, epoch)).permutation(n) for epoch in epochs]
    return np.concatenate(shuffled)
