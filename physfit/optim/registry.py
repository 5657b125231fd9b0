"""Optimisers by name: the recipes, those of users, and how a text becomes a chain."""

from __future__ import annotations

import inspect
import keyword
from dataclasses import replace
from types import MappingProxyType

from physfit.errors import InputError, check_known
from physfit.optim import recipes
from physfit.optim.base import Optimizer
from physfit.optim.numbers import merged, named_numbers
from physfit.optim.recipes import SETTINGS, Recipe

__all__ = ["OPTIMIZERS", "WHOLE", "optimizer", "register_optimizer"]

_OPTIMIZERS: dict[str, Recipe] = {
    name: getattr(recipes, name)
    for name in (
        *("gd", "sgd", "momentum", "nesterov", "rmsprop"),
        *("adam", "adamw", "adagrad", "lecture_adam"),
    )
}
#: Methods that pass over all rows for each step; and with the word before those of
#: scipy, what no optimiser may be called.
WHOLE = ("lm", "gauss_newton")
TAKEN = (*WHOLE, "scipy")
#: Recipes by name.
OPTIMIZERS = MappingProxyType(_OPTIMIZERS)


def register_optimizer(name: str, recipe: Recipe) -> None:
    """Make a recipe known by a name, in this process.

    Parameters
    ----------
    name : str
        An identifier in ASCII that no optimiser and no other method has.
    recipe : callable
        Its keyword arguments with defaults are the settings; returns an `Optimizer`.

    Raises
    ------
    InputError
        When the name is taken or no identifier, or the recipe cannot be called.

    Examples
    --------
    >>> register_optimizer("clipped", lambda *, limit=1.0: recipes.sgd(clip_norm=limit))
    >>> optimizer("clipped:limit=2").transforms
    (clip_by_norm(limit=2.0), scale_by_rate())
    """
    is_name = isinstance(name, str) and name.isascii() and name.isidentifier()
    if not is_name or keyword.iskeyword(name):
        raise InputError(
            f"an optimizer's name must be an identifier such as 'my_adam', but is "
            f"{name!r}."
        )
    if name in _OPTIMIZERS or name in TAKEN:
        raise InputError(f"the optimizer name {name!r} is taken; choose another.")
    if not callable(recipe):
        raise InputError(
            f"the recipe of {name!r} must be a function that returns an optimizer, not "
            f"{recipe!r}."
        )
    _OPTIMIZERS[name] = recipe


def optimizer(given: str | Optimizer, **settings: float) -> Optimizer:
    """Optimizer from itself or its text, with further settings.

    Parameters
    ----------
    given : str or Optimizer
        A name, or a name with settings such as ``"adam:beta1=0.95,eps=1e-10"``.
    **settings : float
        Settings of the recipe that the text does not give.

    Returns
    -------
    Optimizer

    Raises
    ------
    InputError
        When a name or setting is unknown, given twice, or no number.

    Examples
    --------
    >>> optimizer("adam:beta1=0.95", weight_decay=1e-3).transforms[:2]
    (add_l2(decay=0.001), scale_by_adam(beta1=0.95, beta2=0.999, eps=1e-08))
    """
    if isinstance(given, Optimizer):
        if settings:
            raise InputError(
                f"`{next(iter(settings))}` cannot be given beside a finished "
                "optimizer; give it to its recipe."
            )
        return given
    if not isinstance(given, str):
        raise InputError(f"an optimizer is a name such as 'adam', not {given!r}.")
    name, colon, text = given.replace(" ", "").partition(":")
    check_known("unknown optimizer", [name], _OPTIMIZERS)
    numbers = named_numbers(text, f"optimizer {given!r}") if colon else {}
    return _made(name, merged(numbers, settings))


def settings_of(given: str | Optimizer) -> tuple[str, ...]:
    """Names of the settings of an optimizer that is called by its name."""
    name = given.replace(" ", "").partition(":")[0] if isinstance(given, str) else ""
    return _settings(_OPTIMIZERS[name]) if name in _OPTIMIZERS else ()


def _made(name: str, settings: dict[str, float]) -> Optimizer:
    recipe = _OPTIMIZERS[name]
    check_known(f"`{name}` has no setting", settings, _settings(recipe))
    made = recipe(**settings)
    if not isinstance(made, Optimizer):
        raise InputError(
            f"the recipe of {name!r} must return an optimizer (see `chain`), not "
            f"{made!r}."
        )
    return replace(made, name=name)


def _settings(recipe: Recipe) -> tuple[str, ...]:
    """Names of the settings of a recipe."""
    names: list[str] = []
    for parameter in inspect.signature(recipe).parameters.values():
        names += (
            SETTINGS if parameter.kind is parameter.VAR_KEYWORD else [parameter.name]
        )
    return tuple(names)
