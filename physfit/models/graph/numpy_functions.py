"""Operations of a graph in numpy and scipy, for whole arrays.

Most have a name there. The others are what scipy has for them, to the digits that a
comparison needs.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from physfit.models.graph.operation_names import NUMPY_NAMES
from physfit.models.graph.operations import OPERATIONS

__all__ = ["numpy_function"]


@cache
def numpy_function(name: str) -> Callable[..., Any]:
    """Function of arrays that an operation is."""
    called = getattr(np, NUMPY_NAMES.get(name, name), None)
    if callable(called) and name not in ("i0", "number"):
        return called  # type: ignore[no-any-return]
    composed = _composed().get(name)
    if composed is not None:
        return composed
    from scipy import special

    called = getattr(special, name, None)
    return called or np.vectorize(OPERATIONS[name].evaluate, otypes=[np.float64])


def _number(condition: Any) -> Any:
    return np.asarray(condition, dtype=np.float64)


def _slope_of_w(x: Any, y: Any) -> Any:
    from scipy.special import wofz

    z = x + 1j * y
    return 2j / np.sqrt(np.pi) - 2.0 * z * wofz(z)


def _slope_of_voigt(x: Any, sigma: Any, gamma: Any) -> tuple[Any, Any, Any]:
    """Of Re w(z) / (sqrt(2 pi) sigma), z = (x + i gamma) / (sqrt(2) sigma)."""
    from scipy.special import voigt_profile

    scale = 1.0 / (np.sqrt(2.0) * sigma)
    norm = scale / np.sqrt(np.pi)
    slope = _slope_of_w(x * scale, gamma * scale)
    by_x, by_gamma = norm * scale * slope.real, -norm * scale * slope.imag
    value = voigt_profile(x, sigma, gamma)
    return by_x, -(value + x * by_x + gamma * by_gamma) / sigma, by_gamma


def _sinc_slope(x: Any) -> Any:
    """Of sin(pi x) / (pi x): a series where both terms of the quotient are 1."""
    near = np.abs(x) < 1e-2
    far = np.where(near, 1.0, x)
    z = (np.pi * x) ** 2
    series = -(np.pi**2) * x * (1 / 3 - z * (1 / 30 - z * (1 / 840 - z / 45360)))
    return np.where(near, series, (np.cos(np.pi * far) - np.sinc(far)) / far)


def _difference(m: Any) -> Any:
    """(K - E) / m of elliptic integrals, DLMF 19.25.1."""
    from scipy.special import elliprd

    return elliprd(0.0, 1.0 - m, 1.0) / 3.0


def _composed() -> dict[str, Callable[..., Any]]:
    from scipy import special as own

    return {
        "number": _number,
        "sinc_slope": _sinc_slope,
        "lambert_w0": lambda x: own.lambertw(x).real,
        "lambert_wm1": lambda x: own.lambertw(x, -1).real,
        "trigamma": lambda x: own.polygamma(1, x),
        "tetragamma": lambda x: own.polygamma(2, x),
        "pentagamma": lambda x: own.polygamma(3, x),
        "j1_slope": lambda x: 0.5 * (own.j0(x) - own.jv(2, x)),
        "i1_slope": lambda x: 0.5 * (own.i0(x) + own.iv(2, x)),
        "i0e_slope": lambda x: own.i1e(x) - np.sign(x) * own.i0e(x),
        "i1e_slope": lambda x: (
            0.5 * (own.i0e(x) + own.ive(2, x)) - np.sign(x) * own.i1e(x)
        ),
        "ellipk_slope": lambda m: 0.5 * (own.ellipk(m) - _difference(m)) / (1.0 - m),
        "ellipe_slope": lambda m: -0.5 * _difference(m),
        "k0e_slope": lambda x: own.k0e(x) - own.k1e(x),
        "k1e_slope": lambda x: own.k1e(x) - own.k0e(x) - own.k1e(x) / x,
        "dawsn_slope": lambda x: 1.0 - 2.0 * x * own.dawsn(x),
        "wofz_re": lambda x, y: own.wofz(x + 1j * y).real,
        "wofz_im": lambda x, y: own.wofz(x + 1j * y).imag,
        "wofz_slope_re": lambda x, y: _slope_of_w(x, y).real,
        "wofz_slope_im": lambda x, y: _slope_of_w(x, y).imag,
        "voigt_by_x": lambda *operands: _slope_of_voigt(*operands)[0],
        "voigt_by_sigma": lambda *operands: _slope_of_voigt(*operands)[1],
        "voigt_by_gamma": lambda *operands: _slope_of_voigt(*operands)[2],
    }
