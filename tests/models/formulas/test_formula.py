"""Formulas as components: values, derivatives, names, texts."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

import physfit as pf
from physfit.errors import ModelError
from physfit.models import parse_model
from physfit.models.formulas.functions import functions

X = np.linspace(0.31, 2.33, 9)
AT = {"a": 1.3, "b": 0.7, "c": 0.4}
#: Formulas, and what they are in numpy and scipy.
VALUES = {
    "a*exp(-x/b)*cos(2*pi*c*x) + b": lambda x, a, b, c: (
        a * np.exp(-x / b) * np.cos(2 * np.pi * c * x) + b
    ),
    "np.exp(-x/a) + numpy.log10(x + b)": lambda x, a, b, c: (
        np.exp(-x / a) + np.log10(x + b)
    ),
    "a*special.erf(x - b) - scipy.special.erfc(x)": lambda x, a, b, c: (
        a * special.erf(x - b) - special.erfc(x)
    ),
    "where(x < a, b*x, c*x**2)": lambda x, a, b, c: np.where(x < a, b * x, c * x**2),
    "where((x > b) & ~(x >= a) | (x == c), a*x, -1)": lambda x, a, b, c: np.where(
        (x > b) & ~(x >= a) | (x == c), a * x, -1
    ),
    "where(b <= x < a and not x > 1 or x != x, a*x, c)": lambda x, a, b, c: np.where(
        (b <= x) & (x < a) & ~(x > 1), a * x, c
    ),
    "a*(x > b) + (x < 1)*b*x": lambda x, a, b, c: a * (x > b) + (x < 1) * b * x,
    "maximum(a*x, b, c*x**2)": lambda x, a, b, c: np.maximum(
        np.maximum(a * x, b), c * x**2
    ),
    "clip(a*x, b, 2)": lambda x, a, b, c: np.clip(a * x, b, 2),
    "min(a*x, b) + fabs(x - a)": lambda x, a, b, c: (
        np.minimum(a * x, b) + np.abs(x - a)
    ),
    "a*heaviside(x - 1.3, b)": lambda x, a, b, c: a * np.heaviside(x - 1.3, b),
    "a*sinc(b*x)": lambda x, a, b, c: a * np.sinc(b * x),
    "a*sinh(b*x) - cosh(c*x)*tan(c)": lambda x, a, b, c: (
        a * np.sinh(b * x) - np.cosh(c * x) * np.tan(c)
    ),
    "e**(-a*x) + np.e*x": lambda x, a, b, c: np.exp(-a * x) + np.e * x,
    "degrees(a*x) - deg2rad(b)": lambda x, a, b, c: np.degrees(a * x) - np.deg2rad(b),
    "hypot(a*x, b) + square(x) + 2**x": lambda x, a, b, c: (
        np.hypot(a * x, b) + x**2 + 2**x
    ),
}


COMPLEX = {
    "a*exp(2j*pi*b*x)/(1 + 1j*c*x)": lambda x, a, b, c: (
        a * np.exp(2j * np.pi * b * x) / (1 + 1j * c * x)
    ),
    "1 - a/(1 + 2j*b*(x - c)/c)": lambda x, a, b, c: 1 - a / (1 + 2j * b * (x - c) / c),
    "(a + 1j*b*x)**2 + conj(1j**c*x)": lambda x, a, b, c: (
        (a + 1j * b * x) ** 2 + np.conj(1j**c * x)
    ),
    "e**(1j*x)*sqrt(a + 1j*x) - where(x > 1, 1j*b, c)": lambda x, a, b, c: (
        np.exp(1j * x) * np.sqrt(a + 1j * x) - np.where(x > 1, 1j * b, c)
    ),
}
REAL_PARTS = {
    "abs(a*exp(1j*b*x) + c)": lambda x, a, b, c: np.abs(a * np.exp(1j * b * x) + c),
    "angle(a + 1j*b*x) + phase(1j*c)": lambda x, a, b, c: (
        np.angle(a + 1j * b * x) + np.pi / 2
    ),
    "a*real(wofz((x + 1j*b)/(c*sqrt(2))))": lambda x, a, b, c: (
        a * special.wofz((x + 1j * b) / (c * np.sqrt(2))).real
    ),
    "imag(log(a + 1j*x)) + real(b*x) + jv(2, c*x)": lambda x, a, b, c: (
        np.log(a + 1j * x).imag + b * x + special.jv(2, c * x)
    ),
    "voigt_profile(x - a, b, c) + gamma(x)": lambda x, a, b, c: (
        special.voigt_profile(x - a, b, c) + special.gamma(x)
    ),
}
VALUES |= COMPLEX | REAL_PARTS


def free(model, values):
    return {name: values[name] for name in model.names}


@pytest.mark.parametrize(("text", "function"), VALUES.items(), ids=list(VALUES))
def test_a_formula_has_the_values_of_numpy(text, function):
    """Relative to 1e-12: a few operations, special functions good to 1e-13."""
    model = pf.formula(text)
    expected = function(X, **AT)
    np.testing.assert_allclose(model(X, **free(model, AT)), expected, rtol=1e-12)
    assert model.n_outputs == (2 if text in COMPLEX else 1)


@pytest.mark.parametrize("text", VALUES, ids=list(VALUES))
def test_a_formula_has_the_derivatives_of_its_values(text):
    """Central differences are good to the square of the step."""
    model = pf.formula(text)
    at = free(model, AT)
    _, partials = model.with_partials(X, **at)
    for name, partial in zip(model.names, partials, strict=True):
        up, down = (model(X, **(at | {name: at[name] + d})) for d in (1e-6, -1e-6))
        np.testing.assert_allclose(partial, (up - down) / 2e-6, rtol=1e-7, atol=1e-8)


def test_parameters_come_in_the_order_of_the_text():
    """From left to right, each once."""
    assert pf.formula("b*x**a + a*c").names == ("b", "a", "c")


def test_several_coordinates_take_a_tuple_of_arrays():
    """Coordinates are named, and stand in the order of their names."""
    model = pf.formula("a*u + b*v**2", x=("u", "v"))
    u, v = np.array([1.0, 2.0]), np.array([3.0, 4.0])
    assert model.names == ("a", "b")
    np.testing.assert_allclose(model((u, v), a=2.0, b=0.5), 2 * u + 0.5 * v**2)


@pytest.mark.parametrize(
    ("text", "x", "expression"),
    [
        ("a*exp(-x/tau)+c", "x", "a * exp(-x / tau) + c"),
        ("a*np.exp(-t/tau)", "t", "formula(a * exp(-t / tau), x=t)"),
        ("a*u + b*v", ("u", "v"), "formula(a * u + b * v, x=(u, v))"),
        ("constant*x", "x", "formula(constant * x)"),
        ("gausian*x", "x", "formula(gausian * x)"),
    ],
    ids=str,
)
def test_the_expression_is_read_back(text, x, expression):
    """What could be taken for models, or has other coordinates, says what it is."""
    model = pf.formula(text, x=x)
    assert model.expression == expression
    assert parse_model(expression) == model


def test_a_formula_is_described_once():
    """Its text is its name."""
    model = parse_model("linear + b*x**2")
    assert model.description.splitlines()[2] == "b * x ** 2"


def test_spaces_and_prefixes_do_not_matter():
    """Formulas that are written differently are equal."""
    assert pf.formula("np.exp( - x/a )") == pf.formula("exp(-x / a)")


def test_a_formula_is_fitted_with_bounds_ties_and_fixed_values():
    """As any component; the truth lies within the standard errors."""
    model = pf.formula("a*exp(-t/tau) + b*exp(-t/long) + c", x="t")
    model = model.where(
        tau=pf.param(1.0, (0.1, None)), long=pf.tie("10*tau"), c=pf.fixed(0.25)
    )
    t = np.linspace(0, 30, 200)
    y = 2 * np.exp(-t / 1.5) + np.exp(-t / 15) + 0.25
    y += 0.02 * np.random.default_rng(5).normal(size=t.size)
    result = pf.fit(model, t, y, sigma=0.02)
    assert result.converged
    for name, truth in {"a": 2.0, "tau": 1.5, "b": 1.0}.items():
        found = result[name]
        assert abs(found.value - truth) < 4 * found.stderr
    assert result["long"].value == pytest.approx(10 * result["tau"].value)


def test_a_complex_formula_is_fitted():
    """Real and imaginary parts together, as any complex model."""
    model = pf.formula("a*exp(1j*phi)/(1 + 2j*(x - x0)/w)")
    x = np.linspace(-3.0, 3.0, 60)
    truth = {"a": 2.0, "phi": 0.4, "x0": 0.3, "w": 1.1}
    noise = np.random.default_rng(7).normal(size=(2, 60)) * 0.01
    y = model(x, **truth) + noise[0] + 1j * noise[1]
    result = pf.fit(model, x, y, sigma=0.01, start={**truth, "x0": 0.0})
    for name, value in truth.items():
        assert abs(result[name].value - value) < 4 * result[name].stderr
    assert parse_model(model.expression) == model


def test_a_parameter_without_a_derivative_is_told():
    """A threshold has no slope; the note names it, and others are not named."""
    (note,) = pf.formula("where(x < x0, a, b)").notes
    assert note.startswith("`x0` stands only in conditions")
    assert not pf.formula("where(x < 1, a, b*x)").notes


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a*exp(-t/tau)", "does not depend on x; say which name"),
        ("e*x", r"except as e\*\*"),
        ("a*x^2", r"powers are written with \*\*"),
        ("a*expp(x)", "there is no function 'expp': did you mean 'exp'"),
        ("a*linalg(x)", "there is no function 'linalg'"),
        ("a*dir(x)", "there is no function 'dir': allowed are numbers, param"),
        ("a*sin(2*π*x)", "write pi for the number"),
        ("clip(a*x, 0, inf)", "constants are finite numbers"),
        ("where(x < 1, a, nan)", "constants are finite numbers"),
        ("np.linalg.norm(x)", "not allowed"),
        ("os.exp(x)", "not allowed"),
        ("x.real", "not allowed"),
        ("0*a + x", "does not depend on `a`"),
        ("sin(x, a)", "`sin` takes one argument"),
        ("maximum(x)", "`maximum` takes two arguments or more"),
        ("where(x, a, b)", "a condition such as x < 1 belongs there"),
        ("not x", "a condition such as"),
        ("exp*x", r"`exp` is a function, as in exp\(...\)"),
        ("x*lambda", "`lambda` is a word of Python"),
        ("y = a*x", "leave out the ="),
        ("2a*x", "write products with"),
        ("a e**(-x/b)", "write products with"),
        ("a*(x + 1)b", "write products with"),
        ("script.py:decay", r"fitted from Python, by pf\.fit\(f"),
        ("\N{CYRILLIC SMALL LETTER A}*x", "cyrillic small letter a"),
        ("a\N{MULTIPLICATION SIGN}x", r"write \*"),
        ("x\N{SUPERSCRIPT TWO}", r"write \*\*2"),
        ("erf(1j*x)", "`erf` takes real numbers"),
        ("x*(1j*x < 2)", "complex where a real number belongs"),
        ("where(1j, x, a)", "a condition such as"),
        ("1j*x % 2", "`mod` takes real numbers"),
        ("x/0", "no finite number"),
        ("log(0)*x", "no finite number"),
        ("1e999*x", "no finite number"),
        ("x**1000", "exponents go from"),
        ("x if x > 0 else 0", "not allowed"),
        (3, "text"),
    ],
    ids=str,
)
def test_everything_else_is_refused(text, words):
    """In a sentence that names the part and what to write."""
    with pytest.raises(ModelError, match=words):
        pf.formula(text)


def test_greek_letters_are_names():
    """Those that no Latin letter looks like."""
    assert pf.formula("α*exp(-x/τ)").names == ("α", "τ")


@pytest.mark.parametrize(
    "x",
    ["", "2", (), ("u", "u"), ("u", 3), 5, ("u", "v w"), tuple("abcdefghij")],
    ids=str,
)
def test_coordinates_are_names(x):
    """One, or a few different ones."""
    with pytest.raises(ModelError, match="`x`"):
        pf.formula("a*u", x=x)


def test_names_of_numpy_and_scipy_are_the_same_functions():
    """Both names of the inverse functions, where the graph has the operation."""
    assert pf.formula("arctan(a*x)")(X, a=1.0) == pytest.approx(np.arctan(X))
    table = functions()
    assert table["arctan"] is table["atan"]


@pytest.mark.parametrize("name", ["maximum", "minimum", "fmax", "fmin"])
@pytest.mark.parametrize("order", [1, -1])
def test_what_has_no_value_is_taken_for_one_where_numpy_does(name, order):
    """NaN stays in `maximum` and `minimum`, and is passed over by `fmax` and `fmin`."""
    x = np.array([-2.0, -1.0, 0.5, 4.0])
    texts = ["sqrt(x)", "a*x"][::order]
    value = pf.formula(f"{name}({', '.join(texts)})")(x, a=1.5)
    with np.errstate(invalid="ignore"):
        operands = [np.sqrt(x), 1.5 * x][::order]
    expected = getattr(np, name)(*operands)
    np.testing.assert_allclose(value, expected, rtol=1e-14)


def test_a_step_at_what_has_no_value_has_none():
    """As of numpy."""
    x = np.array([-1.0, 0.0, 4.0])
    value = pf.formula("a*heaviside(sqrt(x), 0.5)")(x, a=2.0)
    np.testing.assert_array_equal(value, [np.nan, 1.0, 2.0])


@pytest.mark.parametrize("x", ["x" * 5000, "(" * 5000, ("x",) * 2000, "a;b"])
def test_a_coordinate_that_is_no_name_is_refused_in_one_sentence(x):
    """Of less than three lines, whatever was passed."""
    with pytest.raises(ModelError, match="takes the name of the coordinate") as raised:
        pf.formula("a*x", x=x)
    assert len(str(raised.value)) < 240


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a*exp(-x/tau", "1 bracket is opened, and not closed"),
        ("a*exp(-(x/(tau) + c", "2 brackets are opened, and not closed"),
        ("a*(x + b))", "1 bracket is closed, but not opened"),
    ],
)
def test_brackets_without_a_partner_are_told(text: str, reason: str) -> None:
    with pytest.raises(ModelError, match=reason):
        pf.formula(text)
