"""`--format`: every command that reports something does so in all formats."""

from __future__ import annotations

import json
from pathlib import Path
from pkgutil import resolve_name

import numpy as np
import pytest

from physfit.cli.commands import COMMANDS
from physfit.settings.outputs import FORMATS, Reported
from physfit.settings.setting import declared

MODEL = ("-m", "gaussian + constant")
TOYS = ("--x", "0:10:40", "--sigma", "0.1", "-p", "amplitude=2,center=5,sigma=0.5,c=1")
#: Words of each command that prints a report, `peak.csv` as data.
WORDS = {
    "fit": ("peak.csv", *MODEL),
    "guess": ("peak.csv", *MODEL, "--start", "c=1"),
    "compare": ("peak.csv", *MODEL, "--methods", "lm,scipy:lm"),
    "check": ("peak.csv", *MODEL, "--points", "2"),
    "multistart": ("peak.csv", *MODEL, "--starts", "8"),
    "landscape": ("peak.csv", *MODEL, "--over", "center", "--points", "5"),
    "lr-find": ("peak.csv", *MODEL, "--steps", "3"),
    "sweep": ("peak.csv", *MODEL, "--vary", "seed=1,2", "--epochs", "2"),
    "bootstrap": ("peak.csv", *MODEL, "--n", "20"),
    "toys": (*MODEL, *TOYS, "--n", "20"),
    "models": ("voigt",),
    "fit-many": ("rows.npy", *MODEL, "-o", "maps.h5", "--overwrite"),
    "show": ("maps.h5",),
    "status": ("maps.h5",),
    "look": ("peak.csv",),
}
#: What a command writes with `-o`, by its suffix.
SUFFIXES = {".txt": "text", ".md": "markdown", ".tex": "latex", ".json": "json"}
#: How a report begins.
BEGINS = {"latex": "% ", "html": "<div>", "json": "{"}


def test_every_command_that_reports_is_here():
    """A new one adds its words."""
    kinds = {name: resolve_name(f"physfit.cli.{own}") for name, own in COMMANDS.items()}
    asked = declared(Reported).keys()
    assert {name for name in kinds if asked <= kinds[name].settings.keys()} == {*WORDS}


@pytest.mark.parametrize("command", WORDS)
def test_a_report_in_every_format(physfit, peak, command):
    """On stdout, with the exit code of the text."""
    rows = np.loadtxt(peak, delimiter=",", skiprows=1)[:, 1] + np.zeros((3, 1))
    np.save("rows.npy", rows)
    physfit("fit-many", *WORDS["fit-many"])
    words = (command, *WORDS[command], "--format")
    found = {each: physfit(*words, each) for each in FORMATS}
    assert len({own.code for own in found.values()}) == 1
    assert len({own.out for own in found.values()}) == len(FORMATS)
    for name, start in BEGINS.items():
        assert found[name].out.startswith(start)
    record = json.loads(found["json"].out, parse_constant=pytest.fail)
    assert record.keys() == physfit(command, *WORDS[command], "--json").json.keys()


def test_html_needs_no_encoding(physfit, peak):
    """A browser that opens the fragment would guess one."""
    out = physfit("fit", peak, *MODEL, "--format", "html").out
    assert out.isascii()
    assert "&#177; " in out


@pytest.mark.parametrize(("suffix", "format"), SUFFIXES.items())
def test_a_report_is_written_as_its_suffix_says(physfit, peak, suffix, format):
    """What `--format` prints goes to the file of `-o`, and text to stdout."""
    words = ("multistart", *WORDS["multistart"], "-q")
    written = physfit(*words, "-o", f"minima{suffix}")
    printed = physfit(*words, "--format", format).out
    assert written.code == 0
    assert "minimum" in written.out
    text = Path(f"minima{suffix}").read_text(encoding="utf-8")
    if format == "json":
        assert json.loads(text)["minima"] == json.loads(printed)["minima"]
    else:
        assert text.splitlines()[0] == printed.splitlines()[0]
    again = physfit(*words, "-o", f"minima{suffix}")
    assert (again.code, "exists" in again.err) == (1, True)


@pytest.mark.parametrize("command", [*[*WORDS][1:10], "show", "status"])
def test_every_report_is_written_by_the_same_option(physfit, peak, command):
    """All but those of the fits and of `look`, whose `-o` is their result."""
    np.save("rows.npy", np.ones((3, 40)))
    physfit("fit-many", *WORDS["fit-many"])
    written = physfit(command, *WORDS[command], "-o", "report.md")
    assert "wrote `report.md`" in written.err
    text = Path("report.md").read_text(encoding="utf-8")
    assert "|" in text
    again = physfit(command, *WORDS[command], "-o", "report.md")
    assert (again.code, "exists" in again.err) == (1, True)


def test_the_report_of_a_saved_fit_is_written_for_a_paper(physfit, peak):
    """By its suffix; what is a page of many fits is refused of one."""
    physfit("fit", peak, *MODEL, "-o", "fit.json")
    printed = physfit("show", "fit.json", "--format", "latex").out
    assert physfit("show", "fit.json", "-o", "fit.tex").code == 0
    assert Path("fit.tex").read_text(encoding="utf-8") == printed
    refused = physfit("show", "fit.json", "-o", "page")
    assert (refused.code, "must end in one of .txt" in refused.err) == (1, True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--format", "markdwn"), "did you mean 'markdown'?"),
        (("--format", "latex", "--json"), "--json and --format latex contradict"),
    ],
    ids=["unknown", "two"],
)
def test_a_format_that_cannot_be_is_refused(physfit, peak, words, sentence):
    """Before anything is fitted."""
    outcome = physfit("fit", peak, *MODEL, *words)
    assert (outcome.code, outcome.out) == (1, "")
    assert sentence in outcome.err
