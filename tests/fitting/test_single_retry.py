"""A single fit that fails is tried again as a row is, and both have one answer."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf

X = np.linspace(-5.0, 5.0, 64)
LINE = pf.models.Lorentzian() + pf.models.Constant()
GIVEN = {"amplitude": 4.0, "center": 0.0, "gamma": 0.8, "c": 0.5}


def counts(n: int, seed: int) -> np.ndarray:
    """Rows of a line of two counts."""
    mean = LINE(X, amplitude=5.0, center=0.3, gamma=0.8, c=0.5)
    return np.random.default_rng(seed).poisson(mean, (n, X.size)).astype(float)


def agree(many, singles):
    """Whether statuses and costs are the same; fits on the edge have one status."""
    ours = [pf.Status(status).converged for status in many.status]
    assert ours == [single.converged for single in singles]
    inside = [single.status is not pf.Status.EDGE for single in singles]
    chi2 = np.array([single.chi2 for single in singles])
    np.testing.assert_allclose(many.chi2[inside], chi2[inside], rtol=1e-8)


@pytest.mark.parametrize("start", [None, GIVEN], ids=["guessed", "given"])
def test_counts_have_the_same_answer_in_a_row_and_alone(start):
    """Also where the first fit ends on a spike between two samples."""
    y = counts(300, 4)
    options = {"loss": "poisson", "start": start}
    many = pf.fit_many(LINE, X, y, **options)
    once = pf.fit_many(LINE, X, y, retry=False, **options)
    tried = np.flatnonzero(~once.converged)
    assert (once.chi2[tried] > many.chi2[tried] * (1.0 + 1e-8)).sum() > 3
    agree(many, [pf.fit(LINE, X, own, **options) for own in y])


@pytest.mark.parametrize(
    "options",
    [{"sigma": 1.0}, {}, {"loss": "huber", "sigma": 1.0}],
    ids=["sigma", "no sigma", "huber"],
)
def test_empty_spectra_have_the_same_answer_in_a_row_and_alone(options):
    """A line is looked for where there is none."""
    y = np.random.default_rng(5).normal(size=(60, X.size))
    many = pf.fit_many(LINE, X, y, **options)
    agree(many, [pf.fit(LINE, X, own, **options) for own in y])


def test_missing_samples_change_no_starts():
    """A row's neighbours are those that are there."""
    y = np.random.default_rng(7).normal(size=(40, X.size))
    y[:, ::7] = np.nan
    many = pf.fit_many(LINE, X, y, sigma=1.0)
    agree(many, [pf.fit(LINE, X, own, sigma=1.0, nan="omit") for own in y])


def test_the_result_says_which_start_led_to_it():
    """In a sentence, and in a file; a fit from its own start says nothing."""
    y = 1.0 + 8.0 * np.exp(-(X**2))
    start = {"amplitude": 1.0, "center": 400.0, "sigma": 1.0, "c": 1.0}
    model = pf.models.Gaussian() + pf.models.Constant()
    far, near = pf.fit(model, X, y, start=start), pf.fit(model, X, y)
    assert far.converged
    assert far.retry_stage is pf.RetryStage.GUESS
    assert far.start[1] == 400.0
    assert far["center"].value == pytest.approx(0.0, abs=1e-6)
    assert any("comes from a guess from the data" in text for text in far.warnings)
    assert near.retry_stage is None
    assert not any("comes from" in text for text in near.warnings)


def test_a_limit_of_steps_that_was_given_is_kept():
    """Who asks for two steps has no more."""
    result = pf.fit(LINE, X, counts(1, 1)[0], stop=pf.Stop(max_steps=2))
    assert result.status is pf.Status.MAX_STEPS
    assert result.n_steps == 2


def test_a_random_start_is_left_alone():
    """What it leads to is what was asked for."""
    y = np.random.default_rng(5).normal(size=X.size)
    results = [
        pf.fit(LINE, X, y, sigma=1.0, start="random", seed=seed) for seed in range(8)
    ]
    assert not all(result.converged for result in results)
    assert {result.retry_stage for result in results} == {None}


def test_rows_try_the_other_sign_of_what_is_left_open():
    """As single fits do: a line as wide as the data may be one between two samples."""
    y = np.random.default_rng(3).normal(size=(400, X.size))[82:83]
    start = {"amplitude": 3.0, "center": 0.0, "gamma": 1.0, "c": 0.0}
    once, many = (
        pf.fit_many(LINE, X, y, sigma=1.0, start=start, retry=k) for k in (False, True)
    )
    assert many.retry_stage[0] == pf.RetryStage.GIVEN
    assert many.chi2[0] < once.chi2[0] - 1.0
    agree(many, [pf.fit(LINE, X, y[0], sigma=1.0, start=start)])


@pytest.mark.parametrize("order", [(2.5, -2.5), (-2.5, 2.5)], ids=["down", "up"])
def test_components_keep_the_places_that_were_given(order):
    """The peak said to be to the right is the one to the right, from any start."""
    model = pf.models.Gaussian("a_") + pf.models.Gaussian("b_") + pf.models.Constant()
    first, second = order
    truth = {"a_amplitude": 9.0, "a_center": first, "a_sigma": 0.5, "c": 1.0}
    truth |= {"b_amplitude": 4.0, "b_center": second, "b_sigma": 0.9}
    y = model(X, **truth) + 0.05 * np.random.default_rng(8).normal(size=X.size)
    start = truth | {"a_center": 300.0 * first, "b_center": 300.0 * second}
    single = pf.fit(model, X, y, sigma=0.05, start=start)
    many = pf.fit_many(model, X, y[None], sigma=0.05, start=start)
    assert single.retry_stage is pf.RetryStage.GUESS
    for name, value in truth.items():
        own, row = single[name], many[name]
        # Seven pulls of two doors: 4.5 or more once in 20,000 runs.
        assert abs(own.value - value) < 4.5 * own.stderr
        assert row.value[0] == pytest.approx(own.value, abs=1e-3 * own.stderr)
        assert row.stderr[0] == pytest.approx(own.stderr, rel=1e-4)
