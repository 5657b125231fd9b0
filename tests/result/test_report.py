"""Reports: what stands in them, in which form."""

from __future__ import annotations

import html.parser
from collections.abc import Callable
from dataclasses import replace
from functools import reduce
from operator import add

import numpy as np
import pytest

import physfit as pf
from physfit.result import FitResult
from physfit.result.report import document
from tests.result.cases import (
    complex_valued,
    counts,
    every,
    left_out,
    not_finite,
    peak,
    ring,
    robust,
    tied,
    undetermined,
    unfinished,
)

Case = Callable[[], FitResult]
PEAK = ("amplitude", "center", "sigma")


def lines_of(result: FitResult, word: str) -> list[str]:
    """Lines of the report that begin with a word."""
    lines = result.report().splitlines()
    return [line for line in lines if line.split()[:1] == [word]]


@every()
def test_fits_a_terminal(case: Case) -> None:
    """No line is wider than 100 characters, none ends in blanks."""
    lines = case().report().splitlines()
    assert max(map(len, lines)) <= 100
    assert all(line == line.rstrip() for line in lines)


@every()
def test_names_every_parameter_and_the_status(case: Case) -> None:
    """Each parameter and derived quantity once, and the sentence of the status."""
    result = case()
    assert result.message in result.report()
    for name in (*result.names, *result.derived):
        assert len(lines_of(result, name)) == 1


def test_a_long_composite_is_folded() -> None:
    """An expression of many terms takes several lines, all of it inside the width."""
    terms = [pf.models.Gaussian(f"line{k}_") for k in range(16)]
    model = reduce(add, terms).where(
        **{f"line{k}_{own}": pf.fixed(1.0 + k) for k in range(16) for own in PEAK}
    )
    x = [0.0, 1.0, 2.0, 3.0, 4.0]
    result = pf.fit(model + pf.models.Constant(), x, x)
    head = result.report().partition("  data")[0]
    assert " ".join(head.split()) == result.model.expression
    assert max(map(len, head.splitlines())) <= 88


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("runs/a.csv", "a.csv"),
        ("runs/a.h5::/entry/data", "a.h5::/entry/data"),
        ("runs/a.h5::/", "a.h5"),
    ],
    ids=["text", "inside a file", "root"],
)
def test_names_the_file_and_the_place_in_it(source: str, name: str) -> None:
    """Folders are left out, paths inside a file are not."""
    result = peak()
    named = replace(result, data=result.data._replace(source=source))
    (line,) = lines_of(named, "data")
    assert f"80 samples of {name}: intensity" in line


def test_counts_that_scatter_too_much_do_not_blame_a_sigma() -> None:
    """Counts have none, so the model is what is wrong."""
    y = [90.0, 300.0, 90.0, 300.0]
    result = pf.fit(pf.models.Constant(), [0, 1, 2, 3], y, loss="poisson")
    (sentence,) = result.warnings
    assert "larger than Poisson's law explains (p " in sentence
    assert "sigma" not in sentence


def test_a_start_of_ones_own_may_be_what_is_wrong() -> None:
    """A right model in a minimum beside the best one is not the only one to blame."""
    x = np.linspace(0.0, 10.0, 200)
    model = pf.models.Gaussian() + pf.models.Linear()
    truth = {"amplitude": 50.0, "center": 7.0, "sigma": 0.3}
    y = model(x, **truth, slope=0.1, intercept=2.0)
    y += np.random.default_rng(1).normal(size=x.size)
    words = "or the start values given do not lead to the best minimum"
    own = pf.fit(model, x, y, sigma=1.0, start={"center": 9.0, "sigma": 0.3})
    assert own.converged
    assert words in own.warnings[-1]
    wrong = pf.fit(pf.models.Linear(), x, y, sigma=1.0)
    assert "is not right, and the errors" in wrong.warnings[-1]
    row = pf.fit_many(pf.models.Linear(), x, y[None], sigma=1.0).result(0)
    assert "is not right, and the errors" in row.warnings[-1]


def test_row_of_a_parameter() -> None:
    """Value and error with matching digits, relative error, unit, start, note."""
    result = peak()
    own = result["c"]
    (line,) = lines_of(result, "c")
    assert line.split()[1:4] == [f"{own.value:.4f}", "+-", f"{own.stderr:.4f}"]
    assert f"{100.0 * own.relative_stderr:.2f} %  counts" in line
    assert line.endswith("start guessed")


def test_columns_are_aligned() -> None:
    """All +- stand in one column, of parameters and of derived quantities."""
    lines = [line for line in peak().report().splitlines() if "+-" in line]
    assert len(lines) == 6
    signs = {line.index("+-") for line in lines[:4]}
    assert len(signs) == 1
    assert len({line.index("+-") for line in lines[4:]}) == 1


@pytest.mark.parametrize(
    ("case", "word", "words"),
    [
        (peak, "errors", "scaled by sqrt(chi2 / dof), because no sigma was given"),
        (ring, "errors", "absolute, from the sigma given with the data"),
        (counts, "errors", "absolute, from the Fisher information of the counts"),
        (robust, "errors", "absolute, from the spread of the residuals in units"),
        (peak, "data", "80 samples: intensity (counts) against shift (cm⁻¹) from 0"),
        (left_out, "data", "77 samples"),
        (complex_valued, "data", "80 complex samples"),
        (ring, "chi2", "76 degrees of freedom, reduced"),
        (counts, "deviance", "76 degrees of freedom"),
        (robust, "2", "x cost"),
        (robust, "method", "lm, loss huber:1.7"),
        (unfinished, "work", "1 step, 2 evaluations"),
        (tied, "slope", "fixed"),
        (tied, "a_gamma", "= 0.5 * a_sigma"),
        (tied, "intercept", "at lower bound"),
        (undetermined, "a_c", "not determined by the data"),
    ],
)
def test_says_in_words(case: Case, word: str, words: str) -> None:
    """Where errors come from, what the data are, how hard it was."""
    (line,) = lines_of(case(), word)
    assert words in line


def test_p_value_stands_where_it_means_something() -> None:
    """With sigma, not without."""
    assert f"p = {ring().p_value:.3g}" in ring().report()
    assert "p = " not in peak().report()


def test_quality_that_is_no_number_is_left_out() -> None:
    """No AIC of NaN."""
    assert "AIC" in ring().report()
    assert "AIC" not in not_finite().report()
    assert "AIC" not in robust().report()


def test_correlations_are_listed_by_size() -> None:
    """Those above 0.5, the strongest first."""
    result = ring()
    text = result.report()
    assert text.index("frequency, phase") < text.index("amplitude, rate")
    assert "amplitude, phase" not in text
    i, j = (result.free_names.index(name) for name in ("frequency", "phase"))
    assert f"frequency, phase  {result.correlation[i, j]:+.4f}" in text


def test_warnings_come_last() -> None:
    """Marked, after everything else."""
    text = tied().report()
    assert text.index("! `intercept`") > text.index("correlations")


def test_time_leaves_out_compilation() -> None:
    """Both are said, apart."""
    timed = replace(peak(), seconds=0.0123, compile_seconds=0.8)
    assert ", 12.3 ms (and 800 ms of compilation)" in timed.report()
    assert "compilation" not in replace(timed, compile_seconds=0.0).report()


class Reader(html.parser.HTMLParser):
    """Collects tags and text, and whether tags nest."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.open.append(tag)
        self.seen.add(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


@every()
def test_html_holds_what_the_report_holds(case: Case) -> None:
    """Well nested; each parameter, the status and each warning."""
    result = case()
    reader = Reader()
    reader.feed(result._repr_html_())
    assert reader.open == []
    for text in (*result.names, *result.derived, result.message):
        assert text in reader.texts
    for text in result.warnings:  # names between backticks are code
        assert text.replace("`", "") in "".join(reader.texts)


def test_html_escapes_what_comes_from_outside() -> None:
    """Labels, units and file names cannot bring markup."""
    result = peak()
    bad = "<script>alert('&')</script>"
    data = result.data._replace(x_label=bad, y_unit=bad, source=f"dir/{bad}.csv")
    reader = Reader()
    reader.feed(replace(result, data=data)._repr_html_())
    assert "script" not in reader.seen
    assert any(bad in text for text in reader.texts)


TRUTH = {"amplitude": 5.0, "center": 4.0, "sigma": 0.8, "c": 1.0}


@pytest.mark.parametrize(
    ("text", "start", "words"),
    [
        ("gaussian + constant", None, "guessed as those of peaks on a polynomial"),
        ("gaussian + constant", {"c": 1.0}, "3 of 4 guessed as those of peaks"),
        ("gaussian * linear", None, "the best of many tried over bounds"),
        ("gaussian + constant", TRUTH, None),
    ],
    ids=["all", "some", "spread", "none"],
)
def test_a_report_says_how_the_start_was_found(text, start, words):
    """Start values that nobody gave are told apart from those that somebody did."""
    x = np.linspace(0.0, 10.0, 60)
    y = pf.parse_model("gaussian + constant")(x, **TRUTH)
    head = document(pf.fit(pf.parse_model(text), x, y, start=start))[1]
    told = dict(head.sections[""]).get("start")
    assert told is None if words is None else words in told


def test_says_how_far_a_bound_is_where_the_model_is_even() -> None:
    """By chi2 the bound is half as many standard errors away as the stated one says."""
    x = np.linspace(-10.0, 10.0, 200)
    model = pf.models.Voigt() + pf.models.Constant()
    truth = {"amplitude": 10.0, "center": 0.3, "gamma": 1.2, "c": 0.5}
    y = model(x, **truth, sigma=0.4)
    result = pf.fit(model, x, y, sigma=0.1)
    held = pf.fit(model.where(sigma=pf.fixed(0.0)), x, y, sigma=0.1)
    away = result["sigma"].value / result["sigma"].stderr
    assert 2.0 < away < 4.0
    # The curvature of the cost in sigma^2 changes on the way, by (sigma / gamma)^2.
    assert np.sqrt(held.chi2 - result.chi2) == pytest.approx(0.5 * away, rel=0.15)
    assert sum("the square of that distance" in own for own in result.warnings) == 1
    assert f"is only {0.5 * away:.2g} standard errors away" in result.report()
    assert not any("square" in own for own in held.warnings)


def test_a_bound_that_counts_is_no_matter_of_words() -> None:
    """A linear parameter near its bound has the distance that it states."""
    x = np.linspace(0.0, 1.0, 30)
    model = pf.models.Linear().where(slope=pf.bounds(0.0, None))
    result = pf.fit(model, x, 0.3 * x + 1.0, sigma=0.15)
    assert 0.5 < result["slope"].value / result["slope"].stderr < 4.0
    assert not any("square" in own for own in result.warnings)


def test_conventions_of_each_kind_of_component_are_said_once() -> None:
    """Area or height, which width: of fits of one curve, of rows, and in JSON."""
    model = pf.models.Voigt("a_") + pf.models.Voigt("b_") + pf.models.Linear()
    x = np.linspace(0.0, 10.0, 60)
    values = {
        name: {"center": 3.0 + 4.0 * name.startswith("b"), "slope": 0.1}.get(
            name.rpartition("_")[2], 1.0
        )
        for name in model.names
    }
    y = np.asarray(model(x, **values))
    rng = np.random.default_rng(0)
    rows = y + 0.01 * rng.normal(size=(2, x.size))
    said = pf.models.Voigt.convention
    fit, many = pf.fit(model, x, rows[0]), pf.fit_many(model, x, rows)
    for result in (fit, many):
        assert " ".join(result.report().split()).count(said) == 1
        assert result.to_dict()["conventions"] == {"voigt": said}
    line = pf.fit(pf.models.Linear(), x, rows[0])
    assert "conventions" not in line.report()
