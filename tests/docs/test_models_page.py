"""docs/models.md shows the catalogue as it is declared."""

from __future__ import annotations

import pytest
from make_catalogue import IMAGES, PAGE, page

from physfit.models.catalogue import COMPONENTS


def test_the_page_is_that_of_the_catalogue():
    """docs/models.md is what scripts/make_catalogue.py writes."""
    assert PAGE.read_text() == page(), "run `python scripts/make_catalogue.py`"


@pytest.mark.parametrize("own", COMPONENTS.values(), ids=lambda own: own.point)
def test_every_model_has_a_picture(own):
    """A file that is a picture, as the page names it."""
    assert (IMAGES / f"{own.point}.png").read_bytes()[:4] == b"\x89PNG"
