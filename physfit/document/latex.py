r"""Documents as LaTeX to paste into a paper: tables with the rules of booktabs.

Text is escaped. Numbers with a sign, an exponent or an error are formulas, powers of
units too; Greek letters and the signs of units are those of LaTeX, which needs no
package for them. Other scripts are left as they are (LuaLaTeX and XeLaTeX show them).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from physfit.document import blocks
from physfit.document.blocks import Document, spans, without_empty
from physfit.document.unit_text import POWER, spelled
from physfit.errors import printable

__all__ = ["as_latex"]

_HEADINGS = {1: "section*", 2: "subsection*"}
_NUMBER = r"[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf)"
_RAISED, _LOWERED = "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "₀₁₂₃₄₅₆₇₈₉₊₋"
_DIGITS = str.maketrans(_RAISED + _LOWERED, 2 * "0123456789+-")
#: What becomes a formula: an error behind its value, a number, a power, an index.
_FORMULA = re.compile(
    rf"(?<![\w.^+-])({_NUMBER}) \+- ({_NUMBER})(?![\w^.-]*\w)"
    rf"|(?<![\w.^+-])({_NUMBER})(?![\w^.-]*\w)"
    rf"|{POWER.pattern}|([{_RAISED}]+)|([{_LOWERED}]+)"
)
_GREEK = (
    *("alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta", "iota"),
    *("kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "varsigma", "sigma", "tau"),
    *("upsilon", "phi", "chi", "psi", "omega", "Gamma", "Delta", "Theta", "Lambda"),
    *("Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega"),
)
_LETTERS = "αβγδεζηθικλμνξπρςστυφχψωΓΔΘΛΞΠΣΥΦΨΩ"
_SIGNS = {
    **{sign: f"\\{sign}" for sign in "#$%&_{}"},
    **{sign: f"$\\{name}$" for sign, name in zip(_LETTERS, _GREEK, strict=True)},
    **dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΧο", "ABEZHIKMNOPTXo", strict=True)),  # noqa: RUF001
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "`": r"\textasciigrave{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    "–": r"\textendash{}",
    "—": r"\textemdash{}",
    "…": r"\dots{}",
    "Å": r"\AA{}",
    "\N{ANGSTROM SIGN}": r"\AA{}",
    "\N{MICRO SIGN}": r"$\mu$",
    "\N{OHM SIGN}": r"$\Omega$",
    "°": r"$^\circ$",
    "±": r"$\pm$",
    "×": r"$\times$",
    "·": r"$\cdot$",
    "−": "$-$",
    "∞": r"$\infty$",
    "√": r"$\surd$",
    "≤": r"$\leq$",
    "≥": r"$\geq$",
    "≈": r"$\approx$",
    "→": r"$\to$",
    "∂": r"$\partial$",
    "′": "$'$",
    "ℏ": r"$\hbar$",
    "ħ": r"$\hbar$",
}
_SHOWN = str.maketrans(
    {
        **_SIGNS,
        **{sign: f"$^{{{sign.translate(_DIGITS)}}}$" for sign in _RAISED},
        **{sign: f"$_{{{sign.translate(_DIGITS)}}}$" for sign in _LOWERED},
    }
)


def as_latex(document: Document) -> str:
    r"""Document as a fragment of LaTeX, for `\usepackage{booktabs}`."""
    parts = [text for block in document if (text := "\n".join(_block(block)))]
    return "\n\n".join([r"% \usepackage{booktabs}", *parts])


def _block(block: blocks.Block) -> Iterator[str]:
    match block:
        case blocks.Heading(text, level):
            yield rf"\{_HEADINGS.get(level, 'subsubsection*')}{{{_prose(text)}}}"
        case blocks.Text(lines, is_code) if lines:
            shown = _code if is_code else _prose
            text = " \\\\\n".join(_begun(shown(line)) or r"\strut" for line in lines)
            yield from _inside("flushleft", [r"\ttfamily", text]) if is_code else [text]
        case blocks.Notes(sentences):
            items = [rf"  \item {_begun(_prose(text))}" for text in sentences]
            yield from _inside("itemize", items)
        case blocks.Picture(path, caption, missing):  # for \usepackage{graphicx}
            image = rf"\includegraphics[width=\linewidth]{{{path}}}"
            caption = rf"\caption{{{_prose(caption)}}}"
            body = [r"\centering", _prose(missing) or image, caption]
            yield from _inside("figure", body)
        case blocks.Table():
            yield from _table(without_empty(block)) if block.filled else ()


def _table(table: blocks.Table) -> Iterator[str]:
    units = [place for place, title in enumerate(table.titles) if title == "unit"]
    rows = [r"\toprule"]
    if any(table.titles):
        rows += [_row(table.titles), r"\midrule"]
    for number, (heading, cells) in enumerate(table.filled):
        rows += [r"\midrule"] * bool(number)
        if heading:
            span = rf"\multicolumn{{{len(table.sides)}}}{{l}}"
            rows.append(rf"{span}{{\emph{{{_prose(heading)}}}}} \\")
        rows += [_row(_with_units(row, units)) for row in cells]
    sides = table.sides.replace("p", r"p{0.7\linewidth}")
    yield r"\medskip\noindent"
    yield from _inside("tabular", [*rows, r"\bottomrule"], f"{{{sides}}}")


def _row(cells: Sequence[str]) -> str:
    return f"{_begun(' & '.join(map(_prose, cells)))} \\\\"


def _with_units(cells: Sequence[str], places: Sequence[int]) -> list[str]:
    """The cells of a row, those with units spelled with their signs."""
    return [
        spelled(cell) if place in places else cell for place, cell in enumerate(cells)
    ]


def _inside(name: str, lines: Sequence[str], after: str = "") -> list[str]:
    """An environment; none around nothing."""
    if not lines:
        return []
    return [rf"\begin{{{name}}}{after}", *lines, rf"\end{{{name}}}"]


def _begun(line: str) -> str:
    r"""A line that is not taken for what `\\` or `\item` may have behind it."""
    return f"{{}}{line}" if line.lstrip().startswith(("[", "*")) else line


def _prose(text: str) -> str:
    return "".join(
        rf"\texttt{{{_code(part)}}}" if is_code else _formulas(part)
        for part, is_code in spans(printable(text))
    )


def _code(text: str) -> str:
    return printable(text).translate(_SHOWN).replace("--", "-{}-")


def _formulas(text: str) -> str:
    """Text with what is a formula in it as such."""
    found, end = "", 0
    for match in _FORMULA.finditer(text):
        found += _plain(text[end : match.start()]) + _formula(match)
        end = match.end()
    return found + _plain(text[end:])


def _plain(text: str) -> str:
    found = text.translate(_SHOWN).replace("--", "-{}-").replace(r" \%", r"\,\%")
    return found.replace("+-", r"$\pm$")


def _formula(match: re.Match[str]) -> str:
    value, error, number, power, raised, lowered = match.groups()
    if value:
        return f"${_pair(value, error)}$"
    if number:
        is_plain = number[0] not in "+-i" and "e" not in number
        return number if is_plain else f"${_power(number)}$"
    if lowered:
        return f"$_{{{lowered.translate(_DIGITS)}}}$"
    return f"$^{{{power or raised.translate(_DIGITS)}}}$"


def _pair(value: str, error: str) -> str:
    """Value and error, of one power of ten where they have the same."""
    size, mark, exponent = value.partition("e")
    spread, _, other = error.partition("e")
    if mark and exponent == other:
        return rf"({size} \pm {spread}) \times 10^{{{int(exponent)}}}"
    return rf"{_power(value)} \pm {_power(error)}"


def _power(number: str) -> str:
    if number.endswith("inf"):
        return number.replace("inf", r"\infty")
    size, mark, exponent = number.partition("e")
    times = "" if size == "1" else rf"{size} \times "
    return f"{times}10^{{{int(exponent)}}}" if mark else size
