"""Named optimisers.

Every recipe says what scales the gradient; the chain around it is always

    clip_value, clip_norm -> coupled weight decay -> scaling of the gradient
        -> decoupled weight decay (adamw) -> rate -> L1 -> (bounds) -> averages

so that every recipe takes, besides its own numbers,

    learning_rate  where a fit gives none
    weight_decay  adds weight_decay / 2 |theta|^2, in user units, to the mean loss; by
                  `adamw` decoupled from the gradient
    l1            adds l1 |theta|_1, in user units, by its proximal step
    clip_norm     longest scaled gradient
    clip_value    largest component of it

The projection on the bounds is put in its place when a run begins
(`transforms.projected`); averages are added with `Optimizer.then`. Conventions: the
average of `momentum` starts from 0, `rmsprop` and `lecture_adam` have eps inside the
root and no bias correction, `adam` is the published one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import wraps
from inspect import Parameter, signature

from physfit.counts import checked_number
from physfit.errors import check_known
from physfit.optim import transforms as tf
from physfit.optim.base import Optimizer, Transform, chain

__all__ = ["SETTINGS", "Recipe", "adagrad", "adam", "adamw", "gd", "lecture_adam"]
__all__ += ["momentum", "nesterov", "rmsprop", "sgd"]

Recipe = Callable[..., Optimizer]
#: What every recipe takes besides its own numbers.
SETTINGS = ("learning_rate", "weight_decay", "l1", "clip_norm", "clip_value")


def _recipe(
    learning_rate: float = 0.01, *, is_decoupled: bool = False
) -> Callable[[Callable[..., tuple[Transform, ...]]], Recipe]:
    """Decorator that makes a recipe of a function that gives the scaling."""

    def decorated(scaling: Callable[..., tuple[Transform, ...]]) -> Recipe:
        own = signature(scaling)
        usual = {"learning_rate": learning_rate, "weight_decay": 0.0}
        more = [
            Parameter(name, Parameter.KEYWORD_ONLY, default=usual.get(name))
            for name in SETTINGS
        ]

        @wraps(scaling)
        def recipe(**numbers: float) -> Optimizer:
            known = [*own.parameters, *SETTINGS]
            check_known(f"`{scaling.__name__}` has no setting", numbers, known)
            taken = {name: numbers[name] for name in own.parameters if name in numbers}
            around = usual | {
                name: numbers[name] for name in numbers if name in SETTINGS
            }
            return _chained(scaling.__name__, scaling(**taken), around, is_decoupled)

        recipe.__signature__ = own.replace(  # type: ignore[attr-defined]
            parameters=[*own.parameters.values(), *more], return_annotation=Optimizer
        )
        return recipe

    return decorated


@_recipe(learning_rate=0.1)
def gd() -> tuple[Transform, ...]:
    """Gradient descent with all rows for each step.

    Examples
    --------
    >>> gd(weight_decay=1e-3).transforms
    (add_l2(decay=0.001), scale_by_rate())
    """
    return ()


@_recipe(learning_rate=0.1)
def sgd() -> tuple[Transform, ...]:
    """Gradient descent with minibatches: the chain of `gd`.

    Examples
    --------
    >>> sgd(clip_norm=1.0).transforms
    (clip_by_norm(limit=1.0), scale_by_rate())
    """
    return ()


@_recipe(learning_rate=0.1)
def momentum(*, beta: float = 0.9) -> tuple[Transform, ...]:
    """Steps along the exponentially weighted average of the gradient, started at 0.

    Examples
    --------
    >>> momentum().transforms
    (ewma(beta=0.9), scale_by_rate())
    """
    return (tf.ewma(beta=beta),)


@_recipe(learning_rate=0.1)
def nesterov(*, mu: float = 0.9) -> tuple[Transform, ...]:
    """Nesterov's accelerated gradient: a heavy ball that looks one step ahead.

    Examples
    --------
    >>> nesterov().transforms
    (nesterov(mu=0.9), scale_by_rate())
    """
    return (tf.nesterov(mu=mu),)


@_recipe()
def rmsprop(*, decay: float = 0.9, eps: float = 1e-8) -> tuple[Transform, ...]:
    """Gradient divided by the root of its averaged square, eps inside the root.

    Examples
    --------
    >>> rmsprop().transforms
    (scale_by_rms(decay=0.9, eps=1e-08), scale_by_rate())
    """
    return (tf.scale_by_rms(decay=decay, eps=eps),)


@_recipe()
def adam(
    *, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
) -> tuple[Transform, ...]:
    """Adam as published: averages corrected for their bias, eps outside the root.

    Examples
    --------
    >>> adam().transforms
    (scale_by_adam(beta1=0.9, beta2=0.999, eps=1e-08), scale_by_rate())
    """
    return (tf.scale_by_adam(beta1=beta1, beta2=beta2, eps=eps),)


@_recipe()
def lecture_adam(
    *, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
) -> tuple[Transform, ...]:
    """Adam without bias correction, eps inside the root.

    Examples
    --------
    >>> lecture_adam().transforms
    (scale_by_adam_lecture(beta1=0.9, beta2=0.999, eps=1e-08), scale_by_rate())
    """
    return (tf.scale_by_adam_lecture(beta1=beta1, beta2=beta2, eps=eps),)


@_recipe(is_decoupled=True)
def adamw(
    *, beta1: float = 0.9, beta2: float = 0.999, eps: float = 1e-8
) -> tuple[Transform, ...]:
    """Adam with decoupled decay of the scaled parameters: z <- z - rate decay z.

    `weight_decay` is 0 if left out, which is `adam`: any other pulls the answer away
    from the minimum of the loss, by several standard errors at torch's 0.01.

    Loshchilov & Hutter, Decoupled weight decay regularization (2019), algorithm 2.

    Examples
    --------
    >>> adamw(weight_decay=0.01).transforms[1:]
    (add_decayed_weights(decay=0.01), scale_by_rate())
    """
    return (tf.scale_by_adam(beta1=beta1, beta2=beta2, eps=eps),)


@_recipe(learning_rate=0.1)
def adagrad(*, initial: float = 0.0, eps: float = 1e-10) -> tuple[Transform, ...]:
    """Gradient divided by the root of the sum of its squares so far.

    Examples
    --------
    >>> adagrad().transforms
    (scale_by_adagrad(initial=0.0, eps=1e-10), scale_by_rate())
    """
    return (tf.scale_by_adagrad(initial=initial, eps=eps),)


def _chained(
    name: str,
    scaling: tuple[Transform, ...],
    around: dict[str, float],
    is_decoupled: bool,
) -> Optimizer:
    """Chain in the order of the module around what scales the gradient."""
    rate = around["learning_rate"]
    rate = checked_number("`learning_rate`", rate, positive=True)
    clips = [
        kind(limit=checked_number(f"`{setting}`", around[setting], positive=True))
        for setting, kind in (
            ("clip_value", tf.clip_by_value),
            ("clip_norm", tf.clip_by_norm),
        )
        if setting in around
    ]
    kind = tf.add_decayed_weights if is_decoupled else tf.add_l2
    decay = tuple(_weighted(kind, "weight_decay", around["weight_decay"]))
    l1 = _weighted(tf.shrink_l1, "l1", around.get("l1", 0.0))
    middle = (*scaling, *decay) if is_decoupled else (*decay, *scaling)
    steps = (*clips, *middle, tf.scale_by_rate(), *l1)
    return chain(*steps, name=name, learning_rate=rate)


def _weighted(
    kind: Callable[..., Transform], name: str, decay: float
) -> Iterator[Transform]:
    """Transform with a decay, or none where the decay is 0."""
    if checked_number(f"`{name}`", decay) > 0.0:
        yield kind(decay=decay)
