"""What the edge of a loss's domain holds at a point, such as counts of a model at 0.

Where samples without counts pull the model down to zero, some combinations of
parameters are held there, as a parameter is at a bound. With the Fisher information G
and the part E of it that samples at the edge make up, trace(inv(G) E) counts them, and
the share (inv(G) E inv(G))_kk / inv(G)_kk says whether parameter k is one of them: it
has no error then. The errors of others say how far the fit may move inwards, too. Wings
of peaks that underflow hold nothing: their part of the information is what they are
expected to count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np

from physfit.engine.edge import NOTHING
from physfit.engine.orthogonal import SHARE
from physfit.objective import Objective
from physfit.solve.base import Status
from physfit.solve.derivatives import NULL
from physfit.solve.stacked import Mask, Stacked
from physfit.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from physfit.solve.sums import StreamedObjective

__all__ = ["CLOSE", "EDGE", "FREE", "SOME", "Bound", "Edge", "edge_of", "edges_of"]
__all__ += ["is_empty", "mean_of"]

#: Of `at_bound`: held by the edge of the loss's domain.
EDGE = 2
#: Cost that is nothing: a hundred thousandth of a standard error.
FREE = 1e-10
#: Cost by which the end of the path may lie above a minimum that it confirms.
CLOSE = 1e-5
#: Eigenvalues of what is at the edge below this share of the largest are rounding.
ROUNDED = 1e-13
#: Combinations of parameters held from which on a point is on an edge.
SOME = 0.5

#: An objective with a loss, in memory or over the rows of a file.
Bound: TypeAlias = "Objective | StreamedObjective"


class Edge(NamedTuple):
    """What the edge of the domain holds at a point.

    Attributes
    ----------
    held : float
        Combinations of parameters that it holds, near a whole number; NaN where the
        model is outside.
    at_bound : ndarray of int, shape (P,)
        With `EDGE` for the parameters that are held there.
    rank : int
        Directions that the others move in, as far as the data determine them.
    covariance : ndarray, shape (P, P)
        Of the others, which may move inwards; NaN in rows and columns of what is held,
        and of what the data do not determine, whose variance is infinite.
    condition : float
        Of the matrix it is the inverse of, scaled to a unit diagonal.
    left : float
        What the cost may still gain on the way to the edge, to first order, and by a
        Gauss-Newton step; infinite where the minimum is not on this edge.
    """

    held: float
    at_bound: IntArray
    rank: int
    covariance: FloatArray
    condition: float
    left: float = np.inf

    @property
    def is_found(self) -> bool:
        """Whether a minimum on the edge, if it is there, is as good as reached."""
        return self.held >= SOME and self.left <= CLOSE

    @property
    def is_open(self) -> bool:
        """Whether the data leave a parameter open."""
        return bool(np.isinf(self.covariance.diagonal()).any())

    def judged(self, status: Status, is_empty: bool) -> Status:
        """What a fit that ended here is called.

        Beside parameters that the data leave open nothing is a minimum, unless there
        are no counts at all.
        """
        is_lost = self.is_open and status.converged and not is_empty
        return Status.UNDETERMINED if is_lost else status

    def without_minimum(self, status: Status) -> Status:
        """What a fit is called that goes on along the edge without an end."""
        if not status.converged and status is not Status.UNDETERMINED:
            return status
        return Status.UNDETERMINED if self.is_open else Status.STALLED


def edge_of(objective: Bound, theta: FloatArray, at_bound: IntArray) -> Edge:
    """What the edge of the domain holds at a point."""
    n, lower = len(theta), objective.loss.traits.lower
    near = lower + NOTHING / objective.n_samples

    def look(own: Objective) -> FloatArray:
        f = own.values(theta)
        if f.min(initial=np.inf) >= near:
            return np.zeros(2)
        both = _places(f, own.y <= lower, lower, near)
        return np.array([np.count_nonzero(place) for place in both], dtype=np.float64)

    def add(own: Objective) -> FloatArray:
        stack = Stacked.of_one(own)
        return _sums(stack, *stack.partials(theta[None]), near).ravel()

    outside, at_edge = objective.summed(look, 2).tolist()
    if outside > 0.0 or at_edge == 0.0:
        return _nothing(at_bound, is_outside=outside > 0.0)
    sums = objective.summed(add, 2 * n * (n + 1)).reshape(1, 2, n, n + 1)
    return _edges(sums, at_bound[None])[0]


def edges_of(stack: Stacked, theta: FloatArray, at_bound: IntArray) -> list[Edge]:
    """What the edge holds at points of a stack of fits, shape (R, P)."""
    lower = stack.loss.traits.lower
    near = lower + NOTHING / stack.used.sum(axis=1, keepdims=True)
    f, jac = stack.partials(theta)
    both = _places(f, stack.is_least, lower, near)
    outside, at_edge = (np.logical_or.reduce(place, axis=1) for place in both)
    some = np.flatnonzero(at_edge & ~outside)
    edges = [_nothing(*own) for own in zip(at_bound, outside.tolist(), strict=True)]
    if not some.size:
        return edges
    sums = _sums(stack.some(some), f[some], jac[some], near[some])
    for k, edge in zip(some.tolist(), _edges(sums, at_bound[some]), strict=True):
        edges[k] = edge
    return edges


def _nothing(at_bound: IntArray, is_outside: bool) -> Edge:
    """The edge where no sample is at it, or where the model is outside."""
    n = len(at_bound)
    held = np.nan if is_outside else 0.0
    return Edge(held, at_bound, 0, np.full((n, n), np.nan), np.inf)


def _places(
    f: FloatArray, is_least: Mask, lower: float, near: FloatArray | float
) -> tuple[Mask, Mask]:
    """Which samples lie outside, and which may be on the edge, shape (R, n).

    `near` is the model below which a sample without counts, of so many, may be.
    """
    return ~(f >= lower), is_least & (f < near)


@np.errstate(all="ignore")
def _sums(
    stack: Stacked, f: FloatArray, jac: FloatArray, near: FloatArray | float
) -> FloatArray:
    """Gauss-Newton matrix and gradient of samples off the edge, and of those at it."""
    lower = stack.loss.traits.lower
    # What is held is so to this share of what is near, and the sums keep their digits.
    _, slope, weight, _ = stack.terms(np.maximum(f, lower + 1e-5 * (near - lower)))
    at_edge = (stack.is_least & (f < near))[..., None]
    across = np.swapaxes(jac, 1, 2)
    columns = np.concatenate([weight[..., None] * jac, slope[..., None]], axis=2)
    both = np.where(at_edge, 0.0, columns), np.where(at_edge, columns, 0.0)
    return np.stack([across @ own for own in both], axis=1)


class _Inverse(NamedTuple):
    """Inverse of a Gauss-Newton matrix of which the edge holds some directions.

    Attributes
    ----------
    whole : ndarray, shape (R, P, P)
    by_edge : ndarray, shape (R, P)
        What part of its diagonal the samples at the edge determine.
    held : ndarray, shape (R,)
        Combinations of parameters that they hold.
    loose : ndarray of bool, shape (R, P)
        Parameters that take part in a direction without data.
    rank : ndarray of int, shape (R,)
    """

    whole: FloatArray
    by_edge: FloatArray
    held: FloatArray
    loose: Mask
    rank: IntArray


def _inverse(inner: FloatArray, edge: FloatArray) -> _Inverse:
    """Inverse of the sum of two matrices, the second of which may be far larger.

    It is rotated to the directions of the second at first, so that the digits of the
    first stay where the second has none.
    """
    diagonal = np.where(_diagonals(inner) > 0.0, _diagonals(inner), _diagonals(edge))
    unit = np.where(diagonal > 0.0, diagonal, 1.0) ** -0.5
    both = unit[:, :, None] * unit[:, None, :]
    lost = ~np.isfinite((inner + edge) * both).all(axis=(1, 2), keepdims=True)
    inner, edge = np.where(lost, 0.0, inner * both), np.where(lost, 0.0, edge * both)
    sizes, axes = np.linalg.eigh(edge)
    sizes = np.where(sizes > ROUNDED * sizes[:, -1:], sizes, 0.0)
    rotated = np.swapaxes(axes, 1, 2) @ inner @ axes
    own = _diagonals(rotated)
    own += sizes
    scale = np.where(own > 0.0, own, 1.0) ** -0.5
    values, vectors = np.linalg.eigh(rotated * scale[:, :, None] * scale[:, None, :])
    known = values > NULL * np.maximum(values[:, -1:], 1e-300)
    vectors *= scale[:, :, None]
    back = axes @ vectors
    shares = np.abs(back) / np.linalg.norm(back, axis=1)[:, None, :]
    vectors *= np.where(known, values, np.inf)[:, None, :] ** -0.5
    inverse = vectors @ np.swapaxes(vectors, 1, 2)
    part = inverse * sizes[:, None, :]
    axes_back = np.swapaxes(axes, 1, 2)
    by_edge = axes @ part @ inverse @ axes_back * both
    return _Inverse(
        np.where(lost, np.nan, axes @ inverse @ axes_back * both),
        _diagonals(by_edge),
        np.einsum("rkk->r", part),
        (shares * ~known[:, None, :] > SHARE).any(axis=2),
        known.sum(axis=1),
    )


@np.errstate(all="ignore")
def _edges(sums: FloatArray, at_bound: IntArray) -> list[Edge]:
    """What is held, by the sums of each fit."""
    n, inside = at_bound.shape[1], at_bound == 0
    sums = sums * inside[:, None, :, None]
    inner, edge = np.moveaxis(sums[..., :n] * inside[:, None, None, :], 1, 0)
    gradient, to_edge = sums[..., n].sum(axis=1), sums[:, 1, :, n]
    inverse = _inverse(inner, edge)
    step = (inverse.whole @ gradient[..., None])[..., 0]
    by_edge, by_step = (to_edge * step).sum(axis=1), (gradient * step).sum(axis=1)
    left = np.where(by_edge > -FREE, by_edge + 0.5 * by_step, np.inf)
    # What the data leave open is not held, whatever rounding makes of it.
    loose = inverse.loose & inside
    is_held = (inverse.by_edge > SOME * _diagonals(inverse.whole)) & ~loose & inside
    whole = _inwards(inverse, inner, gradient, inside)
    covariance = _without(whole, loose | is_held | ~inside)
    condition = _conditions(covariance, inside & ~is_held)
    _diagonals(covariance)[loose] = np.inf
    moving = inverse.rank - is_held.sum(axis=1)
    sides = np.where(is_held, EDGE, at_bound)
    columns = inverse.held.tolist(), sides, moving.tolist(), covariance
    numbers = condition.tolist(), left.tolist()
    return [Edge(*own) for own in zip(*columns, *numbers, strict=True)]


def _inwards(
    inverse: _Inverse, inner: FloatArray, gradient: FloatArray, inside: Mask
) -> FloatArray:
    """Covariances of fits that may also move inwards from the edge.

    The cost rises with the gradient g there: away from an edge that holds one
    combination of parameters it is that of an exponential law, whose standard deviation
    along g is 1 / |g|, as if the edge had the information g g'. Where more is held, or
    what is off the edge leaves others open, errors are those along the edge.
    """
    outwards = _inverse(inner, gradient[:, :, None] * gradient[:, None, :])
    is_open = (outwards.loose & ~inverse.loose & inside).any(axis=1)
    is_one = (inverse.held > SOME) & (inverse.held < 1.0 + SOME) & ~is_open
    return np.where(is_one[:, None, None], outwards.whole, inverse.whole)


def _diagonals(matrices: FloatArray) -> FloatArray:
    """Views of their diagonals, shape (R, P)."""
    diagonals: FloatArray = np.einsum("rkk->rk", matrices)
    return diagonals


def _without(matrices: FloatArray, which: Mask) -> FloatArray:
    """The same with NaN in some rows and columns of each."""
    return np.where(which[:, :, None] | which[:, None, :], np.nan, matrices)


def _conditions(covariances: FloatArray, moving: Mask) -> FloatArray:
    """Conditions of covariances scaled to a unit diagonal, of what moves.

    Infinite for one that has none.
    """
    unit = _diagonals(covariances) ** -0.5
    scaled = covariances * unit[:, :, None] * unit[:, None, :]
    own = moving[:, :, None] & moving[:, None, :]
    scaled = np.where(own, scaled, np.eye(moving.shape[1]))
    lost = ~np.isfinite(scaled).all(axis=(1, 2))
    scaled[lost] = np.eye(moving.shape[1])
    values = np.linalg.eigvalsh(scaled)
    return np.where(lost, np.inf, values[:, -1] / values[:, 0])


def is_empty(objective: Bound) -> bool:
    """Whether no datum lies above the least there is."""
    return not mean_of(objective) > 0.0


def mean_of(objective: Bound) -> float:
    """Mean datum, from the edge on."""

    def add(own: Objective) -> FloatArray:
        return np.array([own.y.sum()])

    total = float(objective.summed(add, 1)[0])
    return total / objective.n_samples - objective.loss.traits.lower
