"""Ising models on small periodic lattices: a family of declarations by side.

``ising_finite(4, energy)`` is exact: all states of the lattice are counted, by energy
and magnetisation, spin after spin.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.counts import checked_count
from physfit.errors import ModelError, check_known
from physfit.kernels import finite_lattices
from physfit.kernels.kernel import Context, Scalar, point_kernel
from physfit.models.catalogue.parameters import J
from physfit.models.declaration import FAMILIES, Declaration
from physfit.models.model import Model, component
from physfit.typing import FloatArray

__all__ = ["IsingFinite", "states"]

NAME = "ising_finite"
SIDES = (3, 6)


class Quantity(NamedTuple):
    """What is asked of a lattice: its kernel, formula, meaning, and means it takes."""

    kernel: Scalar
    formula: str
    description: str
    powers: tuple[int, ...]


QUANTITIES = {
    "energy": Quantity(
        finite_lattices.finite_energy, "u(T) = <E> / N", "energy per spin", ()
    ),
    "heat": Quantity(
        finite_lattices.finite_heat,
        "c(T) = (<E^2> - <E>^2) / (N T^2)",
        "specific heat per spin",
        (),
    ),
    "magnetization": Quantity(
        finite_lattices.finite_magnetization,
        "m(T) = <|M|> / N",
        "absolute magnetisation per spin",
        (1,),
    ),
    "susceptibility": Quantity(
        finite_lattices.finite_susceptibility,
        "chi(T) = (<M^2> - <|M|>^2) / (N T)",
        "susceptibility per spin",
        (1, 2),
    ),
}


def IsingFinite(side: int, quantity: str = "energy", prefix: str = "") -> Model:
    """Ising model on a periodic square lattice of a few spins, exact, k_B = 1.

    Parameters
    ----------
    side : int
        3 to 6 spins; the first use of 6 counts its states for a second.
    quantity : {"energy", "heat", "magnetization", "susceptibility"}
        Per spin: <E>, its fluctuation, <|M|>, and the fluctuation of |M|, as
        simulations measure them.
    prefix : str
        Precedes the name of the parameter J.

    Raises
    ------
    InputError
        When side or quantity is none of these.

    Examples
    --------
    >>> import physfit as pf
    >>> u = pf.models.IsingFinite(4, "energy")
    >>> u([1.0, 2.269], J=1.0).round(4)
    array([-1.9972, -1.5658])
    """
    own = checked_count("side", side, least=SIDES[0], most=SIDES[1])
    check_known("`quantity` cannot be", [quantity], QUANTITIES)
    return component(_declared(f"{NAME}({own}, {quantity})"), prefix)


@lru_cache(maxsize=16)
def states(side: int) -> NDArray[np.int64]:
    """Numbers of states by satisfied bonds (rows, 0 to 2 N) and spins up (0 to N).

    The first row is held while the others are added spin after spin; what is counted
    are states of the last `side` spins that were added.
    """
    n = side * side
    bits = (np.arange(1 << side)[:, None] >> np.arange(side)) & 1
    total = np.zeros((2 * n + 1, n + 1), dtype=np.int64)
    for first in range(1 << side):
        if bits[first, 0]:  # the other half by turning all spins
            continue
        closed = _closed(side, bits, first)
        total += closed + closed[:, ::-1]
    return total


def _closed(side: int, bits: NDArray[np.int64], first: int) -> NDArray[np.int64]:
    """States of all rows whose first one is given, by bonds and spins up."""
    n = side * side
    counts = np.zeros((1 << side, 2 * n + 1, n + 1), dtype=np.int64)
    row = bits[first]
    counts[first, int((row == np.roll(row, 1)).sum()), int(row.sum())] = 1
    for k in range(side, n):
        counts = _with_spin(counts, bits, k % side, side)
    closed: NDArray[np.int64] = np.zeros_like(counts[0])
    for state in range(1 << side):
        bonds = int((bits[state] == row).sum())
        closed[bonds:] += counts[state, : 2 * n + 1 - bonds]
    return closed


def _with_spin(
    counts: NDArray[np.int64], bits: NDArray[np.int64], column: int, side: int
) -> NDArray[np.int64]:
    """Counts with one spin more: it takes the place of the one above it."""
    new = np.zeros_like(counts)
    n_bonds, n_up = counts.shape[1:]
    for state, own in enumerate(bits):
        if not counts[state].any():
            continue
        for spin in (0, 1):
            bonds = int(spin == own[column])
            bonds += int(column > 0 and spin == own[column - 1])
            bonds += int(column == side - 1 and spin == own[0])
            target = (state & ~(1 << column)) | (spin << column)
            kept = counts[state, : n_bonds - bonds, : n_up - spin]
            new[target, bonds:, spin:] += kept
    return new


@lru_cache(maxsize=64)
def _table(side: int, powers: tuple[int, ...]) -> FloatArray:
    """Sums of bonds, logarithms of their states, and means over them; spins at last."""
    counts = states(side).astype(np.float64)
    n = side * side
    bonds = 2.0 * np.arange(2 * n + 1) - 2.0 * n
    up = np.abs(2.0 * np.arange(n + 1) - n)
    all_of = counts.sum(axis=1)
    is_there = all_of > 0.0
    means = [(counts @ up**own)[is_there] / all_of[is_there] / n for own in powers]
    parts = [bonds[is_there], np.log(all_of[is_there]), *means]
    return np.concatenate([*parts, [float(n)]])


@lru_cache(maxsize=64)
def _declared(name: str) -> Declaration:
    """Declaration of a name such as "ising_finite(4, energy)"."""
    words = [own.strip() for own in name[len(NAME) + 1 : -1].split(",")]
    is_side = words[0].isdecimal() and SIDES[0] <= int(words[0]) <= SIDES[1]
    if len(words) != 2 or not is_side or words[1] not in QUANTITIES:
        raise ModelError(
            f"cannot read the model {name!r}: it takes a side from {SIDES[0]} to "
            f"{SIDES[1]} and one of {', '.join(QUANTITIES)}, as in "
            f"'{NAME}(4, energy)'."
        )
    side, own = int(words[0]), QUANTITIES[words[1]]
    kernel = point_kernel(own.kernel, context=Context(_table(side, own.powers)))
    return Declaration(
        kernel=replace(kernel, name=f"{NAME}({side}, {words[1]})"),
        description=f"Ising model on {side} x {side} spins, {own.description}",
        formula=own.formula,
        parameters=(J,),
        reference="K. Binder, Rep. Prog. Phys. 60 (1997) 487.",
    )


FAMILIES[NAME] = _declared
