"""Functions that work with arrays and samples in the ways of lab scripts."""

from __future__ import annotations

import math

import numpy as np
from numpy.polynomial.chebyshev import chebval
from scipy import integrate, special
from scipy.integrate import quad

from scripts import Cases

CASES = Cases()
case = CASES.add
X = np.linspace(0.21, 6.34, 37)
CENTERS = np.array([1.0, 2.5, 4.0])
MANY = np.linspace(0.0, 7.0, 30)
WEIGHTS = np.array([0.2, 0.5, 0.3])


@case(0.9, 1.7)
def copied_in_place(x, a, b):
    x = x.copy()
    x -= b
    x *= a
    x **= 2
    y = np.exp(-x)
    y += a
    y /= b
    return y


@case(0.9, 1.7)
def out_arguments(x, a, b):
    y = np.empty_like(x)
    np.multiply(x, a, out=y)
    np.add(y, b, y)
    np.exp(-y, out=y)
    return y


@case(0.9, 1.7)
def divide_where(x, a, b):
    d = x - b
    return a * np.divide(np.sin(d), d, out=np.ones_like(d), where=np.abs(d) > 1e-9)


@case(0.9, 1.7)
def outer_broadcast(x, a, b):
    return (a * np.exp(-((x[:, None] - b * CENTERS) ** 2))).sum(axis=1)


@case(0.9, 1.7)
def outer_rows(x, a, b):
    z = (x[np.newaxis, :] - CENTERS[:, np.newaxis]) / b
    return a * np.sum(WEIGHTS[:, None] / (1 + z**2), axis=0)


@case(0.9, 1.7)
def weighted_dot(x, a, b):
    return np.exp(-np.outer(x, CENTERS) * b) @ (a * WEIGHTS)


@case(0.9, 1.7)
def dot_of_rows(x, a, b):
    return np.dot(WEIGHTS, np.array([np.sin(a * x), np.cos(b * x), x]))


@case(0.9, 1.7)
def design_matrix(x, a, b):
    basis = np.vstack([np.ones_like(x), x, x**2])
    return np.array([a, b, a * b]) @ basis


@case(0.9, 1.7)
def vander_like(x, a, b):
    columns = np.stack([x**k for k in range(3)], axis=1)
    return columns.dot(np.array([a, b, 1.0]))


@case(0.9, 1.7)
def einsum(x, a, b):
    return np.einsum("ij,j->i", np.exp(-np.outer(x, CENTERS) / b), a * WEIGHTS)


@case(0.9, 1.7)
def integral_on_a_grid(x, a, b):
    t = np.linspace(0.0, 3.0, 40)
    y = np.exp(-a * t) * np.cos(b * np.outer(x, t))
    return np.trapezoid(y, t, axis=1)


@case(0.9, 1.7)
def simpson_on_a_grid(x, a, b):
    t = np.linspace(0.0, 3.0, 41)
    return integrate.simpson(a * np.exp(-t * x[:, None] / b), x=t, axis=-1)


@case(0.9, 1.7)
def riemann(x, a, b):
    t = MANY
    return (a * np.sin(t[None, :] * x[:, None]) * np.exp(-t / b)).mean(axis=1)


@case(0.9, 1.7)
def vectorized(x, a, b):
    def one(t):
        if t < b:
            return a * t
        return a * b * math.exp(-(t - b))

    return np.vectorize(one)(x)


@case(0.9, 1.7)
def vectorized_all(x, a, b):
    return np.vectorize(lambda t, u, v: u * math.sin(t) + v, otypes=[float])(x, a, b)


@case(0.9, 1.7)
def comprehension(x, a, b):
    return np.array([a * t**2 if t > b else a * t * b for t in x])


@case(0.9, 1.7)
def mapped(x, a, b):
    return np.array(list(map(lambda t: a * math.cosh(t / b), x)))


@case(0.9, 1.7)
def appended(x, a, b):
    out = []
    for xi in x:
        y = 0.0
        for c, w in zip(CENTERS, WEIGHTS, strict=True):
            y += w * math.exp(-((xi - c) ** 2) / b)
        out.append(a * y)
    return np.asarray(out)


@case(0.9, 1.7)
def enumerated(x, a, b):
    y = np.zeros(len(x))
    for i, t in enumerate(x):
        y[i] = a * t
        if t > b:
            y[i] += 1.0
    return y


@case(0.9, 1.7)
def ranged(x, a, b):
    y = np.empty(x.size)
    for i in range(x.size):
        y[i] = a * np.sqrt(x[i]) + b
    return y


@case(0.9, 1.7)
def index_as_number(x, a, b):
    return np.array([a * i + b * t for i, t in enumerate(x)])


@case(0.9, 1.7)
def loop_over_places(x, a, b):
    y = np.zeros_like(x)
    for c in CENTERS:
        mask = (x > c - 0.5) & (x <= c + 0.5)
        y[mask] += a * (x[mask] - c) ** 2 + b
    return y


@case(0.9, 1.7)
def mask_complement(x, a, b):
    y = np.empty_like(x)
    m = x < b
    y[m] = a * x[m]
    y[~m] = a * b + np.log(x[~m] - b + 1)
    return y


@case(0.9, 1.7)
def np_where_indices(x, a, b):
    y = a * x
    i = np.where(x > b)
    y[i] = a * b
    return y


@case(0.9, 1.7)
def masked_pieces(x, a, b):
    low, high = x[x < 3.0], x[x >= 3.0]
    return np.concatenate([a * low, b * high])


@case(0.9, 1.7, x=np.linspace(-3, 3, 31))
def heaviside(x, a, b):
    return a * np.heaviside(x - 0.05, 0.5) * np.exp(-np.clip(x, 0, None) / b)


@case(0.9, 1.7, x=np.linspace(-3, 3, 31))
def masks_as_factors(x, a, b):
    return (x > 0) * a * np.sqrt(np.abs(x)) + (x <= 0) * np.sqrt(b + 2 - x)


@case(0.9, 1.7)
def selected(x, a, b):
    return np.select([x < 1, (x >= 1) & (x < b)], [a * x, a * x**2], default=b)


@case(0.9, 1.7)
def piecewise(x, a, b):
    return np.piecewise(
        x, [x < b, (x >= b) & (x < 4)], [lambda t: a * t, lambda t: a * b + t - b, 2.0]
    )


@case(0.9, 1.7)
def piecewise_with_arguments(x, a, b):
    return np.piecewise(x, [x < 2], [lambda t, u: u * t, lambda t, u: u + t], a) + b


@case(0.9, 1.7, x=np.linspace(0, 20, 41))
def sawtooth(x, a, b):
    phase = (x / (b + 0.01)) % 1.0
    return a * np.where(phase < 0.3, phase, 0.3) + np.floor(x / 7.3) + np.sign(x - 4.1)


@case(0.9, 1.7)
def normalized_x(x, a, b):
    z = (x - x.mean()) / x.std() + (x - np.min(x)) / np.ptp(x)
    return a * z + b * len(x)


@case(0.9, 1.7)
def first_and_last(x, a, b):
    return a * (x - x[0]) / (x[-1] - x[0]) + b * np.max(x)


@case(0.9, 1.7)
def bin_contents(x, a, b):
    edges = np.append(x, 2 * x[-1] - x[-2])
    cdf = a * (1 - np.exp(-edges / b))
    return np.diff(cdf)


@case(0.9, 1.7)
def differences(x, a, b):
    y = a * np.sin(b * x)
    return (y[1:] - y[:-1]) / (x[1:] - x[:-1])


@case(0.9, 1.7)
def two_halves(x, a, b):
    n = len(x) // 2
    return np.r_[a * x[:n], b * x[n:]] if False else np.append(a * x[:n], b * x[n:])


@case(0.9, 1.7)
def stacked_rows(x, a, b):
    return np.array([a * x, b * x**2]).ravel()


@case(0.9, 1.7)
def flattened_columns(x, a, b):
    return np.column_stack((a * x, b * np.ones_like(x))).flatten()


@case(0.9, 1.7)
def tiled(x, a, b):
    return a * np.tile(x, 2) + b


@case(0.9, 1.7)
def reshaped(x, a, b):
    return (a * x.reshape(-1, 1) + b).reshape(-1)


@case(0.9, 1.7)
def transposed(x, a, b):
    return (np.array([x, x**2]).T @ np.array([a, b])).T


@case(0.9, 1.7)
def filled_rows(x, a, b):
    y = np.zeros((2, len(x)))
    y[0] = a * x
    y[1, :] = b
    return y.sum(axis=0) + np.max(y, axis=0)


@case(0.9, 1.7)
def full_array(x, a, b):
    y = np.full(x.shape, a)
    return y * x + np.ones(len(x)) * b + np.full_like(x, b)


@case(0.9, 1.7)
def first_entry_set(x, a, b):
    y = a * np.exp(-b * x)
    y[0] = a
    y[-2:] = 0.0
    return y


@case(0.9, 1.7)
def chebyshev(x, a, b):
    return chebval(x / 7, [a, b, 0.5]) + special.eval_legendre(2, x / 7)


@case(0.9, 1.7)
def running_sum_of_terms(x, a, b):
    levels = np.cumsum(np.array([a, b, 0.3]))
    return levels[0] * x + levels[1] * x**2 + levels[-1]


@case(0.9, 1.7, x=np.linspace(1.0, 9.0, 9))
def integral_per_sample(x, a, b):
    return np.array(
        [a * quad(lambda t, s: np.exp(-s * t * t), 0, b, args=(k,))[0] for k in x]
    )


@case(0.9, 1.7, x=np.linspace(1.0, 9.0, 9))
def infinite_integral(x, a, b):
    f = np.vectorize(lambda k: quad(lambda t: a / (t * t + k) ** 2, -np.inf, np.inf)[0])
    return f(x) + quad(lambda t: np.exp(-t * b), 0, np.inf)[0]


@case(0.9, 1.7)
def interpolated_parameters(x, a, b):
    return np.interp(x, [0, 2, 4, 8], [a, b, a * b, 0.0])


@case(0.9, 1.7)
def nested_where(x, a, b):
    return np.where(x < 1, a, np.where(x < 3, a * x, np.where(np.isnan(x), 0, b * x)))


@case(0.9, 1.7)
def nan_checks(x, a, b):
    y = a * np.log(x) / b
    if np.any(np.isnan(y)) or not np.all(np.isfinite(y)):
        return np.full_like(x, 1e10)
    return np.nan_to_num(y)


@case(0.9, 1.7)
def meshed(x, a, b):
    first, second = np.meshgrid(x, CENTERS)
    return np.sum(a * np.exp(-((first - second) ** 2) / b), axis=0)


@case(0.9, 1.7)
def mean_of_list(x, a, b):
    return np.mean([a * x, b * x, x], axis=0) + np.max([a, b]) + np.hypot(*[a, b])


TEMPLATE = np.exp(-((X - 3.0) ** 2)) * (X > 1.5)


@case(0.9, 1.7)
def template(x, a, b):
    return a * TEMPLATE + b * x


@case(0.9, 1.7)
def template_alone(x, a, b):
    return a * TEMPLATE**2 + b


@case(0.9, 1.7, x=np.linspace(0.1, 5.0, 300))
def long_template(x, a, b):
    return a * np.sin(b * np.linspace(0, 9, 300)) + b * x


@case(0.9, 1.7)
def diagonal(x, a, b):
    return np.linalg.inv(np.diag([a, b])).sum() * x


@case(0.9, 1.7, x=np.linspace(-3.1, 5.0, 40))
def rounded(x, a, b):
    y = np.copysign(a * x**2, x) + b * np.fmod(x, 2.0)
    return y + np.round(x, 1) * a + np.around(3 * b)


@case(0.9, 1.7)
def constant_branch_in_a_loop(x, a, b):
    y = np.array([a if t > b else b for t in x])
    return y * x + np.array([a])


@case(0.9, 1.7)
def fixed_rule(x, a, b):
    value, _ = integrate.fixed_quad(lambda t: np.exp(-a * t) * np.sin(t), 0.0, b, n=12)
    return value * x


@case(0.9, 1.7)
def reshaped_rows(x, a, b):
    rows = np.array([a * x, b * x, x]).reshape(3, -1)
    return rows[0] * rows[1] + rows[2]


@case(0.9, 1.7)
def largest_of_a_nan(x, a, b):
    return a * x / max(1e-15, np.sqrt(b - 1.0))


@case(0.9, 1.7)
def odds_and_ends(x, a, b):
    y = np.empty_like(x)
    y.fill(a)
    whole, part = divmod(b * x, 0.7)
    fraction, before = np.modf(a * x)
    first = np.take(np.array([a, b]), [1]).sum() + np.array(a).item()
    return y + whole * part + fraction * before * b + first * np.arange(len(x))


@case(0.9, 1.7)
def neighbouring_samples(x, a, b):
    y = a * x**2
    return np.roll(y, 1) + np.gradient(y, x) + b * np.gradient(y) + np.r_[a, y[1:]]


@case(0.9, 1.7)
def list_functions(x, a, b):
    from scipy.special import logsumexp

    total = logsumexp([a * x, b * x], axis=0) + np.nansum([a * x, b * x], axis=0)
    return total + np.c_[a * x, x][:, 0] + np.interp(x - a / 9, x, x**2)


@case(0.9, 1.7)
def fine_integration(x, a, b):
    t = np.linspace(0.0, 5.0, 3001)
    return np.trapezoid(np.exp(-a * t) * np.cos(b * x[:, None] * t), t, axis=1)
