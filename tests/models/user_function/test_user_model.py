"""A user's function as a model, in every front door."""

from __future__ import annotations

import cmath
import enum

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.optimize import curve_fit as scipy_curve_fit

import physfit as pf
from physfit.errors import InputError, ModelError

X = np.linspace(0.0, 10.0, 120)
TRUTH = {"a": 2.0, "tau": 3.0, "c": 0.5}
START = {"a": 1.5, "tau": 4.0, "c": 0.3}
Y = (
    2.0 * np.exp(-X / 3.0)
    + 0.5
    + 0.05 * np.random.default_rng(1).standard_normal(X.size)
)


def decay(t, a, tau, c):
    """Exponential decay on a level.

    More text.
    """
    return a * np.exp(-t / tau) + c


def test_a_function_is_a_model():
    """Named by the function and its arguments, equal to it in value."""
    model = pf.model(decay)
    assert model.expression == "decay"
    assert model.names == ("a", "tau", "c")
    np.testing.assert_allclose(model(X, **TRUTH), decay(X, **TRUTH), rtol=1e-15)
    leaf = model.tree.declaration
    assert leaf.description == "Exponential decay on a level."


def test_a_fit_of_a_function_is_that_of_scipy():
    """Parameters and errors, of the function as it is and as a model."""
    close = {"method": "trf", "jac": "3-point", "xtol": 1e-14, "ftol": 1e-14}
    popt, pcov = scipy_curve_fit(decay, X, Y, list(START.values()), **close)
    for model in (decay, pf.model(decay)):
        result = pf.fit(model, X, Y, start=START)
        np.testing.assert_allclose(result.solution.theta, popt, rtol=1e-6)
        np.testing.assert_allclose(result.covariance, pcov, rtol=1e-6)


def test_decorated_functions_join_other_models():
    """In sums, with prefixes and ties as any component."""

    @pf.model(bounds={"tau": (0, None)}, units={"tau": "s"})
    def fading(t, a, tau):
        return a * np.exp(-t / tau)

    assert fading.parameters["tau"].lower == 0.0
    model = fading + pf.model(decay, prefix="b_") + pf.models.Gaussian()
    assert model.names[:5] == ("a", "tau", "b_a", "b_tau", "b_c")
    tied = model.where(b_tau=pf.tie("2 * tau"))
    assert "b_tau" not in tied.free_names
    value = model(
        X, a=1, tau=2, b_a=2, b_tau=3, b_c=0.5, amplitude=0, center=1, sigma=1
    )
    np.testing.assert_allclose(value, decay(X, 1, 2, 0) + decay(X, **TRUTH))


def test_every_door_takes_a_function():
    """Directly, as it takes a model."""
    single = pf.fit(decay, X, Y, sigma=0.05, start=START)
    many = pf.fit_many(decay, X, np.stack([Y, Y]), sigma=0.05, start=START)
    off = many["tau"].value - single["tau"].value
    assert np.abs(off).max() < 1e-5 * single["tau"].stderr  # ftol of rows is 1e-11
    table = pf.compare(
        decay, X, Y, sigma=0.05, start=START, methods=["lm", "scipy:trf"]
    )
    assert table.agree
    found = pf.multistart(decay, X, Y, sigma=0.05, n_starts=8, seed=1)
    assert 2.0 * found.best.cost <= single.chi2 * (1 + 1e-9)
    toys = pf.toys(decay, X, TRUTH, sigma=0.05, n=50)
    assert abs(toys["tau"].pull_width - 1.0) < 4.0 / np.sqrt(2 * 50)
    boot = pf.bootstrap(single, n=50, seed=1)
    assert boot["tau"].stderr > 0.0
    landscape = pf.landscape(
        decay, X, Y, sigma=0.05, start=START, over=("a", "tau"), points=5
    )
    assert landscape.delta_chi2.shape == (5, 5)


def test_text_is_a_model_too():
    """In `pf.fit` as in `parse_model`."""
    result = pf.fit("exponential + constant", X, Y)
    assert result.model == pf.parse_model("exponential + constant")


def test_what_a_function_reads_counts_as_it_is_at_each_fit():
    """A loop that changes a closure, or a default, fits what it says."""

    def found(scale):
        result = pf.fit(lambda x, a: a * scale * x, X, 6.0 * X, start={"a": 1.0})
        return result["a"].value

    np.testing.assert_allclose([found(1.0), found(2.0)], [6.0, 3.0])


def test_a_function_is_traced_once():
    """As long as nothing that it reads has changed it is the same model."""
    from physfit.models.as_model import as_model

    def make(scale):
        return lambda x, a: a * scale * x

    assert as_model(make(1.0)) is as_model(make(1.0))
    assert as_model(make(1.0)) is not as_model(make(2.0))


def test_a_default_that_counts_is_kept():
    """An argument that is an index or a number of terms is no parameter."""

    def series(x, a, n=3):
        return sum(a * x**k for k in range(n))

    model = pf.model(series)
    assert model.names == ("a",)
    np.testing.assert_allclose(model([2.0], a=1.5), [10.5])


@pytest.mark.parametrize("value", [None, 3.0, [1.0]])
def test_what_is_no_model_is_refused(value):
    """In a sentence with what to pass."""
    with pytest.raises(InputError, match="must be a model, its text or a function"):
        pf.fit(value, X, Y)


def test_what_is_no_function_is_no_model():
    """`pf.model` takes functions alone."""
    with pytest.raises(ModelError, match="`function` must be a function such as"):
        pf.model(3.0)
    with pytest.raises(ModelError, match=r"but is the model Model\('gaussian'\)"):
        pf.model(pf.models.Gaussian())


def test_foreign_code_is_fitted_by_differences():
    """A system of equations that scipy integrates is called as Python, and said to."""

    def cooling(t, hot, rate):
        found = solve_ivp(
            lambda t, u: -rate * u, (0.0, t[-1]), [hot], t_eval=t, rtol=1e-9
        )
        return found.y[0]

    y = 3.0 * np.exp(-0.4 * X) + 0.01 * np.sin(40.0 * X)
    result = pf.fit(cooling, X, y, start={"hot": 2.0, "rate": 0.5})
    assert result["rate"].value == pytest.approx(0.4, abs=0.01)
    assert "differences: cooling is called as Python" in result.report()


class Shape(enum.Enum):
    """A choice of a script."""

    LINE = 1
    DECAY = 2


class Chosen:
    """A method that looks at an attribute of its object."""

    def __init__(self, shape):
        self.shape = shape

    def curve(self, x, a, b):
        return a * x + b if self.shape is Shape.LINE else a * np.exp(-x / b)


@pytest.mark.parametrize("shape", Shape)
def test_members_of_an_enum_stay_what_they_are(shape):
    """Copies of users' objects hold them as they were."""
    model = pf.model(Chosen(shape).curve, exact=True)
    value = model(X, a=2.0, b=3.0)
    np.testing.assert_allclose(value, Chosen(shape).curve(X, 2.0, 3.0), rtol=1e-14)


def test_only_the_very_same_objects_are_found_without_a_look_inside():
    """A number that is replaced by an equal one, an array that is changed in place."""
    from physfit.models.as_model import as_model

    table = np.array([1.0, 2.0])
    read = lambda x, a: a * table[0] * x  # noqa: E731
    before = as_model(read)
    assert as_model(read) is before
    table[0] = 3.0
    assert as_model(read) is not before
    np.testing.assert_allclose(as_model(read)(X, a=2.0), 6.0 * X)


def by_name(x, p):
    return p["a"] * x


def counted(x, p):
    return sum(p[k] * x**k for k in range(len(p)))


@pytest.mark.parametrize("function", [by_name, counted])
def test_a_vector_without_names_is_told(function):
    """Where the function does not say how many, the sentence says what to write."""
    with pytest.raises(ModelError, match=r"one number as `p` .* pf\.model\("):
        pf.fit(function, X, Y)


def test_parameters_of_lmfit_are_compiled_by_their_values():
    """As scripts for lmfit read them: `p["a"].value`, `p["a"]`, `p.valuesdict()`."""

    def residual(p, t, data=None):
        rest = p.valuesdict()["c"]
        curve = p["a"].value * np.exp(-t / p["tau"]) + rest
        return curve if data is None else curve - data

    model = pf.model(residual, x="t", names="a tau c", exact=True)
    result = pf.fit(model, X, Y, start=START)
    expected = pf.fit(decay, X, Y, start=START)
    np.testing.assert_allclose(result.solution.theta, expected.solution.theta)


def test_a_missing_return_is_told():
    """A function that returns nothing is no model."""

    def forgotten(x, a):
        a * x

    with pytest.raises(ModelError, match=r"`forgotten` must .* missing `return`"):
        pf.fit(forgotten, X, Y)


def test_names_that_stand_twice_are_told_with_the_prefix_of_a_function():
    """The cure is `prefix=`, as there is no class to call."""
    with pytest.raises(ModelError, match=r'pf\.model\(decay, prefix="a_"\) \+ pf'):
        pf.model(decay) + pf.model(decay)


def test_infinite_values_are_no_warnings():
    """A function with poles is traced in silence."""
    assert pf.model(lambda x, a: a / np.floor(x), exact=True).names == ("a",)


def resonance(f, f_0, width, delay):
    return np.exp(1j * delay * f) / (1 + 2j * (f - f_0) / width)


def from_first(f, f_0, width, delay):
    return np.exp(1j * delay * (f - f[0])) / (1 + 2j * (f - f_0) / width)


@pytest.mark.parametrize("function", [resonance, from_first])
def test_complex_functions_are_compiled(function):
    """Values and slopes of both parts; `abs` of the model is real."""
    truth = {"f_0": 4.0, "width": 1.5, "delay": 0.3}
    y = function(X, **truth)
    model = pf.model(function, exact=True)
    np.testing.assert_allclose(model(X, **truth), y, rtol=1e-13)
    start = {"f_0": 4.2, "width": 1.2, "delay": 0.25}
    result = pf.fit(model, X, y, start=start)
    assert result.model.derivatives == ""
    np.testing.assert_allclose(
        list(result.values.values()), list(truth.values()), rtol=1e-9
    )
    rows = pf.fit_many(model, X, np.stack([y, y]), start=start)
    np.testing.assert_allclose(rows["delay"].value, 0.3, rtol=1e-6)
    if function is resonance:
        np.testing.assert_allclose(abs(model)(X, **truth), np.abs(y), rtol=1e-13)


def test_a_function_may_write_to_its_coordinates():
    """They are its own: compiled, and called as Python."""

    def moved(t, a, shift):
        t -= shift
        return a * t**2

    def joined(t, a, shift):
        t -= shift
        return a * np.cumsum(t)

    for function in (moved, joined):
        y = function(X.copy(), 2.0, 1.0)
        kept = X.copy()
        fit = pf.fit(function, kept, y, start={"a": 1.0, "shift": 0.5})
        assert fit["shift"].value == pytest.approx(1.0, abs=1e-8)
        np.testing.assert_array_equal(kept, X)


def bent(t, a, b):
    return t * cmath.sqrt(a).imag + b * cmath.log(a).imag


def bent_by_dtype(t, a, b):
    return np.sqrt(a + 0 * t, dtype=complex).imag + b


def bent_in_zeros(t, a, b):
    z = np.zeros_like(t, dtype=complex)
    z[:] = a
    return np.sqrt(z).imag + b


def bent_in_an_array(t, a, b):
    z = np.zeros(t.shape, complex) + np.full_like(t, a, dtype=complex)
    return np.log(z).imag + b * np.sqrt(np.array([a, 1j]))[0].imag


@pytest.mark.parametrize(
    "function", [bent, bent_by_dtype, bent_in_zeros, bent_in_an_array]
)
def test_complex_functions_are_complex_for_any_number(function):
    """Also where the numbers that a trace is compared at would do without."""
    model = pf.model(function, exact=True)
    for a in (-2.0, 2.0):
        expected = function(X, a, 0.5)
        np.testing.assert_allclose(model(X, a=a, b=0.5), expected, rtol=1e-14)


def test_one_argument_may_hold_one_parameter():
    """As many names as arguments: the function itself tells what it takes."""

    def of_a_vector(p, t):
        return p["a"] * t

    model = pf.model(of_a_vector, x="t", names="a", exact=True)
    assert pf.fit(model, X, 3.0 * X)["a"].value == pytest.approx(3.0)


def test_data_among_the_arguments_are_told():
    """A residual function without defaults takes its data for parameters."""

    def residual(p, t, data, eps):
        return (p["a"] * np.exp(-t / p["tau"]) + p["c"] - data) / eps

    with pytest.raises(ModelError, match=r"named a, tau, c; .* such as data, a def"):
        pf.model(residual, x="t", names="a tau c")
