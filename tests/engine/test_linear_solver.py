"""Another way of storing the Gauss-Newton matrix: its lower triangle, packed."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.engine import jit, normal
from physfit.engine import state as fields
from physfit.engine.abi import as_floats, at, call_sums
from physfit.engine.addresses import address_of
from physfit.engine.determined import close
from physfit.engine.fit import advance
from physfit.engine.linear_solver import DENSE, LinearSolver
from physfit.engine.roles import entry, routine
from physfit.engine.state import FitState
from physfit.engine.struct import Struct
from physfit.solve.base import Stop
from physfit.solve.least_squares import levenberg_marquardt, start_state

N = 120


class Packed(Struct):
    """What packs the sums of a problem."""

    sums: int
    problem: int
    n: int
    full: int


@entry("f64(i64, f64*, f64*, f64*)")
def packed_sums(address, theta, gradient, triangle):
    """Sums of a problem, the matrix as its lower triangle."""
    packed = at(address, Packed)
    full = as_floats(packed.full)
    cost = call_sums(packed.sums, packed.problem, theta, gradient, full)
    for k in range(packed.n):
        for j in range(k + 1):
            triangle[k * (k + 1) // 2 + j] = full[k * packed.n + j]
    return cost


@routine
def size(n):
    return n * (n + 1) // 2


@routine
def place(k, j):
    return max(k, j) * (max(k, j) + 1) // 2 + min(k, j)


@routine
def diagonal(matrix, n, k):
    return matrix[place(k, k)]


@routine
def row_times(matrix, n, k, vector):
    total = 0.0
    for j in range(n):
        total += matrix[place(k, j)] * vector[j]
    return total


@routine
def subtract_held(matrix, n, held, step, right):
    for k in range(n):
        for j in range(n):
            if held[k] == 0.0 and held[j] != 0.0:
                right[k] -= matrix[place(k, j)] * step[j]


@routine
def factorise(matrix, shift, squares, held, n, factor):
    """L D L^T, with D on the diagonal."""
    for k in range(n):
        for j in range(k + 1):
            free = held[k] == 0.0 and held[j] == 0.0
            value = matrix[place(k, j)] if free else 0.0
            if j == k:
                value = value + shift * squares[k] if free else 1.0
            for i in range(j):
                value -= factor[place(k, i)] * factor[place(j, i)] * factor[place(i, i)]
            factor[place(k, j)] = value / factor[place(j, j)] if j < k else value
        if not factor[place(k, k)] > 0.0:
            return False
    return True


@routine
def solve(factor, n, vector):
    for k in range(n):
        for j in range(k):
            vector[k] -= factor[place(k, j)] * vector[j]
    for k in range(n):
        vector[k] /= factor[place(k, k)]
    for m in range(n):
        k = n - 1 - m
        for j in range(k):
            vector[j] -= factor[place(k, j)] * vector[k]


@routine
def form(factor, n, vector):
    total = 0.0
    for k in range(n):
        for j in range(k):
            vector[k] -= factor[place(k, j)] * vector[j]
        total += vector[k] * vector[k] / factor[place(k, k)]
    return total


@routine
def covariance(matrix, held, n, inverse, factor, units):
    if not factorise(matrix, 0.0, units, held, n, factor):
        return np.inf
    for k in range(n):
        for j in range(n):
            units[j] = 1.0 if j == k else 0.0
        solve(factor, n, units)
        for j in range(k + 1):
            inverse[place(k, j)] = units[j]
    return 1.0


PACKED = LinearSolver(
    size, diagonal, row_times, subtract_held, factorise, solve, form, covariance
)
FIT = """
def main(sums, problem, address, n, budget):
    state = at(address, FitState)
    advance(sums, problem, state, n, budget, PACKED)
    close(sums, problem, state, variables(state, n, PACKED), n)
    return int(state.status)
"""


@pytest.mark.parametrize("bound", [np.inf, 4.9], ids=["free", "at a bound"])
def test_a_packed_triangle_gives_the_same_fit(bound):
    """The steps of a fit know nothing of how the matrix is stored."""
    x = np.linspace(0.0, 10.0, N)
    y = 3.0 * np.exp(-0.5 * (x - 5.0) ** 2) + np.random.default_rng(4).normal(0, 0.1, N)
    model = pf.models.Gaussian() + pf.models.Constant()
    objective = pf.fit(model, x, y).objective
    start = np.array([4.0, 4.5, 1.5, 0.2])
    upper = np.array([np.inf, bound, np.inf, np.inf])
    lower = np.full(4, -np.inf)
    expected = levenberg_marquardt(objective, start, lower, upper)
    full, packed = np.empty((4, 4)), np.zeros(Packed.SIZE, dtype=np.int64)
    sums = jit.compiled(normal.normal_equations).address
    packed[:] = sums, objective.address, 4, address_of(full)
    whole = start_state(start, lower, upper, Stop())
    state = np.zeros(fields.state_size(4, size(4)))
    head = FitState.SIZE + fields.N_VECTORS * 4
    state[:head] = whole[:head]
    state[FitState.floor] = objective.rounding
    state[FitState.squares] = objective.squares
    fitted = jit.compiled_text(
        FIT,
        "i64(i64, i64, i64, i64, i64)",
        at,
        FitState,
        advance,
        close,
        fields.variables,
        PACKED=PACKED,
    )
    packing = jit.compiled(packed_sums).address
    status = fitted.call(packing, address_of(packed), address_of(state), 4, 1000)
    assert status == expected.status.value
    v = fields.variables(FitState.over(state), 4, PACKED)
    np.testing.assert_allclose(v.theta[:4], expected.theta)
    triangle = state[-size(4) :]
    lower_half = expected.covariance[np.tril_indices(4)]
    inside = np.isfinite(lower_half)
    np.testing.assert_allclose(triangle[inside], lower_half[inside], rtol=1e-6)
    assert DENSE.size(4) == 16
