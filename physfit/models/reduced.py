"""Fewer samples that show the same curve: a guess needs no more than some thousand."""

from __future__ import annotations

import numpy as np

from physfit.typing import FloatArray

__all__ = ["binned", "drawn"]

#: Bins of a curve, and samples of anything else.
N_BINS = 8192
N_DRAWN = 2000

Samples = tuple[FloatArray, FloatArray, FloatArray]


def binned(x: FloatArray, y: FloatArray, w: FloatArray) -> Samples:
    """Weighted means of neighbouring samples of a curve, with the weights of these.

    Parameters
    ----------
    x, y, w : ndarray, shape (1, n)
        In any order; where there are few, they come back as they are.
    """
    n = x.shape[1]
    size = -(-n // N_BINS)
    if size == 1:
        return x, y, w
    if (np.diff(x[0]) < 0.0).any():
        order = np.argsort(x[0], kind="stable")
        x, y, w = x[:, order], y[:, order], w[:, order]
    starts = np.arange(0, n, size)
    square = w * w
    total = np.add.reduceat(square, starts, axis=1)
    safe = np.where(total > 0.0, total, 1.0)
    means = [np.add.reduceat(own * square, starts, axis=1) / safe for own in (x, y)]
    # a bin without weight stays where its first sample is
    means[0] = np.where(total > 0.0, means[0], x[:, starts])
    return means[0], means[1], np.sqrt(total)


def drawn(x: FloatArray, y: FloatArray, w: FloatArray) -> Samples:
    """Samples drawn at random, in their order.

    At random, because every k-th sample of an oscillation would show another frequency.
    """
    n = x.shape[1]
    if n <= N_DRAWN:
        return x, y, w
    keep = np.sort(np.random.default_rng(0).choice(n, N_DRAWN, replace=False))
    return x[:, keep], y[:, keep], w[:, keep]
