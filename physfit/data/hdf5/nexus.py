"""Columns from HDF5: NeXus NXdata groups, tables, and datasets by path.

In an NXdata group (see `nxdata`) the signal is y, its axis is x, and `FIELD_errors`
holds standard deviations. An axis of bin edges is turned into the bins' middles.
Where nothing says so, datasets called `x`, `y` and `sigma` are what they are called.
"""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np

from physfit.data.archives import table_fields
from physfit.data.choosing import described, pick
from physfit.data.hdf5.complete import check_complete
from physfit.data.hdf5.errors import library_errors
from physfit.data.hdf5.guard import open_hdf5
from physfit.data.hdf5.image import holds_image, offer_of
from physfit.data.hdf5.numbers import dataset_column, long_axis, middles_of, row_numbers
from physfit.data.hdf5.nxdata import (
    axes_of,
    chosen_node,
    errors_of,
    is_data,
    signal_of,
    title_of,
)
from physfit.data.hdf5.packing import check_errors, packing_of
from physfit.data.hdf5.place import Place, contents_of, member
from physfit.data.table import Choice, Field, Key, LazyColumn, Offer, Table, Wanted
from physfit.errors import DataError

__all__ = ["locate", "read_hdf5_table"]


def read_hdf5_table(
    path: Path, inside: str | None, wanted: Wanted
) -> tuple[Choice, Table]:
    """Columns x, y and sigma of an HDF5 file, and what they are; see `read_table`."""
    with library_errors(path), open_hdf5(path) as file:
        choice = locate(file, path, inside, wanted)
        return choice, choice.table()


def locate(file: h5py.Group, path: Path, inside: str | None, wanted: Wanted) -> Choice:
    """Find the columns x, y and sigma in an open file, and read none of them."""
    root = Place(file, path, file)
    name, node = chosen_node(root, inside)
    if isinstance(node, h5py.Dataset):
        return _locate_in_dataset(root.around(name), name, wanted)
    return _locate_in_group(root._replace(group=node, name=name), wanted)


def _locate_in_dataset(place: Place, name: str, wanted: Wanted) -> Choice:
    """x, y and sigma from a table in one dataset, or y from a column of its group."""
    node, path = _dataset(place, name), place.path
    if wanted.may_be_image and holds_image(node):
        return _located_image(place, name, wanted)
    if node.dtype.names or (node.ndim == 2 and node.dtype.kind in "fiuc"):
        check_complete(node, path)
        called = f"`{path}`, dataset {name!r},"
        fields = table_fields(
            node.dtype,
            node.shape,
            called,
            lambda place, axis: dataset_column(node, axis, place),
        )
        packing = None if node.dtype.names else packing_of(node)
        said = packing is not None and packing.changes
        remarks = (f"all columns are unpacked: {packing}",) if said else ()
        return pick(Offer(f"{path}::{name}", fields, remarks=remarks), wanted)
    field = _field(place, node)
    if field.values is None:
        raise DataError(field.problem)
    if wanted.x is None and wanted.steps is None and not is_data(place.group):
        raise DataError(
            f"`{path}` has one column at {name!r}, which does not say what x is; "
            f"name x, a dataset of {place.name!r}."
        )
    named = wanted._replace(y=name if wanted.y is None else wanted.y)
    return _locate_in_group(place, named)


def _locate_in_group(place: Place, wanted: Wanted) -> Choice:
    """x, y and sigma from NXdata, or from datasets named by the caller."""
    group, path = place.group, place.path
    x, y, sigma = _named(group, wanted)
    has_x = x is not None or wanted.steps is not None
    if not is_data(group) and not (has_x and y is not None):
        has_groups = any(isinstance(node, h5py.Group) for node in [*group.values()])
        what = "name x and y among them, as with --x and --y."
        if has_groups:
            what = "name one of these with dataset=... or --dataset, or x and y in it."
        raise DataError(
            f"`{path}` does not say what to plot in {place.name!r} (no NXdata with "
            f"@signal), which holds {contents_of(group)}; {what}"
        )
    keys = [_signal(place)] if y is None else _keys(place, y)
    y_sets = [_dataset(place, key) for key in keys]
    if wanted.n_inputs == 2 and x is None and holds_image(y_sets[0]):
        return _located_image(place, keys[0], wanted)
    x_fields = _x_fields(place, y_sets[0], wanted._replace(x=x))
    y_fields = [_field(place, node) for node in y_sets]
    fields = [*x_fields, *y_fields]
    sigma_sets = _errors(place, keys, y_sets, sigma)
    for y_set, sigma_set in zip(y_sets, sigma_sets, strict=False):
        check_errors(y_set, sigma_set)
    fields += [_field(place, sigma_set) for sigma_set in sigma_sets]
    columns = (field.values for field in fields)
    notes = (column.note for column in columns if isinstance(column, LazyColumn))
    remarks = tuple(note for note in notes if note)
    offer = Offer(f"{path}::{place.name}", tuple(fields), "dataset", remarks)
    numbers = tuple(range(len(fields)))
    n_x, n_xy = len(x_fields), len(x_fields) + len(y_fields)
    return described(offer, numbers[:n_x], numbers[n_x:n_xy], numbers[n_xy:])


def _located_image(place: Place, key: str, wanted: Wanted) -> Choice:
    """The pixels of an image, with their standard deviations."""
    node = _dataset(place, key)
    if wanted.has_spins:
        raise DataError(
            f"`{place.path}` has an image at {node.name!r}, which is not read in "
            "windows of rows; read it by pf.read_table(path, n_inputs=2) and fit that."
        )
    sigma = _errors(place, [key], [node], wanted.sigma)
    for own in sigma:
        check_errors(node, own)
    offer = offer_of(place, node, sigma)
    return described(offer, (0, 1), (2,), tuple(range(3, 3 + len(sigma))))


def _x_fields(place: Place, y_set: h5py.Dataset, wanted: Wanted) -> list[Field]:
    """x by steps, by the names of the caller, or the axis of y."""
    if wanted.steps is not None:
        return [wanted.steps.field(y_set.size)]
    if wanted.x is None:
        return _axis(place, y_set)
    return _coordinates(place, wanted.x, wanted)


def _named(group: h5py.Group, wanted: Wanted) -> tuple[Key, Key, Key]:
    """Names by the caller; else datasets called x, y and sigma where no NXdata says."""
    keys = wanted[:3]
    x, y, _ = keys
    if is_data(group) or (x is not None and y is not None):
        return keys
    is_open = keys == (None, None, None)  # sigma goes with an x and a y of the file
    names = {"x": x is None and wanted.steps is None, "y": y is None, "sigma": is_open}
    x, y, sigma = (
        name if is_free and isinstance(group.get(name), h5py.Dataset) else key
        for key, (name, is_free) in zip(keys, names.items(), strict=True)
    )
    return x, y, sigma


def _keys(place: Place, key: Key) -> list[str]:
    """The name of a dataset, or those of `a,b`."""
    name = str(key)
    if "," not in name or place.root.get(place.at(name)) is not None:
        return [name]
    return [part.strip() for part in name.split(",")]


def _coordinates(place: Place, x: Key, wanted: Wanted) -> list[Field]:
    """The datasets of x, or the columns of one that has as many as there are inputs."""
    nodes = [_dataset(place, key) for key in _keys(place, x)]
    n_inputs = wanted.n_inputs
    node = nodes[0]
    if len(nodes) > 1 or node.ndim < 2:
        return [_field(place, node) for node in nodes]
    if wanted.has_spins and node.dtype == np.int8:
        return [_described_field(place, node, dataset_column(node))]
    if n_inputs > 1 and node.dtype.kind in "fiu" and node.shape[1:] == (n_inputs,):
        columns = [dataset_column(node, 0, k) for k in range(n_inputs)]
        return [_described_field(place, node, column) for column in columns]
    return [_field(place, node)]


def _dataset(place: Place, name: str) -> h5py.Dataset:
    node = member(place, name)
    if isinstance(node, h5py.Dataset):
        return node
    raise DataError(
        f"`{place.path}` has a group at {node.name!r}, not a dataset; it holds "
        f"{contents_of(node)}: name one of these."
    )


def _signal(place: Place) -> str:
    name = signal_of(place.group)
    if name is None:
        raise DataError(
            f"`{place.path}` has no @signal in {place.name!r}, which holds "
            f"{contents_of(place.group)}; name x and y."
        )
    return name


def _field(place: Place, node: h5py.Dataset) -> Field:
    """A dataset of one dimension (others of length 1 do not count) as a column."""
    if node.dtype.kind not in "fiuc":
        problem = f"of type {node.dtype}, not numbers; name another dataset."
    elif h5py.check_enum_dtype(node.dtype) is not None:
        problem = "of an enumeration, not numbers; name another dataset."
    elif node.shape in (None, ()) or sum(size != 1 for size in node.shape) > 1:
        problem = f"of shape {node.shape}, not one column; name a 1-D dataset."
    else:
        column = dataset_column(node, long_axis(node.shape))
        return _described_field(place, node, column)
    problem = f"`{place.path}` holds dataset {node.name!r} {problem}"
    return Field(node.name.rsplit("/", 1)[-1], "", None, problem)


def _described_field(place: Place, node: h5py.Dataset, column: LazyColumn) -> Field:
    """A column of a dataset with the dataset's name, unit and title."""
    check_complete(node, place.path)
    return title_of(node)._replace(values=column)


def _axis(place: Place, y_set: h5py.Dataset) -> list[Field]:
    """The axis that fits y: its points, the middles of its bins, or row numbers."""
    n = y_set.size
    named = next((names for names in axes_of(place.group, y_set) if names), [])
    for name in named:
        if name in (".", ""):
            continue
        node = _dataset(place, name)
        field = _field(place, node)
        column = field.values
        if isinstance(column, LazyColumn) and column.size == n + 1:
            return [field._replace(values=middles_of(column))]
        if len(named) == 1 or (column is not None and column.size == n):
            return [field]
    return [Field("row number", "", row_numbers(n))]


def _errors(
    place: Place, y_keys: list[str], y_sets: list[h5py.Dataset], sigma: Key
) -> list[h5py.Dataset]:
    """Standard deviations: as asked, else as y or their names say.

    Those of a real and an imaginary part are of each, or one that both name.
    """
    if sigma == "none":
        return []
    if sigma is not None:
        return [_dataset(place, key) for key in _keys(place, sigma)]
    named = [
        [*map(place.at, errors_of(place, *own))]
        for own in zip(y_keys, y_sets, strict=True)
    ]
    each = [_first_set(place, own) for own in named]
    if len(each) > 1 and None not in each and each[0] != each[-1]:
        return [node for node in each if node is not None]
    both = [name for name in named[0] if all(name in own for own in named)]
    shared = _first_set(place, both)
    return [] if shared is None else [shared]


def _first_set(place: Place, names: list[str]) -> h5py.Dataset | None:
    """First dataset that is there."""
    nodes = (place.root.get(name) for name in names)
    return next((node for node in nodes if isinstance(node, h5py.Dataset)), None)
