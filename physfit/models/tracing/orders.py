"""Bessel functions of a whole order, which is a number of the operation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from physfit.kernels.bessel_orders import ORDER_MAX
from physfit.models.graph.builder import Builder
from physfit.models.graph.term import Term
from physfit.models.tracing import registry
from physfit.models.tracing.elements import Element, number_of
from physfit.models.tracing.elementwise import as_value, elementwise
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.replaced import OTHERS, holds
from physfit.models.tracing.value import Value, constants_of

__all__: list[str] = []

#: Operations by the names of scipy.
_NAMES = {"jv": "jv", "jn": "jv", "yv": "yv", "yn": "yv", "iv": "iv", "kv": "kv"}
_NAMES |= {"kn": "kv", "spherical_jn": "spherical_jn"}


def _of_order(name: str) -> Callable[..., Value]:
    def function(recorder: Recorder, order: Any, x: Any) -> Value:
        numbers = constants_of(as_value(recorder, order))
        n = None if numbers is None or numbers.size != 1 else float(numbers.flat[0])
        if n is None or n != int(n) or not 0 <= abs(n) < ORDER_MAX:
            raise recorder.refuse(
                TraceError(
                    f"has an order that is not a whole number below {ORDER_MAX}."
                )
            )
        return _value(recorder, name, int(n), x)

    return function


def _value(recorder: Recorder, name: str, n: int, x: Any) -> Value:
    def function(builder: Builder, element: Element) -> Element:
        number = number_of(element, builder)
        if not isinstance(number, Term):
            raise TraceError(f"calls `{name}` of a complex value.")
        return number.apply(name, numbers=(abs(n),))

    value = elementwise(recorder, function, x)
    is_odd = n < 0 and n % 2 == 1 and name in ("jv", "yv")
    return registry.apply(recorder, "negative", value) if is_odd else value


def _spherical(recorder: Recorder, original: Callable[..., Any]) -> Callable[..., Any]:
    def spherical_jn(n: Any, z: Any, derivative: bool = False) -> Any:
        if not holds(z) and not holds(n):
            return original(n, z, derivative)
        if derivative:
            raise recorder.refuse(TraceError("asks for a derivative; write it out."))
        return registry.apply(recorder, "spherical_jn", n, z)

    return spherical_jn


for _name, _operation in _NAMES.items():
    registry.FUNCTIONS[_name] = _of_order(_operation)
OTHERS["scipy.special", "spherical_jn"] = _spherical
