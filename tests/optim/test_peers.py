"""The same optimisers in torch and optax, with their conventions.

Where a peer means something else by a name, the case says what makes them equal:

- torch SGD starts its momentum buffer with the first gradient: b_1 = g, so does `trace`
  (0.9 * 0 + g); its average (`dampening=mu`) starts with g instead of (1 - mu) g.
- torch RMSprop calls the decay `alpha` and adds eps behind the root; optax has eps
  inside by default, as here.
- optax's Adagrad starts from 0.1 and has eps inside the root.
- torch's AdamW decays before the step of Adam, the sum is the same.
"""

from __future__ import annotations

import importlib

import numpy as np
import pytest

from physfit.optim import recipes
from physfit.optim import transforms as tf
from physfit.optim.base import chain
from physfit.optim.schedules import (
    constant,
    cosine,
    joined,
    piecewise,
    polynomial,
    staircase,
    warmup,
)
from tests.optim.driver import follow
from tests.optim.test_transforms import stream

RATE = 0.05


def ours(made):
    z, gradients, _ = stream()
    return follow(made.transforms, gradients, z, np.full(len(gradients), RATE))


# ------------------------------------------------------------------------------ torch


def by_torch(name, settings):
    torch = pytest.importorskip("torch")
    z, gradients, _ = stream()
    parameter = torch.nn.Parameter(torch.tensor(z, dtype=torch.float64))
    own = getattr(torch.optim, name)([parameter], lr=RATE, **settings)
    path = []
    for gradient in gradients:
        parameter.grad = torch.tensor(gradient, dtype=torch.float64)
        own.step()
        path.append(parameter.detach().numpy().copy())
    return np.array(path)


def with_rate(*transforms):
    return chain(*transforms, tf.scale_by_rate())


TORCH = {
    "sgd": (recipes.sgd(), "SGD", {}),
    "heavy ball": (with_rate(tf.trace(0.8)), "SGD", {"momentum": 0.8}),
    "nesterov": (
        recipes.nesterov(mu=0.8),
        "SGD",
        {"momentum": 0.8, "nesterov": True},
    ),
    "coupled decay": (recipes.sgd(weight_decay=0.1), "SGD", {"weight_decay": 0.1}),
    "adam": (recipes.adam(), "Adam", {}),
    "adam, coupled": (recipes.adam(weight_decay=0.1), "Adam", {"weight_decay": 0.1}),
    "adamw": (recipes.adamw(weight_decay=0.1), "AdamW", {"weight_decay": 0.1}),
    "adamw, torch's decay": (recipes.adamw(weight_decay=0.01), "AdamW", {}),
    "adagrad": (recipes.adagrad(), "Adagrad", {}),
    "adagrad, started": (
        recipes.adagrad(initial=0.1, eps=1e-8),
        "Adagrad",
        {"initial_accumulator_value": 0.1, "eps": 1e-8},
    ),
    # eps inside and outside of the root agree where there is none.
    "rmsprop": (
        recipes.rmsprop(decay=0.95, eps=0.0),
        "RMSprop",
        {"alpha": 0.95, "eps": 0.0},
    ),
}


@pytest.mark.parametrize("case", TORCH)
def test_torch_takes_the_same_steps(case):
    """100 steps in double precision; torch rounds in another order."""
    made, name, settings = TORCH[case]
    np.testing.assert_allclose(
        ours(made), by_torch(name, settings), rtol=1e-11, atol=1e-12
    )


def test_torch_starts_the_average_with_the_first_gradient():
    """With dampening = mu torch averages as here, but m_1 = g and not (1 - mu) g.

    The first step is 1 / (1 - mu) times ours; then the difference fades as mu^t.
    """
    theirs = by_torch("SGD", {"momentum": 0.8, "dampening": 0.8})
    z, gradients, _ = stream()
    path = ours(recipes.momentum(beta=0.8))
    fading = 0.8 * gradients[0] * 0.8 ** np.arange(100.0)[:, None]
    np.testing.assert_allclose(
        path - theirs, RATE * np.cumsum(fading, axis=0), rtol=1e-9
    )
    assert not np.allclose(path[0] - z, theirs[0] - z)


def test_torch_puts_eps_of_rmsprop_behind_the_root():
    """With an eps that matters the two forms differ; ours is the lecture's."""
    theirs = by_torch("RMSprop", {"alpha": 0.9, "eps": 0.1})
    assert not np.allclose(ours(recipes.rmsprop(decay=0.9, eps=0.1)), theirs)


# ------------------------------------------------------------------------------ optax


@pytest.fixture
def doubles():
    """The package optax with JAX in double precision."""
    jax = pytest.importorskip("jax")
    optax = pytest.importorskip("optax")
    kept = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield optax
    jax.config.update("jax_enable_x64", kept)


def by_optax(optax, made):
    numpy = importlib.import_module("jax.numpy")
    z, gradients, _ = stream()
    parameters = numpy.asarray(z)
    state = made.init(parameters)
    path = []
    for gradient in gradients:
        steps, state = made.update(numpy.asarray(gradient), state, parameters)
        parameters = optax.apply_updates(parameters, steps)
        path.append(np.asarray(parameters))
    return np.array(path)


OPTAX = {
    "sgd": (recipes.sgd(), lambda o: o.sgd(RATE)),
    "momentum": (
        recipes.momentum(beta=0.8),
        lambda o: o.chain(o.ema(0.8, debias=False), o.sgd(RATE)),
    ),
    "debiased": (
        with_rate(tf.ewma_debiased(0.8)),
        lambda o: o.chain(o.ema(0.8, debias=True), o.sgd(RATE)),
    ),
    "heavy ball": (with_rate(tf.trace(0.8)), lambda o: o.sgd(RATE, momentum=0.8)),
    "nesterov": (
        recipes.nesterov(mu=0.8),
        lambda o: o.sgd(RATE, momentum=0.8, nesterov=True),
    ),
    "rmsprop": (
        recipes.rmsprop(decay=0.9, eps=1e-3),
        lambda o: o.rmsprop(RATE, decay=0.9, eps=1e-3),
    ),
    "adam": (recipes.adam(), lambda o: o.adam(RATE)),
    "adamw": (
        recipes.adamw(weight_decay=0.1),
        lambda o: o.adamw(RATE, weight_decay=0.1),
    ),
    # eps stands inside the root there; without one the two are the same.
    "adagrad": (
        recipes.adagrad(initial=0.1, eps=0.0),
        lambda o: o.adagrad(RATE, initial_accumulator_value=0.1, eps=0.0),
    ),
    "clip by norm": (
        recipes.sgd(clip_norm=3.0),
        lambda o: o.chain(o.clip_by_global_norm(3.0), o.sgd(RATE)),
    ),
    "clip by value": (
        recipes.sgd(clip_value=0.4),
        lambda o: o.chain(o.clip(0.4), o.sgd(RATE)),
    ),
}


@pytest.mark.parametrize("case", OPTAX)
def test_optax_takes_the_same_steps(case, doubles):
    """100 steps in double precision; XLA rounds in another order."""
    made, theirs = OPTAX[case]
    np.testing.assert_allclose(
        ours(made), by_optax(doubles, theirs(doubles)), rtol=1e-10, atol=1e-11
    )


#: Ours at step t is theirs at count t - 1, but for warm-up, which they count from t.
SCHEDULES = {
    "constant": (constant(0.3), lambda o: o.constant_schedule(0.3), 1),
    "staircase": (
        staircase(0.3, 0.5, 10),
        lambda o: o.exponential_decay(0.3, 10, 0.5, staircase=True),
        1,
    ),
    "piecewise": (
        piecewise(0.3, {10: 0.5, 30: 0.1}),
        lambda o: o.piecewise_constant_schedule(0.3, {10: 0.5, 30: 0.1}),
        1,
    ),
    "polynomial": (
        polynomial(0.3, 0.1, 20, power=2.0),
        lambda o: o.polynomial_schedule(0.3, 0.1, 2.0, 20),
        1,
    ),
    "cosine": (
        cosine(0.3, 20, end=0.03),
        lambda o: o.cosine_decay_schedule(0.3, 20, alpha=0.1),
        1,
    ),
    "warmup": (warmup(constant(0.3), 10), lambda o: o.linear_schedule(0, 0.3, 10), 0),
    "joined": (
        joined(constant(0.3), 15, cosine(0.2, 20)),
        lambda o: o.join_schedules(
            [o.constant_schedule(0.3), o.cosine_decay_schedule(0.2, 20)], [15]
        ),
        1,
    ),
}


@pytest.mark.parametrize("case", SCHEDULES)
def test_optax_has_the_same_schedules(case, doubles):
    """Rates of 40 steps; theirs are partly of single precision."""
    own, theirs, first = SCHEDULES[case]
    t = np.arange(1.0, 41.0)
    made = theirs(doubles)
    expected = [float(made(int(count))) for count in t - first]
    np.testing.assert_allclose(own(t), expected, rtol=1e-6, atol=1e-8)
