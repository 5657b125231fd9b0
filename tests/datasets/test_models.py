"""The models that the index names are physfit's."""

from __future__ import annotations

from typing import Any

from physfit.models.param import fixed, tie
from physfit.models.parse import parse_model


def test_known_values_name_free_parameters(fit: dict[str, Any]) -> None:
    """The expression is read, ties and fixed values fit, and the names are its own."""
    changes = {name: tie(text) for name, text in fit.get("ties", {}).items()}
    changes |= {name: fixed(value) for name, value in fit.get("fixed", {}).items()}
    model = parse_model(fit["model"]).where(**changes)
    free = set(model.free_names)
    assert {row["parameter"] for row in fit["known"]} <= free
    assert set(fit.get("start", {})) <= free
