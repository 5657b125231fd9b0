"""Polynomials written out as functions, against sums of powers."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.engine.blocks import elementwise
from physfit.kernels.polynomials import complex_polynomial, polynomial
from tests.kernels.precision import scalar_loops

COEFFICIENTS = [0.5, -3, 0.25, 7.0, -1e-3]
RE, IM = np.random.default_rng(1).uniform(-2.0, 2.0, (2, 100))


def test_a_polynomial_is_the_sum_of_its_powers() -> None:
    """Compiled and interpreted, with whole numbers among its coefficients."""
    function = polynomial(*COEFFICIENTS)
    exact = np.polynomial.Polynomial(COEFFICIENTS)(RE)
    np.testing.assert_allclose(elementwise(function, 1, 1)(RE), exact, rtol=1e-13)
    assert function(RE[0]) == pytest.approx(exact[0], rel=1e-13)


def test_a_polynomial_at_a_complex_number_is_a_less_conj_z_times_b() -> None:
    """Both numbers of the recurrence are real."""
    a, b = elementwise(complex_polynomial(*COEFFICIENTS), 2, 2)(RE, IM)
    exact = np.polynomial.Polynomial(COEFFICIENTS)(RE + 1j * IM)
    np.testing.assert_allclose(a - (RE - 1j * IM) * b, exact, rtol=1e-12)


def test_loops_over_polynomials_are_vector_code() -> None:
    """However many coefficients there are."""
    long = [1.0 / k for k in range(1, 41)]
    functions = [(polynomial(*long), 1, 1), (complex_polynomial(*long), 2, 2)]
    assert [scalar_loops([own]) for own in functions] == [(0, []), (0, [])]
