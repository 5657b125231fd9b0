"""Permanent shuffles: uniform, alike for all data sets, nothing else changed."""

from __future__ import annotations

import math
from itertools import permutations

import h5py
import numpy as np
import pytest
from scipy import stats

from physfit.data.shuffle import shuffle_file
from physfit.errors import DataError, InputError

N = 20_000


@pytest.fixture
def path(tmp_path):
    """Data sets of several kinds and layouts, with the row number in each."""
    name = tmp_path / "in.h5"
    rows = np.arange(N)
    with h5py.File(name, "w") as file:
        file.attrs["title"] = "run 3"
        group = file.create_group("entry")
        group.attrs["NX_class"] = "NXdata"
        group["x"] = rows.astype(np.float64)
        group["x"].attrs["units"] = "Hz"
        group.create_dataset(
            "table",
            data=np.stack([rows, -rows, 2 * rows], axis=1).astype(np.float32),
            chunks=(1000, 3),
            compression="gzip",
            shuffle=True,
        )
        pairs = np.zeros(N, dtype=[("k", "i4"), ("z", "c16")])
        pairs["k"], pairs["z"] = rows, rows * 1j
        group["pairs"] = pairs
        group["cube"] = np.repeat(rows % 100, 4).astype(np.int8).reshape(N, 2, 2)
        file["edges"] = np.linspace(0.0, 1.0, 11)
        file["scalar"] = 4.5
    return name


@pytest.mark.parametrize("memory", [1 << 16, 1 << 28], ids=["buckets", "at once"])
def test_all_rows_are_there_and_permuted_alike(path, tmp_path, memory):
    """Every data set of this length by one permutation, the rest untouched."""
    out = tmp_path / "out.h5"
    told: list[tuple[int, int]] = []
    done = shuffle_file(
        path, out, seed=4, memory=memory, progress=lambda *rows: told.append(rows)
    )
    names = ("/entry/cube", "/entry/pairs", "/entry/table", "/entry/x")
    assert (done.n_rows, done.permuted, done.kept) == (N, names, ("/edges", "/scalar"))
    assert told[-1] == (4 * N, 4 * N)
    assert told == sorted(told)
    with h5py.File(out) as file, h5py.File(path) as before:
        order = file["entry/x"][:].astype(int)
        np.testing.assert_array_equal(np.sort(order), np.arange(N))
        for name in names:
            np.testing.assert_array_equal(file[name][:], before[name][:][order])
            assert file[name].chunks == before[name].chunks
            assert file[name].compression == before[name].compression
        assert file["entry/x"].attrs["units"] == "Hz"
        assert file.attrs["title"] == "run 3"
        np.testing.assert_array_equal(file["edges"][:], before["edges"][:])
        assert file["scalar"][()] == 4.5
    # far from sorted: the rank correlation of a random order is normal, 1 / sqrt(n)
    correlation = np.corrcoef(order, np.arange(N))[0, 1]
    assert abs(correlation) < 5.0 / math.sqrt(N)


def test_the_seed_decides(path, tmp_path):
    """The same seed gives the same file content, another one another order."""
    orders = []
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        shuffle_file(path, tmp_path / name, seed=seed, memory=1 << 16)
        with h5py.File(tmp_path / name) as file:
            orders.append(file["entry/x"][:])
    np.testing.assert_array_equal(orders[0], orders[1])
    assert np.mean(orders[0] == orders[2]) < 0.01


def test_rows_travel_anywhere(path, tmp_path):
    """Over several buckets the new place of a row does not depend on the old one."""
    shuffle_file(path, tmp_path / "out.h5", seed=8, memory=1 << 16)
    with h5py.File(tmp_path / "out.h5") as file:
        order = file["entry/x"][:].astype(int)
    table = np.zeros((10, 10))
    np.add.at(table, (np.arange(N) * 10 // N, order * 10 // N), 1)
    # 81 degrees of freedom; 1e-4 is a false alarm in 10000 seeds, and this one is fixed
    assert stats.chi2.sf(((table - N / 100) ** 2 / (N / 100)).sum(), 81) > 1e-4


def test_every_order_of_four_rows_is_as_likely(tmp_path):
    """The 24 orders of 4 rows over 480 seeds: chi2 with 23 degrees of freedom."""
    with h5py.File(tmp_path / "in.h5", "w") as file:
        file["x"] = np.arange(4.0)
    counts = dict.fromkeys(permutations(range(4)), 0)
    for seed in range(480):
        shuffle_file(tmp_path / "in.h5", tmp_path / "out.h5", seed=seed, overwrite=True)
        with h5py.File(tmp_path / "out.h5") as file:
            counts[tuple(file["x"][:].astype(int).tolist())] += 1
    chi2 = sum((count - 20.0) ** 2 / 20.0 for count in counts.values())
    assert stats.chi2.sf(chi2, 23) > 1e-4


def test_refusals(path, tmp_path):
    """One sentence each, and no file left behind."""
    out = tmp_path / "out.h5"
    with pytest.raises(InputError, match=r"`memory` is 1024 bytes, but 256 rows of 20"):
        shuffle_file(path, out, memory=1024)
    with pytest.raises(InputError, match="`seed` must be a whole number"):
        shuffle_file(path, out, seed=-1)
    with pytest.raises(DataError, match="does not exist"):
        shuffle_file(tmp_path / "none.h5", out)
    with h5py.File(path, "r+") as file:
        file["wide"] = np.zeros((3, N))
    with pytest.raises(DataError, match="rows along another dimension in '/wide'"):
        shuffle_file(path, out)
    with h5py.File(path, "r+") as file:
        del file["wide"]
        file["text"] = ["a"] * N
    with pytest.raises(DataError, match="variable length in '/text'"):
        shuffle_file(path, out)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(
        DataError, match=r"cannot be shuffled into `.*out.h5`: truncated file\.$"
    ):
        shuffle_file(path, out)
    assert [file.name for file in tmp_path.iterdir()] == ["in.h5"]
    out.write_text("mine")
    with pytest.raises(DataError, match="exists; give another path"):
        shuffle_file(path, out)
    assert out.read_text() == "mine"


def test_rows_that_are_declared_but_not_stored_are_refused(tmp_path):
    """Nothing is written for a terabyte that a small file declares."""
    with h5py.File(tmp_path / "in.h5", "w") as file:
        file.create_dataset("x", (10**12,), "u1", chunks=(1024,))
    with pytest.raises(DataError, match="in memory, but"):
        shuffle_file(tmp_path / "in.h5", tmp_path / "out.h5")
    assert not (tmp_path / "out.h5").exists()


def test_numbers_in_other_files_stay_there(tmp_path, monkeypatch):
    """Rows of virtual and external data sets would be written into their sources."""
    monkeypatch.chdir(tmp_path)
    rows = np.arange(8.0)
    rows.tofile("raw.bin")
    layout = h5py.VirtualLayout((8,), "f8")
    layout[:] = h5py.VirtualSource("source.h5", "y", shape=(8,))
    with h5py.File("source.h5", "w") as file:
        file["y"] = rows
    with h5py.File("a.h5", "w") as file:
        file.create_virtual_dataset("y", layout)
    with h5py.File("b.h5", "w") as file:
        file.create_dataset("y", (8,), "f8", external="raw.bin")
    for name in ("a.h5", "b.h5"):
        with pytest.raises(DataError, match="keeps the numbers of '/y' in other files"):
            shuffle_file(name, "out.h5")
    with h5py.File("source.h5") as file:
        np.testing.assert_array_equal(file["y"], rows)
    np.testing.assert_array_equal(np.fromfile("raw.bin"), rows)
