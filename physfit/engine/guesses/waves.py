"""Search for the decaying oscillations of one row of data, beside a polynomial.

The sum of squares that the two columns of a motion explain, a matter of a pass over the
data (see `motions`), is what pairs of frequency and rate are compared by. The first
pair is the strongest line of the spectrum through windows of three lengths, improved in
frequency and rate in turn; on uneven samples, lines above half their mean rate count as
well. Slow or heavily damped motion has no line in a spectrum: unless one stands out,
pairs by rule are tried too. Of several oscillations each is found in what the others
leave, and improved when the next one is there.
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
from physfit.engine.guesses.frame import SEARCH, Scratch, component, copy, is_known
from physfit.engine.guesses.motions import (
    OSCILLATOR,
    ROTATION,
    Wave,
    give_motion,
    give_phase,
    wave_gain,
    write_wave,
)
from physfit.engine.guesses.periodogram import take_strongest
from physfit.engine.guesses.sampling import OFF, highest_frequency, unevenness
from physfit.engine.guesses.spectrum import open_spectrum, strongest_line
from physfit.engine.roles import entry, routine, summation

__all__ = ["search_waves"]

TWO_PI = 2.0 * math.pi
#: Rates of the windows, in 1 / span; in each the first samples count, as long as they
#: are not damped by more than exp(-2).
N_WINDOWS = 3
REACH = 2.0
#: Even samples go up to half their rate, but for rounding.
TO_ROUNDING = 1.000001
#: Frequencies below this part of one period in the data are none.
SLOWEST = 0.3
#: Samples this part of their distance off even ones, in the mean, are not even.
EVEN = 0.1
#: On samples so uneven a line that explains this part of all stands for no other, if
#: it lasts for many; a few times 1 / n is what another might explain by chance.
UNEVEN = 0.3
LARGE_PART = 0.5
BY_CHANCE = 5.0
#: Times the variance of what is left that a line beyond half the rate of samples must
#: explain more than one below.
PREFERENCE = 4.0
#: Up to so many oscillations are all improved whenever one is added.
FEW = 3
#: Up to so many periods in the data, frequency and rate are improved twice.
FEW_PERIODS = 4.0
#: Steps of a search: of the frequency in periods per span (or rates), and of the
#: logarithm of the rate.
FREQUENCY_STEP = 0.15
RATE_STEP = math.log(1.7)
#: What is left is poor when it is more than this part, and no noise (see the peaks).
MUCH = 0.03
STRUCTURE = 1.5
#: A line hardly oscillates if its rate is this part of its frequency, and is clear if
#: it explains so many times the variance of what is left, times the root of the number
#: of samples: so much of another motion might hide in the noise.
HEAVY = 0.2
CLEAR = 10.0
#: Rules for other motions: so many periods in the data, each twice the one before, up
#: to a frequency times the distance of samples; damped by so large a part of critical,
#: each so many times the one before. The best of each damping is improved if it
#: explains this part of what the best one does.
FEWEST_CYCLES = 0.25
FASTEST = math.pi
LEAST_DAMPING = 0.1
N_DAMPINGS = 6
DAMPING_STEP = 2.2
NEAR = 0.7


@entry(SEARCH)
def search_waves(full: Any, work: Any, n: Any) -> None:
    """Fill the parameters of oscillations that are NaN in `full`."""
    scratch = at(address_at(work), Scratch)
    places, there = as_floats(scratch.x), scratch.n_components
    scratch.uneven = unevenness(places, places[0], 1.0 / scratch.spacing, n)
    scratch.highest = highest_frequency(scratch)
    for k in range(there):
        _explain(scratch, k, k)
        _find_pair(scratch, at(component(scratch, k), Wave), full)
        if k > 0 and (k < FEW or k == there - 1):
            for back in range(k + 1):
                _improve_again(scratch, k + 1, k - back)
    _explain(scratch, there, there)
    coefficients(scratch)
    solution = offset(as_floats(scratch.coefficients), scratch.n_polynomial)
    for k in range(there):
        wave = at(component(scratch, k), Wave)
        if wave.motion == OSCILLATOR:
            give_motion(scratch, wave, full, solution[2 * k], solution[2 * k + 1])
        else:
            give_phase(scratch, wave, full, solution[2 * k], solution[2 * k + 1])


@routine
def _explain(work: Any, there: Any, left_out: Any) -> None:
    """Explain the data by the first oscillations, but one."""
    back_to_polynomial(work)
    shape = as_floats(work.shape)
    for k in range(there):
        if k != left_out:
            wave = at(component(work, k), Wave)
            write_wave(work, wave, wave.omega, wave.rate, next_column(work), shape)
            append(work)
            copy(shape, next_column(work), work.n)
            append(work)


@routine
def _find_pair(work: Any, wave: Any, full: Any) -> None:
    """Find the angular frequency and the rate of an oscillation that explain most.

    They are those of a line in the spectrum, and unless that stands out and oscillates,
    of motions by rule if these explain more.
    """
    wave.knows_omega = is_known(full, wave.frequency_at)
    wave.knows_rate = is_known(full, wave.rate_at)
    wave.omega, wave.rate = TWO_PI / work.span, 1.0 / work.span
    if wave.knows_rate == 1:
        wave.rate = full[wave.rate_at]
    if wave.knows_omega == 1:
        wave.omega = wave.angular * full[wave.frequency_at]
    if wave.knows_omega == 1 or work.n_places <= 2:
        best = _settle(work, wave)
    else:
        best = _take_lines(work, wave)
    if wave.motion != ROTATION and _may_be_another(work, wave, best):
        _try_rules(work, wave, best)


@routine
def _take_lines(work: Any, wave: Any) -> Any:
    """The line that explains most below half the rate of samples, or one beyond.

    Only uneven samples tell these apart, or bounds. As many lines alike may be there,
    one beyond must explain more than the noise could.
    """
    start, stop = _first_range(work, wave)
    open_spectrum(work)
    best = _take_line(work, wave, start, stop, 0.0)
    if _is_explained(work, wave, best):
        return best
    below, above = _whole_range(work, wave, start, stop)
    width = TWO_PI / work.span
    if above > stop + OFF * width:
        best = _try_line(work, wave, best, max(stop - width, start), above)
    if below < start - OFF * width:
        best = _try_line(work, wave, best, below, min(start + width, stop))
    return best


@routine
def _whole_range(work: Any, wave: Any, start: Any, stop: Any) -> Any:
    """Frequencies within the bounds that the samples tell apart.

    Real data have every frequency twice in so many, so that a lower bound leaves some
    to be found above.
    """
    lower, upper = wave.angular * wave.lower, wave.angular * wave.upper
    highest = work.highest
    if wave.motion == ROTATION:
        below = max(lower, stop - 2.0 * highest)
        return min(below, start), min(upper, start + 2.0 * highest)
    turns = math.floor(start / highest) + (2.0 if lower >= start else 1.0)
    return start, min(upper, turns * highest)


@routine
def _first_range(work: Any, wave: Any) -> Any:
    """Frequencies within the bounds, as many as even samples tell apart, the lowest."""
    top = min(math.pi / work.spacing, work.highest)
    lower, upper = wave.angular * wave.lower, wave.angular * wave.upper
    if wave.motion != ROTATION:
        lower = max(lower, TWO_PI * SLOWEST / work.span)
        return lower, min(upper, top if lower < top else lower + top)
    if lower > top:
        return lower, min(upper, lower + 2.0 * top)
    if upper < -top:
        return max(lower, upper - 2.0 * top), upper
    return max(lower, -top), min(upper, top)


@routine
def _is_explained(work: Any, wave: Any, gain: Any) -> Any:
    """Whether a line explains so much that it stands for no other one."""
    is_uneven = work.uneven > UNEVEN * UNEVEN * work.n_places
    n_lasting = work.n_places / max(1.0, 2.0 * wave.rate * work.span)
    part = LARGE_PART + BY_CHANCE / n_lasting
    return is_uneven and gain > part * residual_square(work)


@routine
def _try_line(work: Any, wave: Any, best: Any, lower: Any, upper: Any) -> Any:
    """The line between two frequencies, if it explains clearly more than the best."""
    if not lower < upper:
        return best
    omega, rate = wave.omega, wave.rate
    gain = _take_line(work, wave, lower, upper, best)
    left = residual_square(work) - max(gain, best)
    if gain > best + PREFERENCE * left / work.n:
        return gain
    wave.omega, wave.rate = omega, rate
    return best


@routine
def _take_line(work: Any, wave: Any, lower: Any, upper: Any, known_best: Any) -> Any:
    """The strongest line between two frequencies, settled; what it explains.

    It is looked for through windows of falling length, among uneven samples where it
    may explain more than what is known.
    """
    n, rate, best = work.n_places, 1.0 / work.span, 0.0
    own_omega, own_rate, is_even = wave.omega, wave.rate, _is_even(work, lower, upper)
    for _ in range(1 if wave.knows_rate == 1 else N_WINDOWS):
        own = own_rate if wave.knows_rate == 1 else rate
        if is_even:
            n_used = int(min(float(n), max(8.0, n * REACH / (rate * work.span))))
            wave.omega, score = strongest_line(work, own, n_used, lower, upper)
        else:
            least = max(best, known_best)
            score = take_strongest(work, wave, own, lower, upper, least)
        if score > best:
            best, own_omega, own_rate = score, wave.omega, own
        rate *= 4.0
    wave.omega, wave.rate = own_omega, own_rate
    return _settle(work, wave)


@routine
def _is_even(work: Any, lower: Any, upper: Any) -> Any:
    """Whether samples are as good as even between two frequencies."""
    is_below = max(-lower, upper) * work.spacing <= TO_ROUNDING * math.pi
    return is_below and work.uneven <= EVEN * EVEN * work.n_places


@routine
def _settle(work: Any, wave: Any) -> Any:
    """Improve frequency and rate; what they explain."""
    best = wave_gain(work, wave, wave.omega, wave.rate)
    best = _improve(work, wave, best, 1.0)
    is_slow = math.fabs(wave.omega) * work.span < TWO_PI * FEW_PERIODS
    if is_slow or work.uneven > OFF * OFF * work.n_places:
        best = _improve(work, wave, best, 0.4)
    return best


@routine
def _may_be_another(work: Any, wave: Any, gain: Any) -> Any:
    """Whether another motion might explain more than a line does.

    That is so where the line hardly oscillates, where noise could hide as much, and
    where more than noise is left.
    """
    if wave.knows_omega * wave.knows_rate == 1:
        return False
    left = residual_square(work) - gain
    if wave.rate > HEAVY * math.fabs(wave.omega):
        return True
    return gain < CLEAR * left / math.sqrt(float(work.n)) or _is_poor(work, left)


@routine
def _try_rules(work: Any, wave: Any, best: Any) -> None:
    """Take slow or heavily damped motion that explains more than the best."""
    omega, rate, damping = wave.omega, wave.rate, LEAST_DAMPING
    for _ in range(N_DAMPINGS):
        gain = _best_of_damping(work, wave, damping, omega, rate)
        if gain > NEAR * best:
            gain = _improve(work, wave, gain, 1.0)
            gain = _improve(work, wave, gain, 0.4)
        if gain > best:
            best, omega, rate = gain, wave.omega, wave.rate
        damping *= DAMPING_STEP
    wave.omega, wave.rate = omega, rate


@routine
def _best_of_damping(
    work: Any, wave: Any, damping: Any, known_omega: Any, known_rate: Any
) -> Any:
    """Take the motion of some part of critical damping that explains most."""
    best, omega = -1.0, TWO_PI * FEWEST_CYCLES / work.span
    fastest = FASTEST / work.spacing
    while omega < fastest:
        own = known_omega if wave.knows_omega == 1 else omega
        rate = known_rate if wave.knows_rate == 1 else damping * omega
        gain = wave_gain(work, wave, own, rate)
        if gain > best:
            best, wave.omega, wave.rate = gain, own, rate
        omega *= 2.0
    return best


@routine
def _improve_again(work: Any, there: Any, k: Any) -> None:
    """Improve oscillation `k` of those that are there with the others held."""
    wave = at(component(work, k), Wave)
    _explain(work, there, k)
    best = wave_gain(work, wave, wave.omega, wave.rate)
    best = _improve(work, wave, best, 1.0)
    _improve(work, wave, best, 0.4)


@routine
def _improve(work: Any, wave: Any, best: Any, part: Any) -> Any:
    """Improve the rate, then the frequency; of two decays, one after the other."""
    knows_none = wave.knows_omega + wave.knows_rate == 0
    if wave.motion == OSCILLATOR and knows_none and wave.rate > wave.omega:
        best = _improve_decay(work, wave, best, part, -1.0)
        return _improve_decay(work, wave, best, part, 1.0)
    if wave.knows_rate == 0:
        start_search(work, math.log(wave.rate), part * RATE_STEP, best)
        while goes_on(work, wave_gain(work, wave, wave.omega, math.exp(work.at))):
            pass
        wave.rate, best = math.exp(work.at), work.best
    if wave.knows_omega == 0:
        step = part * FREQUENCY_STEP * max(TWO_PI / work.span, wave.rate)
        if wave.motion != ROTATION:
            step = min(step, 0.5 * wave.omega)
        start_search(work, wave.omega, step, best)
        while goes_on(work, wave_gain(work, wave, work.at, wave.rate)):
            pass
        wave.omega, best = work.at, work.best
    return best


@routine
def _improve_decay(work: Any, wave: Any, best: Any, part: Any, sign: Any) -> Any:
    """Improve the slower (sign -1) or the faster decay of an over-damped motion."""
    half = math.sqrt(max(wave.rate * wave.rate - wave.omega * wave.omega, 0.0))
    one, held = wave.rate + sign * half, wave.rate - sign * half
    start_search(work, math.log(one), part * RATE_STEP, best)
    one = math.exp(work.at)
    omega = math.sqrt(one * held)
    while goes_on(work, wave_gain(work, wave, omega, 0.5 * (one + held))):
        one = math.exp(work.at)
        omega = math.sqrt(one * held)
    one = math.exp(work.at)
    wave.omega, wave.rate = math.sqrt(one * held), 0.5 * (one + held)
    return work.best


@routine
def _is_poor(work: Any, left: Any) -> Any:
    """Whether much is left that is no noise: neighbours of the data are alike."""
    if left < MUCH * residual_square(work):
        return False
    return bends(as_floats(work.residual), work.n) < STRUCTURE * left


@summation
def bends(values: Any, n: Any) -> Any:
    """Sum of squared second differences, over 3: twice the square of white noise."""
    total = 0.0
    for i in range(1, n - 1):
        bend = values[i - 1] - 2.0 * values[i] + values[i + 1]
        total += bend * bend
    return total / 3.0
