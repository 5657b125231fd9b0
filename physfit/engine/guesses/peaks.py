"""Search for the peaks of one row of data, beside a polynomial.

Peak after peak is placed where a box explains most of what is left, then its center and
width move to where its own shape explains most, the background and the peaks before
it following (their orthonormal columns are projected out). Peaks whose center is known
come first, then those with bounds, narrow ones first. With more than one, each is
improved in turn with the others held; each is tried anew, the others moving into the
place it leaves, and the least of them as one half of another, split in two. Peaks with
unbounded centers are named from left to right; of different shapes, those that leave
less are.

Without a sign given or bound all have the sign of the strongest; the other one is tried
where that is not clear, and it and then both where more than noise is left.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import address_at, as_floats, at, offset
from physfit.engine.guesses.basis import (
    back_to_polynomial,
    coefficients,
    residual_square,
)
from physfit.engine.guesses.boxes import add_running_column, find_box, start_running
from physfit.engine.guesses.frame import SEARCH, Scratch, component, copy
from physfit.engine.guesses.peak_steps import (
    MUCH,
    append_peak,
    cost_of,
    explain,
    improve,
    is_much,
    is_poor,
    left_by_all,
    noise_of,
    settled,
    sweep,
    sweep_without,
)
from physfit.engine.guesses.shapes import Peak, give_peak, take_peak
from physfit.engine.roles import entry, routine

__all__ = ["search_peaks"]

#: A box that explains most is so much wider than the peak at half maximum.
BOX_OF_FWHM = 1.2
#: How often peaks are tried elsewhere.
ROUNDS = 3
#: Each of several peaks is tried anew if more than this part is left.
SOME = 0.01
#: Ways to place peaks: with the sign of the strongest, from wide boxes and from narrow
#: ones (a part of the range), with the other sign likewise, with both likewise.
N_TRIALS = 6
NARROW = 6
#: A sign is clear if no box of the other one explains this part as much.
CLEAR_SIGN = 0.4
#: Both signs must leave less than one sign does by what they leave beside noise, and
#: the noise of so many samples.
N_FOR_MIXED = 20.0
#: A trial goes on if it leaves at most this part of what the best one explains more.
PROMISING = 0.2
#: A peak is where it was within this part of its width, and so much as wide.
SAME_PLACE = 0.3
SAME_WIDTH = 1.5
#: Ways to split a peak in two.
N_SPLITS = 5


@entry(SEARCH)
def search_peaks(full: Any, work: Any, n: Any) -> None:
    """Fill the parameters of peaks that are NaN in `full`."""
    scratch = at(address_at(work), Scratch)
    scratch.n_signless = 0
    for k in range(scratch.n_components):
        peak = at(component(scratch, k), Peak)
        take_peak(peak, full)
        scratch.n_signless += 1 if peak.sign == 0.0 else 0
    start_running(scratch)
    _try_ways(scratch)
    if scratch.n_components > 1:
        _name(scratch)
        explain(scratch, -1, -1)
    if scratch.is_trial == 0:
        coefficients(scratch)
        heights = offset(as_floats(scratch.coefficients), scratch.n_polynomial)
        for k in range(scratch.n_components):
            give_peak(at(component(scratch, k), Peak), full, heights[k])


@routine
def _try_ways(work: Any) -> None:
    """Place the peaks in one way after the other until little or noise is left."""
    alone, wide = work.n_components == 1, (work.n + 1) // 2
    work.widest = wide
    sign, is_clear = (0.0, True) if alone else _strongest_sign(work)
    best = _place_all(work, sign, math.inf)
    was_poor = is_poor(work)
    is_clear = is_clear or residual_square(work) < MUCH * work.base_square
    if is_clear and not was_poor:
        return
    if alone:
        sign = as_floats(work.projections)[work.n_polynomial]
    _copy_peaks(work, work.components, work.kept_best)
    for trial in range(1, N_TRIALS):
        flipped = trial >= 2
        if (flipped and work.n_signless == 0) or (alone and trial != 2):
            continue
        if not was_poor and trial != 2:
            continue
        work.widest = max(work.n // NARROW, 2) if trial % 2 == 1 else wide
        wanted = -sign if flipped else sign
        enough = math.inf if was_poor else best + PROMISING * (work.base_square - best)
        cost = _place_all(work, 0.0 if trial >= 4 else wanted, enough)
        if trial >= 4:
            noise = noise_of(work)
            cost += max(cost - work.n * noise, 0.0) + N_FOR_MIXED * noise
        if cost < best:
            best = cost
            _copy_peaks(work, work.components, work.kept_best)
            if not is_poor(work):
                return
    _copy_peaks(work, work.kept_best, work.components)
    explain(work, -1, -1)


@routine
def _name(work: Any) -> None:
    """Name free peaks that may stand for each other from left to right.

    Those of different shapes are exchanged if that leaves less.
    """
    n = work.n_components
    for trial in range(n * n):
        k, j = trial // n, trial % n
        one, other = at(component(work, j), Peak), at(component(work, k), Peak)
        if j < k and one.is_free * other.is_free == 1 and one.share != other.share:
            before = left_by_all(work)
            _copy_peaks(work, work.components, work.kept_best)
            _exchange(one, other)
            sweep(work)
            if left_by_all(work) >= before:
                _copy_peaks(work, work.kept_best, work.components)
    for trial in range(n * n):
        k, j = trial // n, trial % n
        one, other = at(component(work, j), Peak), at(component(work, k), Peak)
        if j < k and _is_alike(one, other) and other.place < one.place:
            _exchange(one, other)


@routine
def _is_alike(one: Any, other: Any) -> Any:
    """Whether two free peaks may stand for each other."""
    are_free = one.is_free * other.is_free == 1
    same_form = one.share == other.share and one.known_width == other.known_width
    return are_free and same_form and one.sign == other.sign


@routine
def _exchange(one: Any, other: Any) -> None:
    """Exchange two peaks, but for widths that are known."""
    one.place, other.place = other.place, one.place
    if one.known_width == 0.0 and other.known_width == 0.0:
        one.width, other.width = other.width, one.width


@routine
def _strongest_sign(work: Any) -> Any:
    """Sign of the peak that explains most, and whether that is clear."""
    up = find_box(work, 1.0, -math.inf, math.inf)
    down = find_box(work, -1.0, -math.inf, math.inf)
    sign = 1.0 if up >= down else -1.0
    return sign, min(up, down) < CLEAR_SIGN * max(up, down)


@routine
def _place_all(work: Any, sign: Any, enough: Any) -> Any:
    """Place, improve and if need be split the peaks; what they leave.

    `sign` is that of peaks which may have either, 0 for any. They are split if they
    leave less than `enough`.
    """
    back_to_polynomial(work)
    for trial in range(2 * work.n_components):  # those that are placed, the others
        is_placed, k = 1 - trial // work.n_components, trial % work.n_components
        peak = at(component(work, k), Peak)
        if peak.is_placed == is_placed:
            peak.wanted = peak.sign if peak.sign != 0.0 else sign
            _locate(work, peak)
            append_peak(work, peak)
            if work.n_components > 1:
                add_running_column(work, work.n_columns - 1)
    if work.n_components > 1:
        sweep(work)
        left = settled(work, left_by_all(work))
        return _refined(work, left) if left < enough else left
    return cost_of(work)


@routine
def _locate(work: Any, peak: Any) -> None:
    """Place a peak where it explains most of what is left."""
    x, n = as_floats(work.x), work.n
    find_box(work, peak.wanted, peak.lower, peak.upper)
    box, width = work.box, work.box_width
    middle, peak.width = x[n // 2], 0.25 * work.span
    if width > 0:
        middle = 0.5 * (x[max(box + (width - 1) // 2, 0)] + x[box + width // 2])
        across = x[min(box + width, n) - 1] - x[max(box, 0)]
        peak.width = (across + work.spacing) / BOX_OF_FWHM
    if peak.known_width > 0.0:
        peak.width = peak.known_width
    peak.place = min(max(middle, peak.lower), peak.upper)
    improve(work, peak)


@routine
def _refined(work: Any, cost: Any) -> Any:
    """Try each peak anew, and the least as one half of another; what is left."""
    for turn in range(ROUNDS):
        least = _least_free(work)
        if least < 0 or not (is_poor(work) if turn > 0 else is_much(work)):
            return cost
        _copy_peaks(work, work.components, work.kept_whole)
        before = cost
        try_each = turn > 0 or cost > SOME * work.base_square or is_poor(work)
        for trial in range((N_SPLITS + 1) * work.n_components):
            k, way = trial // (N_SPLITS + 1), trial % (N_SPLITS + 1)
            if (way < N_SPLITS or try_each) and _moved(work, k, least, way):
                sweep(work)
                left = left_by_all(work)
                if left < cost + PROMISING * (work.base_square - cost):
                    left = settled(work, left)
                if left < cost:
                    cost = left
                    _copy_peaks(work, work.components, work.kept_other)
            _copy_peaks(work, work.kept_whole, work.components)
        if cost == before:
            explain(work, -1, -1)
            return cost
        _copy_peaks(work, work.kept_other, work.components)
        cost = left_by_all(work)
    return cost


@routine
def _moved(work: Any, k: Any, least: Any, way: Any) -> Any:
    """Place peak `k` anew, or the least as its half; False if that is no trial."""
    peak = at(component(work, k), Peak)
    if peak.is_placed == 1:
        return False
    if way == N_SPLITS:
        sweep_without(work, k)
        explain(work, k, -1)
        start_running(work)
        _locate(work, peak)
        return _is_elsewhere(peak, at(work.kept_whole + k * work.component_bytes, Peak))
    elif k == least:
        return False
    elif work.n_components == 2:
        _set_halves(work, k, least, way)
    elif way == 0:
        _split(work, k, least)
    else:
        return False
    return True


@routine
def _is_elsewhere(peak: Any, before: Any) -> Any:
    """Whether a peak is not what it was."""
    apart = math.fabs(peak.place - before.place)
    narrow, wide = min(peak.width, before.width), max(peak.width, before.width)
    return apart > SAME_PLACE * narrow or wide > SAME_WIDTH * narrow


@routine
def _split(work: Any, k: Any, least: Any) -> None:
    """Split peak `k` into itself and the least in the way that leaves least."""
    lowest = math.inf
    for way in range(N_SPLITS):
        _set_halves(work, k, least, way)
        left = left_by_all(work)
        if left < lowest:
            lowest, work.best_way = left, way
    _set_halves(work, k, least, work.best_way)


@routine
def _set_halves(work: Any, k: Any, least: Any, way: Any) -> None:
    """Peak `k` as it was kept, split into itself and peak `least`."""
    whole = at(work.kept_whole + k * work.component_bytes, Peak)
    one, other = at(component(work, k), Peak), at(component(work, least), Peak)
    shift, width = _halves(way)
    one.place = whole.place - shift * whole.width
    other.place = whole.place + shift * whole.width
    one.width = width * whole.width
    other.width = one.width


@routine
def _halves(way: Any) -> Any:
    """Shift of the centers and new width of a way to split, in the old width."""
    if way == 0:
        return 0.15, 0.8
    if way == 1:
        return 0.25, 0.6
    if way == 2:
        return 0.35, 0.4
    return (0.35, 0.7) if way == 3 else (0.7, 0.7)


@routine
def _least_free(work: Any) -> Any:
    """Peak of smallest gain that may be anywhere; -1 for none."""
    lowest, least = math.inf, -1
    for k in range(work.n_components):
        peak = at(component(work, k), Peak)
        if peak.is_free == 1 and (least < 0 or peak.gain < lowest):
            lowest, least = peak.gain, k
    return least


@routine
def _copy_peaks(work: Any, source: Any, target: Any) -> None:
    """Copy the records of all peaks from one address to another."""
    copy(as_floats(source), as_floats(target), work.n_words)
