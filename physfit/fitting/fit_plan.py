"""A fit that is ready to be run: model, data, loss, start and settings, all checked.

Every method begins with the same plan, and `runners.run` takes it to its end; what
tries other starts goes on from a plan with another one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from physfit.data.arrays import NanPolicy
from physfit.data.base import Source
from physfit.data.record import Observations, weights_of
from physfit.data.sampled_rows import sample_of, source_of
from physfit.engine.host_calls import anew, values_wanted
from physfit.fitting.far import refuse_far
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.methods import LEVENBERG_MARQUARDT, Method
from physfit.fitting.start import (
    Start,
    check_determined,
    is_exact,
    sparse,
    start_values,
    thinned,
)
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.user_function.columns import drawable
from physfit.objective import Objective
from physfit.solve.base import ProgressCallback, Solution, Stop
from physfit.solve.derivatives import noise_at
from physfit.solve.least_squares import inner_start, levenberg_marquardt
from physfit.solve.residual_scale import minimised_at_scale
from physfit.solve.sums import StreamedObjective
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import Assessment

__all__ = ["SAMPLE", "Ended", "FitPlan", "measured_plan", "plan_of", "plan_of_rows"]

#: Rows of a file that are kept to be shown, and that starts are guessed from.
SAMPLE = 20_000


class FitPlan(NamedTuple):
    """A checked fit, for every method.

    Attributes
    ----------
    model : Model
    data : Observations
        All rows, or some of those that stay in their file.
    objective : Objective
        Over these data; where rows come in windows, over 20,000 of them at most.
    start : Start
    settings : FitSettings
        What was asked: loss, tolerances, memory and threads of a pass, minibatches.
    scale : float or None
        Of the residuals, by which they are measured where no sigma does; None
        elsewhere, and until `minimised` or `measured` has found it.
    source : Source or None
        All rows, that come in windows; None where they are taken as a whole.
    nan : {"raise", "omit"}
        What happens to rows of the source that are not finite.
    is_streamed : bool
        Whether every sum over all rows is a pass over them, the objective having some.
    sums : StreamedObjective or None
        Over all rows, where these stay in their file and several methods ask for them.
    method : Method
    """

    model: Model
    data: Observations
    objective: Objective
    start: Start
    settings: FitSettings
    scale: float | None = None
    source: Source | None = None
    nan: NanPolicy = "raise"
    is_streamed: bool = False
    sums: StreamedObjective | None = None
    method: Method = LEVENBERG_MARQUARDT

    @property
    def loss(self) -> Loss:
        """The loss that was asked for."""
        return self.settings.loss

    @property
    def theta(self) -> FloatArray:
        """Start values, shape (P,)."""
        return self.start.values

    def begun_at(self, theta: FloatArray) -> FitPlan:
        """The same from other start values."""
        return self._replace(start=self.start._replace(values=theta))

    @property
    def needs_scale(self) -> bool:
        """Whether the loss measures residuals by their own scale."""
        return self.loss.needs_scale(self.data.sigma is not None)

    @property
    def is_absolute(self) -> bool:
        """Whether the weights are the true ones, as far as residuals can tell."""
        has_sigma = self.data.sigma is not None
        return self.scale is not None or self.loss.knows_noise(has_sigma)

    @property
    def is_exact(self) -> bool:
        """Whether the normal equations of one pass give the minimum."""
        return is_exact(self.model, self.loss)

    @property
    def limits(self) -> tuple[FloatArray, FloatArray]:
        """Bounds of the free parameters."""
        return self.model.free_lower, self.model.free_upper

    @property
    def rows(self) -> Source:
        """All rows, to be read in windows."""
        assert self.source is not None
        return self.source

    @property
    def over_all(self) -> Objective | StreamedObjective:
        """What evaluates the cost of all rows."""
        return self.objective if self.sums is None else self.sums

    def noise(self, cost: float) -> float:
        """Standard deviation of a weighted sample at that cost; 1 where it is known."""
        if self.is_absolute:
            return 1.0
        dof = self.objective.n_samples - self.objective.n_free
        return noise_at(cost, dof, self.objective.y)

    def in_passes(self) -> StreamedObjective:
        """A new objective that sums over all rows in passes."""
        made = StreamedObjective(
            self.model.layout,
            self.rows,
            self.loss,
            memory=self.settings.n_bytes,
            threads=self.settings.n_threads,
            nan=self.nan,
        )
        if self.scale is not None:
            made.measure_by(self.scale)
        return made

    def minimised(
        self, stop: Stop | None = None, progress: ProgressCallback | None = None
    ) -> tuple[Solution, float | None]:
        """Minimum over the data by Levenberg-Marquardt, and the scale that it needs."""
        if not self.needs_scale or self.scale is not None:
            return self._solved(self.theta, stop, progress), self.scale
        given = (self.objective, self.theta, self._solved)
        return minimised_at_scale(*given, stop=stop or Stop(), progress=progress)

    def _solved(
        self, theta: FloatArray, stop: Stop | None, progress: ProgressCallback | None
    ) -> Solution:
        """Minimum from a start, its residuals measured as the objective does."""
        lower, upper = self.model.free_lower, self.model.free_upper
        return levenberg_marquardt(
            self.objective, theta, lower, upper, stop=stop, progress=progress
        )

    def measured(self) -> FitPlan:
        """Self with a scale, that of a fit of the objective, where one is needed."""
        if not self.needs_scale or self.scale is not None:
            return self
        return self._replace(scale=self.minimised()[1])

    def shown(self, n_samples: int) -> Observations:
        """The data, with how many rows there are and were left out."""
        if self.data.n_total is None:
            return self.data
        used = n_samples // len(self.data.y)
        return self.data._replace(n_total=used, n_left_out=self.rows.n_rows - used)


class Ended(NamedTuple):
    """Where a plan has come to.

    Attributes
    ----------
    solution : Solution
    scale : float or None
        Of the residuals, where the loss measures by it.
    assessment : Assessment or None
        What a pass over all rows says of it, where one was made.
    """

    solution: Solution
    scale: float | None = None
    assessment: Assessment | None = None


def plan_of(model: Model, data: Observations, settings: FitSettings) -> FitPlan:
    """Plan of a curve: the model bound to its data, with starts inside their bounds."""
    loss, asked = settings.loss, (settings.start, settings.loss, settings.seed)
    loss.check_kind(data.sigma is not None, len(data.y))
    loss.check_data(data.y)
    check_determined(model, loss, data.y.size)
    start = start_values(model, data, *asked)
    theta = start.values
    if model.functions:
        from physfit.models.user_function.binding import confirmed

        model = confirmed(model, data.x, theta)
    # finite: `samples` refuses a sigma whose inverse is not
    objective = Objective(model.layout, data.x, data.y, weights_of(data), loss)
    if objective.calls_python:
        with values_wanted(), anew() as objective.look:
            objective.gradient(theta)
    limits = (model.free_lower, model.free_upper)
    has_domain = objective.has_domain
    if has_domain:
        theta = inner_start(objective, theta, *limits)
    for few in sparse(data) if start.guessed and has_domain else ():
        if np.isfinite(objective.cost(theta)):
            break
        theta = start_values(model, few, *asked).values
        theta = inner_start(objective, theta, *limits)
    if theta is not start.values:
        start = start._replace(values=theta)
    return FitPlan(model, data, objective, start, settings)


def measured_plan(model: Model, data: Observations, settings: FitSettings) -> FitPlan:
    """Plan of a curve whose samples may be drawn, at the scale of its residuals.

    Raises
    ------
    InputError
        When the model has no numbers where the data are.
    """
    model, data = drawable(model, data)
    plan = plan_of(model, data, settings)
    refuse_far(model, data, plan.theta, settings.start)
    return plan.measured()


def plan_of_rows(
    model: Model,
    data: Observations | Source,
    settings: FitSettings,
    nan: NanPolicy = "raise",
) -> FitPlan:
    """Plan of rows that come in windows: samples in memory, or those of a source."""
    loss = settings.loss
    if isinstance(data, Observations):
        model, data = drawable(model, data)
        source: Source = source_of(data, spins=bool(model.spins))
        shown, nan = data, "raise"
        loss.check_kind(source.has_sigma, source.n_outputs)
    else:
        source = data
        loss.check_kind(source.has_sigma, source.n_outputs)
        shown = sample_of(source, SAMPLE, nan=nan, loss=loss.kernel)
    check_determined(model, loss, source.n_rows * source.n_outputs)
    few, layout = thinned(shown), model.layout
    start = start_values(model, few, settings.start, loss, settings.seed)
    theta = start.values
    refuse_far(model, few, theta, settings.start)
    if layout.calls_python:
        columns = few.x, few.y, weights_of(few)
        with values_wanted(), anew():
            Objective(layout.in_windows, *columns, loss).gradient(theta)
    if loss.traits.has_domain:
        objective = Objective(layout, shown.x, shown.y, weights_of(shown), loss)
        theta = inner_start(objective, theta, model.free_lower, model.free_upper)
    most = thinned(shown, SAMPLE)
    objective = Objective(layout, most.x, most.y, weights_of(most), loss)
    start = start._replace(values=theta)
    return FitPlan(model, shown, objective, start, settings, None, source, nan, True)
