"""Structs as Python sees them."""

from __future__ import annotations

import numpy as np

from physfit.engine.struct import Float64, Struct


class Base(Struct):
    """An integer and a float."""

    count: int
    width: Float64


class Longer(Base):
    """One more."""

    other: int


def test_a_filled_struct_has_each_value_in_the_kind_of_its_field():
    """Integers as such, floats by their bits, 0 where nothing is said."""
    words = Longer.filled(width=2.5, other=-3)
    assert words.tolist()[:: Longer.other] == [0, -3]
    assert words.view(np.float64)[Longer.width] == 2.5


def test_a_struct_begins_with_the_fields_of_its_base():
    """So that a record may be read as its base."""
    assert Longer.FIELDS[: Base.SIZE] == Base.FIELDS
    assert Longer.SIZE == 3
