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
from tests.models.catalogue.cases import CASES
from tests.models.catalogue.cases.case import Sample

for _module in iter_modules(physfit.kernels.__path__):
    import_module(f"physfit.kernels.{_module.name}")

#: Kernels that a call with the samples and the parameters alone computes.
PLAIN = [name for name, own in POINTS.items() if not (own.context or own.scratch)]


def sampled(name: str) -> Sample:
    """A full block of a curve as it is measured, and its parameters in order."""
    case = CASES[name]
    x, values = (case.curve or case.draw)(np.random.default_rng(1))
    x = np.atleast_2d(x)
    places = np.linspace(0, x.shape[1] - 1, BLOCK)
    own = [np.interp(places, np.arange(x.shape[1]), column) for column in x]
    return np.concatenate(own), {n: values[n] for n in POINTS[name].parameters}


class Block:
    """A full block of one kernel, with the addresses of its arrays."""

    def __init__(self, name: str) -> None:
        point = POINTS[name]
        rows = point.n_outputs * (1 + len(point.parameters))
        self.x, values = sampled(name)
        self.params = np.array(list(values.values()))
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


@pytest.mark.parametrize("name", sorted(PLAIN))
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
