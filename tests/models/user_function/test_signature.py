"""Which arguments are coordinates and which are parameters, and how they are set."""

from __future__ import annotations

import functools
from typing import Annotated

import numpy as np
import pytest

import physfit as pf
from physfit.errors import ModelError
from physfit.models.user_function.settings import FunctionSettings, params_of
from physfit.models.user_function.signature import signature_of


def plain(x, a, b):
    return ("plain", x, a, b)


def flagged(x, a, t_c=2.5, *, n=3, mode="fast", on=True):
    return ("flagged", x, a, t_c, n, mode, on)


def vector(p, x):
    return ("vector", x, tuple(p), p["a"], p["b"].value, p.valuesdict())


def spread(x, first, *p):
    return ("spread", x, first, p)


def last(a, b, x):
    return ("last", x, a, b)


def named(x, **p):
    return ("named", x, p)


def plane(u, v, a):
    return ("plane", u, v, a)


def filled(x, data, a):
    return ("filled", x, data, a)


CASES = [
    (plain, {}, ("a", "b"), ("plain", 9, 0, 1)),
    (plain, {"names": ["k", "d"]}, ("k", "d"), ("plain", 9, 0, 1)),
    (flagged, {}, ("a", "t_c", "n"), ("flagged", 9, 0, 1, 2, "fast", True)),
    (
        vector,
        {"x": "x", "names": "a, b"},
        ("a", "b"),
        ("vector", 9, (0, 1), 0, 1.0, {"a": 0, "b": 1}),
    ),
    (spread, {"names": 2}, ("first", "p0", "p1"), ("spread", 9, 0, (1, 2))),
    (spread, {"count": 4}, ("first", "p0", "p1", "p2"), ("spread", 9, 0, (1, 2, 3))),
    (last, {"x": -1}, ("a", "b"), ("last", 9, 0, 1)),
    (last, {"x": "a"}, ("b", "x"), ("last", 1, 9, 0)),
    (last, {"count": 2}, ("b", "x"), ("last", 1, 9, 0)),
    (named, {"names": ["a", "b"]}, ("a", "b"), ("named", 9, {"a": 0, "b": 1})),
    (functools.partial(filled, data=7), {}, ("a",), ("filled", 9, 7, 0)),
    (functools.partial(plain, 5), {}, ("b",), ("plain", 5, 9, 0)),
    (flagged, {"count": 1}, ("a",), ("flagged", 9, 0, 2.5, 3, "fast", True)),
    (flagged, {"count": 2}, ("a", "t_c"), ("flagged", 9, 0, 1, 3, "fast", True)),
]


@pytest.mark.parametrize(("function", "how", "names", "called"), CASES)
def test_arguments_go_where_the_function_takes_them(function, how, names, called):
    """The call with 9 for x and 0, 1, 2... for the parameters is the expected one."""
    signature = signature_of(function, **how)
    assert signature.names == names
    places, keywords = signature.arguments([9], list(range(len(names))))
    assert function(*places, **keywords) == called


def test_several_coordinates_are_named_or_counted():
    """In the order in which they are named."""
    for x in (("u", "v"), (0, 1)):
        signature = signature_of(plane, x)
        assert signature.names == ("a",)
        assert signature.n_coordinates == 2
        places, keywords = signature.arguments([8, 9], [0])
        assert plane(*places, **keywords) == ("plane", 8, 9, 0)


@pytest.mark.parametrize(
    ("function", "how", "sentence"),
    [
        (spread, {}, r"takes its parameters as `\*p`; pass their names"),
        (plain, {"x": "t"}, "`x` names 't', which is no argument of `plain`; allowed"),
        (plain, {"x": 5}, "`x` names 5, which is no argument of `plain`"),
        (plain, {"x": (0, 0)}, "`x` must name different arguments"),
        (plain, {"names": "a b c"}, "`names` has 3 names, but `plain` takes 2"),
        (spread, {"names": "a first"}, "`first` names 2 parameters of `spread`"),
        (spread, {"names": ["a b"]}, "'a b' cannot be the name of a parameter"),
        (spread, {"names": 3.5}, "`names` must be names of parameters"),
        (last, {}, r"takes `a` first and `x` later; .*pf\.model\(last, x='x'\)"),
        (lambda: 0.0, {}, "`function` takes no argument for the coordinates"),
        (max, {}, "the arguments of `max` cannot be seen"),
    ],
)
def test_what_does_not_fit_together_is_told_in_a_sentence(function, how, sentence):
    """With the name of the function, and what to write."""
    with pytest.raises(ModelError, match=sentence):
        signature_of(function, **how)


def set_by_words(
    x,
    a: Annotated[float, pf.bounds(0, None), "s"],
    b: pf.bounds(-1, 1),
    c=pf.param(2.0, (1, 3)),  # noqa: B008
    d=4.0,
):
    return a


def test_annotations_and_defaults_are_settings():
    """Bounds, units, starts; a default that is a number holds the parameter."""
    a, b, c, d = params_of(signature_of(set_by_words).parameters, FunctionSettings())
    assert (a.lower, a.upper, a.unit) == (0.0, np.inf, "'s'")
    assert (b.lower, b.upper) == (-1.0, 1.0)
    assert (c.start, c.lower, c.upper, c.fixed) == (2.0, 1.0, 3.0, False)
    assert (d.start, d.fixed) == (4.0, True)


def test_defaults_of_all_parameters_are_start_values():
    """A function whose parameters were all held would have nothing to fit."""
    params = params_of(
        signature_of(lambda x, a=1.0, b=2: a).parameters,
        FunctionSettings(bounds={"a": (0, None)}, units={"b": "y/x"}),
    )
    assert [own.start for own in params] == [1.0, 2.0]
    assert not any(own.fixed for own in params)
    assert (params[0].lower, params[1].unit) == (0.0, "y/x")


@pytest.mark.parametrize("limits", [(0, 1), (0.5, None)])
@pytest.mark.parametrize("wrapped", [True, False])
def test_bounds_as_a_bare_pair_are_told(limits, wrapped):
    """Python ignores annotations: a pair would look like bounds and be none."""

    def f(x, a):
        return a * x

    f.__annotations__["a"] = Annotated[float, limits] if wrapped else limits
    with pytest.raises(ModelError, match=r"of `a` sets no bounds; write pf.bounds\("):
        params_of(signature_of(f).parameters, FunctionSettings())


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (
            FunctionSettings(bounds={"c": (0, 1)}),
            "`bounds` names 'c', which is no parameter",
        ),
        (FunctionSettings(bounds=[(0, 1)]), "`bounds` must be a dict by the names"),
        (FunctionSettings(bounds={"a": 3}), r"bounds of `a` must be a pair"),
        (FunctionSettings(units={"a": 3}), "a unit is a text"),
    ],
)
def test_wrong_settings_are_told_in_a_sentence(settings, sentence):
    """Settings go by the names of the parameters."""
    with pytest.raises(ModelError, match=sentence):
        params_of(signature_of(plain).parameters, settings)
