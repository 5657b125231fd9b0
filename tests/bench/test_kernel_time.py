"""Values and partials of a block, per point."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from statistics import median
from time import perf_counter

import numpy as np
import pytest

import physfit.kernels
from physfit.engine import blocks
from physfit.engine.abi import BLOCK, STRIDE
from tests.kernels.points import POINTS

for _module in iter_modules(physfit.kernels.__path__):
    import_module(f"physfit.kernels.{_module.name}")

VALUES = {
    "gaussian": (5.0, 0.3, 0.8),
    "gaussian_2d_isotropic": (5.0, 0.3, 0.4, 0.8),
    "lorentzian": (5.0, 0.3, 0.8),
    "voigt": (5.0, 0.3, 0.8, 0.5),
    "pseudo_voigt": (5.0, 0.3, 0.8, 0.4),
    "constant": (1.0,),
    "linear": (0.2, 1.0),
    "quadratic": (0.1, 0.2, 1.0),
    "exponential": (3.0, 2.0),
    "damped_oscillator": (2.0, 1.0, 5.0, 0.3),
    "ringdown": (2.0, 0.8, 0.3, 0.4),
    "complex_ringdown": (2.0, 0.8, 0.3, 0.4),
    "ising_chain_energy": (1.0,),
    "ising_chain_heat": (1.0,),
    "ising_square_energy": (1.0,),
    "ising_square_heat": (1.0,),
}


class Block:
    """A full block of one kernel, with the addresses of its arrays."""

    def __init__(self, name: str) -> None:
        point = POINTS[name]
        rows = point.n_outputs * (1 + len(point.parameters))
        self.params = np.array(VALUES[name])
        # Temperatures are above 0, and a block spans the places where a curve bends.
        self.x = np.tile(np.linspace(0.5, 5.0, BLOCK), len(point.inputs))
        self.value = np.full((point.n_outputs, STRIDE), np.nan)
        self.jac = np.full((rows - point.n_outputs, STRIDE), np.nan)
        self.kernel = blocks.component(POINTS[name]).call
        arrays = (self.params, self.x, self.value, self.jac)
        # Looked up once: numpy takes longer to tell an address than a kernel to run.
        self.addresses = tuple(array.ctypes.data for array in arrays)

    def run(self, n: int = BLOCK) -> None:
        """Values and partials of the first `n` samples."""
        params, x, value, jac = self.addresses
        self.kernel(params, x, BLOCK, 0, n, value, jac, 0, 0)

    def seconds(self, n: int, calls: int = 300) -> float:
        """Mean time of a call."""
        began = perf_counter()
        for _ in range(calls):
            self.run(n)
        return (perf_counter() - began) / calls

    def seconds_per_point(self) -> float:
        """Median over rounds of what the second half of a block costs."""
        half = BLOCK // 2
        rounds = [self.seconds(BLOCK) - self.seconds(half) for _ in range(25)]
        return median(rounds) / half


def test_every_kernel_is_timed() -> None:
    """A new point function needs a line above."""
    assert VALUES.keys() == POINTS.keys()


@pytest.mark.parametrize("name", VALUES)
def test_block(benchmark, ns_per_point: dict[str, float], name: str) -> None:
    """The block is filled with numbers; `ns_per_point` leaves out the call itself."""
    block = Block(name)
    benchmark.group = "kernels"
    benchmark(block.run)
    if benchmark.enabled:
        ns_per_point[name] = 1e9 * block.seconds_per_point()
        benchmark.extra_info["ns_per_point"] = round(ns_per_point[name], 2)
    assert np.isfinite(block.value[:, :BLOCK]).all()
    assert np.isfinite(block.jac[:, :BLOCK]).all()
