"""A list of functions in the manner of lab scripts, with how they are called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Case", "Cases"]


class Case(NamedTuple):
    """A function, its parameters, its samples, and how it takes both."""

    function: Callable[..., Any]
    p: tuple[float, ...]
    x: np.ndarray
    call: Callable[..., Any]


class Cases(dict[str, Case]):
    """Cases by name; the decorator enters one."""

    def add(self, *p, x=None, style="star", name=None):
        """Decorator of a function `f(x, *p)`, or of another style."""
        grid = np.linspace(0.21, 6.34, 37) if x is None else x

        def enter(function):
            self[name or function.__name__] = Case(function, p, grid, STYLES[style])
            return function

        return enter


def _star(f):
    return lambda x, p: f(x[0], *p)


def _vector(f):
    return lambda x, p: f(x[0], p)


def _array(f):
    return lambda x, p: f(x[0], np.array(p))


def _odr(f):
    return lambda x, p: f(p, x[0])


def _last(f):
    return lambda x, p: f(*p, x[0])


STYLES = {"star": _star, "vector": _vector, "array": _array, "odr": _odr, "last": _last}
