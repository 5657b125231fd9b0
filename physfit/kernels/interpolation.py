"""Interpolation in tables: lines between points, and polynomials by piece.

A table is one array. For lines: the places in growing order, then the values. For
polynomials of `order` coefficients: the ends of the pieces in growing order, then the
coefficients of each piece, the highest power first, in powers of the distance from the
beginning of the piece.

Derivatives by x are those of the piece that x lies in: `line_slope`, and `spline` in a
table of the derivatives' coefficients.
"""

from __future__ import annotations

from physfit.kernels.kernel import scalar

__all__ = ["line", "line_slope", "spline"]


@scalar
def _piece(x, table, n):
    """Last k with `table[k] <= x` and k + 1 < n; 0 below the first place."""
    low, high = 0, n - 1
    while high - low > 1:
        middle = (low + high) // 2
        if table[middle] <= x:
            low = middle
        else:
            high = middle
    return low


@scalar
def line(x, table, n):
    """`np.interp(x, places, values)`: constant outside, NaN of NaN."""
    half = n // 2
    if not x > table[0]:
        return table[half] + 0.0 * (x - x)
    if x >= table[half - 1]:
        return table[2 * half - 1]
    k = _piece(x, table, half)
    slope = (table[half + k + 1] - table[half + k]) / (table[k + 1] - table[k])
    return slope * (x - table[k]) + table[half + k]


@scalar
def line_slope(x, table, n):
    """Slope of `line`: 0 outside, that of the piece on the right at a place."""
    half = n // 2
    if not x >= table[0] or x >= table[half - 1]:
        return 0.0
    k = _piece(x, table, half)
    return (table[half + k + 1] - table[half + k]) / (table[k + 1] - table[k])


@scalar
def spline(x, table, n, order):
    """Polynomial of the piece that x lies in, the first and the last beyond."""
    pieces = (n - 1) // (order + 1)
    k = _piece(x, table, pieces + 1)
    distance = x - table[k]
    first = pieces + 1 + k * order
    value = table[first]
    for power in range(1, order):
        value = value * distance + table[first + power]
    return value
