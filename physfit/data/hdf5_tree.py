"""A nested record as groups, datasets and attributes of an HDF5 file, and back.

The rules stand in `physfit.data.writers`, which is what the rest of the package calls.
Groups remember the order of their keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import h5py
import numpy as np

from physfit.errors import InputError

__all__ = ["load_tree", "save_tree", "tree_bytes", "tree_of_bytes"]

Group: TypeAlias = Any  # h5py has no annotations


def save_tree(path: Path, record: Mapping[str, Any]) -> None:
    """Write a nested record as the content of a new file at `path`."""
    with h5py.File(path, "w", track_order=True) as file:
        _save_group(file, record, "record")


def load_tree(path: Path) -> dict[str, Any]:
    """Return the content of a file as a nested record."""
    with h5py.File(path, "r") as file:
        return _load_group(file)


def tree_bytes(record: Mapping[str, Any]) -> bytes:
    """The content of a file with a nested record, without a file."""
    memory = {"driver": "core", "backing_store": False, "block_size": 1 << 20}
    with h5py.File("record", "w", track_order=True, **memory) as file:
        _save_group(file, record, "record")
        file.flush()
        image: bytes = file.id.get_file_image()
        return image


def tree_of_bytes(content: bytes | memoryview) -> dict[str, Any]:
    """The nested record of such bytes, which must be those that were written."""
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fapl_core(backing_store=False)
    access.set_file_image(content)
    with h5py.File(h5py.h5f.open(b"record", h5py.h5f.ACC_RDONLY, access)) as file:
        return _load_group(file)


def _save_group(group: Group, record: Mapping[str, Any], place: str) -> None:
    attributes = []
    for key, value in record.items():
        here = f"{place}.{key}"
        field, _, name = _split_key(key, place)
        if name:
            attributes.append((field, name, value, here))
        elif isinstance(value, Mapping):
            _save_group(group.create_group(key, track_order=True), value, here)
        else:
            group.create_dataset(key, data=_stored(value, here), track_order=True)
    for field, name, value, here in attributes:
        if field and not isinstance(group.get(field), h5py.Dataset):
            raise InputError(
                f"`{here}` is an attribute of {field!r}, which is no dataset of "
                f"`{place}`; add the dataset, or put '@{name}' into the group."
            )
        (group[field] if field else group).attrs[name] = _stored(value, here)


def _split_key(key: object, place: str) -> tuple[str, str, str]:
    """Field, `@` and attribute of a key, which must be able to name them."""
    if not isinstance(key, str):
        raise InputError(
            f"`{place}` has the key {key!r}, but keys must be strings; use "
            f"{str(key)!r}."
        )
    _, sign, name = parts = key.partition("@")
    if bool(sign) != bool(name) or key in ("", ".", "..") or set(key) & {"/", "\0"}:
        raise InputError(
            f"`{place}` has the key {key!r}, which cannot name a dataset (no '/', not "
            "empty, '@' only before an attribute); rename it."
        )
    return parts if not _not_unicode(key) else _refuse_text(key, place)


def _stored(value: Any, place: str) -> Any:
    """Return what h5py stores for a value; `place` is where it stands in the record."""
    if value is None:
        return h5py.Empty("f8")
    if isinstance(value, str):
        return _refuse_text(value, place) if _not_unicode(value) else str(value)
    if _is_list_of_text(value):
        texts = [_stored(item, place) for item in value]
        return np.array(texts, dtype=h5py.string_dtype())
    array = _array(value, place)
    if array.dtype.kind == "U" and array.ndim == 1:
        return _stored(array.tolist(), place)
    if array.dtype.kind not in "fiucb":
        raise InputError(
            f"`{place}` is of type {type(value).__name__} ({array.dtype}), which a "
            "record cannot hold; use str, int, float, bool, None, list of str, array "
            "of numbers or dict."
        )
    return array


def _is_list_of_text(value: Any) -> bool:
    return isinstance(value, list | tuple) and all(isinstance(v, str) for v in value)


def _array(value: Any, place: str) -> Any:
    try:
        return np.asarray(value)
    except ValueError as error:
        raise InputError(
            f"`{place}` is a list of unlike things; use a list of str, or an array."
        ) from error


def _not_unicode(text: str) -> bool:
    return "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)


def _refuse_text(text: str, place: str) -> Any:
    raise InputError(
        f"`{place}` is the text {text[:40]!r}, which HDF5 cannot hold; leave out null "
        "characters and lone surrogates."
    )


def _load_group(group: Group) -> dict[str, Any]:
    record: dict[str, Any] = {
        f"@{name}": _loaded(value) for name, value in group.attrs.items()
    }
    for key, node in group.items():
        if node is None:
            raise KeyError(f"nothing stands at {group.name}/{key}")
        if isinstance(node, h5py.Group):
            record[key] = _load_group(node)
            continue
        record[key] = _loaded(node[()], h5py.check_string_dtype(node.dtype) is not None)
        for name, value in node.attrs.items():
            record[f"{key}@{name}"] = _loaded(value)
    return record


def _loaded(value: Any, is_text: bool = False) -> Any:
    """Return Python's form of a stored value; arrays of numbers stay arrays."""
    if isinstance(value, h5py.Empty):
        return None
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, np.ndarray) and (is_text or value.dtype.kind in "OS"):
        return [_loaded(item) for item in value.ravel()]
    if isinstance(value, np.generic) or (
        isinstance(value, np.ndarray) and not value.ndim
    ):
        return value.item()
    return value
