"""Functions that take coordinates in other forms, or ask for what all samples tell."""

from __future__ import annotations

import copy
import pickle
import sys
import types

import numpy as np
import pytest

import physfit as pf
from physfit.errors import ModelError, ShapeError

RNG = np.random.default_rng(3)
U, V = np.meshgrid(np.linspace(-2.0, 2.0, 9), np.linspace(-1.0, 3.0, 8))
X = np.linspace(1.0, 5.0, 40)


def spot(uv, height, middle):
    u, v = uv
    return (height * np.exp(-((u - middle) ** 2) - v**2)).ravel()


def of_columns(features, a, b):
    return a * features[:, 0] + b * features[:, 1]


def separate(u, v, height, middle):
    return height * np.exp(-((u - middle) ** 2) - v**2)


def stacked(x, a, b):
    return np.hstack((a * x, b / x))


def centred(x, a, b):
    return a * (x - x.mean()) + b


def whole(x, tau, a):
    return np.convolve(a * np.exp(-x / tau), [0.5, 0.3, 0.2])[: len(x)]


def numbers(x, a, b):
    return float(format(a, ".17g")) * x + float(format(b, ".17g"))


FORMS = {
    "a tuple of arrays": (spot, (U, V), {"height": 3.0, "middle": 0.5}, {}),
    "rows": (spot, np.array([U.ravel(), V.ravel()]), {"height": 3, "middle": 0.5}, {}),
    "columns": (of_columns, RNG.normal(size=(50, 2)), {"a": 2.0, "b": -1.0}, {}),
    "separate": (separate, (U, V), {"height": 3, "middle": 0.5}, {"x": (0, 1)}),
    "more values than samples": (stacked, X, {"a": 2.0, "b": 3.0}, {}),
    "the mean of x": (centred, X, {"a": 2.0, "b": 3.0}, {}),
    "a convolution": (whole, X, {"tau": 2.0, "a": 3.0}, {}),
    "numbers alone": (numbers, X, {"a": 2.0, "b": 3.0}, {}),
}


@pytest.mark.parametrize("name", FORMS)
def test_every_form_is_fitted(name):
    """The parameters that made the data come back; the curve is the function's."""
    function, x, truth, how = FORMS[name]
    arguments = x if "x" in how else (x,)
    y = np.asarray(function(*arguments, **truth))
    model = pf.model(function, **how)
    np.testing.assert_allclose(model(x, **truth), np.ravel(y), rtol=1e-12, atol=1e-14)
    start = {name: 1.2 * value for name, value in truth.items()}
    result = pf.fit(model if how else function, x, y, start=start)
    np.testing.assert_allclose(
        [result[name].value for name in truth], list(truth.values()), rtol=1e-6
    )


def test_functions_that_take_coordinates_in_two_ways_are_joined():
    """One takes them as arguments, the other as a tuple; the data as a tuple."""
    model = pf.model(separate, x=("u", "v")) + pf.model(spot, prefix="b_")
    truth = {"height": 3.0, "middle": 0.5, "b_height": 1.0, "b_middle": -1.0}
    y = separate(U, V, 3.0, 0.5) + spot((U, V), 1.0, -1.0).reshape(U.shape)
    start = {name: 1.1 * value for name, value in truth.items()}
    result = pf.fit(model, (U, V), y, start=start)
    np.testing.assert_allclose(
        [result[name].value for name in truth], list(truth.values()), rtol=1e-6
    )


def test_a_function_of_one_grid_is_made_anew_on_another():
    """A curve at other samples has their mean, not that of the fit."""
    result = pf.fit(centred, X, centred(X, 2.0, 3.0), start={"a": 1.0, "b": 1.0})
    finer = np.linspace(0.0, 1.0, 7)
    np.testing.assert_allclose(result(finer), centred(finer, 2.0, 3.0), rtol=1e-6)


def test_samples_that_are_left_out_are_not_seen():
    """The mean is that of the samples that are fitted, as scipy's omission has it."""
    y = centred(X[5:], 2.0, 3.0)
    gaps = np.concatenate([np.full(5, np.nan), y])
    result = pf.fit(centred, X, gaps, start={"a": 1.0, "b": 1.0}, nan="omit")
    np.testing.assert_allclose(result["b"].value, 3.0, rtol=1e-9)
    with pytest.raises(ShapeError, match="returns 80 values for 40 samples"):
        values = stacked(X, 2.0, 3.0)
        values[3] = np.nan
        pf.fit(stacked, X, values, start={"a": 1.0, "b": 1.0}, nan="omit")


def test_a_compiled_function_that_is_none_of_the_original_is_called():
    """The first fit compares both at its start, and takes the function itself."""
    calls = []

    def changing(x, a):
        calls.append(1)
        return a * x if len(calls) < 40 else a * x + 1.0

    model = pf.model(changing)
    calls += [1] * 40
    result = pf.fit(model, X, 2.0 * X + 1.0, start={"a": 2.5})
    assert result["a"].value == pytest.approx(2.0, rel=1e-9)
    again = pf.fit(model, X, 2.0 * X + 1.0, start={"a": 2.5})
    assert again["a"].value == pytest.approx(2.0, rel=1e-9)


def test_exact_refuses_what_cannot_be_compiled():
    """With line and expression; as it is, the report says how derivatives are taken."""
    y = numbers(X, 2.0, 3.0)
    with pytest.raises(ModelError, match=r"^line \d+: "):
        pf.fit(pf.model(numbers, exact=True), X, y, start={"a": 1.0, "b": 1.0})
    result = pf.fit(numbers, X, y, start={"a": 1.0, "b": 1.0})
    assert "is called as Python" in result.report()


@pf.model
def decorated(x, a, b):
    return a * (x - x.mean()) + b


@pf.model
def python_only(x, a, b):
    return numbers(x, a, b)


@pytest.mark.parametrize("model", [decorated, python_only], ids=["traced", "called"])
def test_models_of_functions_with_a_name_are_pickled(model):
    """They are found by it, even where it is that of the model."""
    other = pickle.loads(pickle.dumps(model))
    np.testing.assert_allclose(other(X, a=2.0, b=3.0), model(X, a=2.0, b=3.0))
    result = pf.fit(model, X, model(X, a=2.0, b=3.0), start={"a": 1.0, "b": 1.0})
    kept = pickle.loads(pickle.dumps(result))
    np.testing.assert_allclose(kept(X), result(X))


def test_results_of_nameless_functions_are_pickled_with_their_curve():
    """At the samples of the fit; elsewhere the function is asked for."""
    line = lambda x, a, b: a * x + b  # noqa: E731
    result = pf.fit(line, X, 2.0 * X + 3.0, start={"a": 1.0, "b": 1.0})
    kept = pickle.loads(pickle.dumps(result))
    np.testing.assert_allclose(kept(X), 2.0 * X + 3.0)
    curve = lambda x, a, b: a * (x - x[0]) + b  # noqa: E731
    kept = pickle.loads(pickle.dumps(pf.fit(curve, X, 2.0 * X, start={"a": 1, "b": 1})))
    np.testing.assert_allclose(kept.residuals, 0.0, atol=1e-6)
    with pytest.raises(ModelError, match="is not in this process"):
        kept([1.0, 2.0])
    called = lambda x, a, b: numbers(x, a, b)  # noqa: E731
    result = pf.fit(called, X, 2.0 * X, start={"a": 1.0, "b": 1.0})
    with pytest.raises(ModelError, match="cannot be found by its name"):
        pickle.dumps(result)


def test_figures_show_the_curve_of_the_samples_that_were_fitted():
    """One curve behind the other; the mean of x is not that of finer samples."""
    twice = pf.fit(stacked, X, stacked(X, 2.0, 3.0), start={"a": 1.0, "b": 1.0})
    line = twice.plot().axes[0].lines
    drawn = next(own for own in line if own.get_label() == "model")
    np.testing.assert_allclose(drawn.get_ydata(), stacked(X, 2.0, 3.0), rtol=1e-6)
    uneven = X**2
    mean = pf.fit(centred, uneven, centred(uneven, 2.0, 3.0), start={"a": 1, "b": 1})
    line = mean.plot().axes[0].lines
    drawn = next(own for own in line if own.get_label() == "model")
    expected = centred(uneven, 2.0, 3.0)
    np.testing.assert_allclose(drawn.get_ydata(), expected, rtol=1e-6)
    both = pf.model(centred) + pf.models.Constant().where(c=pf.fixed(1.0))
    parts = pf.fit(both, X, centred(X, 2.0, 2.0), start={"a": 1, "b": 1}).components(X)
    np.testing.assert_allclose(parts["constant"], 1.0)
    np.testing.assert_allclose(parts["centred"], centred(X, 2.0, 1.0), rtol=1e-6)


@pytest.mark.parametrize(
    ("function", "n"),
    [(lambda x, a: a * x[1:], 39), (lambda x, a: a * np.ones(7), 7)],
)
def test_other_numbers_of_values_than_data_are_told(function, n):
    """With both."""
    with pytest.raises(ShapeError, match=f"returns {n} values, but `y` has 40"):
        pf.fit(function, X, X, start={"a": 1.0})


def test_rows_of_several_axes_of_samples():
    """Images of two coordinates, each a row."""
    images = np.stack([(k + 1.0) * U + 3.0 * V for k in range(3)])

    def tilted(uv, a, b):
        return a * uv[0] + b * uv[1]

    many = pf.fit_many(tilted, (U, V), images, start={"a": 1.0, "b": 1.0})
    np.testing.assert_allclose(many["a"].value, [1.0, 2.0, 3.0], rtol=1e-9)


def test_copies_keep_nameless_functions():
    """A deep copy is made in the process that has the function."""
    curve = lambda x, a, b: a * (x - x[0]) + b  # noqa: E731
    called = lambda x, a, b: numbers(x, a, b)  # noqa: E731
    for function in (curve, called):
        model = pf.model(function, guess=lambda x, y: [1.0, 1.0])
        result = pf.fit(model, X, function(X, 2.0, 3.0))
        for own in (copy.deepcopy(result), copy.copy(result)):
            np.testing.assert_allclose(own([1.0, 2.0]), result([1.0, 2.0]), rtol=1e-12)
        assert copy.deepcopy(model).guess(X, X) == model.guess(X, X)


@pytest.mark.parametrize("is_there", [True, False], ids=["nameless", "not importable"])
def test_a_model_that_lost_its_function_is_refused_in_words(monkeypatch, is_there):
    """Where it was pickled before it had samples, and nothing of it is compiled."""

    def whole(x, a):
        return np.convolve(a * x, [1.0], "same")

    if not is_there:
        module = types.ModuleType("there_for_a_while")
        whole.__module__, whole.__qualname__ = module.__name__, "whole"
        module.whole = whole
        monkeypatch.setitem(sys.modules, module.__name__, module)
    kept = pickle.dumps(pf.model(whole))
    monkeypatch.delitem(sys.modules, "there_for_a_while", raising=False)
    model = pickle.loads(kept)
    said = "not in this process" if is_there else "cannot be imported here"
    with pytest.raises(ModelError, match=said):
        pf.fit(model, X, 2.0 * X)
    with pytest.raises(ModelError, match=said):
        pf.fit_many(model, X, [2.0 * X])
