"""Expressions evaluated on many rows at once."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.engine.tape import tape_gradient
from physfit.engine.tape_rows import tape_rows
from physfit.models.expression import FUNCTIONS, Expression

#: Values inside and outside of the domains, zeros of both signs among them.
SPECIAL = np.array([-2.5, -1.0, -0.0, 0.0, 0.25, 1.0, 3.0, 6.5])
EXPRESSIONS = [
    "a + b - 2 * a",
    "a * b * a",
    "a / b",
    "1 / a",
    "a ** b",
    "a ** 3",
    "a ** -1",
    "2 ** a",
    "-a",
    "3 * b",
    "2 * pi",
    *(f"{name}(a)" for name in sorted(FUNCTIONS)),
    "amplitude * erfcx(gamma / (sigma * sqrt(2))) / (sigma * sqrt(2 * pi))",
    "sqrt(a**2 - b**2) / (2 * b)",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_rows_are_what_numbers_are(text):
    """Value and partials of every row are those of the tape on its numbers.

    Outside of the domain both are NaN. Relative to 1e-14: numpy's functions and those
    of the C library differ in the last bits. Partials of erfcx are differences of
    larger numbers, and lose up to three digits more.
    """
    expression = Expression.parse(text)
    names = expression.names
    grid = np.meshgrid(*[SPECIAL for _ in names[:2]], indexing="ij")
    columns = [own.ravel() for own in grid]
    columns += [np.full_like(columns[0], 0.5) for _ in names[2:]]
    tape = expression.tape({name: k for k, name in enumerate(names)})
    value, partials = tape_rows(tape, columns)
    rows = np.array(columns).T if columns else np.empty((1, 0))
    expected = [tape_gradient(tape, row) for row in rows]
    shape = len(rows)
    np.testing.assert_allclose(
        np.broadcast_to(value, shape), [own for own, _ in expected], rtol=1e-14
    )
    found = [np.broadcast_to(partials[k], shape) for k in range(len(names))]
    slopes = [[own[k] for _, own in expected] for k in range(len(names))]
    np.testing.assert_allclose(found, slopes, rtol=1e-11, atol=1e-300)


def test_constants_stay_numbers():
    """A parameter that all rows share is no array of equal numbers."""
    expression = Expression.parse("2 * a * b")
    tape = expression.tape({"a": 0, "b": 1})
    value, partials = tape_rows(tape, [3.0, np.array([1.0, 2.0])])
    np.testing.assert_array_equal(value, [6.0, 12.0])
    np.testing.assert_array_equal(partials[0], [2.0, 4.0])
    assert partials[1] == 6.0
