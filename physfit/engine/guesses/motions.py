"""Motions that decay: their two columns, what these explain, their parameters.

With frequency k and rate g known, what is left is linear: exp(-g s) cos(k s) and exp(-g
s) sin(k s); an over-damped oscillator has two decays in their place. Rotations in the
complex plane are real and imaginary parts one behind the other.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats, offset
from physfit.engine.dense import dot
from physfit.engine.guesses.basis import pair_explained
from physfit.engine.guesses.frame import column, give
from physfit.engine.roles import routine, summation
from physfit.engine.struct import Float64, Struct
from physfit.kernels.elementary import exp, sincos

__all__ = ["OSCILLATOR", "RINGDOWN", "ROTATION", "Wave", "give_motion", "give_phase"]
__all__ += ["wave_gain", "write_wave"]

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
    #: Where first and second parameter are those of the motion.
    origin: Float64
    #: Angular frequency and rate, and whether they are known.
    omega: Float64
    rate: Float64
    knows_omega: int
    knows_rate: int


TWO_PI = 2.0 * math.pi
#: Samples that are turned together, and how even they must be for that.
TURNED = 32
EXACTLY_EVEN = 1e-6
#: The two columns must be independent to this part of their squares.
INDEPENDENT = 1e-8
#: A frequency at which the two columns differ enough, times the span.
APART = 0.03
#: A decay so many times as fast as samples can tell ends with the first of them.
FASTEST = 1.5
#: Two decays carried back to the origin must not become so different, as exp of this.
MOST_APART = 14.0
#: Amplitudes are carried back to the origin by at most exp of this.
MOST_EXPONENT = 690.0


@routine
def wave_gain(work: Any, wave: Any, omega: Any, rate: Any) -> Any:
    """Sum of squares that the two columns explain beside the others.

    It is none for motions that the samples do not show.
    """
    if not _is_shown(work, wave, omega, rate):
        return 0.0
    n, one, two = work.n, as_floats(work.shape), as_floats(work.running_squares)
    write_wave(work, wave, omega, rate, one, two)
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
def _is_shown(work: Any, wave: Any, omega: Any, rate: Any) -> Any:
    """Whether samples show a motion: it is not over before the second one.

    Displacement and velocity at x = 0 must tell two decays apart as well, and the
    frequency must lie within its bounds.
    """
    lower, upper = wave.angular * wave.lower, wave.angular * wave.upper
    if wave.knows_omega == 0 and (omega < lower or omega > upper):
        return False
    if wave.motion == ROTATION:
        return True
    root = _root(work, wave, omega, rate)
    fastest = rate - min(root, 0.0)
    if omega <= 0.0 or (wave.knows_rate == 0 and fastest > FASTEST * work.highest):
        return False
    apart = -2.0 * root * math.fabs(as_floats(work.x)[0])
    return wave.motion != OSCILLATOR or apart <= MOST_APART


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
def write_wave(work: Any, wave: Any, omega: Any, rate: Any, one: Any, two: Any) -> None:
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
def give_phase(work: Any, wave: Any, full: Any, one: Any, two: Any) -> None:
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
    """Frequency and rate; the first coordinate, from the origin on."""
    give(full, wave.frequency_at, wave.omega / wave.angular, 1.0)
    give(full, wave.rate_at, wave.rate, 1.0)
    return as_floats(work.x)[0] - wave.origin


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
def give_motion(work: Any, wave: Any, full: Any, one: Any, two: Any) -> None:
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
