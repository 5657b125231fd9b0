"""Which methods a comparison runs, and what each of them needs.

There are three kinds: physfit's own over all rows ("lm", "gauss_newton"), first-order
ones on minibatches ("adam", "momentum:beta=0.5"), and scipy's ("scipy:trf"), which see
all rows at once and so cannot go where these stay in a file.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from physfit.errors import InputError
from physfit.fitting.fit_plan import FitPlan
from physfit.fitting.methods import Method, MethodLike, method_of, refuse_idle
from physfit.settings.studies import Gradients
from physfit.solve.scipy_adapters import METHODS, has_loss

__all__ = ["contenders"]

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


def contenders(
    plan: FitPlan, methods: Sequence[MethodLike] | None, gradients: Gradients
) -> list[Method]:
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
    found = [own for method in named for own in _each(plan, method, gradients)]
    if all(method.minibatches is None for method in found):
        refuse_idle(plan.settings, "`methods` names none", "seed")
    return found


def _each(plan: FitPlan, given: MethodLike, gradients: Gradients) -> list[Method]:
    """A method with each kind of derivatives that it can have."""
    method = method_of(given, plan.settings, plan.rows.n_rows, "`methods` names")
    if method.solver is None:
        return [method]
    if plan.is_streamed:
        raise InputError(
            f"`{method.name}` needs all rows in memory, but those of "
            f"`{plan.rows.name}` stay in their file; leave it out, or raise "
            "`memory` above the size of the file."
        )
    kinds = KINDS[gradients] if method.solver.takes_gradients else ("none",)
    return [method._replace(gradients=kind) for kind in kinds]
