"""Two lines, or a multiplet, of any shape that the catalogue has.

Families of declarations, made when their names are first asked for: ``doublet(voigt)``,
``multiplet(lorentzian, 1, 3, 3, 1)``. The lines share all parameters but their places
and their sizes. Each line is a call of the shape's own point function, so that its
accuracy and its exact partials are kept.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from physfit.errors import InputError, ModelError
from physfit.kernels.kernel import Generated, Kernel, Scalar
from physfit.models.catalogue.component import Component
from physfit.models.declaration import DECLARATIONS, FAMILIES, Declaration, models_like
from physfit.models.model import Model, component
from physfit.models.param import Param

__all__ = ["Doublet", "Multiplet"]

MOST_LINES = 16
_SPLITTING = Param("splitting", "x", "distance of the second line, to larger x", 0.0)
_RATIO = Param("ratio", "", "size of the second line over that of the first", 0.0)
_COUPLING = Param("coupling", "x", "distance of neighbouring lines", 0.0)


def Doublet(shape: str | Component, prefix: str = "") -> Model:
    """Two lines of one shape and width, a splitting and a ratio apart.

    Parameters
    ----------
    shape : str or Component
        A peak of the catalogue, such as "voigt" or `pf.models.Landau`.
    prefix : str
        Precedes the names of the parameters.

    Returns
    -------
    Model
        With the parameters of the shape for the first line, `splitting` and `ratio`,
        which `where` holds at known values.

    Raises
    ------
    ModelError
        When the shape is no peak of the catalogue.

    Examples
    --------
    >>> import physfit as pf
    >>> pf.models.Doublet("skewed_gaussian").names
    ('amplitude', 'center', 'sigma', 'alpha', 'splitting', 'ratio')
    >>> p_level = pf.models.Doublet(pf.models.Voigt).where(ratio=pf.fixed(0.5))
    """
    return component(_doublet(f"doublet({_name(shape)})"), prefix)


def Multiplet(shape: str | Component, weights: ArrayLike, prefix: str = "") -> Model:
    """Lines of one shape at equal distances around a center, of given intensities.

    Parameters
    ----------
    shape : str or Component
        A peak of the catalogue, such as "voigt" or `pf.models.Landau`.
    weights : array_like
        Intensities of the lines from left to right, 2 to 16 positive numbers; of
        (1, 3, 3, 1) the second has 3/8 of the whole, whose size is the amplitude.
    prefix : str
        Precedes the names of the parameters.

    Raises
    ------
    ModelError
        When the shape is no peak of the catalogue.
    InputError
        When the weights are none.

    Examples
    --------
    >>> import physfit as pf
    >>> pf.models.Multiplet("lorentzian", [1, 2, 1]).names
    ('amplitude', 'center', 'gamma', 'coupling')
    """
    listed = _listed(_weights(weights))
    return component(_multiplet(f"multiplet({_name(shape)}, {listed})"), prefix)


def _name(shape: str | Component) -> str:
    return shape.point if isinstance(shape, Component) else str(shape)


def _listed(weights: Sequence[float]) -> str:
    """Numbers as they are read back, whole ones without a point."""
    return ", ".join(f"{own:g}" if own % 1.0 == 0.0 else repr(own) for own in weights)


def _weights(weights: ArrayLike) -> list[float]:
    try:
        own = np.asarray(weights, dtype=np.float64).ravel()
    except (TypeError, ValueError):
        own = np.array([])
    if not (2 <= own.size <= MOST_LINES and np.isfinite(own).all() and (own > 0).all()):
        raise InputError(
            f"`weights` takes the intensities of 2 to {MOST_LINES} lines, positive "
            f"numbers, not {repr(weights)[:80]}."
        )
    found: list[float] = own.tolist()
    return found


def _shape(name: str, usage: str) -> Declaration:
    """The peak that is named, if it can be repeated."""
    if not name:
        raise ModelError(f"lines of which shape? Name a peak, as in '{usage}'.")
    if name not in DECLARATIONS:
        raise ModelError(f"unknown model {name!r} in '{usage}'; {models_like(name)}")
    own = DECLARATIONS[name]
    names = own.kernel.parameters
    is_peak = len(own.kernel.inputs) == 1 and own.kernel.n_outputs == 1
    is_peak = is_peak and "center" in names and own.scale is not None
    if not is_peak or own.kernel.context or own.kernel.prepare or own.tied:
        raise ModelError(
            f"{name} has no center and size that lines of a multiplet could differ "
            f"in; '{usage}' takes a peak, such as gaussian, voigt or fano."
        )
    taken = {"splitting", "ratio", "coupling"} & set(names)
    if taken:
        raise ModelError(f"{name} has several lines already; take the shape of one.")
    return own


@lru_cache(maxsize=64)
def _doublet(name: str) -> Declaration:
    """Declaration of a name such as "doublet(voigt)"."""
    usage = "doublet(voigt)"
    word = name.partition("(")[2].removesuffix(")").strip()
    own = _shape(word, usage)
    size = str(own.scale)
    return _joined(
        own,
        f"doublet({word})",
        (_SPLITTING, _RATIO),
        [("0.0", "1.0"), ("splitting", "ratio")],
        # by the places and the sizes of the lines, from their partials
        [("center", ["0.0", "ratio"]), ("", ["0.0", "1.0"])],
        description=f"two lines: {own.description}",
        formula=f"{word} at center + ratio times {word} at center + splitting",
        convention=f"{size} and center are those of the first line; "
        f"{own.convention or 'as of one line'}",
        derived=(
            ("total", f"{size} * (1 + ratio)", _unit(own, size), "both lines together"),
        ),
    )


@lru_cache(maxsize=64)
def _multiplet(name: str) -> Declaration:
    """Declaration of a name such as "multiplet(lorentzian, 1, 3, 3, 1)"."""
    usage = "multiplet(lorentzian, 1, 3, 3, 1)"
    word, *others = (
        part.strip() for part in name.partition("(")[2].removesuffix(")").split(",")
    )
    try:
        weights = _weights([float(other) for other in others])
    except ValueError:
        raise ModelError(
            f"cannot read the model {name!r}: it takes a shape and the intensities of "
            f"2 to {MOST_LINES} lines, as in '{usage}'."
        ) from None
    own = _shape(word, usage)
    n, total = len(weights), sum(weights)
    shares = [repr(weight / total) for weight in weights]
    places = [repr(k - 0.5 * (n - 1)) for k in range(n)]
    listed = _listed(weights)
    moved = [f"{share} * {place}" for share, place in zip(shares, places, strict=True)]
    return _joined(
        own,
        f"multiplet({word}, {listed})",
        (_COUPLING,),
        [
            (f"{place} * coupling", share)
            for place, share in zip(places, shares, strict=True)
        ],
        [("center", moved)],
        description=f"{n} lines at equal distances: {own.description}",
        formula=f"{word} at center + k coupling, k from {places[0]} to {places[-1]}, "
        f"of intensities {listed}",
        convention=f"{own.scale} is that of all lines together, center their middle; "
        f"{own.convention or 'as of one line'}",
        derived=(),
    )


def _unit(own: Declaration, name: str) -> str:
    return next(param.unit for param in own.parameters if param.name == name)


def _joined(
    own: Declaration,
    name: str,
    further: Sequence[Param],
    lines: Sequence[tuple[str, str]],
    slopes: Sequence[tuple[str, list[str]]],
    **said: object,
) -> Declaration:
    """Declaration of lines, each by its shift and its factor in terms of `further`.

    `slopes` are for each further parameter what the partials by a parameter of the
    lines, or "" for the values of unit factor, are multiplied by.
    """
    parameters = (*own.parameters, *further)
    names = [param.name for param in own.parameters]

    def of(function: Scalar) -> Generated:
        return _sum(function, names, [param.name for param in further], lines, slopes)

    kernel = own.kernel
    branches = tuple(map(of, kernel.branches))
    choose = kernel.choose and _chosen(kernel.choose, [own.name for own in parameters])
    joined = Kernel(
        name=name,
        function=of(kernel.function) if choose else branches[0],
        inputs=kernel.inputs,
        parameters=tuple(param.name for param in parameters),
        branches=branches,
        choose=choose,
    )
    return Declaration(
        kernel=joined,
        parameters=parameters,
        scale=own.scale,
        note=own.note,
        reference=own.reference,
        **said,  # type: ignore[arg-type]
    )


def _sum(
    function: Scalar,
    names: Sequence[str],
    further: Sequence[str],
    lines: Sequence[tuple[str, str]],
    slopes: Sequence[tuple[str, list[str]]],
) -> Generated:
    """Point function that adds lines up, each a call of that of one line."""
    body = []
    for k, (shift, _) in enumerate(lines):
        given = [f"center + {shift}" if own == "center" else own for own in names]
        results = [f"f{k}", *(f"{own}{k}_" for own in names)]
        body.append(f"{', '.join(results)} = line(x, {', '.join(given)})")

    def total(of: str, factors: Sequence[str]) -> str:
        tail = f"{of}{{}}_" if of else "f{}"
        return " + ".join(
            f"({factor}) * {tail.format(k)}" for k, factor in enumerate(factors)
        )

    factors = [factor for _, factor in lines]
    values = [total(own, factors) for own in ("", *names)]
    values += [total(of, own) for of, own in slopes]
    arguments = ", ".join(("x", *names, *further))
    text = "\n    ".join(
        [f"def lines({arguments}):", *body, f"return {', '.join(values)}"]
    )
    return Generated("lines", text + "\n", {"line": function})


def _chosen(choose: Scalar, names: Sequence[str]) -> Generated:
    """What chooses a branch by the parameters of one line."""
    own = ", ".join(inspect.signature(choose).parameters)
    text = f"def chosen({', '.join(names)}):\n    return choose({own})\n"
    return Generated("chosen", text, {"choose": choose})


FAMILIES["doublet"] = _doublet
FAMILIES["multiplet"] = _multiplet
