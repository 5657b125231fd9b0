"""scipy's solvers behind the interface of physfit's own."""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from scipy import optimize
from scipy.special import xlogy

import physfit as pf
from physfit.errors import InputError
from physfit.fitting import FitPlan, plan_of
from physfit.fitting.fit_settings import FitSettings
from physfit.solve import scipy_adapters
from physfit.solve.base import Status, Stop
from physfit.solve.derivatives import newton_step
from physfit.solve.least_squares import levenberg_marquardt
from physfit.solve.scipy_adapters import METHODS

N = 120
X = np.linspace(-5.0, 5.0, N)
MODEL = pf.models.Gaussian() + pf.models.Linear()
TRUTH = {
    "amplitude": 10.0,
    "center": 0.3,
    "sigma": 0.8,
    "slope": 0.2,
    "intercept": 2.0,
}
START = {
    "amplitude": 8.0,
    "center": 0.0,
    "sigma": 1.0,
    "slope": 0.1,
    "intercept": 1.7,
}
LOSSES = ("chi2", "poisson", "huber", "soft_l1", "cauchy")
LEAST_SQUARES = [name for name, own in METHODS.items() if own.family != "minimize"]
MINIMISERS = [name for name, own in METHODS.items() if own.family == "minimize"]


def problem(loss: str = "chi2", sigma: float | None = 0.05, model=MODEL) -> FitPlan:
    """Noisy peak on a line, plan for a loss."""
    rng = np.random.default_rng(11)
    curve = np.asarray(MODEL(X, **TRUTH))
    if loss == "poisson":
        sigma = None
        y = rng.poisson(curve).astype(float)
    else:
        y = curve + 0.05 * rng.standard_normal(N)
        y[::17] += 0.4  # outliers, for the losses that bend
    start = {name: START[name] for name in model.free_names}
    data = pf.fit(model, X, y, sigma=sigma, start=start).data
    return plan_of(model, data, FitSettings.of(start=start, loss=loss))


def solved(given: FitPlan, method: str, **options):
    """Run a method of scipy."""
    return scipy_adapters.run(
        given.objective, given.theta, *given.limits, method=method, **options
    )


def own(given: FitPlan):
    """physfit's own solution."""
    return levenberg_marquardt(
        given.objective, given.theta, given.model.free_lower, given.model.free_upper
    )


def has(method: str, loss: str) -> bool:
    """Whether a method knows a loss."""
    robust = loss not in ("chi2", "poisson")
    if METHODS[method].family == "curve_fit":
        return loss == "chi2"
    return not (robust and method == "scipy:lm")


PAIRS = [(method, loss) for method in METHODS for loss in LOSSES if has(method, loss)]


@pytest.mark.parametrize(("method", "loss"), PAIRS, ids=lambda value: value)
def test_same_minimum_as_lm(method: str, loss: str) -> None:
    """Every method with every loss it has ends at the minimum of physfit's own."""
    given = problem(loss)
    best, found = own(given), solved(given, method)
    stderr = np.sqrt(np.diagonal(best.covariance))
    assert found.status is Status.REPORTED
    # scipy's own tolerances leave a thousandth of an error.
    assert np.max(np.abs(found.theta - best.theta) / stderr) < 2e-3
    assert found.cost == pytest.approx(best.cost, rel=1e-5)


@pytest.mark.parametrize("method", LEAST_SQUARES)
@pytest.mark.parametrize("gradients", [True, False], ids=["exact", "differences"])
def test_tight_least_squares_agree_in_covariance(method: str, gradients: bool) -> None:
    """With tight tolerances values agree to 1e-5, covariances as derivatives allow."""
    given = problem()
    best = own(given)
    stop = Stop(1e-15, 1e-15, 1e-15, 2000)
    found = solved(given, method, gradients=gradients, stop=stop)
    stderr = np.sqrt(np.diagonal(best.covariance))
    assert np.max(np.abs(found.theta - best.theta) / stderr) < 1e-5
    # Forward differences are good to 1e-8 of the model's size.
    tolerance = 1e-6 if gradients else 1e-5
    np.testing.assert_allclose(found.covariance, best.covariance, rtol=tolerance)
    np.testing.assert_allclose(found.condition, best.condition, rtol=1e-4)


@pytest.mark.parametrize("loss", ["chi2", "huber", "soft_l1", "cauchy"])
def test_least_squares_minimise_scipys_own_cost(loss: str) -> None:
    """The cost is what scipy reports for the same residuals written by hand."""
    given = problem(loss)
    objective = given.objective
    by_hand = optimize.least_squares(
        lambda p: (
            (MODEL(X, **dict(zip(MODEL.names, p, strict=True))) - given.data.y[0])
            / 0.05
        ),
        given.theta,
        x_scale="jac",
        loss="linear" if loss == "chi2" else loss,
        f_scale=given.loss.hyper[0] if given.loss.hyper else 1.0,
    )
    found = solved(given, "scipy:trf")
    assert objective.cost(found.theta) == pytest.approx(by_hand.cost, rel=1e-7)


def test_poisson_residuals_square_to_the_deviance() -> None:
    """Half the sum of the squared residuals is half the deviance; slopes are exact."""
    given = problem("poisson")
    residuals = scipy_adapters._Residuals(given.objective)
    theta, y = given.theta, given.data.y[0]
    f = np.asarray(MODEL(X, **START))
    expected = np.sum(f - y + xlogy(y, y) - xlogy(y, f))
    z, jac = residuals.values(theta), residuals.jacobian(theta)
    assert 0.5 * np.sum(z**2) == pytest.approx(expected, rel=1e-12)
    gradient = given.objective.gradient(theta)[1]
    np.testing.assert_allclose(jac.T @ z, gradient, rtol=1e-11)


def test_poisson_residuals_have_their_limit_where_model_meets_datum() -> None:
    """Where f = y the residual is zero and its derivative 1 / sqrt(f), not 0 / 0."""
    model = pf.models.Constant()
    data = pf.fit(model, [0.0, 1.0], [4.0, 9.0], start={"c": 5.0}).data
    given = plan_of(model, data, FitSettings.of(start={"c": 4.0}, loss="poisson"))
    residuals = scipy_adapters._Residuals(given.objective)
    assert residuals.values(given.theta)[0] == 0.0
    assert residuals.jacobian(given.theta)[0, 0] == pytest.approx(0.5, rel=1e-15)


@pytest.mark.parametrize("factor", [1e-9, 1.0, 1e9], ids=["nano", "one", "giga"])
@pytest.mark.parametrize("method", ["scipy:bfgs", "scipy:cg", "scipy:l-bfgs-b"])
def test_minimisers_do_not_care_for_units(method: str, factor: float) -> None:
    """A change of the unit of y changes nothing but the numbers, errors unknown."""
    given = problem(sigma=None)
    y = given.data.y[0] * factor
    start = dict(START)
    for name in ("amplitude", "slope", "intercept"):
        start[name] *= factor
    scaled = plan_of(
        MODEL, given.data._replace(y=y[None].copy()), FitSettings.of(start=start)
    )
    best, found = own(scaled), solved(scaled, method)
    unit = np.sqrt(np.diagonal(best.covariance) * 2.0 * best.cost / (N - 5))
    assert found.status is Status.REPORTED
    assert np.max(np.abs(found.theta - best.theta) / unit) < 2e-3


def test_walls_do_not_pass_for_convergence() -> None:
    """Trials where the model has no value (f < 0 for counts) do not end the search."""
    rng = np.random.default_rng(5)
    model = pf.models.Gaussian() + pf.models.Linear()
    y = rng.poisson(20.0 * np.asarray(MODEL(X, **TRUTH))).astype(float)
    start = {"amplitude": 160.0, "center": 0.0, "sigma": 1.0, "slope": 0.0}
    start["intercept"] = 14.0
    data = pf.fit(model, X, y, start=start).data
    given = plan_of(model, data, FitSettings.of(start=start, loss="poisson"))
    best, found = own(given), solved(given, "scipy:l-bfgs-b")
    assert found.status is Status.REPORTED
    assert found.cost == pytest.approx(best.cost, rel=1e-8)


BOUNDED = [name for name, method in METHODS.items() if method.takes_bounds]


@pytest.mark.parametrize("method", BOUNDED)
def test_bounds_are_kept(method: str) -> None:
    """A minimum outside the bounds is found on the bound, as physfit's own does."""
    given = problem(model=MODEL.where(intercept=pf.bounds(1.0, 1.9)))
    given.theta[4] = 1.7
    best, found = own(given), solved(given, method)
    assert best.at_bound[4] == 1
    assert found.theta[4] <= 1.9
    assert found.theta[4] == pytest.approx(1.9, rel=1e-6)
    assert found.cost == pytest.approx(best.cost, rel=1e-4)


@pytest.mark.parametrize("method", ["scipy:trf", "scipy:dogbox", "scipy:l-bfgs-b"])
def test_parameter_on_its_bound_leaves_the_covariance(method: str) -> None:
    """It has no error, and the others have those of a fit with it fixed there."""
    given = problem(model=MODEL.where(intercept=pf.bounds(1.0, 1.9)))
    given.theta[4] = 1.7
    found = solved(given, method)
    fixed = problem(model=MODEL.where(intercept=pf.fixed(1.9)))
    assert found.at_bound.tolist() == [0, 0, 0, 0, 1]
    assert np.isnan(found.covariance[4]).all()
    inner = found.covariance[:4, :4]
    np.testing.assert_allclose(inner, own(fixed).covariance, rtol=1e-3)


@pytest.mark.parametrize("method", sorted(set(METHODS) - set(BOUNDED)))
def test_methods_without_bounds_go_without(method: str) -> None:
    """Their answer is the minimum of the model, on whichever side of a bound."""
    given = problem(model=MODEL.where(intercept=pf.bounds(1.0, 1.9)))
    given.theta[4] = 1.7
    found = solved(given, method)
    assert found.theta[4] > 1.95
    assert not found.at_bound.any()


REFUSED = [(method, loss) for method in METHODS for loss in LOSSES]
REFUSED = [pair for pair in REFUSED if not has(*pair)]


@pytest.mark.parametrize(("method", "loss"), REFUSED, ids=lambda value: value)
def test_losses_without_counterpart_are_refused(method: str, loss: str) -> None:
    """A sentence names the loss and what to take."""
    with pytest.raises(InputError, match=f"{loss}.*take 'scipy:trf'"):
        solved(problem(loss), method)


def test_fewer_samples_than_parameters_are_refused() -> None:
    """MINPACK needs a residual for each parameter."""
    given = problem()
    data = given.data._replace(
        x=given.data.x[:, :4].copy(),
        y=given.data.y[:, :4].copy(),
        sigma=given.data.sigma[:, :4].copy(),
    )
    objective = type(given.objective)(
        MODEL.layout, data.x, data.y, 1.0 / data.sigma, given.loss
    )
    with pytest.raises(InputError, match="needs at least 5 samples"):
        solved(given._replace(objective=objective), "scipy:lm")


@pytest.mark.parametrize("method", METHODS)
def test_limit_of_steps_is_a_status(method: str) -> None:
    """Too few steps are MAX_STEPS, not an exception and not convergence."""
    found = solved(problem(), method, stop=Stop(max_steps=2))
    assert found.status is Status.MAX_STEPS
    assert not found.status.converged


@pytest.mark.parametrize("method", METHODS)
def test_start_outside_the_domain_is_a_status(method: str) -> None:
    """A cost that is not finite at the start ends the fit there, without a warning."""
    given = problem("poisson" if has(method, "poisson") else "chi2")
    given.theta[4] = -50.0 if given.loss.name == "poisson" else np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = solved(given, method)
    assert found.status is Status.NOT_FINITE_AT_START
    assert np.isnan(found.covariance).all()


@pytest.mark.parametrize("method", ["scipy:lm", "scipy:trf", "scipy:dogbox"])
def test_only_numbers_that_overflow_are_a_status(method: str, monkeypatch) -> None:
    """Partials that are not finite end a fit; an error of another kind is raised."""
    given = problem()
    residuals = scipy_adapters._Residuals

    def lost(self: object, theta: np.ndarray) -> np.ndarray:
        return np.full((N, theta.size), np.nan)

    def broken(self: object, theta: np.ndarray) -> np.ndarray:
        raise ValueError("shapes (3,) and (4,) not aligned")

    if METHODS[method].name != "lm":  # MINPACK looks at no number
        monkeypatch.setattr(residuals, "jacobian", lost)
        assert solved(given, method).status is Status.FAILED
    monkeypatch.setattr(residuals, "jacobian", broken)
    with pytest.raises(ValueError, match="not aligned"):
        solved(given, method)


def test_nothing_free() -> None:
    """A model without free parameters is evaluated and returned."""
    model = pf.models.Constant().where(c=pf.fixed(2.0))
    given = plan_of(model, problem().data, FitSettings.of())
    found = solved(given, "scipy:trf")
    assert found.status is Status.NOTHING_FREE
    assert found.cost == pytest.approx(
        0.5 * np.sum(((2.0 - given.data.y) / 0.05) ** 2), rel=1e-12
    )


@pytest.mark.parametrize("method", ["scipy:trf", "scipy:bfgs"])
def test_evaluations_are_counted(method: str) -> None:
    """Differences cost evaluations, and all of them are counted."""
    exact = solved(problem(), method)
    differences = solved(problem(), method, gradients=False)
    assert differences.n_evals > exact.n_evals + 5 * (exact.n_steps // 2)


def test_complex_models_are_two_residuals_a_sample() -> None:
    """Real and imaginary parts both count."""
    t = np.linspace(0.0, 1.0, 80)
    model = pf.models.ComplexRingdown()
    truth = {"amplitude": 2.0, "frequency": 3.0, "rate": 1.5, "phase": 0.4}
    rng = np.random.default_rng(3)
    noise = rng.standard_normal(80) + 1j * rng.standard_normal(80)
    y = model(t, **truth) + 0.02 * noise
    start = {"amplitude": 1.7, "frequency": 3.1, "rate": 1.0, "phase": 0.2}
    result = pf.fit(model, t, y, sigma=0.02, start=start)
    given = plan_of(model, result.data, FitSettings.of(start=start))
    found = solved(given, "scipy:trf", stop=Stop(1e-15, 1e-15, 1e-15, 500))
    np.testing.assert_allclose(found.theta, result.solution.theta, rtol=1e-8)
    np.testing.assert_allclose(
        found.covariance, result.covariance, rtol=1e-6, atol=1e-18
    )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("scale", [1e-9, 1e-6, 1e6, 1e9])
def test_answers_do_not_depend_on_the_unit_of_y(method: str, scale: float) -> None:
    """Values and errors of nV are those of V, whatever scipy's tolerances mean."""

    def fitted(size: float) -> np.ndarray:
        units = np.array([size, 1.0, 1.0, size, size])
        start = dict(zip(START, units * list(START.values()), strict=True))
        y = size * problem(sigma=None).data.y[0]
        found = pf.fit(MODEL, X, y, start=start, method=method)
        assert found.converged
        stderr = [found[name].stderr for name in START]
        return np.array([found.solution.theta, stderr]) / units

    plain, scaled = fitted(1.0), fitted(scale)
    # scipy's own tolerances leave a thousandth of an error.
    assert np.max(np.abs(plain[0] - scaled[0]) / plain[1]) < 4e-3
    np.testing.assert_allclose(scaled[1], plain[1], rtol=1e-2)


def peer_that_ends(away: float, monkeypatch, given: FitPlan, **said):
    """Solution of a peer that ends so many standard errors from the minimum."""
    best = own(given)
    stderr = np.sqrt(np.diagonal(best.covariance))
    end = best.theta + away * stderr * np.array([0.0, 1.0, 0.0, 0.0, 0.0])
    answer = optimize.OptimizeResult(nit=7, **said)

    def minimize(fun, x0, **options):
        unit = scipy_adapters._units(
            scipy_adapters._Task(
                *(given.objective, given.theta, *given.limits),
                *(METHODS["scipy:l-bfgs-b"], True, None),
            )
        )[0]
        answer.x = (end - given.theta) / unit
        return answer

    monkeypatch.setattr(scipy_adapters.optimize, "minimize", minimize)
    return solved(given, "scipy:l-bfgs-b")


@pytest.mark.parametrize(
    ("away", "success", "number", "expected"),
    [
        (0.001, True, 0, Status.REPORTED),
        (0.001, False, 2, Status.SETTLED),
        (0.001, False, 1, Status.SETTLED),
        (0.1, False, 2, Status.FAILED),
        (0.1, False, 1, Status.MAX_STEPS),
        (0.1, True, 0, Status.REPORTED),
        (1.0, True, 0, Status.SHORT),
    ],
)
def test_the_status_is_where_a_peer_ended(
    away: float, success: bool, number: int, expected: Status, monkeypatch
) -> None:
    """Not what it says: it may give up at the minimum, or be content far from it."""
    said = {"success": success, "status": number}
    found = peer_that_ends(away, monkeypatch, problem(), **said)
    assert found.status is expected


@pytest.mark.parametrize("sigma", [0.05, None], ids=["sigma", "no sigma"])
def test_a_peer_is_judged_in_standard_errors(sigma: float | None, monkeypatch) -> None:
    """Those of the report, which the spread of the residuals scales without sigma."""
    given = problem(sigma=sigma)
    ratio = 1.0 if sigma else np.sqrt(2.0 * own(given).cost / (N - 5))
    said = {"success": True, "status": 0}
    ended = [
        peer_that_ends(away * ratio, monkeypatch, given, **said).status
        for away in (0.25, 0.35)
    ]
    assert ended == [Status.REPORTED, Status.SHORT]


@pytest.mark.parametrize("method", ["scipy:bfgs", "scipy:l-bfgs-b", "scipy:cg"])
def test_data_that_are_met_exactly_are_met(method: str) -> None:
    """Without noise no distance can be told in standard errors of the residuals."""
    y = np.asarray(MODEL(X, **TRUTH))
    found = pf.fit(MODEL, X, y, start=START, method=method)
    assert found.converged
    assert found["center"].value == pytest.approx(TRUTH["center"], rel=1e-6)


def test_a_step_to_the_minimum_keeps_to_the_bounds() -> None:
    """Beside a bound, the way to it is left, and what follows for the others."""
    given = problem(model=MODEL.where(slope=pf.bounds(None, 0.15)))
    best = own(given)
    near = best.theta + np.array([0.0, 0.0, 0.0, -1e-7, 0.0])
    _, gradient, matrix = given.objective.normal(near)
    step = newton_step(near, gradient, matrix, *given.limits)
    np.testing.assert_allclose(near + step, best.theta, rtol=1e-6)
    assert step[3] == 0.15 - near[3]


@pytest.mark.parametrize(
    "error",
    [
        np.linalg.LinAlgError("SVD did not converge"),
        OverflowError("math range error"),
        ValueError("`x0` violates bound constraints."),
    ],
    ids=["singular", "overflow", "bounds"],
)
def test_errors_of_the_peers_numbers_are_a_status(error, monkeypatch) -> None:
    """It gave up; the start stands where it returned nothing."""

    def fails(*args, **options):
        raise error

    monkeypatch.setattr(scipy_adapters.optimize, "least_squares", fails)
    given = problem()
    found = solved(given, "scipy:dogbox", gradients=False)
    assert found.status is Status.FAILED
    np.testing.assert_array_equal(found.theta, given.theta)


@pytest.mark.parametrize("method", ["scipy:trf", "scipy:dogbox", "scipy:l-bfgs-b"])
@pytest.mark.parametrize("sigma", [0.02, None], ids=["sigma", "no sigma"])
def test_a_width_that_should_be_0_is_at_its_bound(method, sigma):
    """scipy stops 1e-8 inside, with an error of the width of 1e5 that gamma shares."""
    x = np.linspace(-10.0, 10.0, 301)
    y = 3.8 / (1.0 + ((x - 0.3) / 1.2) ** 2) + 0.5
    y = y + 0.02 * np.random.default_rng(2).standard_normal(x.size)
    model = pf.models.Voigt() + pf.models.Constant()
    result = pf.fit(model, x, y, sigma=sigma, method=method)
    plain = pf.fit(pf.models.Lorentzian() + pf.models.Constant(), x, y, sigma=sigma)
    assert result.converged
    assert result["sigma"].at_bound == -1
    assert result["sigma"].value < 1e-6
    assert result["gamma"].stderr == pytest.approx(plain["gamma"].stderr, rel=1e-4)
