"""`compare` with methods on minibatches: the same loop, start, verdict and record."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

import physfit as pf
from physfit.comparison import baselines
from physfit.comparison.judging import NEAR, TOLERANCE
from physfit.comparison.table import Comparison, compare
from physfit.errors import InputError
from physfit.models import Gaussian, Linear
from physfit.optim.registry import optimizer
from physfit.solve.base import Status

X = np.linspace(-5.0, 5.0, 2000)
MODEL = Gaussian() + pf.models.Constant()
START = {"amplitude": 8.0, "center": 0.1, "sigma": 1.0, "c": 0.7}
METHODS = ["adam", "momentum:beta=0.8", "lm", "gauss_newton", "scipy:l-bfgs-b"]
# With a tolerance of 0.1 a run stops between 0.01 and 0.1 standard errors away.
ROUGHLY = {"batch_size": 256, "seed": 3}


def peak() -> np.ndarray:
    """Noisy peak."""
    noise = np.random.default_rng(21).standard_normal(X.size)
    curve = MODEL(X, amplitude=10.0, center=0.3, sigma=0.8, c=1.0)
    return np.asarray(curve) + 0.05 * noise


@pytest.fixture(scope="module")
def table() -> Comparison:
    """First-order methods between those over all rows."""
    return compare(
        *(MODEL, X, peak()),
        sigma=0.05,
        start=START,
        methods=METHODS,
        gradients="exact",
        repeats=1,
        **ROUGHLY,
    )


def test_rows_stand_in_the_order_asked_for(table: Comparison) -> None:
    """One row for each method, with our derivatives, and its batch if it has one."""
    assert [row.method for row in table.rows] == METHODS
    assert {row.gradients for row in table.rows} == {"exact"}
    assert [row.batch_size for row in table.rows] == [256, 256, None, None, None]


def test_first_order_methods_run_the_loop_of_fit(table: Comparison) -> None:
    """The answer is that of `pf.fit` with the same settings, bit by bit."""
    result = pf.fit(MODEL, X, peak(), sigma=0.05, start=START, method="adam", **ROUGHLY)
    assert list(table["adam"].values.values()) == list(result.solution.theta)
    assert table["adam"].n_evals == result.solution.n_evals


def test_settled_methods_are_held_to_what_they_claim(table: Comparison) -> None:
    """Within 0.3 standard errors they agree, though no exact method may be so far."""
    row = table["adam"]
    assert row.status is Status.SETTLED
    assert TOLERANCE < row.distance <= NEAR
    assert row.agrees is True
    assert table.agree
    assert "within 0.01 standard errors, on minibatches" in table.verdict
    assert "(adam, momentum:beta=0.8) within 0.3" in table.verdict


def test_settled_methods_that_are_elsewhere_disagree(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A claim of 0.3 standard errors is broken at 0.4."""
    once = baselines._once

    def astray(case, method):
        solution, seconds = once(case, method)
        if method.name == "adam":
            sigma = np.sqrt(solution.covariance[1, 1])
            theta = solution.theta + np.array([0.0, 0.4 * sigma, 0.0, 0.0])
            cost = case.objective.cost(theta)
            solution = solution._replace(theta=theta, cost=cost, status=Status.SETTLED)
        return solution, seconds

    monkeypatch.setattr(baselines, "_once", astray)
    found = compare(
        *(MODEL, X, peak()), sigma=0.05, start=START, methods=["lm", "adam"], repeats=1
    )
    assert found["adam"].agrees is False
    assert "methods disagree: adam (exact) ended elsewhere" in found.verdict


def test_epochs_that_end_too_early_are_no_agreement() -> None:
    """It says not converged, and the verdict how far it is."""
    found = compare(
        *(MODEL, X, peak()),
        sigma=0.05,
        start=START,
        methods=["lm", "sgd"],
        epochs=2,
        batch_size=500,
        repeats=1,
    )
    row = found["sgd"]
    assert row.status is Status.EPOCHS_DONE
    assert row.distance > NEAR
    assert (row.agrees, found["lm"].agrees, found.agree) == (False, True, False)
    away = f"{row.distance:.2g} standard errors away"
    assert found.verdict == f"methods disagree: sgd (exact) did not converge, {away}"


def test_all_methods_start_at_the_same_place(table: Comparison) -> None:
    """The path of every method begins at the start values, at the same distance."""
    for row in table.rows:
        assert row.history is not None and row.path is not None
        np.testing.assert_array_equal(row.history.theta[0], list(START.values()))
        assert row.path.distance[0] == pytest.approx(table["lm"].path.distance[0])
        # The sums of a pass and of a fit in memory differ by rounding.
        assert row.path.excess[0] == pytest.approx(table["lm"].path.excess[0], 1e-9)


def test_paths_end_at_the_answer(table: Comparison) -> None:
    """The last point has the cost and distance of the table's line."""
    for row in table.rows:
        path = row.path
        assert path is not None
        assert path.distance[-1] == row.distance
        assert path.excess[-1] == row.cost - table.cost
        assert all((np.diff(own) >= 0.0).all() for own in path[:2])
        assert len({len(own) for own in path}) == 1


def test_passes_are_rows_seen_over_all_rows(table: Comparison) -> None:
    """A minibatch of 256 of 2000 rows is 0.128 of a pass; lm counts evaluations."""
    assert table["adam"].path.passes[0] == 0.128
    # The last pass of adam only judges the answer.
    assert table["adam"].path.passes[-1] == pytest.approx(
        table["adam"].n_evals - 1, abs=1.0
    )
    assert table["lm"].path.passes[0] == 1.0
    assert table["lm"].path.passes[-1] == table["lm"].n_evals


def test_methods_over_all_rows_go_downhill(table: Comparison) -> None:
    """Their history keeps the best cost so far."""
    for method in METHODS[2:]:
        excess = table[method].path.excess
        assert all(b <= a for a, b in pairwise(excess[:-1]))


def test_random_starts_are_drawn_once_for_all() -> None:
    """The same seed gives the same start, another seed another one."""
    model = Linear().where(slope=pf.bounds(-9, 9), intercept=pf.bounds(-9, 9))

    def start(seed: int) -> list[float]:
        found = compare(
            *(model, X[:200], 2.0 * X[:200] + peak()[:200]),
            methods=["lm", "adam"],
            start="random",
            seed=seed,
            repeats=1,
        )
        first = [row.history.theta[0].tolist() for row in found.rows]
        assert first[0] == first[1]
        return first[0]

    assert start(1) == start(1) != start(2)


def test_a_chain_of_ones_own_is_a_method() -> None:
    """An Optimizer stands in the list beside names; its text is the row's name."""
    own = optimizer("adam:beta1=0.8")
    found = compare(
        *(Linear(), X[:100], X[:100] + peak()[:100]), methods=["lm", own], repeats=1
    )
    assert found[str(own)].batch_size == 100


def test_settings_differ_by_method() -> None:
    """Two runs of one optimiser with settings of their own are two rows."""
    methods = ["adam:beta1=0.5", "adam:beta1=0.95,beta2=0.99"]
    found = compare(*(MODEL, X, peak()), start=START, methods=methods, repeats=1)
    assert [row.method for row in found.rows] == methods
    assert found.rows[0].values != found.rows[1].values


def test_the_record_holds_paths_and_batches(table: Comparison) -> None:
    """Everything that the figure shows is in the JSON; the raw history is not."""
    record = json.loads(json.dumps(table.to_dict(), allow_nan=False))
    row = record["rows"][0]
    assert row["batch_size"] == 256
    assert row["path"].keys() == {"passes", "seconds", "excess", "distance"}
    assert row["path"]["distance"] == table.rows[0].path.distance.tolist()
    assert "history" not in row
    assert record["reference"]["referee"].startswith("scipy")


def test_text_and_html_have_a_column_of_batches(table: Comparison) -> None:
    """Only where there are some."""
    assert "gradients  batch  cost" in table.report()
    assert ">batch</th>" in table._repr_html_()
    plain = compare(Linear(), X[:9], X[:9] ** 2, methods=["lm"], repeats=1)
    assert "batch" not in plain.report()
    assert ">batch</th>" not in plain._repr_html_()


def test_runs_that_diverge_are_rows_like_any_other() -> None:
    """No agreement, with a path as far as it went, in the record and in the figure."""
    found = compare(
        *(MODEL, X, peak()),
        sigma=0.05,
        start=START,
        methods=["lm", "adam"],
        learning_rate=1e6,
        repeats=1,
    )
    row = found["adam"]
    assert row.status is Status.DIVERGED
    assert row.agrees is False
    assert not found.agree
    assert found.values["center"] == pytest.approx(0.3, abs=0.01)
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["rows"][1]["path"]["excess"][-1] is None
    assert len(found.plot().axes[0].lines) == 2


def test_nothing_free_is_compared_too() -> None:
    """Every method is at the only place there is."""
    model = Linear().where(slope=pf.fixed(2.0), intercept=pf.fixed(0.0))
    found = compare(*(model, X[:9], X[:9]), methods=["lm", "scipy:trf"], repeats=1)
    assert found.agree
    assert {row.distance for row in found.rows} == {0.0}
    assert len(found.plot().axes) == 3


def test_data_too_large_for_scipy_have_our_own_referee(
    table: Comparison, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reference is the same minimum, and the report says who found it."""
    monkeypatch.setattr(baselines, "MOST_PARTIALS", 4 * X.size - 1)
    found = compare(
        *(MODEL, X, peak()), sigma=0.05, start=START, methods=["lm"], repeats=1
    )
    assert "reference: lm over all rows, ftol 1e-17" in found.report()
    away = [abs(found.values[k] - table.values[k]) / table.stderr[k] for k in START]
    # sqrt(eps) of the cost is what either can resolve.
    assert max(away) < 1e-5
    assert found.stderr == pytest.approx(table.stderr, rel=1e-6)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"methods": ["adm"]}, "`methods` names 'adm', which is unknown; .*'adam'"),
        ({"methods": ["adam:beta9=1"]}, "`adam` has no setting 'beta9'"),
        ({"methods": ["adam"], "batch_size": 3000}, "`batch_size` is 3000, but the"),
        ({"methods": ["adam"], "epochs": 0}, "`epochs` must be a whole number"),
        ({"methods": ["adam"], "learning_rate": "cosin:1"}, "cosine"),
        ({"methods": ["lm"], "epochs": 3}, "`epochs` is for methods on minibatches"),
        (
            {"methods": ["lm"], "start": "guess"},
            "must be 'random' or .* but is 'guess'",
        ),
        ({"methods": ["lm"], "start": "random", "seed": -1}, "`seed` must be"),
    ],
    ids=["name", "setting", "batch", "epochs", "schedule", "idle", "start", "seed"],
)
def test_bad_settings_are_refused_before_any_run(
    options: dict, sentence: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With a sentence each."""
    monkeypatch.setattr(baselines, "_once", None)
    with pytest.raises(InputError, match=sentence):
        compare(MODEL, X, peak(), **{"start": START, **options})
