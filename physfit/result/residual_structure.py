"""Whether the signs of residuals follow one another as those of independent noise do.

The runs test: of n residuals, a of them above zero and b below, in the order of x, let
R be the number of runs of equal sign. If they are independent, all C(n, a) orders are
as likely, and

    P(R = 2 k)     = 2 C(a-1, k-1) C(b-1, k-1) / C(n, a)
    P(R = 2 k + 1) = [C(a-1, k) C(b-1, k-1) + C(a-1, k-1) C(b-1, k)] / C(n, a) .

Too few runs are structure. Where x repeats, the sum of the residuals at one x counts as
one value: their own order says nothing, and tables sorted by x and y would have a run
of each sign at every x. Fitted parameters only make more runs, so that the test is on
the safe side. Signs alone would also follow one another where the noise is
skewed, and more so at some x than at others (few counts, unweighted): its mean is zero,
but the share above is not the same. So the products of neighbours must be positive on
the whole as well, which independent residuals are in one case of a hundred.

References
----------
Wald & Wolfowitz, Ann. Math. Statist. 11, 147 (1940): the distribution of R.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from physfit.result.fit_result import FitResult

__all__ = ["Runs", "runs_of", "structure"]

#: Probability of so few runs below which they are too few.
UNLIKELY = 0.01
#: Residuals of robust losses count as no larger than so many times their median size.
CLIPPED = 5.0
#: Fewer residuals above or below zero than this have an order by chance.
LEAST = 4
#: Up to so many on the rarer side the distribution is summed, beyond it is normal.
SUMMED = 200
#: Sum of products of neighbours over its deviation from which on these are positive.
POSITIVE = 2.33


class Runs(NamedTuple):
    """Runs of equal sign.

    Attributes
    ----------
    n : int
        How many there are.
    expected, deviation : float
        Mean and standard deviation for independent residuals.
    p : float
        Probability of so few or fewer.
    """

    n: int
    expected: float
    deviation: float
    p: float


def structure(result: FitResult) -> Runs | None:
    """Runs of a curve's residuals if so few are unlikely, else None.

    Of complex values the output that has the least likely runs.
    """
    data = result.data
    if data.n_total is not None or data.x.shape[0] != 1 or result.model.spins:
        return None
    left: NDArray[Any] = np.asarray(result.residuals)
    if not result.loss.traits.is_likelihood:  # outliers would hide all else
        limit = CLIPPED * float(np.median(np.abs(left)))
        left = left.clip(-limit, limit) if np.isrealobj(left) else left
    outputs = (left.real, left.imag) if np.iscomplexobj(left) else (left,)
    _, places, n_equal = np.unique(data.x[0], return_inverse=True, return_counts=True)
    sizes = np.sqrt(n_equal)
    ordered = [np.bincount(places, weights=own) / sizes for own in outputs]
    found = [_few_runs(own, UNLIKELY / len(outputs)) for own in ordered]
    least = min((own for own in found if own), key=lambda own: own.p, default=None)
    return least and least._replace(p=least.p * len(outputs))


def _few_runs(residuals: NDArray[Any], unlikely: float) -> Runs | None:
    """Runs of one output, if they are too few."""
    if not np.isfinite(residuals).all():
        return None
    residuals = residuals[residuals != 0.0]
    above = residuals > 0.0
    counts = np.bincount(above, minlength=2)
    if counts.min() < LEAST:
        return None
    runs = runs_of(1 + int(np.sum(above[1:] != above[:-1])), *counts.tolist())
    if runs.p >= unlikely:
        return None
    products = residuals[1:] * residuals[:-1]
    size = math.sqrt(float(products @ products))
    return runs if float(products.sum()) > POSITIVE * size else None


def runs_of(n: int, above: int, below: int) -> Runs:
    """How likely so few runs are, of so many values above and below zero.

    Examples
    --------
    >>> runs_of(4, 10, 10)
    Runs(n=4, expected=11.0, deviation=2.1764..., p=0.00098...)
    """
    total, twice = above + below, 2.0 * above * below
    expected = twice / total + 1.0
    variance = twice * (twice - total) / (total**2 * (total - 1.0))
    deviation = math.sqrt(variance)
    if min(above, below) > SUMMED:
        p = 0.5 * math.erfc((expected - n - 0.5) / (deviation * math.sqrt(2.0)))
    else:
        ways = sum(_ways(k, above, below) for k in range(2, n + 1))
        p = ways / math.comb(total, above)
    return Runs(n, expected, deviation, p)


def _ways(runs: int, above: int, below: int) -> int:
    """Orders of so many values with so many runs."""
    k, is_odd = divmod(runs, 2)

    def split(of: int, parts: int) -> int:
        return math.comb(of - 1, parts - 1)

    if not is_odd:
        return 2 * split(above, k) * split(below, k)
    return split(above, k + 1) * split(below, k) + split(above, k) * split(below, k + 1)
