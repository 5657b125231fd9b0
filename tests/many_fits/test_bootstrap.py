"""The bootstrap: errors and intervals from refits, against theory."""

from __future__ import annotations

import pickle

import numpy as np
import pytest
from scipy import stats

import physfit as pf
from physfit.errors import ConvergenceError, InputError

LINE = pf.models.Linear()
X = np.linspace(0.0, 4.0, 40)
PEAK = pf.models.Gaussian() + pf.models.Constant()
TRUTH = {"amplitude": 300.0, "center": 0.2, "sigma": 0.8, "c": 20.0}
GRID = np.linspace(-4.0, 4.0, 60)
N = 4000
#: Relative uncertainty of a standard deviation of N replicas, four times.
MC = 4.0 / np.sqrt(2.0 * N)


def line(sigma: float | None = 0.1, seed: int = 1, noise: float = 0.1) -> pf.FitResult:
    away = noise * np.random.default_rng(seed).normal(size=X.size)
    return pf.fit(LINE, X, 2.0 * X + 1.0 + away, sigma=sigma)


def ratios(boot: pf.Bootstrap) -> list[float]:
    return [own.ratio for own in boot.estimates.values()]


@pytest.mark.parametrize("kind", ["residual", "parametric"])
@pytest.mark.parametrize("sigma", [0.1, None], ids=["sigma", "no sigma"])
def test_refits_of_a_line_spread_as_theory_says(kind, sigma):
    """Within Monte-Carlo error; residuals have the scatter that they have."""
    fit = line(sigma)
    boot = pf.bootstrap(fit, N, kind=kind)
    scatter = 1.0
    if kind == "residual" and sigma is not None:
        scatter = np.sqrt(fit.chi2 / fit.dof)
    # Centring takes a share of some 1 / n from the variance of the residuals.
    spare = 1.0 / X.size if kind == "residual" else 0.0
    np.testing.assert_allclose(ratios(boot), scatter, atol=MC + spare)
    np.testing.assert_allclose(boot.covariance, scatter**2 * fit.covariance, rtol=0.15)
    np.testing.assert_allclose(boot.correlation, fit.correlation, atol=0.05)


def test_residuals_are_divided_by_what_the_fit_took_out_of_them():
    """Five samples, two parameters: without that the errors are a fourth too small."""
    seen = []
    for seed in range(60):
        y = X[::9] + 0.1 * np.random.default_rng(seed).normal(size=5)
        boot = pf.bootstrap(pf.fit(LINE, X[::9], y, sigma=0.1), 300)
        seen.append([own**2 for own in ratios(boot)])
    # The mean of 60 variances of 3 degrees of freedom is known to sqrt(2 / 180).
    np.testing.assert_allclose(np.mean(seen, axis=0), 1.0, atol=0.33)
    assert np.mean(seen) > 0.75


def test_residuals_count_in_units_of_sigma():
    """Noise that grows with x and a sigma that says so: the stated errors."""
    sigma = 0.05 * (1.0 + X)
    y = 2.0 * X + sigma * np.random.default_rng(3).normal(size=X.size)
    fit = pf.fit(LINE, X, y, sigma=sigma)
    boot = pf.bootstrap(fit, N)
    scatter = np.sqrt(fit.chi2 / fit.dof)
    np.testing.assert_allclose(ratios(boot), scatter, atol=MC + 0.02)


def test_pairs_see_noise_that_sigma_does_not():
    """Scatter that grows with x: the errors are those of the sandwich."""
    rng = np.random.default_rng(2)
    x = np.linspace(0.0, 4.0, 1600)
    y = 2.0 * x + 1.0 + 0.05 * (1.0 + x**2) * rng.normal(size=x.size)
    fit = pf.fit(LINE, x, y)
    boot = pf.bootstrap(fit, N, kind="pairs")
    design = np.stack([x, np.ones_like(x)])
    rest = y - fit(x)
    bread = np.linalg.inv(design @ design.T)
    sandwich = bread @ (design * rest**2) @ design.T @ bread
    errors = np.sqrt(np.diag(sandwich))
    found = [boot[name].stderr for name in boot]
    np.testing.assert_allclose(found, errors, rtol=MC + 0.02)
    assert any("of `slope` is too small" in text for text in boot.warnings)
    assert any("of `intercept` is too large" in text for text in boot.warnings)


@pytest.mark.parametrize("kind", ["residual", "pairs", "parametric"])
def test_right_errors_are_no_cause_for_a_word(kind):
    """Of 40 data sets none, though their own noise moves the errors by a tenth."""
    warned = [
        text
        for seed in range(40)
        for text in pf.bootstrap(line(seed=seed), 400, kind=kind).warnings
    ]
    assert not warned


def test_wrong_sigma_is_told():
    """Half of the true one: the errors are too small by a factor of two."""
    boot = pf.bootstrap(line(noise=0.2))
    assert "stated of `slope`, `intercept` are too small" in boot.warnings[0]
    assert "! The errors stated" in boot.report()


def test_missing_samples_are_in_no_refit():
    """NaN left out by the fit: as if they had never been there."""
    y = line().data.y[0].copy()
    y[::5] = np.nan
    kept = np.isfinite(y)
    holes = pf.fit(LINE, X, y, sigma=0.1, nan="omit")
    whole = pf.fit(LINE, X[kept], y[kept], sigma=0.1)
    for kind in ("residual", "pairs", "parametric"):
        first, second = (pf.bootstrap(own, 100, kind=kind) for own in (holes, whole))
        np.testing.assert_array_equal(first.replicas, second.replicas)


@pytest.mark.parametrize("kind", ["residual", "pairs", "parametric"])
def test_bounds_hold_in_every_refit_and_are_told(kind):
    """A slope that may not exceed 2, where the data have about that."""
    model = LINE.where(slope=pf.bounds(None, 2.0))
    boot = pf.bootstrap(pf.fit(model, X, line().data.y[0], sigma=0.1), 500, kind=kind)
    assert boot.replicas[:, 0].max() == 2.0
    assert boot.n_at_bound[0] > 50
    assert any("`slope` is at a bound in" in text for text in boot.warnings)


def test_tied_and_derived_quantities_are_those_of_each_refit():
    """Value by value, with their stated errors beside those of the refits."""
    model = (pf.models.Gaussian("a_") + pf.models.Gaussian("b_")).where(
        b_sigma=pf.tie("2 * a_sigma"), b_center=pf.fixed(3.0), a_center=pf.fixed(0.0)
    )
    x = np.linspace(-4.0, 8.0, 120)
    y = model(x, a_amplitude=5.0, a_sigma=0.7, b_amplitude=9.0)
    y += 0.05 * np.random.default_rng(4).normal(size=x.size)
    boot = pf.bootstrap(pf.fit(model, x, y, sigma=0.05), N, kind="parametric")
    assert "b_sigma" in boot
    assert "b_center" not in list(boot)
    np.testing.assert_array_equal(boot.values("b_sigma"), 2.0 * boot.values("a_sigma"))
    width = boot.values("a_sigma") * 2.0 * np.sqrt(2.0 * np.log(2.0))
    np.testing.assert_allclose(boot.values("a_fwhm"), width, rtol=1e-13)
    np.testing.assert_allclose(ratios(boot), 1.0, atol=MC)
    height = boot["a_height"]
    assert height.bca[0] < height.value < height.bca[1]


@pytest.mark.parametrize("kind", ["residual", "pairs", "parametric"])
@pytest.mark.parametrize("sigma", ["one", "parts"])
def test_complex_data_keep_their_parts_together(kind, sigma):
    """A decaying rotation with noise in both parts, alike or not."""
    model = pf.models.ComplexRingdown()
    t = np.linspace(0.0, 5.0, 150)
    truth = {"amplitude": 2.0, "frequency": 0.8, "rate": 0.3, "phase": 0.4}
    spread = np.full((2, t.size), 0.05)
    if sigma == "parts":
        spread[1] = 0.02 + 0.02 * t
    noise = spread * np.random.default_rng(3).normal(size=(2, t.size))
    y = model(t, **truth) + noise[0] + 1j * noise[1]
    fit = pf.fit(model, t, y, sigma=spread, start=truth)
    boot = pf.bootstrap(fit, 1500, kind=kind)
    assert not boot.n_failed
    np.testing.assert_allclose(ratios(boot), 1.0, atol=0.2)


def test_counts_are_drawn_as_counts():
    """From the fitted curve, or in pairs. Residuals of counts are not alike."""
    y = np.random.default_rng(4).poisson(PEAK(GRID, **TRUTH)).astype(float)
    fit = pf.fit(PEAK, GRID, y, loss="poisson", start=TRUTH)
    boot = pf.bootstrap(fit, N, kind="parametric")
    np.testing.assert_allclose(ratios(boot), 1.0, atol=MC + 0.02)
    pairs = pf.bootstrap(fit, 1000, kind="pairs")
    assert pairs.n_failed < 10
    np.testing.assert_allclose(ratios(pairs), 1.0, atol=0.35)
    with pytest.raises(InputError, match="'parametric' or 'pairs'"):
        pf.bootstrap(fit, 200)


@pytest.mark.parametrize("kind", ["residual", "pairs"])
@pytest.mark.parametrize("loss", ["huber:1.5", "soft_l1", "cauchy:2"])
def test_errors_of_robust_losses_are_those_of_the_refits(loss, kind):
    """With outliers in the data, which both see."""
    rng = np.random.default_rng(5)
    x = np.linspace(0.0, 4.0, 300)
    y = 2.0 * x + 1.0 + 0.1 * rng.standard_t(3, size=x.size)
    fit = pf.fit(LINE, x, y, sigma=0.1, loss=loss)
    boot = pf.bootstrap(fit, N, kind=kind)
    np.testing.assert_allclose(ratios(boot), 1.0, atol=0.12)
    with pytest.raises(InputError, match="what the noise is"):
        pf.bootstrap(fit, 100, kind="parametric")


@pytest.mark.parametrize("sigma", [0.1, None])
@pytest.mark.parametrize("loss", ["huber", "soft_l1", "cauchy"])
def test_refits_of_robust_losses_scatter_around_the_fit(loss, sigma):
    """Outliers on one side, which no mean of the residuals must take away."""
    rng = np.random.default_rng(1)
    x = np.linspace(0.0, 10.0, 80)
    y = 2.0 * x + 1.0 + 0.1 * rng.normal(size=80)
    y[rng.uniform(size=80) < 0.15] += 3.0
    fit = pf.fit(LINE, x, y, sigma=sigma, loss=loss)
    boot = pf.bootstrap(fit, N)
    for name in LINE.free_names:
        own = boot[name]
        # the bias of the bootstrap itself is of the order 1 / sqrt(n) of an error
        assert abs(own.bias) < 0.12 * own.stderr
        low, high = own.bca
        assert low < own.value < high


def test_the_bca_interval_of_a_mean_is_that_of_scipy():
    """Pairs of a constant are samples drawn with replacement, of skewed numbers."""
    y = np.random.default_rng(6).exponential(size=50)
    boot = pf.bootstrap(pf.fit(pf.models.Constant(), y, y), 20_000, kind="pairs")
    known = stats.bootstrap(
        (y,), np.mean, n_resamples=20_000, confidence_level=0.9, rng=1, method="BCa"
    )
    spread = known.standard_error
    found = boot.interval("c", 0.9)
    np.testing.assert_allclose(
        found, known.confidence_interval, atol=0.06 * spread, rtol=0.0
    )
    plain = boot.interval("c", 0.9, method="percentile")
    assert found[1] > plain[1] + 0.1 * spread


def test_influence_by_refits_and_by_the_gradient_agree():
    """The jackknife against its first order, which serves more samples."""
    y = line().data.y[0] + 0.3 * np.random.default_rng(8).exponential(size=X.size)
    boot = pf.bootstrap(pf.fit(LINE, X, y), 10, kind="pairs")
    many = pf.fit(LINE, np.tile(X, 60), np.tile(y, 60))
    first = pf.bootstrap(many, 10, kind="pairs").influence
    assert first.parts.shape == (2, 2400)
    gradient = np.array([1.0, 0.0])
    expected = boot.influence.acceleration(gradient) / np.sqrt(60.0)
    assert first.acceleration(gradient) == pytest.approx(expected, rel=0.15)


def test_intervals_hold_the_truth_as_often_as_they_say():
    """The mean of 30 skewed numbers, 400 times: 90 %, some 2 % below for so few."""
    rng = np.random.default_rng(9)
    hits = {"bca": 0, "percentile": 0}
    for y in rng.gamma(4.0, size=(400, 30)):
        boot = pf.bootstrap(pf.fit(pf.models.Constant(), y, y), 400, kind="pairs")
        for method in hits:
            low, high = boot.interval("c", 0.9, method=method)
            hits[method] += low < 4.0 < high
    # Three times the binomial error of 400 repetitions is 0.045.
    shares = [count / 400.0 for count in hits.values()]
    np.testing.assert_allclose(shares, 0.88, atol=0.045)


def test_refits_that_fail_are_left_out_and_told():
    """Pairs of three samples of a line are often of one x."""
    fit = pf.fit(LINE, [0.0, 1.0, 2.0], [0.0, 1.1, 1.9], sigma=0.1)
    boot = pf.bootstrap(fit, 1000, kind="pairs")
    # All three draws of one sample: 1 in 9.
    assert boot.n_failed == pytest.approx(111, abs=40)
    assert len(boot.replicas) + boot.n_failed == boot.n == 1000
    assert "have no converged fit" in boot.warnings[0]
    assert "failed and are left out" in boot.report()


REFUSED = {
    "kind": ({"kind": "residuals"}, "did you mean 'residual'"),
    "n": ({"n": 1}, "`n` must be a whole number of at least 2"),
    "seed": ({"seed": -1}, "`seed` must be a whole number"),
    "a large seed": ({"seed": 2**128}, "`seed` must be at most"),
    "threads": ({"threads": 0}, "`threads`"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_arguments_that_cannot_be_used_are_refused(name):
    """In one sentence."""
    arguments, words = REFUSED[name]
    with pytest.raises(InputError, match=words):
        pf.bootstrap(line(), **arguments)


def test_a_fit_of_nothing_is_refused():
    """Where no parameter is free there is nothing to refit."""
    held = LINE.where(slope=pf.fixed(1.0), intercept=pf.fixed(0.0))
    fit = pf.fit(held, np.arange(9.0), np.arange(9.0), sigma=0.1)
    with pytest.raises(InputError, match="no free parameter to refit"):
        pf.bootstrap(fit, 10)


def test_fits_that_cannot_be_repeated_are_refused():
    """Not converged, undetermined, without residuals, no result at all."""
    with pytest.raises(ConvergenceError):
        y = PEAK(GRID, **TRUTH)
        start = {**TRUTH, "center": 1.5}
        pf.bootstrap(pf.fit(PEAK, GRID, y, start=start, stop=pf.Stop(max_steps=1)))
    twice = pf.models.Constant("a_") + pf.models.Constant("b_")
    with pytest.raises(InputError, match="do not determine a_c, b_c"):
        pf.bootstrap(pf.fit(twice, X, X, start={"a_c": 0.0, "b_c": 0.0}))
    with pytest.raises(InputError, match="no residuals to take the noise from"):
        pf.bootstrap(pf.fit(LINE, [0.0, 1.0], [0.0, 1.5]))
    with pytest.raises(InputError, match=r"what pf\.fit returns"):
        pf.bootstrap(LINE)


def test_intervals_and_names_are_checked():
    """Levels, methods and names that do not exist."""
    boot = pf.bootstrap(line(), 50)
    with pytest.raises(InputError, match="between 0 and 1"):
        boot.interval("slope", 95.0)
    with pytest.raises(InputError, match="'bca' or 'percentile'"):
        boot.interval("slope", method="basic")
    for look_up in (boot.__getitem__, boot.values, boot.interval):
        with pytest.raises(InputError, match="did you mean 'slope'"):
            look_up("slop")


def test_report_record_and_figure_show_each_quantity():
    """Value, stated error, that of the refits; a panel for each."""
    boot = pf.bootstrap(line(), 300, seed=5)
    assert "300 refits, residual bootstrap, seed 5" in boot.report()
    assert str(boot) == boot.report()
    assert [ax.get_xlabel() for ax in boot.plot().axes] == ["slope", "intercept"]
    assert "300 residual refits" in repr(boot)
    record = boot.to_dict()
    assert record["parameters"]["slope"]["stderr"] == boot["slope"].stderr
    assert record["refits"] == 300


def test_a_bootstrap_can_be_pickled():
    """With its result, and the same numbers after."""
    boot = pf.bootstrap(line(), 60)
    again = pickle.loads(pickle.dumps(boot))
    assert again["slope"] == boot["slope"]
