"""How good a fit is: chi2, its probability, and the information criteria.

With k fitted parameters (those at a bound and undetermined combinations not counted)
and n real numbers in the data,

    AIC = D + 2 k ,    BIC = D + k log n ,

where the deviance D is chi2 when sigma was given, n log(chi2 / n) when it was not, and
the Poisson deviance for counts: minus twice the log likelihood up to a constant of the
data, so that differences between models of the same data mean something. Robust losses
have none.
"""

from __future__ import annotations

import math
from typing import NamedTuple

__all__ = ["Statistics", "statistics"]


class Statistics(NamedTuple):
    """How good a fit is.

    Attributes
    ----------
    chi2 : float
        Twice the cost: chi2; for poisson the deviance; for robust losses twice the sum
        of rho.
    n_samples, n_fitted, dof : int
        Real numbers in the data, parameters that these determine, and the difference.
    reduced_chi2 : float
        chi2 / dof; NaN without degrees of freedom.
    aic, bic : float or None
        See the module's text; None for robust losses.
    """

    chi2: float
    n_samples: int
    n_fitted: int
    dof: int
    reduced_chi2: float
    aic: float | None
    bic: float | None


def statistics(
    cost: float, n_samples: int, n_fitted: int, *, absolute: bool, robust: bool
) -> Statistics:
    """How good a fit of that cost is; `absolute` when the weights are the true ones."""
    chi2 = 2.0 * cost
    dof = n_samples - n_fitted
    reduced = chi2 / dof if dof > 0 else math.nan
    aic = bic = None
    if not robust:
        deviance = chi2 if absolute else n_samples * _log(chi2 / n_samples)
        aic = deviance + 2.0 * n_fitted
        bic = deviance + n_fitted * math.log(n_samples)
    return Statistics(chi2, n_samples, n_fitted, dof, reduced, aic, bic)


def p_value(chi2: float, dof: int) -> float:
    """Probability of a larger chi2 with `dof` degrees of freedom; NaN without any."""
    if dof <= 0 or math.isnan(chi2):
        return math.nan
    from scipy.special import chdtrc  # 0.1 s of imports, and not every script asks

    return float(chdtrc(dof, chi2))


def _log(value: float) -> float:
    if math.isnan(value):
        return math.nan
    return math.log(value) if value > 0.0 else -math.inf
