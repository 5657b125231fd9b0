"""Which method is which, what it takes, and the runner that a plan goes to."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError
from physfit.fitting.columns import Columns, observed
from physfit.fitting.fit_plan import FitPlan, plan_of, plan_of_rows
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.methods import method_of, refuse_idle
from physfit.fitting.runners import is_by_passes, run

MODEL = pf.models.Gaussian()
X = np.linspace(0.0, 10.0, 200)
Y = np.exp(-0.5 * (X - 4.0) ** 2)
Y = Y + 0.05 * np.random.default_rng(1).normal(size=X.size)
NAMES = ("lm", "gauss_newton", "adam", "scipy:trf", "scipy:bfgs")


def plan_by(name: str, in_windows: bool = False, loss: str = "chi2") -> FitPlan:
    """Plan of one curve."""
    settings = FitSettings.of({"epochs": 400}, loss=loss)
    model, data = observed(MODEL, Columns(X, Y))
    make = plan_of_rows if in_windows else plan_of
    plan = make(model, data, settings)
    return plan._replace(method=method_of(name, settings, X.size))


@pytest.mark.parametrize(
    ("name", "in_windows", "passes"),
    [
        ("lm", False, False),
        ("lm", True, True),
        ("gauss_newton", False, True),
        ("adam", True, False),
        ("scipy:trf", False, False),
    ],
)
def test_who_passes_over_all_rows_at_each_step(name, in_windows, passes):
    """Our own methods over rows in windows, and "gauss_newton" over all."""
    assert is_by_passes(plan_by(name, in_windows)) is passes


@pytest.mark.parametrize("loss", ["chi2", "huber"])
@pytest.mark.parametrize("name", NAMES)
def test_every_method_ends_in_one_minimum(name, loss):
    """Within the part of a standard error that each of them claims."""
    in_windows = name in ("gauss_newton", "adam")
    found = run(plan_by(name, in_windows, loss))
    best = run(plan_by("lm", loss=loss))
    spread = pf.fit(MODEL, X, Y, loss=loss)
    stderr = np.sqrt(np.diagonal(spread.covariance))
    away = np.abs(found.solution.theta - best.solution.theta) / stderr
    assert away.max() < (0.3 if name == "adam" else 0.01)
    assert (found.scale is None) is (loss == "chi2")
    assert (found.assessment is None) is not in_windows


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("trf", "`method` is 'trf', which is unknown; did you mean 'scipy:trf'"),
        ("newton", "`method` is 'newton', which is unknown"),
        (["lm"], "which is unknown"),
    ],
)
def test_unknown_methods_are_refused(name, said):
    """With the name that is meant, where one is near."""
    with pytest.raises(InputError, match=said):
        method_of(name, FitSettings(), 10)


def test_settings_that_nothing_reads_are_refused():
    """Not those that say no more than leaving them out does, or are allowed."""
    refuse_idle(FitSettings.of({"averaged": True, "threads": 2}), "none")
    refuse_idle(FitSettings.of({"seed": 3}), "none", "seed")
    with pytest.raises(InputError, match="`seed` is for methods on minibatches"):
        refuse_idle(FitSettings.of({"seed": 3}), "`method` is 'lm'")


@pytest.mark.parametrize("seed", [0, 3])
def test_a_compared_run_is_the_run_of_a_fit(seed):
    """Also from a random start, which may say nothing of the scales."""
    data = {"sigma": 0.05, "start": "random", "seed": seed, "epochs": 40}
    compared = pf.compare(MODEL, X, Y, methods=["adam"], **data)["adam"]
    fitted = pf.fit(MODEL, X, Y, method="adam", **data)
    assert compared.cost == fitted.solution.cost
