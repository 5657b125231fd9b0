"""The one door to HDF5 files that are read: a child process inspects them first.

The HDF5 library dies, loops or takes gigabytes on some damaged files (version 2.0: 6 of
6,000 files with altered metadata ended the process, in `H5Ovisit`, `H5Dread` and the
filters). So before a file is opened, a forked child opens every object of it, reads its
attributes, type, space, filters and chunk index and an element or more of each data
set, with limits on time and memory. If the child dies, the file is refused; what the
library merely reports is left to the caller. Each state of a file is inspected once in
a process; of very large files only what the walk touches in 0.3 s is covered. Where
there is no fork (Windows), files are opened unseen.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]
import faulthandler
import gc
import math
import os
import re
import select
import signal
import sys
import time
import warnings
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import h5py

from physfit.data.files.file_bytes import state_of
from physfit.data.files.paths import existing_file
from physfit.data.hdf5.chunk_headers import filters_of
from physfit.data.hdf5.errors import LIBRARY_ERRORS
from physfit.data.hdf5.place import linked_files, source_files
from physfit.errors import DataError

__all__ = ["check_hdf5", "open_hdf5", "referenced_files"]


#: Seconds after which the walk touches nothing more, and after which it ends.
_TOUCH_SECONDS, _WALK_SECONDS = 0.3, 2.0
#: Seconds of computing, and of waiting for a slow disk, that a child is given.
_COMPUTE_SECONDS, _WAIT_SECONDS = 10, 30
#: Bytes that a child may take beyond what its parent has, and largest chunk it reads.
_HEADROOM, _LARGEST_CHUNK = 768 << 20, 64 << 20
#: Filters that withstand damaged data: deflate, shuffle, checksum, lzf. Those that this
#: package checks itself before it decodes: blosc, lz4, bitshuffle, zstd.
_SOUND_FILTERS = frozenset({1, 2, 3, 32000, 32001, 32004, 32008, 32015})
_EVERY_SIGNAL = signal.valid_signals()
#: Begin and end of an answer; single zeros part the names in between.
_BEGUN, _DONE = b"b", b"\0\0"


class _Inspection(NamedTuple):
    """What became of inspecting a file, and the files that it names.

    Attributes
    ----------
    verdict : str
        What the library does on it, as a verb; empty if the walk came to its end.
    files : tuple of Path
    """

    verdict: str
    files: tuple[Path, ...] = ()


def open_hdf5(path: str | os.PathLike[str], **options: Any) -> Any:
    """Open a file for reading, once a child process has survived it.

    Parameters
    ----------
    path : path
    **options
        Of `h5py.File`.

    Returns
    -------
    h5py.File

    Raises
    ------
    DataError
        When the HDF5 library dies of the file, or of one that it draws on.
    OSError
        When the file is missing, or none of HDF5.
    """
    check_hdf5(path)
    for other in referenced_files(path):
        if other.exists() and not other.is_file():
            raise DataError(
                f"`{Path(path)}` draws on `{other}`, which is no regular file; write "
                "it anew."
            )
        if other.is_file():
            check_hdf5(other)
    return h5py.File(path, "r", **options)


def check_hdf5(path: str | os.PathLike[str]) -> None:
    """Refuse a file of which the HDF5 library dies.

    Raises
    ------
    DataError
        When it crashes, does not come to an end, or takes too much memory; or when
        the path leads to a pipe, a socket or a device, which may have no end.
    """
    file = Path(path)
    if file.exists() and not (file.is_file() or file.is_dir()):
        existing_file(file)
    verdict = _inspection(path).verdict
    if verdict:
        raise DataError(
            f"`{Path(path)}` is damaged: the HDF5 library {verdict} on it; copy or "
            "write it anew."
        )


def referenced_files(path: str | os.PathLike[str]) -> tuple[Path, ...]:
    """All files that links and data sets of an HDF5 file lead to, itself left out.

    Files of files are followed. A file that is missing stands where it would be; what
    is no HDF5 file, or one that cannot be read, leads nowhere.
    """
    first = Path(path)
    files = {os.path.realpath(first): first}
    todo = [first]
    while todo:
        following = todo.pop()
        for other in _inspection(following).files if following.is_file() else ():
            real = os.path.realpath(other)
            if real not in files:
                files[real] = other
                todo.append(other)
    return tuple(files.values())[1:]


def _inspection(path: str | os.PathLike[str]) -> _Inspection:
    """What became of inspecting a file, once in each state of it."""
    return _kept(os.path.abspath(path), state_of(path, os.stat(path)).stamp)


@lru_cache(maxsize=4096)
def _kept(name: str, stamp: tuple[int, ...]) -> _Inspection:
    return _inspected(Path(name))


# ----------------------------------------------------------------------- the child
def _inspected(path: Path) -> _Inspection:
    if not hasattr(os, "fork"):
        with suppress(*LIBRARY_ERRORS):
            return _Inspection("", tuple(map(Path, _walk(path))))
        return _Inspection("")
    answer, status = _asked(path)
    if answer == b"":
        return _Inspection("")  # it could not even begin
    if answer.endswith(_DONE):
        names = answer[len(_BEGUN) : -len(_DONE)].split(b"\0")
        return _Inspection("", tuple(Path(os.fsdecode(name)) for name in names if name))
    is_late = os.WIFSIGNALED(status) and os.WTERMSIG(status) in _LATE
    return _Inspection("does not come to an end" if is_late else "crashes")


def _asked(path: Path) -> tuple[bytes, int]:
    """What a child says of a file, and how it ended.

    Signals wait while there is a child or an end of the pipe that nobody knows of yet,
    and while these are cleared away; only the wait for the answer is interrupted.
    """
    # C functions, unlike those of `signal`: no handler runs before they do
    mask, block, every = _signal.pthread_sigmask, signal.SIG_BLOCK, _EVERY_SIGNAL
    held = mask(block, ())
    answer, status, child = b"", 0, 0
    ends: list[int] = []
    try:
        mask(block, every)
        _allow_forks()
        with suppress(OSError):  # no room for another process: nothing is known
            ends += os.pipe()
            child = os.fork()
            if child == 0:
                _inspect_and_exit(path, ends[1])
            os.close(ends.pop())
        mask(signal.SIG_SETMASK, held)
        if child:
            answer = _answer(ends[0])
    finally:
        try:
            mask(block, every)
        finally:
            status = _cleared(child, ends)
            mask(signal.SIG_SETMASK, held)
    return answer, status


def _cleared(child: int, ends: list[int]) -> int:
    """How a child ended, which has by now, as have the ends of its pipe."""
    for end in ends:
        os.close(end)
    if not child:
        return 0
    with suppress(ProcessLookupError):
        os.kill(child, signal.SIGKILL)
    with suppress(ChildProcessError):  # somebody waits for all children
        return os.waitpid(child, 0)[1]
    return 0


def _answer(receiver: int) -> bytes:
    """What the child wrote until it closed its end, or its time was over."""
    answer, end = b"", time.monotonic() + _WAIT_SECONDS
    ready = select.poll()  # unlike select.select, for descriptors above 1023 too
    ready.register(receiver, select.POLLIN)
    while (left := end - time.monotonic()) > 0.0:
        if ready.poll(1000.0 * left):
            part = os.read(receiver, 1 << 16)
            answer += part
            if not part or answer.endswith(_DONE):
                break
    return answer


def _allow_forks() -> None:
    """Ignore what Python 3.12 says of forks beside threads, which the child needs not.

    A filter for this module alone, which stays: `catch_warnings` in several threads at
    once leaves the filters of one of them to all.
    """
    if sys.version_info >= (3, 12):
        category, module = DeprecationWarning, re.escape(__name__)
        warnings.filterwarnings("ignore", category=category, module=module)


def _inspect_and_exit(path: Path, sender: int) -> None:
    """Run in the child: no handler, no output and no cleaning up of its parent's."""
    try:
        gc.disable()
        faulthandler.disable()
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        _limit()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGXCPU})
        os.write(sender, _BEGUN)
        names: list[str] = []
        with suppress(*LIBRARY_ERRORS):
            names = _walk(path)
        with open(sender, "wb", closefd=False) as pipe:
            pipe.write(b"\0".join(map(os.fsencode, names)) + _DONE)
    finally:
        os._exit(0)


def _limit() -> None:
    """Limits on the memory and time of this process, and no core file."""
    import resource

    def lower(kind: int, most: int) -> None:
        _, hard = resource.getrlimit(kind)
        most = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (most, hard))

    lower(resource.RLIMIT_CORE, 0)
    lower(resource.RLIMIT_CPU, _COMPUTE_SECONDS)
    with suppress(OSError):  # macOS has no such file, and would not mind the limit
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        lower(resource.RLIMIT_AS, pages * os.sysconf("SC_PAGE_SIZE") + _HEADROOM)


# ------------------------------------------------------------------------ the walk
def _walk(path: Path) -> list[str]:
    """Touch all that a reader touches, as far as time allows; the files it names."""
    begin = time.monotonic()
    names: list[str] = []

    def inspect(_: str, node: Any) -> bool | None:
        with suppress(*LIBRARY_ERRORS):
            _touch(node, begin + _TOUCH_SECONDS)
        if isinstance(node, h5py.Dataset):
            with suppress(*LIBRARY_ERRORS):
                names.extend(map(str, source_files(path, node)))
        return True if time.monotonic() > begin + _WALK_SECONDS else None

    file = h5py.File(path, "r")
    inspect("/", file)
    with suppress(*LIBRARY_ERRORS):
        file.visititems(inspect)
    with suppress(*LIBRARY_ERRORS):
        names.extend(map(str, linked_files(file, path)))
    return [*dict.fromkeys(names)]


def _touch(node: Any, end: float) -> None:
    if time.monotonic() > end:
        return
    for name in node.attrs:
        with suppress(*LIBRARY_ERRORS):
            node.attrs[name]
    if not isinstance(node, h5py.Dataset):
        return
    shape, dtype = node.shape, node.dtype
    codes = {step.code for step in filters_of(node)}
    with suppress(*LIBRARY_ERRORS):
        _ = node.fillvalue
    if node.is_virtual or node.external:
        return  # other files, which are inspected on their own
    if not shape or 0 in shape:
        if shape == ():
            node[()]
        return
    chunks = node.chunks
    if chunks is not None:
        node.id.chunk_iter(lambda _: time.monotonic() > end or None)
        if dtype.itemsize * math.prod(chunks) > _LARGEST_CHUNK:
            return
    node[(0,) * len(shape)]
    node[tuple(n - 1 for n in shape)]
    if chunks is None or codes <= _SOUND_FILTERS:
        return
    for chunk in node.iter_chunks():
        if time.monotonic() > end:
            return
        with suppress(*LIBRARY_ERRORS):
            node[chunk]


_LATE = (
    {signal.SIGKILL, signal.SIGXCPU} if hasattr(signal, "SIGXCPU") else {signal.SIGTERM}
)
