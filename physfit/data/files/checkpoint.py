"""Checkpoints: the last two states of a run, of which one is always whole.

A new state is written and flushed under another name; then the present file becomes
`PATH.previous`, and the new one takes its place. Whenever the process is killed, `PATH`
or `PATH.previous` holds a whole state, with a checksum in front (`checksummed`).
"""

from __future__ import annotations

import os
import warnings
from pathlib import Path
from typing import Any

from physfit.data.files.checksummed import (
    is_of_schema,
    read_checksummed,
    write_checksummed,
)
from physfit.data.files.output_lock import OutputLock
from physfit.data.files.schema import Schema
from physfit.data.files.writers import Record
from physfit.errors import DataError

__all__ = ["check_previous", "load_checkpoint", "previous_of", "save_checkpoint"]

_SCHEMA = Schema("physfit.checkpoint", 2)


def previous_of(path: str | os.PathLike[str]) -> Path:
    """Where the state before the last one stands."""
    return Path(f"{os.path.realpath(path)}.previous")


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
    >>> import numpy as np
    >>> path = os.path.join(tempfile.mkdtemp(), "run.ckpt")
    >>> save_checkpoint(path, {"step": 1, "theta": np.array([0.5, 2.0])})
    >>> save_checkpoint(path, {"step": 2, "theta": np.array([0.25, 2.0])})
    >>> load_checkpoint(path)["step"], load_checkpoint(previous_of(path))["step"]
    (2, 1)
    """
    before = previous_of(path)
    if lock is None:
        check_previous(before)
    write_checksummed(
        path, {}, record, _SCHEMA, overwrite=True, lock=lock, previous=before
    )


def check_previous(path: Path) -> None:
    """Refuse to replace what is no checkpoint.

    Raises
    ------
    DataError
    """
    if os.path.lexists(path) and not is_of_schema(path, _SCHEMA.name):
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
    problems: list[DataError] = []
    for file in (Path(os.path.realpath(path)), previous_of(path)):
        if not file.exists():
            continue
        try:
            _, record = read_checksummed(file, _SCHEMA)
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
