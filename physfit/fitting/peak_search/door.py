"""`find_peaks`: how many peaks data show, and the fit of them all."""

from __future__ import annotations

from typing import Any

from physfit.counts import checked_count
from physfit.data.arrays import NanPolicy
from physfit.errors import InputError, check_known
from physfit.fitting.peak_search.found import FoundPeaks, Trial
from physfit.fitting.peak_search.search import PeakSearch
from physfit.fitting.single import fit
from physfit.models.declaration import declaration_of
from physfit.models.guesses import Peak
from physfit.models.parse import parse_model
from physfit.typing import Column

__all__ = ["find_peaks"]

SIGNS = {"positive": 1, "negative": -1, "both": 0}


def find_peaks(
    x: Any,
    y: Column | None = None,
    *,
    sigma: Column | float | None = None,
    shape: str = "voigt",
    background: str = "linear",
    most: int = 12,
    sign: str = "positive",
    loss: str = "chi2",
    nan: NanPolicy = "raise",
    units: tuple[str, str] = ("", ""),
    x_range: tuple[float | None, float | None] = (None, None),
) -> FoundPeaks:
    """Find how many peaks data show, and fit them.

    Parameters
    ----------
    x, y, sigma, nan, units, x_range
        As for `physfit.fit`.
    shape : str
        Model of each peak: "gaussian", "lorentzian", "voigt" or "pseudo_voigt".
    background : str
        Model of what lies below: "constant", "linear", "quadratic", "chebyshev(3, 0,
        10)" and so on.
    most : int
        Largest number of peaks that is tried.
    sign : {"positive", "negative", "both"}
        Peaks, dips, or either.
    loss : str
        "chi2", or "poisson" for counts.

    Returns
    -------
    FoundPeaks
        With the fit, and the criterion of each number of peaks.

    Raises
    ------
    InputError
        When an argument is not usable, or the background alone cannot be fitted.

    Notes
    -----
    The number is that of the lowest Bayesian information criterion (G. Schwarz, Ann.
    Stat. 6 (1978) 461), which holds where residuals are independent.

    Examples
    --------
    >>> import numpy as np
    >>> import physfit as pf
    >>> x = np.linspace(0.0, 10.0, 300)
    >>> two = pf.parse_model("gaussian(a_) + gaussian(b_) + constant")
    >>> y = two(x, a_amplitude=3, a_center=3, a_sigma=0.4, b_amplitude=2, b_center=6,
    ...         b_sigma=0.5, c=1.0)
    >>> y = y + 0.05 * np.random.default_rng(1).normal(size=300)
    >>> found = pf.find_peaks(x, y, sigma=0.05, shape="gaussian", background="constant")
    >>> found.n_peaks, round(found.result["p2_center"].value, 1)
    (2, 6.0)
    """
    check_known("`sign` cannot be", [sign], SIGNS)
    check_known("`loss` cannot be", [loss], ("chi2", "poisson"))
    most = checked_count("most", most, least=0, most=50)
    kind = declaration_of(shape)
    if not isinstance(kind.guess, Peak) or kind.guess.center != "center":
        raise InputError(
            f"`shape` takes a peak such as 'gaussian', 'lorentzian', 'voigt' or "
            f"'pseudo_voigt', not {shape!r}."
        )
    first = fit(
        parse_model(background),
        x,
        y,
        sigma=sigma,
        loss=loss,
        nan=nan,
        units=units,
        x_range=x_range,
    )
    if first.model.n_outputs > 1 or first.model.n_inputs > 1:
        raise InputError("peaks are sought along one x, in real data.")
    search = PeakSearch(first, shape, SIGNS[sign])
    found = search.run(most)
    best = min(found.values(), key=lambda own: own.criterion)
    size = first.data.y.size
    trials = tuple(
        Trial(n, own.criterion, own.chi2, size - len(own.model.free_names))
        for n, own in sorted(found.items())
    )
    return FoundPeaks(search.finished(best), trials, shape, background)
