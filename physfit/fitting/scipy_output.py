"""What scipy's `curve_fit` returns besides values and covariance."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import linalg

from physfit.data.record import weights_of
from physfit.models.user_function.columns import drawable
from physfit.objective import Objective
from physfit.result import FitResult
from physfit.solve.base import Status

__all__ = ["full_parts"]

#: MINPACK's numbers, and those of `least_squares`, for how a fit has converged.
_BY_MINPACK = {Status.FTOL: 1, Status.XTOL: 2, Status.GTOL: 4}
_BY_REGION = {Status.GTOL: 1, Status.FTOL: 2, Status.XTOL: 3}


def full_parts(
    result: FitResult, method: str | None, is_weighted: bool, is_guessed: bool
) -> tuple[dict[str, Any], str, int]:
    """Dict of further values, message, and number of the status.

    Parameters
    ----------
    result : FitResult
    method : str or None
        As `curve_fit` takes it.
    is_weighted : bool
        Whether residuals are divided by sigma.
    is_guessed : bool
        Whether another start took the place of scipy's.
    """
    residuals = np.negative(result.pulls if is_weighted else result.residuals)
    info = {"nfev": result.n_evals, "fvec": residuals}
    numbers = _BY_REGION
    if method in (None, "lm"):
        info |= _factors(result, residuals)
        numbers = _BY_MINPACK
    message = result.message
    if is_guessed or result.retry_stage is not None:
        message += "; from guessed start values, since the start led to no minimum"
    return info, message, numbers.get(result.status, 1)


def _factors(result: FitResult, residuals: Any) -> dict[str, Any]:
    """Factors of the Jacobian as MINPACK's: J P = Q R, columns by length.

    `fjac` holds R in its first columns, transposed; `ipvt` is the permutation, counted
    from 1; `qtf` is Q^T times the residuals.
    """
    model, data = drawable(result.model, result.data)
    objective = Objective(model.layout, data.x, data.y, weights_of(data), result.loss)
    rows, _ = objective.weighted_rows(result.solution.theta)
    n, m = rows.shape
    fjac = np.zeros((n, m))
    q, r, order = linalg.qr(rows.T, mode="economic", pivoting=True)
    fjac[:, : len(r)] = r.T
    return {"fjac": fjac, "ipvt": order + 1, "qtf": q.T @ np.ravel(residuals)}
