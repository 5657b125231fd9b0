"""Fits of several files, and the tables of fits."""

from __future__ import annotations

import json
import signal
from pathlib import Path

import numpy as np
import pytest

import physfit as pf
from physfit.cli.exit_codes import ExitCode
from physfit.cli.fits import Fit
from physfit.cli.signals import Interrupted

MODEL = ("-m", "gaussian + constant")
AREAS = {"a": 4.0, "b": 5.0, "c": 6.0}


@pytest.fixture
def files(workplace: Path) -> list[str]:
    """Three peaks of different areas, a file each."""
    random = np.random.default_rng(3)
    model = pf.parse_model("gaussian + constant")
    x = np.linspace(0.0, 10.0, 101)
    for name, area in AREAS.items():
        y = model(x, area, 5.0, 0.6, 1.0) + 0.02 * random.standard_normal(x.size)
        rows = [f"{u:.2f},{v:.5f},0.02" for u, v in zip(x, y, strict=True)]
        text = "\n".join(["x (nm),I (V),err", *rows])
        (workplace / f"{name}.csv").write_text(text + "\n")
    return [f"{name}.csv" for name in AREAS]


def table_of(path: str) -> dict[str, list[str]]:
    """Columns of a file of CSV, as text."""
    import csv

    with open(path, encoding="utf-8") as stream:
        first, *rows = csv.reader(stream)
    return dict(zip(first, map(list, zip(*rows, strict=True)), strict=True))


def test_each_file_has_a_line_and_a_row(physfit, files):
    """The table holds what a fit of each file alone finds."""
    done = physfit("fit", *files, *MODEL, "--table", "areas.csv", "-q")
    assert done.code == 0, done.err
    lines = done.out.splitlines()
    assert [line.partition(":")[0] for line in lines] == files
    assert all(": converged, amplitude = " in line for line in lines)
    table = table_of("areas.csv")
    assert table["file"] == files
    assert table["status"] == ["converged"] * 3
    alone = pf.fit(MODEL[1], pf.read_table("b.csv"))
    for name in ("amplitude", "center", "fwhm"):
        own = alone[name]
        found = float(table[name][1]), float(table[f"{name}_stderr"][1])
        np.testing.assert_allclose(found, (own.value, own.stderr), rtol=1e-9)
    np.testing.assert_allclose(float(table["chi2"][1]), alone.chi2, rtol=1e-9)
    for text, error, area in zip(
        table["amplitude"], table["amplitude_stderr"], AREAS.values(), strict=True
    ):
        assert abs(float(text) - area) < 4.0 * float(error)


def test_outputs_of_each_file_carry_its_name(physfit, files):
    """`{name}` is the name without its suffix, in folders too."""
    Path("out").mkdir()
    done = physfit(
        *("fit", *files, *MODEL, "--plot", "{name}.svg", "-o", "out/{name}.json"),
        *("--curve", "fit_{name}.csv"),
    )
    assert done.code == 0, done.err
    for name in AREAS:
        assert Path(f"{name}.svg").is_file()
        result = pf.load_result(f"out/{name}.json")
        curve = pf.read_table(f"fit_{name}.csv", x="x", y="fit")
        np.testing.assert_allclose(curve.y, result.best_fit, rtol=1e-12)


def test_one_path_for_several_files_is_refused_before_anything(physfit, files):
    """With what to write in it."""
    done = physfit("fit", *files, *MODEL, "--plot", "a.png")
    assert done.code == 1
    assert "--plot `a.png` is one file for 3; write {name} in it" in done.err
    assert "as in `a_{name}.png`" in done.err
    assert done.out == ""


def test_files_of_one_name_do_not_share_an_output(physfit, files):
    """Two folders, one name."""
    Path("sub").mkdir()
    Path("sub/a.csv").write_text(Path("a.csv").read_text())
    done = physfit("fit", "a.csv", "sub/a.csv", *MODEL, "-o", "{name}.json")
    assert done.code == 1
    assert "both name `a.json`" in done.err


def test_an_output_never_replaces_one_of_the_files(physfit, files):
    """Also a file that comes later."""
    done = physfit("fit", *files, *MODEL, "--table", "c.csv", "--overwrite")
    assert done.code == 1
    assert "would replace the data file `c.csv`" in done.err


def test_a_file_that_fails_is_named_and_stops_no_other(physfit, files):
    """Its line in the table says why; exit code 3."""
    Path("bad.csv").write_text("x,y\n1,2\n3,4\n")
    words = ("fit", "bad.csv", "none.csv", "a.csv", *MODEL)
    done = physfit(*words, "--table", "t.csv", "-q")
    assert done.code == 3
    assert "error: `bad.csv`: 2 samples cannot determine" in done.err
    assert "error: `none.csv` does not exist" in done.err
    assert done.out.startswith("a.csv: converged")
    table = table_of("t.csv")
    assert table["status"][0].startswith("2 samples cannot determine")
    assert table["amplitude"][0] == "nan"
    assert table["status"][2] == "converged"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        (("--method", "adam", "--epochs", "1"), 2),
        (("--x", "nothing"), 1),
    ],
)
def test_exit_codes_say_that_no_file_was_fitted(physfit, files, more, code):
    """2 where no fit converges, 1 where none can be made."""
    assert physfit("fit", *files, *MODEL, *more, "-q").code == code


def test_a_wrong_model_is_said_once(physfit, files):
    """Before any file is read."""
    done = physfit("fit", *files, "-m", "gausian")
    assert done.code == 1
    assert done.err.count("unknown model") == 1


def test_json_has_the_record_of_each_file(physfit, files):
    """Or the error."""
    Path("bad.csv").write_text("x,y\n1,2\n")
    done = physfit("fit", "a.csv", "bad.csv", *MODEL, "--json", "-q")
    fits = done.json["fits"]
    assert fits[0]["file"] == "a.csv"
    assert "amplitude" in json.dumps(fits[0])
    assert "cannot determine" in fits[1]["error"]


def test_a_job_file_is_of_one_file(physfit, files):
    """It names its data."""
    Path("job.toml").write_text("version = 1\n")
    done = physfit("fit", "job.toml", "a.csv", *MODEL)
    assert done.code == 1
    assert "`job.toml` is a job of one file; give it alone" in done.err


def test_one_file_has_tables_too(physfit, files):
    """The curve adds up: y = fit + residual, and fit is the sum of its components."""
    done = physfit("fit", "a.csv", *MODEL, "--curve", "curve.csv", "--table", "t.csv")
    assert done.code == 0
    assert "wrote `curve.csv`" in done.err
    columns = {
        name: np.array(own, float) for name, own in table_of("curve.csv").items()
    }
    assert list(columns) == [
        *("x (nm)", "I (V)", "sigma (V)", "fit (V)", "residual (V)"),
        *("gaussian (V)", "constant (V)"),
    ]
    total = columns["fit (V)"] + columns["residual (V)"]
    np.testing.assert_allclose(total, columns["I (V)"], atol=1e-12)
    parts = columns["gaussian (V)"] + columns["constant (V)"]
    np.testing.assert_allclose(parts, columns["fit (V)"], atol=1e-12)
    assert table_of("t.csv")["file"] == ["a.csv"]


def test_a_complex_curve_has_two_columns_for_each_value(physfit, workplace):
    """Real and imaginary part."""
    t = np.linspace(0.0, 5.0, 60)
    y = 2.0 * np.exp((2j * np.pi * 0.7 - 0.3) * t)
    rows = np.c_[t, y.real, y.imag]
    np.savetxt("z.csv", rows, delimiter=",", header="t,re,im", comments="")
    words = ("-m", "complex_ringdown", "--y", "re,im", "--curve", "c.csv")
    assert physfit("fit", "z.csv", *words).code == 0
    table = table_of("c.csv")
    assert {"fit re", "fit im", "residual re", "residual im"} <= table.keys()
    np.testing.assert_allclose(np.array(table["fit im"], float), y.imag, atol=1e-9)


@pytest.mark.parametrize("number", [1, 2])
def test_an_interrupt_keeps_the_table_of_what_was_fitted(
    physfit, files, monkeypatch, number
):
    plain, calls = Fit.found, []

    def found(self):
        calls.append(self.data)
        if len(calls) > number:
            raise Interrupted(signal.SIGINT)
        return plain(self)

    monkeypatch.setattr(Fit, "found", found)
    done = physfit("fit", *files, *MODEL, "--table", "areas.csv")
    assert done.code == ExitCode.INTERRUPTED
    assert table_of("areas.csv")["file"] == files[:number]
