"""Traced values: arrays whose entries are steps of a graph.

A value behaves as the array that it stands for. Its entries over axes other than that
of the samples stand one by one in an array of objects, in which the sample axis has
length 1; numpy's rules of broadcasting then hold as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from physfit.models.graph.builder import Builder
from physfit.models.tracing import registry
from physfit.models.tracing.elements import (
    Pair,
    assumed,
    condition_of,
    constant_of,
    pair_of,
)
from physfit.models.tracing.errors import MissingAttribute, NeedsSample, TraceError
from physfit.models.tracing.frame import Frame
from physfit.models.tracing.recorder import Recorder

__all__ = ["Value", "array_of", "constants_of", "is_complex", "make_complex"]


class Value:
    """An array of a trace.

    Attributes
    ----------
    recorder : Recorder
    items : ndarray of Element
        Entries; the sample axis has length 1.
    axis : int or None
        Place of the sample axis, counted from the last (-1). None with a frame is one
        sample of it, None without is the same for all samples.
    frame : Frame or None
        Which samples.
    """

    __slots__ = ("axis", "frame", "items", "recorder")
    __array_priority__ = 1000.0
    __hash__ = object.__hash__

    def __init__(
        self,
        recorder: Recorder,
        items: NDArray[Any],
        axis: int | None = None,
        frame: Frame | None = None,
    ) -> None:
        self.recorder = recorder
        self.items = items
        self.axis = axis
        self.frame = frame

    # ------------------------------------------------------------ numpy's protocols
    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, **keywords: Any
    ) -> Any:
        return registry.call_ufunc(self.recorder, ufunc, method, inputs, keywords)

    def __array_function__(
        self, function: Any, types: Any, arguments: Any, keywords: Any
    ) -> Any:
        return registry.call_function(self.recorder, function, arguments, keywords)

    def __array__(self, dtype: Any = None, copy: Any = None) -> NDArray[Any]:
        numbers = constants_of(self)
        if numbers is None and registry.METHODS["is_known"](self):
            numbers = registry.METHODS["numbers"](self)
        if numbers is None:
            raise self.recorder.refuse(
                TraceError(
                    "needs numbers where the value depends on parameters or "
                    "coordinates; use functions of numpy, or drop the conversion."
                )
            )
        return np.asarray(numbers, dtype=dtype)

    def __getattr__(self, name: str) -> Any:
        method = registry.METHODS.get(name)
        if method is None:
            raise MissingAttribute(f"asks for `.{name}`, which traced values lack.")
        return method(self) if name in registry.PROPERTIES else method.__get__(self)

    # ------------------------------------------------------------ shape
    def __len__(self) -> int:
        if not self.items.ndim:
            raise TypeError("len() of unsized object")
        return int(registry.METHODS["shape"](self)[0])

    def __iter__(self) -> Iterator[Any]:
        if not self.items.ndim:
            raise TypeError("iteration over a 0-d array")
        return cast(Iterator[Any], registry.METHODS["entries"](self))

    def __getitem__(self, key: Any) -> Any:
        return registry.METHODS["get"](self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        registry.METHODS["put"](self, key, value)

    # ------------------------------------------------------------ conversions
    def __bool__(self) -> bool:
        if self.axis is not None or self.items.size != 1:
            text = (
                "needs the truth of many samples; use `np.where`, or `np.vectorize` "
                "for code of single samples."
            )
            kind = TraceError if self.axis is None else NeedsSample
            raise self.recorder.refuse(kind(text))
        condition = condition_of(self.items.flat[0])
        if isinstance(condition, bool):
            return condition
        answer = assumed(condition)
        if answer is not None:
            return answer
        try:
            return self.recorder.paths.decide(condition.step)
        except TraceError as error:
            raise self.recorder.refuse(error) from None

    def __float__(self) -> float:
        return float(cast(float, self._constant("float")))

    def __int__(self) -> int:
        return int(cast(float, self._constant("int")))

    def __complex__(self) -> complex:
        return complex(self._constant("complex"))

    def __index__(self) -> int:
        number = self._constant("an index")
        if isinstance(number, complex) or number != int(number):
            raise TypeError("only integer scalars can be an index")
        return int(number)

    def __round__(self, digits: int = 0) -> Any:
        return registry.apply(self.recorder, "round", self)

    def _constant(self, kind: str) -> float | complex:
        number = constant_of(self.items.flat[0]) if self.items.size == 1 else None
        if number is None or self.axis is not None:
            raise self.recorder.refuse(
                TraceError(
                    f"needs a number ({kind}) where the value depends on parameters or "
                    "coordinates; drop the conversion, or keep the argument constant."
                )
            )
        return number

    def __repr__(self) -> str:
        samples = "" if self.frame is None else f" of samples, shape {self.items.shape}"
        return f"<traced value{samples}>"

    def __format__(self, specification: str) -> str:
        return repr(self)


def array_of(items: Any, shape: tuple[int, ...]) -> NDArray[Any]:
    """Array of elements, which numpy shall not look into; complex if one of them is."""
    array = np.empty(shape, dtype=object)
    for place, item in enumerate(items):
        array.flat[place] = item
    one = next((item for item in array.flat if isinstance(item, Pair)), None)
    if one is not None:
        make_complex(array, one.re.builder)
    return array


def is_complex(items: NDArray[Any]) -> bool:
    """Whether one of the elements is a complex number."""
    return any(isinstance(item, Pair) for item in items.flat)


def make_complex(items: NDArray[Any], builder: Builder) -> None:
    """Take all elements for complex numbers."""
    for place, item in enumerate(items.flat):
        items.flat[place] = pair_of(item, builder)


def constants_of(value: Value) -> NDArray[Any] | None:
    """The numbers of a value that depends on nothing."""
    if value.axis is not None:
        return None
    numbers = [constant_of(item) for item in value.items.flat]
    if any(number is None for number in numbers):
        return None
    return np.array(numbers).reshape(value.items.shape)


def _binary(name: str, is_reflected: bool) -> Callable[[Value, Any], Any]:
    def operator(self: Value, other: Any) -> Any:
        pair = (other, self) if is_reflected else (self, other)
        return registry.apply(self.recorder, name, *pair)

    return operator


def _in_place(name: str) -> Callable[[Value, Any], Any]:
    def operator(self: Value, other: Any) -> Any:
        result = registry.apply(self.recorder, name, self, other)
        if not self.items.ndim:
            return result
        registry.METHODS["put"](self, Ellipsis, result)
        return self

    return operator


def _unary(name: str) -> Callable[[Value], Any]:
    return lambda self: registry.apply(self.recorder, name, self)


for _name, _function in {
    "add": "add",
    "sub": "subtract",
    "mul": "multiply",
    "truediv": "divide",
    "floordiv": "floor_divide",
    "mod": "remainder",
    "pow": "power",
    "and": "logical_and",
    "or": "logical_or",
    "xor": "logical_xor",
    "matmul": "matmul",
}.items():
    setattr(Value, f"__{_name}__", _binary(_function, is_reflected=False))
    setattr(Value, f"__r{_name}__", _binary(_function, is_reflected=True))
    setattr(Value, f"__i{_name}__", _in_place(_function))
for _name, _function in {
    "lt": "less",
    "le": "less_equal",
    "gt": "greater",
    "ge": "greater_equal",
    "eq": "equal",
    "ne": "not_equal",
}.items():
    setattr(Value, f"__{_name}__", _binary(_function, is_reflected=False))
for _name, _function in {
    "neg": "negative",
    "pos": "positive",
    "abs": "absolute",
    "invert": "logical_not",
}.items():
    setattr(Value, f"__{_name}__", _unary(_function))
