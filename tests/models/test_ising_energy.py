"""Energies of spin configurations as models."""

from __future__ import annotations

import pickle

import numpy as np
import pytest

import physfit as pf
from physfit.errors import DomainError, InputError, ModelError, ShapeError
from physfit.models import Constant, IsingEnergy, Linear, parse_model
from physfit.models.ising_energy import coupling_matrix, ordered_pairs
from physfit.models.lattice import couplings_of


def configurations(n: int, shape: tuple[int, ...], seed: int = 0):
    rng = np.random.default_rng(seed)
    return np.where(rng.random((n, *shape)) < 0.5, 1, -1)


def test_a_chain_sums_over_its_neighbours():
    """E = -J sum s_i s_(i+1) - h sum s_i, closed to a ring."""
    s = configurations(50, (9,))
    found = IsingEnergy((9,))(s, J=1.3, h=0.4)
    expected = -1.3 * (s * np.roll(s, -1, 1)).sum(1) - 0.4 * s.sum(1)
    np.testing.assert_allclose(found, expected, atol=1e-13)


def test_a_lattice_sums_over_its_neighbours():
    """Each of the 2 L^2 bonds of a periodic square lattice counts once."""
    s = configurations(50, (5, 5))
    found = IsingEnergy((5, 5))(s, J=1.3, h=0.4)
    bonds = s * np.roll(s, -1, 1) + s * np.roll(s, -1, 2)
    expected = -1.3 * bonds.sum((1, 2)) - 0.4 * s.sum((1, 2))
    np.testing.assert_allclose(found, expected, atol=1e-13)


def test_couplings_by_distance_on_a_chain():
    """J_d couples s_i and s_(i+d); the farthest pair of an even ring counts once."""
    s = configurations(50, (6,))
    found = IsingEnergy(6, "by_distance")(s, J1=1.0, J2=-0.5, J3=0.3)
    sums = [(s * np.roll(s, -d, 1)).sum(1) for d in (1, 2, 3)]
    expected = -sums[0] + 0.5 * sums[1] - 0.3 * sums[2] / 2
    np.testing.assert_allclose(found, expected, atol=1e-13)


def test_couplings_by_distance_on_a_lattice():
    """The second coupling is that of diagonal neighbours."""
    model = IsingEnergy((5, 5), "by_distance")
    s = configurations(50, (5, 5))
    found = model(s, J2=2.0)
    diagonal = s * np.roll(s, (1, 1), (1, 2)) + s * np.roll(s, (1, -1), (1, 2))
    np.testing.assert_allclose(found, -2.0 * diagonal.sum((1, 2)), atol=1e-13)
    assert model.parameters["J2"].description == "coupling at distance sqrt(2)"


def test_all_pairs_have_a_coupling_each():
    """E = offset - sum over i < j of J_ij s_i s_j, without a field unless asked for."""
    model = IsingEnergy(4, "all_pairs", offset=True)
    assert model.names == (
        *("J_0_1", "J_0_2", "J_0_3", "J_1_2", "J_1_3", "J_2_3"),
        "offset",
    )
    s = configurations(50, (4,))
    matrix = np.zeros((4, 4))
    matrix[np.triu_indices(4, 1)] = np.arange(1.0, 7.0)
    values = dict(zip(model.names, [*np.arange(1.0, 7.0), 0.25], strict=True))
    expected = 0.25 - np.einsum("ni,ij,nj->n", s, matrix, s)
    np.testing.assert_allclose(model(s, **values), expected, atol=1e-13)


@pytest.mark.parametrize("couplings", ["nearest", "by_distance", "all_pairs"])
@pytest.mark.parametrize("shape", [(2,), (3,), (8,), (2, 2), (3, 3), (4, 4), (3, 5)])
def test_every_pair_stands_once_in_order(shape, couplings):
    """Pairs i < j without repetition, sorted by coupling; none couples to itself."""
    named, pairs = couplings_of(shape, couplings)
    i, j, k = pairs.T
    assert (i < j).all() and (np.diff(k) >= 0).all()
    assert len(set(zip(i, j, strict=True))) == len(i)
    assert set(k) == set(range(len(named)))


@pytest.mark.parametrize("prefix", ["", "a_"])
@pytest.mark.parametrize("offset", [False, True], ids=["", "offset"])
@pytest.mark.parametrize("field", [None, False, True], ids=["auto", "none", "field"])
@pytest.mark.parametrize("couplings", ["nearest", "by_distance", "all_pairs"])
@pytest.mark.parametrize("shape", [(6,), (3, 3)], ids=["chain", "lattice"])
def test_the_expression_parses_back(shape, couplings, field, offset, prefix):
    """Text, pickle and the callable give the same model."""
    model = IsingEnergy(shape, couplings, field=field, offset=offset, prefix=prefix)
    assert parse_model(model.expression) == model
    assert pickle.loads(pickle.dumps(model)) == model
    assert (f"{prefix}h" in model.names) == (
        couplings != "all_pairs" if field is None else field
    )


def test_where_changes_it_like_any_model():
    """Bounds, fixed values and ties; all that is free starts at 0."""
    model = IsingEnergy((6,), "by_distance").where(
        J1=pf.bounds(-1, 1), J2=pf.fixed(0.3), J3=pf.tie("J1 / 2")
    )
    assert model.free_names == ("J1", "h")
    np.testing.assert_array_equal(model.free_start, 0.0)
    s = configurations(20, (6,))
    expected = IsingEnergy((6,), "by_distance")(s, J1=0.8, J2=0.3, J3=0.4, h=0.1)
    np.testing.assert_array_equal(model(s, J1=0.8, h=0.1), expected)


def test_the_declared_start_gives_way_to_bounds():
    """Nobody chose the 0; a start that somebody chose is still refused."""
    model = IsingEnergy((6,)).where(J=pf.bounds(0.5, 2.0), h=pf.param(bounds=(-2, -1)))
    np.testing.assert_array_equal(model.free_start, [0.5, -1.0])
    freed = model.where(J=pf.bounds(None, None)).where(J=pf.tie("h"))
    assert freed.where(J=pf.param()).parameters["J"].start == 0.0
    with pytest.raises(ModelError, match="outside its bounds"):
        IsingEnergy((6,)).where(J=0.1).where(J=pf.bounds(0.5, 2.0))


def test_partials_are_minus_the_products():
    """The model is linear: its partials are features, whatever the parameters."""
    model = IsingEnergy((6,))
    s = configurations(20, (6,))
    value, partials = model.with_partials(s, J=0.5, h=2.0)
    np.testing.assert_array_equal(value, model(s, J=0.5, h=2.0))
    np.testing.assert_array_equal(partials[0], -(s * np.roll(s, 1, 1)).sum(1))
    np.testing.assert_array_equal(partials[1], -s.sum(1))


@pytest.mark.parametrize(
    "x",
    [np.ones((2, 3, 4, 4)), np.ones((2, 3, 16)), np.ones((2, 3, 16), dtype=np.int8)],
    ids=["sites", "flat", "int8"],
)
def test_configurations_may_be_flat_or_lattices(x):
    """The values have the shape that is left."""
    np.testing.assert_array_equal(IsingEnergy((4, 4))(x, J=1.0), np.full((2, 3), -32.0))


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: IsingEnergy((4, 4, 4)), InputError, "`shape` must be"),
        (lambda: IsingEnergy(1), DomainError, "at least 2"),
        (lambda: IsingEnergy(4.0), InputError, "`shape` must be"),
        (lambda: IsingEnergy(4, "nearst"), InputError, "'nearest'"),
        (lambda: IsingEnergy(200, "all_pairs"), ModelError, "19900 pairs"),
        (lambda: IsingEnergy(10**9), ModelError, "pairs"),
        (lambda: parse_model("ising_energy"), ModelError, "sides of the lattice"),
        (lambda: parse_model("ising_energy(4, a)"), ModelError, "sides of the lattice"),
        (lambda: IsingEnergy(4) + Constant(), ModelError, "stand alone"),
        (lambda: IsingEnergy(4)([0, 1, 1, 1]), DomainError, "spin 0 of configuration"),
        (lambda: IsingEnergy(4)(np.ones((2, 5))), ShapeError, r"pass \(n, 4\)"),
        (lambda: IsingEnergy(4)([True] * 4), InputError, "1 and -1"),
    ],
    ids=range(12),
)
def test_what_cannot_be_is_refused_in_a_sentence(call, error, words):
    """The sentence says what is allowed."""
    with pytest.raises(error, match=words):
        call()


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
