"""`read_table`: x, y and sigma out of a file of any kind the package reads.

What kind a file is, its first bytes say, then its suffix: HDF5, NPZ and NPY archives,
or text. `Table.note` tells which columns were taken.
"""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from physfit.counts import checked_count
from physfit.data.archives import ARCHIVE_MAGIC, read_archive
from physfit.data.choosing import pick
from physfit.data.dialect import TextFormat
from physfit.data.files.paths import opened_file
from physfit.data.scans import Scan, one_scan
from physfit.data.table import Key, Table, Wanted
from physfit.data.text import read_text
from physfit.errors import DataError, InputError

__all__ = ["is_hdf5", "read_table", "split_path"]

_HDF5_MAGIC = b"\x89HDF\r\n\x1a\n"
_HDF5_SUFFIXES = {".h5", ".hdf5", ".hdf", ".nxs", ".nx", ".nexus"}
_NUMPY_SUFFIXES = {".npz", ".npy"}


def read_table(
    path: str | os.PathLike[str],
    x: Key = None,
    y: Key = None,
    sigma: Key = None,
    *,
    dataset: str | None = None,
    skip_rows: int = 0,
    footer: int = 0,
    delimiter: str | None = None,
    decimal: str | None = None,
    scan: Scan = None,
) -> Table:
    r"""Columns x, y and sigma of a file.

    Parameters
    ----------
    path : path
        Text (CSV, tabs, semicolons, spaces; `.gz` too), NPZ, NPY or HDF5; a path inside
        an HDF5 file may follow after `::`, as in `run.h5::/entry/data`.
    x, y, sigma : str or int, optional
        Column names, numbers from 0, or paths inside an HDF5 file. Without them: the
        first numeric column, the next one, and the one named like an error of y.
        `y="re,im"` joins two columns to complex values; `sigma="none"` takes no sigma.
    dataset : str, optional
        Path inside an HDF5 file, in place of `::`.
    skip_rows, footer : int
        Lines of a text to leave out at its beginning and at its end.
    delimiter : str, optional
        What separates the fields of a text: ",", ";", "tab", "space" ...
    decimal : {".", ","}, optional
        Decimal mark of a text; the other mark separates thousands.
    scan : int or "all", optional
        Which of several measurements of a text, from 0, where x starts again; without
        it the first, and the note says so.

    Returns
    -------
    Table
        Missing values are NaN; `note` says what was taken.

    Raises
    ------
    DataError
        When the file or a column is missing, damaged, or not numeric; when sigma is in
        another unit than y, or a number can be read in two ways.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
    ...     print("t (s); U (V); err", "0,5; 1,25; 0,1", sep="\n", file=file)
    ...     file.flush()
    ...     table = read_table(file.name)
    >>> table.y, table.y_unit
    (array([1.25]), 'V')
    >>> print(table.note)
    x = column 0 't', y = column 1 'U', sigma = column 2 'err'; decimal commas; 1 row
    """
    said = TextFormat(
        checked_count("skip_rows", skip_rows, least=0),
        checked_count("footer", footer, least=0),
        delimiter,
        decimal,
    )
    is_plain = said == TextFormat() and scan is None
    wanted = Wanted(x, y, sigma)
    file, inside = split_path(path, dataset)
    with opened_file(file) as stream:
        is_archive = stream.read(8).startswith(ARCHIVE_MAGIC)
    if is_hdf5(file):
        from physfit.data.hdf5.nexus import read_hdf5_table

        _check_plain(file, is_plain)
        return read_hdf5_table(file, inside, wanted)
    if inside is not None:
        raise DataError(
            f"`{file}` is not an HDF5 file, so it has no {inside!r} inside; give the "
            "path of the file only."
        )
    is_archive = is_archive or file.suffix.lower() in _NUMPY_SUFFIXES
    if is_archive:
        _check_plain(file, is_plain)
        return pick(read_archive(file), wanted).table()
    offer = read_text(file, said)
    return one_scan(pick(offer, wanted).table(), offer.breaks or {}, scan)


def _check_plain(file: Path, is_plain: bool) -> None:
    if not is_plain:
        raise InputError(
            f"`{file}` is no text, so leave out `skip_rows`, `footer`, `delimiter`, "
            "`decimal` and `scan`."
        )


def is_hdf5(path: str | os.PathLike[str]) -> bool:
    """Whether a file, without a path inside of it, is of HDF5 by its name or begin.

    Examples
    --------
    >>> is_hdf5("run.h5::/entry/data"), is_hdf5("run.csv")
    (True, False)
    """
    file, _ = split_path(path, None)
    if file.suffix.lower() in _HDF5_SUFFIXES:
        return True
    with suppress(DataError), opened_file(file) as stream:  # whoever reads it refuses
        return stream.read(8) == _HDF5_MAGIC
    return False


def split_path(
    path: str | os.PathLike[str], dataset: str | None
) -> tuple[Path, str | None]:
    """The file, and the path inside of it."""
    text = os.fspath(path)
    name, separator, inside = text.partition("::")
    if not separator or os.path.exists(text):
        return Path(text), dataset
    if dataset is not None:
        raise DataError(
            f"`{text}` and dataset={dataset!r} both name a place in the file; give one."
        )
    return Path(name), inside
