"""Parameters of a model, and the changes that `Model.where` makes to them.

A parameter is free, fixed at its start value, or tied to others by an expression. The
start of a free parameter is what a user gave; `None` leaves it to the guess.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from numbers import Real

from physfit.errors import ModelError
from physfit.models.expression import Expression

__all__ = ["Change", "Param", "as_change", "bounds", "fixed", "param", "tie"]


@dataclass(frozen=True, slots=True)
class Param:
    """One parameter of a model.

    Attributes
    ----------
    name : str
        Name with its prefix.
    unit : str
        In terms of the data's units: "x", "y", "y*x", "1/x", "y/x**2", or a literal in
        single quotes; "" without unit. See `physfit.models.units.resolve_unit`.
    description : str
        What it is, in a few words.
    lower, upper : float
        Bounds, both included.
    start : float or None
        Start value of a free parameter (None: to be guessed), value of a fixed one.
    fixed : bool
        Whether the parameter stays at `start`.
    tie : str or None
        Expression of other parameters that gives the value.
    """

    name: str
    unit: str
    description: str = ""
    lower: float = -math.inf
    upper: float = math.inf
    start: float | None = None
    fixed: bool = False
    tie: str | None = None

    def __post_init__(self) -> None:
        if not self.lower < self.upper:
            hint = (
                "hold the parameter with pf.fixed(value) or --fix name=value instead."
                if self.lower == self.upper
                else "the lower bound must be below the upper one."
            )
            raise ModelError(
                f"`{self.name}` has bounds {self.lower!r} to {self.upper!r}; {hint}"
            )
        if self.tie is not None and (self.fixed or self.start is not None):
            raise ModelError(
                f"`{self.name}` is tied to `{self.tie}`, so it can have no start and "
                "cannot be fixed; free it first with pf.param()."
            )
        if self.start is None:
            if self.fixed:
                raise ModelError(f"`{self.name}` is fixed but has no value.")
        elif not self.lower <= self.start <= self.upper:
            what = "value" if self.fixed else "start"
            raise ModelError(
                f"`{self.name}` has {what} {self.start!r}, which lies outside its "
                f"bounds {self.lower!r} to {self.upper!r}; move one of them."
            )

    @property
    def is_free(self) -> bool:
        """Whether a fit may move this parameter by itself."""
        return not self.fixed and self.tie is None

    def started(self, start: float | None) -> Param:
        """The same with this start, if it can have it."""
        is_possible = start is not None and self.lower <= start <= self.upper
        if not is_possible or self.tie is not None:
            return self
        return replace(self, start=start)


@dataclass(frozen=True, slots=True)
class Change:
    """What turns a parameter into the one that `where` asks for.

    Attributes
    ----------
    text : str
        How it is written; changes that are written alike are equal.
    apply : callable
        `(current, declared) -> Param`; `declared` is the catalogue's own.
    """

    text: str
    apply: Callable[[Param, Param], Param] = field(compare=False)

    def __repr__(self) -> str:
        return self.text


def _freed(
    start: float | None,
    limits: tuple[float, float] | None,
    current: Param,
    declared: Param,
) -> Param:
    base = _untied(current, declared)
    lower, upper = limits or (base.lower, base.upper)
    if start is None:
        start = _kept_inside(base.start, declared, lower, upper)
    return replace(base, start=start, lower=lower, upper=upper, fixed=False)


def _started(start: float, current: Param, declared: Param) -> Param:
    return replace(current, start=start)


def _held(value: float, current: Param, declared: Param) -> Param:
    return replace(_untied(current, declared), start=value, fixed=True)


def _bounded(lower: float, upper: float, current: Param, declared: Param) -> Param:
    if current.tie is not None:
        raise ModelError(
            f"`{current.name}` is tied to `{current.tie}` and cannot have bounds; "
            "bound the parameters of the tie, or free it with pf.param()."
        )
    start = _kept_inside(current.start, declared, lower, upper)
    return replace(current, start=start, lower=lower, upper=upper)


def _tied(text: str, current: Param, declared: Param) -> Param:
    limits = (current.lower, current.upper)
    if limits not in ((declared.lower, declared.upper), (-math.inf, math.inf)):
        raise ModelError(
            f"`{current.name}` has bounds {limits[0]!r} to {limits[1]!r}, which a "
            "tied parameter cannot keep; take them off with pf.bounds(None, None) "
            "or bound the parameters of the tie."
        )
    if current.fixed:
        raise ModelError(
            f"`{current.name}` is fixed at {current.start!r} and cannot be tied at "
            "once; free it first with pf.param()."
        )
    return replace(current, start=None, lower=-math.inf, upper=math.inf, tie=text)


def _untied(current: Param, declared: Param) -> Param:
    """A parameter whose bounds and start are kept; of a tied one, the declared."""
    return current if current.tie is None else declared


def _kept_inside(
    start: float | None, declared: Param, lower: float, upper: float
) -> float | None:
    """The start; one that was only declared gives way to bounds."""
    if start is None or start != declared.start:
        return start
    return min(max(start, lower), upper)


def param(
    start: float | None = None,
    bounds: tuple[float | None, float | None] | None = None,
) -> Change:
    """Free a parameter, with a start value and bounds where given.

    Parameters
    ----------
    start : float, optional
        Start value; without it a start given earlier stays, or it is guessed.
    bounds : tuple of float or None, optional
        Lower and upper bound, both included; None is no bound on that side.

    Returns
    -------
    Change
        For `Model.where`.

    Raises
    ------
    ModelError
        When one of these is no number; by `where` also when the bounds are in the
        wrong order or exclude the start.

    Examples
    --------
    >>> from physfit.models import Gaussian
    >>> model = Gaussian().where(center=param(start=5.1, bounds=(4, 6)))
    >>> model.parameters["center"].start, model.parameters["center"].upper
    (5.1, 6.0)
    """
    limits = None if bounds is None else _limits("pf.param", bounds)
    number = None if start is None else _number("pf.param(start)", start)
    text = f"pf.param({number!r}, {limits!r})"
    return Change(text, partial(_freed, number, limits))


def fixed(value: float) -> Change:
    """Hold a parameter at `value`, for `Model.where`.

    Parameters
    ----------
    value : float
        In the unit of the parameter.

    Returns
    -------
    Change
        For `Model.where`.

    Raises
    ------
    ModelError
        When it is no finite number.

    Examples
    --------
    >>> from physfit.models import Linear
    >>> Linear().where(slope=fixed(0.0)).free_names
    ('intercept',)
    """
    number = _number("pf.fixed", value)
    return Change(f"pf.fixed({number!r})", partial(_held, number))


def tie(expression: str) -> Change:
    """Tie a parameter to others by an expression, for `Model.where`.

    Parameters
    ----------
    expression : str
        Numbers, parameter names, `+ - * / **` and a few functions; see
        `physfit.models.expression`. Never evaluated as Python.

    Returns
    -------
    Change
        For `Model.where`.

    Raises
    ------
    ModelError
        When the expression holds anything else; by `where` also when a name in it is
        unknown or ties go in a circle.

    Examples
    --------
    >>> from physfit.models import Voigt
    >>> Voigt().where(gamma=tie("2 * sigma")).free_names
    ('amplitude', 'center', 'sigma')
    """
    text = Expression.parse(expression).text
    return Change(f"pf.tie({text!r})", partial(_tied, text))


def bounds(lower: float | None, upper: float | None) -> Change:
    """Bound a parameter, both ends included; None is no bound on that side.

    Parameters
    ----------
    lower, upper : float or None
        In the unit of the parameter.

    Returns
    -------
    Change
        For `Model.where`.

    Raises
    ------
    ModelError
        When one of these is no number; by `where` also when they are in the wrong
        order, or the parameter is tied.

    Examples
    --------
    >>> from physfit.models import Constant
    >>> Constant().where(c=bounds(0, None)).parameters["c"].lower
    0.0
    """
    low, high = _limits("pf.bounds", (lower, upper))
    return Change(f"pf.bounds({low!r}, {high!r})", partial(_bounded, low, high))


def as_change(name: str, value: Change | float) -> Change:
    """Change for what a caller wrote; a bare number means the start value."""
    if isinstance(value, Change):
        return value
    if isinstance(value, Real) and not isinstance(value, bool):
        number = _number(f"`{name}`", value)
        return Change(repr(number), partial(_started, number))
    raise ModelError(
        f"`{name}` takes a number (its start), pf.param(...), pf.fixed(value), "
        f'pf.bounds(lower, upper) or pf.tie("expression"), not {value!r}.'
    )


def _limits(what: str, pair: tuple[float | None, float | None]) -> tuple[float, float]:
    try:
        low, high = pair
    except (TypeError, ValueError):
        raise ModelError(
            f"{what} takes bounds as a pair (lower, upper), not {pair!r}."
        ) from None
    lower = -math.inf if low is None else _number(f"{what} lower", low, finite=False)
    upper = math.inf if high is None else _number(f"{what} upper", high, finite=False)
    return lower, upper


def _number(what: str, value: float, finite: bool = True) -> float:
    if isinstance(value, (bool, str)):
        raise ModelError(f"{what} takes a number, not {value!r}.")
    try:
        number = float(value)
    except OverflowError:  # an int that is larger than all floats
        number = math.inf
    except (TypeError, ValueError):
        raise ModelError(f"{what} takes a number, not {value!r}.") from None
    if math.isnan(number) or (finite and math.isinf(number)):
        raise ModelError(f"{what} takes a finite number, not {number!r}.")
    return number
