"""How good the fits of many rows are, and which are the worst."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from physfit.errors import InputError
from physfit.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from physfit.result.many_result import ManyResult

__all__ = ["p_values", "worst_rows"]


def p_values(many: ManyResult) -> FloatArray | None:
    """Probability of a larger chi2 in each row; see `ManyResult.p_value`."""
    if not many.is_absolute or not many.loss.traits.has_p_value:
        return None
    from scipy.special import chdtrc  # a script that asks for no p needs no import

    known = many.converged & (many.dof > 0)
    result: FloatArray = np.full(many.shape, np.nan)
    result[known] = chdtrc(many.dof[known], many.chi2[known])
    return result


def worst_rows(many: ManyResult, n: int, by: str) -> IntArray:
    """Numbers of the `n` worst rows; see `ManyResult.worst`."""
    if by not in ("chi2", "p_value"):
        raise InputError(f"`by` must be 'chi2' or 'p_value', but is {by!r}.")
    if n < 0:
        raise InputError(f"`n` must be at least 0, but is {n}.")
    badness = many.reduced_chi2.ravel()
    if by == "p_value":
        p = many.p_value
        if p is None:
            raise InputError(
                "there are no p values without sigma, nor for robust losses; use "
                "by='chi2'."
            )
        badness = -p.ravel()
    table = many.table
    lost = np.flatnonzero(table.failed & ~table.unfitted)
    sound = np.flatnonzero(~table.failed & np.isfinite(badness))
    chi2 = many.reduced_chi2.ravel()[lost]
    lost = lost[np.argsort(np.where(np.isfinite(chi2), -chi2, -np.inf), kind="stable")]
    left = max(0, n - len(lost))
    if left < len(sound):
        # as many as are wanted, without sorting them all
        limit = np.partition(badness[sound], len(sound) - 1 - left)
        sound = sound[badness[sound] >= limit[len(sound) - 1 - left]]
    sound = sound[np.argsort(-badness[sound], kind="stable")][:left]
    return np.concatenate([lost[:n], sound]).astype(np.int64)
