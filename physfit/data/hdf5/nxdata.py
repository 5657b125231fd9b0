"""What groups and data sets of an HDF5 file say of themselves, after NeXus.

The chain of `@default` attributes leads from the root to an NXdata group; failing that,
the only NXdata group or the only dataset of the file is taken. In an NXdata group
`@signal` names y, `@axes` names the axes and `@units` the unit. The older spelling,
`signal = 1` and `axes` on the dataset itself, is read too.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import Any

import h5py
import numpy as np

from physfit.data.hdf5.place import Place, member, nodes_below
from physfit.data.headings import split_unit
from physfit.data.table import Field

__all__ = ["axes_of", "chosen_node", "errors_of", "is_data", "signal_of", "text_of"]
__all__ += ["title_of"]


#: How netCDF calls the scale of a dimension that has no coordinates.
_BARE = "This is a netCDF dimension but not a netCDF variable"


def _default_node(file: h5py.Group) -> tuple[str, h5py.Group | h5py.Dataset]:
    """Where the `@default` chain ends, else the only NXdata, else the only dataset."""
    name, node = "/", file
    seen = [node]  # a chain may lead back to where it began
    while not is_data(node) and "default" in node.attrs:
        step = text_of(node.attrs["default"])
        following = node.get(step) if step else None
        if not isinstance(following, h5py.Group) or following in seen:
            break
        name, node = posixpath.normpath(posixpath.join(name, step)), following
        seen.append(node)
    if is_data(node):
        return name, node
    items = [(f"/{at}", node) for at, node in nodes_below(file).items()]
    plots = [item for item in items if is_data(item[1])]
    datasets = [item for item in items if isinstance(item[1], h5py.Dataset)]
    links = (file.get(item, getlink=True) for item in file)
    if any(isinstance(item, h5py.ExternalLink) for item in links):
        datasets = []  # visititems follows no links, so these are not all
    for candidates in (plots, datasets):
        if len(candidates) == 1:
            return candidates[0]
    return name, node


def chosen_node(
    root: Place, inside: str | None
) -> tuple[str, h5py.Group | h5py.Dataset]:
    """Place and node that a caller names in a file, or that the file leads to."""
    if inside:
        return root.at(inside), member(root, inside)
    return _default_node(root.root)


def is_data(node: h5py.Group | h5py.Dataset) -> bool:
    """Whether a node is an NXdata group, or says what to plot."""
    if not isinstance(node, h5py.Group):
        return False
    return text_of(node.attrs.get("NX_class", "")) == "NXdata" or "signal" in node.attrs


def text_of(value: object) -> str:
    """Text of an attribute, which may be bytes or an array of one."""
    if isinstance(value, np.ndarray):
        value = value.ravel()[0] if value.size else ""
    return value.decode(errors="replace") if isinstance(value, bytes) else str(value)


def _texts_of(value: object) -> list[str]:
    """Names in an attribute: an array of text, or text with `:` or `,` between."""
    if isinstance(value, np.ndarray) and value.ndim:
        return [text_of(item) for item in value]
    return text_of(value).strip("[]").replace(",", ":").split(":")


def title_of(node: h5py.Dataset) -> Field:
    """Name, title and unit of a data set, as a field without values."""
    long_name, unit = split_unit(text_of(node.attrs.get("long_name", "")))
    if "units" in node.attrs:
        unit = text_of(node.attrs["units"])
    return Field(node.name.rsplit("/", 1)[-1], unit, None, long_name=long_name)


def signal_of(group: h5py.Group) -> str | None:
    """The dataset that `@signal` names, or that carries `signal = 1`."""
    if "signal" in group.attrs:
        return text_of(group.attrs["signal"])
    return next(_carrying(group, "signal"), None)


def errors_of(place: Place, name: str, y: h5py.Dataset) -> Iterator[str]:
    """Names that the standard deviations of y may have, the first of all that it says.

    `@uncertainties` of y names them; else they are `NAME_errors`, of the signal also
    `errors`.

    Raises
    ------
    DataError
        When y names some that are not there.
    """
    if "uncertainties" in y.attrs:
        said = text_of(y.attrs["uncertainties"])
        member(place, said)  # refuses what is not there
        yield said
    yield f"{name}_errors"
    signal = signal_of(place.group) if is_data(place.group) else None
    if signal is not None and place.at(signal) == place.at(name):
        yield "errors"


def axes_of(group: h5py.Group, y: h5py.Dataset) -> Iterator[list[str]]:
    """Names of axes: by `@axes` of group or y, by `axis = 1`, or as scales of y."""
    for holder in (group, y):
        if "axes" in holder.attrs:
            yield [name.strip() for name in _texts_of(holder.attrs["axes"])]
    yield list(_carrying(group, "axis"))
    held = y.attrs.get("DIMENSION_LIST")
    is_list = isinstance(held, np.ndarray) and held.shape == (y.ndim,)
    yield [_scale_of(y, references) for references in held] if is_list else []


def _scale_of(y: h5py.Dataset, references: Any) -> str:
    """The coordinates of netCDF that are referred to; "" where there are none.

    The library's own functions for scales crash where the attribute is of another type.
    """
    refers = isinstance(references, np.ndarray) and references.size
    first = references.ravel()[0] if refers else None
    node = y.file[first] if isinstance(first, h5py.Reference) and first else None
    if not isinstance(node, h5py.Dataset) or node.name is None:
        return ""
    is_bare = text_of(node.attrs.get("NAME", "")).startswith(_BARE)
    return "" if is_bare else str(node.name)


def _carrying(group: h5py.Group, name: str) -> Iterator[str]:
    """Datasets of a group with an attribute that is 1."""
    for key, node in list(group.items()):  # a view locks, see tree.attributes
        if isinstance(node, h5py.Dataset) and text_of(node.attrs.get(name, "")) == "1":
            yield str(key)
