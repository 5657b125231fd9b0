"""One parameter or derived quantity of many rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.typing import FloatArray

__all__ = ["ManyEstimate"]


class ManyEstimate(NamedTuple):
    """A parameter, or a quantity derived from the parameters, in every row.

    All arrays have the shape of the map.

    Attributes
    ----------
    name : str
    value, stderr : ndarray
        A row that was not fitted has NaN, one that failed what it had at the end; see
        `good`. The standard error is NaN when there is none (fixed, at a bound), and
        infinite where the row does not determine the quantity.
    unit : str
    at_bound : ndarray of int8
        -1 at the lower bound, 1 at the upper one, 0 elsewhere.
    converged : ndarray of bool
        Rows whose fit converged.
    description : str
    tie : str or None
        Expression that gives the value; of a derived quantity, its definition.
    fixed, is_derived : bool
        Whether it is a fixed parameter, or none of the model's parameters.
    """

    name: str
    value: FloatArray
    stderr: FloatArray
    unit: str
    at_bound: NDArray[np.int8]
    converged: NDArray[np.bool_]
    description: str = ""
    tie: str | None = None
    fixed: bool = False
    is_derived: bool = False

    @property
    def good(self) -> FloatArray:
        """Value where the fit converged and determines it, NaN elsewhere.

        Examples
        --------
        >>> import physfit as pf
        >>> rows = [[1.0, 3.1, 4.9], [0.0, float("nan"), 1.0]]
        >>> many = pf.fit_many(pf.models.Linear(), [0.0, 1.0, 2.0], rows, sigma=0.1)
        >>> many["slope"].good.round(2)
        array([1.95, 0.5 ])
        """
        good = self.converged & ~np.isposinf(self.stderr)
        values: FloatArray = np.where(good, self.value, np.nan)
        return values
