"""Texts that an interpreter, a terminal or a page would obey: none of them may be.

Each escape puts one text in one place that reaches an interpreter, HTML, CSV, the
terminal, mathtext or a figure, or something of another into the folder, the cache or
the environment. It leaves a trace if it gets out: a folder called `ran`, or characters
that must not stand in what is printed or written.
"""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple

import numpy as np

from attacks.bad.cases import Case, command, emptied, python
from attacks.bad.hdf5_bytes import CURVES, X
from attacks.bad.options import line_of_data
from attacks.counting import Log, Outcome
from attacks.judging import judged
from attacks.planted import PLANTED
from attacks.running import Ended, ForkServer, run

__all__ = ["FULL", "QUICK", "attack"]

QUICK = 300
FULL = 300

MARKUP = ("markdown", "latex", "html")
RUNS = (
    *("__import__('os').mkdir('ran')", "{0.__class__}", "{x.__init__.__globals__}"),
    *("$(mkdir ran)", "`mkdir ran`", "x; mkdir ran", "| mkdir ran", "%(x)s %n %s"),
    *("eval(\"__import__('os').mkdir('ran')\")", "x && mkdir ran", "(lambda: 0)()"),
)
PAINTS = (
    *(
        "\x1b[2Jx",
        "\x1b]0;x\x07",
        "\x9b31mx",
        "\u202ex",
        "x\x08\x08",
        "a\rb",
        "\x1bP1x",
    ),
    *("[bold]marked[/bold]", "\u2066x", "\x7fx", "\x85x", "\x1b]8;;http://x\x07x"),
)
PAGES = (
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        '"><svg onload=alert(1)>',
    ),
    *("</title><script>alert(1)</script>", "</style><script>alert(1)</script>", "]]>"),
    *(
        "javascript:alert(1)",
        "' onmouseover='alert(1)",
        "<a href=javascript:alert(1)>x</a>",
    ),
)
CELLS = ("=1+1", "+1+1", "-1+cmd", "@SUM(A1)", "=cmd|' /C calc'!A0", "=HYPERLINK(1)")
FORMULAS = (
    *("$\\mathtt{\\input{/etc/passwd}}$", "$x", "x$", "$$", "\\$", "$\\frac$", "$_{$"),
    *(
        "$\\overline{x}$",
        "$" + "{" * 99 + "$",
        "\\",
        "^_",
        "$\\write18{mkdir ran}$",
        "%",
    ),
)
ALL = (*RUNS, *PAINTS, *PAGES, *CELLS, *FORMULAS)


class Escape(NamedTuple):
    """A text in a place: `make(folder, text)` writes files and says what is run."""

    place: str
    text: str
    make: Callable[[Path, str], list[Case]]


def attack(log: Log, seed: int, count: int) -> None:
    """Try every text in its places, then what is planted; `count` at most."""
    escapes = list(_escapes())
    with ForkServer() as server:
        for escape in escapes[: max(0, count - len(PLANTED))]:
            folder = emptied(log.work / "case")
            ended, outcome = None, Outcome.HELD
            for case in escape.make(folder, escape.text):
                ended = _ended(server, case, folder)
                outcome = _outcome(ended, folder)
                if not outcome.holds:
                    break
            _told(log, escape.place, repr(escape.text), outcome, ended, folder)
    for name, plant in PLANTED.items():
        folder = emptied(log.work / "case")
        line_of_data(folder)
        changes, arguments = plant(folder)
        command_line: list[str | Path] = [
            Path(sys.executable).with_name("physfit"),
            *arguments,
        ]
        ended = run(command_line, folder=folder, environment=changes, timeout=90)
        _told(log, "planted", name, _outcome(ended, folder), ended, folder)


def _told(
    log: Log, kind: str, case: str, outcome: Outcome, ended: Ended | None, folder: Path
) -> None:
    about = (
        {} if ended is None else {"code": ended.code, "stderr": ended.stderr[-2000:]}
    )
    log(kind, case, outcome, files=folder, **about)


def _ended(server: ForkServer, case: Case, folder: Path) -> Ended:
    if case.code:
        return server.python(case.code, folder=folder)
    return server.physfit(*case.arguments, folder=folder)


def _escapes() -> Iterator[Escape]:
    for place, (texts, make) in PLACES.items():
        for text in texts:
            yield Escape(place, text, make)


def _outcome(ended: Ended, folder: Path) -> Outcome:
    """Whether the text stayed a text."""
    outcome = judged(ended)
    written = ended.stdout + ended.stderr
    got_out = (
        any(path.name == "ran" for path in folder.rglob("ran"))
        or "<class '" in written
        or _paints(written)
        or any(_is_alive(path) for path in folder.rglob("*.html"))
        or any(_is_alive(path) for path in folder.rglob("*.svg"))
        or any(_calculates(path) for path in folder.glob("table.csv"))
    )
    return Outcome.EXECUTED if got_out else outcome


def _paints(text: str) -> bool:
    """Whether a terminal would take something for a command, or turn text round."""
    codes = re.search(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", text)
    # Markdown has a backslash before a bracket.
    is_markup_gone = "marked" in text and "[bold]marked" not in text.replace("\\", "")
    return codes is not None or is_markup_gone


class _Page(HTMLParser):
    """Notes whether a page does what its texts say."""

    is_alive = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            is_event = name.startswith("on") or name in ("href", "src", "xlink:href")
            self.is_alive |= is_event and "alert(1)" in (value or "")

    def handle_data(self, data: str) -> None:
        if self.cdata_elem == "script" and "alert(1)" in data:
            self.is_alive = True


def _is_alive(path: Path) -> bool:
    page = _Page()
    page.feed(path.read_text(encoding="utf-8", errors="replace"))
    return page.is_alive


def _calculates(path: Path) -> bool:
    """Whether a spreadsheet would take a cell for a formula."""
    with path.open(encoding="utf-8", newline="") as stream:
        cells = [cell for row in csv.reader(stream) for cell in row]
    return any(
        cell[:1] in tuple("=+-@") and not _is_number(cell) for cell in cells if cell
    )


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _header(folder: Path, text: str) -> list[Case]:
    """Text as the name of a column."""
    name = '"' + text.replace('"', '""') + '"'
    _table(folder / "t.csv", f"{name},y")
    return _fitted_and_shown("t.csv")


def _unit(folder: Path, text: str) -> list[Case]:
    _table(folder / "t.csv", f"x ({text}),y [{text}]")
    return _fitted_and_shown("t.csv")


def _file_name(folder: Path, text: str) -> list[Case]:
    name = text.replace("/", "_")[:200] + ".csv"
    _table(folder / name, "x,y")
    return [*_fitted_and_shown(f"./{name}"), command("", "fit", f"./no{name}")]


def _table(path: Path, header: str) -> None:
    rows = [f"{k},{2 * k + k % 3}" for k in range(30)]
    path.write_bytes("\n".join([header, *rows]).encode("utf-8", "surrogateescape"))


def _fitted_and_shown(file: str) -> list[Case]:
    return [
        command("", "fit", file, "-m", "linear", "-o", "r.h5", "--plot", "p.svg"),
        command("", "fit", file, "-m", "linear", "--json", "-o", "r.json"),
        *_shown("r.h5", "r.json"),
    ]


def _shown(*results: str) -> list[Case]:
    return [
        *(command("", "show", result) for result in results),
        *(command("", "show", results[0], "--format", own) for own in MARKUP),
        python(
            "",
            f"open('r.html', 'w').write(pf.load_result({results[0]!r})._repr_html_())",
        ),
    ]


def _map(folder: Path, text: str) -> list[Case]:
    """Text as unit, name and label of everything in a map."""
    import h5py

    name = text.replace("/", "_").replace("\x00", "") or "_"
    name = f"{name}_" if name in (".", "..") else name
    with h5py.File(folder / "m.h5", "w") as root:
        data = root.create_group("d")
        root.attrs["default"] = "d"
        data.attrs["NX_class"], data.attrs["signal"] = "NXdata", "z"
        data.attrs["axes"] = [name, "e"]
        data["z"], data["e"], data[name] = CURVES, X, np.arange(len(CURVES))
        for node in (data["z"], data["e"], data[name]):
            node.attrs["units"], node.attrs["long_name"] = text, text
    model = ("-m", "gaussian + constant")
    return [
        command("", "fit-many", "m.h5", *model, "-o", "o.h5"),
        command("", "show", "o.h5"),
        command("", "show", "o.h5", "-o", "page"),
        command("", "merge", "o.h5", "-o", "table.csv"),
        command("", "status", "o.h5"),
    ]


def _altered(folder: Path, text: str) -> list[Case]:
    """Text in a result that somebody edited."""
    import physfit as pf

    line_of_data(folder)

    x = np.arange(20.0)
    result = pf.fit(pf.models.Linear(), x, 2 * x + x % 3, source="t.csv")
    result.save(folder / "r.json")
    record = json.loads((folder / "r.json").read_text())
    for key in ("x_label", "y_label", "x_unit", "y_unit", "source"):
        record["data"][key] = text
    record["date"] = record["method"] = text
    record["warnings"] = [text]
    for name in record["parameters"]:
        record["parameters"][name]["note"] = record["parameters"][name]["unit"] = text
    (folder / "r.json").write_text(json.dumps(record))
    return [*_shown("r.json"), python("", "pf.load_result('r.json').plot()")]


def _option(*pattern: str) -> Callable[[Path, str], list[Case]]:
    def make(folder: Path, text: str) -> list[Case]:
        line_of_data(folder)
        return [command("", *(piece.replace("TEXT", text) for piece in pattern))]

    return make


def _job(folder: Path, text: str) -> list[Case]:
    """Text as every value of a job file, one after the other."""
    line_of_data(folder)
    cases = []
    for number, (table, key) in enumerate(JOB_KEYS):
        quoted = json.dumps(text, ensure_ascii=True).replace("\\u007f", "\x7f")
        tables = {"data": {"file": '"t.csv"'}, "model": {"expression": '"linear"'}}
        tables.setdefault(table, {})[key] = quoted
        lines = ["version = 1"]
        for name, keys in tables.items():
            lines += [f"[{name}]", *(f"{own} = {value}" for own, value in keys.items())]
        (folder / f"job{number}.toml").write_text("\n".join(lines))
        cases.append(command("", "fit", f"job{number}.toml"))
    return cases


JOB_KEYS = (
    *(("data", "file"), ("data", "x"), ("data", "dataset"), ("model", "expression")),
    *(("fit", "loss"), ("fit", "method"), ("minibatch", "learning_rate")),
    *(("parameters.slope", "tie"), ("minibatch", "sampler"), ("output", "plot")),
)
_FIT = ("fit", "t.csv", "-m", "linear")
_ADAM = (*_FIT, "--method", "adam", "--epochs", "2")
#: Where a text is put, and which texts.
PLACES: dict[str, tuple[tuple[str, ...], Callable[[Path, str], list[Case]]]] = {
    "column": ((*PAINTS, *PAGES, *CELLS[:2], *FORMULAS, *RUNS[:4]), _header),
    "unit": ((*PAINTS[:5], *PAGES[:3], *FORMULAS), _unit),
    "file name": ((*PAINTS, *PAGES[:4], *RUNS, *FORMULAS[:3]), _file_name),
    "map": ((*PAINTS[:6], *PAGES[:4], *CELLS, *FORMULAS[:4], *RUNS[:3]), _map),
    "result": ((*PAINTS[:6], *PAGES, *FORMULAS[:6], *RUNS[:3]), _altered),
    "job file": ((*RUNS, *PAINTS[:3]), _job),
    "model": ((*RUNS, *PAINTS[:4]), _option("fit", "t.csv", "-m", "TEXT")),
    "prefix": (RUNS[:4], _option("fit", "t.csv", "-m", "linear(TEXT)")),
    "name of a model": ((*RUNS[:5], *PAINTS[:3]), _option("models", "TEXT")),
    "tie": ((*RUNS, *PAINTS[:3]), _option(*_FIT, "--tie", "slope=TEXT")),
    "start": ((*RUNS[:5], *PAINTS[:3]), _option(*_FIT, "--start", "TEXT=1")),
    "learning_rate": (
        (*RUNS[:5], *PAINTS[:3]),
        _option(*_ADAM, "--learning-rate", "TEXT"),
    ),
    "method": ((*RUNS[:5], *PAINTS[:3]), _option(*_FIT, "--method", "TEXT")),
    "loss": ((*RUNS[:5], *PAINTS[:3]), _option(*_FIT, "--loss", "TEXT")),
    "output": (RUNS[:8], _option(*_FIT, "-o", "TEXT.h5")),
}
