"""States of files: what tells whether a file is still the one that was read.

Size and date change when a file is written to; `ctime` and `inode` also when it is
copied, replaced, or given an earlier date. Equal in all four, it is the same content.
The device is not compared: network file systems number it on each machine anew.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from physfit.data.files.digests import digest_of_record

__all__ = ["FileState", "changes", "stamp_of", "state_of"]

#: Dates are kept to so many ns by SMB, by Python and tar, by exFAT, scp and tar, FAT.
_CLOCKS_NS = (100, 1000, 10**6, 10**7, 10**9, 2 * 10**9)


@dataclass(frozen=True)
class FileState:
    """A file at one moment.

    Attributes
    ----------
    path : str
        Absolute, links resolved.
    size : int
        Bytes.
    mtime_ns, ctime_ns : int
        When its content, and when anything about it, was changed last.
    inode, device : int
    """

    path: str
    size: int
    mtime_ns: int
    ctime_ns: int
    inode: int
    device: int

    @property
    def stamp(self) -> tuple[int, int, int, int]:
        """What is the same as long as nothing was done to the file."""
        return self.size, self.mtime_ns, self.ctime_ns, self.inode

    @property
    def date(self) -> str:
        """When the content was changed last, to the last digit."""
        second = datetime.fromtimestamp(self.mtime_ns // 10**9, UTC)
        return f"{second:%Y-%m-%d %H:%M:%S}.{self.mtime_ns % 10**9:09d} UTC"

    def change(self, status: os.stat_result) -> str:
        """What was done to the file until now, as a verb; empty if nothing."""
        if (status.st_ino, status.st_dev) != (self.inode, self.device):
            return "was replaced by another file"
        if status.st_size < self.size:
            return f"shrank from {self.size} to {status.st_size} bytes"
        if (status.st_size, status.st_mtime_ns) != (self.size, self.mtime_ns):
            return "was written to"
        if status.st_ctime_ns != self.ctime_ns:
            return "was given another date, name or mode"
        return ""


def state_of(path: str | os.PathLike[str], status: os.stat_result) -> FileState:
    """State of a file from what the system says of it."""
    return FileState(
        str(Path(path).resolve()),
        *(status.st_size, status.st_mtime_ns, status.st_ctime_ns),
        *(status.st_ino, status.st_dev),
    )


def changes(old: Sequence[FileState], new: Sequence[FileState]) -> str:
    """In which sizes and dates files differ, in words; empty if in none."""
    if len(old) != len(new):
        return f"the data are in {len(new)} files, but were in {len(old)}"
    for before, now in zip(old, new, strict=True):
        if before.size == now.size and _is_one_date(before.mtime_ns, now.mtime_ns):
            continue
        return (
            f"its data file `{now.path}` has {now.size} bytes, last written "
            f"{now.date}, but had {before.size}, last written {before.date}; if the "
            "data are the same, give the file that date again (cp -p, touch -d)"
        )
    return ""


def _is_one_date(a: int, b: int) -> bool:
    """Whether dates are equal, or one is the other as a coarser clock keeps it."""
    return a == b or any(a - a % k == b or b - b % k == a for k in _CLOCKS_NS)


def stamp_of(states: Sequence[FileState]) -> str:
    """Digest of states: equal as long as nothing was done to any of the files."""
    return digest_of_record([state.stamp for state in states])
