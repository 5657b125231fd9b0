"""The bootstrap: errors from refits of data made from the data themselves.

How the data are made stands in `schemes`; the refits start at the solution of the fit.
"""

from __future__ import annotations

from time import perf_counter

import numpy as np

from physfit.counts import checked_threads
from physfit.errors import ConvergenceError
from physfit.many_fits.bootstrap_result import Bootstrap
from physfit.many_fits.replicas import Refits, checked_numbers, free_start, lost, refits
from physfit.many_fits.schemes import checked_fit, influence, resampling, slopes
from physfit.result.fit_result import FitResult

__all__ = ["bootstrap"]


@np.errstate(all="ignore")
def bootstrap(
    result: FitResult,
    n: int = 1000,
    *,
    kind: str = "residual",
    seed: int = 0,
    threads: int | None = None,
) -> Bootstrap:
    """Refit data made from those of a fit, for errors that do not rest on theory.

    Parameters
    ----------
    result : FitResult
        A converged fit of samples in memory.
    n : int
        How many refits.
    kind : {"residual", "pairs", "parametric"}
        What the data are made of: the fitted curve and residuals drawn with
        replacement (in units of sigma where it is given); samples drawn with
        replacement, which believes neither sigma nor that the noise is alike; or the
        fitted curve and noise as stated: normal, or counts.
    seed : int
        Of the draws.
    threads : int, optional
        As many as the scheduler grants if left out; the answer does not depend on it.

    Returns
    -------
    Bootstrap

    Raises
    ------
    InputError
        When the result has no data for it, or `kind` does not go with the loss.
    ConvergenceError
        When the fit has not converged, or none of the refits has.

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> x = np.linspace(0.0, 4.0, 50)
    >>> y = 2.0 * x + 1.0 + 0.1 * np.random.default_rng(1).normal(size=50)
    >>> line = pf.fit(pf.models.Linear(), x, y, sigma=0.1)
    >>> boot = pf.bootstrap(line, n=500)
    >>> abs(boot["slope"].stderr / line["slope"].stderr - 1.0) < 0.3
    True
    """
    checked_fit(result, kind)
    n, seed = checked_numbers(n, seed)
    began, first = perf_counter(), slopes(result)
    how = Refits(
        result.model,
        result.loss,
        free_start(result.solution.theta),
        result.loss.knows_noise(result.data.sigma is not None),
        checked_threads(threads),
    )
    theta, n_at_bound = [], np.zeros(len(result.free_names), dtype=np.int64)
    for table in refits(how, resampling(result, kind, first), n, seed):
        good = ~lost(table)
        theta.append(table.theta[good])
        n_at_bound += np.count_nonzero(table.at_bound[good], axis=0)
    replicas = np.concatenate(theta)
    if len(replicas) < 2:
        raise ConvergenceError(
            f"{n - len(replicas)} of {n} refits have not converged, or their data left "
            "parameters open; take more samples or another kind, and x counted from "
            "its middle if it is far from 0.",
            result.solution,
        )
    return Bootstrap(
        result,
        kind,
        seed,
        replicas,
        n - len(replicas),
        n_at_bound,
        influence(result, kind, first, how),
        perf_counter() - began,
    )
