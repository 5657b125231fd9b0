"""Decays whose data lie many decay times away from x = 0."""

from __future__ import annotations

import math

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError

M = pf.models
T = np.linspace(0.0, 10.0, 400)
CASES = {
    "decay": (M.Exponential() + M.Constant(), dict(amplitude=8.0, decay=2.0, c=1.0)),
    "growth of two": (
        M.Exponential("a_") + M.Exponential("b_") + M.Linear(),
        dict(a_amplitude=3.0, a_decay=0.5, b_amplitude=2.0, b_decay=4.0)
        | dict(slope=0.0, intercept=0.3),
    ),
    "ring-down": (
        M.Ringdown() + M.Constant(),
        dict(amplitude=3.0, frequency=1.3, rate=0.4, phase=0.7, c=1.0),
    ),
    "oscillator": (
        M.DampedOscillator(),
        dict(x0=2.0, v0=1.0, omega0=6.0, rate=0.3),
    ),
    "over-damped": (
        M.DampedOscillator(),
        dict(x0=2.0, v0=1.0, omega0=1.0, rate=1.6),
    ),
}
ROTATION = dict(amplitude=3.0, frequency=1.3, rate=0.4, phase=0.7)


def noisy(model: pf.Model, truth: dict[str, float]) -> np.ndarray:
    """Values at T with a noise of 0.02."""
    return model(T, **truth) + 0.02 * np.random.default_rng(1).normal(size=T.size)


@pytest.mark.parametrize("offset", [86400.0, 1.7e9, -5e4])
@pytest.mark.parametrize("name", CASES)
def test_x_far_from_zero_changes_no_answer(name: str, offset: float) -> None:
    """Nor an error; that amplitude and phase are those at the first x is said."""
    model, truth = CASES[name]
    model = model.where(slope=pf.fixed(0.0)) if "slope" in model.names else model
    y = noisy(model, {k: truth[k] for k in model.free_names})
    near = pf.fit(model, T, y, sigma=0.02)
    far = pf.fit(model, T + offset, y, sigma=0.02)
    assert far.converged
    assert any(f"x = {offset:.0f}, not" in text for text in far.warnings)
    # x itself is rounded to 2e-7 at 1.7e9.
    assert far.chi2 == pytest.approx(near.chi2, rel=1e-5)
    for free in model.free_names:
        distance = abs(far[free].value - near[free].value) / near[free].stderr
        assert distance < 1e-3
        assert far[free].stderr == pytest.approx(near[free].stderr, rel=1e-4)


def test_complex_ringdowns_are_no_exception() -> None:
    """The phase is that at the first x."""
    model = M.ComplexRingdown()
    noise = np.random.default_rng(2).normal(size=(2, T.size))
    y = model(T, **ROTATION) + 0.02 * (noise[0] + 1j * noise[1])
    near, far = (pf.fit(model, T + off, y, sigma=0.02) for off in (0.0, 86400.0))
    for name in model.names:
        assert far[name].value == pytest.approx(near[name].value, abs=1e-6)
        assert far[name].stderr == pytest.approx(near[name].stderr, rel=1e-4)


@pytest.mark.parametrize("offset", [100.0, 1000.0])
def test_what_has_numbers_at_zero_is_given_there(offset: float) -> None:
    """After 50 and 500 decay times; an amplitude of e^500 is not determined."""
    model, truth = CASES["decay"]
    y = noisy(model, truth)
    near, far = pf.fit(model, T, y), pf.fit(model, T + offset, y)
    assert far.model == model
    assert far["decay"].value == pytest.approx(near["decay"].value, rel=1e-7)
    assert far["decay"].stderr == pytest.approx(near["decay"].stderr, rel=1e-4)
    back = far["amplitude"].value * np.exp(-offset / far["decay"].value)
    assert back == pytest.approx(near["amplitude"].value, rel=1e-5)
    relative = offset * near["decay"].stderr / near["decay"].value ** 2
    if offset < 500.0:
        spread = far["amplitude"].stderr / far["amplitude"].value
        assert spread == pytest.approx(relative, rel=0.1)


@pytest.mark.parametrize("offset", [100.0, 1000.0, 86400.0])
def test_rows_are_the_fits_of_each(offset: float) -> None:
    """Every row of `fit_many`, one of them without data."""
    model, _ = CASES["decay"]
    rng = np.random.default_rng(3)
    rows = [8.0 * np.exp(-T / decay) + 1.0 for decay in rng.uniform(1.0, 4.0, 20)]
    y = np.array(rows) + 0.1 * rng.normal(size=(20, T.size))
    y[0] = np.nan
    near = pf.fit_many(model, T, y, sigma=0.1)
    far = pf.fit_many(model, T + offset, y, sigma=0.1)
    assert (far.converged == near.converged).all()
    distance = (far["decay"].value - near["decay"].value) / near["decay"].stderr
    assert np.nanmax(np.abs(distance)) < 1e-4
    errors = far["decay"].stderr / near["decay"].stderr
    np.testing.assert_allclose(errors[1:], 1.0, rtol=1e-3)


def test_a_report_names_the_seconds_since_1970() -> None:
    """Six digits of them are months apart; both ends of the data can be told apart."""
    x = T - T[0] + 1764505837.25
    result = pf.fit(CASES["decay"][0], x, noisy(*CASES["decay"]))
    report = " ".join(result.report().split())
    assert "at x = 1764505837.25, not at x = 0" in report
    low, high = report.split(" against x from ")[1].split(" errors ")[0].split(" to ")
    assert float(low) == pytest.approx(x[0], rel=0.0, abs=1e-2 * np.ptp(x))
    assert float(high) == pytest.approx(x[-1], rel=0.0, abs=1e-2 * np.ptp(x))


def test_what_is_asked_of_the_amplitude_at_zero_is_refused_there(tmp_path) -> None:
    """In a start, a tie, and where a file or scipy's signature fixes the meaning."""
    model, truth = CASES["decay"]
    x, y = T + 86400.0, noisy(model, truth)
    tied = model.where(c=pf.tie("amplitude / 8"))
    calls = [
        lambda: pf.fit(model, x, y, start={"amplitude": 8.0, "decay": 2.0}),
        lambda: pf.fit(tied, x, y),
        lambda: pf.curve_fit(model, x, y),
        lambda: pf.fit(model, x, y, method="adam", epochs=1),
        lambda: pf.compare(model, x, y, methods=["lm", "scipy:trf"]),
        lambda: pf.multistart(model, x, y, n_starts=2),
        lambda: pf.landscape(model, x, y, over=("c",)),
        lambda: pf.find_rate(model, x, y),
    ]
    for call in calls:
        with pytest.raises(InputError, match="subtract the first x, 86400"):
            call()


@pytest.mark.parametrize("given", [{}, {"amplitude": 1e217, "decay": 2.0}])
def test_amplitudes_whose_squares_are_no_numbers_are_refused_too(
    tmp_path, given
) -> None:
    """Passes ended there as converged, 7 standard errors away from the minimum."""
    model, truth = CASES["decay"]
    x, y = T + 1000.0, noisy(model, truth)
    path, maps = tmp_path / "rows.h5", tmp_path / "map.h5"
    with h5py.File(path, "w") as file:
        file["x"], file["y"], file["sigma"] = x, y, np.full(x.size, 0.02)
    with h5py.File(maps, "w") as file:
        file["x"], file["y"] = x, np.stack([y, y])
    near = pf.fit(model, T, y, sigma=0.02)["decay"]
    assert pf.fit(model, x, y, sigma=0.02)["decay"].value == pytest.approx(near.value)
    calls = [
        lambda: pf.fit(model, pf.Hdf5Source(path), start=given),
        lambda: pf.fit_many(model, maps, output=tmp_path / "out.h5", start=given),
        lambda: pf.compare(model, x, y, sigma=0.02, start=given, methods=["lm"]),
    ]
    for call in calls:
        with pytest.raises(InputError, match="subtract the first x, 1000"):
            call()


def test_a_component_from_an_origin_is_one_of_the_catalogue(tmp_path) -> None:
    """In text, in a file, with partials, and moved by `from_origin`."""
    model = pf.parse_model("exponential_from(86400, a_) + constant")
    moved = pf.models.from_origin(M.Exponential("a_") + M.Constant(), 86400.0)
    assert moved == model
    assert pf.parse_model(model.expression) == model
    plain = M.Exponential("a_") + M.Constant()
    values = {"a_amplitude": 8.0, "a_decay": 2.0, "c": 1.0}
    found, partials = model.with_partials(T + 86400.0, **values)
    expected, slopes = plain.with_partials(T, **values)
    np.testing.assert_allclose(found, expected, rtol=1e-9)
    np.testing.assert_allclose(partials, slopes, rtol=1e-9, atol=1e-12)
    result = pf.fit(model, T + 86400.0, noisy(plain, values))
    result.save(tmp_path / "fit.json")
    assert pf.load_result(tmp_path / "fit.json").model == model
    with pytest.raises(pf.errors.ModelError, match="counted from"):
        pf.parse_model("exponential_from(a)")


def test_a_fit_that_does_not_arrive_has_not_converged() -> None:
    """At 600 decay times normal equations have no digits, and what they say is void."""
    x = np.linspace(0.0, 6.0, 80)
    y = 3.0 * np.exp(-x / 1.5) + 0.02 * np.random.default_rng(0).normal(size=x.size)
    best = pf.fit(pf.models.Exponential(), x, y, sigma=0.02)
    decay = 1.01 * best["decay"].value
    start = {"amplitude": 3.0 * math.exp(900.0 / decay), "decay": decay}
    result = pf.fit(pf.models.Exponential(), x + 900.0, y, sigma=0.02, start=start)
    assert result.chi2 < best.chi2 + 1e-6 or not result.converged
    places = np.array([x + 86400.0, x + 87400.0])
    rows = pf.fit_many(pf.models.Exponential(), places, np.array([y, y]), sigma=0.02)
    assert rows.chi2[0] == pytest.approx(best.chi2, abs=1e-6)
    assert rows.chi2[1] < best.chi2 + 1e-6 or not rows.converged[1]


def test_an_amplitude_whose_square_is_no_number_is_said_alone() -> None:
    """The decay has its error all the same."""
    model, _ = CASES["decay"]
    y = noisy(*CASES["decay"])
    near, far = pf.fit(model, T, y), pf.fit(model, T + 1000.0, y)
    assert far["amplitude"].stderr == math.inf
    assert far["decay"].stderr == pytest.approx(near["decay"].stderr, rel=1e-4)
    assert not any("There are no errors" in text for text in far.warnings)


@pytest.mark.parametrize("origin", ["3", None, 1j, [1.0], 10**400, np.inf])
def test_an_origin_that_is_no_number_is_refused(origin) -> None:
    """And what is no model, in a sentence each."""
    with pytest.raises(InputError, match="`origin` must be a finite number"):
        pf.models.from_origin(M.Exponential(), origin)
    with pytest.raises(InputError, match="`model` must be a physfit model"):
        pf.models.from_origin("exponential", 3.0)


def test_a_name_that_stands_twice_is_told_with_what_can_be_written() -> None:
    """The components of a family have no class; their text has a prefix inside."""
    text = "exponential_from(1) + exponential_from(2)"
    with pytest.raises(pf.errors.ModelError) as caught:
        pf.parse_model(text)
    example = str(caught.value).split("'")[-2]
    assert example == "exponential_from(1.0, a_) + exponential_from(2.0, b_)"
    assert pf.parse_model(example).names[0] == "a_amplitude"
