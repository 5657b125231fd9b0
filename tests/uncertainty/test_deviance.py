"""The law of the deviance of counts, and the p values that follow from it."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

import physfit as pf
from physfit.kernels.count_moments import moments_of_counts

X = np.linspace(0.0, 1.0, 100)
FLAT, PEAK = pf.models.Constant(), pf.models.Gaussian() + pf.models.Constant()
MODELS = {
    "flat": (FLAT, {"c": 1.0}),
    "slope": (pf.models.Linear(), {"slope": 1.0, "intercept": 0.5}),
    "peak": (PEAK, {"amplitude": 0.8, "center": 0.45, "sigma": 0.08, "c": 0.6}),
}
LINEAR = ("c", "amplitude", "slope", "intercept")


def scaled(kind, mean):
    """Model and its parameters at about that many counts a sample."""
    model, truth = MODELS[kind]
    return model, {k: v * mean if k in LINEAR else v for k, v in truth.items()}


def rows_of(kind, mean, n, n_rows, seed=1):
    """Fits of counts of a right model, from the truth."""
    model, truth = scaled(kind, mean)
    x = np.linspace(0.0, 1.0, n)
    y = np.random.default_rng(seed).poisson(model(x, **truth), (n_rows, n))
    return pf.fit_many(model, x, y.astype(float), loss="poisson", start=truth)


@pytest.mark.parametrize("mean", [1e-3, 0.05, 1.0, 7.3, 400.0, 5000.0])
def test_moments_are_those_of_poissons_law(mean):
    """Sums over all counts; the second derivative of the mean by differences."""
    y = np.arange(0.0, mean + 12.0 * mean**0.5 + 40.0)

    def deviance(mean):
        with np.errstate(all="ignore"):
            return 2.0 * (mean - y + np.where(y > 0.0, y * np.log(y / mean), 0.0))

    def expected(mean):
        return stats.poisson.pmf(y, mean) @ deviance(mean)

    p, d, u = stats.poisson.pmf(y, mean), deviance(mean), y - mean
    e, step = d - expected(mean), 1e-2 * mean
    found = moments_of_counts(np.array([mean]))
    near = [expected(mean + k * step) for k in (-1.0, 0.0, 1.0)]
    bend = (near[0] - 2.0 * near[1] + near[2]) / step**2
    # The grid is good to 2e-5; its last line, at 1000, holds to 5 / 1000 beyond.
    close = {"rtol": 1e-4, "atol": 2e-4 if mean < 1000.0 else 5e-3}
    np.testing.assert_allclose(found.mean, near[1], rtol=2e-5)
    np.testing.assert_allclose(found.bend * mean, bend * mean, rtol=1e-2, atol=1e-3)
    for name in ("dd", "du", "ddd", "ddu", "duu", "uu", "uuu"):
        power = name.count("u")
        moment = (p * e ** name.count("d") * u**power).sum() / mean ** (power / 2.0)
        scaled = getattr(found, name) / mean ** (power / 2.0)
        np.testing.assert_allclose(scaled, moment, **close, err_msg=name)


@pytest.mark.parametrize("kind", MODELS)
@pytest.mark.parametrize("mean", [0.3, 1.0, 2.0, 5.0, 50.0])
def test_p_values_of_right_models_are_uniform(kind, mean):
    """By Kolmogorov and Smirnov, 1500 fits of 100 samples each."""
    p = rows_of(kind, mean, 100, 1500, seed=2).p_value
    p = p[np.isfinite(p)]
    assert len(p) > 1400
    assert stats.kstest(p, "uniform").pvalue > 1e-3


def test_a_right_model_of_many_samples_is_not_called_wrong():
    """4000 samples of 2 counts: the law of chi2 would give p < 0.001 in 94 %."""
    many = rows_of("flat", 2.0, 4000, 300)
    assert (stats.chi2.sf(many.chi2, many.dof) < 1e-3).mean() > 0.8
    assert (many.p_value < 1e-3).sum() <= 3  # 0.3 expected
    assert "larger than" not in many.report()


def test_a_wrong_model_is_called_wrong():
    """A flat model of a peak, at 1 count a sample."""
    model, truth = scaled("peak", 1.0)
    x = np.linspace(0.0, 1.0, 1000)
    y = np.random.default_rng(3).poisson(model(x, **truth))
    found = pf.fit(FLAT, x, y, loss="poisson")
    assert found.p_value < 1e-3
    assert "larger than Poisson's law explains" in found.report()


def test_at_many_counts_it_is_the_law_of_chi2():
    """p at 10,000 counts a sample, within what 1 / mean leaves."""
    many = rows_of("peak", 1e4, 100, 50)
    np.testing.assert_allclose(
        many.p_value, stats.chi2.sf(many.chi2, many.dof), atol=1e-3
    )


def test_there_is_no_p_value_where_no_law_is_known():
    """10 counts in 1000 samples take a handful of values; the report says so."""
    many = rows_of("flat", 0.01, 1000, 20)
    assert np.isnan(many.p_value[many.converged]).all()
    single = many.result(int(np.flatnonzero(many.converged)[0]))
    assert single.p_value is None
    for report in (single.report(), many.report()):
        assert "so few counts follow no known law" in " ".join(report.split())


def test_a_model_next_to_zero_is_not_called_wrong():
    """Peaks of 7 to 28 counts whose wings or background vanish: p, if any, holds."""
    p = rows_of("peak", 0.1, 100, 1000, seed=7).p_value
    known = p[np.isfinite(p)]
    assert len(known) > 500
    n = stats.binom.ppf(0.9999, len(known), 2e-3)
    assert ((known < 1e-3) | (known > 0.999)).sum() <= n


@pytest.mark.parametrize("left_out", ["mask", "nan", "own x"])
def test_samples_that_are_left_out_do_not_count(left_out):
    """Rows give what single fits of the samples in use give."""
    model, truth = scaled("peak", 2.0)
    y = np.random.default_rng(5).poisson(model(X, **truth), (3, X.size)).astype(float)
    x, mask = X, np.zeros(y.shape, dtype=bool)
    mask[1, 30:50] = True
    options = {"mask": mask} if left_out == "mask" else {}
    shown = np.where(mask, np.nan, y) if left_out == "nan" else y
    if left_out == "own x":
        x, mask[1] = np.tile(X, (3, 1)), False
    many = pf.fit_many(model, x, shown, loss="poisson", start=truth, **options)
    for k in range(3):
        used = ~mask[k]
        own = pf.fit(model, X[used], y[k, used], loss="poisson", start=truth)
        assert many.p_value[k] == pytest.approx(own.p_value, rel=1e-5)


def test_counts_that_were_divided_are_told():
    """Residuals far smaller than Poisson's law explains, in one fit and in rows."""
    model, truth = scaled("peak", 500.0)
    y = np.random.default_rng(50).poisson(model(X, **truth), (20, X.size)) / 100.0
    found = pf.fit(model, X, y[0], loss="poisson")
    (said,) = found.warnings
    assert "far smaller than Poisson's law explains" in said
    assert "divided by a time" in said
    many = pf.fit_many(model, X, y, loss="poisson")
    assert "smaller than Poisson's law explains" in " ".join(many.report().split())


def test_a_sigma_that_is_overstated_is_told():
    """As plainly as one that is understated; without sigma there is nothing to tell."""
    rng = np.random.default_rng(7)
    y = 2.0 * X + 0.1 * rng.normal(size=(20, X.size))
    line = pf.models.Linear()
    said = "smaller than their errors explain"
    for sigma, is_told in ((0.1, False), (0.3, True), (None, False)):
        found = pf.fit(line, X, y[0], sigma=sigma)
        assert any(said in own for own in found.warnings) == is_told
        report = " ".join(pf.fit_many(line, X, y, sigma=sigma).report().split())
        assert (said in report) == is_told


def test_rows_whose_data_are_gone_have_no_p_value(tmp_path):
    """It cannot be known from the deviance alone, and the report says why."""
    many = rows_of("flat", 2.0, 100, 5)
    many.save(tmp_path / "a.h5")
    again = pf.load_many(tmp_path / "a.h5")
    assert again.p_value is None
    assert "the data are not at hand" in " ".join(again.report().split())


def test_a_p_value_leaves_the_result_as_it_was():
    """What is evaluated later is not overwritten by the next fit."""
    model, truth = scaled("peak", 2.0)
    y = np.random.default_rng(5).poisson(model(X, **truth), (2, X.size))
    found = pf.fit(model, X, y[0], loss="poisson")
    before = found.objective.cost(found.solution.theta)
    assert found.p_value is not None
    pf.fit(model, X, 5 * y[1], loss="poisson")
    assert found.objective.cost(found.solution.theta) == before


def test_a_mean_below_zero_has_no_moments() -> None:
    """A fit without a minimum may end there; its law is that of a mean of 0."""
    below = moments_of_counts(np.array([-1e103, -1.0, 0.0]))
    for moment in below:
        np.testing.assert_array_equal(moment, 0.0)
