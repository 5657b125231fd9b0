"""Fits with a measured response from the command line and from job files."""

from __future__ import annotations

import numpy as np
import pytest

import physfit as pf

MODEL = "lorentzian @ response + constant"


@pytest.fixture
def files(workplace):
    """A response, and data that were seen through it."""
    u = np.linspace(-2.0, 2.0, 81)
    r = 5.0 * np.exp(-0.5 * (u / 0.3) ** 2)
    np.savetxt("irf.csv", np.column_stack([u, r]), delimiter=",", header="u,counts")
    x = np.linspace(-5.0, 5.0, 201)
    model = pf.parse_model(MODEL, response=pf.response(u, r))
    y = model(x, amplitude=2.0, center=0.4, gamma=0.5, c=0.1)
    y = y + 0.01 * np.random.default_rng(2).normal(size=x.size)
    np.savetxt("line.csv", np.column_stack([x, y]), delimiter=",", header="x,y")
    return workplace


def test_a_response_from_a_file(physfit, files):
    """The result is that of Python; what is saved needs the response no more."""
    fitted = physfit(
        *("fit", "line.csv", "-m", MODEL, "--response", "irf.csv", "-o", "fit.json")
    )
    assert fitted.code == 0
    (files / "irf.csv").unlink()
    shown = physfit("show", "fit.json")
    assert shown.out == fitted.out and "lorentzian @ response" in shown.out
    gamma = pf.load_result("fit.json")["gamma"]
    assert gamma.value == pytest.approx(0.5, abs=4 * gamma.stderr)


def test_a_job_names_its_response(physfit, files):
    """Paths of a job are those of its folder; `guess` prints the option."""
    (files / "jobs").mkdir()
    (files / "jobs" / "job.toml").write_text(
        'version = 1\n[data]\nfile = "../line.csv"\n'
        f'[model]\nexpression = "{MODEL}"\nresponse = "../irf.csv"\n'
    )
    assert physfit("fit", "jobs/job.toml").code == 0
    guessed = physfit("guess", "line.csv", "-m", MODEL, "--response", "irf.csv")
    assert "--response irf.csv" in guessed.out
    many = physfit(
        "simulate",
        "-m",
        MODEL,
        "--response",
        "irf.csv",
        "--x",
        "0:1:5",
        "-p",
        "amplitude=1,center=0,gamma=1,c=0",
    )
    assert many.code == 0 and "lorentzian @ response" in many.out


def test_a_response_that_is_missing(physfit, files):
    """One sentence, whether the option or the file is not there."""
    outcome = physfit("fit", "line.csv", "-m", MODEL)
    assert outcome.code == 1 and "--response FILE" in outcome.err
    outcome = physfit("fit", "line.csv", "-m", MODEL, "--response", "none.csv")
    assert outcome.code == 1 and "none.csv" in outcome.err


def test_a_response_that_is_not_used(physfit, files):
    """It is not left aside in silence."""
    outcome = physfit("fit", "line.csv", "-m", "lorentzian", "--response", "irf.csv")
    assert outcome.code == 1 and "does not use it" in outcome.err
