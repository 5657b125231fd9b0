"""Derived quantities and ties of many rows."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from physfit import bounds, fixed, models, tie
from physfit.uncertainty.covariance import Covariance
from physfit.uncertainty.propagation import (
    BLOCK,
    chain,
    propagated,
    quantity,
    resolve,
)

VOIGT = models.Voigt() + models.Constant()
TIED = (models.Voigt("a_") + models.Gaussian("b_")).where(
    a_gamma=tie("0.5 * a_sigma"),
    b_amplitude=tie("a_amplitude * a_gamma"),
    b_sigma=fixed(0.5),
    b_center=bounds(0.0, 9.0),
)


def table(model, n_rows: int, seed: int = 3):
    """Parameters and covariances of rows."""
    rng = np.random.default_rng(seed)
    n = len(model.free_names)
    theta = rng.uniform(0.5, 2.0, (n_rows, n))
    half = 0.1 * rng.normal(size=(n_rows, n, n))
    matrices = half @ half.transpose(0, 2, 1)
    rows, columns = np.tril_indices(n)
    return theta, matrices, np.ascontiguousarray(matrices[:, rows, columns])


@pytest.mark.parametrize("model", [VOIGT, TIED], ids=["free", "tied"])
@pytest.mark.parametrize("row", [0, 1, 2])
def test_rows_are_what_single_fits_are(model, row):
    """Value and error of each derived quantity as `propagation` gives them.

    One that depends on fixed parameters alone has no error.
    """
    theta, matrices, packed = table(model, 3)
    at_bound = np.zeros(theta.shape, dtype=np.int8)
    full = resolve(model.layout, theta[row])
    jacobian = chain(model.layout, full)
    n = theta.shape[1]
    single = Covariance(
        matrices[row], np.zeros(n, dtype=bool), np.empty((n, 0)), np.ones(n), n
    )
    expected = [
        quantity(own.expression, model.index, full, jacobian) for own in model.derived
    ]
    errors = [
        np.sqrt(single.propagate(own.gradient[None])[0, 0])
        if own.gradient.any()
        else np.nan
        for own in expected
    ]
    found = [
        propagated(
            model.layout, own.expression.tape(model.index), theta, packed, at_bound
        )
        for own in model.derived
    ]
    np.testing.assert_allclose(
        [value[row] for value, _ in found], [own.value for own in expected], rtol=1e-13
    )
    np.testing.assert_allclose([stderr[row] for _, stderr in found], errors, rtol=1e-12)


def test_parameters_at_bounds_and_open_ones():
    """One at a bound has no part in an error; an undetermined one makes it infinite."""
    model = models.Gaussian()
    theta, _, packed = table(model, 4)
    tape = model.derived[0].expression.tape(model.index)
    at_bound = np.zeros(theta.shape, dtype=np.int8)
    at_bound[1, model.index["sigma"]] = 1
    at_bound[2] = [-1, 0, 1]
    packed[1, 3:] = np.nan
    packed[2, [0, 1, 3, 4, 5]] = np.nan
    packed[3, 0], packed[3, [1, 3]] = np.inf, np.nan
    value, stderr = propagated(model.layout, tape, theta, packed, at_bound)
    slope = 1.0 / (theta[1, 2] * np.sqrt(2.0 * np.pi))
    assert stderr[1] == pytest.approx(slope * np.sqrt(packed[1, 0]))
    assert np.isnan(stderr[2])
    assert np.isposinf(stderr[3])
    assert np.isfinite(value).all()


def test_blocks_join_without_a_seam():
    """Rows of the second block are as they would be alone."""
    theta, _, packed = table(VOIGT, BLOCK + 5)
    at_bound = np.zeros(theta.shape, dtype=np.int8)
    tape = VOIGT.derived[0].expression.tape(VOIGT.index)
    whole = propagated(VOIGT.layout, tape, theta, packed, at_bound)
    tail = slice(BLOCK, None)
    alone = propagated(VOIGT.layout, tape, theta[tail], packed[tail], at_bound[tail])
    np.testing.assert_array_equal(whole[0][tail], alone[0])
    np.testing.assert_array_equal(whole[1][tail], alone[1])


def test_python_is_called_for_blocks_not_for_rows():
    """A million rows take a moment: as many calls a block as one row takes."""
    tape = models.Gaussian().derived[0].expression.tape({"amplitude": 0, "sigma": 2})

    def n_calls(n_rows: int) -> int:
        theta, _, packed = table(models.Gaussian(), n_rows)
        at_bound, calls = np.zeros(theta.shape, dtype=np.int8), []
        arguments = (models.Gaussian().layout, tape, theta, packed, at_bound)
        propagated(*arguments)  # compiled
        sys.setprofile(lambda frame, event, argument: calls.append(event))
        try:
            propagated(*arguments)
        finally:
            sys.setprofile(None)
        return calls.count("call") + calls.count("c_call")

    assert n_calls(3 * BLOCK) <= 3 * n_calls(1)
