"""`bootstrap`: refits from the command line."""

from __future__ import annotations

from pathlib import Path

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
