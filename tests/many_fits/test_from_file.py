"""Fits of files: whole, in parts, after a kill, and refused."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.data.files import atomic
from physfit.data.files.output_lock import output_lock
from physfit.data.jobs.parts import Parts, parts_folder
from physfit.data.row_source import open_rows
from physfit.document.documented import Report
from physfit.errors import DataError, InputError
from physfit.fitting.fit_settings import FitSettings
from physfit.many_fits import file_job, row_job, source_job
from physfit.many_fits.file_job import Interruption, read_block
from physfit.many_fits.from_file import JobOutput, run_file
from physfit.many_fits.joining import job_status, join_parts, remove_joined
from physfit.many_fits.retrying import retry_failed
from physfit.models.loss import as_loss

MODEL = pf.models.Gaussian() + pf.models.Constant()
X = np.linspace(-4.0, 4.0, 24)
SHAPE = (12, 25)


def spectra(shape: tuple[int, ...] = SHAPE) -> np.ndarray:
    rng = np.random.default_rng(5)
    centers = rng.uniform(-1.5, 1.5, shape)[..., None]
    y = 40.0 * np.exp(-0.5 * (X - centers) ** 2) + 2.0
    y += rng.normal(size=y.shape)
    y.reshape(-1, X.size)[17] = np.nan
    return y


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A map in chunks of two lines."""
    path = tmp_path / "map.h5"
    with h5py.File(path, "w") as stored:
        stored.create_dataset("y", data=spectra(), chunks=(2, 25, X.size))
        stored["x"] = X
    return path


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of 50 rows: six of them, kept one by one."""
    monkeypatch.setattr(
        source_job, "rows_of_block", lambda n_rows, row_bytes, multiple, **_: multiple
    )
    monkeypatch.setattr(file_job, "LOST_SECONDS", 0.0)


def settings(**more) -> FitSettings:
    return FitSettings.of({"threads": 2})._replace(**more)


def run(file: Path, out: Path, **more) -> bool:
    source = open_rows(file, sigma=1.0)
    try:
        return run_file(MODEL, source, settings(), JobOutput(out, **more))
    finally:
        source.close()


def same(a: Path, b: Path) -> None:
    """Everything that was found is equal, bit by bit."""
    left, right = pf.load_many(a).table, pf.load_many(b).table
    for mine, theirs in zip(left, right, strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_a_file_gives_what_its_array_gives(file, tmp_path):
    """Bit by bit, map and all; the parts are gone."""
    found = pf.fit_many(MODEL, file, sigma=1.0, output=tmp_path / "out.h5")
    expected = pf.fit_many(MODEL, X, spectra(), sigma=1.0)
    for mine, theirs in zip(found.table, expected.table, strict=True):
        np.testing.assert_array_equal(mine, theirs)
    assert found.shape == SHAPE
    assert found.table.status[17] == pf.Status.TOO_FEW
    assert sorted(own.name for own in tmp_path.iterdir()) == ["map.h5", "out.h5"]


def test_packed_rows_are_fitted_as_they_are_meant(tmp_path):
    """Factors of the file reach the numbers, and the result says so."""
    path = tmp_path / "packed.h5"
    with h5py.File(path, "w") as stored:
        stored["y"] = np.rint(spectra()[0, :9] / 1e-3).astype("i4")
        stored["y"].attrs.update(scaling_factor=1e-3)
        stored["x"] = X
    many = pf.fit_many(MODEL, path, sigma=1.0)
    plain = pf.fit_many(MODEL, X, np.rint(spectra()[0, :9] / 1e-3) * 1e-3, sigma=1.0)
    np.testing.assert_allclose(many["c"].value, plain["c"].value, rtol=1e-12)
    assert many.notes == ("y is unpacked: 0.001 * stored + 0",)


def test_rows_are_looked_at_where_they_are(file, tmp_path):
    """After loading, while the data's file is there and the same."""
    pf.fit_many(MODEL, file, sigma=1.0, output=tmp_path / "out.h5")
    found = pf.load_many(tmp_path / "out.h5")
    single = pf.fit(MODEL, X, spectra()[3, 4], sigma=1.0)
    row = found.result(3, 4)
    np.testing.assert_array_equal(row.data.y[0], spectra()[3, 4])
    assert row.chi2 == pytest.approx(single.chi2, rel=1e-7)
    assert np.isnan(found.residuals(0, 17)).all()
    with h5py.File(file, "r+") as stored:
        stored["y"][0, 0, 0] += 1.0
    with pytest.raises(DataError, match="does not hold the data"):
        pf.load_many(tmp_path / "out.h5").result(3, 4)
    file.rename(tmp_path / "moved.h5")
    with pytest.raises(InputError, match="not at hand"):
        pf.load_many(tmp_path / "out.h5").result(3, 4)


def test_without_an_output_nothing_is_left(file):
    """A result all the same."""
    found = pf.fit_many(MODEL, file, sigma=1.0)
    assert found.shape == SHAPE
    assert [own.name for own in file.parent.iterdir()] == ["map.h5"]


def test_the_output_is_what_a_viewer_shows(file, tmp_path):
    """An NXdata per parameter, with errors, axes and the default chain."""
    found = pf.fit_many(MODEL, file, sigma=1.0, output=tmp_path / "out.h5")
    with h5py.File(tmp_path / "out.h5") as stored:
        data = stored[stored.attrs["default"]]
        data = data[data.attrs["default"]]
        signal_ = data[data.attrs["signal"]]
        axes = [data[name].shape for name in data.attrs["axes"]]
        np.testing.assert_array_equal(signal_[()], found["amplitude"].value)
        np.testing.assert_array_equal(
            data["amplitude_errors"][()], found["amplitude"].stderr
        )
        for name in ("dof", "reduced_chi2", "chi2", "status"):
            shown = stored["entry/quality"][name][()]
            np.testing.assert_array_equal(shown, getattr(found, name))
    assert signal_ is not None
    assert axes == [(12,), (25,)]


@pytest.mark.usefixtures("small_blocks")
def test_shards_together_are_the_whole(file, tmp_path):
    """Three shards in any order, joined: the same bits as one run."""
    run(file, tmp_path / "one.h5")
    out = tmp_path / "three.h5"
    assert not any([run(file, out, shard=(k, 3)) for k in (2, 3)])
    with pytest.raises(DataError, match="misses 2 blocks"):
        join_parts(Parts(parts_folder(out)), out)
    run(file, out, shard=(1, 3))
    join_parts(Parts(parts_folder(out)), out)
    same(tmp_path / "one.h5", out)


@pytest.mark.parametrize("count", [2, 4, 16])
def test_every_shard_has_rows(tmp_path, count):
    """Of a job of a thousand rows or more, up to sixteen shards."""
    with h5py.File(tmp_path / "rows.h5", "w") as stored:
        stored["y"], stored["x"] = spectra((1100,)), X
    n_rows = []
    for k in range(1, count + 1):
        before = len(Parts(parts_folder(tmp_path / "out.h5")).done())
        run(tmp_path / "rows.h5", tmp_path / "out.h5", shard=(k, count))
        n_rows.append(len(Parts(parts_folder(tmp_path / "out.h5")).done()) - before)
    assert min(n_rows) > 0
    assert max(n_rows) - min(n_rows) <= 1


@pytest.mark.parametrize("chunks", [None, (90, 25, 2), (3, 200, 4), (100, 200, 4)])
def test_four_shards_have_a_quarter_each(tmp_path, chunks):
    """Of 20,000 rows about 5,000, however the file is chunked."""
    with h5py.File(tmp_path / "rows.h5", "w") as stored:
        kind = {"shape": (100, 200, 4), "dtype": "f4", "chunks": chunks}
        stored.create_dataset("y", **kind)[:] = 1.0
        stored["x"] = np.arange(4.0)
    source = open_rows(tmp_path / "rows.h5")
    blocks = (
        source_job.SourceJob(pf.models.Linear(), source, settings()).record().blocks
    )
    source.close()
    shares = [sum(b - a for a, b in blocks[k::4]) for k in range(4)]
    assert sum(shares) == 20_000
    assert max(abs(n - 5000) for n in shares) <= 400


def test_blocks_have_as_many_rows_as_are_asked_for(file, tmp_path):
    """Those who go on with a job take what it began with."""
    out = tmp_path / "out.h5"
    run(file, out, shard=(1, 3), block_rows=70)
    assert Parts(parts_folder(out)).job().block_rows == 70
    text = Report(job_status(Parts(parts_folder(out))).blocks).report()
    assert "5 blocks of 70 rows" in text
    run(file, out, shard=(2, 3))
    with pytest.raises(DataError, match="block_rows is 80, but was 70"):
        run(file, out, shard=(3, 3), block_rows=80)
    run(file, out, resume=True)
    again = pf.fit_many(MODEL, file, sigma=1.0, output=out, resume=True)
    assert again.shape == SHAPE
    small = pf.fit_many(
        MODEL, file, sigma=1.0, output=out, overwrite=True, block_rows=9
    )
    np.testing.assert_allclose(small["center"].value, again["center"].value, atol=1e-6)
    with pytest.raises(InputError, match="`block_rows` must be"):
        pf.fit_many(MODEL, file, sigma=1.0, block_rows=0)
    with pytest.raises(InputError, match="`block_rows` are for data in a file"):
        pf.fit_many(MODEL, X, spectra(), block_rows=10)


def test_chains_of_rows_are_whole(file, tmp_path):
    """Whatever size of blocks is asked for."""
    source = open_rows(file, sigma=1.0)
    chained = settings(start="previous")
    record = source_job.SourceJob(MODEL, source, chained).record(70)
    source.close()
    assert record.block_rows == row_job.CHAIN


def test_a_run_of_less_than_a_second_needs_no_parts(file, tmp_path, monkeypatch):
    """Its blocks go to the file of maps; those of one that was stopped are kept."""
    monkeypatch.setattr(
        source_job, "rows_of_block", lambda n_rows, row_bytes, multiple, **_: multiple
    )
    monkeypatch.setattr(file_job, "LOST_SECONDS", 600.0)
    written: list[int] = []
    plain = Parts.write

    def write(self, start, stop, part):
        written.append(start)
        plain(self, start, stop, part)

    monkeypatch.setattr(Parts, "write", write)
    run(file, tmp_path / "whole.h5")
    assert not written
    source = open_rows(file, sigma=1.0)
    out, job = tmp_path / "out.h5", (MODEL, source, settings())
    with pytest.raises(Interruption):
        run_file(*job, JobOutput(out), asked_to_stop=lambda: True)
    source.close()
    assert written == [0]
    run(file, out, resume=True)
    same(tmp_path / "whole.h5", out)


@pytest.mark.usefixtures("small_blocks")
def test_a_run_that_was_asked_to_stop_goes_on_where_it_was(file, tmp_path):
    """No block is computed twice."""
    run(file, tmp_path / "whole.h5")
    out, source = tmp_path / "out.h5", open_rows(file, sigma=1.0)
    left = iter([False, False, True])
    with pytest.raises(Interruption):
        run_file(
            *(MODEL, source, settings(), JobOutput(out)),
            asked_to_stop=lambda: next(left),
        )
    parts = Parts(parts_folder(out))
    before = {own: parts.path(*own).stat().st_mtime_ns for own in parts.done()}
    assert len(before) == 3
    written: list[tuple[int, int]] = []
    plain = Parts.write

    def write(self, start, stop, record):
        written.append((start, stop))
        plain(self, start, stop, record)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Parts, "write", write)
        run(file, out, resume=True)
    assert not set(written) & set(before)
    assert len(written) == 3
    same(tmp_path / "whole.h5", out)


@pytest.mark.usefixtures("small_blocks")
def test_what_is_there_can_be_looked_at_before_the_end(file, tmp_path):
    """Rows of blocks that are missing have not been run; the others are final."""
    run(file, tmp_path / "whole.h5")
    run(file, tmp_path / "out.h5", shard=(2, 3))
    seen, whole = pf.load_many(tmp_path / "out.h5"), pf.load_many(tmp_path / "whole.h5")
    there = seen.table.status > 0
    assert np.flatnonzero(there).tolist() == [*range(50, 100), *range(200, 250)]
    for mine, theirs in zip(seen.table, whole.table, strict=True):
        np.testing.assert_array_equal(mine[there], theirs[there])
    assert "200 of 300 rows are not there yet" in seen.notes


KILLED = """
import sys
from physfit.many_fits import file_job, from_file, source_job
from tests.many_fits.test_from_file import MODEL, Path, run
source_job.rows_of_block = lambda n_rows, row_bytes, multiple, **_: multiple
file_job.LOST_SECONDS = 0.0
plain = from_file.Parts.write
def slow(self, *arguments):
    import time
    time.sleep(0.15)
    plain(self, *arguments)
from_file.Parts.write = slow
run(Path(sys.argv[1]), Path(sys.argv[2]), resume=True)
"""


def test_after_kills_at_any_time_the_answer_is_the_same(file, tmp_path, monkeypatch):
    """SIGKILL three times, each somewhere in the middle, then to the end."""
    monkeypatch.setattr(
        source_job, "rows_of_block", lambda n_rows, row_bytes, multiple, **_: multiple
    )
    run(file, tmp_path / "whole.h5")
    out = tmp_path / "out.h5"
    parts = Parts(parts_folder(out))
    root = str(Path(__file__).parents[2])
    for wanted in (1, 2, 4):
        child = subprocess.Popen(
            [sys.executable, "-c", KILLED, str(file), str(out)],
            cwd=root,
            env={**os.environ, "PYTHONPATH": root},
        )
        deadline = time.monotonic() + 60.0
        while len(parts.done()) < wanted and time.monotonic() < deadline:
            time.sleep(0.01)
        child.send_signal(signal.SIGKILL)
        assert child.wait() == -signal.SIGKILL
    assert not out.exists()
    run(file, out, resume=True)
    same(tmp_path / "whole.h5", out)


@pytest.mark.usefixtures("small_blocks")
def test_a_full_disk_leaves_what_was_finished(file, tmp_path, monkeypatch):
    """With a sentence; the run goes on when there is room again."""
    run(file, tmp_path / "whole.h5")
    out, plain, calls = tmp_path / "out.h5", atomic._flush, []

    def full(path: Path) -> None:
        if path.name.startswith(".rows-0000000001"):
            calls.append(path)
            raise OSError(errno.ENOSPC, "No space left on device")
        plain(path)

    monkeypatch.setattr(atomic, "_flush", full)
    with pytest.raises(DataError, match="No space left on device"):
        run(file, out)
    assert calls
    assert Parts(parts_folder(out)).done() == [(0, 50), (50, 100)]
    assert not list(parts_folder(out).glob(".*"))
    monkeypatch.setattr(atomic, "_flush", plain)
    run(file, out, resume=True)
    same(tmp_path / "whole.h5", out)


def test_a_chunk_that_cannot_be_read_costs_its_rows_only(file, tmp_path):
    """They get a status; all others are what they are without it."""
    with h5py.File(file, "r+") as stored:
        y = stored["y"][()]
        del stored["y"]
        made = stored.create_dataset(
            "y", data=y, chunks=(2, 25, X.size), compression="gzip"
        )
        place = made.id.get_chunk_info(2)
    content = bytearray(file.read_bytes())
    content[place.byte_offset : place.byte_offset + 64] = bytes(64)
    file.write_bytes(content)
    found = pf.fit_many(MODEL, file, sigma=1.0, output=tmp_path / "out.h5")
    expected = pf.fit_many(MODEL, X, spectra(), sigma=1.0)
    lost = np.zeros(SHAPE, dtype=bool)
    lost[4:6] = True
    assert (found.status[lost] == pf.Status.UNREADABLE).all()
    np.testing.assert_array_equal(
        found["center"].value[~lost], expected["center"].value[~lost]
    )


@pytest.mark.parametrize("tile", [(2, 5), (3, 25), (12, 5)], ids=str)
def test_damage_is_narrowed_down_to_the_chunk(tmp_path, tile):
    """A tile of the map is lost, and no row beside it."""
    path, y = tmp_path / "tiles.h5", spectra()
    with h5py.File(path, "w") as stored:
        made = stored.create_dataset(
            "y", data=y, chunks=(*tile, X.size), compression="gzip"
        )
        place = made.id.get_chunk_info(1)
    content = bytearray(path.read_bytes())
    content[place.byte_offset : place.byte_offset + 64] = bytes(64)
    path.write_bytes(content)
    expected = np.zeros(SHAPE, dtype=bool)
    line, column = place.chunk_offset[:2]
    expected[line : line + tile[0], column : column + tile[1]] = True
    read = read_block(open_rows(path), (0, 300))
    np.testing.assert_array_equal(read.lost.reshape(SHAPE), expected)
    np.testing.assert_array_equal(read.data.y[~read.lost], y[~expected])


OTHER_JOBS = {
    "model": ({"model": MODEL.where(c=pf.fixed(2.0))}, "model parameters c"),
    "loss": ({"loss": "huber:1.5"}, "loss is 'huber:1.5', but was 'chi2'"),
    "start": ({"start": {"center": 0.5}}, "start values center is 0.5"),
    "sigma": ({"sigma": 2.0}, "data sigma"),
    "stop": ({"stop": pf.Stop(max_steps=7)}, "stop"),
}


@pytest.mark.parametrize("name", OTHER_JOBS)
def test_parts_of_another_job_are_refused(file, tmp_path, name):
    """And the difference is named."""
    out = tmp_path / "out.h5"
    run(file, out, shard=(1, 1000))
    changed, words = OTHER_JOBS[name]
    arguments = {"model": MODEL, "x": file, "sigma": 1.0, **changed}
    with pytest.raises(DataError, match=f"another job: {words}"):
        pf.fit_many(**arguments, output=out, resume=True)


def test_parts_of_another_machine_are_joined_with_a_warning(file, tmp_path):
    """Processor and versions decide the last bits, nothing else."""
    out = tmp_path / "out.h5"
    run(file, out, shard=(1, 1000))
    parts = Parts(parts_folder(out))
    record = parts.job()
    record.machine["processor"] = "z80"
    parts.begin(record, parts.axes())
    with pytest.warns(UserWarning, match="the processor is .* but was z80"):
        run(file, out, resume=True)


def test_outputs_that_are_there_are_not_touched(file, tmp_path):
    """A finished one, and unfinished parts, unless it is said what to do with them."""
    out = tmp_path / "out.h5"
    run(file, out, shard=(1, 1000))
    with pytest.raises(DataError, match="unfinished job; go on with --resume"):
        run(file, out)
    run(file, out, resume=True)
    with pytest.raises(DataError, match="exists"):
        run(file, out)
    before = out.stat().st_mtime_ns
    assert run(file, out, resume=True)
    assert out.stat().st_mtime_ns == before
    run(file, out, overwrite=True)
    assert out.stat().st_mtime_ns > before


def as_version(out: Path, version: int) -> None:
    """Give a file of maps the layout that an earlier version had."""
    with h5py.File(out, "r+") as stored:
        if version < 3:
            del stored["entry/quality/scale"]
        if version < 2:
            stored["entry/quality"].move("retry_stage", "rung")
        stored.attrs["physfit_version"] = version


@pytest.mark.parametrize("version", [1, 2, 3])
def test_failed_rows_are_fitted_again_and_no_others(file, tmp_path, version):
    """After a run with too few steps; what had converged keeps every bit."""
    out, source = tmp_path / "out.h5", open_rows(file, sigma=1.0)
    few = settings(stop=pf.Stop(ftol=1e-11, max_steps=3), retry=False)
    run_file(MODEL, source, few, JobOutput(out))
    as_version(out, version)
    before = pf.load_many(out)
    good = ~before.table.failed
    n_failed, n_left = retry_failed(MODEL, source, settings(), out)
    assert 0 < good.sum() < 300
    assert n_failed == 300 - good.sum()
    assert n_left == 1  # the row without samples
    again = pf.load_many(out).table
    assert again.failed.sum() == 1
    for mine, theirs in zip(again, before.table, strict=True):
        np.testing.assert_array_equal(mine[good], theirs[good])
    assert row_job.RetryStage.GUESS in again.retry_stage[~good]
    with h5py.File(out) as stored:
        assert stored["entry"].attrs["edited"][0].startswith(f"{n_failed} rows fitted")


def test_rows_of_a_robust_loss_without_scales_are_not_fitted_again(file, tmp_path):
    """Some would be measured in units of y, others by their scale."""
    out, source = tmp_path / "out.h5", open_rows(file)
    robust = settings(loss=as_loss("huber"))
    run_file(MODEL, source, robust, JobOutput(out))
    retry_failed(MODEL, source, robust, out)
    as_version(out, 2)
    with pytest.raises(DataError, match="measured residuals in units of y"):
        retry_failed(MODEL, source, robust, out)


def test_rows_fitted_again_do_not_end_higher(file, tmp_path):
    """An answer from worse start values is dropped, whatever either status says."""
    out, source = tmp_path / "out.h5", open_rows(file, sigma=1.0)
    few = settings(stop=pf.Stop(ftol=1e-11, max_steps=3), retry=False)
    run_file(MODEL, source, few, JobOutput(out))
    before = pf.load_many(out).table
    far = {"center": 50.0, "sigma": 0.01}
    retry_failed(MODEL, source, few._replace(start=far), out)
    again = pf.load_many(out).table
    worse = again.chi2 > before.chi2 * (1.0 + 1e-8)
    assert before.failed.sum() > 1
    assert not worse.any()


OTHER_RESULTS = {
    "limits": {"model": MODEL.where(c=pf.bounds(0.0, 1.0))},
    "data": {"scale": 2.0},
    "loss": {"loss": "huber:1.5"},
}


@pytest.mark.parametrize("name", OTHER_RESULTS)
def test_rows_of_another_result_are_not_fitted_again(file, tmp_path, name):
    """Nor those of data that have changed: the file would mix two jobs."""
    out, change = tmp_path / "out.h5", OTHER_RESULTS[name]
    run(file, out)
    with h5py.File(file, "r+") as stored:
        stored["y"][:] = stored["y"][()] * change.get("scale", 1.0)
    source = open_rows(file, sigma=1.0)
    other = settings(loss=as_loss(change.get("loss", "chi2")))
    with pytest.raises(DataError, match="another job"):
        retry_failed(change.get("model", MODEL), source, other, out)


def test_a_result_whose_rows_were_fitted_again_is_still_that_of_its_job(file, tmp_path):
    """So that --resume finds it finished."""
    out, source = tmp_path / "out.h5", open_rows(file, sigma=1.0)
    run(file, out)
    retry_failed(MODEL, source, settings(), out)
    assert run(file, out, resume=True)


@pytest.mark.usefixtures("small_blocks")
def test_two_runs_on_one_output_refuse_each_other(file, tmp_path):
    """Whole runs, shards, merge and retry; different shards go together."""
    out, source = tmp_path / "out.h5", open_rows(file, sigma=1.0)
    run(file, out, shard=(1, 2))
    parts = Parts(parts_folder(out))
    with output_lock(out, "1-of-2"):
        run(file, out, shard=(2, 2), resume=True)
        for other in ({"resume": True}, {"overwrite": True}, {"shard": (1, 2)}):
            with pytest.raises(DataError, match="another run"):
                run(file, out, **other)
        with pytest.raises(DataError, match="another run"):
            join_parts(parts, out)
        with pytest.raises(DataError, match="another run"):
            retry_failed(MODEL, source, settings(), out)
    join_parts(parts, out)
    with output_lock(out), pytest.raises(DataError, match="another run"):
        run(file, out, shard=(1, 2), resume=True)


@pytest.mark.usefixtures("small_blocks")
def test_foreign_files_among_the_parts_stay(file, tmp_path):
    """Parts are deleted when they are joined, and nothing else."""
    out = tmp_path / "out.h5"
    run(file, out, shard=(1, 2))
    for name in (".maps.0123456789ab.tmp", ".job.json.0123456789ab.tmp", "notes"):
        (parts_folder(out) / name).write_text("mine")
    run(file, out, resume=True)
    left = sorted(own.name for own in parts_folder(out).iterdir())
    assert left == [".job.json.0123456789ab.tmp", ".maps.0123456789ab.tmp", "notes"]
    assert sorted(own.name for own in tmp_path.iterdir()) == [
        *("map.h5", "out.h5", "out.h5.parts")
    ]


@pytest.mark.usefixtures("small_blocks")
def test_parts_that_a_killed_run_left_beside_its_file_are_deleted(file, tmp_path):
    """Those of the same job and data; whoever comes next finds the file whole."""
    out, parts = tmp_path / "out.h5", Parts(parts_folder(tmp_path / "out.h5"))
    run(file, out, shard=(1, 2))
    run(file, out, shard=(2, 2), resume=True)
    left = tmp_path / "left"
    shutil.copytree(parts.folder, left)
    join_parts(parts, out)
    parts.remove()
    (left / "axes.h5").unlink()
    shutil.copytree(left, parts.folder)
    assert run(file, out, resume=True)
    assert not parts.folder.exists()
    assert remove_joined(out, parts)
    shutil.copytree(left, parts.folder)
    job = (parts.folder / "job.json").read_text()
    (parts.folder / "job.json").write_text(job.replace('"block_rows": 50', ""))
    assert not remove_joined(out, Parts(parts.folder))
    assert len(parts.done()) == 6


@pytest.mark.parametrize(
    "name", ["job.json", "axes.h5", "rows-000000000000-000000000050.h5"]
)
def test_a_foreign_file_in_the_place_of_ones_own_stays(file, tmp_path, name):
    """It is named, whatever `overwrite` says."""
    out = tmp_path / "out.h5"
    parts_folder(out).mkdir()
    (parts_folder(out) / name).write_text("mine")
    for how in ({}, {"overwrite": True}, {"resume": True}):
        with pytest.raises(DataError, match=f"{name}` was not written by physfit"):
            run(file, out, **how)
    assert (parts_folder(out) / name).read_text() == "mine"
