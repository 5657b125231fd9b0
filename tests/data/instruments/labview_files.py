"""LabVIEW measurement files, made up from the public specification."""

from __future__ import annotations

HEAD = (
    "LabVIEW Measurement\t\nWriter_Version\t2\nReader_Version\t2\nSeparator\tTab\n"
    "Decimal_Separator\t.\nMulti_Headings\tNo\nX_Columns\tOne\nTime_Pref\tRelative\n"
    "Date\t2020/03/01\nTime\t10:00:00\n***End_of_Header***\t\n\t\n"
)
SEGMENT = (
    "Channels\t2\t\t\nSamples\t3\t3\t\nY_Unit_Label\tV\tA\t\n"
    "X_Dimension\tTime\tTime\t\nX0\t1.0E+0\t1.0E+0\t\nDelta_X\t0.5\t0.5\t\n"
    "***End_of_Header***\t\t\t\n"
)
MULTI = (
    "Channels\t2\t\t\t\nSamples\t3\t\t3\t\nY_Unit_Label\tV\t\tA\t\n"
    "X_Dimension\tTime\t\tTime\t\nX0\t0\t\t0\t\nDelta_X\t0.5\t\t0.25\t\n"
    "***End_of_Header***\t\t\t\n"
)
NAMES = "X_Value\tVoltage\tCurrent\tComment\n"
ONE = HEAD + SEGMENT + NAMES + "0.0\t1.5\t4\ta note\n0.7\t2.5\t5\n1.0\t3.5\t6\n"
NO_X = HEAD + SEGMENT + NAMES + "\t1.5\t4\ta note\n\t2.5\t5\n\t3.5\t6\n"
EACH_X = (
    HEAD + MULTI + "X_Value\tVoltage\tX_Value\tCurrent\tComment\n"
    "0\t1.5\t0\t4\t\n0.5\t2.5\t0.25\t5\n1\t3.5\t0.5\t6\n"
)
TWO = ONE + "\n" + SEGMENT + NAMES + "0.0\t7.5\t4\t\n0.25\t8.5\t5\n0.5\t9.5\t6\n"
COMMAS = TWO.replace(".", ",")
