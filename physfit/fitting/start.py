"""Start values: given, guessed from the data, inside their bounds."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from physfit.counts import SEEDS, checked_count
from physfit.data.record import Observations
from physfit.errors import DomainError, InputError, ShapeError, did_you_mean
from physfit.fitting.ranges import at_shares
from physfit.models.guess import guessed_start
from physfit.models.loss import LEAST_SQUARES, Loss
from physfit.models.model import Model
from physfit.typing import FloatArray, IntArray

__all__ = ["Start", "check_determined", "check_inside", "is_exact", "not_free"]
__all__ += ["sparse", "start_values", "thinned"]

#: A share of 0 is infinitely far away where a range is normal.
SMALLEST_SHARE = 1e-12
#: Names that a sentence lists.
NAMED = 12
#: Samples of a file that a guess is made from; more of them take seconds.
GUESSED_FROM = 4000


class Start(NamedTuple):
    """Where a fit begins, or each of many.

    Attributes
    ----------
    values : ndarray, shape (P,) or (n_rows, P)
        Of the free parameters; NaN is still to be guessed.
    guessed : tuple of str
        Names of those that were guessed.
    is_chained : bool
        Whether rows start from the solution of the row before.
    """

    values: FloatArray
    guessed: tuple[str, ...] = ()
    is_chained: bool = False

    def of_rows(self, start: int, stop: int) -> FloatArray:
        """Start values of the rows `start` to `stop`."""
        return self.values if self.values.ndim == 1 else self.values[start:stop]


def start_values(
    model: Model,
    data: Observations,
    start: Mapping[str, float] | str | None,
    loss: Loss = LEAST_SQUARES,
    seed: int | None = None,
) -> Start:
    """Start of every free parameter, and which of them were guessed.

    "random" draws it by the seed, 0 if left out.
    """
    values = model.free_start.tolist()
    if start is not None:
        if isinstance(start, str) and start == "random":
            seed = checked_count("seed", seed or 0, least=0, most=SEEDS - 1)
            return _random_start(model, data, loss, np.random.default_rng(seed))
        if not isinstance(start, Mapping):
            raise _no_mapping(model, start)
        places = model.free_index
        for name, value in start.items():
            place = places.get(name)
            if place is None:
                raise not_free(model, name)
            plain = type(value) is float and value - value == 0.0
            values[place] = value if plain else _number(name, value)
    theta = np.array(values)
    for value, lower, upper in zip(values, *model.free_limits, strict=True):
        if not lower <= value <= upper:  # NaN is not, either
            break
    else:
        return Start(theta)
    check_inside(model, theta)
    missing = np.flatnonzero(np.isnan(theta))
    if missing.size:
        theta = guessed_start(model, data, theta, loss.traits)
    return Start(theta, tuple(model.free_names[k] for k in missing))


def check_inside(model: Model, theta: FloatArray) -> None:
    """Refuse starts (..., P) outside their bounds; NaN is one still to be guessed."""
    outside = (theta < model.free_lower) | (theta > model.free_upper) | np.isinf(theta)
    if not outside.any():
        return
    place = int(np.argwhere(outside)[0][-1])
    lower, upper = float(model.free_lower[place]), float(model.free_upper[place])
    raise DomainError(
        f"the start of `{model.free_names[place]}` must lie within its bounds "
        f"{lower!r} to {upper!r}, but is {float(theta[outside][0])!r}."
    )


def _number(name: str, value: object) -> float:
    """A start value that a caller gave."""
    if isinstance(value, float) and math.isfinite(value):
        return value
    try:
        number = float(value)  # type: ignore[arg-type]
    except OverflowError:  # an int that is larger than all floats
        value = number = math.inf
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number):
        raise DomainError(
            f"the start of `{name}` must be a finite number, but is {value!r}."
        )
    return number


def _random_start(
    model: Model, data: Observations, loss: Loss, rng: np.random.Generator
) -> Start:
    """Start drawn from the ranges of the parameters, as those of many starts are.

    A start that the model gives takes the place of the guess.
    """
    center = start_values(model, data, None, loss).values
    shares = np.maximum(rng.uniform(size=center.size), SMALLEST_SHARE)
    reach = float(data.x.min()), float(data.x.max())
    drawn = [
        at_shares(shares[k : k + 1], model, reach, name, float(center[k]))[0]
        for k, name in enumerate(model.free_names)
    ]
    return Start(np.clip(drawn, model.free_lower, model.free_upper))


def is_exact(model: Model, loss: Loss) -> bool:
    """Whether the normal equations of a model of spins say everything."""
    return bool(model.spins) and loss.traits.is_quadratic and not model.layout.ties


def check_determined(
    model: Model, loss: Loss, n_samples: int, more: str = "take more samples"
) -> None:
    """Refuse fewer samples than free parameters.

    Unless the model is linear: then it is told which ones the data leave open.
    """
    names = model.free_names
    if n_samples >= len(names) or is_exact(model, loss):
        return
    listed = ", ".join(names[:NAMED])
    if len(names) > NAMED:
        listed += f" and {len(names) - NAMED} more"
    samples = f"{n_samples} sample{'s' * (n_samples != 1)}"
    raise ShapeError(
        f"{samples} cannot determine {len(names)} free parameters ({listed}); {more}, "
        "or fix some of them with where(name=pf.fixed(value)) or --fix name=value."
    )


def thinned(shown: Observations, most: int = GUESSED_FROM) -> Observations:
    """Samples that a guess is made from: no more than it needs, drawn at random.

    At random, because every n-th sample of an oscillation would show another frequency.
    """
    n = shown.y.shape[1]
    if n <= most:
        return shown
    drawn = np.random.default_rng(0).choice(n, most, replace=False)
    keep = np.sort(drawn)
    sigma = None if shown.sigma is None else _columns(shown.sigma, keep)
    x, y = _columns(shown.x, keep), _columns(shown.y, keep)
    return shown._replace(x=x, y=y, sigma=sigma)


def _columns(rows: FloatArray, keep: IntArray) -> FloatArray:
    """Columns of an array, which numpy alone would lay out one behind the other."""
    return np.ascontiguousarray(rows[:, keep])


def sparse(data: Observations) -> Iterator[Observations]:
    """Data averaged over ever more neighbours, for a guess.

    Where most samples have no counts and some have one, a single sample looks like a
    peak, beside which a model leaves nothing for the others.
    """
    n = data.y.shape[1]
    width = 3
    while width <= n:
        box = np.full(width, 1.0 / width)
        y = np.array([np.convolve(own, box, "same") for own in data.y])
        yield data._replace(y=y)
        width = 2 * width + 1


def _no_mapping(model: Model, start: object) -> InputError:
    example = {name: 1.0 for name in model.free_names[:1]}
    came = repr(start) if isinstance(start, str) else type(start).__name__
    return InputError(
        f"`start` must be 'random' or a dict of names and numbers, such as "
        f"{example!r}, but is {came}; the free parameters are "
        f"{', '.join(model.free_names)}."
    )


def not_free(model: Model, name: str) -> InputError:
    """Error of a start of what is no free parameter."""
    if name not in model.parameters:
        return InputError(
            f"`start` names {name!r}, which is no parameter of {model.expression}; "
            f"{did_you_mean(name, model.free_names)}"
        )
    own = model.parameters[name]
    how = f"tied to {own.tie!r}" if own.tie is not None else "fixed"
    return InputError(
        f"`start` names {name!r}, but it is {how}; free it with "
        f"where({name}=pf.param()) or leave it out."
    )
