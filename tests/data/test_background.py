"""Backgrounds from the data alone."""

from __future__ import annotations

import sys

import numpy as np
import pytest

import physfit as pf

MODELS = pf.models
X = np.linspace(-5.0, 12.0, 401)
PEAK = {"amplitude": 1000.0, "center": 3.0, "sigma": 0.5}
OTHERS = {"snip": {"max_half_window": 40}, "arpls": {"lam": 1e6}, "asls": {"lam": 1e6}}


def curve(kinetic: bool = False) -> np.ndarray:
    """Gaussian on its Shirley background and a constant."""
    model = MODELS.Gaussian() + MODELS.Shirley(kinetic=kinetic) + MODELS.Constant()
    return model(X, **PEAK, k=0.05, c=20.0)


@pytest.mark.parametrize("kinetic", [False, True], ids=["rising", "falling"])
def test_shirley_is_the_background_that_follows_the_peak(kinetic):
    """Of a peak that ends within the curve, the static one is the active one."""
    y = curve(kinetic)
    peak = MODELS.Gaussian()(X, **PEAK)
    np.testing.assert_allclose(pf.background(X, y, "shirley"), y - peak, atol=1e-4)


def test_tougaard_is_that_of_its_cross_section():
    """Of a peak and its losses alone, all but the losses of losses is found."""
    model = MODELS.Gaussian() + MODELS.Tougaard() + MODELS.Constant()
    y = model(X, **PEAK, b=10.0, c=20.0)
    peak = MODELS.Gaussian()(X, **PEAK)
    found = pf.background(X, y, "tougaard")
    # b / (2 C), the part of electrons that lose energy twice, is below 1 %
    np.testing.assert_allclose(found, y - peak, atol=0.01 * np.ptp(y - peak))
    down = pf.background(-X[::-1], y[::-1], "tougaard")
    np.testing.assert_allclose(down[::-1], found, rtol=1e-12)


@pytest.mark.parametrize(("method", "options"), OTHERS.items(), ids=OTHERS)
def test_algorithms_of_pybaselines(method, options):
    """Each is what pybaselines says, in the order of the caller's samples."""
    pybaselines = pytest.importorskip("pybaselines", reason="the extra `baselines`")
    y = curve()
    expected = getattr(pybaselines.Baseline(X), method)(y, **options)[0]
    order = np.random.default_rng(0).permutation(X.size)
    found = pf.background(X[order], y[order], method, **options)
    np.testing.assert_allclose(found, expected[order], rtol=1e-9)


def test_what_is_no_background_is_refused():
    """One sentence: an unknown method or option, columns that are none of a curve."""
    pytest.importorskip("pybaselines", reason="the extra `baselines`")
    y = curve()
    with pytest.raises(pf.errors.InputError, match="did you mean 'snip'"):
        pf.background(X, y, "snop")
    with pytest.raises(pf.errors.InputError, match="pybaselines refuses `arpls`"):
        pf.background(X, y, "arpls", lamb=3)
    with pytest.raises(pf.errors.InputError, match="allowed: ends"):
        pf.background(X, y, "shirley", lam=3)
    with pytest.raises(pf.errors.InputError, match="`ends` takes 1 to 200"):
        pf.background(X, y, "shirley", ends=500)
    with pytest.raises(pf.errors.ShapeError, match="401 x and 400 y"):
        pf.background(X, y[1:], "shirley")
    with pytest.raises(pf.errors.DomainError, match="not finite"):
        pf.background(X, np.where(X[3] == X, np.nan, y), "shirley")


UNABLE = {
    "shirley": ("shirley", 1e305 * curve(), "gives no numbers"),
    "zeros": ("derpsalsa", 0.0 * X, "gives no numbers"),
    "constant": ("rubberband", 1.0 + 0.0 * X, "pybaselines refuses `rubberband`"),
}


@pytest.mark.parametrize(("method", "y", "said"), UNABLE.values(), ids=UNABLE)
def test_what_a_method_cannot_do_is_said(method, y, said):
    """Neither NaN nor the error of a library comes back."""
    pytest.importorskip("pybaselines", reason="the extra `baselines`")
    with pytest.raises(pf.errors.InputError, match=said):
        pf.background(X, y, method)


def test_without_pybaselines(monkeypatch):
    """A sentence says how to install it; the own ones need nothing."""
    monkeypatch.setitem(sys.modules, "pybaselines", None)
    with pytest.raises(pf.errors.InputError, match=r"pip install .*baselines"):
        pf.background(X, curve(), "arpls")
    assert np.isfinite(pf.background(X, curve(), "shirley")).all()
