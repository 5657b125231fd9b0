"""Figures of fits of complex data, read from their artists."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError
from physfit.result import FitResult
from physfit.result.fit_tables import curve_columns

X = np.linspace(4.99, 5.01, 120)
TRUTH = {"amplitude": 2.0, "alpha": 0.3, "delay": 90.0, "f0": 5.001, "Q": 2000.0}
TRUTH |= {"Qc": 2300.0, "phi": 0.2}


@pytest.fixture(scope="module")
def resonance() -> FitResult:
    """A fit whose phase makes some turns, the imaginary part the noisier one."""
    rng, model = np.random.default_rng(5), pf.models.ResonatorNotch()
    noise = rng.normal(size=X.size) + 2.0j * rng.normal(size=X.size)
    return pf.fit(model, X, model(X, **TRUTH) + 0.02 * noise, sigma=0.02 + 0.04j)


def test_the_plane_has_both_parts_to_one_scale(resonance):
    """Data as points, the model as a line, residuals of both parts below."""
    plane, below = resonance.plot(view="plane").axes
    points, line = plane.lines
    np.testing.assert_array_equal(points.get_xydata().T, resonance.data.y)
    curve = line.get_xdata() + 1j * line.get_ydata()
    assert np.abs(curve[:, None] - resonance.best_fit).min(axis=0).max() < 1e-12
    assert (plane.get_aspect(), len(below.lines)) == (1.0, 3)


def test_phases_follow_the_model_over_turns(resonance):
    """None of the data is a turn away, and errors are those of both parts."""
    size, phase, _ = resonance.plot(view="polar", band=0.9).axes
    data, model = phase.containers[0].lines[0], phase.lines[-1]
    assert np.ptp(model.get_ydata()) > 2.0 * np.pi
    assert np.abs(np.diff(model.get_ydata())).max() < 0.1
    near = np.interp(X, model.get_xdata(), model.get_ydata())
    assert np.abs(data.get_ydata() - near).max() < 0.5
    re, im = resonance.data.y
    errors = np.hypot(re * 0.02, im * 0.04) / np.hypot(re, im)
    bars = size.containers[0].lines[2][0].get_segments()
    drawn = [0.5 * np.ptp(own[:, 1]) for own in bars]
    np.testing.assert_allclose(drawn, errors, rtol=1e-10)


@pytest.mark.parametrize("of", ["abs", "phase"])
def test_bands_of_magnitude_and_phase_hold_what_refits_scatter(resonance, of):
    """The half width is the standard error of that quantity, by propagation."""
    lower, upper = resonance.band(X, 0.6827, of)
    function = np.abs if of == "abs" else np.angle
    rng = np.random.default_rng(2)
    drawn = rng.multivariate_normal(
        [resonance.values[name] for name in resonance.names], resonance.covariance, 400
    )
    curves = np.array([resonance.model(X, *own) for own in drawn])
    if of == "phase":
        curves = curves / resonance.best_fit
    spread = function(curves).std(axis=0)
    # 400 draws know a deviation to 3.5 %: 5 of these
    np.testing.assert_allclose(0.5 * (upper - lower), spread, rtol=0.18)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"view": "bode"}, "'parts', 'polar' or 'plane'"),
        ({"view": "plane", "band": 0.9}, "drawn against x"),
        ({"view": "polar", "log_y": True}, "leave out `ax` and `log_y`"),
    ],
    ids=["unknown", "band", "log"],
)
def test_views_say_what_they_do_not_draw(resonance, asked, said):
    """In one sentence."""
    with pytest.raises(InputError, match=said):
        resonance.plot(**asked)


def test_real_data_have_no_plane():
    """Nor a phase."""
    real = pf.fit(pf.models.Linear(), [0.0, 1.0, 2.0], [0.0, 1.1, 2.0])
    with pytest.raises(InputError, match="these are real"):
        real.plot(view="plane")


def test_tables_have_magnitude_and_phase(resonance):
    """Beside both parts."""
    columns = curve_columns(resonance)
    fitted = np.array(columns["fit abs"]) * np.exp(
        1j * np.array(columns["fit phase (rad)"])
    )
    np.testing.assert_allclose(fitted, resonance.best_fit, rtol=1e-12)
    assert {"y abs", "y phase (rad)", "y re", "y im"} <= set(columns)
