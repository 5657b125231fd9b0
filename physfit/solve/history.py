"""How a run was set and how it went: loss, rate and parameters by the step."""

from __future__ import annotations

from typing import Annotated, NamedTuple

import numpy as np

from physfit.data.files.schema import Array, Count, Positive
from physfit.document.fields import fields_html
from physfit.typing import FloatArray

__all__ = ["History", "RunSettings"]


class RunSettings(NamedTuple):
    """How a run on minibatches was set, as far as it decides the answer.

    Attributes
    ----------
    batch_size, epochs : int
        Rows of a batch; passes over the data at most.
    learning_rate : str
        By the step, as `parse_schedule` reads it.
    transforms : str
        What the gradient passed through, in order.
    seed : int
    sampler, scaling : str
    averaged : bool
        Whether the answer is the average of the path.
    """

    batch_size: Positive
    epochs: Positive
    learning_rate: str
    transforms: str
    seed: Count
    sampler: str
    scaling: str
    averaged: bool

    @property
    def rate(self) -> str:
        """The learning rate in short: a constant one is its number."""
        return self.learning_rate.removeprefix("constant:")

    def _repr_html_(self) -> str:
        return fields_html(self)


class History(NamedTuple):
    """Records of a minibatch run, one for every so many steps.

    Attributes
    ----------
    step : ndarray, shape (n,)
        Steps done, counted from 1.
    n_rows : ndarray, shape (n,)
        Rows seen so far, over all epochs.
    learning_rate : ndarray, shape (n,)
        Of that step.
    loss : ndarray, shape (n,)
        Mean of rho per sample over the steps since the record before: half of chi2 per
        sample for the chi2 loss.
    seconds : ndarray, shape (n,)
        Since the run began, without the time between an interruption and its resuming.
    theta : ndarray, shape (n, P)
        Free parameters.
    """

    step: Annotated[FloatArray, Array("n_records")]
    n_rows: Annotated[FloatArray, Array("n_records")]
    learning_rate: Annotated[FloatArray, Array("n_records")]
    loss: Annotated[FloatArray, Array("n_records")]
    seconds: Annotated[FloatArray, Array("n_records")]
    theta: Annotated[FloatArray, Array("n_records", "n_free")]

    @classmethod
    def empty(cls, n_free: int) -> History:
        """History of a run that has not begun."""
        none = np.empty(0)
        return cls(none, none, none, none, none, np.empty((0, n_free)))

    def _repr_html_(self) -> str:
        return fields_html(self)
