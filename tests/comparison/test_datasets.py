"""Every shipped data set with a model: physfit against scipy's tight reference."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import physfit as pf
from physfit.comparison.baselines import TIGHT
from physfit.fitting import plan_of
from physfit.fitting.fit_settings import FitSettings
from physfit.solve import scipy_adapters
from physfit.solve.least_squares import levenberg_marquardt

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
INDEX = json.loads((DATASETS / "index.json").read_text(encoding="utf-8"))["datasets"]
FITS = [
    pytest.param(fit, id="-".join([entry["name"], fit["y"], str(number)]))
    for entry in INDEX
    for number, fit in enumerate(entry["fits"])
]


def declared(fit: dict[str, Any]):
    """Fit of the index, plan from starts a few errors away from the answer."""
    table = pf.read_table(DATASETS / fit["file"], fit["x"], fit["y"], fit.get("sigma"))
    start, stop = fit.get("x_range", (-np.inf, np.inf))
    rows = (table.x >= start) & (table.x <= stop)
    changes = {name: pf.tie(text) for name, text in fit.get("ties", {}).items()}
    changes |= {name: pf.fixed(value) for name, value in fit.get("fixed", {}).items()}
    model = pf.parse_model(fit["model"]).where(**changes)
    near = dict(fit.get("start", {}))
    for known in fit["known"]:
        step = known.get("error", 0.02 * abs(known["value"]))
        near[known["parameter"]] = known["value"] + step
    sigma = None if table.sigma is None else table.sigma[rows]
    data = pf.fit(model, table.x[rows], table.y[rows], sigma=sigma, start=near).data
    return plan_of(model, data, FitSettings.of(start=near, loss=fit["loss"]))


def refined(objective, theta: np.ndarray) -> np.ndarray:
    """Reference after Gauss-Newton steps by orthogonal factors of the Jacobian.

    scipy stops where the cost no longer tells, up to 6e-7 of an error away here; the
    gradient tells on.
    """
    residuals = scipy_adapters._Residuals(objective)
    for _ in range(8):
        z, jac = residuals.values(theta), residuals.jacobian(theta)
        lengths = np.linalg.norm(jac, axis=0)
        theta = theta - np.linalg.lstsq(jac / lengths, z)[0] / lengths
    return theta


@pytest.mark.parametrize("fit", FITS)
def test_same_minimum_and_covariance_as_scipys_reference(fit: dict[str, Any]) -> None:
    """Values to 1e-8, or 1e-6 of their error; covariance to 1e-6 of the errors."""
    given = declared(fit)
    model, objective = given.model, given.objective
    found = levenberg_marquardt(
        objective, given.theta, model.free_lower, model.free_upper
    )
    nowhere = np.full_like(given.theta, np.inf)
    peer = scipy_adapters.run(
        objective, given.theta, -nowhere, nowhere, method="scipy:lm", stop=TIGHT
    )
    assert found.status.converged
    noise = 1.0
    if given.data.sigma is None and given.loss.name == "chi2":
        dof = objective.n_samples - objective.n_free
        noise = np.sqrt(2.0 * peer.cost / dof)
    stderr = np.sqrt(np.diagonal(peer.covariance))
    aim = refined(objective, peer.theta)
    far = np.abs(found.theta - aim)
    assert np.all(far <= np.maximum(1e-8 * np.abs(aim), 1e-6 * stderr * noise))
    scaled = (found.covariance - peer.covariance) / np.outer(stderr, stderr)
    assert np.max(np.abs(scaled)) < 1e-6
