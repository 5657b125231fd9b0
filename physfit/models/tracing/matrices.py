"""Products and inverses of small matrices of traced values."""

from __future__ import annotations

from typing import Any

import numpy as np

from physfit.models.tracing import registry
from physfit.models.tracing.alignment import as_value, by_sample
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.value import Value

__all__: list[str] = []

#: Rows of a matrix that is inverted by cofactors.
MOST_ROWS = 4


def _refuse_samples(recorder: Recorder, value: Value, places: tuple[int, ...]) -> None:
    if value.axis in places:
        raise recorder.refuse(
            TraceError("sums over samples, which is not done sample by sample.")
        )


@registry.function("matmul")
def matmul(recorder: Recorder, first: Any, second: Any) -> Any:
    """Matrix product over the last axis of one and the last but one of the other."""
    a, b = _operand(recorder, first, second), _operand(recorder, second, first)
    _refuse_samples(recorder, a, (-1,))
    _refuse_samples(recorder, b, (-1,) if b.items.ndim == 1 else (-2,))
    is_row, is_column = a.items.ndim == 1, b.items.ndim == 1
    a = a[None, :] if is_row else a
    b = b[:, None] if is_column else b
    left, right = a[..., :, :, None], b[..., None, :, :]
    product = registry.apply(recorder, "multiply", left, right)
    result = registry.apply(recorder, "sum", product, axis=-2)
    if is_column:
        result = result[..., 0]
    return (
        result[0] if is_row and not is_column else result[..., 0] if is_row else result
    )


def _operand(recorder: Recorder, own: Any, other: Any) -> Value:
    """A factor as a value; constant matrices may be laid out along the samples."""
    if isinstance(own, Value) or not isinstance(other, Value):
        return as_value(recorder, own)
    if isinstance(own, (list, tuple)):
        return as_value(recorder, registry.apply(recorder, "array", own))
    array = np.asarray(own)
    long = other.frame is not None and array.ndim == 2 and array.shape[0] > MOST_LONG
    if long and array.shape[0] == other.recorder.frame.size:
        return by_sample(recorder, array, -2, other.recorder.frame)
    return as_value(recorder, array)


#: Rows from which on a constant matrix may be one row for each sample.
MOST_LONG = 64


@registry.function("dot")
def dot(recorder: Recorder, first: Any, second: Any) -> Any:
    """`np.dot` of scalars, vectors and matrices."""
    a, b = as_value(recorder, first), as_value(recorder, second)
    if not a.items.ndim or not b.items.ndim:
        return registry.apply(recorder, "multiply", a, b)
    if a.items.ndim > 2 or b.items.ndim > 2:
        raise recorder.refuse(TraceError("multiplies arrays of three axes; use `@`."))
    return matmul(recorder, first, second)


@registry.function("vdot", "inner")
def inner(recorder: Recorder, first: Any, second: Any) -> Any:
    """Sum of products of two vectors."""
    return matmul(recorder, first, second)


@registry.function("outer")
def outer(recorder: Recorder, first: Any, second: Any, *more: Any) -> Any:
    """Products of every entry of one vector with every entry of another."""
    if isinstance(first, str):  # a ufunc's
        a, b = as_value(recorder, second), as_value(recorder, more[0])
        key = (Ellipsis, *[None] * b.items.ndim)
        return registry.apply(recorder, first, a[key], b)
    a, b = (
        registry.apply(recorder, "ravel", first),
        registry.apply(recorder, "ravel", second),
    )
    return registry.apply(recorder, "multiply", a[:, None], b[None, :])


@registry.function("einsum")
def einsum(recorder: Recorder, subscripts: str, *operands: Any, **_: Any) -> Any:
    """`np.einsum` without ellipses and repeated letters of one operand."""
    given, arrow, wanted = subscripts.replace(" ", "").partition("->")
    parts = given.split(",")
    letters = sorted(set("".join(parts)))
    if not arrow:
        wanted = "".join(one for one in letters if given.count(one) == 1)
    if "." in given or any(len(set(part)) < len(part) for part in parts):
        raise recorder.refuse(TraceError("has subscripts that are not traced."))
    order = [*wanted, *(one for one in letters if one not in wanted)]
    product: Any = 1.0
    for part, operand in zip(parts, operands, strict=True):
        places = sorted(range(len(part)), key=lambda k: order.index(part[k]))
        turned = registry.apply(recorder, "transpose", operand, places)
        key = tuple(slice(None) if one in part else None for one in order)
        product = turned[key] * product
    summed = tuple(range(len(wanted) - len(order), 0))
    return registry.apply(recorder, "sum", product, axis=summed) if summed else product


def _square(recorder: Recorder, source: Any) -> tuple[Value, int]:
    value = as_value(recorder, source)
    _refuse_samples(recorder, value, (-1, -2))
    n = value.items.shape[-1]
    if value.items.ndim < 2 or value.items.shape[-2] != n:
        raise ValueError("the last two axes of the array must be square")
    if n > MOST_ROWS:
        raise recorder.refuse(
            TraceError(f"has a matrix of {n} rows; up to {MOST_ROWS} are traced.")
        )
    return value, n


def _minor(value: Value, row: int, column: int, n: int) -> Any:
    rows = [k for k in range(n) if k != row]
    columns = [k for k in range(n) if k != column]
    kept = registry.METHODS["get"](value, (Ellipsis, np.array(rows), slice(None)))
    return kept[..., np.array(columns)]


def _determinant(value: Value, n: int) -> Any:
    if n == 1:
        return value[..., 0, 0]
    total: Any = 0.0
    for k in range(n):
        term = value[..., 0, k] * _determinant(_minor(value, 0, k, n), n - 1)
        total = total + term if k % 2 == 0 else total - term
    return total


@registry.function("det")
def det(recorder: Recorder, source: Any) -> Any:
    """`np.linalg.det` by cofactors."""
    return _determinant(*_square(recorder, source))


@registry.function("inv")
def inv(recorder: Recorder, source: Any) -> Any:
    """`np.linalg.inv` by cofactors."""
    value, n = _square(recorder, source)
    scale = 1.0 / _determinant(value, n)
    if n == 1:
        return scale[..., None, None]
    rows = []
    for k in range(n):
        signs = [1.0 if (k + j) % 2 == 0 else -1.0 for j in range(n)]
        cofactors = [_determinant(_minor(value, j, k, n), n - 1) for j in range(n)]
        rows.append(
            registry.apply(
                recorder,
                "stack",
                [s * c * scale for s, c in zip(signs, cofactors, strict=True)],
                axis=-1,
            )
        )
    return registry.apply(recorder, "stack", rows, axis=-2)


@registry.function("solve")
def solve(recorder: Recorder, a: Any, b: Any) -> Any:
    """`np.linalg.solve` by the inverse."""
    return matmul(recorder, inv(recorder, a), b)


@registry.function("matrix_power")
def matrix_power(recorder: Recorder, source: Any, n: int) -> Any:
    """`np.linalg.matrix_power` of a whole number."""
    if n < 0:
        return matrix_power(recorder, inv(recorder, source), -n)
    if n == 0:
        raise recorder.refuse(TraceError("takes the power 0 of a matrix."))
    if n == 1:
        return as_value(recorder, source)
    half = matrix_power(recorder, source, n // 2)
    square = matmul(recorder, half, half)
    return matmul(recorder, square, source) if n % 2 else square


@registry.function("norm")
def norm(recorder: Recorder, source: Any, order: Any = None, axis: Any = None) -> Any:
    """`np.linalg.norm` of vectors."""
    if order not in (None, 2):
        raise recorder.refuse(TraceError("takes another norm than that of squares."))
    size = registry.apply(recorder, "absolute", source)
    squares = registry.apply(recorder, "sum", size * size, axis=axis)
    return registry.apply(recorder, "sqrt", squares)


@registry.function("trace")
def trace_of(recorder: Recorder, source: Any, *_: Any) -> Any:
    """Sum of the diagonal."""
    value = as_value(recorder, source)
    n = min(value.items.shape[:2])
    return registry.apply(recorder, "sum", [value[k, k] for k in range(n)], axis=0)


@registry.function("cross")
def cross(recorder: Recorder, a: Any, b: Any, *_: Any) -> Any:
    """Cross product along the last axis."""
    u, v = as_value(recorder, a), as_value(recorder, b)
    parts = [
        u[..., j] * v[..., k] - u[..., k] * v[..., j]
        for j, k in ((1, 2), (2, 0), (0, 1))
    ]
    return registry.apply(recorder, "stack", parts, axis=-1)


@registry.function("eigvalsh")
def eigvalsh(recorder: Recorder, source: Any, *_: Any) -> Any:
    """Eigenvalues of Hermitian matrices of two rows."""
    value, n = _square(recorder, source)
    if n != 2:
        raise recorder.refuse(TraceError(f"has a matrix of {n} rows; two are traced."))
    a = registry.apply(recorder, "real", value[..., 0, 0])
    d = registry.apply(recorder, "real", value[..., 1, 1])
    b = registry.apply(recorder, "absolute", value[..., 1, 0])
    root = registry.apply(recorder, "hypot", (a - d) * 0.5, b)
    middle = (a + d) * 0.5
    return registry.apply(recorder, "stack", [middle - root, middle + root], axis=-1)


@registry.function("diag")
def diag(recorder: Recorder, source: Any, k: int = 0) -> Any:
    """Diagonal of a matrix, or matrix of a diagonal."""
    value = as_value(recorder, source)
    if k or value.axis is not None:
        raise recorder.refuse(TraceError("makes a diagonal of samples, or beside."))
    if value.items.ndim == 2:
        n = min(value.items.shape)
        return registry.apply(recorder, "array", [value[j, j] for j in range(n)])
    n = value.items.size
    zero = as_value(recorder, 0.0)
    rows = [[value[j] if j == m else zero for m in range(n)] for j in range(n)]
    return registry.apply(recorder, "array", rows)
