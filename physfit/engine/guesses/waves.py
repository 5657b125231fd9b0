"""Search for the decaying oscillations of one row of data, beside a polynomial.

With frequency k and rate g known, what is left is linear: exp(-g s) cos(k s) and exp(-g
s) sin(k s) beside the polynomial (an over-damped oscillator has two decays in their
place). The sum of squares these two explain, a matter of a pass over the data, is what
pairs (k, g) are compared by. The first pairs are the strongest lines of the spectrum
through windows of three lengths; the best of them is improved, frequency and rate in
turn. Where much is left that is no noise, pairs by rule are tried as well: slow or
heavily damped motion has no line in a spectrum. Of several oscillations each is found
in what the others leave, and improved when the next one is there. Rotations in the
complex plane are real and imaginary parts one behind the other.

The module is long because its steps share one scratch and are compiled as one entry.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import address_at, as_floats, at, offset
from physfit.engine.dense import dot
from physfit.engine.guesses.basis import (
    append,
    back_to_polynomial,
    coefficients,
    goes_on,
    next_column,
    pair_explained,
    residual_square,
    start_search,
)
from physfit.engine.guesses.frame import (
    SEARCH,
    Scratch,
    column,
    component,
    copy,
    give,
    is_known,
)
from physfit.engine.guesses.spectrum import open_spectrum, strongest_line, unevenness
from physfit.engine.roles import entry, routine, summation
from physfit.engine.struct import Float64, Struct
from physfit.kernels.elementary import exp, sincos

__all__ = ["OSCILLATOR", "RINGDOWN", "ROTATION", "Wave", "search_waves"]

# Motions; an oscillator has any damping, its frequency is the undamped one.
RINGDOWN = 0
OSCILLATOR = 1
ROTATION = 2


class Wave(Struct):
    """An oscillation."""

    # Places of parameters among all: amplitude and phase of a ring-down, displacement
    # and velocity of an oscillator; frequency and rate.
    first_at: int
    second_at: int
    frequency_at: int
    rate_at: int
    #: Its motion; the sign that the amplitude must have.
    motion: int
    sign: Float64
    #: What the frequency is multiplied with to be angular; bounds.
    angular: Float64
    lower: Float64
    upper: Float64
    phase_lower: Float64
    phase_upper: Float64
    #: Angular frequency and rate, and whether they are known.
    omega: Float64
    rate: Float64
    knows_omega: int
    knows_rate: int


TWO_PI = 2.0 * math.pi
#: Rates of the windows, in 1 / span; in each the first samples count, as long as they
#: are not damped by more than exp(-2).
N_WINDOWS = 3
REACH = 2.0
#: Samples that are turned together, and how even they must be for that.
TURNED = 32
EXACTLY_EVEN = 1e-6
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
#: Rules for slow motion: so many periods in the data, each twice the one before, damped
#: by so large a part of critical, each so many times the one before.
FEWEST_CYCLES = 0.25
N_CYCLES = 4
LEAST_DAMPING = 0.1
N_DAMPINGS = 4
DAMPING_STEP = 3.4
#: The two columns must be independent to this part of their squares.
INDEPENDENT = 1e-8
#: A frequency at which the two columns differ enough, times the span.
APART = 0.03
#: Amplitudes are carried back to x = 0 by at most exp of this.
MOST_EXPONENT = 300.0


@entry(SEARCH)
def search_waves(full: Any, work: Any, n: Any) -> None:
    """Fill the parameters of oscillations that are NaN in `full`."""
    scratch = at(address_at(work), Scratch)
    places, there = as_floats(scratch.x), scratch.n_components
    scratch.uneven = unevenness(places, places[0], 1.0 / scratch.spacing, n)
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
            _give_motion(scratch, wave, full, solution[2 * k], solution[2 * k + 1])
        else:
            _give_phase(scratch, wave, full, solution[2 * k], solution[2 * k + 1])


@routine
def _explain(work: Any, there: Any, left_out: Any) -> None:
    """Explain the data by the first oscillations, but one."""
    back_to_polynomial(work)
    shape = as_floats(work.shape)
    for k in range(there):
        if k != left_out:
            wave = at(component(work, k), Wave)
            _write_columns(work, wave, wave.omega, wave.rate, next_column(work), shape)
            append(work)
            copy(shape, next_column(work), work.n)
            append(work)


@routine
def _find_pair(work: Any, wave: Any, full: Any) -> None:
    """Angular frequency and rate of an oscillation that explain most."""
    wave.knows_omega = is_known(full, wave.frequency_at)
    wave.knows_rate = is_known(full, wave.rate_at)
    wave.omega, wave.rate = TWO_PI / work.span, 1.0 / work.span
    if wave.knows_rate == 1:
        wave.rate = full[wave.rate_at]
    if wave.knows_omega == 1:
        wave.omega = wave.angular * full[wave.frequency_at]
    elif work.n_places > 2:
        _take_line(work, wave)
    best = pair_gain(work, wave, wave.omega, wave.rate)
    best = _improve(work, wave, best, 1.0)
    if wave.motion != ROTATION and _is_poor(work, best):
        best = _try_rules(work, wave, best)
    if math.fabs(wave.omega) * work.span < TWO_PI * FEW_PERIODS:
        _improve(work, wave, best, 0.4)


@routine
def _improve_again(work: Any, there: Any, k: Any) -> None:
    """Improve oscillation `k` of those that are there with the others held."""
    wave = at(component(work, k), Wave)
    _explain(work, there, k)
    best = pair_gain(work, wave, wave.omega, wave.rate)
    best = _improve(work, wave, best, 1.0)
    _improve(work, wave, best, 0.4)


@routine
def _take_line(work: Any, wave: Any) -> None:
    """The strongest line of the spectrum through windows of falling length."""
    n, rate, best = work.n_places, 1.0 / work.span, 0.0
    lower, upper = wave.angular * wave.lower, wave.angular * wave.upper
    open_spectrum(work)
    for _ in range(N_WINDOWS):
        own = wave.rate if wave.knows_rate == 1 else rate
        n_used = int(min(float(n), max(8.0, n * REACH / (rate * work.span))))
        omega, score = strongest_line(work, own, n_used, lower, upper)
        if score > best:
            best, wave.omega, wave.rate = score, omega, own
        rate *= 4.0


@routine
def _try_rules(work: Any, wave: Any, best: Any) -> Any:
    """Slow and heavily damped motion."""
    old_omega, old_rate, old = wave.omega, wave.rate, best
    best, omega = 0.0, TWO_PI * FEWEST_CYCLES / work.span
    for _ in range(N_CYCLES):
        damping = LEAST_DAMPING
        for _ in range(N_DAMPINGS):
            rate = old_rate if wave.knows_rate == 1 else damping * omega
            own = old_omega if wave.knows_omega == 1 else omega
            value = pair_gain(work, wave, own, rate)
            if value > best:
                wave.omega, wave.rate, best = own, rate, value
            damping *= DAMPING_STEP
        omega *= 2.0
    best = _improve(work, wave, best, 1.0)
    if best < old:
        wave.omega, wave.rate, best = old_omega, old_rate, old
    return best


@routine
def _improve(work: Any, wave: Any, best: Any, part: Any) -> Any:
    """Improve the rate, then the frequency."""
    if wave.knows_rate == 0:
        start_search(work, math.log(wave.rate), part * RATE_STEP, best)
        while goes_on(work, pair_gain(work, wave, wave.omega, math.exp(work.at))):
            pass
        wave.rate, best = math.exp(work.at), work.best
    if wave.knows_omega == 0:
        step = part * FREQUENCY_STEP * max(TWO_PI / work.span, wave.rate)
        if wave.motion != ROTATION:
            step = min(step, 0.5 * wave.omega)
        start_search(work, wave.omega, step, best)
        while goes_on(work, pair_gain(work, wave, work.at, wave.rate)):
            pass
        wave.omega, best = work.at, work.best
    return best


@routine
def _is_poor(work: Any, gain: Any) -> Any:
    """Whether much is left that is no noise: neighbours of the data are alike."""
    whole = residual_square(work)
    left = whole - gain
    if left < MUCH * whole:
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


@routine
def pair_gain(work: Any, wave: Any, omega: Any, rate: Any) -> Any:
    """Sum of squares that the two columns explain beside the others."""
    if omega <= 0.0 and wave.motion != ROTATION:
        return 0.0
    n, one, two = work.n, as_floats(work.shape), as_floats(work.running_squares)
    _write_columns(work, wave, omega, rate, one, two)
    a, b, c, r, t = products(one, two, as_floats(work.residual), n)
    square = a * c
    for j in range(work.n_columns):
        other = column(work, j)
        p, q = dot(one, other, n), dot(two, other, n)
        a -= p * p
        b -= p * q
        c -= q * q
    return pair_explained(a, b, c, r, t, INDEPENDENT * square)


@routine
def _root(work: Any, wave: Any, omega: Any, rate: Any) -> Any:
    """Frequency of the motion; below 0 half the difference of two decay rates."""
    if wave.motion == ROTATION:
        return omega
    least, square = APART / work.span, omega * omega
    if wave.motion == OSCILLATOR:
        square -= rate * rate
    root = max(math.sqrt(math.fabs(square)), least)
    return root if square >= 0.0 else -root


@routine
def _write_columns(
    work: Any, wave: Any, omega: Any, rate: Any, one: Any, two: Any
) -> None:
    """The two weighted solutions."""
    n, x = work.n_places, as_floats(work.x)
    root = _root(work, wave, omega, rate)
    if root < 0.0 and wave.motion != ROTATION:
        decays(x, x[0], rate + root, rate - root, one, two, n)
    elif work.uneven > EXACTLY_EVEN:
        waves(x, x[0], root, rate, one, two, n)
    else:
        _write_even_waves(work, root, rate, one, two)
    if wave.motion == ROTATION:
        turn_quarter(one, two, offset(one, n), offset(two, n), n)
    weigh(as_floats(work.w), one, two, work.n)


@summation
def _write_even_waves(work: Any, k: Any, rate: Any, one: Any, two: Any) -> None:
    """The same waves on an even grid, a block of samples turned into the next.

    A fifth of the time: there is no exponential, sine or cosine to be had.
    """
    n, x, length = work.n_places, as_floats(work.x), work.spacing * TURNED
    waves(x, x[0], k, rate, one, two, min(TURNED, n))
    angle, size = k * length, math.exp(-rate * length)
    cosine, sine = size * math.cos(angle), size * math.sin(angle)
    for i in range(TURNED, n):
        p, q = one[i - TURNED], two[i - TURNED]
        one[i] = p * cosine - q * sine
        two[i] = q * cosine + p * sine


@summation
def turn_quarter(one: Any, two: Any, imag_one: Any, imag_two: Any, n: Any) -> None:
    """Rotations from their cosines and sines: the second a quarter turn ahead."""
    for i in range(n):
        imag_one[i], imag_two[i] = two[i], one[i]
        two[i] = -two[i]


@summation
def weigh(w: Any, one: Any, two: Any, n: Any) -> None:
    """Multiply both columns by the weights."""
    for i in range(n):
        one[i] *= w[i]
        two[i] *= w[i]


@summation
def waves(x: Any, start: Any, k: Any, rate: Any, one: Any, two: Any, n: Any) -> None:
    """exp(-g s) cos(k s) and exp(-g s) sin(k s), s from the first sample."""
    for i in range(n):
        s = x[i] - start
        size = exp(-rate * s)
        sine, cosine = sincos(k * s)
        one[i] = size * cosine
        two[i] = size * sine


@summation
def decays(
    x: Any, start: Any, slow: Any, fast: Any, one: Any, two: Any, n: Any
) -> None:
    """Two decays."""
    for i in range(n):
        s = x[i] - start
        one[i] = exp(-slow * s)
        two[i] = exp(-fast * s)


@summation
def products(one: Any, two: Any, residual: Any, n: Any) -> Any:
    """Products of two columns with themselves and with the residual."""
    a, b, c, r, t = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        a += one[i] * one[i]
        b += one[i] * two[i]
        c += two[i] * two[i]
        r += one[i] * residual[i]
        t += two[i] * residual[i]
    return a, b, c, r, t


@routine
def _give_phase(work: Any, wave: Any, full: Any, one: Any, two: Any) -> None:
    """Parameters of a ring-down or rotation from coefficients at the first sample."""
    start = _give_pair(work, wave, full)
    turned = two if wave.motion == ROTATION else -two
    phase = math.atan2(turned, one) - wave.omega * start
    exponent = min(max(wave.rate * start, -MOST_EXPONENT), MOST_EXPONENT)
    amplitude = math.sqrt(one * one + two * two) * math.exp(exponent)
    if wave.sign < 0.0:
        amplitude, phase = -amplitude, phase + math.pi
    give(full, wave.first_at, amplitude, 0.0)
    phase = _turned(phase, wave.phase_lower, wave.phase_upper)
    give(full, wave.second_at, phase, 0.0)


@routine
def _give_pair(work: Any, wave: Any, full: Any) -> Any:
    """Frequency and rate; the first coordinate."""
    give(full, wave.frequency_at, wave.omega / wave.angular, 1.0)
    give(full, wave.rate_at, wave.rate, 1.0)
    return as_floats(work.x)[0]


@routine
def _turned(phase: Any, lower: Any, upper: Any) -> Any:
    """The phase between -pi and pi, or by whole turns within its bounds."""
    phase -= TWO_PI * math.floor((phase + math.pi) / TWO_PI)
    if phase < lower:
        phase += TWO_PI * math.ceil((lower - phase) / TWO_PI)
    elif phase > upper:
        phase -= TWO_PI * math.ceil((phase - upper) / TWO_PI)
    return phase


@routine
def _give_motion(work: Any, wave: Any, full: Any, one: Any, two: Any) -> None:
    """Parameters of an oscillator: displacement and velocity at t = 0."""
    start, rate = _give_pair(work, wave, full), wave.rate
    root = _root(work, wave, wave.omega, rate)
    if root >= 0.0:
        exponent = min(max(rate * start, -MOST_EXPONENT), MOST_EXPONENT)
        size = math.exp(exponent)
        cosine, sine = math.cos(root * start), -math.sin(root * start)
        place = size * (one * cosine + two * sine)
        turn = size * root * (two * cosine - one * sine)
        give(full, wave.first_at, place, 0.0)
        give(full, wave.second_at, turn - rate * place, 0.0)
        return
    slow, fast = rate + root, rate - root
    first = one * math.exp(min(slow * start, MOST_EXPONENT))
    second = two * math.exp(min(fast * start, MOST_EXPONENT))
    give(full, wave.first_at, first + second, 0.0)
    give(full, wave.second_at, -slow * first - fast * second, 0.0)
