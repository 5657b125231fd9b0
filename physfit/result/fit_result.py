"""The result of one fit: a record of what was done, from which all else follows.

Nothing is computed before it is asked for; what was computed stays on the instance.
The module is long because all that can be asked of a result stands in this one class;
the work is done in the modules beside it.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from pkgutil import resolve_name
from typing import TYPE_CHECKING, Annotated, Any, Self

import numpy as np
from numpy.typing import ArrayLike

from physfit.data.files.schema import Array, Date
from physfit.data.record import Observations, weights_of
from physfit.document.blocks import Document
from physfit.engine.program import evaluate
from physfit.errors import ConvergenceError, InputError
from physfit.models import tree as trees
from physfit.models.loss import Loss
from physfit.models.model import Model
from physfit.models.param import Change
from physfit.models.samples import joined
from physfit.models.units import resolve_unit
from physfit.objective import Objective
from physfit.result.estimate import ByName, Estimate
from physfit.solve.base import Solution, Status
from physfit.solve.history import History, RunSettings
from physfit.solve.row_table import RetryStage
from physfit.typing import FloatArray, Values
from physfit.uncertainty.covariance import (
    Assessment,
    Covariance,
    correlation_of,
    covariance,
)
from physfit.uncertainty.propagation import chain, quantity, resolve

if TYPE_CHECKING:
    import pandas
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from physfit.result.band import Band


__all__ = ["FitResult"]

#: Ratio of a normal standard deviation to the median size.
MEDIAN_TO_SIGMA = 1.482602218505602


@dataclass(frozen=True, eq=False, repr=False)
class FitResult(ByName):
    """What a fit found.

    `result["center"]` is the `Estimate` of a parameter or derived quantity, `result(x)`
    the fitted curve. P is the number of free parameters, n that of the samples.

    Attributes
    ----------
    model : Model
    data : Observations
    loss : Loss
    method : str
        "lm", that of scipy, or the name of an optimiser on minibatches.
    solution : Solution
        Where the solver ended: `solution.theta`, shape (P,), are the free parameters.
    start : ndarray, shape (P,)
        Start values of the free parameters.
    guessed : tuple of str
        Those of them that were guessed from the data.
    nearest_chi2 : float
        That of the minimum which the given start leads to, where a lower one in its
        neighbourhood was found; NaN elsewhere.
    retry_stage : RetryStage or None
        Other start values that led to the answer, where a fit from `start` failed.
    seconds, compile_seconds : float
        Wall time of the fit without compilation, and of compilation alone, in s.
    created : float
        When, in seconds since 1970 (UTC).
    versions : mapping of str to str, or None
        Versions of the programs that made a result loaded from a file.
    assessment : Assessment or None
        What a pass over all rows says of the answer; for fits on minibatches and of
        files larger than memory, whose `data` are a sample of the rows.
    run : RunSettings or None
        Settings of a run on minibatches; None for other methods.
    weight_decay : float
        Strength of the ridge, or of the decay of a run on minibatches; 0 without.
    scale : float or None
        Standard deviation of a sample as the residuals tell it, in the unit of y: that
        by which a robust loss measures them where no sigma was given; else None.

    Raises
    ------
    InputError
        By `result[name]` when there is no such parameter or derived quantity.

    Examples
    --------
    >>> import physfit as pf
    >>> volt = [0.0, 1.0, 2.0, 3.0]
    >>> result = pf.fit(pf.models.Linear(), volt, [1.0, 3.1, 4.9, 7.0], sigma=0.1)
    >>> slope = result["slope"]
    >>> print(f"{slope.value:.2f} +- {slope.stderr:.2f}")
    1.98 +- 0.04
    >>> print(f"{result.chi2:.1f}, {result.dof}, {result.p_value:.2f}")
    1.8, 2, 0.41
    >>> result([4.0, 5.0]).round(2), result.covariance.shape
    (array([ 8.95, 10.93]), (2, 2))
    """

    model: Model
    data: Observations
    loss: Loss
    method: str
    solution: Solution
    start: Annotated[FloatArray, Array("n_free")]
    guessed: tuple[str, ...] = ()
    nearest_chi2: float = math.nan
    retry_stage: RetryStage | None = None
    seconds: float = math.nan
    compile_seconds: float = 0.0
    created: Date = field(default_factory=time.time)
    versions: Mapping[str, str] | None = None
    assessment: Assessment | None = None
    run: RunSettings | None = None
    weight_decay: float = 0.0
    scale: float | None = None

    @classmethod
    def made(cls, **values: Any) -> Self:
        """Result of its attributes by name, in a third of the time of a call.

        A frozen dataclass sets its attributes one by one, by way of its class.
        """
        result = object.__new__(cls)
        result.__dict__.update(values, created=time.time())
        return result

    # Parameters

    def __getitem__(self, name: str) -> Estimate:
        if name in self.model.index:
            return self._estimate(name)
        if name in self.derived:
            return self.derived[name]
        raise self._unknown(name)

    @cached_property
    def values(self) -> dict[str, float]:
        """Value of every parameter by name."""
        return dict(zip(self.names, self._full.tolist(), strict=True))

    @cached_property
    def stderr(self) -> dict[str, float]:
        """Standard error of each parameter by name; `Estimate` says when it is NaN."""
        errors = np.full(len(self.names), np.nan)
        layout = self.model.layout
        with np.errstate(all="ignore"):
            errors[list(layout.free)] = np.sqrt(self.covariance.diagonal())
        for tie in layout.ties:
            gradient = self._chain[tie.target]
            errors[tie.target] = self._error_along(gradient)
        return dict(zip(self.names, errors.tolist(), strict=True))

    @cached_property
    def derived(self) -> dict[str, Estimate]:
        """Derived quantities by name, with errors propagated to first order."""
        return {
            own.name: Estimate(
                name=own.name,
                value=found.value,
                stderr=self._error_along(found.gradient),
                unit=self._unit(own.unit),
                tie=own.expression.text,
                description=own.description,
                is_derived=True,
            )
            for own in self.model.derived
            for found in [
                quantity(own.expression, self.model.index, self._full, self._chain)
            ]
        }

    # Uncertainties

    @cached_property
    def uncertainty(self) -> Covariance:
        """Covariance of the free parameters, and what the data leave open."""
        if self.assessment is not None:
            return self.assessment.covariance
        return covariance(
            self.solution,
            self.loss,
            self.n_samples,
            self.is_absolute,
            lambda: self.objective,
        )

    @cached_property
    def covariance(self) -> FloatArray:
        """Covariance of the free parameters, shape (P, P), in their order.

        Absolute when sigma was given or the data are counts, else scaled by chi2 / dof.
        Rows and columns of a parameter at a bound are NaN, and so are those of one that
        the data do not determine but for its variance, which is infinite.
        """
        return self.uncertainty.matrix

    @cached_property
    def correlation(self) -> FloatArray:
        """Correlations of the free parameters, shape (P, P); NaN where none exist."""
        return correlation_of(self.covariance)

    @cached_property
    def full_covariance(self) -> FloatArray:
        """Covariance of all parameters, shape (n_full, n_full), through the ties.

        In the order of `names`; zero for fixed parameters.
        """
        return self.uncertainty.propagate(self._chain)

    @cached_property
    def is_absolute(self) -> bool:
        """Whether errors are those of the stated sigma or of counting, not scaled."""
        return self.loss.knows_noise(self.data.sigma is not None)

    # Quality

    @property
    def chi2(self) -> float:
        """Twice the cost at the solution: chi2, or for poisson the deviance.

        In units of sigma, or of `scale`, or unweighted without either.
        """
        return 2.0 * self.solution.cost

    @property
    def n_samples(self) -> int:
        """Number of real numbers in the data; a complex sample counts as two."""
        if self.data.n_total is not None:
            return self.data.n_total * self.model.n_outputs
        return int(self.data.y.size)

    @property
    def n_fitted(self) -> int:
        """Parameters that the data determine; those at a bound are not counted."""
        return self.uncertainty.rank

    @property
    def dof(self) -> int:
        """Degrees of freedom: `n_samples - n_fitted`."""
        return self.n_samples - self.n_fitted

    @property
    def reduced_chi2(self) -> float:
        """chi2 / dof; NaN without degrees of freedom."""
        return self.chi2 / self.dof if self.dof > 0 else math.nan

    @cached_property
    def p_value(self) -> float | None:
        """Probability of a larger chi2 if model and sigma are right.

        For counts, of a larger deviance, whose mean, variance and skewness at few
        counts a sample are taken from the fitted means. None without sigma, for robust
        losses, with weight decay, whose answer is not that of largest likelihood, and
        where there are too few counts for any reference.
        """
        from physfit.result.goodness import p_value_of

        return p_value_of(self)

    @property
    def aic(self) -> float | None:
        """Akaike's criterion, D + 2 k; None for robust losses and with weight decay.

        k is `n_fitted`. The deviance D is chi2 with sigma, n log(chi2 / n) without, and
        the Poisson deviance for counts.
        """
        return self._criterion(2.0)

    @property
    def bic(self) -> float | None:
        """Schwarz's criterion, D + k log n with D and k as in `aic`."""
        return self._criterion(math.log(self.n_samples))

    # How it ended

    @property
    def status(self) -> Status:
        """Why the solver ended."""
        return self.solution.status

    @cached_property
    def converged(self) -> bool:
        """Whether the solver ended at a minimum."""
        return self.status.converged

    @property
    def message(self) -> str:
        """The status in words."""
        return self.status.sentence

    @property
    def n_steps(self) -> int:
        """Steps tried by the solver."""
        return self.solution.n_steps

    @property
    def n_evals(self) -> int:
        """Evaluations of the model over all data."""
        return self.solution.n_evals

    @property
    def history(self) -> History | None:
        """How a run on minibatches went; None for other methods."""
        return self.solution.history

    @property
    def distance(self) -> float:
        """Standard errors from here to the minimum, by the Newton step that is left.

        The largest over the free parameters; NaN where no pass over all rows said.
        """
        return math.nan if self.assessment is None else self.assessment.distance

    @cached_property
    def sandwich_stderr(self) -> dict[str, float] | None:
        """Standard errors of the free parameters that do not believe sigma, by name.

        From how much the gradient varies between blocks of rows (White's sandwich
        estimate); None where no pass over all rows said.
        """
        if self.assessment is None or self.assessment.sandwich is None:
            return None
        with np.errstate(all="ignore"):
            errors = np.sqrt(self.assessment.sandwich.matrix.diagonal())
        return dict(zip(self.free_names, errors.tolist(), strict=True))

    def require(self) -> FitResult:
        """Self when the fit converged.

        Returns
        -------
        FitResult

        Raises
        ------
        ConvergenceError
            When it did not; its `solution` is where the fit ended.

        Examples
        --------
        >>> import physfit as pf
        >>> result = pf.fit(pf.models.Constant(), [0, 1, 2], [4.0, 5.0, 6.0]).require()
        >>> round(result["c"].value, 6)
        5.0
        """
        if not self.converged:
            raise ConvergenceError(
                f"The fit of {self.model.expression} has {self.message}.", self.solution
            )
        return self

    def refit(
        self,
        *,
        loss: str | Loss | None = None,
        start: Mapping[str, float] | str | None = None,
        method: str | None = None,
        **changes: Change | float,
    ) -> FitResult:
        """Fit of the same data with something changed, from here.

        Data, labels, units, loss and method stay.

        Parameters
        ----------
        loss, method : str or Loss, optional
            Others, as for `physfit.fit`. Of a fit on minibatches say `method="lm"`.
        start : mapping of str to float, or "random", optional
            Start values; the others are those of this result, put inside new bounds.
        **changes : float or Change
            Of parameters, as for `Model.where`.

        Returns
        -------
        FitResult

        Raises
        ------
        InputError, ModelError
            Arguments are not usable, or the result holds a sample of its rows only.

        Examples
        --------
        >>> import physfit as pf
        >>> line = pf.fit(pf.models.Linear(), [0, 1, 2, 3], [1.0, 3.1, 4.9, 7.0])
        >>> flat = line.refit(slope=pf.fixed(0.0))
        >>> flat.free_names, round(flat["intercept"].value, 6)
        (('intercept',), 4.0)
        """
        from physfit.result.refitting import refit_arguments

        fit = resolve_name("physfit.fitting:fit")  # which stands above results
        asked = refit_arguments(self, changes, loss, start, method)
        result: FitResult = fit(**asked)
        return result

    # Curves

    def __call__(self, x: ArrayLike) -> Values:
        """Fitted curve at `x`.

        Parameters
        ----------
        x : array_like
            In the unit of the data's x; shape (n_inputs, ...) for several coordinates.

        Returns
        -------
        ndarray
            In the unit of y and the shape of `x`; complex for a complex model.

        Raises
        ------
        InputError
            When `x` holds no real numbers, or has another number of coordinates.
        """
        theta = self.solution.theta.tolist()
        return self.model(x, **dict(zip(self.free_names, theta, strict=True)))

    def components(self, x: ArrayLike) -> dict[str, Values]:
        """Value at `x` of each term of the sum, by its expression.

        Parameters
        ----------
        x : array_like
            As for the fitted curve.

        Returns
        -------
        dict of str to ndarray
            Each in the shape of `x`; their sum is the fitted curve.

        Raises
        ------
        InputError
            As for the fitted curve.

        Examples
        --------
        >>> import physfit as pf
        >>> line = pf.models.Linear().where(intercept=pf.fixed(0))
        >>> model = pf.models.Constant() + line
        >>> result = pf.fit(model, [0.0, 1.0, 2.0], [1.0, 3.0, 5.0])
        >>> list(result.components([0.0, 1.0]))
        ['constant', 'linear']
        """
        model, places = self.model.bound_to(x)
        points, shape = model.coordinates(places)
        return {
            name: joined(evaluate(layout, self._full, points)[0]).reshape(shape)
            for name, layout in model.terms.items()
        }

    def band(self, x: ArrayLike, level: float = 0.95) -> Band:
        """Range in which the curve lies at each `x` with that probability.

        From the covariance of the parameters, to first order, at each x by itself; with
        Student's t where the residuals say how large the noise is. New data scatter
        around the curve by their own noise besides.

        Parameters
        ----------
        x : array_like
            As for the fitted curve.
        level : float
            Between 0 and 1; 0.683 is one standard error to each side.

        Returns
        -------
        Band
            `lower` and `upper`, each in the shape of `x`; of a complex curve those of
            real and imaginary part. NaN where the curve has no error, infinite where
            the data do not determine it.

        Raises
        ------
        InputError
            As for the fitted curve, and when `level` is none.

        Examples
        --------
        >>> import physfit as pf
        >>> volt = [1.0, 3.1, 4.9, 7.0]
        >>> line = pf.fit(pf.models.Linear(), [0, 1, 2, 3], volt, sigma=0.1)
        >>> lower, upper = line.band([0.0, 1.5, 3.0])
        >>> (upper - lower).round(3)
        array([0.328, 0.196, 0.328])
        """
        from physfit.result.band import band_of

        return band_of(self, x, level)

    @property
    def background_names(self) -> tuple[str, ...]:
        """Those of the `components` that are polynomials: backgrounds."""
        return tuple(
            trees.expression(part)
            for part, _ in trees.terms(self.model.tree)
            if all(leaf.declaration.is_polynomial for leaf in trees.leaves(part))
        )

    @cached_property
    def best_fit(self) -> Values:
        """Fitted curve at the data, shape (n,)."""
        return joined(self._curve)

    @cached_property
    def residuals(self) -> Values:
        """Data minus model, shape (n,), in the unit of y."""
        return joined(self.data.y - self._curve)

    @cached_property
    def pulls(self) -> Values:
        """Residuals in units of the standard deviation of each sample, shape (n,).

        The standard deviations are those of `spread`.
        """
        return joined((self.data.y - self._curve) / self.spread)

    @cached_property
    def spread(self) -> FloatArray | float:
        """Standard deviation of the samples, shape (n_outputs, n) where it is known.

        That is sigma; for counts the root of the model. Otherwise one number for all
        samples, taken from the residuals: their root mean square by degree of freedom,
        or for robust losses `scale` (of files without one 1.4826 times their median
        size); NaN when there are none.
        """
        if self.loss.traits.noise is not None:
            return self.loss.implied_sigma(self._curve)
        if self.data.sigma is not None:
            return self.data.sigma
        if self.scale is not None:
            return self.scale
        if self.loss.traits.is_likelihood:
            size = math.sqrt(self.reduced_chi2)
        else:
            sizes = np.abs(self.data.y - self._curve)
            size = MEDIAN_TO_SIGMA * float(np.median(sizes))
        return size if size > 0.0 else math.nan

    @cached_property
    def objective(self) -> Objective:
        """What was minimised, for evaluation at other parameters."""
        columns = (self.data.x, self.data.y, weights_of(self.data, self.scale))
        return Objective(self.model.layout, *columns, self.loss)

    # Out

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know before using the numbers, one sentence each."""
        from physfit.result.caveats import caveats

        return caveats(self)

    def _document(self) -> Document:
        from physfit.result.report import document

        return document(self)

    def _record(self) -> dict[str, Any]:
        """What a file holds, but for the columns of data."""
        from physfit.result.file import SCHEMA
        from physfit.result.record import to_record

        record = to_record(self)
        for name in ("x", "y", "sigma"):
            del record["data"][name]
        return {"schema": SCHEMA.name, "version": SCHEMA.version, **record}

    def __repr__(self) -> str:
        found = ", ".join(f"{name}={value:.6g}" for name, value in self.values.items())
        return f"<FitResult of {self.model.expression!r}: {self.message}; {found}>"

    def plot(
        self,
        *,
        title: str = "",
        band: float | None = None,
        ax: Axes | None = None,
        size: tuple[float, float] | None = None,
        log_y: bool = False,
    ) -> Figure:
        """Figure with data, model, components and, below, the residuals in sigma.

        Of a model of spins it shows the matrix of its couplings. It shows itself in a
        notebook; `figure.savefig("fit.png")` writes it. Its parts are functions of
        `physfit.plot.figures` and `physfit.plot.couplings`.

        Parameters
        ----------
        title : str
            Above the figure; none when empty.
        band : float, optional
            Draw the band in which the curve lies with that probability, such as 0.95.
        ax : matplotlib.axes.Axes, optional
            Draw there, without the residuals; of complex data the real part.
        size : pair of float, optional
            Width and height in inches.
        log_y : bool
            Whether the axis of y is logarithmic; the legend counts what it cannot show.

        Returns
        -------
        matplotlib.figure.Figure
            Two panels for complex data, real and imaginary part, above the residuals.

        Raises
        ------
        InputError
            When a sample has more than one coordinate, unless these are spins, which
            take a title only; when `log_y` finds no sample above 0.

        Examples
        --------
        >>> import physfit as pf
        >>> figure = pf.fit(pf.models.Constant(), [0, 1], [4, 6]).plot(title="Level")
        >>> [ax.get_ylabel() for ax in figure.axes]
        ['y', 'residual (est. σ)']
        """
        from physfit.plot.figures import fit_figure, fit_on

        if self.model.spins:
            if (band, ax, size, log_y) != (None, None, None, False):
                raise InputError(
                    "the figure of a model of spins is that of its couplings; leave "
                    "out `band`, `ax`, `size` and `log_y`."
                )
            from physfit.models.ising_energy import coupling_matrix
            from physfit.plot.couplings import coupling_figure

            matrix = coupling_matrix(self.model, self.values)
            return coupling_figure(matrix, titles=(title,) if title else ())
        if ax is None:
            return fit_figure(self, title=title, band=band, size=size, log_y=log_y)
        if size is not None:
            raise InputError("`size` is that of a new figure; leave out it or `ax`.")
        return fit_on(ax, self, title=title, band=band, log_y=log_y)

    def plot_history(
        self,
        reference: FitResult | None = None,
        *,
        against: str = "step",
        title: str = "",
    ) -> Figure:
        """Figure of how a run on minibatches went: loss, distance, learning rate.

        Parameters
        ----------
        reference : FitResult, optional
            The answer by another method, such as "lm": a panel shows how far the run
            was from it, in its standard errors.
        against : {"step", "n_rows", "seconds"}
            What is on the horizontal axis.
        title : str
            Above the figure; the method when empty.

        Returns
        -------
        matplotlib.figure.Figure

        Raises
        ------
        InputError
            When the fit was made by a method that keeps no history.

        Examples
        --------
        >>> import physfit as pf
        >>> x, y = [0.0, 1.0, 2.0, 3.0], [1.0, 3.1, 4.9, 7.0]
        >>> run = pf.fit(pf.models.Linear(), x, y, sigma=0.1, method="gd", epochs=50)
        >>> exact = pf.fit(pf.models.Linear(), x, y, sigma=0.1)
        >>> [ax.get_ylabel() for ax in run.plot_history(exact).axes][1:]
        ['distance to the reference (σ)', 'learning rate']
        """
        from physfit.plot.history import history_figure

        return history_figure(self, reference, against=against, title=title)

    def save(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the result, with its data, to a file; `load_result` reads it.

        Parameters
        ----------
        path : path
            Ends in .json, or in .h5, .hdf5 or .nxs for HDF5 after NeXus.
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        InputError
            When the suffix is none of these.
        DataError
            When the file exists and may not be replaced, or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> import physfit as pf
        >>> result = pf.fit(pf.models.Constant(), [0, 1], [4, 6])
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     result.save(f"{folder}/level.h5")
        ...     pf.load_result(f"{folder}/level.h5").n_samples
        2
        """
        from physfit.data.files.outputs import refuse_inputs
        from physfit.data.files.writers import write_record
        from physfit.result.file import SCHEMA, is_json
        from physfit.result.nexus import to_nexus
        from physfit.result.record import to_record

        record_of = to_record if is_json(path) else to_nexus
        refuse_inputs({"the result": path}, [self.data.source])
        write_record(path, record_of(self), SCHEMA, overwrite=overwrite)

    def to_frame(self) -> pandas.DataFrame:
        """Table of pandas with a line for each parameter and derived quantity.

        Their names are its index; value, standard error, unit, bounds and start are
        columns, with `is_derived` and the note of the report.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        InputError
            When pandas is not installed.

        Examples
        --------
        >>> import physfit as pf
        >>> line = pf.fit(pf.models.Linear(), [0, 1, 2, 3], [1.0, 3.1, 4.9, 7.0])
        >>> frame = line.to_frame()
        >>> list(frame.columns[:3]), f"{frame.loc['slope', 'value']:.2f}"
        (['value', 'stderr', 'unit'], '1.98')
        """
        from physfit.result.estimate_table import estimate_frame

        return estimate_frame(self)

    def to_csv(self, path: str | os.PathLike[str], *, overwrite: bool = False) -> None:
        """Write the table of `to_frame` to a file; pandas is not needed.

        Parameters
        ----------
        path : path
            Ends in .csv.
        overwrite : bool
            Whether an existing file may be replaced.

        Raises
        ------
        InputError
            When the suffix is another, or the file is that of the data.
        DataError
            When the file exists and may not be replaced, or cannot be written.

        Examples
        --------
        >>> import tempfile
        >>> import physfit as pf
        >>> level = pf.fit(pf.models.Constant(), [0, 1], [4, 6], sigma=1.0)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     level.to_csv(f"{folder}/level.csv")
        ...     pf.read_table(f"{folder}/level.csv", x="value", y="stderr").x
        array([5.])
        """
        from physfit.result.estimate_table import write_estimates

        write_estimates(self, path, overwrite=overwrite)

    # Inside

    def __reduce__(self) -> tuple[type[FitResult], tuple[object, ...]]:
        # What is cached holds addresses of compiled code and data: it stays behind.
        return FitResult, tuple(getattr(self, own.name) for own in fields(self))

    @cached_property
    def _full(self) -> FloatArray:
        return resolve(self.model.layout, self.solution.theta)

    @cached_property
    def _chain(self) -> FloatArray:
        return chain(self.model.layout, self._full)

    @cached_property
    def _curve(self) -> FloatArray:
        layout = self.model.layout
        return evaluate(layout, self._full, self.data.x)[0]

    def _estimate(self, name: str) -> Estimate:
        own = self.model.parameters[name]
        k = self.model.free_index.get(name)
        return Estimate(
            name=name,
            value=self.values[name],
            stderr=self.stderr[name],
            unit=self._unit(own.unit),
            lower=own.lower,
            upper=own.upper,
            fixed=own.fixed,
            tie=own.tie,
            at_bound=0 if k is None else int(self.solution.at_bound[k]),
            start=own.start if k is None else float(self.start[k]),
            description=own.description,
            is_guessed=name in self.guessed,
        )

    def _criterion(self, penalty: float) -> float | None:
        """Deviance, and so much for each fitted parameter.

        That is minus twice the log likelihood up to a constant of the data, so that
        differences between models of the same data mean something.
        """
        if self.weight_decay > 0.0 or not self.loss.traits.is_likelihood:
            return None
        deviance = self.chi2
        if not self.is_absolute:
            with np.errstate(all="ignore"):
                mean = np.log(max(deviance, 0.0) / self.n_samples)
            deviance = self.n_samples * float(mean)
        return deviance + penalty * self.n_fitted

    def _unit(self, unit: str) -> str:
        return resolve_unit(unit, self.data.x_unit, self.data.y_unit)

    def _error_along(self, gradient: FloatArray) -> float:
        """Standard error of a quantity; NaN when it depends on no free parameter."""
        if not gradient.any():
            return math.nan
        variance = float(self.uncertainty.propagate(gradient[None])[0, 0])
        return math.sqrt(variance) if variance >= 0.0 else math.nan
