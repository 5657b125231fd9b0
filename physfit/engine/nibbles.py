"""Sums over all pairs of spins by tables of groups of four.

With the spins in groups of four, each of 16 states, the sum over pairs splits into
tables of two groups a > b, one entry for each pair of states,

    E_n = sum_{a > b} T_ab[u_a(n), u_b(n)] ,

the energy within a group and the field being part of one of its tables. A row of 40
spins takes 45 additions instead of 780 products. The gradient is the same thing read
backwards: the slope of a row goes into one entry of each table's histogram H_ab, and
only at the end of the batch the products of spins are summed over its entries,

    D_ij = sum_{u, v} sign_i(u) sign_j(v) H_ab[u, v] .

Filling the tables and emptying the histograms costs about as much as 500 rows do.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import STRIDE, offset
from physfit.engine.roles import routine, summation
from physfit.engine.spin_table import (
    CONSTANT,
    ENTRIES,
    FIELD,
    GROUP,
    MATRIX,
    N_GROUPS,
    N_PAIRS,
    N_SPINS,
    PAIRS,
    SIGNS,
    SINGLE,
    STATES,
)

__all__ = ["add_slopes", "collect_products", "energies", "fill_tables"]


@routine
def fill_tables(table: Any, full: Any, work: Any, tables: Any) -> None:
    """Energies of all pairs of states, for the full parameters."""
    n_groups = int(table[N_GROUPS])
    width = GROUP * n_groups
    matrix = offset(work, int(table[MATRIX]))
    single = offset(work, int(table[SINGLE]))
    _couplings(table, full, width, matrix, single)
    signs = offset(table, SIGNS)
    own = offset(single, width + GROUP * STATES)
    other = offset(own, STATES)
    place = 0
    for a in range(1, n_groups):
        _within(offset(matrix, GROUP * a * (width + 1)), width, signs, single, a, own)
        for b in range(a):
            for state in range(STATES):
                other[state] = 0.0
            if a == 1:
                _within(matrix, width, signs, single, 0, other)
                if table[CONSTANT] >= 0.0:
                    for state in range(STATES):
                        other[state] += full[int(table[CONSTANT])]
            block = offset(matrix, GROUP * (b * width + a))
            _between(block, width, signs, own, other, offset(tables, place))
            for state in range(STATES):
                own[state] = 0.0
            place += ENTRIES


@routine
def _couplings(table: Any, full: Any, width: Any, matrix: Any, single: Any) -> None:
    """Couplings in the upper triangle of a matrix; the field of each spin."""
    for k in range(width * width):
        matrix[k] = 0.0
    pairs = offset(table, PAIRS)
    for p in range(int(table[N_PAIRS])):
        i = int(pairs[3 * p])
        j = int(pairs[3 * p + 1])
        matrix[i * width + j] = full[int(pairs[3 * p + 2])]
    for i in range(width):
        single[i] = 0.0
    if table[FIELD] >= 0.0:
        for i in range(int(table[N_SPINS])):
            single[i] = full[int(table[FIELD])]


@routine
def _within(
    block: Any, width: Any, signs: Any, single: Any, group: Any, out: Any
) -> None:
    """Energy of each state of a group by itself."""
    for u in range(STATES):
        total = 0.0
        for i in range(GROUP):
            total += single[GROUP * group + i] * signs[i * STATES + u]
            for j in range(i + 1, GROUP):
                sign = signs[i * STATES + u] * signs[j * STATES + u]
                total += block[i * width + j] * sign
        out[u] = -total


@routine
def _between(
    block: Any, width: Any, signs: Any, own: Any, other: Any, entries: Any
) -> None:
    """Table of groups a > b: block[i, j] couples spin i of b with spin j of a."""
    for u in range(STATES):
        s0 = signs[u]
        s1 = signs[STATES + u]
        s2 = signs[2 * STATES + u]
        s3 = signs[3 * STATES + u]
        line = offset(entries, STATES * u)
        for v in range(STATES):
            line[v] = own[u] + other[v]
        for i in range(GROUP):
            row = offset(block, i * width)
            factor = s0 * row[0] + s1 * row[1] + s2 * row[2] + s3 * row[3]
            sign = offset(signs, i * STATES)
            for v in range(STATES):
                line[v] -= factor * sign[v]


@routine
def energies(nibbles: Any, n_groups: Any, tables: Any, count: Any, value: Any) -> None:
    """Energy of each row of a block, four rows at a time, one group after the other.

    The tables of one group stay in the first cache for the whole block.
    """
    n_rows = (count + 3) // 4 * 4
    for r in range(n_rows):
        value[r] = 0.0
    place = 0
    for a in range(1, n_groups):
        state = offset(nibbles, a * STRIDE)
        for r in range(0, n_rows, 4):
            e0 = value[r]
            e1 = value[r + 1]
            e2 = value[r + 2]
            e3 = value[r + 3]
            u0 = place + STATES * state[r]
            u1 = place + STATES * state[r + 1]
            u2 = place + STATES * state[r + 2]
            u3 = place + STATES * state[r + 3]
            other = offset(nibbles, r)
            for b in range(a):
                entries = offset(tables, b * ENTRIES)
                e0 += entries[u0 + other[b * STRIDE]]
                e1 += entries[u1 + other[b * STRIDE + 1]]
                e2 += entries[u2 + other[b * STRIDE + 2]]
                e3 += entries[u3 + other[b * STRIDE + 3]]
            value[r] = e0
            value[r + 1] = e1
            value[r + 2] = e2
            value[r + 3] = e3
        place += a * ENTRIES


@routine
def add_slopes(
    nibbles: Any, n_groups: Any, slope: Any, count: Any, histogram: Any
) -> None:
    """The slope of each row into one entry of every histogram."""
    place = 0
    for a in range(1, n_groups):
        state = offset(nibbles, a * STRIDE)
        for r in range(count):
            u = place + STATES * state[r]
            other = offset(nibbles, r)
            term = slope[r]
            for b in range(a):
                histogram[u + b * ENTRIES + other[b * STRIDE]] += term
        place += a * ENTRIES


@routine
def collect_products(table: Any, histogram: Any, work: Any, total: Any) -> None:
    """total += minus the slopes times each product of spins, from the histograms."""
    n_groups = int(table[N_GROUPS])
    width = GROUP * n_groups
    matrix = offset(work, int(table[MATRIX]))
    single = offset(work, int(table[SINGLE]))
    signs = offset(table, SIGNS)
    lines = offset(single, width)
    marginal = offset(lines, GROUP * STATES)
    place = 0
    for a in range(1, n_groups):
        for b in range(a):
            entries = offset(histogram, place)
            if b == 0:
                if a == 1:
                    _sum_columns(entries, marginal)
                    _own_products(marginal, width, signs, matrix, single, 0)
                _sum_lines(entries, marginal)
                _own_products(marginal, width, signs, matrix, single, a)
            _signed_lines(entries, signs, lines)
            block = offset(matrix, GROUP * (b * width + a))
            for i in range(GROUP):
                for j in range(GROUP):
                    block[i * width + j] = _dot(
                        offset(signs, i * STATES), offset(lines, j * STATES), STATES
                    )
            place += ENTRIES
    _distribute(table, matrix, single, marginal, width, total)


@summation
def _dot(a: Any, b: Any, count: Any) -> Any:
    total = 0.0
    for k in range(count):
        total += a[k] * b[k]
    return total


@routine
def _sum_columns(entries: Any, out: Any) -> None:
    """Histogram of the second group alone."""
    for v in range(STATES):
        out[v] = 0.0
    for u in range(STATES):
        for v in range(STATES):
            out[v] += entries[STATES * u + v]


@summation
def _sum_lines(entries: Any, out: Any) -> None:
    """Histogram of the first group alone."""
    for u in range(STATES):
        total = 0.0
        for v in range(STATES):
            total += entries[STATES * u + v]
        out[u] = total


@routine
def _signed_lines(entries: Any, signs: Any, lines: Any) -> None:
    """For each spin j of the first group: sum over u of sign_j(u) H[u, v]."""
    for j in range(GROUP):
        line = offset(lines, j * STATES)
        sign = offset(signs, j * STATES)
        for v in range(STATES):
            line[v] = 0.0
        for u in range(STATES):
            factor = sign[u]
            row = offset(entries, STATES * u)
            for v in range(STATES):
                line[v] += factor * row[v]


@routine
def _own_products(
    marginal: Any, width: Any, signs: Any, matrix: Any, single: Any, group: Any
) -> None:
    """Products of spins within a group, and each spin, from the group's histogram."""
    block = offset(matrix, GROUP * group * (width + 1))
    for i in range(GROUP):
        left = offset(signs, i * STATES)
        single[GROUP * group + i] = _dot(left, marginal, STATES)
        for j in range(i + 1, GROUP):
            right = offset(signs, j * STATES)
            total = 0.0
            for u in range(STATES):
                total += left[u] * right[u] * marginal[u]
            block[i * width + j] = total


@routine
def _distribute(
    table: Any, matrix: Any, single: Any, marginal: Any, width: Any, total: Any
) -> None:
    """From spins to parameters; `marginal` is that of any group."""
    pairs = offset(table, PAIRS)
    for p in range(int(table[N_PAIRS])):
        i = int(pairs[3 * p])
        j = int(pairs[3 * p + 1])
        total[int(pairs[3 * p + 2])] -= matrix[i * width + j]
    if table[FIELD] >= 0.0:
        for i in range(int(table[N_SPINS])):
            total[int(table[FIELD])] -= single[i]
    if table[CONSTANT] >= 0.0:
        for u in range(STATES):
            total[int(table[CONSTANT])] += marginal[u]
