"""A nested record as groups, datasets and attributes of an HDF5 file, and back.

The rules stand in `files.writers`, which is what the rest of the package calls. Groups
remember the order of their keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import h5py
import numpy as np

from physfit.data.hdf5.chunk_headers import check_chunks
from physfit.data.hdf5.errors import LIBRARY_ERRORS, meaning_of
from physfit.errors import DataError, InputError

__all__ = ["attributes", "content", "record_of", "sole_member", "tree_bytes"]
__all__ += ["tree_of_bytes"]

#: Groups within groups.
MAX_DEPTH = 32
#: Bytes that one stored byte may stand for: gzip does not reach more.
MAX_RATIO = 1100


def tree_bytes(record: Mapping[str, Any]) -> memoryview:
    """The content of a file with a nested record, without a file."""
    content = BytesIO()
    with h5py.File(content, "w", track_order=True) as file:
        _save_group(file, record, "record")
    return content.getbuffer()


def tree_of_bytes(content: bytes | memoryview) -> dict[str, Any]:
    """The nested record of such bytes, which must be those that were written.

    Raises
    ------
    DataError
        When they are no file of HDF5, or hold what `tree_bytes` does not write.
    """
    access = h5py.h5p.create(h5py.h5p.FILE_ACCESS)
    access.set_fapl_core(backing_store=False)
    access.set_file_image(content)
    try:
        with h5py.File(h5py.h5f.open(b"record", h5py.h5f.ACC_RDONLY, access)) as file:
            return record_of(file)
    except LIBRARY_ERRORS as error:
        raise DataError(f"it holds no HDF5 file ({meaning_of(error)})") from error


def _save_group(group: h5py.Group, record: Mapping[str, Any], place: str) -> None:
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
    if isinstance(value, list | tuple) and all(isinstance(item, str) for item in value):
        texts = [_stored(item, place) for item in value]
        return np.array(texts, dtype=h5py.string_dtype())
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise InputError(
            f"`{place}` is a list of unlike things; use a list of str, or an array."
        ) from error
    if array.dtype.kind == "U" and array.ndim == 1:
        return _stored(array.tolist(), place)
    if array.dtype.kind not in "fiucb":
        raise InputError(
            f"`{place}` is of type {type(value).__name__} ({array.dtype}), which a "
            "record cannot hold; use str, int, float, bool, None, list of str, array "
            "of numbers or dict."
        )
    return array


def _not_unicode(text: str) -> bool:
    return "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text)


def _refuse_text(text: str, place: str) -> Any:
    raise InputError(
        f"`{place}` is the text {text[:40]!r}, which HDF5 cannot hold; leave out null "
        "characters and lone surrogates."
    )


def record_of(group: h5py.Group, depth: int = MAX_DEPTH) -> dict[str, Any]:
    """The content of a group as a nested record.

    Raises
    ------
    DataError
        When it holds what `tree_bytes` does not write: links, text that is not UTF-8,
        groups in groups without end, datasets of which nothing is stored.
    """
    record = attributes(group)
    for key in group:
        if not depth:
            raise DataError(f"groups are nested deeper than {MAX_DEPTH} at {key!r}")
        node = sole_member(group, key)
        if isinstance(node, h5py.Group):
            record[key] = record_of(node, depth - 1)
            continue
        is_text = h5py.check_string_dtype(node.dtype) is not None
        record[key] = _loaded(content(node), node.name, is_text)
        record |= {key + name: value for name, value in attributes(node).items()}
    return record


def attributes(node: Any) -> dict[str, Any]:
    """Attributes of a group or dataset, by their names behind an @."""
    place = f"an attribute of {node.name}"
    # While h5py's view is walked, it keeps the library from all other threads; an
    # exception that is raised then would do so for as long as its traceback lives.
    items = list(node.attrs.items())
    return {f"@{name}": _loaded(value, place) for name, value in items}


def sole_member(group: h5py.Group, key: str) -> Any:
    """Group or dataset that stands in a group, alone and by itself.

    Raises
    ------
    DataError
        When nothing stands there, or a link, or what stands at other places too.
    """
    if not isinstance(group, h5py.Group) or key not in group:
        raise DataError(f"it has no entry {key!r} in {group.name!r}")
    place = f"{group.name.rstrip('/')}/{key}"
    if not isinstance(group.get(key, getlink=True), h5py.HardLink):
        raise DataError(f"a link stands at {place!r} instead of data")
    node = group[key]
    if not isinstance(node, h5py.Group | h5py.Dataset):
        raise DataError(f"neither a group nor a dataset stands at {place!r}")
    if h5py.h5o.get_info(node.id).rc > 1:
        raise DataError(f"{place!r} stands at other places too")
    return node


def content(node: Any) -> Any:
    """Values of a dataset as h5py gives them.

    Raises
    ------
    DataError
        When it is none, or they are not stored in the file itself.
    """
    if not isinstance(node, h5py.Dataset):
        raise DataError(f"{node.name!r} is no dataset")
    size = 0 if node.shape is None else node.size * node.dtype.itemsize
    if (
        node.is_virtual
        or node.external
        or size > MAX_RATIO * node.id.get_storage_size()
    ):
        raise DataError(f"the data of {node.name!r} are not in the file")
    check_chunks(node)
    return node[()]


def _loaded(value: Any, place: str, is_text: bool = False) -> Any:
    """Return Python's form of a stored value; arrays of numbers stay arrays."""
    if isinstance(value, h5py.Empty):
        return None
    if isinstance(value, bytes):
        try:
            return value.decode()
        except UnicodeDecodeError as error:
            raise DataError(f"{place!r} holds text that is not UTF-8") from error
    if isinstance(value, np.ndarray) and (is_text or value.dtype.kind in "OS"):
        return [_loaded(item, place) for item in value.ravel()]
    if isinstance(value, np.generic) or (
        isinstance(value, np.ndarray) and not value.ndim
    ):
        return value.item()
    return value
