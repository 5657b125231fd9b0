"""Constants of graphs that differ in nothing else: arguments of one compiled code."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.models.graph.text import point_text

X = np.linspace(0.1, 3.0, 37)
VALUES = {"a": 1.3, "tau": 0.8}


def made(w, exponent=2.5):
    def curve(x, a, tau):
        return a * np.exp(-x / tau) * np.cos(w * x) + (1.7 * w * x) ** exponent * tau

    return curve


def kernel(model):
    return model.tree.declaration.kernel


def test_a_loop_over_constants_has_one_text():
    """From the second graph on; values and slopes are those of the function."""
    models = [pf.model(made(w)) for w in (3.21, 3.22, 3.23, 3.24)]
    assert kernel(models[0]).n_numbers == 0
    texts = {kernel(model).function.text for model in models[1:]}
    assert len(texts) == 1
    for w, model in zip((3.21, 3.22, 3.23, 3.24), models, strict=True):
        value, partials = model.with_partials(X, **VALUES)
        np.testing.assert_allclose(value, made(w)(X, **VALUES), rtol=1e-13)
        np.testing.assert_allclose(
            partials[0], np.exp(-X / 0.8) * np.cos(w * X), rtol=1e-12, atol=1e-14
        )
        step = 1e-6
        ends = [made(w)(X, 1.3, 0.8 + sign * step) for sign in (1, -1)]
        slope = (ends[0] - ends[1]) / (2 * step)
        np.testing.assert_allclose(partials[1], slope, rtol=1e-6, atol=1e-7)


def test_models_of_one_text_keep_their_own_constants():
    """In one composite, and in rows."""
    one, other = pf.model(made(2.11)), pf.model(made(2.12), prefix="b_")
    third = pf.model(made(2.13), prefix="c_")
    model = one + other + third
    named = {f"{p}{k}": v for p in ("", "b_", "c_") for k, v in VALUES.items()}
    expected = sum(made(w)(X, **VALUES) for w in (2.11, 2.12, 2.13))
    np.testing.assert_allclose(model(X, **named), expected, rtol=1e-13)
    rows = np.stack([made(2.13)(X, 1.3, 0.8), made(2.13)(X, 2.0, 0.9)])
    many = pf.fit_many(third, X, rows, start={"c_a": 1.0, "c_tau": 1.0})
    np.testing.assert_allclose(many["c_a"].value, [1.3, 2.0], rtol=1e-6)


@pytest.mark.parametrize("value", [0.0, 1.0, -2.0, np.inf])
def test_constants_that_say_how_to_compute_stay_in_the_text(value):
    """Zeros and ones, infinities, and exponents of powers."""
    graph = pf.model(lambda x, a: np.where(x < value, a, a * x) ** 1.5)
    text = point_text(graph.tree.declaration.graph, "traced", takes_numbers=True)
    assert text.numbers == []
