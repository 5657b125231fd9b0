"""A whole fit beside scipy's curve_fit with analytic partials, in one run.

`pytest tests/bench --benchmark-enable` prints a group for each workload, with ratios in
brackets; compare the medians there, not figures of different runs.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import curve_fit

import physfit as pf
from tests.bench.workloads import WORKLOADS, Workload

CASES = pytest.mark.parametrize("work", WORKLOADS, ids=lambda work: work.name)


def peer(work: Workload) -> tuple[np.ndarray, np.ndarray]:
    """curve_fit as a careful user calls it."""
    return curve_fit(
        work.curve,
        work.x,
        work.y,
        work.p0,
        sigma=work.sigma,
        absolute_sigma=True,
        jac=work.jac,
    )


def own(work: Workload) -> tuple[np.ndarray, np.ndarray]:
    """physfit's whole call, result object and covariance included."""
    result = pf.fit(work.model, work.x, work.y, sigma=work.sigma, start=work.start)
    return work.to_peer(result.solution.theta), result.covariance


def warmed(function, work: Workload):
    """The function after a few calls: kernels loaded, caches and clock settled.

    pytest-benchmark takes the number of rounds from the first call it sees.
    """
    for _ in range(20):
        function(work)
    return function


@CASES
def test_partials_of_the_peer(work: Workload) -> None:
    """The peer's partials are right, so that it is not slowed down by wrong ones."""
    h = 1e-6
    found = work.jac(work.x, *work.p0)
    for k, column in enumerate(found.T):
        step = np.zeros_like(work.p0)
        step[k] = h
        ahead = work.curve(work.x, *(work.p0 + step))
        behind = work.curve(work.x, *(work.p0 - step))
        np.testing.assert_allclose(column, (ahead - behind) / (2.0 * h), atol=1e-6)


@CASES
def test_fit(benchmark, work: Workload) -> None:
    """physfit ends where curve_fit does."""
    benchmark.group = work.name
    theta, _ = benchmark(warmed(own, work), work)
    popt, pcov = peer(work)
    stderr = np.sqrt(np.diagonal(pcov))
    assert np.max(np.abs(theta - popt) / stderr) < 1e-3


@CASES
def test_fit_with_guess(benchmark, work: Workload) -> None:
    """Without start values it ends there too; the guess costs what it costs."""
    benchmark.group = work.name
    result = benchmark(pf.fit, work.model, work.x, work.y, sigma=work.sigma)
    assert result.chi2 == pytest.approx(
        pf.fit(work.model, work.x, work.y, sigma=work.sigma, start=work.start).chi2,
        rel=1e-9,
    )


@CASES
def test_curve_fit(benchmark, work: Workload) -> None:
    """curve_fit ends within the noise of the data."""
    benchmark.group = work.name
    popt, _ = benchmark(warmed(peer, work), work)
    pulls = (work.curve(work.x, *popt) - work.y) / work.sigma
    assert np.mean(pulls**2) == pytest.approx(1.0, abs=0.4)
