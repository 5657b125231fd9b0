"""A setting means the same as keyword, in a job file and as option."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import physfit as pf
from physfit.cli.main import main
from physfit.document.records import plain
from physfit.errors import InputError
from physfit.settings.minibatches import Minibatch
from physfit.settings.setting import declared

START = {"amplitude": 9.0, "center": 4.8, "sigma": 0.8, "c": 1.0}
RATE = "cosine:0.02,steps=9"
#: A keyword, what is typed for it, and what stands in a job file.
SETTINGS = {
    "batch_size": (20, ["20"], 20),
    "epochs": (2, ["2"], 2),
    "learning_rate": (RATE, [RATE], RATE),
    "weight_decay": (0.5, ["0.5"], 0.5),
    "seed": (3, ["3"], 3),
    "sampler": ("shuffle", ["shuffle"], "shuffle"),
    "scaling": ("none", ["none"], "none"),
    "averaged": (False, [], False),
    "tolerance": (0.0, ["0"], 0),
    "max_steps": (2, ["2"], 2),
    "memory": (8 << 20, ["8"], 8),
    "threads": (1, ["1"], 1),
    "checkpoint": ("a.ckpt", ["a.ckpt"], "a.ckpt"),
    "checkpoint_every": (5.0, ["5"], 5),
    "resume": (True, [], True),
}
#: Those that change nothing of a short run in memory.
SILENT = {"tolerance", "memory", "threads", "checkpoint", "checkpoint_every", "resume"}
#: What settings decide, of the record of a fit.
TOLD = ("method", "start", "run", "weight_decay", "loss")
DECLARED = declared(Minibatch)


@pytest.fixture(autouse=True)
def curve(tmp_path, monkeypatch):
    """A peak on a constant, as `peak.csv` and as arrays."""
    monkeypatch.chdir(tmp_path)
    random = np.random.default_rng(7)
    x = np.round(np.linspace(0.0, 10.0, 101), 6)
    y = 5.0 * np.exp(-0.5 * ((x - 5.0) / 0.8) ** 2) + 1.0
    y = np.round(y + 0.05 * random.standard_normal(x.size), 6)
    table = np.stack([x, y, np.full(x.size, 0.05)], 1)
    np.savetxt("peak.csv", table, "%.6f", ",", header="x,y,sigma", comments="")
    return x, y


def by_keyword(curve, **settings):
    """What Python makes of keywords."""
    given = {"batch_size": 10, "epochs": 3, **settings}
    how = {"sigma": 0.05, "start": START, "method": "adam"}
    result = pf.fit("gaussian + constant", *curve, **how, **given)
    return told(json.dumps(plain(result.to_dict())))


def by_command(capsys, options=(), lines=()):
    """What the command line makes of options and of the lines of a job file."""
    base = {"batch_size = 10", "epochs = 3"}
    table = [own for own in base if not any(own[:6] in line for line in lines)]
    text = ["version = 1", "data.file = 'peak.csv'", "fit.method = 'adam'"]
    text += ["model.expression = 'gaussian + constant'", "[minibatch]", *table, *lines]
    text += [f"[parameters.{name}]\nstart = {at}" for name, at in START.items()]
    with open("job.toml", "w") as file:
        file.write("\n".join(text))
    code = main(["fit", "job.toml", "--json", "-q", *options])
    out, err = capsys.readouterr()
    assert code in (0, 2), err
    return told(out)


def told(text):
    """What the settings decide; the next run finds no checkpoint."""
    record = json.loads(text)
    ended = {name: record["solution"][name] for name in ("theta", "cost", "n_steps")}
    Path("a.ckpt").unlink(missing_ok=True)
    return {name: record[name] for name in TOLD} | ended


def test_every_setting_is_tried():
    """The tests below know all that are declared."""
    assert SETTINGS.keys() == DECLARED.keys()


@pytest.mark.parametrize("name", SETTINGS)
def test_keyword_key_and_option_give_the_same_run(curve, capsys, name):
    """The records agree to the last digit, and the setting is not overlooked."""
    value, typed, written = SETTINGS[name]
    more = {"checkpoint": "a.ckpt"} if name == "resume" else {}
    found = by_keyword(curve, **{name: value}, **more)
    options = [DECLARED[name].flags[0], *typed]
    lines = [f"{own} = {json.dumps(each)}" for own, each in more.items()]
    assert by_command(capsys, options, lines) == found
    lines.append(f"{name} = {json.dumps(written)}")
    assert by_command(capsys, lines=lines) == found
    assert (found == by_keyword(curve)) == (name in SILENT)


WRONG = {
    "batch_size": (0, "must be a whole number of at least 1, but is 0."),
    "epochs": (10**10, "must be at most 1000000000, but is 10000000000."),
    "learning_rate": ("cosin:1", "'cosine'"),
    "weight_decay": (-1.0, "must be finite and not negative, but is -1.0."),
    "seed": (-1, "must be a whole number of at least 0, but is -1."),
    "scaling": ("curve", "but is 'curve'; did you mean 'curvature'?"),
    "tolerance": ("nan", "must be finite and not negative, but is "),
    "max_steps": (1.5, "must be a whole number of at least 1, but is "),
    "memory": (0, "must be a whole number of at least 1, but is 0."),
    "threads": ("five", "must be a whole number of at least 1, but is 'five'."),
    "checkpoint_every": (-1.0, "must be finite and not negative, but is -1.0."),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_value_is_refused_in_the_same_words(curve, capsys, name):
    """One sentence, which calls the setting as it was written."""
    value, words = WRONG[name]
    with pytest.raises(InputError) as caught:
        by_keyword(curve, **{name: value})
    by_file = refused(capsys, lines=[f"{name} = {json.dumps(value)}"])
    by_option = refused(capsys, options=[DECLARED[name].flags[0], str(value)])
    assert all(words in text for text in (str(caught.value), by_file, by_option))
    if name != "learning_rate":  # its text is read by the library
        assert str(caught.value).startswith(f"`{name}` ")
        assert by_file.startswith(f"`job.toml`, [minibatch]: `{name}` ")
        assert by_option.startswith(f"{DECLARED[name].flags[0]} ")


def refused(capsys, **given):
    """The sentence that the command ends with."""
    with pytest.raises(AssertionError):
        by_command(capsys, **given)
    code = main(["fit", "job.toml", "-q", *given.get("options", ())])
    out, err = capsys.readouterr()
    assert (code, out, err.count("\n")) == (1, "", 1)
    return err.removeprefix("physfit: error: ")


def test_an_unknown_setting_is_refused_in_all_places(curve, capsys):
    """With the nearest one."""
    with pytest.raises(InputError, match=r"'batch_sise'; did you mean 'batch_size'\?"):
        by_keyword(curve, batch_sise=3)
    by_file = refused(capsys, lines=["batch_sise = 3"])
    assert (
        "[minibatch] has an unknown key 'batch_sise'; did you mean 'batch_" in by_file
    )
    for word in ("lr", "rate"):  # of other programs
        by_file = refused(capsys, lines=[f"{word} = 0.1"])
        assert f"unknown key '{word}'; did you mean 'learning_rate'?" in by_file
        by_option = refused(capsys, options=[f"--{word}", "0.1"])
        assert f"no such option --{word}; did you mean '--learning-rate'?" in by_option
    by_option = refused(capsys, options=["--batch-sise", "3"])
    assert "no such option --batch-sise; did you mean '--batch-size'" in by_option
