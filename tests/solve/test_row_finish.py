"""Rows whose normal equations have lost their digits, against single fits."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf

N = 6
GRID = np.linspace(0.0, 10.0, 101)
#: Distances of x from 0, in its own unit, and that unit.
FAR = [1e6, 1.7e9, 1e10]
UNITS = [1e-9, 1.0, 1e9]
PEAK = pf.models.Gaussian() + pf.models.Linear()
LOSSES = ["chi2", "poisson", "huber", "cauchy"]


def peaks(offset: float, unit: float, sigma: float = 0.1) -> tuple:
    """Coordinates, and rows of a Gaussian on a line there."""
    rng = np.random.default_rng(7)
    x = (GRID + offset) * unit
    where = (GRID + offset - offset)[None] - rng.uniform(3.0, 7.0, (N, 1))
    shape = 2.0 * np.exp(-0.5 * (where / 0.8) ** 2) + 0.3 * (GRID + offset - offset) + 4
    return x, shape + sigma * rng.normal(size=(N, GRID.size))


def distances(many, singles) -> np.ndarray:
    """Of the parameters, in standard errors, and relative ones of these errors."""
    names = many.model.free_names
    values = np.array([[many[n].value[i] for n in names] for i in range(len(singles))])
    errors = np.array([[many[n].stderr[i] for n in names] for i in range(len(singles))])
    best = np.array([[one[n].value for n in names] for one in singles])
    sure = np.array([[one[n].stderr for n in names] for one in singles])
    return np.stack([(values - best) / sure, errors / sure - 1.0])


def check(many, singles) -> None:
    """Statuses, costs, values and errors of rows are those of single fits."""
    assert many.converged.tolist() == [one.converged for one in singles]
    costs = [one.chi2 for one in singles]
    np.testing.assert_allclose(many.chi2, costs, rtol=1e-8)
    values, errors = distances(many, singles)
    # the default stop of rows is within 3e-5 standard errors of the minimum
    np.testing.assert_allclose(values, 0.0, atol=2e-4)
    np.testing.assert_allclose(errors, 0.0, atol=2e-4)


@pytest.mark.parametrize("unit", UNITS)
@pytest.mark.parametrize("offset", FAR)
@pytest.mark.parametrize("model", [PEAK, pf.models.Linear()], ids=["peak", "line"])
def test_rows_far_from_zero_are_fitted_as_if_alone(model, offset, unit):
    """In any unit of x: a line in the model leaves normal equations without a digit."""
    x, y = peaks(offset, unit)
    many = pf.fit_many(model, x, y, sigma=0.1)
    check(many, [pf.fit(model, x, row, sigma=0.1) for row in y])
    assert many.converged.all()


def test_rows_far_from_zero_agree_with_those_at_zero():
    """What an offset of x does not change: slope, its error, position and width."""
    offset = 2.0**31
    x, y = peaks(0.0, 1.0)
    near, far = (pf.fit_many(PEAK, at, y, sigma=0.1) for at in (x, x + offset))
    for name in ("slope", "amplitude", "sigma"):
        error = near[name].stderr
        gap = (far[name].value - near[name].value) / error
        np.testing.assert_allclose(gap, 0.0, atol=1e-3)
        np.testing.assert_allclose(far[name].stderr, error, rtol=1e-3)
    gap = far["center"].value - offset - near["center"].value
    np.testing.assert_allclose(gap / near["center"].stderr, 0.0, atol=1e-3)


@pytest.mark.parametrize("loss", LOSSES)
def test_losses_masks_and_standard_deviations_of_rows_count(loss):
    """Far from 0 as well, for every row by itself."""
    x, y = peaks(1.7e9, 1.0)
    rng = np.random.default_rng(5)
    mask = rng.uniform(size=y.shape) < 0.2
    sigma = rng.uniform(0.05, 0.2, y.shape)
    if loss == "poisson":
        y, sigma = rng.poisson(3.0 * y).astype(float), None
    many = pf.fit_many(PEAK, x, y, sigma=sigma, mask=mask, loss=loss)
    singles = [
        pf.fit(
            PEAK,
            *(x[~mask[i]], y[i, ~mask[i]]),
            sigma=None if sigma is None else sigma[i, ~mask[i]],
            loss=loss,
        )
        for i in range(N)
    ]
    assert many.converged.all()
    check(many, singles)


def test_each_row_may_have_an_x_of_its_own_far_from_zero():
    """Rows whose coordinates begin at other times."""
    x, y = peaks(1.7e9, 1.0)
    xs = x + 100.0 * np.arange(N)[:, None]
    many = pf.fit_many(PEAK, xs, y, sigma=0.1)
    check(many, [pf.fit(PEAK, xs[i], y[i], sigma=0.1) for i in range(N)])


def test_bounds_and_ties_hold_far_from_zero():
    """A parameter on its bound has no error there, and the others' are those given it.

    A tie stays one.
    """
    x, y = peaks(1.7e9, 1.0)
    model = PEAK.where(sigma=pf.bounds(0.9, None), amplitude=pf.tie("5 * sigma"))
    many = pf.fit_many(model, x, y, sigma=0.1)
    singles = [pf.fit(model, x, row, sigma=0.1) for row in y]
    assert np.isnan(many["sigma"].stderr).any()
    assert many["sigma"].at_bound.tolist() == [one["sigma"].at_bound for one in singles]
    np.testing.assert_allclose(many.chi2, [one.chi2 for one in singles], rtol=1e-8)


@pytest.mark.parametrize("threads", [2, 5])
def test_finished_rows_do_not_depend_on_the_threads(threads):
    """Bit for bit."""
    x, y = peaks(1.7e9, 1.0)
    y = np.concatenate([y] * 8)
    one, more = (
        pf.fit_many(PEAK, x, y, sigma=0.1, threads=n).table for n in (1, threads)
    )
    for before, after in zip(one, more, strict=True):
        np.testing.assert_array_equal(before, after)


def test_parameters_that_do_the_same_have_no_error():
    """Only their sum is determined; the others keep their errors."""
    model = pf.models.Constant("a_") + pf.models.Constant("b_") + pf.models.Linear()
    model = model.where(intercept=pf.fixed(0.0))
    x, y = peaks(1.7e9, 1.0)
    many = pf.fit_many(model, x, y, sigma=0.1, start={"a_c": 0.0, "b_c": 0.0})
    one = pf.fit(model, x, y[0], sigma=0.1, start={"a_c": 0.0, "b_c": 0.0})
    assert np.isinf(many["a_c"].stderr).all() and np.isinf(many["b_c"].stderr).all()
    np.testing.assert_allclose(many["slope"].stderr[0], one["slope"].stderr, rtol=1e-6)
    np.testing.assert_allclose(many.chi2[0], one.chi2, rtol=1e-8)


@pytest.mark.parametrize("loss", ["poisson", "cauchy"])
def test_steps_that_converge_slowly_go_on(loss):
    """On data that the model does not meet: the costs are those at x = 0.

    Fits must not take the end of whole steps for that of all digits.
    """
    rng = np.random.default_rng(3)
    center = rng.uniform(3.0, 7.0, (8, 1))
    y = 2.0 * np.exp(-0.5 * ((GRID - center) / 0.8) ** 2) + 0.05 * (GRID - 4.0) ** 2 + 1
    y += 0.1 * rng.normal(size=y.shape)
    y = rng.poisson(20.0 * y).astype(float) if loss == "poisson" else y
    sigma = None if loss == "poisson" else 0.1
    near, far = (
        pf.fit_many(PEAK, x, y, sigma=sigma, loss=loss) for x in (GRID, GRID + 1.7e9)
    )
    single = [pf.fit(PEAK, GRID + 1.7e9, row, sigma=sigma, loss=loss) for row in y]
    assert far.converged.all()
    assert all(own.converged for own in single)
    # what the rounding of x, 1e-7 of 0.1, makes of a cost
    np.testing.assert_allclose(far.chi2, near.chi2, rtol=1e-6)
    np.testing.assert_allclose([own.chi2 for own in single], near.chi2, rtol=1e-6)


@pytest.mark.parametrize("sigma", [None, 0.1])
@pytest.mark.parametrize("offset", [1.7e9, 1e10])
@pytest.mark.parametrize("model", [PEAK, pf.models.Linear()], ids=["peak", "line"])
def test_data_without_noise_end_at_the_rounding_of_the_parameters(model, offset, sigma):
    """That is convergence, for single fits and rows: no double is nearer."""
    shape = 2.0 * np.exp(-0.5 * ((GRID - 5.3) / 0.8) ** 2) if model is PEAK else 0.0
    y = shape + 0.3 * GRID + 1.0
    many = pf.fit_many(model, GRID + offset, y[None], sigma=sigma)
    one = pf.fit(model, GRID + offset, y, sigma=sigma)
    assert many.converged.all()
    assert one.converged
    # the intercept, 0.3 times the offset, is rounded to 1e-16 of itself
    for slope in (many["slope"].value[0], one["slope"].value):
        assert slope == pytest.approx(0.3, abs=1e-6)


@pytest.mark.parametrize("offset", [1.7e9, 1e10])
def test_a_parabola_that_doubles_cannot_express_has_not_converged(offset):
    """Its terms cancel to less than their rounding."""
    y = 0.05 * (GRID - 4.0) ** 2 + 1.0
    y += 0.1 * np.random.default_rng(2).normal(size=GRID.size)
    many = pf.fit_many(pf.models.Quadratic(), GRID + offset, y[None], sigma=0.1)
    one = pf.fit(pf.models.Quadratic(), GRID + offset, y, sigma=0.1)
    assert not many.converged.any()
    assert not one.converged
