"""Oscillators in time: free decay through every regime, and the ring-down.

Free decay solves x'' + 2 rate x' + omega0^2 x = 0. With ``q = rate^2 - omega0^2`` and
the entire functions ``C = cosh sqrt(s)``, ``S = sinh sqrt(s) / sqrt(s)`` of
``s = q t^2``,

    x = x0 H + v0 G,   G = exp(-rate t) t S,   H = exp(-rate t) (C + rate t S).

From ``dC/ds = S / 2``, ``dS/ds = (C - S) / (2 s)``, and with
``D = exp(-rate t) t^3 dS/ds = (t exp(-rate t) C - G) / (2 q)``, the gradient is

    dH/drate = 2 omega0^2 D             dG/drate = 2 rate D - t G
    dH/domega0 = -omega0 (t G + 2 rate D)    dG/domega0 = -2 omega0 D

so a regime only has to supply G, H and D, and the gradient is smooth across critical
damping because they are. Near s = 0, D comes from its power series. Over-damped, H and
G are written with the two decaying exponentials: exp(-rate t) and cosh overflow apart.
"""

from __future__ import annotations

import math

from physfit.kernels.elementary import exp, sincos_swept, sincos_turned
from physfit.kernels.kernel import scalar
from physfit.kernels.polynomials import polynomial

__all__ = ["complex_ringdown", "damped_oscillator", "ringdown"]

TWO_PI = 2.0 * math.pi
#: Up to here in |s| the power series replace differences that cancel.
SERIES_LIMIT = 0.25
#: S = sum of s^n / (2 n + 1)! and its slope dS/ds, for |s| <= 0.25, to 1e-17.
sinhc_series = polynomial(*(1.0 / math.factorial(2 * n + 1) for n in range(8)))
sinhc_slope_series = polynomial(*(n / math.factorial(2 * n + 1) for n in range(1, 8)))
#: Smallest square of a frequency; below it sin(k t) / k is t and C is 1 anyway.
TINY_SQUARE = 1e-280


@scalar
def floored(square):
    """`square`, but at least `TINY_SQUARE`; NaN stays NaN."""
    return TINY_SQUARE if square < TINY_SQUARE else square


@scalar
def damping_regime(x0, v0, omega0, rate):
    """0 for an under-damped oscillator, 1 for an over- or critically damped one."""
    return 0 if rate < omega0 else 1


@scalar
def underdamped(t, x0, v0, omega0, rate):
    """Free decay for rate < omega0; see `damped_oscillator`."""
    loss = rate if rate >= 0.0 else math.nan
    square = floored((omega0 - loss) * (omega0 + loss))
    k = math.sqrt(square)
    phase = k * t
    envelope = exp(-loss * t)
    sine, cosine = sincos_swept(k, t)
    green = envelope * sine * (1.0 / k)
    even = envelope * cosine
    home = even + loss * green
    s = phase * phase
    series = envelope * (t * t * t) * sinhc_slope_series(-s)
    bend = series if s < SERIES_LIMIT else (green - t * even) * (0.5 / square)
    arm = t * green
    turn = 2.0 * omega0 * (x0 * loss + v0)
    d_omega0 = -(omega0 * x0) * arm - turn * bend
    d_rate = 2.0 * (x0 * (omega0 * omega0) + v0 * loss) * bend - v0 * arm
    return x0 * home + v0 * green, home, green, d_omega0, d_rate


@scalar
def overdamped(t, x0, v0, omega0, rate):
    """Free decay for rate >= omega0; see `damped_oscillator`."""
    frequency = omega0 if omega0 >= 0.0 else math.nan
    square = floored((rate - frequency) * (rate + frequency))
    k = math.sqrt(square)
    fast = rate + k
    # rate - k without cancellation; at rate = 0 both vanish.
    slow = frequency * (frequency / (fast if fast > 0.0 else 1.0))
    p = k * t
    s = p * p
    slow_decay = exp(-slow * t)
    step = exp(-p)
    envelope = slow_decay * step
    fast_decay = envelope * step
    near = s < SERIES_LIMIT
    slope = sinhc_slope_series(s)
    sinhc = sinhc_series(s)
    inverse = 0.5 / k
    green = envelope * t * sinhc if near else (slow_decay - fast_decay) * inverse
    sum_even = 0.5 * (slow_decay + fast_decay)
    even = envelope * (sinhc + 2.0 * s * slope) if near else sum_even
    difference = (t * even - green) * (0.5 / square)
    bend = envelope * (t * t * t) * slope if near else difference
    apart = (fast * slow_decay - slow * fast_decay) * inverse
    home = even + rate * green if near else apart
    pull = 0.5 * t * (slow * slow_decay + fast * fast_decay)
    direct = (pull - rate * green) * (1.0 / square)
    green_rate = 2.0 * rate * bend - t * green if near else direct
    d_omega0 = -frequency * (x0 * (t * green + 2.0 * rate * bend) + 2.0 * v0 * bend)
    d_rate = 2.0 * x0 * (frequency * frequency) * bend + v0 * green_rate
    return x0 * home + v0 * green, home, green, d_omega0, d_rate


@scalar
def damped_oscillator(t, x0, v0, omega0, rate):
    """Displacement of a freely decaying oscillator in any regime, with partials.

    Solution of ``x'' + 2 rate x' + omega0^2 x = 0`` with ``x(0) = x0, x'(0) = v0``.

    Parameters
    ----------
    t : float
        Time, in s, of either sign.
    x0, v0 : float
        Displacement and velocity at t = 0.
    omega0 : float
        Undamped angular frequency, in rad/s; `omega0 >= 0`, otherwise NaN.
    rate : float
        Decay rate, in 1/s; `rate >= 0`, otherwise NaN.

    Returns
    -------
    tuple of float
        Value, d/d(x0, v0, omega0, rate), smooth through critical damping. Errors are
        below 5 roundings (1.1e-16) of the result plus the movement that one rounding of
        every argument causes; in a phase of 1000 rad that is 1000 roundings.

    References
    ----------
    Landau & Lifshitz, Mechanics (3rd ed.), section 25.
    """
    if rate < omega0:
        return underdamped(t, x0, v0, omega0, rate)
    return overdamped(t, x0, v0, omega0, rate)


@scalar
def ringdown(t, amplitude, frequency, rate, phase):
    """Ring-down ``amplitude exp(-rate t) cos(2 pi frequency t + phase)``.

    Parameters
    ----------
    t : float
        Time, in s.
    amplitude : float
        Amplitude at t = 0.
    frequency : float
        Frequency, in Hz, of either sign.
    rate : float
        Decay rate, in 1/s, of either sign (growth when negative).
    phase : float
        Phase at t = 0, in rad.

    Returns
    -------
    tuple of float
        Value, d/d(amplitude, frequency, rate, phase). Errors are below 2 roundings of
        the result plus the movement that one rounding of every argument causes; NaN
        beyond 2^48 turns.

    References
    ----------
    Landau & Lifshitz, Mechanics (3rd ed.), eq. 25.4.
    """
    envelope = exp(-rate * t)
    sine, cosine = sincos_turned(frequency, t, phase)
    shape = envelope * cosine
    value = amplitude * shape
    d_phase = -amplitude * (envelope * sine)
    return value, shape, TWO_PI * t * d_phase, -t * value, d_phase


@scalar
def complex_ringdown(t, amplitude, frequency, rate, phase):
    """Ring-down ``amplitude exp(-rate t) exp(i (2 pi frequency t + phase))``.

    Parameters
    ----------
    t : float
        Time, in s.
    amplitude : float
        Modulus at t = 0.
    frequency : float
        Frequency, in Hz; its sign is the sense of rotation.
    rate : float
        Decay rate, in 1/s, of either sign (growth when negative).
    phase : float
        Phase at t = 0, in rad.

    Returns
    -------
    tuple of float
        Re and Im of the value, then of d/d(amplitude, frequency, rate, phase), with the
        errors of `ringdown`.

    References
    ----------
    Landau & Lifshitz, Mechanics (3rd ed.), eq. 25.4.
    """
    envelope = exp(-rate * t)
    sine, cosine = sincos_turned(frequency, t, phase)
    shape_re, shape_im = envelope * cosine, envelope * sine
    re, im = amplitude * shape_re, amplitude * shape_im
    turn = TWO_PI * t
    return re, im, shape_re, shape_im, -turn * im, turn * re, -t * re, -t * im, -im, re
