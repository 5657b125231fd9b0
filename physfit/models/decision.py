"""What a look at a user's function has shown: how its derivatives are taken."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.models.differences import Steps
    from physfit.models.duals import Way

__all__ = ["SAME", "Decision", "agree", "mismatch"]

#: Values of samples one by one agree with those of a curve to this.
SAME = 1e-9
#: Derivatives agree with differences to this, or to so many times their error.
AGREEMENT, ERRORS = 1e-6, 100.0
#: Share of the samples, of kinks, at which they need not.
KINKS = 0.02


class Decision(NamedTuple):
    """What a look at the function has shown.

    Attributes
    ----------
    way : callable or None
        How dual numbers get through the function; None: differences.
    reason : str
        Why they are not exact.
    steps : Steps
        Of differences.
    is_pointwise : bool
        Whether the value of a sample does not depend on the others.
    """

    way: Way | None
    reason: str
    steps: Steps
    is_pointwise: bool


def mismatch(
    names: Sequence[str],
    values: tuple[FloatArray, FloatArray],
    partials: tuple[FloatArray, FloatArray],
    steps: Steps,
) -> str:
    """Where dual numbers are not what differences are, in words."""
    if not agree(*values, SAME, 0):
        return "dual numbers give other values"
    n_kinks = int(np.ceil(KINKS * values[0].size)) if values[0].size >= 10 else 0
    for name, one, other, error in zip(names, *partials, steps.errors, strict=True):
        if not agree(one, other, max(AGREEMENT, ERRORS * error), n_kinks):
            return f"dual numbers give another slope in {name}"
    return ""


@np.errstate(all="ignore")
def agree(one: NDArray[Any], other: NDArray[Any], rtol: float, n_kinks: int) -> bool:
    """Whether arrays agree, relative to the largest entry, but for a few samples."""
    if np.array_equal(one, other):
        return True
    size = np.abs(one[np.isfinite(one)]).max(initial=0.0)
    is_same = np.abs(one - other) <= rtol * size + 1e-300
    is_same |= (one == other) | ~(np.isfinite(one) | np.isfinite(other))
    return int(np.count_nonzero(~is_same)) <= n_kinks
