"""p values: how probable a larger chi2, or deviance, of a right model is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from physfit.engine.workers import check
from physfit.kernels.count_moments import DevianceMoments
from physfit.models.loss import Loss
from physfit.objective import Objective
from physfit.result.many_refits import is_of_result
from physfit.result.statistics import gamma_tail, gamma_tails, p_value
from physfit.typing import FloatArray
from physfit.uncertainty.deviance import DevianceLaw, law_of_deviance

if TYPE_CHECKING:
    from physfit.result.fitted import Fitted
    from physfit.result.many_fitted import ManyFitted

__all__ = ["has_p_value", "is_sound", "p_value_of", "p_values_at_hand", "p_values_of"]

#: Numbers of partials that are held at a time.
PIECE = 1_000_000
#: Rows of counts that a report looks at.
MOST_ROWS = 5000
#: Shift of the deviance's mean, in its width, that a chi2 may be off by.
NEGLIGIBLE = 0.1


def has_p_value(result: Fitted | ManyFitted) -> bool:
    """Whether chi2 says something about the model: noise known, and a likelihood."""
    return result.is_absolute and result.loss.traits.has_p_value


def p_value_of(result: Fitted) -> float | None:
    """The p value of a fit; see `FitResult.p_value`."""
    if not has_p_value(result) or result.weight_decay > 0.0:
        return None
    if _moments(result.loss) is None:
        return p_value(result.chi2, result.dof)
    objective = result.objective
    mean, partials = objective.values_and_partials(result.solution.theta)
    at_bound = result.solution.at_bound != 0
    law = _law(result.loss, mean, partials[None, :, 0], at_bound[None])
    if result.data.n_total is not None:
        return _of_sample(result, law, mean.size)
    if not law.is_known[0]:
        return None
    z = (result.chi2 - law.mean[0]) / law.width[0]
    return gamma_tail(float(z), float(law.skewness[0]))


def _of_sample(result: Fitted, law: DevianceLaw, n: int) -> float | None:
    """Of a fit to rows of which a sample of `n` is at hand: chi2, if that is near."""
    shift = (law.mean[0] - n + result.n_fitted) / n * result.n_samples
    ratio = law.width[0] ** 2 / (2.0 * (n - result.n_fitted))
    is_near = abs(shift) < NEGLIGIBLE * np.sqrt(2.0 * result.n_samples)
    if not (is_near and abs(ratio - 1.0) < NEGLIGIBLE):
        return None
    return p_value(result.chi2, result.dof)


def p_values_of(many: ManyFitted) -> FloatArray | None:
    """The p values of the fits of many rows; see `ManyResult.p_value`."""
    if not has_p_value(many):
        return None
    return _of_rows(many, np.flatnonzero(is_sound(many)))


def p_values_at_hand(many: ManyFitted) -> FloatArray | None:
    """Those that are known, of all rows, or of some where each takes a while."""
    if not has_p_value(many):
        return None
    rows = np.flatnonzero(is_sound(many))
    if _moments(many.loss) is not None and len(rows) > MOST_ROWS:
        rows = rows[np.linspace(0, len(rows) - 1, MOST_ROWS).astype(np.intp)]
    found = _of_rows(many, rows)
    return None if found is None else found[np.isfinite(found)]


def is_sound(many: ManyFitted) -> NDArray[np.bool_]:
    """Rows that converged by the loss of the result, with degrees of freedom."""
    sound: NDArray[np.bool_] = ~many.table.failed & (many.dof.ravel() > 0)
    sound &= is_of_result(many)
    return sound


def _of_rows(many: ManyFitted, rows: NDArray[np.intp]) -> FloatArray | None:
    """Those of chosen rows, NaN elsewhere; None where the data are not at hand."""
    from scipy.special import chdtrc  # 0.2 s of imports, for those who ask

    found: FloatArray = np.full(many.n_rows, np.nan)
    dof, chi2 = many.dof.ravel(), many.table.chi2
    if _moments(many.loss) is None:
        found[rows] = chdtrc(dof[rows], chi2[rows])
        return found
    if many.data is None:
        return None
    for chosen, law in _laws(many, rows):
        z = (chi2[chosen] - law.mean) / law.width
        found[chosen] = np.where(law.is_known, gamma_tails(z, law.skewness), np.nan)
    return found


def _moments(loss: Loss) -> Callable[..., DevianceMoments] | None:
    """Moments of a sample's deviance; None where it is a chi2."""
    noise = loss.traits.noise
    return None if noise is None else noise.deviance


def _law(
    loss: Loss,
    mean: FloatArray,
    partials: FloatArray,
    at_bound: NDArray[np.bool_],
    used: NDArray[np.bool_] | None = None,
) -> DevianceLaw:
    """Law of the deviances, of which parameters at a bound take nothing away."""
    moments = _moments(loss)
    if moments is None:
        raise TypeError(f"{loss} does not say what the law of its deviance is")
    free = np.where(at_bound[:, :, None], 0.0, partials)
    used = np.ones(mean.shape, dtype=np.bool_) if used is None else used
    return law_of_deviance(lambda mean: moments(mean, *loss.hyper), mean, free, used)


def _laws(
    many: ManyFitted, rows: NDArray[np.intp]
) -> Iterator[tuple[NDArray[np.intp], DevianceLaw]]:
    """Laws of the deviances of chosen rows, some of them at a time."""
    data = many.data
    if data is None:
        return
    n_free = len(many.free_names)
    most = max(int(many.table.n_samples.max(initial=1)), 1)
    at_a_time = max(1, PIECE // (max(n_free, 1) * most))
    for start in range(0, len(rows), at_a_time):
        check()
        chosen = rows[start : start + at_a_time]
        block = data.rows(int(chosen[0]), int(chosen[-1]) + 1)
        mean = np.zeros((len(chosen), block.n_points))
        partials = np.zeros((len(chosen), n_free, block.n_points))
        used, whole = block.used(chosen - chosen[0]), None
        for k, row in enumerate(chosen.tolist()):
            x = block.x[row - int(chosen[0])] if block.has_own_x else block.x
            objective = None if block.has_own_x or not used[k].all() else whole
            if objective is None:
                objective = _objective(many, x[:, used[k]])
            if used[k].all() and not block.has_own_x:
                whole = objective
            found = objective.values_and_partials(many.table.theta[row])
            mean[k, used[k]], partials[k][:, used[k]] = found[0][0], found[1][:, 0]
        at_bound = many.table.at_bound[chosen] != 0
        yield chosen, _law(many.loss, mean, partials, at_bound, used)


def _objective(many: ManyFitted, x: FloatArray) -> Objective:
    """The model at coordinates, without data."""
    blank = np.zeros((1, x.shape[1]))
    x = np.ascontiguousarray(x)
    return Objective(many.model.layout, x, blank, blank, many.loss)
