"""Jobs go on with their own data and parts only."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.data.files.checksummed import read_head, write_checksummed
from physfit.data.files.schema import Schema
from physfit.data.hdf5 import tree
from physfit.data.jobs.parts import Parts, parts_folder
from physfit.data.row_source import open_rows
from physfit.document.text import as_text
from physfit.errors import DataError
from physfit.fitting.fit_settings import FitSettings
from physfit.many_fits import file_job, row_job, source_job
from physfit.many_fits.from_file import JobOutput, run_file
from physfit.many_fits.joining import job_status, join_parts
from physfit.many_fits.retrying import retry_failed
from physfit.many_fits.same_data import check_merged

MODEL = pf.models.Gaussian() + pf.models.Constant()
X = np.linspace(-4.0, 4.0, 24)
N, BLOCK = 300, 50
SETTINGS = FitSettings.of({"threads": 2})


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch):
    """Six blocks of 50 rows."""
    monkeypatch.setattr(source_job, "rows_of_block", lambda *_, **__: BLOCK)
    monkeypatch.setattr(file_job, "LOST_SECONDS", 0.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Rows with an x for all, a sigma for each sample of each row, and a mask."""
    path, rng = tmp_path / "rows.h5", np.random.default_rng(6)
    y = 40.0 * np.exp(-0.5 * (X - rng.uniform(-1.0, 1.0, (N, 1))) ** 2) + 2.0
    with h5py.File(path, "w") as stored:
        stored["y"] = y + rng.normal(size=y.shape)
        stored["x"] = X
        stored["sigma"] = np.ones(y.shape)
        stored["mask"] = np.zeros(y.shape, dtype=np.uint8)
    return path


def run(file: Path, out: Path, **more) -> bool:
    source = open_rows(file)
    try:
        return run_file(MODEL, source, SETTINGS, JobOutput(out, **more))
    finally:
        source.close()


def table(out: Path):
    return pf.load_many(out).table


def same(a: Path, b: Path) -> None:
    """Everything that was found is equal, bit by bit."""
    for mine, theirs in zip(table(a), table(b), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def edit(file: Path, name: str, place: tuple[int, ...], value: float) -> None:
    with h5py.File(file, "r+") as stored:
        stored[name][place] = value


#: Datasets, and places of one number: rows 0 to 50 are done in each test.
EDITS = {
    "y of a done row": ("y", (37, 5), 99.0),
    "x": ("x", (3,), -3.0),
    "sigma of a done row": ("sigma", (41, 7), 0.5),
    "mask of a done row": ("mask", (22, 12), 1),
}


def restored(file: Path, change) -> None:
    """Make a change and give the file its date back."""
    before = file.stat()
    change()
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize("keeps_date", [False, True], ids=["", "date restored"])
@pytest.mark.parametrize("name", EDITS)
def test_a_number_that_changed_is_noticed(file, tmp_path, name, keeps_date):
    """By the next shard, by merge, and by --resume of a finished output."""
    one, two = tmp_path / "one.h5", tmp_path / "two.h5"
    run(file, two)
    run(file, one, shard=(1, 6))
    if keeps_date:
        restored(file, lambda: edit(file, *EDITS[name]))
    else:
        edit(file, *EDITS[name])
    with pytest.raises(DataError, match="another job"):
        run(file, one, shard=(2, 6))
    with pytest.raises(DataError, match="another job"):
        run(file, one, resume=True)
    with pytest.raises(DataError, match="another job"):
        run(file, two, resume=True)
    with pytest.raises(DataError, match="another job"):
        retry_failed(MODEL, open_rows(file), SETTINGS, two)


@pytest.mark.parametrize("keeps_date", [False, True], ids=["", "date restored"])
def test_merge_looks_at_the_data_where_they_are_at_hand(file, tmp_path, keeps_date):
    """Elsewhere the parts are joined as they are."""
    out = tmp_path / "out.h5"
    for k in range(6):
        run(file, out, shard=(k + 1, 6))
    change = lambda: edit(file, "y", (180, 3), 77.0)  # noqa: E731
    restored(file, change) if keeps_date else change()
    with pytest.raises(DataError, match="another job"):
        join_parts(Parts(parts_folder(out)), out)
    file.unlink()
    join_parts(Parts(parts_folder(out)), out)
    assert table(out).n_rows == N


def test_merge_names_the_file_of_another_date(file, tmp_path):
    """Sizes and dates are compared before anything is read; the sentence says how."""
    out = tmp_path / "out.h5"
    run(file, out, shard=(1, 6))
    os.utime(file, ns=(1, 1))
    with pytest.raises(DataError, match=r"rows\.h5` has .* 1970-01-01"):
        check_merged(Parts(parts_folder(out)))


@pytest.mark.parametrize("clock", [1, 100, 10**9], ids=["cp -p", "SMB", "scp -p"])
def test_a_copy_that_kept_its_date_will_do(file, tmp_path, clock):
    """As far as its clock goes; it is read again, and the answer is that of one run."""
    os.utime(file, ns=(0, 1_790_000_000_123_456_789))
    run(file, tmp_path / "whole.h5")
    out = tmp_path / "out.h5"
    run(file, out, shard=(2, 6))
    copy = tmp_path / "copy.h5"
    shutil.copy2(file, copy)
    date = copy.stat().st_mtime_ns
    os.utime(copy, ns=(0, date - date % clock))
    file.unlink()
    run(copy, out, resume=True)
    same(out, tmp_path / "whole.h5")
    assert run(copy, out, resume=True)


def test_rows_that_no_part_holds_are_read_as_they_are_now(file, tmp_path):
    """With the date restored: what comes out is what the new file gives."""
    out = tmp_path / "out.h5"
    run(file, out, shard=(2, 6))
    restored(file, lambda: edit(file, "y", (263, 4), 50.0))
    run(file, out, resume=True)
    run(file, tmp_path / "whole.h5")
    same(out, tmp_path / "whole.h5")


def test_a_file_that_changes_during_the_run_ends_it(file, tmp_path, monkeypatch):
    """What was read before is kept and right, nothing after it is."""
    run(file, tmp_path / "whole.h5")
    out, calls = tmp_path / "out.h5", []
    plain = row_job.RowJob.fit_blocks

    def fit_blocks(self, *arguments):
        calls.append(1)
        if len(calls) == 3:
            os.truncate(file, file.stat().st_size // 2)
        return plain(self, *arguments)

    monkeypatch.setattr(row_job.RowJob, "fit_blocks", fit_blocks)
    with pytest.raises(DataError, match="shrank from"):
        run(file, out)
    parts = Parts(parts_folder(out))
    expected = table(tmp_path / "whole.h5")
    assert 2 <= len(parts.done()) <= 4
    for start, stop in parts.done():
        np.testing.assert_array_equal(
            parts.read(start, stop).columns["theta"], expected.theta[start:stop]
        )


@pytest.mark.parametrize(
    ("block", "words"),
    [(3, "given another date|was written to"), (6, "another job")],
    ids=str,
)
def test_a_date_that_is_restored_hides_nothing(
    file, tmp_path, monkeypatch, block, words
):
    """At the next read or, after the last one, because all rows are read again.

    Rows are read ahead: a read between the write and the date finds the write.
    """
    out, calls = tmp_path / "out.h5", []
    plain = row_job.RowJob.fit_blocks

    def fit_blocks(self, *arguments):
        calls.append(1)
        if len(calls) == block:
            with file.open("r+b") as stream:
                content = file.read_bytes()
                place = content.index(np.float64(X[3]).tobytes())
                before = file.stat()
                stream.seek(place)
                stream.write(np.float64(-3.0).tobytes())
            os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
        return plain(self, *arguments)

    monkeypatch.setattr(row_job.RowJob, "fit_blocks", fit_blocks)
    with pytest.raises(DataError, match=words):
        run(file, out)
    assert not out.exists()


def paths(out: Path) -> tuple[Path, Path]:
    """The parts of the first two blocks."""
    parts = Parts(parts_folder(out))
    return parts.path(0, BLOCK), parts.path(BLOCK, 2 * BLOCK)


def swapped(out: Path, tmp_path: Path) -> None:
    one, two = paths(out)
    content = one.read_bytes()
    one.write_bytes(two.read_bytes())
    two.write_bytes(content)


def of_another_job(out: Path, tmp_path: Path) -> None:
    source = open_rows(tmp_path / "rows.h5", sigma=2.0)
    run_file(MODEL, source, SETTINGS, JobOutput(tmp_path / "other.h5", shard=(1, 6)))
    source.close()
    shutil.copy(paths(tmp_path / "other.h5")[0], paths(out)[0])


def flipped(out: Path, tmp_path: Path) -> None:
    content = bytearray(paths(out)[0].read_bytes())
    content[len(content) // 2] ^= 16
    paths(out)[0].write_bytes(content)


def older(out: Path, tmp_path: Path) -> None:
    with h5py.File(paths(out)[0], "w") as stored:
        stored["status"] = np.ones(BLOCK, np.uint8)


def of_other_content(out: Path, tmp_path: Path) -> None:
    schema = Schema("physfit.many_part", 3)
    head = read_head(paths(out)[0], schema)
    del head["size"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(tree, "tree_bytes", lambda record: b"no HDF5")
        write_checksummed(paths(out)[0], head, {}, schema, overwrite=True)


DAMAGES = {
    "swapped": swapped,
    "of other content": of_other_content,
    "of another job": of_another_job,
    "a bit": flipped,
    "cut": lambda out, _: os.truncate(paths(out)[0], 3000),
    "empty": lambda out, _: os.truncate(paths(out)[0], 0),
    "foreign": lambda out, _: paths(out)[0].write_text("precious"),
    "older": older,
}


@pytest.mark.parametrize("name", DAMAGES)
def test_damaged_parts_are_named_and_computed_anew(file, tmp_path, name):
    """Merge refuses them, status says so, --resume gives the bits of a sound run."""
    out = tmp_path / "out.h5"
    run(file, tmp_path / "whole.h5")
    for k in (1, 2, 3):
        run(file, out, shard=(k, 3))
    DAMAGES[name](out, tmp_path)
    parts = Parts(parts_folder(out))
    damaged = paths(out)[0].name
    with pytest.raises(DataError, match=damaged):
        join_parts(parts, out)
    found = job_status(parts)
    assert damaged in as_text(found.blocks)
    assert not found.is_complete
    assert any(damaged in note for note in pf.load_many(out).notes)
    run(file, out, resume=True)
    same(out, tmp_path / "whole.h5")
    assert not parts_folder(out).exists()


def test_a_renamed_part_is_refused_and_stays(file, tmp_path):
    """It is no block of the job; its own block is missing."""
    out = tmp_path / "out.h5"
    run(file, tmp_path / "whole.h5")
    run(file, out, shard=(1, 6))
    parts = Parts(parts_folder(out))
    paths(out)[0].rename(parts.path(7, 57))
    assert "is no part of this job" in as_text(job_status(parts).blocks)
    with pytest.raises(DataError, match="is no part of this job"):
        join_parts(parts, out)
    run(file, out, resume=True)
    same(out, tmp_path / "whole.h5")


def nested(depth: int) -> list:
    """A list in a list in a list."""
    return [nested(depth - 1)] if depth else []


JOB_EDITS = {
    "entry dropped": lambda job: job.pop("block_rows"),
    "entry renamed": lambda job: job.update(block_row=job.pop("block_rows")),
    "text": lambda job: job.update(block_rows="50"),
    "huge": lambda job: job.update(block_rows=10**30),
    "negative": lambda job: job["data"].update(shape=[-3, 24]),
    "null": lambda job: job.update(about=None),
    "list": lambda job: job.update(data=[1, 2]),
    "other loss": lambda job: job.update(loss="huber:1.5"),
    "other sigma": lambda job: job["data"].update(sigma="none"),
    "not a number": lambda job: job["about"].update(created=float("nan")),
    "surrogate": lambda job: job["about"].update(command="\ud800"),
    "older": lambda job: job.pop("digest"),
    "all gone": lambda job: job.clear(),
    "deep": lambda job: job["model"].update(deep=nested(900)),
}


@pytest.mark.parametrize("name", JOB_EDITS)
def test_an_altered_job_is_refused_in_one_sentence(file, tmp_path, name):
    """That names the file, wherever it is read."""
    out = tmp_path / "out.h5"
    run(file, out, shard=(1, 6))
    parts = Parts(parts_folder(out))
    path = parts.folder / "job.json"
    job = json.loads(path.read_text())
    JOB_EDITS[name](job)
    path.write_text(json.dumps(job))
    readers = (
        lambda: job_status(parts),
        lambda: join_parts(Parts(parts.folder), out),
        lambda: run(file, out, resume=True),
        lambda: pf.load_many(out),
    )
    for reader in readers:
        with pytest.raises(DataError, match=r"job\.json"):
            reader()


def test_damaged_axes_are_refused_and_written_anew(file, tmp_path):
    """By merge, with the name of their file; by the next run."""
    out = tmp_path / "out.h5"
    run(file, tmp_path / "whole.h5")
    for k in (1, 2):
        run(file, out, shard=(k, 2))
    path = parts_folder(out) / "axes.h5"
    content = bytearray(path.read_bytes())
    content[-9] ^= 1
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"axes\.h5"):
        join_parts(Parts(parts_folder(out)), out)
    run(file, out, resume=True)
    same(out, tmp_path / "whole.h5")


def altered_opening(out: Path, path: Path) -> None:
    """Let a result name another file of data."""
    with h5py.File(out, "r+") as stored:
        job = json.loads(stored["entry/job"][()])
        job["about"]["opening"] = {"path": str(path)}
        del stored["entry/job"]
        stored["entry/job"] = json.dumps(job)


@pytest.mark.parametrize("name", ["private.txt", "private.h5", "pipe.h5", "folder"])
def test_no_file_but_that_of_the_data_is_opened(file, tmp_path, name):
    """A result may name any path; not a word of what stands there is shown."""
    out, path = tmp_path / "out.h5", tmp_path / name
    run(file, out)
    if name == "folder":
        path.mkdir()
    elif name == "pipe.h5":
        os.mkfifo(path)
    else:
        path.write_text("1 2\n3 hunter2\n".ljust(file.stat().st_size))
    altered_opening(out, path)
    with pytest.raises(DataError, match="does not hold the data") as caught:
        pf.load_many(out).result(3)
    assert "hunter2" not in str(caught.value)


def test_a_result_without_its_digests_is_damaged(file, tmp_path):
    """It cannot be compared with its data."""
    out = tmp_path / "out.h5"
    run(file, out)
    with h5py.File(out, "r+") as stored:
        del stored["entry/digests"]
    with pytest.raises(DataError, match="keeps 0 digests of data for 6 blocks"):
        retry_failed(MODEL, open_rows(file), SETTINGS, out)
