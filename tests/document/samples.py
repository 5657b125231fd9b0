"""Documents that all renderers are tested with."""

from __future__ import annotations

from physfit.document.blocks import (
    Block,
    Heading,
    Notes,
    Picture,
    Table,
    Text,
    pairs,
)

#: Every sign of ASCII that is printed, signs of units, Greek, and what obeys nothing.
SIGNS = (
    "".join(map(chr, range(32, 127)))
    + "αβγδεζηθικλμνξοπρςστυφχψω ΓΔΘΛΞΠΣΥΦΨΩ µ \N{OHM SIGN} Å °C ± × · − ∞ ≤ ≥ ≈ → χ² "
    + "cm⁻¹ x₁₂ m^-2 é – — … \x1b[2J\n## [a](b) <b>c</b> $d$ % e & f"
)
TITLES = ("", "value +- stderr")
DOCUMENT: list[Block] = [
    Heading("gaussian + constant"),
    pairs({"data": "9 samples", "status": "converged <at last>", "scale": ""}),
    Table("lr", {"": [("c", "1.25 +- 0.02"), ("k", "3")], "derived": []}, TITLES),
    pairs({"a, b": "+0.9"}, "correlations", is_detail=True),
    Table("rrp", {"how": [("12", "60 %", "converged"), ("8", "40 %", "lost")]}),
    Text(["a line", "another"]),
    Notes(["The residuals of `c_0` are large."]),
]
#: The same signs wherever a text can stand.
HOSTILE: list[Block] = [
    Heading(SIGNS),
    Heading(SIGNS, level=1),
    Text([SIGNS, "[1] a", "* b", "- c", "1. d", "", "# e"]),
    Text([SIGNS, "  [x"], is_code=True, indent="  "),
    Notes([SIGNS, "[a", "* b", "`c|_d`"]),
    Table(
        "rrr",
        {"": [("[a", "b&", "*"), ("* x|`", "-3", "1e-07")], SIGNS: [("", "", "")]},
        ("[t", "b% +- *", "* |"),
    ),
    pairs({"[w": SIGNS, "*": "`x|_y`"}, "head_ing"),
    Table("rrp", {"how": [("3", "50 %", SIGNS)]}),
    Picture("no.png", SIGNS, "not_there: %"),
]
#: Nothing to see in any format.
EMPTY: list[Block] = [
    Text([]),
    Text([], is_code=True),
    Notes([]),
    pairs({"a": ""}),
    Table("lr", {"a": []}, ("", "")),
]
