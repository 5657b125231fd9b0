"""Documents as LaTeX."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from physfit.document.blocks import Heading, Text, pairs, table
from physfit.document.latex import as_latex
from tests.document.samples import DOCUMENT, HOSTILE

TABLE = r"""% \usepackage{booktabs}

\medskip\noindent
\begin{tabular}{lr}
\toprule
 & value $\pm$ stderr \\
\midrule
c & $1.25 \pm 0.02$ \\
k & 3 \\
\bottomrule
\end{tabular}"""
PREAMBLE = r"""\documentclass{article}
\usepackage{amsmath,booktabs}
\begin{document}
"""


def test_an_error_stands_behind_its_value():
    """Rules as those of booktabs."""
    assert as_latex([DOCUMENT[2]]) == TABLE


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-3.5", "$-3.5$"),
        ("12.50", "12.50"),
        ("1.2346e-07", r"$1.2346 \times 10^{-7}$"),
        ("1e-15", "$10^{-15}$"),
        ("1.23e-07 +- 0.04e-07", r"$(1.23 \pm 0.04) \times 10^{-7}$"),
        ("1.5e+20 +- 1.0e-3", r"$1.5 \times 10^{20} \pm 1.0 \times 10^{-3}$"),
        ("4.2 +- inf", r"$4.2 \pm \infty$"),
        ("14 %", r"14\,\%"),
        ("-1 to 2.", "$-1$ to 2."),
        ("a_center", r"a\_center"),
        ("run-2026-11-30_v1.2.csv", r"run-2026-11-30\_v1.2.csv"),
        ("file-3", "file-3"),
        ("info, x2, e-3", "info, x2, e-3"),
        ("cm^-1", "cm$^{-1}$"),
        ("cm⁻¹²", "cm$^{-12}$"),
        ("µA/\N{OHM SIGN} Å °C", r"$\mu$A/$\Omega$ \AA{} $^\circ$C"),
        ("χ² of ΓΑ", r"$\chi$$^{2}$ of $\Gamma$A"),
        ("--retry `--start a_b=1`", r"-{}-retry \texttt{-{}-start a\_b=1}"),
        (r"\input{x}", r"\textbackslash{}input\{x\}"),
    ],
)
def test_numbers_units_and_signs(text, shown):
    """Formulas where a number needs one; all else as text."""
    assert f"& {shown} \\\\" in as_latex([pairs({"a": text})])


def test_code_is_no_formula():
    """A line for each, in the letters of a typewriter."""
    text = as_latex([Text(["d/da = -1.5 * x^2", "t1 = b_c"], is_code=True)])
    assert r"d/da = -1.5 * x\textasciicircum{}2 \\" in text
    assert "\nt1 = b\\_c\n\\end{flushleft}" in text


@pytest.mark.parametrize("document", [DOCUMENT, HOSTILE], ids=["report", "hostile"])
def test_the_grammar_holds(document):
    """Braces, environments and formulas close; tables have their number of columns."""
    text = as_latex(document).replace(r"% \usepackage{booktabs}", "")
    text = re.sub(r"\\[#$%&_{}\\]", lambda own: "\\\\" * (own[0] == r"\\"), text)
    assert "%" not in text
    assert "#" not in text
    assert text.count("$") % 2 == 0
    assert text.count("{") == text.count("}")
    outside = re.sub(r"\$[^$]*\$", "", text)
    assert not re.search("[_^~]", outside)
    assert outside.isascii() or set(outside) - set(map(chr, range(128))) <= {"é"}
    for place in re.findall(r"\\\\\n\s*(.)", text):
        assert place not in "[*"
    for kinds, body in re.findall(r"{tabular}{(.*)}\n(.*?)\\end", text, re.DOTALL):
        n = len(re.sub(r"{.*?}}?", "", kinds))
        rows = [row for row in body.splitlines() if r"\\" in row and "multi" not in row]
        assert {row.count("&") + 1 for row in rows} <= {n}


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="there is no TeX")
def test_tex_takes_it(tmp_path):
    """Every sign at every place, with two packages."""
    body = "\n\n".join(map(as_latex, (DOCUMENT, HOSTILE)))
    (tmp_path / "a.tex").write_text(f"{PREAMBLE}{body}\n\\end{{document}}\n")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "a.tex"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)


def test_headings_have_levels_and_empty_blocks_no_lines():
    """Sections of a page, and titles of reports below them."""
    empty = [table("l", (), []), Text([])]
    found = as_latex([Heading("a", level=1), *empty, Heading("b")])
    assert found.split("\n\n")[1:] == [r"\section*{a}", r"\subsubsection*{b}"]
