"""Scales of the parameters and of the loss."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pytest

from physfit.settings.minibatches import ScalingName
from physfit.solve.scaling import scaling_of

THETA = np.array([2.0, -3.0, 0.0])
LOWER = np.array([0.0, -np.inf, -1.0])
UPPER = np.array([10.0, np.inf, 1.0])
CURVATURE = np.array([4.0, 0.25, 16.0])


def scaled(name, **changes):
    own = {"theta": THETA, "lower": LOWER, "upper": UPPER, "curvature": CURVATURE}
    own = own | {"loss_size": 100.0} | changes
    return scaling_of(name, *own.values())


@pytest.mark.parametrize(
    ("name", "scale", "size"),
    [
        # sqrt(100 / curvature) = 5, 20, 2.5; the last one is cut to its bounds.
        ("curvature", [5.0, 20.0, 2.0], 100.0),
        ("magnitude", [2.0, 3.0, 1.0], 100.0),
        ("bounds", [10.0, 3.0, 2.0], 100.0),
        ("none", [1.0, 1.0, 1.0], 1.0),
    ],
)
def test_scales_are_those_of_their_rule(name, scale, size):
    """As the docstring says, for one parameter in bounds, one without, one at 0."""
    found = scaled(name)
    np.testing.assert_array_equal(found.scale, scale)
    assert found.loss_size == size


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf, -1.0])
def test_where_the_curvature_says_nothing_the_magnitude_does(bad):
    """No scale is zero, infinite or NaN."""
    found = scaled("curvature", curvature=np.array([bad, 0.25, 16.0]))
    np.testing.assert_array_equal(found.scale, [2.0, 20.0, 2.0])


@pytest.mark.parametrize("size", [0.0, np.nan, np.inf])
@pytest.mark.parametrize("name", get_args(ScalingName))
def test_data_without_spread_leave_the_loss_as_it_is(name, size):
    """A constant y has no size of its own."""
    found = scaled(name, loss_size=size)
    assert found.loss_size == 1.0
    assert np.isfinite(found.scale).all()
    assert (found.scale > 0.0).all()


def test_curvature_makes_the_diagonal_one():
    """scale^2 curvature / V = 1: one rate fits all parameters."""
    free = {"lower": np.full(3, -np.inf), "upper": np.full(3, np.inf)}
    found = scaled("curvature", **free)
    np.testing.assert_allclose(found.scale**2 * CURVATURE / found.loss_size, 1.0)
