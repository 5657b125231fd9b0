"""Kernels of graphs."""

from __future__ import annotations

from functools import lru_cache

from physfit.kernels.kernel import Context, Generated, Kernel
from physfit.models.graph.graph import Graph
from physfit.models.graph.text import point_text

__all__ = ["kernel_of"]


@lru_cache(maxsize=256)
def kernel_of(graph: Graph, name: str) -> Kernel:
    """Kernel that computes a graph with its exact partials.

    Parameters
    ----------
    graph : Graph
    name : str
        For people.
    """
    text, calls, arrays = point_text(graph, "traced")
    function = Generated("traced", text, calls)
    return Kernel(
        name=name,
        function=function,
        inputs=graph.inputs,
        parameters=graph.parameters,
        n_outputs=len(graph.outputs),
        branches=(function,),
        context=Context(*graph.samples.arrays, *arrays),
        n_by_sample=len(graph.samples),
    )
