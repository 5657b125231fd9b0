"""The strongest line in the spectrum of a row, seen through a decaying window.

What is left of the data is multiplied by exp(-g s) and transformed with as many zeros
behind it as there are samples. Where the power is largest, and g near the rate of the
oscillation, the window is a matched filter. Samples are taken for even ones here; the
`periodogram` asks no more of them than that they are there.

The transform is Stockham's: each stage reads one pair of arrays and writes another, in
order, so that its inner loop is vectorised and nothing is sorted by reversed bits. Two
real samples go in as one complex number, and the spectrum of the real data follows from
that of the complex ones.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import as_floats, offset
from physfit.engine.guesses.basis import vertex
from physfit.engine.roles import routine, summation
from physfit.kernels.elementary import exp, sincos

__all__ = ["EXTRA", "open_spectrum", "pair", "strongest_line", "transform"]

#: Doubles of scratch for each sample, behind that of all guesses.
EXTRA = 13
TWO_PI = 2.0 * math.pi


@routine
def open_spectrum(work: Any) -> None:
    """Table of sines, and what is left of the data times its weights."""
    work.length = _length(work.n)
    cosines = _cosines(work)
    sines = offset(cosines, work.length)
    fill_table(cosines, sines, math.pi / work.length, work.length)
    w, residual = as_floats(work.w), as_floats(work.residual)
    multiply(w, residual, as_floats(work.running), work.n)


@routine
def strongest_line(work: Any, rate: Any, n_used: Any, lower: Any, upper: Any) -> Any:
    """Angular frequency of the strongest line between two, and how strong it is.

    Only the first samples count. The power is that over the square of the window.
    Complex data have frequencies of either sign.
    """
    decay = rate * work.spacing
    falls = 1.0 - math.exp(-2.0 * decay * n_used)
    squares = falls / (2.0 * decay) if decay > 0.0 else float(n_used)
    if work.n == work.n_places:
        m, zero = _length(n_used), 0
        power = _real_power(work, decay, n_used, m)
        bin_width = math.pi / m
    else:
        m = _length(2 * n_used)
        zero = m // 2
        power, bin_width = _complex_power(work, decay, n_used, m), TWO_PI / m
    bin_width /= work.spacing
    start = int(min(max(lower / bin_width + zero + 0.5, 1.0), m - 2.0))
    stop = int(min(max(upper / bin_width + zero + 0.5, 1.0), m - 2.0))
    best = start
    for k in range(start + 1, stop + 1):
        if power[k] > power[best]:
            best = k
    shift = vertex(power[best - 1], power[best], power[best + 1])
    omega = min(max(bin_width * (best - zero + shift), lower), upper)
    return omega, power[best] / squares


@routine
def _real_power(work: Any, decay: Any, n_used: Any, m: Any) -> Any:
    """Power of real data from frequency 0 on."""
    n_pairs = n_used // 2
    re, even = as_floats(work.extra), as_floats(work.running)
    im = offset(re, work.length)
    pack(even, decay, re, im, n_pairs)
    for k in range(n_pairs, m):
        re[k], im[k] = 0.0, 0.0
    if n_used % 2 == 1:
        re[n_pairs] = even[n_used - 1] * math.exp(-decay * (n_used - 1))
    turned = transform(work, m)
    power, length = pair(work, 1 - turned), work.length
    unpack(pair(work, turned), _cosines(work), length // m, power, m, length)
    return power


@routine
def _complex_power(work: Any, decay: Any, n_used: Any, m: Any) -> Any:
    """Power of complex data, from the lowest frequency to the highest."""
    re, even = as_floats(work.extra), as_floats(work.running)
    im = offset(re, work.length)
    for k in range(m):
        window = math.exp(-decay * k) if k < n_used else 0.0
        inside = min(k, n_used - 1)
        re[k] = window * even[inside]
        im[k] = window * even[work.n_places + inside]
    turned = transform(work, m)
    re, power = pair(work, turned), pair(work, 1 - turned)
    im = offset(re, work.length)
    for k in range(m):
        place = (k + m // 2) % m
        power[k] = re[place] * re[place] + im[place] * im[place]
    return power


@routine
def _length(n: Any) -> Any:
    """Smallest power of 2 that is 2 or more, and n or more."""
    m = 2
    while m < n:
        m *= 2
    return m


@routine
def pair(work: Any, turned: Any) -> Any:
    """First (0) or second (1) pair of arrays, real parts before imaginary ones."""
    return offset(as_floats(work.extra), 2 * turned * work.length)


@routine
def _cosines(work: Any) -> Any:
    """Table of cosines, the sines behind it."""
    return offset(as_floats(work.extra), 4 * work.length)


@routine
def transform(work: Any, m: Any) -> Any:
    """Transform m complex numbers; 1 if the result is in the second pair of arrays."""
    cosines, apart = _cosines(work), work.length
    length, stride, turned = m, 1, 0
    while length > 1:
        half = length // 2
        source, target = pair(work, turned), pair(work, 1 - turned)
        # the distance in the table of sines of neighbouring angles
        step = 2 * (apart // m) * stride
        if stride == 1:
            first_stage(source, cosines, step, target, half, apart)
        for p in range(half if stride > 1 else 0):
            one, out = offset(source, stride * p), offset(target, 2 * stride * p)
            other, angle = offset(one, stride * half), offset(cosines, p * step)
            butterfly(one, other, angle, out, stride, apart)
        length, stride, turned = half, 2 * stride, 1 - turned
    return turned


@summation
def first_stage(
    re: Any, cosines: Any, step: Any, out_re: Any, half: Any, apart: Any
) -> None:
    """Butterflies of single numbers, each with an angle of its own.

    Imaginary parts stand so far `apart` from real ones, sines from cosines.
    """
    im, out_im, sines = offset(re, apart), offset(out_re, apart), offset(cosines, apart)
    for p in range(half):
        d_re, d_im = re[p] - re[p + half], im[p] - im[p + half]
        c, s = cosines[p * step], sines[p * step]
        out_re[2 * p] = re[p] + re[p + half]
        out_im[2 * p] = im[p] + im[p + half]
        out_re[2 * p + 1] = d_re * c + d_im * s
        out_im[2 * p + 1] = d_im * c - d_re * s


@summation
def butterfly(
    a_re: Any, b_re: Any, cosines: Any, out_re: Any, n: Any, apart: Any
) -> None:
    """Sums, and behind them differences turned by an angle."""
    a_im, b_im, out_im = offset(a_re, apart), offset(b_re, apart), offset(out_re, apart)
    cosine, sine = cosines[0], cosines[apart]
    for q in range(n):
        re, im = a_re[q] - b_re[q], a_im[q] - b_im[q]
        out_re[q] = a_re[q] + b_re[q]
        out_im[q] = a_im[q] + b_im[q]
        out_re[q + n] = re * cosine + im * sine
        out_im[q + n] = im * cosine - re * sine


@summation
def unpack(re: Any, cosines: Any, step: Any, power: Any, m: Any, apart: Any) -> None:
    """Power of the real data from the spectrum of pairs of them."""
    im, sines = offset(re, apart), offset(cosines, apart)
    power[0] = (re[0] + im[0]) ** 2
    for k in range(1, m):
        even_re, even_im = re[k] + re[m - k], im[k] - im[m - k]
        odd_re, odd_im = im[k] + im[m - k], re[m - k] - re[k]
        c, s = cosines[k * step], sines[k * step]
        own_re = even_re + odd_re * c + odd_im * s
        own_im = even_im + odd_im * c - odd_re * s
        power[k] = own_re * own_re + own_im * own_im


@summation
def pack(even: Any, decay: Any, re: Any, im: Any, n_pairs: Any) -> None:
    """Pairs of samples times the window."""
    next_window = exp(-decay)
    for k in range(n_pairs):
        window = exp(-decay * (2.0 * k))
        re[k] = even[2 * k] * window
        im[k] = even[2 * k + 1] * window * next_window


@summation
def fill_table(cosines: Any, sines: Any, step: Any, m: Any) -> None:
    """Cosines and sines of multiples of an angle."""
    for k in range(m):
        sine, cosine = sincos(step * k)
        cosines[k] = cosine
        sines[k] = sine


@summation
def multiply(a: Any, b: Any, product: Any, n: Any) -> None:
    """product = a * b."""
    for i in range(n):
        product[i] = a[i] * b[i]
