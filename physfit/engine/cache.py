"""The folder of compiled kernels: object files named by what they were made from.

A file holds a SHA-256 of its name and payload and then the payload, so that a torn,
edited or renamed file is noticed and compiled anew. The name is the hash of everything
the code depends on (source text of the kernel and all it calls, versions, CPU), so an
entry can never be stale. Files appear by `os.replace`: two processes that compile the
same kernel at once both succeed.

The files are machine code, so they are read only where nobody else can have written
them. The folder is opened once and judged by its handle, the file is opened inside of
that handle and judged by its own: both must belong to this user or to root and be
writable by nobody else, and the file must be a plain one with no other name. So neither
a file that somebody left while the folder was open to all, nor a link, nor a folder
that takes the place of another between the look and the read, leads to code that runs.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from physfit.errors import PhysfitError

__all__ = ["CacheError", "CacheWarning", "clear", "entries", "folder", "load"]
__all__ += ["not_trusted", "store"]

SUFFIX = ".kernel"
DIGEST_BYTES = 32
#: Windows has neither owners in `stat` nor folders that can be opened.
_HAS_OWNERS = sys.platform != "win32"
_FOR_ALL = stat.S_IWGRP | stat.S_IWOTH


class CacheError(PhysfitError):
    """The cache folder cannot be trusted."""


class CacheWarning(UserWarning):
    """Compiled code cannot be kept, so every process compiles anew."""


_warned: set[str] = set()


def folder() -> Path:
    """Folder of compiled kernels: `$PHYSFIT_CACHE_DIR` or the user's cache folder."""
    chosen = os.environ.get("PHYSFIT_CACHE_DIR")
    if chosen:
        return Path(os.path.expanduser(chosen))
    from platformdirs import user_cache_path

    return user_cache_path("physfit", appauthor=False) / "kernels"


def load(key: str) -> bytes | None:
    """Payload stored under `key`, or None when there is none that is whole and trusted.

    Raises
    ------
    CacheError
        The folder belongs to somebody else, or others can write to it.
    """
    try:
        with _opened(folder()) as place:
            content = _content(place, key + SUFFIX)
    except OSError:
        return None
    digest, payload = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    return payload if _digest(key, payload) == digest else None


def store(key: str, payload: bytes) -> None:
    """Keep `payload` under `key`; warn once per process where that is impossible."""
    target = folder()
    try:
        if str(target).startswith("~"):
            # A user without a home folder; mkdir would make one named "~" right here.
            raise OSError("there is no such home folder")
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _opened(target) as place:
            _write(place, key, payload)
    except OSError as error:
        _warn_once(target, error)


def entries() -> list[Path]:
    """Files of compiled kernels in the cache folder."""
    return sorted(folder().glob("*" + SUFFIX))


def not_trusted() -> list[Path]:
    """Those of them that are never read, because somebody else may have written them.

    Raises
    ------
    CacheError
        The folder belongs to somebody else, or others can write to it.
    """
    try:
        with _opened(folder()) as place:
            return [own for own in entries() if not _is_trusted(place, own.name)]
    except OSError:
        return []


def clear() -> int:
    """Delete all compiled kernels; return how many there were."""
    found = entries()
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _digest(key: str, payload: bytes) -> bytes:
    return hashlib.sha256(key.encode() + payload).digest()


@contextmanager
def _opened(path: Path) -> Iterator[Path | int]:
    """A folder, as a handle where there are such, after a look at who may write it."""
    if not _HAS_OWNERS:
        yield path
        return
    link = os.lstat(path)
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # A link of somebody else could lead kernels into any folder of this user.
        for status in (link, os.fstat(handle)):
            is_link = stat.S_ISLNK(status.st_mode)
            if not _is_own(status) or (status.st_mode & _FOR_ALL and not is_link):
                raise _shared(path, status)
        yield handle
    finally:
        os.close(handle)


def _is_own(status: os.stat_result) -> bool:
    """Whether it belongs to this user, or to root, who could do anything anyway."""
    return status.st_uid in (os.getuid(), 0)


def _content(place: Path | int, name: str) -> bytes:
    """Bytes of a file of the folder, if it is trusted.

    Raises
    ------
    OSError
        When there is none, or it is not.
    """
    if isinstance(place, Path):
        return (place / name).read_bytes()
    # Without O_NONBLOCK a FIFO under that name would wait for a writer.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with open(os.open(name, flags, dir_fd=place), "rb") as stream:
        status = os.fstat(stream.fileno())
        is_plain = stat.S_ISREG(status.st_mode) and status.st_nlink == 1
        if not is_plain or not _is_own(status) or status.st_mode & _FOR_ALL:
            raise PermissionError(f"{name} may have been written by somebody else")
        return stream.read()


def _is_trusted(place: Path | int, name: str) -> bool:
    try:
        _content(place, name)
    except OSError:
        return False
    return True


def _write(place: Path | int, key: str, payload: bytes) -> None:
    content = _digest(key, payload) + payload
    if isinstance(place, Path):
        descriptor, temporary = tempfile.mkstemp(dir=place, prefix=".writing-")
        inside = None
    else:
        temporary = f".writing-{os.urandom(8).hex()}"
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
        descriptor, inside = os.open(temporary, flags, 0o600, dir_fd=place), place
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
        name = key + SUFFIX
        target = name if inside is not None else Path(temporary).with_name(name)
        os.replace(temporary, target, src_dir_fd=inside, dst_dir_fd=inside)
    except BaseException:
        os.unlink(temporary, dir_fd=inside)
        raise


def _shared(path: Path, status: os.stat_result) -> CacheError:
    return CacheError(
        f"the cache folder {path} must belong to you and be writable by you alone, "
        f"but its owner is user {status.st_uid} and its mode "
        f"{stat.S_IMODE(status.st_mode):04o}; run `chmod 700 {path}` or set "
        "PHYSFIT_CACHE_DIR to a folder of your own."
    )


def _warn_once(path: Path, error: OSError) -> None:
    if str(path) in _warned:
        return
    _warned.add(str(path))
    warnings.warn(
        f"compiled code cannot be kept in {path} ({error.strerror or error}), so each "
        "process compiles anew; set PHYSFIT_CACHE_DIR to a folder that you can write.",
        CacheWarning,
        stacklevel=2,
    )
