"""Which column of a file is x, which y, which sigma: the rules, and what was taken.

Asked for by name, by full header (`f (Hz)`) or by number from 0, columns are what was
asked for. Otherwise x is the first numeric column, y the next one, and sigma the column
whose name says that it is the error of y (`err`, `sigma`, `std`, `y_err`, `dy`, `signal
error` for y = `signal` ...). Without names and with three columns in all, the third is
sigma. `sigma="none"` takes none. `Table.note` says in words what was taken.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.errors import DataError, did_you_mean
from physfit.typing import FloatArray

__all__ = ["Field", "Key", "Offer", "Table", "choose", "split_unit"]

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


class Field(NamedTuple):
    """One column on offer: `values`, or None and the `problem` with it as a sentence.

    A text column is passed over by the automatic choice; a numeric column with an
    unreadable entry is not, so that its sentence reaches the user.
    """

    name: str
    unit: str
    values: NDArray[Any] | None
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


_BRACKETS = re.compile(r"^(?P<name>.*?\S)\s*\[(?P<unit>[^\[\]]*)\]$")
_PARENTHESES = re.compile(r"^(?P<name>.*?\S)\s+\((?P<unit>[^()]*(?:\([^()]*\))?)\)$")
# Without a space `f(Hz)` has a unit, but `log(I)` and `u(T)` are names.
_TIGHT = re.compile(r"^(?P<name>.*?\w)\((?P<unit>[^()\w]|[^()]{2,})\)$")
_SLASH = re.compile(r"^(?P<name>.*?\S)\s+/\s*(?P<unit>\S.*)$")
_NO_UNIT = {"-", "1", "none"}

_ERROR_WORD = (
    r"(?:errors?|err|sigma|σ|std ?dev|stdev|stderr|std|sd|"
    r"standard (?:deviation|error)|unc(?:ert(?:ainty|ainties)?)?)"
)
_ERROR = re.compile(rf"^(?:(?P<a>.+?) ?)??{_ERROR_WORD}(?: (?:of |in )?(?P<b>.+))?$")
_DELTA = re.compile(r"^(?:delta ?|[dδ] ?)(?P<a>.+)$")


def split_unit(header: str) -> tuple[str, str]:
    """Name and unit of a column header such as `f (Hz)`, `f [Hz]` or `f / Hz`.

    Examples
    --------
    >>> split_unit("f / Hz"), split_unit("log(I)")
    (('f', 'Hz'), ('log(I)', ''))
    """
    text = header.strip()
    for pattern in (_BRACKETS, _PARENTHESES, _TIGHT, _SLASH):
        match = pattern.match(text)
        if match:
            unit = match["unit"].strip()
            return match["name"].strip(), "" if unit.lower() in _NO_UNIT else unit
    return text, ""


def choose(offer: Offer, x: Key, y: Key, sigma: Key) -> Table:
    """The columns of `offer` asked for, or found by the rules above, as a table."""
    numeric = [i for i, field in enumerate(offer.fields) if not field.is_text]
    if not numeric:
        problems = [field.problem for field in offer.fields if field.problem]
        generic = f"`{offer.source}` has no numeric {offer.word}; give it x and y."
        raise DataError(problems[0] if problems else generic)
    asked = {at for key in (x, y, sigma) for at in _asked(offer, key)}
    at_x = _find(offer, x) if x is not None else _first(offer, numeric, asked)
    y_values, y_field, y_name, at_y = _choose_y(offer, y, at_x, numeric, asked)
    at_sigma = _choose_sigma(offer, sigma, at_x, at_y)
    x_field = offer.fields[at_x]
    x_values = _real(offer, at_x, "x")
    sigma_values = None if at_sigma is None else _real(offer, at_sigma, "sigma")
    _check_lengths(offer, x_values, y_values, sigma_values)
    taken = [f"x = {_called(offer, at_x)}", f"y = {y_name}"]
    taken.append(
        "no sigma" if at_sigma is None else f"sigma = {_called(offer, at_sigma)}"
    )
    return Table(
        x_values,
        y_values,
        sigma_values,
        x_field.label or "x",
        y_field.label or "y",
        x_field.unit,
        y_field.unit,
        offer.source,
        "; ".join([", ".join(taken), *offer.remarks]),
    )


def _asked(offer: Offer, key: Key) -> tuple[int, ...]:
    """Columns that `key` asks for: none, one, or the two of a complex pair."""
    if key is None or (key == "none" and not _named(offer, "none")):
        return ()
    return _pair(offer, key) or (_find(offer, key),)


def _named(offer: Offer, key: str) -> list[int]:
    """Columns of this name or, if there is none, of this name with its unit."""
    wanted = split_unit(key)
    fields = offer.fields
    return [i for i, field in enumerate(fields) if field.name == key != ""] or [
        i for i, field in enumerate(fields) if (field.name, field.unit) == wanted
    ]


def _pair(offer: Offer, key: Key) -> tuple[int, int] | None:
    """Both columns of `re,im`, which makes one complex column."""
    if not isinstance(key, str) or _named(offer, key) or key.count(",") != 1:
        return None
    re_key, im_key = key.split(",")
    return _find(offer, re_key.strip()), _find(offer, im_key.strip())


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
        if not key.isdecimal():
            names = [field.name for field in offer.fields if field.name]
            hint = did_you_mean(key, names) if names else _numbers(offer)
            raise DataError(f"`{offer.source}` has no {offer.word} {key!r}; {hint}")
    index = int(key if key is not None else 0)
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


def _choose_y(
    offer: Offer, y: Key, at_x: int, numeric: list[int], asked: set[int]
) -> tuple[NDArray[Any], Field, str, int]:
    """Values, field, name in words and index of y."""
    pair = _pair(offer, y)
    if pair is not None:
        re_part, im_part = (_real(offer, at, "y") for at in pair)
        names = [_called(offer, at) for at in pair]
        first, second = (offer.fields[at] for at in pair)
        label = f"{first.name}, {second.name}" if first.name else ""
        field = Field(label, first.unit, None)
        return re_part + 1j * im_part, field, f"{names[0]} + i {names[1]}", pair[0]
    at = _find(offer, y) if y is not None else _next(offer, at_x, numeric, asked)
    return _values(offer, at), offer.fields[at], _called(offer, at), at


def _next(offer: Offer, at_x: int, numeric: list[int], asked: set[int]) -> int:
    """First numeric column after x, else before it, that is not the error of x."""
    x_name = offer.fields[at_x].name
    free = [i for i in numeric if i not in asked and i != at_x]
    free.sort(key=lambda i: (i < at_x, i))
    named = [i for i in free if offer.fields[i].name] or free
    for i in named:
        error_of = _error_of(offer.fields[i].name)
        if error_of is None or not error_of & {"x", x_name.lower()}:
            return i
    raise _too_few(offer)


def _choose_sigma(offer: Offer, sigma: Key, at_x: int, at_y: int) -> int | None:
    if sigma is not None:
        return next(iter(_asked(offer, sigma)), None)
    fields = offer.fields
    if not any(field.name for field in fields):
        third = len(fields) == 3 and (at_x, at_y) == (0, 1) and not fields[2].is_text
        return 2 if third and not fields[1].is_complex else None
    own = fields[at_y].name.lower()
    if "" in (_error_of(own) or ()):  # y is itself a column of errors
        return None
    found: dict[bool, int] = {}
    for i, field in enumerate(fields):
        error_of = _error_of(field.name)
        if error_of is None or field.is_text or i in (at_x, at_y):
            continue
        if own in error_of:
            found.setdefault(True, i)
        elif error_of & {"", "y"}:
            found.setdefault(False, i)
    return found.get(True, found.get(False))


def _error_of(name: str) -> set[str] | None:
    """What a column of this name may be the error of ("" for unsaid), None if none."""
    lowered = name.lower().strip()
    plain = re.sub(r"[\s._-]+", " ", lowered)
    stems = set()
    for match in (_ERROR.match(plain), _DELTA.match(plain), _DELTA.match(lowered)):
        if match:
            groups = [group for group in match.groups() if group]
            stems.add(groups[0].strip() if groups else "")
            stems.add(groups[0].strip().replace(" ", "_") if groups else "")
    return stems or None


def _values(offer: Offer, at: int) -> NDArray[Any]:
    field = offer.fields[at]
    if field.values is None:
        raise DataError(field.problem)
    return field.values


def _real(offer: Offer, at: int, role: str) -> FloatArray:
    values = _values(offer, at)
    if np.iscomplexobj(values):
        raise DataError(
            f"`{role}` must be real, but {_called(offer, at)} of `{offer.source}` is "
            f"complex; choose another {offer.word}."
        )
    return values


def _called(offer: Offer, at: int) -> str:
    name = offer.fields[at].name
    return f"{offer.word} {name!r}" if name else f"{offer.word} {at}"


def _check_lengths(
    offer: Offer, x: FloatArray, y: NDArray[Any], sigma: FloatArray | None
) -> None:
    if x.size == y.size and (sigma is None or sigma.size == y.size):
        return
    sizes = f"x has {x.size} values and y has {y.size}"
    if sigma is not None:
        sizes += f", sigma {sigma.size}"
    raise DataError(
        f"`{offer.source}` does not fit together: {sizes}; choose {offer.word}s of one "
        "length."
    )
