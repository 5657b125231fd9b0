"""Kernels of graphs."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from physfit.kernels.kernel import Context, Generated, Kernel
from physfit.models.graph.graph import Graph
from physfit.models.graph.text import PointText, point_text

__all__ = ["kernel_of"]


#: Texts whose graphs differ in constants alone: from so many on these are arguments,
#: so that a loop over them compiles no more. Constants in the text make faster code.
MOST_TEXTS, FEW = 4096, 2
_variants: dict[str, set[str]] = {}


@lru_cache(maxsize=256)
def kernel_of(graph: Graph, name: str, *, keeps_constants: bool = False) -> Kernel:
    """Kernel that computes a graph with its exact partials.

    Parameters
    ----------
    graph : Graph
    name : str
        For people.
    keeps_constants : bool
        Whether constants stand in the text, however many graphs differ in them.
    """
    derived = graph.with_derivatives()
    form = point_text(
        graph, "traced", takes_numbers=not keeps_constants, derived=derived
    )
    if not keeps_constants and not _has_variants(graph, form):
        form = point_text(graph, "traced", derived=derived)
    text, calls, arrays, numbers = form
    if numbers:
        arrays = [*arrays, np.array(numbers)]
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
        n_numbers=len(numbers),
    )


def _has_variants(graph: Graph, form: PointText) -> bool:
    """Whether several graphs have been seen that differ in constants alone."""
    if not form.numbers:
        return False
    if len(_variants) >= MOST_TEXTS:
        _variants.clear()
    seen = _variants.setdefault(form.text, set())
    seen.add(graph.digest)
    return len(seen) >= FEW
