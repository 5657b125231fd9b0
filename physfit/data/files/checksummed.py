"""Records with a checksum in front, which is compared before their content is used.

The first 512 bytes are one line of text: the digest of all bytes that follow it, and a
JSON object that says which kind of file this is, and more; spaces fill the line up. So
a file that was cut, altered or put in another's place is refused before anything reads
its content. HDF5 takes the line for a user block: other programs open such a file.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from physfit.data.files.atomic import atomic_file
from physfit.data.files.digests import digest_of_bytes
from physfit.data.files.limits import check_stored
from physfit.data.files.output_lock import OutputLock
from physfit.data.files.paths import opened_file
from physfit.data.files.schema import Schema
from physfit.data.files.writers import Record, parsed_json
from physfit.errors import DataError, InputError

__all__ = ["is_of_schema", "read_checksummed", "read_head", "write_checksummed"]

#: Bytes of a file in which the name of its schema stands, also in older ones.
_BEGINNING = 1 << 13
#: How a file without such a line begins.
_HDF5 = b"\x89HDF"
#: Bytes of the line, as HDF5 allows them before its own, and hexadecimal digits in it.
HEAD, DIGITS = 512, 32


def write_checksummed(
    path: str | os.PathLike[str],
    head: Mapping[str, str | int],
    record: Record,
    schema: Schema,
    *,
    overwrite: bool = False,
    lock: OutputLock | None = None,
    previous: Path | None = None,
) -> None:
    """Write a file with a checksum in front, whole or not at all.

    Parameters
    ----------
    path : path
    head : mapping
        Short entries that are read without the content.
    record : mapping
        Nested str, int, float, bool, None, list of str, array or mapping.
    schema : Schema
        What kind of file this is, for `read_checksummed`.
    overwrite : bool
        Whether an existing file may be replaced.
    lock : OutputLock, optional
        Of a run that writes more than this file.
    previous : Path, optional
        Where an old file goes.

    Raises
    ------
    DataError
        When the file exists or cannot be written.
    InputError
        When the head is longer than the line, or the record holds something that the
        file cannot.

    Examples
    --------
    >>> import tempfile
    >>> path, demo = os.path.join(tempfile.mkdtemp(), "state"), Schema("demo", 1)
    >>> write_checksummed(path, {"step": 3}, {"name": "abc"}, demo)
    >>> read_checksummed(path, demo)
    ({'step': 3}, {'name': 'abc'})
    """
    from physfit.data.hdf5.tree import tree_bytes

    content = tree_bytes(record)
    entries = {
        "schema": schema.name,
        "version": schema.version,
        "size": len(content),
        **head,
    }
    text = json.dumps(entries, allow_nan=False)
    line = f" {text}".ljust(HEAD - DIGITS - 1).encode() + b"\n"
    if len(line) != HEAD - DIGITS:
        raise InputError(
            f"`{os.fspath(path)}` cannot be written: its first line would have "
            f"{DIGITS + len(line)} bytes, more than {HEAD}; shorten its entries."
        )
    digest = digest_of_bytes(line, content).encode()
    with (
        atomic_file(path, overwrite, lock=lock, previous=previous) as temporary,
        temporary.open("wb") as stream,
    ):
        stream.write(digest + line)
        stream.write(content)


def read_head(path: str | os.PathLike[str], schema: Schema) -> dict[str, Any]:
    """Entries of the line of such a file; its bytes are not compared with it.

    Raises
    ------
    DataError
        When the file is missing, of another kind or of another version.
    """
    with opened_file(path) as stream:
        return _head(Path(path), stream.read(HEAD), schema)


def read_checksummed(
    path: str | os.PathLike[str], schema: Schema
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Entries of the line and record of a file whose bytes are those that were written.

    Raises
    ------
    DataError
        When the file is missing, cut, altered, of another kind or of another version.
    """
    from physfit.data.hdf5.tree import tree_of_bytes

    file = Path(path)
    with opened_file(file) as stream:
        line = stream.read(HEAD)
        head = _head(file, line, schema)
        status = os.fstat(stream.fileno())
        if status.st_size - HEAD != head.pop("size"):
            raise _damaged(file, f"it has {status.st_size} bytes")
        check_stored(file, status)
        content = stream.read()
    if digest_of_bytes(line[DIGITS:], content).encode() != line[:DIGITS]:
        raise _damaged(file, "its bytes do not fit their checksum")
    try:
        return head, tree_of_bytes(content)
    except DataError as error:
        raise _damaged(file, str(error).rstrip(".")) from error


def is_of_schema(path: Path, name: str) -> bool:
    """Whether a file says near its beginning that it is of a schema, whole or not."""
    with suppress(DataError), opened_file(path) as stream:
        return name.encode() in stream.read(_BEGINNING)
    return False


def _head(file: Path, line: bytes, schema: Schema) -> dict[str, Any]:
    """Entries of a line beside its schema and version."""
    try:
        head = parsed_json(line[DIGITS:].decode())
        name, number, size = head.pop("schema"), head.pop("version"), head["size"]
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
        if line.startswith(_HDF5) and is_of_schema(file, schema.name):
            raise _of_another_age(file, "an older") from error
        raise _damaged(file, f"it is no {schema.name} file of this physfit") from error
    if name != schema.name or type(number) is not int or type(size) is not int:
        raise _damaged(file, f"it is no {schema.name} file")
    if number != schema.version:
        is_newer = number > schema.version
        raise _of_another_age(file, "a newer" if is_newer else "an older")
    entries: dict[str, Any] = head
    return entries


def _damaged(file: Path, what: str) -> DataError:
    return DataError(f"`{file}` is damaged: {what}.")


def _of_another_age(file: Path, age: str) -> DataError:
    return DataError(f"`{file}` was written by {age} physfit.")
