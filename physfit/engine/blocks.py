"""Block kernels: the loop over samples around a point function or a loss.

The loops are generated, because the number of parameters of a point function is part of
its text; nothing else of the compiled core is. All names come from signatures of
registered functions, so they are identifiers.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache as once
from typing import Any

import numpy as np

from physfit.engine import jit
from physfit.engine.abi import COMPONENT, LOSS, STRIDE, is_null
from physfit.engine.source import module_text
from physfit.kernels.registry import POINTS, LossKernel, Point
from physfit.typing import FloatArray

__all__ = ["component", "elementwise", "llvm_of_loss", "llvm_of_point", "loss"]
__all__ += ["loss_terms"]


@once
def component(name: str) -> jit.Entry:
    """Block kernel of the registered point function `name`."""
    point = POINTS[name]
    return jit.compiled_text(
        _component_text(point), COMPONENT, *_component_calls(point)
    )


@once
def loss(kernel: LossKernel) -> jit.Entry:
    """Block kernel of a loss."""
    return jit.compiled_text(
        _loss_text(kernel), LOSS, kernel.function, is_null, reorder=True
    )


def llvm_of_point(name: str) -> str:
    """Optimised LLVM code of a component kernel, freshly compiled."""
    point = POINTS[name]
    text = module_text(_component_text(point), COMPONENT, *_component_calls(point))
    return jit.llvm_of(text)


def llvm_of_loss(kernel: LossKernel) -> str:
    """Optimised LLVM code of a loss kernel, freshly compiled."""
    text = _loss_text(kernel)
    return jit.llvm_of(module_text(text, LOSS, kernel.function, is_null, reorder=True))


@once
def elementwise(
    function: Callable[..., Any], n_in: int, n_out: int
) -> Callable[..., FloatArray]:
    """Compiled form of a scalar function that maps over arrays.

    Parameters
    ----------
    function : callable
        A function marked by `kernels.registry`.
    n_in, n_out : int
        Number of its arguments and of its results.

    Returns
    -------
    callable
        Takes `n_in` arrays or numbers (broadcast), returns an array of shape
        (n_out, n), or (n,) for one result.
    """
    entry = jit.compiled_text(
        _map_text(function.__name__, n_in, n_out), "void(f64*, f64*, i64)", function
    )

    def mapped(*arguments: Any) -> FloatArray:
        columns = np.broadcast_arrays(*[np.atleast_1d(value) for value in arguments])
        inputs = np.array(columns, dtype=np.float64, order="C")
        outputs = np.empty((n_out, inputs.shape[1]))
        entry.call(inputs.ctypes.data, outputs.ctypes.data, inputs.shape[1])
        return outputs[0] if n_out == 1 else outputs

    return mapped


def loss_terms(
    kernel: LossKernel,
    y: FloatArray,
    f: FloatArray,
    w: FloatArray,
    hyper: Sequence[float],
) -> FloatArray:
    """Rho, slope, weight and curvature of every sample.

    Parameters
    ----------
    kernel : LossKernel
    y, f, w : ndarray of equal shape
        Data, model and weights.
    hyper : sequence of float
        Hyper-parameters of the loss.

    Returns
    -------
    ndarray, shape (4, ...)
    """
    columns = [y.ravel(), f.ravel(), w.ravel()]
    columns += [np.full(y.size, value) for value in hyper]
    terms = elementwise(kernel.function, len(columns), 4)(*columns)
    return terms.reshape(4, *y.shape)


def _component_calls(point: Point) -> tuple[Any, ...]:
    chosen = () if point.choose is None else (point.choose,)
    return (*point.branches, *chosen, is_null)


def _component_text(point: Point) -> str:
    lines = ["def main(params, x, ldx, n, value, jac, extra):"]
    parameters = [f"p{k}" for k in range(len(point.parameters))]
    lines += [f"    {name} = params[{k}]" for k, name in enumerate(parameters)]
    if point.choose is None:
        return "\n".join(lines + _branch(point, point.branches[0], "    "))
    lines.append(f"    branch = {point.choose.__name__}({', '.join(parameters)})")
    for k, function in enumerate(point.branches):
        last = k == len(point.branches) - 1
        lines.append("    else:" if last else f"    {'el' * (k > 0)}if branch == {k}:")
        lines += _branch(point, function, "        ")
    return "\n".join(lines)


def _branch(point: Point, function: Any, indent: str) -> list[str]:
    outputs = [f"v{o}" for o in range(point.n_outputs)]
    partials = [f"d{k}" for k in range(point.n_outputs * len(point.parameters))]
    inputs = [
        "x[i]" if d == 0 else f"x[{d} * ldx + i]" for d in range(len(point.inputs))
    ]
    arguments = inputs + [f"p{k}" for k in range(len(point.parameters))]
    call = (
        f"{', '.join(outputs + partials)} = {function.__name__}({', '.join(arguments)})"
    )
    values = [f"value[{o * STRIDE} + i] = v{o}" for o in range(point.n_outputs)]
    rows = [f"jac[{k * STRIDE} + i] = d{k}" for k in range(len(partials))]
    return [
        f"{indent}if is_null(jac):",
        f"{indent}    for i in range(n):",
        *(f"{indent}        {line}" for line in [call, *values]),
        f"{indent}else:",
        f"{indent}    for i in range(n):",
        *(f"{indent}        {line}" for line in [call, *values, *rows]),
    ]


def _loss_text(kernel: LossKernel) -> str:
    hyper = [f"h{k}" for k in range(len(kernel.hyper))]
    call = f"{kernel.name}({', '.join(['y[i]', 'f[i]', 'w[i]', *hyper])})"
    lines = ["def main(y, f, w, n, hyper, slope, weight, curvature):"]
    lines += [f"    {name} = hyper[{k}]" for k, name in enumerate(hyper)]
    lines += ["    total = 0.0"]
    for condition, stores in (
        ("if is_null(slope)", []),
        ("elif is_null(curvature)", ["slope[i] = s", "weight[i] = t"]),
        ("else", ["slope[i] = s", "weight[i] = t", "curvature[i] = c"]),
    ):
        lines += [f"    {condition}:", "        for i in range(n):"]
        lines += [f"            r, s, t, c = {call}"]
        lines += [f"            {line}" for line in ["total += r", *stores]]
    return "\n".join([*lines, "    return total"])


def _map_text(name: str, n_in: int, n_out: int) -> str:
    arguments = [f"x[{k} * n + i]" for k in range(n_in)]
    results = [f"r{k}" for k in range(n_out)]
    stores = [f"        out[{k} * n + i] = r{k}" for k in range(n_out)]
    return "\n".join(
        [
            "def main(x, out, n):",
            "    for i in range(n):",
            f"        {', '.join(results)} = {name}({', '.join(arguments)})",
            *stores,
        ]
    )
