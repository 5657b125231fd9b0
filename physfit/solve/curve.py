"""Fits of whole curves to a model, each by one call of compiled code.

They end where those of `least_squares` end, bit by bit. What these do where a fit has
failed or lost its digits is not done here: there is no answer then.
"""

from __future__ import annotations

from ctypes import addressof, c_char
from math import inf
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from physfit.data.arrays import SMALLEST_SIGMA
from physfit.engine import blocks, curve, jit, normal
from physfit.engine.addresses import address_of
from physfit.engine.orthogonal import LOST
from physfit.engine.problem import Bound, assemble, problem_of
from physfit.engine.state import FitState, places
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.objective import rounding_of
from physfit.solve.base import Solution, Status, Stop
from physfit.solve.least_squares import SAMPLES_PER_ROUND, solution_of, start_state
from physfit.solve.refine import lost_digits
from physfit.typing import FloatArray

__all__ = ["CurveFits", "FittedCurve"]

FLOAT = np.dtype(np.float64)
#: Arrays are buffers, though their types do not say so.
_as_buffer: Any = c_char.from_buffer
#: Samples at most. Beside the fit of more than these, what surrounds it takes no time,
#: and a fit whose steps go on after those of one call would be made twice.
MOST_SAMPLES = 20_000
#: Ends of a fit that needs no more than a look at its residuals.
ENDS = frozenset(map(int, (Status.FTOL, Status.XTOL, Status.GTOL, Status.EXACT)))


#: Addresses of x, y and sigma, the deviation of all samples, the least one, how many.
_Columns: TypeAlias = tuple[int, int, int, float, float, int]


class FittedCurve(NamedTuple):
    """Where the fit of a curve ended.

    Attributes
    ----------
    rows : ndarray, shape (3, n) or (2, n)
        Copies of x, y and, where they are given, standard deviations.
    solution : Solution
    correlation : float
        Of neighbouring residuals, in its standard deviations, where no standard
        deviation is given; else 0.
    least_x : float
    """

    rows: FloatArray
    solution: Solution
    correlation: float
    least_x: float


class _Place(NamedTuple):
    """A program bound to working memory, and room for the weights of samples."""

    bound: Bound
    weights: FloatArray
    address: int
    room: int


class CurveFits:
    """Fits of curves to one model with one loss.

    Parameters
    ----------
    model : Model
        Real, of one coordinate, compiled.
    loss : Loss
        Defined for every finite model, its errors those of the data.
    """

    def __init__(self, model: Model, loss: Loss) -> None:
        n = self.n_free = len(model.free_names)
        self._program = assemble(model.layout)
        self._hyper = np.array(loss.hyper, dtype=np.float64)
        self._loss = blocks.loss(loss.kernel).address
        blank = np.full(n, np.nan)
        self._state = start_state(blank, model.free_lower, model.free_upper, Stop())
        self._state[FitState.floor] = rounding_of(loss)
        self._state[FitState.is_robust] = not loss.traits.is_likelihood
        self._theta = places(n).theta
        self._sums = jit.compiled(normal.normal_equations).address
        self._call = jit.compiled(curve.fit_curve).call
        self._spare: list[_Place] = []

    def fit(self, x: Any, y: Any, sigma: Any, theta: list[float]) -> FittedCurve | None:
        """Fit of a curve from start values inside their bounds.

        Parameters
        ----------
        x, y : object
            What a caller passes: contiguous arrays of float64 are taken.
        sigma : object
            Such an array, a float, or None.
        theta : list of float
            Start values.

        Returns
        -------
        FittedCurve or None
            None where the data are not of that kind, not finite, too few or many, and
            where the fit does not simply end in a minimum.
        """
        columns = self._columns(x, y, sigma)
        if columns is None:
            return None
        n = columns[-1]
        place = self._place(n)
        rows = np.empty((2 if sigma is None else 3, n))
        state = self._state.copy()
        state[self._theta] = theta
        state[FitState.freedom] = n - self.n_free
        status = self._call(
            *(self._sums, place.bound.address, address_of(state), self.n_free),
            *(*columns, address_of(rows), place.address),
            SAMPLES_PER_ROUND // n,
        )
        correlation, least_x = place.weights[: curve.HEAD].tolist()
        self._spare.append(place)
        if status not in ENDS:
            return None
        solution = solution_of(state, self.n_free)
        if not solution.condition < LOST or lost_digits(solution):
            return None
        return FittedCurve(rows, solution, correlation, least_x)

    def takes(self, x: Any, y: Any, sigma: Any) -> bool:
        """Whether what a caller passes are columns of the kind that is fitted."""
        return self._columns(x, y, sigma) is not None

    def _columns(self, x: Any, y: Any, sigma: Any) -> _Columns | None:
        """Columns as compiled code takes them; None where they are of another kind."""
        if not type(x) is type(y) is np.ndarray or x.dtype is not FLOAT:
            return None
        shape, alike, deviations = x.shape, 0.0, 0
        if len(shape) != 1 or y.shape != shape or y.dtype is not FLOAT:
            return None
        n = shape[0]
        if not max(self.n_free, 2) <= n <= MOST_SAMPLES:
            return None
        try:
            if type(sigma) is float:
                if not SMALLEST_SIGMA <= sigma < inf:
                    return None
                alike = sigma
            elif sigma is not None:
                if type(sigma) is not np.ndarray or sigma.shape != shape:
                    return None
                if sigma.dtype is not FLOAT:
                    return None
                deviations = addressof(_as_buffer(sigma))
            columns = addressof(_as_buffer(x)), addressof(_as_buffer(y)), deviations
        except (TypeError, ValueError):  # read-only, or with strides
            return None
        return (*columns, alike, SMALLEST_SIGMA, n)

    def _place(self, n: int) -> _Place:
        """Memory for so many samples."""
        try:
            place = self._spare.pop()
        except IndexError:
            none = np.empty((1, 0))
            bound = problem_of(self._program, none, loss=self._loss, hyper=self._hyper)
        else:
            if place.room >= n:
                return place
            bound = place.bound
        weights = np.empty(curve.HEAD + n)
        return _Place(bound, weights, address_of(weights), n)
