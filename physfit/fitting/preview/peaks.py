"""Peaks and edges that a curve shows, for people who look at it."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from physfit.typing import FloatArray

__all__ = ["PeakSeen", "after_edge", "noise_of", "peaks_seen"]

#: Height of a peak above its surroundings, in standard deviations of the noise, and as
#: a part of the range of y, at least.
_IN_NOISE, _IN_RANGE = 10.0, 0.03
#: Range of y, in standard deviations of the noise, below which it is averaged before.
_CLEAR = 30.0
#: A window of the average is such a part of all samples.
_WINDOW = 100
#: Samples before an edge, at least.
_FEWEST = 8


class PeakSeen(NamedTuple):
    """A peak: where its top is, how far it rises above its base, how wide it is there.

    The height of a dip is negative; the width is that at half of the height.
    """

    place: float
    height: float
    width: float


def noise_of(y: FloatArray) -> float:
    """Standard deviation of the noise, from second differences.

    These are small along a curve. The median of their sizes is 0.6745 of their standard
    deviation, which is sqrt(6) times that of a sample.
    """
    if y.size < 5:
        return 0.0
    return float(np.median(np.abs(np.diff(y, 2))) / (0.6745 * np.sqrt(6.0)))


def peaks_seen(x: FloatArray, y: FloatArray) -> list[PeakSeen]:
    """Peaks along ascending x, or dips where these are larger; all values finite."""
    if y.size < 5:
        return []
    noise, size = noise_of(y), float(np.ptp(y))
    if size < _CLEAR * noise:
        n = max(3, y.size // _WINDOW)
        y = _averaged(y, n)
        noise, size = noise / np.sqrt(n), float(np.ptp(y))
    least = max(_IN_NOISE * noise, _IN_RANGE * size)
    if not 0.0 < least < np.inf:
        return []
    up, down = (_found(x, sign * y, sign, least) for sign in (1.0, -1.0))
    is_up = sum(peak.height for peak in up) >= -sum(peak.height for peak in down)
    return up if is_up else down


def _found(x: FloatArray, y: FloatArray, sign: float, least: float) -> list[PeakSeen]:
    """Peaks of y with such a prominence."""
    from scipy.signal import find_peaks, peak_widths

    tops, found = find_peaks(y, prominence=least)
    _, _, left, right = peak_widths(
        y,
        tops,
        prominence_data=(
            found["prominences"],
            found["left_bases"],
            found["right_bases"],
        ),
    )
    places = np.arange(float(x.size))
    widths = np.interp(right, places, x) - np.interp(left, places, x)
    heights = sign * found["prominences"]
    return [
        PeakSeen(*values)
        for values in zip(
            x[tops].tolist(), heights.tolist(), widths.tolist(), strict=True
        )
    ]


def _averaged(y: FloatArray, n: int) -> FloatArray:
    """Means of n neighbours each; at the ends of those that there are."""
    ones = np.ones(n)
    sums = np.convolve(y, ones, "same")
    counts = np.convolve(np.ones(y.size), ones, "same")
    return np.asarray(sums / counts)


def after_edge(y: FloatArray) -> int:
    """Sample from which on a curve goes its way, behind a flat part and a sudden edge.

    An oscilloscope records what is before the trigger, too. 0 where there is no such
    edge, or where the curve goes back as suddenly, as a pulse does.
    """
    n, size = y.size, float(np.ptp(y)) if y.size else 0.0
    step = max(1, n // 200)
    if n < 4 * _FEWEST or size == 0.0:
        return 0
    jumps = np.abs(y[step:] - y[:-step])
    first = int(np.argmax(jumps > 0.4 * size))
    if jumps.max() <= 0.4 * size or first < _FEWEST:
        return 0
    before = y[:first]
    level = float(np.median(before))
    if float(np.ptp(before)) > 0.25 * size:
        return 0
    near = np.abs(y[first : first + 3 * step + 1] - level)
    top = first + int(np.argmax(near))
    below = np.flatnonzero(np.abs(y[top:] - level) < 0.5 * near.max())
    is_pulse = below.size > 0 and below[0] < 5 * max(1, top - first)
    return 0 if is_pulse else top
