"""A setting is declared once; its values are checked in one way wherever they stand."""

from __future__ import annotations

import inspect
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from make_settings import PAGE, page

import physfit as pf
from physfit.cli.main import main
from physfit.data.stream import DEFAULT_MEMORY
from physfit.errors import InputError
from physfit.fitting.exploration.plane import WIDTH
from physfit.fitting.fit_settings import INTERVAL
from physfit.fitting.minibatch_settings import minibatches_of
from physfit.optim.schedule_text import as_schedule
from physfit.settings import doors, files, fits, minibatches, studies
from physfit.settings.keywords import takes
from physfit.settings.kinds import FLAG
from physfit.settings.minibatches import Batch, Minibatch
from physfit.settings.setting import checked, declared
from physfit.solve.many import default_stop

BY_DEFAULT = minibatches_of(Minibatch(), "adam", 100_000)
GROUPS = {
    cls.__name__: cls
    for module in (minibatches, fits, studies, files)
    for cls in vars(module).values()
    if isinstance(cls, type) and hasattr(cls, "__total__")
}


@pytest.mark.parametrize("group", GROUPS.values(), ids=GROUPS)
def test_every_setting_says_what_it_does(group):
    """Help, panel, key and kind are there, inherited ones included."""
    settings = declared(group)
    assert settings.keys() == group.__annotations__.keys()
    assert all(each.help and each.panel and each.key for each in settings.values())


def test_settings_that_look_alike_are_two():
    """`typing` keeps one object of equal annotations; each setting has its own help."""
    rows = declared(files.Rows)
    assert rows["mask"].panel == "Rows"
    assert rows["dataset"].panel == "Data"
    assert rows["mask"].help != rows["dataset"].help


def test_none_is_left_out_and_false_is_not():
    """None stands for a setting that is not given."""
    given = {"seed": None, "epochs": 3, "resume": False}
    assert checked("fit", Minibatch, given) == {"epochs": 3, "resume": False}


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("batch_sise", 3, "`fit(...)` has an unknown keyword 'batch_sise'; did you"),
        ("batch_size", 0, "`batch_size` must be a whole number of at least 1, but is"),
        ("batch_size", 2.5, "`batch_size` must be a whole number of at least 1, but"),
        ("epochs", 10**10, "`epochs` must be at most 1000000000, but is 10000000000."),
        ("tolerance", -1.0, "`tolerance` must be finite and not negative, but is -1.0"),
        ("weight_decay", "much", "`weight_decay` must be finite and not negative, but"),
        ("scaling", "curve", "but is 'curve'; did you mean 'curvature'?"),
        ("averaged", "yes", "`averaged` must be true or false, but is 'yes'."),
        (
            "learning_rate",
            [],
            "`learning_rate` must be a number, or a schedule such as",
        ),
        ("memory", 1 << 60, "`memory` must be at most"),
        ("checkpoint", "a\0b", "`checkpoint`: no path holds a null character"),
    ],
)
def test_a_wrong_keyword_is_one_sentence(name, value, sentence):
    """The name, what is allowed, what came."""
    with pytest.raises(InputError) as caught:
        checked("fit", Minibatch, {name: value})
    assert sentence in str(caught.value)


def test_a_function_shows_the_settings_that_it_takes():
    """Signature and docstring name each, but those that the function has itself."""

    @takes(Batch, minibatches.Drawn)
    def run(x, *, seed=0, **settings):
        """Run.

        Parameters
        ----------
        x : int
        **settings
            Of the run.

        Returns
        -------
        None
        """

    names = ["x", "seed", "batch_size", "learning_rate", "threads"]
    assert list(inspect.signature(run).parameters) == names
    doc = inspect.getdoc(run)
    assert "batch_size : int, optional\n    Rows of a minibatch. Default: all" in doc
    assert "**settings" not in doc
    assert doc.endswith("Returns\n-------\nNone")


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("p0", "did you mean 'start'?"),
        ("schedule", "did you mean 'learning_rate'?"),
        ("lr", "did you mean 'learning_rate'?"),
        ("rate", "did you mean 'learning_rate'?"),
        ("yerr", "did you mean 'sigma'?"),
        ("weights", "did you mean 'sigma'?"),
        ("maxfev", "did you mean 'stop'?"),
        ("lossy", "did you mean 'loss'?"),
        ("zzz", "allowed: averaged, batch_size"),
    ],
)
def test_an_unknown_keyword_names_the_nearest_of_all(word, sentence):
    """Also those that are no settings, and words of other programs and of before."""
    with pytest.raises(InputError) as caught:
        pf.fit("linear", [0.0, 1.0], [0.0, 1.0], **{word: 1})
    assert f"`fit(...)` has an unknown keyword '{word}'; {sentence}" in str(
        caught.value
    )


DOORS = {
    "fit": Minibatch,
    "compare": doors.OfCompare,
    "multistart": doors.OfMultistart,
    "landscape": doors.OfLandscape,
    "find_rate": doors.OfFindRate,
    "sweep": doors.OfSweep,
    "fit_many": doors.OfFitMany,
    "bootstrap": doors.OfBootstrap,
    "toys": doors.OfToys,
    "shuffle_file": doors.OfShuffleFile,
}


#: How many arguments a function takes by their places, where these are not 3.
N_PLACES = {"bootstrap": 1, "shuffle_file": 2}


@pytest.mark.parametrize("door", DOORS)
def test_help_of_a_front_door_is_complete(door):
    """Every setting stands in signature and docstring, with its type."""
    function, settings = getattr(pf, door), declared(DOORS[door])
    names = inspect.signature(function).parameters.keys()
    doc = inspect.getdoc(function)
    assert settings.keys() < names
    assert "settings" not in names
    assert all(f"\n{name} : " in doc for name in settings)


@pytest.mark.parametrize("door", DOORS)
def test_types_admit_none_where_it_is_the_default(door):
    """A checker of types allows `batch_size=None`, as the run does."""
    group, settings = DOORS[door], declared(DOORS[door])
    types = {name: str(own.__origin__) for name, own in group.__annotations__.items()}
    named = {
        name
        for name, own in settings.items()
        if own.default is None and own.kind is not FLAG
    }
    admit = {name for name in named if re.search("None|Optional", types[name])}
    assert named == admit


@pytest.mark.parametrize("door", DOORS)
def test_every_front_door_refuses_an_unknown_keyword(door):
    """By the nearest of all that it takes."""
    typo, word = ("thread", "threads")
    if door == "shuffle_file":
        typo, word = ("overwrit", "overwrite")
    places = ("linear", [0.0, 1.0], [0.0, 1.0])[: N_PLACES.get(door, 3)]
    sentence = f"an unknown keyword '{typo}'; did you mean '{word}'"
    with pytest.raises(InputError, match=sentence):
        getattr(pf, door)(*places, **{typo: 1})


SAID = {
    "max_steps": (files.ManyFits, str(default_stop().max_steps)),
    "memory": (Minibatch, f"{DEFAULT_MEMORY >> 20} MiB"),
    "checkpoint_every": (Minibatch, f"{INTERVAL:g}"),
    "tolerance": (Minibatch, f"{BY_DEFAULT.tolerance:g}"),
    "seed": (Minibatch, str(BY_DEFAULT.seed)),
    "scaling": (Minibatch, BY_DEFAULT.scaling),
    "sampler": (Minibatch, BY_DEFAULT.sampler),
    "batch_size": (
        Minibatch,
        f"all for gd, which takes no fewer, else {BY_DEFAULT.batch_size}",
    ),
    "span": (studies.LandscapeSettings, f"{WIDTH:g}"),
}


@pytest.mark.parametrize("name", SAID)
def test_defaults_that_the_callee_has_are_those_of_the_help(name):
    """A setting that is left to it says its default in words."""
    group, default = SAID[name]
    assert f"Default: {default}" in declared(group)[name].help


def test_numbers_of_numpy_are_numbers():
    """Scalars of arrays, truth values too."""
    rate = np.float32(0.25)
    given = {"averaged": np.True_, "seed": np.uint8(3), "learning_rate": rate}
    plain = {"averaged": True, "seed": 3, "learning_rate": 0.25}
    assert checked("fit", Minibatch, given) == plain
    assert as_schedule(np.int64(1)) == as_schedule(1.0)


@pytest.mark.parametrize("door", [pf.fit, pf.compare])
def test_what_says_as_much_as_nothing_is_let_pass(door):
    """Of settings of minibatches, where there are none."""
    x = np.linspace(0.0, 1.0, 9)
    methods = {"methods": ["lm"]} if door is pf.compare else {}
    door("linear", x, x**2, averaged=True, **methods)
    with pytest.raises(InputError, match=r"`averaged` is for .* on minibatches"):
        door("linear", x, x**2, averaged=False, **methods)


def test_memory_is_typed_in_mebibytes():
    """Bytes as keyword; MiB behind the option and in a job file."""
    kind = declared(Minibatch)["memory"].kind
    assert kind.check("`memory`", 5) == 5
    assert kind.read("--memory", ["2"]) == kind.file("memory", 2) == 2 << 20


def test_the_page_of_settings_is_current():
    """docs/settings.md is what scripts/make_settings.py writes."""
    assert PAGE.read_text() == page(), "run `python scripts/make_settings.py`"


def test_the_job_file_of_the_page_fits(tmp_path):
    """As it is copied, beside a file of its columns."""
    x = np.linspace(480.0, 560.0, 161)
    model = pf.parse_model("voigt(a_) + linear")
    y = model(x, 300.0, 521.0, 2.0, 2.0, 0.0, 5.0)
    y += np.random.default_rng(1).normal(0.0, 0.3, x.size)
    table = np.c_[x, y, np.full(x.size, 0.3)]
    names = {"header": "shift,intensity,err", "comments": ""}
    np.savetxt(tmp_path / "raman.csv", table, delimiter=",", **names)
    path = tmp_path / "job.toml"
    path.write_text(PAGE.read_text().split("```toml\n")[1].split("```")[0])
    assert main(["fit", str(path), "-q"]) == 0
    result = pf.load_result(tmp_path / "raman.h5")
    center = result["a_center"]
    assert abs(center.value - 521.0) < 4.0 * center.stderr
    assert (tmp_path / "raman.png").is_file()


def test_without_docstrings_everything_runs_but_the_help():
    """`python -OO` takes them away: functions and commands are there all the same."""
    program = (
        "import physfit as pf\n"
        "pf.fit('linear', [0.0, 1.0, 2.0], [1.0, 3.0, 5.1], threads=1)\n"
        "from physfit.cli.main import main\n"
        "main(['fit', '--help'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-OO", "-c", program],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, "PYTHONPATH": str(PAGE.parents[1])},
    )
    assert done.stderr == ""
    assert "--batch-size ROWS" in done.stdout
