"""HDF5 files as sources: the same rows from every layout, a sentence for bad ones."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

from physfit.data.hdf5.source import Hdf5Source
from physfit.data.one_pass import map_windows
from physfit.data.readers import read_table
from physfit.data.row_source import open_rows
from physfit.errors import DataError, DomainError, InputError
from physfit.models.loss import as_loss

N = 5003
DATASETS = Path(__file__).resolve().parents[3] / "datasets"


def rows(seed=1):
    """(x, y, sigma) whose values tell the row."""
    rng = np.random.default_rng(seed)
    x = np.arange(N, dtype=np.float64)
    return np.stack([x, rng.standard_normal(N), rng.uniform(0.5, 2.0, N)], axis=1)


def columns(source, **options):
    """x, y and weights of all rows, by one pass."""
    parts = [
        (w.x[..., : w.n].copy(), w.y[:, : w.n].copy(), w.weights[:, : w.n].copy())
        for w in _windows(source, **options)
    ]
    return tuple(np.concatenate(kind, axis=1) for kind in zip(*parts, strict=True))


def _windows(source, memory=1 << 18, **options):
    """Copies of the windows of one pass."""

    def copied(window, worker):
        return window._replace(
            x=window.x.copy(), y=window.y.copy(), weights=window.weights.copy()
        )

    return list(map_windows(source, copied, memory=memory, threads=2, **options))


def _plugin(name):
    """Options of hdf5plugin for a filter."""
    hdf5plugin = pytest.importorskip("hdf5plugin")
    return dict(getattr(hdf5plugin, name)())


LAYOUTS = {
    "contiguous": dict,
    "chunked": lambda: {"chunks": (512, 3)},
    "narrow chunks": lambda: {"chunks": (512, 1)},
    "uneven strips": lambda: {"chunks": (300, 2)},
    "one row a chunk": lambda: {"chunks": (1, 3)},
    "one chunk": lambda: {"chunks": (N, 3)},
    "beyond all columns": lambda: {"chunks": (512, 8), "maxshape": (None, None)},
    "beyond all rows": lambda: {"chunks": (2 * N, 3), "maxshape": (None, 3)},
    "gzip, beyond all columns": lambda: {
        "chunks": (512, 8),
        "maxshape": (None, None),
        "compression": "gzip",
    },
    "gzip": lambda: {"chunks": (512, 3), "compression": "gzip"},
    "gzip, shuffled": lambda: {
        "chunks": (512, 3),
        "compression": "gzip",
        "shuffle": True,
    },
    "gzip, narrow": lambda: {"chunks": (700, 2), "compression": "gzip"},
    "shuffled only": lambda: {"chunks": (512, 3), "shuffle": True},
    "lzf": lambda: {"chunks": (512, 3), "compression": "lzf"},
    "checksum": lambda: {"chunks": (512, 3), "fletcher32": True},
    "lz4": lambda: {"chunks": (512, 3), **_plugin("LZ4")},
    "lz4, shuffled": lambda: {"chunks": (512, 3), "shuffle": True, **_plugin("LZ4")},
    "zstd": lambda: {"chunks": (512, 3), **_plugin("Zstd")},
    "blosc": lambda: {"chunks": (512, 3), **_plugin("Blosc")},
    "blosc2": lambda: {"chunks": (512, 3), **_plugin("Blosc2")},
    "bitshuffle": lambda: {"chunks": (512, 3), **_plugin("Bitshuffle")},
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("dtype", ["f8", "f4", ">f8", "u2"])
def test_every_layout_gives_the_same_rows(tmp_path, layout, dtype):
    """All rows as float64 with 1 / sigma, bit by bit, and any range of them raw."""
    table = np.abs(rows() * 8.0).astype(dtype)
    table[:, 2] = np.maximum(table[:, 2], 1)
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("d", data=table, **layout())
    with Hdf5Source(tmp_path / "a.h5") as source:
        x, y, weights = columns(source)
        exact = table.astype(np.float64)
        np.testing.assert_array_equal(x[0], exact[:, 0])
        np.testing.assert_array_equal(y[0], exact[:, 1])
        np.testing.assert_array_equal(weights[0], 1.0 / exact[:, 2])
        for start, stop in ((0, 1), (511, 513), (700, 2000), (N - 1, N)):
            raw = np.concatenate(source.read(start, stop), axis=1)
            np.testing.assert_array_equal(raw[:, :3], table[start:stop])
        wanted = np.array([0, 3, 511, 512, 513, 4000, N - 1])
        wanted = np.sort(np.concatenate([wanted, np.arange(1000, 1400)]))
        out = [np.empty((wanted.size, part.width), part.dtype) for part in source.parts]
        source.take_into(wanted, out)
        taken = np.concatenate(out, axis=1)
        np.testing.assert_array_equal(taken[:, :3], table[wanted])


def _write(path, **sets):
    with h5py.File(path, "w") as file:
        for name, values in sets.items():
            file[name] = values
    return path


def test_nxdata_is_followed_and_described(tmp_path):
    """The same columns, labels, units and note as `read_table`."""
    x, y, sigma = rows().T
    path = tmp_path / "run.h5"
    with h5py.File(path, "w") as file:
        data = file.create_group("entry")
        data.attrs.update(NX_class="NXdata", signal="counts", axes="energy")
        data["energy"], data["counts"], data["counts_errors"] = x, y, sigma
        data["energy"].attrs["units"] = "keV"
    table = read_table(path)
    with Hdf5Source(path) as source:
        got = columns(source)
        for mine, theirs in zip(got, (table.x, table.y, 1.0 / sigma), strict=True):
            np.testing.assert_array_equal(mine[0], theirs)
        assert (source.note, source.name) == (table.note, table.source)
        assert (source.x_label, source.x_unit) == (table.x_label, table.x_unit)
        assert source.has_sigma
        assert source.cautions == ()


def test_bins_and_missing_axes_become_coordinates(tmp_path):
    """Edges give middles of bins; without an axis rows are counted."""
    y = rows()[:, 1]
    for name, axis in (("edges", np.arange(N + 1.0)), ("none", None)):
        path = tmp_path / f"{name}.h5"
        with h5py.File(path, "w") as file:
            file.attrs.update(NX_class="NXdata", signal="y")
            file["y"] = y
            if axis is not None:
                file.attrs["axes"] = "e"
                file["e"] = axis
        with Hdf5Source(path) as source:
            x, _, weights = columns(source)
        expected = np.arange(N) + (0.5 if name == "edges" else 0.0)
        np.testing.assert_array_equal(x[0], expected)
        assert (weights == 1.0).all()


def test_named_columns_of_several_kinds(tmp_path):
    """Several coordinates, complex y, compound and row-wise tables."""
    table = rows()
    z = table[:, 1] + 1j * table[:, 2]
    pairs = np.zeros(N, dtype=[("f (Hz)", "f4"), ("signal", "f8"), ("err", "f8")])
    pairs["f (Hz)"], pairs["signal"], pairs["err"] = table.T
    path = _write(
        tmp_path / "a.h5",
        a=table[:, 0],
        b=table[:, 1],
        both=table[:, :2],
        z=z,
        s=table[:, 2],
        pairs=pairs,
        wide=table[:, :2].T,
    )
    cases = [
        ({"x": "a,b", "y": "s", "n_inputs": 2}, table[:, :2].T, [table[:, 2]]),
        ({"x": "both", "y": "s", "n_inputs": 2}, table[:, :2].T, [table[:, 2]]),
        ({"x": "a", "y": "z", "n_outputs": 2}, [table[:, 0]], [z.real, z.imag]),
        ({"x": "a", "y": "b,s", "n_outputs": 2}, [table[:, 0]], table[:, 1:].T),
        ({"dataset": "wide"}, [table[:, 0]], [table[:, 1]]),
        ({"dataset": "pairs"}, [pairs["f (Hz)"]], [pairs["signal"]]),
    ]
    for keys, x, y in cases:
        with Hdf5Source(path, **keys) as source:
            got = columns(source)
            np.testing.assert_array_equal(got[0], np.asarray(x, dtype=np.float64))
            np.testing.assert_array_equal(got[1], np.asarray(y))
            assert source.has_sigma is (keys.get("dataset") == "pairs")
    with Hdf5Source(path, x="a", y="z", sigma="s", n_outputs=2) as source:
        weights = columns(source)[2]
        np.testing.assert_array_equal(weights, 1.0 / np.stack([table[:, 2]] * 2))


def test_spins_of_one_and_two_dimensions(tmp_path):
    """Configurations stay int8; the energies are their y."""
    with Hdf5Source(
        DATASETS / "ising_configurations.h5", x="spins", y="energies"
    ) as source:
        assert (source.n_spins, source.n_inputs, source.n_outputs) == (40, 40, 1)
        windows = _windows(source)
        got = np.concatenate([window.x[: window.n] for window in windows])
        y = np.concatenate([window.y[0, : window.n] for window in windows])
    with h5py.File(DATASETS / "ising_configurations.h5") as file:
        spins, energies = file["spins"][:], file["energies"][:]
    assert got.dtype == np.int8
    np.testing.assert_array_equal(got, spins)
    np.testing.assert_array_equal(y, energies)
    square = spins[:3000, :36].reshape(-1, 6, 6)
    for options in ({}, {"chunks": (100, 6, 6)}, {"chunks": (100, 3, 6)}):
        with h5py.File(tmp_path / "a.h5", "w") as file:
            file.create_dataset("s", data=square, **options)
            file["e"] = energies[:3000]
        with Hdf5Source(tmp_path / "a.h5", x="s", y="e") as source:
            assert source.n_spins == 36
            windows = _windows(source)
            got = np.concatenate([window.x[: window.n] for window in windows])
        np.testing.assert_array_equal(got, square.reshape(-1, 36))


def test_a_spin_that_is_none(tmp_path):
    """Zero is no spin; the row is named."""
    spins = np.ones((N, 10), dtype=np.int8)
    spins[4321, 6] = 0
    path = _write(tmp_path / "a.h5", s=spins, e=np.zeros(N))
    with (
        Hdf5Source(path, x="s", y="e") as source,
        pytest.raises(DomainError, match=r"row 4321 of .* has 0 at spin 6"),
    ):
        _windows(source)


def test_chunks_never_written_hold_the_fill_value(tmp_path):
    """Where the file has no bytes, the rows are what the library would give."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        data = file.create_dataset("d", (N, 3), "f8", chunks=(512, 3), fillvalue=2.5)
        data[1000:1100] = 1.0
        expected = data[:]
    with Hdf5Source(tmp_path / "a.h5") as source:
        x, y, weights = columns(source)
    np.testing.assert_array_equal(np.stack([x[0], y[0], 1.0 / weights[0]]).T, expected)


REFUSED = {
    "other lengths": (
        {"x": np.zeros(5), "y": np.zeros(6)},
        "does not fit together: x has 5 values and y has 6",
    ),
    "text": ({"x": np.array([b"a"] * 5), "y": np.zeros(5)}, "of type .S1, not numbers"),
    "objects": ({"x": np.zeros(5), "y": ["a"] * 5}, "of type object, not numbers"),
    "two columns": ({"x": np.zeros((5, 2)), "y": np.zeros(5)}, "not one column"),
    "complex": (
        {"x": np.zeros(5), "y": np.zeros(5) * 1j},
        "gives a complex value a row",
    ),
    "no rows": ({"x": np.zeros(0), "y": np.zeros(0)}, "has no rows"),
}


@pytest.mark.parametrize(("sets", "message"), REFUSED.values(), ids=REFUSED)
def test_unusable_columns_are_refused_at_opening(tmp_path, sets, message):
    """One sentence, before anything is read."""
    path = _write(tmp_path / "a.h5", **sets)
    with pytest.raises(DataError, match=message):
        Hdf5Source(path, x="x", y="y")


def test_a_map_is_refused_for_its_values(tmp_path):
    """Not for their standard deviations, which are no column either."""
    path = _write(tmp_path / "a.h5", x=rows()[:5, 0], y=rows()[:5], sigma=rows()[:5])
    with pytest.raises(DataError, match=r"dataset '/y' of shape .*, not one column"):
        Hdf5Source(path)


def test_too_few_coordinates_and_values(tmp_path):
    """What the model needs and the file does not give."""
    path = _write(tmp_path / "a.h5", x=np.zeros(5), y=np.zeros(5), t=rows()[:5])
    with pytest.raises(DataError, match="gives 1 coordinates, but the model has 2"):
        Hdf5Source(path, x="x", y="y", n_inputs=2)
    with pytest.raises(DataError, match="gives one real value a row, but the model ha"):
        Hdf5Source(path, x="x", y="y", n_outputs=2)
    with pytest.raises(DataError, match="`x` must name 2 columns"):
        Hdf5Source(path, "t", x="0", n_inputs=2)
    with pytest.raises(DataError, match="does not exist"):
        Hdf5Source(tmp_path / "none.h5")
    (tmp_path / "text.h5").write_text("x,y\n1,2\n")
    with pytest.raises(DataError, match="not an HDF5 file"):
        Hdf5Source(tmp_path / "text.h5")


@pytest.fixture(params=["contiguous", "chunked", "gzip", "lz4"])
def path(request, tmp_path):
    """A file of each of the ways of reading."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("d", data=rows(), **LAYOUTS[request.param]())
    return tmp_path / "a.h5"


@pytest.mark.parametrize("nan", ["raise", "omit"])
def test_a_row_of_nan_is_named_or_left_out(path, nan):
    """Its number is that of the file; the other rows stay as they are."""
    table = rows()
    with h5py.File(path, "r+") as file:
        file["d"][3777, 1] = np.nan
    with Hdf5Source(path) as source:
        if nan == "raise":
            with pytest.raises(DomainError, match=r"`y` of row 3777 of .*nan; correct"):
                columns(source, nan=nan)
        else:
            x, y, _ = columns(source, nan=nan)
            keep = np.arange(N) != 3777
            np.testing.assert_array_equal(x[0], table[keep, 0])
            np.testing.assert_array_equal(y[0], table[keep, 1])


@pytest.mark.parametrize("nan", ["raise", "omit"])
@pytest.mark.parametrize("value", [0.0, -1.0])
def test_a_sigma_that_is_not_positive_is_always_refused(path, nan, value):
    """Zero and negative standard deviations, also where NaN rows are left out."""
    with h5py.File(path, "r+") as file:
        file["d"][10, 0] = np.nan if nan == "omit" else 10.0
        file["d"][2048, 2] = value
    with (
        Hdf5Source(path) as source,
        pytest.raises(DomainError, match=f"`sigma` of row 2048 .* above 0.* {value}"),
    ):
        columns(source, nan=nan)


def test_negative_counts_are_refused(path):
    """Only when the values are counts."""
    table = np.abs(rows())
    table[1234, 1] = -2.0
    with h5py.File(path, "r+") as file:
        file["d"][:] = table
    with Hdf5Source(path) as source:
        assert columns(source)[1].shape == (1, N)
        with pytest.raises(DomainError, match=r"`y` of row 1234 .* -2\.0; use `chi2`"):
            columns(source, loss=as_loss("poisson").kernel)


def _truncate(path):
    os.truncate(path, path.stat().st_size // 2)


def _replace(path):
    other = path.with_name("other.h5")
    shutil.copyfile(path, other)
    os.replace(other, path)


def _append(path):
    with path.open("ab") as file:
        file.write(b"more")


CHANGES = {
    "shrinks": (_truncate, r"shrank from \d+ to \d+ bytes while it was read, before"),
    "is replaced": (_replace, "was replaced by another file while it was read"),
    "is written to": (_append, "was written to while it was read"),
    "is removed": (Path.unlink, "is gone"),
}


@pytest.mark.parametrize(("change", "message"), CHANGES.values(), ids=CHANGES)
def test_a_file_that_changes_is_found_out(path, change, message):
    """After opening, at the next rows that are read, which are named."""
    with Hdf5Source(path) as source:
        source.read(0, 100)
        change(path)
        with pytest.raises(DataError, match=f"{message}.*rows 600 to 700"):
            source.read(600, 700)
        out = [np.empty((2, 3))]
        with pytest.raises(DataError, match=f"{message}.*rows 600 to 700"):
            source.take_into(np.array([600, 699]), out)


def test_systems_without_preadv_read_the_same(path, monkeypatch):
    """As on Windows: seek and read, one thread at a time."""
    monkeypatch.delattr(os, "preadv")
    with Hdf5Source(path) as source:
        np.testing.assert_array_equal(source.read(100, 2000)[0], rows()[100:2000])


def test_bytes_that_are_missing_are_found_by_the_read_itself(path, monkeypatch):
    """Where the file shrinks between the look at it and the read."""
    with Hdf5Source(path) as source:
        monkeypatch.setattr(os, "preadv", lambda handle, views, at: 0)
        with pytest.raises(
            DataError, match=r"ends within rows 600 to \d+: it is trunc"
        ):
            source.read(600, 700)


@pytest.mark.parametrize("layout", ["gzip", "gzip, shuffled", "lz4", "zstd", "blosc"])
def test_a_damaged_chunk_costs_its_own_rows_only(tmp_path, layout):
    """The row range is named, and all other rows can be read."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        data = file.create_dataset("d", data=rows(), **LAYOUTS[layout]())
        info = data.id.get_chunk_info_by_coord((1024, 0))
    with path.open("r+b") as file:
        file.seek(info.byte_offset)
        file.write(b"\xff" * 40)
    with Hdf5Source(path) as source:
        message = "damaged: rows 1024 to 1536 of '/d' cannot be decompressed"
        with pytest.raises(DataError, match=message):
            source.read(1000, 2000)
        np.testing.assert_array_equal(source.read(0, 1024)[0], rows()[:1024])
        np.testing.assert_array_equal(source.read(1536, N)[0], rows()[1536:])


def test_layouts_that_cannot_be_fast_say_so(tmp_path):
    """Tiny chunks, and what only the library can read."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("tiny", data=rows(), chunks=(1, 3))
        file.create_dataset("sum", data=rows(), chunks=(512, 3), fletcher32=True)
        file.create_dataset("good", data=rows(), chunks=(2048, 3))
    found = {}
    for name in ("tiny", "sum", "good"):
        with Hdf5Source(tmp_path / "a.h5", name) as source:
            found[name] = " ".join(source.cautions)
    assert "stores 1 row of '/tiny' in a chunk (24 bytes)" in found["tiny"]
    assert "only the HDF5 library reads" in found["sum"]
    assert found["good"] == ""


@pytest.mark.parametrize("opened", [Hdf5Source, open_rows], ids=["source", "rows"])
def test_a_refused_file_is_closed(tmp_path, opened):
    """Also while its exception lives, as in a notebook; others may write it."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["y"] = np.ones((4, 3))
    with pytest.raises(DataError) as refused:
        opened(path, x="nothing")
    with h5py.File(path, "r+") as file:
        file["y"][0] = 2.0
    assert "nothing" in str(refused.value)


def test_a_missing_plugin_is_named(tmp_path, monkeypatch):
    """Not an empty answer from the library, but what to install."""
    from physfit.data.hdf5 import decoders, filters

    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("d", data=rows(), **LAYOUTS["zstd"]())
    monkeypatch.setattr(decoders, "_plugin_files", dict)
    monkeypatch.setattr(h5py.h5z, "filter_avail", lambda code: False)
    decoders.decoder_of.cache_clear()
    assert filters.decoder_of is decoders.decoder_of
    try:
        with pytest.raises(DataError, match=r"by zstd, whose plugin is not installed"):
            Hdf5Source(tmp_path / "a.h5")
    finally:
        decoders.decoder_of.cache_clear()


def test_gzip_by_zlib_and_by_libdeflate_agree(tmp_path, monkeypatch):
    """The faster decoder is used where the system has it; the rows are the same."""
    from physfit.data.hdf5 import decoders

    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("d", data=rows(), **LAYOUTS["gzip, shuffled"]())
    with monkeypatch.context() as patch:
        patch.setattr(decoders, "_libdeflate", lambda: None)
        decoders.decoder_of.cache_clear()
        with Hdf5Source(tmp_path / "a.h5") as source:
            np.testing.assert_array_equal(source.read(0, N)[0], rows())
    decoders.decoder_of.cache_clear()


def test_the_fingerprint_tells_data_apart(path):
    """Equal for the same file, another after any change of a first or last row."""
    with Hdf5Source(path) as source:
        first = source.fingerprint()
    with Hdf5Source(path) as source:
        assert source.fingerprint() == first
    with h5py.File(path, "r+") as file:
        file["d"][N - 1, 1] += 1.0
    with Hdf5Source(path) as source:
        second = source.fingerprint()
    assert second["checksum"] != first["checksum"]
    assert {key for key in first if first[key] == second[key]} >= {"n_rows", "dtype"}


def test_memory_too_small_for_a_chunk(tmp_path):
    """A compressed chunk is held as a whole, whatever the memory granted."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        file.create_dataset("d", data=rows(), **LAYOUTS["gzip"]() | {"chunks": (N, 3)})
    with (
        Hdf5Source(tmp_path / "a.h5") as source,
        pytest.raises(InputError, match=r"chunks of 120072 bytes that are held"),
    ):
        columns(source, memory=1 << 17)
