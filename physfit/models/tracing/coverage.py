"""Parameters at which conditions of a graph turn out otherwise.

A comparison tells only of the branches that it took: a loop that counts the samples
beyond a threshold is right wherever there are none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.models.graph.derivatives import live_steps
from physfit.models.graph.evaluation import evaluated
from physfit.models.graph.graph import Graph
from physfit.models.graph.operations import OPERATIONS

__all__ = ["points_of_other_branches"]

Array = NDArray[np.float64]

#: Points that are added.
MOST_POINTS = 6
#: What a parameter is multiplied by.
FACTORS = (-1.0, 0.1, 10.0, 0.3, 3.0)
#: Places among sorted coordinates that a parameter is put to.
QUANTILES = (0.5, 0.1, 0.9, -0.1, 1.1)


def points_of_other_branches(
    graph: Graph, columns: Sequence[Array], points: Sequence[Array]
) -> list[Array]:
    """Points where a condition has an answer that it has at none of the given ones.

    Answers are yes, no, and yes at some samples but not at others: a loop that ends at
    a sample is wrong only there.

    Parameters
    ----------
    graph : Graph
    columns : sequence of ndarray
        The coordinates of the samples.
    points : sequence of ndarray
    """
    conditions = _conditions(graph)
    if not conditions or not points:
        return []
    builder, arrays = graph.builder(), graph.samples.arrays

    def answers(point: Array) -> set[tuple[int, str]]:
        values = evaluated(builder, conditions, columns, list(point), arrays)
        pairs = [*zip(conditions, map(np.asarray, values), strict=True)]
        found = {(step, "yes") for step, value in pairs if value.any()}
        found |= {(step, "no") for step, value in pairs if not value.all()}
        mixed = {step for step, value in pairs if value.any() and not value.all()}
        return found | {(step, "both") for step in mixed}

    n_answers = sum(3 if builder.varies(step) else 2 for step in conditions)
    seen = set[tuple[int, str]]().union(*map(answers, points))
    added: list[Array] = []
    for point in _candidates(points[0], columns):
        if len(seen) == n_answers or len(added) == MOST_POINTS:
            break
        new = answers(point) - seen
        if new:
            added.append(point)
            seen |= new
    return added


def _conditions(graph: Graph) -> list[int]:
    """Conditions that depend on a parameter."""
    builder, nodes = graph.builder(), graph.nodes
    return [
        step
        for step, (name, *_) in enumerate(nodes)
        if name in OPERATIONS
        and OPERATIONS[name].is_logical
        and any(nodes[k][0] == "parameter" for k in live_steps(builder, [step]))
    ]


def _candidates(point: Array, columns: Sequence[Any]) -> Iterator[Array]:
    """The point with one parameter elsewhere."""
    places = [
        low + quantile * (high - low)
        for quantile in QUANTILES
        for low, high in ((np.min(one), np.max(one)) for one in columns)
    ]
    for k in range(point.size):
        for value in (*(factor * point[k] for factor in FACTORS), *places):
            other = point.copy()
            other[k] = value
            yield other
