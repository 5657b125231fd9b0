"""Files that cannot be fitted: one sentence each, from Python and from the command."""

from __future__ import annotations

import os
import re

import h5py
import numpy as np
import pytest

from physfit import Hdf5Source, fit
from physfit.cli.main import main
from physfit.errors import PhysfitError
from physfit.models import Constant, Gaussian, Linear

N = 20_000
START = {"amplitude": 9.0, "center": 4.9, "sigma": 0.7, "c": 1.0}
MODEL = (Gaussian() + Constant()).where(**START)
TEXT = "amplitude=9,center=4.9,sigma=0.7,c=1"
METHODS = ["adam", "lm"]


def rows_of(n=N):
    rng = np.random.default_rng(1)
    x = np.linspace(0.0, 10.0, n)
    y = 4.0 * np.exp(-(((x - 5.0) / 1.1) ** 2)) + 1.0 + 0.2 * rng.normal(size=n)
    return np.stack([x, y, np.full(n, 0.2)], 1)


def write(path, rows, **options):
    options = {"chunks": (500, 3), "compression": "gzip"} | options
    with h5py.File(path, "w") as file:
        file.create_dataset("d", data=rows, **options)
    return path


def refused(path, sentence, method, capsys, *, loss="chi2", memory=1, named=False):
    """Both front doors say the sentence and nothing else, and leave no file."""
    settings = {"memory": memory << 20, "loss": loss, "method": method}
    if method == "adam":
        settings |= {"batch_size": 100, "epochs": 2}
    with pytest.raises(PhysfitError, match=sentence):
        roles = {"x": "x", "y": "y"} if named else {}
        source = Hdf5Source(path, sigma="none" if loss == "poisson" else None, **roles)
        fit(MODEL, source, **settings)
    output = path.with_name("fit.json")
    before = set(path.parent.iterdir())
    capsys.readouterr()
    code = main(
        [
            *("fit", str(path), "-m", "gaussian + constant", "--start", TEXT),
            *("--method", "gauss_newton" if method == "lm" else method),
            *("--memory", str(memory), "--loss", loss, "-o", str(output), "--quiet"),
            *(("--x", "x", "--y", "y") if named else ()),
            *(("--batch-size", "100", "--epochs", "2") if method == "adam" else ()),
        ]
    )
    shown = capsys.readouterr()
    assert (code, shown.out) == (1, "")
    assert re.search(sentence, shown.err), shown.err
    assert shown.err.count("\n") == 1
    assert set(path.parent.iterdir()) == before


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("row", [0, 12_345, N - 1])
@pytest.mark.parametrize("sample", [640, N], ids=["seen in a window", "in the sample"])
@pytest.mark.parametrize(
    ("column", "value", "sentence"),
    [
        (1, np.nan, "`y` of row {row} of `.*` must be finite, but it is nan"),
        (0, np.inf, "`x` of row {row} of `.*` must be finite, but it is inf"),
        (2, 0.0, r"`sigma` of row {row} of `.*` must be above 0, but it is 0\.0"),
    ],
    ids=["nan", "inf", "sigma of zero"],
)
def test_a_bad_row_is_named(
    tmp_path, monkeypatch, capsys, method, row, sample, column, value, sentence
):
    """By its number in the file, wherever it stands and whoever sees it first."""
    monkeypatch.setattr("physfit.fitting.fit_plan.SAMPLE", sample)
    rows = rows_of()
    rows[row, column] = value
    path = write(tmp_path / "rows.h5", rows)
    refused(path, sentence.format(row=row), method, capsys)


@pytest.mark.parametrize("method", METHODS)
def test_bad_rows_are_left_out_on_demand(tmp_path, method):
    """The answer is that of the other rows, and how many were left out is told."""
    rows = rows_of()
    rows[[0, 12_345, N - 1], [1, 0, 1]] = np.nan
    path = write(tmp_path / "rows.h5", rows)
    found = fit(MODEL, str(path), method=method, nan="omit", memory=1 << 20)
    good = rows[np.isfinite(rows).all(1)].T
    expected = fit(MODEL, good[0], good[1], sigma=good[2])
    assert (found.data.n_left_out, found.n_samples) == (3, N - 3)
    for name in MODEL.free_names:
        away = abs(found[name].value - expected[name].value) / expected[name].stderr
        assert away < 0.33
    assert "19997 samples" in found.report()
    assert "3 left out" in " ".join(found.report().split())


@pytest.mark.parametrize("method", METHODS)
def test_negative_counts_are_named(tmp_path, capsys, method):
    """Poisson's law has none."""
    rows = np.round(np.abs(rows_of())[:, :2])
    rows[777, 1] = -2.0
    path = write(tmp_path / "rows.h5", rows, chunks=(500, 2))
    sentence = r"`y` of row 777 of .* must be >= 0 for `poisson`, but it is -2\.0"
    refused(path, sentence, method, capsys, loss="poisson")


@pytest.mark.parametrize("method", METHODS)
def test_counts_have_no_sigma(tmp_path, method):
    """A source with a column of sigma is refused for Poisson's law."""
    path = write(tmp_path / "rows.h5", np.abs(rows_of()))
    with pytest.raises(PhysfitError, match="takes its errors from the model; leave"):
        fit(MODEL, str(path), method=method, loss="poisson", memory=1 << 16)


@pytest.mark.parametrize("method", METHODS)
def test_a_corrupted_chunk_is_named_by_its_rows(tmp_path, capsys, method):
    """The range of rows that cannot be read."""
    path = write(tmp_path / "rows.h5", rows_of())
    with h5py.File(path) as file:
        chunk = file["d"].id.get_chunk_info_by_coord((10_000, 0))
    content = bytearray(path.read_bytes())
    middle = chunk.byte_offset + chunk.size // 2
    content[middle : middle + 64] = b"\xff" * 64
    path.write_bytes(content)
    refused(path, r"rows 10000 to 10(499|500)", method, capsys)


@pytest.mark.parametrize("method", METHODS)
def test_a_truncated_file_is_told(tmp_path, capsys, method):
    """A file whose end is missing."""
    path = write(tmp_path / "rows.h5", rows_of())
    content = path.read_bytes()
    path.write_bytes(content[: 2 * len(content) // 3])
    refused(path, "rows.h5`", method, capsys)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("how", ["replaced", "shrunk"])
def test_a_file_that_changes_while_it_is_read_is_told(tmp_path, method, how):
    """No answer is made of two files."""
    path = write(tmp_path / "rows.h5", rows_of(), chunks=None, compression=None)
    done = []

    def change(progress):
        if done:
            return
        done.append(progress)
        if how == "replaced":
            other = write(tmp_path / "new.h5", 2.0 * rows_of())
            os.replace(other, path)
        else:
            os.truncate(path, path.stat().st_size // 2)

    with pytest.raises(PhysfitError, match=r"rows\.h5"):
        fit(
            MODEL,
            Hdf5Source(path),
            method=method,
            memory=1 << 18,
            progress=change,
            **({"batch_size": 100, "epochs": 3} if method == "adam" else {}),
        )
    assert done


def columns(path, **own):
    with h5py.File(path, "w") as file:
        for name, values in own.items():
            file[name] = values
    return path


@pytest.mark.parametrize("method", METHODS)
def test_columns_of_other_lengths_are_told(tmp_path, capsys, method):
    """One data set each, of which one is shorter."""
    x, y, _ = rows_of().T
    path = columns(tmp_path / "rows.h5", x=x, y=y[:-1])
    refused(path, r"19999.*20000|20000.*19999", method, capsys, named=True)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(
    "values",
    [np.array([b"a"] * N), np.zeros(N, dtype=[("a", "f8"), ("b", "f8")])],
    ids=["texts", "compound"],
)
def test_data_that_are_no_numbers_are_told(tmp_path, capsys, method, values):
    """The column and its type."""
    path = columns(tmp_path / "rows.h5", x=rows_of()[:, 0], y=values)
    refused(path, "'/y' of type .* not numbers", method, capsys, named=True)


@pytest.mark.parametrize("method", METHODS)
def test_fewer_rows_than_parameters_are_told(tmp_path, capsys, method):
    """As for a fit in memory."""
    path = write(tmp_path / "rows.h5", rows_of(3), chunks=None, compression=None)
    with pytest.raises(PhysfitError, match="3 samples cannot determine 4 free"):
        fit(MODEL, Hdf5Source(path), method=method)
    assert main(["fit", str(path), "-m", "gaussian + constant", "--quiet"]) == 1


def test_a_batch_larger_than_the_file_is_told(tmp_path):
    """Rows and batch."""
    path = write(tmp_path / "rows.h5", rows_of())
    with pytest.raises(PhysfitError, match="is 20001, but the data have 20000 rows"):
        fit(MODEL, str(path), method="adam", batch_size=N + 1)


def test_divergence_is_exit_code_2_with_advice(tmp_path, capsys):
    """The report is printed, and says rate, step and what to do."""
    path = write(tmp_path / "rows.h5", rows_of())
    code = main(
        [
            *("fit", str(path), "-m", "gaussian + constant", "--start", TEXT),
            *("--method", "sgd", "--learning-rate", "1000", "--batch-size", "100"),
        ]
    )
    shown = capsys.readouterr()
    assert code == 2
    assert "Learning rate 1000 diverged at step " in shown.out
    assert "`physfit lr-find`" in " ".join(shown.out.split())
    assert "warning: not converged: the loss grew" in shown.err


def test_y_beside_a_file_is_refused(tmp_path):
    """The columns are chosen by the source."""
    path = write(tmp_path / "rows.h5", rows_of())
    with pytest.raises(PhysfitError, match="`y` must be left out"):
        fit(MODEL, str(path), np.ones(N), method="adam")
    with pytest.raises(PhysfitError, match="`sigma` must be left out"):
        fit(MODEL, str(path), sigma=0.1, method="adam")


def test_columns_that_the_model_does_not_have_are_refused(tmp_path):
    """A source of two coordinates for a model of one."""
    path = write(tmp_path / "rows.h5", rows_of())
    source = Hdf5Source(path, x="0,2", y=1, sigma="none", n_inputs=2)
    with pytest.raises(PhysfitError):
        fit(Linear(), source, method="adam")


@pytest.mark.parametrize("name", ["batch_size", "epochs", "weight_decay", "seed"])
def test_settings_of_minibatches_are_refused_where_they_do_nothing(tmp_path, name):
    """Passes over all rows have no batches, no decay and no order."""
    path = write(tmp_path / "rows.h5", rows_of())
    with pytest.raises(PhysfitError, match=f"`{name}` is for methods on minibatches"):
        fit(MODEL, str(path), method="gauss_newton", **{name: 3})


@pytest.mark.parametrize("method", ["adam", "gauss_newton"])
def test_names_and_units_come_before_those_of_the_file(tmp_path, method):
    """In the report, as for columns in memory."""
    path = write(tmp_path / "rows.h5", rows_of())
    named = {"units": ("s", "V"), "labels": ("time", "voltage")}
    found = fit(MODEL, str(path), method=method, source="mine", **named)
    assert "of mine: voltage (V) against time (s)" in found.report()
    with pytest.raises(PhysfitError, match="`units` must be a pair"):
        fit(MODEL, str(path), method=method, units="s")


def test_what_is_no_model_is_refused(tmp_path):
    """Before the file is opened."""
    with pytest.raises(PhysfitError, match="`model` must be a model, its text or a"):
        fit(None, str(tmp_path / "rows.h5"), method="adam")
