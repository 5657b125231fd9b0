"""Couplings as matrices, in both conventions."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.errors import ModelError
from physfit.models import IsingEnergy, Linear
from physfit.models.spin_matrix import coupling_matrix, ordered_pairs

MODELS = {
    "nearest": IsingEnergy(6),
    "distance": IsingEnergy((3, 3), "by_distance"),
    "pairs": IsingEnergy(7, "all_pairs", field=True, offset=True),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
def test_both_conventions_give_the_energy(model):
    """E + h sum s - offset is half of s J s, and the ordered sum over all pairs."""
    rng = np.random.default_rng(0)
    s = np.where(rng.random((20, model.n_inputs)) < 0.5, 1, -1)
    values = {name: rng.normal() for name in model.names}
    matrix = coupling_matrix(model, values)
    np.testing.assert_array_equal(matrix, matrix.T)
    np.testing.assert_array_equal(np.diag(matrix), 0.0)
    alone = model(
        s, **(values | {own: 0.0 for own in ("h", "offset") if own in values})
    )
    np.testing.assert_allclose(
        alone, -0.5 * np.einsum("ni,ij,nj->n", s, matrix, s), atol=1e-12
    )
    features = np.einsum("ni,nj->nij", s, s).reshape(len(s), -1)
    np.testing.assert_allclose(alone, -features @ ordered_pairs(matrix), atol=1e-12)


def test_a_model_without_couplings_is_refused():
    """The sentence says which models have some."""
    with pytest.raises(ModelError, match="IsingEnergy"):
        coupling_matrix(Linear(), {"slope": 1.0, "intercept": 0.0})
