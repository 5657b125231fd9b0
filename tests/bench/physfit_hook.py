"""physfit's side of a benchmark harness shared with other packages.

The harness asks for `w1(problem)`, where a problem has `name`, `x`, `y`, `sigma`, `p0`
and heights for amplitudes, and times the function that comes back: one whole fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

IMPORT_NAME = "physfit"
ROOT_2PI = math.sqrt(2.0 * math.pi)

#: Problem -> model, and for each parameter of the model its place in the problem's.
MODELS = {
    "a0": ("gaussian + constant", (0, 1, 2, 3)),
    "a": ("gaussian + linear", (0, 1, 2, 4, 3)),
    "b": (
        "voigt(a_) + voigt(b_) + voigt(c_) + quadratic",
        (*range(12), 14, 13, 12),
    ),
    "c": ("ringdown + constant", (0, 2, 1, 3, 4)),
}


def _have() -> bool:
    """Whether physfit can be imported."""
    return find_spec(IMPORT_NAME) is not None


def w1(problem: Any) -> Callable[[], np.ndarray]:
    """One fit of a problem: returns its parameters in the problem's convention."""
    import physfit as pf

    expression, places = MODELS[problem.name]
    model = pf.parse_model(expression)
    order = np.array(places)
    has_height, has_angle = problem.name in ("a0", "a"), problem.name == "c"
    x, y, sigma = problem.x, problem.y, problem.sigma
    theta = problem.p0[order].astype(float)
    if has_height:
        theta[0] *= theta[2] * ROOT_2PI
    if has_angle:
        theta[1] /= 2.0 * math.pi
    start = dict(zip(model.free_names, theta.tolist(), strict=True))

    def whole() -> tuple[np.ndarray, np.ndarray]:
        result = pf.fit(model, x, y, sigma=sigma, start=start)
        found = np.empty(len(order))
        found[order] = result.solution.theta
        if has_height:
            found[0] /= found[2] * ROOT_2PI
        if has_angle:
            found[2] *= 2.0 * math.pi
        return found, result.covariance

    return lambda: whole()[0]
