"""Functions of numpy that take neighbouring samples, on the grid of the data."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.models.tracing import registry
from physfit.models.tracing.alignment import as_value
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.samples import is_known, numbers_of
from physfit.models.tracing.value import Value

__all__: list[str] = []


def _curve(recorder: Recorder, source: Any) -> tuple[Value, int]:
    """A value with one number for each sample, and how many samples there are."""
    value = as_value(recorder, source)
    if value.axis is None or value.items.ndim != 1 or value.frame is None:
        raise recorder.refuse(TraceError("takes neighbours of other than samples."))
    recorder.needs_grid("neighbouring samples")
    return value, value.frame.size or 0


@registry.function("roll")
def roll(recorder: Recorder, source: Any, shift: Any, axis: Any = None) -> Any:
    """`np.roll` of samples, or of a few values."""
    value = as_value(recorder, source)
    n = value.items.size if value.axis is None else _curve(recorder, value)[1]
    if value.items.ndim != 1:
        raise recorder.refuse(TraceError("rolls arrays of several axes."))
    return value[np.roll(np.arange(n), int(shift))]


@registry.function("gradient")
def gradient(recorder: Recorder, source: Any, *spacing: Any, **options: Any) -> Any:
    """`np.gradient` of samples: second order inside, first order at the ends."""
    value, n = _curve(recorder, source)
    if options.get("edge_order", 1) != 1 or len(spacing) > 1 or n < 2:
        raise recorder.refuse(TraceError("has options that are not traced."))
    before, own, behind = _weights(_steps(recorder, spacing, n))
    left = value[np.maximum(np.arange(n) - 1, 0)]
    right = value[np.minimum(np.arange(n) + 1, n - 1)]
    parts = [
        registry.apply(recorder, "multiply", part, weight)
        for part, weight in ((left, before), (value, own), (right, behind))
    ]
    return parts[0] + parts[1] + parts[2]


def _steps(recorder: Recorder, spacing: tuple[Any, ...], n: int) -> NDArray[np.float64]:
    """Distances of neighbouring samples."""
    at = spacing[0] if spacing else 1.0
    if isinstance(at, Value):
        if not is_known(at):
            raise recorder.refuse(
                TraceError("has distances that depend on parameters.")
            )
        at = numbers_of(at)
    at = np.asarray(at, dtype=np.float64)
    return np.diff(at) if at.ndim else np.full(n - 1, float(at))


def _weights(steps: NDArray[np.float64]) -> tuple[NDArray[np.float64], ...]:
    """What the sample before, the sample itself and the one behind count."""
    n = steps.size + 1
    before, own, behind = np.zeros(n), np.zeros(n), np.zeros(n)
    one, two = steps[:-1], steps[1:]
    before[1:-1] = -two / (one * (one + two))
    own[1:-1] = (two - one) / (one * two)
    behind[1:-1] = one / (two * (one + two))
    own[0], behind[0] = -1.0 / steps[0], 1.0 / steps[0]
    before[-1], own[-1] = -1.0 / steps[-1], 1.0 / steps[-1]
    return before, own, behind
