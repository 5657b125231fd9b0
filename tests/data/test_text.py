"""Tables of text: every common way to write one, and every way to get it wrong."""

from __future__ import annotations

import gzip
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from physfit.data.dialect import find_shape
from physfit.data.headings import split_unit
from physfit.data.readers import read_table
from physfit.errors import DataError

PLAIN = "x = column 0, y = column 1, no sigma"


def names(note):
    """A note without the numbers of columns that have a name."""
    return re.sub(r"column \d+ '", "column '", note)


NAMED = "x = column 'f', y = column 'signal', sigma = column 'err'"
ROWS = [[1.0, 10.5, 0.1], [2.0, -20.25, 0.2], [3.5, 3e-3, 0.3]]


@pytest.fixture
def table(tmp_path):
    """Read a table from text or bytes."""

    def read(content, *keys, name="data.csv", **named):
        path = tmp_path / name
        data = content if isinstance(content, bytes) else content.encode()
        path.write_bytes(data)
        return read_table(path, *keys, **named)

    return read


def sentence(table, content, *keys, **named):
    """The sentence with which a table is refused."""
    with pytest.raises(DataError) as caught:
        table(content, *keys, **named)
    text = str(caught.value)
    assert "\n" not in text
    return text


@pytest.mark.parametrize(
    "content",
    [
        "f,signal,err\n1,10.5,0.1\n2,-20.25,0.2\n3.5,3e-3,0.3\n",
        "f, signal, err\n1, 10.5, 0.1\n2, -20.25, 0.2\n3.5, 3e-3, 0.3",
        "f\tsignal\terr\n1\t10.5\t0.1\n2\t-20.25\t0.2\n3.5\t3E-3\t0.3\n",
        "f;signal;err\n1;10.5;0.1\n2;-20.25;0.2\n3.5;3e-3;0.3\n",
        "f;signal;err\n1;10,5;0,1\n2;-20,25;0,2\n3,5;3e-3;0,3\n",
        "f\tsignal\terr\n1\t10,5\t0,1\n2\t-20,25\t0,2\n3,5\t3e-3\t0,3\n",
        "f signal err\n1 10,5 0,1\n2 -20,25 0,2\n3,5 3e-3 0,3\n",
        "  f   signal  err\n  1.0   10.5   .1\n  2.0 -20.25   .2\n  3.5   3e-3   .3\n",
        "# f signal err\n1 10.5 0.1\n2 -20.25 0.2\n3.5 3e-3 0.3\n",
        "% f, signal, err\n1,10.5,0.1\n2,-20.25,0.2\n% pause\n3.5,3e-3,0.3\n",
        "; made by hand\nf,signal,err\n1,10.5,0.1\n\n2,-20.25,0.2\n;\n3.5,3e-3,0.3\n",
        "f,signal,err\r\n1,10.5,0.1\r\n2,-20.25,0.2\r\n3.5,3e-3,0.3\r\n",
        "f,signal,err\r1,10.5,0.1\r2,-20.25,0.2\r3.5,3e-3,0.3\r",
        "\ufefff,signal,err\n1,10.5,0.1\n2,-20.25,0.2\n3.5,3e-3,0.3\n",
        "f,signal,err\n1,10.5,0.1\n2,-20.25,0.2\n3.5,3e-3,0.3\n".encode("utf-16"),
        '"f","signal","err"\n"1","10.5","0.1"\n"2","-20.25","0.2"\n"3.5","3e-3",0.3\n',
        '"f","signal","err"\n"1","10,5","0,1"\n"2","-20,25","0,2"\n"3,5","3e-3","0,3"',
        "f,signal,err\n1,10.5,0.1  # first\n2,-20.25,0.2\n3.5,3e-3,0.3\n",
        "f,signal,err,\n1,10.5,0.1,\n2,-20.25,0.2,\n3.5,3e-3,0.3,\n",
        "f,signal,err\n1,10.5,0.1\n2,-20.25,0.2\n3.5,3e-3,0.3\n,,\n,,\n",
        "f signal err\n1.0D0 1.05D+01 1.0D-1\n2d0 -20.25 .2\n3.5 3D-03 0.3\n",
        ",f,signal,err\n0,1,10.5,0.1\n1,2,-20.25,0.2\n2,3.5,3e-3,0.3\n",
        "name,f,signal,err\na,1,10.5,0.1\nb,2,-20.25,0.2\nc,3.5,3e-3,0.3\n",
        "f,signal,err,remark\n1,10.5,0.1,ok\n2,-20.25,0.2,\n3.5,3e-3,0.3,ok\n",
    ],
    ids=[
        "csv",
        "csv spaced",
        "tabs",
        "semicolons",
        "semicolons decimal comma",
        "tabs decimal comma",
        "spaces decimal comma",
        "aligned",
        "commented header",
        "percent comments",
        "semicolon comments",
        "crlf",
        "cr",
        "byte order mark",
        "utf-16",
        "quotes",
        "quoted decimal comma",
        "trailing comment",
        "trailing separator",
        "empty rows at the end",
        "fortran exponents",
        "row numbers without name",
        "text column first",
        "text column last",
    ],
)
def test_one_table_written_in_many_ways(table, content):
    """Separator, decimal mark, comments, quotes and line ends do not change a table."""
    got = table(content)
    np.testing.assert_array_equal(np.array([got.x, got.y, got.sigma]).T, ROWS)
    assert names(got.note).startswith(NAMED)
    assert (got.x_label, got.y_label) == ("f", "signal")
    assert got.y.flags.c_contiguous


def test_a_compressed_table_is_read(table):
    """A gzip file is read like the text in it."""
    assert table(gzip.compress(b"1,2\n3,4\n"), name="data.csv.gz").y.tolist() == [2, 4]


def test_without_a_header_the_columns_are_x_and_y(table):
    """A third column without a name is sigma only when that is asked for."""
    assert table("1 2\n4 5\n").note == f"{PLAIN}; 2 rows"
    three, four = table("1 2 3\n4 5 6\n"), table("1 2 3 4\n4 5 6 7\n")
    assert three.note == f"{PLAIN}; column 2 not used; 2 rows"
    assert four.note == f"{PLAIN}; columns 2, 3 not used; 2 rows"
    asked = table("1 2 3\n4 5 6\n", sigma=2)
    assert asked.sigma.tolist() == [3, 6]
    assert asked.note == "x = column 0, y = column 1, sigma = column 2; 2 rows"


def test_columns_are_said_by_name_and_number(table):
    """The note has both, so that either can be used to choose another column."""
    note = table("t,U,U_err\n1,2,3\n").note
    assert note == "x = column 0 't', y = column 1 'U', sigma = column 2 'U_err'; 1 row"


def test_latin_1_is_read_when_it_is_no_utf_8(table):
    """A unit in the encoding of older instruments keeps its letters."""
    got = table("T (°C),U (µV)\n1,2\n3,4\n".encode("latin-1"))
    assert (got.x_unit, got.y_unit) == ("°C", "µV")


def test_free_text_before_the_numbers_is_skipped_and_said(table):
    """Lines of text before the numbers are no data, and the note counts them."""
    got = table("Instrument 7\nDate: 2026-11-23 10:00\n\nf (Hz)  U (V)\n1 2\n3 4\n")
    assert got.y.tolist() == [2, 4]
    assert (got.x_label, got.x_unit, got.y_unit) == ("f", "Hz", "V")
    assert "; 2 lines of text before the numbers skipped" in got.note


def test_decimal_commas_are_said(table):
    """The note tells how commas were understood."""
    assert table("1,5;2\n2,5;3\n").note == f"{PLAIN}; decimal commas; 2 rows"


def test_a_line_of_units_below_the_names(table):
    """Units may stand in brackets on a line of their own."""
    got = table("t,U\n(s),[mV]\n1,2\n3,4\n")
    assert (got.x_label, got.x_unit, got.y_label, got.y_unit) == ("t", "s", "U", "mV")


def test_a_comment_between_header_and_numbers_is_no_header(table):
    """The names are those of the header, not the words of a comment after it."""
    assert table("f,signal\n# units: Hz, V\n1,2\n3,4\n").y_label == "signal"


@pytest.mark.parametrize(
    ("header", "name", "unit"),
    [
        ("f (Hz)", "f", "Hz"),
        ("f [Hz]", "f", "Hz"),
        ("f[Hz]", "f", "Hz"),
        ("f / Hz", "f", "Hz"),
        ("Total Frequency /MHz", "Total Frequency", "MHz"),
        ("LW(Hz)", "LW", "Hz"),
        ("g (%)", "g", "%"),
        ("omega (rad/s)", "omega", "rad/s"),
        ("ratio (-)", "ratio", ""),
        ("log(I)", "log(I)", ""),
        ("u(T)", "u(T)", ""),
        ("counts/s", "counts/s", ""),
        ("signal", "signal", ""),
        ("err %", "err", "%"),
        ("err/%", "err", "%"),
        ("U/V", "U", "V"),
        ("T/K", "T", "K"),
        ("DSC/(mW/mg)", "DSC", "mW/mg"),
        ("S/N", "S/N", ""),
        ("I/I0", "I/I0", ""),
        ("a/b", "a/b", ""),
    ],
)
def test_a_header_has_a_name_and_a_unit(header, name, unit):
    """Brackets, or a slash after a space, hold the unit; functions keep theirs."""
    assert split_unit(header) == (name, unit)


@pytest.mark.parametrize(
    "row", ["2,,0.2", "2,nan,0.2", "2,NaN,0.2", "2,NA,0.2", "2,n/a,0.2", "2,--,0.2"]
)
def test_missing_values_are_nan(table, row):
    """An empty field and every usual word for missing is NaN."""
    got = table(f"f,signal,err\n1,10,0.1\n{row}\n3,30,0.3\n")
    np.testing.assert_array_equal(got.y, [10, np.nan, 30])
    np.testing.assert_array_equal(got.sigma, [0.1, 0.2, 0.3])


def test_missing_values_at_the_ends_of_lines(table):
    """Empty fields side by side and at the ends of a line are NaN too."""
    got = table("f;signal;err\n1;10;0,1\n;;0,2\n3;;\n4;5;\n;6;\n")
    nan = np.nan
    np.testing.assert_array_equal(got.x, [1, nan, 3, 4, nan])
    np.testing.assert_array_equal(got.y, [10, nan, nan, 5, 6])
    np.testing.assert_array_equal(got.sigma, [0.1, 0.2, nan, nan, nan])


COLUMNS = "t (s),a,a_err,b,b_err\n1,2,3,4,5\n6,7,8,9,10\n"


@pytest.mark.parametrize(
    ("content", "keys", "note"),
    [
        (COLUMNS, {}, "x = column 't', y = column 'a', sigma = column 'a_err'"),
        (COLUMNS, {"y": "b"}, "x = column 't', y = column 'b', sigma = column 'b_err'"),
        (COLUMNS, {"x": "t (s)", "y": "b", "sigma": "none"}, "x = column 't', y = col"),
        (COLUMNS, {"x": "b"}, "x = column 'b', y = column 't', no sigma"),
        (COLUMNS, {"x": 1, "y": "3"}, "x = column 'a', y = column 'b', sigma = colu"),
        (COLUMNS, {"sigma": "b"}, "x = column 't', y = column 'a', sigma = column 'b'"),
        ("x,dx,y,dy\n1,2,3,4\n", {}, "x = column 'x', y = column 'y', sigma = column"),
        ("E,N,std dev\n1,2,3\n", {}, "x = column 'E', y = column 'N', sigma = column"),
        ("E,N,sigma_N\n1,2,3\n", {}, "x = column 'E', y = column 'N', sigma = column"),
        ("E,N,yerr\n1,2,3\n", {}, "x = column 'E', y = column 'N', sigma = column 'y"),
        ("E,N,uncertainty (V)\n1,2,3\n", {}, "x = column 'E', y = column 'N', sigma"),
        ("E,N,M\n1,2,3\n", {}, "x = column 'E', y = column 'N', no sigma"),
        ("E,E_err,N\n1,2,3\n", {}, "x = column 'E', y = column 'N', no sigma"),
        ("E,data,d2\n1,2,3\n", {}, "x = column 'E', y = column 'data', no sigma"),
        ("1 2 3\n4 5 6\n", {"y": 2}, "x = column 0, y = column 2, no sigma"),
        ("1 2 3\n4 5 6\n", {"sigma": "none"}, PLAIN),
    ],
)
def test_which_column_is_taken_for_what(table, content, keys, note):
    """The choice follows the rules, and the note says it."""
    assert names(table(content, **keys).note).startswith(note)


def test_two_columns_make_complex_values(table):
    """`y="re,im"` joins two columns, by name or number."""
    got = table("t,re (V),im (V)\n1,2,3\n4,5,6\n", y="re,im")
    assert got.y.tolist() == [2 + 3j, 5 + 6j]
    assert (got.y_label, got.y_unit) == ("re, im", "V")
    said = "x = column 't', y = column 're' + i column 'im', no sigma; 2 rows"
    assert names(got.note) == said
    assert table("1 2 3\n4 5 6\n", y="1,2").y.tolist() == [2 + 3j, 5 + 6j]


@pytest.mark.parametrize(
    ("content", "keys", "words"),
    [
        ("", {}, "is empty"),
        ("\n \n", {}, "is empty"),
        ("only text here\nand here\n", {}, "has no numeric columns"),
        ("x,y\n", {}, "has no numeric columns"),
        ("x,y\na,b\n", {}, "has no numeric columns"),
        ("y\n1\n2\n3\n", {}, "has only one column of numbers, from line 2 on"),
        ("x,y\n1,2\n3\n4,5\n", {}, "has 1 column in line 3, but 2 in the other lines"),
        ("x,y\n1,2\n3,4,5\n6,7\n", {}, "has 3 columns in line 3, but 2 in the other"),
        ("x y\n1 2\n3 4 5\n6 7\n", {}, "has 3 columns in line 3, but 2 in the other"),
        ("x,y\n1,2\n3,a4\n5,6\n7,8\n", {}, "has 'a4' in line 3, column 'y', where a"),
        ("x,y\n1,a\n3,4\n5,6\n7,8\n", {}, "has 'a' in line 2, column 'y', where a"),
        ("1;2\n3;4.5,6\n5;6\n7;8\n", {}, "has '4.5,6' in line 2, column 1, where a"),
        ("n,x,y\na,1,2\nb,3,4\n", {"x": "n"}, "has 'a' in line 2, column 'n', where a"),
        ("n,y\na,1\nb,3\n", {}, "has too few numeric columns for x and y"),
        (
            "freq,signal\n1,2\n",
            {"x": "frq"},
            "has no column 'frq'; did you mean 'freq'",
        ),
        ("1,2\n3,4\n", {"x": "f"}, "has no column 'f'; choose by number, 0 to 1."),
        ("1,2\n3,4\n", {"y": 2}, "has no column number 2; choose by number, 0 to 1."),
        ("1,2\n3,4\n", {"y": -1}, "has no column number -1; choose by number"),
        ("1,2\n3,4\n", {"y": [0, 1]}, "by its name or its number, not by [0, 1]; join"),
        ("1,2\n3,4\n", {"y": 1.5}, "by its name or its number, not by 1.5; join"),
        (
            "a,b,b\n1,2,3\n",
            {"y": "b"},
            "has 2 columns named 'b'; choose by number, one",
        ),
        ('"' + "a" * 200_000 + '"\n', {}, "has no numeric columns"),
        ("t,re\n1,2\n", {"y": "re,im"}, "has no column 'im'"),
        ("x,y,a,b\n1,2,3,4\n", {"sigma": "a,b"}, "`sigma` names 2 columns of"),
        ("t,a,b,c\n1,2,3,4\n", {"y": "a,b,c"}, "`y` names 3 columns"),
        (b"\x00\x01\x02", {}, "is not a text file"),
        (gzip.compress(b"1,2\n3,4\n")[:-6], {}, "truncated or damaged gzip"),
    ],
)
def test_an_unusable_table_is_refused_in_one_sentence(table, content, keys, words):
    """One sentence names the file, the line or column, and what to do."""
    text = sentence(table, content, **keys)
    assert words in text
    assert "data.csv" in text


#: Any numbers but those that instruments write where there is none.
FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(
    lambda v: not 9e29 < abs(v) < 4e38 and not -1e5 < v <= -99
)


@pytest.mark.parametrize(
    ("separator", "decimal"),
    [
        (",", "."),
        (";", "."),
        ("\t", "."),
        (" ", "."),
        (";", ","),
        ("\t", ","),
        (" ", ","),
    ],
    ids=repr,
)
@settings(deadline=None)  # waits for the disk
@given(
    rows=st.lists(
        st.tuples(*[FLOATS] * 3),
        min_size=1,
        max_size=8,
    ),
    header=st.sampled_from(["", "t,signal,err", "free text\n# t,signal,err"]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_numbers_survive_every_dialect(
    tmp_path_factory, separator, decimal, rows, header, end
):
    """Floats written by repr come back bit by bit, whatever the separators."""
    lines = [separator.join(repr(v).replace(".", decimal) for v in row) for row in rows]
    text = end.join([*header.replace(",", separator).splitlines(), *lines])
    path = tmp_path_factory.mktemp("tables", numbered=True) / "table.txt"
    path.write_bytes(text.encode())
    got = read_table(path, sigma=2, decimal=decimal, scan="all")
    np.testing.assert_array_equal(np.array([got.x, got.y, got.sigma]).T, rows)
    path.unlink()


@settings(deadline=None)  # waits for the disk
@given(
    rows=st.lists(
        st.tuples(*[st.one_of(st.none(), st.integers(-99, 99))] * 3),
        min_size=1,
        max_size=6,
    ).map(lambda rows: [(1, 2, 3), *rows]),
    separator=st.sampled_from([",", ";", "\t"]),
    missing=st.sampled_from(["", "NA", "nan", "null", "-"]),
)
def test_missing_values_stay_in_their_place(tmp_path_factory, rows, separator, missing):
    """Missing values are NaN where they stood; only a wholly empty line is no row."""
    lines = [
        separator.join(missing if v is None else str(v) for v in row) for row in rows
    ]
    path = tmp_path_factory.mktemp("tables", numbered=True) / "table.txt"
    path.write_text("\n".join(lines))
    got = read_table(path, sigma=2, scan="all")
    kept = [row for row in rows if missing or any(v is not None for v in row)]
    expected = [[np.nan if v is None else v for v in row] for row in kept]
    np.testing.assert_array_equal(np.array([got.x, got.y, got.sigma]).T, expected)
    path.unlink()


@given(st.text(st.sampled_from('0123456789.,;-+eE \t\n\r"#%ax/()[]'), max_size=200))
def test_no_text_is_a_crash(text):
    """Whatever the text, a shape is found or not, without an exception."""
    shape = find_shape(text.split("\n"))
    assert shape is None or shape.n_fields >= 1


def test_a_long_table_is_read_by_the_parser_of_numpy(table, monkeypatch):
    """100 000 plain rows never take the slow path, missing values included."""
    monkeypatch.delattr("physfit.data.text.rows_of")
    got = table("x,y,err\n" + "1.5,-2,0.1\n2.5,,0.1\n" * 50_000)
    assert (got.x.size, int(np.isnan(got.y).sum())) == (100_000, 50_000)
