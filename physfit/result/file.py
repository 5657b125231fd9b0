"""Results in files: JSON, or HDF5 after NeXus, by the suffix of the path."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from physfit.data.files.schema import Schema
from physfit.data.files.writers import read_record
from physfit.errors import DataError, InputError, PhysfitError

if TYPE_CHECKING:
    from physfit.result.fit_result import FitResult

__all__ = ["SCHEMA", "is_json", "load_result"]

SCHEMA = Schema("physfit.fit_result", 2)
_JSON = (".json",)
_HDF5 = (".h5", ".hdf5", ".nxs")


def load_result(path: str | os.PathLike[str]) -> FitResult:
    """Result from a file that `FitResult.save` wrote, with its data.

    Parameters
    ----------
    path : path
        Ends in .json, .h5, .hdf5 or .nxs.

    Returns
    -------
    FitResult
        Evaluates, reports and plots as the one that was saved. Models are read by an
        allow-list; nothing in the file is ever run. A function of a user is there as
        the operations that it was traced to. One that is called as Python, or depends
        on all samples, has its values on the samples of its fit alone.

    Raises
    ------
    InputError
        When the suffix is none of these.
    DataError
        When the file is missing, damaged, not a result, or of a newer physfit.

    Examples
    --------
    >>> import tempfile
    >>> import physfit as pf
    >>> result = pf.fit(pf.models.Linear(), [0.0, 1.0, 2.0], [1.0, 3.1, 4.9])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     result.save(f"{folder}/line.json")
    ...     loaded = load_result(f"{folder}/line.json")
    >>> loaded.values == result.values
    True
    """
    from physfit.result.nexus import from_nexus
    from physfit.result.record import from_record

    of_json = is_json(path)
    raw = read_record(path, SCHEMA)
    try:
        return from_record(raw if of_json else from_nexus(raw))
    except PhysfitError as error:
        raise DataError(f"`{os.fspath(path)}` cannot be read: {error}") from error


def is_json(path: str | os.PathLike[str]) -> bool:
    """Whether a result goes to a file of JSON, or to one of HDF5; no other suffix."""
    suffix = Path(path).suffix.lower()
    if suffix not in (*_JSON, *_HDF5):
        raise InputError(
            f"`{os.fspath(path)}` must end in {', '.join(_JSON + _HDF5)}, which says "
            "what kind of file it is."
        )
    return suffix in _JSON
