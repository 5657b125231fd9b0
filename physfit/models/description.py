"""What is said of components and models: in help, notebooks, the command line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from physfit.document.blocks import (
    Document,
    Heading,
    Notes,
    Table,
    Text,
    table,
)
from physfit.models.declaration import DECLARATIONS, Declaration
from physfit.models.example import example_values
from physfit.models.param import Param

if TYPE_CHECKING:
    from physfit.models.model import Model

__all__ = ["described", "described_model", "example"]


def described(model: Declaration) -> Document:
    """All that the catalogue says of a component, with an example."""
    parameters = [
        (param.name, _unit(param.unit), _limits(param), param.description)
        for param in model.parameters
    ]
    derived = [
        (name, _unit(unit), f"{description}: {expression}")
        for name, expression, unit, description in model.derived
    ]
    usage = Heading("example"), Text(example(model), is_code=True, indent="  ")
    facts = {
        "convention": model.convention,
        "tied until freed": ", ".join(f"{name} = {text}" for name, text in model.tied),
        "also known as": ", ".join(model.also),
        "note": model.note.format(prefix=""),
        "reference": model.reference,
    }
    said = [f"{word}: {text}" for word, text in facts.items() if text]
    return [
        Text([f"{model.point}: {model.description}"]),
        Text([model.formula], is_code=True, indent="  "),
        Table("llll", {"parameters (units by those of x and y)": parameters}),
        Table("lll", {"derived, with errors in the report": derived}),
        *(usage if usage[1].lines else []),
        Text(said),
    ]


def described_model(model: Model) -> Document:
    """The parameters of a model: which are free, within which bounds, from where."""
    rows = [
        (
            param.name,
            _unit(param.unit),
            _limits(param),
            _state(param),
            param.description,
        )
        for param in model.params
    ]
    titles = ("parameter", "unit", "allowed", "state", "description")
    return [Heading(model.expression), table("l", titles, rows), Notes(model.notes)]


def example(model: Declaration) -> list[str]:
    """A fit by a model of the catalogue, in Python and at the command line."""
    if DECLARATIONS.get(model.point) != model:
        return []
    held = {own.name for own in model.parameters if own.fixed}
    values = ", ".join(
        f"{name}={value:g}"
        for name, value in example_values(model).items()
        if name not in held
    )
    samples = "np.array([x1, x2])" if len(model.kernel.inputs) == 2 else "x"
    name, first = model.class_name, model.parameters[0].name
    return [
        f"model = pf.models.{name}()  # of {name}('a_') it is a_{first}, and so on",
        f"y = model({samples}, {values})",
        f"result = pf.fit(model, {samples}, y)",
        "",
        f"$ physfit fit FILE --model {model.point}",
    ]


def _limits(param: Param) -> str:
    """The values that a parameter may have, in words."""
    if param.tie is not None:
        return ""
    if math.isinf(param.lower) and math.isinf(param.upper):
        return "any value"
    if math.isinf(param.upper):
        return f">= {param.lower:g}"
    if math.isinf(param.lower):
        return f"<= {param.upper:g}"
    return f"{param.lower:g} to {param.upper:g}"


def _state(param: Param) -> str:
    if param.tie is not None:
        return f"tied to {param.tie}"
    if param.start is None:
        return "free"
    return f"{'fixed at' if param.fixed else 'free, starts at'} {param.start:g}"


def _unit(unit: str) -> str:
    return f"[{unit.strip(chr(39)) or '1'}]"
