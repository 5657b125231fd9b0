"""The 27 nonlinear regression problems of NIST's Statistical Reference Datasets."""

from __future__ import annotations

import json
import re
from pathlib import Path

from .recipe import Recipe, write_table

__all__ = ["RECIPES"]

FOLDER = "nist"
PROBLEMS = f"{FOLDER}/problems.json"
#: The formulas of the .dat files in Python's notation.
FORMULAS = {
    "Bennett5": "b1*(b2 + x)**(-1/b3)",
    "BoxBOD": "b1*(1 - exp(-b2*x))",
    "Chwirut1": "exp(-b1*x)/(b2 + b3*x)",
    "Chwirut2": "exp(-b1*x)/(b2 + b3*x)",
    "DanWood": "b1*x**b2",
    "ENSO": (
        "b1 + b2*cos(2*pi*x/12) + b3*sin(2*pi*x/12)"
        " + b5*cos(2*pi*x/b4) + b6*sin(2*pi*x/b4)"
        " + b8*cos(2*pi*x/b7) + b9*sin(2*pi*x/b7)"
    ),
    "Eckerle4": "(b1/b2)*exp(-0.5*((x - b3)/b2)**2)",
    "Gauss1": "b1*exp(-b2*x) + b3*exp(-(x - b4)**2/b5**2) + b6*exp(-(x - b7)**2/b8**2)",
    "Gauss2": "b1*exp(-b2*x) + b3*exp(-(x - b4)**2/b5**2) + b6*exp(-(x - b7)**2/b8**2)",
    "Gauss3": "b1*exp(-b2*x) + b3*exp(-(x - b4)**2/b5**2) + b6*exp(-(x - b7)**2/b8**2)",
    "Hahn1": "(b1 + b2*x + b3*x**2 + b4*x**3)/(1 + b5*x + b6*x**2 + b7*x**3)",
    "Kirby2": "(b1 + b2*x + b3*x**2)/(1 + b4*x + b5*x**2)",
    "Lanczos1": "b1*exp(-b2*x) + b3*exp(-b4*x) + b5*exp(-b6*x)",
    "Lanczos2": "b1*exp(-b2*x) + b3*exp(-b4*x) + b5*exp(-b6*x)",
    "Lanczos3": "b1*exp(-b2*x) + b3*exp(-b4*x) + b5*exp(-b6*x)",
    "MGH09": "b1*(x**2 + x*b2)/(x**2 + x*b3 + b4)",
    "MGH10": "b1*exp(b2/(x + b3))",
    "MGH17": "b1 + b2*exp(-x*b4) + b3*exp(-x*b5)",
    "Misra1a": "b1*(1 - exp(-b2*x))",
    "Misra1b": "b1*(1 - (1 + b2*x/2)**(-2))",
    "Misra1c": "b1*(1 - (1 + 2*b2*x)**(-0.5))",
    "Misra1d": "b1*b2*x*(1 + b2*x)**(-1)",
    "Nelson": "b1 - b2*x1*exp(-b3*x2)",
    "Rat42": "b1/(1 + exp(b2 - b3*x))",
    "Rat43": "b1/(1 + exp(b2 - b3*x))**(1/b4)",
    "Roszman1": "b1 - b2*x - atan(b3/(x - b4))/pi",
    "Thurber": "(b1 + b2*x + b3*x**2 + b4*x**3)/(1 + b5*x + b6*x**2 + b7*x**3)",
}
#: Nelson is fitted to log(y); all others to y.
RESPONSES = {"Nelson": "log(y)"}


def _section(lines: list[str], title: str) -> list[str]:
    pattern = re.compile(rf"{title}\s+\(lines\s+(\d+)\s+to\s+(\d+)\)")
    start, stop = next(map(int, m.groups()) for m in map(pattern.search, lines) if m)
    return lines[start - 1 : stop]


def _find(pattern: str, text: str) -> str:
    found = re.search(pattern, text)
    if found is None:
        raise ValueError(f"a NIST file lacks /{pattern}/")
    return found.group(1)


def _read(path: Path) -> tuple[dict[str, object], list[list[str]]]:
    """Problem and data rows (y, x, ...) of a .dat file."""
    text = path.read_text(encoding="latin-1")
    lines = text.splitlines()
    rows = [
        line.split("=")[1].split()
        for line in _section(lines, "Starting Values")
        if "=" in line
    ]
    data = [line.split() for line in _section(lines, r"^\s*Data") if line.strip()]
    first, second, certified, errors = zip(*rows, strict=True)
    head = text.split("Reference:")
    problem: dict[str, object] = {
        "name": path.stem,
        "file": f"{FOLDER}/{path.stem}.csv",
        "level": _find(r"(\w+) Level of Difficulty", text).lower(),
        "observed": "Observed Data" in text,
        "formula": FORMULAS[path.stem],
        "response": RESPONSES.get(path.stem, "y"),
        "parameters": [f"b{k + 1}" for k in range(len(rows))],
        "starts": [[float(v) for v in first], [float(v) for v in second]],
        "certified": [float(v) for v in certified],
        "standard_errors": [float(v) for v in errors],
        "residual_sum": float(_find(r"Residual Sum of Squares:\s*(\S+)", text)),
        "residual_deviation": float(
            _find(r"Residual Standard Deviation:\s*(\S+)", text)
        ),
        # Counted: the .dat file of Rat43 states 9, its residual deviation says 11.
        "degrees_of_freedom": len(data) - len(rows),
        "description": " ".join(head[0].split("Description:")[1].split()),
        "reference": " ".join(head[1].split("Data:")[0].split()),
    }
    return problem, data


def _build(raw: Path, out: Path) -> None:
    problems = []
    for name in sorted(FORMULAS):
        problem, rows = _read(raw / f"{name}.dat")
        y, *xs = zip(*rows, strict=True)
        labels = ["x"] if len(xs) == 1 else [f"x{k + 1}" for k in range(len(xs))]
        comments = {
            "title": f"NIST StRD {name}",
            "formula": f"{problem['response']} = {problem['formula']}",
        }
        cells = dict(zip(labels, xs, strict=True)) | {"y": y}
        write_table(out / FOLDER / f"{name}.csv", comments, cells)
        problems.append(problem)
    text = json.dumps(problems, indent=1) + "\n"
    # Number lists on one line each: a table of 27 problems stays readable.
    text = re.sub(r"\[\s+([-+0-9.,e\s\"b]+?)\s+\]", _one_line, text)
    (out / PROBLEMS).write_text(text, encoding="utf-8")
    notice = out / "licences/nist.txt"
    notice.parent.mkdir(parents=True, exist_ok=True)
    notice.write_text(NOTICE, encoding="utf-8")


def _one_line(found: re.Match[str]) -> str:
    return "[" + " ".join(found.group(1).split()) + "]"


NOTICE = """\
The Statistical Reference Datasets of the National Institute of Standards and
Technology (https://www.itl.nist.gov/div898/strd/) are works of the United States
Government and not subject to copyright protection in the United States (17 U.S.C. 105).
NIST asks to be named as the source.
"""


def _no_fits(out: Path) -> list[dict[str, object]]:
    """The problems carry their own certified answers."""
    return []


RECIPES = (
    Recipe(
        name="nist",
        title="27 certified nonlinear regression problems",
        description=(
            "Two starts each, certified values and standard errors to 11 digits. "
            "Nelson has two predictors and is fitted to log(y); the residual sum of "
            "Lanczos1 (1.4e-25) lies below double precision."
        ),
        origin="certified",
        source=(
            "NIST/ITL Statistical Reference Datasets, nonlinear regression "
            "(https://www.itl.nist.gov/div898/strd/), as in the PyPI package lmfit"
        ),
        licence="public domain",
        licence_file="licences/nist.txt",
        files=(PROBLEMS, *(f"{FOLDER}/{name}.csv" for name in sorted(FORMULAS))),
        build=_build,
        raw="nist",
        fits=_no_fits,
    ),
)
