"""Fits of a user's own function beside curve_fit and beside the catalogue, in one run.

`pytest tests/bench --benchmark-enable` prints a group for each question; compare the
medians within a group. Rows are fitted many here and few by the loop:
`fits_per_second` stands in the extra columns.
"""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import curve_fit

import physfit as pf
from physfit.models.tracing import trace
from tests.bench.own_functions import SEARCHED, long_function, peak, peak_jac

X = np.linspace(-5.0, 5.0, 200)
SIGMA = 0.05
TRUTH = (5.0, 0.3, 0.8, 0.2, 1.0)
START = {"height": 4.0, "mu": 0.0, "s": 1.0, "b": 0.05, "c": 0.7}
Y = peak(X, *TRUTH) + SIGMA * np.random.default_rng(1).standard_normal(X.size)
ERRORS = np.full(X.size, SIGMA)
#: Rows when timed and when the file runs as a plain test, and those of the loop.
TIMED, PLAIN, FEW = 100_000, 400, 40
ONE, ROWS = "own function, 5 parameters, 200 points", "100,000 rows of the same"


def warmed(function):
    """The function after some calls: pytest-benchmark counts rounds by the first."""
    for _ in range(20):
        function()
    return function


def by_physfit() -> np.ndarray:
    """Parameters of `pf.fit` of the function, with all that a result holds."""
    return pf.fit(peak, X, Y, sigma=ERRORS, start=START).solution.theta


def by_drop_in() -> np.ndarray:
    """Parameters of `pf.curve_fit`, called as scipy's."""
    p0 = list(START.values())
    return pf.curve_fit(peak, X, Y, p0, sigma=ERRORS, absolute_sigma=True)[0]


def by_scipy() -> np.ndarray:
    """Parameters of scipy's curve_fit, by differences."""
    p0 = list(START.values())
    return curve_fit(peak, X, Y, p0, sigma=ERRORS, absolute_sigma=True)[0]


def by_scipy_with_jac() -> np.ndarray:
    """The same with the best partials that a user would write."""
    p0 = list(START.values())
    wanted = {"sigma": ERRORS, "absolute_sigma": True, "jac": peak_jac}
    return curve_fit(peak, X, Y, p0, **wanted)[0]


WAYS = (by_physfit, by_drop_in, by_scipy_with_jac, by_scipy)


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_one_fit(benchmark, way) -> None:
    """All ways end at the same parameters."""
    benchmark.group = ONE
    found = benchmark(warmed(way))
    covariance = pf.fit(peak, X, Y, sigma=ERRORS, start=START).covariance
    stderr = np.sqrt(np.diagonal(covariance))
    # curve_fit ends within 1e-8 of the cost, some 1e-4 standard errors here.
    assert np.abs((found - by_scipy_with_jac()) / stderr).max() < 1e-3


def rows_of(n: int) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Data of `n` rows, and starts within 10 % of the truth."""
    rng = np.random.default_rng(7)
    truth = np.array(TRUTH) * rng.uniform(0.8, 1.2, (n, 5))
    y = np.array([peak(X, *one) for one in truth])
    y += SIGMA * rng.standard_normal(y.shape)
    starts = truth * rng.uniform(0.9, 1.1, truth.shape)
    return y, dict(zip(START, starts.T, strict=True))


def of_catalogue(starts: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Starts of the catalogue's model, whose amplitude is an area."""
    area = starts["height"] * starts["s"] * math.sqrt(2.0 * math.pi)
    values = [area, starts["mu"], starts["s"], starts["b"], starts["c"]]
    names = ("amplitude", "center", "sigma", "slope", "intercept")
    return dict(zip(names, values, strict=True))


CATALOGUE = pf.parse_model("gaussian + linear")
FORMULA = pf.formula("height*exp(-((x - mu)/s)**2/2) + b*x + c")
MODELS = {
    "function": (pf.model(peak), dict),
    "formula": (FORMULA, dict),
    "catalogue": (CATALOGUE, of_catalogue),
}


@pytest.mark.parametrize("name", MODELS)
def test_many_fits(benchmark, name) -> None:
    """All rows converge, whichever way the model was written."""
    model, starts_of = MODELS[name]
    n = TIMED if benchmark.enabled else PLAIN
    y, starts = rows_of(n)
    starts = starts_of(starts)

    def fits() -> pf.ManyResult:
        return pf.fit_many(model, X, y, sigma=SIGMA, start=starts)

    fits()
    benchmark.group = ROWS
    many = benchmark.pedantic(fits, rounds=5)
    if benchmark.enabled:
        rate = n / benchmark.stats.stats.median
        benchmark.extra_info["fits_per_second"] = round(rate)
    assert many.converged.all()
    assert many.reduced_chi2.mean() == pytest.approx(1.0, abs=0.05)


@pytest.mark.parametrize("jac", [peak_jac, None], ids=["jac", "no jac"])
def test_a_loop_of_curve_fit(benchmark, jac) -> None:
    """scipy in a loop over some of the rows ends at the same parameters."""
    y, starts = rows_of(FEW)
    p0 = np.transpose(list(starts.values()))
    wanted = {"sigma": ERRORS, "absolute_sigma": True, "jac": jac}

    def loop() -> np.ndarray:
        pairs = zip(y, p0, strict=True)
        return np.array(
            [curve_fit(peak, X, row, one, **wanted)[0] for row, one in pairs]
        )

    benchmark.group = ROWS
    found = benchmark.pedantic(loop, rounds=5)
    if benchmark.enabled:
        rate = FEW / benchmark.stats.stats.median
        benchmark.extra_info["fits_per_second"] = round(rate)
    many = pf.fit_many(peak, X, y, sigma=SIGMA, start=starts)
    assert np.abs((many.table.theta - found) / many.stderr).max() < 1e-2


def test_tracing(benchmark) -> None:
    """A function of some sixty operations becomes a graph, and is compared with it."""
    names = tuple(f"p{k}" for k in range(23))
    benchmark.group = "tracing alone, some sixty operations"
    traced = benchmark(
        trace, lambda columns, p: long_function(columns[0], *p), 1, names
    )
    assert 55 <= sum(node[0] not in LEAVES for node in traced.graph.nodes) <= 80


LEAVES = ("constant", "input", "parameter")


@pytest.mark.parametrize("case", SEARCHED, ids=lambda case: case.name)
def test_fit_without_start(benchmark, case) -> None:
    """Start values of functions as users write them are found."""
    model = pf.model(case.function, bounds=case.bounds)
    y = case.data()
    benchmark.group = "no start values"
    result = benchmark(pf.fit, model, case.x, y, sigma=case.sigma)
    # Of 95 and more degrees of freedom 1.4 is exceeded by chance in 1 of 300 draws;
    # the draw is fixed.
    assert result.reduced_chi2 < 1.4
