"""Start values of a model from data: by compiled code, or from spread points.

A model that `compiled_guess` covers is guessed by it, whatever it is fitted to: one
curve here, rows in `many_fits`. Only what it does not cover comes from `spread`, in
Python: products, components that declare no guess, and sums of components of several
families (but one decay may lie below peaks). Values that were given stay, and guide the
others.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np

from physfit.data.arrays import samples
from physfit.data.record import Observations, weights_of
from physfit.engine.problem import assemble, problem_of, release
from physfit.engine.program import tabulate
from physfit.errors import InputError
from physfit.kernels.registry import Traits
from physfit.models.called_guess import CalledGuess
from physfit.models.compiled_guess import (
    CompiledGuess,
    compiled_guess,
    full_starts,
    weighing_for,
)
from physfit.models.loss import LEAST_SQUARES, Loss, as_loss
from physfit.models.spread import SpreadGuess
from physfit.models.tree import leaves
from physfit.typing import Column, FloatArray

if TYPE_CHECKING:
    from physfit.models.model import Model
    from physfit.models.param import Param
    from physfit.models.user_function.own_guess import OwnGuess

__all__ = ["filled_by_callers", "guess", "guess_for", "guessed_start"]
__all__ += ["guesses_of_callers", "how_guessed"]

#: A model that is no polynomial needs at least so many samples.
FEWEST = 4
#: Data of this size, and their inverse, have squares within the range of doubles.
SMALLEST = 1e-100


def guess(
    model: Model,
    x: Column,
    y: Column,
    sigma: Column | float | None = None,
    loss: str | Loss = LEAST_SQUARES,
) -> dict[str, float]:
    """Start value of each free parameter of `model`, from data; see `Model.guess`."""
    start = model.free_start
    if np.isnan(start).any():
        model, x = model.bound_to(x, np.size(y))
        n_inputs, n_outputs = model.n_inputs, model.n_outputs
        data = samples(x, y, sigma, nan="omit", n_inputs=n_inputs, n_outputs=n_outputs)
        if model.reads_places:
            from physfit.models.user_function.columns import drawable

            model, data = drawable(model, data)
        start = guessed_start(model, data, start, as_loss(loss).traits)
    return dict(zip(model.free_names, start.tolist(), strict=True))


@np.errstate(all="ignore")  # of what data beyond the range are worth
def guessed_start(
    model: Model, data: Observations, theta: FloatArray, traits: Traits
) -> FloatArray:
    """Start values of the free parameters where `theta` is NaN, within their bounds.

    Parameters
    ----------
    model : Model
    data : Observations
        All finite.
    theta : ndarray, shape (P,)
        Values that are given, NaN elsewhere; not changed.
    traits : Traits
        Of the loss.

    Raises
    ------
    InputError
        When there are too few samples, or values that were given leave the model
        without a finite value.
    """
    theta = filled_by_callers(model, data, theta)
    if not np.isnan(theta).any():
        return theta
    _check_enough(model, data.x)
    full, free = full_starts(model), list(model.layout.free)
    full[free] = theta
    known = ~np.isnan(full)
    y, w = data.y, weights_of(data)
    size, by_size = _size_of(y), np.array(1.0)
    if size != 1.0:
        y, w = y / size, w / w.max()  # only their ratios count
        by_size = np.array([size if _is_in_y(own) else 1.0 for own in model.params])
    full /= by_size
    x, y, w = (np.ascontiguousarray(own) for own in (data.x, y, w))  # read by address
    guess_for(model, x, traits).fill(x, y, w, full)
    full *= by_size
    full[free] = np.clip(full[free], model.free_lower, model.free_upper)
    if known.any():
        _check_finite(model, data.x, full, known)
    return np.where(np.isnan(theta), full[free], theta)


def guesses_of_callers(model: Model) -> list[tuple[str, OwnGuess]]:
    """Guesses that the caller brought, with the prefix of their component."""
    found = ((leaf.prefix, leaf.declaration.own_guess) for leaf in leaves(model.tree))
    return [(prefix, own) for prefix, own in found if own is not None]


def filled_by_callers(
    model: Model, data: Observations, theta: FloatArray
) -> FloatArray:
    """Start values with those that functions of the caller find in the data."""
    found = guesses_of_callers(model)
    if not found:
        return theta
    theta = theta.copy()
    for prefix, own in found:
        for name, value in own.values(data.x, data.y).items():
            place = model.free_index.get(prefix + name)
            if place is not None and np.isnan(theta[place]):
                limits = model.free_lower[place], model.free_upper[place]
                theta[place] = np.clip(value, *limits)
    return theta


def guess_for(
    model: Model, x: FloatArray, traits: Traits
) -> CompiledGuess | SpreadGuess | CalledGuess:
    """What guesses the start values of a model, of one curve and of rows alike.

    Parameters
    ----------
    model : Model
    x : ndarray, shape (n_inputs, n)
        Coordinates of the curve, or of one row; all finite.
    traits : Traits
        Of the loss.
    """
    weighing = weighing_for(traits)
    found = compiled_guess(model, weighing)
    if found is not None:
        return found
    is_called = model.layout.calls_python
    return (CalledGuess if is_called else SpreadGuess)(model, x, weighing)


def _size_of(y: FloatArray) -> float:
    """1, or the power of two that data are divided by whose squares leave the range."""
    size = float(np.abs(y).max(initial=0.0))
    is_usual = size == 0.0 or SMALLEST < size < 1.0 / SMALLEST
    return 1.0 if is_usual else 2.0 ** math.floor(math.log2(size))


def _is_in_y(own: Param) -> bool:
    """Whether a parameter grows as the data do; a literal unit stands in quotes."""
    return "y" in own.unit and not own.unit.startswith("'")


def how_guessed(model: Model) -> str:
    """What start values of a model are guessed from, for people."""
    found = compiled_guess(model)
    if found is None:
        return CalledGuess.what if model.layout.calls_python else SpreadGuess.what
    return f"guessed as those of {found.what}"


def _check_finite(
    model: Model, x: FloatArray, full: FloatArray, known: FloatArray
) -> None:
    """Refuse given values at which the model has none."""
    theta = full[[model.index[name] for name in model.free_names]]
    problem = problem_of(assemble(model.layout), x)
    values = tabulate(problem, theta)[0]
    release(problem)
    if not np.isnan(values).any():  # decays far from x = 0 overflow by their guess
        return
    given = [
        f"{own.name}={value!r}"
        for own, value, is_known in zip(model.params, full.tolist(), known, strict=True)
        if is_known and own.tie is None
    ]
    raise InputError(
        f"{model.expression} has no finite values at {', '.join(given)}, so that the "
        "other start values cannot be guessed; give others."
    )


def _check_range(x: FloatArray) -> None:
    """Refuse coordinates whose range, or its inverse, is none in doubles."""
    if x.shape[1] == 0:
        return
    low, high = x.min(axis=1), x.max(axis=1)
    length = np.where(high > low, high - low, 1.0)
    if np.isinf(1.0 / length).any() or np.isinf(high[high == low] ** 2).any():
        raise InputError(
            "start values cannot be guessed, because the range of `x` is too small for "
            "its values; give a start for each free parameter with where(name=value) "
            "or --start name=value, or take other units of `x`."
        )


def _check_enough(model: Model, x: FloatArray) -> None:
    n = x.shape[1]
    _check_range(x)
    if n >= FEWEST and (x.max(axis=1) > x.min(axis=1)).any():
        return
    if n > 0 and all(own.declaration.is_polynomial for own in leaves(model.tree)):
        return
    raise InputError(
        f"start values cannot be guessed from {n} samples: {FEWEST} or more, not all "
        "at one x, are needed; give a start for each free parameter with "
        "where(name=value) or --start name=value."
    )
