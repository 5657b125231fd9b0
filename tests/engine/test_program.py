"""Composites of kernels: values and partials against numpy."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.engine import program
from physfit.engine.layout import Code, Evaluate, Layout, Tie
from physfit.engine.problem import assemble, problem_of
from physfit.kernels import backgrounds, lineshapes, oscillators  # noqa: F401
from physfit.kernels.kernel import point_kernel, scalar
from physfit.models.expression import Expression
from tests.kernels.points import POINTS

SIZES = [1, 15, 16, 255, 256, 257, 1000]


@scalar
def plane(x, y, slope_x, slope_y):
    return slope_x * x + slope_y * y * y, x, y * y


def component(name: str, offset: int) -> Evaluate:
    return Evaluate(POINTS[name], offset)


def layout(operations, n_full, **changes) -> Layout:
    base = Layout(tuple(operations), n_full, tuple(range(n_full)), (), (), 1, 1)
    return base._replace(**changes)


def gaussian(x, amplitude, center, sigma):
    z = (x - center) / sigma
    return amplitude * np.exp(-0.5 * z * z) / (sigma * np.sqrt(2 * np.pi))


def differences(function, values, step=1e-6):
    columns = []
    for k in range(len(values)):
        up, down = np.array(values), np.array(values)
        up[k] += step
        down[k] -= step
        columns.append((function(up) - function(down)) / (2 * step))
    return np.array(columns)


@pytest.mark.parametrize("n", SIZES)
def test_a_sum_is_the_sum_of_its_parts(n):
    """Values and partials of a sum, at every length around the block size."""
    model = layout([component("gaussian", 0), component("linear", 3), Code.ADD], 5)
    x = np.linspace(-3.0, 4.0, n)[None]
    full = np.array([2.0, 0.5, 0.8, 0.3, -0.1])
    value, jac = program.evaluate(model, full, x, partials=True)
    expected = gaussian(x[0], *full[:3]) + 0.3 * x[0] - 0.1
    np.testing.assert_allclose(value[0], expected, rtol=1e-13, atol=1e-14)
    np.testing.assert_array_equal(jac[3, 0], x[0])
    np.testing.assert_array_equal(jac[4, 0], np.ones(n))


def test_a_product_follows_the_product_rule():
    """(gaussian + constant) * (linear + constant), partials against differences."""
    operations = [
        component("gaussian", 0),
        component("constant", 3),
        Code.ADD,
    ]
    operations += [
        component("linear", 4),
        component("constant", 6),
        Code.ADD,
        Code.MULTIPLY,
    ]
    model = layout(operations, 7)
    x = np.linspace(-3.0, 4.0, 300)[None]
    full = np.array([2.0, 0.5, 0.8, 0.2, 0.3, -0.1, 0.7])

    def whole(p):
        return program.evaluate(model, p, x)[0][0]

    value, jac = program.evaluate(model, full, x, partials=True)
    left = gaussian(x[0], *full[:3]) + 0.2
    np.testing.assert_allclose(value[0], left * (0.3 * x[0] + 0.6), rtol=1e-13)
    # Central differences with a step of 1e-6 are good to about 1e-10.
    np.testing.assert_allclose(jac[:, 0], differences(whole, full), atol=2e-9)


def test_a_complex_product_multiplies_complex_numbers():
    """Two outputs: re and im of a product and of its partials."""
    operations = [
        component("complex_ringdown", 0),
        component("complex_ringdown", 4),
    ]
    model = layout([*operations, Code.MULTIPLY], 8, n_outputs=2)
    t = np.linspace(0.0, 2.0, 270)[None]
    full = np.array([1.5, 2.0, 0.3, 0.1, 0.8, -1.0, 0.2, 0.4])
    value, jac = program.evaluate(model, full, t, partials=True)

    def single(a, f, r, p):
        return a * np.exp(-r * t[0] + 1j * (2 * np.pi * f * t[0] + p))

    expected = single(*full[:4]) * single(*full[4:])
    # Phases reach 25 rad and are rounded before their sine is taken.
    np.testing.assert_allclose(value[0] + 1j * value[1], expected, rtol=1e-13)
    partials = jac[:, 0] + 1j * jac[:, 1]
    np.testing.assert_allclose(partials[0], expected / 1.5, rtol=1e-13)
    np.testing.assert_allclose(partials[3], 1j * expected, rtol=1e-13)
    np.testing.assert_allclose(partials[6], -t[0] * expected, rtol=1e-12, atol=1e-15)


def test_samples_may_have_several_coordinates():
    """x of two dimensions reaches the kernel, block after block."""
    slopes = ("slope_x", "slope_y")
    kernel = point_kernel(plane, n_inputs=2)
    assert (kernel.inputs, kernel.parameters) == (("x", "y"), slopes)
    model = layout([Evaluate(kernel, 0)], 2, n_inputs=2)
    x = np.random.default_rng(0).normal(size=(2, 600))
    value, jac = program.evaluate(model, np.array([2.0, 3.0]), x, partials=True)
    np.testing.assert_allclose(value[0], 2.0 * x[0] + 3.0 * x[1] ** 2, rtol=1e-14)
    np.testing.assert_array_equal(jac[:, 0], [x[0], x[1] * x[1]])


def test_ties_follow_the_chain_rule():
    """Partials by free parameters with a chain of two ties, against differences."""
    double = Expression.parse("2 * a").tape({"a": 0})
    # sigma of the second = sqrt(amplitude of the second), itself tied.
    root = Expression.parse("sqrt(a)").tape({"a": 3})
    model = layout(
        [component("gaussian", 0), component("gaussian", 3), Code.ADD],
        6,
        free=(0, 1, 2, 4),
        ties=(Tie(3, double), Tie(5, root)),
    )
    x = np.linspace(-5.0, 5.0, 400)[None]
    theta = np.array([2.0, 0.5, 0.8, -1.0])

    def substituted(p):
        second = gaussian(x[0], 2 * p[0], p[3], np.sqrt(2 * p[0]))
        return gaussian(x[0], *p[:3]) + second

    problem = problem_of(assemble(model), x)
    value, jac = program.tabulate(problem, theta, program.FREE)
    np.testing.assert_allclose(value[0], substituted(theta), rtol=1e-13)
    np.testing.assert_allclose(jac[:, 0], differences(substituted, theta), atol=2e-9)


def test_many_sets_of_parameters_are_each_as_one():
    """Tied and fixed parameters follow the set that they belong to."""
    double = Expression.parse("2 * a").tape({"a": 0})
    tied = layout([component("gaussian", 0)], 3, free=(0, 1), ties=(Tie(2, double),))
    problem = problem_of(assemble(tied), np.linspace(-5.0, 5.0, 700)[None])
    sets = np.array([[2.0, 0.5], [0.3, -1.0], [1.0, 0.0]])
    values, jac = program.tabulate_sets(problem, sets, program.FREE)
    alone = [program.tabulate(problem, own, program.FREE) for own in sets]
    np.testing.assert_array_equal(values, [value for value, _ in alone])
    np.testing.assert_array_equal(jac, [partials for _, partials in alone])
    lone, none = program.tabulate_sets(problem, sets)
    np.testing.assert_array_equal(lone, values)
    assert none is None


def test_fixed_parameters_have_no_row():
    """A fixed parameter takes part in the value and in no partial."""
    model = layout([component("linear", 0)], 2, free=(0,), fixed=((1, 7.0),))
    problem = problem_of(assemble(model), np.arange(3.0)[None])
    value, jac = program.tabulate(problem, np.array([2.0]), program.FREE)
    np.testing.assert_array_equal(value[0], [7.0, 9.0, 11.0])
    assert jac.shape == (1, 1, 3)


def test_outside_its_domain_a_component_is_nan():
    """NaN of one component is NaN of the composite, and stays in its own place."""
    model = layout([component("gaussian", 0), component("constant", 3), Code.ADD], 4)
    value, _ = program.evaluate(model, np.array([1.0, 0.0, -1.0, 2.0]), np.ones((1, 9)))
    assert np.isnan(value).all()


def test_the_same_layout_gives_the_same_program():
    """Programs are assembled once per content, found by identity or by value."""
    one = layout([component("linear", 0)], 2)
    two = layout([component("linear", 0)], 2)
    assert one is not two
    assert assemble(one) is assemble(two)


def test_every_registered_point_can_be_assembled():
    """The registry and the engine agree on parameters and outputs."""
    sizes = {name: len(entry.parameters) for name, entry in POINTS.items()}
    assert sizes["voigt"] == 4
    for name, entry in POINTS.items():
        assemble(
            layout(
                [Evaluate(entry, 0)],
                sizes[name],
                n_inputs=len(entry.inputs),
                n_outputs=entry.n_outputs,
            )
        )


def test_memory_that_is_used_again_holds_nothing_of_its_past():
    """Fixed values, ties and data are those of the new problem, not of the released."""
    model = layout([component("linear", 0)], 2, free=(0,), fixed=((1, 7.0),))
    x = np.arange(3.0)[None]
    program.evaluate(model, np.array([100.0, -100.0]), np.arange(50.0)[None])
    again = problem_of(assemble(model), x)
    value, _ = program.tabulate(again, np.array([2.0]))
    np.testing.assert_array_equal(value[0], [7.0, 9.0, 11.0])


def test_problems_that_live_together_share_no_memory():
    """Two problems of one program give each its own answer."""
    model = layout([component("linear", 0)], 2)
    one = problem_of(assemble(model), np.zeros((1, 4)))
    two = problem_of(assemble(model), np.ones((1, 4)))
    theta = np.array([3.0, 1.0])
    first, _ = program.tabulate(one, theta)
    second, _ = program.tabulate(two, theta)
    third, _ = program.tabulate(one, theta)
    np.testing.assert_array_equal(first, third)
    np.testing.assert_array_equal(second - first, 3.0)
    assert one.address != two.address
