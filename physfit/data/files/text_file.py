"""The text of a file: unpacked, decoded, and no more of it than memory holds."""

from __future__ import annotations

import gzip
import os
import zlib
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import NamedTuple, overload

from physfit.data.files.limits import size_in_words
from physfit.data.files.paths import opened_file
from physfit.errors import DataError

__all__ = ["Lines", "lines_of_file"]

_MARKS = {b"\xef\xbb\xbf": "utf-8-sig", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
_GZIP = b"\x1f\x8b"
#: Bytes that packed text may have, and how many times its size on disk beyond: lines
#: of numbers take some twenty times as much again while they are taken apart.
_ALWAYS, _TIMES = 32 << 20, 50
#: What fills up a block of a file, and the mark of its end in DOS and CP/M.
_PADDING = "\0\x1a"
#: Bytes that are unpacked at once.
_STEP = 1 << 20
#: Characters at the beginning of a text that are taken apart alone.
_BEGINNING = 1 << 18
#: Names that numpy takes for those of packed files.
_PACKED = (".gz", ".bz2", ".xz", ".lzma")


class Stored(NamedTuple):
    """Where a text stands in a file as it is; the file can be read again."""

    path: Path
    encoding: str
    stamp: tuple[int, int, int]

    @property
    def is_unchanged(self) -> bool:
        """Whether the file is still the one that was read."""
        return _stamp(os.stat(self.path)) == self.stamp


class Lines(Sequence[str]):
    """Lines of a text without their ends, taken apart as far as they are asked for.

    Attributes
    ----------
    text : str
    stored : Stored or None
        The file, where it holds this text and nothing else.
    """

    def __init__(self, text: str, stored: Stored | None = None) -> None:
        self.text = text
        self.stored = stored

    def __len__(self) -> int:
        return self._number

    def __iter__(self) -> Iterator[str]:
        if "_all" in self.__dict__:
            return iter(self._all)
        first = self._first
        others = (self._all[i] for i in range(len(first), len(self)))
        return chain(first, others)

    @overload
    def __getitem__(self, place: int) -> str: ...
    @overload
    def __getitem__(self, place: slice) -> list[str]: ...
    def __getitem__(self, place: int | slice) -> str | list[str]:
        if place == -1:
            return self.text[self.text.rfind("\n") + 1 :]
        stop = place.stop if isinstance(place, slice) else place
        is_first = stop is not None and 0 <= stop < len(self._first)
        return (self._first if is_first else self._all)[place]

    @cached_property
    def _number(self) -> int:
        return self.text.count("\n") + 1

    @cached_property
    def _first(self) -> list[str]:
        """Whole lines of the beginning."""
        if len(self.text) <= _BEGINNING:
            return self._all
        return self.text[:_BEGINNING].split("\n")[:-1]

    @cached_property
    def _all(self) -> list[str]:
        return self.text.split("\n")


def lines_of_file(path: Path, longest: int) -> Lines:
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
        data, stamp = _bytes_of(path)
        text, encoding = _decoded(path, data)
        # not splitlines, which also breaks at letters such as the next line of latin-1
        if "\r" in text:
            text = text.replace("\r\n", "\n").replace("\r", "\n")
        _check_lengths(path, text, longest)
        is_named_so = path.suffix.lower() in _PACKED
        if encoding and stamp is not None and not is_named_so:
            return Lines(text, Stored(path.absolute(), encoding, stamp))
        return Lines(text)
    except (MemoryError, OverflowError) as error:
        raise DataError(
            f"`{path}` does not fit into memory as text; store it as HDF5."
        ) from error


def _check_lengths(path: Path, text: str, longest: int) -> None:
    """Refuse a line that is too long; what is shorter is passed in large steps."""
    start = 0
    while len(text) - start > longest:
        end = text.rfind("\n", start, start + longest + 1)
        if end < 0:
            number = text.count("\n", 0, start) + 1
            stop = text.find("\n", start)
            length = (stop if stop >= 0 else len(text)) - start
            raise DataError(
                f"`{path}` has {length} characters in line {number}, but lines have "
                f"{longest} at most; end lines by a line break, or store it as HDF5."
            )
        start = end + 1


def _stamp(status: os.stat_result) -> tuple[int, int, int]:
    return status.st_size, status.st_mtime_ns, status.st_ino


def _bytes_of(path: Path) -> tuple[bytes, tuple[int, int, int] | None]:
    """Content of a file, and its stamp unless it was packed."""
    with opened_file(path) as stream:
        status = os.fstat(stream.fileno())
        size = max(status.st_size, _ALWAYS)
        if stream.read(2) == _GZIP:
            return _unpacked(path), None
        stream.seek(0)
        data = stream.read(size + 1)
    if len(data) > size:
        raise DataError(f"`{path}` grows while it is read; give a finished file.")
    return data, _stamp(status)


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


def _decoded(path: Path, data: bytes) -> tuple[str, str]:
    """Text of a file, and its encoding where that is the text of all its bytes."""
    for mark, encoding in _MARKS.items():
        if data.startswith(mark):
            return data.decode(encoding, errors="replace").rstrip(_PADDING), ""
    size = len(data)
    data = data.rstrip(_PADDING.encode())
    if data[1:64:2].count(0) > 24 and data[:64:2].count(0) == 0:
        # the stripped last byte was the zero of a letter
        return data.decode("utf-16-le", errors="ignore"), ""
    if b"\0" in data:
        raise DataError(
            f"`{path}` is not a text file; give text columns, .npz, .npy or HDF5."
        )
    is_whole = len(data) == size
    try:
        return data.decode("utf-8"), "utf-8" if is_whole else ""
    except UnicodeDecodeError:
        return data.decode("latin-1"), "latin-1" if is_whole else ""
