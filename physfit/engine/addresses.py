"""Addresses of arrays, and arrays that lie side by side in one buffer."""

from __future__ import annotations

import math
from collections.abc import Iterable
from ctypes import addressof, c_char
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["LINE", "address_of", "addresses_of", "side_by_side"]

#: Doubles of a cache line, at which every buffer begins.
LINE = 8
#: Four times as fast as an array's own interface.
_as_buffer = c_char.from_buffer


def address_of(array: Any) -> int:
    """Address of an array's data."""
    try:
        return addressof(_as_buffer(array))
    except (TypeError, ValueError):  # read-only, empty, or with strides
        address: int = array.__array_interface__["data"][0]
        return address


def addresses_of(arrays: Iterable[Any]) -> list[int]:
    """Addresses of the data of some arrays."""
    return [address_of(array) for array in arrays]


def side_by_side(
    arrays: Iterable[tuple[tuple[int, ...], str]],
) -> list[NDArray[Any]]:
    """Arrays of these shapes and types, each from a cache line of one buffer on."""
    wanted = [(shape, np.dtype(kind)) for shape, kind in arrays]
    sizes = [math.prod(shape) * dtype.itemsize for shape, dtype in wanted]
    line = 8 * LINE
    room = np.empty(sum(sizes) + line * (len(sizes) + 1), dtype=np.uint8)
    made, place = [], -address_of(room) % line
    for (shape, dtype), size in zip(wanted, sizes, strict=True):
        made.append(room[place : place + size].view(dtype).reshape(shape))
        place += -(-size // line) * line
    return made
