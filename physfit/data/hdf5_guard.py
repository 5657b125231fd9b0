"""The one door to HDF5 files that are read: a child process looks through them first.

The HDF5 library dies, loops or takes gigabytes on some damaged files (version 2.0: 6 of
6,000 files with altered metadata ended the process, in `H5Ovisit`, `H5Dread` and the
filters). So before a file is opened, a forked child opens every object of it, reads its
attributes, type, space, filters and chunk index and an element or more of each data
set, with limits on time and memory. If the child dies, the file is refused; what the
library merely reports is left to the caller. Each state of a file is looked at once in
a process, for a second at most, so that of very large files only the beginning of the
walk is covered. Where there is no fork (Windows), files are opened unseen.
"""

from __future__ import annotations

import faulthandler
import gc
import os
import select
import signal
import time
import warnings
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeAlias

import h5py

from physfit.data.hdf5_errors import LIBRARY_ERRORS
from physfit.errors import DataError

__all__ = ["check_hdf5", "open_hdf5"]

File: TypeAlias = Any  # h5py has no annotations

#: Seconds after which the walk ends where it is.
_WALK_SECONDS = 1.0
#: Seconds of computing, and of waiting for a slow disk, that a child is given.
_COMPUTE_SECONDS, _WAIT_SECONDS = 10, 120
#: Bytes that a child may take beyond what its parent has, and largest chunk it reads.
_HEADROOM, _LARGEST_CHUNK = 768 << 20, 64 << 20
#: Filters that withstand damaged data: deflate, shuffle, checksum, lzf. Those that this
#: package checks itself before it decodes: blosc, lz4, bitshuffle, zstd.
_SOUND_FILTERS = frozenset({1, 2, 3, 32000, 32001, 32004, 32008, 32015})
_BEGUN, _DONE = b"b", b"d"

_verdicts: dict[tuple[int, int, int, int], str] = {}
_MOST_VERDICTS = 4096


def open_hdf5(path: str | os.PathLike[str], **options: Any) -> File:
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
        When the HDF5 library dies of the file.
    OSError
        When the file is missing, or none of HDF5.
    """
    check_hdf5(path)
    return h5py.File(path, "r", **options)


def check_hdf5(path: str | os.PathLike[str]) -> None:
    """Refuse a file of which the HDF5 library dies.

    Raises
    ------
    DataError
        When it crashes, does not come to an end, or takes too much memory.
    """
    found = os.stat(path)
    state = (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
    verdict = _verdicts.get(state)
    if verdict is None:
        verdict = _outcome(lambda: _walk(path))
        if len(_verdicts) >= _MOST_VERDICTS:
            _verdicts.clear()
        _verdicts[state] = verdict
    if verdict:
        raise DataError(
            f"`{Path(path)}` is damaged: the HDF5 library {verdict} on it; copy or "
            "write it anew."
        )


# ----------------------------------------------------------------------- the child
def _outcome(look: Callable[[], None]) -> str:
    """What became of a child that looks, as a verb; empty if it came to its end."""
    if not hasattr(os, "fork"):
        return ""
    receiver, sender = os.pipe()
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    try:
        with warnings.catch_warnings():  # the child calls nothing that needs a thread
            warnings.simplefilter("ignore", DeprecationWarning)
            child = os.fork()
    except OSError:  # no room for another process: nothing is known
        os.close(receiver)
        os.close(sender)
        return ""
    else:
        if child == 0:
            _look_and_exit(look, sender)
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
    os.close(sender)
    try:
        told = _told(receiver)
    finally:
        os.close(receiver)
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGKILL)
        with suppress(ChildProcessError):
            _, status = os.waitpid(child, 0)
    if told in (b"", _BEGUN + _DONE):
        return ""  # or it could not even begin
    is_late = os.WIFSIGNALED(status) and os.WTERMSIG(status) in _LATE
    return "does not come to an end" if is_late else "crashes"


def _told(receiver: int) -> bytes:
    """What the child wrote until it closed its end, or its time was over."""
    told, end = b"", time.monotonic() + _WAIT_SECONDS
    while (left := end - time.monotonic()) > 0.0:
        if select.select([receiver], [], [], left)[0]:
            part = os.read(receiver, 16)
            told += part
            if not part or told.endswith(_DONE):
                break
    return told


def _look_and_exit(look: Callable[[], None], sender: int) -> None:
    """Run in the child: no handler, no output and no cleaning up of its parent's."""
    try:
        gc.disable()
        faulthandler.disable()
        quiet = os.open(os.devnull, os.O_WRONLY)
        os.dup2(quiet, 1)
        os.dup2(quiet, 2)
        _limit()
        os.write(sender, _BEGUN)
        with suppress(*LIBRARY_ERRORS):
            look()
        os.write(sender, _DONE)
    finally:
        os._exit(0)


def _limit() -> None:
    """Limits on the memory and time of this process, and no core file."""
    import resource

    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (_COMPUTE_SECONDS, _COMPUTE_SECONDS + 1))
    with suppress(OSError):  # macOS has no such file, and would not mind the limit
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        most = pages * os.sysconf("SC_PAGE_SIZE") + _HEADROOM
        resource.setrlimit(resource.RLIMIT_AS, (most, most))


# ------------------------------------------------------------------------ the walk
def _walk(path: str | os.PathLike[str]) -> None:
    """Touch all that a reader touches, as far as time allows."""
    end = time.monotonic() + _WALK_SECONDS

    def look(_: str, node: Any) -> bool | None:
        with suppress(*LIBRARY_ERRORS):
            _look_at(node, end)
        return True if time.monotonic() > end else None

    file = h5py.File(path, "r")
    look("/", file)
    file.visititems(look)


def _look_at(node: Any, end: float) -> None:
    for name in node.attrs:
        with suppress(*LIBRARY_ERRORS):
            node.attrs[name]
    if not isinstance(node, h5py.Dataset):
        return
    shape, dtype, properties = node.shape, node.dtype, node.id.get_create_plist()
    codes = {properties.get_filter(k)[0] for k in range(properties.get_nfilters())}
    with suppress(*LIBRARY_ERRORS):
        _ = node.fillvalue
    if node.is_virtual:
        node.virtual_sources()
    if not shape or 0 in shape:
        if shape == ():
            node[()]
        return
    chunks = node.chunks
    if chunks is not None:
        node.id.chunk_iter(lambda _: time.monotonic() > end or None)
        size = dtype.itemsize
        for n in chunks:
            size *= n
        if size > _LARGEST_CHUNK:
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
