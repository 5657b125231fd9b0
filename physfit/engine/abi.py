"""What compiled code and Python agree on: sizes, signatures, pointers.

A component kernel computes a block of at most `BLOCK` samples:

    void component(params, x, ldx, n, value, jac, extra)

`x[d * ldx + i]` is coordinate `d` of sample `i`; `value[o * STRIDE + i]` output `o`
(one for real, two for complex models); `jac[(p * n_outputs + o) * STRIDE + i]` its
derivative by parameter `p`, or `jac` is NULL and only values are wanted; `extra` is
for tables. A loss kernel gives the sum of rho over a block and, where the pointers
are not NULL, slope, weight and curvature (see `kernels.registry.LossKernel`):

    double loss(y, f, w, n, hyper, slope, weight, curvature)

Drivers reach the sums over all samples by address too, and those the evaluation of
ties, so that each is compiled once and a driver knows no more than this (see
`program` for the problem):

    double sums(problem, theta, gradient, gauss_newton)
    void ties(problem)

The minibatch loop reaches the gradient of a range of rows, and each transform of a
chain, in the same way (see `descent` and `chain`):

    double gradient(problem, theta, start, stop, out)
    void transform(vectors, numbers, state, hyper, n)

Fits of many rows reach the guess of a row's start values so; parameters that are NaN in
`full` are to be filled in (see `many`):

    void guess(plan, x, ldx, y, w, n, full, work)

The row stride is a constant of the compiler: with a stride known only at run time short
blocks stay scalar, and from 15 parameters on all of them (alias checks). It is not a
power of two, because then the rows of a Jacobian fall into the same cache sets.

The functions are pointer arithmetic. In the interpreter a pointer is a numpy array; in
compiled code the functions of `intrinsics` with the same names stand in for them.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.roles import intrinsic

__all__ = [
    "BLOCK",
    "COMPONENT",
    "GRADIENT",
    "GUESS",
    "LOSS",
    "STRIDE",
    "SUMS",
    "TIES",
    "TRANSFORM",
    "as_bytes",
    "as_floats",
    "as_integers",
    "as_shorts",
    "as_singles",
    "as_spins",
    "as_words",
    "call_component",
    "call_gradient",
    "call_guess",
    "call_loss",
    "call_sums",
    "call_ties",
    "call_transform",
    "claim",
    "is_null",
    "offset",
    "popcount",
]

#: Samples in a block.
BLOCK = 256
#: Doubles from one row of a block to the next.
STRIDE = 264

COMPONENT = "void(f64*, f64*, i64, i64, f64*, f64*, f64*)"
LOSS = "f64(f64*, f64*, f64*, i64, f64*, f64*, f64*, f64*)"
SUMS = "f64(i64*, f64*, f64*, f64*)"
TIES = "void(i64*)"
GRADIENT = "f64(i64*, f64*, i64, i64, f64*)"
TRANSFORM = "void(f64*, f64*, f64*, f64*, i64)"
GUESS = "void(i64*, f64*, i64, f64*, f64*, i64, f64*, f64*)"


@intrinsic
def offset(pointer: Any, count: Any) -> Any:
    """Pointer `count` elements further."""
    return pointer[count:]


@intrinsic
def is_null(pointer: Any) -> bool:
    """Whether the pointer is NULL (None in the interpreter)."""
    return pointer is None


@intrinsic
def popcount(word: int) -> int:
    """How many bits of a 64-bit word are set."""
    return (int(word) & 0xFFFFFFFFFFFFFFFF).bit_count()


@intrinsic
def as_floats(address: int) -> Any:
    """Pointer to float64 at an address; compiled code only."""
    raise TypeError("addresses have no meaning in the interpreter")


@intrinsic
def as_bytes(address: int) -> Any:
    """Pointer to uint8 at an address; compiled code only."""
    raise TypeError("addresses have no meaning in the interpreter")


@intrinsic
def as_integers(address: int) -> Any:
    """Pointer to int64 at an address; compiled code only."""
    raise TypeError("addresses have no meaning in the interpreter")


@intrinsic
def as_words(address: int) -> Any:
    """Pointer to int32 at an address; compiled code only."""
    raise TypeError("addresses have no meaning in the interpreter")


@intrinsic
def as_shorts(address: int) -> Any:
    """Pointer to int16 at an address; compiled code only."""
    raise TypeError("addresses have no meaning in the interpreter")


@intrinsic
def as_spins(address: int) -> Any:
    """Pointer to int8 at an address; compiled code only."""
    raise TypeError("addresses have no meaning in the interpreter")


@intrinsic
def as_singles(address: int) -> Any:
    """Pointer to float32 at an address; compiled code only."""
    raise TypeError("addresses have no meaning in the interpreter")


@intrinsic
def call_component(address: int, *arguments: Any) -> None:
    """Call a component kernel by address; compiled code only."""
    raise TypeError("addresses have no meaning in the interpreter")


@intrinsic
def call_loss(address: int, *arguments: Any) -> float:
    """Call a loss kernel by address, giving the sum of rho; compiled code only."""
    raise TypeError("addresses have no meaning in the interpreter")


@intrinsic
def call_sums(address: int, *arguments: Any) -> float:
    """Call cost, gradient and Gauss-Newton sums by address; compiled code only."""
    raise TypeError("addresses have no meaning in the interpreter")


@intrinsic
def call_ties(address: int, problem: Any) -> None:
    """Call the evaluation of ties by address; compiled code only."""
    raise TypeError("addresses have no meaning in the interpreter")


@intrinsic
def call_gradient(address: int, *arguments: Any) -> float:
    """Call the gradient of a range of rows by address; compiled code only."""
    raise TypeError("addresses have no meaning in the interpreter")


@intrinsic
def call_transform(address: int, *arguments: Any) -> None:
    """Call a transform of a step by address; compiled code only."""
    raise TypeError("addresses have no meaning in the interpreter")


@intrinsic
def call_guess(address: int, *arguments: Any) -> None:
    """Call the guess of a row's start values by address; compiled code only."""
    raise TypeError("addresses have no meaning in the interpreter")


@intrinsic
def claim(counter: Any, count: int) -> int:
    """Add to a counter that threads share; returns what it was, in one move."""
    before = int(counter[0])
    counter[0] = before + count
    return before
