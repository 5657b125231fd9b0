"""A model bound to data, as the compiled core finds it: one array of integers.

`assemble` turns a layout into a program, arrays of integers without data; `problem_of`
binds a program to data and working memory (see `structs` for what is in them).
"""

from __future__ import annotations

from ctypes import c_void_p, cast
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.engine import blocks, jit
from physfit.engine.abi import PREPARE, PULL, STRIDE
from physfit.engine.addresses import LINE, address_of
from physfit.engine.host import callback
from physfit.engine.layout import Apply, Code, Evaluate, Layout
from physfit.engine.spin_words import spin_rows
from physfit.engine.structs import Operation, Problem
from physfit.engine.ties import evaluate_ties, packed_ties
from physfit.errors import ShapeError
from physfit.kernels.kernel import Kernel
from physfit.typing import FloatArray, IntArray

__all__ = ["Bound", "Program", "assemble", "problem_of", "release", "work_size"]

SHAPE = slice(Problem.ldx, Problem.capacity + 1)
BUFFERS = slice(Problem.full, Problem.SIZE)
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
    template : ndarray, shape (Problem.SIZE,)
        The problem without data; buffers are offsets into the working memory.
    n_work : int
        Doubles of working memory, the problem itself at its end.
    scratch_per_sample : int
        Doubles that kernels need for each sample.
    takes_spins : bool
        Whether samples are rows of int8.
    calls_python : bool
        Whether a component is computed by a Python function.
    n_samples : int
        Samples of the only grid that components can be evaluated on; 0 for any.
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
    scratch_per_sample: int
    takes_spins: bool
    calls_python: bool
    n_samples: int
    zeros: slice
    spare: list[Memory]


class Memory(NamedTuple):
    """Working memory of a program, with room for the data behind it or none."""

    work: FloatArray
    words: IntArray
    base: int
    address: int
    room: int


class Bound(NamedTuple):
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
    operations, constants = _operations(layout)
    ties, tie_constants, n_tape = packed_ties(layout.ties)
    full = np.full(layout.n_full, np.nan)
    for index, value in layout.fixed:
        full[index] = value
    width = width_of(layout)
    rows, n_rows = _rows(layout, width)
    free = np.array(layout.free, dtype=np.int64)
    arrays = (operations, ties, tie_constants, free, rows)
    words = np.zeros(Problem.SIZE, dtype=np.int64)
    places = (Problem.operations, Problem.ties, Problem.tie_constants)
    for place, array in zip((*places, Problem.free, Problem.rows), arrays, strict=True):
        words[place] = array.ctypes.data
    words[Problem.n_operations] = len(operations)
    words[Problem.n_prepared] = np.count_nonzero(operations[:, Operation.prepare])
    words[Problem.pull] = _pull(layout)
    words[Problem.n_ties] = len(layout.ties)
    if layout.ties:
        words[Problem.tie_function] = jit.compiled(evaluate_ties).address
    words[Problem.n_full], words[Problem.n_free] = layout.n_full, len(layout.free)
    words[Problem.width], words[Problem.n_outputs] = width, layout.n_outputs
    words[Problem.n_rows], words[Problem.sample_bytes] = n_rows, 8
    n_jac = layout.n_full * width + 1
    n_work = 0
    for place, size in _work_sizes(layout, n_tape).items():
        words[place] = 8 * n_work
        n_work += -(-size // LINE) * LINE
    zeros = int(words[Problem.jac]) // 8 + (n_jac - 1) * STRIDE
    return Program(
        layout,
        (*arrays, *constants),
        full,
        words,
        n_work + -(-Problem.SIZE // LINE) * LINE,
        sum(kernel.scratch_per_sample for kernel in layout.kernels),
        layout.takes_spins,
        layout.calls_python,
        max(kernel.n_samples for kernel in layout.kernels),
        slice(zeros, zeros + STRIDE),
        [],
    )


def work_size(layout: Layout) -> int:
    """Doubles of working memory that a program of the layout has; nothing is compiled.

    Memory that kernels need for each sample is not among them.
    """
    n_tape = sum(len(tie.tape.codes) for tie in layout.ties)
    sizes = [*_work_sizes(layout, n_tape).values(), Problem.SIZE]
    return sum(-(-size // LINE) * LINE for size in sizes)


def _work_sizes(layout: Layout, n_tape: int) -> dict[int, int]:
    """Doubles of each part of the working memory."""
    width, n_rows = width_of(layout), -(-len(layout.free) // 4) * 4
    return {
        Problem.full: layout.n_full,
        Problem.tie_work: n_tape,
        Problem.stack: _depth(layout) * width * STRIDE,
        Problem.jac: (layout.n_full * width + 1) * STRIDE,
        Problem.terms: 2 * STRIDE,
        Problem.products: max(n_rows * (n_rows + 1), layout.n_full),
        Problem.scratch: sum(kernel.scratch for kernel in layout.kernels),
    }


def _depth(layout: Layout) -> int:
    """Entries of the stack that are in use at once, at most."""
    depth = deepest = 0
    for step in layout.operations:
        if isinstance(step, Evaluate):
            depth += 1
        elif not isinstance(step, Apply) and step <= Code.DIVIDE:
            depth -= 1
        deepest = max(deepest, depth)
    return deepest


def width_of(layout: Layout) -> int:
    """Doubles of a value: 2 where any part of the model is complex."""
    return max(kernel.n_outputs for kernel in layout.kernels)


def problem_of(
    program: Program,
    x: NDArray[Any],
    y: FloatArray | None = None,
    w: FloatArray | None = None,
    loss: int = 0,
    hyper: FloatArray | None = None,
    *,
    capacity: int = 0,
) -> Bound:
    """Bind a program to data.

    Parameters
    ----------
    program : Program
    x : ndarray, shape (n_inputs, n)
        C-contiguous float64, as `y` and `w`. For spins also rows of int8, shape
        (n, n_inputs); columns are turned into such rows.
    y, w : ndarray, shape (n_outputs, n), optional
        Data and the weights given to the loss.
    loss : int
        Address of the loss kernel.
    hyper : ndarray, optional
        Its hyper-parameters.
    capacity : int
        Samples that the data may grow to, for kernels that need the whole curve.
    """
    n, columns = x.shape[1], [(Problem.x, x)]
    if program.takes_spins:
        x = spin_rows(x)
        n, columns = len(x), []
    if program.n_samples and n != program.n_samples:
        raise ShapeError(
            f"`x` has {n} samples, but the model is one for {program.n_samples} "
            "samples alone, those of its fit; make it from its function again."
        )
    if y is not None and w is not None:
        columns += [(Problem.y, y), (Problem.weights, w)]
    if hyper is not None and hyper.size:
        columns.append((Problem.hyper, hyper))
    needs_scratch = program.scratch_per_sample > 0
    size = SMALL if needs_scratch else 0
    for _, column in columns:
        size += column.size
    memory = _memory(program, SMALL if size <= SMALL else 0)
    work, words = memory.work, memory.words
    work[: program.layout.n_full] = program.full
    place = program.n_work
    for entry, column in columns:
        if size <= SMALL:
            stop = place + column.size
            work[place:stop] = column if len(column) == 1 else column.reshape(-1)
            words[entry] = memory.base + 8 * place
            place = stop
        else:
            words[entry] = address_of(column)
    words[SHAPE] = n
    if program.takes_spins:
        words[Problem.x] = address_of(x)
        words[Problem.ldx] = words[Problem.sample_bytes] = x.shape[1]
    words[Problem.loss] = loss
    keep: tuple[Any, ...] = (x, y, w, hyper)
    if needs_scratch:
        keep = (*keep, _scratch(program, words, max(n, capacity)))
    return Bound(memory.address, memory, program, keep)


def _scratch(program: Program, words: IntArray, capacity: int) -> FloatArray:
    """Memory of kernels that need some for each sample."""
    kernels = program.layout.kernels
    fixed = sum(kernel.scratch for kernel in kernels)
    scratch = np.empty(fixed + program.scratch_per_sample * capacity)
    words[Problem.scratch], words[Problem.capacity] = address_of(scratch), capacity
    return scratch


def release(problem: Bound) -> None:
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
    space = np.empty(n_work + room + LINE)
    first = -address_of(space) // 8 % LINE
    work = space[first:]
    work[program.zeros] = 0.0
    base = address_of(work)
    words = work[n_work - Problem.SIZE : n_work].view(np.int64)
    words[:] = program.template
    words[BUFFERS] += base
    address = base + 8 * (n_work - Problem.SIZE)
    words[Problem.address] = address
    return Memory(work, words, base, address, room)


def _operations(layout: Layout) -> tuple[IntArray, list[Any]]:
    """Operations as rows of words, and the arrays that they point to."""
    words = np.zeros((len(layout.operations), Operation.SIZE), dtype=np.int64)
    width, constants = width_of(layout), list[Any]()
    stack: list[tuple[int, int]] = []
    n_scratch = by_sample = 0
    for step, line in zip(layout.operations, words, strict=True):
        if isinstance(step, Evaluate):
            kernel = step.kernel
            line[Operation.scratch] = n_scratch
            line[Operation.scratch_per_sample] = by_sample
            n_scratch += kernel.scratch
            by_sample += kernel.scratch_per_sample
            constants += _evaluated(step, line)
            line[Operation.is_widened] = kernel.n_outputs < width
            first, stop = step.offset, step.offset + len(kernel.parameters)
            middle = stop
        elif isinstance(step, Apply):
            first, stop = stack.pop()
            middle = stop
            function = blocks.function_of_values(step.function)
            line[Operation.code], line[Operation.function] = (
                Code.APPLY,
                function.address,
            )
        else:
            middle, stop = stack.pop()
            first = stack.pop()[0] if step <= Code.DIVIDE else middle
            line[Operation.code] = step
        line[Operation.entry] = len(stack)
        line[[Operation.first, Operation.middle, Operation.stop]] = first, middle, stop
        stack.append((first, stop))
    return words, constants


def _evaluated(step: Evaluate, line: IntArray) -> list[Any]:
    """Write down the evaluation of a component; the arrays that it points to."""
    kernel = step.kernel
    line[Operation.code] = Code.EVALUATE
    if kernel.host is not None:
        return [kernel, _called(kernel, line)]
    line[Operation.function] = blocks.component(kernel).address
    if kernel.prepare is not None:
        line[Operation.prepare] = blocks.part(kernel.prepare, PREPARE).address
    arrays = kernel.context.arrays
    facts = [fact for own in arrays for fact in (address_of(own), own.size)]
    inner = [assemble(own) for own in kernel.inner]
    facts += [fact for own in inner for fact in (address_of(own.template), own.n_work)]
    context = np.array(facts, dtype=np.int64)
    line[Operation.context] = context.ctypes.data
    return [context, kernel, inner]


def _called(kernel: Kernel, line: IntArray) -> Any:
    """Write down the evaluation of a Python function; what must be held for it."""
    function = callback(kernel)
    address = cast(function, c_void_p).value or 0
    if kernel.needs_whole_curve:
        line[Operation.prepare] = address
        line[Operation.function] = blocks.component(kernel).address
    else:
        line[Operation.function] = address
    return function


def _pull(layout: Layout) -> int:
    """Address of what takes slopes back to the parameters of a single component."""
    first = layout.operations[0]
    if len(layout.operations) > 1 or not isinstance(first, Evaluate):
        return 0
    pull = first.kernel.pull
    return 0 if pull is None else blocks.part(pull, PULL).address


def _rows(layout: Layout, width: int) -> tuple[IntArray, int]:
    """Per output: where the rows of the free parameters begin.

    A row of zeros fills them up to a multiple of four.
    """
    n_outputs = layout.n_outputs
    n_rows = -(-len(layout.free) // 4) * 4
    rows = np.empty((n_outputs, n_rows), dtype=np.int64)
    for output in range(n_outputs):
        starts = [index * width + output for index in layout.free]
        starts += [layout.n_full * width] * (n_rows - len(starts))
        rows[output] = np.array(starts) * STRIDE
    return rows.ravel(), n_rows
