"""Kinds of things that stand in tables of text, each read right, said, or refused."""

from __future__ import annotations

import bz2
import lzma
import pickle

import numpy as np
import pytest

import physfit as pf
from physfit.data.readers import read_table
from physfit.errors import DataError, InputError
from physfit.result.file import load_result

NAN = np.nan
K = range(12)


@pytest.fixture
def table(tmp_path):
    """Read a table from text or bytes."""

    def read(content, **keys):
        path = tmp_path / "data.csv"
        data = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(data)
        return read_table(path, **keys)

    return read


def lines(form, numbers=K):
    """A line for each number, by a function or a form of `k`."""
    make = form if callable(form) else (lambda k: form.format(k=k))
    return "".join(f"{make(k)}\n" for k in numbers)


# ------------------------------------------------------------------------ thousands
GROUPED = [990.0 + k for k in K]


@pytest.mark.parametrize(
    ("content", "keys", "y", "words"),
    [
        (lines(lambda k: f"{k}\t{990 + k:,}", range(14)), {}, 1000.0, "commas between"),
        (lines(lambda k: f'{k},"{990 + k:,}"'), {}, 1000.0, "commas between thousands"),
        (lines(lambda k: f'{k},"{9990 + k:,}"'), {}, 10000.0, "commas between"),
        ("n\tcounts\n" + lines(lambda k: f"{k}\t{9990 + k:,}"), {}, 10000.0, "commas"),
        (lines(lambda k: f"{k}.5\t{9990 + k:,}"), {}, 10000.0, "commas between"),
        (lines(lambda k: f"{k}\t{9990 + k:,}.5"), {}, 10000.5, "commas between"),
        (lines(lambda k: f"{k}\t{1999990 + k:,}"), {}, 2000000.0, "commas between"),
        (lines(lambda k: f"{k}\t{9990 + k:,}"), {"decimal": "."}, 10000.0, "commas"),
        (
            lines(lambda k: f"{k}\t{9990 + k:,}"),
            {"decimal": ","},
            10.0,
            "decimal commas",
        ),
        (lines(lambda k: f"{k};{9990 + k:,}"), {}, 10.0, "decimal commas"),
        (lines(lambda k: f"{k}\t{k},125"), {}, 10.125, "decimal commas"),
        (lines(lambda k: f"{k};9.99{k % 10},5"), {}, 9990.5, "points between"),
        (
            lines(lambda k: f"{k};{990 + k:,}".replace(",", "."), range(14)),
            {},
            1000.0,
            "points between",
        ),
        (lines(lambda k: f"{k};{9 + k / 8}"), {}, 10.25, "rows"),
        (lines(lambda k: f"{k};{k + 0.125}"), {}, 10.125, "rows"),
        (lines(lambda k: f"{k};9 99{k % 10},5"), {}, 9990.5, "spaces or apostrophes"),
        (lines(lambda k: f"{k};9'99{k % 10}.5"), {}, 9990.5, "spaces or apostrophes"),
        (
            lines(lambda k: f"{k} 9\u202f99{k % 10}"),
            {},
            9990.0,
            "spaces or apostrophes",
        ),
    ],
)
def test_marks_between_digits_are_understood_where_something_tells(
    table, content, keys, y, words
):
    """A comma is decimal or separates thousands; the eleventh value says which."""
    got = table(content, **keys)
    assert got.y[10] == y
    assert words in got.note


@pytest.mark.parametrize(
    "content",
    [
        lines(lambda k: f"{k}\t{9990 + k:,}"),
        lines(lambda k: f"{k} {9990 + k:,}"),
        lines(lambda k: f"{9990 + k:,}\t{k}"),
        "T\tU\n" + lines(lambda k: f"{1000 + k}\t{9990 + k:,}"),
    ],
)
def test_a_number_that_can_be_read_in_two_ways_is_refused(table, content):
    """Nothing tells whether 9,990 is ten thousand or ten: the caller says it."""
    with pytest.raises(DataError, match=r"decimal='.' or decimal=','\.") as caught:
        table(content)
    assert "'9,990', which is 9990 with" in str(caught.value)


def test_decimal_commas_between_commas_are_refused_or_said(table):
    """Twice as many fields as names are two columns only where the caller says so."""
    content = "a,b\n" + lines("{k},5,3,25")
    with pytest.raises(DataError, match="2 names, but 4 numbers in line 2"):
        table(content)
    got = table(content, delimiter=",", decimal=",")
    assert (got.x[1], got.y[1]) == (1.5, 3.25)


def test_one_column_with_decimal_commas_is_no_pair_of_columns(table):
    """`5,0625` is 5 and 625 only where the caller says so, or two names stand above."""
    content = lines(lambda k: f"{5 + k / 16:.4f}".replace(".", ","))
    for keys in ({}, {"x_start": 0.0}):
        with pytest.raises(DataError, match=r"say decimal=',' or delimiter=','\."):
            table(content, **keys)
    got = table(content, x_start=0.0, decimal=",")
    assert got.y.tolist() == [5 + k / 16 for k in K]
    with pytest.raises(DataError, match="only one column of numbers"):
        table(content, decimal=",")
    assert table(content, delimiter=",").y[1] == 625.0
    assert table("a,b\n" + content).y[1] == 625.0
    got = table(lines("{k},{k}"), x_start=0.0)
    assert "column 1 not used" in got.note


# -------------------------------------------------------------------------- missing
WORDS = [
    "1.#QNAN",
    "-1.#IND",
    "1.#INF",
    "OVER",
    "OVLD",
    "O.L",
    "---",
    "****",
    "#DIV/0!",
]


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("separator", [",", "\t", ";", "  "])
def test_words_of_instruments_are_missing_values(table, word, separator):
    """They are NaN, and the note counts them; in the first row too."""
    content = lines(lambda k: f"{k}.5{separator}{word if k in (0, 3) else k}")
    got = table(content)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(got.y)), [0, 3])
    assert f"column 1: {word} (2) count as missing" in got.note


@pytest.mark.parametrize(
    ("mark", "form", "is_missing"),
    [
        ("9.9e37", "{}", True),
        ("-9.90000000E+37", "-{}", True),
        ("9.91E37", "{}", True),
        ("9.99999999e+37", "{}", True),
        ("9.9e37", "{}e36", False),
        ("9.9e37", "{}e25", True),
        ("9.96921e+36", "{}", True),
        ("1.70141e+38", "{}", True),
        ("-3.402823466E+38", "{}", True),
        ("1e30", "{}", True),
        ("1e30", "{}e25", False),
        ("-99.99", "{}", True),
        ("-99.99", "-{}", False),
        ("9.5e37", "{}", False),
        ("-9999", "{}", True),
        ("-999.25", "{}", True),
        ("-9999", "-{}", False),
        ("-1", "{}", False),
    ],
)
def test_numbers_that_stand_for_missing_ones(table, mark, form, is_missing):
    """SCPI's 9.9e37 far beyond all others, -9999 alone below zero; nothing else."""
    content = lines(lambda k: f"{k}.5,{mark if k == 3 else form.format(k + 1)}")
    got = table(content)
    assert np.isnan(got.y[3]) == is_missing
    assert ("(1) count as missing" in got.note) == is_missing


# ----------------------------------------------------------------------- unreadable
@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("0.0 a4\n0.1 1\n0.2 2\n0.3 3\n", "'a4' in line 1, column 1"),
        ("x y\n0.0 a4\n0.1 1\n0.2 2\n", "'a4' in line 2, column 'y'"),
        ("n,x,y\nq,0,a4\nr,1,1\ns,2,2\nt,3,3\n", "'a4' in line 2, column 'y'"),
        ("1,2\n3,4\n\n8\n", "has 1 column in line 4, but 2"),
        ("0 1\n1 2\n2-3\n3 4\n4 5\n5 6\n6 7\n", "has 1 column in line 3, but 2"),
        ("a\tb\n1*^0\t2*^0\n", "columns (line 2 is '1*^0\\t2*^0'); give a table"),
        ("1,2\n3,4\n5\n", "or leave lines out with skip_rows=... or footer=..."),
        ("x,y\n1,0x1\n2,0x2\n", "for it has '0x1' in line 2, column 'y'"),
        ("d,y\n01/02/2024,1\n02/02/2024,2\n", "for it has '01/02/2024' in line 2"),
        ("d,y\n10:01,1\n10:02,2\n", "for it has '10:01' in line 2, column 'd'"),
        ("a,b\n1.5-100,1\n1.5-101,2\n", "for it has '1.5-100' in line 2, column 'a'"),
        ('a,b\n"1","2"\n"3,4"\n"5","6"\n', "has 1 column in line 3, but 2"),
        ('a b\n"1 2"\n"3 4"\n', "has no numeric columns"),
        ("##TITLE=x\n##XYDATA=(X++(Y..Y))\n400 1 2 3\n", "has no ##END="),
        ('<?xml version="1.0"?>\n<a>1 2</a>\n', "is a XML file"),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_place(table, content, words):
    """The sentence names line and column, or the format."""
    with pytest.raises(DataError) as caught:
        table(content)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("begin", "name"),
    [
        (b"CDF\x01\0\0", "netCDF 3"),
        (b"MATLAB 5.0 MAT-file, Platform: GLNXA64", "MATLAB 5"),
        (b"SIMPLE  =                    T", "FITS"),
        (b"TDSm\x0e\0", "LabVIEW TDMS"),
        (b"PAR1\x15\x04", "Parquet"),
        (b"root\0\0\xf7\x65", "ROOT"),
        (bz2.compress(b"x,y\n1,2\n"), "bzip2"),
        (lzma.compress(b"x,y\n1,2\n"), "xz"),
        (pickle.dumps({"x": 1.0}), "pickle"),
        (b"\x89PNG\r\n", "PNG or JPEG"),
    ],
)
def test_files_of_other_programs_are_named(table, begin, name):
    """With what to do about them."""
    with pytest.raises(DataError, match=f"is a {name} file, not a table of columns; "):
        table(begin + b"\0" * 50)


def test_words_with_which_other_formats_begin_are_words(table):
    """A heading may say `root`."""
    assert table("root,II\n" + lines("{k},{k}.5")).x_label == "root"


def test_numbers_may_change_their_look_late(table):
    """A decimal comma, a thousand, a word after 1500 rows changes no row before."""
    head = lines("{k};2", range(1500))
    assert table(head + "1500;2,5\n").y[-1] == 2.5
    assert table(head + "1500;OVER\n").y[0] == 2.0
    grouped = table(lines(lambda k: f"{k}\t{500 + k:,}", range(1500)))
    assert (grouped.y[0], grouped.y[-1]) == (500.0, 1999.0)


# --------------------------------------------------------------------- text, columns
@pytest.mark.parametrize(
    ("tail", "words"),
    [
        ("End\n", "line 14 of text left out"),
        ("\nTotal: 8,9\nMean 3\n", "lines 15 and 16 of text left out"),
        ("Sum,36\n", "line 14 of text left out"),
        ("[Peaks]\n1,2,3\n4,5,6\n", "lines 14, 15 and 16 of text left out"),
    ],
)
def test_what_follows_the_numbers_is_left_out_and_said(table, tail, words):
    """A footer, and another table with a heading."""
    got = table("a,b\n" + lines("{k},{k}") + tail)
    assert got.x.size == 12
    assert words in got.note


def test_of_two_tables_the_longer_one_is_read(table):
    """Also where the shorter one fills the first lines of the file."""
    short = lines("{k},1,1,7", range(1200))
    long = "Spectrum\nx,y\n" + lines("{k},5", range(2000))
    assert table(f"Calibration\n{short}{long}").y.tolist() == [5.0] * 2000


def test_numbers_above_a_table_are_called_so(table):
    """A count of rows, or a shorter table before a line of text."""
    got = table("12\n" + lines("{k} {k}.5"))
    assert "line 1 of numbers before the table left out" in got.note
    got = table("1 2\n2 3\nspectrum\n" + lines("{k} {k}.5"))
    assert got.x.tolist() == list(K)
    assert "lines 1 and 2 of numbers before the table left out" in got.note
    assert "1 line of text before" in got.note


@pytest.mark.parametrize(
    ("header", "x", "y"),
    [
        ("y x", 1, 0),
        ("Y X", 1, 0),
        ("Data:  y  x", 1, 0),
        ("# y x z", 1, 0),
        ("x z y", 0, 1),
        ("t x", 0, 1),
        ("t x y", 0, 1),
        ("z y x", 0, 1),
    ],
)
def test_y_before_x_is_y(table, header, x, y):
    """NIST writes y first; a `y` is not x where another column is called x."""
    n = len(header.replace("#", "").replace("Data:", "").split())
    got = table(header + "\n" + lines(lambda k: " ".join(f"{k}.{j}" for j in range(n))))
    assert got.note.startswith(f"x = column {x} ")
    assert f", y = column {y} " in got.note


@pytest.mark.parametrize("line", ["Grating:\t600", "[Data 1]", "<<DATA>>", "@type xy"])
def test_settings_and_titles_are_no_names(table, line):
    """They stand where the names of the columns might."""
    got = table(f"Gain\t1\n{line}\n" + lines("{k}\t{k}.5"))
    assert (got.x_label, got.y_label) == ("x", "y")


def test_other_errors_of_y_are_named(table):
    """The lower error of two is taken, and it is said that there is another one."""
    got = table("E,U,U_err_low,U_err_high\n" + lines("{k},{k}.5,0.1,0.3"))
    assert set(got.sigma) == {0.1}
    assert "column 3 'U_err_high' not used, though named as an error of y" in got.note


def test_lines_are_left_out_where_a_caller_says_so(table):
    """`skip_rows` and `footer` count lines, also empty ones among them."""
    got = table("9,9\n8,8\n" + lines("{k},{k}") + "\n7\n", skip_rows=2, footer=1)
    assert got.x.tolist() == list(K)


def test_a_heading_that_comes_again_is_no_row(table):
    """Pages of one table are one table."""
    pages = "".join("x,y\n" + lines("{k},1", range(6 * j, 6 * j + 6)) for j in range(3))
    got = table(pages)
    assert got.x.tolist() == list(range(18))
    assert "lines 8 and 15 of text left out" in got.note


def test_a_hash_in_a_field_is_no_comment(table):
    """Neither in a text column, nor in a heading; after a row it is."""
    got = table("sample #,x,y\n" + lines("no #{k},{k},2 # good"))
    assert got.x.tolist() == list(K)
    assert "x = column 1 'x'" in got.note


def test_columns_are_counted_with_the_empty_ones(table):
    """`y=2` is the third column, and an empty one is never taken by itself."""
    content = lines("{k};;{k}0;{k}00")
    assert table(content, x=0, y=2).y[1] == 10.0
    assert table(content).note.startswith("x = column 0, y = column 2, no sigma")
    assert table("a,b,c\n" + lines(",{k},{k}5")).note.startswith("x = column 1 'b'")


def test_names_that_do_not_fit_are_said(table):
    """Columns are counted where there are too few names."""
    got = table("a;b\n" + lines("{k};1.5;2;3"))
    assert got.note.startswith("x = column 0, y = column 1, no sigma")
    assert "2 names above 4 columns not used" in got.note


# -------------------------------------------------------------------------- scans
def scans(heading):
    """Three scans of 12 rows."""
    return "".join(heading.format(j) + lines(f"{{k}} {j}") for j in range(3))


@pytest.mark.parametrize(
    "heading", ["", "\n", "\n\n", "# scan {}\n", "Scan {}\n", "x y\n"], ids=repr
)
def test_one_scan_is_taken_where_x_starts_again(table, heading):
    """The first, or that which is asked for, and the note says so."""
    got = table(scans(heading))
    assert (got.x.tolist(), set(got.y)) == (list(K), {0.0})
    assert "x starts again: scan 0 of 3 taken, 12 rows of 36 (scan=1 takes" in got.note
    assert set(table(scans(heading), scan=2).y) == {2.0}
    assert table(scans(heading), scan="all").x.size == 36


@pytest.mark.parametrize(
    "x",
    [
        [*range(20), *range(20, 0, -1)],
        [1, 2, 3, 4] * 5,
        [1, 1, 1, 2, 2, 2, 3, 3, 3] * 2,
        [*range(20), *range(7, 30)],
        list(np.random.default_rng(3).permutation(50)),
    ],
    ids=["there and back", "replicates", "groups", "another grid", "in no order"],
)
def test_x_that_goes_back_is_no_scan_by_itself(table, x):
    """Loops, replicates and rows in no order are one table."""
    got = table(lines(lambda v: f"{v} 1", x))
    assert got.x.tolist() == x
    assert "scan" not in got.note


def test_scans_that_are_not_there_are_refused(table):
    """A number beyond the last scan, and what is no number."""
    with pytest.raises(DataError, match="has 3 scans, counted from 0, but scan=3"):
        table(scans("\n"), scan=3)
    with pytest.raises(InputError, match="`scan` must be a number from 0 or 'all'"):
        table(scans("\n"), scan="first")


# ---------------------------------------------------------------------- sigma, units
@pytest.mark.parametrize(
    ("header", "sigma", "words"),
    [
        ("U (V),err (%)", [0.05, 0.1], "times 0.01 |y|"),
        ("U (V),err %", [0.05, 0.1], "times 0.01 |y|"),
        ("U/V,err/%", [0.05, 0.1], "times 0.01 |y|"),
        ("U (V),err (mV)", [0.005, 0.005], "times 0.001"),
        ("U (µV),err (nV)", [0.005, 0.005], "times 0.001"),
        ("t (s),err (min)", [300.0, 300.0], "times 60"),
        ("U (V),err (V)", [5.0, 5.0], "sigma = column 2 'err'; 2"),
        ("U (%),err (%)", [5.0, 5.0], "sigma = column 2 'err'; 2"),
        ("U,err (V)", [5.0, 5.0], "sigma = column 2 'err'; 2"),
        ("U (V),err", [5.0, 5.0], "sigma = column 2 'err'; 2"),
    ],
)
def test_sigma_is_in_the_unit_of_y(table, header, sigma, words):
    """Per cent and multiples are converted, and the factor is said."""
    got = table(f"k,{header}\n1,1,5\n2,2,5\n")
    np.testing.assert_allclose(got.sigma, sigma)
    assert words in got.note


def test_letters_in_brackets_are_units_where_every_column_has_one(table):
    """An error in V beside mV was taken for one in mV."""
    text = "t(s),U(mV),err(V)\n" + lines("{k},{k}.5,0.01")
    got = table(text, y="U(mV)", x="t(s)")
    assert got.sigma.tolist() == [10.0] * 12
    assert (got.x_unit, got.y_unit) == ("s", "mV")


def test_sigma_in_another_unit_is_refused(table):
    """Volts are no kelvin."""
    with pytest.raises(DataError, match=r"column 2 'err', in 'K', but y, column 1"):
        table("t,U (V),err (K)\n1,1,5\n")


@pytest.mark.parametrize(
    ("content", "units"),
    [
        ("t,U\nms,mV\n", ("ms", "mV")),
        ("t\tU\n s\tV \n\tsample 1\n", ("s", "V")),
        ("Field,Moment\nOe,emu/g\n", ("Oe", "emu/g")),
        ("t,U\n[s],(V)\n", ("s", "V")),
        ("# t,U\n# s,V\n", ("s", "V")),
        ("file 3\nt;U\ns;-\n", ("s", "")),
        ("T,V\n", ("", "")),
    ],
)
def test_units_below_the_names(table, content, units):
    """Bare or in brackets, with comments below; names alone are no units."""
    separator = next(mark for mark in "\t;," if mark in content)
    got = table(content + lines(f"{{k}}.5{separator}2"))
    assert (got.x_unit, got.y_unit) == units
    assert got.x_label in ("t", "Field", "T")


# --------------------------------------------------------------------------- times
@pytest.mark.parametrize(
    ("texts", "seconds"),
    [
        (["2024-03-01T23:59:59Z", "2024-03-02T00:00:01Z"], 2.0),
        (["2024-02-28", "2024-03-01"], 2 * 86400.0),
        (["28.2.2024 10:00", "1.3.2024 10:00:30"], 2 * 86400.0 + 30),
        (["2/28/2024 11:59 AM", "2/28/2024 1:00 PM"], 3660.0),
        (["2024/03/01 10:00:00.25", "2024/03/01 10:00:01"], 0.75),
        (["23:59:59.5", "0:00:01"], 1.5),
        (["59:59.5", "61:00.5"], 61.0),
        (["01/02/2024 10:00", "01/02/2024 11:00"], 3600.0),
    ],
)
def test_times_are_seconds_from_the_first(table, texts, seconds):
    """As x where there is but one other column, and said."""
    got = table("time;U\n" + "".join(f"{text};{k}\n" for k, text in enumerate(texts)))
    np.testing.assert_allclose(got.x, [0.0, seconds])
    assert got.x_unit == "s"
    assert "column 0 'time': seconds from the first" in got.note


def test_times_beside_numbers_are_passed_over_and_said(table):
    """Two numeric columns are x and y; the times are there when asked for."""
    content = "time,T,U\n" + lines("2024-03-01T23:55:{k:02d},{k},1")
    assert "column 0 'time' holds dates or times (asked for" in table(content).note
    assert table(content, x="time").x.tolist() == list(K)


# ------------------------------------------------------------------------ arguments
@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ({"decimal": ";"}, "`decimal` must be '.' or ','"),
        ({"delimiter": "ab"}, "`delimiter` must be one character such as"),
        ({"skip_rows": -1}, "`skip_rows` must be a whole number of at least 0"),
        ({"footer": 1.5}, "`footer` must be a whole number"),
    ],
)
def test_arguments_are_checked(table, keys, words):
    """One sentence says what is allowed."""
    with pytest.raises(InputError) as caught:
        table("1,2\n", **keys)
    assert words in str(caught.value)


def test_arguments_of_texts_are_refused_for_archives(tmp_path):
    """An array has no delimiter."""
    np.save(tmp_path / "a.npy", np.ones((3, 2)))
    with pytest.raises(InputError, match="is no text, so leave out `delimiter`"):
        read_table(tmp_path / "a.npy", delimiter=",")


# --------------------------------------------------------------------------- report
def test_the_report_of_a_fit_says_how_its_file_was_read(tmp_path):
    """What is more than columns of numbers stands in the report, and stays in files."""
    path, output = tmp_path / "data.csv", tmp_path / "fit.json"
    path.write_text(scans("\n"))
    result = pf.fit(pf.models.Linear(), path)
    note = "x starts again: scan 0 of 3 taken, 12 rows of 36"
    assert note in result.data.note
    assert note in " ".join(result.report().split())
    result.save(output)
    assert load_result(output).data.note == result.data.note


def test_the_report_of_a_fit_to_a_plain_file_says_nothing_more(tmp_path):
    """Names, units and two columns are what everybody expects."""
    path = tmp_path / "data.csv"
    path.write_text("t (s),U (V)\n" + lines("{k},1.5"))
    result = pf.fit(pf.models.Constant(), path)
    assert result.data.note == ""
    assert "  read  " not in result.report()


# -------------------------------------------------------------------------- columns
def test_groups_of_two_digits_are_those_of_india(table):
    read = table("n\tcounts\n" + lines("{k}.5\t1,23,{k}56.5", range(4)))
    np.testing.assert_array_equal(read.y, [123056.5, 123156.5, 123256.5, 123356.5])
    assert "commas between thousands" in read.note


@pytest.mark.parametrize(
    ("header", "x", "y"),
    [
        ("Pixel;Wavelength;Raw data #1", "Wavelength", "Raw data #1"),
        ("Channel;Energy (keV);Counts", "Energy", "Counts"),
        ("Index;Counts;Background", "Index", "Counts"),
        ("Sample;Pressure;Background", "Sample", "Pressure"),
    ],
)
def test_a_count_of_rows_is_not_x_beside_a_wavelength(table, header, x, y):
    read = table(f"{header}\n" + lines("{k};2{k}.5;3{k}"))
    assert (read.x_label, read.y_label) == (x, y)


@pytest.mark.parametrize("n_rows", [1, 2, 3])
def test_samples_along_rows_are_refused(table, n_rows):
    row = ",".join(f"{k}.5" for k in K)
    with pytest.raises(DataError, match=f"has 12 numbers a row and {n_rows} row"):
        table(f"{row}\n" * n_rows)
    if n_rows > 1:
        assert table(f"{row}\n" * n_rows, x=0, y=3).y.tolist() == [3.5] * n_rows


def test_a_node_of_a_circuit_is_no_unit(table):
    read = table("time\tV(out)\tI(R1)\n" + lines("{k}\t{k}.5\t1.0"))
    assert (read.y_label, read.y_unit) == ("V(out)", "")


@pytest.mark.parametrize("name", ["+/-", "±", "+-"])
def test_plus_and_minus_head_the_errors(table, name):
    assert table(f"x,y,{name}\n" + lines("{k},{k}.5,0.1")).sigma.tolist() == [0.1] * 12
