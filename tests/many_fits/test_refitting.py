"""Rows fitted again: better answers are put back and marked, all else stays."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.data import row_source
from physfit.errors import DataError, InputError, ModelError
from physfit.many_fits import row_job
from physfit.result import many_refits

MODEL = pf.models.Gaussian() + pf.models.Constant()
X = np.linspace(-5.0, 5.0, 64)
SHAPE = (12, 20)
TRUTH = {"amplitude": 100.0, "sigma": 0.9, "c": 2.0}


def spectra(seed: int = 3) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rows with noise of 1, their centers, and which of them have a spike."""
    rng = np.random.default_rng(seed)
    center = rng.uniform(-1.0, 1.0, SHAPE)
    y = 100.0 * np.exp(-0.5 * ((X - center[..., None]) / 0.9) ** 2)
    y = y / (0.9 * np.sqrt(2.0 * np.pi)) + 2.0 + rng.normal(size=(*SHAPE, X.size))
    has_spike = rng.random(SHAPE) < 0.25
    for place in np.argwhere(has_spike):
        y[tuple(place)][rng.integers(X.size)] += 200.0
    return y, center, has_spike


@pytest.fixture(scope="module")
def fitted() -> pf.ManyResult:
    return pf.fit_many(MODEL, X, spectra()[0], sigma=1.0)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "map.h5"
    with h5py.File(path, "w") as stored:
        stored["y"], stored["x"], stored["sigma"] = spectra()[0], X, np.ones(X.size)
    return path


def same_rows(a: pf.ManyResult, b: pf.ManyResult, which: np.ndarray) -> None:
    """Bit by bit."""
    rows = np.flatnonzero(which)
    for one, other in zip(a.table.chosen(rows), b.table.chosen(rows), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("loss", ["cauchy", "huber", "soft_l1"])
def test_a_robust_loss_cures_rows_with_spikes(fitted, loss):
    """Pulls of these rows are standard normal; the others stay, bit by bit."""
    _, center, has_spike = spectra()
    before = (fitted["center"].value - center) / fitted["center"].stderr
    cured = fitted.refit("reduced_chi2 > 2", loss=loss)
    pulls = ((cured["center"].value - center) / cured["center"].stderr)[has_spike]
    n = int(has_spike.sum())
    assert before[has_spike].std() > 5.0
    assert abs(pulls.mean()) < 4.0 / np.sqrt(n)
    assert abs(pulls.std() - 1.0) < 4.0 / np.sqrt(2.0 * n)
    np.testing.assert_array_equal(cured.refitted, has_spike)
    same_rows(cured, fitted, ~has_spike)
    assert not fitted.refitted.any()


def test_an_answer_and_its_errors_are_those_of_one_fit(fitted):
    """Of the loss that the row was refitted with: value, error, chi2 and report."""
    cured = fitted.refit(spectra()[2], loss="cauchy")
    for place in map(tuple, np.argwhere(spectra()[2])[:5]):
        alone = pf.fit(MODEL, X, spectra()[0][place], sigma=1.0, loss="cauchy")
        own = cured.result(*place)
        assert (str(own.loss), own.chi2) == (str(alone.loss), cured.chi2[place])
        for name in MODEL.names:
            error = alone[name].stderr
            assert cured[name].value[place] == pytest.approx(
                alone[name].value, abs=1e-3 * error
            )
            assert cured[name].stderr[place] == pytest.approx(error, rel=1e-3)
            assert own[name].stderr == pytest.approx(error, rel=1e-3)


def test_an_error_without_sigma_is_that_of_its_own_loss():
    """Scaled by each row's residuals: by sqrt(chi2 / dof), or by a robust scale."""
    y, _, has_spike = spectra()
    many = pf.fit_many(MODEL, X, y)
    cured = many.refit(has_spike, loss="huber")
    place = tuple(np.argwhere(has_spike)[0])
    alone = pf.fit(MODEL, X, y[place], loss="huber")
    assert many.scale is None
    assert cured.scale is not None
    np.testing.assert_array_equal(np.isfinite(cured.scale), has_spike)
    assert cured["center"].stderr[place] == pytest.approx(
        alone["center"].stderr, rel=1e-3
    )
    assert cured.scale[place] == pytest.approx(1.0, abs=0.5)


def test_a_lower_minimum_replaces_a_higher_one_and_no_other_does():
    """With loss and model the same, the cost decides; it never rises."""
    y, center, _ = spectra()
    y = np.clip(y, None, 60.0)
    x = np.concatenate([X, X + 40.0])
    rows = np.concatenate([y, np.full_like(y, 2.0)], axis=-1)
    wrong = np.where(np.arange(SHAPE[1]) % 3 == 0, 39.0, 0.0) + np.zeros(SHAPE)
    start = {**TRUTH, "center": wrong}
    many = pf.fit_many(MODEL, x, rows, sigma=1.0, start=start, retry=False)
    cured = many.refit("reduced_chi2 > 2")
    lost = abs(many["center"].value - center) > 1.0
    assert lost.any()
    assert (abs(cured["center"].value - center)[lost] < 1.0).all()
    assert cured.refitted[lost].all()
    moved = cured.refitted > 0
    assert (cured.chi2[moved] < many.chi2[moved]).all()
    same_rows(cured, many, ~moved.ravel())


def test_answers_that_are_no_better_are_not_put_back(fitted):
    """The result is the same one, also where nothing is chosen."""
    assert fitted.refit(np.ones(SHAPE, bool)) is fitted
    assert fitted.refit("reduced_chi2 > 1e9", loss="huber") is fitted
    assert fitted.refit([]) is fitted


def test_a_fit_that_does_not_converge_is_not_put_back(fitted):
    """Whatever its cost; one that failed is replaced by one that converged."""
    _, _, has_spike = spectra()
    stop = pf.Stop(ftol=0.0, xtol=0.0, max_steps=1)
    assert fitted.refit(~has_spike, loss="cauchy", stop=stop) is fitted
    failed = pf.fit_many(MODEL, X, spectra()[0], sigma=1.0, stop=stop, retry=False)
    assert not failed.converged.any()
    cured = failed.refit("status == 'failed'")
    assert cured.converged[~has_spike].all()
    assert (cured.chi2 <= failed.chi2 * (1.0 + 1e-8)).all()
    np.testing.assert_array_equal(cured.refitted > 0, cured.converged)
    moved = cured["center"].value - fitted["center"].value
    assert (abs(moved) < 1e-3 * fitted["center"].stderr)[~has_spike].all()


@pytest.mark.parametrize("loss", ["huber", "soft_l1"])
def test_a_peak_as_narrow_as_a_spike_replaces_none_that_is_determined(fitted, loss):
    """Its cost is lower by these losses, but no error of it is finite."""
    y, _, has_spike = spectra()
    high = y + np.where(y > 100.0, 1000.0, 0.0)
    cured = pf.fit_many(MODEL, X, high, sigma=1.0, loss="cauchy")
    assert np.isfinite(cured["center"].stderr[has_spike]).all()
    again = cured.refit(has_spike, loss=loss)
    assert again.refitted.any()
    assert np.isfinite(again["center"].stderr[has_spike]).all()


def test_a_neighbour_that_was_not_chosen_gives_a_start(monkeypatch):
    """Where no guess and no other start leads anywhere."""
    y, center, _ = spectra()
    y = np.minimum(y, 60.0)
    start = {name: np.full(SHAPE, value) for name, value in TRUTH.items()}
    start["sigma"][3, 4:6] = 1e-200
    monkeypatch.setattr(row_job, "guess_for", lambda *_: None)
    given = {**start, "center": np.zeros(SHAPE)}
    many = pf.fit_many(MODEL, X, y, sigma=1.0, start=given, retry=False)
    assert not many.converged[3, 4:6].any()
    cured = many.refit("status == 'failed'")
    assert (cured.retry_stage[3, 4:6] == pf.RetryStage.NEIGHBOUR).all()
    np.testing.assert_allclose(cured["center"].value[3, 4:6], center[3, 4:6], atol=0.2)


def test_start_values_are_for_the_chosen_rows(fitted):
    """One for all, or one per row in the map's shape; what is missing is guessed."""
    _, center, has_spike = spectra()
    start = {**TRUTH, "center": center}
    near = fitted.refit(has_spike, loss="cauchy", start=start)
    shared = fitted.refit(has_spike, loss="cauchy", start={"sigma": 0.9, "c": 2.0})
    for own in (near, shared):
        assert (own.refitted[has_spike] == 1).all()
        assert (abs(own["center"].value - center)[has_spike] < 0.1).all()
    with pytest.raises(InputError, match="map has shape"):
        fitted.refit(has_spike, start={"center": center[0]})
    with pytest.raises(InputError, match="answers of their neighbours"):
        fitted.refit(has_spike, start="previous")


def test_other_bounds_hold_for_the_chosen_rows(fitted):
    """At a bound there is no error, and the other rows keep theirs."""
    _, _, has_spike = spectra()
    bounded = MODEL.where(sigma=pf.bounds(0.95, 2.0))
    cured = fitted.refit(has_spike, loss="cauchy", model=bounded)
    sigma = cured["sigma"]
    assert (sigma.value[has_spike] >= 0.95).all()
    held = has_spike & (sigma.at_bound == -1)
    assert held.sum() > 0.5 * has_spike.sum()
    assert np.isnan(sigma.stderr[held]).all()
    assert cured.result(*np.argwhere(held)[0])["sigma"].at_bound == -1
    same_rows(cured, fitted, ~has_spike)


def test_a_parameter_may_be_held_in_the_chosen_rows(fitted):
    """It has no error there, takes no degree of freedom, and the others have less."""
    y, _, has_spike = spectra()
    held = MODEL.where(sigma=pf.fixed(0.9))
    cured = fitted.refit(has_spike, loss="cauchy", model=held)
    place = tuple(np.argwhere(has_spike)[0])
    alone = pf.fit(held, X, y[place], sigma=1.0, loss="cauchy")
    assert (cured["sigma"].value[has_spike] == 0.9).all()
    assert np.isnan(cured["sigma"].stderr[has_spike]).all()
    assert (cured.dof == np.where(has_spike, 61, 60)).all()
    assert cured["height"].stderr[place] == pytest.approx(
        alone["height"].stderr, rel=1e-3
    )
    assert np.isnan(cured["fwhm"].stderr[place])
    assert cured.result(*place).free_names == ("amplitude", "center", "c")
    np.testing.assert_allclose(
        cured.curve(*place), alone(X), atol=1e-3 * alone["c"].stderr
    )
    assert any("`sigma` is held by a refit" in own for own in cured.warnings)
    assert f"held: {has_spike.sum()}" in cured.report()
    assert "at a bound" not in cured.report()
    free = cured.refit(has_spike, loss="cauchy", model=MODEL)
    assert np.isfinite(free["sigma"].stderr).all()


@pytest.mark.parametrize(
    ("model", "words"),
    [
        (pf.models.Lorentzian() + pf.models.Constant(), "not lorentzian"),
        (MODEL + pf.models.Gaussian("b_"), "many.model.where"),
        (MODEL.where(c=pf.tie("0.02 * amplitude")), "`c` has another"),
    ],
)
def test_another_model_is_refused(fitted, model, words):
    """Its answers would be no numbers of this result."""
    with pytest.raises(ModelError, match=words):
        fitted.refit([[0, 0]], model=model)


def test_rows_are_refitted_twice(fitted):
    """Each row says by which refit; without a loss each keeps its own."""
    _, _, has_spike = spectra()
    once = fitted.refit(has_spike, loss="cauchy")
    half = has_spike & (np.arange(SHAPE[1]) < 10)
    twice = once.refit(half, loss="huber")
    np.testing.assert_array_equal(twice.refitted, has_spike + 1 * half)
    assert [str(own.loss)[:5] for own in twice.refits.entries] == ["cauch", "huber"]
    assert twice.refit(has_spike) is twice
    back = twice.refit("refitted > 0", loss="chi2", start=TRUTH)
    place = tuple(np.argwhere(back.refitted == 3)[0])
    assert back.result(*place).loss.name == "chi2"
    assert np.isfinite(back.p_value[place])
    again = fitted.refit(has_spike, loss="cauchy").refit(has_spike, loss="huber")
    assert len(again.refit(has_spike, loss="cauchy").refits.entries) == 2


def test_p_values_are_those_of_the_loss_of_the_result(fitted):
    """A robust cost follows no chi2 law."""
    cured = fitted.refit("reduced_chi2 > 2", loss="cauchy")
    np.testing.assert_array_equal(np.isnan(cured.p_value), cured.refitted > 0)
    assert "p values   below" in cured.report()


def test_nothing_is_said_of_p_values_where_no_row_may_have_one(fitted):
    """That samples are few would not be why."""
    every = fitted.refit(np.ones(SHAPE, dtype=bool), loss="cauchy")
    failed = pf.fit_many(MODEL, X, np.full((2, X.size), np.nan), sigma=1.0)
    for many in (every, failed):
        assert "p values" not in many.report()


def test_the_report_and_the_tables_say_which_rows(fitted):
    """With what was asked, and the loss."""
    cured = fitted.refit("reduced_chi2 > 2", loss="cauchy")
    n = int(spectra()[2].sum())
    text = f"refitted   {n} of {n} rows (reduced_chi2 > 2), loss cauchy:2.385"
    assert text in cured.report()
    np.testing.assert_array_equal(cured.to_frame()["refitted"], cured.refitted.ravel())
    assert "refitted" not in fitted.to_frame()
    (record,) = cured.to_dict()["refits"]
    assert (record["rows"], record["loss"]) == (n, "cauchy:2.385")


def test_marks_are_kept_in_files(fitted, tmp_path):
    """With models and losses, so that rows are looked at as they were fitted."""
    _, _, has_spike = spectra()
    held = MODEL.where(sigma=pf.fixed(0.9))
    cured = fitted.refit(has_spike, loss="cauchy", model=held)
    cured.save(tmp_path / "maps.h5")
    loaded = pf.load_many(tmp_path / "maps.h5")
    np.testing.assert_array_equal(loaded.refitted, cured.refitted)
    assert loaded.refits.entries == cured.refits.entries
    same_rows(loaded, cured, np.ones(cured.n_rows, bool))
    with h5py.File(tmp_path / "maps.h5") as stored:
        shown = stored["entry/quality"].attrs["auxiliary_signals"].tolist()
        assert "refitted" in shown
    with pytest.raises(InputError, match="not at hand"):
        loaded.refit("reduced_chi2 > 2")


def test_a_saved_refit_is_still_the_result_of_its_job(file, tmp_path):
    """Rows are looked at, refitted and retried; a resumed job has nothing to do."""
    out = tmp_path / "maps.h5"
    many = pf.fit_many(MODEL, file, output=out)
    cured = many.refit("reduced_chi2 > 2", loss="cauchy")
    cured.save(out, overwrite=True)
    loaded = pf.load_many(out)
    place = tuple(np.argwhere(loaded.refitted)[0])
    assert loaded.result(*place).loss.name == "cauchy"
    assert pf.fit_many(MODEL, file, output=out, resume=True).refitted.any()
    assert loaded.refit("refitted == 1", loss="huber").refitted.max() == 2
    of_arrays = pf.fit_many(MODEL, X, spectra()[0], sigma=1.0)
    expected = of_arrays.refit("reduced_chi2 > 2", loss="cauchy")
    np.testing.assert_allclose(
        cured["center"].value, expected["center"].value, atol=1e-6
    )


def test_other_data_than_those_that_were_fitted_are_refused(
    file, tmp_path, monkeypatch
):
    """By the date of the file, and by the digests of the blocks that are read."""
    monkeypatch.setattr(row_source, "FIRST", 4)
    monkeypatch.setattr(row_source, "PROBES", 2)
    monkeypatch.setattr(row_source, "PROBED", 4)
    many = pf.fit_many(MODEL, file, output=tmp_path / "maps.h5")
    date = os.stat(file).st_mtime_ns
    os.utime(file, ns=(date, date + 10**10))
    with pytest.raises(DataError, match="last written"):
        many.refit("reduced_chi2 > 2", loss="cauchy")
    with h5py.File(file, "r+") as stored:
        stored["y"][6, 3, 10] += 1.0
    os.utime(file, ns=(date, date))
    fresh = pf.load_many(tmp_path / "maps.h5")
    with pytest.raises(DataError, match="were fitted in the rows 64 to 128"):
        fresh.refit("reduced_chi2 > 0", loss="cauchy")


def test_an_unfinished_result_is_refused(fitted):
    """Its rows are yet to be fitted."""
    status = fitted.table.status.copy()
    status[7] = pf.Status.RUNNING
    begun = replace(fitted, table=fitted.table._replace(status=status))
    with pytest.raises(InputError, match="1 of 240 rows have not been fitted yet"):
        begun.refit("reduced_chi2 > 2")


def test_a_result_keeps_so_many_refits(fitted, monkeypatch):
    """Their number is a byte in files."""
    entries = (many_refits.Refit(MODEL, fitted.loss, True),) * 255
    refits = many_refits.Refits(np.zeros(fitted.n_rows, np.uint8), entries)
    full = replace(fitted, refits=refits)
    with pytest.raises(InputError, match="255 refits"):
        full.refit("reduced_chi2 > 2", loss="cauchy")


def test_the_threads_do_not_matter(fitted):
    """Bit by bit."""
    one = fitted.refit("reduced_chi2 > 2", loss="cauchy", threads=1)
    two = fitted.refit("reduced_chi2 > 2", loss="cauchy", threads=2)
    same_rows(one, two, np.ones(one.n_rows, bool))


def test_progress_counts_the_chosen_rows(fitted):
    """And what it raises stops the refit."""
    seen = []
    fitted.refit("reduced_chi2 > 2", loss="cauchy", progress=seen.append)
    n = int(spectra()[2].sum())
    assert (seen[-1].n_done, seen[-1].n_rows) == (n, n)

    def stop(_):
        raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        fitted.refit("reduced_chi2 > 2", loss="cauchy", progress=stop)


@pytest.mark.parametrize(
    ("place", "value", "words"),
    [
        ("refitted", np.full(SHAPE, 9, "u1"), "a refit that it says nothing about"),
        ("refits", "[{", "is damaged"),
        ("refits", '[{"model": {}}]', "cannot be read"),
        ("refits", "[]", "says nothing about"),
    ],
)
def test_an_altered_list_of_refits_is_refused(fitted, tmp_path, place, value, words):
    """In a sentence, with the file's name."""
    out = tmp_path / "maps.h5"
    fitted.refit("reduced_chi2 > 2", loss="cauchy").save(out)
    with h5py.File(out, "r+") as stored:
        del stored[f"entry/quality/{place}"]
        stored[f"entry/quality/{place}"] = value
    with pytest.raises(DataError, match=words) as caught:
        pf.load_many(out)
    assert str(out) in str(caught.value)
