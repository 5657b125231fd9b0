"""Search for the resonance of one row of complex data, seen through a cable.

With the delay of the cable taken out, ``z = a + b / (1 + 2 i (x - f0) / fwhm)`` runs
along a circle; with delay, place and width known, a and b are linear, so that triples
are compared by the sum of squares that they explain, a matter of a pass over the data.

Two samples half a width to either side of the place lie opposite each other on the
circle: of all pairs they are farthest apart. So the widest of the chords of lengths 1,
2, 3, 4, 6, 8, ... samples tells place and width. The delay begins at the mean turn
from sample to sample, which an overcoupled resonance changes by one turn in all, so
that some beside it are tried as long as more than noise is left. Each triple is
improved in one number after the other.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import address_at, as_floats, at, offset
from physfit.engine.guesses.basis import goes_on, start_search
from physfit.engine.guesses.frame import SEARCH, Scratch, component, give, is_known
from physfit.engine.roles import entry, routine, summation
from physfit.engine.struct import Float64, Struct
from physfit.kernels.elementary import sincos

__all__ = ["EXTRA", "Resonance", "search_resonances"]

TWO_PI = 2.0 * math.pi
#: More doubles of scratch for each number: the data, and weights of samples.
EXTRA = 2
#: Delays that are tried, in turns over the span, beside the first: up to this.
MOST_TURNS = 2
#: Steps of the searches: of the delay in turns over the span, of the logarithm of the
#: width, of the place in widths.
DELAY_STEP = 0.12
WIDTH_STEP = math.log(1.5)
PLACE_STEP = 0.2
N_ROUNDS = 2
#: What is left is enough explained if it is no more than this times what second
#: differences say is noise, or this part of what the resonance explains.
NOISE = 1.3
LITTLE = 0.1
#: The square of a second difference of noise, in variances.
OF_BEND = 6.0
#: The two columns must be independent to this part of their squares.
INDEPENDENT = 1e-9


class Resonance(Struct):
    """A resonance and its cable."""

    # Places of parameters among all, -1 for none: modulus and phase far from the
    # resonance, or on it where nothing is seen far from it; delay, frequency, quality
    # factors of all and of the coupling, phase of the coupling.
    amplitude_at: int
    phase_at: int
    delay_at: int
    place_at: int
    quality_at: int
    coupling_at: int
    turn_at: int
    #: What is seen far from it, in amplitudes: 1, -1 or nothing.
    far: Float64
    #: Diameter of the circle, in amplitudes, if only the coupling had losses.
    ports: Float64
    #: Whether the amplitude is that of the response at x = 0.
    is_driven: int
    # Delay, frequency and full width, and whether they are known.
    delay: Float64
    place: Float64
    width: Float64
    knows_delay: int
    knows_place: int
    knows_width: int
    #: Solution: far from the resonance, and what is added on it.
    far_re: Float64
    far_im: Float64
    peak_re: Float64
    peak_im: Float64
    #: Sums of squares: of the data, of noise in them, explained by a constant alone.
    total: Float64
    noise: Float64
    constant: Float64


@entry(SEARCH)
def search_resonances(full: Any, work: Any, n: Any) -> None:
    """Fill the parameters of a resonance that are NaN in `full`."""
    scratch = at(address_at(work), Scratch)
    own = at(component(scratch, 0), Resonance)
    z, weights = as_floats(scratch.extra), _weights(scratch)
    take_in(as_floats(scratch.residual), as_floats(scratch.w), z, weights, n)
    _take_known(scratch, own, full)
    _find(scratch, own)
    _explained(scratch, own)
    _give(scratch, own, full)


@routine
def _weights(work: Any) -> Any:
    """Squared weights of the samples, behind the data."""
    return offset(as_floats(work.extra), work.n)


@summation
def take_in(residual: Any, w: Any, z: Any, weights: Any, n: Any) -> None:
    """Data without weights, 0 where these are; squared weights of both parts."""
    for i in range(n):
        re, im = w[i], w[i + n]
        z[i] = residual[i] / re if re > 0.0 else 0.0
        z[i + n] = residual[i + n] / im if im > 0.0 else 0.0
        weights[i] = 0.5 * (re * re + im * im)


@routine
def _take_known(work: Any, own: Any, full: Any) -> None:
    """Delay, place and width that were given."""
    own.knows_delay = 1 if own.delay_at < 0 else is_known(full, own.delay_at)
    own.knows_place = is_known(full, own.place_at)
    own.knows_width = own.knows_place * is_known(full, own.quality_at)
    own.delay, own.place, own.width = 0.0, work.middle, 0.25 * work.span
    if own.delay_at >= 0 and own.knows_delay == 1:
        own.delay = full[own.delay_at]
    if own.knows_place == 1:
        own.place = full[own.place_at]
    if own.knows_width == 1:
        own.width = math.fabs(own.place / full[own.quality_at])


@routine
def _find(work: Any, own: Any) -> None:
    """Find the delay, place and width that explain most."""
    z, weights, n = as_floats(work.extra), _weights(work), work.n_places
    first = own.delay
    if own.knows_delay == 0:
        first = mean_delay(as_floats(work.x), z, n)
    best, delay, place, width = -1.0, first, own.place, own.width
    own.total = square(z, weights, n)
    for k in range(1 if own.knows_delay == 1 else 4 * MOST_TURNS + 1):
        half_turns = (k + 1) // 2 if k % 2 == 1 else -(k // 2)
        own.delay = first + 0.5 * half_turns / work.span
        _turn(work, own)
        if k == 0:
            own.noise = noise_of(as_floats(work.shape), weights, n)
        gain = _settle(work, own)
        if gain > best:
            best, delay, place, width = gain, own.delay, own.place, own.width
        if _is_enough(own, gain):
            break
    own.delay, own.place, own.width = delay, place, width
    _turn(work, own)


@routine
def _is_enough(own: Any, gain: Any) -> Any:
    """Whether what is left is noise, or little beside what the resonance explains."""
    left = own.total - gain
    return left < max(NOISE * own.noise, LITTLE * (gain - own.constant))


@routine
def _settle(work: Any, own: Any) -> Any:
    """Place and width at a delay, all three improved until that is enough.

    Returns what they explain.
    """
    if own.knows_place * own.knows_width == 0:
        _take_chord(work, own)
    best = _explained(work, own)
    for _ in range(N_ROUNDS):
        if own.knows_delay == 0 and not _is_enough(own, best):
            best = _improve_delay(work, own, best)
        if own.knows_width == 0 and not _is_enough(own, best):
            best = _improve_width(work, own, best)
        if own.knows_place == 0 and not _is_enough(own, best):
            best = _improve_place(work, own, best)
    return best


@routine
def _improve_delay(work: Any, own: Any, best: Any) -> Any:
    start_search(work, own.delay, DELAY_STEP / work.span, best)
    while goes_on(work, _at_delay(work, own, work.at)):
        pass
    return max(_at_delay(work, own, work.at), work.best)


@routine
def _improve_width(work: Any, own: Any, best: Any) -> Any:
    start_search(work, math.log(own.width), WIDTH_STEP, best)
    while goes_on(work, _at_width(work, own, math.exp(work.at))):
        pass
    return max(_at_width(work, own, math.exp(work.at)), work.best)


@routine
def _improve_place(work: Any, own: Any, best: Any) -> Any:
    start_search(work, own.place, PLACE_STEP * own.width, best)
    while goes_on(work, _at_place(work, own, work.at)):
        pass
    return max(_at_place(work, own, work.at), work.best)


@routine
def _at_delay(work: Any, own: Any, delay: Any) -> Any:
    own.delay = delay
    _turn(work, own)
    return _explained(work, own)


@routine
def _at_width(work: Any, own: Any, width: Any) -> Any:
    own.width = width
    return _explained(work, own)


@routine
def _at_place(work: Any, own: Any, place: Any) -> Any:
    own.place = place
    return _explained(work, own)


@routine
def _turn(work: Any, own: Any) -> None:
    """The data without the delay, counted from the middle, in `shape`."""
    rate, x = TWO_PI * own.delay, as_floats(work.x)
    turn(x, as_floats(work.extra), as_floats(work.shape), rate, work)


@summation
def turn(x: Any, z: Any, turned: Any, rate: Any, work: Any) -> None:
    """turned = z exp(i rate (x - middle))."""
    n, middle = work.n_places, work.middle
    for i in range(n):
        sine, cosine = sincos(rate * (x[i] - middle))
        turned[i] = z[i] * cosine - z[i + n] * sine
        turned[i + n] = z[i] * sine + z[i + n] * cosine


@summation
def square(z: Any, weights: Any, n: Any) -> Any:
    """Weighted sum of squares."""
    total = 0.0
    for i in range(n):
        total += weights[i] * (z[i] * z[i] + z[i + n] * z[i + n])
    return total


@routine
def mean_delay(x: Any, z: Any, n: Any) -> Any:
    """Delay by the mean turn from one sample to the next."""
    re, im = mean_turn(z, n)
    return -math.atan2(im, re) * max(n - 1, 1) / (TWO_PI * (x[n - 1] - x[0]))


@summation
def mean_turn(z: Any, n: Any) -> Any:
    """Sum of each sample times the conjugate of the one before."""
    re, im = 0.0, 0.0
    for i in range(n - 1):
        a, b, c, d = z[i + 1], z[i + 1 + n], z[i], z[i + n]
        re += a * c + b * d
        im += b * c - a * d
    return re, im


@summation
def noise_of(z: Any, weights: Any, n: Any) -> Any:
    """Sum of squares of noise by second differences, which smooth data hardly have."""
    total = 0.0
    for i in range(1, n - 1):
        re = z[i - 1] - 2.0 * z[i] + z[i + 1]
        im = z[i - 1 + n] - 2.0 * z[i + n] + z[i + 1 + n]
        total += weights[i] * (re * re + im * im)
    return total / OF_BEND


@routine
def _take_chord(work: Any, own: Any) -> None:
    """Place and width, unless they are known, by the widest chord."""
    x, z, n = as_floats(work.x), as_floats(work.shape), work.n_places
    best, length, start, best_length = -1.0, 1, 0, 1
    while length < n:
        longest = longest_chord(z, length, n)
        if longest > best:
            best, best_length = longest, length
        longer = length // 2 if length % 2 == 0 and length & (length - 1) == 0 else 0
        length += max(longer, length // 3, 1)
    start = chord_at(z, best_length, n, best)
    one, two = x[start], x[start + best_length]
    if own.knows_place == 0:
        own.place = 0.5 * (one + two)
    own.width = max(two - one, work.spacing)


@summation
def longest_chord(z: Any, length: Any, n: Any) -> Any:
    """Largest square of a chord over so many samples."""
    longest = 0.0
    for i in range(n - length):
        re, im = z[i + length] - z[i], z[i + length + n] - z[i + n]
        longest = max(longest, re * re + im * im)
    return longest


@routine
def chord_at(z: Any, length: Any, n: Any, longest: Any) -> Any:
    """Where the chord of that square begins."""
    for i in range(n - length):
        re, im = z[i + length] - z[i], z[i + length + n] - z[i + n]
        if re * re + im * im >= longest * (1.0 - 1e-12):
            return i
    return 0


@routine
def _explained(work: Any, own: Any) -> Any:
    """Sum of squares that the resonance explains; its two coefficients."""
    x, z, n = as_floats(work.x), as_floats(work.shape), work.n_places
    unit, c_re, c_im, peak, zs, zt, p, q = products(
        x, z, _weights(work), own.place, 2.0 / own.width, n
    )
    own.far_re, own.far_im, own.constant = 0.0, 0.0, 0.0
    if own.far == 0.0:
        if not peak > 0.0:
            return 0.0
        own.peak_re, own.peak_im = p / peak, q / peak
        return (p * p + q * q) / peak
    determinant = unit * peak - c_re * c_re - c_im * c_im
    if not determinant > INDEPENDENT * unit * peak:
        return 0.0
    own.constant = (zs * zs + zt * zt) / unit
    # of the equations with unit and c in the first row, conj(c) and peak in the second
    own.far_re = (peak * zs - (c_re * p - c_im * q)) / determinant
    own.far_im = (peak * zt - (c_re * q + c_im * p)) / determinant
    own.peak_re = (unit * p - (c_re * zs + c_im * zt)) / determinant
    own.peak_im = (unit * q - (c_re * zt - c_im * zs)) / determinant
    return own.far_re * zs + own.far_im * zt + own.peak_re * p + own.peak_im * q


@summation
def products(x: Any, z: Any, weights: Any, place: Any, inverse: Any, n: Any) -> Any:
    """Products of 1 and ``1 / (1 + i s)`` with themselves and with the data."""
    unit, c_re, c_im, peak, zs, zt, p, q = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for i in range(n):
        s, w = (x[i] - place) * inverse, weights[i]
        re = 1.0 / (1.0 + s * s)
        im = -s * re
        a, b = w * z[i], w * z[i + n]
        unit += w
        c_re += w * re
        c_im += w * im
        peak += w * re  # which is the square of the modulus as well
        zs += a
        zt += b
        p += re * a + im * b
        q += re * b - im * a
    return unit, c_re, c_im, peak, zs, zt, p, q


@routine
def _give(work: Any, own: Any, full: Any) -> None:
    """Parameters of the resonance from the coefficients."""
    quality = math.fabs(own.place / own.width)
    give(full, own.delay_at, own.delay, 0.0)
    give(full, own.place_at, own.place, work.middle)
    give(full, own.quality_at, quality, 1.0)
    re, im = own.peak_re, own.peak_im
    if own.far != 0.0:
        re, im = own.far * own.far_re, own.far * own.far_im
        # the circle over what is seen far from it, with the opposite sign
        size = own.far_re * own.far_re + own.far_im * own.far_im
        depth_re = -(own.peak_re * own.far_re + own.peak_im * own.far_im) / size
        depth_im = -(own.peak_im * own.far_re - own.peak_re * own.far_im) / size
        depth = math.sqrt(depth_re * depth_re + depth_im * depth_im)
        give(full, own.coupling_at, own.ports * quality / depth, quality)
        give(full, own.turn_at, math.atan2(depth_im, depth_re), 0.0)
    if own.is_driven == 1:
        re, im = -im / quality, re / quality
    phase = math.atan2(im, re) - TWO_PI * own.delay * (own.place - work.middle)
    phase -= TWO_PI * math.floor((phase + math.pi) / TWO_PI)
    give(full, own.amplitude_at, math.sqrt(re * re + im * im), 1.0)
    give(full, own.phase_at, phase, 0.0)
