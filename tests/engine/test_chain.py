"""What the engine makes of a transform's function."""

from __future__ import annotations

import math
import re

import numpy as np
import pytest

from physfit.engine.addresses import address_of
from physfit.engine.chain import (
    VECTORS,
    Stage,
    StageWords,
    code_of,
    compiled_stage,
    signature_of,
    stages_of,
)
from physfit.errors import InputError
from physfit.kernels.elementary import exp
from physfit.kernels.kernel import scalar

N = 37
FACTOR = 0.25
TABLE = [1.0, 2.0]


def helper(x):
    return x


@scalar
def everything(
    upper, step, rate, own, theta, scale, t, other, lower, norm, metric, k, n
):
    """Arguments in no particular order; hyper-parameters with names of a loop."""
    total = step + 10.0 * theta + 100.0 * scale + 1e3 * lower + 1e4 * upper
    total = total + 1e5 * metric + 1e6 * t + 1e7 * rate + 1e8 * norm + k * own + n
    return total, other + 1.0, own + step


@scalar
def stateless(step):
    return FACTOR * step


@scalar
def whole(step):
    """Numbers that are not floats come out as floats.

    A docstring may leave the margin.
    """
    return 1 if step > 0.0 else -1


@scalar
def curved(step):
    return exp(-step) if step > 0.0 else math.sqrt(-step)


def run(stage, *, state=None, t=3.0, rate=0.5, seed=0):
    """Vectors before and the step after one transform."""
    vectors = np.random.default_rng(seed).normal(size=(len(VECTORS), N))
    after = vectors.copy()
    state = np.zeros(len(stage.state) * N + 1) if state is None else state
    hyper = np.array([*stage.hyper, 0.0])
    compiled_stage(stage).call(
        address_of(after),
        address_of(np.array([t, rate])),
        address_of(state),
        address_of(hyper),
        N,
    )
    np.testing.assert_array_equal(after[1:], vectors[1:])
    return dict(zip(VECTORS, vectors, strict=True)), after[0]


def test_arguments_are_found_by_name():
    """Every vector, number, state and hyper-parameter reaches its own place."""
    stage = Stage(everything, ("own", "other"), (3.0, 4.0))
    state = np.random.default_rng(1).normal(size=(2, N))
    before = state.copy()
    v, step = run(stage, state=state)
    norm = np.linalg.norm(v["step"])
    expected, other, own = everything(
        **v, t=3.0, rate=0.5, own=before[0], other=before[1], norm=norm, k=3.0, n=4.0
    )
    np.testing.assert_allclose(step, expected, rtol=1e-14)
    # The function returns them in the order of the declaration.
    np.testing.assert_allclose(state, [other, own], rtol=1e-15)


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (stateless, lambda g: 0.25 * g),
        (whole, np.sign),
        (curved, lambda g: np.where(g > 0, np.exp(-g), np.sqrt(np.abs(g)))),
    ],
    ids=["global number", "integers", "kernels"],
)
def test_functions_use_globals_kernels_and_conditions(function, expected):
    """What transforms are made of compiles, and gives what Python gives."""
    v, step = run(Stage(function, (), ()))
    np.testing.assert_allclose(step, expected(v["step"]), rtol=1e-14)


def test_states_and_hyper_parameters_follow_each_other():
    """Each stage knows where its own begin; states count doubles."""
    one = Stage(everything, ("own", "other"), (3.0, 4.0))
    two = Stage(stateless, (), ())
    made = stages_of([one, two, one], N)
    assert made.n_state == 4
    np.testing.assert_array_equal(made.hyper[:4], [3.0, 4.0, 3.0, 4.0])
    words = made.words
    np.testing.assert_array_equal(words[:, StageWords.state], [0, 2 * N, 2 * N])
    np.testing.assert_array_equal(words[:, StageWords.hyper], [0, 2, 2])
    assert words[0, StageWords.code] == words[2, StageWords.code]


def no_step(m):
    return m


def no_state(step):
    return step


def starred(step, *more):
    return step


def main(step):
    return step


def taken(step, theta):
    return step, theta


SIGNATURES = {
    "no step": (no_step, (), "`no_step` has no argument `step`"),
    "no state": (no_state, ("m",), "`no_state` has no argument `m`"),
    "starred": (starred, (), "`starred` has the argument *more"),
    "reserved": (main, (), "cannot be named `main`"),
    "taken": (taken, ("theta",), "the state `theta` of the transform `taken`"),
    "twice": (taken, ("m", "m"), "has no argument `m`"),
}


@pytest.mark.parametrize("case", SIGNATURES)
def test_signatures_that_do_not_fit_are_refused(case):
    """One sentence names the function and the argument."""
    function, state, sentence = SIGNATURES[case]
    with pytest.raises(InputError, match=re.escape(sentence)):
        signature_of(function, state)


@scalar
def prints(step):
    print(step)
    return step


@scalar
def lists(step):
    kept = [step]
    kept.append(1.0)
    return kept[0]


@scalar
def calls(step):
    return helper(step)


@scalar
def table(step):
    return TABLE[0] * step


@scalar
def unknown(step):
    return nowhere * step  # noqa: F821


@scalar
def by_default(step, b=TABLE):
    return step


@scalar
def attribute(step):
    return np.nothing(step)


@scalar
def mixed(step):
    return step + "a"


@scalar
def too_few(step, m):
    return step


@scalar
def too_many(step):
    return step, step


@scalar
def raising(step):
    if step > 0.0:
        raise ValueError("no")
    return step


def enclosing():
    @scalar
    def nested(step):
        return step

    return nested


class Holder:
    @staticmethod
    @scalar
    def method(step):
        return step


FAULTS = {
    "print": (prints, (), "needs Python itself"),
    "list": (lists, (), "needs Python itself"),
    "raise": (raising, (), "needs Python itself"),
    "helper": (calls, (), "it uses `helper`, which compiled code does not know"),
    "global list": (table, (), "it uses `TABLE`, which compiled code does not know"),
    "unknown": (unknown, (), "it uses `nowhere`, which compiled code does not know"),
    "default": (by_default, (), "it uses `TABLE`"),
    "attribute": (attribute, (), "has no attribute 'nothing'"),
    "types": (mixed, (), "No implementation of function"),
    "too few": (too_few, ("m",), "it returns another number of values"),
    "too many": (too_many, (), "it returns another number of values"),
}


@pytest.mark.parametrize("case", FAULTS)
def test_what_cannot_be_compiled_is_named_in_one_sentence(case):
    """The transform, and its fault in a few words; not the compiler's page."""
    function, state, sentence = FAULTS[case]
    with pytest.raises(InputError) as caught:
        compiled_stage(Stage(function, state, ()))
    text = str(caught.value)
    assert text.startswith(f"the transform `{function.__name__}` cannot be compiled: ")
    assert sentence in text
    assert "\n" not in text
    assert len(text) < 400


@pytest.mark.parametrize(
    "function",
    [enclosing(), Holder.method, scalar(lambda step: step)],
    ids=["nested", "method", "lambda"],
)
def test_functions_without_a_place_at_the_top_level_are_refused(function):
    """Their text cannot stand alone; another function's text is never taken."""
    with pytest.raises(InputError, match=r"source of .* cannot be found; compiled"):
        compiled_stage(Stage(function, (), ()))


def test_functions_of_the_prompt_are_refused():
    """Text that was never in a file has no source."""
    names: dict[str, object] = {}
    exec("def typed(step):\n    return step\n", names)
    with pytest.raises(InputError, match="source of `typed` cannot be found"):
        compiled_stage(Stage(scalar(names["typed"]), (), ()))


def test_a_constant_that_changes_is_seen_at_once(monkeypatch):
    """What runs and what a fingerprint holds are of the same text."""
    stage = Stage(stateless, (), ())
    before, first = run(stage)
    text = code_of(stage)
    monkeypatch.setitem(globals(), "FACTOR", 0.5)
    _, second = run(stage)
    np.testing.assert_array_equal(first, 0.25 * before["step"])
    np.testing.assert_array_equal(second, 0.5 * before["step"])
    assert code_of(stage) != text
