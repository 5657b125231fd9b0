"""Bootstrap and toys: errors from refits, against theory and known truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import physfit as pf
from physfit.errors import DomainError, InputError
from physfit.uncertainty.intervals import bca_interval, percentile_interval

LINE = pf.models.Linear()
X = np.linspace(0.0, 4.0, 40)
PEAK = pf.models.Gaussian() + pf.models.Constant()
TRUTH = {"amplitude": 300.0, "center": 0.2, "sigma": 0.8, "c": 20.0}
GRID = np.linspace(-4.0, 4.0, 60)
N = 3000
#: Relative uncertainty of a standard deviation of N replicas, four times.
MC = 4.0 / np.sqrt(2.0 * N)


def line(sigma: float | None = 0.1, seed: int = 1) -> pf.FitResult:
    noise = 0.1 * np.random.default_rng(seed).normal(size=X.size)
    return pf.fit(LINE, X, 2.0 * X + 1.0 + noise, sigma=sigma)


@pytest.mark.parametrize("kind", ["residual", "parametric"])
@pytest.mark.parametrize("sigma", [0.1, None], ids=["sigma", "no sigma"])
def test_refits_of_a_line_spread_as_theory_says(kind, sigma):
    """Within Monte-Carlo error; residuals have the scatter that they have."""
    fit = line(sigma)
    boot = pf.bootstrap(fit, N, kind=kind)
    scatter = 1.0
    if kind == "residual" and sigma is not None:
        scatter = np.sqrt(fit.chi2 / fit.dof)
    ratios = [boot[name].stderr / (scatter * boot[name].stated) for name in boot]
    np.testing.assert_allclose(ratios, 1.0, atol=MC + 0.02)
    np.testing.assert_allclose(boot.covariance, scatter**2 * fit.covariance, rtol=0.15)


def test_pairs_see_noise_that_sigma_does_not():
    """Scatter that grows with x: the errors are those of the sandwich."""
    rng = np.random.default_rng(2)
    x = np.linspace(0.0, 4.0, 400)
    y = 2.0 * x + 1.0 + 0.05 * (1.0 + x**2) * rng.normal(size=x.size)
    fit = pf.fit(LINE, x, y)
    boot = pf.bootstrap(fit, N, kind="pairs")
    design = np.stack([x, np.ones_like(x)])
    rest = y - fit(x)
    bread = np.linalg.inv(design @ design.T)
    sandwich = bread @ (design * rest**2) @ design.T @ bread
    errors = np.sqrt(np.diag(sandwich))
    found = [boot[name].stderr for name in boot]
    np.testing.assert_allclose(found, errors, rtol=MC + 0.03)
    assert abs(boot["slope"].stderr / boot["slope"].stated - 1.0) > 0.15
    assert any("`slope`" in text for text in boot.warnings)


def test_the_answer_depends_on_the_seed_alone():
    """Not on threads, nor on how many more are drawn."""
    fit = line()
    one = pf.bootstrap(fit, 1500, threads=1).replicas
    two = pf.bootstrap(fit, 1500, threads=2).replicas
    np.testing.assert_array_equal(one, two)
    assert (pf.bootstrap(fit, 1500, seed=1).replicas != one).any()


def test_bounds_hold_in_every_refit():
    """A slope that may not exceed what was found."""
    model = LINE.where(slope=pf.bounds(None, 2.0))
    fit = pf.fit(model, X, line().data.y[0], sigma=0.1)
    boot = pf.bootstrap(fit, 300)
    assert boot.replicas[:, 0].max() <= 2.0


def test_complex_data_keep_their_parts_together():
    """A decaying rotation with noise in both parts."""
    model = pf.models.ComplexRingdown()
    t = np.linspace(0.0, 5.0, 80)
    truth = {"amplitude": 2.0, "frequency": 0.8, "rate": 0.3, "phase": 0.4}
    rng = np.random.default_rng(3)
    y = model(t, **truth) + 0.05 * (rng.normal(size=80) + 1j * rng.normal(size=80))
    fit = pf.fit(model, t, y, sigma=0.05, start=truth)
    boot = pf.bootstrap(fit, 1500, kind="parametric")
    ratios = [boot[name].stderr / boot[name].stated for name in boot]
    np.testing.assert_allclose(ratios, 1.0, atol=0.1)


def test_counts_are_drawn_as_counts():
    """From the fitted curve; or in pairs. Residuals of counts are not alike."""
    rng = np.random.default_rng(4)
    y = rng.poisson(PEAK(GRID, **TRUTH)).astype(float)
    fit = pf.fit(PEAK, GRID, y, loss="poisson", start=TRUTH)
    boot = pf.bootstrap(fit, 1500, kind="parametric")
    ratios = [boot[name].stderr / boot[name].stated for name in boot]
    np.testing.assert_allclose(ratios, 1.0, atol=0.12)
    assert pf.bootstrap(fit, 200, kind="pairs").n_failed < 10
    with pytest.raises(InputError, match="'parametric' or 'pairs'"):
        pf.bootstrap(fit, 200)


@pytest.mark.parametrize("loss", ["huber:1.5", "soft_l1", "cauchy:2"])
def test_errors_of_robust_losses_are_those_of_the_refits(loss):
    """With outliers in the data, which both see."""
    rng = np.random.default_rng(5)
    x = np.linspace(0.0, 4.0, 300)
    y = 2.0 * x + 1.0 + 0.1 * rng.standard_t(3, size=x.size)
    fit = pf.fit(LINE, x, y, sigma=0.1, loss=loss)
    boot = pf.bootstrap(fit, N)
    ratios = [boot[name].stderr / boot[name].stated for name in boot]
    np.testing.assert_allclose(ratios, 1.0, atol=0.12)
    with pytest.raises(InputError, match="what the noise is"):
        pf.bootstrap(fit, 100, kind="parametric")


def test_the_bca_interval_is_that_of_scipy():
    """For a mean of skewed data: percentiles of the same replicas."""
    rng = np.random.default_rng(6)
    y = rng.exponential(size=40)
    done = stats.bootstrap(
        (y,), np.mean, n_resamples=4000, confidence_level=0.9, rng=rng, method="BCa"
    )
    left_out = (y.sum() - y) / 39.0
    distance = left_out.mean() - left_out
    accelerated = (distance**3).sum() / (6.0 * (distance**2).sum() ** 1.5)
    found = bca_interval(done.bootstrap_distribution, y.mean(), accelerated, 0.9)
    np.testing.assert_allclose(found, done.confidence_interval, rtol=2e-3)


def test_intervals_of_one_sided_replicas_do_not_exist():
    """All on one side of the estimate: the bias has no end."""
    replicas = np.linspace(1.0, 2.0, 100)
    assert np.isnan(bca_interval(replicas, 0.5, 0.0, 0.9)).all()
    assert percentile_interval(replicas, 0.5) == pytest.approx((1.25, 1.75))


REFUSED = {
    "kind": ({"kind": "residuals"}, "did you mean 'residual'"),
    "n": ({"n": 1}, "at least 2"),
    "threads": ({"threads": 0}, "`threads`"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_arguments_that_cannot_be_used_are_refused(name):
    """In one sentence."""
    arguments, words = REFUSED[name]
    with pytest.raises(InputError, match=words):
        pf.bootstrap(line(), **arguments)


def test_the_report_and_the_figure_show_each_parameter():
    """Value, stated error, that of the refits; a panel for each."""
    boot = pf.bootstrap(line(), 300)
    assert "300 refits, residual bootstrap" in boot.report()
    assert [ax.get_xlabel() for ax in boot.plot().axes] == ["slope", "intercept"]
    assert "residual" in repr(boot)
    with pytest.raises(InputError, match="slope"):
        boot["slop"]


@pytest.mark.parametrize("loss", ["chi2", "poisson", "huber:1.5", "soft_l1:2"])
def test_pulls_of_toys_are_standard_normal(loss):
    """And 68.3 and 95.4 % of the fits lie within one and two errors of the truth."""
    sigma = None if loss == "poisson" else 4.0
    found = pf.toys(PEAK, GRID, TRUTH, sigma=sigma, n=N, loss=loss)
    own = [found[name] for name in TRUTH]
    # The errors of robust losses come from the residuals, which vary by themselves.
    spare = 0.05 if loss in ("huber:1.5", "soft_l1:2") else 0.02
    np.testing.assert_allclose([e.pull_mean for e in own], 0.0, atol=0.12)
    np.testing.assert_allclose([e.pull_width for e in own], 1.0, atol=MC + spare)
    np.testing.assert_allclose([e.within_1 for e in own], 0.683, atol=0.04)
    np.testing.assert_allclose([e.within_2 for e in own], 0.954, atol=0.02)
    assert found.n_failed == 0
    assert "pull width" in found.report()


def test_toys_say_what_they_need():
    """Noise, truth and a place for each."""
    with pytest.raises(InputError, match="how large the noise"):
        pf.toys(PEAK, GRID, TRUTH)
    with pytest.raises(InputError, match="`c` has neither"):
        some = {name: TRUTH[name] for name in ("amplitude", "center", "sigma")}
        pf.toys(PEAK, GRID, some, sigma=1.0)
    with pytest.raises(DomainError, match="60 of them"):
        pf.toys(PEAK, GRID, TRUTH, sigma=[1.0, 2.0])
    with pytest.raises(InputError, match="leave `sigma` out"):
        pf.toys(PEAK, GRID, TRUTH, sigma=1.0, loss="poisson")
