"""Refits of chosen rows: what they were asked with, and which answers are theirs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, NamedTuple, Unpack, cast

import numpy as np
from numpy.typing import ArrayLike, NDArray

from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.progress import draws_bar, pace_of_rows
from physfit.settings.doors import OfRefit
from physfit.settings.keywords import takes
from physfit.solve.base import Stop

if TYPE_CHECKING:
    from physfit.many_fits.progress import ManyProgress
    from physfit.result.many_fitted import ManyFitted
    from physfit.result.many_result import ManyResult

__all__ = ["HELD", "ManyRefits", "Refit", "Refits", "fits_of", "fits_with"]
__all__ += ["is_of_result"]

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


class ManyRefits:
    """Fits of chosen rows of a `ManyResult` anew."""

    @property
    def refitted(self) -> NDArray[np.uint8]:
        """Number of the refit that gave the answer of each row, 0 for the first fit.

        In the map's shape; see `refit`.
        """
        many = cast("ManyFitted", self)
        if many.refits is None:
            return np.zeros(many.shape, dtype=np.uint8)
        return many.refits.numbers.reshape(many.shape)

    @takes(OfRefit)
    @draws_bar("refitting", pace_of_rows)
    def refit(
        self,
        where: str | ArrayLike,
        *,
        loss: str | Loss | None = None,
        start: Mapping[str, Any] | None = None,
        model: Model | None = None,
        stop: Stop | None = None,
        progress: Callable[[ManyProgress], None] | bool | None = None,
        **settings: Unpack[OfRefit],
    ) -> ManyResult:
        """Fit chosen rows again, and put better answers in place of theirs.

        An answer takes the place of the one before only if its fit converged. With the
        loss and model that the row was fitted with it must also have a lower cost, or
        no higher one than a fit that failed. Costs by another loss, or within other
        bounds, say nothing against the one before: there the row is fitted from its
        answer and from other starts, and the lowest cost by the new loss is taken.
        Value, errors, chi2 and status of a row are always those of one fit, and its
        place in `refitted` says of which.

        Parameters
        ----------
        where : str, array_like of bool or array_like of int
            A condition on the columns of `to_frame`, such as "reduced_chi2 > 2" or
            "sigma > 3 & status != 'converged'"; a mask in the map's shape; or places in
            the map, as `failed` and `worst` give them.
        loss : str or Loss, optional
            As for `physfit.fit`; left out, that which each row was fitted with.
        start : mapping of str to float or array, optional
            Start values, one for all rows or one per row (in the map's shape); what is
            missing is guessed. Left out, rows are fitted from a guess, from several
            starts and from the answer of a neighbour that was not chosen.
        model : Model, optional
            That of the result with other bounds, start values or parameters fixed, such
            as `many.model.where(sigma=pf.bounds(0.1, 2.0))`.
        stop : Stop, optional
            When to stop; `Stop(ftol=1e-11)` if left out.
        progress : callable or bool, optional
            Called with a `ManyProgress` now and then; raise to stop. True draws a bar
            in a terminal or notebook.
        **settings
            Of the fits.

        Returns
        -------
        ManyResult
            A new one; it is the same one where no row was chosen.

        Raises
        ------
        InputError, ModelError
            When `where` names no rows or columns of the result, the model computes
            something else, or the data are not at hand.
        DataError
            When the data are others than those that were fitted.

        Examples
        --------
        >>> import physfit as pf
        >>> x, rows = [0, 1, 2, 3], [[1.0, 3.1, 4.9, 7.0], [0.0, 2.1, 3.9, 26.0]]
        >>> many = pf.fit_many(pf.models.Linear(), x, rows, sigma=0.1)
        >>> cured = many.refit("reduced_chi2 > 2", loss="cauchy")
        >>> cured.refitted, cured["slope"].value.round(2)
        (array([0, 1], dtype=uint8), array([1.98, 1.95]))
        """
        refit = resolve_name("physfit.many_fits.refitting:refit")  # of a higher layer
        result: ManyResult = refit(
            self,
            where,
            loss=loss,
            start=start,
            model=model,
            stop=stop,
            progress=progress,
            given=settings,
        )
        return result
