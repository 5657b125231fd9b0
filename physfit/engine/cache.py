"""The folder of compiled kernels: object files named by what they were made from.

A file holds the SHA-256 of its payload and then the payload, so a torn or edited file
is noticed and compiled anew. The name is the hash of everything the code depends on
(source text of the kernel and all it calls, versions, CPU), so an entry can never be
stale. Files appear by `os.replace`: two processes that compile the same kernel at
once both succeed. The files are machine code. They are only ever read from a folder
that belongs to the user and that nobody else can write.
"""

from __future__ import annotations

import hashlib
import os
import stat
import sys
import tempfile
import warnings
from pathlib import Path

from physfit.errors import PhysfitError

__all__ = ["CacheError", "CacheWarning", "clear", "entries", "folder", "load", "store"]

SUFFIX = ".kernel"
DIGEST_BYTES = 32


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
    """Payload stored under `key`, or None when there is none that is whole.

    Raises
    ------
    CacheError
        The folder belongs to somebody else, or others can write to it.
    """
    path = folder() / (key + SUFFIX)
    try:
        content = path.read_bytes()
    except OSError:
        return None
    _refuse_shared(path.parent)
    digest, payload = content[:DIGEST_BYTES], content[DIGEST_BYTES:]
    return payload if hashlib.sha256(payload).digest() == digest else None


def store(key: str, payload: bytes) -> None:
    """Keep `payload` under `key`; warn once per process where that is impossible."""
    target = folder()
    try:
        if str(target).startswith("~"):
            # A user without a home folder; mkdir would make one named "~" right here.
            raise OSError("there is no such home folder")
        target.mkdir(mode=0o700, parents=True, exist_ok=True)
        _refuse_shared(target)
        _write(target / (key + SUFFIX), payload)
    except OSError as error:
        _warn_once(target, error)


def entries() -> list[Path]:
    """Files of compiled kernels in the cache folder."""
    return sorted(folder().glob("*" + SUFFIX))


def clear() -> int:
    """Delete all compiled kernels; return how many there were."""
    found = entries()
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


def _write(path: Path, payload: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(hashlib.sha256(payload).digest() + payload)
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def _refuse_shared(path: Path) -> None:
    if sys.platform == "win32":
        return
    status = path.stat()
    if status.st_uid != os.getuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise CacheError(
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
