"""`multistart`: the same fit from many starts, and the minima they lead to.

Each start is followed by Levenberg-Marquardt, which goes downhill only: the share of
starts that end in a minimum is the share of its basin among the ranges that were drawn
from (see `spread`). With a first-order method each start is followed by a descent
first, and by Levenberg-Marquardt from its end: the shares are then those of the minima
that the descents led to. Minibatches make a descent jump, out of shallow minima too, so
these shares say how far their noise helps.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from os import PathLike
from time import perf_counter
from typing import Any, Unpack

import numpy as np

from physfit.data.arrays import NanPolicy
from physfit.data.files.limits import check_option
from physfit.data.table import Table
from physfit.engine.workers import in_threads
from physfit.fitting.columns import Columns, observed
from physfit.fitting.exploration.descents import descent_settings, follow
from physfit.fitting.exploration.minima import MultiStart, clustered
from physfit.fitting.exploration.spread import spread_starts
from physfit.fitting.fit_plan import FitPlan, measured_plan
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.methods import refuse_idle
from physfit.fitting.minibatch_settings import Minibatches
from physfit.models.as_model import as_model
from physfit.models.loss import Loss
from physfit.progress import draws_bar, pace_of_starts
from physfit.settings.doors import OfMultistart
from physfit.settings.keywords import takes
from physfit.settings.setting import checked
from physfit.solve.base import (
    Progress,
    ProgressCallback,
    Solution,
    Status,
    Stop,
    check_run,
)
from physfit.solve.least_squares import levenberg_marquardt
from physfit.typing import Column, FloatArray

__all__ = ["multistart"]

#: Tolerances of each fit unless said otherwise.
STOP = Stop(ftol=1e-12)
#: Bytes of a start and the record of its fit.
_START_BYTES = 4096
Callback = Callable[[list[Solution | None]], None]


@takes(OfMultistart)
@draws_bar("starting", pace_of_starts)
@np.errstate(all="ignore")
def multistart(
    model: Any,
    x: Column | Table | str | PathLike[str],
    y: Column | None = None,
    *,
    sigma: Column | float | None = None,
    loss: str | Loss = "chi2",
    stop: Stop | None = None,
    progress: ProgressCallback | bool | None = None,
    nan: NanPolicy = "raise",
    dataset: str | None = None,
    units: tuple[str, str] = ("", ""),
    **settings: Unpack[OfMultistart],
) -> MultiStart:
    """Fit from many starts spread over the parameters' ranges; list the minima.

    Parameters
    ----------
    model, x, y, sigma, loss, nan, dataset, units
        As for `physfit.fit`.
    stop : Stop, optional
        Tolerances of each fit; ftol = 1e-12 if left out, which leaves parameters within
        1e-4 of their standard errors for less than 10,000 samples.
    progress : callable or bool, optional
        Given a `Progress` now and then: its steps are starts, its cost the lowest. True
        draws a bar.
    **settings
        How many starts, from where, and what goes before each fit.

    Returns
    -------
    MultiStart

    Raises
    ------
    InputError, ModelError, DataError
        Arguments, model or file are not usable.

    Examples
    --------
    >>> import numpy as np
    >>> from physfit.models import Gaussian
    >>> x = np.linspace(0.0, 10.0, 101)
    >>> model = Gaussian("a_") + Gaussian("b_")
    >>> y = np.exp(-((x - 3.0) ** 2)) + 0.6 * np.exp(-((x - 7.0) ** 2))
    >>> found = multistart(model, x, y, sigma=0.01, n_starts=40, seed=1)
    >>> found.best.forms  # the peaks may change places
    2
    """
    began, given = perf_counter(), checked("multistart", OfMultistart, settings)
    progress = check_run(stop, progress)
    columns = Columns(*(x, y, sigma, nan, dataset, units), x_range=given["x_range"])
    asked = FitSettings.of(given, loss=loss)
    plan = measured_plan(*observed(as_model(model), columns), asked)
    data = plan.data
    n_starts, seed = given["n_starts"], asked.seed
    check_option("n_starts", n_starts, _START_BYTES)
    starts = spread_starts(
        plan.model,
        data,
        plan.theta,
        n_starts,
        np.random.default_rng(seed),
        given.get("within"),
    )
    stop = STOP if stop is None else stop
    callback = None if progress is None else _by_starts(n_starts, progress)
    follow_first = None
    if given["method"] != "lm":
        follow_first = descent_settings(given["method"], data.y.shape[1], asked)
    else:
        refuse_idle(asked, "`method` is 'lm'", "seed")
    solutions = solve_starts(
        plan,
        starts,
        asked.n_threads,
        stop=stop,
        first=follow_first,
        callback=callback,
    )
    named = _named(follow_first)
    return _record(plan, starts, solutions, named, seed, began)


def _named(first: Minibatches | None) -> str:
    """Method as a report tells it."""
    if first is None:
        return "lm"
    return f"{first.optimizer}, {first.learning_rate}, batches of {first.batch_size}"


def solve_starts(
    plan: FitPlan,
    starts: FloatArray,
    threads: int,
    *,
    stop: Stop | None = None,
    first: Minibatches | None = None,
    callback: Callback | None = None,
) -> list[Solution]:
    """Levenberg-Marquardt from every start, or from where a descent from it ends."""
    lower, upper = plan.limits

    def make_worker() -> Callable[[int], Solution]:
        objective = plan.objective.twin()

        def solved(number: int) -> Solution:
            theta, lost = starts[number], False
            if first is not None:
                own = first._replace(seed=first.seed + number)
                path = follow(plan, theta, own, guess=plan.theta)
                lost = path.status is Status.DIVERGED
                theta = starts[number] if lost else np.clip(path.end, lower, upper)
            found = levenberg_marquardt(objective, theta, lower, upper, stop=stop)
            return found._replace(status=Status.DIVERGED) if lost else found

        return solved

    return in_threads(make_worker, range(len(starts)), threads, progress=callback)


def _record(
    plan: FitPlan,
    starts: FloatArray,
    solutions: Sequence[Solution],
    method: str,
    seed: int,
    began: float,
) -> MultiStart:
    names = plan.model.free_names
    minima, member, noise = clustered(plan, solutions)
    return MultiStart(
        expression=plan.model.expression,
        loss=str(plan.loss),
        method=method,
        names=names,
        n_samples=plan.objective.n_samples,
        seed=seed,
        minima=minima,
        starts=starts,
        ends=np.stack([solution.theta for solution in solutions]),
        costs=np.array([solution.cost for solution in solutions]),
        member=member,
        noise=noise,
        seconds=perf_counter() - began,
    )


def _by_starts(n_starts: int, progress: ProgressCallback) -> Callback:
    """Callback that counts starts in place of steps."""

    def callback(solutions: list[Solution | None]) -> None:
        done = [solution for solution in solutions if solution is not None]
        if done:
            best = min(done, key=lambda own: (own.cost != own.cost, own.cost))
            progress(Progress(len(done), n_starts, best.cost, best.theta))

    return callback
