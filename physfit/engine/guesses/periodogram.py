"""The strongest line between any two frequencies, from samples that lie anywhere.

The power of a frequency k is |sum of r exp(-g s) exp(-i k s)|^2, over the places s of
the samples themselves, as in the periodogram of Lomb (1976) and Scargle (1982). It is
computed for one band of frequencies after the other. Turned by the middle of its band,
the data vary slowly enough to be shared out, each sample between its two neighbours on
an even grid, and a fast transform gives the whole band; sharing out weakens the power
at a distance q from the middle by sinc(q h / 2)^4, with h the step of the grid.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats, offset
from physfit.engine.guesses.basis import vertex
from physfit.engine.guesses.motions import wave_gain
from physfit.engine.guesses.spectrum import pair, transform
from physfit.engine.roles import routine, summation
from physfit.kernels.elementary import exp, sincos

__all__ = ["take_strongest"]

#: A peak of the power is tried if it is this part of the highest one before; of many
#: samples all but so many times 1 / sqrt(n), the power being the more exact.
ALMOST = 0.4
INEXACT = 8.0
#: Most bands that are looked at.
MOST_BANDS = 64


@routine
def take_strongest(
    work: Any, wave: Any, rate: Any, lower: Any, upper: Any, least: Any
) -> Any:
    """Take the line between two frequencies that explains most; how much that is.

    Peaks of the power are tried, as few samples do not make the two columns of a wave
    independent; those that promise clearly less than `least` are not. Of equals the
    lowest is taken.
    """
    m = work.length
    step = work.span / (m // 2 - 1)
    band, bin_width = math.pi / step, 2.0 * math.pi / (m * step)
    best, start = 0.0, lower
    highest = 0.5 * least * _window_square(work, rate)
    almost = max(ALMOST, 1.0 - INEXACT / math.sqrt(float(work.n_places)))
    for _ in range(MOST_BANDS):
        if not start < upper:
            return best
        power = _power_of_band(work, rate, start + 0.5 * band, step)
        for k in range(1, m // 2 + 1):
            strength = power[k]
            is_peak = strength >= power[k - 1] and strength > power[k + 1]
            if is_peak and strength > almost * highest:
                highest = max(strength, highest)
                shift = vertex(power[k - 1], strength, power[k + 1])
                omega = min(max(start + bin_width * (k - 1 + shift), lower), upper)
                gain = wave_gain(work, wave, omega, rate)
                if gain > best:
                    best, wave.omega, wave.rate = gain, omega, rate
        start += band
    return best


@routine
def _window_square(work: Any, rate: Any) -> Any:
    """Sum of the squared weights in the window: half of it is the square of a wave."""
    n, x, w = work.n_places, as_floats(work.x), as_floats(work.w)
    square = window_square(x, w, rate, n)
    if work.n > n:
        square += window_square(x, offset(w, n), rate, n)
    return square


@summation
def window_square(x: Any, w: Any, rate: Any, n: Any) -> Any:
    """Sum of squared weights times the squared window."""
    total, start = 0.0, x[0]
    for i in range(n):
        value = w[i] * exp(-rate * (x[i] - start))
        total += value * value
    return total


@routine
def strengthened(angle: Any) -> Any:
    """(angle / sin(angle))^4, to 2 % up to pi / 4."""
    square = angle * angle
    return 1.0 + square * (2.0 / 3.0 + square * (11.0 / 45.0))


@routine
def _power_of_band(work: Any, rate: Any, middle: Any, step: Any) -> Any:
    """Power of a band from its lowest frequency to its highest, and one beside each."""
    n, m, x = work.n_places, work.length, as_floats(work.x)
    grid, turned = pair(work, 0), pair(work, 1)
    for k in range(2 * m):
        grid[k] = 0.0
    real = as_floats(work.running)
    imag, is_complex = offset(real, work.n - n), 1.0 if work.n > n else 0.0
    turn(x, real, imag, is_complex, middle, rate, turned, offset(turned, m), n)
    share_out(x, 1.0 / step, turned, offset(turned, m), grid, offset(grid, m), n)
    at = transform(work, m)
    re, power = pair(work, at), pair(work, 1 - at)
    im = offset(re, m)
    for k in range(m // 2 + 2):
        q = k - 1 - m // 4
        place = (q + m) % m
        square = re[place] * re[place] + im[place] * im[place]
        power[k] = square * strengthened(math.pi * q / m)
    return power


@summation
def turn(
    x: Any,
    real: Any,
    imag: Any,
    is_complex: Any,
    omega: Any,
    rate: Any,
    re: Any,
    im: Any,
    n: Any,
) -> None:
    """Windowed data, turned back by a frequency."""
    start = x[0]
    for i in range(n):
        s = x[i] - start
        size = exp(-rate * s)
        sine, cosine = sincos(omega * s)
        a, b = size * real[i], is_complex * size * imag[i]
        re[i] = a * cosine + b * sine
        im[i] = b * cosine - a * sine


@summation
def share_out(
    x: Any, per_step: Any, re: Any, im: Any, grid_re: Any, grid_im: Any, n: Any
) -> None:
    """Add each sample to its two neighbours on an even grid, by their distances."""
    start = x[0]
    for i in range(n):
        place = (x[i] - start) * per_step
        k = int(place)
        part = place - k
        grid_re[k] += (1.0 - part) * re[i]
        grid_im[k] += (1.0 - part) * im[i]
        grid_re[k + 1] += part * re[i]
        grid_im[k + 1] += part * im[i]
