"""Start values of a model from data, family by family.

A sum is taken apart: Ising curves, oscillations and peaks each over a polynomial of the
background's order, then decays, then the polynomials themselves on what is left. Of a
product the first factor is guessed and the others stay at their start. Values that a
user gave stay as they are, and guide the rest; bounds are respected.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from physfit.errors import InputError, ShapeError
from physfit.models.declaration import declaration_of
from physfit.models.guess_curves import (
    POWERS,
    decay_columns,
    guess_decays,
    guess_ising,
    guess_polynomials,
)
from physfit.models.guess_peaks import guess_peaks
from physfit.models.guess_waves import guess_complex_waves, guess_waves
from physfit.models.row_guess import guess_row, row_guess
from physfit.models.separable import Piece, polynomial_columns
from physfit.models.tree import Leaf, Tree
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.models.model import Model

__all__ = ["FAMILIES", "guess"]

#: Families of components, as the catalogue names them.
FAMILIES = (
    *("peak", "polynomial", "decay", "oscillator", "ringdown"),
    *("complex_ringdown", "ising", "peak_2d"),
)
#: The family that any number of samples is enough for.
LINEAR = "polynomial"
#: Others need at least so many samples.
FEWEST = 4

Families = Mapping[str, list[Piece]]


# A candidate may overflow; it then counts as infinitely bad.
@np.errstate(all="ignore")
def guess(model: Model, x: ArrayLike, y: ArrayLike) -> dict[str, float]:
    """Start value of each free parameter of `model`, from data.

    Parameters
    ----------
    model : Model
    x, y : array_like, shape (n,)
        The data, in any order; samples that are not finite are left out.

    Returns
    -------
    dict of str to float
        By the names of the free parameters, each within its bounds; starts that were
        given stay.

    Raises
    ------
    InputError
        When a parameter cannot be guessed, or there are too few samples.
    """
    given = {own.name: own.start for own in model.params if own.is_free}
    if None not in given.values():
        return {
            name: float(value) for name, value in given.items() if value is not None
        }
    if model.n_inputs > 1 and row_guess(model) is not None:
        found = guess_row(model, *_in_plane(model, x, y))
        return {name: _start(model, name, found[name]) for name in model.free_names}
    samples = _samples(model, x, y)
    found = _found(model, *samples)
    return {name: _start(model, name, found.get(name)) for name in model.free_names}


def _start(model: Model, name: str, found: float | None) -> float:
    own = model.parameters[name]
    value = found if own.start is None else own.start
    if value is None or not np.isfinite(value):
        raise InputError(
            f"`{name}` cannot be guessed from these data; give a start, as in "
            f"start={{{name!r}: 1.0}}, where({name}=1.0) or --start {name}=1."
        )
    return float(np.clip(value, own.lower, own.upper))


def _in_plane(
    model: Model, x: ArrayLike, y: ArrayLike
) -> tuple[FloatArray, FloatArray]:
    """Finite samples of several coordinates."""
    points = np.asarray(x, dtype=np.float64).reshape(model.n_inputs, -1)
    values = np.asarray(y, dtype=np.float64).ravel()
    if points.shape[1] != values.size:
        raise ShapeError(
            f"`x` has {points.shape[1]} samples, but `y` has {values.size}."
        )
    keep = np.isfinite(points).all(axis=0) & np.isfinite(values)
    if int(keep.sum()) < FEWEST:
        raise InputError(
            f"start values cannot be guessed from {int(keep.sum())} samples: {FEWEST} "
            "or more are needed; give a start for each free parameter with "
            "where(name=value) or --start name=value."
        )
    return points[:, keep], values[keep]


def _samples(
    model: Model, x: ArrayLike, y: ArrayLike
) -> tuple[FloatArray, NDArray[Any]]:
    """Finite samples, sorted by x."""
    if model.n_inputs != 1:
        raise InputError(
            f"{model.expression} has {model.n_inputs} coordinates and cannot be "
            "guessed; give a start for each free parameter with where(name=value) or "
            "--start name=value."
        )
    kind: type = complex if model.n_outputs == 2 else float
    xs, ys = np.asarray(x, dtype=np.float64).ravel(), np.asarray(y).ravel()
    if xs.shape != ys.shape:
        raise ShapeError(f"`x` has {xs.size} samples, but `y` has {ys.size}.")
    if np.iscomplexobj(ys) and kind is float:
        raise InputError(f"`y` is complex, but {model.expression} is real.")
    ys = ys.astype(kind)
    keep = np.isfinite(xs) & np.isfinite(ys)
    xs, ys = xs[keep], ys[keep]
    is_linear = not any(own for key, own in _pieces(model).items() if key != LINEAR)
    if len(xs) == 0 or not (is_linear or (len(xs) >= FEWEST and xs.min() < xs.max())):
        raise InputError(
            f"start values cannot be guessed from {len(xs)} samples: {FEWEST} or more, "
            "not all at one x, are needed; give a start for each free parameter with "
            "where(name=value) or --start name=value."
        )
    order = np.argsort(xs, kind="stable")
    return xs[order], ys[order]


def _found(model: Model, x: FloatArray, y: NDArray[Any]) -> dict[str, float]:
    pieces = _pieces(model)
    if model.n_outputs == 2:
        return guess_complex_waves(pieces["complex_ringdown"], x, y)
    order = _order(pieces)
    values: dict[str, float] = {}
    rest: FloatArray = y
    for step in (_ising, _waves, _peaks, _decays):
        found, rest = step(pieces, x, rest, order)
        values |= found
    found, _ = guess_polynomials(pieces["polynomial"], x, rest)
    return values | found


def _ising(
    pieces: Families, x: FloatArray, y: FloatArray, order: int
) -> tuple[dict[str, float], FloatArray]:
    values: dict[str, float] = {}
    for piece in pieces["ising"]:
        found, y = guess_ising(piece, x, y, order)
        values |= found
    return values, y


def _waves(
    pieces: Families, x: FloatArray, y: FloatArray, order: int
) -> tuple[dict[str, float], FloatArray]:
    waves = pieces["ringdown"] + pieces["oscillator"]
    return guess_waves(waves, x, y, order) if waves else ({}, y)


def _peaks(
    pieces: Families, x: FloatArray, y: FloatArray, order: int
) -> tuple[dict[str, float], FloatArray]:
    if not pieces["peak"]:
        return {}, y
    powers = polynomial_columns(x, order)
    bases = [powers + decays for decays in decay_columns(pieces["decay"], x)]
    return guess_peaks(pieces["peak"], x, y, bases)


def _decays(
    pieces: Families, x: FloatArray, y: FloatArray, order: int
) -> tuple[dict[str, float], FloatArray]:
    return guess_decays(pieces["decay"], x, y, order) if pieces["decay"] else ({}, y)


def _order(pieces: Families) -> int:
    """Highest power among the polynomials; -1 without any."""
    return max(
        (max(POWERS[piece.kind].values()) for piece in pieces["polynomial"]), default=-1
    )


def _pieces(model: Model) -> Families:
    """Components to be guessed, by family."""
    found: dict[str, list[Piece]] = {family: [] for family in FAMILIES}
    for leaf in _guessed(model.tree):
        declaration = declaration_of(leaf.kind)
        params = {
            own.name: model.parameters[leaf.prefix + own.name]
            for own in declaration.parameters
        }
        found[declaration.family].append(Piece(leaf.kind, params))
    return found


def _guessed(tree: Tree) -> list[Leaf]:
    """Components of a sum; of a product those of its first factor."""
    if isinstance(tree, Leaf):
        return [tree]
    parts = tree.parts if tree.operator == "+" else tree.parts[:1]
    return [leaf for part in parts for leaf in _guessed(part)]
