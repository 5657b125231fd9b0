"""Models: composition, `where`, ties, values and partials."""

from __future__ import annotations

import pickle
from operator import add, mul, sub, truediv

import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError, ModelError, ShapeError
from physfit.models import (
    ComplexRingdown,
    Constant,
    Exponential,
    Gaussian,
    IsingSquareHeat,
    Linear,
    Lorentzian,
    Quadratic,
    Voigt,
    parse_model,
)
from physfit.models.param import bounds, fixed, param, tie

X = np.linspace(-2.0, 3.0, 23)
TWO = Gaussian("a_") + Gaussian("b_")
AT = {
    "a_amplitude": 2.0,
    "a_center": 0.1,
    "a_sigma": 0.8,
    "b_amplitude": 1.0,
    "b_center": 1.4,
    "b_sigma": 0.5,
}


def test_parameters_follow_the_components():
    """All names stand in the order of the components, with prefixes."""
    model = Voigt("a_") + Linear()
    names = ("a_amplitude", "a_center", "a_sigma", "a_gamma", "slope", "intercept")
    assert model.names == model.free_names == tuple(model.parameters) == names
    assert (Voigt("a_").prefix, model.prefix) == ("a_", "")
    assert "voigt(a_): amplitude Re w(z)" in model.description


def test_sums_and_products_do_not_depend_on_parentheses():
    """(a + b) + c == a + (b + c), in content, hash and layout; products alike."""
    a, b, c = Gaussian("a_"), Gaussian("b_"), Linear()
    assert (a + b) + c == a + (b + c)
    assert hash((a + b) + c) == hash(a + (b + c))
    assert ((a + b) + c).layout == (a + (b + c)).layout
    assert (a * b) * c == a * (b * c)


def test_a_composite_is_made_of_its_parts():
    """Sum and product of the components' values are the composite's value."""
    first, second = Gaussian("a_"), Gaussian("b_")
    left = first(X, **{name: AT[name] for name in first.names})
    right = second(X, **{name: AT[name] for name in second.names})
    product = (first * second).where(b_amplitude=param())
    np.testing.assert_allclose(TWO(X, **AT), left + right, rtol=1e-14)
    np.testing.assert_allclose(product(X, **AT), left * right, rtol=1e-14)


def test_terms_of_a_sum_add_up():
    """Each term has a layout of its own that reads the full values."""
    from physfit.engine.program import evaluate

    model = TWO * Linear() + Constant()
    full = model.full_values(AT | {"slope": 0.3, "c": 0.7, "a_amplitude": 2.0})
    parts = [evaluate(own, full, X[None, :])[0][0] for own in model.terms.values()]
    whole = evaluate(model.layout, full, X[None, :])[0][0]
    assert list(model.terms) == [
        "(gaussian(a_) + gaussian(b_)) * linear",
        "constant",
    ]
    np.testing.assert_allclose(sum(parts), whole, rtol=1e-14)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: Gaussian() + Lorentzian(),
            r'`amplitude`, `center` stand twice .*Gaussian\("a_"\) \+ Lorentzian\("b_',
        ),
        (lambda: Constant() + Quadratic(), r'`c` stands twice .* Constant\("a_"\)'),
        (lambda: Gaussian("a_") * Gaussian("a_"), r"give a prefix"),
        (
            lambda: (Gaussian() + Linear()) * (Gaussian() + Linear()),
            r'Gaussian\("a_"\) \* Gaussian\("b_"\)',
        ),
        (lambda: Gaussian("a"), r'ends in "_"; write Gaussian\("a_"\)'),
        (lambda: Gaussian("1_"), r'ends in "_"'),
        (
            lambda: pf.model(lambda x, a: a * x, prefix="b"),
            r'write pf.model\(function, prefix="b_"\)\.',
        ),
        (lambda: Gaussian("a.b_"), r'ends in "_"'),
        (lambda: Gaussian(3), r"a prefix is a text"),
        (lambda: ComplexRingdown().through("exp"), r"takes a real model"),
        (lambda: Gaussian().through("erf"), r"no function 'erf'"),
        (lambda: Gaussian().where(centre=3.0), r"`centre` .* did you mean 'center'"),
        (lambda: TWO.where(c_sigma=3.0), r"`c_sigma` .* did you mean .*_sigma"),
        (
            lambda: TWO.where(b_sigma=tie("a_sigm")),
            r"tie of `b_sigma` refers to `a_sigm`.*did you mean 'a_sigma'",
        ),
        (lambda: TWO.where(b_sigma=tie("2 * pi")), r"pf.fixed\(6.28"),
        (lambda: TWO.where(a_sigma=tie("2 * a_sigma")), r"a_sigma -> a_sigma"),
        (
            lambda: TWO.where(
                a_sigma=tie("b_sigma"), b_sigma=tie("a_center"), a_center=tie("a_sigma")
            ),
            r"a_center -> a_sigma -> b_sigma -> a_center",
        ),
    ],
)
def test_wrong_declarations_are_refused(make, words):
    """Each is one sentence that names what is wrong and helps on."""
    with pytest.raises(ModelError, match=words):
        make()


@pytest.mark.parametrize(
    ("model", "held"),
    [
        (Gaussian("a_") * Gaussian("b_"), ["b_amplitude"]),
        (Gaussian() * Constant(), ["c"]),
        (Gaussian() * Linear() * Constant(), ["intercept", "c"]),
        (Gaussian("a_") * (Linear() + Gaussian("b_")), ["intercept"]),
        (Gaussian("a_") + Linear() * Gaussian("b_"), ["b_amplitude"]),
        (IsingSquareHeat() * Constant(), []),
        (IsingSquareHeat() * Constant() * Linear(), ["intercept"]),
        (Gaussian() * (IsingSquareHeat() + Constant()), []),
        (Gaussian() * Constant().where(c=fixed(3.0)), []),
        (Gaussian() * Constant().where(c=2.0), []),
        ((Gaussian() * Constant()).where(c=param()), []),
    ],
    ids=lambda value: value.expression if hasattr(value, "expression") else None,
)
def test_a_product_keeps_one_scale_and_says_so(model, held):
    """The scale of a later factor is fixed at 1, with a note, unless it was touched."""
    at_one = [own.name for own in model.params if own.fixed and own.start == 1.0]
    assert at_one == held
    assert len(model.notes) == len(held)
    assert [
        name for name in held if f"`{name}` is fixed at 1" not in str(model.notes)
    ] == []


def test_a_product_has_no_superfluous_parameter():
    """With one scale per product the Jacobian has full rank."""
    model = Gaussian() * (Linear() + Exponential("e_"))
    values = {"amplitude": 1.0, "center": 0.2, "sigma": 1.0, "slope": 0.3}
    values |= {"e_amplitude": 0.5, "e_decay": 2.0}
    _, partials = model.with_partials(X, **values)
    free = partials[list(model.layout.free)]
    free = free / np.linalg.norm(free, axis=1)[:, None]
    assert np.linalg.matrix_rank(free, tol=1e-6) == len(model.free_names) == 6


def test_layout_tells_free_fixed_and_tied_apart():
    """The engine gets indices of free, values of fixed, and ties in their order."""
    model = TWO.where(
        a_amplitude=tie("2 * b_amplitude"),
        b_amplitude=tie("a_sigma"),
        a_center=fixed(3),
    )
    layout = model.layout
    assert layout.free == (2, 4, 5)
    assert layout.fixed == ((1, 3.0),)
    assert [own.target for own in layout.ties] == [3, 0]
    assert model.free_names == ("a_sigma", "b_center", "b_sigma")
    assert model.layout is layout


def test_ties_resolve_through_ties():
    """A tie may refer to a tied parameter."""
    model = TWO.where(a_sigma=tie("b_sigma / 2"), b_sigma=tie("b_center + 1"))
    values = {k: v for k, v in AT.items() if k not in ("a_sigma", "b_sigma")}
    full = dict(zip(model.names, model.full_values(values), strict=True))
    assert (full["b_sigma"], full["a_sigma"]) == (2.4, 1.2)


def test_arrays_of_the_free_parameters():
    """Start, bounds and positions of the free parameters cannot be written to."""
    model = TWO.where(a_center=param(1.0, (0, 2)), b_sigma=fixed(1.0), a_sigma=2)
    assert model.free_index["b_center"] == 4
    np.testing.assert_array_equal(model.free_start, [np.nan, 1.0, 2.0, np.nan, np.nan])
    np.testing.assert_array_equal(model.free_lower, [-np.inf, 0, 0, -np.inf, -np.inf])
    np.testing.assert_array_equal(model.free_upper, [np.inf, 2] + 3 * [np.inf])
    with pytest.raises(ValueError, match="read-only"):
        model.free_start[0] = 1.0
    assert (model.is_bounded, Linear().is_bounded) == (True, False)


def test_caches_are_no_part_of_a_model():
    """What was computed from a model changes neither equality, hash nor pickle."""
    used, fresh = Gaussian("a_") + Linear(), Gaussian("a_") + Linear()
    before = pickle.dumps(used)
    assert used.layout.n_full == 5
    assert used.notes == ()
    assert (used, hash(used), pickle.dumps(used)) == (fresh, hash(fresh), before)


def test_unequal_models_differ():
    """A start, a bound, a tie, a prefix or an order makes another model."""
    models = {
        TWO,
        TWO.where(a_sigma=1.0),
        TWO.where(a_sigma=fixed(1.0)),
        TWO.where(a_sigma=bounds(1.0, None)),
        TWO.where(a_sigma=tie("b_sigma")),
        Gaussian("b_") + Gaussian("a_"),
        TWO.where(),
    }
    assert len(models) == 6


def test_repr_shows_what_was_changed():
    """The repr is the expression with the changes, nothing that is as declared."""
    model = TWO.where(a_sigma=tie("b_sigma"), a_center=fixed(3), b_center=bounds(1, 2))
    text = (
        "Model('gaussian(a_) + gaussian(b_)', a_center=fixed(3.0), a_sigma='b_sigma', "
        "b_center=in [1.0, 2.0])"
    )
    assert repr(model) == text


@pytest.mark.parametrize("shape", [(), (0,), (1,), (7,), (2, 3), (2, 3, 4)])
def test_values_have_the_shape_of_x(shape):
    """Any shape of x comes back; partials have the parameters in front."""
    x = np.linspace(-1.0, 1.0, int(np.prod(shape))).reshape(shape)
    value, partials = TWO.with_partials(x, **AT)
    assert (value.shape, partials.shape) == (shape, (6, *shape))
    np.testing.assert_array_equal(TWO(x, **AT), value)


def test_lists_and_integers_are_taken():
    """A list of integers is as good as an array of floats."""
    np.testing.assert_array_equal(Linear()([0, 1], slope=2, intercept=1), [1.0, 3.0])


def test_complex_models_give_complex_values():
    """Two outputs are real and imaginary part."""
    model = ComplexRingdown()
    values = {"amplitude": 2.0, "frequency": 0.5, "rate": 0.3, "phase": 0.4}
    exact = 2.0 * np.exp(-0.3 * X) * np.exp(1j * (np.pi * X + 0.4))
    value, partials = model.with_partials(X, **values)
    np.testing.assert_allclose(value, exact, rtol=1e-13)
    np.testing.assert_allclose(partials[3], 1j * exact, rtol=1e-13)


@pytest.mark.parametrize(
    "text",
    [
        "gaussian(a_) + linear",
        "gaussian(a_) * linear",
        "(gaussian(a_) + linear) * voigt",
    ],
)
def test_partials_of_composites_are_derivatives(text):
    """Partials of sums and products agree with central differences."""
    model = parse_model(text)
    base = {"a_amplitude": 1.5, "a_center": 0.2, "a_sigma": 0.9, "slope": 0.4}
    base |= {"intercept": 1.0, "amplitude": 1.0, "center": 1.0, "sigma": 1.0}
    base |= {"gamma": 0.6}
    values = {name: base[name] for name in model.names}
    model = model.where(**{name: param() for name in model.names})
    _, partials = model.with_partials(X, **values)
    for row, name in zip(partials, model.names, strict=True):
        up, down = dict(values), dict(values)
        up[name], down[name] = values[name] + 1e-5, values[name] - 1e-5
        slope = (model(X, **up) - model(X, **down)) / 2e-5
        np.testing.assert_allclose(row, slope, rtol=1e-6, atol=1e-8)


def test_values_left_out_are_at_their_start():
    """A start stands in for a value; a fixed parameter needs none."""
    model = Linear().where(slope=fixed(2.0), intercept=1.0)
    np.testing.assert_array_equal(model(X), 2.0 * X + 1.0)
    np.testing.assert_array_equal(model(X, intercept=0.0), 2.0 * X)


def test_all_values_of_a_result_are_taken():
    """Fixed and tied values may be passed along when they agree."""
    model = TWO.where(a_sigma=tie("b_sigma * 1.6"), a_center=fixed(0.1))
    assert AT["a_sigma"] == pytest.approx(1.6 * AT["b_sigma"])
    np.testing.assert_allclose(model(X, **AT), TWO(X, **AT), rtol=1e-13)


@pytest.mark.parametrize(
    ("values", "error", "words"),
    [
        ({}, InputError, "`slope` has neither a value nor a start"),
        ({"slope": 1.0, "intercept": 2.0}, InputError, "`intercept` is fixed at 1.0"),
        ({"slop": 1.0, "slope": 1.0}, ModelError, "did you mean 'slope'"),
        ({"slop": 1.0}, ModelError, "did you mean 'slope'"),
        ({"slope": "a"}, InputError, "slope"),
    ],
)
def test_wrong_values_are_refused(values, error, words):
    """Missing, unknown, fixed and unreadable values are one sentence each."""
    with pytest.raises(error, match=words):
        Linear().where(intercept=fixed(1.0))(X, **values)


def test_a_tied_value_that_disagrees_is_refused():
    """A value for a tied parameter that is not the tie's is an error."""
    with pytest.raises(InputError, match=r"`a_sigma` is tied to `b_sigma` at 0\.5"):
        TWO.where(a_sigma=tie("b_sigma"))(X, **AT)


@pytest.mark.parametrize("x", [["a"], [1j], [None]])
def test_x_must_be_real(x):
    """Text, complex numbers and objects are refused."""
    with pytest.raises(InputError, match="`x`"):
        TWO(x, **AT)


def test_shape_error_is_an_input_error():
    """Callers may catch the wider error."""
    assert issubclass(ShapeError, InputError)


def line(x, a):
    """A function that is no model yet."""
    return a * x


@pytest.mark.parametrize(
    ("other", "cure"),
    [
        (line, r"line; pf\.model\(line\) makes one of a function"),
        ("linear", r"'linear'; pf\.parse_model\('linear'\) makes one of a text"),
        (2.0, r"2\.0; pf\.models\.Constant\(\) stands for a number"),
        (None, "None; "),
    ],
    ids=["function", "text", "number", "nothing"],
)
@pytest.mark.parametrize("join", [add, sub, mul, truediv])
def test_what_is_no_model_is_not_joined(join, other, cure):
    """On either side, with what makes a model of it."""
    for sides in ((Gaussian(), other), (other, Gaussian())):
        with pytest.raises(ModelError, match=rf"joins models, but one side is {cure}"):
            join(*sides)


def test_the_built_in_sum_adds_models():
    """It begins with 0."""
    peaks = [Gaussian(f"p{k}_") for k in range(3)]
    assert sum(peaks) == peaks[0] + peaks[1] + peaks[2]


def test_axes_of_an_image_are_no_coordinates():
    """A call takes a place for each value; the sentence says how to make them."""
    model = pf.models.Plane()
    with pytest.raises(ShapeError, match=r"parts of different length.*meshgrid"):
        model((np.arange(3.0), np.arange(4.0)), 1.0, 2.0, 3.0)
