"""A model, and the rows that it is fitted to: in memory, or in their file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from physfit.data.arrays import NanPolicy
from physfit.data.base import Source
from physfit.data.record import Observations, weights_of
from physfit.engine.host import anew, values_wanted
from physfit.fitting.far import refuse_far
from physfit.fitting.prepared import Prepared
from physfit.fitting.row_settings import RowSettings
from physfit.fitting.rows import sample_of, source_of
from physfit.fitting.start import (
    check_determined,
    is_exact,
    start_values,
    thinned,
)
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.user_function.columns import drawable
from physfit.objective import Objective
from physfit.solve.base import ProgressCallback, Solution, Status, Stop
from physfit.solve.derivatives import held_at_bounds, solution_at
from physfit.solve.least_squares import inner_start, levenberg_marquardt
from physfit.solve.linear import linear_least_squares
from physfit.solve.residual_scale import minimised_at_scale
from physfit.solve.sums import StreamedObjective
from physfit.typing import FloatArray
from physfit.uncertainty.covariance import Assessment, factorised, from_inverse
from physfit.uncertainty.identifiability import undetermined_sentences
from physfit.uncertainty.sandwich import assess, newton_distance

__all__ = ["SAMPLE", "RowProblem", "row_problem"]

#: Rows of a file that are kept to be shown, and that starts are guessed from.
SAMPLE = 20_000
#: Eigenvalues below this, relative to the largest and times their number, are rounding.
NOISE = 1e-13


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
    scale : float or None
        Of the residuals, by which the loss measures them where it needs one and one
        has been found.
    """

    model: Model
    loss: Loss
    source: Source
    sample: Observations
    nan: NanPolicy
    rows: RowSettings
    scale: float | None = None

    @property
    def is_exact(self) -> bool:
        """Whether the normal equations of one pass give the minimum."""
        return is_exact(self.model, self.loss)

    @property
    def is_absolute(self) -> bool:
        """Whether the weights are the true ones, as far as residuals can tell."""
        return self.scale is not None or self.loss.knows_noise(self.source.has_sigma)

    @property
    def needs_scale(self) -> bool:
        """Whether the loss measures residuals by their own scale."""
        return self.loss.needs_scale(self.source.has_sigma)

    def measured(self, theta: FloatArray) -> tuple[RowProblem, FloatArray]:
        """Self with a scale where one is needed, and a start that is nearer then.

        Both are those of a fit to the sample, which begins at `theta`: the scale of
        20,000 residuals is known to 1 %.
        """
        if not self.needs_scale:
            return self, theta
        few = thinned(self.sample, SAMPLE)
        objective = Objective(
            self.model.layout, few.x, few.y, weights_of(few), self.loss
        )
        prepared = Prepared(self.model, few, self.loss, objective, theta, ())
        solution, scale = prepared.minimised()
        near = solution.theta if solution.status.converged else theta
        return self._replace(scale=scale), near

    def objective(self) -> StreamedObjective:
        """A new objective that sums over the rows in passes."""
        made = StreamedObjective(
            self.model.layout,
            self.source,
            self.loss,
            memory=self.rows.n_bytes,
            threads=self.rows.n_threads,
            nan=self.nan,
        )
        if self.scale is not None:
            made.measure_by(self.scale)
        return made

    def start(
        self, given: Mapping[str, float] | str | None
    ) -> tuple[FloatArray, tuple[str, ...]]:
        """Start of the free parameters, and which names were guessed."""
        model, loss, sample = self.model, self.loss, self.sample
        n_rows = sample.y.shape[1] if sample.n_total is None else sample.n_total
        check_determined(model, loss, n_rows * len(sample.y))
        few, seed = thinned(sample), self.rows.checked_seed
        theta, guessed = start_values(model, few, given, loss, seed)
        refuse_far(model, few, theta, given)
        if model.layout.calls_python:
            called = model.layout.in_windows
            with values_wanted(), anew():
                Objective(called, few.x, few.y, weights_of(few), loss).gradient(theta)
        if loss.traits.has_domain:
            columns = (sample.x, sample.y, weights_of(sample))
            objective = Objective(model.layout, *columns, loss)
            theta = inner_start(objective, theta, model.free_lower, model.free_upper)
        return theta, guessed

    def minimised(
        self,
        theta: FloatArray,
        *,
        damped: bool,
        stop: Stop | None,
        progress: ProgressCallback | None,
    ) -> tuple[Assessment, float | None]:
        """The minimum by Levenberg-Marquardt, one pass over all rows for each step.

        With it goes the scale of the residuals that it needs.
        """
        model, objective = self.model, self.objective()
        if self.is_exact:
            at_zero = objective.normal(np.zeros(objective.n_free))
            solution = linear_least_squares(
                *(objective, model.free_lower, model.free_upper),
                ridge=self.rows.ridge,
                at_zero=at_zero,
            )
            objective.release()
            return self._assessed_by(at_zero[2], solution, objective.n_rows), None

        def solve(
            theta: FloatArray, stop: Stop | None, progress: ProgressCallback | None
        ) -> Solution:
            return levenberg_marquardt(
                *(objective, theta, model.free_lower, model.free_upper),
                stop=stop,
                progress=progress,
                damped=damped,
            )

        scale = None
        if self.needs_scale:
            theta = self.measured(theta)[1]
            ended, scale = minimised_at_scale(
                *(objective, theta, solve), stop=stop or Stop(), progress=progress
            )
        else:
            ended = solve(theta, stop, progress)
        judged = self.assessed(ended.theta, objective)._replace(solution=ended)
        if ended.status is Status.EDGE:
            inverse = (ended.covariance, ended.condition, ended.at_bound)
            known = from_inverse(*inverse) or judged.covariance
            judged = judged._replace(covariance=known)
        return self._opened(judged), scale

    def _opened(self, judged: Assessment) -> Assessment:
        """The same without errors of what the fit found undetermined."""
        is_open = np.isposinf(judged.solution.covariance.diagonal())
        if not is_open.any():
            return judged
        before, n = judged.covariance, judged.n_samples
        after = before.opened(is_open)
        if not self.is_absolute and n > before.rank:  # chi2 / dof with the dof left
            after = after.times((n - before.rank) / (n - after.rank))
        return judged._replace(covariance=after)

    def assessed(
        self,
        theta: FloatArray,
        objective: StreamedObjective | None = None,
        *,
        n_steps: int = 0,
    ) -> Assessment:
        """What parameters are worth, by one pass over all rows."""
        objective = self.objective() if objective is None else objective
        limits = (self.model.free_lower, self.model.free_upper)
        if self.is_exact:
            cost, gradient, matrix = objective.normal(theta)
            solution = solution_at(
                *(theta.copy(), cost, gradient, matrix),
                held_at_bounds(theta, gradient, *limits),
                status=Status.REPORTED,
                n_steps=n_steps,
                n_evals=2,
            )
            judged = self._assessed_by(matrix, solution, objective.n_rows)
        else:
            judged = assess(
                *(objective, theta, *limits),
                absolute=self.is_absolute,
                n_steps=n_steps,
            )
        objective.release()
        return judged

    def _assessed_by(
        self, matrix: FloatArray, solution: Solution, n: int
    ) -> Assessment:
        """What parameters of a linear model are worth, by its normal equations.

        These say everything: the minimum, the covariance, and from any other place the
        step to the minimum. With a ridge all are those of what was minimised, whatever
        the data alone would leave open.

        Parameters
        ----------
        matrix : ndarray, shape (P, P)
            The Gauss-Newton matrix of the data.
        solution : Solution
        n : int
            Number of rows.
        """
        at_bound = solution.at_bound
        base = from_inverse(solution.covariance, solution.condition, at_bound)
        notes: tuple[str, ...] = ()
        if base is None:
            base = factorised(_root(matrix), at_bound)
            notes = undetermined_sentences(base, matrix, self.model.free_names, n)
        chi2 = 2.0 * solution.cost
        covariance = base.scaled(n, chi2, absolute=self.is_absolute)
        step = -(base.core @ solution.gradient)
        distance = newton_distance(step, covariance)
        return Assessment(
            *(solution, covariance, None, step, distance, n, "gauss_newton", notes)
        )

    def shown(self, n_samples: int) -> Observations:
        """The sample, with how many rows there are and were left out."""
        if self.sample.n_total is None:
            return self.sample
        used = n_samples // self.source.n_outputs
        return self.sample._replace(n_total=used, n_left_out=self.source.n_rows - used)


def _root(matrix: FloatArray) -> FloatArray:
    """Rows of which the matrix is the product with themselves."""
    values, vectors = np.linalg.eigh(matrix)
    noise = NOISE * len(values) * values.max(initial=0.0)
    rows: FloatArray = vectors * np.sqrt(np.where(values > noise, values, 0.0))
    return rows


def row_problem(
    model: Model,
    loss: Loss,
    data: Observations | Source,
    nan: NanPolicy,
    rows: RowSettings,
) -> RowProblem:
    """Problem of samples in memory, or of the rows of a source."""
    if isinstance(data, Observations):
        model, data = drawable(model, data)
        source: Source = source_of(data, spins=bool(model.spins))
        sample, nan = data, "raise"
    else:
        source, sample = data, None
    loss.check_kind(source.has_sigma, source.n_outputs)
    if sample is None:
        sample = sample_of(source, SAMPLE, nan=nan, loss=loss.kernel)
    return RowProblem(model, loss, source, sample, nan, rows)
