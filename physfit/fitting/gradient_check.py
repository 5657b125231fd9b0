"""`check_gradient`: derivatives of a model compared with differences, at many points.

The partials are those that fits use: of the free parameters, with ties in the chain
rule. Differences have steps that are sought for each parameter and point, and an error
of their own (`models.differences`); a partial is wrong where it is farther from them
than that.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Any, NamedTuple, Unpack

import numpy as np

from physfit.data.arrays import NanPolicy
from physfit.data.table import Table
from physfit.document.blocks import Document, Heading, Notes, pairs, table
from physfit.document.documented import Documented
from physfit.fitting.columns import Columns, observed
from physfit.fitting.exploration.spread import spread_starts
from physfit.fitting.fit_plan import FitPlan, plan_of
from physfit.fitting.fit_settings import FitSettings
from physfit.models.as_model import as_model
from physfit.models.differences import NOTHING, steps_at
from physfit.models.loss import Loss
from physfit.settings.doors import OfCheckGradient
from physfit.settings.keywords import takes
from physfit.settings.setting import checked
from physfit.solve.base import Stop
from physfit.typing import Column, FloatArray

__all__ = ["GradientCheck", "GradientDeviation", "check_gradient"]

#: Deviation that is none, and by how much more than their error differences may be off.
ALIKE, ALLOWED = 1e-7, 30.0


class GradientDeviation(NamedTuple):
    """A derivative and what differences make of it, where both are farthest apart.

    Attributes
    ----------
    name : str
        Of the parameter.
    deviation, error : float
        Largest distance of both over the samples, and the error of the differences;
        both relative to the largest derivative there. NaN where no point could be
        compared.
    where : str
        The point.
    sample : int
        Number of the sample; of complex data those of the imaginary parts follow.
    derivative, difference : float
        At the sample.
    """

    name: str
    deviation: float
    error: float
    where: str
    sample: int
    derivative: float
    difference: float

    @property
    def agrees(self) -> bool:
        """Whether they are as close as the differences are good."""
        return not self.deviation > max(ALIKE, ALLOWED * self.error)


@dataclass(frozen=True, eq=False, repr=False)
class GradientCheck(Documented):
    """Derivatives of a model beside differences.

    Attributes
    ----------
    expression : str
        Of the model.
    derivatives : str
        How they are taken, if not by compiled code.
    points : tuple of str
        Where they were compared.
    skipped : tuple of str
        Points at which the model has values that are not finite.
    worst : mapping of str to GradientDeviation
        By the names of the free parameters: what is farthest off, beside its error.
    """

    expression: str
    derivatives: str
    points: tuple[str, ...]
    skipped: tuple[str, ...]
    worst: Mapping[str, GradientDeviation]

    @property
    def agree(self) -> bool:
        """Whether every derivative agrees with differences, at one point or more."""
        return bool(self.points) and all(own.agrees for own in self.worst.values())

    def _record(self) -> dict[str, Any]:
        return {
            "model": self.expression,
            "derivatives": self.derivatives,
            "agree": self.agree,
            "points": self.points,
            "skipped": self.skipped,
            "worst": {name: own._asdict() for name, own in self.worst.items()},
            "warnings": tuple(self._sentences()),
        }

    def _document(self) -> Document:
        facts = {
            "derivatives": self.derivatives or "compiled",
            "compared": f"at {len(self.points)} points: {', '.join(self.points)}",
            "left out": ", ".join(self.skipped),
        }
        titles = ("parameter", "deviation", "error of differences", "point", "")
        rows = [
            (
                own.name,
                f"{own.deviation:.1e}",
                f"{own.error:.1e}",
                own.where,
                "agree" if own.agrees else "differ",
            )
            for own in self.worst.values()
        ]
        return [
            Heading(self.expression),
            pairs(facts),
            table("lrrll", titles, rows),
            Notes(tuple(self._sentences())),
        ]

    def _sentences(self) -> Iterator[str]:
        if not self.points:
            yield "The model has finite values at no point: nothing was compared."
        for own in self.worst.values():
            if not own.agrees:
                yield (
                    f"`{own.name}`: at {own.where}, sample {own.sample}, the "
                    f"derivative is {own.derivative:.8g}, but differences give "
                    f"{own.difference:.8g}, within {own.error:.0e} of the largest."
                )
            elif math.isnan(own.deviation) and self.points:
                yield (
                    f"`{own.name}`: differences say nothing of it, as the values do "
                    "not move with it or jump."
                )


@takes(OfCheckGradient)
@np.errstate(all="ignore")
def check_gradient(
    model: Any,
    x: Column | Table | str | PathLike[str],
    y: Column | None = None,
    *,
    sigma: Column | float | None = None,
    start: Mapping[str, float] | None = None,
    loss: str | Loss = "chi2",
    nan: NanPolicy = "raise",
    dataset: str | None = None,
    **settings: Unpack[OfCheckGradient],
) -> GradientCheck:
    """Compare the derivatives of a model with differences, where a fit may go.

    At the start and at the solution, there with each parameter on each of its bounds,
    and at random points within the ranges of the parameters.

    Parameters
    ----------
    model, x, y, sigma, start, loss, nan, dataset
        As for `physfit.fit`. Of functions that are called as Python the derivatives
        are differences themselves, with other steps.
    **settings
        How many random points, and which.

    Returns
    -------
    GradientCheck
        `agree` says whether all do; `worst` what is farthest off.

    Raises
    ------
    InputError, ModelError, DataError
        Arguments, model or file are not usable.

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> x = np.linspace(0.0, 9.0, 40)
    >>> y = np.exp(-0.5 * (x - 4.0) ** 2) + 0.01 * np.cos(9.0 * x)
    >>> check = pf.check_gradient("gaussian + constant", x, y)
    >>> check.agree, check.points[:2]
    (True, ('start', 'solution'))
    """
    given = checked("check_gradient", OfCheckGradient, settings)
    columns = Columns(*(x, y, sigma, nan, dataset), x_range=given["x_range"])
    asked = FitSettings.of(loss=loss, start=start)
    plan = plan_of(*observed(as_model(model, start=start), columns), asked)
    points, skipped = list[str](), list[str]()
    worst = dict[str, GradientDeviation]()
    for where, theta in _points(plan, given["points"], given["seed"]):
        found = _compared(plan, where, theta)
        (skipped if found is None else points).append(where)
        for own in found or ():
            before = worst.get(own.name)
            if before is None or _rank(own) > _rank(before):
                worst[own.name] = own
    plan.objective.release()
    return GradientCheck(
        expression=plan.model.expression,
        derivatives=plan.model.derivatives,
        points=tuple(points),
        skipped=tuple(skipped),
        worst={name: worst[name] for name in plan.model.free_names if name in worst},
    )


def _points(plan: FitPlan, n: int, seed: int) -> Iterator[tuple[str, FloatArray]]:
    """Points of the free parameters, with what they are called."""
    model, (lower, upper) = plan.model, plan.limits
    yield "start", plan.theta
    solution = plan.minimised(Stop())[0].theta
    yield "solution", solution
    for k, name in enumerate(model.free_names):
        for bound in (float(lower[k]), float(upper[k])):
            if math.isfinite(bound):
                theta = solution.copy()
                theta[k] = bound
                yield f"{name} = {bound:g}", theta
    rng = np.random.default_rng(seed)
    starts = spread_starts(model, plan.data, plan.theta, n, rng) if n else ()
    for k, theta in enumerate(starts, 1):
        yield f"random point {k}", theta


def _compared(
    plan: FitPlan, where: str, theta: FloatArray
) -> list[GradientDeviation] | None:
    """Each derivative beside differences; None where values are not finite."""
    objective = plan.objective

    def values(params: FloatArray) -> FloatArray:
        return objective.values(params).ravel()

    here, partials = objective.values_and_partials(theta)
    value, exact = here.ravel(), partials.reshape(len(theta), -1)
    if not np.isfinite(value).all():
        return None
    steps, slopes = steps_at(values, theta, value, *plan.limits)
    return [
        _deviation(name, where, exact[k], slopes[k], float(steps.errors[k]))
        for k, name in enumerate(plan.model.free_names)
    ]


def _deviation(
    name: str, where: str, exact: FloatArray, slopes: FloatArray, error: float
) -> GradientDeviation:
    seen = np.isfinite(slopes)
    if not error < NOTHING or not seen.any():
        return GradientDeviation(name, math.nan, math.nan, where, 0, math.nan, math.nan)
    size = max(float(np.abs(slopes[seen]).max()), np.finfo(float).tiny)
    apart = np.where(seen, np.abs(exact - slopes), 0.0)
    apart = np.where(seen & ~np.isfinite(exact), np.inf, apart)
    k = int(np.argmax(apart))
    numbers = float(exact[k]), float(slopes[k])
    return GradientDeviation(name, float(apart[k]) / size, error, where, k, *numbers)


def _rank(own: GradientDeviation) -> float:
    """How far a derivative is off, beside what it may be."""
    if math.isnan(own.deviation):
        return -1.0
    return own.deviation / max(ALIKE, ALLOWED * own.error)
