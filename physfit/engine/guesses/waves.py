"""Start values of decaying oscillations on a polynomial, from one row of data.

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
from physfit.engine.guesses.frame import (
    BASIS,
    BEST_CENTERS,
    CENTERS,
    COEFFICIENTS,
    N_COLUMNS,
    N_COMPONENTS,
    N_PLACES,
    N_POLYNOMIAL,
    REST,
    RUNNING_SQUARES,
    SHAPE,
    SPACING,
    SPAN,
    UNEVEN,
    WIDTHS,
    N,
    W,
    X,
    component_of,
    count,
    give,
    is_known,
    number,
    small,
    take_row,
    vector,
)
from physfit.engine.guesses.polynomials import give_polynomials, take_polynomials
from physfit.engine.guesses.spectrum import open_spectrum, strongest_line, unevenness
from physfit.engine.roles import entry, routine, summation
from physfit.kernels.elementary import atan, exp, sincos

__all__ = ["guess_waves"]

# Integers of a component: where its parameters stand, amplitude and phase of a
# ring-down or displacement and velocity of an oscillator; ...
FIRST = 1
SECOND = 2
FREQUENCY = 3
RATE = 4
#: ... its motion, the sign its amplitude must have.
KIND = 5
SIGN = 6
# Motions; an oscillator has any damping, its frequency is the undamped one.
RINGDOWN = 0
OSCILLATOR = 1
ROTATION = 2
# Floats: what the frequency is to be multiplied with to be angular, bounds of frequency
# and phase.
ANGULAR = 0
LOWER = 1
UPPER = 2
PHASE_LOWER = 3
PHASE_UPPER = 4

# Small arrays: frequencies and rates of all, the pair that is improved and whether its
# numbers are known.
OMEGAS = CENTERS
RATES = WIDTHS
PAIR = BEST_CENTERS

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
#: Rules for slow motion: so many periods in the data, damped by a part of critical.
N_CYCLES = 4
N_DAMPINGS = 4
#: The two columns must be independent to this part of their squares.
INDEPENDENT = 1e-8
#: A frequency at which the two columns differ enough, times the span.
APART = 0.03
#: Amplitudes are carried back to x = 0 by at most exp of this.
MOST_EXPONENT = 300.0


@entry(GUESS)
def guess_waves(
    plan: Any, x: Any, ldx: Any, y: Any, w: Any, n: Any, full: Any, work: Any
) -> None:
    """Fill the parameters of oscillations and polynomials that are NaN in `full`."""
    take_row(plan, x, ldx, y, w, n, work)
    take_polynomials(plan, full, work)
    own_x = vector(work, X)
    work[UNEVEN] = unevenness(own_x, own_x[0], 1.0 / work[SPACING], n)
    there = plan[N_COMPONENTS]
    for k in range(there):
        _explain(plan, work, k, -1)
        _find_pair(component_of(plan, k), full, work, k)
        if k > 0 and (k < FEW or k == there - 1):
            for back in range(k + 1):
                _improve_again(plan, full, work, k + 1, k - back)
    _explain(plan, work, there, -1)
    coefficients(work)
    found = offset(small(work, COEFFICIENTS), count(work, N_POLYNOMIAL))
    for k in range(there):
        omega, rate = small(work, OMEGAS)[k], small(work, RATES)[k]
        component = component_of(plan, k)
        _give_wave(component, full, work, omega, rate, found[2 * k], found[2 * k + 1])
    give_polynomials(full, work)


@routine
def _explain(plan: Any, work: Any, there: Any, left_out: Any) -> None:
    """Explain the data by the first oscillations, but one."""
    back_to_polynomial(work)
    for k in range(there):
        if k != left_out:
            omega, rate = small(work, OMEGAS)[k], small(work, RATES)[k]
            component, column = component_of(plan, k), next_column(work)
            _write_columns(component, work, omega, rate, column, vector(work, SHAPE))
            append(work)
            copy(vector(work, SHAPE), next_column(work), count(work, N))
            append(work)


@routine
def _find_pair(component: Any, full: Any, work: Any, k: Any) -> None:
    """Angular frequency and rate of oscillation `k` that explain most."""
    angular, pair = number(component, ANGULAR), small(work, PAIR)
    n, span = count(work, N_PLACES), work[SPAN]
    _note_known(component, full, work)
    pair[0] = TWO_PI / span
    if pair[2] == 1.0:
        pair[0] = angular * full[component[FREQUENCY]]
    pair[1] = full[component[RATE]] if pair[3] == 1.0 else 1.0 / span
    lower, upper = number(component, LOWER), number(component, UPPER)
    if pair[2] == 0.0 and n > 2:
        _take_line(work, angular * lower, angular * upper)
    best = pair_gain(component, work, pair[0], pair[1])
    best = _improve(component, work, best, 1.0)
    if component[KIND] != ROTATION and _is_poor(work, best):
        best = _try_rules(component, work, best)
    if math.fabs(pair[0]) * span < TWO_PI * FEW_PERIODS:
        _improve(component, work, best, 0.4)
    small(work, OMEGAS)[k], small(work, RATES)[k] = pair[0], pair[1]


@routine
def _note_known(component: Any, full: Any, work: Any) -> None:
    """Whether frequency and rate were given."""
    pair = small(work, PAIR)
    pair[2] = 1.0 if is_known(full, component[FREQUENCY]) else 0.0
    pair[3] = 1.0 if is_known(full, component[RATE]) else 0.0


@routine
def _improve_again(plan: Any, full: Any, work: Any, there: Any, k: Any) -> None:
    """Improve oscillation `k` of those that are there with the others held."""
    component, pair = component_of(plan, k), small(work, PAIR)
    _explain(plan, work, there, k)
    _note_known(component, full, work)
    pair[0], pair[1] = small(work, OMEGAS)[k], small(work, RATES)[k]
    best = pair_gain(component, work, pair[0], pair[1])
    best = _improve(component, work, best, 1.0)
    _improve(component, work, best, 0.4)
    small(work, OMEGAS)[k], small(work, RATES)[k] = pair[0], pair[1]


@routine
def _take_line(work: Any, lower: Any, upper: Any) -> None:
    """The strongest line of the spectrum through windows of falling length."""
    pair, n, rate = small(work, PAIR), count(work, N_PLACES), 1.0 / work[SPAN]
    best = 0.0
    open_spectrum(work)
    for _ in range(N_WINDOWS):
        own = pair[1] if pair[3] == 1.0 else rate
        n_used = int(min(float(n), max(8.0, n * REACH / (rate * work[SPAN]))))
        omega, score = strongest_line(work, own, n_used, lower, upper)
        if score > best:
            best, pair[0], pair[1] = score, omega, own
        rate *= 4.0


@routine
def _try_rules(component: Any, work: Any, best: Any) -> Any:
    """Slow and heavily damped motion."""
    pair, span = small(work, PAIR), work[SPAN]
    old_omega, old_rate, old = pair[0], pair[1], best
    best, cycles = 0.0, 0.25
    for _ in range(N_CYCLES):
        omega = TWO_PI * cycles / span
        best = _try_pair(component, work, omega, 0.1 * omega, best)
        best = _try_pair(component, work, omega, 0.5 * omega, best)
        best = _try_pair(component, work, omega, 1.01 * omega, best)
        best = _try_pair(component, work, omega, 4.0 * omega, best)
        cycles *= 2.0
    best = _improve(component, work, best, 1.0)
    if best < old:
        pair[0], pair[1], best = old_omega, old_rate, old
    return best


@routine
def _try_pair(component: Any, work: Any, omega: Any, rate: Any, best: Any) -> Any:
    """Take a pair if it explains more; what is known stays."""
    pair = small(work, PAIR)
    own_omega = pair[0] if pair[2] == 1.0 else omega
    own_rate = pair[1] if pair[3] == 1.0 else rate
    value = pair_gain(component, work, own_omega, own_rate)
    if value <= best:
        return best
    pair[0], pair[1] = own_omega, own_rate
    return value


@routine
def _improve(component: Any, work: Any, best: Any, part: Any) -> Any:
    """Improve the rate, then the frequency."""
    pair = small(work, PAIR)
    if pair[3] == 0.0:
        line = start_search(work, math.log(pair[1]), part * RATE_STEP, best)
        while goes_on(line, pair_gain(component, work, pair[0], exp(line[AT]))):
            pass
        pair[1], best = exp(line[AT]), line[BEST]
    if pair[2] == 0.0:
        step = part * FREQUENCY_STEP * max(TWO_PI / work[SPAN], pair[1])
        if component[KIND] != ROTATION:
            step = min(step, 0.5 * pair[0])
        line = start_search(work, pair[0], step, best)
        while goes_on(line, pair_gain(component, work, line[AT], pair[1])):
            pass
        pair[0], best = line[AT], line[BEST]
    return best


@routine
def _is_poor(work: Any, gain: Any) -> Any:
    """Whether much is left that is no noise: neighbours of the data are alike."""
    n, rest = count(work, N), vector(work, REST)
    all_of_it = dot(rest, rest, n)
    left = all_of_it - gain
    if left < MUCH * all_of_it:
        return False
    return bends(rest, n) < STRUCTURE * left


@summation
def bends(values: Any, n: Any) -> Any:
    """Sum of squared second differences, over 3: twice the square of white noise."""
    total = 0.0
    for i in range(1, n - 1):
        bend = values[i - 1] - 2.0 * values[i] + values[i + 1]
        total += bend * bend
    return total / 3.0


@routine
def pair_gain(component: Any, work: Any, omega: Any, rate: Any) -> Any:
    """Sum of squares that the two columns explain beside the others."""
    if omega <= 0.0 and component[KIND] != ROTATION:
        return 0.0
    n = count(work, N)
    one, two = vector(work, SHAPE), vector(work, RUNNING_SQUARES)
    _write_columns(component, work, omega, rate, one, two)
    a, b, c, r, t = products(one, two, vector(work, REST), n)
    square = a * c
    for j in range(count(work, N_COLUMNS)):
        column = vector(work, BASIS + j)
        p, q = dot(one, column, n), dot(two, column, n)
        a -= p * p
        b -= p * q
        c -= q * q
    determinant = a * c - b * b
    if not determinant > INDEPENDENT * square:
        return 0.0
    return (r * r * c - 2.0 * r * t * b + t * t * a) / determinant


@routine
def _root(component: Any, work: Any, omega: Any, rate: Any) -> Any:
    """Frequency of the motion; below 0 half the difference of two decay rates."""
    if component[KIND] == ROTATION:
        return omega
    least = APART / work[SPAN]
    square = omega * omega
    if component[KIND] == OSCILLATOR:
        square -= rate * rate
    if square >= 0.0:
        return max(math.sqrt(square), least)
    return -max(math.sqrt(-square), least)


@routine
def _write_columns(
    component: Any, work: Any, omega: Any, rate: Any, one: Any, two: Any
) -> None:
    """The two weighted solutions."""
    n, x, w = count(work, N_PLACES), vector(work, X), vector(work, W)
    root = _root(component, work, omega, rate)
    if root < 0.0 and component[KIND] != ROTATION:
        decays(x, x[0], rate + root, rate - root, one, two, n)
    elif work[UNEVEN] > EXACTLY_EVEN:
        waves(x, x[0], root, rate, one, two, n)
    else:
        _write_even_waves(work, root, rate, one, two)
    if component[KIND] == ROTATION:
        turn_quarter(one, two, offset(one, n), offset(two, n), n)
    weigh(w, one, two, count(work, N))


@routine
def _write_even_waves(work: Any, k: Any, rate: Any, one: Any, two: Any) -> None:
    """The same waves on an even grid, a block of samples turned into the next.

    A fifth of the time: there is no exponential, sine or cosine to be had.
    """
    n, x = count(work, N_PLACES), vector(work, X)
    waves(x, x[0], k, rate, one, two, min(TURNED, n))
    angle = k * work[SPACING] * TURNED
    size = math.exp(-rate * work[SPACING] * TURNED)
    cosine, sine = size * math.cos(angle), size * math.sin(angle)
    i = TURNED
    while i < n:
        before, m = i - TURNED, min(TURNED, n - i)
        turn(offset(one, before), offset(two, before), cosine, sine, m)
        i += TURNED


@summation
def turn(one: Any, two: Any, cosine: Any, sine: Any, m: Any) -> None:
    """The next block of samples from one."""
    for i in range(m):
        p, q = one[i], two[i]
        one[i + TURNED] = p * cosine - q * sine
        two[i + TURNED] = q * cosine + p * sine


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
def products(one: Any, two: Any, rest: Any, n: Any) -> Any:
    """Products of two columns with themselves and with the rest."""
    a, b, c, r, t = 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        a += one[i] * one[i]
        b += one[i] * two[i]
        c += two[i] * two[i]
        r += one[i] * rest[i]
        t += two[i] * rest[i]
    return a, b, c, r, t


@routine
def _give_wave(
    component: Any,
    full: Any,
    work: Any,
    omega: Any,
    rate: Any,
    one: Any,
    two: Any,
) -> None:
    """Parameters from coefficients that hold at the first sample."""
    start = vector(work, X)[0]
    give(full, component[FREQUENCY], omega / number(component, ANGULAR), 1.0)
    give(full, component[RATE], rate, 1.0)
    if component[KIND] == OSCILLATOR:
        root = _root(component, work, omega, rate)
        _give_motion(component, full, start, root, rate, one, two)
        return
    size = math.sqrt(one * one + two * two)
    turned = two if component[KIND] == ROTATION else -two
    phase = _angle(one, turned) - omega * start
    exponent = min(max(rate * start, -MOST_EXPONENT), MOST_EXPONENT)
    amplitude = size * math.exp(exponent)
    if component[SIGN] < 0:
        amplitude, phase = -amplitude, phase + math.pi
    give(full, component[FIRST], amplitude, 0.0)
    lower, upper = number(component, PHASE_LOWER), number(component, PHASE_UPPER)
    give(full, component[SECOND], _turned(phase, lower, upper), 0.0)


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
def _angle(x: Any, y: Any) -> Any:
    """Angle of a point, 0 at the origin."""
    if x == 0.0 and y == 0.0:
        return 0.0
    if math.fabs(x) >= math.fabs(y):
        angle = atan(y / x)
        return angle if x > 0.0 else angle + math.pi
    return (0.5 * math.pi if y > 0.0 else -0.5 * math.pi) - atan(x / y)


@routine
def _give_motion(
    component: Any,
    full: Any,
    start: Any,
    root: Any,
    rate: Any,
    one: Any,
    two: Any,
) -> None:
    """Displacement and velocity at t = 0."""
    if root >= 0.0:
        exponent = min(max(rate * start, -MOST_EXPONENT), MOST_EXPONENT)
        size = math.exp(exponent)
        cosine, sine = math.cos(root * start), -math.sin(root * start)
        place = size * (one * cosine + two * sine)
        turn = size * root * (two * cosine - one * sine)
        give(full, component[FIRST], place, 0.0)
        give(full, component[SECOND], turn - rate * place, 0.0)
        return
    slow, fast = rate + root, rate - root
    first = one * math.exp(min(slow * start, MOST_EXPONENT))
    second = two * math.exp(min(fast * start, MOST_EXPONENT))
    give(full, component[FIRST], first + second, 0.0)
    give(full, component[SECOND], -slow * first - fast * second, 0.0)
