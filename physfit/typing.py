"""Aliases for the arrays and scalars that cross module borders."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Column", "FloatArray", "IntArray", "Values"]

FloatArray: TypeAlias = NDArray[np.float64]
IntArray: TypeAlias = NDArray[np.int64]
#: Numbers that are real or complex.
Values: TypeAlias = NDArray[np.generic]
#: What a caller may pass for one column of data: a list, a numpy array, a pandas Series
#: or an xarray DataArray.
Column: TypeAlias = Sequence[float] | NDArray[np.generic]
