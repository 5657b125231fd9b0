"""Toys: data simulated from known parameters, and fitted.

They answer whether a fit gives what it says, on the x and the noise of an experiment:
whether it is biased, whether its errors are those of its answers, how often it fails.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from numbers import Real
from typing import Any, Unpack

import numpy as np

from physfit.counts import checked_number
from physfit.data.arrays import samples
from physfit.data.table import Table
from physfit.engine.program import evaluate
from physfit.errors import ConvergenceError, DomainError, InputError
from physfit.fitting.columns import check_frame
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.start import Start, check_determined
from physfit.many_fits.progress import ManyProgress
from physfit.many_fits.replicas import (
    checked_n,
    quantities,
    refits,
    replica_job,
)
from physfit.many_fits.resampling import Resampling, implied, noise
from physfit.many_fits.starts import checked_start
from physfit.many_fits.toys_result import Toys
from physfit.models.as_model import as_model
from physfit.models.loss import Loss, as_loss
from physfit.models.model import Model
from physfit.models.samples import joined
from physfit.progress import checked_progress, draws_bar, pace_of_rows
from physfit.settings.doors import OfToys
from physfit.settings.keywords import takes
from physfit.settings.setting import checked
from physfit.typing import FloatArray

__all__ = ["toys"]


@takes(OfToys)
@draws_bar("fitting toys", pace_of_rows)
@np.errstate(all="ignore")
def toys(
    model: Model | str | Callable[..., Any],
    x: Any,
    truth: Mapping[str, float],
    *,
    sigma: Any = None,
    loss: str | Loss = "chi2",
    start: Mapping[str, Any] | None = None,
    units: tuple[str, str] = ("", ""),
    progress: Callable[[ManyProgress], None] | bool | None = None,
    **settings: Unpack[OfToys],
) -> Toys:
    """Simulate data from known parameters and fit them, to see what errors are worth.

    Parameters
    ----------
    model : Model, str or callable
        As for `physfit.fit`.
    x : array_like, shape (n_points,) or (n_inputs, n_points)
        Where samples are taken; of a table of `pf.read_table` its x and units.
    truth : mapping of str to float
        Free parameters; those with a start value in the model may be left out.
    sigma : float or array_like, shape (n_points,)
        Standard deviations of the noise, which is normal; left out for the Poisson
        loss, whose data are counts.
    loss : str or Loss
        As for `physfit.fit`.
    start : mapping of str to float, optional
        Start values, as for `physfit.fit_many`: what is missing is guessed from each
        data set, so that `{}` tries the guess. Left out, fits start at the truth.
    units : pair of str
        Of x and y, for reports and plots.
    progress : callable or bool, optional
        Called with a `ManyProgress` now and then; raise to stop. True draws a bar.
    **settings
        Of draws and fits.

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
    given = checked("toys", OfToys, settings)
    check_frame(units, ("", ""))
    if isinstance(x, Table):
        x, units = x.x, (units[0] or x.x_unit, units[1] or x.y_unit)
    model, x = as_model(model, start=truth).bound_to(x)
    loss = as_loss(loss)
    n, seed = checked_n(given["n"]), given["seed"]
    resampling, theta = _simulated(
        model, loss, x, truth, sigma, given.get("scaled", False)
    )
    asked, begin = FitSettings.of(given, loss=loss), _start(model, start, theta)
    job = replica_job(model, asked, begin, resampling, n)
    callback = checked_progress(progress, "pf.ManyProgress")
    fits = refits(job, resampling, seed, units, callback)
    if fits.n_rows < 2:
        raise ConvergenceError(
            f"{n - fits.n_rows} of {n} toys have no converged fit; give other start "
            "values, or a truth that the data determine."
        )
    return Toys(fits, quantities(model, theta), n, seed, resampling.n_points)


def _simulated(
    model: Model,
    loss: Loss,
    x: Any,
    truth: Mapping[str, float],
    sigma: Any,
    scaled: bool,
) -> tuple[Resampling, FloatArray]:
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
    loss.check_kind(sigma is not None, len(curve))
    _check_curve(model, loss, points, curve)
    theta = full[list(model.layout.free)]
    if loss.traits.noise is not None:
        return implied(points, curve, loss), theta
    if sigma is None:
        raise InputError("`sigma` is missing: say how large the noise is.")
    if isinstance(sigma, Real):  # no advice to leave it out, as for measured data
        sigma = checked_number("`sigma`", sigma, positive=True)
    n_inputs, n_outputs = len(points), len(curve)
    columns = points if n_inputs > 1 else points[0], joined(curve), sigma
    spread = samples(*columns, n_inputs=n_inputs, n_outputs=n_outputs).sigma
    return noise(points, curve, spread, None if scaled else spread), theta


def _check_curve(
    model: Model, loss: Loss, points: FloatArray, curve: FloatArray
) -> None:
    check_determined(model, loss, curve.size, more="give more `x`")
    bad = ~np.isfinite(curve).all(axis=0)
    if bad.any():
        at = points[:, int(np.argmax(bad))].tolist()
        raise DomainError(
            f"the model is not finite at x = {', '.join(f'{own:g}' for own in at)}; "
            "choose another truth, or other x."
        )
    if loss.traits.refuses(curve).any():
        raise DomainError(
            f"`{loss.name}` needs a model that is everywhere {loss.traits.allowed}, "
            f"but the truth gives {curve.min():g}; add a background."
        )


def _start(
    model: Model,
    start: Mapping[str, Any] | None,
    theta: FloatArray,
) -> Start:
    """The truth within its bounds, or what was given with guesses for the rest."""
    if start is None:
        return Start(np.clip(theta, model.free_lower, model.free_upper))
    return checked_start(model, start, ())
