"""What a user writes behind an option, as values: `a=1,b=2`, `a=0:2`, `4:6`.

A number is what `float` reads. A side of a range that is left out is open.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from physfit.counts import decimal
from physfit.data.files.limits import check_option
from physfit.errors import InputError

__all__ = [
    "Grid",
    "Interval",
    "assignments",
    "check_interval",
    "grid",
    "interval",
    "methods",
    "names",
    "number",
    "parameter_records",
]

#: Bytes of a sample: numbers, and text to write.
_SAMPLE_BYTES = 256

Value = TypeVar("Value")
#: A range as written; None is a side that was left out.
Interval = tuple[float | None, float | None]


@dataclass(frozen=True, slots=True)
class Grid:
    """Evenly spaced samples, both ends included.

    Attributes
    ----------
    start, stop : float
        First and last sample.
    count : int
        Number of samples, at least 2.
    """

    start: float
    stop: float
    count: int


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


def grid(option: str, text: str) -> Grid:
    """Samples `start:stop:count`, such as 0:10:200.

    Examples
    --------
    >>> grid("--x", "0:10:200")
    Grid(start=0.0, stop=10.0, count=200)
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
    found = tuple(item.strip() for item in text.split(",") if item.strip())
    if not found:
        raise InputError(f"{option} takes names separated by commas, not {text!r}.")
    _check_once(option, found)
    return found


def methods(option: str, text: str) -> tuple[str, ...]:
    """Methods separated by commas, which may also stand between a method's settings.

    Examples
    --------
    >>> methods("--methods", "lm,adam:beta1=0.95,eps=1e-10,scipy:trf")
    ('lm', 'adam:beta1=0.95,eps=1e-10', 'scipy:trf')
    """
    found: list[str] = []
    for item in text.split(","):
        is_setting = "=" in item and ":" not in item.partition("=")[0]
        if is_setting and found and ":" in found[-1]:
            found[-1] += f",{item.strip()}"
        elif item.strip():
            found.append(item.strip())
    if not found:
        raise InputError(f"{option} takes names separated by commas, not {text!r}.")
    _check_once(option, found)
    return tuple(found)


def assignments(
    option: str, texts: Iterable[str], read: Callable[[str, str], Value]
) -> dict[str, Value]:
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


def parameter_records(
    start: Iterable[str] = (),
    bounds: Iterable[str] = (),
    fix: Iterable[str] = (),
    tie: Iterable[str] = (),
) -> dict[str, dict[str, object]]:
    """Tables `[parameters.NAME]` of a job, from the options of the command line."""
    records: dict[str, dict[str, object]] = {}
    _enter(records, "start", assignments("--start", start, number))
    limits = assignments("--bounds", bounds, interval)
    _enter(records, "min", {name: _low(pair) for name, pair in limits.items()})
    _enter(records, "max", {name: _high(pair) for name, pair in limits.items()})
    _enter(records, "fixed", assignments("--fix", fix, number))
    _enter(records, "tie", assignments("--tie", tie, _text))
    return records


def _enter(
    records: dict[str, dict[str, object]], key: str, values: Mapping[str, object]
) -> None:
    for name, value in values.items():
        records.setdefault(name, {})[key] = value


def _low(pair: Interval) -> float:
    return -math.inf if pair[0] is None else pair[0]


def _high(pair: Interval) -> float:
    return math.inf if pair[1] is None else pair[1]


def _text(what: str, text: str) -> str:
    if not text.strip():
        raise InputError(f"{what} takes an expression such as 'a_sigma', not nothing.")
    return text.strip()


def _pairs(option: str, text: str) -> Iterator[tuple[str, str]]:
    for item in text.split(","):
        name, equals, value = item.partition("=")
        if not equals or not name.strip():
            raise InputError(
                f"{option} takes NAME=VALUE, or several separated by commas, not "
                f"{text!r}."
            )
        yield name.strip(), value


def _check_once(option: str, found: Iterable[str]) -> None:
    seen: set[str] = set()
    for name in found:
        if name in seen:
            raise InputError(f"{option} names {name!r} twice; give it once.")
        seen.add(name)
