"""What cannot be traced says where and what to do; nothing becomes another model."""

from __future__ import annotations

import itertools
import math
import random
import time

import numpy as np
import pytest
import traces
from scipy.integrate import solve_ivp
from scipy.ndimage import gaussian_filter1d

X = np.linspace(0.2, 6.3, 40)
BUFFER = np.zeros(40)
TABLE = {1.0: 2.0}
MEMORY = []
CASES = {}


def case(reason):
    def enter(function):
        CASES[function.__name__] = (function, reason)
        return function

    return enter


@case(r"`int\(a \* 10\)` needs a number \(int\)")
def whole_number(x, a, b):
    return sum(b * x**k for k in range(int(a * 10)))


@case(r"`range\(a\)` .*")
def loop_of_a_parameter(x, a, b):
    return sum(b * x**k for k in range(a))


@case(r"`y / np.trapezoid\(y, x\)`|`np.trapezoid\(y, x\)` .*")
def normalized_area(x, a, b):
    y = a * np.exp(-b * x)
    return y / np.trapezoid(y, x)


@case(r"`np.max\(y\)` joins the samples to one number")
def normalized_peak(x, a, b):
    y = a * np.exp(-b * (x - 2) ** 2)
    return y / np.max(y)


@case(r"`np.cumsum\(a \* x\)` runs from sample to sample")
def running_sum(x, a, b):
    return np.cumsum(a * x) + b


@case(r"`np.convolve\(.*\)` calls `convolve`")
def convolved(x, a, b):
    return np.convolve(np.exp(-a * x), [0.2, b, 0.2], mode="same")


@case(r"`gaussian_filter1d\(.*\)` needs numbers")
def filtered(x, a, b):
    return gaussian_filter1d(a * np.sin(b * x), 2.0)


@case(r"`np.fft.fft\(a \* x\)` calls `fft`")
def transformed(x, a, b):
    return np.abs(np.fft.fft(a * x)) + b


@case(r"`solve_ivp\(.*\)` ")
def equation_of_motion(x, a, b):
    return solve_ivp(lambda t, y: -a * y, (0, 7), [b], t_eval=x).y[0]


@case("it may keep a state, or be random")
def noisy(x, a, b):
    return a * x + b + 0.01 * np.random.default_rng().normal(size=x.size)


@case("it may keep a state, or be random")
def random_number(x, a, b):
    return a * x + b * random.random()


@case("it may keep a state, or be random")
def clock(x, a, b):
    return a * x + b * math.sin(time.perf_counter())


@case("the function gives")
def carried(x, a, b):
    out, last = [], 0.0
    for t in x:
        last = 0.5 * last + a * t
        out.append(last + b)
    return np.array(out)


@case("the function gives")
def counted(x, a, b):
    n = 0
    for _ in x:
        n += 1
    return a * x + b * n


@case(r"`BUFFER\[:\] = a \* x` needs numbers|needs numbers")
def written_to_a_global(x, a, b):
    BUFFER[:] = a * x
    return BUFFER + b


@case("raises KeyError")
def looked_up(x, a, b):
    return TABLE[a] * x + b


@case(r"more than 16 paths|more than 64 conditions")
def halved_until_small(x, a, b):
    while a > 0.01:
        a = a / 2
    return a * x + b


@case("more than 16 paths|more than 64 conditions")
def iterated(x, a, b):
    root = a
    for _ in range(100):
        step = (root**2 - b) / (2 * root)
        root = root - step
        if abs(step) < 1e-12:
            break
    return root * x


@case(r"the samples that a condition chooses")
def fewer_samples(x, a, b):
    return (a * x)[x < b]


@case(r"`len\(x\[x < b\]\)` .*|asks how many samples a condition chooses")
def number_below(x, a, b):
    return a * x + len(x[x < b])


@case(r"`np.linalg.eigvalsh\(.*\)` .*5 rows|has a matrix of 5 rows")
def large_matrix(x, a, b):
    return a * x + np.linalg.eigvalsh(np.diag([a, b, a, b, 1.0]))[0]


@case(r"joins every sample with every other")
def pairs(x, a, b):
    return np.exp(-a * np.abs(x[:, None] - x[None, :])).sum(axis=1) + b


@case(r"`np.sort\(a \* x\)` calls `sort`")
def ordered(x, a, b):
    return np.sort(a * x) + b


@case(r"joins 7 values with 40 samples")
def wrong_length(x, a, b):
    return a * x + b * np.arange(7.0)


@case(r"is `nothing`|asks for `.nothing`")
def wrong_attribute(x, a, b):
    return a * x.nothing + b


@case(r"raises ZeroDivisionError|raises")
def mistaken(x, a, b):
    return a * x / 0 + undefined_name  # noqa: F821


@case(r"takes the place of a sample as a number|needs numbers|is an index")
def neighbours(x, a, b):
    y = np.zeros(len(x))
    for i in range(len(x)):
        y[i] = a * x[i] + b * x[i - 1]
    return y


@case("the function gives")
def ended_at_a_sample(x, a, b):
    out = np.zeros(len(x))
    for i in range(len(x)):
        if math.sin(5 * x[i]) > b:
            break
        out[i] = a
    return out


@case("joins the sample that a loop stands for with others")
def two_lists_in_one(x, a, b):
    out = [a * t for t in x]
    out += [b * t for t in x]
    return np.array(out)


@case("the function gives")
def decided_by_one_sample(x, a, b):
    for t in x:
        if t > b:
            return a * x
    return b * x


@pytest.mark.parametrize("name", CASES)
def test_what_cannot_be_traced_says_why(name):
    """A sentence, not another model; the function itself is not changed."""
    function, reason = CASES[name]
    with pytest.raises(traces.TraceError, match=reason):
        traces.traced(function, 2, X, [(0.7, 1.3), (0.9, 2.1)])


def test_complex_values_that_keep_a_state_are_found_out():
    """Comparisons see both parts."""
    calls = []

    def function(x, a, b):
        calls.append(1)
        return a * x + 1j * b * len(calls)

    with pytest.raises(traces.TraceError, match="the function gives"):
        traces.traced(function, 2, X, [(0.7, 1.3)])


def test_lists_of_the_caller_are_not_written_to():
    """What a copy appends to is a copy."""

    def function(x, a, b):
        MEMORY.append(a)
        return a * x + b

    MEMORY.clear()
    traces.traced(function, 2, X, [(0.7, 1.3)])
    assert all(isinstance(one, float) for one in MEMORY)


def test_each_path_begins_with_the_state_of_the_caller():
    """What one path keeps in an object is not there on the next."""

    class Model:
        def __init__(self):
            self.kept = None

        def __call__(self, x, a, b):
            factor = a if a > 1.0 else b
            if self.kept is None or self.kept[0] != (a, b):
                self.kept = ((a, b), factor)
            return self.kept[1] * x

    model = Model()
    graph = traces.traced(lambda x, a, b: model(x, a, b), 2, X, []).graph
    for p in ((0.7, 1.3), (1.7, 0.3)):
        expected = (p[0] if p[0] > 1.0 else p[1]) * X
        assert traces.values(graph, X, p)[0] == pytest.approx(expected)


def test_endless_partners_of_samples_end():
    """`zip` with a counter takes as many numbers as there are samples."""

    def function(x, a, b):
        return np.array([a * t + b * n for t, n in zip(x, itertools.count(1))])

    graph = traces.traced(function, 2, X, [(0.7, 1.3)]).graph
    expected = 0.7 * X + 1.3 * np.arange(1, 41)
    assert traces.values(graph, X, (0.7, 1.3))[0] == pytest.approx(expected)


def test_what_a_class_makes_inside_of_the_function_is_traced():
    """Methods of classes of the caller find replacements too."""

    class Line:
        def __init__(self, slope):
            self.slope = float(slope)

        @classmethod
        def of(cls, slope):
            return cls(slope)

        def at(self, x):
            return self.slope * np.asarray(x)

    def function(x, a, b):
        line = Line.of(a)
        return line.at(x) + b if isinstance(line, Line) else x

    graph = traces.traced(function, 2, X, [(0.7, 1.3)]).graph
    assert traces.values(graph, X, (0.7, 1.3))[0] == pytest.approx(0.7 * X + 1.3)


def test_samples_that_decided_by_themselves_are_not_mixed():
    """Also where all samples decide alike at the points of the comparison."""

    def function(x, a, b):
        y = np.array([a * t if t > b else 0.0 for t in x])
        return y - y[0]

    with pytest.raises(traces.TraceError, match="after an `if` on single samples"):
        traces.traced(function, 2, X, [(0.7, -3.0)])


def test_branches_that_no_given_point_takes_are_compared():
    """A loop that counts is refused where it counts nothing at the start values."""

    def function(x, a, b):
        n, out = 0, []
        for t in x:
            if t > b:
                n += 1
            out.append(a * t + n)
        return np.array(out)

    with pytest.raises(traces.TraceError, match="the function gives"):
        traces.traced(function, 2, X, [(0.7, 99.0)])


def test_slow_functions_are_compared_as_quick_ones_are():
    """How often the function is called does not depend on a clock."""
    points = [(0.7, 1.3), (0.9, 2.1), (1.2, 0.4), (2.2, 3.4)]

    def calls_of(pause):
        calls = []

        def function(x, a, b):
            calls.append(1)
            time.sleep(pause)
            return np.where(x < b, a * x, a)

        traces.traced(function, 2, X, points)
        return len(calls)

    assert calls_of(0.003) == calls_of(0.0)
