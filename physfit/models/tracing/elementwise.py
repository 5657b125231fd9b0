"""Functions of traced values entry by entry."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from physfit.errors import ModelError
from physfit.models.graph.builder import Builder
from physfit.models.graph.term import Term
from physfit.models.tracing import registry
from physfit.models.tracing.alignment import aligned
from physfit.models.tracing.complex_functions import COMPLEX
from physfit.models.tracing.elements import (
    Element,
    Pair,
    both,
    condition_of,
    either,
    is_logical,
    negation,
    number_of,
    pair_of,
    select,
)
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.real_functions import REAL
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.value import Value, array_of

__all__ = ["elementwise"]


def elementwise(
    recorder: Recorder, function: Callable[..., Element], *operands: Any
) -> Value:
    """Result of a function of elements, with numpy's rules of broadcasting."""
    values, axis, frame = aligned(recorder, operands)
    arrays = [value.items for value in values]
    builder = recorder.builder
    try:
        if all(array.size == 1 for array in arrays):
            shape = (1,) * max(array.ndim for array in arrays)
            item = function(builder, *(array.flat[0] for array in arrays))
            return Value(recorder, array_of([item], shape), axis, frame)
        broadcast = np.broadcast(*arrays)
        items = array_of(
            (function(builder, *each) for each in broadcast), broadcast.shape
        )
    except TraceError as error:
        raise recorder.refuse(error) from None
    except ModelError as error:  # too many operations
        raise recorder.refuse(TraceError(str(error))) from None
    return Value(recorder, items, axis, frame)


Function = Callable[..., Element]


def _arithmetic(name: str) -> Function:
    """Function of elements of a name that real and complex numbers may have."""
    real, complex_ = REAL.get(name), COMPLEX.get(name)

    def function(builder: Builder, *operands: Element) -> Element:
        numbers = [number_of(one, builder) for one in operands]
        is_complex = any(isinstance(one, Pair) for one in numbers)
        chosen = complex_ if is_complex else real
        if chosen is None:
            kind = "complex" if is_complex else "real"
            raise TraceError(f"calls `{name}` of {kind} values, which is not known.")
        if is_complex:
            numbers = [pair_of(one, builder) for one in numbers]
        try:
            return chosen(*numbers)  # type: ignore[no-any-return]
        except KeyError as missing:
            raise TraceError(f"needs {missing}, which graphs do not have.") from None

    return function


_PRODUCT, _SUM = _arithmetic("multiply"), _arithmetic("add")


def _multiply(builder: Builder, a: Element, b: Element) -> Element:
    """Product; a mask as a factor selects, since what it hides may not be finite."""
    if is_logical(a) and is_logical(b):
        return both(condition_of(a), condition_of(b))
    for mask, value in ((a, b), (b, a)):
        if is_logical(mask):
            zero = Term(builder, builder.constant(0.0))
            return select(condition_of(mask), value, zero)
    return _PRODUCT(builder, a, b)


def _add(builder: Builder, a: Element, b: Element) -> Element:
    if is_logical(a) and is_logical(b):
        return either(condition_of(a), condition_of(b))
    return _SUM(builder, a, b)


def _xor(a: Term | bool, b: Term | bool) -> Term | bool:
    return either(both(a, negation(b)), both(negation(a), b))


def _of_conditions(function: Callable[..., Term | bool]) -> Function:
    return lambda builder, *operands: function(*map(condition_of, operands))


def _where(builder: Builder, condition: Element, a: Element, b: Element) -> Element:
    return select(condition_of(condition), a, b)


def _part(of_pair: Callable[[Pair], Term], of_real: Callable[[Term], Term]) -> Function:
    def function(builder: Builder, element: Element) -> Element:
        number = number_of(element, builder)
        return of_pair(number) if isinstance(number, Pair) else of_real(number)

    return function


_FUNCTIONS: dict[str, Function] = {
    **{name: _arithmetic(name) for name in sorted({*REAL, *COMPLEX})},
    "multiply": _multiply,
    "add": _add,
    **dict.fromkeys(("logical_and", "bitwise_and"), _of_conditions(both)),
    **dict.fromkeys(("logical_or", "bitwise_or"), _of_conditions(either)),
    **dict.fromkeys(("logical_not", "invert"), _of_conditions(negation)),
    **dict.fromkeys(("logical_xor", "bitwise_xor"), _of_conditions(_xor)),
    "select_of": _where,
    "to_complex": lambda builder, z: pair_of(z, builder),
    "to_number": lambda builder, z: number_of(z, builder),
    "to_condition": lambda builder, z: condition_of(z),
    "real": _part(lambda z: z.re, lambda x: x),
    "imag": _part(lambda z: z.im, lambda x: x.constant(0.0)),
}


def _enter(name: str, function: Function) -> None:
    def of_values(recorder: Recorder, *operands: Any) -> Value:
        return elementwise(recorder, function, *operands)

    registry.FUNCTIONS[name] = of_values


for _name, _function in _FUNCTIONS.items():
    _enter(_name, _function)


@registry.function("where")
def where(recorder: Recorder, condition: Any, *sides: Any) -> Any:
    """`np.where` of a traced condition or of traced sides."""
    if not sides:
        return registry.apply(recorder, "nonzero", condition)
    return registry.apply(recorder, "select_of", condition, *sides)
