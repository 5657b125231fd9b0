"""Intervals from replicas: against scipy, and their laws."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from physfit.uncertainty.intervals import (
    Influence,
    bca_interval,
    percentile_interval,
    spread_error,
    student_within,
)


def acceleration(moved, third=1.0):
    """Of an estimate that independent noise moves so much."""
    return Influence(moved[None], np.ones(()), np.array(third)).acceleration(np.ones(1))


def skewed_mean():
    """A sample of skewed numbers, replicas of its mean, and their acceleration."""
    rng = np.random.default_rng(6)
    y = rng.exponential(size=40)
    replicas = y[rng.integers(0, 40, (4000, 40))].mean(axis=1)
    left_out = (y.sum() - y) / 39.0
    return y, replicas, acceleration(left_out.mean() - left_out)


@pytest.mark.parametrize("level", [0.683, 0.9, 0.99])
@pytest.mark.parametrize("method", ["BCa", "percentile"])
def test_intervals_are_those_of_scipy_from_the_same_replicas(level, method):
    """scipy is handed the replicas, so that the numbers agree to rounding."""
    y, replicas, accelerated = skewed_mean()
    done = stats.bootstrap((y,), np.mean, n_resamples=10, method=method, rng=1)
    done.bootstrap_distribution = replicas
    known = stats.bootstrap(
        *((y,), np.mean),
        n_resamples=0,
        bootstrap_result=done,
        confidence_level=level,
        method=method,
    ).confidence_interval
    found = percentile_interval(replicas, level)
    if method == "BCa":
        found = bca_interval(replicas, y.mean(), accelerated, level)
    np.testing.assert_allclose(found, known, rtol=1e-12)


def test_without_bias_and_acceleration_bca_is_the_percentile_interval():
    """Symmetric replicas around the estimate."""
    replicas = np.linspace(-1.0, 1.0, 1001)
    found = bca_interval(replicas, 0.0, 0.0, 0.9)
    assert found == pytest.approx(percentile_interval(replicas, 0.9), abs=1e-9)


def test_bca_follows_a_monotonic_change_of_the_parameter():
    """The interval of exp(x) is exp of that of x, with the same acceleration."""
    replicas = np.sort(np.random.default_rng(2).normal(size=1001))
    plain = bca_interval(replicas, 0.2, 0.05, 0.8)
    changed = bca_interval(np.exp(replicas), np.exp(0.2), 0.05, 0.8)
    # Percentiles between two replicas are interpolated linearly in each.
    np.testing.assert_allclose(changed, np.exp(plain), rtol=1e-3)


@pytest.mark.parametrize(
    ("estimate", "accelerated"), [(0.5, 0.0), (2.5, 0.0), (1.5, 0.9)]
)
def test_where_bca_does_not_exist_it_is_nan(estimate, accelerated):
    """All replicas on one side of the estimate, or an acceleration without end."""
    replicas = np.linspace(1.0, 2.0, 100)
    assert np.isnan(bca_interval(replicas, estimate, accelerated, 0.9)).all()


def test_the_acceleration_is_a_sixth_of_the_skewness_of_a_sum():
    """Of independent numbers times their parts, drawn many times."""
    rng = np.random.default_rng(3)
    parts = np.array([0.2, 1.0, 0.7, -0.4])
    sums = (rng.exponential(size=(400_000, 4)) - 1.0) @ parts
    # An exponential law has the cumulants 1, 1, 2.
    expected = 6.0 * acceleration(parts, third=2.0)
    assert stats.skew(sums) == pytest.approx(expected, abs=0.02)


def test_an_influence_serves_any_quantity():
    """A combination of parameters has that combination of the parts."""
    parts = np.array([[1.0, 0.0, 2.0], [0.0, 3.0, 1.0]])
    own = Influence(parts, np.ones(3), np.ones(3), True)
    gradient = np.array([1.0, -1.0])
    assert own.acceleration(gradient) == acceleration(np.array([1.0, -3.0, 1.0]))
    assert own.relative_error(gradient) == pytest.approx(0.5 * math.sqrt(83.0) / 11.0)
    assert own._replace(is_sampled=False, common=0.1).relative_error(gradient) == 0.1


def test_the_error_of_a_spread_is_what_it_varies_by():
    """Of 200 normal numbers, over many repetitions: 1 / sqrt(400)."""
    drawn = np.random.default_rng(4).normal(size=(4000, 200))
    seen = drawn.std(axis=1).std()
    told = np.mean([spread_error(own) for own in drawn[:200]])
    assert told == pytest.approx(seen, rel=0.06)
    assert spread_error(np.ones(5)) == 0.0


@pytest.mark.parametrize("dof", [1.0, 2.0, 7.0, 60.0, 1e6, math.inf])
@pytest.mark.parametrize("limit", [0.5, 1.0, 2.0, 5.0])
def test_the_share_within_a_limit_is_that_of_students_t(limit, dof):
    """Against scipy."""
    expected = stats.t.cdf(limit, dof) - stats.t.cdf(-limit, dof)
    # For large dof the two log-gamma functions cancel.
    assert student_within(limit, dof) == pytest.approx(expected, abs=1e-9, rel=1e-8)
