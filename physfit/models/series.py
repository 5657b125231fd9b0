"""Sums of given functions: polynomials of any degree, Chebyshev series, splines.

Families of declarations, made when their names are first asked for: ``polynomial(5)``,
``polynomial_2d(3)``, ``chebyshev(5, 0.0, 10.0)``, ``spline(0.0, 2.5, 10.0)``. All are
linear in their parameters, so that start values are solved for.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from physfit.counts import checked_count
from physfit.errors import InputError, ModelError
from physfit.models.declaration import FAMILIES, Declaration
from physfit.models.graph.builder import Builder
from physfit.models.graph.compilation import kernel_of
from physfit.models.graph.graph import Graph
from physfit.models.graph.term import Term
from physfit.models.model import Model, component
from physfit.models.param import Param
from physfit.typing import FloatArray

__all__ = ["Chebyshev", "Polynomial", "Polynomial2d", "Spline"]

MOST_DEGREE, MOST_KNOTS = 40, 100
#: Of a polynomial over a plane, which has 45 coefficients then.
MOST_DEGREE_2D = 8


def Polynomial(degree: int, prefix: str = "") -> Model:
    """Polynomial in powers of x, with coefficients c0, c1 and so on.

    Parameters
    ----------
    degree : int
        0 to 40. From 6 or so on powers are so alike that coefficients lose their
        digits, unless x is small; `Chebyshev` keeps them.
    prefix : str
        Precedes the names of the parameters.

    Raises
    ------
    InputError
        When the degree is no such number.

    Examples
    --------
    >>> import physfit as pf
    >>> pf.models.Polynomial(3)([0.0, 2.0], c0=1.0, c1=0.0, c2=0.0, c3=1.0)
    array([1., 9.])
    """
    own = checked_count("degree", degree, least=0, most=MOST_DEGREE)
    return component(_polynomial(f"polynomial({own})"), prefix)


def Polynomial2d(degree: int, prefix: str = "") -> Model:
    """Polynomial over a plane, a background of images.

    Parameters
    ----------
    degree : int
        0 to 8: the largest sum of the powers of x and y.
    prefix : str
        Precedes the names of the parameters: c1_2 belongs to x y^2.

    Raises
    ------
    InputError
        When the degree is no such number.

    Examples
    --------
    >>> import physfit as pf
    >>> surface = pf.models.Polynomial2d(1)
    >>> surface.names
    ('c0_0', 'c1_0', 'c0_1')
    >>> surface([[0.0, 2.0], [0.0, 1.0]], c0_0=1.0, c1_0=1.0, c0_1=-1.0)
    array([1., 2.])
    """
    own = checked_count("degree", degree, least=0, most=MOST_DEGREE_2D)
    return component(_polynomial_2d(f"polynomial_2d({own})"), prefix)


def Chebyshev(degree: int, low: float, high: float, prefix: str = "") -> Model:
    """Series of Chebyshev polynomials on an interval, with coefficients c0, c1, ...

    Parameters
    ----------
    degree : int
        0 to 40.
    low, high : float
        The interval, in the unit of x: that of the data. It belongs to the model, and
        the coefficients to the interval.
    prefix : str
        Precedes the names of the parameters.

    Raises
    ------
    InputError
        When the degree or the interval is none.

    Examples
    --------
    >>> import physfit as pf
    >>> baseline = pf.models.Chebyshev(2, 0, 10)
    >>> baseline([0.0, 5.0, 10.0], c0=1.0, c1=2.0, c2=0.5)
    array([-0.5,  0.5,  3.5])
    """
    own = checked_count("degree", degree, least=0, most=MOST_DEGREE)
    first, last = _interval([low, high])
    return component(_chebyshev(f"chebyshev({own}, {first!r}, {last!r})"), prefix)


def Spline(knots: ArrayLike, prefix: str = "") -> Model:
    """Cubic spline through knots, its parameters the values there: s0, s1, ....

    Parameters
    ----------
    knots : array_like
        Four to 100 places, in growing order, in the unit of x. Beyond the first and the
        last the pieces go on.
    prefix : str
        Precedes the names of the parameters.

    Raises
    ------
    InputError
        When the knots are none.

    Notes
    -----
    The third derivative is continuous at the second and the last but one knot
    ("not-a-knot"), as in `scipy.interpolate.CubicSpline` and lmfit's SplineModel.

    Examples
    --------
    >>> import physfit as pf
    >>> pf.models.Spline([0, 1, 2, 3]).names
    ('s0', 's1', 's2', 's3')
    """
    places = _places(knots)
    return component(_spline(f"spline({', '.join(map(repr, places))})"), prefix)


def _places(knots: ArrayLike) -> list[float]:
    try:
        places = np.asarray(knots, dtype=np.float64).ravel()
    except (TypeError, ValueError):
        places = np.array([])
    n = places.size
    is_right = np.isfinite(places).all() and (np.diff(places) > 0.0).all()
    if not (4 <= n <= MOST_KNOTS and is_right):
        raise InputError(
            f"`knots` takes 4 to {MOST_KNOTS} places in growing order, not "
            f"{repr(knots)[:80]}."
        )
    found: list[float] = places.tolist()
    return found


def _interval(ends: Sequence[float]) -> tuple[float, float]:
    try:
        low, high = (float(own) for own in ends)
    except (TypeError, ValueError):
        low = high = np.nan
    if not (np.isfinite([low, high]).all() and low < high):
        raise InputError(
            f"`low` and `high` take the ends of an interval, not {ends[0]!r} and "
            f"{ends[1]!r}."
        )
    return low, high


def _words(name: str, usage: str) -> list[float]:
    """Numbers in the parentheses of a name."""
    inside = name.partition("(")[2].removesuffix(")")
    try:
        return [float(own) for own in inside.split(",")]
    except ValueError:
        raise ModelError(
            f"cannot read the model {name!r}: it takes numbers, as in '{usage}'."
        ) from None


@lru_cache(maxsize=64)
def _polynomial(name: str) -> Declaration:
    """Declaration of a name such as "polynomial(5)"."""
    numbers = _words(name, "polynomial(5)")
    degree = _degree(numbers, 1, name, "polynomial(5)")
    builder, x = _start()
    basis = [Term(builder, builder.constant(1.0))]
    for _ in range(degree):
        basis.append(x * basis[-1])
    units = ["y", *("y/x" if k == 1 else f"y/x**{k}" for k in range(1, degree + 1))]
    return _declared(
        f"polynomial({degree})",
        basis,
        [f"c{k}" for k in range(degree + 1)],
        units,
        description=f"polynomial of degree {degree}",
        formula=" + ".join(f"c{k} x^{k}" if k else "c0" for k in range(degree + 1)),
    )


@lru_cache(maxsize=16)
def _polynomial_2d(name: str) -> Declaration:
    """Declaration of a name such as "polynomial_2d(3)"."""
    usage = "polynomial_2d(3)"
    degree = _degree(_words(name, usage), 1, name, usage, MOST_DEGREE_2D)
    builder, x = _start()
    one, y = Term(builder, builder.constant(1.0)), Term(builder, builder.input(1))
    powers = [(k - j, j) for k in range(degree + 1) for j in range(k + 1)]
    known = {(0, 0): one}
    for i, j in powers[1:]:
        known[i, j] = x * known[i - 1, j] if i else y * known[0, j - 1]
    units = {0: "y", 1: "y/x"}
    return _declared(
        f"polynomial_2d({degree})",
        [known[own] for own in powers],
        [f"c{i}_{j}" for i, j in powers],
        [units.get(i + j, f"y/x**{i + j}") for i, j in powers],
        description=f"polynomial of degree {degree} over a plane",
        formula=f"sum of ci_j x^i y^j, i + j up to {degree}",
        coordinates=("x", "y"),
    )


@lru_cache(maxsize=64)
def _chebyshev(name: str) -> Declaration:
    """Declaration of a name such as "chebyshev(5, 0.0, 10.0)"."""
    usage = "chebyshev(5, 0, 10)"
    numbers = _words(name, usage)
    degree = _degree(numbers, 3, name, usage)
    low, high = _interval(numbers[1:])
    builder, x = _start()
    t = (x - 0.5 * (low + high)) * (2.0 / (high - low))
    basis = [Term(builder, builder.constant(1.0)), t]
    for _ in range(degree - 1):
        basis.append(2.0 * t * basis[-1] - basis[-2])
    return _declared(
        f"chebyshev({degree}, {low!r}, {high!r})",
        basis[: degree + 1],
        [f"c{k}" for k in range(degree + 1)],
        ["y"] * (degree + 1),
        description=f"Chebyshev series of degree {degree} on {low:g} to {high:g}",
        formula=f"sum of ck Tk(t), t from -1 at {low:g} to 1 at {high:g}",
    )


@lru_cache(maxsize=64)
def _spline(name: str) -> Declaration:
    """Declaration of a name such as "spline(0.0, 1.0, 2.0, 5.0)"."""
    places = _places(_words(name, "spline(0, 1, 2, 5)"))
    builder, x = _start()
    basis = [
        x.apply("spline", numbers=(builder.table(table), 4))
        for table in _cardinal(places)
    ]
    return _declared(
        f"spline({', '.join(map(repr, places))})",
        basis,
        [f"s{k}" for k in range(len(places))],
        ["y"] * len(places),
        description=f"cubic spline through {len(places)} knots",
        formula="the cubic spline through (knot k, sk), not-a-knot at its ends",
    )


def _cardinal(places: Sequence[float]) -> list[FloatArray]:
    """For each knot the table of the spline that is 1 there and 0 at all others."""
    from scipy.interpolate import CubicSpline

    pieces = CubicSpline(places, np.eye(len(places)))
    return [
        np.concatenate([pieces.x, pieces.c[:, :, k].T.ravel()])
        for k in range(len(places))
    ]


def _degree(
    numbers: Sequence[float], count: int, name: str, usage: str, most: int = MOST_DEGREE
) -> int:
    degree = numbers[0]
    if len(numbers) != count or degree % 1.0 or not 0 <= degree <= most:
        raise ModelError(
            f"cannot read the model {name!r}: it takes a degree from 0 to "
            f"{most}, as in '{usage}'."
        )
    return int(degree)


def _start() -> tuple[Builder, Term]:
    builder = Builder()
    return builder, Term(builder, builder.input(0))


def _declared(
    name: str,
    basis: Sequence[Term],
    names: Sequence[str],
    units: Sequence[str],
    *,
    description: str,
    formula: str,
    coordinates: tuple[str, ...] = ("x",),
) -> Declaration:
    """Sum of given functions, each by a parameter of its own."""
    builder = basis[0].builder
    total = Term(builder, builder.parameter(0)) * basis[0]
    for k, own in enumerate(basis[1:], 1):
        total = total + Term(builder, builder.parameter(k)) * own
    graph = Graph.finished(builder, [total.step], coordinates, tuple(names))
    return Declaration(
        kernel=kernel_of(graph, name),
        description=description,
        formula=formula,
        parameters=tuple(
            Param(own, unit, _meaning(own))
            for own, unit in zip(names, units, strict=True)
        ),
        scale=names[0],
        is_flat=len(basis) == 1,
        graph=graph,
    )


def _meaning(name: str) -> str:
    """What a parameter is: of c3 "coefficient 3", of s3 "value at knot 3"."""
    words = "value at knot" if name[0] == "s" else "coefficient"
    return f"{words} {name[1:].replace('_', ', ')}"


FAMILIES["polynomial"] = _polynomial
FAMILIES["polynomial_2d"] = _polynomial_2d
FAMILIES["chebyshev"] = _chebyshev
FAMILIES["spline"] = _spline
