"""`fit-many`, `merge` and `status`: rows of a file from the command line."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit import progress
from physfit.cli.shards import going_on
from physfit.data.jobs.parts import Parts, parts_folder
from physfit.errors import DataError
from physfit.many_fits import file_job, source_job

X = np.linspace(-4.0, 4.0, 24)
SHAPE = (8, 25)


@pytest.fixture
def cube(workplace) -> str:
    """A map of peaks as `map.h5`, one dead pixel in it."""
    rng = np.random.default_rng(5)
    centers = rng.uniform(-1.5, 1.5, SHAPE)[..., None]
    y = 40.0 * np.exp(-0.5 * (X - centers) ** 2) + 2.0 + rng.normal(size=(*SHAPE, 24))
    with h5py.File("map.h5", "w") as file:
        file.create_dataset("y", data=y, chunks=(2, 25, 24))
        file["x"] = X
    return "map.h5"


@pytest.fixture
def dead(cube) -> str:
    """The same with a row that has no sample."""
    with h5py.File(cube, "r+") as file:
        file["y"][3, 7] = np.nan
    return cube


@pytest.fixture
def small_blocks(monkeypatch):
    """Four blocks of 50 rows, kept one by one."""
    monkeypatch.setattr(
        source_job, "rows_of_block", lambda n_rows, row_bytes, multiple, **_: multiple
    )
    monkeypatch.setattr(file_job, "LOST_SECONDS", 0.0)


MODEL = ("-m", "gaussian + constant", "--sigma", 1)


def test_a_map_is_fitted_and_told(physfit, cube):
    """Report to stdout, notes to stderr, maps in the file."""
    outcome = physfit("fit-many", cube, *MODEL, "-o", "out.h5")
    assert outcome.code == 0
    assert "rows       200 (8 x 25): y 0 to 7, x 0 to 24" in outcome.out
    assert "median" in outcome.out
    assert "wrote `out.h5`" in outcome.err
    assert pf.load_many("out.h5").shape == SHAPE


def test_the_options_are_those_of_a_fit(physfit, cube):
    """Starts, bounds, fixed values, ties and losses reach the model."""
    outcome = physfit(
        *("fit-many", cube, "-m", "gaussian + constant", "-o", "out.h5"),
        *("--sigma", "none", "--start", "center=0.1", "--bounds", "sigma=0.5:2"),
        *("--fix", "c=2", "--loss", "huber:1.5", "--max-steps", 90, "--threads", 1),
    )
    many = pf.load_many("out.h5")
    assert outcome.code == 0
    assert many.model.free_names == ("amplitude", "center", "sigma")
    assert many.model.parameters["sigma"].upper == 2.0
    assert str(many.loss) == "huber:1.5"
    assert not many.is_absolute


def test_a_job_file_gives_model_and_options(physfit, cube, workplace):
    """For the data that the command names."""
    (workplace / "job.toml").write_text(
        'version = 1\n[data]\nfile = "other.h5"\n'
        '[model]\nexpression = "gaussian + constant"\n'
        "[parameters.c]\nfixed = 2.0\n"
    )
    outcome = physfit("fit-many", cube, "job.toml", "--sigma", 1, "-o", "out.h5")
    assert outcome.code == 0
    assert pf.load_many("out.h5").model.parameters["c"].fixed


def test_a_second_file_that_is_no_job_is_refused(physfit, cube):
    """It would be overlooked else."""
    outcome = physfit("fit-many", cube, cube, *MODEL, "-o", "out.h5")
    assert outcome.code == 1
    assert "`map.h5` is not a TOML file" in outcome.err


def test_some_rows_that_fail_are_told_by_the_exit_code(physfit, dead):
    """3, and a histogram of the statuses."""
    outcome = physfit("fit-many", dead, *MODEL, "-o", "out.h5")
    assert outcome.code == 3
    assert "not fitted: fewer samples than free parameters" in outcome.out
    as_json = physfit("fit-many", dead, *MODEL, "-o", "out.h5", "--resume", "--json")
    assert as_json.json["statuses"]["TOO_FEW"] == 1


def test_no_row_that_converges_is_another_code(physfit, cube):
    """2, and what to do."""
    outcome = physfit(
        *("fit-many", cube, *MODEL, "-o", "out.h5", "--max-steps", 1, "--once"),
        *("--start", "amplitude=1,center=3,sigma=0.3,c=50"),
    )
    assert outcome.code == 2
    assert "200" in outcome.out
    assert "the limit of steps was reached" in outcome.out


def test_a_trial_takes_some_rows(physfit, cube):
    """Counted along the map."""
    outcome = physfit("fit-many", cube, *MODEL, "-o", "trial.h5", "--rows", "20:60")
    many = pf.load_many("trial.h5")
    assert outcome.code == 0
    assert many.shape == (40,)
    assert many.axes[0].values[0] == 20.0


def test_failed_rows_are_tried_again(physfit, cube):
    """With the options given now; exit code 0 when all are good."""
    few = ("--max-steps", 3, "--once")
    first = physfit("fit-many", cube, *MODEL, "-o", "out.h5", *few)
    again = physfit("fit-many", cube, *MODEL, "-o", "out.h5", "--retry-failed")
    assert (first.code, again.code) == (3, 0)


@pytest.mark.usefixtures("small_blocks")
def test_shards_status_and_merge(physfit, cube):
    """What is missing is named, and the command that computes it."""
    shard = ("fit-many", cube, *MODEL, "-o", "out.h5", "--shard")
    assert physfit(*shard, "1/2").code == 0
    status = physfit("status", "out.h5")
    assert "100 of 200 rows are done" in status.out
    assert "missing: 2 blocks of rows: 50:100, 150:200" in status.out
    assert "--resume" in status.out
    refused = physfit("merge", "out.h5")
    assert (refused.code, "misses 2 blocks" in refused.err) == (1, True)
    physfit(*shard, "2/2")
    assert "all rows are there: physfit merge out.h5" in physfit("status", "out.h5").out
    assert physfit("merge", "out.h5").code == 0
    assert not parts_folder("out.h5").exists()
    assert "rows       200" in physfit("status", "out.h5").out


@pytest.mark.parametrize(
    "option", ["-o a/one.h5", "--output a/one.h5", "--out=a/one.h5"]
)
def test_the_command_names_parts_as_they_are_called_now(option):
    """After `mv one.h5.parts two.h5.parts` it goes on with those, not with others."""
    command = f"physfit fit-many map.h5 {option} -m 'voigt + linear'"
    now = command.replace("one", "two").replace("--out=", "--output=")
    expected = f"{now} --resume"
    assert going_on(command, "a/two.h5") == expected
    assert going_on("", "two.h5") == "pf.fit_many(..., output='two.h5', resume=True)"


@pytest.mark.parametrize("command", ["physfit 'a", "physfit -o /", "physfit --out="])
def test_an_altered_command_is_one_sentence(command):
    """No digest covers it, since no number depends on it."""
    with pytest.raises(DataError, match=r"job.json` of `two.h5` was altered: .* no c"):
        going_on(command, "two.h5")


def test_a_result_becomes_a_table(physfit, dead):
    """CSV with a line for each row, positions first."""
    physfit("fit-many", dead, *MODEL, "-o", "out.h5")
    assert physfit("merge", "out.h5", "-o", "out.csv").code == 0
    lines = Path("out.csv").read_text().splitlines()
    assert lines[0].startswith("y,x,amplitude,amplitude_stderr,center,center_stderr")
    table = np.genfromtxt("out.csv", delimiter=",", names=True)
    many = pf.load_many("out.h5")
    np.testing.assert_array_equal(table["center"], many["center"].value.ravel())
    assert len(lines) == 201


REFUSED = {
    "no output": ((), "-o maps.h5"),
    "suffix": (("-o", "out.txt"), "must end in .h5"),
    "folder": (("-o", "no/out.h5"), "does not exist"),
    "shard": (("-o", "out.h5", "--shard", "0/4"), "between 1/N and N/N"),
    "shard text": (("-o", "out.h5", "--shard", "one"), "must be I/N"),
    "rows": (("-o", "out.h5", "--rows", "5"), "A:B"),
    "rows outside": (("-o", "out.h5", "--rows", "5:900"), "0:200"),
    "start": (("-o", "out.h5", "--start", "centre=1"), "centre"),
    "start, drawn": (("-o", "out.h5", "--start", "random"), "takes NAME=VALUE"),
    "sigma": (("-o", "out.h5", "--sigma", "errors"), "no 'errors'"),
    "sigma of counts": (("-o", "out.h5", "--loss", "poisson"), "leave `sigma` out"),
}


@pytest.mark.parametrize(
    ("model", "words"),
    [
        ("complex_ringdown", "real, but the model is complex"),
        ("gaussian_2d_isotropic + constant", "the model needs 2 of 24"),
        ("ising_energy(24, all_pairs)", "configurations of spins"),
    ],
)
def test_rows_of_another_kind_than_the_model_are_refused(physfit, cube, model, words):
    """Before anything is written."""
    outcome = physfit("fit-many", cube, "-m", model, "-o", "out.h5")
    assert outcome.code == 1
    assert words in outcome.err
    assert [own.name for own in Path().iterdir()] == ["map.h5"]


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_done_is_refused_in_a_sentence(physfit, cube, name):
    """Exit code 1, one line on stderr that says why, no output."""
    options, words = REFUSED[name]
    outcome = physfit("fit-many", cube, *MODEL, *options)
    assert outcome.code == 1
    assert words in outcome.err
    assert "Traceback" not in outcome.err
    assert [own.name for own in Path().iterdir()] == ["map.h5"]


@pytest.mark.parametrize(("key", "cure"), [("y = 'z'", "--dataset")])
def test_a_job_file_of_other_samples_is_refused(physfit, cube, key, cure):
    """They would be left aside, and all samples be fitted."""
    Path("job.toml").write_text(f"version = 1\n[data]\n{key}\n")
    outcome = physfit("fit-many", cube, "job.toml", *MODEL, "-o", "out.h5")
    assert outcome.code == 1
    assert f"`{key.split()[0]}` of a job file is for single curves" in outcome.err
    assert cure in outcome.err


def test_sigma_of_a_job_file_has_one_meaning(physfit, cube, workplace):
    """A whole number is a column, which rows have not; with a point it is an error."""
    job = workplace / "job.toml"
    text = "version = 1\n[model]\nexpression = 'gaussian + constant'\n[data]\nsigma = "
    job.write_text(f"{text}1\n")
    refused = physfit("fit-many", cube, job.name, "-o", "out.h5")
    assert refused.code == 1
    assert "`sigma` is 1, which is column 1 of one curve; write 1.0 for" in refused.err
    assert physfit("fit-many", cube, job.name, "--sigma", 2, "-o", "typed.h5").code == 0
    job.write_text(f"{text}2.0\n")
    assert physfit("fit-many", cube, job.name, "-o", "out.h5").code == 0
    typed, written = (pf.load_many(name) for name in ("typed.h5", "out.h5"))
    np.testing.assert_array_equal(typed["c"].stderr, written["c"].stderr)


SLOW = """
import sys, time
from physfit.cli.main import run
from physfit.many_fits import file_job, from_file, source_job
source_job.rows_of_block = lambda n_rows, row_bytes, multiple, **_: multiple
file_job.LOST_SECONDS = 0.0
plain = from_file.Parts.write
def slow(self, *arguments):
    time.sleep(0.3)
    plain(self, *arguments)
from_file.Parts.write = slow
run()
"""


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGTERM, 143), (signal.SIGUSR1, 143), (signal.SIGINT, 130)],
    ids=["SIGTERM", "SIGUSR1", "SIGINT"],
)
def test_signals_keep_what_is_finished(physfit, cube, number, code):
    """The exit code says which; --resume goes on and gives the whole map."""
    root = str(Path(__file__).parents[2])
    words = ["fit-many", cube, *map(str, MODEL), "-o", "out.h5"]
    child = subprocess.Popen(
        [sys.executable, "-c", SLOW, *words],
        env={**os.environ, "PYTHONPATH": root},
        stderr=subprocess.PIPE,
        text=True,
    )
    parts = Parts(parts_folder("out.h5"))
    deadline = time.monotonic() + 60.0
    while not parts.done() and time.monotonic() < deadline:
        time.sleep(0.01)
    child.send_signal(number)
    _, err = child.communicate()
    assert child.returncode == code
    assert "finished blocks are kept" in err
    assert 0 < len(parts.done()) < 4
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            source_job,
            "rows_of_block",
            lambda n_rows, row_bytes, multiple, **_: multiple,
        )
        assert physfit(*words, "--resume").code == 0


def test_a_record_of_many_fits_needs_no_report(physfit, dead, monkeypatch):
    """`show --json` prints how the rows ended without reading all that they found."""
    fitted = physfit("fit-many", dead, *MODEL, "-o", "out.h5", "--json")
    monkeypatch.setattr(pf.ManyResult, "report", None)
    assert physfit("show", "out.h5", "--json").out == fitted.out


def test_a_result_of_many_fits_is_shown_as_a_page(physfit, dead):
    """The report to stdout, pictures and page in a folder."""
    physfit("fit-many", dead, *MODEL, "-o", "out.h5")
    outcome = physfit("show", "out.h5", "-o", "page")
    assert outcome.code == 3
    assert "rows       200" in outcome.out
    assert "wrote `page/index.html`" in outcome.err
    assert Path("page/worst.png").exists()
    assert physfit("show", "out.h5", "-o", "page").code == 1


@pytest.mark.parametrize("suffix", ["csv", "parquet", "npz", "nc"])
def test_maps_are_exported(physfit, dead, suffix):
    """As the suffix says; the same as the method of the result writes."""
    physfit("fit-many", dead, *MODEL, "-o", "out.h5")
    outcome = physfit("export", "out.h5", f"maps.{suffix}")
    assert (outcome.code, outcome.err) == (0, f"physfit: wrote `maps.{suffix}`.\n")
    many, written = pf.load_many("out.h5"), Path(f"maps.{suffix}")
    write = {"nc": many.to_netcdf}.get(suffix) or getattr(many, f"to_{suffix}")
    write(f"again.{suffix}")
    assert written.stat().st_size == Path(f"again.{suffix}").stat().st_size
    again = physfit("export", "out.h5", f"maps.{suffix}")
    assert (again.code, "exists" in again.err) == (1, True)
    assert physfit("export", "out.h5", f"maps.{suffix}", "--overwrite").code == 0


def test_what_cannot_be_exported_is_one_sentence(physfit, dead, peak):
    """Another suffix, an unfinished job, a single fit as maps, no such file."""
    physfit("fit-many", dead, *MODEL, "-o", "part.h5", "--shard", "1/2")
    physfit("fit", peak, *MODEL, "-o", "peak.json")
    for words, sentence in {
        ("part.h5", "maps.csv"): "the job is not finished: ",
        ("part.h5", "maps.xls"): "must end in .csv or .parquet or .npz or .nc",
        ("peak.json", "peak.nc"): "`peak.json` is a single fit, which is exported as",
        ("no.h5", "maps.csv"): "`no.h5`",
    }.items():
        outcome = physfit("export", *words)
        assert (outcome.code, sentence in outcome.err) == (1, True), outcome.err
        assert not Path(words[1]).exists()
    assert physfit("export", "peak.json", "fitted.csv").code == 0
    assert Path("fitted.csv").read_text().startswith("name,value,stderr,unit")


def test_a_result_is_not_exported_over_itself(physfit, dead):
    """By whatever name it is called there."""
    physfit("fit-many", dead, *MODEL, "-o", "maps.h5")
    content = Path("maps.h5").read_bytes()
    os.link("maps.h5", "maps.csv")
    for words in (
        ["export", "maps.h5", "maps.csv"],
        ["merge", "maps.h5", "-o", "maps.csv"],
    ):
        assert physfit(*words, "--overwrite").code == 1
    assert Path("maps.csv").read_bytes() == content


def test_a_run_without_a_terminal_says_now_and_then_how_far_it_is(
    physfit, cube, monkeypatch
):
    """On stderr, a line a minute; not with --quiet."""
    monkeypatch.setattr(progress, "LINE_SECONDS", 0.0)
    told = physfit("fit-many", cube, *MODEL, "-o", "out.h5")
    silent = physfit("fit-many", cube, *MODEL, "-o", "silent.h5", "--quiet")
    assert re.search(r"physfit: 200 of 200 rows, [\d,]+ fits/s, 0 failed", told.err)
    assert silent.err == ""
    monkeypatch.setattr(progress, "LINE_SECONDS", 60.0)
    short = physfit("fit-many", cube, *MODEL, "-o", "short.h5")
    assert "fits/s," not in short.err


def test_x_axes_and_a_range_of_x_are_named(physfit, cube, workplace):
    """Places as options, the range as a key of a job file too."""
    with h5py.File(cube, "r+") as file:
        file["more/energy"], file["more/row"] = 2.0 * X, 0.5 * np.arange(SHAPE[0])
        file["pos"] = np.arange(SHAPE[1])[::-1]
    (workplace / "job.toml").write_text(
        "version = 1\n[data]\nx_range = [-6, 6]\n"
        '[model]\nexpression = "gaussian + constant"\n'
    )
    named = (cube, "job.toml", "--sigma", 1, "--x", "/more/energy", "-o", "out.h5")
    outcome = physfit("fit-many", *named, "--map-axes", "/more/row,pos")
    assert outcome.code == 0
    assert "samples with x from -6 to 6 only" in outcome.err
    many = pf.load_many("out.h5")
    assert (many.n_samples == (abs(2.0 * X) <= 6.0).sum()).all()
    assert [axis.name for axis in many.axes] == ["row", "pos"]
    assert (many.axes[1].values == np.arange(SHAPE[1])[::-1]).all()
    assert many.x_label == "energy"
    again = physfit("fit-many", *named, "--x-range", "-5:6", "--resume")
    assert again.code == 1
    assert "is of another job: data shape" in again.err
