"""Columns on offer in a file, what a caller wants of them, and the table they make."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.data.complex_columns import Form, joined
from physfit.errors import DataError
from physfit.typing import FloatArray

__all__ = [
    "Choice",
    "Field",
    "Key",
    "Labels",
    "LazyColumn",
    "Offer",
    "Steps",
    "Table",
    "Wanted",
    "called",
    "values_of",
]

#: How a caller names a column: by its name or its number, counted from 0.
Key = str | int | None


class Table(NamedTuple):
    """Columns read from a file, with their labels and units; missing values are NaN.

    `x` has the shape (n,), or (n_inputs, n) for samples of several coordinates; `y` is
    complex128 when the file holds complex values, and so is `sigma` when its two
    parts have standard deviations of their own. `source` is the file, with the
    path inside of it; `note` says which column was taken for what, and ends with the
    `remarks`: what was converted, chosen or left out.
    """

    x: FloatArray
    y: FloatArray | NDArray[np.complex128]
    sigma: FloatArray | NDArray[np.complex128] | None
    x_label: str
    y_label: str
    x_unit: str
    y_unit: str
    source: str
    note: str
    remarks: tuple[str, ...] = ()

    def _repr_html_(self) -> str:
        from physfit.data.first_rows import first_rows
        from physfit.document.html import as_html

        return as_html(first_rows(self))


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
    remarks: tuple[str, ...] = ()


class Steps(NamedTuple):
    """x of rows that have none: `start + step * row`."""

    start: float
    step: float

    def field(self, n: int, name: str = "x", unit: str = "") -> Field:
        """The x of so many rows."""
        column = LazyColumn(n, np.dtype(np.float64), self.x)
        return Field(name, unit, column, note=str(self), is_made=True)

    def x(self, start: int, stop: int) -> FloatArray:
        """x of these rows."""
        return self.start + self.step * np.arange(start, stop, dtype=np.float64)

    def __str__(self) -> str:
        return f"{self.start:g} + {self.step:g} times the number of the row"


class Wanted(NamedTuple):
    """Columns a caller asks for; `has_spins` lets int8 configurations be x.

    With `steps` no column is x.
    """

    x: Key = None
    y: Key = None
    sigma: Key = None
    n_inputs: int = 1
    has_spins: bool = False
    steps: Steps | None = None

    @property
    def may_be_image(self) -> bool:
        """Whether a matrix is an image, as no column is asked for."""
        is_open = (self.x, self.y, self.steps) == (None, None, None)
        return self.n_inputs == 2 and is_open


class Field(NamedTuple):
    """One column on offer: `values`, or None and the `problem` with it as a sentence.

    A text column is passed over by the automatic choice; a numeric column with an
    unreadable entry is not, so that its sentence reaches the user. `note` is said where
    the column is taken. Dates and times (`is_time`) are offered as seconds; a column
    that follows from the number of the row (`is_made`) does not stand in the file.
    """

    name: str
    unit: str
    values: NDArray[Any] | LazyColumn | None
    problem: str = ""
    is_text: bool = False
    long_name: str = ""
    note: str = ""
    is_time: bool = False
    is_made: bool = False

    @property
    def label(self) -> str:
        """What to write at an axis, empty if unknown."""
        return self.long_name or self.name

    @property
    def is_complex(self) -> bool:
        """Whether the column holds complex numbers."""
        return self.values is not None and self.values.dtype.kind == "c"


class Offer(NamedTuple):
    """The columns of one file, in order; `word` is what they are called there.

    `breaks` are those of `physfit.data.text_rows`, None if the file is no text; `axis`
    is the column that the file itself declares to be x, `axes` those of other columns
    than the first, by the number of y; `dialect` says how a text is written.
    """

    source: str
    fields: tuple[Field, ...]
    word: str = "column"
    remarks: tuple[str, ...] = ()
    breaks: Mapping[int, bool] | None = None
    axis: int | None = None
    dialect: str = ""
    axes: Mapping[int, int] = {}

    @property
    def is_text(self) -> bool:
        """Whether the columns are those of a text, between whose rows may be breaks."""
        return self.breaks is not None


class Choice(NamedTuple):
    """Which columns of an offer are x, y and sigma, by their numbers.

    `y` has two entries where two columns are a complex number, in which `form`;
    `sigma` is empty for none, and has two for the real and the imaginary part. Its
    numbers times `sigma_factor` are in the unit of y, or parts of y where they are
    relative.
    """

    offer: Offer
    x: tuple[int, ...]
    y: tuple[int, ...]
    sigma: tuple[int, ...]
    labels: Labels
    sigma_factor: float = 1.0
    is_relative: bool = False
    form: Form | None = None

    def columns(self, numbers: tuple[int, ...]) -> list[Any]:
        """Columns of these numbers, read or not."""
        return [self.offer.fields[at].values for at in numbers]

    def table(self) -> Table:
        """The columns, read."""
        x, y, sigma = (
            [_loaded(self.offer, at) for at in numbers] for numbers in self[1:4]
        )
        values = y[0] if len(y) == 1 else joined(self.form, *y)
        if self.sigma_factor != 1.0:
            scale = np.abs(values) if self.is_relative else 1.0
            sigma = [self.sigma_factor * scale * own for own in sigma]
        errors = sigma[0] + 1j * sigma[1] if len(sigma) > 1 else (*sigma, None)[0]
        places = x[0] if len(x) == 1 else np.stack(x)
        return Table(places, values, errors, *self.labels)


def values_of(offer: Offer, at: int) -> NDArray[Any] | LazyColumn:
    """The numbers of a column, read or not.

    Raises
    ------
    DataError
        When it has none.
    """
    field = offer.fields[at]
    if field.values is None:
        problem = field.problem
        if offer.is_text and not problem.endswith("."):
            problem = f"`{offer.source}`: {called(offer, at)} {problem}; take another."
        raise DataError(problem)
    return field.values


def called(offer: Offer, at: int) -> str:
    """What a column is called: its number and, if it has one, its name."""
    name = offer.fields[at].name
    if offer.fields[at].is_made:
        return offer.fields[at].note
    if not name:
        return f"{offer.word} {at}"
    return f"{offer.word} {at} {name!r}" if offer.is_text else f"{offer.word} {name!r}"


def _loaded(offer: Offer, at: int) -> NDArray[Any]:
    values = values_of(offer, at)
    return values if isinstance(values, np.ndarray) else values.read(0, values.size)
