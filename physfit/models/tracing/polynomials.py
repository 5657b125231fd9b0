"""Polynomials of numpy, by the schemes of Horner and Clenshaw."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from physfit.models.tracing import registry
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.number_types import holds
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.replaced import INSTANCES, OTHERS

__all__: list[str] = []


@registry.function("polyval")
def polyval(recorder: Recorder, p: Any, x: Any) -> Any:
    """`np.polyval`: the highest power first."""
    result: Any = 0.0
    for coefficient in p:
        result = result * x + coefficient
    return result


def _series(step: Callable[[int], tuple[float, float]]) -> Callable[..., Any]:
    """Sum of `c[k] P_k(x)` where `P_k+1 = a x P_k - b P_k-1`, `(a, b) = step(k)`."""

    def value(x: Any, c: Any) -> Any:
        before, polynomial = 0.0, 1.0
        total: Any = 0.0
        for k, coefficient in enumerate(c):
            total = total + coefficient * polynomial
            a, b = step(k)
            before, polynomial = polynomial, a * x * polynomial - b * before
        return total

    return value


_SERIES: dict[str, Callable[..., Any]] = {
    "legendre.legval": _series(lambda k: ((2 * k + 1) / (k + 1), k / (k + 1))),
    "chebyshev.chebval": _series(lambda k: (1.0 if k == 0 else 2.0, 1.0)),
    "hermite.hermval": _series(lambda k: (2.0, 2.0 * k)),
    "hermite_e.hermeval": _series(lambda k: (1.0, float(k))),
    "polynomial.polyval": lambda x, c: _power_series(x, c),
}


def _power_series(x: Any, c: Any) -> Any:
    result: Any = 0.0
    for coefficient in list(c)[::-1]:
        result = result * x + coefficient
    return result


def _of_series(value: Callable[..., Any]) -> Callable[..., Any]:
    def make(recorder: Recorder, original: Callable[..., Any]) -> Callable[..., Any]:
        def function(x: Any, c: Any, *arguments: Any, **options: Any) -> Any:
            if not holds(x) and not holds(c):
                return original(x, c, *arguments, **options)
            return value(x, c)

        return function

    return make


class _Polynomial:
    """`np.poly1d` or a polynomial class of numpy, with traced coefficients or x."""

    def __init__(self, value: Callable[..., Any], coefficients: Any) -> None:
        self.value = value
        self.coefficients = self.coef = self.coeffs = coefficients

    def __call__(self, x: Any) -> Any:
        """Value at x."""
        return self.value(x, self.coefficients)


def _highest_first(x: Any, c: Any) -> Any:
    return _power_series(x, list(c)[::-1])


def _class(value: Callable[..., Any]) -> Callable[..., Any]:
    def make(recorder: Recorder, original: Any) -> Any:
        def construct(coefficients: Any, *arguments: Any, **options: Any) -> Any:
            if holds(coefficients):
                return _Polynomial(value, coefficients)
            made = original(coefficients, *arguments, **options)
            return _instance(value)(recorder, made)

        return construct

    return make


def _instance(value: Callable[..., Any]) -> Callable[..., Any]:
    def make(recorder: Recorder, original: Any) -> Any:
        def call(x: Any) -> Any:
            if not holds(x):
                return original(x)
            if isinstance(original, np.poly1d):
                return value(x, original.coeffs)
            low, scale = original.mapparms()
            return value(x * scale + low, original.coef)

        return call

    return make


def _single(value: Callable[..., Any]) -> Callable[..., Any]:
    """Polynomial of a whole number, such as `scipy.special.eval_legendre`."""

    def function(recorder: Recorder, n: Any, x: Any) -> Any:
        degree = int(n)
        if degree < 0 or degree != n:
            raise recorder.refuse(TraceError(f"takes the degree {n}."))
        return value(x, [0.0] * degree + [1.0])

    return function


for _name, _series_name in (
    ("eval_legendre", "legendre.legval"),
    ("eval_chebyt", "chebyshev.chebval"),
    ("eval_hermite", "hermite.hermval"),
    ("eval_hermitenorm", "hermite_e.hermeval"),
):
    registry.FUNCTIONS[_name] = _single(_SERIES[_series_name])
for _name, _value in _SERIES.items():
    _module, _, _function = _name.partition(".")
    OTHERS[f"numpy.polynomial.{_module}", _function] = _of_series(_value)
for _name, _value in (
    ("legendre.Legendre", _SERIES["legendre.legval"]),
    ("chebyshev.Chebyshev", _SERIES["chebyshev.chebval"]),
    ("polynomial.Polynomial", _power_series),
):
    _module, _, _function = _name.partition(".")
    OTHERS[f"numpy.polynomial.{_module}", _function] = _class(_value)
    INSTANCES[f"numpy.polynomial.{_module}", _function] = _instance(_value)
OTHERS["numpy", "poly1d"] = _class(_highest_first)
INSTANCES["numpy", "poly1d"] = _instance(_highest_first)
