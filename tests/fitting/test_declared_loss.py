"""A likelihood that only this test declares goes through every door.

It is that of gamma's law: intensities y around f whose standard deviation is
f / sqrt(shape), such as powers of a spectrum averaged over 2 * shape periodograms.
"""

from __future__ import annotations

import linecache
import math

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import gamma as gamma_law

import physfit as pf
from physfit.data.memory import ArraySource
from physfit.engine.blocks import loss_terms
from physfit.errors import DomainError, InputError
from physfit.kernels.elementary import log1p
from physfit.kernels.registry import LOSSES, Noise, Traits, loss
from physfit.solve.base import Status

SHAPE = 4.0
X = np.linspace(0.0, 5.0, 120)
MODEL = pf.models.Exponential() + pf.models.Constant()
TRUTH = {"amplitude": 50.0, "decay": 1.1, "c": 4.0}


def gamma(y, f, w, shape):
    """Half the deviance of gamma's law, ``shape (y / f - 1 - log(y / f))``."""
    datum = y if y > 0.0 else math.nan
    mean = f if f > 0.0 else math.nan
    excess = (datum - mean) / mean
    weight = shape / (mean * mean)
    rho = shape * (excess - log1p(excess))
    slope = (mean - datum) * weight
    return rho, slope, weight, weight * (2.0 * datum - mean) / mean


def draw_intensities(random, mean, size, shape):
    return random.gamma(shape, mean / shape, size)


def skewness_of_intensities(mean, shape):
    return np.full_like(mean, 2.0 / math.sqrt(shape))


@pytest.fixture(autouse=True)
def declared():
    """The loss, in the registry for the time of a test."""
    loss(
        Traits(
            statistic="deviance",
            symbol="deviance",
            has_p_value=False,
            noise=Noise("gamma's law", draw_intensities, skewness_of_intensities),
            data="intensities",
            lower=0.0,
            is_open=True,
        )
    )(gamma)
    yield
    del LOSSES["gamma"]


def curve(theta, x=X):
    return theta[0] * np.exp(-x / theta[1]) + theta[2]


def intensities(n_rows: int = 1, seed: int = 3) -> np.ndarray:
    """Rows of data, shape (n_rows, n)."""
    rng = np.random.default_rng(seed)
    mean = curve(list(TRUTH.values()))
    return rng.gamma(SHAPE, mean / SHAPE, (n_rows, X.size))


def fitted(**options):
    return pf.fit(MODEL, X, intensities()[0], loss=f"gamma:{SHAPE}", **options)


def test_the_minimum_is_that_of_scipys_likelihood():
    """Parameters, errors by Fisher's information, and differences of the deviance."""
    y, found = intensities()[0], fitted()
    theta = np.array([found[name].value for name in TRUTH])

    def deviance(theta):
        return -2.0 * gamma_law.logpdf(y, SHAPE, scale=curve(theta) / SHAPE).sum()

    tight = {"xatol": 1e-10, "fatol": 1e-10, "maxiter": 5000}
    best = minimize(deviance, theta * 1.01, method="Nelder-Mead", options=tight)
    errors = np.sqrt(np.diag(found.covariance))
    assert found.converged
    np.testing.assert_allclose((best.x - theta) / errors, 0.0, atol=1e-4)
    other = theta * [1.02, 0.98, 1.03]
    at_other = found.objective.cost(other)
    assert 2.0 * at_other - found.chi2 == pytest.approx(deviance(other) - best.fun)
    # Fisher's information, from differences of the mean
    step = 1e-6 * theta
    mean = np.array([curve(theta + k) - curve(theta - k) for k in np.diag(step)])
    partials = mean / (2.0 * step[:, None]) / curve(theta)
    fisher = SHAPE * partials @ partials.T
    np.testing.assert_allclose(found.covariance, np.linalg.inv(fisher), rtol=1e-6)


@pytest.mark.parametrize("method", ["scipy:trf", "scipy:lm", "scipy:bfgs"])
def test_scipy_is_handed_the_same_cost(method):
    """Residuals are roots of the deviance for least squares."""
    best, found = fitted(), fitted(method=method)
    away = [(found[own].value - best[own].value) / best[own].stderr for own in TRUTH]
    np.testing.assert_allclose(away, 0.0, atol=2e-3)


def test_compare_leaves_out_what_has_no_such_loss():
    """scipy's `curve_fit` sums squares; the others agree."""
    table = pf.compare(MODEL, X, intensities()[0], loss=f"gamma:{SHAPE}", repeats=1)
    methods = {row.method for row in table.rows}
    assert "scipy:lm" in methods
    assert not any("curve_fit" in own for own in methods)
    with pytest.raises(InputError, match="does not have the loss 'gamma'"):
        fitted(method="scipy:curve_fit")


def test_rows_are_fitted_as_single_fits_are():
    """Values and errors to 1e-5 standard errors, guessed starts below 0 or not."""
    y = intensities(40)
    many = pf.fit_many(MODEL, X, y, loss=f"gamma:{SHAPE}")
    single = [pf.fit(MODEL, X, row, loss=f"gamma:{SHAPE}") for row in y]
    assert many.is_absolute
    assert many.p_value is None
    assert many.converged.all()
    for name in TRUTH:
        values = np.array([own[name].value for own in single])
        errors = np.array([own[name].stderr for own in single])
        np.testing.assert_allclose((many[name].value - values) / errors, 0.0, atol=1e-4)
        np.testing.assert_allclose(many[name].stderr, errors, rtol=1e-4)


def test_a_loop_of_its_own_ignores_what_fills_its_vectors_up():
    """From 2,000,000 samples on the loss is fused into one loop with the model."""
    y = intensities(100)
    n = 2_000_000 // X.size + 100
    rows = np.broadcast_to(y, (n // 100 + 1, *y.shape)).reshape(-1, X.size)
    start = TRUTH
    many = pf.fit_many(MODEL, X, rows, loss=f"gamma:{SHAPE}", start=start)
    few = pf.fit_many(MODEL, X, y, loss=f"gamma:{SHAPE}", start=start)
    for name in TRUTH:
        np.testing.assert_allclose(many[name].value[:100], few[name].value, rtol=1e-5)
        np.testing.assert_allclose(many[name].stderr[:100], few[name].stderr, rtol=1e-5)


def test_stated_errors_are_the_spread_of_pseudo_experiments():
    """Pulls of 3000 simulated fits have the width 1 and no bias beyond 1 / n."""
    toys = pf.toys(MODEL, X, TRUTH, loss=f"gamma:{SHAPE}", n=3000, seed=2)
    for name in TRUTH:
        assert toys[name].pull_width == pytest.approx(1.0, abs=0.08)
        assert abs(toys[name].pull_mean) < 0.2


def test_the_report_takes_its_words_from_the_traits():
    """Statistic, errors and what is not stated: there is no p value."""
    found = fitted()
    text = found.report()
    assert "absolute, from the Fisher information of the intensities" in text
    assert "deviance" in text
    assert found.p_value is None
    assert math.isfinite(found.aic)
    assert found.spread == pytest.approx(found.best_fit[None] / math.sqrt(SHAPE))
    many = pf.fit_many(MODEL, X, intensities(30), loss=f"gamma:{SHAPE}")
    assert "Fisher information of the intensities" in many.report()


@pytest.mark.parametrize("kind", ["parametric", "pairs"])
def test_a_bootstrap_agrees_with_the_stated_errors(kind):
    """It draws from the law, or draws samples."""
    x = np.linspace(0.0, 5.0, 1200)
    rng = np.random.default_rng(1)
    y = rng.gamma(SHAPE, curve(list(TRUTH.values()), x) / SHAPE)
    found = pf.fit(MODEL, x, y, loss=f"gamma:{SHAPE}")
    boot = pf.bootstrap(found, n=600, kind=kind, seed=4)
    for name in TRUTH:  # 600 refits know a width to 3 %
        assert boot[name].stderr == pytest.approx(found[name].stderr, rel=0.12)


def test_residuals_are_no_data_for_a_bootstrap():
    """They are not alike, and the sentence has the name of the data."""
    with pytest.raises(InputError, match="residuals of intensities are not alike"):
        pf.bootstrap(fitted(), n=50, kind="residual")


@pytest.mark.parametrize("method", ["lm", "adam"])
def test_a_source_of_rows_is_fitted_in_passes_and_minibatches(method):
    """The same minimum within a tenth of an error, and its errors."""
    rng = np.random.default_rng(8)
    x = rng.uniform(0.0, 5.0, 40_000)
    y = rng.gamma(SHAPE, curve(list(TRUTH.values()), x) / SHAPE)
    source = ArraySource(x, y)
    start = {"amplitude": 40.0, "decay": 1.4, "c": 5.0}
    options = {"start": start, "loss": f"gamma:{SHAPE}"}
    best = pf.fit(MODEL, x, y, **options)
    found = pf.fit(MODEL, source, method=method, **options)
    for name in TRUTH:
        away = (found[name].value - best[name].value) / best[name].stderr
        assert abs(away) < (0.3 if method == "adam" else 1e-3)
        assert found[name].stderr == pytest.approx(best[name].stderr, rel=0.02)
    y[700] = 0.0
    with pytest.raises(DomainError, match=r"row 700 of .* must be > 0 for `gamma`"):
        pf.fit(MODEL, ArraySource(x, y), method=method, **options)


def test_data_outside_the_domain_are_refused():
    """By the sentence of the loss; a row of many by a status of its own."""
    y = intensities(3)
    y[1, 17] = 0.0
    with pytest.raises(DomainError, match=r"`gamma` needs y > 0; y\[17\] = 0\.0"):
        pf.fit(MODEL, X, y[1], loss="gamma:4")
    with pytest.raises(InputError, match="`gamma` takes its errors from the model"):
        pf.fit(MODEL, X, y[0], sigma=1.0, loss="gamma:4")
    with pytest.raises(InputError, match="takes `shape`"):
        pf.fit(MODEL, X, y[0], loss="gamma")
    many = pf.fit_many(MODEL, X, y, loss="gamma:4")
    assert many.status[1] == Status.OUTSIDE_DOMAIN
    assert np.isnan(many["c"].value[1])
    assert many.converged[[0, 2]].all()


def test_a_start_at_which_the_model_is_below_zero_is_led_inside():
    """By a least squares fit with the weights of the data."""
    start = np.array([50.0, 1.1, -30.0])
    many = pf.fit_many(
        MODEL,
        X,
        intensities(20),
        loss="gamma:4",
        retry=False,
        start=dict(zip(TRUTH, start, strict=True)),
    )
    assert many.converged.all()


def test_a_result_is_stored_by_name_and_number(tmp_path):
    """And read where the loss is declared; elsewhere a sentence says which it is."""
    found = fitted()
    found.save(tmp_path / "a.h5")
    again = pf.load_result(tmp_path / "a.h5")
    assert str(again.loss) == "gamma:4"
    assert again.chi2 == found.chi2


TWICE = """
def redefined(y, f, w, factor={0}):
    z = (f - y) * w
    bend = {0} * 2.0 * w * w
    return {0} * (z * z), {0} * 2.0 * z * w, bend, bend
"""


def test_a_loss_that_is_defined_anew_gives_its_new_values():
    """In the same process, as from one cell of a notebook to the next."""
    one, values = np.ones(1), []
    for cell, factor in enumerate((0.5, 3.0)):
        text, name = TWICE.format(factor), f"<cell {cell}>"
        linecache.cache[name] = (len(text), None, text.splitlines(True), name)
        space = {"__name__": __name__}
        exec(compile(text, name, "exec"), space)
        loss(Traits("chi2", "χ²"))(space["redefined"])
        terms = loss_terms(LOSSES["redefined"], one, 3.0 * one, one, (factor,))
        values.append(float(terms[0, 0]))
        found = pf.fit(pf.models.Constant(), [0.0, 1.0], [1.0, 3.0], loss="redefined")
        values += [found.chi2, *found.loss.hyper]
    del LOSSES["redefined"]
    assert values == pytest.approx([2.0, 2.0, 0.5, 12.0, 12.0, 3.0])


def test_a_name_belongs_to_one_module():
    """A loss of another module may not take it."""

    def huber(y, f, w):
        return y, f, w, w

    with pytest.raises(InputError, match="`huber` is taken by"):
        loss(Traits("chi2", "χ²"))(huber)
