"""Results of fits over rows of a file: saved, shown, drawn."""

from __future__ import annotations

import json
from dataclasses import fields

import h5py
import numpy as np
import pytest

from physfit import fit, load_result
from physfit.models import Gaussian, IsingEnergy, Linear

N = 30_000
MODEL = Gaussian() + Linear()
START = {"amplitude": 9, "center": 4.9, "sigma": 0.7, "slope": 0, "intercept": 2}
TRUTH = {"amplitude": 10.0, "center": 5.0, "sigma": 0.8, "slope": 0.1, "intercept": 1.0}
METHODS = ["adam", "lm"]
ADAM = {"epochs": 3, "batch_size": 500, "learning_rate": "inverse_sqrt:0.02"}
#: Entries of a record that results of the first version have not.
NEW = ("assessment", "n_total", "history", "run", "weight_decay")


@pytest.fixture(scope="module")
def rows(tmp_path_factory):
    """A file of more rows than a result keeps."""
    rng = np.random.default_rng(1)
    x = rng.uniform(0.0, 10.0, N)
    y = MODEL(x, **TRUTH) + 0.2 * rng.normal(size=N)
    y[[5, 29_999]] = np.nan
    path = tmp_path_factory.mktemp("rows") / "rows.h5"
    with h5py.File(path, "w") as file:
        file["d"] = np.stack([x, y, np.full(N, 0.2)], 1)
    return path


@pytest.fixture(scope="module", params=METHODS)
def result(request, rows):
    """A result by minibatches, and one by passes."""
    options = ADAM if request.param == "adam" else {"memory": 1 << 16}
    return fit(
        *(MODEL, str(rows)), method=request.param, start=START, nan="omit", **options
    )


def equal(one, other):
    """Whether two values are the same to the last bit, NaN being NaN."""
    if isinstance(one, tuple) and hasattr(one, "_fields"):
        return all(map(equal, one, other))
    if isinstance(one, np.ndarray):
        return np.array_equal(one, other, equal_nan=one.dtype.kind == "f")
    if hasattr(one, "__dataclass_fields__"):
        return all(
            equal(getattr(one, own.name), getattr(other, own.name))
            for own in fields(one)
        )
    return one == other or (one != one and other != other)


@pytest.mark.parametrize("suffix", ["json", "h5"])
def test_history_and_assessment_come_back(result, suffix, tmp_path):
    """All of the solution and of what it is worth, to the last bit."""
    path = tmp_path / f"fit.{suffix}"
    result.save(path)
    loaded = load_result(path)
    assert equal(loaded.solution, result.solution)
    assert equal(loaded.assessment, result.assessment)
    assert equal(loaded.data, result.data)
    assert loaded.run == result.run
    assert (loaded.run is None) == (result.method == "lm")
    assert loaded.report() == result.report()
    assert (loaded.history is None) == (result.method == "lm")


@pytest.mark.parametrize("suffix", ["json", "h5"])
def test_files_of_the_first_version_are_read(suffix, tmp_path):
    """They have no history, assessment, settings of a run or number of all rows."""
    x = np.linspace(0.0, 10.0, 50)
    result = fit(MODEL, x, MODEL(x, **TRUTH), sigma=0.1, start=START)
    path = tmp_path / f"fit.{suffix}"
    result.save(path)
    if suffix == "json":
        record = json.loads(path.read_text())
        record["version"] = 1
        del record["assessment"], record["data"]["n_total"]
        del record["run"], record["weight_decay"]
        del record["solution"]["history"]
        path.write_text(json.dumps(record))
    else:
        with h5py.File(path, "r+") as file:
            file.attrs["physfit_version"] = 1
            for name in _named(file, NEW):
                del file[name]
            for group in [file, *_groups(file)]:
                for name in NEW:
                    group.attrs.pop(name, None)
    loaded = load_result(path)
    assert equal(loaded.solution, result.solution)
    assert loaded.report() == result.report()


@pytest.mark.parametrize("suffix", ["json", "h5"])
def test_former_names_of_entries_are_read(suffix, rows, tmp_path):
    """The learning rate was the schedule of a run and the rate of its history."""
    result = fit(MODEL, str(rows), method="adam", start=START, nan="omit", **ADAM)
    path = tmp_path / f"fit.{suffix}"
    result.save(path)
    if suffix == "json":
        record = json.loads(path.read_text())
        history, run = record["solution"]["history"], record["run"]
        history["rate"] = history.pop("learning_rate")
        run["schedule"] = run.pop("learning_rate")
        path.write_text(json.dumps(record))
    else:
        with h5py.File(path, "r+") as file:
            for place in _named(file, ("learning_rate",)):
                before = "schedule" if "run/" in place else "rate"
                file.move(place, place.replace("learning_rate", before))
    loaded = load_result(path)
    assert loaded.run == result.run
    assert equal(loaded.history, result.history)


def test_the_report_tells_how_a_run_was_set(rows):
    """Batch, rate as it can be given again, and weight decay stand by the method."""
    options = {"epochs": 1, "batch_size": 500, "weight_decay": 1e-4}
    given = {**options, "learning_rate": "exponential:0.02,k=0.01"}
    result = fit(
        *(MODEL, str(rows)), method="adam", start=START, nan="omit", seed=3, **given
    )
    line = (
        "method adam, batches of 500, learning rate exponential:0.02,k=0.01, weight "
        "decay 0.0001, loss chi2"
    )
    assert line in " ".join(result.report().split())
    assert result.run.transforms.startswith("add_l2(decay=0.0001) -> scale_by_adam(")
    assert (result.run.epochs, result.run.seed, result.run.averaged) == (1, 3, True)
    assert (result.run.sampler, result.run.scaling) == ("blocks", "curvature")
    assert result.weight_decay == 1e-4


def test_a_constant_rate_is_told_as_a_number(rows):
    """Nobody has to know that a number is a schedule."""
    options = {"epochs": 1, "batch_size": 500, "learning_rate": 0.02}
    result = fit(*(MODEL, str(rows)), method="sgd", start=START, nan="omit", **options)
    assert "sgd, batches of 500, learning rate 0.02, loss chi2" in result.report()
    assert result.weight_decay == 0.0


@pytest.mark.parametrize("suffix", ["json", "h5"])
def test_a_ridge_is_told_and_kept(suffix, tmp_path):
    """A fit by normal equations with a weight decay is no plain least squares."""
    model = IsingEnergy(4, "all_pairs")
    spins = np.random.default_rng(1).choice([-1, 1], (60, 4))
    y = model(spins, J_0_1=1.0)
    result = fit(model, spins, y, weight_decay=0.5)
    assert "lm, weight decay 0.5, loss chi2" in result.report()
    result.save(tmp_path / f"fit.{suffix}")
    assert load_result(tmp_path / f"fit.{suffix}").weight_decay == 0.5


def _groups(file):
    found = []
    file.visititems(
        lambda _, own: found.append(own) if isinstance(own, h5py.Group) else None
    )
    return found


def _named(file, names):
    found = []
    file.visit(
        lambda path: found.append(path) if path.split("/")[-1] in names else None
    )
    return [own for own in found if not own.rpartition("/")[0].endswith(names)]


def test_the_report_counts_all_rows(result):
    """Those of the file, not those that are kept to be shown."""
    text = " ".join(result.report().split())
    assert "data 29998 samples of rows.h5::/d:" in text
    assert "2 left out (masked or not finite)" in text
    assert "against x from about " in text
    assert f"{29998 - 5} degrees of freedom" in text
    assert "standard errors away, by the Newton step left" in text
    assert result.n_samples == 29_998
    assert result.data.y.shape[1] < 21_000


def test_the_work_is_told_in_rows(rows):
    """Of a run on minibatches."""
    found = fit(MODEL, str(rows), method="adam", start=START, nan="omit", epochs=1)
    assert f"{found.n_steps} steps over 29998 rows" in found.report()


def test_a_figure_shows_the_sample(result):
    """Data, curve and residuals of the rows that are kept."""
    figure = result.plot()
    drawn = max(
        (len(line.get_xdata()) for axes in figure.axes for line in axes.lines),
        default=0,
    )
    assert drawn > 100
    residuals = result.residuals
    assert residuals.shape[-1] == result.data.y.shape[1]


def test_cost_and_errors_are_of_all_rows(rows):
    """As of the fit of all columns in memory."""
    with h5py.File(rows) as file:
        x, y, sigma = file["d"][:].T
    expected = fit(MODEL, x, y, sigma=sigma, start=START, nan="omit")
    found = fit(MODEL, str(rows), method="lm", start=START, nan="omit", memory=1 << 16)
    assert found.chi2 == pytest.approx(expected.chi2, rel=1e-12)
    assert found.p_value == pytest.approx(expected.p_value, rel=1e-8)
    # Relative to the variances: a covariance may all but vanish.
    errors = np.sqrt(np.diagonal(expected.covariance))
    scaled = (found.covariance - expected.covariance) / np.outer(errors, errors)
    np.testing.assert_allclose(scaled, 0.0, atol=1e-8)
    assert found.aic == pytest.approx(expected.aic)
