"""Kernels that only a test knows are fitted as any other; the engine stays as it is."""

from __future__ import annotations

import h5py
import numpy as np
import pytest
from scipy.optimize import curve_fit

import physfit as pf
from physfit.engine.abi import STRIDE, as_floats, is_null
from physfit.engine.roles import routine
from physfit.errors import DataError, InputError, ModelError
from physfit.kernels.kernel import Context, Kernel, point_kernel
from physfit.kernels.lineshapes import gaussian
from physfit.models.catalogue import Component, declare
from physfit.models.declaration import DECLARATIONS
from physfit.models.param import Param

X = np.linspace(-3.0, 3.0, 301)
KNOTS = np.array([0.2, 1.0, 3.0, -2.0, 0.5, 2.0, 1.0, 0.4, 0.3])
RESPONSE = np.array([0.05, 0.25, 0.4, 0.2, 0.1])
APART = 0.3


def noise(*shape: int) -> np.ndarray:
    """Standard normal numbers, the same in every test."""
    return np.random.default_rng(3).normal(size=shape)


def tabulated(x, scale, shift, table, n_table):
    """A table of unit steps from -4 on, interpolated linearly."""
    place = x - shift + 4.0
    k = min(max(int(place), 0), n_table - 2)
    rise = table[k + 1] - table[k]
    value = table[k] + rise * (place - float(k))
    return scale * value, value, -scale * rise


@routine
def fold(params, x, ldx, n, wanted, context, scratch):
    """Curve and partials of all samples: a Gaussian folded with a response."""
    response = as_floats(context[0])
    for i in range(n):
        v = a = c = s = 0.0
        for j in range(context[1]):
            moved = x[i] - 0.3 * (j - 2.0)
            value, da, dc, ds = gaussian(moved, params[0], params[1], params[2])
            v += response[j] * value
            a += response[j] * da
            c += response[j] * dc
            s += response[j] * ds
        scratch[4 * i] = v
        scratch[4 * i + 1] = a
        scratch[4 * i + 2] = c
        scratch[4 * i + 3] = s


@routine
def folded(params, x, ldx, start, n, value, jac, context, scratch):
    """Block of the curve that was computed before."""
    for i in range(n):
        value[i] = scratch[4 * (start + i)]
    if not is_null(jac):
        for k in range(3):
            for i in range(n):
                jac[k * STRIDE + i] = scratch[4 * (start + i) + k + 1]


FOLDED = Kernel(
    name="folded",
    function=folded,
    inputs=("x",),
    parameters=("amplitude", "center", "sigma"),
    is_block=True,
    context=Context(RESPONSE),
    scratch_per_sample=4,
    prepare=fold,
)


@pytest.fixture
def component(monkeypatch):
    """Declares a kernel for the time of a test."""

    def declared(kernel: Kernel):
        monkeypatch.setitem(DECLARATIONS, kernel.name, None)
        monkeypatch.delitem(DECLARATIONS, kernel.name)
        parameters = tuple(Param(name, "", "") for name in kernel.parameters)
        return declare(Component(kernel, "", "", parameters, guess=None))()

    return declared


def table_of(x, scale, shift):
    return scale * np.interp(x - shift, np.arange(-4.0, 5.0), KNOTS)


def folded_of(x, amplitude, center, sigma):
    moved = [x - 0.3 * (j - 2.0) for j in range(5)]
    peaks = [np.exp(-0.5 * ((m - center) / sigma) ** 2) for m in moved]
    return amplitude / (sigma * np.sqrt(2.0 * np.pi)) * (RESPONSE @ np.array(peaks))


CASES = {
    "table": (point_kernel(tabulated, context=Context(KNOTS)), table_of, [2.0, 0.13]),
    "whole curve": (FOLDED, folded_of, [5.0, 0.4, 0.6]),
}
each = pytest.mark.parametrize(("kernel", "curve", "true"), CASES.values(), ids=CASES)


@each
def test_a_kernel_with_a_context_is_fitted(component, kernel, curve, true):
    """Values, errors and chi2 are scipy's; a constant may be added."""
    model = component(kernel) + pf.models.Constant()
    y = curve(X, *true) + 0.5 + 0.01 * noise(X.size)
    start = dict(zip(model.names, [*(1.05 * np.array(true)), 0.4], strict=True))
    result = pf.fit(model, X, y, sigma=0.01, start=start)
    expected, covariance = curve_fit(
        lambda x, *p: curve(x, *p[:-1]) + p[-1],
        *(X, y, [*true, 0.5]),
        **{"sigma": np.full(X.size, 0.01), "absolute_sigma": True},
    )
    values = [result[name].value for name in model.names]
    errors = np.sqrt(np.diagonal(covariance))
    # The kink of a table moves with the shift, so scipy's differences are rougher.
    np.testing.assert_allclose(values, expected, atol=2e-3 * errors.min() + 1e-5)
    found = [result[name].stderr for name in model.names]
    np.testing.assert_allclose(found, errors, rtol=1e-3)


@each
def test_rows_of_such_a_kernel_are_fitted_as_single_curves(
    component, kernel, curve, true
):
    """fit_many gives what fit gives, row by row."""
    model = component(kernel)
    rows = curve(X, *true) + 0.01 * noise(5, X.size)
    start = dict(zip(model.names, true, strict=True))
    many = pf.fit_many(model, X, rows, sigma=0.01, start=start)
    assert many.converged.all()
    for number, row in enumerate(rows):
        one = pf.fit(model, X, row, sigma=0.01, start=start)
        for name in model.names:
            assert many[name].value[number] == pytest.approx(one[name].value, rel=1e-6)


def test_a_whole_curve_is_not_fitted_in_batches(component):
    """A sentence says so before anything is read."""
    model = component(FOLDED).where(amplitude=5.0, center=0.4, sigma=0.6)
    with pytest.raises(ModelError, match="needs the whole curve at once"):
        pf.fit(model, X, model(X), method="adam", batch_size=10)


def test_a_kernel_that_is_redefined_gives_its_new_values(component):
    """In the same process, with the same name; a model made before keeps its own."""
    before = component(point_kernel(tabulated, context=Context(KNOTS)))
    after = component(point_kernel(tabulated, context=Context(2.0 * KNOTS)))
    np.testing.assert_array_equal(
        after(X, scale=1.0, shift=0.0), 2.0 * before(X, scale=1.0, shift=0.0)
    )


def test_a_run_is_not_resumed_with_another_table(component, tmp_path):
    """Checkpoints and jobs of many rows tell kernels of one name apart."""
    values = {"scale": 2.0, "shift": 0.13}
    one = component(point_kernel(tabulated, context=Context(KNOTS))).where(**values)
    two = component(point_kernel(tabulated, context=Context(2 * KNOTS))).where(**values)
    y, kept, out = one(X), tmp_path / "run.ckpt", tmp_path / "map.h5"
    run = {"method": "adam", "batch_size": 50, "checkpoint": kept}
    pf.fit(one, X, y, epochs=2, **run)
    with pytest.raises(DataError, match="its kernel tabulated was"):
        pf.fit(two, X, y, epochs=2, resume=True, **run)
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        file["x"], file["y"] = X, np.tile(y, (3, 1))
    pf.fit_many(one, tmp_path / "rows.h5", sigma=0.1, output=out)
    with pytest.raises(DataError, match=r"model (kernels|expression)"):
        pf.fit_many(two, tmp_path / "rows.h5", sigma=0.1, output=out, resume=True)


def test_a_name_of_the_catalogue_is_not_taken_twice():
    """Another module cannot declare a component of that name."""
    kernel = point_kernel(tabulated, context=Context(KNOTS))
    other = Kernel("gaussian", kernel.function, ("x",), ("scale", "shift"))
    parameters = (Param("scale", "", ""), Param("shift", "", ""))
    with pytest.raises(InputError, match="`gaussian` is taken"):
        declare(Component(other, "", "", parameters, guess=None))


def test_a_complex_product_and_real_quantities_are_fitted():
    """|gain * resonance| and its phase, with a real background: as numpy has them."""
    t = np.linspace(0.0, 10.0, 200)
    model = pf.parse_model("complex_ringdown * exponential(e_)")
    true = {"amplitude": 2.0, "frequency": 0.4, "rate": 0.1, "phase": 0.3}
    true |= {"e_amplitude": 1.0, "e_decay": 8.0}
    re, im = noise(2, t.size)
    y = model(t, **true) + 0.01 * (re + 1j * im)
    fixed = model.where(rate=pf.fixed(0.1))
    start = {name: true[name] for name in fixed.free_names} | {"amplitude": 1.9}
    result = pf.fit(fixed, t, y, sigma=0.01, start=start)
    for name in ("amplitude", "frequency", "phase", "e_decay"):
        estimate = result[name]
        assert abs(estimate.value - true[name]) < 5.0 * estimate.stderr
    size = pf.parse_model("abs(complex_ringdown) + linear")
    values = {**{k: true[k] for k in true if "e_" not in k}, "slope": 0.1}
    expected = 2.0 * np.exp(-0.1 * t) + 0.1 * t + 1.0
    np.testing.assert_allclose(size(t, **values, intercept=1.0), expected, rtol=1e-13)


@pytest.mark.parametrize(
    "text",
    [
        "gaussian - constant",
        "gaussian(a_) - (gaussian(b_) + constant)",
        "gaussian / (linear + exponential(e_))",
        "exp(linear) * gaussian",
        "abs(complex_ringdown) - constant",
        "phase(complex_ringdown(a_) * complex_ringdown(b_))",
        "gaussian(a_) / gaussian(b_) / linear",
    ],
)
def test_expressions_are_read_back(text):
    """The text of a model gives the same model."""
    model = pf.parse_model(text)
    assert model.expression == text
    assert pf.parse_model(model.expression) == model


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("exp(complex_ringdown)", "`exp` takes a real model"),
        ("abs(gaussian)", "`abs` takes a complex model"),
        ("gaussian + tangent(linear)", "unknown model 'tangent'"),
    ],
)
def test_functions_of_the_wrong_kind_are_refused(text, words):
    """One sentence."""
    with pytest.raises(ModelError, match=words):
        pf.parse_model(text)
