"""Sums of products of rows, in tiles that stay in registers.

A tile takes four rows with four rows: 16 sums live in vector registers while 8 rows
are read once, so that arithmetic, not loads, sets the pace. The loss's weight
multiplies one side inside the loop, which spares a pass over the Jacobian (and the
roots that scaling both sides would need). On the diagonal only the lower triangle is
summed, and the gradient goes along. One or two rows that are left over go one by one:
padded with rows of zeros they would cost as much as four.
"""

from __future__ import annotations

from typing import Any

from physfit.engine.abi import offset
from physfit.engine.roles import routine, summation

__all__ = ["gradient_tile", "product_tile", "row_tile", "square_tile"]


@routine
def _rows(base: Any, places: Any) -> Any:
    """Four rows, by where they begin."""
    return (
        offset(base, places[0]),
        offset(base, places[1]),
        offset(base, places[2]),
        offset(base, places[3]),
    )


@routine
def _add(out: Any, s0: Any, s1: Any, s2: Any, s3: Any) -> None:
    """out += four sums."""
    out[0] += s0
    out[1] += s1
    out[2] += s2
    out[3] += s3


@summation
def product_tile(
    base: Any, a: Any, b: Any, weight: Any, count: Any, out: Any, width: Any
) -> None:
    """out += the 16 weighted products of four rows with four other rows."""
    a0, a1, a2, a3 = _rows(base, a)
    b0, b1, b2, b3 = _rows(base, b)
    s00 = s01 = s02 = s03 = 0.0
    s10 = s11 = s12 = s13 = 0.0
    s20 = s21 = s22 = s23 = 0.0
    s30 = s31 = s32 = s33 = 0.0
    for i in range(count):
        t = weight[i]
        x0 = t * a0[i]
        x1 = t * a1[i]
        x2 = t * a2[i]
        x3 = t * a3[i]
        y0 = b0[i]
        y1 = b1[i]
        y2 = b2[i]
        y3 = b3[i]
        s00 += x0 * y0
        s01 += x0 * y1
        s02 += x0 * y2
        s03 += x0 * y3
        s10 += x1 * y0
        s11 += x1 * y1
        s12 += x1 * y2
        s13 += x1 * y3
        s20 += x2 * y0
        s21 += x2 * y1
        s22 += x2 * y2
        s23 += x2 * y3
        s30 += x3 * y0
        s31 += x3 * y1
        s32 += x3 * y2
        s33 += x3 * y3
    _add(out, s00, s01, s02, s03)
    _add(offset(out, width), s10, s11, s12, s13)
    _add(offset(out, 2 * width), s20, s21, s22, s23)
    _add(offset(out, 3 * width), s30, s31, s32, s33)


@summation
def square_tile(
    base: Any, a: Any, slope: Any, weight: Any, count: Any, out: Any, width: Any, g: Any
) -> None:
    """out += the lower triangle of four rows with themselves; g += slope times each."""
    a0, a1, a2, a3 = _rows(base, a)
    s00 = 0.0
    s10 = s11 = 0.0
    s20 = s21 = s22 = 0.0
    s30 = s31 = s32 = s33 = 0.0
    g0 = g1 = g2 = g3 = 0.0
    for i in range(count):
        t = weight[i]
        s = slope[i]
        y0 = a0[i]
        y1 = a1[i]
        y2 = a2[i]
        y3 = a3[i]
        x0 = t * y0
        x1 = t * y1
        x2 = t * y2
        x3 = t * y3
        s00 += x0 * y0
        s10 += x1 * y0
        s11 += x1 * y1
        s20 += x2 * y0
        s21 += x2 * y1
        s22 += x2 * y2
        s30 += x3 * y0
        s31 += x3 * y1
        s32 += x3 * y2
        s33 += x3 * y3
        g0 += s * y0
        g1 += s * y1
        g2 += s * y2
        g3 += s * y3
    out[0] += s00
    out[width] += s10
    out[width + 1] += s11
    out[2 * width] += s20
    out[2 * width + 1] += s21
    out[2 * width + 2] += s22
    _add(offset(out, 3 * width), s30, s31, s32, s33)
    _add(g, g0, g1, g2, g3)


@summation
def row_tile(
    base: Any,
    a: Any,
    b: Any,
    before: Any,
    slope: Any,
    weight: Any,
    count: Any,
    out: Any,
) -> Any:
    """out += the weighted products of one row with four rows.

    Returns those with the row before it and with itself, and the slope times the row.
    """
    row = offset(base, a[0])
    b0, b1, b2, b3 = _rows(base, b)
    neighbour = offset(base, before[0])
    s0 = s1 = s2 = s3 = pair = square = total = 0.0
    for i in range(count):
        y = row[i]
        x = weight[i] * y
        s0 += x * b0[i]
        s1 += x * b1[i]
        s2 += x * b2[i]
        s3 += x * b3[i]
        pair += x * neighbour[i]
        square += x * y
        total += slope[i] * y
    _add(out, s0, s1, s2, s3)
    return pair, square, total


@summation
def gradient_tile(base: Any, a: Any, slope: Any, count: Any, out: Any) -> None:
    """out += slope times each of four rows."""
    a0, a1, a2, a3 = _rows(base, a)
    g0 = g1 = g2 = g3 = 0.0
    for i in range(count):
        s = slope[i]
        g0 += s * a0[i]
        g1 += s * a1[i]
        g2 += s * a2[i]
        g3 += s * a3[i]
    _add(out, g0, g1, g2, g3)
