"""Trajectories and their sensitivities against closed forms and differences."""

from __future__ import annotations

import math

import mpmath as mp
import numpy as np
import pytest

import physfit as pf
from physfit.engine.program import evaluate
from physfit.models.model import Model

FRICTION = "-omega0**2 * u - mu * sign(v)"
#: Errors of steps add up: so many times rtol over ten periods.
GROWN = 20.0


def curve(model: Model, t: np.ndarray, **values: float) -> tuple[np.ndarray, ...]:
    """Values, and partials in the order of the names."""
    theta = np.array([values[name] for name in model.names])
    value, slopes = evaluate(model.layout, theta, t[None], partials=True)
    assert slopes is not None
    return value[0], slopes[:, 0]


def differences(model: Model, t: np.ndarray, **values: float) -> np.ndarray:
    """Central differences of fourth order of the values."""
    rows = []
    for name in model.names:
        h = 1e-4 * max(1.0, abs(values[name]))
        near = [
            model(t, **values | {name: values[name] + k * h}) for k in (-2, -1, 1, 2)
        ]
        rows.append((near[0] - 8.0 * near[1] + 8.0 * near[2] - near[3]) / (12.0 * h))
    return np.array(rows)


def coulomb(t: float, x0: float, omega: float, mu: float) -> float:
    """Oscillator with dry friction, released at rest: half cosines, then rest."""
    shift, x = mu / omega**2, x0
    while abs(x) > shift:
        center = math.copysign(shift, x)
        if t <= math.pi / omega:
            return center + (x - center) * math.cos(omega * t)
        x, t = 2.0 * center - x, t - math.pi / omega
    return x


@pytest.mark.parametrize("rtol", [1e-6, 1e-8, 1e-10, 1e-12])
def test_an_oscillator_and_its_sensitivities_are_those_of_the_closed_form(rtol):
    """Errors are of the size of rtol, also of derivatives."""
    rates = {"u": "v", "v": "-omega0**2 * u - 2 * rate * v"}
    model = pf.ode(rates, start=["x0", "v0"], rtol=rtol)
    closed = pf.models.DampedOscillator()
    t = np.linspace(0.0, 20.0, 777)
    values = {"omega0": 3.0, "rate": 0.1, "x0": 1.0, "v0": 0.3}
    value, slopes = curve(model, t, **values)
    expected, partials = curve(closed, t, **values)
    partials = partials[[closed.names.index(name) for name in model.names]]
    assert np.abs(value - expected).max() < GROWN * rtol
    assert (
        np.abs(slopes - partials).max(1) < GROWN * rtol * np.abs(partials).max(1)
    ).all()


def pendulum(t: float, omega0: mp.mpf, theta0: mp.mpf) -> mp.mpf:
    """Angle of a pendulum that is released at rest."""
    k = mp.sin(theta0 / 2)
    m = k * k
    return 2 * mp.asin(k * mp.ellipfun("cd", omega0 * t, m=m))


@pytest.mark.parametrize("theta0", [0.1, 1.5, 3.0])
def test_a_pendulum_is_that_of_the_elliptic_functions(theta0):
    """Value and sensitivities, from a small swing to nearly a whole turn."""
    model = pf.ode({"theta": "v", "v": "-omega0**2 * sin(theta)"}, start={"v": 0})
    t = np.linspace(0.1, 12.0, 14)
    value, slopes = curve(model, t, omega0=2.0, theta0=theta0)
    with mp.workdps(30):
        expected, *partials = np.array(
            [
                [
                    float(mp.diff(pendulum, (one, 2, mp.mpf(theta0)), (0, k, n)))
                    for one in t
                ]
                for k, n in ((0, 0), (1, 0), (0, 1))
            ]
        )
    # near the upper rest a difference grows as exp(omega0 t): 10 for each of 2 passes
    assert np.abs(value - expected).max() < 1e-8
    assert (np.abs(slopes - partials).max(1) < 1e-8 * np.abs(partials).max(1)).all()


@pytest.mark.parametrize("x0", [1.0, -0.7, 0.05])
def test_dry_friction_turns_and_rests_where_the_closed_form_does(x0):
    """Half cosines around shifted centres; at rest nothing changes any more."""
    model = pf.ode({"u": "v", "v": FRICTION}, start=["x0", 0.0])
    t = np.linspace(0.0, 20.0, 500)
    value, slopes = curve(model, t, omega0=3.0, mu=0.5, x0=x0)
    expected = np.array([coulomb(own, x0, 3.0, 0.5) for own in t])
    assert np.abs(value - expected).max() < 1e-9
    assert np.ptp(value[-50:]) < 1e-9
    by_start = np.array(
        [
            (coulomb(own, x0 + 1e-6, 3.0, 0.5) - coulomb(own, x0 - 1e-6, 3.0, 0.5))
            / 2e-6
            for own in t
        ]
    )
    assert np.abs(slopes[model.names.index("x0")] - by_start).max() < 1e-7


MOTIONS = {
    "pendulum with three kinds of friction": (
        pf.ode(
            {
                "theta": "v",
                "v": "-w**2*sin(theta) - 2*g*v - q*v*abs(v) - mu*sign(v)",
            },
            observed="theta + zero",
        ),
        {
            "w": 11.0,
            "g": 0.05,
            "q": 0.02,
            "mu": 0.5,
            "theta0": 2.5,
            "v0": 0.3,
            "zero": 0.1,
        },
        5.0,
    ),
    "driven, with rests between": (
        pf.ode({"u": "v", "v": "-w**2*u - 2*g*v - mu*sign(v) + f*cos(b*t)"}),
        {"w": 2.0, "g": 0.05, "mu": 0.8, "f": 1.0, "b": 1.3, "u0": 0.5, "v0": 0.3},
        12.0,
    ),
    "driven by a rectangular wave": (
        pf.ode(
            {"u": "v", "v": "-w**2*u - 2*g*v + where(sin(b*t) > 0, f, -f/2)"},
            observed="u + 0.1*v**2",
        ),
        {"w": 2.0, "g": 0.05, "f": 0.8, "b": 1.3, "u0": 0.5, "v0": 0.3},
        10.0,
    ),
    "van der Pol": (
        pf.ode({"u": "v", "v": "mu*(1 - u**2)*v - w**2*u"}),
        {"mu": 2.0, "w": 1.5, "u0": 0.5, "v0": 0.1},
        15.0,
    ),
}


@pytest.mark.parametrize("which", MOTIONS)
def test_sensitivities_are_the_derivative_of_the_value(which):
    """Through changes of branches too, where the derivatives jump."""
    model, values, end = MOTIONS[which]
    t = np.linspace(-0.2 if "rest" not in which else 0.0, end, 400)
    _, slopes = curve(model, t, **values)
    numeric = differences(model, t, **values)
    # beside a change that moves by h differences see both sides
    worst = np.sort(np.abs(slopes - numeric), axis=1)[:, :-12].max(axis=1)
    assert (worst < 1e-5 * np.abs(slopes).max(axis=1)).all()


def test_the_order_of_samples_and_what_is_asked_do_not_matter():
    """Shuffled times, times before t0, and values without derivatives."""
    model, values, _ = MOTIONS["driven by a rectangular wave"]
    t = np.linspace(-3.0, 10.0, 300)
    shuffled = np.random.default_rng(1).permutation(300)
    value, slopes = curve(model, t, **values)
    assert np.isfinite(value).all()
    other, its_slopes = curve(model, t[shuffled], **values)
    assert (other == value[shuffled]).all()
    assert (its_slopes == slopes[:, shuffled]).all()
    assert (model(t, **values) == value).all()


def test_a_start_time_may_be_a_parameter():
    """The derivative by it is that of a start that is moved."""
    model = pf.ode({"a": "-k * a"}, t0="s")
    t = np.linspace(-1.0, 3.0, 40)
    value, slopes = curve(model, t, k=0.7, a0=2.0, s=0.5)
    expected = 2.0 * np.exp(-0.7 * (t - 0.5))
    assert np.abs(value - expected).max() < 1e-8
    assert np.abs(slopes[model.names.index("s")] - 0.7 * expected).max() < 1e-8


def test_what_is_observed_may_be_complex():
    """Real and imaginary part of a decaying rotation."""
    model = pf.ode({"a": "-k * a"}, observed="a * exp(1j * w * t)")
    t = np.linspace(0.0, 3.0, 40)
    expected = 2.0 * np.exp((3.0j - 0.7) * t)
    assert np.abs(model(t, k=0.7, a0=2.0, w=3.0) - expected).max() < 1e-8


@pytest.mark.parametrize(
    ("rates", "values", "end"),
    [
        ({"u": "a * u**2"}, {"a": 1.0, "u0": 1.0}, 2.0),
        ({"u": "-k * (u - cos(t))"}, {"k": 1e7, "u0": 1.0}, 100.0),
        ({"u": "sqrt(1 - u) + a"}, {"a": 0.1, "u0": 0.0}, 9.0),
    ],
    ids=["leaves the numbers", "is stiff", "leaves its domain"],
)
def test_a_motion_without_an_answer_is_nan_from_there_on(rates, values, end):
    """No number is invented, what was before stays, and it ends soon."""
    t = np.linspace(0.0, end, 1000)
    value = pf.ode(rates)(t, **values)
    assert np.isfinite(value[0])
    assert np.isnan(value[-1])
    lost = np.isnan(value)
    assert (np.diff(lost.astype(int)) >= 0).all()
