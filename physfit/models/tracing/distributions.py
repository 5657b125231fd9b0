"""Densities and distributions of `scipy.stats`, from scipy's own formulas."""

from __future__ import annotations

from collections.abc import Callable
from types import FunctionType
from typing import Any

import numpy as np

from physfit.models.tracing import registry
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.number_types import holds
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.replaced import INSTANCES

__all__: list[str] = []

#: Methods by the part of a distribution that has the formula, and what scales it.
_METHODS = {
    "pdf": ("_pdf", "density", 0.0, 0.0),
    "logpdf": ("_logpdf", "log", -np.inf, -np.inf),
    "cdf": ("_cdf", "", 0.0, 1.0),
    "sf": ("_sf", "", 1.0, 0.0),
}


class _Distribution:
    """A continuous distribution whose place, width and shapes may be traced."""

    def __init__(
        self, recorder: Recorder, original: Any, frozen: tuple[Any, ...] | None = None
    ) -> None:
        self._recorder = recorder
        self._original = original
        self._frozen = frozen

    def __getattr__(self, name: str) -> Any:
        if name not in _METHODS:
            return getattr(self._original, name)

        def method(x: Any, *arguments: Any, **keywords: Any) -> Any:
            if self._frozen is not None:
                arguments = self._frozen
            elif not holds([x, *arguments, *keywords.values()]):
                return getattr(self._original, name)(x, *arguments, **keywords)
            else:
                arguments = self._arguments(arguments, keywords)
            return self._value(name, x, arguments)

        return method

    def __call__(self, *arguments: Any, **keywords: Any) -> Any:
        """The distribution with its arguments."""
        if not holds([*arguments, *keywords.values()]):
            return self._original(*arguments, **keywords)
        given = self._arguments(arguments, keywords)
        return _Distribution(self._recorder, self._original, given)

    def _arguments(
        self, arguments: tuple[Any, ...], keywords: dict[str, Any]
    ) -> tuple[Any, ...]:
        """Shapes, then place and width."""
        shapes = [
            one.strip() for one in (self._original.shapes or "").split(",") if one
        ]
        defaults = {"loc": 0.0, "scale": 1.0}
        names = [*shapes, *defaults]
        given = dict(zip(names, arguments, strict=False)) | keywords
        return tuple(given[name] if name in given else defaults[name] for name in names)

    def _value(self, name: str, x: Any, arguments: tuple[Any, ...]) -> Any:
        recorder, original = self._recorder, self._original
        *shapes, place, width = arguments
        part, scaling, below, above = _METHODS[name]
        formula = getattr(type(original), part)
        if "rv_" in formula.__qualname__.partition(".")[0]:
            raise recorder.refuse(
                TraceError(f"has no formula for `{original.name}.{name}`.")
            )
        z = (x - place) / width
        value = _copy_of(recorder, formula)(original, z, *shapes)
        if scaling == "density":
            value = value / width
        elif scaling == "log":
            value = value - registry.apply(recorder, "log", width + z * 0.0)
        for edge, comparison, outside in (
            (original.a, "less", below),
            (original.b, "greater", above),
        ):
            if np.isfinite(edge):
                is_outside = registry.apply(recorder, comparison, z, float(edge))
                value = registry.apply(recorder, "where", is_outside, outside, value)
        return value


def _copy_of(recorder: Recorder, formula: FunctionType) -> Callable[..., Any]:
    assert recorder.rebuilt is not None
    return recorder.rebuilt(formula)  # type: ignore[no-any-return]


def _replaced(recorder: Recorder, original: Any) -> Any:
    return _Distribution(recorder, original)


INSTANCES["scipy.stats", "rv_continuous"] = _replaced
