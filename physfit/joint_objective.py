"""An objective of several terms: data sets that share parameters, and priors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, Protocol

import numpy as np

from physfit.engine import jit
from physfit.engine.problem import address_of
from physfit.engine.terms import Normal, Term, Terms, prior_sums, sums_of_terms
from physfit.errors import DomainError, ShapeError
from physfit.objective import ROUNDING
from physfit.typing import FloatArray, IntArray

__all__ = ["JointObjective", "NormalPrior", "Placed", "TermLike"]


class TermLike(Protocol):
    """What a term of an objective is asked for."""

    n_free: int
    n_evals: int

    @property
    def sums(self) -> int:
        """Address of cost, gradient and Gauss-Newton matrix."""

    @property
    def address(self) -> int:
        """Address of the problem that the sums are given."""

    @property
    def n_samples(self) -> int:
        """Number of residuals."""

    @property
    def squares(self) -> float:
        """Sum of the squared weighted data."""

    @property
    def rounding(self) -> float:
        """Relative residuals this small are rounding errors; 0 for a deviance."""

    def cost(self, theta: FloatArray) -> float:
        """Cost at `theta`, shape (P,)."""

    def gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Cost and its gradient, shape (P,)."""

    def weighted_rows(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weighted partials (P, n_samples) and residuals (n_samples,)."""


class NormalPrior:
    """What is known of a parameter before the data: mean and standard deviation.

    Raises
    ------
    DomainError
        When the mean is not finite, or sigma not above 0.
    """

    n_free = 1
    n_samples = 1
    rounding = ROUNDING

    def __init__(self, mean: float, sigma: float) -> None:
        if not (math.isfinite(mean) and math.isfinite(sigma) and sigma > 0.0):
            raise DomainError(
                "a normal prior needs a finite mean and a finite `sigma` above 0, but "
                f"has {mean!r} and {sigma!r}."
            )
        self.n_evals = 0
        self._words = np.zeros(Normal.SIZE)
        self._words[Normal.mean], self._words[Normal.weight] = mean, 1.0 / sigma

    @property
    def sums(self) -> int:
        """Address of cost, gradient and Gauss-Newton matrix."""
        return jit.compiled(prior_sums).address

    @property
    def address(self) -> int:
        """Address of the problem that the sums are given."""
        return address_of(self._words)

    @property
    def squares(self) -> float:
        """Square of the mean in units of sigma."""
        return float(np.prod(self._words) ** 2)

    def cost(self, theta: FloatArray) -> float:
        """Half the square of the distance from the mean, in units of sigma."""
        return self.gradient(theta)[0]

    def gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Cost and its gradient, shape (1,)."""
        rows, residual = self.weighted_rows(theta)
        return 0.5 * float(residual @ residual), rows @ residual

    def weighted_rows(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Derivative of the distance, shape (1, 1), and the distance, shape (1,)."""
        weight = self._words[Normal.weight]
        distance = (theta - self._words[Normal.mean]) * weight
        return np.array([[weight]]), distance


class Placed(NamedTuple):
    """A term, and the places of its parameters among all free ones."""

    term: TermLike
    places: tuple[int, ...]


class JointObjective:
    """The sum of several terms.

    Parameters
    ----------
    terms : sequence of Placed
    n_free : int
        Number of free parameters of all terms together.

    Raises
    ------
    ShapeError
        When a term has not as many places as parameters, or a place is none.
    """

    def __init__(self, terms: Sequence[Placed], n_free: int) -> None:
        self.terms, self.n_free, self.n_evals = tuple(terms), n_free, 0
        for term, places in self.terms:
            if len(places) != term.n_free or not set(places) <= set(range(n_free)):
                raise ShapeError(
                    f"`places` of a term must be {term.n_free} numbers below {n_free}, "
                    f"but are {places}."
                )
        self._places: list[IntArray] = [
            np.array(places, dtype=np.int64) for _, places in self.terms
        ]
        largest = max((term.n_free for term, _ in self.terms), default=0)
        self._memory = np.empty(largest * (2 + largest))
        self._list = np.zeros((len(self.terms), Term.SIZE), dtype=np.int64)
        for line, (term, _), kept in zip(
            self._list, self.terms, self._places, strict=True
        ):
            line[Term.sums], line[Term.problem] = term.sums, term.address
            line[Term.n_free], line[Term.places] = term.n_free, address_of(kept)
        self._words = np.zeros(Terms.SIZE, dtype=np.int64)
        self._words[Terms.terms] = address_of(self._list)
        self._words[Terms.n_terms], self._words[Terms.n_free] = len(self.terms), n_free
        self._words[Terms.memory] = address_of(self._memory)

    @property
    def sums(self) -> int:
        """Address of cost, gradient and Gauss-Newton matrix."""
        return jit.compiled(sums_of_terms).address

    @property
    def address(self) -> int:
        """Address of the list of terms."""
        return address_of(self._words)

    @property
    def n_samples(self) -> int:
        """Number of residuals of all terms."""
        return sum(term.n_samples for term, _ in self.terms)

    @property
    def squares(self) -> float:
        """Sum of the squared weighted data of all terms."""
        return sum(term.squares for term, _ in self.terms)

    @property
    def rounding(self) -> float:
        """Relative residuals this small are rounding errors; 0 with a deviance."""
        return min((term.rounding for term, _ in self.terms), default=ROUNDING)

    def cost(self, theta: FloatArray) -> float:
        """Cost at `theta`, shape (P,)."""
        self.n_evals += 1
        parts = zip(self.terms, self._places, strict=True)
        return sum(term.cost(theta[places]) for (term, _), places in parts)

    def gradient(self, theta: FloatArray) -> tuple[float, FloatArray]:
        """Cost and its gradient, shape (P,)."""
        self.n_evals += 1
        cost, total = 0.0, np.zeros(self.n_free)
        for (term, _), places in zip(self.terms, self._places, strict=True):
            part, slopes = term.gradient(theta[places])
            cost += part
            total[places] += slopes
        return cost, total

    def normal(self, theta: FloatArray) -> tuple[float, FloatArray, FloatArray]:
        """Cost, gradient (P,) and Gauss-Newton matrix (P, P)."""
        self.n_evals += 1
        theta = np.ascontiguousarray(theta, dtype=np.float64)
        slopes, matrix = np.empty(self.n_free), np.empty((self.n_free, self.n_free))
        arrays = (theta, slopes, matrix)
        call = jit.compiled(sums_of_terms).call
        cost = call(self.address, *(array.ctypes.data for array in arrays))
        return float(cost), slopes, matrix

    def weighted_rows(self, theta: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Weighted partials (P, n_samples) and residuals (n_samples,) of all terms."""
        rows, residuals = np.zeros((self.n_free, self.n_samples)), []
        start = 0
        for (term, _), places in zip(self.terms, self._places, strict=True):
            partials, residual = term.weighted_rows(theta[places])
            stop = start + residual.size
            rows[places, start:stop] = partials
            residuals.append(residual)
            start = stop
        return rows, np.concatenate(residuals)
