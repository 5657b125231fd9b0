"""Schedules written as text, for the command line and job files.

    schedule  =  [ "warmup:" STEPS "+" ] part { "@" STEPS "+" part }
    part      =  RATE  |  NAME ":" RATE { "," NAME "=" NUMBER }

A number alone is a constant rate. A part with "@" lasts that many steps, then the next
one begins and counts from 1; warming up multiplies all of it. In `piecewise` the names
are numbers of steps:

    0.01                        inverse_sqrt:0.01          exponential:0.01,k=1e-4
    piecewise:0.1,1000=0.5,2000=0.1            staircase:0.1,factor=0.5,every=1000
    polynomial:0.1,end=0.001,steps=5000        warmup:100+cosine:0.01,steps=5000
    constant:0.1@1000+exponential:0.1,k=1e-3
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import MISSING, fields
from numbers import Real

import numpy as np

from physfit.counts import checked_number
from physfit.errors import InputError, check_known
from physfit.optim.numbers import named_numbers, number_of
from physfit.optim.schedules import (
    Schedule,
    by_function,
    constant,
    cosine,
    exponential,
    inverse_sqrt,
    joined,
    piecewise,
    polynomial,
    staircase,
    warmup,
)

__all__ = ["as_schedule", "parse_schedule"]

NAMED: dict[str, type[Schedule]] = {
    own.__name__: own
    for own in (
        constant,
        cosine,
        exponential,
        inverse_sqrt,
        piecewise,
        polynomial,
        staircase,
    )
}
#: A plus sign between parts; not the one of 1e+5.
PLUS = re.compile(r"(?<![0-9.][eE])\+")


def as_schedule(
    given: Schedule | Callable[[int], float] | str | float | None,
    *,
    usual: float = 0.01,
) -> Schedule:
    """Schedule from itself, its text, a function, or one number for a constant rate.

    Parameters
    ----------
    given : Schedule, callable, str, float or None
        A function gives the rate of a step by its number, from 1. None is the usual
        one.
    usual : float

    Raises
    ------
    InputError
        When it is none of these, the text cannot be read, or the function gives no
        rate for the first step.

    Examples
    --------
    >>> as_schedule(0.01)
    constant(rate=0.01)
    """
    if isinstance(given, Schedule):
        return given
    rate: object = usual if given is None else given
    if isinstance(given, str):
        try:
            rate = float(given)
        except ValueError:
            return parse_schedule(given)
    if isinstance(rate, Real) and not isinstance(rate, bool):
        return constant(checked_number("`learning_rate`", rate, positive=True))
    if callable(rate) and not isinstance(rate, type):
        schedule = by_function(rate)
        schedule(np.ones(1))  # what is wrong at once is told at once
        return schedule
    raise InputError(
        "`learning_rate` must be a number, a text such as 'inverse_sqrt:0.01', one of "
        f"pf.schedules with its numbers, or a function of the step, but is {given!r}."
    )


def parse_schedule(text: str) -> Schedule:
    """Schedule from its text; see the module for the grammar.

    Raises
    ------
    InputError
        When a name is unknown, a number is missing, superfluous or out of range.

    Examples
    --------
    >>> parse_schedule("exponential:0.01,k=1e-4")
    exponential(rate=0.01, k=0.0001)
    >>> print(parse_schedule("warmup:100+cosine:0.01,steps=1000"))
    warmup:100+cosine:0.01,steps=1000,end=0.0
    """
    parts = PLUS.split(text.replace(" ", ""))
    head, colon, steps = parts[0].partition(":")
    if head == "warmup" and colon:
        return warmup(_joined(parts[1:], text), _steps(steps, "steps", text))
    return _joined(parts, text)


def _joined(parts: list[str], text: str) -> Schedule:
    """Parts one after the other; each but the last says how long it lasts."""
    if not parts:
        raise InputError(
            f"the schedule {text!r} ends after its warm-up; write on with a '+' and "
            "a schedule, as in 'warmup:100+0.01'."
        )
    first, at, after = parts[0].partition("@")
    if len(parts) == 1:
        if at:
            raise InputError(
                f"nothing follows the {first!r} of the schedule {text!r}; write on "
                "with a '+' and a schedule, or leave out the '@'."
            )
        return _part(first, text)
    if not at:
        raise InputError(
            f"the schedule {text!r} does not say how long {first!r} lasts; write a "
            f"number of steps, as in '{first}@1000+...'."
        )
    then = _joined(parts[1:], text)
    return joined(_part(first, text), _steps(after, "after", text), then)


def _part(part: str, text: str) -> Schedule:
    name, colon, numbers = part.partition(":")
    if not colon and name and not name[0].isalpha():
        name, numbers = "constant", part
    if name == "warmup":
        raise InputError(
            f"the schedule {text!r} must begin with a warm-up and its steps if it has "
            "one, as in 'warmup:100+0.01'."
        )
    said = f"the schedule {text!r} has the unknown name"
    check_known(said, [name], [*NAMED, "warmup"])
    first, comma, others = numbers.partition(",")
    if not first:
        raise InputError(
            f"the schedule {text!r} has no rate; write '{name}:0.01' and so on."
        )
    whole = f"schedule {text!r}"
    rate = number_of(first.removeprefix("rate="), "rate", whole)
    pairs = named_numbers(others, whole) if comma else {}
    if name == "piecewise":
        factors = {_steps(k, "after", text): factor for k, factor in pairs.items()}
        return piecewise(rate, factors)
    defaults = {field.name: field.default for field in fields(NAMED[name])[1:]}
    check_known(f"`{name}` in {text!r} has no number", pairs, defaults)
    for missing, default in defaults.items():
        if default is MISSING and missing not in pairs:
            raise InputError(
                f"the schedule {text!r} lacks `{missing}`; write "
                f"'{name}:{rate:g},{missing}=...'."
            )
    return NAMED[name](rate, **pairs)  # type: ignore[call-arg]


def _steps(number: str, name: str, text: str) -> int:
    value = number_of(number, name, f"schedule {text!r}")
    if not (value >= 1 and value.is_integer()):
        raise InputError(
            f"{number!r} in the schedule {text!r} must be a whole number of steps, at "
            "least 1."
        )
    return int(value)
