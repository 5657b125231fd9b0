"""The data of one fit, checked, with what is known about it."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from physfit.data.files.schema import Array, Count
from physfit.document.fields import fields_html
from physfit.typing import FloatArray

__all__ = ["Observations", "alike", "weights_of"]


class Observations(NamedTuple):
    """Samples of one fit.

    Attributes
    ----------
    x : ndarray, shape (n_inputs, n)
    y : ndarray, shape (n_outputs, n)
        Real and imaginary part for complex data.
    sigma : ndarray, shape (n_outputs, n), or None
        Standard deviations; None when none were given.
    x_label, y_label, x_unit, y_unit : str
        For reports and plots; empty when unknown.
    source : str
        Path of the file the data came from, or empty.
    n_left_out : int
        Samples left out because they were masked or not finite.
    n_total : int or None
        Rows of a file that these samples were drawn from to be shown; None when they
        are all that was fitted.
    note : str
        What was converted, chosen or left out when the file was read.
    """

    x: Annotated[FloatArray, Array("n_inputs", "n_samples")]
    y: Annotated[FloatArray, Array("n_outputs", "n_samples")]
    sigma: Annotated[FloatArray | None, Array("n_outputs", "n_samples")]
    x_label: str = "x"
    y_label: str = "y"
    x_unit: str = ""
    y_unit: str = ""
    source: str = ""
    n_left_out: Count = 0
    n_total: Count | None = None
    note: str = ""

    def _repr_html_(self) -> str:
        return fields_html(self)

    @property
    def x_names(self) -> list[str]:
        """A name of each coordinate; `x_label` has those of several, with commas."""
        names = [own.strip() for own in self.x_label.split(",")]
        if len(self.x) == 1 or len(names) != len(self.x):
            names = [self.x_label] if len(self.x) == 1 else _numbered(len(self.x))
        return names


def _numbered(n: int) -> list[str]:
    return [*"xyz"[:n]] if n <= 3 else [f"x{k}" for k in range(n)]


def weights_of(data: Observations, scale: float | None = None) -> FloatArray:
    """1 / sigma of every sample, infinite where sigma is next to 0.

    Without sigma 1 / scale, the standard deviation that all samples have; or 1.
    """
    if data.sigma is None:
        return alike(data.y.shape, 1.0 if scale is None else 1.0 / scale)
    return 1.0 / data.sigma


def alike(shape: tuple[int, ...], value: float) -> FloatArray:
    """Array of equal numbers, in half the time that `np.full` takes."""
    rows = np.empty(shape)
    rows.fill(value)
    return rows
