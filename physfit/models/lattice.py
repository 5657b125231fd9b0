"""Pairs of spins on periodic chains and lattices, and which of them share a coupling.

Sites are numbered row by row. The distance of two sites is that of the nearest periodic
images; a pair counts once, also where a ring of two sites closes it from both sides.
"""

from __future__ import annotations

import math
from itertools import product

import numpy as np

from physfit.counts import checked_count
from physfit.errors import DomainError, InputError, ModelError, check_known
from physfit.typing import IntArray

__all__ = ["COUPLINGS", "checked_couplings", "checked_shape", "couplings_of"]

#: Which pairs have a coupling, and which share one.
COUPLINGS = ("nearest", "by_distance", "all_pairs")
#: Most pairs and most couplings of a model.
MOST_PAIRS = 1_000_000
MOST_COUPLINGS = 5000


def checked_shape(shape: object) -> tuple[int, ...]:
    """Sides of a chain or lattice as a tuple of one or two integers, at least 2."""
    sides = (shape,) if isinstance(shape, int) else shape
    if not isinstance(sides, tuple | list) or len(sides) not in (1, 2):
        raise InputError(
            f"`shape` must be (L,) for a chain or (L, L) for a lattice, not {shape!r}."
        )
    for side in sides:
        if isinstance(side, bool) or not isinstance(side, int | np.integer):
            raise InputError(f"`shape` must hold integers, but is {shape!r}.")
        if side < 2:
            raise DomainError(f"`shape` needs sides of at least 2, but is {shape!r}.")
    return tuple(checked_count("shape", side) for side in sides)


def checked_couplings(couplings: str) -> str:
    """One of the known choices of couplings."""
    check_known("`couplings`", [couplings], COUPLINGS, " is unknown")
    return couplings


def couplings_of(
    shape: tuple[int, ...], couplings: str
) -> tuple[list[tuple[str, str]], IntArray]:
    """Pairs of a chain or lattice and their couplings.

    Parameters
    ----------
    shape : tuple of int
        Sides.
    couplings : {"nearest", "by_distance", "all_pairs"}
        One coupling J between nearest neighbours, one for each distance (J1, J2, ...
        from the nearest on), or one for each pair (J_i_j).

    Returns
    -------
    couplings : list of (str, str)
        Name and description of each.
    pairs : ndarray, shape (n_pairs, 3)
        Rows (i, j, number of the coupling), i < j, sorted by the number.

    Raises
    ------
    ModelError
        When there are too many pairs or couplings.
    """
    n = math.prod(shape)
    if couplings == "nearest":
        _check_size(shape, couplings, n * len(shape))
        return [("J", "coupling of nearest neighbours")], _nearest(shape)
    _check_size(shape, couplings, n * (n - 1) // 2)
    first, second = np.triu_indices(n, 1)
    if couplings == "all_pairs":
        numbers = np.arange(first.size)
        places = zip(first.tolist(), second.tolist(), strict=True)
        named = [(f"J_{i}_{j}", f"coupling of sites {i} and {j}") for i, j in places]
    else:
        squares = _distances(shape, first, second)
        different, numbers = np.unique(squares, return_inverse=True)
        named = [
            (f"J{k}", f"coupling at distance {_root(square)}")
            for k, square in enumerate(different.tolist(), 1)
        ]
    pairs = np.stack([first, second, numbers.reshape(-1)], axis=1).astype(np.int64)
    return named, pairs[np.argsort(numbers, kind="stable")]


def _check_size(shape: tuple[int, ...], couplings: str, n_pairs: int) -> None:
    limit = MOST_COUPLINGS if couplings == "all_pairs" else MOST_PAIRS
    if n_pairs > limit:
        sides = " x ".join(map(str, shape))
        raise ModelError(
            f"{sides} sites have {n_pairs} pairs, more than the {limit} that "
            f"{couplings!r} allows; take fewer sites or couplings that are shared."
        )


def _nearest(shape: tuple[int, ...]) -> IntArray:
    """Each pair of neighbours once, along every side."""
    sites = np.arange(math.prod(shape)).reshape(shape)
    pairs = set()
    for axis in range(len(shape)):
        ahead = np.roll(sites, -1, axis)
        neighbours = zip(sites.ravel().tolist(), ahead.ravel().tolist(), strict=True)
        pairs |= {(min(pair), max(pair)) for pair in neighbours}
    return np.array([(i, j, 0) for i, j in sorted(pairs)], dtype=np.int64)


def _distances(shape: tuple[int, ...], first: IntArray, second: IntArray) -> IntArray:
    """Squared distances between the nearest images of pairs of sites."""
    places = np.array(list(product(*map(range, shape))), dtype=np.int64)
    apart = np.abs(places[first] - places[second])
    nearest: IntArray = np.minimum(apart, np.array(shape) - apart)
    squares: IntArray = (nearest**2).sum(axis=1)
    return squares


def _root(square: int) -> str:
    root = round(square**0.5)
    return str(root) if root * root == square else f"sqrt({square})"
