"""Ends of colours: rows that are alone do not widen them, features do."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.plot.robust_range import agreeing, robust_limits

SHAPE = (60, 80)


def limits(values: np.ndarray, good: np.ndarray | None = None) -> tuple[float, float]:
    """Of a map of which all rows are good, or those."""
    good = np.ones(values.shape, dtype=bool) if good is None else good
    return robust_limits(values[good], agreeing(values, good))


def feature(width: float) -> np.ndarray:
    """A spot of height 1 on 520, with noise of 0.01."""
    i, j = np.indices(SHAPE)
    spot = np.exp(-0.5 * ((i - 20) ** 2 + (j - 55) ** 2) / width**2)
    return 520.0 + spot + 0.01 * np.random.default_rng(4).normal(size=SHAPE)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("share", [0.0, 0.02, 0.05, 0.1])
def test_single_rows_do_not_widen_the_range(share, seed):
    """However far they are, up to a tenth of the map; the spot is inside."""
    values, rng = feature(8.0), np.random.default_rng(seed)
    hit = rng.random(SHAPE) < share
    values[hit] = rng.uniform(500.0, 540.0, hit.sum())
    low, high = limits(values)
    assert 519.9 < low < 520.01
    assert 520.95 < high < 521.1


def test_a_map_of_noise_is_shown_whole():
    """Nearly all of normal values are within; a spread is no outlier."""
    values = np.random.default_rng(1).normal(size=SHAPE)
    low, high = limits(values)
    assert ((values >= low) & (values <= high)).mean() > 0.99


def test_edges_are_no_outliers():
    """Two levels have both, also where the smaller is a strip."""
    values = np.where(np.arange(80) < 77, 0.0, 1.0) * np.ones(SHAPE)
    values += 1e-3 * np.random.default_rng(2).normal(size=SHAPE)
    low, high = limits(values)
    assert low < 0.0
    assert high > 1.0


def test_a_line_of_rows_has_neighbours_too():
    """Every fortieth row is elsewhere."""
    place = np.arange(400)
    values = np.sin(place / 30.0)
    values[::40] = 100.0
    low, high = limits(values)
    assert -1.1 < low < -0.99
    assert 0.99 < high < 1.1


@pytest.mark.parametrize("shape", [(1,), (1, 1), (1, 7), (2, 3), (5,)])
def test_few_rows_are_shown_whole(shape):
    """There is no telling which of them is alone."""
    values = np.arange(float(np.prod(shape))).reshape(shape)
    low, high = limits(values)
    assert low <= values.min()
    assert high >= values.max()
    assert low < high


def test_scattered_rows_fall_back_on_percentiles():
    """Where hardly any has a neighbour, and where there is none."""
    values, rng = feature(8.0), np.random.default_rng(3)
    good = rng.random(SHAPE) < 0.1
    low, high = limits(values, good)
    assert (low, high) == robust_limits(values[good])
    assert limits(values, np.zeros(SHAPE, dtype=bool)) == (0.0, 1.0)
