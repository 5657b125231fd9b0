"""What else a caller may bring: guesses, partials, vectors, values in their places."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError, ModelError
from physfit.kernels.elementary import exp
from physfit.kernels.kernel import scalar

X = np.linspace(0.0, 5.0, 60)


def decay(x, a, tau):
    return a * np.exp(-x / tau)


def first_and_slope(x, y):
    return {"a": float(y[0]), "tau": 2.0}


@scalar
def by_hand(x, a, tau):
    shape = exp(-x / tau)
    value = a * shape
    return value, shape, value * x / (tau * tau)


@scalar
def by_hand_wrong(x, a, tau):
    shape = exp(-x / tau)
    value = a * shape
    return value, shape, value * x / tau


Y = decay(X, 3.0, 1.5) + 0.01 * np.random.default_rng(4).standard_normal(X.size)


@pytest.mark.parametrize(
    "guess",
    [
        {"a": 2.5, "tau": 1.0},
        first_and_slope,
        lambda x, y: [y[0], 1.0],
        lambda x, y: {"a": y[0]},
    ],
    ids=["numbers", "by name", "in order", "a part"],
)
def test_a_guess_of_the_caller_is_where_a_fit_begins(guess):
    """What it leaves out is guessed from the data."""
    model = pf.model(decay, guess=guess)
    result = pf.fit(model, X, Y)
    assert result["tau"].value == pytest.approx(1.5, abs=0.05)
    begin = dict(zip(result.free_names, result.start.tolist(), strict=True))
    assert begin["a"] == (2.5 if isinstance(guess, dict) else Y[0])
    many = pf.fit_many(model, X, np.stack([Y, 2.0 * Y, np.where(X < 1, np.nan, Y)]))
    np.testing.assert_allclose(many["tau"].value, 1.5, atol=0.05)
    assert set(model.guess(X, Y)) == {"a", "tau"}


def test_a_guess_is_given_what_the_function_gets():
    """In a composite the names have a prefix, in bounds starts lie inside."""
    model = pf.model(decay, guess=first_and_slope, prefix="d_", bounds={"a": (0, 2.0)})
    start = (model + pf.models.Constant()).guess(X, Y)
    assert start["d_a"] == 2.0
    assert start["d_tau"] == 2.0
    kept = pickle.loads(pickle.dumps(model))
    assert kept.guess(X, Y) == model.guess(X, Y)
    nameless = pf.model(decay, guess=lambda x, y: [1.0, 1.0])
    assert pickle.loads(pickle.dumps(nameless)).names == ("a", "tau")


@pytest.mark.parametrize(
    ("guess", "sentence"),
    [
        (lambda x, y: {"taus": 1.0}, "which is no parameter; did you mean 'tau'"),
        (lambda x, y: [1.0], "must give a dict of start values, or one for each"),
        (lambda x, y: {"a": "big"}, "`guess` must give numbers"),
    ],
)
def test_a_guess_of_something_else_is_told(guess, sentence):
    """With what it gave."""
    with pytest.raises(InputError, match=sentence):
        pf.fit(pf.model(decay, guess=guess), X, Y)


def test_what_is_no_guess_is_refused():
    """When the model is made."""
    with pytest.raises(ModelError, match="`guess` must be a dict of start values"):
        pf.model(decay, guess=3.0)


def test_partials_written_by_hand_are_taken_and_compared():
    """A partial that is none is named."""
    result = pf.fit(by_hand, X, Y, start={"a": 2.0, "tau": 1.0})
    traced = pf.fit(decay, X, Y, start={"a": 2.0, "tau": 1.0})
    np.testing.assert_allclose(result.solution.theta, traced.solution.theta, rtol=1e-9)
    assert (pf.model(by_hand) + pf.models.Constant()).names == ("a", "tau", "c")
    with pytest.raises(ModelError, match="partial of `by_hand_wrong` by `tau` is not"):
        pf.model(by_hand_wrong)


def unpacked(x, p):
    a, tau = p
    return a * np.exp(-x / tau)


def picked(x, p):
    return p[0] * np.exp(-x / p[2]) + p[1]


@pytest.mark.parametrize(
    ("function", "names"),
    [(unpacked, ("a", "tau")), (picked, ("p0", "p1", "p2")), (decay, ("a", "tau"))],
)
def test_the_length_of_a_vector_is_found(function, names):
    """By what the function takes to pieces or asks for; one number stays one."""
    assert pf.model(function).names == names
    result = pf.fit(function, X, Y, start=dict(zip(names, (2, 0.5, 1), strict=False)))
    assert result[names[-1]].value == pytest.approx(1.5, abs=0.1)


def test_values_may_stand_in_their_places():
    """A decorated function is called as it was before."""
    model = pf.model(decay)
    np.testing.assert_allclose(model(X, 2.0, 3.0), decay(X, 2.0, 3.0), rtol=1e-14)
    np.testing.assert_allclose(model(X, 2.0, tau=3.0), decay(X, 2.0, 3.0), rtol=1e-14)
    with pytest.raises(InputError, match="`a` is given twice"):
        model(X, 2.0, a=3.0, tau=1.0)
    with pytest.raises(InputError, match="has 2 parameters, but 3 values"):
        model(X, 1.0, 2.0, 3.0)


def test_a_step_without_slope_is_told():
    """A fit cannot find where it is; the report says so, with the cure."""
    model = pf.model(lambda x, x0, a, b: np.where(x < x0, a, b))
    assert "no slope in `x0`" in model.notes[0]
    y = np.where(X < 2.0, 1.0, 3.0) + 0.1 * np.sin(40.0 * X)
    result = pf.fit(model, X, y, start={"x0": 2.5, "a": 0.5, "b": 2.0})
    assert "no slope in `x0`" in " ".join(result.report().split())
    assert result["x0"].stderr == np.inf


def test_random_numbers_are_refused():
    """Values that differ from call to call have no minimum to find."""

    def noisy(x, a):
        return a * x + np.random.default_rng().normal(size=x.size)

    with pytest.raises(ModelError, match="gives other values each time"):
        pf.fit(noisy, X, Y, start={"a": 1.0})


def test_start_values_name_the_elements_of_all_arguments():
    """Of `*p`, in every door that takes a start."""

    def line(x, first, *p):
        return first + p[0] * x + p[1] * x**2

    start = {"first": 1.0, "slope": 1.0, "bend": 0.1}
    y = 1.0 + 2.0 * X - 0.5 * X**2
    result = pf.fit(line, X, y, start=start)
    assert result.names == ("first", "slope", "bend")
    assert result["bend"].value == pytest.approx(-0.5)
    many = pf.fit_many(line, X, np.stack([y, y]), start=start)
    np.testing.assert_allclose(many["slope"].value, 2.0, rtol=1e-6)
    with pytest.raises(ModelError, match=r"takes its parameters as `\*p`"):
        pf.fit(line, X, y)


def test_functions_of_numpy_are_models():
    """Their further arguments keep their own defaults."""
    assert pf.fit(np.sin, X, np.sin(X)).chi2 == pytest.approx(0.0, abs=1e-20)
    assert pf.model(lambda x, a: np.sin(x) * a).names == ("a",)


SCALE = [2.0]


def called(x, a):
    return float(format(a, ".17g")) * x * SCALE[0]


def about_mean(x, a):
    return a * (x - x.mean()) * SCALE[0]


@pytest.mark.parametrize("function", [called, about_mean])
def test_what_has_changed_since_the_model_was_made_is_told(function, monkeypatch):
    """A result would show a curve that was not fitted; the model is made again."""
    monkeypatch.setitem(globals(), "SCALE", [2.0])
    model = pf.model(function)
    y = function(X, 3.0)
    result = pf.fit(model, X, y, start={"a": 1.0})
    np.testing.assert_allclose(result(X[:7]), function(X[:7], 3.0), rtol=1e-6)
    SCALE[0] = 4.0
    with pytest.raises(ModelError, match="gives other values than when its model was"):
        result(X[:9])
    again = pf.fit(function, X, y, start={"a": 1.0})
    assert again["a"].value == pytest.approx(1.5)


def test_a_function_that_counts_its_calls_has_not_changed():
    """What it keeps for itself does not make other values."""
    calls = []

    def counted(x, a):
        calls.append(1)
        return float(format(a, ".17g")) * x

    result = pf.fit(pf.model(counted), X, 2.0 * X, start={"a": 1.0})
    np.testing.assert_allclose(result(X[:5]), 2.0 * X[:5], rtol=1e-9)
    assert calls


def test_a_look_for_other_minima_takes_no_longer_than_some_fits():
    """Of a function that Python is called for; residuals that are no noise ask for one.

    A search for start values and a fit from there would call it 500 times as often as
    the fit. How often it is called does not depend on how long it takes.
    """
    calls = []

    def counted(x, a, tau):
        calls.append(1)
        return float(format(a, ".17g")) * np.exp(-x / float(format(tau, ".17g")))

    start = {"a": 1.5, "tau": 1.0}
    noise = 0.02 * np.random.default_rng(1).standard_normal(X.size)
    model, counts = pf.model(counted), []
    other = 0.02 * np.sin(9.0 * X)
    for residuals in (noise, noise, other, other):
        calls.clear()
        data = counted(X, 2.0, 1.5) + residuals
        assert pf.fit(model, X, data, start=start).converged
        counts.append(len(calls))
    # twice the fit for the search, and for the fit from where it ends
    assert counts[1] < counts[2] < 15 * counts[1]
    assert counts[3] == counts[2]


def test_a_fit_inside_of_a_function_has_limits_of_its_own():
    """Those of the fit around it end between two calls, not within one."""

    def factor(x, k):
        return float(format(k, ".17g")) * x

    inner, statuses = pf.model(factor), []

    def outer(x, a, tau):
        found = pf.fit(inner, x[:5], a * x[:5], start={"k": 1.0})
        statuses.append(found.status)
        return found["k"].value * np.exp(-x / float(format(tau, ".17g")))

    data = outer(X, 2.0, 1.5) + 0.02 * np.sin(9.0 * X)
    start = {"a": 1.5, "tau": 1.0}
    result = pf.fit(pf.model(outer), X, data, start=start)
    assert result.converged
    assert all(status.converged for status in statuses)


def test_a_function_that_reads_the_data_is_told():
    """Its difference from them, fitted to them, has twice the amplitude."""
    y = 2.0 * X + 0.01 * np.cos(7.0 * X)
    result = pf.fit(lambda x, a: a * x - y, X, y, start={"a": 1.0})
    assert result["a"].value == pytest.approx(4.0, rel=1e-2)
    assert "reads the data that it is fitted to" in " ".join(result.report().split())
    other = pf.fit(lambda x, a: a * x - 0.0 * y[0], X, y, start={"a": 1.0})
    assert "reads the data" in " ".join(other.report().split())
    table = np.cos(X)
    fine = pf.fit(lambda x, a: a * x + table, X, y, start={"a": 1.0})
    assert "reads the data" not in " ".join(fine.report().split())
