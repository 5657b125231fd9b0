"""Peaks over a plane."""

from __future__ import annotations

import mpmath as mp
import numpy as np

from tests.kernels import domains
from tests.kernels.domains import log_uniform, signed
from tests.models.catalogue.cases.case import (
    WIDTHLESS,
    Case,
    Sample,
    drawn,
    scale,
    uniform,
)

SIDE = 15


def grid() -> np.ndarray:
    """Both coordinates of the pixels of an image, (2, n)."""
    axis = np.linspace(0.0, 10.0, SIDE)
    return np.stack(np.meshgrid(axis, axis)).reshape(2, -1)


def draw_spot(rng: np.random.Generator) -> Sample:
    """Within 20 widths."""
    sigma = log_uniform(rng, 1e-3, 1e3)
    values = {"amplitude": signed(rng, 1e-3, 1e3), "sigma": sigma}
    values |= {name: sigma * rng.normal(0.0, 10.0) for name in ("centerx", "centery")}
    centers = np.array([[values["centerx"]], [values["centery"]]])
    return centers + sigma * rng.uniform(-14.0, 14.0, (2, 5)), values


def spot(rng: np.random.Generator) -> Sample:
    """A spot of some pixels."""
    values = {"amplitude": rng.uniform(1.0, 5.0), "sigma": rng.uniform(0.8, 1.6)}
    centers = {name: rng.uniform(3.0, 7.0) for name in ("centerx", "centery")}
    return grid(), values | centers


def gaussian_2d(x, y, amplitude, centerx, centery, sigmax, sigmay):
    """Two normal densities."""
    return amplitude * mp.npdf(x, centerx, sigmax) * mp.npdf(y, centery, sigmay)


def gaussian_2d_rotated(x, y, amplitude, centerx, centery, sigmax, sigmay, theta):
    """The same of coordinates that are turned as complex numbers."""
    z = mp.mpc(x - centerx, y - centery) * mp.expj(-theta)
    return gaussian_2d(z.real, z.imag, amplitude, 0, 0, sigmax, sigmay)


def lorentzian_2d_rotated(x, y, height, centerx, centery, gammax, gammay, theta):
    """By the quadratic form whose matrix is turned."""
    turn = mp.matrix([[mp.cos(theta), -mp.sin(theta)], [mp.sin(theta), mp.cos(theta)]])
    form = turn * mp.diag([1 / gammax**2, 1 / gammay**2]) * turn.T
    away = mp.matrix([x - centerx, y - centery])
    return height / (1 + (away.T * form * away)[0])


def flat(reference, size, domain, seen, no_limit) -> Case:
    """Case of a peak of some height or volume and widths."""

    def draw(rng: np.random.Generator) -> Sample:
        values = {size: signed(rng, 1e-3, 1e3), "centerx": rng.normal()}
        values |= {"centery": rng.normal()} | drawn(rng, domain)
        x = np.array([rng.normal(0.0, 3.0, 5), rng.normal(0.0, 3.0, 5)])
        x[:, 0] = values["centerx"] + 0.1, values["centery"] - 0.2
        return x, values

    def curve(rng: np.random.Generator) -> Sample:
        values = {size: rng.uniform(1.0, 5.0), "centerx": rng.uniform(3.0, 7.0)}
        values |= {"centery": rng.uniform(3.0, 7.0)} | drawn(rng, seen)
        return grid(), values

    return Case(reference, draw, curve, no_limit=no_limit, share=0.9)


def surface(reference, *names: str) -> Case:
    """Case of a polynomial over a plane."""

    def draw(rng: np.random.Generator) -> Sample:
        values = {name: signed(rng, 1e-3, 1e3) for name in names}
        return rng.normal(0.0, 3.0, (2, 5)), values

    def curve(rng: np.random.Generator) -> Sample:
        return grid(), {name: rng.normal() for name in names}

    return Case(reference, draw, curve)


WIDTH, SEEN = scale(0.3, 10.0), uniform(0.8, 1.6)
NONE = dict.fromkeys(("sigmax", "sigmay", "gammax", "gammay", "alpha"), WIDTHLESS)

CASES: dict[str, Case] = {
    "gaussian_2d_isotropic": Case(
        domains.gaussian_2d_isotropic,
        draw_spot,
        spot,
        no_limit={"sigma": WIDTHLESS},
        share=0.9,
    ),
    "gaussian_2d": flat(
        gaussian_2d,
        "amplitude",
        {"sigmax": WIDTH, "sigmay": WIDTH},
        {"sigmax": SEEN, "sigmay": SEEN},
        NONE,
    ),
    "gaussian_2d_rotated": flat(
        gaussian_2d_rotated,
        "amplitude",
        {"sigmax": WIDTH, "sigmay": WIDTH, "theta": uniform(-3.0, 3.0)},
        {
            "sigmax": uniform(1.3, 2.0),
            "sigmay": uniform(0.6, 1.0),
            "theta": uniform(-1.5, 1.5),
        },
        NONE,
    ),
    "lorentzian_2d": flat(
        lambda x, y, height, centerx, centery, gammax, gammay: (
            height / (1 + ((x - centerx) / gammax) ** 2 + ((y - centery) / gammay) ** 2)
        ),
        "height",
        {"gammax": WIDTH, "gammay": WIDTH},
        {"gammax": SEEN, "gammay": SEEN},
        NONE,
    ),
    "lorentzian_2d_rotated": flat(
        lorentzian_2d_rotated,
        "height",
        {"gammax": WIDTH, "gammay": WIDTH, "theta": uniform(-3.0, 3.0)},
        {
            "gammax": uniform(1.3, 2.0),
            "gammay": uniform(0.6, 1.0),
            "theta": uniform(-1.5, 1.5),
        },
        NONE,
    ),
    "moffat_2d": flat(
        lambda x, y, height, centerx, centery, alpha, beta: (
            height
            * mp.power(
                alpha**2 / (alpha**2 + (x - centerx) ** 2 + (y - centery) ** 2), beta
            )
        ),
        "height",
        {"alpha": WIDTH, "beta": scale(0.1, 20.0)},
        {"alpha": SEEN, "beta": uniform(1.0, 3.0)},
        NONE,
    ),
    "plane": surface(
        lambda x, y, a, b, c: a * x + b * y + c, "slopex", "slopey", "intercept"
    ),
    "paraboloid": surface(
        lambda x, y, xx, xy, yy, a, b, c: (
            xx * x**2 + xy * x * y + yy * y**2 + a * x + b * y + c
        ),
        *("xx", "xy", "yy", "slopex", "slopey", "intercept"),
    ),
}
