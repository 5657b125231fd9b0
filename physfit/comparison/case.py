"""What is compared: one model, one loss, one set of rows, one start for all methods.

Rows that fit into memory are there as a whole; of larger files there is a sample, and
the sums over all rows come in passes over the file.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import NamedTuple

from physfit.data.arrays import NanPolicy
from physfit.data.base import Source
from physfit.data.record import Observations
from physfit.fitting.far import refuse_far
from physfit.fitting.prepared import Columns, prepare
from physfit.fitting.row_problem import RowProblem, row_problem
from physfit.fitting.row_settings import RowSettings
from physfit.fitting.rows import MOST_NUMBERS, sample_of
from physfit.fitting.streaming import LARGE, is_large, is_source, opened
from physfit.models.as_model import as_model
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.user_function.columns import drawable
from physfit.objective import Objective
from physfit.solve.sums import StreamedObjective
from physfit.typing import FloatArray

__all__ = ["Case", "case_of"]


class Case(NamedTuple):
    """A checked problem, ready for every method.

    Attributes
    ----------
    problem : RowProblem
    theta : ndarray, shape (P,)
        Start values of the free parameters.
    objective : Objective or StreamedObjective
        Over all rows.
    """

    problem: RowProblem
    theta: FloatArray
    objective: Objective | StreamedObjective

    @property
    def model(self) -> Model:
        """Model of the problem."""
        return self.problem.model

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return self.problem.source.n_rows

    @property
    def is_streamed(self) -> bool:
        """Whether the rows stay in their file."""
        return isinstance(self.objective, StreamedObjective)


@contextmanager
def case_of(
    model: Model,
    columns: Columns,
    *,
    start: Mapping[str, float] | str | None,
    loss: Loss,
    rows: RowSettings,
) -> Iterator[Case]:
    """Problem from what a caller passes, in memory or in a file that is open here."""
    x, nan = columns.x, columns.nan
    whole = LARGE if rows.memory is None else rows.n_bytes
    by_rows = is_source(x) or is_large(x, whole)
    with opened(as_model(model, start=start), columns, by_rows=by_rows) as (
        model,
        data,
    ):
        if not isinstance(data, Observations):
            is_small = data.n_rows * data.row_bytes <= whole
            if is_small and data.n_rows * data.n_inputs <= MOST_NUMBERS:
                data = _read_whole(data, loss, nan)
        if isinstance(data, Observations):
            model, data = drawable(model, data)
        problem = row_problem(model, loss, data, nan, rows)
        if isinstance(data, Observations):
            seed = rows.checked_seed
            made = prepare(model, data, start=start, loss=loss, seed=seed)
            refuse_far(model, data, made.theta, start)
            made = made.measured()
            problem = problem._replace(scale=made.scale)
            yield Case(problem, made.theta, made.objective)
            return
        theta, _ = problem.start(start)
        problem, _ = problem.measured(theta)
        objective = problem.objective()
        # A first pass refuses rows that are not finite, and counts those that stay.
        objective.cost(theta)
        yield Case(problem, theta, objective)


def _read_whole(source: Source, loss: Loss, nan: NanPolicy) -> Observations:
    """All rows of a source that are finite."""
    loss.check_kind(source.has_sigma, source.n_outputs)
    data = sample_of(source, source.n_rows, nan=nan, loss=loss.kernel)
    left_out = source.n_rows - data.y.shape[1]
    return data._replace(n_total=None, n_left_out=left_out)
