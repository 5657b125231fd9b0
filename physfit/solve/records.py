"""What fits of many rows leave behind: one record of doubles per row."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.engine.many import (
    R_CONDITION,
    R_COST,
    R_PSI,
    R_SAMPLES,
    R_STATUS,
    R_STEPS,
    RECORD_HEAD,
)
from physfit.typing import FloatArray

__all__ = ["Records", "packed_size", "record_width"]


def packed_size(n: int) -> int:
    """Numbers in the lower triangle of a matrix of `n` rows."""
    return n * (n + 1) // 2


def record_width(n: int) -> int:
    """Doubles in a record."""
    return RECORD_HEAD + 2 * n + packed_size(n)


class Records(NamedTuple):
    """Records of fits, and views of their parts.

    Attributes
    ----------
    values : ndarray, shape (n_fits, width)
    n_free : int
    """

    values: FloatArray
    n_free: int

    @property
    def status(self) -> NDArray[np.uint8]:
        """Status of each fit, as `Status` numbers them."""
        return self.values[:, R_STATUS].astype(np.uint8)

    @property
    def cost(self) -> FloatArray:
        """Half of chi2, or the loss in its units."""
        return self.values[:, R_COST]

    @property
    def n_steps(self) -> NDArray[np.int32]:
        """Steps tried."""
        return self.values[:, R_STEPS].astype(np.int32)

    @property
    def n_samples(self) -> NDArray[np.int32]:
        """Samples in use."""
        return self.values[:, R_SAMPLES].astype(np.int32)

    @property
    def condition(self) -> FloatArray:
        """Condition number of the scaled Gauss-Newton matrix."""
        return self.values[:, R_CONDITION]

    @property
    def moments(self) -> FloatArray:
        """Sums of psi^2, psi' and psi'^2; of robust losses only."""
        return self.values[:, R_PSI:RECORD_HEAD]

    @property
    def theta(self) -> FloatArray:
        """Free parameters, shape (n_fits, P)."""
        return self.values[:, RECORD_HEAD : RECORD_HEAD + self.n_free]

    @property
    def at_bound(self) -> NDArray[np.int8]:
        """-1 on the lower bound, 1 on the upper one, 0 elsewhere."""
        first = RECORD_HEAD + self.n_free
        return self.values[:, first : first + self.n_free].astype(np.int8)

    @property
    def inverse(self) -> FloatArray:
        """Packed lower triangle of the inverse Gauss-Newton matrix.

        Of the matrix itself where the condition is infinite.
        """
        return self.values[:, RECORD_HEAD + 2 * self.n_free :]
