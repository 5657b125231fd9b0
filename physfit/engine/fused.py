"""Sums of one model and one loss in a single generated loop.

`normal.normal_equations` serves every model without compiling anything: components
write blocks of values and partials, the loss and the tiles read them. For few
parameters and a cheap function most of the time goes into that traffic. Here the
component's arithmetic, ties, loss and all sums are one loop whose sums stay in
registers: 3.0 instead of 3.6 ns a point for a Gaussian and a constant at 64 points,
after 0.4 to 1.5 s of compilation for each new pair of model and loss, once.

The loop runs over whole vectors; samples that fill the last one up weigh nothing. Where
all samples of a row weigh the same and the loss is least squares, the weight comes in
after the loop, which spares a tenth of its arithmetic; what is left of a last vector
goes by the general formula.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from physfit.engine import jit
from physfit.engine.abi import SUMS, as_floats, at
from physfit.engine.layout import Code, Evaluate, Layout
from physfit.engine.rows import LANES
from physfit.engine.structs import Problem
from physfit.engine.ties import resolve
from physfit.kernels.registry import LossKernel

__all__ = ["can_fuse", "fused"]

#: Free parameters up to which all sums stay in the 32 vector registers there are.
MOST_FREE = 6
KNOWN = (Code.ADD, Code.MULTIPLY)


def can_fuse(layout: Layout) -> bool:
    """Whether a loop of its own pays for this model.

    Not for components that choose between formulas, whose arithmetic outweighs the
    rest, nor for complex ones.
    """
    plain = all(kernel.is_plain for kernel in layout.kernels)
    known = all(isinstance(own, Evaluate) or own in KNOWN for own in layout.operations)
    is_real = layout.n_outputs == 1
    return plain and known and is_real and 0 < len(layout.free) <= MOST_FREE


@lru_cache(maxsize=128)
def fused(layout: Layout, loss: LossKernel, equal_weights: bool = False) -> jit.Entry:
    """Compiled sums, with the signature of `normal.normal_equations`.

    Parameters
    ----------
    layout : Layout
        One that `can_fuse` accepts.
    loss : LossKernel
        The terms of one that has no use for weights are multiplied by them, so that
        samples that fill up the last vector do not count.
    equal_weights : bool
        Whether all samples that do not fill up have the same weight.
    """
    is_unweighted = equal_weights and loss.traits.is_quadratic
    lines, called = _text(layout, loss, is_unweighted)
    text, common = "\n".join(lines), (as_floats, at, resolve, Problem)
    return jit.compiled_text(text, SUMS, *common, reorder=True, **called)


def _text(
    layout: Layout, loss: LossKernel, is_unweighted: bool
) -> tuple[list[str], dict[str, Callable[..., Any]]]:
    """Lines of `main`, and the functions they call by name."""
    hyper = [f"h{k}" for k in range(len(loss.hyper))]
    called = {f"f{k}": kernel.function for k, kernel in enumerate(layout.kernels)}
    called["loss_of"] = loss.function
    call = f"loss_of({', '.join(['y[i]', 'v0', 'w[i]', *hyper])})"
    model = [*_model(layout), *_ties(layout)]
    body = [*model, f"rho, slope, weight, bend = {call}"]
    if loss.traits.noise is not None:
        body += [f"{name} *= w[i]" for name in ("rho", "slope", "weight")]
    body += _additions(layout)
    n = len(layout.free)
    lines = [
        "def main(address, theta, gradient, gauss_newton):",
        "    problem = at(address, Problem)",
        "    resolve(problem, theta)",
        *(
            f"    {name} = as_floats(problem.{field})"
            for name, field in (
                *(("full", "full"), ("x", "x"), ("y", "y"), ("w", "weights")),
                *(("hyper", "hyper"), ("tape", "tie_work")),
            )
        ),
        "    ldx = problem.ldx",
        *(f"    p{k} = full[{k}]" for k in range(layout.n_full)),
        *(f"    {name} = hyper[{k}]" for k, name in enumerate(hyper)),
        *_adjoints(layout),
        f"    {' = '.join(_sums(n))} = 0.0",
        "    stop = problem.n_samples",
        "    first = 0",
        *(_unweighted(layout, model) if is_unweighted else []),
        "    for i in range(first, stop):",
        *(f"        {line}" for line in body),
        *_results(n),
    ]
    return lines, called


def _model(layout: Layout) -> list[str]:
    """Value v0 and partials d0, d1, ... of the composite at sample i."""
    lines: list[str] = []
    stack: list[tuple[int, int]] = []
    number = 0
    for operation in layout.operations:
        if isinstance(operation, Evaluate):
            kernel, first = operation.kernel, operation.offset
            last = first + len(kernel.parameters)
            inputs = [f"x[{d} * ldx + i]" for d in range(len(kernel.inputs))]
            inputs += [f"p{k}" for k in range(first, last)]
            results = [f"v{len(stack)}", *(f"d{k}" for k in range(first, last))]
            lines.append(f"{', '.join(results)} = f{number}({', '.join(inputs)})")
            number += 1
            stack.append((first, last))
            continue
        right, left = stack.pop(), stack.pop()
        a, b = f"v{len(stack)}", f"v{len(stack) + 1}"
        if operation == Code.ADD:
            lines.append(f"{a} = {a} + {b}")
        else:
            lines += [f"d{k} = d{k} * {b}" for k in range(*left)]
            lines += [f"d{k} = d{k} * {a}" for k in range(*right)]
            lines.append(f"{a} = {a} * {b}")
        stack.append((left[0], right[1]))
    return lines


def _links(layout: Layout) -> list[tuple[str, int, int, int]]:
    """Name, place on the tape, tied parameter and what it depends on, in order."""
    links, place = [], 0
    for number, tie in enumerate(layout.ties):
        links += [
            (f"t{number}_{k}", place + step, tie.target, index)
            for k, (index, step) in enumerate(tie.tape.slopes)
        ]
        place += len(tie.tape.codes)
    return links


def _adjoints(layout: Layout) -> list[str]:
    """Derivatives of ties, which are the same for all samples."""
    return [f"    {name} = tape[{place}]" for name, place, _, _ in _links(layout)]


def _ties(layout: Layout) -> list[str]:
    """Chain rule at sample i, last tie first."""
    return [
        f"d{index} = d{index} + {name} * d{target}"
        for name, _, target, index in reversed(_links(layout))
    ]


def _sums(n: int) -> list[str]:
    """Names of the sums: cost, gradient, lower triangle of the matrix."""
    names = ["cost", *(f"g{k}" for k in range(n))]
    return names + [f"a{k}_{j}" for k in range(n) for j in range(k + 1)]


def _additions(layout: Layout) -> list[str]:
    lines = ["cost += rho"]
    for k, index in enumerate(layout.free):
        lines += [f"g{k} += slope * d{index}", f"part = weight * d{index}"]
        lines += [f"a{k}_{j} += part * d{layout.free[j]}" for j in range(k + 1)]
    return lines


def _unweighted(layout: Layout, model: list[str]) -> list[str]:
    """Plain sums over vectors that are full, times the weight of all samples."""
    lines = [*model, "rest = v0 - y[i]", "cost += rest * rest"]
    for k, index in enumerate(layout.free):
        lines.append(f"g{k} += rest * d{index}")
        lines += [f"a{k}_{j} += d{index} * d{layout.free[j]}" for j in range(k + 1)]
    return [
        f"    first = stop if w[stop - 1] > 0.0 else stop - {LANES}",
        "    for i in range(first):",
        *(f"        {line}" for line in lines),
        "    common = w[0] * w[0]",
        "    cost *= 0.5",
        *(f"    {name} *= common" for name in _sums(len(layout.free))),
    ]


def _results(n: int) -> list[str]:
    """Gradient and the full symmetric matrix; NaN instead of a cost if not finite."""
    check = " + ".join(["cost", *(f"g{k} + a{k}_{k}" for k in range(n))])
    return [
        *(f"    gradient[{k}] = g{k}" for k in range(n)),
        *(
            f"    gauss_newton[{k * n + j}] = a{max(k, j)}_{min(k, j)}"
            for k in range(n)
            for j in range(n)
        ),
        f"    check = {check}",
        "    return cost if math.fabs(check) < math.inf else math.nan",
    ]
