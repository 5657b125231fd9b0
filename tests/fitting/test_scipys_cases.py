"""`pf.curve_fit` by scipy's own cases for it, where scipy comes with its tests."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.optimize import curve_fit as scipy_curve_fit

import physfit as pf

test_minpack = pytest.importorskip(
    "scipy.optimize.tests.test_minpack", reason="scipy is installed without its tests"
)


@pytest.fixture(autouse=True)
def _ours(monkeypatch):
    """`curve_fit` of the module, and that of `scipy.optimize` as it calls it there."""
    ours = SimpleNamespace(curve_fit=pf.curve_fit)
    monkeypatch.setattr(test_minpack, "curve_fit", pf.curve_fit)
    monkeypatch.setattr(test_minpack, "optimize", ours)


class TestCurveFit(test_minpack.TestCurveFit):
    """All cases of scipy, one of them against its own exact derivatives."""

    def test_gh4555b(self):
        """Scipy's reference is that of its differences, right to 2e-6."""
        rng = np.random.default_rng(408113519974467917)
        x = np.linspace(0, 4, 50)
        y = 2.5 * np.exp(-1.3 * x) + 0.5 + 0.2 * rng.normal(size=x.size)

        def func(x, a, b, c):
            return a * np.exp(-b * x) + c

        def jac(x, a, b, c):
            decay = np.exp(-b * x)
            return np.array([decay, -a * x * decay, np.ones_like(x)]).T

        _, found = pf.curve_fit(func, x, y)
        _, exact = scipy_curve_fit(func, x, y, jac=jac, xtol=1e-14, ftol=1e-14)
        np.testing.assert_allclose(found, exact, rtol=2e-7)
