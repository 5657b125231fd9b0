"""Start values of peaks on a polynomial, from one row of data.

Peak after peak is placed where a box explains most of what is left, then its center and
width move to where its own shape explains most, the background and the peaks before
it following (their orthonormal columns are projected out). Peaks whose center is known
come first, then those with bounds, narrow ones first. With more than one, each is
improved in turn with the others held; where what is left is no noise (neighbours
differ less than noise would), the least of them is tried as one half of another, split
in two. Peaks with unbounded centers are named from left to right.

Without a sign given or bound all have the sign of the strongest; the other one, and
then both, are tried where that leaves more than noise.

The module is long because its steps share one scratch and are compiled as one entry.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import GUESS, offset
from physfit.engine.dense import dot
from physfit.engine.guesses.basis import (
    AT,
    BEST,
    append,
    back_to_polynomial,
    coefficients,
    copy,
    goes_on,
    next_column,
    start_search,
)
from physfit.engine.guesses.boxes import add_running_column, find_box, start_running
from physfit.engine.guesses.frame import (
    BASE,
    BEST_CENTERS,
    CENTERS,
    COEFFICIENTS,
    GAINS,
    N_COLUMNS,
    N_COMPONENTS,
    N_PEAKS,
    N_POLYNOMIAL,
    OTHER_CENTERS,
    PROJECTIONS,
    REST,
    ROOM,
    RUNNING_REST,
    SPACING,
    SPAN,
    WHOLE_CENTERS,
    WHOLE_WIDTHS,
    WIDEST,
    WIDTHS,
    N,
    W,
    X,
    component_of,
    count,
    is_known,
    number,
    small,
    take_row,
    vector,
)
from physfit.engine.guesses.polynomials import give_polynomials, take_polynomials
from physfit.engine.guesses.shapes import (
    CENTER,
    LOWER,
    SIGN,
    UPPER,
    gain,
    give_peak,
    known_width,
    share_of,
    write_shape,
)
from physfit.engine.roles import entry, routine, summation
from physfit.kernels.elementary import exp

__all__ = ["find_peaks", "give_peaks", "guess_peaks"]

#: A box that explains most is so much wider than the peak at half maximum.
BOX_OF_FWHM = 1.2
#: Steps of a search: of the logarithm of the width, of the center in widths.
WIDTH_STEP = math.log(1.8)
CENTER_STEP = 0.25
SWEEPS = 2
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
#: ones (a part of the range), with the other sign likewise, with both.
N_TRIALS = 5
NARROW = 6
#: Both signs must leave less than one sign does by what they leave beside noise, and
#: the noise of so many samples.
N_FOR_MIXED = 20.0
#: Ways to split a peak in two.
N_SPLITS = 5


@entry(GUESS)
def guess_peaks(
    plan: Any, x: Any, ldx: Any, y: Any, w: Any, n: Any, full: Any, work: Any
) -> None:
    """Fill the parameters of peaks and polynomials that are NaN in `full`."""
    take_row(plan, x, ldx, y, w, n, work)
    take_polynomials(plan, full, work)
    find_peaks(plan, plan[N_COMPONENTS], full, work)
    give_peaks(plan, full, work)


@routine
def find_peaks(plan: Any, n_peaks: Any, full: Any, work: Any) -> Any:
    """Centers and widths of all peaks, named from left to right; what they leave."""
    work[N_PEAKS] = n_peaks
    if n_peaks > 0:
        start_running(work)
        _try_ways(plan, full, work)
    if n_peaks > 1:
        _sort_free(plan, full, work)
        _explain(plan, full, work, 0.0)
    rest = vector(work, REST)
    return dot(rest, rest, count(work, N))


@routine
def give_peaks(plan: Any, full: Any, work: Any) -> None:
    """Parameters of the peaks and polynomials that are NaN in `full`."""
    coefficients(work)
    found = small(work, COEFFICIENTS)
    centers, widths = small(work, CENTERS), small(work, WIDTHS)
    for k in range(count(work, N_PEAKS)):
        height = found[count(work, N_POLYNOMIAL) + k]
        give_peak(component_of(plan, k), full, centers[k], widths[k], height)
    give_polynomials(full, work)


@routine
def _try_ways(plan: Any, full: Any, work: Any) -> None:
    """Place the peaks in one way after the other until little or noise is left."""
    n, alone = count(work, N), count(work, N_PEAKS) == 1
    work[WIDEST] = (n + 1) // 2
    sign = 0.0 if alone else _strongest_sign(work)
    best = _place_all(plan, full, work, sign)
    if not _is_poor(work):
        return
    if alone:
        sign = small(work, PROJECTIONS)[count(work, N_POLYNOMIAL)]
    _copy_peaks(work, CENTERS, BEST_CENTERS)
    for trial in range(1, N_TRIALS):
        flipped = trial >= 2
        if (flipped and not _any_sign(plan, work)) or (alone and trial != 2):
            continue
        work[WIDEST] = max(n // NARROW, 2) if trial % 2 == 1 else (n + 1) // 2
        own = 0.0 if trial == 4 else (-sign if flipped else sign)
        cost = _place_all(plan, full, work, own)
        if trial == 4:
            cost += _excess(work, cost)
        if cost < best:
            best = cost
            _copy_peaks(work, CENTERS, BEST_CENTERS)
            if not _is_poor(work):
                return
    _copy_peaks(work, BEST_CENTERS, CENTERS)
    _explain(plan, full, work, 0.0)


@routine
def _any_sign(plan: Any, work: Any) -> Any:
    """Whether some peak may have either sign."""
    free = 0
    for k in range(count(work, N_PEAKS)):
        free += 1 if component_of(plan, k)[SIGN] == 0 else 0
    return free > 0


@routine
def _strongest_sign(work: Any) -> Any:
    """Sign of the peak that explains most."""
    box, width, _ = find_box(work, 0.0, -math.inf, math.inf)
    low, high = max(box, 0), min(box + width, count(work, N))
    total = vector(work, RUNNING_REST)
    return -1.0 if total[high] < total[low] else 1.0


@routine
def _place_all(plan: Any, full: Any, work: Any, sign: Any) -> Any:
    """Place, improve and if need be split the peaks; what they leave."""
    back_to_polynomial(work)
    for turn in range(2):
        for k in range(count(work, N_PEAKS)):
            known = is_known(full, component_of(plan, k)[CENTER])
            if known == (turn == 0):
                _locate(plan, full, work, k, sign)
                _append_peak(plan, full, work, k)
                if count(work, N_PEAKS) > 1:
                    add_running_column(work, count(work, N_COLUMNS) - 1)
    if count(work, N_PEAKS) > 1:
        for _ in range(SWEEPS):
            _sweep(plan, full, work, sign)
        cost = _explain(plan, full, work, sign)
        return _refined(plan, full, work, sign, cost)
    return _cost(plan, work, sign)


@routine
def _locate(plan: Any, full: Any, work: Any, k: Any, sign: Any) -> None:
    """Place peak `k` where it explains most of what is left."""
    component, x, n = component_of(plan, k), vector(work, X), count(work, N)
    centers, widths = small(work, CENTERS), small(work, WIDTHS)
    lower, upper = number(component, LOWER), number(component, UPPER)
    wanted = component[SIGN] if component[SIGN] != 0 else sign
    if is_known(full, component[CENTER]):
        lower = upper = full[component[CENTER]]
    box, width, _ = find_box(work, wanted, lower, upper)
    low, high = max(box, 0), min(box + width, n) - 1
    if width == 0:
        centers[k] = min(max(x[n // 2], lower), upper)
        widths[k] = 0.25 * work[SPAN]
    else:
        inside = min(max(box + (width - 1) // 2, 0), n - 1)
        beside = min(max(box + width // 2, 0), n - 1)
        middle = 0.5 * (x[inside] + x[beside])
        centers[k] = min(max(middle, lower), upper)
        widths[k] = (x[high] - x[low] + work[SPACING]) / BOX_OF_FWHM
    fixed_width = known_width(component, full)
    if fixed_width > 0.0:
        widths[k] = fixed_width
    _improve(plan, full, work, k, wanted)


@routine
def _improve(plan: Any, full: Any, work: Any, k: Any, sign: Any) -> None:
    """Improve width and center of a peak; the others are in the basis."""
    component = component_of(plan, k)
    centers, widths = small(work, CENTERS), small(work, WIDTHS)
    share = share_of(component, full)
    best = _wanted(work, centers[k], widths[k], share, sign)
    if known_width(component, full) <= 0.0:
        line = start_search(work, math.log(widths[k]), WIDTH_STEP, best)
        while goes_on(line, _wanted(work, centers[k], exp(line[AT]), share, sign)):
            pass
        best = line[BEST]
        widths[k] = min(max(exp(line[AT]), work[SPACING]), 4.0 * work[SPAN])
    if not is_known(full, component[CENTER]):
        line = start_search(work, centers[k], CENTER_STEP * widths[k], best)
        while goes_on(line, _wanted(work, line[AT], widths[k], share, sign)):
            pass
        best = line[BEST]
        lower, upper = number(component, LOWER), number(component, UPPER)
        centers[k] = min(max(line[AT], lower), upper)
    small(work, GAINS)[k] = best


@routine
def _wanted(work: Any, center: Any, fwhm: Any, share: Any, sign: Any) -> Any:
    """Gain of a peak with the wanted sign (0: any), otherwise 0."""
    value = gain(work, center, fwhm, share)
    return math.fabs(value) if sign == 0.0 else max(sign * value, 0.0)


@routine
def _append_peak(plan: Any, full: Any, work: Any, k: Any) -> None:
    """Explain the data by peak `k` as well."""
    center, fwhm = small(work, CENTERS)[k], small(work, WIDTHS)[k]
    share = share_of(component_of(plan, k), full)
    write_shape(work, center, fwhm, share, next_column(work))
    append(work)


@routine
def _explain(plan: Any, full: Any, work: Any, sign: Any) -> Any:
    """Explain the data by all peaks in their order; what that leaves."""
    back_to_polynomial(work)
    for k in range(count(work, N_PEAKS)):
        _append_peak(plan, full, work, k)
    return _cost(plan, work, sign)


@routine
def _explain_others(plan: Any, full: Any, work: Any, left_out: Any) -> None:
    """Explain the data by all peaks but one."""
    back_to_polynomial(work)
    for k in range(count(work, N_PEAKS)):
        if k != left_out:
            _append_peak(plan, full, work, k)


@routine
def _cost(plan: Any, work: Any, sign: Any) -> Any:
    """Sum of squares left; a height of the wrong sign costs its own square as well."""
    rest, w, n = vector(work, REST), vector(work, W), count(work, N)
    cost = dot(rest, rest, n)
    if count(work, N_PEAKS) > 1:
        coefficients(work)
        heights = offset(small(work, COEFFICIENTS), count(work, N_POLYNOMIAL))
        for k in range(count(work, N_PEAKS)):
            own = component_of(plan, k)[SIGN]
            if (own if own != 0 else sign) * heights[k] < 0.0:
                cost += heights[k] * heights[k] * dot(w, w, n)
    return cost


@routine
def _sweep(plan: Any, full: Any, work: Any, sign: Any) -> None:
    """Improve each peak with the others held."""
    for k in range(count(work, N_PEAKS)):
        _explain_others(plan, full, work, k)
        own = component_of(plan, k)[SIGN]
        _improve(plan, full, work, k, own if own != 0 else sign)


@routine
def _is_poor(work: Any) -> Any:
    """Whether much is left, and more than noise.

    Of one peak it is no noise where neighbours are alike; of several, where a box
    explains more of it than noise allows.
    """
    if not _is_much(work):
        return False
    rest, n = vector(work, REST), count(work, N)
    left, steps = dot(rest, rest, n), squared_steps(rest, n)
    if count(work, N_PEAKS) == 1:
        return steps < (2.0 - STRUCTURE / math.sqrt(float(n))) * left
    work[WIDEST] = (n + 1) // 2
    start_running(work)
    _, _, explained = find_box(work, 0.0, -math.inf, math.inf)
    base = vector(work, BASE)
    structure = MUCH_OF_MANY * dot(base, base, n)
    return explained > max(SIGNIFICANT * 0.5 * steps / n, structure)


@routine
def _is_much(work: Any) -> Any:
    """Whether much is left, noise or not."""
    rest, base, n = vector(work, REST), vector(work, BASE), count(work, N)
    much = MUCH if count(work, N_PEAKS) == 1 else MUCH_OF_MANY
    return dot(rest, rest, n) >= much * dot(base, base, n)


@routine
def _excess(work: Any, cost: Any) -> Any:
    """What a cost is above that of noise, and that of some samples."""
    rest, n = vector(work, REST), count(work, N)
    noise = 0.5 * squared_steps(rest, n) / n
    return max(cost - n * noise, 0.0) + N_FOR_MIXED * noise


@summation
def squared_steps(values: Any, n: Any) -> Any:
    """Sum of squared differences of neighbours."""
    total = 0.0
    for i in range(n - 1):
        step = values[i + 1] - values[i]
        total += step * step
    return total


@routine
def _refined(plan: Any, full: Any, work: Any, sign: Any, cost: Any) -> Any:
    """Try the least peak elsewhere, and as one half of another; what is left."""
    for turn in range(ROUNDS):
        least = _least_free(plan, full, work)
        if least < 0 or not (_is_poor(work) if turn > 0 else _is_much(work)):
            return cost
        _copy_peaks(work, CENTERS, WHOLE_CENTERS)
        before = cost
        for trial in range(N_SPLITS * count(work, N_PEAKS)):
            k, how = trial // N_SPLITS, trial % N_SPLITS
            if k == least and how == 0:
                _explain_others(plan, full, work, k)
                start_running(work)
                _locate(plan, full, work, k, sign)
            elif k == least or is_known(full, component_of(plan, k)[CENTER]):
                continue
            elif count(work, N_PEAKS) == 2:
                _set_halves(work, k, least, how)
            elif how == 0:
                _split(plan, full, work, k, least, sign)
            else:
                continue
            for _ in range(SWEEPS):
                _sweep(plan, full, work, sign)
            left = _explain(plan, full, work, sign)
            if left < cost:
                cost = left
                _copy_peaks(work, CENTERS, OTHER_CENTERS)
            _copy_peaks(work, WHOLE_CENTERS, CENTERS)
        if cost == before:
            return _explain(plan, full, work, sign)
        _copy_peaks(work, OTHER_CENTERS, CENTERS)
        _sweep(plan, full, work, sign)
        cost = _explain(plan, full, work, sign)
    return cost


@routine
def _split(plan: Any, full: Any, work: Any, k: Any, least: Any, sign: Any) -> None:
    """Split peak `k` into itself and the least in the way that leaves least."""
    lowest, best = math.inf, 0
    for how in range(N_SPLITS):
        _set_halves(work, k, least, how)
        left = _explain(plan, full, work, sign)
        if left < lowest:
            lowest, best = left, how
    _set_halves(work, k, least, best)


@routine
def _set_halves(work: Any, k: Any, least: Any, trial: Any) -> None:
    """Peak `k` as it was kept, split into itself and peak `least`."""
    centers, widths = small(work, CENTERS), small(work, WIDTHS)
    center, fwhm = small(work, WHOLE_CENTERS)[k], small(work, WHOLE_WIDTHS)[k]
    shift, width = _halves(trial)
    centers[k] = center - shift * fwhm
    centers[least] = center + shift * fwhm
    widths[k] = width * fwhm
    widths[least] = width * fwhm


@routine
def _halves(trial: Any) -> Any:
    """Shift of the centers and new width of a way to split, in the old width."""
    if trial == 0:
        return 0.15, 0.8
    if trial == 1:
        return 0.25, 0.6
    if trial == 2:
        return 0.35, 0.4
    return (0.35, 0.7) if trial == 3 else (0.7, 0.7)


@routine
def _least_free(plan: Any, full: Any, work: Any) -> Any:
    """Peak of smallest gain that may be anywhere; -1 for none."""
    gains, least = small(work, GAINS), -1
    for k in range(count(work, N_PEAKS)):
        if _is_free(component_of(plan, k), full) and (
            least < 0 or gains[k] < gains[least]
        ):
            least = k
    return least


@routine
def _is_free(component: Any, full: Any) -> Any:
    """Whether the center of a peak is neither known nor bounded."""
    if is_known(full, component[CENTER]):
        return False
    return math.isinf(number(component, UPPER) - number(component, LOWER))


@routine
def _sort_free(plan: Any, full: Any, work: Any) -> None:
    """Peaks from left to right among the peaks whose center is free."""
    centers, widths = small(work, CENTERS), small(work, WIDTHS)
    for k in range(count(work, N_PEAKS)):
        for j in range(k):
            if (
                centers[k] < centers[j]
                and _is_free(component_of(plan, k), full)
                and _is_free(component_of(plan, j), full)
            ):
                centers[k], centers[j] = centers[j], centers[k]
                widths[k], widths[j] = widths[j], widths[k]


@routine
def _copy_peaks(work: Any, source: Any, target: Any) -> None:
    """Copy the centers of all peaks, and the widths, which stand behind them."""
    copy(small(work, source), small(work, target), 2 * count(work, ROOM))
