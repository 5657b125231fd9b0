"""Pointer arithmetic and calls by address, for numba.

This is the only module that speaks LLVM. Generated modules import it; nothing else
does, so that a process whose kernels are all cached never imports numba. Its text is
part of the hash of every compiled entry. `abi.py` holds the same names for the
interpreter.
"""

from __future__ import annotations

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

F64 = types.CPointer(types.float64)
I64 = types.CPointer(types.int64)
I32 = types.CPointer(types.int32)
I16 = types.CPointer(types.int16)
I8 = types.CPointer(types.int8)
U8 = types.CPointer(types.uint8)
F32 = types.CPointer(types.float32)
WORD = ir.IntType(64)


@intrinsic
def offset(_context, pointer, count):
    """Pointer `count` elements further."""

    def build(_context, builder, _signature, args):
        return builder.gep(args[0], [args[1]])

    return pointer(pointer, types.int64), build


@intrinsic
def is_null(_context, pointer):
    """Whether the pointer is NULL."""

    def build(_context, builder, _signature, args):
        word = builder.ptrtoint(args[0], WORD)
        return builder.icmp_unsigned("==", word, ir.Constant(WORD, 0))

    return types.boolean(pointer), build


@intrinsic
def address_at(_context, pointer):
    """Address that a pointer holds."""

    def build(_context, builder, _signature, args):
        return builder.ptrtoint(args[0], WORD)

    return types.int64(pointer), build


def _cast(target):
    def typed(_context, address):
        def build(context, builder, signature, args):
            return builder.inttoptr(
                args[0], context.get_value_type(signature.return_type)
            )

        return target(types.int64), build

    return typed


as_floats = intrinsic(_cast(F64))
as_integers = intrinsic(_cast(I64))
as_words = intrinsic(_cast(I32))
as_shorts = intrinsic(_cast(I16))
as_spins = intrinsic(_cast(I8))
as_bytes = intrinsic(_cast(U8))
as_singles = intrinsic(_cast(F32))


@intrinsic
def at(_context, address, struct):
    """Pointer to the struct at an address; its fields are attributes."""

    def build(context, builder, signature, args):
        return builder.inttoptr(args[0], context.get_value_type(signature.return_type))

    return struct.dtype(types.int64, struct), build


@intrinsic
def behind(_context, struct):
    """Pointer to the doubles behind a struct."""

    def build(context, builder, _signature, args):
        words = builder.bitcast(args[0], context.get_value_type(F64))
        return builder.gep(words, [ir.Constant(WORD, struct.size // 8)])

    return F64(struct), build


@intrinsic
def popcount(_context, word):
    """How many bits of a 64-bit word are set."""

    def build(_context, builder, _signature, args):
        return builder.ctpop(args[0])

    return types.int64(types.int64), build


def _call(result, arguments):
    def build(context, builder, _signature, args):
        kinds = [context.get_value_type(kind) for kind in arguments]
        kind = ir.FunctionType(
            ir.VoidType() if result is types.void else context.get_value_type(result),
            kinds,
        )
        function = builder.inttoptr(args[0], kind.as_pointer())
        value = builder.call(function, args[1:])
        return context.get_dummy_value() if result is types.void else value

    return result(types.int64, *arguments), build


@intrinsic
def call_component(
    _context, address, params, x, ldx, start, n, value, jac, context, scratch
):
    """Call a block kernel by address."""
    return _call(
        types.void,
        (*(F64, F64, *(types.int64,) * 3), *(F64, F64, I64, F64)),
    )


@intrinsic
def call_prepare(_context, address, params, x, ldx, n, wanted, context, scratch):
    """Call the preparation of a kernel by address."""
    return _call(types.void, (F64, F64, *(types.int64,) * 3, I64, F64))


@intrinsic
def call_pull(_context, address, slope, start, n, total, context, scratch):
    """Call what takes slopes back to parameters by address."""
    return _call(types.void, (F64, types.int64, types.int64, F64, I64, F64))


@intrinsic
def call_function(_context, address, value, slope, n):
    """Call a function of the values of a block by address."""
    return _call(types.void, (F64, F64, types.int64))


@intrinsic
def call_loss(_context, address, y, f, w, n, hyper, slope, weight, curvature):
    """Call a loss kernel by address; return the sum of rho."""
    return _call(types.float64, (F64, F64, F64, types.int64, F64, F64, F64, F64))


@intrinsic
def call_sums(_context, address, problem, theta, gradient, gauss_newton):
    """Call what gives cost, gradient and Gauss-Newton matrix by address."""
    return _call(types.float64, (types.int64, F64, F64, F64))


@intrinsic
def call_ties(_context, address, problem):
    """Call the evaluation of ties by address."""
    return _call(types.void, (types.int64,))


@intrinsic
def call_gradient(_context, address, problem, theta, start, stop, out):
    """Call the gradient of a range of rows by address; return the sum of rho."""
    return _call(types.float64, (types.int64, F64, types.int64, types.int64, F64))


@intrinsic
def call_transform(_context, address, vectors, numbers, state, hyper, n):
    """Call a transform of a step by address."""
    return _call(types.void, (F64, F64, F64, F64, types.int64))


@intrinsic
def call_guess(_context, address, plan, x, ldx, y, w, n, full, work):
    """Call the guess of a row's start values by address."""
    return _call(types.void, (I64, F64, types.int64, F64, F64, types.int64, F64, F64))


@intrinsic
def claim(_context, counter, count):
    """Add to a counter that threads share; returns what it was, in one move."""

    def build(_context, builder, _signature, args):
        return builder.atomic_rmw("add", args[0], args[1], "monotonic")

    return types.int64(I64, types.int64), build
