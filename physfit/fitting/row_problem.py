"""A model, and the rows that it is fitted to: in memory, or in their file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from physfit.data.arrays import NanPolicy
from physfit.data.base import Source
from physfit.data.record import Observations, weights_of
from physfit.fitting.row_settings import RowSettings
from physfit.fitting.rows import sample_of, source_of
from physfit.fitting.spins import assess_spins, fit_exactly
from physfit.fitting.start import (
    check_determined,
    inner_start,
    is_exact,
    start_values,
    thinned,
)
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.objective import Objective
from physfit.solve.base import ProgressCallback, Stop
from physfit.solve.least_squares import levenberg_marquardt
from physfit.solve.sums import StreamedObjective
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import Assessment
from physfit.uncertainty.sandwich import assess

__all__ = ["SAMPLE", "RowProblem", "row_problem"]

#: Rows of a file that are kept to be shown, and that starts are guessed from.
SAMPLE = 20_000


class RowProblem(NamedTuple):
    """A model and a loss, the rows of a source, and how these are read.

    Attributes
    ----------
    model : Model
    loss : Loss
    source : Source
    sample : Observations
        All rows, or some of them where they stay in their file.
    nan : {"raise", "omit"}
    rows : RowSettings
        Memory and threads of a pass, and how minibatches are drawn.
    """

    model: Model
    loss: Loss
    source: Source
    sample: Observations
    nan: NanPolicy
    rows: RowSettings

    @property
    def is_exact(self) -> bool:
        """Whether the normal equations of one pass give the minimum."""
        return is_exact(self.model, self.loss)

    @property
    def is_absolute(self) -> bool:
        """Whether the weights are the true ones."""
        return self.loss.knows_noise(self.source.has_sigma)

    def objective(self) -> StreamedObjective:
        """A new objective that sums over the rows in passes."""
        return StreamedObjective(
            self.model.layout,
            self.source,
            self.loss,
            memory=self.rows.n_bytes,
            threads=self.rows.n_threads,
            nan=self.nan,
        )

    def start(
        self, given: Mapping[str, float] | str | None
    ) -> tuple[FloatArray, tuple[str, ...]]:
        """Start of the free parameters, and which names were guessed."""
        model, loss, sample = self.model, self.loss, self.sample
        n_rows = sample.y.shape[1] if sample.n_total is None else sample.n_total
        check_determined(model, loss, n_rows * len(sample.y))
        few, seed = thinned(sample), self.rows.checked_seed
        theta, guessed = start_values(model, few, given, loss, seed)
        if guessed and loss.traits.has_domain:
            columns = (sample.x, sample.y, weights_of(sample))
            objective = Objective(model.layout, *columns, loss)
            theta = inner_start(model, sample, objective, theta)
        return theta, guessed

    def minimised(
        self,
        theta: FloatArray,
        *,
        damped: bool,
        stop: Stop | None,
        progress: ProgressCallback | None,
    ) -> Assessment:
        """The minimum by Levenberg-Marquardt, one pass over all rows for each step."""
        model, objective = self.model, self.objective()
        if self.is_exact:
            exact = fit_exactly(
                *(model, objective),
                absolute=self.is_absolute,
                ridge=self.rows.ridge,
            )
            objective.release()
            return exact
        ended = levenberg_marquardt(
            *(objective, theta, model.free_lower, model.free_upper),
            stop=stop,
            progress=progress,
            damped=damped,
        )
        return self.assessed(ended.theta, objective)._replace(solution=ended)

    def assessed(
        self,
        theta: FloatArray,
        objective: StreamedObjective | None = None,
        *,
        n_steps: int = 0,
    ) -> Assessment:
        """What parameters are worth, by one pass over all rows."""
        objective = self.objective() if objective is None else objective
        if self.is_exact:
            judged = assess_spins(
                *(self.model, theta, objective),
                absolute=self.is_absolute,
                n_steps=n_steps,
            )
        else:
            judged = assess(
                objective,
                theta,
                self.model.free_lower,
                self.model.free_upper,
                absolute=self.is_absolute,
                n_steps=n_steps,
            )
        objective.release()
        return judged

    def shown(self, n_samples: int) -> Observations:
        """The sample, with how many rows there are and were left out."""
        if self.sample.n_total is None:
            return self.sample
        used = n_samples // self.source.n_outputs
        return self.sample._replace(n_total=used, n_left_out=self.source.n_rows - used)


def row_problem(
    model: Model,
    loss: Loss,
    data: Observations | Source,
    nan: NanPolicy,
    rows: RowSettings,
) -> RowProblem:
    """Problem of samples in memory, or of the rows of a source."""
    if isinstance(data, Observations):
        source: Source = source_of(data, spins=bool(model.spins))
        sample, nan = data, "raise"
    else:
        source, sample = data, None
    loss.check_kind(source.has_sigma, source.n_outputs)
    if sample is None:
        sample = sample_of(source, SAMPLE, nan=nan, loss=loss.kernel)
    return RowProblem(model, loss, source, sample, nan, rows)
