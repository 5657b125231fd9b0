"""Parameters and the changes that `where` makes to them."""

from __future__ import annotations

import math

import numpy as np
import pytest

from physfit.errors import ModelError
from physfit.models import Gaussian, Voigt
from physfit.models.param import Param, bounds, fixed, param, tie


def test_a_bare_number_is_a_start():
    """A number given to `where` becomes the start and leaves the parameter free."""
    own = Gaussian().where(sigma=np.float32(2.5)).parameters["sigma"]
    assert (own.start, own.lower, own.is_free) == (2.5, 0.0, True)


def test_fixing_and_freeing_keeps_the_bounds():
    """A parameter fixed and freed again has its value as start and its old bounds."""
    model = Gaussian().where(sigma=bounds(1.0, 3.0)).where(sigma=fixed(2.0))
    assert not model.parameters["sigma"].is_free
    own = model.where(sigma=param()).parameters["sigma"]
    assert (own.start, own.lower, own.upper, own.is_free) == (2.0, 1.0, 3.0, True)


def test_freeing_a_tied_parameter_restores_its_declared_bounds():
    """`pf.param()` unties, and the bounds are the catalogue's again."""
    model = Voigt().where(gamma=tie("sigma / 2"))
    assert math.isinf(model.parameters["gamma"].lower)
    own = model.where(gamma=param(start=1.0)).parameters["gamma"]
    assert (own.tie, own.start, own.lower, own.is_free) == (None, 1.0, 0.0, True)


def test_open_bounds_are_infinite():
    """None is no bound on that side."""
    own = Gaussian().where(center=param(bounds=(None, 4))).parameters["center"]
    assert (own.lower, own.upper) == (-math.inf, 4.0)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: Gaussian().where(center=bounds(2.0, 1.0)),
            ["`center`", "2.0", "1.0", "below"],
        ),
        (
            lambda: Gaussian().where(center=param(bounds=(2.0, 1.0))),
            ["`center`", "2.0", "1.0", "below"],
        ),
        (
            lambda: Gaussian().where(center=bounds(1.0, 1.0)),
            ["`center`", "1.0", "pf.fixed", "--fix"],
        ),
        (lambda: bounds(math.nan, 1.0), ["nan"]),
        (lambda: param(start=math.nan), ["finite", "nan"]),
        (lambda: param(start="5"), ["number", "'5'"]),
        (lambda: param(bounds=3.0), ["pair", "3.0"]),
        (lambda: fixed(math.inf), ["finite", "inf"]),
        (lambda: Gaussian().where(center=True), ["center", "True"]),
        (lambda: Gaussian().where(center="5"), ["center", "'5'", "pf.tie"]),
        (
            lambda: Gaussian().where(center=param(start=7.0, bounds=(4.0, 6.0))),
            ["center", "7.0", "4.0", "6.0"],
        ),
        (lambda: Gaussian().where(sigma=fixed(-1.0)), ["sigma", "-1.0", "0.0"]),
        (
            lambda: Voigt().where(gamma=tie("sigma")).where(gamma=bounds(0.0, 1.0)),
            ["gamma", "tied", "bounds"],
        ),
        (
            lambda: Voigt().where(gamma=bounds(0.1, 1.0)).where(gamma=tie("sigma")),
            ["gamma", "0.1", "1.0", "pf.bounds(None, None)"],
        ),
        (
            lambda: Voigt().where(gamma=fixed(1.0)).where(gamma=tie("sigma")),
            ["gamma", "fixed", "1.0", "pf.param()"],
        ),
        (
            lambda: Voigt().where(gamma=tie("sigma")).where(gamma=2.0),
            ["gamma", "tied", "pf.param()"],
        ),
        (lambda: Param("a", "x", fixed=True), ["a", "no value"]),
        (lambda: Param("a", "x", start=1.0, tie="b"), ["a", "tied"]),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else None,
)
def test_what_cannot_be_is_refused_with_its_numbers(make, words):
    """A wrong change is one sentence that names the parameter and the numbers."""
    with pytest.raises(ModelError) as caught:
        make()
    assert [word for word in words if word not in str(caught.value)] == []


def test_bounds_taken_off_allow_a_tie():
    """What the error about bounds on a tied parameter advises works."""
    model = Voigt().where(gamma=bounds(0.1, 1.0)).where(gamma=bounds(None, None))
    assert model.where(gamma=tie("sigma")).parameters["gamma"].tie == "sigma"


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: fixed(1.0), "pf.fixed(1.0)"),
        (lambda: tie("2*a"), "pf.tie('2 * a')"),
        (lambda: bounds(0.0, 1.0), "pf.bounds(0.0, 1.0)"),
        (lambda: param(1.0, (0.0, 2.0)), "pf.param(1.0, (0.0, 2.0))"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_changes_are_shown_and_compared_as_they_are_written(make, text):
    """An error that quotes a change names no function and no address."""
    assert repr(make()) == text
    assert (make(), hash(make())) == (make(), hash(make()))
