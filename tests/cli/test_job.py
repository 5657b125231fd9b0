"""A job file says the same as options, and options come before it."""

from __future__ import annotations

import json
import math

import pytest

from physfit.cli.execution import build_model
from physfit.cli.fits import Fit, arguments
from physfit.cli.main import main
from physfit.errors import DataError, InputError
from physfit.settings.fits import Parameter

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


def test_a_start_value_comes_before_starts_that_the_file_draws(job_file):
    """As any option; the file alone draws them all."""
    drawn = job_file(FULL.replace("[fit]", '[fit]\nstart = "random"'))
    assert asked(data=drawn).start == "random"
    given = asked(data=drawn, start=["a_center=5"])
    assert given.start is None
    assert given.parameters["a_center"]["start"] == 5.0


def asked(**typed):
    """Job of options, what is typed once not in a list."""
    words = {
        name: text if isinstance(text, list) else [str(text)]
        for name, text in typed.items()
    }
    return Fit.of(words)


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
    assert asked(data=job_file(FULL)) == Fit(
        path="job.toml",
        data="peak.csv",
        x="freq",
        y=1,
        sigma="err",
        x_range=(1.0, 9.0),
        nan="omit",
        model="gaussian(a_) + constant",
        parameters={
            "a_center": Parameter(start=5.1, min=4.0, max=6.0),
            "a_sigma": Parameter(min=0.1),
            "c": Parameter(fixed=1.0),
        },
        loss="huber:1.5",
        method="lm",
        result="out/fit.json",
        plot="fit.png",
        overwrite=True,
    )


def test_options_alone_make_the_same_record(job_file):
    """The command line and the file are two spellings of one job."""
    by_options = asked(
        data="peak.csv",
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
    by_file = asked(data=job_file(FULL.replace("y = 1", 'y = "1"')))
    assert build_model(by_options) == build_model(by_file)
    same = {"parameters": by_file.parameters, "path": by_file.path}
    assert by_options.replaced(**same) == by_file


def test_options_of_one_parameter_become_one_table():
    """Start and bounds of a name stand together; a side left out is infinite."""
    job = asked(
        data="peak.csv",
        model="gaussian + linear",
        start=["a=1"],
        bounds=["a=0:,b=:2"],
        fix=["c=3"],
        tie=["d=2*a"],
    )
    assert job.parameters == {
        "a": Parameter(start=1.0, min=0.0, max=math.inf),
        "b": Parameter(min=-math.inf, max=2.0),
        "c": Parameter(fixed=3.0),
        "d": Parameter(tie="2*a"),
    }


def test_options_come_before_the_file(job_file):
    """An option replaces its own entry and leaves the others."""
    job = asked(data=job_file(FULL), loss="chi2", x_range="2:", start=["a_center=5"])
    assert (job.loss, job.method) == ("chi2", "lm")
    assert (job.data, job.x, job.y, job.sigma) == ("peak.csv", "freq", 1, "err")
    assert (job.x_range, job.nan) == ((2.0, None), "omit")
    assert job.parameters["a_center"] == Parameter(start=5.0, min=4.0, max=6.0)


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"fix": ["a_center=5"]}, {"a_center": Parameter(fixed=5.0)}),
        ({"tie": ["a_center=5*c"]}, {"a_center": Parameter(tie="5*c")}),
        ({"start": ["c=2"]}, {"c": Parameter(start=2.0)}),
        ({"bounds": ["c=0:2"]}, {"c": Parameter(min=0.0, max=2.0)}),
    ],
    ids=["fix over start", "tie over start", "start over fixed", "bounds over fixed"],
)
def test_an_option_of_another_kind_replaces_the_setting(job_file, options, expected):
    """What the option contradicts in the file goes away."""
    job = asked(data=job_file(FULL), **options)
    assert {name: job.parameters[name] for name in expected} == expected


def test_paths_are_relative_to_the_file(job_file, workplace):
    """A job file in another folder names data and outputs beside itself."""
    job = asked(data=job_file(FULL, "sub/job.toml"))
    assert job.data == "sub/peak.csv"
    assert job.result == "sub/out/fit.json"


def test_paths_of_options_are_relative_to_the_current_directory(job_file):
    """An output given as option goes where the user is."""
    assert asked(data=job_file(FULL, "sub/job.toml"), plot="p.svg").plot == "p.svg"


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("version = 1", "", "says no version; write `version = 1`"),
        ("version = 1", "version = 2", "reads job files up to version 1; update"),
        ("version = 1", 'version = "1"', "has version '1'; write `version = 1`"),
        ("[fit]", "[fitt]", "unknown key or table 'fitt'; did you mean 'fit'?"),
        ("sigma =", "sgima =", "[data] has an unknown key 'sgima'; did you mean 'si"),
        (
            "[output]",
            "[minibatch]\nschedule = 0.1\n[output]",
            "unknown key 'schedule'; did you mean 'learning_rate'",
        ),
        ('method = "lm"', "method = [1]", "[fit]: `method` must be a text, but is [1]"),
        (
            "[output]",
            "[minibatch]\nlearning_rate = 1979-05-27\n[output]",
            "[minibatch]: `learning_rate` must be a number, or a schedule",
        ),
        (
            "[output]",
            "[minibatch]\ntolerance = true\n[output]",
            "[minibatch]: `tolerance` must be finite and not negative, but is True",
        ),
        ("start =", "strat =", "[parameters.a_center] has an unknown key 'strat'; did"),
        ("x_range = [1, 9]", "x_range = [9, 1]", "lower end must be below the upper"),
        (
            "x_range = [1, 9]",
            "x_range = [1]",
            "a pair such as [4, 6], but is [1]",
        ),
        ('nan = "omit"', 'nan = "drop"', "must be 'raise' or 'omit', but is 'drop'"),
        (
            "start = 5.1",
            'start = "5.1"',
            "`start` must be a finite number, but is '",
        ),
        ("start = 5.1", "start = true", "`start` must be a finite number, but is True"),
        ("fixed = 1.0", "fixed = true", "`fixed` must be a finite number, but is True"),
        ("fixed = 1.0", "fixed = 1.0\nmin = 0", "`c` is fixed, so it can have no min"),
        ("min = 4", "min = 7", "`a_center` goes from 7 to 6; the lower end"),
        ("overwrite = true", "overwrite = 1", "`overwrite` must be true or false"),
        ('file = "peak.csv"', "", "names no data; add a file"),
        ('expression = "gaussian(a_) + constant"', "", "names no model; add one"),
        ("[data]", "[data", "is not a TOML file: "),
        ('sigma = "err"', "sigma = -1.0", "number from 0, but is -1.0"),
        ('x = "freq"', "x = -1", "name of a column or its number from 0, but is -1"),
    ],
)
def test_a_wrong_file_is_refused_in_a_sentence(job_file, old, new, sentence):
    """Unknown keys, wrong kinds and contradictions name their place in the file."""
    assert old in FULL
    path = job_file(FULL.replace(old, new))
    with pytest.raises((InputError, DataError)) as caught:
        asked(data=path)
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
        asked(data=job_file(MINIMAL + line + "\n"))
    assert place in str(caught.value)


def test_a_missing_file_is_refused(workplace):
    """The sentence names the file and the current directory."""
    with pytest.raises(DataError, match=r"`no\.toml` does not exist"):
        asked(data="no.toml")


def test_one_sided_bounds_keep_the_other_side_of_the_model(job_file):
    """`min` alone leaves the upper bound that the model declares."""
    text = (
        MINIMAL.replace("gaussian", "pseudo_voigt") + "parameters.fraction.min = 0.2\n"
    )
    own = build_model(asked(data=job_file(text))).parameters["fraction"]
    assert (own.lower, own.upper) == (0.2, 1.0)


def test_a_start_frees_the_scale_of_a_second_factor():
    """The scale that a product holds at 1 is fitted once it has a start."""
    job = Fit(
        data="peak.csv",
        model="gaussian(a_) * exponential(b_)",
        parameters={"b_amplitude": Parameter(start=2.0)},
    )
    assert "b_amplitude" in build_model(job).free_names


#: An option as it is typed, and the same as value of a job file.
SPELLINGS = {
    "x_name": ("t", "t"),
    "response": ("/lamp.csv", "/lamp.csv"),
    "subtract": ("arpls:lam=1e6", "arpls:lam=1e6"),
    "x": ("freq", "freq"),
    "y": ("signal", "signal"),
    "sigma": ("err", "err"),
    "dataset": ("/a", "/a"),
    "skip_rows": ("3", 3),
    "footer": ("1", 1),
    "delimiter": (";", ";"),
    "decimal": (",", ","),
    "scan": ("2", 2),
    "x_start": ("-1.5", -1.5),
    "x_step": ("0.5", 0.5),
    "x_range": ("1:9", [1, 9]),
    "nan": ("omit", "omit"),
    "start": (["random"], "random"),
    "loss": ("huber:1.5", "huber:1.5"),
    "method": ("adam", "adam"),
    "batch_size": (64, 64),
    "epochs": (2, 2),
    "learning_rate": ("0.01", "0.01"),
    "weight_decay": (0.5, 0.5),
    "seed": (3, 3),
    "sampler": ("shuffle", "shuffle"),
    "scaling": ("none", "none"),
    "averaged": (True, False),
    "tolerance": (0.1, 0.1),
    "max_steps": (9, 9),
    "memory": (8, 8),
    "threads": (1, 1),
    "checkpoint": ("a.ckpt", "a.ckpt"),
    "checkpoint_every": (5.0, 5),
    "resume": (True, True),
    "result": ("a.h5", "a.h5"),
    "plot": ("a.png", "a.png"),
    "view": ("polar", "polar"),
    "table": ("a.csv", "a.csv"),
    "curve": ("a.csv", "a.csv"),
    "convert": (["Q,x=a/b"], ["Q", "x=a/b"]),
    "convert_unit": ("eV", "eV"),
    "overwrite": (True, True),
}


def test_every_setting_of_a_job_is_spelled_in_both_ways():
    """The test below knows all of them; data and model stand in every job."""
    declared = {name for name, each in Fit.settings.items() if each.table}
    assert {*SPELLINGS, "data", "model"} == declared


@pytest.mark.parametrize("name", SPELLINGS)
def test_an_option_and_a_key_mean_the_same(job_file, name):
    """Whatever is declared once is read to one value from both places."""
    typed, written = SPELLINGS[name]
    place = f"{Fit.settings[name].table}.{Fit.settings[name].key}"
    path = job_file(f"{MINIMAL}{place} = {json.dumps(written)}\n")
    by_file = asked(data=path)
    by_option = asked(data=job_file(MINIMAL), **{name: typed})
    assert by_file == by_option
    assert name in by_file.values


HELD, TIED = Parameter(fixed=1.5), Parameter(tie="5 * c")


@pytest.mark.parametrize(
    "settings",
    [
        {
            "a_center": Parameter(start=5.1, min=4.0, max=6.0),
            "c": Parameter(fixed=1.5),
        },
        {
            "a_sigma": Parameter(min=0.25),
            "a_center": Parameter(tie="5 * c"),
        },
        {"a_sigma": Parameter(min=float("-inf"), max=float("inf"))},
    ],
    ids=["bounds and fix", "one side and tie", "open"],
)
def test_the_command_line_of_a_job_gives_the_job_back(settings):
    """`arguments` is the inverse of the options, starts filled in."""
    job = Fit(
        data="peak.csv",
        x="freq",
        y=1,
        sigma="none",
        x_range=(None, 9.0),
        nan="omit",
        model="gaussian(a_) + constant",
        parameters=settings,
        loss="soft_l1",
        method="scipy:trf",
    )
    model = build_model(job)
    start = {name: 5.123456789 for name in model.free_names}
    data, *words = arguments(job, model, start)
    keys = {"--model": "model", "--fix": "fix", "--x-range": "x_range"}
    options = {
        keys.get(key, key[2:]): [value] if key in LISTS else value
        for key, value in zip(words[::2], words[1::2], strict=True)
    }
    again = asked(data=data, **options)
    same = {"y": "1", "parameters": again.parameters}
    assert again == job.replaced(**same)
    rounded = {name: 5.12346 for name in model.free_names}
    assert build_model(again) == model.where(**rounded)


LISTS = {"--start", "--bounds", "--fix", "--tie"}


def test_guess_keeps_the_method_of_a_job(job_file, capsys):
    """The command that it prints fits as the job says, though guess takes no method."""
    path = job_file(FULL.replace('method = "lm"', 'method = "adam"'))
    assert main(["guess", path, "-q"]) == 0
    command = capsys.readouterr().out.splitlines()[-1]
    assert command.endswith("--loss huber:1.5 --method adam")
