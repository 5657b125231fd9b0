"""Start values of functions that are called as Python, by a bounded number of calls.

A call costs more than all else, from some microseconds to seconds. So values alone are
asked for, at most `MOST_CALLS` times, whatever the function and the machine: the same
data give the same start everywhere (`called_search`).
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from physfit.engine import jit
from physfit.engine.addresses import address_of
from physfit.engine.host_calls import call_limit, errors_passed_over
from physfit.engine.problem import assemble, problem_of, release
from physfit.engine.program import tabulate
from physfit.models.called_search import CalledSearch
from physfit.models.compiled_guess import Weighing
from physfit.models.spread_ranges import intervals_of
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.models.model import Model

__all__ = ["MOST_CALLS", "CalledGuess"]

#: Calls of a search.
MOST_CALLS = 600


class CalledGuess:
    """A guess for a model of functions that are called as Python.

    Parameters
    ----------
    model : Model
    x : ndarray, shape (n_inputs, n)
        Coordinates of a curve, or of some rows, all finite.
    weighing : callable, optional
        What gives samples other weights (`weighing_for` a loss).
    """

    what: ClassVar[str] = (
        "the best of some hundred tried over bounds and scales of the data; "
        "linear ones solved for"
    )

    def __init__(
        self, model: Model, x: FloatArray, weighing: Weighing | None = None
    ) -> None:
        self.model = model
        self._weighing = weighing if model.n_inputs == 1 else None
        self._ranges = intervals_of(model, x)

    def fill(
        self, x: FloatArray, y: FloatArray, w: FloatArray, full: FloatArray
    ) -> None:
        """Fill the free parameters that are NaN in `full`; as `SpreadGuess.fill`."""
        free = list(self.model.layout.free)
        full[free] = self.started(x, y, w, full[free])

    def started(
        self, x: FloatArray, y: FloatArray, w: FloatArray, given: FloatArray
    ) -> FloatArray:
        """Values of the free parameters, searched where they are NaN in `given`."""
        if self._weighing is not None:
            y, w = _weighed(self._weighing, x, y, w)
        problem = problem_of(assemble(self.model.layout), x, y, w, 0, np.empty(0))
        limits = self.model.free_lower, self.model.free_upper

        def values(theta: FloatArray) -> FloatArray:
            return tabulate(problem, theta)[0].ravel()

        limit, passed_over = call_limit(MOST_CALLS), errors_passed_over()
        with _quiet(), limit as calls, passed_over as raised:
            over = partial(getattr, calls, "is_over")
            search = CalledSearch(self._ranges, limits, (x, y, w), given, over)
            found, has_values = search.best(values)
        release(problem)
        if raised and not has_values:
            raise raised[-1]
        return found


@contextmanager
def _quiet() -> Iterator[None]:
    """No warnings of what a function does far from anything that the caller meant."""
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _weighed(
    weighing: Weighing, x: FloatArray, y: FloatArray, w: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Data and weights as a loss weighs them, which compares neighbours along x."""
    order = np.argsort(x[0], kind="stable")
    back = np.argsort(order)
    ys, ws = [], []
    for own, weight in zip(y, w, strict=True):
        weight = np.ascontiguousarray(weight[order])
        value = np.ascontiguousarray(own[order]) * weight
        jit.compiled(weighing).call(address_of(weight), address_of(value), len(value))
        ws.append(weight[back])
        ys.append(np.divide(value, weight, where=weight > 0.0, out=0.0 * value)[back])
    return np.array(ys), np.array(ws)
