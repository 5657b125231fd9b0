"""Rows that fail are tried from other starts, and say from which they came."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.data.row_data import RowData
from physfit.fitting.fit_settings import FitSettings
from physfit.many_fits import retry_schedule, row_job
from physfit.solve.row_table import unfitted_table

MODEL = pf.models.Gaussian() + pf.models.Constant()
X = np.linspace(0.0, 20.0, 81)
GOOD = {"amplitude": 100.0, "center": 10.0, "sigma": 1.0, "c": 5.0}


@pytest.fixture
def no_guess(monkeypatch):
    """As for rows that cannot be guessed."""
    monkeypatch.setattr(row_job, "guess_for", lambda *_: None)


def peaks(centers: np.ndarray, seed: int = 1) -> np.ndarray:
    z = X - centers[..., None]
    y = 40.0 * np.exp(-0.5 * z**2) + 5.0
    return y + np.random.default_rng(seed).normal(size=y.shape)


def fitted(y, start, **more):
    return pf.fit_many(MODEL, X, y, sigma=1.0, start=start, **more)


def bad_starts(shape, rows):
    """The good start, but in some rows one where the model is not defined."""
    start = {name: np.full(shape, value) for name, value in GOOD.items()}
    start["sigma"].reshape(-1)[rows] = 1e-200
    return start


def test_a_row_that_fails_is_guessed_first():
    """From its own data, wherever its neighbours are."""
    many = fitted(peaks(np.linspace(4.0, 16.0, 9)), bad_starts(9, [4]))
    assert many.converged.all()
    assert many.table.retry_stage[4] == pf.RetryStage.GUESS
    assert many["center"].value[4] == pytest.approx(10.0, abs=0.2)


@pytest.mark.usefixtures("no_guess")
def test_a_row_that_fails_takes_the_solution_of_its_neighbour():
    """And says so; rows that converged keep what they had."""
    y = peaks(np.full(9, 10.2))
    alone = fitted(y, bad_starts(9, [4]), retry=False)
    retried = fitted(y, bad_starts(9, [4]))
    others = np.arange(9) != 4
    assert not alone.converged[4]
    assert retried.converged.all()
    assert retried.table.retry_stage[4] == pf.RetryStage.NEIGHBOUR
    assert (retried.table.retry_stage[others] == pf.RetryStage.GIVEN).all()
    np.testing.assert_array_equal(
        retried.table.theta[others], alone.table.theta[others]
    )


@pytest.mark.usefixtures("no_guess")
def test_in_a_map_the_neighbour_may_be_the_row_above():
    """Where both rows beside it failed as well."""
    centers = np.repeat([[9.5], [10.5], [9.0]], 4, axis=1)
    many = fitted(peaks(centers), bad_starts((3, 4), [4, 5, 6, 7]))
    assert many.converged.all()
    assert (many.table.retry_stage.reshape(3, 4)[1] == pf.RetryStage.NEIGHBOUR).all()
    np.testing.assert_allclose(many["center"].value, centers, atol=0.2)


def test_the_end_of_a_line_is_no_neighbour_of_the_next():
    """A row in the first column has the one to its right beside it."""
    found = unfitted_table(12, 1)
    found.status[:] = pf.Status.FTOL
    failed = np.array([0, 4, 8])
    found.status[failed] = pf.Status.STALLED
    nearest = retry_schedule.neighbours(found, failed, row_length=4)
    np.testing.assert_array_equal(nearest, [1, 5, 9])


@pytest.mark.usefixtures("no_guess")
def test_without_a_neighbour_several_starts_are_tried():
    """Spread over what the parameters may be; the lowest chi2 wins."""
    model = MODEL.where(
        amplitude=pf.bounds(1.0, 300.0),
        center=pf.bounds(0.0, 20.0),
        sigma=pf.bounds(1e-300, 5.0),
        c=pf.bounds(0.0, 20.0),
    )
    start = {**GOOD, "sigma": 1e-200}
    many = pf.fit_many(model, X, peaks(np.array([10.0])), sigma=1.0, start=start)
    assert many.table.retry_stage[0] == pf.RetryStage.MULTISTART
    assert many["center"].value[0] == pytest.approx(10.0, abs=0.2)
    assert many.reduced_chi2[0] == pytest.approx(1.0, abs=0.6)


def test_rows_that_cannot_be_fitted_are_not_tried_again():
    """Whatever the start, they have too few samples."""
    y = peaks(np.full(5, 10.0))
    y[2] = np.nan
    many = fitted(y, GOOD)
    assert many.table.status[2] == pf.Status.TOO_FEW
    assert many.table.retry_stage[2] == pf.RetryStage.GIVEN


def test_a_map_in_which_nothing_converges_ends_all_the_same():
    """With a status for each row, from which nothing else follows."""
    y = peaks(np.full(300, 10.0))
    model = MODEL.where(center=pf.fixed(10.0))
    start = {"amplitude": 1.0, "sigma": 3.0, "c": 0.0}
    stop = pf.Stop(ftol=0.0, xtol=0.0, max_steps=1)
    many = pf.fit_many(model, X, y, sigma=1.0, start=start, stop=stop)
    assert not many.converged.any()
    assert set(many.statuses) == {pf.Status.MAX_STEPS}


@pytest.mark.parametrize("threads", [1, 3])
def test_retries_give_the_same_answer_whatever_the_threads(threads):
    """Bit for bit, with failures of every kind."""
    centers = np.linspace(5.0, 15.0, 40)
    start = bad_starts(40, [3, 4, 5, 20, 39])
    expected = fitted(peaks(centers), start, threads=2).table
    found = fitted(peaks(centers), start, threads=threads).table
    np.testing.assert_array_equal(found.theta, expected.theta)
    np.testing.assert_array_equal(found.retry_stage, expected.retry_stage)


def test_no_retry_raises_the_cost():
    """Where there is no line a spike between two samples is given up for a broad one.

    None of them has a higher cost.
    """
    model, x = (
        pf.models.Lorentzian() + pf.models.Constant(),
        np.linspace(0.0, 10.0, 101),
    )
    y = np.random.default_rng(11).normal(size=(150, x.size))
    once, again = (pf.fit_many(model, x, y, sigma=1.0, retry=k) for k in (False, True))
    assert (~once.converged).sum() > 10
    assert np.all(again.chi2 <= once.chi2 * (1.0 + 1e-8))
    assert again.converged.sum() > once.converged.sum()


@pytest.mark.usefixtures("no_guess")
def test_blocks_fitted_at_once_are_what_each_is_alone():
    """Retries look at the rows of their own block, however many are fitted at once."""
    y = peaks(np.full(200, 10.2))
    data = RowData(y, X[None], np.ones((1, 1)))
    settings = FitSettings(
        start=bad_starts((20, 10), [3, 70, 71, *range(100, 150), 199])
    )
    plan = row_job.RowPlan.of(MODEL, data, (20, 10), settings)
    job = row_job.RowJob(plan, 50)
    whole = job.fit_blocks(data)
    assert np.flatnonzero(whole.failed).tolist() == [*range(100, 150)]
    for first in range(0, 200, 50):
        alone = job.fit_blocks(data.rows(first, first + 50), first)
        for mine, theirs in zip(whole.rows(first, first + 50), alone, strict=True):
            np.testing.assert_array_equal(mine, theirs)


@pytest.mark.parametrize("n_rows", [1, 64, 1024, 20_000, 10_000_000])
@pytest.mark.parametrize("row_bytes", [64, 4096, 1 << 26])
@pytest.mark.parametrize("multiple", [1, 24, 1250, 18_000])
def test_blocks_are_small_enough_to_be_shared(n_rows, row_bytes, multiple):
    """64 where whole chunks allow, of 64 rows or more; else 16, whatever the chunks."""
    rows = row_job.rows_of_block(n_rows, row_bytes, multiple)
    assert 1 <= rows <= max(2 * 64, -(-n_rows // 16))
    assert rows <= 32768
    plain = row_job.rows_of_block(n_rows, row_bytes)
    assert 1 <= plain <= min(4096, max(64, -(-n_rows // 64)))
    chained = row_job.rows_of_block(n_rows, row_bytes, multiple, is_chained=True)
    assert chained % row_job.CHAIN == 0
