"""What counts as a method's time."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from physfit.comparison import baselines
from physfit.fitting.methods import Method
from physfit.solve.base import Status


class Clock:
    """Time that passes only in the runs: (seconds, those of them spent compiling)."""

    def __init__(self, runs: list[tuple[float, float]]) -> None:
        self.runs = iter(runs)
        self.now = self.compiling = 0.0

    def run(self, *_: Any, **__: Any) -> Any:
        """One run of a method."""
        seconds, compiling = next(self.runs)
        self.now += seconds
        self.compiling += compiling
        return SimpleNamespace(theta=np.zeros(1), status=Status.FTOL)


@pytest.mark.parametrize(
    ("runs", "expected"),
    [
        pytest.param([(9.0, 8.995)] + 3 * [(0.005, 0.0)], 0.005, id="compiles"),
        pytest.param([(1.5, 0.0)] + 3 * [(0.005, 0.0)], 0.005, id="imports"),
        pytest.param([(0.2, 0.0), (0.2, 0.0), (0.3, 0.0), (0.4, 0.0)], 0.3, id="short"),
        pytest.param([(1.2, 0.0), (1.1, 0.0)], 1.1, id="once-more"),
        pytest.param([(5.0, 1.0)], 4.0, id="too-long-to-repeat"),
    ],
)
def test_warming_up_is_no_time_of_a_method(
    runs: list[tuple[float, float]], expected: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Compilation is taken off, and the first run does not count unless it is long."""
    clock = Clock(runs)
    monkeypatch.setattr(baselines, "perf_counter", lambda: clock.now)
    monkeypatch.setattr(baselines, "compile_seconds", lambda: clock.compiling)
    monkeypatch.setattr(baselines, "solve_by", clock.run)
    plan: Any = None
    run = baselines._timed(plan, Method(), 3)
    assert run.seconds == pytest.approx(expected)
    assert next(clock.runs, None) is None
