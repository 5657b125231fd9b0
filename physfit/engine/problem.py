"""A model bound to data, as the compiled core finds it: one array of integers.

`assemble` turns a layout into a program, arrays of integers without data; `problem_of`
binds a program to data and working memory. The entries of a problem are named below.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.engine import blocks, jit
from physfit.engine.abi import STRIDE
from physfit.engine.layout import EVALUATE, Evaluate, Layout
from physfit.engine.slots import (
    BUFFERS,
    FREE,
    FULL,
    HYPER,
    JAC,
    LDX,
    LDY,
    LOSS,
    N_FREE,
    N_FULL,
    N_OPS,
    N_OUTPUTS,
    N_ROWS,
    N_SAMPLES,
    N_TIES,
    OP_WIDTH,
    OPS,
    PROBLEM_SIZE,
    PRODUCTS,
    ROWS,
    SHAPE,
    SPINS,
    TERMS,
    TIE_CONSTANTS,
    TIE_FUNCTION,
    TIE_WORK,
    TIES,
    VALUE,
    W,
    X,
    Y,
)
from physfit.engine.spin_component import spin_component
from physfit.engine.spin_table import spin_table, spin_work
from physfit.engine.ties import evaluate_ties
from physfit.kernels.registry import POINTS
from physfit.typing import FloatArray, IntArray

__all__ = ["Problem", "Program", "address_of", "assemble", "problem_of", "release"]

#: Doubles of data that are copied into the working memory.
SMALL = 8192
#: Memories that a program keeps for the next problem.
SPARE = 4
#: Layouts whose programs are found by identity.
RECENT = 256
_recent: dict[int, tuple[Layout, Program]] = {}


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
    n_work : int
        Doubles of working memory, the problem itself at its end.
    zeros : slice
        Where the row of zeros stands in it.
    spare : list of Memory
        Released by problems that are done; the only part of a program that changes.
    """

    layout: Layout
    arrays: tuple[Any, ...]
    full: FloatArray
    template: IntArray
    n_work: int
    zeros: slice
    spare: list[Memory]


class Memory(NamedTuple):
    """Working memory of a program, with room for the data behind it or none."""

    work: FloatArray
    words: IntArray
    base: int
    address: int
    room: int


class Problem(NamedTuple):
    """A program bound to data: the problem's address, and what keeps it alive."""

    address: int
    memory: Memory
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
    ops, n_slots, tables = _operations(layout)
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
    n_jac = layout.n_full * layout.n_outputs + 1
    sizes = {
        FULL: layout.n_full,
        TIE_WORK: n_tape,
        VALUE: n_slots * layout.n_outputs * STRIDE,
        JAC: n_jac * STRIDE,
        TERMS: 2 * STRIDE,
        PRODUCTS: n_rows * (n_rows + 1),
        SPINS: _spin_work(layout),
    }
    n_work = 0
    for slot, size in sizes.items():
        template[slot] = 8 * n_work
        n_work += size
    zeros = int(template[JAC]) // 8 + (n_jac - 1) * STRIDE
    return Program(
        layout,
        (*arrays, *tables),
        full,
        template,
        n_work + PROBLEM_SIZE,
        slice(zeros, zeros + STRIDE),
        [],
    )


def problem_of(
    program: Program,
    x: NDArray[Any],
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
        C-contiguous float64, as `y` and `w`; or spins, one configuration a row, as
        int8 of shape (n, n_spins), for `spin_gradient` and `spin_values`.
    y, w : ndarray, shape (n_outputs, n), optional
        Data and the weights given to the loss.
    loss : int
        Address of the loss kernel.
    hyper : ndarray, optional
        Its hyper-parameters.
    """
    columns = [] if x.dtype == np.int8 else [(X, x)]
    if y is not None and w is not None and hyper is not None:
        columns += [(Y, y), (W, w), (HYPER, hyper)]
    size = 0
    for _, column in columns:
        size += column.size
    memory = _memory(program, SMALL if size <= SMALL else 0)
    work, words = memory.work, memory.words
    work[: program.layout.n_full] = program.full
    place = program.n_work
    for entry, column in columns:
        if size <= SMALL:
            stop = place + column.size
            work[place:stop] = column if column.ndim == 1 else column.reshape(-1)
            words[entry] = memory.base + 8 * place
            place = stop
        else:
            words[entry] = address_of(column)
    words[SHAPE] = x.shape[1]
    if x.dtype == np.int8:
        words[X] = address_of(x)
        words[LDX] = x.shape[1]
        words[LDY] = words[N_SAMPLES] = len(x)
    words[LOSS] = loss
    return Problem(memory.address, memory, program, (x, y, w, hyper))


def release(problem: Problem) -> None:
    """Give back the memory of a problem that nobody will use again.

    A loop over curves then binds each to the memory of the one before.
    """
    spare = problem.program.spare
    if problem.memory.room and len(spare) < SPARE:
        spare.append(problem.memory)


def _memory(program: Program, room: int) -> Memory:
    """Working memory with room for so many doubles of data; a spare one if possible."""
    if room:
        try:
            return program.spare.pop()
        except IndexError:
            pass
    n_work = program.n_work
    # One buffer for everything: asking numpy for an address takes a microsecond.
    work = np.empty(n_work + room)
    work[program.zeros] = 0.0
    base = address_of(work)
    words = work[n_work - PROBLEM_SIZE : n_work].view(np.int64)
    words[:] = program.template
    words[BUFFERS] += base
    return Memory(work, words, base, base + 8 * (n_work - PROBLEM_SIZE), room)


def address_of(array: Any) -> int:
    """Address of an array's data."""
    address: int = array.__array_interface__["data"][0]
    return address


def _spin_work(layout: Layout) -> int:
    """Doubles of working memory for sums of products of spins."""
    sizes = [
        spin_work(operation.products)
        for operation in layout.operations
        if isinstance(operation, Evaluate) and operation.products is not None
    ]
    return max(sizes, default=0)


def _operations(layout: Layout) -> tuple[IntArray, int, list[FloatArray]]:
    """Operations with slots of a stack and ranges of rows, and tables they point to."""
    words: list[int] = []
    tables: list[FloatArray] = []
    stack: list[tuple[int, int]] = []
    deepest = 0
    for operation in layout.operations:
        if isinstance(operation, Evaluate):
            address, n_parameters, table = _component(operation)
            tables += [] if table is None else [table]
            place = 0 if table is None else address_of(table)
            words += [EVALUATE, address, operation.offset, len(stack), place, 0]
            stack.append((operation.offset, operation.offset + n_parameters))
            deepest = max(deepest, len(stack))
        else:
            right, left = stack.pop(), stack.pop()
            slot = len(stack)
            words += [operation, slot, left[0], right[0], right[1], 0]
            stack.append((left[0], right[1]))
    return np.array(words, dtype=np.int64), deepest, tables


def _component(operation: Evaluate) -> tuple[int, int, FloatArray | None]:
    """Address of a component kernel, its number of parameters, its table if any."""
    products = operation.products
    if products is not None:
        address = jit.compiled(spin_component).address
        return address, products.n_parameters, spin_table(products)
    n_parameters = len(POINTS[operation.point].parameters)
    return blocks.component(operation.point).address, n_parameters, None


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
    """Per output: where the rows of the free parameters begin.

    A row of zeros fills them up to a multiple of four.
    """
    n_outputs = layout.n_outputs
    n_rows = -(-len(layout.free) // 4) * 4
    rows = np.empty((n_outputs, n_rows), dtype=np.int64)
    for output in range(n_outputs):
        starts = [index * n_outputs + output for index in layout.free]
        starts += [layout.n_full * n_outputs] * (n_rows - len(starts))
        rows[output] = np.array(starts) * STRIDE
    return rows.ravel(), n_rows
