"""The power of uneven samples against the sums that define it."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scratch_cases import Row

from physfit.engine.abi import address_at, at
from physfit.engine.guesses.frame import Scratch
from physfit.engine.guesses.periodogram import _power_of_band
from physfit.engine.guesses.spectrum import EXTRA, open_spectrum
from physfit.engine.roles import entry

N_TRIED = 7


@entry("void(f64*, f64*, f64, f64)")
def band(work, out, rate, middle):
    """Step of the grid, and the power at equal distances over a band."""
    own = at(address_at(work), Scratch)
    open_spectrum(own)
    out[0] = own.span / (own.length // 2 - 1)
    power = _power_of_band(own, rate, middle, out[0])
    for k in range(N_TRIED):
        out[1 + k] = power[1 + k * own.length // 2 // (N_TRIED - 1)]


@pytest.mark.parametrize("n", [30, 64, 200])
@pytest.mark.parametrize(("rate", "middle"), [(0.0, 3.0), (0.3, 40.0), (0.1, 700.0)])
def test_the_power_is_that_of_the_sum(n, rate, middle):
    """Sharing out between two places of a grid changes it by a tenth of the largest."""
    rng = np.random.default_rng(n)
    x = np.sort(rng.uniform(2.0, 12.0, n))
    omega = middle + 0.3
    y, w = np.cos(omega * x) + 0.3 * rng.normal(size=n), rng.uniform(0.5, 2.0, n)
    step, *power = Row(x, y, w, extra=EXTRA).call(band, rate, middle)
    m = 2 ** math.ceil(math.log2(n))
    places = np.arange(N_TRIED) * m // 2 // (N_TRIED - 1) - m // 4
    s = x - x[0]
    turned = np.exp(-1j * np.outer(middle + 2.0 * np.pi * places / (m * step), s))
    expected = np.abs(turned @ (w * w * y * np.exp(-rate * s))) ** 2
    np.testing.assert_allclose(power, expected, rtol=0.0, atol=0.1 * expected.max())
