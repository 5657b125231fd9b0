"""What is compared: one model, one loss, one set of rows, one start for all methods.

Rows that fit into memory are there as a whole; of larger files there is a sample, and
the sums over all rows come in passes over the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from physfit.data.arrays import NanPolicy
from physfit.data.base import Source
from physfit.data.record import Observations
from physfit.fitting import prepare
from physfit.fitting.passes import SAMPLE
from physfit.fitting.prepared import observations
from physfit.fitting.row_settings import RowSettings
from physfit.fitting.rows import MOST_NUMBERS, sample_of, source_of
from physfit.fitting.start import drawn_start, is_exact, start_of_rows
from physfit.fitting.streaming import (
    LARGE,
    check_row_loss,
    is_large,
    is_source,
    opened_rows,
)
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.objective import Objective
from physfit.solve.sums import StreamedObjective
from physfit.typing import FloatArray

__all__ = ["Case", "case_of"]


class Case(NamedTuple):
    """A checked problem, ready for every method.

    Attributes
    ----------
    model : Model
    loss : Loss
    theta : ndarray, shape (P,)
        Start values of the free parameters.
    objective : Objective or StreamedObjective
        Over all rows.
    source : Source
        The rows.
    sample : Observations
        All rows, or some of them where they stay in their file.
    rows : RowSettings
        How minibatches are drawn, and what memory there is.
    nan : {"raise", "omit"}
        Of the source.
    """

    model: Model
    loss: Loss
    theta: FloatArray
    objective: Objective | StreamedObjective
    source: Source
    sample: Observations
    rows: RowSettings
    nan: NanPolicy = "raise"

    @property
    def is_streamed(self) -> bool:
        """Whether the rows stay in their file."""
        return isinstance(self.objective, StreamedObjective)

    @property
    def is_exact(self) -> bool:
        """Whether the normal equations of one pass give the minimum."""
        return is_exact(self.model, self.loss)

    @property
    def knows_errors(self) -> bool:
        """Whether the weights are the true ones."""
        return self.sample.sigma is not None or self.loss.name == "poisson"

    @property
    def start(self) -> dict[str, float]:
        """Start values by name."""
        return dict(zip(self.model.free_names, self.theta.tolist(), strict=True))

    def passes(self) -> StreamedObjective:
        """A new objective that sums over the rows in passes."""
        return _passes(self.model, self.source, self.loss, self.rows, self.nan)


def case_of(
    model: Model,
    x: Any,
    y: Any,
    sigma: Any,
    *,
    start: Mapping[str, float] | str | None,
    loss: Loss,
    rows: RowSettings,
    nan: NanPolicy,
    dataset: str | None,
) -> Case:
    """Problem from what a caller passes, in memory or in a file."""
    if isinstance(model, Model) and (is_source(x) or is_large(x, rows.memory or LARGE)):
        source = opened_rows(model, x, y, sigma, dataset)
        if source is not None:
            check_row_loss(loss, source)
            if not _fits(source, rows):
                return _in_file(model, source, start, loss, rows, nan)
            counts = loss.name == "poisson"
            data = sample_of(source, source.n_rows, nan=nan, counts=counts)
            left_out = source.n_rows - data.y.shape[1]
            data = data._replace(n_total=None, n_left_out=left_out)
            return _in_memory(model, data, start, loss, rows)
    nothing = ("", "")
    data = observations(model, x, y, sigma, nan, dataset, nothing, nothing, "")
    return _in_memory(model, data, start, loss, rows)


def _fits(source: Source, rows: RowSettings) -> bool:
    """Whether a source is read as a whole."""
    size = source.n_rows * source.row_bytes
    numbers = source.n_rows * source.n_inputs
    return size <= (rows.memory or LARGE) and numbers <= MOST_NUMBERS


def _in_memory(
    model: Model,
    data: Observations,
    start: Mapping[str, float] | str | None,
    loss: Loss,
    rows: RowSettings,
) -> Case:
    if isinstance(start, str):
        start = drawn_start(model, data, start, rows.checked_seed)
    made = prepare(model, data, start=start, loss=loss)
    source = source_of(data, spins=bool(model.spins))
    return Case(model, loss, made.theta, made.objective, source, data, rows)


def _in_file(
    model: Model,
    source: Source,
    start: Mapping[str, float] | str | None,
    loss: Loss,
    rows: RowSettings,
    nan: NanPolicy,
) -> Case:
    counts = loss.name == "poisson"
    sample = sample_of(source, SAMPLE, nan=nan, counts=counts)
    theta, _ = start_of_rows(model, sample, start, loss, rows.checked_seed)
    objective = _passes(model, source, loss, rows, nan)
    # A first pass refuses rows that are not finite, and counts those that stay.
    objective.cost(theta)
    return Case(model, loss, theta, objective, source, sample, rows, nan)


def _passes(
    model: Model, source: Source, loss: Loss, rows: RowSettings, nan: NanPolicy
) -> StreamedObjective:
    return StreamedObjective(
        model.layout,
        source.with_spins_as_numbers(),
        loss,
        memory=rows.n_bytes,
        threads=rows.n_threads,
        nan=nan,
    )
