"""Start values of smooth curves: polynomials, exponential decays, Ising curves."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations

import numpy as np

from physfit.engine.layout import Evaluate, Layout
from physfit.engine.problem import assemble, problem_of
from physfit.engine.program import tabulate
from physfit.models.separable import (
    Columns,
    Piece,
    compass_search,
    polynomial_columns,
    project,
    thinned,
)
from physfit.typing import FloatArray

__all__ = [
    "POWERS",
    "decay_columns",
    "guess_decays",
    "guess_ising",
    "guess_polynomials",
]

#: Amplitudes are carried back from the first sample to x = 0 by at most exp of this.
MAX_EXPONENT = 600.0
#: Power of x that each parameter of a polynomial multiplies.
POWERS = {
    "constant": {"c": 0},
    "linear": {"slope": 1, "intercept": 0},
    "quadratic": {"a": 2, "b": 1, "c": 0},
}


def guess_polynomials(
    pieces: Sequence[Piece], x: FloatArray, y: FloatArray
) -> tuple[dict[str, float], FloatArray]:
    """Coefficients by least squares, and what they leave of `y`.

    Values already given stay. Where two components have the same power, the first
    takes it and the other is 0.
    """
    values: dict[str, float] = {}
    unknown: dict[int, str] = {}
    rest = y
    for piece in pieces:
        for name, power in POWERS[piece.kind].items():
            full, known = piece.params[name].name, piece.known(name)
            values[full] = 0.0 if known is None else known
            if known is not None:
                rest = rest - known * x**power
            else:
                unknown.setdefault(power, full)
    powers = sorted(unknown)
    coefficients = _power_coefficients(powers, x, rest)
    for power, coefficient in zip(powers, coefficients, strict=True):
        values[unknown[power]] = float(coefficient)
        rest = rest - coefficient * x**power
    return values, rest


def _power_coefficients(powers: list[int], x: FloatArray, y: FloatArray) -> FloatArray:
    """Least-squares coefficients of the powers of x."""
    if powers != list(range(len(powers))) or not powers:
        coefficients: FloatArray = project([x**power for power in powers], y)[0]
        return coefficients
    # Solved about the middle of x, then expanded: exact far from x = 0 as well.
    found = project(polynomial_columns(x, len(powers) - 1), y)[0]
    ends = (x.min(), x.max())
    if not ends[0] < ends[1]:
        reach = max(1.0, 1e-9 * abs(x[0]))
        ends = (x[0] - reach, x[0] + reach)
    polynomial = np.polynomial.Polynomial(found, domain=ends)
    expanded = polynomial.convert().coef[: len(powers)]
    return np.pad(expanded, (0, len(powers) - len(expanded)))


def guess_decays(
    pieces: Sequence[Piece], x: FloatArray, y: FloatArray, order: int
) -> tuple[dict[str, float], FloatArray]:
    """Amplitudes and decay constants over a polynomial background, and the rest.

    Searches a grid of decay constants, amplitudes and background following by linear
    least squares; of two decays the first component takes the faster.
    """
    thin = thinned(len(x))
    s, background = x - x[0], polynomial_columns(x, order)
    short = [column[thin] for column in background]

    def cost(logs: FloatArray) -> float:
        if abs(x[0]) > MAX_EXPONENT * np.exp(logs.min()):
            return math.inf
        columns = [np.exp(-s[thin] / tau) for tau in _unlogged(logs, signs)]
        return project([*columns, *short], y[thin])[2]

    signs = np.array([-1.0 if p.params["decay"].upper <= 0.0 else 1.0 for p in pieces])
    known = [piece.known("decay") for piece in pieces]
    grid = _decay_grid(s, len(pieces), order)
    candidates = [_with_known(logs, known) for logs in grid]
    best = min(candidates, key=cost)
    steps = [0.5 if value is None else 0.0 for value in known]
    best = compass_search(cost, best, steps)
    if all(value is None for value in known):
        best = np.sort(best)
    decays = _unlogged(best, signs)
    columns = [np.exp(-s / tau) for tau in decays]
    coefficients = project([*columns, *background], y)[0]
    values: dict[str, float] = {}
    rest = y
    for piece, tau, height, column in zip(
        pieces, decays, coefficients[: len(pieces)], columns, strict=True
    ):
        with np.errstate(all="ignore"):
            amplitude = float(height * np.exp(x[0] / tau))
        values |= piece.full({"amplitude": amplitude, "decay": float(tau)})
        rest = rest - height * column
    return values, rest


def decay_columns(pieces: Sequence[Piece], x: FloatArray) -> list[Columns]:
    """Sets of decays that may stand for `pieces` in a background; an empty one if none.

    For a single decay each set has one of another length, for more there is one set of
    several.
    """
    if not pieces:
        return [[]]
    s = (x - x[0]) / np.ptp(x)
    known = pieces[0].known("decay")
    if len(pieces) == 1 and known is not None:
        return [[np.exp(-(x - x[0]) / known)]]
    columns = [np.exp(-s / length) for length in np.geomspace(0.03, 3.0, 24)]
    return [[column] for column in columns] if len(pieces) == 1 else [columns[2::5]]


def _unlogged(logs: FloatArray, signs: FloatArray) -> FloatArray:
    scaled: FloatArray = signs * np.exp(logs)
    return scaled


def _decay_grid(s: FloatArray, n_decays: int, order: int) -> list[FloatArray]:
    """Logarithms of decay constants to try, each row ascending."""
    span = s[-1]
    # A decay much slower than the data is a straight line, which a background takes.
    slowest = 30.0 * span if order < 0 else 3.0 * span
    fastest = 0.3 * span / (len(s) - 1)
    if n_decays > 2:
        return [np.log(np.geomspace(span / 20.0, span, n_decays))]
    grid = np.log(np.geomspace(fastest, slowest, 40 if n_decays == 1 else 25))
    return [np.array(pair) for pair in combinations(grid, n_decays)]


def _with_known(logs: FloatArray, known: list[float | None]) -> FloatArray:
    replaced = [
        own if value is None else math.log(abs(value)) if value else -math.inf
        for own, value in zip(logs, known, strict=True)
    ]
    return np.array(replaced)


def guess_ising(
    piece: Piece, x: FloatArray, y: FloatArray, order: int
) -> tuple[dict[str, float], FloatArray]:
    """Coupling J of an Ising curve over a polynomial background, and the rest.

    The exact curve is compared with the data on a grid of J, so that the steep part of
    u(T), or the peak of c(T), comes to lie where the data have it.
    """
    warm = np.maximum(x, 1e-3 * np.abs(x).max())
    thin = thinned(len(x), 400)
    curve = _ising_curve(piece.kind, np.ascontiguousarray(warm[thin]))
    short = [column[thin] for column in polynomial_columns(x, order)]

    def cost(log_j: FloatArray) -> float:
        return project(short, y[thin] - curve(float(np.exp(log_j[0]))))[2]

    known = piece.known("J")
    lowest, highest = warm.min() / 20.0, warm.max() * 20.0
    if known is None and not (0.0 < lowest <= highest < math.inf):
        coupling = math.nan
    elif known is None:
        grid = np.log(np.geomspace(lowest, highest, 200))
        step = grid[1] - grid[0]
        best = min(grid, key=lambda log_j: cost(np.array([log_j])))
        # A second, finer grid: c(T) is singular, so its cost has a dip per sample.
        finer = best + step * np.linspace(-1.5, 1.5, 150)
        best = min(finer, key=lambda log_j: cost(np.array([log_j])))
        coupling = float(np.exp(compass_search(cost, [best], [0.01 * step])[0]))
    else:
        coupling = known
    return piece.full({"J": coupling}), y - _ising_curve(piece.kind, warm)(coupling)


def _ising_curve(kind: str, t: FloatArray) -> Callable[[float], FloatArray]:
    """Curve at `t` as a function of J, by the component's own kernel."""
    layout = Layout((Evaluate(kind, 0),), 1, (0,), (), (), 1, 1)
    problem = problem_of(assemble(layout), t[None])

    def curve(coupling: float) -> FloatArray:
        problem.memory.work[0] = coupling
        values: FloatArray = tabulate(problem, None)[0][0]
        return values

    return curve
