"""Pictures of the catalogue."""

from __future__ import annotations

import numpy as np
import pytest

from physfit.models.catalogue import COMPONENTS
from physfit.models.example import shown
from physfit.plot.entries import entry_figure


@pytest.mark.parametrize("own", COMPONENTS.values(), ids=lambda own: own.point)
def test_a_picture_shows_the_curves_of_the_example(own):
    """Each curve is finite, some part of it varies, and several differ."""
    curves = shown(own.declaration)
    [ax] = entry_figure(curves).axes
    drawn = [line.get_ydata() for line in ax.lines]
    drawn += [np.asarray(image.get_array()) for image in ax.images]
    n_parts = 1 + np.iscomplexobj(curves.values[0])
    assert len(drawn) == n_parts * len(curves.values)
    assert all(np.isfinite(values).all() for values in drawn)
    assert max(np.ptp(values) for values in drawn) > 0.0 or own.is_flat
    assert len({values.tobytes() for values in drawn}) == len(drawn)


def test_curves_are_told_apart_by_what_differs():
    """The legend names the parameters that vary, with their values."""
    voigt = COMPONENTS["Voigt"].declaration
    [ax] = entry_figure(shown(voigt)).axes
    labels = [text.get_text() for text in ax.get_legend().get_texts()]
    assert labels[0] == "sigma = 1, gamma = 0.1"
