"""Rules of numpy's functions of whole arrays, for dual numbers.

Most are linear: in all of their data together (a sum, a join, a Fourier transform), or
in each of them (a convolution, a product of matrices). The partials of the result are
then the same function of the partials of the data, others held at zero, or as they are.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from functools import reduce
from typing import Any

import numpy as np

from physfit.models.duals.dual import (
    RULES,
    Dual,
    dual_of,
    function_of,
    value_of,
)

__all__ = ["bilinear", "linear"]

#: Functions that are linear in arguments together: by place, or by name.
TOGETHER: dict[Any, tuple[int | str, ...]] = {
    **dict.fromkeys([np.sum, np.nansum, np.mean, np.cumsum, np.diff, np.ediff1d], (0,)),
    **dict.fromkeys([np.reshape, np.ravel, np.transpose, np.squeeze], (0,)),
    **dict.fromkeys([np.swapaxes, np.moveaxis, np.expand_dims, np.rollaxis], (0,)),
    **dict.fromkeys([np.flip, np.fliplr, np.flipud, np.roll, np.rot90], (0,)),
    **dict.fromkeys([np.tile, np.repeat, np.take, np.take_along_axis], (0,)),
    **dict.fromkeys([np.delete, np.resize, np.broadcast_to], (0,)),
    **dict.fromkeys([np.concatenate, np.stack, np.hstack, np.vstack], (0,)),
    **dict.fromkeys([np.dstack, np.column_stack, np.block], (0,)),
    **dict.fromkeys([np.diag, np.diagonal, np.trace, np.tril, np.triu], (0,)),
    **dict.fromkeys([np.atleast_1d, np.atleast_2d, np.atleast_3d], (0,)),
    **dict.fromkeys([np.pad, np.copy, np.real_if_close, np.gradient], (0,)),
    **dict.fromkeys([np.append, np.linspace], (0, 1)),
    **dict.fromkeys([np.fft.fft, np.fft.ifft, np.fft.rfft, np.fft.irfft], (0,)),
    **dict.fromkeys([np.fft.hfft, np.fft.ihfft, np.fft.fft2, np.fft.ifft2], (0,)),
    **dict.fromkeys([np.fft.rfft2, np.fft.irfft2, np.fft.fftn, np.fft.ifftn], (0,)),
    **dict.fromkeys([np.fft.rfftn, np.fft.irfftn], (0,)),
    **dict.fromkeys([np.fft.fftshift, np.fft.ifftshift], (0,)),
    np.extract: (1,),
    np.compress: (1,),
    np.where: (1, 2),
    np.select: (1, 2, "default"),
    np.insert: (0, 2),
}
#: Functions that are linear in each of two arguments, or of all after the first.
EACH: dict[Any, tuple[int, ...]] = {
    **dict.fromkeys([np.dot, np.vdot, np.inner, np.outer, np.matmul], (0, 1)),
    **dict.fromkeys([np.convolve, np.correlate, np.tensordot, np.kron], (0, 1)),
    **dict.fromkeys([np.cross], (0, 1)),
}


def _replaced(given: Any, change: Callable[[Any], Any]) -> Any:
    """Data of a function, which may stand in lists, each changed."""
    if isinstance(given, list | tuple):
        return type(given)(_replaced(own, change) for own in given)
    return change(given)


def _leaves(given: Any) -> Iterable[Any]:
    if isinstance(given, list | tuple):
        for own in given:
            yield from _leaves(own)
    else:
        yield given


def _fixed(given: Any) -> Any:
    """An argument that a function is not linear in."""
    if isinstance(given, Dual) and given.partials is not None:
        raise TypeError("an argument that is no data depends on the parameters")
    return value_of(given)


def _n_partials(*given: Any) -> int | None:
    """How many parameters data depend on; None where they are constant."""
    for own in _leaves(given):
        if isinstance(own, Dual) and own.partials is not None:
            return len(own.partials)
    return None


def _part(k: int) -> Callable[[Any], Any]:
    """What gives the partials of data by parameter `k`."""

    def of(given: Any) -> Any:
        if isinstance(given, Dual) and given.partials is not None:
            return given.partials[k]
        return np.zeros_like(value_of(given), dtype=np.float64)

    return of


def _paired(values: Any, partials: list[Any]) -> Any:
    """Dual numbers of what a function gives, which may be several arrays."""
    if isinstance(values, list | tuple):
        columns = zip(*partials, strict=True)
        pairs = zip(values, columns, strict=True)
        return [Dual(own, np.array(column)) for own, column in pairs]
    return Dual(values, np.array(partials))


def linear(function: Any, places: tuple[int | str, ...]) -> Callable[..., Any]:
    """Rule of a function that is linear in several arguments together."""

    def rule(*args: Any, **kwargs: Any) -> Any:
        data = [args[k] for k in places if isinstance(k, int) and k < len(args)]
        data += [kwargs[k] for k in places if isinstance(k, str) and k in kwargs]
        n = _n_partials(data)

        def changed(change: Callable[[Any], Any]) -> Any:
            own = [
                _replaced(arg, change if k in places else _fixed)
                for k, arg in enumerate(args)
            ]
            named = {
                k: _replaced(arg, change if k in places else _fixed)
                for k, arg in kwargs.items()
            }
            return function(*own, **named)

        values = changed(value_of)
        if n is None:
            return _replaced(values, Dual)
        return _paired(values, [changed(_part(k)) for k in range(n)])

    return rule


def bilinear(function: Any, places: tuple[int, ...]) -> Callable[..., Any]:
    """Rule of a function that is linear in each of several arguments."""

    def rule(*args: Any, **kwargs: Any) -> Any:
        duals = [
            dual_of(own) if k in places else _replaced(own, _fixed)
            for k, own in enumerate(args)
        ]
        kwargs = {name: _replaced(own, _fixed) for name, own in kwargs.items()}
        plain = [value_of(own) for own in duals]
        value, n = function(*plain, **kwargs), _n_partials(duals)
        if n is None:
            return Dual(value)
        moved = [
            k for k in places if isinstance(duals[k], Dual) and _n_partials(duals[k])
        ]

        def partial(number: int) -> Any:
            return sum(
                function(
                    *(own if j != k else _part(number)(duals[k]) for j, own in within),
                    **kwargs,
                )
                for k in moved
                for within in [list(enumerate(plain))]
            )

        return Dual(value, np.array([partial(number) for number in range(n)]))

    return rule


RULES.update({own: linear(own, places) for own, places in TOGETHER.items()})
RULES.update({own: bilinear(own, places) for own, places in EACH.items()})


def moveaxis(a: Any, source: int, target: int) -> Dual:
    """One axis of a dual number moved to another place."""
    return dual_of(a).each(lambda own: np.moveaxis(own, source, target))


@function_of(np.einsum)
def einsum(subscripts: str, *operands: Any, **kwargs: Any) -> Any:
    """Sum of products."""
    rule = bilinear(np.einsum, tuple(range(1, 1 + len(operands))))
    return rule(subscripts, *operands, **kwargs)


@function_of(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Integral by trapezoids; the places may move too."""
    y = moveaxis(y, axis, -1)
    if x is None:
        return (0.5 * (y[..., 1:] + y[..., :-1]) * dx).sum(axis=-1)
    x = dual_of(x)
    if x.ndim > 1:
        x = moveaxis(x, axis, -1)
    return (0.5 * (y[..., 1:] + y[..., :-1]) * (x[..., 1:] - x[..., :-1])).sum(axis=-1)


@function_of(np.interp)
def interp(x: Any, xp: Any, fp: Any, **kwargs: Any) -> Any:
    """Table between its knots; places, knots and values may move."""
    x, xp, fp = dual_of(x), dual_of(xp), dual_of(fp)
    if kwargs.get("period") is not None:
        raise TypeError("dual numbers do not know np.interp with a period")
    outside = {side: 0.0 for side, value in kwargs.items() if value is not None}
    value = np.interp(x.value, xp.value, fp.value, **kwargs)
    k = np.clip(np.searchsorted(xp.value, x.value, side="right") - 1, 0, len(xp) - 2)
    inside = (x.value >= xp.value[0]) & (x.value <= xp.value[-1])
    slope = np.diff(fp.value) / np.diff(xp.value)
    slope = np.where(inside, slope[k], 0.0)
    total: Any = None
    for own, factor in ((x, slope), (xp, -slope), (fp, 1.0)):
        if own.partials is None:
            continue
        rows = own.partials
        if own is not x:
            rows = [np.interp(x.value, xp.value, row, **outside) for row in rows]
        total = factor * np.asarray(rows) + (0.0 if total is None else total)
    return Dual(value, total)


@function_of(np.clip)
def clip(a: Any, a_min: Any = None, a_max: Any = None, **kwargs: Any) -> Any:
    """Values within limits, which may move."""
    low, high = kwargs.get("min", a_min), kwargs.get("max", a_max)
    a = a if low is None else np.maximum(a, low)
    return a if high is None else np.minimum(a, high)


@function_of(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kwargs: Any) -> Any:
    """Pieces of functions, of which the last true condition counts."""
    x = dual_of(x)
    if isinstance(condlist, np.ndarray | Dual) and np.ndim(condlist) <= x.ndim:
        condlist = [condlist]
    masks = [np.asarray(value_of(own), dtype=bool) for own in condlist]
    if len(funclist) == len(masks) + 1:
        masks.append(~np.any(masks, axis=0))
    found = Dual(np.zeros(x.shape, dtype=np.result_type(x.dtype, np.float64)))
    for mask, piece in zip(masks, funclist, strict=True):
        if mask.any():
            found[mask] = piece(x[mask], *args, **kwargs) if callable(piece) else piece
    return found


def _like(function: Any) -> Callable[..., Any]:
    """Rule of zeros or ones, into which dual numbers may be written."""
    return lambda a, *args, **kw: Dual(function(value_of(a), *args, **kw))


RULES |= {own: _like(own) for own in (np.zeros_like, np.empty_like, np.ones_like)}


@function_of(np.full_like)
def full_like(a: Any, fill_value: Any, dtype: Any = None, **kwargs: Any) -> Any:
    """One value everywhere."""
    shape = np.shape(np.full_like(value_of(a), 0.0, **kwargs))
    return np.broadcast_to(dual_of(fill_value), shape)


def _extremum(find: Any) -> Callable[..., Any]:
    def rule(a: Any, axis: Any = None, keepdims: bool = False, **kwargs: Any) -> Any:
        """Entry that is the largest, or the smallest."""
        a = dual_of(a)
        if axis is None:
            best = a.ravel()[find(a.value)]
            return best.reshape((1,) * a.ndim) if keepdims else best
        place = np.expand_dims(find(a.value, axis=axis), axis)
        best = np.take_along_axis(a, place, axis)
        return best if keepdims else np.squeeze(best, axis=axis)

    return rule


for _functions, _find in (
    ((np.max, np.amax), np.argmax),
    ((np.min, np.amin), np.argmin),
    ((np.nanmax,), np.nanargmax),
    ((np.nanmin,), np.nanargmin),
):
    RULES.update(dict.fromkeys(_functions, _extremum(_find)))


@function_of(np.sort)
def sort(a: Any, axis: int = -1, **kwargs: Any) -> Any:
    """Entries in order."""
    return np.take_along_axis(a, np.argsort(value_of(a), axis=axis), axis)


@function_of(np.prod)
def prod(a: Any, axis: Any = None, **kwargs: Any) -> Any:
    """Product of entries."""
    a = dual_of(a).ravel() if axis is None else moveaxis(a, axis, 0)
    return reduce(operator.mul, a, Dual(1.0))


@function_of(np.cumprod)
def cumprod(a: Any, axis: Any = None, **kwargs: Any) -> Any:
    """Products of the first entries."""
    a = dual_of(a).ravel() if axis is None else moveaxis(a, axis, 0)
    found = [a[0]]
    for own in a[1:]:
        found.append(found[-1] * own)
    return np.stack(found, axis=axis or 0)


@function_of(np.var)
def var(a: Any, axis: Any = None, ddof: int = 0, **kwargs: Any) -> Any:
    """Mean square of the distance from the mean."""
    a = dual_of(a)
    apart = np.abs(a - np.mean(a, axis=axis, keepdims=True)) ** 2
    n = a.size if axis is None else a.shape[axis]
    return apart.sum(axis=axis) / (n - ddof)


@function_of(np.std)
def std(a: Any, axis: Any = None, ddof: int = 0, **kwargs: Any) -> Any:
    """Root mean square of the distance from the mean."""
    return np.sqrt(var(a, axis=axis, ddof=ddof))


@function_of(np.average)
def average(a: Any, axis: Any = None, weights: Any = None, **kwargs: Any) -> Any:
    """Mean, with weights or without."""
    if weights is None:
        return np.mean(a, axis=axis)
    weights = dual_of(weights)
    return (dual_of(a) * weights).sum(axis=axis) / weights.sum(axis=axis)


@function_of(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """Polynomial, by Horner's rule."""
    total = Dual(np.zeros(np.shape(value_of(x))))
    for coefficient in p:
        total = total * x + coefficient
    return total


@function_of(np.nan_to_num)
def nan_to_num(x: Any, *args: Any, **kwargs: Any) -> Any:
    """Numbers in place of what is none; those do not move."""
    x = dual_of(x)
    value = np.nan_to_num(x.value, *args, **kwargs)
    if x.partials is None:
        return Dual(value)
    return Dual(value, np.where(np.isfinite(x.value), x.partials, 0.0))


@function_of(np.unwrap)
def unwrap(p: Any, *args: Any, **kwargs: Any) -> Any:
    """Phase without jumps."""
    p = dual_of(p)
    return Dual(np.unwrap(p.value, *args, **kwargs), p.partials)


@function_of(np.meshgrid)
def meshgrid(*axes: Any, **kwargs: Any) -> Any:
    """Coordinates of a grid."""
    return linear(lambda data: np.meshgrid(*data, **kwargs), (0,))(list(axes))


@function_of(np.broadcast_arrays)
def broadcast_arrays(*arrays: Any, **kwargs: Any) -> Any:
    """Arrays of one shape."""
    shape = np.broadcast_shapes(*(np.shape(value_of(own)) for own in arrays))
    return [np.broadcast_to(dual_of(own), shape) for own in arrays]


@function_of(np.split, np.array_split)
def split(a: Any, *args: Any, **kwargs: Any) -> Any:
    """Parts of an array."""
    return linear(np.array_split, (0,))(a, *args, **kwargs)


def _by_value(function: Any) -> Callable[..., Any]:
    """Rule of what does not move with the parameters: places, shapes, comparisons."""

    def rule(*args: Any, **kwargs: Any) -> Any:
        plain = [_replaced(own, value_of) for own in args]
        return function(*plain, **kwargs)

    return rule


for _function in (
    *(np.argmax, np.argmin, np.argsort, np.searchsorted, np.nonzero, np.shape, np.ndim),
    *(np.size, np.all, np.any, np.isclose, np.allclose, np.array_equal, np.round),
    *(np.argwhere, np.flatnonzero, np.digitize, np.count_nonzero, np.iscomplexobj),
    *(np.isrealobj, np.result_type, np.around, np.fix, np.isreal, np.iscomplex),
    *(np.may_share_memory, np.shares_memory, np.isposinf, np.isneginf, np.can_cast),
):
    RULES[_function] = _by_value(_function)
