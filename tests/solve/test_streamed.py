"""Streamed fits against fits of the same rows in memory."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from streamed_cases import (
    CASES,
    Case,
    Columns,
    columns_of,
    in_memory,
    source_of,
    streamed,
)

from physfit.data.hdf5.source import Hdf5Source
from physfit.models import Constant, Gaussian, Linear
from physfit.models.param import fixed
from physfit.solve.base import Solution, Status, Stop
from physfit.solve.least_squares import levenberg_marquardt


def limits_of(case: Case):
    return case.model.free_lower, case.model.free_upper


def both(case: Case, columns: Columns, **options) -> tuple[Solution, Solution]:
    """The streamed solution and that in memory, from the same start."""
    theta, limits = np.array(case.start), limits_of(case)
    file = streamed(case, source_of(columns))
    got = levenberg_marquardt(file, theta, *limits, **options)
    options.pop("damped", None)
    expected = levenberg_marquardt(in_memory(case, columns), theta, *limits, **options)
    return got, expected


@pytest.mark.parametrize("name", CASES)
def test_the_answer_is_that_of_the_fit_in_memory(name):
    """Same parameters, cost, covariance, bounds and number of steps."""
    got, expected = both(CASES[name], columns_of(CASES[name]))
    assert got.status.converged
    assert expected.status.converged
    inside = expected.at_bound == 0
    stderr = np.sqrt(expected.covariance.diagonal())[inside]
    # Sums in another order leave 1e-16 of the cost, 1e-12 standard errors here; steps
    # may end one apart where the last one gains nothing.
    shift = np.abs(got.theta - expected.theta)[inside]
    assert (shift < 1e-9 * stderr).all()
    assert got.cost == pytest.approx(expected.cost, rel=1e-12)
    matrix = expected.covariance[np.ix_(inside, inside)] / np.outer(stderr, stderr)
    ours = got.covariance[np.ix_(inside, inside)] / np.outer(stderr, stderr)
    np.testing.assert_allclose(ours, matrix, rtol=1e-6, atol=1e-9)
    np.testing.assert_array_equal(got.at_bound, expected.at_bound)
    assert abs(got.n_steps - expected.n_steps) <= 1


@pytest.mark.parametrize("name", ["chi2", "huber", "complex"])
def test_gauss_newton_ends_in_the_same_minimum(name):
    """Without a first radius the steps differ, the answer does not."""
    got, expected = both(CASES[name], columns_of(CASES[name]), damped=False)
    stderr = np.sqrt(expected.covariance.diagonal())
    assert got.status.converged
    assert (np.abs(got.theta - expected.theta) < 1e-6 * stderr).all()


def test_a_linear_model_takes_one_gauss_newton_step():
    """From far away the first whole step is the minimum; a radius would cut it."""
    x = np.linspace(0.0, 1.0, 5000)
    y = 2.0 + 3.0 * x + 0.1 * np.random.default_rng(1).normal(size=x.size)
    case = Case(Linear(), {}, [1e-8, 1e-8])
    file = streamed(case, source_of(Columns(x, y, None)))
    theta, limits = np.array(case.start), limits_of(case)
    got = levenberg_marquardt(file, theta, *limits, damped=False)
    assert got.n_steps == 1
    np.testing.assert_allclose(got.theta, np.polyfit(x, y, 1), rtol=1e-10)
    assert levenberg_marquardt(file, theta, *limits).n_steps > 1


def write(path, columns: Columns, layout: dict) -> None:
    """The columns as one data set of a file, with a row that is not a number."""
    table = np.column_stack(columns)
    table = np.insert(table, 30_000, [1.0, np.nan, 0.1], axis=0)
    with h5py.File(path, "w") as file:
        file.create_dataset("scan", data=table, **layout)


@pytest.mark.parametrize(
    "layout",
    [{}, {"chunks": (4096, 3)}, {"chunks": (4096, 3), "compression": "gzip"}],
    ids=["contiguous", "chunked", "gzip"],
)
def test_a_file_larger_than_the_memory_is_fitted(tmp_path, layout):
    """60,001 rows of 24 bytes in 512 KiB, one left out; threads change no bit."""
    case = CASES["chi2"]
    columns = columns_of(case, n=60_000)
    write(tmp_path / "scan.h5", columns, layout)
    theta, limits = np.array(case.start), limits_of(case)
    found = []
    with Hdf5Source(tmp_path / "scan.h5") as source:
        assert source.n_rows * source.row_bytes > 2 << 19
        for threads in (1, 2):
            options = {"memory": 1 << 19, "nan": "omit", "threads": threads}
            file = streamed(case, source, **options)
            found.append(levenberg_marquardt(file, theta, *limits))
            assert file.n_samples == 60_000
    expected = levenberg_marquardt(in_memory(case, columns), theta, *limits)
    np.testing.assert_array_equal(found[0].theta, found[1].theta)
    np.testing.assert_array_equal(found[0].covariance, found[1].covariance)
    stderr = np.sqrt(expected.covariance.diagonal())
    assert (np.abs(found[0].theta - expected.theta) < 1e-9 * stderr).all()
    np.testing.assert_allclose(found[0].covariance, expected.covariance, rtol=1e-6)


def test_threads_do_not_change_the_solution():
    """Bit by bit the same with one and with two."""
    case = CASES["chi2"]
    columns, limits = columns_of(case), limits_of(case)
    found = [
        levenberg_marquardt(
            streamed(case, source_of(columns), threads=own),
            np.array(case.start),
            *limits,
        )
        for own in (1, 2)
    ]
    np.testing.assert_array_equal(found[0].theta, found[1].theta)
    np.testing.assert_array_equal(found[0].covariance, found[1].covariance)


@pytest.mark.parametrize("offset", [1e6, 1e8])
def test_a_line_far_from_zero_is_fitted(offset):
    """Normal equations have no digit left there; the factor of the rows has them."""
    rng = np.random.default_rng(7)
    x = offset + rng.uniform(0.0, 10.0, 6000)
    y = 2.0 + 0.3 * (x - offset) + 0.1 * rng.normal(size=x.size)
    y += 5.0 * np.exp(-0.5 * ((x - offset - 4.0) / 0.7) ** 2)
    sigma = np.full(x.size, 0.1)
    start = [8.0, offset + 4.2, 0.9, 0.0, 2.0]
    got, _ = both(Case(Gaussian() + Linear(), {}, start), Columns(x, y, sigma))
    near, _ = both(
        Case(Gaussian() + Linear(), {}, [8.0, 4.2, 0.9, 0.0, 2.0]),
        Columns(x - offset, y, sigma),
    )
    assert got.status.converged
    # Rounding of x itself is 1e-16 of the offset.
    assert got.cost == pytest.approx(near.cost, rel=1e-6)
    np.testing.assert_allclose(got.theta[[2, 3]], near.theta[[2, 3]], rtol=1e-4)


def test_exact_data_are_met_exactly():
    """The floor of the cost is the rounding of the data, from the first pass."""
    case = CASES["chi2"]
    x = np.linspace(0.0, 10.0, 5000)
    columns = Columns(x, case.model(x, **case.truth), None)
    got, expected = both(case, columns)
    assert got.status is Status.EXACT
    assert got.status is expected.status
    np.testing.assert_allclose(got.theta, list(case.truth.values()), rtol=1e-12)


def test_a_start_that_is_not_finite_is_a_status():
    """A width that is no number, and nothing is solved."""
    case = CASES["chi2"]
    got, _ = both(case._replace(start=[np.nan] * len(case.start)), columns_of(case))
    assert got.status is Status.NOT_FINITE_AT_START
    assert np.isnan(got.covariance).all()


def test_a_start_with_counts_below_zero_is_led_inside():
    """In memory and in passes, to the minimum from any other start."""
    case = CASES["poisson"]
    expected, _ = both(case, columns_of(case))
    for got in both(case._replace(start=[-50.0, 2.0, 3.0]), columns_of(case)):
        assert got.status.converged
        assert got.cost == pytest.approx(expected.cost, rel=1e-9)


def test_the_limit_of_steps_holds():
    """Not converging is a status."""
    case = CASES["chi2"]
    got, _ = both(case, columns_of(case), stop=Stop(max_steps=1))
    assert got.status is Status.MAX_STEPS
    assert got.n_steps == 1


def test_nothing_free_costs_one_pass():
    """Everything fixed: the cost, and no step."""
    case = Case(Constant().where(c=fixed(1.0)), {}, [])
    file = streamed(case, source_of(columns_of(CASES["chi2"])))
    none = np.empty(0)
    got = levenberg_marquardt(file, none, none, none)
    assert got.status is Status.NOTHING_FREE
    assert file.n_evals == 1


def test_progress_is_told_and_may_stop():
    """Each pass is told; what the callback raises comes out, and threads end."""
    case = CASES["chi2"]
    file = streamed(case, source_of(columns_of(case)))
    theta, limits = np.array(case.start), limits_of(case)
    seen = []
    got = levenberg_marquardt(file, theta, *limits, progress=seen.append)
    assert [own.n_steps for own in seen] == list(range(len(seen)))
    assert file.n_evals == got.n_evals == len(seen) + 1

    def interrupt(progress) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        levenberg_marquardt(file, theta, *limits, progress=interrupt)
