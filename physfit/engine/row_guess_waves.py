"""Start values of a decaying oscillation on a polynomial, from one row of data.

With frequency k and rate g known, what is left is linear: exp(-g s) cos(k s) and
exp(-g s) sin(k s) beside the polynomial (an over-damped oscillator has two decays in
their place). The sum of squares these two explain, a matter of a pass over the data, is
what pairs (k, g) are compared by. The first pairs are the strongest lines of the
spectrum through windows of three lengths; the best of them climbs, frequency and rate
in turn. Where much is left that is no noise, pairs by rule are tried as well: slow or
heavily damped motion has no line in a spectrum.

The module is long because its steps share one scratch and are compiled as one entry.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import GUESS, offset
from physfit.engine.dense import dot
from physfit.engine.roles import entry, routine, summation
from physfit.engine.row_guess_basis import append, coefficients, copy, next_column
from physfit.engine.row_guess_frame import (
    BASE,
    BASIS,
    CENTERS,
    COEFFICIENTS,
    N_COLUMNS,
    N_POLYNOMIAL,
    N_TERMS,
    PLAN_HEADER,
    REST,
    RUNNING_SQUARES,
    SHAPE,
    SPACING,
    SPAN,
    UNEVEN,
    N,
    W,
    X,
    count,
    give,
    is_known,
    number,
    small,
    take_row,
    vector,
)
from physfit.engine.row_guess_polynomials import give_polynomials, take_polynomials
from physfit.engine.row_guess_spectrum import open_spectrum, strongest_line, unevenness
from physfit.kernels.elementary import atan, exp, sincos

__all__ = ["guess_waves"]

# Entries of the piece: where its parameters stand, amplitude and phase of a ring-down
# or displacement and velocity of an oscillator; ...
FIRST = 0
SECOND = 1
FREQUENCY = 2
RATE = 3
#: ... what the frequency is to be multiplied with to be angular; 1 where the motion is
#: that of an oscillator of any damping, whose frequency is the undamped one; bounds of
#: frequency and phase; the sign its amplitude must have.
ANGULAR = 4
IS_OSCILLATOR = 5
LOWER = 6
UPPER = 7
PHASE_LOWER = 8
PHASE_UPPER = 9
SIGN = 10

TWO_PI = 2.0 * math.pi
#: Rates of the windows, in 1 / span; in each the first samples count, as long as they
#: are not damped by more than exp(-2).
N_WINDOWS = 3
REACH = 2.0
#: Samples that are turned together, and how even they must be for that.
TURNED = 32
EXACTLY_EVEN = 1e-6
#: Up to so many periods in the data, frequency and rate are improved twice.
FEW_PERIODS = 4.0
#: Steps of a climb: of the frequency in periods per span (or rates), of the rate.
FREQUENCY_STEP = 0.15
RATE_FACTOR = 1.7
MOST_STEPS = 6
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
    """Fill the parameters of one oscillation and polynomials that are NaN in `full`."""
    take_row(plan, x, y, w, n, work)
    take_polynomials(plan, full, work)
    piece = offset(plan, PLAN_HEADER + 2 * plan[N_TERMS])
    omega, rate = _find_pair(piece, full, work)
    _write_columns(piece, work, omega, rate, next_column(work), vector(work, SHAPE))
    append(work)
    copy(vector(work, SHAPE), next_column(work), n)
    append(work)
    coefficients(work)
    found = small(work, COEFFICIENTS)
    k = count(work, N_POLYNOMIAL)
    _give_wave(piece, full, work, omega, rate, found[k], found[k + 1])
    give_polynomials(full, work)


@routine
def _find_pair(piece: Any, full: Any, work: Any) -> Any:
    """Angular frequency and rate that explain most."""
    angular, pair = number(piece, ANGULAR), small(work, CENTERS)
    x = vector(work, X)
    work[UNEVEN] = unevenness(x, x[0], 1.0 / work[SPACING], count(work, N))
    n, span = count(work, N), work[SPAN]
    pair[2] = 1.0 if is_known(full, piece[FREQUENCY]) else 0.0
    pair[3] = 1.0 if is_known(full, piece[RATE]) else 0.0
    pair[0] = angular * full[piece[FREQUENCY]] if pair[2] == 1.0 else TWO_PI / span
    pair[1] = full[piece[RATE]] if pair[3] == 1.0 else 1.0 / span
    lower, upper = angular * number(piece, LOWER), angular * number(piece, UPPER)
    if pair[2] == 0.0 and n > 2:
        _take_line(piece, work, lower, upper)
    best = pair_gain(piece, work, pair[0], pair[1])
    best = _improve(piece, work, best, 1.0)
    if _is_poor(work, best):
        best = _try_rules(piece, work, best)
    if pair[0] * span < TWO_PI * FEW_PERIODS:
        _improve(piece, work, best, 0.4)
    return pair[0], pair[1]


@routine
def _take_line(piece: Any, work: Any, lower: Any, upper: Any) -> None:
    """The strongest line of the spectrum through windows of falling length."""
    pair, n, rate, best = small(work, CENTERS), count(work, N), 1.0 / work[SPAN], 0.0
    open_spectrum(work)
    for _ in range(N_WINDOWS):
        own = pair[1] if pair[3] == 1.0 else rate
        n_used = int(min(float(n), max(8.0, n * REACH / (rate * work[SPAN]))))
        omega, score = strongest_line(work, own, n_used, lower, upper)
        if score > best:
            best, pair[0], pair[1] = score, omega, own
        rate *= 4.0


@routine
def _try_rules(piece: Any, work: Any, best: Any) -> Any:
    """Slow and heavily damped motion."""
    pair, span = small(work, CENTERS), work[SPAN]
    old_omega, old_rate, old = pair[0], pair[1], best
    best, cycles = 0.0, 0.25
    for _ in range(N_CYCLES):
        omega = TWO_PI * cycles / span
        best = _try_pair(piece, work, omega, 0.1 * omega, best)
        best = _try_pair(piece, work, omega, 0.5 * omega, best)
        best = _try_pair(piece, work, omega, 1.01 * omega, best)
        best = _try_pair(piece, work, omega, 4.0 * omega, best)
        cycles *= 2.0
    best = _improve(piece, work, best, 1.0)
    if best < old:
        pair[0], pair[1], best = old_omega, old_rate, old
    return best


@routine
def _try_pair(piece: Any, work: Any, omega: Any, rate: Any, best: Any) -> Any:
    """Take a pair if it explains more; what is known stays."""
    pair = small(work, CENTERS)
    own_omega = pair[0] if pair[2] == 1.0 else omega
    own_rate = pair[1] if pair[3] == 1.0 else rate
    value = pair_gain(piece, work, own_omega, own_rate)
    if value <= best:
        return best
    pair[0], pair[1] = own_omega, own_rate
    return value


@routine
def _improve(piece: Any, work: Any, best: Any, part: Any) -> Any:
    """Climb in the rate, the frequency, and the rate again."""
    pair = small(work, CENTERS)
    if pair[3] == 0.0:
        best = _climb_rate(piece, work, best, 1.0 + (RATE_FACTOR - 1.0) * part)
    if pair[2] == 0.0:
        best = _climb_frequency(piece, work, best, part)
    return best


@routine
def _climb_rate(piece: Any, work: Any, best: Any, factor: Any) -> Any:
    """Rate that explains more, in steps and at last to the vertex of a parabola."""
    pair = small(work, CENTERS)
    before, after = best, pair_gain(piece, work, pair[0], pair[1] * factor)
    if after <= best:
        factor, before = 1.0 / factor, after
        after = pair_gain(piece, work, pair[0], pair[1] * factor)
    for _ in range(MOST_STEPS):
        if after <= best:
            break
        pair[1] *= factor
        before, best = best, after
        after = pair_gain(piece, work, pair[0], pair[1] * factor)
    pair[1] *= 1.0 + (factor - 1.0) * _vertex(before, best, after)
    return best


@routine
def _climb_frequency(piece: Any, work: Any, best: Any, part: Any) -> Any:
    """Frequency that explains more, likewise."""
    pair = small(work, CENTERS)
    step = part * FREQUENCY_STEP * max(TWO_PI / work[SPAN], pair[1])
    step = min(step, 0.5 * pair[0])
    before, after = best, pair_gain(piece, work, pair[0] + step, pair[1])
    if after <= best:
        step, before = -step, after
        after = pair_gain(piece, work, pair[0] + step, pair[1])
    for _ in range(MOST_STEPS):
        if after <= best or pair[0] + 2.0 * step <= 0.0:
            break
        pair[0] += step
        before, best = best, after
        after = pair_gain(piece, work, pair[0] + step, pair[1])
    pair[0] += step * _vertex(before, best, after)
    return best


@routine
def _vertex(left: Any, middle: Any, right: Any) -> Any:
    """Vertex of the parabola through three equidistant values, in steps."""
    bend = left - 2.0 * middle + right
    if not bend < 0.0:
        return 0.0
    return min(max(0.5 * (left - right) / bend, -0.5), 0.5)


@routine
def _is_poor(work: Any, gain: Any) -> Any:
    """Whether much is left that is no noise: neighbours of the data are alike."""
    n, base = count(work, N), vector(work, BASE)
    all_of_it = dot(base, base, n)
    left = all_of_it - gain
    if left < MUCH * all_of_it:
        return False
    return bends(base, n) < STRUCTURE * left


@summation
def bends(values: Any, n: Any) -> Any:
    """Sum of squared second differences, over 3: twice the square of white noise."""
    total = 0.0
    for i in range(1, n - 1):
        bend = values[i - 1] - 2.0 * values[i] + values[i + 1]
        total += bend * bend
    return total / 3.0


@routine
def pair_gain(piece: Any, work: Any, omega: Any, rate: Any) -> Any:
    """Sum of squares that the two columns explain beside the polynomial."""
    n = count(work, N)
    one, two = vector(work, SHAPE), vector(work, RUNNING_SQUARES)
    _write_columns(piece, work, omega, rate, one, two)
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
def _root(piece: Any, work: Any, omega: Any, rate: Any) -> Any:
    """Frequency of the motion; below 0 half the difference of two decay rates."""
    least = APART / work[SPAN]
    square = omega * omega
    if piece[IS_OSCILLATOR] == 1:
        square -= rate * rate
    if square >= 0.0:
        return max(math.sqrt(square), least)
    return -max(math.sqrt(-square), least)


@routine
def _write_columns(
    piece: Any, work: Any, omega: Any, rate: Any, one: Any, two: Any
) -> None:
    """The two weighted solutions."""
    n, x, w = count(work, N), vector(work, X), vector(work, W)
    root = _root(piece, work, omega, rate)
    if root < 0.0:
        decays(x, x[0], rate + root, rate - root, one, two, n)
    elif work[UNEVEN] > EXACTLY_EVEN:
        waves(x, x[0], root, rate, one, two, n)
    else:
        _write_even_waves(work, root, rate, one, two)
    weigh(w, one, two, n)


@routine
def _write_even_waves(work: Any, k: Any, rate: Any, one: Any, two: Any) -> None:
    """The same waves on an even grid, a block of samples turned into the next.

    A fifth of the time: there is no exponential, sine or cosine to be had.
    """
    n, x = count(work, N), vector(work, X)
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
    piece: Any,
    full: Any,
    work: Any,
    omega: Any,
    rate: Any,
    one: Any,
    two: Any,
) -> None:
    """Parameters from coefficients that hold at the first sample."""
    start = vector(work, X)[0]
    give(full, piece[FREQUENCY], omega / number(piece, ANGULAR), 1.0)
    give(full, piece[RATE], rate, 1.0)
    if piece[IS_OSCILLATOR] == 1:
        root = _root(piece, work, omega, rate)
        _give_motion(piece, full, start, root, rate, one, two)
        return
    size = math.sqrt(one * one + two * two)
    phase = _angle(one, -two) - omega * start
    exponent = min(max(rate * start, -MOST_EXPONENT), MOST_EXPONENT)
    amplitude = size * math.exp(exponent)
    if piece[SIGN] < 0:
        amplitude, phase = -amplitude, phase + math.pi
    give(full, piece[FIRST], amplitude, 0.0)
    lower, upper = number(piece, PHASE_LOWER), number(piece, PHASE_UPPER)
    give(full, piece[SECOND], _turned(phase, lower, upper), 0.0)


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
    piece: Any,
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
        give(full, piece[FIRST], place, 0.0)
        give(full, piece[SECOND], turn - rate * place, 0.0)
        return
    slow, fast = rate + root, rate - root
    first = one * math.exp(min(slow * start, MOST_EXPONENT))
    second = two * math.exp(min(fast * start, MOST_EXPONENT))
    give(full, piece[FIRST], first + second, 0.0)
    give(full, piece[SECOND], -slow * first - fast * second, 0.0)
