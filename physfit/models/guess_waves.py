"""Start values of decaying oscillations.

A first pair (frequency, rate) comes from the data multiplied by exp(-g t) for a ladder
of g: where the zero-padded spectrum of that product, over the norm of the window, is
largest, the window fits the envelope and the frequency the oscillation (a matched
filter). Heavily damped motion, which has no line in a spectrum, comes from the equation
of motion integrated twice, x + 2 g int x + w^2 int int x = c0 + c1 t, which is linear
in its coefficients. The better of the two is then improved with amplitudes and
background following by least squares.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.models.separable import (
    Columns,
    Piece,
    compass_search,
    polynomial_columns,
    project,
    thinned,
)
from physfit.typing import FloatArray

__all__ = ["guess_complex_waves", "guess_waves"]

Pair = tuple[float, float]
TWO_PI = 2.0 * math.pi
N_WINDOWS = 24
#: Up to so many components are all improved whenever one is added.
FEW = 3


def guess_waves(
    pieces: Sequence[Piece], t: FloatArray, y: FloatArray, order: int
) -> tuple[dict[str, float], FloatArray]:
    """Parameters of ring-downs and oscillators, strongest first, and the rest."""
    background = polynomial_columns(t, order)
    s = t - t[0]
    pairs: list[Pair] = []
    for piece in pieces:
        known = _all_columns(pieces, pairs, s)
        rest = project([*known, *background], y)[1]
        pairs.append(_first_pair(piece, s, rest, order))
        pairs = _improved(pieces, pairs, s, y, background)
    columns = _all_columns(pieces, pairs, s)
    coefficients = project([*columns, *background], y)[0]
    values: dict[str, float] = {}
    for k, (piece, pair) in enumerate(zip(pieces, pairs, strict=True)):
        own = coefficients[2 * k : 2 * k + 2]
        values |= piece.full(_parameters(piece, pair, own, float(t[0])))
    return values, y - coefficients[: len(columns)] @ np.array(columns)


def guess_complex_waves(
    pieces: Sequence[Piece], t: FloatArray, y: NDArray[Any]
) -> dict[str, float]:
    """Parameters of rotating decays in complex data, strongest first."""
    s = t - t[0]
    pairs: list[Pair] = []
    for piece in pieces:
        rest = project([_rotation(s, pair) for pair in pairs], y)[1]
        pairs.append(_spectral_pair(piece, s, rest))
        pairs = _improved(pieces, pairs, s, y, [])
    values: dict[str, float] = {}
    coefficients = project([_rotation(s, pair) for pair in pairs], y)[0]
    for piece, (omega, rate), own in zip(pieces, pairs, coefficients, strict=True):
        at_zero = own * np.exp((rate - 1j * omega) * t[0])
        values |= piece.full(_polar(piece, complex(at_zero), omega, rate))
    return values


def _first_pair(piece: Piece, s: FloatArray, y: FloatArray, order: int) -> Pair:
    pairs = [_spectral_pair(piece, s, y), *_integral_pairs(piece, s, y, order)]
    background = polynomial_columns(s, order)
    return min(
        pairs, key=lambda pair: project([*_basis(piece, s, pair), *background], y)[2]
    )


def _spectral_pair(piece: Piece, s: FloatArray, y: NDArray[Any]) -> Pair:
    """Angular frequency and rate at the maximum of the matched filter."""
    even = np.linspace(0.0, s[-1], len(s))
    if np.iscomplexobj(y):
        z = np.interp(even, s, y.real) + 1j * np.interp(even, s, y.imag)
    else:
        z = np.interp(even, s, y - y.mean())
    step = even[1]
    n_fft = 4 * 2 ** math.ceil(math.log2(len(z)))
    frequency = np.fft.fftfreq(n_fft, step)
    allowed = _allowed(piece, frequency, s[-1])
    known_rate = piece.known("rate")
    ends = np.array([0.1 / s[-1], 0.5 / step])
    is_sound = bool((np.isfinite(ends) & (ends > 0.0)).all())
    ladder = np.geomspace(ends[0], ends[1], N_WINDOWS) if is_sound else ends[:0]
    best, pair = -1.0, (TWO_PI / s[-1], 1.0 / s[-1])
    for rate in ladder if known_rate is None else [known_rate]:
        window = np.exp(-rate * even)
        power = np.abs(np.fft.fft(z * window, n_fft)) ** 2 / np.sum(window**2)
        power[~allowed] = 0.0
        k = int(np.argmax(power))
        if power[k] > best:
            shift = _parabola(power[k - 1], power[k], power[(k + 1) % n_fft])
            best = power[k]
            pair = (TWO_PI * (frequency[k] + shift / (n_fft * step)), float(rate))
    return _with_known(piece, pair)


def _allowed(piece: Piece, frequency: FloatArray, span: float) -> NDArray[np.bool_]:
    """Which bins of the spectrum the bounds, and the length of the data, allow."""
    if piece.kind == "damped_oscillator":
        return frequency > 0.3 / span
    own = piece.params["frequency"]
    allowed = (frequency >= own.lower) & (frequency <= own.upper)
    if piece.kind == "ringdown":
        allowed &= frequency > 0.3 / span
    if not allowed.any():
        middle = np.clip(0.0, own.lower, own.upper)
        allowed[np.argmin(np.abs(frequency - middle))] = True
    return allowed


def _parabola(left: float, middle: float, right: float) -> float:
    """Position of the vertex of a parabola through three points, in steps."""
    bend = left - 2.0 * middle + right
    return 0.5 * (left - right) / bend if bend < 0.0 else 0.0


def _integral_pairs(
    piece: Piece, s: FloatArray, y: FloatArray, order: int
) -> list[Pair]:
    """Pairs from the twice integrated equation of motion, and a few by rule."""
    steps = np.diff(s)
    once = np.concatenate([[0.0], np.cumsum(0.5 * (y[1:] + y[:-1]) * steps)])
    twice = np.concatenate([[0.0], np.cumsum(0.5 * (once[1:] + once[:-1]) * steps)])
    powers = polynomial_columns(s, max(1, order + 2))
    found = project([once, twice, *powers], y)[0]
    rate, square = -0.5 * found[0], -found[1]
    span = s[-1]
    pairs = [
        (cycles * TWO_PI / span, damping * cycles * TWO_PI / span)
        for cycles in (0.25, 0.5, 1.0, 2.0)
        for damping in (0.1, 0.5, 1.01, 4.0)
    ]
    if rate > 0.0 and square > 0.0:
        omega = math.sqrt(square)
        if piece.kind == "ringdown":
            omega = math.sqrt(max(square - rate * rate, (0.1 * rate) ** 2))
        pairs.append((omega, rate))
    return [_with_known(piece, pair) for pair in pairs]


def _known_pair(piece: Piece) -> tuple[float | None, float | None]:
    if piece.kind == "damped_oscillator":
        return piece.known("omega0"), piece.known("rate")
    frequency = piece.known("frequency")
    omega = None if frequency is None else TWO_PI * frequency
    return omega, piece.known("rate")


def _with_known(piece: Piece, pair: Pair) -> Pair:
    omega, rate = _known_pair(piece)
    return (
        pair[0] if omega is None else omega,
        max(pair[1], 1e-300) if rate is None else rate,
    )


def _improved(
    pieces: Sequence[Piece],
    pairs: list[Pair],
    s: FloatArray,
    y: NDArray[Any],
    background: Columns,
) -> list[Pair]:
    """The newest pair improved with the others held, or all of them in turn.

    All are improved once the last is there, and while there are only a few.
    """
    pairs = list(pairs)
    all_of_them = len(pairs) == len(pieces) or len(pairs) <= FEW
    for k in reversed(range(len(pairs))):
        if all_of_them or k == len(pairs) - 1:
            pairs[k] = _improved_one(pieces, pairs, k, s, y, background)
    return pairs


def _improved_one(
    pieces: Sequence[Piece],
    pairs: list[Pair],
    k: int,
    s: FloatArray,
    y: NDArray[Any],
    background: Columns,
) -> Pair:
    reach = 8.0 / max(min(rate for _, rate in pairs), 1e-300)
    stop = max(int(np.searchsorted(s, reach)), min(len(s), 50))
    thin = np.arange(stop)[thinned(stop)]
    short = [column[thin] for column in background]
    omega, rate = pairs[k]
    unit = 0.1 * max(TWO_PI / s[-1], rate)

    def pair_at(point: FloatArray) -> Pair:
        return omega + unit * point[0], rate * math.exp(point[1])

    def cost(point: FloatArray) -> float:
        trial = [*pairs[:k], pair_at(point), *pairs[k + 1 :]]
        columns = _all_columns(pieces, trial, s[thin])
        return project([*columns, *short], y[thin])[2]

    free = [float(value is None) for value in _known_pair(pieces[k])]
    return pair_at(compass_search(cost, (0.0, 0.0), (free[0], 0.4 * free[1])))


def _all_columns(
    pieces: Sequence[Piece], pairs: Sequence[Pair], s: FloatArray
) -> Columns:
    return [
        column
        for piece, pair in zip(pieces, pairs, strict=False)
        for column in _basis(piece, s, pair)
    ]


def _basis(piece: Piece, s: FloatArray, pair: Pair) -> Columns:
    if piece.kind == "complex_ringdown":
        return [_rotation(s, pair)]
    if piece.kind == "ringdown":
        wave = _rotation(s, pair)
        return [wave.real, wave.imag]
    c, q = _even_odd(s, pair)
    return [c + pair[1] * q, q]


def _rotation(s: FloatArray, pair: Pair) -> NDArray[np.complex128]:
    turned: NDArray[np.complex128] = np.exp((1j * pair[0] - pair[1]) * s)
    return turned


def _even_odd(s: Any, pair: Pair) -> tuple[Any, Any]:
    """exp(-g s) cos(w s) and exp(-g s) sin(w s) / w, through all regimes."""
    omega0, rate = pair
    root = np.sqrt(complex(omega0 * omega0 - rate * rate))
    if abs(root) < 1e-6 * omega0:
        root = complex(1e-6 * omega0)
    up, down = np.exp((1j * root - rate) * s), np.exp((-1j * root - rate) * s)
    return (0.5 * (up + down)).real, ((up - down) / (2j * root)).real


def _parameters(
    piece: Piece, pair: Pair, own: NDArray[Any], begin: float
) -> dict[str, float]:
    """Parameters at t = 0 from coefficients at the begin of the data."""
    omega, rate = pair
    if piece.kind == "ringdown":
        at_begin = complex(own[0], -own[1])
        at_zero = at_begin * complex(np.exp((rate - 1j * omega) * begin))
        return _polar(piece, at_zero, omega, rate)
    c, q = _even_odd(-begin, pair)
    x0 = own[0] * (c + rate * q) + own[1] * q
    v0 = -own[0] * omega * omega * q + own[1] * (c - rate * q)
    return {"x0": float(x0), "v0": float(v0), "omega0": omega, "rate": rate}


def _polar(
    piece: Piece, at_zero: complex, omega: float, rate: float
) -> dict[str, float]:
    amplitude, phase = (
        math.hypot(at_zero.real, at_zero.imag),
        math.atan2(at_zero.imag, at_zero.real),
    )
    if omega < 0.0 and piece.kind == "ringdown":
        omega, phase = -omega, -phase
    own = piece.params["phase"]
    if phase < own.lower:
        phase += TWO_PI * math.ceil((own.lower - phase) / TWO_PI)
    elif phase > own.upper:
        phase -= TWO_PI * math.ceil((phase - own.upper) / TWO_PI)
    return {
        "amplitude": amplitude,
        "frequency": omega / TWO_PI,
        "rate": rate,
        "phase": phase,
    }
