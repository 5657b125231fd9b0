"""Fits of few counts: where the model comes close to zero."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.optimize import minimize, nnls

import physfit as pf
from physfit.data.memory import ArraySource


def peak(x, amplitude, center, sigma):
    z = (x - center) / sigma
    return amplitude / (sigma * np.sqrt(2.0 * np.pi)) * np.exp(-0.5 * z * z)


@pytest.mark.parametrize("scale", [1.0, 1e-9, 1e9])
def test_a_peak_without_background_may_underflow_where_nothing_was_counted(scale):
    """Its area is the number of counts, with the root of it as error."""
    x = np.arange(101.0)
    counts = np.random.default_rng(0).poisson(peak(x, 300.0, 50.0, 1.0))
    found = pf.fit(pf.models.Gaussian(), scale * x, counts, loss="poisson")
    many = pf.fit_many(pf.models.Gaussian(), scale * x, counts[None], loss="poisson")
    for own in (found, many):
        # Samples lie 1 sigma apart: their sum is the integral to 1e-8.
        total = scale * counts.sum()
        error = scale * np.sqrt(counts.sum())
        assert np.all(own.converged)
        np.testing.assert_allclose(own["amplitude"].value, total, rtol=1e-6)
        np.testing.assert_allclose(own["amplitude"].stderr, error, rtol=1e-6)


X = np.linspace(0.0, 1.0, 50)
PEAK = pf.models.Gaussian() + pf.models.Constant()
COUNTING = {"loss": "poisson"}


def optimality(found):
    """Multipliers of the samples at the edge, for a cost whose gradient they balance.

    By least squares over the samples without counts where the model is close to 0;
    the gradient that they leave, in units of that of the samples one by one.
    """
    objective = found.objective
    mean, partials = objective.values_and_partials(found.solution.theta)
    mean, partials, y = mean[0], partials[:, 0], objective.y[0]
    slope = 1.0 - y / mean
    at_edge = (y == 0.0) & (mean < 1e-6)
    size = np.sqrt((partials**2).sum(axis=1))
    rows = partials / size[:, None]
    left = rows @ slope
    if at_edge.any():
        left -= rows[:, at_edge] @ nnls(rows[:, at_edge], left)[0]
    return np.linalg.norm(left) / np.linalg.norm(slope)


@pytest.mark.parametrize("scale", [1.0, 1e-6, 1e6])
@pytest.mark.parametrize("seed", range(6))
def test_a_line_of_few_counts_ends_on_the_edge_of_its_domain(seed, scale):
    """The best line that is nowhere negative, against scipy's with that constraint."""
    y = np.random.default_rng(seed).poisson(0.6 * X)
    found = pf.fit(pf.models.Linear(), scale * X, y, **COUNTING)

    def cost(ends):
        mean = np.maximum((1.0 - X) * ends[0] + X * ends[1], 1e-12)
        return (mean - y * np.log(mean)).sum()

    limits = [(1e-12, None)] * 2  # a line is positive where its ends are
    best = minimize(cost, [0.1, 0.6], bounds=limits, method="Nelder-Mead", tol=1e-11)
    ends = found([0.0, scale])
    assert found.converged
    assert cost(ends) < best.fun + 1e-8
    assert optimality(found) < 1e-5


@pytest.mark.parametrize("number", [38, 136, 1428, 1981])
def test_a_line_that_costs_almost_nothing_beside_the_edge_has_converged(number):
    """Steps towards an edge that gains 3 % of a count shrink what is left by as much.

    The best line through zero at the first x has the slope sum(y) / sum(x).
    """
    x = np.linspace(0.0, 10.0, 64)
    y = np.random.default_rng(5).poisson(np.maximum(0.3 * x, 1e-9), (2000, 64))[number]
    found = pf.fit(pf.models.Linear(), x - 5.0, y, **COUNTING)
    assert found.status is pf.Status.EDGE
    slope = found["slope"]
    assert slope.value == pytest.approx(y.sum() / x.sum(), abs=1e-3 * slope.stderr)


def test_steps_along_the_path_are_counted_on():
    """Those of all its levels, towards the limit of steps of the fit."""
    y, seen = np.random.default_rng(0).poisson(0.6 * X), []
    found = pf.fit(pf.models.Linear(), X, y, progress=seen.append, **COUNTING)
    assert found.status is pf.Status.EDGE
    steps = [own.n_steps for own in seen]
    # the last step of a run that ends undetermined is not shown
    assert steps[0] == 1 and steps[-1] == found.n_steps
    assert set(np.diff(steps)) <= {1, 2}
    assert {own.max_steps for own in seen} == {pf.Stop().max_steps}


@pytest.mark.parametrize("most", [1, 10, 25, 30])
def test_a_path_that_is_cut_short_has_come_to_its_limit(most):
    """It does not know yet what the edge holds, which looks undetermined there."""
    y = np.random.default_rng(0).poisson(0.6 * X)
    stop = pf.Stop(max_steps=most)
    found = pf.fit(pf.models.Linear(), X, y, stop=stop, **COUNTING)
    assert found.status is pf.Status.MAX_STEPS


def test_what_is_held_by_the_edge_has_no_error():
    """Values of the others are those with it fixed there, as at a bound.

    Their errors are no smaller, as it may move inwards.
    """
    y = np.random.default_rng(0).poisson(0.3 * X)
    found = pf.fit(pf.models.Linear(), X, y, **COUNTING)
    line = pf.models.Linear().where(intercept=pf.fixed(0.0))
    alone = pf.fit(line, X, y, **COUNTING)
    assert found.status is pf.Status.EDGE
    assert found["intercept"].value == pytest.approx(0.0, abs=1e-8)
    assert np.isnan(found["intercept"].stderr)
    assert found["intercept"].note.startswith("at the edge")
    assert found["slope"].value == pytest.approx(alone["slope"].value, rel=1e-6)
    assert 1.0 < found["slope"].stderr / alone["slope"].stderr < 2.0
    assert any("held at" in said for said in found.warnings)
    assert found.n_fitted == 1


def test_an_edge_that_holds_a_combination_is_said():
    """Far from x = 0 neither parameter is held, but both move with the edge."""
    y = np.random.default_rng(0).poisson(0.3 * X)
    found = pf.fit(pf.models.Linear(), X + 5.0, y, **COUNTING)
    near = pf.fit(pf.models.Linear(), X, y, **COUNTING)
    assert found.status is pf.Status.EDGE
    assert found["slope"].stderr == pytest.approx(near["slope"].stderr, rel=1e-3)
    assert -1.0 < found.correlation[0, 1] < -0.8
    assert "The model reaches 0" in " ".join(found.report().split())
    assert not any("separable" in text for text in found.warnings)


@pytest.mark.parametrize(
    "name", ["constant", "linear", "gaussian", "peak", "quadratic"]
)
def test_no_counts_at_all_leave_nothing_to_fit(name):
    """Zero everywhere is on the edge; no parameter has a finite error."""
    model = PEAK if name == "peak" else pf.parse_model(name)
    found = pf.fit(model, X, np.zeros(X.size), **COUNTING)
    assert found.chi2 < 1e-8
    assert not np.isfinite(list(found.stderr.values())).any()
    assert found.status is pf.Status.EDGE or not found.converged


@pytest.mark.parametrize("shape", ["constant", "linear", "quadratic"])
def test_the_edge_holds_nothing_that_the_counts_leave_open(shape):
    """Where nothing was counted a peak has no place; nothing holds it at one."""
    model, x = pf.parse_model(f"gaussian + {shape}"), 500.0 + 40.0 * X
    alone = pf.fit(model, x, np.zeros(X.size), **COUNTING)
    row = pf.fit_many(model, x, np.zeros((1, X.size)), **COUNTING).result(0)
    for found in (alone, row):
        assert found.status is pf.Status.EDGE
        assert found["center"].stderr == found["sigma"].stderr == math.inf
        assert math.isnan(found["amplitude"].stderr)
        assert "`center` is held" not in found.report()


@pytest.mark.parametrize("below", [-30.0, -0.5, 0.0])
def test_a_start_outside_the_domain_is_led_inside(below):
    """The same minimum as from the guess, whatever the start."""
    truth = {"amplitude": 4.0, "center": 0.5, "sigma": 0.08, "c": 3.0}
    y = np.random.default_rng(1).poisson(PEAK(X, **truth))
    best = pf.fit(PEAK, X, y, **COUNTING)
    found = pf.fit(PEAK, X, y, start={**truth, "c": below}, **COUNTING)
    assert found.converged
    assert found.chi2 == pytest.approx(best.chi2, rel=1e-9)


def test_a_start_on_the_edge_can_leave_it():
    """A line through the origin, where nothing was counted, from a slope alone."""
    y = np.random.default_rng(3).poisson(1.0 + X)
    y[0] = 0
    start = {"slope": 1.0, "intercept": 0.0}
    found = pf.fit(pf.models.Linear(), X, y, start=start, **COUNTING)
    best = pf.fit(pf.models.Linear(), X, y, **COUNTING)
    assert found.chi2 == pytest.approx(best.chi2, rel=1e-9)


def test_a_dip_down_to_nothing_is_fitted():
    """An absorption line without counts at its center: the model touches 0 there."""
    truth = {"amplitude": -0.6, "center": 0.5, "sigma": 0.08, "c": 3.0}
    y = np.random.default_rng(5).poisson(PEAK(X, **truth))
    found = pf.fit(PEAK, X, y, start=truth, **COUNTING)
    assert found.converged
    assert (found.best_fit >= 0.0).all()
    assert optimality(found) < 1e-4


def rows_near_zero(kind, n_rows, seed):
    """Model, and rows of few counts whose model comes close to zero."""
    model, truth = {
        "line": (pf.models.Linear(), {"slope": 1.0, "intercept": 0.02}),
        "parabola": (pf.models.Quadratic(), {"a": 6.0, "b": -6.0, "c": 1.6}),
        "decay": (
            pf.parse_model("exponential + constant"),
            {"amplitude": 6.0, "decay": 0.2, "c": 0.0},
        ),
    }[kind]
    rng = np.random.default_rng(seed)
    return model, truth, rng.poisson(model(X, **truth), (n_rows, X.size)).astype(float)


@pytest.mark.parametrize("kind", ["line", "parabola", "decay"])
def test_rows_end_on_the_edge_as_single_fits_do(kind):
    """The same status and cost, values held there and errors of the others."""
    model, truth, y = rows_near_zero(kind, 40, 2)
    many = pf.fit_many(model, X, y, start=truth, retry=False, **COUNTING)
    single = [pf.fit(model, X, row, start=truth, **COUNTING) for row in y]
    assert many.converged.all()
    assert [int(own.status) for own in single] == many.status.tolist()
    at_edge = many.status == pf.Status.EDGE
    assert 5 < at_edge.sum() < 40
    chi2 = np.array([own.chi2 for own in single])
    np.testing.assert_allclose(many.chi2, chi2, atol=1e-6)
    for name in model.free_names:
        values = np.array([own[name].value for own in single])
        errors = np.array([own[name].stderr for own in single])
        scale = np.nanmedian(errors)
        np.testing.assert_allclose(many[name].value / scale, values / scale, atol=2e-3)
        np.testing.assert_allclose(many[name].stderr, errors, rtol=2e-3)
    sides = [[own[name].at_bound for name in model.free_names] for own in single]
    np.testing.assert_array_equal(many.table.at_bound, sides)
    if kind == "line":
        assert "at the edge of the loss's domain in" in " ".join(many.report().split())


def test_rows_within_rounding_of_the_edge_follow_the_path():
    """An expected count of 1e-15 at an empty sample hides what its weight holds."""
    x = np.linspace(-5.0, 5.0, 64)
    mean = PEAK(x, amplitude=7.5, center=0.3, sigma=1.0, c=0.9)
    counts = np.random.default_rng(8).poisson(mean, (3000, 64))[[862, 2181]]
    many = pf.fit_many(PEAK, x, counts, **COUNTING)
    for row, y in enumerate(counts):
        one = pf.fit(PEAK, x, y, **COUNTING)
        assert many.status[row] == one.status == pf.Status.EDGE
        assert many.chi2[row] == pytest.approx(one.chi2, abs=1e-8)


def test_rows_on_the_edge_are_stored(tmp_path):
    """With the status, and what is held there."""
    model, truth, y = rows_near_zero("line", 10, 2)
    many = pf.fit_many(model, X, y, start=truth, **COUNTING)
    many.save(tmp_path / "a.h5")
    again = pf.load_many(tmp_path / "a.h5")
    np.testing.assert_array_equal(again.table.at_bound, many.table.at_bound)
    np.testing.assert_array_equal(again.status, many.status)
    k = int(np.flatnonzero(many.status == pf.Status.EDGE)[0])
    own = many.result(k)
    own.save(tmp_path / "b.json")
    assert pf.load_result(tmp_path / "b.json").warnings == own.warnings


def test_rows_without_counts_never_have_finite_errors():
    """Among others, which are what they are without them."""
    truth = {"amplitude": 4.0, "center": 0.5, "sigma": 0.08, "c": 3.0}
    y = np.random.default_rng(1).poisson(PEAK(X, **truth), (4, X.size)).astype(float)
    expected = pf.fit_many(PEAK, X, y, **COUNTING)
    y[2] = 0.0
    many = pf.fit_many(PEAK, X, y, **COUNTING)
    assert not np.isfinite(many.stderr[2]).any()
    assert many.status[2] == pf.Status.EDGE
    others = [0, 1, 3]
    np.testing.assert_array_equal(
        many.table.theta[others], expected.table.theta[others]
    )


@pytest.mark.parametrize("masked", [False, True])
def test_rows_from_a_start_outside_are_led_inside(masked):
    """Whatever is masked, and a row of too few samples or a bad datum beside them."""
    model, truth, y = rows_near_zero("line", 12, 5)
    mask = np.zeros(y.shape, dtype=bool)
    if masked:
        mask[:, ::7] = True
    y[4, 3], y[7, 1:] = -1.0, np.nan
    mask[4, 3] = False
    best = pf.fit_many(model, X, y, start=truth, mask=mask, **COUNTING)
    start = {**truth, "intercept": -30.0}
    many = pf.fit_many(model, X, y, start=start, mask=mask, retry=False, **COUNTING)
    assert many.status[4] == pf.Status.OUTSIDE_DOMAIN
    assert many.status[7] == pf.Status.TOO_FEW
    assert np.isnan(many.table.theta[[4, 7]]).all()
    good = np.delete(np.arange(12), [4, 7])
    assert many.converged[good].all()
    np.testing.assert_allclose(many.chi2[good], best.chi2[good], atol=1e-6)


def test_a_guess_of_a_spike_is_made_anew():
    """Of single counts far apart, beside which a narrow peak leaves nothing."""
    x = np.linspace(0.0, 1.0, 100)
    y = np.zeros(100)
    y[[4, 10, 28, 35]], y[19] = 1.0, 2.0
    found = pf.fit(pf.models.Gaussian(), x, y, **COUNTING)
    assert found.converged
    # sums are integrals: moments of the counts
    assert found["center"].value == pytest.approx((x @ y) / y.sum(), abs=0.02)


@pytest.mark.parametrize("seed", [0, 3])
def test_rows_in_passes_end_on_the_edge_as_arrays_do(seed):
    """The same status, values and errors, on the edge (seed 0) and inside (3)."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(0.0, 1.0, 20_000))
    y = rng.poisson(0.3 * x).astype(float)
    line = pf.models.Linear()
    found = pf.fit(line, ArraySource(x, y), method="lm", **COUNTING)
    best = pf.fit(line, x, y, **COUNTING)
    assert (best.status is pf.Status.EDGE) == (seed == 0)
    assert found.status is best.status
    assert found.chi2 == pytest.approx(best.chi2, rel=1e-9)
    np.testing.assert_allclose(found.covariance, best.covariance, rtol=1e-3)
    assert found["intercept"].at_bound == best["intercept"].at_bound


def test_errors_along_the_edge_are_those_of_what_it_leaves():
    """An edge near x = 0 ties the offset to the slope; the line has one parameter."""
    rng = np.random.default_rng(0)
    x = np.sort(rng.uniform(0.0, 1.0, 20_000))
    y = rng.poisson(0.3 * x).astype(float)
    found = pf.fit(pf.models.Linear(), x, y, **COUNTING)
    edge = pf.models.Linear().where(intercept=pf.tie(f"-slope * {float(x[0])!r}"))
    alone = pf.fit(edge, x[1:], y[1:], **COUNTING)
    assert found["slope"].value == pytest.approx(alone["slope"].value, rel=1e-6)
    # and a little more, as the offset may rise by the mean of an exponential law
    assert 1.0 < found["slope"].stderr / alone["slope"].stderr < 1.1


@pytest.mark.parametrize("seed", [3, 5, 6, 7])
def test_steps_on_few_rows_survive_a_model_near_zero(seed):
    """Adam leaves the domain now and then, and settles within half an error."""
    rng = np.random.default_rng(seed)
    x = np.sort(rng.uniform(0.0, 1.0, 20_000))
    source = ArraySource(x, rng.poisson(0.3 * x).astype(float))
    found = pf.fit(pf.models.Linear(), source, method="adam", **COUNTING)
    best = pf.fit(pf.models.Linear(), source, method="lm", **COUNTING)
    assert found.status is pf.Status.SETTLED
    for name in ("slope", "intercept"):
        away = (found[name].value - best[name].value) / best[name].stderr
        assert abs(away) < 0.5


@pytest.mark.parametrize("scale", [1e150, 1e191, 1e300])
def test_partials_without_squares_determine_nothing(scale):
    """The information of a parabola over such an x is no number."""
    found = pf.fit(pf.models.Quadratic(), scale * X, np.zeros(X.size), loss="poisson")
    assert not np.isfinite(list(found.stderr.values())).any()


def test_rows_of_few_counts_end_where_their_cost_is_a_number():
    """A guessed peak that underflows where something was counted is no minimum."""
    x, rng = np.linspace(0.5, 10.0, 30), np.random.default_rng(1)
    shape = np.exp(-0.5 * ((x - rng.uniform(2.0, 8.0, (120, 1))) / 0.8) ** 2)
    y = rng.poisson(shape + 0.1).astype(float)
    once = pf.fit_many(pf.models.Gaussian(), x, y, retry=False, **COUNTING)
    assert np.isfinite(once.chi2[once.converged]).all() and not once.converged.all()
    many = pf.fit_many(pf.models.Gaussian(), x, y, **COUNTING)
    lost = np.flatnonzero(~np.isfinite(once.chi2))
    for row in lost.tolist():
        best = pf.fit(pf.models.Gaussian(), x, y[row], **COUNTING)
        assert many.chi2[row] <= best.chi2 + 1e-3
