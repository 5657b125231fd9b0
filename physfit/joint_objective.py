"""An objective of several terms: data sets that share parameters, and priors."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from physfit.engine.addresses import address_of
from physfit.engine.terms import Normal, Terms, prior_sums, sums_of_terms
from physfit.engine.terms import Term as TermWords
from physfit.errors import DomainError, ShapeError
from physfit.objective import ROUNDING, Term
from physfit.typing import FloatArray, IntArray

__all__ = ["JointObjective", "NormalPrior", "Placed"]


class NormalPrior(Term):
    """What is known of a parameter before the data: mean and standard deviation.

    Raises
    ------
    DomainError
        When the mean is not finite, or sigma not above 0.
    """

    entry = staticmethod(prior_sums)
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
        self.address = address_of(self._words)

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

    term: Term
    places: tuple[int, ...]


class JointObjective(Term):
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

    entry = staticmethod(sums_of_terms)

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
        self.calls_python = any(term.calls_python for term, _ in self.terms)
        self.n_samples = sum(term.n_samples for term, _ in self.terms)
        self.rounding = min((term.rounding for term, _ in self.terms), default=ROUNDING)
        largest = max((term.n_free for term, _ in self.terms), default=0)
        self._memory = np.empty(largest * (2 + largest))
        self._list = np.zeros((len(self.terms), TermWords.SIZE), dtype=np.int64)
        for line, (term, _), kept in zip(
            self._list, self.terms, self._places, strict=True
        ):
            line[:] = TermWords.filled(
                sums=term.sums,
                problem=term.address,
                n_free=term.n_free,
                places=address_of(kept),
            )
        self._words = Terms.filled(
            terms=address_of(self._list),
            n_terms=len(self.terms),
            n_free=n_free,
            memory=address_of(self._memory),
        )
        self.address = address_of(self._words)

    @property
    def squares(self) -> float:
        """Sum of the squared weighted data of all terms."""
        return sum(term.squares for term, _ in self.terms)

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
