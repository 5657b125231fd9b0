"""Files and tables of the fits of many rows, as methods of their result."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    import pandas

    from physfit.result.many_result import ManyResult

__all__ = ["ManyOutputs"]


class ManyOutputs:
    """What a `ManyResult` is written as."""

    @property
    def _whole(self) -> ManyResult:
        return cast("ManyResult", self)

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

        save_many(self._whole, path, overwrite=overwrite)

    def to_frame(self) -> pandas.DataFrame:
        """Table of pandas with a line for each row.

        Axes, values and standard errors of all quantities, chi2, status and start.

        Raises
        ------
        InputError
            When pandas is not installed.

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[1.0, 3.1, 4.9], [0.0, 2.0, 4.2]]
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows, sigma=0.1)
        >>> many.to_frame().columns[:4].to_list()
        ['row', 'slope', 'slope_stderr', 'intercept']
        """
        from physfit.result.many_table import frame

        return frame(self._whole)
