"""`compare`: the verdict, the table and the record."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

import physfit as pf
from physfit.comparison import baselines, methods
from physfit.comparison.table import TOLERANCE, Comparison, compare
from physfit.errors import ConvergenceError, InputError
from physfit.solve import scipy_adapters
from physfit.solve.base import Status

X = np.linspace(-5.0, 5.0, 150)
MODEL = pf.models.Gaussian() + pf.models.Constant()
START = {"amplitude": 8.0, "center": 0.1, "sigma": 1.0, "c": 0.7}


def peak(sigma: float = 0.05) -> np.ndarray:
    """Noisy peak."""
    noise = np.random.default_rng(21).standard_normal(X.size)
    curve = MODEL(X, amplitude=10.0, center=0.3, sigma=0.8, c=1.0)
    return np.asarray(curve) + sigma * noise


@pytest.fixture(scope="module")
def table() -> Comparison:
    """All methods on a peak."""
    return compare(MODEL, X, peak(), sigma=0.05, start=START, repeats=1)


def test_all_methods_agree_on_a_clean_problem(table: Comparison) -> None:
    """Whoever converges gets to the reference."""
    assert table.agree
    judged = [row for row in table.rows if row.agrees is not None]
    assert len(judged) >= 15
    assert all(row.distance <= TOLERANCE for row in judged)


def test_every_method_runs_with_each_kind_of_gradient(table: Comparison) -> None:
    """physfit once, Nelder-Mead once, all others with ours and with differences."""
    kinds: dict[str, list[str]] = {}
    for row in table.rows:
        kinds.setdefault(row.method, []).append(row.gradients)
    assert list(kinds) == list(methods.DEFAULT_METHODS)
    assert kinds.pop("lm") == ["exact"]
    assert kinds.pop("scipy:nelder-mead") == ["none"]
    assert all(own == ["exact", "differences"] for own in kinds.values())


def test_rows_hold_values_and_prices(table: Comparison) -> None:
    """Values by name, evaluations counted, time measured, errors compared."""
    row = table["lm"]
    assert row.values.keys() == START.keys()
    assert row.values["center"] == pytest.approx(table.values["center"], rel=1e-9)
    assert row.status is not None
    assert row.status.converged
    assert row.stderr_difference < 1e-6
    assert 3 <= row.n_evals < 50
    assert 0.0 < row.seconds < 1.0
    assert table["scipy:trf"].n_evals > row.n_evals


def test_reference_is_scipys_answer_to_the_same_question(table: Comparison) -> None:
    """Its values and errors are those of curve_fit with tight tolerances."""
    from scipy.optimize import curve_fit

    def curve(x: np.ndarray, *p: float) -> np.ndarray:
        return np.asarray(MODEL(x, **dict(zip(MODEL.names, p, strict=True))))

    popt, pcov = curve_fit(
        curve,
        X,
        peak(),
        list(START.values()),
        sigma=np.full(X.size, 0.05),
        absolute_sigma=True,
        ftol=1e-15,
        xtol=1e-15,
        gtol=1e-15,
    )
    stderr = np.sqrt(np.diagonal(pcov))
    found = np.array(list(table.values.values()))
    assert np.max(np.abs(found - popt) / stderr) < 1e-5
    np.testing.assert_allclose(list(table.stderr.values()), stderr, rtol=1e-5)


def test_unknown_errors_scale_the_distance() -> None:
    """Without sigma the unit is the scaled standard error, as in reports."""
    y = peak()
    scaled = compare(MODEL, X, y, start=START, methods=["lm"])
    result = pf.fit(MODEL, X, y, start=START)
    for name, stderr in scaled.stderr.items():
        assert stderr == pytest.approx(result[name].stderr, rel=1e-6)


def two_minima() -> tuple[pf.Model, np.ndarray]:
    """A narrow peak far from the start, and a smaller one close to it."""
    model = pf.models.Gaussian().where(sigma=pf.fixed(0.4))
    curve = model(X, amplitude=1.0, center=-2.0) + model(X, amplitude=3.0, center=3.0)
    return model, np.asarray(curve)


def test_other_minima_are_disagreement(monkeypatch: pytest.MonkeyPatch) -> None:
    """A method that claims convergence elsewhere makes the verdict negative."""
    model, y = two_minima()
    once = baselines._once

    def led_astray(prepared, method):
        if method.name == "scipy:lm":
            prepared = prepared.begun_at(np.array([2.0, 2.8]))
        return once(prepared, method)

    monkeypatch.setattr(baselines, "_once", led_astray)
    table = compare(
        model,
        X,
        y,
        sigma=0.1,
        start={"amplitude": 1.0, "center": -2.2},
        methods=["lm", "scipy:lm"],
    )
    # The reference starts from the best point, so it is physfit that is astray here.
    assert not table.agree
    assert table["lm"].agrees is False
    assert table["scipy:lm"].agrees is True
    assert "methods disagree: lm (exact) ended elsewhere" in table.verdict
    assert "ended at amplitude 1, center -2" in table.report()


def test_a_run_that_stopped_far_away_is_no_agreement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whatever it says of itself, it did not get there."""
    once = baselines._once

    def gives_up(prepared, method):
        solution, seconds = once(prepared, method)
        if method.name == "scipy:trf":
            far = solution.theta + 1.0
            solution = solution._replace(theta=far, status=Status.MAX_STEPS, cost=1e9)
        return solution, seconds

    monkeypatch.setattr(baselines, "_once", gives_up)
    table = compare(
        MODEL, X, peak(), sigma=0.05, start=START, methods=["lm", "scipy:trf"]
    )
    assert not table.agree
    assert table["lm"].agrees is True
    assert table["scipy:trf"].agrees is False
    assert table["scipy:trf"].distance > 1.0
    assert "scipy:trf (exact) did not converge, " in table.verdict


@pytest.mark.parametrize("status", [Status.MAX_STEPS, Status.FAILED, Status.STALLED])
def test_a_run_that_gave_up_at_the_minimum_agrees(
    monkeypatch: pytest.MonkeyPatch, status: Status
) -> None:
    """What counts is where it ended."""
    once = baselines._once

    def gives_up(prepared, method):
        solution, seconds = once(prepared, method)
        return solution._replace(status=status), seconds

    monkeypatch.setattr(baselines, "_once", gives_up)
    table = compare(MODEL, X, peak(), start=START, methods=["lm"])
    assert table["lm"].agrees is True
    assert table.agree


def test_nothing_that_converged_is_no_agreement() -> None:
    """A run of one step alone gets nowhere, so there is nothing to agree on."""
    table = compare(
        *(MODEL, X, peak()), start=START, methods=["sgd"], epochs=1, repeats=1
    )
    assert table["sgd"].agrees is False
    assert not table.agree
    assert table.verdict.startswith("no method got to the minimum: sgd (exact) did not")


def test_a_reference_that_is_no_minimum_is_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Nobody can have got to a minimum that was not found."""
    monkeypatch.setattr(baselines, "TIGHT", baselines.TIGHT._replace(max_steps=1))
    table = compare(
        *(MODEL, X, peak()), start=START, methods=["sgd"], epochs=1, repeats=1
    )
    assert not table.is_minimum
    assert not table.agree
    assert table.verdict == "no minimum was found, not even by the reference"


def test_a_spike_between_two_samples_is_no_reference(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The minimum is that of the methods that have one, though a cost is lower."""
    x = np.linspace(0.0, 10.0, 101)
    y = 5.0 + 1.5 / (1.0 + ((x - 4.0) / 0.5) ** 2)
    y += 0.5 * np.random.default_rng(1).normal(size=x.size)
    y[70] += 12.0
    model = pf.models.Lorentzian() + pf.models.Constant()
    once = baselines._once

    def spiked(case, method):
        solution, seconds = once(case, method)
        if method.name == "scipy:bfgs":
            gamma = 1e-9  # so narrow that the sample beside it sees the tail alone
            theta = np.array([0.0, x[70] - 1e-4, gamma, np.mean(np.delete(y, 70))])
            theta[0] = (y[70] - theta[3]) * np.pi * 1e-8 / gamma
            cost = case.objective.cost(theta)
            solution = solution._replace(theta=theta, cost=cost, status=Status.FAILED)
        return solution, seconds

    monkeypatch.setattr(baselines, "_once", spiked)
    start = {"amplitude": 1.0, "center": 4.0, "gamma": 0.5, "c": 5.0}
    table = compare(model, x, y, sigma=0.5, start=start, methods=["lm", "scipy:bfgs"])
    assert table["scipy:bfgs"].cost < table["lm"].cost
    assert table.is_minimum
    assert table["lm"].agrees is True
    assert table["scipy:bfgs"].agrees is False


def test_the_reference_keeps_the_bounds() -> None:
    """Also where the best point is inside and the minimum beyond a bound."""
    model = MODEL.where(c=pf.bounds(1.1, None))
    table = compare(
        *(model, X, peak()),
        sigma=0.05,
        start={**START, "c": 1.2},
        methods=["sgd"],
        epochs=1,
        repeats=1,
    )
    assert table["sgd"].values["c"] > 1.1
    assert table.values["c"] == pytest.approx(1.1, rel=1e-9)


def test_a_parameter_off_its_bound_is_no_agreement(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It has no standard error to measure by, but it has a cost."""
    once = baselines._once

    def astray(prepared, method):
        solution, seconds = once(prepared, method)
        theta = solution.theta + np.array([0.0, 0.0, 0.0, 0.5])
        cost = prepared.objective.cost(theta)
        return solution._replace(theta=theta, cost=cost), seconds

    model = MODEL.where(c=pf.bounds(1.1, None))
    start = {**START, "c": 1.2}
    expected = compare(model, X, peak(), sigma=0.05, start=start, methods=["lm"])
    monkeypatch.setattr(baselines, "_once", astray)
    table = compare(
        *(model, X, peak()), sigma=0.05, start=start, methods=["lm", "scipy:trf"]
    )
    assert expected.agree
    assert table["scipy:trf"].agrees is False


def test_an_error_of_a_peer_is_a_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Linear algebra that fails on its way ends that method alone."""

    def fails(*args, **kwargs):
        raise np.linalg.LinAlgError("SVD did not converge in Linear Least Squares")

    monkeypatch.setattr(scipy_adapters.optimize, "curve_fit", fails)
    table = compare(
        *(MODEL, X, peak()),
        start=START,
        methods=["lm", "scipy:curve_fit"],
        gradients="differences",
    )
    row = table["scipy:curve_fit"]
    assert (row.status, row.agrees) == (Status.FAILED, False)
    assert row.values == START
    assert table["lm"].agrees is True


def test_exchanged_components_are_agreement(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same cost at other values is as good a minimum, and the table says so."""
    model = (pf.models.Gaussian("a_") + pf.models.Gaussian("b_")).where(
        a_sigma=pf.fixed(0.5), b_sigma=pf.tie("a_sigma")
    )
    truth = {"a_amplitude": 3.0, "a_center": -1.0, "b_amplitude": 5.0, "b_center": 1.0}
    noise = 0.02 * np.random.default_rng(4).standard_normal(X.size)
    y = np.asarray(model(X, **truth)) + noise
    once = baselines._once

    def exchanged(prepared, method):
        if method.name == "scipy:trf":
            prepared = prepared.begun_at(prepared.theta[[2, 3, 0, 1]])
        return once(prepared, method)

    monkeypatch.setattr(baselines, "_once", exchanged)
    table = compare(
        model,
        X,
        y,
        sigma=0.02,
        start=truth,
        methods=["lm", "scipy:trf"],
        gradients="exact",
    )
    assert table["scipy:trf"].distance > 100.0
    assert table["scipy:trf"].agrees
    assert table["scipy:trf"].note == "as good a fit at other values"


def test_bounds_that_matter_leave_out_methods_without() -> None:
    """Methods that cannot keep an active bound are listed with the reason."""
    model = MODEL.where(c=pf.bounds(1.1, None))
    table = compare(
        model,
        X,
        peak(),
        sigma=0.05,
        start={**START, "c": 1.2},
        methods=["lm", "scipy:bfgs", "scipy:trf"],
        gradients="exact",
    )
    left_out = table["scipy:bfgs"]
    assert left_out.status is None
    assert "cannot keep the bounds" in left_out.note
    assert table["scipy:trf"].agrees
    assert table.values["c"] == pytest.approx(1.1, rel=1e-9)
    assert math.isnan(table.stderr["c"])
    assert "cannot keep the bounds" in table.report()


def test_a_method_that_leaves_the_bounds_is_not_judged(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """It solved another problem: said, and neither agreement nor disagreement."""
    once = baselines._once

    def mirrored(prepared, method):
        solution, seconds = once(prepared, method)
        if method.name == "scipy:bfgs":
            theta = solution.theta * np.array([-1.0, 1.0, -1.0, 1.0])
            solution = solution._replace(theta=theta)
        return solution, seconds

    monkeypatch.setattr(baselines, "_once", mirrored)
    table = compare(
        MODEL, X, peak(), sigma=0.05, start=START, methods=["lm", "scipy:bfgs"]
    )
    assert table["scipy:bfgs"].agrees is None
    assert table["scipy:bfgs"].note == "left the bounds, which it cannot keep"
    assert table.values["sigma"] > 0.0


@pytest.mark.parametrize("loss", ["poisson", "huber", "soft_l1", "cauchy"])
def test_other_losses(loss: str) -> None:
    """Methods that have the loss agree on it; the others are not in the table."""
    y = np.random.default_rng(2).poisson(20.0 * peak(0.0)).astype(float)
    start = {**START, "amplitude": 160.0, "c": 14.0}
    sigma = None if loss == "poisson" else np.sqrt(y + 1.0)
    table = compare(
        MODEL, X, y, sigma=sigma, start=start, loss=loss, gradients="exact", repeats=1
    )
    methods = [row.method for row in table.rows]
    assert table.agree
    assert ("scipy:lm" in methods) == (loss == "poisson")
    assert not any("curve_fit" in method for method in methods)


def test_data_met_exactly_have_a_unit() -> None:
    """Without noise the errors are zero; a share of the data takes their place."""
    table = compare(MODEL, X, peak(0.0), start=START, gradients="exact", repeats=1)
    assert all(stderr > 0.0 for stderr in table.stderr.values())
    assert table["scipy:trf"].agrees


def test_record_is_json(table: Comparison) -> None:
    """Everything in the record is plain, numbers that are not finite are null."""
    record = json.loads(json.dumps(table.to_dict(), allow_nan=False))
    assert record["agree"] is True
    assert record["rows"][0]["method"] == "lm"
    assert record["rows"][0]["status"]["sentence"].startswith("converged")
    assert record["reference"]["values"].keys() == START.keys()


def test_report_has_a_line_for_each_run(table: Comparison) -> None:
    """The text names the model, each method, and ends with the verdict."""
    lines = table.report().splitlines()
    assert lines[0] == "gaussian + constant, chi2, 150 samples"
    assert lines[-1] == table.verdict
    assert sum(line.startswith("scipy:") for line in lines) == len(table.rows) - 1
    assert not any(line.endswith(" ") for line in lines)


def test_html_escapes_and_lists(table: Comparison) -> None:
    """One row of HTML for each run and parameter of the reference, below titles."""
    n_rows = len(table.rows) + 1 + len(table.values) + 1
    assert table._repr_html_().count("<tr>") == n_rows


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"methods": ["scipy:trff"]}, "did you mean 'scipy:trf'"),
        ({"methods": "lm"}, "`methods` must be a list of names, .* but is 'lm'"),
        ({"methods": []}, "`methods` must be a list of names"),
        ({"gradients": "ours", "methods": ["scipy:trf"]}, "`gradients` must be"),
        ({"gradients": ["exact"]}, "`gradients` must be"),
        ({"repeats": 0}, "`repeats` must be a whole number"),
        ({"threads": 0, "methods": ["lm"]}, "`threads` must be"),
        ({"memory": 10**30, "methods": ["lm"]}, "`memory` must be"),
        ({"loss": "huber", "methods": ["scipy:lm"]}, "not have the loss"),
    ],
    ids=[
        *("method", "text", "none", "gradients", "list", "repeats", "threads"),
        *("memory", "loss"),
    ],
)
def test_bad_options_are_refused(options: dict, sentence: str) -> None:
    """With a sentence each."""
    with pytest.raises(InputError, match=sentence):
        compare(MODEL, X, peak(), start=START, **options)


def test_methods_may_be_any_collection() -> None:
    """Also one that has no places, such as the keys of a mapping."""
    prices = {"lm": 1.0, "scipy:trf": 2.0}
    table = compare(MODEL, X, peak(), start=START, methods=prices, gradients="exact")
    assert [row.method for row in table.rows] == ["lm", "scipy:trf"]


def test_nothing_finite_is_an_error() -> None:
    """When no method has a finite cost there is nothing to compare with."""
    model = pf.models.Constant().where(c=pf.param(start=1e300))
    with pytest.raises(ConvergenceError, match="no method finds a finite cost"):
        compare(model, X, np.ones(150), methods=["scipy:bfgs"])
