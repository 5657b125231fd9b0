"""Transforms against numpy, on one fixed stream of gradients."""

from __future__ import annotations

import pickle
import re

import numpy as np
import pytest

from physfit.engine import jit
from physfit.engine.abi import TRANSFORM
from physfit.engine.chain import text_of
from physfit.engine.source import module_text
from physfit.errors import DomainError, InputError
from physfit.optim import transforms as tf
from physfit.optim.base import Kind, Transform, chain, transform
from tests.optim import reference
from tests.optim.driver import Settings, follow

N, STEPS = 13, 100
KINDS = {name: getattr(tf, name) for name in tf.__all__ if name != "projected"}
SCALE = np.geomspace(0.1, 10.0, N)
SETTINGS = Settings(N, scale=SCALE, lower=-1.1, upper=0.9, loss_size=3.0)
METRIC = SCALE**2 / 3.0

#: Transforms before the rate, transforms behind it, reference.
CASES = {
    "rate": ([], [], reference.gd, {}),
    "ewma": ([tf.ewma(0.8)], [], reference.momentum, {"beta": 0.8}),
    "ewma_debiased": (
        [tf.ewma_debiased(0.8)],
        [],
        reference.momentum_debiased,
        {"beta": 0.8},
    ),
    "trace": ([tf.trace(0.7)], [], reference.heavy_ball, {"mu": 0.7}),
    "nesterov": ([tf.nesterov(0.7)], [], reference.nesterov, {"mu": 0.7}),
    "rms": (
        [tf.scale_by_rms(0.95, 1e-3)],
        [],
        reference.rmsprop,
        {"decay": 0.95, "eps": 1e-3},
    ),
    "adam": (
        [tf.scale_by_adam(0.8, 0.99, 1e-3)],
        [],
        reference.adam,
        {"beta1": 0.8, "beta2": 0.99, "eps": 1e-3},
    ),
    "adam_lecture": (
        [tf.scale_by_adam_lecture(0.8, 0.99, 1e-3)],
        [],
        reference.lecture_adam,
        {"beta1": 0.8, "beta2": 0.99, "eps": 1e-3},
    ),
    "adagrad": (
        [tf.scale_by_adagrad(0.1, 1e-3)],
        [],
        reference.adagrad,
        {"initial": 0.1, "eps": 1e-3},
    ),
    "clip_by_norm": (
        [tf.clip_by_norm(3.0)],
        [],
        reference.clipped_by_norm,
        {"limit": 3.0},
    ),
    "clip_by_value": (
        [tf.clip_by_value(0.4)],
        [],
        reference.clipped_by_value,
        {"limit": 0.4},
    ),
    "l2": (
        [tf.add_l2(0.02)],
        [],
        reference.coupled,
        {"decay": 0.02, "metric": METRIC},
    ),
    "decayed_weights": (
        [tf.add_decayed_weights(0.3)],
        [],
        reference.decoupled,
        {"decay": 0.3},
    ),
    "l1": (
        [],
        [tf.shrink_l1(0.5)],
        reference.shrunk,
        {"decay": 0.5, "metric": METRIC, "scale": SCALE},
    ),
    "project": (
        [],
        [tf.project()],
        reference.bounded,
        {"lower": -1.1, "upper": 0.9},
    ),
}


def stream(seed=0):
    """Start, gradients of changing size, and rates that fall."""
    rng = np.random.default_rng(seed)
    sizes = np.exp(rng.normal(size=(STEPS, 1)))
    rates = 0.2 / np.sqrt(np.arange(1.0, STEPS + 1.0))
    return rng.uniform(-1, 1, N), sizes * rng.normal(size=(STEPS, N)), rates


@pytest.mark.parametrize("case", CASES)
def test_a_transform_is_its_formula(case):
    """100 steps agree with numpy to 1e-12, for numbers of the order of one."""
    before, after, formula, hyper = CASES[case]
    z, gradients, rates = stream()
    path = follow([*before, tf.scale_by_rate(), *after], gradients, z, rates, SETTINGS)
    expected = np.array(list(formula(z, gradients, rates, **hyper)))
    np.testing.assert_allclose(path, expected, rtol=1e-12, atol=1e-12)


def test_the_streams_differ_with_their_seed():
    """The test cases are drawn, not constant."""
    assert not np.array_equal(stream(0)[1], stream(1)[1])
    assert np.linalg.norm(stream()[1], axis=1).max() > 3.0
    assert np.linalg.norm(stream()[1], axis=1).min() < 3.0


AVERAGES = {
    "plain mean": (tf.average(eta=0.0), lambda z, t: z[:t].mean(axis=0)),
    "polynomial": (tf.average(), lambda z, t: polynomial(z[:t], 8.0)),
    "exponential": (tf.average_ewma(0.9), lambda z, t: debiased(z[:t], 0.9)),
}


def polynomial(z, eta):
    mean = np.zeros(N)
    for t, own in enumerate(z, 1):
        mean = (1 - (eta + 1) / (t + eta)) * mean + (eta + 1) / (t + eta) * own
    return mean


def debiased(z, beta):
    weights = (1 - beta) * beta ** np.arange(len(z))[::-1]
    return weights @ z / (1 - beta ** len(z))


@pytest.mark.parametrize("case", AVERAGES)
@pytest.mark.parametrize("steps", [1, 2, 100])
def test_an_average_is_that_of_the_parameters_behind_the_step(case, steps):
    """The average is over z after each step, bounds included, and moves nothing."""
    own, formula = AVERAGES[case]
    z, gradients, rates = (stream()[0], stream()[1][:steps], stream()[2][:steps])
    moving = [tf.scale_by_rate(), tf.project()]
    state = []
    path = follow([*moving, own], gradients, z, rates, SETTINGS, state=state)
    np.testing.assert_array_equal(path, follow(moving, gradients, z, rates, SETTINGS))
    np.testing.assert_allclose(state[-1][:N], formula(path, steps), rtol=1e-12)


def test_l1_leaves_zeros():
    """What the soft threshold takes to zero is zero exactly, and stays there."""
    z = np.full(N, 0.05)
    path = follow(
        [tf.scale_by_rate(), tf.shrink_l1(1.0)],
        np.zeros((10, N)),
        z,
        np.full(10, 0.1),
        Settings(N),
    )
    np.testing.assert_array_equal(path, np.zeros((10, N)))


def test_nan_passes_through_every_transform():
    """A step that is no number is not made one: the loop must see it."""
    z, gradients, rates = stream()
    gradients[3, 5] = np.nan
    for own in CASES.values():
        made = [*own[0], tf.scale_by_rate(), *own[1]]
        assert np.isnan(follow(made, gradients[:4], z, rates[:4], SETTINGS)[3, 5])


def test_the_projection_stands_before_the_averages():
    """Averages see projected parameters, wherever they stood in the chain."""
    made = tf.projected([tf.average(), tf.scale_by_rate()])
    assert [own.kind.name for own in made] == ["scale_by_rate", "project", "average"]


@transform()
def power_of_each(step, theta, t):
    return step * theta**t


def blocks_of(kind):
    text = module_text(text_of(kind.function, kind.state), TRANSFORM, kind.function)
    return re.split(r"^(?=[\w.]+:)", jit.llvm_of(text), flags=re.MULTILINE)


def powers_in_loops(kind):
    """Whether a block that counts parameters computes a power."""
    return [b for b in blocks_of(kind) if "pow" in b and " phi i64 " in b]


@pytest.mark.parametrize("name", KINDS)
def test_the_loop_of_a_transform_is_vector_code(name):
    """Every loop over the parameters is vectorised, powers of t outside of it."""
    blocks = blocks_of(KINDS[name])
    assert any(block.startswith("vector.body") for block in blocks)
    assert not powers_in_loops(KINDS[name])


def test_a_power_inside_the_loop_is_noticed():
    """The test above can fail."""
    assert powers_in_loops(power_of_each)


@pytest.mark.parametrize("name", KINDS)
def test_a_transform_survives_a_pickle(name):
    """A kind comes back as itself, a transform as an equal one."""
    own = KINDS[name]
    hyper = {key: 0.5 for key in own.hyper_names}
    assert pickle.loads(pickle.dumps(own)) is own
    assert pickle.loads(pickle.dumps(own(**hyper))) == own(**hyper)


BAD = {
    "unknown": (lambda: tf.ewma(bta=0.9), "no hyper-parameter 'bta'; did you mean"),
    "too many": (lambda: tf.ewma(0.9, 0.9), "takes 1 hyper-parameters"),
    "twice": (lambda: tf.ewma(0.9, beta=0.9), "`beta` is given twice"),
    "missing": (lambda: tf.clip_by_norm(), "needs `limit`"),
    "no number": (lambda: tf.ewma("a"), "must be a finite number, but is 'a'"),
    "nan": (lambda: tf.ewma(float("nan")), "must be a finite number"),
    "beta of one": (lambda: tf.ewma(1.0), "at least 0 and below 1, but is 1.0"),
    "negative": (lambda: tf.add_l2(-1.0), "`decay` of `add_l2` must be at least 0"),
    "a kind": (lambda: chain(tf.ewma), "`ewma` is a kind of transform; call it"),
    "a thing": (lambda: chain(3.0), "`chain` takes transforms, not 3.0"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_hyper_parameters_are_named(case):
    """One sentence says which number of which transform, and what is allowed."""
    make, sentence = BAD[case]
    with pytest.raises(InputError, match=re.escape(sentence)):
        make()


def test_a_range_is_for_a_hyper_parameter():
    """`within` names hyper-parameters of the function only."""
    with pytest.raises(InputError, match="`damped` has no hyper-parameter 'bta'"):

        @transform(within={"bta": (0.0, 1.0)})
        def damped(step, beta):
            return beta * step


def test_ranges_are_checked_as_domains():
    """A number out of range is a DomainError, as everywhere."""
    with pytest.raises(DomainError):
        tf.scale_by_adam(beta2=1.5)
    assert isinstance(KINDS["ewma"], Kind)
    assert isinstance(tf.ewma(), Transform)
