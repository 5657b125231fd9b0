"""Compressed chunks that declare sizes which they have not are sentences."""

from __future__ import annotations

import random

import h5py
import numpy as np
import pytest

from physfit.data.hdf5.chunk_headers import check_chunk, check_chunks
from physfit.data.hdf5.source import Hdf5Source
from physfit.data.row_source import open_rows
from physfit.data.shuffle import shuffle_file
from physfit.errors import DataError

CODES = {"LZ4": 32004, "Blosc": 32001, "Bitshuffle": 32008}
DATA = np.arange(3000.0).reshape(1000, 3)


def _file(path, name):
    hdf5plugin = pytest.importorskip("hdf5plugin")
    with h5py.File(path, "w") as file:
        options = dict(getattr(hdf5plugin, name)())
        file.create_dataset("y", data=DATA, chunks=(100, 3), **options)
    return path


def _parts(path):
    with h5py.File(path) as file:
        y = file["y"]
        values = y.id.get_create_plist().get_filter(0)[2]
        return values, [y.id.read_direct_chunk((k, 0))[1] for k in range(0, 1000, 100)]


@pytest.mark.parametrize("name", CODES)
def test_sound_chunks_pass(tmp_path, name):
    """What the plugin wrote is taken."""
    values, chunks = _parts(_file(tmp_path / "a.h5", name))
    for chunk in chunks:
        check_chunk(CODES[name], values, chunk, 2400)
    source = open_rows(tmp_path / "a.h5")
    np.testing.assert_array_equal(source.read(0, 1000).y, DATA)
    source.close()


DAMAGE = {
    "cut": lambda chunk: chunk[:9],
    "halved": lambda chunk: chunk[: len(chunk) // 2],
    "large": lambda chunk: b"\xff" * 16 + chunk[16:],
    "large blocks": lambda chunk: chunk[:12] + b"\x7f\xff\xff\xff" + chunk[16:],
}


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_what_a_chunk_says_is_compared_with_its_length(tmp_path, name, damage):
    """Neither the library nor a decoder of this package sees such a chunk."""
    path = _file(tmp_path / "a.h5", name)
    values, chunks = _parts(path)
    with pytest.raises(ValueError, match=r"ends early|says|holds"):
        check_chunk(CODES[name], values, damage(chunks[3]), 2400)
    with h5py.File(path, "r+") as file:
        file["y"].id.write_direct_chunk((300, 0), damage(chunks[3]))
    source = open_rows(path)
    with pytest.raises(DataError, match="rows 300 to 400 cannot be read"):
        source.read(300, 400)
    source.close()
    with (
        Hdf5Source(path, x="0", y="1", sigma="2") as stream,
        pytest.raises(DataError, match="cannot be decompressed"),
    ):
        stream.read(300, 400)


@pytest.mark.parametrize("name", CODES)
@pytest.mark.parametrize("role", ["x", "sigma", "mask"])
def test_what_all_rows_share_is_checked_as_well(tmp_path, name, role):
    """It is read whole, in its first chunk and in those that follow."""
    hdf5plugin = pytest.importorskip("hdf5plugin")
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["y"] = np.ones((3, 1000))
        options = dict(getattr(hdf5plugin, name)(), chunks=(100,))
        node = file.create_dataset(role, data=np.arange(1.0, 1001.0), **options)
        _, chunk = node.id.read_direct_chunk((500,))
        node.id.write_direct_chunk((500,), DAMAGE["large"](chunk))
    with pytest.raises(DataError, match=r"ends early|says|holds"):
        open_rows(path).read(0, 3)


@pytest.mark.parametrize("name", CODES)
def test_a_checksum_behind_a_chunk_is_none_of_its_bytes(tmp_path, name):
    """The filter before it is checked all the same."""
    hdf5plugin = pytest.importorskip("hdf5plugin")
    options = dict(getattr(hdf5plugin, name)(), fletcher32=True, chunks=(100, 3))
    with h5py.File(tmp_path / "a.h5", "w") as file:
        node = file.create_dataset("y", data=DATA, **options)
        check_chunks(node)
        _, chunk = node.id.read_direct_chunk((300, 0))
        node.id.write_direct_chunk((300, 0), chunk[:-20] + chunk[-4:])
        with pytest.raises(ValueError, match=r"ends early|says"):
            check_chunks(node)


@pytest.mark.parametrize("name", CODES)
def test_a_damaged_chunk_is_not_shuffled(tmp_path, name):
    """The library never decodes it."""
    path = _file(tmp_path / "a.h5", name)
    _, chunks = _parts(path)
    with h5py.File(path, "r+") as file:
        file["y"].id.write_direct_chunk((300, 0), DAMAGE["large"](chunks[3]))
    with pytest.raises(DataError, match=r"cannot be shuffled into .*(says|holds)"):
        shuffle_file(path, tmp_path / "b.h5")


@pytest.mark.parametrize("name", CODES)
def test_altered_chunks_do_not_end_the_process(tmp_path, name):
    """Numbers or a sentence, for 200 chunks with bytes overwritten."""
    path = _file(tmp_path / "a.h5", name)
    _, chunks = _parts(path)
    random_ = random.Random(7)
    for _ in range(20):
        with h5py.File(path, "r+") as file:
            for k, chunk in enumerate(chunks):
                altered = bytearray(chunk)
                at = random_.randrange(min(len(chunk), 64))
                altered[at : at + 2] = random_.randbytes(2)
                file["y"].id.write_direct_chunk((100 * k, 0), bytes(altered))
        with Hdf5Source(path, "y") as stream:
            for k in range(0, 1000, 100):
                _attempt(lambda k=k: stream.read(k, k + 100))


def _attempt(read):
    try:
        read()
    except DataError:
        return
