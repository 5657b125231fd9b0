"""Losses as users name them: a kernel of the registry and its hyper-parameters.

What a loss means for a fit stands beside its kernel, in its traits.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

import physfit.kernels.losses  # noqa: F401  fills the registry
from physfit.engine import blocks
from physfit.errors import DomainError, InputError, check_known
from physfit.kernels.registry import LOSSES, LossKernel, Traits
from physfit.typing import FloatArray

__all__ = ["COUNTING", "LEAST_SQUARES", "Loss", "as_loss"]


@dataclass(frozen=True, slots=True)
class Loss:
    """A loss of the registry with its hyper-parameters.

    Attributes
    ----------
    name : str
        "chi2", "poisson", "huber", "soft_l1" or "cauchy".
    hyper : tuple of float
        Hyper-parameters; the defaults when left out.
    kernel : LossKernel
        What the registry has under the name.
    traits : Traits
        What it means for a fit.

    Raises
    ------
    InputError
        When the name is unknown, or a hyper-parameter is another's or not above 0.

    Examples
    --------
    >>> Loss("huber")
    Loss(name='huber', hyper=(1.345,))
    """

    name: str
    hyper: tuple[float, ...] = ()
    kernel: LossKernel = field(init=False, repr=False, compare=False)
    traits: Traits = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        check_known("unknown loss", [self.name], LOSSES)
        kernel = LOSSES[self.name]
        object.__setattr__(self, "kernel", kernel)
        object.__setattr__(self, "traits", kernel.traits)
        names, hyper = kernel.hyper, self.hyper or kernel.defaults
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

    def __reduce__(self) -> tuple[type[Loss], tuple[str, tuple[float, ...]]]:
        return Loss, (self.name, self.hyper)

    @property
    def hyper_names(self) -> tuple[str, ...]:
        """Names of the hyper-parameters."""
        return self.kernel.hyper

    def knows_noise(self, has_sigma: bool) -> bool:
        """Whether the weights are the true ones: sigma is given, or implied."""
        return has_sigma or self.traits.noise is not None

    def needs_scale(self, has_sigma: bool) -> bool:
        """Whether it bends at multiples of a spread that only the residuals tell."""
        return not (self.traits.is_likelihood or self.knows_noise(has_sigma))

    def check_kind(self, has_sigma: bool, n_outputs: int) -> None:
        """Refuse sigma and complex data where the loss implies its noise."""
        if self.traits.noise is None:
            return
        if has_sigma:
            raise InputError(
                f"`{self.name}` takes its errors from the model; leave `sigma` out (of "
                f"a file that has one: sigma='none'), or use `{LEAST_SQUARES}`."
            )
        if n_outputs != 1:
            raise InputError(
                f"`{self.name}` is for {self.traits.data}, but the model is complex."
            )

    def check_data(self, y: FloatArray) -> None:
        """Refuse data, shape (n_outputs, n), that the loss cannot take."""
        traits = self.traits
        if traits.has_domain and traits.refuses(y).any():
            output, at = np.argwhere(traits.refuses(y))[0].tolist()
            raise DomainError(
                f"`{self.name}` needs y {traits.allowed}; y[{at}] = "
                f"{float(y[output, at])!r}. Use `{LEAST_SQUARES}`, or leave the sample "
                "out."
            )

    def terms(self, y: FloatArray, f: FloatArray, w: FloatArray) -> FloatArray:
        """Rho, slope, weight and curvature of every sample, shape (4, ...).

        Parameters
        ----------
        y, f, w : ndarray of equal shape
            Data, model and 1 / sigma.
        """
        return blocks.loss_terms(self.kernel, y, f, w, self.hyper)

    def drawn(
        self, random: np.random.Generator, mean: FloatArray, shape: tuple[int, ...]
    ) -> FloatArray:
        """Data around a mean, with the noise that the loss implies."""
        noise = self.traits.noise
        if noise is None:
            raise InputError(f"`{self.name}` does not say what the noise is.")
        data: FloatArray = noise.draw(random, mean, shape, *self.hyper)
        return data

    def implied_sigma(self, mean: FloatArray) -> FloatArray:
        """Standard deviations of data around a mean, by the noise that it implies."""
        with np.errstate(all="ignore"):
            spread: FloatArray = self.terms(mean, mean, np.ones_like(mean))[2] ** -0.5
        return spread

    def __str__(self) -> str:
        return ":".join([self.name, *(f"{value:g}" for value in self.hyper)])


#: Half the weighted sum of squares, and the likelihood of counts.
LEAST_SQUARES, COUNTING = Loss("chi2"), Loss("poisson")


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
    name = loss.strip().partition(":")[0]
    return _parsed(loss, LOSSES.get(name))


@lru_cache(maxsize=64)
def _parsed(loss: str, kernel: LossKernel | None) -> Loss:
    """Loss from text; a kernel that has been defined anew is another entry."""
    name, *numbers = loss.strip().split(":")
    try:
        return Loss(name, tuple(float(number) for number in numbers))
    except ValueError as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"cannot read the loss {loss!r}; write a name, or a name and a number such "
            "as 'huber:1.5'."
        ) from None
