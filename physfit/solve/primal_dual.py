"""The last digits of fits on the edge of a loss's domain, by exact Newton steps.

At samples whose datum is the least there is, such as no counts, the model f_i keeps to
f_i >= lower, with multipliers lambda_i >= 0. With the slopes s_i and curvatures c_i of
the loss, partials J_i and a barrier mu the conditions of a minimum are

    sum of s_i J_i = sum of lambda_i J_i   and   lambda_i (f_i - lower) = mu .

A primal-dual step p (Nocedal & Wright, Numerical Optimization, 2nd ed., section 19.3)
solves (H + A) p = -g, where A is the sum of lambda_i / (f_i - lower) J_i J_i', g the
gradient with mu / (f_i - lower) for lambda_i, and H the Hessian of the Lagrangian: the
sum of c_i J_i J_i' and of (s_i - lambda_i) times second derivatives of f_i, which are
differences of partials. Gauss-Newton steps leave these out, and where the edge bends or
residuals are large they crawl along it; these converge quadratically.

A holds few directions, by weights that grow without bound. They are found by orthogonal
factors first, so that the others keep their digits. Where H + A is not positive along a
direction its size is taken there, so that each step leads down.

All fits of a stack take their steps together, each to its own end.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from physfit.solve.stacked import Mask, Stacked
from physfit.typing import FloatArray, IntArray

__all__ = ["Ends", "newton_along_edge"]

#: Newton steps, at most.
STEPS = 25
#: Steps after which one must have been a whole one.
PATIENCE = 5
#: Barrier at the end, and what the next step may then still gain: costs are those of
#: the minimum to ten digits.
LAST, GAIN = 1e-12, 1e-11
#: Of the barrier, from a whole step to the next.
POWER = 1.7
#: Share of the way to the edge, or to a bound, that a step may take.
WAY = 0.9999
#: Halvings of a step that does not lower the cost, at most.
HALVINGS = 12
#: Relative rounding of a cost.
ROUNDING = 1e-14
#: Distance of differences, in standard errors.
APART = 1e-6
#: Multipliers at the start, at most: nearer to the edge than that is no place to begin.
FIRST = 3.0
#: Share by which a multiplier may leave mu / (f - lower), and one over it.
FACTOR = 1e10
#: Least curvature along a direction, in units of the largest possible.
FLAT = 1e-12


class Ends(NamedTuple):
    """Where the fits of a stack have come to.

    Attributes
    ----------
    theta : ndarray, shape (R, P)
    found : ndarray of bool, shape (R,)
        Which of them are at a minimum along the edge.
    n_steps : ndarray of int, shape (R,)
    """

    theta: FloatArray
    found: Mask
    n_steps: IntArray


class _Local(NamedTuple):
    """What steps of a stack are made of, at a point."""

    f: FloatArray
    jac: FloatArray
    gap: FloatArray
    slope: FloatArray
    curvature: FloatArray


class _Step(NamedTuple):
    """A step, the change of the model to first order, and the slope of the cost."""

    theta: FloatArray
    change: FloatArray
    slope: FloatArray


@np.errstate(all="ignore")
def newton_along_edge(
    stack: Stacked,
    theta: FloatArray,
    at_bound: IntArray,
    limits: tuple[FloatArray, FloatArray],
    barrier: float,
) -> Ends:
    """Minima along the edge from points of the path inside.

    Parameters
    ----------
    stack : Stacked
    theta : ndarray, shape (R, P)
        Inside the domain.
    at_bound : ndarray of int, shape (R, P)
        What is not 0 is held.
    limits : tuple of ndarray, shape (P,)
        Lower and upper bounds.
    barrier : float
        Where the path has come to: its least datum above the edge.
    """
    theta = theta.copy()
    found = np.zeros(len(theta), dtype=bool)
    n_steps = np.zeros(len(theta), dtype=np.int64)
    left = np.arange(len(theta))
    mu = np.full(len(theta), barrier)
    dual = np.zeros_like(stack.y)
    for number in range(STEPS):
        own, moved, m = stack.some(left), theta[left], mu[left]
        here = _local(own, moved, at_bound[left])
        ratio = np.where(own.is_least, m[:, None] / here.gap, 0.0)
        lam = np.minimum(ratio, FIRST) if number == 0 else _kept(dual[left], ratio)
        step = _step(own, moved, at_bound[left], limits, here, lam, ratio)
        share = _share(own, moved, limits, here, step, m)
        theta[left] = moved + share[:, None] * step.theta
        n_steps[left] += 1
        dual[left] = _next_dual(own, here, lam, ratio, step)
        is_last = (m <= LAST) & (-step.slope <= GAIN)
        found[left[is_last]] = True
        lower = np.maximum(LAST, np.minimum(0.1 * m, m**POWER))
        mu[left] = np.where(share == 1.0, lower, m)
        is_lost = (share == 0.0) | ((number >= PATIENCE) & (mu[left] == barrier))
        left = left[~(is_last | is_lost)]
        if not left.size:
            break
    return Ends(theta, found, n_steps)


def _local(stack: Stacked, theta: FloatArray, at_bound: IntArray) -> _Local:
    """Model, partials of what is not held, and terms of the loss."""
    f, jac = stack.partials(theta)
    jac *= (at_bound == 0)[:, None, :]
    gap = np.where(stack.is_least, f - stack.loss.traits.lower, 1.0)
    _, slope, _, curvature = stack.terms(f)
    return _Local(f, jac, gap, slope, curvature)


def _kept(dual: FloatArray, ratio: FloatArray) -> FloatArray:
    """Multipliers, within reach of those that the barrier alone would give."""
    return np.clip(dual, ratio / FACTOR, ratio * FACTOR)


def _step(
    stack: Stacked,
    theta: FloatArray,
    at_bound: IntArray,
    limits: tuple[FloatArray, FloatArray],
    here: _Local,
    lam: FloatArray,
    ratio: FloatArray,
) -> _Step:
    """Newton step of all fits."""
    jac = here.jac
    flat = np.maximum(here.curvature, 0.0)[..., None]
    hessian = np.swapaxes(jac, 1, 2) @ (flat * jac)
    size = np.einsum("rkk->rk", hessian).copy()
    hessian += _bent(stack, theta, at_bound, limits, here, lam, size)
    gradient = ((here.slope - ratio)[:, None, :] @ jac)[:, 0]
    # Directions that the edge holds, then all others.
    weighted = np.sqrt(np.where(stack.is_least, lam / here.gap, 0.0))[..., None] * jac
    total = size + (weighted * weighted).sum(axis=1)
    unit = np.where((total > 0.0) & np.isfinite(total), total, np.inf) ** -0.5
    factor = np.asarray(np.linalg.qr(weighted * unit[:, None, :], mode="r"))
    factor[~np.isfinite(factor)] = 0.0
    _, held, axes = np.linalg.svd(factor, full_matrices=True)
    axes = axes * unit[:, None, :]
    rotated = axes @ hessian @ np.swapaxes(axes, 1, 2)
    n_held = held.shape[1]
    places = np.arange(n_held)
    own = np.einsum("rkk->rk", rotated).copy()
    own[:, :n_held] += held**2
    rotated[:, places, places] += held**2
    scale = np.abs(own) ** -0.5
    scale[~np.isfinite(scale)] = 0.0
    rotated *= scale[:, :, None] * scale[:, None, :]
    rotated[~np.isfinite(rotated)] = 0.0
    values, vectors = np.linalg.eigh(rotated)
    roots = np.swapaxes(vectors, 1, 2) * scale[:, None, :] @ axes
    along = (roots @ gradient[..., None])[..., 0]
    along = -along / np.maximum(np.abs(values), FLAT)
    move = (along[:, None, :] @ roots)[:, 0]
    change = (jac @ move[..., None])[..., 0]
    # Partials whose squares are no numbers say nothing.
    is_known = (np.isfinite(total) & ((total > 0.0) | (gradient == 0.0))).all(axis=1)
    slope = np.where(is_known, (gradient * move).sum(axis=1), np.nan)
    return _Step(move, change, slope)


def _bent(
    stack: Stacked,
    theta: FloatArray,
    at_bound: IntArray,
    limits: tuple[FloatArray, FloatArray],
    here: _Local,
    lam: FloatArray,
    size: FloatArray,
) -> FloatArray:
    """Sum of (slope - lambda) times second derivatives, by differences of partials."""
    lower, upper = limits
    n = theta.shape[1]
    weight = (here.slope - lam)[:, None, :]
    before = (weight @ here.jac)[:, 0]
    bent = np.zeros((len(theta), n, n))
    free = at_bound == 0
    for k in range(n):
        apart = APART * size[:, k] ** -0.5
        apart = np.where(np.isfinite(apart), apart, APART * np.abs(theta[:, k]))
        inwards = upper[k] - theta[:, k] < theta[:, k] - lower[k]
        room = np.where(inwards, theta[:, k] - lower[k], upper[k] - theta[:, k])
        apart = np.minimum(apart, 1e-3 * room) * np.where(inwards, -1.0, 1.0)
        beside = theta.copy()
        beside[:, k] += apart
        apart = beside[:, k] - theta[:, k]
        jac = stack.partials(beside)[1] * free[:, None, :]
        bent[:, k] = ((weight @ jac)[:, 0] - before) / apart[:, None]
    bent *= free[:, :, None]
    bent[~np.isfinite(bent)] = 0.0
    return 0.5 * (bent + np.swapaxes(bent, 1, 2))


def _share(
    stack: Stacked,
    theta: FloatArray,
    limits: tuple[FloatArray, FloatArray],
    here: _Local,
    step: _Step,
    mu: FloatArray,
) -> FloatArray:
    """Share of each step that keeps inside and lowers the cost; 0 for none."""
    room = np.where(step.theta > 0.0, limits[1] - theta, limits[0] - theta)
    most = np.where(step.theta != 0.0, room / step.theta, np.inf).min(axis=1)
    falls = stack.is_least & (step.change < 0.0)
    ways = np.where(falls, -here.gap / step.change, np.inf).min(axis=1)
    share: FloatArray = np.minimum(1.0, WAY * np.minimum(most, ways))
    before = _barrier(stack, here.f, mu)
    slack = ROUNDING * (1.0 + np.abs(before))
    left = np.arange(len(theta))
    for _ in range(HALVINGS):
        own = stack.some(left) if len(left) < len(theta) else stack
        f = own.values(theta[left] + share[left, None] * step.theta[left])
        # Near the edge a barrier falls by far less than its slope says.
        left = left[~(_barrier(own, f, mu[left]) <= before[left] + slack[left])]
        if not left.size:
            break
        share[left] *= 0.5
    share[left] = 0.0
    return share


def _next_dual(
    stack: Stacked, here: _Local, lam: FloatArray, ratio: FloatArray, step: _Step
) -> FloatArray:
    """Multipliers after a step, which stay positive."""
    move = ratio - lam - lam / here.gap * step.change
    move = np.where(stack.is_least, move, 0.0)
    falls = np.where(move < 0.0, -lam / move, np.inf).min(axis=1)
    share = np.minimum(1.0, WAY * falls)
    dual: FloatArray = lam + share[:, None] * move
    return dual


def _barrier(stack: Stacked, f: FloatArray, mu: FloatArray) -> FloatArray:
    """Cost with the barrier, shape (R,); infinite on the edge and outside."""
    gap = np.where(stack.is_least, f - stack.loss.traits.lower, 1.0)
    total = stack.terms(f)[0].sum(axis=1) - mu * np.log(gap).sum(axis=1)
    inside = (gap > 0.0).all(axis=1) & np.isfinite(total)
    return np.where(inside, total, np.inf)
