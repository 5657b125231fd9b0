"""The same data fitted once more, with something changed."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize

import physfit as pf
from physfit.errors import InputError, ModelError
from physfit.models import ComplexRingdown, Constant, Gaussian, IsingEnergy
from physfit.result import FitResult, load_result

X = np.linspace(0.0, 10.0, 80)
MODEL = Gaussian() + Constant()
TRUTH = {"amplitude": 3.0, "center": 5.0, "sigma": 0.7, "c": 0.1}
SIGMA = np.linspace(0.04, 0.06, 80)
Y = MODEL(X, **TRUTH) + SIGMA * np.random.default_rng(3).normal(size=80)


def first(**how) -> FitResult:
    named = {"units": ("s", "V"), "labels": ("t", "u"), "source": "run.csv"}
    return pf.fit(MODEL, X, Y, sigma=SIGMA, **named, **how)


def test_a_refit_is_what_scipy_finds_with_one_parameter_less():
    """Values and errors, of the same data."""
    result = first().refit(c=pf.fixed(0.0))

    def peak(x, amplitude, center, sigma):
        return MODEL(x, amplitude=amplitude, center=center, sigma=sigma, c=0.0)

    popt, pcov = scipy.optimize.curve_fit(
        *(peak, X, Y, [3.0, 5.0, 0.7], SIGMA), absolute_sigma=True
    )
    errors = np.sqrt(np.diag(pcov))
    assert result.free_names == ("amplitude", "center", "sigma")
    assert np.all(np.abs(result.solution.theta - popt) < 1e-3 * errors)
    np.testing.assert_allclose(
        [result.stderr[name] for name in result.free_names], errors, rtol=1e-3
    )


def test_data_names_loss_and_method_stay():
    """All that is not said."""
    before = first(loss="huber:1.2", method="scipy:trf")
    after = before.refit(c=pf.fixed(0.0))
    assert after.data is before.data
    assert (str(after.loss), after.method) == ("huber:1.2", "scipy:trf")
    assert str(before.refit(loss="soft_l1").loss) == "soft_l1:1"
    assert before.refit(method="lm").method == "lm"


def test_a_refit_begins_where_the_fit_ended():
    """A start that is given, by a change or by `start`, goes before."""
    before = first()
    again = before.refit()
    np.testing.assert_array_equal(again.start, before.solution.theta)
    assert (again.guessed, again.n_steps) == ((), 0)
    moved = before.refit(center=5.4, sigma=pf.param(start=0.8), start={"c": 0.3})
    assert dict(zip(moved.free_names, moved.start.tolist(), strict=True)) == {
        "amplitude": before.values["amplitude"],
        **{"center": 5.4, "sigma": 0.8, "c": 0.3},
    }
    assert moved.values == pytest.approx(before.values, rel=1e-5)
    assert not np.isin(before.refit(start="random").start, before.start).any()


def test_new_bounds_pull_the_start_inside():
    """An answer that a bound excludes starts at that bound."""
    result = first().refit(sigma=pf.bounds(1.0, 2.0), c=pf.param(bounds=(None, 0.0)))
    assert (result["sigma"].value, result["sigma"].at_bound) == (1.0, -1)
    assert result["c"].upper == 0.0


def test_what_was_held_is_freed_from_its_value():
    """Fixed and tied parameters."""
    model = (MODEL + Gaussian("b_")).where(
        c=pf.fixed(0.1), b_sigma=pf.tie("2 * sigma"), b_amplitude=0.5, b_center=7.0
    )
    held = pf.fit(model, X, Y, sigma=SIGMA)
    free = held.refit(c=pf.param(), b_sigma=pf.param())
    starts = dict(zip(free.free_names, free.start.tolist(), strict=True))
    assert (starts["c"], starts["b_sigma"]) == (0.1, held.values["b_sigma"])


def test_a_function_keeps_the_samples_it_was_bound_to():
    """Also one that asks for all of x."""

    def tilted(x, a, b):
        return a + b * (x - x.mean())

    result = pf.fit(tilted, X, Y).refit(b=pf.fixed(0.0))
    assert result["a"].value == pytest.approx(Y.mean())


def test_complex_data():
    """Both parts stay."""
    model, t = ComplexRingdown(), np.linspace(0.0, 4.0, 50)
    truth = {"amplitude": 2.0, "frequency": 1.0, "rate": 0.5, "phase": 0.3}
    noise = np.random.default_rng(1).normal(size=(2, 50))
    result = pf.fit(model, t, model(t, **truth) + 0.01 * (noise[0] + 1j * noise[1]))
    again = result.refit(phase=pf.fixed(0.3))
    assert again["frequency"].value == pytest.approx(1.0, abs=0.01)


def test_the_ridge_of_spins_stays():
    """So do their int8 rows."""
    rng = np.random.default_rng(2)
    spins = rng.choice([-1, 1], size=(100, 5)).astype(np.int8)
    energies = -(spins * np.roll(spins, 1, 1)).sum(1) + 0.1 * rng.normal(size=100)
    ridge = pf.fit(IsingEnergy((5,), "all_pairs"), spins, energies, weight_decay=0.1)
    again = ridge.refit()
    assert again.weight_decay == 0.1
    np.testing.assert_allclose(again.solution.theta, ridge.solution.theta)


def test_a_loaded_result_can_be_fitted_again(tmp_path):
    """All that is needed stands in the file."""
    before = first()
    before.save(tmp_path / "fit.h5")
    after = load_result(tmp_path / "fit.h5").refit(c=pf.fixed(0.0))
    assert after.chi2 == pytest.approx(before.refit(c=pf.fixed(0.0)).chi2, rel=1e-9)
    assert after.data[3:8] == ("t", "u", "s", "V", "run.csv")


def test_a_run_on_minibatches_says_that_its_settings_are_lost():
    """A method over all samples has none."""
    run = first(method="adam", epochs=30, start=TRUTH)
    with pytest.raises(InputError, match=r"made on minibatches.*method='lm'"):
        run.refit()
    assert run.refit(method="lm").chi2 == pytest.approx(first().chi2)


def test_a_sample_of_rows_is_no_data():
    """Of a fit in passes over a file the result holds what is drawn."""
    whole = first()
    shown = pf.FitResult(
        *(whole.model, whole.data._replace(n_total=1000), whole.loss),
        *("lm", whole.solution, whole.start),
    )
    with pytest.raises(InputError, match="holds 80 of 1000 rows"):
        shown.refit()


def test_an_unknown_parameter_is_refused():
    """As by `where`."""
    with pytest.raises(ModelError, match="did you mean 'center'"):
        first().refit(centre=pf.fixed(5.0))


def test_data_of_a_result_take_nothing_beside():
    """What would be left aside is refused."""
    with pytest.raises(InputError, match="have their own columns and names"):
        pf.fit(MODEL, first().data, units=("ms", "V"))
