"""Documents that all renderers are tested with."""

from __future__ import annotations

from physfit.document.blocks import (
    Block,
    Column,
    Heading,
    Notes,
    Picture,
    Table,
    Text,
    counts,
    pairs,
)

#: Every sign of ASCII that is printed, signs of units, Greek, and what obeys nothing.
SIGNS = (
    "".join(map(chr, range(32, 127)))
    + "αβγδεζηθικλμνξοπρςστυφχψω ΓΔΘΛΞΠΣΥΦΨΩ µ \N{OHM SIGN} Å °C ± × · − ∞ ≤ ≥ ≈ → χ² "
    + "cm⁻¹ x₁₂ m^-2 é – — … \x1b[2J\n## [a](b) <b>c</b> $d$ % e & f"
)
COLUMNS = (Column("", True), Column("value"), Column("stderr", True, is_error=True))
DOCUMENT: list[Block] = [
    Heading("gaussian + constant"),
    pairs([("data", "9 samples"), ("status", "converged <at last>")], joined=True),
    Table(COLUMNS, [("", [("c", "1.25", "0.02"), ("k", "3", "")]), ("derived", [])]),
    pairs([("a, b", "+0.9")], "correlations", is_detail=True),
    counts("how it ended", [(12, "60 %", "converged"), (8, "40 %", "lost")]),
    Text(["a line", "another"]),
    Notes(["The residuals of `c_0` are large."]),
]
#: The same signs wherever a text can stand.
HOSTILE: list[Block] = [
    Heading(SIGNS),
    Heading(SIGNS, level=1),
    Text([SIGNS, "[1] a", "* b", "- c", "1. d", "", "# e"]),
    Text(["  " + SIGNS, "    [x"], is_code=True),
    Notes([SIGNS, "[a", "* b", "`c|_d`"]),
    Table(
        (Column("[t"), Column("b%"), Column("* |", is_error=True)),
        [("", [("[a", "b&", "*"), ("* x|`", "-3", "1e-07")]), (SIGNS, [("", "", "")])],
    ),
    pairs([("[w", SIGNS), ("*", "`x|_y`")], "head_ing"),
    counts("how", [(3, "50 %", SIGNS)]),
    Picture("no.png", SIGNS, "not_there: %"),
]
