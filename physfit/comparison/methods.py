"""Which methods a comparison runs, and what each of them needs.

There are three kinds: physfit's own over all rows ("lm", "gauss_newton"), first-order
ones on minibatches ("adam", "momentum:beta=0.5"), and scipy's ("scipy:trf"), which see
all rows at once and so cannot go where these stay in a file.
"""

from __future__ import annotations

from collections.abc import Sequence

from physfit.comparison.case import Case
from physfit.errors import InputError, did_you_mean
from physfit.fitting.streaming import is_first_order
from physfit.optim.base import Optimizer
from physfit.optim.registry import OPTIMIZERS, WHOLE
from physfit.solve.scipy_adapters import METHODS, Method, has_loss

__all__ = ["DEFAULT_METHODS", "STREAMING_METHODS", "MethodLike", "chosen"]
__all__ += ["of_scipy"]

#: A method by name, or a chain of the user's own.
MethodLike = str | Optimizer

DEFAULT_METHODS = (
    "lm",
    "scipy:curve_fit",
    "scipy:curve_fit-trf",
    "scipy:curve_fit-dogbox",
    "scipy:lm",
    "scipy:trf",
    "scipy:bfgs",
    "scipy:l-bfgs-b",
    "scipy:cg",
    "scipy:nelder-mead",
)
#: The same for rows that stay in their file.
STREAMING_METHODS = ("lm", "gauss_newton", "adam", "sgd")
#: Settings that other methods use too, or that change nothing.
_IDLE = {"memory", "threads", "seed"}


def of_scipy(method: MethodLike) -> Method | None:
    """What scipy's solver of that name takes; None for a method of ours."""
    return METHODS.get(method) if isinstance(method, str) else None


def chosen(case: Case, methods: Sequence[MethodLike] | None) -> list[MethodLike]:
    """Methods asked for, or those of the defaults that have the loss.

    Raises
    ------
    InputError
        When a method is unknown, has a setting it does not know, or cannot stream; or
        when settings of minibatches are given, but no method that has them.
    """
    if methods is None:
        found: list[MethodLike] = list(_defaults(case))
    else:
        found = _asked(methods)
    _check_settings(case, found)
    if case.is_streamed:
        _check_streaming(case, found)
    return found


def _defaults(case: Case) -> list[str]:
    if case.is_streamed:
        return list(STREAMING_METHODS)
    return [
        method
        for method in DEFAULT_METHODS
        if method not in METHODS or has_loss(METHODS[method], case.problem.loss)
    ]


def _asked(methods: Sequence[MethodLike]) -> list[MethodLike]:
    if isinstance(methods, str) or not methods:
        raise InputError(
            "`methods` must be a list of names, such as ['lm', 'scipy:trf'], but "
            f"is {methods!r}."
        )
    found: list[MethodLike] = []
    for method in methods:
        if not (is_first_order(method) or method in WHOLE or of_scipy(method)):
            allowed = [*WHOLE, *OPTIMIZERS, *METHODS]
            raise InputError(
                f"`methods` names {method!r}, which is unknown; "
                f"{did_you_mean(str(method), allowed)}"
            )
        if method not in found:
            found.append(method)
    return found


def _check_settings(case: Case, methods: Sequence[MethodLike]) -> None:
    """Every setting of minibatches is read, so that a wrong one is told at once."""
    descents = [method for method in methods if is_first_order(method)]
    for method in descents:
        case.problem.rows.minibatches(method, case.n_rows)
    idle = [name for name in case.problem.rows.given if name not in _IDLE]
    if idle and not descents:
        raise InputError(
            f"`{idle[0]}` is for methods on minibatches, but `methods` names none; "
            "leave it out, or add a method such as 'adam'."
        )


def _check_streaming(case: Case, methods: Sequence[MethodLike]) -> None:
    name = case.problem.source.name
    for method in methods:
        if of_scipy(method) is not None:
            raise InputError(
                f"`{method}` needs all rows in memory, but those of `{name}` stay in "
                "their file; leave it out, or raise `memory` above the size of the "
                "file."
            )
