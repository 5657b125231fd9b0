"""Values and documents as JSON."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from physfit.document.records import as_record, plain
from physfit.errors import InputError
from physfit.solve.base import Status
from tests.document.samples import DOCUMENT, HOSTILE


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (math.nan, None),
        (-math.inf, None),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.array([[1.0, np.inf]]), [[1.0, None]]),
        (np.array([1 + 2j]), {"re": [1.0], "im": [2.0]}),
        (1j, {"re": 0.0, "im": 1.0}),
        ((1, "a"), [1, "a"]),
        (Status.FTOL, {"number": 1, "sentence": Status.FTOL.sentence}),
    ],
    ids=repr,
)
def test_values_are_those_of_json(value, expected):
    """Numbers that JSON has not are null; arrays are lists."""
    assert plain({"a": value}) == {"a": expected}


@pytest.mark.parametrize(
    "value", [{1: 2}, {"a": object()}, {"a": {"b": {3}}}], ids=repr
)
def test_what_json_has_not_is_refused(value):
    """With the place where it stands."""
    with pytest.raises(InputError, match="`record"):
        plain(value)


@pytest.mark.parametrize("document", [DOCUMENT, HOSTILE], ids=["report", "hostile"])
def test_a_document_is_a_record_of_its_blocks(document):
    """In order, with their texts; nothing of how they are laid out."""
    record = plain(as_record(document))
    assert json.loads(json.dumps(record, allow_nan=False)) == record
    kinds = [type(own).__name__.lower() for own in document]
    assert [own["kind"] for own in record["blocks"]] == kinds


def test_a_table_is_titles_and_sections():
    """Sections without rows are left out."""
    assert as_record([DOCUMENT[2]])["blocks"][0] == {
        "kind": "table",
        "titles": ("", "value +- stderr"),
        "sections": [{"heading": "", "rows": [("c", "1.25 +- 0.02"), ("k", "3")]}],
    }
