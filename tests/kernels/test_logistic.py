"""The logistic function, its inverse and logarithms against mpmath and scipy."""

from __future__ import annotations

from typing import Any

import mpmath
import numpy as np
import pytest
from scipy import special

from physfit.kernels import logistic
from tests.kernels.precision import Points, logarithmic, neighbours, scalar_loops
from tests.kernels.scalar_cases import (
    Case,
    compiled_error,
    interpreted_error,
    of,
    slope_errors,
)

random = np.random.default_rng(1)
expit = of(logistic.expit)
CHANCES = np.concatenate(
    [
        random.uniform(0.0, 1.0, 500),
        0.5 + logarithmic(2, -15.0, -1.0, 300),
        10.0 ** random.uniform(-300.0, 0.0, 200),
        neighbours(np.array([0.25, 0.75])),
    ]
)
PAIRS = np.array([random.uniform(1.0, 40.0, 500), random.uniform(-40.0, 40.0, 500)])


def logits() -> Points:
    """Small arguments and those that are saturated, where exp has normal numbers."""
    return np.concatenate(
        [
            random.uniform(-40.0, 40.0, 500),
            random.uniform(-708.0, 700.0, 300),
            logarithmic(3, -300.0, 0.0, 200),
        ]
    )


CASES = [
    Case(
        logistic.expit,
        lambda x: 1 / (1 + mpmath.exp(-x)),
        logits(),
        3.0,
    ),
    Case(
        logistic.log_expit,
        lambda x: -mpmath.log1p(mpmath.exp(-x)),
        logits(),
        3.0,
    ),
    Case(
        logistic.logit,
        lambda p: mpmath.log(p / (1 - p)),
        CHANCES,
        5.0,
        (lambda p: 1.0 / (p * (1.0 - p)),),
    ),
    Case(
        logistic.logaddexp,
        lambda x, y: mpmath.log(mpmath.exp(x) + mpmath.exp(y)),
        PAIRS,
        3.0,
        (lambda x, y: expit(x - y), lambda x, y: expit(y - x)),
    ),
]
ENDS = np.array([0.0, -0.0, 1.0, -1.0, 0.5, 2.0, 800.0, -800.0])
ENDS = np.concatenate([ENDS, [np.inf, -np.inf, np.nan]])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_error_is_within_the_stated_ulp(case: Case) -> None:
    """No point is further from the exact value than the docstring says."""
    assert compiled_error(case) <= case.bound
    assert interpreted_error(case) <= case.bound


@pytest.mark.parametrize("case", CASES[2:], ids=lambda case: case.name)
def test_derivatives_are_those_of_the_table(case: Case) -> None:
    """Each agrees with the difference of the exact function.

    A difference of 40 has an error of 4e-15.
    """
    assert max(slope_errors(case)) < 1e-14


@pytest.mark.parametrize(
    ("name", "slope"),
    [
        ("expit", lambda x: expit(x) * expit(-x)),
        ("log_expit", lambda x: expit(-x)),
    ],
)
def test_slopes_of_the_logistic_function(name: str, slope: Any) -> None:
    """Relative to their own size far out too, where the function is flat."""
    x = np.random.default_rng(4).uniform(-200.0, 200.0, 100)
    with mpmath.workdps(30):
        e = [mpmath.exp(-mpmath.mpf(value)) for value in x.tolist()]
        power = 2 if name == "expit" else 1
        exact = [float(v / (1 + v) ** power) for v in e]
    np.testing.assert_allclose(slope(x), exact, rtol=2e-15)


@pytest.mark.parametrize("name", ["expit", "logit", "log_expit"])
def test_special_numbers(name: str) -> None:
    """Ends of the domain, saturation, infinities and NaN as scipy has them."""
    with np.errstate(all="ignore"):
        expected = getattr(special, name)(ENDS)
    found = of(getattr(logistic, name))(ENDS)
    np.testing.assert_allclose(found, expected, rtol=1e-15)


def test_sums_of_infinite_exponentials() -> None:
    """Equal and infinite arguments of logaddexp as numpy has them."""
    x, y = (part.ravel() for part in np.meshgrid(ENDS, ENDS))
    with np.errstate(all="ignore"):
        expected = np.logaddexp(x, y)
    np.testing.assert_allclose(of(logistic.logaddexp)(x, y), expected, rtol=1e-15)


def test_loops_are_vector_code() -> None:
    """A loop over each function becomes vector instructions, without calls to libm."""
    functions = [(case.function, case.n_in, 1) for case in CASES]
    assert scalar_loops(functions) == (0, [])
