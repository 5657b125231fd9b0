"""Simulated and computed sets come out of their seeds and formulas again."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from pathlib import Path
from typing import Any

import h5py
import mpmath
import numpy as np
import pytest
from dataset_recipes import ising, oscillators
from dataset_recipes.referee import columns
from numpy.testing import assert_allclose, assert_array_equal
from scipy.special import ellipk


@pytest.mark.parametrize("recipe", oscillators.RECIPES, ids=lambda recipe: recipe.name)
def test_decay_is_rewritten_bit_for_bit(
    recipe: Any, tmp_path: Path, datasets: Path
) -> None:
    """The seed gives the shipped bytes on every machine."""
    recipe.build(tmp_path, tmp_path)
    (name,) = recipe.files
    assert (tmp_path / name).read_bytes() == (datasets / name).read_bytes()


def test_seeds_differ() -> None:
    """No two sets share their noise."""
    seeds = [recipe.more["seed"] for recipe in oscillators.RECIPES] + [ising.SEED]
    assert len(set(seeds)) == len(seeds)
    draws = [tuple(oscillators.uniform_words(seed, 4)) for seed in seeds]
    assert len(set(draws)) == len(draws)


def test_configurations_are_redrawn_bit_for_bit(datasets: Path) -> None:
    """The seed gives the shipped spins and energies."""
    spins, energies = ising.chain()
    with h5py.File(datasets / "ising_configurations.h5") as file:
        assert file["spins"].dtype == np.int8
        assert_array_equal(file["spins"][:], spins)
        assert_array_equal(file["energies"][:], energies)


def test_energies_are_those_of_the_chain(datasets: Path) -> None:
    """E = -J sum of neighbour products around the ring, and the spins are +1 or -1."""
    with h5py.File(datasets / "ising_configurations.h5") as file:
        spins = file["spins"][:].astype(float)
        energies, coupling = file["energies"][:], file.attrs["J"]
    assert set(np.unique(spins)) == {-1.0, 1.0}
    ring = np.concatenate((spins, spins[:, :1]), axis=1)
    bonds = sum(a * b for a, b in pairwise(ring.T))
    assert_array_equal(energies, -coupling * bonds)


def test_spins_are_even_and_independent(datasets: Path) -> None:
    """Means and pair correlations of random spins stay within five standard errors."""
    with h5py.File(datasets / "ising_configurations.h5") as file:
        spins = file["spins"][:].astype(float)
    moments = spins.T @ spins / len(spins) - np.eye(spins.shape[1])
    # 820 numbers of standard deviation 1/sqrt(n): five of it is passed by chance once
    # in two thousand seeds.
    assert np.abs(moments).max() < 5.0 / np.sqrt(len(spins))
    assert np.abs(spins.mean(axis=0)).max() < 5.0 / np.sqrt(len(spins))


@pytest.mark.parametrize("beta", ["0.2", "0.44", "0.9"])
def test_kaufman_counts_every_configuration(beta: str) -> None:
    """Kaufman's Z of the 4 x 4 lattice is the sum over its 65536 configurations."""
    bits = (np.arange(2**16)[:, None] >> np.arange(16)) & 1
    spins = (2 * bits - 1).reshape(-1, 4, 4)
    right, down = np.roll(spins, -1, axis=2), np.roll(spins, -1, axis=1)
    energies = Counter((-spins * (right + down)).sum(axis=(1, 2)).tolist())
    b = mpmath.mpf(beta)
    total = mpmath.fsum(n * mpmath.exp(-b * e) for e, n in energies.items())
    # Double-precision numbers inside mpmath: 15 digits, minus one for the products.
    assert_allclose(float(ising.log_partition(4, b)), float(mpmath.log(total)), 1e-13)


def test_infinite_lattice_is_onsagers(datasets: Path) -> None:
    """U of the infinite lattice is Onsager's closed form with an elliptic integral."""
    t, _, _, _, _, energy, _ = columns(datasets / "ising2d_exact.csv")
    k = 2.0 / t
    modulus = 2.0 * np.sinh(k) / np.cosh(k) ** 2
    factor = 2.0 / np.pi * (2.0 * np.tanh(k) ** 2 - 1.0)
    closed = -(1.0 + factor * ellipk(modulus**2)) / np.tanh(k)
    # 1 - modulus^2 loses up to three digits near the critical temperature.
    assert_allclose(energy, closed, rtol=1e-12)


@pytest.mark.parametrize("at", [1, 3, 5], ids=["L=16", "L=32", "infinite"])
def test_heat_is_the_slope_of_energy(at: int, datasets: Path) -> None:
    """Specific heat integrates to the difference of u over the table."""
    table = columns(datasets / "ising2d_exact.csv")
    t, energy, heat = table[0], table[at], table[at + 1]
    smooth = t >= 3.0  # far from the peak
    t, energy, heat = t[smooth][:9], energy[smooth], heat[smooth]
    weights = np.array([7, 32, 12, 32, 14, 32, 12, 32, 7]) * 2.0 / 45.0 * 0.1
    # Boole's rule errs by 1.4e-6 with this step.
    assert_allclose(weights @ heat[:9], energy[8] - energy[0], rtol=4e-6)


def test_energy_at_the_critical_temperature(datasets: Path) -> None:
    """u(Tc) for L = 16 and 32 agrees with the values known to 13 digits."""
    text = (datasets / "ising2d_exact.csv").read_text(encoding="utf-8")
    assert "L = 16: u = -1.4530648528134" in text
    assert "L = 32: u = -1.4336584661462" in text
