"""Height and full width of a Voigt profile: against mpmath, at both limits too."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest

from physfit.engine.blocks import elementwise
from physfit.kernels.voigt_width import voigt_fwhm, voigt_height
from tests.kernels.domains import voigt

FUNCTIONS = {"fwhm": voigt_fwhm, "height": voigt_height}
RATIOS = [1e-12, 1e-3, 0.0028, 0.0029, 0.1, 0.5, 1.0, 4.0, 16.9, 17.1, 1e3, 1e6]


def exact(name: str, sigma: mp.mpf, gamma: mp.mpf) -> mp.mpf:
    """Height, or twice the root of half of it."""
    top = voigt(0, 1, 0, sigma, gamma)
    if name == "height":
        return top
    guess = gamma + mp.sqrt(gamma**2 + 6 * sigma**2)
    return 2 * mp.findroot(
        lambda h: voigt(h, 1, 0, sigma, gamma) / top - mp.mpf(1) / 2,
        (guess / 2, guess / 1.8),
    )


@pytest.mark.parametrize("ratio", RATIOS)
@pytest.mark.parametrize("name", FUNCTIONS)
def test_height_and_width_are_those_of_the_profile(name: str, ratio: float) -> None:
    """Values to 1e-13, partials to 1e-10 of the larger one, at any gamma / sigma."""
    with mp.workdps(40):
        sigma = mp.mpf(0.7) / mp.mpf(max(1.0, ratio))
        gamma = sigma * mp.mpf(ratio)
        arguments = (mp.mpf(float(sigma)), mp.mpf(float(gamma)))
        value = float(exact(name, *arguments))
        step = mp.mpf(10) ** -14 * min(arguments)
        slopes = []
        for k in (0, 1):
            up, down = list(arguments), list(arguments)
            up[k], down[k] = up[k] + step, down[k] - step
            slopes.append(float((exact(name, *up) - exact(name, *down)) / (2 * step)))
    got = elementwise(FUNCTIONS[name], 2, 3)(*map(float, arguments))[:, 0]
    assert got[0] == pytest.approx(value, rel=1e-13)
    assert got[1:] == pytest.approx(slopes, abs=1e-10 * max(map(abs, slopes)))


def test_limits_are_the_lorentzian_and_the_gaussian() -> None:
    """Without sigma or gamma the width is 2 gamma or 2.355 sigma; without both NaN."""
    width = elementwise(voigt_fwhm, 2, 3)([0.0, 2.0, 0.0], [3.0, 0.0, 0.0])
    full = 2.0 * math.sqrt(2.0 * math.log(2.0))
    np.testing.assert_allclose(width[:, 0], [6.0, 0.0, 2.0], rtol=1e-15)
    np.testing.assert_allclose(width[:2, 1], [2.0 * full, full], rtol=1e-14)
    assert np.isnan(width[:, 2]).all()
    height = elementwise(voigt_height, 2, 3)(0.0, 3.0)[:, 0]
    np.testing.assert_allclose(height * math.pi, [1 / 3, 0.0, -1 / 9], rtol=1e-15)
