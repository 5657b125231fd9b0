"""A job file says the same as options, and options come before it."""

from __future__ import annotations

import dataclasses

import pytest

from physfit.cli.command_line import arguments
from physfit.cli.execution import build_model
from physfit.cli.job import Job, read_job
from physfit.cli.options import chosen_job
from physfit.cli.parts import (
    DataPart,
    FitPart,
    OutputPart,
    Setting,
)
from physfit.errors import DataError, InputError

FULL = """
version = 1

[data]
file = "peak.csv"
x = "freq"
y = 1
sigma = "err"
x_range = [1, 9]
nan = "omit"

[model]
expression = "gaussian(a_) + constant"

[parameters.a_center]
start = 5.1
min = 4
max = 6

[parameters.a_sigma]
min = 0.1

[parameters.c]
fixed = 1.0

[fit]
loss = "huber:1.5"
method = "lm"

[output]
result = "out/fit.json"
plot = "fit.png"
overwrite = true
"""
MINIMAL = (
    'version = 1\ndata.file = "peak.csv"\nmodel.expression = "gaussian+constant"\n'
)


@pytest.fixture
def job_file(peak, workplace):
    """Function that writes a job file."""

    def write(text, name="job.toml"):
        path = workplace / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
        return name

    return write


def test_every_key_reaches_the_record(job_file):
    """The record holds what the file says, types included."""
    assert read_job(job_file(FULL)) == Job(
        DataPart("peak.csv", "freq", 1, "err", None, (1.0, 9.0), "omit"),
        "gaussian(a_) + constant",
        {
            "a_center": Setting(start=5.1, min=4.0, max=6.0),
            "a_sigma": Setting(min=0.1),
            "c": Setting(fixed=1.0),
        },
        FitPart("huber:1.5", "lm"),
        OutputPart("out/fit.json", "fit.png", True),
    )


def test_options_alone_make_the_same_record(job_file):
    """The command line and the file are two spellings of one job."""
    by_options = chosen_job(
        "peak.csv",
        model="gaussian(a_) + constant",
        x="freq",
        y="1",
        sigma="err",
        x_range="1:9",
        nan="omit",
        start=["a_center=5.1"],
        bounds=["a_center=4:6", "a_sigma=0.1:inf"],
        fix=["c=1"],
        loss="huber:1.5",
        method="lm",
        result="out/fit.json",
        plot="fit.png",
        overwrite=True,
    )
    by_file = read_job(job_file(FULL.replace("y = 1", 'y = "1"')))
    assert build_model(by_options) == build_model(by_file)
    assert dataclasses.replace(by_options, parameters=by_file.parameters) == by_file


def test_options_come_before_the_file(job_file):
    """An option replaces its own entry and leaves the others."""
    job = chosen_job(job_file(FULL), loss="chi2", x_range="2:", start=["a_center=5"])
    assert job.fit == FitPart("chi2", "lm")
    assert job.data == DataPart("peak.csv", "freq", 1, "err", None, (2.0, None), "omit")
    assert job.parameters["a_center"] == Setting(start=5.0, min=4.0, max=6.0)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"fix": ["a_center=5"]}, {"a_center": Setting(fixed=5.0)}),
        ({"tie": ["a_center=5*c"]}, {"a_center": Setting(tie="5*c")}),
        ({"start": ["c=2"]}, {"c": Setting(start=2.0)}),
        ({"bounds": ["c=0:2"]}, {"c": Setting(min=0.0, max=2.0)}),
    ],
    ids=["fix over start", "tie over start", "start over fixed", "bounds over fixed"],
)
def test_an_option_of_another_kind_replaces_the_setting(job_file, options, expected):
    """What the option contradicts in the file goes away."""
    job = chosen_job(job_file(FULL), **options)
    assert {name: job.parameters[name] for name in expected} == expected


def test_paths_are_relative_to_the_file(job_file, workplace):
    """A job file in another folder names data and outputs beside itself."""
    job = read_job(job_file(FULL, "sub/job.toml"))
    assert job.data.file == "sub/peak.csv"
    assert job.output.result == "sub/out/fit.json"


def test_paths_of_options_are_relative_to_the_current_directory(job_file):
    """An output given as option goes where the user is."""
    assert (
        chosen_job(job_file(FULL, "sub/job.toml"), plot="p.svg").output.plot == "p.svg"
    )


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("version = 1", "", "says no version; write `version = 1`"),
        ("version = 1", "version = 2", "reads job files up to version 1; update"),
        ("version = 1", 'version = "1"', "has version '1'; write `version = 1`"),
        ("[fit]", "[fitt]", "unknown key or table 'fitt'; did you mean 'fit'?"),
        ("sigma =", "sgima =", "[data] has an unknown key 'sgima'; did you mean 'si"),
        ("start =", "strat =", "[parameters.a_center] has an unknown key 'strat'; did"),
        ("x_range = [1, 9]", "x_range = [9, 1]", "lower end must be below the upper"),
        ("x_range = [1, 9]", "x_range = [1]", "must be a pair such as [4, 6], not [1]"),
        ('nan = "omit"', 'nan = "drop"', "must be 'raise' or 'omit', not 'drop'"),
        ("start = 5.1", 'start = "5.1"', "`start` must be a finite number, not '5.1'"),
        ("start = 5.1", "start = true", "`start` must be a finite number, not True"),
        ("fixed = 1.0", "fixed = true", "`fixed` must be a finite number, not True"),
        ("fixed = 1.0", "fixed = 1.0\nmin = 0", "`c` is fixed, so it can have no min"),
        ("min = 4", "min = 7", "`a_center` goes from 7 to 6; the lower end"),
        ("overwrite = true", "overwrite = 1", "`overwrite` must be true or false"),
        ('file = "peak.csv"', "", "names no data; add a file"),
        ('expression = "gaussian(a_) + constant"', "", "names no model; add one"),
        ("[data]", "[data", "is not a TOML file: "),
        ('x = "freq"', "x = -1", "name of a column or its number from 0, not -1"),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(job_file, old, new, sentence):
    """Unknown keys, wrong kinds and contradictions name their place in the file."""
    assert old in FULL
    path = job_file(FULL.replace(old, new))
    with pytest.raises((InputError, DataError)) as caught:
        read_job(path)
    assert sentence in str(caught.value)
    assert (
        "job.toml" in str(caught.value) or "`a_center`" in sentence or "`c`" in sentence
    )


@pytest.mark.parametrize(
    ("line", "place"),
    [
        ("fit = 3", "[fit] must be a table, not 3"),
        ("parameters = 3", "[parameters] must be a table, not 3"),
        ("parameters.c = 3", "[parameters.c] must be a table, not 3"),
    ],
)
def test_a_value_in_place_of_a_table_is_refused(job_file, line, place):
    """The sentence names the table."""
    with pytest.raises(InputError) as caught:
        read_job(job_file(MINIMAL + line + "\n"))
    assert place in str(caught.value)


def test_a_missing_file_is_refused(workplace):
    """The sentence names the file and the current directory."""
    with pytest.raises(DataError, match=r"`no\.toml` does not exist"):
        read_job("no.toml")


def test_one_sided_bounds_keep_the_other_side_of_the_model(job_file):
    """`min` alone leaves the upper bound that the model declares."""
    text = (
        MINIMAL.replace("gaussian", "pseudo_voigt") + "parameters.fraction.min = 0.2\n"
    )
    own = build_model(read_job(job_file(text))).parameters["fraction"]
    assert (own.lower, own.upper) == (0.2, 1.0)


def test_a_start_frees_the_scale_of_a_second_factor():
    """The scale that a product holds at 1 is fitted once it has a start."""
    job = Job(
        DataPart("peak.csv"),
        "gaussian(a_) * exponential(b_)",
        {"b_amplitude": Setting(start=2.0)},
    )
    assert "b_amplitude" in build_model(job).free_names


@pytest.mark.parametrize(
    "settings",
    [
        {"a_center": Setting(start=5.1, min=4.0, max=6.0), "c": Setting(fixed=1.5)},
        {"a_sigma": Setting(min=0.25), "a_center": Setting(tie="5 * c")},
        {"a_sigma": Setting(min=float("-inf"), max=float("inf"))},
    ],
    ids=["bounds and fix", "one side and tie", "open"],
)
def test_the_command_line_of_a_job_gives_the_job_back(settings):
    """`arguments` is the inverse of the options, starts filled in."""
    job = Job(
        DataPart("peak.csv", "freq", 1, "none", None, (None, 9.0), "omit"),
        "gaussian(a_) + constant",
        settings,
        FitPart("soft_l1", "scipy:trf"),
    )
    model = build_model(job)
    start = {name: 5.123456789 for name in model.free_names}
    data, *words = arguments(job, model, start)
    keys = {"--model": "model", "--fix": "fix", "--x-range": "x_range"}
    options = {
        keys.get(key, key[2:]): [value] if key in LISTS else value
        for key, value in zip(words[::2], words[1::2], strict=True)
    }
    again = chosen_job(data, **options)
    assert again.data == dataclasses.replace(job.data, y="1")
    assert again.fit == job.fit
    rounded = {name: 5.12346 for name in model.free_names}
    assert build_model(again) == model.where(**rounded)


LISTS = {"--start", "--bounds", "--fix", "--tie"}
