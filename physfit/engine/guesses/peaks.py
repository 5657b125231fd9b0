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
    append,
    back_to_polynomial,
    coefficients,
    goes_on,
    next_column,
    residual_square,
    start_search,
)
from physfit.engine.guesses.boxes import add_running_column, find_box, start_running
from physfit.engine.guesses.frame import SEARCH, Scratch, component, copy
from physfit.engine.guesses.shapes import Peak, gain, give_peak, take_peak, write_shape
from physfit.engine.roles import entry, routine, summation

__all__ = ["search_peaks"]

#: A box that explains most is so much wider than the peak at half maximum.
BOX_OF_FWHM = 1.2
#: Steps of a search: of the logarithm of the width, of the center in widths.
WIDTH_STEP = math.log(1.8)
CENTER_STEP = 0.25
#: How often the least peak is tried elsewhere.
ROUNDS = 3
#: What is left is poor when it is more than this part of what the background leaves,
MUCH = 0.03
MUCH_OF_MANY = 0.002
#: and squared differences of neighbours are less than twice it, as those of noise are,
#: by so many times 1 / sqrt(n), which is half a standard deviation.
STRUCTURE = 3.0
#: A box that explains so many times the variance of the noise is no noise.
SIGNIFICANT = 14.0
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
        _explain(scratch, -1, -1)
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
    was_poor = _is_poor(work)
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
            noise = _noise(work)
            cost += max(cost - work.n * noise, 0.0) + N_FOR_MIXED * noise
        if cost < best:
            best = cost
            _copy_peaks(work, work.components, work.kept_best)
            if not _is_poor(work):
                return
    _copy_peaks(work, work.kept_best, work.components)
    _explain(work, -1, -1)


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
            before = _left(work)
            _copy_peaks(work, work.components, work.kept_best)
            _exchange(one, other)
            _sweep(work)
            if _left(work) >= before:
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
            _append_peak(work, peak)
            if work.n_components > 1:
                add_running_column(work, work.n_columns - 1)
    if work.n_components > 1:
        _sweep(work)
        _sweep(work)
        left = _left(work)
        return _refined(work, left) if left < enough else left
    return _cost(work)


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
    _improve(work, peak)


@routine
def _improve(work: Any, peak: Any) -> None:
    """Improve width and center of a peak; the others are in the basis."""
    peak.gain = gain(work, peak)
    if peak.known_width == 0.0:
        start_search(work, math.log(peak.width), WIDTH_STEP, peak.gain)
        peak.width = math.exp(work.at)
        while goes_on(work, gain(work, peak)):
            peak.width = math.exp(work.at)
        width = max(math.exp(work.at), work.spacing)
        peak.gain, peak.width = work.best, min(width, 4.0 * work.span)
    if peak.is_placed == 0:
        start_search(work, peak.place, CENTER_STEP * peak.width, peak.gain)
        peak.place = work.at
        while goes_on(work, gain(work, peak)):
            peak.place = work.at
        peak.gain = work.best
        peak.place = min(max(work.at, peak.lower), peak.upper)


@routine
def _append_peak(work: Any, peak: Any) -> None:
    """Explain the data by a peak as well."""
    write_shape(work, peak, next_column(work))
    append(work)


@routine
def _explain(work: Any, left_out: Any, other: Any) -> None:
    """Explain the data by all peaks in their order but one or two; -1 for none."""
    back_to_polynomial(work)
    for k in range(work.n_components):
        if k != left_out and k != other:
            _append_peak(work, at(component(work, k), Peak))


@routine
def _cost(work: Any) -> Any:
    """Sum of squares left; a height of the wrong sign costs its own square as well."""
    cost = residual_square(work)
    if work.n_components > 1:
        coefficients(work)
        whole = as_floats(work.running_squares)[work.n]  # of all weights
        heights = offset(as_floats(work.coefficients), work.n_polynomial)
        for k in range(work.n_components):
            if at(component(work, k), Peak).wanted * heights[k] < 0.0:
                cost += heights[k] * heights[k] * whole
    return cost


@routine
def _sweep(work: Any) -> None:
    """Improve each peak with the others held."""
    _sweep_without(work, -1)


@routine
def _sweep_without(work: Any, left_out: Any) -> None:
    """Improve each peak but one that is not there, with the others held."""
    for k in range(work.n_components):
        if k != left_out:
            _explain(work, k, left_out)
            _improve(work, at(component(work, k), Peak))


@routine
def _left(work: Any) -> Any:
    """What all peaks leave, by its cost."""
    _explain(work, -1, -1)
    return _cost(work)


@routine
def _is_poor(work: Any) -> Any:
    """Whether much is left, and more than noise.

    Of one peak it is no noise where neighbours are alike; of several, where a box
    explains more of it than noise allows.
    """
    if not _is_much(work):
        return False
    n, left, noise = work.n, residual_square(work), _noise(work)
    if work.n_components == 1:
        return 2.0 * noise < (2.0 - STRUCTURE / math.sqrt(float(n))) * left / n
    work.widest = (n + 1) // 2
    start_running(work)
    explained = find_box(work, 0.0, -math.inf, math.inf)
    return explained > max(SIGNIFICANT * noise, MUCH_OF_MANY * work.base_square)


@routine
def _is_much(work: Any) -> Any:
    """Whether much is left, noise or not."""
    much = MUCH if work.n_components == 1 else MUCH_OF_MANY
    return residual_square(work) >= much * work.base_square


@routine
def _noise(work: Any) -> Any:
    """Variance of what is left, from the differences of neighbours."""
    return 0.5 * squared_steps(as_floats(work.residual), work.n) / work.n


@summation
def squared_steps(values: Any, n: Any) -> Any:
    """Sum of squared differences of neighbours."""
    total = 0.0
    for i in range(n - 1):
        step = values[i + 1] - values[i]
        total += step * step
    return total


@routine
def _refined(work: Any, cost: Any) -> Any:
    """Try each peak anew, and the least as one half of another; what is left."""
    for turn in range(ROUNDS):
        least = _least_free(work)
        if least < 0 or not (_is_poor(work) if turn > 0 else _is_much(work)):
            return cost
        _copy_peaks(work, work.components, work.kept_whole)
        before = cost
        for trial in range((N_SPLITS + 1) * work.n_components):
            k, way = trial // (N_SPLITS + 1), trial % (N_SPLITS + 1)
            if _moved(work, k, least, way):
                _sweep(work)
                left = _left(work)
                if left < cost + PROMISING * (work.base_square - cost):
                    _sweep(work)
                    left = _left(work)
                if left < cost:
                    cost = left
                    _copy_peaks(work, work.components, work.kept_other)
            _copy_peaks(work, work.kept_whole, work.components)
        if cost == before:
            _explain(work, -1, -1)
            return cost
        _copy_peaks(work, work.kept_other, work.components)
        _sweep(work)
        cost = _left(work)
    return cost


@routine
def _moved(work: Any, k: Any, least: Any, way: Any) -> Any:
    """Place peak `k` anew, or the least as its half; False if that is no trial."""
    peak = at(component(work, k), Peak)
    if peak.is_placed == 1:
        return False
    if way == N_SPLITS:
        _sweep_without(work, k)
        _explain(work, k, -1)
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
        left = _left(work)
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
