"""Peaks of one coordinate."""

from __future__ import annotations

import mpmath as mp
from scipy import stats

from tests.kernels import domains
from tests.models.catalogue.cases.case import Case, peak, scale, uniform


def pearson7(x, amplitude, center, gamma, m):
    """By the beta function."""
    half = mp.mpf(1) / 2
    width = gamma / mp.sqrt(mp.power(2, 1 / m) - 1)
    norm = width * mp.beta(m - half, half)
    return amplitude / norm * (1 + ((x - center) / width) ** 2) ** -m


def student_t(x, amplitude, center, width, nu):
    """By the beta function."""
    z = (x - center) / width
    norm = width * mp.sqrt(nu) * mp.beta(mp.mpf(1) / 2, nu / 2)
    return amplitude / norm * (1 + z**2 / nu) ** (-(nu + 1) / 2)


def thompson_cox_hastings(x, amplitude, center, sigma, gamma):
    """A pseudo-Voigt peak of the stated width and share."""
    g, c = 2 * mp.sqrt(2 * mp.log(2)) * sigma, 2 * gamma
    terms = (1, "2.69269", "2.42843", "4.47163", "0.07842", 1)
    total = sum(mp.mpf(own) * g ** (5 - k) * c**k for k, own in enumerate(terms))
    full = mp.root(total, 5)
    share = [mp.mpf(own) for own in ("1.36603", "-0.47719", "0.11116")]
    eta = sum(own * (c / full) ** (k + 1) for k, own in enumerate(share))
    return domains.pseudo_voigt(x, amplitude, center, full / 2, eta)


CASES: dict[str, Case] = {
    "gaussian": peak(
        domains.gaussian,
        peer=lambda x, amplitude, center, sigma: (
            amplitude * stats.norm.pdf(x, center, sigma)
        ),
    ),
    "lorentzian": peak(
        domains.lorentzian,
        width="gamma",
        far=1e6,
        peer=lambda x, amplitude, center, gamma: (
            amplitude * stats.cauchy.pdf(x, center, gamma)
        ),
    ),
    "voigt": peak(
        domains.voigt,
        width=("sigma", "gamma"),
        far=50.0,
        no_limit={"sigma": "tested in tests/models/test_bounds.py", "gamma": "too"},
    ),
    "pseudo_voigt": peak(
        domains.pseudo_voigt,
        far=100.0,
        shapes={"fraction": uniform(0.0, 1.0)},
    ),
    "thompson_cox_hastings": peak(
        thompson_cox_hastings, width=("sigma", "gamma"), far=30.0
    ),
    # with m the partial by it vanishes as 1 / m^2: beyond 1e4 its digits go
    "pearson7": peak(
        pearson7,
        width="gamma",
        far=100.0,
        shapes={"m": lambda rng: 0.5 + scale(1e-2, 1e4)(rng)},
        seen={"m": uniform(0.8, 4.0)},
        no_limit={"m": "of infinite area, so of no height"},
    ),
    "student_t": peak(
        student_t,
        width="width",
        far=100.0,
        shapes={"nu": scale(0.1, 1e4)},
        seen={"nu": uniform(0.7, 4.0)},
        no_limit={"nu": "of infinite area, so of no height"},
        peer=lambda x, amplitude, center, width, nu: (
            amplitude * stats.t.pdf(x, nu, center, width)
        ),
    ),
    "moffat": peak(
        lambda x, height, center, alpha, beta: (
            height * (alpha**2 / (alpha**2 + (x - center) ** 2)) ** beta
        ),
        size="height",
        width="alpha",
        far=100.0,
        shapes={"beta": scale(0.1, 20.0)},
        seen={"beta": uniform(0.7, 2.0)},
    ),
}
