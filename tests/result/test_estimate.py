"""Estimates in print."""

from __future__ import annotations

import math

import pytest

import physfit as pf
from physfit.result.estimate import Estimate

ASKED = [
    ({"stderr": 0.011345}, "521.304(11) 1/cm"),
    ({"stderr": 0.011345, "unit": ""}, "521.304(11)"),
    ({"stderr": 0.011345, "is_guessed": True}, "521.304(11) 1/cm"),
    ({"stderr": 0.011345, "tie": "2 * b"}, "521.304(11) 1/cm"),
    ({"stderr": math.nan, "fixed": True}, "521.30371 1/cm (fixed)"),
    ({"stderr": math.nan, "tie": "2 * b"}, "521.30371 1/cm (= 2 * b)"),
    ({"stderr": math.nan, "at_bound": -1}, "521.30371 1/cm (at lower bound)"),
    ({"stderr": math.nan, "is_guessed": True}, "521.30371 1/cm"),
    ({"stderr": math.inf}, "521.30371 1/cm (not determined by the data)"),
    ({"stderr": 0.0}, "521.30371 +- 0 1/cm"),
    ({"value": math.nan, "stderr": math.nan}, "nan 1/cm"),
    (
        {"value": math.inf, "stderr": math.nan, "is_derived": True},
        "inf 1/cm (not defined here)",
    ),
]


@pytest.mark.parametrize(("changes", "text"), ASKED, ids=[own[1] for own in ASKED])
def test_an_estimate_reads_as_in_a_paper(changes, text):
    """Value, error in the last digits, unit; else why there is none."""
    own = Estimate("center", 521.30371, 0.0, "1/cm")._replace(**changes)
    assert str(own) == text


def test_the_text_of_an_estimate_is_no_control_sequence():
    """A unit of a file is printed as it can be."""
    assert "\x1b" not in str(Estimate("a", 1.0, 0.1, "\x1b[31m"))


def test_repr_shows_all():
    """For programmers."""
    slope = pf.fit(pf.models.Linear(), [0, 1, 2], [1.0, 3.1, 4.9])["slope"]
    assert repr(slope).startswith("Estimate(name='slope', value=1.95")
