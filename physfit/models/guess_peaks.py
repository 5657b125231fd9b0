"""Start values of peaks on a background.

Several backgrounds are tried (through the ends, the lower and upper envelope, the
middle of the data); over each, the peaks of largest prominence are taken, widths from
their half maximum, heights and background together by least squares. The trial that
leaves least wins. Too few maxima (overlapping peaks) are made up by splitting a peak.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from physfit.models.peak_shapes import Spot, known_fwhm, parameters_of, profile
from physfit.models.prominence import Extremum, extrema, smoothed
from physfit.models.separable import (
    Columns,
    Piece,
    project,
    thinned,
)
from physfit.typing import FloatArray

__all__ = ["guess_peaks"]

#: Peaks of both signs must leave less than this part of what equal signs leave.
MIXED_SIGNS_COST = 2.0
#: How a peak is split in two: shifts of the centers and new width, in its width.
SPLITS = ((0.15, 0.8), (0.25, 0.6), (0.35, 0.4), (0.35, 0.7), (0.7, 0.7))
#: Trials that are improved before the best is taken.
N_BEST = 3


class Scene(NamedTuple):
    """What a trial looks at: peaks, data, columns of the background, allowed signs."""

    pieces: Sequence[Piece]
    x: FloatArray
    y: FloatArray
    basis: Columns
    signs: tuple[float, ...]


class Trial(NamedTuple):
    """Spots of all peaks with heights, and what they leave."""

    scene: Scene
    cost: float
    spots: list[Spot]
    heights: FloatArray
    background: FloatArray


def guess_peaks(
    pieces: Sequence[Piece], x: FloatArray, y: FloatArray, bases: Sequence[Columns]
) -> tuple[dict[str, float], FloatArray]:
    """Parameters of the peaks, and `y` without them.

    Each of `bases` holds the columns of a background that is linear in its
    coefficients; the one under which the peaks fit best is used.
    """
    trials = [
        _trial(Scene(pieces, x, y, basis, signs), level)
        for basis in bases
        for level in _levels(y, basis)
        for signs in _signs(pieces)
    ]
    trials.sort(key=_cost)
    again = [_trial(trial.scene, trial.background) for trial in trials[:N_BEST]]
    finalists = sorted([*trials[:N_BEST], *again], key=_cost)[:N_BEST]
    best = min((_with_better_spots(trial) for trial in finalists), key=_cost)
    values: dict[str, float] = {}
    rest = y
    for piece, spot, height in zip(pieces, best.spots, best.heights, strict=True):
        values |= piece.full(parameters_of(piece, spot, float(height)))
        rest = rest - height * profile(piece, spot, x)
    return values, rest


def _levels(y: FloatArray, columns: Columns) -> list[FloatArray]:
    """Backgrounds to try."""
    if not columns:
        return [np.zeros_like(y)]
    matrix = np.array(columns)
    n_edge = min(max(len(columns), len(y) // 10), len(y) // 2)
    ends = np.r_[0:n_edge, len(y) - n_edge : len(y)]
    through_ends = project([column[ends] for column in columns], y[ends])[0] @ matrix
    envelopes = [_envelope(columns, y, share) for share in (0.02, 0.5, 0.98)]
    return [through_ends, *envelopes]


def _envelope(columns: Columns, y: FloatArray, share: float) -> FloatArray:
    """Polynomial with about `share` of the data below it (asymmetric least squares)."""
    curve = np.full_like(y, y.mean())
    for _ in range(15):
        weight = np.sqrt(np.where(y > curve, share, 1.0 - share))
        weighted = [weight * column for column in columns]
        curve = project(weighted, weight * y)[0] @ np.array(columns)
    return curve


def _cost(trial: Trial) -> float:
    return trial.cost


def _trial(scene: Scene, level: FloatArray) -> Trial:
    """Peaks found over one background."""
    found = _placed(scene, scene.y - level)
    chosen, spots = list(found), list(found.values())
    for k in range(len(scene.pieces)):
        if k not in found:
            chosen.append(k)
            some = scene._replace(pieces=[scene.pieces[j] for j in chosen])
            spots = _one_more(some, spots)
    by_piece = dict(zip(chosen, spots, strict=True))
    ordered = [by_piece[k] for k in range(len(scene.pieces))]
    return _solved(scene, _sorted_spots(scene.pieces, ordered))


def _solved(scene: Scene, spots: list[Spot]) -> Trial:
    """Heights and background by least squares; a height of the wrong sign costs."""
    profiles = [
        profile(piece, spot, scene.x)
        for piece, spot in zip(scene.pieces, spots, strict=True)
    ]
    thin = thinned(len(scene.x), 5000)
    columns = [column[thin] for column in (*profiles, *scene.basis)]
    coefficients, _, cost = project(columns, scene.y[thin])
    heights = coefficients[: len(spots)]
    background = np.zeros_like(scene.y)
    for own, column in zip(coefficients[len(spots) :], scene.basis, strict=True):
        background = background + own * column
    wrong = [height for height in heights if np.sign(height) not in scene.signs]
    cost += len(columns[0]) * sum(height * height for height in wrong)
    if len(scene.signs) > 1:
        cost *= MIXED_SIGNS_COST
    return Trial(scene, cost, spots, heights, background)


def _placed(scene: Scene, rest: FloatArray) -> dict[int, Spot]:
    """Spot of each peak by its number, as far as the data show maxima."""
    pieces, x = scene.pieces, scene.x
    curve, noise = smoothed(rest)
    candidates = extrema(curve, noise, scene.signs)
    chosen: dict[int, Extremum] = {}
    for k in sorted(range(len(pieces)), key=lambda k: _freedom(pieces[k])):
        own = pieces[k].params["center"]
        left = (
            extremum
            for extremum in candidates
            if extremum not in chosen.values()
            and own.lower <= x[extremum.at] <= own.upper
        )
        pick = _forced(pieces[k], x, curve, candidates) or next(left, None)
        if pick is not None:
            chosen[k] = pick
    others = [extremum.at for extremum in chosen.values()]
    return {k: _spot(pieces[k], x, curve, own, others) for k, own in chosen.items()}


def _signs(pieces: Sequence[Piece]) -> list[tuple[float, ...]]:
    """Signs of the heights to try: all up, all down, any."""
    amplitudes = [piece.params["amplitude"] for piece in pieces]
    if all(own.lower >= 0.0 for own in amplitudes):
        return [(1.0,)]
    if all(own.upper <= 0.0 for own in amplitudes):
        return [(-1.0,)]
    return [(1.0,), (-1.0,), (1.0, -1.0)] if len(pieces) > 1 else [(1.0,), (-1.0,)]


def _freedom(piece: Piece) -> float:
    """How freely the center may move: known ones come first, unbounded ones last."""
    own = piece.params["center"]
    return 0.0 if own.start is not None else own.upper - own.lower


def _forced(
    piece: Piece, x: FloatArray, curve: FloatArray, candidates: list[Extremum]
) -> Extremum | None:
    """The maximum a known center means, or the highest point of narrow bounds."""
    own = piece.params["center"]
    if own.start is not None:
        index = int(np.argmin(np.abs(x - own.start)))
        near = [e for e in candidates if abs(e.at - index) <= max(2, len(x) // 100)]
        if near:
            return near[0]
        return Extremum(index, math.copysign(1.0, curve[index]), 0.0)
    inside = np.flatnonzero((x >= own.lower) & (x <= own.upper))
    if not len(inside) or len(inside) == len(x):
        return None
    if any(own.lower <= x[extremum.at] <= own.upper for extremum in candidates):
        return None
    index = int(inside[np.argmax(np.abs(curve[inside]))])
    return Extremum(index, math.copysign(1.0, curve[index]), 0.0)


def _spot(
    piece: Piece,
    x: FloatArray,
    curve: FloatArray,
    extremum: Extremum,
    others: list[int],
) -> Spot:
    """Center and full width at half maximum around an extremum."""
    i, r = extremum.at, extremum.sign * curve
    left, right = _crossing(x, r, i, -1, others), _crossing(x, r, i, 1, others)
    halves = [half for half in (left, right) if half is not None]
    spacing = float(np.ptp(x)) / max(len(x) - 1, 1)
    known = known_fwhm(piece)
    if known is not None:
        fwhm = known
    elif not halves:
        fwhm = 0.25 * float(np.ptp(x))
    else:
        fwhm = 2.0 * sum(halves) / len(halves)
    center = piece.known("center")
    return Spot(float(x[i]) if center is None else center, max(fwhm, spacing))


def _crossing(
    x: FloatArray, r: FloatArray, i: int, side: int, others: list[int]
) -> float | None:
    """Distance from x[i] to the half maximum on one side; None when it is not seen."""
    walk = np.arange(i, len(x)) if side > 0 else np.arange(i, -1, -1)
    below = np.flatnonzero(r[walk] < 0.5 * r[i])
    if not len(below):
        return None
    k = int(walk[below[0]])
    if any(min(i, k) < other < max(i, k) for other in others):
        return None
    inner = k - side
    share = (r[inner] - 0.5 * r[i]) / max(r[inner] - r[k], 1e-300)
    return float(abs(x[inner] + share * (x[k] - x[inner]) - x[i]))


def _one_more(scene: Scene, spots: list[Spot]) -> list[Spot]:
    """Spots with one more: a maximum of what is left, or one of them split in two."""
    x = scene.x
    if not spots:
        return [Spot(float(x[len(x) // 2]), 0.25 * float(np.ptp(x)))]
    trial = _solved(scene._replace(pieces=scene.pieces[:-1]), spots)
    rest = scene.y - trial.background
    for piece, spot, height in zip(
        scene.pieces[:-1], spots, trial.heights, strict=True
    ):
        rest = rest - height * profile(piece, spot, x)
    curve, _ = smoothed(rest)
    options = [
        [*spots, _spot(scene.pieces[-1], x, curve, extremum, [])]
        for extremum in extrema(curve, 0.0, scene.signs)[:2]
    ]
    for k, (center, fwhm) in enumerate(spots):
        options.append([*spots, Spot(center, fwhm / 3.0)])
        if scene.pieces[k].known("center") is None:
            for shift, narrower in SPLITS:
                left = Spot(center - shift * fwhm, narrower * fwhm)
                right = Spot(center + shift * fwhm, narrower * fwhm)
                options.append([*spots[:k], left, *spots[k + 1 :], right])
    return min(options, key=lambda own: _solved(scene, own).cost)


def _sorted_spots(pieces: Sequence[Piece], spots: list[Spot]) -> list[Spot]:
    """Spots from left to right among the peaks whose center is free and unbounded."""
    free = [k for k, piece in enumerate(pieces) if math.isinf(_freedom(piece))]
    ordered = list(spots)
    for k, spot in zip(free, sorted(spots[k] for k in free), strict=True):
        ordered[k] = spot
    return ordered


def _with_better_spots(best: Trial) -> Trial:
    """Trial with widths and centers changed in steps as long as that helps."""
    pieces = best.scene.pieces
    for step in (1.0, 0.5):
        for k, piece in enumerate(pieces):
            for center, fwhm in _moves(piece, step):
                spots = list(best.spots)
                old = spots[k]
                spots[k] = Spot(old.center + center * old.fwhm, old.fwhm * fwhm)
                best = min(best, _solved(best.scene, spots), key=_cost)
    return best


def _moves(piece: Piece, step: float) -> list[tuple[float, float]]:
    """Shifts of the center in widths, and factors of the width, to try."""
    moves: list[tuple[float, float]] = []
    if known_fwhm(piece) is None:
        moves += [
            (0.0, 0.5**step),
            (0.0, 0.7**step),
            (0.0, 1.4**step),
            (0.0, 2.0**step),
        ]
    own = piece.params["center"]
    if own.start is None and math.isinf(own.upper - own.lower):
        moves += [(-0.3 * step, 1.0), (0.3 * step, 1.0)]
    return moves
