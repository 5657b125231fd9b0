"""Models of functions that were handed over before, found while nothing has changed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from inspect import CO_VARARGS
from types import CodeType
from typing import Any, NamedTuple

from physfit.models.model import Model
from physfit.models.user_function.dependencies import (
    Identity,
    code_of,
    identity_of,
    state_of,
)
from physfit.models.user_function.signature import elements_among
from physfit.models.user_function.user_model import model_of

__all__ = ["model_for"]

#: Functions that are remembered, and the last states of each.
MOST_FUNCTIONS, MOST_STATES = 512, 8


class Known(NamedTuple):
    """The model of a function as it was."""

    how: tuple[Any, ...]
    identity: Identity | None
    state: Any
    model: Model


_known: dict[int, tuple[CodeType, list[Known]]] = {}


def model_for(
    function: Callable[..., Any],
    count: int | None = None,
    started: Sequence[str] = (),
) -> Model:
    """Model of a function, made anew only when it or what it reads has changed.

    Parameters
    ----------
    function : callable
    count : int, optional
        How many parameters it has; see `signature_of`.
    started : sequence of str
        Names that start values are given for: those of the elements of `*p`, in this
        order.
    """
    code = code_of(function)
    if code is None:
        return model_of(function, count=count)
    names: tuple[str, ...] | None = None
    if started and count is None and code.co_flags & CO_VARARGS:
        names = elements_among(function, started)
    how = (count, names)
    entry = _known.get(id(code))
    kept = entry[1] if entry is not None and entry[0] is code else []
    for known_as, identity, _, model in kept:
        if known_as == how and identity and identity.is_that_of(function):
            return model
    state = state_of(function)
    for known in kept:
        if known.how == how and known.state == state:
            return known.model
    model = model_of(function, names=names, count=count)
    if len(_known) >= MOST_FUNCTIONS:
        _known.clear()
    found = Known(how, identity_of(function), state, model)
    _known[id(code)] = (code, [found, *kept[: MOST_STATES - 1]])
    return model
