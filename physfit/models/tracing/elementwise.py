"""Functions of traced values entry by entry."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.errors import ModelError
from physfit.models.graph.builder import Builder
from physfit.models.graph.term import Term
from physfit.models.tracing import registry
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
from physfit.models.tracing.folding import gathered
from physfit.models.tracing.frame import Frame, common_frame
from physfit.models.tracing.real_functions import REAL
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.value import Value, array_of

__all__ = ["aligned", "as_value", "by_sample", "elementwise", "entry_of"]
__all__ += ["over_samples"]

#: Length from which on an array as long as the grid is one of samples at once.
LONG = 256
#: Forms that entries along the samples may have.
MOST_FORMS = 16


def as_value(recorder: Recorder, operand: Any) -> Value:
    """An operand of any kind as a traced value.

    Raises
    ------
    TraceError
        When it holds anything but numbers.
    """
    if isinstance(operand, Value):
        return operand
    if hasattr(operand, "number"):  # the place of a sample, or how many
        return operand.number()  # type: ignore[no-any-return]
    if isinstance(operand, (list, tuple)):
        made = registry.apply(recorder, "array", operand)
        if isinstance(made, Value):
            return made
        operand = made
    array = np.asarray(operand)
    if array.ndim == 1 and array.size >= LONG and array.size == recorder.frame.size:
        return by_sample(recorder, array, -1, recorder.frame)
    if array.dtype.kind not in "biufc":
        raise recorder.refuse(
            TraceError(f"computes with {type(operand).__name__}, which is no number.")
        )
    items = array_of((entry_of(recorder, one) for one in array.flat), array.shape)
    return Value(recorder, items)


def entry_of(recorder: Recorder, number: Any) -> Element:
    """A plain number as an element."""
    if isinstance(number, (bool, np.bool_)):
        return bool(number)
    if isinstance(number, (complex, np.complexfloating)):
        value = complex(number)
        return Pair(recorder.constant(value.real), recorder.constant(value.imag))
    return recorder.constant(float(number))


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


def aligned(
    recorder: Recorder, operands: Sequence[Any]
) -> tuple[list[Value], int | None, Frame | None]:
    """Operands as values over the same samples, along one axis."""
    axis, frame = None, None
    for operand in operands:
        if isinstance(operand, Value):
            frame = common_frame(frame, operand.frame)
            if operand.axis is None:
                continue
            if axis is not None and operand.axis != axis:
                raise recorder.refuse(
                    TraceError(
                        "joins every sample with every other; only values of the same "
                        "sample can be traced."
                    )
                )
            axis = operand.axis
    return [_along(recorder, one, axis, frame) for one in operands], axis, frame


def _along(
    recorder: Recorder, operand: Any, axis: int | None, frame: Frame | None
) -> Value:
    """An operand as a value, its entries along the sample axis taken as samples."""
    if axis is None or frame is None:
        return as_value(recorder, operand)
    if isinstance(operand, (list, tuple)):
        operand = registry.apply(recorder, "array", operand)
    if isinstance(operand, Value):
        is_long = -axis <= operand.items.ndim and operand.items.shape[axis] > 1
        if operand.axis is None and is_long:
            return over_samples(recorder, operand, axis, frame)
        return operand
    array = np.asarray(operand)
    if array.ndim < -axis or array.shape[axis] == 1:
        return as_value(recorder, array)
    return by_sample(recorder, array, axis, frame)


def over_samples(recorder: Recorder, value: Value, axis: int, frame: Frame) -> Value:
    """A value that has an entry for each sample along an axis, as one of samples."""
    recorder.needs_grid("arrays along the samples")
    length = value.items.shape[axis]
    if length != frame.size or frame.mask is not None:
        raise recorder.refuse(
            TraceError(
                f"joins {length} values with {frame.size} samples along one axis; add "
                "an axis, as in `x[:, None]`."
            )
        )
    rows = np.moveaxis(value.items, axis, -1)
    items = array_of(
        (_gathered(recorder, list(row)) for row in rows.reshape(-1, length)),
        rows.shape[:-1],
    )
    items = np.expand_dims(items, value.items.ndim + axis)
    return Value(recorder, items, axis, frame)


def _gathered(recorder: Recorder, row: list[Element]) -> Element:
    """Entries for each sample as one entry over the samples."""
    numbers = [number_of(one, recorder.builder) for one in row]
    if any(isinstance(one, Pair) for one in numbers):
        pairs = [pair_of(one, recorder.builder) for one in numbers]
        return Pair(
            _gathered_terms(recorder, [z.re for z in pairs]),
            _gathered_terms(recorder, [z.im for z in pairs]),
        )
    return _gathered_terms(recorder, numbers)  # type: ignore[arg-type]


def _gathered_terms(recorder: Recorder, terms: list[Term]) -> Term:
    groups = gathered(terms, recorder.sample)
    if len(groups) > MOST_FORMS:
        raise recorder.refuse(
            TraceError(
                f"has entries of {len(groups)} different forms; write them as an "
                "operation on whole arrays."
            )
        )
    result = groups[0][1]
    for places, term in groups[1:]:
        inside = np.zeros(len(terms))
        inside[places] = 1.0
        chosen = select(condition_of(recorder.sample(inside)), term, result)
        result = chosen  # type: ignore[assignment]
    return result


def by_sample(
    recorder: Recorder, array: NDArray[Any], axis: int, frame: Frame
) -> Value:
    """An array of plain numbers as a value, with the samples along an axis."""
    recorder.needs_grid("arrays along the samples")
    if array.shape[axis] != frame.size or frame.mask is not None:
        raise recorder.refuse(
            TraceError(
                f"joins an array of {array.shape[axis]} entries with {frame.size} "
                "samples."
            )
        )
    columns = np.moveaxis(array, axis, -1)
    shape = columns.shape[:-1]
    rows = columns.reshape(-1, array.shape[axis])
    items = array_of((_column(recorder, row) for row in rows), shape)
    items = np.expand_dims(items, array.ndim + axis)
    return Value(recorder, items, axis, frame)


def _column(recorder: Recorder, row: NDArray[Any]) -> Element:
    if row.dtype.kind == "c":
        return Pair(recorder.sample(row.real), recorder.sample(row.imag))
    if row.dtype.kind == "b":
        return condition_of(recorder.sample(row))
    return recorder.sample(row)


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
