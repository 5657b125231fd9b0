"""The index of the data sets, read once."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

DATASETS = Path(__file__).resolve().parents[2] / "datasets"
INDEX = json.loads((DATASETS / "index.json").read_text(encoding="utf-8"))["datasets"]
PROBLEMS = json.loads((DATASETS / "nist/problems.json").read_text(encoding="utf-8"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Parametrize over data sets, files, fits, known values and NIST's problems."""
    if "entry" in metafunc.fixturenames:
        metafunc.parametrize("entry", INDEX, ids=lambda entry: entry["name"])
    if "file" in metafunc.fixturenames:
        files = [file for entry in INDEX for file in entry["files"]]
        metafunc.parametrize("file", files, ids=lambda file: file["path"])
    if "fit" in metafunc.fixturenames:
        fits = [fit for entry in INDEX for fit in entry["fits"]]
        metafunc.parametrize("fit", fits, ids=_fit_id)
    if "problem" in metafunc.fixturenames:
        metafunc.parametrize("problem", PROBLEMS, ids=lambda problem: problem["name"])
    if "known" in metafunc.fixturenames:
        rows = [
            pytest.param(row, id=f"{_fit_id(fit)}-{row['parameter']}")
            for entry in INDEX
            for fit in entry["fits"]
            for row in fit["known"]
            if "expected" in row
        ]
        metafunc.parametrize("known", rows)


def _fit_id(fit: dict[str, Any]) -> str:
    window = fit.get("x_range")
    name = Path(fit["file"]).stem
    return f"{name}-{fit['y']}" + (f"-{window[0]:g}" if window else "")


@pytest.fixture
def index() -> list[dict[str, Any]]:
    """Return the entries of the index."""
    return INDEX


@pytest.fixture
def problems() -> list[dict[str, Any]]:
    """Return NIST's problems."""
    return PROBLEMS


@pytest.fixture
def datasets() -> Path:
    """Return the folder of the data sets."""
    return DATASETS
