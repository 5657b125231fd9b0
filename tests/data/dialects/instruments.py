"""Small made-up files as instruments and programs write them, and what is in them.

Each entry has the text (or bytes) of a file for places X and values Y, and says
what `read_table` must find. The layouts are those of the makers' public manuals.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

N = 40
X = 10.0 + 0.5 * np.arange(N)
Y = np.round(5.0 + 3.0 * np.exp(-0.5 * ((X - 20.0) / 2.0) ** 2), 4)
PAIRS = list(zip(X.tolist(), Y.tolist(), strict=True))
MISSING = np.where(np.isin(np.arange(N), (3, 4)), np.nan, Y)


class File(NamedTuple):
    """A file, what stands in it, and words of the note."""

    content: str | bytes
    x: np.ndarray = X
    y: np.ndarray = Y
    units: tuple[str, str] = ("", "")
    words: str = "40 rows"
    keys: dict = {}  # noqa: RUF012 (never changed)


def rows(form: str, decimal: str = ".") -> str:
    """A line for each sample, with `{a}`, `{b}` and the number `{k}` filled in."""
    lines = (form.format(a=a, b=b, k=k) for k, (a, b) in enumerate(PAIRS))
    return "".join(f"{line}\n" for line in lines).replace(".", decimal)


TEK_META = ["Record Length,2.5e+03", "Sample Interval,4e-06", "Trigger Point,1.25e+03"]
TEK_META += ["Vertical Units,V", "Horizontal Units,s", "Source,CH1"]
TEK_META += [","] * (N - len(TEK_META))
LVM = (
    "LabVIEW Measurement\t\nWriter_Version\t2\nSeparator\tTab\nDecimal_Separator\t.\n"
    "X_Columns\tOne\nDate\t2020/03/01\n***End_of_Header***\t\n\t\nChannels\t1\n"
    "Y_Unit_Label\tVolts\nX0\t0.0E+0\nDelta_X\t0.5\n***End_of_Header***\t\n"
)
SHIMADZU = (
    "[Header]\nApplication Name\tLCsolution\nVersion\t1.25\n\n[Peak Table(Ch1)]\n"
    "# of Peaks\t2\nPeak#\tR.Time\tI.Time\tF.Time\tArea\tHeight\n"
    "1\t10.1\t10.0\t10.3\t1234\t56\n2\t20.1\t20.0\t20.3\t2234\t66\n\n"
)
CHROMATOGRAM = "[LC Chromatogram(Ch{})]\nInterval(msec)\t500\nR.Time (min)\tIntensity\n"
SPECTRASUITE = (
    "SpectraSuite Data File\n+++++++++++++++++\nDate: Tue Mar 03 10:11:12 CET 2020\n"
    "Integration Time (usec): 100000 (USB4000)\nNumber of Pixels: 40\n"
)

FILES = {
    "Tektronix TDS, settings beside": File(
        "".join(
            f"{meta},,{a:014.12f},  {b:.4f},\n"
            for meta, (a, b) in zip(TEK_META, PAIRS, strict=True)
        ),
        words="text beside the first 6 rows left out",
    ),
    "Tektronix DPO, settings above": File(
        "Model,DPO2012\nFirmware Version,1.52\n,\nHorizontal Units,S\n"
        "Record Length,1.25e+06\nVertical Units,V,V\nLabel,,\nTIME,CH1,CH2\n"
        + rows("{a:.4e},{b},0.1"),
        words="x = column 0 'TIME', y = column 1 'CH1'",
    ),
    "Rigol DS1000, start and increment": File(
        "X,CH1,CH2,Start,Increment,\n"
        "Sequence,Volt,Volt,1.000000e+01,5.000000e-01\n" + rows("{k},{b:.4e},0.1,,"),
        units=("s", "Volt"),
        words="column 0 'X': 10 + 0.5 times its numbers",
    ),
    "Rigol DS1000Z": File(
        "Time,CH1\nSecond,Volt\n" + rows("{a},{b}"), units=("Second", "Volt")
    ),
    "Rigol MSO5000, no time": File(
        "CH1(V),t0 = 10, tInc = 5e-01\n" + rows("{b},,"),
        units=("s", ""),
        words="10 + 0.5 times the number of the row",
    ),
    "Keysight InfiniiVision": File(
        "x-axis,1,2\nsecond,Volt,Volt\n" + rows("{a:+.4e},{b:+.4e},+1.0e-1"),
        units=("second", "Volt"),
        words="y = column 1 '1'",
    ),
    "Keysight network analyser": File(
        "!CSV A.01.01\n!Date: x\nBEGIN CH1_DATA\nFreq(Hz),S11 Log Mag(dB)\n"
        + rows("{a},{b}")
        + "END\n",
        units=("Hz", "dB"),
        words="line 45 of text left out",
    ),
    "Siglent": File(
        "Record Length,Analog:7M\nSample Interval,Analog:1e-9\nVertical Units,CH1:V\n"
        "Horizontal Units,s\nModel Number,SDS1104X\nSource,CH1\nSecond,Volt\n"
        + rows("{a},{b}"),
        units=("Second", "Volt"),
    ),
    "LeCroy": File(
        "LECROYWS452,12345,Waveform\nSegments,1,SegmentSize,40\n"
        "Segment,TrigTime,TimeSinceSegment1\n#1,12-Mar-2020 10:11:12,0\nTime,Ampl\n"
        + rows("{a},{b}"),
    ),
    "PicoScope": File(
        "Time,Channel A,Channel B\n(ms),(mV),(V)\n\n" + rows("{a},{b},0.1"),
        units=("ms", "mV"),
    ),
    "Keithley, overflow": File(
        '"Reading Number","Reading","Unit","Relative Time"\n'
        + "".join(
            f'{k},{9.9e37 if k in (3, 4) else b:+.5E},"V",{a}\n'
            for k, (a, b) in enumerate(PAIRS)
        ),
        y=MISSING,
        words="9.9e+37 (2) count as missing",
        keys={"x": "Relative Time", "y": "Reading"},
    ),
    "LabVIEW .lvm": File(
        LVM + "X_Value\tVoltage\tComment\n" + rows("{a}\t{b}"), units=("", "Volts")
    ),
    "Origin, names, units, comments": File(
        "Field\tMoment\tM. Err.\nOe\temu\temu\n\tsample 1\t\n" + rows("{a}\t{b}\t0.1"),
        units=("Oe", "emu"),
    ),
    "Quantum Design MPMS": File(
        "[Header]\n; comments\nTITLE,abc\nFILEOPENTIME,1234.5,11/03/2020,10:10 am\n"
        "[Data]\nComment,Time Stamp (sec),Temperature (K),Moment (emu)\n"
        + rows(",3.8e9,{a},{b}"),
        units=("K", "emu"),
        keys={"x": "Temperature (K)", "y": "Moment"},
    ),
    "Rigaku .ras": File(
        '*RAS_DATA_START\n*RAS_HEADER_START\n*MEAS_SCAN_START "10.0"\n*RAS_INT_START\n'
        + rows("{a} {b} 1.0000")
        + "*RAS_INT_END\n*RAS_DATA_END\n",
        words="column 2 not used",
    ),
    "PANalytical CSV": File(
        "[Measurement conditions]\nStart angle,10.0\nStep size,0.5\n[Scan points]\n"
        "Angle,Intensity\n" + rows("{a},{b}"),
    ),
    "Bruker .uxd": File(
        "; C:\\data\n_FILEVERSION=1\n_SAMPLE='abc'\n_2THETACOUNTS\n"
        + rows("    {a}   {b}")
    ),
    "GSAS .xye": File(rows("  {a}  {b}   0.1"), words="no sigma; column 2 not used"),
    "Horiba LabSpec": File("#Acq. time (s)=\t10\n#Range=\t10-30\n" + rows("{a}\t{b}")),
    "Renishaw WiRE": File(
        "#Wave\t\t#Intensity\n" + rows("{a}\t\t{b}"),
        words="x = column 0 'Wave', y = column 2 'Intensity'",
    ),
    "Renishaw map, one spectrum": File(
        "#X\t#Y\t#Wave\t#Intensity\n" + rows("0\t0\t{a}\t{b}") + rows("1\t0\t{a}\t9"),
        words="scan 0 of 2 taken, 40 rows of 80",
        keys={"x": "Wave", "y": "Intensity"},
    ),
    "Ocean Optics SpectraSuite": File(
        SPECTRASUITE
        + ">>>>>Begin Processed Spectral Data<<<<<\n"
        + rows("{a}\t{b}")
        + ">>>>>End Processed Spectral Data<<<<<\n",
        words="line 47 of text left out",
    ),
    "Avantes, decimal commas": File(
        "Integration time: 100 ms\nAverage: 1\n\nWavelength ;Sample ;Dark\n"
        "[nm] ;[counts];[counts]\n\n" + rows("{a:.3f};{b};1.0", ","),
        units=("nm", "counts"),
        words="decimal commas",
    ),
    "Thorlabs OSA": File(
        "[SpectrumHeader]\nDate;20200303\nXAxisUnit;nm_air\n[Data]\n"
        + rows("{a};{b}")
        + "[EndOfFile]\n",
    ),
    "Shimadzu LabSolutions": File(
        SHIMADZU
        + CHROMATOGRAM.format(1)
        + rows("{a}\t{b}")
        + "\n"
        + CHROMATOGRAM.format(2)
        + rows("{a}\t7"),
        units=("min", ""),
        words="x starts again: scan 0 of 2 taken, 40 rows of 80",
    ),
    "Agilent ChemStation, UTF-16": File(
        ("\ufeff" + rows("{a}\t{b}").replace("\n", "\r\n")).encode("utf-16-le")
    ),
    "UTF-16 without its mark": File(("x\ty\n" + rows("{a}\t{b}")).encode("utf-16-le")),
    "Gamry .DTA": File(
        "EXPLAIN\nTAG\tCV\nCURVE\tTABLE\t40\n\tPt\tT\tVf\tIm\n\t#\ts\tV vs. Ref.\tA\n"
        + rows("\t{k}\t0.1\t{a}\t{b:.4E}"),
        keys={"x": "Vf", "y": "Im"},
    ),
    "BioLogic .mpt": File(
        "EC-Lab ASCII FILE\nNb header lines : 4\n\nmode\tEwe/V\tI/mA\t\n"
        + rows("2\t{a:.4e}\t{b:.4e}\t", ","),
        units=("V", "mA"),
        words="decimal commas",
        keys={"x": 1, "y": 2},
    ),
    "SPEC, two scans": File(
        "#F file\n#D Tue\n\n#S 1  ascan  th 10 30 40 1\n#L Theta  Detector\n"
        + rows("{a} {b}")
        + "\n#S 2  ascan  th 10 30 40 1\n#L Theta  Detector\n"
        + rows("{a} 7"),
        words="x = column 0 'Theta', y = column 1 'Detector'",
    ),
    "SPECS Prodigy, second of two": File(
        "# Region: C1s\n# Cycle: 0\n\n"
        + rows("{a}  7")
        + "\n# Cycle: 1\n\n"
        + rows("{a}  {b}"),
        words="scan 1 of 2 taken",
        keys={"scan": 1},
    ),
    "CasaXPS": File(
        "Cycle 0:test:C1s\nCharacteristic Energy eV\t1486.6\nAcquisition Time s\t1\n\n"
        "K.E.\tCounts\tBackground\n" + rows("{a}\t{b}\t1"),
    ),
    "well log (LAS)": File(
        "~VERSION INFORMATION\n VERS. 2.0 : CWLS\n~WELL\n NULL. -999.25 :\n~A DEPT GR\n"
        + "".join(
            f" {a}  {-999.25 if k in (3, 4) else b}\n" for k, (a, b) in enumerate(PAIRS)
        ),
        y=MISSING,
        words="-999.25 (2) count as missing",
    ),
    "R write.table": File(
        '"x" "y"\n' + rows('"{k}" {a} {b}'), words="x = column 1 'x'"
    ),
    "pandas to_csv": File(",x,y\n" + rows("{k},{a},{b}"), words="x = column 1 'x'"),
    "spreadsheet, German": File(
        "Zeit;U\ns;V\n" + rows("{a};{b}", ","), units=("s", "V"), words="decimal commas"
    ),
    "logger, date and time": File(
        "Date,Time,T (C)\n" + rows("01.03.2024,23:59:{k:02d},{b}"),
        x=np.arange(float(N)),
        units=("s", "C"),
        words="seconds from the first date and time",
    ),
    "logger, ISO 8601": File(
        "timestamp;T\n" + rows("2024-03-01 23:59:{k:02d};{b}", ","),
        x=np.arange(float(N)),
        units=("s", ""),
        words="column 0 'timestamp': seconds from the first",
    ),
    "Campbell TOA5": File(
        '"TOA5","CR1000","1234","Tab"\n"TIMESTAMP","RECORD","Volt","T_Avg"\n'
        '"TS","RN","V","Deg C"\n"","","Smp","Avg"\n'
        + rows('"2020-01-01 00:00:{k:02d}",{k},{a},{b}'),
        keys={"x": "Volt", "y": "T_Avg"},
    ),
    "ngspice": File(
        f"Index   time            v(1)            \n{'-' * 34}\n"
        + rows("{k}\t{a}\t{b}\t"),
        words="x = column 1 'time', y = column 2 'v(1)'",
    ),
    "Netzsch": File(
        "#EXPORTTYPE:DATA ALL\n#SEPARATOR:SEMICOLON\n##Temp./°C;Time/min;DSC/(mW/mg)\n"
        + rows("{a};{k};{b}"),
        units=("°C", "mW/mg"),
        keys={"y": 2},
    ),
    "TA Instruments": File(
        "CLOSED\nVersion\t10\nSig1\tTime (min)\nStartOfData\n" + rows("{a}\t{b}")
    ),
    "Markdown": File("| x | y |\n|---|---|\n" + rows("| {a} | {b} |"), words="'x'"),
    "preallocated, NUL": File(("x\ty\n" + rows("{a}\t{b}")).encode() + b"\0" * 100),
    "DOS, Ctrl-Z": File(("x\ty\r\n" + rows("{a}\t{b}")).encode() + b"\x1a"),
    "Visual C, 1.#QNAN": File(
        "x,y\n"
        + "".join(
            f"{a},{'1.#QNAN' if k in (3, 4) else b}\n" for k, (a, b) in enumerate(PAIRS)
        ),
        y=MISSING,
        words="1.#QNAN (2) count as missing",
    ),
}
