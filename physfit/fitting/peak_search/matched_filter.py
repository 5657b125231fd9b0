"""Where residuals look like a peak, by Gaussians of many widths."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from physfit.typing import FloatArray

__all__ = ["MatchedFilter", "Place"]

#: Bins of the filter, and widths that it tries, from so many bins on.
N_BINS, N_WIDTHS, NARROWEST = 1024, 14, 0.8


class Place(NamedTuple):
    """Where residuals show a peak."""

    center: float
    fwhm: float
    height: float


class MatchedFilter:
    """Finds places where residuals look like a peak, by Gaussians of many widths.

    Residuals are averaged in bins along x; each width is a convolution. The score of a
    place is what a peak of that width there takes off the sum of squares.
    """

    def __init__(self, x: FloatArray, sign: int) -> None:
        self.sign = sign
        n = min(N_BINS, x.size)
        low, high = float(x.min()), float(x.max())
        self.step = (high - low) / max(n - 1, 1) or 1.0
        self.places_of_bins = low + self.step * np.arange(n)
        self.bins = np.clip(np.rint((x - low) / self.step).astype(int), 0, n - 1)
        self.counts = np.bincount(self.bins, minlength=n).astype(float)
        largest = max(n / 6.0, 1.5)
        # standard deviations in bins
        self.widths: FloatArray = np.geomspace(NARROWEST, largest, N_WIDTHS)
        self.n = n

    def places(self, residuals: FloatArray, n_places: int) -> list[Place]:
        """The best places, of which no two are within a width of each other."""
        sums: FloatArray = np.bincount(self.bins, residuals, self.n).astype(float)
        scores, heights = self._scores(sums)
        if self.sign:
            scores = np.where(self.sign * heights > 0.0, scores, 0.0)
        found: list[Place] = []
        for flat in np.argsort(scores, axis=None)[::-1]:
            width, place = np.unravel_index(flat, scores.shape)
            if scores[width, place] <= 0.0 or len(found) == n_places:
                break
            sigma = self.step * float(self.widths[width])
            center = float(self.places_of_bins[place])
            if all(abs(center - own.center) > 0.5 * own.fwhm for own in found):
                height = float(heights[width, place])
                found.append(Place(center, 2.3548 * sigma, height))
        return found

    def _scores(self, sums: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Gain and height of a peak of each width (rows) at each bin."""
        size = 1 << math.ceil(math.log2(2 * self.n))
        places = np.arange(size)
        distance = np.minimum(places, size - places)
        shapes = np.exp(-0.5 * (distance / self.widths[:, None]) ** 2)
        first, second = np.fft.rfft(shapes), np.fft.rfft(shapes**2)
        along = np.fft.irfft(first * np.fft.rfft(sums, size), size)[:, : self.n]
        norm = np.fft.irfft(second * np.fft.rfft(self.counts, size), size)[:, : self.n]
        heights = along / np.maximum(norm, 1e-9 * norm.max())
        return along * heights, heights
