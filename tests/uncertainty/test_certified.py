"""Standard errors of NIST's certified problems that the catalogue can state."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest

from physfit import fit
from physfit.models import Exponential, Gaussian

NIST = Path(__file__).resolve().parents[2] / "datasets" / "nist"
PROBLEMS = {
    own["name"]: own for own in json.loads((NIST / "problems.json").read_text())
}
MODEL = Exponential() + Gaussian("a_") + Gaussian("b_")


def stated(b: list[float]) -> dict[str, float]:
    """NIST's b1 to b8 as ours: decay = 1 / b2, area and sigma of each peak."""
    values = {"amplitude": b[0], "decay": 1.0 / b[1]}
    for prefix, (height, center, width) in (("a_", b[2:5]), ("b_", b[5:8])):
        values |= {
            f"{prefix}amplitude": height * width * math.sqrt(math.pi),
            f"{prefix}center": center,
            f"{prefix}sigma": width / math.sqrt(2.0),
        }
    return values


@pytest.mark.parametrize("name", ["Gauss1", "Gauss2", "Gauss3"])
@pytest.mark.parametrize("start", [0, 1])
def test_errors_are_the_certified_ones(name: str, start: int) -> None:
    """Of parameters, of derived heights and of reparametrised widths, to 1e-6."""
    problem = PROBLEMS[name]
    x, y = np.loadtxt(
        NIST / f"{name}.csv", delimiter=",", skiprows=3, unpack=True, comments="#"
    )
    assert len(x) == 250
    result = fit(MODEL, x, y, start=stated(problem["starts"][start])).require()
    expected = stated(problem["certified"])
    for own, value in expected.items():
        assert result[own].value == pytest.approx(value, rel=1e-8)
    b2, error = problem["certified"][1], result["decay"]
    found = [
        result["amplitude"].stderr,
        error.stderr * b2**2,
        result["a_height"].stderr,
        result["a_center"].stderr,
        result["a_sigma"].stderr * math.sqrt(2.0),
        result["b_height"].stderr,
        result["b_center"].stderr,
        result["b_sigma"].stderr * math.sqrt(2.0),
    ]
    np.testing.assert_allclose(found, problem["standard_errors"], rtol=1e-6)
    assert result.chi2 == pytest.approx(problem["residual_sum"], rel=1e-9)
    assert result.dof == problem["degrees_of_freedom"]
