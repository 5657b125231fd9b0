"""Lines of gases whose relaxation depends on the speed, without correlation.

The modified Hartmann-Tran profile is

    F = A / (1 - nu A),    nu = nu_opt - i nu_opt_im

at L = i (x - center) + gamma0 - i shift0 - 3/2 C2 + nu, c = C2 = gamma2 - i shift2 and
D = sqrt(2) sigma, and the line is amplitude / pi (Re F - mixing Im F). The notation,
the domain and why these are no formulas: see `hartmann_tran`. The speed-dependent Voigt
profile has nu = 0.

References
----------
P. Wcislo et al., arXiv 2503.21430; C. D. Boone, K. A. Walker, P. F. Bernath, JQSRT 105
(2007) 525.
"""

from __future__ import annotations

from physfit.kernels.hartmann_tran import ROOT_TWO, line_norm, line_regime
from physfit.kernels.kernel import scalar
from physfit.kernels.speed_dependence import collisional, direct, reciprocal, slow

__all__ = ["modified_hartmann_tran", "speed_dependent_voigt"]


@scalar
def _modified(amplitude, mixing, norm, e, numbers):
    """Value and partials for eta = 0, from E and the numbers of the averages.

    By the parameters of `modified_hartmann_tran`, in their order.
    """
    first, by_rate, by_c, by_doppler, _, _, _, _ = numbers
    f = reciprocal(e + first)
    shape = norm * (f.real - mixing * f.imag)
    scale = amplitude * norm
    slope = (-scale) * (f * f)
    slope = slope + complex(0.0, mixing) * slope
    both = slope * (1.0 + by_rate)
    bend = slope * by_c - 1.5 * both
    narrow = slope * by_rate
    return (
        amplitude * shape,
        shape,
        both.imag,
        ROOT_TWO * (slope * by_doppler).real,
        both.real,
        both.imag,
        bend.real,
        bend.imag,
        narrow.real,
        narrow.imag,
        -scale * f.imag,
    )


@scalar
def _modified_setting(x, center, sigma, gamma0, shift0, gamma2, shift2, nu):
    """1 / pi or NaN, E, C2 and D for eta = 0."""
    doppler = ROOT_TWO * sigma
    rate = gamma0 - 1.5 * gamma2
    norm = line_norm(doppler, rate + nu, gamma0, gamma2, shift2, nu, 1.0)
    e = complex(rate, (x - center) + (1.5 * shift2 - shift0))
    return norm, e, complex(gamma2, -shift2), doppler


@scalar
def modified_regime(
    amplitude,
    center,
    sigma,
    gamma0,
    shift0,
    gamma2,
    shift2,
    nu_opt,
    nu_opt_im,
    mixing,
):
    """Which branch of `modified_hartmann_tran` serves."""
    rate = gamma0 - 1.5 * gamma2 + nu_opt
    return line_regime(ROOT_TWO * sigma, rate, gamma2, shift2, 1.0)


@scalar
def voigt_regime(amplitude, center, sigma, gamma0, shift0, gamma2, shift2, mixing):
    """Which branch of `speed_dependent_voigt` serves."""
    return line_regime(ROOT_TWO * sigma, gamma0 - 1.5 * gamma2, gamma2, shift2, 1.0)


@scalar
def modified_collisional(
    x,
    amplitude,
    center,
    sigma,
    gamma0,
    shift0,
    gamma2,
    shift2,
    nu_opt,
    nu_opt_im,
    mixing,
):
    """`modified_hartmann_tran` by `speed_dependence.collisional`."""
    norm, e, c2, doppler = _modified_setting(
        x, center, sigma, gamma0, shift0, gamma2, shift2, nu_opt
    )
    numbers = collisional(e + complex(nu_opt, -nu_opt_im), c2, doppler)
    return _modified(amplitude, mixing, norm, e, numbers)


@scalar
def modified_direct(
    x,
    amplitude,
    center,
    sigma,
    gamma0,
    shift0,
    gamma2,
    shift2,
    nu_opt,
    nu_opt_im,
    mixing,
):
    """`modified_hartmann_tran` by `speed_dependence.direct`."""
    norm, e, c2, doppler = _modified_setting(
        x, center, sigma, gamma0, shift0, gamma2, shift2, nu_opt
    )
    numbers = direct(e + complex(nu_opt, -nu_opt_im), c2, doppler)
    return _modified(amplitude, mixing, norm, e, numbers)


@scalar
def modified_slow(
    x,
    amplitude,
    center,
    sigma,
    gamma0,
    shift0,
    gamma2,
    shift2,
    nu_opt,
    nu_opt_im,
    mixing,
):
    """`modified_hartmann_tran` by `speed_dependence.slow`."""
    norm, e, c2, doppler = _modified_setting(
        x, center, sigma, gamma0, shift0, gamma2, shift2, nu_opt
    )
    numbers = slow(e + complex(nu_opt, -nu_opt_im), c2, doppler)
    return _modified(amplitude, mixing, norm, e, numbers)


@scalar
def voigt_collisional(
    x, amplitude, center, sigma, gamma0, shift0, gamma2, shift2, mixing
):
    """`speed_dependent_voigt` by `speed_dependence.collisional`."""
    norm, e, c2, doppler = _modified_setting(
        x, center, sigma, gamma0, shift0, gamma2, shift2, 0.0
    )
    numbers = _modified(amplitude, mixing, norm, e, collisional(e, c2, doppler))
    return numbers[:8] + numbers[10:]


@scalar
def voigt_direct(x, amplitude, center, sigma, gamma0, shift0, gamma2, shift2, mixing):
    """`speed_dependent_voigt` by `speed_dependence.direct`."""
    norm, e, c2, doppler = _modified_setting(
        x, center, sigma, gamma0, shift0, gamma2, shift2, 0.0
    )
    numbers = _modified(amplitude, mixing, norm, e, direct(e, c2, doppler))
    return numbers[:8] + numbers[10:]


@scalar
def voigt_slow(x, amplitude, center, sigma, gamma0, shift0, gamma2, shift2, mixing):
    """`speed_dependent_voigt` by `speed_dependence.slow`."""
    norm, e, c2, doppler = _modified_setting(
        x, center, sigma, gamma0, shift0, gamma2, shift2, 0.0
    )
    numbers = _modified(amplitude, mixing, norm, e, slow(e, c2, doppler))
    return numbers[:8] + numbers[10:]


@scalar
def modified_hartmann_tran(
    x,
    amplitude,
    center,
    sigma,
    gamma0,
    shift0,
    gamma2,
    shift2,
    nu_opt,
    nu_opt_im,
    mixing,
):
    """Modified Hartmann-Tran profile of area `amplitude`, with partials.

    See the module for the formula.

    Parameters
    ----------
    x, center : float
        Position and centre, in one unit.
    amplitude : float
        Area.
    sigma : float
        Standard deviation of the Gaussian, hapi's GammaD / sqrt(2 ln 2); `sigma >= 0`.
    gamma0, gamma2 : float
        Half width averaged over speeds, and its quadratic dependence on the speed; both
        >= 0.
    shift0, shift2 : float
        The same of the shift.
    nu_opt, nu_opt_im : float
        Real part (>= 0) and imaginary part of the complex Dicke parameter.
    mixing : float
        Line mixing of first order: share of the dispersion, Rosenkranz's Y.

    Returns
    -------
    tuple of float
        Value and partials in the order of the parameters; NaN outside the domain. Of
        the largest on a curve the errors are below 1e-12 for the value and 1e-10 for
        each partial.
    """
    regime = modified_regime(
        amplitude,
        center,
        sigma,
        gamma0,
        shift0,
        gamma2,
        shift2,
        nu_opt,
        nu_opt_im,
        mixing,
    )
    if regime == 0:
        return modified_collisional(
            x,
            amplitude,
            center,
            sigma,
            gamma0,
            shift0,
            gamma2,
            shift2,
            nu_opt,
            nu_opt_im,
            mixing,
        )
    if regime == 1:
        return modified_direct(
            x,
            amplitude,
            center,
            sigma,
            gamma0,
            shift0,
            gamma2,
            shift2,
            nu_opt,
            nu_opt_im,
            mixing,
        )
    return modified_slow(
        x,
        amplitude,
        center,
        sigma,
        gamma0,
        shift0,
        gamma2,
        shift2,
        nu_opt,
        nu_opt_im,
        mixing,
    )


@scalar
def speed_dependent_voigt(
    x, amplitude, center, sigma, gamma0, shift0, gamma2, shift2, mixing
):
    """Speed-dependent Voigt profile (quadratic) of area `amplitude`, with partials.

    See the module for the formula.

    Parameters
    ----------
    x, center : float
        Position and centre, in one unit.
    amplitude : float
        Area.
    sigma : float
        Standard deviation of the Gaussian, hapi's GammaD / sqrt(2 ln 2); `sigma >= 0`.
    gamma0, gamma2 : float
        Half width averaged over speeds, and its quadratic dependence on the speed; both
        >= 0.
    shift0, shift2 : float
        The same of the shift.
    mixing : float
        Line mixing of first order: share of the dispersion, Rosenkranz's Y.

    Returns
    -------
    tuple of float
        Value and partials in the order of the parameters; NaN outside the domain. Of
        the largest on a curve the errors are below 1e-12 for the value and 1e-10 for
        each partial.
    """
    regime = voigt_regime(
        amplitude, center, sigma, gamma0, shift0, gamma2, shift2, mixing
    )
    if regime == 0:
        return voigt_collisional(
            x, amplitude, center, sigma, gamma0, shift0, gamma2, shift2, mixing
        )
    if regime == 1:
        return voigt_direct(
            x, amplitude, center, sigma, gamma0, shift0, gamma2, shift2, mixing
        )
    return voigt_slow(
        x, amplitude, center, sigma, gamma0, shift0, gamma2, shift2, mixing
    )
