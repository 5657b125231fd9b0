"""The text of a file: unpacked, decoded, and no more of it than memory holds."""

from __future__ import annotations

import gzip
import os
import zlib
from pathlib import Path

from physfit.data.files.limits import size_in_words
from physfit.data.files.paths import opened_file
from physfit.errors import DataError

__all__ = ["lines_of_file"]

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_GZIP = b"\x1f\x8b"
#: Bytes that packed text may have, and how many times its size on disk beyond: lines
#: of numbers take some twenty times as much again while they are taken apart.
_ALWAYS, _TIMES = 32 << 20, 50
#: What fills up a block of a file, and the mark of its end in DOS and CP/M.
_PADDING = "\0\x1a"
#: Bytes that are unpacked at once.
_STEP = 1 << 20


def lines_of_file(path: Path, longest: int) -> list[str]:
    """Lines of a text file, perhaps packed by gzip, without their ends.

    Parameters
    ----------
    path : Path
    longest : int
        Characters that a line may have.

    Raises
    ------
    DataError
        When it is no text, damaged, or too large.
    """
    try:
        text = _decoded(path, _bytes_of(path))
        # not splitlines, which also breaks at letters such as the next line of latin-1
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        lines = text.split("\n")
    except (MemoryError, OverflowError) as error:
        raise DataError(
            f"`{path}` does not fit into memory as text; store it as HDF5."
        ) from error
    if max(map(len, lines)) > longest:
        number, line = next(
            pair for pair in enumerate(lines, 1) if len(pair[1]) > longest
        )
        raise DataError(
            f"`{path}` has {len(line)} characters in line {number}, but lines have "
            f"{longest} at most; end lines by a line break, or store it as HDF5."
        )
    return lines


def _bytes_of(path: Path) -> bytes:
    with opened_file(path) as stream:
        size = max(os.fstat(stream.fileno()).st_size, _ALWAYS)
        if stream.read(2) == _GZIP:
            return _unpacked(path)
        stream.seek(0)
        data = stream.read(size + 1)
    if len(data) > size:
        raise DataError(f"`{path}` grows while it is read; give a finished file.")
    return data


def _unpacked(path: Path) -> bytes:
    """Content of a gzip file, refused as soon as it is too large."""
    stored = path.stat().st_size
    most = max(_ALWAYS, _TIMES * stored)
    parts, size = [], 0
    try:
        with gzip.open(path) as stream:
            while part := stream.read(_STEP):
                parts.append(part)
                size += len(part)
                if size > most:
                    raise DataError(
                        f"`{path}` unpacks to more than {size_in_words(most)} from "
                        f"{size_in_words(stored)} on disk, as hardly a table does; if "
                        "this one does (a map of mostly zeros), unpack it by `gunzip "
                        "-k` and give what comes out."
                    )
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(
            f"`{path}` is a truncated or damaged gzip file ({error}); copy it anew."
        ) from error
    return b"".join(parts)


def _decoded(path: Path, data: bytes) -> str:
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, errors="replace").rstrip(_PADDING)
    data = data.rstrip(_PADDING.encode())
    if data[1:64:2].count(0) > 24 and data[:64:2].count(0) == 0:
        # the stripped last byte was the zero of a letter
        return data.decode("utf-16-le", errors="ignore")
    if b"\0" in data:
        raise DataError(
            f"`{path}` is not a text file; give text columns, .npz, .npy or HDF5."
        )
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("latin-1")
