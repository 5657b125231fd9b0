"""Least-squares and Poisson answers by scipy, for the index.

`numpy` functions stand in for physfit's models here, so that the numbers in the index
owe nothing to the code that is judged by them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import least_squares
from scipy.special import voigt_profile

__all__ = ["answers", "columns", "gaussian", "measured", "referee", "voigt"]

Array = NDArray[np.float64]
Curve = Callable[..., Array]


def gaussian(x: Array, amplitude: float, center: float, sigma: float) -> Array:
    """Gaussian of area `amplitude`."""
    z = (x - center) / sigma
    return amplitude * np.exp(-0.5 * z * z) / (sigma * np.sqrt(2.0 * np.pi))


def voigt(
    x: Array, amplitude: float, center: float, sigma: float, gamma: float
) -> Array:
    """Voigt profile of area `amplitude`."""
    return amplitude * voigt_profile(x - center, abs(sigma), abs(gamma))


def columns(path: Path, start: float = -np.inf, stop: float = np.inf) -> Array:
    """Columns of a table whose first column lies in [start, stop]."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [line for line in lines if not line.startswith("#")][1:]
    table = np.array([[float(cell) for cell in row.split(",")] for row in rows])
    return table[(table[:, 0] >= start) & (table[:, 0] <= stop)].T


def referee(
    curve: Curve,
    x: Array,
    y: Array,
    start: Sequence[float],
    *,
    sigma: Array | None = None,
    poisson: bool = False,
) -> tuple[Array, Array]:
    """Best parameters and their standard errors.

    Parameters
    ----------
    curve : callable
        `curve(x, *theta)`, of the shape of `y`.
    sigma : ndarray, optional
        Absolute errors. Without them (and without `poisson`) the errors of the
        parameters are scaled by sqrt(chi2 / dof).
    poisson : bool
        Maximum likelihood for counts instead.
    """
    rough = np.sqrt(np.maximum(y, 1.0)) if poisson else sigma
    scale = np.ones_like(y) if rough is None else rough
    found = least_squares(
        lambda theta: (curve(x, *theta) - y) / scale,
        np.asarray(start, dtype=float),
        jac="3-point",
        x_scale="jac",
        xtol=1e-14,
        ftol=1e-14,
        gtol=1e-14,
        max_nfev=2000,
    )
    theta = found.x
    # Fisher scoring: differences are exact enough here to converge to rounding.
    for _ in range(30):
        f = curve(x, *theta)
        weight = 1.0 / f if poisson else scale**-2.0
        jac = _jacobian(curve, x, theta)
        normal = jac.T @ (weight[:, None] * jac)
        d = np.sqrt(np.diag(normal))
        step = np.linalg.solve(normal / np.outer(d, d), jac.T @ (weight * (y - f)) / d)
        theta = theta + step / d
    covariance = np.linalg.inv(normal / np.outer(d, d)) / np.outer(d, d)
    if rough is None:
        covariance *= np.sum((y - f) ** 2) / (y.size - theta.size)
    return theta, np.sqrt(np.diag(covariance))


def answers(
    names: Sequence[str],
    units: Sequence[str],
    found: tuple[Array, Array],
    expected: Mapping[str, tuple[float, float, str]] | None = None,
) -> list[dict[str, object]]:
    """List the `known` values of a fit for the index.

    Parameters
    ----------
    expected : mapping, optional
        Parameter name -> (value, tolerance, where from): truth or a published value.
    """
    rows: list[dict[str, object]] = []
    for name, unit, value, error in zip(names, units, *found, strict=True):
        row: dict[str, object] = {
            "parameter": name,
            "unit": unit,
            **measured(value, error),
        }
        if expected and name in expected:
            aim, tolerance, source = expected[name]
            row["expected"] = {"value": aim, "tolerance": tolerance, "source": source}
        rows.append(row)
    return rows


def measured(value: float, error: float) -> dict[str, float]:
    """Value to a millionth of its error, and the error to six digits."""
    digits = 6 - math.floor(math.log10(error))
    return {"value": round(float(value), digits), "error": float(f"{error:.6g}")}


def _jacobian(curve: Curve, x: Array, theta: Array) -> Array:
    partials = []
    for k, value in enumerate(theta):
        h = 1e-5 * max(abs(value), 1e-3)
        shift = np.zeros_like(theta)
        shift[k] = h
        # Fourth order: error h**4, far below the rounding of the differences.
        near = curve(x, *(theta + shift)) - curve(x, *(theta - shift))
        far = curve(x, *(theta + 2.0 * shift)) - curve(x, *(theta - 2.0 * shift))
        partials.append((8.0 * near - far) / (12.0 * h))
    return np.stack(partials, axis=1)
