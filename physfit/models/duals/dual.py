"""An array that carries its partials by some parameters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.lib.mixins import NDArrayOperatorsMixin

from physfit.models.duals.slopes import (
    chained,
    is_flat,
    is_known,
    partials_rule,
    slopes_of,
)

__all__ = ["RULES", "Dual", "dual_of", "function_of", "partials_of", "value_of"]

#: Rules of functions of whole arrays, filled by the modules beside this one.
RULES: dict[Any, Callable[..., Any]] = {}


class Dual(NDArrayOperatorsMixin):
    """An array and its partials.

    Parameters
    ----------
    value : array_like
        Real or complex.
    partials : ndarray, shape (P, *value.shape), or None
        None: they are zero, and the array may go wherever plain ones do.
    """

    __slots__ = ("partials", "value")

    def __init__(self, value: Any, partials: Any = None) -> None:
        self.value = np.asarray(value)
        self.partials = partials

    # ------------------------------------------------------------- numpy's protocols

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: Any, out: Any = None, **kwargs: Any
    ) -> Any:
        if method in ("reduce", "accumulate"):
            return _along(ufunc, method, *inputs, **kwargs)
        if method == "outer":
            left, right = map(dual_of, inputs)
            left = left.reshape(left.shape + (1,) * right.ndim)
            return ufunc(left, right, **kwargs)
        if method != "__call__" or kwargs:
            raise TypeError(f"dual numbers do not know np.{ufunc.__name__}.{method}")
        if ufunc in RULES:  # the product of matrices
            return RULES[ufunc](*inputs)
        # An array that is changed in place is rebound to what comes back.
        found = applied(ufunc, inputs)
        if out is not None and isinstance(out[0], Dual):
            new = dual_of(found)
            out[0].value, out[0].partials = new.value, new.partials
            return out[0]
        return found

    def __array_function__(self, func: Any, types: Any, args: Any, kwargs: Any) -> Any:
        if func in RULES:
            return RULES[func](*args, **kwargs)
        if is_known(func):
            return applied(func, args, **kwargs)
        if any(own.partials is not None for own in _found((args, kwargs))):
            raise TypeError(f"dual numbers do not know np.{func.__name__}")
        return func(*_plain(args), **_plain(kwargs))

    def __array__(self, dtype: Any = None, copy: Any = None) -> Any:
        self._refuse("an array of numbers")
        return np.array(self.value, dtype=dtype)

    def _refuse(self, wanted: str) -> None:
        """Keep derivatives from being lost."""
        if self.partials is not None:
            raise TypeError(f"{wanted} is asked of what depends on the parameters")

    def __float__(self) -> float:
        self._refuse("float()")
        return float(self.value)

    def __complex__(self) -> complex:
        self._refuse("complex()")
        return complex(self.value)

    def __int__(self) -> int:
        self._refuse("int()")
        return int(self.value)

    def __index__(self) -> int:
        self._refuse("an index")
        return int(self.value.__index__())

    def __bool__(self) -> bool:
        return bool(self.value)

    def __round__(self, digits: int = 0) -> Any:
        return np.round(self.value, digits)

    def __hash__(self) -> int:
        return id(self)

    def __repr__(self) -> str:
        return f"Dual({self.value!r})"

    # ------------------------------------------------------------- like an array

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the value."""
        return self.value.shape

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return self.value.ndim

    @property
    def size(self) -> int:
        """Number of entries."""
        return self.value.size

    @property
    def dtype(self) -> Any:
        """Type of the value."""
        return self.value.dtype

    @property
    def T(self) -> Dual:
        """Transposed."""
        return self.each(np.transpose)

    @property
    def real(self) -> Dual:
        """Real part."""
        return self.each(np.real)

    @property
    def imag(self) -> Dual:
        """Imaginary part."""
        return self.each(np.imag)

    @property
    def flat(self) -> Iterator[Dual]:
        """Entries, one after the other."""
        return iter(self.ravel())

    def each(self, function: Callable[[Any], Any]) -> Dual:
        """A linear function of the value, and of all its partials."""
        if self.partials is None:
            return Dual(function(self.value))
        return Dual(
            function(self.value), np.array([function(own) for own in self.partials])
        )

    def __len__(self) -> int:
        return len(self.value)

    def __iter__(self) -> Iterator[Dual]:
        return (self[k] for k in range(len(self)))

    def __getitem__(self, key: Any) -> Dual:
        key = _plain(key)
        return self.each(lambda own: own[key])

    def __setitem__(self, key: Any, given: Any) -> None:
        key, new = _plain(key), dual_of(given)
        self.value = np.array(self.value)
        self.value[key] = new.value
        if self.partials is None and new.partials is None:
            return
        n = len(new.partials if self.partials is None else self.partials)
        kind = np.result_type(self.value, *(p for p in [new.partials] if p is not None))
        partials = np.array(
            np.zeros((n, *self.shape)) if self.partials is None else self.partials,
            dtype=np.result_type(kind, np.float64),
        )
        for k in range(n):
            partials[k][key] = 0.0 if new.partials is None else new.partials[k]
        self.partials = partials

    def reshape(self, *shape: Any, **kwargs: Any) -> Dual:
        """Other shape."""
        if len(shape) == 1 and not np.isscalar(shape[0]):
            shape = tuple(shape[0])
        lengths = tuple(map(int, shape))
        return self.each(lambda own: own.reshape(lengths, **kwargs))

    def astype(self, dtype: Any, **kwargs: Any) -> Any:
        """Of another type; whole numbers have no derivative."""
        if np.dtype(dtype).kind in "fc":
            return self.each(lambda own: own.astype(dtype))
        self._refuse(f"astype({np.dtype(dtype)})")
        return self.value.astype(dtype, **kwargs)

    def item(self, *place: Any) -> Dual:
        """One entry."""
        entry = place[0] if place else 0
        return self.each(lambda own: own.ravel()[entry])

    def tolist(self) -> Any:
        """Entries, in lists."""
        return list(self) if self.ndim == 1 else [own.tolist() for own in self]

    def fill(self, given: Any) -> None:
        """Set all entries."""
        self[...] = given

    def __getattr__(self, name: str) -> Any:
        """Methods of arrays are numpy's functions of the same names."""
        function = METHODS.get(name)
        if function is None:
            raise AttributeError(f"dual numbers have no `{name}`")
        return lambda *args, **kwargs: function(self, *args, **kwargs)


#: Methods of arrays that functions of numpy stand for.
METHODS: dict[str, Callable[..., Any]] = {
    **{name: getattr(np, name) for name in ("sum", "mean", "prod", "cumsum")},
    **{name: getattr(np, name) for name in ("cumprod", "max", "min", "clip", "dot")},
    **{name: getattr(np, name) for name in ("ravel", "transpose", "squeeze", "std")},
    **{name: getattr(np, name) for name in ("swapaxes", "repeat", "take", "var")},
    **{name: getattr(np, name) for name in ("trace", "diagonal", "argmax", "argmin")},
    **{name: getattr(np, name) for name in ("argsort", "nonzero", "all", "any")},
    **{name: getattr(np, name) for name in ("conj", "conjugate", "copy", "round")},
    "flatten": np.ravel,
}


def value_of(given: Any) -> Any:
    """Value of a dual number; anything else as it is."""
    return given.value if isinstance(given, Dual) else given


def dual_of(given: Any) -> Dual:
    """A dual number; sequences of them are joined."""
    if isinstance(given, Dual):
        return given
    if isinstance(given, list | tuple) and any(_found(given)):
        return dual_of(np.stack([dual_of(own) for own in given]))
    return Dual(given)


def partials_of(own: Dual, n: int) -> Any:
    """Partials by `n` parameters."""
    shape = (n, *own.shape)
    if own.partials is None:
        return np.zeros(shape)
    return np.broadcast_to(own.partials, shape)


def function_of(*functions: Any) -> Callable[[Any], Any]:
    """Decorator that enters the rule of a function of whole arrays."""

    def enter(rule: Any) -> Any:
        RULES.update(dict.fromkeys(functions, rule))
        return rule

    return enter


def applied(function: Any, inputs: Any, **kwargs: Any) -> Any:
    """A function of arrays entry by entry."""
    duals = [dual_of(own) for own in inputs]
    values = [own.value for own in duals]
    value = function(*values, **kwargs)
    moved = [(k, own) for k, own in enumerate(duals) if own.partials is not None]
    if function is np.sign and moved and np.iscomplexobj(value):
        raise TypeError("dual numbers do not know np.sign of complex values")
    if is_flat(function):
        return value
    if not moved:
        return Dual(value)
    first = moved[0][1]
    rule = partials_rule(function, first.value, first.partials)
    if rule is not None:
        return Dual(value, rule(first.value, first.partials, **kwargs))
    slopes, rests = slopes_of(function, value, values, tuple([k for k, _ in moved]))
    total: Any = None
    for (_, own), slope in zip(moved, slopes, strict=True):
        partials, n_new = own.partials, value.ndim - own.value.ndim
        if n_new:
            shape = (len(partials), *(1,) * n_new, *own.value.shape)
            partials = partials.reshape(shape)
        moves = chained(slope, partials, rests)
        total = moves if total is None else total + moves
    shape = (len(first.partials), *value.shape)
    return Dual(value, total if total.shape == shape else np.broadcast_to(total, shape))


#: Functions of numpy that reduce or accumulate along an axis, by ufunc and method.
ALONG: dict[Any, Callable[..., Any]] = {
    (np.add, "reduce"): np.sum,
    (np.multiply, "reduce"): np.prod,
    (np.maximum, "reduce"): np.max,
    (np.minimum, "reduce"): np.min,
    (np.add, "accumulate"): np.cumsum,
    (np.multiply, "accumulate"): np.cumprod,
}


def _along(ufunc: np.ufunc, method: str, array: Any, axis: Any = 0, **kw: Any) -> Any:
    """A reduction or an accumulation, by numpy's function of that name."""
    if is_flat(ufunc):
        return getattr(ufunc, method)(value_of(array), axis=axis, **kw)
    if (ufunc, method) not in ALONG:
        raise TypeError(f"dual numbers do not know np.{ufunc.__name__}.{method}")
    return ALONG[ufunc, method](array, axis=axis, **kw)


def _found(given: Any) -> Iterator[Dual]:
    """Dual numbers in arguments."""
    if isinstance(given, Dual):
        yield given
    elif isinstance(given, list | tuple):
        for own in given:
            yield from _found(own)
    elif isinstance(given, dict):
        yield from _found(list(given.values()))


def _plain(given: Any) -> Any:
    """Arguments with values in place of constant dual numbers."""
    if isinstance(given, Dual):
        return given.__array__()
    if isinstance(given, list | tuple) and any(True for _ in _found(given)):
        return type(given)(map(_plain, given))
    if isinstance(given, dict):
        return {name: _plain(own) for name, own in given.items()}
    return given
