"""Certified problems as models of the catalogue."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from certified_problems import PROBLEMS, load

from physfit.errors import InputError

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
LISTED = json.loads((DATASETS / "nist/problems.json").read_text(encoding="utf-8"))
NIST = {entry["name"]: entry for entry in LISTED}


@pytest.mark.parametrize("name", PROBLEMS)
def test_maps_are_inverse(name: str) -> None:
    """NIST's parameters go to the model's and come back."""
    problem = PROBLEMS[name]
    b = np.array(NIST[name]["certified"])
    start = problem.start(b)
    theta = np.array([start[free] for free in problem.model.free_names])
    back, _ = problem.certified_terms(theta, np.eye(len(theta)), b)
    np.testing.assert_allclose(back, b, rtol=1e-14)


@pytest.mark.parametrize("name", PROBLEMS)
def test_model_is_the_certified_function(name: str) -> None:
    """At the certified values the residual sum is the certified one."""
    problem, record = PROBLEMS[name], load(name, DATASETS)
    curve = problem.model(record.x, **problem.start(record.certified))
    # Residuals of Lanczos1 are a few hundred roundings: only their size is computable.
    tolerance = 1.0 if name == "Lanczos1" else 1e-9
    found = np.sum((record.y - np.asarray(curve)) ** 2)
    assert found == pytest.approx(record.residual_sum, rel=tolerance)


def test_components_are_put_into_the_certified_order() -> None:
    """A fit that ends with its components exchanged is the same answer."""
    problem = PROBLEMS["Lanczos3"]
    b = np.array(NIST["Lanczos3"]["certified"])
    start = problem.start(b)
    theta = np.array([start[free] for free in problem.model.free_names])
    covariance = np.diag(np.arange(1.0, 7.0))
    shifted, order = np.roll(theta, 2), np.roll(np.arange(6), 2)
    moved = covariance[np.ix_(order, order)]
    values, stderr = problem.certified_terms(shifted, moved, b)
    expected = problem.certified_terms(theta, covariance, b)
    np.testing.assert_allclose(values, b, rtol=1e-14)
    np.testing.assert_allclose(stderr, expected[1], rtol=1e-14)


def test_unknown_problem_is_refused() -> None:
    """With the nearest name."""
    with pytest.raises(InputError, match="did you mean 'Gauss"):
        load("Gauss9", DATASETS)
