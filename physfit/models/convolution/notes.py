"""What was decided for the user of a convolution, for reports."""

from __future__ import annotations

from typing import TYPE_CHECKING

from physfit.models import tree as trees

if TYPE_CHECKING:
    from physfit.models.model import Model

__all__ = ["notes_of_responses"]


def notes_of_responses(model: Model) -> tuple[str, ...]:
    """Sentences about the responses of a model, none for a model without."""
    said: list[str] = []
    for left, right in trees.convolutions(model.tree):
        said.append(_of_response(model, right))
        begun = [own for own in trees.leaves(left) if own.declaration.begins]
        if begun:
            names = " and ".join(trees.expression(own) for own in begun)
            verb = "begins" if len(begun) == 1 else "begin"
            said.append(f"Convolved, {names} {verb} at x = 0, with 0 before.")
        if any(own.declaration.derived for own in trees.leaves(left)):
            said.append(
                f"Derived quantities of {trees.expression(left)} are those before the "
                "convolution."
            )
    return tuple(said)


def _of_response(model: Model, right: trees.Tree) -> str:
    """Area, place and edges of a response."""
    held = [
        f"`{name}` at {value:g}"
        for name, value in trees.held_of_response(right)
        if model.parameters[name].fixed and model.parameters[name].start == value
    ]
    is_measured = isinstance(right, trees.Leaf) and right.declaration.response
    named = "" if is_measured else f" {trees.expression(right)}"
    text = f"The response{named} has unit area"
    if held:
        text += f" ({' and '.join(held)})"
    text += "; beyond the data the model is convolved as it goes on there"
    if any(own.declaration.response for own in trees.leaves(right)):
        text += ", and the response is 0 beyond its samples"
    return text + "."
