"""Orthogonal factors of the weighted Jacobian, and steps by its singular values.

With W the weights of Gauss and Newton, J the partials and r the residuals, the factor R
of Q R = W^1/2 [J r] comes from reflections of Householder, block of samples by block of
samples: a block below the factor of those before it is reflected into it. R has the
singular values of the weighted Jacobian, so that nothing is squared: where the normal
equations have lost all digits, half of them are left here.

Columns of the moving parameters, scaled to unit length, are made orthogonal by
rotations of pairs (Jacobi's method from one side), which find small singular values to
high relative accuracy.

References
----------
G. H. Golub and C. F. Van Loan, Matrix Computations (4th ed.), algorithms 5.1.1, 8.6.3.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from physfit.engine.abi import STRIDE, as_floats, as_integers, offset
from physfit.engine.dense import dot, fill
from physfit.engine.normal import terms_of_block
from physfit.engine.program import FREE, over_blocks
from physfit.engine.roles import routine, summation
from physfit.engine.structs import add_scaled, row
from physfit.engine.ties import resolve

__all__ = ["Factors", "factorise_rows", "factors", "factors_size", "gradient_of"]
__all__ += ["singular_values", "write_inverse"]

#: Condition of the scaled Gauss-Newton matrix from which its solutions lose the digits
#: that a step needs: steps by singular values then finish the fit.
LOST = 1e12
STEPS = 200
HALVINGS = 10
#: A gain below this share of the cost is rounding, whatever ftol asks for.
ROUNDING = 1e-14
#: Near a minimum each step gains a small share of what the one before did. Where that
#: ends at gains of this share of the cost, the parameters are rounded themselves, or
#: earlier: at what so many of their roundings cost. If that is more than a small share,
#: directions that are not determined may well be so by rounding alone.
SHRINKING = 0.25
SETTLED = 1e-12
ROUNDINGS = 4.0
SMALL = 1e-5
#: Where no step lowers the cost and less than this share of it was to gain, the fit has
#: arrived; the compiled fit judges a stall in the same way.
NEGLIGIBLE = 1e-10
#: Singular values below this, relative to the largest, are noise of the partials.
NOISE = 1e-13
#: Share in an undetermined direction from which on a parameter takes part in it, and
#: below which it is the rounding of that.
SHARE = 1e-6
ROUNDED = 1e-12
EPSILON = 2.220446049250313e-16
#: Two columns whose cosine is below this are orthogonal.
ORTHOGONAL = 1e-15
SWEEPS = 40


class Factors(NamedTuple):
    """Memory of the factors of `n` parameters.

    Attributes
    ----------
    factor : (n + 1, n + 1)
        Upper triangle R, row by row, the residuals in its last column.
    left : (n, n)
        Left singular vectors times singular values, one after the other.
    right : (n, n)
        Right singular vectors, one after the other.
    lengths, singular, along : (n,)
        Lengths of the columns, singular values, and the residuals along the left
        vectors.
    block : (n + 1, STRIDE)
        Weighted partials and residuals of a block.
    """

    factor: Any
    left: Any
    right: Any
    lengths: Any
    singular: Any
    along: Any
    block: Any


def factors_size(n: int) -> int:
    """Doubles of the factors of `n` parameters."""
    return (n + 1) * (n + 1) + 2 * n * n + 3 * n + (n + 1) * STRIDE


@routine
def factors(memory: Any, n: Any) -> Any:
    """Factors of `n` parameters in that memory."""
    left = offset(memory, (n + 1) * (n + 1))
    lengths = offset(left, 2 * n * n)
    return Factors(
        memory,
        left,
        offset(left, n * n),
        lengths,
        offset(lengths, n),
        offset(lengths, 2 * n),
        offset(lengths, 3 * n),
    )


@routine
def factorise_rows(problem: Any, theta: Any, f: Any) -> Any:
    """Factor of the rows at `theta`; returns the cost, NaN if something is not finite.

    The rows of all samples are in view one block at a time.
    """
    resolve(problem, theta)
    width = problem.n_free + 1
    fill(f.factor, 0.0, width * width)
    n = problem.n_samples
    cost = over_blocks(problem, 0, n, FREE, _add_block, f)
    check = cost
    for k in range(width * width):
        check += f.factor[k] * 0.0
    return cost if math.fabs(check) < math.inf else math.nan


@routine
def _add_block(problem: Any, output: Any, start: Any, count: Any, f: Any) -> Any:
    """Reflect the rows of a block into the factor; their cost."""
    cost = terms_of_block(problem, output, start, count, as_floats(0))
    n, free = problem.n_free, as_integers(problem.free)
    slope = as_floats(problem.terms)
    weight = offset(slope, STRIDE)
    _take_roots(slope, weight, offset(f.block, n * STRIDE), count)
    for k in range(n):
        partials = row(problem, free[k] * problem.width + output)
        _multiply(partials, weight, offset(f.block, k * STRIDE), count)
    _reflect(f.factor, f.block, n + 1, count)
    return cost


@summation
def _take_roots(slope: Any, weight: Any, residual: Any, count: Any) -> None:
    """weight <- its root, residual <- slope / root."""
    for i in range(count):
        root = math.sqrt(weight[i])
        weight[i] = root
        residual[i] = slope[i] / root if root > 0.0 else 0.0


@summation
def _multiply(a: Any, b: Any, out: Any, count: Any) -> None:
    """out = a * b."""
    for i in range(count):
        out[i] = a[i] * b[i]


@routine
def _reflect(factor: Any, block: Any, width: Any, count: Any) -> None:
    """Factor of a factor with a block of rows below it."""
    for k in range(width):
        line = offset(factor, k * width)
        column = offset(block, k * STRIDE)
        size = max(math.fabs(line[k]), _largest(column, count))
        if size == 0.0:
            line[k] = dot(column, column, count)  # NaN stays NaN
            continue
        _scale(column, 1.0 / size, count)
        head = line[k] / size
        length = math.sqrt(head * head + dot(column, column, count))
        end = -length if head >= 0.0 else length
        turned = (end - head) / end
        _scale(column, 1.0 / (head - end), count)
        line[k] = end * size
        for j in range(k + 1, width):
            other = offset(block, j * STRIDE)
            along = -turned * (line[j] + dot(column, other, count))
            line[j] += along
            add_scaled(other, column, along, count)


@summation
def _largest(values: Any, n: Any) -> Any:
    """Largest absolute value; NaN is passed over."""
    largest = 0.0
    for i in range(n):
        largest = max(largest, math.fabs(values[i]))
    return largest


@routine
def _scale(values: Any, factor: Any, n: Any) -> None:
    """values *= factor."""
    for i in range(n):
        values[i] *= factor


@routine
def gradient_of(f: Any, n: Any, gradient: Any) -> None:
    """Gradient of the cost from a factor."""
    for k in range(n):
        total = 0.0
        for i in range(k + 1):
            total += f.factor[i * (n + 1) + k] * f.factor[i * (n + 1) + n]
        gradient[k] = total


@routine
def singular_values(f: Any, held: Any, n: Any) -> Any:
    """Singular values and vectors over the parameters that are not held.

    Of the columns scaled to unit length; a held parameter has a column of zeros.
    Returns the least singular value that is no noise.
    """
    width = n + 1
    for k in range(n):
        column, total = offset(f.left, k * n), 0.0
        fill(column, 0.0, n)
        fill(offset(f.right, k * n), 0.0, n)
        f.right[k * n + k] = 1.0
        size = 0.0
        for i in range(k + 1):
            size = max(size, math.fabs(f.factor[i * width + k]))
        size = size if size > 0.0 else 1.0
        for i in range(k + 1):
            column[i] = f.factor[i * width + k] / size
            total += column[i] * column[i]
        f.lengths[k] = size * math.sqrt(total) if total > 0.0 else 1.0
        _scale(column, size / f.lengths[k] if held[k] == 0.0 else 0.0, n)
    for _ in range(SWEEPS):
        if _sweep(f, n) == 0:
            break
    return _measure(f, held, n)


@routine
def _sweep(f: Any, n: Any) -> Any:
    """Rotate all pairs of columns that are not orthogonal; how many were not."""
    turned = 0
    for p in range(n):
        for q in range(p + 1, n):
            one, other = offset(f.left, p * n), offset(f.left, q * n)
            a, b = dot(one, one, n), dot(other, other, n)
            along = dot(one, other, n)
            if not math.fabs(along) > ORTHOGONAL * math.sqrt(a * b):
                continue
            turned += 1
            ratio = 0.5 * (b - a) / along
            tangent = 1.0 / (math.fabs(ratio) + math.sqrt(1.0 + ratio * ratio))
            tangent = -tangent if ratio < 0.0 else tangent
            cosine = 1.0 / math.sqrt(1.0 + tangent * tangent)
            _rotate(one, other, cosine, cosine * tangent, n)
            _rotate(
                offset(f.right, p * n),
                offset(f.right, q * n),
                cosine,
                cosine * tangent,
                n,
            )
    return turned


@routine
def _rotate(one: Any, other: Any, cosine: Any, sine: Any, n: Any) -> None:
    """Rotate a pair of vectors."""
    for i in range(n):
        a, b = one[i], other[i]
        one[i] = cosine * a - sine * b
        other[i] = sine * a + cosine * b


@routine
def _measure(f: Any, held: Any, n: Any) -> Any:
    """Singular values, 0 where they are noise, and the residuals along the vectors."""
    largest, moving = 0.0, 0
    for k in range(n):
        column = offset(f.left, k * n)
        f.singular[k] = math.sqrt(dot(column, column, n))
        largest = max(largest, f.singular[k])
        moving += 1 if held[k] == 0.0 else 0
    least = math.inf
    for k in range(n):
        f.along[k] = 0.0
        if f.singular[k] > NOISE * max(1, moving) * largest:
            least = min(least, f.singular[k])
            for i in range(n):
                f.along[k] += f.left[k * n + i] * f.factor[i * (n + 1) + n]
            f.along[k] /= f.singular[k]
        else:
            f.singular[k] = 0.0
    return least


@routine
def write_inverse(f: Any, held: Any, n: Any, inverse: Any) -> Any:
    """Inverse of the normal matrix over what is determined; how many directions are.

    NaN for held parameters. One that takes part in an undetermined direction has an
    infinite variance and NaN beside it.
    """
    rank = 0
    fill(inverse, 0.0, n * n)
    for s in range(n):
        vector, value = offset(f.right, s * n), f.singular[s]
        if value == 0.0:
            continue
        rank += 1
        for k in range(n):
            part = vector[k] / value / f.lengths[k]
            for j in range(n):
                inverse[k * n + j] += part * (vector[j] / value / f.lengths[j])
    for k in range(n):
        is_loose = _is_loose(f, n, k)
        if is_loose or held[k] != 0.0:
            for j in range(n):
                inverse[k * n + j] = math.nan
                inverse[j * n + k] = math.nan
        if is_loose and held[k] == 0.0:
            inverse[k * n + k] = math.inf
    return rank


@routine
def _is_loose(f: Any, n: Any, k: Any) -> Any:
    """Whether a parameter takes part in a direction that is not determined."""
    total = 0.0
    for s in range(n):
        if f.singular[s] == 0.0:
            part = f.right[s * n + k]
            total += part * part
    return total > SHARE * SHARE
