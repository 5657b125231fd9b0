"""Dual numbers: every rule against differences of the plain function."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import fft as sfft
from scipy import integrate, interpolate, linalg, ndimage, signal, special

from physfit.models.differences import steps_at
from physfit.models.duals import Dual, array_functions, duals_of, linear_algebra, slopes
from physfit.models.duals.dual import RULES

NUMPYS_ARRAY = np.array
X = np.linspace(0.15, 1.9, 12)
# Domains that do not hold the points of the others, and a whole number.
MOVED = {
    **dict.fromkeys([np.arcsin, np.arccos, np.arctanh, special.logit], (0.05, 0.45)),
    **dict.fromkeys([special.ndtri, special.erfcinv], (0.05, 0.45)),
    **dict.fromkeys([special.erfinv, special.ellipk, special.ellipe], (0.0, 0.4)),
    **dict.fromkeys([special.ellipkm1], (0.02, 0.4)),
    **dict.fromkeys([np.arccosh], (1.2, 1.0)),
}
BINARY_ORDER = {special.jv, special.jn, special.yv, special.iv, special.kv}
BINARY_ORDER |= {special.gammainc, special.gammaincc, special.expn}
LAMBERT = special._ufuncs._lambertw


def smooth_functions():
    """Every function of numpy and scipy that dual numbers have a derivative of."""
    of_modules = [*vars(np).values(), *vars(special).values(), LAMBERT]
    callables = {one for one in of_modules if callable(one)}
    known = {*filter(slopes.is_known, callables)} - {*slopes.PARTIALS}
    return sorted((one for one in known if not slopes.is_flat(one)), key=names)


def is_complex(function):
    """Whether a function takes complex numbers, of which it is a smooth one."""
    given = [np.asarray(one) for one in arguments(function, X + 1j, 1.0)]
    try:
        value = function(*given)
        slopes.slopes_of(function, value, given, (int(function in BINARY_ORDER),))
    except TypeError:
        return False
    return np.iscomplexobj(value)


def arguments(function, x, a):
    """Arguments at which a function is smooth, all that may move with `a`."""
    offset, factor = MOVED.get(function, (0.3, 1.0))
    v = offset + factor * 0.5 * x * a
    n_arguments = getattr(function, "nin", 1)
    if function in BINARY_ORDER:
        return 2, v
    if function is LAMBERT:
        return v, 0, 1e-12
    if function is np.ldexp:
        return v, 3
    if function is np.copysign:
        return v, -1.0
    return (v, 0.7 + 0.3 * a * np.ones_like(x), 0.4 + 0.1 * a)[:n_arguments]


def names(function):
    return function.__name__


@np.errstate(all="ignore")
def check(f, params, rtol=1e-8):
    """Value and partials are those of the plain function, by differences."""
    params = np.array(params)
    value, partials = duals_of(f, X, params)
    plain = np.asarray(f(X.copy(), *params))
    np.testing.assert_allclose(value, plain, rtol=1e-12, atol=1e-14)
    parts = np.stack([plain.real, plain.imag])

    def of(own):
        found = np.asarray(f(X.copy(), *own))
        return np.stack([found.real, found.imag])

    none = np.full(len(params), np.inf)
    _, expected = steps_at(of, params, parts, -none, none)
    found = np.stack([np.real(partials), np.imag(partials)], axis=1)
    scale = np.abs(expected).max(initial=1e-6)
    np.testing.assert_allclose(found, expected, rtol=0, atol=rtol * scale)


@pytest.mark.parametrize("function", smooth_functions(), ids=names)
def test_slopes_of_elementary_functions_are_those_of_their_values(function):
    """By every argument at once, each of which moves with the parameter."""
    check(lambda x, a: function(*arguments(function, x, a)), [1.1])


@pytest.mark.parametrize("side", [-1.0, 1.0], ids=["left", "right"])
@pytest.mark.parametrize(
    "function", [*filter(is_complex, smooth_functions())], ids=names
)
def test_slopes_of_complex_arguments_are_those_of_complex_functions(function, side):
    """Left and right of the imaginary axis, where roots have different signs."""

    def of(x, a, b):
        v = side * a * (x + 0.2) + 1j * b * (2.3 - x)
        return function(*arguments(function, v, 1.0 + 0.3j * b))

    check(of, [1.1, 0.7])


@pytest.mark.parametrize("function", sorted(slopes.PARTIALS, key=names), ids=names)
def test_functions_without_a_complex_slope_have_partials(function):
    """The modulus, the phase and others, of a complex and of a real argument."""
    check(lambda x, a, b: function((a + 1j * b) * np.exp(1j * b * x)), [1.1, 0.7])
    check(lambda x, a, b: function(a * x - 2.0 * b) + 0.0, [1.1, 0.7])


FLAT = {
    *(np.equal, np.not_equal, np.less, np.less_equal, np.greater, np.greater_equal),
    *(np.logical_and, np.logical_or, np.logical_not, np.logical_xor),
    *(np.isfinite, np.isnan, np.isinf, np.signbit, np.sign, np.spacing),
    *(np.floor, np.ceil, np.trunc, np.rint, np.floor_divide),
}


@pytest.mark.parametrize("function", sorted(FLAT, key=names), ids=names)
def test_steps_and_comparisons_do_not_move(function):
    """They are plain arrays, by value."""
    moving = Dual(X, np.ones((1, X.size)))
    given = [moving] * function.nin
    found = function(*given)
    assert type(found) is np.ndarray
    np.testing.assert_array_equal(found, function(*[X] * function.nin))


def matrix(x, a, b):
    """A symmetric matrix of no special form."""
    m = np.outer(np.sin(x[:4] * a), np.cos(x[:4] * b))
    return m + m.T + np.diag(np.arange(4.0)) * a


def filled(x, a, b):
    out = np.zeros_like(x)
    out[x > 1.0] = a * x[x > 1.0]
    out[2] = b
    out[3:5] += a
    return out * b


def in_place(x, a, b):
    y = x * a
    y += b * x
    y -= 1.0
    y *= a
    y /= b
    return y


def looped(x, a, b):
    total = 0.0
    for k, place in enumerate(x):
        total = total + np.exp(-a * k) * place * b
    return total + 0.0 * x


CONSTANT = np.array([0.2, 0.5, 0.3])
FUNCTIONS = {
    "where": lambda x, a, b: np.where(x < a, a * x, np.log(x - a + 1e-300) * b),
    "select": lambda x, a, b: np.select([x < 0.5, x < 1], [a * x, b], default=a * b),
    "piecewise": lambda x, a, b: np.piecewise(x, [x < 1.0], [a, lambda s: b * s**2]),
    "clip": lambda x, a, b: np.clip(a * x, 0.3 * b, b),
    "assigned": filled,
    "in place": in_place,
    "looped": looped,
    "concatenate": lambda x, a, b: np.concatenate([a * x[:6], np.ones(3), b * x[:3]]),
    "stack": lambda x, a, b: np.stack([a * x, b * x], axis=1).sum(axis=1),
    "hstack": lambda x, a, b: np.hstack((a * x[:6], b * x[6:])),
    "append": lambda x, a, b: np.append(a * x[1:], b),
    "convolve": lambda x, a, b: np.convolve(np.exp(-a * x), CONSTANT * b)[: len(x)],
    "correlate": lambda x, a, b: np.correlate(a * x, np.sin(b * x), "same"),
    "fft": lambda x, a, b: np.abs(np.fft.fft(np.exp(-a * x) * np.cos(b * x))),
    "rfft": lambda x, a, b: np.fft.irfft(np.fft.rfft(np.exp(-a * x)) * b, len(x)),
    "fftshift": lambda x, a, b: np.fft.fftshift(np.fft.ifft(a * x + 1j * b)).imag,
    "cumsum": lambda x, a, b: np.cumsum(np.exp(a * x)) + b,
    "cumprod": lambda x, a, b: np.cumprod(a + b * x),
    "prod": lambda x, a, b: np.prod(a + b * x) + x,
    "mean": lambda x, a, b: a * x - np.mean(b * x**2),
    "std": lambda x, a, b: x / np.std(np.sin(a * x) * b),
    "diff": lambda x, a, b: np.append(np.diff(np.sin(a * x)), b),
    "gradient": lambda x, a, b: np.gradient(np.sin(a * x), x) + b,
    "trapezoid": lambda x, a, b: np.trapezoid(np.exp(-a * x), x * b) * x,
    "integral": lambda x, a, b: (
        np.trapezoid(
            np.exp(-np.linspace(0.0, b, 40) * x[:, None]),
            np.linspace(0.0, b, 40),
            axis=1,
        )
        * a
    ),
    "interp": lambda x, a, b: np.interp(x - a, b * X, np.sin(X) * b),
    "dot": lambda x, a, b: np.dot(np.outer(x, x) * a, np.cos(b * x)),
    "matmul": lambda x, a, b: matrix(x, a, b) @ matrix(x, b, a) @ np.ones(4),
    "einsum": lambda x, a, b: np.einsum("i,j->i", a * x, np.cos(b * x)),
    "solve": lambda x, a, b: np.linalg.solve(matrix(x, a, b), x[:4] * b),
    "inv": lambda x, a, b: np.linalg.inv(matrix(x, a, b)).ravel(),
    "det": lambda x, a, b: np.linalg.det(matrix(x, a, b)) * x,
    "eigvalsh": lambda x, a, b: np.linalg.eigvalsh(matrix(x, a, b)),
    "eigh": lambda x, a, b: np.abs(np.linalg.eigh(matrix(x, a, b))[1]).ravel(),
    "eigh upper": lambda x, a, b: np.linalg.eigvalsh(np.triu(matrix(x, a, b)), "U"),
    "complex eigvalsh": lambda x, a, b: np.linalg.eigvalsh(
        matrix(x, a, b)
        + 1j * (np.triu(matrix(x, b, a), 1) - np.tril(matrix(x, b, a), -1))
    ),
    "eigvals": lambda x, a, b: np.sort(
        np.linalg.eigvals(matrix(x, a, b) + np.diag(x[:3] * b, 1)).real
    ),
    "norm": lambda x, a, b: np.linalg.norm(np.stack([a * x, b + x]), axis=0),
    "max": lambda x, a, b: a * x / np.max(np.sin(b * x)),
    "sort": lambda x, a, b: np.sort(np.sin(3.0 * a * x)) * b,
    "polyval": lambda x, a, b: np.polyval([a, b, 1.0], x),
    "outer ufunc": lambda x, a, b: np.multiply.outer(a * x[:3], b * x[:3]).ravel(),
    "full_like": lambda x, a, b: np.full_like(x, a) * b,
    "complex": lambda x, a, b: a * np.exp(1j * b * x) / (1.0 + 2j * a * x),
    "parts": lambda x, a, b: np.angle(1.0 + a * np.exp(1j * b * x)) + (1j * a * x).imag,
    "broadcast": lambda x, a, b: (a * x[:, None] + b * x[None, :]).sum(axis=1),
    "transposed": lambda x, a, b: (a * x.reshape(3, 4)).T.ravel() * b,
    "unwrap": lambda x, a, b: np.unwrap(np.angle(np.exp(1j * 9.0 * a * x))) * b,
}


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_functions_of_whole_arrays_are_differentiated(f):
    """As differences have it, of value as numpy has it."""
    check(f, [1.13, 0.71])


def level(x, a, b):
    """Energies of a matrix that is written down entry by entry."""
    levels = np.zeros(len(x))
    for k, field in enumerate(x):
        h = np.array([[field, a, 0.0], [a, -field, b], [0.0, b, 0.5 * field]])
        levels[k] = linalg.eigvalsh(h)[0] + math.exp(-math.sqrt(a) * math.pow(b, 2))
    return levels


#: Functions of numbers and of scipy, which a copy of the function replaces.
COPIED = {
    "array": level,
    "float": lambda x, a, b: float(a) * x**2 + np.float64(b),
    "asarray": lambda x, a, b: np.asarray(a * x, dtype=float) * b,
    "full": lambda x, a, b: np.full(len(x), a) * b,
    "zeros": lambda x, a, b: np.array([*(np.zeros(3) + a), *(b * x[3:])]),
    "fftconvolve": lambda x, a, b: signal.fftconvolve(a * x, np.exp(-b * x), "same"),
    "scipy fft": lambda x, a, b: np.abs(sfft.fft(a * np.exp(-b * x))),
    "simpson": lambda x, a, b: integrate.simpson(np.exp(-a * x), x=x) * b * x,
    "smoothed": lambda x, a, b: ndimage.gaussian_filter1d(np.exp(-a * x) * b, 1.5),
}


@pytest.mark.parametrize("f", COPIED.values(), ids=COPIED)
def test_functions_of_numbers_are_differentiated_in_a_copy(f):
    """As differences have it; the globals of the function stay what they are."""
    check(f, [1.13, 0.71])
    assert np.array is NUMPYS_ARRAY


@pytest.mark.parametrize(
    "f",
    [
        lambda x, a: np.median(a * x) * x,
        lambda x, a: special.jv(a, x),
        lambda x, a: x[: int(a)],
        lambda x, a: (a * x).astype(int),
        lambda x, a: np.roll(x, a) * a,
        lambda x, a: ndimage.gaussian_filter1d(x * a, a),
        lambda x, a: interpolate.CubicSpline(x, a * x)(x + 0.1),
    ],
    ids=["median", "order", "int", "astype", "shift", "width", "spline"],
)
def test_what_would_lose_a_derivative_is_refused(f):
    """A derivative is exact or none."""
    with pytest.raises(TypeError):
        duals_of(f, X, np.array([3.0]))


def test_constant_arrays_go_wherever_plain_ones_do():
    """x is a dual number too, so that what is like x may take derivatives."""
    value, partials = duals_of(
        lambda x, a: np.median(x) * np.array(x) * a + float(x[0]), X, np.array([2.0])
    )
    np.testing.assert_allclose(partials[0], np.median(X) * X)
    np.testing.assert_allclose(value, 2.0 * np.median(X) * X + X[0])


def test_every_rule_is_one_of_numpy():
    """The modules beside `dual` have filled the table."""
    assert array_functions and linear_algebra
    assert np.convolve in RULES and np.linalg.eigh in RULES


def test_slopes_that_cannot_be_told_are_refused():
    """A period of a table, the sign of a complex number."""
    for function in (
        lambda x, a: np.interp(a * x, [0, 1, 2], [3, 1, 2], period=3),
        lambda x, a: np.sign(a * x + 1j).real,
    ):
        with pytest.raises(TypeError, match=r"dual numbers do not know np\.(int|sign)"):
            duals_of(function, X, np.array([1.0]))


@pytest.mark.parametrize(
    "function",
    [
        lambda x, a: np.interp(x, [0.5, 1.0, 1.5], [a, a * a, 2.0], left=0, right=0),
        lambda x, a: x * float(math.log(a + 3.0, a + 1.0)),
        lambda x, a: x * (complex(-a) ** 0.5).imag,
    ],
)
def test_functions_of_numbers_are_those_of_the_plain_ones(function):
    """A table with sides of its own, a logarithm to a base, a complex root."""
    value, partials = duals_of(function, X, np.array([1.3]))
    np.testing.assert_allclose(value, function(X, 1.3), rtol=1e-14)
    slope = (function(X, 1.3 + 1e-5) - function(X, 1.3 - 1e-5)) / 2e-5
    np.testing.assert_allclose(partials[0], slope, atol=1e-9)


QUANTILES = {
    special.ndtri: lambda z: np.exp(-0.5 * z * z) / np.sqrt(2 * np.pi),
    special.erfcinv: lambda z: -2.0 / np.sqrt(np.pi) * np.exp(-z * z),
}


@pytest.mark.parametrize("p", [1e-3, 1e-20, 1e-200])
@pytest.mark.parametrize("function", QUANTILES, ids=names)
def test_slopes_of_quantiles_keep_the_digits_of_small_probabilities(function, p):
    """1 / (density of the value), down to what is no longer told from 0 beside 1."""
    value, partials = duals_of(lambda x, a: function(a * x), X, np.array([p]))
    slope = X / QUANTILES[function](value)
    np.testing.assert_allclose(partials[0], slope, rtol=1e-10)
