"""Functions that keep and take their parameters in the ways of lab scripts."""

from __future__ import annotations

import dataclasses
import functools
import math
import warnings
from collections import namedtuple
from enum import Enum
from operator import add

import numpy as np

from scripts import Cases

CASES = Cases()
C_LIGHT = 2.9979
SETTINGS = {"offset": 0.25, "order": 2, "shape": "gauss"}
E_OVER_K = dict(e=1.602, k=1.38)
case = CASES.add


@case(1.2, 0.7, 0.3)
def unpacked(x, *p):
    a, b, c = p
    return a * np.exp(-b * x) + c


@case(1.2, 0.7, 0.3, style="vector")
def vector(x, p):
    return p[0] * np.exp(-p[1] * x) + p[2]


@case(1.2, 0.7, 0.3, style="array")
def sliced_vector(x, p):
    head, tail = p[:2], p[2:]
    return head[0] * np.exp(-head[1] * x) + tail[0] + p[-1] * len(p)


@case(1.2, 0.7, 0.3, style="vector")
def as_array(x, p):
    p = np.asarray(p, dtype=float)
    if p.ndim != 1 or len(p) != 3:
        raise ValueError("three parameters")
    return np.dot(p, [x**2, x, np.ones_like(x)])


@case(1.2, 0.7, 0.3, style="odr")
def odr_line(beta, x):
    return beta[0] * x + beta[1] + beta[2] * x**2


@case(1.2, 0.7, style="last")
def x_last(a, tau, t):
    return a * (1 - np.exp(-t / tau))


@case(2.1, 0.8, 1.4)
def flags(x, a, b, c, normalize=True, kind="lorentz", power=2):
    if kind == "gauss":
        y = np.exp(-(((x - b) / c) ** power))
    elif kind == "lorentz":
        y = 1 / (1 + ((x - b) / c) ** power)
    else:
        raise ValueError(kind)
    return a * y / (np.pi * c) if normalize else a * y


@dataclasses.dataclass
class Setup:
    gain: float = 3.0
    offset: float = 0.1

    def response(self, x, a, tau):
        return self.gain * self._decay(x, a, tau) + self.offset

    @staticmethod
    def _decay(x, a, tau):
        return a * np.exp(-np.asarray(x) / tau)


case(0.9, 1.7, name="dataclass")(Setup(2.0).response)


class Callable_:
    """A model with a cache, as classes have."""

    def __init__(self, n):
        self.n = n
        self.last = None

    @property
    def factor(self):
        return 1.0 / self.n

    def __call__(self, x, a, b):
        self.last = a * x
        return self.factor * self.last**self.n + b


class Derived(Callable_):
    def __call__(self, x, a, b):
        return super().__call__(x, a, b) + self.n


case(0.9, 1.7, name="call")(Callable_(3))
case(0.9, 1.7, name="super")(Derived(2))
case(0.9, 1.7, name="partial")(functools.partial(lambda c, x, a, b: a * x**c + b, 1.5))


@case(0.9, 1.7, 0.4)
def dictionary(x, a, b, c):
    p = {"a": a, "b": b, **SETTINGS}
    p.update(c=c)
    return p["a"] * x ** p["order"] + p.get("b", 0.0) * x + p["offset"] * p["c"]


@case(0.9, 1.7, 0.4)
def kwargs(x, a, b, c):
    def inner(x, **k):
        return k["amp"] * np.sin(k["omega"] * x + k["phase"])

    return inner(x, amp=a, omega=b, phase=c)


class Parameter:
    def __init__(self, value):
        self.value = value


class Parameters(dict):
    def valuesdict(self):
        return {k: v.value for k, v in self.items()}


def residual(params, x):
    v = params.valuesdict()
    return v["amp"] * np.exp(-((x - v["cen"]) ** 2) / params["wid"].value)


@case(0.9, 1.7, 0.4)
def lmfit_style(x, amp, cen, wid):
    pairs = zip(("amp", "cen", "wid"), (amp, cen, wid), strict=True)
    return residual(Parameters({k: Parameter(v) for k, v in pairs}), x)


Point = namedtuple("Point", "x y")


@case(0.9, 1.7)
def named_tuple(x, a, b):
    centre = Point(a, b)
    return np.hypot(x - centre.x, centre.y)


@case(0.9, 1.7)
def nested_closures(x, a, b):
    def outer(scale):
        def inner(t):
            return scale * np.cos(b * t)

        return inner

    return outer(a)(x) + outer(b)(x**2)


@case(0.9, 1.7)
def constants(x, a, b):
    kT = E_OVER_K["k"] / E_OVER_K["e"]
    return a / (np.exp((x - b) / kT) + 1) + C_LIGHT


@case(0.9, 1.7)
def scalar_math(x, a, b):
    width = math.sqrt(a**2 + b**2)
    return math.exp(-a) * np.exp(-((x / width) ** 2)) * math.pi + math.log10(b)


@case(0.9, 1.7)
def conversions(x, a, b):
    a, b = float(a), np.float64(b)
    x = np.atleast_1d(np.asarray(x, dtype=np.float64))
    return np.squeeze(a * x + b)


@case(0.9, 1.7, 0.3, 1.1, 3.2, 0.5)
def many_peaks(x, *p):
    y = np.zeros(x.shape)
    for i, (amp, cen, wid) in enumerate(zip(p[::3], p[1::3], p[2::3], strict=True)):
        y += (i + 1) * amp * np.exp(-((x - cen) ** 2) / wid**2)
    return y


@case(0.9, 1.7, 0.3, 1.1, 3.2, 0.5)
def peaks_reshaped(x, *p):
    rows = np.reshape(p, (-1, 3))
    return sum(a * np.exp(-((x - c) ** 2) / w**2) for a, c, w in rows)


@case(0.9, 1.7, 0.3)
def sum_of_list(x, a, b, c):
    return np.sum([a * np.sin(k * x) for k in (1, 2, 3)], axis=0) + b * np.prod([a, c])


@case(0.9, 1.7)
def reduced(x, a, b):
    return functools.reduce(add, [a * x**k for k in range(4)]) * b


@case(0.9, 1.7)
def built_list(x, a, b):
    terms = []
    value = a
    for k in range(5):
        value = value * b / (k + 1)
        terms.append(value * x**k)
    return sum(terms)


@case(0.9, 1.7)
def star_args(x, a, b):
    def model(x, *args, scale=1.0):
        return scale * sum(args) * x

    return model(x, *[a, b], scale=2.0)


@case(0.9, 1.7)
def guards(x, a, b):
    if a < 0 or b <= 0:
        return np.inf
    assert b > 0, "width"
    if not np.isfinite(a):
        warnings.warn("a is not finite", stacklevel=1)
    return a * np.exp(-x / b)


@case(0.9, 1.7)
def raises(x, a, b):
    if b == 0:
        raise ZeroDivisionError("b")
    try:
        y = a / b * x
    except ZeroDivisionError:
        y = np.full_like(x, np.nan)
    finally:
        pass
    return y


@case(0.9, 1.7)
def type_checks(x, a, b):
    if isinstance(x, (int, float)):
        x = np.array([x])
    if (
        isinstance(a, (float, np.floating))
        and np.isscalar(b)
        and not isinstance(a, str)
    ):
        x = x + 1
    if hasattr(x, "__len__") and type(a) is not list:
        x = x + 2
    return a * x + b


@case(0.9, 1.7)
def printed(x, a, b):
    label = f"a = {a:.3f}, b = {b}"
    assert isinstance(label, str)
    return a * x + b


@case(2.9, 1.7)
def minmax(x, a, b):
    low, high = min(a, b), max(a, b)
    return np.where(x < low, 0.0, abs(high - low) * x) + max(x[0], 0.1)


@case(0.9, 1.7)
def chained(x, a, b):
    return a * x if 0 < a < 1 < b else b * x


@case(0.9, 1.7)
def walrus(x, a, b):
    if (c := a * b) > 1:
        return c * x
    return x / c


@case(0.9, 1.7)
def local_imports(x, a, b):
    import numpy
    from numpy import array, exp
    from scipy.special import erf as error_function

    return exp(-a * x) + error_function(b * x) + array([a, b]).sum() + numpy.sqrt(a)


@case(0.9, 1.7)
def context(x, a, b):
    with np.errstate(divide="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return a * np.log(x) + b


@functools.lru_cache
def cached(n):
    return math.factorial(n)


@functools.wraps(cached)
def wrapped(n):
    return cached(n)


@case(0.9, 1.7)
def cached_constants(x, a, b):
    return a * x**2 / wrapped(3) + b


def decorated(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return 2.0 * function(*args, **kwargs)

    return inner


@case(0.9, 1.7)
@decorated
def decorator(x, a, b):
    return a * np.tanh(b * x)


@case(0.9, 1.7)
def recursion(x, a, b):
    def power(y, n):
        return 1.0 if n == 0 else y * power(y, n - 1)

    return a * power(x, 4) + b


@case(0.9, 1.7)
def global_counter(x, a, b):
    global COUNT
    COUNT = COUNT + 1
    return a * x + b


COUNT = 0
case(1.3, 0.4, name="lambda")(lambda x, a, b: (lambda u: u * a + b)(x**2))
TABLE = {"gauss": lambda x, w: np.exp(-((x / w) ** 2)), "box": None}


@case(0.9, 1.7)
def dispatched(x, a, b):
    return a * TABLE[SETTINGS["shape"]](x, b)


class Line(Enum):
    GAUSSIAN = 1
    LORENTZIAN = 2


LINE = Line.GAUSSIAN


@case(0.9, 1.7)
def enumeration(x, a, b):
    if LINE is Line.GAUSSIAN:
        return a * np.exp(-((x / b) ** 2))
    return a / (1 + (x / b) ** 2)
