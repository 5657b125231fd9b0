"""Guesses of round spots in a plane, for any declaration of the family `peak_2d`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from row_cases import guess_row

import physfit as pf
from physfit.models.declaration import DECLARATIONS, Declaration
from physfit.models.guesses import RoundPeak
from physfit.models.model import Model
from physfit.models.param import Param
from physfit.models.tree import Join, Leaf
from tests.kernels.points import POINTS

NAME = "a_spot_of_this_test"
NAMES = ("amplitude", "centerx", "centery", "sigma")
SIDE = 15
N_ROWS = 500


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    """The guess knows a spot by its family and the names of its parameters."""
    own = Declaration(
        kernel=replace(POINTS["gaussian_2d_isotropic"], name=NAME),
        description="a spot",
        formula="amplitude / (2 pi sigma^2) exp(-r^2 / (2 sigma^2))",
        parameters=tuple(Param(name, "", "") for name in NAMES),
        guess=RoundPeak(),
    )
    monkeypatch.setitem(DECLARATIONS, NAME, own)


def spots(*prefixes: str) -> Model:
    """Spots on a constant."""
    leaves = tuple(Leaf(DECLARATIONS[NAME], prefix) for prefix in prefixes)
    params = [own for leaf in leaves for own in DECLARATIONS[NAME].params(leaf.prefix)]
    constant = pf.models.Constant()
    tree = Join("+", (*leaves, Leaf(DECLARATIONS["constant"], "")))
    return Model(tree, (*params, *constant.params))


def plane() -> np.ndarray:
    """Both coordinates of a square of samples."""
    x, y = np.meshgrid(np.arange(float(SIDE)), np.arange(float(SIDE)), indexing="ij")
    return np.array([x.ravel(), y.ravel()])


def values_of(x, truth, prefix=""):
    """Gaussian of a volume."""
    volume, at_x, at_y, sigma = (truth[prefix + name] for name in NAMES)
    square = (x[0] - at_x) ** 2 + (x[1] - at_y) ** 2
    height = volume / (2.0 * np.pi * sigma**2)
    return height * np.exp(-0.5 * square / sigma**2)


def drawn(number: int, sign: float = 1.0):
    """Samples of one spot, 5 to 200 times as high as the noise, and its parameters."""
    rng = np.random.default_rng([7, number])
    x, sigma = plane(), rng.uniform(1.2, 3.0)
    truth = {"amplitude": sign * 10.0 * 2.0 * np.pi * sigma**2, "sigma": sigma}
    truth |= {"centerx": rng.uniform(1.0, 13.0), "centery": rng.uniform(1.0, 13.0)}
    truth |= {"c": rng.uniform(-20.0, 20.0)}
    noise = 10.0 / np.exp(rng.uniform(np.log(5.0), np.log(200.0)))
    y = values_of(x, truth) + truth["c"] + noise * rng.normal(size=x.shape[1])
    return x, y, truth


def is_near(found, truth) -> bool:
    """Well inside the basin: within a width, and 1.6 times as wide or narrow."""
    off = np.hypot(
        found["centerx"] - truth["centerx"], found["centery"] - truth["centery"]
    )
    wide = 1.0 / 1.6 < found["sigma"] / truth["sigma"] < 1.6
    same_sign = found["amplitude"] * truth["amplitude"] > 0.0
    return bool(off < truth["sigma"] and wide and same_sign)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_spots_are_found(sign):
    """98 % of the guesses are within a width of the spot, and about as wide."""
    model = spots("")
    rows = [drawn(number, sign) for number in range(N_ROWS)]
    near = [is_near(guess_row(model, x, y), truth) for x, y, truth in rows]
    assert np.mean(near) >= 0.98


def test_the_order_of_the_samples_does_not_matter():
    """No grid is needed either."""
    model = spots("")
    x, y, _ = drawn(3)
    kept = np.random.default_rng(1).permutation(x.shape[1])
    expected = pytest.approx(guess_row(model, x, y), rel=1e-6)
    assert guess_row(model, x[:, kept], y[kept]) == expected


def test_two_spots_are_told_apart():
    """They are named by rising first coordinate."""
    x = plane()
    truth = {"a_amplitude": 60.0, "a_centerx": 4.0, "a_centery": 9.0, "a_sigma": 1.3}
    truth |= {"b_amplitude": 90.0, "b_centerx": 10.0, "b_centery": 4.0, "b_sigma": 1.5}
    y = 2.0 + values_of(x, truth, "a_") + values_of(x, truth, "b_")
    found = guess_row(spots("a_", "b_"), x, y)
    assert found == pytest.approx(truth | {"c": 2.0}, rel=0.4)


def test_given_values_stay_and_guide():
    """A center picks the weaker of two spots."""
    x = plane()
    truth = {"a_amplitude": 60.0, "a_centerx": 4.0, "a_centery": 9.0, "a_sigma": 1.3}
    truth |= {"b_amplitude": 90.0, "b_centerx": 10.0, "b_centery": 4.0, "b_sigma": 1.5}
    y = values_of(x, truth, "a_") + values_of(x, truth, "b_")
    model = spots("").where(centerx=4.2, centery=pf.param(8.8), c=pf.fixed(0.0))
    found = guess_row(model, x, y)
    assert (found["centerx"], found["centery"]) == (4.2, 8.8)
    assert found["sigma"] == pytest.approx(1.3, rel=0.3)


@pytest.mark.parametrize("row", [np.zeros(225), np.ones(225), np.eye(225)[5]])
def test_any_row_gives_finite_values(row):
    """Flat rows and single spikes too."""
    found = guess_row(spots(""), plane(), row)
    assert np.isfinite(list(found.values())).all()
    assert 0.0 < found["sigma"] < 50.0


def test_a_few_samples_give_finite_values():
    """Down to one."""
    found = guess_row(spots(""), np.array([[1.0], [2.0]]), np.array([3.0]))
    assert np.isfinite(list(found.values())).all()
