"""Losses as declarations: a name from the registry and its hyper-parameters."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import physfit.kernels.losses  # noqa: F401  fills the registry
from physfit.errors import InputError, did_you_mean
from physfit.kernels.registry import LOSSES, LossPoint

__all__ = ["DEFAULT_HYPER", "Loss", "as_loss"]

#: Tuning constants (95 % efficiency on normal errors for huber and cauchy), in sigma.
DEFAULT_HYPER: Mapping[str, tuple[float, ...]] = {
    "huber": (1.345,),
    "soft_l1": (1.0,),
    "cauchy": (2.385,),
}


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss of the registry with its hyper-parameters.

    Attributes
    ----------
    name : str
        "chi2", "poisson", "huber", "soft_l1" or "cauchy".
    hyper : tuple of float
        Hyper-parameters; the defaults when left out.

    Raises
    ------
    InputError
        When the name is unknown, or a hyper-parameter is not its own or not above 0.

    Examples
    --------
    >>> Loss("huber")
    Loss(name='huber', hyper=(1.345,))
    """

    name: str
    hyper: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        names = _point(self.name).hyper
        hyper = self.hyper or DEFAULT_HYPER.get(self.name, ())
        if len(hyper) != len(names):
            takes = f"takes `{'`, `'.join(names)}`" if names else "takes no number"
            raise InputError(f"the loss {self.name!r} {takes}; got {self.hyper!r}.")
        for name, value in zip(names, hyper, strict=True):
            if not (math.isfinite(value) and value > 0.0):
                raise InputError(
                    f"`{name}` of the loss {self.name!r} must be finite and above 0, "
                    f"not {value!r}."
                )
        object.__setattr__(self, "hyper", tuple(float(value) for value in hyper))

    @property
    def hyper_names(self) -> tuple[str, ...]:
        """Names of the hyper-parameters."""
        return _point(self.name).hyper

    def __str__(self) -> str:
        return ":".join([self.name, *(f"{value:g}" for value in self.hyper)])


def as_loss(loss: str | Loss) -> Loss:
    """Loss from its name, with a hyper-parameter after a colon where wanted.

    Examples
    --------
    >>> as_loss("huber:1.5").hyper
    (1.5,)
    >>> as_loss("chi2")
    Loss(name='chi2', hyper=())
    """
    if isinstance(loss, Loss):
        return loss
    if not isinstance(loss, str):
        raise InputError(f"`loss` is a name such as 'huber:1.5', not {loss!r}.")
    return _parsed(loss)


@lru_cache(maxsize=64)
def _parsed(loss: str) -> Loss:
    name, *numbers = loss.strip().split(":")
    _point(name)
    try:
        return Loss(name, tuple(float(number) for number in numbers))
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"cannot read the loss {loss!r}; write a name, or a name and a number such "
            "as 'huber:1.5'."
        ) from None


def _point(name: str) -> LossPoint:
    try:
        return LOSSES[name]
    except KeyError:
        raise InputError(
            f"unknown loss {name!r}; {did_you_mean(name, LOSSES)}"
        ) from None
