"""Parameters and derived quantities from free ones, with their partials."""

from __future__ import annotations

import math

import numpy as np
import pytest

from physfit import fixed, tie
from physfit.models import Gaussian, Linear, Model, Voigt
from physfit.models.expression import Expression
from physfit.uncertainty.propagation import chain, quantity, resolve

TIED = (Voigt("a_") + Gaussian("b_") + Linear()).where(
    a_gamma=tie("sqrt(a_sigma) * 0.5"),
    b_amplitude=tie("a_amplitude / (1 + a_gamma)"),
    b_sigma=tie("a_sigma"),
    slope=fixed(0.25),
)
THETA = np.array([3.0, 4.0, 0.7, 6.0, 1.5])


def test_ties_of_ties_have_the_values_of_the_model() -> None:
    """Resolved values are those the model itself takes."""
    given = dict(zip(TIED.free_names, THETA.tolist(), strict=True))
    np.testing.assert_array_equal(resolve(TIED.layout, THETA), TIED.full_values(given))


def test_chain_is_the_derivative_of_the_values() -> None:
    """Each column agrees with a central difference."""
    jacobian = chain(TIED.layout, resolve(TIED.layout, THETA))
    step = 1e-6
    columns = [
        (resolve(TIED.layout, THETA + side) - resolve(TIED.layout, THETA - side))
        / (2.0 * step)
        for side in step * np.eye(len(THETA))
    ]
    # A central difference is good to step**2 and to eps / step.
    np.testing.assert_allclose(jacobian, np.transpose(columns), atol=1e-9)


def test_derived_quantity_goes_through_the_ties() -> None:
    """Height of a peak whose amplitude and width are tied, by central difference."""
    expression = Expression.parse("b_amplitude / (b_sigma * sqrt(2 * pi))")

    def height(theta: np.ndarray) -> float:
        full = resolve(TIED.layout, theta)
        return quantity(expression, TIED.index, full, chain(TIED.layout, full)).value

    full = resolve(TIED.layout, THETA)
    found = quantity(expression, TIED.index, full, chain(TIED.layout, full))
    step = 1e-6
    expected = [
        (height(THETA + side) - height(THETA - side)) / (2.0 * step)
        for side in step * np.eye(len(THETA))
    ]
    np.testing.assert_allclose(found.gradient, expected, atol=1e-9)


def test_infinite_slope_by_a_fixed_parameter_is_none() -> None:
    """The root of a parameter fixed at 0 adds no NaN to the gradient."""
    model: Model = Linear().where(slope=fixed(0.0))
    full = resolve(model.layout, np.array([2.0]))
    expression = Expression.parse("intercept + sqrt(slope)")
    found = quantity(expression, model.index, full, chain(model.layout, full))
    assert found.value == pytest.approx(2.0)
    assert math.isfinite(found.gradient[0])
