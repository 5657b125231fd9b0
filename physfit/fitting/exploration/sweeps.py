"""`sweep`: the same fit by a first-order method, with one setting or several varied.

Every combination of the values is a fit of its own, from the same start, over the same
number of epochs, and is judged by how far its end is from the exact least-squares
answer. Averages of the path and early stops are left out, so that what is seen is the
setting's own doing.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from os import PathLike
from typing import Any, NamedTuple, Unpack

import numpy as np

from physfit.data.arrays import NanPolicy
from physfit.data.table import Table
from physfit.document.blocks import Document, Text, table
from physfit.document.fields import fields_html
from physfit.errors import InputError, check_known
from physfit.fitting.distances import distance
from physfit.fitting.exploration.base import Exploration
from physfit.fitting.single import fit
from physfit.models.as_model import as_model
from physfit.models.loss import Loss
from physfit.optim.base import Optimizer
from physfit.optim.registry import optimizer, settings_of
from physfit.optim.schedules import Schedule
from physfit.progress import COUNTS, checked_progress, counted, draws_bar
from physfit.result import FitResult
from physfit.result.column_table import TableColumns, columns_of
from physfit.result.rounding import short
from physfit.settings.doors import OfSweep
from physfit.settings.keywords import takes
from physfit.settings.minibatches import Drawn, LearningRate
from physfit.settings.setting import checked
from physfit.solve.base import Status
from physfit.typing import Column

__all__ = ["Sweep", "SweepRun", "sweep"]

#: Settings of `physfit.fit`; all others belong to the optimiser.
OF_FIT = ("batch_size", "epochs", "seed", "sampler", "scaling", "max_steps")
#: Settings of the learning rate.
OF_RATE = ("learning_rate", "k")
Value = float | int | str


class SweepRun(NamedTuple):
    """One fit of a sweep.

    Attributes
    ----------
    settings : dict
        Values of what was varied, by name.
    distance : float
        Largest distance of a parameter from the reference, in standard errors.
    loss : float
        Mean loss per sample at the end, over all rows.
    excess_chi2 : float
        Twice the cost above that of the reference, in units of the noise.
    n_steps : int
    seconds : float
    status : Status
    """

    settings: dict[str, Value]
    distance: float
    loss: float
    excess_chi2: float
    n_steps: int
    seconds: float
    status: Status

    @property
    def diverged(self) -> bool:
        """Whether the loss grew or was not finite."""
        return self.status is Status.DIVERGED

    def _repr_html_(self) -> str:
        return fields_html(self)


@dataclass(frozen=True, repr=False)
class Sweep(Exploration):
    """Fits with varied settings.

    Drawn as the distance to the reference: a line, or a map of two settings.

    Attributes
    ----------
    expression, loss, method : str
        Of the model, as `parse_model` reads it, the loss and the optimiser.
    vary : dict of str to tuple
        What was varied, and its values.
    runs : tuple of SweepRun
        One for each combination, the last setting changing fastest.
    values, stderr : dict of str to float
        The reference: the exact answer by Levenberg-Marquardt.
    n_samples : int
        Real numbers in the data.
    """

    expression: str
    loss: str
    method: str
    vary: dict[str, tuple[Value, ...]]
    runs: tuple[SweepRun, ...]
    values: dict[str, float]
    stderr: dict[str, float]
    n_samples: int

    FIGURE = "explorations:sweep_figure"

    def _table(self) -> TableColumns:
        return columns_of(self.runs)

    @property
    def best(self) -> SweepRun:
        """The run that ended nearest to the reference."""
        return min(
            self.runs,
            key=lambda own: math.inf if own.distance != own.distance else own.distance,
        )

    def _document(self) -> Document:
        """A line for each run, and the best one."""
        rows = [
            (
                *(str(value) for value in run.settings.values()),
                "-" if run.diverged else short(run.distance, 3),
                "-" if run.diverged else short(run.loss, 6),
                str(run.n_steps),
                f"{run.seconds:.3f}",
                "diverged" if run.diverged else "",
            )
            for run in self.runs
        ]
        titles = (*self.vary, "distance (sigma)", "loss", "steps", "time (s)", "")
        best = ", ".join(
            f"{name} {value}" for name, value in self.best.settings.items()
        )
        lost = sum(run.diverged for run in self.runs)
        verdict = f"nearest to the exact answer: {best}"
        if lost == len(rows):
            verdict = f"{lost} of {len(rows)} runs diverged"
        return [
            Text([f"{self.expression}, {self.loss}: {self.method}, {len(rows)} runs"]),
            table("r", titles, rows),
            Text([verdict]),
        ]


@takes(OfSweep)
@draws_bar("sweeping", counted)
@np.errstate(all="ignore")
def sweep(
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
    **settings: Unpack[OfSweep],
) -> Sweep:
    """Fit with every combination of some settings.

    Parameters
    ----------
    model, x, y, sigma, start, loss, nan, dataset, units
        As for `physfit.fit`. All runs begin at the same start.
    progress : callable or bool, optional
        Given the number of runs that are done, and of all. True draws a bar.
    **settings
        What is varied, and what is not.

    Returns
    -------
    Sweep

    Raises
    ------
    InputError, ModelError, DataError
        Arguments, model or file are not usable.

    Examples
    --------
    >>> import numpy as np
    >>> from physfit.models import Exponential
    >>> t = np.linspace(0.0, 4.0, 60)
    >>> y = 3.0 * np.exp(-t / 1.5) + 0.05 * np.cos(40.0 * t)
    >>> start = {"amplitude": 2.0, "decay": 1.0}
    >>> vary = {"learning_rate": [1e-4, 0.05], "beta1": [0.0, 0.9]}
    >>> table = sweep(
    ...     Exponential(), t, y, sigma=0.05, start=start, vary=vary, epochs=400
    ... )
    >>> table.best.settings["learning_rate"]
    0.05
    """
    given = checked("sweep", OfSweep, settings)
    progress = checked_progress(progress, COUNTS)
    model, method = as_model(model, start=start), given["method"]
    grid, threads = _checked(given.get("vary")), given.get("threads")
    fixed = {
        name: given.get(name) for name in ("batch_size", "epochs", "learning_rate")
    }
    fixed["seed"] = seed = given.get("seed", 0)
    combinations = [
        dict(zip(grid, own, strict=True)) for own in itertools.product(*grid.values())
    ]
    # Every setting is looked at before the first fit begins.
    plans = [_plan(method, {**fixed, **own}) for own in combinations]
    data: dict[str, Any] = {"sigma": sigma, "loss": loss, "nan": nan}
    data |= {"dataset": dataset, "start": start, "units": units}
    data["x_range"] = given["x_range"]
    drawn: Drawn = {"seed": seed} if isinstance(start, str) else {}
    reference = fit(model, x, y, **data, **drawn)
    begin = dict(zip(model.free_names, reference.start.tolist(), strict=True))
    runs: list[SweepRun] = []
    for varied, (chosen, keywords) in zip(combinations, plans, strict=True):
        own = {**data, "start": begin, **keywords, "threads": threads}
        own |= {"method": chosen, "averaged": False, "tolerance": 0.0}
        runs.append(_run(varied, fit(model, x, y, **own), reference))
        if progress is not None:
            progress(len(runs), len(combinations))
    return Sweep(
        expression=model.expression,
        loss=str(reference.loss),
        method=str(method),
        vary=grid,
        runs=tuple(runs),
        values={name: reference.values[name] for name in model.free_names},
        stderr={name: reference.stderr[name] for name in model.free_names},
        n_samples=reference.n_samples,
    )


def _checked(
    vary: Mapping[str, Sequence[Value]] | None,
) -> dict[str, tuple[Value, ...]]:
    if not isinstance(vary, Mapping) or not vary:
        raise InputError(
            "`vary` must map names of settings to their values, such as "
            f"{{'learning_rate': [0.01, 0.1]}}, but is {vary!r}."
        )
    grid: dict[str, tuple[Value, ...]] = {}
    for name, values in vary.items():
        is_listed = isinstance(values, Iterable) and not isinstance(values, str)
        listed = tuple(map(_plain, values)) if is_listed else ()
        if not listed or len(set(map(repr, listed))) != len(listed):
            raise InputError(
                f"`vary` must give `{name}` a list of different values, but gives "
                f"{values!r}."
            )
        grid[name] = listed
    return grid


def _plain(value: Any) -> Value:
    """A schedule as its text."""
    if callable(value) and not isinstance(value, Schedule):
        raise InputError(
            f"`vary` takes numbers and texts, but is given the function {value!r}; "
            "give it as `learning_rate`, and vary others."
        )
    return str(value) if isinstance(value, Schedule) else value


def _plan(
    method: str | Optimizer, settings: Mapping[str, Any]
) -> tuple[Optimizer, dict[str, Any]]:
    """Optimiser and arguments of a fit with these settings."""
    of_optimizer = {
        name: value
        for name, value in settings.items()
        if name not in OF_FIT and name not in OF_RATE and value is not None
    }
    if known := settings_of(method):
        known = (*OF_FIT, *OF_RATE, *known)
        check_known("`vary` has no setting", of_optimizer, known)
    chosen = optimizer(method, **of_optimizer)
    of_fit = {name: settings[name] for name in OF_FIT if name in settings}
    return chosen, {**of_fit, "learning_rate": _rate(chosen, settings)}


def _rate(chosen: Optimizer, settings: Mapping[str, Any]) -> LearningRate:
    rate: LearningRate | None = settings["learning_rate"]
    rate = chosen.learning_rate if rate is None else rate
    if "k" not in settings:
        return rate
    if isinstance(rate, str | Schedule) or callable(rate):
        raise InputError(
            "`k` makes the learning rate fall from a number on, but `learning_rate` is "
            f"the schedule '{rate}'; take a number, or leave `k` out."
        )
    return f"exponential:{rate!r},k={settings['k']!r}"


def _run(
    settings: dict[str, Value], found: FitResult, reference: FitResult
) -> SweepRun:
    names = reference.model.free_names
    stderr = np.array([reference.stderr[name] for name in names])
    solution, best = found.solution, reference.solution
    noise, cost = 1.0, solution.cost
    if reference.scale is not None:
        # That of the run was measured by another scale.
        is_whole = reference.data.n_total is None
        cost = reference.objective.cost(solution.theta) if is_whole else math.nan
    elif not reference.is_absolute:
        noise = math.sqrt(reference.reduced_chi2)
    excess = 2.0 * (cost - best.cost) / noise**2 if noise > 0.0 else math.nan
    return SweepRun(
        settings=settings,
        distance=distance(solution.theta, best.theta, stderr),
        loss=solution.cost / (found.n_samples / len(found.data.y)),
        excess_chi2=float(np.float64(excess)),
        n_steps=solution.n_steps,
        seconds=found.seconds,
        status=solution.status,
    )
