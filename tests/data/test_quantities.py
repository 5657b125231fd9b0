"""Columns with units, and columns with labels, of other libraries."""

from __future__ import annotations

import astropy.units as u
import numpy as np
import pandas as pd
import pint
import pytest
import xarray as xr
from astropy.table import Column, MaskedColumn
from astropy.utils.masked import Masked

import physfit as pf
from physfit.data.quantities import without_units
from physfit.errors import InputError

REGISTRY = pint.UnitRegistry()
T = np.linspace(0.0, 4.0, 60)
V = 3.0 * np.exp(-T / 1.5) + 0.1 * np.random.default_rng(1).standard_normal(60)
E = np.full(60, 0.1)
MODEL = pf.models.Exponential()
HIDDEN = np.arange(60) == 3


def of_astropy(values, unit):
    return values * u.Unit(unit)


def of_pint(values, unit):
    return REGISTRY.Quantity(values, unit)


def of_xarray(values, unit):
    return xr.DataArray(values, dims="t", attrs={"units": unit})


def of_xarray_around_pint(values, unit):
    return xr.DataArray(of_pint(values, unit), dims="t")


def of_column(values, unit):
    return Column(values, unit=unit)


LIBRARIES = [of_astropy, of_pint, of_xarray, of_xarray_around_pint, of_column]


def named(library):
    return library.__name__


@pytest.mark.parametrize("library", LIBRARIES, ids=named)
def test_sigma_in_mv_beside_v_is_converted(library):
    expected = pf.fit(MODEL, T, V, sigma=E)
    result = pf.fit(
        MODEL, library(T, "s"), library(V, "V"), sigma=library(1e3 * E, "mV")
    )
    for name in expected.names:
        assert result[name].value == pytest.approx(expected[name].value, rel=1e-12)
        assert result[name].stderr == pytest.approx(expected[name].stderr, rel=1e-12)
    assert (result.data.x_unit, result.data.y_unit) == ("s", "V")
    assert (result["decay"].unit, result["amplitude"].unit) == ("s", "V")


@pytest.mark.parametrize("library", [of_astropy, of_pint], ids=named)
def test_every_door_converts_units(library):
    x, y, sigma = library(T, "s"), library(V, "V"), library(100.0, "mV")
    fit = pf.fit(MODEL, T, V, sigma=0.1)
    many = pf.fit_many(MODEL, x, library(np.stack([V, V]), "V"), sigma=sigma)
    assert many["decay"].stderr[1] == pytest.approx(fit["decay"].stderr, rel=1e-6)
    assert many["decay"].unit == "s"
    _, covariance = pf.curve_fit(
        lambda t, a, tau: a * np.exp(-t / tau),
        *(x, y, [3.0, 1.0]),
        sigma=library(100.0 * np.ones(60), "mV"),
        absolute_sigma=True,
    )
    assert covariance[1, 1] == pytest.approx(fit["decay"].stderr ** 2, rel=1e-4)
    compared = pf.compare(MODEL, x, y, sigma=sigma, methods=["lm"])
    assert compared.agree
    assert "+- 0.03" in str(compared)


@pytest.mark.parametrize("library", [of_astropy, of_pint], ids=named)
def test_units_that_are_asked_for_convert_the_columns(library):
    result = pf.fit(
        MODEL,
        *(library(T, "s"), library(V, "V")),
        sigma=library(100.0, "mV"),
        units=("ms", "mV"),
    )
    expected = pf.fit(MODEL, 1e3 * T, 1e3 * V, sigma=100.0)
    assert result["decay"].value == pytest.approx(expected["decay"].value, rel=1e-9)
    assert result["decay"].stderr == pytest.approx(expected["decay"].stderr, rel=1e-9)
    assert str(result["decay"]).endswith(" ms")


def test_masked_quantities_lose_their_masked_samples():
    masked = [Masked(V * u.V, mask=HIDDEN), MaskedColumn(V, mask=HIDDEN, unit="V")]
    expected = pf.fit(MODEL, T[~HIDDEN], V[~HIDDEN], sigma=0.1)
    for y in masked:
        result = pf.fit(MODEL, T * u.s, y, sigma=0.1 * u.V, nan="omit")
        assert result["decay"].value == expected["decay"].value


def test_differences_of_temperature_have_no_offset():
    celsius = REGISTRY.Quantity(V, "degC")
    for sigma in (
        REGISTRY.Quantity(0.1, "kelvin"),
        REGISTRY.Quantity(0.1, "delta_degC"),
    ):
        assert without_units(T, celsius, sigma).sigma == pytest.approx(0.1)


def test_temperatures_that_are_asked_for_in_another_scale_are_shifted():
    """A factor alone would call 20 degrees Celsius 20 K; sigma has no offset."""
    celsius = REGISTRY.Quantity(np.array([20.0, 30.0]), "degC")
    sigma = REGISTRY.Quantity(0.1, "kelvin")
    plain = without_units(celsius, celsius, sigma, ("K", "degF"))
    np.testing.assert_allclose(plain.x, [293.15, 303.15], rtol=1e-12)
    np.testing.assert_allclose(plain.y, [68.0, 86.0], rtol=1e-12)
    assert plain.sigma == pytest.approx(0.18, rel=1e-12)
    assert plain.units == ("K", "degF")


@pytest.mark.parametrize("sigma", [of_xarray(1e3 * E, "mV"), of_astropy(E, "V")])
def test_attributes_are_converted_to_the_units_that_are_asked_for(sigma):
    """Not called by them: mV would be V, beside a sigma that is converted."""
    x, y = of_xarray(1e3 * T, "ms"), of_xarray(1e3 * V, "mV")
    plain = without_units(x, y, sigma, ("s", "V"))
    for found, expected in zip(plain, (T, V, E), strict=False):
        np.testing.assert_allclose(np.asarray(found), expected, rtol=1e-12)
    assert plain.units == ("s", "V")


def test_words_for_what_is_counted_may_be_others():
    """They say no factor."""
    plain = without_units(T, of_xarray(V, "clicks"), None, ("", "counts"))
    np.testing.assert_array_equal(plain.y, V)
    assert plain.units == ("", "counts")


def test_coordinates_of_two_dimensions_are_numbers():
    x, units = without_units((T * u.s, T * u.m), V * u.V, None)[::3]
    assert [type(own) for own in x] == [np.ndarray, np.ndarray]
    assert units == ("s", "V")


@pytest.mark.parametrize(
    ("y", "sigma", "words"),
    [
        (V * u.V, 0.1 * u.s, "`sigma` is in 's' and `y` in 'V'"),
        (V * u.V, 5.0 * u.percent, "`sigma` is in '%' and `y` in 'V'"),
        (V * u.dB, 0.1 * u.mag, "`sigma` is in 'mag' and `y` in 'dB'"),
        (V, 100.0 * u.mV, "`sigma` is in 'mV', but `y` has no unit"),
        ([own * u.V for own in V], None, "`y` is a list of quantities"),
        (of_xarray(V, "V"), of_xarray(E, "K"), "`sigma` is in 'K' and `y` in 'V'"),
    ],
)
def test_units_that_cannot_be_converted_are_refused(y, sigma, words):
    with pytest.raises(InputError, match=words):
        pf.fit(MODEL, T, y, sigma=sigma)


@pytest.mark.parametrize(
    ("x", "unit"), [(T * u.s, "s"), (of_xarray(T, "degC"), "degC")]
)
def test_a_unit_that_is_asked_for_in_vain_is_named(x, unit):
    with pytest.raises(InputError, match=f"wants `x` in 'K', but it is in '{unit}'"):
        pf.fit(MODEL, x, V, units=("K", "V"))


@pytest.mark.parametrize("library", [of_astropy, of_pint, of_xarray], ids=named)
def test_a_sigma_without_unit_beside_a_converted_y_is_refused(library):
    """It may be in the unit of y or in the one that is asked for."""
    with pytest.raises(InputError, match="it may be in either"):
        pf.fit(MODEL, T, library(V, "V"), sigma=0.1, units=("", "mV"))
    plain = without_units(T, library(V, "V"), 0.1, ("", "V"))
    assert plain.sigma == 0.1


# --------------------------------------------------------------------------- labels
def shuffled(values):
    series = pd.Series(values)
    return series.sample(frac=1.0, random_state=1)


@pytest.mark.parametrize(
    ("x", "y", "sigma"),
    [
        (pd.Series(T), shuffled(V), None),
        (pd.Series(T), pd.Series(V), shuffled(E)),
        (T, pd.Series(V, index=np.arange(60) + 1), pd.Series(E)),
        (
            xr.DataArray(T, coords={"t": T}),
            xr.DataArray(V, coords={"t": T})[::-1],
            None,
        ),
    ],
)
@pytest.mark.parametrize("door", [pf.fit, pf.fit_many, pf.curve_fit])
def test_columns_with_labels_in_another_order_are_refused(door, x, y, sigma):
    first = (lambda t, a, b: a * t + b) if door is pf.curve_fit else "linear"
    with pytest.raises(InputError, match="share labels of their index"):
        door(first, x, y, sigma=sigma)


SQUARE = xr.DataArray(np.tile(V, (60, 1)), coords={"t": T}, dims=("row", "t"))


@pytest.mark.parametrize(
    ("y", "sigma"),
    [(SQUARE.T, None), (SQUARE, (0 * SQUARE + 0.1).T)],
    ids=["y", "sigma"],
)
def test_dimensions_in_another_order_are_refused(y, sigma):
    """As many rows as samples: nothing but the names tells them apart."""
    slopes = pf.fit_many("linear", SQUARE.t, SQUARE)["slope"].value
    np.testing.assert_allclose(slopes, pf.fit("linear", T, V)["slope"].value)
    with pytest.raises(InputError, match="must stand at the same place from the end"):
        pf.fit_many("linear", SQUARE.t, y, sigma=sigma)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        (pd.Series(T), pd.Series(V)),
        (T, shuffled(V)),
        (pd.Series(T), pd.Series(V, index=np.arange(60) + 100)),
        (pd.Series(T, index=[0, 1] * 30), pd.Series(V, index=[0, 1] * 30)),
        (xr.DataArray(T, dims="t"), xr.DataArray(V, coords={"t": T})),
    ],
)
def test_columns_with_the_same_or_other_labels_are_paired_by_place(x, y):
    expected = pf.fit("linear", T, np.asarray(y))
    assert pf.fit("linear", x, y)["slope"].value == expected["slope"].value


# --------------------------------------------------------------------------- tables
HEADINGS = [("t (ms)", "u (mV)"), ("t (ms)", "u (V)"), ("t", "u (mV)"), ("t", "u")]


@pytest.mark.parametrize("headings", HEADINGS)
@pytest.mark.parametrize("is_read", [True, False])
def test_units_that_are_asked_for_convert_a_table(tmp_path, headings, is_read):
    path = tmp_path / "decay.csv"
    rows = "".join(
        f"{t!r},{v!r},0.1\n" for t, v in zip(T.tolist(), V.tolist(), strict=True)
    )
    path.write_text(f"{headings[0]},{headings[1]},err\n{rows}")
    by_x = 1e-3 if "ms" in headings[0] else 1.0
    by_y = 1e-3 if "mV" in headings[1] else 1.0
    expected = pf.fit(MODEL, by_x * T, by_y * V, sigma=by_y * E)
    table = pf.read_table(path) if is_read else path
    result = pf.fit(MODEL, table, units=("s", "V"))
    assert result["decay"].value == pytest.approx(expected["decay"].value, rel=1e-9)
    assert result["decay"].stderr == pytest.approx(expected["decay"].stderr, rel=1e-9)
    assert (result["decay"].unit, result["amplitude"].unit) == ("s", "V")


def test_units_of_a_table_that_cannot_be_converted_are_refused(tmp_path):
    path = tmp_path / "decay.csv"
    path.write_text("t (ms),u (mV)\n1,5\n2,4\n3,3.5\n4,3.2\n")
    with pytest.raises(InputError, match="wants `x` in 'V', but it is in 'ms'"):
        pf.fit(MODEL, path, units=("V", "V"))
    with pytest.raises(InputError, match="`sigma` has no unit"):
        pf.fit(MODEL, path, sigma=0.1, units=("s", "V"))
    assert pf.fit(MODEL, path, units=("s", "signal")).data.y[0, 0] == 5.0
