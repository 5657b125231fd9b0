"""Columns and samples: what is accepted, what is refused, and in which words."""

from __future__ import annotations

import datetime
import subprocess
import sys
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from physfit.data.arrays import samples
from physfit.data.columns import column, numbers
from physfit.errors import DomainError, InputError, PhysfitError, ShapeError

X = np.array([0.0, 1.0, 2.0, 3.0])
Y = np.array([1.0, 0.5, 0.25, 0.125])


class WithArray:
    """Something of another library that knows how to become an array."""

    def __array__(self, dtype=None, copy=None):
        return np.array([1, 2, 3], dtype=dtype or np.int32)


@pytest.mark.parametrize(
    "values",
    [
        [1, 2, 3],
        (1.0, 2.0, 3.0),
        range(1, 4),
        np.array([1, 2, 3], dtype=np.uint8),
        np.array([1, 2, 3], dtype=np.float16),
        np.array([1, 2, 3], dtype=np.longdouble),
        np.array([1, 2, 3], dtype=">f8"),
        np.array([1.0, 9.0, 2.0, 9.0, 3.0])[::2],
        np.ma.array([1, 2, 3]),
        WithArray(),
    ],
    ids=[
        "list",
        "tuple",
        "range",
        "uint8",
        "float16",
        "longdouble",
        "big-endian",
        "strided",
        "masked",
        "__array__",
    ],
)
def test_a_column_of_any_numbers_becomes_contiguous_float64(values):
    """Whatever holds three numbers becomes the same float64 array."""
    array = column("x", values)
    assert array.dtype == np.dtype(np.float64)
    assert array.flags.c_contiguous
    assert array.flags.aligned
    assert array.tolist() == [1.0, 2.0, 3.0]


def test_a_float64_array_is_not_copied():
    """A column that needs no conversion is the caller's own array."""
    assert column("x", X) is X


def test_an_unaligned_array_is_copied():
    """Compiled loops only ever see aligned memory."""
    raw = np.zeros(8 * 3 + 1, dtype=np.uint8)
    unaligned = raw[1:].view(np.float64)
    assert not unaligned.flags.aligned
    assert column("x", unaligned).flags.aligned


def test_masked_points_of_a_column_are_nan():
    """A masked integer column keeps its values, and NaN stands for the masked ones."""
    array = column("y", np.ma.array([1, 2, 3], mask=[False, True, False]))
    np.testing.assert_array_equal(array, [1.0, np.nan, 3.0])


def test_complex_values_pass_only_where_allowed():
    """Complex columns stay complex128 when allowed and are refused otherwise."""
    values = np.array([1 + 2j, 3.0], dtype=np.complex64)
    assert numbers("y", values, True).dtype == np.complex128
    with pytest.raises(InputError, match=r"`y` must be real, but it is complex"):
        column("y", values)


NAN = float("nan")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (np.array([1, 2.5, np.float32(3)], dtype=object), [1, 2.5, 3]),
        ([Decimal("0.1"), Decimal(2), 3], [0.1, 2, 3]),
        ([Fraction(1, 4), 2**70, -1.5], [0.25, 2.0**70, -1.5]),
        ([1.0, None, Decimal("NaN")], [1, NAN, NAN]),
        (np.ma.array([Decimal(1), 2], mask=[True, False], dtype=object), [NAN, 2]),
    ],
    ids=["objects", "decimals", "fractions", "missing", "masked objects"],
)
def test_objects_that_are_numbers_are_numbers(values, expected):
    """An array of Python's numbers is a column, with NaN where one is missing."""
    np.testing.assert_array_equal(column("x", values), expected)


def test_complex_objects_stay_complex():
    """Real and complex objects make a complex column, where one is allowed."""
    values = np.array([1, 2j, None], dtype=object)
    got = numbers("y", values, True)
    np.testing.assert_array_equal(got, [1, 2j, complex(NAN, 0)])


def test_pandas_objects_that_are_numbers_are_numbers():
    """A Series of objects may hold numbers, None and NA."""
    pandas = pytest.importorskip("pandas")
    series = pandas.Series([1, 2.5, pandas.NA, None], dtype=object)
    np.testing.assert_array_equal(column("x", series), [1, 2.5, NAN, NAN])


@pytest.mark.parametrize(
    ("values", "error", "sentence"),
    [
        (["a", "b"], InputError, r"x\[0\] is .*'a'"),
        (["1.0", "2.0"], InputError, r"must be numbers, but x\[0\]"),
        ([None, None], InputError, r"x\[0\] is None \(NoneType\)"),
        ([10**400, 1], InputError, r"an integer beyond the range of floats"),
        ([1.0, {}, 2.0], InputError, r"x\[1\] is {} \(dict\)"),
        (np.array([1, "b"], dtype=object), InputError, r"x\[1\] is 'b' \(str\)"),
        ([True, False], InputError, r"is boolean"),
        (np.array([1, 2], dtype="M8[s]"), InputError, r"dates or times"),
        ([datetime.date(2026, 1, 1)], InputError, r"x\[0\] is datetime.date"),
        ("abc", InputError, r"list or array of numbers, but it is 'abc' \(str\)"),
        (iter([1.0]), InputError, r"must be a list or array of numbers"),
        ({"a": 1}, InputError, r"but it is {'a': 1} \(dict\)"),
        ([[1, 2], [3, 4]], ShapeError, r"one dimension, but its shape is \(2, 2\)"),
        ([[1, 2], [3]], ShapeError, r"its elements differ in length"),
        (3.0, ShapeError, r"it is the single number 3.0"),
    ],
    ids=[
        "strings",
        "numeric strings",
        "none alone",
        "huge integer",
        "dict inside",
        "objects",
        "booleans",
        "datetime64",
        "dates",
        "text",
        "iterator",
        "dict",
        "2-D",
        "ragged",
        "scalar",
    ],
)
def test_a_column_of_anything_else_is_refused_by_name(values, error, sentence):
    """One sentence says the argument's name, what came, and what to do."""
    with pytest.raises(error, match=sentence) as caught:
        column("x", values)
    text = str(caught.value)
    assert text.startswith("`x`")
    assert text.endswith(".")
    assert "\n" not in text


def test_a_long_double_beyond_float64_is_infinite_without_a_warning():
    """Overflow in the conversion is found by the finite check, not by a warning."""
    huge = np.array([np.longdouble("1e4000"), 1.0])
    with pytest.raises(DomainError, match=r"`y` must be finite, but y\[0\] = inf"):
        samples([0.0, 1.0], huge)


@pytest.mark.parametrize("dtype", ["float64", "Float64", "Int64"])
def test_pandas_columns_are_accepted(dtype):
    """A Series, nullable or not, is a column."""
    pandas = pytest.importorskip("pandas")
    series = pandas.Series([1, 2, 3], dtype=dtype)
    assert column("x", series).tolist() == [1.0, 2.0, 3.0]


def test_missing_pandas_values_are_nan():
    """pandas' NA is a missing value, not an object."""
    pandas = pytest.importorskip("pandas")
    series = pandas.Series([1, None, 3], dtype="Int64")
    assert samples(series, [1, 2, 3], nan="omit").x.tolist() == [[1.0, 3.0]]


def test_pandas_text_is_refused():
    """A Series of text is not converted behind the user's back."""
    pandas = pytest.importorskip("pandas")
    with pytest.raises(InputError, match=r"`x` must be numbers, but x\[0\] is '1.0'"):
        column("x", pandas.Series(["1.0", "2.0"]))


def test_xarray_columns_are_accepted():
    """A DataArray is a column."""
    xarray = pytest.importorskip("xarray")
    array = xarray.DataArray(X, dims="t", attrs={"units": "s"})
    np.testing.assert_array_equal(column("x", array), X)


def test_samples_have_a_row_for_each_input_and_output():
    """One curve becomes rows of shape (1, n), without a copy."""
    got = samples(X, Y, np.full(4, 0.1))
    assert (got.x.shape, got.y.shape, got.sigma.shape) == ((1, 4), (1, 4), (1, 4))
    assert np.shares_memory(got.x, X)
    assert got.n_left_out == 0


def test_several_inputs_are_rows_of_x():
    """A model of two inputs takes x of shape (2, n)."""
    grid = np.arange(8.0).reshape(2, 4)
    np.testing.assert_array_equal(samples(grid, Y, n_inputs=2).x, grid)


@pytest.mark.parametrize("x", [X, np.ones((4, 2)), np.ones((3, 4))])
def test_another_shape_of_x_is_refused_for_two_inputs(x):
    """x of another shape than (n_inputs, n) is refused by its shape."""
    with pytest.raises(ShapeError, match=r"`x` must have shape \(2, n\)"):
        samples(x, Y, n_inputs=2)


@pytest.mark.parametrize(
    "y", [Y + 2j * Y, np.array([Y, 2 * Y])], ids=["complex", "real (2, n)"]
)
def test_complex_data_are_two_rows(y):
    """Complex values become the rows real part, imaginary part."""
    got = samples(X, y, n_outputs=2)
    np.testing.assert_array_equal(got.y, [Y, 2 * Y])
    assert got.y.flags.c_contiguous


@pytest.mark.parametrize(
    ("sigma", "expected"),
    [
        (0.5, np.full((2, 4), 0.5)),
        (np.float32(0.5), np.full((2, 4), 0.5)),
        ([1, 2, 3, 4], [[1, 2, 3, 4]] * 2),
        ([[1, 2, 3, 4], [5, 6, 7, 8]], [[1, 2, 3, 4], [5, 6, 7, 8]]),
    ],
    ids=["scalar", "numpy scalar", "per sample", "per part"],
)
def test_sigma_applies_to_both_parts_of_complex_data(sigma, expected):
    """Each form of sigma becomes one standard deviation per real number."""
    got = samples(X, Y + 1j * Y, sigma, n_outputs=2)
    np.testing.assert_array_equal(got.sigma, expected)
    assert got.sigma.flags.c_contiguous


def test_a_scalar_sigma_holds_for_every_sample():
    """One number stands for all samples."""
    assert samples(X, Y, 2).sigma.tolist() == [[2.0] * 4]


NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("arguments", "options", "error", "sentence"),
    [
        ((X, Y[:3]), {}, ShapeError, r"`y` has 3 samples, but `x` has 4"),
        ((X, Y, Y[:2]), {}, ShapeError, r"`sigma` has shape \(2,\), but there are 4"),
        (([], []), {}, ShapeError, r"`x` and `y` are empty"),
        ((X, [NAN] * 4), {}, DomainError, r"`y` holds no finite number"),
        ((X, [NAN] * 4), {"nan": "omit"}, DomainError, r"`y` holds no finite number"),
        ((X, [1, NAN, 2, 3]), {}, DomainError, r"y\[1\] = nan; .*nan='omit'"),
        ((X, [1, 2, INF, NAN]), {}, DomainError, r"y\[2\] = inf \(2 such samples\)"),
        (([0, 1, 2, -INF], Y), {}, DomainError, r"`x` must be finite, but x\[3\]"),
        ((X, Y, [1, 1, NAN, 1]), {}, DomainError, r"`sigma` must be finite, but sigma"),
        ((X, Y, [1, 0, 1, 1]), {}, DomainError, r"above 0, but sigma\[1\] = 0.0"),
        ((X, Y, [1, 1, 1, -2]), {}, DomainError, r"above 0, but sigma\[3\] = -2.0"),
        ((X, Y, 0.0), {}, DomainError, r"finite and above 0, but it is 0.0"),
        ((X, Y, NAN), {}, DomainError, r"finite and above 0, but it is nan"),
        ((X, Y + 1j), {}, InputError, r"`y` is complex, but the model has one real"),
        ((X, Y), {"n_outputs": 2}, ShapeError, r"`y` must be complex"),
        ((X, Y, Y + 1j), {}, InputError, r"`sigma` must be real"),
        ((X, Y), {"nan": "drop"}, InputError, r"'raise' or 'omit', not 'drop'"),
        (
            (np.ma.array(X, mask=True), Y),
            {},
            DomainError,
            r"Every sample is masked",
        ),
        (
            ([NAN, 1, NAN, 3], [0, NAN, 2, NAN]),
            {"nan": "omit"},
            DomainError,
            r"No sample is complete",
        ),
        (
            (X, [1, NAN, 2, 3], [1, 1, 1, 0]),
            {"nan": "omit"},
            DomainError,
            r"sigma\[3\] = 0.0",
        ),
    ],
    ids=[
        "lengths",
        "sigma length",
        "empty",
        "all nan",
        "all nan omitted",
        "nan",
        "inf",
        "x inf",
        "sigma nan",
        "sigma zero",
        "sigma negative",
        "scalar sigma zero",
        "scalar sigma nan",
        "complex y",
        "real y",
        "complex sigma",
        "policy",
        "all masked",
        "none complete",
        "index before omission",
    ],
)
def test_unusable_samples_are_refused_in_one_sentence(
    arguments, options, error, sentence
):
    """Every unusable input has one sentence, with the index in the caller's arrays."""
    with pytest.raises(error, match=sentence) as caught:
        samples(*arguments, **options)
    assert isinstance(caught.value, PhysfitError)
    assert str(caught.value).endswith(".")


def test_omitted_rows_leave_all_columns():
    """Under "omit" a row with NaN or inf anywhere goes; all are counted."""
    got = samples([0, NAN, 2, 3, 4], [0, 1, INF, 3, 4], [1, 1, 1, NAN, 2], nan="omit")
    assert got.n_left_out == 3
    assert (got.x.tolist(), got.y.tolist(), got.sigma.tolist()) == (
        [[0.0, 4.0]],
        [[0.0, 4.0]],
        [[1.0, 2.0]],
    )


@pytest.mark.parametrize("nan", ["raise", "omit"])
def test_masked_rows_are_always_left_out(nan):
    """A mask on any column leaves its row out, whatever lies under it."""
    x = np.ma.array([0.0, 1.0, 2.0, 3.0], mask=[1, 0, 0, 0])
    y = np.ma.array([0.0, 1.0, NAN, 3.0], mask=[0, 0, 1, 0])
    got = samples(x, y, np.ma.array([1.0, 1.0, 1.0, -1.0], mask=[0, 0, 0, 1]), nan=nan)
    assert (got.x.tolist(), got.n_left_out) == ([[1.0]], 3)


def test_rows_left_out_of_complex_data_are_counted_once():
    """Real and imaginary part of a sample are one row, whatever form y comes in."""
    y = np.array([[1.0, NAN, 3.0], [0.0, 0.0, 0.0]])
    assert samples([0.0, 1.0, 2.0], y, n_outputs=2, nan="omit").n_left_out == 1


def test_an_empty_mask_keeps_every_row():
    """A masked array without masked points is an ordinary one."""
    assert samples(np.ma.array(X), Y).n_left_out == 0


def test_large_finite_values_pass():
    """Values whose squares overflow are finite all the same."""
    big = np.array([1e300, -1e300, 1e-300, 1.7e308])
    assert samples(X, big, big.clip(1.0)).y[0].tolist() == big.tolist()


@pytest.mark.parametrize("index", [0, 63, 199])
@pytest.mark.parametrize("bad", [NAN, INF, -INF])
def test_one_bad_value_anywhere_is_found(index, bad):
    """The finite check misses no position and no kind."""
    y = np.ones(200)
    y[index] = bad
    with pytest.raises(DomainError, match=rf"y\[{index}\] = {bad}"):
        samples(np.arange(200.0), y)


def test_checking_arrays_imports_nothing_beyond_numpy():
    """`physfit.data.arrays` costs no import of h5py, scipy, pandas or numba."""
    code = (
        "import sys, physfit.data.arrays\n"
        "heavy = {'h5py', 'scipy', 'pandas', 'xarray', 'numba', 'matplotlib'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
