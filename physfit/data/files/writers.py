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
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeAlias

from physfit.data.files.atomic import atomic_file
from physfit.data.files.limits import check_stored
from physfit.data.files.output_lock import OutputLock
from physfit.data.files.paths import existing_file, opened_file
from physfit.data.files.schema import Schema
from physfit.document.records import plain
from physfit.engine.workers import undisturbed
from physfit.errors import DataError, InputError

__all__ = ["Record", "atomic_file", "check_schema", "parsed_json"]
__all__ += ["read_record", "write_record"]

#: A nested record; see the module's docstring for what its values may be.
Record: TypeAlias = Mapping[str, Any]
PathLike: TypeAlias = str | os.PathLike[str]

#: Where a file says which schema it has, and which version of it.
_JSON_HEAD = ("schema", "version")
_HDF5_HEAD = ("@physfit_schema", "@physfit_version")
#: What reads files of the schemas of this project.
_READERS = {
    "physfit.fit_result": "read it with pf.load_result",
    "physfit.many_result": "read it with pf.load_many",
}


@undisturbed
def write_record(
    path: PathLike,
    record: Record,
    schema: Schema,
    *,
    overwrite: bool = False,
    lock: OutputLock | None = None,
) -> None:
    """Write a record as JSON if the path ends in .json, else as HDF5.

    Parameters
    ----------
    path : path
        The file to write, atomically.
    record : mapping
        Nested, see the module; what the file says of its schema is no key of its own.
    schema : Schema
        What kind of record this is, for `read_record`.
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
    >>> import math, os, tempfile
    >>> import numpy as np
    >>> path, demo = os.path.join(tempfile.mkdtemp(), "fit"), Schema("demo", 1)
    >>> write_record(f"{path}.json", {"stderr": math.nan}, demo)
    >>> read_record(f"{path}.json", demo)
    {'stderr': None}
    >>> write_record(f"{path}.h5", {"y": np.array([1.5, 2.0]), "y@units": "V"}, demo)
    >>> read_record(f"{path}.h5", demo)
    {'y': array([1.5, 2. ]), 'y@units': 'V'}
    """
    from physfit.data.hdf5.tree import tree_bytes

    head = _head_of(path)
    taken = sorted(set(head) & set(record))
    if taken:
        raise InputError(
            f"A record may not have the key {taken[0]!r}, which the file itself uses; "
            "rename it."
        )
    whole = {**dict(zip(head, schema, strict=True)), **record}
    content = (_json if head is _JSON_HEAD else tree_bytes)(whole)
    with atomic_file(path, overwrite, lock=lock) as temporary:
        temporary.write_bytes(content)


def read_record(path: PathLike, schema: Schema) -> dict[str, Any]:
    """Read a record that `write_record` wrote, of this version of its schema or older.

    Parameters
    ----------
    path : path
        The file to read; JSON if it ends in .json, else HDF5.
    schema : Schema
        The kind of record expected, and the newest version this program knows.

    Returns
    -------
    dict
        The record. Of JSON: null as None, arrays as lists. Of HDF5: with its
        attributes.

    Raises
    ------
    DataError
        When the file is missing, damaged, of another kind or of a newer version.
    """
    file, head = existing_file(path), _head_of(path)
    read = _read_json if head is _JSON_HEAD else _read_hdf5
    return {key: value for key, value in read(file, schema).items() if key not in head}


def _head_of(path: PathLike) -> tuple[str, str]:
    """Where a file says its schema, by its kind: JSON if its name says so, or HDF5."""
    return _JSON_HEAD if Path(path).suffix.lower() == ".json" else _HDF5_HEAD


def _json(record: Record) -> bytes:
    text = json.dumps(plain(record), allow_nan=False, ensure_ascii=False, indent=1)
    try:
        return f"{text}\n".encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"A record holds the text {text[error.start : error.end]!r}, which is not "
            "Unicode; leave out lone surrogates."
        ) from error


def _read_json(file: Path, schema: Schema) -> dict[str, Any]:
    try:
        with opened_file(file) as stream:
            check_stored(file, os.fstat(stream.fileno()))
            record = parsed_json(stream.read().decode())
    except (ValueError, RecursionError) as error:
        raise DataError(
            f"`{file}` is truncated or not JSON ({error}); write it anew."
        ) from error
    if not isinstance(record, dict):
        raise DataError(
            f"`{file}` was not written by physfit: it holds a {type(record).__name__}, "
            "not a record."
        )
    check_schema(file, record, schema, _JSON_HEAD)
    return record


def _read_hdf5(file: Path, schema: Schema) -> dict[str, Any]:
    from physfit.data.hdf5.errors import library_errors
    from physfit.data.hdf5.guard import open_hdf5
    from physfit.data.hdf5.tree import attributes, record_of

    with library_errors(file), open_hdf5(file) as opened:
        with _damage(file):
            head = attributes(opened)
        check_schema(file, head, schema)
        with _damage(file):
            return record_of(opened)


@contextmanager
def _damage(file: Path) -> Iterator[None]:
    try:
        yield
    except DataError as error:
        raise DataError(f"`{file}` is damaged: {error}; write it anew.") from error


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


def check_schema(
    file: Path, record: Record, schema: Schema, head: tuple[str, str] = _HDF5_HEAD
) -> None:
    """Refuse a file of another schema, or of a newer version of this one.

    Parameters
    ----------
    file : Path
    record : mapping
        What the file says of itself.
    schema : Schema
    head : (str, str)
        Keys of the name and the version.

    Raises
    ------
    DataError
    """
    name, number = (record.get(key) for key in head)
    if not isinstance(name, str) or type(number) is not int or number < 0:
        raise DataError(
            f"`{file}` is no file of results: nothing in it says that physfit wrote it "
            f"(as {schema.name}); give one that was saved by physfit."
        )
    if name != schema.name:
        raise DataError(
            f"`{file}` is a {name} file, not a {schema.name} file; "
            f"{_READERS.get(name, 'give another')}."
        )
    if number > schema.version:
        raise DataError(
            f"`{file}` has version {number} of {schema.name}, but this physfit reads "
            f"up to version {schema.version}; update physfit."
        )
