"""Block kernels: the loop over samples around a point function or a loss.

The loops are generated, because the number of parameters of a point function is part of
its text; nothing else of the compiled core is. All names come from signatures of
registered functions, so they are identifiers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from functools import cache as once
from typing import Any

import numpy as np

from physfit.engine import jit
from physfit.engine.abi import (
    COMPONENT,
    FUNCTION,
    LOSS,
    PREPARE,
    PULL,
    STRIDE,
    as_floats,
    as_integers,
    is_null,
)
from physfit.engine.source import module_text
from physfit.kernels.kernel import Kernel, Scalar
from physfit.kernels.registry import LossKernel
from physfit.typing import FloatArray

__all__ = ["component", "digest", "elementwise", "function_of_values", "llvm_of_loss"]
__all__ += ["llvm_of_point", "loss", "loss_terms", "part", "softened_loss"]


@once
def component(kernel: Kernel) -> jit.Entry:
    """Compiled block form of a kernel."""
    return jit.compiled_module(_text_of(kernel), COMPONENT)


@once
def part(function: Scalar, signature: str) -> jit.Entry:
    """Compiled `prepare` or `pull` of a kernel."""
    return jit.compiled_text(function, signature)


@once
def function_of_values(function: Scalar) -> jit.Entry:
    """Compiled form of `v -> (value, derivative)` over the values of a block."""
    lines = [
        "def main(value, slope, n):",
        "    for i in range(n):",
        "        value[i], slope[i] = f(value[i])",
    ]
    return jit.compiled_text("\n".join(lines), FUNCTION, f=function)


@once
def digest(kernel: Kernel) -> str:
    """128 bits, in hex, of the whole text of a kernel and its constants."""
    texts = [_text_of(kernel), kernel.context.digest]
    texts += [] if kernel.host is None else [kernel.host.digest]
    for function, signature in ((kernel.prepare, PREPARE), (kernel.pull, PULL)):
        texts += [] if function is None else [module_text(function, signature)]
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()[:32]


@once
def loss(kernel: LossKernel) -> jit.Entry:
    """Block kernel of a loss."""
    return jit.compiled_text(
        _loss_text(kernel), LOSS, kernel.function, is_null, reorder=True
    )


@once
def softened_loss(kernel: LossKernel) -> jit.Entry:
    """Block kernel of a loss that is defined for every finite model.

    Two numbers follow its hyper-parameters: data below the first count as it, and below
    the second the loss goes on as the parabola of its curvature there. Weights of such
    samples are their curvatures.
    """
    return jit.compiled_text(
        _loss_text(kernel, is_softened=True),
        LOSS,
        kernel.function,
        is_null,
        reorder=True,
    )


def llvm_of_point(kernel: Kernel) -> str:
    """Optimised LLVM code of a block kernel, freshly compiled."""
    return jit.llvm_of(_text_of(kernel))


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


def _text_of(kernel: Kernel) -> str:
    """Whole module text of the block form of a kernel."""
    if kernel.is_block:
        return module_text(kernel.function, COMPONENT)
    called: dict[str, Any] = {f"f{k}": own for k, own in enumerate(kernel.branches)}
    if kernel.choose is not None:
        called["choose"] = kernel.choose
    called |= {"is_null": is_null}
    called |= {"as_floats": as_floats, "as_integers": as_integers}
    return module_text(_component_text(kernel), COMPONENT, **called)


def _component_text(kernel: Kernel) -> str:
    lines = ["def main(params, x, ldx, start, n, value, jac, context, scratch):"]
    parameters = [f"p{k}" for k in range(len(kernel.parameters))]
    lines += [f"    {name} = params[{k}]" for k, name in enumerate(parameters)]
    for k, array in enumerate(kernel.context.arrays):
        pointer = "as_integers" if array.dtype == np.int64 else "as_floats"
        lines.append(f"    c{k} = {pointer}(context[{2 * k}])")
        lines.append(f"    n{k} = context[{2 * k + 1}]")
    last = len(kernel.context.arrays) - 1
    lines += [f"    q{k} = c{last}[{k}]" for k in range(kernel.n_numbers)]
    lines += [f"    t{k} = scratch[{k}]" for k in range(kernel.n_prepared)]
    if kernel.choose is None:
        return "\n".join(lines + _branch(kernel, 0, "    "))
    lines.append(f"    branch = choose({', '.join(parameters)})")
    for k in range(len(kernel.branches)):
        last = k == len(kernel.branches) - 1
        lines.append("    else:" if last else f"    {'el' * (k > 0)}if branch == {k}:")
        lines += _branch(kernel, k, "        ")
    return "\n".join(lines)


def _branch(kernel: Kernel, number: int, indent: str) -> list[str]:
    n_outputs, n_parameters = kernel.n_outputs, len(kernel.parameters)
    outputs = [f"v{o}" for o in range(n_outputs)]
    partials = [f"d{k}" for k in range(n_outputs * n_parameters)]
    inputs = [f"x[{d} * ldx + i]" if d else "x[i]" for d in range(len(kernel.inputs))]
    arguments = inputs + [f"p{k}" for k in range(n_parameters)]
    n_by_sample, n_arrays = kernel.n_by_sample, len(kernel.context.arrays)
    arguments += [f"c{k}[start + i]" for k in range(n_by_sample)]
    n_arrays -= kernel.n_numbers > 0
    arguments += [f"{own}{k}" for k in range(n_by_sample, n_arrays) for own in "cn"]
    arguments += [f"q{k}" for k in range(kernel.n_numbers)]
    arguments += [f"t{k}" for k in range(kernel.n_prepared)]
    results = "".join(f"{name}, " for name in outputs + partials)
    results = results if len(outputs + partials) == 1 else results.removesuffix(", ")
    call = f"{results.rstrip()} = f{number}({', '.join(arguments)})"
    values = [f"value[{o * STRIDE} + i] = v{o}" for o in range(n_outputs)]
    rows = [f"jac[{k * STRIDE} + i] = d{k}" for k in range(len(partials))]
    return [
        f"{indent}if is_null(jac):",
        f"{indent}    for i in range(n):",
        *(f"{indent}        {line}" for line in [call, *values]),
        f"{indent}else:",
        f"{indent}    for i in range(n):",
        *(f"{indent}        {line}" for line in [call, *values, *rows]),
    ]


def _loss_text(kernel: LossKernel, is_softened: bool = False) -> str:
    hyper = [f"h{k}" for k in range(len(kernel.hyper))]
    datum, mean = ("datum", "mean") if is_softened else ("y[i]", "f[i]")
    call = f"{kernel.name}({', '.join([datum, mean, 'w[i]', *hyper])})"
    sample = [f"r, s, t, c = {call}"]
    numbers = [*hyper, *(["least", "margin"] if is_softened else [])]
    if is_softened:
        sample = _softened(sample[0], kernel.traits.lower)
    lines = ["def main(y, f, w, n, hyper, slope, weight, curvature):"]
    lines += [f"    {name} = hyper[{k}]" for k, name in enumerate(numbers)]
    lines += ["    total = 0.0"]
    for condition, stores in (
        ("if is_null(slope)", []),
        ("elif is_null(curvature)", ["slope[i] = s", "weight[i] = t"]),
        ("else", ["slope[i] = s", "weight[i] = t", "curvature[i] = c"]),
    ):
        lines += [f"    {condition}:", "        for i in range(n):"]
        lines += [f"            {line}" for line in [*sample, "total += r", *stores]]
    return "\n".join([*lines, "    return total"])


def _softened(call: str, lower: float) -> list[str]:
    """Lines of a sample; a weight is that of data which are their own means."""
    return [
        "is_least = y[i] < least",
        "datum = least if is_least else y[i]",
        "is_below = f[i] < margin",
        "mean = margin if is_below else f[i]",
        call,
        f"ratio = (datum - {lower!r}) / (mean - {lower!r})",
        "t = t * (max(ratio, 1.0) if is_least or is_below else 1.0)",
        "below = f[i] - mean",
        "r = r + (s + 0.5 * t * below) * below",
        "s = s + t * below",
        "c = t if is_below else c",
    ]


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
