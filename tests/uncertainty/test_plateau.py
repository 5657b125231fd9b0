"""Where a curve stops changing with a parameter."""

import math

import numpy as np
import pytest

from physfit.uncertainty.plateau import plateau_of

#: Cost, value of the parameter, where the plateau begins, whether it is outwards.
CASES = {
    "beyond a limit": (lambda t: 1.0 / t, 1e9, 2.0, True),
    "beyond one below zero": (lambda t: -1.0 / t, -1e9, -2.0, True),
    "towards zero": (lambda t: t, 1e-9, 0.5, False),
    "everywhere": (lambda t: 0.0, 3.0, math.nan, True),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_the_limit_is_where_the_cost_has_grown(case):
    """By what it may grow, here 1/2, to the 5 % that the search is good for."""
    cost, value, limit, is_outwards = case
    found = plateau_of(lambda theta: cost(theta[0]), np.array([value]), 0, 0.5)
    assert found is not None
    assert found.limit == pytest.approx(limit, rel=0.05, nan_ok=True)
    assert found.is_outwards == is_outwards


def test_a_minimum_is_no_plateau():
    """The cost grows on both sides."""
    theta = np.array([3.0])
    assert plateau_of(lambda t: (t[0] - 3.0) ** 2, theta, 0, 0.5) is None
