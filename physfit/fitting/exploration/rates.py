"""`find_rate`: which learning rates are too small, right and too big.

Every rate of a geometric series is tried for the same number of steps, all from the
same start, and judged by the mean loss at the end. A single run with a growing rate,
the usual range test, is cheaper but late: while the rate eta passes 1 / L, with L the
largest curvature, the error along the steepest direction is multiplied by |1 - eta L|
at every step, and is back at its first size only where

    integral from 0 to eta L of ln|1 - s| / s ds = 0 ,

at eta L = 13 however slowly the rate grows, though gradient descent is unstable from 2
on. From the same start, 50 steps at eta L = 2.2 multiply the loss there by 8e7.

The suggestion is half the rate with the lowest loss at the end, and at most a quarter
of the first one that blows up: what works for 50 steps must work for thousands, where
the curvature changes on the way, and the best of them often stands at the edge. Where
many rates arrive at the minimum, the lowest loss is one of rounding; the rate in the
middle of them counts.

References
----------
Smith, Cyclical learning rates (2017): the range test by one run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from os import PathLike
from time import perf_counter
from typing import Any, Unpack

import numpy as np
from numpy.typing import NDArray

from physfit.data.arrays import NanPolicy
from physfit.data.record import Observations
from physfit.data.sampled_rows import sample_of
from physfit.data.table import Table
from physfit.document.blocks import Document, Text, table
from physfit.engine.workers import in_threads
from physfit.errors import DomainError
from physfit.fitting.columns import Columns
from physfit.fitting.exploration.base import Exploration, counting
from physfit.fitting.exploration.descents import Trajectory, descent_settings, follow
from physfit.fitting.fit_plan import FitPlan, measured_plan
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.minibatch_settings import Minibatches
from physfit.fitting.streaming import opened
from physfit.models.as_model import as_model
from physfit.models.loss import Loss
from physfit.optim.schedules import constant
from physfit.progress import COUNTS, checked_progress, counted, draws_bar
from physfit.result.column_table import TableColumns
from physfit.result.rounding import short
from physfit.settings.doors import OfFindRate
from physfit.settings.keywords import takes
from physfit.settings.setting import checked
from physfit.settings.studies import RATES
from physfit.solve.base import Status
from physfit.typing import Column, FloatArray, IntArray

__all__ = ["RateTest", "find_rate"]

#: Rows of a file that the test runs on, spread over all of it.
ROWS = 50_000
#: A loss this many times that of the start is no success.
GROWN = 2.0
#: The suggestion is this part of the best rate, and at most this part of the first one
#: that blows up.
OF_BEST = 0.5
OF_BLOW_UP = 0.25
#: Smallest share of the loss that counts as a descent.
GAIN = 1e-3
#: Losses this close, as a share of what was gained, are the same: the run has arrived.
LEVEL = 1e-4


@dataclass(frozen=True, repr=False)
class RateTest(Exploration):
    """Loss after a number of steps at each learning rate; drawn against the rate.

    Attributes
    ----------
    expression, loss : str
        Of the model, as `parse_model` reads it, and of the loss.
    method : str
    batch_size, steps : int
        Rows of a minibatch, and steps at each rate.
    learning_rates, losses : ndarray, shape (n,)
        Rates from the lowest up, and the mean loss per sample after the steps; NaN
        where it is not finite.
    start_loss : float
        Mean loss at the start.
    lost : ndarray of bool, shape (n,)
        Whether the run at that rate diverged.
    blow_up : float or None
        Lowest rate from which on no run succeeds; None when the highest still does.
    suggestion : float or None
        A rate to begin with; None when the loss never falls.
    seconds : float
    """

    expression: str
    loss: str
    method: str
    batch_size: int
    steps: int
    learning_rates: FloatArray
    losses: FloatArray
    start_loss: float
    lost: NDArray[np.bool_]
    blow_up: float | None
    suggestion: float | None
    seconds: float

    FIGURE = "explorations:rates_figure"

    def _table(self) -> TableColumns:
        return {
            "learning_rate": self.learning_rates,
            "loss": self.losses,
            "diverges": self.lost,
        }

    def _document(self) -> Document:
        """The loss at about two rates a decade and at those that the advice names."""
        every = max(1, len(self.learning_rates) // 16)
        told = [self.learning_rates == self.best, self.learning_rates == self.blow_up]
        told.append(self._lost_below)
        shown = {*range(0, len(self.losses), every), *np.flatnonzero(sum(told))}
        change = 100.0 * (self.losses / self.start_loss - 1.0)
        rows = [
            (
                f"{self.learning_rates[k]:.3g}",
                short(loss, 5) if math.isfinite(loss) else "not finite",
                "diverges" if self.lost[k] else f"{change[k]:+.1f} %",
            )
            for k, loss in enumerate(self.losses)
            if k in shown
        ]
        title = (
            f"{self.expression}, {self.loss}: {self.steps} steps of {self.method} at "
            f"each rate, batches of {self.batch_size}"
        )
        start = f"mean loss at the start: {short(self.start_loss, 5)}"
        return [
            Text([title, start]),
            table("r", ("learning rate", "loss", "change"), rows),
            Text(self._advice()),
        ]

    @property
    def _lowest(self) -> IntArray:
        losses = np.where(self.lost, np.inf, self.losses)
        return lowest_losses(losses, self.start_loss)

    @property
    def best(self) -> float | None:
        """Rate with the lowest loss, the middle one of those level with it."""
        lowest = self._lowest
        return float(self.learning_rates[middle_of(lowest)]) if lowest.size else None

    @property
    def _lost_below(self) -> NDArray[np.bool_]:
        """Which of the rates diverge though a higher one does not."""
        if self.blow_up is None:
            return self.lost
        return self.lost & (self.learning_rates < self.blow_up)

    def _advice(self) -> list[str]:
        """What to do with it, in a sentence or two, of rates that the table has."""
        return [self._end_of_success(), self._proposal()]

    def _end_of_success(self) -> str:
        """From which rate on, or at which rates, runs diverge."""
        highest = f"{self.learning_rates[-1]:.3g}"
        n_lost = int(np.sum(self._lost_below))
        if self.blow_up is not None:
            below = f", and at {n_lost} of those below" if n_lost else ""
            return f"from a rate of {self.blow_up:.3g} on the loss blows up{below}"
        if n_lost:
            return f"{n_lost} of the rates diverge, but not the highest, {highest}"
        return f"no rate up to {highest} diverges"

    def _proposal(self) -> str:
        """The suggestion, and of which rate it is a part."""
        if self.suggestion is None or self.best is None:
            return (
                f"at none of the rates the loss falls by {100.0 * GAIN:g} %: begin "
                "further away, or fit"
            )
        n_level = self._lowest.size
        where = f"in the middle of the {n_level} rates with" if n_level > 1 else "with"
        why = f"half of {self.best:.3g}, {where} the lowest loss"
        if self.suggestion < OF_BEST * self.best:
            why = f"a quarter of {self.blow_up:.3g}, where the loss blows up"
        return f"suggested rate: {self.suggestion:.3g}, {why}"


@takes(OfFindRate)
@draws_bar("trying rates", counted)
@np.errstate(all="ignore")
def find_rate(
    model: Any,
    x: Column | Table | str | PathLike[str],
    y: Column | None = None,
    *,
    sigma: Column | float | None = None,
    start: Mapping[str, float] | str | None = None,
    loss: str | Loss = "chi2",
    progress: Callable[[int, int], None] | bool | None = None,
    nan: NanPolicy = "raise",
    dataset: str | None = None,
    units: tuple[str, str] = ("", ""),
    **settings: Unpack[OfFindRate],
) -> RateTest:
    """Try learning rates, each for some steps from the same start.

    Parameters
    ----------
    model, x, y, sigma, loss, nan, dataset, units
        As for `physfit.fit`. Of an HDF5 file a sample of 50,000 rows is taken.
    start : mapping of str to float, or "random", optional
        As for `physfit.fit`. The test says most from where a fit will really begin.
    progress : callable or bool, optional
        Given the number of rates that are done, and of all. True draws a bar.
    **settings
        Which rates are tried, and how.

    Returns
    -------
    RateTest

    Raises
    ------
    InputError, ModelError, DataError
        Arguments, model or file are not usable.

    Examples
    --------
    >>> import numpy as np
    >>> from physfit.models import Exponential
    >>> t = np.linspace(0.0, 4.0, 40)
    >>> y = 3.0 * np.exp(-t / 1.5)
    >>> start = {"amplitude": 1.0, "decay": 3.0}
    >>> test = find_rate(Exponential(), t, y, sigma=0.1, method="gd", start=start)
    >>> test.blow_up > test.suggestion > 0.01
    True
    """
    began, given = perf_counter(), checked("find_rate", OfFindRate, settings)
    progress = checked_progress(progress, COUNTS)
    rates, steps = _rates(given["learning_rate"], given["per_decade"]), given["steps"]
    columns = Columns(*(x, y, sigma, nan, dataset, units), x_range=given["x_range"])
    with opened(as_model(model, start=start), columns) as (model, data):
        if not isinstance(data, Observations):
            data = sample_of(data, ROWS, nan=nan)
    asked = FitSettings.of(given, loss=loss, start=start).without("learning_rate")
    plan = measured_plan(model, data, asked)
    n_rows = data.y.shape[1]
    options = descent_settings(given["method"], n_rows, asked, steps)
    options = options._replace(max_steps=steps)
    paths = _tried(plan, options, rates, asked.n_threads, progress)
    ends = np.stack([path.end for path in paths])
    losses = plan.objective.costs(ends) / n_rows
    start_loss = plan.objective.cost(plan.theta) / n_rows
    lost = np.array([path.status is Status.DIVERGED for path in paths])
    blow_up, suggestion = judged(rates, losses, start_loss, lost)
    return RateTest(
        expression=plan.model.expression,
        loss=str(plan.loss),
        method=str(options.optimizer),
        batch_size=options.batch_size,
        steps=steps,
        learning_rates=rates,
        losses=np.where(np.isfinite(losses), losses, np.nan),
        start_loss=start_loss,
        lost=lost | ~(losses <= GROWN * start_loss),
        blow_up=blow_up,
        suggestion=suggestion,
        seconds=perf_counter() - began,
    )


def judged(
    rates: FloatArray, losses: FloatArray, start_loss: float, lost: Any
) -> tuple[float | None, float | None]:
    """Rate of the blow-up and the suggestion; None where there is none."""
    good = ~np.asarray(lost) & (losses <= GROWN * start_loss)
    successes = np.flatnonzero(good)
    first_bad = 0 if not successes.size else int(successes[-1]) + 1
    blow_up = float(rates[first_bad]) if first_bad < len(rates) else None
    lowest = lowest_losses(np.where(good, losses, np.inf), start_loss)
    if not lowest.size:
        return blow_up, None
    most = math.inf if blow_up is None else OF_BLOW_UP * blow_up
    return blow_up, min(OF_BEST * float(rates[middle_of(lowest)]), most)


def lowest_losses(losses: FloatArray, start_loss: float) -> IntArray:
    """Places of the lowest loss and of those level with it; none where none falls."""
    lowest = float(losses.min())
    if not lowest < (1.0 - GAIN) * start_loss:
        return np.empty(0, dtype=np.int64)
    return np.flatnonzero(losses <= lowest + LEVEL * (start_loss - lowest))


def middle_of(places: IntArray) -> int:
    """The middle one, of an even number the later."""
    return int(places[len(places) // 2])


def _rates(
    learning_rate: tuple[float | None, float | None], per_decade: int
) -> FloatArray:
    try:
        low, high = learning_rate
        lowest = RATES[0] if low is None else float(low)
        highest = RATES[1] if high is None else float(high)
    except (TypeError, ValueError):
        lowest = highest = math.nan
    if not 0.0 < lowest < highest < math.inf:
        raise DomainError(
            "`learning_rate` must be the lowest and the highest rate to try, such as "
            f"{RATES}, but is {learning_rate!r}."
        )
    n = max(2, round(per_decade * math.log10(highest / lowest)) + 1)
    return np.geomspace(lowest, highest, n)


def _tried(
    plan: FitPlan,
    options: Minibatches,
    rates: FloatArray,
    threads: int,
    progress: Callable[[int, int], None] | None,
) -> list[Trajectory]:
    """A descent at each rate."""

    def run(rate: float) -> Trajectory:
        own = options._replace(learning_rate=constant(rate))
        return follow(plan, plan.theta, own)

    callback = counting(progress)
    return in_threads(lambda: run, rates.tolist(), threads, progress=callback)
