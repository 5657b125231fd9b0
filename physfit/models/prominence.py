"""Maxima and minima of a noisy curve, the most prominent first."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from physfit.typing import FloatArray

__all__ = ["Extremum", "extrema", "smoothed"]

#: Noise above this share of the curve's range asks for more smoothing.
QUIET = 0.03
#: A maximum counts when it stands out by this many standard deviations of the noise,
#: which is more than the highest and lowest of some hundred samples lie apart.
SIGNIFICANT = 6.0
#: Median of |second difference| of white noise, in its standard deviations.
NOISE_OF_SECOND_DIFFERENCE = 0.6745 * math.sqrt(6.0)


class Extremum(NamedTuple):
    """Index of a maximum (sign 1) or minimum (sign -1) and how far it stands out."""

    at: int
    sign: float
    score: float


def smoothed(y: FloatArray) -> tuple[FloatArray, float]:
    """Curve averaged over just so many neighbours that noise is small, and that noise.

    The noise is estimated from second differences, which a smooth curve leaves small.
    """
    curve, noise, width = y, _noise(y), 1
    while noise > QUIET * float(np.ptp(curve)) and 2 * width + 1 <= len(y) // 8:
        width = 2 * width + 1
        kernel = np.bartlett(width + 2)[1:-1]
        weight = np.convolve(np.ones_like(y), kernel, mode="same")
        curve = np.convolve(y, kernel, mode="same") / weight
        noise = _noise(y) * float(np.sqrt(np.sum(kernel**2)) / np.sum(kernel))
    return curve, noise


def _noise(y: FloatArray) -> float:
    if len(y) < 5:
        return 0.0
    return float(np.median(np.abs(np.diff(y, 2)))) / NOISE_OF_SECOND_DIFFERENCE


def extrema(
    curve: FloatArray, noise: float, signs: tuple[float, ...] = (1.0, -1.0)
) -> list[Extremum]:
    """Extrema above (below) zero that stand out from the noise, by falling score.

    The score is the prominence (height over the higher of the two saddles around it) or
    the height over zero, whichever is less; one at an end of the data counts half.
    """
    found = [
        extremum
        for sign in signs
        for extremum in _maxima(sign * curve, sign)
        if extremum.score > SIGNIFICANT * noise
    ]
    found.sort(key=lambda extremum: -extremum.score)
    return [extremum for extremum in found if extremum.score > 1e-3 * found[0].score]


def _maxima(r: FloatArray, sign: float) -> list[Extremum]:
    padded = np.concatenate([[-np.inf], r, [-np.inf]])
    rising = padded[1:-1] > padded[:-2]
    falling = padded[1:-1] >= padded[2:]
    tops = np.flatnonzero(rising & falling)
    if not len(tops):
        return []
    valleys = [float(r[a : b + 1].min()) for a, b in pairwise(tops)]
    heights = [float(height) for height in r[tops]]
    first, last = float(r[: tops[0] + 1].min()), float(r[tops[-1] :].min())
    left = _saddles(heights, [first, *valleys])
    right = _saddles(heights[::-1], [last, *valleys[::-1]])[::-1]
    scores = []
    for top, height, a, b in zip(tops, heights, left, right, strict=True):
        at_end = top in (0, len(r) - 1)
        saddle = min(a, b) if at_end else max(a, b)
        scores.append(min(height - saddle, height) * (0.5 if at_end else 1.0))
    return [
        Extremum(int(top), sign, score)
        for top, score in zip(tops, scores, strict=True)
        if score > 0.0
    ]


def _saddles(heights: list[float], valleys: list[float]) -> list[float]:
    """For each maximum, the lowest point before it back to a higher one, or the end.

    `valleys[k]` is the lowest point between maximum k - 1 and maximum k.
    """
    saddles: list[float] = []
    stack: list[tuple[float, float]] = []
    for height, valley in zip(heights, valleys, strict=True):
        low = valley
        while stack and stack[-1][0] <= height:
            low = min(low, stack.pop()[1])
        saddles.append(low)
        stack.append((height, low))
    return saddles
