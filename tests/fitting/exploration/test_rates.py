"""Tests of learning rates: where they blow up, what they suggest."""

from __future__ import annotations

import json

import h5py
import numpy as np
import pytest

from physfit.data.hdf5.source import Hdf5Source
from physfit.errors import DomainError, InputError
from physfit.fitting import fit
from physfit.fitting.exploration.rates import RateTest, find_rate, judged
from physfit.models import Gaussian, IsingEnergy, Linear
from physfit.solve.scaling import scaling_of

X = np.linspace(0.0, 3.0, 60)
Y = 2.0 * X - 1.0 + np.random.default_rng(1).normal(0.0, 0.1, X.size)
START = {"slope": 0.0, "intercept": 0.0}


def largest_curvature() -> float:
    """Largest eigenvalue of the scaled Gauss-Newton matrix of the line."""
    objective = fit(Linear(), X, Y, sigma=0.1).objective
    theta = np.zeros(2)
    matrix = objective.normal(theta)[2] / X.size
    size = float(np.mean((Y - Y.mean()) ** 2)) / 0.1**2
    lower, upper = np.full(2, -np.inf), np.full(2, np.inf)
    scaling = scaling_of("curvature", theta, lower, upper, np.diagonal(matrix), size)
    scaled = matrix * np.outer(scaling.scale, scaling.scale) / size
    return float(np.linalg.eigvalsh(scaled)[-1])


def line(**arguments: object) -> RateTest:
    """The test on a straight line, where the loss is quadratic."""
    return find_rate(Linear(), X, Y, sigma=0.1, start=START, **arguments)


def test_gradient_descent_blows_up_at_two_over_the_curvature():
    """On a quadratic the largest stable rate is 2 / lambda_max; the grid has 26 %."""
    found = line(method="gd")
    assert found.blow_up is not None
    assert found.blow_up * largest_curvature() == pytest.approx(2.0, rel=0.3)


def test_a_finer_grid_finds_it_more_exactly():
    """With 40 rates a decade the blow-up is within 6 %, and never below 2 / lambda."""
    found = line(method="gd", per_decade=40, learning_rate=(0.1, None))
    assert 1.0 <= found.blow_up * largest_curvature() / 2.0 < 1.08


def test_the_suggestion_leaves_room():
    """At most half the best rate and a quarter of the one that blows up."""
    found = line(method="gd")
    losses = np.where(found.lost, np.inf, found.losses)
    gained = found.start_loss - losses
    arrived = found.learning_rates[gained > (1.0 - 1e-4) * gained.max()]
    assert found.suggestion <= 0.5 * arrived.max()
    assert found.suggestion <= 0.25 * found.blow_up


def test_among_rates_that_arrive_rounding_does_not_choose():
    """The middle one counts, whichever of the equal losses is the lowest."""
    rates = np.geomspace(1e-3, 1.0, 7)
    losses = np.array([9.0, 5.0, 1.0, 1.0, 1.0, 6.0, np.inf])
    lost = np.zeros(7, dtype=bool)
    found = [
        judged(rates, losses - 1e-12 * (np.arange(7) == k), 10.0, lost)[1]
        for k in (2, 3, 4)
    ]
    assert found == [pytest.approx(0.5 * rates[3])] * 3


@pytest.mark.parametrize("method", ["sgd", "momentum", "rmsprop", "adam"])
def test_the_suggested_rate_works(method):
    """A fit that begins with it lowers the loss, and does not diverge."""
    found = line(method=method, batch_size=10)
    result = fit(
        *(Linear(), X, Y),
        sigma=0.1,
        start=START,
        method=method,
        batch_size=10,
        learning_rate=found.suggestion,
        epochs=60,
    )
    assert result.solution.cost / X.size < 0.1 * found.start_loss


def test_losses_are_those_of_all_samples_after_the_steps():
    """At a tiny rate nothing moves; the steps of gradient descent by hand elsewhere."""
    found = line(method="gd", steps=1, learning_rate=(1e-9, 0.1))
    assert found.losses[0] == pytest.approx(found.start_loss, rel=1e-6)
    objective = fit(Linear(), X, Y, sigma=0.1).objective
    theta = np.zeros(2)
    _, gradient, matrix = objective.normal(theta)
    # In scaled parameters the step is rate * gradient / V / n, and V / n * n is what
    # the scales hold: theta moves by rate * gradient / diagonal of the matrix.
    moved = theta - 0.1 * gradient / np.diagonal(matrix)
    assert found.losses[-1] == pytest.approx(objective.cost(moved) / X.size, rel=1e-9)


def test_threads_do_not_matter_and_the_seed_does():
    """The same losses on one thread; another order of rows gives others."""
    one = line(method="sgd", batch_size=7, threads=1)
    two = line(method="sgd", batch_size=7, threads=2)
    other = line(method="sgd", batch_size=7, seed=3)
    np.testing.assert_array_equal(one.losses, two.losses)
    assert not np.array_equal(one.losses, other.losses)


def test_at_the_minimum_there_is_no_suggestion():
    """Where nothing falls, the report says so."""
    best = fit(Linear(), X, Y, sigma=0.1).values
    found = find_rate(Linear(), X, Y, sigma=0.1, start=best, method="gd")
    assert found.suggestion is None
    assert "the loss falls by 0.1 %: begin further away" in found.report()


def test_no_blow_up_in_range():
    """Rates that are all small."""
    found = line(method="gd", learning_rate=(None, 1e-2))
    assert found.blow_up is None
    assert "no rate up to 0.01 diverges" in found.report()


def test_a_lucky_rate_between_bad_ones_is_no_blow_up():
    """The blow-up is where successes end, not at the first failure."""
    rates = np.array([1.0, 2.0, 3.0, 4.0])
    losses = np.array([0.5, 9.0, 0.4, np.nan])
    lost = np.array([False, False, False, True])
    assert judged(rates, losses, 1.0, lost) == (4.0, 1.0)


def advised(losses: list[float], lost: tuple[int, ...] = ()) -> RateTest:
    """A test of 71 rates from 1e-6 to 10 that began with a loss of 1."""
    rates, values = np.geomspace(1e-6, 10.0, 71), np.ones(71)
    values[40 : 40 + len(losses)] = losses
    is_lost = np.isin(np.arange(71), lost) | ~(values <= 2.0)
    said = judged(rates, values, 1.0, is_lost)
    how = ("line", "chi2", "gd", 9, 50)
    return RateTest(*how, rates, values, 1.0, is_lost, *said, seconds=1.0)


@pytest.mark.parametrize(
    ("losses", "lost", "sentence"),
    [
        (
            [0.9, 0.5, 0.4, 0.6],
            range(47, 71),
            "0.00792, half of 0.0158, with the lowest",
        ),
        (
            [0.9, 0.2, 0.1],
            range(43, 71),
            "0.00499, a quarter of 0.02, where the loss blows up",
        ),
        (
            [0.5, 0.4, 0.4, 0.4],
            range(60, 71),
            "0.00792, half of 0.0158, in the middle of the 3 rates with the lowest",
        ),
    ],
    ids=["half", "quarter", "level"],
)
def test_the_advice_says_what_it_is_a_part_of(losses, lost, sentence):
    """The rates in it are rows of the table, whatever rows are left out there."""
    found = advised(losses, tuple(lost))
    rows, _, advice = found.report().rpartition("\n\n")
    assert f"suggested rate: {sentence}" in advice
    shown = [row.split()[0] for row in rows.splitlines()[3:] if row.strip()]
    assert {f"{found.best:.3g}", f"{found.blow_up:.3g}"} <= set(shown)


def test_rates_that_diverge_below_others_are_told():
    """No sentence that none diverges stands below a row that does."""
    amid = advised([0.5], (35,)).report()
    assert "1 of the rates diverge, but not the highest, 10" in amid
    assert "no rate up to" not in amid
    below = advised([0.5], (35, 36, 70)).report()
    assert "from a rate of 10 on the loss blows up, and at 2 of those below" in below
    assert below.count("diverges") == 3


def test_a_small_fall_is_called_small():
    """A row of -0.1 % and the sentence that no rate is good do not contradict."""
    found = advised([0.9994])
    assert "-0.1 %" in found.report()
    assert "at none of the rates the loss falls by 0.1 %" in found.report()


@pytest.mark.parametrize("loss", ["chi2", "huber"])
def test_configurations_of_spins(loss):
    """Rows of int8 take the steps that they take in `fit`."""
    rng = np.random.default_rng(6)
    spins = rng.choice([-1, 1], (200, 6))
    model = IsingEnergy(6)
    y = model(spins, J=1.0, h=0.3) + 0.1 * rng.normal(size=200)
    common = {"sigma": 0.1, "loss": loss, "method": "sgd", "batch_size": 200}
    found = find_rate(model, spins, y, steps=40, learning_rate=(0.01, 0.1), **common)
    whole = {"averaged": False, "tolerance": 0, "epochs": 40}
    fitted = fit(model, spins, y, learning_rate=0.1, **common, **whole)
    assert fitted.n_steps == 40
    # Batches of all rows; the order in which they are added differs.
    np.testing.assert_allclose(found.losses[-1], fitted.solution.cost / 200, rtol=1e-9)
    assert found.losses[-1] < 0.9 * found.start_loss


def test_rows_of_a_file(tmp_path):
    """An HDF5 file is tried on a sample of its rows."""
    random = np.random.default_rng(3)
    x = random.uniform(0.0, 10.0, 60_000)
    y = Gaussian()(x, amplitude=3.0, center=5.0, sigma=0.7)
    with h5py.File(tmp_path / "rows.h5", "w") as file:
        file["x"], file["y"] = x, y + random.normal(0.0, 0.1, x.size)
    start = {"amplitude": 2.0, "center": 4.5, "sigma": 1.0}
    source = Hdf5Source(tmp_path / "rows.h5", x="x", y="y")
    found = find_rate(Gaussian(), source, start=start, batch_size=100)
    assert found.batch_size == 100
    assert found.suggestion is not None
    assert 1e-3 < found.suggestion < 0.5


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        (
            {"learning_rate": (0.0, None)},
            DomainError,
            "`learning_rate` must be the low",
        ),
        ({"learning_rate": (1.0, 0.1)}, DomainError, "the lowest and the highest rate"),
        ({"learning_rate": 0.1}, DomainError, "but is 0.1"),
        ({"steps": 0}, InputError, "`steps` must be a whole number of at least 1"),
        ({"per_decade": 0}, InputError, "`per_decade` must be a whole"),
        ({"batch_size": 61}, InputError, "`batch_size` is 61, but the data have 60"),
        ({"method": "lm"}, InputError, "unknown optimizer 'lm'"),
    ],
    ids=["zero", "reversed", "one", "no step", "no rate", "batch", "method"],
)
def test_unusable_arguments_are_refused(arguments, error, words):
    """One sentence with the name, what is allowed and what came."""
    with pytest.raises(error, match=words):
        line(**arguments)


def test_report_record_and_figure():
    """The same numbers in text, JSON and picture."""
    found = line(method="gd")
    assert f"suggested rate: {found.suggestion:.3g}" in found.report()
    record = json.loads(json.dumps(found.to_dict(), allow_nan=False))
    assert record["learning_rates"] == found.learning_rates.tolist()
    (ax,) = found.plot().axes
    curve, crosses, _, mark = ax.get_lines()
    np.testing.assert_array_equal(curve.get_xdata(), found.learning_rates)
    np.testing.assert_array_equal(crosses.get_xdata(), found.learning_rates[found.lost])
    assert mark.get_xdata()[0] == found.suggestion
