"""Sums of products of spins against their definition."""

from __future__ import annotations

import numpy as np
import pytest

import physfit.kernels.losses  # noqa: F401  fills the registry
from physfit.engine import blocks, jit
from physfit.engine.gradient import gradient_of_rows
from physfit.engine.layout import Evaluate, Layout, Tie
from physfit.engine.problem import assemble, problem_of
from physfit.engine.program import evaluate
from physfit.engine.spin_table import Products, is_dense, pairs_of
from physfit.engine.spins import spin_kernel
from physfit.kernels.registry import LOSSES
from physfit.models.expression import Expression
from physfit.models.loss import Loss

ROWS = [1, 3, 255, 256, 257, 700]


def all_pairs(n_spins: int) -> Products:
    """A parameter for each pair, a field and a constant."""
    first, second = np.triu_indices(n_spins, 1)
    return products(n_spins, first, second, np.arange(first.size))


def by_distance(n_spins: int) -> Products:
    """A parameter for each distance on a ring, a field and a constant."""
    first, second = np.triu_indices(n_spins, 1)
    apart = np.minimum(second - first, n_spins - second + first) - 1
    order = np.argsort(apart, kind="stable")
    return products(n_spins, first[order], second[order], apart[order])


def one_coupling(n_spins: int) -> Products:
    """One parameter for all pairs: more of them than a byte counts."""
    first, second = np.triu_indices(n_spins, 1)
    return products(n_spins, first, second, np.zeros(first.size))


def products(n_spins, first, second, numbers) -> Products:
    pairs = np.stack([first, second, numbers], axis=1).astype(np.int64)
    count = int(pairs[:, 2].max()) + 1
    return Products(n_spins, pairs.tobytes(), count, count + 1, count + 2)


CASES = {
    "dense-2": all_pairs(2),
    "dense-7": all_pairs(7),
    "dense-40": all_pairs(40),
    "distance-13": by_distance(13),
    "distance-40": by_distance(40),
    "one-40": one_coupling(40),
}
each = pytest.mark.parametrize("own", CASES.values(), ids=list(CASES))


def layout(own: Products, **changes) -> Layout:
    whole = tuple(range(own.n_parameters))
    kernel = spin_kernel("spins", own, tuple(map(str, whole)))
    return Layout(
        operations=(Evaluate(kernel, 0),),
        n_full=own.n_parameters,
        free=changes.get("free", whole),
        fixed=changes.get("fixed", ()),
        ties=changes.get("ties", ()),
        n_inputs=own.n_spins,
        n_outputs=1,
    )


def configurations(n: int, n_spins: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    return np.where(rng.random((n, n_spins)) < 0.5, 1, -1).astype(np.int8)


def features(own: Products, spins) -> np.ndarray:
    """Derivatives by every parameter, shape (n, n_parameters)."""
    s = spins.astype(float)
    out = np.zeros((len(s), own.n_parameters))
    i, j, k = pairs_of(own).T
    np.add.at(out.T, k, -(s[:, i] * s[:, j]).T)
    out[:, own.field] = -s.sum(axis=1)
    out[:, own.constant] = 1.0
    return out


def gradient(program, spins, y, w, loss, theta, start, stop):
    """Cost and gradient, the latter added to ones."""
    entry = blocks.loss(loss.kernel).address
    hyper = np.array(loss.hyper, dtype=np.float64)
    problem = problem_of(program, spins, y, w, entry, hyper)
    out = np.ones(len(theta))
    cost = jit.compiled(gradient_of_rows).call(
        problem.address, theta.ctypes.data, start, stop, out.ctypes.data
    )
    return cost, out - 1.0


def test_the_cases_take_both_ways():
    """Parameters of their own go by tables, shared ones by counts."""
    assert [is_dense(own) for own in CASES.values()] == [True] * 3 + [False] * 3


@each
@pytest.mark.parametrize("n", ROWS)
def test_energies_are_those_of_the_definition(own, n):
    """E = offset - sum J s s - h sum s, for blocks that are full or not."""
    spins = configurations(n, own.n_spins)
    theta = np.random.default_rng(1).normal(size=own.n_parameters)
    expected = features(own, spins) @ theta
    # Sums of up to 782 terms of size 1 in another order.
    found = evaluate(layout(own), theta, spins)[0][0]
    np.testing.assert_allclose(found, expected, rtol=0.0, atol=1e-12)


@each
@pytest.mark.parametrize("n", [1, 257])
def test_columns_of_floats_give_the_same_values_and_the_features(own, n):
    """The component sees the same model; its partials are the features, exactly."""
    spins = configurations(n, own.n_spins)
    theta = np.random.default_rng(2).normal(size=own.n_parameters)
    columns = np.ascontiguousarray(spins.T, dtype=np.float64)
    value, partials = evaluate(layout(own), theta, columns, partials=True)
    expected = features(own, spins)
    np.testing.assert_allclose(value[0], expected @ theta, rtol=0.0, atol=1e-12)
    np.testing.assert_array_equal(partials[:, 0].T, expected)


@each
@pytest.mark.parametrize("n", ROWS)
def test_the_gradient_is_that_of_the_definition(own, n):
    """It is added to what is there: sum of slopes times features."""
    rng = np.random.default_rng(3)
    spins = configurations(n, own.n_spins)
    theta = rng.normal(size=own.n_parameters)
    y, w = rng.normal(size=(1, n)), rng.uniform(0.5, 2.0, size=(1, n))
    program = assemble(layout(own))
    cost, found = gradient(program, spins, y, w, Loss("chi2"), theta, 0, n)
    table = features(own, spins)
    residuals = (table @ theta - y[0]) * w[0]
    assert cost == pytest.approx(0.5 * residuals @ residuals, rel=1e-12)
    expected = table.T @ (residuals * w[0])
    # Energies are rounded relative to the sum of their terms, 50 roundings at most
    # count; those of the slopes and of subtracting the ones come on top.
    size = np.abs(table) @ np.abs(theta) + np.abs(y[0])
    limit = 1e-14 * np.abs(table).T @ (w[0] ** 2 * size) + 1e-14
    assert (np.abs(found - expected) <= limit).all()


@pytest.mark.parametrize("name", sorted(LOSSES))
def test_every_loss_meets_the_slopes_of_its_kernel(name):
    """The gradient agrees with central differences of the cost, for every loss."""
    own = all_pairs(5)
    rng = np.random.default_rng(4)
    spins = configurations(300, 5)
    theta = 0.1 * rng.normal(size=own.n_parameters)
    theta[own.constant] = 5.0  # positive energies, which counts need
    y, w = rng.poisson(5.0, size=(1, 300)) + 0.5, np.ones((1, 300))
    program, loss = assemble(layout(own)), Loss(name)

    def cost(point):
        return gradient(program, spins, y, w, loss, point, 0, 300)[0]

    found = gradient(program, spins, y, w, loss, theta, 0, 300)[1]
    step = 1e-5 * np.eye(len(theta))
    differences = [(cost(theta + e) - cost(theta - e)) / 2e-5 for e in step]
    # Differences of a cost of about 300: rounding 1e-13 / 1e-5, and curvature 1e-10.
    np.testing.assert_allclose(found, differences, rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("own", [CASES["dense-7"], CASES["distance-13"]])
def test_a_range_of_rows_is_the_sum_over_these_rows(own):
    """Rows before `start` and from `stop` on do not enter."""
    rng = np.random.default_rng(5)
    spins = configurations(700, own.n_spins)
    theta = rng.normal(size=own.n_parameters)
    y, w = rng.normal(size=(1, 700)), np.ones((1, 700))
    program = assemble(layout(own))
    part = gradient(program, spins, y, w, Loss("chi2"), theta, 130, 601)
    rows = np.ascontiguousarray(spins[130:601])
    y, w = np.ascontiguousarray(y[:, 130:601]), np.ones((1, 471))
    alone = gradient(program, rows, y, w, Loss("chi2"), theta, 0, 471)
    assert part[0] == alone[0]
    np.testing.assert_array_equal(part[1], alone[1])


def test_fixed_and_tied_parameters_follow_the_chain_rule():
    """With J_1 fixed and J_2 = J_0**2 the gradient is by J_0 alone."""
    own = products(3, np.array([0, 0, 1]), np.array([1, 2, 2]), np.arange(3))
    own = own._replace(field=-1, constant=-1, n_parameters=3)
    tie = Expression.parse("a**2").tape({"a": 0, "b": 1, "c": 2})
    bound = layout(own, free=(0,), fixed=((1, 0.5),), ties=(Tie(2, tie),))
    spins = configurations(50, 3)
    y, w, theta = np.zeros((1, 50)), np.ones((1, 50)), np.array([0.7])
    cost, found = gradient(assemble(bound), spins, y, w, Loss("chi2"), theta, 0, 50)
    table = -(spins[:, [0, 0, 1]] * spins[:, [1, 2, 2]]).astype(float)
    value = table @ [0.7, 0.5, 0.49]
    assert cost == pytest.approx(0.5 * value @ value, rel=1e-13)
    expected = value @ (table[:, 0] + 1.4 * table[:, 2])
    np.testing.assert_allclose(found, [expected], rtol=1e-12)
