"""Expressions of parameters as tapes: value and exact derivatives.

A tape is a list of steps in single assignment form; step `k` is `(op, a, b, c)` and its
value is entry `k`. The operands are earlier steps, but for `constant`, where `a` is the
number of the constant, and for `parameter`, where it is that of the full parameter.
Some steps are the derivatives: which they are was decided where the tape was written.

The steps are taken by one function: interpreted for derived quantities, compiled for
ties. Outside of its domain an operation is NaN, and so is what comes of it. Most
functions are made of a few: a tape is scalar work, and the functions of `kernels`, each
of them written for vectors, would compile for minutes together.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np

from physfit.engine.roles import routine
from physfit.kernels.elementary import expm1, log1p
from physfit.kernels.rounding import (
    ceil,
    floor,
    floor_divide,
    mod,
    rint,
    sign,
    trunc,
)
from physfit.kernels.special import erf, erfcx
from physfit.kernels.voigt_width import voigt_fwhm, voigt_height
from physfit.typing import FloatArray

__all__ = ["PART", "TAPE_OPS", "Tape", "forward", "tape_gradient"]

_LEAVES = ("constant", "parameter")
_ARITHMETIC = ("add", "sub", "mul", "div", "pow")
_CONDITIONS = ("less", "less_equal", "equal", "not_equal", "and", "or")
_OF_TWO = ("mod", "floor_divide", "hypot", "atan2", "logaddexp")
_WIDTHS = ("voigt_height", "voigt_fwhm")
_ELEMENTARY = (
    *("neg", "sqrt", "exp", "log", "sin", "cos", "tan", "atan", "tanh", "abs"),
    *("number", "not"),
)
_STEPS = ("sign", "floor", "ceil", "rint", "trunc")
_POWERS = ("expm1", "log1p", "exp2", "log2", "log10", "cbrt")
_ANGLES = ("asin", "acos", "sinh", "cosh", "asinh", "acosh", "atanh")
_SPECIAL = ("erf", "erfc", "erfcx")
_LOGISTIC = ("expit", "logit", "log_expit")
#: A step that one of the two before it has taken.
PART = "part"
_NAMES = (
    *(*_LEAVES, *_ARITHMETIC, *_CONDITIONS, *_OF_TWO),
    *(*_ELEMENTARY, *_STEPS, *_POWERS, *_ANGLES, *_SPECIAL, *_LOGISTIC, "select"),
    *(*_WIDTHS, PART),
)
#: Codes of the operations by name, those of a kind side by side. Those of the widths
#: of a Voigt profile take three steps, for the value and the derivatives by the widths.
TAPE_OPS = {name: code for code, name in enumerate(_NAMES)}

CONSTANT, PARAMETER = 0, 1
ADD, SUB, MUL, DIV, POW = (TAPE_OPS[name] for name in _ARITHMETIC)
LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, AND, OR = (TAPE_OPS[name] for name in _CONDITIONS)
MOD, FLOOR_DIVIDE, HYPOT, ATAN2, LOGADDEXP = (TAPE_OPS[name] for name in _OF_TWO)
HEIGHT, FWHM = (TAPE_OPS[name] for name in _WIDTHS)
NEG, SQRT, EXP, LOG, SIN, COS, TAN, ATAN, TANH, ABS, NUMBER, NOT = (
    TAPE_OPS[name] for name in _ELEMENTARY
)
SIGN, FLOOR, CEIL, RINT, TRUNC = (TAPE_OPS[name] for name in _STEPS)
EXPM1, LOG1P, EXP2, LOG2, LOG10, CBRT = (TAPE_OPS[name] for name in _POWERS)
ASIN, ACOS, SINH, COSH, ASINH, ACOSH, ATANH = (TAPE_OPS[name] for name in _ANGLES)
ERF, ERFC, ERFCX = (TAPE_OPS[name] for name in _SPECIAL)
EXPIT, LOGIT, LOG_EXPIT = (TAPE_OPS[name] for name in _LOGISTIC)
SELECT = TAPE_OPS["select"]
LOG_OF_2, LOG_OF_10 = math.log(2.0), math.log(10.0)


class Tape(NamedTuple):
    """Steps of an expression and of its derivatives.

    Attributes
    ----------
    codes : tuple of (int, int, int, int)
        Steps `(op, a, b, c)`.
    constants : tuple of float
    value : int
        Step of the value.
    slopes : tuple of (int, int)
        Full parameters that it depends on, each with the step of the derivative by it.
    """

    codes: tuple[tuple[int, int, int, int], ...]
    constants: tuple[float, ...]
    value: int
    slopes: tuple[tuple[int, int], ...]


@routine
def forward(codes: Any, n_codes: Any, constants: Any, full: Any, values: Any) -> None:
    """Fill `values`, one for each step."""
    for k in range(n_codes):
        take(codes, k, constants, full, values)


@routine
def take(codes: Any, k: Any, constants: Any, full: Any, values: Any) -> None:
    """Take a step."""
    op = codes[4 * k]
    a = codes[4 * k + 1]
    b = codes[4 * k + 2]
    if op == CONSTANT:
        values[k] = constants[a]
    elif op == PARAMETER:
        values[k] = full[a]
    elif op == SELECT:
        values[k] = values[b] if values[a] != 0.0 else values[codes[4 * k + 3]]
    elif op <= LOGADDEXP:
        values[k] = _of_two(op, values[a], values[b])
    elif op < SELECT:
        values[k] = _of_one(op, values[a])
    elif op == HEIGHT:
        values[k], values[k + 1], values[k + 2] = voigt_height(values[a], values[b])
    elif op == FWHM:
        values[k], values[k + 1], values[k + 2] = voigt_fwhm(values[a], values[b])


@routine
def _of_two(op: Any, x: Any, y: Any) -> Any:
    if op == ADD:
        return x + y
    if op == SUB:
        return x - y
    if op == MUL:
        return x * y
    if op == DIV:
        return x / y if y != 0.0 else math.nan
    if op == POW:
        return _power(x, y)
    if op <= OR:
        return 1.0 if _holds(op, x, y) else 0.0
    if op == MOD:
        return mod(x, y)
    if op == FLOOR_DIVIDE:
        return floor_divide(x, y)
    if op == HYPOT:
        return _length(x, y)
    if op == ATAN2:
        return _angle(x, y)
    return max(x, y) + _log1p(math.exp(-math.fabs(x - y)))


@routine
def _length(x: Any, y: Any) -> Any:
    """Square root of the sum of squares, which may overflow."""
    size = max(math.fabs(x), math.fabs(y))
    if size == 0.0:
        return 0.0
    a, b = x / size, y / size
    return size * math.sqrt(a * a + b * b)


@routine
def _angle(y: Any, x: Any) -> Any:
    """Angle of the point (x, y), from -pi to pi."""
    size = _length(x, y)
    if size == 0.0:
        return 0.0
    if x < 0.0 and y == 0.0:
        return math.copysign(math.pi, y)
    # tan(a / 2) = sin / (1 + cos) = (1 - cos) / sin, whichever keeps its digits
    if x >= 0.0:
        return 2.0 * math.atan(y / (size + x))
    return 2.0 * math.atan((size - x) / y)


@routine
def _holds(op: Any, x: Any, y: Any) -> Any:
    if op == LESS:
        return x < y
    if op == LESS_EQUAL:
        return x <= y
    if op == EQUAL:
        return x == y
    if op == NOT_EQUAL:
        return x != y
    if op == AND:
        return x != 0.0 and y != 0.0
    return x != 0.0 or y != 0.0


@routine
def _of_one(op: Any, x: Any) -> Any:
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
    if op == NUMBER:
        return x
    if op == NOT:
        return 1.0 if x == 0.0 else 0.0
    if op <= TRUNC:
        return _stepped(op, x)
    if op <= CBRT:
        return _of_powers(op, x)
    if op <= ATANH:
        return _of_angles(op, x)
    return _special(op, x)


@routine
def _stepped(op: Any, x: Any) -> Any:
    if op == SIGN:
        return sign(x)
    if op == FLOOR:
        return floor(x)
    if op == CEIL:
        return ceil(x)
    if op == RINT:
        return rint(x)
    return trunc(x)


@routine
def _of_powers(op: Any, x: Any) -> Any:
    if op == EXPM1:
        return expm1(x)
    if op == LOG1P:
        return _log1p(x)
    if op == EXP2:
        return math.pow(2.0, x) if x < 1024.0 else math.inf
    if op == CBRT:
        return math.copysign(math.pow(math.fabs(x), 1.0 / 3.0), x)
    if x <= 0.0:
        return math.nan
    return math.log(x) / (LOG_OF_10 if op == LOG10 else LOG_OF_2)


@routine
def _of_angles(op: Any, x: Any) -> Any:
    size = math.fabs(x)
    if op == ASIN:
        return 2.0 * math.atan(x / (1.0 + _root((1.0 - x) * (1.0 + x))))
    if op == ACOS:
        if x == -1.0:
            return math.pi
        return 2.0 * math.atan(_root((1.0 - x) / (1.0 + x)))
    if op == SINH:
        grown = expm1(size)
        return math.copysign(0.5 * (grown + grown / (grown + 1.0)), x)
    if op == COSH:
        return 0.5 * (expm1(size) + 1.0 + math.exp(-size))
    if op == ASINH:
        square = x * x
        argument = size + square / (1.0 + math.sqrt(1.0 + square))
        return math.copysign(_log1p(argument), x)
    if op == ACOSH:
        beyond = x - 1.0
        return _log1p(beyond + _root(beyond * (x + 1.0)))
    return 0.5 * (_log1p(x) - _log1p(-x))


@routine
def _special(op: Any, x: Any) -> Any:
    if op == ERF:
        return erf(x)
    if op == ERFCX:
        return erfcx(x)
    if op == ERFC:
        return 1.0 - erf(x) if x < 0.5 else erfcx(x) * math.exp(-x * x)
    if op == LOGIT:
        return math.log(x / (1.0 - x)) if 0.0 < x < 1.0 else math.nan
    if x < -700.0:
        return 0.0 if op == EXPIT else x
    power = math.exp(-x)
    return 1.0 / (1.0 + power) if op == EXPIT else -_log1p(power)


@routine
def _log1p(x: Any) -> Any:
    return log1p(x) if x > -1.0 else math.nan


@routine
def _root(x: Any) -> Any:
    return math.sqrt(x) if x >= 0.0 else math.nan


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
    codes = [number for step in tape.codes for number in step]
    values, numbers = [0.0] * len(tape.codes), np.asarray(full).tolist()
    with np.errstate(all="ignore"):
        for k in range(len(tape.codes)):
            try:
                take(codes, k, tape.constants, numbers, values)
            except (OverflowError, ValueError, ZeroDivisionError):
                # Python's math raises where compiled code gives inf or NaN.
                values[k] = math.nan
    gradient = {index: float(values[step]) for index, step in tape.slopes}
    return float(values[tape.value]), gradient
