"""The result of the fits of many rows, with all that can be asked of it.

Its numbers stand in `many_fitted`, what is made of them in `many_figures` and
`many_outputs`; here are refits, single rows and the report.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cached_property
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Any, Unpack

import numpy as np
from numpy.typing import ArrayLike, NDArray

from physfit.document.blocks import Document
from physfit.errors import ConvergenceError
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.progress import draws_bar, pace_of_rows
from physfit.result.many_figures import ManyFigures
from physfit.result.many_outputs import ManyOutputs
from physfit.settings.doors import OfRefit
from physfit.settings.keywords import takes
from physfit.solve.base import Status, Stop
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import correlation_of
from physfit.uncertainty.rows import unpacked

if TYPE_CHECKING:
    from physfit.many_fits.progress import ManyProgress
    from physfit.result.fit_result import FitResult
    from physfit.typing import Values

__all__ = ["ManyResult"]


class ManyResult(ManyFigures, ManyOutputs):
    """What the fits of many rows found.

    `many["center"]` is a `ManyEstimate`, whose arrays have the shape of the map.

    Attributes
    ----------
    model : Model
    loss : Loss
    table : RowTable
        All answers, rows of the map one after the other.
    axes : tuple of Axis
        Of the map, slowest first.
    is_absolute : bool
        Whether sigma was given, or the data are counts.
    data : RowData, FileRows or None
        The data, if they are at hand.
    x_label, x_unit, y_label, y_unit, source : str
    seconds : float
        Wall time of the fits.
    created : float
        When, in seconds since 1970 (UTC).
    notes : tuple of str
        What a reader must know besides.
    refits : Refits or None
        Which rows have their answer from a refit, and with what they were fitted.
    """

    def require(self) -> ManyResult:
        """Self when the fits of all rows converged.

        Raises
        ------
        ConvergenceError
            When some did not; its `solution` is this result.

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[1.0, 3.1, 4.9], [0.0, float("nan"), float("nan")]]
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows, sigma=0.1)
        >>> many.require()
        Traceback (most recent call last):
        physfit.errors.ConvergenceError: 1 of 2 rows has no converged fit; the first is
        (1,): not fitted: fewer samples than free parameters.
        """
        n_failed = self.n_rows - int(self.converged.sum())
        if n_failed:
            place = tuple(self.failed[0].tolist())
            reason = Status(int(self.status[place])).sentence
            verb = "has" if n_failed == 1 else "have"
            raise ConvergenceError(
                f"{n_failed} of {self.n_rows} rows {verb} no converged fit; the first "
                f"is {place}: {reason}.",
                self,
            )
        return self

    def worst(
        self,
        n: int = 10,
        *,
        by: str = "chi2",
        where: str | ArrayLike | None = None,
    ) -> NDArray[np.int64]:
        """Places of the worst rows, shape (n, n_axes).

        Rows that did not converge come first, half of all if there are others, then
        those that did. Rows that could not be fitted at all are left out: there is
        nothing to look at.

        Parameters
        ----------
        n : int
            How many, at most.
        by : {"chi2", "p_value"}
            What orders them: chi2 per degree of freedom, or its probability.
        where : str, array_like of bool or array_like of int, optional
            Rows among which they are, as for `refit`.

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[1.0, 3.1, 4.9], [0.0, 2.0, 0.0]]
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows, sigma=0.1)
        >>> many.worst(1)
        array([[1]])
        """
        from physfit.result.many_rows import worst_places

        return worst_places(self, n, by, where)

    # Again

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
        What leaves a parameter undetermined (a peak as narrow as one spike) replaces no
        answer that determines all. Value, errors, chi2 and status of a row are always
        those of one fit, and its place in `refitted` says of which.

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

    # One row

    def covariance(self, *place: int) -> FloatArray:
        """Covariance of the free parameters of one row, shape (P, P).

        Parameters
        ----------
        *place : int
            Index of the row in the map, one number per axis.
        """
        packed = self.table.covariance[self._row(place)]
        return unpacked(packed, len(self.free_names))

    def correlation(self, *place: int) -> FloatArray:
        """Correlations of the free parameters of one row, shape (P, P)."""
        return correlation_of(self.covariance(*place))

    def result(self, *place: int) -> FitResult:
        """Result of the fit of one row, as `pf.fit` would return it.

        With report, figure, components and files. Start values are not kept by row.

        Parameters
        ----------
        *place : int
            Index of the row in the map, one number per axis.

        Raises
        ------
        InputError
            When there is no such row, it could not be fitted, or the data are not at
            hand.

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[1.0, 3.1, 4.9], [0.0, 2.0, 0.0]]
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows, sigma=0.1)
        >>> round(many.result(0)["slope"].stderr, 4)
        0.0707
        """
        from physfit.result.many_rows import result_of

        return result_of(self, self._row(place))

    def curve(self, *place: int, x: ArrayLike | None = None) -> Values:
        """Fitted curve of one row.

        Parameters
        ----------
        *place : int
            Index of the row in the map, one number per axis.
        x : array_like, optional
            Where; at the row's samples if left out.

        Returns
        -------
        ndarray
            In the shape of `x`. Of a row that did not converge it is that of the last
            parameters, and NaN of one that could not be fitted.

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[1.0, 3.0, 5.0], [0.0, 2.0, 4.0]]
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows)
        >>> many.curve(1, x=[10.0]).round(6), many.residuals(1).round(6)
        (array([20.]), array([0., 0., 0.]))
        """
        from physfit.result.many_rows import curve_of

        return curve_of(self, self._row(place), x)

    def residuals(self, *place: int) -> Values:
        """Data minus model of one row, NaN where a sample was left out.

        Parameters
        ----------
        *place : int
            Index of the row in the map, one number per axis.
        """
        from physfit.result.many_rows import sample_residuals

        return sample_residuals(self, self._row(place))

    # Out

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before using the numbers, one sentence each."""
        from physfit.result.many_caveats import caveats

        return caveats(self, [self[name] for name in (*self.names, *self.derived)])

    def _document(self) -> Document:
        from physfit.result.many_report import document

        return document(self)

    def _record(self) -> dict[str, Any]:
        from physfit.result.many_report import record

        return record(self)

    def __repr__(self) -> str:
        n_failed = self.n_rows - int(self.converged.sum())
        shape = " x ".join(map(str, self.shape))
        return (
            f"<ManyResult of {self.model.expression!r}: {shape} rows, {n_failed} of "
            "them failed>"
        )

    def _row(self, place: tuple[int, ...]) -> int:
        from physfit.result.many_rows import row_number

        return row_number(self, place)
