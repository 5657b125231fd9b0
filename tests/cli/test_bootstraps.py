"""`bootstrap`: refits from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

MODEL = ("-m", "gaussian + constant")


def test_stated_and_refitted_errors_stand_side_by_side(physfit, peak):
    """With bias and interval; the figure is written."""
    outcome = physfit("bootstrap", peak, *MODEL, "--n", 300, "--plot", "refits.png")
    assert outcome.code == 0
    assert "300 refits, residual bootstrap" in outcome.out
    assert "stated" in outcome.out
    assert Path("refits.png").stat().st_size > 1000


def test_the_same_as_json(physfit, peak):
    """A record for each parameter."""
    outcome = physfit(
        "bootstrap", peak, *MODEL, "--n", 200, "--kind", "pairs", "--json"
    )
    center = outcome.json["parameters"]["center"]
    assert outcome.json["refits"] + outcome.json["failed"] == 200
    assert 0.3 < center["stderr"] / center["stated"] < 3.0


def test_an_unknown_kind_is_refused(physfit, peak):
    """With the nearest one."""
    outcome = physfit("bootstrap", peak, *MODEL, "--kind", "pair")
    assert outcome.code == 1
    assert "did you mean 'pairs'" in outcome.err


TOYS = ("toys", *MODEL, "--x", "0:10:60", "--n", 300)
TRUTH = ("-p", "amplitude=10,center=5", "-p", "sigma=0.8,c=1")


def test_toys_compare_fits_with_the_truth(physfit, workplace):
    """Report to stdout, figure to a file; the same as JSON."""
    arguments = (*TOYS, *TRUTH, "--sigma", 0.1, "--seed", 4)
    outcome = physfit(*arguments, "--plot", "pulls.png")
    assert outcome.code == 0
    assert "300 toys of 60 samples, seed 4" in outcome.out
    assert "wrote `pulls.png`" in outcome.err
    assert Path("pulls.png").stat().st_size > 1000
    record = physfit(*arguments, "--json").json
    assert record["parameters"]["center"]["pull_width"] == pytest.approx(1.0, abs=0.2)


def test_toys_take_starts_bounds_ties_and_losses(physfit, workplace):
    """Each of them arrives at the fits."""
    counts = physfit(*TOYS, *TRUTH, "--loss", "poisson", "--guess", "--json").json
    assert counts["loss"] == "poisson"
    tied = physfit(
        *(*TOYS, "-p", "amplitude=10,center=5,sigma=0.8", "--tie", "c=amplitude/10"),
        *("--sigma", 0.1, "--start", "center=5.1", "--scaled", "--json"),
    ).json
    assert tied["parameters"]["c"]["truth"] == 1.0
    assert tied["expected"]["pull_width"] > 1.0
    bounded = physfit(
        *(*TOYS, *TRUTH, "--sigma", 0.1, "--bounds", "c=:1", "--json")
    ).json
    assert bounded["parameters"]["c"]["n"] < 250


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((*TRUTH,), "say how large the noise is"),
        (("--sigma", 0.1), "has neither a value nor a start"),
        ((*TRUTH, "--sigma", 0.1, "--start", "random"), "--start takes NAME=VALUE"),
        ((*TRUTH, "--sigma", 0.1, "--plot", "pulls.txt"), "must end in"),
    ],
    ids=["sigma", "truth", "start", "plot"],
)
def test_unusable_toys_are_refused(physfit, workplace, arguments, words):
    """One sentence, exit code 1, nothing on stdout."""
    outcome = physfit(*TOYS, *arguments)
    assert (outcome.code, outcome.out) == (1, "")
    assert words in outcome.err
