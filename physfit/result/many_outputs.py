"""Files and tables of the fits of many rows, as methods of their result."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from physfit.errors import InputError
from physfit.result.many_fitted import ManyFitted

if TYPE_CHECKING:
    import pandas
    import xarray


__all__ = ["ManyOutputs"]


class ManyOutputs(ManyFitted):
    """What a `ManyResult` is written as."""

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

        return frame(self)

    def to_xarray(self) -> xarray.Dataset:
        """Data set of xarray: a map of each quantity over the axes, with units.

        The columns are those of `to_frame`; `status` and `retry_stage` are numbers,
        whose words their attributes have. What was fitted stands in the attributes.

        Raises
        ------
        InputError
            When xarray is not installed.

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[[1.0, 3.1, 4.9], [0.0, 2.0, 4.2]]] * 3
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows, sigma=0.1)
        >>> maps = many.to_xarray()
        >>> dict(maps.sizes), maps.slope_stderr.dims
        ({'y': 3, 'x': 2}, ('y', 'x'))
        """
        from physfit.result.many_table import dataset

        return dataset(self)

    def to_csv(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the table of `to_frame` as CSV, numbers with all digits.

        As of all files, without p values of counts, which need the data.

        Parameters
        ----------
        path : path
            Ends in .csv.
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        InputError, DataError
            When rows have not been run yet, or the file cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> from pathlib import Path
        >>> import physfit as pf
        >>> rows = [[1.0, 3.0, 5.0], [0.0, 2.0, 4.0]]
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows, sigma=0.1)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     many.to_csv(f"{folder}/lines.csv")
        ...     print(Path(f"{folder}/lines.csv").read_text()[:35])
        row,slope,slope_stderr,intercept,in
        """
        self._export(path, ".csv", overwrite)

    def to_parquet(
        self, path: str | os.PathLike[str], *, overwrite: bool = False
    ) -> None:
        """Write the table of `to_frame` as Parquet, with units as metadata.

        Parameters
        ----------
        path : path
            Ends in .parquet.
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        InputError, DataError
            When rows have not been run yet, pyarrow is not installed, or the file
            cannot be written.
        """
        self._export(path, ".parquet", overwrite)

    def to_npz(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write a map of each column, the axes, and `metadata` as JSON, for numpy.

        Parameters
        ----------
        path : path
            Ends in .npz.
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        InputError, DataError
            When rows have not been run yet, or the file cannot be written.
        """
        self._export(path, ".npz", overwrite)

    def to_netcdf(
        self, path: str | os.PathLike[str], *, overwrite: bool = False
    ) -> None:
        """Write the data set of `to_xarray` as netCDF.

        Parameters
        ----------
        path : path
            Ends in .nc.
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        InputError, DataError
            When rows have not been run yet, xarray or h5netcdf is not installed, or the
            file cannot be written.
        """
        self._export(path, ".nc", overwrite)

    def _export(
        self, path: str | os.PathLike[str], suffix: str, overwrite: bool
    ) -> None:
        from physfit.result.many_export import export_many

        if Path(path).suffix.lower() != suffix:
            raise InputError(
                f"`{os.fspath(path)}` must end in {suffix}; there is a method for each "
                "kind of file."
            )
        export_many(self, path, overwrite=overwrite)
