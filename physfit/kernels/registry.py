"""The registry of losses: what they compute and mean, and the decorator that fills it.

The decorator only writes its function down and gives it back unchanged: every loss
stays a plain Python function that runs interpreted on floats.
"""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

from physfit.kernels.kernel import Scalar, refuse_taken, scalar

__all__ = ["LOSSES", "LossKernel", "Noise", "Traits", "loss"]

F = TypeVar("F", bound=Scalar)


class Noise(NamedTuple):
    """The noise that a likelihood implies, so that data have no sigma.

    Its variance at a mean f is the inverse of the loss's weight there.

    Attributes
    ----------
    law : str
        Its name in sentences, such as "Poisson's law".
    draw : callable
        `(random, mean, shape, *hyper)`: data of that mean, in that shape.
    skewness : callable
        `(mean, *hyper)`: third cumulant over the variance to the power 3/2.
    deviance : callable, optional
        `(mean, *hyper)`: the `DevianceMoments` of samples; where it is left out, their
        deviance is taken for chi2.
    """

    law: str
    draw: Scalar
    skewness: Scalar
    deviance: Scalar | None = None


class Traits(NamedTuple):
    """What a loss means: what a fit may do with it, and what a report says of it.

    Attributes
    ----------
    statistic, symbol : str
        Name of twice the cost in a text and in a figure.
    is_likelihood : bool
        Whether rho is half a deviance. Otherwise it is that of an M-estimator, which
        takes errors from the residuals and has no p value and no information criteria.
    has_p_value : bool
        Whether the law of the statistic of a right model is known: that of chi2, or
        what the noise says of its deviance.
    is_quadratic : bool
        Whether rho is half the square of z.
    noise : Noise or None
        None where sigma says what the noise is.
    data : str
        What the data are, in sentences.
    lower : float
        Least value of the data; a model must lie above it.
    is_open : bool
        Whether data must lie above `lower` too.
    scipy_name : str or None
        Name in `scipy.optimize.least_squares`, where it has the loss.
    """

    statistic: str
    symbol: str
    is_likelihood: bool = True
    has_p_value: bool = True
    is_quadratic: bool = False
    noise: Noise | None = None
    data: str = "samples"
    lower: float = -math.inf
    is_open: bool = False
    scipy_name: str | None = None

    @property
    def has_domain(self) -> bool:
        """Whether there are data and models that the loss cannot take."""
        return self.lower > -math.inf

    @property
    def allowed(self) -> str:
        """What data must be, in a sentence."""
        return f"{'>' if self.is_open else '>='} {self.lower:g}"

    def refuses(self, y: Any) -> Any:
        """Which data the loss cannot take, of an array."""
        return y <= self.lower if self.is_open else y < self.lower


@dataclass(frozen=True, eq=False, slots=True)
class LossKernel:
    """A registered loss `(y, f, w, *hyper) -> (rho, slope, weight, curvature)`.

    `rho` is half the deviance (so chi2 is `z**2 / 2`), `slope` is d rho / d f, `weight`
    is `slope / (f - y)` with its limit at f == y (never negative: the Gauss-Newton
    weight), `curvature` is d slope / d f. `hyper` are the names of hyper-parameters,
    `defaults` the values that the signature gives them.
    """

    name: str
    function: Scalar
    hyper: tuple[str, ...]
    defaults: tuple[float, ...]
    traits: Traits


LOSSES: dict[str, LossKernel] = {}


def loss(traits: Traits) -> Callable[[F], F]:
    """Register a loss under its own name.

    Parameters
    ----------
    traits : Traits
        What it means for a fit.
    """

    def register(function: F) -> F:
        known = LOSSES.get(function.__name__)
        if known is not None:
            refuse_taken(known.name, known.function, function)
        hyper = list(inspect.signature(function).parameters.values())[3:]
        LOSSES[function.__name__] = LossKernel(
            function.__name__,
            function,
            tuple(parameter.name for parameter in hyper),
            tuple(k.default for k in hyper if k.default is not k.empty),
            traits,
        )
        return scalar(function)

    return register
