"""Fits on minibatches against the least-squares answer, and what they refuse."""

from __future__ import annotations

import math
import re
from types import SimpleNamespace

import numpy as np
import pytest

import physfit
from physfit import Status, bounds, fit, fixed, schedules, tie
from physfit.errors import DomainError, InputError, PhysfitError, ShapeError
from physfit.fitting.fit_settings import FitSettings
from physfit.fitting.minibatch import _put_on_bounds, _status
from physfit.models import Gaussian, Linear, Lorentzian, Quadratic, Ringdown
from physfit.optim.registry import OPTIMIZERS
from physfit.solve.first_order import NEAR
from tests.fitting.minibatch_cases import CASES, away, data_of, exact, fitted

LOSSES = ["chi2", "huber", "soft_l1", "cauchy"]
SETTINGS = {"batch_size": 100, "epochs": 400, "seed": 2}
WHOLE = {"batch_size": None, "epochs": 2000}
PAIRS = [(own, loss) for own in CASES for loss in LOSSES] + [("counts", "poisson")]


def run(name, method="adam", **options):
    """A fit of a case on minibatches; gradient descent takes all rows at once."""
    settings = SETTINGS | (WHOLE if method == "gd" else {})
    return fitted(name, method=method, **(settings | options))


@pytest.mark.parametrize("method", OPTIMIZERS)
@pytest.mark.parametrize(("name", "loss"), PAIRS)
def test_every_recipe_reaches_the_least_squares_answer(name, loss, method):
    """Where it claims so, it is near the minimum; and it gets there at a usual rate."""
    found, reference = run(name, method, loss=loss), exact(name, loss)
    assert found.status is Status.SETTLED, found.report()
    # The distance is a Newton step's, right to 10 %.
    assert away(found, reference) < 1.1 * NEAR
    for own in reference.free_names:
        stderr = found[own].stderr
        assert stderr == pytest.approx(reference[own].stderr, rel=0.05)


@pytest.mark.parametrize("name", [*CASES, "counts"])
@pytest.mark.parametrize("epochs", [30, 400])
def test_the_distance_told_is_the_true_one(name, epochs):
    """The Newton step that is left leads to the least-squares answer, within 10 %."""
    loss = "poisson" if name == "counts" else "chi2"
    found = run(name, "adam", epochs=epochs, loss=loss)
    # 0.01 for what is nothing anyway.
    assert found.distance == pytest.approx(
        away(found, exact(name, loss)), rel=0.1, abs=0.01
    )


def test_a_run_that_ends_early_says_so():
    """After some steps far from the minimum: the status, the distance, what to do."""
    found = run("peak", epochs=1, learning_rate=1e-3)
    assert (found.status, found.converged) == (Status.EPOCHS_DONE, False)
    assert found.distance > NEAR
    told = f"The minimum is {found.distance:.2g} standard errors away"
    assert any(own.startswith(told) for own in found.warnings)
    with pytest.raises(PhysfitError, match="the epochs ended"):
        found.require()


def test_the_limit_of_steps_is_told():
    """`max_steps` ends a run after that many steps."""
    found = run("peak", max_steps=7)
    assert (found.status, found.n_steps) == (Status.MAX_STEPS, 7)


@pytest.mark.parametrize("method", ["adam", "sgd", "gd"])
@pytest.mark.parametrize("size", [1e-9, 1.0, 1e9])
def test_data_that_are_met_exactly_are_met(method, size):
    """Without noise there is no standard error: a billionth of the data is one."""
    x = np.linspace(0.0, 10.0, 200)
    model = Gaussian() + Linear()
    truth = dict(CASES["peak"].truth)
    for name in ("amplitude", "slope", "intercept"):
        truth[name] *= size
    start = {name: 1.02 * value for name, value in truth.items()}
    options = {"start": start, "method": method, "batch_size": 200, "epochs": 6000}
    found = fit(model, x, model(x, **truth), **options)
    assert found.status is Status.SETTLED
    for name, value in truth.items():
        assert found[name].value == pytest.approx(value, rel=1e-7)


def test_rest_ends_a_run_early():
    """A run at rest does not wait for its last epoch, and the answer is as good."""
    early, whole = run("peak", "sgd"), run("peak", "sgd", tolerance=0)
    assert early.status is whole.status is Status.SETTLED
    assert early.n_steps < 0.5 * whole.n_steps
    assert whole.n_steps == SETTINGS["epochs"] * 20


@pytest.mark.parametrize("schedule", [1e-9, "exponential:0.01,k=0.1"])
def test_rest_away_from_the_minimum_is_no_convergence(schedule):
    """A rate too small, or one that falls too fast, stands still: that is told."""
    found = run("peak", "adam", learning_rate=schedule)
    assert found.status is Status.RESTING
    assert found.distance > NEAR
    assert 100 <= found.n_steps < SETTINGS["epochs"] * 20


def test_few_steps_are_no_rest():
    """Gradient descent on all rows, whose first averages hardly differ, goes on."""
    assert run("ring", "gd").n_steps >= 100


def test_rest_away_from_the_minimum_ends_no_run_that_may_get_there():
    """Biased at a constant rate, averages rest; where the rate falls, they arrive."""
    x = np.linspace(0.0, 10.0, 100_000)
    model = Gaussian("a_") + Lorentzian("b_") + Linear()
    truth = {"a_amplitude": 10.0, "a_center": 3.0, "a_sigma": 0.6, "b_amplitude": 8.0}
    truth |= {"b_center": 6.5, "b_gamma": 0.5, "slope": 0.2, "intercept": 1.0}
    y = model(x, **truth) + 0.2 * np.random.default_rng(0).normal(size=x.size)
    options = {"sigma": 0.2, "start": truth, "method": "adam", "epochs": 60}
    biased = fit(model, x, y, learning_rate=0.03, **options)
    assert biased.status is not Status.SETTLED
    found = fit(model, x, y, **(options | {"method": "adam:learning_rate=0.03"}))
    assert found.status is Status.SETTLED
    assert away(found, fit(model, x, y, sigma=0.2, start=truth)) < 1.1 * NEAR


@pytest.mark.parametrize("loss", ["chi2", "huber"])
def test_a_run_that_ends_with_a_higher_loss_has_diverged(loss):
    """Though no batch was a thousand, and no window ten times as bad as the start."""
    x = np.linspace(0.0, 10.0, 1500)
    truth = {"amplitude": 5.0, "frequency": 0.9, "rate": 0.2, "phase": 0.4}
    y = Ringdown()(x, **truth) + 0.3 * np.random.default_rng(0).normal(size=x.size)
    options = {"sigma": 0.3, "start": truth, "loss": loss, "epochs": 100}
    found = fit(Ringdown(), x, y, method="nesterov", learning_rate=3.0, **options)
    assert found.status is Status.DIVERGED
    assert any(own.startswith("Learning rate 3 diverged") for own in found.warnings)


@pytest.mark.parametrize(
    ("options", "advice"),
    [
        (
            {"method": "adam", "learning_rate": 1e-4},
            "take more epochs, a larger rate or",
        ),
        ({"method": "adam", "learning_rate": 0.5}, "take a smaller rate or one that"),
        (
            {"method": "adamw", "weight_decay": 0.1},
            "weight decay 0.1 pulls away from it, leave it out",
        ),
        ({"method": "adam:l1=1"}, "the penalty `l1` pulls away from it"),
    ],
    ids=["slow", "fast", "decay", "l1"],
)
def test_what_keeps_a_run_from_the_minimum_is_told(options, advice):
    """A rate too small or too large, or a decay of the parameters."""
    found = run("peak", epochs=20, **options)
    assert not found.converged
    assert any(advice in own for own in found.warnings), found.warnings


@pytest.mark.parametrize("method", ["gd", "sgd", "momentum", "rmsprop", "adam"])
def test_a_rate_too_large_diverges_with_advice(method):
    """The status, and a sentence with rate and step."""
    found = run("peak", method, learning_rate=2000.0)
    assert (found.status, found.converged) == (Status.DIVERGED, False)
    pattern = r"Learning rate 2000 diverged at step \d+; take a smaller one: `physfit"
    assert any(re.match(pattern, own) for own in found.warnings), found.warnings


def test_a_start_without_values_is_no_matter_of_the_rate():
    """A model that is not finite at the start: that status, not a divergence."""
    x, y, sigma = data_of("peak")
    start = {"amplitude": 1e300, "center": 5.0, "sigma": 1e-300}
    found = fit(
        Gaussian() + Linear(),
        *(x, y),
        sigma=sigma,
        method="adam",
        start=start,
        batch_size=2000,
    )
    assert found.status is Status.NOT_FINITE_AT_START
    assert found.n_steps == 0


PEAK = CASES["peak"].model
INTERCEPT = tie("10 * slope")


@pytest.mark.parametrize("method", ["gd", "sgd", "momentum", "adam"])
def test_an_answer_on_a_bound_is_exactly_there(method):
    """The parameter has the bound's very value and is flagged; the others are right."""
    model = PEAK.where(center=bounds(5.3, 6.0))
    found, reference = run("peak", method, model=model), fitted("peak", model=model)
    assert reference["center"].at_bound == found["center"].at_bound == -1
    assert found["center"].value == 5.3
    assert found.status is Status.SETTLED
    assert away(found, reference) < 1.1 * NEAR
    assert any("`center` is at its lower bound 5.3" in own for own in found.warnings)


def test_an_average_near_its_bound_is_put_on_it():
    """The path keeps inside, its average a little more so; the answer is the bound."""
    free = exact("peak", "chi2")["slope"]
    limit = free.value - 0.5 * free.stderr
    model = PEAK.where(slope=bounds(None, limit))
    found = run("peak", model=model, learning_rate="inverse_sqrt:0.05")
    assert (found["slope"].value, found["slope"].at_bound) == (limit, 1)
    assert found.status is Status.SETTLED
    assert away(found, fitted("peak", model=model)) < 1.1 * NEAR


def test_no_step_leaves_the_bounds():
    """Not even the path does, at a rate with much noise."""
    found = run("peak", model=PEAK.where(center=bounds(4.99, 5.01)), learning_rate=0.1)
    center = found.history.theta[:, 1]
    assert (center >= 4.99).all()
    assert (center <= 5.01).all()
    assert len(np.unique(center)) > 10


@pytest.mark.parametrize(
    "change",
    [{"slope": fixed(0.1)}, {"intercept": INTERCEPT}],
    ids=["fixed", "tied"],
)
def test_fixed_and_tied_parameters_are_kept(change):
    """As in a least-squares fit."""
    model = PEAK.where(**change)
    found, reference = run("peak", model=model), fitted("peak", model=model)
    assert found.free_names == reference.free_names
    assert away(found, reference) < 1.1 * NEAR
    if "slope" in change:
        assert found["slope"].value == 0.1
    else:
        assert found["intercept"].value == 10.0 * found["slope"].value


def test_nothing_free_is_no_run():
    """With every parameter fixed there is nothing to descend."""
    model = PEAK.where(**{k: fixed(v) for k, v in CASES["peak"].truth.items()})
    found = run("peak", model=model)
    assert (found.status, found.n_steps) == (Status.NOTHING_FREE, 0)


@pytest.mark.parametrize("method", [own for own in OPTIMIZERS if own != "gd"])
@pytest.mark.parametrize(
    "units",
    [(1e3, 1.0), (1.0, 1e3), (1e-6, 1e9)],
    ids=["x in ms", "y in mV", "x in Ms, y in nV"],
)
def test_the_path_does_not_depend_on_units(method, units):
    """The same path up to rounding, whatever the units of x, y and the parameters."""
    x, y, sigma = data_of("peak")
    start = {"amplitude": 9, "center": 4.9, "sigma": 0.7, "slope": 0.05, "intercept": 1}

    def path(fx, fy):
        size = np.array([fx * fy, fx, fx, fy / fx, fy])
        own = dict(zip(start, np.array(list(start.values())) * size, strict=True))
        found = fit(
            *(PEAK, fx * x, fy * y),
            sigma=fy * sigma,
            start=own,
            method=method,
            batch_size=100,
            epochs=10,
            tolerance=0,
        )
        return found.history.theta / size

    # Roundings of 1e-16 a step, of which there are 200.
    np.testing.assert_allclose(path(*units), path(1.0, 1.0), rtol=1e-12)


@pytest.mark.parametrize("sampler", ["blocks", "shuffle", "with_replacement"])
def test_the_same_seed_gives_the_same_run(sampler):
    """To the last bit, a random start too; another seed another run."""

    def once(seed):
        options = {"start": "random", "sampler": sampler, "epochs": 3}
        return run("peak", seed=seed, **options).history.theta

    np.testing.assert_array_equal(once(4), once(4))
    assert (once(4)[0] != once(5)[0]).all()


@pytest.mark.parametrize("threads", [1, 3])
def test_threads_do_not_change_a_run(threads):
    """The same path to the last bit."""
    found = run("peak", threads=threads, epochs=3).history.theta
    np.testing.assert_array_equal(found, run("peak", threads=2, epochs=3).history.theta)


@pytest.mark.parametrize("seed", range(20))
def test_random_starts_lie_within_bounds(seed):
    """And the run that follows them does not blow up where the data say nothing."""
    limits = {"amplitude": bounds(0.0, 50.0), "center": bounds(-5.0, 15.0)}
    model = PEAK.where(**limits, sigma=bounds(0.1, 5.0))
    found = run("peak", model=model, start="random", seed=seed, max_steps=100)
    for name in ("amplitude", "center", "sigma"):
        own = found[name]
        assert own.lower <= own.start <= own.upper
    assert found.status is not Status.DIVERGED


def test_gradient_descent_takes_all_rows():
    """A smaller batch is refused; as many as there are is no other run."""
    x, y = np.arange(60.0), np.arange(60.0) % 7
    with pytest.raises(InputError, match=r"`gd` takes all rows .* take 'sgd'"):
        fit(Linear(), x, y, method="gd", batch_size=30)
    whole = fit(Linear(), x, y, method="gd", epochs=5)
    same = fit(Linear(), x, y, method="gd", epochs=5, batch_size=60)
    np.testing.assert_array_equal(whole.solution.theta, same.solution.theta)


def test_growth_of_tenfold_ends_a_run():
    """A rate just beyond the stable one: told long before numbers overflow."""
    rng = np.random.default_rng(5)
    x = np.linspace(-1.0, 1.0, 500)
    y = 2.0 * x + 1.0 + 0.1 * rng.normal(size=x.size)
    # Scaled, the curvatures of slope and intercept are 1: the loss grows by 1.21.
    steps = {
        "learning_rate": 2.1,
        "epochs": 500,
        "start": {"slope": 0.0, "intercept": 0.0},
    }
    found = fit(Linear(), x, y, sigma=0.1, method="gd", **steps)
    assert found.status is Status.DIVERGED
    growth = found.history.loss / found.history.loss[0]
    # log(10) / log(1.21) is 12.1; a batch alone may be a thousand times as large.
    assert 9.0 < growth.max() < 13.0
    assert 10 <= found.n_steps <= 16


def test_a_function_of_the_step_is_a_schedule():
    """The same run as by the schedule that it is; report and record name it."""

    def falling(t):
        return 0.05 / math.sqrt(t)

    found = run("peak", epochs=30, learning_rate=falling)
    usual = run("peak", epochs=30, learning_rate="inverse_sqrt:0.05")
    np.testing.assert_array_equal(found.solution.theta, usual.solution.theta)
    assert "learning rate function falling" in found.report()
    assert found.to_dict()["run"]["learning_rate"] == "function falling"


@pytest.mark.parametrize("door", ["compare", "multistart", "landscape", "sweep"])
def test_every_door_takes_a_function_of_the_step(door):
    """And refuses one that gives no rate, by its step."""
    x, y, _ = data_of("peak")
    more = {"compare": {"methods": ["lm", "sgd"], "epochs": 2}}
    more |= {"multistart": {"method": "sgd", "epochs": 2, "n_starts": 2}}
    more |= {"landscape": {"methods": ["sgd"], "over": "center", "points": 9}}
    more |= {"sweep": {"method": "sgd", "vary": {"batch_size": [50]}, "epochs": 2}}
    study = getattr(physfit, door)
    study(PEAK, x, y, learning_rate=lambda t: 0.1 / t, **more[door])
    with pytest.raises(InputError, match="at step 1"):
        study(PEAK, x, y, learning_rate=lambda t: None, **more[door])


@pytest.mark.parametrize("method", ["lm", "adam"])
def test_an_array_is_no_schedule(method):
    """Refused in one sentence, whatever an array says to a comparison."""
    x, y, _ = data_of("peak")
    with pytest.raises(InputError, match="`learning_rate`"):
        fit(PEAK, x, y, method=method, learning_rate=np.array([0.1, 0.2]))


@pytest.mark.parametrize("method", ["lm", "adam"])
def test_a_seed_that_is_none_is_refused(method):
    """In one sentence, for columns in memory too."""
    x, y, _ = data_of("peak")
    with pytest.raises(InputError, match="`seed` must be a whole number of at least 0"):
        fit(PEAK, x, y, start="random", seed=1.5, method=method)


def test_another_text_than_random_is_refused():
    """`start` is a dict or "random"."""
    with pytest.raises(InputError, match=r"must be 'random' or .* but is 'rnadom'"):
        run("peak", start="rnadom")


@pytest.mark.parametrize("method", ["sgd", "gd", "adam", "momentum"])
def test_coupled_decay_minimises_the_penalised_loss(method):
    """Ridge: the minimum of mean rho + decay / 2 |theta|^2 in user units."""
    rng = np.random.default_rng(8)
    x, decay = np.linspace(-1.0, 1.0, 500), 0.3
    sigma = rng.uniform(0.5, 1.5, x.size)
    y = 3.0 + 2.0 * x - x**2 + sigma * rng.normal(size=x.size)
    found = fit(
        *(Quadratic(), x, y),
        sigma=sigma,
        method=method,
        batch_size=500,
        epochs=1500,
        learning_rate=0.05,
        weight_decay=decay,
        tolerance=0,
    )
    design = np.stack([x**2, x, np.ones_like(x)]) / sigma
    matrix = design @ design.T / x.size + decay * np.eye(3)
    ridge = np.linalg.solve(matrix, design @ (y / sigma) / x.size)
    # Adam at a constant rate ends in a cycle of about the rate times 1e-6.
    np.testing.assert_allclose(found.solution.theta, ridge, rtol=1e-5)


def test_the_answer_is_the_average_or_the_end_of_the_path():
    """`averaged=False` gives the last parameters, which the history ends with."""
    last = run("peak", averaged=False, epochs=5)
    mean = run("peak", epochs=5)
    np.testing.assert_array_equal(last.history.theta, mean.history.theta)
    np.testing.assert_array_equal(last.solution.theta, last.history.theta[-1])
    assert (mean.solution.theta != mean.history.theta[-1]).all()


def test_rows_with_nan_are_left_out_on_demand():
    """The same answer as without these rows, whose number is told."""
    x, y, sigma = data_of("peak")
    y = y.copy()
    y[[3, 700, 1999]] = np.nan
    settings = {"method": "adam", "sigma": sigma, **SETTINGS}
    found = fit(PEAK, x, y, nan="omit", **settings)
    keep = np.isfinite(y)
    reference = fit(PEAK, x[keep], y[keep], sigma=sigma)
    assert (found.n_samples, found.data.n_left_out) == (1997, 3)
    assert away(found, reference) < 1.1 * NEAR
    with pytest.raises(DomainError, match=r"y\[3\]"):
        fit(PEAK, x, y, **settings)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"batch_size": 2001}, "`batch_size` is 2001, but the data have 2000 rows"),
        ({"batch_size": 0}, "`batch_size` must be a whole number of at least 1"),
        ({"batch_size": 10.5}, "`batch_size` must be a whole number of at least 1"),
        ({"epochs": 0}, "`epochs` must be a whole number of at least 1"),
        (
            {"learning_rate": -0.1},
            "`learning_rate` must be finite and above 0, but is -0.1",
        ),
        ({"learning_rate": "0.1;k=3"}, "0.1;k=3"),
        ({"learning_rate": []}, "`learning_rate` must be a number, or a schedule such"),
        ({"sampler": "block"}, "'block', which is unknown; did you mean 'blocks'"),
        ({"scaling": "curv"}, "but is 'curv'; did you mean 'curvature'"),
        ({"tolerance": -1.0}, "`tolerance` must be finite and not neg"),
        ({"seed": -1}, "`seed` must be a whole number of at least 0"),
        ({"memory": 0}, "`memory` must be a whole number of at least 1"),
        ({"threads": 0}, "`threads` must be a whole number of at least 1"),
        ({"checkpoint_every": -1.0}, "`checkpoint_every` must be finite and not"),
        ({"resume": True}, "give `checkpoint` its path"),
        ({"weight_decay": -1.0}, "`weight_decay` must be finite and not negative"),
        ({"method": "trf"}, "`method` is 'trf', which is .* mean 'scipy:trf'"),
        ({"method": "adm"}, "`method` is 'adm', which is unknown; did you mean 'adam'"),
        ({"method": "adam:beta=0.9"}, "no setting 'beta'"),
        ({"method": "lm"}, "`batch_size` is for methods on minibatches, but `method`"),
        ({"method": "scipy:trf"}, "`batch_size` is for methods on minibatches"),
        ({"start": {"amplitud": 1.0}}, "`start` names 'amplitud'"),
        ({"nan": "drop"}, "`nan` must be 'raise' or 'omit'"),
    ],
    ids=lambda own: "-".join(map(str, own.items())) if isinstance(own, dict) else "",
)
def test_wrong_settings_get_a_sentence(options, sentence):
    """The name, what is allowed, and what came."""
    with pytest.raises(PhysfitError, match=sentence):
        run("peak", **({"method": "adam"} | options))


def test_a_schedule_that_turns_negative_names_the_step():
    """A schedule of one's own is looked at where it is used."""

    class Falling(schedules.Schedule):
        def rates(self, t):
            return 0.01 * (3.5 - t)

    with pytest.raises(DomainError, match=r"has the rate -0\.005 at step 4"):
        run("peak", learning_rate=Falling())


def test_fewer_rows_than_parameters_are_refused():
    """As for a fit in memory."""
    with pytest.raises(ShapeError, match="2 samples cannot determine 3 free"):
        fit(Quadratic(), [0.0, 1.0], [1.0, 2.0], method="sgd", batch_size=1)


def test_progress_is_told_after_each_window():
    """Rows and steps grow to those of all epochs, with rate and loss."""
    seen = []
    run("peak", epochs=4, progress=seen.append, tolerance=0)
    assert [own.n_rows for own in seen] == [2000, 4000, 6000, 8000]
    assert {own.total_rows for own in seen} == {8000}
    assert {own.max_steps for own in seen} == {80}
    assert seen[-1].n_steps == 80
    assert all(own.cost > 0.0 for own in seen)
    # Constant to the middle, then along half a cosine: 0.5 of it after 60 of 80 steps.
    expected = [0.01, 0.01, 0.005, 0.0]
    assert [own.learning_rate for own in seen] == pytest.approx(expected, abs=5e-4)


@pytest.mark.parametrize(
    ("theta", "step", "expected"),
    [
        (0.29, -0.3, 0.0),
        (0.31, -0.4, 0.31),
        (0.29, -0.28, 0.29),
        (0.29, 5.0, 0.29),
        (9.8, 0.2, 10.0),
        (9.6, 5.0, 9.6),
    ],
    ids=["beyond", "far", "before", "inwards", "upper", "far from the upper"],
)
def test_a_path_ends_on_a_bound_that_is_near_and_crossed(theta, step, expected):
    """Within 0.3 standard errors (here 1) of it, and with the minimum beyond it."""
    judged = SimpleNamespace(
        solution=SimpleNamespace(theta=np.array([theta])),
        step=np.array([step]),
        covariance=SimpleNamespace(matrix=np.eye(1)),
    )
    put = _put_on_bounds(judged, np.zeros(1), np.full(1, 10.0))
    assert put.tolist() == [expected]


def test_a_parameter_without_an_error_is_not_put_on_its_bound():
    """Where the data say nothing, neither do they say that the bound is crossed."""
    judged = SimpleNamespace(
        solution=SimpleNamespace(theta=np.array([0.1, 0.1])),
        step=np.array([-1.0, -1.0]),
        covariance=SimpleNamespace(matrix=np.diag([np.inf, np.nan])),
    )
    put = _put_on_bounds(judged, np.zeros(2), np.full(2, 10.0))
    assert put.tolist() == [0.1, 0.1]


@pytest.mark.parametrize(
    ("ended", "distance", "cost", "expected"),
    [
        (Status.EPOCHS_DONE, 0.2, 1.0, Status.SETTLED),
        (Status.SETTLED, 0.4, 1.0, Status.RESTING),
        (Status.MAX_STEPS, 0.4, 1.0, Status.MAX_STEPS),
        (Status.EPOCHS_DONE, np.nan, 1.0, Status.EPOCHS_DONE),
        (Status.EPOCHS_DONE, np.nan, np.nan, Status.NOT_FINITE_AROUND),
        (Status.SETTLED, np.nan, np.inf, Status.NOT_FINITE_AROUND),
        (Status.DIVERGED, np.nan, np.nan, Status.DIVERGED),
    ],
)
@pytest.mark.parametrize("has_grown", [False, True])
def test_the_pass_at_the_end_decides_the_status(
    ended, distance, cost, expected, has_grown
):
    """By the distance left to the minimum; an answer without a cost is said to be one.

    A width that ends on its bound 0 is where a peak is not defined.
    """
    if has_grown:
        expected = Status.DIVERGED
    assert _status(ended, distance, cost, has_grown) is expected


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"threads": 0}, "`threads` must be a whole number"),
        ({"threads": "a"}, "`threads` must be a whole number"),
        ({"checkpoint_every": -1.0}, "`checkpoint_every` must be finite and not"),
        ({"memory": "a"}, "`memory` must be a whole number"),
        ({"seed": 0.5}, "`seed` must be a whole number"),
    ],
    ids=["threads", "text", "interval", "memory", "seed"],
)
@pytest.mark.parametrize("method", ["adam", "lm", "gauss_newton"])
def test_wrong_settings_are_refused_before_data_are_read(
    method, settings, sentence, tmp_path
):
    """The file is not even there."""
    path = str(tmp_path / "missing.h5")
    with pytest.raises(InputError, match=sentence):
        fit(PEAK, path, method=method, **settings)


def test_an_unknown_sampler_is_refused_before_any_pass():
    """As every other setting of minibatches."""
    with pytest.raises(
        InputError, match="'block', which is unknown; did you mean 'blocks'"
    ):
        FitSettings.of({"sampler": "block"}).minibatches("adam", 100)
