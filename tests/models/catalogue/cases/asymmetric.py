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


def one_tail(z, alpha, n):
    """Gaussian, and its tail as powers of numbers."""
    if z > -alpha:
        return mp.exp(-(z**2) / 2)
    return (n / alpha) ** n * mp.exp(-(alpha**2) / 2) * (n / alpha - alpha - z) ** -n


def half_area(alpha, n):
    """Area of a tail, and of the Gaussian from there to the center."""
    tail = n / alpha / (n - 1) * mp.exp(-(alpha**2) / 2)
    return tail + mp.sqrt(mp.pi / 2) * mp.erf(alpha / mp.sqrt(2))


def crystal_ball(x, amplitude, center, sigma, alpha, n):
    """By its definition."""
    area = half_area(alpha, n) + mp.sqrt(mp.pi / 2)
    return amplitude / sigma / area * one_tail((x - center) / sigma, alpha, n)


def double_crystal_ball(x, amplitude, center, sigma, alpha, n, alpha_r, n_r):
    """The tail of the side of x."""
    z = (x - center) / sigma
    area = half_area(alpha, n) + half_area(alpha_r, n_r)
    own = one_tail(z, alpha, n) if z < 0 else one_tail(-z, alpha_r, n_r)
    return amplitude / sigma / area * own


def novosibirsk(x, height, center, sigma, tail):
    """By its definition; a Gaussian without tail."""
    y = (x - center) / sigma
    if tail == 0:
        return height * mp.exp(-(y**2) / 2)
    with mp.extradps(60):
        k = mp.sqrt(2 * mp.log(2))
        inside = 1 + mp.sinh(tail * k) * y / k
        if inside <= 0:
            return mp.mpf(0)
        return height * mp.exp(-((mp.log(inside) / tail) ** 2) / 2)


def moyal(x, amplitude, center, sigma):
    """By its definition."""
    z = (x - center) / sigma
    return amplitude * mp.exp(-(z + mp.exp(-z)) / 2) / mp.sqrt(2 * mp.pi) / sigma


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


POWER = {"alpha": scale(0.1, 5.0), "n": lambda rng: 1.0 + scale(0.05, 50.0)(rng)}
POWER_R = {"alpha_r": POWER["alpha"], "n_r": POWER["n"]}
SEEN_POWER = {"alpha": uniform(0.6, 1.5), "n": uniform(1.5, 4.0)}
SEEN_POWER_R = {"alpha_r": uniform(0.6, 1.5), "n_r": uniform(1.5, 4.0)}
NO_AREA = "of infinite area, so of no height"
NO_POWER = {"alpha": NO_AREA, "n": NO_AREA, "alpha_r": NO_AREA, "n_r": NO_AREA}

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
    "asymmetric_pseudo_voigt": over(
        asymmetric_pseudo_voigt,
        (-5.0, 5.0),
        {
            "amplitude": either(),
            "center": uniform(-1.0, 1.0),
            "sigma": scale(0.1, 5.0),
            "fraction": uniform(0.0, 1.0),
            "asymmetry": either(1e-2, 3.0),
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
    "crystal_ball": peak(
        crystal_ball,
        far=50.0,
        shapes=POWER,
        seen=SEEN_POWER,
        no_limit=NO_POWER,
        special=(
            (
                (-1.5, -1.0, -0.999, 0.0),
                {"amplitude": 1.0, "center": 0.0, "sigma": 1.0, "alpha": 1.0, "n": 2.0},
            ),
        ),
        peer=lambda x, amplitude, center, sigma, alpha, n: (
            amplitude * stats.crystalball.pdf(x, alpha, n, center, sigma)
        ),
    ),
    "double_crystal_ball": peak(
        double_crystal_ball,
        far=50.0,
        shapes={**POWER, **POWER_R},
        seen={**SEEN_POWER, **SEEN_POWER_R},
        no_limit=NO_POWER,
    ),
    "novosibirsk": peak(
        novosibirsk,
        size="height",
        far=8.0,
        shapes={"tail": either(1e-6, 1.5)},
        seen={"tail": uniform(-0.5, 0.5)},
        special=tuple(
            (
                (-3.0, -0.1, 0.0, 0.1, 2.0),
                {"height": 2.0, "center": 0.0, "sigma": 0.7, "tail": tail},
            )
            for tail in (0.0, 1e-9, 0.0118, -0.08, 0.09, 1.0)
        ),
    ),
    "moyal": peak(
        moyal,
        far=8.0,
        peer=lambda x, amplitude, center, sigma: (
            amplitude * stats.moyal.pdf(x, center, sigma)
        ),
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
