"""Rows of a result are chosen by masks, places and conditions, and by nothing else."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError, ShapeError
from physfit.result.many_columns import axis_labels
from physfit.result.row_selection import selected_rows
from tests.result.many_cases import raman

CONDITIONS = {
    "chi2 > 50": lambda m: m.chi2 > 50,
    "reduced_chi2 > 1.1 & center < 6": lambda m: (
        (m.reduced_chi2 > 1.1) & (m["center"].value < 6)
    ),
    "status != 'converged' | center > 6": lambda m: (
        ~m.converged | (m["center"].value > 6)
    ),
    "~(center < 5.5) & converged": lambda m: ~(m["center"].value < 5.5) & m.converged,
    "abs(center - 5.5) > 30 * center_stderr": lambda m: (
        abs(m["center"].value - 5.5) > 30 * m["center"].stderr
    ),
    "5.2 < center <= 5.9": lambda m: (
        (m["center"].value > 5.2) & (m["center"].value <= 5.9)
    ),
    "status == 'too_few'": lambda m: m.status == 28,
    "'failed' == status": lambda m: ~m.converged,
    "fwhm ** 2 / 4 > gamma - 0.16": lambda m: (
        m["fwhm"].value ** 2 / 4 > m["gamma"].value - 0.16
    ),
    "x > 12 and not y >= 1.0": lambda m: (
        np.add.outer(np.linspace(0.0, 2.5, 6) < 1.0, np.zeros(8, bool))
        & (np.linspace(10.0, 13.5, 8) > 12)
    ),
    "retry_stage == 'guess' & chi2 > 50": lambda m: m.chi2 > 50,
    "isnan(center)": lambda m: np.isnan(m["center"].value),
}


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_condition_means_what_its_columns_say(text):
    """As numpy has it, written with the brackets that Python needs there."""
    many = raman()
    with np.errstate(all="ignore"):
        expected = np.flatnonzero(CONDITIONS[text](many))
    np.testing.assert_array_equal(selected_rows(many, text), expected)
    assert 0 < expected.size < many.n_rows


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("redchi > 2", "did you mean 'reduced_chi2'"),
        ("centre > 2", "did you mean 'center'"),
        ("status == 'convergd'", "did you mean 'converged'"),
        ("status = 'failed'", "compare by =="),
        ("retry_stage == 'failed'", "is no retry_stage"),
        ("chi2", "no condition"),
        ("1 > 2", "no condition"),
        ("chi2 > 2 &", "incomplete"),
        ("chi2 && center", "incomplete"),
        ("chi2 & center > 5", "compares nothing"),
        ("center > 'a'", "status and retry_stage"),
        ("status > 'failed'", "by == or !="),
        ("converged + 1 > 1", "computes with"),
        ("__import__('os').getcwd() == 1", "unknown function"),
        ("center.value > 2", "no place there"),
        ("[1 for x in chi2]", "no place there"),
        ("chi2 in (1, 2)", "another sign"),
        ("scale > 1", "no `scale`"),
        ("chi2 > 1" + "0" * 600, "500 characters"),
        ("chi2 > " + "9" * 390, "too large"),
        ("", "cannot read"),
    ],
)
def test_what_is_no_condition_is_refused_in_a_sentence(text, words):
    """It names what is wrong, or what was meant; nothing of it is run."""
    with pytest.raises(InputError, match=words) as caught:
        selected_rows(raman(), text)
    assert str(caught.value).count("\n") == 0


def test_places_and_masks_name_the_same_rows():
    """As `failed`, `np.nonzero` and `np.argwhere` give them."""
    many = raman()
    mask = ~many.converged
    expected = np.flatnonzero(mask)
    chosen = (mask, many.failed, many.failed - many.shape, np.nonzero(mask))
    found = [selected_rows(many, where) for where in chosen]
    assert [own.tolist() for own in found] == [expected.tolist()] * 4
    doubled = np.concatenate([many.failed, many.failed])
    np.testing.assert_array_equal(selected_rows(many, doubled), expected)
    assert selected_rows(many, []).size == 0


@pytest.mark.parametrize("name", ["scale", "p_value", "refitted", "condition", "chi2"])
def test_an_axis_is_called_as_in_the_table(name):
    """Also where fits may have a column of that name, which these have or have not."""
    line, x = pf.models.Linear(), [0.0, 1.0, 2.0, 3.0]
    many = pf.fit_many(line, x, np.ones((3, 4)), map_axes={name: [1.0, 5.0, 3.0]})
    (label,) = (own for own in axis_labels(many) if own.startswith(name))
    assert label in many.to_frame()
    assert selected_rows(many, f"{label} > 2").tolist() == [1, 2]


def test_a_status_beside_a_parameter_of_that_name_is_compared_with_words():
    """Under the name that the table has for it."""
    model = pf.formula("status * x + b")
    many = pf.fit_many(model, [0.0, 1.0, 2.0], [[1.0, 3.1, 4.9], [0.0] + [np.nan] * 2])
    assert selected_rows(many, "status_of_fit == 'failed'").tolist() == [1]


@pytest.mark.parametrize(
    ("where", "error"),
    [
        (np.ones((8, 6), bool), ShapeError),
        ([3, 4, 5], ShapeError),
        ([[6, 0]], InputError),
        ([[0.0, 1.0]], InputError),
        (3, ShapeError),
        ([["a", "b"]], InputError),
    ],
)
def test_places_that_the_map_has_not_are_refused(where, error):
    """Wrong shapes, numbers beyond the map, and what are no whole numbers."""
    with pytest.raises(error, match="`where`"):
        selected_rows(raman(), where)
