"""Equations of motion through the front doors."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import physfit as pf
from physfit.data.files.schema import convert
from physfit.errors import DataError, ModelError
from physfit.models.parse import parse_model
from physfit.models.stored import declaration_from, written
from physfit.models.stored_records import FunctionRecord

T = np.linspace(0.0, 10.0, 150)
TRUTH = {"omega0": 2.0, "mu": 0.2, "theta0": 1.5}
START = {"omega0": 2.1, "mu": 0.1, "theta0": 1.4}
RATES = {"theta": "v", "v": "-omega0**2 * sin(theta) - mu * sign(v)"}
NOISE = 0.01


def rhs(t, state, omega0, mu):
    """Pendulum with dry friction."""
    theta, v = state
    return v, -(omega0**2) * np.sin(theta) - mu * np.sign(v)


def branched(t, y, omega0, mu):
    """The same by a branch."""
    friction = mu if y[1] > 0 else -mu
    return np.array([y[1], -(omega0**2) * np.sin(y[0]) - friction])


TEXT = pf.ode(RATES, start={"v": 0.0})
FUNCTION = pf.ode(rhs, ["theta", "v"], start={"v": 0.0})
MODELS = {"text": TEXT, "function": FUNCTION}


def data(seed: int = 0) -> np.ndarray:
    """A curve with noise."""
    rng = np.random.default_rng(seed)
    return TEXT(T, **TRUTH) + NOISE * rng.standard_normal(T.size)


@pytest.mark.parametrize("function", [rhs, branched])
def test_a_function_and_its_formulas_are_the_same_motion(function):
    """To the last bit, as the operations are the same."""
    model = pf.ode(function, ["theta", "v"], start={"v": 0.0})
    assert model.names == TEXT.names
    assert np.abs(model(T, **TRUTH) - TEXT(T, **TRUTH)).max() < 1e-12


@pytest.mark.parametrize("which", MODELS)
def test_a_fit_finds_the_truth_with_and_without_starts(which):
    """Both end at one answer, within its errors of the truth."""
    model, y = MODELS[which], data()
    near = pf.fit(model, T, y, sigma=NOISE, start=START)
    free = pf.fit(model, T, y, sigma=NOISE)
    for name, value in TRUTH.items():
        assert abs(near[name].value - value) < 4.0 * near[name].stderr
        assert abs(free[name].value - near[name].value) < 1e-3 * near[name].stderr


def test_rows_are_fitted_as_curves_are():
    """`fit_many` ends where `fit` does, in each row."""
    rows = np.array([data(1), data(2), data(3)])
    many = pf.fit_many(TEXT, T, rows, sigma=NOISE, start=START)
    for y, value in zip(rows, many["mu"].value, strict=True):
        one = pf.fit(TEXT, T, y, sigma=NOISE, start=START)
        assert abs(value - one["mu"].value) < 1e-4 * one["mu"].stderr


def test_methods_agree():
    """Ours, and scipy's with our derivatives."""
    table = pf.compare(TEXT, T, data(), methods=["lm", "scipy:trf"], start=START)
    assert table.agree


@pytest.mark.parametrize("which", MODELS)
def test_results_are_kept_as_data(which, tmp_path):
    """A file gives back the model, of a function too, and its curve."""
    model = MODELS[which] + pf.models.Constant()
    result = pf.fit(model, T, data(), sigma=NOISE, start=START)
    result.save(tmp_path / "fit.h5")
    loaded = pf.load_result(tmp_path / "fit.h5")
    assert (loaded(T) == result(T)).all()
    assert loaded.values == result.values


def test_a_text_is_read_back():
    """What a model is written as is the same model, with settings and a prefix."""
    model = pf.ode(RATES, observed="theta + b", t0="s", rtol=1e-8, prefix="a_")
    again = parse_model(model.expression)
    assert again.expression == model.expression
    values = {"a_omega0": 2.0, "a_mu": 0.2, "a_theta0": 1.5, "a_v0": 0.1}
    values |= {"a_b": 0.3, "a_s": 0.5}
    assert (again(T, **values) == model(T, **values)).all()


def test_models_travel_to_other_processes():
    """Pickled and back, the text and the function."""
    for model in MODELS.values():
        again = pickle.loads(pickle.dumps(model))
        assert (again(T, **TRUTH) == model(T, **TRUTH)).all()


def test_stiff_equations_are_told():
    """A fit that ends beside them says why there are no values."""
    model = pf.ode({"u": "-k * (u - cos(t))"}, max_steps=200)
    t = np.linspace(0.0, 100.0, 50)
    start = {"k": pf.fixed(1e8), "u0": 1.0}
    result = pf.fit(model.where(**start), t, np.cos(t), start={"u0": 1.0})
    assert not result.converged
    assert "stiff" in result.report()


def test_batches_are_refused():
    """With a sentence, before any work."""
    with pytest.raises(ModelError, match="whole curve"):
        pf.fit(TEXT, T, data(), method="adam", batch_size=10, start=START)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (({"u": "floor(a * u)"},), "kinks"),
        (({"u": "-a * u", "v": "b * w"}, ["v", "u"]), "keys of `rhs`"),
        ((rhs, ["theta", "theta"]), "different names"),
        ((rhs, []), "states"),
        ((rhs, ["theta"]), "ValueError"),
        (({"t": "-a * t"},), "different names"),
        (({"u": "-a * u + 1j"},), "real"),
        (("u' = v",), "`rhs` is a function"),
    ],
)
def test_what_cannot_be_followed_is_refused(arguments, sentence):
    """In one sentence that says what to do."""
    with pytest.raises(ModelError, match=sentence):
        pf.ode(*arguments)


@pytest.mark.parametrize(
    ("keywords", "sentence"),
    [
        ({"start": {"w": 0.0}}, "`start` names w"),
        ({"start": [0.0]}, "a value for each"),
        ({"start": {"v": "theta"}}, "start of a motion depends on `theta`"),
        ({"rtol": 0.0}, "`rtol`"),
        ({"atol": -1.0}, "`atol`"),
        ({"max_steps": 0}, "`max_steps`"),
        ({"observed": "theta +"}, "cannot read"),
    ],
)
def test_settings_are_checked(keywords, sentence):
    """Each by its name."""
    with pytest.raises(ModelError, match=sentence):
        pf.ode(RATES, **keywords)


@pytest.mark.parametrize(
    "text",
    [
        "ode()",
        "ode(theta)",
        "ode({1: v})",
        "ode({u: -k*u}, {w: 1})",
        "ode({u: -k*u}, {u: 1}, {tol: 1})",
        "ode({u: -k*u}, {u: 1}, {rtol: k})",
        "ode({u: -k*u, u: 1})",
    ],
)
def test_texts_that_are_no_equations_are_refused(text):
    """Each with the form that is allowed."""
    with pytest.raises(ModelError, match="ode"):
        parse_model(text)


def broken(**changes):
    """Record of the function in a file, some of it changed."""
    _, records = written(FUNCTION.tree)
    record = next(iter(records.values()))
    record["motion"] |= changes
    return record


@pytest.mark.parametrize(
    "changes",
    [
        {"states": ["theta"]},
        {"states": ["theta", "omega0"]},
        {"states": []},
        {"rtol": -1.0},
        {"max_steps": 10**12},
    ],
)
def test_a_file_with_other_parts_is_refused(changes):
    """No kernel is made of what does not belong together."""
    with pytest.raises(DataError):
        declaration_from(convert(broken(**changes), FunctionRecord))
