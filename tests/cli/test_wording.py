"""Errors of the library call settings as written: by option, or place in a file."""

from __future__ import annotations

import pytest

SUM = "gaussian+constant"
MODEL = ("-m", SUM)
JOB = """\
version = 1
data.file = 'peak.csv'
model.expression = 'gaussian + constant'
fit.method = 'adam'
[minibatch]
batch_size = 20
epochs = 2
"""
LARGE = "is 2000, but the data have 101 rows only; take a smaller batch."
GD = (
    "`gd` takes all rows for each step, but {} is 20 of 101; leave it out, or take "
    "'sgd', the same method on minibatches."
)


@pytest.fixture
def job(peak, workplace):
    """A job file with settings of minibatches, beside its data."""
    (workplace / "job.toml").write_text(JOB)
    return "job.toml"


def sentence(outcome):
    """What a command that is refused ends with."""
    assert (outcome.code, outcome.out) == (1, "")
    return outcome.err.splitlines()[-1].removeprefix("physfit: error: ")


@pytest.mark.parametrize(
    ("command", "more"),
    [
        ("fit", ("--method", "adam")),
        ("compare", ("--methods", "lm,adam")),
        ("multistart", ("--method", "adam")),
        ("landscape", ("--methods", "adam", "--over", "center", "--points", "9")),
        ("lr-find", ("--method", "adam")),
        ("sweep", ("--method", "adam", "--vary", "beta1=0,0.9")),
    ],
)
def test_an_option_is_called_by_its_dashes(physfit, peak, command, more):
    """Not by the keyword of the library that refuses it."""
    outcome = physfit(command, peak, *MODEL, "--batch-size", 2000, *more)
    assert sentence(outcome) == f"--batch-size {LARGE}"


def test_what_is_not_given_is_called_by_its_option(physfit, peak):
    """`--method`, which nobody typed, as well as `--batch-size`."""
    said = sentence(physfit("fit", peak, *MODEL, "--batch-size", 20))
    assert said.startswith("--batch-size is for methods on minibatches, but --method i")


def test_a_key_of_a_job_file_is_called_by_its_place(physfit, job, workplace):
    """An option over it is called by its dashes."""
    (workplace / job).write_text(JOB.replace("= 20", "= 2000"))
    place = "`job.toml`, [minibatch]: `batch_size`"
    assert sentence(physfit("fit", job)) == f"{place} {LARGE}"
    assert sentence(physfit("fit", job, "--batch-size", 2000)).startswith("--batch-s")


def test_names_of_parameters_are_left_alone(physfit, peak):
    """A parameter may be called as a setting of the data is."""
    said = sentence(physfit("fit", peak, *MODEL, "--start", "sigma=-1"))
    assert "`sigma`" in said
    assert "--sigma" not in said


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (f"fit peak.csv -m {SUM} --method gd --batch-size 20", "--batch-size"),
        (
            f"compare peak.csv -m {SUM} --methods gd,adam --batch-size 20",
            "--batch-size",
        ),
        (f"sweep peak.csv -m {SUM} --method gd --vary batch_size=20", "--batch-size"),
        ("fit job.toml --method gd", "`batch_size`"),
        ("compare job.toml --methods lm,gd", "`batch_size`"),
    ],
)
def test_gradient_descent_takes_no_batches(physfit, job, words, name):
    """The same sentence wherever method and batch size stand."""
    assert sentence(physfit(*words.split())).endswith(GD.format(name))


@pytest.mark.parametrize(
    "words",
    [
        ("fit", "--method", "lm"),
        ("fit", "--method", "scipy:trf"),
        ("compare",),
        ("compare", "--methods", "lm,scipy:trf"),
    ],
    ids=" ".join,
)
def test_minibatches_of_a_file_are_left_aside_by_other_methods(physfit, job, words):
    """A job of Adam is fitted and compared by methods over all rows, which is told."""
    command, *more = words
    outcome = physfit(command, job, *more)
    assert outcome.code == 0
    assert "[minibatch] of `job.toml` is for other methods; left aside." in outcome.err


def test_minibatches_of_a_file_count_where_a_method_takes_them(physfit, job):
    """Also one among several of `compare`."""
    outcome = physfit("compare", job, "--methods", "lm,adam", "--json")
    assert [row["batch_size"] for row in outcome.json["rows"]] == [None, 20]
    assert "left aside" not in outcome.err


def test_an_option_of_minibatches_is_never_left_aside(physfit, job):
    """It is refused beside a method that takes none."""
    said = sentence(physfit("compare", job, "--methods", "lm", "--epochs", 3))
    assert said.startswith("--epochs is for methods on minibatches, but --methods")
