"""Large pieces of memory, cut into arrays, and used again by whoever comes next.

Arrays begin at a multiple of 64 bytes. Memory that was touched before is taken first:
the first touch of new memory can cost more than all that is done with it.
"""

from __future__ import annotations

import math
import threading
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["ALIGN", "Arena"]

Bytes: TypeAlias = NDArray[np.uint8]
ALIGN = 64
#: Bytes that are kept for later at most.
_MOST_KEPT = 64 << 20
_lock = threading.Lock()
_kept: list[Bytes] = []


class Arena:
    """One allocation, cut into arrays of undefined content.

    A large one gets huge pages where the system has them; with small ones the random
    reads of the gather took twice as long.

    Parameters
    ----------
    *wanted : (shape, dtype)
        Of each array.

    Attributes
    ----------
    arrays : list of ndarray

    Examples
    --------
    >>> first, second = Arena(((3, 2), np.float64), ((5,), np.int32)).arrays
    >>> first.shape, second.ctypes.data % ALIGN
    ((3, 2), 0)
    """

    def __init__(self, *wanted: tuple[tuple[int, ...], Any]) -> None:
        sizes = [math.prod(shape) * np.dtype(dtype).itemsize for shape, dtype in wanted]
        room = [-(-size // ALIGN) * ALIGN for size in sizes]
        self._memory = _taken(sum(room) + ALIGN)
        at = -self._memory.ctypes.data % ALIGN
        self.arrays: list[NDArray[Any]] = []
        for (shape, dtype), size, step in zip(wanted, sizes, room, strict=True):
            self.arrays.append(self._memory[at : at + size].view(dtype).reshape(shape))
            at += step

    def release(self) -> None:
        """Give the memory back; no array of it may be used again."""
        with _lock:
            is_new = all(memory is not self._memory for memory in _kept)
            kept = sum(memory.size for memory in _kept)
            if is_new and kept + self._memory.size <= _MOST_KEPT:
                _kept.append(self._memory)


def _taken(size: int) -> Bytes:
    """Memory of at least that size: given back by somebody, else new."""
    with _lock:
        fitting = [memory for memory in _kept if size <= memory.size <= 2 * size]
        if fitting:
            chosen = min(fitting, key=lambda memory: memory.size)
            _kept[:] = [memory for memory in _kept if memory is not chosen]
            return chosen
    return np.empty(size, dtype=np.uint8)
