"""Peaks that lean to one side."""

from __future__ import annotations

import mpmath as mp
from scipy import stats

from tests.kernels import domains
from tests.models.catalogue.cases.case import (
    WIDTHLESS,
    Case,
    either,
    over,
    peak,
    scale,
    uniform,
)


def split_gaussian(x, amplitude, center, sigma, sigma_r):
    """Two halves of one height, whose areas add up."""
    own = sigma if x < center else sigma_r
    height = 2 * amplitude / (mp.sqrt(2 * mp.pi) * (sigma + sigma_r))
    return height * mp.exp(-(((x - center) / own) ** 2) / 2)


def split_lorentzian(x, amplitude, center, gamma, gamma_r):
    """The same of Lorentzians."""
    own = gamma if x < center else gamma_r
    height = 2 * amplitude / (mp.pi * (gamma + gamma_r))
    return height * own**2 / (own**2 + (x - center) ** 2)


def split_voigt(x, amplitude, center, sigma, gamma, sigma_r, gamma_r):
    """Two halves, each over its own height, whose areas add up."""
    halves = (sigma, gamma), (sigma_r, gamma_r)
    heights = [domains.voigt(mp.mpf(0), 1, 0, *own) for own in halves]
    height = 2 * amplitude / (1 / heights[0] + 1 / heights[1])
    side = int(x >= center)
    return height * domains.voigt(x, 1, center, *halves[side]) / heights[side]


def exponential_gaussian(x, amplitude, center, sigma, tau):
    """As a product of exp and erfc, with digits that do not run out."""
    if tau == 0:
        return domains.gaussian(x, amplitude, center, sigma)
    with mp.extradps(60):
        y, own = (x - center) * mp.sign(tau), abs(tau)
        first = sigma**2 / (2 * own**2) - y / own
        second = (sigma / own - y / sigma) / mp.sqrt(2)
        return amplitude / (2 * own) * mp.exp(first) * mp.erfc(second)


def asymmetric_pseudo_voigt(x, amplitude, center, sigma, fraction, asymmetry):
    """A pseudo-Voigt peak of the width at x."""
    width = 2 * sigma / (1 + mp.exp(asymmetry * (x - center)))
    return domains.pseudo_voigt(x, amplitude, center, width, fraction)


def doniach(x, amplitude, center, gamma, alpha):
    """Real part of a power of a complex distance."""
    power = mp.mpc(gamma, x - center) ** (alpha - 1)
    return amplitude / mp.pi * mp.re(mp.exp(1j * mp.pi * alpha / 2) * power)


def lognormal(x, amplitude, median, sigma):
    """Normal density of the logarithm, over x."""
    if x <= 0:
        return mp.mpf(0)
    return amplitude * mp.npdf(mp.log(x), mp.log(median), sigma) / x


def pearson4(x, amplitude, center, width, m, nu):
    """By gamma functions of complex numbers."""
    z = (x - center) / width
    ratio = abs(mp.gamma(mp.mpc(m, nu / 2)) / mp.gamma(m)) ** 2
    k = ratio / (width * mp.beta(m - mp.mpf(1) / 2, mp.mpf(1) / 2))
    return amplitude * k * (1 + z**2) ** -m * mp.exp(-nu * mp.atan(z))


NO_AREA = "of infinite area, so of no height"

CASES: dict[str, Case] = {
    "split_gaussian": peak(split_gaussian, width=("sigma", "sigma_r")),
    "split_lorentzian": peak(split_lorentzian, width=("gamma", "gamma_r"), far=1e4),
    "split_voigt": peak(
        split_voigt, width=("sigma", "gamma", "sigma_r", "gamma_r"), far=20.0
    ),
    "skewed_gaussian": peak(
        lambda x, amplitude, center, sigma, alpha: (
            2
            * domains.gaussian(x, amplitude, center, sigma)
            * mp.ncdf(alpha * (x - center) / sigma)
        ),
        far=20.0,
        shapes={"alpha": either(1e-2, 10.0)},
        seen={"alpha": uniform(-3.0, 3.0)},
        peer=lambda x, amplitude, center, sigma, alpha: (
            amplitude * stats.skewnorm.pdf(x, alpha, center, sigma)
        ),
        # scipy's function T of Owen loses digits
        roundings=1e3,
    ),
    "skewed_voigt": peak(
        lambda x, amplitude, center, sigma, gamma, alpha: (
            2
            * domains.voigt(x, amplitude, center, sigma, gamma)
            * mp.ncdf(alpha * (x - center) / sigma)
        ),
        width=("sigma", "gamma"),
        far=20.0,
        shapes={"alpha": either(1e-2, 10.0)},
        seen={"alpha": uniform(-2.0, 2.0)},
        no_limit={"sigma": "a step of no width"},
    ),
    "exponential_gaussian": peak(
        exponential_gaussian,
        far=20.0,
        shapes={"tau": either(1e-4, 1e4)},
        seen={"tau": uniform(0.3, 1.5)},
        special=tuple(
            (
                (-30.0, -6.0, -0.5, 0.0, 0.3, 1.0, 8.0, 30.0),
                {"amplitude": 2.0, "center": 0.0, "sigma": 0.7, "tau": tau},
            )
            for tau in (0.0, 1e-9, -1e-3, 0.05, 0.0612, -0.0613, 0.1, 3.0, -200.0)
        ),
        peer=lambda x, amplitude, center, sigma, tau: (
            amplitude * stats.exponnorm.pdf(x, tau / sigma, center, sigma)
        ),
    ),
    "doniach": peak(
        doniach,
        width="gamma",
        far=100.0,
        shapes={"alpha": uniform(0.0, 0.95)},
        seen={"alpha": uniform(0.0, 0.4)},
        # at alpha = 1 and gamma = 0 the line is a power of the distance alone
        no_limit={"gamma": WIDTHLESS},
    ),
    "asymmetric_pseudo_voigt": over(
        asymmetric_pseudo_voigt,
        (-5.0, 5.0),
        {
            "amplitude": either(),
            "center": uniform(-1.0, 1.0),
            "sigma": scale(0.1, 5.0),
            "fraction": uniform(0.0, 1.0),
            "asymmetry": either(1e-2, 100.0),
        },
        {
            "amplitude": uniform(1.0, 5.0),
            "center": uniform(-1.0, 1.0),
            "sigma": uniform(0.5, 1.0),
            "fraction": uniform(0.0, 1.0),
            "asymmetry": uniform(-0.6, 0.6),
        },
        no_limit={"sigma": WIDTHLESS},
    ),
    "lognormal": over(
        lognormal,
        (0.01, 10.0),
        {"amplitude": either(), "median": scale(0.1, 20.0), "sigma": scale(0.05, 5.0)},
        {
            "amplitude": uniform(1.0, 5.0),
            "median": uniform(1.5, 4.0),
            "sigma": uniform(0.2, 0.8),
        },
        special=(((-1.0, 0.0, 1.0), {"amplitude": 2.0, "median": 1.5, "sigma": 0.7}),),
        no_limit={"sigma": WIDTHLESS, "median": "0 at all x > 0"},
        peer=lambda x, amplitude, median, sigma: (
            amplitude * stats.lognorm.pdf(x, sigma, scale=median)
        ),
    ),
    "pearson4": peak(
        pearson4,
        width="width",
        far=30.0,
        shapes={
            "m": lambda rng: 0.5 + scale(1e-2, 30.0)(rng),
            "nu": either(1e-2, 30.0),
        },
        seen={"m": uniform(1.0, 4.0), "nu": uniform(-2.0, 2.0)},
        no_limit={"m": NO_AREA},
        # exponents of some hundred are differences of logarithms of gamma functions
        roundings=3.0,
    ),
}
