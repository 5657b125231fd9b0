"""Start values: guesses on simulated data land near the truth, in any units."""

from __future__ import annotations

import numpy as np
import pytest

from physfit import fit
from physfit.errors import InputError, PhysfitError, ShapeError
from physfit.models import (
    ComplexRingdown,
    Constant,
    Exponential,
    Gaussian,
    Linear,
    Lorentzian,
    Ringdown,
    Voigt,
    parse_model,
)
from physfit.models.declaration import DECLARATIONS
from physfit.models.guesses import Peak
from physfit.models.param import bounds, fixed, param, tie

SEEDS = range(8)
PEAKS = {
    "gaussian(a_)": 200,
    "gaussian(a_) + constant": 25,
    "gaussian(a_) + linear": 200,
    "lorentzian(a_) + constant": 200,
    "voigt(a_) + quadratic": 200,
    "pseudo_voigt(a_) + linear": 120,
    "gaussian(a_) + gaussian(b_) + linear": 200,
    "lorentzian(a_) + lorentzian(b_) + constant": 300,
    "voigt(a_) + voigt(b_) + quadratic": 400,
    "voigt(a_) + voigt(b_) + voigt(c_) + linear": 6000,
    "gaussian(a_) + gaussian(b_) + exponential": 200,
    "gaussian(a_) + exponential + constant": 200,
}
#: Ranges of parameters in units of x (0 to 1) and y, for what is no peak.
RANGES = {
    "amplitude": (0.7, 2.0),
    "frequency": (2.0, 30.0),
    "rate": (0.3, 4.0),
    "phase": (-3.0, 3.0),
    "x0": (0.5, 2.0),
    "v0": (-20.0, 20.0),
    "decay": (0.05, 1.0),
    "c": (-2.0, 2.0),
    "slope": (-2.0, 2.0),
    "intercept": (-2.0, 2.0),
    "a": (-2.0, 2.0),
    "b": (-2.0, 2.0),
    "J": (0.15, 0.35),
    "omega0": (8.0, 60.0),
}


def drawn_units(rng):
    """A unit of x from 1e-9 to 1e9, one of y from 1e-6 to 1e6."""
    return 10.0 ** rng.uniform(-9, 9), 10.0 ** rng.uniform(-6, 6)


def drawn_peaks(text, n, seed):
    """Noisy, unsorted samples of separate peaks, all up or all down."""
    rng = np.random.default_rng([seed, n, len(text)])
    x_unit, y_unit = drawn_units(rng)
    model = parse_model(text)
    prefixes = [p for p in ("a_", "b_", "c_") if f"{p}center" in model.names]
    slots = (np.arange(len(prefixes)) + rng.uniform(0.35, 0.65, len(prefixes))) * 2.0
    centers = (slots / len(prefixes) - 1.0) * 0.8
    width, sign = 0.1 / len(prefixes), rng.choice([-1.0, 1.0])
    values = {"c": 3.0, "slope": 0.5, "intercept": -1.0, "a": 0.8, "b": 0.5}
    values |= {"amplitude": 2.0, "decay": 0.8}
    for prefix, center in zip(prefixes, centers, strict=True):
        own = width * rng.uniform(0.6, 1.4)
        values[f"{prefix}amplitude"] = sign * own * rng.uniform(2.0, 6.0)
        values[f"{prefix}center"] = center
        values |= {f"{prefix}sigma": own, f"{prefix}gamma": own * rng.uniform(0.5, 1.0)}
        values[f"{prefix}fraction"] = rng.uniform(0.1, 0.9)
    x = rng.permutation(np.linspace(-1.0, 1.0, n))
    noise = 10.0 ** rng.uniform(-3.0, -1.0)
    return scaled(model, values, x, x_unit, y_unit, noise, rng)


def scaled(model, values, x, x_unit, y_unit, noise, rng):
    """Model, x, y, truth and curve in other units; noise relative to the unit of y."""
    units = {"x": x_unit, "y": y_unit, "y*x": y_unit * x_unit, "1/x": 1.0 / x_unit}
    units |= {"y/x": y_unit / x_unit, "y/x**2": y_unit / x_unit**2}
    truth = {
        name: values[name] * units.get(own.unit, 1.0)
        for name, own in model.parameters.items()
    }
    curve = model(x * x_unit, **truth)
    y = curve + noise * y_unit * rng.standard_normal(len(x))
    return model, x * x_unit, y, truth, curve


def misfit(model, x, curve, found):
    """Root mean square distance of the guess from the true curve, in its deviation."""
    error = np.abs(model(x, **found) - curve)
    return np.sqrt(np.mean(error**2)) / np.std(curve)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(("text", "n"), PEAKS.items(), ids=list(PEAKS))
def test_peaks_are_found_within_half_a_width(text, n, seed):
    """Centers within half a width, widths and areas within 50 %, in any units."""
    model, x, y, truth, curve = drawn_peaks(text, n, seed)
    found = model.guess(x, y)
    for quantity in model.derived:
        if quantity.name.endswith("fwhm"):
            prefix = quantity.name.removesuffix("fwhm")
            fwhm = quantity.expression(truth)
            distance = found[f"{prefix}center"] - truth[f"{prefix}center"]
            assert abs(distance) < 0.5 * fwhm
            assert 0.5 < quantity.expression(found) / fwhm < 1.5
            area = found[f"{prefix}amplitude"] / truth[f"{prefix}amplitude"]
            assert 0.5 < area < 1.5
    assert misfit(model, x, curve, found) < 0.5


CURVES = [
    "constant",
    "linear",
    "quadratic",
    "exponential",
    "exponential + constant",
    "exponential + linear",
    "ringdown",
    "ringdown + constant",
    "ringdown + linear",
    "damped_oscillator",
    "damped_oscillator + constant",
    "ising_chain_energy",
    "ising_chain_heat",
    "ising_square_energy",
    "ising_square_heat",
    "ising_square_energy + constant",
]


def drawn_curve(text, seed, **ranges):
    """Noisy samples of a curve with parameters drawn from their ranges."""
    rng = np.random.default_rng([seed, len(text)])
    x_unit, y_unit = drawn_units(rng)
    model = parse_model(text)
    if "ising" in text:
        # Energies have the unit of J, heats none: y goes with x, or stays.
        y_unit = 1.0 if "heat" in text else x_unit
    ranges = RANGES | ranges
    values = {
        name: rng.uniform(*ranges[name.removeprefix("a_").removeprefix("b_")])
        for name in model.names
    }
    x = rng.permutation(np.linspace(0.1, 1.0, 200))
    noise = 10.0 ** rng.uniform(-3.0, -1.5)
    return scaled(model, values, x, x_unit, y_unit, noise, rng)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("text", CURVES)
def test_curves_are_found(text, seed):
    """The guessed curve is near the true one; so are its nonlinear parameters."""
    model, x, y, truth, curve = drawn_curve(text, seed)
    found = model.guess(x, y)
    near = {"frequency": 0.05, "omega0": 0.2, "J": 0.1}
    wrong = {
        name: (found[name], truth[name])
        for name, share in near.items()
        if name in found and abs(found[name] - truth[name]) > share * truth[name]
    }
    assert wrong == {}
    if text != "constant":
        assert misfit(model, x, curve, found) < 0.3


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("damping", [0.5, 0.999, 1.0, 1.5, 4.0])
def test_oscillators_are_found_in_all_regimes(damping, seed):
    """Under-, critically and over-damped motion is guessed alike."""
    omega0 = 9.0
    pinned = {"omega0": (omega0, omega0), "rate": 2 * (damping * omega0,)}
    pinned |= {"v0": (-9.0, 9.0), "x0": (1.0, 2.0)}
    model, x, y, _, curve = drawn_curve("damped_oscillator", seed, **pinned)
    assert misfit(model, x, curve, model.guess(x, y)) < 0.3


@pytest.mark.parametrize("seed", SEEDS)
def test_two_ringdowns_are_told_apart(seed):
    """Beats are resolved into both frequencies."""
    rng = np.random.default_rng(seed)
    model = Ringdown("a_") + Ringdown("b_") + Constant()
    values = {"a_amplitude": 2.0, "a_frequency": 8.0, "a_rate": 1.0, "a_phase": 0.5}
    values |= {"b_amplitude": 1.0, "b_frequency": 10.5, "b_rate": 2.0, "b_phase": -1}
    values["c"] = 0.7
    x = np.sort(rng.uniform(0.0, 1.5, 400))
    y = model(x, **values) + 0.05 * rng.standard_normal(400)
    found = model.guess(x, y)
    frequencies = [found["a_frequency"], found["b_frequency"]]
    assert frequencies == pytest.approx([8.0, 10.5], rel=0.03)


@pytest.mark.parametrize("seed", SEEDS)
def test_complex_ringdowns_have_signed_frequencies(seed):
    """Lines on both sides of zero frequency are found with amplitude and phase."""
    rng = np.random.default_rng(seed)
    model = ComplexRingdown("a_") + ComplexRingdown("b_")
    values = {"a_amplitude": 3.0, "a_frequency": -150.0, "a_rate": 30.0, "a_phase": 1.0}
    values |= {"b_amplitude": 1.5, "b_frequency": 210.0, "b_rate": 50.0, "b_phase": -1}
    t = 3e-4 + 1e-3 * np.arange(128)
    noise = 0.1 * (rng.standard_normal(128) + 1j * rng.standard_normal(128))
    found = model.guess(t, model(t, **values) + noise)
    assert found == {name: pytest.approx(v, rel=0.3) for name, v in values.items()}


def test_a_spectrum_of_lines_is_found_whole():
    """Six lines come out strongest first, each within a fraction of its width."""
    frequencies = np.array([0.0, -900.0, 810.0, -300.0, 1500.0, 350.0])
    prefixes = [f"k{n}_" for n in range(6)]
    model = parse_model(" + ".join(f"complex_ringdown({p})" for p in prefixes))
    values = {}
    for n, prefix in enumerate(prefixes):
        values |= {f"{prefix}amplitude": 6.0 - n, f"{prefix}rate": 60.0}
        values |= {f"{prefix}frequency": frequencies[n], f"{prefix}phase": 0.3}
    t = 3e-4 + 1e-4 * np.arange(1024)
    rng = np.random.default_rng(5)
    noise = 0.3 * (rng.standard_normal(1024) + 1j * rng.standard_normal(1024))
    found = model.guess(t, model(t, **values) + noise)
    guessed = [found[f"{prefix}frequency"] for prefix in prefixes]
    np.testing.assert_allclose(guessed, frequencies, atol=3.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_two_decays_are_told_apart(seed):
    """The first component takes the faster decay."""
    rng = np.random.default_rng(seed)
    model = Exponential("a_") + Exponential("b_") + Constant()
    values = {"a_amplitude": 2.0, "a_decay": 0.1, "b_amplitude": 1.0, "b_decay": 1.0}
    values["c"] = 0.3
    x = np.linspace(0.0, 5.0, 400)
    found = model.guess(x, model(x, **values) + 0.005 * rng.standard_normal(400))
    assert found == {name: pytest.approx(v, rel=0.3) for name, v in values.items()}


def test_lines_far_from_zero_are_exact():
    """Polynomials are solved about the middle of x and lose nothing far from 0."""
    x = 1e9 + np.linspace(0.0, 1.0, 50)
    found = Linear().guess(x, 3.0 * (x - 1e9) + 2.0)
    assert found["slope"] == pytest.approx(3.0, rel=1e-6)


@pytest.mark.parametrize(
    ("text", "x", "y", "expected"),
    [
        ("constant", [2.0], [5.0], {"c": 5.0}),
        ("linear", [1.0, 2.0], [5.0, 7.0], {"slope": 2.0, "intercept": 3.0}),
        ("quadratic", [0, 1, 2], [1, 2, 5], {"a": 1.0, "b": 0.0, "c": 1.0}),
    ],
)
def test_polynomials_need_no_more_samples_than_coefficients(text, x, y, expected):
    """As many samples as coefficients give them exactly."""
    assert parse_model(text).guess(x, y) == pytest.approx(expected, abs=1e-9)


def test_samples_at_one_place_give_a_finite_line():
    """A line through samples at one x is not determined, and no failure."""
    found = Linear().guess([3.0, 3.0, 3.0], [1.0, 2.0, 3.0])
    assert 3.0 * found["slope"] + found["intercept"] == pytest.approx(2.0)


PEAK_X = np.linspace(0.0, 10.0, 201)
PEAK_Y = Gaussian()(PEAK_X, amplitude=2.0, center=3.0, sigma=0.5) + Gaussian()(
    PEAK_X, amplitude=4.0, center=7.0, sigma=0.5
)


@pytest.mark.parametrize(
    "change", [7.1, fixed(7.0), bounds(6.0, 8.0)], ids=["start", "fixed", "bounds"]
)
def test_given_centers_stay_and_guide(change):
    """A start, a fixed value or bounds say which peak is meant, the other is left."""
    model = (Gaussian("a_") + Gaussian("b_") + Constant()).where(a_center=change)
    found = model.guess(PEAK_X, PEAK_Y)
    assert [found["a_amplitude"], found["b_amplitude"]] == pytest.approx(
        [4, 2], rel=0.3
    )
    assert found["b_center"] == pytest.approx(3.0, abs=0.1)
    assert found.get("a_center", 7.0) == pytest.approx(7.0, abs=0.11)


def test_given_starts_are_not_changed():
    """A start that was given comes back as it is."""
    found = Gaussian().where(center=3.2).guess(PEAK_X, PEAK_Y)
    assert found["center"] == 3.2


def test_bounded_centers_choose_their_peak():
    """Bounds put the components on peaks in another order than from left to right."""
    model = Gaussian("a_") + Gaussian("b_")
    model = model.where(a_center=bounds(6.0, 8.0), b_center=bounds(2.0, 4.0))
    found = model.guess(PEAK_X, PEAK_Y)
    assert [found["a_center"], found["b_center"]] == pytest.approx([7, 3], abs=0.1)


def test_guesses_lie_within_bounds():
    """What data would put outside a bound is put on it."""
    model = (Gaussian("a_") + Gaussian("b_")).where(a_sigma=bounds(1.0, 2.0))
    assert model.guess(PEAK_X, PEAK_Y)["a_sigma"] == 1.0


def test_tied_and_fixed_parameters_are_not_guessed():
    """Only free parameters get a value."""
    model = (Gaussian("a_") + Gaussian("b_") + Linear()).where(
        b_sigma=tie("a_sigma"), slope=fixed(0.0)
    )
    assert tuple(model.guess(PEAK_X, PEAK_Y)) == model.free_names


def test_overlapping_peaks_are_split():
    """Two peaks with one maximum still get a center on either side of it."""
    rng = np.random.default_rng(3)
    values = {"a_amplitude": 2.0, "a_center": 4.4, "a_sigma": 0.5}
    values |= {"b_amplitude": 2.0, "b_center": 5.4, "b_sigma": 0.5}
    model = Gaussian("a_") + Gaussian("b_")
    y = model(PEAK_X, **values) + 0.01 * rng.standard_normal(PEAK_X.size)
    found = model.guess(PEAK_X, y)
    assert [found["a_center"], found["b_center"]] == pytest.approx([4.4, 5.4], abs=0.4)


def test_a_dip_beside_a_peak_keeps_its_sign():
    """Peaks may point both ways."""
    model = Lorentzian("a_") + Lorentzian("b_") + Constant()
    values = {"a_amplitude": 2.0, "a_center": 3.0, "a_gamma": 0.3}
    values |= {"b_amplitude": -2.0, "b_center": 7.0, "b_gamma": 0.3, "c": 5.0}
    found = model.guess(PEAK_X, model(PEAK_X, **values))
    assert found["a_amplitude"] > 1.0 and found["b_amplitude"] < -1.0


def test_growth_is_guessed_within_negative_bounds():
    """A decay bounded to negative values is a growth."""
    model = Exponential().where(decay=bounds(None, 0))
    x = np.linspace(0.0, 3.0, 50)
    found = model.guess(x, 2.0 * np.exp(x / 0.7))
    assert found == {
        "amplitude": pytest.approx(2.0, rel=0.3),
        "decay": pytest.approx(-0.7, rel=0.3),
    }


def test_the_phase_lies_in_the_period_that_its_bounds_ask_for():
    """Phases are moved by whole turns into their bounds."""
    model = Ringdown().where(phase=bounds(0.0, 6.3))
    values = {"amplitude": 1.0, "frequency": 3.0, "rate": 0.5, "phase": 5.0}
    t = np.linspace(0.0, 2.0, 200)
    found = model.guess(t, model(t, **values))
    assert found["phase"] == pytest.approx(5.0, abs=0.2)


def test_samples_that_are_not_finite_are_left_out():
    """NaN in y changes nothing but the sample."""
    y = PEAK_Y.copy()
    y[::7] = np.nan
    found = (Gaussian("a_") + Gaussian("b_")).guess(PEAK_X, y)
    assert found["b_center"] == pytest.approx(7.0, abs=0.2)


def test_factors_of_a_product_are_found():
    """A peak times a decay is guessed whole; what is given of it stays."""
    model = Gaussian() * Exponential("e_")
    truth = {"amplitude": 2.0, "center": 4.0, "sigma": 1.0, "e_decay": 2.5}
    y = model(PEAK_X, **truth, e_amplitude=1.0)
    found = model.guess(PEAK_X, y)
    np.testing.assert_allclose(model(PEAK_X, **found, e_amplitude=1.0), y, atol=1e-3)
    assert model.where(e_decay=50.0).guess(PEAK_X, y)["e_decay"] == 50.0


def test_nothing_is_computed_when_all_starts_are_given():
    """With all starts given the data are not looked at."""
    model = Linear().where(slope=1.0, intercept=param(start=2.0))
    assert model.guess([], []) == {"slope": 1.0, "intercept": 2.0}


@pytest.mark.parametrize("n", [4, 5, 7, 10])
@pytest.mark.parametrize(
    "text",
    [
        "voigt(a_) + voigt(b_) + quadratic",
        "ringdown + linear",
        "exponential + constant",
    ],
)
def test_few_samples_give_finite_starts(text, n):
    """However few samples there are, each start is finite and within its bounds."""
    rng = np.random.default_rng(n)
    model = parse_model(text)
    found = model.guess(np.arange(n), rng.standard_normal(n))
    assert np.isfinite(list(found.values())).all()


@pytest.mark.parametrize("y", [np.zeros(30), np.ones(30)], ids=["zeros", "ones"])
@pytest.mark.parametrize(
    "text",
    ["gaussian + linear", "voigt", "exponential", "damped_oscillator", "ringdown"],
)
def test_flat_data_give_finite_starts(text, y):
    """Data without a feature are no reason to fail."""
    found = parse_model(text).guess(np.arange(30), y)
    assert np.isfinite(list(found.values())).all()


@pytest.mark.parametrize(
    ("model", "x", "y", "error", "words"),
    [
        (Voigt(), [1, 2, 3], [1, 2, 3], InputError, "3 samples: 4 or more"),
        (Voigt(), [1, 1, 1, 1], [1, 2, 3, 4], InputError, "not all at one x"),
        (Voigt(), [1, 2, 3], [1, 2], ShapeError, "`y` has 2 samples, but `x` has 3"),
        (Voigt(), [1, 2, 3, 4], [1j, 2, 3, 4], InputError, "complex"),
        (Voigt(), np.arange(9), np.full(9, np.nan), PhysfitError, "no finite number"),
    ],
    ids=["few", "one x", "shapes", "complex", "all NaN"],
)
def test_data_without_an_answer_are_refused(model, x, y, error, words):
    """Each is one sentence that says what is missing."""
    with pytest.raises(error, match=words):
        model.guess(x, y)


LARGE = np.linspace(0.0, 10.0, 300_001)
LINE = {"slope": 0.3, "intercept": 2.0}


@pytest.mark.parametrize("order", [slice(None), slice(None, None, -1)])
def test_a_peak_is_found_among_many_samples(order):
    """Means of neighbours show a peak as the samples do, rising or falling."""
    model = Gaussian() + Linear()
    truth = {"amplitude": 0.1, "center": 4.0, "sigma": 0.02, **LINE}
    noise = 0.5 * np.random.default_rng(1).standard_normal(LARGE.size)
    y = model(LARGE, **truth) + noise
    found = model.guess(LARGE[order], y[order])
    assert found["center"] == pytest.approx(4.0, abs=0.02)
    assert found["sigma"] == pytest.approx(0.02, rel=0.5)


def test_samples_of_large_sigma_do_not_count():
    """The guess sees the weights that the fit sees."""
    x, sigma = np.linspace(0.0, 10.0, 61), np.full(61, 0.02)
    model = Gaussian() + Constant()
    truth = {"amplitude": 5.0, "center": 4.0, "sigma": 0.8, "c": 1.0}
    y = model(x, **truth)
    y[[5, 24, 40]], sigma[[5, 24, 40]] = 1e4, 1e6
    found = model.guess(x, y, sigma)
    assert found == {name: pytest.approx(v, rel=0.1) for name, v in truth.items()}


@pytest.mark.parametrize("loss", ["cauchy", "huber", "soft_l1"])
def test_outliers_do_not_draw_the_guess_of_a_robust_loss(loss):
    """Single samples far off are no peak where the loss forgives them."""
    rng = np.random.default_rng(4)
    model = Gaussian() + Constant()
    truth = {"amplitude": 5.0, "center": 4.0, "sigma": 0.8, "c": 1.0}
    y = model(PEAK_X, **truth) + 0.02 * rng.standard_normal(PEAK_X.size)
    y[[15, 90, 150]] += [300.0, -200.0, 400.0]
    found = model.guess(PEAK_X, y, loss=loss)
    assert found == {name: pytest.approx(v, rel=0.2) for name, v in truth.items()}


@pytest.mark.parametrize("seed", SEEDS)
def test_a_peak_at_an_end_is_found(seed):
    """Half a peak at the end of the data is no slope of the background."""
    rng = np.random.default_rng(seed)
    x = np.linspace(0.0, 10.0, 101)
    model = Gaussian() + Constant()
    y = model(x, amplitude=10.0, center=9.5, sigma=2.0, c=2.0)
    found = model.guess(x, y + 0.02 * rng.standard_normal(101))
    assert found["center"] == pytest.approx(9.5, abs=0.5)


@pytest.mark.parametrize("decay", [0.0, fixed(0.0)], ids=["start", "fixed"])
def test_a_start_without_finite_values_is_refused(decay):
    """A decay of 0 has no curve that the amplitude could be guessed from."""
    model = (Exponential() + Constant()).where(decay=decay)
    t = np.arange(50.0)
    with pytest.raises(InputError, match=r"no finite values at decay=0.0"):
        model.guess(t, 3.0 * np.exp(-t / 9.0) + 1.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_peak_over_two_decays_is_found(seed):
    """A sum of several kinds starts from spread points, the best improved."""
    rng = np.random.default_rng(seed)
    model = Gaussian("a_") + Exponential("b_") + Exponential("c_")
    truth = {"a_amplitude": 1.0, "a_center": rng.uniform(3.0, 8.0), "a_sigma": 0.4}
    truth |= {"b_amplitude": 3.0, "b_decay": 0.5, "c_amplitude": 2.0, "c_decay": 6.0}
    y = model(PEAK_X, **truth)
    noisy = y + 0.01 * rng.standard_normal(PEAK_X.size)
    assert misfit(model, PEAK_X, y, model.guess(PEAK_X, noisy)) < 0.1


DECLARED = [name for name, own in DECLARATIONS.items() if isinstance(own.guess, Peak)]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("name", DECLARED)
def test_every_declared_peak_is_guessed(name, seed):
    """Of any peak the guess is near the curve, and a fit from it ends at the truth."""
    rng = np.random.default_rng([seed, len(name)])
    own = DECLARATIONS[name].guess
    model = parse_model(f"{name} + constant")
    truth = dict.fromkeys(model.names, 0.4) | {"c": 2.0}
    truth |= {one.name: one.start for one in model.params if one.start is not None}
    truth |= {own.amplitude: 3.0, own.center: rng.uniform(1.0, 9.0)}
    curve = model(PEAK_X, **truth)
    y = curve + 0.01 * rng.standard_normal(PEAK_X.size)
    assert misfit(model, PEAK_X, curve, model.guess(PEAK_X, y)) < 0.3
    result = fit(model, PEAK_X, y, sigma=0.01)
    assert abs(result[own.center].value - truth[own.center]) < 5e-2
