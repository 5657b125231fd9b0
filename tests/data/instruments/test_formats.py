"""Files of instruments, made up: the numbers that are in them, and what is said."""

from __future__ import annotations

import gzip
import subprocess
import sys
import zipfile
from datetime import timedelta
from io import BytesIO
from types import SimpleNamespace

import labview_files as lvm
import numpy as np
import pytest
from instrument_files import (
    N,
    X,
    Y,
    affn,
    difdup,
    jcamp_block,
    jcamp_link,
    lightfield,
    opus_absorbance,
    renamed_member,
    spc,
    wdf,
    winspec,
    workbook,
    xrdml,
    xrdml_scan,
)
from numpy.testing import assert_allclose

import physfit as pf
from physfit.data.instruments import formats
from physfit.errors import DataError, InputError

FRAMES = np.stack([[Y, 2 * Y], [3 * Y, 4 * Y]])
ROWS = [[float(a), float(b)] for a, b in zip(X / 7.0, Y, strict=True)]
TTH = np.linspace(20.0, 59.0, N)
FACTORS = np.where(np.arange(N) < 20, 10.0, 1.0)
ATTENUATED = f"<beamAttenuationFactors>{' '.join(map(str, FACTORS))}"
ATTENUATED += "</beamAttenuationFactors>"
LISTED = (
    '<positions axis="2Theta" unit="deg"><listPositions>'
    f"{' '.join(map(str, TTH**1.01))}</listPositions></positions>"
)
PAIRS = "".join(f"{a}, {b:.0f}; " for a, b in zip(X, Y, strict=True)) + "\n"
SENSOR = '<SensorMapping id="1" x="10" y="0" width="80" height="2" xBinning="2"/>'
WAVES = ",".join(f"{v}" for v in X)
OPEN_DOCUMENT = renamed_member(workbook({"A": [[1]]}), "xl/workbook.xml", "content.xml")
BIG_ENDIAN = b"\0\x4c" + spc([Y])[2:24] + b"\0\0\0\1" + spc([Y])[28:]
THREE = [Y, 2 * Y, 3 * Y]

#: Content, options, x, y, units of x and y, and words of the note.
FILES = {
    "JCAMP-DX, AFFN": (
        jcamp_block(), {}, X, Y / 1000, ("1/cm", ""), "YFACTOR 0.001 applied; 40 rows",
    ),
    "JCAMP-DX, differences": (
        jcamp_block(table=difdup(X, Y)), {}, X, Y / 1000, ("1/cm", ""), "'absorbance'",
    ),
    "JCAMP-DX, digits that look like an exponent": (
        jcamp_block(y=Y + 400, table=difdup(X, Y + 400)),
        {}, X, (Y + 400) / 1000, ("1/cm", ""), "",
    ),
    "JCAMP-DX, a wrong step among right lines": (
        jcamp_block(DELTAX="4"), {}, X, Y / 1000, ("1/cm", ""),
        "DELTAX says 4, but x has steps of 2",
    ),
    "JCAMP-DX, falling": (
        jcamp_block(x=X[::-1], y=Y), {}, X[::-1], Y / 1000, ("1/cm", ""), "40 rows",
    ),
    "JCAMP-DX, factor of x": (
        jcamp_block(table=affn(X / 2, Y), XFACTOR="2"),
        {}, X, Y / 1000, ("1/cm", ""), "",
    ),
    "JCAMP-DX, pairs": (
        jcamp_block(form="XYPOINTS=(XY..XY)", table=PAIRS, XFACTOR="2"),
        {}, 2 * X, Y / 1000, ("1/cm", ""), "XFACTOR 2 applied; 40 rows",
    ),
    "JCAMP-DX, second block": (
        jcamp_link(jcamp_block(), jcamp_block(y=2 * Y, title="two")),
        {"scan": 1}, X, Y / 500, ("1/cm", ""), "scan 1 of 2 (two INFRARED SPECTRUM)",
    ),
    "SPC, floating points": (spc([Y]), {}, X, Y, ("1/cm", ""), "'wavenumber'"),
    "SPC, integers": (spc([Y], exponent=11), {}, X, Y, ("1/cm", ""), "40 rows"),
    "SPC, exponent in the main header only": (
        spc([Y], exponent=11, sub_exponent=0), {}, X, Y, ("1/cm", ""), "factor 2048",
    ),
    "SPC, short integers, many": (
        spc([Y, 2 * Y], exponent=12, is_short=True),
        {"scan": 1}, X, 2 * Y, ("1/cm", ""), "scan 1 of 2 taken",
    ),
    "SPC, list of x, labels": (
        spc([Y], x=X**1.01, labels=b"Shift (cm-1)\0I (counts)\0"),
        {}, (X**1.01).astype("f4"), Y, ("cm-1", "counts"), "x = column 'Shift'",
    ),
    "WDF": (wdf([Y]), {}, X[::-1], Y, ("1/cm", "counts"), "x = column 'Raman shift'"),
    "WDF, not finished": (
        wdf(THREE, measured=2), {"scan": 1}, X[::-1], 2 * Y, ("1/cm", "counts"),
        "1 of 3 spectra were not measured; scan 1 of 2 taken",
    ),
    "OPUS": (
        opus_absorbance(), {}, X[::-1], Y, ("1/cm", ""), "scan 0 of 3 (Absorbance)",
    ),
    "OPUS, scaled": (
        opus_absorbance(CSF=2.5, MXY=2500.0, MNY=250.0),
        {}, X[::-1], 2.5 * Y, ("1/cm", ""),
        "scaling factor 2.5 applied",
    ),
    "OPUS, a report of the kind of a series": (
        opus_absorbance(more=[((0, 0, 0, 0, 0, 2), b"\xff" * 64)]),
        {}, X[::-1], Y, ("1/cm", ""), "no sigma; scan 0 of 3",
    ),
    "OPUS, another maximum": (
        opus_absorbance(MXY=2000.0), {}, X[::-1], Y, ("1/cm", ""),
        "MXY says 2000, but 1000 is read",
    ),
    "OPUS, interferogram last": (
        opus_absorbance(), {"scan": 2}, np.linspace(0, N, N), 2 * Y, ("", ""),
        "Sample Interferogram",
    ),
    "SPE 2, pixels": (
        winspec(FRAMES), {}, np.arange(1.0, N + 1), Y, ("px", "counts"),
        "x counts pixels; scan 0 of 4 (frame 0, region 0, line 0)",
    ),
    "SPE 2, calibrated": (
        winspec(FRAMES, (500.0, 0.1, 1e-4), code=0), {"scan": 3},
        500 + 0.1 * np.arange(1, N + 1) + 1e-4 * np.arange(1, N + 1) ** 2, 4 * Y,
        ("nm", "counts"), "calibration of order 2",
    ),
    "SPE 3": (
        lightfield(FRAMES, WAVES, extra=16), {"scan": 2}, X, 3 * Y, ("nm", "counts"),
        "frame 1, region 0, line 0",
    ),
    "SPE 3, part of the sensor": (
        lightfield(FRAMES, ",".join(map(str, range(100))), SENSOR), {"scan": 1},
        10.5 + 2 * np.arange(N), 2 * Y, ("nm", "counts"), "",
    ),
    "XRDML, counts": (
        xrdml(xrdml_scan()), {}, TTH, Y, ("deg", "counts"),
        "0.5 s a point: y is in counts, not per second",
    ),
    "XRDML, raw counts behind an attenuator": (
        xrdml(xrdml_scan(more=ATTENUATED)), {}, TTH, FACTORS * Y, ("deg", "counts"),
        "counts times attenuation factors 1 to 10",
    ),
    "XRDML, intensities behind an attenuator": (
        xrdml(xrdml_scan(more=ATTENUATED, tag="intensities")), {}, TTH, Y,
        ("deg", "counts"), "attenuation factors 1 to 10 are in the intensities",
    ),
    "XRDML, second scan, of Omega": (
        xrdml(xrdml_scan(), xrdml_scan(2 * Y, axis="Omega")), {"scan": 1},
        TTH / 2, 2 * Y, ("deg", "counts"), "scan 1 of 2 (Omega Completed)",
    ),
    "XRDML, list of positions": (
        xrdml(xrdml_scan(positions=LISTED)), {}, TTH**1.01, Y, ("deg", "counts"), "",
    ),
    "LabVIEW": (
        lvm.ONE, {}, [0, 0.7, 1], [1.5, 2.5, 3.5], ("s", "V"), "'X_Value'",
    ),
    "LabVIEW, commas between columns": (
        lvm.ONE.replace("\t", ",").replace("Tab", "Comma"), {},
        [0, 0.7, 1], [1.5, 2.5, 3.5], ("s", "V"), "'X_Value'",
    ),
    "LabVIEW, no column of x": (
        lvm.NO_X, {}, [1, 1.5, 2], [1.5, 2.5, 3.5], ("s", "V"),
        "x = 1 + 0.5 times the number of the row",
    ),
    "LabVIEW, a column of x for each": (
        lvm.EACH_X, {"y": "Current"}, [0, 0.25, 0.5], [4, 5, 6], ("s", "A"),
        "x = column 2 'X_Value'",
    ),
    "LabVIEW, second segment, decimal commas": (
        lvm.COMMAS, {"scan": 1}, [0, 0.25, 0.5], [7.5, 8.5, 9.5], ("s", "V"),
        "decimal commas; scan 1 of 2",
    ),
    "LabVIEW, fewer rows": (
        lvm.ONE[: lvm.ONE.rindex("1.0")], {}, [0, 0.7], [1.5, 2.5], ("s", "V"),
        "2 rows of 3 that the heading promises",
    ),
    "workbook": (
        workbook({"Data": [["T (K)", "U (V)"], *ROWS]}), {}, X / 7, Y, ("K", "V"),
        "x = column 0 'T', y = column 1 'U'",
    ),
    "workbook, first sheet of numbers, two lines of header": (
        workbook({"Info": [["text"]], "B": [["T", "U"], ["K", "V"], *ROWS]}),
        {}, X / 7, Y, ("K", "V"), "sheet 'B' of 2 ('Info', 'B')",
    ),
    "workbook, sheet by name": (
        workbook({"A": [["a", "b"], *ROWS], "B": [[1.234, 2], [2.345, 3.5]]}),
        {"dataset": "B"}, [1.234, 2.345], [2, 3.5], ("", ""), "sheet 'B'",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_the_numbers_of_the_file_come_out_with_their_units(read, name):
    """x, y, units and factors, whatever the file is called."""
    content, keys, x, y, units, words = FILES[name]
    table = read(content, **keys)
    assert_allclose(table.x, x, rtol=1e-7)
    assert_allclose(table.y, y, rtol=1e-6)
    assert (table.x_unit, table.y_unit) == units
    assert words in table.note
    assert table.sigma is None


@pytest.mark.parametrize(
    ("header", "sigma", "words"),
    [
        ("err (%)", 0.05 * Y, "'err' times 0.01 |y|; column 2 'err': shown in per"),
        ("err", 0.05 * Y, "'err' times 0.01 |y|; column 2 'err': shown in per cent"),
    ],
)
def test_per_cent_in_a_workbook_is_what_is_shown(read, header, sigma, words):
    """0.05 that is shown as 5% is five per cent, with or without a heading of them."""
    rows = [[*row, 0.05] for row in ROWS]
    sheet = {"A": [["T", "U (V)", header], *rows]}
    table = read(workbook(sheet, {"C": "0.0%"}))
    assert_allclose(table.sigma, sigma, rtol=1e-6)
    assert words in table.note


def test_per_cent_of_volts_is_refused(read):
    """The heading says V, the cells say per cent."""
    sheet = {"A": [["T", "U (V)", "err (V)"], *([*row, 0.05] for row in ROWS)]}
    with pytest.raises(DataError, match="shows column 'err', in 'V', in per cent"):
        read(workbook(sheet, {"C": "0%"}))


def test_a_workbook_reads_as_it_is_seen(read):
    """No hidden sheet; empty cells and errors are missing; hours go beyond 24."""
    cells = [[timedelta(hours=9 * k), float(k)] for k in range(6)]
    cells[2][1], cells[4][1] = "#DIV/0!", None
    sheets = {"old": [["a", "b"], [1, 2], [3, 4]], "A": [["t", "U"], *cells]}
    table = read(workbook(sheets, hidden="old"))
    assert_allclose(table.x, 9 * 3600.0 * np.arange(6))
    assert_allclose(table.y, [0, 1, np.nan, 3, np.nan, 5])
    assert "column 1 'U': #DIV/0! (1) count as missing" in table.note
    assert "sheet 'A' of 2" in table.note


#: What is refused, and words of the sentence.
REFUSED = {
    "JCAMP-DX, a line damaged behind a comment": (
        jcamp_block(table="$$ a comment\n" + affn(X, Y).replace("100 100 101", "1O0")),
        "in line 14",
    ),
    "JCAMP-DX, a line lost": (
        jcamp_block(table=affn(X, Y).replace(affn(X[6:12], Y[6:12]), "")), "in line 14",
    ),
    "JCAMP-DX, a difference changed": (
        jcamp_block(table=difdup(X, Y).replace("J33", "J34", 1)), "the line before",
    ),
    "JCAMP-DX, another number of ordinates": (
        jcamp_block(NPOINTS="41", LASTX="480"), "40 ordinates, but 41",
    ),
    "JCAMP-DX, another step": (
        jcamp_block(table=affn(X, Y, 40), DELTAX="4"), "contradicts itself: DELTAX",
    ),
    "JCAMP-DX, a factor forgotten": (jcamp_block(FIRSTY="100"), "FIRSTY says 100"),
    "JCAMP-DX, x elsewhere": (jcamp_block(FIRSTX="500", LASTX="578"), "x = 400"),
    "JCAMP-DX, a number repeated without end": (
        jcamp_block(table="400.0A00Z99999999999\n"), "than NPOINTS says",
    ),
    "JCAMP-DX, ordinates without end": (
        jcamp_block(table="400.0A00\n", NPOINTS="99999999999"), "in memory",
    ),
    "JCAMP-DX, blanks without end": (
        jcamp_block(table=f"400.0 1{' ' * 500_000}x\n"), "no data",
    ),
    "JCAMP-DX, a letter for a digit": (
        jcamp_block(table=affn(X, Y).replace(" 1000 ", " 10O0 ", 1)), "no data",
    ),
    "JCAMP-DX, missing ordinates": (
        jcamp_block(table=affn(X, Y).replace(" 100 ", " ? ", 1)), "in line",
    ),
    "JCAMP-DX, no end": (jcamp_block().replace("##END=", ""), "##END="),
    "JCAMP-DX, NTUPLES": (
        jcamp_block(form="DATA TABLE=(X++(R..R)), XYDATA"), "not read",
    ),
    "JCAMP-DX, without numbers": ("##TITLE=a\n##END=\n", "without ##XYDATA"),
    "SPC, two exponents": (spc([Y], exponent=11, sub_exponent=5), "2^11"),
    "SPC, big endian": (BIG_ENDIAN, "LSB"),
    "WDF, a block without size": (wdf([Y])[:520] + bytes(200), "byte 512"),
    "WDF, several x": (wdf([Y], flags=1), "XYXY"),
    "LabVIEW, cut": (
        lvm.ONE.rpartition("\n1.0")[0].encode(),
        "is cut in line 22, after 2 rows of 3",
    ),
    "OPUS, integers": (opus_absorbance(DPF=2), "format 2"),
    "SPE, regions": (winspec(FRAMES, regions=2), "2 regions"),
    "XRDML, an entity": (
        xrdml(xrdml_scan()).replace(
            "<xrdMeas", '<!DOCTYPE a [<!ENTITY b "c">]><xrdMeas', 1
        ),
        "document type",
    ),
    "XRDML, divergence": (
        xrdml(xrdml_scan(more="<divergenceCorrections>2</divergenceCorrections>")),
        "divergence",
    ),
    "XRDML, positions of another length": (
        xrdml(xrdml_scan(positions=LISTED.replace("</l", " 1</l"))),
        "positions",
    ),
    "XRDML, no numbers": (xrdml(xrdml_scan()).replace(" 100 ", " x ", 1), "'x'"),
    "LabVIEW, a letter": (lvm.ONE.replace("2.5", "2.s"), "'2.s' in line 22"),
    "LabVIEW, words among numbers": (
        lvm.NO_X.replace("\t2.5\t5", "\tno\tdata"), "without numbers",
    ),
    "LabVIEW, no step": (lvm.NO_X.replace("\t0.5", "\tno"), "Delta_X"),
    "LabVIEW, another separator": (lvm.ONE.replace("Tab", "Semicolon"), "semicolon"),
    "workbook, a formula without a value": (
        workbook({"A": [["T", "U"], *ROWS, [5.0, "=A1+1"]]}), "'=A1+1' in line 42",
    ),
    "workbook of another program": (OPEN_DOCUMENT, "save it as .xlsx or CSV"),
    "workbook of older Excel": (bytes.fromhex("d0cf11e0") + bytes(99), "before 2007"),
    "workbook, no numbers": (workbook({"A": [["a"]]}), "no numeric columns"),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_right_is_refused(read, name):
    """One sentence that says where and why."""
    content, words = REFUSED[name]
    with pytest.raises(DataError) as error:
        read(content)
    assert words in str(error.value)
    assert "\n" not in str(error.value)


def test_scans_are_chosen_by_number(read):
    """The first without a word, all of them one after the other, none beyond."""
    content = spc(THREE)
    assert "scan 0 of 3 taken" in read(content).note
    assert_allclose(read(content, scan="all").y, np.concatenate(THREE))
    assert "120 rows of 3 scans" in read(content, scan="all").note
    with pytest.raises(DataError, match="has 3 scans, counted from 0, but scan=3"):
        read(content, scan=3)
    with pytest.raises(InputError, match="leave out `skip_rows`"):
        read(content, skip_rows=2)


def test_series_of_opus_are_scaled_as_single_spectra_are(tmp_path, monkeypatch):
    """Their reader leaves that out."""
    params = SimpleNamespace(dpf=1, csf=2.5, dxu="WN", _params={})
    spectra = np.array([Y, 2.0 * Y])
    data = SimpleNamespace(key="s", label="Series", x=X, y=spectra, params=params)
    file = SimpleNamespace(
        parse_error_blocks=[],
        unmatched_data_blocks=[],
        series_keys=["s"],
        iter_all_data=lambda: [data],
    )
    monkeypatch.setattr("brukeropus.file.OPUSFile", lambda path: file)
    path = tmp_path / "series.0"
    path.write_bytes(opus_absorbance())
    table = pf.read_table(path, scan=1)
    assert_allclose(table.y, 5.0 * Y)
    assert "scaling factor 2.5 applied" in table.note


def test_the_other_columns_of_a_scan_are_at_hand(read):
    """Raw counts, times and fixed axes can be asked for by name."""
    table = read(xrdml(xrdml_scan(more=ATTENUATED)), y="raw counts", x="Omega")
    assert_allclose(table.y, Y)
    assert_allclose(table.x, TTH / 2)


BROKEN = {
    "jdx": jcamp_block(table=difdup(X, Y)).encode(),
    "spc": spc(THREE, exponent=13),
    "wdf": wdf(THREE, places=(np.arange(3.0), np.zeros(3))),
    "0": opus_absorbance(),
    "spe": winspec(FRAMES, (500.0, 0.1)),
    "3.spe": lightfield(FRAMES, WAVES),
    "xrdml": xrdml(xrdml_scan()).encode(),
    "lvm": lvm.TWO.encode(),
    "xlsx": workbook({"A": [["T", "U"], *ROWS]}),
}


@pytest.mark.parametrize("share", np.linspace(0.02, 0.98, 15).round(3))
@pytest.mark.parametrize("kind", BROKEN)
def test_a_file_that_is_cut_is_refused_or_read_as_the_whole(read, kind, share):
    """No end of a file that is missing changes a number, or raises anything else.

    Where rows are missing, that is said.
    """
    whole = read(BROKEN[kind], f"whole.{kind}")
    part = BROKEN[kind][: int(share * len(BROKEN[kind]))]
    try:
        table = read(part, f"part.{kind}")
    except DataError as error:
        assert "\n" not in str(error)
        return
    n = table.x.size
    assert_allclose(table.x, whole.x[:n])
    assert_allclose(table.y, whole.y[:n])
    assert n == whole.x.size or "that the heading promises" in table.note


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("kind", BROKEN)
def test_damaged_bytes_raise_nothing_else(read, kind, seed):
    """Of a file with changed bytes something is read, or one sentence says why not."""
    random = np.random.default_rng(seed)
    data = bytearray(BROKEN[kind])
    head = min(len(data), 600) if seed % 2 else len(data)
    for at in random.integers(0, head, 1 + seed % 4):
        data[at] = random.integers(0, 256)
    try:
        read(bytes(data), f"file.{kind}")
    except DataError as error:
        assert "\n" not in str(error)


def test_a_text_of_dollars_is_told_from_jcamp_at_once(read):
    """Marks of comments, which can be taken apart in many ways, cost nothing."""
    assert_allclose(read("$" * 3000 + "\n1 2\n2 3\n3 4\n").y, [2, 3, 4])


def test_a_packed_file_of_an_instrument_is_to_be_unpacked(read):
    """Only text is read packed; the sentence says what to do."""
    with pytest.raises(DataError, match=r"is a JCAMP-DX file.*; unpack it by `gunzip"):
        read(gzip.compress(jcamp_block().encode()), "a.jdx.gz")


def test_a_damaged_beginning_is_named(read):
    """A file that is called .wdf and is none says so, not that it is no text."""
    with pytest.raises(DataError, match="does not begin as files of Renishaw WDF do"):
        read(b"\0" * 700, "map.wdf")


@pytest.mark.parametrize(("place", "byte"), [(6, 255), (9, 8)])
@pytest.mark.parametrize("name", ["a.xlsx", "a.npz"])
def test_a_damaged_directory_of_an_archive_is_named(read, name, place, byte):
    """Of a version that nobody has, or with names that are no text."""
    data = bytearray(workbook({"A": ROWS}))
    start = data.index(b"PK\x01\x02")
    data[start + place] = byte
    data[start + 46] = 255
    with pytest.raises(DataError, match="damaged"):
        read(bytes(data), name)


def test_a_text_that_many_cells_share_is_not_copied_for_each(read):
    """A workbook of a few kilobytes would take gigabytes."""
    names = "xl/sharedStrings.xml", "xl/worksheets/sheet1.xml", "[Content_Types].xml"
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    cells = "".join('<row><c t="s"><v>0</v></c></row>' for _ in range(2000))
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"
    parts = {
        names[0]: f'<sst xmlns="{space}"><si><t>{"A" * 300_000}</t></si></sst>',
        names[1]: f'<worksheet xmlns="{space}"><sheetData>{cells}</sheetData>'
        "</worksheet>",
    }
    out = BytesIO()
    with (
        zipfile.ZipFile(BytesIO(workbook({"A": ROWS}))) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in {*old.namelist(), *parts}:
            text = parts.get(member) or old.read(member).decode()
            if member == names[2] and names[0] not in text:
                text = text.replace(
                    "</Types>",
                    f'<Override PartName="/{names[0]}" '
                    f'ContentType="{kind}.sharedStrings+xml"/></Types>',
                )
            new.writestr(member, text)
    with pytest.raises(DataError, match="must be saved as CSV"):
        read(out.getvalue(), "a.xlsx")


@pytest.mark.parametrize("kind", ["jdx", "spc", "wdf", "0", "xlsx"])
def test_a_reader_that_is_not_installed_is_named(read, monkeypatch, kind):
    """The format, the module and the extra; nothing else is tried."""
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    with pytest.raises(
        DataError, match=r"is not installed; run `pip .*\[instruments\]"
    ):
        read(BROKEN[kind], f"file.{kind}")


def test_readers_are_loaded_for_their_files_only(tmp_path):
    """Reading text loads no library of an instrument."""
    path = tmp_path / "a.csv"
    path.write_text("x,y\n1,2\n2,3\n")
    code = (
        f"import sys, physfit as pf; pf.read_table({str(path)!r}); "
        "found = {'nmrglue', 'spc_io', 'wdf', 'brukeropus', 'openpyxl', 'pandas'}; "
        "print(sorted(found & set(sys.modules)))"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "[]"


def test_a_spectrum_of_a_file_is_fitted(tmp_path):
    """`pf.fit` takes the path; the report says which scan."""
    path = tmp_path / "a.wdf"
    path.write_bytes(wdf(THREE))
    result = pf.fit("gaussian + constant", path)
    assert abs(result["center"].value - 438.0) < 0.1
    assert result["center"].unit == "1/cm"
    assert "scan 0 of 3 taken" in result.report()
