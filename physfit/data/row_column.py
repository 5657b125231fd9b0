"""Columns of rows: y, x, sigma or mask, which all rows share or each has its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from physfit.data.files.digests import digest_of
from physfit.data.row_data import both_parts
from physfit.errors import DataError, DomainError, InputError

__all__ = ["Reader", "RowColumn", "shared_column", "sigma_column"]

#: Values of the rows from one number to another.
Reader: TypeAlias = Callable[[int, int], NDArray[Any]]


class RowColumn(NamedTuple):
    """y, x, sigma or mask of rows: one for all of them, or one that is read for each.

    Attributes
    ----------
    shared : ndarray or None
        What all rows have, in the shape that `RowData` takes.
    read : callable or None
        `read(start, stop)` gives what each of these rows has.
    missing : ndarray or None
        What stands for that of a row that cannot be read.
    digest : str
        Digest of what is shared; place of what is read, which digests of rows cover.
    """

    shared: NDArray[Any] | None = None
    read: Reader | None = None
    missing: NDArray[Any] | None = None
    digest: str = "none"

    @property
    def width(self) -> int:
        """Numbers of a row; 0 without any."""
        values = self.shared if self.missing is None else self.missing
        return 0 if values is None else values.shape[-1]

    def rows(self, start: int, stop: int) -> Any:
        """The rows `start` to `stop`, or what all share."""
        return self.shared if self.read is None else self.read(start, stop)

    def times(self, factor: float) -> RowColumn:
        """The same numbers times a factor."""
        if factor == 1.0:
            return self
        if self.shared is not None:
            return shared_column(self.shared * factor)
        read = self.read
        if read is None:
            return self
        return self._replace(read=lambda start, stop: read(start, stop) * factor)

    def samples(self, keep: NDArray[np.bool_]) -> RowColumn:
        """The same of some samples; one number for all of a row stays."""
        if self.width != keep.size:
            return self
        if self.shared is not None:
            return shared_column(np.ascontiguousarray(self.shared[..., keep]))
        read, missing = self.read, self.missing
        if read is None or missing is None:
            return self
        return self._replace(
            read=lambda start, stop: np.ascontiguousarray(read(start, stop)[..., keep]),
            missing=np.ascontiguousarray(missing[..., keep]),
        )

    def of_both_parts(self, n: int) -> RowColumn:
        """Standard deviations that are read as complex numbers, of `n` samples."""
        read, missing = self.read, self.missing
        if read is None or missing is None or missing.dtype.kind != "c":
            return self
        return self._replace(
            read=lambda start, stop: both_parts(read(start, stop), n),
            missing=np.ones((2, n), missing.real.dtype),
        )

    def missing_rows(self, n: int) -> Any:
        """So many rows that cannot be read, or what all share."""
        if self.missing is None:
            return self.shared
        return np.repeat(self.missing[None], n, axis=0)


def shared_column(values: NDArray[Any]) -> RowColumn:
    """A column that all rows share."""
    return RowColumn(values, digest=digest_of(values))


def sigma_column(
    sigma: Any,
    n_points: int,
    path: Path,
    dataset: str | None = None,
    *,
    is_complex: bool = False,
) -> RowColumn:
    """Standard deviations of all rows: an argument, or those of a dataset.

    Those of complex data may be complex.

    Raises
    ------
    InputError, DataError
        When there is another number of them, or they are complex and the data are not.
    DomainError
        When one is not above 0.
    """
    error = InputError if dataset is None else DataError
    found = np.asarray(sigma)
    if found.dtype.kind == "c" and not is_complex:
        raise error(
            f"`{path}`, standard deviations {dataset or 'sigma'!r} are complex, "
            "but the data are real; give real ones."
        )
    found = found if found.dtype.kind == "c" else found.astype(np.float64)
    values = np.atleast_2d(found)
    if values.shape not in ((1, 1), (1, n_points)):
        raise error(
            f"`{path}`, standard deviations {dataset or 'sigma'!r} of shape "
            f"{values.shape}: give one number, {n_points} (one per sample), or as "
            "many as the data have."
        )
    values = np.ascontiguousarray(both_parts(values, n_points))
    if (values <= 0.0).any():
        raise DomainError(
            f"`{dataset or 'sigma'}` must be above 0 everywhere; mask what is not."
        )
    return shared_column(values)
