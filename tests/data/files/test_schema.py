"""Records of declared kinds: what fits is converted, all else is named."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec
import numpy as np
import pytest

from physfit.data.files.schema import (
    Array,
    Count,
    Date,
    check_arrays,
    check_names,
    convert,
)
from physfit.errors import DataError
from physfit.typing import FloatArray, IntArray


class Fitted(msgspec.Struct):
    """An entry with arrays of related sizes."""

    matrix: Annotated[FloatArray, Array("n", "n")]
    held: Annotated[IntArray | None, Array("n", ge=-1, le=1)] = None


class Run(msgspec.Struct):
    """A record of the test."""

    theta: Annotated[FloatArray, Array("n")]
    fits: list[Fitted] = []
    steps: Count = 0
    begun: Date = 0.0


def read(record: Any, **sizes: int) -> Run:
    run = convert(record, Run)
    check_arrays(run, **sizes)
    return run


def test_what_fits_is_converted() -> None:
    """Lists become arrays, null NaN; what is not declared is left alone."""
    fits = [{"matrix": [[1, 2], [3, 4]], "held": [0, -1]}]
    run = read({"theta": [1, None], "fits": fits, "note": "later"}, n=2)
    np.testing.assert_array_equal(run.theta, [1.0, np.nan])
    assert run.fits[0].matrix.dtype == np.float64
    np.testing.assert_array_equal(run.fits[0].held, [0, -1])


def test_nothing_keeps_its_shape() -> None:
    """JSON writes a matrix without entries as []."""
    assert read({"theta": [], "fits": [{"matrix": []}]}).fits[0].matrix.shape == (0, 0)


def test_an_array_of_the_declared_type_is_not_copied() -> None:
    """Maps of millions of rows are checked where they are."""
    theta = np.zeros(5)
    assert read({"theta": theta}).theta is theta


@pytest.mark.parametrize(
    ("record", "words"),
    [
        ({}, "it has no entry 'theta'."),
        ([], "the record is wrong: expected `object`, got `array`"),
        (np.zeros(3), "an array stands where entries by name"),
        ({"theta": [1, 2, 3], "fits": [np.zeros(2)]}, "an array stands where"),
        ({"theta": 3.0}, "'theta' is wrong: expected an array, got `float`"),
        ({"theta": ["1"]}, "an array of float64, got one of <U1"),
        ({"theta": [[1], [1, 2]]}, "rows of different lengths"),
        ({"theta": [None, "1"]}, "got other values in it"),
        ({"theta": [None, 10**400]}, "one out of range"),
        ({"theta": np.zeros(2, complex)}, "an array of float64, got one of complex"),
        ({"theta": [[1.0]]}, "shape (1, 1), but (3) is expected"),
        ({"theta": [1.0]}, "'theta' has shape (1,), but (3) is expected"),
        ({"theta": [1, 2, 3], "steps": -1}, "'steps' is wrong: expected `int` >= 0"),
        ({"theta": [1, 2, 3], "steps": 1.5}, "expected `int`, got `float`"),
        ({"theta": [1, 2, 3], "steps": True}, "expected `int`, got `bool`"),
        ({"theta": [1, 2, 3], "steps": "1"}, "expected `int`, got `str`"),
        ({"theta": [1, 2, 3], "steps": 10**30}, "'steps' is wrong"),
        ({"theta": [1, 2, 3], "begun": float("nan")}, "'begun' is wrong"),
        ({"theta": [1, 2, 3], "fits": [{}]}, "no entry 'fits[0].matrix'"),
        (
            {"theta": [1, 2, 3], "fits": [{"matrix": np.eye(2)}]},
            "'fits[...].matrix' has shape (2, 2), but (3, 3)",
        ),
        (
            {"theta": [1, 2, 3], "fits": [{"matrix": np.eye(3), "held": [0, 0, 2]}]},
            "'fits[...].held' has values outside of -1 to 1",
        ),
    ],
)
def test_what_does_not_fit_is_named(record: Any, words: str) -> None:
    """The place, what is expected, what is there."""
    with pytest.raises(DataError) as caught:
        read(record, n=3)
    assert words in str(caught.value)


def test_names_must_be_these() -> None:
    """None is missing, none is too many."""
    with pytest.raises(DataError, match=r"'parameters' lacks 'b'"):
        check_names(["a"], ["a", "b"], "parameters")
    with pytest.raises(DataError, match=r"'parameters' has 'c', which does not belong"):
        check_names(["a", "c"], ["a"], "parameters")
