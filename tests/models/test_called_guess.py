"""Start values of functions called as Python: found by a bounded number of calls."""

from __future__ import annotations

import math
import warnings

import numpy as np
import pytest
from scipy.integrate import odeint, solve_ivp
from scipy.optimize import brentq

import physfit as pf
from physfit.models.called_guess import MOST_CALLS
from physfit.models.called_linear import looked_at
from physfit.models.catalogue import Component
from physfit.models.host_function import host_kernel
from physfit.models.param import Param

T = np.linspace(0.0, 12.0, 120)


def pendulum(t, angle, omega, damping):
    def rhs(y, _):
        return [y[1], -(omega**2) * np.sin(y[0]) - damping * y[1]]

    return odeint(rhs, [angle, 0.0], t)[:, 0]


def growth(t, first, rate, most):
    """An integrator gives up at some parameters, and then returns fewer samples."""
    span, at = (t[0], t[-1]), {"t_eval": t, "rtol": 1e-7}
    return solve_ivp(lambda _, y: rate * y * (1 - y / most), span, [first], **at).y[0]


def bound(c, top, affinity):
    def share(u):
        return brentq(lambda b: (1.0 - b) * (u - b) - affinity * b, 0.0, min(1.0, u))

    return top * np.array([share(u) for u in c])


RESPONSE = np.exp(-(((np.arange(20.0) - 8.0) / 3.0) ** 2)) / 5.317


def blurred(t, amplitude, tau, floor):
    return np.convolve(amplitude * np.exp(-t / tau), RESPONSE)[: len(t)] + floor


KINDS = {
    "pendulum": (pendulum, T, [1.9, 2.2, 0.15], 0.03),
    "growth": (growth, T, [0.2, 0.9, 7.0], 0.1),
    "bound": (bound, np.geomspace(0.01, 100.0, 40), [4.0, 2.5], 0.05),
    "blurred": (blurred, T, [50.0, 1.5, 2.0], 0.3),
}


def drawn(name, seed):
    function, x, true, noise = KINDS[name]
    y = function(x, *true)
    return function, x, y + noise * np.random.default_rng(seed).normal(size=x.size)


def with_calls(function, calls):
    """The same function as a component, whose calls are counted."""

    def own(x, *params):
        calls.append(1)
        return function(x, *params)

    names = function.__code__.co_varnames[1 : function.__code__.co_argcount]
    kernel = host_kernel(own, names)
    parameters = tuple(Param(name, "", "") for name in names)
    return Component(kernel, "", "", parameters, guess=None)()


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("name", KINDS)
def test_starts_are_found(name, seed):
    """What is left is noise, to 5 standard deviations of chi2."""
    function, x, y = drawn(name, seed)
    result = pf.fit(function, x, y, sigma=KINDS[name][3])
    dof = x.size - len(KINDS[name][2])
    assert result.chi2 < dof + 5.0 * math.sqrt(2.0 * dof)


def decay(t, amplitude, tau, floor):
    return amplitude * np.exp(-t / tau) + floor


def test_a_search_has_a_bounded_number_of_calls():
    """Data that the function does not describe, too, and the same number each time."""
    y = np.sign(np.sin(T))
    numbers, starts = [], []
    for _ in range(2):
        calls = []
        starts.append(with_calls(pendulum_like, calls).guess(T, y, 0.01))
        numbers.append(len(calls))
    assert numbers[0] == numbers[1] <= MOST_CALLS + 1
    assert starts[0] == starts[1]


def pendulum_like(t, a, b, c, d):
    return np.exp(-np.abs(a) * t) * np.sin(b * t + c) ** 3 + np.tanh(d * t)


def test_a_parameter_without_effect_ends_the_search():
    def function(t, amplitude, unused):
        return amplitude * t

    calls = []
    start = with_calls(function, calls).guess(T, 3.0 * T)
    assert start["amplitude"] == pytest.approx(3.0)
    assert len(calls) <= MOST_CALLS + 1


def test_errors_far_from_the_data_are_no_values():
    """A search goes on where the function raises; everywhere, and its error is told."""

    def function(t, amplitude, tau, floor):
        if tau < 0.01:
            raise IndexError("no such element")
        return decay(t, amplitude, tau, floor)

    def broken(t, amplitude, tau):
        raise IndexError("no such element")

    y = decay(T, 3.0, 2.0, 0.5)
    start = with_calls(function, []).guess(T, y)
    assert start["tau"] == pytest.approx(2.0, rel=0.1)
    with pytest.raises(IndexError, match="no such element"):
        with_calls(broken, []).guess(T, y)


def test_rows_start_where_single_curves_do():
    """One search: the same starts, so that the fits agree; few calls a row."""
    truths = np.random.default_rng(3).uniform((2.0, 0.5, 0.0), (9.0, 3.0, 1.0), (6, 3))
    y = np.array([decay(T, *own) for own in truths])
    y += 0.05 * np.random.default_rng(4).normal(size=y.shape)
    y[2] = math.nan
    calls = []
    model = with_calls(decay, calls)
    many = pf.fit_many(model, T, y, sigma=0.05, retry=False)
    assert len(calls) < 6 * 200
    for k in (0, 1, 3, 4, 5):
        single = pf.fit(model, T, y[k], sigma=0.05)
        assert many.chi2[k] == pytest.approx(single.chi2, rel=1e-8)
    assert np.ravel(many.failed).tolist() == [2]


def test_an_integrator_that_returns_too_little_at_a_step_is_no_error():
    """A fit goes on; at the start values it is told."""

    def function(t, amplitude, tau, floor):
        return decay(t, amplitude, tau, floor)[: None if tau < 4.0 else 7]

    y = decay(T, 3.0, 2.0, 0.5)
    model = with_calls(function, [])
    start = {"amplitude": 1.0, "tau": 0.6, "floor": 1.0}
    assert pf.fit(model, T, y, start=start)["tau"].value == pytest.approx(2.0)
    with pytest.raises(pf.errors.ModelError, match=r"shape \(7,\)"):
        pf.fit(model, T, y, start=start | {"tau": 5.0})


def test_looks_tell_what_is_linear_by_values():
    """Amplitudes and offsets together; products of two parameters only once."""

    def function(p):
        a, b, tau, c, width = p
        return a * b * np.exp(-T * abs(tau)) + c + np.cos(width * T)

    limits = np.full(5, -np.inf), np.full(5, np.inf)
    rng = np.random.default_rng(1)
    points = rng.uniform(0.5, 2.0, (4, 5))
    linear = looked_at(function, points, limits, range(5), 1.0)
    assert linear.places == [0, 3]
    assert linear.even == {2, 4}
    assert list(linear.columns) == [3]
    assert linear.values is None


def test_a_search_is_silent():
    """What the function warns of at parameters that nobody gave is not shown."""

    def function(t, amplitude, tau, floor):
        warnings.warn("excess work", UserWarning, stacklevel=1)
        return decay(t, amplitude, tau, floor)

    with warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always")
        with_calls(function, []).guess(T, decay(T, 3.0, 2.0, 0.5))
    assert not told


def test_retries_that_had_no_calls_left_say_nothing():
    """What the data leave open stays open, whatever other starts would have cost."""

    def function(t, a, b):
        return np.exp(-a * b * t)

    kernel = host_kernel(function, ("a", "b"), step="differences")
    parameters = tuple(Param(name, "", "") for name in "ab")
    model = Component(kernel, "", "", parameters, guess=None)()
    y = np.exp(-0.5 * T) + 0.05 * np.random.default_rng(1).normal(size=T.size)
    result = pf.fit(model, T, y, sigma=0.05, start={"a": 1.3, "b": 0.9})
    assert math.isinf(result["a"].stderr)
    assert math.isinf(result["b"].stderr)
