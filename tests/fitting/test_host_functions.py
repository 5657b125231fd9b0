"""Functions that are called as Python are fitted as others are, through every door."""

from __future__ import annotations

import enum
import functools
import math
import os
import pickle
import signal
import sys
import threading
import warnings

import numpy as np
import pytest
from numba import njit
from scipy.integrate import odeint
from scipy.optimize import least_squares

import physfit as pf
from physfit.errors import ModelError
from physfit.models.catalogue import Component
from physfit.models.host_function import host_kernel
from physfit.models.param import Param

T = np.arange(0.0, 12.0, 0.1)
SCALE = 1.0
RESPONSE = np.exp(-(((np.arange(20.0) - 8.0) / 3.0) ** 2))
RESPONSE /= RESPONSE.sum()


def blurred(t, amplitude, tau, floor):
    """A decay that a detector has blurred."""
    return np.convolve(amplitude * np.exp(-t / tau), RESPONSE)[: len(t)] + floor


def crossing(field, gap, slope, shift):
    """Upper level of two that repel each other, with a third one."""
    levels = []
    for b in field:
        m = np.array([[0.0, 1.0, 0.2], [1.0, 0.0, 0.5], [0.2, 0.5, -1.0]]) * gap
        m = m + np.diag([1.0, -1.0, 0.3]) * (slope * b + shift)
        levels.append(np.linalg.eigvalsh(m)[-1])
    return np.stack(levels)


def echoed(t, amplitude, rate, frequency):
    """Modulus of a transformed signal, as a spectrometer gives it."""
    signal = amplitude * np.exp((2j * np.pi * frequency - rate) * t)
    return np.abs(np.fft.fft(signal))[: len(t)] / len(t)


def pendulum(t, angle, omega, damping):
    """Large swings, integrated."""

    def rhs(y, _):
        return [y[1], -(omega**2) * np.sin(y[0]) - damping * y[1]]

    return odeint(rhs, [angle, 0.0], t)[:, 0]


def decay(t, amplitude, tau, floor):
    """A sample has a value of its own."""
    return amplitude * np.exp(-t / tau) + floor


def noise(n):
    return np.random.default_rng(6).normal(size=n)


def model_of(function, *names, step="duals", n_inputs=1, n_outputs=1):
    """Component of a function, as a declaration makes it."""
    kernel = host_kernel(function, names, n_inputs, n_outputs, step)
    parameters = tuple(Param(name, "", "") for name in names)
    return Component(kernel, "", "", parameters, guess=None)()


def step_of(model):
    way = model.layout.kernels[0].host.decision.way
    return "differences" if way is None else "duals"


CASES = {
    "convolved": (blurred, ("amplitude", "tau", "floor"), [50.0, 1.5, 2.0], 0.3),
    "eigenvalue": (crossing, ("gap", "slope", "shift"), [0.7, 0.4, -0.9], 0.01),
    "transformed": (echoed, ("amplitude", "rate", "frequency"), [9.0, 0.4, 2.1], 0.01),
    "integrated": (pendulum, ("angle", "omega", "damping"), [1.9, 2.2, 0.15], 0.03),
}
#: Largest distances from scipy, in standard errors: an integrator rounds at 1e-8.
WITHIN = {"integrated": 1e-4}
STEPS = {"integrated": "differences"}


@pytest.mark.parametrize("name", CASES)
def test_fits_are_those_of_scipy(name):
    """Parameters and errors, by dual numbers where they get through."""
    f, names, true, noise = CASES[name]
    rng = np.random.default_rng(4)
    y = f(T, *true) + noise * rng.normal(size=T.size)
    start = 1.1 * np.array(true) * (1.0 if name != "transformed" else 0.98)
    model = model_of(f, *names)
    result = pf.fit(
        model, T, y, sigma=noise, start=dict(zip(names, start, strict=True))
    )
    found = least_squares(
        lambda p: (f(T, *p) - y) / noise,
        start,
        **{"jac": "3-point", "x_scale": np.abs(start)},
        **dict.fromkeys(("xtol", "ftol", "gtol"), 1e-14),
    )
    errors = np.sqrt(np.diagonal(np.linalg.inv(found.jac.T @ found.jac)))
    within = WITHIN.get(name, 1e-5)
    values = np.array([result[own].value for own in names])
    assert np.abs((values - found.x) / errors).max() < within
    stderrs = [result[own].stderr for own in names]
    np.testing.assert_allclose(stderrs, errors, rtol=within)
    assert step_of(model) == STEPS.get(name, "duals")


def data(true=(3.0, 2.0, 0.5), noise=0.05, rows=None, seed=1):
    shape = T.size if rows is None else (rows, T.size)
    rng = np.random.default_rng(seed)
    return decay(T, *true) + noise * rng.normal(size=shape)


DECAY = ("amplitude", "tau", "floor")
START = {"amplitude": 2.0, "tau": 3.0, "floor": 0.3}
CATALOGUE = pf.parse_model("exponential + constant").where
SAME_AS = pf.models.Exponential() + pf.models.Constant()
RENAMED = {"amplitude": "amplitude", "tau": "decay", "floor": "c"}


def assert_same(result, other, within=1e-6):
    """Estimates are those of the catalogue's model, in standard errors."""
    for name, twin in RENAMED.items():
        one, two = result[name], other[twin]
        assert abs(one.value - two.value) < within * two.stderr
        assert one.stderr == pytest.approx(two.stderr, rel=max(within, 1e-6))


@pytest.mark.parametrize("step", ["duals", "differences"])
@pytest.mark.parametrize("method", ["lm", "scipy:trf", "scipy:bfgs"])
def test_methods_agree_with_the_catalogue(step, method):
    """By either step, of either kind of method; the report says which step."""
    y, model = data(), model_of(decay, *DECAY, step=step)
    result = pf.fit(model, T, y, sigma=0.05, start=START, method=method)
    start = {RENAMED[name]: value for name, value in START.items()}
    other = pf.fit(SAME_AS, T, y, sigma=0.05, start=start)
    assert_same(result, other, 1e-6 if method == "lm" else 1e-2)
    said = {"duals": "exact, by dual numbers", "differences": "differences"}[step]
    assert f"derivatives  {said}: decay is called as Python" in result.report()


def test_a_way_of_dual_numbers_that_gives_other_values_is_not_taken():
    """A look at a type turns the simple way off; a copy of the function is right."""
    model = model_of(lambda t, a, b: a * t if isinstance(a, float) else b * t, "a", "b")
    result = pf.fit(model, T, 2.0 * T + noise(T.size), start={"a": 1.0, "b": 3.0})
    assert result["a"].value == pytest.approx(2.0, abs=5.0 * result["a"].stderr)
    assert step_of(model) == "duals"


def test_globals_are_read_in_every_fit(monkeypatch):
    """Scripts change them in loops; a copy of the function must not keep them."""

    def cut(t, amplitude, tau, floor):
        return np.array(amplitude) * np.exp(-t * SCALE / tau) + floor

    model = model_of(cut, *DECAY)
    first = pf.fit(model, T, data(), sigma=0.05, start=START)
    monkeypatch.setitem(globals(), "SCALE", 2.0)
    second = pf.fit(model, T, data(), sigma=0.05, start=START | {"tau": 5.0})
    for own in ("value", "stderr"):
        one, two = getattr(first["tau"], own), getattr(second["tau"], own)
        assert two == pytest.approx(2.0 * one, rel=1e-6)
    assert step_of(model) == "duals"


def test_ties_products_and_start_values_work():
    """A function is a component like any other, without start values too."""
    model = model_of(decay, *DECAY) + pf.models.Gaussian("g_")
    model = model.where(g_center=pf.tie("2 * tau"), g_sigma=pf.fixed(0.5))
    true = {"amplitude": 3.0, "tau": 2.0, "floor": 0.5, "g_amplitude": 2.0}
    y = model(T, **true) + 0.02 * np.random.default_rng(5).normal(size=T.size)
    result = pf.fit(model, T, y, sigma=0.02)
    for name, value in true.items():
        assert abs(result[name].value - value) < 5.0 * result[name].stderr


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("step", ["duals", "differences"])
def test_rows_are_fitted_in_threads(threads, step):
    """As single fits are; a row with missing samples is its own curve."""
    rows = data(rows=6)
    rows[2, 5:9] = np.nan
    model = model_of(decay, *DECAY, step=step)
    many = pf.fit_many(model, T, rows, sigma=0.05, start=START, threads=threads)
    assert many.converged.all()
    for number, row in enumerate(rows):
        one = pf.fit(model, T, row, sigma=0.05, start=START, nan="omit")
        for name in DECAY:
            distance = many[name].value[number] - one[name].value
            assert abs(distance) < 1e-4 * one[name].stderr
            stderr = pytest.approx(one[name].stderr, rel=1e-4)
            assert many[name].stderr[number] == stderr
    assert "is called as Python" in many.report()


def test_a_function_is_called_by_one_thread_at_a_time():
    """Scripts change globals, which threads would change for each other."""
    inside, most = [], []

    def counted(t, amplitude, tau, floor):
        inside.append(1)
        most.append(len(inside))
        threading.Event().wait(1e-4)
        inside.pop()
        return decay(t, amplitude, tau, floor)

    model = model_of(counted, *DECAY)
    pf.fit_many(model, T, data(rows=9), sigma=0.05, start=START, threads=2)
    assert max(most) == 1


class Kind(enum.Enum):
    """What an object may be set to."""

    DECAY = 1
    RISE = 2


class Chosen:
    """An object that is called, with a setting; it writes arrays down."""

    def __init__(self):
        self.kind = Kind.DECAY

    def __call__(self, t, a, b):
        sign = -1.0 if self.kind is Kind.DECAY else 1.0
        return 2.0 * np.array(a) * np.exp(sign * b * t)


class Scaled:
    """An object that is called."""

    def __init__(self, by):
        self.by = by

    def __call__(self, t, a, b):
        return self.by * a * np.exp(-b * t)

    def method(self, t, a, b):
        return self(t, a, b)


@njit
def compiled(t, a, b):
    return 2.0 * a * np.exp(-b * t)


def factor(by, t, a, b):
    return by * a * np.exp(-b * t)


CALLABLES = {
    "object with a setting": Chosen(),
    "object": Scaled(2.0),
    "method": Scaled(2.0).method,
    "partial": functools.partial(factor, 2.0),
    "numba": compiled,
    "vectorized": np.vectorize(lambda t, a, b: 2.0 * a * math.exp(-b * t)),
}


@pytest.mark.parametrize("function", CALLABLES.values(), ids=CALLABLES)
def test_whatever_can_be_called_is_fitted(function):
    """Objects, methods, what partial, numba and numpy make of functions."""
    model = model_of(function, "a", "b")
    y = factor(2.0, T, 3.0, 0.5) + 0.05 * noise(T.size)
    result = pf.fit(model, T, y, sigma=0.05, start={"a": 2.0, "b": 0.4})
    assert abs(result["b"].value - 0.5) < 5.0 * result["b"].stderr
    assert model_of(function, "a", "b") == model
    assert dict(model_of(function, "a", "b").own_kernels) == dict(model.own_kernels)


def test_answers_do_not_depend_on_the_threads():
    """The first row decides how derivatives are taken, whoever is first."""
    rows, found = data(rows=40), []
    for threads in (1, 2):
        model = model_of(lambda *own: decay(*own), *DECAY, step="differences")
        settings = {"sigma": 0.05, "start": START, "threads": threads}
        found.append(pf.fit_many(model, T, rows, **settings))
    for name in DECAY:
        np.testing.assert_array_equal(*(own[name].value for own in found))


def test_samples_that_are_missing_from_a_curve_are_told():
    """A convolution has no gaps; a figure is drawn on the places of the data."""
    y = blurred(T, 50.0, 1.5, 2.0) + 0.3 * noise(T.size)
    rows = np.tile(y, (2, 1))
    y[40] = rows[1, 40] = np.nan
    start = {"amplitude": 45.0, "tau": 1.7, "floor": 1.5}
    for function, is_told in ((blurred, True), (decay, False)):
        model = model_of(function, *DECAY)
        one = pf.fit(model, T, y, sigma=0.3, start=start, nan="omit")
        many = pf.fit_many(model, T, rows, sigma=0.3, start=start)
        for report in (one.report(), many.report()):
            assert ("another value when others are left out" in report) == is_told
        assert model.depends_on_grid == is_told
    whole = pf.fit(model_of(blurred, *DECAY), T, rows[0], sigma=0.3, start=start)
    axes = whole.plot().axes[0]
    line = next(own for own in axes.lines if own.get_label() == "model")
    np.testing.assert_array_equal(line.get_ydata(), whole(T))


def test_batches_of_a_function_of_single_samples_are_fitted(tmp_path):
    """Minibatches and passes over a file call it block by block."""
    rng = np.random.default_rng(8)
    x = rng.uniform(0.0, 12.0, 3000)
    y = decay(x, 3.0, 2.0, 0.5) + 0.05 * rng.normal(size=x.size)
    np.savez(tmp_path / "rows.npz", x=x, y=y, sigma=np.full(x.size, 0.05))
    model, start = model_of(decay, *DECAY).where(**START), None
    whole = pf.fit(model, x, y, sigma=0.05, start=start)
    passes = pf.fit(model, tmp_path / "rows.npz", method="gauss_newton")
    batches = pf.fit(
        *(model, x, y),
        **{"sigma": 0.05, "method": "adam", "batch_size": 200, "epochs": 20},
    )
    for name in DECAY:
        one = whole[name]
        assert abs(passes[name].value - one.value) < 1e-5 * one.stderr
        assert passes[name].stderr == pytest.approx(one.stderr, rel=1e-5)
        assert abs(batches[name].value - one.value) < 0.5 * one.stderr


@pytest.mark.parametrize("method", ["adam", "gauss_newton"])
def test_batches_of_a_whole_curve_are_refused(method, tmp_path):
    """A sentence says so, in whatever order the samples come."""
    model, x = model_of(blurred, *DECAY).where(**START), np.linspace(0.0, 12.0, 9000)
    y = blurred(x, 3.0, 2.0, 0.5)
    np.savez(tmp_path / "rows.npz", x=x, y=y, sigma=np.full(x.size, 0.05))
    settings = {"batch_size": 40} if method == "adam" else {}
    with pytest.raises(ModelError, match="gives a sample another value"):
        pf.fit(model, tmp_path / "rows.npz", method=method, **settings)


class Complaining:
    """Raises where one of its parameters is out of range."""

    def __init__(self, error):
        self.error = error

    def __call__(self, t, amplitude, tau, floor):
        if tau < 0.5 or tau > 20.0:
            raise self.error("tau is out of range")
        return decay(t, amplitude, tau, floor)


@pytest.mark.parametrize(
    "error", [ValueError, ZeroDivisionError, np.linalg.LinAlgError, RuntimeError]
)
def test_errors_of_the_domain_are_no_value_on_the_way(error):
    """A step to where the function raises ValueError is not taken; a start is."""
    model, y = model_of(Complaining(error), *DECAY), data()
    start = {"amplitude": 300.0, "tau": 0.55, "floor": 30.0}
    result = pf.fit(model, T, y, sigma=0.05, start=start)
    assert result.converged
    with pytest.raises(error, match="tau is out of range"):
        pf.fit(model, T, y, sigma=0.05, start=start | {"tau": 0.1})
    with pytest.raises(error, match="tau is out of range"):
        model(T, amplitude=1.0, tau=0.1, floor=0.0)
    with pytest.raises(error, match="tau is out of range"):
        pf.fit(model, T, y, sigma=0.05, start=start | {"tau": 0.1}, method="adam")


def broken(t, amplitude, tau, floor):
    if tau < 2.5:
        return undefined * t  # noqa: F821
    return decay(t, amplitude, tau, floor)


@pytest.mark.parametrize("threads", [1, 2])
def test_errors_of_the_function_are_raised_as_they_are(threads, capfd):
    """With the line in their traceback; nothing is printed on the way."""
    model = model_of(broken, *DECAY)
    with pytest.raises(NameError, match="undefined") as caught:
        pf.fit(model, T, data(), sigma=0.05, start=START)
    assert caught.traceback[-1].name == "broken"
    with pytest.raises(NameError, match="undefined"):
        pf.fit_many(model, T, data(rows=9), sigma=0.05, start=START, threads=threads)
    assert capfd.readouterr().err == ""
    assert model(T, **START).shape == T.shape


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (lambda t, a: a * t[:5], r"returned an array of shape \(5,\) for 120 samples"),
        (lambda t, a: np.exp(1j * a * t), "must return an array of real"),
        (lambda t, a: None, "must return an array of real"),
    ],
    ids=["short", "complex", "none"],
)
def test_what_is_no_curve_is_refused(function, words):
    """One sentence."""
    with pytest.raises(ModelError, match=words):
        model_of(function, "a")(T, a=1.0)


def test_a_function_of_chance_is_refused():
    """Its derivatives would be noise over a step, and the errors anything."""

    def noisy(t, a):
        return a * t + 1e-3 * np.random.default_rng().normal(size=t.size)

    with pytest.raises(ModelError, match="other values when it is called again"):
        pf.fit(model_of(noisy, "a"), T, T, start={"a": 2.0})


def test_the_data_are_not_changed_by_the_function():
    """It gets a copy of x, and may do with it what it likes."""

    def shifting(t, amplitude, tau, floor):
        t -= 1.0
        return decay(t, amplitude, tau, floor)

    x, y = T.copy(), data()
    for step in ("duals", "differences"):
        model = model_of(shifting, *DECAY, step=step)
        found = pf.fit(model, x, y, sigma=0.05, start=START)
        other = pf.fit(model_of(decay, *DECAY), T - 1.0, y, sigma=0.05, start=START)
        for name in DECAY:
            assert found[name].stderr == pytest.approx(other[name].stderr, rel=1e-6)
    np.testing.assert_array_equal(x, T)


@pytest.mark.parametrize("method", ["lm", "scipy:trf"])
def test_a_function_may_return_the_same_array_each_time(method):
    """Values that it overwrites in its next call are copied."""
    room = np.empty(T.size)

    def overwriting(t, amplitude, tau, floor):
        room[: t.size] = blurred(t, amplitude, tau, floor)
        return room[: t.size]

    y = blurred(T, 2.0, 3.0, 0.2) + 0.02 * np.random.default_rng(0).normal(size=T.size)
    start = {"amplitude": 1.5, "tau": 2.0, "floor": 0.0}
    found, expected = (
        pf.fit(function, T, y, sigma=0.02, start=start, method=method)
        for function in (overwriting, blurred)
    )
    assert found.converged
    for name, stderr in expected.stderr.items():
        assert abs(found.values[name] - expected.values[name]) < 1e-3 * stderr
        assert found.stderr[name] == pytest.approx(stderr, rel=1e-4)


def test_warnings_of_numpy_are_silent_in_fits():
    """A trial that overflows is nobody's business."""
    model = model_of(lambda t, a, b: a * np.exp(b * t) + np.log(b - 1.0), "a", "b")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        y = 1e-3 * np.exp(1.2 * T)
        result = pf.fit(model, T, y, start={"a": 1.0, "b": 70.0})
    assert result.status is not None


def test_complex_values_and_several_coordinates():
    """Real and imaginary parts; x as rows."""

    def wave(places, amplitude, k):
        return amplitude * np.exp(1j * k * (places[0] + places[1]))

    model = model_of(wave, "amplitude", "k", n_inputs=2, n_outputs=2)
    x = np.random.default_rng(2).uniform(0.0, 2.0, (2, 200))
    z = wave(x, 2.0, 1.7) + 0.01 * np.random.default_rng(3).normal(size=200)
    result = pf.fit(model, x, z, sigma=0.01, start={"amplitude": 1.5, "k": 1.6})
    assert abs(result["k"].value - 1.7) < 5.0 * result["k"].stderr
    assert step_of(model) == "duals"


def test_a_model_is_pickled_by_the_name_of_its_function():
    """A function without one is refused with the cure."""
    model = model_of(decay, *DECAY)
    again = pickle.loads(pickle.dumps(model))
    assert again == model
    np.testing.assert_array_equal(again(T, **START), model(T, **START))
    with pytest.raises(ModelError, match="top level of an importable module"):
        pickle.dumps(model_of(lambda t, a: a * t, "a"))


def test_models_of_other_functions_differ():
    """Also those of the same name, in what a job is resumed by."""

    def scaled(by):
        return lambda t, a: by * a * t

    one, two = model_of(scaled(2.0), "a"), model_of(scaled(3.0), "a")
    assert one != two
    assert dict(one.own_kernels) != dict(two.own_kernels)
    assert dict(one.own_kernels) == dict(model_of(scaled(2.0), "a").own_kernels)
    one, two = model_of(Scaled(2.0), "a", "b"), model_of(Scaled(3.0), "a", "b")
    assert dict(one.own_kernels) != dict(two.own_kernels)


@pytest.mark.parametrize("threads", [None, 2])
def test_an_interrupt_ends_the_fit(threads):
    """Ctrl-C in the middle of the function, or of compiled code around it."""
    calls = []

    def slow(t, amplitude, tau, floor):
        calls.append(1)
        if len(calls) == 20:
            os.kill(os.getpid(), signal.SIGINT)
            threading.Event().wait(0.2)
        return decay(t, amplitude, tau, floor)

    model = model_of(slow, *DECAY, step="differences")
    with pytest.raises(KeyboardInterrupt):
        if threads is None:
            pf.fit(model, T, data(), sigma=0.05, start=START)
        else:
            rows = data(rows=500)
            pf.fit_many(model, T, rows, sigma=0.05, start=START, threads=threads)
    assert len(calls) < 60


def rough(t, amplitude, tau, floor):
    """Values that are good to seven digits, as those of an integrator."""
    return np.round(decay(t, amplitude, tau, floor), 7)


def test_a_fit_does_not_depend_on_those_before():
    """Steps of differences are found anew for each, at its own start."""
    y, found = data(), []
    far = {"amplitude": 1e-6, "tau": 1e4, "floor": 1e3}
    for others in ([], [far]):
        model = model_of(lambda *own: rough(*own), *DECAY)
        for other in others:
            pf.fit(model, T, y, sigma=0.05, start=other, stop=pf.Stop(max_steps=2))
        found.append(pf.fit(model, T, y, sigma=0.05, start=START))
        found.append(pf.fit_many(model, T, y[None], sigma=0.05, start=START).result(0))
        assert step_of(model) == "differences"
    for name in DECAY:
        assert found[0][name].stderr == found[2][name].stderr
        assert found[1][name].stderr == found[3][name].stderr


def test_a_function_that_raised_everywhere_is_told_why():
    """A fit that has no values says which error there was, safe for a terminal."""

    def function(x, a, b):
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("no licence \x1b[2J for threads")
        return np.convolve(a * x + b, [1.0], "same")

    x = np.linspace(0.0, 1.0, 10)
    start = {"a": 1.0, "b": 1.0}
    many = pf.fit_many(function, x, [2.0 * x] * 2, start=start)
    report = " ".join(str(many).split())
    assert len(many.failed) == 2
    assert "it raised RuntimeError: no licence" in report
    assert "\x1b" not in report


def test_a_fit_asks_for_nothing_twice():
    """What the look at the start has shown is where the fit begins."""
    calls = []

    def counted(t, amplitude, tau, floor):
        calls.append((amplitude, tau, floor))
        return decay(t, amplitude, tau, floor)

    model = model_of(counted, *DECAY, step="differences")
    pf.fit(model, T, data(), sigma=0.05, start=START)
    again = [own for own in set(calls) if calls.count(own) > 1]
    # all values twice, to see that they are the same; and some of the samples
    assert again == [tuple(START.values())]
    assert calls.count(again[0]) == 3


def test_globals_that_change_between_fits_are_read_at_the_same_start(monkeypatch):
    """What was kept of a look is that of its own fit."""
    y = data()
    model = model_of(scaled_decay, *DECAY, step="differences")
    with pytest.raises(ValueError, match="max_steps"):
        pf.fit(model, T, y, sigma=0.05, start=START, stop=pf.Stop(max_steps=-1))
    before = pf.fit(model, T, y, sigma=0.05, start=START)
    monkeypatch.setattr(sys.modules[__name__], "SCALE", 2.0)
    after = pf.fit(model, T, y, sigma=0.05, start=START)
    half = 0.5 * before["amplitude"].value
    assert after["amplitude"].value == pytest.approx(half, rel=1e-6)


def scaled_decay(t, amplitude, tau, floor):
    return decay(t, SCALE * amplitude, tau, floor)


@pytest.mark.parametrize("start", [None, {"amplitude": 2.0, "tau": 3.0, "floor": 0.0}])
def test_functions_may_return_memory_of_their_own(start):
    """An array that they fill again in every call."""
    memory = np.empty(T.size)

    def filled(t, amplitude, tau, floor):
        memory[: len(t)] = amplitude * np.exp(-t / tau) + floor
        return memory[: len(t)]

    def plain(t, amplitude, tau, floor):
        return amplitude * np.exp(-t / tau) + floor

    y = plain(T, 3.0, 2.0, 0.5) + 0.05 * np.random.default_rng(0).normal(size=T.size)
    result = pf.fit(filled, T, y, sigma=0.05, start=start)
    expected = pf.fit(plain, T, y, sigma=0.05, start=start)
    assert result.chi2 == pytest.approx(expected.chi2, rel=1e-9)
    for name, error in expected.stderr.items():
        assert abs(result[name].value - expected[name].value) < 1e-5 * error
        assert result.stderr[name] == pytest.approx(error, rel=1e-5)
    assert "differences" in result.model.derivatives
