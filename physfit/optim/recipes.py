"""Named optimisers.

Every recipe builds its chain in one order:

    clip_value, clip_norm -> coupled weight decay -> scaling of the gradient
        -> decoupled weight decay (adamw) -> rate -> L1 -> (bounds) -> averages

The projection on the bounds is put in its place when a run begins
(`transforms.projected`); averages are added with `Optimizer.then`. All recipes but
`adamw` couple the decay: `weight_decay / 2 |theta|^2`, in user units, belongs to the
mean loss per sample. Conventions: the average of `momentum` starts from 0, `rmsprop`
and `lecture_adam` have eps inside the root and no bias correction, `adam` is the
published one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from numbers import Real
from typing import TypedDict, Unpack

from physfit.errors import DomainError, InputError, did_you_mean
from physfit.optim import transforms as tf
from physfit.optim.base import Optimizer, Transform, chain

__all__ = [
    "Extras",
    "adagrad",
    "adam",
    "adamw",
    "gd",
    "lecture_adam",
    "momentum",
    "nesterov",
    "rmsprop",
    "sgd",
]


class Extras(TypedDict, total=False):
    """What every recipe takes besides its own numbers.

    Attributes
    ----------
    l1 : float
        Adds l1 |theta|_1, in user units, to the mean loss, by its proximal step.
    clip_norm, clip_value : float
        Longest scaled gradient, and largest component of it.
    """

    l1: float
    clip_norm: float
    clip_value: float


def gd(
    *, rate: float = 0.1, weight_decay: float = 0.0, **extras: Unpack[Extras]
) -> Optimizer:
    """Gradient descent.

    Examples
    --------
    >>> gd(weight_decay=1e-3).transforms
    (add_l2(decay=0.001), scale_by_rate())
    """
    return _coupled("gd", (), rate, weight_decay, extras)


def sgd(
    *, rate: float = 0.1, weight_decay: float = 0.0, **extras: Unpack[Extras]
) -> Optimizer:
    """Gradient descent with minibatches: the chain of `gd`.

    Examples
    --------
    >>> sgd(clip_norm=1.0).transforms
    (clip_by_norm(limit=1.0), scale_by_rate())
    """
    return _coupled("sgd", (), rate, weight_decay, extras)


def momentum(
    *,
    beta: float = 0.9,
    rate: float = 0.1,
    weight_decay: float = 0.0,
    **extras: Unpack[Extras],
) -> Optimizer:
    """Steps along the exponentially weighted average of the gradient, started at 0.

    Examples
    --------
    >>> momentum().transforms
    (ewma(beta=0.9), scale_by_rate())
    """
    return _coupled("momentum", (tf.ewma(beta=beta),), rate, weight_decay, extras)


def nesterov(
    *,
    mu: float = 0.9,
    rate: float = 0.1,
    weight_decay: float = 0.0,
    **extras: Unpack[Extras],
) -> Optimizer:
    """Nesterov's accelerated gradient: a heavy ball that looks one step ahead.

    Examples
    --------
    >>> nesterov().transforms
    (nesterov(mu=0.9), scale_by_rate())
    """
    return _coupled("nesterov", (tf.nesterov(mu=mu),), rate, weight_decay, extras)


def rmsprop(
    *,
    decay: float = 0.9,
    eps: float = 1e-8,
    rate: float = 0.01,
    weight_decay: float = 0.0,
    **extras: Unpack[Extras],
) -> Optimizer:
    """Gradient divided by the root of its averaged square, eps inside the root.

    Examples
    --------
    >>> rmsprop().transforms
    (scale_by_rms(decay=0.9, eps=1e-08), scale_by_rate())
    """
    scaling = (tf.scale_by_rms(decay=decay, eps=eps),)
    return _coupled("rmsprop", scaling, rate, weight_decay, extras)


def adam(
    *,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    rate: float = 0.01,
    weight_decay: float = 0.0,
    **extras: Unpack[Extras],
) -> Optimizer:
    """Adam as published: averages corrected for their bias, eps outside the root.

    Examples
    --------
    >>> adam().transforms
    (scale_by_adam(beta1=0.9, beta2=0.999, eps=1e-08), scale_by_rate())
    """
    scaling = (tf.scale_by_adam(beta1=beta1, beta2=beta2, eps=eps),)
    return _coupled("adam", scaling, rate, weight_decay, extras)


def lecture_adam(
    *,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    rate: float = 0.01,
    weight_decay: float = 0.0,
    **extras: Unpack[Extras],
) -> Optimizer:
    """Adam without bias correction, eps inside the root.

    Examples
    --------
    >>> lecture_adam().transforms
    (scale_by_adam_lecture(beta1=0.9, beta2=0.999, eps=1e-08), scale_by_rate())
    """
    scaling = (tf.scale_by_adam_lecture(beta1=beta1, beta2=beta2, eps=eps),)
    return _coupled("lecture_adam", scaling, rate, weight_decay, extras)


def adamw(
    *,
    beta1: float = 0.9,
    beta2: float = 0.999,
    eps: float = 1e-8,
    rate: float = 0.01,
    weight_decay: float = 0.01,
    **extras: Unpack[Extras],
) -> Optimizer:
    """Adam with decoupled decay of the scaled parameters: z <- z - rate decay z.

    Loshchilov & Hutter, Decoupled weight decay regularization (2019), algorithm 2.

    Examples
    --------
    >>> adamw().transforms[1:]
    (add_decayed_weights(decay=0.01), scale_by_rate())
    """
    decay = tuple(_weighted(tf.add_decayed_weights, "weight_decay", weight_decay))
    scaling = (tf.scale_by_adam(beta1=beta1, beta2=beta2, eps=eps), *decay)
    return _coupled("adamw", scaling, rate, 0.0, extras)


def adagrad(
    *,
    initial: float = 0.0,
    eps: float = 1e-10,
    rate: float = 0.1,
    weight_decay: float = 0.0,
    **extras: Unpack[Extras],
) -> Optimizer:
    """Gradient divided by the root of the sum of its squares so far.

    Examples
    --------
    >>> adagrad().transforms
    (scale_by_adagrad(initial=0.0, eps=1e-10), scale_by_rate())
    """
    scaling = (tf.scale_by_adagrad(initial=initial, eps=eps),)
    return _coupled("adagrad", scaling, rate, weight_decay, extras)


def _coupled(
    name: str,
    scaling: tuple[Transform, ...],
    rate: float,
    weight_decay: float,
    extras: Extras,
) -> Optimizer:
    """Chain in the order of the module around what scales the gradient."""
    _refuse_unknown(name, extras)
    _check("rate", rate, positive=True)
    before: list[Transform] = []
    if "clip_value" in extras:
        limit = _check("clip_value", extras["clip_value"], positive=True)
        before.append(tf.clip_by_value(limit=limit))
    if "clip_norm" in extras:
        limit = _check("clip_norm", extras["clip_norm"], positive=True)
        before.append(tf.clip_by_norm(limit=limit))
    before += _weighted(tf.add_l2, "weight_decay", weight_decay)
    after = _weighted(tf.shrink_l1, "l1", extras.get("l1", 0.0))
    return chain(*before, *scaling, tf.scale_by_rate(), *after, name=name, rate=rate)


def _refuse_unknown(name: str, extras: Extras) -> None:
    known = tuple(Extras.__annotations__)
    for given in extras:
        if given not in known:
            raise InputError(
                f"`{name}` has no setting {given!r}; {did_you_mean(given, known)}"
            )


def _weighted(
    kind: Callable[..., Transform], name: str, decay: float
) -> Iterator[Transform]:
    """Transform with a decay, or none where the decay is 0."""
    if _check(name, decay) > 0.0:
        yield kind(decay=decay)


def _check(name: str, value: float, *, positive: bool = False) -> float:
    number = float(value) if isinstance(value, Real) else math.nan
    if not math.isfinite(number) or number < 0.0 or (positive and number == 0.0):
        allowed = "above 0" if positive else "not negative"
        raise DomainError(f"`{name}` must be finite and {allowed}, but is {value!r}.")
    return number
