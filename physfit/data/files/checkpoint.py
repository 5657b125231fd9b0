"""Checkpoints: the last two states of a run, of which one is always whole.

A new state is written and flushed under another name; then the present file becomes
`PATH.previous`, and the new one takes its place. Whenever the process is killed, `PATH`
or `PATH.previous` holds a whole state. A checksum over the content finds damage that
the file format does not notice.
"""

from __future__ import annotations

import hashlib
import os
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from physfit.data.files.atomic import atomic_file
from physfit.data.files.output_lock import OutputLock
from physfit.data.files.writers import Record, fill_hdf5, read_hdf5
from physfit.errors import DataError, InputError

__all__ = ["check_previous", "load_checkpoint", "previous_of", "save_checkpoint"]

_SCHEMA, _VERSION = "physfit.checkpoint", 1
_CHECKSUM = "@checksum"


def previous_of(path: str | os.PathLike[str]) -> Path:
    """Where the state before the last one stands."""
    file = Path(os.path.realpath(path))
    return file.with_name(file.name + ".previous")


def save_checkpoint(
    path: str | os.PathLike[str], record: Record, *, lock: OutputLock | None = None
) -> None:
    """Write a state; the one that was there becomes the previous one.

    Parameters
    ----------
    path : path
        The checkpoint file.
    record : mapping
        Nested str, int, float, bool, None, list of str, array or mapping.
    lock : OutputLock, optional
        Of a run that saves more than once, after `check_previous`.

    Raises
    ------
    DataError
        When the file cannot be written, or `PATH.previous` is something else; both
        earlier states are still there.
    InputError
        When the record holds something that the file cannot.

    Examples
    --------
    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "run.ckpt")
    >>> save_checkpoint(path, {"step": 1, "theta": np.array([0.5, 2.0])})
    >>> save_checkpoint(path, {"step": 2, "theta": np.array([0.25, 2.0])})
    >>> load_checkpoint(path)["step"], load_checkpoint(previous_of(path))["step"]
    (2, 1)
    """
    if _CHECKSUM in record:
        raise InputError(f"A checkpoint may not have the key {_CHECKSUM!r}; rename it.")
    whole = {_CHECKSUM: _checksum(record), **record}
    before = previous_of(path)
    if lock is None:
        check_previous(before)
    with atomic_file(path, overwrite=True, lock=lock, previous=before) as temporary:
        fill_hdf5(temporary, whole, schema=_SCHEMA, version=_VERSION)


def check_previous(path: Path) -> None:
    """Refuse to replace what is no checkpoint.

    Raises
    ------
    DataError
    """
    if not os.path.lexists(path):
        return
    from physfit.data.hdf5.errors import LIBRARY_ERRORS
    from physfit.data.hdf5.guard import open_hdf5

    try:
        with open_hdf5(path) as file:
            found = file.attrs.get("physfit_schema")
    except (*LIBRARY_ERRORS, DataError):
        found = None
    if not (isinstance(found, str) and found == _SCHEMA):
        raise DataError(
            f"`{path}` is no checkpoint, but the one before the last would take its "
            "place; move it away, or give another path."
        )


def load_checkpoint(path: str | os.PathLike[str]) -> dict[str, Any] | None:
    """Return the newest whole state, or None if there is none at all.

    When the newest one is damaged, a warning says so and the previous one is returned.

    Parameters
    ----------
    path : path
        The checkpoint file.

    Raises
    ------
    DataError
        When what is there cannot be used: damaged, of another kind, or of a newer
        version.
    """
    generations = [Path(os.path.realpath(path)), previous_of(path)]
    found = [file for file in generations if file.exists()]
    problems: list[DataError] = []
    for file in found:
        try:
            record = _load(file)
        except DataError as error:
            problems.append(error)
            continue
        for problem in problems:
            warnings.warn(
                f"{problem} The state before it, `{file}`, is used instead.",
                stacklevel=2,
            )
        return record
    if problems:
        raise problems[0]
    return None


def _load(file: Path) -> dict[str, Any]:
    record = read_hdf5(file, schema=_SCHEMA, version=_VERSION)
    if record.pop(_CHECKSUM, None) != _checksum(record):
        raise DataError(f"`{file}` is damaged: its checksum does not fit its content.")
    return record


def _checksum(record: Record) -> str:
    digest = hashlib.sha256()
    _digest(record, digest)
    return digest.hexdigest()


def _digest(value: Any, digest: Any) -> None:
    """Feed a value in the form in which it comes back from the file."""
    if isinstance(value, Mapping):
        for key in sorted(value):
            digest.update(f"{{{key}}}".encode(errors="replace"))
            _digest(value[key], digest)
        return
    if isinstance(value, np.generic) or (
        isinstance(value, np.ndarray) and value.ndim == 0
    ):
        value = value.item()
    if value is None or isinstance(value, str):
        digest.update(repr(value).encode())
        return
    array = np.asarray(value)
    if array.dtype.kind == "U" or array.size == 0:
        digest.update(repr(array.tolist()).encode())
        return
    digest.update(f"{array.dtype.kind}{array.shape}".encode())
    digest.update(np.ascontiguousarray(array).tobytes())
