"""Pictures of couplings, read from their artists."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.figure import Figure

from physfit.errors import ShapeError
from physfit.models import IsingEnergy
from physfit.models.ising_energy import coupling_matrix
from physfit.plot.couplings import coupling_figure, coupling_image


def test_the_image_is_the_matrix_with_white_at_zero():
    """Colours are symmetric around 0, whatever the sign of the largest coupling."""
    matrix = coupling_matrix(IsingEnergy(5, "by_distance"), {"J1": -2.0, "J2": 0.5})
    drawn = coupling_image(Figure().subplots(), matrix)
    np.testing.assert_array_equal(drawn.get_array(), matrix)
    assert drawn.get_clim() == (-2.0, 2.0)


def test_pictures_side_by_side_share_their_colours():
    """One scale for all, so that they can be compared."""
    figure = coupling_figure(np.eye(3), -4.0 * np.eye(3), titles=("a", "$b"))
    shown, others = figure.axes[:2], figure.axes[2:]
    assert {ax.images[0].get_clim() for ax in shown} == {(-4.0, 4.0)}
    assert [ax.get_title() for ax in shown] == ["a", r"\$b"]
    assert len(others) == 1 and others[0].get_ylabel() == "coupling $J_{ij}$"


@pytest.mark.parametrize("value", [0.0, np.nan], ids=["zeros", "nan"])
def test_nothing_to_show_is_still_a_picture(value):
    """Without any coupling the scale is that of 1; it draws without a warning."""
    figure = coupling_figure(np.full((3, 3), value))
    assert figure.axes[0].images[0].get_clim() == (-1.0, 1.0)
    figure.draw_without_rendering()


def test_what_is_no_matrix_is_refused():
    """Squares only, as many titles as pictures."""
    with pytest.raises(ShapeError, match="square of sites"):
        coupling_figure(np.ones((3, 4)))
    with pytest.raises(ShapeError, match="`matrices` is empty"):
        coupling_figure()
    with pytest.raises(ShapeError, match="`titles` has 1"):
        coupling_figure(np.eye(2), np.eye(2), titles=("a",))
