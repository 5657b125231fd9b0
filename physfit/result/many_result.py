"""The result of the fits of many rows: a table of answers, and what follows from it."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.row_data import Axis, RowData
from physfit.errors import InputError, did_you_mean
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.units import resolve_unit
from physfit.result.row_table import RowTable
from physfit.solve.base import Status
from physfit.typing import FloatArray
from physfit.uncertainty.rows import diagonal_places, unpacked

__all__ = ["ManyEstimate", "ManyResult"]


class ManyEstimate(NamedTuple):
    """A parameter, or a quantity derived from the parameters, in every row.

    Attributes
    ----------
    name : str
    value, stderr : ndarray
        In the shape of the map. A row that was not fitted has NaN; the standard error
        is NaN when there is none, and infinite where the row does not determine it.
    unit : str
    at_bound : ndarray of int8
        -1 at the lower bound, 1 at the upper one, 0 elsewhere.
    description : str
    """

    name: str
    value: FloatArray
    stderr: FloatArray
    unit: str
    at_bound: NDArray[np.int8]
    description: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class ManyResult:
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
    data : RowData or None
        The data, if they are at hand.
    x_label, x_unit, y_label, y_unit, source : str
    seconds : float
        Wall time of the fits.
    created : float
        When, in seconds since 1970 (UTC).
    notes : tuple of str
        What a reader must know besides.
    """

    model: Model
    loss: Loss
    table: RowTable
    axes: tuple[Axis, ...]
    is_absolute: bool
    data: RowData | None = None
    x_label: str = "x"
    x_unit: str = ""
    y_label: str = "y"
    y_unit: str = ""
    source: str = ""
    seconds: float = math.nan
    created: float = field(default_factory=time.time)
    notes: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> ManyEstimate:
        if name not in self.model.index:
            raise InputError(
                f"{name!r} is no parameter of {self.model.expression}; "
                f"{did_you_mean(str(name), self.model.names)}"
            )
        place = self.model.free_index[name]
        own = self.model.parameters[name]
        return ManyEstimate(
            name,
            self._map(self.table.theta[:, place]),
            self._map(self.stderr[:, place]),
            resolve_unit(own.unit, self.x_unit, self.y_unit),
            self._map(self.table.at_bound[:, place]),
            own.description,
        )

    def __iter__(self) -> Iterator[str]:
        return iter(self.model.free_names)

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the map."""
        return tuple(len(axis.values) for axis in self.axes)

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.table.n_rows

    @cached_property
    def stderr(self) -> FloatArray:
        """Standard errors of the free parameters, shape (n_rows, P)."""
        n = len(self.model.free_names)
        with np.errstate(invalid="ignore"):
            errors: FloatArray = np.sqrt(self.table.covariance[:, diagonal_places(n)])
        return errors

    @property
    def status(self) -> NDArray[np.uint8]:
        """Status of every row, as `pf.Status` numbers them, in the map's shape."""
        return self._map(self.table.status)

    @property
    def converged(self) -> NDArray[np.bool_]:
        """Which rows have converged, in the map's shape."""
        return self._map(~self.table.failed)

    @property
    def chi2(self) -> FloatArray:
        """Sum of squared residuals in sigma, or deviance, in the map's shape."""
        return self._map(self.table.chi2)

    @cached_property
    def dof(self) -> NDArray[np.int64]:
        """Degrees of freedom of every row, in the map's shape.

        Samples in use less the parameters that they determine.
        """
        numbers = self.table.n_samples.astype(np.int64) * self.model.n_outputs
        fitted = (self.table.at_bound == 0) & ~np.isinf(self.stderr)
        return self._map(numbers - np.where(self._tried, fitted.sum(axis=1), 0))

    @property
    def _tried(self) -> NDArray[np.bool_]:
        tried: NDArray[np.bool_] = self.table.n_samples > 0
        return tried

    @property
    def reduced_chi2(self) -> FloatArray:
        """Chi2 per degree of freedom, NaN without any, in the map's shape."""
        dof = np.where(self.dof > 0, self.dof, np.nan)
        ratio: FloatArray = self.chi2 / dof
        return ratio

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the maps to an HDF5 file after NeXus; `pf.load_many` reads it.

        Parameters
        ----------
        path : path
            Ends in .h5, .hdf5 or .nxs.
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        InputError, DataError
            When the suffix is another, or the file cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> import physfit as pf
        >>> x, y = [0.0, 1.0, 2.0], [[1.0, 3.1, 4.9], [0.0, 0.9, 2.1]]
        >>> many = pf.fit_many(pf.models.Linear(), x, y)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     many.save(f"{folder}/lines.h5")
        """
        from physfit.result.many_file import save_many

        save_many(self, path, overwrite=overwrite)

    def covariance(self, *place: int) -> FloatArray:
        """Covariance of the free parameters of one row, shape (P, P).

        Parameters
        ----------
        *place : int
            Index of the row in the map, one number per axis.
        """
        row = int(np.ravel_multi_index(place, self.shape))
        return unpacked(self.table.covariance[row], len(self.model.free_names))

    @cached_property
    def statuses(self) -> dict[Status, int]:
        """How many rows ended with each status, most frequent first."""
        numbers, counts = np.unique(self.table.status, return_counts=True)
        order = np.argsort(-counts, kind="stable")
        return {Status(int(numbers[k])): int(counts[k]) for k in order}

    def report(self) -> str:
        """Text: how the rows ended, and how the parameters are spread over them.

        Examples
        --------
        >>> import physfit as pf
        >>> x, y = [0.0, 1.0, 2.0], [[1.0, 3.1, 4.9], [0.0, 0.9, 2.1]]
        >>> print(pf.fit_many(pf.models.Linear(), x, y, sigma=0.1).report())
        linear, chi2: 2 rows...
        """
        from physfit.result.many_report import report

        return report(self)

    def __repr__(self) -> str:
        n_failed = int(self.table.failed.sum())
        shape = " x ".join(map(str, self.shape))
        return f"<ManyResult {self.model.expression}: {shape} rows, {n_failed} failed>"

    def _map(self, values: NDArray[Any]) -> NDArray[Any]:
        return values.reshape(self.shape)
