"""What parameters are spread over: ranges, sizes of the data, where these say more.

Half of the places lie where samples are far from what is known of the curve, and half
of the frequencies where its spectrum is large (`spread_data`); the other halves are
even over the range.
"""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from physfit.engine.roles import routine
from physfit.engine.struct import Float64, Struct

__all__ = ["Range", "Scales", "parameter_at"]

# What a parameter is spread over: a range from `low` to `high`, the range of x; sizes
# above or below an edge, or of either sign.
UNIFORM = 0
POSITION = 1
ABOVE = 2
BELOW = 3
EITHER = 4
# What sizes are in units of.
PLAIN = 0
OF_X = 1
PER_X = 2
OF_Y = 3
#: From `low` to `high`, times a power of the range of y.
GIVEN = 4
#: In any of these units, or places, in turn: nothing is known.
ANY = 5
# Where the data tell more.
NOWHERE = 0
AT_SAMPLES = 1
AT_FREQUENCIES = 2
AT_PERIODS = 3


class Range(Struct):
    """What one parameter is spread over."""

    #: Its place among the free ones.
    place: int
    kind: int
    unit: int
    low: Float64
    high: Float64
    edge: Float64
    #: Power of the range of y that sizes grow with.
    power: Float64
    #: Where the data tell more; the values at the first and the last x, or what an
    #: angular frequency is multiplied by and a period divides.
    table: int
    first: Float64
    last: Float64
    #: Whether it may have either sign.
    has_signs: int


RANGE_BYTES = 8 * Range.SIZE


class Scales(NamedTuple):
    """Sizes of data, and shares of them up to each sample and each frequency.

    Attributes
    ----------
    first, span, spacing, widest, height, tallest : float
        First x, range, distance of samples, largest |x|, range of y, largest |y|.
    x, samples, n_samples
        Coordinates, and the share of the squares of what is left up to each of them.
    waves, n_waves, step
        The same of a spectrum, by the distance of its angular frequencies.
    """

    first: Any
    span: Any
    spacing: Any
    widest: Any
    height: Any
    tallest: Any
    x: Any = None
    samples: Any = None
    n_samples: Any = 0
    waves: Any = None
    n_waves: Any = 0
    step: Any = 0.0


@routine
def parameter_at(own: Any, scales: Any, part: Any) -> Any:
    """Value of a parameter for a number between 0 and 1."""
    if own.table == AT_SAMPLES and scales.n_samples > 0:
        if part < 0.5:
            return _at_sample(own, scales, 2.0 * part)
        part = 2.0 * part - 1.0
    elif own.table > AT_SAMPLES and scales.n_waves > 0:
        if part < 0.7:
            return _at_wave(own, scales, part / 0.7)
        part = (part - 0.7) / 0.3
    if own.kind == UNIFORM:
        return own.low + part * (own.high - own.low)
    if own.kind == POSITION:
        return scales.first + part * scales.span
    unit = own.unit
    if unit == ANY:
        unit = int(5.0 * part)
        part = 5.0 * part - unit
        if unit == GIVEN:
            place = scales.first + part * scales.span
            is_out = (own.kind == ABOVE and place < own.edge) or (
                own.kind == BELOW and place > own.edge
            )
            return own.edge if is_out else place
    return _sized(own, unit, scales, part)


@routine
def _sized(own: Any, unit: Any, scales: Any, part: Any) -> Any:
    """A size above or below an edge, or of either sign."""
    low, high = 0.01, 100.0
    if unit == OF_X:
        low, high = 0.3 * scales.spacing, 20.0 * scales.widest
    elif unit == PER_X:
        low, high = 0.1 / scales.span, math.pi / scales.spacing
    elif unit == OF_Y:
        low, high = 0.01 * scales.height, 10.0 * scales.height
    elif unit == GIVEN:
        one = math.pow(scales.height, own.power)
        other = math.pow(scales.tallest, own.power)
        low, high = own.low * min(one, other), own.high * max(one, other)
    if own.kind == EITHER:
        size = low * math.pow(high / low, math.fabs(2.0 * part - 1.0))
        return size if part >= 0.5 else -size
    size = low * math.pow(high / low, part)
    return own.edge + size if own.kind == ABOVE else own.edge - size


@routine
def _at_sample(own: Any, scales: Any, part: Any) -> Any:
    """A place beside a sample up to which the data have that share."""
    k = _first_beyond(scales.samples, scales.n_samples, part)
    before = scales.samples[k - 1] if k > 0 else 0.0
    share = scales.samples[k] - before
    inside = (part - before) / share if share > 0.0 else 0.5
    x = scales.x[k] + (inside - 0.5) * scales.spacing
    return own.first + (x - scales.first) / scales.span * (own.last - own.first)


@routine
def _at_wave(own: Any, scales: Any, part: Any) -> Any:
    """A frequency or a period up to which the spectrum has that share."""
    sign = 1.0
    if own.kind == EITHER:
        sign = 1.0 if part < 0.5 else -1.0
        part = 2.0 * part if part < 0.5 else 2.0 * part - 1.0
    omega = _frequency(scales, part)
    return sign * (
        own.first * omega if own.table == AT_FREQUENCIES else own.first / omega
    )


@routine
def _frequency(scales: Any, part: Any) -> Any:
    """An angular frequency from the spectrum.

    In the spectrum of a product of waves there are the sums and the differences of
    their frequencies.
    """
    if part < 0.6:
        return _in_spectrum(scales, part / 0.6)
    if part < 0.85:
        one, other = 4.0 * (part - 0.6), 997.0 * part
        other = _in_spectrum(scales, other - math.floor(other))
        is_sum = 7919.0 * part - 2.0 * math.floor(0.5 * 7919.0 * part) < 1.0
        one = _in_spectrum(scales, one)
        size = 0.5 * math.fabs(one + other if is_sum else one - other)
        return max(size, 0.1 * scales.step)
    highest = 1.5 * _in_spectrum(scales, 0.95)
    return max(highest * (part - 0.85) / 0.15, 0.1 * scales.step)


@routine
def _in_spectrum(scales: Any, part: Any) -> Any:
    """The angular frequency up to which the spectrum has that share."""
    k = _first_beyond(scales.waves, scales.n_waves, part)
    before = scales.waves[k - 1] if k > 0 else 0.0
    share = scales.waves[k] - before
    inside = (part - before) / share if share > 0.0 else 0.5
    return (k + 0.5 + inside) * scales.step


@routine
def _first_beyond(shares: Any, n: Any, part: Any) -> Any:
    """The first place where the rising `shares` are above a number, or the last."""
    low, high = 0, n - 1
    while low < high:
        middle = (low + high) // 2
        if shares[middle] > part:
            high = middle
        else:
            low = middle + 1
    return low
