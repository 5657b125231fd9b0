"""What the edge of a loss's domain holds at a point."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf
from physfit.objective import Objective
from physfit.solve import edges
from physfit.solve.edges import _inverse


@pytest.mark.parametrize("size", [1e3, 1e9, 1e15])
def test_the_inverse_keeps_the_digits_of_what_is_free(size):
    """Along the edge it is that of the rest, whatever the weight of the edge."""
    rng = np.random.default_rng(2)
    rows, held = rng.normal(size=(20, 4)), rng.normal(size=(4, 1))
    scale = np.array([1.0, 1e-3, 1e4, 1.0])
    rows, held = rows * scale, held[:, 0] * scale
    free = np.linalg.svd(held[None] / scale)[2][1:].T / scale[:, None]
    inner = rows.T @ rows
    exact = free @ np.linalg.inv(free.T @ inner @ free) @ free.T
    found = _inverse(inner[None], size * np.outer(held, held)[None])
    assert found.rank[0] == 4 and not found.loose.any()
    errors = np.sqrt(np.diagonal(exact))
    away = (found.whole[0] - exact) / np.outer(errors, errors)
    # the weight of the edge, in units of the rest, is `size` to a factor of 20
    assert np.abs(away).max() < 50.0 / size + 1e-9
    assert found.held[0] == pytest.approx(1.0, abs=50.0 / size + 1e-9)


@pytest.mark.parametrize("seed", [0, 2, 7])
@pytest.mark.parametrize("sigma", [1e3, 1e9])
def test_no_fit_on_the_edge_is_converged_beside_open_parameters(seed, sigma):
    """A peak started as wide as a constant, beside a line that is one as well."""
    x, rng = np.linspace(0.0, 10.0, 100), np.random.default_rng(seed)
    y = rng.poisson(1e3 * np.exp(-0.5 * ((x - 4.0) / 0.5) ** 2)).astype(float)
    model, start = pf.parse_model("gaussian + linear"), {"sigma": sigma}
    many = pf.fit_many(model, x, y[None], loss="poisson", start=start, retry=False)
    one = pf.fit(model, x, y, loss="poisson", start=start)
    for found in (one, many.result(0)):
        is_open = np.isinf(list(found.stderr.values())).any()
        assert not (found.converged and is_open)


@pytest.mark.parametrize("row", [4, 40])
def test_a_cost_that_goes_on_falling_along_the_edge_has_no_minimum(row):
    """Lorentzians that turn into a parabola, or their wing, as they grow for ever."""
    x, rng = np.linspace(-5.0, 5.0, 41), np.random.default_rng([1, 21])
    h, c, w = (
        rng.uniform(*ends, 500)[:, None] for ends in [(1, 3), (-1, 1), (0.5, 1.5)]
    )
    mean = h / (1.0 + ((x - c) / w) ** 2) + rng.uniform(0.0, 0.3, (500, 1))
    y = rng.poisson(mean)[row].astype(float)
    model = pf.parse_model("lorentzian + constant")
    many = pf.fit_many(model, x, y[None], loss="poisson", retry=False)
    one = pf.fit(model, x, y, loss="poisson")
    assert not many.converged[0] and not one.converged
    assert one.status is not pf.Status.EDGE


def test_a_model_away_from_the_edge_needs_no_matrices(monkeypatch):
    """Nor partials: most fits of counts end inside, and one look tells so."""
    x = np.linspace(-5.0, 5.0, 64)
    model = pf.parse_model("lorentzian + constant")
    mean = model(x, amplitude=5.0, center=0.3, gamma=0.8, c=0.5)
    y = np.random.default_rng(6).poisson(mean).astype(float)
    assert (y == 0.0).any()
    monkeypatch.delattr(edges, "_sums")
    monkeypatch.delattr(edges, "_edges")
    result = pf.fit(model, x, y, loss="poisson")
    assert result.converged and result.status is not pf.Status.EDGE


def test_rows_that_share_x_are_computed_together(monkeypatch):
    """As one objective, with the values that each has alone."""
    x, calls = np.linspace(-5.0, 5.0, 41), []
    model = pf.parse_model("gaussian + constant")
    truth = {"amplitude": 4.0, "center": 0.3, "sigma": 0.9, "c": 0.05}
    y = np.random.default_rng(3).poisson(model(x, **truth), (40, 41)).astype(float)
    at_sets = Objective.at_sets

    def counted(self, theta, *, partials):
        calls.append(len(theta))
        return at_sets(self, theta, partials=partials)

    monkeypatch.setattr(Objective, "at_sets", counted)
    together = pf.fit_many(model, x, y, loss="poisson", retry=False)
    n_calls = len(calls)
    apart = pf.fit_many(model, np.stack([x] * 40), y, loss="poisson", retry=False)
    assert n_calls < 0.2 * (len(calls) - n_calls)
    on_edge = together.status == pf.Status.EDGE
    assert on_edge.sum() > 5
    np.testing.assert_array_equal(on_edge, apart.status == pf.Status.EDGE)
    np.testing.assert_allclose(together.chi2, apart.chi2, rtol=1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_errors_on_the_edge_say_how_far_the_fit_may_move_inwards(seed):
    """At a sample without counts its mean is that of an exponential law, 0 to 1 / g."""
    x, rng = np.linspace(-5.0, 5.0, 41), np.random.default_rng([5, seed])
    model = pf.models.Linear()
    y = rng.poisson(0.5 * (x + 5.0), (20, 41)).astype(float)
    many = pf.fit_many(model, x, y, loss="poisson")
    k = np.flatnonzero(many.status == pf.Status.EDGE)[0]
    for found in (many.result(k), pf.fit(model, x, y[k], loss="poisson")):
        f = found(x)
        jac = np.array([x, np.ones_like(x)])
        off = f > 1e-6
        assert (~off).sum() == 1
        gradient = jac @ (1.0 - y[k] / np.where(off, f, np.inf))
        inner = (jac[:, off] / f[off]) @ jac[:, off].T
        covariance = np.linalg.inv(inner + np.outer(gradient, gradient))
        errors = [found.stderr[name] for name in ("slope", "intercept")]
        assert errors == pytest.approx(np.sqrt(covariance.diagonal()), rel=1e-4)


def test_intervals_at_the_edge_hold_the_truth():
    """Where no single parameter is held, the edge leaves each some way inwards."""
    x, rng = np.linspace(-5.0, 5.0, 41), np.random.default_rng(7)
    model = pf.models.Lorentzian() + pf.models.Constant()
    mean = model(x, amplitude=20.0, center=0.3, gamma=1.0, c=0.0)
    many = pf.fit_many(model, x, rng.poisson(mean, (600, 41)) * 1.0, loss="poisson")
    on_edge = many.status == pf.Status.EDGE
    assert on_edge.mean() > 0.1
    pull = np.abs(many["c"].value / many["c"].stderr)
    # 95 % less three standard errors of it, and 2 % for so few counts
    assert np.mean(pull[many.converged] < 1.96) > 0.95 - 3.0 * 0.009 - 0.02
    assert np.mean(pull[on_edge] < 1.96) > 0.5


FAR = [
    "00002000201110100040110011000200100001000",
    "00002000102101000121100001000003000101101",
]


@pytest.mark.parametrize("counts", FAR)
def test_fits_that_take_long_to_the_edge_end_as_rows_do(counts):
    """They take the same steps before they follow the path inside."""
    x, y = np.linspace(-5.0, 5.0, 41), np.array([float(own) for own in counts])
    model = pf.parse_model("lorentzian + constant")
    start = {"amplitude": 5.0, "center": 0.0, "gamma": 1.0, "c": 0.2}
    many = pf.fit_many(model, x, y[None], loss="poisson", start=start)
    one = pf.fit(model, x, y, loss="poisson", start=start)
    assert one.status == many.status[0]
    assert one.chi2 == pytest.approx(many.chi2[0], rel=1e-8)


OUTSIDE = [
    "00000011102102122311313011112201002021100",
    "00000000002201011101200210021000020001001",
]


@pytest.mark.parametrize("counts", OUTSIDE)
def test_rows_whose_guess_lies_outside_end_as_single_fits_do(counts):
    """Both are led inside before they take steps of their own."""
    x, y = np.linspace(-5.0, 5.0, 41), np.array([float(own) for own in counts])
    model = pf.parse_model("lorentzian + constant")
    many = pf.fit_many(model, x, y[None], loss="poisson")
    one = pf.fit(model, x, y, loss="poisson")
    assert one.status == many.status[0]
    assert one.chi2 == pytest.approx(many.chi2[0], rel=1e-8)


def test_rows_that_end_outside_come_back_to_the_edge():
    """Not to another minimum: their last step, not evaluated, may lead outside."""
    counts = "01100000104105350432202111112010201000000"
    x, y = np.linspace(-5.0, 5.0, 41), np.array([float(own) for own in counts])
    model, start = pf.parse_model("gaussian + constant"), [5.0, 0.0, 1.0, 0.2]
    start = dict(zip(model.free_names, start, strict=True))
    many = pf.fit_many(model, x, y[None], loss="poisson", start=start)
    assert many.status[0] == pf.Status.EDGE
    one = pf.fit(model, x, y, loss="poisson", start=start)
    assert one.chi2 == pytest.approx(many.chi2[0], rel=1e-8)
