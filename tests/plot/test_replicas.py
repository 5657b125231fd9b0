"""Histograms of refits and pulls: what their artists show."""

from __future__ import annotations

import math
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest
from matplotlib.figure import Figure

from physfit.plot.replicas import panels_figure, pulls, replicas


class Refitted(NamedTuple):
    """What the refits say of one parameter."""

    name: str = "center"
    unit: str = "nm"
    value: float = 3.0
    stated: float = 0.5
    interval: tuple[float, float] = (2.5, 3.5)
    bca: tuple[float, float] = (2.6, 3.7)


VALUES = 3.0 + 0.5 * np.random.default_rng(1).normal(size=2000)


def lines(ax) -> dict[str, list[float]]:
    return {str(own.get_label()): list(own.get_xdata()) for own in ax.lines}


def test_refits_are_beside_what_was_stated():
    """Normal density of the stated error, the fit, and the corrected interval."""
    ax = Figure().subplots()
    replicas(ax, VALUES, Refitted())
    curve = ax.lines[0]
    x, density = curve.get_xdata(), curve.get_ydata()
    assert density.max() == pytest.approx(1.0 / (0.5 * math.sqrt(2.0 * math.pi)), 1e-3)
    assert x[np.argmax(density)] == pytest.approx(3.0, abs=0.02)
    assert lines(ax)["fit"] == [3.0, 3.0]
    assert lines(ax)["68 % interval (BCa)"] == [2.6, 2.6]
    assert ax.get_xlabel() == "center (nm)"


def test_without_stated_error_and_bca_there_are_the_percentiles():
    """A parameter at a bound has no normal density."""
    ax = Figure().subplots()
    own = Refitted(stated=math.nan, bca=(math.nan, math.nan), unit="")
    replicas(ax, VALUES, own)
    assert "as stated" not in lines(ax)
    assert lines(ax)["68 % of the refits"] == [2.5, 2.5]


def test_far_refits_do_not_flatten_the_histogram():
    """One of two thousand at a million."""
    ax = Figure().subplots()
    replicas(ax, np.append(VALUES, 1e6), Refitted())
    assert ax.get_xlim()[1] < 10.0


@pytest.mark.parametrize(("dof", "peak"), [(math.inf, 0.39894), (3.0, 0.36755)])
def test_pulls_are_beside_their_law(dof, peak):
    """The normal density, or Student's; their means are marked."""
    ax = Figure().subplots()
    pulls(ax, np.array([-9.0, 0.0, 0.5, 1.5]), "c", dof)
    assert ax.lines[0].get_ydata().max() == pytest.approx(peak, abs=2e-4)
    assert lines(ax)["mean"] == [-1.75, -1.75]
    assert ax.get_xlim() == (-5.0, 5.0)


def test_there_is_a_panel_for_each_parameter():
    """Three in a line, one legend for all."""
    draw = [partial(replicas, values=VALUES, own=Refitted())] * 4
    figure = panels_figure(draw, title="a $ b")
    assert len(figure.axes) == 4
    assert len(figure.legends) == 1
    figure.draw_without_rendering()
    draw = [partial(pulls, values=VALUES, name=name) for name in ("a", "b")]
    assert len(panels_figure(draw).axes) == 2
