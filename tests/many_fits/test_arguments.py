"""What `fit_many` accepts as rows, and the sentences for what it does not."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest

import physfit as pf
from physfit.data.row_data import RowData, float_type
from physfit.errors import DomainError, InputError, ShapeError
from physfit.many_fits.arguments import checked_rows
from physfit.models.loss import as_loss

LINE = pf.models.Linear()
X = np.arange(4.0)
Y = np.arange(24.0).reshape(2, 3, 4)


class Checked(NamedTuple):
    """Rows of data, and the shape of the map."""

    data: RowData
    shape: tuple[int, ...]


def checked(x=X, y=Y, model=LINE, loss="chi2", **more):
    return Checked(*checked_rows(model, as_loss(loss), x, y, **more))


def test_the_last_axis_holds_the_samples_and_the_others_are_the_map():
    """Rows are the map's pixels, last axis fastest."""
    rows = checked()
    assert rows.shape == (2, 3)
    np.testing.assert_array_equal(rows.data.y, Y.reshape(6, 4))
    np.testing.assert_array_equal(rows.data.x, X[None])


def test_x_in_the_shape_of_y_is_one_of_each_row():
    """Shape (n_rows, n_inputs, n_points)."""
    rows = checked(x=Y + 1.0)
    np.testing.assert_array_equal(rows.data.x, (Y + 1.0).reshape(6, 1, 4))


@pytest.mark.parametrize(
    ("sigma", "shape"),
    [
        (2.0, (1, 1)),
        (np.ones(4), (1, 4)),
        (np.ones((2, 3, 1)), (6, 1)),
        (np.ones((2, 3, 4)), (6, 4)),
    ],
    ids=["number", "per sample", "per row", "per sample of each row"],
)
def test_sigma_may_have_four_shapes(sigma, shape):
    """And keeps as few numbers as it came with."""
    assert checked(sigma=sigma).data.sigma.shape == shape


def test_masked_arrays_and_masks_are_joined():
    """True where either leaves a sample out."""
    y = np.ma.masked_equal(Y, 5.0)
    mask = np.array([True, False, False, False])
    found = checked(y=y, mask=mask).data.mask
    expected = (Y == 5.0) | mask
    np.testing.assert_array_equal(found, expected.reshape(6, 4))


@pytest.mark.parametrize(
    ("given", "wanted"),
    [
        ("float32", "float32"),
        ("uint16", "float32"),
        ("int32", "float64"),
        (">f8", "float64"),
        ("float16", "float32"),
        ("complex64", "complex64"),
    ],
)
def test_numbers_are_read_in_the_shortest_type_that_holds_them(given, wanted):
    """Counts of 16 bits fit into float32; everything else into float64."""
    assert float_type(np.dtype(given)) == np.dtype(wanted)


REFUSED = {
    "ragged": ({"y": [[1.0, 2.0], [1.0]], "x": [0.0, 1.0]}, ShapeError, "NaN"),
    "x of another length": ({"x": np.arange(5.0)}, ShapeError, r"\(5,\).*\(2, 3, 4\)"),
    "no rows": ({"y": np.empty((0, 4))}, ShapeError, "at least one"),
    "sigma per row as a row": (
        {"sigma": np.ones((2, 3))},
        ShapeError,
        r"one number per row pass shape \(2, 3, 1\)",
    ),
    "sigma zero": ({"sigma": [1.0, 0.0, 1.0, 1.0]}, DomainError, r"sigma\[1\] = 0"),
    "text": ({"y": np.array([["a", "b"]])}, InputError, "numbers"),
    "complex": ({"y": Y + 1j}, InputError, "complex"),
    "mask of numbers": ({"mask": np.ones(4)}, InputError, "boolean"),
    "x all NaN": ({"x": np.full(4, np.nan)}, DomainError, "finite"),
    "poisson with sigma": (
        {"loss": "poisson", "sigma": 1.0},
        InputError,
        "leave `sigma` out",
    ),
    "spins": (
        {"model": pf.models.IsingEnergy((4,), "all_pairs")},
        InputError,
        "pf.fit",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_rows_is_refused_in_one_sentence(name):
    """With what is wrong, and what to do."""
    arguments, kind, words = REFUSED[name]
    with pytest.raises(kind, match=words):
        checked(**arguments)


def test_standard_deviations_per_row_need_no_axis():
    """`sigma_per="row"` stands for the axis of samples."""
    x, y = np.arange(4.0), np.arange(16.0).reshape(4, 4) ** 1.5
    sigma, line = np.arange(1.0, 5.0), pf.models.Linear()
    by_row = pf.fit_many(line, x, y, sigma=sigma, sigma_per="row")
    expected = pf.fit_many(line, x, y, sigma=sigma[:, None])
    np.testing.assert_array_equal(by_row["slope"].stderr, expected["slope"].stderr)
    with pytest.raises(InputError, match="`sigma_per` is 'row' or 'sample', not 'al"):
        pf.fit_many(line, x, y, sigma=sigma, sigma_per="all")


@pytest.mark.parametrize("name", ["labels", "units"])
def test_names_of_columns_are_texts(name):
    """Reports show them."""
    with pytest.raises(InputError, match=f"`{name}` must be a pair of texts"):
        pf.fit_many(
            pf.models.Linear(), np.arange(9.0), np.ones((2, 9)), **{name: (1, 2)}
        )


def test_a_source_is_a_text():
    """Reports and files name it."""
    with pytest.raises(InputError, match="`source` must be a text"):
        pf.fit_many(pf.models.Linear(), np.arange(9.0), np.ones((2, 9)), source=3)


@pytest.mark.parametrize("name", ["x", "y", "sigma", "mask"])
@pytest.mark.parametrize(
    "more", [{}, {"x_range": (0, 3)}, {"model": lambda x, a: a * x}]
)
def test_rows_of_different_length_are_refused(name, more):
    """Before anything else is asked of them, with or without a range of x."""
    rows = {"x": np.arange(5.0), "y": np.ones((2, 5)), name: [[1.0] * 5, [1.0] * 3]}
    model = more.get("model", "linear")
    with pytest.raises(InputError, match="has rows of different length"):
        pf.fit_many(model, **rows, x_range=more.get("x_range", (None, None)))
