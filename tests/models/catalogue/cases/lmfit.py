"""Models in the conventions of lmfit: its formulas as its documentation writes them."""

from __future__ import annotations

from typing import Any

import mpmath as mp
import numpy as np
from scipy import stats

from tests.kernels import domains
from tests.models.catalogue.cases import asymmetric, lines
from tests.models.catalogue.cases.case import (
    WIDTHLESS,
    Case,
    either,
    over,
    peak,
    scale,
    uniform,
)


def split_lorentzian(x, amplitude, center, sigma, sigma_r):
    """Each half with its own width, of one height."""
    own = sigma if x < center else sigma_r
    return (
        2
        * amplitude
        / (mp.pi * (sigma + sigma_r))
        * own**2
        / (own**2 + (x - center) ** 2)
    )


def pearson7(x, amplitude, center, sigma, expon):
    """By the beta function."""
    norm = sigma * mp.beta(expon - mp.mpf(1) / 2, mp.mpf(1) / 2)
    return amplitude / norm * (1 + ((x - center) / sigma) ** 2) ** -expon


def students_t(x, amplitude, center, sigma):
    """By the beta function."""
    norm = mp.sqrt(sigma) * mp.beta(mp.mpf(1) / 2, sigma / 2)
    return amplitude / norm * (1 + (x - center) ** 2 / sigma) ** (-(sigma + 1) / 2)


def lognormal(x, amplitude, center, sigma):
    """Normal density of log(x), over x."""
    return amplitude * mp.npdf(mp.log(x), center, sigma) / x if x > 0 else mp.mpf(0)


def exponential_gaussian(x, amplitude, center, sigma, gamma):
    """As lmfit writes it, with digits that do not run out."""
    with mp.extradps(30):
        first = gamma * (center + gamma * sigma**2 / 2 - x)
        second = (center + gamma * sigma**2 - x) / (mp.sqrt(2) * sigma)
        return amplitude * gamma / 2 * mp.exp(first) * mp.erfc(second)


def doniach(x, amplitude, center, sigma, gamma):
    """As a power of a complex number."""
    z = mp.mpc(sigma, x - center)
    return (
        amplitude
        * (
            mp.expj(mp.pi * gamma / 2)
            * z ** (gamma - 1)
            * mp.expj(2 * (1 - gamma) * mp.arg(z))
        ).real
    )


SIZE = {"amplitude": either()}
SEEN_SIZE = {"amplitude": uniform(1.0, 5.0)}
WIDTHS = {"sigma1": scale(0.1, 2.0), "sigma2": scale(0.1, 2.0)}
CENTERS = {"center1": uniform(2.0, 4.0), "center2": uniform(6.0, 8.0)}
SEEN_WIDTHS = {"sigma1": uniform(0.3, 0.8), "sigma2": uniform(0.3, 0.8)}
LARGE = "a step of no width"


def clipped(z: Any, low: float, high: float) -> Any:
    """z within bounds."""
    return min(max(z, mp.mpf(low)), mp.mpf(high))


STEPS = {
    "linear": lambda z: clipped(z + mp.mpf(1) / 2, 0, 1),
    "atan": lambda z: mp.atan(z) / mp.pi + mp.mpf(1) / 2,
    "erf": lambda z: mp.ncdf(z * mp.sqrt(2)),
    "logistic": lambda z: (1 + mp.tanh(z / 2)) / 2,
}
RECTANGLES = {
    "linear": lambda a, b: (clipped(a, -1, 1) + clipped(b, -1, 1)) / 2,
    "atan": lambda a, b: (mp.atan(a) + mp.atan(b)) / mp.pi,
    "erf": lambda a, b: (mp.erf(a) + mp.erf(b)) / 2,
    "logistic": lambda a, b: 1 - 1 / (1 + mp.exp(a)) - 1 / (1 + mp.exp(b)),
}


def step(form: str) -> Case:
    """Case of a step."""
    return over(
        lambda x, amplitude, center, sigma: (
            amplitude * STEPS[form]((x - center) / sigma)
        ),
        (0.0, 10.0),
        {**SIZE, "center": uniform(0.0, 10.0), "sigma": either(0.05, 50.0)},
        {**SEEN_SIZE, "center": uniform(3.0, 7.0), "sigma": uniform(0.3, 1.0)},
    )


def rectangle(form: str) -> Case:
    """Case of two steps."""
    return over(
        lambda x, amplitude, center1, sigma1, center2, sigma2: (
            amplitude * RECTANGLES[form]((x - center1) / sigma1, (center2 - x) / sigma2)
        ),
        (0.0, 10.0),
        {**SIZE, **CENTERS, **WIDTHS},
        {
            **SEEN_SIZE,
            **CENTERS,
            "sigma1": uniform(0.3, 0.8),
            "sigma2": uniform(0.3, 0.8),
        },
        no_limit={"sigma1": LARGE, "sigma2": LARGE},
    )


def thermal(sign: int) -> Case:
    """Case of 1 / (amplitude exp(z) + sign)."""
    return over(
        lambda x, amplitude, center, kt: (
            1 / (amplitude * mp.exp((x - center) / kt) + sign)
        ),
        (1.0, 10.0),
        {
            "amplitude": uniform(1.2, 3.0),
            "center": uniform(-3.0, 0.9),
            "kt": scale(0.01, 30.0),
        },
        {},
    )._replace(curve=None)


CASES: dict[str, Case] = {
    "lmfit_pearson4": peak(
        asymmetric.pearson4,
        far=30.0,
        shapes={
            "expon": lambda rng: 0.5 + scale(1e-2, 30.0)(rng),
            "skew": either(1e-2, 30.0),
        },
        seen={"expon": uniform(1.0, 4.0), "skew": uniform(-2.0, 2.0)},
        no_limit={"expon": "of infinite area, so of no height"},
        # as of pearson4
        roundings=3.0,
    ),
    "lmfit_damped_harmonic_oscillator": over(
        lines.damped_harmonic,
        (-8.0, 8.0),
        {
            "amplitude": either(),
            "center": scale(0.3, 8.0),
            "sigma": scale(0.05, 5.0),
            "gamma": scale(1.0, 1e3),
        },
        {
            "amplitude": uniform(1.0, 5.0),
            "center": uniform(2.0, 4.0),
            "sigma": uniform(0.2, 0.6),
            "gamma": uniform(1.0, 5.0),
        },
        no_limit={"sigma": WIDTHLESS, "gamma": "no energy gain at T = 0"},
    ),
    "lmfit_lorentzian": peak(domains.lorentzian, far=1e6),
    "lmfit_split_lorentzian": peak(
        split_lorentzian, width=("sigma", "sigma_r"), far=1e3
    ),
    "lmfit_voigt": peak(
        domains.voigt,
        width=("sigma", "gamma"),
        far=50.0,
        no_limit={"sigma": "tested in tests/models/test_bounds.py", "gamma": "too"},
    ),
    "lmfit_moffat": peak(
        lambda x, amplitude, center, sigma, beta: (
            amplitude * (sigma**2 / (sigma**2 + (x - center) ** 2)) ** beta
        ),
        far=100.0,
        shapes={"beta": scale(0.1, 20.0)},
        seen={"beta": uniform(0.7, 2.0)},
    ),
    "lmfit_pearson7": peak(
        pearson7,
        far=100.0,
        shapes={"expon": lambda rng: 0.5 + scale(1e-2, 50.0)(rng)},
        seen={"expon": uniform(0.8, 2.5)},
        no_limit={"expon": "of infinite area, so of no height"},
    ),
    "lmfit_students_t": over(
        students_t,
        (0.0, 10.0),
        {**SIZE, "center": uniform(0.0, 10.0), "sigma": scale(0.1, 100.0)},
        {**SEEN_SIZE, "center": uniform(3.0, 7.0), "sigma": uniform(0.5, 3.0)},
        no_limit={"sigma": "of infinite area, so of no height"},
        peer=lambda x, amplitude, center, sigma: (
            amplitude * stats.t.pdf(x - center, sigma)
        ),
    ),
    "lmfit_breit_wigner": peak(
        lambda x, amplitude, center, sigma, q: (
            amplitude
            * (q * sigma / 2 + x - center) ** 2
            / ((sigma / 2) ** 2 + (x - center) ** 2)
        ),
        far=1e3,
        shapes={"q": either(1e-3, 1e3)},
        seen={"q": uniform(-2.0, 2.0)},
    ),
    "lmfit_lognormal": over(
        lognormal,
        (0.01, 10.0),
        {**SIZE, "center": uniform(-2.0, 3.0), "sigma": scale(0.05, 5.0)},
        {**SEEN_SIZE, "center": uniform(0.5, 1.5), "sigma": uniform(0.2, 0.8)},
        special=(((-1.0, 0.0, 1.0), {"amplitude": 2.0, "center": 0.5, "sigma": 0.7}),),
        no_limit={"sigma": WIDTHLESS},
        peer=lambda x, amplitude, center, sigma: (
            amplitude * stats.lognorm.pdf(x, sigma, scale=np.exp(center))
        ),
    ),
    "lmfit_damped_oscillator": over(
        lambda x, amplitude, center, sigma: (
            amplitude / abs(mp.mpc(1 - (x / center) ** 2, 2 * sigma * x / center))
        ),
        (0.0, 10.0),
        {**SIZE, "center": uniform(1.0, 8.0), "sigma": scale(1e-3, 10.0)},
        {**SEEN_SIZE, "center": uniform(3.0, 7.0), "sigma": uniform(0.05, 0.3)},
        no_limit={"sigma": "infinite at the resonance"},
    ),
    # gamma sigma is 100 at most: beyond, the partial by gamma loses digits, where the
    # decay is a hundredth of the width and nothing shows of it
    "lmfit_exponential_gaussian": over(
        exponential_gaussian,
        (-5.0, 10.0),
        {**SIZE, "center": uniform(-1.0, 1.0), "sigma": scale(0.05, 5.0)}
        | {"gamma": scale(1e-3, 20.0)},
        {**SEEN_SIZE, "center": uniform(0.0, 3.0), "sigma": uniform(0.4, 1.0)}
        | {"gamma": uniform(0.5, 2.0)},
        no_limit={"gamma": "without decay the curve is 0", "sigma": WIDTHLESS},
    ),
    "lmfit_skewed_gaussian": peak(
        lambda x, amplitude, center, sigma, gamma: (
            2
            * domains.gaussian(x, amplitude, center, sigma)
            * mp.ncdf(gamma * (x - center) / sigma)
        ),
        far=20.0,
        shapes={"gamma": either(1e-2, 10.0)},
        seen={"gamma": uniform(-3.0, 3.0)},
    ),
    "lmfit_skewed_voigt": peak(
        lambda x, amplitude, center, sigma, gamma, skew: (
            2
            * domains.voigt(x, amplitude, center, sigma, gamma)
            * mp.ncdf(skew * (x - center) / sigma)
        ),
        width=("sigma", "gamma"),
        far=20.0,
        shapes={"skew": either(1e-2, 10.0)},
        seen={"skew": uniform(-2.0, 2.0)},
        no_limit={"sigma": "a step of no width"},
    ),
    "lmfit_bose": over(
        lambda x, amplitude, center, kt: amplitude / (mp.exp((x - center) / kt) - 1),
        (1.0, 10.0),
        {**SIZE, "center": uniform(-3.0, 0.9), "kt": scale(0.01, 30.0)},
        {},
    )._replace(curve=None),  # with a pole at the center, which is not to be fitted
    "lmfit_fermi": over(
        lambda x, amplitude, center, kt: amplitude / (mp.exp((x - center) / kt) + 1),
        (0.0, 10.0),
        {**SIZE, "center": uniform(0.0, 10.0), "kt": either(0.01, 30.0)},
        {**SEEN_SIZE, "center": uniform(3.0, 7.0), "kt": uniform(0.2, 1.0)},
    ),
    "lmfit_thermal_bose": thermal(-1),
    "lmfit_thermal_maxwell": thermal(0),
    "lmfit_thermal_fermi": thermal(1),
    "lmfit_doniach": peak(
        doniach,
        far=100.0,
        shapes={"gamma": uniform(0.0, 0.9)},
        seen={"gamma": uniform(0.0, 0.4)},
    ),
    "lmfit_power_law": over(
        lambda x, amplitude, exponent: amplitude * mp.power(x, exponent),
        (0.1, 10.0),
        {**SIZE, "exponent": uniform(-5.0, 5.0)},
        {**SEEN_SIZE, "exponent": uniform(-2.0, 2.0)},
    ),
    "lmfit_sine": over(
        lambda x, amplitude, frequency, shift: (
            amplitude * mp.expj(frequency * x + shift).imag
        ),
        (0.0, 10.0),
        {
            "amplitude": scale(),
            "frequency": scale(0.01, 20.0),
            "shift": uniform(-6.0, 6.0),
        },
        {
            "amplitude": uniform(1.0, 5.0),
            "frequency": uniform(1.0, 9.0),
            "shift": uniform(-3.0, 3.0),
        },
        share=0.95,
    ),
    **{f"lmfit_step_{form}": step(form) for form in STEPS},
    **{f"lmfit_rectangle_{form}": rectangle(form) for form in RECTANGLES},
}
