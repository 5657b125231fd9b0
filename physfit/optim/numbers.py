"""Numbers by name, as optimisers and schedules take them: from texts, and checked."""

from __future__ import annotations

from collections.abc import Mapping

from physfit.errors import InputError

__all__ = ["merged", "named_numbers", "number_of"]


def merged(numbers: Mapping[str, float], more: Mapping[str, float]) -> dict[str, float]:
    """Numbers by name from two places; none may stand in both."""
    for name in more:
        if name in numbers:
            raise InputError(f"`{name}` is given twice; give it once.")
    return {**numbers, **more}


def named_numbers(text: str, whole: str) -> dict[str, float]:
    """Numbers of a text such as "beta1=0.95,eps=1e-10", which is a part of `whole`."""
    numbers: dict[str, float] = {}
    for pair in text.split(","):
        name, equals, number = pair.partition("=")
        if not (name and equals):
            raise InputError(f"cannot read {pair!r} in the {whole}; write NAME=NUMBER.")
        numbers = merged(numbers, {name: number_of(number, name, whole)})
    return numbers


def number_of(text: str, name: str, whole: str) -> float:
    """Number that stands for a name in the text `whole`."""
    try:
        return float(text)
    except ValueError:
        raise InputError(
            f"cannot read `{name}` in the {whole}: {text!r} is no number."
        ) from None
