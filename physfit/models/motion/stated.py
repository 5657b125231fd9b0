"""Equations of motion as texts, and in texts of models.

There they are `ode({theta: v, v: -omega0**2 * sin(theta)}, {theta: theta0, v: 0})`: the
rate of each state, its start, and in a third pair of braces what else is said.
"""

from __future__ import annotations

import ast
import math
from typing import NamedTuple

from physfit.errors import ModelError
from physfit.models.declaration import FAMILIES, Declaration
from physfit.models.formulas.syntax import (
    LONGEST_MODEL,
    MOST_LETTERS,
    refuse_look_alikes,
    shown,
    syntax_tree,
)
from physfit.models.motion.motion import MAX_STEPS, RTOL

__all__ = ["MOST_STATES", "ODE", "Stated", "stated_of", "stated_text"]

#: What equations of motion are called in texts of models.
ODE = "ode"
MOST_STATES = 30
#: More would keep Ctrl-C waiting for seconds: a trajectory is not interrupted.
MOST_STEPS = 10**6
_ALLOWED = (
    "equations of motion are ode({theta: v, v: -omega0**2*sin(theta)}, {theta: theta0, "
    "v: 0}), where in a third pair of braces may stand observed, x, t0, rtol, atol and "
    "max_steps"
)


class Stated(NamedTuple):
    """Equations of motion as texts, and how they are followed.

    Attributes
    ----------
    rates : tuple of (state, formula)
        Empty where a function gives the rates.
    start : tuple of str
        A formula for each state.
    observed, x, t0, rtol, atol, max_steps
        As in `pf.ode`.
    """

    rates: tuple[tuple[str, str], ...]
    start: tuple[str, ...]
    observed: str
    x: str = "t"
    t0: str = "0"
    rtol: float = RTOL
    atol: float = 0.0
    max_steps: int = MAX_STEPS

    def check(self, states: tuple[str, ...]) -> None:
        """Refuse names and numbers that cannot be meant.

        Raises
        ------
        ModelError
            With what is allowed.
        """
        names = (self.x, *states)
        for own in names:
            is_name = isinstance(own, str) and own.isidentifier()
            if not is_name or len(own) > MOST_LETTERS:
                raise ModelError(
                    f"states and time have names such as theta, not {own!r}."
                )
        if len(set(names)) < len(names):
            raise ModelError(
                f"states and time need different names, not {', '.join(names)}."
            )
        if not 1 <= len(states) <= MOST_STATES:
            raise ModelError(
                f"there are {len(states)} states; there can be 1 to {MOST_STATES}, "
                "with their names as `states`."
            )
        if not 1e-14 <= self.rtol <= 1e-2:
            raise ModelError(f"`rtol` lies between 1e-14 and 0.01; it is {self.rtol}.")
        if not 0.0 <= self.atol < math.inf:
            raise ModelError(f"`atol` is a number from 0 on; it is {self.atol}.")
        if not 1 <= self.max_steps <= MOST_STEPS:
            raise ModelError(
                f"`max_steps` lies between 1 and {MOST_STEPS}; it is {self.max_steps}."
            )


def _declared(text: str) -> Declaration:
    """Declaration of equations of motion in the text of a model."""
    from physfit.models.motion.ode import declared_motion

    return declared_motion(stated_of(text))


FAMILIES[ODE] = _declared


def stated_text(stated: Stated) -> str:
    """Equations of motion as they stand in the text of a model, in one form."""
    states = [own for own, _ in stated.rates]
    starts = dict(zip(states, stated.start, strict=True))
    parts = [_braces(dict(stated.rates)), _braces(starts)]
    usual = Stated((), (), states[0])
    said = {
        name: str(getattr(stated, name))
        for name in Stated._fields[2:]
        if getattr(stated, name) != getattr(usual, name)
    }
    if said.get("t0") == "0.0":
        del said["t0"]
    if said:
        parts.append(_braces(said))
    return f"{ODE}({', '.join(parts)})"


def _braces(said: dict[str, str]) -> str:
    return "{" + ", ".join(f"{own}: {_plain(text)}" for own, text in said.items()) + "}"


def _plain(text: str) -> str:
    """A formula in the form in which Python writes it."""
    refuse_look_alikes(text, "equations of motion")
    return ast.unparse(syntax_tree(text, "the formula", _ALLOWED, LONGEST_MODEL))


def stated_of(text: str) -> Stated:
    """Equations of motion from the text of a model.

    Raises
    ------
    ModelError
        When the text is no such equations.
    """
    tree = syntax_tree(text, "the model", _ALLOWED, LONGEST_MODEL)
    arguments = tree.args if isinstance(tree, ast.Call) else []
    if not 1 <= len(arguments) <= 3:
        raise ModelError(f"cannot read {shown(text)}: {_ALLOWED}.")
    rates, start, said = (
        _read(arguments[k], text) if k < len(arguments) else {} for k in range(3)
    )
    unknown = [own for own in start if own not in rates]
    unknown += [own for own in said if own not in Stated._fields[2:]]
    if unknown or not rates:
        named = f" names {', '.join(unknown)}, but" if unknown else ":"
        raise ModelError(f"{shown(text)}{named} {_ALLOWED}.")
    try:
        tolerances = float(said.get("rtol", RTOL)), float(said.get("atol", 0.0))
        max_steps = int(said.get("max_steps", MAX_STEPS))
    except ValueError:
        raise ModelError(
            f"{shown(text)} has a tolerance that is no number: {_ALLOWED}."
        ) from None
    stated = Stated(
        tuple(rates.items()),
        tuple(start.get(own, f"{own}0") for own in rates),
        said.get("observed", next(iter(rates))),
        said.get("x", "t"),
        said.get("t0", "0"),
        *tolerances,
        max_steps,
    )
    stated.check(tuple(rates))
    return stated


def _read(node: ast.expr, text: str) -> dict[str, str]:
    """Formulas by names from a pair of braces."""
    keys = node.keys if isinstance(node, ast.Dict) else [None]
    if not isinstance(node, ast.Dict) or not all(
        isinstance(own, ast.Name) for own in keys
    ):
        raise ModelError(f"cannot read {shown(text)}: {_ALLOWED}.")
    names = [own.id for own in keys if isinstance(own, ast.Name)]
    if len(set(names)) < len(names):
        raise ModelError(f"{shown(text)} names a state twice: {_ALLOWED}.")
    texts = [ast.unparse(own) for own in node.values]
    return dict(zip(names, texts, strict=True))
