"""Which methods a comparison runs, and what each of them needs.

There are three kinds: physfit's own over all rows ("lm", "gauss_newton"), first-order
ones on minibatches ("adam", "momentum:beta=0.5"), and scipy's ("scipy:trf"), which see
all rows at once and so cannot go where these stay in a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from physfit.errors import InputError
from physfit.fitting.fit_plan import FitPlan
from physfit.fitting.minibatch_settings import Minibatches
from physfit.fitting.streaming import check_method, is_first_order
from physfit.optim.base import Optimizer
from physfit.optim.registry import WHOLE
from physfit.settings.studies import Gradients
from physfit.solve.scipy_adapters import METHODS, Method, has_loss

__all__ = ["Contender", "MethodLike", "contenders"]

#: A method by name, or a chain of the user's own.
MethodLike = str | Optimizer
#: Derivatives of scipy's methods: ours, their own differences, or each in turn.
KINDS = {
    "both": ("exact", "differences"),
    "exact": ("exact",),
    "differences": ("differences",),
}

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


class Contender(NamedTuple):
    """A method with its derivatives, ready to run.

    Attributes
    ----------
    name : str
        As it was asked for: "lm", "adam:beta1=0.95", "scipy:trf".
    gradients : {"exact", "differences", "none"}
    solver : Method or None
        What scipy's solver of that name takes; None for a method of ours.
    minibatches : Minibatches or None
        How a first-order method runs; None for methods over all rows.
    """

    name: str
    gradients: str = "exact"
    solver: Method | None = None
    minibatches: Minibatches | None = None

    @property
    def batch_size(self) -> int | None:
        """Rows of a minibatch; None for methods over all rows."""
        return None if self.minibatches is None else self.minibatches.batch_size


def contenders(
    plan: FitPlan, methods: Sequence[MethodLike] | None, gradients: Gradients
) -> list[Contender]:
    """Methods asked for, or those of the defaults that have the loss.

    Raises
    ------
    InputError
        When a method is unknown, has a setting it does not know, or cannot stream; or
        when settings of minibatches are given, but no method that has them.
    """
    if methods is None:
        loss = plan.loss
        methods = [
            name
            for name in (STREAMING_METHODS if plan.is_streamed else DEFAULT_METHODS)
            if name not in METHODS or has_loss(METHODS[name], loss)
        ]
    elif isinstance(methods, str) or not isinstance(methods, Iterable) or not methods:
        raise InputError(
            "`methods` must be a list of names, such as ['lm', 'scipy:trf'], but "
            f"is {methods!r}."
        )
    methods = list(methods)
    named = [method for k, method in enumerate(methods) if method not in methods[:k]]
    each = [_contenders(plan, method, gradients) for method in named]
    _check_settings(plan, [first for first, *_ in each])
    return [contender for kinds in each for contender in kinds]


def _contenders(
    plan: FitPlan, method: MethodLike, gradients: Gradients
) -> list[Contender]:
    """A method with each kind of derivatives that it can have."""
    if is_first_order(method):
        # Every setting is read here, so that a wrong one is told at once.
        minibatches = plan.settings.minibatches(method, plan.rows.n_rows)
        return [Contender(str(method), minibatches=minibatches)]
    name = str(method)
    if name in WHOLE:
        return [Contender(name)]
    check_method(method, "`methods` names")
    if plan.is_streamed:
        raise InputError(
            f"`{name}` needs all rows in memory, but those of "
            f"`{plan.rows.name}` stay in their file; leave it out, or raise "
            "`memory` above the size of the file."
        )
    solver = METHODS[name]
    kinds = KINDS[gradients] if solver.takes_gradients else ("none",)
    return [Contender(name, kind, solver) for kind in kinds]


def _check_settings(plan: FitPlan, chosen: Sequence[Contender]) -> None:
    """Refuse settings of minibatches where there are none."""
    rows = plan.settings
    idle = [name for name in rows.given if name not in ("memory", "threads", "seed")]
    if idle and all(contender.minibatches is None for contender in chosen):
        raise InputError(
            f"`{idle[0]}` is for methods on minibatches, but `methods` names none; "
            "leave it out, or add a method such as 'adam'."
        )
