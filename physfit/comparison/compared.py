"""What is compared: one plan, with one start, for all methods.

Rows that fit into memory are there as a whole; of larger files there is a sample, and
the sums over all rows come in passes over the file.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from physfit.data.arrays import NanPolicy
from physfit.data.base import Source
from physfit.data.record import Observations
from physfit.data.sampled_rows import MOST_NUMBERS, sample_of, source_of
from physfit.fitting.columns import Columns
from physfit.fitting.fit_plan import FitPlan, measured_plan, plan_of_rows
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.streaming import LARGE, is_large, is_source, opened
from physfit.models.as_model import as_model
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.settings.setting import or_default

__all__ = ["compared"]


@contextmanager
def compared(
    model: Model,
    columns: Columns,
    settings: FitSettings,
) -> Iterator[FitPlan]:
    """Plan of what a caller passes, in memory or in a file that is open here."""
    x, nan = columns.x, columns.nan
    whole = or_default(settings.minibatch.get("memory"), LARGE)
    by_rows = is_source(x) or is_large(x, whole)
    model = as_model(model, start=settings.start)
    with opened(model, columns, by_rows=by_rows) as (model, data):
        if not isinstance(data, Observations):
            is_small = data.n_rows * data.row_bytes <= whole
            if is_small and data.n_rows * data.n_inputs <= MOST_NUMBERS:
                data = _read_whole(data, settings.loss, nan)
        if isinstance(data, Observations):
            plan = measured_plan(model, data, settings)
            source = source_of(plan.data, spins=bool(model.spins))
            yield plan._replace(source=source)
            return
        plan = plan_of_rows(model, data, settings, nan).measured()
        plan = plan._replace(sums=plan.in_passes())
        # A first pass refuses rows that are not finite, and counts those that stay.
        plan.over_all.cost(plan.theta)
        yield plan


def _read_whole(source: Source, loss: Loss, nan: NanPolicy) -> Observations:
    """All rows of a source that are finite."""
    loss.check_kind(source.has_sigma, source.n_outputs)
    data = sample_of(source, source.n_rows, nan=nan, loss=loss.kernel)
    left_out = source.n_rows - data.y.shape[1]
    return data._replace(n_total=None, n_left_out=left_out)
