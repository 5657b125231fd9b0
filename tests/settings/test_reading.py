"""How a file is read is said alike as keyword, as option and in a job file."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.cli.main import main
from physfit.errors import DataError, InputError
from physfit.settings.fits import Reading
from physfit.settings.setting import declared

DECLARED = declared(Reading)
ROWS = [(0.5 * k, 1.0 + 0.25 * k) for k in range(12)]
POINTS = "".join(f"{x} {y}\n" for x, y in ROWS)
#: The text of a file, a setting, what is typed for it, and the first x and the last y.
FILES = {
    "skip_rows": ("9 9\n" + POINTS, 1, "1", (0.0, 3.75)),
    "footer": (POINTS + "9 9\n", 1, "1", (0.0, 3.75)),
    "delimiter": ("1|0;5 2\n" * 3 + "2|0;5 7\n", "|", "|", None),
    "decimal": ("1;1,234\n2;3,456\n", ".", ".", (1.0, 3456.0)),
    "scan": (POINTS + POINTS.replace(" 1.0\n", " 8.0\n"), 1, "1", (0.0, 3.75)),
    "x_start": ("y\n3\n4\n7\n", -2.0, "-2", (-2.0, 7.0)),
    "x_step": ("y\n3\n4\n7\n", 0.5, "0.5", (0.0, 7.0)),
}


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_setting_is_tried():
    """The tests below know all that are declared."""
    assert FILES.keys() == DECLARED.keys()


def note_of(capsys, *words):
    """What `guess` says of a file, or the error."""
    main(["guess", *words])
    return capsys.readouterr().err


@pytest.mark.parametrize("name", FILES)
def test_keyword_key_and_option_read_the_same(folder, capsys, name):
    """The notes agree, and the setting is not overlooked."""
    text, value, typed, ends = FILES[name]
    path = folder / "a.txt"
    path.write_text(text)
    try:
        table = pf.read_table("a.txt", **{name: value})
        found = table.note
        assert ends is None or (table.x[0], table.y[-1]) == ends
    except DataError as error:
        found = str(error)
    option = DECLARED[name].flags[0]
    assert found in note_of(capsys, "a.txt", option, typed, "-m", "linear")
    (folder / "job.toml").write_text(
        f"version = 1\ndata.file = 'a.txt'\nmodel.expression = 'linear'\n"
        f"data.{name} = {json.dumps(value)}\n"
    )
    assert found in note_of(capsys, "job.toml")
    assert found not in note_of(capsys, "a.txt", "-m", "linear")


WRONG = {
    "skip_rows": (-1, "must be a whole number of at least 0, but is -1."),
    "footer": (1.5, "must be a whole number of at least 0, but is "),
    "delimiter": ("ab", "must be one character such as ',', ';', '|', 'tab' or 'sp"),
    "decimal": (";", "must be '.' or ',', but is ';'."),
    "scan": ("each", "must be a number from 0 or 'all', but is 'each'."),
    "x_start": (float("inf"), "must be a finite number, but is "),
    "x_step": (0, "must be a finite number other than 0, but is 0"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_refused_in_the_same_words(capsys, name):
    """One sentence, which calls the setting as it was written."""
    value, words = WRONG[name]
    with pytest.raises(InputError) as caught:
        pf.read_table("a.txt", **{name: value})
    assert str(caught.value).startswith(f"`{name}` {words}")
    option = DECLARED[name].flags[0]
    said = note_of(capsys, "a.txt", option, str(value), "-m", "linear")
    assert said.startswith(f"physfit: error: {option} {words}")
    assert said.count("\n") == 1


def test_an_unknown_setting_names_the_nearest():
    """As at every other door."""
    with pytest.raises(InputError, match=r"'skip_row'; did you mean 'skip_rows'\?"):
        pf.read_table("a.txt", skip_row=1)


@pytest.mark.parametrize("suffix", ["npy", "h5"])
def test_settings_of_a_text_are_refused_for_other_files(folder, capsys, suffix):
    """In one sentence, which names them."""
    np.save(folder / "a.npy", np.ones((5, 2)))
    with h5py.File(folder / "a.h5", "w") as file:
        file["x"], file["y"] = np.arange(5.0), np.arange(5.0)
    words = ("--delimiter", ",", "--skip-rows", "1", "-m", "linear")
    said = note_of(capsys, f"a.{suffix}", *words)
    assert "is no text, so leave out --skip-rows and --delimiter." in said
    said = note_of(capsys, f"a.{suffix}", "-m", "linear")
    assert "error" not in said


def test_rows_of_a_map_are_not_read_as_a_table(folder, capsys):
    """A job of single curves tells how its text is read; a map has no such thing."""
    (folder / "job.toml").write_text(
        "version = 1\nmodel.expression = 'linear'\ndata.delimiter = ','\n"
    )
    assert main(["fit-many", "a.npy", "job.toml", "-o", "b.h5"]) == 1
    assert "`delimiter` of a job file is for single curves" in capsys.readouterr().err


def saved(folder, kind):
    """y alone, in a file of each kind."""
    y = np.array([3.0, 4.0, 7.0, 8.0])
    if kind == "h5":
        with h5py.File(folder / "y.h5", "w") as file:
            file["group/signal"] = y
        return "y.h5::/group/signal"
    if kind == "npy":
        np.save(folder / "y.npy", y)
    elif kind == "npz":
        np.savez(folder / "y.npz", signal=y)
    else:
        (folder / "y.txt").write_text("signal\n" + "".join(f"{v}\n" for v in y))
    return f"y.{kind}"


@pytest.mark.parametrize("kind", ["txt", "npz", "npy", "h5"])
def test_a_file_of_y_alone_has_the_x_that_is_said(folder, kind):
    """Start and step count its rows, which the note says."""
    table = pf.read_table(saved(folder, kind), x_start=-1.0, x_step=0.25)
    np.testing.assert_array_equal(table.x, [-1.0, -0.75, -0.5, -0.25])
    np.testing.assert_array_equal(table.y, [3.0, 4.0, 7.0, 8.0])
    assert "x = -1 + 0.25 times the number of the row, y = " in table.note


def test_rows_that_stay_in_their_file_have_the_x_that_is_said(folder, capsys):
    """A fit by passes over y alone finds the line of it."""
    with h5py.File(folder / "y.h5", "w") as file:
        file["signal"] = 3.0 + 0.5 * np.arange(5000.0)
    words = ["--x-step", "0.5", "-m", "linear", "--method", "sgd", "--epochs", "1"]
    assert main(["fit", "y.h5::/signal", *words, "--batch-size", "50"]) in (0, 2)
    assert "x = 0 + 0.5 times the number of the row" in capsys.readouterr().err


def test_columns_beside_a_missing_x_are_chosen_as_ever(folder):
    """The first one is y; each scan begins at the start."""
    block = "".join(f"{k},{2 * k}\n" for k in range(4))
    (folder / "a.csv").write_text(f"a,b\n{block}\nc,d\n{block}")
    table = pf.read_table("a.csv", y="b", x_step=0.1, scan=1)
    np.testing.assert_allclose(table.x, [0.0, 0.1, 0.2, 0.3])
    np.testing.assert_array_equal(table.y, [0.0, 2.0, 4.0, 6.0])
    assert pf.read_table("a.csv", x_step=0.1).y_label == "a"


GAPS = {
    "empty line": "y\n1\n2\n\n4\n5\n",
    "empty line, no end": "y\n1\n2\n\n4\n5",
    "series of pandas": 'y\n1\n2\n""\n4\n5\n',
    "empty fields": "a,b\n1,2\n2,3\n,\n4,5\n5,6\n",
    "comment": "y\n1\n2\n# 3\n4\n5\n",
}


@pytest.mark.parametrize("name", GAPS)
def test_a_gap_among_rows_that_are_counted_is_refused(folder, name):
    """A value that is missing there would shift all that follow, without a word."""
    (folder / "a.csv").write_text(GAPS[name])
    with pytest.raises(DataError, match="behind row 2, where x, which counts rows"):
        pf.read_table("a.csv", x_step=1.0)
    text = "y\n1\n2\nnan\n4\n5\n\n\n"
    (folder / "b.csv").write_text(text)
    table = pf.read_table("b.csv", x_step=1.0)
    np.testing.assert_array_equal(table.x, [0.0, 1.0, 2.0, 3.0, 4.0])
    assert np.isnan(table.y[2])


def test_a_gap_among_rows_with_times_of_the_file_is_refused(folder):
    """As where an oscilloscope writes its start and step."""
    text = "CH1(V),t0 = 10, tInc = 5e-01\n" + "1,,\n2,,\n3,,\n"
    (folder / "a.csv").write_text(text)
    assert pf.read_table("a.csv").x.tolist() == [10.0, 10.5, 11.0]
    (folder / "a.csv").write_text(text.replace("2,,", ",,"))
    with pytest.raises(DataError, match="behind row 1, where x, which counts rows"):
        pf.read_table("a.csv")


def test_a_column_and_steps_for_x_contradict_each_other(folder):
    """One of them is x."""
    (folder / "a.csv").write_text(POINTS)
    with pytest.raises(InputError, match="`x` is column 0, but `x_start` and `x_step`"):
        pf.read_table("a.csv", 0, x_start=0.0)
