"""When two kernels are the same."""

from __future__ import annotations

import pickle

from physfit.engine.abi import as_floats
from physfit.kernels.elementary import cos, sin
from physfit.kernels.kernel import Generated

TEXT = "def f(x):\n    return g(x)\n"


def test_generated_functions_are_those_of_their_text_and_of_what_it_calls():
    """The same text over another function is another function."""
    first = Generated("f", TEXT, {"g": sin})
    assert first == Generated("f", TEXT, {"g": sin})
    assert first != Generated("f", TEXT, {"g": cos})
    assert first != Generated("f", TEXT.replace("x", "y"), {"g": sin})
    assert len({first, Generated("f", TEXT, {"g": sin})}) == 1


def test_pickles_of_generated_functions_are_equal():
    """Also of those that call what only compiled code has."""
    own = Generated("f", TEXT, {"g": as_floats})
    assert pickle.loads(pickle.dumps(own)) == own
