"""Measured responses: what is made of them, fits with them, and their files."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.interpolate import CubicSpline

import physfit as pf

MODELS = pf.models
U = np.linspace(-2.0, 2.0, 81)
R = np.exp(-0.5 * (U / 0.3) ** 2) + 0.3 * np.exp(-0.5 * ((U - 0.5) / 0.2) ** 2)
X = np.linspace(-10.0, 10.0, 401)
TRUTH = {"amplitude": 3.0, "center": 0.5, "gamma": 0.4, "slope": 0.01}
TRUTH["intercept"] = 0.3
NOISE = 0.02


def seen() -> pf.Model:
    """Lorentzian seen through the response, on a line."""
    return MODELS.Lorentzian() @ pf.response(U, R) + MODELS.Linear()


def drawn(seed: int) -> np.ndarray:
    """Data of that model."""
    noise = np.random.default_rng(seed).normal(size=X.size)
    return seen()(X, **TRUTH) + NOISE * noise


def test_the_convolution_is_that_of_columns():
    """On samples a step apart it is the sum that numpy.convolve takes."""
    weights = R / R.sum()
    step = U[1] - U[0]
    wide = np.arange(-240, 241) * step
    line = MODELS.Lorentzian()(wide, amplitude=3.0, center=0.5, gamma=0.5)
    expected = np.convolve(line, weights, mode="same")[40:-40]
    found = (MODELS.Lorentzian() @ pf.response(U, R))(wide[40:-40], 3.0, 0.5, 0.5)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def test_finer_samples_see_the_spline():
    """Between its samples the response is a spline, which is of fourth order."""
    gauss = np.exp(-0.5 * (U / 0.3) ** 2)
    x = np.linspace(-3.0, 3.0, 171)
    model = MODELS.Lorentzian() @ pf.response(U, gauss)
    found = model(x, amplitude=1.0, center=0.3, gamma=0.5)
    exact = MODELS.Voigt()(x, amplitude=1.0, center=0.3, sigma=0.3, gamma=0.5)
    np.testing.assert_allclose(found, exact, atol=1e-6)


@pytest.mark.parametrize("n", [80, 1200], ids=["few", "many"])
@pytest.mark.parametrize("gamma", [0.1, 0.4])
def test_uneven_samples_see_the_spline(n, gamma):
    """Few samples are summed one by one, many are interpolated from a lattice."""
    x = np.random.default_rng(0).uniform(-10.0, 10.0, n)
    found = (MODELS.Lorentzian() @ pf.response(U, R))(x, 1.0, 0.5, gamma)
    step, (nodes, weights) = U[1] - U[0], np.polynomial.legendre.leggauss(20)
    u = (U[:-1, None] + 0.5 * step * (1.0 + nodes)).ravel()
    known = CubicSpline(U, R / R.sum() / step)(u) * np.tile(0.5 * step * weights, 80)
    line = MODELS.Lorentzian()((x[:, None] - u).ravel(), 1.0, 0.5, gamma)
    expected = line.reshape(n, -1) @ known
    np.testing.assert_allclose(found, expected, atol=6e-8 * expected.max())


@pytest.mark.parametrize(
    ("zero", "at"), [("given", 0.7), ("peak", 0.0), ("centroid", 0.0)]
)
def test_where_the_response_is_centred(zero, at):
    """At the zero of its x, its largest sample, or its centroid."""
    places = U + 0.7
    model = MODELS.Linear() @ pf.response(places, np.exp(-(U**2) / 0.2), zero=zero)
    # the mean of a line is moved by the centroid of the response
    assert model(1.0, slope=1.0, intercept=0.0) == pytest.approx(1.0 - at, abs=1e-9)


def test_uneven_places_are_interpolated():
    """A response at uneven places is that of its spline, in any order."""
    uneven = np.sort(np.random.default_rng(0).uniform(-2.0, 2.0, 120))
    uneven[[0, -1]] = -2.0, 2.0
    order = np.random.default_rng(1).permutation(120)
    gauss = np.exp(-0.5 * (uneven / 0.4) ** 2)
    own = pf.response(uneven[order], gauss[order])
    found = (MODELS.Lorentzian() @ own)(X, amplitude=1.0, center=0.0, gamma=0.5)
    exact = MODELS.Voigt()(X, amplitude=1.0, center=0.0, sigma=0.4, gamma=0.5)
    np.testing.assert_allclose(found, exact, atol=2e-4)


BAD = {
    "few": ((U[:3], R[:3]), {}, pf.errors.ShapeError, "4 to 1000000 samples"),
    "unequal": ((U, R[:-1]), {}, pf.errors.ShapeError, "81 x and 80 y"),
    "nan": ((U, np.where(U == 0, np.nan, R)), {}, pf.errors.DomainError, "not finite"),
    "twice": ((np.r_[U, U[0]], np.r_[R, 0]), {}, pf.errors.DomainError, "x = -2"),
    "cancelled": ((U, U), {}, pf.errors.DomainError, "is 0, but must be above 0"),
    "short": ((1e-320 * U, R), {}, pf.errors.DomainError, "another unit of x"),
    "long": ((8e307 * U, R), {}, pf.errors.DomainError, "another unit of x"),
    "area": ((U, -R), {}, pf.errors.DomainError, "must be above 0"),
    "zero": ((U, R), {"zero": "middle"}, pf.errors.InputError, "'centroid'"),
}


@pytest.mark.parametrize(("columns", "how", "kind", "said"), BAD.values(), ids=BAD)
def test_what_is_no_response_is_refused(columns, how, kind, said):
    """One sentence says what is wrong."""
    with pytest.raises(kind, match=said):
        pf.response(*columns, **how)


@pytest.mark.parametrize("suffix", ["json", "h5"])
def test_a_result_keeps_its_response(tmp_path, suffix):
    """A file holds the response; what is loaded evaluates anywhere, and fits again."""
    result = pf.fit(seen(), X, drawn(1), sigma=NOISE)
    result.save(tmp_path / f"fit.{suffix}")
    loaded = pf.load_result(tmp_path / f"fit.{suffix}")
    assert loaded.model == result.model
    at = np.linspace(-12.0, 3.0, 77)
    np.testing.assert_array_equal(loaded(at), result(at))
    again = pf.fit(loaded.model, X, drawn(1), sigma=NOISE)
    assert again.values == pytest.approx(result.values, rel=1e-6)


def test_two_responses_are_told_apart_in_a_file(tmp_path):
    """Lines seen through responses of their own."""
    other = pf.response(U, np.exp(-0.5 * (U / 0.5) ** 2), prefix="s_")
    one, two = MODELS.Lorentzian("a_"), MODELS.Lorentzian("b_")
    model = one @ pf.response(U, R) + two @ other
    truth = {"a_amplitude": 1.0, "a_center": -3.0, "a_gamma": 0.4}
    truth |= {"b_amplitude": 2.0, "b_center": 3.0, "b_gamma": 0.3}
    result = pf.fit(model, X, model(X, **truth), start=truth)
    result.save(tmp_path / "fit.json")
    loaded = pf.load_result(tmp_path / "fit.json")
    np.testing.assert_array_equal(loaded(X), result(X))


def test_the_report_says_what_is_assumed():
    """Unit area, where it is held, what is beyond the data and beyond its samples."""
    notes = " ".join(seen().notes)
    assert "has unit area" in notes and "0 beyond its samples" in notes
    model = MODELS.Exponential() @ MODELS.Gaussian("r_")
    notes = " ".join(model.notes)
    assert "`r_amplitude` at 1 and `r_center` at 0" in notes
    assert "exponential begins at x = 0" in notes


def test_what_is_derived():
    """Heights are those of the model before the response; a response has none."""
    model = MODELS.Lorentzian() @ MODELS.Gaussian("r_")
    assert [own.name for own in model.derived] == ["height", "fwhm", "r_fwhm"]
    assert [own.name for own in seen().derived] == ["height", "fwhm"]


def test_rows_are_fitted_with_one_response():
    """fit_many has the answers of fit, where samples are missing too."""
    rows = np.stack([drawn(seed) for seed in range(3)])
    rows[1, 100:130] = np.nan
    many = pf.fit_many(seen(), X, rows, sigma=NOISE)
    for row, value, error in zip(
        rows, many["gamma"].value, many["gamma"].stderr, strict=True
    ):
        own = pf.fit(seen(), X, row, sigma=NOISE, nan="omit")["gamma"]
        assert value == pytest.approx(own.value, rel=1e-7)
        assert error == pytest.approx(own.stderr, rel=1e-4)


def test_errors_are_those_of_repeated_fits():
    """Pulls of simulated fits have mean 0 and standard deviation 1."""
    rows = np.stack([drawn(seed) for seed in range(300)])
    many = pf.fit_many(seen(), X, rows, sigma=NOISE, start=TRUTH)
    pulls = np.array(
        [(many[name].value - true) / many[name].stderr for name, true in TRUTH.items()]
    )
    # 300 pulls: three standard errors of their mean and of their deviation
    assert np.abs(pulls.mean(axis=1)).max() < 3.0 / np.sqrt(300)
    assert np.abs(pulls.std(axis=1) - 1.0).max() < 3.0 / np.sqrt(600)


def test_the_response_may_move():
    """A shift that is freed is found, with the beginning of a decay."""
    t = np.linspace(-2.0, 20.0, 441)
    model = MODELS.Exponential() @ pf.response(U, R)
    y = model.where(shift=pf.fixed(0.2))(t, amplitude=3.0, decay=4.0)
    y = y + NOISE * np.random.default_rng(5).normal(size=t.size)
    result = pf.fit(model.where(shift=pf.param(0.0)), t, y, sigma=NOISE)
    for name, true in {"amplitude": 3.0, "decay": 4.0, "shift": 0.2}.items():
        assert abs(result[name].value - true) < 4.0 * result[name].stderr


def test_the_word_response_in_text():
    """Text with the word is the same model; without a response it is refused."""
    text = "lorentzian @ response + linear"
    assert pf.parse_model(text, response=pf.response(U, R)) == seen()
    assert seen().expression == text
    with pytest.raises(pf.errors.ModelError, match="--response FILE"):
        pf.parse_model(text)
    with pytest.raises(pf.errors.ModelError, match="is a measured one"):
        pf.parse_model(text, response=MODELS.Gaussian())
    with pytest.raises(pf.errors.ModelError, match=r"is a measured one.* not 3"):
        pf.parse_model(text, response=3)
    with pytest.raises(pf.errors.ModelError, match="does not use it"):
        pf.parse_model("lorentzian + linear", response=pf.response(U, R))


def test_a_response_without_area_has_no_values():
    """The sum of an odd shape is rounding, which divides no curve."""
    model = MODELS.Lorentzian() @ MODELS.DerivativeGaussian("r_")
    assert np.isnan(model(X, 1.0, 0.0, 0.5, r_sigma=1.0)).all()


@pytest.mark.parametrize("name", ["linear", "sine(r_)", "spline(0, 1, 2, 3)"])
def test_a_response_without_width_is_refused(name):
    """A curve that goes on for ever has no area."""
    model = pf.parse_model(f"lorentzian @ {name}")
    with pytest.raises(pf.errors.ModelError, match="is no response: it has no width"):
        model(X, **dict.fromkeys(model.free_names, 1.0))


def test_an_array_is_no_side_of_a_convolution():
    """Of numpy's arrays, too, the sentence is that of models."""
    with pytest.raises(pf.errors.ModelError, match="make it a model first"):
        R @ MODELS.Lorentzian()


SUMS = {
    "known": (MODELS.Gaussian("a_") + MODELS.Lorentzian("b_") + MODELS.Constant())
    @ MODELS.Gaussian("r_"),
    "summed": (MODELS.Exponential("a_") + MODELS.Lorentzian("b_") + MODELS.Constant())
    @ pf.response(U, R),
}


@pytest.mark.parametrize("model", SUMS.values(), ids=SUMS)
def test_terms_of_a_sum_that_is_convolved_are_components(model):
    """Each is convolved; they add up to the curve, and backgrounds are known."""
    truth = {"a_amplitude": 2.0, "a_center": -1.0, "a_sigma": 0.5, "a_decay": 2.0}
    truth |= {"b_amplitude": 1.0, "b_center": 2.0, "b_gamma": 0.4, "c": 0.3}
    truth["r_sigma"] = 0.4
    model = model + MODELS.Linear().where(slope=pf.fixed(0.1), intercept=pf.fixed(0.0))
    held = {name: pf.fixed(truth[name]) for name in model.free_names if name != "c"}
    y = model.where(**held)(X, c=0.3)
    result = pf.fit(model.where(**held), X, y)
    parts = result.components(X)
    names = list(parts)
    assert len(parts) == 4 and all(" @ " in name for name in names[:3])
    np.testing.assert_allclose(sum(parts.values()), result(X), atol=1e-12)
    np.testing.assert_allclose(parts[names[2]], result["c"].value)
    assert result.background_names == (names[2], "linear")


def test_zeros_around_a_response_cost_nothing():
    """Samples that are 0 at both ends are left out."""
    wide = np.linspace(-10.0, 10.0, 401)
    within = np.abs(wide) <= 2.0
    values = np.where(within, np.exp(-(wide**2)), 0.0)
    [kernel] = pf.response(wide, values).layout.kernels
    assert kernel.context.arrays[0].size < 4 * 90


def test_widths_of_a_convolved_line_are_said_to_be_its_own():
    """In the report, since the width of the data is another one."""
    said = "Derived quantities of lorentzian are those before the convolution."
    assert said in (pf.models.Lorentzian() @ pf.models.Gaussian("r_")).notes
    plain = pf.models.Linear() @ pf.models.Gaussian("r_")
    assert not any("Derived quantities" in own for own in plain.notes)
