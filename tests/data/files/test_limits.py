"""Nothing is allocated because a file or an option says so."""

from __future__ import annotations

import gzip
import io
import os
import tracemalloc
import zipfile

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.cli.job_file import toml_record
from physfit.data.files import limits
from physfit.data.files.checksummed import read_checksummed
from physfit.data.files.limits import check_unpacked
from physfit.data.files.schema import Schema
from physfit.data.files.writers import read_record
from physfit.data.readers import read_table
from physfit.data.row_source import open_rows
from physfit.errors import DataError, InputError
from physfit.settings.texts import grid

LINE = pf.models.Linear()


def _npy(shape, dtype="<f8", data=b""):
    """An NPY file with this shape in its header, whatever its data are."""
    head = f"{{'descr': {dtype!r}, 'fortran_order': False, 'shape': {shape}}}\n"
    return b"\x93NUMPY\x01\x00" + len(head).to_bytes(2, "little") + head.encode() + data


def _npz(**members):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)
    return stream.getvalue()


def _twice():
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for _ in range(2):
            archive.writestr("x.npy", _npy((1,), data=bytes(8)))
    return stream.getvalue()


def _hdf5(path):
    with h5py.File(path, "w") as file:
        file["x"] = np.arange(64.0)
        shape = (10**12, 64)
        file.create_dataset("y", shape, "f8", chunks=(1024, 64))


FILES = {
    "a.csv.gz": gzip.compress(b"1,2\n" * (9 << 20)),
    "cut.csv.gz": gzip.compress(b"1,2\n" * 999)[:-9],
    "shape.npz": _npz(x=_npy((1 << 40,)), y=_npy((3,), data=bytes(24))),
    "shape.npy": _npy((999999999999, 2)),
    "long.npy": _npy((9223372036854775808, 5)),
    "negative.npy": _npy((-1, 2)),
    "unsaid.npy": b"\x93NUMPY\x01\x00\x10\x00{'descr': '<f8', ",
    "version.npy": b"\x93NUMPY\x09\x00\x10\x00{'descr': '<f8', ",
    "word.npy": _npy("'ab'"),
    "type.npy": _npy((2, 2), "'"),
    "none.npy": b"",
    "line.csv": b"1," * (3 << 20),
    "nul.csv": b"x,y\n1,2\0\n",
    "utf16.csv": "x,y\n1,2\n".encode("utf-16-le"),
}


@pytest.mark.parametrize("name", FILES)
def test_what_is_much_larger_than_its_file_is_refused(tmp_path, name):
    """One sentence, for tables and for rows."""
    path = tmp_path / name
    path.write_bytes(FILES[name])
    with pytest.raises(DataError, match=r"`.*`"):
        read_table(path)
    if name.endswith((".csv", ".npy")) and name != "line.csv":
        with pytest.raises(DataError, match=r"`.*`"):
            open_rows(path)


def test_declared_rows_are_not_allocated(tmp_path):
    """10^12 rows without storage are refused before anything is read."""
    _hdf5(tmp_path / "a.h5")
    with pytest.raises(DataError, match="was not written to its end"):
        open_rows(tmp_path / "a.h5")


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_arrays_of_one_name_are_refused(tmp_path):
    """Neither is taken for the other."""
    (tmp_path / "a.npz").write_bytes(_twice())
    with pytest.raises(DataError, match="two arrays have one name"):
        read_table(tmp_path / "a.npz")


def test_a_chunk_is_no_larger_than_its_file_allows(tmp_path):
    """A row of zeros that unpacks to a gigabyte is refused."""
    with h5py.File(tmp_path / "a.h5", "w") as file:
        y = file.create_dataset(
            "y", (1, 1 << 26), "f8", chunks=(1, 1 << 22), fillvalue=0
        )
        y.id.write_direct_chunk((0, 0), b"x")
    with pytest.raises(DataError, match="takes 512 MiB in memory, but 1 bytes on disk"):
        open_rows(tmp_path / "a.h5")


def test_an_archive_is_no_larger_than_its_file_allows(tmp_path, monkeypatch):
    """Four megabytes of zeros in four kilobytes, where one megabyte is allowed."""
    monkeypatch.setattr(limits, "_ALWAYS", 1 << 20)
    path = tmp_path / "a.npz"
    path.write_bytes(_npz(x=_npy((1 << 19,), data=bytes(4 << 20))))
    with pytest.raises(DataError, match=r"takes 4 MiB in memory, but .* on disk"):
        read_table(path)


@pytest.mark.parametrize("stored", [0, 1 << 10, 1 << 30])
def test_the_limit(stored):
    """256 MiB always, 200 times what is stored beyond."""
    most = max(256 << 20, 200 * stored)
    check_unpacked(most, stored, "`a`")
    with pytest.raises(DataError, match="`a` takes"):
        check_unpacked(most + 1, stored, "`a`")


ASKED = {
    "samples": (lambda: grid("--x", "0:1:99999999999"), "--x asks for 99999999999"),
    "digits": (lambda: grid("--x", "0:1:" + "9" * 5000), "--x takes a count"),
    "starts": (
        lambda: pf.multistart(LINE, [0, 1, 2], [1.0, 3.1, 4.9], n_starts=10**10),
        "`n_starts` asks for",
    ),
    "points": (
        lambda: pf.landscape(
            LINE, [0, 1, 2], [1.0, 3.1, 4.9], over=("slope", "intercept"), points=10**6
        ),
        "`points` asks for",
    ),
    "replicas": (
        lambda: pf.bootstrap(pf.fit(LINE, [0, 1, 2], [1.0, 3.1, 4.9]), n=10**10),
        "`n` asks for",
    ),
}


@pytest.mark.parametrize(("ask", "sentence"), ASKED.values(), ids=ASKED)
def test_options_ask_for_a_few_gigabytes_at_most(ask, sentence):
    """A number that is typed wrongly is a sentence."""
    with pytest.raises(InputError, match=sentence):
        ask()


SPECIAL = {
    "pipe": (lambda path: os.mkfifo(path), "is a pipe, not a file"),
    "device": (lambda path: path.symlink_to("/dev/zero"), "is a device, not a file"),
}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes here")
@pytest.mark.parametrize(("make", "sentence"), SPECIAL.values(), ids=SPECIAL)
@pytest.mark.parametrize("suffix", [".csv", ".h5", ".npy", ".toml"])
def test_what_has_no_end_is_not_opened(tmp_path, make, sentence, suffix):
    """Pipes and devices are refused by what they are."""
    path = tmp_path / f"a{suffix}"
    make(path)
    for read in (toml_record,) if suffix == ".toml" else (read_table, open_rows):
        with pytest.raises(DataError, match=sentence):
            read(path)


TOML = {
    "deep": b"a = " + b"{a = " * 1500 + b"1" + b"}" * 1500,
    "lists": b"a = " + b"[" * 3000 + b"]" * 3000,
    "digits": b"a = " + b"9" * 5000,
    "bits": b"[minibatch]\nepochs = " + b"9" * 30,
    "bytes": b"\xff\xfe",
    "long": b"#" * (1 << 21),
}


@pytest.mark.parametrize("text", TOML.values(), ids=TOML)
def test_a_job_file_of_any_kind_is_one_sentence(tmp_path, text):
    """Depth, digits, bytes and length of a job file have an end."""
    path = tmp_path / "job.toml"
    path.write_bytes(text)
    with pytest.raises(DataError, match=r"`.*job.toml`") as error:
        toml_record(path)
    assert "\n" not in str(error.value)


def test_a_header_without_rows_is_refused(tmp_path):
    """There is nothing to fit."""
    path = tmp_path / "t.csv"
    path.write_text("x,1,2,3\n")
    with pytest.raises(DataError, match="holds a header and no rows of numbers"):
        open_rows(path)


def test_underscores_are_no_digits(tmp_path):
    """Python takes 1_0 for 10; a file may not."""
    path = tmp_path / "t.csv"
    path.write_text("x,1,2\na,1_0,2\nb,3,4\n")
    with pytest.raises(DataError, match="line 2: '1_0' is not a number"):
        open_rows(path)
    path.write_text("x,y\n1,2\n2,1_0\n3,4\n")
    with pytest.raises(DataError, match="'1_0' in line 3"):
        read_table(path, x="x", y="y")


def test_a_line_of_digits_is_looked_at_once(tmp_path):
    """Whether a long field is a number takes time in proportion to its length."""
    path = tmp_path / "t.csv"
    path.write_text("x,y\n1,2\n2,3\n" + "1" * 200_000 + "x,2\n3,4\n4,5\n")
    with pytest.raises(DataError, match=r"has '1{40}' in line 4"):
        read_table(path)


@pytest.mark.parametrize(
    "read", [read_record, read_checksummed], ids=["json", "checksummed"]
)
def test_a_file_of_holes_is_not_read_whole(read, tmp_path):
    """Its size on disk decides, also where the file itself says how long it is."""
    path = tmp_path / "r.json"
    if read is read_record:
        path.write_text('{"schema": "s", "version": 1, ')
    else:
        size = (100 << 30) - 512
        line = f' {{"schema": "s", "version": 1, "size": {size}}}'.ljust(479)
        path.write_text("0" * 32 + line + "\n")
    os.truncate(path, 100 << 30)
    with pytest.raises(DataError, match="100 GiB in memory, but"):
        read(path, Schema("s", 1))


def test_a_header_of_an_npy_file_is_not_longer_than_numpy_reads(tmp_path):
    """Its length is a number in the file."""
    path = tmp_path / "a.npy"
    path.write_bytes(b"\x93NUMPY\2\0\xf0\xff\xff\xff")
    os.truncate(path, 5 << 30)
    tracemalloc.start()
    try:
        for opened in (read_table, open_rows):
            with pytest.raises(DataError, match=r"damaged|not a numpy file"):
                opened(path)
        assert tracemalloc.get_traced_memory()[1] < 1 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("text", ["a{}=1", "[a{}]", "a={{a{}=1}}"], ids=str)
def test_keys_of_many_parts_are_refused(text, tmp_path):
    """The parser takes the square of their number."""
    path = tmp_path / "job.toml"
    path.write_text(text.format('."a"' * 100_000))
    with pytest.raises(DataError, match="more than 200 dots"):
        toml_record(path)
