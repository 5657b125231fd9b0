"""Functions of numpy that choose between values by conditions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from physfit.models.tracing import registry
from physfit.models.tracing.alignment import as_value
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.recorder import Recorder
from physfit.models.tracing.value import Value

__all__: list[str] = []


@registry.function("select")
def select(
    recorder: Recorder,
    conditions: Sequence[Any],
    choices: Sequence[Any],
    default: Any = 0,
) -> Any:
    """`np.select`: the first choice whose condition holds."""
    result = default
    for condition, choice in reversed(list(zip(conditions, choices, strict=True))):
        result = registry.apply(recorder, "where", condition, choice, result)
    return result


@registry.function("piecewise")
def piecewise(
    recorder: Recorder,
    x: Any,
    conditions: Any,
    functions: Sequence[Any],
    *arguments: Any,
    **keywords: Any,
) -> Any:
    """`np.piecewise`: the last function whose condition holds, or the extra one."""
    if not isinstance(conditions, (list, tuple)):
        conditions = [conditions]
    value = as_value(recorder, x)

    def at(function: Any) -> Any:
        return (
            function(value, *arguments, **keywords) if callable(function) else function
        )

    n = len(conditions)
    if len(functions) not in (n, n + 1):
        raise recorder.refuse(TraceError("needs a function for each condition."))
    otherwise = functions[n] if len(functions) > n else 0.0
    result = registry.apply(recorder, "full_like", value, at(otherwise))
    for condition, function in zip(conditions, functions, strict=False):
        result = registry.apply(recorder, "where", condition, at(function), result)
    return result


@registry.function("choose")
def choose(recorder: Recorder, which: Any, choices: Sequence[Any], **_: Any) -> Any:
    """`np.choose` of a condition or of a small whole number."""
    result = choices[-1]
    for number in reversed(range(len(choices) - 1)):
        condition = registry.apply(recorder, "less_equal", which, float(number))
        result = registry.apply(recorder, "where", condition, choices[number], result)
    return result


@registry.function("clip")
def clip(
    recorder: Recorder, value: Any, a_min: Any = None, a_max: Any = None, **bounds: Any
) -> Any:
    """`np.clip` within one bound or two."""
    low = bounds.get("min", a_min)
    high = bounds.get("max", a_max)
    if low is not None:
        value = registry.apply(recorder, "maximum", value, low)
    return value if high is None else registry.apply(recorder, "minimum", value, high)


@registry.function("nan_to_num")
def nan_to_num(
    recorder: Recorder,
    value: Any,
    copy: bool = True,
    nan: Any = 0.0,
    posinf: Any = None,
    neginf: Any = None,
) -> Any:
    """`np.nan_to_num`: a number in place of NaN and infinity."""
    most = float(np.finfo(np.float64).max)
    for name, limit, given in (("greater", most, posinf), ("less", -most, neginf)):
        is_beyond = registry.apply(recorder, name, value, limit)
        number = limit if given is None else given
        value = registry.apply(recorder, "where", is_beyond, number, value)
    is_nan = registry.apply(recorder, "isnan", value)
    return registry.apply(recorder, "where", is_nan, nan, value)


@registry.function("digitize")
def digitize(recorder: Recorder, x: Any, bins: Any, right: bool = False) -> Any:
    """`np.digitize` with edges in growing order."""
    return searchsorted(recorder, bins, x, side="left" if right else "right")


@registry.function("searchsorted")
def searchsorted(recorder: Recorder, a: Any, v: Any, side: str = "left") -> Any:
    """How many of the sorted numbers `a` lie below `v`."""
    below = "less" if side == "left" else "less_equal"
    total: Any = 0.0
    for edge in a:
        total = registry.apply(recorder, below, edge, v) * 1.0 + total
    return total


@registry.function("round", "around")
def round_to(recorder: Recorder, value: Any, decimals: int = 0, **_: Any) -> Any:
    """`np.round` to decimals."""
    scale = 10.0 ** int(decimals)
    if scale == 1.0:
        return registry.apply(recorder, "rint", value)
    scaled = registry.apply(recorder, "multiply", value, scale)
    return registry.apply(recorder, "rint", scaled) / scale


@registry.function("divmod")
def divmod_of(recorder: Recorder, a: Any, b: Any) -> tuple[Any, Any]:
    """`np.divmod`."""
    names = ("floor_divide", "remainder")
    return tuple(registry.apply(recorder, name, a, b) for name in names)


@registry.function("modf")
def modf(recorder: Recorder, value: Any) -> tuple[Any, Any]:
    """What is behind the point, and what before."""
    whole = registry.apply(recorder, "trunc", value)
    return registry.apply(recorder, "subtract", value, whole), whole


@registry.function("isclose")
def isclose(
    recorder: Recorder, a: Any, b: Any, rtol: float = 1e-5, atol: float = 1e-8
) -> Any:
    """`np.isclose` entry by entry."""
    apart = registry.apply(
        recorder, "absolute", registry.apply(recorder, "subtract", a, b)
    )
    size = registry.apply(recorder, "absolute", b)
    return registry.apply(recorder, "less_equal", apart, size * rtol + atol)


@registry.function("iscomplexobj", "iscomplex")
def is_complex(recorder: Recorder, value: Value) -> bool:
    """Whether the entries are complex."""
    return bool(registry.METHODS["dtype"](value).kind == "c")


@registry.function("isreal", "isrealobj")
def is_real(recorder: Recorder, value: Value) -> bool:
    """Whether the entries are real."""
    return not is_complex(recorder, value)


@registry.function("angle")
def angle(recorder: Recorder, value: Any, deg: bool = False) -> Any:
    """Phase of complex values."""
    phase = registry.apply(recorder, "phase_of", value)
    return phase * (180.0 / np.pi) if deg else phase


@registry.function("unwrap")
def unwrap(recorder: Recorder, value: Value, *_: Any, **__: Any) -> Any:
    """Refused: the turns of a phase are counted from sample to sample."""
    raise recorder.refuse(TraceError("counts turns from sample to sample."))
