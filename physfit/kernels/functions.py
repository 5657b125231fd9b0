"""Functions of the value of a real model, each with its derivative."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from physfit.kernels.elementary import exp, log, sincos, tanh
from physfit.kernels.kernel import scalar

__all__ = ["FUNCTIONS"]


@scalar
def exp_of(v):
    """Exponential function."""
    value = exp(v)
    return value, value


@scalar
def log_of(v):
    """Natural logarithm; NaN below 0."""
    return log(v), 1.0 / v


@scalar
def sqrt_of(v):
    """Square root; NaN below 0."""
    value = math.sqrt(v)
    return value, 0.5 / value


@scalar
def sin_of(v):
    """Sine of an angle in rad."""
    return sincos(v)


@scalar
def cos_of(v):
    """Cosine of an angle in rad."""
    s, c = sincos(v)
    return c, -s


@scalar
def tanh_of(v):
    """Hyperbolic tangent."""
    value = tanh(v)
    return value, 1.0 - value * value


#: `v -> (value, derivative)` by name.
FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "exp": exp_of,
    "log": log_of,
    "sqrt": sqrt_of,
    "sin": sin_of,
    "cos": cos_of,
    "tanh": tanh_of,
}
