"""Coordinates of samples, in the form in which a function takes them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
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

    def arguments(
        self, columns: Sequence[Any], lead: tuple[int, ...] = ()
    ) -> Sequence[Any]:
        """Arguments of a function, from one value for each coordinate.

        `lead` are the axes of rows in front of those of a column, if they are several.
        """
        if self is Form.ARRAYS:
            return columns
        if self is Form.TUPLE:
            return (tuple(columns),)
        if self is Form.COLUMNS:
            return (np.stack(columns, axis=-1),)
        rows = np.stack(columns)
        return (rows.reshape(*lead, *rows.shape[1:]) if lead else rows,)


@dataclass(frozen=True, eq=False)
class Grid:
    """Coordinates of samples.

    Attributes
    ----------
    rows : ndarray, shape (n_inputs, n)
    form : Form
    shape : tuple of int
        In which the arrays came that were passed.
    lead : tuple of int
        Axes of rows in front of those of a column, if they are several.
    """

    rows: FloatArray
    form: Form
    shape: tuple[int, ...]
    lead: tuple[int, ...] = ()

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
            parts = [np.asarray(one, dtype=np.float64) for one in x]
            if len({part.shape for part in parts}) > 1:
                shapes = ", ".join(str(part.shape) for part in parts)
                raise ShapeError(
                    f"the arrays of `x` have shapes {shapes}; pass arrays of one shape."
                )
            form = Form.ARRAYS if n_arguments > 1 else Form.TUPLE
            flat = np.array([part.ravel() for part in parts])
            return Grid(flat, form, parts[0].shape)
        array = np.asarray(x, dtype=np.float64)
        if n_arguments == 1:
            if array.ndim < 2 or array.size == size:
                return Grid(array.reshape(1, -1), Form.ARRAYS, array.shape)
            if array.ndim == 2 and size == array.shape[0] != array.shape[1]:
                rows = np.ascontiguousarray(array.T)
                return Grid(rows, Form.COLUMNS, array.shape[:1])
        k = next((k for k in range(1, array.ndim) if _size(array, k) == size), 1)
        lead = array.shape[:k]
        rows = np.ascontiguousarray(array.reshape(math.prod(lead), -1))
        form = Form.ROWS if n_arguments == 1 else Form.ARRAYS
        return Grid(rows, form, array.shape[k:], lead if k > 1 else ())

    @property
    def n_inputs(self) -> int:
        """How many coordinates a sample has."""
        return len(self.rows)

    @property
    def n_samples(self) -> int:
        """How many samples there are."""
        return int(self.rows.shape[1])

    @property
    def columns(self) -> tuple[FloatArray, ...]:
        """An array for each coordinate."""
        return tuple(self.rows)

    def is_same(self, other: Grid) -> bool:
        """Whether both hold the same samples in the same form."""
        mine, others = (self.form, self.shape, self.lead), (other.form, other.shape)
        if mine != (*others, other.lead):
            return False
        return self.rows is other.rows or np.array_equal(self.rows, other.rows)

    def for_arguments(self, n: int) -> Grid:
        """The grid for one of several functions, which takes as many arguments."""
        if n == 1 and self.n_inputs > 1 and self.form is Form.ARRAYS:
            return replace(self, form=Form.TUPLE)
        return self

    def of_kept(self, rows: FloatArray) -> Grid:
        """The grid of some of the samples."""
        return Grid(rows, self.form, rows.shape[1:], self.lead)


def _size(array: FloatArray, axis: int) -> int:
    """Entries over the axes from one on."""
    return math.prod(array.shape[axis:])
