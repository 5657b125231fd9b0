"""Everything that has a report gives it in all formats."""

from __future__ import annotations

import json

import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError
from physfit.settings.fits import FORMATS

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


def test_an_unknown_format_is_refused(documented):
    """One sentence, with what is meant or allowed."""
    with pytest.raises(InputError, match=r"'markdwn'; did you mean 'markdown'\?"):
        documented.report("markdwn")
    with pytest.raises(InputError, match="allowed: html, json, latex, markdown, text"):
        documented.report(None)


def test_the_record_of_rows_has_all_digits():
    """How the rows ended, and how the quantities are spread over them."""
    record = DOCUMENTED["many"]().to_dict()
    assert record["rows"] == 3
    assert sum(record["statuses"].values()) == 3
    slope = pf.fit(LINE, X, Y, sigma=0.1)["slope"]
    found = record["parameters"]["slope"]
    assert found["high"] > 0.0 > found["low"]
    assert found["stderr"] == pytest.approx(slope.stderr, rel=1e-12)
