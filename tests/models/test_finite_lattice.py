"""Ising models on small lattices against all their states."""

from __future__ import annotations

from functools import cache

import mpmath as mp
import numpy as np
import pytest

import physfit as pf
from physfit.errors import InputError, ModelError
from physfit.models import IsingFinite
from physfit.models.finite_lattice import QUANTITIES, states

TEMPERATURES = np.array([0.05, 0.7, 1.5, 2.269, 3.0, 8.0, 500.0])


@cache
def brute_force(side: int) -> tuple[np.ndarray, np.ndarray]:
    """Sum over bonds and magnetisation of every state, spin by spin."""
    n = side * side
    spins = 2 * ((np.arange(1 << n)[:, None] >> np.arange(n)) & 1) - 1
    grid = spins.reshape(-1, side, side)
    bonds = sum((grid * np.roll(grid, 1, axis)).sum(axis=(1, 2)) for axis in (1, 2))
    return bonds, spins.sum(axis=1)


def reference(side: int, quantity: str, T: float, J: mp.mpf) -> mp.mpf:
    """Means over all states, grouped by bonds and magnetisation."""
    bonds, up = brute_force(side)
    pairs, counts = np.unique(np.array([bonds, up]), axis=1, return_counts=True)
    n, K = side * side, J / mp.mpf(T)
    weights = [
        int(g) * mp.exp(K * int(b)) for b, g in zip(pairs[0], counts, strict=True)
    ]

    def mean(values):
        total = sum(w * int(v) for w, v in zip(weights, values, strict=True))
        return total / sum(weights)

    if quantity == "energy":
        return -J * mean(pairs[0]) / n
    if quantity == "heat":
        return K**2 * (mean(pairs[0] ** 2) - mean(pairs[0]) ** 2) / n
    size = mean(np.abs(pairs[1]))
    if quantity == "magnetization":
        return size / n
    return (mean(pairs[1] ** 2) - size**2) / n / mp.mpf(T)


@pytest.mark.parametrize("side", [3, 4])
def test_states_are_those_of_brute_force(side):
    """Each number of satisfied bonds and of spins up as often as among all states."""
    n = side * side
    bonds, total = brute_force(side)
    expected = np.zeros((2 * n + 1, n + 1), dtype=np.int64)
    np.add.at(expected, ((bonds + 2 * n) // 2, (total + n) // 2), 1)
    np.testing.assert_array_equal(states(side), expected)


@pytest.mark.parametrize("side", [5, 6])
def test_there_are_as_many_states_as_spins_allow(side):
    """2^N in all, by magnetisation the binomial numbers, two ground states."""
    n = side * side
    counts = states(side)
    assert counts.sum() == 2**n
    by_size = [int(mp.binomial(n, k)) for k in range(n + 1)]
    np.testing.assert_array_equal(counts.sum(axis=0), by_size)
    assert counts[-1].tolist() == [1] + [0] * (n - 1) + [1]


@pytest.mark.parametrize("quantity", QUANTITIES)
@pytest.mark.parametrize("side", [3, 4])
@pytest.mark.parametrize("coupling", [1.0, 0.3])
def test_values_and_partials_are_those_of_all_states(side, quantity, coupling):
    """By 40 digits, at temperatures where all is frozen, critical, and free."""
    model = IsingFinite(side, quantity)
    value, partial = model.with_partials(TEMPERATURES, J=coupling)
    with mp.workdps(40):
        exact = [reference(side, quantity, T, mp.mpf(coupling)) for T in TEMPERATURES]
        slopes = [
            mp.diff(lambda own, T=T: reference(side, quantity, T, own), coupling)
            for T in TEMPERATURES
        ]
    exact, slopes = np.array(exact, dtype=float), np.array(slopes, dtype=float)
    assert np.abs(value - exact).max() < 1e-12 * np.abs(exact).max()
    assert np.abs(partial[0] - slopes).max() < 1e-10 * np.abs(slopes).max()


def test_a_larger_lattice_is_nearer_to_the_infinite_one():
    """Above the critical temperature finite sizes fade; below J the energy is -2 J."""
    infinite = pf.models.IsingSquareEnergy()([4.0], J=1.0)
    gaps = [abs(IsingFinite(side)([4.0], J=1.0) - infinite)[0] for side in (3, 4, 5, 6)]
    assert gaps == sorted(gaps, reverse=True)
    assert IsingFinite(6)([0.1], J=1.0)[0] == pytest.approx(-2.0)


def test_a_coupling_is_fitted_without_a_start():
    """Energies of a simulation with errors; the text is read back."""
    model = IsingFinite(4, "heat")
    assert pf.parse_model(model.expression) == model
    T = np.linspace(1.0, 5.0, 60)
    y = model(T, J=0.8) + 0.02 * np.random.default_rng(1).normal(size=T.size)
    result = pf.fit(model, T, y, sigma=0.02)
    assert abs(result["J"].value - 0.8) < 5.0 * result["J"].stderr
    assert np.isnan(model([-1.0, 0.0], J=1.0)).all()


@pytest.mark.parametrize(
    "call",
    [lambda: IsingFinite(2), lambda: IsingFinite(7), lambda: IsingFinite(4, "u")],
)
def test_what_is_no_lattice_is_refused(call):
    """With what is allowed."""
    with pytest.raises(InputError, match=r"`side`|`quantity`"):
        call()


@pytest.mark.parametrize("text", ["ising_finite(2, energy)", "ising_finite(4)"])
def test_a_name_that_cannot_be_read_says_how_it_is_written(text):
    """As in 'ising_finite(4, energy)'."""
    with pytest.raises(ModelError, match="as in 'ising_finite"):
        pf.parse_model(text)
