"""What follows from the table of the fits of many rows."""

from __future__ import annotations

import sys

import numpy as np
import pytest
from scipy.stats import chi2

import physfit as pf
from physfit.errors import ConvergenceError, DataError, InputError
from physfit.result.file import load_result
from physfit.solve.base import Status
from tests.result.many_cases import (
    CASES,
    counts,
    raman,
    robust,
    scaled,
    tied,
    undetermined,
)

every = pytest.mark.parametrize("case", CASES, ids=lambda own: own.__name__)
sound = pytest.mark.parametrize(
    "case", [raman, tied, scaled, counts, robust], ids=lambda own: own.__name__
)


def first(many):
    """Place of the first row that converged."""
    return tuple(np.argwhere(many.converged)[0].tolist())


def single(many, place):
    """The fit of one row by `pf.fit`, from where the row's own fit ended."""
    data = many.result(*place).data
    theta = many.table.theta[np.ravel_multi_index(place, many.shape)]
    return pf.fit(
        many.model,
        data.x[0],
        data.y[0],
        sigma=None if data.sigma is None else data.sigma[0],
        start=dict(zip(many.free_names, theta.tolist(), strict=True)),
        loss=many.loss,
    )


@sound
def test_values_and_errors_are_those_of_single_fits(case):
    """Of free, fixed and tied parameters and of derived quantities, NaN with NaN."""
    many = case()
    place = first(many)
    one = single(many, place)
    names = [*many.names, *many.derived]
    assert names == [*one.names, *one.derived]
    values = [many[name].value[place] for name in names]
    errors = [many[name].stderr[place] for name in names]
    np.testing.assert_allclose(values, [one[own].value for own in names], rtol=1e-4)
    np.testing.assert_allclose(errors, [one[own].stderr for own in names], rtol=2e-3)
    assert [many[own].unit for own in one.names] == [
        pf.fit(
            *(many.model, one.data.x[0], one.data.y[0]),
            start=dict(zip(one.free_names, one.solution.theta.tolist(), strict=True)),
            units=(many.x_unit, many.y_unit),
        )[own].unit
        for own in one.names
    ]


@every
def test_a_row_as_a_result_of_its_own(case):
    """`many.result` has the numbers of the table, and those of a single fit.

    Errors to 1e-4: the table has them from before the last step.
    """
    many = case()
    place = first(many)
    row = int(np.ravel_multi_index(place, many.shape))
    result = many.result(*place)
    np.testing.assert_array_equal(result.solution.theta, many.table.theta[row])
    np.testing.assert_allclose(
        [result.stderr[own] for own in many.free_names], many.stderr[row], rtol=1e-4
    )
    np.testing.assert_allclose(result.correlation, many.correlation(*place), atol=1e-6)
    assert result.chi2 == pytest.approx(many.chi2[place])
    assert result.n_samples == many.n_samples[place]
    assert result.status is Status(int(many.status[place]))
    assert "nan" not in result.report()
    assert result.plot().axes


@sound
def test_goodness_is_that_of_single_fits(case):
    """Degrees of freedom, chi2 by them, and p, of a row alone."""
    many = case()
    place = first(many)
    result = many.result(*place)
    assert result.dof == many.dof[place]
    assert result.reduced_chi2 == pytest.approx(many.reduced_chi2[place])
    known = many.is_absolute and many.loss.traits.has_p_value
    p = many.p_value[place] if known else many.p_value
    assert result.p_value == (pytest.approx(p, rel=1e-8) if known else None)


def test_p_values_are_the_tail_of_chi2():
    """scipy's survival function; NaN where the fit did not converge."""
    many = raman()
    good = many.converged
    expected = chi2.sf(many.chi2[good], many.dof[good])
    np.testing.assert_allclose(many.p_value[good], expected, rtol=1e-10)
    assert np.isnan(many.p_value[~good]).all()


def test_rows_that_failed_are_never_good():
    """They keep their last values, but `good` and `converged` leave them out."""
    many = raman()
    center = many["center"]
    assert np.isfinite(center.value[1, 2])
    assert np.isnan(center.good[1, 2])
    assert np.isnan(center.good[0, 3])
    np.testing.assert_array_equal(np.isfinite(center.good), many.converged)
    np.testing.assert_array_equal(many.failed, [[0, 3], [1, 2], [4, 4]])
    np.testing.assert_array_equal(center.converged, many.converged)


def test_undetermined_values_are_not_good_either():
    """Two constants of which only the sum is known."""
    many = undetermined()
    assert np.isposinf(many["a_c"].stderr).all()
    assert np.isnan(many["a_c"].good).all()
    assert np.isfinite(many["center"].good).all()


def test_arrays_have_the_shape_of_the_map():
    """All that is said by row."""
    many = raman()
    found = [many.retry_stage, many.n_steps, many.n_samples, many.condition, many.dof]
    found += [many.chi2, many.p_value, many["fwhm"].value, many["fwhm"].stderr]
    assert {own.shape for own in found} == {(6, 8)}
    assert many.n_samples[2, 1] == 44


def test_correlations_are_scaled_covariances():
    """Ones on the diagonal; NaN for a parameter at its bound."""
    many = tied()
    place = first(many)
    held = int(np.argmax((many["c"].at_bound != 0) & many.converged))
    free = many.correlation(*place)
    matrix = many.covariance(*place)
    assert free[0, 2] * np.sqrt(matrix[0, 0] * matrix[2, 2]) == pytest.approx(
        matrix[0, 2]
    )
    assert many["c"].at_bound[held] == -1
    assert np.isnan(many.correlation(held)[-1]).all()
    np.testing.assert_allclose(many.correlation(held)[:-1, :-1].diagonal(), 1.0)


def test_curve_and_residuals_of_a_row():
    """The model at the row's parameters; NaN where a sample was left out."""
    many = raman()
    curve, residuals = many.curve(2, 1), many.residuals(2, 1)
    expected = many.model(
        np.linspace(0.0, 10.0, 48),
        **{name: many[name].value[2, 1] for name in many.names},
    )
    np.testing.assert_allclose(curve, expected)
    np.testing.assert_array_equal(np.flatnonzero(np.isnan(residuals)), [5, 6, 7, 8])
    rest = np.nansum(residuals**2)
    assert rest == pytest.approx(many.chi2[2, 1])
    assert many.curve(2, 1, x=[5.0, 6.0]).shape == (2,)


def test_negative_places_count_from_the_end():
    """As those of arrays."""
    many = raman()
    np.testing.assert_array_equal(many.curve(-1, -1), many.curve(5, 7))


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ((1,), r"a row of this map has 2 numbers \(y, x\), but \(1,\) was given"),
        ((6, 0), "the map has 6 rows along y, but 6 was given"),
        ((0, -9), "the map has 8 rows along x, but -9 was given"),
    ],
)
def test_places_outside_of_the_map_are_refused(place, words):
    """With its axes and their lengths."""
    with pytest.raises(InputError, match=words):
        raman().covariance(*place)


def test_a_row_without_a_fit_has_no_result():
    """The sentence of its status says why."""
    with pytest.raises(InputError, match="no result: not fitted: fewer samples"):
        raman().result(0, 3)


def test_without_data_there_are_no_residuals():
    """As after loading a file without them; the curve needs x then."""
    many = raman()
    fields = {name: getattr(many, name) for name in many.__dataclass_fields__}
    bare = type(many)(**{**fields, "data": None})
    with pytest.raises(InputError, match="data of these fits are not at hand"):
        bare.residuals(1, 1)
    with pytest.raises(InputError, match="say where with `x=`"):
        bare.curve(1, 1)
    np.testing.assert_array_equal(bare.curve(1, 1, x=[5.0]), many.curve(1, 1, x=[5.0]))


def test_maps_are_not_read_as_one_result(tmp_path):
    """Nor called damaged: the sentence names the function that reads them."""
    raman().save(tmp_path / "maps.h5")
    with pytest.raises(DataError, match=r"physfit.many_result file, .* pf.load_many"):
        load_result(tmp_path / "maps.h5")


def test_an_unknown_name_is_refused():
    """With the nearest of parameters and derived quantities."""
    with pytest.raises(InputError, match="did you mean 'fwhm'"):
        raman()["fhwm"]
    assert "fwhm" in raman()
    assert "fhwm" not in raman()
    assert list(raman()) == ["amplitude", "center", "gamma", "c"]


def test_require_raises_for_failed_rows_only():
    """The sentence counts them and names the first; `solution` is the result."""
    words = r"3 of 48 rows have no converged fit; the first is \(0, 3\): not fitted"
    with pytest.raises(ConvergenceError, match=words) as caught:
        raman().require()
    assert caught.value.solution is raman()
    assert scaled().require() is scaled()


def test_the_worst_rows_come_first():
    """Failed ones, then by chi2 per degree of freedom; none that has no fit."""
    many = raman()
    found = many.worst(5)
    assert found[0].tolist() == [1, 2]
    order = [many.reduced_chi2[tuple(own)] for own in found[1:]]
    assert order == sorted(order, reverse=True)
    assert order[0] == np.nanmax(np.where(many.converged, many.reduced_chi2, np.nan))
    assert len(many.worst(100)) == 46
    assert many.worst(0).shape == (0, 2)


def test_the_worst_rows_by_p():
    """Smallest first; without p values it is refused."""
    many = raman()
    found = many.worst(4, by="p_value")[1:]
    smallest = np.sort(many.p_value[many.converged])[:3]
    np.testing.assert_array_equal([many.p_value[tuple(own)] for own in found], smallest)
    with pytest.raises(InputError, match="no p values without sigma"):
        scaled().worst(3, by="p_value")
    with pytest.raises(InputError, match="must be 'chi2' or 'p_value'"):
        many.worst(3, by="p")


def test_a_frame_has_a_line_for_each_row():
    """Axes, values with errors, status and start in words; no error of a fixed one."""
    table = raman().to_frame()
    assert len(table) == 48
    assert table["y"][8] == pytest.approx(0.5)
    assert table["x"][9] == pytest.approx(10.5)
    assert table["center"][12] == raman()["center"].value[1, 4]
    assert table["fwhm_stderr"][12] == raman()["fwhm"].stderr[1, 4]
    assert table["status"][10] == "max_steps"
    assert table["converged"].sum() == 45
    assert "b_sigma_stderr" not in tied().to_frame()


def test_a_frame_without_pandas_is_refused(monkeypatch):
    """With the command that installs it."""
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(InputError, match=r"pip install 'physfit-toolkit\[tables\]'"):
        raman().to_frame()
