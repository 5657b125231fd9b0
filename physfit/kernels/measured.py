"""Curves that were measured: cubic splines on uniform places, 0 beyond them."""

from __future__ import annotations

from physfit.kernels.kernel import scalar

__all__ = ["measured"]


@scalar
def measured(x, shift, table, n):
    """Cubic spline through samples of a curve, moved along x, with its partial.

    Parameters
    ----------
    x, shift : float
        Position, and how far the curve is moved, in one unit.
    table : pointer
        First place, samples per unit of x, and the four coefficients of each piece, the
        highest power first, in powers of the part of a step.
    n : int
        Doubles of the table.

    Returns
    -------
    tuple of float
        Value, d/d(shift); 0 beyond the first and the last sample.
    """
    pieces = (n - 2) // 4
    place = (x - shift - table[0]) * table[1]
    is_inside = place >= 0.0 and place <= float(pieces)
    inside = place if is_inside else 0.0
    k = min(int(inside), pieces - 1)
    t = inside - float(k)
    first = 2 + 4 * k
    a = table[first]
    b = table[first + 1]
    c = table[first + 2]
    outside = 0.0 * (x - shift)
    value = ((a * t + b) * t + c) * t + table[first + 3]
    slope = ((3.0 * a * t + 2.0 * b) * t + c) * table[1]
    return value if is_inside else outside, -slope if is_inside else outside
