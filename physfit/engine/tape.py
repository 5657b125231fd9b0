"""Expressions of parameters as tapes: value and exact gradient.

A tape is a list of steps in single assignment form; step `k` is `(op, a, b)` and its
value is entry `k`. `a` and `b` are earlier steps, but for `constant`, where `a` numbers
the constant, and for `parameter`, where `a` numbers the full parameter. The gradient is
one backward sweep over the same steps (reverse mode), exact to rounding.

The two sweeps are written once: interpreted for derived quantities, compiled for ties.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from physfit.engine.roles import routine
from physfit.kernels.special import erf, erfcx
from physfit.kernels.voigt_width import voigt_fwhm, voigt_height
from physfit.typing import FloatArray

__all__ = ["TAPE_OPS", "Tape", "backward", "forward", "tape_gradient"]

CONSTANT = 0
PARAMETER = 1
ADD = 2
SUB = 3
MUL = 4
DIV = 5
POW = 6
NEG = 7
SQRT = 8
EXP = 9
LOG = 10
SIN = 11
COS = 12
TAN = 13
ATAN = 14
TANH = 15
ABS = 16
ERFCX = 17
ERF = 18
VOIGT_HEIGHT = 19
VOIGT_FWHM = 20
TWO_OVER_SQRT_PI = 1.1283791670955126

#: Codes of the operations by name.
TAPE_OPS = {
    "constant": CONSTANT,
    "parameter": PARAMETER,
    "add": ADD,
    "sub": SUB,
    "mul": MUL,
    "div": DIV,
    "pow": POW,
    "neg": NEG,
    "sqrt": SQRT,
    "exp": EXP,
    "log": LOG,
    "sin": SIN,
    "cos": COS,
    "tan": TAN,
    "atan": ATAN,
    "tanh": TANH,
    "abs": ABS,
    "erfcx": ERFCX,
    "erf": ERF,
    "voigt_height": VOIGT_HEIGHT,
    "voigt_fwhm": VOIGT_FWHM,
}


class Tape(NamedTuple):
    """Steps `(op, a, b)` of an expression, and its constants."""

    codes: tuple[tuple[int, int, int], ...]
    constants: tuple[float, ...]


@routine
def forward(codes: Any, n_codes: Any, constants: Any, full: Any, values: Any) -> Any:
    """Fill `values`, one per step; return the last, the value of the expression."""
    for k in range(n_codes):
        op = codes[3 * k]
        a = codes[3 * k + 1]
        b = codes[3 * k + 2]
        if op == CONSTANT:
            values[k] = constants[a]
        elif op == PARAMETER:
            values[k] = full[a]
        elif op <= POW:
            values[k] = _binary(op, values[a], values[b])
        elif op <= ERF:
            values[k] = _unary(op, values[a])
        else:
            values[k] = _peak(op, values[a], values[b])[0]
    return values[n_codes - 1]


@routine
def backward(codes: Any, n_codes: Any, values: Any, adjoints: Any) -> None:
    """Fill `adjoints`, the derivative of the expression by the value of each step."""
    for k in range(n_codes):
        adjoints[k] = 0.0
    adjoints[n_codes - 1] = 1.0
    for j in range(n_codes):
        k = n_codes - 1 - j
        op = codes[3 * k]
        a = codes[3 * k + 1]
        b = codes[3 * k + 2]
        seed = adjoints[k]
        if op <= PARAMETER:
            continue
        if op <= POW:
            adjoints[a] += seed * _left(op, values[a], values[b], values[k])
            adjoints[b] += seed * _right(op, values[a], values[b], values[k])
        elif op <= ERF:
            adjoints[a] += seed * _slope(op, values[a], values[k])
        else:
            _, left, right = _peak(op, values[a], values[b])
            adjoints[a] += seed * left
            adjoints[b] += seed * right


@routine
def _binary(op: Any, x: Any, y: Any) -> Any:
    if op == ADD:
        return x + y
    if op == SUB:
        return x - y
    if op == MUL:
        return x * y
    if op == DIV:
        return x / y if y != 0.0 else math.nan
    return _power(x, y)


@routine
def _left(op: Any, x: Any, y: Any, value: Any) -> Any:
    if op == MUL:
        return y
    if op == DIV:
        return 1.0 / y if y != 0.0 else math.nan
    if op == POW:
        return y * _power(x, y - 1.0) if y != 0.0 else 0.0
    return 1.0


@routine
def _right(op: Any, x: Any, y: Any, value: Any) -> Any:
    if op == ADD:
        return 1.0
    if op == SUB:
        return -1.0
    if op == MUL:
        return x
    if op == DIV:
        return -value / y if y != 0.0 else math.nan
    return value * math.log(x) if x > 0.0 else 0.0


@routine
def _unary(op: Any, x: Any) -> Any:
    if op == NEG:
        return -x
    if op == SQRT:
        return math.sqrt(x) if x >= 0.0 else math.nan
    if op == EXP:
        return math.exp(x) if x < 709.0 else math.inf
    if op == LOG:
        return math.log(x) if x > 0.0 else math.nan
    if op == SIN:
        return math.sin(x)
    if op == COS:
        return math.cos(x)
    if op == TAN:
        return math.tan(x)
    if op == ATAN:
        return math.atan(x)
    if op == TANH:
        return math.tanh(x)
    if op == ABS:
        return math.fabs(x)
    if op == ERFCX:
        return erfcx(x)
    return erf(x)


@routine
def _slope(op: Any, x: Any, value: Any) -> Any:
    if op == NEG:
        return -1.0
    if op == SQRT:
        return 0.5 / value if value > 0.0 else math.nan
    if op == EXP:
        return value
    if op == LOG:
        return 1.0 / x if x != 0.0 else math.nan
    if op == SIN:
        return math.cos(x)
    if op == COS:
        return -math.sin(x)
    if op == TAN:
        return 1.0 + value * value
    if op == ATAN:
        return 1.0 / (1.0 + x * x)
    if op == TANH:
        return 1.0 - value * value
    if op == ABS:
        return math.copysign(1.0, x)
    if op == ERFCX:
        return 2.0 * x * value - TWO_OVER_SQRT_PI
    return TWO_OVER_SQRT_PI * math.exp(-x * x)


@routine
def _peak(op: Any, sigma: Any, gamma: Any) -> Any:
    """Value and both slopes of a function of the two widths of a Voigt profile."""
    if op == VOIGT_HEIGHT:
        return voigt_height(sigma, gamma)
    return voigt_fwhm(sigma, gamma)


@routine
def _power(x: Any, y: Any) -> Any:
    """x to the power y; NaN where the result is not real."""
    if x < 0.0 and y != math.floor(y):
        return math.nan
    if x == 0.0 and y < 0.0:
        return math.nan
    return math.pow(x, y)


def tape_gradient(tape: Tape, full: FloatArray) -> tuple[float, dict[int, float]]:
    """Value of an expression and its derivatives by the full parameters it uses.

    NaN where it overflows or is not defined.
    """
    n_codes = len(tape.codes)
    codes = [number for step in tape.codes for number in step]
    values, adjoints = [0.0] * n_codes, [0.0] * n_codes
    try:
        value = forward(
            codes, n_codes, tape.constants, np.asarray(full).tolist(), values
        )
        backward(codes, n_codes, values, adjoints)
    except (OverflowError, ValueError):
        # Python's math raises where compiled code gives inf or NaN.
        value, adjoints = math.nan, [math.nan] * n_codes
    gradient: dict[int, float] = {}
    for (op, index, _), adjoint in zip(tape.codes, adjoints, strict=True):
        if op == PARAMETER:
            gradient[index] = gradient.get(index, 0.0) + adjoint
    return float(value), gradient
