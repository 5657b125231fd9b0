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
from physfit.engine.dense import fill
from physfit.engine.roles import routine, summation
from physfit.engine.spin_table import (
    ENTRIES,
    GROUP,
    STATES,
    facts_of,
    pairs_in,
    sign,
)

__all__ = ["add_slopes", "collect_products", "energies", "fill_tables"]


@routine
def fill_tables(context: Any, full: Any, work: Any, tables: Any) -> None:
    """Energies of all pairs of states, for the full parameters."""
    facts = facts_of(context)
    n_groups = facts.n_groups
    width = GROUP * n_groups
    matrix = offset(work, facts.matrix)
    single = offset(work, facts.single)
    _couplings(context, full, width, matrix, single)
    signs = offset(single, width)
    for i in range(GROUP):
        for u in range(STATES):
            signs[i * STATES + u] = sign(u, i)
    own = offset(signs, GROUP * STATES)
    other = offset(own, STATES)
    place = 0
    for a in range(1, n_groups):
        _within(offset(matrix, GROUP * a * (width + 1)), width, single, a, own)
        for b in range(a):
            fill(other, 0.0, STATES)
            if a == 1:
                _within(matrix, width, single, 0, other)
                if facts.constant >= 0:
                    for state in range(STATES):
                        other[state] += full[facts.constant]
            block = offset(matrix, GROUP * (b * width + a))
            _between(block, width, signs, own, other, offset(tables, place))
            fill(own, 0.0, STATES)
            place += ENTRIES


@routine
def _couplings(context: Any, full: Any, width: Any, matrix: Any, single: Any) -> None:
    """Couplings in the upper triangle of a matrix; the field of each spin."""
    facts = facts_of(context)
    fill(matrix, 0.0, width * width)
    pairs = pairs_in(context)
    for p in range(facts.n_pairs):
        i = pairs[3 * p]
        j = pairs[3 * p + 1]
        matrix[i * width + j] = full[pairs[3 * p + 2]]
    fill(single, 0.0, width)
    if facts.field >= 0:
        fill(single, full[facts.field], facts.n_spins)


@routine
def _within(block: Any, width: Any, single: Any, group: Any, out: Any) -> None:
    """Energy of each state of a group by itself."""
    for u in range(STATES):
        total = 0.0
        for i in range(GROUP):
            total += single[GROUP * group + i] * sign(u, i)
            for j in range(i + 1, GROUP):
                total += block[i * width + j] * (sign(u, i) * sign(u, j))
        out[u] = -total


@routine
def _between(
    block: Any, width: Any, signs: Any, own: Any, other: Any, entries: Any
) -> None:
    """Table of groups a > b: block[i, j] couples spin i of b with spin j of a."""
    for v in range(STATES):
        spins = offset(signs, v)
        c0 = _coupling(block, width, spins)
        c1 = _coupling(offset(block, 1), width, spins)
        c2 = _coupling(offset(block, 2), width, spins)
        c3 = _coupling(offset(block, 3), width, spins)
        p = other[v] - c0 - c1
        q = other[v] + c0 - c1
        r = other[v] - c0 + c1
        t = other[v] + c0 + c1
        for k in range(4):
            d2, d3 = sign(k, 0) * c2, sign(k, 1) * c3
            line = offset(entries, 4 * k * STATES + v)
            line[0] = p - d2 - d3 + own[4 * k]
            line[STATES] = q - d2 - d3 + own[4 * k + 1]
            line[2 * STATES] = r - d2 - d3 + own[4 * k + 2]
            line[3 * STATES] = t - d2 - d3 + own[4 * k + 3]


@routine
def _coupling(column: Any, width: Any, spins: Any) -> Any:
    """Sum of the couplings of one spin with those of a group, times these."""
    first = spins[0] * column[0] + spins[STATES] * column[width]
    second = spins[2 * STATES] * column[2 * width]
    return first + (second + spins[3 * STATES] * column[3 * width])


@routine
def energies(states: Any, n_groups: Any, tables: Any, count: Any, value: Any) -> None:
    """Energy of each row of a block, four rows at a time, one group after the other.

    The tables of one group stay in the first cache for the whole block.
    """
    n_rows = (count + 3) // 4 * 4
    fill(value, 0.0, n_rows)
    place = 0
    for a in range(1, n_groups):
        state = offset(states, a * STRIDE)
        for r in range(0, n_rows, 4):
            e0 = value[r]
            e1 = value[r + 1]
            e2 = value[r + 2]
            e3 = value[r + 3]
            u0 = place + STATES * state[r]
            u1 = place + STATES * state[r + 1]
            u2 = place + STATES * state[r + 2]
            u3 = place + STATES * state[r + 3]
            other = offset(states, r)
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
    states: Any, n_groups: Any, slope: Any, count: Any, histogram: Any
) -> None:
    """The slope of each row into one entry of every histogram."""
    place = 0
    for a in range(1, n_groups):
        state = offset(states, a * STRIDE)
        for r in range(count):
            u = place + STATES * state[r]
            other = offset(states, r)
            term = slope[r]
            for b in range(a):
                histogram[u + b * ENTRIES + other[b * STRIDE]] += term
        place += a * ENTRIES


@routine
def collect_products(context: Any, histogram: Any, work: Any, total: Any) -> None:
    """total += minus the slopes times each product of spins, from the histograms."""
    facts = facts_of(context)
    n_groups = facts.n_groups
    width = GROUP * n_groups
    matrix = offset(work, facts.matrix)
    single = offset(work, facts.single)
    lines = offset(single, width)
    marginal = offset(lines, GROUP * STATES)
    place = 0
    for a in range(1, n_groups):
        for b in range(a):
            entries = offset(histogram, place)
            _signed_lines(entries, lines, marginal)
            if a == 1:
                _own_products(marginal, width, matrix, single, 0)
            block = offset(matrix, GROUP * (b * width + a))
            for j in range(GROUP):
                d0, d1, d2, d3, _ = signed_sums(offset(lines, j * STATES), 1)
                block[j] = d0
                block[width + j] = d1
                block[2 * width + j] = d2
                block[3 * width + j] = d3
            if b == 0:
                _sum_lines(entries, marginal)
                _own_products(marginal, width, matrix, single, a)
            place += ENTRIES
    _distribute(context, matrix, single, marginal, width, total)


@summation
def _sum_lines(entries: Any, out: Any) -> None:
    """Histogram of the first group alone."""
    for u in range(STATES):
        total = 0.0
        for v in range(STATES):
            total += entries[STATES * u + v]
        out[u] = total


@routine
def _signed_lines(entries: Any, lines: Any, marginal: Any) -> None:
    """For each spin j of the first group: sum over u of sign_j(u) H[u, v].

    `marginal` is the sum without signs, the histogram of the second group alone.
    """
    for v in range(STATES):
        line = offset(entries, v)
        (
            lines[v],
            lines[STATES + v],
            lines[2 * STATES + v],
            lines[3 * STATES + v],
            marginal[v],
        ) = signed_sums(line, STATES)


@routine
def signed_sums(values: Any, step: Any) -> Any:
    """Sums of 16 values with the signs of each of four bits, and without."""
    a0 = values[0] + values[step]
    a1 = values[2 * step] + values[3 * step]
    a2 = values[4 * step] + values[5 * step]
    a3 = values[6 * step] + values[7 * step]
    a4 = values[8 * step] + values[9 * step]
    a5 = values[10 * step] + values[11 * step]
    a6 = values[12 * step] + values[13 * step]
    a7 = values[14 * step] + values[15 * step]
    first = (
        (values[0] - values[step])
        + (values[2 * step] - values[3 * step])
        + (values[4 * step] - values[5 * step])
        + (values[6 * step] - values[7 * step])
        + (values[8 * step] - values[9 * step])
        + (values[10 * step] - values[11 * step])
        + (values[12 * step] - values[13 * step])
        + (values[14 * step] - values[15 * step])
    )
    b0 = a0 + a1
    b1 = a2 + a3
    b2 = a4 + a5
    b3 = a6 + a7
    second = (a0 - a1) + (a2 - a3) + (a4 - a5) + (a6 - a7)
    c0 = b0 + b1
    c1 = b2 + b3
    third = (b0 - b1) + (b2 - b3)
    return first, second, third, c0 - c1, c0 + c1


@routine
def _own_products(
    marginal: Any, width: Any, matrix: Any, single: Any, group: Any
) -> None:
    """Products of spins within a group, and each spin, from the group's histogram."""
    block = offset(matrix, GROUP * group * (width + 1))
    for i in range(GROUP):
        single[GROUP * group + i] = _signed_sum(marginal, i, i)
        for j in range(i + 1, GROUP):
            block[i * width + j] = _signed_sum(marginal, i, j)


@summation
def _signed_sum(marginal: Any, i: Any, j: Any) -> Any:
    """Sum of a histogram with the signs of spin i, times those of spin j if another."""
    total = 0.0
    for u in range(STATES):
        total += marginal[u] * (sign(u, i) if i == j else sign(u, i) * sign(u, j))
    return total


@routine
def _distribute(
    context: Any, matrix: Any, single: Any, marginal: Any, width: Any, total: Any
) -> None:
    """From spins to parameters; `marginal` is that of any group."""
    facts = facts_of(context)
    pairs = pairs_in(context)
    for p in range(facts.n_pairs):
        i = pairs[3 * p]
        j = pairs[3 * p + 1]
        total[pairs[3 * p + 2]] -= matrix[i * width + j]
    if facts.field >= 0:
        for i in range(facts.n_spins):
            total[facts.field] -= single[i]
    if facts.constant >= 0:
        for u in range(STATES):
            total[facts.constant] += marginal[u]
