"""Toys: what they say of fits whose errors are right, and of those whose are not."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.errors import ConvergenceError, DomainError, InputError, ShapeError
from physfit.kernels.registry import LOSSES
from physfit.models.loss import as_loss

PEAK = pf.models.Gaussian() + pf.models.Constant()
TRUTH = {"amplitude": 300.0, "center": 0.2, "sigma": 0.8, "c": 20.0}
GRID = np.linspace(-4.0, 4.0, 60)
N = 4000


@pytest.mark.parametrize("loss", LOSSES)
def test_pulls_of_every_loss_are_standard_normal(loss):
    """And 68.3 and 95.4 % of the fits lie within one and two errors of the truth."""
    sigma = None if loss == "poisson" else 4.0
    found = pf.toys(PEAK, GRID, TRUTH, sigma=sigma, n=N, loss=loss)
    own = [found[name] for name in TRUTH]
    # Errors from the residuals of 60 samples vary by themselves.
    spare = 0.0 if found.is_absolute else 0.03
    np.testing.assert_allclose([e.pull_mean for e in own], 0.0, atol=0.1)
    widths = [e.pull_width / found.expected_width for e in own]
    np.testing.assert_allclose(widths, 1.0, atol=4.0 / np.sqrt(2 * N) + spare)
    np.testing.assert_allclose([e.within_1 for e in own], 0.683, atol=0.03)
    np.testing.assert_allclose([e.within_2 for e in own], 0.954, atol=0.015)
    assert found.n_failed == 0
    assert not found.warnings
    assert "the errors are right" in found.report()


def test_the_registry_of_losses_is_not_empty():
    """The test above takes its cases from it, which importing a loss fills."""
    assert {as_loss("huber").name, "chi2", "poisson"} <= set(LOSSES)


def test_scaled_errors_give_students_t():
    """Seven samples, two parameters: pulls are wider, and said to be."""
    truth = {"slope": 2.0, "intercept": 1.0}
    x = np.linspace(0.0, 1.0, 7)
    found = pf.toys(pf.models.Linear(), x, truth, sigma=0.3, n=40_000, scaled=True)
    assert found.dof == 5
    assert found.expected_width == pytest.approx(np.sqrt(5.0 / 3.0))
    slope = found["slope"]
    assert slope.pull_width == pytest.approx(found.expected_width, rel=0.05)
    assert slope.within_1 == pytest.approx(found.expected(1.0), abs=0.01)
    assert slope.within_2 == pytest.approx(found.expected(2.0), abs=0.01)
    assert not found.warnings


def test_bias_and_errors_of_a_nonlinear_fit_are_told():
    """A decay in much noise: its time comes out too long, the errors too large."""
    t = np.linspace(0.0, 8.0, 20)
    truth = {"amplitude": 4.0, "decay": 3.0}
    found = pf.toys(pf.models.Exponential(), t, truth, sigma=0.7, n=5000)
    assert found["decay"].bias > 0.1 * found["decay"].spread
    assert any("`decay` is biased by +0." in text for text in found.warnings)
    assert "! `decay`" in found.report()


def test_a_few_fits_far_away_are_told():
    """In more noise still some decays never end: their spread says nothing."""
    t = np.linspace(0.0, 8.0, 20)
    truth = {"amplitude": 4.0, "decay": 3.0}
    found = pf.toys(pf.models.Exponential(), t, truth, sigma=2.0, n=3000)
    assert any("Some fits have `decay` far away" in text for text in found.warnings)


def test_truth_at_a_bound_is_told():
    """A constant that may not be negative and is none: half of the fits end there."""
    model = PEAK.where(c=pf.bounds(0.0, None))
    found = pf.toys(model, GRID, {**TRUTH, "c": 0.0}, sigma=4.0, n=600)
    assert found["c"].n == pytest.approx(300, abs=60)
    assert any("`c` has no error, as at a bound, in" in own for own in found.warnings)


def test_fits_may_start_from_the_truth_a_guess_or_given_values():
    """The minimum is the same; a start far away fails, and is told."""
    arguments = {"sigma": 4.0, "n": 300}
    truth = pf.toys(PEAK, GRID, TRUTH, **arguments)
    for start in ({}, {"center": 0.5}):
        other = pf.toys(PEAK, GRID, TRUTH, start=start, **arguments)
        assert other.n_failed == 0
        np.testing.assert_allclose(
            other.values["center"], truth.values["center"], atol=1e-5
        )
    far = {"center": 60.0, "amplitude": 1.0, "sigma": 0.1, "c": 20.0}
    with pytest.raises(ConvergenceError, match="give other start values"):
        pf.toys(PEAK, GRID, TRUTH, start=far, **arguments)


def test_tied_and_derived_quantities_have_pulls_too():
    """With the errors that are propagated to them."""
    model = PEAK.where(c=pf.tie("0.05 * amplitude"))
    truth = {name: TRUTH[name] for name in ("amplitude", "center", "sigma")}
    found = pf.toys(model, GRID, truth, sigma=4.0, n=N)
    assert found.truth["c"] == 15.0
    assert list(found) == ["amplitude", "center", "sigma", "c", "height", "fwhm"]
    np.testing.assert_allclose(
        [found[name].pull_width for name in found], 1.0, atol=0.06
    )


def test_complex_models_have_noise_in_both_parts():
    """Of a sigma for each part of each sample."""
    model = pf.models.ComplexRingdown()
    truth = {"amplitude": 2.0, "frequency": 0.8, "rate": 0.3, "phase": 0.4}
    t = np.linspace(0.0, 5.0, 80)
    sigma = np.array([np.full(80, 0.05), 0.02 + 0.02 * t])
    found = pf.toys(model, t, truth, sigma=sigma, n=3000)
    np.testing.assert_allclose(
        [found[name].pull_width for name in truth], 1.0, atol=0.06
    )


def test_models_of_two_coordinates_take_theirs():
    """A round spot."""
    y, x = np.mgrid[-3.0:3.0:9j, -3.0:3.0:9j]
    model = pf.models.Gaussian2dIsotropic()
    truth = dict(zip(model.free_names, [20.0, 0.1, -0.2, 1.0], strict=True))
    points = np.stack([x.ravel(), y.ravel()])
    found = pf.toys(model, points, truth, sigma=0.1, n=500)
    assert found.n_points == 81
    assert found["amplitude"].pull_width == pytest.approx(1.0, abs=0.15)


REFUSED = {
    "no sigma": (InputError, {}, "how large the noise"),
    "no truth": (InputError, {"truth": {"c": 1.0}, "sigma": 1.0}, "has neither"),
    "truth": (InputError, {"truth": [1.0], "sigma": 1.0}, "`truth` must be a dict"),
    "length": (ShapeError, {"sigma": [1.0, 2.0]}, "there are 60 samples"),
    "sign": (DomainError, {"sigma": -1.0}, "above 0"),
    "text": (InputError, {"sigma": "big"}, "array of numbers"),
    "counts": (InputError, {"sigma": 1.0, "loss": "poisson"}, "leave `sigma` out"),
    "below 0": (
        DomainError,
        {"truth": {**TRUTH, "c": -1.0}, "loss": "poisson"},
        "everywhere >= 0",
    ),
    "not finite": (
        DomainError,
        {"truth": {**TRUTH, "sigma": 0.0}, "sigma": 1.0},
        "not finite at x",
    ),
    "few": (ShapeError, {"x": [0.0, 1.0], "sigma": 1.0}, "give more `x`, or fix"),
    "zero": (DomainError, {"sigma": 0.0}, "finite and above 0, but is 0.0.$"),
    "start": (InputError, {"sigma": 1.0, "start": {"centre": 1.0}}, "did you mean"),
    "rows": (ShapeError, {"sigma": 1.0, "start": {"c": [1.0, 2.0]}}, "start of `c`"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_arguments_that_cannot_be_used_are_refused(name):
    """In one sentence that says what to do."""
    kind, arguments, words = REFUSED[name]
    given = {"x": GRID, "truth": TRUTH, **arguments}
    with pytest.raises(kind, match=words):
        pf.toys(PEAK, **given)


def test_report_record_and_figure_show_each_quantity():
    """Names that do not exist are refused."""
    found = pf.toys(PEAK, GRID, TRUTH, sigma=4.0, n=200, units=("nm", "V"))
    assert found["center"].unit == "nm"
    assert "200 toys of 60 samples, seed 0" in found.report()
    assert "200 fits" in repr(found)
    record = found.to_dict()
    assert record["parameters"]["c"]["pull_width"] == found["c"].pull_width
    assert len(found.plot().axes) == len(list(found)) == 6
    with pytest.raises(InputError, match="did you mean 'center'"):
        found["centre"]


def test_samples_are_taken_where_those_of_a_table_are(tmp_path):
    """Its x and its units; what was measured there has no part in it."""
    path = tmp_path / "peak.csv"
    rows = "\n".join(f"{x!r},1" for x in GRID.tolist())
    path.write_text(f"shift (1/cm),counts\n{rows}\n")
    table = pf.read_table(path)
    found = pf.toys(PEAK, table, TRUTH, sigma=4.0, n=50)
    same = pf.toys(PEAK, GRID, TRUTH, sigma=4.0, n=50, units=("1/cm", ""))
    assert [found[name] for name in TRUTH] == [same[name] for name in TRUTH]
    assert found.fits["center"].unit == "1/cm"
