"""Sums over a source against those of the same rows in memory."""

from __future__ import annotations

import numpy as np
import pytest
from streamed_cases import (
    CASES,
    MEMORY,
    Columns,
    columns_of,
    in_memory,
    source_of,
    streamed,
)

from physfit.data.memory import ArraySource
from physfit.errors import DomainError, ShapeError
from physfit.models import Constant, Gaussian, Linear
from physfit.models.loss import Loss
from physfit.solve.sums import StreamedObjective


def close(size: float) -> dict[str, float]:
    """Tolerances for sums of 12,345 terms in another order."""
    return {"rtol": 1e-11, "atol": 1e-12 * size}


@pytest.mark.parametrize("name", CASES)
def test_sums_are_those_of_the_rows_in_memory(name):
    """Cost, gradient and matrix, from ten windows and by each of the three ways."""
    case = CASES[name]
    columns, theta = columns_of(case), np.array(case.start)
    goal, file = in_memory(case, columns), streamed(case, source_of(columns))
    cost, gradient, matrix = goal.normal(theta)
    size = np.abs(matrix).max()
    got = file.normal(theta)
    assert got[0] == pytest.approx(cost, rel=1e-12)
    np.testing.assert_allclose(got[1], gradient, **close(size))
    np.testing.assert_allclose(got[2], matrix, **close(size))
    assert file.cost(theta) == pytest.approx(cost, rel=1e-12)
    cost_only, gradient_only = file.gradient(theta)
    assert cost_only == pytest.approx(cost, rel=1e-12)
    np.testing.assert_allclose(gradient_only, gradient, **close(size))
    assert file.n_samples == goal.n_samples
    assert file.n_evals == 3
    squares = ((goal.y * goal.weights) ** 2).sum()
    assert file.squares == pytest.approx(squares, rel=1e-12)


@pytest.mark.parametrize("name", CASES)
def test_the_factor_has_the_products_of_all_rows(name):
    """R'R is the Gauss-Newton matrix, R'q the gradient; `plain` takes 1 / sigma^2."""
    case = CASES[name]
    columns, theta = columns_of(case), np.array(case.start)
    goal, file = in_memory(case, columns), streamed(case, source_of(columns))
    _, gradient, matrix = goal.normal(theta)
    rows, residual = file.weighted_rows(theta)
    size = np.abs(matrix).max()
    assert rows.shape == matrix.shape
    np.testing.assert_allclose(rows @ rows.T, matrix, **close(size))
    np.testing.assert_allclose(rows @ residual, gradient, rtol=1e-9, atol=1e-11 * size)
    plain, _ = file.weighted_rows(theta, plain=True)
    partials = goal.values_and_partials(theta)[1] * goal.weights
    expected = np.einsum("kon,lon->kl", partials, partials)
    np.testing.assert_allclose(plain @ plain.T, expected, **close(expected.max()))


@pytest.mark.parametrize("name", ["chi2", "complex", "huber"])
def test_threads_do_not_change_a_bit(name):
    """One, two and three threads, and the same again: equal bit by bit."""
    case = CASES[name]
    source, theta = source_of(columns_of(case)), np.array(case.start)
    results = []
    for threads in (1, 2, 3, 3):
        file = streamed(case, source, threads=threads)
        sums = file.score_sums(theta, is_likelihood=False)
        found = [file.normal(theta), sums[:6], file.weighted_rows(theta)]
        results.append(
            np.concatenate([np.ravel(own) for part in found for own in part])
        )
        file.release()
    assert len({own.tobytes() for own in results}) == 1


def test_the_rows_do_not_fit_into_the_memory():
    """The cases are larger than what a pass may hold, so windows are really summed."""
    source = source_of(columns_of(CASES["chi2"]))
    assert source.n_rows * source.row_bytes > 4 * MEMORY


def test_rows_that_are_left_out_leave_the_sums():
    """With nan="omit" the sums and the number of samples are those of the others."""
    case = CASES["chi2"]
    columns, theta = columns_of(case), np.array(case.start)
    bad = np.zeros(len(columns.x), dtype=bool)
    bad[[0, 5000, 5001, -1]] = True
    holes = Columns(columns.x, np.where(bad, np.nan, columns.y), columns.sigma)
    file = streamed(case, source_of(holes), nan="omit")
    assert file.n_samples == len(columns.x)
    got = file.normal(theta)
    expected = in_memory(case, Columns(*(own[~bad] for own in columns))).normal(theta)
    assert file.n_samples == len(columns.x) - 4
    np.testing.assert_allclose(got[1], expected[1], **close(expected[2].max()))
    with pytest.raises(DomainError, match="row 0 "):
        streamed(case, source_of(holes)).normal(theta)


def test_counts_below_zero_are_refused():
    """`poisson` names the row."""
    case = CASES["poisson"]
    columns = columns_of(case)
    columns.y[7000] = -1.0
    with pytest.raises(DomainError, match="7000"):
        streamed(case, source_of(columns)).cost(np.array(case.start))


def test_a_model_that_is_not_finite_has_a_cost_of_nan():
    """Somewhere in the file is enough."""
    case = CASES["poisson"]
    file = streamed(case, source_of(columns_of(case)))
    cost, _, _ = file.normal(np.array([-50.0, 2.0, 3.0]))
    assert np.isnan(cost)


def test_other_columns_than_the_model_takes_are_refused():
    """Two outputs for a real model, spins for a curve: one sentence each."""
    x = np.arange(10.0)
    layout = (Gaussian() + Linear()).layout
    with pytest.raises(ShapeError, match=r"2 value\(s\) a row"):
        StreamedObjective(layout, ArraySource(x, x + 1j), Loss("chi2"))
    spins = ArraySource(np.ones((10, 4), dtype=np.int8), x)
    with pytest.raises(ShapeError, match="4 spins"):
        StreamedObjective(Constant().layout, spins, Loss("chi2"))
