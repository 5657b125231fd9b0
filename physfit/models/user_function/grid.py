"""Coordinates of samples, in the form in which a function takes them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import numpy as np

from physfit.errors import ShapeError
from physfit.typing import FloatArray

__all__ = ["Form", "Grid"]


class Form(Enum):
    """How a single argument holds the coordinates."""

    #: One array, or the arguments are several.
    ARRAYS = "arrays"
    #: A tuple of arrays.
    TUPLE = "tuple"
    #: An array whose rows are coordinates, shape (k, n).
    ROWS = "rows"
    #: An array whose columns are coordinates, shape (n, k).
    COLUMNS = "columns"

    def arguments(self, columns: Sequence[Any]) -> Sequence[Any]:
        """Arguments of a function, from one value for each coordinate."""
        if self is Form.ARRAYS:
            return columns
        if self is Form.TUPLE:
            return (tuple(columns),)
        if self is Form.ROWS:
            return (np.stack(columns),)
        return (np.stack(columns, axis=-1),)


@dataclass(frozen=True, eq=False)
class Grid:
    """Coordinates of samples.

    Attributes
    ----------
    rows : ndarray, shape (n_inputs, n)
    form : Form
    """

    rows: FloatArray
    form: Form

    @staticmethod
    def of(x: Any, n_arguments: int, size: int | None = None) -> Grid:
        """Coordinates as a caller passes them.

        Parameters
        ----------
        x : array_like or tuple of array_like
        n_arguments : int
            As how many arguments the function takes them.
        size : int, optional
            Number of values that there are in the data.
        """
        if isinstance(x, tuple) and len(x) > 0 and np.ndim(x[0]) > 0:
            parts = [np.asarray(one, dtype=np.float64).ravel() for one in x]
            if len({part.size for part in parts}) > 1:
                sizes = ", ".join(str(part.size) for part in parts)
                raise ShapeError(
                    f"the arrays of `x` have {sizes} samples; pass arrays of one shape."
                )
            form = Form.ARRAYS if n_arguments > 1 else Form.TUPLE
            return Grid(np.array(parts), form)
        array = np.asarray(x, dtype=np.float64)
        if n_arguments == 1:
            if array.ndim < 2 or array.size == size:
                return Grid(array.reshape(1, -1), Form.ARRAYS)
            if array.ndim == 2 and size == array.shape[0] != array.shape[1]:
                return Grid(np.ascontiguousarray(array.T), Form.COLUMNS)
        rows = np.ascontiguousarray(array.reshape(len(array), -1))
        return Grid(rows, Form.ROWS if n_arguments == 1 else Form.ARRAYS)

    @property
    def n_inputs(self) -> int:
        """How many coordinates a sample has."""
        return len(self.rows)

    @property
    def columns(self) -> tuple[FloatArray, ...]:
        """An array for each coordinate."""
        return tuple(self.rows)

    def is_same(self, other: Grid) -> bool:
        """Whether both hold the same samples in the same form."""
        if self.rows is other.rows and self.form is other.form:
            return True
        return self.form is other.form and np.array_equal(self.rows, other.rows)
