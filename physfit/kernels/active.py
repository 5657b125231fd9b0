"""Backgrounds that follow the peaks of their sum: without these they have no value.

What they are in a sum is computed by `engine.active`.
"""

from __future__ import annotations

import math

from physfit.kernels.kernel import scalar

__all__ = ["shirley_alone", "tougaard_alone"]


@scalar
def shirley_alone(x, k):
    """NaN: the background is an integral of the sum that it stands in."""
    return math.nan * (x + k), math.nan * x


@scalar
def tougaard_alone(x, b, C):
    """NaN: the background is an integral of the sum that it stands in."""
    return math.nan * (x + b + C), math.nan * x, math.nan * x
