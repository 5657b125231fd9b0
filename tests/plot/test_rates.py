"""The figure of a test of rates shows what diverged, and only that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from matplotlib.figure import Figure

from physfit.plot.explorations import loss_by_rate


@dataclass
class Tried:
    """A test of rates, as far as a figure needs it."""

    lost: Any
    expression: str = "linear"
    method: str = "gd"
    batch_size: int = 8
    steps: int = 50
    learning_rates: Any = field(default_factory=lambda: np.array([0.01, 0.1, 1.0]))
    losses: Any = field(default_factory=lambda: np.array([2.0, 0.5, 90.0]))
    start_loss: float = 3.0
    blow_up: float | None = None
    suggestion: float | None = 0.1


@pytest.mark.parametrize("lost", [0, 1], ids=["none", "last"])
def test_rates_that_diverged_are_crosses_on_the_upper_edge(lost: int) -> None:
    """There is a cross for each rate that diverged, and no entry without one."""
    ax = Figure().subplots()
    line = loss_by_rate(ax, Tried(np.array([False, False, bool(lost)])))
    crosses = [own for own in ax.lines if own.get_label() == "diverged"]
    assert [list(own.get_xdata()) for own in crosses] == [[1.0]] * lost
    assert np.isnan(line.get_ydata()[-1]) == bool(lost)


def test_axes_keep_their_room_when_nothing_diverged() -> None:
    """Two panels side by side fill their figure: no artist stands outside of them."""
    figure = Figure(figsize=(9.0, 3.5), layout="constrained")
    axes = figure.subplots(1, 2)
    for ax in axes:
        loss_by_rate(ax, Tried(np.zeros(3, dtype=bool)))
    figure.draw_without_rendering()
    assert all(ax.get_position().width > 0.35 for ax in axes)
