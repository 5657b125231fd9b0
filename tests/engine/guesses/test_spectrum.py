"""The transform of a row, interpreted from the compiled source, against numpy."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.engine.guesses import frame, spectrum


def opened(x, y):
    """Scratch with a row taken in."""
    n = len(x)
    work = np.zeros(frame.scratch_size(n, 3) + spectrum.EXTRA * (n + 1))
    plan = np.array([0, 1, 3, 0, 0, 0], dtype=np.int64)
    frame.take_row(plan, x, n, y, np.ones(n), n, work)
    work[frame.UNEVEN] = spectrum.unevenness(x, x[0], 1.0 / work[frame.SPACING], n)
    spectrum.open_spectrum(work)
    return work


@pytest.mark.parametrize("n", [7, 16, 33, 100])
def test_the_power_is_that_of_numpy(n):
    """Power of the windowed data with as many zeros behind, to the next power of 2."""
    rng = np.random.default_rng(n)
    x, y = np.arange(float(n)), rng.normal(size=n)
    work = opened(x, y)
    spectrum.strongest_line(work, 0.05, n, 0.0, np.inf)
    m = 2 ** int(np.ceil(np.log2(n)))
    expected = np.abs(np.fft.rfft(y * np.exp(-0.05 * x), 2 * m)[1:m]) ** 2
    turned = int(np.log2(m)) % 2
    power = spectrum._array(work, 2 - 2 * turned)[1:m] / 4.0
    np.testing.assert_allclose(power, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("frequency", [0.4, 1.7, 3.1])
@pytest.mark.parametrize("uneven", [False, True])
def test_the_strongest_line_is_the_frequency(frequency, uneven):
    """A wave is found between the bins, on even samples and on uneven ones."""
    x = np.linspace(0.0, 20.0, 200)
    if uneven:
        x = np.sort(np.random.default_rng(3).uniform(0.0, 20.0, 200))
    y = np.cos(2.0 * np.pi * frequency * x)
    omega, _ = spectrum.strongest_line(opened(x, y), 0.1, 200, 0.0, np.inf)
    assert omega == pytest.approx(2.0 * np.pi * frequency, abs=0.1)


def test_bounds_of_the_frequency_are_kept():
    """A stronger line outside of the bounds is not seen."""
    x = np.linspace(0.0, 20.0, 200)
    y = np.cos(2.0 * x) + 0.3 * np.cos(8.0 * x)
    omega, _ = spectrum.strongest_line(opened(x, y), 0.1, 200, 5.0, 12.0)
    assert omega == pytest.approx(8.0, abs=0.1)
