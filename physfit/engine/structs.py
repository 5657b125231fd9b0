"""The problem as compiled code sees it: a program, its data, its working memory."""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import STRIDE, as_floats, at, offset
from physfit.engine.roles import routine
from physfit.engine.struct import Struct

__all__ = ["Operation", "Problem", "add_scaled", "operation", "row", "stack_entry"]


class Operation(Struct):
    """One step of a program; parameters and rows are numbered as the full ones.

    A component writes to the stack, from `first` to `stop` are its parameters. An
    operation on one or two entries of the stack leaves its result in the first of
    them: their parameters are those from `first` to `middle` and from there to `stop`.
    """

    code: int
    entry: int
    first: int
    middle: int
    stop: int
    #: Address of a block kernel, or of a function of values.
    function: int
    prepare: int
    context: int
    #: Place of its own memory in the scratch: so many doubles, and per sample.
    scratch: int
    scratch_per_sample: int
    #: Whether a real component is part of a complex program.
    is_widened: int


#: Bytes of an operation.
OPERATION = 8 * Operation.SIZE


class Problem(Struct):
    """A program bound to data: numbers, and addresses of arrays."""

    #: Of the problem itself.
    address: int
    operations: int
    n_operations: int
    #: How many operations have to be prepared.
    n_prepared: int
    #: Address of what takes slopes back to the parameters of the only component; or 0.
    pull: int
    ties: int
    n_ties: int
    tie_constants: int
    tie_function: int
    n_full: int
    free: int
    n_free: int
    #: Doubles of a value: 2 where any part of the model is complex.
    width: int
    n_outputs: int
    #: Where the rows of the free parameters begin, for each output.
    rows: int
    n_rows: int
    loss: int
    x: int
    y: int
    weights: int
    hyper: int
    #: Bytes from a sample to the next in x.
    sample_bytes: int
    # Shape of the data; the working memory has room for `capacity` samples.
    ldx: int
    ldy: int
    n_samples: int
    capacity: int
    # Buffers of the working memory.
    full: int
    tie_work: int
    stack: int
    jac: int
    terms: int
    products: int
    scratch: int


@routine
def operation(problem: Any, number: Any) -> Any:
    """Operation of that number."""
    return at(problem.operations + number * OPERATION, Operation)


@routine
def stack_entry(problem: Any, number: Any) -> Any:
    """Values of a block in an entry of the stack."""
    return offset(as_floats(problem.stack), number * problem.width * STRIDE)


@routine
def row(problem: Any, number: Any) -> Any:
    """Row `number` of the block's Jacobian."""
    return offset(as_floats(problem.jac), number * STRIDE)


@routine
def add_scaled(target: Any, source: Any, factor: Any, count: Any) -> None:
    """target += factor * source."""
    for i in range(count):
        target[i] += factor * source[i]
