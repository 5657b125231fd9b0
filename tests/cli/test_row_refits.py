"""`fit-many --refit`: chosen rows of a result, fitted again in its file or another."""

from __future__ import annotations

import os
from pathlib import Path

import h5py
import numpy as np
import pytest

import physfit as pf
from physfit.many_fits.row_refits import RowRefits

X = np.linspace(-4.0, 4.0, 48)
SHAPE = (6, 10)


@pytest.fixture
def maps(physfit, workplace) -> str:
    """The result of a map of peaks, of which each fifth has a spike, as `maps.h5`."""
    rng = np.random.default_rng(5)
    centers = rng.uniform(-1.0, 1.0, SHAPE)[..., None]
    y = 40.0 * np.exp(-0.5 * (X - centers) ** 2) + 2.0 + rng.normal(size=(*SHAPE, 48))
    y[:, ::5, 40] += 100.0
    with h5py.File("map.h5", "w") as file:
        file["y"], file["x"], file["sigma"] = y, X, np.ones(48)
    physfit("fit-many", "map.h5", "-m", "gaussian + constant", "-o", "maps.h5")
    return "maps.h5"


def test_better_answers_are_put_back_in_the_file(physfit, maps):
    """And marked; a second time there is nothing better."""
    before = pf.load_many(maps)
    outcome = physfit(
        *("fit-many", maps, "--refit", "reduced_chi2 > 2", "--loss", "cauchy")
    )
    after = pf.load_many(maps)
    assert outcome.code == 0
    assert "refitted   12 of 12 rows (reduced_chi2 > 2), loss cauchy" in outcome.out
    assert "12 rows have a better answer" in outcome.err
    spiked = np.zeros(SHAPE, bool)
    spiked[:, ::5] = True
    np.testing.assert_array_equal(after.refitted, spiked)
    left = np.flatnonzero(~spiked)
    np.testing.assert_array_equal(after.table.theta[left], before.table.theta[left])
    stored = Path(maps).read_bytes()
    again = physfit(
        *("fit-many", maps, "--refit", "reduced_chi2 > 2", "--loss", "cauchy")
    )
    assert "no row has a better answer" in again.err
    assert Path(maps).read_bytes() == stored


def test_another_output_leaves_the_result_as_it_is(physfit, maps):
    """With bounds and parameters held as options ask for."""
    stored = Path(maps).read_bytes()
    arguments = (
        *("fit-many", maps, "--refit", "reduced_chi2 > 2", "--loss", "huber"),
        *("--fix", "sigma=1", "--start", "center=0", "-o", "cured.h5"),
    )
    outcome = physfit(*arguments)
    cured = pf.load_many("cured.h5")
    assert outcome.code == 0
    assert Path(maps).read_bytes() == stored
    assert (cured["sigma"].value[cured.refitted > 0] == 1.0).all()
    again = physfit(*arguments)
    assert (again.code, "`cured.h5` exists" in again.err) == (1, True)
    assert physfit(*arguments, "--overwrite").code == 0


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("chi2 > 1e9", "no row has a better answer."),
        ("y == 0 & x == 5", "1 row has a better answer, which `refitted` marks."),
    ],
)
def test_rows_are_counted_in_words(physfit, maps, where, words):
    """None, and a single one, in a file of its own."""
    outcome = physfit(
        *("fit-many", maps, "--refit", where, "--loss", "cauchy", "-o", "one.h5")
    )
    assert words in outcome.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("map.h5", "--refit", "chi2 > 1"), "`map.h5` is no result of fit-many"),
        (("maps.h5", "--refit", "redchi > 1"), "did you mean 'reduced_chi2'"),
        (("maps.h5", "--refit", "chi2 > 1", "--x", "x"), "--x is for fits of data"),
        (("maps.h5", "job.toml", "--refit", "chi2 > 1"), "a job file is for fits"),
        (("maps.h5", "--refit", "chi2 > 1", "-m", "lorentzian"), "gaussian + constant"),
        (("maps.h5", "--refit", "chi2 > 1", "--start", "c=1,d=2"), "names 'd'"),
        (("none.h5", "--refit", "chi2 > 1"), "does not exist"),
        (("maps.h5", "--refit", ""), "cannot read --refit ''"),
        (("maps.h5", "--refit", "c >"), "cannot read --refit 'c >'"),
        (
            ("maps.h5", "--refit", "chi2 > 1", "-o", "map.h5", "--overwrite"),
            "would replace the data file",
        ),
    ],
)
def test_what_cannot_be_refitted_is_refused(physfit, maps, arguments, words):
    """In a sentence, and the result stays."""
    Path("job.toml").write_text(
        'version = 1\n[data]\nfile = "map.h5"\n[model]\nexpression = "linear"\n'
    )
    stored = Path(maps).read_bytes()
    outcome = physfit("fit-many", *arguments)
    assert outcome.code == 1
    assert words in outcome.err
    assert outcome.err.count("\n") == 1
    assert Path(maps).read_bytes() == stored


def test_an_unfinished_job_is_not_refitted(physfit, maps):
    """Its shards are joined first."""
    options = ("-m", "gaussian + constant", "-o", "shards.h5", "--shard", "1/2")
    physfit("fit-many", "map.h5", *options)
    outcome = physfit("fit-many", "shards.h5", "--refit", "chi2 > 1")
    assert outcome.code == 1
    assert "`shards.h5` is not finished" in outcome.err


def test_data_that_have_changed_are_refused(physfit, maps):
    """As by --resume."""
    os.utime("map.h5", ns=(0, 10**18))
    outcome = physfit("fit-many", maps, "--refit", "reduced_chi2 > 2")
    assert outcome.code == 1
    assert "does not hold the data that were fitted" in outcome.err


def test_a_refit_that_is_broken_off_leaves_the_result(physfit, maps, monkeypatch):
    """And nothing beside it; the same command does it then."""
    better = RowRefits.better

    def broken(*arguments):
        better(*arguments)
        raise KeyboardInterrupt

    monkeypatch.setattr(RowRefits, "better", broken)
    stored, beside = Path(maps).read_bytes(), sorted(os.listdir())
    arguments = ("fit-many", maps, "--refit", "reduced_chi2 > 2", "--loss", "cauchy")
    assert physfit(*arguments).code == 130
    assert (Path(maps).read_bytes(), sorted(os.listdir())) == (stored, beside)
    monkeypatch.setattr(RowRefits, "better", better)
    assert physfit(*arguments).code == 0
    assert (pf.load_many(maps).refitted > 0).sum() == 12
