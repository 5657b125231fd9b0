"""Where data tell most of what is left: at which samples, at which frequencies.

Of what the best point so far leaves, or of the distance from the mean where there is
none, the squares are summed up over the samples and over the frequencies of its
spectrum, as shares of the whole.
"""

from __future__ import annotations

import math
from typing import Any

from physfit.engine.abi import FUNCTION, STRIDE, as_floats, call_function, offset
from physfit.engine.dense import fill
from physfit.engine.guesses.spread_ranges import Scales
from physfit.engine.program import VALUES, over_blocks
from physfit.engine.roles import entry, routine, summation
from physfit.engine.structs import stack_entry
from physfit.engine.ties import resolve

__all__ = ["N_TABLES", "has_wave", "scales_of", "tell_more", "turn"]

#: Arrays of one number for each sample.
N_TABLES = 8
#: Largest square of a spectrum of noise, over the logarithm of how many there are, in
#: units of their mean; 1 in 400 is larger.
OF_NOISE = 6.0


@routine
def scales_of(problem: Any) -> Any:
    """Sizes of the data that have weight."""
    low, high, bottom, top = math.inf, -math.inf, math.inf, -math.inf
    places, before, x = 0, math.nan, as_floats(problem.x)
    for output in range(problem.n_outputs):
        y = offset(as_floats(problem.y), output * problem.ldy)
        w = offset(as_floats(problem.weights), output * problem.ldy)
        for i in range(problem.n_samples):
            if w[i] > 0.0:
                low, high = min(low, x[i]), max(high, x[i])
                bottom, top = min(bottom, y[i]), max(top, y[i])
                places += 1 if output == 0 and x[i] != before else 0
                before = x[i]
    span = high - low if high > low else 1.0
    height = top - bottom if top > bottom else 1.0
    widest = max(math.fabs(low), math.fabs(high), span)
    spacing = span / max(places - 1, 1)
    tallest, none = max(math.fabs(bottom), math.fabs(top), height), as_floats(0)
    return Scales(low, span, spacing, widest, height, tallest, x, none, 0, none, 0, 0.0)


@routine
def tell_more(
    problem: Any, scales: Any, theta: Any, turn: Any, is_known: Any, work: Any
) -> Any:
    """The scales, with shares of the samples, and of frequencies where these count.

    `turn` is the address of the function of this name, 0 where they do not.
    """
    n = problem.n_samples
    left, squares = work, offset(work, n)
    _leave(problem, theta, is_known, left, squares)
    samples = offset(work, 2 * n)
    n_samples = _summed(squares, n, samples)
    waves, n_waves, step = as_floats(0), 0, math.pi / scales.span
    if turn != 0:
        waves = offset(work, 3 * n)
        n_waves = min(n, int(scales.span / scales.spacing + 0.5))
        _spectrum(scales, left, n, n_waves, waves, offset(work, 4 * n), turn)
        n_waves = _summed(waves, n_waves, waves)
    return Scales(
        scales.first,
        scales.span,
        scales.spacing,
        scales.widest,
        scales.height,
        scales.tallest,
        scales.x,
        samples,
        n_samples,
        waves,
        n_waves,
        step,
    )


@routine
def has_wave(problem: Any, scales: Any, theta: Any, turn: Any, work: Any) -> Any:
    """Whether what is left has a line in its spectrum, unseen by neighbours."""
    n = problem.n_samples
    _leave(problem, theta, True, work, offset(work, n))
    n_waves = min(n, int(scales.span / scales.spacing + 0.5))
    waves = offset(work, 3 * n)
    _spectrum(scales, work, n, n_waves, waves, offset(work, 4 * n), turn)
    total = largest = 0.0
    for k in range(n_waves):
        total += waves[k]
        largest = max(largest, waves[k])
    return largest * n_waves > total * (OF_NOISE + math.log(float(max(n_waves, 1))))


@routine
def _leave(problem: Any, theta: Any, is_known: Any, left: Any, squares: Any) -> None:
    """Weighted residuals of the first output, and sums of squares of all outputs."""
    n = problem.n_samples
    fill(left, 0.0, 2 * n)
    if is_known:
        resolve(problem, theta)
        over_blocks(problem, 0, n, VALUES, _leave_block, left)
        return
    for output in range(problem.n_outputs):
        y = offset(as_floats(problem.y), output * problem.ldy)
        w = offset(as_floats(problem.weights), output * problem.ldy)
        total = weight = 0.0
        for i in range(n):
            total += w[i] * w[i] * y[i]
            weight += w[i] * w[i]
        mean = total / weight if weight > 0.0 else 0.0
        for i in range(n):
            residual = (y[i] - mean) * w[i]
            squares[i] += residual * residual
            if output == 0:
                left[i] = residual


@routine
def _leave_block(problem: Any, output: Any, start: Any, count: Any, left: Any) -> Any:
    """Residuals of a block; 0."""
    place = output * problem.ldy + start
    y = offset(as_floats(problem.y), place)
    w = offset(as_floats(problem.weights), place)
    f = offset(stack_entry(problem, 0), output * STRIDE)
    for i in range(count):
        residual = (y[i] - f[i]) * w[i]
        left[problem.n_samples + start + i] += residual * residual
        if output == 0:
            left[start + i] = residual
    return 0.0


@routine
def _summed(squares: Any, n: Any, shares: Any) -> Any:
    """Fill shares of the sum up to each place; how many there are, 0 if it is none."""
    total = 0.0
    for i in range(n):
        total += squares[i]
        shares[i] = total
    if not 0.0 < total < math.inf:
        return 0
    for i in range(n):
        shares[i] /= total
    return n


@routine
def _spectrum(
    scales: Any, left: Any, n: Any, n_waves: Any, waves: Any, work: Any, turn: Any
) -> None:
    """Squares of the spectrum at the multiples of pi / span from 1 on."""
    re, im = work, offset(work, n)
    cosine, sine = offset(work, 2 * n), offset(work, 3 * n)
    step = math.pi / scales.span
    for i in range(n):
        angle = step * (scales.x[i] - scales.first)
        cosine[i], sine[i] = math.cos(angle), math.sin(angle)
        re[i], im[i] = left[i], 0.0
    for j in range(n_waves):
        call_function(turn, work, offset(waves, j), n)


@entry(FUNCTION)
def turn(work: Any, square: Any, n: Any) -> None:
    """Turn complex numbers by their angles; the square of the size of their sum.

    Their real and imaginary parts stand in `work`, then cosines and sines of angles.
    """
    square[0] = _turned(
        work, offset(work, n), offset(work, 2 * n), offset(work, 3 * n), n
    )


@summation
def _turned(re: Any, im: Any, cosine: Any, sine: Any, n: Any) -> Any:
    """The loop over all numbers."""
    sum_re = sum_im = 0.0
    for i in range(n):
        a = re[i] * cosine[i] - im[i] * sine[i]
        b = re[i] * sine[i] + im[i] * cosine[i]
        re[i], im[i] = a, b
        sum_re += a
        sum_im += b
    return sum_re * sum_re + sum_im * sum_im
