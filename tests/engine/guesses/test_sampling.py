"""Up to which frequency samples tell waves apart."""

from __future__ import annotations

import numpy as np
import pytest
from scratch_cases import Row

from physfit.engine.abi import address_at, as_floats, at
from physfit.engine.guesses.frame import Scratch
from physfit.engine.guesses.sampling import BEYOND, highest_frequency, unevenness
from physfit.engine.roles import entry


@entry("void(f64*, f64*)")
def highest(work, out):
    """The highest frequency."""
    own = at(address_at(work), Scratch)
    x = as_floats(own.x)
    own.uneven = unevenness(x, x[0], 1.0 / own.spacing, own.n)
    out[0] = highest_frequency(own)


def periods(x):
    """That frequency, in periods."""
    return Row(x, np.zeros(len(x))).call(highest)[0] / (2.0 * np.pi)


EVEN = np.arange(200.0)
SOME = np.sort(np.random.default_rng(1).choice(200, 120, replace=False)).astype(float)


@pytest.mark.parametrize(
    "x",
    [
        EVEN,
        SOME,
        np.delete(EVEN, slice(50, 120)),
        np.repeat(EVEN, 3),
        np.repeat(SOME, 2),
        np.append(EVEN, EVEN + 5000.0),
    ],
    ids=["even", "some missing", "a hole", "thrice", "some twice", "two stretches"],
)
@pytest.mark.parametrize(("start", "step"), [(0.0, 1.0), (1e6, 1e3), (-3e-9, 1e-9)])
def test_samples_on_a_grid_have_its_limit(x, start, step):
    """Half of the inverse of its step, whatever samples there are and how often."""
    assert periods(start + step * x) * step == pytest.approx(0.5, rel=1e-4)


def test_uneven_samples_have_some_times_the_limit_of_their_density():
    """Random distances of mean 1 have a median of log 2."""
    x = np.cumsum(np.random.default_rng(2).exponential(size=20000))
    assert periods(x) == pytest.approx(0.5 * BEYOND / np.log(2.0), rel=0.03)


def test_samples_at_one_place_have_a_limit():
    """A finite one, of which nothing is to be expected."""
    assert np.isfinite(periods(np.ones(5)))
