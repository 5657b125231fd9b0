"""The Voigt profile as scipy has it, and its derivatives, each a function.

They are `lineshapes.voigt` with unit area. Its form is chosen by sigma and gamma, which
may be anything that a graph computes; where both are the same for all samples the
branches are taken out of the loop over them, which is vector code then.

| function | derivative |
|---|---|
| `voigt_profile(x, sigma, gamma)` | `voigt_by_x`, `voigt_by_sigma`, `voigt_by_gamma` |
"""

from __future__ import annotations

from physfit.kernels.kernel import scalar
from physfit.kernels.lineshapes import (
    LORENTZ_LIKE_Y,
    ROOT_HALF,
    gauss_like,
    lorentz_like,
    mixed,
)
from physfit.kernels.special import FADDEEVA_SMALL_Y

__all__ = ["voigt_by_gamma", "voigt_by_sigma", "voigt_by_x", "voigt_profile"]


@scalar
def _profile(x, sigma, gamma):
    """Value of unit area, and its partials by amplitude, centre, sigma and gamma."""
    y = gamma * ROOT_HALF
    if y >= LORENTZ_LIKE_Y * sigma:
        return lorentz_like(x, 1.0, 0.0, sigma, gamma)
    if y > FADDEEVA_SMALL_Y * sigma:
        return mixed(x, 1.0, 0.0, sigma, gamma)
    return gauss_like(x, 1.0, 0.0, sigma, gamma)


@scalar
def voigt_profile(x, sigma, gamma):
    """Voigt profile of unit area, as `scipy.special.voigt_profile`.

    Parameters
    ----------
    x : float
        Distance from the centre.
    sigma, gamma : float
        Standard deviation of the Gaussian and half width of the Lorentzian, each >= 0,
        otherwise NaN; NaN where both are 0.

    Returns
    -------
    float
        Bounds are those of `lineshapes.voigt`.
    """
    value, _, _, _, _ = _profile(x, sigma, gamma)
    return value


@scalar
def voigt_by_x(x, sigma, gamma):
    """Derivative of `voigt_profile` by x."""
    _, _, by_center, _, _ = _profile(x, sigma, gamma)
    return -by_center


@scalar
def voigt_by_sigma(x, sigma, gamma):
    """Derivative of `voigt_profile` by sigma."""
    _, _, _, by_sigma, _ = _profile(x, sigma, gamma)
    return by_sigma


@scalar
def voigt_by_gamma(x, sigma, gamma):
    """Derivative of `voigt_profile` by gamma."""
    _, _, _, _, by_gamma = _profile(x, sigma, gamma)
    return by_gamma
