"""Derivatives of ufuncs by each of their arguments.

`SLOPES[ufunc][k](value, *arguments)` is the derivative by argument `k`, where `value`
is the result; None where the function is defined for constants only there. For complex
arguments they are complex derivatives; functions that have none, such as the absolute
value, stand in `PARTIALS`, from the partials of the argument.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextvars import ContextVar
from typing import Any, TypeAlias

import numpy as np
from scipy import special

__all__ = ["FLAT", "PARTIALS", "RESTING", "SLOPES", "chained", "rests"]

Slope: TypeAlias = Callable[..., Any]

ROOT_PI = float(np.sqrt(np.pi))
LN2, LN10 = float(np.log(2.0)), float(np.log(10.0))


def _of_sinc(v: Any) -> Any:
    """Derivative of sin(pi v) / (pi v)."""
    near = np.abs(v) < 1e-2
    u = np.where(near, 1.0, v)
    far = (np.cos(np.pi * u) - np.sinc(u)) / u
    z = (np.pi * v) ** 2
    series = -(np.pi**2) * v * (1 / 3 - z * (1 / 30 - z * (1 / 840 - z / 45360)))
    return np.where(near, series, far)


def _of_voigt(part: str) -> Slope:
    """Derivative of a Voigt profile, from w(z) with z = (x + i gamma) / (s sqrt 2)."""

    def slope(value: Any, x: Any, sigma: Any, gamma: Any) -> Any:
        scale = np.sqrt(2.0) * sigma
        z = (x + 1j * gamma) / scale
        w = special.wofz(z)
        by_z = (-2.0 * z * w + 2j / ROOT_PI) / (scale * ROOT_PI * scale)
        if part == "x":
            return by_z.real
        if part == "gamma":
            return -by_z.imag
        return -(by_z * z * np.sqrt(2.0)).real - value / sigma

    return slope


def _bessel(function: Any, sign: float) -> tuple[None, Slope]:
    """Derivative of a cylinder function by its argument, from its neighbours."""

    def slope(value: Any, order: Any, x: Any) -> Any:
        return 0.5 * (function(order - 1, x) + sign * function(order + 1, x))

    return None, slope


def _spread(of: Callable[[Any], Any]) -> tuple[Slope]:
    """A function of one argument whose slope does not need its value."""
    return (lambda value, v: of(v),)


_OF_POWER = (
    lambda value, a, b: np.where(b == 0, 0.0, b * np.power(a, b - 1.0)),
    lambda value, a, b: np.where(
        value == 0.0, 0.0, value * np.log(np.where(a == 0.0, 1.0, a))
    ),
)
_OF_PRODUCT = (lambda value, a, b: b, lambda value, a, b: a)
_SLOPES: dict[Any, tuple[Slope | None, ...]] = {
    np.add: (lambda value, a, b: 1.0, lambda value, a, b: 1.0),
    np.subtract: (lambda value, a, b: 1.0, lambda value, a, b: -1.0),
    np.multiply: _OF_PRODUCT,
    np.divide: (lambda value, a, b: 1.0 / b, lambda value, a, b: -value / b),
    **dict.fromkeys((np.power, np.float_power), _OF_POWER),
    np.remainder: (
        lambda value, a, b: 1.0,
        lambda value, a, b: -np.floor_divide(a, b),
    ),
    np.fmod: (lambda value, a, b: 1.0, lambda value, a, b: -np.trunc(a / b)),
    np.arctan2: (
        lambda value, a, b: b / (a * a + b * b),
        lambda value, a, b: -a / (a * a + b * b),
    ),
    np.hypot: (lambda value, a, b: a / value, lambda value, a, b: b / value),
    np.maximum: (lambda value, a, b: a >= b, lambda value, a, b: a < b),
    np.minimum: (lambda value, a, b: a <= b, lambda value, a, b: a > b),
    np.fmax: (
        lambda value, a, b: (a >= b) | np.isnan(b),
        lambda value, a, b: ~((a >= b) | np.isnan(b)),
    ),
    np.fmin: (
        lambda value, a, b: (a <= b) | np.isnan(b),
        lambda value, a, b: ~((a <= b) | np.isnan(b)),
    ),
    np.copysign: (lambda value, a, b: np.sign(value) * np.sign(a), None),
    np.logaddexp: (
        lambda value, a, b: np.exp(a - value),
        lambda value, a, b: np.exp(b - value),
    ),
    np.logaddexp2: (
        lambda value, a, b: np.exp2(a - value),
        lambda value, a, b: np.exp2(b - value),
    ),
    np.heaviside: (lambda value, a, b: 0.0, lambda value, a, b: a == 0.0),
    np.ldexp: (lambda value, a, b: np.exp2(b), None),
    np.negative: (lambda value, v: -1.0,),
    np.positive: (lambda value, v: 1.0,),
    np.reciprocal: (lambda value, v: -value * value,),
    np.square: (lambda value, v: 2.0 * v,),
    np.sqrt: (lambda value, v: 0.5 / value,),
    np.cbrt: (lambda value, v: value / (3.0 * v),),
    np.exp: (lambda value, v: value,),
    np.exp2: (lambda value, v: LN2 * value,),
    np.expm1: _spread(np.exp),
    np.log: (lambda value, v: 1.0 / v,),
    np.log2: (lambda value, v: 1.0 / (LN2 * v),),
    np.log10: (lambda value, v: 1.0 / (LN10 * v),),
    np.log1p: (lambda value, v: 1.0 / (1.0 + v),),
    np.sin: _spread(np.cos),
    np.cos: (lambda value, v: -np.sin(v),),
    np.tan: (lambda value, v: 1.0 + value * value,),
    np.arcsin: (lambda value, v: 1.0 / np.sqrt(1.0 - v * v),),
    np.arccos: (lambda value, v: -1.0 / np.sqrt(1.0 - v * v),),
    np.arctan: (lambda value, v: 1.0 / (1.0 + v * v),),
    np.sinh: _spread(np.cosh),
    np.cosh: _spread(np.sinh),
    np.tanh: (lambda value, v: 1.0 - value * value,),
    np.arcsinh: (lambda value, v: 1.0 / np.sqrt(1.0 + v * v),),
    np.arccosh: (lambda value, v: 1.0 / np.sqrt(v * v - 1.0),),
    np.arctanh: (lambda value, v: 1.0 / (1.0 - v * v),),
    **dict.fromkeys((np.deg2rad, np.radians), (lambda value, v: np.pi / 180.0,)),
    **dict.fromkeys((np.rad2deg, np.degrees), (lambda value, v: 180.0 / np.pi,)),
    np.fabs: _spread(np.sign),
    special.erf: (lambda value, v: 2.0 / ROOT_PI * np.exp(-v * v),),
    special.erfc: (lambda value, v: -2.0 / ROOT_PI * np.exp(-v * v),),
    special.erfcx: (lambda value, v: 2.0 * v * value - 2.0 / ROOT_PI,),
    special.erfi: (lambda value, v: 2.0 / ROOT_PI * np.exp(v * v),),
    special.erfinv: (lambda value, v: 0.5 * ROOT_PI * np.exp(value * value),),
    special.dawsn: (lambda value, v: 1.0 - 2.0 * v * value,),
    special.wofz: (lambda value, v: -2.0 * v * value + 2j / ROOT_PI,),
    special.ndtr: (lambda value, v: np.exp(-0.5 * v * v) / np.sqrt(2.0 * np.pi),),
    special.log_ndtr: (
        lambda value, v: np.exp(-0.5 * v * v - value) / np.sqrt(2.0 * np.pi),
    ),
    special.voigt_profile: (_of_voigt("x"), _of_voigt("sigma"), _of_voigt("gamma")),
    special.j0: (lambda value, v: -special.j1(v),),
    special.j1: (lambda value, v: 0.5 * (special.j0(v) - special.jv(2, v)),),
    special.y0: (lambda value, v: -special.y1(v),),
    special.y1: (lambda value, v: special.y0(v) - value / v,),
    special.i0: _spread(special.i1),
    special.i1: (lambda value, v: 0.5 * (special.i0(v) + special.iv(2, v)),),
    special.i0e: (lambda value, v: special.i1e(v) - np.sign(v) * value,),
    special.i1e: (
        lambda value, v: (
            0.5 * (special.i0e(v) + special.ive(2, v)) - np.sign(v) * value
        ),
    ),
    special.k0: (lambda value, v: -special.k1(v),),
    special.k1: (lambda value, v: -special.k0(v) - value / v,),
    special.jv: _bessel(special.jv, -1.0),
    special.jn: _bessel(special.jv, -1.0),
    special.yv: _bessel(special.yv, -1.0),
    special.iv: _bessel(special.iv, 1.0),
    special.kv: (
        None,
        lambda value, k, v: -0.5 * (special.kv(k - 1, v) + special.kv(k + 1, v)),
    ),
    special.gamma: (lambda value, v: value * special.digamma(v),),
    special.rgamma: (lambda value, v: -value * special.digamma(v),),
    special.gammaln: _spread(special.digamma),
    special.loggamma: _spread(special.digamma),
    special.digamma: (lambda value, v: special.polygamma(1, v),),
    special.beta: (
        lambda value, a, b: value * (special.digamma(a) - special.digamma(a + b)),
        lambda value, a, b: value * (special.digamma(b) - special.digamma(a + b)),
    ),
    special.betaln: (
        lambda value, a, b: special.digamma(a) - special.digamma(a + b),
        lambda value, a, b: special.digamma(b) - special.digamma(a + b),
    ),
    special.gammainc: (
        None,
        lambda value, a, v: np.exp((a - 1.0) * np.log(v) - v - special.gammaln(a)),
    ),
    special.gammaincc: (
        None,
        lambda value, a, v: -np.exp((a - 1.0) * np.log(v) - v - special.gammaln(a)),
    ),
    special.expit: (lambda value, v: value * (1.0 - value),),
    special.log_expit: (lambda value, v: special.expit(-v),),
    special.logit: (lambda value, v: 1.0 / (v * (1.0 - v)),),
    special.exp1: (lambda value, v: -np.exp(-v) / v,),
    special.expi: (lambda value, v: np.exp(v) / v,),
    special.expn: (None, lambda value, n, v: -special.expn(n - 1, v)),
    special.spence: (lambda value, v: np.where(v == 1.0, -1.0, np.log(v) / (1.0 - v)),),
    special.xlogy: (lambda value, a, b: np.log(b), lambda value, a, b: a / b),
    special.xlog1py: (
        lambda value, a, b: np.log1p(b),
        lambda value, a, b: a / (1.0 + b),
    ),
    special.exp10: (lambda value, v: LN10 * value,),
    special.ellipkm1: (lambda value, v: -_of_ellipk(special.ellipk(1.0 - v), 1.0 - v),),
    special.ellipk: (lambda value, m: _of_ellipk(value, m),),
    special.ellipe: (
        lambda value, m: np.where(m == 0.0, -np.pi / 8.0, _of_ellipe(value, m)),
    ),
    special.sindg: (lambda value, v: np.pi / 180.0 * special.cosdg(v),),
    special.cosdg: (lambda value, v: -np.pi / 180.0 * special.sindg(v),),
}


def _of_ellipk(value: Any, m: Any) -> Any:
    safe = np.where(m == 0.0, 0.5, m)
    slope = (special.ellipe(m) / (1.0 - m) - value) / (2.0 * safe)
    return np.where(m == 0.0, np.pi / 8.0, slope)


def _of_ellipe(value: Any, m: Any) -> Any:
    return (value - special.ellipk(m)) / (2.0 * np.where(m == 0.0, 1.0, m))


# `special.lambertw` hands its arguments to a ufunc of another name.
_SLOPES[special._ufuncs._lambertw] = (
    lambda value, v, k, tol: 1.0 / (np.exp(value) * (1.0 + value)),
    *(None, None),
)
#: Functions of arrays entry by entry that are no ufuncs.
_SLOPES[np.sinc] = _spread(_of_sinc)
_SLOPES[np.i0] = _spread(special.i1)
SLOPES: Mapping[Any, tuple[Slope | None, ...]] = _SLOPES


def _of_abs(v: Any, partials: Any) -> Any:
    """Partials of an absolute value: the part along the value."""
    if np.iscomplexobj(v) or np.iscomplexobj(partials):
        size = np.abs(v)
        unit = np.where(size == 0.0, 0.0, np.conj(v) / np.where(size == 0.0, 1.0, size))
        return np.real(unit * partials)
    return np.sign(v) * partials


def _of_angle(v: Any, partials: Any, deg: bool = False) -> Any:
    """Partials of a phase: the part across the value."""
    square = np.abs(v) ** 2
    across = np.imag(np.conj(v) * partials) / np.where(square == 0.0, 1.0, square)
    return np.degrees(across) if deg else across


#: Partials of a result from an argument and its partials, of functions without a
#: complex derivative.
PARTIALS: Mapping[Any, Callable[..., Any]] = {
    np.absolute: _of_abs,
    np.conjugate: lambda v, partials: np.conj(partials),
    np.real: lambda v, partials: np.real(partials),
    np.imag: lambda v, partials: np.imag(partials),
    np.angle: _of_angle,
}

#: Functions that come to rest where an argument is infinite, or whose slope is infinite
#: where an argument is 0, which mostly comes to rest there itself.
RESTING = frozenset(
    [
        *(np.divide, np.reciprocal, np.exp, np.exp2, np.expm1, np.tanh, np.arctan),
        *(special.erf, special.erfc, special.expit, np.power, np.float_power),
        *(np.sqrt, np.cbrt, np.hypot, np.arctan2, special.xlogy),
    ]
)
#: Whether slopes there are told apart from what is no number.
rests: ContextVar[bool] = ContextVar("rests", default=False)


def chained(function: Any, slope: Any, partials: Any) -> Any:
    """Product of an outer and inner slopes; 0 of 0 and infinity where a value rests."""
    product = slope * partials
    if rests.get() and function in RESTING and np.ndim(product) > 1:
        return np.where((slope == 0.0) | (partials == 0.0), 0.0, product)
    return product


#: Ufuncs whose values do not move with their arguments: comparisons, steps.
FLAT = frozenset(
    [
        *(np.equal, np.not_equal, np.less, np.less_equal, np.greater),
        *(np.greater_equal, np.logical_and, np.logical_or, np.logical_not),
        *(np.logical_xor, np.isfinite, np.isnan, np.isinf, np.signbit, np.sign),
        *(np.floor, np.ceil, np.trunc, np.rint, np.floor_divide, np.spacing),
    ]
)
