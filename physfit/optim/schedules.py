"""Learning rates as functions of the step.

A schedule is a value: frozen, comparable, picklable. Called with an array of step
numbers t = 1.0, 2.0, ... it gives the array of their rates, so that the minibatch loop
has thousands of rates at hand and never asks back. Its text, `str(schedule)`, is what
`physfit.optim.schedule_text.parse_schedule` reads.

What happens "after n steps" happens between step n and step n + 1: the first n steps
do not know of it. The classes have the names of what they say, in lower case, because
they are used like functions: `learning_rate=inverse_sqrt(0.01)`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from numbers import Real

import numpy as np

from physfit.counts import checked_number
from physfit.errors import DomainError, InputError
from physfit.typing import FloatArray

__all__ = ["Schedule", "constant", "cosine", "exponential", "inverse_sqrt", "joined"]
__all__ += ["piecewise", "polynomial", "staircase", "warmup"]

#: Numbers that must be above 0, may be 0, must be whole and at least 1.
ABOVE_ZERO = ("rate", "power")
FROM_ZERO = ("end", "k", "factor")
COUNTS = ("steps", "every", "after")


@dataclass(frozen=True)
class Schedule(ABC):
    """A learning rate as a function of the step.

    A subclass is a frozen dataclass with `rates`. Its numbers are checked by their
    names: `rate` and `power` are above 0, `end`, `k` and `factor` not below, `steps`,
    `every` and `after` are whole numbers of steps.
    """

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if field.name in (*ABOVE_ZERO, *FROM_ZERO):
                positive = field.name in ABOVE_ZERO
                value = checked_number(
                    _named(self, field.name), value, positive=positive
                )
                object.__setattr__(self, field.name, value)
            elif field.name in COUNTS:
                object.__setattr__(self, field.name, _count(self, field.name, value))
            elif field.type in ("Schedule", Schedule):
                _schedule(self, field.name, value)

    @abstractmethod
    def rates(self, t: FloatArray) -> FloatArray:
        """Rates at the steps t."""

    def __call__(self, t: FloatArray) -> FloatArray:
        """Rates at the steps t = 1.0, 2.0, ..., checked.

        Parameters
        ----------
        t : ndarray of float64

        Returns
        -------
        ndarray of float64
            Of the shape of `t`.

        Raises
        ------
        DomainError
            When a rate is negative or not finite.
        """
        t = np.asarray(t, dtype=np.float64)
        rates = np.array(np.broadcast_to(self.rates(t), t.shape), dtype=np.float64)
        bad = np.flatnonzero(~((rates >= 0.0) & np.isfinite(rates)))
        if bad.size:
            raise DomainError(
                f"the schedule {self} has the rate {rates.flat[bad[0]]:g} at step "
                f"{t.flat[bad[0]]:g}; rates must be finite and not negative."
            )
        return rates

    def __str__(self) -> str:
        texts = [
            f"{field.name}={getattr(self, field.name)!r}" for field in fields(self)
        ]
        return f"{_name(self)}:{','.join(texts)}".replace(":rate=", ":")


@dataclass(frozen=True)
class constant(Schedule):
    """The same rate at every step.

    Examples
    --------
    >>> constant(0.1)(np.array([1.0, 2.0]))
    array([0.1, 0.1])
    """

    rate: float

    def rates(self, t: FloatArray) -> FloatArray:
        """Rates at the steps t."""
        return np.full_like(t, self.rate)


@dataclass(frozen=True)
class inverse_sqrt(Schedule):
    """rate / sqrt(t).

    Examples
    --------
    >>> inverse_sqrt(0.1)(np.array([1.0, 4.0]))
    array([0.1 , 0.05])
    """

    rate: float

    def rates(self, t: FloatArray) -> FloatArray:
        """Rates at the steps t."""
        return self.rate / np.sqrt(t)


@dataclass(frozen=True)
class exponential(Schedule):
    """rate exp(-k t).

    Examples
    --------
    >>> exponential(0.1, k=1.0)(np.array([1.0, 2.0])).round(4)
    array([0.0368, 0.0135])
    """

    rate: float
    k: float

    def rates(self, t: FloatArray) -> FloatArray:
        """Rates at the steps t."""
        return self.rate * np.exp(-self.k * t)


@dataclass(frozen=True)
class staircase(Schedule):
    """Rate multiplied by `factor` after every `every` steps.

    Examples
    --------
    >>> staircase(0.1, factor=0.5, every=2)(np.array([1.0, 2.0, 3.0]))
    array([0.1 , 0.1 , 0.05])
    """

    rate: float
    factor: float
    every: int

    def rates(self, t: FloatArray) -> FloatArray:
        """Rates at the steps t."""
        return self.rate * self.factor ** np.floor((t - 1.0) / self.every)


@dataclass(frozen=True)
class piecewise(Schedule):
    """Rate multiplied by a factor after each of some numbers of steps.

    Parameters
    ----------
    rate : float
    factors : mapping of int to float
        After that many steps the rate is multiplied by that factor.

    Examples
    --------
    >>> piecewise(0.1, {2: 0.5, 3: 0.5})(np.array([1.0, 2.0, 3.0, 4.0]))
    array([0.1  , 0.1  , 0.05 , 0.025])
    """

    rate: float
    factors: Mapping[int, float] | tuple[tuple[int, float], ...]

    def __post_init__(self) -> None:
        super().__post_init__()
        pairs = sorted(dict(self.factors).items())
        for after, factor in pairs:
            _count(self, "after", after)
            checked_number(_named(self, "factor"), factor)
        kept = tuple((int(after), float(factor)) for after, factor in pairs)
        object.__setattr__(self, "factors", kept)

    def rates(self, t: FloatArray) -> FloatArray:
        """Rates at the steps t."""
        rates = np.full_like(t, self.rate)
        for after, factor in dict(self.factors).items():
            rates = np.where(t > after, rates * factor, rates)
        return rates

    def __str__(self) -> str:
        pairs = [f"{after}={factor!r}" for after, factor in dict(self.factors).items()]
        return f"piecewise:{','.join([repr(self.rate), *pairs])}"


@dataclass(frozen=True)
class polynomial(Schedule):
    """From `rate` at step 1 to `end` after `steps` steps, as a power of what is left.

    end + (rate - end) (1 - (t - 1) / steps)^power, and `end` from then on.

    Examples
    --------
    >>> polynomial(0.1, end=0.0, steps=4)(np.array([1.0, 3.0, 5.0, 9.0]))
    array([0.1 , 0.05, 0.  , 0.  ])
    """

    rate: float
    end: float
    steps: int
    power: float = 1.0

    def rates(self, t: FloatArray) -> FloatArray:
        """Rates at the steps t."""
        left = 1.0 - np.minimum((t - 1.0) / self.steps, 1.0)
        return self.end + (self.rate - self.end) * left**self.power


@dataclass(frozen=True)
class cosine(Schedule):
    """From `rate` at step 1 to `end` after `steps` steps, along half a cosine.

    Loshchilov & Hutter, SGDR (2017), eq. 5, without restarts.

    Examples
    --------
    >>> cosine(0.1, steps=4)(np.array([1.0, 3.0, 5.0, 9.0])).round(4)
    array([0.1 , 0.05, 0.  , 0.  ])
    """

    rate: float
    steps: int
    end: float = 0.0

    def rates(self, t: FloatArray) -> FloatArray:
        """Rates at the steps t."""
        done = np.minimum((t - 1.0) / self.steps, 1.0)
        share = 0.5 * (1.0 + np.cos(math.pi * done))
        return self.end + (self.rate - self.end) * share


@dataclass(frozen=True)
class warmup(Schedule):
    """A schedule times t / steps during the first steps.

    Examples
    --------
    >>> warmup(constant(0.1), steps=4)(np.array([1.0, 2.0, 4.0, 5.0]))
    array([0.025, 0.05 , 0.1  , 0.1  ])
    """

    schedule: Schedule
    steps: int

    def rates(self, t: FloatArray) -> FloatArray:
        """Rates at the steps t."""
        return self.schedule.rates(t) * np.minimum(t / self.steps, 1.0)

    def __str__(self) -> str:
        return f"warmup:{self.steps}+{self.schedule}"


@dataclass(frozen=True)
class joined(Schedule):
    """One schedule for the first `after` steps, then another, which counts from 1.

    Examples
    --------
    >>> joined(constant(0.1), 2, inverse_sqrt(0.1))(np.array([1.0, 2.0, 3.0, 6.0]))
    array([0.1 , 0.1 , 0.1 , 0.05])
    """

    first: Schedule
    after: int
    then: Schedule

    def rates(self, t: FloatArray) -> FloatArray:
        """Rates at the steps t."""
        early = self.first.rates(np.minimum(t, float(self.after)))
        late = self.then.rates(np.maximum(t - self.after, 1.0))
        return np.where(t <= self.after, early, late)

    def __str__(self) -> str:
        nested = isinstance(self.first, joined | warmup)
        first = f"({self.first})" if nested else f"{self.first}"
        return f"{first}@{self.after}+{self.then}"


@dataclass(frozen=True)
class by_function(Schedule):
    """The rate that a Python function gives for each step, by its number 1, 2, ....

    It is asked for each step, again at the ends of epochs, and for up to three steps
    beyond the last; it must give the same rate each time.

    Examples
    --------
    >>> by_function(lambda t: 0.1 if t < 3 else 0.01)(np.array([1.0, 2.0, 3.0]))
    array([0.1 , 0.1 , 0.01])
    """

    function: Callable[[int], float]

    def rates(self, t: FloatArray) -> FloatArray:
        """Rates at the steps t."""
        return np.array([self._rate(int(step)) for step in t.flat]).reshape(t.shape)

    def _rate(self, step: int) -> float:
        try:
            rate = self.function(step)
        except Exception as error:
            told = f"{type(error).__name__}: {error}".rstrip(".: ")
            raise InputError(
                f"`learning_rate`, the {self}, fails at step {step} ({told}); it must "
                "give a number for each step 1, 2, ...."
            ) from error
        if not isinstance(rate, Real) or isinstance(rate, bool | np.bool_):
            raise InputError(
                f"`learning_rate`, the {self}, gives {rate!r} at step {step}; it must "
                "give a number for each step 1, 2, ...."
            )
        return float(rate)

    def __str__(self) -> str:
        inner = getattr(self.function, "func", self.function)  # of a partial
        name = getattr(inner, "__name__", type(inner).__name__)
        return f"function {name}"


def _name(schedule: Schedule) -> str:
    return type(schedule).__name__


def _named(schedule: Schedule, name: str) -> str:
    """A number of a schedule, as an error names it."""
    return f"`{name}` of the schedule `{_name(schedule)}`"


def _count(schedule: Schedule, name: str, value: object) -> int:
    number = value if isinstance(value, float | int | np.number) else math.nan
    if not (math.isfinite(number) and number >= 1 and number == int(number)):
        raise DomainError(
            f"{_named(schedule, name)} must be a whole number of steps, at least 1, "
            f"but is {value!r}."
        )
    return int(number)


def _schedule(schedule: Schedule, name: str, value: object) -> None:
    if not isinstance(value, Schedule):
        raise InputError(
            f"{_named(schedule, name)} must be a schedule, but is {value!r}; write "
            f"constant({value!r}) for one rate."
        )
