"""The band in which a fitted curve lies, from the covariance of its parameters.

To first order the curve f(x) has the variance g C g', with g its partials by the free
parameters at x and C their covariance. The band holds f(x) -+ q sqrt(g C g') at each x
by itself: q is the quantile of the normal distribution, or of Student's t with the
degrees of freedom of the fit where the residuals say how large the noise is.

References
----------
G. A. F. Seber and C. J. Wild, Nonlinear Regression (Wiley, 1989), sec. 5.1.
"""

from __future__ import annotations

from numbers import Real
from statistics import NormalDist
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np

from physfit.document.fields import fields_html
from physfit.engine.program import evaluate
from physfit.errors import InputError
from physfit.models.samples import joined
from physfit.typing import FloatArray, Values

if TYPE_CHECKING:
    from physfit.result.fitted_curve import FittedCurve

__all__ = ["Band", "band_of"]


class Band(NamedTuple):
    """Range of a curve at each x; of a complex one, of each part.

    Attributes
    ----------
    lower, upper : ndarray
        In the shape of x. NaN where the curve has no error, infinite where the data do
        not determine it.
    """

    lower: Values
    upper: Values

    def _repr_html_(self) -> str:
        return fields_html(self)


@np.errstate(all="ignore")
def band_of(result: FittedCurve, x: Any, level: float, of: str = "") -> Band:
    """Band of a fitted curve; see `FitResult.band`."""
    quantile = _quantile(result, level)
    model = result.model.through(of) if of else result.model
    model, places = model.bound_to(x)
    points, shape = model.coordinates(places)
    value, partials = evaluate(model.layout, result._full, points, partials=True)
    by_free = np.einsum("fon,fp->onp", cast("FloatArray", partials), result._chain)
    variance = result.uncertainty.variances(by_free.reshape(value.size, -1))
    half = quantile * np.sqrt(variance).reshape(value.shape)
    lower, upper = (joined(own).reshape(shape) for own in (value - half, value + half))
    return Band(lower, upper)


def _quantile(result: FittedCurve, level: float) -> float:
    """Half width of the band in standard errors."""
    is_number = isinstance(level, Real) and not isinstance(level, bool)
    if not is_number or not 0.0 < level < 1.0:
        raise InputError(
            f"`level` must lie between 0 and 1, such as 0.95, but is {level!r}."
        )
    if result.is_absolute and result.loss.traits.is_likelihood:
        return NormalDist().inv_cdf(0.5 + 0.5 * level)
    from scipy.special import stdtrit

    return float(stdtrit(result.dof, 0.5 + 0.5 * level))
