"""Formulas on the command line and in job files."""

from __future__ import annotations

import shlex

import numpy as np
import pytest

from physfit.result.many_file import load_many

FORMULA = "a*exp(-t/tau) + c"
START = "a=2,tau=2,c=0.1"


@pytest.fixture
def decay(workplace):
    """A CSV file of a decay: 2 exp(-x / 1.5) + 0.3, sigma 0.02."""
    x = np.linspace(0.0, 8.0, 60)
    noise = 0.02 * np.random.default_rng(2).normal(size=x.size)
    y = 2.0 * np.exp(-x / 1.5) + 0.3 + noise
    table = np.column_stack([x, y, np.full(x.size, 0.02)])
    np.savetxt("decay.csv", table, delimiter=",", header="time,signal,err", comments="")
    return "decay.csv"


def found(outcome):
    values = outcome.json["parameters"]
    return {name: values[name]["value"] for name in ("a", "tau", "c")}


@pytest.mark.parametrize("option", ["--model", "--formula", "-m"])
def test_a_formula_is_fitted(physfit, decay, option):
    """With the name that it gives to x; the truth is within four standard errors."""
    outcome = physfit("fit", decay, option, FORMULA, "--x-name", "t", "--json")
    assert outcome.code == 0
    for name, truth in {"a": 2.0, "tau": 1.5, "c": 0.3}.items():
        entry = outcome.json["parameters"][name]
        assert abs(entry["value"] - truth) < 4 * entry["stderr"]


def test_options_of_parameters_hold_for_formulas(physfit, decay):
    """Starts, bounds, ties and fixed values, and the result is read again."""
    words = [*("--x-name", "t"), *("--start", "a=1,tau=1"), *("--bounds", "tau=0:9")]
    fitted = physfit(
        "fit", decay, "-m", FORMULA, *words, "--fix", "c=0.3", "-o", "fit.h5"
    )
    assert fitted.code == 0
    assert physfit("show", "fit.h5").out == fitted.out
    tied = physfit("fit", decay, "-m", FORMULA, *words, "--tie", "c=0.15*a", "--json")
    assert found(tied)["c"] == pytest.approx(0.15 * found(tied)["a"])


def test_guess_names_x_in_the_command_that_it_suggests(physfit, decay):
    """The suggested command runs, and finds the same."""
    outcome = physfit("guess", decay, "-m", FORMULA, "--x-name", "t")
    command = next(line for line in outcome.out.splitlines() if "physfit fit" in line)
    words = shlex.split(command)
    assert words[words.index("--x-name") + 1] == "t"
    again = physfit(*words[words.index("fit") :], "--json")
    assert found(again)["tau"] == pytest.approx(1.5, abs=0.1)


def test_compare_takes_formulas(physfit, decay):
    """Several methods find the minimum of a formula."""
    start = ["--start", START, "--methods", "lm,scipy:trf"]
    outcome = physfit("compare", decay, "-m", FORMULA, "--x-name", "t", *start)
    assert outcome.code == 0


def test_a_job_file_takes_formulas(physfit, decay, workplace):
    """The name of x stands beside the text."""
    (workplace / "job.toml").write_text(
        f"version = 1\n[data]\nfile = '{decay}'\n"
        f"[model]\nexpression = '{FORMULA}'\nx_name = 't'\n"
        "[parameters.tau]\nmin = 0.0\nstart = 1.0\n"
    )
    outcome = physfit("fit", "job.toml", "--json")
    assert found(outcome)["tau"] == pytest.approx(1.5, abs=0.1)


def test_formulas_are_simulated_and_fitted_row_by_row(physfit, workplace):
    """A table drawn from a formula, and rows of a matrix."""
    truth = ["-p", "a=2,tau=1.5,c=0.3"]
    outcome = physfit(
        *("simulate", "-m", FORMULA, "--x-name", "t", "--x", "0:8:50"),
        *("--sigma", "0.01", "--seed", "1", *truth, "-o", "drawn.csv"),
    )
    assert outcome.code == 0
    assert physfit("fit", "drawn.csv", "-m", FORMULA, "--x-name", "t").code == 0
    noise = 0.01 * np.random.default_rng(4).normal(size=(3, 50))
    rows = [a * np.exp(-np.arange(50) / 9) + 0.3 for a in (1.0, 2.0, 3.0)]
    np.save("rows.npy", rows + noise)
    words = ("-m", FORMULA, "--x-name", "t", "-o", "maps.h5")
    assert physfit("fit-many", "rows.npy", *words).code == 0
    a = load_many("maps.h5")["a"]
    assert (abs(a.value - [1.0, 2.0, 3.0]) < 4 * a.stderr).all()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a*exp(-t/tau)", "--x-name t"),
        ("gausian + a*x", "did you mean 'gaussian'"),
        ("__import__('os').system('true')", "not allowed"),
        ("a*x^2", "powers are written with **"),
    ],
)
def test_what_is_no_formula_is_refused_in_a_sentence(physfit, decay, text, words):
    """Before the data are read."""
    outcome = physfit("fit", decay, "-m", text)
    assert outcome.code == 1
    assert words in outcome.err
