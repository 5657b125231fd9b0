"""How a run went: loss, rate and parameters at intervals of steps."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from physfit.typing import FloatArray

__all__ = ["History"]


class History(NamedTuple):
    """Records of a minibatch run, one for every so many steps.

    Attributes
    ----------
    step : ndarray, shape (n,)
        Steps done, counted from 1.
    n_rows : ndarray, shape (n,)
        Rows seen so far, over all epochs.
    rate : ndarray, shape (n,)
        Learning rate of that step.
    loss : ndarray, shape (n,)
        Mean of rho per sample over the steps since the record before: half of chi2 per
        sample for the chi2 loss.
    seconds : ndarray, shape (n,)
        Since the run began, without the time between an interruption and its resuming.
    theta : ndarray, shape (n, P)
        Free parameters.
    """

    step: FloatArray
    n_rows: FloatArray
    rate: FloatArray
    loss: FloatArray
    seconds: FloatArray
    theta: FloatArray

    @classmethod
    def empty(cls, n_free: int) -> History:
        """History of a run that has not begun."""
        none = np.empty(0)
        return cls(none, none, none, none, none, np.empty((0, n_free)))
