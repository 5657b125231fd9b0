"""What a file of the project's own must hold: one check, before anything is used.

A kind of record is declared once, beside the code that writes it, as a `msgspec.Struct`
whose annotations say type and range. What msgspec does not know is an array: it is
declared by its type (`FloatArray`, `IntArray`) and an `Array` with the names of its
sizes, which must agree over the whole record. Entries that are not declared are left
alone: other programs put attributes of their own into a file.

Numbers in text, a fraction where a count belongs, NaN in a range, rows of different
lengths: each is refused with the place of the entry.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import (
    Annotated,
    Any,
    NamedTuple,
    TypeAlias,
    TypeVar,
    get_args,
    get_origin,
    get_type_hints,
)

import msgspec
import numpy as np
from numpy.typing import NDArray

from physfit.errors import DataError

__all__ = ["Array", "Count", "Date", "Missing", "Positive", "Schema", "check_arrays"]
__all__ += ["check_names", "convert"]

Kind = TypeVar("Kind")
#: Whole numbers from 0 and from 1 on, as far as a file can hold them.
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
Positive: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]
#: Seconds since 1970, in the years that a calendar has.
Date: TypeAlias = Annotated[float, msgspec.Meta(ge=-6e10, le=2.5e11)]


class Schema(NamedTuple):
    """A kind of file: the name that stands in it, and the version that is written."""

    name: str
    version: int


class Missing(NamedTuple):
    """What null stands for in place of a number: `Annotated[float, Missing(inf)]`."""

    value: float


class Array:
    """Sizes and range of a declared array: `Annotated[FloatArray, Array("n_free")]`.

    Parameters
    ----------
    *sizes : str or int
        One for each dimension. A name stands for the same number in the whole record,
        "*" for any.
    ge, le : float
        Range of the values; NaN lies outside of any range that is given.
    """

    def __init__(
        self, *sizes: str | int, ge: float = -math.inf, le: float = math.inf
    ) -> None:
        self.sizes = sizes
        self.ge, self.le = ge, le

    def shape(self, sizes: Mapping[str, int]) -> tuple[str | int, ...]:
        """Shape as far as the sizes are known."""
        return tuple(
            sizes.get(size, size) if isinstance(size, str) else size
            for size in self.sizes
        )

    def holds(self, values: NDArray[Any]) -> bool:
        """Whether all values are in range."""
        if self.ge == -math.inf and self.le == math.inf:
            return True
        return bool(((values >= self.ge) & (values <= self.le)).all())


def convert(record: object, kind: type[Kind]) -> Kind:
    """Record of a declared kind from what a file holds.

    Parameters
    ----------
    record : mapping
        Nested plain values and arrays, as `read_record` returns them.
    kind : type
        A `msgspec.Struct`, or any other type that msgspec knows.

    Raises
    ------
    DataError
        When an entry is missing, of another type or out of range; the sentence names
        its place. `check_arrays` looks at shapes.

    Examples
    --------
    >>> class Run(msgspec.Struct):
    ...     seed: Count
    >>> convert({"seed": 3, "note": "later"}, Run).seed
    3
    >>> convert({"seed": 3.5}, Run)
    Traceback (most recent call last):
    physfit.errors.DataError: its entry 'seed' is wrong: expected `int`, got `float`.
    """
    try:
        return msgspec.convert(record, kind, strict=True, dec_hook=_array)
    except msgspec.ValidationError as error:
        raise DataError(_sentence(str(error))) from error
    except (IndexError, ValueError) as error:  # msgspec takes an array for a mapping
        raise DataError(
            "an array stands where entries by name are expected."
        ) from error


def check_arrays(record: object, **sizes: int) -> None:
    """Check shapes and ranges of all declared arrays of a record.

    An array without entries takes the declared shape, which a list in JSON forgets.

    Parameters
    ----------
    record : msgspec.Struct
        Structs, also in lists and dicts.
    **sizes : int
        Sizes that are known; others follow from the first array that has them.

    Raises
    ------
    DataError
        When one has another shape, or values out of range.
    """
    _check(record, dict(sizes), "")


def check_names(names: Iterable[str], wanted: Iterable[str], place: str) -> None:
    """Check that an entry with names of its own has these and no others.

    Raises
    ------
    DataError
        When one is missing, or one is too many.
    """
    missing, more = sorted(set(wanted) - set(names)), sorted(set(names) - set(wanted))
    if missing:
        raise DataError(f"its entry {place!r} lacks {missing[0]!r}.")
    if more:
        raise DataError(f"its entry {place!r} has {more[0]!r}, which does not belong.")


def _check(value: object, sizes: dict[str, int], place: str) -> None:
    if isinstance(value, list | dict):
        for item in value.values() if isinstance(value, dict) else value:
            _check(item, sizes, f"{place}[...]")
    if not isinstance(value, msgspec.Struct):
        return
    for name, array in _declared(type(value)):
        here = f"{place}.{name}" if place else name
        entry = getattr(value, name)
        if array is None or entry is None:
            _check(entry, sizes, here)
        else:
            setattr(value, name, _fitting(entry, array, sizes, here))


@lru_cache(maxsize=64)
def _declared(kind: type) -> tuple[tuple[str, Array | None], ...]:
    """Fields of a Struct with what is declared of those that are arrays."""

    def arrays(note: Any) -> Iterator[Array | None]:
        yield from (mark for mark in get_args(note) if isinstance(mark, Array))
        yield None

    notes = get_type_hints(kind, include_extras=True)
    return tuple((name, next(arrays(note))) for name, note in notes.items())


def _fitting(
    values: NDArray[Any], array: Array, sizes: dict[str, int], place: str
) -> NDArray[Any]:
    """The array in its declared shape; sizes that were not known are noted."""
    wanted = array.shape(sizes)
    if not values.size and 0 in wanted:
        return values.reshape([0 if isinstance(size, str) else size for size in wanted])
    if values.ndim != len(wanted) or not all(
        name == "*"
        or size == (sizes.setdefault(name, size) if isinstance(name, str) else name)
        for name, size in zip(array.sizes, values.shape, strict=True)
    ):
        text = ", ".join(map(str, wanted))
        raise DataError(
            f"its entry {place!r} has shape {values.shape}, but ({text}) is expected."
        )
    if not array.holds(values):
        raise DataError(
            f"its entry {place!r} has values outside of {array.ge:g} to {array.le:g}."
        )
    return values


def _array(kind: Any, value: object) -> NDArray[Any]:
    """Array of a declared type; called by msgspec for what it does not know."""
    if get_origin(kind) is not np.ndarray:
        raise NotImplementedError(f"{kind} cannot stand in a record")
    wanted = np.dtype(get_args(get_args(kind)[1])[0])
    values = _of_list(value) if isinstance(value, list) else value
    if not isinstance(values, np.ndarray):
        raise TypeError(f"expected an array, got `{type(value).__name__}`")
    if values.dtype == wanted:
        return values
    if not values.size or _is_wider(wanted, values):
        return values.astype(wanted)
    raise TypeError(f"expected an array of {wanted.name}, got one of {values.dtype}")


def _of_list(rows: list[Any]) -> NDArray[Any]:
    """Array of nested lists of numbers, in which None stands for NaN."""
    try:
        values = np.array(rows)
    except ValueError:
        raise TypeError("expected an array, got rows of different lengths") from None
    if values.dtype.kind != "O":
        return values
    if any(type(value) not in (int, float, type(None)) for value in values.flat):
        raise TypeError("expected an array of numbers, got other values in it")
    try:
        return values.astype(np.float64)
    except OverflowError:
        raise TypeError("expected an array of numbers, got one out of range") from None


def _is_wider(wanted: np.dtype[Any], values: NDArray[Any]) -> bool:
    """Whether numbers keep their values in the other type."""
    if wanted.kind == "f":
        return values.dtype.kind in "fiu"
    if wanted.kind not in "iu" or values.dtype.kind not in "iu":
        return False
    limits = np.iinfo(wanted)
    return int(values.min()) >= limits.min and int(values.max()) <= limits.max


def _sentence(text: str) -> str:
    """What msgspec says, as the rest of a sentence about a file."""
    what, _, place = text.partition(" - at `$")
    place = place.rstrip("`").lstrip(".")
    missing = what.removeprefix("Object missing required field `")
    if missing != what:
        return f"it has no entry {f'{place}.{missing[:-1]}'.lstrip('.')!r}."
    where = f"its entry {place!r}" if place else "the record"
    return f"{where} is wrong: {what[:1].lower()}{what[1:]}."
