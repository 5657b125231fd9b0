"""The catalogue: every entry agrees with its point function and describes itself."""

from __future__ import annotations

import copy
import math
import pickle
import re
import subprocess
import sys

import numpy as np
import pytest
from scipy.optimize import brentq

import physfit
import physfit.models
from physfit.kernels import (
    backgrounds,
    images,
    lineshapes,
    oscillators,
    thermodynamics,
)
from physfit.models import lmfit
from physfit.models.catalogue import COMPONENTS, EVERY
from physfit.models.declaration import DECLARATIONS
from physfit.models.guesses import Peak
from physfit.models.model import component
from physfit.models.units import resolve_unit
from tests.models.catalogue.cases import CASES, freed

EACH = pytest.mark.parametrize(
    "declaration", DECLARATIONS.values(), ids=list(DECLARATIONS)
)
FAMILIES = (backgrounds, images, lineshapes, oscillators, thermodynamics)


def values_of(model):
    """Values of all parameters of a component without prefix, as data show them."""
    case = CASES[model.expression]
    _, values = (case.curve or case.draw)(np.random.default_rng(3))
    return {name: values[name] for name in model.names}


def test_every_point_function_has_an_entry_and_a_name():
    """Every point function of the kernels is declared, and its model has a name."""
    found = {name for module in FAMILIES for name in module.__all__}
    assert found <= set(DECLARATIONS)
    assert {own.point for own in EVERY.values()} == set(DECLARATIONS)
    assert set(COMPONENTS) <= set(physfit.models.__all__)


@EACH
def test_parameters_are_those_of_the_point_function(declaration):
    """Names, order, coordinates and outputs agree with the kernel."""
    names = tuple(own.name for own in declaration.parameters)
    assert names == declaration.kernel.parameters


@EACH
def test_every_model_can_be_guessed_and_normalised(declaration):
    """What the guess and the scale name are parameters."""
    model = component(declaration)
    x = np.linspace(1.0, 2.0, 40 * model.n_inputs).reshape(-1, 40)
    y = np.ones(40, dtype=complex if model.n_outputs == 2 else float)
    found = model.guess(np.squeeze(x), y)
    assert np.isfinite(list(found.values())).all()
    names = [own.name for own in declaration.parameters]
    assert declaration.scale is None or declaration.scale in names


@EACH
def test_the_scale_is_a_common_factor(declaration):
    """Parameters in units of y multiply the curve together: that is what a scale is."""
    model = freed(declaration.point)
    values = values_of(model)
    case = CASES[declaration.point]
    x, _ = (case.curve or case.draw)(np.random.default_rng(3))
    factors = {
        own.name: 3.0 if own.unit.startswith("y") else 1.0
        for own in declaration.parameters
    }
    scaled = {name: factors[name] * value for name, value in values.items()}
    is_common = np.allclose(model(x, **scaled), 3.0 * model(x, **values), rtol=1e-9)
    assert is_common == (declaration.scale is not None)


@EACH
def test_units_and_texts_are_complete(declaration):
    """Each unit can be read; each text is there."""
    units = [own.unit for own in declaration.parameters]
    units += [unit for _, _, unit, _ in declaration.derived]
    assert [resolve_unit(unit, "s", "V") for unit in units if unit].count("") == 0
    texts = [declaration.description, declaration.formula]
    texts += [own.description for own in declaration.parameters]
    assert all(texts)


@EACH
def test_formulas_are_for_people(declaration):
    """No coefficients of series; a few lines at most."""
    assert len(declaration.formula) < 260
    assert not re.search(r"[.]?[0-9]{7}", declaration.formula)


@EACH
def test_pickles_are_equal_and_repr_is_readable(declaration):
    """A model survives pickle and copy, with its hash; its repr names it."""
    model = freed(declaration.point, "a_")
    assert model.layout.n_full == len(model.names)
    again = pickle.loads(pickle.dumps(model))
    assert (again, hash(again)) == (model, hash(model))
    assert copy.deepcopy(model) == model
    assert repr(model).startswith(f"Model('{declaration.point}(a_)'")
    assert repr(EVERY[declaration.class_name]).endswith(declaration.class_name)


@EACH
def test_derived_quantities_have_prefixed_names_and_finite_values(declaration):
    """Each derived quantity reads parameters of its own component only."""
    model = freed(declaration.point, "a_")
    plain = values_of(freed(declaration.point))
    values = {f"a_{name}": value for name, value in plain.items()}
    assert all(math.isfinite(own.expression(values)) for own in model.derived)
    assert all(own.name.startswith("a_") for own in model.derived)


def derived(model, name, **values):
    """Value of a derived quantity."""
    found = {own.name: own.expression for own in model.derived}
    return found[name](values)


#: Peaks whose height and width have a closed form.
PEAKS = [
    name
    for name, own in DECLARATIONS.items()
    if isinstance(own.guess, Peak) and "fwhm" in [first for first, *_ in own.derived]
]


@pytest.mark.parametrize("name", PEAKS)
def test_height_is_the_value_at_the_center(name):
    """The derived height equals the curve's value at its center."""
    model = freed(name)
    values = values_of(model)
    height = float(model([values["center"]], **values)[0])
    assert derived(model, "height", **values) == pytest.approx(height, rel=1e-9)


@pytest.mark.parametrize("ratio", [1e-3, 0.1, 0.5, 1.0, 3.0, 10.0, 1e3])
@pytest.mark.parametrize("name", PEAKS)
def test_fwhm_is_the_distance_between_half_heights(name, ratio):
    """The derived width is exact at every gamma / sigma, and both fractions."""
    model = freed(name)
    values = values_of(model) | {"center": 0.0}
    if "gamma" in values:
        values["gamma"] = ratio * values.get("sigma", 1.0)
    if "fraction" in values:
        values["fraction"] = ratio / (1.0 + ratio)
    half = 0.5 * float(model([0.0], **values)[0])
    fwhm = derived(model, "fwhm", **values)
    root = brentq(
        lambda x: float(model([x], **values)[0]) - half, 0.0, fwhm, xtol=1e-14
    )
    assert fwhm == pytest.approx(2.0 * root, rel=1e-8)


def test_critical_temperature_is_onsagers():
    """Tc = 2.269185 J, where u = -sqrt(2) J."""
    model = COMPONENTS["IsingSquareEnergy"]()
    critical = derived(model, "Tc", J=1.0)
    assert critical == pytest.approx(2.269185314213022, rel=1e-14)
    assert float(model([critical], J=1.0)[0]) == pytest.approx(-math.sqrt(2), abs=1e-6)


def test_the_chain_is_hottest_at_t_max():
    """The heat of the chain falls on both sides of T_max."""
    model = COMPONENTS["IsingChainHeat"]()
    at = derived(model, "T_max", J=2.0)
    left, top, right = model(at * np.array([0.999, 1.0, 1.001]), J=2.0)
    assert top > left and top > right


def test_oscillator_and_ringdown_agree_on_their_quantities():
    """The same motion has the same Q, zeta, tau, f0 and period in both descriptions."""
    oscillator, ringdown = COMPONENTS["DampedOscillator"](), COMPONENTS["Ringdown"]()
    omega0, rate = 7.0, 0.9
    frequency = math.sqrt(omega0**2 - rate**2) / (2.0 * math.pi)
    first = {"x0": 1.0, "v0": 0.0, "omega0": omega0, "rate": rate}
    second = {"amplitude": 1.0, "frequency": frequency, "rate": rate, "phase": 0.0}
    names = ("Q", "zeta", "tau", "f0", "period")
    ours = [derived(oscillator, name, **first) for name in names]
    theirs = [derived(ringdown, name, **second) for name in names]
    assert ours == pytest.approx(theirs, rel=1e-12)
    assert derived(oscillator, "frequency", **first) == pytest.approx(frequency)


@pytest.mark.parametrize("kind", ["Ringdown", "ComplexRingdown"])
def test_a_period_has_no_sign(kind):
    """A rotation the other way round takes as long."""
    values = {"amplitude": 1.0, "frequency": -4.0, "rate": 0.1, "phase": 0.0}
    assert derived(COMPONENTS[kind](), "period", **values) == pytest.approx(0.25)


@pytest.mark.parametrize("kind", [lmfit.VoigtModel, lmfit.SkewedVoigtModel])
def test_gamma_is_sigma_until_it_is_freed(kind):
    """As lmfit has it: the model is fitted with one width."""
    model = kind("a_")
    assert str(model.parameters["a_gamma"].tie) == "a_sigma"
    assert "a_gamma" not in model.free_names
    freed_model = model.where(a_gamma=physfit.param(start=1.0))
    assert "a_gamma" in freed_model.free_names


def test_half_life_halves():
    """After one half life half is left."""
    model = COMPONENTS["Exponential"]()
    half = derived(model, "half_life", amplitude=1.0, decay=3.0)
    assert float(model([half], amplitude=1.0, decay=3.0)[0]) == pytest.approx(0.5)


def test_importing_the_models_is_light():
    """Neither scipy, numba, sympy nor matplotlib come with the import."""
    code = (
        "import sys, physfit.models, physfit.models.loss; "
        "heavy = {'scipy', 'numba', 'sympy', 'matplotlib', 'h5py'}; "
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_every_component_is_offered_by_the_package():
    """`physfit.models.Voigt` is the catalogue's."""
    offered = {name: getattr(physfit.models, name) for name in COMPONENTS}
    assert offered == COMPONENTS
