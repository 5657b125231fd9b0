"""Coordinates into the engine's form, and its outputs back into the caller's."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from physfit.errors import DomainError, InputError, ShapeError
from physfit.typing import FloatArray

__all__ = ["configurations_of", "joined", "samples_of"]

SpinArray: TypeAlias = NDArray[np.int8]


def samples_of(x: ArrayLike, n_inputs: int) -> tuple[FloatArray, tuple[int, ...]]:
    """Coordinates as (n_inputs, n), and the shape that values at them have.

    Parameters
    ----------
    x : array_like
        Of any shape for one coordinate, (n_inputs, ...) for more.
    n_inputs : int
    """
    try:
        array = np.asarray(x)
    except ValueError:
        raise ShapeError(
            "`x` has parts of different length; pass one number per sample, and of the "
            "columns and rows of an image np.array(np.meshgrid(columns, rows))."
        ) from None
    if array.dtype.kind not in "fiub":
        raise InputError(f"`x` must hold real numbers, not {array.dtype}.")
    shape = array.shape
    if n_inputs > 1:
        if not shape or shape[0] != n_inputs:
            raise ShapeError(
                f"`x` has shape {shape}, but the model has {n_inputs} coordinates; "
                f"pass ({n_inputs}, n)."
            )
        shape = shape[1:]
    flat = array.astype(np.float64).reshape(n_inputs, -1)
    return np.ascontiguousarray(flat), shape


def configurations_of(
    x: ArrayLike, shape: tuple[int, ...]
) -> tuple[SpinArray, tuple[int, ...]]:
    """Spin configurations as int8 (n, n_spins), and the shape of values at them.

    Parameters
    ----------
    x : array_like
        Of 1 and -1, shape (..., *shape) or (..., n_spins).
    shape : tuple of int
        Sides of the lattice.
    """
    array = np.asarray(x)
    if array.dtype.kind not in "fiu":
        raise InputError(f"`x` must hold spins, 1 and -1, not {array.dtype}.")
    n_spins, n_sides = int(np.prod(shape)), len(shape)
    if array.shape[-n_sides:] == shape:
        leading = array.shape[:-n_sides]
    elif array.shape[-1:] == (n_spins,):
        leading = array.shape[:-1]
    else:
        rows = ", ".join(["n", *map(str, shape)])
        raise ShapeError(
            f"`x` has shape {array.shape}, but a configuration has {n_spins} spins; "
            f"pass ({rows}), one configuration a row."
        )
    flat = array.reshape(-1, n_spins)
    wrong = (flat != 1) & (flat != -1)
    if wrong.any():
        row, site = np.argwhere(wrong)[0].tolist()
        raise DomainError(
            f"spins must be 1 or -1, but spin {site} of configuration {row} is "
            f"{flat[row, site]!s}; map other values first, as in 2 * x - 1 for 0 and 1."
        )
    return np.ascontiguousarray(flat, dtype=np.int8), leading


def joined(outputs: FloatArray) -> NDArray[np.generic]:
    """One output per sample as it is, two as a complex number; the first axis goes."""
    if len(outputs) == 1:
        real: FloatArray = outputs[0]
        return real
    turned = np.empty(outputs.shape[1:], dtype=np.complex128)
    turned.real, turned.imag = outputs
    return turned
