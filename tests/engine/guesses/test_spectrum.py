"""The transform of a row against numpy."""

from __future__ import annotations

import numpy as np
import pytest
from scratch_cases import Row

from physfit.engine.abi import address_at, at
from physfit.engine.guesses.frame import Scratch
from physfit.engine.guesses.spectrum import (
    EXTRA,
    open_spectrum,
    strongest_line,
)
from physfit.engine.roles import entry


@entry("void(f64*, f64*, f64, i64, f64, f64)")
def line(work, out, rate, n_used, lower, upper):
    """The strongest line between two frequencies, in the first samples."""
    own = at(address_at(work), Scratch)
    open_spectrum(own)
    out[0], out[1] = strongest_line(own, rate, n_used, lower, upper)


@pytest.mark.parametrize("n", [7, 16, 33, 100])
def test_the_power_is_that_of_numpy(n):
    """Power of the windowed data with as many zeros behind, to the next power of 2."""
    rng = np.random.default_rng(n)
    x, y = np.arange(float(n)), rng.normal(size=n)
    row = Row(x, y, extra=EXTRA)
    row.call(line, 0.05, n, 0.0, np.inf)
    m = 2 ** int(np.ceil(np.log2(n)))
    expected = np.abs(np.fft.rfft(y * np.exp(-0.05 * x), 2 * m)[1:m]) ** 2
    turned = int(np.log2(m)) % 2
    first = (2 - 2 * turned) * row.number(Scratch.length)
    power = row.array(Scratch.extra, first, m)[1:] / 4.0
    np.testing.assert_allclose(power, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("frequency", [0.4, 1.7, 3.1])
def test_the_strongest_line_is_the_frequency(frequency):
    """A wave is found between the bins."""
    x = np.linspace(0.0, 20.0, 200)
    y = np.cos(2.0 * np.pi * frequency * x)
    omega = Row(x, y, extra=EXTRA).call(line, 0.1, 200, 0.0, np.inf)[0]
    assert omega == pytest.approx(2.0 * np.pi * frequency, abs=0.1)


def test_bounds_of_the_frequency_are_kept():
    """A stronger line outside of the bounds is not seen."""
    x = np.linspace(0.0, 20.0, 200)
    y = np.cos(2.0 * x) + 0.3 * np.cos(8.0 * x)
    omega = Row(x, y, extra=EXTRA).call(line, 0.1, 200, 5.0, 12.0)[0]
    assert omega == pytest.approx(8.0, abs=0.1)
