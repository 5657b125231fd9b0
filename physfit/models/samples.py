"""Coordinates into the engine's form, and its outputs back into the caller's."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from physfit.errors import InputError, ShapeError
from physfit.typing import FloatArray

__all__ = ["joined", "samples_of", "values_of"]


def samples_of(x: ArrayLike, n_inputs: int) -> tuple[FloatArray, tuple[int, ...]]:
    """Coordinates as (n_inputs, n), and the shape that values at them have.

    Parameters
    ----------
    x : array_like
        Of any shape for one coordinate, (n_inputs, ...) for more.
    n_inputs : int
    """
    array = np.asarray(x)
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


def values_of(outputs: FloatArray, shape: tuple[int, ...]) -> NDArray[np.generic]:
    """Engine's outputs (1 or 2, ...) as an array of that shape; two make it complex."""
    return joined(outputs).reshape(shape)


def joined(outputs: FloatArray) -> NDArray[np.generic]:
    """One output per sample as it is, two as a complex number; the first axis goes."""
    if len(outputs) == 1:
        real: FloatArray = outputs[0]
        return real
    turned: NDArray[np.complex128] = outputs[0] + 1j * outputs[1]
    return turned
