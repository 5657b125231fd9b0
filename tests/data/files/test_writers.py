"""Records and atomic files: exact round trips, clear refusals, nothing half written."""

from __future__ import annotations

import json
import math
import os
import re
import subprocess
import sys

import h5py
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as st_numpy

from physfit.data.files.schema import Schema
from physfit.data.files.writers import atomic_file, read_record, write_record
from physfit.errors import DataError, InputError

SCHEMA = Schema("physfit-test", 2)
FORMATS = ("json", "h5")
both = pytest.mark.parametrize("kind", FORMATS)


@pytest.fixture(params=FORMATS)
def kind(request):
    """Suffix of the format under test."""
    return request.param


@pytest.fixture
def path(tmp_path, kind):
    """Where the record goes."""
    return tmp_path / f"record.{kind}"


def write(path, record, schema=SCHEMA, **options):
    """Write a record in the format of the suffix."""
    write_record(path, record, schema, **options)


def read(path, schema=SCHEMA):
    """Read a record in the format of the suffix."""
    return read_record(path, schema)


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
keys = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0/@"), min_size=1
).filter(lambda key: key not in (".", "..", "schema", "version"))
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**63 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)
records = st.recursive(
    st.dictionaries(keys, st.one_of(scalars, st.lists(texts)), max_size=5),
    lambda inner: st.dictionaries(keys, st.one_of(scalars, inner), max_size=4),
    max_leaves=12,
)


@both
@settings(deadline=None)  # waits for the disk
@given(record=records)
def test_a_record_comes_back_as_it_was(tmp_path_factory, unguarded, kind, record):
    """Text, numbers, None and nesting survive, with their types and their order."""
    path = tmp_path_factory.mktemp("records", numbered=True) / f"record.{kind}"
    write(path, record)
    back = read(path)
    assert repr(back) == repr(record)
    path.unlink()


@settings(deadline=None)  # waits for the disk
@given(
    array=st_numpy.arrays(
        st.sampled_from([np.float64, np.int64, np.complex128, np.bool_, np.float32]),
        st_numpy.array_shapes(min_dims=1, max_dims=3, min_side=0),
    )
)
def test_an_array_comes_back_bit_by_bit_from_hdf5(tmp_path_factory, unguarded, array):
    """Arrays keep type, shape and every bit, NaN and infinities included."""
    path = tmp_path_factory.mktemp("arrays", numbered=True) / "record.h5"
    write(path, {"array": array})
    back = read(path)["array"]
    assert (back.dtype, back.shape) == (array.dtype, array.shape)
    np.testing.assert_array_equal(back, array)
    path.unlink()


@settings(deadline=None)  # waits for the disk
@given(values=st.lists(st.floats(allow_nan=False, allow_infinity=False)))
def test_floats_come_back_bit_by_bit_from_json(tmp_path_factory, values):
    """The shortest text of a float64 names it exactly."""
    path = tmp_path_factory.mktemp("floats", numbered=True) / "record.json"
    write(path, {"values": np.array(values)})
    assert read(path)["values"] == values
    path.unlink()


@pytest.mark.parametrize(
    ("value", "json_value", "hdf5_value"),
    [
        (math.nan, None, math.nan),
        (-math.inf, None, -math.inf),
        (np.array([1.0, np.nan, np.inf]), [1.0, None, None], [1.0, np.nan, np.inf]),
        (np.array([[1, 2], [3, 4]]), [[1, 2], [3, 4]], [[1, 2], [3, 4]]),
        (1 + 2j, {"re": 1.0, "im": 2.0}, 1 + 2j),
        (np.array([1 + 2j]), {"re": [1.0], "im": [2.0]}, [1 + 2j]),
        (np.float32(0.5), 0.5, 0.5),
        (np.int8(3), 3, 3),
        (np.bool_(True), True, True),
        (np.str_("a"), "a", "a"),
        (np.array(["a", "bc"]), ["a", "bc"], ["a", "bc"]),
        (("a", "b"), ["a", "b"], ["a", "b"]),
        ([1, 2.5], [1, 2.5], [1.0, 2.5]),
    ],
    ids=repr,
)
def test_what_other_values_become(tmp_path, value, json_value, hdf5_value):
    """Each value has its documented form in each format."""
    for suffix, expected in (("json", json_value), ("h5", hdf5_value)):
        path = tmp_path / f"record.{suffix}"
        write(path, {"value": value})
        np.testing.assert_equal(read(path)["value"], expected)


def test_the_json_file_is_plain_json(tmp_path):
    """Any reader of JSON understands the file; the schema stands first."""
    write_record(tmp_path / "a.json", {"stderr": math.nan, "name": "Δ"}, SCHEMA)
    text = (tmp_path / "a.json").read_text(encoding="utf-8")
    assert json.loads(text, parse_constant=pytest.fail) == {
        "schema": "physfit-test",
        "version": 2,
        "stderr": None,
        "name": "Δ",
    }
    assert list(json.loads(text))[:2] == ["schema", "version"]


def test_attributes_make_a_nexus_file(tmp_path):
    """Keys with @ are attributes of groups and datasets, so NXdata can be written."""
    record = {
        "@NX_class": "NXroot",
        "@default": "entry",
        "entry": {
            "@NX_class": "NXdata",
            "@signal": "y",
            "@axes": ["x"],
            "x": np.array([1.0, 2.0]),
            "x@units": "s",
            "y": np.array([3.0, 4.0]),
            "y@units": "V",
            "y@initial": None,
        },
    }
    path = tmp_path / "a.h5"
    write_record(path, record, SCHEMA)
    np.testing.assert_equal(read_record(path, SCHEMA), record)
    with h5py.File(path) as file:
        assert file["entry"].attrs["signal"] == "y"
        assert file["entry/y"].attrs["units"] == "V"


def test_nxdata_of_a_record_is_a_table(tmp_path):
    """What `write_record` writes as NXdata, `read_table` reads."""
    from physfit.data.readers import read_table

    data = {"@NX_class": "NXdata", "@signal": "y", "@axes": ["x"], "y@units": "V"}
    path = tmp_path / "a.h5"
    write_record(path, {"fit": {**data, "x": np.ones(3), "y": np.ones(3)}}, SCHEMA)
    assert read_table(path).y_unit == "V"


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"a": {"b": object()}}, "`record.a.b` is of type object"),
        ({"a": {1: 2}}, "`record.a` has the key 1, but keys must be strings; use '1'."),
        ({"a": {1, 2}}, "`record.a` is of type set"),
        ({"a": b"raw"}, "`record.a` is of type bytes"),
    ],
    ids=["object", "key", "set", "bytes"],
)
def test_what_a_record_cannot_hold_is_named(path, record, words):
    """The place in the record stands in the sentence, and no file is left."""
    with pytest.raises(InputError) as caught:
        write(path, record)
    assert words in str(caught.value)
    assert os.listdir(path.parent) == []


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({"a/b": 1}, "`record` has the key 'a/b', which cannot name a dataset"),
        ({"": 1}, "`record` has the key '', which cannot name a dataset"),
        ({"a@": 1}, "`record` has the key 'a@', which cannot name a dataset"),
        ({"a": "b\0c"}, "`record.a` is the text 'b\\x00c', which HDF5 cannot hold"),
        ({"a": ["\ud800"]}, "`record.a` is the text '\\ud800', which HDF5 cannot hold"),
        ({"\ud800": 1}, "`record` is the text '\\ud800', which HDF5 cannot hold"),
        ({"a": [[1], [2, 3]]}, "`record.a` is a list of unlike things"),
        ({"a": [1, None]}, "`record.a` is of type list (object)"),
        ({"a": [{"b": 1}]}, "`record.a` is of type list (object)"),
        ({"a": 2**70}, "`record.a` is of type int (object)"),
        ({"a@units": "V"}, "is an attribute of 'a', which is no dataset of `record`"),
        ({"a": {}, "a@units": "V"}, "or put '@units' into the group"),
        ({"@physfit_schema": "x"}, "may not have the key '@physfit_schema'"),
    ],
    ids=repr,
)
def test_what_hdf5_cannot_hold_is_named(tmp_path, record, words):
    """Names, texts and lists that HDF5 has no room for are refused before they harm."""
    with pytest.raises(InputError) as caught:
        write_record(tmp_path / "a.h5", record, SCHEMA)
    assert words in str(caught.value)
    assert os.listdir(tmp_path) == []


def test_text_that_is_not_unicode_is_refused_by_json(tmp_path):
    """A lone surrogate has no place in a text file."""
    with pytest.raises(InputError, match=r"holds the text .* which is not Unicode"):
        write_record(tmp_path / "a.json", {"name": "a\ud800"}, SCHEMA)
    assert os.listdir(tmp_path) == []


def test_a_record_may_not_carry_its_own_schema(tmp_path):
    """The keys of the file itself are refused in a record."""
    with pytest.raises(InputError, match="may not have the key 'schema'"):
        write_record(tmp_path / "a.json", {"schema": "mine"}, SCHEMA)


def test_older_versions_are_read(path):
    """A file of an earlier version of the schema is accepted."""
    write(path, {"a": 1}, schema=SCHEMA._replace(version=1))
    assert read(path) == {"a": 1}


def test_newer_versions_are_refused(path):
    """A file of a later version says to update."""
    write(path, {"a": 1}, schema=SCHEMA._replace(version=3))
    with pytest.raises(DataError, match=r"has version 3 of physfit-test, .* update ph"):
        read(path)


def test_other_schemas_are_refused(path):
    """A file of another kind is named as that kind."""
    write(path, {"a": 1}, schema=Schema("physfit-other", 2))
    with pytest.raises(DataError, match="is a physfit-other file, not a physfit-test"):
        read(path)


def test_missing_files_and_directories_are_named(path):
    """Nothing, or a folder, in the place of the file has its sentence."""
    with pytest.raises(DataError, match="does not exist"):
        read(path)
    path.mkdir()
    with pytest.raises(DataError, match="is a directory"):
        read(path)


@pytest.mark.parametrize("share", [0.0, 0.5, 0.95])
def test_truncated_records_are_refused(path, share):
    """A record cut off anywhere is refused as truncated."""
    write(path, {"values": np.arange(100.0), "name": "a"})
    whole = path.read_bytes().rstrip()
    path.write_bytes(whole[: int(share * len(whole))])
    with pytest.raises(DataError, match="is truncated"):
        read(path)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[1, 2]", "was not written by physfit: it holds a list"),
        ('{"a": 1}', "is no file of results"),
        ('{"schema": "physfit-test", "version": "x"}', "is no file of results"),
        ("[" * 100_000, "is truncated or not JSON"),
        ("\ufffe", "is truncated or not JSON"),
    ],
    ids=["list", "no schema", "version", "deep", "no text"],
)
def test_other_json_is_refused(tmp_path, text, words):
    """JSON of other origin is refused by what it lacks."""
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-16" if text == "\ufffe" else "utf-8")
    with pytest.raises(DataError, match=words):
        read_record(path, SCHEMA)


def test_other_hdf5_is_refused(tmp_path):
    """An HDF5 file of other origin is refused by what it lacks."""
    path = tmp_path / "a.h5"
    with h5py.File(path, "w") as file:
        file["a"] = 1
    with pytest.raises(DataError, match="is no file of results"):
        read_record(path, SCHEMA)


def test_a_link_to_nothing_is_refused(tmp_path):
    """A record holds its parts itself: no link is followed, to whatever it leads."""
    path = tmp_path / "a.h5"
    write_record(path, {"a": 1}, SCHEMA)
    with h5py.File(path, "a") as file:
        file["b"] = h5py.SoftLink("/gone")
    with pytest.raises(DataError, match=r"damaged: a link stands at '/b'"):
        read_record(path, SCHEMA)


def test_an_existing_file_is_not_replaced_unasked(path):
    """An existing output is refused, untouched, unless overwrite is given."""
    write(path, {"a": 1})
    with pytest.raises(DataError, match=r"exists; .*--overwrite \(overwrite=True\)"):
        write(path, {"a": 2})
    assert read(path) == {"a": 1}
    write(path, {"a": 3}, overwrite=True)
    assert read(path) == {"a": 3}
    assert os.listdir(path.parent) == [path.name]


class Stop(Exception):
    """An exception in the middle of writing."""


@pytest.mark.parametrize("error", [Stop, KeyboardInterrupt])
@pytest.mark.parametrize("old", [None, "old"])
def test_an_exception_leaves_things_as_they_were(tmp_path, error, old):
    """After an exception the old file is whole and no temporary one is left."""
    path = tmp_path / "a.txt"
    if old:
        path.write_text(old)
    with pytest.raises(error), atomic_file(path, overwrite=True) as temporary:
        assert temporary.parent == tmp_path
        temporary.write_text("half")
        raise error
    assert os.listdir(tmp_path) == (["a.txt"] if old else [])
    assert not old or path.read_text() == old


def test_a_killed_writer_never_shadows_the_old_file(tmp_path):
    """A process that dies in the middle of writing leaves the old file in its place."""
    path = tmp_path / "a.txt"
    path.write_text("old")
    code = (
        "import os, sys\n"
        "from physfit.data.files.atomic import atomic_file\n"
        "with atomic_file(sys.argv[1], overwrite=True) as temporary:\n"
        "    temporary.write_text('half')\n"
        "    os._exit(9)\n"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], check=False)
    assert done.returncode == 9
    assert path.read_text() == "old"


def test_a_file_that_appears_meanwhile_is_not_replaced(tmp_path):
    """Of two writers without overwrite, the second is refused at the end."""
    path = tmp_path / "a.txt"
    with pytest.raises(DataError, match="exists"), atomic_file(path) as temporary:
        temporary.write_text("mine")
        path.write_text("theirs")
    assert path.read_text() == "theirs"
    assert os.listdir(tmp_path) == ["a.txt"]


def test_an_error_of_the_disk_is_one_sentence(tmp_path):
    """An OSError while writing becomes a DataError that names the file."""
    with (
        pytest.raises(DataError, match=r"a.txt` cannot be written: No space left"),
        atomic_file(tmp_path / "a.txt"),
    ):
        raise OSError(28, "No space left on device")
    assert os.listdir(tmp_path) == []


def test_places_that_cannot_be_written_are_named(tmp_path):
    """A missing folder, and a directory in place of the file, have their sentences."""
    with (
        pytest.raises(DataError, match=r"the folder `.*none` does not exist"),
        atomic_file(tmp_path / "none" / "a.txt"),
    ):
        pytest.fail("nothing to write to")
    with (
        pytest.raises(DataError, match="is a directory; give a file"),
        atomic_file(tmp_path, overwrite=True),
    ):
        pytest.fail("nothing to write to")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="permissions of POSIX")
def test_permissions_are_those_of_any_new_file(tmp_path):
    """A new file obeys the umask, and a replaced one keeps its permissions."""
    usual, ours = tmp_path / "usual", tmp_path / "ours"
    usual.touch()
    with atomic_file(ours):
        pass
    assert ours.stat().st_mode == usual.stat().st_mode
    ours.chmod(0o640)
    with atomic_file(ours, overwrite=True):
        pass
    assert ours.stat().st_mode & 0o777 == 0o640


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="needs symbolic links")
def test_a_symbolic_link_is_followed(tmp_path):
    """Writing through a link replaces what it points to and keeps the link."""
    (tmp_path / "folder").mkdir()
    target, link = tmp_path / "folder" / "a.txt", tmp_path / "link"
    link.symlink_to(target)
    with atomic_file(link) as temporary:
        temporary.write_text("new")
    assert link.is_symlink()
    assert target.read_text() == "new"


def test_json_records_need_no_h5py():
    """Writing JSON never imports h5py."""
    code = "import sys, physfit.data.files.writers; print('h5py' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"


def _cycle(file):
    file["c"] = file["/"]


def _twice(file):
    file["c"] = file["a"]


def _elsewhere(file):
    file["c"] = h5py.ExternalLink("other.h5", "/y")


def _deep(file):
    for _ in range(40):
        file = file.create_group("g")


def _latin(file):
    file["c"] = np.bytes_(b"\xff\xfe")


def _latin_attribute(file):
    file["a"].attrs["note"] = np.bytes_(b"\xff\xfe")


def _unwritten(file):
    file.create_dataset("c", (10**12,), "f8", chunks=(1024,))


def _virtual(file):
    layout = h5py.VirtualLayout((4,), "f8")
    layout[:] = h5py.VirtualSource("gone.h5", "y", (4,))
    file.create_virtual_dataset("c", layout)


def _type(file):
    file["c"] = np.dtype("f8")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (_cycle, "other places too"),
        (_twice, "other places too"),
        (_elsewhere, "a link stands at '/c'"),
        (_deep, "deeper than 32"),
        (_latin, "'/c' holds text that is not UTF-8"),
        (_latin_attribute, "attribute of /a' holds text that is not UTF-8"),
        (_unwritten, "are not in the file"),
        (_virtual, "are not in the file"),
        (_type, "neither a group nor a dataset"),
    ],
)
def test_what_no_record_holds_is_named(tmp_path, change, words):
    """One sentence and no traceback, and nothing is read from elsewhere."""
    path = tmp_path / "a.h5"
    write_record(path, {"a": [1.0, 2.0]}, SCHEMA)
    with h5py.File(path, "a") as file:
        change(file)
    with pytest.raises(DataError, match=re.escape(words)):
        read_record(path, SCHEMA)


def test_an_entry_that_stands_twice_is_refused(tmp_path):
    """Which of the two is meant cannot be known."""
    path = tmp_path / "a.json"
    path.write_text('{"schema": "physfit-test", "version": 2, "a": 1, "a": 2}')
    with pytest.raises(DataError, match=r"'a' stands in it twice"):
        read_record(path, SCHEMA)
