"""Everything that has a report gives it in all formats."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import physfit as pf
from physfit.document.blocks import Heading
from physfit.document.documented import Report
from physfit.errors import InputError
from physfit.result.estimate import ByName
from physfit.settings.outputs import FORMATS
from tests.document.samples import EMPTY

ROOT = Path(__file__).resolve().parents[2]

X = np.linspace(0.0, 5.0, 12)
Y = 2.0 * X + 1.0 + 0.1 * np.cos(7.0 * X)
LINE = pf.models.Linear()
TRUTH = {"slope": 2.0, "intercept": 1.0}
DOCUMENTED = {
    "fit": lambda: pf.fit(LINE, X, Y, sigma=0.1, units=("µm", "100 %")),
    "complex fit": lambda: pf.fit("a*exp(1j*x)", X, 2.0 * np.exp(1j * X)),
    "many": lambda: pf.fit_many(LINE, X, [Y, -Y, Y * np.nan], sigma=0.1),
    "compare": lambda: pf.compare(LINE, X, Y, methods=["lm", "scipy:lm"], repeats=1),
    "multistart": lambda: pf.multistart(LINE, X, Y, n_starts=8),
    "rates": lambda: pf.find_rate(LINE, X, Y, method="gd"),
    "landscape": lambda: pf.landscape(LINE, X, Y, over="slope", methods=["gd"]),
    "sweep": lambda: pf.sweep(LINE, X, Y, vary={"seed": [1, 2]}, epochs=3),
    "bootstrap": lambda: pf.bootstrap(pf.fit(LINE, X, Y, sigma=0.1), 50),
    "toys": lambda: pf.toys(LINE, X, TRUTH, sigma=0.1, n=50),
    "explanation": lambda: pf.explain("a*exp(-x/tau)", derivatives=True),
}

#: What notebooks show beside these.
SHOWN = DOCUMENTED | {
    "minibatches": lambda: pf.fit(LINE, X, Y, method="adam", batch_size=4, epochs=9),
    "table": lambda: pf.read_table(ROOT / "datasets" / "ringdown.csv"),
    "model": lambda: LINE.where(slope=pf.fixed(0.0)),
    "component": lambda: pf.models.Voigt,
}
#: Attributes that lead to what is internal.
UNSHOWN = {"objective", "layout", "tree"}
#: How Python shows a record or an array.
RECORD = re.compile(r"\b[A-Z]\w*\(\w+=|array\(|object at 0x")


@pytest.fixture(scope="module", params=DOCUMENTED)
def documented(request):
    return DOCUMENTED[request.param]()


def test_every_format_has_a_report(documented):
    """Text where nothing is said; JSON is that of `to_dict`, without NaN."""
    reports = {name: documented.report(name) for name in FORMATS}
    assert len({*reports.values()}) == len(FORMATS)
    assert documented.report() == str(documented) == reports["text"]
    assert documented._repr_html_() == reports["html"]
    record = json.loads(reports["json"], parse_constant=pytest.fail)
    assert record == json.loads(json.dumps(documented.to_dict(), allow_nan=False))


def shown_by(kind: str) -> dict[str, object]:
    """What a user meets of a result: itself, and what its attributes and names give."""
    found = SHOWN[kind]()
    parts = {}
    for name in dir(found):
        if not name.startswith("_") and name not in UNSHOWN:
            parts[f".{name}"] = getattr(found, name)
    for name in found if isinstance(found, ByName) else ():
        parts[f"[{name!r}]"] = found[name]
    for name, own in [*parts.items()]:
        if isinstance(own, tuple | list) and not hasattr(own, "_fields") and len(own):
            parts[f"{name}[0]"] = own[0]
    return {"": found, **parts}


@pytest.mark.parametrize("kind", SHOWN)
def test_notebooks_show_no_record_by_its_fields_names(kind):
    """Whatever has a report or is a record of named fields has a view in HTML."""
    parts = shown_by(kind)
    bare = [
        name
        for name, own in parts.items()
        if (hasattr(own, "report") or hasattr(own, "_fields"))
        and type(own).__module__.startswith("physfit")
        and not hasattr(own, "_repr_html_")
    ]
    assert bare == []
    html = [own._repr_html_() for own in parts.values() if hasattr(own, "_repr_html_")]
    assert html
    assert len(repr(parts[""])) < 300 or kind in ("table", "explanation")
    assert not [text for text in html if RECORD.search(text)]


def test_an_unknown_format_is_refused(documented):
    """One sentence, with what is meant or allowed."""
    with pytest.raises(InputError, match=r"'markdwn'; did you mean 'markdown'\?"):
        documented.report("markdwn")
    with pytest.raises(InputError, match="allowed: html, json, latex, markdown, text"):
        documented.report(None)


@pytest.mark.parametrize("name", [own for own in FORMATS if own != "json"])
def test_an_empty_block_is_nothing(name):
    """Neither an element nor a line for what has nothing to show."""
    found = Report([Heading("a"), *EMPTY]).report(name)
    assert found == Report([Heading("a")]).report(name)


def test_the_record_of_rows_has_all_digits():
    """How the rows ended, and how the quantities are spread over them."""
    record = DOCUMENTED["many"]().to_dict()
    assert record["rows"] == 3
    assert sum(record["statuses"].values()) == 3
    slope = pf.fit(LINE, X, Y, sigma=0.1)["slope"]
    found = record["parameters"]["slope"]
    assert found["high"] > 0.0 > found["low"]
    assert found["stderr"] == pytest.approx(slope.stderr, rel=1e-12)
