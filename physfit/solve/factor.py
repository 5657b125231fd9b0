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

from physfit.data.base import Window
from physfit.engine.binding import Binding
from physfit.models.loss import Loss
from physfit.objective import weighted
from physfit.typing import FloatArray

__all__ = ["added", "factor_of"]

#: Rows that are factorised at once; their partials stay in the cache.
ROWS = 4096


def factor_of(
    binding: Binding, loss: Loss, window: Window, theta: FloatArray, *, plain: bool
) -> FloatArray:
    """Factor (at most P + 1, P + 1) of the rows of a window, residuals in the end.

    With `plain` the weights are 1 / sigma^2, otherwise those of Gauss and Newton.
    """
    factor = np.zeros((0, len(theta) + 1))
    for start in range(0, window.n, ROWS):
        part = _part(window, start, min(start + ROWS, window.n))
        binding.bind(part)
        values, partials = binding.values_and_partials(theta)
        terms = loss.terms(part.y, values, part.weights)
        if plain:
            terms[1], terms[2] = 0.0, part.weights**2
        rows, residual = weighted(partials, terms)
        factor = added(factor, np.vstack([rows, residual]).T)
    return factor


def added(factor: FloatArray, rows: FloatArray) -> FloatArray:
    """Factor of a factor with more rows below it; NaN if something is not finite."""
    stacked = np.vstack([factor, rows])
    if not np.isfinite(stacked).all():
        return np.full((1, stacked.shape[1]), np.nan)
    return np.asarray(np.linalg.qr(stacked, mode="r"))


def _part(window: Window, start: int, stop: int) -> Window:
    """View of some rows of a window."""
    has_spins = window.x.dtype == np.int8
    return window._replace(
        x=window.x[start:stop] if has_spins else window.x[:, start:stop],
        y=window.y[:, start:stop],
        weights=window.weights[:, start:stop],
        n=stop - start,
    )
