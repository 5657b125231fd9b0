"""Ties between parameters: checked, and put in the order of their evaluation."""

from __future__ import annotations

from collections.abc import Mapping

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
        own.name: Expression.parse(own.tie)
        for own in parameters.values()
        if own.tie is not None
    }
    for name, expression in ties.items():
        _check_names(name, expression, parameters)
    ordered: dict[str, Expression] = {}
    for name in ties:
        _visit(name, ties, ordered, ())
    return tuple(ordered.items())


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


def _visit(
    name: str,
    ties: Mapping[str, Expression],
    ordered: dict[str, Expression],
    path: tuple[str, ...],
) -> None:
    if name in ordered:
        return
    if name in path:
        circle = " -> ".join([*path[path.index(name) :], name])
        raise ModelError(
            f"the ties go in a circle: {circle}; free one of them with pf.param(), or "
            "leave out its --tie."
        )
    for other in ties[name].names:
        if other in ties:
            _visit(other, ties, ordered, (*path, name))
    ordered[name] = ties[name]
