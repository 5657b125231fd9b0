"""What the data do not determine, in words."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

import physfit as pf
from physfit.models import IsingEnergy
from physfit.uncertainty.covariance import Covariance, factorised
from physfit.uncertainty.identifiability import undetermined_sentences


def configurations(n: int, n_spins: int, seed: int = 0):
    rng = np.random.default_rng(seed)
    return np.where(rng.random((n, n_spins)) < 0.5, 1, -1).astype(np.int8)


class Found(NamedTuple):
    """Covariance of what is determined, names without an error, and the sentences."""

    base: Covariance
    lost: tuple[str, ...]
    sentences: tuple[str, ...]


def found_for(model, spins):
    features = model.with_partials(spins)[1][list(model.layout.free)]
    base = factorised(features, np.zeros(len(features), dtype=np.int64))
    names, gram = model.free_names, features @ features.T
    lost = tuple(names[k] for k in base.undetermined)
    return Found(base, lost, undetermined_sentences(base, gram, names, len(spins)))


def test_random_configurations_determine_everything():
    """No sentence when there are more rows than couplings."""
    found = found_for(IsingEnergy(8, "all_pairs"), configurations(200, 8))
    assert found.base.is_complete and found.base.rank == 28
    assert found.lost == () and found.sentences == ()


def test_fewer_rows_than_couplings():
    """The rank is that of the rows."""
    spins = configurations(20, 8)
    found = found_for(IsingEnergy(8, "all_pairs"), spins)
    # A configuration and its opposite have the same energy.
    different = np.unique(spins * spins[:, :1], axis=0)
    assert found.base.rank == len(different)
    assert len(found.lost) == 28
    assert found.sentences[0].startswith("20 rows cannot determine 28 parameters;")


def test_spins_that_always_agree_have_the_same_couplings():
    """With s_0 = s_1, J_0_k and J_1_k go together, and so do no others."""
    spins = configurations(300, 5)
    spins[:, 1] = spins[:, 0]
    found = found_for(IsingEnergy(5, "all_pairs"), spins)
    assert found.base.rank == 7
    pairs = {("J_0_2", "J_1_2"), ("J_0_3", "J_1_3"), ("J_0_4", "J_1_4")}
    assert set(found.lost) == {name for pair in pairs for name in pair}
    assert len(found.sentences) == 3
    assert "`J_0_2` and `J_1_2` cannot be told apart" in found.sentences[0]
    assert "only J_0_2 + J_1_2 is determined" in found.sentences[0]


def test_spins_that_always_differ_determine_a_difference():
    """With s_0 = -s_1 only J_0_k - J_1_k is seen."""
    spins = configurations(300, 4)
    spins[:, 1] = -spins[:, 0]
    found = found_for(IsingEnergy(4, "all_pairs"), spins)
    assert "only J_0_2 - J_1_2 is determined" in found.sentences[0]


def test_a_sum_in_proportion_has_its_factor():
    """All spins aligned: J sums over 6 bonds, the field over 6 spins with a sign."""
    spins = np.repeat([[1], [-1]], 6, axis=1).astype(np.int8)
    model = IsingEnergy(6, "by_distance", field=False)
    found = found_for(model, np.tile(spins, (5, 1)))
    assert found.base.rank == 1
    assert "only J1 + J2 + 0.5 J3 is determined" in found.sentences[0]


def test_a_field_without_magnetisation_is_absent():
    """At zero magnetisation the field does nothing, and the couplings add up."""
    up = configurations(100, 3)
    model = IsingEnergy(6, "by_distance", offset=True)
    found = found_for(model, np.hstack([up, -up]))
    assert "`h` cannot be determined" in found.sentences[0]
    assert "h" in found.lost


def test_a_fixed_sum_of_features_is_a_combination():
    """At fixed magnetisation the pair sums of all distances add up to a constant."""
    rng = np.random.default_rng(0)
    row = np.array([1, 1, -1, -1, -1, -1, -1, -1, -1], dtype=np.int8)
    spins = np.array([rng.permutation(row) for _ in range(200)])
    model = IsingEnergy(9, "by_distance", field=False, offset=True)
    found = found_for(model, spins)
    assert found.base.rank == 4 and found.lost == model.names
    assert "one combination of them can change" in found.sentences[0]


def test_only_free_parameters_count():
    """A fixed coupling settles what was undetermined."""
    spins = configurations(300, 4)
    spins[:, 1] = spins[:, 0]
    model = IsingEnergy(4, "all_pairs").where(J_0_2=pf.fixed(0.0), J_0_3=pf.fixed(0.0))
    found = found_for(model, spins)
    assert found.base.is_complete and found.base.rank == 4


def test_a_ring_of_two_has_one_bond():
    """Its only pair counts once, so J and the nearest distance are the same model."""
    near, far = IsingEnergy(2, field=False), IsingEnergy(2, "by_distance", field=False)
    spins = configurations(9, 2)
    np.testing.assert_array_equal(near(spins, J=1.0), far(spins, J1=1.0))
    assert found_for(near, spins).base.is_complete
