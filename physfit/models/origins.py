"""Decays and oscillations counted from another place than x = 0.

A family of declarations, made when their names are first asked for:
``exponential_from(86400.0)`` is ``amplitude exp(-(x - 86400) / decay)``. Everything but
amplitude and phase (displacement and velocity) means the same as in the component
without an origin; `at_zero` carries these back to x = 0.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from physfit.errors import InputError, ModelError
from physfit.kernels.kernel import Context, point_kernel
from physfit.kernels.shifted import BRANCHES, SHIFTED
from physfit.models import tree as trees
from physfit.models.declaration import DECLARATIONS, FAMILIES, Declaration
from physfit.models.guesses import Decay, Wave
from physfit.models.model import Model
from physfit.models.param import Param
from physfit.models.ties import ordered_ties
from physfit.models.tree import Join, Leaf, Tree, pointwise_leaves
from physfit.typing import FloatArray

__all__ = ["at_zero", "bound_to_zero", "decays_between", "from_origin"]

SUFFIX = "_from"


class Motion(NamedTuple):
    """A component that can be counted from an origin, and its values by bare name.

    They are numbers, or arrays of as many rows.
    """

    kind: str
    prefix: str
    values: Mapping[str, FloatArray]

    @property
    def rate(self) -> FloatArray:
        """What it decays by per unit of x, the slower one of two rates."""
        values = self.values
        if self.kind == "exponential":
            return 1.0 / values["decay"]
        rate = values["rate"]
        if self.kind == "damped_oscillator":
            return rate - np.sqrt(np.maximum(rate**2 - values["omega0"] ** 2, 0.0))
        return rate


def from_origin(model: Model, origin: float) -> Model:
    """Model whose decays and oscillations are counted from a place other than x = 0.

    Parameters
    ----------
    model : Model
    origin : float
        In the unit of x. Amplitudes and phases, displacements and velocities are those
        there; everything else stays what it is, bounds, ties and fixed values too, and
        what is counted from another place already.

    Returns
    -------
    Model

    Raises
    ------
    ModelError
        When a start, a fixed value, a tie or a bound that is not its sign is asked of
        an amplitude or phase at x = 0.
    InputError
        When the origin is no finite number.

    Examples
    --------
    >>> import physfit as pf
    >>> pf.models.from_origin(pf.models.Exponential("a_"), 86400.0).expression
    'exponential_from(86400.0, a_)'
    """
    try:
        is_finite = math.isfinite(origin)
    except (TypeError, OverflowError):
        is_finite = False
    if not is_finite:
        raise InputError(f"`origin` must be a finite number, but is {origin!r}.")
    if not isinstance(model, Model):
        raise InputError(f"`model` must be a physfit model, but is {model!r}.")
    bound = bound_to_zero(model)
    if bound:
        raise ModelError(
            f"`{bound}` is asked to be something at x = 0; ask it of the model that "
            "`from_origin` gives, where it is that at the origin."
        )
    tree = _moved(model.tree, origin)
    params = tuple(
        replace(declared, **{key: getattr(own, key) for key in _ASKED})
        for own, declared in zip(model.params, trees.declared(tree), strict=True)
    )
    return Model(tree, params)


def bound_to_zero(model: Model) -> str:
    """First parameter of which something is asked at x = 0; "" for none."""
    ties = ordered_ties(model.parameters)
    tied = {name for _, expression in ties for name in expression.names}
    for name in model.at_origin:
        own = model.parameters[name]
        is_sign = {own.lower, own.upper} <= {-math.inf, 0.0, math.inf}
        if not (own.is_free and own.start is None and is_sign) or name in tied:
            return name
    return ""


_ASKED = ("lower", "upper", "start", "fixed", "tie")


def _moved(tree: Tree, origin: float) -> Tree:
    if isinstance(tree, Join) and tree.operator == "@":
        return tree  # decays begin at x = 0 there
    if isinstance(tree, Join):
        return replace(tree, parts=tuple(_moved(part, origin) for part in tree.parts))
    if tree.declaration.point not in SHIFTED:
        return tree
    name = f"{tree.declaration.point}{SUFFIX}({float(origin)!r})"
    return Leaf(_declared(name), tree.prefix)


def motions(model: Model, full: FloatArray) -> list[Motion]:
    """Components of a model that can be counted from an origin.

    `full` are all parameters, shape (n_full,) or (n_full, n_rows).
    """
    named = dict(zip(model.names, full, strict=True))
    found = []
    for leaf in pointwise_leaves(model.tree):
        kind = leaf.declaration.point.partition(SUFFIX)[0]
        if kind in SHIFTED:
            bare = [own.name for own in leaf.declaration.parameters]
            values = {name: named[leaf.prefix + name] for name in bare}
            found.append(Motion(kind, leaf.prefix, values))
    return found


@np.errstate(all="ignore")
def decays_between(model: Model, full: FloatArray, x: float) -> float:
    """Decay times between x = 0 and a place, the most of all components and rows."""
    distances = [np.abs(own.rate * x) for own in motions(model, full)]
    found = np.concatenate([np.ravel(own) for own in distances] or [np.zeros(0)])
    return float(found[np.isfinite(found)].max(initial=0.0))


@np.errstate(all="ignore")
def at_zero(model: Model, full: FloatArray, origin: float) -> dict[str, FloatArray]:
    """Amplitudes and phases at x = 0 of components counted from the origin.

    Infinite or NaN where these are no numbers.

    Parameters
    ----------
    model : Model
    full : ndarray, shape (n_full,) or (n_full, n_rows)
        Its parameters.
    origin : float
    """
    return {
        own.prefix + bare: value
        for own in motions(model, full)
        for bare, value in _at_zero(own, origin).items()
    }


def _at_zero(own: Motion, origin: float) -> dict[str, FloatArray]:
    values = own.values
    if own.kind == "damped_oscillator":
        return _motion_back(**values, time=origin)
    amplitude = values["amplitude"] * np.exp(own.rate * origin)
    if own.kind == "exponential":
        return {"amplitude": amplitude}
    turns = values["phase"] / (2.0 * math.pi) - values["frequency"] * origin
    return {
        "amplitude": amplitude,
        "phase": 2.0 * math.pi * (turns - np.round(turns)),
    }


def _motion_back(
    x0: FloatArray, v0: FloatArray, omega0: FloatArray, rate: FloatArray, time: float
) -> dict[str, FloatArray]:
    """Displacement and velocity of an oscillator some time before."""
    root = np.sqrt(np.asarray(omega0**2 - rate**2, dtype=complex))
    root = np.where(root == 0.0, 1e-8 * omega0, root)
    growth, turned = np.exp(rate * time), v0 + rate * x0
    cosine, sine = np.cos(root * time), -np.sin(root * time)
    place = growth * (x0 * cosine + turned * sine / root)
    speed = growth * (turned * cosine - x0 * root * sine) - rate * place
    return {"x0": place.real, "v0": speed.real}


@lru_cache(maxsize=256)
def _declared(name: str) -> Declaration:
    """Declaration of a name such as "exponential_from(86400.0)"."""
    family, _, text = name.removesuffix(")").partition("(")
    kind = family.removesuffix(SUFFIX)
    try:
        origin = float(text)
    except ValueError:
        origin = math.nan
    if not math.isfinite(origin):
        raise ModelError(
            f"cannot read the model {name!r}: `{family}` takes the place that it is "
            f"counted from, as in '{family}(86400)'."
        )
    base = DECLARATIONS[kind]
    kernel = point_kernel(
        SHIFTED[kind],
        n_outputs=base.kernel.n_outputs,
        branches=BRANCHES.get(kind, ()),
        choose=base.kernel.choose,
        context=Context([origin]),
    )
    assert isinstance(base.guess, Decay | Wave)
    # In digits that tell seconds since 1970 from each other.
    place = f"{origin:.15g}"
    where = f"x = {place}"
    listed = " and ".join(f"`{{prefix}}{bare}`" for bare in base.at_origin)
    verb = "is that" if len(base.at_origin) == 1 else "are those"
    return Declaration(
        kernel=replace(kernel, name=f"{family}({origin!r})"),
        description=f"{base.description}, counted from {where}",
        formula=f"{base.formula}, x - {place} in place of x",
        parameters=tuple(_described(own, where) for own in base.parameters),
        guess=replace(base.guess, origin=origin),
        derived=base.derived,
        scale=base.scale,
        reference=base.reference,
        note=(
            f"{listed} of {kind} {verb} at {where}, not at x = 0, as x is counted from "
            f"there (`{family}`)."
        ),
    )


def _described(own: Param, where: str) -> Param:
    """Parameter, its description with the place that it means."""
    text = own.description.replace("x = 0", where).replace("t = 0", where)
    return replace(own, description=text)


for kind in SHIFTED:
    FAMILIES[kind + SUFFIX] = _declared
