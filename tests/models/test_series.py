"""Families of sums: polynomials, Chebyshev series, splines."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.polynomial import chebyshev, polynomial
from scipy.interpolate import CubicSpline

import physfit as pf
from physfit.errors import InputError, ModelError
from physfit.models import Chebyshev, Gaussian, Polynomial, Polynomial2d, Spline

X = np.linspace(-1.0, 12.0, 120)
KNOTS = (0.0, 1.0, 3.0, 6.0, 8.5, 10.0)
#: Each family: a model, and the same curve by numpy or scipy.
CASES = {
    "polynomial": (Polynomial(5), lambda x, c: polynomial.polyval(x, c)),
    "chebyshev": (
        Chebyshev(7, 0.0, 10.0),
        lambda x, c: chebyshev.chebval(0.2 * x - 1.0, c),
    ),
    "spline": (Spline(KNOTS), lambda x, c: CubicSpline(KNOTS, c)(x)),
}
each = pytest.mark.parametrize(("model", "curve"), CASES.values(), ids=CASES)


def drawn(model, seed=0):
    """A value of each parameter."""
    return np.random.default_rng(seed).normal(size=len(model.names))


@each
def test_values_and_partials_are_those_of_numpy(model, curve):
    """Partials are the functions that are summed, so they do not depend on values."""
    values = drawn(model)
    found, partials = model.with_partials(
        X, **dict(zip(model.names, values, strict=True))
    )
    exact = curve(X, values)
    np.testing.assert_allclose(
        found, exact, rtol=1e-12, atol=1e-12 * np.abs(exact).max()
    )
    basis = np.array([curve(X, own) for own in np.eye(values.size)])
    np.testing.assert_allclose(partials, basis, rtol=1e-10, atol=1e-10)


@each
def test_texts_are_read_back_with_their_prefix(model, curve):
    """The name says degree, interval, knots; a prefix stands last."""
    assert pf.parse_model(model.expression) == model
    name = model.expression.removesuffix(")")
    pair = pf.parse_model(f"{name}, a_) + {name}, b_)")
    assert pair.names == (
        *(f"a_{own}" for own in model.names),
        *(f"b_{own}" for own in model.names),
    )
    assert pf.parse_model(pair.expression) == pair


@each
def test_a_fit_without_a_start_is_linear_least_squares(model, curve):
    """The solution and its errors are those of numpy's least squares."""
    x = np.linspace(0.0, 10.0, 200)
    basis = np.array([curve(x, own) for own in np.eye(len(model.names))]).T
    y = basis @ drawn(model, 3) + 0.1 * np.random.default_rng(4).normal(size=x.size)
    result = pf.fit(model, x, y, sigma=0.1)
    exact = np.linalg.lstsq(basis, y)[0]
    found = np.array([result[name].value for name in model.names])
    errors = np.sqrt(np.diag(np.linalg.inv(basis.T @ basis))) * 0.1
    assert np.abs((found - exact) / errors).max() < 1e-4
    stated = [result[name].stderr for name in model.names]
    np.testing.assert_allclose(stated, errors, rtol=1e-4)


@each
def test_a_peak_on_it_is_found_in_rows_and_files(model, curve, tmp_path):
    """Without a start, for one curve and for rows; the file gives it back."""
    whole = model + Gaussian()
    x = np.linspace(0.0, 10.0, 300)
    values = {"amplitude": 5.0, "center": 4.2, "sigma": 0.3}
    values |= dict(zip(model.names, 0.3 * drawn(model, 5), strict=True))
    values |= {name: 0.0 for name in model.names[3:] if name.startswith("c")}
    noise = np.random.default_rng(6).normal(size=(3, x.size))
    rows = whole(x, **values) + 0.02 * noise
    one = pf.fit(whole, x, rows[0], sigma=0.02)
    assert abs(one["center"].value - 4.2) < 5.0 * one["center"].stderr
    many = pf.fit_many(whole, x, rows, sigma=0.02)
    assert np.abs(many["center"].value - 4.2).max() < 0.01
    one.save(tmp_path / "one.json")
    again = pf.load_result(tmp_path / "one.json")
    assert again.model == whole
    assert again["center"].value == one["center"].value


def test_chebyshev_keeps_digits_where_powers_lose_them():
    """Degree 20 on a far interval: the curve comes back to the last digits."""
    x = np.linspace(1000.0, 1010.0, 200)
    y = np.cos(x)
    result = pf.fit(Chebyshev(20, 1000, 1010), x, y)
    assert np.abs(result(x) - y).max() < 1e-9


@pytest.mark.parametrize(
    "call",
    [
        lambda: Polynomial(-1),
        lambda: Polynomial(2.5),
        lambda: Polynomial(41),
        lambda: Chebyshev(3, 1.0, 1.0),
        lambda: Chebyshev(3, "a", 1.0),
        lambda: Spline([0, 1, 2]),
        lambda: Spline([0, 1, 1, 2]),
        lambda: Spline([0, 1, 2, np.nan]),
        lambda: Spline("knots"),
    ],
)
def test_what_is_no_degree_or_knot_is_refused(call):
    """With a sentence."""
    with pytest.raises(InputError, match=r"degree|low|knots"):
        call()


@pytest.mark.parametrize(
    "text", ["polynomial(a)", "polynomial(2.5)", "chebyshev(3)", "spline(1, 2, x, 3)"]
)
def test_a_name_that_cannot_be_read_says_how_it_is_written(text):
    """As in 'polynomial(5)'."""
    with pytest.raises(ModelError, match="cannot read the model"):
        pf.parse_model(text)


def test_a_polynomial_over_a_plane_is_that_of_numpy():
    """Its coefficients in growing degree, each with its powers in its name."""
    model = Polynomial2d(3)
    assert model.names[:6] == ("c0_0", "c1_0", "c0_1", "c2_0", "c1_1", "c0_2")
    assert [model.parameters[own].unit for own in ("c0_1", "c1_2")] == ["y/x", "y/x**3"]
    x = np.random.default_rng(0).normal(size=(2, 40))
    values = dict(zip(model.names, drawn(model), strict=True))
    table = np.zeros((4, 4))
    for name, own in values.items():
        table[int(name[1]), int(name[3])] = own
    expected = polynomial.polyval2d(*x, table)
    np.testing.assert_allclose(model(x, **values), expected, rtol=1e-12, atol=1e-12)
    fit = pf.fit(model, x, expected)
    np.testing.assert_allclose(list(fit.values.values()), [*values.values()], rtol=1e-9)
    assert pf.parse_model("polynomial_2d(3)") == model
    with pytest.raises(ModelError, match=r"takes a degree from 0 to 8"):
        pf.parse_model("polynomial_2d(9)")
    with pytest.raises(InputError, match="degree"):
        Polynomial2d(9)
