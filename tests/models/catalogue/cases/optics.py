"""Dielectric functions."""

from __future__ import annotations

import mpmath as mp
import numpy as np

from tests.models.catalogue.cases.case import Case, Sample, drawn, scale, uniform

UNDAMPED = "infinite at the frequency of the vibration"
NOTHING = "0 there, with all partials"
FREE = "free carriers: tested in tests/models/catalogue/test_optics.py"


def lorentz_oscillator(x, omega_p, omega_TO, damping):
    """By its two poles."""
    root = mp.sqrt(mp.mpc(omega_TO**2 - damping**2 / 4))
    first, second = (mp.mpc(0, -damping / 2) + sign * root for sign in (1, -1))
    return -(omega_p**2) / ((x - first) * (x - second))


def drude(x, omega_p, damping):
    """By the conductivity of carriers that live for 1 / damping."""
    conductivity = omega_p**2 / (damping - 1j * x)
    return 1j * conductivity / x


def to_lo(x, omega_to, damping_to, omega_lo, damping_lo):
    """A quotient of two oscillators."""
    upper = lorentz_oscillator(x, 1, omega_lo, damping_lo)
    return lorentz_oscillator(x, 1, omega_to, damping_to) / upper


def around(rng: np.random.Generator) -> Sample:
    """The vibration, its flanks, far tails."""
    omega_TO, damping = scale()(rng), scale(1e-4, 1e2)(rng)
    values = {
        "omega_p": scale()(rng),
        "omega_TO": omega_TO,
        "damping": omega_TO * damping,
    }
    steps = np.array([1.0, 1.0 + damping, 1e-4, 1e4, rng.uniform(0.1, 3.0)])
    return omega_TO * steps, values


def pairs(rng: np.random.Generator) -> Sample:
    """Two modes in any order."""
    low, high, one, other = (scale(*own)(rng) for own in ((0.1, 10), (0.1, 10)) * 2)
    values = {"omega_TO": low, "damping_TO": 0.1 * one}
    values |= {"omega_LO": high, "damping_LO": 0.1 * other}
    return np.array([low, high, 1e-3, 1e3, rng.uniform(0.1, 10.0)]), values


def seen(ranges) -> object:
    """Curves over a range of x that has all of it."""
    return lambda rng: (np.linspace(0.05, 4.0, 200), drawn(rng, ranges))


CASES: dict[str, Case] = {
    "dielectric_constant": Case(
        lambda x, eps_inf: eps_inf + 0 * x,
        lambda rng: (np.linspace(0.0, 1.0, 5), {"eps_inf": 1.0 + scale()(rng)}),
        seen({"eps_inf": uniform(2.0, 10.0)}),
    ),
    "lorentz_oscillator": Case(
        lorentz_oscillator,
        around,
        seen(
            {
                "omega_p": uniform(0.5, 2.0),
                "omega_TO": uniform(0.7, 3.0),
                "damping": uniform(0.1, 0.5),
            }
        ),
        no_limit={"damping": UNDAMPED, "omega_p": NOTHING, "omega_TO": FREE},
        share=0.95,
    ),
    "drude": Case(
        drude,
        lambda rng: (
            np.array([1e-3, 1e3, 1.0, rng.uniform(0.1, 3.0)]),
            {"omega_p": scale()(rng), "damping": scale()(rng)},
        ),
        seen({"omega_p": uniform(0.5, 3.0), "damping": uniform(0.05, 1.0)}),
        no_limit={"omega_p": NOTHING},
        share=0.95,
    ),
    "to_lo": Case(
        to_lo,
        pairs,
        seen(
            {
                "omega_TO": uniform(0.8, 1.5),
                "damping_TO": uniform(0.05, 0.3),
                "omega_LO": uniform(1.7, 2.5),
                "damping_LO": uniform(0.05, 0.3),
            }
        ),
        no_limit={"damping_TO": UNDAMPED},
        share=0.95,
    ),
}
