"""Consecutive rows of a map as boxes: half-open ranges along each of its axes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

__all__ = ["boxes"]


def boxes(
    shape: tuple[int, ...], start: int, stop: int
) -> Iterator[tuple[tuple[slice, ...], int]]:
    """Boxes that the rows `start` to `stop` of a map make up, and their sizes.

    Parameters
    ----------
    shape : tuple of int
        Of the map, whose last axis runs fastest.
    start, stop : int

    Examples
    --------
    >>> for box, size in boxes((4, 3), 2, 10):
    ...     print([(own.start, own.stop) for own in box], size)
    [(0, 1), (2, 3)] 1
    [(1, 3), (0, 3)] 6
    [(3, 4), (0, 1)] 1
    """
    while start < stop:
        box, size = _largest(shape, start, stop)
        yield box, size
        start += size


def _largest(
    shape: tuple[int, ...], start: int, stop: int
) -> tuple[tuple[slice, ...], int]:
    """The largest box of consecutive rows that begins at `start`, and its size."""
    place = [int(k) for k in np.unravel_index(start, shape)]
    axis, size = len(shape) - 1, 1  # `size` rows lie below one step of `axis`
    while axis > 0 and not place[axis] and size * shape[axis] <= stop - start:
        size *= shape[axis]
        axis -= 1
    steps = min((stop - start) // size, shape[axis] - place[axis])
    box = [slice(k, k + 1) for k in place]
    box[axis] = slice(place[axis], place[axis] + steps)
    box[axis + 1 :] = [slice(0, n) for n in shape[axis + 1 :]]
    return tuple(box), steps * size
