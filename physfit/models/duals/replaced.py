"""What copies of a function find where dual numbers would be asked for plain ones.

numpy hands its functions over, but `np.array`, `float`, the functions of `math` and
most of scipy take numbers only. A copy of the user's function, with copied globals,
finds replacements for them; the original is left alone.
"""

from __future__ import annotations

import builtins
import math
import sys
from collections.abc import Callable
from functools import reduce
from typing import Any

import numpy as np
from scipy import special

from physfit.models.duals.array_functions import bilinear, linear
from physfit.models.duals.dual import RULES, Dual, dual_of, value_of
from physfit.models.duals.slopes import is_known
from physfit.models.graph.operation_names import MATH_NAMES
from physfit.models.tracing.rebuild import Rebuilder, Replacements

__all__ = ["copy_of"]

#: Functions of scipy that are numpy's, by module and name.
_NUMPYS = {
    "scipy.integrate": {"trapezoid": np.trapezoid},
    "scipy.linalg": {
        **{
            name: getattr(np.linalg, name) for name in ("inv", "det", "eigvals", "norm")
        },
        **{name: getattr(np.linalg, name) for name in ("solve", "eigh", "eigvalsh")},
    },
}
#: Functions of scipy that are linear in the first argument, or in the first two.
_LINEAR = {
    "scipy.fft": (
        *("fft", "ifft", "rfft", "irfft", "fft2", "ifft2", "fftn", "ifftn", "dct"),
        *("idct", "dst", "idst", "fftshift", "ifftshift"),
    ),
    "scipy.integrate": ("simpson", "cumulative_trapezoid", "cumulative_simpson"),
    "scipy.ndimage": (
        "gaussian_filter",
        "gaussian_filter1d",
        "uniform_filter1d",
    ),
    "scipy.signal": ("hilbert", "savgol_filter", "detrend"),
}
_BILINEAR = {
    "scipy.signal": ("fftconvolve", "convolve", "correlate", "oaconvolve"),
    "scipy.ndimage": ("convolve", "convolve1d", "correlate", "correlate1d"),
}


class Number:
    """A type of numbers that single dual numbers pass through, such as `float`."""

    def __init__(self, real: Any) -> None:
        self.real = real
        self.dtype = np.dtype(real)  # for arrays of this type

    def __call__(self, *given: Any) -> Any:
        """A number of this type, or a dual one."""
        if len(given) == 1 and holds(given[0]) and dual_of(given[0]).size == 1:
            one = dual_of(given[0]).reshape(())
            return one.astype(self.real) if self.dtype.kind == "c" else one
        return self.real(*given)

    def __instancecheck__(self, instance: Any) -> bool:
        """Whether something is a number of this type: the value of a dual one."""
        if isinstance(instance, Dual):
            return instance.ndim == 0 and isinstance(instance.value[()], self.real)
        return isinstance(instance, self.real)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.real, name)


def copy_of(function: Callable[..., Any]) -> Callable[..., Any]:
    """Copy of a function that dual numbers get through more often."""
    numbers = {one: Number(one) for one in (float, complex, np.float64, np.complex128)}
    pairs: list[tuple[Any, Any]] = [*numbers.items(), *_of_numpy(), *_of_math()]
    pairs += _of_scipy()
    found = {id(original): (original, replaced) for original, replaced in pairs}
    own = {"float": numbers[float], "complex": numbers[complex]}
    replacements = Replacements(
        found, {**vars(builtins), **own}, np.vectorize, lambda original: None
    )
    copied: Callable[..., Any] = Rebuilder(replacements).replaced(function)
    return copied


def holds(given: Any) -> bool:
    """Whether an argument is a dual number that moves, or a list with one."""
    if isinstance(given, list | tuple):
        return any(map(holds, given))
    return isinstance(given, Dual) and given.partials is not None


def _or_plain(original: Any, rule: Callable[..., Any]) -> Callable[..., Any]:
    """The rule where an argument moves, the function itself elsewhere."""

    def function(*args: Any, **kwargs: Any) -> Any:
        if any(map(holds, args)) or any(map(holds, kwargs.values())):
            return rule(*args, **kwargs)
        return original(*map(value_of, args), **kwargs)

    return function


def _of_numpy() -> list[tuple[Any, Any]]:
    """Functions that make arrays."""

    def array(given: Any, dtype: Any = None, **kwargs: Any) -> Any:
        joined = dual_of(given)
        made = Dual(joined.value.copy(), joined.partials)
        return made if dtype is None else made.astype(dtype)

    def made(original: Any) -> Any:
        def of_shape(shape: Any, dtype: Any = float, *args: Any, **kwargs: Any) -> Any:
            plain = original(shape, dtype, *args, **kwargs)
            return Dual(plain) if plain.dtype.kind in "fc" else plain

        return of_shape

    def full(shape: Any, fill_value: Any, *args: Any, **kwargs: Any) -> Any:
        return np.full_like(np.zeros(shape), fill_value, *args, **kwargs)

    def dual_full(shape: Any, fill_value: Any, *args: Any, **kwargs: Any) -> Any:
        return np.full_like(Dual(np.zeros(shape)), fill_value, *args, **kwargs)

    makers: tuple[Any, ...] = (
        np.array,
        np.asarray,
        np.asanyarray,
        np.ascontiguousarray,
    )
    pairs: list[Any] = [(own, _or_plain(own, array)) for own in makers]
    pairs += [(own, made(own)) for own in (np.zeros, np.ones, np.empty)]
    return [*pairs, (np.full, _or_plain(full, dual_full))]


def _of_math() -> list[tuple[Any, Any]]:
    """Functions of single numbers, by those of arrays that have derivatives."""
    pairs = []
    for name, original in vars(math).items():
        called = MATH_NAMES.get(name, name)
        rule: Any = getattr(np, called, None) or getattr(special, called, None)
        if callable(original) and is_known(rule):
            pairs.append((original, _or_plain(original, rule)))
    pairs += [(math.log, _or_plain(math.log, _log))]
    return [*pairs, (math.hypot, _or_plain(math.hypot, _hypot))]


def _log(x: Any, base: Any = math.e) -> Any:
    return np.log(x) / np.log(base)


def _hypot(*places: Any) -> Any:
    return reduce(np.hypot, places, 0.0)


def _of_scipy() -> list[tuple[Any, Any]]:
    """Functions of the modules that are loaded."""
    pairs = []
    for module, known in _NUMPYS.items():
        for name, rule in known.items():
            pairs.append((_loaded(module, name), RULES[rule]))
    for module, names in _LINEAR.items():
        for name in names:
            original = _loaded(module, name)
            pairs.append((original, linear(original, (0,))))
    for module, names in _BILINEAR.items():
        for name in names:
            original = _loaded(module, name)
            pairs.append((original, bilinear(original, (0, 1))))
    found = [pair for pair in pairs if pair[0] is not None]
    return [(original, _or_plain(original, rule)) for original, rule in found]


def _loaded(module: str, name: str) -> Any:
    return getattr(sys.modules.get(module), name, None)
