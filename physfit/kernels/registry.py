"""The registries of point functions and losses, and the decorators that fill them.

A decorator here only writes its function down and gives it back unchanged: every kernel
stays a plain Python function that runs interpreted on floats. The engine reads the
registries, collects the source of a kernel with all it calls, and compiles that.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar, overload

from physfit.errors import InputError

__all__ = ["LOSSES", "POINTS", "LossPoint", "Point", "loss", "point", "scalar"]

Scalar = Callable[..., Any]
F = TypeVar("F", bound=Scalar)


class Point(NamedTuple):
    """A registered point function `(x, ..., *params) -> (value, partials...)`.

    `branches` are functions of the same signature between which `choose(*params)` picks
    by index; the choice depends on the parameters only, so it is made once per block.
    With `n_outputs == 2` the tuple is (re, im, d1 re, d1 im, d2 re, d2 im, ...).
    """

    name: str
    function: Scalar
    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    n_outputs: int
    branches: tuple[Scalar, ...]
    choose: Scalar | None


class LossPoint(NamedTuple):
    """A registered loss `(y, f, w, *hyper) -> (rho, slope, weight, curvature)`.

    `rho` is half the deviance (so chi2 is `z**2 / 2`), `slope` is d rho / d f, `weight`
    is `slope / (f - y)` with its limit at f == y (never negative: the Gauss-Newton
    weight), `curvature` is d slope / d f.
    """

    name: str
    function: Scalar
    hyper: tuple[str, ...]


POINTS: dict[str, Point] = {}
LOSSES: dict[str, LossPoint] = {}


@overload
def point(function: F, /) -> F: ...
@overload
def point(
    *,
    n_inputs: int = 1,
    n_outputs: int = 1,
    branches: tuple[Scalar, ...] = (),
    choose: Scalar | None = None,
) -> Callable[[F], F]: ...
def point(
    function: F | None = None,
    /,
    *,
    n_inputs: int = 1,
    n_outputs: int = 1,
    branches: tuple[Scalar, ...] = (),
    choose: Scalar | None = None,
) -> F | Callable[[F], F]:
    """Register a point function under its own name.

    Parameters
    ----------
    function : callable
        `(x, *params) -> (value, d/dparams...)`, scalars only.
    n_inputs : int
        How many leading arguments are coordinates of the sample.
    n_outputs : int
        1 for real values, 2 for complex ones.
    branches, choose
        See `Point`.
    """

    def register(target: F) -> F:
        _refuse_taken(POINTS.get(target.__name__), target)
        names = tuple(inspect.signature(target).parameters)
        scalar(target)
        POINTS[target.__name__] = Point(
            target.__name__,
            target,
            names[:n_inputs],
            names[n_inputs:],
            n_outputs,
            branches or (target,),
            choose,
        )
        return target

    return register if function is None else register(function)


def loss(function: F) -> F:
    """Register a loss under its own name."""
    _refuse_taken(LOSSES.get(function.__name__), function)
    names = tuple(inspect.signature(function).parameters)
    LOSSES[function.__name__] = LossPoint(function.__name__, function, names[3:])
    return scalar(function)


def _refuse_taken(known: Point | LossPoint | None, function: Scalar) -> None:
    """A name belongs to one module, which may be loaded again."""
    if known is not None and known.function.__module__ != function.__module__:
        raise InputError(
            f"the name `{function.__name__}` is taken by {known.function.__module__}; "
            "choose another."
        )


def scalar(function: F) -> F:
    """Mark a scalar function that kernels may call; the engine inlines it."""
    function.__physfit_role__ = "scalar"  # type: ignore[attr-defined]
    return function
