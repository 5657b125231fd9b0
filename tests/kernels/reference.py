"""Kernels rebuilt with mpmath's names, so that their own source is the reference.

A rebuilt kernel is the same code object with other globals: elementary and special
functions and `math` are mpmath's, and helper functions of its module are rebuilt too.
On 50-digit numbers it shows what the formula says, free of rounding, and can be
differentiated by differences.
"""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType, SimpleNamespace
from typing import Any

import mpmath as mp

from physfit.kernels import elementary, special

DIGITS = 50


def faddeeva(z: mp.mpc) -> mp.mpc:
    """w(z) = exp(-z^2) erfc(-i z); 20 digits more than asked for, for far tails."""
    with mp.extradps(20):
        return mp.exp(-z * z) * mp.erfc(mp.mpc(0, -1) * z)


def faddeeva_with_derivative(x: mp.mpf, y: mp.mpf) -> tuple[mp.mpf, ...]:
    """Re w, Im w, Re w', Im w' at x + i y; far out w' cancels, hence the digits."""
    with mp.extradps(20):
        z = mp.mpc(x, y)
        w = faddeeva(z)
        slope = -2 * z * w + mp.mpc(0, 2) / mp.sqrt(mp.pi)
    return w.real, w.imag, slope.real, slope.imag


def _copysign(size: mp.mpf, sign: mp.mpf) -> mp.mpf:
    return -abs(size) if sign < 0 else abs(size)


MATH = SimpleNamespace(
    sqrt=mp.sqrt, fabs=abs, copysign=_copysign, pi=mp.pi, nan=mp.nan, inf=mp.inf
)
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": mp.exp,
    "expm1": mp.expm1,
    "log": mp.log,
    "log1p": mp.log1p,
    "log1p_inside": mp.log1p,
    "sincos": lambda x: (mp.sin(x), mp.cos(x)),
    "sincos_swept": lambda omega, t: (mp.sin(omega * t), mp.cos(omega * t)),
    "sincos_turned": lambda frequency, t, phase: (
        mp.sin(2 * mp.pi * frequency * t + phase),
        mp.cos(2 * mp.pi * frequency * t + phase),
    ),
    "tanh": mp.tanh,
    "faddeeva_small_y": faddeeva_with_derivative,
    "faddeeva_with_derivative": faddeeva_with_derivative,
    # Their coefficients are rounded numbers, which the derivative of H would amplify.
    "sinhc_series": lambda s: mp.hyp0f1(mp.mpf(3) / 2, s / 4),
    "sinhc_slope_series": lambda s: mp.hyp0f1(mp.mpf(5) / 2, s / 4) / 6,
}
LIBRARIES = (elementary.__name__, special.__name__)


def rebuilt(function: Any) -> Any:
    """`function` with mpmath's names for everything it calls."""
    known = function.__globals__
    replaced = {
        name: _replacement(name, known[name])
        for name in function.__code__.co_names
        if name in known
    }
    return FunctionType(function.__code__, {**known, **replaced}, function.__name__)


def _replacement(name: str, value: Any) -> Any:
    if name == "math":
        return MATH
    if not isinstance(value, FunctionType):
        return value
    if name in FUNCTIONS:
        return FUNCTIONS[name]
    if value.__module__ in LIBRARIES:
        raise LookupError(
            f"kernels call {value.__name__!r}; give its mpmath form in FUNCTIONS of "
            "tests/kernels/reference.py."
        )
    return rebuilt(value)


def partials(
    value: Callable[..., Any], arguments: tuple[float, ...], variables: range
) -> list[mp.mpf]:
    """Derivative of `value(*arguments)` by each of the numbered arguments.

    Differences are one-sided: some domains end at 0.
    """
    exact = [mp.mpf(argument) for argument in arguments]

    def along(position: int) -> Callable[[mp.mpf], mp.mpf]:
        return lambda a: value(*exact[:position], a, *exact[position + 1 :])

    return [
        mp.diff(along(position), exact[position], direction=1) for position in variables
    ]


def conditions(
    function: Callable[..., Any], arguments: tuple[float, ...]
) -> tuple[list[mp.mpf], list[mp.mpf]]:
    """Results of a rebuilt kernel, and how far they move with its arguments.

    The second list is sum over arguments of |argument d result / d argument|: times the
    unit roundoff it is the error that no kernel can avoid, because its arguments are
    rounded numbers.
    """
    exact = [mp.mpf(argument) for argument in arguments]
    results = list(function(*exact))
    moves = [mp.mpf(0)] * len(results)
    step = mp.mpf(10) ** (-DIGITS // 3)
    for position, argument in enumerate(exact):
        moved = function(
            *exact[:position], argument * (1 + step), *exact[position + 1 :]
        )
        moves = [
            move + abs(new - old) / step
            for move, new, old in zip(moves, moved, results, strict=True)
        ]
    return results, moves


def excess(result: float, exact: mp.mpf, move: mp.mpf, noise: mp.mpf) -> float:
    """Error of `result` in units of what rounding of the arguments would explain.

    `noise` is the error of `exact` itself; below the normal numbers, underflow may cost
    a few spacings of subnormals.
    """
    allowed = 2.0**-53 * (abs(exact) + move) + noise + 2e-323
    return float(abs(mp.mpf(result) - exact) / allowed)
