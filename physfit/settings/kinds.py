"""Kinds of settings: how a value is typed, and which values are allowed.

`read` takes `(option, texts)`, what was typed behind an option as often as it was
given; `check` takes `(what, value)`, a keyword of a function or a value of a job file.
Both return the value, or refuse it in one sentence that begins with what it is called
there: `batch_size`, --batch-size, or `job.toml`, [minibatch]: `batch_size`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from numbers import Real
from typing import Any, NamedTuple

from physfit.counts import MOST, checked_number, checked_whole
from physfit.errors import InputError, did_you_mean
from physfit.settings import texts
from physfit.settings.texts import Interval, check_interval

__all__ = ["BOUNDS", "COLUMN", "CSV", "EXPRESSIONS", "FIGURE", "FLAG", "GRID", "LIMIT"]
__all__ += ["MEBIBYTES", "METHOD", "NUMBER", "NUMBERS", "OUTPUT", "PATH", "Kind"]
__all__ += [
    "PATHS",
    "QUANTITIES",
    "RANGE",
    "RATE",
    "REPORT",
    "SCAN",
    "SEPARATOR",
    "SIGMA",
    "START",
]
__all__ += ["STEP", "TEXT", "assigned", "counted", "flag", "measured", "one_of"]
__all__ += ["output", "typed", "typed_list"]

Check = Callable[[str, Any], Any]


def _as_given(what: str, value: Any) -> Any:
    return value


class Kind(NamedTuple):
    """How the values of a setting are written.

    Attributes
    ----------
    words : str
        What it takes, for a page.
    read : callable
        `(option, texts) -> value`.
    check : callable
        `(what, value) -> value`; without one whoever takes the value checks it.
    flag : object
        What the option stands for, if nothing is typed behind it.
    suffixes : tuple of str or None
        Of a file to write; without any, somebody else checks the path.
    is_path : bool
        Whether a job file names it as seen from its folder.
    file : callable or None
        `(what, value) -> value` of a job file, where that has another unit.
    is_many : bool
        Whether an argument takes all that follow.
    """

    words: str
    read: Callable[[str, Sequence[str]], Any]
    check: Check = _as_given
    flag: Any = None
    suffixes: tuple[str, ...] | None = None
    is_path: bool = False
    file: Check | None = None
    is_many: bool = False

    def of_file(self, what: str, value: Any) -> Any:
        """Value of a job file, checked."""
        return (self.file or self.check)(what, value)


def typed(
    words: str, read: Callable[[str, str], Any], check: Check = _as_given
) -> Kind:
    """Kind of what one text says; of several the last counts."""
    return Kind(words, lambda option, typed: read(option, typed[-1]), check)


def typed_list(words: str, read: Callable[[str, Sequence[str]], Any]) -> Kind:
    """Kind of what the texts of a repeated option say together."""
    return Kind(words, read)


def _numeric(words: str, read: Callable[[str], Any], check: Check) -> Kind:
    """Kind of a number, which is checked alike wherever it stands."""
    return typed(words, lambda option, text: check(option, read(text)), check)


def counted(least: int = 1, most: int = MOST) -> Kind:
    """Kind of a whole number within limits, both allowed."""
    check = partial(checked_whole, least=least, most=most)
    return _numeric(f"whole number from {least}", texts.whole, check)


def measured(*, positive: bool = False) -> Kind:
    """Kind of a finite number that is not negative, or above 0."""
    words = "number above 0" if positive else "number from 0"
    return _numeric(words, texts.real, partial(checked_number, positive=positive))


def _checked(
    allowed: str,
    types: Any,
    holds: Callable[[Any], Any] = lambda value: True,
    convert: Callable[[Any], Any] = lambda value: value,
) -> Check:
    """Function that refuses values of other types, and those for which `holds` fails.

    `allowed` says it in words; truth values are no numbers.
    """

    def check(what: str, value: Any) -> Any:
        is_bool = type(value).__name__ in ("bool", "bool_")  # also numpy's
        is_typed = (
            is_bool if types is bool else isinstance(value, types) and not is_bool
        )
        if not (is_typed and holds(value)):
            raise InputError(f"{what} must be {allowed}, but is {value!r}.")
        return convert(value)

    return check


def flag(value: Any, check: Check | None = None) -> Kind:
    """Kind of an option behind which nothing is typed; it stands for the value."""
    is_bool = _checked("true or false", bool, convert=bool)

    def read(option: str, typed: Sequence[Any]) -> Any:
        if not all(typed):  # "--quiet=no"
            raise InputError(
                f"{option} takes no value; give it alone, or leave it out."
            )
        return value

    return Kind("true or false", read, check or is_bool, value)


def _hint(value: str, allowed: Sequence[str]) -> str:
    """End of a sentence that has named what is allowed."""
    nearest = did_you_mean(value, allowed)
    return f"; {nearest}" if nearest.startswith("did") else "."


def one_of(*allowed: str) -> Kind:
    """Kind of a text that is one of some words."""
    listed = " or ".join(map(repr, allowed))

    def check(what: str, value: Any) -> str:
        if not isinstance(value, str) or value not in allowed:
            hint = _hint(str(value), allowed)
            raise InputError(f"{what} must be {listed}, but is {value!r}{hint}")
        return str(value)

    return typed(" or ".join(f"`{word}`" for word in allowed), check, check)


def assigned(words: str, read: Callable[[str, str], Any], *instead: str) -> Kind:
    """Kind of values by name; one of the words may stand in their place."""

    def values(option: str, typed: Sequence[str]) -> Any:
        word = typed[0].strip() if len(typed) == 1 else ""
        if word in instead or not (instead and word.isalpha()):
            return word if word in instead else texts.assignments(option, typed, read)
        raise InputError(
            f"{option} takes NAME=VALUE, or {' or '.join(map(repr, instead))}, but is "
            f"{word!r}{_hint(word, instead)}"
        )

    return Kind(words, values)


def _path(what: str, value: Any) -> Any:
    path = os.fspath(value) if isinstance(value, os.PathLike) else value
    if "\0" in TEXT.check(what, path):
        raise InputError(f"{what}: no path holds a null character; leave it out.")
    return value


def _paths(option: str, typed: Sequence[str]) -> tuple[str, ...]:
    for text in typed:
        if text.startswith("-"):  # an option behind "--"
            raise InputError(f"unexpected extra argument {text!r}.")
    return tuple(typed)


def output(*suffixes: str) -> Kind:
    """Kind of a file to write, whose suffix says what it is."""
    ends = ", ".join(f"`{suffix}`" for suffix in suffixes)
    words = f"path that ends in {ends}" if ends else "path"
    return PATH._replace(words=words, suffixes=suffixes)


def _pair(what: str, value: Any) -> Interval:
    sides = _checked(
        "a pair such as [4, 6]", (list, tuple), lambda ends: len(ends) == 2
    )
    low, high = (
        None if side is None else LIMIT.check(what, side) for side in sides(what, value)
    )
    check_interval(what, low, high)
    return low, high


def _start(what: str, value: Any) -> Any:
    return value if isinstance(value, dict) else one_of("random").check(what, value)


def _numbers(what: str, value: Any) -> Any:
    if isinstance(value, Mapping):
        return value
    raise InputError(
        f"{what} must map names to numbers, such as {{'center': 5.0}}, but is "
        f"{value!r}."
    )


def _rate(what: str, value: Any) -> Any:
    """A number or a text; a schedule of `pf.schedules` is none of these, and passes."""
    number = texts.real(value) if isinstance(value, str) else value
    is_said = bool(number.strip()) if isinstance(number, str) else callable(number)
    if isinstance(value, bool) or not (is_said or isinstance(number, Real)):
        raise InputError(
            f"{what} must be a number, or a schedule such as 'inverse_sqrt:0.01', but "
            f"is {value!r}."
        )
    if isinstance(number, Real):
        number = checked_number(what, number, positive=True)
    return value if isinstance(value, str) else number


def _sigma_of_file(what: str, value: Any) -> Any:
    """A column as of other data; also one number for all samples, written as 1.0."""
    is_number = isinstance(value, float) and 0.0 < value < math.inf
    return value if is_number else COLUMN.check(what, value)


def _quantities(what: str, value: Any) -> tuple[str, ...]:
    """A list of texts, or one."""
    listed = [value] if isinstance(value, str) else value
    if isinstance(listed, list | tuple) and all(isinstance(own, str) for own in listed):
        return texts.quantities(what, listed)
    raise InputError(
        f"{what} must be a list of names such as ['Q', 'ratio=a/b'], but is {value!r}."
    )


def _as_typed(option: str, text: str) -> str:
    return text


def _separator(what: str, value: Any) -> str:
    is_text = isinstance(value, str)
    if is_text and value in ("tab", "space", "\\t"):
        return str(value)
    if not is_text or len(value) != 1 or value.isalnum():
        raise InputError(
            f"{what} must be one character such as ',', ';', '|', 'tab' or 'space', "
            f"but is {value!r}."
        )
    return str(value)


def _scan(what: str, value: Any) -> int | str:
    number = texts.whole(value) if isinstance(value, str) else value
    if number == "all":
        return "all"
    try:
        return checked_whole(what, number, least=0)
    except InputError:
        raise InputError(
            f"{what} must be a number from 0 or 'all', but is {value!r}."
        ) from None


def _mebibytes() -> Kind:
    """Kind of a number of bytes that is typed and written in MiB."""
    most = 1 << 50  # beyond what any machine has
    size = counted(1, most >> 20)
    return size._replace(
        words="whole number from 1, in MiB",
        read=lambda option, typed: size.read(option, typed) << 20,
        check=counted(1, most).check,
        file=lambda what, value: size.check(what, value) << 20,
    )


_NUMBERS = Real
TEXT = typed("text", _as_typed, _checked("a text", str, str.strip))
PATH = typed("path", _as_typed, _path)._replace(is_path=True)
#: A file to write whose path somebody else checks.
OUTPUT = output()
#: Further files to read.
PATHS = typed_list("paths", _paths)._replace(is_path=True, is_many=True)
RESULT = output(".h5", ".hdf5", ".nxs", ".json")
FIGURE = output(".png", ".pdf", ".svg")
REPORT = output(".txt", ".md", ".tex", ".json")
CSV = output(".csv")
FLAG = flag(True)
NUMBER = typed(
    "number", texts.number, _checked("a finite number", _NUMBERS, math.isfinite, float)
)
STEP = _numeric(
    "number other than 0",
    texts.real,
    _checked(
        "a finite number other than 0",
        _NUMBERS,
        lambda step: math.isfinite(step) and step != 0,
        float,
    ),
)
LIMIT = NUMBER._replace(
    check=_checked(
        "a finite number", _NUMBERS, lambda side: not math.isnan(side), float
    )
)
RANGE = typed("range `LOW:HIGH`, in a file `[low, high]`", texts.interval, _pair)
COLUMN = typed(
    "name of a column, or its number from 0",
    _as_typed,
    _checked(
        "the name of a column or its number from 0",
        (int, str),
        lambda column: column.strip() if isinstance(column, str) else column >= 0,
    ),
)
SIGMA = COLUMN._replace(file=_sigma_of_file)
#: What stands between the fields of a text.
SEPARATOR = typed("a character, `tab` or `space`", _separator, _separator)
#: Which of several measurements of a file.
SCAN = typed("whole number from 0, or `all`", _scan, _scan)
#: Learning rate: a number, or a schedule as text.
RATE = typed("number, or a schedule as text", _rate, _rate)
#: A method by name, or an optimiser of the caller's own, which nobody looks at here.
METHOD = typed("name, with settings as in `adam:beta1=0.95`", _as_typed)._replace(
    file=TEXT.check
)
GRID = typed("samples `START:STOP:COUNT`", texts.grid)
MEBIBYTES = _mebibytes()
NUMBERS = assigned("numbers by name", texts.number)._replace(check=_numbers)
BOUNDS = assigned("ranges by name", texts.bounds)
EXPRESSIONS = assigned("expressions by name", texts.expression)
#: Names of quantities, and expressions by name, in one list.
QUANTITIES = typed_list(
    "list of names and of texts `NAME=EXPRESSION`", texts.quantities
)
QUANTITIES = QUANTITIES._replace(check=_quantities)
START = assigned(
    "numbers by name, or `random`; in a file `random` alone", texts.number, "random"
)._replace(check=_start, file=one_of("random").check)
