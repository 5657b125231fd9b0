"""Compiled functions of one or two numbers beside their exact values and slopes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import mpmath
import numpy as np

from physfit.engine.blocks import elementwise
from tests.kernels.precision import Points, Reference, ulp_errors


class Case(NamedTuple):
    """A function, its exact form, where it is tried, and what its docstring says.

    `bound` is in ulp. `slopes` are its derivatives, one for each argument, as the table
    of its module has them.
    """

    function: Any
    reference: Reference
    points: Points
    bound: float
    slopes: tuple[Callable[..., Any], ...] = ()

    @property
    def name(self) -> str:
        return str(self.function.__name__)

    @property
    def n_in(self) -> int:
        return len(np.atleast_2d(self.points))


def of(function: Any) -> Callable[..., Any]:
    """Compiled form of a function of numbers, over arrays."""
    return lambda *columns: elementwise(function, len(columns), 1)(*columns)


def compiled_error(case: Case) -> float:
    """Largest error in ulp of the compiled function."""
    values = of(case.function)(*np.atleast_2d(case.points))
    return float(ulp_errors(values, case.points, case.reference).max())


def interpreted_error(case: Case) -> float:
    """Largest error in ulp of the function as plain Python, at every seventh point."""
    points = np.atleast_2d(case.points)[:, ::7]
    values = np.array([case.function(*row) for row in points.T.tolist()])
    return float(ulp_errors(values, points, case.reference).max())


def slope_errors(case: Case, digits: int = 1300, floor: float = 0.0) -> list[float]:
    """Largest error of each derivative that has a normal double, at every 17th point.

    Relative to it, or to a floor. With 1300 digits cosh has a slope at 1e-300, and asin
    next to 1.
    """
    points = np.atleast_2d(case.points)[:, ::17]
    errors = []
    for k, slope in enumerate(case.slopes):
        with np.errstate(over="ignore", divide="ignore"):
            found = np.broadcast_to(slope(*points), points.shape[1]).tolist()
        exact = [_exact_slope(case, k, row, digits) for row in points.T.tolist()]
        pairs = [
            (a, b) for a, b in zip(found, exact, strict=True) if 1e-300 < abs(b) < 1e300
        ]
        errors.append(max(float(abs(a - b) / max(abs(b), floor)) for a, b in pairs))
    return errors


def _exact_slope(case: Case, k: int, row: list[float], digits: int) -> Any:
    """Central difference of the exact form by its argument k."""
    with mpmath.workdps(digits):
        exact = [mpmath.mpf(value) for value in row]
        step = (abs(exact[k]) or mpmath.mpf(1)) * mpmath.mpf(10) ** -(digits // 4)
        above, below = list(exact), list(exact)
        above[k], below[k] = exact[k] + step, exact[k] - step
        return (case.reference(*above) - case.reference(*below)) / (2 * step)


def absolute_errors(case: Case) -> Points:
    """Absolute error of the compiled function at each point."""
    values = of(case.function)(*np.atleast_2d(case.points)).tolist()
    with mpmath.workdps(40):
        exact = [case.reference(*map(mpmath.mpf, row)) for row in _rows(case)]
        errors = [float(abs(a - b)) for a, b in zip(values, exact, strict=True)]
    return np.array(errors)


def _rows(case: Case) -> list[list[float]]:
    rows: list[list[float]] = np.atleast_2d(case.points).T.tolist()
    return rows
