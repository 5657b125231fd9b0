"""Toys: data simulated from known parameters, fitted, and compared with them.

They answer whether a fit gives what it says, on the x and the noise of an experiment:
whether it is biased, whether its errors are those of its answers, how often it fails.
A pull is (fit - truth) / stated error. Where sigma is known to the fits, pulls are
standard normal; where the errors are scaled by the residuals, they are Student's t of
as many degrees of freedom.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from time import perf_counter
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from physfit.data.row_data import RowData
from physfit.engine.program import evaluate
from physfit.errors import ConvergenceError, DomainError, InputError, ShapeError
from physfit.fitting.exploration.rendering import plain
from physfit.fitting.prepared import check_frame
from physfit.fitting.row_settings import RowSettings
from physfit.many_fits.quantities import declared_unit, known, of_rows, quantities
from physfit.many_fits.replicas import Refits, checked_count, free_start, lost, refits
from physfit.many_fits.resampling import Counts, Noise, Recipe, generator
from physfit.many_fits.row_job import RowStart
from physfit.many_fits.starts import checked_start
from physfit.models.loss import Loss, as_loss
from physfit.models.model import Model
from physfit.models.units import resolve_unit
from physfit.typing import FloatArray
from physfit.uncertainty.intervals import spread_error, student_within

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Toys", "ToysEstimate", "toys"]

#: Data sets that a start is guessed from where each cannot be guessed by itself.
SHOWN = 64


class ToysEstimate(NamedTuple):
    """How a parameter or derived quantity came out of the toys.

    Attributes
    ----------
    name : str
    truth : float
    mean, spread : float
        Of the fits: their mean and standard deviation.
    bias : float
        The mean less the truth.
    stated : float
        Root mean square of the stated errors.
    pull_mean, pull_mean_error : float
        Mean of (fit - truth) / stated error, and its uncertainty.
    pull_width, pull_width_error : float
        Their standard deviation, and its relative uncertainty.
    within_1, within_2 : float
        Share of fits within one and two stated errors of the truth.
    n : int
        Fits that these numbers are from: those with an error.
    unit : str
    """

    name: str
    truth: float
    mean: float
    spread: float
    bias: float
    stated: float
    pull_mean: float
    pull_mean_error: float
    pull_width: float
    pull_width_error: float
    within_1: float
    within_2: float
    n: int
    unit: str = ""


@dataclass(frozen=True, eq=False, repr=False)
class Toys:
    """Fits of simulated data; `toys["center"]` is how a parameter came out.

    Attributes
    ----------
    model : Model
    loss : Loss
    truth : mapping of str to float
        What the data were simulated with: free and tied parameters, and derived
        quantities.
    n : int
        Data sets.
    n_points : int
        Samples of each.
    seed : int
    is_absolute : bool
        Whether the fits were told sigma, or the data are counts.
    values, stderr : mapping of str to ndarray, shape (n - n_failed,)
        Of the fits that converged, by name.
    chi2 : ndarray, shape (n - n_failed,)
    n_failed : int
        Fits that did not converge; they are left out.
    seconds : float

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> truth = {"slope": 2.0, "intercept": 1.0}
    >>> found = pf.toys(pf.models.Linear(), np.arange(20.0), truth, sigma=0.5)
    >>> list(found), found.values["slope"].shape, found.n_failed
    (['slope', 'intercept'], (1000,), 0)
    """

    model: Model
    loss: Loss
    truth: Mapping[str, float]
    n: int
    n_points: int
    seed: int
    is_absolute: bool
    values: Mapping[str, FloatArray]
    stderr: Mapping[str, FloatArray]
    chi2: FloatArray
    n_failed: int
    units: tuple[str, str] = ("", "")
    seconds: float = math.nan

    def __getitem__(self, name: str) -> ToysEstimate:
        return self.estimates[known(self.estimates, name, self.model.expression)]

    def __iter__(self) -> Iterator[str]:
        return iter(self.truth)

    @property
    def dof(self) -> int:
        """Degrees of freedom of each fit, with no parameter at a bound."""
        return self.n_points * self.model.n_outputs - len(self.model.free_names)

    @cached_property
    def estimates(self) -> dict[str, ToysEstimate]:
        """How every parameter and derived quantity came out, by name."""
        return {name: self._estimate(name) for name in self.truth}

    def pulls(self, name: str) -> FloatArray:
        """(fit - truth) / stated error of the fits that have an error.

        Parameters
        ----------
        name : str
        """
        known(self.truth, name, self.model.expression)
        good = self._usable(name)
        away = self.values[name][good] - self.truth[name]
        found: FloatArray = away / self.stderr[name][good]
        return found

    @property
    def expected_width(self) -> float:
        """Standard deviation of pulls, if the errors are right; NaN below 3 dof."""
        if self.is_absolute:
            return 1.0
        return math.sqrt(self.dof / (self.dof - 2.0)) if self.dof > 2 else math.nan

    def expected(self, limit: float) -> float:
        """Share of fits within `limit` stated errors, if these are right.

        Parameters
        ----------
        limit : float
        """
        return student_within(limit, math.inf if self.is_absolute else float(self.dof))

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """Sentences: what is biased, which errors are wrong, what fails."""
        from physfit.many_fits.replica_texts import toys_caveats

        return toys_caveats(self)

    def report(self) -> str:
        """Text: bias, spread, stated errors, pulls and coverage of each parameter.

        Examples
        --------
        >>> import numpy as np
        >>> import physfit as pf
        >>> found = pf.toys(pf.models.Constant(), np.arange(9.0), {"c": 4}, sigma=0.5)
        >>> print(found.report())
        constant, chi2: 1000 toys of 9 samples, seed 0
        ...
        """
        from physfit.many_fits.replica_texts import toys_text

        return toys_text(self)

    def __str__(self) -> str:
        return self.report()

    def __repr__(self) -> str:
        return (
            f"<Toys of {self.model.expression!r}: {self.n} fits, {self.n_failed} of "
            "them failed>"
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain record for JSON, without the fits; what is not finite becomes None.

        Examples
        --------
        >>> import numpy as np
        >>> import physfit as pf
        >>> found = pf.toys(pf.models.Constant(), np.arange(9.0), {"c": 4}, sigma=0.5)
        >>> found.to_dict()["parameters"]["c"]["truth"]
        4.0
        """
        record = {
            "model": self.model.expression,
            "loss": str(self.loss),
            "n": self.n,
            "n_points": self.n_points,
            "seed": self.seed,
            "failed": self.n_failed,
            "parameters": {name: own._asdict() for name, own in self.estimates.items()},
            "expected": {
                "pull_width": self.expected_width,
                "within_1": self.expected(1.0),
                "within_2": self.expected(2.0),
            },
            "warnings": self.warnings,
            "seconds": self.seconds,
        }
        found: dict[str, Any] = plain(record)
        return found

    def plot(self, *, title: str = "") -> Figure:
        """Histograms of the pulls, with the distribution that right errors give.

        Parameters
        ----------
        title : str
            Above the figure; the model and the number of toys when empty.

        Examples
        --------
        >>> import numpy as np
        >>> import physfit as pf
        >>> found = pf.toys(pf.models.Constant(), np.arange(9.0), {"c": 4}, sigma=0.5)
        >>> found.plot().axes[0].get_xlabel()
        'pull of c'
        """
        from physfit.plot.replicas import pulls_figure

        dof = math.inf if self.is_absolute else float(self.dof)
        columns = {name: self.pulls(name) for name in self}
        title = title or f"{self.model.expression}: {self.n - self.n_failed} toys"
        return pulls_figure(columns, dof, title=title)

    # Inside

    def _usable(self, name: str) -> Any:
        error = self.stderr[name]
        return np.isfinite(error) & (error > 0.0) & np.isfinite(self.values[name])

    def _estimate(self, name: str) -> ToysEstimate:
        pulls, truth, nan = self.pulls(name), self.truth[name], math.nan
        n = len(pulls)
        unit = resolve_unit(declared_unit(self.model, name), *self.units)
        if n < 2:
            none = (nan,) * 10
            return ToysEstimate._make((name, truth, *none, n, unit))
        good = self._usable(name)
        found, stated = self.values[name][good], self.stderr[name][good]
        width, mean = float(pulls.std(ddof=1)), float(found.mean())
        return ToysEstimate(
            name,
            truth,
            mean,
            float(found.std(ddof=1)),
            mean - truth,
            math.sqrt(float((stated**2).mean())),
            float(pulls.mean()),
            width / math.sqrt(n),
            width,
            width * spread_error(pulls),
            float((np.abs(pulls) < 1.0).mean()),
            float((np.abs(pulls) < 2.0).mean()),
            n,
            unit,
        )


def toys(
    model: Model,
    x: Any,
    truth: Mapping[str, float],
    *,
    sigma: Any = None,
    n: int = 1000,
    loss: str | Loss = "chi2",
    seed: int = 0,
    start: Mapping[str, Any] | None = None,
    scaled: bool = False,
    threads: int | None = None,
    units: tuple[str, str] = ("", ""),
) -> Toys:
    """Simulate data from known parameters and fit them, to see what errors are worth.

    Parameters
    ----------
    model : Model
    x : array_like, shape (n_points,) or (n_inputs, n_points)
    truth : mapping of str to float
        Free parameters; those with a start value in the model may be left out.
    sigma : float or array_like, shape (n_points,)
        Standard deviations of the noise, which is normal; left out for the Poisson
        loss, whose data are counts.
    n : int
        How many data sets.
    loss : str or Loss
        As for `physfit.fit`.
    seed : int
        Of the noise.
    start : mapping of str to float, optional
        Start values, as for `physfit.fit_many`: what is missing is guessed from each
        data set, so that `{}` tries the guess. Left out, fits start at the truth.
    scaled : bool
        Whether sigma is kept from the fits, which scale their errors by the residuals
        then.
    threads : int, optional
        As many as the scheduler grants if left out; the answer does not depend on it.
    units : pair of str
        Of x and y, for reports and plots.

    Returns
    -------
    Toys

    Raises
    ------
    InputError, ModelError
        Arguments are not usable.
    ConvergenceError
        None of the fits has converged.

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> truth = {"slope": 2.0, "intercept": 1.0}
    >>> found = pf.toys(pf.models.Linear(), np.arange(20.0), truth, sigma=0.5, n=2000)
    >>> abs(found["slope"].pull_width - 1.0) < 0.06
    True
    """
    check_frame(model, units, ("", ""))
    loss = as_loss(loss)
    n, seed = checked_count(n, seed)
    recipe, theta = _simulated(model, loss, x, truth, sigma, scaled)
    is_absolute = loss.name == "poisson" or not scaled
    n_threads = RowSettings(threads=threads).n_threads
    began = perf_counter()
    how = Refits(
        model, loss, _start(model, start, theta, recipe), is_absolute, n_threads
    )
    found = quantities(model, theta)
    parts: dict[str, list[Any]] = {name: [] for name in found}
    chi2 = []
    for table in refits(how, recipe, n, seed):
        good = ~lost(table)
        columns = (table.theta[good], table.covariance[good], table.at_bound[good])
        chi2.append(table.chi2[good])
        for name, own in found.items():
            parts[name].append(of_rows(model, own.expression, *columns))
    whole = np.concatenate(chi2)
    if len(whole) < 2:
        raise ConvergenceError(
            f"{n - len(whole)} of {n} toys have no converged fit; give other start "
            "values, or a truth that the data determine.",
            None,
        )
    return Toys(
        model,
        loss,
        {name: own.value for name, own in found.items()},
        n,
        recipe.n_points,
        seed,
        is_absolute and loss.name in ("chi2", "poisson"),
        {name: np.concatenate([own.value for own in parts[name]]) for name in parts},
        {name: np.concatenate([own.stderr for own in parts[name]]) for name in parts},
        whole,
        n - len(whole),
        (units[0], units[1]),
        perf_counter() - began,
    )


def _simulated(
    model: Model,
    loss: Loss,
    x: Any,
    truth: Mapping[str, float],
    sigma: Any,
    scaled: bool,
) -> tuple[Recipe, FloatArray]:
    """How the data come about, and the true free parameters."""
    if model.spins:
        raise InputError(
            f"{model.expression} takes configurations of spins; simulate with numpy, "
            "and use pf.fit."
        )
    if not isinstance(truth, Mapping):
        raise InputError(
            f"`truth` must be a dict of names and numbers, but is {truth!r}."
        )
    full = model.full_values(truth)
    points, _ = model.coordinates(x)
    curve = evaluate(model.layout, full, points)[0]
    _check_curve(model, loss, points, curve)
    theta = full[list(model.layout.free)]
    spread = _spread(loss, sigma, curve)
    if spread is None:
        return Counts(points, curve), theta
    return Noise(points, curve, spread, None if scaled else spread), theta


def _check_curve(
    model: Model, loss: Loss, points: FloatArray, curve: FloatArray
) -> None:
    if curve.size < len(model.free_names):
        raise ShapeError(
            f"{curve.size} samples cannot determine {len(model.free_names)} free "
            "parameters; give more x, or fix some with where(name=pf.fixed(value))."
        )
    bad = ~np.isfinite(curve).all(axis=0)
    if bad.any():
        at = points[:, int(np.argmax(bad))].tolist()
        raise DomainError(
            f"the model is not finite at x = {', '.join(f'{own:g}' for own in at)}; "
            "choose another truth, or other x."
        )
    if loss.name != "poisson":
        return
    if len(curve) > 1:
        raise InputError("`poisson` is for counts, but the model is complex.")
    if curve.min() < 0.0:
        raise DomainError(
            "`poisson` needs a model that is nowhere below 0, but the truth gives "
            f"{curve.min():g}; add a background."
        )


def _spread(loss: Loss, sigma: Any, curve: FloatArray) -> FloatArray | None:
    """Standard deviations in the shape of the curve; None for counts."""
    if loss.name == "poisson":
        if sigma is not None:
            raise InputError("`poisson` has noise of its own; leave `sigma` out.")
        return None
    if sigma is None:
        raise InputError("`sigma` is missing: say how large the noise is.")
    try:
        given = np.asarray(sigma, dtype=np.float64)
    except (TypeError, ValueError):
        raise InputError(f"`sigma` must hold numbers, but is {sigma!r}.") from None
    usable = given.ndim == 0 or given.shape in (curve.shape[1:], curve.shape)
    if not usable or not (np.isfinite(given) & (given > 0.0)).all():
        raise DomainError(
            f"`sigma` must be one number above 0, or {curve.shape[1]} of them, but is "
            f"{sigma!r}."
        )
    return np.ascontiguousarray(np.broadcast_to(given, curve.shape))


def _start(
    model: Model,
    start: Mapping[str, Any] | None,
    theta: FloatArray,
    recipe: Recipe,
) -> RowStart:
    """The truth within its bounds, or what was given with guesses for the rest."""
    if start is None:
        return free_start(np.clip(theta, model.free_lower, model.free_upper))
    shown: RowData = recipe.blank(SHOWN)
    recipe.fill(generator(0, 0), shown)
    return checked_start(model, start, (), shown)
