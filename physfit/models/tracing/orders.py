"""Special functions that scipy gives an order or a branch: whole constants here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from physfit.kernels.bessel_orders import ORDER_MAX
from physfit.models.graph.builder import Builder
from physfit.models.graph.term import Term
from physfit.models.tracing import registry
from physfit.models.tracing.alignment import as_value
from physfit.models.tracing.elements import Element, number_of
from physfit.models.tracing.elementwise import elementwise
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.number_types import holds
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.replaced import OTHERS
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


@registry.function("_lambertw")
def lambertw(recorder: Recorder, z: Any, branch: Any = 0, *_: Any) -> Value:
    """Real branches of Lambert's W, as complex numbers; NaN where W is not real."""
    number = constants_of(as_value(recorder, branch))
    names = {0.0: "lambert_w0", -1.0: "lambert_wm1"}
    name = None if number is None else names.get(float(number.flat[0]))
    if name is None:
        raise recorder.refuse(TraceError("has a branch that is not 0 or -1."))
    value = registry.apply(recorder, name, z)
    result: Value = registry.apply(recorder, "to_complex", value)
    return result


def _polygamma(recorder: Recorder, original: Callable[..., Any]) -> Callable[..., Any]:
    names = ("psi", "trigamma", "tetragamma")

    def polygamma(n: Any, x: Any) -> Any:
        if not holds(x):
            return original(n, x)
        if n not in range(len(names)):
            raise recorder.refuse(TraceError(f"has the order {n}; 0 to 2 are traced."))
        return registry.apply(recorder, names[int(n)], x)

    return polygamma


def _factorial(recorder: Recorder, original: Callable[..., Any]) -> Callable[..., Any]:
    def factorial(n: Any, *arguments: Any, **keywords: Any) -> Any:
        if not holds(n):
            return original(n, *arguments, **keywords)
        return registry.apply(recorder, "gamma", n + 1.0)

    return factorial


for _name, _operation in _NAMES.items():
    registry.FUNCTIONS[_name] = _of_order(_operation)
OTHERS["scipy.special", "spherical_jn"] = _spherical
OTHERS["scipy.special", "polygamma"] = _polygamma
OTHERS["scipy.special", "factorial"] = _factorial
