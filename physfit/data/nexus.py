"""Columns from HDF5: NeXus NXdata groups, tables, and datasets by path.

Without a path, the chain of `@default` attributes leads from the root to an NXdata
group; failing that, the only NXdata group or the only dataset of the file is taken. In
an NXdata group `@signal` names y, `@axes` names x, `FIELD_errors` holds standard
deviations and `@units` the unit. The older spelling, `signal = 1` and `axes` on the
dataset itself, is read too. An axis of bin edges is turned into the bins' middles.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, TypeAlias

import h5py
import numpy as np

from physfit.data.archives import array_fields
from physfit.data.table import Field, Key, Offer, Table, choose, split_unit
from physfit.errors import DataError, did_you_mean

__all__ = ["read_hdf5_table"]

Group: TypeAlias = Any  # h5py has no annotations
Dataset: TypeAlias = Any


class Place(NamedTuple):
    """A group of an open file, and the name of the file for messages."""

    group: Group
    path: Path


def read_hdf5_table(
    path: Path, inside: str | None, x: Key, y: Key, sigma: Key
) -> Table:
    """Columns x, y and sigma of an HDF5 file; see `read_table`."""
    try:
        with h5py.File(path, "r") as file:
            return _read(file, path, inside, x, y, sigma)
    except (OSError, RuntimeError, KeyError) as error:
        raise DataError(
            f"`{path}` is truncated, damaged or not an HDF5 file ({error}); copy or "
            "write it anew."
        ) from error


def _read(
    file: Group, path: Path, inside: str | None, x: Key, y: Key, sigma: Key
) -> Table:
    root = Place(file, path)
    node = _member(root, inside) if inside else _default(file)
    if isinstance(node, h5py.Dataset):
        return _read_dataset(node, path, x, y, sigma)
    return _read_group(Place(node, path), x, y, sigma)


def _read_dataset(node: Dataset, path: Path, x: Key, y: Key, sigma: Key) -> Table:
    """x, y and sigma from a table in one dataset, or y from a column of its group."""
    place = Place(node.parent, path)
    if node.dtype.names or (node.ndim == 2 and node.dtype.kind in "fiuc"):
        fields = array_fields(node[()], f"`{path}`, dataset {node.name!r},")
        return choose(Offer(f"{path}::{node.name}", fields), x, y, sigma)
    field = _field(place, node)
    if field.values is None:
        raise DataError(field.problem)
    if x is None and not _is_data(node.parent):
        raise DataError(
            f"`{path}` has one column at {node.name!r}, which does not say what x is; "
            f"name x, a dataset of {node.parent.name!r}."
        )
    return _read_group(place, x, node.name if y is None else y, sigma)


def _default(file: Group) -> Group | Dataset:
    """Where the `@default` chain ends, else the only NXdata, else the only dataset."""
    node = file
    seen = [node]  # a chain may bite its own tail
    while not _is_data(node) and "default" in node.attrs:
        following = node.get(_text(node.attrs["default"]))
        if not isinstance(following, h5py.Group) or following in seen:
            break
        node = following
        seen.append(node)
    if _is_data(node):
        return node
    found: list[Group | Dataset] = []
    file.visititems(lambda _, item: found.append(item))
    plots = [item for item in found if _is_data(item)]
    datasets = [item for item in found if isinstance(item, h5py.Dataset)]
    for candidates in (plots, datasets):
        if len(candidates) == 1:
            return candidates[0]
    return node


def _is_data(node: Group | Dataset) -> bool:
    if not isinstance(node, h5py.Group):
        return False
    return _text(node.attrs.get("NX_class", "")) == "NXdata" or "signal" in node.attrs


def _contents(group: Group) -> str:
    """What stands in a group, in words."""
    names = [
        f"{name}/" if isinstance(group.get(name), h5py.Group) else name
        for name in group
    ]
    shown = ", ".join(names[:12]) + (", ..." if len(names) > 12 else "")
    return shown or "nothing"


def _what_to_name(group: Group) -> str:
    """What a caller can do about a group that does not say what to plot."""
    if any(isinstance(node, h5py.Group) for node in group.values()):
        return "name one of these with dataset=... or --dataset, or x and y in it."
    return "name x and y among them, as with --x and --y."


def _text(value: object) -> str:
    """Text of an attribute, which may be bytes or an array of one."""
    if isinstance(value, np.ndarray):
        value = value.ravel()[0] if value.size else ""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _texts(value: object) -> list[str]:
    """Names in an attribute: an array of text, or text with `:` or `,` between."""
    if isinstance(value, np.ndarray) and value.ndim:
        return [_text(item) for item in value]
    return _text(value).strip("[]").replace(",", ":").split(":")


def _member(place: Place, name: str) -> Group | Dataset:
    """What stands at `name` in a group; a sentence with its neighbours if nothing."""
    if name == "/":
        return place.group.file
    node = place.group.get(name)
    if node is not None:
        return node
    parent = place.group.file if name.startswith("/") else place.group
    for part in name.strip("/").split("/"):
        child = parent.get(part) if isinstance(parent, h5py.Group) else None
        if child is None:
            break
        parent = child
    if isinstance(parent, h5py.Dataset):
        raise DataError(
            f"`{place.path}` has no {name!r}: {parent.name!r} is a dataset, with "
            "nothing inside; end the path there."
        )
    raise DataError(
        f"`{place.path}` has no {name!r}: {parent.name!r} has no {part!r}; "
        f"{did_you_mean(part, parent.keys())}"
    )


def _read_group(place: Place, x: Key, y: Key, sigma: Key) -> Table:
    """x, y and sigma from NXdata, or from datasets named by the caller."""
    group, path = place
    if not _is_data(group) and (x is None or y is None):
        raise DataError(
            f"`{path}` does not say what to plot in {group.name!r} (no NXdata with "
            f"@signal), which holds {_contents(group)}; {_what_to_name(group)}"
        )
    y_set = _signal(place) if y is None else _dataset(place, str(y))
    y_field = _field(place, y_set)
    x_field, remarks = _axis(place, y_set) if x is None else _named(place, x)
    fields = [x_field, y_field]
    sigma_set = _errors(place, y_set, sigma)
    if sigma_set is not None:
        fields.append(_field(place, sigma_set))
    offer = Offer(f"{path}::{group.name}", tuple(fields), "dataset", remarks)
    return choose(offer, 0, 1, "none" if sigma_set is None else 2)


def _dataset(place: Place, name: str) -> Dataset:
    node = _member(place, name)
    if isinstance(node, h5py.Dataset):
        return node
    raise DataError(
        f"`{place.path}` has a group at {node.name!r}, not a dataset; it holds "
        f"{_contents(node)}: name one of these."
    )


def _signal(place: Place) -> Dataset:
    """The dataset that `@signal` names, or that carries `signal = 1`."""
    group = place.group
    if "signal" in group.attrs:
        return _dataset(place, _text(group.attrs["signal"]))
    for node in group.values():
        if (
            isinstance(node, h5py.Dataset)
            and _text(node.attrs.get("signal", "")) == "1"
        ):
            return node
    raise DataError(
        f"`{place.path}` has no @signal in {group.name!r}, which holds "
        f"{_contents(group)}; name x and y."
    )


def _field(place: Place, node: Dataset) -> Field:
    """A dataset of one dimension (others of length 1 do not count) as a column."""
    name = node.name.rsplit("/", 1)[-1]
    start = f"`{place.path}` holds dataset {node.name!r}"
    if node.dtype.kind not in "fiuc":
        problem = f"{start} of type {node.dtype}, not numbers; name another dataset."
        return Field(name, "", None, problem)
    if node.shape in (None, ()) or sum(size != 1 for size in node.shape) > 1:
        problem = f"{start} of shape {node.shape}, not one column; name a 1-D dataset."
        return Field(name, "", None, problem)
    dtype = np.complex128 if node.dtype.kind == "c" else np.float64
    values = node[()].ravel().astype(dtype)
    long_name, unit = split_unit(_text(node.attrs.get("long_name", "")))
    if "units" in node.attrs:
        unit = _text(node.attrs["units"])
    return Field(name, unit, values, long_name=long_name)


def _named(place: Place, x: Key) -> tuple[Field, tuple[str, ...]]:
    return _field(place, _dataset(place, str(x))), ()


def _axis(place: Place, y_set: Dataset) -> tuple[Field, tuple[str, ...]]:
    """The axis that fits y: its points, the middles of its bins, or row numbers."""
    n = y_set.size
    named = [name.strip() for name in _axes(place, y_set)]
    for name in named:
        if name in (".", ""):
            continue
        node = _dataset(place, name)
        field = _field(place, node)
        if field.values is not None and field.values.size == n + 1:
            middles = 0.5 * (field.values[1:] + field.values[:-1])
            return field._replace(values=middles), ("x is the middle of its bins",)
        if len(named) == 1 or (field.values is not None and field.values.size == n):
            return field, ()
    rows = Field("row number", "", np.arange(float(n)))
    return rows, ("x counts rows from 0: the file names no axis",)


def _axes(place: Place, y_set: Dataset) -> list[str]:
    """Names of the axes by `@axes` of the group or of y, or by `axis = 1`."""
    for holder in (place.group, y_set):
        if "axes" in holder.attrs:
            return _texts(holder.attrs["axes"])
    return [
        name
        for name, node in place.group.items()
        if isinstance(node, h5py.Dataset) and _text(node.attrs.get("axis", "")) == "1"
    ]


def _errors(place: Place, y_set: Dataset, sigma: Key) -> Dataset | None:
    """Standard deviations: as asked, else `FIELD_errors`, else the older `errors`."""
    if sigma == "none":
        return None
    if sigma is not None:
        return _dataset(place, str(sigma))
    names = [f"{y_set.name}_errors"]
    if "errors" in place.group and y_set == _signal_or_none(place):
        names.append("errors")
    found = [place.group.get(name) for name in names]
    return next((node for node in found if isinstance(node, h5py.Dataset)), None)


def _signal_or_none(place: Place) -> Dataset | None:
    return _signal(place) if _is_data(place.group) else None
