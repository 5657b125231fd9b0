"""Sweeps: every combination is a fit of its own, judged by the exact answer."""

from __future__ import annotations

import json

import numpy as np
import pytest

from physfit.errors import InputError
from physfit.fitting import fit
from physfit.fitting.exploration.sweeps import Sweep, sweep
from physfit.models import Linear

X = np.linspace(0.0, 3.0, 60)
Y = 2.0 * X - 1.0 + np.random.default_rng(1).normal(0.0, 0.1, X.size)
START = {"slope": 0.0, "intercept": 0.0}


def table(**arguments: object) -> Sweep:
    """Sweep of a straight line by minibatches of 10."""
    given = {"sigma": 0.1, "start": START, "batch_size": 10, "epochs": 40}
    return sweep(Linear(), X, Y, **{**given, **arguments})


def test_every_combination_is_run_in_order():
    """The last setting changes fastest."""
    found = table(vary={"learning_rate": [0.01, 0.1], "beta1": [0.0, 0.5, 0.9]})
    settings = [tuple(own.settings.values()) for own in found.runs]
    assert settings == [(r, b) for r in (0.01, 0.1) for b in (0.0, 0.5, 0.9)]


def test_a_run_is_the_fit_with_these_settings():
    """Distance and loss are those of `fit` with the same arguments."""
    found = table(
        vary={"batch_size": [6, 20]}, learning_rate=0.02, method="adam:beta1=0.8"
    )
    same = fit(
        *(Linear(), X, Y),
        sigma=0.1,
        start=START,
        method="adam:beta1=0.8",
        learning_rate=0.02,
        batch_size=20,
        epochs=40,
        averaged=False,
        tolerance=0.0,
        seed=0,
    )
    exact = fit(Linear(), X, Y, sigma=0.1)
    apart = (same.solution.theta - exact.solution.theta) / np.sqrt(
        np.diagonal(exact.covariance)
    )
    assert found.runs[1].distance == pytest.approx(np.abs(apart).max(), rel=1e-6)
    assert found.runs[1].loss == pytest.approx(same.solution.cost / X.size)
    assert found.runs[1].n_steps == 40 * 3


def test_excess_is_the_distance_squared_in_the_metric_of_the_errors():
    """Of a linear model: the chi2 above the minimum is d^T C^-1 d."""
    found = table(vary={"learning_rate": [0.01]}, epochs=10)
    exact = fit(Linear(), X, Y, sigma=0.1)
    excess = 2.0 * (found.runs[0].loss * X.size - exact.solution.cost)
    assert found.runs[0].excess_chi2 == pytest.approx(excess, rel=1e-6)
    assert found.runs[0].excess_chi2 <= 2.0 * found.runs[0].distance ** 2 * 2.0


def test_a_mad_rate_diverges_and_says_so():
    """The others stand; the best is among them."""
    found = table(vary={"learning_rate": [0.05, 100.0]}, method="sgd")
    assert [own.diverged for own in found.runs] == [False, True]
    assert found.best.settings == {"learning_rate": 0.05}
    assert "diverged" in found.report()


def test_k_is_the_decay_of_the_schedule():
    """Rate * exp(-k step): the same as the schedule written out."""
    by_k = table(vary={"k": [0.01, 0.1]}, learning_rate=0.05, method="sgd")
    texts = ["exponential:0.05,k=0.01", "exponential:0.05,k=0.1"]
    written = table(vary={"learning_rate": texts}, method="sgd")
    assert [own.distance for own in by_k.runs] == [own.distance for own in written.runs]


@pytest.mark.parametrize("name", ["weight_decay", "learning_rate", "batch_size"])
def test_a_setting_that_is_none_is_left_out(name):
    """Among values that are varied None means the fit without the setting."""
    without = table(vary={name: [None]}, batch_size=None)
    assert (
        without.runs[0].loss == table(vary={"seed": [0]}, batch_size=None).runs[0].loss
    )


@pytest.mark.parametrize(
    ("vary", "words"),
    [
        ({}, "`vary` must map names of settings to their values"),
        (
            {"learning_rate": []},
            "`vary` must give `learning_rate` a list of different values",
        ),
        ({"learning_rate": [0.1, 0.1]}, "a list of different values"),
        ({"sampler": "blocks"}, "a list of different values, but gives 'blocks'"),
        ({"batch_size": 16}, "a list of different values, but gives 16"),
        ({"beta3": [0.1]}, "`vary` has no setting 'beta3'.*beta1"),
        ({"batchsize": [16]}, "no setting 'batchsize'; did you mean 'batch_size'"),
        ({"learning_rate": ["cosine:0.1,steps=9"], "k": [0.1]}, "or leave `k` out"),
    ],
    ids=["nothing", "empty", "twice", "text", "one", "misspelt", "of the fit", "both"],
)
def test_unusable_settings_are_refused_before_any_fit(vary, words):
    """One sentence with the name, what is allowed and what came."""
    with pytest.raises(InputError, match=words):
        table(vary=vary)


def test_progress_counts_runs():
    """One after the other, up to all."""
    seen: list[tuple[int, int]] = []
    table(
        vary={"learning_rate": [0.01, 0.1]},
        progress=lambda done, n: seen.append((done, n)),
    )
    assert seen == [(1, 2), (2, 2)]


def test_record_is_json():
    """Statuses in words, numbers that are not finite as null."""
    found = table(vary={"learning_rate": [0.05, 1e6]}, method="sgd")
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["vary"] == {"learning_rate": [0.05, 1e6]}
    assert record["runs"][1]["status"]["sentence"].startswith("not converged")


def test_figure_of_one_setting_is_a_line():
    """Distances against values; what diverged is marked."""
    found = table(vary={"learning_rate": [0.01, 0.1, 100.0]}, method="sgd")
    (ax,) = found.plot().axes
    line, crosses = ax.get_lines()
    np.testing.assert_array_equal(line.get_xdata(), [0.01, 0.1, 100.0])
    assert line.get_ydata()[0] == found.runs[0].distance
    assert crosses.get_xdata().tolist() == [100.0]
    assert ax.get_xscale() == "log"


def test_figure_of_words_names_them():
    """Samplers stand as ticks."""
    found = table(vary={"sampler": ["blocks", "with_replacement"]})
    (ax,) = found.plot().axes
    labels = [own.get_text() for own in ax.get_xticklabels()]
    assert labels == ["blocks", "with_replacement"]


def test_figure_of_two_settings_is_a_map():
    """Rows are the first setting; the cells hold the distances."""
    found = table(vary={"learning_rate": [0.01, 0.1], "beta1": [0.0, 0.5, 0.9]})
    ax, _ = found.plot().axes
    (image,) = ax.get_images()
    distances = np.array([own.distance for own in found.runs]).reshape(2, 3)
    np.testing.assert_array_equal(image.get_array(), distances)
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("learning_rate", "beta1")


def test_a_figure_of_three_settings_is_refused():
    """The table has no such limit."""
    vary = {"learning_rate": [0.01], "beta1": [0.5], "beta2": [0.9]}
    found = table(vary=vary)
    with pytest.raises(
        InputError, match=r"one or two settings.*learning_rate, beta1, beta2"
    ):
        found.plot()


def test_functions_of_the_step_are_not_varied():
    """They have no text for the table; one of them may be the rate of all runs."""
    with pytest.raises(InputError, match="`vary` takes numbers and texts"):
        table(vary={"learning_rate": [lambda t: 0.1]})
    with pytest.raises(InputError, match="`k` makes the learning rate fall"):
        table(vary={"k": [0.1]}, learning_rate=lambda t: 0.1)
