"""The Ising model: exact curves of the square lattice, and configurations of a chain.

A lattice of L x L spins with periodic borders has Kaufman's partition function

    Z = (2 sinh 2K)^(N/2) / 2 * (C_odd + S_odd + C_even + S_even),      K = J / T,

where C and S are the products over l of 2 cosh(L g_l / 2) and 2 sinh(L g_l / 2), over
odd or even l below 2 L, with cosh g_l = cosh 2K coth 2K - cos(pi l / L) and g_0 = 2K +
ln tanh K, which changes its sign at the critical temperature. Energy and specific heat
are derivatives in b = 1 / T: u = -d ln Z / (N db), c = b^2 d^2 ln Z / (N db^2).

References
----------
L. Onsager, Phys. Rev. 65 (1944) 117. B. Kaufman, Phys. Rev. 76 (1949) 1232.
P. Mehta et al., Phys. Rep. 810 (2019) 1, section VI.D.
"""

from __future__ import annotations

from pathlib import Path

import h5py
import mpmath
import numpy as np
from numpy.typing import NDArray

from .oscillators import uniform_words
from .recipe import Recipe, write_table

__all__ = ["RECIPES", "chain", "log_partition", "log_partition_infinite"]

CURVES = "ising2d_exact.csv"
CHAIN = "ising_configurations.h5"
SIZES = (16, 32)
SEED = 20260704
N_SAMPLES, N_SPINS = 10_000, 40
CRITICAL = "2/log(1 + sqrt(2))"


def log_partition(size: int, beta: mpmath.mpf) -> mpmath.mpf:
    """Kaufman's ln Z of the periodic lattice, J = 1."""
    k = 2 * beta
    base = mpmath.cosh(k) * mpmath.coth(k)
    gamma = [k + mpmath.log(mpmath.tanh(beta))] + [
        mpmath.acosh(base - mpmath.cospi(mpmath.mpf(index) / size))
        for index in range(1, 2 * size)
    ]
    total = mpmath.fsum(
        mpmath.fprod(2 * part(size * g / 2) for g in gamma[parity::2])
        for parity in (0, 1)
        for part in (mpmath.cosh, mpmath.sinh)
    )
    return size * size * mpmath.log(2 * mpmath.sinh(k)) / 2 + mpmath.log(total / 2)


def log_partition_infinite(beta: mpmath.mpf) -> mpmath.mpf:
    """Onsager's ln Z / N as an integral over one angle."""
    c, s = mpmath.cosh(2 * beta), mpmath.sinh(2 * beta)
    k = 2 * s / (c * c)

    def integrand(angle: mpmath.mpf) -> mpmath.mpf:
        return mpmath.log((1 + mpmath.sqrt(1 - (k * mpmath.sin(angle)) ** 2)) / 2)

    integral = mpmath.quad(integrand, [0, mpmath.pi / 4, mpmath.pi / 2])
    return mpmath.log(2 * c) + integral / mpmath.pi


def _finite(size: int, temperature: mpmath.mpf) -> tuple[str, str]:
    beta = 1 / temperature

    def total(b: mpmath.mpf) -> mpmath.mpf:
        return log_partition(size, b)

    energy = -mpmath.diff(total, beta) / size**2
    heat = beta**2 * mpmath.diff(total, beta, 2) / size**2
    return mpmath.nstr(energy, 16), mpmath.nstr(heat, 16)


def _infinite(temperature: mpmath.mpf) -> tuple[str, str]:
    """Energy and specific heat of the infinite lattice."""
    beta = 1 / temperature
    energy = -mpmath.diff(log_partition_infinite, beta)
    heat = beta**2 * mpmath.diff(log_partition_infinite, beta, 2)
    return mpmath.nstr(energy, 16), mpmath.nstr(heat, 16)


def _build_curves(raw: Path, out: Path) -> None:
    with mpmath.workdps(50):
        temperatures = [mpmath.mpf(k) / 10 for k in range(10, 41)]
        critical = 2 / mpmath.log(1 + mpmath.sqrt(2))
        names = [f"{q}{size}" for size in SIZES for q in "uc"] + ["u_inf", "c_inf"]
        rows = []
        for t in temperatures:
            finite = [cell for size in SIZES for cell in _finite(size, t)]
            rows.append([mpmath.nstr(t, 3), *finite, *_infinite(t)])
        comments = {
            "title": "Exact energy u and specific heat c per spin, square lattice",
            "unit": "J = k_B = 1, periodic L x L for L = 16 and 32, and infinite",
            "critical temperature": f"{mpmath.nstr(critical, 16)} = {CRITICAL}",
        }
        for size in SIZES:
            energy, heat = _finite(size, critical)
            comments[f"at it, L = {size}"] = f"u = {energy}, c = {heat}"
        comments["at it, infinite"] = "u = -sqrt(2), c diverges"
    cells = dict(zip(["T", *names], zip(*rows, strict=True), strict=True))
    write_table(out / CURVES, comments, cells)


def chain() -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    """Spins (n, L) drawn evenly, and the energies of the periodic chain with J = 1."""
    words = uniform_words(SEED, N_SAMPLES * N_SPINS // 64)
    bits = np.unpackbits(words.astype("<u8").view(np.uint8))
    spins = (2 * bits.astype(np.int8) - 1).reshape(N_SAMPLES, N_SPINS)
    bonds = spins * np.roll(spins, -1, axis=1)
    return spins, -bonds.sum(axis=1, dtype=np.float64)


def _build_chain(raw: Path, out: Path) -> None:
    spins, energies = chain()
    block = 2000  # rows of a chunk
    stored = {"compression": "gzip", "compression_opts": 9}
    with h5py.File(out / CHAIN, "w") as file:
        file.create_dataset("spins", data=spins, chunks=(block, N_SPINS), **stored)
        file.create_dataset("energies", data=energies, chunks=(block,), **stored)
        file.attrs["title"] = "Random configurations of a periodic Ising chain"
        file.attrs["energy"] = "E = -J sum_i s_i s_(i+1), s_(L+1) = s_1"
        file.attrs["J"] = 1.0
        file.attrs["seed"] = SEED


def _fit_curves(out: Path) -> list[dict[str, object]]:
    exact = {"value": 1.0, "tolerance": 1e-9, "source": "exact solution"}
    return [
        {
            "file": CURVES,
            "x": "T",
            "y": column,
            "model": model,
            "loss": "chi2",
            "known": [{"parameter": "J", "unit": "", "value": 1.0, "expected": exact}],
        }
        for column, model in (
            ("u_inf", "ising_square_energy"),
            ("c_inf", "ising_square_heat"),
        )
    ]


def _fit_chain(out: Path) -> list[dict[str, object]]:
    """Couplings come from linear regression, not from a curve."""
    return []


RECIPES = (
    Recipe(
        name="ising2d_exact",
        title="Exact energy and specific heat of the square Ising lattice",
        description=(
            "31 temperatures, L = 16, 32 and infinite; the values at the critical "
            "temperature stand in the file's header."
        ),
        origin="computed",
        source=(
            "computed by scripts/make_datasets.py after L. Onsager, Phys. Rev. 65 "
            "(1944) 117 and B. Kaufman, Phys. Rev. 76 (1949) 1232"
        ),
        licence="BSD-3-Clause",
        licence_file="../LICENSE",
        files=(CURVES,),
        build=_build_curves,
        raw=None,
        fits=_fit_curves,
        more={"truth": {"J": 1.0}},
    ),
    Recipe(
        name="ising_configurations",
        title="Energies of random configurations of an Ising chain",
        description=(
            "10000 configurations of 40 spins (int8, +1 or -1) and their energies, to "
            "find the couplings by regression, as in P. Mehta et al., Phys. Rep. 810 "
            "(2019) 1, section VI.D."
        ),
        origin="simulated",
        source="simulated by scripts/make_datasets.py",
        licence="BSD-3-Clause",
        licence_file="../LICENSE",
        files=(CHAIN,),
        build=_build_chain,
        raw=None,
        fits=_fit_chain,
        more={"seed": SEED, "truth": {"J": 1.0}},
    ),
)
