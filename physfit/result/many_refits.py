"""Refits of chosen rows: what they were asked with, and which answers are theirs."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.models.loss import Loss
from physfit.models.model import Model

if TYPE_CHECKING:
    from physfit.result.many_fitted import ManyFitted

__all__ = ["HELD", "Refit", "Refits", "fits_of", "fits_with", "is_of_result"]

#: `at_bound` of a parameter that a refit held at a value.
HELD = 3


class Refit(NamedTuple):
    """With what some rows were fitted again.

    Attributes
    ----------
    model : Model
        That of the result, its parameters with other bounds or fixed.
    loss : Loss
    is_absolute : bool
        Whether sigma was given, or the data are counts.
    where : str
        Which rows were chosen, in words.
    n_rows : int
        How many these were.
    """

    model: Model
    loss: Loss
    is_absolute: bool
    where: str = ""
    n_rows: int = 0


class Refits(NamedTuple):
    """Refits of rows of a result.

    Attributes
    ----------
    numbers : ndarray of uint8, shape (n_rows,)
        Of the refit, from 1, that gave the answer of each row; 0 for the first fit.
    entries : tuple of Refit
    """

    numbers: NDArray[np.uint8]
    entries: tuple[Refit, ...]


def fits_of(many: ManyFitted, number: int) -> Refit:
    """With what rows of that number in `refitted` were fitted."""
    return fits_with(many)[number]


def fits_with(many: ManyFitted) -> tuple[Refit, ...]:
    """With what rows were fitted, by their number in `refitted`."""
    first = Refit(many.model, many.loss, many.is_absolute)
    return (first,) if many.refits is None else (first, *many.refits.entries)


def is_of_result(many: ManyFitted) -> NDArray[np.bool_]:
    """Which rows have an answer by the loss of the result, shape (n_rows,)."""
    if many.refits is None:
        return np.ones(many.n_rows, dtype=np.bool_)
    is_same = np.array([own.loss == many.loss for own in fits_with(many)])
    chosen: NDArray[np.bool_] = is_same[many.refits.numbers]
    return chosen
