"""How dual numbers get through a user's function: as it is, or through a copy of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import numpy as np

from physfit.models.duals.dual import Dual, dual_of, partials_of
from physfit.models.duals.slopes import rests
from physfit.typing import FloatArray

__all__ = ["Way", "duals_of", "followed", "ways_of"]

#: A function of x and of a list of dual numbers.
Way: TypeAlias = Callable[[Any, list[Any]], Any]


def duals_of(
    function: Callable[..., Any], x: Any, params: FloatArray
) -> tuple[Any, Any]:
    """Value of a function `f(x, *params)` and its partials by the parameters.

    Parameters
    ----------
    function : callable
    x : ndarray
    params : ndarray, shape (P,)

    Returns
    -------
    value : ndarray
    partials : ndarray, shape (P, *value.shape)

    Raises
    ------
    TypeError
        When the function does with its parameters what dual numbers cannot follow.

    Examples
    --------
    >>> import numpy as np
    >>> value, partials = duals_of(lambda x, a: a * x**2, np.arange(3.0), np.ones(1))
    >>> value, partials
    (array([0., 1., 4.]), array([[0., 1., 4.]]))
    """
    first: Exception | None = None
    for way in ways_of(function):
        try:
            return followed(way, x, params)
        except Exception as error:  # whatever a function does with unknown types
            first = first or error
    assert first is not None
    raise first


def ways_of(function: Callable[..., Any]) -> Iterator[Way]:
    """How dual numbers may get through a function, the simplest first."""
    import physfit.models.duals.linear_algebra  # noqa: F401
    from physfit.models.duals.replaced import copy_of

    yield lambda x, own: function(Dual(x), *own)
    # for code that takes nothing but an array for x
    yield lambda x, own: function(np.array(x), *own)
    try:
        copied = copy_of(function)
    except Exception:  # whatever its globals do when they are looked at
        return
    yield lambda x, own: copied(Dual(x), *own)


@np.errstate(all="ignore")  # the branch that is not taken may be none
def followed(way: Way, x: Any, params: FloatArray) -> tuple[Any, Any]:
    """Value and partials by one way, see `duals_of`."""
    value, partials = _followed(way, x, params)
    if np.any(np.isnan(partials) & np.isfinite(value)):  # 0 times infinity, perhaps
        token = rests.set(True)
        try:
            return _followed(way, x, params)
        finally:
            rests.reset(token)
    return value, partials


def _followed(way: Way, x: Any, params: FloatArray) -> tuple[Any, Any]:
    n = len(params)
    own = [Dual(*pair) for pair in zip(params, np.eye(n), strict=True)]
    found = dual_of(way(x, own))
    return found.value, partials_of(found, n)
