"""What is typed behind an option, as a value.

A function takes `(option, text)`, or `(option, texts)` where an option may be repeated,
and returns the value, or refuses it in one sentence. A number is what `float` reads. A
side of a range that is left out is open.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import NamedTuple, TypeVar

from physfit.counts import decimal
from physfit.errors import InputError

__all__ = ["Grid", "Interval", "assignments", "bounds", "check_interval", "expression"]
__all__ += ["grid", "interval", "methods", "names", "number", "over", "places", "rates"]
__all__ += ["quantities", "row_range", "shard", "span", "spans", "varied", "whole"]

T = TypeVar("T")
#: A range as written; None is a side that was left out.
Interval = tuple[float | None, float | None]
#: Samples of a grid: numbers, and text to write, of 256 bytes each in 4 GiB.
MOST_SAMPLES = 1 << 24


class Grid(NamedTuple):
    """Evenly spaced samples, both ends included, at least 2."""

    start: float
    stop: float
    n_samples: int


def number(option: str, text: str) -> float:
    """Finite number written behind an option."""
    value = real(text)
    if isinstance(value, str) or not math.isfinite(value):
        raise InputError(
            f"{option} must be a finite number, but is {text.strip()[:80]!r}."
        )
    return value


def whole(text: str) -> int | str:
    """Whole number, or the text, if it is none or has hundreds of digits."""
    digits = text.strip()
    is_whole = digits.isascii() and digits.lstrip("+-").isdigit() and len(digits) < 400
    return int(digits) if is_whole else text[:80]


def real(text: str) -> float | str:
    """Number, or the text, if it is none."""
    try:
        return float(text)
    except ValueError:
        return text[:80]


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


def bounds(option: str, text: str) -> tuple[float, float]:
    """Range whose open sides are infinite."""
    low, high = interval(option, text)
    return -math.inf if low is None else low, math.inf if high is None else high


def _closed(option: str, text: str) -> tuple[float, float]:
    """Range with both sides."""
    low, high = interval(option, text)
    if low is None or high is None:
        raise InputError(f"{option} needs both ends, as in 4:6.")
    return low, high


def expression(option: str, text: str) -> str:
    """Expression of parameters, which somebody else reads."""
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
    if count > MOST_SAMPLES:
        raise InputError(
            f"{option} asks for {count} samples; {MOST_SAMPLES} are the most."
        )
    if start == stop:
        raise InputError(f"{option} starts and stops at {start:g}; give two places.")
    return Grid(start, stop, count)


def row_range(option: str, text: str) -> tuple[int, int]:
    """Half-open range of rows `A:B`."""
    first, colon, last = text.partition(":")
    start, stop = decimal(first), decimal(last)
    if not colon or start is None or stop is None:
        raise InputError(f"{option} must be A:B, as in 0:1000, but is {text[:80]!r}.")
    return start, stop


def shard(option: str, text: str) -> tuple[int, int]:
    """Numbers of "I/N"."""
    first, slash, last = text.partition("/")
    number, count = decimal(first), decimal(last)
    if not slash or number is None or count is None:
        raise InputError(f"{option} must be I/N, as in 3/64, but is {text[:80]!r}.")
    if not 1 <= number <= count:
        raise InputError(
            f"{option} must be between 1/N and N/N, but is {text!r}; a job array "
            "counts from 1 with --array=1-N."
        )
    return number, count


def names(option: str, text: str) -> tuple[str, ...]:
    """Names separated by commas, each once."""
    return _each_once(option, text, [item.strip() for item in text.split(",")])


def places(option: str, text: str) -> tuple[str, ...]:
    """Places in a file separated by commas; one may stand there twice."""
    found = tuple(item.strip() for item in text.split(","))
    if not all(found):
        raise InputError(f"{option} has an empty name in {text[:80]!r}; name each.")
    return found


def over(option: str, text: str) -> str | tuple[str, ...]:
    """Names, or the word for the principal directions."""
    return text if text == "principal" else names(option, text)


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


def quantities(option: str, texts: Iterable[str]) -> tuple[str, ...]:
    """Names of quantities, and others as `NAME=EXPRESSION`, each once.

    Examples
    --------
    >>> quantities("--convert", ["Q,tau", "ratio=a_amplitude / b_amplitude"])
    ('Q', 'tau', 'ratio=a_amplitude / b_amplitude')
    """
    items = [item.strip() for text in texts for item in text.split(",")]
    listed = tuple(item for item in items if item)
    for item in listed:
        name, equals, said = item.partition("=")
        if equals and not (name.strip() and said.strip()):
            raise InputError(
                f"{option} takes names, or NAME=EXPRESSION as in 'ratio=a/b', not "
                f"{item!r}."
            )
    if not listed:
        raise InputError(f"{option} takes names separated by commas, not nothing.")
    _check_once(option, (item.partition("=")[0].strip() for item in listed))
    return listed


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


def spans(option: str, texts: Iterable[str]) -> dict[str, tuple[float, float]]:
    """Ranges by name, closed on both sides."""
    return assignments(option, texts, _closed)


def span(option: str, texts: Sequence[str]) -> float | dict[str, tuple[float, float]]:
    """Ranges by name, or one number for all."""
    if len(texts) == 1 and "=" not in texts[0]:
        return number(option, texts[0])
    return spans(option, texts)


def rates(option: str, texts: Sequence[str]) -> dict[str, float] | str:
    """Learning rates by the name of the method, or one (or a schedule) for all."""
    if len(texts) == 1 and ("=" not in texts[0] or ":" in texts[0]):
        return texts[0].strip()
    return assignments(option, texts, number)


def varied(option: str, texts: Iterable[str]) -> dict[str, list[float | int | str]]:
    """Values of settings from `NAME=VALUE,VALUE` texts; of texts by semicolons.

    Examples
    --------
    >>> varied("--vary", ["beta1=0,0.9", "batch_size=16,64"])
    {'beta1': [0, 0.9], 'batch_size': [16, 64]}
    >>> varied("--vary", ["learning_rate=0.1;cosine:0.1,steps=9"])
    {'learning_rate': [0.1, 'cosine:0.1,steps=9']}
    """
    values_by_name: dict[str, list[float | int | str]] = {}
    for text in texts:
        name, equals, listed = text.partition("=")
        name = name.strip()
        is_texts = ";" in listed or (name == "learning_rate" and ":" in listed)
        parts = listed.split(";" if is_texts else ",")
        if not (name and equals) or not all(part.strip() for part in parts):
            raise InputError(
                f"{option} takes NAME=VALUES such as batch_size=16,64, not {text!r}."
            )
        if name in values_by_name:
            raise InputError(f"{option} names {name!r} twice; give it one list.")
        values_by_name[name] = [_value(part.strip()) for part in parts]
    return values_by_name


def _value(text: str) -> float | int | str:
    """Whole number, number or text."""
    for read in (int, float):
        try:
            return read(text)
        except ValueError:
            continue
    return text
