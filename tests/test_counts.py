"""Counts that a caller gives: whole, within limits, and never believed beyond them."""

import numpy as np
import pytest

import physfit as pf
from physfit.counts import checked_count

X = np.arange(9.0)
Y = 2.0 * X + 1.0
LINE = pf.models.Linear()
CALLS = {
    "n_starts": lambda n: pf.multistart(LINE, X, Y, n_starts=n),
    "multistart seed": lambda n: pf.multistart(LINE, X, Y, n_starts=3, seed=n),
    "threads": lambda n: pf.fit(LINE, X, Y, method="adam", threads=n),
    "epochs": lambda n: pf.fit(LINE, X, Y, method="adam", epochs=n),
    "points": lambda n: pf.landscape(LINE, X, Y, over="slope", points=n),
    "steps": lambda n: pf.find_rate(LINE, X, Y, steps=n),
    "replicas": lambda n: pf.bootstrap(pf.fit(LINE, X, Y), n=n),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
@pytest.mark.parametrize(
    "count",
    [-1, 10**30, 10**5000, 1.5, True, "3"],
    ids=["negative", "large", "longest", "half", "bool", "text"],
)
def test_a_count_outside_its_limits_is_refused_before_any_work(call, count):
    """Numbers of any size and things that are no whole number get one sentence."""
    with pytest.raises(pf.errors.InputError, match=r"^`\w+` must be (a whole|at most)"):
        call(count)


def test_whole_numbers_of_numpy_are_counts():
    """What indexes is a count; it comes back as Python's int."""
    assert type(checked_count("n", np.int16(3))) is int


@pytest.mark.parametrize("x", [np.full(9, 1e308), 1e-321 * X], ids=["equal", "tiny"])
def test_a_line_on_x_without_range_is_refused(x):
    """A guess divides by the range of x, or says that it cannot."""
    with pytest.raises(pf.errors.InputError, match="cannot be guessed"):
        pf.fit(LINE, x, Y)


def test_a_line_on_x_at_the_end_of_doubles_is_fitted():
    """The range of x may be beyond the largest double."""
    assert pf.fit(LINE, 1e308 * np.linspace(-1, 1, 9), Y).report()
