"""A composite model as a small program over kernels called by address.

`Layout` is what a model declares: operations in post-order, where each full parameter
comes from (free, fixed, tied). `assemble` turns it into arrays of integers that the
compiled core walks through, block by block, so that a new composite of known components
needs no compilation:

- evaluate: a component writes its values to a slot and its partials to its own rows;
- add, multiply: two slots become one; a product scales the rows of both sides;
- tie: each row of a tied parameter, times the derivative of its expression, is added to
  the rows of what it depends on (the chain rule, last tie first).

The rows of free parameters are then the partials by the free parameters; nothing is
copied. The compiled functions find everything through one array of integers, the
problem, whose entries are named below.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from physfit.engine import blocks, jit
from physfit.engine.abi import (
    BLOCK,
    STRIDE,
    as_floats,
    as_integers,
    call_component,
    call_ties,
    is_null,
    offset,
)
from physfit.engine.abi import TIES as TIES_SIGNATURE
from physfit.engine.roles import entry, routine
from physfit.engine.tape import PARAMETER, Tape, backward, forward
from physfit.kernels.registry import POINTS
from physfit.typing import FloatArray, IntArray

__all__ = ["ADD", "MULTIPLY", "Evaluate", "Layout", "Program", "Tie", "assemble"]
__all__ += ["Problem", "evaluate", "problem_of", "resolve", "run_block"]

EVALUATE = 0
ADD = 1
MULTIPLY = 2
OP_WIDTH = 6

# Entries of a problem.
OPS = 0
N_OPS = 1
TIES = 2
N_TIES = 3
TIE_CONSTANTS = 4
TIE_WORK = 5
FULL = 6
N_FULL = 7
FREE = 8
N_FREE = 9
N_OUTPUTS = 10
X = 11
LDX = 12
N_SAMPLES = 13
Y = 14
W = 15
LDY = 16
LOSS = 17
HYPER = 18
VALUE = 19
JAC = 20
TERMS = 21
ROWS = 22
N_ROWS = 23
PRODUCTS = 24
TIE_FUNCTION = 25
PROBLEM_SIZE = 26


#: Layouts whose programs are found by identity.
RECENT = 256
_recent: dict[int, tuple[Layout, Program]] = {}


class Evaluate(NamedTuple):
    """Component `point` reads the full parameters from `offset` on."""

    point: str
    offset: int


class Tie(NamedTuple):
    """Full parameter `target` is the value of an expression."""

    target: int
    tape: Tape


class Layout(NamedTuple):
    """A model as the engine sees it; see the module's text."""

    operations: tuple[Evaluate | int, ...]
    n_full: int
    free: tuple[int, ...]
    fixed: tuple[tuple[int, float], ...]
    ties: tuple[Tie, ...]
    n_inputs: int
    n_outputs: int


class Program(NamedTuple):
    """A layout as arrays of integers.

    Attributes
    ----------
    layout : Layout
    arrays : tuple of ndarray
        What the template points to.
    full : ndarray, shape (n_full,)
        Values of fixed parameters, NaN elsewhere.
    template : ndarray, shape (PROBLEM_SIZE,)
        The problem without data; buffers are offsets into the working memory.
    is_offset : ndarray, shape (PROBLEM_SIZE,)
        1 where the template holds such an offset.
    n_work : int
        Doubles of working memory, the problem itself at its end.
    """

    layout: Layout
    arrays: tuple[Any, ...]
    full: FloatArray
    template: IntArray
    is_offset: IntArray
    n_work: int


class Problem(NamedTuple):
    """A program bound to data: addresses, and what keeps them alive."""

    words: IntArray
    address: int
    work: FloatArray
    program: Program
    keep: tuple[Any, ...]


def assemble(layout: Layout) -> Program:
    """Program of a layout, its kernels compiled or loaded.

    A model keeps its layout, so the same object comes again and again; asking for its
    identity first spares the hash of the whole tree.
    """
    seen = _recent.get(id(layout))
    if seen is not None and seen[0] is layout:
        return seen[1]
    if len(_recent) >= RECENT:
        _recent.clear()
    program = _assembled(layout)
    _recent[id(layout)] = (layout, program)
    return program


@lru_cache(maxsize=512)
def _assembled(layout: Layout) -> Program:
    ops, n_slots = _operations(layout)
    ties, constants, n_tape = _ties(layout)
    full = np.full(layout.n_full, np.nan)
    for index, value in layout.fixed:
        full[index] = value
    rows, n_rows = _rows(layout)
    arrays = (ops, ties, constants, np.array(layout.free, dtype=np.int64), rows)
    template = np.zeros(PROBLEM_SIZE, dtype=np.int64)
    for slot, array in zip((OPS, TIES, TIE_CONSTANTS, FREE, ROWS), arrays, strict=True):
        template[slot] = array.ctypes.data
    if layout.ties:
        template[TIE_FUNCTION] = jit.compiled(evaluate_ties).address
    template[N_OPS] = len(ops) // OP_WIDTH
    template[N_TIES] = len(layout.ties)
    template[N_FULL] = layout.n_full
    template[N_FREE] = len(layout.free)
    template[N_OUTPUTS] = layout.n_outputs
    template[N_ROWS] = n_rows
    n_jac = layout.n_full * layout.n_outputs + layout.n_outputs + 1
    sizes = {
        FULL: layout.n_full,
        TIE_WORK: n_tape,
        VALUE: n_slots * layout.n_outputs * STRIDE,
        JAC: n_jac * STRIDE,
        TERMS: 2 * STRIDE,
        PRODUCTS: n_rows * n_rows,
    }
    is_offset = np.zeros(PROBLEM_SIZE, dtype=np.int64)
    n_work = 0
    for slot, size in sizes.items():
        template[slot] = 8 * n_work
        is_offset[slot] = 1
        n_work += size
    return Program(layout, arrays, full, template, is_offset, n_work + PROBLEM_SIZE)


def problem_of(
    program: Program,
    x: FloatArray,
    y: FloatArray | None = None,
    w: FloatArray | None = None,
    loss: int = 0,
    hyper: FloatArray | None = None,
) -> Problem:
    """Bind a program to data.

    Parameters
    ----------
    program : Program
    x : ndarray, shape (n_inputs, n)
        C-contiguous float64, as `y` and `w`.
    y, w : ndarray, shape (n_outputs, n), optional
        Data and the weights given to the loss.
    loss : int
        Address of the loss kernel.
    hyper : ndarray, optional
        Its hyper-parameters.
    """
    # One buffer for everything: asking numpy for an address takes a microsecond.
    work = np.zeros(program.n_work)
    base = _address(work)
    words = work[-PROBLEM_SIZE:].view(np.int64)
    np.add(program.template, base * program.is_offset, out=words)
    work[: program.layout.n_full] = program.full
    words[X] = _address(x)
    words[LDX] = words[LDY] = words[N_SAMPLES] = x.shape[1]
    if y is not None and w is not None:
        words[Y] = _address(y)
        words[W] = _address(w)
    words[LOSS] = loss
    if hyper is not None:
        words[HYPER] = _address(hyper)
    address = base + 8 * (program.n_work - PROBLEM_SIZE)
    return Problem(words, address, work, program, (x, y, w, hyper))


def evaluate(
    layout: Layout,
    full: FloatArray,
    x: FloatArray,
    partials: bool = False,
) -> tuple[FloatArray, FloatArray | None]:
    """Values of a model at all full parameters, ties not applied.

    Parameters
    ----------
    layout : Layout
    full : ndarray, shape (n_full,)
    x : ndarray, shape (n_inputs, n)
    partials : bool
        Whether the derivatives by all full parameters are wanted.

    Returns
    -------
    value : ndarray, shape (n_outputs, n)
    partials : ndarray, shape (n_full, n_outputs, n), or None
    """
    problem = problem_of(assemble(layout), x)
    problem.work[: layout.n_full] = full
    return tabulate(problem, None, "full" if partials else None)


def tabulate(
    problem: Problem, theta: FloatArray | None, partials: str | None = None
) -> tuple[FloatArray, FloatArray | None]:
    """Values of a bound model at free parameters `theta` (None: as they stand).

    `partials` may be "full" (by all full parameters, ties not applied) or "free".
    """
    layout = problem.program.layout
    n = int(problem.words[N_SAMPLES])
    value = np.empty((layout.n_outputs, n))
    n_rows = {None: 0, "full": layout.n_full, "free": len(layout.free)}[partials]
    jac = np.empty((n_rows, layout.n_outputs, n)) if partials else None
    jit.compiled(tabulate_all).call(
        problem.address,
        None if theta is None else _address(theta),
        _address(value),
        None if jac is None else _address(jac),
        theta is not None,
        partials == "free",
    )
    return value, jac


def _address(array: Any) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _operations(layout: Layout) -> tuple[IntArray, int]:
    """Operations with slots of a stack and ranges of rows."""
    words: list[int] = []
    stack: list[tuple[int, int]] = []
    deepest = 0
    for operation in layout.operations:
        if isinstance(operation, Evaluate):
            n_parameters = len(POINTS[operation.point].parameters)
            address = blocks.component(operation.point).address
            words += [EVALUATE, address, operation.offset, len(stack), 0, 0]
            stack.append((operation.offset, operation.offset + n_parameters))
            deepest = max(deepest, len(stack))
        else:
            right, left = stack.pop(), stack.pop()
            slot = len(stack)
            words += [operation, slot, left[0], right[0], right[1], 0]
            stack.append((left[0], right[1]))
    return np.array(words, dtype=np.int64), deepest


def _ties(layout: Layout) -> tuple[IntArray, FloatArray, int]:
    """Ties one after the other, after a table of where each begins."""
    words = [0] * len(layout.ties)
    constants: list[float] = []
    n_tape = 0
    for number, tie in enumerate(layout.ties):
        words[number] = len(words)
        n_codes = len(tie.tape.codes)
        words += [tie.target, n_codes, len(constants), n_tape]
        words += [word for step in tie.tape.codes for word in step]
        constants += tie.tape.constants
        n_tape += 2 * n_codes
    return np.array(words, dtype=np.int64), np.array(constants), n_tape


def _rows(layout: Layout) -> tuple[IntArray, int]:
    """Per output: where the rows of the Gauss-Newton sums begin, padded to fours.

    The free parameters come first, then the residual, then a row of zeros as often as
    needed.
    """
    n_outputs = layout.n_outputs
    n_rows = -(-(len(layout.free) + 1) // 4) * 4
    rows = np.empty((n_outputs, n_rows), dtype=np.int64)
    for output in range(n_outputs):
        starts = [index * n_outputs + output for index in layout.free]
        starts.append(layout.n_full * n_outputs + output)
        starts += [(layout.n_full + 1) * n_outputs] * (n_rows - len(starts))
        rows[output] = np.array(starts) * STRIDE
    return rows.ravel(), n_rows


@routine
def resolve(problem: Any, theta: Any) -> None:
    """Full parameters from free ones: copy, then evaluate the ties in order."""
    full = as_floats(problem[FULL])
    free = as_integers(problem[FREE])
    for k in range(problem[N_FREE]):
        full[free[k]] = theta[k]
    if problem[N_TIES] > 0:
        call_ties(problem[TIE_FUNCTION], problem)


@entry(TIES_SIGNATURE)
def evaluate_ties(problem: Any) -> None:
    """Values of tied parameters and the derivatives of their expressions, in order."""
    full = as_floats(problem[FULL])
    ties = as_integers(problem[TIES])
    for number in range(problem[N_TIES]):
        tie = offset(ties, ties[number])
        constants = offset(as_floats(problem[TIE_CONSTANTS]), tie[2])
        values = offset(as_floats(problem[TIE_WORK]), tie[3])
        full[tie[0]] = forward(offset(tie, 4), tie[1], constants, full, values)
        backward(offset(tie, 4), tie[1], values, offset(values, tie[1]))


@routine
def run_block(problem: Any, start: Any, count: Any, with_partials: Any) -> None:
    """Values of the composite to the first slot, partials to their rows if wanted."""
    ops = as_integers(problem[OPS])
    x = offset(as_floats(problem[X]), start)
    full = as_floats(problem[FULL])
    n_outputs = problem[N_OUTPUTS]
    for k in range(problem[N_OPS]):
        op = offset(ops, k * OP_WIDTH)
        if op[0] == EVALUATE:
            rows = as_floats(0)
            if with_partials:
                rows = row(problem, op[2] * n_outputs)
            value = slot(problem, op[3])
            params = offset(full, op[2])
            call_component(op[1], params, x, problem[LDX], count, value, rows, full)
        elif op[0] == ADD:
            for o in range(n_outputs):
                left = offset(slot(problem, op[1]), o * STRIDE)
                add_scaled(
                    left, offset(slot(problem, op[1] + 1), o * STRIDE), 1.0, count
                )
        else:
            _multiply(problem, op, with_partials, count)


@routine
def apply_ties(problem: Any, count: Any) -> None:
    """Chain rule: rows of tied parameters into the rows of what they depend on."""
    ties = as_integers(problem[TIES])
    n_outputs = problem[N_OUTPUTS]
    n_ties = problem[N_TIES]
    for number in range(n_ties):
        tie = offset(ties, ties[n_ties - 1 - number])
        adjoints = offset(as_floats(problem[TIE_WORK]), tie[3] + tie[1])
        for k in range(tie[1]):
            code = offset(tie, 4 + 3 * k)
            if code[0] == PARAMETER:
                for o in range(n_outputs):
                    source = row(problem, tie[0] * n_outputs + o)
                    target = row(problem, code[1] * n_outputs + o)
                    add_scaled(target, source, adjoints[k], count)


@routine
def slot(problem: Any, number: Any) -> Any:
    """Values in slot `number` of the stack."""
    return offset(as_floats(problem[VALUE]), number * problem[N_OUTPUTS] * STRIDE)


@routine
def row(problem: Any, number: Any) -> Any:
    """Row `number` of the block's Jacobian."""
    return offset(as_floats(problem[JAC]), number * STRIDE)


@routine
def add_scaled(target: Any, source: Any, factor: Any, count: Any) -> None:
    """target += factor * source."""
    for i in range(count):
        target[i] += factor * source[i]


@routine
def scale(target: Any, factors: Any, count: Any) -> None:
    """target *= factors."""
    for i in range(count):
        target[i] *= factors[i]


@routine
def scale_complex(re: Any, im: Any, factor_re: Any, factor_im: Any, count: Any) -> None:
    """Complex target *= factors."""
    for i in range(count):
        a = re[i] * factor_re[i] - im[i] * factor_im[i]
        im[i] = re[i] * factor_im[i] + im[i] * factor_re[i]
        re[i] = a


@routine
def _multiply(problem: Any, op: Any, with_partials: Any, count: Any) -> None:
    """Product rule on two slots and the rows of both sides."""
    left = slot(problem, op[1])
    right = slot(problem, op[1] + 1)
    if with_partials:
        _scale_rows(problem, op[2], op[3], right, count)
        _scale_rows(problem, op[3], op[4], left, count)
    if problem[N_OUTPUTS] == 1:
        scale(left, right, count)
    else:
        right_im = offset(right, STRIDE)
        scale_complex(left, offset(left, STRIDE), right, right_im, count)


@routine
def _scale_rows(problem: Any, first: Any, stop: Any, factor: Any, count: Any) -> None:
    for k in range(first, stop):
        if problem[N_OUTPUTS] == 1:
            scale(row(problem, k), factor, count)
        else:
            re = row(problem, 2 * k)
            im = row(problem, 2 * k + 1)
            scale_complex(re, im, factor, offset(factor, STRIDE), count)


@entry("void(i64*, f64*, f64*, f64*, i64, i64)")
def tabulate_all(
    problem: Any, theta: Any, value: Any, jac: Any, has_theta: Any, by_free: Any
) -> None:
    """Values, and partials unless `jac` is NULL, of all samples.

    With `by_free` the rows are those of the free parameters, ties applied; otherwise of
    all full parameters. Row (p, output) of `jac` has one entry per sample.
    """
    if has_theta != 0:
        resolve(problem, theta)
    n = problem[N_SAMPLES]
    n_outputs = problem[N_OUTPUTS]
    free = as_integers(problem[FREE])
    wanted = not is_null(jac)
    n_rows = problem[N_FREE] if by_free != 0 else problem[N_FULL]
    start = 0
    while start < n:
        count = min(BLOCK, n - start)
        run_block(problem, start, count, wanted)
        if wanted and by_free != 0:
            apply_ties(problem, count)
        for o in range(n_outputs):
            result = offset(value, o * n + start)
            copy(result, offset(slot(problem, 0), o * STRIDE), count)
            if wanted:
                for k in range(n_rows):
                    index = free[k] if by_free != 0 else k
                    result = offset(jac, (k * n_outputs + o) * n + start)
                    copy(result, row(problem, index * n_outputs + o), count)
        start += BLOCK


@routine
def copy(target: Any, source: Any, count: Any) -> None:
    """target = source."""
    for i in range(count):
        target[i] = source[i]
