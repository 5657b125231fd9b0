"""A map as a microscope gives it: dead pixels, cosmic rays, an empty substrate."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest

import physfit as pf
from physfit.typing import FloatArray

SHAPE = (40, 60)


class Scan(NamedTuple):
    """The result, before and after the cure, and what is true."""

    first: pf.ManyResult
    clean: pf.ManyResult
    position: FloatArray
    is_sample: np.ndarray
    is_dead: np.ndarray
    is_hit: np.ndarray


@lru_cache(maxsize=2)
def scan(width: int) -> Scan:
    """Rays that hit so many samples: a fit leaves one aside, and follows three."""
    rng = np.random.default_rng(3)
    wave = np.linspace(500.0, 540.0, 128)
    i, j = np.mgrid[: SHAPE[0], : SHAPE[1]]
    position = 520.0 + 0.8 * np.exp(-((i - 15) ** 2 + (j - 35) ** 2) / 100.0)
    is_sample = np.hypot(i - 20, j - 30) < 18
    line = np.exp(-0.125 * (wave - position[..., None]) ** 2)
    counts = rng.poisson(800.0 * is_sample[..., None] * line + 50.0).astype(float)
    is_hit, is_dead = rng.random(SHAPE) < 0.03, rng.random(SHAPE) < 0.01
    for place in np.argwhere(is_hit):
        start = rng.integers(0, 128 - width)
        counts[(*place, slice(start, start + width))] += rng.uniform(3e3, 6e4)
    counts[is_dead] = np.nan
    first = pf.fit_many(
        pf.models.Gaussian() + pf.models.Constant(),
        wave,
        counts,
        sigma=np.sqrt(np.maximum(counts, 1.0)),
    )
    clean = first.refit("reduced_chi2 > 1.5", loss="cauchy")
    return Scan(first, clean, position, is_sample & ~is_dead, is_dead, is_hit)


@pytest.mark.parametrize("width", [1, 3])
def test_the_figure_of_the_center_shows_the_feature(width):
    """Before the cure and after: colours end within a tenth of it, beyond its ends."""
    own = scan(width)
    truth = own.position[own.is_sample]
    room = 0.1 * np.ptp(truth)
    for many in own.first, own.clean:
        image = many.plot_map("center").axes[0].get_images()[0]
        low, high = image.get_clim()
        assert truth.min() - room < low < truth.min() + 0.02
        assert truth.max() - 0.02 < high < truth.max() + room
        shown = ~np.ma.getmaskarray(image.get_array())
        assert not shown[own.is_dead].any()
        assert shown[own.is_sample & ~own.is_hit].all()
        assert shown[~own.is_sample & ~own.is_hit].mean() < 0.01


@pytest.mark.parametrize("width", [1, 3])
def test_spikes_are_found_and_cured(width):
    """Rows of the sample that were hit have the true center within their errors."""
    own = scan(width)
    hit = own.is_sample & own.is_hit
    assert (own.clean.refitted[hit] > 0).all()
    assert own.clean.converged[hit].all()
    center = own.clean["center"]
    pulls = ((center.value - own.position) / center.stderr)[hit]
    assert np.abs(pulls).max() < 5.0
    # the width of n pulls scatters by 1 / sqrt(2 n)
    assert pulls.std() < 1.0 + 3.0 / np.sqrt(2.0 * pulls.size)


def test_what_was_cured_is_kept(tmp_path: Path):
    """In the file of maps, and in the table."""
    clean = scan(1).clean
    clean.save(tmp_path / "scan.h5")
    again = pf.load_many(tmp_path / "scan.h5")
    np.testing.assert_array_equal(again["center"].value, clean["center"].value)
    np.testing.assert_array_equal(again.refitted, clean.refitted)
    table = again.to_frame()
    np.testing.assert_array_equal(table["refitted"], clean.refitted.ravel())


def test_before_it_rays_decide_the_fit():
    """Those of three samples; otherwise there is nothing to cure."""
    own = scan(3)
    hit = own.is_sample & own.is_hit
    off = np.abs(own.first["center"].value - own.position)[hit]
    assert np.median(off) > 1.0
