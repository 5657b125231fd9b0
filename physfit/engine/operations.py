"""Operations on the values of a block, and what each does to the rows of partials.

In a complex program every value is a pair, real and imaginary parts a STRIDE apart, and
so are the rows of each parameter.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import STRIDE, as_floats, call_function, offset
from physfit.engine.dense import copy, fill
from physfit.engine.layout import Code
from physfit.engine.roles import routine
from physfit.engine.structs import add_scaled, row, stack_entry
from physfit.kernels.dielectric import energy_loss_of, reflectivity_of

__all__ = ["combine", "widen"]

SUBTRACT = int(Code.SUBTRACT)
MULTIPLY = int(Code.MULTIPLY)
DIVIDE = int(Code.DIVIDE)
APPLY = int(Code.APPLY)
REAL = int(Code.REAL)
IMAGINARY = int(Code.IMAGINARY)
ABSOLUTE = int(Code.ABSOLUTE)
REFLECTIVITY = int(Code.REFLECTIVITY)
ENERGY_LOSS = int(Code.ENERGY_LOSS)


@routine
def combine(problem: Any, step: Any, count: Any, with_partials: Any) -> None:
    """Do any operation but the evaluation of a component."""
    if step.code <= SUBTRACT:
        _add(problem, step, count, with_partials)
    elif step.code == MULTIPLY:
        _multiply(problem, step, count, with_partials)
    elif step.code == DIVIDE:
        _divide(problem, step, count, with_partials)
    elif step.code == APPLY:
        _apply(problem, step, count, with_partials)
    else:
        _to_real(problem, step, count, with_partials)


@routine
def negate(target: Any, count: Any) -> None:
    """target = -target."""
    for i in range(count):
        target[i] = -target[i]


@routine
def scale(target: Any, factors: Any, count: Any) -> None:
    """target *= factors."""
    for i in range(count):
        target[i] *= factors[i]


@routine
def scale_complex(target: Any, factors: Any, count: Any) -> None:
    """Complex target *= factors."""
    im = offset(target, STRIDE)
    factor_im = offset(factors, STRIDE)
    for i in range(count):
        a = target[i] * factors[i] - im[i] * factor_im[i]
        im[i] = target[i] * factor_im[i] + im[i] * factors[i]
        target[i] = a


@routine
def scale_value(problem: Any, target: Any, factors: Any, count: Any) -> None:
    """Real or complex target *= factors."""
    if problem.width == 1:
        scale(target, factors, count)
    else:
        scale_complex(target, factors, count)


@routine
def _scale_rows(problem: Any, first: Any, stop: Any, factors: Any, count: Any) -> None:
    """Scale the rows of some parameters."""
    for k in range(first, stop):
        scale_value(problem, row(problem, k * problem.width), factors, count)


@routine
def _add(problem: Any, step: Any, count: Any, with_partials: Any) -> None:
    """left + right, or left - right."""
    width = problem.width
    sign = -1.0 if step.code == SUBTRACT else 1.0
    for k in range(width):
        left = offset(stack_entry(problem, step.entry), k * STRIDE)
        right = offset(stack_entry(problem, step.entry + 1), k * STRIDE)
        add_scaled(left, right, sign, count)
    if with_partials and step.code == SUBTRACT:
        for k in range(step.middle * width, step.stop * width):
            negate(row(problem, k), count)


@routine
def _multiply(problem: Any, step: Any, count: Any, with_partials: Any) -> None:
    """left * right, by the product rule."""
    left = stack_entry(problem, step.entry)
    right = stack_entry(problem, step.entry + 1)
    if with_partials:
        _scale_rows(problem, step.first, step.middle, right, count)
        _scale_rows(problem, step.middle, step.stop, left, count)
    scale_value(problem, left, right, count)


@routine
def _divide(problem: Any, step: Any, count: Any, with_partials: Any) -> None:
    """left / right; d(a / b) = (da - (a / b) db) / b."""
    left = stack_entry(problem, step.entry)
    right = stack_entry(problem, step.entry + 1)
    _invert(problem, right, count)
    scale_value(problem, left, right, count)
    if with_partials:
        _scale_rows(problem, step.first, step.stop, right, count)
        for k in range(problem.width):
            negate(offset(left, k * STRIDE), count)
        _scale_rows(problem, step.middle, step.stop, left, count)
        for k in range(problem.width):
            negate(offset(left, k * STRIDE), count)


@routine
def _invert(problem: Any, value: Any, count: Any) -> None:
    """1 / value."""
    if problem.width == 1:
        for i in range(count):
            value[i] = 1.0 / value[i]
        return
    im = offset(value, STRIDE)
    for i in range(count):
        square = value[i] * value[i] + im[i] * im[i]
        value[i] = value[i] / square
        im[i] = -im[i] / square


@routine
def _apply(problem: Any, step: Any, count: Any, with_partials: Any) -> None:
    """A function of a real value, by the chain rule."""
    slope = as_floats(problem.terms)
    call_function(step.function, stack_entry(problem, step.entry), slope, count)
    if with_partials:
        for k in range(step.first, step.stop):
            scale(row(problem, k * problem.width), slope, count)


@routine
def widen(problem: Any, step: Any, count: Any, with_partials: Any) -> None:
    """Make the values and rows of a real component complex."""
    fill(offset(stack_entry(problem, step.entry), STRIDE), 0.0, count)
    if with_partials:
        # The component wrote its rows one after the other.
        base = step.first * 2
        for k in range(step.stop - step.first - 1, -1, -1):
            copy(row(problem, base + 2 * k), row(problem, base + k), count)
            fill(row(problem, base + 2 * k + 1), 0.0, count)


@routine
def _to_real(problem: Any, step: Any, count: Any, with_partials: Any) -> None:
    """A real quantity of a complex value.

    The derivative of each is (a d re + b d im), with a and b from the value.
    """
    value = stack_entry(problem, step.entry)
    im = offset(value, STRIDE)
    a = as_floats(problem.terms)
    b = offset(a, STRIDE)
    for i in range(count):
        if step.code == REAL:
            a[i], b[i] = 1.0, 0.0
        elif step.code == IMAGINARY:
            a[i], b[i] = 0.0, 1.0
            value[i] = im[i]
        elif step.code == ABSOLUTE:
            size = math.sqrt(value[i] * value[i] + im[i] * im[i])
            a[i], b[i] = value[i] / size, im[i] / size
            value[i] = size
        elif step.code == REFLECTIVITY:
            value[i], a[i], b[i] = reflectivity_of(value[i], im[i])
        elif step.code == ENERGY_LOSS:
            value[i], a[i], b[i] = energy_loss_of(value[i], im[i])
        else:
            square = value[i] * value[i] + im[i] * im[i]
            angle = math.atan2(im[i], value[i])
            a[i], b[i] = -im[i] / square, value[i] / square
            value[i] = angle
    fill(im, 0.0, count)
    if with_partials:
        for k in range(step.first, step.stop):
            re_row = row(problem, 2 * k)
            im_row = row(problem, 2 * k + 1)
            for i in range(count):
                re_row[i] = a[i] * re_row[i] + b[i] * im_row[i]
            fill(im_row, 0.0, count)
