"""Ties between parameters: checked, and put in the order of their evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from physfit.errors import ModelError, did_you_mean
from physfit.models.expression import Expression
from physfit.models.param import Param

__all__ = ["ordered_ties"]


def ordered_ties(parameters: Mapping[str, Param]) -> tuple[tuple[str, Expression], ...]:
    """Tied parameters with their expressions, each after those it refers to.

    Raises
    ------
    ModelError
        When a tie names no parameter or an unknown one, or ties go in a circle.
    """
    ties = {
        param.name: Expression.parse(param.tie)
        for param in parameters.values()
        if param.tie is not None
    }
    for name, expression in ties.items():
        _check_names(name, expression, parameters)
    graph = {
        name: [other for other in expression.names if other in ties]
        for name, expression in ties.items()
    }
    try:
        order = list(TopologicalSorter(graph).static_order())
    except CycleError as error:
        circle = " -> ".join(reversed(error.args[1]))
        raise ModelError(
            f"the ties go in a circle: {circle}; free one of them with pf.param(), or "
            "leave out its --tie."
        ) from None
    return tuple((name, ties[name]) for name in order)


def _check_names(
    name: str, expression: Expression, parameters: Mapping[str, Param]
) -> None:
    if not expression.names:
        value = expression({})
        raise ModelError(
            f"the tie of `{name}` names no parameter; hold it with "
            f"{name}=pf.fixed({value!r}) or --fix {name}={value!r} instead."
        )
    for other in expression.names:
        if other not in parameters:
            raise ModelError(
                f"the tie of `{name}` refers to `{other}`, which is no parameter of "
                "the model (to tie across components, join them first); "
                f"{did_you_mean(other, parameters)}"
            )
