"""What a result says follows from the model, the data and the solution."""

from __future__ import annotations

import math
import pickle
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
import scipy.stats

from physfit import fit
from physfit.errors import ConvergenceError, InputError
from physfit.models import Constant, Gaussian, IsingEnergy, Linear, Voigt
from physfit.result import FitResult
from tests.result.cases import (
    PEAK,
    X,
    complex_valued,
    counts,
    every,
    left_out,
    not_finite,
    peak,
    product,
    ring,
    robust,
    tied,
    undetermined,
    unfinished,
)

Case = Callable[[], FitResult]


def test_estimate_tells_what_is_known_about_a_parameter() -> None:
    """Value, error, unit, bounds and start of one parameter."""
    own = peak()["sigma"]
    assert own.value == pytest.approx(PEAK["sigma"], abs=5.0 * own.stderr)
    assert own.unit == "cm⁻¹"
    assert (own.lower, own.upper, own.start) == (0.0, math.inf, 0.5)
    assert own.relative_stderr == own.stderr / own.value
    assert not (own.fixed or own.at_bound or own.is_guessed or own.tie)


@pytest.mark.parametrize(
    ("name", "note"),
    [
        ("a_center", ""),
        ("a_gamma", "= 0.5 * a_sigma"),
        ("slope", "fixed"),
        ("intercept", "at lower bound"),
    ],
)
def test_note_says_what_is_special(name: str, note: str) -> None:
    """Free, tied, fixed and bounded parameters."""
    assert tied()[name].note == note


def test_note_says_that_a_start_was_guessed() -> None:
    """Only of those that were not given."""
    result = peak()
    assert result["c"].note == "start guessed"
    assert result["center"].note == ""


def test_derived_quantities_have_propagated_errors() -> None:
    """A width is proportional to sigma; its definition and unit are given."""
    result = peak()
    factor = 2.0 * math.sqrt(2.0 * math.log(2.0))
    assert result["fwhm"].value == pytest.approx(factor * result["sigma"].value)
    assert result["fwhm"].stderr == pytest.approx(factor * result["sigma"].stderr)
    assert result["fwhm"].unit == "cm⁻¹"
    assert result["fwhm"].is_derived
    assert set(result.derived) == {"height", "fwhm"}


def test_derived_quantity_that_is_not_defined_says_so() -> None:
    """1 / 0: NaN without an error, in words."""
    ringing = ring()
    theta = ringing.solution.theta.copy()
    theta[list(ringing.free_names).index("rate")] = 0.0
    still = replace(ringing, solution=ringing.solution._replace(theta=theta))
    assert math.isnan(still["tau"].value)
    assert math.isnan(still["tau"].stderr)
    assert still["tau"].note == "not defined here"


def test_unknown_name_suggests_a_known_one() -> None:
    """A misspelt parameter gets a sentence."""
    with pytest.raises(InputError, match="did you mean 'center'"):
        peak()["centre"]


def test_result_is_a_collection_of_its_parameters() -> None:
    """`in` and iteration go by name; derived quantities can be asked for too."""
    result = peak()
    assert list(result) == list(result.names) == list(result.values)
    assert "fwhm" in result
    assert "width" not in result


@every()
def test_values_resolve_ties_as_the_model_does(case: Case) -> None:
    """Every value is the one at which the model is evaluated."""
    result = case()
    free = {name: result.values[name] for name in result.free_names}
    np.testing.assert_array_equal(
        list(result.values.values()), result.model.full_values(free)
    )


@every()
def test_curve_is_the_model_at_the_values(case: Case) -> None:
    """`result(x)` and `best_fit` at the data agree, in the shape of x."""
    result = case()
    np.testing.assert_array_equal(result(result.data.x[0]), result.best_fit)
    assert result(X[:6].reshape(2, 3)).shape == (2, 3)
    assert np.shape(result(1.0)) == ()


@every(not_finite)
def test_components_add_up_to_the_curve(case: Case) -> None:
    """The terms of the sum, in the shape of x."""
    result = case()
    x = X[:6].reshape(2, 3)
    parts = result.components(x)
    np.testing.assert_allclose(sum(parts.values()), result(x), rtol=1e-12, atol=1e-14)
    assert set(result.background_names) <= set(parts)


def test_curves_refuse_the_same_coordinates() -> None:
    """Curve and components are checked alike, with the same sentence."""
    for curve in (tied(), tied().components):
        with pytest.raises(InputError, match="`x` must hold real numbers"):
            curve(["a", "b"])


def test_components_have_the_names_of_the_expression() -> None:
    """Terms by model and prefix; a product is one term."""
    assert list(tied().components(X)) == ["voigt(a_)", "gaussian(b_)", "linear"]
    assert list(product().components(X)) == ["gaussian * linear"]
    assert tied().background_names == ("linear",)
    assert product().background_names == ()


def test_pulls_are_residuals_by_sigma() -> None:
    """Sigma where it is known; the root of the model for counts."""
    known, poisson = ring(), counts()
    np.testing.assert_allclose(known.pulls, known.residuals / 0.1, rtol=1e-12)
    np.testing.assert_allclose(
        poisson.pulls, poisson.residuals / np.sqrt(poisson.best_fit), rtol=1e-12
    )


def test_pulls_without_sigma_take_the_spread_of_the_residuals() -> None:
    """Their squares sum to dof; robust ones are in units of the scale."""
    result = peak()
    assert np.sum(result.pulls**2) == pytest.approx(result.dof)
    robust_ones = fit(
        Gaussian(), X, Gaussian()(X, **PEAK) + 0.1 * np.cos(9.0 * X), loss="huber"
    )
    freedom = np.sqrt(robust_ones.dof / X.size)
    assert np.median(np.abs(robust_ones.pulls)) == pytest.approx(
        freedom * scipy.stats.norm.ppf(0.75)
    )


def test_complex_residuals_are_complex() -> None:
    """Data minus model, both parts."""
    result = complex_valued()
    assert result.pulls.dtype == np.complex128
    total = np.sum(np.abs(result.pulls) ** 2)
    assert total == pytest.approx(result.chi2, rel=1e-12)


@every(not_finite, robust, counts)
def test_chi2_is_the_sum_of_squares(case: Case) -> None:
    """Of the residuals, by sigma where it was given."""
    result = case()
    sigma = 1.0 if result.data.sigma is None else result.data.sigma[0]
    total = np.sum(np.abs(result.residuals / sigma) ** 2)
    assert result.chi2 == pytest.approx(total, rel=1e-10)
    assert result.reduced_chi2 == result.chi2 / result.dof


def test_deviance_of_counts() -> None:
    """Twice the log likelihood ratio to a model that meets every count."""
    result = counts()
    y, f = result.data.y[0], result.best_fit
    saturated = scipy.stats.poisson.logpmf(y, y).sum()
    expected = 2.0 * (saturated - scipy.stats.poisson.logpmf(y, f).sum())
    assert result.chi2 == pytest.approx(expected, rel=1e-10)


@pytest.mark.parametrize("case", [ring, complex_valued])
def test_p_value_is_the_tail_of_chi2(case: Case) -> None:
    """The probability of a larger chi2 with dof degrees of freedom."""
    result = case()
    expected = scipy.stats.chi2.sf(result.chi2, result.dof)
    assert result.p_value == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("case", [peak, robust])
def test_no_p_value_without_known_errors(case: Case) -> None:
    """Errors taken from the residuals say nothing about the model."""
    assert case().p_value is None


def test_information_criteria_with_sigma() -> None:
    """AIC = chi2 + 2 k and BIC = chi2 + k log n."""
    result = ring()
    assert result.aic == pytest.approx(result.chi2 + 8.0)
    assert result.bic == pytest.approx(result.chi2 + 4.0 * math.log(len(X)))


def test_information_criteria_without_sigma() -> None:
    """n log(chi2 / n) takes the place of chi2."""
    result = peak()
    deviance = len(X) * math.log(result.chi2 / len(X))
    assert result.aic == pytest.approx(deviance + 8.0)
    assert result.bic == pytest.approx(deviance + 4.0 * math.log(len(X)))


def test_information_criteria_of_counts() -> None:
    """Differences between models are those of the likelihood."""
    small = counts()
    y = small.data.y[0]
    model = Gaussian() + Linear()
    start = {**small.values, "slope": 0.0, "intercept": small.values["c"]}
    start.pop("c")
    large = fit(model, X, y, loss="poisson", start=start)
    gain = (
        scipy.stats.poisson.logpmf(y, large.best_fit).sum()
        - scipy.stats.poisson.logpmf(y, small.best_fit).sum()
    )
    assert small.aic is not None
    assert large.aic is not None
    assert large.aic - small.aic == pytest.approx(2.0 - 2.0 * gain, abs=1e-8)


def test_robust_losses_have_no_information_criteria() -> None:
    """They are no likelihood."""
    assert robust().aic is None
    assert robust().bic is None


def test_exact_data_have_errors_of_zero() -> None:
    """A perfect fit without sigma: chi2 near 0, errors near 0, no failure."""
    y = 2.0 * X + 1.0
    result = fit(Linear(), X, y, start={"slope": 1.0, "intercept": 0.0})
    assert result.stderr["slope"] < 1e-12
    assert result.aic is not None
    assert result.aic < -1000.0


def test_require_hands_on_what_converged() -> None:
    """A converged result is returned for the next call."""
    result = peak()
    assert result.require() is result


def test_require_raises_on_what_did_not() -> None:
    """The error carries the sentence and the solution."""
    result = unfinished()
    with pytest.raises(ConvergenceError, match="limit of steps") as caught:
        result.require()
    assert caught.value.solution is result.solution


@pytest.mark.parametrize(
    ("case", "words"),
    [
        (tied, "`intercept` is at its lower bound 0"),
        (tied, "larger than their errors explain"),
        (undetermined, "Not determined by the data: `a_c`, `b_c`"),
        (unfinished, "has not converged: the limit of steps"),
        (not_finite, "not finite at the start"),
        (product, "`intercept` is fixed at 1"),
    ],
)
def test_warnings_are_sentences(case: Case, words: str) -> None:
    """What a reader must know, each once."""
    found = [sentence for sentence in case().warnings if words in sentence]
    assert len(found) == 1
    assert found[0].endswith(".")


@pytest.mark.parametrize("case", [peak, ring, counts, complex_valued, left_out])
def test_good_fits_have_no_warnings(case: Case) -> None:
    """Nothing to say about a sound fit."""
    assert case().warnings == ()


def test_hardly_separable_parameters_are_named() -> None:
    """A line far from its origin."""
    x = 1000.0 + np.linspace(0.0, 1.0, 20)
    result = fit(Linear(), x, 2.0 * x + np.cos(99.0 * x), sigma=1.0)
    assert any("hardly separable" in sentence for sentence in result.warnings)


def test_robust_fit_beyond_its_bend_says_that_it_has_no_errors() -> None:
    """A cauchy loss with a tiny delta is convex nowhere near the residuals."""
    y = 1.0 + np.where(np.arange(len(X)) % 2, 1.0, -1.0)
    result = fit(Constant(), X, y, loss="cauchy:0.1", start={"c": 1.0})
    assert math.isnan(result["c"].stderr)
    assert any("raise its delta" in sentence for sentence in result.warnings)


def test_correlation_has_a_unit_diagonal() -> None:
    """And is symmetric, within [-1, 1]."""
    matrix = ring().correlation
    np.testing.assert_allclose(matrix.diagonal(), 1.0)
    np.testing.assert_allclose(matrix, matrix.T)
    assert np.abs(matrix).max() <= 1.0 + 1e-12


def test_repr_is_one_line() -> None:
    """Model, status and values."""
    text = repr(ring())
    assert "\n" not in text
    assert "ringdown" in text
    assert "converged" in text
    assert f"phase={ring().values['phase']:.6g}" in text


@every()
def test_pickles_after_everything_was_computed(case: Case) -> None:
    """A copy from another process evaluates and reports the same."""
    result = case()
    result.objective.cost(result.solution.theta)
    text = result.report()
    copy = pickle.loads(pickle.dumps(result))
    assert copy.report() == text
    assert copy.objective.cost(copy.solution.theta) == pytest.approx(
        result.solution.cost, rel=1e-12, nan_ok=True
    )


def test_importing_results_imports_nothing_heavy() -> None:
    """No matplotlib, h5py, scipy, numba or sympy before they are needed."""
    heavy = ("matplotlib", "h5py", "scipy", "numba", "sympy", "pandas")
    code = (
        "import sys, physfit.result\n"
        f"print([name for name in {heavy!r} if name in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


def test_start_of_voigt_with_everything_guessed_is_flagged() -> None:
    """All free parameters guessed, all said so."""
    y = Voigt()(X, amplitude=3.0, center=5.0, sigma=0.5, gamma=0.4)
    result = fit(Voigt(), X, y)
    assert result.guessed == result.free_names
    assert all("start guessed" in result[name].note for name in result)


def test_a_model_of_spins_is_drawn_as_its_couplings():
    """The image holds the symmetric matrix of the fitted couplings."""
    spins = np.array(list(np.ndindex(2, 2, 2, 2))) * 2 - 1
    model = IsingEnergy(4, "all_pairs")
    energies = model(spins, **{name: k + 1.0 for k, name in enumerate(model.names)})
    result = fit(model, spins, energies, sigma=0.1)
    figure = result.plot(title="Couplings")
    image = np.asarray(figure.axes[0].images[0].get_array())
    # Exact energies: couplings to rounding.
    assert image[0, 1] == pytest.approx(1.0, abs=1e-12)
    assert image[3, 2] == pytest.approx(6.0, abs=1e-12)
    np.testing.assert_array_equal(image, image.T)
    assert figure.axes[0].get_title() == "Couplings"


def test_the_sample_without_a_finite_value_is_told():
    """What makes a start useless is seen where the model has no number."""
    x = np.array([-2.0, -1.0, 0.5, 1.0, 2.0])
    result = fit("a*x**n", x, np.ones(5), start={"a": 1.0, "n": 0.5})
    said = "no finite value at x = -2 and 1 other sample."
    assert any(said in sentence for sentence in result.warnings)
