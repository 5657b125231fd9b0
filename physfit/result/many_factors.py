"""Factors of what a model describes: where one is zero, other parameters mean nothing.

Where the amplitude of a peak is zero, its center changes no sample. A parameter s is a
factor of another, p, when the model is linear in s and has no derivative by p at s = 0.
Both are looked at in numbers, at the values of a fit, so that formulas and functions of
users have factors as the catalogue has.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from physfit.models.expression import Expression
from physfit.models.model import Model
from physfit.typing import FloatArray

__all__ = ["factors_of"]

#: Points are values of parameters, and so many times others beyond them.
STEPS = (-1.7, -0.6, 0.3, 0.9, 1.4)
#: Points along a coordinate.
MOST = 400
#: Partials that differ by less are equal, in parts of their largest.
EQUAL = 1e-8


def factors_of(
    model: Model, names: Iterable[str], theta: FloatArray
) -> tuple[str, ...]:
    """Free parameters without which those of some names mean nothing.

    Empty where one of them is such a factor itself.

    Parameters
    ----------
    model : Model
    names : iterable of str
    theta : ndarray, shape (P,)
        Values of the free parameters, of a fit.

    Examples
    --------
    >>> import physfit as pf
    >>> model = pf.models.Gaussian() + pf.models.Linear()
    >>> theta = np.array([3.0, 1.0, 0.5, 0.1, 2.0])
    >>> [factors_of(model, [name], theta) for name in ("center", "slope")]
    [('amplitude',), ()]
    """
    names = [name for name in names if name in model.free_index]
    if not names or not np.isfinite(theta).all() or model.spins or model.grid_sizes:
        return ()
    if any(name in _tied_to(model) for name in names):
        return ()
    x = _points(model, theta)
    at_fit = _looked(model, x, theta)
    found = []
    for number, factor in enumerate(model.free_names):
        without = theta.copy()
        without[number] = 0.0
        at_zero = _looked(model, x, without)
        place = model.index[factor]
        if not theta[number] or not _is_same(at_fit[place], at_zero[place]):
            continue
        places = [model.index[name] for name in names if name != factor]
        if any(_vanishes(at_fit[own], at_zero[own]) for own in places):
            found.append(factor)
    return () if set(found) & set(names) else tuple(found)


def _tied_to(model: Model) -> set[str]:
    """Names of parameters that others are tied to, through which they matter."""
    ties = [own.tie for own in model.params if own.tie is not None]
    return {name for tie in ties for name in Expression.parse(tie).names}


def _points(model: Model, theta: FloatArray) -> FloatArray:
    """Places where a model with these parameters is likely to change."""
    values = np.concatenate([theta, [0.0, 1.0]])
    steps = np.multiply.outer(np.abs(values), STEPS).ravel()
    along = np.unique(np.add.outer(values, steps))
    along = along[:: -(-len(along) // MOST)]
    if model.n_inputs == 1:
        return along
    order = np.random.default_rng(0)
    return np.stack([order.permutation(along) for _ in range(model.n_inputs)])


@np.errstate(all="ignore")
def _looked(model: Model, x: FloatArray, theta: FloatArray) -> FloatArray:
    """Partials by all parameters, shape (n_names, n_points); NaN where none are."""
    values = dict(zip(model.free_names, theta.tolist(), strict=True))
    _, partials = model.with_partials(x, **values)
    known: FloatArray = np.where(np.isfinite(partials), partials, np.nan)
    return known


def _is_same(one: FloatArray, other: FloatArray) -> bool:
    """Whether partials are equal, and some of them not zero."""
    known = np.isfinite(one) & np.isfinite(other)
    size = np.max(np.abs(one[known]), initial=0.0)
    return bool(size > 0.0 and (np.abs(one - other)[known] <= EQUAL * size).all())


def _vanishes(before: FloatArray, after: FloatArray) -> bool:
    """Whether partials become zero where some were not."""
    known = np.isfinite(before) & np.isfinite(after)
    size = np.max(np.abs(before[known]), initial=0.0)
    return bool(size > 0.0 and (np.abs(after)[known] <= EQUAL * size).all())
