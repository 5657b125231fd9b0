"""Which column of a file is x, which y, which sigma: the rules, and what was taken.

Asked for by name, by full header (`f (Hz)`) or by number from 0, columns are what was
asked for. Otherwise x is the first numeric column (not a count of rows beside a
wavelength or another place, nor `y` beside `x`), y the next one, and sigma the column
whose name says that it is the error of y (`err`, `sigma`, `std`, `y_err`, `dy`,
`signal error` for y = `signal` ...). Of an array of numbers with three columns in all
the third is sigma; of a text without names it is not. `sigma="none"` takes none. A
sigma in per cent, or in mV beside V, is converted to the unit of y. Two columns of y
are a complex number (`complex_columns`); a real part that is found has the imaginary
part behind it. `Table.note` says in words what was taken.

`pick` applies the rules to names, types and lengths alone, so that they are the same
for a file that is read at once and for one that is streamed.
"""

from __future__ import annotations

import re

from physfit.counts import decimal
from physfit.data.complex_columns import Form, form_of, is_pair_of_parts
from physfit.data.error_columns import errors_of
from physfit.data.headings import error_of, split_unit
from physfit.data.table import Choice, Key, Labels, Offer, Wanted, called, values_of
from physfit.data.taken import what_is_taken
from physfit.data.units import PARTS, unit_factor
from physfit.errors import DataError, did_you_mean

__all__ = ["described", "pick"]

#: Names of columns that count rows, and of the places that stand beside such counts.
_COUNT = re.compile(
    r"(?:pixel|index|idx|row|points?|pts?|channel|sample|record|step|n(?:o|r)\.?|#)"
    r"(?: ?(?:no\.?|nr\.?|number|index|#))?",
    re.IGNORECASE,
)
_PLACE = re.compile(
    r"wave ?(?:length|number)|raman|shift|energy|freq|time|theta|angle|temperature",
    re.IGNORECASE,
)
#: Rows of so many at most and columns of so many at least lie on their side.
_FEW_ROWS, _MANY_COLUMNS = 3, 10


def pick(offer: Offer, wanted: Wanted) -> Choice:
    """Which columns are x, y and sigma: those asked for, or found by the rules above.

    With `n_inputs > 1`, x is `"a,b"`, or the first numeric columns.
    """
    x, y, sigma, n_inputs, _, steps = wanted
    has_none = sigma == "none" and not _named(offer, "none")
    numeric = [i for i, field in enumerate(offer.fields) if not field.is_text]
    times = [i for i, field in enumerate(offer.fields) if field.is_time]
    n_columns = n_inputs - (steps is not None)
    if len(numeric) == 1 and times and n_columns == 1:  # of a logger
        numeric = [times[0], *numeric]
    if numeric and len(numeric) <= n_columns:  # better an empty column than none
        fields = enumerate(offer.fields)
        numeric = [i for i, f in fields if f.values is not None and not f.is_time]
    if not numeric:
        problems = [f.problem for f in offer.fields if f.problem.endswith(".")]
        generic = f"`{offer.source}` has no numeric {offer.word}; give it x and y."
        raise DataError(problems[0] if problems else generic)
    if x is None and y is None:
        _check_rows(offer, numeric)
    offer, y = _with_units(offer, y)
    at_y, at_sigma = _asked(offer, y), () if has_none else _asked(offer, sigma)
    if steps is not None:
        size = values_of(offer, (*at_y, numeric[0])[0]).size
        n, with_x = len(offer.fields), (*offer.fields, steps.field(size))
        offer = offer._replace(fields=with_x, axis=n)
    asked = {*at_y, *at_sigma}
    if at_y and at_y[0] in offer.axes:
        offer = offer._replace(axis=offer.axes[at_y[0]])
    at_x = _choose_x(offer, x, numeric, asked, n_inputs)
    at_y = at_y or _both(offer, _next(offer, at_x[-1], numeric, asked | set(at_x)))
    if sigma is None:
        at_sigma, others = errors_of(offer, at_x[-1], at_y)
        if others:
            said = ", ".join(called(offer, at) for at in others)
            remark = f"{said} not used, though named as an error of y"
            offer = offer._replace(remarks=(*offer.remarks, remark))
    return described(offer, at_x, at_y, at_sigma)


def _check_rows(offer: Offer, numeric: list[int]) -> None:
    """Refuse a text whose samples stand along its rows."""
    if not offer.is_text or len(numeric) < _MANY_COLUMNS:
        return
    size = values_of(offer, numeric[0]).size
    if size <= _FEW_ROWS:
        raise DataError(
            f"`{offer.source}` has {len(numeric)} numbers a row and {size} rows, but "
            "rows must be samples, with x and y in columns; transpose the table, or "
            "name the columns x and y."
        )


def described(
    offer: Offer, x: tuple[int, ...], y: tuple[int, ...], sigma: tuple[int, ...]
) -> Choice:
    """The choice of these columns, checked, with its labels, units and note."""
    if len(y) > 2:
        raise DataError(
            f"`y` names {len(y)} {offer.word}s of `{offer.source}`; name one, or two: "
            "the real and the imaginary part."
        )
    form = _checked_form(offer, y, sigma)
    _check_real(offer, x, "x")
    _check_real(offer, y if len(y) > 1 else (), "y")
    _check_lengths(offer, x, y, sigma)
    if len(sigma) > 1 or not offer.fields[y[0]].is_complex:
        _check_real(offer, sigma, "sigma")
    x_fields, y_fields = ([offer.fields[at] for at in columns] for columns in (x, y))
    factor, is_relative = _sigma_scale(offer, y[0], sigma)
    taken, *remarks = what_is_taken(offer, (x, y, sigma), factor, is_relative, form)
    pair = f"{y_fields[0].name}, {y_fields[-1].name}" if y_fields[0].name else ""
    labels = Labels(
        ", ".join(field.label or "xyz"[k % 3] for k, field in enumerate(x_fields)),
        (pair if len(y) > 1 else y_fields[0].label) or "y",
        x_fields[0].unit if len({field.unit for field in x_fields}) == 1 else "",
        y_fields[0].unit if form is None or not form[0] else "",
        offer.source,
        "; ".join([taken, *remarks]),
        tuple(remarks),
    )
    return Choice(offer, x, y, sigma, labels, factor, is_relative, form)


def _checked_form(
    offer: Offer, y: tuple[int, ...], sigma: tuple[int, ...]
) -> Form | None:
    """How two columns are a complex number, with as many of sigma as belong to it."""
    one, *other = (offer.fields[at] for at in y)
    form = form_of(offer.source, one[:2], other[0][:2]) if other else None
    if len(sigma) < 2:
        return form
    if len(sigma) > 2 or form is not None or not (other or one.is_complex):
        raise DataError(
            f"`sigma` names {len(sigma)} {offer.word}s of `{offer.source}`; name one, "
            "which holds for all of y, or, beside a real and an imaginary part, one "
            "for each of them."
        )
    return form


def _sigma_scale(offer: Offer, at_y: int, sigma: tuple[int, ...]) -> tuple[float, bool]:
    """What brings sigma to the unit of y, and whether it is a part of y."""
    if not sigma:
        return 1.0, False
    unit, to = offer.fields[sigma[0]].unit, offer.fields[at_y].unit
    if len(sigma) > 1 and offer.fields[sigma[1]].unit != unit:
        raise DataError(
            f"`{offer.source}` has both parts of sigma in different units, {unit!r} "
            f"and {offer.fields[sigma[1]].unit!r}; give both in one unit."
        )
    if unit == to or not unit:
        return 1.0, False
    if unit in PARTS:
        return PARTS[unit], True
    factor = unit_factor(unit, to) if to else 1.0
    if factor is None:
        raise DataError(
            f"`{offer.source}` has sigma, {called(offer, sigma[0])}, in {unit!r}, but "
            f"y, {called(offer, at_y)}, in {to!r}; give both in one unit, or "
            "sigma='none'."
        )
    return factor, False


def _choose_x(
    offer: Offer, x: Key, numeric: list[int], asked: set[int], n_inputs: int
) -> tuple[int, ...]:
    """The coordinates: as asked for, else the first free numeric columns."""
    chosen = _asked(offer, x)
    if x is None and offer.axis is not None and offer.axis not in asked:
        chosen = (offer.axis,)
    wanted = n_inputs - len(chosen) if x is None else 0
    free = [i for i in numeric if i not in asked and i not in chosen]
    if wanted > 1 and len(free) < wanted + (not asked):
        raise DataError(
            f"`{offer.source}` has {len(numeric)} numeric {offer.word}s, too few for "
            f"{n_inputs} coordinates and y; give it {n_inputs + 1}, or an image."
        )
    for _ in range(wanted):
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
        i
        for i, field in enumerate(fields)
        if (field.name, field.unit) == wanted
        or (field.unit and f"{field.name}({field.unit})" == key)
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
    """First free numeric column; one without a name, a row number, comes last.

    A count of rows such as `Pixel` is left for the wavelength that stands beside it,
    and a column `y` for one that is called `x`.
    """
    free = [i for i in numeric if i not in asked]
    named = [i for i in free if offer.fields[i].name]
    enough = len(named) + len(asked) >= 2
    pool = named if enough and named else free
    real = [i for i in pool if not offer.fields[i].is_complex]
    if not real:
        raise _too_few(offer)
    names = [offer.fields[i].name for i in real]
    lowered = [name.lower() for name in names]
    if lowered[0] == "y" and "x" in lowered:
        return real[lowered.index("x")]
    is_count = len(real) > 2 and _COUNT.fullmatch(names[0]) and _PLACE.search(names[1])
    return real[1] if is_count else real[0]


def _too_few(offer: Offer) -> DataError:
    problem = next((f.problem for f in offer.fields if ", where" in f.problem), "")
    stands = problem.partition(", where")[0].partition(" has ")[2]
    return DataError(
        f"`{offer.source}` has too few numeric {offer.word}s for x and y"
        f"{', for it has ' + stands if stands else ''}; give it at least two."
    )


def _next(offer: Offer, at_x: int, numeric: list[int], asked: set[int]) -> int:
    """First numeric column after x, else before it, that is not the error of x."""
    x_name = offer.fields[at_x].name
    free = [i for i in numeric if i not in asked and i != at_x]
    is_left = x_name.lower() == "x"  # for which a `y` before it was left
    free.sort(key=lambda i: (i < at_x and not (is_left and _is_called_y(offer, i)), i))
    named = [i for i in free if offer.fields[i].name] or free
    for i in named:
        stems = error_of(offer.fields[i].name)
        if stems is None or not stems & {"x", x_name.lower()}:
            return i
    raise _too_few(offer)


def _is_called_y(offer: Offer, at: int) -> bool:
    return offer.fields[at].name.lower() == "y"


def _both(offer: Offer, at: int) -> tuple[int, ...]:
    """A column, and the one behind it if both are named as parts of a number."""
    fields = offer.fields[at : at + 2]
    if any(one.values is None or one.is_complex for one in fields) or len(fields) < 2:
        return (at,)
    is_pair = is_pair_of_parts(fields[0].name, fields[1].name)
    return (at, at + 1) if is_pair else (at,)


def _with_units(offer: Offer, y: Key) -> tuple[Offer, Key]:
    """The offer, with units that a caller says behind the names of two columns.

    They are for headings that have none, as in `--y "S21 (dB),2 (deg)"`.
    """
    if not isinstance(y, str) or "," not in y or _named(offer, y):
        return offer, y
    fields, names = list(offer.fields), list[str]()
    for part in y.split(","):
        name, unit = split_unit(part)
        if unit and not _named(offer, part.strip()):
            at = _find(offer, name)
            if fields[at].unit not in ("", unit):
                raise DataError(
                    f"`y` says that {called(offer, at)} of `{offer.source}` is in "
                    f"{unit!r}, but its heading says {fields[at].unit!r}; leave the "
                    "unit out."
                )
            fields[at], part = fields[at]._replace(unit=unit), str(at)
        names.append(part)
    return offer._replace(fields=tuple(fields)), ",".join(names)


def _check_real(offer: Offer, columns: tuple[int, ...], role: str) -> None:
    for at in columns:
        if values_of(offer, at).dtype.kind == "c":
            raise DataError(
                f"`{role}` must be real, but {called(offer, at)} of `{offer.source}` "
                f"is complex; choose another {offer.word}."
            )


def _check_lengths(
    offer: Offer, x: tuple[int, ...], y: tuple[int, ...], sigma: tuple[int, ...]
) -> None:
    columns = [*x, *y, *sigma]
    lengths = [values_of(offer, at).size for at in columns]
    if len(set(lengths)) == 1:
        return
    sizes = f"x has {lengths[0]} values and y has {lengths[len(x)]}"
    if sigma:
        sizes += f", sigma {lengths[-1]}"
    raise DataError(
        f"`{offer.source}` does not fit together: {sizes}; choose {offer.word}s of one "
        "length."
    )
