"""Records as JSON and HDF5 files: named schema, numbered version, never a pickle.

A record is a dict of str to str, int, float, bool, None, list, array or dict, nested.
The files are atomic: written beside their place, then moved there (`atomic_file`).

JSON: an array is a list, a complex number or array `{"re": ..., "im": ...}`. NaN and
infinities are null; what null stands for follows from where it stands (a standard error
that does not exist, a bound that is not there). Finite floats come back bit by bit.

HDF5: a dict is a group, every other value a dataset; NaN and infinities are kept. The
key `"@name"` is an attribute of the group it stands in, `"field@name"` one of the
dataset `"field"`: `{"@NX_class": "NXdata", "@signal": "y", "y": y, "y@units": "V"}`.
None is an empty dataset. A list of str stays one; one of numbers comes back as array.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from physfit.data.files.atomic import atomic_file
from physfit.data.files.limits import check_stored
from physfit.data.files.output_lock import OutputLock
from physfit.data.files.paths import existing_file
from physfit.engine.workers import undisturbed
from physfit.errors import DataError, InputError

__all__ = [
    "Record",
    "atomic_file",
    "fill_hdf5",
    "parsed_json",
    "read_hdf5",
    "read_json",
    "write_hdf5",
    "write_json",
]

#: A nested record; see the module's docstring for what its values may be.
Record: TypeAlias = Mapping[str, Any]
PathLike: TypeAlias = str | os.PathLike[str]

_SCHEMA = "physfit_schema"
_VERSION = "physfit_version"
_HEAD = (f"@{_SCHEMA}", f"@{_VERSION}")
#: What reads files of the schemas of this project.
_READERS = {
    "physfit.fit_result": "read it with pf.load_result",
    "physfit.many_result": "read it with pf.load_many",
}


@undisturbed
def write_json(
    path: PathLike,
    record: Record,
    *,
    schema: str,
    version: int,
    overwrite: bool = False,
    lock: OutputLock | None = None,
) -> None:
    """Write a record as JSON, its schema's name and version first.

    Parameters
    ----------
    path : path
        The file to write, atomically.
    record : mapping
        Nested; "schema" and "version" are not allowed as its own keys.
    schema, version : str, int
        What kind of record this is, for `read_json`.
    overwrite : bool
        Whether an existing file may be replaced.
    lock : OutputLock, optional
        Of a run that writes more than this file.

    Raises
    ------
    DataError
        When the file exists or cannot be written.
    InputError
        When the record holds something that JSON does not.

    Examples
    --------
    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "fit.json")
    >>> write_json(path, {"stderr": math.nan}, schema="demo", version=1)
    >>> read_json(path, schema="demo", version=1)
    {'stderr': None}
    """
    whole = _with_head({"schema": schema, "version": version}, _plain(record, "record"))
    text = json.dumps(whole, allow_nan=False, ensure_ascii=False, indent=1) + "\n"
    try:
        data = text.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"A record holds the text {text[error.start : error.end]!r}, which is not "
            "Unicode; leave out lone surrogates."
        ) from error
    with atomic_file(path, overwrite, lock=lock) as temporary:
        temporary.write_bytes(data)


def _plain(value: Any, place: str) -> Any:
    """Return what JSON holds for a value; `place` is where it stands in the record."""
    if isinstance(value, np.ndarray | np.generic):
        value = _from_numpy(value)
    if value is None or isinstance(value, str | bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        for key in value:
            if not isinstance(key, str):
                raise InputError(
                    f"`{place}` has the key {key!r}, but keys must be strings; use "
                    f"{str(key)!r}."
                )
        return {key: _plain(item, f"{place}.{key}") for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item, f"{place}[{i}]") for i, item in enumerate(value)]
    if isinstance(value, complex):
        return {"re": _plain(value.real, place), "im": _plain(value.imag, place)}
    raise InputError(
        f"`{place}` is of type {type(value).__name__}, which a record cannot hold; use "
        "str, int, float, bool, None, list, array or dict."
    )


def _from_numpy(value: np.ndarray[Any, Any] | np.generic) -> Any:
    """Python's own form of an array or numpy scalar; complex ones by parts."""
    if value.dtype.kind == "c" and value.ndim:
        return {"re": value.real.tolist(), "im": value.imag.tolist()}
    return value.tolist()


def read_json(path: PathLike, *, schema: str, version: int) -> dict[str, Any]:
    """Read a record that `write_json` wrote, of this version of its schema or older.

    Parameters
    ----------
    path : path
        The file to read.
    schema, version : str, int
        The kind of record expected, and the newest version this program knows.

    Returns
    -------
    dict
        The record: null as None, arrays as lists.

    Raises
    ------
    DataError
        When the file is missing, damaged, of another kind or of a newer version.
    """
    file = existing_file(path)
    try:
        check_stored(file, os.stat(file))
        text = file.read_text(encoding="utf-8")
        record = parsed_json(text)
    except OSError as error:
        raise DataError(f"`{file}` cannot be read: {error.strerror}.") from error
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"`{file}` is truncated or not JSON ({error}); write it anew."
        ) from error
    if not isinstance(record, dict):
        raise DataError(
            f"`{file}` was not written by physfit: it holds a {type(record).__name__}, "
            "not a record."
        )
    found = record.pop("schema", None), record.pop("version", None)
    _check_schema(file, found, schema, version)
    return record


def parsed_json(text: str) -> Any:
    """What JSON says, each entry once.

    Raises
    ------
    ValueError, RecursionError
    """
    return json.loads(text, object_pairs_hook=_once_each)


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The object of these entries, each of which must stand there once."""
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in record if names.count(name) > 1)
        raise ValueError(f"{twice!r} stands in it twice")
    return record


@undisturbed
def write_hdf5(
    path: PathLike,
    record: Record,
    *,
    schema: str,
    version: int,
    overwrite: bool = False,
    lock: OutputLock | None = None,
) -> None:
    """Write a record as HDF5, its schema's name and version as attributes of the root.

    Parameters
    ----------
    path : path
        The file to write, atomically.
    record : mapping
        Nested, with attributes under `"@name"` and `"field@name"`; see the module.
    schema, version : str, int
        What kind of record this is, for `read_hdf5`.
    overwrite : bool
        Whether an existing file may be replaced.
    lock : OutputLock, optional
        Of a run that writes more than this file.

    Raises
    ------
    DataError
        When the file exists or cannot be written.
    InputError
        When the record holds something that the file cannot.

    Examples
    --------
    >>> import tempfile
    >>> path = os.path.join(tempfile.mkdtemp(), "fit.h5")
    >>> record = {"y": np.array([1.5, 2.0]), "y@units": "V"}
    >>> write_hdf5(path, record, schema="demo", version=1)
    >>> read_hdf5(path, schema="demo", version=1)
    {'y': array([1.5, 2. ]), 'y@units': 'V'}
    """
    with atomic_file(path, overwrite, lock=lock) as temporary:
        fill_hdf5(temporary, record, schema=schema, version=version)


def fill_hdf5(path: Path, record: Record, *, schema: str, version: int) -> None:
    """Write a record into the temporary file of an `atomic_file`."""
    from physfit.data.hdf5.tree import save_tree

    head = {f"@{_SCHEMA}": schema, f"@{_VERSION}": version}
    save_tree(path, _with_head(head, record))


def read_hdf5(path: PathLike, *, schema: str, version: int) -> dict[str, Any]:
    """Read a record that `write_hdf5` wrote, of this version of its schema or older.

    Parameters
    ----------
    path : path
        The file to read.
    schema, version : str, int
        The kind of record expected, and the newest version this program knows.

    Returns
    -------
    dict
        The record, with its attributes.

    Raises
    ------
    DataError
        When the file is missing, damaged, of another kind or of a newer version.
    """
    from physfit.data.hdf5.tree import load_head, load_tree

    file = existing_file(path)
    head = _loaded(file, load_head)
    found = head.get(f"@{_SCHEMA}"), head.get(f"@{_VERSION}")
    _check_schema(file, found, schema, version)
    record = _loaded(file, load_tree)
    return {key: value for key, value in record.items() if key not in _HEAD}


def _loaded(file: Path, load: Callable[[Path], dict[str, Any]]) -> dict[str, Any]:
    from physfit.data.hdf5.errors import library_errors

    with library_errors(file):
        try:
            return load(file)
        except DataError as error:
            raise DataError(f"`{file}` is damaged: {error}; write it anew.") from error


def _with_head(head: Record, record: Record) -> dict[str, Any]:
    """The record behind what says of which schema it is."""
    taken = sorted(set(head) & set(record))
    if taken:
        raise InputError(
            f"A record may not have the key {taken[0]!r}, which the file itself uses; "
            "rename it."
        )
    return {**head, **record}


def _check_schema(
    file: Path, found: tuple[object, object], schema: str, version: int
) -> None:
    """Refuse a file of another schema, or of a newer version of this one."""
    name, number = found
    if name is None or not isinstance(number, int) or isinstance(number, bool):
        raise DataError(
            f"`{file}` is no file of results: nothing in it says that physfit wrote it "
            f"(as {schema}); give one that was saved by physfit."
        )
    if name != schema:
        raise DataError(
            f"`{file}` is a {name} file, not a {schema} file; "
            f"{_READERS.get(str(name), 'give another')}."
        )
    if number > version:
        raise DataError(
            f"`{file}` has version {number} of {schema}, but this physfit reads up to "
            f"version {version}; update physfit."
        )
