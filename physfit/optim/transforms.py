"""The transforms that recipes are made of.

In the formulas g is the step as it comes in, u what is handed on, and states start at
zero; t counts steps from 1. The order in a chain is: clip, coupled decay, scaling,
decoupled decay, rate, L1, projection, averages.

A penalty is meant in user units: `decay / 2 |theta|^2` (or `decay |theta|_1`) is added
to the mean loss per sample. For scaled parameters z = theta / scale its gradient is
`decay metric z` with `metric = scale^2 / V`, where V is the loss's own size, by which
the mean loss is divided.

A shrunk or a projected parameter p enters the chain as the step z - p that leads to it,
so that whatever follows in the chain sees where the parameters will be.
"""

# The functions are compiled: their arguments are typed by the loop around them.
# mypy: allow-untyped-defs

from __future__ import annotations

import math
from collections.abc import Iterable

from physfit.optim.base import Transform, transform

__all__ = ["add_decayed_weights", "add_l2", "average", "average_ewma", "clip_by_norm"]
__all__ += ["clip_by_value", "ewma", "ewma_debiased", "nesterov", "project"]
__all__ += ["projected", "scale_by_adagrad", "scale_by_adam", "scale_by_adam_lecture"]
__all__ += ["scale_by_rate", "scale_by_rms", "shrink_l1", "trace"]

UNIT = (0.0, 1.0)
POSITIVE = (0.0, math.inf)


@transform()
def scale_by_rate(step, rate):
    """u = rate g, with the schedule's rate."""
    return rate * step


@transform(within={"limit": POSITIVE})
def clip_by_norm(step, norm, limit):
    """u = g, shortened to the length `limit` where |g| is longer."""
    return step * (limit / norm) if norm > limit else step


@transform(within={"limit": POSITIVE})
def clip_by_value(step, limit):
    """u = g, each component held within -limit and limit."""
    low = -limit if step < -limit else step
    return limit if low > limit else low


@transform(within={"decay": POSITIVE})
def add_l2(step, theta, metric, decay):
    """u = g + decay metric z: the gradient of decay / 2 |theta|^2 (coupled decay)."""
    return step + decay * metric * theta


@transform(within={"decay": POSITIVE})
def add_decayed_weights(step, theta, decay):
    """u = g + decay z: decay that no scaling has touched (decoupled; AdamW)."""
    return step + decay * theta


@transform(state=("m",), within={"beta": UNIT})
def ewma(step, m, beta=0.9):
    """u = m, the exponentially weighted average: m <- beta m + (1 - beta) g."""
    m = beta * m + (1.0 - beta) * step
    return m, m


@transform(state=("m",), within={"beta": UNIT})
def ewma_debiased(step, m, t, beta=0.9):
    """u = m / (1 - beta^t): the weights of the average add up to 1 from the start."""
    m = beta * m + (1.0 - beta) * step
    return m / (1.0 - beta**t), m


@transform(state=("b",), within={"mu": UNIT})
def trace(step, b, mu=0.9):
    """u = b, the heavy ball: b <- mu b + g."""
    b = mu * b + step
    return b, b


@transform(state=("b",), within={"mu": UNIT})
def nesterov(step, b, mu=0.9):
    """u = g + mu b, the heavy ball looked at one step ahead: b <- mu b + g."""
    b = mu * b + step
    return step + mu * b, b


@transform(state=("v",), within={"decay": UNIT, "eps": POSITIVE})
def scale_by_rms(step, v, decay=0.9, eps=1e-8):
    """u = g / sqrt(v + eps), v <- decay v + (1 - decay) g^2; no bias correction."""
    v = decay * v + (1.0 - decay) * step * step
    return step / math.sqrt(v + eps), v


@transform(state=("m", "v"), within={"beta1": UNIT, "beta2": UNIT, "eps": POSITIVE})
def scale_by_adam(step, m, v, t, beta1=0.9, beta2=0.999, eps=1e-8):
    """u = m' / (sqrt(v') + eps), with both averages corrected for their bias.

    Kingma & Ba, Adam: a method for stochastic optimization (2015), algorithm 1.
    """
    m = beta1 * m + (1.0 - beta1) * step
    v = beta2 * v + (1.0 - beta2) * step * step
    mean = m / (1.0 - beta1**t)
    square = v / (1.0 - beta2**t)
    return mean / (math.sqrt(square) + eps), m, v


@transform(state=("m", "v"), within={"beta1": UNIT, "beta2": UNIT, "eps": POSITIVE})
def scale_by_adam_lecture(step, m, v, beta1=0.9, beta2=0.999, eps=1e-8):
    """u = m / sqrt(v + eps): averages as they are, eps inside the root.

    Both averages start at zero, v the slower: the first steps are longer than those of
    `scale_by_adam`, by (1 - beta1) / sqrt(1 - beta2) = 3.2 at the first.
    """
    m = beta1 * m + (1.0 - beta1) * step
    v = beta2 * v + (1.0 - beta2) * step * step
    return m / math.sqrt(v + eps), m, v


@transform(state=("v",), within={"initial": POSITIVE, "eps": POSITIVE})
def scale_by_adagrad(step, v, initial=0.0, eps=1e-10):
    """u = g / (sqrt(initial + v) + eps), v <- v + g^2.

    optax starts from `initial=0.1`, torch from 0.

    Duchi, Hazan & Singer, J. Mach. Learn. Res. 12, 2121 (2011).
    """
    v = v + step * step
    return step / (math.sqrt(initial + v) + eps), v


@transform(within={"decay": POSITIVE})
def shrink_l1(step, theta, scale, metric, rate, decay):
    """Proximal step of decay |theta|_1: soft threshold after the step.

    p = sign(z - g) max(|z - g| - threshold, 0) with threshold = rate decay metric /
    scale, and u = z - p. Parameters end at zero exactly.
    """
    threshold = rate * decay * metric / scale
    moved = theta - step
    size = math.fabs(moved) - threshold
    shrunk = size if moved > 0.0 else -size
    return theta if size < 0.0 else theta - shrunk


@transform()
def project(step, theta, lower, upper):
    """Projection on the bounds: p = clip(z - g, lower, upper), u = z - p."""
    moved = theta - step
    return (
        theta - lower if moved < lower else (theta - upper if moved > upper else step)
    )


@transform(state=("mean",), observes=True, within={"eta": POSITIVE})
def average(step, theta, mean, t, eta=8.0):
    """Polynomial-decay average of the parameters; the step passes through.

    mean <- mean + (eta + 1) / (t + eta) (z - g - mean). With `eta=0` it is the plain
    mean of all steps (Polyak and Ruppert); a larger one forgets the first steps.

    Shamir & Zhang, Proc. 30th Int. Conf. Machine Learning (2013), section 4.
    """
    weight = (eta + 1.0) / (t + eta)
    return step, mean + weight * (theta - step - mean)


@transform(state=("mean",), observes=True, within={"beta": UNIT})
def average_ewma(step, theta, mean, t, beta=0.99):
    """Exponentially weighted average of the parameters, its bias corrected.

    mean <- mean + (1 - beta) / (1 - beta^t) (z - g - mean), which is the average that
    starts at zero divided by 1 - beta^t. The step passes through.
    """
    weight = (1.0 - beta) / (1.0 - beta**t)
    return step, mean + weight * (theta - step - mean)


def projected(transforms: Iterable[Transform]) -> tuple[Transform, ...]:
    """Chain with the projection on the bounds in its place: before the averages.

    Parameters
    ----------
    transforms : iterable of Transform

    Returns
    -------
    tuple of Transform

    Examples
    --------
    >>> projected([scale_by_rate(), average()])
    (scale_by_rate(), project(), average(eta=8.0))
    """
    given = tuple(transforms)
    moving = tuple(own for own in given if not own.kind.observes)
    return (*moving, project(), *(own for own in given if own.kind.observes))
