"""Which column of a file is x, which y, which sigma: the rules, and what was taken.

Asked for by name, by full header (`f (Hz)`) or by number from 0, columns are what was
asked for. Otherwise x is the first numeric column, y the next one, and sigma the column
whose name says that it is the error of y (`err`, `sigma`, `std`, `y_err`, `dy`, `signal
error` for y = `signal` ...). Without names and with three columns in all, the third is
sigma. `sigma="none"` takes none. `Table.note` says in words what was taken.

`pick` applies the rules to names, types and lengths alone, so that they are the same
for a file that is read at once and for one that is streamed.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.counts import decimal
from physfit.data.headings import error_of, split_unit
from physfit.errors import DataError, did_you_mean
from physfit.typing import FloatArray

__all__ = [
    "Choice",
    "Field",
    "Key",
    "LazyColumn",
    "Offer",
    "Table",
    "Wanted",
    "described",
    "pick",
]

#: How a caller names a column: by its name or its number, counted from 0.
Key = str | int | None


class Table(NamedTuple):
    """Columns read from a file, with their labels and units; missing values are NaN.

    `y` is complex128 when the file holds complex values. `source` is the file, with the
    path inside of it; `note` says which column was taken for what.
    """

    x: FloatArray
    y: FloatArray | NDArray[np.complex128]
    sigma: FloatArray | None
    x_label: str
    y_label: str
    x_unit: str
    y_unit: str
    source: str
    note: str


class LazyColumn(NamedTuple):
    """A column that has not been read.

    Attributes
    ----------
    size : int
        Numbers that there are.
    dtype : dtype
        Type of those that are stored.
    read : callable
        `read(start, stop)` gives a range of them as float64 or complex128.
    note : str
        How they follow from what is stored; empty if they are stored.
    origin : object
        Where they stand in the file, if they do.
    """

    size: int
    dtype: np.dtype[Any]
    read: Callable[[int, int], NDArray[Any]]
    note: str = ""
    origin: Any = None


class Labels(NamedTuple):
    """What a table says of its columns, as the last fields of `Table`."""

    x_label: str
    y_label: str
    x_unit: str
    y_unit: str
    source: str
    note: str


class Wanted(NamedTuple):
    """Columns a caller asks for; `has_spins` lets int8 configurations be x."""

    x: Key = None
    y: Key = None
    sigma: Key = None
    n_inputs: int = 1
    has_spins: bool = False


class Field(NamedTuple):
    """One column on offer: `values`, or None and the `problem` with it as a sentence.

    A text column is passed over by the automatic choice; a numeric column with an
    unreadable entry is not, so that its sentence reaches the user.
    """

    name: str
    unit: str
    values: NDArray[Any] | LazyColumn | None
    problem: str = ""
    is_text: bool = False
    long_name: str = ""

    @property
    def label(self) -> str:
        """What to write at an axis, empty if unknown."""
        return self.long_name or self.name

    @property
    def is_complex(self) -> bool:
        """Whether the column holds complex numbers."""
        return self.values is not None and self.values.dtype.kind == "c"


class Offer(NamedTuple):
    """The columns of one file, in order; `word` is what they are called there."""

    source: str
    fields: tuple[Field, ...]
    word: str = "column"
    remarks: tuple[str, ...] = ()


class Choice(NamedTuple):
    """Which columns of an offer are x, y and sigma, by their numbers.

    `y` has two entries for a real and an imaginary part; `sigma` is empty for none.
    """

    offer: Offer
    x: tuple[int, ...]
    y: tuple[int, ...]
    sigma: tuple[int, ...]
    labels: Labels

    def columns(self, numbers: tuple[int, ...]) -> list[Any]:
        """Columns of these numbers, read or not."""
        return [self.offer.fields[at].values for at in numbers]

    def table(self) -> Table:
        """The columns, read."""
        x, y, sigma = (
            [_loaded(self.offer, at) for at in numbers] for numbers in self[1:4]
        )
        values = y[0] if len(y) == 1 else y[0] + 1j * y[1]
        return Table(x[0], values, sigma[0] if sigma else None, *self.labels)


def pick(offer: Offer, wanted: Wanted) -> Choice:
    """Which columns are x, y and sigma: those asked for, or found by the rules above.

    With `n_inputs > 1`, x is `"a,b"`, or the first numeric columns.
    """
    x, y, sigma, n_inputs, _ = wanted
    has_none = sigma == "none" and not _named(offer, "none")
    numeric = [i for i, field in enumerate(offer.fields) if not field.is_text]
    if not numeric:
        problems = [field.problem for field in offer.fields if field.problem]
        generic = f"`{offer.source}` has no numeric {offer.word}; give it x and y."
        raise DataError(problems[0] if problems else generic)
    at_y, at_sigma = _asked(offer, y), () if has_none else _asked(offer, sigma)
    asked = {*at_y, *at_sigma}
    at_x = _choose_x(offer, x, numeric, asked, n_inputs)
    at_y = at_y or (_next(offer, at_x[-1], numeric, asked | set(at_x)),)
    if sigma is None:
        at_sigma = _error_column(offer, at_x[-1], at_y[0])
    return described(offer, at_x, at_y, at_sigma)


def described(
    offer: Offer, x: tuple[int, ...], y: tuple[int, ...], sigma: tuple[int, ...]
) -> Choice:
    """The choice of these columns, checked, with its labels, units and note."""
    if len(y) > 2:
        raise DataError(
            f"`y` names {len(y)} {offer.word}s of `{offer.source}`; name one, or two: "
            "the real and the imaginary part."
        )
    if len(sigma) > 1:
        raise DataError(
            f"`sigma` names {len(sigma)} {offer.word}s of `{offer.source}`; name one, "
            "which holds for all of y."
        )
    _check_real(offer, x, "x")
    _check_real(offer, y if len(y) > 1 else (), "y")
    _check_lengths(offer, x, y, sigma)
    _check_real(offer, sigma, "sigma")
    x_fields, y_fields = ([offer.fields[at] for at in columns] for columns in (x, y))
    called = [_called(offer, at) for at in y]
    parts = [f"x = {', '.join(_called(offer, at) for at in x)}"]
    parts.append(f"y = {' + i '.join(called)}")
    parts.append(f"sigma = {_called(offer, sigma[0])}" if sigma else "no sigma")
    pair = f"{y_fields[0].name}, {y_fields[-1].name}" if y_fields[0].name else ""
    labels = Labels(
        x_fields[0].label or "x",
        (pair if len(y) > 1 else y_fields[0].label) or "y",
        x_fields[0].unit,
        y_fields[0].unit,
        offer.source,
        "; ".join([", ".join(parts), *offer.remarks]),
    )
    return Choice(offer, x, y, sigma, labels)


def _choose_x(
    offer: Offer, x: Key, numeric: list[int], asked: set[int], n_inputs: int
) -> tuple[int, ...]:
    """The coordinates: as asked for, else the first free numeric columns."""
    chosen = _asked(offer, x)
    for _ in range(n_inputs if x is None else 0):
        chosen += (_first(offer, numeric, asked | set(chosen)),)
    if len(chosen) == n_inputs:
        return chosen
    raise DataError(
        f"`x` must name {n_inputs} {offer.word}s of `{offer.source}`, because the "
        f"model has {n_inputs} coordinates, but {x!r} names {len(chosen)}; write them "
        "as in --x a,b."
    )


def _asked(offer: Offer, key: Key) -> tuple[int, ...]:
    """Columns that `key` asks for: none, one, or those of a list such as `re,im`."""
    if key is None:
        return ()
    if isinstance(key, str) and "," in key and not _named(offer, key):
        return tuple(_find(offer, name.strip()) for name in key.split(","))
    return (_find(offer, key),)


def _named(offer: Offer, key: str) -> list[int]:
    """Columns of this name or, if there is none, of this name with its unit."""
    wanted = split_unit(key)
    fields = offer.fields
    return [i for i, field in enumerate(fields) if field.name == key != ""] or [
        i for i, field in enumerate(fields) if (field.name, field.unit) == wanted
    ]


def _find(offer: Offer, key: Key) -> int:
    """Index of the column called `key`."""
    if isinstance(key, str):
        matches = _named(offer, key)
        if len(matches) == 1:
            return matches[0]
        if matches:
            raise DataError(
                f"`{offer.source}` has {len(matches)} {offer.word}s named {key!r}; "
                f"choose by number, one of {', '.join(map(str, matches))}."
            )
        number = decimal(key)
        if number is None:
            names = [field.name for field in offer.fields if field.name]
            hint = did_you_mean(key, names) if names else _numbers(offer)
            raise DataError(
                f"`{offer.source}` has no {offer.word} {key[:80]!r}; {hint}"
            )
        key = number
    if key is None or isinstance(key, bool) or not hasattr(key, "__index__"):
        raise DataError(
            f"a {offer.word} of `{offer.source}` is chosen by its name or its number, "
            f"not by {key!r}; join two as in 're,im'."
        )
    index = int(key)
    if 0 <= index < len(offer.fields):
        return index
    raise DataError(
        f"`{offer.source}` has no {offer.word} number {index}; {_numbers(offer)}"
    )


def _numbers(offer: Offer) -> str:
    return f"choose by number, 0 to {len(offer.fields) - 1}."


def _first(offer: Offer, numeric: list[int], asked: set[int]) -> int:
    """First free numeric column; one without a name, a row number, comes last."""
    free = [i for i in numeric if i not in asked]
    named = [i for i in free if offer.fields[i].name]
    enough = len(named) + len(asked) >= 2
    pool = named if enough and named else free
    real = [i for i in pool if not offer.fields[i].is_complex]
    if not real:
        raise _too_few(offer)
    return real[0]


def _too_few(offer: Offer) -> DataError:
    return DataError(
        f"`{offer.source}` has too few numeric {offer.word}s for x and y; give it at "
        "least two."
    )


def _next(offer: Offer, at_x: int, numeric: list[int], asked: set[int]) -> int:
    """First numeric column after x, else before it, that is not the error of x."""
    x_name = offer.fields[at_x].name
    free = [i for i in numeric if i not in asked and i != at_x]
    free.sort(key=lambda i: (i < at_x, i))
    named = [i for i in free if offer.fields[i].name] or free
    for i in named:
        stems = error_of(offer.fields[i].name)
        if stems is None or not stems & {"x", x_name.lower()}:
            return i
    raise _too_few(offer)


def _error_column(offer: Offer, at_x: int, at_y: int) -> tuple[int, ...]:
    """Column of the errors of y, by its name or its place; none if there is none."""
    fields = offer.fields
    if not any(field.name for field in fields):
        third = len(fields) == 3 and (at_x, at_y) == (0, 1) and not fields[2].is_text
        return (2,) if third and not fields[1].is_complex else ()
    name = fields[at_y].name.lower()
    if "" in (error_of(name) or ()):  # y is itself a column of errors
        return ()
    stems = {
        i: error_of(field.name) or set()
        for i, field in enumerate(fields)
        if not field.is_text and i not in (at_x, at_y)
    }
    by_name = [i for i in stems if name in stems[i]]
    return tuple(by_name or [i for i in stems if stems[i] & {"", "y"}])[:1]


def _values(offer: Offer, at: int) -> NDArray[Any] | LazyColumn:
    field = offer.fields[at]
    if field.values is None:
        raise DataError(field.problem)
    return field.values


def _loaded(offer: Offer, at: int) -> NDArray[Any]:
    values = _values(offer, at)
    return values if isinstance(values, np.ndarray) else values.read(0, values.size)


def _check_real(offer: Offer, columns: tuple[int, ...], role: str) -> None:
    for at in columns:
        if _values(offer, at).dtype.kind == "c":
            raise DataError(
                f"`{role}` must be real, but {_called(offer, at)} of `{offer.source}` "
                f"is complex; choose another {offer.word}."
            )


def _called(offer: Offer, at: int) -> str:
    name = offer.fields[at].name
    return f"{offer.word} {name!r}" if name else f"{offer.word} {at}"


def _check_lengths(
    offer: Offer, x: tuple[int, ...], y: tuple[int, ...], sigma: tuple[int, ...]
) -> None:
    columns = [*x, *y, *sigma]
    lengths = [_values(offer, at).size for at in columns]
    if len(set(lengths)) == 1:
        return
    sizes = f"x has {lengths[0]} values and y has {lengths[len(x)]}"
    if sigma:
        sizes += f", sigma {lengths[-1]}"
    raise DataError(
        f"`{offer.source}` does not fit together: {sizes}; choose {offer.word}s of one "
        "length."
    )
