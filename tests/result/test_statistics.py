"""Tail of the chi2 distribution, and the criteria at their edges."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.special import chdtrc
from scipy.stats import pearson3

from physfit import fit
from physfit.models import Linear
from physfit.result.statistics import gamma_tail, gamma_tails, p_value

DOFS = (1, 2, 3, 10, 33, 398, 402, 995, 10_000, 100_000, 20_000_000)
SIGMAS = (-8.0, -1.0, -0.1, 0.0, 0.1, 1.0, 4.0, 20.0)


@pytest.mark.parametrize("dof", DOFS)
@pytest.mark.parametrize("distance", SIGMAS)
def test_tail_agrees_with_scipy(dof: int, distance: float) -> None:
    """From far below the mean to far above, to 1e-10 relative."""
    chi2 = max(dof + distance * math.sqrt(2.0 * dof), 1e-3)
    assert p_value(chi2, dof) == pytest.approx(chdtrc(dof, chi2), rel=1e-10)


@pytest.mark.parametrize(
    ("chi2", "dof", "expected"),
    [(0.0, 3, 1.0), (1e-300, 1, 1.0), (1e5, 5, 0.0)],
)
def test_tail_at_its_ends(chi2: float, dof: int, expected: float) -> None:
    """1 at zero; an underflow is 0."""
    assert p_value(chi2, dof) == pytest.approx(expected, abs=1e-12)


def test_million_degrees_of_freedom_are_quick_enough() -> None:
    """The sums end, and are good to 1e-10 there: nothing of size a log a cancels."""
    assert p_value(1e6 + 1e3, 10**6) == pytest.approx(
        chdtrc(10**6, 1e6 + 1e3), rel=1e-10
    )


@pytest.mark.parametrize(
    ("chi2", "dof"), [(3.0, 0), (3.0, -1), (math.nan, 5)], ids=["0", "below", "nan"]
)
def test_no_probability_without_degrees_of_freedom(chi2: float, dof: int) -> None:
    """NaN, no error."""
    assert math.isnan(p_value(chi2, dof))


def test_exact_fit_has_criteria_of_minus_infinity() -> None:
    """log(0 / n) without sigma."""
    found = fit(Linear(), [0.0, 1.0, 2.0], [1.0, 3.0, 5.5])
    exact = replace(found, solution=found.solution._replace(cost=0.0))
    assert (exact.aic, exact.bic) == (-math.inf, -math.inf)


def test_no_degrees_of_freedom_have_no_reduced_chi2() -> None:
    """NaN instead of a division by zero."""
    found = fit(Linear(), [0.0, 1.0], [1.0, 3.0], sigma=0.1)
    assert found.dof == 0
    assert math.isnan(found.reduced_chi2)


@pytest.mark.parametrize("skewness", [-0.8, -0.05, -1e-6, 0.0, 1e-6, 0.05, 0.8, 2.0])
@pytest.mark.parametrize("z", [-2.5, -0.3, 0.0, 0.4, 3.0, 8.0])
def test_a_gamma_law_is_pearsons_of_the_third_type(z: float, skewness: float) -> None:
    """The upper tail is scipy's; that of a law which is cut off there is 0 or 1."""
    expected = pearson3.sf(z, skewness)
    # below a skewness of 1e-4 the normal law stands for it, 1e-4 / 6 z^2 off
    assert gamma_tail(z, skewness) == pytest.approx(expected, rel=1e-6, abs=1e-12)
    of_arrays = gamma_tails(np.array([z]), np.array([skewness]))
    assert of_arrays == pytest.approx(expected, rel=1e-6, abs=1e-12)
