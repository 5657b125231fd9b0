"""Fits of many rows against single fits, and against each other."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.data.row_data import RowData
from physfit.models.loss import as_loss
from physfit.solve.base import Status, Stop
from physfit.solve.many import ManyFits
from physfit.solve.row_table import Records
from physfit.uncertainty.rows import settle_covariances, unpacked

MODEL = pf.models.Gaussian() + pf.models.Constant()
X = np.linspace(0.0, 10.0, 53)
N = 60
TIGHT = Stop(ftol=1e-17, max_steps=300)
LOSSES = ["chi2", "poisson", "huber", "soft_l1:2", "cauchy:3"]


def curves(n: int = N, seed: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Data without noise, and the parameters of each row."""
    rng = np.random.default_rng(seed)
    theta = np.stack(
        [
            rng.uniform(80.0, 160.0, n),
            rng.uniform(4.0, 6.0, n),
            rng.uniform(0.6, 1.4, n),
            rng.uniform(10.0, 20.0, n),
        ],
        axis=1,
    )
    names = MODEL.free_names
    y = [MODEL(X, **dict(zip(names, row, strict=True))) for row in theta]
    return np.array(y, dtype=float), theta


def noisy(seed: int = 4) -> tuple[np.ndarray, np.ndarray]:
    y, theta = curves()
    return y + 2.0 * np.random.default_rng(seed).normal(size=y.shape), theta


def counts(seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    y, theta = curves()
    return np.random.default_rng(seed).poisson(y).astype(float), theta


def fits(loss: str = "chi2", model: pf.Model = MODEL, **options) -> ManyFits:
    options = {"stop": TIGHT, **options}
    return ManyFits(model, as_loss(loss), **options)


def answers(records: Records) -> np.ndarray:
    """Everything that was found, one row of numbers for each fit."""
    n_fits = len(records.table.status)
    columns = [np.reshape(own, (n_fits, -1)) for own in records.outputs[:-1]]
    return np.concatenate(columns, axis=1, dtype=np.float64)


def single(y, theta, loss="chi2", sigma=2.0, x=X, nan="raise"):
    start = dict(zip(MODEL.free_names, theta.tolist(), strict=True))
    sigma = None if loss == "poisson" else sigma
    return pf.fit(MODEL, x, y, sigma=sigma, start=start, loss=loss, nan=nan, stop=TIGHT)


def rows(y: np.ndarray, sigma: object = 2.0, **more) -> RowData:
    spread = None if sigma is None else np.atleast_2d(np.asarray(sigma, dtype=float))
    return RowData(y, X[None], spread, **more)


@pytest.mark.parametrize("is_large", [False, True], ids=["assembled", "fused"])
@pytest.mark.parametrize("loss", LOSSES)
def test_a_row_is_fitted_as_if_it_were_alone(loss, is_large):
    """Parameters, cost and covariance agree with those of a single fit."""
    y, theta = counts() if loss == "poisson" else noisy()
    sigma = None if loss == "poisson" else 2.0
    records = fits(loss, is_large=is_large).fit(rows(y, sigma), 1.05 * theta)
    settle_covariances(records, as_loss(loss), True, 1)
    found = unpacked(records.table.covariance, 4)
    one = [single(y[k], 1.05 * theta[k], loss) for k in range(5)]
    errors = np.sqrt(np.array([np.diag(own.covariance) for own in one]))
    ends = np.array([own.solution.theta for own in one])
    assert set(records.table.status) <= {Status.FTOL, Status.XTOL}
    np.testing.assert_allclose(
        (records.table.theta[:5] - ends) / errors,
        0.0,
        atol=2e-6 if loss == "chi2" else 2e-4,
    )
    costs = np.array([own.solution.cost for own in one])
    np.testing.assert_allclose(records.table.chi2[:5], 2.0 * costs, rtol=1e-8)
    covariances = np.array([own.covariance for own in one])
    np.testing.assert_allclose(
        found[:5] / errors[:, :, None] / errors[:, None, :],
        covariances / errors[:, :, None] / errors[:, None, :],
        atol=1e-3 if loss in ("huber", "soft_l1:2", "cauchy:3") else 1e-5,
    )


@pytest.mark.parametrize("is_large", [False, True], ids=["assembled", "fused"])
def test_memory_of_workers_leaves_no_trace_in_the_next_rows(is_large):
    """The same rows give the same bits after others, and after longer ones."""
    y, theta = noisy()
    start, many = 1.05 * theta, fits(is_large=is_large, threads=2)
    first = answers(many.fit(rows(y), start))
    workers = list(many._workers)
    others = answers(many.fit(rows(y[::-1] * 1.5), 0.9 * start))
    assert all(
        own is before for own, before in zip(many._workers, workers, strict=True)
    )
    longer = RowData(
        np.repeat(y, 2, axis=1), np.repeat(X, 2)[None], np.full((1, 1), 2.0)
    )
    many.fit(longer, start)
    again = answers(many.fit(rows(y), start))
    assert not np.array_equal(first, others)
    np.testing.assert_array_equal(again, first)


@pytest.mark.parametrize("is_large", [False, True], ids=["assembled", "fused"])
def test_the_answer_does_not_depend_on_the_number_of_threads(is_large):
    """Bit for bit, and neither on which rows are fitted together."""
    y, theta = noisy()
    start = 1.05 * theta
    one = answers(fits(is_large=is_large, threads=1).fit(rows(y), start))
    four = answers(fits(is_large=is_large, threads=4).fit(rows(y), start))
    part = answers(fits(is_large=is_large).fit(rows(y[20:31]), start[20:31]))
    numbers = np.arange(N)[::-1]
    turned = answers(fits(is_large=is_large).fit(rows(y), start[::-1], numbers=numbers))
    np.testing.assert_array_equal(one, four)
    np.testing.assert_array_equal(one[20:31], part)
    np.testing.assert_array_equal(one, turned[::-1])


@pytest.mark.parametrize("loss", ["chi2", "poisson"])
@pytest.mark.parametrize("is_large", [False, True], ids=["assembled", "fused"])
def test_missing_samples_are_left_out(loss, is_large):
    """NaN and masked samples: as if the row did not have them."""
    y, theta = counts() if loss == "poisson" else noisy()
    rng = np.random.default_rng(8)
    y[rng.uniform(size=y.shape) < 0.2] = np.nan
    mask = rng.uniform(size=y.shape) < 0.1
    data = rows(y, None if loss == "poisson" else 2.0, mask=mask)
    records = fits(loss, is_large=is_large).fit(data, theta)
    keep = np.isfinite(y) & ~mask
    one = [single(y[k, keep[k]], theta[k], loss, x=X[keep[k]]) for k in range(4)]
    np.testing.assert_array_equal(records.table.n_samples, keep.sum(axis=1))
    ends = np.array([own.solution.theta for own in one])
    np.testing.assert_allclose(records.table.theta[:4], ends, rtol=1e-6)
    expected = [2.0 * own.solution.cost for own in one]
    np.testing.assert_allclose(records.table.chi2[:4], expected, rtol=1e-9)


def test_standard_deviations_may_be_of_all_rows_of_each_or_of_each_sample():
    """One number, per row, per sample, or both: the same weights, the same answer."""
    y, theta = noisy()
    shapes = [(1, 1), (N, 1), (1, X.size), (N, X.size)]
    found = [
        answers(fits().fit(rows(y, np.full(shape, 2.0)), theta)) for shape in shapes
    ]
    np.testing.assert_array_equal(found[1:], [found[0]] * 3)


def test_parts_of_complex_samples_may_have_standard_deviations_of_their_own():
    """Shared by all rows or of each; as one fit with the same sigma."""
    model = pf.models.ComplexRingdown()
    truth = {"amplitude": 2.0, "frequency": 0.8, "rate": 0.3, "phase": 0.4}
    t = np.linspace(0.0, 5.0, 40)
    sigma = np.array([np.full(40, 0.05), 0.02 + 0.02 * t])
    noise = sigma * np.random.default_rng(3).normal(size=(3, 2, 40))
    y = model(t, **truth) + noise[:, 0] + 1j * noise[:, 1]
    start = np.array([truth[name] for name in model.free_names])
    shared = fits(model=model).fit(RowData(y, t[None], sigma[None]), start)
    each = np.tile(sigma, (3, 1, 1))
    own = fits(model=model).fit(RowData(y, t[None], each), start)
    one = pf.fit(model, t, y[1], sigma=sigma, start=truth)
    np.testing.assert_allclose(shared.table.theta[1], one.solution.theta, rtol=1e-6)
    np.testing.assert_array_equal(shared.table.theta, own.table.theta)


def test_each_row_may_have_an_x_of_its_own():
    """Shifted x, shifted centers."""
    y, theta = noisy()
    shift = np.linspace(-3.0, 3.0, N)
    own = RowData(y, X[None, None] + shift[:, None, None], np.full((1, 1), 2.0))
    moved = theta + shift[:, None] * [0.0, 1.0, 0.0, 0.0]
    found = fits().fit(own, moved).table.theta
    expected = fits().fit(rows(y), theta).table.theta
    np.testing.assert_allclose(found[:, 1] - shift, expected[:, 1], rtol=1e-7)
    np.testing.assert_allclose(found[:, 0], expected[:, 0], rtol=1e-6)


def test_samples_without_an_x_are_left_out():
    """NaN in the x of a row, or in that of all rows."""
    y, theta = noisy()
    keep = np.arange(X.size) % 7 != 3
    short = RowData(
        np.ascontiguousarray(y[:, keep]), X[None, keep], np.full((1, 1), 2.0)
    )
    x = np.where(keep, X, np.nan)
    shared = RowData(y, x[None], np.full((1, 1), 2.0))
    own = RowData(y, np.tile(x, (N, 1, 1)), np.full((1, 1), 2.0))
    expected = fits().fit(short, theta)
    for data in (shared, own):
        found = fits().fit(data, theta)
        np.testing.assert_array_equal(found.table.n_samples, keep.sum())
        np.testing.assert_allclose(found.table.theta, expected.table.theta, rtol=1e-9)


def test_a_parameter_at_a_bound_gives_its_degree_of_freedom_back():
    """Errors without sigma: chi2 over the samples less the parameters that moved."""
    y, theta = noisy()
    model = MODEL.where(sigma=pf.bounds(None, 0.7))
    start = np.minimum(theta, model.free_upper)
    records, absolute = (fits(model=model).fit(rows(y, None), start) for _ in range(2))
    settle_covariances(records, as_loss("chi2"), False, 1)
    held = (records.table.at_bound != 0).sum(axis=1)
    assert {0, 1} >= set(held.tolist()) and held.any()
    factor = records.table.chi2 / (X.size - 4 + held)
    np.testing.assert_allclose(
        records.table.covariance, absolute.table.covariance * factor[:, None], rtol=1e-9
    )


def test_single_precision_data_are_read_as_they_are():
    """float32 rows give what the same numbers give in float64."""
    y, theta = noisy()
    y = y.astype(np.float32)
    short = answers(fits().fit(rows(y), theta))
    long = answers(fits().fit(rows(y.astype(np.float64)), theta))
    np.testing.assert_array_equal(short, long)


def test_strides_of_the_data_do_not_matter():
    """Columns of a transposed or reversed array are rows like any others."""
    y, theta = noisy()
    expected = answers(fits().fit(rows(y), theta))
    turned = np.asfortranarray(y)
    flipped = np.ascontiguousarray(y[:, ::-1])[:, ::-1]
    np.testing.assert_array_equal(answers(fits().fit(rows(turned), theta)), expected)
    np.testing.assert_array_equal(answers(fits().fit(rows(flipped), theta)), expected)


def test_complex_rows_are_fitted_with_both_parts():
    """A decaying rotation per row, in complex64 as well."""
    model = pf.models.ComplexRingdown()
    theta = np.array([[2.0, 0.8, 0.3, 0.4], [3.0, -0.5, 0.2, -0.4]])
    names = model.free_names
    y = np.array([model(X, **dict(zip(names, own, strict=True))) for own in theta])
    data = RowData(y, X[None], np.full((1, 1), 0.1))
    found = fits(model=model).fit(data, 1.05 * theta)
    short = fits(model=model).fit(data._replace(y=y.astype(np.complex64)), 1.05 * theta)
    np.testing.assert_allclose(found.table.theta, theta, rtol=1e-9)
    np.testing.assert_allclose(short.table.theta, theta, rtol=1e-5)
    assert (found.table.n_samples == X.size).all()


BAD = {
    "all missing": (np.full(X.size, np.nan), Status.TOO_FEW),
    "three samples": (
        np.r_[1.0, 2.0, 1.0, np.full(X.size - 3, np.nan)],
        Status.TOO_FEW,
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_a_row_with_too_few_samples_is_not_fitted(name):
    """It says so, and the others are what they are without it."""
    y, theta = noisy()
    expected = answers(fits().fit(rows(y), theta))
    y[7], status = BAD[name]
    records = fits().fit(rows(y), theta)
    others = np.arange(N) != 7
    assert records.table.status[7] == status
    assert np.isnan(records.table.theta[7]).all()
    np.testing.assert_array_equal(answers(records)[others], expected[others])


def test_a_bad_standard_deviation_or_count_is_a_status():
    """Of that row alone."""
    y, theta = counts()
    sigma = np.full((N, X.size), 2.0)
    sigma[3, 5] = 0.0
    y[4, 2] = -1.0
    assert fits().fit(rows(y, sigma), theta).table.status[3] == Status.BAD_SIGMA
    poisson = fits("poisson").fit(rows(y, None), theta)
    assert poisson.table.status[4] == Status.OUTSIDE_DOMAIN
    assert (np.delete(poisson.table.status, 4) < 20).all()


def test_a_block_of_one_row_is_checked_like_any_other():
    """The last row of a job may be alone in its block."""
    y, theta = noisy()
    sigma = np.full((N, X.size), 2.0)
    sigma[-1, 5] = -1.0
    last = rows(y, sigma).rows(N - 1, N)
    assert fits().fit(last, theta[-1:]).table.status.tolist() == [Status.BAD_SIGMA]


def test_a_start_where_the_model_is_not_defined_is_a_status():
    """A NaN start that nobody guesses, for instance."""
    y, theta = noisy()
    theta[2, 1] = np.nan
    records = fits().fit(rows(y), theta)
    assert records.table.status[2] == Status.NOT_FINITE_AT_START
    assert (np.delete(records.table.status, 2) < 20).all()


def test_counts_from_a_start_below_zero_are_fitted_after_all():
    """A least squares fit goes first where the model of counts is negative."""
    y, theta = counts()
    below = theta * [1.0, 1.0, 1.0, -1.0]
    found = fits("poisson").fit(rows(y, None), below)
    expected = fits("poisson").fit(rows(y, None), theta)
    assert (found.table.status < 20).all()
    np.testing.assert_allclose(found.table.theta, expected.table.theta, rtol=1e-5)


def test_bounds_hold_in_every_row():
    """And a parameter that ends at one says so."""
    y, theta = noisy()
    model = MODEL.where(sigma=pf.bounds(0.9, 1.1))
    start = np.clip(theta, model.free_lower, model.free_upper)
    records = fits(model=model).fit(rows(y), start)
    sigma, side = records.table.theta[:, 2], records.table.at_bound[:, 2]
    assert ((sigma >= 0.9) & (sigma <= 1.1)).all()
    np.testing.assert_array_equal(side, np.where(sigma == 0.9, -1, sigma == 1.1))
    assert {-1, 0, 1} == set(side.tolist())


def test_a_chain_starts_each_row_from_the_one_before():
    """A peak that wanders far from the first start is followed all the way."""
    centers = np.linspace(2.0, 8.0, 200)
    y = 100.0 * np.exp(-0.5 * ((X - centers[:, None]) / 0.4) ** 2) + 5.0
    start = np.array([100.0, 2.0, 0.4, 5.0])
    alone = fits().fit(rows(y), start)
    chained = [
        answers(fits(chain=200, threads=threads).fit(rows(y), start))
        for threads in (1, 3)
    ]
    assert abs(alone.table.theta[:, 1] - centers).max() > 1.0
    np.testing.assert_allclose(chained[0][:, 5 + 1], centers, rtol=1e-6)
    np.testing.assert_array_equal(chained[0], chained[1])


def test_a_row_that_fails_hands_nothing_on():
    """The next row of a chain starts from the last one that converged."""
    centers = np.linspace(3.0, 7.0, 40)
    y = 100.0 * np.exp(-0.5 * ((X - centers[:, None]) / 0.5) ** 2) + 5.0
    y[17] = np.random.default_rng(1).normal(size=X.size) * 1e6
    few = fits(chain=40, stop=Stop(ftol=1e-11, max_steps=12))
    found = few.fit(rows(y), np.array([100.0, 3.0, 0.5, 5.0]))
    others = np.arange(40) != 17
    assert found.table.status[17] >= 20
    np.testing.assert_allclose(found.table.theta[others, 1], centers[others], rtol=1e-6)


def test_the_default_stop_is_within_a_ten_thousandth_of_a_standard_error():
    """Of the minimum, in every row of noisy data; the last step is not looked at."""
    rng, n, x = np.random.default_rng(11), 8000, np.arange(64.0)
    center, sigma = rng.uniform(24.0, 40.0, n), rng.uniform(3.0, 7.0, n)
    height, c = rng.uniform(50.0, 150.0, n), rng.uniform(5.0, 15.0, n)
    z = (x - center[:, None]) / sigma[:, None]
    y = height[:, None] * np.exp(-0.5 * z**2) + c[:, None]
    y += 5.0 * rng.normal(size=y.shape)
    area = height * sigma * np.sqrt(2.0 * np.pi)
    theta = np.stack([area, center, sigma, c], axis=1)
    start = theta * rng.uniform(0.9, 1.1, theta.shape)
    data = RowData(y, x[None], np.full((1, 1), 5.0))
    quick = fits(stop=None, threads=2).fit(data, start)
    tight = fits(threads=2).fit(data, start)
    errors = np.sqrt(tight.table.covariance[:, [0, 2, 5, 9]])
    distance = np.abs((quick.table.theta - tight.table.theta) / errors).max(axis=1)
    assert distance.max() < 1e-4
    assert np.median(distance) < 1e-5
    assert quick.table.n_steps.mean() < tight.table.n_steps.mean() - 1.0
    np.testing.assert_allclose(quick.table.chi2, tight.table.chi2, rtol=1e-8)


def test_a_row_that_leaves_a_parameter_open_gives_it_an_infinite_error():
    """Two constants are one: neither has a value, their sum has."""
    model = pf.models.Constant("a_") + pf.models.Constant("b_")
    y = np.random.default_rng(1).normal(5.0, 1.0, (3, 20))
    data = RowData(y, np.arange(20.0)[None], np.full((1, 1), 1.0))
    records = fits(model=model).fit(data, np.array([1.0, 1.0]))
    settle_covariances(records, as_loss("chi2"), True, 1)
    found = unpacked(records.table.covariance, 2)
    assert np.isinf(found[:, [0, 1], [0, 1]]).all()
    np.testing.assert_allclose(
        records.table.theta.sum(axis=1), y.mean(axis=1), rtol=1e-9
    )


def test_observations_are_not_written_to():
    """The caller's arrays stay as they are."""
    y, theta = noisy()
    y[0, 3] = np.nan
    before = y.copy()
    y.flags.writeable = theta.flags.writeable = False
    fits().fit(rows(y), theta)
    np.testing.assert_array_equal(y, before)
