"""What a caller may pass as a model: a model, its text, or a Python function."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from physfit.errors import InputError
from physfit.models.catalogue import Component
from physfit.models.model import Model
from physfit.models.parse import parse_model

__all__ = ["as_model"]


def as_model(
    value: Any, name: str = "model", count: int | None = None, start: Any = None
) -> Model:
    """Model of what a caller passes.

    Parameters
    ----------
    value : Model, str or callable
        Texts are those of `parse_model`; functions are what `pf.model` takes.
    name : str
        Of the argument, for errors.
    count : int, optional
        Parameters of a function, where the caller knows how many.
    start : mapping of str to float, optional
        Start values, whose names are those of the elements of `*p`.

    Raises
    ------
    InputError
        When it is nothing of the kind.
    ModelError
        When the text or the function is none of a model.
    """
    if isinstance(value, Model):
        return value
    if isinstance(value, str):
        return parse_model(value)
    if isinstance(value, Component):
        raise InputError(
            f"`{name}` is {value!r}, which makes models; call it: {value!r}()."
        )
    if callable(value):
        from physfit.models.user_function.recall import model_for

        started = tuple(start) if isinstance(start, Mapping) else ()
        return model_for(value, count, started)
    raise InputError(
        f"`{name}` must be a model, its text or a function, but is "
        f"{type(value).__name__}; take one of physfit.models, 'gaussian + linear', or "
        "a function such as lambda x, a: a * x."
    )
