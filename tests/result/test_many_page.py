"""The page of fits of many rows."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

import physfit as pf
from physfit.errors import DataError
from physfit.result.many_page import write_page

MODEL = pf.models.Gaussian() + pf.models.Constant()
X = np.linspace(-4.0, 4.0, 24)


def many(shape: tuple[int, ...] = (6, 8)) -> pf.ManyResult:
    rng = np.random.default_rng(5)
    centers = rng.uniform(-1.5, 1.5, shape)[..., None]
    y = 40.0 * np.exp(-0.5 * (X - centers) ** 2) + 2.0 + rng.normal(size=(*shape, 24))
    y.reshape(-1, 24)[3] = np.nan
    return pf.fit_many(MODEL, X, y, sigma=1.0, units=("1/cm", "counts"))


def test_the_page_shows_every_picture_that_is_beside_it(tmp_path):
    """Statuses, maps of values and errors, worst fits, histograms, pulls."""
    files = write_page(many(), tmp_path / "page", title="A map")
    text = files[-1].read_text()
    shown = re.findall(r'<img src="([^"]+)"', text)
    assert sorted(shown) == sorted(own.name for own in files[:-1])
    assert {"map_center.png", "error_center.png", "map_fwhm.png"} <= set(shown)
    assert {"status.png", "chi2.png", "worst.png", "pulls.png"} <= set(shown)
    assert "<h1>A map</h1>" in text
    assert "fewer samples than free parameters" in text
    assert "--retry-failed" in text
    assert "http" not in text


def test_a_series_has_a_page_too(tmp_path):
    """Rows along one axis."""
    files = write_page(many((40,)), tmp_path)
    assert len(files) > 10


def test_without_data_the_page_says_what_is_missing(tmp_path):
    """The rest is drawn."""
    saved = tmp_path / "maps.h5"
    many().save(saved)
    files = write_page(pf.load_many(saved), tmp_path / "page")
    names = {own.name for own in files}
    assert "worst.png" not in names
    assert "map_center.png" in names
    assert "Not drawn: the data of these fits are not at hand" in files[-1].read_text()


def test_texts_of_files_are_escaped(tmp_path):
    """A title or unit is text, whatever it looks like."""
    files = write_page(many((2, 2)), tmp_path, title="<script>x</script>")
    assert "<script>" not in files[-1].read_text()


def test_a_page_is_not_replaced_unasked(tmp_path):
    """And is with overwrite."""
    result = many((2, 2))
    write_page(result, tmp_path)
    with pytest.raises(DataError, match=r"index\.html` exists"):
        write_page(result, tmp_path)
    assert Path(write_page(result, tmp_path, overwrite=True)[-1]).exists()
