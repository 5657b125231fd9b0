"""The plan by which compiled code guesses the start values of one row of data.

`guess` works in Python, milliseconds a data set; `fit_many` needs microseconds. The
compiled guesses (`engine.row_guess_peaks` and its neighbours) know no model by name: a
plan of integers tells them where the parameters of each component stand and what
shape it has. What no compiled guess covers has none, and goes the way through Python.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from physfit.engine import jit
from physfit.engine.row_guess_decays import LADDER, guess_decays
from physfit.engine.row_guess_frame import scratch_size
from physfit.engine.row_guess_peaks import guess_peaks
from physfit.engine.row_guess_shapes import FWHM_OF_SIGMA
from physfit.engine.row_guess_spectrum import EXTRA as SPECTRUM
from physfit.engine.row_guess_spots import guess_spots
from physfit.engine.row_guess_waves import guess_waves
from physfit.errors import InputError
from physfit.models.declaration import declaration_of
from physfit.models.guess_curves import POWERS
from physfit.models.param import Param
from physfit.models.tree import Join, Leaf
from physfit.typing import FloatArray, IntArray

if TYPE_CHECKING:
    from physfit.models.model import Model

__all__ = ["RowGuess", "guess_row", "row_guess"]

#: Share of Lorentzian in the shape of a peak, and full width over sigma.
SHAPES = {
    "gaussian": (0.0, FWHM_OF_SIGMA),
    "lorentzian": (1.0, FWHM_OF_SIGMA),
    "voigt": (0.5, FWHM_OF_SIGMA),
    "pseudo_voigt": (0.5, 2.0),
}
#: So many decays are as many as the ladder of constants tells apart.
MOST_DECAYS = 4
#: Parameters of an oscillation by family, in the order of its plan.
WAVES = {
    "ringdown": ("amplitude", "phase", "frequency", "rate"),
    "oscillator": ("x0", "v0", "omega0", "rate"),
}


class RowGuess(NamedTuple):
    """A compiled guess for one model.

    Attributes
    ----------
    entry : callable
        Function marked `@entry(abi.GUESS)`, for `jit.compiled`.
    plan : ndarray of int64
    room : int
        Columns that the scratch must have room for.
    extra : int
        More doubles of scratch for each sample.
    """

    entry: Callable[..., None]
    plan: IntArray
    room: int
    extra: int = 0

    def work_size(self, n: int) -> int:
        """Doubles of scratch for a row of `n` samples."""
        return scratch_size(n, self.room) + self.extra * (n + 1)


class Part(NamedTuple):
    """A component: its kind, and its parameters with their positions, by bare name."""

    kind: str
    params: dict[str, Param]
    positions: dict[str, int]

    def at(self, name: str) -> int:
        """Position of a parameter among all of the model, -1 when there is none."""
        return self.positions.get(name, -1)


def row_guess(model: Model) -> RowGuess | None:
    """Compiled guess for rows of data of a model, None where there is none.

    Covered are sums of polynomials with any number of peaks, a few decays or one
    oscillation, and constants with round spots in a plane.
    """
    return _row_guess(model)


@lru_cache(maxsize=256)
def _row_guess(model: Model) -> RowGuess | None:
    parts = _parts(model)
    if parts is None or model.n_outputs != 1:
        return None
    families = set(parts) - {"polynomial"}
    polynomials = parts.get("polynomial", [])
    if families == {"peak_2d"} and {own.kind for own in polynomials} <= {"constant"}:
        return _spots(polynomials, parts["peak_2d"])
    if model.n_inputs != 1:
        return None
    if families <= {"peak"}:
        return _peaks(polynomials, parts.get("peak", []))
    if families <= {"decay"} and len(parts["decay"]) <= MOST_DECAYS:
        return _decays(polynomials, parts["decay"])
    waves = [own for family in WAVES for own in parts.get(family, [])]
    if families <= set(WAVES) and len(waves) == 1:
        plan = _planned(guess_waves, polynomials, [_wave(waves[0])], 5)
        return plan._replace(extra=SPECTRUM)
    return None


def _parts(model: Model) -> dict[str, list[Part]] | None:
    """Components of a sum by family, None for anything else."""
    tree = model.tree
    terms = tree.parts if isinstance(tree, Join) and tree.operator == "+" else (tree,)
    found: dict[str, list[Part]] = {}
    start = 0
    for leaf in terms:
        if not isinstance(leaf, Leaf):
            return None
        declaration = declaration_of(leaf.kind)
        names = [own.name for own in declaration.parameters]
        positions = dict(zip(names, range(start, start + len(names)), strict=True))
        params = {name: model.params[k] for name, k in positions.items()}
        found.setdefault(declaration.family, []).append(
            Part(leaf.kind, params, positions)
        )
        start += len(names)
    return found


def _peaks(polynomials: Sequence[Part], peaks: Sequence[Part]) -> RowGuess:
    by_freedom = sorted(peaks, key=_freedom)
    room = 3 + len(peaks)
    return _planned(guess_peaks, polynomials, [_peak(own) for own in by_freedom], room)


def _decays(polynomials: Sequence[Part], decays: Sequence[Part]) -> RowGuess:
    pieces = [
        [own.at("amplitude"), own.at("decay"), _sign(own.params["decay"])]
        for own in decays
    ]
    return _planned(guess_decays, polynomials, pieces, 4 + LADDER + len(decays))


def _planned(
    entry: Callable[..., None],
    polynomials: Sequence[Part],
    pieces: Sequence[Sequence[int]],
    room: int,
) -> RowGuess:
    terms = [
        (own.at(name), power)
        for own in polynomials
        for name, power in POWERS[own.kind].items()
    ]
    header = [len(terms), len(pieces), room, 0]
    flat = [*header, *(k for term in terms for k in term)]
    flat += [k for piece in pieces for k in piece]
    plan = np.array(flat, dtype=np.int64)
    plan.flags.writeable = False
    return RowGuess(entry, plan, room)


def _peak(own: Part) -> list[int]:
    """Integers of a peak, as `engine.row_guess_shapes` reads them."""
    names = ("amplitude", "center", "sigma", "gamma", "fraction")
    center = own.params["center"]
    share, ratio = SHAPES[own.kind]
    floats = (center.lower, center.upper, share, ratio)
    sign = _sign(own.params["amplitude"])
    return [*(own.at(name) for name in names), sign, *map(_bits, floats)]


def _spots(constants: Sequence[Part], spots: Sequence[Part]) -> RowGuess:
    pieces = [_spot(own) for own in spots]
    return _planned(guess_spots, constants, pieces, 3 + len(spots))


def _spot(own: Part) -> list[int]:
    """Integers of a spot, as `engine.row_guess_spots` reads them."""
    names = ("amplitude", "centerx", "centery", "sigma")
    x, y = own.params["centerx"], own.params["centery"]
    bounds = map(_bits, (x.lower, x.upper, y.lower, y.upper))
    return [*(own.at(name) for name in names), _sign(own.params["amplitude"]), *bounds]


def _wave(own: Part) -> list[int]:
    """Integers of an oscillation, as `engine.row_guess_waves` reads them."""
    names = WAVES[declaration_of(own.kind).family]
    frequency, phase = own.params[names[2]], own.params[names[1]]
    is_oscillator = names[2] == "omega0"
    floats = (frequency.lower, frequency.upper, phase.lower, phase.upper)
    angular = _bits(1.0 if is_oscillator else 2.0 * math.pi)
    codes = [angular, int(is_oscillator), *map(_bits, floats)]
    return [*(own.at(name) for name in names), *codes, _sign(own.params[names[0]])]


def _sign(own: Param) -> int:
    """Sign that the bounds of a parameter leave, 0 for either."""
    return int(own.lower >= 0.0) - int(own.upper <= 0.0)


def _freedom(own: Part) -> float:
    center = own.params["center"]
    return center.upper - center.lower


def _bits(value: float) -> int:
    return int(np.float64(value).view(np.int64))


def guess_row(
    model: Model, x: ArrayLike, y: ArrayLike, w: ArrayLike | None = None
) -> dict[str, float]:
    """Start values of the free parameters from one row of data, by compiled code.

    Parameters
    ----------
    model : Model
    x : array_like, shape (n,) or (n_inputs, n)
    y : array_like, shape (n,)
    w : array_like, shape (n,), optional
        Weights 1 / sigma; 1 without them.

    Returns
    -------
    dict of str to float
        By the names of the free parameters, within their bounds.

    Raises
    ------
    InputError
        When no compiled guess covers the model.
    """
    found = row_guess(model)
    if found is None:
        raise InputError(f"no compiled guess covers {model.expression}.")
    ys = np.ascontiguousarray(y, dtype=np.float64)
    ws = np.ones_like(ys) if w is None else np.ascontiguousarray(w, dtype=np.float64)
    xs = np.ascontiguousarray(x, dtype=np.float64)
    full = full_starts(model)
    work = np.empty(found.work_size(ys.size))
    arrays: list[Any] = [found.plan, xs, ys, ws, full, work]
    plan, *rest = (own.ctypes.data for own in arrays)
    jit.compiled(found.entry).call(
        plan, rest[0], ys.size, rest[1], rest[2], ys.size, rest[3], rest[4]
    )
    return {
        own.name: min(max(float(value), own.lower), own.upper)
        for own, value in zip(model.params, full, strict=True)
        if own.is_free
    }


def full_starts(model: Model) -> FloatArray:
    """Given starts and fixed values of all parameters, NaN elsewhere."""
    starts = (own.start for own in model.params)
    return np.array([math.nan if own is None else own for own in starts])
