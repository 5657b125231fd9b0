"""Schedules against their closed forms, and their text."""

from __future__ import annotations

import math
import pickle
import re
from dataclasses import FrozenInstanceError, dataclass
from functools import partial

import numpy as np
import pytest

from physfit.errors import DomainError, InputError
from physfit.optim import schedules
from physfit.optim.schedule_text import as_schedule, parse_schedule
from physfit.optim.schedules import (
    Schedule,
    constant,
    cosine,
    exponential,
    inverse_sqrt,
    joined,
    piecewise,
    polynomial,
    staircase,
    warmup,
)

T = np.arange(1.0, 41.0)
POLYNOMIAL = np.concatenate([1.0 - np.arange(20) / 20.0, np.zeros(20)])
COSINE = np.concatenate([0.5 + 0.5 * np.cos(np.pi * np.arange(20) / 20), np.zeros(20)])

FORMS = {
    "constant": (constant(0.3), np.full(40, 0.3)),
    "inverse_sqrt": (inverse_sqrt(0.3), 0.3 / np.sqrt(T)),
    "exponential": (exponential(0.3, k=0.1), 0.3 * np.exp(-0.1 * T)),
    "staircase": (
        staircase(0.3, factor=0.5, every=10),
        np.repeat([0.3, 0.15, 0.075, 0.0375], 10),
    ),
    "piecewise": (
        piecewise(0.3, {30: 0.1, 10: 0.5}),
        np.repeat([0.3, 0.15, 0.015], [10, 20, 10]),
    ),
    "polynomial": (
        polynomial(0.3, end=0.1, steps=20, power=2.0),
        0.1 + 0.2 * POLYNOMIAL**2,
    ),
    "cosine": (cosine(0.3, steps=20, end=0.1), 0.1 + 0.2 * COSINE),
    "warmup": (
        warmup(inverse_sqrt(0.3), steps=10),
        np.minimum(T / 10.0, 1.0) * 0.3 / np.sqrt(T),
    ),
    "joined": (
        joined(constant(0.3), 15, exponential(0.2, k=0.1)),
        np.where(T <= 15, 0.3, 0.2 * np.exp(-0.1 * (T - 15))),
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_schedule_is_its_closed_form(name):
    """Rates at steps 1 to 40, to a few units in the last place."""
    schedule, expected = FORMS[name]
    np.testing.assert_allclose(schedule(T), expected, rtol=1e-14, atol=1e-16)


@pytest.mark.parametrize("name", FORMS)
def test_the_rate_of_a_step_does_not_depend_on_its_company(name):
    """A chunk of steps has the rates that the steps have one by one, bit by bit."""
    schedule, _ = FORMS[name]
    np.testing.assert_array_equal(schedule(T)[7:23], schedule(T[7:23]))


@pytest.mark.parametrize("name", FORMS)
def test_a_schedule_is_a_value(name):
    """It cannot be changed, and its copy through a pickle is equal and as usable."""
    schedule, _ = FORMS[name]
    copy = pickle.loads(pickle.dumps(schedule))
    assert copy == schedule
    assert hash(copy) == hash(schedule)
    assert copy != constant(0.123)
    with pytest.raises(FrozenInstanceError):
        schedule.rate = 1.0


@pytest.mark.parametrize("name", FORMS)
def test_the_text_of_a_schedule_reads_as_itself(name):
    """str and parse_schedule are inverse to each other."""
    schedule, _ = FORMS[name]
    assert parse_schedule(str(schedule)) == schedule


TEXTS = {
    "0.01": constant(0.01),
    "1e+2": constant(100.0),
    "constant:0.1": constant(0.1),
    "inverse_sqrt:0.01": inverse_sqrt(0.01),
    "inverse_sqrt:rate=0.01": inverse_sqrt(0.01),
    "exponential:0.01,k=1e-4": exponential(0.01, 1e-4),
    "exponential:1e-2, k=1e+0": exponential(0.01, 1.0),
    "piecewise:0.1,1000=0.5,2000=0.1": piecewise(0.1, {1000: 0.5, 2000: 0.1}),
    "staircase:0.1,factor=0.5,every=1000": staircase(0.1, 0.5, 1000),
    "polynomial:0.1,end=0.001,steps=5000": polynomial(0.1, 0.001, 5000),
    "warmup:100+cosine:0.01,steps=5000": warmup(cosine(0.01, 5000), 100),
    "warmup:100+0.01": warmup(constant(0.01), 100),
    "constant:0.1@1000+exponential:0.1,k=1e-3": joined(
        constant(0.1), 1000, exponential(0.1, 1e-3)
    ),
    "0.3@10+0.2@20+0.1": joined(
        constant(0.3), 10, joined(constant(0.2), 20, constant(0.1))
    ),
}


@pytest.mark.parametrize("text", TEXTS)
def test_texts_are_read(text):
    """The grammar of the command line."""
    assert parse_schedule(text) == TEXTS[text]


BAD_TEXTS = {
    "-0.01": "`rate` of the schedule `constant` must be finite and above 0, but is -0",
    "0": "must be finite and above 0, but is 0.0",
    "inf": "unknown name 'inf'",
    "constant:inf": "must be finite and above 0, but is inf",
    "inverse_sqrt:nan": "must be finite and above 0, but is nan",
    "inverse_sqrt:-1": "`rate` of the schedule `inverse_sqrt` must be finite and above",
    "inverse_sqr:0.1": "unknown name 'inverse_sqr'; did you mean 'inverse_sqrt'?",
    "inverse_sqrt": "has no rate; write 'inverse_sqrt:0.01'",
    "exponential:0.01": "lacks `k`; write 'exponential:0.01,k=...'",
    "exponential:0.01,q=1": "has no number 'q'",
    "constant:0.01,": "cannot read '' in the schedule 'constant:0.01,'",
    "exponential:0.01,1": "cannot read '1' in the schedule 'exponential:0.01,1'",
    "exponential:0.01,k=a": "cannot read `k` in the schedule",
    "exponential:0.01,k=-1": "`k` of the schedule `exponential` must be finite and not",
    "cosine:0.1,steps=1.5": "`steps` of the schedule `cosine` must be a whole number",
    "piecewise:0.1,a=0.5": "cannot read `after`",
    "piecewise:0.1,0=0.5": "'0' in the schedule",
    "warmup:10": "ends after its warm-up",
    "warmup": "must begin with a warm-up and its steps",
    "0.1@100+warmup:10": "must begin with a warm-up and its steps",
    "warmup:10+warmup:10": "must begin with a warm-up and its steps",
    "warmup:x+0.1": "cannot read `steps`",
    "0.1@10": "nothing follows the '0.1'",
    "0.1+0.2": "does not say how long '0.1' lasts",
    "": "unknown name ''",
}


@pytest.mark.parametrize("text", BAD_TEXTS)
def test_bad_texts_are_refused_in_words(text):
    """One sentence says what is wrong and what to write."""
    with pytest.raises(InputError, match=re.escape(BAD_TEXTS[text])):
        parse_schedule(text)


BAD = {
    "negative rate": (lambda: constant(-0.1), "`rate` of the schedule `constant`"),
    "negative end": (lambda: cosine(0.1, 10, end=-0.1), "must be finite and not neg"),
    "no number": (lambda: constant("0.1"), "but is '0.1'"),
    "half a step": (lambda: warmup(constant(0.1), 2.5), "must be a whole number of st"),
    "no steps": (lambda: staircase(0.1, 0.5, 0), "at least 1, but is 0"),
    "a number": (lambda: warmup(0.1, 10), "must be a schedule, but is 0.1"),
    "factor": (lambda: piecewise(0.1, {10: -0.5}), "`factor` of the schedule"),
    "as text": (lambda: as_schedule("bad"), "unknown name 'bad'"),
    "as number": (lambda: as_schedule(-1.0), "must be finite and above 0"),
    "as text of a number": (
        lambda: as_schedule("-1"),
        "`learning_rate` must be finite and above 0, but is -1.0",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_numbers_are_refused_when_a_schedule_is_made(case):
    """No schedule exists that would have negative rates or broken steps."""
    make, sentence = BAD[case]
    with pytest.raises(InputError, match=re.escape(sentence)):
        make()


def test_numbers_and_texts_are_schedules_too():
    """What a caller may write for a schedule."""
    assert as_schedule(0.1) == as_schedule("0.1") == as_schedule(constant(0.1))


@dataclass(frozen=True)
class sawtooth(Schedule):
    rate: float

    def rates(self, t):
        return self.rate * (2.0 - t)


def test_rates_of_a_schedule_of_ones_own_are_checked():
    """A rate below zero is refused where it appears, with its step."""
    np.testing.assert_array_equal(sawtooth(0.1)(T[:2]), [0.1, 0.0])
    with pytest.raises(
        DomainError, match=r"sawtooth:0\.1 has the rate -0\.1 at step 3"
    ):
        sawtooth(0.1)(T)


def fading(t):
    """A rate with a branch, which takes one step at a time."""
    return 0.5 if t < 3 else 0.5 / math.sqrt(t)


def test_a_function_is_asked_step_by_step():
    """With whole numbers from 1, whatever it does with them."""
    schedule = as_schedule(fading)
    expected = [0.5, 0.5, 0.5 / math.sqrt(3.0)]
    np.testing.assert_array_equal(schedule(np.array([1.0, 2.0, 3.0])), expected)
    assert as_schedule([0.0, 0.3, 0.2].__getitem__)(np.ones(1)) == [0.3]
    assert str(schedule) == "function fading"
    assert str(as_schedule(partial(max, 0.1))) == "function max"
    assert str(as_schedule(lambda t: 0.1)) == "function <lambda>"


@pytest.mark.parametrize(
    ("function", "step", "words"),
    [
        (lambda t: 0.1 / (t - 1), 1, r"fails at step 1 \(ZeroDivisionError: "),
        (lambda t: [0.0, 0.1][t], 2, r"fails at step 2 \(IndexError: list index"),
        (lambda t: "0.1", 1, "gives '0.1' at step 1; it must give a number"),
        (lambda t: True, 1, "gives True at step 1"),
        (lambda t: np.ones(2), 1, r"gives array\(\[1., 1.\]\) at step 1"),
        (lambda t: 0.2 - 0.1 * t, 3, "has the rate -0.1 at step 3; rates must be"),
        (lambda t: math.nan, 1, "has the rate nan at step 1; rates must be finite"),
        (lambda: 0.1, 1, r"fails at step 1 \(TypeError"),
    ],
    ids=["raises", "ends", "text", "truth", "array", "negative", "nan", "no step"],
)
def test_what_a_function_must_not_give_is_told_with_the_step(function, step, words):
    """At once where it is wrong for the first step."""
    with pytest.raises(InputError, match=words):
        as_schedule(function)(np.arange(1.0, step + 1))


def test_a_class_is_no_schedule():
    """It lacks its numbers."""
    with pytest.raises(InputError, match=r"one of pf\.schedules with its numbers"):
        as_schedule(schedules.cosine)
