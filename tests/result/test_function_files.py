"""Results of users' functions and formulas in files, jobs and checkpoints."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.errors import DataError, ModelError
from physfit.kernels.elementary import exp
from physfit.kernels.kernel import scalar
from physfit.models.declaration import Declaration
from physfit.models.graph import stored
from physfit.models.graph.builder import Builder
from physfit.models.graph.compilation import kernel_of
from physfit.models.graph.graph import Graph
from physfit.models.graph.term import Term
from physfit.models.model import component
from physfit.models.param import Param
from physfit.result.record import model_of, model_record

X = np.linspace(0.0, 6.0, 80)


def decay(name="decay", prefix="", factor=1.0):
    """A component such as a traced function gives: a*exp(-factor*x/tau)."""
    builder = Builder()
    x, a, tau = (
        Term(builder, step)
        for step in (builder.input(0), builder.parameter(0), builder.parameter(1))
    )
    value = a * (-(x * factor) / tau).apply("exp")
    graph = Graph.finished(builder, [value.step], ("x",), ("a", "tau"))
    declared = Declaration(
        kernel=kernel_of(graph, name),
        description="a decay",
        formula="",
        parameters=(Param("a", "y", "size"), Param("tau", "x", "", 0.01, 50.0, 2.0)),
        graph=graph,
    )
    return component(declared, prefix)


def data(model, **values):
    return model(X, **values) + 0.01 * np.random.default_rng(3).normal(size=X.size)


MODELS = {
    "function": (decay(), {"a": 2.0, "tau": 1.5}),
    "formula": (pf.formula("a*exp(-t/tau) + c", x="t"), {"a": 2, "tau": 1.5, "c": 1}),
    "sum": (
        decay(prefix="d_") + pf.models.Gaussian() + pf.formula("b*x"),
        {
            **{"d_a": 2.0, "d_tau": 1.5, "b": 0.1},
            **{"amplitude": 1.0, "center": 3.0, "sigma": 0.4},
        },
    ),
}


@pytest.mark.parametrize("suffix", ["json", "h5"])
@pytest.mark.parametrize(("model", "truth"), MODELS.values(), ids=list(MODELS))
def test_a_result_loads_without_the_function(tmp_path, model, truth, suffix):
    """It has the values that it had, evaluates anywhere, and is fitted again."""
    y = data(model, **truth)
    result = pf.fit(model, X, y, sigma=0.01, start=truth)
    result.save(tmp_path / f"fit.{suffix}")
    loaded = pf.load_result(tmp_path / f"fit.{suffix}")
    assert loaded.model == model
    assert loaded.values == result.values
    at = np.linspace(-1.0, 9.0, 30)
    np.testing.assert_array_equal(loaded(at), result(at))
    again = pf.fit(loaded.model, X, y, sigma=0.01, start=truth)
    assert again.chi2 == pytest.approx(result.chi2, rel=1e-12)
    assert loaded.plot() is not None


@pytest.mark.parametrize(
    ("model", "text", "functions"),
    [
        (decay("<lambda>") * pf.models.Linear(), "function * linear", ["function"]),
        (decay("gaussian"), "gaussian_1", ["gaussian_1"]),
        (decay("exp"), "exp_1", ["exp_1"]),
        (
            decay("f", "a_") + decay("f", "b_"),
            "f(a_) + f(b_)",
            ["f"],
        ),
        (
            decay("f", "a_") + decay("f", "b_", factor=2.0),
            "f(a_) + f_1(b_)",
            ["f", "f_1"],
        ),
    ],
    ids=["lambda", "of the catalogue", "of a function", "once", "twice"],
)
def test_functions_have_names_of_their_own_in_files(model, text, functions):
    """Whatever they are called, they are told apart and from the catalogue."""
    record = model_record(model)
    assert (record["expression"], list(record["functions"])) == (text, functions)
    assert model_of(record) == model


def test_models_of_the_catalogue_and_formulas_are_text():
    """Nothing is stored of what text stands for."""
    model = pf.parse_model("gaussian + b*x*exp(-x/tau)")
    assert "functions" not in model_record(model)


def test_functions_of_one_name_are_told_apart_by_their_graphs():
    """What resumes a job compares digests."""
    assert decay().own_kernels == decay().own_kernels
    assert decay().own_kernels != decay(factor=2.0).own_kernels
    pair = decay("f", "a_") + decay("f", "b_", factor=2.0)
    assert len(pair.own_kernels["f"].split()) == 2


def test_many_fits_load_without_the_function(tmp_path):
    """Maps keep the graph too."""
    y = np.array([data(decay(), a=a, tau=1.5) for a in (1.0, 2.0, 3.0)])
    many = pf.fit_many(decay(), X, y, sigma=0.01)
    many.save(tmp_path / "many.h5")
    loaded = pf.load_many(tmp_path / "many.h5")
    assert loaded.model == decay()
    np.testing.assert_array_equal(loaded["a"].value, many["a"].value)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("graph", "names"), ["input", "parameter", "os.system"], "operation"),
        (("graph", "outputs"), [10**12], "step|gives|number"),
        (("order",), ["a", "a"], "two parameters of one name|lacks"),
        (("order",), ["a", "import os"], "no name"),
        (("order",), ["a"], "does not belong|parameter"),
        (("inputs",), [], "0 coordinates"),
        (("inputs",), ["x"] * 1000, "length <= 64"),
        (("scale",), "b", "scale"),
        (("name",), "f" * 20_000, "20000 characters"),
        (("parameters", "a", "lower"), 3.0, None),
        (("graph",), 7, "graph"),
        (("graph", "operations"), {"shape": [2**40]}, "operations"),
    ],
    ids=str,
)
def test_altered_functions_are_refused(tmp_path, place, value, words):
    """In a sentence, or by the checksum of the whole."""
    y = data(decay(), a=2.0, tau=1.5)
    file = tmp_path / "fit.json"
    pf.fit(decay(), X, y, sigma=0.01).save(file)
    record = json.loads(file.read_text())
    entry = record["model"]["functions"]["decay"]
    for key in place[:-1]:
        entry = entry[key]
    entry[place[-1]] = value
    file.write_text(json.dumps(record))
    with pytest.raises(DataError, match=words or "checksum"):
        pf.load_result(file)


def long_winded(t, a, b):
    return a * t + b


long_winded.__doc__ = "Of a straight line, " + "in many words, " * 1000


def test_long_descriptions_are_cut():
    """They were written whole, and refused when the file was read."""
    record = model_record(pf.model(long_winded))
    (written,) = record["functions"].values()
    assert len(written["description"]) == 10_000
    assert model_of(record).names == ("a", "b")


def peaks(n, name):
    """A sum of peaks that are told apart by a prefix."""
    parts = [pf.models.Gaussian(prefix=f"{name}{k}_") for k in range(n)]
    return sum(parts[1:], parts[0])


def test_models_of_hundreds_of_components_come_back():
    """Their text is longer than that of a formula may be."""
    model = peaks(260, "component")
    record = model_record(model)
    assert len(record["expression"]) > 5_000
    assert model_of(record) == model


def test_what_could_not_be_read_is_not_written(monkeypatch):
    """A text that is too long, a graph that is too large."""
    with pytest.raises(DataError, match="cannot be saved; there can be 30000"):
        model_record(peaks(160, "p" * 200))
    monkeypatch.setattr(stored, "MOST_SLOPES", 3)
    with pytest.raises(DataError, match=r"decay cannot be saved: .* 8 slopes"):
        model_record(decay())


def centred(t, a, b):
    """Of a straight line, told by the mean of the samples."""
    return a * (t - t.mean()) + b * t[0] + b


def stacked(t, a, b):
    """Two curves one after the other."""
    return np.hstack([a * t, b * t**2])


def smoothed(t, a, b):
    """A curve that only numpy can compute."""
    return np.convolve(a * np.exp(-b * t), [0.25, 0.5, 0.25], mode="same")


@scalar
def by_hand(t, a, b):
    """A decay with its partials."""
    power = exp(-t * b)
    return a * power, power, -a * t * power


def values_of(function, start):
    return pf.model(function)(X, **start)


@pytest.mark.parametrize("suffix", ["json", "h5"])
@pytest.mark.parametrize("function", [centred, stacked, smoothed, by_hand])
def test_functions_of_all_samples_load_with_their_curve(tmp_path, function, suffix):
    """What they are on other samples is not in the file, which is said."""
    start = {"a": 2.0, "b": 0.7}
    is_point = function is by_hand
    y = values_of(function, start) if is_point else function(X, **start)
    y = y + 0.01 * np.random.default_rng(1).normal(size=y.size)
    result = pf.fit(function, X, y, sigma=0.01, start=start)
    result.save(tmp_path / f"fit.{suffix}")
    loaded = pf.load_result(tmp_path / f"fit.{suffix}")
    np.testing.assert_array_equal(loaded.best_fit, result.best_fit)
    assert loaded.report().splitlines()[2:] == result.report().splitlines()[2:]
    assert loaded.plot() is not None
    with pytest.raises(ModelError, match="is not in this process"):
        loaded(np.linspace(0.0, 1.0, 500))
    loaded.save(tmp_path / f"again.{suffix}")
    again = pf.load_result(tmp_path / f"again.{suffix}")
    np.testing.assert_array_equal(again.best_fit, result.best_fit)


@pytest.mark.parametrize("function", [centred, smoothed])
@pytest.mark.parametrize(
    "door",
    [
        lambda model, x: model(x, a=1.0, b=1.0),
        lambda model, x: model.with_partials(x, a=1.0, b=1.0),
        lambda model, x: pf.fit(model, x, 0 * x),
        lambda model, x: pf.fit(model, x, 0 * x, method="adam", epochs=2),
        lambda model, x: pf.fit_many(model, x, np.zeros((3, x.size))),
    ],
    ids=["call", "partials", "fit", "minibatches", "many"],
)
def test_loaded_functions_are_refused_on_other_samples(tmp_path, function, door):
    """At every door, as many samples as there may be."""
    start = {"a": 2.0, "b": 0.7}
    pf.fit(function, X, function(X, **start), start=start).save(tmp_path / "f.json")
    model = pf.load_result(tmp_path / "f.json").model
    for x in (np.linspace(0.0, 1.0, 500), X[:40], X + 0.1):
        with pytest.raises(ModelError, match="is not in this process"):
            door(model, x)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        (("grid", "rows"), [[0.0, 1.0]], "another shape"),
        (("grid", "shape"), [-80, -1], "another shape"),
        (("grid", "form"), "system", "form"),
        (("grid",), None, "checksum"),
    ],
    ids=str,
)
def test_altered_samples_are_refused(tmp_path, place, value, words):
    """Sizes that lie, and anything else by the checksum."""
    file = tmp_path / "fit.json"
    start = {"a": 2.0, "b": 0.7}
    pf.fit(centred, X, centred(X, **start), sigma=0.1, start=start).save(file)
    record = json.loads(file.read_text())
    entry = record["model"]["functions"]["centred"]
    for key in place[:-1]:
        entry = entry[key]
    entry[place[-1]] = value
    file.write_text(json.dumps(record))
    with pytest.raises(DataError, match=words):
        pf.load_result(file)


@pytest.fixture
def rows(tmp_path):
    """Curves of three decays in a file."""
    file = tmp_path / "rows.h5"
    y = np.array([data(decay(), a=a, tau=1.5) for a in (1.0, 2.0, 3.0)])
    with h5py.File(file, "w") as opened:
        opened["x"], opened["y"] = X, y
    return file


@pytest.mark.parametrize(
    "model",
    [decay(), pf.formula("a*exp(-t/tau)", x="t")],
    ids=["function", "formula"],
)
def test_jobs_over_files_go_on_with_their_function(tmp_path, rows, model):
    """And load without it, after a run that was ended."""
    out = tmp_path / "maps.h5"
    how = {"x": str(rows), "sigma": 0.01, "output": out}
    first = pf.fit_many(model, **how)
    loaded = pf.load_many(out)
    assert loaded.model == model
    np.testing.assert_array_equal(loaded["tau"].value, first["tau"].value)
    again = pf.fit_many(model, **how, resume=True)
    np.testing.assert_array_equal(again["a"].value, first["a"].value)


def called(factor):
    """A function that is called as Python, under the same name."""

    def decay(t, a, tau):
        return np.convolve(factor * a * np.exp(-t / tau), [1.0], "same")

    return pf.model(decay)


@pytest.mark.parametrize(
    "model, other",
    [(decay(), decay(factor=1.5)), (called(1.0), called(1.5))],
    ids=["compiled", "called"],
)
def test_jobs_are_refused_a_function_that_has_changed(tmp_path, rows, model, other):
    """In words, not by a list of operations."""
    how = {"x": str(rows), "sigma": 0.01, "output": tmp_path / "maps.h5"}
    how["start"] = {"a": 1.0, "tau": 1.0}
    pf.fit_many(model, **how)
    with pytest.raises(DataError, match=r"`.*` computes something else than before"):
        pf.fit_many(other, **how, resume=True)


@pytest.mark.parametrize("other", [decay(factor=1.5), decay("other")], ids=repr)
def test_runs_are_refused_another_function(tmp_path, rows, other):
    """By the graph, and by the name."""
    with h5py.File(tmp_path / "stream.h5", "w") as opened:
        opened["x"], opened["y"] = (
            np.tile(X, 30),
            np.tile(data(decay(), a=2, tau=1), 30),
        )
    how = {"method": "adam", "epochs": 1, "start": {"a": 1.0, "tau": 1.0}}
    how["checkpoint"] = tmp_path / "run.ck"
    pf.fit(decay(), tmp_path / "stream.h5", **how)
    with pytest.raises(DataError, match="belongs to another run"):
        pf.fit(other, tmp_path / "stream.h5", **how, resume=True)
