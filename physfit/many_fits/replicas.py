"""Fits of many data sets made from one: from the same start, failures left out.

Data sets are made block by block from a generator keyed by (seed, block), so that
neither memory nor threads decide what they are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.row_data import RowData
from physfit.errors import InputError
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.result.row_table import RowTable, Rung, joined_tables, table_of
from physfit.solve.many import ManyFits
from physfit.typing import FloatArray
from physfit.uncertainty.rows import settle_singular

__all__ = ["BLOCK", "Refits", "as_rows", "refits"]

#: Data sets that are made at a time.
BLOCK = 1024

#: Makes so many data sets.
Maker = Callable[[np.random.Generator, int], RowData]


class Refits(NamedTuple):
    """How to fit replicas.

    Attributes
    ----------
    model : Model
    loss : Loss
    start : ndarray, shape (P,)
    is_absolute : bool
        Whether sigma is given, or the data are counts.
    threads : int
    """

    model: Model
    loss: Loss
    start: FloatArray
    is_absolute: bool
    threads: int


def refits(how: Refits, make: Maker, n: int, seed: int) -> RowTable:
    """Table of the fits of `n` data sets."""
    if not isinstance(n, int) or isinstance(n, bool) or n < 2:
        raise InputError(f"`n` must be a whole number of at least 2, but is {n!r}.")
    fits = fits_of(how)
    tables = []
    for number, first in enumerate(range(0, n, BLOCK)):
        rng = np.random.default_rng([seed, number])
        tables.append(fitted(fits, how, make(rng, min(BLOCK, n - first))))
    return joined_tables(tables)


def fits_of(how: Refits) -> ManyFits:
    """Fits of the replicas."""
    model = how.model
    return ManyFits(
        model.layout,
        how.loss,
        model.free_lower,
        model.free_upper,
        is_absolute=how.is_absolute,
        threads=how.threads,
    )


def fitted(fits: ManyFits, how: Refits, data: RowData) -> RowTable:
    """Table of the fits of some data sets."""
    records = fits.fit(data, how.start)
    settle_singular(records, how.loss, how.is_absolute, how.model.n_outputs)
    return table_of(records, Rung.GIVEN)


def as_rows(values: FloatArray) -> NDArray[np.generic]:
    """Data of shape (n_rows, n_outputs, n) as rows of real or complex numbers."""
    if values.shape[1] == 1:
        return np.ascontiguousarray(values[:, 0])
    return values[:, 0] + 1j * values[:, 1]
