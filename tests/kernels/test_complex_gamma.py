"""Gamma functions of complex numbers against mpmath."""

from __future__ import annotations

import mpmath as mp
import numpy as np
import pytest

from physfit.kernels import complex_gamma as kernels
from tests.kernels.scalar_cases import of

RANDOM = np.random.default_rng(1)
X = np.concatenate([10.0 ** RANDOM.uniform(-6.0, 3.0, 200), [0.5, 1.0, 2.0, 8.0]])
Y = np.concatenate(
    [
        RANDOM.choice([-1.0, 1.0], 200) * 10.0 ** RANDOM.uniform(-6.0, 3.0, 200),
        [0.0, 0.0, 1.0, 3.0],
    ]
)
EXACT = {
    "loggamma_re": lambda z: mp.re(mp.loggamma(z)),
    "digamma_re": lambda z: mp.re(mp.digamma(z)),
    "digamma_im": lambda z: mp.im(mp.digamma(z)),
}


@pytest.mark.parametrize("name", EXACT)
def test_errors_are_those_of_the_docstring(name: str) -> None:
    """Relative to the size of the numbers that are added."""
    with mp.workdps(30):
        points = map(mp.mpc, X, Y)
        exact = np.array([float(EXACT[name](point)) for point in points])
    size = 1.0 + np.abs(exact)
    if name == "loggamma_re":  # what the recurrence takes off, and Stirling's terms
        size += (X + np.abs(Y) + 8.0) * np.log(X + np.abs(Y) + 8.0)
    error = np.abs(of(getattr(kernels, name))(X, Y) - exact) / size
    assert error.max() < 2e-15


@pytest.mark.parametrize("name", EXACT)
def test_left_of_zero_there_is_nan(name: str) -> None:
    """The recurrence is not continued there."""
    left = of(getattr(kernels, name))(np.array([-1.0, 0.0]), np.array([1.0, 0.0]))
    assert np.isnan(left).all()


def test_derivatives_are_those_of_the_logarithm() -> None:
    """By x that is Re digamma, by y minus Im digamma."""
    x, y, step = X[X > 0.1], Y[X > 0.1], 1e-5
    loggamma = of(kernels.loggamma_re)
    by_x = (loggamma(x + step, y) - loggamma(x - step, y)) / (2.0 * step)
    by_y = (loggamma(x, y + step) - loggamma(x, y - step)) / (2.0 * step)
    near = {"rtol": 1e-5, "atol": 1e-5}
    np.testing.assert_allclose(by_x, of(kernels.digamma_re)(x, y), **near)
    np.testing.assert_allclose(by_y, -of(kernels.digamma_im)(x, y), **near)
