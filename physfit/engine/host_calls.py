"""How Python functions are called: how often, anew or not, and what errors mean.

Set around a fit or a search, and asked where a function is called (`engine.host`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from contextvars import ContextVar
from math import inf
from typing import Any, TypeAlias, TypeVar

import numpy as np

from physfit.typing import FloatArray

__all__ = ["Calls", "Look", "anew", "begun_with", "call_counted", "call_limit"]
__all__ += ["errors_passed_over", "is_late", "is_wanted", "keep", "looks_again"]
__all__ += ["passed_over", "recalled", "values_wanted"]

Value = TypeVar("Value")
#: Whether errors of arithmetic are raised.
is_wanted: ContextVar[bool] = ContextVar("values are wanted", default=False)
#: Errors of a search, which passes over them; None elsewhere.
passed_over: ContextVar[list[Exception] | None] = ContextVar("errors", default=None)


class Calls:
    """How often Python functions were called, and how often they may be."""

    def __init__(self, most: float, outer: Calls | None) -> None:
        self.n, self.most, self.outer = 0, most, outer

    def add(self) -> None:
        """Count a call here, and where these calls are a part."""
        self.n += 1
        if self.outer is not None:
            self.outer.add()

    @property
    def is_over(self) -> bool:
        """Whether there are no calls left."""
        return self.n >= self.most or (self.outer is not None and self.outer.is_over)


_calls: ContextVar[Calls | None] = ContextVar("calls of the functions", default=None)
#: Values and partials that a function gave at parameters and coordinates.
Found: TypeAlias = tuple[FloatArray, FloatArray | None]


class Look:
    """Functions that were asked anew, by `id`, and what they gave at last."""

    def __init__(self) -> None:
        self.asked: set[int] = set()
        self.found: dict[int, tuple[FloatArray, FloatArray, Found]] = {}


_looked: ContextVar[Look | None] = ContextVar("functions asked", default=None)
_known: ContextVar[Look | None] = ContextVar("what a fit begins with", default=None)


def is_late() -> bool:
    """Whether a limit of calls is over."""
    calls = _calls.get()
    return calls is not None and calls.is_over


def call_counted(function: Callable[..., Any], *arguments: Any) -> Any:
    """What a caller's function returns: a call that counts, see `call_limit`.

    A fit inside of the function has a limit of its own.
    """
    calls = _calls.get()
    if calls is not None:
        calls.add()
    token = _calls.set(None)
    try:
        return function(*arguments)
    finally:
        _calls.reset(token)


@contextmanager
def _within(variable: ContextVar[Any], value: Value) -> Iterator[Value]:
    """A variable has a value inside of the block."""
    token = variable.set(value)
    try:
        yield value
    finally:
        variable.reset(token)


def values_wanted() -> AbstractContextManager[bool]:
    """Errors of arithmetic in Python functions are raised, and are no value of NaN."""
    return _within(is_wanted, True)


def errors_passed_over() -> AbstractContextManager[list[Exception]]:
    """What Python functions raise is a value of NaN; errors of no domain are listed.

    A search tries what the caller never meant, and goes on.
    """
    return _within(passed_over, list[Exception]())


def anew() -> AbstractContextManager[Look]:
    """Python functions look again, once each, at how their derivatives are taken.

    So what one fit has found of them does not bear on another.
    """
    return _within(_looked, Look())


def looks_again(host: object) -> bool:
    """Whether a function is to look again; it is not twice."""
    look = _looked.get()
    if look is None or id(host) in look.asked:
        return False
    look.asked.add(id(host))
    return True


def keep(host: object, params: FloatArray, x: FloatArray, found: Found) -> None:
    """Keep what a function gave in a look, for a fit that begins there."""
    look = _looked.get()
    if look is not None:
        look.found[id(host)] = params, x, found


def begun_with(look: Look | None) -> AbstractContextManager[Look | None]:
    """The first call of each function gives what it gave in a look, if it is the same.

    A fit looks at its functions at its start values, and begins there.
    """
    return _within(_known, look)


def recalled(host: object, params: FloatArray, x: FloatArray) -> Found | None:
    """What a function gave in the look that the fit begins with, once."""
    look = _known.get()
    kept = None if look is None else look.found.pop(id(host), None)
    if kept is None:
        return None
    is_same = np.array_equal(kept[0], params) and np.array_equal(kept[1], x)
    return kept[2] if is_same else None


def call_limit(most: float = inf) -> AbstractContextManager[Calls]:
    """Count calls of Python functions, which are called no more after `most` of them.

    So a search ends alike on every machine. A limit around it that ends before stays.
    """
    return _within(_calls, Calls(most, _calls.get()))
