"""Programs of kernels that are values: context, preparation, operations."""

from __future__ import annotations

import numpy as np
import pytest

import physfit.models.catalogue  # noqa: F401  fills the registry of points
from physfit.engine import blocks, program
from physfit.engine.layout import Apply, Code, Evaluate, Layout
from physfit.kernels.elementary import exp
from physfit.kernels.kernel import Context, Kernel, point_kernel, scalar
from physfit.kernels.lineshapes import gaussian
from tests.kernels.points import POINTS

X = np.linspace(-3.0, 4.0, 600)
KNOTS = np.array([1.0, 3.0, -2.0, 0.5, 4.0, 4.0, 1.0])


def interpolated(x, scale, shift, table, n_table):
    """Linear interpolation in a table of unit steps from -4 on."""
    place = x - shift + 4.0
    k = min(max(int(place), 0), n_table - 2)
    rise = table[k + 1] - table[k]
    value = table[k] + rise * (place - float(k))
    return scale * value, value, -scale * rise


def table_kernel(values=KNOTS) -> Kernel:
    return point_kernel(interpolated, context=Context(values))


def layout(operations, n_full: int, n_outputs: int = 1) -> Layout:
    return Layout(tuple(operations), n_full, tuple(range(n_full)), (), (), 1, n_outputs)


def evaluated(model: Layout, full) -> tuple[np.ndarray, np.ndarray]:
    """Complex or real values and partials, after a look at differences."""
    full = np.array(full, dtype=np.float64)
    value, partials = program.evaluate(model, full, X[None], partials=True)
    assert partials is not None
    plain, _ = program.evaluate(model, full, X[None])
    np.testing.assert_array_equal(plain, value)
    for k in range(len(full)):
        step = np.zeros(len(full))
        step[k] = 1e-6 * max(1.0, abs(full[k]))
        up, down = (
            program.evaluate(model, full + s, X[None])[0] for s in (step, -step)
        )
        # Central differences of smooth functions of size 1 to 10.
        np.testing.assert_allclose(
            partials[k], (up - down) / (2.0 * step[k]), rtol=1e-6, atol=2e-8
        )
    if model.n_outputs == 2:
        return value[0] + 1j * value[1], partials[:, 0] + 1j * partials[:, 1]
    return value[0], partials[:, 0]


GAUSS, LINE = Evaluate(POINTS["gaussian"], 0), Evaluate(POINTS["linear"], 3)
RING = Evaluate(POINTS["complex_ringdown"], 0)
REAL = [2.0, 0.5, 0.8, 0.3, 4.0]
COMPLEX = [1.5, 0.7, 0.2, 0.4]


def ring() -> np.ndarray:
    value, _ = program.evaluate(layout([RING], 4, 2), np.array(COMPLEX), X[None])
    return value[0] + 1j * value[1]


def curve():
    return np.array([gaussian(x, *REAL[:3])[0] for x in X]), 0.3 * X + 4.0


each_operation = pytest.mark.parametrize(
    ("code", "operation"),
    [
        (Code.ADD, np.add),
        (Code.SUBTRACT, np.subtract),
        (Code.MULTIPLY, np.multiply),
        (Code.DIVIDE, np.divide),
    ],
    ids=["add", "subtract", "multiply", "divide"],
)


@each_operation
def test_real_operations(code, operation):
    """Values are numpy's; partials are those of central differences."""
    value, _ = evaluated(layout([GAUSS, LINE, code], 5), REAL)
    np.testing.assert_allclose(value, operation(*curve()), rtol=1e-13)


@each_operation
def test_a_complex_value_and_a_real_one(code, operation):
    """Real components join complex ones, on either side."""
    line = Evaluate(POINTS["linear"], 4)
    value, _ = evaluated(layout([RING, line, code], 6, 2), [*COMPLEX, 0.3, 4.0])
    np.testing.assert_allclose(value, operation(ring(), curve()[1]), rtol=1e-12)
    line, last = Evaluate(POINTS["linear"], 0), Evaluate(POINTS["complex_ringdown"], 2)
    value, _ = evaluated(layout([line, last, code], 6, 2), [0.3, 4.0, *COMPLEX])
    np.testing.assert_allclose(value, operation(curve()[1], ring()), rtol=1e-12)


@pytest.mark.parametrize(
    ("code", "operation"),
    [
        (Code.REAL, np.real),
        (Code.IMAGINARY, np.imag),
        (Code.ABSOLUTE, np.abs),
        (Code.PHASE, np.angle),
    ],
    ids=["real", "imaginary", "absolute", "phase"],
)
def test_real_quantities_of_a_complex_model(code, operation):
    """One real output; a real component may follow."""
    value, _ = evaluated(layout([RING, code], 4), COMPLEX)
    np.testing.assert_allclose(value, operation(ring()), rtol=1e-12, atol=1e-15)
    line = Evaluate(POINTS["linear"], 4)
    model = layout([RING, code, line, Code.ADD], 6)
    value, _ = evaluated(model, [*COMPLEX, 0.3, 4.0])
    expected = operation(ring()) + curve()[1]
    np.testing.assert_allclose(value, expected, rtol=1e-12, atol=1e-15)


@scalar
def exponential_of(v):
    """exp(v) and its derivative."""
    value = exp(v)
    return value, value


def test_a_function_of_a_value():
    """The chain rule on the rows below it, and only on those."""
    steps = [GAUSS, Apply(exponential_of), LINE, Code.MULTIPLY]
    value, _ = evaluated(layout(steps, 5), REAL)
    peak, line = curve()
    np.testing.assert_allclose(value, np.exp(peak) * line, rtol=1e-13)


def test_a_kernel_with_a_table():
    """Linear interpolation in a constant array, with exact partials."""
    model = layout([Evaluate(table_kernel(), 0)], 2)
    value, _ = evaluated(model, [1.7, 0.123456])
    expected = 1.7 * np.interp(X - 0.123456, np.arange(-4.0, 3.0), KNOTS)
    inside = X - 0.123456 < 2.0
    np.testing.assert_allclose(value[inside], expected[inside], rtol=1e-13)


def test_a_table_of_integers_is_read_as_integers():
    """They are kept as int64, and the kernel is given a pointer to such."""
    whole = [1, 3, -2, 0, 4, 4, 1]
    full = np.array([1.7, 0.123456])
    values = [
        program.evaluate(layout([Evaluate(table_kernel(own), 0)], 2), full, X[None])[0]
        for own in (np.array(whole), np.array(whole, dtype=float))
    ]
    np.testing.assert_array_equal(*values)


def test_kernels_of_one_text_differ_by_their_context():
    """Another table is another kernel; the code is compiled once."""
    one, two = table_kernel(), table_kernel(2.0 * KNOTS)
    assert one == table_kernel() and one != two
    assert blocks.digest(one) != blocks.digest(two)
    full = np.array([1.0, 0.0])
    first = program.evaluate(layout([Evaluate(one, 0)], 2), full, X[None])[0]
    second = program.evaluate(layout([Evaluate(two, 0)], 2), full, X[None])[0]
    np.testing.assert_array_equal(second, 2.0 * first)
