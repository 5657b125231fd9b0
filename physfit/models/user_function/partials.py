"""Scalar functions with partials written by hand: `(value, d/da, d/db...)`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from physfit.engine.layout import Evaluate, Layout
from physfit.engine.program import evaluate
from physfit.errors import ModelError
from physfit.kernels.kernel import Kernel, point_kernel
from physfit.models.user_function.signature import Signature
from physfit.typing import FloatArray

__all__ = ["checked_kernel", "is_point"]

#: Partials agree with differences to this, relative to the largest; so far are points
#: apart at which both are taken.
AGREEMENT, STEP = 1e-5, 1e-6


def is_point(function: Any) -> bool:
    """Whether a function is marked as a point function with partials."""
    return getattr(function, "__physfit_role__", None) == "scalar"


def checked_kernel(function: Callable[..., Any], signature: Signature) -> Kernel:
    """Kernel of a point function, its partials compared with differences.

    Raises
    ------
    ModelError
        When a partial is not the derivative of the value.
    """
    kernel = point_kernel(function, n_inputs=signature.n_coordinates)
    n_inputs, n = len(kernel.inputs), len(kernel.parameters)
    layout = Layout((Evaluate(kernel, 0),), n, tuple(range(n)), (), (), n_inputs, 1)
    rng = np.random.default_rng(7)
    x = rng.uniform(0.2, 2.0, (n_inputs, 25))
    for _ in range(3):
        theta = rng.uniform(0.5, 1.5, n)
        value, partials = evaluate(layout, theta, x, partials=True)
        assert partials is not None
        for k, name in enumerate(kernel.parameters):
            expected = _difference(layout, theta, x, k)
            _compare(function, name, partials[k, 0], expected, value[0])
    return kernel


def _difference(layout: Layout, theta: FloatArray, x: FloatArray, k: int) -> FloatArray:
    """Central difference by parameter `k`."""
    ends = []
    for sign in (1.0, -1.0):
        moved = theta.copy()
        moved[k] *= 1.0 + sign * STEP
        ends.append(evaluate(layout, moved, x)[0][0])
    slope: FloatArray = (ends[0] - ends[1]) / (2.0 * STEP * theta[k])
    return slope


@np.errstate(all="ignore")
def _compare(
    function: Callable[..., Any],
    name: str,
    found: FloatArray,
    expected: FloatArray,
    value: FloatArray,
) -> None:
    known = np.isfinite(found) & np.isfinite(expected)
    size = np.abs(expected[known]).max(initial=0.0)
    size = max(size, np.abs(value[np.isfinite(value)]).max(initial=0.0) * 1e-3)
    off = np.abs(found - expected)[known].max(initial=0.0)
    if off > AGREEMENT * size:
        raise ModelError(
            f"the partial of `{function.__name__}` by `{name}` is not the derivative "
            f"of its value: it is off by {off / size:.1g} of the largest; correct it."
        )
