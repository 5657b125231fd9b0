"""The report of many fits, as text and as HTML."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from tests.result.many_cases import CASES, counts, raman, scaled, tied, undetermined


def text(many) -> str:
    """The report with its lines joined."""
    return " ".join(many.report().split())


def test_the_head_says_what_was_fitted():
    """Rows and axes, data, errors, share of converged rows, chi2, rate."""
    report = text(raman())
    assert report.startswith("lorentzian + constant rows 48 (6 x 8): y (um) 0 to 2.5")
    assert "intensity (counts) against shift (cm⁻¹) of map.h5::/entry/data" in report
    assert "44 to 48 samples a row" in report
    assert "absolute, from the sigma given with the data" in report
    assert "converged 45 of 48 rows, 93.8 %" in report
    assert "per degree of freedom: median " in report
    assert "fits/s" in report


def test_every_status_has_a_line_with_its_count():
    """Its sentence, share and count; so have the start values."""
    lines = [" ".join(line.split()) for line in raman().report().splitlines()]
    assert "2 4.17 % not fitted: fewer samples than free parameters" in lines
    assert "1 2.08 % not converged: the limit of steps was reached" in lines
    assert any("a guess from the data" in line for line in lines)


def test_medians_are_of_rows_that_converged():
    """Median, 68 % range and median standard error, rounded to what they say."""
    many = raman()
    line = next(
        own.split() for own in many.report().splitlines() if " center " in f"{own} "
    )
    good = many["center"].value[many.converged]
    expected = np.percentile(good, [50.0, 16.0, 84.0])
    assert line[0] == "center"
    np.testing.assert_allclose(np.array(line[1:4], float), expected, atol=2e-3)
    error = np.median(many["center"].stderr[many.converged])
    assert float(line[4]) == pytest.approx(error, rel=0.05)
    assert line[5] == "cm⁻¹"


def test_failed_rows_are_told_apart():
    """Those that did not converge can be tried again, those without data cannot."""
    report = text(raman())
    assert "1 row (2.08 %) did not converge: their values are where" in report
    assert "--retry-failed" in report
    assert "2 rows (4.17 %) could not be fitted and have no values" in report


def test_rows_without_a_minimum_are_not_promised_one():
    """Other start values do not help where the data leave a parameter open."""
    x = np.arange(50.0)
    y = 3.0 + np.random.default_rng(1).normal(size=(20, 50))
    many = pf.fit_many(pf.models.Exponential(), x, y, sigma=1.0)
    n = int((many.status == pf.Status.UNDETERMINED).sum())
    assert n == len(many.failed) > 1
    assert f"{n} rows ({5 * n:.1f} %) did not converge, as the data do not" in text(
        many
    )
    assert "--retry-failed" not in text(many)


def test_bounds_ties_and_open_parameters_are_told():
    """In the table, and counted in sentences."""
    n = int((tied()["c"].at_bound != 0).sum())
    report = text(tied())
    assert f"`c` is at its lower bound in {n} rows" in report
    assert "= 0.5 * a_amplitude" in report
    assert "fixed" in report
    assert "5 rows (100 %) do not determine `a_c`" in text(undetermined())


def test_errors_without_sigma_are_said_to_be_scaled():
    """And there is no p value; for counts the word is deviance."""
    report = text(scaled())
    assert "scaled by sqrt(chi2 / dof) of each row" in report
    assert "p values" not in report
    assert " deviance per degree" in text(counts())


@pytest.mark.parametrize("case", CASES, ids=lambda own: own.__name__)
def test_the_report_fits_a_terminal(case):
    """Lines of sentences are wrapped; nothing is shown as nan."""
    report = case().report()
    table = report.partition("rows that converged")
    assert max(map(len, table[0].splitlines())) <= 88
    assert " nan" not in report


def test_repr_and_html_are_short_and_escaped():
    """One line; tables without anything that a browser would run."""
    many = raman()
    fields = {name: getattr(many, name) for name in many.__dataclass_fields__}
    evil = type(many)(**{**fields, "source": "<script>alert(1)</script>"})
    assert repr(many) == (
        "<ManyResult of 'lorentzian + constant': 6 x 8 rows, 3 of them failed>"
    )
    page = evil._repr_html_()
    assert "<script" not in page
    assert "script&gt;" in page
    assert "not converged: the limit of steps was reached" in page


def test_p_values_that_are_too_small_are_told():
    """When far more rows than chance gives have one below 0.001."""
    many = counts()
    fields = {name: getattr(many, name) for name in many.__dataclass_fields__}
    table = many.table._replace(chi2=many.table.chi2 * 3.0)
    worse = type(many)(**{**fields, "table": table})
    assert "residuals are larger than Poisson's law explains" in text(worse)
    assert "larger than" not in text(many)
