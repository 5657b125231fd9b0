"""Traces of functions `f(x, *parameters)`, and their values."""

from __future__ import annotations

import numpy as np

from physfit.models.graph.evaluation import evaluated
from physfit.models.tracing import NeedsGrid, TraceError, trace

__all__ = ["TraceError", "differences", "evaluated", "traced", "values"]


def traced(function, n_parameters, x, points):
    """Trace on a grid where one is needed."""

    def call(columns, p):
        return function(columns[0], *p)

    names = [f"p{k}" for k in range(n_parameters)]
    try:
        return trace(call, 1, names, points=points)
    except NeedsGrid:
        return trace(call, 1, names, [x], points)


def values(graph, x, p):
    """Value and derivatives, an array each."""
    builder, outputs, rows = graph.with_derivatives()
    steps = [*outputs, *(step for row in rows for step in row)]
    size = graph.samples.arrays[0].size if len(graph.samples) else np.size(x)
    return [
        np.broadcast_to(one, (size,))
        for one in evaluated(builder, steps, [x], p, graph.samples.arrays)
    ]


def differences(function, x, p):
    """Derivatives by extrapolated central differences."""
    rows = []
    for k in range(len(p)):
        step = 2e-4 * abs(p[k]) * np.eye(len(p))[k]
        wide, narrow = (
            (
                np.ravel(function(x, *(p + h * step)))
                - np.ravel(function(x, *(p - h * step)))
            )
            / (2 * h * step[k])
            for h in (2.0, 1.0)
        )
        rows.append((4.0 * narrow - wide) / 3.0)
    return rows
