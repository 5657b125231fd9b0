"""physfit, left to its own guesses, finds scipy's answer on every shipped data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import physfit as pf


def fitted(fit: dict[str, Any], datasets: Path) -> pf.FitResult:
    """Fit as the index declares it."""
    path = datasets / fit["file"]
    table = pf.read_table(path, fit["x"], fit["y"], fit.get("sigma"))
    start, stop = fit.get("x_range", (-np.inf, np.inf))
    rows = (table.x >= start) & (table.x <= stop)
    changes = {name: pf.tie(text) for name, text in fit.get("ties", {}).items()}
    changes |= {name: pf.fixed(value) for name, value in fit.get("fixed", {}).items()}
    return pf.fit(
        pf.parse_model(fit["model"]).where(**changes),
        table.x[rows],
        table.y[rows],
        sigma=None if table.sigma is None else table.sigma[rows],
        start=fit.get("start"),
        loss=fit["loss"],
    )


def test_fit_agrees_with_scipy(fit: dict[str, Any], datasets: Path) -> None:
    """Values agree to a hundred-thousandth of their errors, errors to as much."""
    result = fitted(fit, datasets)
    assert result.status.converged
    for row in fit["known"]:
        found = result[row["parameter"]]
        # The index rounds values to a millionth of their errors, errors to six digits.
        error = row.get("error")
        tolerance = 1e-9 if error is None else 1e-5 * error
        assert found.value == pytest.approx(row["value"], rel=0.0, abs=tolerance)
        if error is not None:
            assert found.stderr == pytest.approx(error, rel=1e-5)
