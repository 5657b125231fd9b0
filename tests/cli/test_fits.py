"""`fit`, `guess`, `compare` and `show`: reports, files and exit codes."""

from __future__ import annotations

import re
import shlex

import h5py
import numpy as np
import pytest

from physfit.result.file import load_result

MODEL = "gaussian + constant"


def test_fit_prints_the_report_and_notes_elsewhere(physfit, peak):
    """Report to stdout; which columns were taken, to stderr."""
    outcome = physfit("fit", peak, "--model", MODEL)
    assert outcome.code == 0
    assert "center" in outcome.out
    assert outcome.err == (
        "physfit: peak.csv: x = column 0 'freq', y = column 1 'signal', "
        "sigma = column 2 'err'; 101 rows; 101 samples.\n"
    )


def test_quiet_leaves_stderr_empty(physfit, peak):
    """`--quiet` keeps the report and drops the notes."""
    outcome = physfit("fit", peak, "-m", MODEL, "-q")
    assert (outcome.code, outcome.err) == (0, "")
    assert "center" in outcome.out


def test_json_is_one_object_with_what_the_file_holds(physfit, peak):
    """`--json` prints what `-o result.json` writes, without the columns."""
    record = physfit("fit", peak, "-m", MODEL, "--json").json
    assert record["schema"] == "physfit.fit_result"
    assert record["quality"]["converged"] is True
    assert record["parameters"]["center"]["value"] == pytest.approx(5.0, abs=0.05)
    assert record["data"]["source"] == "peak.csv"
    assert "x" not in record["data"]


def test_further_quantities_follow_in_the_report(physfit, peak):
    """By name and by expression, in another unit, of a fit and of a saved one."""
    words = ("--convert", "fwhm,ratio=amplitude / c", "--convert", "center")
    fitted = physfit("fit", peak, "-m", MODEL, *words, "-o", "fit.h5")
    shown = physfit("show", "fit.h5", *words)
    assert (fitted.code, shown.out) == (0, fitted.out)
    below = fitted.out[fitted.out.index("\nconverted\n") :]
    assert [line.split()[0] for line in below.splitlines()[3:]] == [
        "fwhm",
        "center",
        "ratio",
    ]
    record = physfit("show", "fit.h5", *words, "--json").json
    assert record["schema"] == "physfit.fit_result"
    found = record["converted"]["quantities"]
    values = {name: own["value"] for name, own in record["parameters"].items()}
    assert found["ratio"]["value"] == pytest.approx(values["amplitude"] / values["c"])
    assert found["fwhm"]["stderr"] == pytest.approx(record["derived"]["fwhm"]["stderr"])
    assert len(record["converted"]["covariance"]) == 3


def test_quantities_in_another_unit(physfit, workplace):
    """Of columns whose heading has the unit."""
    x = np.linspace(500.0, 540.0, 80)
    y = 10.0 + 50.0 * np.exp(-0.5 * ((x - 520.0) / 3.0) ** 2) + np.sin(x)
    lines = [f"{a},{b}" for a, b in zip(x, y, strict=True)]
    text = "\n".join(["shift (1/cm),counts", *lines])
    (workplace / "line.csv").write_text(text, encoding="utf-8")
    words = ("--convert", "center", "--convert-unit", "meV", "--json")
    record = physfit("fit", "line.csv", "-m", MODEL, *words).json
    found = record["converted"]["quantities"]["center"]
    assert found["unit"] == "meV"
    assert found["value"] == pytest.approx(520.0 * 0.12398419843320026, abs=0.1)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--convert", "Q"), "'Q' is no quantity of gaussian + constant; allowed:"),
        (("--convert", "center,center"), "--convert names 'center' twice; give it"),
        (("--convert", "r="), "--convert takes names, or NAME=EXPRESSION as in"),
        (("--convert", " "), "--convert takes names separated by commas, not nothing"),
        (("--convert-unit", "eV"), "--convert-unit is that of the quantities of"),
        (("--convert", "c", "--convert-unit", "eV"), "no unit of"),
    ],
)
def test_quantities_that_cannot_be(physfit, peak, words, said):
    """One sentence each; the report is not lost, and the result is written."""
    outcome = physfit("fit", peak, "-m", MODEL, *words, "-o", "fit.h5")
    assert outcome.code == 1
    assert said in outcome.err
    if "eV" in words or words[1] == "Q":
        assert physfit("show", "fit.h5").out == outcome.out


def test_quantities_of_several_fits_are_refused(physfit, peak):
    """There is a table for them."""
    outcome = physfit("fit", peak, peak, "-m", MODEL, "--convert", "center")
    assert outcome.code == 1
    assert "--convert is for one file" in outcome.err


@pytest.mark.parametrize("name", ["fit.h5", "fit.json", "fit.HDF5"])
def test_the_result_is_written_and_shown(physfit, peak, name):
    """A saved result prints the report that was printed."""
    fitted = physfit("fit", peak, "-m", MODEL, "-o", name)
    shown = physfit("show", name)
    assert (fitted.code, shown.code) == (0, 0)
    assert shown.out == fitted.out
    assert f"physfit: wrote `{name}`." in fitted.err


@pytest.mark.parametrize(
    ("name", "magic"),
    [("fit.png", b"\x89PNG"), ("fit.pdf", b"%PDF"), ("fit.svg", b"<?xml")],
)
def test_the_figure_is_of_the_kind_that_the_suffix_says(
    physfit, peak, workplace, name, magic
):
    """`--plot` writes PNG, PDF or SVG."""
    assert physfit("fit", peak, "-m", MODEL, "--plot", name).code == 0
    assert (workplace / name).read_bytes().startswith(magic)


def test_overwrite_replaces_the_file(physfit, peak):
    """With `--overwrite` the second fit stands in the file."""
    physfit("fit", peak, "-m", MODEL, "-o", "fit.json", "--fix", "c=2")
    outcome = physfit("fit", peak, "-m", MODEL, "-o", "fit.json", "--overwrite")
    assert outcome.code == 0
    assert load_result("fit.json")["c"].value == pytest.approx(1.0, abs=0.1)


def test_every_option_changes_the_fit(physfit, peak):
    """Columns, range, start, bounds, fix, tie and loss arrive in the result."""
    physfit(
        *("fit", peak, "--model", "gaussian(a_) + gaussian(b_) + constant"),
        *("--x", "freq", "--y", "1", "--sigma", "none", "--x-range", "2:8"),
        *("--start", "a_center=4.9,a_amplitude=8", "--start", "a_sigma=1"),
        *("--bounds", "a_center=4:6", "--fix", "c=1", "--fix", "b_amplitude=0.5"),
        *("--tie", "b_sigma=2*a_sigma,b_center=a_center"),
        *("--loss", "huber:1.5", "-o", "fit.h5"),
    )
    result = load_result("fit.h5")
    own = result.model.parameters
    assert result.n_samples == 61
    assert result.data.sigma is None
    assert (own["a_center"].lower, own["a_center"].upper) == (4.0, 6.0)
    assert own["a_center"].start == 4.9
    assert own["c"].fixed
    assert own["b_sigma"].tie == "2 * a_sigma"
    assert str(result.loss) == "huber:1.5"
    assert result.values["b_sigma"] == pytest.approx(2.0 * result.values["a_sigma"])


def test_one_error_for_a_curve_in_a_job_file_is_refused(physfit, peak, workplace):
    """A number with a point is that of all samples of rows, and no column."""
    (workplace / "job.toml").write_text(
        "version = 1\ndata.file = 'peak.csv'\nmodel.expression = 'gaussian'\n"
        "data.sigma = 0.5\n"
    )
    outcome = physfit("fit", "job.toml")
    assert (outcome.code, outcome.out) == (1, "")
    assert "`job.toml`, [data]: `sigma` is 0.5, but of one curve it must" in outcome.err


def test_counts_take_no_sigma_by_themselves(physfit, peak):
    """Under `poisson` a column of errors is left alone unless it is asked for."""
    assert physfit("fit", peak, "-m", MODEL, "--loss", "poisson").code == 0
    asked = physfit("fit", peak, "-m", MODEL, "--loss", "poisson", "--sigma", "err")
    assert asked.code == 1
    assert "poisson" in asked.err


def test_nan_is_refused_or_left_out(physfit, peak, workplace):
    """A sample without a value stops the fit, or is left out under `--nan omit`."""
    text = (workplace / peak).read_text().replace("\n5.000,", "\nnan,")
    (workplace / "holes.csv").write_text(text)
    refused = physfit("fit", "holes.csv", "-m", MODEL)
    assert refused.code == 1
    assert "x[50] = nan" in refused.err
    left_out = physfit("fit", "holes.csv", "-m", MODEL, "--nan", "omit", "--json")
    assert left_out.code == 0
    assert left_out.json["data"]["n_left_out"] == 1


def test_a_dataset_inside_a_file_is_read(physfit, workplace):
    """`--dataset` and `::` name the same place in an HDF5 file."""
    x = np.linspace(0.0, 1.0, 20)
    with h5py.File("run.h5", "w") as file:
        file["scan/x"], file["scan/y"] = x, 2.0 * x + 1.0
        file["scan"].attrs.update({"NX_class": "NXdata", "signal": "y", "axes": "x"})
    outcomes = [
        physfit("fit", *place, "-m", "linear", "--json")
        for place in (["run.h5::/scan"], ["run.h5", "--dataset", "/scan"])
    ]
    assert [outcome.code for outcome in outcomes] == [0, 0]
    slopes = [own.json["parameters"]["slope"]["value"] for own in outcomes]
    assert slopes == pytest.approx([2.0, 2.0])


def test_not_converged_is_exit_code_2_and_written_all_the_same(physfit, peak):
    """A fit without a minimum says so, keeps its files, and ends with 2."""
    starts = ("amplitude=4", "center=5", "c=1")
    options = [word for own in starts for word in ("--start", own)]
    options += ["--fix", "sigma=0"]
    outcome = physfit("fit", peak, "-m", MODEL, *options, "-o", "fit.json")
    assert outcome.code == 2
    assert "not converged: " in outcome.out
    assert "physfit: warning: not converged: " in outcome.err
    assert physfit("show", "fit.json").code == 2


def test_guess_names_no_amplitude_that_is_no_number(physfit, workplace):
    """In seconds of the day it tells the model to take, whose guess is a command."""
    t = np.arange(0.0, 300.0, 3.0)
    rows = np.column_stack([51234.0 + t, 5.0 * np.exp(-t / 60.0) + 0.3])
    np.savetxt(workplace / "day.csv", rows, delimiter=",", header="t,u", comments="")
    guess = ("guess", "day.csv", "-m")
    refused = physfit(*guess, "exponential + constant")
    assert refused.code == 1
    assert "'exponential_from(51234.0) + constant'" in refused.err
    assert physfit(*guess, "exponential_from(51234.0) + constant").code == 0


def test_guess_finds_a_place_in_seconds_since_1970(physfit, workplace):
    """Six digits of it would be hours away from the data."""
    t = 1764505837.25 + 0.5 * np.arange(200.0)
    u = 5.0 * np.exp(-0.02 * (t - t[90]) ** 2) + 1.0 + 0.01 * np.cos(7.0 * t)
    np.savetxt(workplace / "day.csv", np.column_stack([t, u]), fmt="%.5f", header="t u")
    guessed = physfit("guess", "day.csv", "-m", "gaussian + linear")
    words = shlex.split(guessed.out.splitlines()[-1])
    center = float(words[-1].split("center=")[1].split(",")[0])
    assert center == pytest.approx(t[90], rel=0.0, abs=1.0)
    fitted = physfit(*words[1:])
    assert fitted.code == 0
    line = next(own for own in fitted.out.splitlines() if "center" in own).split()
    assert float(line[1]) == pytest.approx(t[90], rel=0.0, abs=0.01)
    assert "e+" not in line[3]


def test_guess_prints_a_command_that_fits(physfit, peak):
    """The line at the end of `guess` is a fit command that converges."""
    guessed = physfit(
        *("guess", peak, "-m", MODEL, "--start", "c=1.1", "--x-range", "1:9"),
        *("--bounds", "sigma=0.1:2"),
    )
    assert guessed.code == 0
    assert re.search(r"^c +1[.]1 +given$", guessed.out, re.MULTILINE)
    command = shlex.split(guessed.out.splitlines()[-1])
    assert command[0] == "physfit"
    fitted = physfit(*command[1:], "--json")
    assert fitted.code == 0
    assert fitted.json["guessed"] == []
    assert fitted.json["parameters"]["center"]["value"] == pytest.approx(5.0, abs=0.05)


def test_guess_draws_the_start(physfit, peak, workplace):
    """`--plot` shows data and model before the fit, and keeps the rules of outputs."""
    command = ("guess", peak, "-m", MODEL, "--plot", "start.png")
    assert physfit(*command).code == 0
    assert (workplace / "start.png").read_bytes().startswith(b"\x89PNG")
    assert "`start.png` exists" in physfit(*command).err
    assert physfit(*command, "--overwrite").code == 0


def test_guess_leaves_the_outputs_of_a_job_alone(physfit, peak, workplace):
    """A job file's result and figure are those of its fit."""
    (workplace / "job.toml").write_text(
        'version = 1\ndata.file = "peak.csv"\n'
        'model.expression = "gaussian + constant"\n'
        'output.result = "fit.h5"\noutput.plot = "fit.png"\n'
    )
    (workplace / "fit.h5").touch()
    assert physfit("guess", "job.toml").code == 0
    names = sorted(path.name for path in workplace.iterdir())
    assert names == ["fit.h5", "job.toml", "peak.csv"]


def test_guess_as_json(physfit, peak):
    """Start values by name, which of them were guessed, and the command."""
    record = physfit("guess", peak, "-m", MODEL, "--start", "c=1", "--json").json
    assert list(record["start"]) == ["amplitude", "center", "sigma", "c"]
    assert record["guessed"] == ["amplitude", "center", "sigma"]
    assert record["command"].startswith("physfit fit peak.csv --model ")


def test_compare_agrees_on_an_easy_peak(physfit, peak):
    """Methods that get to one minimum end with 0."""
    outcome = physfit("compare", peak, "-m", MODEL, "--methods", "lm,scipy:trf")
    assert outcome.code == 0
    assert "scipy:trf" in outcome.out
    assert "agree" in outcome.out


def test_compare_as_json(physfit, peak):
    """One object with a row for each run."""
    outcome = physfit(
        "compare", peak, "-m", MODEL, "--methods", "lm,scipy:lm", "--json"
    )
    assert outcome.code == 0
    assert outcome.json["agree"] is True
    assert {row["method"] for row in outcome.json["rows"]} == {"lm", "scipy:lm"}


def test_compare_ends_with_4_where_methods_disagree(physfit, workplace):
    """Two valleys: from this start the methods end in different ones."""
    t = np.linspace(0.0, 10.0, 60)
    rows = "\n".join(f"{a!r},{float(np.cos(6.0 * a))!r}" for a in t.tolist())
    (workplace / "wave.csv").write_text("t,y\n" + rows + "\n")
    outcome = physfit(
        *("compare", "wave.csv", "-m", "ringdown", "--methods", "lm,scipy:nelder-mead"),
        *("--start", "amplitude=1,frequency=0.5,rate=0.01,phase=0"),
    )
    assert outcome.code == 4
    assert "methods disagree" in outcome.out


def test_a_job_file_does_what_its_options_would(physfit, peak, workplace):
    """`physfit fit job.toml` prints the report of the same fit by options."""
    (workplace / "job.toml").write_text(
        'version = 1\ndata.file = "peak.csv"\n'
        'model.expression = "gaussian + constant"\n'
        'parameters.c.fixed = 1.0\nfit.loss = "cauchy"\n'
    )
    by_file = physfit("fit", "job.toml", "--json").json
    by_options = physfit(
        *("fit", peak, "-m", MODEL, "--fix", "c=1", "--loss", "cauchy", "--json")
    ).json
    assert by_file["parameters"] == by_options["parameters"]
    overridden = physfit("fit", "job.toml", "--loss", "chi2", "--json").json
    assert overridden["loss"]["name"] == "chi2"


def test_peaks_whose_number_is_not_known(physfit, tmp_path):
    """They are found, reported, drawn and saved, in place of a model."""
    rng = np.random.default_rng(1)
    x = np.linspace(400.0, 600.0, 400)
    y = 20.0 + sum(h / (1.0 + ((x - c) / 3.0) ** 2) for c, h in ((450, 30), (520, 60)))
    path = tmp_path / "s.csv"
    np.savetxt(path, np.c_[x, y + rng.normal(size=x.size)], delimiter=",")
    figure = tmp_path / "s.png"
    words = ("--peaks", "auto", "--shape", "lorentzian", "--background", "constant")
    outcome = physfit("fit", str(path), *words, "--plot", str(figure))
    assert outcome.code == 0
    assert "2 peaks (lorentzian) on constant" in outcome.out
    assert "p2_center" in outcome.out
    assert figure.stat().st_size > 1000


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("-m", "gaussian"), "--model cannot be said beside it"),
        (("--response", "irf.csv"), "--response cannot be said beside it"),
        (("--fix", "p1_center=3"), "`p1_center` cannot be said beside it"),
        (("--shape", "linear"), "--shape takes a peak"),
    ],
    ids=["model", "response", "parameter", "shape"],
)
def test_a_search_for_peaks_takes_no_model(physfit, tmp_path, words, said):
    """What only a known model has is refused."""
    path = tmp_path / "s.csv"
    path.write_text("x,y\n" + "".join(f"{k},{k % 3}\n" for k in range(20)))
    outcome = physfit("fit", str(path), "--peaks", "auto", *words)
    assert outcome.code == 1
    assert said in outcome.err
