"""What is said of every model of the catalogue."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.models.catalogue import COMPONENTS
from physfit.models.example import example_of

each_model = pytest.mark.parametrize(
    "own", COMPONENTS.values(), ids=lambda own: own.point
)


def bounded_below(own):
    return [one for one in own.parameters if one.upper == np.inf]


@each_model
def test_help_has_formula_parameters_derived_quantities_and_example(own):
    """Each parameter with unit and bounds; the names of its class and of its text."""
    text = own.__doc__
    assert own.declaration.formula in text
    parameters, rest = text.split("parameters (", 1)[1].split("example")
    assert all(f"  {one.name} " in parameters for one in own.parameters)
    assert all(one.unit.strip("'") in parameters for one in own.parameters)
    assert all(
        f"{one.lower:g}" in parameters for one in own.parameters if one.lower == 0
    )
    assert all(f"  {name} " in parameters for name, *_ in own.derived)
    assert f"pf.models.{own.class_name}()" in rest
    assert f"--model {own.point}" in rest


@each_model
def test_the_example_runs(own):
    """It is a fit of the model's own values, which converges."""
    text = own.__doc__.split("example\n")[1].split("$ physfit")[0]
    low, high = example_of(own.declaration).x
    x1, x2 = np.random.default_rng(1).uniform(low, high, (2, 400))
    x = np.linspace(low + 0.01 * (high - low), high, 80)
    names = {"pf": pf, "np": np, "x": x, "x1": x1, "x2": x2}
    exec("\n".join(line.strip() for line in text.splitlines()), names)
    assert names["result"].converged
    assert names["result"].chi2 < 1e-6


def test_the_class_keeps_a_docstring_of_its_own():
    """What a component is, not what one of them says."""
    assert "makes a model when it is called" in type(pf.models.Voigt).__doc__


def test_a_model_in_a_notebook_says_what_is_free():
    """Starts, bounds, fixed and tied parameters, and the notes of a product."""
    model = (pf.models.Gaussian() * pf.models.Linear()).where(
        center=3, sigma=pf.tie("2 * slope")
    )
    html = model._repr_html_()
    shown = (
        "free, starts at 3",
        "tied to 2 * slope",
        "fixed at 1",
        "gaussian * linear",
    )
    assert [text for text in shown if text not in html] == []
    assert "only the first keeps its scale" in html
