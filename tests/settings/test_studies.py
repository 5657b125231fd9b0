"""What is typed for a study reaches its function as the keyword would."""

from __future__ import annotations

import inspect
from typing import Any

import numpy as np
import pytest

import physfit as pf
from physfit.cli import execution
from physfit.cli.main import main
from physfit.errors import InputError
from physfit.settings import doors
from physfit.settings.setting import checked, declared

MODEL = ("-m", "gaussian + constant")
#: A keyword of several functions, and what is typed for it.
BATCH: dict[str, Any] = {"batch_size": (20, "20")}
EPOCHS: dict[str, Any] = {"epochs": (2, "2")}
DRAWN: dict[str, Any] = {"seed": (3, "3"), "threads": (2, "2")}
RATE: dict[str, Any] = {"learning_rate": ("cosine:0.1,steps=9", "cosine:0.1,steps=9")}
METHOD: dict[str, Any] = {"method": ("adam:beta1=0.8", "adam:beta1=0.8")}
WITHIN: dict[str, Any] = {"x_range": ((4.0, None), "4:")}
RUN: dict[str, Any] = {
    "weight_decay": (0.5, "0.5"),
    "sampler": ("shuffle", "shuffle"),
    "scaling": ("none", "none"),
    "averaged": (False, None),
    "tolerance": (0.5, "0.5"),
    "max_steps": (7, "7"),
    "memory": (8 << 20, "8"),
}
#: Command, function, its settings, and words without which it does not begin.
STUDIES: dict[str, tuple[str, type, dict[str, Any], tuple[str, ...]]] = {
    "compare": (
        "compare",
        doors.OfCompare,
        {"methods": (("lm", "adam:beta1=0.8,beta2=0.9"), "lm,adam:beta1=0.8,beta2=0.9")}
        | WITHIN
        | {"gradients": ("exact", "exact"), "repeats": (5, "5")}
        | BATCH
        | EPOCHS
        | DRAWN
        | RATE
        | RUN,
        (),
    ),
    "multistart": (
        "multistart",
        doors.OfMultistart,
        {"n_starts": (9, "9"), "within": ({"center": (4.0, 6.0)}, "center=4:6")}
        | WITHIN
        | METHOD
        | BATCH
        | RATE
        | EPOCHS
        | DRAWN,
        (),
    ),
    "landscape": (
        "landscape",
        doors.OfLandscape,
        {
            "over": (("center", "sigma"), "center,sigma"),
            "span": ({"center": (2.0, 8.0)}, "center=2:8"),
            "points": (11, "11"),
            "others": ("profile", None),
            "methods": (("gd", "adam"), "gd,adam"),
            "learning_rate": ({"gd": 0.1, "adam": 0.03}, "gd=0.1,adam=0.03"),
            "start": ({"center": 3.0}, "center=3"),
        }
        | WITHIN
        | BATCH
        | EPOCHS
        | DRAWN,
        (),
    ),
    "find_rate": (
        "lr-find",
        doors.OfFindRate,
        {"learning_rate": ((1e-3, 1.0), "1e-3:1"), "steps": (9, "9")}
        | WITHIN
        | {"per_decade": (4, "4")}
        | METHOD
        | BATCH
        | DRAWN,
        (),
    ),
    "sweep": (
        "sweep",
        doors.OfSweep,
        {"vary": ({"beta1": [0, 0.9]}, "beta1=0,0.9")}
        | WITHIN
        | METHOD
        | RATE
        | BATCH
        | EPOCHS
        | DRAWN,
        ("--vary", "seed=1,2"),
    ),
    "toys": (
        "toys",
        doors.OfToys,
        {"n": (20, "20"), "scaled": (True, None)} | DRAWN,
        ("--x", "0:10:50", "--sigma", "0.1"),
    ),
    "bootstrap": (
        "bootstrap",
        doors.OfBootstrap,
        {"kind": ("pairs", "pairs")} | DRAWN,
        (),
    ),
}
CASES = [(door, name) for door, study in STUDIES.items() for name in study[2]]


@pytest.fixture
def asked(tmp_path, monkeypatch):
    """Keywords that a command hands to its function."""
    monkeypatch.chdir(tmp_path)
    x = np.linspace(0.0, 10.0, 50)
    y = 5.0 * np.exp(-0.5 * ((x - 5.0) / 0.8) ** 2) + 1.0 + 0.05 * np.cos(40.0 * x)
    np.savetxt("peak.csv", np.stack([x, y], 1), delimiter=",", header="x,y")
    seen: dict[str, Any] = {}

    def refuse(**keywords):
        seen.update(keywords)
        raise InputError("asked.")

    monkeypatch.setattr(execution, "resolve_name", lambda name: refuse)

    def run(door, *words):
        command, _, _, needed = STUDIES[door]
        data = () if command == "toys" else ("peak.csv",)
        more = () if words[0] in needed else needed
        assert main([command, *data, *MODEL, *more, *words, "-q"]) == 1
        return dict(seen)

    return run


@pytest.mark.parametrize("door", STUDIES)
def test_every_setting_of_a_study_is_tried(door):
    """The test below knows all that are declared."""
    _, group, settings, _ = STUDIES[door]
    assert settings.keys() == declared(group).keys()


@pytest.mark.parametrize(("door", "name"), CASES)
def test_an_option_of_a_study_is_its_keyword(asked, door, name):
    """The same value arrives, checked in the same way."""
    _, group, settings, _ = STUDIES[door]
    value, typed = settings[name]
    flag = declared(group)[name].flags[0]
    found = asked(door, flag, *([] if typed is None else [typed]))
    assert found[name] == checked(door, group, {name: value})[name]
    assert name in inspect.signature(getattr(pf, door)).parameters


WRONG: dict[tuple[str, str], tuple[Any, str, str]] = {
    ("multistart", "n_starts"): (0, "0", "must be a whole number of at least 1, but"),
    ("multistart", "epochs"): (1.5, "1.5", "must be a whole number of at least 1, but"),
    ("landscape", "epochs"): (10**10, "10000000000", "must be at most 1000000000, bu"),
    ("landscape", "points"): (1, "1", "must be a whole number of at least 2, but is 1"),
    ("find_rate", "steps"): (10**7, "10000000", "must be at most 1000000, but is 1000"),
    ("sweep", "seed"): (-1, "-1", "must be a whole number of at least 0, but is -1."),
    ("compare", "scaling"): ("curve", "curve", "but is 'curve'; did you mean 'curvat"),
    ("bootstrap", "threads"): (0, "0", "must be a whole number of at least 1, but is"),
    ("toys", "n"): ("ten", "ten", "must be a whole number of at least 2, but is 'ten"),
}


@pytest.mark.parametrize(("door", "name"), WRONG)
def test_a_wrong_value_is_refused_alike(capsys, door, name):
    """As keyword and as option, in one sentence that calls it as it was written."""
    value, typed, words = WRONG[door, name]
    command, group, _, needed = STUDIES[door]
    with pytest.raises(InputError) as caught:
        checked(door, group, {name: value})
    flag = declared(group)[name].flags[0]
    data = () if door == "toys" else ("peak.csv",)
    assert main([command, *data, *MODEL, *needed, flag, typed]) == 1
    told = capsys.readouterr().err
    assert str(caught.value).startswith(f"`{name}` ")
    assert words in str(caught.value)
    assert told.startswith(f"physfit: error: {flag} ")
    assert words in told
