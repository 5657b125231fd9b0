"""Values and coordinates that show what a component of the catalogue looks like."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from physfit.models.model import component
from physfit.models.param import Param, param
from physfit.typing import FloatArray

if TYPE_CHECKING:
    from physfit.models.declaration import Declaration

__all__ = ["Example", "Shown", "example_values", "shown"]

#: Samples of a curve, and along each side of an image.
N_CURVE, N_SIDE = 401, 81


class Example(NamedTuple):
    """What an entry is shown by.

    Attributes
    ----------
    x : (float, float)
        The range of the coordinate; of each one where there are two.
    values : mapping of str to float or tuple of float
        Of parameters, held ones too; where they are left out, what they start from, 1
        or the middle of the bounds. Several values make several curves; those of two
        parameters go together.
    """

    x: tuple[float, float]
    values: Mapping[str, float | tuple[float, ...]] = {}

    def _repr_html_(self) -> str:
        from physfit.document.fields import fields_html

        return fields_html(self, "what an entry is shown by")


class Shown(NamedTuple):
    """Curves of an entry, or one image.

    Attributes
    ----------
    coordinates : tuple of ndarray
        One for curves (n,); two for an image, (n,) each.
    labels : tuple of str
        What tells curves apart, "" for one.
    values : tuple of ndarray
        (n,), perhaps complex; of an image (n, n), the second coordinate along rows.
    """

    coordinates: tuple[FloatArray, ...]
    labels: tuple[str, ...]
    values: tuple[NDArray[Any], ...]


def example_values(declaration: Declaration) -> dict[str, float]:
    """A value of each parameter, by bare name."""
    return _sets(declaration)[0]


def shown(declaration: Declaration) -> Shown:
    """The curves of an entry over the range of its example."""
    held = [own.name for own in declaration.parameters if own.fixed]
    freed = {name: param() for name in (*held, *(own for own, _ in declaration.tied))}
    model, example = component(declaration).where(**freed), example_of(declaration)
    sets = _sets(declaration)
    if model.n_inputs == 2:
        axis = np.linspace(*example.x, N_SIDE)
        points = np.stack(np.meshgrid(axis, axis)).reshape(2, -1)
        image = model(points, **sets[0]).reshape(N_SIDE, N_SIDE)
        return Shown((axis, axis), ("",), (image,))
    x = np.linspace(*example.x, N_CURVE)
    curves = tuple(model(x, **values) for values in sets)
    return Shown((x,), tuple(_label(own, sets) for own in sets), curves)


def example_of(declaration: Declaration) -> Example:
    """The example of an entry, or what suits most of them."""
    if declaration.example is not None:
        return declaration.example
    names = [own.name for own in declaration.parameters]
    is_centered = any(name.startswith("center") for name in names)
    return Example((-5.0, 5.0) if is_centered else (0.0, 5.0))


def _sets(declaration: Declaration) -> list[dict[str, float]]:
    """Values of all parameters of each curve."""
    values = example_of(declaration).values
    n_curves = max(
        (len(own) for own in values.values() if isinstance(own, tuple)), default=1
    )

    def value(param: Param, k: int) -> float:
        own = values.get(param.name, _usual(param))
        return own[k] if isinstance(own, tuple) else own

    return [
        {param.name: value(param, k) for param in declaration.parameters}
        for k in range(n_curves)
    ]


def _label(values: Mapping[str, float], sets: list[dict[str, float]]) -> str:
    """What differs from the other curves."""
    varied = [name for name in values if len({own[name] for own in sets}) > 1]
    return ", ".join(f"{name} = {values[name]:g}" for name in varied)


def _usual(param: Param) -> float:
    """What it starts from, or a value inside of the bounds."""
    if param.start is not None:
        return param.start
    if param.name.startswith("center"):
        return min(max(0.0, param.lower), param.upper)
    if math.isinf(param.upper):
        return max(1.0, param.lower)
    return (max(param.lower, param.upper - 2.0) + param.upper) / 2.0
