"""Reading and writing parts of traced values."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from physfit.models.graph.term import Term
from physfit.models.tracing import registry
from physfit.models.tracing.alignment import aligned, as_value
from physfit.models.tracing.elements import condition_of, is_logical, select
from physfit.models.tracing.errors import TraceError
from physfit.models.tracing.frame import Frame
from physfit.models.tracing.loops import SampleIndex
from physfit.models.tracing.samples import (
    at_sample,
    resampled,
)
from physfit.models.tracing.value import (
    Value,
    array_of,
    constants_of,
    is_complex,
    make_complex,
)

__all__: list[str] = []


@registry.method("entries")
def entries(value: Value) -> Iterator[Any]:
    """Entries along the first axis; one sample stands for all along their axis."""
    if value.axis == -value.items.ndim:
        items = value.items.reshape(value.items.shape[1:])
        value.recorder.loop = value.frame
        yield Value(value.recorder, items, None, value.frame)
        return
    for item in value.items:
        yield _with_items(value, item)


def _with_items(value: Value, items: Any) -> Value:
    if not isinstance(items, np.ndarray):
        items = array_of([items], ())
    return Value(value.recorder, items, value.axis, value.frame)


@registry.method("get")
def get(value: Value, key: Any) -> Any:
    """`value[key]`."""
    if isinstance(key, Value) and _is_mask(key):
        return _masked(value, key)
    keys = _plain(value, key)
    if any(isinstance(one, SampleIndex) for one in keys):
        return _one_sample(value, keys)
    if value.axis is None:
        return _with_items(value, value.items[keys])
    place = _place_of(value, keys)
    own = keys[place]
    others = (*keys[:place], slice(None), *keys[place + 1 :])
    if isinstance(own, Value):
        if _is_mask(own):
            return get(_masked(value, own), others)
        raise value.recorder.refuse(
            TraceError("is an index that depends on the sample.")
        )
    if isinstance(own, slice) and own == slice(None):
        return _reshaped(value, others)
    return _other_samples(_reshaped(value, others), own)


def _is_mask(key: Value) -> bool:
    return all(is_logical(item) for item in key.items.flat)


def _plain(value: Value, key: Any) -> tuple[Any, ...]:
    """The key as one entry for each axis, traced constants as numbers."""
    keys = key if isinstance(key, tuple) else (key,)
    keys = tuple(_known(value, one) for one in keys)
    n_axes = value.items.ndim - sum(
        one is not None and one is not Ellipsis for one in keys
    )
    if not any(one is Ellipsis for one in keys):
        keys = (*keys, Ellipsis)
    place = next(k for k, one in enumerate(keys) if one is Ellipsis)
    return (*keys[:place], *[slice(None)] * n_axes, *keys[place + 1 :])


def _known(value: Value, key: Any) -> Any:
    if isinstance(key, list):
        return np.asarray(key)
    if not isinstance(key, Value) or _is_mask(key):
        return key
    numbers = constants_of(key)
    if numbers is not None:
        return numbers.astype(np.int64)[()]
    if key.frame is not None and key.axis is None:
        return key
    raise value.recorder.refuse(
        TraceError(
            "is an index that depends on parameters; use `np.interp` or `np.where`."
        )
    )


def _place_of(value: Value, keys: tuple[Any, ...]) -> int:
    """Which of the keys is that of the sample axis."""
    wanted = value.items.ndim + (value.axis or 0)
    places = [k for k, one in enumerate(keys) if one is not None]
    return places[wanted]


def _reshaped(value: Value, keys: tuple[Any, ...]) -> Value:
    """Value after indices that leave the sample axis alone."""
    place = _place_of(value, keys)
    behind = sum(not isinstance(one, (int, np.integer)) for one in keys[place + 1 :])
    items = value.items[keys]
    return Value(value.recorder, items, -1 - behind, value.frame)


def _masked(value: Value, mask: Value) -> Any:
    recorder = value.recorder
    if value.axis is None or mask.axis != value.axis or value.items.size != 1:
        raise recorder.refuse(
            TraceError("chooses by a condition that is not one for each sample.")
        )
    condition = condition_of(mask.items.flat[0])
    if isinstance(condition, bool):
        return value if condition else Value(recorder, value.items, -1, Frame(0))
    if value.frame is None or value.frame.mask is not None:
        raise recorder.refuse(
            TraceError("chooses among chosen samples; join the masks.")
        )
    if value.frame == mask.frame:
        frame = Frame(value.frame.size, condition.step)
        return Value(recorder, value.items.copy(), -1, frame)
    raise recorder.refuse(TraceError("chooses by a condition of other samples."))


def _one_sample(value: Value, keys: tuple[Any, ...]) -> Value:
    """The one sample of a loop that stands for all."""
    place = next(k for k, one in enumerate(keys) if isinstance(one, SampleIndex))
    if value.axis is None or _place_of(value, keys) != place:
        raise value.recorder.refuse(TraceError("is indexed by the place of a sample."))
    items = value.items[(*keys[:place], 0, *keys[place + 1 :])]
    if not isinstance(items, np.ndarray):
        items = array_of([items], ())
    return Value(value.recorder, items, None, value.frame)


def _other_samples(value: Value, key: Any) -> Value:
    """Value at samples that an integer, a slice or an array of integers chooses."""
    recorder, frame = value.recorder, value.frame
    recorder.needs_grid("slices of samples")
    if frame is None or frame.size is None or frame.mask is not None:
        raise recorder.refuse(TraceError("takes a part of chosen samples."))
    if isinstance(key, (int, np.integer)):
        if not -frame.size <= key < frame.size:
            raise IndexError(f"index {key} is out of bounds")
        items = np.squeeze(at_sample(value, int(key)), axis=value.axis)
        return Value(
            recorder, items if isinstance(items, np.ndarray) else array_of([items], ())
        )
    places = np.arange(frame.size)[key]
    items = resampled(value, lambda numbers: numbers[places])
    return Value(recorder, items, value.axis, Frame(places.size))


@registry.method("put")
def put(value: Value, key: Any, new: Any) -> None:
    """`value[key] = new`; what is complex remains so."""
    was_complex = is_complex(value.items)
    _put(value, key, new)
    if was_complex or is_complex(value.items):
        make_complex(value.items, value.recorder.builder)


def _put(value: Value, key: Any, new: Any) -> None:
    if isinstance(key, Value) and _is_mask(key):
        _put_masked(value, key, new)
        return
    keys = _plain(value, key)
    if value.axis is None:
        _put_items(value, keys, new)
        return
    place = _place_of(value, keys)
    if isinstance(keys[place], SampleIndex):
        _put_sample(value, keys, place, new)
        return
    own = keys[place]
    if isinstance(own, slice) and own == slice(None):
        _put_items(value, keys, new)
    elif isinstance(own, Value) and _is_mask(own):
        others = (*keys[:place], slice(None), *keys[place + 1 :])
        rows = get(value, others)
        _put_masked(rows, own, new)
        value.items[others] = rows.items if rows.items.ndim else rows.items[()]
    else:
        _put_samples(value, keys, place, new)


def _put_items(value: Value, keys: tuple[Any, ...], new: Any) -> None:
    """Set entries for all samples."""
    recorder = value.recorder
    target = get(value, keys)
    (_, source), _axis, frame = aligned(recorder, (target, new))
    if source.axis is not None and target.axis is None:
        raise recorder.refuse(
            TraceError(
                "puts values of samples into an array that is not one of samples; make "
                "it with `np.zeros_like(x)`."
            )
        )
    if frame != target.frame and frame is not None and frame.mask is not None:
        raise recorder.refuse(TraceError("sets all samples to chosen ones."))
    items = np.broadcast_to(source.items, np.broadcast_shapes(target.items.shape))
    value.items[keys] = items if items.ndim else items[()]


def _put_sample(value: Value, keys: tuple[Any, ...], place: int, new: Any) -> None:
    """Set the one sample of a loop that stands for all."""
    recorder = value.recorder
    source = registry.apply(recorder, "asarray", new)
    source = as_value(recorder, source)
    if source.axis is not None:
        raise recorder.refuse(TraceError("sets one sample to values of many."))
    own = (*keys[:place], 0, *keys[place + 1 :])
    target = np.shape(value.items[own])
    items = np.broadcast_to(source.items, target)
    value.items[own] = items if target else items[()]


def _put_masked(value: Value, mask: Value, new: Any) -> None:
    recorder = value.recorder
    if mask.axis is None or value.axis != mask.axis or value.items.size != 1:
        raise recorder.refuse(
            TraceError("sets what a condition chooses that is not one for each sample.")
        )
    condition = condition_of(mask.items.flat[0])
    source = registry.apply(recorder, "asarray", new)
    if not isinstance(source, Value):
        source = aligned(recorder, (source, mask))[0][0]
    if source.items.size != 1:
        raise recorder.refuse(TraceError("sets chosen samples to a list of values."))
    step = condition.step if isinstance(condition, Term) else None
    if source.axis is not None and (source.frame is None or source.frame.mask != step):
        raise recorder.refuse(
            TraceError("sets chosen samples to values that another condition chose.")
        )
    item = select(condition, source.items.flat[0], value.items.flat[0])
    value.items.flat[0] = item


def _put_samples(value: Value, keys: tuple[Any, ...], place: int, new: Any) -> None:
    """Set some samples of the grid: a selection by place."""
    recorder, frame = value.recorder, value.frame
    recorder.needs_grid("places of samples")
    if frame is None or frame.size is None or value.items.size != 1:
        raise recorder.refuse(TraceError("sets some samples of several rows."))
    places = np.atleast_1d(np.arange(frame.size)[keys[place]])
    inside = np.zeros(frame.size)
    inside[places] = 1.0
    source = registry.apply(recorder, "asarray", new)
    if not isinstance(source, Value):
        numbers = np.zeros(frame.size)
        numbers[places] = source
        items: NDArray[Any] = array_of([recorder.sample(numbers)], (1,))
    elif source.axis is None:
        items = source.items.reshape(1)
    else:
        if source.frame is None or source.frame.size != places.size:
            raise recorder.refuse(
                TraceError("sets samples to a different number of them.")
            )

        def scattered(numbers: NDArray[Any]) -> NDArray[Any]:
            full = np.resize(numbers, frame.size or 0)
            full[places] = numbers
            return full

        items = resampled(source, scattered)
    condition = condition_of(recorder.sample(inside))
    value.items.flat[0] = select(condition, items.flat[0], value.items.flat[0])


@registry.function("nonzero")
def nonzero(recorder: Any, condition: Any) -> tuple[Any]:
    """Where a condition holds, which stands for the condition itself."""
    return (registry.apply(recorder, "logical_and", condition, True),)
