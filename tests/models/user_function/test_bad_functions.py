"""Functions and arguments that make no model are refused, and change nothing."""

import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError, ModelError, PhysfitError

X = np.linspace(0.1, 5.0, 40)
Y = 2.0 * np.exp(-X / 1.5) + 0.5


def decay(x, a, tau, c):
    return a * np.exp(-x / tau) + c


def changing(x, a, tau, c):
    x -= 0.1
    return a * np.exp(-x / tau) + c


def changing_more(x, a, tau, c):
    x -= 0.1
    return np.convolve(a * np.exp(-x / tau) + c, [1.0], "same")


def twice(x, a, tau, c):
    x -= 0.1
    return np.hstack([np.convolve(a * np.exp(-x / tau) + c, [1.0], "same")] * 2)


@pytest.mark.parametrize("function", [changing, changing_more])
def test_a_function_that_changes_x_changes_a_copy(function):
    """The caller's samples stay, and the answer is that of the same x each time."""
    x = X.copy()
    result = pf.fit(function, x, Y)
    np.testing.assert_array_equal(x, X)
    assert result["a"].value == pytest.approx(2.0 * np.exp(-0.1 / 1.5), rel=1e-6)


def test_a_function_of_more_values_may_change_its_grid():
    """The grid that is kept for such a function is not what it gets."""
    x = X.copy()
    result = pf.fit(twice, x, np.hstack([Y, Y]))
    np.testing.assert_array_equal(x, X)
    assert result["tau"].value == pytest.approx(1.5, rel=1e-6)


RETURNED = {
    "nothing": (lambda: None, "returned None; look for"),
    "generator": (lambda: (one for one in X), "returned generator"),
    "dict": (dict, "returned dict"),
    "huge": (lambda: 10**400, "too large for a float"),
    "empty": (lambda: np.zeros(0), r"shape \(0,\)"),
    "text": (lambda: "abc", "type <U3"),
}


@pytest.mark.parametrize("made, said", RETURNED.values(), ids=RETURNED)
def test_what_a_function_must_not_return_is_named(made, said):
    """The sentence says what came."""

    def function(x, a, b):
        return made()

    with pytest.raises(PhysfitError, match=said):
        pf.fit(function, X, Y, start={"a": 1.0, "b": 1.0})


def test_conditions_are_numbers():
    """A function of true and false is one of 1 and 0, however it is called."""

    def function(x, a, b):
        return np.convolve(a * x + b, [1.0], "same") > 1.0

    model, _ = pf.model(function).bound_to(X)
    assert set(np.unique(model(X, a=1.0, b=0.0))) == {0.0, 1.0}


ARGUMENTS = {
    "a billion names": ({"names": 10**9}, "at most 1000 parameters"),
    "x a float": ({"x": 1.0}, "`x` names 1.0"),
    "x a condition": ({"x": True}, "`x` names True"),
    "a huge start": ({"guess": {"a": 10**400}}, "finite number, not inf"),
    "a huge bound": ({"bounds": {"a": (10**400, None)}}, "bounds inf to inf"),
}


@pytest.mark.parametrize("given, said", ARGUMENTS.values(), ids=ARGUMENTS)
def test_settings_that_mean_nothing_are_refused(given, said):
    """In a sentence, at once."""
    with pytest.raises(ModelError, match=said):
        pf.model(decay, **given)


@pytest.mark.parametrize("default", [np.nan, np.inf, 10**400])
def test_a_default_that_is_no_finite_number_is_refused(default):
    """By the name of its argument."""

    def function(x, a, b=default):
        return a * x + b

    with pytest.raises(ModelError, match="the default of `b` must be a finite number"):
        pf.model(function)


@pytest.mark.parametrize("door", [pf.fit, pf.fit_many], ids=["fit", "fit_many"])
def test_a_start_larger_than_all_floats_is_refused(door):
    """As an infinite one is."""
    with pytest.raises(InputError, match="must be a finite number"):
        door(decay, X, Y, start={"a": 10**400})


def test_names_that_are_no_text_are_left_aside():
    """Objects may have any attributes."""

    class Callable:
        __name__ = 3

        def __call__(self, x, a, b):
            return a * x + b

    assert pf.model(Callable()).names == ("a", "b")
