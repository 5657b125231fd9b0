"""The triangular factor of a Jacobian that is never in memory as a whole.

With W the weights, J the partials and r the residuals of all rows, the factor R of

    Q [R  q] = W^1/2 [J  r]

has the singular values of the weighted Jacobian, and R'q is the gradient. Stacking the
factors of two parts and factorising again gives that of both, so it goes window by
window without squaring the condition number (a QR of tall and skinny matrices).

References
----------
J. Demmel, L. Grigori, M. Hoemmen and J. Langou, SIAM J. Sci. Comput. 34 (2012) A206.
"""

from __future__ import annotations

import numpy as np

from physfit.objective import Objective, weighted
from physfit.typing import FloatArray

__all__ = ["added", "factor_of"]

#: Rows that are factorised at once; their partials stay in the cache.
ROWS = 4096


def factor_of(objective: Objective, theta: FloatArray, *, plain: bool) -> FloatArray:
    """Factor (at most P + 1, P + 1) of the rows of a window, residuals in the end.

    With `plain` the weights are 1 / sigma^2, otherwise those of Gauss and Newton. The
    objective is bound to the window, and then to its last rows.
    """
    x, y, weights = objective.x, objective.y, objective.weights
    factor = np.zeros((0, len(theta) + 1))
    for start in range(0, y.shape[1], ROWS):
        rows = slice(start, min(start + ROWS, y.shape[1]))
        part = x[rows] if objective.layout.takes_spins else x[:, rows]
        objective.bind(part, y[:, rows], weights[:, rows], rows.stop - start)
        values, partials = objective.values_and_partials(theta)
        terms = objective.loss_terms(values)
        if plain:
            terms[1], terms[2] = 0.0, objective.weights**2
        weighted_rows, residual = weighted(partials, terms)
        factor = added(factor, np.vstack([weighted_rows, residual]).T)
    return factor


def added(factor: FloatArray, rows: FloatArray) -> FloatArray:
    """Factor of a factor with more rows below it; NaN if something is not finite."""
    stacked = np.vstack([factor, rows])
    if not np.isfinite(stacked).all():
        return np.full((1, stacked.shape[1]), np.nan)
    return np.asarray(np.linalg.qr(stacked, mode="r"))
