"""Kinds of settings: what stands behind an option, or a key of a job file, as a value.

A function that reads text takes `(option, text)`, one that checks a value of a job file
takes `(place, value)`; both return the value, or refuse it in one sentence. A number is
what `float` reads. A side of a range that is left out is open.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple, TypeVar

from physfit.cli.settings import Kind
from physfit.counts import decimal
from physfit.data.files.limits import check_option
from physfit.errors import InputError

__all__ = ["BOUNDS", "COLUMN", "EXPRESSIONS", "FIGURE", "FLAG", "GIF", "GRID", "LIMIT"]
__all__ += ["MEBIBYTES", "NUMBER", "NUMBERS", "PATH", "RANGE", "RATE", "RESULT"]
__all__ += ["START", "TABLE", "TEXT", "UNCHECKED", "WHOLE", "Grid", "Interval", "Kind"]
__all__ += ["assignments", "by_name", "check_interval", "grid", "interval", "methods"]
__all__ += ["names", "number", "output", "ranges", "words"]

#: Bytes of a sample: numbers, and text to write.
_SAMPLE_BYTES = 256

T = TypeVar("T")
#: A range as written; None is a side that was left out.
Interval = tuple[float | None, float | None]


class Grid(NamedTuple):
    """Evenly spaced samples, both ends included, at least 2."""

    start: float
    stop: float
    n_samples: int


def number(option: str, text: str) -> float:
    """Finite number written behind an option."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(f"{option} takes a finite number, not {text.strip()!r}.")
    return value


def interval(option: str, text: str) -> Interval:
    """Range `low:high`, low below high; a side may be left out.

    Examples
    --------
    >>> interval("--x-range", "4:6"), interval("--x-range", "4:")
    ((4.0, 6.0), (4.0, None))
    """
    sides = text.split(":")
    if len(sides) != 2 or not any(side.strip() for side in sides):
        raise InputError(
            f"{option} takes a range LOW:HIGH such as 4:6, 4: or :6, not {text!r}."
        )
    low, high = (_end(option, side) if side.strip() else None for side in sides)
    check_interval(option, low, high)
    return low, high


def _end(option: str, text: str) -> float:
    """End of a range; infinity opens it."""
    return float(text) if text.strip().lstrip("+-") == "inf" else number(option, text)


def check_interval(what: str, low: float | None, high: float | None) -> None:
    """Refuse a range whose lower end is not below the upper one."""
    if low is not None and high is not None and not low < high:
        raise InputError(
            f"{what} goes from {low:g} to {high:g}; the lower end must be below the "
            "upper one."
        )


def _bounds(option: str, text: str) -> tuple[float, float]:
    """Range whose open sides are infinite."""
    low, high = interval(option, text)
    return -math.inf if low is None else low, math.inf if high is None else high


def _closed(option: str, text: str) -> tuple[float, float]:
    """Range with both sides."""
    low, high = interval(option, text)
    if low is None or high is None:
        raise InputError(f"{option} needs both ends, as in 4:6.")
    return low, high


def _expression(option: str, text: str) -> str:
    if not text.strip():
        raise InputError(
            f"{option} takes an expression such as 'a_sigma', not nothing."
        )
    return text.strip()


def grid(option: str, text: str) -> Grid:
    """Samples `start:stop:count`, such as 0:10:200.

    Examples
    --------
    >>> grid("--x", "0:10:200")
    Grid(start=0.0, stop=10.0, n_samples=200)
    """
    parts = text.split(":")
    if len(parts) != 3:
        raise InputError(
            f"{option} takes START:STOP:COUNT such as 0:10:200, not {text!r}."
        )
    start, stop = number(option, parts[0]), number(option, parts[1])
    count = decimal(parts[2].strip())
    if count is None or count < 2:
        raise InputError(
            f"{option} takes a count of at least 2 samples, not {parts[2][:40]!r}."
        )
    check_option(option, count, _SAMPLE_BYTES)
    if start == stop:
        raise InputError(f"{option} starts and stops at {start:g}; give two places.")
    return Grid(start, stop, count)


def names(option: str, text: str) -> tuple[str, ...]:
    """Names separated by commas, each once."""
    return _each_once(option, text, [item.strip() for item in text.split(",")])


def methods(option: str, text: str) -> tuple[str, ...]:
    """Methods separated by commas, which may also stand between a method's settings.

    Examples
    --------
    >>> methods("--methods", "lm,adam:beta1=0.95,eps=1e-10,scipy:trf")
    ('lm', 'adam:beta1=0.95,eps=1e-10', 'scipy:trf')
    """
    items: list[str] = []
    for item in text.split(","):
        is_setting = "=" in item and ":" not in item.partition("=")[0]
        if is_setting and items and ":" in items[-1]:
            items[-1] += f",{item.strip()}"
        else:
            items.append(item.strip())
    return _each_once(option, text, items)


def _each_once(option: str, text: str, items: Iterable[str]) -> tuple[str, ...]:
    listed = tuple(item for item in items if item)
    if not listed:
        raise InputError(f"{option} takes names separated by commas, not {text!r}.")
    _check_once(option, listed)
    return listed


def assignments(
    option: str, texts: Iterable[str], read: Callable[[str, str], T]
) -> dict[str, T]:
    """Values by name from `NAME=VALUE` texts, each perhaps a list with commas.

    Parameters
    ----------
    option : str
        How the option is called, for error messages.
    texts : iterable of str
        What stood behind the option, as often as it was given.
    read : callable
        `(what, text) -> value`.

    Examples
    --------
    >>> assignments("--start", ["a=1,b=2", "c=3"], number)
    {'a': 1.0, 'b': 2.0, 'c': 3.0}
    """
    pairs = [pair for text in texts for pair in _pairs(option, text)]
    _check_once(option, [name for name, _ in pairs])
    return {name: read(f"{option} {name}", text) for name, text in pairs}


def _pairs(option: str, text: str) -> Iterator[tuple[str, str]]:
    for item in text.split(","):
        name, equals, value = item.partition("=")
        if not equals or not name.strip():
            raise InputError(
                f"{option} takes NAME=VALUE, or several separated by commas, not "
                f"{text!r}."
            )
        yield name.strip(), value


def _check_once(option: str, listed: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in listed:
        if name in seen:
            raise InputError(f"{option} names {name!r} twice; give it once.")
        seen.add(name)


def by_name(read: Callable[[str, str], T], *words: str) -> Kind[dict[str, T]]:
    """Kind of values by name; one of the words may stand in their place."""

    def values(option: str, texts: list[str]) -> Any:
        is_word = len(texts) == 1 and texts[0] in words
        return texts[0] if is_word else assignments(option, texts, read)

    return Kind(list[str], values)


def ranges(option: str, texts: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Ranges by name, closed on both sides."""
    return assignments(option, texts, _closed)


def _checked(
    allowed: str,
    types: Any,
    holds: Callable[[Any], Any] = lambda value: True,
    convert: Callable[[Any], Any] = lambda value: value,
) -> Callable[[str, Any], Any]:
    """Function that refuses values of other types, and those for which `holds` fails.

    `allowed` says it in words; truth values are no numbers.
    """

    def check(place: str, value: Any) -> Any:
        is_typed = isinstance(value, types) and (
            type(value) is not bool or types is bool
        )
        if not (is_typed and holds(value)):
            raise InputError(f"{place} must be {allowed}, not {value!r}.")
        return convert(value)

    return check


def _path(place: str, value: Any) -> str:
    if "\0" in TEXT.check(place, value):
        raise InputError(f"{place}: no path holds a null character; leave it out.")
    return str(value)


def _pair(place: str, value: Any) -> Interval:
    sides = _checked("a pair such as [4, 6]", list, lambda ends: len(ends) == 2)
    low, high = (LIMIT.check(place, side) for side in sides(place, value))
    check_interval(place, low, high)
    return low, high


def output(*suffixes: str) -> Kind[str]:
    """Kind of a file to write, whose suffix says what it is."""
    return Kind(str, check=_path, suffixes=suffixes)


def words(*allowed: str) -> Kind[Any]:
    """Kind of a text that is one of some words."""
    check = _checked(" or ".join(map(repr, allowed)), str, allowed.__contains__)
    return Kind(str, check, check)


_NUMBERS = (int, float)
TEXT = Kind[str](str, check=_checked("a text", str, str.strip))
PATH = Kind[str](str, check=_path)
FLAG = Kind[bool](bool, check=_checked("true or false", bool), absent=False)
WHOLE = Kind[int](int, check=_checked("a whole number", int, lambda n: n >= 0))
NUMBER = Kind[float](
    float, check=_checked("a finite number", _NUMBERS, math.isfinite, float)
)
LIMIT = Kind[float](
    float,
    check=_checked(
        "a finite number", _NUMBERS, lambda side: not math.isnan(side), float
    ),
)
RANGE = Kind[Interval](str, interval, _pair)
MEBIBYTES = Kind[int](
    *(int, lambda _, size: int(size) << 20),
    lambda place, size: WHOLE.check(place, size) << 20,
)
COLUMN = Kind[str | int](
    str,
    check=_checked(
        "the name of a column or its number from 0",
        (int, str),
        lambda column: column.strip() if isinstance(column, str) else column >= 0,
    ),
)
#: Learning rate: a number, or a schedule as text.
RATE = Kind[str | float](
    str,
    check=lambda place, rate: (
        rate if isinstance(rate, str) else NUMBER.check(place, rate)
    ),
)
GRID = Kind[Grid](str, grid)
RESULT = output(".h5", ".hdf5", ".nxs", ".json")
FIGURE = output(".png", ".pdf", ".svg")
GIF = output(".gif")
TABLE = output(".csv")
UNCHECKED = output()
NUMBERS = by_name(number)
BOUNDS = by_name(_bounds)
EXPRESSIONS = by_name(_expression)
START = Kind[dict[str, float] | str](
    list[str], by_name(number, "random").read, words("random").check
)
