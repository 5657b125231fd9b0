"""What compiled code and Python agree on: sizes, signatures, pointers.

A block kernel computes a block of at most `BLOCK` samples from `start` on:

    void component(params, x, ldx, start, n, value, jac, context, scratch)

`x` points to the first of them: coordinate `d` of sample `i` of the block is
`x[d * ldx + i]` (for spins rows of int8, `ldx` bytes apart, stand there).
`value[o * STRIDE + i]` is its output `o` (one for real, two for complex kernels);
`jac[(p * n_outputs + o) * STRIDE + i]` its derivative by parameter `p`, or `jac` is
NULL and only values are wanted. `context` holds the addresses of the kernel's constant
arrays, `scratch` is memory of its own. What has to be done once for each new set of
parameters stands in

    void prepare(params, x, ldx, n, wanted, context, scratch)

with all `n` samples in view; `wanted` says whether derivatives will be asked for. A
kernel that is linear in its parameters may take slopes of the loss back to them without
a Jacobian, block by block, and at the end once more with `slope` NULL:

    void pull(slope, start, n, total, context, scratch)

A loss kernel gives the sum of rho over a block and, where the pointers are not NULL,
slope, weight and curvature (see `kernels.registry.LossKernel`):

    double loss(y, f, w, n, hyper, slope, weight, curvature)

Drivers reach the sums over all samples by address too, and those the evaluation of
ties, so that each is compiled once and a driver knows no more than this (see
`structs` for the problem, whose address they are given):

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

Most of the functions exist in compiled code only, where those of `intrinsics` with the
same names stand in for them. The others are pointer arithmetic, which tests run in the
interpreter too: a pointer is a numpy array there.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.roles import intrinsic

__all__ = ["BLOCK", "COMPONENT", "FUNCTION", "GRADIENT", "GUESS", "LOSS", "PREPARE"]
__all__ += ["PULL", "STRIDE", "SUMS", "TIES", "TRANSFORM", "address_at", "as_bytes"]
__all__ += ["as_floats", "as_integers", "as_shorts", "as_singles", "as_spins"]
__all__ += ["as_words", "at", "behind", "call_component", "call_function"]
__all__ += ["call_gradient", "call_guess", "call_loss", "call_prepare", "call_pull"]
__all__ += ["call_sums", "call_ties", "call_transform", "claim", "is_null", "offset"]
__all__ += ["popcount"]

#: Samples in a block.
BLOCK = 256
#: Doubles from one row of a block to the next.
STRIDE = 264

COMPONENT = "void(f64*, f64*, i64, i64, i64, f64*, f64*, i64*, f64*)"
PREPARE = "void(f64*, f64*, i64, i64, i64, i64*, f64*)"
PULL = "void(f64*, i64, i64, f64*, i64*, f64*)"
FUNCTION = "void(f64*, f64*, i64)"
LOSS = "f64(f64*, f64*, f64*, i64, f64*, f64*, f64*, f64*)"
SUMS = "f64(i64, f64*, f64*, f64*)"
TIES = "void(i64)"
GRADIENT = "f64(i64, f64*, i64, i64, f64*)"
TRANSFORM = "void(f64*, f64*, f64*, f64*, i64)"
GUESS = "void(i64*, f64*, i64, f64*, f64*, i64, f64*, f64*)"


class Intrinsic:
    """A function of `intrinsics` that has no meaning in the interpreter."""

    __physfit_role__ = "intrinsic"

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __reduce__(self) -> str:
        return self.__name__  # pickled by its name, as functions are


# Pointers to numbers at an address, and to the struct there (see `struct`).
as_floats: Any = Intrinsic("as_floats")
as_integers: Any = Intrinsic("as_integers")
as_bytes: Any = Intrinsic("as_bytes")
as_words: Any = Intrinsic("as_words")
as_shorts: Any = Intrinsic("as_shorts")
as_spins: Any = Intrinsic("as_spins")
as_singles: Any = Intrinsic("as_singles")
at: Any = Intrinsic("at")
address_at: Any = Intrinsic("address_at")
# Calls by address, with the signatures above.
call_component: Any = Intrinsic("call_component")
call_prepare: Any = Intrinsic("call_prepare")
call_pull: Any = Intrinsic("call_pull")
call_function: Any = Intrinsic("call_function")
call_loss: Any = Intrinsic("call_loss")
call_sums: Any = Intrinsic("call_sums")
call_ties: Any = Intrinsic("call_ties")
call_gradient: Any = Intrinsic("call_gradient")
call_transform: Any = Intrinsic("call_transform")
call_guess: Any = Intrinsic("call_guess")


@intrinsic
def offset(pointer: Any, count: Any) -> Any:
    """Pointer `count` elements further."""
    return pointer[count:]


@intrinsic
def behind(struct: Any) -> Any:
    """Pointer to the doubles behind a struct."""
    return struct.words[struct.struct.SIZE :]


@intrinsic
def is_null(pointer: Any) -> bool:
    """Whether the pointer is NULL (None in the interpreter)."""
    return pointer is None


@intrinsic
def popcount(word: int) -> int:
    """How many bits of a 64-bit word are set."""
    return (int(word) & 0xFFFFFFFFFFFFFFFF).bit_count()


@intrinsic
def claim(counter: Any, count: int) -> int:
    """Add to a counter that threads share; returns what it was, in one move."""
    before = int(counter[0])
    counter[0] = before + count
    return before
