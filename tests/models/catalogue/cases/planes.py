"""Peaks over a plane."""

from __future__ import annotations

import numpy as np

from tests.kernels import domains
from tests.kernels.domains import log_uniform, signed
from tests.models.catalogue.cases.case import WIDTHLESS, Case, Sample

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


CASES: dict[str, Case] = {
    "gaussian_2d_isotropic": Case(
        domains.gaussian_2d_isotropic,
        draw_spot,
        spot,
        no_limit={"sigma": WIDTHLESS},
        share=0.9,
    ),
}
