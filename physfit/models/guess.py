"""Start values of a model from data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from physfit.errors import InputError

if TYPE_CHECKING:
    from physfit.models.model import Model

__all__ = ["guess"]


def guess(model: Model, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
    """Start value of each free parameter of `model`; given ones stay."""
    values: dict[str, float] = {}
    for own in model.params:
        if own.is_free:
            if own.start is None:
                raise InputError(
                    f"`{own.name}` cannot be guessed; give a start with "
                    f"where({own.name}=...)."
                )
            values[own.name] = own.start
    return values
