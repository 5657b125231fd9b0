"""Recipes against numpy, and what a name gives."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest

from physfit.errors import DomainError, InputError
from physfit.optim import recipes, registry
from physfit.optim import transforms as tf
from physfit.optim.base import chain, transform
from physfit.optim.registry import OPTIMIZERS, optimizer, register_optimizer
from tests.optim import reference
from tests.optim.driver import follow
from tests.optim.test_transforms import METRIC, SCALE, SETTINGS, stream

#: Reference of every recipe with its defaults, and its rate.
REFERENCES = {
    "gd": (reference.gd, {}, 0.1),
    "sgd": (reference.gd, {}, 0.1),
    "momentum": (reference.momentum, {"beta": 0.9}, 0.1),
    "nesterov": (reference.nesterov, {"mu": 0.9}, 0.1),
    "rmsprop": (reference.rmsprop, {"decay": 0.9, "eps": 1e-8}, 0.01),
    "adam": (reference.adam, {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}, 0.01),
    "adamw": (
        reference.adam,
        {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8, "decoupled": 0.0},
        0.01,
    ),
    "adagrad": (reference.adagrad, {"initial": 0.0, "eps": 1e-10}, 0.1),
    "lecture_adam": (
        reference.lecture_adam,
        {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8},
        0.01,
    ),
}
SHIPPED = [name for name in OPTIMIZERS if hasattr(recipes, name)]


def test_every_recipe_has_a_reference():
    """A recipe that is added brings its reference."""
    assert set(SHIPPED) == set(REFERENCES)


@pytest.mark.parametrize("name", REFERENCES)
def test_a_recipe_is_its_formula(name):
    """With its defaults and its own rate, over 100 steps, to 1e-12."""
    formula, hyper, rate = REFERENCES[name]
    made = optimizer(name)
    assert (made.name, made.learning_rate) == (name, rate)
    z, gradients, falling = stream()
    rates = made.learning_rate * falling
    path = follow(made.transforms, gradients, z, rates, SETTINGS)
    expected = np.array(list(formula(z, gradients, rates, **hyper)))
    np.testing.assert_allclose(path, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", [name for name in REFERENCES if name != "adamw"])
def test_weight_decay_is_coupled(name):
    """The penalty's gradient goes through the chain as if it were the loss's."""
    formula, hyper, _ = REFERENCES[name]
    z, gradients, rates = stream()
    path = follow(
        optimizer(name, weight_decay=0.02).transforms, gradients, z, rates, SETTINGS
    )
    before = np.vstack([z, path[:-1]])
    expected = list(formula(z, gradients + 0.02 * METRIC * before, rates, **hyper))
    np.testing.assert_allclose(path, expected, rtol=1e-12, atol=1e-12)


def test_a_chain_has_its_documented_order():
    """Clip, coupled decay, scaling, rate, L1; averages are added behind."""
    made = optimizer("adam", clip_norm=1.0, clip_value=2.0, weight_decay=0.1, l1=0.2)
    assert [own.kind.name for own in made.then(tf.average()).transforms] == [
        "clip_by_value",
        "clip_by_norm",
        "add_l2",
        "scale_by_adam",
        "scale_by_rate",
        "shrink_l1",
        "average",
    ]


def test_adamw_decays_behind_the_scaling():
    """Decoupled decay stands between the scaling and the rate; without it, Adam."""
    names = [own.kind.name for own in recipes.adamw(weight_decay=0.1).transforms]
    assert names == ["scale_by_adam", "add_decayed_weights", "scale_by_rate"]
    assert recipes.adamw().transforms == recipes.adam().transforms


def test_l1_of_a_recipe_is_the_proximal_step_behind_the_rate():
    """Gradient descent with L1 agrees with its reference."""
    z, gradients, rates = stream()
    path = follow(recipes.sgd(l1=0.5).transforms, gradients, z, rates, SETTINGS)
    expected = reference.shrunk(z, gradients, rates, 0.5, METRIC, SCALE)
    np.testing.assert_allclose(path, list(expected), rtol=1e-12, atol=1e-12)


def test_text_gives_settings():
    """A name with numbers is the recipe called with them."""
    given = optimizer(
        "adam:beta1=0.95, eps=1e-10, learning_rate=0.5", weight_decay=1e-3
    )
    assert given == recipes.adam(
        beta1=0.95, eps=1e-10, learning_rate=0.5, weight_decay=1e-3
    )
    assert optimizer(given) is given


@pytest.mark.parametrize("name", SHIPPED)
def test_an_optimizer_survives_a_pickle(name):
    """Processes and files can hold it."""
    made = optimizer(name, weight_decay=0.1)
    assert pickle.loads(pickle.dumps(made)) == made


BAD = {
    "name": (lambda: optimizer("adm"), "unknown optimizer 'adm'; did you mean 'adam'"),
    "type": (lambda: optimizer(3), "an optimizer is a name such as 'adam', not 3"),
    "setting": (lambda: optimizer("adam:beta=1"), "`adam` has no setting 'beta'; did"),
    "keyword": (lambda: optimizer("sgd", mu=0.9), "`sgd` has no setting 'mu'"),
    "pair": (lambda: optimizer("adam:beta1"), "cannot read 'beta1' in the optimizer"),
    "number": (
        lambda: optimizer("adam:eps=a"),
        "cannot read `eps` in the optimizer",
    ),
    "twice": (lambda: optimizer("adam:eps=1", eps=2), "`eps` is given twice"),
    "twice in text": (lambda: optimizer("adam:eps=1,eps=2"), "`eps` is given twice"),
    "finished": (lambda: optimizer(recipes.gd(), l1=1.0), "`l1` cannot be given"),
    "extra": (lambda: recipes.adam(clip_nrm=1.0), "`adam` has no setting 'clip_nrm'"),
    "learning rate": (
        lambda: recipes.adam(learning_rate=-0.1),
        "`learning_rate` must be finite",
    ),
    "decay": (lambda: recipes.adam(weight_decay=-1), "`weight_decay` must be finite"),
    "decoupled": (lambda: recipes.adamw(weight_decay=-1), "`weight_decay` must be"),
    "l1": (lambda: recipes.sgd(l1=float("nan")), "`l1` must be finite and not"),
    "clip": (
        lambda: recipes.sgd(clip_norm=0.0),
        "`clip_norm` must be finite and above",
    ),
    "beta": (lambda: recipes.adam(beta1=1.0), "`beta1` of `scale_by_adam` must be at"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_settings_are_refused_in_words(case):
    """One sentence names the setting, what is allowed and what came."""
    make, sentence = BAD[case]
    with pytest.raises(InputError, match=re.escape(sentence)):
        make()


@pytest.fixture
def own_names(monkeypatch):
    """A registry of its own for one test."""
    monkeypatch.setattr(registry, "_OPTIMIZERS", dict(OPTIMIZERS))


@transform(state=("last",))
def mean_of_two(step, last, share=0.5):
    """A user's transform in one function."""
    return share * step + (1.0 - share) * last, step


def remembered(*, share: float = 0.5, learning_rate: float = 0.2):
    return chain(
        mean_of_two(share=share), tf.scale_by_rate(), learning_rate=learning_rate
    )


def test_a_transform_in_one_function_is_registered_by_name(own_names):
    """A user's recipe is found by its name, takes its settings, and does its sum."""
    register_optimizer("remembered", remembered)
    made = optimizer("remembered:share=0.25")
    assert (made.name, made.learning_rate) == ("remembered", 0.2)
    z, gradients, rates = stream()
    path = follow(made.transforms, gradients, z, rates)
    before = np.vstack([np.zeros_like(z), gradients[:-1]])
    steps = rates[:, None] * (0.25 * gradients + 0.75 * before)
    np.testing.assert_allclose(path, z - np.cumsum(steps, axis=0), rtol=1e-12)


BAD_NAMES = {
    "taken": (("adam", remembered), "the optimizer name 'adam' is taken"),
    "a method": (("lm", remembered), "the optimizer name 'lm' is taken"),
    "another method": (("gauss_newton", remembered), "'gauss_newton' is taken"),
    "word of scipy": (("scipy", remembered), "the optimizer name 'scipy' is taken"),
    "method of scipy": (("scipy:trf", remembered), "must be an identifier"),
    "empty": (("", remembered), "must be an identifier"),
    "keyword": (("lambda", remembered), "must be an identifier"),
    "turned": (("a\u202eb", remembered), "must be an identifier"),
    "no identifier": (("my adam", remembered), "must be an identifier"),
    "no text": ((3, remembered), "must be an identifier"),
    "no function": (("mine", recipes.adam()), "must be a function that returns"),
}


@pytest.mark.parametrize("case", BAD_NAMES)
def test_bad_registrations_are_refused(case, own_names):
    """A name is free and an identifier; a recipe is a function."""
    arguments, sentence = BAD_NAMES[case]
    with pytest.raises(InputError, match=re.escape(sentence)):
        register_optimizer(*arguments)


def test_a_recipe_returns_an_optimizer(own_names):
    """What a recipe returns is checked when it is asked."""
    register_optimizer("mine", lambda: 3)
    with pytest.raises(InputError, match="recipe of 'mine' must return an optimizer"):
        optimizer("mine")


def test_a_number_out_of_range_is_a_domain_error():
    """As everywhere in the package."""
    with pytest.raises(DomainError):
        recipes.adam(learning_rate=0.0)
