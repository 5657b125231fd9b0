"""Median and mean of numbers in passes."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.solve import pass_median
from physfit.solve.pass_median import PassMedian


class Passes:
    """Numbers in windows; counts how often they were passed."""

    def __init__(self, values: np.ndarray, n_windows: int = 7) -> None:
        self.values, self.n_windows, self.n = np.asarray(values, float), n_windows, 0

    def __call__(self, take):
        self.n += 1
        return [take(own) for own in np.array_split(self.values, self.n_windows)]


@pytest.mark.parametrize("n", [1, 2, 7, 1000, 1001])
@pytest.mark.parametrize("spread", [0.1, 30.0])
def test_median_is_exact(n: int, spread: float) -> None:
    """Numbers over many decades, some of them equal."""
    values = np.exp(spread * np.random.default_rng(n).normal(size=n))
    values[: n // 3] = values[0]
    median, mean = PassMedian().of(Passes(values))
    assert median == np.median(values)
    assert mean == pytest.approx(values.mean())


def test_numbers_that_hardly_change_take_one_pass() -> None:
    """The bracket around the median before is looked at first."""
    values = np.abs(np.random.default_rng(1).normal(size=999))
    search, passes = PassMedian(), Passes(values)
    search.of(passes)
    assert passes.n == 2
    passes.values = values * 1.01
    assert search.of(passes)[0] == np.median(passes.values)
    assert passes.n == 3
    passes.values = values * 9.0
    assert search.of(passes)[0] == np.median(passes.values)
    assert passes.n == 6


def test_zeros_have_a_median() -> None:
    """Also where nothing lies below it, or everything is zero."""
    assert PassMedian().of(Passes(np.zeros(9))) == (0.0, 0.0)
    assert PassMedian().of(Passes([0.0, 0.0, 0.0, 4.0]))[0] == 0.0


def test_more_equal_numbers_than_memory_holds(monkeypatch) -> None:
    """Their bin is 0.4 % wide."""
    monkeypatch.setattr(pass_median, "MOST_KEPT", 10)
    values = np.where(np.arange(100) < 80, 3.0, 7.0)
    median, mean = PassMedian().of(Passes(values))
    assert median == pytest.approx(3.0, rel=0.004)
    assert mean == pytest.approx(3.8)


def test_what_is_not_finite_has_no_median() -> None:
    """One number is enough."""
    for bad in (np.nan, np.inf):
        median, mean = PassMedian().of(Passes([1.0, bad, 2.0]))
        assert np.isnan(median) and np.isnan(mean)
