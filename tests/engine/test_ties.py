"""Expressions evaluated on many rows at once."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.engine.tape import TAPE_OPS, tape_gradient
from physfit.engine.ties import tape_rows
from physfit.models.expression import Expression
from physfit.models.formulas.functions import OPERATORS, functions
from physfit.models.graph.operations import OPERATIONS

#: Operations of tapes that are called by name.
CALLED = {
    name: OPERATIONS[name]
    for name in sorted(functions().keys() & set(TAPE_OPS) - OPERATORS)
}

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
    *(f"{name}({'a, b'[: 3 * own.n_steps - 2]})" for name, own in CALLED.items()),
    "where(a < b, a, b**2)",
    "where(a <= b and not a == b or b != 1, a, b**2)",
    "amplitude * erfcx(gamma / (sigma * sqrt(2))) / (sigma * sqrt(2 * pi))",
    "sqrt(a**2 - b**2) / (2 * b)",
]


@pytest.mark.parametrize("text", EXPRESSIONS)
def test_rows_are_what_numbers_are(text):
    """Value and partials of every row are those of the tape on its numbers.

    Outside of the domain both are NaN. Relative to 1e-14: compiled functions and those
    of Python differ in the last bits. Partials of erfcx are differences of larger
    numbers, and lose up to three digits more.
    """
    expression = Expression.parse(text)
    names = expression.names
    grid = np.meshgrid(*[SPECIAL for _ in names[:2]], indexing="ij")
    columns = [own.ravel() for own in grid]
    columns += [np.full_like(columns[0], 0.5) for _ in names[2:]]
    rows = np.array(columns).T.copy() if columns else np.empty((1, 0))
    tape = expression.tape({name: k for k, name in enumerate(names)})
    value, partials = tape_rows((), tape, rows)
    expected = [tape_gradient(tape, row) for row in rows]
    slopes = [[own.get(k, 0.0) for k in range(len(names))] for _, own in expected]
    np.testing.assert_allclose(value, [own for own, _ in expected], rtol=1e-14)
    np.testing.assert_allclose(partials, slopes, rtol=1e-11, atol=1e-300)


def test_ties_are_filled_in_and_chained():
    """c = 2 a, d = b c: the partials of d + c by a and b, in every row."""
    index = {name: k for k, name in enumerate("abcd")}
    tapes = [Expression.parse(text).tape(index) for text in ("2 * a", "b * c", "d + c")]
    full = np.full((3, 4), np.nan)
    full[:, :2] = [[1.0, 2.0], [3.0, -1.0], [0.0, 5.0]]
    value, partials = tape_rows([(2, tapes[0]), (3, tapes[1])], tapes[2], full)
    a, b = full[:, 0], full[:, 1]
    np.testing.assert_array_equal(full[:, 2:], np.stack([2.0 * a, 2.0 * a * b]).T)
    np.testing.assert_array_equal(value, 2.0 * a * (b + 1.0))
    np.testing.assert_array_equal(partials[:, :2].T, [2.0 * (b + 1.0), 2.0 * a])
